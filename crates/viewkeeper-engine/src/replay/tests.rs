//! Statements in, the state out: what a person would read of it.

use std::sync::Arc;

use super::{State, declared, migrated};
use crate::catalog::describe;
use crate::config::Settings;
use crate::diagnostic::Style;
use crate::migration::{MigrationFile, MigrationId};
use crate::source::SourceFile;

/// Runs migrations, each given as its text.
pub(super) fn run(migrations: &[&str]) -> State {
    let files: Vec<MigrationFile> = (1i64..)
        .zip(migrations)
        .map(|(version, text)| MigrationFile {
            id: MigrationId { version, name: "m".to_owned() },
            source: SourceFile::new(format!("V{version}__m.sql"), *text),
        })
        .collect();
    migrated(&files, &Settings::default())
}

/// The state after migrations that must all be understood.
pub(super) fn check(migrations: &[&str]) -> String {
    let state = run(migrations);
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    describe(&state.catalog)
}

/// The problems of migrations.
pub(super) fn problems(migrations: &[&str]) -> String {
    run(migrations).diagnostics.render(Style::Plain)
}

/// The declared state and its problems, as text.
pub(super) fn declare(migrations: &[&str], definitions: &[(&str, &str)]) -> String {
    let state = run(migrations);
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    let files: Vec<Arc<SourceFile>> = definitions.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    let state = declared(&state.catalog, &files, &Settings::default());
    let problems = state.diagnostics.render(Style::Plain);
    format!("{}{}{problems}", describe(&state.catalog), if problems.is_empty() { "" } else { "\n" })
}

