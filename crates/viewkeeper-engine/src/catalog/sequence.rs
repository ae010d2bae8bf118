//! Rows of pg_sequence. Plain data; what a statement makes of its options is said in `replay`.

use serde::{Deserialize, Serialize};

/// What a sequence counts (`pg_sequence`, without its value).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The type of its values.
    pub type_: SequenceType,
    /// What it adds.
    pub increment: i64,
    /// The lowest value.
    pub min: i64,
    /// The highest value.
    pub max: i64,
    /// Where it starts.
    pub start: i64,
    /// How many values a session takes at once.
    pub cache: i64,
    /// Whether it starts again when it is at its end.
    pub cycle: bool,
}

/// The type of a sequence's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum SequenceType {
    SmallInt,
    Integer,
    #[default]
    BigInt,
}

impl SequenceType {
    /// The lowest and the highest value.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Self::SmallInt => (i16::MIN.into(), i16::MAX.into()),
            Self::Integer => (i32::MIN.into(), i32::MAX.into()),
            Self::BigInt => (i64::MIN, i64::MAX),
        }
    }

    /// As SQL spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::SmallInt => "smallint",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
        }
    }
}
