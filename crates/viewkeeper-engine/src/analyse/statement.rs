//! Statements of SQL functions: queries, and those that change rows (`transformStmt` in analyze.c). Those of rules, which
//! see OLD and NEW too, are in `rule`.

use std::sync::Arc;

use super::cte::Modifying;
use super::level::{Level, ParentCte, Unknowns};
use super::standalone::Parameter;
use super::syntax::{first_location, location_of};
use super::view::AnalysedQuery;
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast, token_at};
use crate::resolve::{Failure, place};
use crate::source::SourceFile;
use crate::tree::{Command, Location, Modification, Query};

/// Analyses a query or a statement that changes rows. The columns are those that it gives; of one that changes rows those
/// of RETURNING.
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_statement(
    catalog: &Catalog,
    file: &Arc<SourceFile>,
    statement: &NodeEnum,
    parameters: &[Parameter],
    search_path: &[String],
) -> Result<AnalysedQuery, Diagnostic> {
    let mut analyser = Analyser::new(catalog, search_path, parameters);
    analyser.levels.clear();
    analyser.modifying = Modifying::Allowed;
    let tree = analyser.sub_statement(statement, Level::default()).map_err(|failure| {
        let start = statement_location(statement).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
        failure.in_file(file, token_at(&file.text, start))
    })?;
    let columns = analyser.output_columns(&tree);
    Ok(AnalysedQuery { tree, columns, stars: analyser.take_stars() })
}

impl<'a> Analyser<'a> {
    /// A statement on a level of its own (`parse_sub_analyze`).
    pub(super) fn sub_statement(&mut self, statement: &'a NodeEnum, level: Level<'a>) -> Outcome<Query> {
        self.levels.push(level);
        let query = match statement {
            NodeEnum::SelectStmt(select) => self.select_statement(select),
            NodeEnum::InsertStmt(insert) => self.insert_statement(insert),
            NodeEnum::UpdateStmt(update) => self.update_statement(update),
            NodeEnum::DeleteStmt(delete) => self.delete_statement(delete),
            NodeEnum::MergeStmt(merge) => self.merge_statement(merge),
            _ => Err(Failure::new(SqlState::NOT_COVERED, "this kind of statement is not covered", None)),
        };
        self.levels.pop();
        query
    }

    /// The query of a WITH query.
    pub(super) fn cte_statement(&mut self, statement: &'a NodeEnum, parent: ParentCte) -> Outcome<Query> {
        let level = Level { unknowns: Unknowns::BecomeText, parent_cte: Some(parent), ..Level::default() };
        self.sub_statement(statement, level)
    }

    /// `transformDeleteStmt`
    fn delete_statement(&mut self, delete: &'a ast::DeleteStmt) -> Outcome<Query> {
        if let Some(with) = &delete.with_clause {
            self.with_clause(with)?;
        }
        let target = self.source_and_target_table(delete.relation.as_ref())?;
        self.add_from_clause_beside(&target, &delete.using_clause)?;
        let filter = self.optional_condition(delete.where_clause.as_deref(), ExpressionKind::Where, "WHERE")?;
        let returning = self.returning(delete.returning_clause.as_ref(), &target, ExpressionKind::Returning)?;
        let modification = Some(Box::new(Modification::new(Command::Delete, target.entry(), returning)));
        let mut query = Query { filter, modification, ..Query::default() };
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }
}

/// Where a statement is about, as near as its nodes tell: its table, else its first expression.
pub(super) fn statement_location(statement: &NodeEnum) -> Location {
    let table = |table: &Option<ast::RangeVar>| table.as_ref().and_then(|table| place(table.location));
    match statement {
        NodeEnum::InsertStmt(insert) => table(&insert.relation),
        NodeEnum::UpdateStmt(update) => table(&update.relation),
        NodeEnum::DeleteStmt(delete) => table(&delete.relation),
        NodeEnum::MergeStmt(merge) => table(&merge.relation),
        NodeEnum::SelectStmt(select) => first_location(select),
        other => location_of(other),
    }
}
