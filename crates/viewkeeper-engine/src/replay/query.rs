//! The seam to `analyse`: what is known of a view's query in the state in which the view is created.

use super::session::{Outcome, Session};
use crate::analysis::Analysis;
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::tree::Query;

/// Analyses the query of a view under its final column names.
pub(super) fn analyse_view(
    session: &Session<'_>,
    query: &ast::SelectStmt,
    column_aliases: &[String],
    relation: &str,
) -> Outcome<(Analysis, Query)> {
    let _ = (query, column_aliases);
    Err(session.error(SqlState::FEATURE_NOT_SUPPORTED, "queries are not analysed yet", -1).relation(relation))
}
