//! From two states to the two files that `db-diff` writes, proven by replaying them before anybody sees them.

use crate::catalog::{Catalog, NameKey, ObjectId};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::diff::{Change, diff};
use crate::migration::{MigrationFile, MigrationId};
use crate::plan::{Plan, plan};
use crate::project::{MIGRATIONS, Project, ROLLBACKS};
use crate::render;
use crate::replay::{self, State};
use crate::source::SourceFile;

/// A migration with its rollback, not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Number and name.
    pub id: MigrationId,
    /// The way there.
    pub plan: Plan,
    /// The way back.
    pub back: Plan,
    /// Text of the migration file.
    pub migration: String,
    /// Text of the rollback file.
    pub rollback: String,
}

/// What would bring the migrated state to the declared one; `None` when they are the same.
///
/// `title` names the migration; without one it is named after what changes.
///
/// # Errors
/// When the change cannot be planned, or when the planned text does not lead where it should.
pub fn propose(
    project: &Project,
    migrated: &Catalog,
    declared: &Catalog,
    version: i64,
    title: Option<&str>,
) -> Result<Option<Proposal>, Diagnostics> {
    let forward = plan(migrated, declared)?;
    if forward.is_empty() {
        return Ok(None);
    }
    let back = plan(declared, migrated)?;
    let id = MigrationId::new(version, &title.map_or_else(|| name_after(&forward.changes), str::to_owned));
    let migration = render::migration(&id, &forward);
    let rollback = render::rollback(&id, &back);
    let there = prove(project, migrated.clone(), (MIGRATIONS, &id, &migration), declared)?;
    prove(project, there, (ROLLBACKS, &id, &rollback), migrated)?;
    Ok(Some(Proposal { id, plan: forward, back, migration, rollback }))
}

/// Replays the text on the state, which must then be the wanted one.
fn prove(
    project: &Project,
    state: Catalog,
    (folder, id, text): (&str, &MigrationId, &str),
    wanted: &Catalog,
) -> Result<Catalog, Diagnostics> {
    let source = SourceFile::new(project.shown_as.join(folder).join(format!("{id}.sql")), text);
    let file = MigrationFile { id: id.clone(), source };
    let State { catalog, diagnostics: mut problems } = replay::replay(state, &[file], &project.settings);
    problems.0.retain(|problem| problem.severity == Severity::Error);
    let remaining = diff(&catalog, wanted);
    if problems.0.is_empty() && remaining.is_empty() {
        return Ok(catalog);
    }
    let remaining: Vec<_> = remaining.iter().map(ToString::to_string).collect();
    problems.push(
        Diagnostic::error(format!("the planned text of `{folder}/{id}.sql` does not lead to the wanted state"))
            .note(if remaining.is_empty() {
                "a statement of it fails when it is replayed".to_owned()
            } else {
                format!("after it, this would be left to do: {}", remaining.join("; "))
            })
            .help("nothing was written; where the text at fault is not yours, please report it with what leads to it"),
    );
    Err(problems)
}

/// `replace_active_users`, `create_a_and_b`, `change_5_views`.
fn name_after(changes: &[Change]) -> String {
    // What is recreated only because of others does not name the migration.
    let own: Vec<&Change> = changes.iter().filter(|change| change.because_of.is_none()).collect();
    match own.as_slice() {
        [one] => format!("{}_{}", one.kind.word(), one.id.name()),
        [one, other] if one.kind == other.kind => {
            format!("{}_{}_and_{}", one.kind.word(), one.id.name(), other.id.name())
        }
        [one, other] => format!("change_{}_and_{}", one.id.name(), other.id.name()),
        many => match many.first() {
            Some(first) if many.iter().all(|change| change.kind == first.kind) => {
                format!("{}_{}_{}", first.kind.word(), many.len(), plural(many))
            }
            _ => format!("change_{}_{}", many.len(), plural(many)),
        },
    }
}

/// The word for objects that are changed together.
fn plural(changes: &[&Change]) -> &'static str {
    let all = |test: fn(&ObjectId) -> bool| changes.iter().all(|change| test(&change.id));
    if all(|id| matches!(id, ObjectId::View(_) | ObjectId::MaterializedView(_))) {
        "views"
    } else if all(|id| matches!(id.name_key(), NameKey::Routine(..))) {
        "routines"
    } else {
        "objects"
    }
}
