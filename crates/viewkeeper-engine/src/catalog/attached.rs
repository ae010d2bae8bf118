//! What belongs to a relation or domain and holds expressions of its own: defaults, checks, triggers, rules, policies;
//! and what the replay could not see. Plain data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Oid, Provenance};
use crate::analysis::Dependency;

/// What an [`Attached`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AttachedKind {
    /// The default or generation expression of a column, by attribute number.
    Default(i16),
    /// The expression of a check constraint, of a relation or of a domain.
    Check,
    /// Expressions, operator classes and predicate of an index.
    Index,
    /// A trigger.
    Trigger,
    /// A rule.
    Rule,
    /// A policy.
    Policy,
}

/// Something that belongs to a relation or a domain, and what it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// What it is.
    pub kind: AttachedKind,
    /// Its name; empty for a default.
    pub name: String,
    /// Canonical text: of the expression of a default or check, else of the statement that made it (of a trigger, rule or
    /// policy without its name and its relation's).
    pub canonical: String,
    /// What it uses.
    pub dependencies: BTreeSet<Dependency>,
    /// What made it.
    pub provenance: Option<Provenance>,
    /// How a trigger, rule or policy is made anew.
    pub source: Option<PartSource>,
}

/// The text of a trigger, rule or policy, and when it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSource {
    /// The statement that makes it, with the names that it had then.
    pub text: String,
    /// The search path that the text was written for.
    pub search_path: Vec<String>,
    /// When it is in force.
    pub firing: Firing,
}

/// When a trigger or rule is in force (`pg_trigger.tgenabled`, `pg_rewrite.ev_enabled`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Firing {
    /// In every session but those that apply replicated changes.
    #[default]
    Origin,
    /// In every session.
    Always,
    /// Only in sessions that apply replicated changes.
    Replica,
    /// Never.
    Disabled,
}

/// Row security of a table, where it is on in some way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSecurity {
    /// Whether policies hold.
    pub enabled: bool,
    /// Whether they hold for the owner too.
    pub forced: bool,
    /// What switched it last.
    pub provenance: Provenance,
}

/// A row of pg_statistic_ext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedStatistics {
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// What it is on.
    pub relation: Oid,
    /// The statement that makes it, without its name and its relation's.
    pub canonical: String,
    /// The columns that it counts, with which it goes; and what its expressions use.
    pub dependencies: BTreeSet<Dependency>,
    /// `SET STATISTICS`, where it is not the usual target.
    pub target: Option<i32>,
    /// The search path that the text was written for.
    pub search_path: Vec<String>,
    /// What made it.
    pub provenance: Provenance,
}

/// A row of pg_event_trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTrigger {
    /// `ddl_command_start` and the like.
    pub event: String,
    /// The commands that it is for, upper case; all where there is none.
    pub tags: BTreeSet<String>,
    /// What it calls.
    pub function: Oid,
    /// When it is in force.
    pub firing: Firing,
    /// What made it.
    pub provenance: Provenance,
}

/// A statement whose effect the replay could not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmodelled {
    /// What it is, for messages: "a `DO` block".
    pub description: String,
    /// What to do, for messages, when there is more to say than of every such statement.
    pub help: Option<String>,
    /// Where it stands.
    pub provenance: Provenance,
    /// The number of the first object that was made after it.
    pub next_oid: u32,
}
