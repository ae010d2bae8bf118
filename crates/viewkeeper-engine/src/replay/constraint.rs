//! Constraints: primary keys, unique, check, foreign keys, exclusion and (18) not-null constraints, and what children
//! get of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::choose_name::{choose, joined};
use super::column::not_null_of;
use super::index::distinct;
use super::inherited::ComingCheck;
use super::node;
use super::session::{Outcome, Reach, Session};
use super::table::inherited_not_null;
use crate::analyse::{self, Purpose};
use crate::catalog::{
    Attached, AttachedKind, Constraint, ConstraintKind, Index, NotNull, Oid, Relation, RelationKind, ServerVersion,
    WrittenConstraint,
};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// A key that is about to be added with its index.
pub(super) struct Key {
    pub(super) kind: ConstraintKind,
    pub(super) name: String,
    pub(super) columns: Vec<i16>,
    /// `INCLUDE`
    pub(super) included: Vec<i16>,
    pub(super) deferrable: bool,
    /// Whether it has a `WHERE`.
    pub(super) partial: bool,
    /// Whether it is not there because of a partitioned table's.
    pub(super) local: bool,
}

impl Session<'_> {
    /// A constraint of a table; `column` is where one written with a column stands.
    pub(super) fn add_constraint(&mut self, table: Oid, constraint: &ast::Constraint, column: Option<i16>) -> Outcome {
        use ast::ConstrType as Kind;
        let known = self.own(table)?.constraints.len();
        match constraint.contype() {
            Kind::ConstrPrimary => self.add_key(table, constraint, ConstraintKind::PrimaryKey, column)?,
            Kind::ConstrUnique => self.add_key(table, constraint, ConstraintKind::Unique, column)?,
            Kind::ConstrExclusion => self.add_exclusion(table, constraint)?,
            Kind::ConstrCheck => self.add_check(table, constraint)?,
            Kind::ConstrForeign => self.add_foreign_key(table, constraint, column)?,
            Kind::ConstrNotnull => self.add_not_null(table, constraint, column)?,
            _ => return Ok(()),
        }
        // A primary key may come with constraints that say NOT NULL: it is the last.
        if self.own(table)?.constraints.len() > known {
            let written = WrittenConstraint(Arc::new(constraint.clone()));
            self.catalog.update_relation(table, |row| {
                if let Some(new) = row.constraints.last_mut() {
                    new.written = Some(written);
                }
            });
        }
        Ok(())
    }

    /// Whether a constraint of the name is in the schema: names that the server makes up avoid them all.
    pub(super) fn constraint_name_taken(&self, schema: Oid, name: &str) -> bool {
        let mut rows = self.catalog.relations.values().filter(|relation| relation.schema == schema);
        rows.any(|relation| relation.constraints.iter().any(|constraint| constraint.name == name))
    }

    /// The name of a constraint: as written, which must be free on the table, or one that the server would choose.
    pub(super) fn constraint_name(
        &self,
        table: Oid,
        constraint: &ast::Constraint,
        columns: &str,
        label: &str,
    ) -> Outcome<String> {
        let row = self.own(table)?;
        let indexed = matches!(label, "pkey" | "key" | "excl");
        if constraint.conname.is_empty() {
            return Ok(choose(&row.name, columns, label, |name| {
                self.constraint_name_taken(row.schema, name) || (indexed && self.relation_name_taken(row.schema, name))
            }));
        }
        let name = &constraint.conname;
        // The index of a key is made before its constraint (`index_create`).
        if indexed {
            self.check_relation_name_free(row.schema, name, constraint.location)?;
        }
        self.check_constraint_name_free(table, constraint)?;
        Ok(name.clone())
    }

    /// An error when the table has a constraint of the written name.
    pub(super) fn check_constraint_name_free(&self, table: Oid, constraint: &ast::Constraint) -> Outcome {
        let (row, name) = (self.own(table)?, &constraint.conname);
        if name.is_empty() || row.constraints.iter().all(|other| other.name != *name) {
            return Ok(());
        }
        let message = format!("constraint `{name}` for relation `{}` already exists", row.name);
        Err(self.error(SqlState::DUPLICATE_OBJECT, message, constraint.location))
    }

    /// Attribute numbers of the columns that a constraint lists, or of the one it is written with.
    pub(super) fn constraint_columns(
        &self,
        table: Oid,
        keys: &[ast::Node],
        column: Option<i16>,
        location: i32,
    ) -> Outcome<Vec<i16>> {
        match column {
            Some(column) if keys.is_empty() => Ok(vec![column]),
            _ => node::strings(keys).into_iter().map(|key| self.key_column(table, key, location)).collect(),
        }
    }

    fn key_column(&self, table: Oid, key: &str, location: i32) -> Outcome<i16> {
        match self.own(table)?.column(key) {
            Some((number, _)) => Ok(number),
            None => {
                let message = format!("column `{key}` named in key does not exist");
                Err(self.error(SqlState::UNDEFINED_COLUMN, message, location))
            }
        }
    }

    pub(super) fn column_names(&self, table: Oid, columns: &[i16]) -> Vec<String> {
        let row = self.catalog.relation(table);
        columns.iter().filter_map(|number| row?.attribute(*number)).map(|column| column.name.clone()).collect()
    }

    fn add_key(
        &mut self,
        table: Oid,
        constraint: &ast::Constraint,
        kind: ConstraintKind,
        column: Option<i16>,
    ) -> Outcome {
        self.check_nulls_not_distinct(constraint.nulls_not_distinct, constraint.location)?;
        if !constraint.indexname.is_empty() {
            return self.key_from_index(table, constraint, kind);
        }
        let columns = self.constraint_columns(table, &constraint.keys, column, constraint.location)?;
        for (at, number) in columns.iter().enumerate() {
            if columns[..at].contains(number) {
                let names = self.column_names(table, &[*number]).concat();
                let message = format!("column `{names}` appears twice in a key constraint");
                return Err(self.error(SqlState::DUPLICATE_COLUMN, message, constraint.location));
            }
        }
        self.check_single_primary_key(table, kind, constraint.location)?;
        let included = self.included_columns(table, constraint)?;
        let named: Vec<i16> = columns.iter().chain(&included).copied().collect();
        let names = distinct(self.column_names(table, &named));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (columns_text, label) = match kind {
            ConstraintKind::PrimaryKey => (String::new(), "pkey"),
            _ => (joined(&names), "key"),
        };
        let name = self.constraint_name(table, constraint, &columns_text, label)?;
        if !constraint.without_overlaps {
            for number in &columns {
                let type_ = self.own(table)?.attribute(*number).map(|column| column.type_).unwrap_or_default();
                self.check_has_class("btree", type_, constraint.location)?;
            }
        }
        let deferrable = constraint.deferrable;
        self.put_key(table, Key { kind, name, columns, included, deferrable, partial: false, local: true })
    }

    fn included_columns(&self, table: Oid, constraint: &ast::Constraint) -> Outcome<Vec<i16>> {
        let names = node::strings(&constraint.including).into_iter();
        names.map(|name| self.key_column(table, name, constraint.location)).collect()
    }

    pub(super) fn check_single_primary_key(&self, table: Oid, kind: ConstraintKind, location: i32) -> Outcome {
        let row = self.own(table)?;
        let has_one = row.constraints.iter().any(|constraint| constraint.kind == ConstraintKind::PrimaryKey);
        if kind == ConstraintKind::PrimaryKey && has_one {
            let message = format!("multiple primary keys for table `{}` are not allowed", row.name);
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, location));
        }
        Ok(())
    }

    /// Adds a key with its index, and to the partitions too.
    pub(super) fn put_key(&mut self, table: Oid, key: Key) -> Outcome {
        let Key { kind, name, columns, included, deferrable, partial, local } = key;
        self.check_key_has_partition_key(table, kind, &columns, -1)?;
        if kind == ConstraintKind::PrimaryKey {
            self.primary_key_columns_not_null(table, &columns)?;
        }
        let row = Constraint {
            oid: self.catalog.allocate(),
            name: name.clone(),
            kind,
            columns: columns.clone(),
            deferrable,
            validated: true,
            references: Oid::INVALID,
            no_inherit: false,
            referenced: Vec::new(),
            excludes_null: Vec::new(),
            written: None,
            is_local: local,
        };
        let index = Index {
            name: name.clone(),
            unique: kind != ConstraintKind::Exclusion,
            columns: columns.clone(),
            included,
            partial,
            constraint: Some(name),
            canonical: String::new(),
            provenance: Some(self.provenance()),
        };
        self.catalog.update_relation(table, |relation| {
            relation.constraints.push(row);
            relation.indexes.push(index);
        });
        if self.own(table)?.kind == RelationKind::PartitionedTable && self.reach == Reach::Children {
            for partition in self.children(table) {
                self.clone_indexes_to_partition(table, partition)?;
            }
        }
        Ok(())
    }

    /// `ADD CONSTRAINT … UNIQUE USING INDEX`.
    fn key_from_index(&mut self, table: Oid, constraint: &ast::Constraint, kind: ConstraintKind) -> Outcome {
        self.check_single_primary_key(table, kind, constraint.location)?;
        let row = self.own(table)?;
        let Some(at) = row.indexes.iter().position(|index| index.name == constraint.indexname) else {
            let message = format!("index `{}` does not exist", constraint.indexname);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, constraint.location));
        };
        self.check_index_makes_key(row, &row.indexes[at], constraint.location)?;
        let columns = row.indexes[at].columns.clone();
        let name = match constraint.conname.as_str() {
            "" => constraint.indexname.clone(),
            name => name.to_owned(),
        };
        if kind == ConstraintKind::PrimaryKey {
            self.primary_key_columns_not_null(table, &columns)?;
        }
        let oid = self.catalog.allocate();
        let deferrable = constraint.deferrable;
        self.catalog.update_relation(table, |relation| {
            if let Some(index) = relation.indexes.get_mut(at) {
                index.name.clone_from(&name);
                index.constraint = Some(name.clone());
                index.canonical.clear();
            }
            relation.constraints.push(Constraint {
                oid,
                name,
                kind,
                columns,
                deferrable,
                validated: true,
                references: Oid::INVALID,
                no_inherit: false,
                referenced: Vec::new(),
                excludes_null: Vec::new(),
                written: None,
                is_local: true,
            });
        });
        Ok(())
    }

    /// Which indexes may become keys (`transformIndexConstraint`).
    fn check_index_makes_key(&self, table: &Relation, index: &Index, location: i32) -> Outcome {
        let name = &index.name;
        let (message, code) = if index.constraint.is_some() {
            (format!("index `{name}` is already associated with a constraint"), SqlState("55000"))
        } else if !index.unique {
            (format!("`{name}` is not a unique index"), SqlState::WRONG_OBJECT_TYPE)
        } else if index.columns.contains(&0) {
            (format!("index `{name}` contains expressions"), SqlState::WRONG_OBJECT_TYPE)
        } else if index.partial {
            (format!("`{name}` is a partial index"), SqlState::WRONG_OBJECT_TYPE)
        } else if table.kind == RelationKind::PartitionedTable {
            let message = "ADD CONSTRAINT USING INDEX is not supported on partitioned tables";
            (message.to_owned(), SqlState::FEATURE_NOT_SUPPORTED)
        } else {
            return Ok(());
        };
        Err(self.error(code, message, location))
    }

    /// The columns of a primary key are NOT NULL, here and in every child.
    fn primary_key_columns_not_null(&mut self, table: Oid, columns: &[i16]) -> Outcome {
        for number in columns {
            let nullable = self.own(table)?.attribute(*number).is_some_and(|column| column.not_null == NotNull::No);
            if nullable {
                self.set_not_null(table, *number, "", NotNull::Yes)?;
            } else {
                self.catalog.update_relation(table, |row| set_column_not_null(row, *number, NotNull::Yes));
            }
        }
        Ok(())
    }

    fn add_exclusion(&mut self, table: Oid, constraint: &ast::Constraint) -> Outcome {
        self.check_may_exclude(table, constraint.location)?;
        let mut columns = Vec::new();
        let mut names = Vec::new();
        let mut dependencies = BTreeSet::new();
        for exclusion in &constraint.exclusions {
            let Some(NodeEnum::List(pair)) = &exclusion.node else { continue };
            let Some(NodeEnum::IndexElem(element)) = pair.items.first().and_then(|item| item.node.as_ref()) else {
                continue;
            };
            if let Some(expression) = &element.expr {
                dependencies.extend(self.expression_dependencies(expression, Some(table), &Purpose::IndexColumn)?);
                let location = constraint.location;
                self.check_index_part_immutable(table, expression, &Purpose::IndexColumn, "expression", location)?;
                columns.push(0);
                let name = analyse::index_column_name(expression, self.catalog.version);
                names.push(name.unwrap_or_else(|| "expr".to_owned()));
            } else {
                columns.push(self.key_column(table, &element.name, constraint.location)?);
                names.push(element.name.clone());
            }
        }
        let included = self.included_columns(table, constraint)?;
        names.extend(self.column_names(table, &included));
        let names = distinct(names);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let name = self.constraint_name(table, constraint, &joined(&names), "excl")?;
        if let Some(predicate) = &constraint.where_clause {
            dependencies.extend(self.expression_dependencies(predicate, Some(table), &Purpose::IndexPredicate)?);
            let location = constraint.location;
            self.check_index_part_immutable(table, predicate, &Purpose::IndexPredicate, "predicate", location)?;
        }
        if !dependencies.is_empty() {
            let (name, provenance) = (name.clone(), Some(self.provenance()));
            let kind = AttachedKind::Index;
            self.attach(
                table,
                Attached { kind, name, canonical: String::new(), dependencies, provenance, source: None },
            );
        }
        let (kind, deferrable) = (ConstraintKind::Exclusion, constraint.deferrable);
        let partial = constraint.where_clause.is_some();
        self.put_key(table, Key { kind, name, columns, included, deferrable, partial, local: true })
    }

    fn add_check(&mut self, table: Oid, constraint: &ast::Constraint) -> Outcome {
        let Some(expression) = &constraint.raw_expr else { return Err(self.malformed("without an expression")) };
        let dependencies = self.expression_dependencies(expression, Some(table), &Purpose::Check)?;
        let mut columns: Vec<i16> = dependencies
            .iter()
            .filter_map(|dependency| match dependency {
                crate::analysis::Dependency::Column(relation, number) if *relation == table => Some(*number),
                _ => None,
            })
            .collect();
        columns.dedup();
        // The column's name is part of the chosen one when the expression has exactly one (AddRelationNewConstraints).
        let named_after = match columns.as_slice() {
            [one] => self.column_names(table, &[*one]).concat(),
            _ => String::new(),
        };
        let new = ComingCheck {
            name: &constraint.conname,
            text: &node::expression_text(expression),
            no_inherit: constraint.is_no_inherit,
            validated: !constraint.skip_validation || constraint.initially_valid,
            enforced: constraint.is_enforced,
            local: true,
            location: constraint.location,
        };
        if self.merge_check(table, &new)? {
            return Ok(());
        }
        if !constraint.is_no_inherit {
            self.check_reaches_children(table)?;
        } else if self.own(table)?.kind == RelationKind::PartitionedTable {
            let message =
                format!("cannot add NO INHERIT constraint to partitioned table `{}`", self.relation_name(table));
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, constraint.location));
        }
        let name = self.constraint_name(table, constraint, &named_after, "check")?;
        // A check with NO INHERIT says nothing of the children's rows, which a query of the table gives too.
        let mut excludes_null = Vec::new();
        if constraint.is_enforced && !constraint.is_no_inherit {
            self.columns_said_to_be_there(table, expression, &mut excludes_null);
        }
        let row = Constraint {
            oid: self.catalog.allocate(),
            name: name.clone(),
            kind: ConstraintKind::Check,
            columns,
            deferrable: false,
            validated: !constraint.skip_validation || constraint.initially_valid,
            references: Oid::INVALID,
            no_inherit: constraint.is_no_inherit,
            referenced: Vec::new(),
            excludes_null,
            written: Some(WrittenConstraint(Arc::new(constraint.clone()))),
            is_local: true,
        };
        self.catalog.update_relation(table, |relation| relation.constraints.push(row));
        self.attach_expression(table, AttachedKind::Check, name.clone(), expression, Some(table))?;
        self.pass_check_on(table, &name)
    }

    /// Columns of which a check says `IS NOT NULL`, alone or with AND: all else is satisfied by null too.
    fn columns_said_to_be_there(&self, table: Oid, expression: &ast::Node, found: &mut Vec<i16>) {
        match &expression.node {
            Some(NodeEnum::BoolExpr(operation)) if operation.boolop() == ast::BoolExprType::AndExpr => {
                for arg in &operation.args {
                    self.columns_said_to_be_there(table, arg, found);
                }
            }
            Some(NodeEnum::NullTest(test)) if test.nulltesttype() == ast::NullTestType::IsNotNull => {
                let Some(NodeEnum::ColumnRef(column)) = test.arg.as_ref().and_then(|arg| arg.node.as_ref()) else {
                    return;
                };
                let Some(NodeEnum::String(name)) = column.fields.last().and_then(|field| field.node.as_ref()) else {
                    return;
                };
                let row = self.catalog.relation(table);
                found.extend(row.and_then(|row| row.column(&name.sval)).map(|(number, _)| number));
            }
            _ => {}
        }
    }

    fn add_not_null(&mut self, table: Oid, constraint: &ast::Constraint, column: Option<i16>) -> Outcome {
        if column.is_none() && self.catalog.version < ServerVersion::V18 {
            let version = self.catalog.version.major();
            let message = format!("PostgreSQL {version} has no NOT NULL constraints of tables");
            return Err(self
                .error(SqlState::SYNTAX_ERROR, message, constraint.location)
                .help("write `ALTER COLUMN … SET NOT NULL`"));
        }
        let columns = self.constraint_columns(table, &constraint.keys, column, constraint.location)?;
        let Some(number) = columns.first() else { return Err(self.malformed("without a column")) };
        self.set_not_null(table, *number, &constraint.conname, not_null_of(constraint))
    }

    /// Makes a column NOT NULL, in children too.
    pub(super) fn set_not_null(&mut self, table: Oid, number: i16, name: &str, value: NotNull) -> Outcome {
        let value = match self.own(table)?.attribute(number).map(|column| column.not_null) {
            // Nothing is weakened by saying it again.
            Some(NotNull::Yes) => NotNull::Yes,
            _ => value,
        };
        self.catalog.update_relation(table, |row| set_column_not_null(row, number, value));
        self.add_not_null_constraint(table, number, name, true);
        self.pass_not_null_on(table, number, value)
    }

    /// Gives NOT NULL of a column to the tables below.
    fn pass_not_null_on(&mut self, table: Oid, number: i16, value: NotNull) -> Outcome {
        // Children get the name that the parent's has got.
        let name = self.not_null_name(table, number).unwrap_or_default();
        if inherited_not_null(value) != NotNull::No {
            let column = self.column_names(table, &[number]).concat();
            for child in self.children(table) {
                let known = self.catalog.relation(child).and_then(|row| row.column(&column).map(|(number, _)| number));
                if let Some(number) = known {
                    self.inherit_not_null(child, number, &name, value)?;
                }
            }
        }
        Ok(())
    }

    /// A column is NOT NULL because that of a parent is.
    pub(super) fn inherit_not_null(&mut self, table: Oid, number: i16, name: &str, value: NotNull) -> Outcome {
        let known = self.own(table)?.attribute(number).map(|column| column.not_null);
        let value = if known == Some(NotNull::Yes) { NotNull::Yes } else { value };
        self.catalog.update_relation(table, |row| set_column_not_null(row, number, value));
        self.add_not_null_constraint(table, number, name, false);
        self.pass_not_null_on(table, number, value)
    }

    /// The name of the constraint that 18 keeps for a NOT NULL column.
    pub(super) fn not_null_name(&self, table: Oid, number: i16) -> Option<String> {
        self.catalog.relation(table)?.not_null_constraint(number).map(|constraint| constraint.name.clone())
    }

    /// NOT NULL that comes from another table has the name that it has there, where it is free
    /// (`AddRelationNotNullConstraints`).
    pub(super) fn add_inherited_not_null(&mut self, table: Oid, number: i16, name: &str) {
        let declared = name.is_empty();
        let name = if there_has(&self.catalog, table, name) { "" } else { name };
        self.add_not_null_constraint(
            table,
            number,
            name,
            declared || self.own(table).is_ok_and(|row| row.parents.is_empty()),
        );
    }

    /// The row that 18 keeps for each NOT NULL column of a table; `local` where the table itself says so.
    pub(super) fn add_not_null_constraint(&mut self, table: Oid, number: i16, name: &str, local: bool) {
        let Some(row) = self.catalog.relation(table) else { return };
        let known = row.not_null_constraint(number).map(|row| row.oid);
        let local = local && !row.is_partition || row.parents.is_empty();
        let Some(column) = row.attribute(number) else { return };
        let is_table =
            matches!(row.kind, RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable);
        if self.catalog.version < ServerVersion::V18 || !is_table {
            return;
        }
        if let Some(known) = known {
            if local {
                self.set_constraint_local(table, known, true);
            }
            return;
        }
        let name = match name {
            "" => choose(&row.name, &column.name, "not_null", |name| self.constraint_name_taken(row.schema, name)),
            name => name.to_owned(),
        };
        let validated = column.not_null != NotNull::NotValidated;
        let constraint = Constraint {
            oid: self.catalog.allocate(),
            name,
            kind: ConstraintKind::NotNull,
            columns: vec![number],
            deferrable: false,
            validated,
            references: Oid::INVALID,
            no_inherit: false,
            referenced: Vec::new(),
            excludes_null: Vec::new(),
            written: None,
            is_local: local,
        };
        self.catalog.update_relation(table, |row| row.constraints.push(constraint));
    }

    /// Gives a new child the constraints of its parent.
    pub(super) fn inherit_constraints(&mut self, child: Oid, parent: Oid) -> Outcome {
        let Some(row) = self.catalog.relation(parent).cloned() else { return Ok(()) };
        for check in row.constraints.iter().filter(|row| row.kind == ConstraintKind::Check && !row.no_inherit) {
            self.inherit_check(parent, child, check)?;
        }
        self.copy_foreign_keys(parent, child);
        Ok(())
    }

    /// Gives a partition the foreign keys of its table.
    pub(super) fn copy_foreign_keys(&mut self, parent: Oid, child: Oid) {
        let Some(row) = self.catalog.relation(parent).cloned() else { return };
        if row.kind == RelationKind::PartitionedTable {
            for key in row.constraints.iter().filter(|row| row.kind == ConstraintKind::ForeignKey) {
                self.copy_foreign_key(parent, child, key);
            }
        }
    }

    /// The direct children and partitions of a table.
    pub(super) fn children(&self, table: Oid) -> Vec<Oid> {
        self.catalog.children(table).collect()
    }
}

pub(super) fn there_has(catalog: &crate::catalog::Catalog, relation: Oid, constraint: &str) -> bool {
    catalog.relation(relation).is_some_and(|row| row.constraints.iter().any(|other| other.name == constraint))
}

/// Sets what a column's NOT NULL is worth.
pub(super) fn set_column_not_null(row: &mut Relation, number: i16, value: NotNull) {
    let at = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    if let Some(column) = row.columns.get_mut(at) {
        column.not_null = value;
    }
}
