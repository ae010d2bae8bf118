//! MERGE (parse_merge.c).

use super::assignment::TargetTable;
use super::syntax::{node, optional, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{Command, MergeAction, Modification, Query};

impl<'a> Analyser<'a> {
    /// `transformMergeStmt`
    pub(super) fn merge_statement(&mut self, merge: &'a ast::MergeStmt) -> Outcome<Query> {
        let location = merge.relation.as_ref().and_then(|relation| place(relation.location));
        if self.version() < ServerVersion::V15 {
            return Err(self.too_old("MERGE", 15, location));
        }
        if let Some(with) = &merge.with_clause {
            if with.recursive {
                let message = "MERGE cannot have WITH RECURSIVE";
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, None));
            }
            self.with_clause(with)?;
        }
        let whens: Vec<&'a ast::MergeWhenClause> = merge
            .merge_when_clauses
            .iter()
            .filter_map(|when| match &when.node {
                Some(NodeEnum::MergeWhenClause(when)) => Some(&**when),
                _ => None,
            })
            .collect();
        self.check_reachable(&whens)?;
        let target = self.target_table(merge.relation.as_ref())?;
        self.check_mergeable(&target)?;
        self.add_from_clause(std::slice::from_ref(required_node(merge.source_relation.as_deref())?))?;
        let source = self.level().range_table.len().saturating_sub(1);
        if self.level().namespace.iter().any(|item| item.entry == source && item.name == target.item.name) {
            let message = format!("the name `{}` stands for the table of MERGE and for its source", target.item.name);
            return Err(
                Failure::new(SqlState::DUPLICATE_ALIAS, message, None).help("give one of them an alias of its own")
            );
        }
        self.level_mut().namespace.push(target.item.clone());
        // Whether it is a truth value is not looked at here.
        let on = self.expression(required(merge.join_condition.as_deref())?, ExpressionKind::JoinOn)?;
        let returning = match &merge.returning_clause {
            Some(_) if self.version() < ServerVersion::V17 => {
                return Err(self.too_old("RETURNING of MERGE", 17, location));
            }
            clause => self.returning(clause.as_ref(), &target, ExpressionKind::MergeReturning)?,
        };
        let mut actions = Vec::new();
        for when in whens {
            self.show_rows_of(when, target.entry(), source);
            actions.push(self.merge_action_of(when, &target)?);
        }
        let modification = Modification { actions, ..Modification::new(Command::Merge, target.entry(), returning) };
        let mut query = Query { filter: Some(on), modification: Some(Box::new(modification)), ..Query::default() };
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// Nothing comes after a WHEN clause of the same kind without a condition.
    fn check_reachable(&self, whens: &[&'a ast::MergeWhenClause]) -> Outcome<()> {
        let mut unconditional = Vec::new();
        for when in whens {
            let kind = when.match_kind();
            if kind == ast::MergeMatchKind::MergeWhenNotMatchedBySource && self.version() < ServerVersion::V17 {
                return Err(self.too_old("WHEN NOT MATCHED BY SOURCE", 17, None));
            }
            if unconditional.contains(&kind) {
                let message = "a WHEN clause comes after one of its kind without a condition";
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, None)
                    .note("it would never be reached")
                    .help("put it first, or give the other one a condition"));
            }
            if when.condition.is_none() {
                unconditional.push(kind);
            }
        }
        Ok(())
    }

    /// Which relations MERGE can change.
    fn check_mergeable(&self, target: &TargetTable<'a>) -> Outcome<()> {
        let views = self.version() >= ServerVersion::V17;
        match target.relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable => Ok(()),
            RelationKind::View if views => Ok(()),
            _ => {
                let which = if views { "tables and views" } else { "tables" };
                let message = format!("MERGE cannot change `{}`", target.relation.name);
                Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, None)
                    .note(format!("it can change {which} only")))
            }
        }
    }

    /// `setNamespaceForMergeWhen`: a row that is missing on one side cannot be named.
    fn show_rows_of(&mut self, when: &ast::MergeWhenClause, target: usize, source: usize) {
        let (shows_target, shows_source) = match when.match_kind() {
            ast::MergeMatchKind::MergeWhenNotMatchedBySource => (true, false),
            ast::MergeMatchKind::MergeWhenNotMatchedByTarget => (false, true),
            _ => (true, true),
        };
        for (entry, shown) in [(target, shows_target), (source, shows_source)] {
            if let Some(item) = self.level_mut().namespace.iter_mut().find(|item| item.entry == entry) {
                (item.relation_visible, item.columns_visible) = (shown, shown);
            }
        }
    }

    fn merge_action_of(&mut self, when: &'a ast::MergeWhenClause, target: &TargetTable<'a>) -> Outcome<MergeAction> {
        let condition = match optional(when.condition.as_deref()) {
            Some(condition) => Some(self.condition(condition, ExpressionKind::MergeWhen, "WHEN")?),
            None => None,
        };
        let (command, (targets, columns)) = match when.command_type() {
            ast::CmdType::CmdInsert => {
                let columns = self.columns_to_insert(target, &when.target_list)?;
                let exprs = match when.values.as_slice() {
                    [] => Vec::new(),
                    values => self.insert_values(values, &columns, target)?,
                };
                (Some(Command::Insert), columns.targets(exprs))
            }
            ast::CmdType::CmdUpdate => (Some(Command::Update), self.update_targets(&when.target_list, target)?),
            ast::CmdType::CmdDelete => (Some(Command::Delete), Default::default()),
            _ => (None, Default::default()),
        };
        let overriding = super::insert::overriding(when.r#override());
        Ok(MergeAction { command, condition, targets, columns, overriding })
    }
}

fn required_node(wrapped: Option<&ast::Node>) -> Outcome<&ast::Node> {
    let wrapped = wrapped.ok_or_else(|| Failure::new(SqlState::SYNTAX_ERROR, "the parse tree lacks a node", None))?;
    node(wrapped).map(|_| wrapped)
}
