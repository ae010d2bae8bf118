//! Expressions outside queries (defaults, checks, generated columns, index expressions, policies), and queries with
//! parameters (bodies of SQL functions).

use std::sync::Arc;

use super::syntax::location_of;
use super::view::AnalysedQuery;
use super::{Analyser, ExpressionKind, Outcome, Unknowns};
use crate::catalog::{AttachedKind, Catalog, Oid};
use crate::diagnostic::Diagnostic;
use crate::parser::{NodeEnum, ast};
use crate::resolve::Failure;
use crate::source::{SourceFile, Span};
use crate::tree::{Expr, RangeTableEntry, RangeTableKind, RowColumn};

/// A parameter of an SQL function, in the order of its declaration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameter {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its type.
    pub type_: Oid,
    /// The function's name, which may qualify it.
    pub function: String,
}

/// An expression after analysis, over at most one relation.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedExpression {
    /// The expression; its columns are of entry 0 of `range_table`.
    pub expr: Expr,
    /// The relation that it is over, if any.
    pub range_table: Vec<RangeTableEntry>,
    /// Its type, modifier and collation, under the name that an output column would have.
    pub column: RowColumn,
}

/// Analyses an expression that belongs to a relation or domain. `purpose` says what it is for: it decides what may stand
/// in it.
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_expression(
    catalog: &Catalog,
    file: &Arc<SourceFile>,
    raw: &NodeEnum,
    relation: Option<Oid>,
    purpose: AttachedKind,
    search_path: &[String],
) -> Result<AnalysedExpression, Diagnostic> {
    let kind = match purpose {
        AttachedKind::Default(number) => match relation.and_then(|oid| catalog.relation(oid)?.attribute(number)) {
            Some(column) if is_generated(column.source) => ExpressionKind::GeneratedColumn,
            _ => ExpressionKind::ColumnDefault,
        },
        AttachedKind::Check => ExpressionKind::CheckConstraint,
        AttachedKind::Index => ExpressionKind::IndexExpression,
        AttachedKind::Trigger | AttachedKind::Rule => ExpressionKind::TriggerCondition,
        AttachedKind::Policy => ExpressionKind::Policy,
    };
    let mut analyser = Analyser::new(catalog, search_path, &[]);
    analyser.over_relation(raw, relation, kind).map_err(|failure| in_file(failure, file, raw))
}

/// Analyses a query that may use parameters, by number (`$1`) or by name.
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_parameterised_query(
    catalog: &Catalog,
    file: &Arc<SourceFile>,
    query: &ast::SelectStmt,
    parameters: &[Parameter],
    search_path: &[String],
) -> Result<AnalysedQuery, Diagnostic> {
    let mut analyser = Analyser::new(catalog, search_path, parameters);
    analyser.levels.clear();
    let tree = analyser.sub_query(query, Unknowns::BecomeText, None).map_err(|failure| {
        let start = super::syntax::first_location(query).and_then(|start| usize::try_from(start).ok());
        failure.in_file(file, Span::at(start.unwrap_or(0)))
    })?;
    let columns = analyser.output_columns(&tree);
    Ok(AnalysedQuery { tree, columns })
}

impl<'a> Analyser<'a> {
    fn over_relation(
        &mut self,
        raw: &'a NodeEnum,
        relation: Option<Oid>,
        kind: ExpressionKind,
    ) -> Outcome<AnalysedExpression> {
        if let Some(relation) = relation.and_then(|oid| self.catalog().relation(oid)) {
            let columns = relation
                .columns
                .iter()
                .map(|column| RowColumn {
                    name: if column.dropped { String::new() } else { column.name.clone() },
                    type_: if column.dropped { Oid::INVALID } else { column.type_ },
                    typmod: column.typmod,
                    collation: column.collation,
                })
                .collect();
            let kind = RangeTableKind::Relation { relation: relation.oid, only: false };
            let name = relation.name.clone();
            self.add_from_entry(RangeTableEntry { name, columns, kind, lateral: false, location: None });
        }
        let mut expr = self.expression(raw, kind)?;
        self.assign_collations(&mut expr)?;
        let column = RowColumn {
            name: super::column_name::column_name(raw, &self.sublink_names),
            type_: self.type_of(&expr),
            typmod: self.typmod_of(&expr),
            collation: self.collation_of(&expr),
        };
        let range_table = std::mem::take(&mut self.level_mut().range_table);
        Ok(AnalysedExpression { expr, range_table, column })
    }
}

fn is_generated(source: crate::catalog::ColumnSource) -> bool {
    use crate::catalog::ColumnSource::{GeneratedStored, GeneratedVirtual};
    matches!(source, GeneratedStored | GeneratedVirtual)
}

fn in_file(failure: Failure, file: &Arc<SourceFile>, raw: &NodeEnum) -> Diagnostic {
    let start = location_of(raw).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
    failure.in_file(file, Span::at(start))
}
