//! Migration files: their names, numbers and first lines. What stands in them is `replay`'s, how they are written `render`'s.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::SourceFile;

/// A migration file is generated, and its views are managed, when its first line begins with this. (Other first lines
/// that begin with `-- viewkeeper:` ask the runtime for something, as `-- viewkeeper: no transaction` does.)
pub const GENERATED_MARKER: &str = "-- viewkeeper: migration ";

/// Whether each statement of a migration is a transaction of its own.
pub fn runs_without_transaction(text: &str) -> bool {
    let mut opening = text.lines().take_while(|line| line.starts_with("--"));
    opening.any(|line| line.trim_end() == "-- viewkeeper: no transaction")
}

/// Where a part begins, in a migration that a person wrote, which viewkeeper wrote around it.
pub const WRAP_BEGINS: &str = "-- viewkeeper: around what is written by hand";
/// Where such a part ends.
pub const WRAP_ENDS: &str = "-- viewkeeper: written by hand";

/// Where a part of a baseline begins that definitions say, too.
pub const DECLARED_BEGINS: &str = "-- viewkeeper: said by definitions";
/// Where such a part ends.
pub const DECLARED_ENDS: &str = "-- viewkeeper: said by migrations alone";

/// The parts of a text that viewkeeper wrote around what a person wrote.
pub fn wrapped_parts(text: &str) -> Vec<Range<usize>> {
    parts(text, WRAP_BEGINS, WRAP_ENDS)
}

/// The parts of a text whose objects are viewkeeper's, in a migration that is not generated as a whole.
pub fn managed_parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = wrapped_parts(text);
    parts.extend(self::parts(text, DECLARED_BEGINS, DECLARED_ENDS));
    parts
}

fn parts(text: &str, begins: &str, ends: &str) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        if line.starts_with(begins) {
            open = open.or(Some(at));
        } else if line.starts_with(ends)
            && let Some(start) = open.take()
        {
            parts.push(start..at + line.len());
        }
        at += line.len();
    }
    parts.extend(open.map(|start| start..text.len()));
    parts
}

/// What a person wrote, without what viewkeeper wrote around it.
pub fn without_wrapping(text: &str) -> String {
    let parts = wrapped_parts(text);
    if parts.is_empty() {
        return text.to_owned();
    }
    let (mut own, mut at) = (String::new(), 0);
    for part in parts {
        own.push_str(&text[at..part.start]);
        at = part.end;
    }
    own.push_str(&text[at..]);
    format!("{}\n", own.trim_matches('\n'))
}

/// A file of `migrations/` or `rollbacks/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// Its number and name.
    pub id: MigrationId,
    /// Its text.
    pub source: Arc<SourceFile>,
}

impl MigrationFile {
    /// Whether viewkeeper wrote it.
    pub fn is_generated(&self) -> bool {
        self.source.text.starts_with(GENERATED_MARKER)
    }
}

/// The number and name of a migration: `V3__change_active_users` without the suffix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MigrationId {
    /// The number.
    pub version: i64,
    /// The name.
    pub name: String,
}

impl fmt::Display for MigrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}__{}", self.version, self.name)
    }
}

impl MigrationId {
    /// An id with a name made of the letters, digits and underscores of `title`.
    pub fn new(version: i64, title: &str) -> Self {
        let mut name = String::new();
        for c in title.chars().flat_map(char::to_lowercase) {
            let c = if c.is_ascii_alphanumeric() { c } else { '_' };
            if c != '_' || !(name.is_empty() || name.ends_with('_')) {
                name.push(c);
            }
        }
        name.truncate(100);
        let name = name.trim_end_matches('_');
        Self { version, name: if name.is_empty() { "change".to_owned() } else { name.to_owned() } }
    }

    /// Reads a file name as refinery does (`parse_migration_name` of refinery-core).
    ///
    /// # Errors
    /// When refinery would not take the file, or would run it out of order.
    pub fn from_file_name(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let stem = file.path.file_stem().unwrap_or_default();
        let wrong = |message: String| {
            Err(Diagnostic::error(format!("{message}: `{}`", file.path))
                .note("refinery takes migrations named `V<number>__<name>.sql`, and runs them by number")
                .help(format!("rename it, for example to `{}`", suggestion(stem))))
        };
        if stem.starts_with('U') && stem.contains("__") {
            return wrong("a `U` file is not an undo: refinery would run it forwards, out of order".to_owned());
        }
        let Some((number, name)) = stem.strip_prefix('V').and_then(|rest| rest.split_once("__")) else {
            return wrong("the file's name is not one of a migration".to_owned());
        };
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return wrong("the name after `__` may hold letters, digits and underscores only".to_owned());
        }
        match number.parse::<i64>() {
            Ok(version) if (0..=i64::from(i32::MAX)).contains(&version) => Ok(Self { version, name: name.to_owned() }),
            _ => wrong("the number is not one that refinery's history table holds (0 to 2147483647)".to_owned()),
        }
    }
}

/// A name that refinery takes, with the number that the file has.
fn suggestion(stem: &str) -> String {
    let rest = stem.strip_prefix(['V', 'U']).unwrap_or(stem);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at(digits);
    let number = if number.parse::<i32>().is_ok() { number } else { "<number>" };
    let name: String = rest.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let name = name.trim_matches('_');
    format!("V{number}__{}.sql", if name.is_empty() { "<name>" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_read_as_refinery_does() {
        let read = |path: &str| MigrationId::from_file_name(&SourceFile::new(path, ""));
        assert_eq!(read("migrations/V3__a_b.sql"), Ok(MigrationId { version: 3, name: "a_b".to_owned() }));
        for wrong in ["U3__a.sql", "V3_a.sql", "V__a.sql", "Vx__a.sql", "V1__a b.sql", "V99999999999__a.sql", "a.sql"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for (wrong, right) in
            [("V8_bad", "V8__bad"), ("U3__a b", "V3__a_b"), ("a", "V<number>__a"), ("V7", "V7__<name>")]
        {
            assert_eq!(suggestion(wrong), format!("{right}.sql"));
        }
    }

    #[test]
    fn titles_become_names() {
        assert_eq!(MigrationId::new(7, "Change \"Active  Users\" (é)").to_string(), "V7__change_active_users");
        assert_eq!(MigrationId::new(7, "—").to_string(), "V7__change");
    }
}
