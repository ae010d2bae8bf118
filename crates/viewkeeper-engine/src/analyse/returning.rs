//! RETURNING (`transformReturningClause` in analyze.c), with OLD and NEW since 18, and MERGE_ACTION() since 17
//! (`transformMergeSupportFunc` in parse_expr.c).

use super::assignment::TargetTable;
use super::scope::NamespaceItem;
use super::syntax::{location_of, node};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{Expr, ExprNode, Target};

impl<'a> Analyser<'a> {
    /// `transformReturningClause`
    pub(super) fn returning(
        &mut self,
        clause: Option<&'a ast::ReturningClause>,
        target: &TargetTable<'a>,
        kind: ExpressionKind,
    ) -> Outcome<Vec<Target>> {
        let Some(clause) = clause else { return Ok(Vec::new()) };
        let shown = self.level().namespace.len();
        if self.version() >= ServerVersion::V18 {
            self.show_old_and_new(&clause.options, target)?;
        } else if let Some(NodeEnum::ReturningOption(option)) = clause.options.first().and_then(|one| one.node.as_ref())
        {
            return Err(self.too_old("RETURNING WITH", 18, place(option.location)));
        }
        let mut targets = self.target_list(&clause.exprs, kind)?;
        if targets.is_empty() {
            let location = clause.exprs.first().and_then(|expr| location_of(expr.node.as_ref()?));
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "RETURNING gives no column", location));
        }
        self.resolve_unknown_targets(&mut targets)?;
        self.level_mut().namespace.truncate(shown);
        Ok(targets)
    }

    /// The rows before and after the change, by the names that the clause gives them, or else by `old` and `new` where
    /// these name nothing yet.
    fn show_old_and_new(&mut self, options: &'a [ast::Node], target: &TargetTable<'a>) -> Outcome<()> {
        use ast::ReturningOptionKind as Row;
        let mut named = Vec::new();
        for option in options {
            let NodeEnum::ReturningOption(option) = node(option)? else { continue };
            let (row, location) = (option.option(), place(option.location));
            if named.contains(&row) {
                let word = if row == Row::ReturningOptionOld { "OLD" } else { "NEW" };
                let message = format!("RETURNING names {word} more than once");
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, location));
            }
            named.push(row);
            if self.is_item_of_level(&option.value) {
                let message = format!("the name `{}` stands for more than one table", option.value);
                return Err(Failure::new(SqlState::DUPLICATE_ALIAS, message, location));
            }
            self.show_row(&option.value, target);
        }
        for (row, name) in [(Row::ReturningOptionOld, "old"), (Row::ReturningOptionNew, "new")] {
            if !named.contains(&row) && !self.is_item_of_level(name) {
                self.show_row(name, target);
            }
        }
        Ok(())
    }

    /// `addNSItemForReturning`: its columns are found behind the name only.
    fn show_row(&mut self, name: &str, target: &TargetTable<'a>) {
        let item = NamespaceItem {
            name: name.to_owned(),
            relation: None,
            relation_visible: true,
            columns_visible: false,
            ..target.item.clone()
        };
        self.level_mut().namespace.push(item);
    }

    fn is_item_of_level(&self, name: &str) -> bool {
        self.level().namespace.iter().any(|item| item.relation_visible && item.name == name)
    }

    /// `transformMergeSupportFunc`
    pub(super) fn merge_action(&self, function: &ast::MergeSupportFunc) -> Outcome<Expr> {
        let location = place(function.location);
        if self.version() < ServerVersion::V17 {
            return Err(self.too_old("MERGE_ACTION", 17, location));
        }
        if !self.levels.iter().any(|level| level.kind == Some(ExpressionKind::MergeReturning)) {
            let message = "MERGE_ACTION() can only be used in the RETURNING list of MERGE";
            return Err(Failure::new(SqlState::SYNTAX_ERROR, message, location));
        }
        // A node of its own on the server, which is a value of the statement as those of SQL are.
        let (name, type_, collation) = ("merge_action", oids::TEXT, oids::DEFAULT_COLLATION);
        Ok(Expr::new(ExprNode::SqlValue { name, type_, typmod: -1, collation }, location))
    }
}
