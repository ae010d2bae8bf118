//! Which kinds of relation `ALTER TABLE` and its kin may change in which way (`ATPrepCmd`, `ATSimplePermissions` in
//! tablecmds.c).

use super::names::kind_name;
use super::session::{Outcome, Session};
use crate::catalog::{Oid, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::ast;

impl Session<'_> {
    pub(super) fn check_alters_kind(&self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        let row = self.own(table)?;
        if allowed(command.subtype(), row.kind, self.catalog.version) {
            return Ok(());
        }
        let message = format!("`{}` is a {}, which cannot be changed in this way", row.name, kind_name(row.kind));
        Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1))
    }
}

fn allowed(command: ast::AlterTableType, kind: RelationKind, version: ServerVersion) -> bool {
    use RelationKind::{CompositeType, ForeignTable, MaterializedView, PartitionedTable, Sequence, Table, View};
    use ast::AlterTableType as Kind;
    let kinds: &[RelationKind] = match command {
        Kind::AtAddColumn | Kind::AtDropColumn | Kind::AtAlterColumnType => &[CompositeType, ForeignTable],
        Kind::AtColumnDefault | Kind::AtAddIdentity | Kind::AtSetIdentity | Kind::AtDropIdentity => {
            &[View, ForeignTable]
        }
        Kind::AtSetNotNull
        | Kind::AtDropNotNull
        | Kind::AtSetExpression
        | Kind::AtDropExpression
        | Kind::AtAddConstraint
        | Kind::AtDropConstraint
        | Kind::AtAlterConstraint
        | Kind::AtValidateConstraint
        | Kind::AtAddInherit
        | Kind::AtDropInherit
        | Kind::AtEnableTrig
        | Kind::AtEnableAlwaysTrig
        | Kind::AtEnableReplicaTrig
        | Kind::AtDisableTrig
        | Kind::AtEnableTrigAll
        | Kind::AtDisableTrigAll
        | Kind::AtEnableTrigUser
        | Kind::AtDisableTrigUser => &[ForeignTable],
        Kind::AtSetStatistics | Kind::AtSetOptions | Kind::AtResetOptions | Kind::AtSetStorage => {
            &[MaterializedView, ForeignTable]
        }
        Kind::AtSetCompression | Kind::AtClusterOn | Kind::AtDropCluster | Kind::AtReplicaIdentity => {
            &[MaterializedView]
        }
        Kind::AtSetAccessMethod if version < ServerVersion::V17 => {
            return matches!(kind, Table | MaterializedView);
        }
        Kind::AtSetLogged | Kind::AtSetUnLogged if version >= ServerVersion::V15 => &[Sequence],
        Kind::AtSetLogged
        | Kind::AtSetUnLogged
        | Kind::AtAddOf
        | Kind::AtDropOf
        | Kind::AtEnableRowSecurity
        | Kind::AtDisableRowSecurity
        | Kind::AtForceRowSecurity
        | Kind::AtNoForceRowSecurity => &[],
        // Allowed of everything, or no concern of the state.
        _ => return true,
    };
    matches!(kind, Table | PartitionedTable) || kinds.contains(&kind)
}
