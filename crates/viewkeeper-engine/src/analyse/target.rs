//! Target lists and lists of expressions: output names, unknown output columns (parse_target.c).

use super::column_name::column_name;
use super::scope::NamespaceItem;
use super::syntax::{location_of, node};
use super::{Analyser, ExpressionKind, Outcome, take};
use crate::catalog::oids;
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{Expr, Target};

impl<'a> Analyser<'a> {
    /// `transformTargetList`
    pub(super) fn target_list(&mut self, list: &'a [ast::Node], kind: ExpressionKind) -> Outcome<Vec<Target>> {
        let mut targets = Vec::new();
        for entry in list {
            let NodeEnum::ResTarget(entry) = node(entry)? else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "the target list has an entry of another kind", None));
            };
            let value = super::syntax::required(entry.val.as_deref())?;
            if let Some(expanded) = self.expand_star(value, kind, place(entry.location))? {
                targets.extend(expanded);
                continue;
            }
            let expr = self.expression(value, kind)?;
            let name = if entry.name.is_empty() {
                column_name(value, &self.sublink_names, self.version())
            } else {
                entry.name.clone()
            };
            targets.push(Target { name, expr, sort_group: 0, junk: false });
        }
        Ok(targets)
    }

    /// `transformExpressionList`
    pub(super) fn expression_list(&mut self, list: &'a [ast::Node], kind: ExpressionKind) -> Outcome<Vec<Expr>> {
        self.expression_list_of(list, kind, Self::expression)
    }

    /// The same, with what one entry may be.
    pub(super) fn expression_list_of(
        &mut self,
        list: &'a [ast::Node],
        kind: ExpressionKind,
        entry_of: impl Fn(&mut Self, &'a NodeEnum, ExpressionKind) -> Outcome<Expr>,
    ) -> Outcome<Vec<Expr>> {
        let mut exprs = Vec::new();
        for entry in list {
            let value = node(entry)?;
            match self.expand_star(value, kind, location_of(value))? {
                Some(expanded) => exprs.extend(expanded.into_iter().map(|target| target.expr)),
                None => exprs.push(entry_of(self, value, kind)?),
            }
        }
        Ok(exprs)
    }

    /// The namespace item of an entry (`GetNSItemByRangeTablePosn`).
    pub(super) fn item_of_entry(&self, entry: usize, levels_up: usize) -> Option<NamespaceItem> {
        let level = self.level_up(levels_up)?;
        level.namespace.iter().find(|item| item.entry == entry && !item.using_alias).cloned()
    }

    /// Output columns of unknown type become text (`resolveTargetListUnknowns`).
    pub(super) fn resolve_unknown_targets(&mut self, targets: &mut [Target]) -> Outcome<()> {
        for target in targets {
            self.unknown_to_text(&mut target.expr)?;
        }
        Ok(())
    }

    /// An expression of unknown type becomes text.
    pub(super) fn unknown_to_text(&mut self, expr: &mut Expr) -> Outcome<()> {
        if self.type_of(expr) == oids::UNKNOWN {
            let value = take(expr);
            *expr = self.coerce_implicitly(value, oids::TEXT, -1)?;
        }
        Ok(())
    }
}
