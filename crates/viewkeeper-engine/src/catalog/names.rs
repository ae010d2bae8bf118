//! Names of rows that hold in every state, where numbers do not: what diffs compare and what SQL spells.

use super::{Catalog, ObjectId, Oid, Relation, RoutineKind};
use crate::name::QualifiedName;
use crate::resolve::{Qualification, Resolver};

impl Catalog {
    /// The qualified name of a relation.
    pub fn relation_name(&self, oid: Oid) -> Option<QualifiedName> {
        let relation = self.relation(oid)?;
        Some(QualifiedName::new(self.schema_name(relation.schema)?, &*relation.name))
    }

    /// The relation of a qualified name.
    pub fn relation_named(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relation_by_name(self.schema_by_name(&name.schema)?, &name.name)
    }

    /// A type with its schema, whatever the search path: `numeric(6,2)`, `app.mood[]`.
    pub fn qualified_type(&self, oid: Oid, typmod: i32) -> String {
        Resolver::new(self, &[]).format_type_with(oid, Some(typmod), Qualification::Always)
    }

    /// A type as people read it: with its schema unless that is `pg_catalog`.
    pub fn shown_type(&self, oid: Oid, typmod: i32) -> String {
        Resolver::new(self, &[]).format_type(oid, typmod)
    }

    /// A type as signatures name it.
    pub fn signature_type(&self, oid: Oid) -> String {
        self.shown_type(oid, -1)
    }

    /// The id of a routine.
    pub fn routine_id(&self, oid: Oid) -> Option<ObjectId> {
        let routine = self.routine(oid)?;
        let name = QualifiedName::new(self.schema_name(routine.schema)?, &*routine.name);
        let inputs = routine.inputs.iter().map(|input| self.signature_type(*input)).collect();
        Some(match routine.kind {
            RoutineKind::Function | RoutineKind::Window => ObjectId::Function(name, inputs),
            RoutineKind::Procedure => ObjectId::Procedure(name, inputs),
            RoutineKind::Aggregate => ObjectId::Aggregate(name, inputs),
        })
    }

    /// The own routine of an id.
    pub fn routine_by_id(&self, id: &ObjectId) -> Option<&super::Routine> {
        let (ObjectId::Function(name, _) | ObjectId::Procedure(name, _) | ObjectId::Aggregate(name, _)) = id else {
            return None;
        };
        let schema = self.schema_by_name(&name.schema)?;
        self.routines_named(&name.name)
            .filter(|row| row.schema == schema && self.routines.contains_key(&row.oid))
            .find(|row| self.routine_id(row.oid).as_ref() == Some(id))
    }
}
