//! `check`: everything that CI should know, without a server.

use serde::Serialize;
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::hazard::{Hazard, HazardKind};
use viewkeeper_engine::proposal::pending;
use viewkeeper_engine::written::{Written, written};

use crate::arguments::{Arguments, Check, Format};
use crate::context;
use crate::database::connect;
use crate::db_diff::{HazardReport, Report, print_plans, report_problems};
use crate::github::annotate_plan;
use crate::nulls::{self, NullReport};
use crate::output::{Outcome, print_error, print_json, print_problems};

pub(crate) fn run(arguments: &Arguments, options: &Check) -> Outcome {
    let (project, states) = match context::states_of(arguments) {
        Ok(states) => states,
        // For a check, a broken definition is a finding and not a failure of the command.
        Err(problems) => {
            report_problems(arguments.format, &problems);
            return Outcome::Found;
        }
    };
    let mut written = written(&project, options.since);
    let mut problems = Diagnostics::default();
    written.iter_mut().for_each(|written| problems.extend(std::mem::take(&mut written.problems)));
    print_problems(&problems);
    written.retain(|written| options.since.is_some_and(|since| written.id.version > since));
    let plans = match pending(&project, &states) {
        Ok(plans) => plans,
        Err(refused) => {
            print_problems(&refused);
            problems.extend(refused);
            report_problems(arguments.format, &problems);
            return Outcome::Found;
        }
    };
    let denied = |kind: HazardKind| options.deny.contains(&kind);
    let deny = |hazards: &[Hazard]| hazards.iter().any(|hazard| denied(hazard.kind));
    let found = !plans.is_empty() || problems.has_errors() || written.iter().any(|written| deny(&written.hazards));
    let nulls = match nulls_of(arguments, options, &states.declared) {
        Ok(nulls) => nulls,
        Err(outcome) => return outcome,
    };
    let found = found || nulls.iter().any(NullReport::is_null);
    let outcome = match found {
        true => Outcome::Found,
        false if nulls.iter().any(NullReport::is_open) => Outcome::Failed,
        false => Outcome::Fine,
    };
    if arguments.format == Format::Json {
        print_json(&CheckReport {
            pending: Report::of_all(&plans, denied).with(&problems),
            migrations: written.iter().map(|written| WrittenReport::of(written, denied)).collect(),
            nulls,
        });
        return outcome;
    }
    for written in written.iter().filter(|written| !written.hazards.is_empty()) {
        println!("{}", written.id);
        written.hazards.iter().for_each(|hazard| println!("hazard {hazard}"));
    }
    if arguments.format == Format::Github {
        plans.iter().for_each(|plan| annotate_plan(plan, &states));
    }
    print_plans(plans.iter());
    if !plans.is_empty() {
        println!("\npending: run `cargo xtask db-diff` to write the migration");
    }
    let everything = written.iter().flat_map(|written| &written.hazards);
    let everything = everything.chain(plans.iter().flat_map(|plan| &plan.hazards));
    for hazard in everything.filter(|hazard| denied(hazard.kind)) {
        println!("denied {hazard}");
    }
    nulls.iter().for_each(NullReport::print);
    if outcome == Outcome::Fine {
        println!(
            "fine: {} definitions, {} migrations, nothing pending",
            project.definitions.len(),
            project.migrations.len()
        );
    }
    outcome
}

/// What `check` found, for machines.
#[derive(Serialize)]
struct CheckReport {
    #[serde(flatten)]
    pending: Report,
    migrations: Vec<WrittenReport>,
    /// With `--nulls`: the columns that are not null by a person's word alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nulls: Vec<NullReport>,
}

fn nulls_of(arguments: &Arguments, options: &Check, declared: &Catalog) -> Result<Vec<NullReport>, Outcome> {
    if !options.nulls {
        return Ok(Vec::new());
    }
    let mut client = connect(arguments)?;
    nulls::ask(&mut client, declared, options.timeout).map_err(|problem| {
        print_error(&problem, None);
        Outcome::Failed
    })
}

/// A migration that is written and not released.
#[derive(Serialize)]
struct WrittenReport {
    migration: String,
    hazards: Vec<HazardReport>,
}

impl WrittenReport {
    fn of(written: &Written, denied: impl Fn(HazardKind) -> bool) -> Self {
        Self { migration: written.id.to_string(), hazards: HazardReport::of(&written.hazards, denied) }
    }
}
