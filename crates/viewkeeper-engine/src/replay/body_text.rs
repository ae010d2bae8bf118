//! The text of a routine's body that is a string, and where its places are in the file that the statement stands in
//! (`function_parse_error_transpose`, `match_prosrc_to_literal` in pg_proc.c).

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::parser::{self, token_at};
use crate::source::{SourceFile, Span};

/// A body as a file of its own.
pub(super) struct BodyText {
    pub(super) file: Arc<SourceFile>,
    places: Places,
}

/// What places in a body are in the statement's file.
enum Places {
    /// The same.
    Same,
    /// For each byte of the body one of the file: quotes are doubled there.
    Listed(Vec<usize>),
    Unknown,
}

impl BodyText {
    /// The body of the statement at `span` of `file`.
    pub(super) fn of(file: &Arc<SourceFile>, span: Span, body: &str) -> Self {
        let statement = file.text.get(span.start..span.end).unwrap_or_default();
        if let Some(at) = statement.find(body).filter(|_| !body.trim().is_empty()) {
            // With everything before it blank.
            let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
            let before = &file.text.as_bytes()[..span.start + at];
            let mut text: String = before.iter().map(|byte| blank(*byte)).collect();
            text.push_str(body);
            return Self { file: SourceFile::new(&*file.path, text), places: Places::Same };
        }
        let literals = parser::tokens(statement).into_iter().filter(|token| !token.comment);
        let found = literals.filter_map(|token| {
            let (text, places) = unescaped(statement.get(token.span.start..token.span.end)?)?;
            (text == body).then(|| places.into_iter().map(|at| span.start + token.span.start + at).collect())
        });
        let places = found.into_iter().next().map_or(Places::Unknown, Places::Listed);
        Self { file: SourceFile::new(&*file.path, body), places }
    }

    /// A problem of the body, at its place in the statement's file; without one where that is not known.
    pub(super) fn in_file(&self, file: &Arc<SourceFile>, problem: Diagnostic) -> Diagnostic {
        let place = problem.place.as_ref().and_then(|(_, span)| match &self.places {
            Places::Same => Some(*span),
            Places::Listed(places) => places.get(span.start).map(|start| token_at(&file.text, *start)),
            Places::Unknown => None,
        });
        Diagnostic { place: place.map(|span| (Arc::clone(file), span)), ..problem }
    }
}

/// What a literal in plain quotes says, and where each of its bytes stands in it.
fn unescaped(literal: &str) -> Option<(String, Vec<usize>)> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut signs = inner.char_indices();
    while let Some((at, sign)) = signs.next() {
        text.push(sign);
        places.extend((0..sign.len_utf8()).map(|byte| 1 + at + byte));
        if sign == '\'' {
            signs.next();
        }
    }
    Some((text, places))
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn doubled_quotes_are_one() {
        let (text, places) = unescaped("'a ''ü'' b'").expect("a literal");
        assert_eq!(text, "a 'ü' b");
        assert_eq!(places, [1, 2, 3, 5, 6, 7, 9, 10]);
        assert!(unescaped("E'a'").is_none());
    }
}
