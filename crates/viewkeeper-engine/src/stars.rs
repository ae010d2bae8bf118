//! What the `*` in a query's text stood for, and the text with the columns written out: for a place where `*` would stand
//! for other columns by now.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::analyse::{Made, ViewQuery, analyse_query};
use crate::catalog::{Catalog, Relation, ServerVersion, View};
use crate::parser::{self, NodeEnum};
use crate::source::{SourceFile, Span, edited};

/// One `*` of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Star {
    /// Where its entry begins (`u.*`: at `u`), in bytes. For a row in a list of values, where the row's name begins.
    pub start: usize,
    /// The columns in its place, each as SQL calls it behind the qualifier that the entry has. `None` where no name leads
    /// to one of them.
    pub columns: Option<Vec<String>>,
}

/// What every `*` in a query's text stands for in a state, by its place; `None` where the state has no such query.
pub fn of_text(catalog: &Catalog, text: &str, column_aliases: &[String], search_path: &[String]) -> Option<Vec<Star>> {
    let file = SourceFile::new("", text);
    let statements = parser::parse(&file, catalog.version).ok()?;
    let NodeEnum::SelectStmt(query) = &statements.first()?.node else { return None };
    let request = ViewQuery { file: &file, query, column_aliases, search_path, relation: "", made: Made::View };
    analyse_query(catalog, &request).ok().map(|analysed| analysed.stars)
}

/// The text of a view's query to run in a state: as its author wrote it where every `*` stands for what it stood for, else
/// with the columns written out (`true`).
pub fn text_for(catalog: &Catalog, relation: &Relation, view: &View) -> (String, bool) {
    let as_written = || (view.query_text.to_string(), false);
    if view.stars.is_empty() || catalog.still_means_its_text(relation, view) {
        return as_written();
    }
    let columns = |stars: &[Star]| stars.iter().map(|star| star.columns.clone()).collect::<Vec<_>>();
    let here = of_text(catalog, &view.query_text, &view.column_aliases, &view.search_path);
    if here.is_some_and(|here| columns(&here) == columns(&view.stars)) {
        return as_written();
    }
    written_out(&view.query_text, &view.stars).map_or_else(as_written, |text| (text, true))
}

/// The canonical text of a view's query with the columns in the place of every `*`, where each has a name.
pub fn expanded_query(view: &View, version: ServerVersion) -> Cow<'_, str> {
    let expanded = || {
        let text = written_out(&view.query_text, &view.stars)?;
        parser::canonical(&parser::written_statement(&text, version)?).ok()
    };
    let expanded = if view.stars.is_empty() { None } else { expanded() };
    expanded.map_or(Cow::Borrowed(&view.canonical_query), Cow::Owned)
}

/// A text with the columns in the place of every `*`; `None` where some column has no name.
pub fn written_out(text: &str, stars: &[Star]) -> Option<String> {
    let tokens = parser::token_spans(text);
    let edit = |star: &Star| {
        let columns = star.columns.as_ref()?;
        let entry = entry(text, &tokens, star.start)?;
        let prefix = text.get(entry.start..entry.end - 1)?;
        let range = if columns.is_empty() { with_comma(text, &tokens, entry) } else { entry };
        Some((range, columns.iter().map(|column| format!("{prefix}{column}")).collect::<Vec<_>>().join(", ")))
    };
    edited(text, stars.iter().map(edit).collect::<Option<_>>()?)
}

/// The whole entry that a `*` ends: `*`, `u.*`, `(f(x)).*`.
fn entry(text: &str, tokens: &[Span], start: usize) -> Option<Span> {
    let word = |at: usize| tokens.get(at).and_then(|span| text.get(span.start..span.end)).unwrap_or("");
    let first = tokens.iter().position(|span| span.start == start)?;
    if word(first) == "*" {
        return tokens.get(first).copied();
    }
    // Brackets that close what was opened before `start` belong to the entry: `((f(x)).*` in a list begins at `f`.
    let (mut depth, mut lowest, mut at) = (0i32, 0i32, first);
    while at < tokens.len() {
        match word(at) {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "*" if depth <= lowest.min(0) && word(at - 1) == "." => break,
            _ => {}
        }
        lowest = lowest.min(depth);
        at += 1;
    }
    let end = tokens.get(at)?.end;
    let mut begin = first;
    for _ in lowest..0 {
        begin = begin.checked_sub(1)?;
        if word(begin) != "(" {
            return None;
        }
    }
    Some(Span::new(tokens.get(begin)?.start, end))
}

/// An entry with the comma that goes when nothing takes its place.
fn with_comma(text: &str, tokens: &[Span], entry: Span) -> Span {
    let is_comma = |span: &&Span| text.get(span.start..span.end) == Some(",");
    let next = tokens.iter().find(|span| span.start >= entry.end).filter(is_comma);
    let before = tokens.iter().rfind(|span| span.end <= entry.start).filter(is_comma);
    match (next, before) {
        (Some(comma), _) => Span::new(entry.start, comma.end),
        (None, Some(comma)) => Span::new(comma.start, entry.end),
        (None, None) => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str, star: &str, names: &[&str]) -> Option<String> {
        let columns = Some(names.iter().map(|name| (*name).to_owned()).collect());
        written_out(text, &[Star { start: text.find(star).unwrap(), columns }])
    }

    #[test]
    fn columns_take_the_place_of_the_star() {
        let two = ["a", "\"B\""];
        for (text, star, expected) in [
            ("SELECT * FROM t", "*", "SELECT a, \"B\" FROM t"),
            ("SELECT 2 * 3, u . * FROM u", "u .", "SELECT 2 * 3, u . a, u . \"B\" FROM u"),
            ("SELECT (f(x * 2)).* FROM t", "(f", "SELECT (f(x * 2)).a, (f(x * 2)).\"B\" FROM t"),
            ("SELECT (row(t.*)::c).* FROM t", "(row", "SELECT (row(t.*)::c).a, (row(t.*)::c).\"B\" FROM t"),
            ("SELECT row((t).*, 1) FROM t", "t).*", "SELECT row((t).a, (t).\"B\", 1) FROM t"),
            ("SELECT 'ü *', -- *\n * -- *\nFROM t", "* -- *\nF", "SELECT 'ü *', -- *\n a, \"B\" -- *\nFROM t"),
        ] {
            assert_eq!(columns(text, star, &two).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_star_over_nothing_takes_its_comma_along() {
        assert_eq!(columns("SELECT 1, t.* FROM t", "t.*", &[]).as_deref(), Some("SELECT 1 FROM t"));
        assert_eq!(columns("SELECT t.*, 1 FROM t", "t.*", &[]).as_deref(), Some("SELECT  1 FROM t"));
        assert_eq!(columns("SELECT * FROM t", "*", &[]).as_deref(), Some("SELECT  FROM t"));
    }
}
