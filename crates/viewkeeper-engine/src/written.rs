//! Migrations that are written already: what each risks, and whether its rollback still leads back. Another branch may have
//! put a migration between the two since they were made.

use crate::broken_rows::{beside, name_rows};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::diff::diff;
use crate::hazard::Hazard;
use crate::migration::{MigrationFile, MigrationId};
use crate::nullability;
use crate::plan::plan;
use crate::project::{Project, ROLLBACKS};
use crate::proposal::new_values::state_behind;
use crate::replay::{self, State};

/// What is known of a migration that stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The migration.
    pub id: MigrationId,
    /// What it risks for the objects that viewkeeper keeps, worst first; of migrations that are not released.
    pub hazards: Vec<Hazard>,
    /// What is wrong with its rollback.
    pub problems: Diagnostics,
}

/// Looks at the migrations of a folder, each on the state that the ones before it lead to. What is wrong with the
/// migrations themselves is said by [`states`](crate::states::states); what they risk is asked of those after `released`
/// only.
pub fn written(project: &Project, released: Option<i64>) -> Vec<Written> {
    let mut before = Catalog::new(project.settings.server_version);
    let mut found = Vec::new();
    for file in &project.migrations {
        let mut after = replay::advance(before.clone(), std::slice::from_ref(file), &project.settings).catalog;
        let problems = way_back(project, file, &before, &after);
        let mut hazards = Vec::new();
        if released.is_some_and(|released| file.id.version > released) {
            nullability::at_final_state(&mut before);
            nullability::at_final_state(&mut after);
            hazards = match plan(&before, &after) {
                Ok(plan) => plan.hazards,
                // A hand-written migration may do what no plan can.
                Err(_) => {
                    let changes = diff(&before, &after);
                    let mut hazards = beside(&before, &after, changes.iter().map(|change| &change.id));
                    hazards.extend(changes.into_iter().flat_map(|change| change.hazards));
                    hazards.sort();
                    hazards.dedup();
                    hazards
                }
            };
            if hazards.is_empty() {
                // Nothing that viewkeeper keeps changes, but what it is about may.
                hazards = beside(&before, &after, std::iter::empty());
            }
            name_rows(&mut hazards, &before, &project.settings);
        }
        found.push(Written { id: file.id.clone(), hazards, problems });
        before = after;
    }
    found
}

/// What is wrong with the rollback of a generated migration.
pub(crate) fn way_back(project: &Project, file: &MigrationFile, before: &Catalog, after: &Catalog) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if !file.is_generated() {
        return problems;
    }
    let Some(rollback) = project.rollback_of(&file.id) else {
        problems.push(
            Diagnostic::warning(format!("`{}` has no rollback", file.source.path))
                .note(format!("`db-diff` wrote `{ROLLBACKS}/{}.sql` together with it", file.id))
                .help("restore that file: without it, nothing leads back over this migration"),
        );
        return problems;
    };
    let State { catalog, diagnostics } =
        replay::advance(after.clone(), std::slice::from_ref(rollback), &project.settings);
    let left_values = state_behind(&rollback.source.text, before, after);
    let left = diff(&catalog, left_values.as_ref().unwrap_or(before));
    let failed = diagnostics.0.into_iter().find(|problem| problem.severity == Severity::Error);
    if failed.is_none() && left.is_empty() {
        return problems;
    }
    let left: Vec<_> = left.iter().map(ToString::to_string).collect();
    problems.push(
        Diagnostic::error(format!("`{}` does not lead back to what was before its migration", rollback.source.path))
            .note(match failed {
                Some(failed) => format!("a statement of it would fail: {}", failed.message),
                None => format!("after it, this would be left to do: {}", left.join("; ")),
            })
            .help(format!(
                "a migration of another branch may have come between them: `cargo xtask renumber {}` writes both anew, \
                 as long as no database has applied it",
                file.id
            )),
    );
    problems
}
