//! A plan as text: the migration file and its rollback, made to be read in review. Nothing is decided here.

use std::fmt::Write;

use crate::diff::ChangeKind;
use crate::hazard::HazardKind;
use crate::keep;
use crate::migration::{GENERATED_MARKER, MigrationId};
use crate::name::quote_ident;
use crate::object::Action;
use crate::plan::{Plan, Step};

/// The text of a migration file.
pub fn migration(id: &MigrationId, plan: &Plan) -> String {
    let mut text = format!(
        "{GENERATED_MARKER}{id}\n\
         -- Written by `cargo xtask db-diff` from the definitions; the way back is in `rollbacks/{id}.sql`.\n"
    );
    head(plan, &mut text);
    body(plan, &mut text);
    text
}

/// The text of a rollback file; `plan` leads from the new state to the old one.
/// `stays` says what it does not take back.
pub fn rollback(id: &MigrationId, plan: &Plan, stays: &[String]) -> String {
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
    body(plan, &mut text);
    text
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

fn body(plan: &Plan, text: &mut String) {
    let first_end = plan.steps.iter().position(|step| matches!(step.action, Action::Drop | Action::Swap));
    let after_last_make = plan.steps.iter().take_while(|step| step.action != Action::Attach).count();
    let first_replaced =
        plan.steps.iter().position(|step| plan.reset.contains(&step.id) && step.action == Action::Replace);
    let last_replaced =
        plan.steps.iter().rposition(|step| plan.reset.contains(&step.id) && step.action == Action::Replace);
    let mut search_path: &[String] = &[];
    for (position, step) in plan.steps.iter().enumerate() {
        if Some(position) == first_end && !plan.kept.is_empty() {
            keep::keep_objects(&plan.kept).iter().for_each(|block| paragraph(text, block));
        }
        if position == after_last_make && !plan.kept.is_empty() {
            keep::restore_objects(&plan.kept).iter().for_each(|block| paragraph(text, block));
        }
        if Some(position) == first_replaced {
            paragraph(text, &keep::remember(&plan.reset));
        }
        if !step.search_path.is_empty() && step.search_path != search_path {
            search_path = &step.search_path;
            let schemas: Vec<_> = search_path.iter().map(|schema| quote_ident(schema)).collect();
            paragraph(
                text,
                &format!("-- Where the names below are looked up.\nSET LOCAL search_path TO {};\n", schemas.join(", ")),
            );
        }
        paragraph(text, &step_text(plan, step));
        if Some(position) == last_replaced {
            paragraph(text, &keep::set_again(&plan.reset));
        }
    }
    if after_last_make == plan.steps.len() && !plan.kept.is_empty() {
        keep::restore_objects(&plan.kept).iter().for_each(|block| paragraph(text, block));
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
    let change = plan.changes.iter().find(|change| change.id == step.id);
    let why = change.and_then(|change| change.details.first());
    let name = &step.id;
    let with_why = |words: String| match why {
        Some(why) => format!("{words}: {why}."),
        None => format!("{words}."),
    };
    match step.action {
        Action::Build => with_why(format!("Build {name} beside the old one, which stays readable meanwhile")),
        Action::Swap => format!("Put the new {name} in the place of the old one."),
        Action::Drop if change.is_some_and(|change| change.kind == ChangeKind::Drop) => format!("Drop {name}."),
        Action::Drop => with_why(format!("Drop {name}, to create it anew below")),
        Action::Create if change.is_some_and(|change| change.kind == ChangeKind::Recreate) => {
            format!("Create {name} anew.")
        }
        Action::Create => format!("Create {name}."),
        Action::Replace => with_why(format!("Replace {name} in place")),
        Action::Alter if change.is_some_and(|change| change.kind == ChangeKind::Drop) => format!("Drop {name}."),
        Action::Alter
            if change.is_some_and(|change| matches!(change.kind, ChangeKind::Recreate | ChangeKind::Replace)) =>
        {
            format!("Take away from {name} what it no longer has.")
        }
        Action::Attach => format!("What is declared beside {name}."),
        Action::Alter => {
            let details = change.map(|change| change.details.join("; ")).unwrap_or_default();
            format!("Alter {name}: {details}.")
        }
    }
}

fn paragraph(text: &mut String, paragraph: &str) {
    text.push('\n');
    text.push_str(paragraph.trim_end_matches('\n'));
    text.push('\n');
}
