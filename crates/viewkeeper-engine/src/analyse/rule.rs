//! CREATE RULE: its condition and its actions, which see the rows OLD and NEW (`transformRuleStmt` in parse_utilcmd.c), and
//! what RETURNING of a rule must give (`DefineQueryRewrite` in rewriteDefine.c).

use std::sync::Arc;

use super::cte::Modifying;
use super::level::Level;
use super::statement::statement_location;
use super::syntax::{location_of, optional};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Catalog, Relation, RelationKind};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast, token_at};
use crate::resolve::{Failure, place};
use crate::source::SourceFile;
use crate::stars::Star;
use crate::tree::{Child, Expr, ExprNode, JoinAliases, Location, Query, RangeTableEntry, RangeTableKind, Target};

/// The entries of OLD and NEW in the range table of a condition or an action (`PRS2_OLD_VARNO`, `PRS2_NEW_VARNO`).
const OLD: usize = 0;
const NEW: usize = 1;

/// A rule after analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedRule {
    /// `WHERE`, over OLD and NEW.
    pub condition: Option<Expr>,
    /// OLD and NEW.
    pub range_table: Vec<RangeTableEntry>,
    /// Its actions, without those that are no queries.
    pub actions: Vec<Query>,
    /// What each `*` of the text stands for, by its place.
    pub stars: Vec<Star>,
}

/// Analyses a rule of a relation.
///
/// # Errors
/// What the server would refuse, and what is not covered.
pub fn analyse_rule(
    catalog: &Catalog,
    file: &Arc<SourceFile>,
    rule: &ast::RuleStmt,
    relation: &Relation,
    search_path: &[String],
) -> Result<AnalysedRule, Diagnostic> {
    let mut analyser = Analyser::new(catalog, search_path, &[]);
    analyser.modifying = Modifying::Allowed;
    let at = |location: Location| {
        let start = location.and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
        token_at(&file.text, start)
    };
    let of_rule = rule.relation.as_ref().and_then(|relation| place(relation.location));
    let in_file = |failure: Failure| failure.in_file(file, at(of_rule));
    check_kind(relation).map_err(in_file)?;
    let (condition, range_table) = analyser.rule_condition(rule, relation).map_err(|failure| {
        let location = optional(rule.where_clause.as_deref()).and_then(location_of);
        failure.in_file(file, at(location.or(of_rule)))
    })?;
    let mut actions = Vec::new();
    for action in rule.actions.iter().filter_map(|action| action.node.as_ref()) {
        let analysed = analyser.rule_action(rule, relation, action, condition.as_ref());
        let place = statement_location(action).or(of_rule);
        actions.extend(analysed.map_err(|failure| failure.in_file(file, at(place)))?);
    }
    check_name(rule, relation).map_err(in_file)?;
    check_returning(&analyser, rule, relation, &actions).map_err(in_file)?;
    Ok(AnalysedRule { condition, range_table, actions, stars: analyser.take_stars() })
}

impl<'a> Analyser<'a> {
    /// The condition, which sees the columns of its rows without OLD and NEW where only one of them is there.
    fn rule_condition(
        &mut self,
        rule: &'a ast::RuleStmt,
        relation: &Relation,
    ) -> Outcome<(Option<Expr>, Vec<RangeTableEntry>)> {
        self.levels.clear();
        self.levels.push(Level::default());
        self.add_old_and_new(relation);
        let shown = match rule.event() {
            ast::CmdType::CmdInsert => NEW..=NEW,
            ast::CmdType::CmdUpdate => OLD..=NEW,
            _ => OLD..=OLD,
        };
        self.level_mut().namespace.retain(|item| shown.contains(&item.entry));
        for item in &mut self.level_mut().namespace {
            item.columns_visible = true;
        }
        let mut condition = self.optional_condition(rule.where_clause.as_deref(), ExpressionKind::Where, "WHERE")?;
        if let Some(condition) = &mut condition {
            self.assign_collations(condition)?;
        }
        let level = self.levels.pop();
        Ok((condition, level.map(|level| level.range_table).unwrap_or_default()))
    }

