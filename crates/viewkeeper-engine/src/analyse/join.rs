//! Joins: ON, USING, NATURAL, merged columns, aliases.

use std::sync::Arc;

use super::from::{FromResult, alias_columns, set_lateral};
use super::scope::{ColumnTarget, NamespaceColumn, NamespaceItem, check_conflicts};
use super::syntax::{names, optional, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::resolve::{Failure, ObjectName};
use crate::tree::{
    BoolOperation, CallForm, Expr, ExprNode, FromItem, Join, JoinKind, RangeTableEntry, RangeTableKind, RowColumn,
};

/// A column of the join under construction.
struct JoinColumn {
    name: String,
    is: JoinedColumn,
}

/// What a column of a join is.
enum JoinedColumn {
    /// A column of one side.
    Of(ColumnTarget),
    /// A merged column: the expression over the two sides, and the column that it is, if only one.
    Merged(Expr, Option<ColumnTarget>),
}

impl JoinedColumn {
    /// `None` for a merged column that only the join's own entry can stand for.
    fn target(&self) -> Option<ColumnTarget> {
        match self {
            Self::Of(target) => Some(*target),
            Self::Merged(_, target) => *target,
        }
    }

    fn into_expr(self) -> Expr {
        match self {
            Self::Of(target) => target.var(0, None),
            Self::Merged(expr, _) => expr,
        }
    }
}

impl<'a> Analyser<'a> {
    /// The JoinExpr branch of `transformFromClauseItem`.
    pub(super) fn join(&mut self, join: &'a ast::JoinExpr) -> Outcome<FromResult> {
        let kind = match join.jointype() {
            ast::JoinType::JoinInner => JoinKind::Inner,
            ast::JoinType::JoinLeft => JoinKind::Left,
            ast::JoinType::JoinRight => JoinKind::Right,
            ast::JoinType::JoinFull => JoinKind::Full,
            _ => return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "this kind of join is not supported", None)),
        };
        let FromResult { item: left, namespace: mut left_names } =
            self.add_from_item(required(join.larg.as_deref())?)?;
        set_lateral(&mut left_names, true, matches!(kind, JoinKind::Inner | JoinKind::Left));

        // The right side may refer to the left one laterally.
        let visible = self.level().namespace.len();
        self.level_mut().namespace.extend(left_names);
        let right = self.add_from_item(required(join.rarg.as_deref())?)?;
        let mut left_names = self.level_mut().namespace.split_off(visible);
        let FromResult { item: right, namespace: right_names } = right;
        check_conflicts(&left_names, &right_names)?;

        let (Some(left_item), Some(right_item)) = (left_names.last().cloned(), right_names.last().cloned()) else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a join needs two sides", None));
        };
        left_names.extend(right_names);
        let mut namespace = left_names;

        let using: Vec<String> = if join.is_natural {
            natural_columns(&left_item, &right_item)
        } else {
            names(&join.using_clause).into_iter().map(str::to_owned).collect()
        };
        let mut columns = Vec::new();
        let mut used_left = Vec::new();
        let mut used_right = Vec::new();
        let condition = if using.is_empty() {
            match optional(join.quals.as_deref()) {
                None => None,
                Some(quals) => {
                    set_lateral(&mut namespace, false, true);
                    let outer = std::mem::replace(&mut self.level_mut().namespace, namespace);
                    let condition = self.condition(quals, ExpressionKind::JoinOn, "JOIN/ON");
                    namespace = std::mem::replace(&mut self.level_mut().namespace, outer);
                    Some(condition?)
                }
            }
        } else {
            // The words of USING have no place of their own in the parse tree; what they join has.
            let location = self.level().range_table.get(right_item.entry).and_then(|entry| entry.location);
            let mut pairs: Vec<(&String, ColumnTarget, ColumnTarget)> = Vec::new();
            for name in &using {
                if pairs.iter().any(|(other, ..)| *other == name) {
                    return Err(Failure::new(
                        SqlState::DUPLICATE_COLUMN,
                        format!("the column `{name}` is more than once in USING"),
                        None,
                    ));
                }
                let left_index = using_column(&left_item, name, "left").map_err(|failure| failure.or_at(location))?;
                let right_index =
                    using_column(&right_item, name, "right").map_err(|failure| failure.or_at(location))?;
                let (Some(left_column), Some(right_column)) = (left_index.1, right_index.1) else {
                    return Err(no_using_column(name, "joined"));
                };
                used_left.push(left_index.0);
                used_right.push(right_index.0);
                if self.version() < ServerVersion::V16 {
                    columns.push(self.merged_column(name, kind, left_column, right_column)?);
                }
                pairs.push((name, left_column, right_column));
            }
            let sides = pairs.iter().map(|(_, left, right)| (left.var(0, None), right.var(0, None))).collect();
            let condition = self.using_condition(sides).map_err(|failure| failure.or_at(location))?;
            // From 16 on the condition is made first, which shows in what is refused.
            if self.version() >= ServerVersion::V16 {
                for (name, left, right) in pairs {
                    columns.push(self.merged_column(name, kind, left, right)?);
                }
            }
            Some(condition)
        };
        let merged = columns.len();
        columns.extend(remaining(&left_item, &used_left));
        columns.extend(remaining(&right_item, &used_right));

        let index = self.level().range_table.len();
        let alias = join.alias.as_ref();
        let own = columns.iter().map(|column| self.row_column(column)).collect();
        let name = alias.map_or_else(String::new, |alias| alias.aliasname.clone());
        let row = alias_columns(&format!("the join `{name}`"), alias, own, None)?;
        let targets: Vec<NamespaceColumn> = (1i16..)
            .zip(columns.iter().zip(row.iter()))
            .map(|(number, (column, row))| NamespaceColumn {
                target: Some(column.is.target().unwrap_or(ColumnTarget {
                    relation: index,
                    column: number,
                    type_: row.type_,
                    typmod: row.typmod,
                    collation: row.collation,
                })),
                hidden_from_star: false,
            })
            .collect();
        let column_names = row.iter().map(|column| column.name.clone()).collect();
        let mut item = NamespaceItem::new(index, name.clone(), column_names, targets.clone());
        item.relation_visible = alias.is_some();
        // Without an alias nothing can name the others by the join.
        let named = if alias.is_some() { columns.len() } else { merged };
        // Not `collect`, which would keep the room of all.
        let mut aliased = Vec::with_capacity(named);
        aliased.extend(columns.into_iter().take(named).map(|column| column.is.into_expr()));
        self.level_mut().range_table.push(RangeTableEntry {
            name,
            columns: row.get(..named).map(Arc::from).unwrap_or_default(),
            kind: RangeTableKind::Join { join: kind, merged, aliased },
            lateral: false,
            location: None,
        });

        if let Some(using_alias) = &join.join_using_alias {
            let merged_targets = targets.into_iter().take(merged).collect();
            let mut alias_item = NamespaceItem::new(index, using_alias.aliasname.clone(), using, merged_targets);
            alias_item.using_alias = true;
            check_conflicts(std::slice::from_ref(&alias_item), &namespace)?;
            namespace.push(alias_item);
        }
        if alias.is_some() {
            namespace.clear();
        } else {
            for inner in &mut namespace {
                inner.columns_visible = false;
            }
        }
        namespace.push(item);
        let item = FromItem::Join(Box::new(Join { entry: index, kind, left, right, condition }));
        Ok(FromResult { item, namespace })
    }

    /// `transformJoinUsingClause`
    fn using_condition(&mut self, pairs: Vec<(Expr, Expr)>) -> Outcome<Expr> {
        let mut equalities = Vec::new();
        for (left, right) in pairs {
            let equality = self.operator(&ObjectName::bare("="), Some(left), right, None)?;
            equalities.push(self.to_boolean(equality, "JOIN/USING")?);
        }
        match equalities.len() {
            1 => Ok(equalities.remove(0)),
            _ => Ok(Expr::new(ExprNode::Bool { operation: BoolOperation::And, args: equalities }, None)),
        }
    }

    /// `buildMergedJoinVar`
    fn merged_column(
        &mut self,
        name: &str,
        kind: JoinKind,
        left: ColumnTarget,
        right: ColumnTarget,
    ) -> Outcome<JoinColumn> {
        let both = [left.var(0, None), right.var(0, None)];
        let type_ = self.common_type(&both, "JOIN/USING")?;
        let typmod = self.common_typmod(&both, type_);
        let [left_var, right_var] = both;
        let left_expr = self.merge_side(left_var, type_, typmod)?;
        let right_expr = self.merge_side(right_var, type_, typmod)?;
        let is_var = |expr: &Expr| matches!(*expr.node, ExprNode::Var(_));
        let mut aliased = match kind {
            JoinKind::Inner if !is_var(&left_expr) && is_var(&right_expr) => right_expr,
            JoinKind::Inner | JoinKind::Left => left_expr,
            JoinKind::Right => right_expr,
            JoinKind::Full => Expr::new(
                ExprNode::Coalesce { type_, collation: Oid::INVALID, args: vec![left_expr, right_expr] },
                None,
            ),
        };
        self.assign_collations(&mut aliased)?;
        let target = match &*aliased.node {
            ExprNode::Var(var) if (var.relation, var.column) == (left.relation, left.column) => Some(left),
            ExprNode::Var(_) => Some(right),
            _ => None,
        };
        Ok(JoinColumn { name: name.to_owned(), is: JoinedColumn::Merged(aliased, target) })
    }

    fn row_column(&self, column: &JoinColumn) -> RowColumn {
        let name = column.name.clone();
        match &column.is {
            JoinedColumn::Of(ColumnTarget { type_, typmod, collation, .. }) => {
                RowColumn { name, type_: *type_, typmod: *typmod, collation: *collation }
            }
            JoinedColumn::Merged(expr, _) => RowColumn {
                name,
                type_: self.type_of(expr),
                typmod: self.typmod_of(expr),
                collation: self.collation_of(expr),
            },
        }
    }

    fn merge_side(&mut self, var: Expr, type_: Oid, typmod: i32) -> Outcome<Expr> {
        if self.type_of(&var) != type_ {
            return self.coerce_implicitly(var, type_, typmod);
        }
        if self.typmod_of(&var) != typmod {
            let form = CallForm::ImplicitCast;
            return Ok(Expr::new(ExprNode::Relabel { arg: var, type_, typmod, collation: Oid::INVALID, form }, None));
        }
        Ok(var)
    }
}

