//! Drift on real servers: a disturbed database names exactly what was disturbed, the statements that are suggested lead
//! back, and nobody is waited for.

mod edition;
mod kept;
mod kinds;
mod laws;
mod locks;
mod privileges;
mod reads;
mod standby;
mod tables;
mod upgrade;

use viewkeeper::{Drift, DriftReport, Migrations, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__all.sql",
        "CREATE TABLE base (id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0));
         CREATE INDEX base_n ON base (n);
         CREATE POLICY own ON base FOR SELECT USING (n > 0);
         CREATE VIEW a AS SELECT id, n FROM base;
         CREATE VIEW b AS SELECT id FROM a;
         COMMENT ON VIEW b IS 'it''s \\ b';
         CREATE MATERIALIZED VIEW m AS SELECT id, n FROM base;
         CREATE UNIQUE INDEX m_id ON m (id);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE FUNCTION s() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT id FROM a; END;
         CREATE TRIGGER t INSTEAD OF INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
         CREATE RULE r AS ON DELETE TO b DO INSTEAD NOTHING;
         CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE e AS ENUM ('x');
         CREATE DOMAIN d AS int CHECK (VALUE > 0);\n",
    )],
    &[],
);

fn migrated(server: &'static TestServer) -> TestDatabase {
    let database = server.empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database
}

fn report(database: &TestDatabase) -> DriftReport {
    MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap()
}

fn drift(database: &TestDatabase) -> Vec<Drift> {
    report(database).found
}

fn show(found: &[Drift]) -> String {
    let one = |drift: &Drift| {
        let aspects: Vec<&str> = drift.aspects.iter().map(|aspect| aspect.name.as_str()).collect();
        format!("{} {:?} {}", drift.name, drift.finding, aspects.join(" "))
    };
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Whether the suggested statements lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Whole,
    /// What was made by hand stays, or something was lost for good.
    Part,
}

use Back::{Part, Whole};

const DISTURBANCES: &[(&str, &str, Back)] = &[
    ("CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1", "public.b Changed definition", Whole),
    ("DROP VIEW b", "public.b Dropped definition", Whole),
    ("DROP MATERIALIZED VIEW m", "public.m Dropped definition", Whole),
    ("DROP FUNCTION s()", "public.s() Dropped definition", Whole),
    ("DROP TYPE e", "public.e Dropped labels", Whole),
    ("DROP DOMAIN d", "public.d Dropped base", Whole),
    ("CREATE VIEW c AS SELECT 1 AS one", "public.c CreatedOutside definition", Part),
    ("CREATE MATERIALIZED VIEW c AS SELECT 1 AS one", "public.c CreatedOutside definition", Part),
    ("CREATE TABLE c (one int)", "public.c CreatedOutside columns", Part),
    ("CREATE FUNCTION c() RETURNS int LANGUAGE sql AS 'SELECT 1'", "public.c() CreatedOutside definition", Part),
    ("CREATE TYPE c AS ENUM ('x')", "public.c CreatedOutside labels", Part),
    ("CREATE OR REPLACE VIEW b AS SELECT id, n FROM a", "public.b Changed definition columns", Whole),
    (
        "DROP VIEW b; CREATE VIEW b AS SELECT id::text FROM a",
        "public.b Changed definition columns comment rules",
        Whole,
    ),
    ("ALTER VIEW b RENAME COLUMN id TO number", "public.b Changed columns", Whole),
    ("ALTER VIEW b SET (security_barrier)", "public.b Changed options", Whole),
    ("COMMENT ON VIEW b IS 'x'", "public.b Changed comment", Whole),
    ("COMMENT ON COLUMN b.id IS 'x'", "public.b Changed columns", Whole),
    ("ALTER VIEW b ALTER COLUMN id SET DEFAULT 7", "public.b Changed columns", Whole),
    ("GRANT SELECT ON b TO PUBLIC", "public.b Changed privileges", Whole),
    ("GRANT SELECT ON b TO drift_owner WITH GRANT OPTION", "public.b Changed privileges", Whole),
    ("GRANT UPDATE (id) ON b TO drift_owner", "public.b Changed columns", Whole),
    ("ALTER VIEW b OWNER TO drift_owner", "public.b Changed owner privileges", Whole),
    ("CREATE INDEX m_n ON m (n)", "public.m Changed indexes", Part),
    ("DROP INDEX m_id", "public.m Changed indexes", Whole),
    ("DROP INDEX m_id; CREATE UNIQUE INDEX m_id ON m (id DESC)", "public.m Changed indexes", Whole),
    ("COMMENT ON INDEX m_id IS 'x'", "public.m Changed indexes", Whole),
    ("DROP TRIGGER t ON a", "public.a Changed triggers", Whole),
    ("DROP RULE r ON b", "public.b Changed rules", Whole),
    ("CREATE RULE i AS ON UPDATE TO b DO INSTEAD NOTHING", "public.b Changed rules", Part),
    ("REFRESH MATERIALIZED VIEW m WITH NO DATA", "public.m Changed populated", Whole),
    ("ALTER TABLE base ALTER n SET DEFAULT 2", "public.base Changed columns", Whole),
    ("ALTER TABLE base ALTER n SET NOT NULL", "public.base Changed columns constraints", Whole),
    ("ALTER TABLE base ADD x text", "public.base Changed columns", Part),
    ("ALTER TABLE base DROP CONSTRAINT base_n_check", "public.base Changed constraints", Whole),
    ("DROP INDEX base_n", "public.base Changed indexes", Whole),
    ("ALTER TYPE e ADD VALUE 'y'", "public.e Changed labels", Part),
    ("CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'SELECT 2'", "public.p() Changed definition", Whole),
    (
        "CREATE OR REPLACE FUNCTION s() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT id + 1 FROM a; END",
        "public.s() Changed definition",
        Whole,
    ),
    ("REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC", "public.f() Changed privileges", Whole),
    ("CREATE POLICY p ON base USING (id > 1)", "public.base Changed policies", Part),
    ("ALTER POLICY own ON base USING (n > 1)", "public.base Changed policies", Whole),
    ("ALTER TABLE base ENABLE ROW LEVEL SECURITY", "public.base Changed row_security", Whole),
    ("ALTER DOMAIN d SET DEFAULT 3", "public.d Changed default", Whole),
    ("CREATE OR REPLACE VIEW b AS SELECT   id\nFROM a", "", Whole),
    ("REFRESH MATERIALIZED VIEW m", "", Whole),
    ("SET search_path = 'pg_catalog'; ALTER ROLE drift_owner SET search_path = pg_catalog", "", Whole),
    ("SELECT 1", "", Whole),
];

