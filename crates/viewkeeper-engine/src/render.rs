//! A plan as text: the migration file and its rollback, made to be read in review. Nothing is decided here.

use std::fmt::Write;

use crate::catalog::ObjectId;
use crate::diff::ChangeKind;
use crate::hazard::HazardKind;
use crate::keep;
use crate::migration::{GENERATED_MARKER, MigrationId, WRAP_BEGINS, WRAP_ENDS};
use crate::name::{quote_ident, quote_literal};
use crate::object::{Action, relation_name};
use crate::parser;
use crate::plan::{Plan, Step};
use crate::rename::Rename;
use crate::tenant::Names;

/// The text of a migration file.
pub fn migration(id: &MigrationId, plan: &Plan, names: Names<'_>) -> String {
    let mut text = format!(
        "{GENERATED_MARKER}{id}\n\
         -- Written by `cargo xtask db-diff` from the definitions; the way back is in `rollbacks/{id}.sql`.\n"
    );
    head(plan, &mut text);
    body(plan, names, &mut text);
    text
}

/// The text of a rollback file; `plan` leads from the new state to the old one.
/// `stays` says what it does not take back.
pub fn rollback(id: &MigrationId, plan: &Plan, stays: &[String], names: Names<'_>) -> String {
    let mut text = format!(
        "-- viewkeeper: rollback of {id}\n\
         -- Written by `cargo xtask db-diff` together with the migration: the plan of the way back.\n"
    );
    // The runtime runs such a rollback only when it is told to.
    let losses = plan.hazards.iter().filter(|hazard| hazard.kind == HazardKind::LosesData);
    let losses: Vec<_> = losses.map(|hazard| one_line(&hazard.sentence)).collect();
    if !losses.is_empty() {
        let _ = writeln!(text, "-- viewkeeper: loses data: {}", losses.join("; "));
    }
    for sentence in stays {
        let _ = writeln!(text, "-- {}", one_line(sentence));
    }
    head(plan, &mut text);
    body(plan, names, &mut text);
    text
}

/// The text of a migration that a person wrote, with what must be done before and after their statements around it.
pub fn wrapped(plan: &Plan, written: &str, names: Names<'_>) -> String {
    let mut text = format!("{WRAP_BEGINS}: what is in the way goes before it, and is made anew after it.\n");
    head(plan, &mut text);
    around(plan, written, names, &mut text);
    text
}

/// The way back over a wrapped migration. `statements` undo what a person wrote, `losses` is what goes with that.
/// `stays` says what it does not take back.
pub fn wrapped_rollback(
    id: &MigrationId,
    plan: &Plan,
    (statements, losses, stays): (&[String], &[String], &[String]),
    names: Names<'_>,
) -> String {
    let mut text = format!(
        "-- viewkeeper: rollback of {id}\n\
         -- Written by `cargo xtask db-diff --wrap`: the plan of the way back around what undoes the migration's statements.\n"
    );
    let kept = plan.hazards.iter().filter(|hazard| hazard.kind == HazardKind::LosesData);
    let losses: Vec<_> = losses.iter().chain(kept.map(|hazard| &hazard.sentence)).map(|loss| one_line(loss)).collect();
    if !losses.is_empty() {
        let _ = writeln!(text, "-- viewkeeper: loses data: {}", losses.join("; "));
    }
    for sentence in stays {
        let _ = writeln!(text, "-- {}", one_line(sentence));
    }
    text.push_str(WRAP_BEGINS);
    text.push_str(".\n");
    head(plan, &mut text);
    let undone: Vec<String> = statements.iter().map(|statement| format!("{statement};\n")).collect();
    around(plan, &names.written(undone.concat()), names, &mut text);
    text
}

/// Says along which schemas names are looked up until the transaction ends; without semicolon.
pub fn search_path(schemas: &[String]) -> String {
    let schemas: Vec<_> = schemas.iter().map(|schema| quote_ident(schema)).collect();
    format!("-- Where the names below are looked up.\nSET LOCAL search_path TO {}", schemas.join(", "))
}

