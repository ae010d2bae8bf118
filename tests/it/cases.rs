//! Every case without a server: the texts that `db-diff` writes, as snapshots beside the case, and the laws that need no
//! server.

use std::sync::Arc;

use viewkeeper_engine::catalog::{Catalog, Relation};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diff::diff;
use viewkeeper_engine::plan::plan;
use viewkeeper_engine::proposal::Proposal;
use viewkeeper_engine::replay::{State, declared};
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::states_since;

use crate::case::{self, Case};

#[test]
fn every_case_is_planned_as_its_snapshots_say() {
    for case in case::all() {
        let (migration, rollback) = match case.plan() {
            Ok(planned) if planned.changes.is_empty() => {
                ("-- nothing to do\n".to_owned(), "-- nothing to do\n".to_owned())
            }
            Ok(planned) => {
                let texts = |text: fn(&Proposal) -> &str| {
                    let texts: Vec<&str> = planned.changes.iter().map(text).collect();
                    texts.join("\n-- ---- the next migration ----\n\n")
                };
                (texts(|change| &change.migration), texts(|change| &change.rollback))
            }
            Err(problems) => {
                let text = problems.render(viewkeeper_engine::diagnostic::Style::Plain);
                (format!("{text}\n"), "-- no way back\n".to_owned())
            }
        };
        snapshot(&case, "migration", &migration);
        snapshot(&case, "rollback", &rollback);
    }
}

fn snapshot(case: &Case, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&case.folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text, &case.name()));
}

/// Law 1: a state does not differ from itself, and planning twice gives the same bytes.
#[test]
fn nothing_changes_without_a_reason() {
    for case in case::all() {
        let Ok(planned) = case.plan() else { continue };
        let name = case.name();
        for state in [&planned.states.migrated, &planned.states.declared] {
            assert_eq!(diff(state, state), [], "{name}");
            assert!(plan(state, state).is_ok_and(|plan| plan.is_empty()), "{name}");
        }
        assert_eq!(case.plan().map(|again| again.changes).ok(), Some(planned.changes), "{name}");
    }
}

/// What definitions take over from the migrated state is what an analysis of them gives.
#[test]
fn views_that_are_not_analysed_again_would_come_to_the_same() {
    let mut taken_over = 0;
    for case in case::all() {
        let Ok(planned) = case.plan() else { continue };
        for definitions in [case.old.as_deref(), case.new.as_deref()] {
            let files: Vec<_> =
                definitions.map(|text| SourceFile::new("db/views/views.sql", text)).into_iter().collect();
            let migrated = planned.states.migrated.clone();
            let mut forgetful = migrated.clone();
            forgetful.forget_what_was_analysed();
            let [quick, whole] =
                [migrated.clone(), forgetful].map(|state| declared(&state, &files, &Settings::default()));
            let problems =
                |state: &State| state.diagnostics.0.iter().map(|one| one.message.clone()).collect::<Vec<_>>();
            assert_eq!(problems(&quick), problems(&whole), "{}", case.name());
            assert_eq!(quick.catalog.relations, whole.catalog.relations, "{}", case.name());
            let analysis = |state: &Catalog, row: &Relation| {
                state.relation(row.oid).and_then(|row| row.view.as_ref()).and_then(|view| view.tree.clone())
            };
            let same = |row: &&Arc<Relation>| {
                let (before, now) = (analysis(&migrated, row), analysis(&quick.catalog, row));
                before.zip(now).is_some_and(|(before, now)| Arc::ptr_eq(&before, &now))
            };
            taken_over += quick.catalog.relations.values().filter(same).count();
        }
    }
    assert!(taken_over > 0, "every view was analysed again");
}

/// What a build leaves of the migrated state is what the next one would make itself, however many migrations came since.
#[test]
fn a_state_that_a_build_left_is_gone_on_from() {
    for case in case::all() {
        let Ok(planned) = case.plan() else { continue };
        let mut project = planned.project;
        let migrations = std::mem::take(&mut project.migrations);
        let mut left = Vec::new();
        for migration in migrations {
            project.migrations.push(migration);
            let (gone_on, bytes) = states_since(&project, &left);
            let (whole, all_bytes) = states_since(&project, &[]);
            assert!(bytes.is_some() && bytes == all_bytes, "{}", case.name());
            left = bytes.unwrap_or_default();
            let (again, unchanged) = states_since(&project, &left);
            assert_eq!(unchanged, None, "{}", case.name());
            for states in [&gone_on, &again] {
                assert_eq!(states.migrated.relations, whole.migrated.relations, "{}", case.name());
                assert_eq!(states.declared.relations, whole.declared.relations, "{}", case.name());
                assert_eq!(states.problems, whole.problems, "{}", case.name());
                assert_eq!(diff(&states.migrated, &whole.migrated), [], "{}", case.name());
                assert_eq!(diff(&states.declared, &whole.declared), [], "{}", case.name());
            }
        }
    }
}

/// No statement of a generated file takes more with it than it names.
#[test]
fn nothing_is_dropped_unnamed() {
    for case in case::all() {
        let Ok(planned) = case.plan() else { continue };
        for proposal in planned.changes.into_iter().chain(planned.first).chain(planned.from_nothing) {
            for text in [proposal.migration, proposal.rollback] {
                // A foreign key that comes back says what it does.
                let by_a_person = case.wrapped.as_deref().map(str::trim).filter(|written| !written.is_empty());
                let text = by_a_person.map_or_else(|| text.clone(), |written| text.replace(written, ""));
                let text = text.replace("ON UPDATE CASCADE", "").replace("ON DELETE CASCADE", "");
                let words = text.split(|c: char| !c.is_alphanumeric());
                assert!(!words.into_iter().any(|word| word == "CASCADE"), "{}: {text}", case.name());
            }
        }
    }
}
