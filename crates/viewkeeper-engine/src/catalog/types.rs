//! Rows of pg_type, pg_collation, pg_cast, pg_operator.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Oid, Provenance};
use crate::analysis::Dependency;

/// `pg_type.typtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum TypeKind {
    Base,
    Composite,
    Domain,
    Enum,
    Pseudo,
    Range,
    Multirange,
}

/// `pg_type.typsubscript`, as far as analysis distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Subscripting {
    None,
    /// `array_subscript_handler`: a true array.
    Array,
    /// `raw_array_subscript_handler`: fixed-length array-like types (`point`, `name`, `oidvector` is a true array).
    RawArray,
    Jsonb,
    Hstore,
}

/// A row of pg_type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Type {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: Oid,
    /// `typname`: `int4`, `_int4` for its array.
    pub name: String,
    /// `typtype`.
    pub kind: TypeKind,
    /// `typlen`: bytes, -1 variable, -2 C string.
    pub length: i16,
    /// `typcategory`.
    pub category: u8,
    /// `typispreferred`.
    pub preferred: bool,
    /// `typisdefined`: false for a shell type.
    pub defined: bool,
    /// `typrelid`: the relation of a composite type.
    pub relation: Oid,
    /// `typelem`: what a subscript yields.
    pub element: Oid,
    /// `typarray`: the type of arrays of this one.
    pub array: Oid,
    /// `typsubscript`.
    pub subscripting: Subscripting,
    /// `typinput`.
    pub input: Oid,
    /// `typmodin`: invalid when the type takes no modifier.
    pub typmod_input: Oid,
    /// `typnotnull`, of a domain itself (not of its base).
    pub not_null: bool,
    /// `typbasetype` of a domain.
    pub base: Oid,
    /// `typtypmod` of a domain.
    pub base_typmod: i32,
    /// `typndims` of a domain over an array.
    pub dimensions: i32,
    /// `typcollation`: invalid when not collatable.
    pub collation: Oid,
    /// Labels of an enum, in sort order.
    pub labels: Vec<String>,
    /// `pg_range`, for ranges and multiranges (both point at the same row).
    pub range: Option<RangeRow>,
    /// How a type that a statement of the project made is made anew; a row type has none, but that of a composite type.
    pub source: Option<Arc<TypeSource>>,
}

/// The statement behind an enum, domain, composite type or range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeSource {
    /// What made it; its origin is that of the last statement that changed it.
    pub provenance: Provenance,
    /// The statement in canonical form, the name left out.
    pub canonical: String,
    /// The search path that the statement was written for.
    pub search_path: Vec<String>,
    /// The functions that a range is made with.
    pub dependencies: BTreeSet<Dependency>,
    /// Whether a later statement changed it, so that the text of the first is no longer what it is.
    pub altered: bool,
}

/// A row of pg_range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeRow {
    /// The range type.
    pub range: Oid,
    /// What it ranges over.
    pub subtype: Oid,
    /// `rngcollation`.
    pub collation: Oid,
    /// The multirange type.
    pub multirange: Oid,
}

/// A row of pg_collation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collation {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// `collisdeterministic`.
    pub deterministic: bool,
}

/// `pg_cast.castcontext`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CastContext {
    Implicit,
    Assignment,
    Explicit,
}

/// `pg_cast.castmethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum CastMethod {
    Function,
    InputOutput,
    Binary,
}

/// A row of pg_cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// From.
    pub source: Oid,
    /// To.
    pub target: Oid,
    /// The function, for [`CastMethod::Function`].
    pub function: Oid,
    /// Where it applies by itself.
    pub context: CastContext,
    /// How it works.
    pub method: CastMethod,
}

/// A row of pg_operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// `oprleft`: invalid for a prefix operator.
    pub left: Oid,
    /// `oprright`.
    pub right: Oid,
    /// `oprresult`: invalid for a shell.
    pub result: Oid,
    /// `oprcode`: the function behind it.
    pub function: Oid,
    /// `oprcom`.
    pub commutator: Oid,
    /// `oprnegate`.
    pub negator: Oid,
    /// `oprcanmerge`.
    pub can_merge: bool,
    /// `oprcanhash`.
    pub can_hash: bool,
}
