//! What is wrong with a view, told as a compiler tells it: a table of mistakes (`refused/views.sql`), each with the whole
//! message as a snapshot, and with the code and the cursor of every server found.

use std::fmt::Write as _;

use postgres::error::ErrorPosition;
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::{Diagnostic, Severity, Style};
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::for_each_server;

use super::version_of;

const SCHEMA: &str = include_str!("refused/schema.sql");
const VIEWS: &str = include_str!("refused/views.sql");

/// Where the engine's caret stands elsewhere than the server's cursor, on purpose: the statement, and why.
const OTHER_PLACES: [(&str, &str); 0] = [];

/// A class of mistakes with its statements.
struct Class {
    name: &'static str,
    statements: Vec<&'static str>,
}

fn classes() -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::new();
    for part in VIEWS.split("-- ").filter(|part| !part.is_empty()) {
        let (name, statements) = part.split_once('\n').expect("a name and statements");
        let statements = statements.split(";\n").map(str::trim).filter(|text| !text.is_empty()).collect();
        classes.push(Class { name, statements });
    }
    classes
}

fn migrated(settings: &Settings) -> Catalog {
    let setup = MigrationFile { id: MigrationId::new(1, "schema"), source: SourceFile::new("schema.sql", SCHEMA) };
    let state = replay::migrated(&[setup], settings);
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    state.catalog
}

/// The first error that the engine has with a definition.
fn refusal(catalog: &Catalog, settings: &Settings, path: &str, text: &str) -> Option<Diagnostic> {
    let definition = SourceFile::new(path, text);
    let state = on_deep_stack(|| replay::declared(catalog, &[definition], settings));
    state.diagnostics.0.into_iter().find(|problem| problem.severity == Severity::Error)
}

#[test]
fn mistakes_are_told_as_a_compiler_tells_them() {
    let settings = Settings::default();
    let catalog = migrated(&settings);
    for class in classes() {
        let name = class.name.replace([' ', '-'], "_");
        let mut told = String::new();
        for text in class.statements {
            let told_as = refusal(&catalog, &settings, &format!("views/{name}.sql"), text)
                .map_or_else(|| "accepted".to_owned(), |problem| problem.render(Style::Plain));
            writeln!(told, "{told_as}\n").unwrap();
        }
        insta::with_settings!({ snapshot_path => "refused", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, told);
        });
    }
}

#[test]
fn mistakes_have_the_code_and_the_place_that_servers_give_them() {
    for_each_server(|server| {
        let settings = Settings { server_version: version_of(server), ..Settings::default() };
        let catalog = migrated(&settings);
        let database = server.database(SCHEMA);
        let mut client = database.connect();
        let mut wrong = Vec::new();
        for text in classes().iter().flat_map(|class| &class.statements) {
            let mut transaction = client.transaction().unwrap();
            let outcome = transaction.batch_execute(text);
            transaction.rollback().unwrap();
            let refused = outcome.err().and_then(|error| error.as_db_error().cloned());
            let server = refused.as_ref().map(|error| {
                let place = match error.position() {
                    Some(ErrorPosition::Original(at)) => Some(*at as usize),
                    _ => None,
                };
                (error.code().code().to_owned(), place)
            });
            let engine = refusal(&catalog, &settings, "view.sql", text);
            let found = engine.as_ref().map(|problem| {
                let place = problem.place.as_ref().map(|(_, span)| text[..span.start].chars().count() + 1);
                (problem.sqlstate.map_or("none", |code| code.0).to_owned(), place)
            });
            let same = match (&server, &found) {
                (Some((code, place)), Some((own_code, own_place))) => {
                    let elsewhere = OTHER_PLACES.iter().any(|(other, _)| other == text);
                    code == own_code && (place.is_none() || (place == own_place) != elsewhere)
                }
                (None, None) => true,
                _ => false,
            };
            if !same {
                let words = refused.map(|error| error.message().to_owned()).unwrap_or_default();
                let own = engine.map(|problem| problem.message).unwrap_or_default();
                wrong.push(format!("{text}\n    server {server:?} {words}\n    engine {found:?} {own}"));
            }
        }
        assert!(wrong.is_empty(), "{} on {}\n{}", wrong.len(), server.version(), wrong.join("\n"));
    });
}

#[test]
fn views_that_need_each_other_are_named() {
    let settings = Settings::default();
    let catalog = migrated(&settings);
    let definitions = [
        ("views/a.sql", "create view a as\nselect b.id, users.name\nfrom b\njoin users using (id);"),
        ("views/b.sql", "create view b as select c.id from c;"),
        ("views/c.sql", "create view c as select id from (select id from a) x;"),
        ("views/d.sql", "create view d as select id from a;"),
        ("views/own.sql", "create view own as select id from users union all select id from own;"),
    ]
    .map(|(path, text)| SourceFile::new(path, text));
    let state = on_deep_stack(|| replay::declared(&catalog, &definitions, &settings));
    insta::with_settings!({ snapshot_path => "refused", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("cyclic_views", state.diagnostics.render(Style::Plain));
    });
}
