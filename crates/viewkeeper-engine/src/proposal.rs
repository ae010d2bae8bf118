//! From two states to the two files that `db-diff` writes, proven by replaying them before anybody sees them.

pub(crate) mod new_values;

use crate::broken_rows::name_rows;
use crate::catalog::{Catalog, NameKey, ObjectId};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::diff::{Change, ChangeKind, diff};
use crate::migration::{MigrationFile, MigrationId};
use crate::parser::{self, Statements};
use crate::plan::{Plan, plan};
use crate::project::{MIGRATIONS, Project, ROLLBACKS};
use crate::rename::Rename;
use crate::render;
use crate::replay::{self, State};
use crate::source::SourceFile;
use crate::states::States;
use crate::tenant::{Names, refuse_shared};
use new_values::Back;
pub(crate) use new_values::needed_before;

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
    /// The values that the rollback leaves in enums, since their types cannot be made anew.
    pub stays: Vec<(ObjectId, String)>,
    /// Whether another migration must follow: the values that this one adds can be used once it is committed.
    pub is_first_part: bool,
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
    // Most often the way back is planned from these two states as well.
    let (forward, back) =
        parser::both_on_deep_stacks(|| plan(migrated, declared), || new_values::back(migrated, declared));
    let mut forward = forward?;
    if forward.is_empty() {
        return Ok(None);
    }
    let with_values = new_values::needed_before(migrated, declared, &forward);
    let (declared, is_first_part) = match &with_values {
        Some(with_values) => (with_values, true),
        None => (declared, false),
    };
    let back = if is_first_part {
        forward = plan(migrated, declared)?;
        new_values::back(migrated, declared)
    } else {
        back
    };
    let Back { plan: mut back, leads_to, stays, because } = back?;
    name_rows(&mut forward.hazards, migrated, &project.settings);
    name_rows(&mut back.hazards, declared, &project.settings);
    let title = title.filter(|_| !is_first_part);
    let id = MigrationId::new(version, &title.map_or_else(|| name_after(&forward), str::to_owned));
    let names = Names::of(&project.settings);
    refuse_shared(&forward, names)?;
    let migration = render::migration(&id, &forward, names);
    let rollback = render::rollback(&id, &back, &because, names);
    let (there, draft_back) = parser::both_on_deep_stacks(
        || prove(project, migrated.clone(), Draft::read(project, MIGRATIONS, &id, &migration), declared),
        || Draft::read(project, ROLLBACKS, &id, &rollback),
    );
    prove(project, there?, draft_back, leads_to.as_ref().unwrap_or(migrated))?;
    Ok(Some(Proposal { id, plan: forward, back, migration, rollback, stays, is_first_part }))
}

/// What is pending, without its text: nothing, one plan, or two.
///
/// # Errors
/// As [`plan`].
pub fn pending(project: &Project, states: &States) -> Result<Vec<Plan>, Diagnostics> {
    let mut plans = plans(&states.migrated, &states.declared)?;
    plans.retain(|plan| !plan.is_empty());
    plans.iter_mut().for_each(|plan| name_rows(&mut plan.hazards, &states.migrated, &project.settings));
    Ok(plans)
}

/// The plans from one state to another: one, or two where values must be committed before they are used.
///
/// # Errors
/// As [`plan`].
pub fn plans(old: &Catalog, new: &Catalog) -> Result<Vec<Plan>, Diagnostics> {
    let whole = plan(old, new)?;
    match new_values::needed_before(old, new, &whole) {
        Some(with_values) => Ok(vec![plan(old, &with_values)?, plan(&with_values, new)?]),
        None => Ok(vec![whole]),
    }
}

/// A proposal with what it was made for.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// The project, with the proposals before this one among its migrations.
    pub project: Project,
    /// Its states.
    pub states: States,
    /// The proposal.
    pub proposal: Proposal,
}

