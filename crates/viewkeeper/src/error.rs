//! The one error type of the runtime and the shape of its messages. What went wrong is worded where it is found.

use std::error::Error as StdError;
use std::fmt;

/// Anything that the runtime could not do.
///
/// `Display` gives the whole message: what is wrong, the place in the SQL file where there is one, why it matters and
/// what to do. Causes are reached through [`source`](StdError::source). Programs ask the predicates.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: String,
    place: Option<Place>,
    notes: Vec<String>,
    help: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What the predicates answer from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Connection,
    ServerTooOld,
    ReadOnly,
    Migrations,
    History,
    Statement,
    Locked,
    Rollback,
    DataLoss,
    NotViewkeeper,
    Drift,
    Decode,
    RowCount,
    Database,
}

/// A place in an SQL file, with the line that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    pub(crate) text: String,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            place: None,
            notes: Vec::new(),
            help: None,
            source: None,
        }))
    }

    /// An error of the server or of the connection, while `doing` (a noun: "reading the history").
    pub(crate) fn database(doing: &str, cause: postgres::Error) -> Self {
        if cause.code().is_some_and(|code| code.code() == "25006") {
            return Self::new(Kind::ReadOnly, format!("{doing} needs to write, but the database is read-only"))
                .note("a hot standby, or `default_transaction_read_only` is on")
                .help("connect to the primary server with a role that may write")
                .source(cause);
        }
        let is_locked = cause.code().is_some_and(|code| code.code() == "55P03");
        let message = match cause.as_db_error() {
            Some(_) if is_locked => format!("{doing} waited too long for a lock that another session holds"),
            Some(error) => format!("{doing} failed: {}", error.message()),
            None if cause.is_closed() => format!("{doing} failed: the connection to the server is lost"),
            None => format!("{doing} failed"),
        };
        let mut error = Self::new(if is_locked { Kind::Locked } else { Kind::Database }, message);
        if let Some(reported) = cause.as_db_error() {
            error = error.server_notes(reported);
        }
        error.source(cause)
    }

    /// The same while the history is read: which privilege that takes is said where it is missing.
    pub(crate) fn history(doing: &str, cause: postgres::Error) -> Self {
        let is_denied = cause.code().is_some_and(|code| code.code() == "42501");
        let error = Self::database(doing, cause);
        if !is_denied {
            return error;
        }
        error.help(
            "grant this role `USAGE` on the history's schema and `SELECT` on `refinery_schema_history` and `viewkeeper_history`; \
             to migrate or roll back, use the role that owns them",
        )
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Help where there is none yet.
    pub(crate) fn help_or(self, help: &str) -> Self {
        if self.0.help.is_some() { self } else { self.help(help) }
    }

    pub(crate) fn place(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    pub(crate) fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What the server adds to its message: detail, hint, the function it happened in.
    pub(crate) fn server_notes(mut self, error: &postgres::error::DbError) -> Self {
        self.0.notes.extend(error.detail().map(|detail| detail.trim_end_matches('.').to_owned()));
        self.0.notes.extend(error.where_().map(str::to_owned));
        if let (None, Some(hint)) = (&self.0.help, error.hint()) {
            self.0.help = Some(hint.trim_end_matches('.').to_owned());
        }
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// No connection: no server there, wrong password, unusable address, TLS refused.
    pub fn is_connection(&self) -> bool {
        self.0.kind == Kind::Connection
    }

    /// The server's major version is not supported.
    pub fn is_server_too_old(&self) -> bool {
        self.0.kind == Kind::ServerTooOld
    }

    /// Something had to be written, and the database is read-only.
    pub fn is_read_only(&self) -> bool {
        self.0.kind == Kind::ReadOnly
    }

    /// What was embedded is wrong by itself: a file's name, a version number twice, a statement that ends the
    /// transaction.
    pub fn is_migrations(&self) -> bool {
        self.0.kind == Kind::Migrations
    }

    /// The database's history does not fit the migrations: one was edited after it was applied, or is missing.
    pub fn is_history(&self) -> bool {
        self.0.kind == Kind::History
    }

    /// The server refused a statement of a migration or rollback. Nothing of that migration was kept.
    pub fn is_statement(&self) -> bool {
        self.0.kind == Kind::Statement
    }

    /// A lock was not got in time, all retries included.
    pub fn is_locked(&self) -> bool {
        self.0.kind == Kind::Locked
    }

    /// There is no way back: no rollback text, or the version asked for is not in the history.
    pub fn is_rollback(&self) -> bool {
        self.0.kind == Kind::Rollback
    }

    /// The rollback says that data would be lost, and that was not allowed.
    pub fn is_data_loss(&self) -> bool {
        self.0.kind == Kind::DataLoss
    }

    /// The database was never migrated by refinery or viewkeeper.
    pub fn is_not_viewkeeper(&self) -> bool {
        self.0.kind == Kind::NotViewkeeper
    }

    /// The database is not what the program was built for.
    pub fn is_drift(&self) -> bool {
        self.0.kind == Kind::Drift
    }

    /// A value could not be read as the Rust type of its field.
    pub fn is_decode(&self) -> bool {
        self.0.kind == Kind::Decode
    }

    /// One row was asked for, and there was none or more than one.
    pub fn is_row_count(&self) -> bool {
        self.0.kind == Kind::RowCount
    }

    /// What is wrong, without place, notes and way out.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file, line and column (both from 1, in characters) in an SQL file where something is wrong.
    pub fn position(&self) -> Option<(&str, usize, usize)> {
        self.0.place.as_ref().map(|place| (place.file.as_str(), place.line, place.column))
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The five characters of PostgreSQL's error code, when the server reported one.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.source.as_ref()?.downcast_ref::<postgres::Error>()?.code().map(|code| code.code())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.write_str(&inner.message)?;
        if let Some(place) = &inner.place {
            let number = place.line.to_string();
            let margin = " ".repeat(number.len());
            // Tabs are kept before the caret, so that it stands below its column whatever a tab's width is.
            let indent: String =
                place.text.chars().take(place.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            write!(f, "\n{margin}--> {}:{}:{}", place.file, place.line, place.column)?;
            write!(f, "\n{margin} |\n{number} | {}\n{margin} | {indent}^", place.text)?;
        }
        for note in &inner.notes {
            write!(f, "\n  note: {}", note.replace('\n', "\n        "))?;
        }
        if let Some(help) = &inner.help {
            write!(f, "\n  help: {}", help.replace('\n', "\n        "))?;
        }
        Ok(())
    }
}

/// As a program that returns its error from `main` shows it: the message, then the causes.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            write!(f, "\n  caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shows_the_place_the_reason_and_the_way_out() {
        let error = Error::new(Kind::Statement, "relation `user` does not exist")
            .place(Place { file: "V2__x.sql".into(), line: 12, column: 16, text: "\tSELECT * FROM user".into() })
            .note("nothing of this migration was kept")
            .help("correct the file");
        assert_eq!(
            error.to_string(),
            "relation `user` does not exist\n  --> V2__x.sql:12:16\n   |\n12 | \tSELECT * FROM user\n   | \t              ^\n  \
             note: nothing of this migration was kept\n  help: correct the file"
        );
    }
}
