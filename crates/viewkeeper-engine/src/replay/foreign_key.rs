//! Foreign keys: what they point at, and the copies that partitions get.

use super::choose_name::{choose, joined};
use super::constraint::there_has;
use super::session::{Outcome, Session};
use crate::catalog::{
    CastContext, Constraint, ConstraintKind, Oid, Persistence, RelationKind, ServerVersion, WrittenConstraint, oids,
};
use crate::diagnostic::SqlState;
use crate::parser::ast;

impl Session<'_> {
    pub(super) fn add_foreign_key(&mut self, table: Oid, constraint: &ast::Constraint, column: Option<i16>) -> Outcome {
        let Some(referenced_name) = &constraint.pktable else { return Err(self.malformed("without a table")) };
        // `ATExecAddConstraint` looks at the name first, before what the key says.
        self.check_constraint_name_free(table, constraint)?;
        let referenced = self.relation(referenced_name)?;
        self.check_may_reference(table, referenced, constraint)?;
        let columns = self.constraint_columns(table, &constraint.fk_attrs, column, constraint.location)?;
        let referenced_columns: Vec<i16> = if constraint.pk_attrs.is_empty() {
            let row = self.catalog.relation(referenced);
            let key = row.and_then(|row| {
                row.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
            });
            let Some(key) = key else {
                let shown = self.relation_name(referenced);
                let message = format!("there is no primary key for referenced table `{shown}`");
                return Err(self.error(SqlState::UNDEFINED_OBJECT, message, referenced_name.location));
            };
            key.columns.clone()
        } else {
            self.constraint_columns(referenced, &constraint.pk_attrs, None, constraint.location).or_else(|error| {
                // A server's own table may be referenced by nobody; every other has its columns by name.
                if self.catalog.relations.contains_key(&referenced) { Err(error) } else { Ok(Vec::new()) }
            })?
        };
        if columns.len() != referenced_columns.len() {
            let message = "number of referencing and referenced columns for foreign key disagree";
            return Err(self.error(SqlState("42830"), message, constraint.location));
        }
        self.check_unique_target(referenced, &referenced_columns, constraint)?;
        let names = self.column_names(table, &columns);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let name = self.constraint_name(table, constraint, &joined(&names), "fkey")?;
        for (column, referenced_column) in columns.iter().zip(&referenced_columns) {
            self.check_comparable((table, *column), (referenced, *referenced_column), &name, constraint)?;
        }
        let row = Constraint {
            oid: self.catalog.allocate(),
            name,
            kind: ConstraintKind::ForeignKey,
            columns,
            deferrable: constraint.deferrable,
            validated: !constraint.skip_validation || constraint.initially_valid,
            references: referenced,
            no_inherit: false,
            referenced: referenced_columns,
            excludes_null: Vec::new(),
            written: None,
            is_local: true,
        };
        self.put_foreign_key(table, row);
        Ok(())
    }

    /// Which tables may point at which (`ATAddForeignKeyConstraint`).
    fn check_may_reference(&self, table: Oid, referenced: Oid, constraint: &ast::Constraint) -> Outcome {
        let row = self.own(table)?;
        let Some(target) = self.catalog.relation(referenced) else { return Ok(()) };
        let refused = |message: String, code| Err(self.error(code, message, constraint.location));
        let shown = self.relation_name(referenced);
        if !matches!(target.kind, RelationKind::Table | RelationKind::PartitionedTable) {
            return refused(format!("referenced relation `{shown}` is not a table"), SqlState::WRONG_OBJECT_TYPE);
        }
        let late = self.catalog.version >= ServerVersion::V18;
        if row.kind == RelationKind::PartitionedTable && constraint.skip_validation && !late {
            let message = format!(
                "cannot add NOT VALID foreign key on partitioned table `{}` referencing relation `{shown}`",
                row.name
            );
            return refused(message, SqlState::WRONG_OBJECT_TYPE);
        }
        let (kind, only) = match (row.persistence, target.persistence) {
            (Persistence::Permanent, Persistence::Unlogged | Persistence::Temporary) => ("permanent", "permanent"),
            (Persistence::Unlogged, Persistence::Temporary) => ("unlogged", "permanent or unlogged"),
            (Persistence::Temporary, Persistence::Permanent | Persistence::Unlogged) => ("temporary", "temporary"),
            _ => return Ok(()),
        };
        let message = format!("constraints on {kind} tables may reference only {only} tables");
        refused(message, SqlState::INVALID_TABLE_DEFINITION)
    }

    /// A foreign key must point at columns that a unique, non-deferrable key holds (`transformFkeyCheckAttrs`).
    fn check_unique_target(&self, referenced: Oid, columns: &[i16], constraint: &ast::Constraint) -> Outcome {
        let Some(row) = self.catalog.relations.get(&referenced) else { return Ok(()) };
        if row.unique_index(columns).is_some() || constraint.pk_with_period {
            return Ok(());
        }
        let deferred = row.constraints.iter().any(|key| {
            let fits = key.columns.len() == columns.len() && columns.iter().all(|number| key.columns.contains(number));
            key.deferrable && fits && matches!(key.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
        });
        if deferred {
            let shown = self.relation_name(referenced);
            let message = format!("cannot use a deferrable unique constraint for referenced table `{shown}`");
            return Err(self.error(SqlState("55000"), message, constraint.location));
        }
        let message = format!(
            "there is no unique constraint matching given keys for referenced table `{}`",
            self.relation_name(referenced)
        );
        Err(self.error(SqlState("42830"), message, constraint.location))
    }

    /// The index that the foreign key goes by must be able to compare both columns, or to take the one as the other
    /// (`ATAddForeignKeyConstraint`). The index is taken for one of its type's default operator class.
    fn check_comparable(
        &self,
        column: (Oid, i16),
        referenced: (Oid, i16),
        name: &str,
        constraint: &ast::Constraint,
    ) -> Outcome {
        /// `BTEqualStrategyNumber`
        const EQUAL: u16 = 3;
        let attribute = |(relation, number): (Oid, i16)| self.catalog.relation(relation)?.attribute(number);
        let (Some(from), Some(to)) = (attribute(column), attribute(referenced)) else { return Ok(()) };
        let resolver = self.resolver();
        // What has no class could not have a key; it is one that is not known.
        let Some(class) = resolver.default_operator_class(oids::BTREE, to.type_) else { return Ok(()) };
        let base = self.catalog.base_type(from.type_);
        let equal = |left, right| self.catalog.family_operator(class.family, left, right, EQUAL);
        let comparable = equal(class.input, base).and_then(|_| equal(base, base)).is_some()
            || resolver.can_coerce(&[to.type_, from.type_], &[class.input, class.input], CastContext::Implicit);
        if comparable || constraint.pk_with_period {
            return Ok(());
        }
        let message = format!("foreign key constraint `{name}` cannot be implemented");
        let shown = |type_| super::names::type_text(&self.catalog, type_);
        let note = format!(
            "columns `{}` and `{}` are of incompatible types: `{}` and `{}`",
            from.name,
            to.name,
            shown(from.type_),
            shown(to.type_)
        );
        Err(self.error(SqlState::DATATYPE_MISMATCH, message, constraint.location).note(note))
    }

    /// Adds a foreign key, and to the partitions too.
    fn put_foreign_key(&mut self, table: Oid, row: Constraint) {
        let partitioned = self.catalog.relation(table).is_some_and(|row| row.kind == RelationKind::PartitionedTable);
        if partitioned {
            for partition in self.children(table) {
                self.copy_foreign_key(table, partition, &row);
            }
        }
        self.catalog.update_relation(table, |relation| relation.constraints.push(row));
    }

    pub(super) fn copy_foreign_key(&mut self, from: Oid, to: Oid, row: &Constraint) {
        let map = self.column_map(from, to);
        let number = |old: i16| map.iter().find(|(number, _)| *number == old).map(|(_, new)| *new);
        let columns: Vec<i16> = row.columns.iter().filter_map(|old| number(*old)).collect();
        // One that the partition has already becomes the parent's copy, unless it does something else
        // (`tryAttachPartitionForeignKey`) or is the copy of another one.
        let alike = |other: &Constraint, columns: &[i16]| {
            other.kind == ConstraintKind::ForeignKey
                && other.columns == columns
                && (other.references, &other.referenced) == (row.references, &row.referenced)
                && other.validated
                && other.deferrable == row.deferrable
                && same_actions(other, row)
        };
        let count = |relation: Oid, columns: &[i16]| {
            let rows = self.catalog.relation(relation).map_or(&[][..], |relation| &relation.constraints);
            rows.iter().take_while(|other| other.oid != row.oid).filter(|other| alike(other, columns)).count()
        };
        let before = count(from, &row.columns);
        let known = self.catalog.relation(to).and_then(|relation| {
            relation.constraints.iter().filter(|other| alike(other, &columns)).nth(before).map(|known| known.oid)
        });
        if let Some(known) = known {
            self.set_constraint_local(to, known, false);
        } else {
            let mut copy = Constraint { oid: self.catalog.allocate(), columns, is_local: false, ..row.clone() };
            if there_has(&self.catalog, to, &copy.name) {
                let Some(to_row) = self.catalog.relation(to) else { return };
                let names = self.column_names(to, &copy.columns);
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let taken = |name: &str| self.constraint_name_taken(to_row.schema, name);
                copy.name = choose(&to_row.name, &joined(&names), "fkey", taken);
            }
            self.put_foreign_key(to, copy);
        }
    }
}

/// Whether two foreign keys do the same where a referenced row changes or goes.
fn same_actions(one: &Constraint, other: &Constraint) -> bool {
    let actions = |row: &Constraint| {
        // What is not written is `NO ACTION`, `MATCH SIMPLE`.
        row.written.as_ref().map_or_else(
            || ["a".to_owned(), "a".to_owned(), "s".to_owned(), String::new()],
            |WrittenConstraint(written)| {
                let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
                [
                    or(&written.fk_upd_action, "a"),
                    or(&written.fk_del_action, "a"),
                    or(&written.fk_matchtype, "s"),
                    written.initdeferred.to_string(),
                ]
            },
        )
    };
    actions(one) == actions(other)
}
