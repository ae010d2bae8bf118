//! `drift --accept` for every kind of definition: afterwards the definitions declare what the disturbed database holds.

use super::Workspace;
use viewkeeper_live::testing::{TestDatabase, TestServer, for_each_server, newest_server};

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
        let shown = ["sequences/number", "types/all", "functions/f", "functions/f-2", "views/names", "views/letters"];
        let (_, ran) = accepted(server, FILES, DISTURBANCE, &shown);
        if server.major() == 15 {
            insta::assert_snapshot!(ran);
        }
    });
}

const PARTS: &[(&str, &str)] = &[
    ("functions/touch.sql", "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"),
    (
        "views/names.sql",
        "CREATE VIEW names AS SELECT id, name FROM users;\n\nCREATE TRIGGER put INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE \
         FUNCTION touch();\n",
    ),
    (
        "triggers/users.sql",
        "-- Why there is one.\nCREATE TRIGGER changed BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch(); -- kept\n\n\
         -- Why there is another one.\nCREATE TRIGGER gone BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION touch();\n\
         COMMENT ON TRIGGER gone ON users IS 'gone';\n\nCREATE TRIGGER said BEFORE INSERT ON users FOR EACH ROW EXECUTE \
         FUNCTION touch();\nCOMMENT ON TRIGGER said ON users IS 'old';\n\nCREATE TRIGGER other BEFORE INSERT ON users FOR EACH \
         ROW EXECUTE FUNCTION touch();\nALTER TABLE users DISABLE TRIGGER other, DISABLE TRIGGER said;\n",
    ),
    ("rules/posts/gone.sql", "CREATE RULE gone AS ON DELETE TO posts DO INSTEAD NOTHING;\n"),
    ("rules/posts/changed.sql", "CREATE RULE changed AS ON UPDATE TO posts DO ALSO NOTHING;\n"),
    ("policies/users/own.sql", "CREATE POLICY own ON users USING (name = CURRENT_USER);\n"),
    (
        "policies/users/gone.sql",
        "CREATE POLICY gone ON users FOR DELETE USING (true);\nCOMMENT ON POLICY gone ON users IS 'x';\n",
    ),
    (
        "policies/users/row_security.sql",
        "-- Everybody sees their own.\nALTER TABLE users ENABLE ROW LEVEL SECURITY;\nALTER TABLE users FORCE ROW LEVEL \
         SECURITY;\n",
    ),
    ("policies/posts.sql", "ALTER TABLE posts ENABLE ROW LEVEL SECURITY;\n"),
    (
        "grants/new_objects.sql",
        "-- Reports.\nALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO accept_reader;\nALTER DEFAULT \
         PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;\n",
    ),
    ("grants/sequences.sql", "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO accept_reader;\n"),
];

const PARTS_DISTURBED: &str = "
    CREATE OR REPLACE TRIGGER changed BEFORE UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION touch();
    ALTER TABLE users ENABLE ALWAYS TRIGGER changed;
    DROP TRIGGER gone ON users;
    COMMENT ON TRIGGER said ON users IS 'new';
    ALTER TABLE users ENABLE TRIGGER said;
    CREATE CONSTRAINT TRIGGER by_hand AFTER INSERT ON posts DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
    COMMENT ON TRIGGER by_hand ON posts IS 'in a hurry';
    DROP TRIGGER put ON names;
    CREATE RULE put AS ON INSERT TO names DO INSTEAD INSERT INTO users (id, name) VALUES (new.id, new.name);
    DROP RULE gone ON posts;
    CREATE OR REPLACE RULE changed AS ON UPDATE TO posts DO INSTEAD NOTHING;
    COMMENT ON RULE changed ON posts IS 'new';
    ALTER TABLE posts DISABLE RULE changed;
    ALTER POLICY own ON users TO accept_reader USING (name = CURRENT_USER OR id = 0) WITH CHECK (id > 0);
    COMMENT ON POLICY own ON users IS 'new';
    DROP POLICY gone ON users;
    CREATE POLICY by_hand ON posts AS RESTRICTIVE FOR SELECT TO accept_reader USING (title <> '');
    ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE posts DISABLE ROW LEVEL SECURITY;
    CREATE VIEW titles AS SELECT title FROM posts;
    CREATE RULE none AS ON DELETE TO titles DO INSTEAD NOTHING;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE INSERT ON TABLES FROM accept_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT DELETE ON TABLES TO accept_reader WITH GRANT OPTION;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO accept_reader;
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SEQUENCES FROM accept_reader";

