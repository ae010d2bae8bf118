//! Statements that commit on their own, and so cannot be part of a transaction (`PreventInTransactionBlock` in xact.c).

use super::node;
use super::session::{Outcome, Session, Transaction};
use crate::catalog::Origin;
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    /// Refuses what would fail inside of the transaction at hand, and warns where that is the migration's own: another tool
    /// may have run it outside of one.
    pub(super) fn check_transaction(&mut self, node: &NodeEnum) -> Outcome {
        if self.transaction == Transaction::Each || self.origin == Origin::Definition {
            return Ok(());
        }
        let Some((name, location)) = commits_on_its_own(node) else { return Ok(()) };
        let message = format!("{name} cannot run inside a transaction block");
        if self.transaction == Transaction::Block {
            return Err(self.error(TRANSACTION_IS_OPEN, message, location).help("write COMMIT before"));
        }
        let warning = Diagnostic::warning(message)
            .code(TRANSACTION_IS_OPEN)
            .note("a migration is one transaction: `migrate` would fail here")
            .help("put it into a migration of its own that begins with the line `-- viewkeeper: no transaction`");
        self.warn(warning);
        Ok(())
    }
}

const TRANSACTION_IS_OPEN: SqlState = SqlState("25001");

/// What a statement is called that runs only outside of transactions, and where it stands.
fn commits_on_its_own(node: &NodeEnum) -> Option<(&'static str, i32)> {
    let said = |options: &[ast::Node], name: &str| {
        node::options(options).any(|option| option.defname == name && node::option_bool(option))
    };
    let name = match node {
        NodeEnum::IndexStmt(index) if index.concurrent => {
            return Some(("CREATE INDEX CONCURRENTLY", index.relation.as_ref().map_or(-1, |name| name.location)));
        }
        NodeEnum::DropStmt(drop) if drop.concurrent => "DROP INDEX CONCURRENTLY",
        NodeEnum::ReindexStmt(reindex) if said(&reindex.params, "concurrently") => "REINDEX CONCURRENTLY",
        NodeEnum::ReindexStmt(reindex) => match reindex.kind() {
            ast::ReindexObjectType::ReindexObjectSchema => "REINDEX SCHEMA",
            ast::ReindexObjectType::ReindexObjectSystem => "REINDEX SYSTEM",
            ast::ReindexObjectType::ReindexObjectDatabase => "REINDEX DATABASE",
            _ => return None,
        },
        NodeEnum::VacuumStmt(vacuum) if vacuum.is_vacuumcmd => "VACUUM",
        NodeEnum::ClusterStmt(cluster) if cluster.relation.is_none() => "CLUSTER",
        NodeEnum::CreatedbStmt(_) => "CREATE DATABASE",
        NodeEnum::DropdbStmt(_) => "DROP DATABASE",
        NodeEnum::CreateTableSpaceStmt(_) => "CREATE TABLESPACE",
        NodeEnum::DropTableSpaceStmt(_) => "DROP TABLESPACE",
        NodeEnum::AlterSystemStmt(_) => "ALTER SYSTEM",
        NodeEnum::AlterTableStmt(table) => {
            let detaches = |command: &ast::Node| match &command.node {
                Some(NodeEnum::AlterTableCmd(command)) => {
                    command.subtype() == ast::AlterTableType::AtDetachPartition
                        && matches!(
                            command.def.as_ref().and_then(|node| node.node.as_ref()),
                            Some(NodeEnum::PartitionCmd(partition)) if partition.concurrent
                        )
                }
                _ => false,
            };
            if !table.cmds.iter().any(detaches) {
                return None;
            }
            "ALTER TABLE … DETACH CONCURRENTLY"
        }
        _ => return None,
    };
    Some((name, -1))
}
