//! How far a change of a column has to reach: all tables below have the column too (`ATPrepAddColumn`, `ATPrepDropColumn`,
//! `ATPrepAlterColumnType` in tablecmds.c).

use super::session::{Outcome, Reach, Session};
use crate::catalog::{Oid, RelationKind};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    /// Refuses a change of a column that is not the table's alone to make.
    pub(super) fn check_column_reach(&self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        use ast::AlterTableType as Kind;
        let kind = command.subtype();
        let change = match kind {
            Kind::AtAddColumn => "add column to",
            Kind::AtDropColumn => "drop column from",
            Kind::AtAlterColumnType => "alter column type of",
            _ => return Ok(()),
        };
        if self.catalog.typed_tables.contains_key(&table) {
            let error = self.error(SqlState::WRONG_OBJECT_TYPE, format!("cannot {change} typed table"), -1);
            return Err(error.help("change the type that the table is of"));
        }
        // `find_typed_table_dependencies`
        if command.behavior() != ast::DropBehavior::DropCascade && !self.typed_tables_of(table).is_empty() {
            let name = self.relation_name(table);
            let message = format!("cannot alter type `{name}` because it is the type of a typed table");
            let error = self.error(SqlState::DEPENDENT_OBJECTS, message, -1);
            return Err(error.help("with `CASCADE`, the table is changed too"));
        }
        let row = self.own(table)?;
        let only = self.reach == Reach::Only && self.has_certain_children(table);
        let name = match command.def.as_ref().and_then(|node| node.node.as_ref()) {
            Some(NodeEnum::ColumnDef(column)) if kind == Kind::AtAddColumn => &column.colname,
            _ => &command.name,
        };
        let known = row.column(name).is_some();
        let message = match kind {
            Kind::AtAddColumn if only && !known => "column must be added to child tables too".to_owned(),
            Kind::AtDropColumn if only && known && row.kind == RelationKind::PartitionedTable => {
                "cannot drop column from only the partitioned table when partitions exist".to_owned()
            }
            Kind::AtAlterColumnType if known && self.is_inherited(table, name) && self.is_certain(table) => {
                format!("cannot alter inherited column `{name}`")
            }
            Kind::AtAlterColumnType if known && only => {
                format!("type of inherited column `{name}` must be changed in child tables too")
            }
            Kind::AtAlterColumnType if known => return self.check_type_is_of_all_parents(table, name),
            _ => return Ok(()),
        };
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    /// A table below may have the column from elsewhere, too.
    fn check_type_is_of_all_parents(&self, table: Oid, name: &str) -> Outcome {
        let below = self.catalog.descendants(table);
        for child in below.iter().filter(|child| self.is_certain(**child)) {
            let Some(row) = self.catalog.relation(*child) else { continue };
            let has = |parent: &&Oid| self.catalog.relation(**parent).is_some_and(|row| row.column(name).is_some());
            if row.parents.iter().filter(has).any(|parent| *parent != table && !below.contains(parent)) {
                let message = format!("cannot alter inherited column `{name}` of relation `{}`", row.name);
                return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1));
            }
        }
        Ok(())
    }
}
