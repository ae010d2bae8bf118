//! Law 6 for what extensions bring: every operator, function, cast, view and type of every extension that comes with
//! viewkeeper, used in views, is on every server what the engine says. And the rows that are built in are those that
//! the servers have.

use std::collections::BTreeMap;
use std::sync::Arc;

use postgres::Client;
use viewkeeper_engine::catalog::system::{Rows, System};
use viewkeeper_engine::catalog::{Catalog, Member, Oid, RoutineKind, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::{Severity, Style};
use viewkeeper_engine::extension::{SHIPPED, shipped};
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::name::quote_ident;
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::replay;
use viewkeeper_engine::resolve::Resolver;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::{TestServer, for_each_server};
use viewkeeper_live::{read_extension, read_shipped_extensions, rows_of_server};

use crate::analysis::answer::{Whose, of_engine, of_server};
use crate::case::Case;

/// PostgreSQL's own types that those of an extension are tried with.
const OTHERS: [&str; 12] =
    ["text", "varchar", "bpchar", "name", "int4", "int8", "float8", "numeric", "jsonb", "text[]", "int4[]", "bytea"];

fn version_of(server: &TestServer) -> ServerVersion {
    ServerVersion::from_major(server.major()).expect("a supported version")
}

fn settings(server: &TestServer) -> Settings {
    let search_path = vec!["ext".to_owned(), "public".to_owned()];
    Settings { server_version: version_of(server), search_path, ..Settings::default() }
}

fn migrated(settings: &Settings, sql: &str) -> Catalog {
    let file =
        MigrationFile { id: MigrationId::new(1, "extension"), source: SourceFile::new("V1__extension.sql", sql) };
    let state = replay::migrated(&[file], settings);
    assert_eq!(state.diagnostics.render(Style::Plain), "", "{sql}");
    state.catalog
}

/// A query for everything that an extension brings.
fn queries(catalog: &Catalog, search_path: &[String], extension: &str) -> Vec<String> {
    let resolver = Resolver::new(catalog, search_path);
    let null = |oid: Oid| format!("NULL::{}", resolver.type_text(oid));
    let mut queries = Vec::new();
    for member in &catalog.extensions[extension].members {
        match *member {
            Member::Operator(oid) => {
                let row = catalog.operator(oid).unwrap();
                let (name, right) = (&row.name, null(row.right));
                if !row.left.is_valid() {
                    queries.push(format!("SELECT {name} {right} AS c"));
                    continue;
                }
                let left = null(row.left);
                queries.push(format!("SELECT {left} {name} {right} AS c"));
                queries.push(format!("SELECT {left} {name} NULL AS c"));
                queries.push(format!("SELECT NULL {name} {right} AS c"));
                queries.push(format!("SELECT {left} {name} ANY (ARRAY[{right}]) AS c"));
                queries.push(format!("SELECT {left} {name} NULL::text AS c"));
            }
            Member::Routine(oid) => {
                let row = catalog.routine(oid).unwrap();
                let name = quote_ident(&row.name);
                let arguments: Vec<String> = row.inputs.iter().map(|input| null(*input)).collect();
                let untyped = vec!["NULL"; arguments.len()].join(", ");
                let star = if row.kind == RoutineKind::Aggregate && arguments.is_empty() { "*" } else { "" };
                let typed = arguments.join(", ");
                queries.push(format!("SELECT {name}({typed}{star}) AS c"));
                queries.push(format!("SELECT {name}({untyped}{star}) AS c"));
                if row.kind != RoutineKind::Aggregate {
                    queries.push(format!("SELECT * FROM {name}({typed}) AS f"));
                }
                if let Some((_, required)) = arguments.split_last() {
                    queries.push(format!("SELECT {name}({}) AS c", required.join(", ")));
                }
            }
            Member::Cast(source, target) => {
                queries.push(format!("SELECT CAST({} AS {}) AS c", null(source), resolver.type_text(target)));
                queries.push(format!("SELECT coalesce({}, {}) AS c", null(source), null(target)));
                queries.push(format!("SELECT {} = {} AS c", null(source), null(target)));
            }
            Member::Relation(oid) => {
                let name = quote_ident(&catalog.relation(oid).unwrap().name);
                queries.push(format!("SELECT * FROM {name}"));
                queries.push(format!("SELECT r, r IS NULL AS n FROM {name} r"));
            }
            Member::Type(oid) => {
                let row = null(oid);
                queries.push(format!("SELECT DISTINCT {row} AS c"));
                queries.push(format!("SELECT {row} AS c UNION SELECT NULL"));
                queries.push(format!("SELECT x FROM (SELECT {row} AS x) s GROUP BY x ORDER BY x"));
                queries.push(format!("SELECT max(x) AS c, min(x) AS d FROM (SELECT {row} AS x) s"));
                queries.push(format!("SELECT array_agg(x) AS c FROM (SELECT {row} AS x) s"));
                queries.push(format!("SELECT ({row})[1] AS c"));
                queries.push(format!("SELECT ARRAY[{row}] || {row} AS c, (ARRAY[{row}])[1] AS d"));
                for other in OTHERS {
                    queries.push(format!("SELECT CAST(NULL::{other} AS {}) AS c", resolver.type_text(oid)));
                    queries.push(format!("SELECT CAST({row} AS {other}) AS c"));
                    queries.push(format!("SELECT coalesce({row}, NULL::{other}) AS c"));
                    for operator in ["=", "||", "~~"] {
                        queries.push(format!("SELECT {row} {operator} NULL::{other} AS c"));
                        queries.push(format!("SELECT NULL::{other} {operator} {row} AS c"));
                    }
                }
                for function in ["lower", "length", "replace", "to_json", "abs", "md5", "concat", "sum", "count"] {
                    queries.push(format!("SELECT {function}({row}) AS c"));
                }
            }
            Member::Collation(_) | Member::Schema(_) | Member::Family(_) => {}
        }
    }
    queries
}

/// What differs in the views of an extension, and how many views there were, with how many that the server takes.
fn compare(server: &TestServer, client: &mut Client, extension: &str) -> (Vec<String>, usize, usize) {
    let settings = settings(server);
    let name = quote_ident(extension);
    let fixed = shipped(extension, version_of(server)).is_some_and(|text| {
        text.starts_with("{\"extension\"") && { text.lines().next().is_some_and(|head| head.contains("\"schema\"")) }
    });
    let schema = if fixed { "" } else { " SCHEMA ext" };
    let setup = format!("CREATE SCHEMA ext; CREATE EXTENSION {name}{schema} CASCADE;");
    let catalog = migrated(&settings, &setup);
    let views: Vec<(String, String)> = queries(&catalog, &settings.search_path, extension)
        .into_iter()
        .enumerate()
        .map(|(number, query)| (format!("public.v{number}"), query))
        .collect();
    let definitions: Vec<Arc<SourceFile>> = views
        .iter()
        .map(|(name, query)| SourceFile::new(format!("{name}.sql"), format!("CREATE VIEW {name} AS {query};")))
        .collect();
    let declared = on_deep_stack(|| replay::declared(&catalog, &definitions, &settings));
    let refused: BTreeMap<String, String> = declared
        .diagnostics
        .0
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .filter_map(|problem| Some((problem.place.as_ref()?.0.path.to_string(), problem.message.clone())))
        .collect();

    // Undone again, so that one database does for all.
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute(&setup).unwrap_or_else(|error| panic!("{extension}: {error:?}"));
    transaction.batch_execute("SET LOCAL search_path = ext, public").unwrap();
    let statements: Vec<String> = views.iter().map(|(name, query)| format!("CREATE VIEW {name} AS {query}")).collect();
    let outcomes: Vec<Option<String>> = transaction
        .query("SELECT public.refusal(s) FROM unnest($1::text[]) WITH ORDINALITY AS t(s, n) ORDER BY n", &[&statements])
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let found = of_server(&mut transaction, Whose::User).unwrap();
    transaction.rollback().unwrap();
    let engine = of_engine(&declared.catalog, &settings.search_path);
    // Before 15, a view does not depend on the columns of the row type that a function in FROM returns.
    let is_of_14 = |line: &str| {
        server.major() == 14 && line.starts_with("dependency on ext.") && line.ends_with(": only the engine")
    };
    let mut differences = Vec::new();
    for ((name, query), outcome) in views.iter().zip(&outcomes) {
        match (outcome, refused.get(&format!("{name}.sql"))) {
            (None, None) => {
                let lines = match (engine.get(name), found.get(name)) {
                    (Some(engine), Some(server)) => engine.difference(server),
                    _ => vec!["one side has no such view".to_owned()],
                };
                let lines = lines.into_iter().filter(|line| !(query.starts_with("SELECT * FROM ") && is_of_14(line)));
                differences.extend(lines.map(|line| format!("{extension}: {query}: {line}")));
            }
            (None, Some(message)) => {
                differences.push(format!("{extension}: {query}: only the engine refuses: {message}"));
            }
            (Some(error), None) => {
                differences.push(format!("{extension}: {query}: only the server refuses: {error}"));
            }
            (Some(_), Some(_)) => {}
        }
    }
    (differences, views.len(), outcomes.iter().filter(|outcome| outcome.is_none()).count())
}

/// Runs a statement, and gives what the server says against it.
const REFUSAL: &str = "CREATE FUNCTION public.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$";

#[test]
fn what_extensions_bring_is_what_servers_make_of_it() {
    for_each_server(|server| {
        let database = server.database(REFUSAL);
        let mut client = database.connect();
        client.batch_execute("SET client_min_messages = error").unwrap();
        let (mut differences, mut views, mut accepted, mut extensions) = (Vec::new(), 0, 0, 0);
        for (name, _) in SHIPPED.iter().filter(|(name, _)| shipped(name, version_of(server)).is_some()) {
            let (lines, tried, taken) = compare(server, &mut client, name);
            differences.extend(lines);
            (views, accepted, extensions) = (views + tried, accepted + taken, extensions + 1);
        }
        println!(
            "PostgreSQL {} | {extensions} extensions | {views} views | {accepted} accepted by the server | {} differences",
            server.version(),
            differences.len()
        );
        let shown = differences.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
        assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
        assert!(accepted * 5 > views, "too few of the views are accepted to say anything");
    });
}

#[test]
fn a_declared_version_is_reached_by_an_update() {
    let case = Case::written("", "CREATE EXTENSION hstore VERSION '1.4';", "CREATE EXTENSION hstore VERSION '1.8';");
    let planned = case.plan().expect("a plan");
    let (first, change) = (planned.first.expect("the old one"), planned.changes.into_iter().next().expect("a change"));
    assert!(change.migration.contains("\nALTER EXTENSION hstore UPDATE TO '1.8';\n"), "{}", change.migration);
    assert!(change.rollback.contains("\nALTER EXTENSION hstore UPDATE TO '1.4';\n"), "{}", change.rollback);
    // PostgreSQL ships no way back, and the rollback says so.
    assert!(change.rollback.contains("no script that leads there"), "{}", change.rollback);
    for_each_server(|server| {
        let database = server.empty_database();
        let version = || -> String {
            let query = "SELECT extversion FROM pg_extension WHERE extname = 'hstore'";
            database.connect().query_one(query, &[]).unwrap().get(0)
        };
        database.execute(&first.migration);
        assert_eq!(version(), "1.4");
        database.execute(&change.migration);
        assert_eq!(version(), "1.8");
        assert!(database.connect().batch_execute(&change.rollback).is_err());
        assert_eq!(version(), "1.8");
    });
}

#[test]
fn what_is_built_in_of_extensions_is_what_servers_have() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let version = version_of(server);
        let names: Vec<&str> =
            SHIPPED.iter().map(|(name, _)| *name).filter(|name| shipped(name, version).is_some()).collect();
        client.batch_execute("SET client_min_messages = error").unwrap();
        for name in &names {
            let create = format!("CREATE EXTENSION IF NOT EXISTS {} CASCADE", quote_ident(name));
            client.batch_execute(&create).unwrap();
        }
        for extension in read_shipped_extensions(&mut client, &names).unwrap() {
            let name = &extension.head.name;
            let differs = extension.text().unwrap() != shipped(name, version).unwrap();
            assert!(!differs, "{name} differs: run the generator `embed_catalog extensions`");
        }
        let captured = read_extension(&mut client, "citext").unwrap();
        assert_eq!(captured.head.server, Some(server.major()));
        assert!(!captured.text().unwrap().contains("same_code_as"), "nothing is assumed of captured functions");
    });
}

