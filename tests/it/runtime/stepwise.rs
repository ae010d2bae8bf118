//! Migrations that cannot run in a transaction.

use viewkeeper::{Migrations, Options, RollbackTo, State, Unfinished};
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

#[test]
fn what_stopped_in_the_middle_is_neither_stepped_over_nor_forgotten() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let first = ("V1__t.sql", "CREATE TABLE t ();");
        let second = (
            "V2__u.sql",
            "-- viewkeeper: no transaction\nCREATE TABLE u (id int);\nINSERT INTO u VALUES (1), (1);\n\
             CREATE UNIQUE INDEX CONCURRENTLY u_id ON u (id);\n",
        );
        let back = [("V1__t.sql", "DROP TABLE t;"), ("V2__u.sql", "DROP TABLE u;")];
        let ours = migrations(&[first, second], &back);
        ours.migrate(&mut client, Options::new()).unwrap_err();

        let stopped = "`V2__u` stopped in the middle: 2 of its statements are kept";
        for to in [RollbackTo::Steps(1), RollbackTo::Version(1)] {
            let error = ours.rollback(&mut client, to, Options::new()).unwrap_err();
            assert!(error.is_rollback());
            assert_eq!(first_line(&error), stopped);
        }
        // Without its file it is named all the same, and nothing is applied over it.
        let without = migrations(&[first, ("V3__v.sql", "CREATE TABLE v ();")], &back[..1]);
        let status = without.status(&mut client, &Options::new()).unwrap();
        assert_eq!(states(&status), [(1, State::Applied), (2, State::Interrupted(2)), (3, State::Pending)]);
        assert_eq!(status.migrations[1].id, "V2__u");
        let error = without.migrate(&mut client, Options::new()).unwrap_err();
        assert!(error.is_history());
        assert_eq!(first_line(&error), format!("{stopped}, and this program does not have it"));
        // Nor as another migration of its number.
        let other = migrations(&[first, ("V2__u.sql", "CREATE TABLE v ();")], &[]);
        let error = other.migrate(&mut client, Options::new()).unwrap_err();
        assert_eq!(first_line(&error), "`V2__u.sql` was changed after its first 2 statements were applied");

        // Its rollback is in the database.
        let unfinished = || Options::new().unfinished(Unfinished::RollBack);
        let report = without.rollback(&mut client, RollbackTo::Steps(1), unfinished()).unwrap();
        assert_eq!(report.version, Some(1));
        let held =
            "SELECT to_regclass('t') IS NOT NULL AND to_regclass('u') IS NULL AND count(*) = 1 FROM viewkeeper_history";
        assert!(one::<bool>(&mut client, held));
        assert!(without.drift(&mut client, &Options::new()).unwrap().found.is_empty());
        assert_eq!(without.migrate(&mut client, Options::new()).unwrap().steps.len(), 1);
    });
}

#[test]
fn without_a_rollback_it_is_not_stepped_over_either() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files =
        [("V1__t.sql", "CREATE TABLE t ();"), ("V2__u.sql", "-- viewkeeper: no transaction\nVACUUM; SELECT 1/0;")];
    let ours = migrations(&files, &[("V1__t.sql", "DROP TABLE t;")]);
    ours.migrate(&mut client, Options::new()).unwrap_err();
    let error = ours.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap_err();
    let expected = "`V2__u` stopped in the middle: its first statement is kept, and it has no rollback";
    assert_eq!(first_line(&error), expected);
}

#[test]
fn the_rollback_of_a_half_may_stop_in_the_middle_too() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files = [
        ("V1__t.sql", "CREATE TABLE t ();"),
        ("V2__u.sql", "-- viewkeeper: no transaction\nCREATE TABLE u ();\nCREATE TABLE v ();\nSELECT 1/0;\n"),
    ];
    let back = |last: &'static str| migrations(&files, &[("V2__u.sql", last)]);
    let failing = back("-- viewkeeper: no transaction\nDROP TABLE v;\nDROP TABLE w;\nDROP TABLE u;\n");
    failing.migrate(&mut client, Options::new()).unwrap_err();
    let unfinished = || Options::new().unfinished(Unfinished::RollBack);
    let error = failing.rollback(&mut client, RollbackTo::Steps(1), unfinished()).unwrap_err();
    assert!(error.to_string().contains("1 of its 3 statements took effect"), "{error}");
    // It is no migration any more that could go on.
    let error = failing.migrate(&mut client, Options::new()).unwrap_err();
    assert_eq!(first_line(&error), "the rollback of `V2__u` stopped in the middle");
    // Corrected, it begins with its first statement.
    let corrected = back("-- viewkeeper: no transaction\nDROP TABLE IF EXISTS v;\nDROP TABLE u;\n");
    corrected.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap();
    assert!(one::<bool>(&mut client, "SELECT to_regclass('u') IS NULL AND to_regclass('v') IS NULL"));
    assert_eq!(states(&corrected.status(&mut client, &Options::new()).unwrap())[1].1, State::Pending);
}