/// Everything that would bring the migrated state to the declared one: one migration, or one after the other where values
/// must be committed before they are used.
///
/// # Errors
/// As [`propose`].
pub fn propose_all(
    project: Project,
    states: States,
    version: i64,
    title: Option<&str>,
) -> Result<Vec<Proposed>, Diagnostics> {
    let (mut project, mut states, mut version) = (project, states, version);
    let mut all = Vec::new();
    while let Some(proposal) = propose(&project, &states.migrated, &states.declared, version, title)? {
        let proposed = Proposed { project: project.clone(), states: states.clone(), proposal };
        let Proposal { id, migration, rollback, is_first_part, .. } = &proposed.proposal;
        if *is_first_part {
            version += 1;
            project.migrations.push(unwritten(&project, MIGRATIONS, id, migration));
            project.rollbacks.push(unwritten(&project, ROLLBACKS, id, rollback));
            states = crate::states::states(&project);
            if states.problems.has_errors() {
                return Err(states.problems);
            }
        }
        let ends = !proposed.proposal.is_first_part;
        all.push(proposed);
        if ends {
            break;
        }
    }
    Ok(all)
}

/// A file as it will be written.
fn unwritten(project: &Project, folder: &str, id: &MigrationId, text: &str) -> MigrationFile {
    let source = SourceFile::new(project.shown_as.join(folder).join(format!("{id}.sql")), text);
    MigrationFile { id: id.clone(), source }
}

/// A file that is not written yet, read as it will be.
pub(crate) struct Draft {
    folder: &'static str,
    file: MigrationFile,
    statements: Result<Statements, Diagnostic>,
}

impl Draft {
    pub(crate) fn read(project: &Project, folder: &'static str, id: &MigrationId, text: &str) -> Self {
        let file = unwritten(project, folder, id, text);
        let statements = parser::on_deep_stack(|| parser::statements(&file.source, project.settings.server_version));
        Self { folder, file, statements }
    }
}

/// Replays a draft on the state, which must then be the wanted one.
pub(crate) fn prove(project: &Project, state: Catalog, draft: Draft, wanted: &Catalog) -> Result<Catalog, Diagnostics> {
    let Draft { folder, file, statements } = draft;
    let State { catalog, diagnostics: mut problems } = replay::replay_read(state, &file, statements, &project.settings);
    problems.0.retain(|problem| problem.severity == Severity::Error);
    let remaining = diff(&catalog, wanted);
    if problems.0.is_empty() && remaining.is_empty() {
        return Ok(catalog);
    }
    let remaining: Vec<_> = remaining.iter().map(ToString::to_string).collect();
    problems.push(
        Diagnostic::error(format!("the planned text of `{folder}/{}.sql` does not lead to the wanted state", file.id))
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
fn name_after(plan: &Plan) -> String {
    // What is recreated only because of others does not name the migration, nor what else changes of what is renamed.
    let gives_name =
        |rename: &Rename, id: &ObjectId| rename.new_id() == id && rename.change_kind() == ChangeKind::Rename;
    let renamed = |change: &Change| plan.renames.iter().any(|rename| gives_name(rename, &change.id));
    let is_own =
        |change: &&Change| change.because_of.is_none() && (change.kind == ChangeKind::Rename || !renamed(change));
    let mut own: Vec<&Change> = plan.changes.iter().filter(is_own).collect();
    own.dedup_by(|a, b| a.kind == ChangeKind::Rename && b.kind == ChangeKind::Rename && a.id == b.id);
    match own.as_slice() {
        [one] => format!("{}_{}", one.kind.word(), one.id.name()),
        [one, other] if one.kind == other.kind => {
            format!("{}_{}_and_{}", one.kind.word(), one.id.name(), other.id.name())
        }
        // A view that becomes a materialized view, or the other way round.
        [one, other] if one.id.other_kind().as_ref() == Some(&other.id) => format!("change_{}", one.id.name()),
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
    } else if all(|id| matches!(id, ObjectId::Type(_))) {
        "types"
    } else {
        "objects"
    }
}
