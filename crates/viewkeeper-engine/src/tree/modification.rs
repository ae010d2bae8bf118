//! What a statement that changes rows has beside a query (`resultRelation`, `onConflict`, `mergeActionList` and
//! `returningList` of `Query` in parsenodes.h). Plain data; it is built in `analyse`, and read by `lineage`.

use serde::{Deserialize, Serialize};

use super::{Expr, Query, Target};
use crate::catalog::Oid;

/// What a statement or an action does with rows (`CmdType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Command {
    Insert,
    Update,
    Delete,
    Merge,
}

/// `OVERRIDING …` of INSERT (`OverridingKind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Overriding {
    #[default]
    Nothing,
    UserValue,
    SystemValue,
}

/// INSERT, UPDATE, DELETE or MERGE. What INSERT and UPDATE assign are the targets of the query, the condition of UPDATE
/// and DELETE and the ON of MERGE are its filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Modification {
    /// Which.
    pub command: Command,
    /// The table whose rows change, as an index into the range table.
    pub target: usize,
    /// The columns that the targets go to, in their order (`TargetEntry.resno`); those that are junk go to none.
    pub columns: Vec<i16>,
    /// `OVERRIDING …`
    pub overriding: Overriding,
    /// `ON CONFLICT`.
    pub on_conflict: Option<OnConflict>,
    /// `WHEN … THEN …` of MERGE.
    pub actions: Vec<MergeAction>,
    /// `RETURNING`.
    pub returning: Vec<Target>,
}

/// `OnConflictExpr`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnConflict {
    /// The columns and expressions of the index that is meant.
    pub arbiter: Vec<Expr>,
    /// The `WHERE` of that index.
    pub arbiter_filter: Option<Expr>,
    /// `ON CONSTRAINT`.
    pub constraint: Option<Oid>,
    /// `DO UPDATE SET`.
    pub assignments: Vec<Target>,
    /// The columns that they go to, in their order.
    pub columns: Vec<i16>,
    /// `DO UPDATE … WHERE`.
    pub filter: Option<Expr>,
    /// Of DO UPDATE the row that was not inserted, as an index into the range table.
    pub excluded: Option<usize>,
}

/// `MergeAction`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeAction {
    /// What it does; `None` for DO NOTHING.
    pub command: Option<Command>,
    /// `AND …`
    pub condition: Option<Expr>,
    /// What it assigns.
    pub targets: Vec<Target>,
    /// The columns that the targets go to, in their order.
    pub columns: Vec<i16>,
    /// `OVERRIDING …`
    pub overriding: Overriding,
}

impl Query {
    /// The columns that it gives: of a statement that changes rows those of RETURNING (`GetCTETargetList`).
    pub fn outputs(&self) -> impl Iterator<Item = &Target> {
        let targets = match &self.modification {
            Some(modification) => &modification.returning,
            None => &self.targets,
        };
        targets.iter().filter(|target| !target.junk)
    }
}

impl Modification {
    /// One that assigns nothing yet.
    pub fn new(command: Command, target: usize, returning: Vec<Target>) -> Self {
        let (columns, overriding) = (Vec::new(), Overriding::Nothing);
        Self { command, target, columns, overriding, on_conflict: None, actions: Vec::new(), returning }
    }
}