/// Numbers from here on are given out when a cluster is made (`FirstGenbkiObjectId`).
const FIRST_UNPINNED: u32 = 10_000;

#[test]
fn what_is_built_in_of_the_system_is_what_servers_have() {
    for_each_server(|server| {
        let database = server.empty_database();
        let live = rows_of_server(&mut database.connect()).unwrap();
        let built_in = System::of(version_of(server)).rows();
        let (live, built_in) = (comparable(&live), comparable(&built_in));
        for (name, rows) in &built_in {
            let other = &live[name];
            // Minor releases may add functions that only pg_upgrade may call, as those of November 2026 did.
            let is_for_all = |row: &&String| !row.contains("name: \"binary_upgrade_");
            let missing: Vec<&String> = rows.difference(other).filter(is_for_all).take(5).collect();
            let extra: Vec<&String> = other.difference(rows).filter(is_for_all).take(5).collect();
            assert!(missing.is_empty() && extra.is_empty(), "{name}: only built in {missing:#?}, only live {extra:#?}");
        }
    });
}

/// The rows in words, without numbers that differ between builds. Collations are left out where the server's build gives
/// them: those of the operating system and of ICU.
fn comparable(rows: &Rows) -> BTreeMap<&'static str, std::collections::BTreeSet<String>> {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let schemas: BTreeMap<Oid, &str> = rows.schemas.iter().map(|row| (row.oid, row.name.as_str())).collect();
    let mut name = |oid: Oid, schema: Oid, name: &str| {
        if oid.0 >= FIRST_UNPINNED {
            names.insert(oid.0, format!("<{}.{name}>", schemas.get(&schema).copied().unwrap_or_default()));
        }
    };
    rows.types.iter().for_each(|row| name(row.oid, row.schema, &row.name));
    rows.relations.iter().for_each(|row| name(row.oid, row.schema, &row.name));
    rows.routines.iter().for_each(|row| name(row.oid, row.schema, &row.name));
    rows.collations.iter().for_each(|row| name(row.oid, row.schema, &row.name));
    for schema in rows.schemas.iter().filter(|row| row.oid.0 >= FIRST_UNPINNED) {
        names.insert(schema.oid.0, format!("<{}>", schema.name));
    }
    let words = |row: String| {
        let mut text = String::new();
        for part in row.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let (digits, rest) = part.split_at(part.len() - usize::from(!part.ends_with(|c: char| c.is_ascii_digit())));
            let number = digits.parse().ok().and_then(|number: u32| names.get(&number));
            text.push_str(number.map_or(digits, String::as_str));
            text.push_str(rest);
        }
        text
    };
    let pinned = |oid: Oid| oid.0 < FIRST_UNPINNED;
    BTreeMap::from([
        ("schemas", rows.schemas.iter().filter(|row| row.name != "public").map(|row| row.name.clone()).collect()),
        ("types", rows.types.iter().map(|row| words(format!("{row:?}"))).collect()),
        ("routines", rows.routines.iter().map(|row| words(format!("{row:?}"))).collect()),
        ("operators", rows.operators.iter().map(|row| words(format!("{row:?}"))).collect()),
        ("casts", rows.casts.iter().map(|row| words(format!("{row:?}"))).collect()),
        (
            "collations",
            rows.collations.iter().filter(|row| pinned(row.oid)).map(|row| words(format!("{row:?}"))).collect(),
        ),
        ("relations", rows.relations.iter().map(|row| words(format!("{row:?}"))).collect()),
        (
            "operator classes",
            // Classes and families are known by number only: those that are given out are told by what they are for.
            rows.operator_classes.iter().map(|row| format!("{} {} {}", row.method, row.input, row.default)).collect(),
        ),
        (
            "family members",
            rows.family_members
                .iter()
                .map(|row| format!("{} {} {} {} {}", row.method, row.left, row.right, row.strategy, row.operator))
                .collect(),
        ),
    ])
}
