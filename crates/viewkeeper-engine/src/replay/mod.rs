//! Interprets SQL statements: migrations in order give the migrated state, definitions the declared state. What a
//! statement does to a [`Catalog`] is said here, one file per topic; what a query means is `analyse`'s.

mod address;
mod alter_kinds;
mod alter_table;
mod alter_type;
mod around;
mod attached;
mod body_text;
mod choose_name;
mod column;
mod column_reach;
mod comment;
mod conditional;
mod constraint;
mod constraint_change;
mod declare;
mod define;
mod dependents;
mod drop;
mod event_trigger;
mod extension;
#[cfg(test)]
mod extension_tests;
mod follow;
mod foreign_key;
mod grant;
mod identity;
mod index;
mod inherited;
mod install;
mod inverse;
mod kept;
mod later_syntax;
mod mutability;
mod names;
mod new_type;
mod node;
mod opaque;
mod operator_class;
mod options;
mod outside;
mod part_state;
mod partition;
mod partition_bound;
mod partition_key;
mod partition_value;
mod query;
mod redundant_key;
mod rename;
mod rewritten;
mod routine;
mod routine_source;
mod schema;
mod sequence;
mod session;
mod set_schema;
mod sql_body;
mod statement;
mod statistics;
mod steps;
mod storage_options;
mod stored_rows;
mod table;
#[cfg(test)]
mod tests;
mod trigger;
mod trigger_condition;
mod type_source;
mod updatable;
mod view;
mod walk;

pub(crate) use around::{Around, around, declared_around};
pub use declare::declared;
pub(crate) use declare::{Outline, Read, Subject, declared_of, while_read};
pub(crate) use declare::{Told, told};
pub(crate) use grant::{default_privilege_targets, grantees};
pub(crate) use inverse::{NoWayBack, WayBack, constraint_addition};
pub(crate) use part_state::switches_part;
pub use steps::{Checkpoint, Steps};
pub(crate) use walk::{relations_without_schemas, types_named_in};

use std::sync::Arc;

use session::Session;

use crate::catalog::{Catalog, Origin};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::migration::{MigrationFile, MigrationId, managed_parts};
use crate::nullability;
use crate::parser::{self, Statements};
use crate::rename::Rename;
use crate::source::SourceFile;

/// A state, and the problems met on the way to it.
#[derive(Debug, Clone)]
pub struct State {
    /// The state, as far as it is known.
    pub catalog: Catalog,
    /// What could not be understood, and what the server would refuse.
    pub diagnostics: Diagnostics,
}

/// The migrated state: what the migrations lead to, run in this order on an empty database. Each file is one
/// transaction in a fresh session.
pub fn migrated(files: &[MigrationFile], settings: &Settings) -> State {
    let mut state = advance(Catalog::new(settings.server_version), files, settings);
    conclude(&mut state.catalog);
    state
}

/// Makes the migrated state of what the last migration led to.
pub(crate) fn conclude(catalog: &mut Catalog) {
    parser::on_deep_stack(|| nullability::at_final_state(catalog));
    // What the last migration renamed is nobody's news any more.
    catalog.renames.clear();
}

/// A state with other names.
pub(crate) fn renamed(catalog: &Catalog, renames: &[Rename]) -> Catalog {
    parser::on_deep_stack(|| {
        let settings = Settings { server_version: catalog.version, ..Settings::default() };
        let mut session = Session::new(catalog.clone(), &settings);
        session.catalog.declared_nullability = Arc::clone(&catalog.declared_nullability);
        for rename in renames {
            session.carry_out(rename);
        }
        session.catalog
    })
}

/// Why statements cannot be run on a state: what is wrong with the first that fails.
pub(crate) fn refusal_of(catalog: &Catalog, statements: &str, search_path: &[String]) -> Option<String> {
    let settings =
        Settings { server_version: catalog.version, search_path: search_path.to_vec(), ..Settings::default() };
    let file = MigrationFile { id: MigrationId::new(0, "tried"), source: SourceFile::new("tried.sql", statements) };
    let mut problems = advance(catalog.clone(), &[file], &settings).diagnostics.0.into_iter();
    problems.find(|problem| problem.severity == Severity::Error).map(|problem| problem.message)
}

/// Runs migrations on a state.
pub fn replay(catalog: Catalog, files: &[MigrationFile], settings: &Settings) -> State {
    parser::on_deep_stack(|| {
        let mut state = advance(catalog, files, settings);
        nullability::at_final_state(&mut state.catalog);
        state
    })
}

/// Runs migrations on a state, and leaves the nullability of views as it was when each was created: for states that only
/// lead to others, and for comparing definitions.
pub(crate) fn advance(catalog: Catalog, files: &[MigrationFile], settings: &Settings) -> State {
    parser::on_deep_stack(|| {
        let mut session = Session::new(catalog, settings);
        for file in files {
            session.run_migration(file, parser::statements(&file.source, settings.server_version));
        }
        State { catalog: session.catalog, diagnostics: session.diagnostics }
    })
}

/// As [`replay`], for one migration that was read before.
pub(crate) fn replay_read(
    catalog: Catalog,
    file: &MigrationFile,
    statements: Result<Statements, Diagnostic>,
    settings: &Settings,
) -> State {
    parser::on_deep_stack(|| {
        let mut session = Session::new(catalog, settings);
        session.run_migration(file, statements);
        nullability::at_final_state(&mut session.catalog);
        State { catalog: session.catalog, diagnostics: session.diagnostics }
    })
}

impl Session<'_> {
    fn run_migration(&mut self, file: &MigrationFile, statements: Result<Statements, Diagnostic>) {
        let origin = if file.is_generated() { Origin::Generated } else { Origin::HandWritten };
        let managed = managed_parts(&file.source.text);
        let statements = match statements {
            Ok(statements) => statements,
            Err(problem) => return self.diagnostics.push(problem),
        };
        self.begin_file(&file.source, origin);
        for statement in statements {
            match statement {
                Ok(statement) => {
                    let is_managed = managed.iter().any(|part| part.contains(&statement.span.start));
                    self.origin = if is_managed { Origin::Generated } else { origin };
                    self.run(&statement);
                }
                Err(problem) => self.diagnostics.push(problem),
            }
        }
        self.end_file();
    }
}
