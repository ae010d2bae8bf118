//! Which views can be written through without triggers (`view_query_is_auto_updatable` in rewriteHandler.c): a view with a
//! check option must be one.

use super::session::{Outcome, Session};
use crate::catalog::{Catalog, RelationKind};
use crate::diagnostic::SqlState;
use crate::tree::{Distinct, Expr, ExprNode, FromItem, Query, RangeTableKind};

impl Session<'_> {
    /// Refuses a check option on a view that PostgreSQL cannot write through (`DefineView`, `ATExecSetRelOptions`).
    pub(super) fn check_check_option(&self, query: &Query, location: i32) -> Outcome {
        let Some(why) = not_updatable(&self.catalog, query) else { return Ok(()) };
        let message = "WITH CHECK OPTION is supported only on automatically updatable views";
        Err(self
            .error(SqlState::FEATURE_NOT_SUPPORTED, message, location)
            .note(format!("{why} are not automatically updatable"))
            .help("leave the check option out: nothing can be written through this view"))
    }
}

/// Why a view with this query is not automatically updatable; `None` where it is.
pub(super) fn not_updatable(catalog: &Catalog, query: &Query) -> Option<&'static str> {
    let one_table = "views that do not select from a single table or view";
    if query.distinct != Distinct::No {
        return Some("views with DISTINCT");
    }
    if !query.group_by.is_empty() || !query.grouping_sets.is_empty() {
        return Some("views with GROUP BY");
    }
    if query.having.is_some() {
        return Some("views with HAVING");
    }
    if query.set_operation.is_some() {
        return Some("views with UNION, INTERSECT or EXCEPT");
    }
    if !query.ctes.is_empty() {
        return Some("views with WITH");
    }
    if query.limit.is_some() || query.offset.is_some() {
        return Some("views with LIMIT or OFFSET");
    }
    if query.has_aggregates {
        return Some("views that return aggregate functions");
    }
    let any_target = |wanted: fn(&Expr) -> bool| query.targets.iter().any(|target| target.expr.any(&mut |e| wanted(e)));
    if any_target(|node| matches!(&*node.node, ExprNode::WindowFunction(_))) {
        return Some("views that return window functions");
    }
    if any_target(|node| {
        matches!(
            &*node.node,
            ExprNode::Function { returns_set: true, .. } | ExprNode::Operator { returns_set: true, .. }
        )
    }) {
        return Some("views that return set-returning functions");
    }
    let [FromItem::Entry(entry)] = query.from.as_slice() else { return Some(one_table) };
    let Some(RangeTableKind::Relation { relation, .. }) = query.range_table.get(*entry).map(|entry| &entry.kind) else {
        return Some(one_table);
    };
    let kind = catalog.relation(*relation).map(|row| row.kind);
    if !matches!(
        kind,
        Some(RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable | RelationKind::View)
    ) {
        return Some(one_table);
    }
    if !query.samples.is_empty() {
        return Some("views with TABLESAMPLE");
    }
    // `view_col_is_auto_updatable`
    let updatable = query.targets.iter().filter(|target| !target.junk).any(|target| {
        matches!(&*target.expr.node, ExprNode::Var(var) if var.levels_up == 0 && var.relation == *entry && var.column > 0)
    });
    if updatable { None } else { Some("views that have no updatable columns") }
}
