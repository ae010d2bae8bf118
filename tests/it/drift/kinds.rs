//! Law 5 over the kinds that are no relations and no routines of SQL: each sort of drift names the object that was disturbed, and
//! what is suggested leads back.

use viewkeeper::{Finding, Migrations, Options};
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server};

use super::Back::{Part, Whole};
use super::{Back, show};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[(
        "V1__kinds.sql",
        "CREATE SCHEMA sales;
         COMMENT ON SCHEMA sales IS 'sold';
         GRANT USAGE ON SCHEMA sales TO drift_owner;
         CREATE EXTENSION hstore WITH SCHEMA sales VERSION '1.7';
         CREATE SEQUENCE sales.number AS integer START 7 INCREMENT 3;
         COMMENT ON SEQUENCE sales.number IS 'of invoices';
         CREATE TABLE sales.t (id serial PRIMARY KEY, always int GENERATED ALWAYS AS IDENTITY, a int, b int);
         CREATE TABLE sales.alone (id serial, a int, b int);
         CREATE STATISTICS sales.of_alone ON a, b FROM sales.alone;
         CREATE VIEW sales.v AS SELECT id, nextval('sales.number') AS number FROM sales.t;
         CREATE RULE r AS ON INSERT TO sales.v DO INSTEAD NOTHING;
         COMMENT ON RULE r ON sales.v IS 'r';
         CREATE POLICY p ON sales.t USING (a > 0);
         COMMENT ON POLICY p ON sales.t IS 'p';
         CREATE STATISTICS sales.s (dependencies) ON a, b FROM sales.t;
         COMMENT ON STATISTICS sales.s IS 's';
         CREATE TYPE e AS ENUM ('x', 'it''s');
         CREATE DOMAIN d AS text COLLATE \"C\" DEFAULT 'x' NOT NULL CONSTRAINT short CHECK (length(VALUE) < 9);
         COMMENT ON CONSTRAINT short ON DOMAIN d IS 'short';
         CREATE TYPE c AS (a int, \"B b\" text COLLATE \"C\");
         COMMENT ON COLUMN c.a IS 'a';
         REVOKE USAGE ON TYPE c FROM PUBLIC;
         GRANT USAGE ON TYPE c TO drift_owner WITH GRANT OPTION;
         CREATE TYPE n AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = \"C\");
         CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
         CREATE AGGREGATE number_of(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0', PARALLEL = SAFE);
         CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE CONSTRAINT TRIGGER later AFTER INSERT ON sales.t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION watch();
         COMMENT ON EVENT TRIGGER watch IS 'w';
         ALTER EVENT TRIGGER watch DISABLE;
         ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO drift_owner;
         ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO drift_owner;\n",
    )],
    &[],
);

/// What is called `ROLE` is whoever migrates.
const DISTURBANCES: &[(&str, &str, Back)] = &[
    // Schemas.
    ("CREATE SCHEMA other", "other CreatedOutside owner", Part),
    ("ALTER SCHEMA sales OWNER TO drift_owner", "sales Changed owner privileges", Whole),
    ("COMMENT ON SCHEMA sales IS NULL", "sales Changed comment", Whole),
    ("GRANT CREATE ON SCHEMA sales TO PUBLIC", "sales Changed privileges", Whole),
    ("REVOKE USAGE ON SCHEMA sales FROM drift_owner", "sales Changed privileges", Whole),
    ("CREATE SCHEMA other; DROP SCHEMA other", "", Whole),
    // Extensions.
    ("CREATE EXTENSION citext SCHEMA sales", "citext CreatedOutside version", Part),
    ("DROP EXTENSION hstore", "hstore Dropped version", Whole),
    ("ALTER EXTENSION hstore UPDATE TO '1.8'", "hstore Changed version", Part),
    ("ALTER EXTENSION hstore SET SCHEMA public", "hstore Changed schema", Whole),
    ("COMMENT ON EXTENSION hstore IS 'x'", "hstore Changed comment", Whole),
    // Sequences.
    ("CREATE SEQUENCE other", "public.other CreatedOutside definition", Part),
    (
        "DROP VIEW sales.v; DROP SEQUENCE sales.number",
        "sales.number Dropped definition; sales.v Dropped definition",
        Part,
    ),
    ("ALTER SEQUENCE sales.number INCREMENT 4 CYCLE", "sales.number Changed definition", Whole),
    ("ALTER SEQUENCE sales.number AS bigint", "sales.number Changed definition", Whole),
    ("ALTER SEQUENCE sales.number OWNED BY sales.t.a", "sales.number Changed owned_by", Whole),
    ("ALTER SEQUENCE sales.t_id_seq OWNED BY NONE", "sales.t_id_seq Changed owned_by", Whole),
    ("ALTER SEQUENCE sales.number OWNER TO drift_owner", "sales.number Changed owner privileges", Whole),
    ("GRANT USAGE ON SEQUENCE sales.number TO drift_owner", "sales.number Changed privileges", Whole),
    ("COMMENT ON SEQUENCE sales.number IS 'x'", "sales.number Changed comment", Whole),
    ("SELECT setval('sales.number', 70)", "", Whole),
    // A sequence comes and goes with its column.
    ("ALTER TABLE sales.t ADD x serial", "sales.t Changed columns constraints", Part),
    ("ALTER TABLE sales.t ADD x int GENERATED ALWAYS AS IDENTITY", "sales.t Changed columns constraints", Part),
    ("ALTER TABLE sales.t DROP always", "sales.t Changed columns constraints", Part),
    ("ALTER TABLE sales.t ALTER always DROP IDENTITY", "sales.t Changed columns", Part),
    ("ALTER TABLE sales.t ALTER always SET INCREMENT 5", "sales.t_always_seq Changed definition", Whole),
    ("CREATE TABLE sales.other (id serial)", "sales.other CreatedOutside columns", Part),
    ("DROP TABLE sales.alone", "sales.alone Dropped columns", Part),
    // Statistics.
    ("CREATE STATISTICS other ON a, b FROM sales.t", "public.other CreatedOutside definition", Part),
    ("DROP STATISTICS sales.s", "sales.s Dropped definition", Whole),
    (
        "DROP STATISTICS sales.s; CREATE STATISTICS sales.s (ndistinct) ON a, b FROM sales.t",
        "sales.s Changed definition comment",
        Whole,
    ),
    ("ALTER STATISTICS sales.s SET STATISTICS 7", "sales.s Changed target", Whole),
    ("ALTER STATISTICS sales.s OWNER TO drift_owner", "sales.s Changed owner", Whole),
    ("COMMENT ON STATISTICS sales.s IS NULL", "sales.s Changed comment", Whole),
    // Event triggers.
    (
        "CREATE EVENT TRIGGER other ON ddl_command_start EXECUTE FUNCTION watch()",
        "other CreatedOutside definition",
        Part,
    ),
    ("DROP EVENT TRIGGER watch", "watch Dropped definition", Whole),
    (
        "DROP EVENT TRIGGER watch; CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION watch()",
        "watch Changed definition comment enabled",
        Whole,
    ),
    ("ALTER EVENT TRIGGER watch ENABLE ALWAYS", "watch Changed enabled", Whole),
    ("COMMENT ON EVENT TRIGGER watch IS 'x'", "watch Changed comment", Whole),
    // Default privileges.
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT INSERT ON TABLES TO PUBLIC",
        "FOR ROLE ROLE IN SCHEMA sales ON TABLES Changed privileges",
        Whole,
    ),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA sales REVOKE SELECT ON TABLES FROM drift_owner",
        "FOR ROLE ROLE IN SCHEMA sales ON TABLES Dropped privileges",
        Whole,
    ),
    (
        "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SCHEMAS FROM drift_owner",
        "FOR ROLE ROLE ON SCHEMAS Dropped privileges",
        Whole,
    ),
    (
        "ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO drift_owner",
        "FOR ROLE ROLE ON TYPES CreatedOutside privileges",
        Part,
    ),
    // Enums.
    ("ALTER TYPE e RENAME VALUE 'x' TO 'y'", "public.e Changed labels", Part),
    ("ALTER TYPE e ADD VALUE 'first' BEFORE 'x'", "public.e Changed labels", Part),
    ("DROP TYPE e", "public.e Dropped labels", Whole),
    ("ALTER TYPE e OWNER TO drift_owner", "public.e Changed owner privileges", Whole),
    ("COMMENT ON TYPE e IS 'x'", "public.e Changed comment", Whole),
    ("REVOKE USAGE ON TYPE e FROM PUBLIC", "public.e Changed privileges", Whole),
    // Domains.
    ("CREATE DOMAIN other AS int", "public.other CreatedOutside base", Part),
    ("DROP DOMAIN d", "public.d Dropped base", Whole),
    ("ALTER DOMAIN d DROP DEFAULT", "public.d Changed default", Whole),
    ("ALTER DOMAIN d SET DEFAULT 'it''s'", "public.d Changed default", Whole),
    ("ALTER DOMAIN d DROP NOT NULL", "public.d Changed not_null", Whole),
    ("ALTER DOMAIN d DROP CONSTRAINT short", "public.d Changed constraint_comments constraints", Whole),
    ("ALTER DOMAIN d ADD CONSTRAINT more CHECK (VALUE <> '')", "public.d Changed constraints", Part),
    (
        "ALTER DOMAIN d DROP CONSTRAINT short; ALTER DOMAIN d ADD CONSTRAINT short CHECK (length(VALUE) < 8)",
        "public.d Changed constraint_comments constraints",
        Whole,
    ),
    ("COMMENT ON CONSTRAINT short ON DOMAIN d IS 'x'", "public.d Changed constraint_comments", Whole),
    (
        "DROP DOMAIN d; CREATE DOMAIN d AS text",
        "public.d Changed collation constraint_comments constraints default not_null",
        Part,
    ),
    ("ALTER DOMAIN d OWNER TO drift_owner", "public.d Changed owner privileges", Whole),
    ("GRANT USAGE ON DOMAIN d TO drift_owner", "public.d Changed privileges", Whole),
    // Composite types.
    ("CREATE TYPE other AS (a int)", "public.other CreatedOutside columns", Part),
    ("DROP TYPE c", "public.c Dropped columns", Whole),
    ("ALTER TYPE c ADD ATTRIBUTE x int", "public.c Changed columns", Part),
    ("ALTER TYPE c ALTER ATTRIBUTE \"B b\" TYPE text", "public.c Changed attribute_collations", Part),
    ("COMMENT ON COLUMN c.a IS 'x'", "public.c Changed attribute_comments", Whole),
    ("COMMENT ON COLUMN c.\"B b\" IS 'x'", "public.c Changed attribute_comments", Whole),
    ("GRANT USAGE ON TYPE c TO PUBLIC", "public.c Changed privileges", Whole),
    ("REVOKE GRANT OPTION FOR USAGE ON TYPE c FROM drift_owner", "public.c Changed privileges", Whole),
    ("COMMENT ON TYPE c IS 'x'", "public.c Changed comment", Whole),
    // Ranges.
    ("DROP TYPE n", "public.n Dropped subtype", Whole),
    ("DROP TYPE n; CREATE TYPE n AS RANGE (SUBTYPE = text)", "public.n Changed range", Part),
    // Aggregates.
    ("DROP AGGREGATE total(int)", "public.total(integer) Dropped aggregate", Whole),
    ("DROP AGGREGATE number_of(*)", "public.number_of() Dropped aggregate", Whole),
    (
        "CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4mul, STYPE = int, INITCOND = '1')",
        "public.total(integer) Changed aggregate",
        Whole,
    ),
    // What is said of parts of relations.
    ("COMMENT ON RULE r ON sales.v IS 'x'", "sales.v Changed rule_comments", Whole),
    ("DROP RULE r ON sales.v", "sales.v Changed rule_comments rules", Whole),
    ("COMMENT ON POLICY p ON sales.t IS 'x'", "sales.t Changed policy_comments", Whole),
    ("DROP TRIGGER later ON sales.t", "sales.t Changed constraints triggers", Whole),
    ("DROP POLICY p ON sales.t", "sales.t Changed policies policy_comments", Whole),
];

