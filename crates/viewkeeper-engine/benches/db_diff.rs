//! How long `db-diff` takes with one change among many views, against the time that the parser alone takes for the same
//! files: `cargo bench -p viewkeeper-engine --bench db_diff`, or with `--profile dev` as `cargo xtask` runs. Numbers after
//! `--` are counts of views. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

mod measured;

use std::hint::black_box;

use measured::{Shape, average, average_and_elapsed, clock, milliseconds, project};
use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::parser::{on_deep_stack, parse};
use viewkeeper_engine::project::Project;
use viewkeeper_engine::proposal::{Proposal, propose};
use viewkeeper_engine::states::states;

fn db_diff(project: &Project) -> Proposal {
    let states = states(project);
    assert!(!states.problems.has_errors(), "{:?}", states.problems);
    propose(project, &states.migrated, &states.declared, 3, None).expect("a plan").expect("a change")
}

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![100, 1_000, 10_000] } else { counts };
    println!("{}, average of a few runs:\n", clock());
    println!("| views | parse | db-diff | ratio | elapsed | |\n|---|---|---|---|---|---|");
    on_deep_stack(|| {
        for shape in [Shape::Independent, Shape::ChainsOfTen, Shape::Fan] {
            for &count in &counts {
                let project = project(shape, count);
                let parsed = average(|| {
                    for file in &project.definitions {
                        black_box(parse(file, ServerVersion::LATEST).expect("SQL"));
                    }
                });
                let (planned, elapsed) = average_and_elapsed(|| {
                    black_box(db_diff(&project));
                });
                println!(
                    "| {count} | {:.1} ms | {:.1} ms | {:.1} | {:.1} ms | {} |",
                    milliseconds(parsed),
                    milliseconds(planned),
                    planned.as_secs_f64() / parsed.as_secs_f64(),
                    milliseconds(elapsed),
                    shape.words()
                );
            }
        }
    });
}
