//! Whether triggers, rules and row security are in force: the commands of `ALTER TABLE` that switch them.

use std::sync::Arc;

use super::address::Address;
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, Firing, Oid, RowSecurity};
use crate::diagnostic::SqlState;
use crate::parser::ast;

/// Which triggers or rules a command switches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Switched {
    Trigger,
    Triggers,
    Rule,
}

/// What a command says of row security.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RowSecurityChange {
    Enabled(bool),
    Forced(bool),
}

/// What a command of `ALTER TABLE` switches, and to what.
pub(super) fn firing_of(command: ast::AlterTableType) -> Option<(Switched, Firing)> {
    use ast::AlterTableType as Kind;
    Some(match command {
        Kind::AtEnableTrig => (Switched::Trigger, Firing::Origin),
        Kind::AtEnableAlwaysTrig => (Switched::Trigger, Firing::Always),
        Kind::AtEnableReplicaTrig => (Switched::Trigger, Firing::Replica),
        Kind::AtDisableTrig => (Switched::Trigger, Firing::Disabled),
        Kind::AtEnableTrigAll | Kind::AtEnableTrigUser => (Switched::Triggers, Firing::Origin),
        Kind::AtDisableTrigAll | Kind::AtDisableTrigUser => (Switched::Triggers, Firing::Disabled),
        Kind::AtEnableRule => (Switched::Rule, Firing::Origin),
        Kind::AtEnableAlwaysRule => (Switched::Rule, Firing::Always),
        Kind::AtEnableReplicaRule => (Switched::Rule, Firing::Replica),
        Kind::AtDisableRule => (Switched::Rule, Firing::Disabled),
        _ => return None,
    })
}

/// Whether a command of `ALTER TABLE` switches a trigger or rule.
pub(crate) fn switches_part(command: ast::AlterTableType) -> bool {
    firing_of(command).is_some()
}

/// What a command of `ALTER TABLE` says of row security.
pub(super) fn row_security_of(command: ast::AlterTableType) -> Option<RowSecurityChange> {
    use ast::AlterTableType as Kind;
    Some(match command {
        Kind::AtEnableRowSecurity => RowSecurityChange::Enabled(true),
        Kind::AtDisableRowSecurity => RowSecurityChange::Enabled(false),
        Kind::AtForceRowSecurity => RowSecurityChange::Forced(true),
        Kind::AtNoForceRowSecurity => RowSecurityChange::Forced(false),
        _ => return None,
    })
}

impl Session<'_> {
    pub(super) fn set_firing(&mut self, table: Oid, name: &str, (switched, firing): (Switched, Firing)) -> Outcome {
        let kind = if switched == Switched::Rule { AttachedKind::Rule } else { AttachedKind::Trigger };
        let all = switched == Switched::Triggers;
        let mut found = false;
        let rows = self.catalog.attached.get_mut(&table).into_iter().flatten();
        for row in rows.filter(|row| row.kind == kind && (all || row.name == name)) {
            found = true;
            if let Some(source) = &mut Arc::make_mut(row).source {
                source.firing = firing;
            }
        }
        // Constraints have triggers too, and partitions have those of their parents; neither are rows here.
        let may_be_elsewhere = self.catalog.relation(table).is_some_and(|row| row.is_partition)
            || name.starts_with("RI_ConstraintTrigger")
            || !self.catalog.unmodelled.is_empty();
        if found || all || may_be_elsewhere {
            return Ok(());
        }
        let message = format!("{} does not exist", self.describe(&Address::Attached(table, kind, name.to_owned())));
        Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1))
    }

    pub(super) fn set_row_security(&mut self, table: Oid, change: RowSecurityChange) {
        let provenance = self.provenance();
        let off = RowSecurity { enabled: false, forced: false, provenance: provenance.clone() };
        let mut row = self.catalog.row_security.remove(&table).unwrap_or(off);
        row.provenance = provenance;
        match change {
            RowSecurityChange::Enabled(enabled) => row.enabled = enabled,
            RowSecurityChange::Forced(forced) => row.forced = forced,
        }
        if row.enabled || row.forced {
            self.catalog.row_security.insert(table, row);
        }
    }
}
