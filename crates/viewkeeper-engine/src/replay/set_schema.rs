//! `SET SCHEMA`, and whether a name is free where an object goes (`AlterObjectNamespace_internal`,
//! `AlterObjectRename_internal` in alter.c).

use std::sync::Arc;

use super::address::Address;
use super::follow::Followed;
use super::session::{Outcome, Session};
use crate::catalog::{Oid, Origin};
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::rename::Rename;

impl Session<'_> {
    /// A routine of the name and the same inputs must not be there (`IsThereFunctionInNamespace`).
    pub(super) fn check_routine_free(&self, oid: Oid, schema: Option<Oid>, name: Option<&str>) -> Outcome {
        let Some(row) = self.catalog.routine(oid) else { return Ok(()) };
        let (schema, name) = (schema.unwrap_or(row.schema), name.unwrap_or(&row.name));
        let mut others = self.catalog.routines_named(name).filter(|other| other.oid != oid);
        if !others.any(|other| other.schema == schema && other.inputs == row.inputs) {
            return Ok(());
        }
        let shown = self.catalog.schema_name(schema).unwrap_or_default();
        let message = format!("function `{name}` with the same arguments already exists in schema `{shown}`");
        Err(self.error(SqlState::DUPLICATE_FUNCTION, message, -1))
    }

    pub(super) fn check_collation_free(&self, oid: Oid, schema: Option<Oid>, name: Option<&str>) -> Outcome {
        let Some(row) = self.catalog.collation(oid) else { return Ok(()) };
        let (schema, name) = (schema.unwrap_or(row.schema), name.unwrap_or(&row.name));
        let mut others = self.catalog.collations.values().filter(|other| other.oid != oid);
        if !others.any(|other| other.schema == schema && other.name == name) {
            return Ok(());
        }
        self.name_taken("collation", schema, name)
    }

    pub(super) fn check_statistics_free(&self, oid: Oid, schema: Option<Oid>, name: Option<&str>) -> Outcome {
        let Some(row) = self.catalog.statistics.get(&oid) else { return Ok(()) };
        let (schema, name) = (schema.unwrap_or(row.schema), name.unwrap_or(&row.name));
        let mut others = self.catalog.statistics.iter().filter(|(other, _)| **other != oid);
        if !others.any(|(_, other)| other.schema == schema && other.name == name) {
            return Ok(());
        }
        self.name_taken("statistics object", schema, name)
    }

    fn name_taken(&self, kind: &str, schema: Oid, name: &str) -> Outcome {
        let schema = self.catalog.schema_name(schema).unwrap_or_default();
        let message = format!("{kind} `{name}` already exists in schema `{schema}`");
        Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1))
    }

    pub(super) fn set_schema(&mut self, statement: &ast::AlterObjectSchemaStmt) -> Outcome {
        let address = match (&statement.relation, &statement.object) {
            (Some(name), _) => match self.target(Some(name), statement.missing_ok)? {
                Some(oid) => Some(Address::Relation(oid)),
                None => return Ok(()),
            },
            (None, Some(object)) => self.address(statement.object_type(), object)?,
            (None, None) => None,
        };
        let (what, old) = (self.followed_by(address.clone()), self.id_of(address.as_ref()));
        self.followed(what.as_ref(), |session| session.move_to_schema(statement, address.clone()))?;
        let new = address.and_then(|address| self.object_id(&address));
        if let (Some(old), Some(new), Origin::Generated) = (old, new, self.origin) {
            self.remember_rename(Rename::Object { old, new });
        }
        Ok(())
    }

    fn move_to_schema(&mut self, statement: &ast::AlterObjectSchemaStmt, address: Option<Address>) -> Outcome {
        let schema = self.schema(&statement.newschema, -1)?;
        match address {
            Some(Address::Relation(oid)) => self.move_relation(oid, schema),
            Some(Address::Type(oid)) => match self.catalog.type_(oid).map(|row| row.relation) {
                Some(relation) if relation.is_valid() => self.move_relation(relation, schema),
                _ => {
                    let name = self.catalog.type_(oid).map(|row| row.name.clone()).unwrap_or_default();
                    self.make_room_for_type(schema, &name, -1)?;
                    self.moving(|session| session.move_type(oid, schema));
                    Ok(())
                }
            },
            Some(Address::Routine(oid)) => {
                self.check_routine_free(oid, Some(schema), None)?;
                self.moving(|session| {
                    session.catalog.update_routine(oid, |row| row.schema = schema);
                });
                Ok(())
            }
            Some(Address::Operator(oid)) => {
                self.catalog.update_operator(oid, |row| row.schema = schema);
                Ok(())
            }
            Some(Address::Collation(oid)) => {
                self.check_collation_free(oid, Some(schema), None)?;
                self.moving(|session| {
                    session.catalog.update_collation(oid, |row| row.schema = schema);
                });
                Ok(())
            }
            Some(Address::Statistics(oid)) => {
                self.check_statistics_free(oid, Some(schema), None)?;
                self.moving(|session| {
                    if let Some(row) = session.catalog.statistics.get_mut(&oid) {
                        Arc::make_mut(row).schema = schema;
                    }
                });
                Ok(())
            }
            Some(Address::Extension(name)) => {
                let mut outcome = Ok(());
                self.moving(|session| outcome = session.move_extension(&name, schema));
                outcome
            }
            _ => Ok(()),
        }
    }

    pub(super) fn move_relation(&mut self, oid: Oid, schema: Oid) -> Outcome {
        let row = self.own(oid)?;
        if row.schema == schema {
            return Ok(());
        }
        let (name, row_type) = (row.name.clone(), row.row_type);
        self.make_room_for_relation(schema, &name)?;
        self.check_relation_name_free(schema, &name, -1)?;
        self.make_room_for_type(schema, &name, -1)?;
        self.moving(|session| {
            session.catalog.update_relation(oid, |row| row.schema = schema);
            session.move_type(row_type, schema);
        });
        self.rename_in_index_texts(oid);
        for sequence in self.sequences_of(oid, None) {
            let moved = Followed::Relation(sequence);
            self.followed(Some(&moved), |session| session.move_relation(sequence, schema)).map_err(|error| {
                let [sequence, table] = [sequence, oid].map(|oid| self.relation_name(oid));
                error.note(format!("sequence `{sequence}` belongs to a column of `{table}`, and moves with it"))
            })?;
        }
        Ok(())
    }

    pub(super) fn move_type(&mut self, type_: Oid, schema: Oid) {
        let Some(array) = self.catalog.type_(type_).map(|row| row.array) else { return };
        for oid in [type_, array] {
            self.catalog.update_type(oid, |row| row.schema = schema);
        }
    }
}
