//! Constraints that a table has from its parents: which of them are one, and what stays where the parent or its constraint
//! goes (`MergeWithExistingConstraint` in heap.c; `MergeConstraintsIntoExisting`, `RemoveInheritance` in tablecmds.c).

use super::partition::As;
use super::session::{Outcome, Reach, Session};
use crate::analyse::{Purpose, analyse_expression};
use crate::catalog::{AttachedKind, Constraint, ConstraintKind, Oid, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum};

/// A check that a table is about to get under a name that it may have already.
pub(super) struct ComingCheck<'c> {
    pub(super) name: &'c str,
    /// Its expression, in canonical text.
    pub(super) text: &'c str,
    pub(super) no_inherit: bool,
    pub(super) validated: bool,
    pub(super) enforced: bool,
    /// Whether a statement says it of the table itself, and not of a parent.
    pub(super) local: bool,
    pub(super) location: i32,
}

impl Session<'_> {
    pub(super) fn constraint_named(&self, table: Oid, name: &str) -> Option<&Constraint> {
        self.catalog.relation(table)?.constraints.iter().find(|constraint| constraint.name == name)
    }

    /// From how many parents a table has one of its constraints (`coninhcount`).
    pub(super) fn parents_with(&self, table: Oid, constraint: &Constraint) -> usize {
        self.catalog.relation(table).map_or(0, |row| self.catalog.parents_with(row, constraint))
    }

    pub(super) fn set_constraint_local(&mut self, table: Oid, oid: Oid, local: bool) {
        self.catalog.update_relation(table, |row| {
            row.constraints.iter_mut().filter(|row| row.oid == oid).for_each(|row| row.is_local = local);
        });
    }

    /// The expression of a check, in canonical text.
    pub(super) fn check_text(&self, table: Oid, name: &str) -> Option<String> {
        let rows = self.catalog.attached.get(&table)?;
        rows.iter().find(|row| row.kind == AttachedKind::Check && row.name == name).map(|row| row.canonical.clone())
    }

    /// Whether two checks say the same of a table. Where that cannot be told they may.
    fn may_be_same_check(&self, table: Oid, one: &str, other: &str) -> bool {
        if one == other {
            return true;
        }
        let meaning = |text: &str| {
            let NodeEnum::SelectStmt(select) = parser::statement_in(&format!("SELECT {text}"))? else { return None };
            let Some(NodeEnum::ResTarget(target)) = select.target_list.first()?.node.as_ref() else { return None };
            let node = target.val.as_ref()?.node.as_ref()?;
            let path = self.search_path();
            let file = crate::source::SourceFile::new("check", text);
            analyse_expression(&self.catalog, &file, node, Some(table), &Purpose::Check, path).ok()
        };
        match (meaning(one), meaning(other)) {
            (Some(one), Some(other)) => one.expr == other.expr,
            _ => true,
        }
    }

    /// Whether the statement at hand makes the table.
    fn is_being_made(&self, table: Oid) -> bool {
        let made = self.catalog.relation(table).and_then(|row| row.provenance.as_ref());
        made.is_some_and(|made| made.span == self.span && made.file == self.file)
    }

    /// A check under the name of a constraint that is there: it is the same one, or refused
    /// (`MergeWithExistingConstraint`). False where the name is free.
    pub(super) fn merge_check(&mut self, table: Oid, new: &ComingCheck<'_>) -> Outcome<bool> {
        let Some(old) = self.constraint_named(table, new.name).cloned() else { return Ok(false) };
        let row = self.own(table)?;
        let (name, relation, is_partition) = (new.name, row.name.clone(), row.is_partition);
        let same = old.kind == ConstraintKind::Check
            && self.check_text(table, name).is_none_or(|text| self.may_be_same_check(table, &text, new.text));
        let may_merge = !new.local || !old.is_local && (!is_partition || self.is_being_made(table));
        if !same || !may_merge {
            let message = format!("constraint `{name}` for relation `{relation}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, new.location));
        }
        let enforced = is_enforced(&old);
        let conflict = if old.no_inherit {
            "non-inherited"
        } else if new.no_inherit && self.parents_with(table, &old) > 0 {
            "inherited"
        } else if new.validated && enforced && !old.validated {
            "NOT VALID"
        } else if new.enforced != enforced && new.enforced != new.local {
            "NOT ENFORCED"
        } else {
            self.catalog.update_relation(table, |row| {
                let same = row.constraints.iter_mut().filter(|row| row.oid == old.oid);
                same.for_each(|row| row.is_local = !is_partition && (new.local || row.is_local));
            });
            return Ok(true);
        };
        let message = format!("constraint `{name}` conflicts with {conflict} constraint on relation `{relation}`");
        Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, new.location))
    }

    /// Gives a new check of a table to the tables below (`ATAddCheckNNConstraint`).
    pub(super) fn pass_check_on(&mut self, table: Oid, name: &str) -> Outcome {
        let Some(check) = self.constraint_named(table, name).cloned().filter(|check| !check.no_inherit) else {
            return Ok(());
        };
        let text = self.check_text(table, name).unwrap_or_default();
        for child in self.children(table) {
            let new = ComingCheck {
                name,
                text: &text,
                no_inherit: false,
                validated: check.validated,
                enforced: is_enforced(&check),
                local: false,
                location: -1,
            };
            // The tables below one that has it have it too.
            if !self.merge_check(child, &new)? {
                self.copy_check_to_child(table, child, name)?;
                self.pass_check_on(child, name)?;
            }
        }
        Ok(())
    }

    pub(super) fn copy_check_to_child(&mut self, parent: Oid, child: Oid, name: &str) -> Outcome {
        let map = self.column_map(parent, child);
        self.copy_check(parent, child, name, |old| map.iter().find(|(number, _)| *number == old).map(|(_, new)| *new))?;
        if let Some(copy) = self.constraint_named(child, name).map(|copy| copy.oid) {
            self.set_constraint_local(child, copy, false);
        }
        Ok(())
    }

    /// Whether a table has children that no statement can have taken away of which nothing is known.
    pub(super) fn has_certain_children(&self, table: Oid) -> bool {
        self.children(table).into_iter().any(|child| self.is_certain(child))
    }

    /// A check that is not said to be NO INHERIT goes to all tables below, or there are none (`ATAddCheckNNConstraint`).
    pub(super) fn check_reaches_children(&self, table: Oid) -> Outcome {
        if self.reach == Reach::Only && self.has_certain_children(table) {
            let message = "constraint must be added to child tables too";
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1).help("do not write ONLY"));
        }
        Ok(())
    }

    /// A new table gets the checks of a parent; those of several parents under one name are one
    /// (`MergeCheckConstraint`).
    pub(super) fn inherit_check(&mut self, parent: Oid, child: Oid, check: &Constraint) -> Outcome {
        let name = &check.name;
        if self.constraint_named(child, name).is_some() {
            let texts = (self.check_text(parent, name), self.check_text(child, name));
            if let (Some(theirs), Some(known)) = texts
                && !self.may_be_same_check(child, &theirs, &known)
            {
                let message = format!("check constraint `{name}` is inherited with different expressions");
                return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
            }
            return Ok(());
        }
        self.copy_check_to_child(parent, child, name)?;
        // No row of a new table could break it.
        self.catalog.update_relation(child, |row| {
            let copies = row.constraints.iter_mut().filter(|row| row.name == *name);
            copies.for_each(|row| row.validated = is_enforced(row));
        });
        Ok(())
    }

    /// A table that gets a parent has its checks already (`MergeConstraintsIntoExisting`).
    pub(super) fn check_has_checks_of(&mut self, child: Oid, parent: Oid, role: As) -> Outcome {
        let checks: Vec<Constraint> = self.catalog.relation(parent).map_or_else(Vec::new, |row| {
            let checks = row.constraints.iter().filter(|row| row.kind == ConstraintKind::Check && !row.no_inherit);
            checks.cloned().collect()
        });
        if !self.is_certain(child) {
            return Ok(());
        }
        let shown = self.relation_name(child);
        for check in checks {
            let name = &check.name;
            let known = self.constraint_named(child, name).filter(|row| row.kind == ConstraintKind::Check).cloned();
            let Some(known) = known else {
                let message = format!("child table is missing constraint `{name}`");
                let error = self.error(SqlState::DATATYPE_MISMATCH, message, -1);
                return Err(error.help(format!("add the constraint to `{shown}` before")));
            };
            let texts = (self.check_text(parent, name), self.check_text(child, name));
            if let (Some(theirs), Some(own)) = texts
                && !self.may_be_same_check(child, &theirs, &own)
            {
                let message = format!("child table `{shown}` has different definition for check constraint `{name}`");
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
            let conflict = if known.no_inherit {
                "non-inherited"
            } else if check.validated && is_enforced(&known) && !known.validated {
                "NOT VALID"
            } else if is_enforced(&check) && !is_enforced(&known) {
                "NOT ENFORCED"
            } else {
                if role == As::Partition {
                    self.set_constraint_local(child, known.oid, false);
                }
                continue;
            };
            let message = format!("constraint `{name}` conflicts with {conflict} constraint on child table `{shown}`");
            return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
        }
        Ok(())
    }

    /// NOT NULL that a partition's table has, too, is the table's (`MergeAttributesIntoExisting`).
    pub(super) fn give_not_null_away(&mut self, partition: Oid) {
        let Some(row) = self.catalog.relation(partition) else { return };
        let said = row.constraints.iter().filter(|constraint| {
            constraint.kind == ConstraintKind::NotNull && self.catalog.parents_with(row, constraint) > 0
        });
        let said: Vec<Oid> = said.map(|constraint| constraint.oid).collect();
        said.into_iter().for_each(|oid| self.set_constraint_local(partition, oid, false));
    }

    /// What no parent has any more is the table's own (`RemoveInheritance`, `DetachPartitionFinalize`).
    pub(super) fn keep_constraints_as_own(&mut self, table: Oid) {
        let Some(row) = self.catalog.relation(table) else { return };
        let own = row.constraints.iter().filter(|constraint| self.catalog.parents_with(row, constraint) == 0);
        let own: Vec<Oid> = own.map(|constraint| constraint.oid).collect();
        own.into_iter().for_each(|oid| self.set_constraint_local(table, oid, true));
    }

    /// The constraints of children and partitions that are there because of one of the table, with the child of each.
    pub(super) fn constraints_below(&self, table: Oid, constraint: &Constraint) -> Vec<(Oid, Constraint)> {
        let Some(row) = self.catalog.relation(table) else { return Vec::new() };
        // Two foreign keys may say the same: the first of the one is the first of the other.
        let before = row.constraints.iter().take_while(|other| other.oid != constraint.oid);
        let before = before.filter(|other| {
            let says = |row: &Constraint| (row.kind, row.columns.clone(), row.references, row.referenced.clone());
            constraint.kind == ConstraintKind::ForeignKey && says(other) == says(constraint)
        });
        let before = before.count();
        let mut found = Vec::new();
        for child in self.children(table) {
            let Some(below) = self.catalog.relation(child) else { continue };
            let mut copies =
                below.constraints.iter().filter(|other| crate::catalog::comes_from(below, other, row, constraint));
            found.extend(copies.nth(before).map(|copy| (child, copy.clone())));
        }
        found
    }

    /// NOT NULL that a parent says stays (`ATExecDropNotNull`, `dropconstraint_internal`).
    pub(super) fn check_not_null_is_own(&self, table: Oid, number: i16) -> Outcome {
        let row = self.own(table)?;
        if !self.is_certain(table) {
            return Ok(());
        }
        let names = self.column_names(table, &[number]).concat();
        let message = if self.catalog.version >= ServerVersion::V18 {
            match row.not_null_constraint(number) {
                Some(constraint) if self.catalog.parents_with(row, constraint) > 0 => {
                    format!("cannot drop inherited constraint `{}` of relation `{}`", constraint.name, row.name)
                }
                _ => return Ok(()),
            }
        } else {
            let parents = row.parents.iter().filter_map(|parent| self.catalog.relation(*parent));
            let said = |parent: &crate::catalog::Relation| {
                parent.column(&names).is_some_and(|(_, column)| column.not_null != crate::catalog::NotNull::No)
            };
            if !row.is_partition || !parents.into_iter().any(said) {
                return Ok(());
            }
            format!("column `{names}` is marked NOT NULL in parent table")
        };
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    /// What partitions have of their table goes and comes with it (`ATPrepDropNotNull`, `dropconstraint_internal`).
    pub(super) fn check_not_only_partitioned(&self, table: Oid) -> Outcome {
        let partitioned = self.own(table)?.kind == RelationKind::PartitionedTable;
        // From 18 on the partitions keep theirs as their own.
        if self.catalog.version < ServerVersion::V18
            && partitioned
            && self.reach == Reach::Only
            && self.has_certain_children(table)
        {
            let message = "cannot remove constraint from only the partitioned table when partitions exist";
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1).help("do not write ONLY"));
        }
        Ok(())
    }
}

/// Whether rows are held to it (`conenforced`, 18), which can be said of checks and foreign keys.
pub(super) fn is_enforced(constraint: &Constraint) -> bool {
    let may_be_off = matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::ForeignKey);
    !may_be_off || constraint.written.as_ref().is_none_or(|written| written.0.is_enforced)
}
