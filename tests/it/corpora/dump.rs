//! What pg_dump writes of a database, replayed: without a warning, and to the same state.

use std::process::Command;

use postgres::Client;
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::installations;
use viewkeeper_live::testing::TestDatabase;

use super::state;

/// The plain dump of a database's schema; `None` where there is no pg_dump that reads a server of this version.
pub(super) fn dump(database: &TestDatabase) -> Option<String> {
    let major = database.server().major();
    let mut found = installations().iter().filter(|one| one.major >= major && one.program("pg_dump").is_file());
    let output = Command::new(found.next()?.program("pg_dump"))
        .args(["--schema-only", "--dbname", &database.url()])
        .output()
        .unwrap_or_else(|error| panic!("pg_dump: {error}"));
    assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What is wrong with the replay of a dump: warnings, errors, and differences from the database.
pub(super) fn replay_problems(text: &str, client: &mut Client, settings: &Settings) -> Vec<String> {
    // From 15.14 on a dump is fenced by two commands of psql.
    let plain: Vec<&str> = text.lines().map(|line| if line.starts_with('\\') { "" } else { line }).collect();
    let file = MigrationFile { id: MigrationId::new(1, "dump"), source: SourceFile::new("dump.sql", plain.join("\n")) };
    let replayed = replay::migrated(&[file], settings);
    let mut found: Vec<String> = replayed
        .diagnostics
        .0
        .iter()
        .map(|problem| {
            let place = problem.place.as_ref();
            let line = place.map(|(file, span)| file.text[span.start..].lines().next().unwrap_or_default().to_owned());
            format!("{}: {}", problem.message, line.unwrap_or_default())
        })
        .collect();
    found.extend(state::difference(client, &replayed.catalog).1);
    found
}
