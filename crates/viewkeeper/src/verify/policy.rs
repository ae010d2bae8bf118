//! What becomes of what the start-up check finds: an error, a warning, nothing. Plain data.

use super::DifferenceKind;

/// Which differences stop a program at its start, and which it is only told.
///
/// ```
/// use viewkeeper::{DifferenceKind, Level, Policy};
/// // Nobody edits views by hand here.
/// let policy = Policy::new().on(DifferenceKind::Definition, Level::Error);
/// # let _ = policy;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What is not named here is an error.
    levels: Vec<(DifferenceKind, Level)>,
}

/// What a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The check fails.
    Error,
    /// It is given back, for the program to log.
    Warn,
    /// It is not mentioned.
    Ignore,
}

impl Policy {
    /// Errors are what breaks the program: relations, columns, types, tables' columns that can be null now. Views that were
    /// changed by hand, and migrations that are not those of the program (as while releases are rolled out), are
    /// warnings.
    pub fn new() -> Self {
        Self { levels: vec![(DifferenceKind::Definition, Level::Warn), (DifferenceKind::Migrations, Level::Warn)] }
    }

    /// Every difference is an error.
    pub fn strict() -> Self {
        Self { levels: Vec::new() }
    }

    /// Every difference is a warning.
    pub fn warn() -> Self {
        use DifferenceKind::{Column, Definition, Migrations, Nullability, Relation, Type};
        let all = [Relation, Column, Type, Nullability, Definition, Migrations];
        Self { levels: all.into_iter().map(|kind| (kind, Level::Warn)).collect() }
    }

    /// With another level for a kind of differences.
    pub fn on(mut self, kind: DifferenceKind, level: Level) -> Self {
        self.levels.retain(|(known, _)| *known != kind);
        self.levels.push((kind, level));
        self
    }

    /// The level of a kind.
    pub fn level(&self, kind: DifferenceKind) -> Level {
        self.levels.iter().find(|(known, _)| *known == kind).map_or(Level::Error, |(_, level)| *level)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}
