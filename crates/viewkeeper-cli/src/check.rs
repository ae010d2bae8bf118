//! `check`: everything that CI should know, without a server.

use viewkeeper_engine::hazard::HazardKind;
use viewkeeper_engine::plan::plan;

use crate::arguments::{Arguments, Check, Format};
use crate::context;
use crate::db_diff::{Report, print_plan, report_problems};
use crate::output::{Outcome, print_json, print_problems};

pub(crate) fn run(arguments: &Arguments, options: &Check) -> Outcome {
    let (project, states) = match context::states_of(arguments) {
        Ok(states) => states,
        // For a check, a broken definition is a finding and not a failure of the command.
        Err(problems) => {
            report_problems(arguments.format, &problems);
            return Outcome::Found;
        }
    };
    let plan = match plan(&states.migrated, &states.declared) {
        Ok(plan) => plan,
        Err(problems) => {
            print_problems(&problems);
            report_problems(arguments.format, &problems);
            return Outcome::Found;
        }
    };
    let denied = |kind: HazardKind| options.deny.contains(&kind);
    if arguments.format == Format::Json {
        print_json(&Report::of(&plan, denied));
        return if plan.is_empty() { Outcome::Fine } else { Outcome::Found };
    }
    if plan.is_empty() {
        println!(
            "fine: {} definitions, {} migrations, nothing pending",
            project.definitions.len(),
            project.migrations.len()
        );
        return Outcome::Fine;
    }
    print_plan(&plan);
    println!("\npending: run `cargo xtask db-diff` to write the migration");
    for hazard in plan.hazards.iter().filter(|hazard| denied(hazard.kind)) {
        println!("denied {hazard}");
    }
    Outcome::Found
}
