//! What the rewriter refuses in statements that change rows (rewriteHandler.c): the body of an SQL function is rewritten
//! when the function is made, the actions of a rule are not.

use super::session::{Outcome, Session};
use super::updatable::not_updatable;
use crate::catalog::{AttachedKind, ColumnSource, Firing, Oid, Origin, Relation, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};
use crate::tree::{Command, Expr, ExprNode, FromItem, Modification, Overriding, Query, RangeTableKind, Target};

const GENERATED_ALWAYS: SqlState = SqlState("428C9");
const NOT_IN_PREREQUISITE_STATE: SqlState = SqlState("55000");

/// Bits of `events` of a trigger (`TRIGGER_TYPE_INSERT` and its kin).
const EVENTS: [(Command, i32); 3] = [(Command::Insert, 1 << 2), (Command::Update, 1 << 4), (Command::Delete, 1 << 3)];

/// `INSTEAD OF` of a trigger (`TRIGGER_TYPE_INSTEAD`).
const INSTEAD: i32 = 1 << 6;

/// A value that is assigned to a column.
#[derive(Clone, Copy)]
struct Assigned {
    /// Of the column.
    number: i16,
    /// To a part of it.
    part: bool,
    /// DEFAULT.
    default: bool,
}

/// Values that are assigned to columns at once.
struct Assignment {
    command: Command,
    values: Vec<Assigned>,
    overriding: Overriding,
}

