//! UNION, INTERSECT, EXCEPT: the leaves are sub-queries whose unknown columns wait for the common type.

use std::sync::Arc;

use super::collation::Conflict;
use super::syntax::first_location;
use super::{Analyser, ExpressionKind, Outcome, Unknowns};
use crate::catalog::oids;
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::resolve::{Failure, place};
use crate::tree::{
    Expr, ExprNode, Location, Query, RangeTableEntry, RangeTableKind, RowColumn, SetOperand, SetOperation,
    SetOperationKind, Target, Var,
};

/// One column of an operand: what it is, and the leaf's target when an unknown literal there waits for its type.
struct OperandColumn {
    expr: Expr,
    /// The sub-query in the range table and the place among its targets; only leaves have one.
    leaf: Option<(usize, usize)>,
}

/// Where an operation stands in the tree of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Inner,
}

impl<'a> Analyser<'a> {
    /// `transformSetOperationStmt`
    pub(super) fn set_operation(&mut self, select: &'a ast::SelectStmt) -> Outcome<Query> {
        let mut query = Query::default();
        if !select.locking_clause.is_empty() {
            return Err(no_locking(select));
        }
        if let Some(with) = &select.with_clause {
            self.with_clause(with)?;
        }
        let (operand, _) = self.operand(select, Place::Top)?;
        let SetOperand::Operation(operation) = operand else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a set operation needs two operands", None));
        };
        let leftmost = leftmost_leaf(&operation.left);
        let names = self.leaf_names(leftmost);
        let columns: Vec<RowColumn> = operation
            .columns
            .iter()
            .zip(names)
            .map(|(column, (name, _))| RowColumn { name, ..column.clone() })
            .collect();
        let locations = self.leaf_names(leftmost).into_iter().map(|(_, location)| location);
        query.targets = (1i16..)
            .zip(columns.iter().zip(locations))
            .map(|(number, (column, location))| Target {
                name: column.name.clone(),
                expr: column_var(leftmost, number, column, location),
                sort_group: 0,
                junk: false,
            })
            .collect();

