//! The two states of a database folder: what its migrations lead to, and what its definitions declare.

use crate::catalog::Catalog;
use crate::config::Settings;
use crate::diagnostic::Diagnostics;
use crate::project::Project;
use crate::replay::{self, State};
use crate::state_file;
use crate::tenant;

/// The two states, with everything that is wrong with the files they come from.
#[derive(Debug, Clone)]
pub struct States {
    /// What the migrations lead to.
    pub migrated: Catalog,
    /// What the definitions declare, on the tables and everything else that the migrations made.
    pub declared: Catalog,
    /// Problems of both, those of the migrations first.
    pub problems: Diagnostics,
}

/// Replays the migrations and reads the definitions.
pub fn states(project: &Project) -> States {
    let migrate = || replay::migrated(&project.migrations, &project.settings);
    let (migrated, definitions) = replay::while_read(&project.definitions, &project.settings, migrate);
    both(project, migrated, definitions)
}

/// The same, where an earlier run left bytes of the migrated state: only the migrations that came since are replayed. Gives
/// the bytes for the next run too, where it should have other ones.
pub fn states_since(project: &Project, left: &[u8]) -> (States, Option<Vec<u8>>) {
    let migrate = || state_file::migrated(left, &project.migrations, &project.settings);
    let ((migrated, to_leave), definitions) = replay::while_read(&project.definitions, &project.settings, migrate);
    (both(project, migrated, definitions), to_leave)
}

fn both(project: &Project, migrated: State, definitions: replay::Read) -> States {
    let told = replay::told(&migrated.catalog, &project.definitions, &project.settings);
    let mut declared = replay::declared_of(&told.catalog, definitions, &project.settings);
    let mut problems = migrated.diagnostics;
    let wrong = told.check(&declared.catalog);
    declared.catalog.renames = told.renames;
    problems.extend(told.diagnostics);
    problems.extend(declared.diagnostics);
    problems.extend(wrong);
    problems.extend(tenant::named_own_schema(project));
    States { migrated: migrated.catalog, declared: declared.catalog, problems }
}

/// The migrated state without what definitions made, but for the types that the columns of tables are of.
pub fn without_definitions(migrated: &Catalog, settings: &Settings) -> Catalog {
    let mut bare = replay::declared(migrated, &[], settings).catalog;
    let left: Vec<_> = migrated.types.values().filter(|row| row.source.is_some()).cloned().collect();
    for row in left {
        bare.update_type(row.oid, |left| left.source.clone_from(&row.source));
    }
    bare
}