/// A rollback that refuses, since nothing leads back.
pub fn no_way_back(id: &MigrationId, reasons: &[&str]) -> String {
    let message = format!("{id} cannot be rolled back: {}", reasons.join("; "));
    let hint = "Restore a backup, or write the way back by hand into the rollback before the migration is applied.";
    let mut text =
        format!("-- viewkeeper: rollback of {id}\n-- It refuses, and changes nothing: nothing leads back.\n");
    for reason in reasons {
        let _ = writeln!(text, "--   {}", one_line(reason));
    }
    let (message, hint) = (quote_literal(&one_line(&message)), quote_literal(hint));
    let mut tag = "$viewkeeper$".to_owned();
    while message.contains(&tag) {
        tag.insert(1, '_');
    }
    let _ =
        writeln!(text, "DO {tag}\nBEGIN\n    RAISE EXCEPTION USING MESSAGE = {message}, HINT = {hint};\nEND\n{tag};");
    text
}

fn around(plan: &Plan, written: &str, names: Names<'_>, text: &mut String) {
    let (before, after) = plan.steps.split_at(plan.before_written.min(plan.steps.len()));
    let mut first = String::new();
    for (position, step) in before.iter().enumerate() {
        if step.action == Action::Drop && before.iter().position(|step| step.action == Action::Drop) == Some(position) {
            keep_blocks(plan, &mut first);
        }
        paragraph(&mut first, &step_text(plan, step));
    }
    text.push_str(&names.written(first));
    let _ = writeln!(text, "\n{WRAP_ENDS}.\n");
    text.push_str(written.trim_matches('\n'));
    // A comment at the end, or a semicolon that is missing, must not swallow what follows.
    let last = parser::tokens(written).into_iter().rfind(|token| !token.comment);
    let ends = last.is_none_or(|token| written.get(token.span.start..token.span.end) == Some(";"));
    text.push_str(if ends { "\n\n" } else { "\n;\n\n" });
    if after.is_empty() && plan.kept.is_empty() {
        return;
    }
    let _ = writeln!(text, "{WRAP_BEGINS}.");
    let keeps = if before.iter().any(|step| step.action == Action::Drop) { Keeps::Already } else { Keeps::Here };
    let mut last = String::new();
    steps(plan, after, keeps, names, &mut last);
    text.push_str(&names.written(last));
    let _ = writeln!(text, "\n{WRAP_ENDS}.");
}

/// Whether what hangs on the objects has been kept already.
#[derive(PartialEq, Eq)]
enum Keeps {
    Already,
    Here,
}

fn keep_blocks(plan: &Plan, text: &mut String) {
    keep::keep_objects(&plan.kept, &plan.successors).iter().for_each(|block| paragraph(text, block));
}

fn head(plan: &Plan, text: &mut String) {
    text.push_str("--\n");
    for change in &plan.changes {
        let _ = writeln!(text, "-- {}", one_line(&change.to_string()));
    }
    text.push_str("--\n");
    if plan.is_compatible() {
        text.push_str("-- Compatible: code that reads these relations as they were goes on working.\n");
    }
    if !plan.hazards.is_empty() {
        text.push_str("-- Hazards:\n");
        for hazard in &plan.hazards {
            let _ = writeln!(text, "--   {}", one_line(&hazard.to_string()));
        }
    }
}

/// Text that came from names could hold a line break, which would end the comment it stands in.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn body(plan: &Plan, names: Names<'_>, text: &mut String) {
    let mut body = String::new();
    steps(plan, &plan.steps, Keeps::Here, names, &mut body);
    text.push_str(&names.written(body));
}

