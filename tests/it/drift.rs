//! Drift on real servers: a disturbed database names exactly what was disturbed, and nobody is waited for.

use std::time::{Duration, Instant};

use viewkeeper::{Drift, Finding, Migrations, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__all.sql",
        "CREATE TABLE base (id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0));
         CREATE VIEW a AS SELECT id, n FROM base;
         CREATE VIEW b AS SELECT id FROM a;
         CREATE MATERIALIZED VIEW m AS SELECT id, n FROM base;
         CREATE UNIQUE INDEX m_id ON m (id);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE FUNCTION s() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT id FROM a; END;
         CREATE TRIGGER t INSTEAD OF INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
         CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE e AS ENUM ('x');\n",
    )],
    &[],
);

fn migrated(server: &'static TestServer) -> TestDatabase {
    let database = server.empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database
}

fn drift(database: &TestDatabase) -> Vec<Drift> {
    MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap()
}

fn show(found: &[Drift]) -> String {
    let one = |drift: &Drift| {
        let aspects: Vec<&str> = drift.aspects.iter().map(|aspect| aspect.name.as_str()).collect();
        format!("{} {:?} {}", drift.name, drift.finding, aspects.join(" "))
    };
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}

const DISTURBANCES: &[(&str, &str)] = &[
    ("CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1", "public.b Changed definition"),
    ("DROP VIEW b", "public.b Dropped definition"),
    ("CREATE VIEW c AS SELECT 1 AS one", "public.c CreatedOutside definition"),
    ("CREATE MATERIALIZED VIEW c AS SELECT 1 AS one", "public.c CreatedOutside definition"),
    ("CREATE OR REPLACE VIEW b AS SELECT id, n FROM a", "public.b Changed definition columns"),
    ("ALTER VIEW b SET (security_barrier)", "public.b Changed options"),
    ("COMMENT ON VIEW b IS 'x'", "public.b Changed comment"),
    ("COMMENT ON COLUMN b.id IS 'x'", "public.b Changed columns"),
    ("GRANT SELECT ON b TO PUBLIC", "public.b Changed privileges"),
    ("ALTER VIEW b OWNER TO drift_owner", "public.b Changed owner privileges"),
    ("CREATE INDEX m_n ON m (n)", "public.m Changed indexes"),
    ("DROP INDEX m_id; CREATE UNIQUE INDEX m_id ON m (id DESC)", "public.m Changed indexes"),
    ("DROP TRIGGER t ON a", "public.a Changed triggers"),
    ("CREATE RULE r AS ON DELETE TO b DO INSTEAD NOTHING", "public.b Changed rules"),
    ("REFRESH MATERIALIZED VIEW m WITH NO DATA", "public.m Changed populated"),
    ("ALTER TABLE base ALTER n SET DEFAULT 2", "public.base Changed columns"),
    ("ALTER TABLE base ADD x text", "public.base Changed columns"),
    ("ALTER TYPE e ADD VALUE 'y'", "public.e Changed labels"),
    ("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'SELECT 2'", "public.p() Changed definition"),
    ("CREATE POLICY p ON base USING (id > 1)", "public.base Changed policies"),
    ("CREATE OR REPLACE VIEW b AS SELECT   id\nFROM a", ""),
    ("REFRESH MATERIALIZED VIEW m", ""),
    ("SELECT 1", ""),
];

#[test]
fn exactly_what_was_disturbed_is_named() {
    for_each_server(|server| {
        server.role("drift_owner");
        let database = migrated(server);
        for (sql, expected) in DISTURBANCES {
            let database = if expected.is_empty() { &database } else { &migrated(server) };
            database.connect().batch_execute(sql).unwrap();
            assert_eq!(show(&drift(database)), *expected, "{sql}");
        }
    });
}

#[test]
fn nobody_is_waited_for_and_reading_is_enough() {
    for_each_server(|server| {
        server.role("drift_reader");
        let database = migrated(server);
        database
            .connect()
            .batch_execute(
                "GRANT SELECT ON refinery_schema_history, viewkeeper_history TO drift_reader;
                 CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1;",
            )
            .unwrap();
        let mut holder = database.connect();
        let mut held = holder.transaction().unwrap();
        held.batch_execute("LOCK TABLE base, a, b IN ACCESS EXCLUSIVE MODE").unwrap();
        let mut reader = database.connect();
        reader.batch_execute("SET SESSION AUTHORIZATION drift_reader").unwrap();
        let began = Instant::now();
        let found = MIGRATIONS.drift(&mut reader, &Options::new()).unwrap();
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(show(&found), "public.b Changed definition");
        assert_eq!((found[0].finding, &found[0].aspects[0].live), (Finding::Changed, &None));
        held.rollback().unwrap();
        let found = MIGRATIONS.drift(&mut reader, &Options::new()).unwrap();
        assert!(found[0].aspects[0].live.as_ref().unwrap().contains("> 1"));
    });
}
