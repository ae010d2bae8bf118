//! `ALTER TABLE … ALTER COLUMN … ADD`, `SET` and `DROP` of `IDENTITY`: a column and the sequence behind it.

use super::node;
use super::partition::is_identity;
use super::session::{Outcome, Reach, Session};
use crate::catalog::{ColumnSource, NotNull, Oid, Persistence, RelationKind, ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    pub(super) fn add_identity(&mut self, table: Oid, name: &str, definition: Option<&NodeEnum>) -> Outcome {
        let number = self.column(table, name, -1)?;
        let row = self.own(table)?;
        let Some(column) = row.attribute(number) else { return Ok(()) };
        self.check_identity_of_all_partitions(table, "add identity to a column")?;
        // The sequence is made before the column is looked at (`transformAlterTableStmt`).
        self.check_identity_type(column.type_, -1)?;
        if column.not_null == NotNull::No {
            let message = format!(
                "column `{name}` of relation `{}` must be declared NOT NULL before identity can be added",
                row.name
            );
            return Err(self.error(SqlState("55000"), message, -1));
        }
        if column.has_default {
            let message = format!("column `{name}` of relation `{}` already has a default value", row.name);
            return Err(self.error(SqlState("55000"), message, -1));
        }
        let always = matches!(definition, Some(NodeEnum::Constraint(constraint)) if constraint.generated_when == "a");
        let source = if always { ColumnSource::IdentityAlways } else { ColumnSource::IdentityByDefault };
        self.set_identity_source(table, name, source);
        let name = match definition {
            Some(NodeEnum::Constraint(constraint)) => super::column::sequence_name(constraint),
            _ => None,
        };
        let sequence = self.add_owned_sequence(table, number, name.as_deref())?;
        // As pg_dump writes it where table and sequence differ in that (`generateSerialExtraStmts`).
        let options = match definition {
            Some(NodeEnum::Constraint(constraint)) => constraint.options.as_slice(),
            _ => &[],
        };
        let persistence = node::options(options).find_map(|option| match option.defname.as_str() {
            "logged" => Some(Persistence::Permanent),
            "unlogged" => Some(Persistence::Unlogged),
            _ => None,
        });
        if let Some(persistence) = persistence {
            self.catalog.update_relation(sequence, |row| row.persistence = persistence);
        }
        Ok(())
    }

    /// Partitions have the identity of their table from 17 on, and none of their own (`ATExecAddIdentity`, `ATExecSetIdentity`,
    /// `ATExecDropIdentity`).
    fn check_identity_of_all_partitions(&self, table: Oid, change: &str) -> Outcome {
        let row = self.own(table)?;
        let alone = if row.kind == RelationKind::PartitionedTable && self.reach == Reach::Only {
            "only the partitioned table"
        } else if row.is_partition {
            "a partition"
        } else {
            return Ok(());
        };
        if self.catalog.version < ServerVersion::V17 {
            return Ok(());
        }
        let message = format!("cannot {change} of {alone}");
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    /// Typed tables and partitions are not declared with identity columns (`transformColumnDefinition`).
    pub(super) fn check_has_no_identity(&self, column: &ast::ColumnDef, typed: bool, is_partition: bool) -> Outcome {
        let identity = column.constraints.iter().find_map(|element| match &element.node {
            Some(NodeEnum::Constraint(row)) if row.contype() == ast::ConstrType::ConstrIdentity => Some(row.location),
            _ => None,
        });
        let Some(location) = identity.filter(|_| typed) else { return Ok(()) };
        let of = if is_partition { "partitions" } else { "typed tables" };
        let message = format!("identity columns are not supported on {of}");
        Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location))
    }

    /// Where a column takes its values from, and from 17 on in the partitions too.
    fn set_identity_source(&mut self, table: Oid, name: &str, source: ColumnSource) {
        let Some(row) = self.catalog.relation(table) else { return };
        let Some((number, _)) = row.column(name) else { return };
        let shared = row.kind == RelationKind::PartitionedTable && self.catalog.version >= ServerVersion::V17;
        self.update_column(table, number, |column| {
            (column.source, column.has_default) = (source, source != ColumnSource::Plain);
        });
        for partition in self.children(table).into_iter().filter(|_| shared) {
            self.set_identity_source(partition, name, source);
        }
    }

    /// The sequence behind the column has its type (`init_params` in sequence.c).
    pub(super) fn check_identity_type(&self, type_: Oid, location: i32) -> Outcome {
        if [oids::INT2, oids::INT4, oids::INT8].contains(&type_) {
            return Ok(());
        }
        let message = "identity column type must be smallint, integer, or bigint";
        Err(self.error(SqlState::INVALID_PARAMETER, message, location))
    }

    pub(super) fn set_identity(&mut self, table: Oid, name: &str, definition: Option<&NodeEnum>) -> Outcome {
        let number = self.column(table, name, -1)?;
        self.check_identity_of_all_partitions(table, "change identity column")?;
        if !self.own(table)?.attribute(number).is_some_and(is_identity) {
            let message = format!("column `{name}` is not an identity column");
            return Err(self.error(SqlState("55000"), message, -1));
        }
        let Some(NodeEnum::List(list)) = definition else { return Ok(()) };
        for option in node::options(&list.items).filter(|option| option.defname == "generated") {
            // The grammar gives the letter of attidentity as a number.
            let always = node::option_text(option).is_some_and(|text| text == (b'a').to_string() || text == "a");
            let source = if always { ColumnSource::IdentityAlways } else { ColumnSource::IdentityByDefault };
            self.set_identity_source(table, name, source);
        }
        Ok(())
    }

    pub(super) fn drop_identity(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        let number = self.column(table, &command.name, -1)?;
        self.check_identity_of_all_partitions(table, "drop identity from a column")?;
        if !self.own(table)?.attribute(number).is_some_and(is_identity) {
            if command.missing_ok {
                return Ok(());
            }
            let message = format!("column `{}` is not an identity column", command.name);
            return Err(self.error(SqlState("55000"), message, -1));
        }
        self.set_identity_source(table, &command.name, ColumnSource::Plain);
        let owned: Vec<Oid> = self.sequences_of(table, Some(number));
        for sequence in owned {
            self.remove_relation_row(sequence);
        }
        Ok(())
    }
}
