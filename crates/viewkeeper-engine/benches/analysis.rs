//! How long the analysis of views takes, against the time that the parser alone takes for the same files, and what it
//! needs: `cargo bench -p viewkeeper-engine --bench analysis`, or with `--profile dev` as `cargo xtask` runs. Nothing is
//! asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

mod measured;

use std::hint::black_box;
use std::time::Instant;

use measured::{Shape, TABLES, average, clock, definitions, migration, milliseconds, peak_memory};
use viewkeeper_engine::analyse::{Made, ViewQuery, analyse_query};
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::complete::{TypedQuery, complete};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::parser::{NodeEnum, Statement, on_deep_stack, parse};
use viewkeeper_engine::replay::{declared, migrated};

/// What is known of the query of every view among some statements.
fn analyse(catalog: &Catalog, statements: &[Statement], search_path: &[String]) {
    for statement in statements {
        let NodeEnum::ViewStmt(view) = &statement.node else { continue };
        let Some(NodeEnum::SelectStmt(query)) = view.query.as_ref().and_then(|query| query.node.as_ref()) else {
            continue;
        };
        let file = &statement.file;
        let request = ViewQuery { file, query, column_aliases: &[], search_path, relation: "", made: Made::View };
        let analysed = analyse_query(catalog, &request).expect("a view");
        let typed = TypedQuery { tree: &analysed.tree, columns: &analysed.columns, search_path, provenance: None };
        black_box(complete(catalog, typed));
    }
}

fn main() {
    let start = Instant::now();
    let relations = Catalog::new(ServerVersion::V15)
        .system()
        .relation_by_name(viewkeeper_engine::catalog::oids::PG_CATALOG, "pg_class");
    let loaded = start.elapsed();
    assert!(relations.is_some(), "PostgreSQL's own catalog");

    let settings = Settings::default();
    let tables = migrated(&[migration(1, TABLES.to_owned())], &settings).catalog;
    // First, while the process has done nothing else.
    let many = declared(&tables, &definitions(Shape::Independent, 10_000, false), &settings);
    assert!(!many.diagnostics.has_errors(), "{:?}", many.diagnostics);
    let peak = peak_memory();
    match peak {
        Some(peak) => println!("- most memory while 10000 definitions become the declared state: {peak} MB"),
        None => println!("- most memory: not told by this system"),
    }
    drop(many);
    println!("- catalog loaded, with a first row read from it: {:.3} ms", milliseconds(loaded));
    on_deep_stack(|| {
        println!(
            "\n{}, average of a few runs:\n\n| views | parse | analyse | ratio | |\n|---|---|---|---|---|",
            clock()
        );
        for (shape, count) in [(Shape::Independent, 1_000), (Shape::ChainsOfTen, 1_000)] {
            let files = definitions(shape, count, false);
            let catalog = declared(&tables, &files, &settings).catalog;
            let parsed = average(|| {
                for file in &files {
                    black_box(parse(file, ServerVersion::LATEST).expect("SQL"));
                }
            });
            let statements: Vec<Vec<Statement>> =
                files.iter().map(|file| parse(file, ServerVersion::LATEST).expect("SQL")).collect();
            let analysed = average(|| {
                for statements in &statements {
                    analyse(&catalog, statements, &settings.search_path);
                }
            });
            println!(
                "| {count} | {:.1} ms | {:.1} ms | {:.2} | {} |",
                milliseconds(parsed),
                milliseconds(analysed),
                analysed.as_secs_f64() / parsed.as_secs_f64(),
                shape.words()
            );
        }
    });
}
