//! Which rows of FROM are surely there although an outer join may leave them out: where a branch's condition says so, and
//! on one side at least of a FULL join.

use super::condition::Facts;
use super::level::Level;
use crate::tree::{Expr, ExprNode, JoinKind};

impl<'a> Level<'a, '_> {
    /// The outer joins that did not fill an entry with nulls where the branches that are looked at are taken: their
    /// conditions keep null out of a column of the entry, or of another one that the same join would have filled.
    pub(super) fn joins_with_rows(&self, relation: usize) -> Vec<usize> {
        let mut there = Vec::new();
        for row in self.branches.borrow().iter().flat_map(Facts::rows) {
            let joins = self.joins.nulled_by.get(row).into_iter().flatten();
            // Of a full join one side says nothing of the other.
            let same_side = |join: &usize| row == relation || self.joins.kinds.get(join) != Some(&JoinKind::Full);
            there.extend(joins.copied().filter(same_side));
        }
        there
    }

    /// Whether one of these values is surely there because a FULL join has a row on at least one side: one value is never
    /// null where there is a left row, another one where there is a right row.
    pub(super) fn some_side(&self, args: &[&'a Expr]) -> bool {
        self.below.get().is_none()
            && self.joins.full.keys().any(|join| {
                self.joins.nulled_by.get(*join).is_some_and(Vec::is_empty) && self.some_side_of(*join, args)
            })
    }

    fn some_side_of(&self, join: usize, args: &[&'a Expr]) -> bool {
        let Some(sides) = self.joins.full.get(&join) else { return false };
        sides.iter().all(|side| {
            let is_there = |arg: &&'a Expr| {
                is_of_entries(arg, side) && {
                    let outer = self.below.replace(Some(join));
                    let verdict = self.judge(arg);
                    self.below.set(outer);
                    verdict.not_null
                }
            };
            args.iter().any(is_there)
                || side.iter().any(|inner| {
                    self.joins.nulled_by.get(*inner).and_then(|joins| joins.first()) == Some(&join)
                        && self.some_side_of(*inner, args)
                })
        })
    }
}

/// Whether a value is computed from columns of these entries alone, row by row.
fn is_of_entries(expr: &Expr, entries: &[usize]) -> bool {
    !expr.any(&mut |node| match &*node.node {
        ExprNode::Var(var) => var.levels_up > 0 || !entries.contains(&var.relation),
        ExprNode::Function { returns_set, .. } | ExprNode::Operator { returns_set, .. } => *returns_set,
        ExprNode::Const { .. }
        | ExprNode::Relabel { .. }
        | ExprNode::Collate { .. }
        | ExprNode::CoerceViaIo { .. }
        | ExprNode::CoerceToDomain { .. } => false,
        _ => true,
    })
}
