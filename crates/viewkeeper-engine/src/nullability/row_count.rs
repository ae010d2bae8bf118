//! How many rows a query or a part of FROM surely gives: one, at least one, or none. What the rows hold is no matter here.

use super::condition;
use super::constant::{self, is_taken};
use super::level::{is_grouped, target_sets};
use crate::catalog::{Catalog, RelationKind};
use crate::tree::{CallForm, Expr, ExprNode, FromItem, JoinKind, Query, RangeTableKind};

/// Whether a limit is a constant that lets a row through.
fn is_positive(limit: &Expr) -> bool {
    match &*limit.node {
        ExprNode::Const { value: Some(count), .. } => count.parse::<u64>().is_ok_and(|count| count > 0),
        ExprNode::Function { form: CallForm::ImplicitCast, args, .. } => args.first().is_some_and(is_positive),
        _ => false,
    }
}

/// Whether a query surely gives exactly one row.
pub(super) fn gives_one_row(query: &Query) -> bool {
    let limited = query.offset.is_some() || query.limit.as_ref().is_some_and(|limit| !is_positive(limit));
    if limited || query.having.is_some() || query.set_operation.is_some() || target_sets(query) > 0 {
        return false;
    }
    if !query.group_by.is_empty() {
        return false;
    }
    let aggregates = query.targets.iter().any(|target| {
        target.expr.any(&mut |node| matches!(&*node.node, ExprNode::Aggregate(call) if call.levels_up == 0))
    });
    match query.grouping_sets.as_slice() {
        [] if aggregates => return true,
        [set] if set.is_empty() => return true,
        [] => {}
        _ => return false,
    }
    if query.has_aggregates || query.filter.is_some() {
        return false;
    }
    match query.from.as_slice() {
        [] => true,
        [FromItem::Entry(entry)] => match query.range_table.get(*entry).map(|entry| &entry.kind) {
            Some(RangeTableKind::Values(rows)) => rows.len() == 1,
            Some(RangeTableKind::Subquery(query)) => gives_one_row(query),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a part of FROM surely gives at least one row, for each row of what it is LATERAL to.
pub(super) fn gives_rows(catalog: &Catalog, query: &Query, item: &FromItem) -> bool {
    match item {
        FromItem::Entry(entry) => match query.range_table.get(*entry).map(|entry| &entry.kind) {
            Some(RangeTableKind::Subquery(inner)) => gives_one_row(inner),
            Some(RangeTableKind::Values(rows)) => !rows.is_empty(),
            Some(RangeTableKind::Cte { name, levels_up: 0, .. }) => {
                let cte = query.ctes.iter().find(|cte| cte.name == *name);
                cte.is_some_and(|cte| !cte.recursive && gives_one_row(&cte.query))
            }
            Some(RangeTableKind::Relation { relation, .. }) => {
                let view = catalog.relation(*relation).filter(|row| row.kind == RelationKind::View);
                let tree = view.and_then(|row| row.view.as_ref()?.tree.as_deref());
                tree.is_some_and(gives_one_row)
            }
            _ => false,
        },
        FromItem::Join(join) => {
            let matches = join.condition.as_ref().and_then(|on| condition::constant(catalog, on)) == Some(true);
            match join.kind {
                JoinKind::Inner => {
                    (matches || join.condition.is_none())
                        && gives_rows(catalog, query, &join.left)
                        && gives_rows(catalog, query, &join.right)
                }
                JoinKind::Left => gives_rows(catalog, query, &join.left),
                JoinKind::Right => gives_rows(catalog, query, &join.right),
                JoinKind::Full => gives_rows(catalog, query, &join.left) || gives_rows(catalog, query, &join.right),
            }
        }
    }
}

/// Whether constants alone keep a query from giving a row: in WHERE, HAVING or the condition of an inner join.
pub(super) fn gives_no_row(catalog: &Catalog, query: &Query) -> bool {
    let fails = |condition: &Option<Expr>| {
        let value = condition.as_ref().and_then(|condition| constant::value(catalog, condition, None));
        value.is_some_and(|value| is_taken(&value) == Some(false))
    };
    // An empty group gives a row for no rows, and a grouping set may take constants away.
    let per_row = !is_grouped(query) || (query.grouping_sets.is_empty() && !query.group_by.is_empty());
    let has_no_input =
        || fails(&query.filter) || query.from.iter().any(|item| joins_nothing(catalog, query, item, &fails));
    query.set_operation.is_none()
        && ((query.grouping_sets.is_empty() && fails(&query.having)) || (per_row && has_no_input()))
}

fn joins_nothing(catalog: &Catalog, query: &Query, item: &FromItem, fails: &impl Fn(&Option<Expr>) -> bool) -> bool {
    let join = match item {
        FromItem::Join(join) => join,
        FromItem::Entry(entry) => {
            let kind = query.range_table.get(*entry).map(|entry| &entry.kind);
            return matches!(kind, Some(RangeTableKind::Subquery(inner)) if gives_no_row(catalog, inner));
        }
    };
    let left = || joins_nothing(catalog, query, &join.left, fails);
    let right = || joins_nothing(catalog, query, &join.right, fails);
    match join.kind {
        JoinKind::Inner => fails(&join.condition) || left() || right(),
        JoinKind::Left => left(),
        JoinKind::Right => right(),
        JoinKind::Full => left() && right(),
    }
}
