//! The lines that tell renames, read: what stands before and behind `renamed from`.

use crate::parser;
use crate::source::Span;

/// A name, with what it is qualified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// `old`, `schema.old`.
    Dotted(Vec<String>),
    /// `'old'`
    Literal(String),
}

impl Name {
    /// The name itself.
    pub(super) fn last(&self) -> &str {
        match self {
            Self::Dotted(parts) => parts.last().map_or("", String::as_str),
            Self::Literal(text) => text,
        }
    }
}

/// What stands before `renamed from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    Name(String),
    Literal(String),
}

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Telling {
    /// The column, attribute or value that is told of; nothing where it is the object itself.
    pub(super) new: Option<Word>,
    pub(super) old: Name,
}

/// A line that tells a rename, or that seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) what: Result<Telling, String>,
    /// The comment, in the text.
    pub(super) span: Span,
}

/// The lines of a text. Text in quotes is no comment.
pub(super) fn said_in(text: &str) -> Vec<Said> {
    let comments = parser::tokens(text).into_iter().filter(|token| token.comment).map(|token| token.span);
    comments
        .filter_map(|span| {
            let comment = text.get(span.start..span.end)?.strip_prefix("--")?.trim();
            let rest = comment.strip_prefix("viewkeeper:")?.trim();
            Some(Said {
                what: read(rest)?,
                span: Span::new(span.start, span.start + text.get(span.start..span.end)?.trim_end().len()),
            })
        })
        .collect()
}

/// `None` where the line is about something else.
fn read(text: &str) -> Option<Result<Telling, String>> {
    let words = words(text)?;
    let is = |word: &Piece, expected: &str| matches!(word, Piece::Plain(word) if word == expected);
    let at = words.iter().position(|word| matches!(word, Piece::Plain(word) if word.starts_with("renam")))?;
    let (before, after) = words.split_at(at);
    let [verb, from, old @ ..] = after else {
        return Some(Err("the old name is missing".to_owned()));
    };
    if !is(verb, "renamed") || !is(from, "from") {
        return Some(Err("a rename is told with the words `renamed from`".to_owned()));
    }
    let new = match before {
        [] => None,
        [Piece::Plain(name) | Piece::Quoted(name)] => Some(Word::Name(name.clone())),
        [Piece::Literal(text)] => Some(Word::Literal(text.clone())),
        _ => return Some(Err("one name stands before `renamed from`, or none".to_owned())),
    };
    let old = match old {
        [Piece::Literal(text)] => Some(Name::Literal(text.clone())),
        [first, rest @ ..] => {
            let mut parts: Vec<String> = first.name().into_iter().collect();
            for pair in rest.chunks(2) {
                if let [Piece::Dot, name] = pair {
                    parts.extend(name.name());
                }
            }
            let dots = rest.len() / 2;
            (parts.len() == dots + 1 && rest.len() % 2 == 0 && parts.len() <= 2).then_some(Name::Dotted(parts))
        }
        [] => return Some(Err("the old name is missing".to_owned())),
    };
    let Some(old) = old else {
        return Some(Err(
            "one name stands behind `renamed from`, with its schema where it was in another one".to_owned()
        ));
    };
    match (&new, &old) {
        (Some(Word::Literal(_)), Name::Dotted(_)) | (None | Some(Word::Name(_)), Name::Literal(_)) => {
            Some(Err("values stand in single quotes on both sides, names in none".to_owned()))
        }
        (Some(Word::Name(_)), Name::Dotted(parts)) if parts.len() > 1 => {
            Some(Err("the old name of a column has no qualifier".to_owned()))
        }
        _ => Some(Ok(Telling { new, old })),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Quoted(String),
    Literal(String),
    Dot,
}

impl Piece {
    fn name(&self) -> Option<String> {
        match self {
            Self::Plain(name) | Self::Quoted(name) => Some(name.clone()),
            _ => None,
        }
    }
}

/// The words of a line, as SQL reads them; `None` where it holds something else.
fn words(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '.' => {
                pieces.push(Piece::Dot);
                rest = &rest[1..];
            }
            '"' | '\'' => {
                let (inner, after) = quoted(&rest[1..], first)?;
                pieces.push(if first == '"' { Piece::Quoted(inner) } else { Piece::Literal(inner) });
                rest = after;
            }
            _ => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                if end == 0 {
                    return None;
                }
                pieces.push(Piece::Plain(rest[..end].to_lowercase()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
    Some(pieces)
}

/// What stands up to the closing quote, which is written twice inside, and what comes after it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices().peekable();
    loop {
        let (at, character) = characters.next()?;
        if character != quote {
            name.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
            characters.next();
            name.push(quote);
        } else {
            return Some((name, &text[at + 1..]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let dotted = |parts: &[&str]| Name::Dotted(parts.iter().map(|part| (*part).to_owned()).collect());
        let tells = |new: Option<Word>, old: Name| Some(Ok(Telling { new, old }));
        for (text, expected) in [
            ("renamed from Active_Users", tells(None, dotted(&["active_users"]))),
            ("renamed from app.\"Old \"\"one\"\"\"", tells(None, dotted(&["app", "Old \"one\""]))),
            ("post_count renamed from \"Posts\"", tells(Some(Word::Name("post_count".to_owned())), dotted(&["Posts"]))),
            (
                "'done' renamed from 'it''s over'",
                tells(Some(Word::Literal("done".to_owned())), Name::Literal("it's over".to_owned())),
            ),
            ("post_count not null", None),
            ("keep what hangs on the relations", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        for wrong in [
            "renamed from",
            "rename from a",
            "renamed to b",
            "renamed from a.b.c",
            "renamed from 'a'",
            "'a' renamed from b",
            "a renamed from v.b",
            "a b renamed from c",
        ] {
            assert!(matches!(read(wrong), Some(Err(_))), "{wrong}");
        }
    }
}
