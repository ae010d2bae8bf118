//! INSERT with its rows (`transformInsertStmt`, `transformInsertRow` in analyze.c). ON CONFLICT is in `on_conflict`.

use super::assignment::{Assigned, RowBefore, TargetTable};
use super::level::Level;
use super::syntax::{node, optional};
use super::{Analyser, ExpressionKind, Outcome, Unknowns};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{
    Command, Expr, ExprNode, Location, Modification, Overriding, Query, RangeTableEntry, RangeTableKind, RowColumn,
    Target, Var,
};

/// What becomes of nodes that assign to a part of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Indirection {
    Keep,
    Strip,
}

/// The columns that INSERT gives values for.
pub(super) struct InsertColumns<'a> {
    columns: Vec<Assigned<'a>>,
    /// Whether the statement names them; otherwise the last may be left out.
    named: bool,
}

impl<'a> Analyser<'a> {
    /// `transformInsertStmt`
    pub(super) fn insert_statement(&mut self, insert: &'a ast::InsertStmt) -> Outcome<Query> {
        if let Some(with) = &insert.with_clause {
            self.with_clause(with)?;
        }
        let select = match optional(insert.select_stmt.as_deref()) {
            Some(NodeEnum::SelectStmt(select)) => Some(&**select),
            _ => None,
        };
        let general = select.filter(|select| is_general(select));
        // OLD and NEW of a rule are part of the SELECT, and not around it.
        let mut rows_of_rule = Level::default();
        if general.is_some() {
            let level = self.level_mut();
            rows_of_rule.range_table = std::mem::take(&mut level.range_table);
            rows_of_rule.namespace = std::mem::take(&mut level.namespace);
        }
        let target = self.target_table(insert.relation.as_ref())?;
        let columns = self.columns_to_insert(&target, &insert.cols)?;
        let exprs = match (general, select) {
            (Some(select), _) => {
                let exprs = self.insert_select(select, rows_of_rule)?;
                self.insert_row(exprs, &columns, &target, Indirection::Keep)?
            }
            (None, Some(select)) => match select.values_lists.as_slice() {
                [row] => self.insert_one_row(row, &columns, &target)?,
                rows => self.insert_rows(rows, &columns, &target)?,
            },
            (None, None) => Vec::new(),
        };
        let (targets, numbers) = columns.targets(exprs);
        if insert.on_conflict_clause.is_some() || insert.returning_clause.is_some() {
            self.level_mut().namespace = vec![target.item.clone()];
        }
        let conflict = insert.on_conflict_clause.as_deref();
        let on_conflict = conflict.map(|clause| self.on_conflict(clause, &target)).transpose()?;
        let returning = self.returning(insert.returning_clause.as_ref(), &target, ExpressionKind::Returning)?;
        let modification = Modification {
            columns: numbers,
            overriding: overriding(insert.r#override()),
            on_conflict,
            ..Modification::new(Command::Insert, target.entry(), returning)
        };
        let mut query = Query { targets, modification: Some(Box::new(modification)), ..Query::default() };
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// `checkInsertTargets`
    pub(super) fn columns_to_insert(
        &self,
        target: &TargetTable<'a>,
        named: &'a [ast::Node],
    ) -> Outcome<InsertColumns<'a>> {
        Ok(InsertColumns { columns: self.insert_columns(target, named)?, named: !named.is_empty() })
    }

    /// The columns of a SELECT that gives the rows. Literals whose type is not known become the columns'.
    fn insert_select(&mut self, select: &'a ast::SelectStmt, rows_of_rule: Level<'a>) -> Outcome<Vec<Expr>> {
        let level = Level { unknowns: Unknowns::Stay, ..rows_of_rule };
        self.levels.push(level);
        let query = self.select_statement(select);
        self.levels.pop();
        let query = query?;
        let columns = self.output_columns(&query);
        let outputs: Vec<Expr> = query.outputs().map(|target| target.expr.clone()).collect();
        let entry = RangeTableEntry {
            name: "*SELECT*".to_owned(),
            columns: columns.clone().into(),
            kind: RangeTableKind::Subquery(Box::new(query)),
            lateral: false,
            location: None,
        };
        let relation = self.level().range_table.len();
        let result = self.add_entry(entry);
        self.level_mut().from.push(result.item);
        Ok((1i16..)
            .zip(columns)
            .zip(outputs)
            .map(|((column, output), expr)| match &*expr.node {
                ExprNode::Const { type_: oids::UNKNOWN, .. } => expr,
                _ => {
                    let RowColumn { type_, typmod, collation, .. } = output;
                    let var = Var { relation, column, levels_up: 0, type_, typmod, collation };
                    Expr::new(ExprNode::Var(var), super::expression::start(&expr))
                }
            })
            .collect())
    }

    /// VALUES with one row.
    pub(super) fn insert_one_row(
        &mut self,
        row: &'a ast::Node,
        columns: &InsertColumns<'a>,
        target: &TargetTable<'a>,
    ) -> Outcome<Vec<Expr>> {
        let NodeEnum::List(list) = node(row)? else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "VALUES needs rows", None));
        };
        self.insert_values(&list.items, columns, target)
    }

    /// The values of one row.
    pub(super) fn insert_values(
        &mut self,
        values: &'a [ast::Node],
        columns: &InsertColumns<'a>,
        target: &TargetTable<'a>,
    ) -> Outcome<Vec<Expr>> {
        let exprs = self.values_or_defaults(values, ExpressionKind::ValuesSingle)?;
        self.insert_row(exprs, columns, target, Indirection::Keep)
    }

    /// VALUES with several rows.
    fn insert_rows(
        &mut self,
        raw: &'a [ast::Node],
        columns: &InsertColumns<'a>,
        target: &TargetTable<'a>,
    ) -> Outcome<Vec<Expr>> {
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        for row in raw {
            let NodeEnum::List(list) = node(row)? else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "VALUES needs rows", None));
            };
            let row = self.values_or_defaults(&list.items, ExpressionKind::Values)?;
            if rows.first().is_some_and(|first| first.len() != row.len()) {
                let location = row.iter().find_map(super::expression::start);
                let message = "the rows of VALUES must all be of the same length";
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, location));
            }
            let mut row = self.insert_row(row, columns, target, Indirection::Strip)?;
            for value in &mut row {
                self.assign_collations(value)?;
            }
            rows.push(row);
        }
        let first = rows.first().map_or(&[][..], Vec::as_slice);
        let shown: Vec<RowColumn> = (1..)
            .zip(first)
            .map(|(number, value)| RowColumn {
                name: format!("column{number}"),
                type_: self.type_of(value),
                typmod: self.typmod_of(value),
                collation: Oid::INVALID,
            })
            .collect();
        let places: Vec<Location> = first.iter().map(super::expression::start).collect();
        let relation = self.level().range_table.len();
        let vars = (1i16..).zip(&shown).zip(places).map(|((column, shown), location)| {
            let (type_, typmod, collation) = (shown.type_, shown.typmod, shown.collation);
            Expr::new(ExprNode::Var(Var { relation, column, levels_up: 0, type_, typmod, collation }), location)
        });
        let vars = vars.collect();
        let (columns_of_rows, kind) = (shown.into(), RangeTableKind::Values(rows));
        let name = "*VALUES*".to_owned();
        let entry = RangeTableEntry { name, columns: columns_of_rows, kind, lateral: false, location: None };
        let result = self.add_entry(entry);
        self.level_mut().from.push(result.item);
        self.insert_row(vars, columns, target, Indirection::Keep)
    }

    /// `transformInsertRow`
    fn insert_row(
        &mut self,
        exprs: Vec<Expr>,
        columns: &InsertColumns<'a>,
        target: &TargetTable<'a>,
        indirection: Indirection,
    ) -> Outcome<Vec<Expr>> {
        let wanted = columns.columns.len();
        if let Some(extra) = exprs.get(wanted) {
            let message = format!("INSERT gives {} values for {wanted} columns", exprs.len());
            return Err(Failure::new(SqlState::SYNTAX_ERROR, message, super::expression::start(extra)));
        }
        if let Some(missing) = columns.columns.get(exprs.len()).filter(|_| columns.named) {
            let message = format!("INSERT names {wanted} columns, but gives {}", counted_values(exprs.len()));
            let failure = Failure::new(SqlState::SYNTAX_ERROR, message, missing.location);
            let one_row = exprs.len() == 1 && self.row_width(&exprs[0]) == Some(wanted);
            return Err(match one_row {
                true => failure.help("the value is a row: take the brackets around it away"),
                false => failure,
            });
        }
        let kind = ExpressionKind::InsertTarget;
        let mut assigned = Vec::with_capacity(exprs.len());
        for (expr, column) in exprs.into_iter().zip(&columns.columns) {
            let value = self.assign(expr, kind, target, *column, RowBefore::New)?;
            assigned.push(if indirection == Indirection::Strip { stripped(value) } else { value });
        }
        Ok(assigned)
    }

    /// How many columns a row has, where a value is one (`count_rowexpr_columns`).
    fn row_width(&self, expr: &Expr) -> Option<usize> {
        match &*expr.node {
            ExprNode::Row { args, .. } => Some(args.len()),
            ExprNode::Var(var) if var.levels_up == 0 && var.type_ == oids::RECORD => {
                let entry = self.level().range_table.get(var.relation)?;
                let RangeTableKind::Subquery(query) = &entry.kind else { return None };
                let output = query.outputs().nth(usize::try_from(var.column).ok()?.checked_sub(1)?)?;
                match &*output.expr.node {
                    ExprNode::Row { args, .. } => Some(args.len()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `transformExpressionList`, where DEFAULT may stand for a value.
    pub(super) fn values_or_defaults(&mut self, list: &'a [ast::Node], kind: ExpressionKind) -> Outcome<Vec<Expr>> {
        self.expression_list_of(list, kind, Self::value_or_default)
    }

    /// An expression, or DEFAULT, which becomes of a type when it is known where it goes.
    pub(super) fn value_or_default(&mut self, value: &'a NodeEnum, kind: ExpressionKind) -> Outcome<Expr> {
        match value {
            NodeEnum::SetToDefault(default) => {
                let (type_, collation) = (Oid::INVALID, Oid::INVALID);
                let node = ExprNode::SetToDefault { type_, typmod: -1, collation };
                Ok(Expr::new(node, place(default.location)))
            }
            value => self.expression(value, kind),
        }
    }
}

impl InsertColumns<'_> {
    /// The values under the names of their columns, and the columns' numbers.
    pub(super) fn targets(&self, exprs: Vec<Expr>) -> (Vec<Target>, Vec<i16>) {
        let target = |(expr, column): (Expr, &Assigned<'_>)| {
            (Target { name: column.name.to_owned(), expr, sort_group: 0, junk: false }, column.number)
        };
        exprs.into_iter().zip(&self.columns).map(target).unzip()
    }
}

/// `OVERRIDING …`
pub(super) fn overriding(kind: ast::OverridingKind) -> Overriding {
    match kind {
        ast::OverridingKind::OverridingUserValue => Overriding::UserValue,
        ast::OverridingKind::OverridingSystemValue => Overriding::SystemValue,
        _ => Overriding::Nothing,
    }
}

/// A source that is more than VALUES is a query of its own.
fn is_general(select: &ast::SelectStmt) -> bool {
    select.values_lists.is_empty()
        || !select.sort_clause.is_empty()
        || select.limit_offset.is_some()
        || select.limit_count.is_some()
        || !select.locking_clause.is_empty()
        || select.with_clause.is_some()
}

/// What is assigned to a part of a column (`transformInsertRow`): below a check of the column's domain, too.
fn stripped(value: Expr) -> Expr {
    let location = value.location;
    match *value.node {
        ExprNode::CoerceToDomain { arg, .. } if assigns_part(&arg) => stripped(arg),
        ExprNode::FieldStore { value, .. } => stripped(value),
        ExprNode::Subscript(mut subscript) => match subscript.assigned.take() {
            Some(assigned) => stripped(assigned),
            None => Expr::new(ExprNode::Subscript(subscript), location),
        },
        other => Expr::new(other, location),
    }
}

fn assigns_part(value: &Expr) -> bool {
    match &*value.node {
        ExprNode::FieldStore { .. } => true,
        ExprNode::Subscript(subscript) => subscript.assigned.is_some(),
        ExprNode::CoerceToDomain { arg, .. } => assigns_part(arg),
        _ => false,
    }
}

/// `1 value`, `2 values`.
fn counted_values(count: usize) -> String {
    match count {
        1 => "1 value".to_owned(),
        count => format!("{count} values"),
    }
}
