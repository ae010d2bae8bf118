//! Why something cannot be resolved, before it is known which file it stands in.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser;
use crate::source::{SourceFile, Span};
use crate::tree::Location;

/// Why something cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The server's code for the same mistake.
    pub sqlstate: SqlState,
    /// What is wrong: lower case, names in backticks, no full stop.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Why it matters here.
    pub note: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    /// A failure at a place.
    pub fn new(sqlstate: SqlState, message: impl Into<String>, location: Location) -> Self {
        Self { sqlstate, message: message.into(), location, note: None, help: None }
    }

    /// With why it matters here.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the name that seems to be meant, where one is near.
    #[must_use]
    pub fn meant(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// With a place, where it has none yet.
    #[must_use]
    pub fn or_at(mut self, location: Location) -> Self {
        self.location = self.location.or(location);
        self
    }

    /// The diagnostic, pointing at the token at the failure's place (at `statement` where it has none).
    pub fn in_file(self, file: &Arc<SourceFile>, statement: Span) -> Diagnostic {
        let span = match self.location.and_then(|location| usize::try_from(location).ok()) {
            Some(offset) if offset < file.text.len() => parser::token_at(&file.text, offset),
            _ => statement,
        };
        let mut diagnostic = Diagnostic::error(self.message).at(file, span);
        diagnostic.sqlstate = Some(self.sqlstate).filter(|code| *code != SqlState::NOT_COVERED);
        diagnostic.note = self.note;
        diagnostic.help = self.help;
        let quoted = file.text.get(span.start..).is_some_and(|text| text.starts_with('"'));
        if quoted && diagnostic.note.is_none() && self.sqlstate == SqlState::UNDEFINED_COLUMN {
            diagnostic.note =
                Some("what stands in double quotes is a name; a string stands in single quotes".to_owned());
        }
        diagnostic
    }
}

/// Where a node of the parse tree stands: the parser writes -1 for "unknown".
pub fn place(location: i32) -> Location {
    u32::try_from(location).ok()
}
