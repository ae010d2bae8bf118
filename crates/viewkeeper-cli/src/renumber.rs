//! `renumber`: migrations of two branches that met get numbers of their own. What is to be written is decided in the engine.

use camino::Utf8Path;
use serde::Serialize;
use viewkeeper_engine::diagnostic::{Diagnostics, Severity};
use viewkeeper_engine::files;
use viewkeeper_engine::migration::MigrationId;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::renumber::{Moved, Outcome as Becomes, Renumbering, renumber};
use viewkeeper_engine::source::SourceFile;

use crate::arguments::{Arguments, Format, Renumber};
use crate::context;
use crate::db_diff::next_version;
use crate::output::{Outcome, print_error, print_json, print_problems};

pub(crate) fn run(arguments: &Arguments, options: &Renumber) -> Outcome {
    let (project, mut problems) = context::project(arguments);
    // Numbers that clash are why the command is there; everything else that is wrong is said.
    let clashes = project.clashing.len();
    let errors = problems.0.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > clashes {
        print_problems(&problems);
        return Outcome::Failed;
    }
    problems.0.clear();
    let mut ids = Vec::new();
    for name in &options.migrations {
        match id_of(name) {
            Ok(id) => ids.push(id),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.has_errors() {
        print_problems(&problems);
        return Outcome::Failed;
    }
    let next = |last| next_version(project.settings.numbering, last);
    let renumbering = match renumber(&project, &ids, next) {
        Ok(renumbering) => renumbering,
        Err(problems) => {
            print_problems(&problems);
            return Outcome::Failed;
        }
    };
    if !options.dry_run
        && let Err(message) = write(&project, &renumbering)
    {
        print_error(&message, None);
        return Outcome::Failed;
    }
    report(arguments.format, options, &project, &renumbering);
    Outcome::Fine
}

/// `V3__add_users`, with or without a folder and an ending.
fn id_of(name: &Utf8Path) -> Result<MigrationId, Diagnostics> {
    let path = if name.extension() == Some("sql") { name.to_owned() } else { format!("{name}.sql").into() };
    MigrationId::from_file_name(&SourceFile::new(path, "")).map_err(|problem| Diagnostics(vec![problem]))
}

/// New files first, so that no text is lost when one cannot be written.
fn write(project: &Project, renumbering: &Renumbering) -> Result<(), String> {
    let mut written = Vec::new();
    for (path, text) in &renumbering.write {
        let path = project.dir.join(path);
        // A file that keeps its name is written over; any other must not be there.
        let keeps_its_name = renumbering.moved.iter().any(|moved| path.file_stem() == Some(&moved.from.to_string()));
        let done = if keeps_its_name {
            files::write_if_changed(&path, text).map(|_| ())
        } else {
            files::write_new(&path, text).map(|()| written.push(path.clone()))
        };
        if let Err(error) = done {
            let left: Vec<_> = written.iter().filter(|path| files::remove(path).is_err()).collect();
            let left = if left.is_empty() { String::new() } else { format!("; left behind: {left:?}") };
            return Err(format!("cannot write `{path}`: {error}{left}"));
        }
    }
    for path in &renumbering.remove {
        let path = project.dir.join(path);
        files::remove(&path).map_err(|error| {
            format!(
                "cannot remove `{path}`: {error}; the new files are written: remove it, and what else has its number"
            )
        })?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report {
    moved: Vec<MovedReport>,
    written: Vec<String>,
    removed: Vec<String>,
}

#[derive(Serialize)]
struct MovedReport {
    migration: String,
    becomes: Option<String>,
    rewritten: bool,
}

fn report(format: Format, options: &Renumber, project: &Project, renumbering: &Renumbering) {
    let shown = |path: &Utf8Path| project.shown_as.join(path).to_string();
    let written: Vec<String> = renumbering.write.iter().map(|(path, _)| shown(path)).collect();
    let removed: Vec<String> = renumbering.remove.iter().map(|path| shown(path)).collect();
    if format == Format::Json {
        let moved = renumbering.moved.iter().map(|Moved { from, to }| MovedReport {
            migration: from.to_string(),
            becomes: match to {
                Becomes::Renumbered(id) | Becomes::Rewritten(id) => Some(id.to_string()),
                Becomes::Superfluous => None,
            },
            rewritten: matches!(to, Becomes::Rewritten(_)),
        });
        print_json(&Report { moved: moved.collect(), written, removed });
        return;
    }
    if renumbering.moved.is_empty() {
        println!("nothing to do: what is named has the next free number already");
        return;
    }
    for Moved { from, to } in &renumbering.moved {
        match to {
            Becomes::Renumbered(id) => println!("{from} becomes {id}"),
            Becomes::Rewritten(id) => {
                println!(
                    "{from} becomes {id}, written anew: it did not fit behind the migrations that come before it now"
                );
            }
            Becomes::Superfluous => println!("{from} goes: nothing is left to do for it"),
        }
    }
    println!();
    let (wrote, gone) = if options.dry_run { ("would write", "would remove") } else { ("wrote", "removed") };
    written.iter().for_each(|path| println!("{wrote} {path}"));
    removed.iter().for_each(|path| println!("{gone} {path}"));
    println!("\na database that applied one of them under its old number has to be rolled back to before it, first");
}
