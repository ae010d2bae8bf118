//! Whether two queries are the same but for the names that a rename changed.

use std::sync::Arc;

use super::Followed;
use crate::tree::{ChildMut, Expr, ExprNode, JoinAliases, Query, RangeTableKind};

/// Whether two trees are the same but for the names that the rename changed.
pub(super) fn same(what: &Followed, old: &Query, new: &Query) -> bool {
    let (mut old, mut new) = (old.clone(), new.clone());
    for tree in [&mut old, &mut new] {
        nameless(what, tree, Level::Top);
    }
    old == new
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Below,
}

fn nameless(what: &Followed, query: &mut Query, level: Level) {
    for entry in &mut query.range_table {
        match entry.kind {
            // They are called what they are.
            RangeTableKind::Relation { .. } | RangeTableKind::Join { .. } => {
                entry.name.clear();
                Arc::make_mut(&mut entry.columns).iter_mut().for_each(|column| column.name.clear());
            }
            _ => {}
        }
    }
    for target in &mut query.targets {
        // The columns of the view are compared by themselves.
        if level == Level::Top || target.junk {
            target.name.clear();
        }
    }
    query.query_children_mut(JoinAliases::Visit, &mut |child| match child {
        ChildMut::Expr(expr) => nameless_expression(what, expr),
        ChildMut::Query(query) => nameless(what, query, Level::Below),
    });
}

fn nameless_expression(what: &Followed, expr: &mut Expr) {
    if let (Followed::Value(wanted, old, new), ExprNode::Const { type_, value: Some(value), .. }) =
        (what, &mut *expr.node)
        && type_ == wanted
        && value == old
    {
        value.clone_from(new);
    }
    expr.children_mut(&mut |child| match child {
        ChildMut::Expr(expr) => nameless_expression(what, expr),
        ChildMut::Query(query) => nameless(what, query, Level::Below),
    });
}
