//! One line per kind of statement: which part of `replay` it belongs to, or why nothing has to be done for it.

use super::kept;
use super::session::{Outcome, Session};
use crate::catalog::RelationKind;
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, Statement, ast};

impl Session<'_> {
    pub(super) fn execute(&mut self, statement: &Statement) -> Outcome {
        if let Some(block) = kept::block(statement) {
            self.run_block(block);
            return Ok(());
        }
        self.execute_node(&statement.node)
    }

    pub(super) fn execute_node(&mut self, node: &NodeEnum) -> Outcome {
        self.check_syntax(node)?;
        self.check_transaction(node)?;
        match node {
            NodeEnum::CreateSchemaStmt(statement) => self.create_schema(statement),
            NodeEnum::CreateStmt(statement) => self.create_table(statement, RelationKind::Table).map(|_| ()),
            NodeEnum::CreateForeignTableStmt(statement) => match &statement.base_stmt {
                Some(base) => self.create_table(base, RelationKind::ForeignTable).map(|_| ()),
                None => Err(self.malformed("without a table")),
            },
            NodeEnum::CreateTableAsStmt(statement) => self.create_table_as(statement),
            NodeEnum::SelectStmt(statement) => self.select(statement),
            NodeEnum::ViewStmt(statement) => self.create_view(statement),
            NodeEnum::RefreshMatViewStmt(statement) => self.refresh(statement),
            NodeEnum::IndexStmt(statement) => self.create_index(statement),
            NodeEnum::AlterTableStmt(statement) => self.alter_table(statement),
            NodeEnum::CreateSeqStmt(statement) => self.create_sequence(statement),
            NodeEnum::AlterSeqStmt(statement) => self.alter_sequence(statement),
            NodeEnum::CreateEnumStmt(statement) => self.create_enum(statement),
            NodeEnum::AlterEnumStmt(statement) => self.alter_enum(statement),
            NodeEnum::CompositeTypeStmt(statement) => self.create_composite(statement),
            NodeEnum::CreateDomainStmt(statement) => self.create_domain(statement),
            NodeEnum::AlterDomainStmt(statement) => self.alter_domain(statement),
            NodeEnum::CreateRangeStmt(statement) => self.create_range(statement),
            NodeEnum::AlterTypeStmt(statement) => self.alter_type_options(statement),
            NodeEnum::DefineStmt(statement) => self.define(statement),
            NodeEnum::CreateFunctionStmt(statement) => self.create_function(statement),
            NodeEnum::AlterFunctionStmt(statement) => self.alter_function(statement),
            NodeEnum::CreateCastStmt(statement) => self.create_cast(statement),
            NodeEnum::CreateExtensionStmt(statement) => self.create_extension(statement),
            // Without a handler it is short for CREATE EXTENSION (gram.y); else the handler is a function of its own.
            NodeEnum::CreatePlangStmt(statement) if statement.plhandler.is_empty() => {
                self.create_extension(&ast::CreateExtensionStmt {
                    extname: statement.plname.clone(),
                    if_not_exists: statement.replace,
                    ..Default::default()
                })
            }
            NodeEnum::CreatePlangStmt(_) => Ok(()),
            NodeEnum::DropStmt(statement) => self.drop(statement),
            NodeEnum::RenameStmt(statement) => self.rename(statement),
            NodeEnum::AlterObjectSchemaStmt(statement) => self.set_schema(statement),
            NodeEnum::AlterOwnerStmt(statement) => self.alter_owner(statement),
            NodeEnum::CommentStmt(statement) => self.comment(statement),
            NodeEnum::GrantStmt(statement) => self.grant(statement),
            NodeEnum::AlterDefaultPrivilegesStmt(statement) => self.alter_default_privileges(statement),
            NodeEnum::CreateTrigStmt(statement) => self.create_trigger(statement),
            NodeEnum::RuleStmt(statement) => self.create_rule(statement),
            NodeEnum::CreatePolicyStmt(statement) => self.create_policy(statement),
            NodeEnum::AlterPolicyStmt(statement) => self.alter_policy(statement),
            NodeEnum::VariableSetStmt(statement) => self.set_variable(statement),
            NodeEnum::TransactionStmt(statement) => self.transaction(statement),
            NodeEnum::DoStmt(statement) => self.do_block(statement),
            NodeEnum::CallStmt(statement) => self.call(statement),
            NodeEnum::CreateStatsStmt(statement) => self.create_statistics(statement),
            NodeEnum::AlterStatsStmt(statement) => self.alter_statistics(statement),
            NodeEnum::CreateEventTrigStmt(statement) => self.create_event_trigger(statement),
            NodeEnum::AlterEventTrigStmt(statement) => self.alter_event_trigger(statement),
            NodeEnum::DiscardStmt(statement) => {
                if statement.target() == ast::DiscardMode::DiscardAll {
                    self.set_search_path(self.settings.search_path.clone(), false);
                }
                Ok(())
            }
            node => self.other(node),
        }
    }

    /// Statements that change nothing that is kept here, and those that cannot be followed.
    fn other(&mut self, node: &NodeEnum) -> Outcome {
        match node {
            // Rows.
            NodeEnum::InsertStmt(_) | NodeEnum::UpdateStmt(_) | NodeEnum::DeleteStmt(_) | NodeEnum::MergeStmt(_) => {
                self.follow_calls(node);
                Ok(())
            }
            NodeEnum::TruncateStmt(_)
            | NodeEnum::CopyStmt(_)
            | NodeEnum::ExplainStmt(_)
            | NodeEnum::DeclareCursorStmt(_)
            | NodeEnum::FetchStmt(_)
            | NodeEnum::ClosePortalStmt(_)
            | NodeEnum::PrepareStmt(_)
            | NodeEnum::DeallocateStmt(_)
            | NodeEnum::LockStmt(_)
            | NodeEnum::NotifyStmt(_)
            | NodeEnum::ListenStmt(_)
            | NodeEnum::UnlistenStmt(_)
            | NodeEnum::LoadStmt(_)
            | NodeEnum::ConstraintsSetStmt(_)
            | NodeEnum::VariableShowStmt(_) => Ok(()),
            // Storage.
            NodeEnum::VacuumStmt(_)
            | NodeEnum::ClusterStmt(_)
            | NodeEnum::ReindexStmt(_)
            | NodeEnum::CheckPointStmt(_)
            | NodeEnum::AlterTableMoveAllStmt(_)
            | NodeEnum::CreateTableSpaceStmt(_)
            | NodeEnum::DropTableSpaceStmt(_)
            | NodeEnum::AlterTableSpaceOptionsStmt(_)
            | NodeEnum::CreateAmStmt(_) => Ok(()),
            // Roles, servers, databases, settings, replication: not objects of a state.
            NodeEnum::CreateRoleStmt(_)
            | NodeEnum::AlterRoleStmt(_)
            | NodeEnum::AlterRoleSetStmt(_)
            | NodeEnum::DropRoleStmt(_)
            | NodeEnum::GrantRoleStmt(_)
            | NodeEnum::CreateFdwStmt(_)
            | NodeEnum::AlterFdwStmt(_)
            | NodeEnum::CreateForeignServerStmt(_)
            | NodeEnum::AlterForeignServerStmt(_)
            | NodeEnum::CreateUserMappingStmt(_)
            | NodeEnum::AlterUserMappingStmt(_)
            | NodeEnum::DropUserMappingStmt(_)
            | NodeEnum::CreatedbStmt(_)
            | NodeEnum::AlterDatabaseStmt(_)
            | NodeEnum::AlterDatabaseRefreshCollStmt(_)
            | NodeEnum::AlterDatabaseSetStmt(_)
            | NodeEnum::DropdbStmt(_)
            | NodeEnum::AlterSystemStmt(_)
            | NodeEnum::CreatePublicationStmt(_)
            | NodeEnum::AlterPublicationStmt(_)
            | NodeEnum::CreateSubscriptionStmt(_)
            | NodeEnum::AlterSubscriptionStmt(_)
            | NodeEnum::DropSubscriptionStmt(_)
            | NodeEnum::SecLabelStmt(_)
            | NodeEnum::CreateTransformStmt(_)
            | NodeEnum::AlterTsdictionaryStmt(_)
            | NodeEnum::AlterTsconfigurationStmt(_)
            | NodeEnum::CreateConversionStmt(_)
            | NodeEnum::AlterCollationStmt(_)
            | NodeEnum::AlterOperatorStmt(_)
            | NodeEnum::AlterObjectDependsStmt(_) => Ok(()),
            NodeEnum::CreateOpClassStmt(statement) => self.create_operator_class(statement),
            NodeEnum::CreateOpFamilyStmt(statement) => self.create_operator_family(statement),
            NodeEnum::AlterOpFamilyStmt(statement) => self.alter_operator_family(statement),
            NodeEnum::ExecuteStmt(statement) => {
                self.unmodelled(
                    format!("`EXECUTE {}`", statement.name),
                    "what a prepared statement does is not followed",
                );
                Ok(())
            }
            NodeEnum::ImportForeignSchemaStmt(_) => {
                self.unmodelled("`IMPORT FOREIGN SCHEMA`", "the tables it makes are known to the foreign server only");
                Ok(())
            }
            NodeEnum::AlterExtensionStmt(statement) => self.update_extension(statement),
            NodeEnum::AlterExtensionContentsStmt(_) => Ok(()),
            NodeEnum::DropOwnedStmt(_) => {
                self.unmodelled("`DROP OWNED`", "which objects a role owns is known to the server only");
                Ok(())
            }
            NodeEnum::ReassignOwnedStmt(_) => {
                self.unmodelled("`REASSIGN OWNED`", "which objects a role owns is known to the server only");
                Ok(())
            }
            _ => Err(Diagnostic::error("this statement is not understood")
                .code(SqlState::FEATURE_NOT_SUPPORTED)
                .note("the replay of migrations must know what every statement does to tables, types and views")),
        }
    }
}
