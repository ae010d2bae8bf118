//! Migrations of two branches that met: some get the next free numbers, and those that viewkeeper wrote are written anew
//! where they no longer fit. What is written is decided here, and not done.

use camino::Utf8PathBuf;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::migration::{GENERATED_MARKER, MigrationFile, MigrationId};
use crate::project::{MIGRATIONS, Project, ROLLBACKS, numbered};
use crate::proposal::{Proposal, propose};
use crate::replay;
use crate::source::SourceFile;
use crate::states::states;
use crate::written::way_back;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbering {
    /// The migrations that move, with what becomes of them.
    pub moved: Vec<Moved>,
    /// Files to be written, by their paths below the database folder.
    pub write: Vec<(Utf8PathBuf, String)>,
    /// Files to be removed when those are written.
    pub remove: Vec<Utf8PathBuf>,
}

/// What becomes of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its number and name before.
    pub from: MigrationId,
    /// What becomes of it.
    pub to: Outcome,
}

/// What becomes of a migration that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It does the same under another number.
    Renumbered(MigrationId),
    /// It does what is left to do where it now stands, together with the others that are written anew.
    Rewritten(MigrationId),
    /// Nothing is left to do for it.
    Superfluous,
}

/// Gives migrations the next free numbers, in the order they had. `next` says which number follows a last one.
///
/// # Errors
/// When there is no such migration, when numbers still clash without it, or when what is left to do cannot be planned.
pub fn renumber(
    project: &Project,
    ids: &[MigrationId],
    next: impl Fn(Option<i64>) -> i64,
) -> Result<Renumbering, Diagnostics> {
    let (mut moving, staying) = chosen(project, ids)?;
    moving.sort_by(|a, b| a.id.cmp(&b.id));
    let mut project = Project { migrations: staying, clashing: Vec::new(), ..project.clone() };
    let mut renumbering = Renumbering { moved: Vec::new(), write: Vec::new(), remove: Vec::new() };
    for file in &moving {
        renumbering.remove.push(path(MIGRATIONS, &file.id));
        if project.rollback_of(&file.id).is_some() {
            renumbering.remove.push(path(ROLLBACKS, &file.id));
        }
    }

    let moved: Vec<(MigrationId, MigrationFile, Option<MigrationFile>)> = moving
        .iter()
        .scan(project.last_version(), |last, file| {
            let id = MigrationId { version: next(*last), name: file.id.name.clone() };
            *last = Some(id.version);
            let rollback = project.rollback_of(&file.id).map(|rollback| renamed(&project, ROLLBACKS, rollback, &id));
            Some((file.id.clone(), renamed(&project, MIGRATIONS, file, &id), rollback))
        })
        .collect();

    let fit = fit(&project, &moved);
    for (from, file, rollback) in &moved {
        if !fit && file.is_generated() {
            continue;
        }
        renumbering.moved.push(Moved { from: from.clone(), to: Outcome::Renumbered(file.id.clone()) });
        for (folder, file) in [(MIGRATIONS, Some(file)), (ROLLBACKS, rollback.as_ref())] {
            renumbering.write.extend(file.map(|file| (path(folder, &file.id), file.source.text.clone())));
        }
        project.migrations.push(file.clone());
    }
    let anew: Vec<&MigrationId> =
        moved.iter().filter(|(_, file, _)| !fit && file.is_generated()).map(|(from, ..)| from).collect();
    if let Some(first) = anew.first() {
        let proposal = left_to_do(&project, next(project.last_version()), &first.name)?;
        let outcome =
            proposal.as_ref().map_or(Outcome::Superfluous, |proposal| Outcome::Rewritten(proposal.id.clone()));
        renumbering.moved.extend(anew.iter().map(|from| Moved { from: (*from).clone(), to: outcome.clone() }));
        if let Some(Proposal { id, migration, rollback, .. }) = proposal {
            renumbering.write.push((path(ROLLBACKS, &id), rollback));
            renumbering.write.push((path(MIGRATIONS, &id), migration));
        }
    }
    // A file whose name stays is overwritten, and not removed.
    renumbering.remove.retain(|path| !renumbering.write.iter().any(|(written, _)| written == path));
    // Where its text stays too, nothing becomes of it.
    renumbering.write.retain(|(path, text)| {
        let is_same =
            |folder: &str, file: &MigrationFile| *path == self::path(folder, &file.id) && file.source.text == *text;
        !moving.iter().any(|file| is_same(MIGRATIONS, file))
            && !project.rollbacks.iter().any(|file| is_same(ROLLBACKS, file))
    });
    let is_written = |id: &MigrationId| {
        renumbering
            .write
            .iter()
            .any(|(written, _)| [MIGRATIONS, ROLLBACKS].iter().any(|folder| *written == path(folder, id)))
    };
    renumbering.moved.retain(|moved| match &moved.to {
        Outcome::Renumbered(id) | Outcome::Rewritten(id) => *id != moved.from || is_written(id),
        Outcome::Superfluous => true,
    });
    Ok(renumbering)
}

