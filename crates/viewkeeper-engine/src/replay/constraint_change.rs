//! `DROP CONSTRAINT`, `VALIDATE CONSTRAINT`, `ALTER CONSTRAINT`, `DROP NOT NULL`, here and in the tables below.

use std::sync::Arc;

use super::address::Address;
use super::constraint::set_column_not_null;
use super::inherited::is_enforced;
use super::session::{Outcome, Reach, Session};
use crate::catalog::{ColumnSource, Constraint, ConstraintKind, NotNull, Oid, ServerVersion, WrittenConstraint};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// Whether a command comes to a table from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recursion {
    No,
    Yes,
}

impl Session<'_> {
    pub(super) fn drop_not_null(&mut self, table: Oid, name: &str, recursion: Recursion) -> Outcome {
        let number = self.column(table, name, -1)?;
        let row = self.own(table)?;
        let Some(column) = row.attribute(number) else { return Ok(()) };
        let in_key = row
            .constraints
            .iter()
            .any(|constraint| constraint.kind == ConstraintKind::PrimaryKey && constraint.columns.contains(&number));
        let identity = matches!(column.source, ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault);
        if in_key {
            let message = format!("column `{name}` is in a primary key");
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1));
        }
        if identity {
            let message = format!("column `{name}` of relation `{}` is an identity column", row.name);
            return Err(self.error(SqlState::SYNTAX_ERROR, message, -1));
        }
        let keeps_rows = self.catalog.version >= ServerVersion::V18;
        let said = column.not_null != NotNull::No;
        if recursion == Recursion::No {
            if said || !keeps_rows {
                self.check_not_only_partitioned(table)?;
            }
            if said {
                self.check_not_null_is_own(table, number)?;
            }
        }
        let constraint = row.not_null_constraint(number).cloned();
        let below = constraint.map_or_else(Vec::new, |constraint| self.below_with_parents(table, &constraint));
        self.catalog.update_relation(table, |row| {
            set_column_not_null(row, number, NotNull::No);
            row.constraints
                .retain(|constraint| constraint.kind != ConstraintKind::NotNull || constraint.columns != [number]);
        });
        if keeps_rows {
            for (child, copy, parents) in below {
                if self.reach == Reach::Only {
                    self.set_constraint_local(child, copy.oid, true);
                } else if parents == 1 && !copy.is_local {
                    let column = self.column_names(child, &copy.columns).concat();
                    self.drop_not_null(child, &column, Recursion::Yes)?;
                }
            }
            return Ok(());
        }
        if self.reach == Reach::Only {
            return Ok(());
        }
        for child in self.children(table) {
            if self.catalog.relation(child).is_some_and(|row| row.column(name).is_some()) {
                self.drop_not_null(child, name, Recursion::Yes)?;
            }
        }
        Ok(())
    }

    /// What the tables below have of a constraint, and from how many parents.
    fn below_with_parents(&self, table: Oid, constraint: &Constraint) -> Vec<(Oid, Constraint, usize)> {
        let below = self.constraints_below(table, constraint).into_iter();
        below
            .map(|(child, copy)| {
                let parents = self.parents_with(child, &copy);
                (child, copy, parents)
            })
            .collect()
    }

    pub(super) fn drop_constraint(
        &mut self,
        table: Oid,
        command: &ast::AlterTableCmd,
        recursion: Recursion,
    ) -> Outcome {
        let row = self.own(table)?;
        let Some(constraint) = row.constraints.iter().find(|constraint| constraint.name == command.name).cloned()
        else {
            if command.missing_ok {
                return Ok(());
            }
            let message = format!("constraint `{}` of relation `{}` does not exist", command.name, row.name);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        };
        if recursion == Recursion::No && self.parents_with(table, &constraint) > 0 && self.is_certain(table) {
            let message = format!("cannot drop inherited constraint `{}` of relation `{}`", constraint.name, row.name);
            let error = self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1);
            return Err(error.help("drop it where it comes from: at the parent"));
        }
        if constraint.kind == ConstraintKind::NotNull {
            let column = self.column_names(table, &constraint.columns).concat();
            return self.drop_not_null(table, &column, recursion);
        }
        // Keys and foreign keys of partitions go with that of their table, whatever reaches them otherwise.
        let of_partitions = constraint.kind != ConstraintKind::Check;
        if !of_partitions && recursion == Recursion::No && !constraint.no_inherit {
            self.check_not_only_partitioned(table)?;
        }
        let below = self.below_with_parents(table, &constraint);
        self.drop_objects(&[Address::Constraint(table, constraint.oid)], command.behavior())?;
        for (child, copy, parents) in below {
            let there = self.constraint_named(child, &copy.name).is_some_and(|row| row.oid == copy.oid);
            if !there {
                continue;
            }
            if !of_partitions && self.reach == Reach::Only {
                self.set_constraint_local(child, copy.oid, true);
            } else if of_partitions || parents == 1 && !copy.is_local {
                let command = ast::AlterTableCmd { name: copy.name, ..command.clone() };
                self.drop_constraint(child, &command, Recursion::Yes)?;
            }
        }
        Ok(())
    }

    pub(super) fn validate_constraint(&mut self, table: Oid, name: &str, recursion: Recursion) -> Outcome {
        let row = self.own(table)?;
        let Some(constraint) = row.constraints.iter().find(|constraint| constraint.name == name).cloned() else {
            let message = format!("constraint `{name}` of relation `{}` does not exist", row.name);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        };
        let kinds = [ConstraintKind::ForeignKey, ConstraintKind::Check, ConstraintKind::NotNull];
        if !kinds.contains(&constraint.kind) {
            let message = format!("constraint `{name}` of relation `{}` cannot be validated", row.name);
            let error = self.error(SqlState::WRONG_OBJECT_TYPE, message, -1);
            return Err(error.note("keys hold for every row from the beginning"));
        }
        if !is_enforced(&constraint) {
            let message = format!("cannot validate constraint `{name}`, which is not enforced");
            return Err(self.error(SqlState("55000"), message, -1));
        }
        let below = self.constraints_below(table, &constraint);
        let reaches = self.reach == Reach::Children || recursion == Recursion::Yes;
        if !constraint.validated && constraint.kind == ConstraintKind::Check && !reaches && !below.is_empty() {
            let message = "constraint must be validated on child tables too";
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1).help("do not write ONLY"));
        }
        self.catalog.update_relation(table, |row| {
            for other in row.constraints.iter_mut().filter(|other| other.name == name) {
                other.validated = true;
            }
            if constraint.kind == ConstraintKind::NotNull {
                for number in &constraint.columns {
                    set_column_not_null(row, *number, NotNull::Yes);
                }
            }
        });
        for (child, copy) in below {
            self.validate_constraint(child, &copy.name, Recursion::Yes)?;
        }
        Ok(())
    }

    pub(super) fn alter_constraint(&mut self, table: Oid, definition: Option<&NodeEnum>) -> Outcome {
        let Some(NodeEnum::AtalterConstraint(change)) = definition else { return Ok(()) };
        let row = self.own(table)?;
        let Some(found) = row.constraints.iter().find(|constraint| constraint.name == change.conname) else {
            let message = format!("constraint `{}` of relation `{}` does not exist", change.conname, row.name);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        };
        let wanted = if change.alter_inheritability { ConstraintKind::NotNull } else { ConstraintKind::ForeignKey };
        if found.kind != wanted {
            let message =
                format!("constraint `{}` of relation `{}` cannot be altered in this way", found.name, row.name);
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        }
        self.catalog.update_relation(table, |row| {
            for constraint in row.constraints.iter_mut().filter(|constraint| constraint.name == change.conname) {
                if change.alter_deferrability {
                    constraint.deferrable = change.deferrable;
                }
                // `ATExecAlterConstrEnforceability`: rows are checked when it is enforced again.
                if change.alter_enforceability {
                    constraint.validated = change.is_enforced;
                    if let Some(WrittenConstraint(written)) = &mut constraint.written {
                        Arc::make_mut(written).is_enforced = change.is_enforced;
                    }
                }
            }
        });
        Ok(())
    }
}
