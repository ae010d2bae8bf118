//! `drift --accept`: live definitions, written into the definition files. The rest of a file stays as it is, and a file
//! that would be broken by it is not written.

use camino::Utf8Path;
use viewkeeper::{Drift, Finding};
use viewkeeper_engine::catalog::{Origin, Provenance};
use viewkeeper_engine::diagnostic::Style;
use viewkeeper_engine::files;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::{States, states};

use super::{Object, new_file, refuse};
use crate::output::Outcome;

/// The definition that declares an object.
pub(super) fn definition_of<'s>(states: &'s States, name: &str) -> Option<&'s Provenance> {
    let catalog = &states.declared;
    let relation = catalog
        .relations
        .values()
        .find(|relation| catalog.relation_name(relation.oid).is_some_and(|found| found.to_string() == name))?;
    relation.provenance.as_ref().filter(|provenance| provenance.origin == Origin::Definition)
}

/// Whether the statement that creates it says what differs, and its text could be had.
pub(super) fn can_be_accepted(drift: &Drift) -> bool {
    !drift.declaration.is_empty()
        && (drift.finding == Finding::CreatedOutside
            || drift.aspects.iter().any(|aspect| ["definition", "options", "columns"].contains(&aspect.name.as_str())))
}

pub(super) fn run(project: &Project, before: &States, objects: &[Object<'_>]) -> Outcome {
    let mut outcome = Outcome::Fine;
    let mut project = project.clone();
    let broken_before = before.problems.render(Style::Plain);
    for object in objects {
        let drift = object.drift;
        if !can_be_accepted(drift) {
            let why = match drift.finding {
                Finding::Dropped => object.help(),
                _ if drift.kind.ends_with("view") && drift.declaration.is_empty() => {
                    "its text waits for a lock that another session holds; try again later".to_owned()
                }
                _ => object.help(),
            };
            println!("not accepted: {}\n  help: {why}", object.title());
            outcome = outcome.max(Outcome::Found);
            continue;
        }
        let current = states(&project);
        let (path, text) = match definition_of(&current, &drift.name) {
            Some(definition) => {
                let text = &definition.file.text;
                // The statement's own semicolon follows its span.
                let create = drift.declaration[0].trim_end_matches(';');
                let new = format!("{}{create}{}", &text[..definition.span.start], &text[definition.span.end..]);
                (definition.file.path.clone(), new)
            }
            None if drift.finding == Finding::CreatedOutside => {
                (new_file(&project, &drift.name).into(), format!("{}\n", drift.declaration.join("\n\n")))
            }
            None => {
                println!("not accepted: {}\n  help: no definition declares it: {}", object.title(), object.help());
                outcome = outcome.max(Outcome::Found);
                continue;
            }
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
            refuse(
                &format!("the live definition of `{}` was not written into `{path}`", drift.name),
                &format!("it would not be understood there:\n{}", problems.render(Style::Plain)),
            );
            outcome = Outcome::Failed;
            continue;
        }
        if let Err(error) = write(&path, &text, drift.finding) {
            refuse(&format!("`{path}` cannot be written: {error}"), "look at the rights of the file and its folder");
            outcome = Outcome::Failed;
            continue;
        }
        project = tried;
        println!("wrote {path}: {} `{}` as it is in the database", drift.kind, drift.name);
        for line in left_over(drift) {
            println!("  {line}");
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

fn write(path: &Utf8Path, text: &str, finding: Finding) -> std::io::Result<()> {
    match finding {
        Finding::CreatedOutside => files::write_new(path, text),
        _ => files::write_if_changed(path, text).map(drop),
    }
}

/// What differs and was not written.
fn left_over(drift: &Drift) -> Vec<String> {
    if drift.finding == Finding::CreatedOutside {
        return Vec::new();
    }
    let others: Vec<&str> = drift
        .aspects
        .iter()
        .map(|aspect| aspect.name.as_str())
        .filter(|name| !["definition", "options"].contains(name))
        .collect();
    let mut lines =
        vec!["its query is laid out as PostgreSQL prints it; comments inside the statement are gone".to_owned()];
    if !others.is_empty() {
        lines.push(format!("not written: {}; what the database holds beside the query:", others.join(", ")));
        lines.extend(drift.declaration[1..].iter().map(|statement| format!("  {}", statement.replace('\n', "\n    "))));
    }
    lines
}
