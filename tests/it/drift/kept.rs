//! What somebody did by hand stays drift, whatever migrations and rollbacks do with the object that it was done to.

use viewkeeper::{Drifted, Migrations, Options, RollbackTo};
use viewkeeper_live::testing::{TestDatabase, for_each_server};

use super::show;

const FIRST: (&str, &str) = (
    "V1__all.sql",
    "CREATE TABLE users (id int, name text);
     CREATE VIEW active_users AS SELECT id, name FROM users WHERE id > 1;
     CREATE VIEW others AS SELECT id FROM active_users;
     CREATE MATERIALIZED VIEW m AS SELECT id, name FROM users;
     CREATE INDEX m_id ON m (id);
     CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
     CREATE SEQUENCE q;
     CREATE TYPE e AS ENUM ('x');\n",
);

/// What is done by hand after the first migration, the second one and its rollback, what is drift before and after it.
fn check(by_hand: &str, migration: &str, rollback: &str, expected: &str) {
    let rollbacks = [("V2__more.sql", rollback)];
    let migrations = Migrations::read(
        vec![(FIRST.0.to_owned(), FIRST.1.to_owned()), ("V2__more.sql".to_owned(), migration.to_owned())],
        rollbacks.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
    );
    for_each_server(|server| {
        server.role("drift_owner");
        let database = server.empty_database();
        let mut client = database.connect();
        let found =
            |database: &TestDatabase| show(&migrations.drift(&mut database.connect(), &Options::new()).unwrap().found);
        migrations.migrate(&mut client, Options::new().target(1)).unwrap();
        client.batch_execute(by_hand).unwrap();
        assert_eq!(found(&database), expected, "{by_hand}");
        let report = migrations.migrate(&mut client, Options::new()).unwrap();
        for met in &report.steps[0].by_hand {
            assert!(met.undone.is_empty() && !met.kept.is_empty(), "{by_hand}, then {migration}: {met}");
        }
        assert_eq!(found(&database), expected, "{by_hand}, then {migration}");
        let options = Options::new().drifted(Drifted::Overwrite);
        migrations.rollback(&mut client, RollbackTo::Steps(1), options).unwrap();
        assert_eq!(found(&database), expected, "{by_hand}, then {migration}, then {rollback}");
    });
}

#[test]
fn what_was_changed_by_hand_on_an_object_that_a_migration_changes_stays_drift() {
    check(
        "GRANT INSERT ON active_users TO drift_owner; COMMENT ON COLUMN active_users.id IS 'by hand';
         ALTER VIEW active_users SET (security_barrier); GRANT UPDATE (id) ON active_users TO drift_owner;
         ALTER VIEW active_users OWNER TO drift_owner",
        "CREATE OR REPLACE VIEW active_users WITH (security_barrier) AS SELECT id, name FROM users WHERE id > 2;
         GRANT SELECT ON active_users TO PUBLIC;",
        "REVOKE SELECT ON active_users FROM PUBLIC;
         CREATE OR REPLACE VIEW active_users WITH (security_barrier) AS SELECT id, name FROM users WHERE id > 1;",
        "public.active_users Changed columns options owner privileges",
    );
    check(
        "GRANT INSERT ON m TO drift_owner; CREATE INDEX by_hand ON m (name); DROP INDEX m_id; CREATE INDEX m_id ON m (id DESC)",
        "CREATE INDEX m_name ON m (name); COMMENT ON MATERIALIZED VIEW m IS 'm';",
        "DROP INDEX m_name; COMMENT ON MATERIALIZED VIEW m IS NULL;",
        "public.m Changed indexes privileges",
    );
    check(
        "CREATE TRIGGER by_hand AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch(); COMMENT ON TRIGGER t ON users IS 'by hand'",
        "CREATE TRIGGER later AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION touch(); CREATE POLICY p ON users;",
        "DROP TRIGGER later ON users; DROP POLICY p ON users;",
        "public.users Changed triggers",
    );
    check(
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
        "GRANT EXECUTE ON FUNCTION f() TO drift_owner; COMMENT ON FUNCTION f() IS 'f';",
        "REVOKE EXECUTE ON FUNCTION f() FROM drift_owner; COMMENT ON FUNCTION f() IS NULL;",
        "public.f() Changed definition",
    );
    check(
        "ALTER TABLE users ALTER name SET DEFAULT 'x'; ALTER TABLE users DISABLE TRIGGER t; ALTER TABLE users ADD by_hand int",
        "ALTER TABLE users ADD email text DEFAULT 'e'; CREATE INDEX users_id ON users (id);",
        "DROP INDEX users_id; ALTER TABLE users DROP email;",
        "public.users Changed columns triggers",
    );
    check(
        "ALTER SEQUENCE q INCREMENT 5; ALTER TYPE e ADD VALUE 'y'; COMMENT ON TYPE e IS 'by hand'",
        "ALTER SEQUENCE q MAXVALUE 7; GRANT SELECT ON SEQUENCE q TO drift_owner; GRANT USAGE ON TYPE e TO drift_owner;",
        "ALTER SEQUENCE q NO MAXVALUE; REVOKE SELECT ON SEQUENCE q FROM drift_owner; REVOKE USAGE ON TYPE e FROM drift_owner;",
        "public.e Changed comment labels; public.q Changed definition",
    );
}