#[test]
fn exactly_what_was_disturbed_is_named_and_what_is_suggested_leads_back() {
    for_each_server(|server| {
        server.role("drift_owner");
        let mut database = migrated(server);
        for (sql, expected, back) in DISTURBANCES {
            // Before 18, NOT NULL is no constraint with a name.
            let expected = if server.major() < 18 {
                expected.replace("columns constraints", "columns")
            } else {
                (*expected).to_owned()
            };
            let mut client = database.connect();
            client.batch_execute(sql).unwrap();
            let found = drift(&database);
            assert_eq!(show(&found), expected, "{sql}");
            let repair: Vec<&str> = found.iter().flat_map(|drift| &drift.repair).map(String::as_str).collect();
            client.batch_execute(&repair.join("\n")).unwrap_or_else(|error| panic!("{sql}: {error:?} in {repair:?}"));
            let rest: Vec<&String> = found.iter().flat_map(|drift| &drift.unrepaired).collect();
            assert_eq!(
                rest.is_empty() && found.iter().all(|drift| drift.finding != viewkeeper::Finding::CreatedOutside),
                *back == Whole,
                "{sql}: {rest:?}"
            );
            match back {
                Whole => assert_eq!(show(&drift(&database)), "", "{sql} and {repair:?}"),
                // Nothing that was made by hand is gone: what was found is found again.
                Part => {
                    let left = drift(&database);
                    assert!(!left.is_empty(), "{sql} and {repair:?}");
                    database = migrated(server);
                }
            }
        }
    });
}

#[test]
fn readers_are_named_through_others() {
    let database = migrated(viewkeeper_live::testing::newest_server());
    database.connect().batch_execute("ALTER TABLE base ADD x text").unwrap();
    assert_eq!(drift(&database)[0].readers, ["public.a", "public.b", "public.m", "public.s()"]);
    database.connect().batch_execute("ALTER FUNCTION f() COST 7").unwrap();
    let found = drift(&database);
    assert_eq!(
        (found[1].name.as_str(), &found[1].readers[..2]),
        ("public.f()", &["public.a".into(), "public.b".into()][..])
    );
}

#[test]
fn a_replaced_column_that_others_read_is_not_led_back_by_force() {
    let database = migrated(viewkeeper_live::testing::newest_server());
    database.connect().batch_execute("CREATE OR REPLACE VIEW a AS SELECT id, n, 1 AS one FROM base").unwrap();
    let found = drift(&database);
    assert_eq!(show(&found), "public.a Changed definition columns");
    assert_eq!(found[0].repair, Vec::<String>::new());
    assert!(found[0].unrepaired[0].starts_with("definition: it has to be made anew below what reads it"));
}

#[test]
fn how_a_session_prints_constants_makes_no_difference() {
    const DATED: Migrations = Migrations::embedded(
        &[(
            "V1__dates.sql",
            "CREATE FUNCTION f(a date DEFAULT '2026-02-01', b interval DEFAULT '1 year 2 days', c timestamptz DEFAULT \
             '2026-02-01 00:00Z', d float8 DEFAULT 0.1, e bytea DEFAULT '\\x41') RETURNS int LANGUAGE sql AS 'SELECT 1';
             CREATE VIEW dated AS SELECT date '2026-02-01' AS day, interval '1 year 2 days' AS long;\n",
        )],
        &[],
    );
    const OTHERWISE: &str =
        "SET datestyle = 'German, DMY'; SET intervalstyle = 'sql_standard'; SET timezone = 'Asia/Tokyo';
         SET extra_float_digits = -3; SET bytea_output = 'escape'; SET quote_all_identifiers = on";
    for_each_server(|server| {
        for (migrator, reader) in [("", OTHERWISE), (OTHERWISE, "")] {
            let database = server.empty_database();
            let mut client = database.connect();
            client.batch_execute(migrator).unwrap();
            let style: String = client.query_one("SHOW datestyle", &[]).unwrap().get(0);
            DATED.migrate(&mut client, Options::new()).unwrap();
            let after: String = client.query_one("SHOW datestyle", &[]).unwrap().get(0);
            assert_eq!(style, after);
            let mut client = database.connect();
            client.batch_execute(reader).unwrap();
            assert_eq!(show(&DATED.drift(&mut client, &Options::new()).unwrap().found), "");
            client
                .batch_execute(
                    "CREATE OR REPLACE VIEW dated AS SELECT date '2026-02-03' AS day, interval '1 day' AS long",
                )
                .unwrap();
            let found = DATED.drift(&mut client, &Options::new()).unwrap().found;
            assert!(found[0].aspects[0].live.as_ref().unwrap().contains("'2026-02-03'::date"), "{found:?}");
        }
    });
}
