//! Many databases and many schemas at once.

use std::fmt::Write as _;

use postgres::Client;
use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::Workspace;
use viewkeeper_engine::generate::generate;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::states::states;

/// A tenant's migrations name no schema.
fn workspace() -> Workspace {
    Workspace::new(&[
        ("migrations/V1__users.sql", "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);\n"),
        ("migrations/V2__names.sql", "CREATE VIEW names AS SELECT name FROM users;\n"),
    ])
}

/// A database with schemas `tenant_1` and so on.
fn tenants(count: usize) -> TestDatabase {
    let database = newest_server().empty_database();
    let schemas: String = (1..=count).fold(String::new(), |mut text, number| {
        let _ = write!(text, "CREATE SCHEMA tenant_{number};");
        text
    });
    database.execute(&schemas);
    database
}

fn count(client: &mut Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).unwrap().get(0)
}

#[test]
fn many_schemas_are_migrated_each_with_its_own_history() {
    let workspace = workspace();
    let database = tenants(200);
    let url = database.url();
    let all = ["--schemas", "tenant\\_%"];
    let status = workspace.run_on(&url, &[&["status"], &all[..]].concat()).exits(1);
    assert!(status.out.ends_with("200 in the fleet: 200 not current\n"), "{}", status.show());
    let ran = workspace.run_on(&url, &[&["migrate", "--jobs", "4"], &all[..]].concat()).exits(0);
    assert!(ran.out.contains("tenant_77: V1__users, V2__names\n"), "{}", ran.show());
    assert!(ran.out.ends_with("200 in the fleet: 200 migrated\n"), "{}", ran.show());
    let mut client = database.connect();
    let views = "SELECT count(*) FROM pg_views WHERE viewname = 'names' AND definition LIKE '%tenant\\_%'";
    assert_eq!(count(&mut client, views), 200);
    assert_eq!(count(&mut client, "SELECT count(*) FROM tenant_9.refinery_schema_history"), 2);

    client
        .batch_execute("CREATE OR REPLACE VIEW tenant_5.names AS SELECT name FROM tenant_5.users WHERE id > 1")
        .unwrap();
    let drift = workspace.run_on(&url, &[&["drift"], &all[..]].concat()).exits(1);
    assert_eq!(
        drift.out,
        "tenant_5: view `tenant_5.names` changed\n200 in the fleet: 199 as migrated, 1 drifted\n",
        "{}",
        drift.show()
    );
    let again = workspace.run_on(&url, &[&["migrate"], &all[..]].concat()).exits(0);
    assert_eq!(again.out, "200 in the fleet: 200 nothing to do\n");
}

#[test]
fn a_failure_stops_the_fleet_and_the_next_run_goes_on() {
    let workspace = workspace();
    let database = tenants(12);
    let url = database.url();
    // In the order of their names the fourth.
    database.execute("CREATE TABLE tenant_12.names ();");
    let migrate =
        |more: &[&str]| workspace.run_on(&url, &[&["migrate", "--schemas", "tenant%", "--jobs", "1"], more].concat());
    let ran = migrate(&[]).exits(2);
    assert!(ran.out.contains("12 in the fleet: 3 migrated, 1 failed, 8 not tried\n"), "{}", ran.show());
    assert!(
        ran.err.contains("error: tenant_12: `db/migrations/V2__names.sql` failed: relation \"names\" already exists"),
        "{}",
        ran.show()
    );
    let ran = migrate(&["--keep-going"]).exits(2);
    assert!(ran.out.contains("12 in the fleet: 3 nothing to do, 1 failed, 8 migrated\n"), "{}", ran.show());
    database.execute("DROP TABLE tenant_12.names;");
    let ran = migrate(&["--format", "json"]).exits(0).json();
    let states: Vec<_> =
        ran["databases"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "nothing to do").count(), 11);
    assert_eq!(
        (&ran["databases"][3]["name"], &ran["databases"][3]["migrations"][0]),
        (&"tenant_12".into(), &"V2__names".into())
    );
}

