//! What goes wrong between a command and a database: it is said, the exit code is 2, and nothing is lost. A wrong
//! password is not tried here: the tests' servers trust their private sockets and never ask for one.

use super::{Ran, Workspace};
use viewkeeper_live::testing::{TestDatabase, newest_server};

/// Two migrations on the tables, with the rollbacks, both applied.
fn migrated() -> (Workspace, TestDatabase) {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE VIEW a AS SELECT id, name FROM users;\n"),
        ("rollbacks/V1__tables.sql", "-- viewkeeper: loses data: users and posts\nDROP TABLE posts, users;\n"),
    ]);
    let database = newest_server().empty_database();
    workspace.run(&["db-diff", "a"]).exits(0);
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    (workspace, database)
}

/// Without the parts that differ between machines and runs.
fn shown(ran: &Ran) -> String {
    let mut rest = ran.show();
    let mut shown = String::new();
    while let Some((before, after)) = rest.split_once("socket `") {
        shown.push_str(before);
        shown.push_str("socket `…`");
        rest = after.split_once('`').map_or_else(String::new, |(_, after)| after.to_owned());
    }
    shown + &rest
}

/// The relations of `public` that are not the history's, and the versions applied: what must not get lost.
fn held(database: &TestDatabase) -> (Vec<String>, Vec<i32>) {
    let mut client = database.connect();
    let relations = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace \
                     AND relkind IN ('r', 'v', 'm') AND relname NOT LIKE '%history%' ORDER BY 1";
    let relations = client.query(relations, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let there: bool =
        client.query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[]).unwrap().get(0);
    let versions = if there {
        let rows = client.query("SELECT version FROM refinery_schema_history ORDER BY 1", &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        Vec::new()
    };
    (relations, versions)
}

#[test]
fn no_server() {
    let workspace = Workspace::with_tables(&[]);
    let url = "postgresql://app:secret@127.0.0.1:1/shop";
    for command in ["migrate", "rollback", "status"] {
        let ran = workspace.run_on(url, &[command]).exits(2);
        let first = ran.err.lines().next().unwrap();
        assert!(first.starts_with("error: no PostgreSQL server answers at `127.0.0.1`, port 1: "), "{}", ran.show());
        assert!(!ran.show().contains("secret"), "{}", ran.show());
        assert!(ran.err.contains("  help: start the server, or correct the address"), "{}", ran.show());
    }
    // The variable means the same as the flag.
    let ran = workspace.run_with(&["status"], &[("DATABASE_URL", url)]).exits(2);
    assert!(ran.err.contains("port 1"), "{}", ran.show());
}

#[test]
fn an_address_that_is_none() {
    let workspace = Workspace::with_tables(&[]);
    let ran = workspace.run_on("mysql://app:secret@localhost/shop", &["status"]).exits(2);
    assert!(!ran.show().contains("secret"), "{}", ran.show());
    insta::assert_snapshot!(ran.show());
}

#[test]
fn a_database_and_a_role_that_are_not_there() {
    let workspace = Workspace::with_tables(&[]);
    let database = newest_server().empty_database();
    let url = database.url().replace(database.name(), "no_such_database");
    let no_database = workspace.run_on(&url, &["migrate"]).exits(2);
    let url = format!("{}&user=no_such_role", database.url());
    let no_role = workspace.run_on(&url, &["migrate"]).exits(2);
    insta::assert_snapshot!([shown(&no_database), shown(&no_role)].join("\n"));
}

#[test]
fn a_database_that_was_never_migrated() {
    let workspace = Workspace::with_tables(&[]);
    let database = newest_server().database("CREATE TABLE somebody_elses (id integer);");
    let url = database.url();
    let status = workspace.run_on(&url, &["status"]).exits(1);
    let rollback = workspace.run_on(&url, &["rollback"]).exits(2);
    let dry_run = workspace.run_on(&url, &["rollback", "--dry-run"]).exits(2);
    insta::assert_snapshot!([status.show(), rollback.show(), dry_run.show()].join("\n"));
    assert_eq!(held(&database), (vec!["somebody_elses".to_owned()], vec![]));
}

#[test]
fn a_migration_that_fails_half_way_leaves_nothing() {
    let (workspace, database) = migrated();
    workspace.write(
        "migrations/V3__half.sql",
        "CREATE TABLE first_half (id integer);\nCREATE TABLE second_half (\n    id integer REFERENCES users (email)\n);\n",
    );
    let before = held(&database);
    let ran = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!(ran.show());
    // Corrected, it goes on.
    workspace.edit("migrations/V3__half.sql", "users (email)", "users (id)");
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    assert_eq!(held(&database).1, [1, 2, 3]);
}

#[test]
fn a_division_by_zero_in_a_rollback_leaves_everything() {
    let (workspace, database) = migrated();
    workspace.write("migrations/V3__more.sql", "CREATE TABLE more (id integer);\n");
    workspace.write("rollbacks/V3__more.sql", "DROP TABLE more;\nSELECT 1 / 0;\n");
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    let before = held(&database);
    let ran = workspace.run_on(&database.url(), &["rollback"]).exits(2);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!(ran.show());
}

#[test]
fn an_applied_migration_that_was_edited() {
    let (workspace, database) = migrated();
    workspace.edit("migrations/V1__tables.sql", "title text", "title text, body text");
    workspace.write("migrations/V3__more.sql", "CREATE TABLE more (id integer);\n");
    let before = held(&database);
    let migrate = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    let status = workspace.run_on(&database.url(), &["status"]).exits(1);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!([migrate.show(), without_dates(&status.show())].join("\n"));
}

#[test]
fn an_applied_migration_whose_file_is_missing() {
    let (workspace, database) = migrated();
    std::fs::remove_file(workspace.path("migrations/V1__tables.sql")).unwrap();
    std::fs::remove_file(workspace.path("rollbacks/V1__tables.sql")).unwrap();
    std::fs::remove_file(workspace.path("views/a.sql")).unwrap();
    workspace.write("migrations/V3__more.sql", "CREATE TABLE more (id integer);\n");
    let before = held(&database);
    let migrate = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    let status = workspace.run_on(&database.url(), &["status"]).exits(1);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!([migrate.show(), without_dates(&status.show())].join("\n"));
}

#[test]
fn the_way_back_does_not_need_its_file() {
    let (workspace, database) = migrated();
    std::fs::remove_file(workspace.path("migrations/V2__a.sql")).unwrap();
    std::fs::remove_file(workspace.path("rollbacks/V2__a.sql")).unwrap();
    workspace.run_on(&database.url(), &["rollback"]).exits(0);
    assert_eq!(held(&database), (vec!["posts".to_owned(), "users".to_owned()], vec![1]));
}

#[test]
fn a_version_number_twice_stops_migrate_too() {
    let (workspace, database) = migrated();
    workspace.write("migrations/V2__other.sql", "CREATE TABLE other (id integer);\n");
    let before = held(&database);
    let ran = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!(ran.show());
}

#[test]
fn data_is_not_lost_without_being_asked() {
    let (workspace, database) = migrated();
    let before = held(&database);
    let ran = workspace.run_on(&database.url(), &["rollback", "--steps", "2"]).exits(2);
    assert_eq!(held(&database), before, "{}", ran.show());
    insta::assert_snapshot!(ran.show());
    workspace.run_on(&database.url(), &["rollback", "--steps", "2", "--allow-data-loss"]).exits(0);
    assert_eq!(held(&database), (vec![], vec![]));
}

#[test]
fn something_made_by_hand_in_the_way_of_a_drop() {
    let (workspace, database) = migrated();
    database.execute("CREATE VIEW by_hand AS SELECT name FROM a; GRANT SELECT ON a TO PUBLIC;");
    workspace.edit("views/a.sql", "id, name", "id, email, name");
    workspace.run(&["db-diff", "wider"]).exits(0);
    let before = held(&database);
    let ran = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!(ran.show());
    let granted = "SELECT has_table_privilege('pg_monitor', 'a', 'SELECT')";
    assert!(database.connect().query_one(granted, &[]).unwrap().get::<_, bool>(0));
}

#[test]
fn a_database_that_cannot_be_written() {
    let (workspace, database) = migrated();
    workspace.write("migrations/V3__more.sql", "CREATE TABLE more (id integer);\n");
    database.execute(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()));
    let before = held(&database);
    let migrate = workspace.run_on(&database.url(), &["migrate"]).exits(2);
    let rollback = workspace.run_on(&database.url(), &["rollback"]).exits(2);
    // Reading is all that these need.
    workspace.run_on(&database.url(), &["status"]).exits(1);
    workspace.run_on(&database.url(), &["migrate", "--dry-run"]).exits(0);
    workspace.run_on(&database.url(), &["rollback", "--dry-run"]).exits(0);
    assert_eq!(held(&database), before);
    insta::assert_snapshot!([migrate.show(), rollback.show()].join("\n"));
}

