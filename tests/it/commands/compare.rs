//! `compare`: what it shows of databases that differ, what it refuses, and what it never shows.

use std::fmt::Write as _;

use super::Workspace;
use viewkeeper_live::testing::{TestDatabase, newest_server, servers};

const SETTINGS: &str = "[environments]\nproduction = 'PRODUCTION_URL'\nstaging = 'STAGING_URL'\ntest = 'TEST_URL'\n";

const ORIGINAL: &str = "
    CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text DEFAULT 'none');
    CREATE VIEW names AS SELECT id, name FROM users;
    CREATE VIEW emails AS SELECT email FROM users;
    CREATE VIEW untouched AS SELECT 1 AS one;
    CREATE MATERIALIZED VIEW letters AS SELECT left(name, 1) AS letter, count(*) AS users FROM users GROUP BY 1;
    CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n';";

const DISTURBANCE: &str = "
    CREATE OR REPLACE VIEW names AS SELECT id, name FROM users WHERE name <> '';
    COMMENT ON COLUMN names.name IS 'never empty';
    ALTER VIEW names SET (security_barrier);
    DROP VIEW emails;
    ALTER TABLE users ALTER email SET DEFAULT 'unknown', ADD born date;
    CREATE UNIQUE INDEX letters_letter ON letters (letter);
    CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n + n';
    CREATE VIEW mine AS SELECT 2 AS two;";

/// The same in all majors: a change of them all makes one view differ.
const PORTABLE: &str = "
    CREATE TABLE t (id integer PRIMARY KEY, n numeric(10, 2) DEFAULT 1.5 CHECK (n > 0));
    CREATE VIEW v WITH (security_barrier) AS SELECT t.id, t.n * 2 AS twice FROM t;
    COMMENT ON VIEW v IS 'twice as much';
    CREATE INDEX t_n ON t (n) WHERE n > 1;";

fn urls<'a>(databases: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    databases.iter().map(|(name, url)| (*name, url.as_str())).collect()
}

/// Without the addresses, and with columns as servers from 16 on print them.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        let line = match line.split_once("postgresql://") {
            Some((before, _)) => format!("{before}postgresql://…"),
            None => line.replace("users.name", "name").replace("users.id", "id"),
        };
        let _ = writeln!(shown, "{line}");
    }
    shown
}

#[test]
fn three_databases_two_of_them_equal() {
    let server = newest_server();
    let [production, staging, test]: [TestDatabase; 3] = std::array::from_fn(|_| server.empty_database());
    let workspace = Workspace::new(&[("viewkeeper.toml", SETTINGS), ("migrations/V1__all.sql", ORIGINAL)]);
    for database in [&production, &staging, &test] {
        workspace.run_on(&database.url(), &["migrate"]).exits(0);
    }
    workspace.write("migrations/V2__more.sql", "CREATE SCHEMA more;\n");
    for database in [&production, &staging] {
        workspace.run_on(&database.url(), &["migrate"]).exits(0);
    }
    test.execute(DISTURBANCE);
    let variables = [("PRODUCTION_URL", production.url()), ("STAGING_URL", staging.url()), ("TEST_URL", test.url())];
    let ran = workspace.run_with(&["compare", "production", "staging", "test"], &urls(&variables)).exits(1);
    insta::assert_snapshot!(shown(&ran.show()));

    let same = workspace.run_with(&["compare", "production", "staging"], &urls(&variables)).exits(0);
    assert!(same.out.ends_with(" are the same everywhere\n"), "{}", same.show());
    let all = workspace.run_with(&["compare", "production", "staging", "--all"], &urls(&variables)).exits(0);
    assert!(all.out.contains("view public.untouched "), "{}", all.show());

    let ran = workspace.run_with(&["compare", "production", "test", "--format", "json"], &urls(&variables)).exits(1);
    let json = ran.json();
    let names = &json["objects"].as_array().unwrap().iter().find(|object| object["name"] == "public.names").unwrap();
    assert_eq!((&names["state"], &names["kind"]), (&"differs".into(), &"view".into()));
    assert_eq!(names["cells"][1]["version"], "B");
    let aspects: Vec<_> = names["differences"].as_array().unwrap().iter().map(|one| &one["aspect"]).collect();
    assert_eq!(aspects, ["definition", "columns", "options"]);
    let emails = json["objects"].as_array().unwrap().iter().find(|object| object["name"] == "public.emails").unwrap();
    assert_eq!(emails["state"], "missing");
    assert_eq!(emails["cells"][1]["version"], serde_json::Value::Null);
}

