//! Objects that only migrations make: tables, foreign tables, collations. Definitions may give them comments,
//! privileges and owners, and nothing else; what was said in migrations stays where no definition says otherwise.

use std::collections::BTreeSet;

use super::{Difference, Kind, Statement};
use crate::catalog::{Catalog, Index, ObjectId, Provenance};
use crate::name::QualifiedName;

/// What migrations make.
#[derive(Debug)]
pub(super) struct Undeclared;

impl Kind for Undeclared {
    /// None that could come or go.
    fn objects(&self, _catalog: &Catalog) -> BTreeSet<ObjectId> {
        BTreeSet::new()
    }

    fn provenance<'c>(&self, _catalog: &'c Catalog, _id: &ObjectId) -> Option<&'c Provenance> {
        None
    }

    fn depends_on(&self, _catalog: &Catalog, _id: &ObjectId) -> BTreeSet<ObjectId> {
        BTreeSet::new()
    }

    fn parts(&self, catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
        let ObjectId::Table(name) = id else { return Vec::new() };
        let Some(row) = catalog.relation_named(name) else { return Vec::new() };
        let columns = row.live_columns().map(|(_, column)| ObjectId::Column(name.clone(), column.name.clone()));
        let index = |index: &Index| ObjectId::Index(QualifiedName::new(&*name.schema, &*index.name), name.clone());
        let constraints = row.constraints.iter().map(|row| ObjectId::Constraint(name.clone(), row.name.clone()));
        columns.chain(row.indexes.iter().map(index)).chain(constraints).collect()
    }

    fn compare(&self, _old: &Catalog, _new: &Catalog, _id: &ObjectId) -> Difference {
        Difference::none()
    }

    fn create(&self, _catalog: &Catalog, _id: &ObjectId) -> Vec<Statement> {
        Vec::new()
    }
}