#[test]
fn a_canary_that_fails_leaves_all_others_alone() {
    let workspace = workspace();
    let database = tenants(5);
    database.execute("CREATE TABLE tenant_1.users ();");
    let ran = workspace.run_on(&database.url(), &["migrate", "--schemas", "tenant%", "--keep-going"]).exits(2);
    assert!(ran.out.contains("5 in the fleet: 1 failed, 4 not tried\n"), "{}", ran.show());
}

#[test]
fn databases_come_from_a_file_or_from_a_query() {
    let workspace = workspace();
    let databases = [newest_server().empty_database(), newest_server().empty_database()];
    let urls = databases.each_ref().map(TestDatabase::url);
    workspace.write("fleet.txt", format!("# all of them\n{}\n\n{}\n", urls[0], urls[1]));
    let file = workspace.path("fleet.txt");
    let file = ["--databases-file", file.to_str().unwrap()];
    let ran = workspace.run(&[&["migrate"], &file[..]].concat()).exits(0);
    assert!(ran.out.ends_with("2 in the fleet: 2 migrated\n"), "{}", ran.show());
    let query = format!("VALUES ('{}'), ('{}')", databases[0].name(), databases[1].name());
    let ran = workspace.run_on(&urls[0], &["status", "--databases-query", &query]).exits(0);
    assert_eq!(ran.out, "2 in the fleet: 2 current\n");

    workspace.write("fleet.txt", "postgresql://me:topsecret@127.0.0.1:1/gone?connect_timeout=2\n");
    let ran = workspace.run(&[&["status"], &file[..]].concat()).exits(2);
    assert!(
        ran.err.contains("postgresql://me@127.0.0.1:1/gone") && !ran.show().contains("topsecret"),
        "{}",
        ran.show()
    );
    workspace.write("fleet.txt", "# nobody\n");
    workspace.run(&[&["status"], &file[..]].concat()).exits(2);
    workspace.run_on(&urls[0], &["status", "--databases-query", "DROP VIEW names"]).exits(2);
    workspace.run_on(&urls[0], &["status", "--jobs", "3"]).exits(2);
}

#[test]
fn what_stands_around_the_query_for_databases_is_the_catalogs_own() {
    let workspace = workspace();
    let database = newest_server().empty_database();
    database.execute(&format!(
        "CREATE DOMAIN public.text AS varchar CHECK (false); ALTER DATABASE {} SET search_path = public, pg_catalog",
        database.name()
    ));
    let query = format!("VALUES ('{}'::varchar)", database.name());
    workspace.run_on(&database.url(), &["migrate", "--databases-query", &query]).exits(0);
}

#[test]
fn drift_is_annotated_for_each_database() {
    let workspace = workspace();
    let database = tenants(3);
    let url = database.url();
    let run = |command: &str| {
        workspace.run_on(&url, &[command, "--schemas", "tenant%", "--format", "github", "--keep-going"])
    };
    run("migrate").exits(0);
    database.execute(
        "CREATE OR REPLACE VIEW tenant_2.names AS SELECT name FROM tenant_2.users WHERE id > 1; \
         CREATE VIEW tenant_3.\"x\n::error::forged\" AS SELECT 1 AS one",
    );
    let drift = run("drift").exits(1);
    let commands: Vec<&str> = drift.out.lines().filter(|line| line.trim_start().starts_with("::")).collect();
    assert_eq!(commands.len(), 2, "{}", drift.show());
    assert!(
        commands[0].starts_with("::error title=tenant_2%3A view `tenant_2.names` was changed::"),
        "{}",
        drift.show()
    );
    assert!(commands[1].starts_with("::error title=tenant_3%3A view `tenant_3."), "{}", drift.show());
    database.execute("DROP TABLE tenant_1.viewkeeper_history");
    let failed = run("drift").exits(2);
    assert!(failed.out.contains("::error title=viewkeeper%3A tenant_1::"), "{}", failed.show());
}

