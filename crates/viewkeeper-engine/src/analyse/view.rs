//! The query of a view: what analysis gives, under the rules that a view adds (commands/view.c, `CheckAttributeType`
//! in heap.c).

use std::sync::Arc;

use super::cte::Modifying;
use super::syntax::{ends_in_star, first_location};
use super::{Analyser, Outcome, Unknowns};
use crate::catalog::{Catalog, Oid, TypeKind};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast, token_at};
use crate::resolve::{Failure, place};
use crate::source::SourceFile;
use crate::stars::Star;
use crate::tree::{Location, Query, RowColumn};

/// The most columns of a relation (`MaxHeapAttributeNumber` in htup_details.h).
const MAX_COLUMNS: usize = 1600;

/// What is made of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A view or materialized view, which only reads.
    View,
    /// A table (`CREATE TABLE AS`, `SELECT INTO`): its query runs once, and may change rows in WITH.
    Table,
}

impl Made {
    fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Table => "table",
        }
    }
}

/// A view, as far as the analysis of its query needs it.
#[derive(Debug, Clone, Copy)]
pub struct ViewQuery<'a> {
    /// The file that locations count in.
    pub file: &'a Arc<SourceFile>,
    /// The query.
    pub query: &'a ast::SelectStmt,
    /// `CREATE VIEW name (a, b)`; may name fewer columns than there are.
    pub column_aliases: &'a [String],
    /// The search path that names are resolved with.
    pub search_path: &'a [String],
    /// `schema.name`, for diagnostics.
    pub relation: &'a str,
    /// What is made of it.
    pub made: Made,
}

/// A query after analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedQuery {
    /// The typed tree.
    pub tree: Query,
    /// The output columns under their final names.
    pub columns: Vec<RowColumn>,
    /// What each `*` of the text stands for, by its place.
    pub stars: Vec<Star>,
}

/// Analyses the query of a view. Call it inside [`on_deep_stack`](crate::parser::on_deep_stack).
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_query(catalog: &Catalog, view: &ViewQuery<'_>) -> Result<AnalysedQuery, Diagnostic> {
    let mut analyser = Analyser::new(catalog, view.search_path, &[]);
    let outcome = analyser.view(view);
    outcome.map_err(|failure| {
        let start = first_location(view.query).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
        let mut diagnostic = failure.in_file(view.file, token_at(&view.file.text, start));
        diagnostic.relation = Some(view.relation.to_owned());
        diagnostic
    })
}

