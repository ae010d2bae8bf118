//! `ALTER TABLE … ALTER COLUMN … ADD`, `SET` and `DROP` of `IDENTITY`: a column and the sequence behind it.

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{ColumnSource, NotNull, Oid, Persistence, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    pub(super) fn add_identity(&mut self, table: Oid, name: &str, definition: Option<&NodeEnum>) -> Outcome {
        let number = self.column(table, name, -1)?;
        let row = self.own(table)?;
        let Some(column) = row.attribute(number) else { return Ok(()) };
        if row.is_partition && self.catalog.version >= ServerVersion::V17 {
            let message = "cannot add identity to a column of a partition";
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1));
        }
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
        self.update_column(table, number, |column| {
            column.source = if always { ColumnSource::IdentityAlways } else { ColumnSource::IdentityByDefault };
            column.has_default = true;
        });
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

    pub(super) fn set_identity(&mut self, table: Oid, name: &str, definition: Option<&NodeEnum>) -> Outcome {
        let number = self.column(table, name, -1)?;
        let Some(NodeEnum::List(list)) = definition else { return Ok(()) };
        for option in node::options(&list.items).filter(|option| option.defname == "generated") {
            // The grammar gives the letter of attidentity as a number.
            let always = node::option_text(option).is_some_and(|text| text == (b'a').to_string() || text == "a");
            self.update_column(table, number, |column| {
                column.source = if always { ColumnSource::IdentityAlways } else { ColumnSource::IdentityByDefault };
            });
        }
        Ok(())
    }

    pub(super) fn drop_identity(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        let number = self.column(table, &command.name, -1)?;
        let identity = self.own(table)?.attribute(number).is_some_and(|column| {
            matches!(column.source, ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault)
        });
        if !identity {
            if command.missing_ok {
                return Ok(());
            }
            let message = format!("column `{}` is not an identity column", command.name);
            return Err(self.error(SqlState("55000"), message, -1));
        }
        self.update_column(table, number, |column| {
            (column.source, column.has_default) = (ColumnSource::Plain, false);
        });
        let owned: Vec<Oid> = self.sequences_of(table, Some(number));
        for sequence in owned {
            self.remove_relation_row(sequence);
        }
        Ok(())
    }
}
