//! The seam to `analyse`: what is known of a view's query in the state in which the view is created.

use super::session::{Outcome, Session};
use crate::analyse::{Made, ViewQuery, analyse_query};
use crate::analysis::Analysis;
use crate::complete::{TypedQuery, complete};
use crate::parser::ast;
use crate::stars::Star;
use crate::tree::Query;

/// What is known of the query of a view under its final column names, its typed tree, and what each `*` stands for.
pub(super) fn analyse_view(
    session: &Session<'_>,
    query: &ast::SelectStmt,
    column_aliases: &[String],
    (relation, made): (&str, Made),
) -> Outcome<(Analysis, Query, Vec<Star>)> {
    let search_path = session.search_path();
    let request = ViewQuery { file: &session.file, query, column_aliases, search_path, relation, made };
    let analysed = analyse_query(&session.catalog, &request)?;
    let provenance = session.provenance();
    let typed =
        TypedQuery { tree: &analysed.tree, columns: &analysed.columns, search_path, provenance: Some(&provenance) };
    let analysis = complete(&session.catalog, typed);
    Ok((analysis, analysed.tree, analysed.stars))
}
