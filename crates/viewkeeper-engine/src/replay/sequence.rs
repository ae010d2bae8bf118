//! `CREATE SEQUENCE`, `ALTER SEQUENCE`: their existence and their owner; values shape nothing.

use super::address::Address;
use super::column::column;
use super::new_type::persistence;
use super::node;
use super::session::{Outcome, Session};
use super::table::NewRelation;
use crate::catalog::{Column, NotNull, Oid, RelationKind, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// The columns that every sequence has.
pub(super) fn columns() -> Vec<Column> {
    let not_null = |name: &str, type_: Oid| Column { not_null: NotNull::Yes, ..column(name, type_, -1, Oid::INVALID) };
    vec![not_null("last_value", oids::INT8), not_null("log_cnt", oids::INT8), not_null("is_called", oids::BOOL)]
}

impl Session<'_> {
    pub(super) fn create_sequence(&mut self, statement: &ast::CreateSeqStmt) -> Outcome {
        let Some(name) = &statement.sequence else { return Err(self.malformed("without a name")) };
        let schema = self.creation_schema(&name.schemaname, &name.relpersistence, name.location)?;
        if statement.if_not_exists && self.relation_name_taken(schema, &name.relname) {
            return Ok(());
        }
        self.check_relation_name_free(schema, &name.relname, name.location)?;
        let sequence = self.add_relation(NewRelation {
            columns: columns(),
            persistence: persistence(&name.relpersistence),
            ..NewRelation::new(schema, &name.relname, RelationKind::Sequence)
        });
        self.apply_default_privileges(&Address::Relation(sequence));
        self.sequence_owner(sequence, &statement.options)
    }

    pub(super) fn alter_sequence(&mut self, statement: &ast::AlterSeqStmt) -> Outcome {
        let Some(sequence) = self.target(statement.sequence.as_ref(), statement.missing_ok)? else { return Ok(()) };
        self.check_kind(sequence, ast::ObjectType::ObjectSequence)?;
        self.sequence_owner(sequence, &statement.options)
    }

    /// `OWNED BY`.
    fn sequence_owner(&mut self, sequence: Oid, options: &[ast::Node]) -> Outcome {
        for option in node::options(options).filter(|option| option.defname == "owned_by") {
            let Some(NodeEnum::List(list)) = option.arg.as_ref().and_then(|arg| arg.node.as_ref()) else { continue };
            let parts = node::strings(&list.items);
            match parts.split_last() {
                Some((&"none", [])) | None => {
                    self.catalog.sequence_owners.remove(&sequence);
                }
                Some((_, [])) => {
                    return Err(self.error(SqlState::SYNTAX_ERROR, "invalid OWNED BY option", option.location));
                }
                Some((column, table)) => {
                    let table = self.relation(&node::range_var(table, option.location))?;
                    let number = self.column(table, column, option.location)?;
                    self.catalog.sequence_owners.insert(sequence, (table, number));
                }
            }
        }
        Ok(())
    }
}
