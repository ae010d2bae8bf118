//! What is known of a view's query: plain data, the result of `analyse`, `nullability` and `lineage`.

use serde::{Deserialize, Serialize};

use crate::catalog::Oid;
use crate::sorted_set::SortedSet;

/// What is known of a view's query.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Analysis {
    /// Output columns in order.
    pub columns: Vec<OutputColumn>,
    /// Everything the query reads or uses, as `pg_depend` would record it.
    pub dependencies: SortedSet<Dependency>,
}

/// One output column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputColumn {
    /// Name.
    pub name: String,
    /// Type.
    pub type_: Oid,
    /// Modifier, -1 for none.
    pub typmod: i32,
    /// Collation; invalid when the type is not collatable.
    pub collation: Oid,
    /// Whether it can be null, and why.
    pub nullability: Nullability,
    /// Where its values come from.
    pub lineage: Lineage,
}

/// Whether a value can be null, with the reason in words ("primary key of `users`", "`count(*)` is never null").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nullability {
    /// Proven never to be null.
    pub not_null: bool,
    /// Why, one sentence without a full stop, in terms of the SQL text.
    pub reason: String,
}

impl Nullability {
    /// Proven never to be null.
    pub fn never(reason: impl Into<String>) -> Self {
        Self { not_null: true, reason: reason.into() }
    }

    /// May be null.
    pub fn nullable(reason: impl Into<String>) -> Self {
        Self { not_null: false, reason: reason.into() }
    }
}

/// A column of a relation: its number and attribute number.
pub type ColumnRef = (Oid, i16);

/// The columns that a value comes from. They are those of the relations that the query names (a view's own columns
/// where it reads a view); following them down to base tables is `lineage`'s.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// Columns whose value is copied unchanged.
    pub copied: SortedSet<ColumnRef>,
    /// Columns that the value is computed from.
    pub computed: SortedSet<ColumnRef>,
    /// Columns that only filter, join, group or order.
    pub shaped: SortedSet<ColumnRef>,
}

/// Something a query uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Dependency {
    /// The relation as a whole (`count(*)`, whole row).
    Relation(Oid),
    Column(Oid, i16),
    Routine(Oid),
    Operator(Oid),
    Type(Oid),
    Collation(Oid),
    /// The constraint that makes GROUP BY legal, with its relation.
    Constraint(Oid, Oid),
}