        // ORDER BY sees the output columns and nothing else, and may not add any.
        let width = query.targets.len();
        let item = self.output_namespace(&columns, leftmost);
        let namespace = std::mem::replace(&mut self.level_mut().namespace, vec![item]);
        query.sort = self.sort_clause(&select.sort_clause, &mut query.targets, ExpressionKind::OrderBy)?;
        self.level_mut().namespace = namespace;
        if let Some(added) = query.targets.get(width) {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "ORDER BY of a UNION, INTERSECT or EXCEPT can only use names and numbers of output columns",
                added.expr.location,
            )
            .help("add the expression to every SELECT, or move the set operation into a sub-query of FROM"));
        }
        self.limit_clauses(select, &mut query)?;
        self.finish(&mut query);
        query.set_operation = Some(Box::new(SetOperation { columns, ..*operation }));
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// `transformSetOperationTree`. The left spine is walked in a loop, so that a thousand arms do not recurse.
    fn operand(&mut self, select: &'a ast::SelectStmt, place: Place) -> Outcome<(SetOperand, Vec<OperandColumn>)> {
        if place == Place::Inner && is_leaf(select) {
            return self.leaf(select);
        }
        // From the top down to the first leaf on the left.
        let mut spine = vec![select];
        let mut left = select.larg.as_deref();
        while let Some(operand) = left.filter(|operand| !is_leaf(operand)) {
            spine.push(operand);
            left = operand.larg.as_deref();
        }
        let Some(first) = left else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a set operation needs two operands", None));
        };
        let (mut operand, mut columns) = self.leaf(first)?;
        for (depth, operation) in spine.into_iter().enumerate().rev() {
            let top = depth == 0 && place == Place::Top;
            (operand, columns) = self.operation(operation, operand, columns, top)?;
        }
        Ok((operand, columns))
    }

    fn leaf(&mut self, select: &'a ast::SelectStmt) -> Outcome<(SetOperand, Vec<OperandColumn>)> {
        if let Some(into) = &select.into_clause {
            let location = into.rel.as_ref().and_then(|relation| place(relation.location));
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "SELECT INTO is not allowed here", location));
        }
        let query = self.sub_query(select, Unknowns::Stay, None)?;
        // Only OLD and NEW of a rule are there to be read.
        if let Some(location) = super::aggregate::variable_in_query(&query, 1) {
            let message = "a member of UNION, INTERSECT or EXCEPT cannot read other items of its own query level";
            return Err(Failure::new(SqlState::INVALID_COLUMN_REFERENCE, message, location));
        }
        let index = self.level().range_table.len();
        let columns = query
            .targets
            .iter()
            .enumerate()
            .filter(|(_, target)| !target.junk)
            .map(|(place, target)| OperandColumn { expr: target.expr.clone(), leaf: Some((index, place)) })
            .collect();
        let entry = RangeTableEntry {
            name: format!("*SELECT* {}", index + 1),
            columns: self.output_columns(&query).into(),
            kind: RangeTableKind::Subquery(Box::new(query)),
            lateral: false,
            location: first_location(select),
        };
        self.level_mut().range_table.push(entry);
        Ok((SetOperand::Entry(index), columns))
    }

    fn operation(
        &mut self,
        select: &'a ast::SelectStmt,
        left: SetOperand,
        left_columns: Vec<OperandColumn>,
        top: bool,
    ) -> Outcome<(SetOperand, Vec<OperandColumn>)> {
        let (kind, context) = match select.op() {
            ast::SetOperation::SetopUnion => (SetOperationKind::Union, "UNION"),
            ast::SetOperation::SetopIntersect => (SetOperationKind::Intersect, "INTERSECT"),
            _ => (SetOperationKind::Except, "EXCEPT"),
        };
        let recursive = self.level().parent_cte.filter(|parent| parent.recursive);
        if top && let Some(parent) = recursive {
            self.fix_recursive_columns(parent, leftmost_leaf(&left), left_columns.iter().map(|column| &column.expr))?;
        }
        let Some(right) = select.rarg.as_deref() else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a set operation needs two operands", None));
        };
        let (right, right_columns) = self.operand(right, Place::Inner)?;
        if left_columns.len() != right_columns.len() {
            let location = right_columns.first().and_then(|column| column.expr.location);
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!(
                    "both sides of {context} must have the same number of columns, not {} and {}",
                    left_columns.len(),
                    right_columns.len()
                ),
                location,
            ));
        }
        let mut columns = Vec::new();
        let mut outputs = Vec::new();
        for (left, right) in left_columns.into_iter().zip(right_columns) {
            let column = self.common_column(left, right, context, kind, select.all, recursive.is_some())?;
            // A stand-in for further operations: it has a type and no value (`SetToDefault` in PostgreSQL).
            let RowColumn { type_, typmod, collation, .. } = column.0;
            let stand_in = ExprNode::CaseTest { type_, typmod, collation };
            outputs.push(OperandColumn { expr: Expr::new(stand_in, column.1), leaf: None });
            columns.push(column.0);
        }
        let operation = SetOperation { kind, all: select.all, left, right, columns };
        Ok((SetOperand::Operation(Box::new(operation)), outputs))
    }

    /// The result column of two operand columns.
    fn common_column(
        &mut self,
        left: OperandColumn,
        right: OperandColumn,
        context: &str,
        kind: SetOperationKind,
        all: bool,
        recursive: bool,
    ) -> Outcome<(RowColumn, Location)> {
        let both = [left.expr, right.expr];
        let type_ = self.common_type(&both, context)?;
        let location = both.iter().find(|expr| self.type_of(expr) == type_).unwrap_or(&both[0]).location;
        let mut coerced = Vec::new();
        for (expr, leaf) in both.into_iter().zip([left.leaf, right.leaf]) {
            let constant = matches!(*expr.node, ExprNode::Const { .. } | ExprNode::Param { .. });
            if self.type_of(&expr) != oids::UNKNOWN {
                coerced.push(self.to_common_type(expr, type_, context)?);
            } else if constant {
                let expr = self.to_common_type(expr, type_, context)?;
                self.replace_leaf_target(leaf, &expr);
                coerced.push(expr);
            } else {
                coerced.push(expr);
            }
        }
        let typmod = self.common_typmod(&coerced, type_);
        let conflict = if kind == SetOperationKind::Union && all { Conflict::Allowed } else { Conflict::Refused };
        let collation = self.common_collation(coerced.iter_mut(), conflict)?;
        if !(kind == SetOperationKind::Union && all) {
            self.require_equality(type_, location, recursive)?;
        }
        Ok((RowColumn { name: String::new(), type_, typmod, collation }, location))
    }

    /// An unknown literal of a leaf gets the type that the operation chose.
    fn replace_leaf_target(&mut self, leaf: Option<(usize, usize)>, expr: &Expr) {
        let Some((entry, place)) = leaf else { return };
        let column = RowColumn {
            name: String::new(),
            type_: self.type_of(expr),
            typmod: self.typmod_of(expr),
            collation: self.collation_of(expr),
        };
        let Some(entry) = self.level_mut().range_table.get_mut(entry) else { return };
        let RangeTableKind::Subquery(query) = &mut entry.kind else { return };
        let number = query.targets.iter().take(place).filter(|target| !target.junk).count();
        if let Some(target) = query.targets.get_mut(place) {
            target.expr = expr.clone();
        }
        if let Some(shown) = Arc::make_mut(&mut entry.columns).get_mut(number) {
            let name = std::mem::take(&mut shown.name);
            *shown = RowColumn { name, ..column };
        }
    }

    /// Output names and places of a leaf.
    pub(super) fn leaf_names(&self, entry: usize) -> Vec<(String, Location)> {
        match self.level().range_table.get(entry).map(|entry| &entry.kind) {
            Some(RangeTableKind::Subquery(query)) => query
                .targets
                .iter()
                .filter(|target| !target.junk)
                .map(|target| (target.name.clone(), target.expr.location))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A column of a leaf, as an expression.
fn column_var(relation: usize, column: i16, row: &RowColumn, location: Location) -> Expr {
    let RowColumn { type_, typmod, collation, .. } = *row;
    Expr::new(ExprNode::Var(Var { relation, column, levels_up: 0, type_, typmod, collation }), location)
}

/// An operation with clauses of its own is a leaf too.
fn is_leaf(select: &ast::SelectStmt) -> bool {
    select.op() == ast::SetOperation::SetopNone
        || !select.sort_clause.is_empty()
        || select.limit_offset.is_some()
        || select.limit_count.is_some()
        || !select.locking_clause.is_empty()
        || select.with_clause.is_some()
}

/// The entry of the first SELECT.
pub(super) fn leftmost_leaf(mut operand: &SetOperand) -> usize {
    loop {
        match operand {
            SetOperand::Entry(entry) => return *entry,
            SetOperand::Operation(operation) => operand = &operation.left,
        }
    }
}

fn no_locking(select: &ast::SelectStmt) -> Failure {
    Failure::new(
        SqlState::FEATURE_NOT_SUPPORTED,
        "FOR UPDATE and its like are not allowed with UNION, INTERSECT or EXCEPT",
        first_location(select),
    )
}
