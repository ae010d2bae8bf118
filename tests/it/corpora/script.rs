//! SQL scripts as psql takes them, cut into statements with their places. What psql does by itself (its commands, data
//! of COPY, variables) is left out; what a statement means is not said here.

use std::path::Path;
use std::sync::Arc;

use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::parser::{self, Statement};
use viewkeeper_engine::source::SourceFile;

#[allow(dead_code, unreachable_pub, reason = "the runtime's own splitter, which needs no grammar")]
#[path = "../../../crates/viewkeeper/src/statements.rs"]
mod statements;

/// A statement of a script.
#[derive(Debug)]
pub(super) struct Piece {
    /// `file.sql:12`
    pub(super) place: String,
    /// Its text, without the semicolon.
    pub(super) text: String,
}

impl Piece {
    /// The statement, when it is one that the parser knows.
    pub(super) fn parse(&self, version: ServerVersion) -> Option<Statement> {
        parse_one(&self.place, &self.text, version)
    }
}

/// One statement out of a text that holds exactly one.
pub(super) fn parse_one(place: &str, text: &str, version: ServerVersion) -> Option<Statement> {
    let mut statements = parser::parse(&SourceFile::new(place, text), version).ok()?;
    (statements.len() == 1).then(|| statements.pop()).flatten()
}

/// The statements of a file, in order.
pub(super) fn pieces(file: &Path) -> Vec<Piece> {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let text = without_psql(&String::from_utf8_lossy(&bytes));
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut line = 1;
    let mut counted = 0;
    let mut pieces = Vec::new();
    for statement in statements::split(&text) {
        line += text[counted..statement.start].matches('\n').count();
        counted = statement.start;
        pieces.push(Piece { place: format!("{name}:{line}"), text: statement.text.to_owned() });
    }
    pieces
}

/// The text with every line at its place, but without what psql does not send.
fn without_psql(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut data = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if data {
            data = trimmed != "\\.";
        } else if let Some(at) = backslash(line) {
            plain.push_str(line[..at].trim_end());
            // A command at the end of a query sends it, unless it stands alone.
            let sends = ["\\g", "\\crosstabview", "\\watch", "\\;"].iter().any(|end| line[at..].starts_with(end));
            if sends && !line[..at].trim().is_empty() {
                plain.push(';');
            }
        } else {
            plain.push_str(line);
            let lower = trimmed.to_ascii_lowercase();
            data = lower.starts_with("copy ") && lower.contains("from stdin") && lower.ends_with(';');
        }
        plain.push('\n');
    }
    plain
}

/// Where a command of psql begins: a backslash and a letter at the beginning of a line, or outside of quotes at its end.
fn backslash(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    if line[indent..].starts_with('\\') {
        return Some(indent);
    }
    let at = ["\\gset", "\\gexec", "\\gdesc", "\\gx", "\\g", "\\crosstabview", "\\watch", "\\;"]
        .iter()
        .find_map(|command| line.find(command))?;
    line[..at].matches('\'').count().is_multiple_of(2).then_some(at)
}

/// The scripts of a corpus, in the order in which they run: that of a file `schedule`, as PostgreSQL's regression suite
/// has one (`test: a b`), else that of their names.
pub(super) fn scripts(folder: &Path) -> Vec<Arc<Path>> {
    if let Ok(schedule) = std::fs::read_to_string(folder.join("schedule")) {
        let tests = schedule.lines().filter_map(|line| line.strip_prefix("test:"));
        let named = tests.flat_map(str::split_whitespace).map(|name| folder.join(format!("{name}.sql")));
        return named.filter(|path| path.is_file()).map(Arc::from).collect();
    }
    let mut found: Vec<Arc<Path>> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(Arc::from)
        .collect();
    found.sort();
    found
}