/// Every kind that definitions can declare and that is no relation and no function.
#[test]
fn each_kind_is_named_with_what_differs() {
    const KINDS: &str = "
        CREATE SCHEMA s; CREATE SEQUENCE q; CREATE TABLE t (a int, b int); CREATE STATISTICS s.st ON a, b FROM t;
        CREATE TYPE e AS ENUM ('x'); CREATE DOMAIN d AS int CONSTRAINT k CHECK (VALUE > 0); CREATE TYPE c AS (a int);
        CREATE TYPE n AS RANGE (SUBTYPE = text); CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
        CREATE FUNCTION w() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER ev ON sql_drop EXECUTE FUNCTION w(); CREATE EXTENSION citext SCHEMA s;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC;
        CREATE POLICY p ON t; CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;";
    const CHANGES: &[(&str, &str, &str)] = &[
        ("GRANT USAGE ON SCHEMA s TO PUBLIC", "schema s", "privileges"),
        ("COMMENT ON SCHEMA s IS 'x'", "schema s", "comment"),
        ("ALTER SEQUENCE q INCREMENT 2", "sequence public.q", "sequence"),
        ("ALTER SEQUENCE q OWNED BY t.a", "sequence public.q", "owned by"),
        ("ALTER STATISTICS s.st SET STATISTICS 7", "statistics s.st", "target"),
        ("COMMENT ON STATISTICS s.st IS 'x'", "statistics s.st", "comment"),
        ("ALTER TYPE e ADD VALUE 'y'", "enum public.e", "labels"),
        ("REVOKE USAGE ON TYPE e FROM PUBLIC", "enum public.e", "privileges"),
        ("ALTER DOMAIN d SET NOT NULL", "domain public.d", "not null"),
        ("COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'", "domain public.d", "constraints"),
        ("COMMENT ON COLUMN c.a IS 'x'", "composite type public.c", "columns"),
        ("COMMENT ON TYPE c IS 'x'", "composite type public.c", "comment"),
        ("REVOKE USAGE ON TYPE c FROM PUBLIC", "composite type public.c", "privileges"),
        (
            "DROP TYPE n; CREATE TYPE n AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops)",
            "range public.n",
            "range of",
        ),
        (
            "CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4mul, STYPE = int)",
            "aggregate public.total(integer)",
            "aggregate",
        ),
        ("ALTER EVENT TRIGGER ev DISABLE", "event trigger ev", "enabled"),
        ("ALTER EXTENSION citext SET SCHEMA public", "extension citext", "schema"),
        (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO PUBLIC",
            "default privileges of",
            "privileges",
        ),
        ("COMMENT ON POLICY p ON t IS 'x'", "table public.t", "policies"),
        ("COMMENT ON RULE r ON t IS 'x'", "table public.t", "rules"),
    ];
    let server = newest_server();
    let one = server.database(KINDS);
    let workspace = Workspace::new(&[]);
    for (change, object, aspect) in CHANGES {
        let other = server.database(KINDS);
        other.execute(change);
        let ran = workspace.run(&["compare", &one.url(), &other.url(), "--format", "json"]).exits(1);
        let json = ran.json();
        let found: Vec<&serde_json::Value> =
            json["objects"].as_array().unwrap().iter().filter(|object| object["state"] != "same").collect();
        let names: Vec<String> =
            found.iter().map(|one| format!("{} {}", one["kind"], one["name"]).replace('"', "")).collect();
        // The functions of a range stay what they are.
        assert!(names.len() == 1 && names[0].starts_with(object), "{change}: {names:?}");
        let aspects: Vec<&serde_json::Value> =
            found[0]["differences"].as_array().unwrap().iter().map(|one| &one["aspect"]).collect();
        let expected = if *aspect == "not null" { vec!["constraints", "not null"] } else { vec![*aspect] };
        assert!(aspects == [*aspect] || aspects == expected, "{change}: {aspects:?}");
    }
}

#[test]
fn an_aspect_can_be_left_out() {
    let server = newest_server();
    let (one, other) = (server.database(ORIGINAL), server.database(ORIGINAL));
    other.execute(
        "COMMENT ON VIEW names IS 'x'; GRANT SELECT ON emails TO PUBLIC; GRANT SELECT (id) ON users TO PUBLIC",
    );
    let workspace = Workspace::new(&[]);
    let run = |more: &[&str]| workspace.run(&[&["compare", &one.url(), &other.url()], more].concat());
    run(&[]).exits(1);
    run(&["--ignore", "comment"]).exits(1);
    run(&["--ignore", "comment", "--ignore", "privileges"]).exits(0);
}