#[test]
fn what_hangs_on_relations_and_what_new_objects_are_given_is_accepted() {
    for_each_server(|server| {
        server.role("accept_reader");
        let shown = [
            "triggers/users",
            "triggers/posts/by_hand",
            "rules/posts/changed",
            "policies/users/own",
            "policies/users/row_security",
        ];
        let more =
            ["policies/posts/by_hand", "rules/names/put", "views/names", "rules/titles/none", "grants/new_objects"];
        let (workspace, ran) = accepted(server, PARTS, PARTS_DISTURBED, &[shown, more].concat());
        for gone in ["rules/posts/gone", "policies/users/gone", "policies/posts", "grants/sequences"] {
            assert!(!workspace.path(&format!("{gone}.sql")).exists(), "{gone} is left");
        }
        if server.major() == 15 {
            insta::assert_snapshot!(ran);
        }
    });
}

/// Files that say things of objects which others declare.
const SAID: &[(&str, &str)] = &[
    ("views/names.sql", "CREATE VIEW names AS SELECT id, name FROM users;\nCREATE VIEW ids AS SELECT id FROM users;\n"),
    (
        "grants/reader.sql",
        "-- What may be read.\nGRANT SELECT ON names, ids TO accept_reader;\nGRANT SELECT, INSERT ON posts TO accept_reader;\n",
    ),
    ("grants/writer.sql", "GRANT UPDATE (name) ON names TO accept_reader;\n"),
    ("grants/comments.sql", "COMMENT ON VIEW names IS 'kept';\nCOMMENT ON COLUMN names.id IS 'old';\n"),
];

#[test]
fn what_other_files_say_of_an_object_is_accepted_there() {
    let server = newest_server();
    server.role("accept_reader");
    let disturbance = "REVOKE ALL ON names FROM accept_reader; GRANT INSERT ON names TO accept_reader; COMMENT ON COLUMN \
                       names.id IS 'new'; REVOKE INSERT ON posts FROM accept_reader; GRANT DELETE ON posts TO PUBLIC; COMMENT ON \
                       TABLE users IS 'somebody''s'; COMMENT ON COLUMN users.name IS 'called'; GRANT UPDATE (name) ON users TO \
                       accept_reader; ALTER TABLE users OWNER TO accept_reader";
    let shown = ["views/names", "grants/reader", "grants/comments", "grants/users"];
    let (workspace, ran) = accepted(server, SAID, disturbance, &shown);
    assert!(!workspace.path("grants/writer.sql").exists());
    insta::assert_snapshot!(ran);
}

#[test]
fn what_migrations_said_of_a_table_is_taken_back_by_definitions() {
    let server = newest_server();
    server.role("accept_reader");
    let workspace = Workspace::with_tables(&[("grants/posts.sql", "GRANT DELETE ON posts TO accept_reader;\n")]);
    workspace.write(
        "migrations/V2__said.sql",
        "GRANT SELECT, INSERT ON users TO accept_reader;\nCOMMENT ON TABLE users IS 'old';\nCOMMENT ON COLUMN users.id IS \
         'kept';\nGRANT SELECT ON posts TO accept_reader;\n",
    );
    workspace.run(&["db-diff", "all"]).exits(0);
    let disturbed = server.empty_database();
    workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
    disturbed.execute(
        "REVOKE INSERT ON users FROM accept_reader; COMMENT ON TABLE users IS NULL; REVOKE SELECT ON posts FROM \
         accept_reader; GRANT UPDATE ON posts TO accept_reader",
    );
    workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
    let shown = ["grants/users", "grants/posts"].map(|path| workspace.read(&format!("{path}.sql")));
    insta::assert_snapshot!(shown.join("---\n"));
    assert_rebuilt(server, &workspace, &disturbed);
}

