//! The key of a partitioned table: what it may be made of, and what it asks of columns and keys of the table.

use std::collections::BTreeSet;

use super::column::SYSTEM_COLUMNS;
use super::session::{Outcome, Session};
use super::walk;
use crate::analyse::Purpose;
use crate::catalog::{ColumnSource, ConstraintKind, Oid, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// Stands among the columns of a key that has expressions.
const EXPRESSION: i16 = 0;

impl Session<'_> {
    /// Keeps the columns that the key of a partitioned table is made of (`ComputePartitionAttrs`).
    pub(super) fn note_partition_key(&mut self, table: Oid, key: &ast::PartitionSpec) -> Outcome {
        let row = self.own(table)?;
        let mut numbers = BTreeSet::new();
        for element in &key.part_params {
            let Some(NodeEnum::PartitionElem(element)) = &element.node else { continue };
            if let Some(expression) = &element.expr {
                self.expression_dependencies(expression, Some(table), &Purpose::IndexColumn)?;
                numbers.insert(EXPRESSION);
                let named = expression.node.as_ref().map(walk::references).unwrap_or_default().columns;
                let named = named.into_iter().filter_map(|mut parts| parts.pop());
                numbers.extend(named.filter_map(|name| row.column(&name).map(|(number, _)| number)));
                continue;
            }
            let name = &element.name;
            let refused = |message: String, code| Err(self.error(code, message, element.location));
            if SYSTEM_COLUMNS.contains(&name.as_str()) {
                let message = format!("cannot use system column `{name}` in partition key");
                return refused(message, SqlState::INVALID_OBJECT_DEFINITION);
            }
            let Some((number, column)) = row.column(name) else {
                let message = format!("column `{name}` named in partition key does not exist");
                return refused(message, SqlState::UNDEFINED_COLUMN);
            };
            if matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual) {
                let message = format!("cannot use generated column `{name}` in partition key");
                return refused(message, SqlState::INVALID_OBJECT_DEFINITION);
            }
            numbers.insert(number);
        }
        self.catalog.partition_keys.insert(table, numbers);
        Ok(())
    }

    /// The columns of a partition key stay as they are (`ATExecDropColumn`, `ATPrepAlterColumnType`).
    pub(super) fn check_no_partition_key(&self, table: Oid, number: i16, change: &str) -> Outcome {
        if !self.catalog.partition_keys.get(&table).is_some_and(|key| key.contains(&number)) {
            return Ok(());
        }
        let (name, column) = (self.relation_name(table), self.column_names(table, &[number]).concat());
        let message =
            format!("cannot {change} column `{column}` because it is part of the partition key of relation `{name}`");
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    /// A key holds over all partitions only where it has the columns that the rows are distributed by (`DefineIndex`).
    pub(super) fn check_key_has_partition_key(
        &self,
        table: Oid,
        kind: ConstraintKind,
        columns: &[i16],
        location: i32,
    ) -> Outcome {
        let Some(key) = self.catalog.partition_keys.get(&table) else { return Ok(()) };
        let (constraint, index) = match kind {
            ConstraintKind::PrimaryKey => ("PRIMARY KEY", "primary key"),
            ConstraintKind::Exclusion => ("EXCLUDE", "exclusion"),
            _ => ("UNIQUE", "unique"),
        };
        if key.contains(&EXPRESSION) {
            let message = format!("unsupported {constraint} constraint with partition key definition");
            let error = self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location);
            return Err(error.note("such constraints cannot be used when partition keys include expressions"));
        }
        let Some(missing) = key.iter().find(|number| !columns.contains(number)) else { return Ok(()) };
        let message = format!("{index} constraint on partitioned table must include all partitioning columns");
        let missing = self.column_names(table, &[*missing]).concat();
        let error = self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location);
        let name = self.relation_name(table);
        Err(error.note(format!("the partition key of `{name}` has column `{missing}`, which the constraint lacks")))
    }

    /// Exclusion constraints of partitioned tables came with 17 (`transformTableConstraint`).
    pub(super) fn check_may_exclude(&self, table: Oid, location: i32) -> Outcome {
        if self.catalog.version >= ServerVersion::V17 || self.own(table)?.kind != RelationKind::PartitionedTable {
            return Ok(());
        }
        let message = "exclusion constraints are not supported on partitioned tables";
        Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location).note("they came with PostgreSQL 17"))
    }
}
