//! `-- viewkeeper: post_count not null`: a person's word for a column, in a comment inside a definition's text.

use super::reason::{Reason, Verdict};
use crate::analysis::Nullability;
use crate::catalog::{Provenance, Relation};

/// One such comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrule {
    /// The column's name.
    pub column: String,
    /// Whether it is said to be never null; otherwise to be nullable.
    pub not_null: bool,
    /// Byte offset of the comment in the text (of the file, where it was found in one).
    pub offset: usize,
}

const MARK: &str = "viewkeeper:";

/// The comments of this kind in a piece of SQL. Text in quotes is no comment.
pub fn overrules(text: &str) -> Vec<Overrule> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => at = after_quoted(bytes, at, *byte),
            b'$' => at = after_dollar_quoted(text, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = after_block_comment(bytes, at),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
                let comment = text.get(at + 2..end).unwrap_or_default();
                if let Some((column, not_null)) = parse(comment) {
                    found.push(Overrule { column, not_null, offset: at });
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

fn parse(comment: &str) -> Option<(String, bool)> {
    let rest = comment.trim().strip_prefix(MARK)?.trim();
    let (column, rest) = if let Some(quoted) = rest.strip_prefix('"') {
        let mut name = String::new();
        let mut characters = quoted.char_indices().peekable();
        let end = loop {
            match characters.next()? {
                (_, '"') if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                    characters.next();
                    name.push('"');
                }
                (at, '"') => break at + 1,
                (_, other) => name.push(other),
            }
        };
        (name, &quoted[end..])
    } else {
        let (name, rest) = rest.split_once(char::is_whitespace)?;
        if name.eq_ignore_ascii_case("not") {
            return None;
        }
        (name.to_lowercase(), rest)
    };
    let words: Vec<_> = rest.split_whitespace().map(str::to_lowercase).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["not", "null"] => Some((column, true)),
        ["null"] => Some((column, false)),
        _ => None,
    }
}

fn after_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    // A doubled quote ends one string and begins the next: the same for this purpose.
    let escapes =
        quote == b'\'' && start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|b| b"eE".contains(b));
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == quote {
            break;
        }
        if escapes && *byte == b'\\' {
            at += 1;
        }
    }
    at
}

fn after_dollar_quoted(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let tag_end = rest[1..].find('$').map(|end| end + 2);
    let is_tag = |tag: &str| tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
    match tag_end {
        Some(end) if is_tag(&rest[..end]) => {
            let tag = &rest[..end];
            rest[end..].find(tag).map_or(text.len(), |at| start + end + at + end)
        }
        _ => start + 1,
    }
}

fn after_block_comment(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// Applies what the statement that made a view says of its columns.
pub(super) fn apply_recorded(relation: &Relation, columns: &mut [Verdict]) {
    let Some(provenance) = &relation.provenance else { return };
    for overrule in overrules_of(provenance) {
        let Some(index) = relation.columns.iter().position(|column| column.name == overrule.column) else { continue };
        if let Some(column) = columns.get_mut(index) {
            let said = verdict(&overrule, provenance);
            *column = Verdict { not_null: said.not_null, reason: Reason::Text(said.reason.into()) };
        }
    }
}

/// The comments in the statement that made an object, and in the lines directly before it.
pub(super) fn overrules_of(provenance: &Provenance) -> Vec<Overrule> {
    let text = &provenance.file.text;
    let mut start = provenance.span.start;
    // Whole lines above that are empty or comments belong to it.
    while let Some(above) = text.get(..start).and_then(|before| before.strip_suffix('\n')) {
        let line_start = above.rfind('\n').map_or(0, |newline| newline + 1);
        let line = above.get(line_start..).unwrap_or_default().trim();
        if !line.is_empty() && !line.starts_with("--") {
            break;
        }
        start = line_start;
    }
    let mut found = overrules(text.get(start..provenance.span.end).unwrap_or_default());
    for overrule in &mut found {
        overrule.offset += start;
    }
    found
}

/// Its judgement of a column.
pub(super) fn verdict(overrule: &Overrule, provenance: &Provenance) -> Nullability {
    let said = if overrule.not_null { "not null" } else { "null" };
    let reason = format!("declared {said} by `-- viewkeeper:` in {}", provenance.file.path);
    Nullability { not_null: overrule.not_null, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Origin;
    use crate::source::{SourceFile, Span};

    fn found(text: &str) -> Vec<(String, bool)> {
        overrules(text).into_iter().map(|overrule| (overrule.column, overrule.not_null)).collect()
    }

    #[test]
    fn comments_overrule_columns() {
        let text = "select 1\n-- viewkeeper: Post_Count not null\n--viewkeeper: \"A \"\"b\" NULL\n, 2 -- viewkeeper: x not null";
        let expected = [("post_count", true), ("A \"b", false), ("x", true)];
        assert_eq!(found(text), expected.map(|(column, not_null)| (column.to_owned(), not_null)));
    }

    #[test]
    fn text_that_only_looks_like_a_comment_is_none() {
        for text in [
            "select '-- viewkeeper: a not null'",
            "select E'\\'-- viewkeeper: a not null\\''",
            "select $$ -- viewkeeper: a not null\n$$",
            "select $q$ -- viewkeeper: a not null\n$q$",
            "select \"-- viewkeeper: a not null\"",
            "/* /* */ -- viewkeeper: a not null\n */ select 1",
            "-- viewkeeper: a",
            "-- viewkeeper: not null",
            "-- a not null",
            "-- viewkeeper: \"a not null",
            "/*",
            "$",
            "'",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn comments_directly_above_the_statement_count() {
        let text = "-- viewkeeper: a not null\nselect 1; -- viewkeeper: b not null\n\n-- viewkeeper: c not null\ncreate view v as select 1";
        let file = SourceFile::new("v.sql", text);
        let span = Span::new(text.len() - 25, text.len());
        let provenance = Provenance { span, file, origin: Origin::Definition };
        let columns: Vec<_> = overrules_of(&provenance).into_iter().map(|overrule| overrule.column).collect();
        assert_eq!(columns, ["c"]);
    }
}
