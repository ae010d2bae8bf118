//! Schemas: made before everything that is in them, and dropped when nothing is.

use std::collections::BTreeSet;

use super::{Difference, Kind, Statement};
use crate::catalog::{Catalog, ObjectId, Provenance};

/// `CREATE SCHEMA`.
#[derive(Debug)]
pub(super) struct Schema;

impl Kind for Schema {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let own = catalog.schemas.values().filter(|row| row.provenance.is_some());
        own.map(|row| ObjectId::Schema(row.name.clone())).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        let oid = catalog.schema_by_name(id.name())?;
        catalog.schemas.get(&oid)?.provenance.as_ref()
    }

    fn depends_on(&self, _catalog: &Catalog, _id: &ObjectId) -> BTreeSet<ObjectId> {
        BTreeSet::new()
    }

    /// It has nothing but what hangs on it.
    fn compare(&self, _old: &Catalog, _new: &Catalog, _id: &ObjectId) -> Difference {
        Difference::none()
    }

    fn create(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        vec![Statement::new(format!("CREATE {}", id.sql()))]
    }
}