#[test]
fn tables_with_keys_defaults_and_checks() {
    insta::assert_snapshot!(check(&["
        CREATE TYPE status AS ENUM ('draft', 'published');
        CREATE DOMAIN email AS text NOT NULL CHECK (VALUE ~ '@');
        CREATE TABLE users (
            id bigserial PRIMARY KEY,
            mail email UNIQUE,
            name varchar(40) COLLATE \"C\" DEFAULT 'anonymous',
            created_at timestamptz NOT NULL DEFAULT now(),
            CHECK (length(name) > 1)
        );
        CREATE TABLE posts (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            author bigint NOT NULL REFERENCES users,
            state status NOT NULL DEFAULT 'draft',
            price numeric(6,2),
            words text[],
            twice numeric GENERATED ALWAYS AS (price * 2) STORED,
            UNIQUE (author, state)
        );
        CREATE INDEX ON posts (author, lower(words[1])) WHERE price > 0;
    "]));
}

#[test]
fn columns_and_constraints_are_altered() {
    insta::assert_snapshot!(check(&[
        "CREATE TABLE t (a int, b text NOT NULL, c int)",
        "ALTER TABLE t ADD COLUMN d date NOT NULL DEFAULT CURRENT_DATE, DROP COLUMN c, ALTER COLUMN a TYPE bigint;
         ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY (a), ALTER COLUMN b DROP NOT NULL;
         ALTER TABLE t RENAME COLUMN b TO label;
         ALTER TABLE t ADD CHECK (a > 0) NOT VALID;
         ALTER TABLE t VALIDATE CONSTRAINT t_a_check;
         ALTER TABLE t RENAME TO things;
         ALTER TABLE things ALTER COLUMN d DROP DEFAULT;
         ALTER TABLE IF EXISTS missing ADD COLUMN x int;
         ALTER TABLE things ADD COLUMN IF NOT EXISTS label int;",
    ]));
}

#[test]
fn inheritance_partitions_and_like() {
    insta::assert_snapshot!(check(&["
        CREATE TABLE parent (id int NOT NULL, note text DEFAULT 'x' CHECK (note <> ''));
        CREATE TABLE child (extra date) INHERITS (parent);
        ALTER TABLE parent ADD COLUMN more numeric(3,1) NOT NULL;
        ALTER TABLE parent DROP COLUMN note;
        CREATE TABLE copy (LIKE parent INCLUDING ALL, own int);
        CREATE TABLE logs (at timestamptz NOT NULL, line text, PRIMARY KEY (at)) PARTITION BY RANGE (at);
        CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE logs_2 (at timestamptz NOT NULL, line text);
        ALTER TABLE logs ATTACH PARTITION logs_2 DEFAULT;
        CREATE INDEX ON logs (line);
        ALTER TABLE logs DETACH PARTITION logs_1;
    "]));
}

#[test]
fn comments_and_privileges() {
    insta::assert_snapshot!(check(&["
        CREATE TABLE t (a int, b int);
        COMMENT ON TABLE t IS 'things';
        COMMENT ON COLUMN t.a IS 'first';
        COMMENT ON COLUMN t.b IS 'second';
        COMMENT ON COLUMN t.b IS NULL;
        GRANT SELECT, UPDATE (a) ON t TO reader WITH GRANT OPTION;
        GRANT ALL ON t TO PUBLIC;
        REVOKE TRUNCATE, DELETE ON t FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reports;
        CREATE TABLE later ();
        CREATE FUNCTION f(x int, y text DEFAULT '') RETURNS int LANGUAGE sql STRICT AS 'SELECT 1';
        REVOKE EXECUTE ON FUNCTION f(int, text) FROM PUBLIC;
        ALTER TABLE t OWNER TO boss;
        ALTER TABLE t RENAME COLUMN a TO z;
        ALTER TABLE t RENAME TO things;
        CREATE SCHEMA s;
        ALTER TABLE things SET SCHEMA s;
    "]));
}

#[test]
fn types_and_their_changes() {
    insta::assert_snapshot!(check(&["
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy';
        ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
        ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok';
        CREATE TYPE pair AS (l int, r text COLLATE \"C\");
        ALTER TYPE pair ADD ATTRIBUTE m date, DROP ATTRIBUTE l, ALTER ATTRIBUTE r TYPE varchar(3);
        ALTER TYPE pair RENAME ATTRIBUTE m TO day;
        ALTER TYPE pair RENAME TO couple;
        CREATE TYPE span AS RANGE (SUBTYPE = int8);
        CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        ALTER DOMAIN positive SET NOT NULL;
        ALTER DOMAIN positive DROP CONSTRAINT positive_check;
        CREATE TABLE typed OF couple (day WITH OPTIONS NOT NULL);
        CREATE TABLE t (m mood[], s span, p positive);
    "]));
}

#[test]
fn transactions_and_search_paths() {
    insta::assert_snapshot!(check(&[
        "CREATE SCHEMA a; CREATE SCHEMA b; SET search_path = a, public; CREATE TABLE in_a (x int);
         SELECT pg_catalog.set_config('search_path', 'b', false); CREATE TABLE in_b (x int);",
        "CREATE TABLE in_public (x int);
         SAVEPOINT s; CREATE TABLE gone (x int); ROLLBACK TO s; CREATE TABLE stays (x a.in_a);",
    ]));
}

#[test]
fn what_is_in_the_way_of_a_drop_is_named() {
    insta::assert_snapshot!(problems(&["
        CREATE TYPE mood AS ENUM ('sad');
        CREATE TABLE a (id int PRIMARY KEY, m mood);
        CREATE TABLE b (a int REFERENCES a);
        DROP TABLE a;
        DROP TYPE mood;
        DROP TABLE missing;
        DROP TABLE IF EXISTS missing;
        ALTER TABLE a DROP COLUMN nme;
        DROP TABLE a CASCADE;
        DROP TYPE mood;
        ALTER TABLE b DROP COLUMN a;
    "]));
}

#[test]
fn code_that_is_not_run_is_named() {
    insta::assert_snapshot!(problems(&["
        DO $$ BEGIN RAISE NOTICE 'create nothing'; END $$;
        DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        CREATE TABLE t (m mood);
        DO $$ BEGIN EXECUTE 'CREATE TABLE hidden (x int)'; END $$;
        -- viewkeeper: keep
        DO $$ BEGIN EXECUTE 'CREATE TABLE hidden (x int)'; END $$;
        ALTER TABLE hidden ADD COLUMN y int;
    "]));
}

#[test]
fn blocks_that_ask_what_is_not_known_are_named() {
    insta::assert_snapshot!(problems(&["
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN CREATE TYPE mood AS ENUM (); END IF; END $$;
        CREATE TABLE t (m mood);
        DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN ALTER TABLE t ADD a int; END IF; END $$;
        DO $$ BEGIN IF EXISTS (SELECT FROM t WHERE m IS NULL) THEN ALTER TABLE t ADD b int; END IF; END $$;
        DO $$ DECLARE n int; BEGIN IF EXISTS (SELECT FROM pg_type) THEN ALTER TABLE t ADD c int; END IF; END $$;
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'x') THEN EXECUTE 'CREATE TABLE x ()'; END IF; END $$;
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'late') THEN CREATE TYPE late AS ENUM (); END IF; END $$;
        DO $$ BEGIN IF EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN COMMENT ON TYPE mood IS 'x'; END IF; END $$;
    "]));
}

const TABLES: &str = "
    CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, mail text);
    CREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL REFERENCES users, title varchar(20));
";

#[test]
fn views_and_materialized_views() {
    insta::assert_snapshot!(check(&[
        TABLES,
        "
        CREATE VIEW names (who) AS SELECT name, id FROM users;
        CREATE VIEW on_top WITH (security_barrier) AS SELECT * FROM names WHERE id > 1 WITH CHECK OPTION;
        CREATE MATERIALIZED VIEW counts AS SELECT author, count(*) AS n FROM posts GROUP BY author WITH NO DATA;
        CREATE UNIQUE INDEX counts_author ON counts (author);
        REFRESH MATERIALIZED VIEW counts;
        CREATE OR REPLACE VIEW names (who) AS SELECT name, id, mail FROM users;
        ALTER VIEW names RENAME COLUMN who TO name;
        CREATE TABLE taken AS SELECT title, author AS a FROM posts;
        COMMENT ON VIEW names IS 'who is who';
    "
    ]));
}

#[test]
fn views_stand_in_the_way() {
    insta::assert_snapshot!(problems(&[
        TABLES,
        "
        CREATE VIEW v AS SELECT name, id FROM users;
        CREATE VIEW w AS SELECT id FROM v;
        DROP TABLE users;
        DROP VIEW v;
        ALTER TABLE users ALTER COLUMN name TYPE varchar(10);
        ALTER TABLE users ALTER COLUMN mail TYPE varchar(10);
        ALTER TABLE users DROP COLUMN name;
        CREATE OR REPLACE VIEW v AS SELECT id, name FROM users;
        CREATE OR REPLACE VIEW v AS SELECT name FROM users;
        CREATE OR REPLACE VIEW v AS SELECT name, id::int FROM users;
        DROP VIEW v CASCADE;
        SELECT * FROM w;
        CREATE VIEW w AS SELECT nme FROM users;
    "
    ]));
}

#[test]
fn definitions_come_in_any_order() {
    insta::assert_snapshot!(declare(
        &[
            TABLES,
            "-- viewkeeper: migration V2__change_v
        CREATE VIEW old_one AS SELECT 1 AS x;
        CREATE VIEW b AS SELECT id FROM users;
        GRANT SELECT ON b TO reader;",
            "GRANT SELECT ON b TO auditor; CREATE VIEW by_hand AS SELECT id FROM b"
        ],
        &[
            (
                "views/a.sql",
                "CREATE VIEW a AS SELECT * FROM b;\nCOMMENT ON VIEW a IS 'on b';\nGRANT SELECT ON a TO reader;"
            ),
            ("views/b.sql", "CREATE OR REPLACE VIEW b AS SELECT id, name FROM users;"),
            (
                "views/c.sql",
                "CREATE MATERIALIZED VIEW IF NOT EXISTS c AS WITH c AS (SELECT 1 AS one) SELECT * FROM c;\nCREATE INDEX c_one ON c (one);"
            ),
        ]
    ));
}

#[test]
fn broken_definitions_do_not_hide_others() {
    insta::assert_snapshot!(declare(
        &[TABLES],
        &[
            ("views/a.sql", "CREATE VIEW a AS SELECT * FROM broken;"),
            ("views/broken.sql", "CREATE VIEW broken AS\nSELECT nmae\nFROM users;"),
            ("views/fine.sql", "CREATE VIEW fine AS SELECT name FROM users;"),
            ("views/twice.sql", "CREATE VIEW fine AS SELECT id FROM users;"),
            ("views/x.sql", "CREATE VIEW x AS SELECT * FROM y;"),
            ("views/y.sql", "CREATE VIEW y AS SELECT * FROM x;"),
            ("views/z.sql", "CREATE VIEW z AS SELECT * FROM y;"),
            ("views/other.sql", "DROP TABLE users;\nALTER VIEW fine SET (security_barrier);"),
            ("views/syntax.sql", "CREATE VIEW s AS SELEC 1;"),
        ]
    ));
}

/// The way pg_dump writes partitions and their keys.
#[test]
fn only_leaves_partitions_alone() {
    insta::assert_snapshot!(check(&["
        CREATE TABLE logs (at timestamptz NOT NULL, line text) PARTITION BY RANGE (at);
        CREATE TABLE logs_1 (at timestamptz NOT NULL, line text);
        ALTER TABLE ONLY logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        ALTER TABLE ONLY logs ADD CONSTRAINT logs_pkey PRIMARY KEY (at);
        ALTER TABLE ONLY logs_1 ADD CONSTRAINT logs_1_pkey PRIMARY KEY (at);
        CREATE INDEX logs_line ON ONLY logs (line);
        CREATE INDEX logs_1_line ON logs_1 (line);
        ALTER INDEX logs_pkey ATTACH PARTITION logs_1_pkey;
        ALTER INDEX logs_line ATTACH PARTITION logs_1_line;
    "]));
}

#[test]
fn what_viewkeeper_keeps_is_restored() {
    let keep = crate::keep::keep(&[crate::name::QualifiedName::new("public", "v")]);
    let restore = crate::keep::restore(&[crate::name::QualifiedName::new("public", "v")]);
    insta::assert_snapshot!(check(&[
        TABLES,
        "-- viewkeeper: migration V2__make_v\nCREATE VIEW v AS SELECT id, name FROM users;\nCOMMENT ON VIEW v IS 'generated';",
        "GRANT SELECT ON v TO by_hand; GRANT SELECT (name) ON v TO gone; COMMENT ON COLUMN v.id IS 'by hand';
         ALTER VIEW v OWNER TO boss; ALTER VIEW v ALTER COLUMN id SET DEFAULT 7;
         ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO later;
         CREATE VIEW top AS SELECT id FROM v;",
        &format!("-- viewkeeper: migration V2__change_v
            {keep}
            DROP VIEW top; DROP VIEW v; CREATE VIEW v AS SELECT mail, id FROM users; CREATE VIEW top AS SELECT id FROM v;
            {restore}
            GRANT SELECT ON v TO after;"),
    ]));
}

#[test]
fn comments_that_overrule_nothing_are_warned_of() {
    let definition = "-- viewkeeper: a not null\n-- viewkeeper: b not null\n-- viewkeeper: c not null\ncreate view v as select a, b from t;";
    let text = declare(&["create table t (a int not null, b int);"], &[("v.sql", definition)]);
    assert!(text.contains("`a` is not null without being declared so"), "{text}");
    assert!(text.contains("the view has no column `c`"), "{text}");
    assert!(!text.contains("`b` is not null without"), "{text}");
}

#[test]
fn rows_of_a_materialized_view_may_be_older_than_a_constraint() {
    let not_null = |migrations: &[&str]| {
        let described =
            crate::describe::describe(&run(migrations).catalog, &["public".to_owned()], &Default::default());
        let columns = |name: &str| {
            let relation = described.relations.iter().find(|relation| relation.name == name).unwrap();
            relation.columns.iter().map(|column| column.not_null).collect::<Vec<_>>()
        };
        (columns("m"), columns("v"))
    };
    let table = "create table t (a int not null, b int);";
    let views = "create materialized view m as select a, b from t; create view v as select a, b from t;";
    let constraint = "alter table t alter b set not null;";
    assert_eq!(not_null(&[table, views, constraint]), (vec![true, false], vec![true, true]));
    assert_eq!(not_null(&[table, constraint, views]), (vec![true, true], vec![true, true]));
}

#[test]
fn rows_of_a_materialized_view_stay_when_its_definition_says_the_same() {
    let migrations = [
        "create table t (a int);",
        "-- viewkeeper: migration V2__views
        create view e as select null::int as c;
        create materialized view m as select c from e;
        create materialized view said as select c from e;
        create materialized view other as select c from e;
        create materialized view n as select a from t;",
        "alter table t alter a set not null;",
    ];
    let definitions = [
        ("e.sql", "create view e as select 1 as c;"),
        ("m.sql", "create materialized view m as\n  select  c from e;"),
        ("said.sql", "-- viewkeeper: c not null\ncreate materialized view said as select c from e;"),
        ("other.sql", "create materialized view other as select c from e where true;"),
        ("n.sql", "create materialized view n as select a from t;"),
        ("readers.sql", "create view readers as select m.c, other.c as d, n.a from m, other, n;"),
    ];
    let files: Vec<Arc<SourceFile>> = definitions.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    let state = declared(&run(&migrations).catalog, &files, &Settings::default());
    assert_eq!(state.diagnostics.render(Style::Plain), "");
    let described = crate::describe::describe(&state.catalog, &["public".to_owned()], &Default::default());
    let not_null = |name: &str| {
        let relation = described.relations.iter().find(|relation| relation.name == name).unwrap();
        relation.columns.iter().map(|column| column.not_null).collect::<Vec<_>>()
    };
    assert_eq!(["e", "m", "said", "other", "n"].map(not_null).concat(), [true, false, true, true, false]);
    assert_eq!(not_null("readers"), [false, true, false]);
}

#[test]
fn a_definition_of_an_extension_makes_no_other() {
    let text = declare(&[], &[("e.sql", "create extension earthdistance cascade;")]);
    assert!(text.contains("with `CASCADE` it would make extensions that no definition declares"), "{text}");
}

#[test]
fn a_column_of_a_foreign_table_takes_any_type() {
    let foreign = "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
        CREATE FOREIGN TABLE f (a text) SERVER s; ALTER FOREIGN TABLE f ALTER COLUMN a TYPE int;";
    let state = run(&[foreign]);
    assert!(!state.diagnostics.has_errors(), "{}", state.diagnostics.render(Style::Plain));
}

#[test]
fn a_foreign_key_rests_on_the_index_of_its_columns() {
    insta::assert_snapshot!(problems(&["
        CREATE TABLE client (pk int PRIMARY KEY, id text);
        CREATE UNIQUE INDEX client_id ON client (id);
        CREATE TABLE token (client text REFERENCES client (id), old int REFERENCES client);
        DROP INDEX client_id;
        ALTER TABLE client DROP CONSTRAINT client_pkey;
        ALTER TABLE token DROP COLUMN old;
        ALTER TABLE client DROP CONSTRAINT client_pkey;
        CREATE TABLE late (id int UNIQUE DEFERRABLE);
        CREATE TABLE early (id int REFERENCES late (id));
    "]));
}

#[test]
fn a_key_that_is_written_twice_is_made_once() {
    insta::assert_snapshot!(check(&["
        CREATE TABLE a (id int UNIQUE PRIMARY KEY, x int CONSTRAINT first UNIQUE UNIQUE, UNIQUE (x, id), UNIQUE (id, x));
        CREATE TABLE b (id int PRIMARY KEY, CONSTRAINT named UNIQUE (id), UNIQUE (id) DEFERRABLE);
        ALTER TABLE b ADD COLUMN x int UNIQUE CONSTRAINT once UNIQUE;
    "]));
}

#[test]
fn what_commits_on_its_own_is_warned_of() {
    insta::assert_snapshot!(problems(&["
        CREATE TABLE a (id int);
        CREATE INDEX CONCURRENTLY a_id ON a (id);
        VACUUM a;
        DROP INDEX a_id;
        DROP INDEX a_id;
    "]));
}
