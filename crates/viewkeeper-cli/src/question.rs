//! Questions to a person at a terminal. Where there is none, nothing is asked, and what a command does is as before.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stdin, stdout};

use viewkeeper_engine::diagnostic::Style;
use viewkeeper_engine::files;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::{States, states};
use viewkeeper_engine::untold::{Untold, untold};

use crate::arguments::Format;
use crate::output::print_error;

/// Whether somebody is there to answer.
fn can_ask(format: Format) -> bool {
    format == Format::Text && stdin().is_terminal() && stdout().is_terminal()
}

/// Whether the answer is yes; no where there is none.
fn is_yes(question: &str) -> bool {
    let mut out = stdout().lock();
    let asked = write!(out, "{question} [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    asked.is_ok()
        && stdin().read_line(&mut answer).is_ok()
        && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Asks of everything that looks like a rename whether it is one. What is confirmed is written into its definition, as
/// somebody would tell it.
pub(crate) fn ask_for_renames(format: Format, mut project: Project, mut states: States) -> (Project, States) {
    let mut asked = BTreeSet::new();
    while can_ask(format) {
        // One answer changes what else looks like one.
        let next = untold(&states.migrated, &states.declared).into_iter().find(|one| !asked.contains(&one.rename));
        let Some(one) = next else { break };
        asked.insert(one.rename.clone());
        if is_yes(&format!("is this a rename: {}?", one.rename))
            && let Some(told) = tell(&project, &one)
        {
            (project, states) = told;
        }
    }
    (project, states)
}

/// The project and its states with a rename that is told.
fn tell(project: &Project, one: &Untold) -> Option<(Project, States)> {
    let (path, text) = (&one.file.path, one.told());
    let mut told = project.clone();
    let file = told.definitions.iter_mut().find(|file| file.path == *path)?;
    *file = SourceFile::new(path.clone(), text.clone());
    let states = states(&told);
    if states.problems.has_errors() {
        print_error(
            "it cannot be told as a rename, and stays drop and create",
            Some(&format!("with `{}` in `{path}`:\n{}", one.line, states.problems.render(Style::Plain))),
        );
        return None;
    }
    if let Err(error) = files::write_if_changed(path, &text) {
        print_error(&format!("`{path}` cannot be written: {error}"), None);
        return None;
    }
    println!("wrote `{}` into {path}", one.line);
    Some((told, states))
}