/// The migrations that are named, and all others by number.
fn chosen(project: &Project, ids: &[MigrationId]) -> Result<(Vec<MigrationFile>, Vec<MigrationFile>), Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut all: Vec<MigrationFile> = project.migrations.iter().chain(&project.clashing).cloned().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    for id in ids.iter().filter(|id| !all.iter().any(|file| file.id == **id)) {
        problems.push(
            Diagnostic::error(format!("there is no migration `{id}`"))
                .help(format!("`{MIGRATIONS}/` must hold `{id}.sql`; names are as in `V3__add_users`")),
        );
    }
    let (moving, staying): (Vec<_>, Vec<_>) = all.into_iter().partition(|file| ids.contains(&file.id));
    let (staying, clashing) = numbered(staying);
    for file in clashing {
        problems.push(
            Diagnostic::error(format!("number {} is still there twice without what is named", file.id.version))
                .help(format!("name `{}` too", file.id)),
        );
    }
    if problems.has_errors() { Err(problems) } else { Ok((moving, staying)) }
}

/// The file under another number; what viewkeeper wrote says its number in its head.
fn renamed(project: &Project, folder: &str, file: &MigrationFile, id: &MigrationId) -> MigrationFile {
    let text = &file.source.text;
    let (old, new) = (file.id.to_string(), id.to_string());
    let is_ours = text.starts_with(GENERATED_MARKER) || text.starts_with("-- viewkeeper: rollback of ");
    let head = if is_ours {
        // The comments at the beginning, and only there.
        text.split_inclusive('\n').take_while(|line| line.starts_with("--")).map(str::len).sum()
    } else {
        0
    };
    let (head, body) = text.split_at(head);
    let text = format!("{}{body}", head.replace(&old, &new));
    let path = project.shown_as.join(folder).join(format!("{id}.sql"));
    MigrationFile { id: id.clone(), source: SourceFile::new(path, text) }
}

/// Whether what viewkeeper wrote does in its new place what it should, there and back.
fn fit(project: &Project, moved: &[(MigrationId, MigrationFile, Option<MigrationFile>)]) -> bool {
    let mut project = project.clone();
    let mut before =
        replay::advance(Catalog::new(project.settings.server_version), &project.migrations, &project.settings).catalog;
    for (_, file, rollback) in moved {
        let after = replay::advance(before.clone(), std::slice::from_ref(file), &project.settings);
        if file.is_generated() && after.diagnostics.0.iter().any(|problem| problem.severity == Severity::Error) {
            return false;
        }
        project.rollbacks.extend(rollback.clone());
        if !way_back(&project, file, &before, &after.catalog).0.is_empty() {
            return false;
        }
        before = after.catalog;
        project.migrations.push(file.clone());
    }
    true
}

/// What the definitions say more than the migrations.
fn left_to_do(project: &Project, version: i64, title: &str) -> Result<Option<Proposal>, Diagnostics> {
    let states = states(project);
    if states.problems.has_errors() {
        return Err(states.problems);
    }
    propose(project, &states.migrated, &states.declared, version, Some(title))
}

fn path(folder: &str, id: &MigrationId) -> Utf8PathBuf {
    Utf8PathBuf::from(folder).join(format!("{id}.sql"))
}
