//! Rows of pg_proc and pg_aggregate.

use serde::{Deserialize, Serialize};

use super::{Oid, RoutineSource};

/// `pg_proc.prokind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RoutineKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// `pg_proc.proargmodes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ParameterMode {
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

/// One parameter, inputs and outputs in the order of the declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name; empty when it has none.
    pub name: String,
    /// Type.
    pub type_: Oid,
    /// Direction.
    pub mode: ParameterMode,
}

/// `pg_proc.provolatile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// `pg_aggregate.aggkind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AggregateKind {
    Normal,
    OrderedSet,
    HypotheticalSet,
}

/// A row of pg_aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// `aggkind`.
    pub kind: AggregateKind,
    /// `aggnumdirectargs`.
    pub direct_arguments: i16,
    /// `aggtransfn`.
    pub transition: Oid,
    /// `aggfinalfn`.
    pub final_function: Oid,
    /// `aggtranstype`.
    pub transition_type: Oid,
    /// Whether `agginitval` is not null.
    pub has_initial_value: bool,
}

/// A row of pg_proc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    /// Its number.
    pub oid: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// `prokind`.
    pub kind: RoutineKind,
    /// `proisstrict`: NULL in gives NULL out.
    pub strict: bool,
    /// `proretset`.
    pub returns_set: bool,
    /// `provolatile`.
    pub volatility: Volatility,
    /// `pronargdefaults`: how many of the last inputs may be left out.
    pub defaults: u16,
    /// `provariadic`: the element type of the variadic parameter, or invalid.
    pub variadic: Oid,
    /// `prorettype`.
    pub result: Oid,
    /// `proargtypes`: types of the inputs only.
    pub inputs: Vec<Oid>,
    /// All parameters, where any has a name or is an output; otherwise empty.
    pub parameters: Vec<Parameter>,
    /// `prolang`, by name.
    pub language: String,
    /// For aggregates.
    pub aggregate: Option<Aggregate>,
    /// The text that made it, for routines of the project.
    pub source: Option<RoutineSource>,
}
