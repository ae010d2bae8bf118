//! Numbers of a state's own rows by name, and children by parent. Kept by the methods of `change.rs`; nothing else may touch it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Oid;

/// Rows that a name, possibly a schema too, stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) schemas: BTreeMap<String, Oid>,
    pub(super) relations: Names,
    pub(super) types: Names,
    pub(super) collations: Names,
    pub(super) routines: Names,
    pub(super) operators: Names,
    /// Indexes, as the relations that they are on.
    pub(super) parts: Names,
    /// Tables that inherit from a table or are its partitions.
    pub(super) children: BTreeMap<Oid, BTreeSet<Oid>>,
}

impl Index {
    pub(super) fn add_child(&mut self, parent: Oid, child: Oid) {
        self.children.entry(parent).or_default().insert(child);
    }

    pub(super) fn remove_child(&mut self, parent: Oid, child: Oid) {
        if let Some(children) = self.children.get_mut(&parent) {
            children.remove(&child);
            if children.is_empty() {
                self.children.remove(&parent);
            }
        }
    }
}

/// From a name to the rows of that name, in every schema, in order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names(BTreeMap<String, Vec<(Oid, Oid)>>);

impl Names {
    /// The rows of a name, as (schema, row).
    pub(super) fn named(&self, name: &str) -> &[(Oid, Oid)] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first row of a name in a schema.
    pub(super) fn in_schema(&self, schema: Oid, name: &str) -> Option<Oid> {
        self.named(name).iter().find(|(in_schema, _)| *in_schema == schema).map(|(_, row)| *row)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn insert(&mut self, schema: Oid, name: &str, row: Oid) {
        let rows = match self.0.get_mut(name) {
            Some(rows) => rows,
            None => self.0.entry(name.to_owned()).or_default(),
        };
        if let Err(at) = rows.binary_search_by_key(&row, |(_, row)| *row) {
            rows.insert(at, (schema, row));
        }
    }

    pub(super) fn remove(&mut self, name: &str, row: Oid) {
        if let Some(rows) = self.0.get_mut(name) {
            rows.retain(|(_, other)| *other != row);
            if rows.is_empty() {
                self.0.remove(name);
            }
        }
    }
}