#[test]
fn comments_on_indexes_and_constraints_and_what_is_said_of_foreign_tables_are_accepted() {
    let server = newest_server();
    server.role("accept_reader");
    let workspace = Workspace::with_tables(&[(
        "grants/users.sql",
        "COMMENT ON INDEX by_name IS 'old';\nCOMMENT ON INDEX other.by_name IS 'kept';\nCOMMENT ON CONSTRAINT one ON users IS \
         'goes';\n",
    )]);
    workspace.write(
        "migrations/V2__more.sql",
        "CREATE INDEX by_name ON users (name);\nALTER TABLE users ADD CONSTRAINT one CHECK (id > 0), ADD CONSTRAINT two CHECK (id \
         < 9);\nCREATE SCHEMA other;\nCREATE TABLE other.t (id integer);\nCREATE INDEX by_name ON other.t (id);\nCREATE FOREIGN \
         DATA WRAPPER w;\nCREATE SERVER s FOREIGN DATA WRAPPER w;\nCREATE FOREIGN TABLE far (id integer) SERVER s;\n",
    );
    workspace.run(&["db-diff", "all"]).exits(0);
    let disturbed = server.empty_database();
    workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
    disturbed.execute(
        "COMMENT ON INDEX by_name IS 'new'; COMMENT ON CONSTRAINT one ON users IS NULL; COMMENT ON CONSTRAINT two ON users \
         IS 'comes'; COMMENT ON FOREIGN TABLE far IS 'far'; COMMENT ON COLUMN far.id IS 'id'; GRANT SELECT ON far TO \
         accept_reader; ALTER FOREIGN TABLE far OWNER TO accept_reader",
    );
    workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
    let shown = ["grants/users", "grants/far"].map(|path| workspace.read(&format!("{path}.sql")));
    insta::assert_snapshot!(shown.join("---\n"));
    assert_rebuilt(server, &workspace, &disturbed);
}

#[test]
fn what_only_migrations_say_of_a_table_is_not_accepted() {
    let server = newest_server();
    let workspace = Workspace::with_tables(&[]);
    workspace.write(
        "migrations/V2__rule.sql",
        "CREATE RULE none AS ON DELETE TO users DO INSTEAD NOTHING;\nALTER TABLE users ENABLE ROW LEVEL SECURITY;\n",
    );
    let database = server.empty_database();
    workspace.run_on(&database.url(), &["migrate"]).exits(0);
    database.execute("DROP RULE none ON users; ALTER TABLE users DISABLE ROW LEVEL SECURITY");
    let before = workspace.files();
    let ran = workspace.run_on(&database.url(), &["drift", "--accept"]).exits(1);
    assert!(ran.out.contains("not accepted: table `public.users` was changed"), "{}", ran.show());
    assert_eq!(workspace.files(), before);
}

#[test]
fn an_owner_that_had_been_given_something_is_accepted() {
    let server = newest_server();
    server.role("accept_reader");
    let files = [(
        "views/names.sql",
        "CREATE VIEW names AS SELECT id, name FROM users;\nGRANT SELECT (id) ON names TO accept_reader;\n",
    )];
    let workspace = Workspace::with_tables(&files);
    workspace.run(&["db-diff", "all"]).exits(0);
    let disturbed = server.empty_database();
    workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
    disturbed.execute("ALTER VIEW names OWNER TO accept_reader");
    workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
    workspace.run(&["db-diff", "accepted"]).exits(0);
}