impl<'a> Analyser<'a> {
    fn view(&mut self, view: &ViewQuery<'a>) -> Outcome<AnalysedQuery> {
        match view.made {
            Made::View => check_data_modification(view.query)?,
            Made::Table => self.modifying = Modifying::Allowed,
        }
        let word = view.made.word();
        self.levels.clear();
        let mut tree = self.sub_query(view.query, Unknowns::BecomeText, None)?;
        let mut columns = self.output_columns(&tree);
        let location = first_location(view.query);
        if view.column_aliases.len() > columns.len() {
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!("the {word} names {} columns, but its query has {}", view.column_aliases.len(), columns.len()),
                location,
            ));
        }
        let outputs = tree.targets.iter_mut().filter(|target| !target.junk);
        for ((column, target), alias) in columns.iter_mut().zip(outputs).zip(view.column_aliases) {
            column.name.clone_from(alias);
            target.name.clone_from(alias);
        }
        if columns.len() > MAX_COLUMNS {
            return Err(Failure::new(
                SqlState::TOO_MANY_COLUMNS,
                format!("a {word} can have at most {MAX_COLUMNS} columns, this one has {}", columns.len()),
                location,
            ));
        }
        let places: Vec<Location> =
            tree.targets.iter().filter(|target| !target.junk).map(|target| target.expr.location.or(location)).collect();
        for (index, column) in columns.iter().enumerate() {
            let location = places.get(index).copied().flatten();
            if columns[..index].iter().any(|other| other.name == column.name) {
                return Err(Failure::new(
                    SqlState::DUPLICATE_COLUMN,
                    format!("the {word} has more than one column `{}`", column.name),
                    location,
                )
                .help(match is_star(view.query, location) {
                    true => "name the columns instead of `*`, and give one of them another name with AS",
                    false => "give one of them another name with AS",
                }));
            }
        }
        for (index, column) in columns.iter().enumerate() {
            self.check_column(column, places.get(index).copied().flatten())?;
        }
        Ok(AnalysedQuery { tree, columns, stars: self.take_stars() })
    }

    /// The pseudo-type that a type is, or that its elements or fields have (`CheckAttributeType`).
    fn pseudo_part(&self, type_: Oid, containing: &mut Vec<Oid>) -> Option<Oid> {
        let row = self.catalog().type_(type_)?;
        if row.kind == TypeKind::Pseudo {
            return Some(type_);
        }
        if row.base.is_valid() {
            return self.pseudo_part(row.base, containing);
        }
        if row.element.is_valid() && self.catalog().element_type(type_) == row.element {
            return self.pseudo_part(row.element, containing);
        }
        if let Some(range) = row.range.filter(|range| range.range == type_) {
            return self.pseudo_part(range.subtype, containing);
        }
        let relation = self.catalog().relation(row.relation)?;
        if containing.contains(&type_) {
            return None;
        }
        containing.push(type_);
        let found = relation.live_columns().find_map(|(_, column)| self.pseudo_part(column.type_, containing));
        containing.pop();
        found
    }

    /// What a column of a view may be.
    fn check_column(&self, column: &RowColumn, location: Location) -> Outcome<()> {
        let name = &column.name;
        if let Some(pseudo) = self.pseudo_part(column.type_, &mut Vec::new()) {
            let shown = self.type_text(pseudo);
            let message = match pseudo == column.type_ {
                true => format!("the column `{name}` has the pseudo-type `{shown}`"),
                false => format!(
                    "the column `{name}` has the type `{}`, a part of which has the pseudo-type `{shown}`",
                    self.type_text(column.type_)
                ),
            };
            return Err(Failure::new(SqlState::INVALID_TABLE_DEFINITION, message, location)
                .help("cast it to a type that can be stored"));
        }
        let collatable = self.catalog().type_collation(column.type_).is_valid();
        if collatable && column.collation == Oid::INVALID {
            return Err(Failure::new(
                SqlState::INDETERMINATE_COLLATION,
                format!("which collation the column `{name}` has cannot be told"),
                location,
            )
            .note("its values come from columns of different collations")
            .help("choose one with COLLATE"));
        }
        Ok(())
    }
}

/// The first of the queries that a set operation joins; a query by itself.
fn first_operand(select: &ast::SelectStmt) -> &ast::SelectStmt {
    std::iter::successors(Some(select), |select| select.larg.as_deref()).last().unwrap_or(select)
}

/// Whether a `*` of the select list stands at a place.
fn is_star(select: &ast::SelectStmt, at: Location) -> bool {
    first_operand(select).target_list.iter().any(|target| match &target.node {
        Some(NodeEnum::ResTarget(target)) => match target.val.as_deref().and_then(|value| value.node.as_ref()) {
            Some(NodeEnum::ColumnRef(column)) => ends_in_star(&column.fields) && place(column.location) == at,
            _ => false,
        },
        _ => false,
    })
}

/// A view only reads (`DefineView`).
fn check_data_modification(select: &ast::SelectStmt) -> Outcome<()> {
    if let Some(into) = &first_operand(select).into_clause {
        let location = into.rel.as_ref().and_then(|relation| place(relation.location));
        return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "a view cannot contain SELECT INTO", location));
    }
    for cte in select.with_clause.iter().flat_map(|with| &with.ctes) {
        if let Some(NodeEnum::CommonTableExpr(cte)) = &cte.node
            && let Some(query) = cte.ctequery.as_deref().and_then(|query| query.node.as_ref())
            && !matches!(query, NodeEnum::SelectStmt(_))
        {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("the WITH query `{}` changes data, which a view cannot", cte.ctename),
                place(cte.location),
            ));
        }
    }
    Ok(())
}
