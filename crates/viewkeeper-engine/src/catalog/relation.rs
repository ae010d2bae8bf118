//! Rows of pg_class, pg_attribute, pg_constraint, pg_index; the query of a view.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Oid, Provenance};
use crate::analysis::Analysis;
use crate::parser::ast;
use crate::stars::Star;
use crate::tree::Query;

/// `pg_class.relkind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RelationKind {
    Table,
    PartitionedTable,
    ForeignTable,
    View,
    MaterializedView,
    CompositeType,
    Sequence,
}

/// `pg_class.relpersistence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Persistence {
    Permanent,
    Unlogged,
    Temporary,
}

/// A row of pg_class with what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// `relkind`.
    pub kind: RelationKind,
    /// `relpersistence`.
    pub persistence: Persistence,
    /// `reltype`: its row type (invalid for sequences).
    pub row_type: Oid,
    /// Columns by attribute number: the first is number 1; dropped ones stay.
    pub columns: Vec<Column>,
    /// Primary key, unique, check, foreign key and not-null constraints.
    pub constraints: Vec<Constraint>,
    /// Indexes.
    pub indexes: Vec<Index>,
    /// Parents, in order (`pg_inherits`); the partitioned table of a partition.
    pub parents: Vec<Oid>,
    /// Whether it is a partition of its parent.
    pub is_partition: bool,
    /// `reloptions` as written, keys lower case, in order of the key.
    pub options: Vec<(String, String)>,
    /// Of views and materialized views.
    pub view: Option<View>,
    /// What made it; `None` for PostgreSQL's own.
    pub provenance: Option<Provenance>,
}

/// What a column's `NOT NULL` is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NotNull {
    /// Nulls are allowed.
    No,
    /// `attnotnull` with a validated constraint, or by primary key or identity.
    Yes,
    /// `attnotnull` from `NOT VALID` (18): rows from before may hold nulls.
    NotValidated,
    /// `NO INHERIT` (18): enforced here, not in children.
    NoInherit,
}

/// `attgenerated` and `attidentity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ColumnSource {
    Plain,
    GeneratedStored,
    GeneratedVirtual,
    IdentityAlways,
    IdentityByDefault,
}

/// A row of pg_attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type; invalid when dropped.
    pub type_: Oid,
    /// Modifier, -1 for none.
    pub typmod: i32,
    /// `attcollation`; invalid when not collatable.
    pub collation: Oid,
    /// `attndims`.
    pub dimensions: i32,
    /// Whether nulls are excluded.
    pub not_null: NotNull,
    /// `attisdropped`.
    pub dropped: bool,
    /// Whether it has a default (or is generated or identity).
    pub has_default: bool,
    /// Generated or identity.
    pub source: ColumnSource,
    /// Whether it was (also) declared here, not only inherited.
    pub is_local: bool,
}

/// `pg_constraint.contype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
    NotNull,
    Exclusion,
}

/// A row of pg_constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its number.
    pub oid: Oid,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: ConstraintKind,
    /// Attribute numbers.
    pub columns: Vec<i16>,
    /// `condeferrable`.
    pub deferrable: bool,
    /// `convalidated`.
    pub validated: bool,
    /// The referenced relation of a foreign key.
    pub references: Oid,
    /// `connoinherit`: children do not get it.
    pub no_inherit: bool,
    /// The columns there that a foreign key points at (`confkey`).
    pub referenced: Vec<i16>,
    /// Columns of which an enforced check that children inherit says `IS NOT NULL`.
    pub excludes_null: Vec<i16>,
    /// As the statement says it that made it, where one did.
    pub written: Option<WrittenConstraint>,
    /// `conislocal`: whether it was (also) declared here, and would stay without the parents.
    pub is_local: bool,
}

/// A constraint of a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenConstraint(#[serde(with = "crate::state_file::message")] pub Arc<ast::Constraint>);

// A tree holds numbers as text: it equals itself.
impl Eq for WrittenConstraint {}

/// An index, as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Name, in the schema of its relation.
    pub name: String,
    /// `indisunique`.
    pub unique: bool,
    /// Attribute numbers of key columns; 0 for an expression.
    pub columns: Vec<i16>,
    /// Attribute numbers of `INCLUDE`.
    pub included: Vec<i16>,
    /// Whether it has a `WHERE`.
    pub partial: bool,
    /// The constraint that owns it.
    pub constraint: Option<String>,
    /// `CREATE INDEX …` in canonical text; empty for an index that a constraint made.
    pub canonical: String,
    /// What made it.
    pub provenance: Option<Provenance>,
}

/// The query of a view or materialized view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// What is known of the query, at the point of creation.
    pub analysis: Arc<Analysis>,
    /// The typed tree that the analysis was read off, so that nullability can be computed again at the final state;
    /// `None` where the query was not analysed (read from a server).
    pub tree: Option<Arc<Query>>,
    /// Canonical text of the query alone.
    pub canonical_query: Arc<str>,
    /// The query as the author wrote it (comments and layout included), without `CREATE … AS` and the semicolon.
    pub query_text: Arc<str>,
    /// Whether a rename changed names in the text since its author wrote it: others may say the same in other words.
    pub followed: bool,
    /// What each `*` in `query_text` stood for when the view was made, by its place there.
    pub stars: Vec<Star>,
    /// The column aliases of `CREATE VIEW name (a, b)`.
    pub column_aliases: Vec<String>,
    /// `WITH [LOCAL|CASCADED] CHECK OPTION`.
    pub check_option: Option<CheckOption>,
    /// The search path that names were resolved with.
    pub search_path: Vec<String>,
    /// Of a materialized view: false after `WITH NO DATA` until refreshed.
    pub populated: bool,
}

/// `check_option`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CheckOption {
    Local,
    Cascaded,
}

impl Relation {
    /// The live columns with their attribute numbers.
    pub fn live_columns(&self) -> impl Iterator<Item = (i16, &Column)> {
        (1i16..).zip(&self.columns).filter(|(_, column)| !column.dropped)
    }

    /// A live column by name.
    pub fn column(&self, name: &str) -> Option<(i16, &Column)> {
        self.live_columns().find(|(_, column)| column.name == name)
    }

    /// The constraint that 18 keeps for a NOT NULL column.
    pub fn not_null_constraint(&self, number: i16) -> Option<&Constraint> {
        self.constraints.iter().find(|row| row.kind == ConstraintKind::NotNull && row.columns == [number])
    }

    /// A column by attribute number, dropped or not.
    pub fn attribute(&self, number: i16) -> Option<&Column> {
        self.columns.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The index that a foreign key to some columns rests on: the oldest one that holds just them, in any order, each
    /// value once and at once (`transformFkeyCheckAttrs`).
    pub fn unique_index(&self, columns: &[i16]) -> Option<&Index> {
        let mut wanted = columns.to_vec();
        wanted.sort_unstable();
        let deferrable = |name: &String| self.constraints.iter().any(|row| row.name == *name && row.deferrable);
        self.indexes.iter().find(|index| {
            let mut held = index.columns.clone();
            held.sort_unstable();
            let fits = index.unique && !index.partial && !held.is_empty() && held == wanted;
            fits && !index.constraint.as_ref().is_some_and(deferrable)
        })
    }
}