#[test]
fn what_has_another_name_is_not_declared_beside_what_it_was() {
    let server = newest_server();
    let files = [(
        "views/m.sql",
        "CREATE MATERIALIZED VIEW m AS SELECT id FROM users;\nCREATE INDEX m_id ON m (id);\nCREATE VIEW ids AS SELECT id FROM m;\n\
         CREATE VIEW more AS SELECT id FROM ids;\n",
    )];
    let workspace = Workspace::with_tables(&files);
    workspace.run(&["db-diff", "all"]).exits(0);
    let disturbed = server.empty_database();
    workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
    disturbed.execute("ALTER MATERIALIZED VIEW m RENAME TO m2");
    let before = workspace.files();
    let ran = workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(1);
    assert!(ran.out.contains("it seems to be `public.m` under another name"), "{}", ran.show());
    assert_eq!(workspace.files(), before);
    disturbed.execute("ALTER MATERIALIZED VIEW m2 RENAME TO m; ALTER VIEW ids RENAME COLUMN id TO number");
    // What reads the renamed column is stored with its new name.
    let ran = workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
    assert!(
        ran.out.contains("wrote db/views/m.sql: `public.more`, which reads it, as it is in the database"),
        "{}",
        ran.show()
    );
}

#[test]
fn what_reads_a_renamed_column_is_accepted_with_it() {
    for_each_server(|server| {
        server.role("accept_reader");
        let files = [
            ("views/base.sql", "-- The base.\nCREATE VIEW base AS SELECT id, name AS title FROM users;\n"),
            (
                "views/loud.sql",
                "-- Aloud.\nCREATE VIEW loud AS SELECT upper(title) AS loud FROM base WHERE title <> '';\n",
            ),
            (
                "views/starred.sql",
                "CREATE VIEW starred AS SELECT * FROM base;\nGRANT SELECT ON starred TO accept_reader;\n",
            ),
            ("views/third.sql", "-- It reads another column.\nCREATE VIEW third AS SELECT id FROM base;\n"),
            (
                "views/fourth.sql",
                "-- It reads what keeps its name.\nCREATE VIEW fourth AS SELECT title FROM starred;\n",
            ),
        ];
        let shown = ["views/base", "views/loud", "views/starred", "views/third", "views/fourth"];
        let (_, ran) = accepted(server, &files, "ALTER VIEW base RENAME COLUMN title TO name", &shown);
        if server.major() == 15 {
            insta::assert_snapshot!(ran);
        }
    });
}

/// Disturbs a migrated database and accepts it. Built from nothing, the definitions lead to what somebody made by hand;
/// what was printed, and the files named.
fn accepted(
    server: &'static TestServer,
    files: &[(&str, &str)],
    disturbance: &str,
    shown: &[&str],
) -> (Workspace, String) {
    let workspace = Workspace::with_tables(files);
    workspace.run(&["db-diff", "all"]).exits(0);
    let disturbed = server.empty_database();
    workspace.run_on(&disturbed.url(), &["migrate"]).exits(0);
    workspace.run_on(&disturbed.url(), &["drift"]).exits(0);
    disturbed.execute(disturbance);
    let ran = workspace.run_on(&disturbed.url(), &["drift", "--accept"]).exits(0);
    assert_rebuilt(server, &workspace, &disturbed);
    let shown: String =
        shown.iter().map(|path| format!("--- {path}\n{}", workspace.read(&format!("{path}.sql")))).collect();
    let ran = format!("{}\n{shown}", ran.show());
    (workspace, ran)
}

/// Built from nothing, the definitions lead to what the disturbed database holds.
fn assert_rebuilt(server: &'static TestServer, workspace: &Workspace, disturbed: &TestDatabase) {
    workspace.run(&["db-diff", "accepted"]).exits(0);
    workspace.run(&["db-diff", "--check"]).exits(0);
    let rebuilt = server.empty_database();
    workspace.run_on(&rebuilt.url(), &["migrate"]).exits(0);
    workspace.run_on(&rebuilt.url(), &["drift"]).exits(0);
    let compared = workspace.run(&["compare", &disturbed.url(), &rebuilt.url(), "--format", "json"]);
    let objects = compared.json()["objects"].as_array().unwrap().clone();
    let differ: Vec<_> =
        objects.iter().filter(|object| object["state"] != "same" && object["kind"] != "migration").collect();
    assert!(differ.is_empty(), "on PostgreSQL {}: {differ:#?}", server.version());
    // Where it was done by hand, there is nothing to run.
    workspace.run_on(&disturbed.url(), &["migrate", "--record"]).exits(0);
    workspace.run_on(&disturbed.url(), &["drift"]).exits(0);
}
