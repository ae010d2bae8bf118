//! SQL text with the path it came from, and positions in it. No reading of files here: `files.rs` is the door.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

/// A word that stands in the program's own text.
pub type Keyword = &'static str;

/// A file's text, with the path that messages show (relative to the workspace where possible).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// As shown to a person.
    pub path: Utf8PathBuf,
    /// The whole text, line endings as in the file.
    pub text: String,
}

impl SourceFile {
    /// A source from parts.
    pub fn new(path: impl Into<Utf8PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Line and column (both from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// A range of bytes in a [`SourceFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty range at `offset`.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }
}

/// A piece of text and what comes in its place.
pub type Edit = (Span, String);

/// A text with spans of it replaced; what is told twice is done once. `None` where spans overlap or are none of the text.
///
/// ```
/// use viewkeeper_engine::source::{Span, edited};
///
/// let edits = vec![(Span::new(7, 8), "b".to_owned()), (Span::new(0, 6), "VALUES".to_owned())];
/// assert_eq!(edited("SELECT a", edits).as_deref(), Some("VALUES b"));
/// assert_eq!(edited("SELECT a", vec![(Span::new(7, 9), "b".to_owned())]), None);
/// ```
pub fn edited(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    edits.dedup();
    let (mut written, mut done) = (String::new(), 0);
    for (span, new) in edits {
        written.push_str(text.get(done..span.start)?);
        written.push_str(&new);
        done = span.end;
    }
    written.push_str(text.get(done..)?);
    Some(written)
}
