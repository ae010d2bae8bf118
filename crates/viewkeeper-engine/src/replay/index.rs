//! `CREATE INDEX`, and indexes that partitions and copies of tables get.

use std::collections::BTreeSet;

use super::address::Address;
use super::choose_name::{choose, joined};
use super::constraint::Key;
use super::node;
use super::session::{Outcome, Session};
use crate::analyse::{self, Purpose};
use crate::analysis::Dependency;
use crate::catalog::{
    Attached, AttachedKind, ConstraintKind, FIRST_USER_OID, Index, Oid, Relation, RelationKind, ServerVersion,
    Subscripting, TypeKind, oids,
};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};

/// Why the indexes of a table are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CopyFor {
    /// `LIKE … INCLUDING INDEXES`.
    Like,
    /// A partition of the table.
    Partition,
}

/// What an index is made of.
#[derive(Default)]
struct IndexColumns {
    /// Attribute numbers of key columns; 0 for an expression.
    columns: Vec<i16>,
    included: Vec<i16>,
    /// Names for a chosen name.
    names: Vec<String>,
    /// What expressions and predicate use.
    dependencies: BTreeSet<Dependency>,
}

/// What the handlers of access methods for indexes return.
const INDEX_AM_HANDLER: Oid = Oid(325);

/// Where in an index a column stands.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Included,
}

/// Equal names get a number (`ChooseIndexColumnNames`).
pub(super) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::with_capacity(names.len());
    for wanted in names {
        let mut unique = wanted.clone();
        let mut pass = 1;
        while found.contains(&unique) {
            unique = format!("{wanted}{pass}");
            pass += 1;
        }
        found.push(unique);
    }
    found
}

