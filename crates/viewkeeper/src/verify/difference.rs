//! What the start-up check can find, in words. What becomes of it is `policy`'s matter.

use std::fmt;

use crate::relation::RelationKind;

/// One thing that is not as the program was built for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The relation is not there.
    RelationMissing {
        /// Its name.
        relation: String,
        /// What it should be.
        kind: RelationKind,
    },
    /// It is there as something else.
    KindChanged {
        /// Its name.
        relation: String,
        /// What it should be.
        expected: RelationKind,
        /// What it is.
        found: String,
    },
    /// A column is not there.
    ColumnMissing {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
    },
    /// A column has another type.
    TypeChanged {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
        /// What the program was built for.
        expected: String,
        /// What is live.
        found: String,
    },
    /// A table's column may hold null now.
    NowNullable {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
    },
    /// Somebody changed the query of a view or materialized view since the last migration.
    DefinitionChanged {
        /// Its name.
        relation: String,
    },
    /// A migration of the program was not applied.
    MigrationPending {
        /// As in `V3__add_posts`.
        migration: String,
    },
    /// A migration was applied with another text, or under another name.
    MigrationEdited {
        /// As the program has it.
        migration: String,
    },
    /// A migration was applied that the program does not have: a newer release was here.
    MigrationUnknown {
        /// As the history has it.
        migration: String,
    },
}

/// Kinds of differences, each with its own place in a [`Policy`](super::Policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// A relation is missing, or is something else.
    Relation,
    /// A column is missing.
    Column,
    /// A column has another type.
    Type,
    /// A table's column can be null now.
    Nullability,
    /// A view's query was changed by hand.
    Definition,
    /// The applied migrations are not those of the program.
    Migrations,
}

impl Difference {
    /// Of which kind it is.
    pub fn kind(&self) -> DifferenceKind {
        match self {
            Self::RelationMissing { .. } | Self::KindChanged { .. } => DifferenceKind::Relation,
            Self::ColumnMissing { .. } => DifferenceKind::Column,
            Self::TypeChanged { .. } => DifferenceKind::Type,
            Self::NowNullable { .. } => DifferenceKind::Nullability,
            Self::DefinitionChanged { .. } => DifferenceKind::Definition,
            Self::MigrationPending { .. } | Self::MigrationEdited { .. } | Self::MigrationUnknown { .. } => {
                DifferenceKind::Migrations
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RelationMissing { relation, kind } => write!(f, "the {} `{relation}` does not exist", kind.noun()),
            Self::KindChanged { relation, expected, found } => {
                write!(f, "`{relation}` is a {found}, not a {}", expected.noun())
            }
            Self::ColumnMissing { relation, column } => write!(f, "`{relation}` has no column `{column}`"),
            Self::TypeChanged { relation, column, expected, found } => {
                write!(f, "`{relation}.{column}` is of type `{found}`, not `{expected}`")
            }
            Self::NowNullable { relation, column } => write!(f, "`{relation}.{column}` can be null now"),
            Self::DefinitionChanged { relation } => {
                write!(f, "the query of `{relation}` is not the one that the last migration left")
            }
            Self::MigrationPending { migration } => write!(f, "migration `{migration}` is not applied"),
            Self::MigrationEdited { migration } => write!(f, "migration `{migration}` was applied with another text"),
            Self::MigrationUnknown { migration } => {
                write!(f, "migration `{migration}` is applied, and this program does not have it")
            }
        }
    }
}
