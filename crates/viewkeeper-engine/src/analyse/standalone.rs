//! Expressions outside queries (defaults, checks, generated columns, index expressions, policies), and queries with
//! parameters (bodies of SQL functions).

use std::sync::Arc;

use super::syntax::location_of;
use super::view::AnalysedQuery;
use super::{Analyser, ExpressionKind, Outcome, Unknowns};
use crate::catalog::{Catalog, Oid};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Coercion, Failure};
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

/// What an expression outside of queries is for: it decides what may stand in it, and what it must give.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose<'a> {
    /// The default of a column or domain.
    Default(&'a RowColumn),
    /// A value in the bound of a partition, for a column of the key.
    PartitionBound(&'a RowColumn),
    /// What a generated column is computed by.
    Generated(&'a RowColumn),
    /// A check constraint of a relation.
    Check,
    /// A check constraint of a domain over this type, which is called `VALUE`.
    DomainCheck(Oid),
    /// A column of an index.
    IndexColumn,
    /// `WHERE` of an index.
    IndexPredicate,
    /// `USING` and `WITH CHECK` of a policy.
    Policy,
}

impl Purpose<'_> {
    fn kind(&self) -> ExpressionKind {
        match self {
            Self::Default(_) => ExpressionKind::ColumnDefault,
            Self::PartitionBound(_) => ExpressionKind::PartitionBound,
            Self::Generated(_) => ExpressionKind::GeneratedColumn,
            Self::Check | Self::DomainCheck(_) => ExpressionKind::CheckConstraint,
            Self::IndexColumn => ExpressionKind::IndexExpression,
            Self::IndexPredicate => ExpressionKind::IndexPredicate,
            Self::Policy => ExpressionKind::Policy,
        }
    }
}

/// Analyses an expression that belongs to a relation or domain.
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_expression(
    catalog: &Catalog,
    file: &Arc<SourceFile>,
    raw: &NodeEnum,
    relation: Option<Oid>,
    purpose: &Purpose<'_>,
    search_path: &[String],
) -> Result<AnalysedExpression, Diagnostic> {
    let parameters = match purpose {
        Purpose::DomainCheck(base) => vec![Parameter { name: "value".to_owned(), type_: *base, ..Default::default() }],
        _ => Vec::new(),
    };
    let mut analyser = Analyser::new(catalog, search_path, &parameters);
    analyser.over_relation(raw, relation, purpose).map_err(|failure| in_file(failure, file, raw))
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
    Ok(AnalysedQuery { tree, columns, stars: analyser.take_stars() })
}

impl<'a> Analyser<'a> {
    fn over_relation(
        &mut self,
        raw: &'a NodeEnum,
        relation: Option<Oid>,
        purpose: &Purpose<'_>,
    ) -> Outcome<AnalysedExpression> {
        if let Some(relation) = relation.and_then(|oid| self.catalog().relation(oid)) {
            let columns = self.catalog().row_columns(relation);
            let kind = RangeTableKind::Relation { relation: relation.oid, only: false };
            let name = relation.name.clone();
            self.add_from_entry(RangeTableEntry { name, columns, kind, lateral: false, location: None });
        }
        let expr = self.expression(raw, purpose.kind())?;
        let mut expr = self.fit(expr, purpose)?;
        self.assign_collations(&mut expr)?;
        let column = RowColumn {
            name: super::column_name::column_name(raw, &self.sublink_names, self.version()),
            type_: self.type_of(&expr),
            typmod: self.typmod_of(&expr),
            collation: self.collation_of(&expr),
        };
        let range_table = std::mem::take(&mut self.level_mut().range_table);
        Ok(AnalysedExpression { expr, range_table, column })
    }

    /// An expression as a value of what it is for (`cookDefault`, `cookConstraint`, `transformIndexStmt`).
    fn fit(&self, expr: Expr, purpose: &Purpose<'_>) -> Outcome<Expr> {
        match purpose {
            Purpose::Default(column) | Purpose::Generated(column) | Purpose::PartitionBound(column) => {
                let (given, location) = (self.type_of(&expr), expr.location);
                let coercion = Coercion::assignment(column.type_, column.typmod, None);
                self.resolver.coerce_to_target_type(expr, coercion)?.ok_or_else(|| {
                    let (name, wanted, given) = (&column.name, self.type_text(column.type_), self.type_text(given));
                    let refused = |message| Failure::new(SqlState::DATATYPE_MISMATCH, message, location);
                    let word = match purpose {
                        Purpose::PartitionBound(_) => {
                            return refused(format!(
                                "a value of type `{given}` cannot be one of `{name}`, which is of type `{wanted}`"
                            ));
                        }
                        Purpose::Default(_) => "default",
                        _ => "generation",
                    };
                    refused(format!("`{name}` is of type `{wanted}`, but its {word} expression gives `{given}`"))
                        .help("cast it")
                })
            }
            Purpose::Check | Purpose::DomainCheck(_) => self.to_boolean(expr, "CHECK"),
            Purpose::IndexPredicate => self.to_boolean(expr, "WHERE"),
            Purpose::Policy => self.to_boolean(expr, "a policy"),
            Purpose::IndexColumn => Ok(expr),
        }
    }
}

fn in_file(failure: Failure, file: &Arc<SourceFile>, raw: &NodeEnum) -> Diagnostic {
    let start = location_of(raw).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
    failure.in_file(file, Span::at(start))
}
