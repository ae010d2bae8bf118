//! `INHERIT`, `NO INHERIT`, `ATTACH PARTITION`, `DETACH PARTITION`.

use super::session::{Outcome, Session};
use crate::catalog::{
    Column, ColumnSource, NotNull, Oid, PartitionBound, Persistence, Relation, RelationKind, ServerVersion,
};
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
            let bound = match &command.bound {
                Some(bound) => self.partition_bound(table, bound)?,
                None => None,
            };
            if let Some(bound) = &bound {
                self.check_partition_bound(table, partition, bound, -1)?;
            }
            self.add_parent(partition, table, As::Partition)?;
            self.note_partition_bound(partition, command.bound.as_ref(), bound);
            return Ok(());
        }
        self.remove_parent(partition, table)
    }

    /// What a new table holds as a partition (`DefineRelation`).
    pub(super) fn note_new_partition(
        &mut self,
        partition: Oid,
        parents: &[Oid],
        bound: Option<&ast::PartitionBoundSpec>,
    ) -> Outcome {
        let (Some(spec), [parent]) = (bound, parents) else { return Ok(()) };
        let bound = self.partition_bound(*parent, spec)?;
        if let Some(bound) = &bound {
            self.check_partition_bound(*parent, partition, bound, spec.location)?;
        }
        self.note_partition_bound(partition, Some(spec), bound);
        Ok(())
    }

    /// Keeps the text that attaches a partition again.
    pub(super) fn note_partition_bound(
        &mut self,
        partition: Oid,
        bound: Option<&ast::PartitionBoundSpec>,
        values: Option<PartitionBound>,
    ) {
        if let Some(text) = bound.and_then(bound_text) {
            self.catalog.partition_bounds.insert(partition, text);
        }
        if let Some(values) = values {
            self.catalog.partition_values.insert(partition, values);
        }
    }

    /// The tables that a new table inherits from, or is a partition of (`MergeAttributes`, `DefineRelation`).
    pub(super) fn parents_of(&self, statement: &ast::CreateStmt, new: &ast::RangeVar) -> Outcome<Vec<Oid>> {
        let partition = statement.partbound.is_some();
        let temporary = new.relpersistence == "t" || new.schemaname == "pg_temp";
        let mut parents = Vec::new();
        for node in &statement.inh_relations {
            let Some(NodeEnum::RangeVar(name)) = &node.node else { continue };
            let oid = self.relation(name)?;
            let row = self.own(oid)?;
            let (kind, shown) = (row.kind, self.relation_name(oid));
            let refused = |message: String, code| Err(self.error(code, message, name.location));
            let fits = match kind {
                RelationKind::PartitionedTable => partition,
                RelationKind::Table | RelationKind::ForeignTable => !partition,
                _ => false,
            };
            if !fits {
                let message = if partition {
                    format!("`{shown}` is not partitioned")
                } else if kind == RelationKind::PartitionedTable {
                    format!("cannot inherit from partitioned table `{shown}`")
                } else {
                    format!("inherited relation `{shown}` is not a table or foreign table")
                };
                // `DefineRelation` looks at that later than `MergeAttributes` at the kind.
                let table = matches!(kind, RelationKind::Table | RelationKind::ForeignTable);
                let code =
                    if partition && table { SqlState::INVALID_OBJECT_DEFINITION } else { SqlState::WRONG_OBJECT_TYPE };
                return refused(message, code);
            }
            let goes = row.persistence == Persistence::Temporary;
            let message = match (goes, temporary) {
                _ if row.is_partition && !partition => format!("cannot inherit from partition `{shown}`"),
                (true, false) if partition => {
                    format!("cannot create a permanent relation as partition of temporary relation `{shown}`")
                }
                (true, false) => format!("cannot inherit from temporary relation `{shown}`"),
                (false, true) if partition => {
                    format!("cannot create a temporary relation as partition of permanent relation `{shown}`")
                }
                _ if parents.contains(&oid) => {
                    let message = format!("relation `{shown}` would be inherited from more than once");
                    return refused(message, SqlState::DUPLICATE_TABLE);
                }
                _ => {
                    parents.push(oid);
                    continue;
                }
            };
            return refused(message, SqlState::WRONG_OBJECT_TYPE);
        }
        Ok(parents)
    }

    /// A table gets a parent: it must have the parent's columns (`MergeAttributesIntoExisting`).
    pub(super) fn add_parent(&mut self, table: Oid, parent: Oid, role: As) -> Outcome {
        match role {
            As::Child => self.check_may_inherit(table, parent)?,
            As::Partition => self.check_may_attach(table, parent)?,
        }
        let row = self.own(table)?;
        let Some(parent_row) = self.catalog.relation(parent).cloned() else { return Ok(()) };
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
            if own.collation != column.collation {
                let child = self.relation_name(table);
                let message = format!("child table `{child}` has different collation for column `{}`", column.name);
                return Err(self.error(SqlState::COLLATION_MISMATCH, message, -1));
            }
            self.check_generated_alike(own, column)?;
            let must = matches!(column.not_null, NotNull::Yes | NotNull::NotValidated);
            if must && own.not_null == NotNull::No {
                let message = format!("column `{}` in child table must be marked NOT NULL", column.name);
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
        }
        self.check_has_checks_of(table, parent, role)?;
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
        if role == As::Partition {
            self.give_not_null_away(table);
        }
        self.copy_foreign_keys(parent, table);
        if role == As::Partition {
            self.clone_indexes_to_partition(parent, table)?;
        }
        Ok(())
    }

    /// A column is generated where the parent's is (`MergeAttributesIntoExisting`).
    fn check_generated_alike(&self, own: &Column, parent: &Column) -> Outcome {
        let generated = |column: &Column| match column.source {
            source @ (ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual) => Some(source),
            _ => None,
        };
        let must = match (generated(own), generated(parent)) {
            (None, Some(_)) => "must be",
            (Some(_), None) if self.catalog.version >= ServerVersion::V16 => "must not be",
            (Some(one), Some(other)) if one != other => "is not of the kind of the parent's: it must be",
            _ => return Ok(()),
        };
        let message = format!("column `{}` in child table {must} a generated column", own.name);
        Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1))
    }

    /// A partition leaves by `DETACH PARTITION` (`ATExecDropInherit`).
    pub(super) fn check_is_no_partition(&self, table: Oid) -> Outcome {
        if self.own(table)?.is_partition {
            let message = "cannot change inheritance of a partition";
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1).help("write DETACH PARTITION"));
        }
        Ok(())
    }

    /// `ATPrepAddInherit`, `ATExecAddInherit`
    fn check_may_inherit(&self, table: Oid, parent: Oid) -> Outcome {
        let row = self.own(table)?;
        if !self.is_certain(table) {
            return Ok(());
        }
        let refused = |message: String| Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        if self.catalog.typed_tables.contains_key(&table) {
            return refused("cannot change inheritance of typed table".to_owned());
        }
        if row.is_partition {
            return refused("cannot change inheritance of a partition".to_owned());
        }
        if row.kind == RelationKind::PartitionedTable {
            return refused("cannot change inheritance of partitioned table".to_owned());
        }
        let Some(parent_row) = self.catalog.relation(parent) else { return Ok(()) };
        let shown = self.relation_name(parent);
        match parent_row.kind {
            RelationKind::PartitionedTable => {
                return refused(format!("cannot inherit from partitioned table `{shown}`"));
            }
            RelationKind::Table | RelationKind::ForeignTable => {}
            _ => return refused(format!("`{shown}` is not a table or foreign table")),
        }
        let temporary = |row: &Relation| row.persistence == Persistence::Temporary;
        if temporary(parent_row) && !temporary(row) {
            return refused(format!("cannot inherit from temporary relation `{shown}`"));
        }
        if parent_row.is_partition {
            return refused("cannot inherit from a partition".to_owned());
        }
        if row.parents.contains(&parent) {
            let message = format!("relation `{shown}` would be inherited from more than once");
            return Err(self.error(SqlState::DUPLICATE_TABLE, message, -1));
        }
        self.check_not_circular(table, parent)
    }

    fn check_not_circular(&self, table: Oid, parent: Oid) -> Outcome {
        if table != parent && !self.catalog.descendants(table).contains(&parent) {
            return Ok(());
        }
        let message = "circular inheritance not allowed";
        let note = format!("`{}` is already a child of `{}`", self.relation_name(parent), self.relation_name(table));
        Err(self.error(SqlState::DUPLICATE_TABLE, message, -1).note(note))
    }

    /// `ATExecAttachPartition`
    fn check_may_attach(&self, table: Oid, parent: Oid) -> Outcome {
        let row = self.own(table)?;
        let name = self.relation_name(table);
        let refused = |message: String| Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        if row.is_partition {
            return refused(format!("`{name}` is already a partition"));
        }
        if self.catalog.typed_tables.contains_key(&table) {
            return refused("cannot attach a typed table as partition".to_owned());
        }
        if !row.parents.is_empty() && self.is_certain(table) {
            return refused("cannot attach inheritance child as partition".to_owned());
        }
        if row.kind == RelationKind::Table && self.has_certain_children(table) {
            return refused("cannot attach inheritance parent as partition".to_owned());
        }
        self.check_not_circular(table, parent)?;
        let Some(parent_row) = self.catalog.relation(parent) else { return Ok(()) };
        let temporary = |row: &Relation| row.persistence == Persistence::Temporary;
        if temporary(row) != temporary(parent_row) {
            let word = |row| if temporary(row) { "temporary" } else { "permanent" };
            let (child, whole, shown) = (word(row), word(parent_row), self.relation_name(parent));
            return refused(format!("cannot attach a {child} relation as partition of {whole} relation `{shown}`"));
        }
        if let Some((_, column)) = row.live_columns().find(|(_, column)| parent_row.column(&column.name).is_none()) {
            let shown = self.relation_name(parent);
            let message = format!("table `{name}` contains column `{}` not found in parent `{shown}`", column.name);
            let error = self.error(SqlState::DATATYPE_MISMATCH, message, -1);
            return Err(error.note("a partition may have only the columns that its table has"));
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
        self.catalog.partition_values.remove(&table);
        self.keep_constraints_as_own(table);
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
