//! The columns of a `record` value, found by following it to where it was made.

use super::Analyser;
use crate::catalog::oids;
use crate::resolve::ResultShape;
use crate::tree::{Expr, ExprNode, Query, RangeTableKind, RowColumn, Var};

/// The most steps from a reference to where its record was made.
const MAX_STEPS: usize = 1000;

impl<'a> Analyser<'a> {
    /// What columns a value has (`get_expr_result_tupdesc`, `expandRecordVariable`).
    pub(super) fn row_shape(&self, expr: &Expr) -> ResultShape {
        match &*expr.node {
            ExprNode::Var(var) if var.type_ == oids::RECORD => self.record_columns(var),
            _ => self.resolver.result_shape(expr),
        }
    }

    /// `expandRecordVariable`: through sub-queries, joins and WITH queries.
    fn record_columns(&self, var: &Var) -> ResultShape {
        // The levels that are visible from the query under the reference, outermost first; sub-queries that are
        // finished are followed by reference.
        let Some(base) = self.levels.len().checked_sub(var.levels_up + 1) else { return ResultShape::UnknownRow };
        let mut inner: Vec<&Query> = Vec::new();
        let mut outer = base;
        let mut var = var.clone();
        for _ in 0..MAX_STEPS {
            let entries = match inner.last() {
                Some(query) => &query.range_table,
                None => match self.levels.get(outer) {
                    Some(level) => &level.range_table,
                    None => return ResultShape::UnknownRow,
                },
            };
            let Some(entry) = entries.get(var.relation) else { return ResultShape::UnknownRow };
            if var.column == 0 {
                let columns: Vec<RowColumn> =
                    entry.columns.iter().filter(|column| column.type_.is_valid()).cloned().collect();
                return ResultShape::Row { type_: oids::RECORD, columns };
            }
            let Some(index) = usize::try_from(var.column).ok().and_then(|number| number.checked_sub(1)) else {
                return ResultShape::UnknownRow;
            };
            let next: &Expr = match &entry.kind {
                RangeTableKind::Subquery(query) => {
                    let Some(target) = query.outputs().nth(index) else {
                        return ResultShape::UnknownRow;
                    };
                    inner.push(query);
                    &target.expr
                }
                RangeTableKind::Join { aliased, .. } => match aliased.get(index) {
                    Some(aliased) => aliased,
                    None => return ResultShape::UnknownRow,
                },
                RangeTableKind::Cte { name, levels_up, self_reference: false } => {
                    let Some((query, depth)) = self.cte_query(name, *levels_up, &inner, outer) else {
                        return ResultShape::UnknownRow;
                    };
                    let Some(target) = query.outputs().nth(index) else {
                        return ResultShape::UnknownRow;
                    };
                    match depth {
                        Depth::Inner(length) => inner.truncate(length),
                        Depth::Outer(level) => {
                            inner.clear();
                            outer = level;
                        }
                    }
                    inner.push(query);
                    &target.expr
                }
                RangeTableKind::Values(_)
                | RangeTableKind::Relation { .. }
                | RangeTableKind::Functions { .. }
                | RangeTableKind::TableExpression(_)
                | RangeTableKind::Cte { .. } => return ResultShape::UnknownRow,
            };
            match &*next.node {
                ExprNode::Var(next) if next.type_ == oids::RECORD => {
                    // A reference out of the sub-query it stands in.
                    for _ in 0..next.levels_up {
                        if inner.pop().is_none() {
                            match outer.checked_sub(1) {
                                Some(level) => outer = level,
                                None => return ResultShape::UnknownRow,
                            }
                        }
                    }
                    var = next.clone();
                }
                _ => return self.resolver.result_shape(next),
            }
        }
        ResultShape::UnknownRow
    }

    /// The query of a WITH query that is `levels_up` above the innermost query of `inner`, or above the level `outer`.
    fn cte_query<'q>(
        &'q self,
        name: &str,
        levels_up: usize,
        inner: &[&'q Query],
        outer: usize,
    ) -> Option<(&'q Query, Depth)> {
        if let Some(depth) = inner.len().checked_sub(levels_up + 1) {
            let cte = inner.get(depth)?.ctes.iter().find(|cte| cte.name == name)?;
            return Some((&cte.query, Depth::Inner(depth + 1)));
        }
        let level = outer.checked_sub(levels_up - inner.len())?;
        let cte = self.levels.get(level)?.ctes.iter().find(|cte| cte.name == name)?;
        Some((cte.query.as_ref()?, Depth::Outer(level)))
    }
}

/// The query that a WITH query was found in.
enum Depth {
    /// A finished one: so many of them enclose it.
    Inner(usize),
    /// A level under analysis.
    Outer(usize),
}
