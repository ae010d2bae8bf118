//! A database that exists becomes files: what `pg_dump` wrote turns into a baseline migration, and each object that
//! definitions may declare, with what is said about it, into a definition. Pure; the texts are the database door's, the
//! files the command's.

mod column_stamp;
mod dump;
mod layout;
mod proof;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::migration::MigrationId;
use crate::parser;
use dump::Dump;

/// A view or materialized view as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedView {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it is a materialized one.
    pub materialized: bool,
    /// Whether it holds its rows; of a view always.
    pub populated: bool,
    /// Its query as it stands in the dump.
    pub dumped: String,
    /// Its query for people: names that the project's search path finds are not qualified.
    pub shown: String,
}

/// What there is to adopt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'a> {
    /// What `pg_dump --schema-only` wrote.
    pub dump: &'a str,
    /// Every view and materialized view in it.
    pub views: &'a [AdoptedView],
    /// The role that migrates empty databases: what belongs to it belongs to it by having been made by it.
    pub owner: &'a str,
    /// Where the dump comes from, for the head of the baseline.
    pub origin: &'a str,
}

/// The files of an adopted database, not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The number and name of the baseline.
    pub id: MigrationId,
    /// Its text.
    pub baseline: String,
    /// Definitions by their paths below the database folder.
    pub definitions: BTreeMap<Utf8PathBuf, String>,
    /// How many there are of each sort that definitions may declare.
    pub sorts: BTreeMap<Sort, Count>,
    /// What could not be taken, or not as a definition.
    pub left: Vec<Left>,
}

/// What definitions may declare of a database, sorted for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A schema.
    Schema,
    /// An extension.
    Extension,
    /// An enum, domain, composite type or range.
    Type,
    /// A sequence of its own.
    Sequence,
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
    /// A view or materialized view.
    View,
    /// A trigger.
    Trigger,
    /// A rule.
    Rule,
    /// A policy.
    Policy,
    /// Row security of a table.
    RowSecurity,
    /// Extended statistics.
    Statistics,
    /// An event trigger.
    EventTrigger,
}

impl Sort {
    /// The word for many of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Schema => "schemas",
            Self::Extension => "extensions",
            Self::Type => "types",
            Self::Sequence => "sequences",
            Self::Function => "functions",
            Self::Procedure => "procedures",
            Self::Aggregate => "aggregates",
            Self::View => "views",
            Self::Trigger => "triggers",
            Self::Rule => "rules",
            Self::Policy => "policies",
            Self::RowSecurity => "settings of row security",
            Self::Statistics => "statistics",
            Self::EventTrigger => "event triggers",
        }
    }
}

/// How many became definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Those that did.
    pub definitions: usize,
    /// All.
    pub all: usize,
}

/// Something that did not become a definition, or is in no file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// What it is, with its name.
    pub what: String,
    /// Why, and where it is instead.
    pub why: String,
}

/// The number and name that a baseline has.
pub fn baseline_id() -> MigrationId {
    MigrationId::new(1, "baseline")
}

/// Makes the files of a database. What the tool does not understand well enough to keep stays in the baseline, so that
/// nothing is lost, and is named.
///
/// # Errors
/// When the dump cannot be read as SQL.
pub fn adopt(source: &Source<'_>, folder: &Utf8Path, settings: &Settings) -> Result<Adopted, Diagnostic> {
    parser::on_deep_stack(|| {
        let id = baseline_id();
        let mut dump = Dump::read(source, settings)?;
        let mut left = std::mem::take(&mut dump.left);
        let mut definitions = dump.definitions(settings);
        let mut sorts: BTreeMap<Sort, Count> = BTreeMap::new();
        for sort in dump.sorts() {
            sorts.entry(sort).or_default().all += 1;
        }
        let baseline_of = |declared: &[dump::Definition]| dump.baseline(source, settings, declared);
        let baseline = proof::leave_out_what_differs(folder, settings, &id, baseline_of, &mut definitions, &mut left);
        for definition in &definitions {
            sorts.entry(definition.sort).or_default().definitions += 1;
        }
        let definitions = definitions.into_iter().map(|definition| (definition.path, definition.text)).collect();
        Ok(Adopted { id, baseline, definitions, sorts, left })
    })
}

#[cfg(test)]
mod tests;
