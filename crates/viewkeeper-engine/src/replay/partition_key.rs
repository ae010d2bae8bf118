//! The key of a partitioned table: what it may be made of, and what it asks of columns and keys of the table.

use std::collections::BTreeSet;

use super::column::SYSTEM_COLUMNS;
use super::node;
use super::session::{Outcome, Session};
use super::walk;
use crate::analyse::{Purpose, analyse_expression};
use crate::catalog::{
    ColumnSource, ConstraintKind, Oid, PartitionKey, PartitionKeyPart, RelationKind, ServerVersion, Strategy, TypeKind,
    oids,
};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::tree::{ExprNode, RowColumn};

/// Stands among the columns of a key that has expressions.
const EXPRESSION: i16 = 0;

impl Session<'_> {
    /// Keeps the columns that the key of a partitioned table is made of (`ComputePartitionAttrs`).
    pub(super) fn note_partition_key(&mut self, table: Oid, key: &ast::PartitionSpec) -> Outcome {
        let row = self.own(table)?;
        let mut columns = BTreeSet::new();
        let mut parts = Vec::new();
        let strategy = match key.strategy() {
            ast::PartitionStrategy::List => Strategy::List,
            ast::PartitionStrategy::Hash => Strategy::Hash,
            _ => Strategy::Range,
        };
        let refused = |message: String, code, location| Err(self.error(code, message, location));
        if strategy == Strategy::List && key.part_params.len() > 1 {
            let message = "cannot use \"list\" partition strategy with more than one column".to_owned();
            return refused(message, SqlState::INVALID_OBJECT_DEFINITION, key.location);
        }
        for element in &key.part_params {
            let Some(NodeEnum::PartitionElem(element)) = &element.node else { continue };
            let mut part = if let Some(expression) = &element.expr {
                let named = expression.node.as_ref().map(walk::references).unwrap_or_default().columns;
                let named = named.into_iter().filter_map(|mut parts| parts.pop());
                columns.insert(EXPRESSION);
                columns.extend(named.filter_map(|name| row.column(&name).map(|(number, _)| number)));
                self.key_expression(table, expression, element.location)?
            } else {
                let name = &element.name;
                if SYSTEM_COLUMNS.contains(&name.as_str()) {
                    let message = format!("cannot use system column `{name}` in partition key");
                    return refused(message, SqlState::INVALID_OBJECT_DEFINITION, element.location);
                }
                let Some((number, column)) = row.column(name) else {
                    let message = format!("column `{name}` named in partition key does not exist");
                    return refused(message, SqlState::UNDEFINED_COLUMN, element.location);
                };
                if matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual) {
                    let message = format!("cannot use generated column `{name}` in partition key");
                    return refused(message, SqlState::INVALID_OBJECT_DEFINITION, element.location);
                }
                columns.insert(number);
                let (type_, typmod, collation) = (column.type_, column.typmod, column.collation);
                Some(PartitionKeyPart { column: number, type_, typmod, collation, own_class: false })
            };
            if let Some(part) = &mut part {
                self.finish_key_part(part, element, strategy)?;
            }
            parts.extend(part);
        }
        // What an expression gives may not be known: then nothing is known of the bounds.
        if parts.len() < key.part_params.len() {
            parts.clear();
        }
        self.catalog.partition_keys.insert(table, PartitionKey { strategy, columns, parts });
        Ok(())
    }

    /// An expression of a key; `None` where it names what a statement may have made that is not followed.
    fn key_expression(&self, table: Oid, expression: &ast::Node, location: i32) -> Outcome<Option<PartitionKeyPart>> {
        self.expression_dependencies(expression, Some(table), &Purpose::IndexColumn)?;
        let Some(raw) = &expression.node else { return Ok(None) };
        let purpose = Purpose::IndexColumn;
        let path = self.search_path();
        let analysed = analyse_expression(&self.catalog, &self.file, raw, Some(table), &purpose, path);
        let Ok(analysed) = analysed else { return Ok(None) };
        let known = analysed.column.type_ != oids::UNKNOWN;
        if known && matches!(&*analysed.expr.node, ExprNode::Const { .. }) {
            let message = "cannot use constant expression as partition key";
            return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, location));
        }
        if let Some((culprit, _)) = self.mutable(&analysed.expr) {
            let message = "functions in partition key expression must be marked IMMUTABLE";
            let error = self.error(SqlState::INVALID_OBJECT_DEFINITION, message, location);
            return Err(error.note(format!("{culprit} may give something else for the same row at another time")));
        }
        let RowColumn { type_, typmod, collation, .. } = analysed.column;
        Ok(Some(PartitionKeyPart { column: EXPRESSION, type_, typmod, collation, own_class: false }))
    }

    /// Collation and operator class of a part of a key.
    fn finish_key_part(
        &self,
        part: &mut PartitionKeyPart,
        element: &ast::PartitionElem,
        strategy: Strategy,
    ) -> Outcome {
        let shown = |type_| super::names::type_text(&self.catalog, type_);
        let Some(type_) = self.catalog.type_(part.type_) else { return Ok(()) };
        if type_.kind == TypeKind::Pseudo {
            let message = format!("a partition key cannot be of pseudo-type `{}`", shown(part.type_));
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, element.location));
        }
        if !element.collation.is_empty() && self.catalog.unmodelled.is_empty() {
            if !self.catalog.type_collation(part.type_).is_valid() {
                let message = format!("collations are not supported by type `{}`", shown(part.type_));
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, element.location));
            }
            part.collation = self.collation(&node::strings(&element.collation), element.location)?;
        }
        part.own_class = !element.opclass.is_empty();
        if !part.own_class {
            let method = if strategy == Strategy::Hash { "hash" } else { "btree" };
            self.check_has_class(method, part.type_, element.location)?;
        }
        Ok(())
    }

    /// The columns of a partition key stay as they are (`ATExecDropColumn`, `ATPrepAlterColumnType`).
    pub(super) fn check_no_partition_key(&self, table: Oid, number: i16, change: &str) -> Outcome {
        if !self.catalog.partition_keys.get(&table).is_some_and(|key| key.columns.contains(&number)) {
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
        let Some(key) = self.catalog.partition_keys.get(&table).map(|key| &key.columns) else { return Ok(()) };
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