impl Session<'_> {
    /// `RewriteQuery`, of what it refuses: in WITH queries first.
    pub(super) fn check_rewritten(&self, query: &Query) -> Outcome {
        for cte in &query.ctes {
            self.check_rewritten(&cte.query)?;
            self.check_rules_in_with(&cte.query)?;
        }
        let Some(made) = &query.modification else { return Ok(()) };
        let Some(row) = relation_at(query, made.target).and_then(|oid| self.catalog.relation(oid)) else {
            return Ok(());
        };
        let assignments = assignments(query, made);
        for assignment in &assignments {
            self.check_assignment(row, assignment)?;
        }
        self.check_rules(row, made)?;
        self.check_view_can_be_changed(row, made.command, assignments)
    }

    /// What rules do not go together with (`matchLocks`, `RewriteQuery`).
    fn check_rules(&self, row: &Relation, made: &Modification) -> Outcome {
        let refused = |message: String, help: &str| {
            Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1).help(help.to_owned()))
        };
        let all = self.rules_in_force(row.oid);
        if made.command == Command::Merge && !all.is_empty() {
            let message = format!("MERGE cannot change `{}`, which has rules", row.name);
            return refused(message, "write INSERT, UPDATE and DELETE by themselves");
        }
        let rules: Vec<_> = all.iter().filter(|rule| rule.event() == event_of_rule(made.command)).collect();
        let of_updates = all.iter().any(|rule| rule.event() == ast::CmdType::CmdUpdate);
        let acts = rules.iter().any(|rule| !rule.actions.is_empty());
        if made.on_conflict.is_some() && (acts || of_updates) && row.kind != RelationKind::View {
            let message =
                format!("ON CONFLICT cannot be used with `{}`, which has rules for INSERT or UPDATE", row.name);
            return refused(message, "write INSERT and UPDATE by themselves");
        }
        let gives_rows = |rule: &&&ast::RuleStmt| rule.actions.iter().any(returns);
        if !made.returning.is_empty()
            && rules.iter().any(|rule| rule.instead)
            && !rules.iter().any(|rule| gives_rows(&rule))
        {
            let message = format!("RETURNING gives no rows of `{}`, which a rule DO INSTEAD takes them from", row.name);
            return refused(message, "give the rule a RETURNING of its own");
        }
        Ok(())
    }

    /// In WITH one statement must be left of each.
    fn check_rules_in_with(&self, query: &Query) -> Outcome {
        let Some(made) = &query.modification else { return Ok(()) };
        let Some(relation) = relation_at(query, made.target) else { return Ok(()) };
        let mut rules = self.rules_in_force(relation);
        rules.retain(|rule| rule.event() == event_of_rule(made.command));
        let replaced = rules.iter().any(|rule| rule.instead && rule.where_clause.is_none());
        let left = usize::from(!replaced) + rules.iter().map(|rule| rule.actions.len()).sum::<usize>();
        match left == 1 {
            true => Ok(()),
            false => {
                let message = "rules that add or leave out statements cannot apply in WITH";
                Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1))
            }
        }
    }

    /// The rules of a relation that are in force, but for that of a view.
    fn rules_in_force(&self, relation: Oid) -> Vec<ast::RuleStmt> {
        let rows = self.catalog.attached.get(&relation).into_iter().flatten();
        let sources = rows.filter(|row| row.kind == AttachedKind::Rule).filter_map(|row| row.source.as_ref());
        let in_force = sources.filter(|source| matches!(source.firing, Firing::Origin | Firing::Always));
        in_force.filter_map(|source| rule(&source.text, self.catalog.version)).collect()
    }

    /// `rewriteTargetListIU`, `process_matched_tle`
    fn check_assignment(&self, row: &Relation, assignment: &Assignment) -> Outcome {
        for (at, value) in assignment.values.iter().enumerate() {
            let Some(column) = row.attribute(value.number) else { continue };
            // Only parts of one column may be assigned one by one.
            let before = assignment.values.iter().take(at);
            if before.clone().any(|other| other.number == value.number && !(value.part && other.part)) {
                let message = format!("the column `{}` is assigned to more than once", column.name);
                return Err(self.error(SqlState::SYNTAX_ERROR, message, -1));
            }
            let by_system = match column.source {
                ColumnSource::IdentityAlways => assignment.overriding == Overriding::Nothing,
                ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual => true,
                ColumnSource::Plain | ColumnSource::IdentityByDefault => false,
            };
            if by_system && !value.default {
                let message = format!("the column `{}` gets its values from PostgreSQL only", column.name);
                let error = self.error(GENERATED_ALWAYS, message, -1).note(match column.source {
                    ColumnSource::IdentityAlways => "it is GENERATED ALWAYS AS IDENTITY",
                    _ => "it is a generated column",
                });
                return Err(match (column.source, assignment.command) {
                    (ColumnSource::IdentityAlways, Command::Insert) => {
                        error.help("leave it out, or write OVERRIDING SYSTEM VALUE")
                    }
                    _ => error.help("leave it out, or assign DEFAULT"),
                });
            }
        }
        Ok(())
    }

    /// `rewriteTargetView`: a view is changed by a trigger or a rule, or it is one through which its table is.
    fn check_view_can_be_changed(&self, row: &Relation, command: Command, assignments: Vec<Assignment>) -> Outcome {
        // Of definitions the trigger or rule may be yet to come: the migration that makes them is replayed too.
        let is_early = self.origin == Origin::Definition;
        if row.kind != RelationKind::View || is_early || self.has_substitute(row.oid, command) {
            return Ok(());
        }
        let Some(tree) = row.view.as_ref().and_then(|view| view.tree.as_ref()) else { return Ok(()) };
        let (verb, event) = match command {
            Command::Insert => ("insert into", "INSERT"),
            Command::Update => ("update", "UPDATE"),
            Command::Delete => ("delete from", "DELETE"),
            // Each action by itself.
            Command::Merge => return Ok(()),
        };
        if let Some(why) = not_updatable(&self.catalog, tree) {
            let message = format!("cannot {verb} view `{}`", row.name);
            return Err(self
                .error(NOT_IN_PREREQUISITE_STATE, message, -1)
                .note(format!("{why} are not automatically updatable"))
                .help(format!("give it an INSTEAD OF {event} trigger, or a rule ON {event} DO INSTEAD")));
        }
        let [FromItem::Entry(entry)] = tree.from.as_slice() else { return Ok(()) };
        let Some(table) = relation_at(tree, *entry).and_then(|oid| self.catalog.relation(oid)) else { return Ok(()) };
        let mut below = Vec::with_capacity(assignments.len());
        for assignment in assignments {
            let values = self.through_view(row, tree, &assignment)?;
            below.push(Assignment { values, ..assignment });
        }
        for assignment in &below {
            self.check_assignment(table, assignment)?;
        }
        self.check_view_can_be_changed(table, command, below)
    }

    /// What is assigned to the columns of a view's table; the defaults of the view come first (`view_cols_are_auto_updatable`).
    fn through_view(&self, view: &Relation, tree: &Query, assignment: &Assignment) -> Outcome<Vec<Assigned>> {
        let mut values = assignment.values.clone();
        if assignment.command == Command::Insert {
            let left_out = view
                .live_columns()
                .filter(|(number, column)| column.has_default && values.iter().all(|value| value.number != *number));
            let added: Vec<_> = left_out.map(|(number, _)| Assigned { number, part: false, default: true }).collect();
            values.extend(added);
        }
        let outputs: Vec<&Target> = tree.outputs().collect();
        let mut below = Vec::with_capacity(values.len());
        for value in values {
            let Some(column) = view.attribute(value.number) else { continue };
            let at = usize::try_from(value.number).ok().and_then(|number| number.checked_sub(1));
            let number = match at.and_then(|at| outputs.get(at)).map(|target| &*target.expr.node) {
                Some(ExprNode::Var(var)) if var.levels_up == 0 && var.column > 0 => var.column,
                _ => {
                    let verb = if assignment.command == Command::Insert { "insert into" } else { "update" };
                    let message = format!("cannot {verb} column `{}` of view `{}`", column.name, view.name);
                    return Err(self
                        .error(SqlState::FEATURE_NOT_SUPPORTED, message, -1)
                        .note("it is no column of the table that the view reads"));
                }
            };
            // Without a default of the view's own, DEFAULT is that of the table for INSERT, and null for UPDATE.
            let default = value.default && !column.has_default && assignment.command == Command::Insert;
            below.push(Assigned { number, part: value.part, default });
        }
        Ok(below)
    }

    /// Whether a trigger or a rule takes the place of a change.
    fn has_substitute(&self, view: Oid, command: Command) -> bool {
        let event = EVENTS.iter().find(|(of, _)| *of == command).map_or(0, |(_, bit)| *bit);
        let rows = self.catalog.attached.get(&view).into_iter().flatten();
        let mut parts = rows.filter(|row| matches!(row.kind, AttachedKind::Trigger | AttachedKind::Rule));
        parts.any(|row| {
            let text = row.source.as_ref().map_or("", |source| &source.text);
            match parser::written_statement(text, self.catalog.version) {
                Some(NodeEnum::CreateTrigStmt(trigger)) => trigger.timing == INSTEAD && trigger.events & event != 0,
                Some(NodeEnum::RuleStmt(rule)) => rule.instead && rule.event() == event_of_rule(command),
                _ => true,
            }
        })
    }
}