#[test]
fn a_killed_rollback_goes_on_where_it_stopped() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let ours = migrations(
            &[(
                "V1__t.sql",
                "CREATE TABLE t (s int, s2 int);\nCREATE INDEX t_s ON t (s);\nCREATE INDEX t_s2 ON t (s2);",
            )],
            &[(
                "V1__t.sql",
                "-- viewkeeper: no transaction\nDROP INDEX CONCURRENTLY t_s2;\nDROP INDEX CONCURRENTLY t_s;\nDROP TABLE t;\n",
            )],
        );
        ours.migrate(&mut client, Options::new()).unwrap();
        // As a rollback leaves it that was killed while the server went on with its first statement, and finished it.
        client.batch_execute("UPDATE viewkeeper_history SET statements_done = 0, statement_started = true").unwrap();
        client.batch_execute("DROP INDEX t_s2").unwrap();
        ours.rollback(&mut client, RollbackTo::Steps(1), Options::new()).unwrap();
        assert!(one::<bool>(&mut client, "SELECT to_regclass('t') IS NULL"));

        // Of one that failed before it did anything nothing is left to finish.
        ours.migrate(&mut client, Options::new()).unwrap();
        client.batch_execute("DROP INDEX t_s2").unwrap();
        let error = ours
            .rollback(&mut client, RollbackTo::Steps(1), Options::new().drifted(viewkeeper::Drifted::Overwrite))
            .unwrap_err();
        assert!(error.to_string().contains("0 of its 3 statements took effect"), "{error}");
        assert!(ours.status(&mut client, &Options::new()).unwrap().is_current());
    });
}

#[test]
fn a_text_that_did_nothing_yet_may_be_corrected() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    let files = |text: &'static str| migrations(&[("V1__t.sql", text)], &[]);
    for text in ["SELECT 1/0", "CREATE TABLE t (); SELECT 1/0", "CREATE TABLE t (); SELECT 1/0"] {
        let text = format!("-- viewkeeper: no transaction\n{text};");
        let ours = Migrations::read(vec![("V1__t.sql".to_owned(), text)], Vec::new());
        let error = ours.migrate(&mut client, Options::new()).unwrap_err();
        assert!(error.is_statement(), "{error}");
    }
    let error =
        files("-- viewkeeper: no transaction\nCREATE TABLE t ();").migrate(&mut client, Options::new()).unwrap_err();
    assert_eq!(first_line(&error), "`V1__t.sql` was changed after its first 1 statements were applied");
}

/// Takes the lock, gives it back after another attempt was told of, and says how many were.
fn behind_a_lock(
    database: &viewkeeper_live::testing::TestDatabase,
    work: impl FnOnce(&mut postgres::Client, Options<'_>) -> Result<(), viewkeeper::Error>,
) -> usize {
    let mut holder = database.connect();
    holder.batch_execute("BEGIN; LOCK TABLE apart IN ACCESS EXCLUSIVE MODE").unwrap();
    let mut attempts = 0;
    let options = Options::new().lock_timeout(std::time::Duration::from_millis(20)).on_progress(|event| {
        if let viewkeeper::Progress::Retrying { .. } = event {
            attempts += 1;
            holder.batch_execute("ROLLBACK").unwrap();
        }
    });
    work(&mut database.connect(), options).unwrap();
    attempts
}

#[test]
fn recording_the_state_is_tried_again_behind_a_lock_on_something_else() {
    let database = newest_server().empty_database();
    let mut client = database.connect();
    client.batch_execute("CREATE TABLE apart (id int PRIMARY KEY CHECK (id > 0))").unwrap();
    assert!(behind_a_lock(&database, |client, options| MIGRATIONS.migrate(client, options.target(1)).map(drop)) > 0);
    assert!(behind_a_lock(&database, |client, options| MIGRATIONS.migrate(client, options.target(2)).map(drop)) > 0);
    let back = |client: &mut postgres::Client, options: Options<'_>| {
        MIGRATIONS.rollback(client, RollbackTo::Steps(1), options).map(drop)
    };
    assert!(behind_a_lock(&database, back) > 0);

    // Who holds it is named when there are no more attempts.
    let mut holder = database.connect();
    let pid: i32 = one(&mut holder, "SELECT pg_backend_pid()");
    holder.batch_execute("BEGIN; LOCK TABLE apart IN ACCESS EXCLUSIVE MODE").unwrap();
    let options = Options::new().lock_timeout(std::time::Duration::from_millis(20)).retries(0);
    let error = MIGRATIONS.migrate(&mut client, options).unwrap_err();
    assert!(error.is_locked());
    let expected = format!(
        "recording the state of the database waited too long for a lock that another session holds\n  \
         note: public.apart is kept by session {pid}, which is idle in transaction\n  help: wait until these sessions are done"
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
}