/// Objects of most kinds, in files that name no schema, and some that do.
const TENANT: &[(&str, &str)] = &[
    ("viewkeeper.toml", "server-version = 14\ntenants = \"schemas\"\n"),
    (
        "migrations/V1__users.sql",
        "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, mood text NOT NULL DEFAULT 'fine');\n",
    ),
    ("types/mood.sql", "CREATE TYPE mood AS ENUM ('fine', 'it''s 100% \\ fine');\n"),
    (
        "functions/loud.sql",
        "CREATE FUNCTION loud(mood mood) RETURNS text LANGUAGE sql STABLE AS $$ SELECT upper(mood::text) $$;\n",
    ),
    (
        "views/names.sql",
        "CREATE VIEW names AS SELECT id, name, loud(mood::mood) AS loud FROM users;\n\
         COMMENT ON COLUMN names.name IS 'public.names';\nGRANT SELECT (name) ON names TO PUBLIC;\n\
         CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO users VALUES (NEW.id, NEW.name); RETURN NEW; END $$;\n\
         CREATE TRIGGER add INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION add();\n",
    ),
    ("views/readers.sql", "CREATE VIEW \"100% readers\" AS SELECT name FROM names;\n"),
    (
        "views/counted.sql",
        "CREATE MATERIALIZED VIEW counted AS SELECT name, count(*) AS count FROM names GROUP BY name;\n\
         CREATE UNIQUE INDEX counted_name ON counted (name);\n",
    ),
];

#[test]
fn what_db_diff_writes_for_tenants_names_no_schema_of_theirs() {
    let workspace = Workspace::new(TENANT);
    let database = tenants(3);
    newest_server().role("tenant_reader");
    let url = database.url();
    let all = ["--schemas", "tenant\\_%"];
    let run = |command: &str, more: &[&str]| workspace.run_on(&url, &[&[command], &all[..], more].concat());
    let mut client = database.connect();
    let mut add = |tenant: &str| {
        let sql = format!(
            "SET search_path = {tenant}; INSERT INTO names VALUES (1, 'Ada'); REFRESH MATERIALIZED VIEW counted"
        );
        client.batch_execute(&sql).unwrap();
    };
    workspace.run(&["db-diff", "first"]).exits(0);
    run("migrate", &[]).exits(0);
    for tenant in ["tenant_1", "tenant_2", "tenant_3"] {
        add(tenant);
    }
    database.execute(
        "COMMENT ON VIEW tenant_2.\"100% readers\" IS 'by hand'; GRANT SELECT ON tenant_2.\"100% readers\" TO tenant_reader;
         COMMENT ON INDEX tenant_2.counted_name IS 'by hand'",
    );
    let by_hand = "SELECT obj_description('tenant_2.\"100% readers\"'::regclass, 'pg_class') = 'by hand'
            AND has_table_privilege('tenant_reader', 'tenant_2.\"100% readers\"', 'SELECT')
            AND obj_description('tenant_2.counted_name'::regclass, 'pg_class') = 'by hand'";

    // Typed rows are of whichever tenant the search path names.
    let folder = camino::Utf8PathBuf::from_path_buf(workspace.path("")).unwrap();
    let (project, problems) = Project::load(&folder, "db".into());
    assert!(!problems.has_errors(), "{problems:?}");
    let (rows, _) = generate(&states(&project).declared, &project.settings);
    assert!(rows.contains("schema: \"\",\n        name: \"names\",") && !rows.contains("schema: \"public\""), "{rows}");

    // A column in the middle: both views are made anew, with what hangs on them; a value goes with the type made anew.
    workspace.write(
        "views/names.sql",
        workspace
            .read("views/names.sql")
            .replace("id, name,", "id, mood, name,")
            .replace("loud(mood::mood)", "loud('fine')"),
    );
    workspace.write("types/mood.sql", "CREATE TYPE mood AS ENUM ('fine');\n");
    workspace.run(&["db-diff", "second"]).exits(0);
    for (folder, name) in [
        ("migrations", "V2__first"),
        ("rollbacks", "V2__first"),
        ("migrations", "V3__second"),
        ("rollbacks", "V3__second"),
    ] {
        let text = workspace.read(&format!("{folder}/{name}.sql"));
        let statements =
            text.lines().filter(|line| !line.trim_start().starts_with("--") && !line.contains("IS 'public.names'"));
        let named: Vec<&str> =
            statements.filter(|line| line.contains("public.") || line.contains("SET LOCAL")).collect();
        assert_eq!(named, Vec::<&str>::new(), "{folder}/{name}");
    }
    run("migrate", &[]).exits(0);
    let mut client = database.connect();
    let mut is_true = |sql: &str| client.query_one(sql, &[]).unwrap().get::<_, bool>(0);
    assert!(is_true(by_hand));
    assert!(is_true("SELECT (SELECT count FROM tenant_3.counted) = 1 AND (SELECT mood FROM tenant_1.names) = 'fine'"));
    assert!(is_true("SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"));
    let drift = run("drift", &[]).exits(1);
    assert!(drift.out.ends_with("3 in the fleet: 2 as migrated, 1 drifted\n"), "{}", drift.show());
    // Nothing is left to do: the text of the migrations is what the definitions say.
    workspace.run(&["db-diff", "--check"]).exits(0);
    workspace.run(&["check"]).exits(0);

    let unsaid = run("rollback", &[]).exits(2);
    assert!(unsaid.err.contains("name the version that stays with `--to`"), "{}", unsaid.show());
    let back = run("rollback", &["--to", "2"]).exits(0);
    assert!(back.out.ends_with("3 in the fleet: 3 rolled back\n"), "{}", back.show());
    assert!(is_true(by_hand));
    let again = run("rollback", &["--to", "2"]).exits(0);
    assert!(again.out.ends_with("3 in the fleet: 3 nothing to do\n"), "{}", again.show());
    let further = run("rollback", &["--to", "1", "--overwrite-drift"]).exits(0);
    assert!(further.out.contains("tenant_1: V2__first\n"), "{}", further.show());
    let there = run("rollback", &["--to", "2"]).exits(0);
    assert!(there.out.ends_with("3 in the fleet: 3 nothing to do\n"), "{}", there.show());
    assert!(is_true("SELECT NOT EXISTS (SELECT FROM pg_views WHERE schemaname LIKE 'tenant%')"));
}

