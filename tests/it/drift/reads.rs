//! Objects that read something else under the same name, and the order in which what is suggested can be run.

use viewkeeper::{Migrations, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

use super::show;

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__all.sql",
        "CREATE TABLE users (id serial, name text);
         CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TABLE posts (id int DEFAULT f());
         CREATE TRIGGER t BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE VIEW active_users AS SELECT id, name FROM users WHERE id > 1;
         CREATE VIEW top_authors AS SELECT id FROM active_users;
         CREATE MATERIALIZED VIEW m AS SELECT id FROM users;
         CREATE VIEW counted AS SELECT f() AS n;
         CREATE FUNCTION z() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE EVENT TRIGGER a ON sql_drop EXECUTE FUNCTION z();
         CREATE TYPE z_type AS ENUM ('x');
         CREATE VIEW b AS SELECT 'x'::z_type AS x;
         CREATE VIEW c AS SELECT x FROM b;\n",
    )],
    &[],
);

fn migrated(server: &'static TestServer) -> TestDatabase {
    let database = server.empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database
}

/// What is done by hand, what is found, and what is left when all that is suggested has been run.
const CASES: &[(&str, &str, &str)] = &[
    (
        "ALTER VIEW active_users RENAME TO active_users_old;
         CREATE VIEW active_users AS SELECT * FROM active_users_old WHERE id > 7",
        "public.active_users Changed definition; public.active_users_old CreatedOutside definition; public.top_authors \
         Changed reads",
        "public.active_users_old CreatedOutside definition",
    ),
    (
        "ALTER TABLE users RENAME TO users_old; CREATE TABLE users (LIKE users_old INCLUDING DEFAULTS)",
        "public.active_users Changed reads; public.m Changed reads; public.users_id_seq Changed owned_by; \
         public.users_old CreatedOutside columns",
        "public.users_old CreatedOutside columns",
    ),
    (
        "ALTER FUNCTION f() RENAME TO f_old; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
         ALTER FUNCTION touch() RENAME TO touch_old;
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "public.counted Changed reads; public.f_old() CreatedOutside definition; public.posts Changed columns triggers; \
         public.touch_old() CreatedOutside definition",
        "public.f_old() CreatedOutside definition; public.touch_old() CreatedOutside definition",
    ),
    // A table that is called otherwise has its rows yet, and with its name its readers are as they were: they are told with it.
    ("ALTER TABLE users RENAME TO people", "public.people CreatedOutside columns; public.users Dropped columns", ""),
    (
        "CREATE SCHEMA s; ALTER TABLE users SET SCHEMA s; ALTER TABLE s.users RENAME TO people",
        "s CreatedOutside owner; public.users Dropped columns; s.people CreatedOutside columns",
        "s CreatedOutside owner",
    ),
    // What is needed comes first.
    (
        "DROP TYPE z_type CASCADE; DROP FUNCTION z() CASCADE; DROP FUNCTION touch() CASCADE",
        "public.touch() Dropped definition; public.posts Changed triggers; public.z() Dropped definition; a Dropped \
         definition; public.z_type Dropped labels; public.b Dropped definition; public.c Dropped definition",
        "",
    ),
    ("DROP SEQUENCE users_id_seq CASCADE", "public.users_id_seq Dropped definition; public.users Changed columns", ""),
];

#[test]
fn what_reads_another_object_is_named_and_led_back_in_order() {
    for_each_server(|server| {
        for (sql, expected, left) in CASES {
            let database = migrated(server);
            let mut client = database.connect();
            client.batch_execute(sql).unwrap();
            let found = || MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap().found;
            let first = found();
            assert_eq!(show(&first), *expected, "{sql}");
            let repair: Vec<&str> = first.iter().flat_map(|drift| &drift.repair).map(String::as_str).collect();
            client.batch_execute(&repair.join("\n")).unwrap_or_else(|error| panic!("{sql}: {error:?} in {repair:#?}"));
            assert_eq!(show(&found()), *left, "{sql}: {repair:#?}");
        }
    });
}

#[test]
fn a_view_in_whose_place_a_table_is_is_not_replaced() {
    let database = migrated(viewkeeper_live::testing::newest_server());
    database.connect().batch_execute("DROP VIEW counted; CREATE TABLE counted (n int)").unwrap();
    let found = MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap().found;
    assert_eq!(found[0].repair, Vec::<String>::new());
    assert!(found[0].unrepaired[0].starts_with("kind: a table made by hand has its name"), "{found:#?}");
}
