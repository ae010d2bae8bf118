//! The migrations that a program carries: names, texts, what their first lines ask for. Nothing here talks to a database.

use refinery_core::Migration;

use crate::error::{Error, Kind};
use crate::session::Text;

/// Name and text of an SQL file.
type File = (&'static str, &'static str);

/// The migrations and rollbacks that a program carries.
///
/// Names are file names of refinery's form, `V<version>__<name>.sql`, with their folder where messages shall name it; a
/// rollback bears the name of its migration and is plain SQL. What the names and texts are is looked at when they are
/// used, not when they are embedded.
#[derive(Debug, Clone)]
pub struct Migrations(Source);

#[derive(Debug, Clone)]
enum Source {
    Embedded { migrations: &'static [File], rollbacks: &'static [File] },
    Read { migrations: Vec<(String, String)>, rollbacks: Vec<(String, String)> },
}

impl Migrations {
    /// What a build script embedded.
    pub const fn embedded(
        migrations: &'static [(&'static str, &'static str)],
        rollbacks: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self(Source::Embedded { migrations, rollbacks })
    }

    /// What was read at run time.
    pub fn read(migrations: Vec<(String, String)>, rollbacks: Vec<(String, String)>) -> Self {
        Self(Source::Read { migrations, rollbacks })
    }

    /// All of them in the order of their versions, checked by themselves: names that refinery can read, each version
    /// once, each rollback with its migration.
    pub(crate) fn files(&self) -> Result<Vec<MigrationFile<'_>>, Error> {
        let (migrations, rollbacks): (Vec<_>, Vec<_>) = match &self.0 {
            Source::Embedded { migrations, rollbacks } => (migrations.to_vec(), rollbacks.to_vec()),
            Source::Read { migrations, rollbacks } => (pairs(migrations), pairs(rollbacks)),
        };
        let mut files = Vec::with_capacity(migrations.len());
        for (name, sql) in migrations {
            files.push(MigrationFile { name, sql, migration: parse_name(name, sql)?, rollback: None });
        }
        files.sort_by_key(|file| file.migration.version());
        for pair in files.windows(2) {
            if let [one, other] = pair
                && one.migration.version() == other.migration.version()
            {
                return Err(Error::new(
                    Kind::Migrations,
                    format!("`{}` and `{}` have the same version", one.name, other.name),
                )
                .note("only one of them could ever be applied, and databases would differ in which")
                .help("give the one that no database has yet the next free number"));
            }
        }
        for (name, sql) in rollbacks {
            let Some(file) = files.iter_mut().find(|file| stem(file.name) == stem(name)) else {
                return Err(Error::new(
                    Kind::Migrations,
                    format!("the rollback `{name}` has no migration of the same name"),
                )
                .note("a rollback under a wrong name would be missed when it is needed")
                .help("give it the file name of its migration"));
            };
            file.rollback = Some(Text { file: name, sql });
        }
        Ok(files)
    }
}

fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, sql)| (name.as_str(), sql.as_str())).collect()
}

/// One migration with its rollback.
#[derive(Debug, Clone)]
pub(crate) struct MigrationFile<'a> {
    /// As it was embedded, for messages.
    pub(crate) name: &'a str,
    pub(crate) sql: &'a str,
    /// refinery's view of it: version, name, checksum.
    pub(crate) migration: Migration,
    pub(crate) rollback: Option<Text<'a>>,
}

impl MigrationFile<'_> {
    pub(crate) fn version(&self) -> i32 {
        self.migration.version()
    }

    /// `V3__add_posts`, as refinery prints it.
    pub(crate) fn id(&self) -> String {
        self.migration.to_string()
    }

    /// Whether it runs in one transaction, or statement by statement because its first line asks for that.
    pub(crate) fn transactional(&self) -> bool {
        !has_directive(self.sql, "no transaction")
    }

    /// refinery's `U` files: applied whatever was applied before.
    pub(crate) fn versioned(&self) -> bool {
        stem(self.name).starts_with('V')
    }
}

/// Whether a line `-- viewkeeper: <words>` stands among the comments that open a text.
pub(crate) fn has_directive(sql: &str, words: &str) -> bool {
    directive(sql, words).is_some()
}

