//! `db-diff`: definitions against migrations; writes what is missing.

use std::time::{SystemTime, UNIX_EPOCH};

use camino::Utf8PathBuf;
use serde::Serialize;
use viewkeeper_engine::config::Numbering;
use viewkeeper_engine::describe::{ErrorDescription, errors};
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::files;
use viewkeeper_engine::hazard::{Hazard, HazardKind};
use viewkeeper_engine::plan::Plan;
use viewkeeper_engine::project::{MIGRATIONS, Project, ROLLBACKS};
use viewkeeper_engine::proposal::{Proposal, Proposed, propose_all};
use viewkeeper_engine::states::states;
use viewkeeper_engine::wrap::wrap;

use crate::arguments::{Arguments, DbDiff, Format};
use crate::context;
use crate::github::annotate_plan;
use crate::output::{Outcome, print_error, print_json, print_problems};
use crate::question::ask_for_renames;
use crate::verify::verify;

pub(crate) fn run(arguments: &Arguments, options: &DbDiff) -> Outcome {
    if let Some(file) = &options.wrap {
        return run_wrap(arguments, options, file);
    }
    let (project, states) = match context::states_of(arguments) {
        Ok(states) => states,
        Err(problems) => {
            report_problems(arguments.format, &problems);
            return Outcome::Failed;
        }
    };
    let (project, states) = match options.check || options.dry_run {
        true => (project, states),
        false => ask_for_renames(arguments.format, project, states),
    };
    let version = next_version(project.settings.numbering, project.last_version());
    let proposed = match propose_all(project, states, version, options.name.as_deref()) {
        Ok(proposed) => proposed,
        Err(problems) => {
            print_problems(&problems);
            report_problems(arguments.format, &problems);
            return Outcome::Failed;
        }
    };
    if proposed.is_empty() {
        match arguments.format {
            Format::Text | Format::Github => println!("nothing to do: the migrations lead to what the definitions say"),
            Format::Json => print_json(&Report { compatible: true, ..Report::default() }),
        }
        return Outcome::Fine;
    }
    if options.verify {
        if let Err(difference) = verify(&proposed) {
            print_error(&difference, Some("nothing was written"));
            return Outcome::Failed;
        }
        if arguments.format == Format::Text {
            println!("verified on a throw-away database: it leads there, and the rollback leads back\n");
        }
    }
    if options.check {
        if arguments.format == Format::Github {
            proposed.iter().for_each(|one| annotate_plan(&one.proposal.plan, &one.states));
        }
        report(arguments, &proposed, &[]);
        return Outcome::Found;
    }
    if options.dry_run {
        match arguments.format {
            Format::Text | Format::Github => {
                for Proposed { project, proposal, .. } in &proposed {
                    let (migration, rollback) = paths(project, proposal);
                    println!("-- {migration}\n{}\n-- {rollback}\n{}", proposal.migration, proposal.rollback);
                }
            }
            Format::Json => report(arguments, &proposed, &[]),
        }
        return Outcome::Fine;
    }
    let mut written = Vec::new();
    for Proposed { project, proposal, .. } in &proposed {
        match write(project, proposal) {
            Ok(files) => written.push(files),
            Err(message) => {
                print_error(&message, None);
                return Outcome::Failed;
            }
        }
    }
    report(arguments, &proposed, &written);
    Outcome::Fine
}

/// `--wrap`: the pending file is written anew, with its rollback.
fn run_wrap(arguments: &Arguments, options: &DbDiff, file: &str) -> Outcome {
    let (project, mut problems) = context::project(arguments);
    let wrapped = if problems.has_errors() { Err(Diagnostics::default()) } else { wrap(&project, file) };
    let proposal = match wrapped {
        Ok(proposal) => proposal,
        Err(refused) => {
            problems.extend(refused);
            print_problems(&problems);
            report_problems(arguments.format, &problems);
            return Outcome::Failed;
        }
    };
    print_problems(&problems);
    let (migration, rollback) = paths(&project, &proposal);
    if options.dry_run && arguments.format != Format::Json {
        println!("-- {migration}\n{}\n-- {rollback}\n{}", proposal.migration, proposal.rollback);
        return Outcome::Fine;
    }
    let states = states(&project);
    let proposed = [Proposed { project, states, proposal }];
    let [Proposed { proposal, .. }] = &proposed;
    if options.dry_run {
        report(arguments, &proposed, &[]);
        return Outcome::Fine;
    }
    // The rollback first: the migration may be wrapped again, one that is wrapped already would be taken as done.
    for (path, text) in [(&rollback, &proposal.rollback), (&migration, &proposal.migration)] {
        if let Err(error) = files::write_if_changed(path, text) {
            print_error(&format!("cannot write `{path}`: {error}"), None);
            return Outcome::Failed;
        }
    }
    report(arguments, &proposed, &[Written { migration, rollback }]);
    Outcome::Fine
}

/// The files of a proposal, relative to the working directory.
fn paths(project: &Project, proposal: &Proposal) -> (Utf8PathBuf, Utf8PathBuf) {
    let file = format!("{}.sql", proposal.id);
    (project.dir.join(MIGRATIONS).join(&file), project.dir.join(ROLLBACKS).join(&file))
}

