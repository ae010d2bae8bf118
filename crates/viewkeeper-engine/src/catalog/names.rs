//! Names of rows that hold in every state, where numbers do not: what diffs compare and what SQL spells.

use super::{Catalog, Oid, Relation};
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
}
