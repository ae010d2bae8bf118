//! What `WHEN` and `REFERENCING` of a trigger may say (`CreateTriggerFiringOn` in trigger.c).

use super::session::{LOOKUPS, Outcome, Session};
use crate::catalog::{ColumnSource, Oid, RelationKind, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::tree::{Child, Expr, ExprNode, Var, expr_type};

/// Bits of `timing` and `events` (`TRIGGER_TYPE_…` in pg_trigger.h).
const BEFORE: i32 = 1 << 1;
const INSERT: i32 = 1 << 2;
const DELETE: i32 = 1 << 3;
const UPDATE: i32 = 1 << 4;
const TRUNCATE: i32 = 1 << 5;

/// The rows of a condition, in the order in which they are given to it.
const OLD: usize = 0;
const NEW: usize = 1;

impl Session<'_> {
    pub(super) fn check_trigger_condition(&self, table: Oid, statement: &ast::CreateTrigStmt) -> Outcome {
        let Some(condition) = &statement.when_clause else { return Ok(()) };
        let query = match self.over_rows(table, condition) {
            Some(Ok(query)) => query,
            // What it names may have been made by a statement that is not followed.
            Some(Err(error)) => {
                let open = error.sqlstate.is_some_and(|code| LOOKUPS.contains(&code));
                return if open && !self.catalog.unmodelled.is_empty() { Ok(()) } else { Err(error) };
            }
            None => return Ok(()),
        };
        let Some(target) = query.targets.first() else { return Ok(()) };
        let type_ = self.catalog.base_type(expr_type(&self.catalog, &target.expr));
        if ![oids::BOOL, oids::UNKNOWN, oids::TEXT].contains(&type_) {
            let shown = super::names::type_text(&self.catalog, type_);
            let message = format!("argument of WHEN must be type boolean, not type `{shown}`");
            return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
        }
        let mut outcome = Ok(());
        self.each_column(&target.expr, &mut |var| {
            if outcome.is_ok() {
                outcome = self.check_condition_column(table, statement, var);
            }
        });
        outcome
    }

    fn each_column(&self, expr: &Expr, found: &mut impl FnMut(&Var)) {
        if let ExprNode::Var(var) = &*expr.node
            && var.levels_up == 0
        {
            found(var);
        }
        expr.children(&mut |child| {
            if let Child::Expr(child) = child {
                self.each_column(child, found);
            }
        });
    }

    fn check_condition_column(&self, table: Oid, statement: &ast::CreateTrigStmt, var: &Var) -> Outcome {
        let refused = |message: &str| Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
        if !statement.row {
            return refused("statement trigger's WHEN condition cannot reference column values");
        }
        match var.relation {
            OLD if statement.events & INSERT != 0 => {
                return refused("INSERT trigger's WHEN condition cannot reference OLD values");
            }
            NEW if statement.events & DELETE != 0 => {
                return refused("DELETE trigger's WHEN condition cannot reference NEW values");
            }
            NEW if statement.timing & BEFORE != 0 => {}
            _ => return Ok(()),
        }
        if var.column < 0 {
            let message = "BEFORE trigger's WHEN condition cannot reference NEW system columns";
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        }
        let row = self.own(table)?;
        let computed = row.live_columns().any(|(number, column)| {
            let generated = matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual);
            generated && (var.column == 0 || var.column == number)
        });
        if computed {
            let message = "BEFORE trigger's WHEN condition cannot reference NEW generated columns";
            return Err(self
                .error(SqlState::INVALID_OBJECT_DEFINITION, message, -1)
                .note("they are computed after such triggers have run"));
        }
        Ok(())
    }

    /// `REFERENCING OLD TABLE`, `NEW TABLE`
    pub(super) fn check_transition_tables(&self, table: Oid, statement: &ast::CreateTrigStmt) -> Outcome {
        let tables = statement.transition_rels.iter().filter_map(|node| match &node.node {
            Some(NodeEnum::TriggerTransition(transition)) => Some(transition),
            _ => None,
        });
        let tables: Vec<_> = tables.collect();
        if tables.is_empty() {
            return Ok(());
        }
        let row = self.own(table)?;
        let unsupported = |message: &str| Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        let refused = |message: &str| Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
        if row.kind == RelationKind::PartitionedTable && statement.row {
            return unsupported("row triggers of partitioned tables cannot have transition tables");
        }
        let events = statement.events;
        for transition in &tables {
            if !transition.is_table {
                return unsupported("ROW variable naming in the REFERENCING clause is not supported");
            }
            if matches!(row.kind, RelationKind::ForeignTable | RelationKind::View) {
                let message = "views and foreign tables cannot have transition tables";
                return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
            }
            if statement.row && !row.parents.is_empty() {
                return unsupported("ROW triggers with transition tables are not supported on children and partitions");
            }
            if statement.timing != 0 {
                return refused("transition table name can only be specified for an AFTER trigger");
            }
            if events & TRUNCATE != 0 {
                return unsupported("TRUNCATE triggers with transition tables are not supported");
            }
            if [INSERT, DELETE, UPDATE].into_iter().filter(|event| events & event != 0).count() != 1 {
                return unsupported("transition tables cannot be specified for triggers with more than one event");
            }
            if !statement.columns.is_empty() {
                return unsupported("transition tables cannot be specified for triggers with column lists");
            }
            if transition.is_new && events & (INSERT | UPDATE) == 0 {
                return refused("NEW TABLE can only be specified for an INSERT or UPDATE trigger");
            }
            if !transition.is_new && events & (DELETE | UPDATE) == 0 {
                return refused("OLD TABLE can only be specified for a DELETE or UPDATE trigger");
            }
        }
        match tables.as_slice() {
            [one, other] if one.is_new == other.is_new => refused("a transition table cannot be specified twice"),
            [one, other] if one.name == other.name => refused("OLD TABLE name and NEW TABLE name cannot be the same"),
            _ => Ok(()),
        }
    }
}