/// The number that follows the last one.
pub(crate) fn next_version(numbering: Numbering, last: Option<i64>) -> i64 {
    let next = last.map_or(1, |last| last + 1);
    match numbering {
        Numbering::Sequential => next,
        Numbering::Timestamp => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            next.max(i64::try_from(now).unwrap_or(0))
        }
    }
}

struct Written {
    migration: Utf8PathBuf,
    rollback: Utf8PathBuf,
}

/// The rollback first: a migration without its rollback must not be left behind, the reverse is harmless and undone.
fn write(project: &Project, proposal: &Proposal) -> Result<Written, String> {
    let (migration, rollback) = paths(project, proposal);
    files::write_new(&rollback, &proposal.rollback).map_err(|error| format!("cannot write `{rollback}`: {error}"))?;
    if let Err(error) = files::write_new(&migration, &proposal.migration) {
        let undone = files::remove(&rollback);
        let left = undone.err().map(|undo| format!("; `{rollback}` is left behind: {undo}")).unwrap_or_default();
        return Err(format!("cannot write `{migration}`: {error}{left}"));
    }
    Ok(Written { migration, rollback })
}

/// What `db-diff` and `check` found, for machines.
#[derive(Serialize, Default)]
pub(crate) struct Report {
    changes: Vec<ChangeReport>,
    compatible: bool,
    hazards: Vec<HazardReport>,
    migration: Option<String>,
    rollback: Option<String>,
    /// The migration that must follow, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<Box<Report>>,
    errors: Vec<ErrorDescription>,
}

impl Report {
    /// Of a plan, with the hazards that the caller does not want.
    pub(crate) fn of(plan: &Plan, denied: impl Fn(HazardKind) -> bool) -> Self {
        let changes = plan.changes.iter().map(|change| ChangeReport {
            change: change.kind.word(),
            object: change.id.to_string(),
            details: change.details.clone(),
        });
        Self {
            changes: changes.collect(),
            compatible: plan.is_compatible(),
            hazards: HazardReport::of(&plan.hazards, denied),
            ..Self::default()
        }
    }

    /// Of plans that follow each other.
    pub(crate) fn of_all(plans: &[Plan], denied: impl Fn(HazardKind) -> bool) -> Self {
        let mut all: Option<Self> = None;
        for plan in plans.iter().rev() {
            all = Some(Self { then: all.map(Box::new), ..Self::of(plan, &denied) });
        }
        all.unwrap_or(Self { compatible: true, ..Self::default() })
    }

    /// Of files that are broken.
    pub(crate) fn of_problems(problems: &Diagnostics) -> Self {
        Self::default().with(problems)
    }

    /// With what is wrong beside.
    pub(crate) fn with(self, problems: &Diagnostics) -> Self {
        Self { errors: errors(problems), ..self }
    }
}

#[derive(Serialize)]
struct ChangeReport {
    change: &'static str,
    object: String,
    details: Vec<String>,
}

/// A hazard, and whether the caller does not want it.
#[derive(Serialize)]
pub(crate) struct HazardReport {
    hazard: &'static str,
    sentence: String,
    denied: bool,
}

impl HazardReport {
    pub(crate) fn of(hazards: &[Hazard], denied: impl Fn(HazardKind) -> bool) -> Vec<Self> {
        let report = |hazard: &Hazard| Self {
            hazard: hazard.kind.word(),
            sentence: hazard.sentence.clone(),
            denied: denied(hazard.kind),
        };
        hazards.iter().map(report).collect()
    }
}

fn report(arguments: &Arguments, proposed: &[Proposed], written: &[Written]) {
    match arguments.format {
        Format::Text | Format::Github => {
            print_plans(proposed.iter().map(|one| &one.proposal.plan));
            println!();
            for files in written {
                println!("wrote {}\nwrote {}", files.migration, files.rollback);
            }
            println!(
                "{}",
                match written.is_empty() {
                    true => "pending: run `cargo xtask db-diff` to write the migration",
                    false => "\nreview them, then run `cargo xtask migrate`",
                }
            );
        }
        Format::Json => {
            let mut all: Option<Report> = None;
            for (at, Proposed { proposal, .. }) in proposed.iter().enumerate().rev() {
                all = Some(Report {
                    migration: written.get(at).map(|files| files.migration.to_string()),
                    rollback: written.get(at).map(|files| files.rollback.to_string()),
                    then: all.map(Box::new),
                    ..Report::of(&proposal.plan, |_| false)
                });
            }
            print_json(&all.unwrap_or_default());
        }
    }
}

/// Machines get the errors too, in the form of `describe`.
pub(crate) fn report_problems(format: Format, problems: &Diagnostics) {
    if format == Format::Json {
        print_json(&Report::of_problems(problems));
    }
}

/// What plans do that are a migration each, and risk, for a person.
pub(crate) fn print_plans<'a>(plans: impl Iterator<Item = &'a Plan>) {
    for (at, plan) in plans.enumerate() {
        if at > 0 {
            println!("\nin a migration of its own, since a new value can be used once it is committed:");
        }
        print_plan(plan);
    }
}

fn print_plan(plan: &Plan) {
    for change in &plan.changes {
        println!("{change}");
    }
    if plan.is_compatible() {
        println!("compatible: code that reads these relations as they were goes on working");
    }
    for hazard in &plan.hazards {
        println!("hazard {hazard}");
    }
}