#[test]
fn what_is_kept_on_a_recreated_or_renamed_object_stays_drift() {
    check(
        "GRANT INSERT ON others TO drift_owner; COMMENT ON VIEW others IS 'by hand'",
        "DROP VIEW others; DROP VIEW active_users; CREATE VIEW active_users AS SELECT id, name, 1 AS one FROM users;
         CREATE VIEW others AS SELECT id FROM active_users; GRANT INSERT ON others TO drift_owner;
         COMMENT ON VIEW others IS 'by hand';",
        "DROP VIEW others; DROP VIEW active_users; CREATE VIEW active_users AS SELECT id, name FROM users WHERE id > 1;
         CREATE VIEW others AS SELECT id FROM active_users; GRANT INSERT ON others TO drift_owner;
         COMMENT ON VIEW others IS 'by hand';",
        "public.others Changed comment privileges",
    );
    let database = viewkeeper_live::testing::newest_server().empty_database();
    let migrations = Migrations::read(
        vec![
            (FIRST.0.to_owned(), FIRST.1.to_owned()),
            (
                "V2__renamed.sql".to_owned(),
                "ALTER VIEW others RENAME TO renamed;\nALTER TABLE users RENAME name TO called;\nALTER TABLE users RENAME TO people;\n"
                    .to_owned(),
            ),
        ],
        Vec::new(),
    );
    let mut client = database.connect();
    migrations.migrate(&mut client, Options::new().target(1)).unwrap();
    client.batch_execute("COMMENT ON VIEW others IS 'by hand'; COMMENT ON COLUMN users.name IS 'by hand'").unwrap();
    migrations.migrate(&mut client, Options::new()).unwrap();
    let found = migrations.drift(&mut client, &Options::new()).unwrap().found;
    assert_eq!(show(&found), "public.people Changed columns; public.renamed Changed comment");
}

/// What the migration says by a statement of its own is what it asked for, also where it was there already.
#[test]
fn what_a_migration_asks_for_is_recorded_where_it_was_there_already() {
    let migration = "DROP INDEX m_id; CREATE INDEX m_id ON m (id DESC);
         CREATE OR REPLACE VIEW active_users AS SELECT id, name FROM users WHERE id > 2;
         COMMENT ON COLUMN active_users.id IS 'asked for';
         CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
         CREATE OR REPLACE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
         ALTER TABLE users ALTER name SET DEFAULT 'x';";
    let migrations = Migrations::read(
        vec![(FIRST.0.to_owned(), FIRST.1.to_owned()), ("V2__asked.sql".to_owned(), migration.to_owned())],
        Vec::new(),
    );
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        migrations.migrate(&mut client, Options::new().target(1)).unwrap();
        client.batch_execute(migration).unwrap();
        migrations.migrate(&mut client, Options::new()).unwrap();
        let found = migrations.drift(&mut client, &Options::new()).unwrap().found;
        assert_eq!(show(&found), "", "on PostgreSQL {}", server.version());
    });
}