impl Session<'_> {
    pub(super) fn create_index(&mut self, statement: &ast::IndexStmt) -> Outcome {
        let Some(name) = &statement.relation else { return Err(self.malformed("without a relation")) };
        self.check_nulls_not_distinct(statement.nulls_not_distinct, name.location)?;
        let table = self.relation(name)?;
        let row = self.own(table)?;
        let indexable = [RelationKind::Table, RelationKind::PartitionedTable, RelationKind::MaterializedView];
        if !indexable.contains(&row.kind) {
            let is = super::names::kind_name(row.kind);
            let message = format!("cannot create index on relation `{}`", row.name);
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, name.location).note(format!("it is a {is}")));
        }
        self.check_access_method(&statement.access_method, name.location)?;
        let schema = row.schema;
        self.check_method_can(table, statement, name.location)?;
        self.check_index_options(statement, name.location)?;
        let IndexColumns { columns, included, names, dependencies } = self.index_columns(table, statement)?;
        self.check_immutable(table, statement)?;
        if statement.unique {
            self.check_key_has_partition_key(table, ConstraintKind::Unique, &columns, name.location)?;
        }
        let index_name = if statement.idxname.is_empty() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            choose(&row.name, &joined(&names), "idx", |name| self.relation_name_taken(schema, name))
        } else {
            if statement.if_not_exists && self.relation_name_taken(schema, &statement.idxname) {
                return Ok(());
            }
            self.check_relation_name_free(schema, &statement.idxname, name.location)?;
            statement.idxname.clone()
        };
        let index = Index {
            name: index_name.clone(),
            unique: statement.unique,
            columns,
            included,
            partial: statement.where_clause.is_some(),
            constraint: None,
            canonical: self.index_text(statement, table, &index_name),
            provenance: Some(self.provenance()),
        };
        self.put_index(table, index, dependencies);
        if self.own(table)?.kind == RelationKind::PartitionedTable && name.inh {
            for partition in self.children(table) {
                self.clone_indexes_to_partition(table, partition)?;
            }
        }
        Ok(())
    }

    /// The access method must be there. Those of extensions are not known by name, nor those whose handler is the project's.
    fn check_access_method(&self, name: &str, location: i32) -> Outcome {
        let own = ["", "btree", "hash", "gist", "gin", "spgist", "brin", "rtree"];
        let further = !self.catalog.unmodelled.is_empty()
            || self.catalog.extensions.keys().any(|extension| extension != "plpgsql")
            || self.catalog.routines.values().any(|row| row.result == INDEX_AM_HANDLER);
        if own.contains(&name) || further {
            return Ok(());
        }
        let message = format!("access method `{name}` does not exist");
        let error = self.error(SqlState::UNDEFINED_OBJECT, message, location);
        Err(error.help("if an extension brings it, create the extension first"))
    }

    /// What indexes of an access method may be (`DefineIndex`, `ComputeIndexAttrs`).
    fn check_method_can(&self, table: Oid, statement: &ast::IndexStmt, location: i32) -> Outcome {
        let row = self.own(table)?;
        let refused = |message: String| Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location));
        if statement.concurrent && row.kind == RelationKind::PartitionedTable {
            return refused(format!("cannot create index on partitioned table `{}` concurrently", row.name));
        }
        let method = match statement.access_method.as_str() {
            "" => "btree",
            "rtree" => "gist",
            method => method,
        };
        // `IndexAmRoutine` of each: unique, multicolumn, included columns, an order.
        let (unique, several, included, ordered) = match method {
            "btree" => (true, true, true, true),
            "hash" => (false, false, false, false),
            "gist" => (false, true, true, false),
            "spgist" => (false, false, true, false),
            "gin" | "brin" => (false, true, false, false),
            _ => return Ok(()),
        };
        let mut lacks = None;
        if statement.unique && !unique {
            lacks = Some("unique indexes");
        } else if !statement.index_including_params.is_empty() && !included {
            lacks = Some("included columns");
        } else if statement.index_params.len() > 1 && !several {
            lacks = Some("multicolumn indexes");
        }
        if let Some(lacks) = lacks {
            return refused(format!("access method `{method}` does not support {lacks}"));
        }
        for key in &statement.index_params {
            let Some(NodeEnum::IndexElem(element)) = &key.node else { continue };
            if element.expr.is_none()
                && element.opclass.is_empty()
                && let Some((_, column)) = row.column(&element.name)
            {
                self.check_has_class(method, column.type_, location)?;
            }
            let said = match (element.ordering(), element.nulls_ordering()) {
                _ if ordered => continue,
                (ast::SortByDir::SortbyAsc | ast::SortByDir::SortbyDesc, _) => "ASC/DESC",
                (_, ast::SortByNulls::SortbyNullsFirst | ast::SortByNulls::SortbyNullsLast) => "NULLS FIRST/LAST",
                _ => continue,
            };
            return refused(format!("access method `{method}` does not support {said} options"));
        }
        Ok(())
    }

    /// A type must have a default operator class to be indexed without one that is named (`GetDefaultOpClass`): of PostgreSQL's own
    /// types it is known which of them have one for btree and hash.
    pub(super) fn check_has_class(&self, method: &str, type_: Oid, location: i32) -> Outcome {
        let method_oid = match method {
            "btree" => oids::BTREE,
            "hash" => oids::HASH,
            _ => return Ok(()),
        };
        let base = self.catalog.base_type(type_);
        let plain = self.catalog.type_(base).is_some_and(|row| {
            row.kind == TypeKind::Base && row.subscripting != Subscripting::Array && base.0 < FIRST_USER_OID
        });
        let open = !plain || !self.catalog.unmodelled.is_empty();
        if open || self.resolver().default_operator_class(method_oid, base).is_some() {
            return Ok(());
        }
        let shown = super::names::type_text(&self.catalog, type_);
        let message = format!("data type `{shown}` has no default operator class for access method `{method}`");
        let error = self.error(SqlState::UNDEFINED_OBJECT, message, location);
        Err(error.help("index an expression of it, or name an operator class"))
    }

    /// `NULLS NOT DISTINCT` came with 15.
    pub(super) fn check_nulls_not_distinct(&self, written: bool, location: i32) -> Outcome {
        if !written || self.catalog.version >= ServerVersion::V15 {
            return Ok(());
        }
        let message = format!("PostgreSQL {} has no NULLS NOT DISTINCT", self.catalog.version.major());
        Err(self.error(SqlState::SYNTAX_ERROR, message, location).note("it came with PostgreSQL 15"))
    }

    fn put_index(&mut self, table: Oid, index: Index, dependencies: BTreeSet<Dependency>) {
        if !dependencies.is_empty() {
            let (name, canonical) = (index.name.clone(), index.canonical.clone());
            let provenance = index.provenance.clone();
            self.attach(
                table,
                Attached { kind: AttachedKind::Index, name, canonical, dependencies, provenance, source: None },
            );
        }
        self.catalog.update_relation(table, |row| row.indexes.push(index));
    }

    fn index_columns(&self, table: Oid, statement: &ast::IndexStmt) -> Outcome<IndexColumns> {
        let IndexColumns { mut columns, mut included, mut names, mut dependencies } = IndexColumns::default();
        for (key, part) in statement
            .index_params
            .iter()
            .map(|key| (key, Part::Key))
            .chain(statement.index_including_params.iter().map(|key| (key, Part::Included)))
        {
            let Some(NodeEnum::IndexElem(element)) = &key.node else { continue };
            let wanted = if let Some(expression) = &element.expr {
                dependencies.extend(self.expression_dependencies(expression, Some(table), &Purpose::IndexColumn)?);
                columns.push(0);
                // `FigureIndexColname` in parse_target.c.
                analyse::index_column_name(expression, self.catalog.version).unwrap_or_else(|| "expr".to_owned())
            } else {
                let location = statement.relation.as_ref().map_or(-1, |name| name.location);
                let Some((number, _)) = self.own(table)?.column(&element.name) else {
                    let message = format!("column `{}` does not exist", element.name);
                    return Err(self.error(SqlState::UNDEFINED_COLUMN, message, location));
                };
                match part {
                    Part::Included => {
                        included.push(number);
                        dependencies.insert(Dependency::Column(table, number));
                    }
                    Part::Key => columns.push(number),
                }
                element.name.clone()
            };
            if !element.collation.is_empty() && self.catalog.unmodelled.is_empty() {
                self.collation(&node::strings(&element.collation), -1)?;
                // `ComputeIndexAttrs`; of an expression its type is not told here.
                let column = self.own(table)?.column(&element.name).filter(|_| element.expr.is_none());
                if let Some((_, column)) = column
                    && !self.catalog.type_collation(column.type_).is_valid()
                {
                    let shown = super::names::type_text(&self.catalog, column.type_);
                    let message = format!("collations are not supported by type `{shown}`");
                    return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
                }
            }
            names.push(wanted);
        }
        if let Some(predicate) = &statement.where_clause {
            dependencies.extend(self.expression_dependencies(predicate, Some(table), &Purpose::IndexPredicate)?);
        }
        let names = distinct(names);
        Ok(IndexColumns { columns, included, names, dependencies })
    }

    /// `CREATE INDEX` in canonical text, with the schema of its relation and without what only says how it is built.
    fn index_text(&self, statement: &ast::IndexStmt, table: Oid, name: &str) -> String {
        let mut statement = statement.clone();
        name.clone_into(&mut statement.idxname);
        (statement.concurrent, statement.if_not_exists) = (false, false);
        let on = super::address::relation_name(&self.catalog, table);
        if let (Some(relation), Some(on)) = (&mut statement.relation, on) {
            (relation.schemaname, relation.relname) = (on.schema, on.name);
        }
        parser::canonical(&NodeEnum::IndexStmt(Box::new(statement))).unwrap_or_default()
    }

    /// Gives a partition the keys and indexes of its table, where it has none that would do (`DefineIndex`,
    /// `AttachPartitionEnsureIndexes`).
    pub(super) fn clone_indexes_to_partition(&mut self, parent: Oid, partition: Oid) -> Outcome {
        let Some(row) = self.catalog.relation(parent).cloned() else { return Ok(()) };
        if self.catalog.relation(partition).is_some_and(|row| row.kind == RelationKind::ForeignTable) {
            return Ok(());
        }
        let map = self.column_map(parent, partition);
        let to_new = |old: i16| map.iter().find(|(number, _)| *number == old).map(|(_, new)| *new);
        self.copy_indexes(&row, partition, to_new, CopyFor::Partition)
    }

    /// Copies keys and indexes of a table to another one, under names that the server would choose.
    pub(super) fn copy_indexes(
        &mut self,
        source: &Relation,
        target: Oid,
        to_new: impl Fn(i16) -> Option<i16> + Copy,
        copy_for: CopyFor,
    ) -> Outcome {
        for index in &source.indexes {
            let columns: Vec<i16> = index
                .columns
                .iter()
                .map(|old| if *old == 0 { Some(0) } else { to_new(*old) })
                .map(|new| new.unwrap_or(0))
                .collect();
            let Some(row) = self.catalog.relation(target) else { return Ok(()) };
            let key =
                index.constraint.as_ref().and_then(|name| source.constraints.iter().find(|key| key.name == *name));
            let there = row.indexes.iter().find(|other| {
                other.columns == columns
                    && other.unique == index.unique
                    && other.partial == index.partial
                    && (key.is_none() || other.constraint.is_some())
            });
            if let Some(there) = there
                && copy_for == CopyFor::Partition
            {
                // It is the partition's part of the key from now on (`ConstraintSetParentConstraint`).
                let of_it = there.constraint.as_ref().filter(|_| key.is_some());
                let of_it = of_it.and_then(|name| row.constraints.iter().find(|other| other.name == *name));
                if let Some(of_it) = of_it.map(|row| row.oid) {
                    self.set_constraint_local(target, of_it, false);
                }
                continue;
            }
            let included: Vec<i16> = index.included.iter().filter_map(|old| to_new(*old)).collect();
            let named: Vec<i16> = columns.iter().chain(&included).copied().collect();
            let names = distinct(self.column_names(target, &named));
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let names = if names.is_empty() { vec!["expr"] } else { names };
            let (schema, table_name) = (row.schema, row.name.clone());
            let taken = |name: &str| self.relation_name_taken(schema, name);
            if let Some(key) = key {
                self.check_single_primary_key(target, key.kind, -1)?;
                let name = match key.kind {
                    ConstraintKind::PrimaryKey => choose(&table_name, "", "pkey", taken),
                    ConstraintKind::Exclusion => choose(&table_name, &joined(&names), "excl", taken),
                    _ => choose(&table_name, &joined(&names), "key", taken),
                };
                let (kind, deferrable, local) = (key.kind, key.deferrable, copy_for == CopyFor::Like);
                self.put_key(target, Key { kind, name, columns, included, deferrable, partial: index.partial, local })?;
                continue;
            }
            if index.unique {
                self.check_key_has_partition_key(target, ConstraintKind::Unique, &columns, -1)?;
            }
            let name = choose(&table_name, &joined(&names), "idx", taken);
            let canonical = self.renamed_index_text(&index.canonical, target, &name);
            let provenance = Some(self.provenance());
            let copy = Index { name: name.clone(), columns, included, canonical, provenance, ..index.clone() };
            self.catalog.update_relation(target, |row| row.indexes.push(copy));
            self.copy_attached(source.oid, target, AttachedKind::Index, &index.name, AttachedKind::Index, to_new);
            self.name_copied_index(target, &index.name, &name);
            if self.catalog.relation(target).is_some_and(|row| row.kind == RelationKind::PartitionedTable) {
                for partition in self.children(target) {
                    self.clone_indexes_to_partition(target, partition)?;
                }
            }
        }
        Ok(())
    }

    /// The indexes that partitions have for an index of their table, which go with it (`DEPENDENCY_PARTITION_PRI`). Which is
    /// whose is not kept: of those that would do the one at the same place.
    pub(super) fn indexes_of_partitions(&self, table: Oid, name: &str) -> Vec<Address> {
        let row = self.catalog.relation(table).filter(|row| row.kind == RelationKind::PartitionedTable);
        let Some((row, at)) = row.and_then(|row| Some((row, row.indexes.iter().position(|index| index.name == name)?)))
        else {
            return Vec::new();
        };
        let index = &row.indexes[at];
        let alike = |other: &Index, columns: &[i16]| {
            (other.columns.as_slice(), other.unique, other.partial) == (columns, index.unique, index.partial)
                && other.constraint.is_none()
        };
        let before = row.indexes[..at].iter().filter(|other| alike(other, &index.columns)).count();
        let mut found = Vec::new();
        for partition in self.children(table) {
            let map = self.column_map(table, partition);
            let to_new = |old: &i16| map.iter().find(|(number, _)| number == old).map_or(0, |(_, new)| *new);
            let columns: Vec<i16> = index.columns.iter().map(to_new).collect();
            let Some(row) = self.catalog.relation(partition) else { continue };
            let same = row.indexes.iter().filter(|other| alike(other, &columns)).nth(before);
            found.extend(same.map(|other| Address::Index(partition, other.name.clone())));
        }
        found
    }

    /// What an index uses is attached under the name of the index.
    fn name_copied_index(&mut self, table: Oid, copied: &str, name: &str) {
        let rows = self.catalog.attached.get_mut(&table).into_iter().flatten();
        let is_it = |row: &&mut std::sync::Arc<Attached>| row.kind == AttachedKind::Index && row.name == copied;
        if let Some(row) = rows.rev().find(is_it) {
            name.clone_into(&mut std::sync::Arc::make_mut(row).name);
        }
    }

    /// The canonical text of an index under another name, on another relation.
    pub(super) fn renamed_index_text(&self, canonical: &str, table: Oid, name: &str) -> String {
        match parser::statement_in(canonical) {
            Some(NodeEnum::IndexStmt(statement)) => self.index_text(&statement, table, name),
            _ => canonical.to_owned(),
        }
    }
}