#[test]
fn the_schema_that_stands_for_the_tenants_is_named_nowhere() {
    let workspace = Workspace::new(&[
        ("viewkeeper.toml", "tenants = \"schemas\"\n"),
        ("views/own.sql", "CREATE VIEW own AS\nSELECT 'public.x' AS one FROM \"public\".other;\n"),
        ("views/other.sql", "CREATE VIEW other AS SELECT 1 AS one;\n"),
        ("functions/f.sql", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT one FROM public.other $$;\n"),
    ]);
    let ran = workspace.run(&["check"]).exits(1);
    for place in ["--> db/views/own.sql:2:31", "--> db/functions/f.sql:1:68"] {
        assert!(ran.show().contains(place), "{}", ran.show());
    }
    assert_eq!(
        ran.show().matches("`public` stands for each tenant's schema, and is named here").count(),
        2,
        "{}",
        ran.show()
    );
}

#[test]
fn what_tenants_share_is_not_made_once_for_each() {
    let workspace = Workspace::new(&[
        ("viewkeeper.toml", "tenants = \"schemas\"\n"),
        ("schemas/shared.sql", "CREATE SCHEMA shared;\n"),
        ("views/rates.sql", "CREATE VIEW shared.rates AS SELECT 1 AS rate;\n"),
        ("views/own.sql", "CREATE VIEW own AS SELECT 1 AS one;\n"),
    ]);
    let ran = workspace.run(&["db-diff"]).exits(2);
    for expected in
        ["schema shared would be made once for each tenant", "view shared.rates would be made once for each tenant"]
    {
        assert!(ran.err.contains(expected), "{}", ran.show());
    }
    assert!(!ran.err.contains("view public.own"), "{}", ran.show());
}