fn migrated(server: &'static TestServer) -> TestDatabase {
    let database = server.empty_database();
    MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap();
    database
}

#[test]
fn every_kind_is_named_and_led_back() {
    for_each_server(|server| {
        server.role("drift_owner");
        let mut database = migrated(server);
        let role: String = database.connect().query_one("SELECT quote_ident(current_user)", &[]).unwrap().get(0);
        for (sql, expected, back) in DISTURBANCES {
            let mut expected = expected.replace("ROLE ROLE", &format!("ROLE {role}"));
            // Before 18, NOT NULL is no constraint with a name.
            if server.major() < 18 {
                expected = expected.replace("sales.t Changed columns constraints", "sales.t Changed columns");
            }
            let mut client = database.connect();
            client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let drift = || MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap();
            let report = drift();
            assert_eq!((show(&report.found), report.earlier), (expected, 0), "{sql}");
            let repair: Vec<&str> = report.found.iter().flat_map(|drift| &drift.repair).map(String::as_str).collect();
            let forbidden = ["CASCADE", "DROP SCHEMA", "DROP TYPE", "DROP DOMAIN", "DROP EXTENSION", "DROP SEQUENCE"];
            assert!(!forbidden.iter().any(|word| repair.concat().contains(word)), "{sql}: {repair:?}");
            client.batch_execute(&repair.join("\n")).unwrap_or_else(|error| panic!("{sql}: {error:?} in {repair:?}"));
            let rest: Vec<&String> = report.found.iter().flat_map(|drift| &drift.unrepaired).collect();
            let whole = rest.is_empty() && report.found.iter().all(|drift| drift.finding != Finding::CreatedOutside);
            assert_eq!(whole, *back == Whole, "{sql}: {rest:?}");
            match back {
                Whole => assert_eq!(show(&drift().found), "", "{sql} and {repair:?}"),
                Part => database = migrated(server),
            }
        }
    });
}