#[test]
fn versions_that_are_not_there() {
    let (workspace, database) = migrated();
    let before = held(&database);
    let shown: Vec<_> = [&["migrate", "--to", "9"][..], &["rollback", "--to", "9"], &["rollback", "--steps", "9"]]
        .iter()
        .map(|arguments| workspace.run_on(&database.url(), arguments).show())
        .collect();
    assert_eq!(held(&database), before);
    insta::assert_snapshot!(shown.join("\n"));
}

/// A status without the moments at which migrations were applied.
fn without_dates(text: &str) -> String {
    let is_date = |word: &str| word.len() > 18 && word.contains('T') && word.starts_with("20");
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((before, last)) if is_date(last) => format!("{before} …"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn materialized_views_are_refreshed_in_order() {
    let workspace = Workspace::with_tables(&[
        ("views/a.sql", "CREATE MATERIALIZED VIEW a AS SELECT count(*) AS users FROM b;\n"),
        ("views/b.sql", "CREATE MATERIALIZED VIEW b AS SELECT id FROM users;\nCREATE UNIQUE INDEX b_id ON b (id);\n"),
    ]);
    let database = newest_server().empty_database();
    let url = database.url();
    workspace.run(&["db-diff", "a"]).exits(0);
    // The migrations make them, the database has not got them yet.
    let early = workspace.run_on(&url, &["refresh"]).exits(2);
    workspace.run_on(&url, &["migrate"]).exits(0);
    let dry = workspace.run_on(&url, &["refresh", "--dry-run"]).exits(0);
    let unknown = workspace.run_on(&url, &["refresh", "c", "public.b"]).exits(2);
    database.connect().batch_execute("INSERT INTO users VALUES (1, 'Ada')").unwrap();
    let refreshed = workspace.run_on(&url, &["refresh", "--format", "json"]).exits(0).json();
    assert_eq!(refreshed["refreshed"][0]["name"], "b");
    assert_eq!(refreshed["refreshed"][0]["concurrently"], true);
    assert_eq!(refreshed["refreshed"][1]["name"], "a");
    let users: i64 = database.connect().query_one("SELECT users FROM a", &[]).unwrap().get(0);
    assert_eq!(users, 1);
    insta::assert_snapshot!([shown(&early), shown(&dry), shown(&unknown)].join("\n"));
}
