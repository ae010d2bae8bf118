//! `ALTER TYPE` of enums and base types, `ALTER DOMAIN`. Attributes of composites are columns: `alter_table`.

use super::address::Address;
use super::follow::Followed;
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, Origin, ServerVersion, TypeKind};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::rename::Rename;

impl Session<'_> {
    pub(super) fn alter_enum(&mut self, statement: &ast::AlterEnumStmt) -> Outcome {
        let (old, new) = (statement.old_val.clone(), statement.new_val.clone());
        if old.is_empty() {
            return self.change_labels(statement);
        }
        let type_ = self.own_type(&node::strings(&statement.type_name), -1)?.oid;
        let what = Followed::Value(type_, old.clone(), new.clone());
        self.followed(Some(&what), |session| session.change_labels(statement))?;
        if let (Some(of), Origin::Generated) = (self.object_id(&Address::Type(type_)), self.origin) {
            self.catalog.renames.push(Rename::Value { of, old, new });
        }
        Ok(())
    }

    fn change_labels(&mut self, statement: &ast::AlterEnumStmt) -> Outcome {
        let parts = node::strings(&statement.type_name);
        let row = self.own_type(&parts, -1)?;
        let (oid, name, mut labels) = (row.oid, row.name.clone(), row.labels.clone());
        if row.kind != TypeKind::Enum {
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, format!("`{name}` is not an enum"), -1));
        }
        let unknown = |label: &str| {
            let message = format!("`{label}` is not an existing enum label of `{name}`");
            self.error(SqlState::INVALID_PARAMETER, message, -1)
        };
        let known = labels.contains(&statement.new_val);
        if statement.old_val.is_empty() {
            if known {
                if statement.skip_if_new_val_exists {
                    return Ok(());
                }
                let message = format!("enum label `{}` already exists", statement.new_val);
                return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
            }
            self.check_label(&statement.new_val)?;
            let at = if statement.new_val_neighbor.is_empty() {
                labels.len()
            } else {
                let neighbor = labels.iter().position(|label| *label == statement.new_val_neighbor);
                let neighbor = neighbor.ok_or_else(|| unknown(&statement.new_val_neighbor))?;
                neighbor + usize::from(statement.new_val_is_after)
            };
            labels.insert(at, statement.new_val.clone());
            self.catalog.uncommitted.labels.insert((oid, statement.new_val.clone()));
        } else {
            let at = labels.iter().position(|label| *label == statement.old_val);
            let at = at.ok_or_else(|| unknown(&statement.old_val))?;
            if known {
                let message = format!("enum label `{}` already exists", statement.new_val);
                return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
            }
            labels[at].clone_from(&statement.new_val);
            if self.catalog.uncommitted.labels.remove(&(oid, statement.old_val.clone())) {
                self.catalog.uncommitted.labels.insert((oid, statement.new_val.clone()));
            }
        }
        self.catalog.update_type(oid, |row| row.labels = labels);
        self.note_type_change(oid);
        Ok(())
    }

    /// `ALTER TYPE … SET (…)` of a base type.
    pub(super) fn alter_type_options(&mut self, statement: &ast::AlterTypeStmt) -> Outcome {
        let oid = self.own_type(&node::strings(&statement.type_name), -1)?.oid;
        for option in node::options(&statement.options) {
            if option.defname.eq_ignore_ascii_case("typmod_in") {
                let function = node::option_text(option).and_then(|name| self.routine_named(&name)).unwrap_or_default();
                self.catalog.update_type(oid, |row| row.typmod_input = function);
            }
        }
        Ok(())
    }

    pub(super) fn alter_domain(&mut self, statement: &ast::AlterDomainStmt) -> Outcome {
        let row = self.own_type(&node::strings(&statement.type_name), -1)?;
        let (oid, name) = (row.oid, row.name.clone());
        if row.kind != TypeKind::Domain {
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, format!("`{name}` is not a domain"), -1));
        }
        match statement.subtype.as_str() {
            // The letters of AlterDomainStmt in parsenodes.h.
            "O" => {
                self.catalog.update_type(oid, |row| row.not_null = true);
            }
            "N" => {
                self.catalog.update_type(oid, |row| row.not_null = false);
            }
            "T" => self.set_domain_default(oid, statement.def.as_deref())?,
            "C" => {
                if let Some(NodeEnum::Constraint(constraint)) =
                    statement.def.as_ref().and_then(|node| node.node.as_ref())
                {
                    self.add_domain_constraint(oid, constraint)?;
                }
            }
            "X" => {
                let found = self.detach(oid, |row| row.kind == AttachedKind::Check && row.name == statement.name);
                if found {
                    self.forget_domain_constraint(oid, &statement.name);
                }
                // From 17 on NOT NULL is a constraint with a name, which is not kept: any that no other has is taken for it,
                // unless it need not be there (`AlterDomainDropConstraint`).
                let not_null = self.catalog.version >= ServerVersion::V17
                    && self.catalog.type_(oid).is_some_and(|row| row.not_null)
                    && (statement.name == format!("{name}_not_null") || !statement.missing_ok);
                if !found && not_null {
                    self.catalog.update_type(oid, |row| row.not_null = false);
                } else if !found && !statement.missing_ok {
                    let message = format!("constraint `{}` of domain `{name}` does not exist", statement.name);
                    return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
                }
            }
            // "V": VALIDATE CONSTRAINT.
            _ => {}
        }
        self.note_type_change(oid);
        Ok(())
    }
}