    /// OLD and NEW as the first entries of the level at hand: their columns are found behind their names only.
    fn add_old_and_new(&mut self, relation: &Relation) {
        for name in ["old", "new"] {
            let columns = self.catalog().row_columns(relation);
            let kind = RangeTableKind::Relation { relation: relation.oid, only: true };
            let entry = RangeTableEntry { name: name.to_owned(), columns, kind, lateral: false, location: None };
            let mut result = self.add_entry(entry);
            for item in &mut result.namespace {
                item.columns_visible = false;
            }
            self.level_mut().namespace.extend(result.namespace);
        }
    }

    /// An action; `None` for NOTIFY, which is no query.
    fn rule_action(
        &mut self,
        rule: &'a ast::RuleStmt,
        relation: &Relation,
        action: &'a NodeEnum,
        condition: Option<&Expr>,
    ) -> Outcome<Option<Query>> {
        if matches!(action, NodeEnum::NotifyStmt(_)) {
            return match condition {
                None => Ok(None),
                Some(_) => Err(Failure::new(
                    SqlState::INVALID_OBJECT_DEFINITION,
                    "a rule with WHERE can only have SELECT, INSERT, UPDATE and DELETE as actions",
                    None,
                )),
            };
        }
        self.levels.clear();
        self.levels.push(Level::default());
        self.add_old_and_new(relation);
        let level = self.levels.pop().unwrap_or_default();
        let whole = self.sub_statement(action, level)?;
        let query = with_old_and_new(&whole);
        let is_conditional = condition.is_some();
        let unions = || {
            let message = "a rule with WHERE, OLD or NEW cannot have UNION, INTERSECT or EXCEPT as an action";
            Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, None)
        };
        if query.set_operation.is_some() && is_conditional {
            return Err(unions());
        }
        let uses = |entry: usize| {
            entry_used(query, entry, 0) || condition.is_some_and(|condition| used_in(Child::Expr(condition), entry, 0))
        };
        let refused = |event: &str, row: &str| {
            let message = format!("a rule ON {event} has no row {row}");
            Err(Failure::new(SqlState::INVALID_OBJECT_DEFINITION, message, None))
        };
        match rule.event() {
            ast::CmdType::CmdSelect if uses(OLD) => return refused("SELECT", "OLD"),
            ast::CmdType::CmdSelect if uses(NEW) => return refused("SELECT", "NEW"),
            ast::CmdType::CmdInsert if uses(OLD) => return refused("INSERT", "OLD"),
            ast::CmdType::CmdDelete if uses(NEW) => return refused("DELETE", "NEW"),
            _ => {}
        }
        for (entry, row) in [(OLD, "OLD"), (NEW, "NEW")] {
            // They are a level further up there.
            let in_ctes = |query: &Query| query.ctes.iter().any(|cte| entry_used(&cte.query, entry, 1));
            if in_ctes(&whole) || in_ctes(query) {
                let message = format!("a WITH query of a rule cannot read {row}");
                return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, None));
            }
        }
        let joins_old = uses(OLD) || uses(NEW) && rule.event() == ast::CmdType::CmdUpdate;
        if query.set_operation.is_some() && joins_old {
            return Err(unions());
        }
        Ok(Some(whole))
    }
}

/// Which relations can have rules (`DefineQueryRewrite`).
fn check_kind(relation: &Relation) -> Outcome<()> {
    let refused = |code: SqlState, message: String| Err(Failure::new(code, message, None));
    let name = &relation.name;
    match relation.kind {
        RelationKind::Table | RelationKind::PartitionedTable | RelationKind::View => Ok(()),
        RelationKind::MaterializedView => {
            refused(SqlState::FEATURE_NOT_SUPPORTED, format!("the materialized view `{name}` cannot have rules"))
        }
        _ => refused(SqlState::WRONG_OBJECT_TYPE, format!("relation `{name}` cannot have rules")),
    }
}

/// Only the query of a view is a rule of this name.
fn check_name(rule: &ast::RuleStmt, relation: &Relation) -> Outcome<()> {
    if rule.rulename != "_RETURN" || rule.event() == ast::CmdType::CmdSelect {
        return Ok(());
    }
    let message = format!("a rule of `{}` cannot be called `_RETURN`", relation.name);
    Err(Failure::new(SqlState::INVALID_OBJECT_DEFINITION, message, None)
        .note("that is the name of the rule that holds a view's query"))
}

