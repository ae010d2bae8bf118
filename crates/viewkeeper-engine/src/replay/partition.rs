//! `INHERIT`, `NO INHERIT`, `ATTACH PARTITION`, `DETACH PARTITION`.

use super::session::{Outcome, Session};
use crate::catalog::{Column, ColumnSource, NotNull, Oid, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};

/// What a table becomes of its new parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Child,
    Partition,
}

impl Session<'_> {
    pub(super) fn attach_or_detach(&mut self, table: Oid, command: &ast::PartitionCmd, attach: bool) -> Outcome {
        let Some(name) = &command.name else { return Err(self.malformed("without a partition")) };
        if self.own(table)?.kind != RelationKind::PartitionedTable {
            let message = format!("table `{}` is not partitioned", self.relation_name(table));
            // From 18 on the kind of the relation is looked at first (`ATPrepCmd`, `transformPartitionCmd`).
            let late = self.catalog.version >= ServerVersion::V18;
            let code = if late { SqlState::WRONG_OBJECT_TYPE } else { SqlState::INVALID_OBJECT_DEFINITION };
            return Err(self.error(code, message, -1));
        }
        let partition = self.relation(name)?;
        if attach {
            self.add_parent(partition, table, As::Partition)?;
            self.note_partition_bound(partition, command.bound.as_ref());
            return Ok(());
        }
        self.remove_parent(partition, table)
    }

    /// Keeps the text that attaches a partition again.
    pub(super) fn note_partition_bound(&mut self, partition: Oid, bound: Option<&ast::PartitionBoundSpec>) {
        if let Some(text) = bound.and_then(bound_text) {
            self.catalog.partition_bounds.insert(partition, text);
        }
    }

    /// A table gets a parent: it must have the parent's columns (`MergeAttributesIntoExisting`).
    pub(super) fn add_parent(&mut self, table: Oid, parent: Oid, role: As) -> Outcome {
        let row = self.own(table)?;
        // `ATExecAttachPartition`
        if role == As::Partition && row.is_partition {
            let message = format!("`{}` is already a partition", self.relation_name(table));
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        }
        if row.parents.contains(&parent) {
            let message = format!("relation `{}` would be inherited from more than once", self.relation_name(parent));
            return Err(self.error(SqlState::DUPLICATE_TABLE, message, -1));
        }
        let Some(parent_row) = self.catalog.relation(parent).cloned() else { return Ok(()) };
        for (_, column) in parent_row.live_columns() {
            let Some((_, own)) = row.column(&column.name) else {
                let message = format!("child table is missing column `{}`", column.name);
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            };
            if (own.type_, own.typmod) != (column.type_, column.typmod) {
                let child = self.relation_name(table);
                let message = format!("child table `{child}` has different type for column `{}`", column.name);
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
            let must = matches!(column.not_null, NotNull::Yes | NotNull::NotValidated);
            if must && own.not_null == NotNull::No {
                let message = format!("column `{}` in child table must be marked NOT NULL", column.name);
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
        }
        // From 17 on a partition's identity columns are its table's (`ATExecAttachPartition`).
        let shares_identity = role == As::Partition && self.catalog.version >= ServerVersion::V17;
        if shares_identity && let Some((_, own)) = row.live_columns().find(|(_, column)| is_identity(column)) {
            let message = format!(
                "table `{}` being attached contains an identity column `{}`",
                self.relation_name(table),
                own.name
            );
            return Err(self.error(SqlState("55000"), message, -1));
        }
        self.catalog.update_relation(table, |row| {
            row.parents.push(parent);
            row.is_partition = role == As::Partition;
            if role == As::Partition {
                row.columns.iter_mut().for_each(|column| column.is_local = false);
            }
            if shares_identity {
                for (_, shared) in parent_row.live_columns().filter(|(_, column)| is_identity(column)) {
                    if let Some(own) = row.columns.iter_mut().find(|own| !own.dropped && own.name == shared.name) {
                        (own.source, own.has_default) = (shared.source, shared.has_default);
                    }
                }
            }
        });
        self.inherit_constraints(table, parent)?;
        if role == As::Partition {
            self.clone_indexes_to_partition(parent, table)?;
        }
        Ok(())
    }

    pub(super) fn remove_parent(&mut self, table: Oid, parent: Oid) -> Outcome {
        if !self.own(table)?.parents.contains(&parent) {
            let message = format!(
                "relation `{}` is not a parent of relation `{}`",
                self.relation_name(parent),
                self.relation_name(table)
            );
            return Err(self.error(SqlState::UNDEFINED_TABLE, message, -1));
        }
        let loses_identity = self.own(table)?.is_partition && self.catalog.version >= ServerVersion::V17;
        self.catalog.update_relation(table, |row| {
            row.parents.retain(|other| *other != parent);
            row.is_partition = false;
            for column in row.columns.iter_mut().filter(|column| loses_identity && is_identity(column)) {
                (column.source, column.has_default) = (ColumnSource::Plain, false);
            }
        });
        self.catalog.partition_bounds.remove(&table);
        let names: Vec<String> = self.own(table)?.live_columns().map(|(_, column)| column.name.clone()).collect();
        for name in names {
            if !self.is_inherited(table, &name) {
                self.make_local(table, &name);
            }
        }
        Ok(())
    }

    /// Whether a parent has the column (`attinhcount`).
    pub(super) fn is_inherited(&self, table: Oid, column: &str) -> bool {
        let Some(row) = self.catalog.relation(table) else { return false };
        row.parents.iter().any(|parent| self.catalog.relation(*parent).is_some_and(|row| row.column(column).is_some()))
    }

    /// A column that no parent has any more is the table's own.
    pub(super) fn make_local(&mut self, table: Oid, column: &str) {
        if let Some((number, _)) = self.catalog.relation(table).and_then(|row| row.column(column)) {
            self.update_column(table, number, |column| column.is_local = true);
        }
    }
}

/// What stands behind the name of the partition in `ATTACH PARTITION`, in canonical text.
fn bound_text(bound: &ast::PartitionBoundSpec) -> Option<String> {
    let node = |node| ast::Node { node: Some(node) };
    let name = |name: &str| ast::RangeVar {
        relname: name.to_owned(),
        inh: true,
        relpersistence: "p".to_owned(),
        ..Default::default()
    };
    let partition = ast::PartitionCmd { name: Some(name("p")), bound: Some(bound.clone()), concurrent: false };
    let command = ast::AlterTableCmd {
        subtype: ast::AlterTableType::AtAttachPartition as i32,
        def: Some(Box::new(node(NodeEnum::PartitionCmd(partition)))),
        behavior: ast::DropBehavior::DropRestrict as i32,
        ..Default::default()
    };
    let statement = ast::AlterTableStmt {
        relation: Some(name("t")),
        cmds: vec![node(NodeEnum::AlterTableCmd(Box::new(command)))],
        objtype: ast::ObjectType::ObjectTable as i32,
        missing_ok: false,
    };
    let text = parser::canonical(&NodeEnum::AlterTableStmt(statement)).ok()?;
    Some(text.strip_prefix("ALTER TABLE t ATTACH PARTITION p ")?.to_owned())
}

pub(super) fn is_identity(column: &Column) -> bool {
    matches!(column.source, ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault)
}
