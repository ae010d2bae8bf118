//! What the transaction at hand has done that means something else, or is gone, once it is committed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Catalog, Oid, ServerVersion};

/// What a commit ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncommitted {
    /// Values that enums have got in this transaction, by type: they cannot be used before it is committed.
    pub labels: BTreeSet<(Oid, String)>,
    /// Temporary tables that the commit drops.
    pub dropped: BTreeSet<Oid>,
    /// Numbers from here on were given in this transaction.
    pub first: u32,
}

impl Catalog {
    /// Whether a value of an enum can be used (`check_safe_enum_use`). From 17 on it also can where the type itself is
    /// of this transaction.
    pub fn is_safe_label(&self, type_: Oid, label: &str) -> bool {
        let fresh = !self.uncommitted.labels.is_empty() && self.uncommitted.labels.contains(&(type_, label.to_owned()));
        !fresh || self.version >= ServerVersion::V17 && type_.0 >= self.uncommitted.first
    }
}