/// What follows after `-- viewkeeper: <words>:` among the comments that open a text.
pub(crate) fn directive<'a>(sql: &'a str, words: &str) -> Option<&'a str> {
    sql.trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with("--"))
        .filter_map(|line| line.trim_start_matches('-').trim_start().strip_prefix("viewkeeper:"))
        .find_map(|directive| {
            let rest = directive.trim().strip_prefix(words)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':').map(str::trim) }
        })
}

/// refinery takes the version and name out of the file's stem; what its pattern would cut off or skip is refused.
fn parse_name(name: &str, sql: &str) -> Result<Migration, Error> {
    let wrong = |why: &str| {
        Error::new(Kind::Migrations, format!("`{name}` is not a migration's file name: {why}"))
            .note("refinery skips such a file without an error")
            .help("name it `V<version>__<name>.sql`, with letters, digits and `_` in the name: `V7__add_posts.sql`")
    };
    let stem = stem(name);
    let (number, rest) = stem
        .strip_prefix(['V', 'U'])
        .and_then(|rest| rest.split_once("__"))
        .ok_or_else(|| wrong("it does not begin with `V`, a number and `__`"))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) || number.parse::<i32>().is_err() {
        return Err(wrong(&format!("`{number}` is not a number up to {}", i32::MAX)));
    }
    if rest.is_empty() {
        return Err(wrong("no name follows the version"));
    }
    let migration = Migration::unapplied(stem, sql).map_err(|error| wrong(&error.to_string()))?;
    if migration.name() != rest {
        return Err(wrong("its name has other characters than letters, digits and `_`"));
    }
    if rest.chars().count() > 255 {
        return Err(wrong("its name is longer than 255 characters"));
    }
    Ok(migration)
}

/// The file's name without its folder and extension.
fn stem(name: &str) -> &str {
    let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
    file.strip_suffix(".sql").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_files(migrations: &[(&str, &str)], rollbacks: &[(&str, &str)], expected: &str) {
        let owned = |files: &[(&str, &str)]| files.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
        let migrations = Migrations::read(owned(migrations), owned(rollbacks));
        let found = match migrations.files() {
            Ok(files) => files.iter().map(MigrationFile::id).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn files_are_ordered_by_number() {
        check_files(&[("V10__b.sql", ""), ("V9__a", "")], &[("V9__a.sql", "")], "V9__a V10__b");
        check_files(
            &[("db/migrations/V10__b.sql", ""), ("db/migrations/V9__a.sql", "")],
            &[("db/rollbacks/V9__a.sql", "")],
            "V9__a V10__b",
        );
    }

    #[test]
    fn wrong_names_are_told() {
        let wrong = "is not a migration's file name";
        check_files(
            &[("V1_a.sql", "")],
            &[],
            &format!("`V1_a.sql` {wrong}: it does not begin with `V`, a number and `__`"),
        );
        check_files(
            &[("V1.5__a.sql", "")],
            &[],
            &format!("`V1.5__a.sql` {wrong}: `1.5` is not a number up to 2147483647"),
        );
        check_files(
            &[("V1__a-b.sql", "")],
            &[],
            &format!("`V1__a-b.sql` {wrong}: its name has other characters than letters, digits and `_`"),
        );
    }

    #[test]
    fn clashes_are_told() {
        check_files(
            &[("V1__a.sql", ""), ("V01__b.sql", "")],
            &[],
            "`V1__a.sql` and `V01__b.sql` have the same version",
        );
        check_files(
            &[("V1__a.sql", "")],
            &[("V1__b.sql", "")],
            "the rollback `V1__b.sql` has no migration of the same name",
        );
    }

    #[test]
    fn directives_stand_among_the_opening_comments() {
        assert!(has_directive("-- viewkeeper: no transaction\r\nSELECT 1", "no transaction"));
        assert!(has_directive("\n-- first\n--viewkeeper:  no transaction \n", "no transaction"));
        assert_eq!(directive("-- viewkeeper: loses data: all of `a`", "loses data"), Some("all of `a`"));
        assert!(!has_directive("-- viewkeeper: loses data quickly", "loses data"));
        assert!(!has_directive("SELECT 1;\n-- viewkeeper: no transaction", "no transaction"));
    }
}