fn steps(plan: &Plan, steps: &[Step], keeps: Keeps, names: Names<'_>, text: &mut String) {
    let is_late = |id: &ObjectId| matches!(id, ObjectId::EventTrigger(_));
    // What goes for good before everything else leaves nothing to keep.
    let goes_early = |step: &Step| is_late(&step.id) && !plan.kept.contains(&step.id);
    let first_end =
        steps.iter().position(|step| matches!(step.action, Action::Drop | Action::Swap) && !goes_early(step));
    let is_made_late = |step: &Step| step.action == Action::Create && is_late(&step.id);
    let after_last_make = steps.iter().take_while(|step| step.action != Action::Attach && !is_made_late(step)).count();
    let last_made_late = steps.iter().rposition(is_made_late);
    let (late, kept): (Vec<ObjectId>, Vec<ObjectId>) = plan.kept.iter().cloned().partition(is_late);
    let is_reset = |step: &Step| plan.reset.contains(&step.id) && step.action == Action::Replace;
    let (first_replaced, last_replaced) = (steps.iter().position(is_reset), steps.iter().rposition(is_reset));
    let remade = |step: &Step| {
        let drops = |index: &ObjectId| step.statements.iter().any(|made| made.sql == format!("DROP {}", index.sql()));
        step.action == Action::Alter && plan.remade_indexes.iter().any(drops)
    };
    let makes = |step: &Step| {
        let of = |index: &ObjectId| index.part_of().is_some() && index.part_of() == relation_name(&step.id);
        step.action == Action::Alter && plan.remade_indexes.iter().any(of)
    };
    let (first_remade, last_remade) = (steps.iter().position(remade), steps.iter().rposition(makes));
    let mut search_path: &[String] = &[];
    for (position, step) in steps.iter().enumerate() {
        if Some(position) == first_end && keeps == Keeps::Here {
            keep_blocks(plan, text);
        }
        if position == after_last_make {
            keep::restore_objects(&kept, &plan.successors).iter().for_each(|block| paragraph(text, block));
        }
        if Some(position) == first_replaced {
            paragraph(text, &keep::remember(&plan.reset));
        }
        if Some(position) == first_remade {
            paragraph(text, &keep::remember_indexes(&plan.remade_indexes));
        }
        if !step.search_path.is_empty() && step.search_path != search_path && names.say_search_path() {
            search_path = &step.search_path;
            paragraph(text, &format!("{};\n", self::search_path(search_path)));
        }
        paragraph(text, &step_text(plan, step));
        if Some(position) == last_replaced {
            paragraph(text, &keep::set_again(&plan.reset));
        }
        if Some(position) == last_made_late {
            keep::restore_objects(&late, &[]).iter().for_each(|block| paragraph(text, block));
        }
        if Some(position) == last_remade {
            paragraph(text, &keep::set_on_indexes(&plan.remade_indexes));
        }
    }
    if after_last_make == steps.len() {
        keep::restore_objects(&kept, &plan.successors).iter().for_each(|block| paragraph(text, block));
    }
}

fn step_text(plan: &Plan, step: &Step) -> String {
    let mut text = format!("-- {}\n", one_line(&title(plan, step)));
    for statement in &step.statements {
        // Text that ends in a line break ends in a comment, which would swallow the semicolon.
        let _ = writeln!(text, "{};", statement.sql);
    }
    text
}

fn title(plan: &Plan, step: &Step) -> String {
    // They are in the order of their objects.
    let first = plan.changes.partition_point(|change| change.id < step.id);
    let mut of_object = plan.changes.iter().skip(first).take_while(|change| change.id == step.id);
    let change = of_object.find(|change| change.kind != ChangeKind::Rename);
    let why = change.and_then(|change| change.details.first());
    let name = &step.id;
    let with_why = |words: String| match why {
        Some(why) => format!("{words}: {why}."),
        None => format!("{words}."),
    };
    match step.action {
        Action::Rename => {
            let mut renames = plan.steps.iter().filter(|other| other.action == Action::Rename);
            let position = renames.position(|other| std::ptr::eq(other, step));
            match position.and_then(|at| plan.renames.get(at)) {
                Some(rename @ Rename::Extension { .. }) => format!("Alter {name}: {}.", rename.details()),
                Some(rename) => format!("Rename {rename}."),
                None => format!("Rename {name}."),
            }
        }
        Action::TakeOff => {
            "Take off from tables what uses something that is made anew: it is put back below.".to_owned()
        }
        Action::PutBack => "Put back what was taken off from tables.".to_owned(),
        Action::Build => with_why(format!("Build {name} beside the old one, which stays readable meanwhile")),
        Action::Swap => format!("Put the new {name} in the place of the old one."),
        Action::Drop if change.is_some_and(|change| change.kind == ChangeKind::Drop) => format!("Drop {name}."),
        Action::Drop => with_why(format!("Drop {name}, to create it anew below")),
        Action::Create if change.is_some_and(|change| change.kind == ChangeKind::Recreate) => {
            format!("Create {name} anew.")
        }
        Action::Create => format!("Create {name}."),
        Action::Replace => with_why(format!("Replace {name} in place")),
        Action::Attach => format!("What is declared beside {name}."),
        Action::Alter => match change.map(|change| (change.kind, change)) {
            Some((ChangeKind::Drop, change)) if change.difference.is_none() => format!("Drop {name}."),
            Some((ChangeKind::Drop | ChangeKind::Recreate | ChangeKind::Replace, _)) => {
                format!("Take away from {name} what it no longer has.")
            }
            change => {
                let details = change.map(|(_, change)| change.details.join("; ")).unwrap_or_default();
                format!("Alter {name}: {details}.")
            }
        },
    }
}

fn paragraph(text: &mut String, paragraph: &str) {
    text.push('\n');
    text.push_str(paragraph.trim_end_matches('\n'));
    text.push('\n');
}
