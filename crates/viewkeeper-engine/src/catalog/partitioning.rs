//! The keys of partitioned tables, and what their partitions hold (pg_partitioned_table, `relpartbound` in pg_class).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Oid;

/// `partstrat`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Strategy {
    List,
    Range,
    Hash,
}

/// The key of a partitioned table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionKey {
    /// How rows are distributed by it.
    pub strategy: Strategy,
    /// The columns in it, those in expressions included; 0 stands for the expressions.
    pub columns: BTreeSet<i16>,
    /// Its parts, in order.
    pub parts: Vec<PartitionKeyPart>,
}

/// A column or an expression of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionKeyPart {
    /// The column; 0 for an expression.
    pub column: i16,
    /// Its type.
    pub type_: Oid,
    /// The modifier of the type.
    pub typmod: i32,
    /// What its values are sorted by.
    pub collation: Oid,
    /// Whether an operator class is named.
    pub own_class: bool,
}

/// What a partition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum PartitionBound {
    Default,
    Hash { modulus: i32, remainder: i32 },
    List(Vec<BoundValue>),
    Range { from: Vec<RangeBound>, to: Vec<RangeBound> },
}

/// One end of a range, in one part of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RangeBound {
    Least,
    Value(BoundValue),
    Most,
}

/// A value in a bound, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BoundValue {
    /// Only a server can tell.
    Unknown,
    /// NULL
    Null,
    /// A decimal number, in parts of 10^-9; a truth value.
    Number(i128),
    /// A date or time, in microseconds; and whether it was written with a time zone.
    Time(i64, bool),
    /// The label of an enum.
    Label(String),
    /// Any other, as text that is the same for the same values.
    Text(String),
}