/// The columns that NATURAL merges, in the order of the left side.
fn natural_columns(left: &NamespaceItem, right: &NamespaceItem) -> Vec<String> {
    left.names.iter().filter(|name| !name.is_empty() && right.names.contains(name)).cloned().collect()
}

/// The column of one side that USING names.
fn using_column(item: &NamespaceItem, name: &str, side: &str) -> Outcome<(usize, Option<ColumnTarget>)> {
    let mut matches = item.names.iter().enumerate().filter(|(_, candidate)| *candidate == name);
    let Some((index, _)) = matches.next() else { return Err(no_using_column(name, side)) };
    if matches.next().is_some() {
        return Err(Failure::new(
            SqlState::AMBIGUOUS_COLUMN,
            format!("the column `{name}` of USING is more than once in the {side} table"),
            None,
        ));
    }
    Ok((index, item.columns.get(index).and_then(|column| column.target)))
}

fn no_using_column(name: &str, side: &str) -> Failure {
    Failure::new(SqlState::UNDEFINED_COLUMN, format!("the column `{name}` of USING is not in the {side} table"), None)
}

/// The columns of one side that are not merged (`extractRemainingColumns`).
fn remaining<'n>(item: &'n NamespaceItem, used: &'n [usize]) -> impl Iterator<Item = JoinColumn> + 'n {
    item.names.iter().zip(item.columns.iter()).enumerate().filter_map(|(index, (name, column))| {
        let target = column.target.filter(|_| !name.is_empty() && !used.contains(&index))?;
        Some(JoinColumn { name: name.clone(), is: JoinedColumn::Of(target) })
    })
}
