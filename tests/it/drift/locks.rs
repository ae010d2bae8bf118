//! What drift waits for, and what it is allowed to read.

use viewkeeper::{Finding, Migrations, Options};
use viewkeeper_live::testing::for_each_server;

use super::{MIGRATIONS, drift, migrated, show};

/// Behind locks that stay, for a role that may read one table: what differs is named, with or without its text.
#[test]
fn nobody_is_waited_for_and_reading_viewkeepers_table_is_enough() {
    for_each_server(|server| {
        server.role("drift_reader");
        let database = migrated(server);
        database
            .connect()
            .batch_execute(
                "GRANT SELECT ON viewkeeper_history TO drift_reader;
                 CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1;
                 CREATE OR REPLACE FUNCTION s() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT id + 1 FROM a; END;",
            )
            .unwrap();
        let mut holder = database.connect();
        let mut held = holder.transaction().unwrap();
        held.batch_execute("LOCK TABLE base, a, b IN ACCESS EXCLUSIVE MODE; REFRESH MATERIALIZED VIEW m").unwrap();
        let mut reader = database.connect();
        reader.batch_execute("SET SESSION AUTHORIZATION drift_reader").unwrap();
        // A lock that is waited for longer than drift's own limit would end in this error.
        reader.batch_execute("SET statement_timeout = '20s'").unwrap();
        let found = MIGRATIONS.drift(&mut reader, &Options::new()).unwrap().found;
        assert_eq!(show(&found), "public.b Changed definition; public.s() Changed definition");
        for drift in &found {
            assert_eq!((drift.finding, &drift.aspects[0].live), (Finding::Changed, &None));
            assert!(!drift.aspects[0].expected.is_empty());
        }
        held.rollback().unwrap();
        let found = MIGRATIONS.drift(&mut reader, &Options::new()).unwrap().found;
        assert!(found[0].aspects[0].live.as_ref().unwrap().contains("> 1"));
        assert!(found[1].aspects[0].live.as_ref().unwrap().contains("+ 1"));
        // Of many that differ, one that is locked does not hide the texts of the others.
        database.connect().batch_execute("CREATE OR REPLACE VIEW a AS SELECT id, n FROM base WHERE n > 1").unwrap();
        let mut held = holder.transaction().unwrap();
        // (LOCK TABLE would lock what the view reads, too.)
        held.batch_execute("ALTER VIEW b RENAME TO renamed").unwrap();
        let found = drift(&database);
        let texts: Vec<bool> = found.iter().map(|drift| drift.aspects[0].live.is_some()).collect();
        assert_eq!(
            (show(&found).as_str(), texts),
            (
                "public.a Changed definition; public.b Changed definition; public.s() Changed definition",
                vec![true, false, true],
            )
        );
    });
}

/// Locks are held until the transaction ends: so what its queries leave in `pg_locks` is all that they took.
#[test]
fn nothing_is_locked_where_nothing_differs() {
    for_each_server(|server| {
        let database = migrated(server);
        let mut client = database.connect();
        let mut transaction = client.transaction().unwrap();
        // Every relation is locked by somebody: without a difference, none of them is asked for.
        transaction
            .batch_execute("LOCK TABLE base, a, b IN ACCESS EXCLUSIVE MODE; REFRESH MATERIALIZED VIEW m")
            .unwrap();
        assert_eq!(show(&drift(&database)), "");
        transaction.rollback().unwrap();

        // And what is held at the end: the same statements in a transaction that stays open.
        let mut transaction = client.transaction().unwrap();
        let snapshot = include_str!("../../../crates/viewkeeper/src/queries/snapshot.sql");
        let readers = include_str!("../../../crates/viewkeeper/src/queries/readers.sql");
        transaction.batch_execute("SET LOCAL search_path = ''").unwrap();
        transaction.query(snapshot, &[&Vec::<String>::new(), &None::<Vec<String>>]).unwrap();
        transaction.query(readers, &[]).unwrap();
        let held = transaction
            .query(
                "SELECT DISTINCT relation::regclass::text, mode FROM pg_catalog.pg_locks \
                 WHERE pid = pg_backend_pid() AND locktype = 'relation' \
                   AND (relation >= 16384 OR mode <> 'AccessShareLock')",
                &[],
            )
            .unwrap();
        let held: Vec<(String, String)> = held.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(held, [], "on PostgreSQL {}", server.version());
    });
}

#[test]
fn a_database_without_a_recorded_state_says_what_to_do() {
    let server = viewkeeper_live::testing::newest_server();
    let none = Migrations::embedded(&[], &[]);
    let database = server.empty_database();
    let error = none.drift(&mut database.connect(), &Options::new()).unwrap_err();
    assert!(error.is_not_viewkeeper());
    assert!(error.to_string().contains("the database has no migration history to compare with"), "{error}");
    database
        .connect()
        .batch_execute(
            "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name varchar(255), applied_on varchar(255), \
             checksum varchar(255)); INSERT INTO refinery_schema_history VALUES (1, 'a', 'then', '1')",
        )
        .unwrap();
    let error = none.drift(&mut database.connect(), &Options::new()).unwrap_err();
    assert!(error.to_string().contains("written by plain refinery"), "{error}");
}
