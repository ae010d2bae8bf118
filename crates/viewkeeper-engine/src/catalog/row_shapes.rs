//! The columns of relations as queries see them: made once for all queries that read a relation as it is, since each tree
//! that is kept holds them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Catalog, Oid, Relation};
use crate::tree::RowColumn;

/// Columns by relation. They are compared with the relation when they are asked for, so nothing takes them back.
#[derive(Debug, Default)]
pub(super) struct RowShapes(RwLock<BTreeMap<Oid, Arc<[RowColumn]>>>);

impl Clone for RowShapes {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.0.read().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

impl Catalog {
    /// The columns of a relation by attribute number; a dropped one has no name and no type.
    pub fn row_columns(&self, relation: &Relation) -> Arc<[RowColumn]> {
        let known = self.row_shapes.0.read().unwrap_or_else(PoisonError::into_inner).get(&relation.oid).cloned();
        if let Some(known) = known.filter(|known| is_shape(relation, known)) {
            return known;
        }
        let columns: Arc<[RowColumn]> = shape(relation).map(|column| column.to_owned()).collect();
        let mut shapes = self.row_shapes.0.write().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(relation.oid, Arc::clone(&columns));
        columns
    }
}

/// A [`RowColumn`] that borrows.
#[derive(PartialEq)]
struct Shown<'a> {
    name: &'a str,
    type_: Oid,
    typmod: i32,
    collation: Oid,
}

impl Shown<'_> {
    fn to_owned(&self) -> RowColumn {
        let Self { name, type_, typmod, collation } = *self;
        RowColumn { name: name.to_owned(), type_, typmod, collation }
    }
}

fn shape(relation: &Relation) -> impl Iterator<Item = Shown<'_>> {
    relation.columns.iter().map(|column| Shown {
        name: if column.dropped { "" } else { &column.name },
        type_: if column.dropped { Oid::INVALID } else { column.type_ },
        typmod: column.typmod,
        collation: column.collation,
    })
}

fn is_shape(relation: &Relation, columns: &[RowColumn]) -> bool {
    let shown = columns.iter().map(|column| Shown {
        name: &column.name,
        type_: column.type_,
        typmod: column.typmod,
        collation: column.collation,
    });
    shape(relation).eq(shown)
}
