//! What one version takes for a name and another for a keyword, and syntax that came with some version (`versions.sql`): each
//! script is accepted or refused as every server found does, with its code, and makes the same views.

use postgres::error::ErrorPosition;
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::{Diagnostic, Severity};
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::{canonical, on_deep_stack, parse};
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::for_each_server;

use super::answer::{Whose, of_engine, of_server};
use super::version_of;

/// Blocks between empty lines. `-- from 15` stands above one that older versions read in a way that the engine does not imitate.
fn scripts(major: u32) -> Vec<String> {
    let mut scripts = Vec::new();
    for block in include_str!("versions.sql").split("\n\n") {
        let from = block.lines().find_map(|line| line.strip_prefix("-- from ")?.parse().ok()).unwrap_or(0);
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with("-- ")).collect();
        if major >= from && !lines.is_empty() {
            scripts.push(lines.join("\n"));
        }
    }
    scripts
}

fn run(catalog: &Catalog, settings: &Settings, text: &str) -> (Catalog, Option<Diagnostic>) {
    let file = MigrationFile { id: MigrationId::new(1, "script"), source: SourceFile::new("script.sql", text) };
    let state = replay::replay(catalog.clone(), &[file], settings);
    let problem = state.diagnostics.0.into_iter().find(|problem| problem.severity == Severity::Error);
    (state.catalog, problem)
}

/// The script in canonical text, which is to mean the same.
fn canonical_script(settings: &Settings, text: &str) -> Option<String> {
    let statements = parse(&SourceFile::new("script.sql", text), settings.server_version).ok()?;
    let texts: Result<Vec<String>, String> = statements.iter().map(|statement| canonical(&statement.node)).collect();
    texts.ok().map(|texts| texts.join(";\n"))
}

#[test]
fn words_and_syntax_are_those_of_the_version() {
    for_each_server(|server| {
        let settings = Settings { server_version: version_of(server), ..Settings::default() };
        let nothing = Catalog::new(settings.server_version);
        let database = server.empty_database();
        let mut client = database.connect();
        let mut wrong = Vec::new();
        for text in scripts(server.major()) {
            let (made, problem) = on_deep_stack(|| run(&nothing, &settings, &text));
            let mut transaction = client.transaction().unwrap();
            let refused = transaction.batch_execute(&text).err().and_then(|error| error.as_db_error().cloned());
            match (&problem, &refused) {
                (None, None) => {
                    let found = of_server(&mut transaction, Whose::User).unwrap();
                    let own = of_engine(&made, &settings.search_path);
                    for (name, found) in &found {
                        let lines = own.get(name).map_or(vec!["missing".to_owned()], |own| own.difference(found));
                        if !lines.is_empty() {
                            wrong.push(format!("{text}\n    {name}: {}", lines.join("\n    ")));
                        }
                    }
                    transaction.rollback().unwrap();
                    let Some(canonical) = on_deep_stack(|| canonical_script(&settings, &text)) else { continue };
                    let mut transaction = client.transaction().unwrap();
                    if let Err(error) = transaction.batch_execute(&canonical) {
                        wrong.push(format!("{text}\n    canonical: {canonical}\n    {error:?}"));
                    } else if of_server(&mut transaction, Whose::User).unwrap() != found {
                        wrong.push(format!("{text}\n    means something else: {canonical}"));
                    }
                    transaction.rollback().unwrap();
                    continue;
                }
                (Some(problem), Some(error)) => {
                    let place = problem.place.as_ref().map(|(_, span)| text[..span.start].chars().count() + 1);
                    let expected = match error.position() {
                        Some(ErrorPosition::Original(at)) => Some(*at as usize),
                        _ => None,
                    };
                    let code = problem.sqlstate.map_or("none", |code| code.0);
                    // Where a grammar gives up is its own matter.
                    let same_place = code == "42601" || expected.is_none() || place == expected;
                    if code != error.code().code() || !same_place {
                        wrong.push(format!(
                            "{text}\n    server {} {expected:?} {}\n    engine {code} {place:?} {}",
                            error.code().code(),
                            error.message(),
                            problem.message
                        ));
                    }
                }
                (None, Some(error)) => {
                    wrong.push(format!(
                        "{text}\n    only the server refuses: {} {}",
                        error.code().code(),
                        error.message()
                    ));
                }
                (Some(problem), None) => {
                    wrong.push(format!("{text}\n    only the engine refuses: {}", problem.message))
                }
            }
            transaction.rollback().unwrap();
        }
        assert!(wrong.is_empty(), "{} on {}\n{}", wrong.len(), server.version(), wrong.join("\n"));
    });
}