#[test]
fn majors_are_compared_as_far_as_that_goes() {
    let servers = servers();
    for (old, new) in servers.iter().zip(servers.iter().skip(1)) {
        // The schema's own rights changed with 15.
        let databases = [old, new].map(|server| {
            let database = server.database(PORTABLE);
            database.execute("ALTER SCHEMA public OWNER TO postgres; REVOKE ALL ON SCHEMA public FROM PUBLIC");
            database
        });
        let workspace = Workspace::new(&[]);
        let ran = workspace.run(&["compare", "--all", &databases[0].url(), &databases[1].url()]).exits(0);
        let view = ran.out.lines().find(|line| line.starts_with("view public.v ")).unwrap();
        assert!(view.contains("A~"), "{}", ran.show());
        let majors = format!("~: between PostgreSQL {}, {} the texts", old.major(), new.major());
        assert!(ran.out.contains(&majors), "{}", ran.show());
        databases[1].execute("CREATE OR REPLACE VIEW v AS SELECT t.id, t.n * 2 AS twice, n FROM t");
        let ran = workspace.run(&["compare", &databases[0].url(), &databases[1].url()]).exits(1);
        assert!(ran.out.contains("+n: numeric(10,2)"), "{}", ran.show());
        assert!(ran.out.contains("-security_barrier=true"), "{}", ran.show());
        assert!(!ran.out.contains("SELECT t.id"), "{}", ran.show());
    }
}

#[test]
fn nothing_is_compared_with_a_database_that_is_not_there() {
    let workspace = Workspace::new(&[("viewkeeper.toml", SETTINGS)]);
    let there = newest_server().empty_database();
    let gone = "postgresql://app:secret@127.0.0.1:1/shop";
    let ran = workspace.run(&["compare", &there.url(), gone]).exits(2);
    assert!(ran.err.contains("no PostgreSQL server answers at `127.0.0.1`, port 1"), "{}", ran.show());
    assert!(ran.out.is_empty() && !ran.show().contains("secret"), "{}", ran.show());
    // Both problems at once: a name whose variable is not set, and one that nobody knows.
    let ran = workspace.run_with(&["compare", "production", "elsewhere"], &[("PGSERVICEFILE", "none")]).exits(2);
    insta::assert_snapshot!(ran.show());
    workspace.run(&["compare", &there.url()]).exits(2);
    workspace.write("viewkeeper.toml", "[environments]\nproduction = 'postgresql://app:secret@db/shop'\n");
    insta::assert_snapshot!(workspace.run(&["compare", "production", "production"]).exits(2).show());
}

#[test]
fn a_service_is_a_database_too() {
    let database = newest_server().database(ORIGINAL);
    let target = viewkeeper::Target::new(Some(&database.url())).unwrap();
    let of = |wanted: &str| {
        let found = target.variables().into_iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value).unwrap_or_default()
    };
    let workspace = Workspace::new(&[]);
    let file = workspace.root().join("services");
    let service = format!(
        "[shop]\nhost={}\nport={}\nuser={}\ndbname={}\n",
        of("PGHOST"),
        of("PGPORT"),
        of("PGUSER"),
        of("PGDATABASE")
    );
    std::fs::write(&file, service).unwrap();
    let variables = [("PGSERVICEFILE", file.to_str().unwrap())];
    workspace.run_with(&["compare", "shop", &database.url()], &variables).exits(0);
}

#[test]
fn how_a_database_reads_backslashes_makes_no_difference() {
    let server = newest_server();
    let [one, other] = [server.empty_database(), server.empty_database()];
    for database in [&one, &other] {
        database.execute("CREATE VIEW v AS SELECT 'a\\b' AS path");
    }
    let other = format!("{}&options=-c%20standard_conforming_strings%3Doff", other.url());
    Workspace::new(&[]).run(&["compare", &one.url(), &other]).exits(0);
}

#[test]
fn what_somebody_keeps_everybody_out_of_is_named() {
    let server = newest_server();
    let (one, other) = (server.database(ORIGINAL), server.database(ORIGINAL));
    let mut holder = other.connect();
    holder.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").unwrap();
    let pid: i32 = holder.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let ran = Workspace::new(&[]).run(&["compare", &one.url(), &other.url()]).exits(2);
    assert!(ran.err.contains(&format!("keep everybody else out of `public.users` (session {pid})")), "{}", ran.show());
}

/// A view's name that clears a terminal, and gives GitHub's runner commands.
const HOSTILE: &str =
    "CREATE VIEW \"x\n::error::forged\n ::add-mask::a\r::error::b##[error]c\u{1b}[2J\" AS SELECT 1 AS one";

#[test]
fn names_are_only_shown() {
    let server = newest_server();
    let (one, other) = (server.database(ORIGINAL), server.database(ORIGINAL));
    other.execute(HOSTILE);
    let workspace = Workspace::new(&[]);
    for format in ["text", "github"] {
        let ran = workspace.run(&["compare", &one.url(), &other.url(), "--format", format]).exits(1);
        assert!(ran.out.contains("forged") && !ran.out.contains(['\r', '\u{1b}']), "{}", ran.show());
        let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
        assert!(format == "text" || !ran.out.lines().any(is_command), "{}", ran.show());
    }
}

#[test]
fn an_aspect_that_nothing_has_is_not_left_out_silently() {
    let database = newest_server().database(ORIGINAL);
    let ran = Workspace::new(&[]).run(&["compare", &database.url(), &database.url(), "--ignore", "coment"]).exits(2);
    assert!(ran.err.contains("there is no aspect `coment`") && ran.err.contains("comment, "), "{}", ran.show());
}