/// The relation that an entry of the range table is.
fn relation_at(query: &Query, entry: usize) -> Option<Oid> {
    match query.range_table.get(entry)?.kind {
        RangeTableKind::Relation { relation, .. } => Some(relation),
        _ => None,
    }
}

fn rule(text: &str, version: ServerVersion) -> Option<ast::RuleStmt> {
    match parser::written_statement(text, version)? {
        NodeEnum::RuleStmt(rule) => Some(*rule),
        _ => None,
    }
}

fn event_of_rule(command: Command) -> ast::CmdType {
    match command {
        Command::Insert => ast::CmdType::CmdInsert,
        Command::Update => ast::CmdType::CmdUpdate,
        Command::Delete => ast::CmdType::CmdDelete,
        Command::Merge => ast::CmdType::CmdMerge,
    }
}

/// Whether the action of a rule has RETURNING.
fn returns(action: &ast::Node) -> bool {
    match &action.node {
        Some(NodeEnum::InsertStmt(n)) => n.returning_clause.is_some(),
        Some(NodeEnum::UpdateStmt(n)) => n.returning_clause.is_some(),
        Some(NodeEnum::DeleteStmt(n)) => n.returning_clause.is_some(),
        _ => false,
    }
}

/// What a statement assigns, each by itself.
fn assignments(query: &Query, made: &Modification) -> Vec<Assignment> {
    let values = |targets: &[Target], columns: &[i16]| {
        let targets = targets.iter().filter(|target| !target.junk).zip(columns);
        let assigned = targets.map(|(target, number)| Assigned {
            number: *number,
            part: is_part(&target.expr),
            default: is_default(query, &target.expr),
        });
        assigned.collect()
    };
    let (command, overriding) = (made.command, made.overriding);
    let mut found = vec![Assignment { command, values: values(&query.targets, &made.columns), overriding }];
    if let Some(conflict) = &made.on_conflict {
        let values = values(&conflict.assignments, &conflict.columns);
        found.push(Assignment { command: Command::Update, values, overriding: Overriding::Nothing });
    }
    found.extend(made.actions.iter().filter_map(|action| {
        let values = values(&action.targets, &action.columns);
        Some(Assignment { command: action.command?, values, overriding: action.overriding })
    }));
    found
}

/// Whether a value is assigned to a part of a column.
fn is_part(expr: &Expr) -> bool {
    match &*expr.node {
        ExprNode::FieldStore { .. } => true,
        ExprNode::Subscript(subscript) => subscript.assigned.is_some(),
        ExprNode::CoerceToDomain { arg, .. } | ExprNode::Relabel { arg, .. } => is_part(arg),
        _ => false,
    }
}

/// Whether a value is DEFAULT, in every row of VALUES where there are several (`searchForDefault`).
fn is_default(query: &Query, expr: &Expr) -> bool {
    match &*expr.node {
        ExprNode::SetToDefault { .. } => true,
        ExprNode::Var(var) if var.levels_up == 0 => {
            let rows = match query.range_table.get(var.relation).map(|entry| &entry.kind) {
                Some(RangeTableKind::Values(rows)) => rows,
                _ => return false,
            };
            let at = usize::try_from(var.column).ok().and_then(|number| number.checked_sub(1));
            let value = |row: &Vec<Expr>| at.and_then(|at| row.get(at)).is_some_and(|value| is_default(query, value));
            !rows.is_empty() && rows.iter().all(value)
        }
        _ => false,
    }
}
