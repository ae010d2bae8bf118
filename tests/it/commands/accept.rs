//! `drift --accept` for every kind of definition: afterwards the definitions declare what the disturbed database holds.

use super::Workspace;
use viewkeeper_live::testing::for_each_server;

const FILES: &[(&str, &str)] = &[
    ("schemas/sales.sql", "CREATE SCHEMA sales;\n"),
    (
        "sequences/number.sql",
        "-- Of invoices.\nCREATE SEQUENCE number START 7;\nCOMMENT ON SEQUENCE number IS 'old';\n",
    ),
    ("statistics/s.sql", "CREATE STATISTICS s ON id, name FROM users;\n"),
    (
        "types/all.sql",
        "-- How it goes.\nCREATE TYPE state AS ENUM ('open'); -- more to come\n\nCREATE DOMAIN short AS text CONSTRAINT short CHECK \
         (length(VALUE) < 9);\nCOMMENT ON CONSTRAINT short ON DOMAIN short IS 'old';\n\nCREATE TYPE pair AS (a int);\n\nCREATE \
         TYPE span AS RANGE (SUBTYPE = numeric);\nCOMMENT ON TYPE span IS 'from to';\n",
    ),
    ("functions/f.sql", "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n';\n"),
    ("aggregates/total.sql", "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);\n"),
    (
        "event_triggers/watch.sql",
        "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';\nCREATE EVENT TRIGGER watch ON sql_drop \
         EXECUTE FUNCTION watch();\n",
    ),
    ("views/names.sql", "CREATE VIEW names AS SELECT id, name FROM users;\nGRANT SELECT ON names TO accept_reader;\n"),
    (
        "views/letters.sql",
        "CREATE MATERIALIZED VIEW letters AS SELECT left(name, 1) AS letter FROM users;\nCREATE INDEX letters_letter ON letters \
         (letter);\nCOMMENT ON INDEX letters_letter IS 'old';\n",
    ),
];

const DISTURBANCE: &str = "
    GRANT USAGE ON SCHEMA sales TO accept_reader;
    ALTER SCHEMA sales OWNER TO accept_reader;
    ALTER SEQUENCE number INCREMENT 5;
    COMMENT ON SEQUENCE number IS NULL;
    ALTER STATISTICS s SET STATISTICS 70;
    COMMENT ON STATISTICS s IS 'new';
    ALTER TYPE state ADD VALUE 'paid';
    GRANT USAGE ON TYPE state TO accept_reader WITH GRANT OPTION;
    ALTER DOMAIN short SET DEFAULT 'it''s';
    COMMENT ON CONSTRAINT short ON DOMAIN short IS 'new';
    ALTER TYPE pair ADD ATTRIBUTE b text;
    COMMENT ON COLUMN pair.b IS 'new';
    COMMENT ON TYPE span IS 'new';
    CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql AS $$SELECT n + 1 -- $body$ $$;
    REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
    CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
    ALTER EVENT TRIGGER watch DISABLE;
    REVOKE SELECT ON names FROM accept_reader;
    GRANT SELECT (id) ON names TO accept_reader;
    COMMENT ON COLUMN names.id IS 'new';
    DROP INDEX letters_letter;
    CREATE UNIQUE INDEX by_hand ON letters (letter);
    COMMENT ON INDEX by_hand IS 'new';
    CREATE SCHEMA other;
    CREATE SEQUENCE other.by_hand;
    CREATE TYPE other.by_hand_too AS ENUM ('a');
    CREATE FUNCTION f(n text) RETURNS text LANGUAGE sql AS 'SELECT n';
    CREATE EXTENSION hstore SCHEMA other;
    ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT SELECT ON TABLES TO accept_reader";

#[test]
fn what_is_accepted_is_what_the_database_holds() {
    for_each_server(|server| {
        server.role("accept_reader");
        let workspace = Workspace::with_tables(FILES);
        workspace.run(&["db-diff", "all"]).exits(0);
        let disturbed = server.empty_database();
        workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
        workspace.run_on(&disturbed.url(), &["drift"]).exits(0);
        disturbed.execute(DISTURBANCE);
        let ran = workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
        if server.major() == 15 {
            let paths =
                ["sequences/number", "types/all", "functions/f", "functions/f-2", "views/names", "views/letters"];
            let shown = paths.map(|path| format!("--- {path}\n{}", workspace.read(&format!("{path}.sql"))));
            insta::assert_snapshot!(format!("{}\n{}", ran.show(), shown.concat()));
        }
        // Built from nothing, the definitions lead to what somebody made by hand.
        workspace.run(&["db-diff", "accepted"]).exits(0);
        let rebuilt = server.empty_database();
        workspace.run_on(&rebuilt.url(), &["migrate"]).exits(0);
        let compared = workspace.run(&["compare", &disturbed.url(), &rebuilt.url(), "--format", "json"]);
        let objects = compared.json()["objects"].as_array().unwrap().clone();
        let differ: Vec<_> =
            objects.iter().filter(|object| object["state"] != "same" && object["kind"] != "migration").collect();
        assert!(differ.is_empty(), "on PostgreSQL {}: {differ:#?}\n{}", server.version(), ran.show());
    });
}
