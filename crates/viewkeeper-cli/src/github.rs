//! Findings as workflow commands, which GitHub shows as annotations beside the lines of the files. What is found is the
//! commands' matter.

use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::describe::ErrorDescription;
use viewkeeper_engine::diff::ChangeKind;
use viewkeeper_engine::object::kind_of;
use viewkeeper_engine::plan::Plan;
use viewkeeper_engine::states::States;

use crate::output::print_as_it_is;

/// How an annotation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
}

/// Where an annotation is shown: file, line, column.
pub(crate) type Place<'a> = (&'a str, usize, Option<usize>);

/// Prints one annotation.
pub(crate) fn annotate(level: Level, place: Option<Place<'_>>, title: &str, message: &str) {
    let word = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let place = place.map_or(String::new(), |(file, line, column)| {
        let column = column.map_or(String::new(), |column| format!("col={column},"));
        format!("file={},line={line},{column}", property(file))
    });
    print_as_it_is(&format!("::{word} {place}title={}::{}", property(title), data(message)));
}

/// Prints what is wrong with files, or what a command could not do.
pub(crate) fn annotate_errors(errors: &[ErrorDescription]) {
    for error in errors {
        let place = error.file.as_deref().map(|file| (file, error.line.unwrap_or(1), error.column));
        let title = error.sqlstate.as_deref().map_or("viewkeeper".to_owned(), |code| format!("viewkeeper {code}"));
        let help = error.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
        annotate(Level::Error, place, &title, &format!("{}{help}", error.message));
    }
}

/// Prints what is pending, beside the definitions that say so.
pub(crate) fn annotate_plan(plan: &Plan, states: &States) {
    for change in plan.changes.iter().filter(|change| change.because_of.is_none()) {
        let catalog: &Catalog = if change.kind == ChangeKind::Drop { &states.migrated } else { &states.declared };
        let provenance = kind_of(&change.id).and_then(|kind| kind.provenance(catalog, &change.id));
        let place = provenance.map(|row| (row.file.path.as_str(), row.file.line_column(row.span.start).0, None));
        let mut lines = change.details.clone();
        lines.extend(change.hazards.iter().map(|hazard| format!("hazard {hazard}")));
        lines.push("run `cargo xtask db-diff` to write the migration".to_owned());
        let title = format!("pending: {} {}", change.kind.word(), change.id);
        annotate(Level::Error, place, &title, &lines.join("\n"));
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
