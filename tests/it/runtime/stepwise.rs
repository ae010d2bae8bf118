//! Migrations that cannot run in a transaction.

use viewkeeper::{Migrations, Options, RollbackTo, State};
use viewkeeper_live::testing::{for_each_server, newest_server};

use super::{first_line, migrations, one, states};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[
        ("V1__a.sql", "CREATE TABLE a (id int);"),
        (
            "V2__index.sql",
            "-- viewkeeper: no transaction\nCREATE TABLE b (id int);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nVACUUM a;\n\
             CREATE VIEW c AS SELECT * FROM a;\n",
        ),
        ("V3__d.sql", "CREATE VIEW d AS SELECT * FROM c;"),
    ],
    &[(
        "V2__index.sql",
        "-- viewkeeper: no transaction\nDROP VIEW IF EXISTS c;\nDROP INDEX CONCURRENTLY IF EXISTS a_id;\nDROP TABLE IF EXISTS b;\n",
    )],
);

#[test]
fn statements_run_one_by_one_and_many_may_start() {
    for_each_server(|server| {
        let database = server.empty_database();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| MIGRATIONS.migrate(&mut database.connect(), Options::new()).unwrap());
            }
        });
        let mut client = database.connect();
        assert!(MIGRATIONS.status(&mut client, &Options::new()).unwrap().is_current());
        assert!(one::<bool>(&mut client, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass"));
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM viewkeeper_history WHERE statements_done IS NULL"), 3);
        assert_eq!(one::<String>(&mut client, "SHOW lock_timeout"), "0");

        client.batch_execute("DROP VIEW d").unwrap();
        client.batch_execute("DELETE FROM refinery_schema_history WHERE version = 3").unwrap();
        MIGRATIONS.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap();
        assert!(one::<bool>(&mut client, "SELECT to_regclass('a_id') IS NULL AND to_regclass('b') IS NULL"));
        // Of this database: other tests migrate on the same server.
        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        assert_eq!(one::<i64>(&mut client, locks), 0);
    });
}

#[test]
fn an_interrupted_one_goes_on_where_it_stopped() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files =
        |second: &'static str| migrations(&[("V1__a.sql", "CREATE TABLE a (id int);"), ("V2__b.sql", second)], &[]);
    let text =
        "-- viewkeeper: no transaction\nCREATE TABLE b (id int);\nCREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n";
    files("SELECT 1").migrate(&mut client, Options::new().target(1)).unwrap();
    client.batch_execute("INSERT INTO a VALUES (1), (1)").unwrap();
    let error = files(text).migrate(&mut client, Options::new()).unwrap_err();
    assert!(error.is_statement());
    assert!(error.to_string().contains("note: 1 of its 2 statements are kept"), "{error}");
    let status = files(text).status(&mut client, &Options::new()).unwrap();
    assert_eq!(states(&status)[1], (2, State::Interrupted(1)));

    let error =
        files("-- viewkeeper: no transaction\nSELECT 1; SELECT 2").migrate(&mut client, Options::new()).unwrap_err();
    assert_eq!(first_line(&error), "`V2__b.sql` was changed after its first 1 statements were applied");

    // The index that could not be built goes by itself.
    client.batch_execute("TRUNCATE a").unwrap();
    files(text).migrate(&mut client, Options::new()).unwrap();
    assert!(files(text).status(&mut client, &Options::new()).unwrap().is_current());
}

#[test]
fn a_killed_session_is_finished_by_the_next_run() {
    for_each_server(|server| {
        let text = "-- viewkeeper: no transaction\nCREATE TABLE IF NOT EXISTS b (id int);\nSELECT pg_sleep(0.03);\n\
                    CREATE INDEX CONCURRENTLY b_id ON b (id);\nVACUUM b;\n\
                    CREATE TABLE c (id int);\n";
        let ours = migrations(&[("V1__b.sql", text)], &[]);
        let database = server.empty_database();
        let mut observer = database.connect();
        for pause in [0, 10, 20, 30, 40, 50, 60, 80] {
            let mut client = database.connect();
            let pid: i32 = one(&mut client, "SELECT pg_backend_pid()");
            std::thread::scope(|scope| {
                scope.spawn(|| drop(ours.migrate(&mut client, Options::new())));
                std::thread::sleep(std::time::Duration::from_millis(pause));
                observer.execute("SELECT pg_terminate_backend($1)", &[&pid]).unwrap();
            });
            while one::<i64>(&mut observer, &format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}")) > 0 {}
        }
        ours.migrate(&mut observer, Options::new()).unwrap();
        assert!(ours.status(&mut observer, &Options::new()).unwrap().is_current());
        assert!(one::<bool>(&mut observer, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'b_id'::regclass"));
        assert!(one::<bool>(&mut observer, "SELECT to_regclass('c') IS NOT NULL"));
    });
}

#[test]
fn a_rollback_statement_by_statement_undoes_nothing_that_was_changed_by_hand() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        MIGRATIONS.migrate(&mut client, Options::new().target(2)).unwrap();
        // What the migration did not touch is no reason.
        client.batch_execute("CREATE VIEW by_hand AS SELECT 1 AS one").unwrap();
        client.batch_execute("CREATE OR REPLACE VIEW c AS SELECT id FROM a WHERE id > 1").unwrap();
        let error = MIGRATIONS.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap_err();
        assert!(error.is_drift(), "{error}");
        let refused = first_line(&error);
        assert!(refused.starts_with("rolling back `V2__index` would undo what was changed by hand: "), "{refused}");
        assert!(refused.contains("`public.c`") && !refused.contains("by_hand"), "{refused}");
        // Nothing was begun.
        assert!(
            MIGRATIONS.status(&mut client, &Options::new().target(2)).unwrap().migrations[1].state == State::Applied
        );
        let overwrite = Options::new().drifted(viewkeeper::Drifted::Overwrite);
        MIGRATIONS.rollback(&mut client, RollbackTo::Steps(1), overwrite).unwrap();
        assert!(one::<bool>(&mut client, "SELECT to_regclass('c') IS NULL AND to_regclass('by_hand') IS NOT NULL"));
    });
}
