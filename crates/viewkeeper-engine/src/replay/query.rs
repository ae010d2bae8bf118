//! The seam to `analyse`: what is known of a view's query in the state in which the view is created.

use super::session::{Outcome, Session};
use crate::analyse::{ViewQuery, analyse_query};
use crate::analysis::Analysis;
use crate::catalog::ServerVersion;
use crate::complete::{TypedQuery, complete};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{self, ast};
use crate::source::Span;
use crate::stars::Star;
use crate::tree::Query;

/// What is known of the query of a view under its final column names, its typed tree, and what each `*` stands for.
pub(super) fn analyse_view(
    session: &Session<'_>,
    query: &ast::SelectStmt,
    column_aliases: &[String],
    relation: &str,
) -> Outcome<(Analysis, Query, Vec<Star>)> {
    check_numbers(session)?;
    let search_path = session.search_path();
    let request = ViewQuery { file: &session.file, query, column_aliases, search_path, relation };
    let analysed = analyse_query(&session.catalog, &request)?;
    let provenance = session.provenance();
    let typed =
        TypedQuery { tree: &analysed.tree, columns: &analysed.columns, search_path, provenance: Some(&provenance) };
    let analysis = complete(&session.catalog, typed);
    Ok((analysis, analysed.tree, analysed.stars))
}

/// Numbers that older scanners read otherwise than the parser here: `0x1F`, `1_000` (scan.l of 16).
fn check_numbers(session: &Session<'_>) -> Outcome {
    let text = session.file.text.get(session.span.start..session.span.end).unwrap_or_default();
    let is_new = |word: &[u8]| match word {
        [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] => true,
        [first, ..] => first.is_ascii_digit() && word.contains(&b'_'),
        [] => false,
    };
    // Scanning the text again is for the few that may have one.
    let may_have_one = text.as_bytes().windows(2).any(
        |pair| matches!(pair, [digit, next] if digit.is_ascii_digit() && (*next == b'_' || next.is_ascii_alphabetic())),
    );
    if session.catalog.version >= ServerVersion::V16 || !may_have_one {
        return Ok(());
    }
    let found = parser::tokens(text)
        .into_iter()
        .find(|token| text.get(token.span.start..token.span.end).is_some_and(|word| is_new(word.as_bytes())));
    let Some(token) = found else { return Ok(()) };
    let word = text.get(token.span.start..token.span.end).unwrap_or_default();
    let version = session.catalog.version.major();
    let place = Span::new(session.span.start + token.span.start, session.span.start + token.span.end);
    Err(Diagnostic::error(format!("PostgreSQL {version} does not read `{word}` as a number"))
        .code(SqlState::SYNTAX_ERROR)
        .at(&session.file, place)
        .note("numbers in other bases and with underscores came with PostgreSQL 16")
        .help("write it in plain digits"))
}
