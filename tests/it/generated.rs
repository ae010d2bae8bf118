//! Law 7, the half about code: generated rows are compared with the files in `tests/generated`, built here with
//! warnings denied, and read from every server. `INSTA_UPDATE=always` writes the files anew.

use std::path::Path;

use camino::Utf8Path;
use viewkeeper::{Migrations, Options, Policy, RelationDescription, View};
use viewkeeper_engine::generate::generate;
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::states::states;
use viewkeeper_live::testing::for_each_server;

#[deny(warnings, missing_docs, clippy::all)]
#[allow(unreachable_pub, dead_code, reason = "in a program nobody else sees them")]
pub mod names {
    include!("../generated/names/rows.rs");
}
#[deny(warnings, missing_docs, clippy::all)]
#[allow(unreachable_pub, dead_code, reason = "in a program nobody else sees them")]
pub mod types {
    include!("../generated/types/rows.rs");
}

/// What `commands::adopt` generates for the schema that it adopts.
#[deny(warnings, missing_docs, clippy::all)]
#[allow(unreachable_pub, dead_code, reason = "in a program nobody else sees them")]
pub mod adopted {
    include!("../generated/adopted/rows.rs");
}

/// Generates the rows of a folder of `tests/generated`, and compares.
fn check(name: &str) -> Project {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("generated").join(name);
    let (project, problems) = Project::load(&folder, &Utf8Path::new("tests/generated").join(name));
    assert!(!problems.has_errors(), "{}", problems.render(viewkeeper_engine::diagnostic::Style::Plain));
    let (rows, problems) = on_deep_stack(|| {
        let states = states(&project);
        let problems = states.problems.render(viewkeeper_engine::diagnostic::Style::Plain);
        assert!(!states.problems.has_errors(), "{problems}");
        generate(&states.declared, &project.settings)
    });
    assert!(!problems.has_errors(), "{}", problems.render(viewkeeper_engine::diagnostic::Style::Plain));
    let golden = folder.join("rows.rs");
    if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
        std::fs::write(&golden, &rows).unwrap();
    }
    let held = std::fs::read_to_string(Path::new(golden.as_str())).unwrap();
    assert_eq!(rows, held, "generated rows changed: look at the difference, then `INSTA_UPDATE=always`");
    project
}

/// The folder's database on every server: what was generated is what is there, and `read` can read it.
fn check_live(project: &Project, relations: &[RelationDescription], read: impl Fn(&mut postgres::Client)) {
    let sources = project.migrations.iter().map(|file| &file.source).chain(&project.definitions);
    let sql: String = sources.map(|source| format!("{}\n", source.text)).collect();
    for_each_server(|server| {
        let database = server.database(&sql);
        let mut client = database.connect();
        let found = Migrations::embedded(&[], &[]).verify(&mut client, relations, &Policy::strict(), &Options::new());
        assert_eq!(found.unwrap_or_else(|error| panic!("{error}")), []);
        read(&mut client);
    });
}

/// Every row can be read.
fn count<T: View>(client: &mut postgres::Client) -> usize {
    T::all(client).unwrap_or_else(|error| panic!("{error}")).len()
}

#[test]
fn names_that_are_no_identifiers() {
    let project = check("names");
    check_live(&project, names::RELATIONS, |client| {
        client
            .batch_execute(
                r#"INSERT INTO "self" ("type", "user_id", "30 days", "gen", "async")
                   VALUES (1, 2, '🎉', '{self,Self,NULL}', ROW('c', 3, '{1.50}'));
                   INSERT INTO "string" DEFAULT VALUES;
                   INSERT INTO "i64"."self" SELECT '', s FROM "string" s;
                   INSERT INTO "none" DEFAULT VALUES;
                   REFRESH MATERIALIZED VIEW "Self Service"."Übersicht""#,
            )
            .unwrap();
        assert_eq!(count::<names::Self_>(client), 1);
        assert_eq!(count::<names::Match>(client), 1);
        assert_eq!(count::<names::i64_::Self_>(client), 1);
        assert_eq!(count::<names::self_service::Übersicht>(client), 1);
    });
}

#[test]
fn every_kind_of_type() {
    let project = check("types");
    check_live(&project, types::RELATIONS, |client| {
        assert_eq!(count::<types::Everything>(client), 2);
        assert_eq!(count::<types::Summary>(client), 2);
    });
}
