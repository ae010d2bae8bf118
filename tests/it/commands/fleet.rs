//! Many databases and many schemas at once.

use std::fmt::Write as _;

use postgres::Client;
use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::Workspace;

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
