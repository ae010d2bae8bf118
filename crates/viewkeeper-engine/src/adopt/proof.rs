//! Proof that the definitions of an adopted database say what its baseline makes; those that do not are left out.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Left;
use super::dump::Definition;
use crate::catalog::{Catalog, ObjectId};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::generate::generate;
use crate::migration::{MigrationFile, MigrationId};
use crate::object::kind_of;
use crate::plan::plan;
use crate::project::{MIGRATIONS, Project};
use crate::source::SourceFile;
use crate::states::{States, states};

/// Reads what would be written as the other commands will, and takes out the definitions that are not understood, or
/// that say something else than the baseline: these objects stay in the baseline alone. Gives the text of the baseline.
pub(super) fn leave_out_what_differs(
    folder: &Utf8Path,
    settings: &Settings,
    id: &MigrationId,
    baseline_of: impl Fn(&[Definition]) -> String,
    definitions: &mut Vec<Definition>,
    left: &mut Vec<Left>,
) -> String {
    let path = folder.join(MIGRATIONS).join(format!("{id}.sql"));
    loop {
        let text = baseline_of(definitions);
        let baseline = MigrationFile { id: id.clone(), source: SourceFile::new(path.clone(), text.as_str()) };
        let project = Project {
            clashing: Vec::new(),
            dir: folder.to_owned(),
            shown_as: folder.to_owned(),
            settings: settings.clone(),
            definitions: definitions
                .iter()
                .map(|definition| SourceFile::new(folder.join(&definition.path), definition.text.as_str()))
                .collect(),
            migrations: vec![baseline],
            rollbacks: Vec::new(),
        };
        let states = states(&project);
        let mut wrong: BTreeMap<Utf8PathBuf, String> = BTreeMap::new();
        let of_definition = |path: &Utf8Path| -> Option<Utf8PathBuf> {
            let found = definitions.iter().find(|definition| path == folder.join(&definition.path));
            found.map(|definition| definition.path.clone())
        };
        for problem in states.problems.0.iter().filter(|problem| problem.severity == Severity::Error) {
            if let Some(path) = problem.place.as_ref().and_then(|(file, _)| of_definition(&file.path)) {
                wrong.entry(path).or_insert_with(|| problem.message.clone());
            }
        }
        let mut remaining = Vec::new();
        if wrong.is_empty() {
            match plan(&states.migrated, &states.declared) {
                Ok(plan) => {
                    for change in &plan.changes {
                        match declared_in(&states, &change.id).and_then(|path| of_definition(&path)) {
                            Some(path) => drop(wrong.entry(path).or_insert_with(|| change.to_string())),
                            None => remaining.push(change.to_string()),
                        }
                    }
                }
                Err(problems) => {
                    let all: Vec<String> = problems.0.iter().map(|problem| problem.message.clone()).collect();
                    for definition in definitions.iter() {
                        wrong.entry(definition.path.clone()).or_insert_with(|| all.join("; "));
                    }
                }
            }
        }
        let before = definitions.len();
        let (wrong_ones, fine) =
            std::mem::take(definitions).into_iter().partition(|definition| wrong.contains_key(&definition.path));
        *definitions = fine;
        let wrong_ones: Vec<Definition> = wrong_ones;
        if definitions.len() == before {
            left.extend(
                remaining.into_iter().map(|change| Left {
                    what: change,
                    why: "`db-diff` will say so, too; please report it".to_owned(),
                }),
            );
            left.extend(
                states.problems.0.iter().filter(|problem| problem.severity == Severity::Error).map(in_baseline),
            );
            let (_, of_rows) = generate(&states.declared, settings);
            left.extend(of_rows.0.iter().filter(|problem| problem.severity == Severity::Error).map(|problem| Left {
                what: problem.message.clone(),
                why: problem.help.clone().unwrap_or_else(|| "`cargo build` will say so, too".to_owned()),
            }));
            return text;
        }
        for definition in wrong_ones {
            let why = wrong.get(&definition.path).map_or("", String::as_str);
            left.push(Left {
                what: format!("{} {}", definition.subject.word(), definition.subject),
                why: format!("not a definition, it stays in the baseline as it is: {why}"),
            });
        }
    }
}

/// The file that declares an object.
fn declared_in(states: &States, id: &ObjectId) -> Option<Utf8PathBuf> {
    let of = |catalog: &Catalog| Some(kind_of(id)?.provenance(catalog, id)?.file.path.clone());
    of(&states.declared)
}

fn in_baseline(problem: &Diagnostic) -> Left {
    let place = problem.place.as_ref().map(|(file, span)| {
        let (line, _) = file.line_column(span.start);
        format!("{}:{line}", file.path)
    });
    Left {
        what: problem.message.clone(),
        why: format!(
            "{}: it is in the baseline, and the commands that read it without a server stop there",
            place.unwrap_or_else(|| "the baseline".to_owned())
        ),
    }
}
