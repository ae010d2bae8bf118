//! What migrating, rolling back and asking for the status give back. Plain data.

use std::time::Duration;

/// What was done, or in a dry run would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// In the order in which it was done.
    pub steps: Vec<Step>,
    /// The version that the database is at: afterwards, or now if it was a dry run. `None` when it has none.
    pub version: Option<i32>,
}

/// One migration that was applied or rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Its version.
    pub version: i32,
    /// `V3__add_posts`.
    pub id: String,
    /// The SQL that was run.
    pub sql: String,
    /// How long it took; zero in a dry run.
    pub duration: Duration,
    /// What it met of objects that somebody had changed by hand, when it was applied.
    pub by_hand: Vec<ByHand>,
}

/// An object that was not as it had been recorded when a migration changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ByHand {
    /// With its schema, quoted where needed.
    pub object: String,
    /// The aspects that are not any more as they were by hand (`definition`, `owner`, …), each with what it was; `dropped`
    /// alone, where it is there again, and `created`, where no migration had made it.
    pub undone: Vec<(String, String)>,
    /// The aspects that stay as they were made by hand, and stay drift.
    pub kept: Vec<String>,
    /// It was dropped, and all of it is undone.
    pub gone: bool,
}

impl std::fmt::Display for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let undone: Vec<&str> = self.undone.iter().map(|(aspect, _)| aspect.as_str()).collect();
        write!(f, "`{}`: ", self.object)?;
        match undone[..] {
            ["created"] if self.gone => f.write_str("it had been created by hand, and was dropped")?,
            _ if self.gone => {
                let undone = undone.join(", ");
                write!(f, "its {undone} had been changed by hand, and it was dropped")?;
            }
            [] => {}
            ["dropped"] => f.write_str("it had been dropped by hand, and is there again")?,
            ["created"] => f.write_str("it had been created by hand, and is not what it was")?,
            _ => write!(f, "what was done by hand to its {} is undone", undone.join(", "))?,
        }
        if !undone.is_empty() && !self.kept.is_empty() {
            f.write_str("; ")?;
        }
        if !self.kept.is_empty() {
            let kept = self.kept.join(", ");
            write!(f, "what was done by hand to its {kept} stays, and is drift as before")?;
        }
        Ok(())
    }
}

/// How a database stands to the migrations of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Who wrote the history.
    pub origin: Origin,
    /// All versions of both sides in order.
    pub migrations: Vec<MigrationStatus>,
}

/// Who wrote a database's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// There is none: an empty database, or one that something else takes care of.
    None,
    /// Plain refinery. The next migration makes it viewkeeper's too.
    Refinery,
    /// viewkeeper.
    Viewkeeper,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// The version.
    pub version: i32,
    /// `V3__add_posts`, as the program has it, or else as the database has it.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// When it was applied, in the form of RFC 3339.
    pub applied_on: Option<String>,
    /// Whether there is a way back.
    pub rollback: RollbackSource,
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In the history, as the program has it.
    Applied,
    /// Not in the history, and next.
    Pending,
    /// Without a transaction, and stopped in the middle, as its rollback may: statements done.
    Interrupted(usize),
    /// In the history, with another name or text.
    Diverged,
    /// In the history, and not in the program.
    Missing,
    /// Not in the history, though later ones are.
    OutOfOrder,
}

/// Where a rollback can be taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackSource {
    /// From nowhere.
    None,
    /// From the program.
    File,
    /// From the database only.
    Database,
}

impl Status {
    /// Whether nothing is left to do and nothing contradicts: all are applied.
    pub fn is_current(&self) -> bool {
        self.migrations.iter().all(|migration| migration.state == State::Applied)
    }
}
