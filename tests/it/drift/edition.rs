//! States that were recorded by a release which recorded less: what it recorded is compared, and nothing else is drift.

use viewkeeper::{Anew, Migrations, Options, RollbackTo};
use viewkeeper_live::testing::{TestDatabase, for_each_server};

use super::show;

const FORMER: &str = include_str!("snapshot_of_edition_1.sql");

const FIRST: (&str, &str) = (
    "V1__all.sql",
    "CREATE SCHEMA s;
     CREATE SEQUENCE s.q;
     CREATE TABLE t (id serial, a int, b int);
     CREATE STATISTICS s.\"two words\" ON a, b FROM t;
     CREATE STATISTICS plain ON a, b FROM t;
     CREATE VIEW v AS SELECT id, a FROM t;
     CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING;
     COMMENT ON RULE r ON v IS 'r';
     CREATE TYPE c AS (a int, b text COLLATE \"C\");
     COMMENT ON COLUMN c.a IS 'a';
     CREATE DOMAIN d AS text COLLATE \"C\" NOT NULL CONSTRAINT short CHECK (length(VALUE) < 9);
     COMMENT ON CONSTRAINT short ON DOMAIN d IS 'short';
     CREATE TYPE n AS RANGE (SUBTYPE = text);
     CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
     ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC;\n",
);

const MIGRATIONS: Migrations = Migrations::embedded(
    &[FIRST, ("V2__more.sql", "CREATE VIEW w AS SELECT a FROM v;\nCOMMENT ON TYPE c IS 'two';\n")],
    &[("V2__more.sql", "DROP VIEW w;\nCOMMENT ON TYPE c IS NULL;\n")],
);

fn found(database: &TestDatabase) -> (String, usize) {
    let report = MIGRATIONS.drift(&mut database.connect(), &Options::new()).unwrap();
    (show(&report.found), report.earlier)
}

/// As a former release would have recorded what is there.
fn record_as_before(database: &TestDatabase, version: i32) {
    let mut client = database.connect();
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute("SET LOCAL search_path = ''").unwrap();
    let recorded: String = transaction.query_one(FORMER, &[&None::<Vec<String>>, &None::<Vec<String>>]).unwrap().get(0);
    let sql = "UPDATE public.viewkeeper_history SET snapshot = $1::text::jsonb WHERE version = $2";
    assert_eq!(transaction.execute(sql, &[&recorded, &version]).unwrap(), 1);
    transaction.commit().unwrap();
}

#[test]
fn what_a_former_release_recorded_is_compared_and_nothing_else() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        MIGRATIONS.migrate(&mut client, Options::new().target(1)).unwrap();
        record_as_before(&database, 1);

        let (text, earlier) = found(&database);
        assert_eq!(text, "", "on PostgreSQL {}", server.version());
        // The relations and their row types apart: two relations, three types, an aggregate, five functions of the range, two statistics; and two
        // sequences, two schemas, an extension, default privileges that were not recorded.
        assert_eq!(earlier, 19);
        client
            .batch_execute(
                "DROP STATISTICS s.\"two words\", plain;
                 CREATE STATISTICS s.\"two words\" (ndistinct) ON a, b FROM t;
                 ALTER DOMAIN d ADD CONSTRAINT more CHECK (VALUE <> '');
                 ALTER TYPE c ADD ATTRIBUTE x int;
                 GRANT USAGE ON TYPE c TO pg_monitor;
                 COMMENT ON RULE r ON v IS NULL;
                 CREATE SEQUENCE another;
                 CREATE SCHEMA another",
            )
            .unwrap();
        let expected = "public.c Changed columns; public.d Changed constraints; public.plain Dropped definition; \
                        s.\"two words\" Changed definition";
        assert_eq!(found(&database).0, expected, "on PostgreSQL {}", server.version());

        // The next migration records what is there of the kinds that nobody recorded, and of what it changes what nobody
        // recorded of that. All else that was changed by hand stays drift.
        MIGRATIONS.migrate(&mut client, Options::new()).unwrap();
        let (text, earlier) = found(&database);
        assert_eq!(text, "public.c Changed columns; public.d Changed constraints");
        assert!(earlier > 0);
        client.batch_execute("DROP SEQUENCE another; COMMENT ON TYPE c IS 'by hand'").unwrap();
        let expected = "public.another Dropped definition; public.c Changed columns comment; public.d Changed \
                        constraints";
        assert_eq!(found(&database).0, expected);
        // On request everything is recorded with all that is known of it, where nothing would be hidden by that.
        let all = Anew::All { proof: None, left: &[] };
        let error = MIGRATIONS.record_anew(&mut client, &Options::new(), all).unwrap_err().to_string();
        assert!(error.contains("`public.another`, `public.c`, `public.d`"), "{error}");
        let names = ["public.another", "public.c", "public.d"].map(str::to_owned);
        MIGRATIONS.record_anew(&mut client, &Options::new(), Anew::Named(&names)).unwrap();
        assert_eq!(found(&database).0, "");
        MIGRATIONS.record_anew(&mut client, &Options::new(), all).unwrap();
        assert_eq!(found(&database), (String::new(), 0));
        let unknown = ["public.nothing".to_owned()];
        let error = MIGRATIONS.record_anew(&mut client, &Options::new(), Anew::Named(&unknown)).unwrap_err();
        assert!(error.to_string().contains("there is no `public.nothing`, and none was recorded"), "{error}");
        // What a rollback would undo is found between the editions, too.
        let rollback = |options| MIGRATIONS.rollback(&mut database.connect(), RollbackTo::Steps(1), options);
        record_as_before(&database, 2);
        client.batch_execute("COMMENT ON TYPE c IS 'by hand again'").unwrap();
        let error = rollback(Options::new()).unwrap_err().to_string();
        assert!(error.contains("would undo what was changed by hand: `public.c`"), "{error}");
        record_as_before(&database, 2);
        rollback(Options::new()).unwrap();
    });
}
