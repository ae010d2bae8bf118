//! Extensions in migrations: what they bring, where it goes, what is in the way, and what is said of unknown ones.

use std::sync::Arc;

use super::tests::{declare, problems, run};
use crate::catalog::{ServerVersion, describe};
use crate::config::Settings;
use crate::diagnostic::Style;
use crate::extension::{Extension, SHIPPED};
use crate::migration::{MigrationFile, MigrationId};
use crate::source::SourceFile;

#[test]
fn a_view_uses_what_an_extension_brings() {
    insta::assert_snapshot!(declare(
        &["CREATE SCHEMA tools;
           CREATE EXTENSION hstore WITH SCHEMA tools;
           CREATE EXTENSION IF NOT EXISTS citext;
           CREATE EXTENSION IF NOT EXISTS citext;
           CREATE TABLE users (email citext NOT NULL, attributes tools.hstore);"],
        &[(
            "v.sql",
            "CREATE VIEW v AS SELECT lower(email) AS lower, email = 'X' AS same, max(email) AS last,
             attributes OPERATOR(tools.->) 'a' AS a, attributes['b'] AS b, email || 'x' AS longer
             FROM users GROUP BY email, attributes;",
        )],
    ));
}

#[test]
fn what_the_server_refuses_of_extensions_is_refused() {
    insta::assert_snapshot!(problems(&["
        CREATE EXTENSION earthdistance;
        CREATE EXTENSION cube SCHEMA nowhere;
        CREATE EXTENSION cube;
        CREATE EXTENSION cube;
        CREATE EXTENSION earthdistance CASCADE;
        CREATE TABLE t (place cube);
        DROP EXTENSION cube;
        DROP EXTENSION earthdistance;
        DROP EXTENSION cube;
        DROP TYPE cube;
        DROP FUNCTION cube_dim(cube);
        CREATE EXTENSION citext VERSION '1.0';
        ALTER EXTENSION citext UPDATE;
        ALTER EXTENSION citext UPDATE TO '2.0';
        ALTER EXTENSION hstore UPDATE;
        CREATE SCHEMA other;
        CREATE FUNCTION citext_eq(text) RETURNS text LANGUAGE sql AS 'select $1';
        ALTER EXTENSION citext SET SCHEMA other;
        CREATE VIEW v AS SELECT 'a'::citext;
        CREATE VIEW w AS SELECT 'a'::other.citext;
        "]));
}

#[test]
fn a_dropped_extension_takes_everything_along() {
    let before = run(&["CREATE TABLE t (a text)"]).catalog;
    for (name, _) in SHIPPED {
        let state =
            run(&[&format!("CREATE TABLE t (a text); CREATE EXTENSION \"{name}\" CASCADE; DROP EXTENSION \"{name}\"")]);
        if !state.diagnostics.0.is_empty() {
            // Not shipped by the version any more.
            assert!(state.diagnostics.render(Style::Plain).contains("is not known"), "{name}");
            continue;
        }
        let mut after = state.catalog;
        after.extensions.clear();
        if *name != "earthdistance" {
            assert_eq!(describe(&before), describe(&after), "{name}");
            assert_eq!(before.types.len(), after.types.len(), "{name}");
            assert!(after.routines.is_empty() && after.operators.is_empty() && after.casts.is_empty(), "{name}");
            assert_eq!(after.extension_rows, Arc::default(), "{name}");
        }
    }
}

#[test]
fn an_extension_in_the_way_goes_with_cascade_only() {
    insta::assert_snapshot!(problems(&["
        CREATE EXTENSION ltree;
        CREATE TABLE t (id int, path ltree);
        CREATE VIEW v AS SELECT nlevel(path) AS depth FROM t;
        DROP EXTENSION ltree;
        "]));
    let state = run(&["
        CREATE SCHEMA s;
        CREATE EXTENSION ltree SCHEMA s;
        CREATE TABLE t (id int, path s.ltree);
        CREATE VIEW v AS SELECT s.nlevel(path) AS depth FROM t;
        DROP SCHEMA s CASCADE;
        "]);
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    assert_eq!(describe(&state.catalog), "table public.t\n  id integer\n");
}

#[test]
fn an_unknown_extension_is_named_where_a_view_needs_it() {
    insta::assert_snapshot!(problems(&["
        CREATE EXTENSION vector;
        CREATE VIEW untouched AS SELECT 1 AS one;
        CREATE VIEW v AS SELECT '[1]'::vector AS v;
        CREATE VIEW w AS SELECT l2_distance('[1]', '[2]') AS d;
        "]));
}

fn with_captured(name: &str, text: &str, migration: &str) -> String {
    let mut settings = Settings::default();
    settings.extensions.insert(name.to_owned(), SourceFile::new(format!("extensions/{name}.jsonl"), text));
    let file = MigrationFile {
        id: MigrationId { version: 1, name: "m".to_owned() },
        source: SourceFile::new("V1__m.sql", migration),
    };
    let state = super::migrated(&[file], &settings);
    format!("{}{}", state.diagnostics.render(Style::Plain), describe(&state.catalog))
}

#[test]
fn a_captured_extension_is_read() {
    let text = r#"{"extension":{"name":"mood","version":"2.0","server":18,"relocatable":true}}
{"type":{"name":"@.feeling","kind":"enum","category":"E","length":4,"input":"enum_in(cstring, oid)","labels":["sad","ok"]}}
{"relation":{"name":"@.log","kind":"table","columns":[{"name":"at","type":"timestamptz","not_null":true},{"name":"felt","type":"@.feeling[]"}]}}
{"routine":{"name":"@.mood(text)","result":"@.feeling","strict":true,"language":"internal","same_code_as":"upper(text)"}}
"#;
    let migration = "CREATE EXTENSION mood; CREATE VIEW v AS SELECT at, felt[1], mood('x') FROM log;";
    insta::assert_snapshot!(with_captured("mood", text, migration));
    let of_another_server = text.replace(":18", ":15");
    insta::assert_snapshot!(with_captured("mood", &of_another_server, "CREATE EXTENSION mood;"));
    let broken = text.replace("@.feeling[]", "@.feelings");
    insta::assert_snapshot!(with_captured("mood", &broken, migration));
    insta::assert_snapshot!(with_captured("mood", "{}", migration));
}

#[test]
fn modifiers_of_postgis_are_known() {
    let text = r#"{"extension":{"name":"postgis","version":"3.5","server":18,"relocatable":false}}
{"type":{"name":"@.geometry","kind":"base","category":"U","length":-1,"input":"@.geometry_in(cstring)","typmod_input":"@.geometry_typmod_in(cstring[])"}}
{"routine":{"name":"@.geometry_in(cstring)","result":"@.geometry","strict":true,"language":"c"}}
{"routine":{"name":"@.geometry_typmod_in(cstring[])","result":"int4","strict":true,"language":"c"}}
"#;
    let migration =
        "CREATE EXTENSION postgis; CREATE TABLE places (at geometry(Point,4326) NOT NULL, way geometry('LineStringZ'));
        CREATE VIEW v AS SELECT at, way, at::geometry AS bare FROM places;
        CREATE TABLE wrong (at geometry(Circle));";
    insta::assert_snapshot!(with_captured("postgis", text, migration));
}

#[test]
fn every_file_is_what_it_reads_as() {
    for (name, versions) in SHIPPED {
        for text in versions.iter().flatten() {
            let extension = Extension::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(extension.head.name, *name);
            assert_eq!(extension.text().unwrap(), *text, "{name}");
        }
    }
    assert!(SHIPPED.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn every_version_has_the_extensions_that_views_use() {
    for name in [
        "btree_gin",
        "btree_gist",
        "citext",
        "cube",
        "earthdistance",
        "fuzzystrmatch",
        "hstore",
        "intarray",
        "isn",
        "lo",
        "ltree",
        "pg_stat_statements",
        "pg_trgm",
        "pgcrypto",
        "postgres_fdw",
        "tablefunc",
        "unaccent",
        "uuid-ossp",
    ] {
        for version in ServerVersion::ALL {
            assert!(crate::extension::shipped(name, version).is_some(), "{name} of {version:?}");
        }
    }
}
