//! Statements that change rows, in rules and in bodies of SQL functions (`statements/*.sql`), over the tables of everyday
//! SQL: accepted or refused with the same code at the same place, and what `pg_depend` records of them.

use std::collections::BTreeMap;

use postgres::error::ErrorPosition;
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::Severity;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::for_each_server;

use super::answer::{Answer, parts_of_engine, parts_of_server};
use super::version_of;

const SCHEMA: &str = include_str!("schema.sql");
const OWN_SCHEMA: &str = include_str!("statements/schema.sql");
const FILES: [(&str, &str); 2] =
    [("rules", include_str!("statements/rules.sql")), ("bodies", include_str!("statements/bodies.sql"))];

/// What came of a statement: the rules and routines that it made, or its code and place.
#[derive(Debug, PartialEq)]
enum Outcome {
    Made(BTreeMap<String, Answer>),
    Refused { code: String, place: Option<usize>, words: String },
}

/// A statement, and the first version that has all of it.
struct Sample {
    place: String,
    since: u32,
    text: &'static str,
}

/// Blocks between empty lines; `-- since 17` may stand above one.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (file, text) in FILES {
        let mut line = 1;
        for block in text.split("\n\n") {
            let (since, sql) = match block.trim_start().strip_prefix("-- since ") {
                Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
                None => ("14", block),
            };
            if !sql.trim().is_empty() && !sql.trim().lines().all(|line| line.starts_with("--")) {
                let since = since.trim().parse().expect("a version");
                samples.push(Sample { place: format!("{file}.sql:{line}"), since, text: sql.trim() });
            }
            line += block.matches('\n').count() + 2;
        }
    }
    samples
}

fn of_engine(catalog: &Catalog, settings: &Settings, text: &str, before: &BTreeMap<String, Answer>) -> Outcome {
    let migration =
        MigrationFile { id: MigrationId::new(2, "statement"), source: SourceFile::new("statement.sql", text) };
    let state = on_deep_stack(|| replay::replay(catalog.clone(), &[migration], settings));
    let problem = state.diagnostics.0.into_iter().find(|problem| problem.severity == Severity::Error);
    match problem {
        Some(problem) => Outcome::Refused {
            code: problem.sqlstate.map_or("none", |code| code.0).to_owned(),
            place: problem.place.as_ref().map(|(_, span)| text[..span.start].chars().count() + 1),
            words: problem.message,
        },
        None => Outcome::Made(without(parts_of_engine(&state.catalog), before)),
    }
}

fn without(mut all: BTreeMap<String, Answer>, before: &BTreeMap<String, Answer>) -> BTreeMap<String, Answer> {
    all.retain(|name, _| !before.contains_key(name));
    all
}

#[test]
fn statements_that_change_rows_are_analysed_as_the_server_does() {
    let samples = samples();
    let schema = format!("{SCHEMA}\n{OWN_SCHEMA}");
    for_each_server(|server| {
        let settings = Settings { server_version: version_of(server), ..Settings::default() };
        let setup =
            MigrationFile { id: MigrationId::new(1, "schema"), source: SourceFile::new("schema.sql", schema.as_str()) };
        let migrated = replay::migrated(&[setup], &settings);
        assert!(!migrated.diagnostics.has_errors(), "{:?}", migrated.diagnostics);
        let before = parts_of_engine(&migrated.catalog);
        let database = server.database(&schema);
        let mut client = database.connect();
        let (mut wrong, mut made, mut refused) = (Vec::new(), 0, 0);
        for sample in samples.iter().filter(|sample| sample.since <= server.major()) {
            let mut transaction = client.transaction().unwrap();
            let of_server = match transaction.batch_execute(sample.text) {
                Ok(()) => Outcome::Made(without(parts_of_server(&mut transaction).unwrap(), &before)),
                Err(error) => {
                    let error = error.as_db_error().expect("an error of the server").clone();
                    let place = match error.position() {
                        Some(ErrorPosition::Original(at)) => Some(*at as usize),
                        _ => None,
                    };
                    let words = error.message().to_owned();
                    Outcome::Refused { code: error.code().code().to_owned(), place, words }
                }
            };
            transaction.rollback().unwrap();
            let of_engine = of_engine(&migrated.catalog, &settings, sample.text, &before);
            let lines = match (&of_server, &of_engine) {
                (Outcome::Made(server), Outcome::Made(engine)) => {
                    made += 1;
                    let names: std::collections::BTreeSet<_> = server.keys().chain(engine.keys()).collect();
                    let differences = names.into_iter().flat_map(|name| match (server.get(name), engine.get(name)) {
                        (Some(server), Some(engine)) => engine.difference(server),
                        (server, _) => {
                            vec![format!("{name}: only the {}", if server.is_some() { "server" } else { "engine" })]
                        }
                    });
                    differences.collect()
                }
                (Outcome::Refused { code, place, .. }, Outcome::Refused { code: own_code, place: own_place, .. })
                    if code == own_code && (place.is_none() || place == own_place) =>
                {
                    refused += 1;
                    Vec::new()
                }
                _ => vec![format!("server {of_server:?}"), format!("engine {of_engine:?}")],
            };
            if !lines.is_empty() {
                wrong.push(format!("{}: {}\n    {}", sample.place, sample.text, lines.join("\n    ")));
            }
        }
        println!("PostgreSQL {} | statements that change rows | {made} made | {refused} refused", server.version());
        assert!(wrong.is_empty(), "{} on {}\n{}", wrong.len(), server.version(), wrong.join("\n"));
    });
}
