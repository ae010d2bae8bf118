//! Problems found in SQL files: collected as values, worded once, shown with line and caret. No printing here.

use std::fmt;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::{Deserialize, Serialize};

use crate::source::{Keyword, SourceFile, Span};

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// The work cannot be done.
    Error,
    /// The work can be done, but something may not be as the author thinks.
    Warning,
}

/// PostgreSQL's five-character error code, as the server itself would give it for the same mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SqlState(#[serde(with = "crate::state_file::keyword")] pub Keyword);

#[allow(missing_docs)]
impl SqlState {
    pub const SYNTAX_ERROR: Self = Self("42601");
    pub const UNDEFINED_TABLE: Self = Self("42P01");
    pub const UNDEFINED_COLUMN: Self = Self("42703");
    pub const UNDEFINED_FUNCTION: Self = Self("42883");
    pub const UNDEFINED_OBJECT: Self = Self("42704");
    pub const UNDEFINED_SCHEMA: Self = Self("3F000");
    pub const AMBIGUOUS_COLUMN: Self = Self("42702");
    pub const AMBIGUOUS_FUNCTION: Self = Self("42725");
    pub const AMBIGUOUS_ALIAS: Self = Self("42P09");
    pub const DUPLICATE_COLUMN: Self = Self("42701");
    pub const DUPLICATE_ALIAS: Self = Self("42712");
    pub const DUPLICATE_TABLE: Self = Self("42P07");
    pub const DUPLICATE_OBJECT: Self = Self("42710");
    pub const DUPLICATE_FUNCTION: Self = Self("42723");
    pub const DUPLICATE_SCHEMA: Self = Self("42P06");
    pub const DATATYPE_MISMATCH: Self = Self("42804");
    pub const CANNOT_COERCE: Self = Self("42846");
    pub const COLLATION_MISMATCH: Self = Self("42P21");
    pub const INDETERMINATE_COLLATION: Self = Self("42P22");
    pub const INDETERMINATE_DATATYPE: Self = Self("42P18");
    pub const GROUPING_ERROR: Self = Self("42803");
    pub const WINDOWING_ERROR: Self = Self("42P20");
    pub const INVALID_RECURSION: Self = Self("42P19");
    pub const INVALID_TABLE_DEFINITION: Self = Self("42P16");
    pub const INVALID_COLUMN_REFERENCE: Self = Self("42P10");
    pub const INVALID_COLUMN_DEFINITION: Self = Self("42611");
    pub const INVALID_OBJECT_DEFINITION: Self = Self("42P17");
    pub const WRONG_OBJECT_TYPE: Self = Self("42809");
    pub const INVALID_PARAMETER: Self = Self("22023");
    pub const INVALID_TEXT: Self = Self("22P02");
    pub const INVALID_DATETIME: Self = Self("22007");
    pub const OUT_OF_RANGE: Self = Self("22003");
    pub const FEATURE_NOT_SUPPORTED: Self = Self("0A000");
    pub const DEPENDENT_OBJECTS: Self = Self("2BP01");
    pub const TOO_COMPLEX: Self = Self("54001");
    pub const TOO_MANY_COLUMNS: Self = Self("54011");
    pub const NAME_TOO_LONG: Self = Self("42622");
    /// What no server refuses: it is not known here.
    pub const NOT_COVERED: Self = Self("");
}

/// One problem: what is wrong, why it matters here, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The server's code for the same mistake; `None` for problems only viewkeeper knows.
    pub sqlstate: Option<SqlState>,
    /// What is wrong: lower case, names in backticks, no full stop.
    pub message: String,
    /// Where: the file, and the range that the caret marks.
    #[serde(with = "crate::state_file::place")]
    pub place: Option<(Arc<SourceFile>, Span)>,
    /// Why it matters here.
    pub note: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// The relation that is broken by it, as `schema.name`.
    pub relation: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            sqlstate: None,
            message: message.into(),
            place: None,
            note: None,
            help: None,
            relation: None,
        }
    }

    /// A warning without a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// With the server's code.
    #[must_use]
    pub fn code(mut self, sqlstate: SqlState) -> Self {
        self.sqlstate = Some(sqlstate);
        self
    }

    /// With a place in a file.
    #[must_use]
    pub fn at(mut self, file: &Arc<SourceFile>, span: Span) -> Self {
        self.place = Some((Arc::clone(file), span));
        self
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

    /// With the relation that is broken by it.
    #[must_use]
    pub fn relation(mut self, relation: impl Into<String>) -> Self {
        self.relation = Some(relation.into());
        self
    }

    /// The message as a compiler would show it: path, line, column, the line itself and a caret.
    pub fn render(&self, style: Style) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut title = level.primary_title(&*self.message);
        if let Some(SqlState(code)) = self.sqlstate {
            title = title.id(code);
        }
        let mut group = match &self.place {
            Some((file, span)) => {
                let end = file.text.len();
                let range = span.start.min(end)..span.end.min(end).max(span.start.min(end));
                group_at(title, file, range)
            }
            None => Group::with_title(title),
        };
        if let Some(note) = &self.note {
            group = group.element(Level::NOTE.message(&**note));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Colour => Renderer::styled(),
        };
        renderer.render(&[group])
    }
}

fn group_at<'a>(title: annotate_snippets::Title<'a>, file: &'a SourceFile, range: std::ops::Range<usize>) -> Group<'a> {
    title.element(Snippet::source(&*file.text).path(file.path.as_str()).annotation(AnnotationKind::Primary.span(range)))
}

/// Whether rendered text may carry terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// For a terminal.
    Colour,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

/// All problems of a run, in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another run.
    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All, rendered, with an empty line between them.
    pub fn render(&self, style: Style) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(style)).collect::<Vec<_>>().join("\n\n")
    }
}
