//! The columns of relations as queries see them: made once for all queries that read a relation as it is, since each tree
//! that is kept holds them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Catalog, Column, Oid, Relation};
use crate::tree::RowColumn;

/// Columns by relation. They are compared with the relation when they are asked for, so nothing takes them back, and
/// states that come from each other share them.
#[derive(Debug, Default)]
pub(super) struct RowShapes(RwLock<BTreeMap<Oid, Arc<[RowColumn]>>>);

impl Catalog {
    /// The columns of a relation by attribute number; a dropped one has no name and no type.
    pub fn row_columns(&self, relation: &Relation) -> Arc<[RowColumn]> {
        let known = self.row_shapes.0.read().unwrap_or_else(PoisonError::into_inner).get(&relation.oid).cloned();
        let is_as_known = |known: &Arc<[RowColumn]>| {
            known.len() == relation.columns.len()
                && relation.columns.iter().zip(known.iter()).all(|(column, known)| is_shown_as(column, known))
        };
        if let Some(known) = known.filter(is_as_known) {
            return known;
        }
        let columns: Arc<[RowColumn]> = relation.columns.iter().map(as_shown).collect();
        let mut shapes = self.row_shapes.0.write().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(relation.oid, Arc::clone(&columns));
        columns
    }
}

fn name_and_type(column: &Column) -> (&str, Oid) {
    if column.dropped { ("", Oid::INVALID) } else { (&column.name, column.type_) }
}

fn as_shown(column: &Column) -> RowColumn {
    let (name, type_) = name_and_type(column);
    RowColumn { name: name.to_owned(), type_, typmod: column.typmod, collation: column.collation }
}

fn is_shown_as(column: &Column, shown: &RowColumn) -> bool {
    name_and_type(column) == (shown.name.as_str(), shown.type_)
        && (column.typmod, column.collation) == (shown.typmod, shown.collation)
}
