//! How long a build script takes until it knows what a project declares: from nothing, with what the build before left of the
//! migrated state, and when a migration came since: `cargo bench -p viewkeeper-engine --bench build`, or with
//! `--profile dev` as build scripts run. Numbers after `--` are counts of views. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

mod measured;

use std::hint::black_box;

use measured::{Shape, average_and_elapsed, migration, milliseconds, project};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::states::states_since;

/// What passes, in milliseconds.
fn elapsed(project: &Project, left: &[u8]) -> f64 {
    milliseconds(average_and_elapsed(|| _ = black_box(states_since(project, left))).1)
}

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![100, 1_000, 10_000] } else { counts };
    println!("| views, one of them edited | from nothing | with what was left | one migration later | left | |");
    println!("|---|---|---|---|---|---|");
    on_deep_stack(|| {
        for shape in [Shape::Independent, Shape::ChainsOfTen] {
            for &count in &counts {
                let mut project = project(shape, count);
                let left = states_since(&project, &[]).1.expect("a sound state");
                let (nothing, edited) = (elapsed(&project, &[]), elapsed(&project, &left));
                project.migrations.push(migration(3, "CREATE TABLE later (id bigint PRIMARY KEY);".to_owned()));
                let later = elapsed(&project, &left);
                let size = left.len() / 1024;
                println!(
                    "| {count} | {nothing:.0} ms | {edited:.0} ms | {later:.0} ms | {size} kB | {} |",
                    shape.words()
                );
            }
        }
    });
}