/// What RETURNING of actions must be: the row of the relation, once (`checkRuleResultList`).
fn check_returning(
    analyser: &Analyser<'_>,
    rule: &ast::RuleStmt,
    relation: &Relation,
    actions: &[Query],
) -> Outcome<()> {
    let mut lists = actions.iter().filter_map(|action| action.modification.as_ref()).map(|made| &made.returning);
    let unsupported = |message: &str| Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, None));
    let Some(first) = lists.find(|list| !list.is_empty()) else { return Ok(()) };
    if rule.where_clause.is_some() {
        return unsupported("a rule with WHERE cannot have RETURNING");
    }
    if !rule.instead {
        return unsupported("only a rule with INSTEAD can have RETURNING");
    }
    check_row(analyser, relation, first)?;
    match lists.any(|list| !list.is_empty()) {
        true => unsupported("only one action of a rule can have RETURNING"),
        false => Ok(()),
    }
}

fn check_row(analyser: &Analyser<'_>, relation: &Relation, returning: &[Target]) -> Outcome<()> {
    let refused = |message: String, location: Location| {
        Err(Failure::new(SqlState::INVALID_OBJECT_DEFINITION, message, location)
            .note(format!("RETURNING of a rule stands for a row of `{}`", relation.name)))
    };
    let columns: Vec<_> = relation.live_columns().map(|(_, column)| column).collect();
    if let Some(extra) = returning.get(columns.len()) {
        let message = format!("RETURNING gives {} columns instead of {}", returning.len(), columns.len());
        return refused(message, extra.expr.location);
    }
    for (target, column) in returning.iter().zip(&columns) {
        let (type_, typmod) = (analyser.type_of(&target.expr), analyser.typmod_of(&target.expr));
        // Modifiers may differ where one of them is none.
        let lengths_differ = typmod != column.typmod && typmod != -1 && column.typmod != -1;
        if type_ != column.type_ || lengths_differ {
            let given = analyser.resolver.format_type(type_, typmod);
            let wanted = analyser.resolver.format_type(column.type_, column.typmod);
            let message = format!("RETURNING gives `{given}` for the column `{}` of type `{wanted}`", column.name);
            return refused(message, target.expr.location);
        }
    }
    match columns.get(returning.len()) {
        Some(missing) => refused(format!("RETURNING lacks the column `{}`", missing.name), None),
        None => Ok(()),
    }
}

/// The query that OLD and NEW belong to: of INSERT … SELECT the SELECT (`getInsertSelectQuery`).
fn with_old_and_new(query: &Query) -> &Query {
    let is_row = |entry: Option<&RangeTableEntry>, name: &str| {
        entry.is_some_and(|entry| entry.name == name && matches!(entry.kind, RangeTableKind::Relation { .. }))
    };
    if is_row(query.range_table.get(OLD), "old") && is_row(query.range_table.get(NEW), "new") {
        return query;
    }
    let source = query.range_table.iter().find_map(|entry| match &entry.kind {
        RangeTableKind::Subquery(inner) if entry.name == "*SELECT*" => Some(&**inner),
        _ => None,
    });
    source.unwrap_or(query)
}

/// Whether a query reads an entry of the range table of the query `levels_up` above it (`rangeTableEntry_used`).
fn entry_used(query: &Query, entry: usize, levels_up: usize) -> bool {
    let mut found = false;
    query.query_children(JoinAliases::Visit, &mut |child| {
        found = found
            || match child {
                Child::Expr(_) => used_in(child, entry, levels_up),
                Child::Query(inner) => entry_used(inner, entry, levels_up + 1),
            };
    });
    found
}

fn used_in(child: Child<'_>, entry: usize, levels_up: usize) -> bool {
    let expr = match child {
        Child::Query(query) => return entry_used(query, entry, levels_up + 1),
        Child::Expr(expr) => expr,
    };
    if let ExprNode::Var(var) = &*expr.node {
        return var.relation == entry && var.levels_up == levels_up;
    }
    let mut found = false;
    expr.children(&mut |child| found = found || used_in(child, entry, levels_up));
    found
}
