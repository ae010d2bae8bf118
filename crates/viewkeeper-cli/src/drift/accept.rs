//! `drift --accept`: live definitions, written into the definition files. The rest of a file stays as it is, and a file
//! that would be broken by it is not written.

use camino::Utf8Path;
use viewkeeper::{Drift, Finding};
use viewkeeper_engine::accept::{COLUMN_DETAILS, Declared, Definitions};
use viewkeeper_engine::diagnostic::Style;
use viewkeeper_engine::files;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::{States, states};

use super::{Object, new_file, refuse};
use crate::output::Outcome;

/// The definition that declares an object.
pub(super) fn definition_of(project: &Project, drift: &Drift) -> Option<Declared> {
    let create = match drift.finding {
        // What would make it again names it too.
        Finding::Dropped => drift.repair.first(),
        _ => drift.declaration.first(),
    };
    Definitions::new(&project.definitions, &project.settings).declaring(create?)
}

/// Whether what differs can be said in its definition, and its text could be had.
pub(super) fn can_be_accepted(project: &Project, drift: &Drift) -> bool {
    if drift.finding == Finding::CreatedOutside {
        return !drift.declaration.is_empty();
    }
    let aspects: Vec<&str> = aspects(drift).collect();
    definition_of(project, drift).is_some_and(|declared| {
        Definitions::new(&project.definitions, &project.settings)
            .rewritten(&declared.file, &drift.declaration, &aspects)
            .is_some_and(|rewritten| rewritten.left.len() < aspects.len())
    })
}

fn aspects(drift: &Drift) -> impl Iterator<Item = &str> {
    // Name and type come first in the line of a column.
    let columns = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.splitn(3, ", ").take(2).collect::<Vec<_>>().join(", ")).collect()
    };
    drift.aspects.iter().map(move |aspect| match &aspect.live {
        Some(live)
            if aspect.name == "columns"
                && drift.kind.ends_with("view")
                && columns(live) == columns(&aspect.expected) =>
        {
            COLUMN_DETAILS
        }
        _ => aspect.name.as_str(),
    })
}

pub(super) fn run(project: &Project, before: &States, objects: &[Object<'_>]) -> Outcome {
    let mut outcome = Outcome::Fine;
    let mut project = project.clone();
    let broken_before = before.problems.render(Style::Plain);
    let (mut left, refused): (Vec<_>, Vec<_>) =
        objects.iter().partition(|object| can_be_accepted(&project, object.drift));
    for object in refused {
        let why = match object.drift.finding {
            Finding::Changed if object.drift.kind.ends_with("view") && object.drift.declaration.is_empty() => {
                "its text waits for a lock that another session holds; try again later".to_owned()
            }
            _ => object.help(),
        };
        println!("not accepted: {}\n  help: {why}", object.title());
        outcome = outcome.max(Outcome::Found);
    }
    // What another one needs that is accepted as well comes before it, whatever their names are.
    while !left.is_empty() {
        let count = left.len();
        let mut failures = Vec::new();
        left.retain(|object| match accept(&mut project, object.drift, &broken_before) {
            Ok(others) => {
                if !others.is_empty() {
                    outcome = outcome.max(Outcome::Found);
                }
                false
            }
            Err(failure) => {
                failures.push(failure);
                true
            }
        });
        if left.len() == count {
            for (what, why) in failures {
                refuse(&what, &why);
            }
            outcome = Outcome::Failed;
            break;
        }
    }
    if objects.is_empty() {
        println!("no drift: there is nothing to accept");
    } else if outcome != Outcome::Failed {
        println!(
            "\nreview the files, then run `cargo xtask db-diff` for the migration that brings it to every database"
        );
    }
    outcome
}

/// Writes what the database holds of one object; the aspects that its definition does not say.
///
/// # Errors
/// What failed, and why: nothing is written then.
fn accept(project: &mut Project, drift: &Drift, broken_before: &str) -> Result<Vec<String>, (String, String)> {
    let aspects: Vec<&str> = aspects(drift).collect();
    let rewritten = definition_of(project, drift).and_then(|declared| {
        let definitions = Definitions::new(&project.definitions, &project.settings);
        let rewritten = definitions.rewritten(&declared.file, &drift.declaration, &aspects)?;
        Some((declared.file.path.clone(), rewritten))
    });
    let (path, text, left) = match rewritten {
        Some((path, rewritten)) => (path, rewritten.text, rewritten.left),
        None => (new_file(project, drift).into(), format!("{}\n", drift.declaration.join("\n\n")), Vec::new()),
    };
    let mut tried = project.clone();
    let source = SourceFile::new(path.clone(), text.clone());
    match tried.definitions.iter_mut().find(|file| file.path == path) {
        Some(file) => *file = source,
        None => tried.definitions.push(source),
    }
    tried.definitions.sort_by(|a, b| a.path.cmp(&b.path));
    let problems = states(&tried).problems;
    if problems.has_errors() && problems.render(Style::Plain) != broken_before {
        return Err((
            format!("the live definition of `{}` was not written into `{path}`", drift.name),
            format!("it would not be understood there:\n{}", problems.render(Style::Plain)),
        ));
    }
    if let Err(error) = write(&path, &text, drift.finding) {
        let why = "look at the rights of the file and its folder".to_owned();
        return Err((format!("`{path}` cannot be written: {error}"), why));
    }
    *project = tried;
    println!("wrote {path}: {} `{}` as it is in the database", drift.kind, drift.name);
    if aspects.contains(&"definition") && drift.kind.ends_with("view") && drift.finding == Finding::Changed {
        println!("  its query is laid out as PostgreSQL prints it; comments inside the statement are gone");
    }
    if !left.is_empty() {
        println!("  not written, since other definitions or migrations say it: {}", left.join(", "));
    }
    Ok(left)
}

fn write(path: &Utf8Path, text: &str, finding: Finding) -> std::io::Result<()> {
    match finding {
        Finding::CreatedOutside => files::write_new(path, text),
        _ => files::write_if_changed(path, text).map(drop),
    }
}
