//! What the grammar has and that of an older version has not, where no keyword of its own tells (gram.y of 14 to 18). Words
//! that only later versions know are the parser's matter (`parser/words.rs`).

use super::session::{Outcome, Session};
use crate::catalog::ServerVersion::{self, V14, V15, V16, V17, V18};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    /// Refuses what the version that the project targets cannot read.
    pub(super) fn check_syntax(&self, node: &NodeEnum) -> Outcome {
        match node {
            NodeEnum::CreateStmt(statement) => self.check_table_syntax(statement),
            NodeEnum::CreateForeignTableStmt(statement) => match &statement.base_stmt {
                Some(base) => self.check_table_syntax(base),
                None => Ok(()),
            },
            NodeEnum::AlterTableStmt(statement) => {
                statement.cmds.iter().filter_map(|command| command.node.as_ref()).try_for_each(
                    |command| match command {
                        NodeEnum::AlterTableCmd(command) => self.check_command_syntax(command),
                        _ => Ok(()),
                    },
                )
            }
            // `opt_qualified_name`
            NodeEnum::CreateStatsStmt(statement) if statement.defnames.is_empty() => {
                self.since(V16, "CREATE STATISTICS without a name", -1)
            }
            // `DomainConstraintElem`
            NodeEnum::AlterDomainStmt(statement) => match statement.def.as_deref().map(|definition| &definition.node) {
                Some(Some(NodeEnum::Constraint(constraint)))
                    if constraint.contype() == ast::ConstrType::ConstrNotnull =>
                {
                    self.since(V17, "ALTER DOMAIN … ADD NOT NULL", constraint.location)
                }
                _ => Ok(()),
            },
            NodeEnum::GrantStmt(statement) => self.check_privileges(statement),
            NodeEnum::AlterDefaultPrivilegesStmt(statement) => {
                statement.action.as_ref().map_or(Ok(()), |grant| self.check_privileges(grant))
            }
            // `DefineSequence`
            NodeEnum::CreateSeqStmt(statement)
                if self.catalog.version < V15
                    && statement.sequence.as_ref().is_some_and(|name| name.relpersistence == "u") =>
            {
                Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, "unlogged sequences came with PostgreSQL 15", -1))
            }
            _ => Ok(()),
        }
    }

    fn since(&self, since: ServerVersion, what: &str, location: i32) -> Outcome {
        let version = self.catalog.version;
        if version >= since {
            return Ok(());
        }
        let message = format!("PostgreSQL {} does not have {what}", version.major());
        let note = format!("it came with PostgreSQL {}", since.major());
        Err(self.error(SqlState::SYNTAX_ERROR, message, location).note(note))
    }

    /// `string_to_privilege`
    fn check_privileges(&self, statement: &ast::GrantStmt) -> Outcome {
        for privilege in &statement.privileges {
            let Some(NodeEnum::AccessPriv(privilege)) = &privilege.node else { continue };
            let since = match privilege.priv_name.as_str() {
                "maintain" => Some(V17),
                "set" | "alter system" => Some(V15),
                "" | "insert" | "select" | "update" | "delete" | "truncate" | "references" | "trigger" | "execute"
                | "usage" | "create" | "temporary" | "temp" | "connect" | "rule" => Some(V14),
                _ => None,
            };
            if since.is_none_or(|since| self.catalog.version < since) {
                let message = format!("there is no privilege `{}`", privilege.priv_name);
                let problem = self.error(SqlState::SYNTAX_ERROR, message, -1);
                return Err(match since {
                    Some(since) => problem.note(format!("it came with PostgreSQL {}", since.major())),
                    None => problem,
                });
            }
        }
        Ok(())
    }

    fn check_table_syntax(&self, statement: &ast::CreateStmt) -> Outcome {
        for element in statement.table_elts.iter().filter_map(|element| element.node.as_ref()) {
            self.check_element_syntax(element)?;
        }
        // `DefineRelation`
        if self.catalog.version < V17 && statement.partspec.is_some() && !statement.access_method.is_empty() {
            let message = "access methods of partitioned tables came with PostgreSQL 17";
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        }
        Ok(())
    }

    /// A column or a constraint.
    fn check_element_syntax(&self, element: &NodeEnum) -> Outcome {
        match element {
            NodeEnum::ColumnDef(column) => {
                if !column.storage_name.is_empty() {
                    self.since(V16, "STORAGE of columns in CREATE TABLE", column.location)?;
                }
                column.constraints.iter().filter_map(|constraint| constraint.node.as_ref()).try_for_each(|constraint| {
                    match constraint {
                        NodeEnum::Constraint(constraint) => self.check_constraint_syntax(constraint),
                        _ => Ok(()),
                    }
                })
            }
            NodeEnum::Constraint(constraint) => self.check_constraint_syntax(constraint),
            _ => Ok(()),
        }
    }

    fn check_constraint_syntax(&self, constraint: &ast::Constraint) -> Outcome {
        use ast::ConstrType as Kind;
        match constraint.contype() {
            // `opt_virtual_or_stored`: without a word they are virtual.
            Kind::ConstrGenerated if constraint.generated_kind == "v" => {
                self.since(V18, "generated columns that are not STORED", constraint.location)
            }
            Kind::ConstrNotnull if constraint.is_no_inherit => {
                self.since(V18, "NOT NULL … NO INHERIT", constraint.location)
            }
            Kind::ConstrPrimary | Kind::ConstrUnique if constraint.without_overlaps => {
                self.since(V18, "WITHOUT OVERLAPS", constraint.location)
            }
            // `key_delete`
            Kind::ConstrForeign if !constraint.fk_del_set_cols.is_empty() => {
                self.since(V15, "columns that ON DELETE sets", constraint.location)
            }
            _ => Ok(()),
        }
    }

    fn check_command_syntax(&self, command: &ast::AlterTableCmd) -> Outcome {
        use ast::AlterTableType as Kind;
        let definition = command.def.as_deref().and_then(|definition| definition.node.as_ref());
        match command.subtype() {
            Kind::AtAddColumn | Kind::AtAddConstraint => {
                definition.map_or(Ok(()), |one| self.check_element_syntax(one))
            }
            Kind::AtSetExpression => self.since(V17, "SET EXPRESSION", -1),
            Kind::AtSetStorage if matches!(definition, Some(NodeEnum::String(name)) if name.sval == "default") => {
                self.since(V16, "SET STORAGE DEFAULT", -1)
            }
            Kind::AtSetStatistics if definition.is_none() => self.since(V17, "SET STATISTICS DEFAULT", -1),
            Kind::AtSetAccessMethod => {
                self.since(V15, "SET ACCESS METHOD", -1)?;
                match command.name.as_str() {
                    "" => self.since(V17, "SET ACCESS METHOD DEFAULT", -1),
                    _ => Ok(()),
                }
            }
            Kind::AtAlterConstraint => match definition {
                // `processCASbits`
                Some(NodeEnum::AtalterConstraint(change))
                    if change.alter_inheritability && self.catalog.version < V18 =>
                {
                    let message = "ALTER CONSTRAINT … INHERIT came with PostgreSQL 18";
                    Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
