//! A disk without room, in the middle of a migration and at its commit: the database is as it was, and the next run finishes
//! once there is room again.

use viewkeeper::{Migrations, Options, connect};

use super::own_server::{OwnServer, kill};

const MIGRATIONS: Migrations = Migrations::embedded(
    &[
        ("V1__users.sql", "CREATE TABLE users (id int PRIMARY KEY);\nCREATE VIEW names AS SELECT id FROM users;"),
        (
            "V2__large.sql",
            "CREATE OR REPLACE VIEW names AS SELECT id, id AS name FROM users;\nCREATE MATERIALIZED VIEW large AS SELECT n, \
             repeat('x', 200) AS filler FROM generate_series(1, 20000) n;",
        ),
        // What is written ahead of the commit is in memory until then, and takes new files of the log.
        (
            "V3__logged.sql",
            "CREATE OR REPLACE VIEW names AS SELECT id, id AS name, id AS other FROM users;\nSELECT \
             pg_logical_emit_message(true, 'viewkeeper', repeat('x', 20000000));",
        ),
    ],
    &[],
);

fn columns_of_names(server: &OwnServer) -> i64 {
    let sql = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'names'::regclass AND attnum > 0";
    server.admin().query_one(sql, &[]).unwrap().get(0)
}

#[test]
fn the_disk_is_full() {
    let Some(mut server) = OwnServer::prepare_on_small_disk("full", 100) else { return };
    let settings = [
        "wal_level=minimal",
        "max_wal_senders=0",
        "shared_buffers=16MB",
        "wal_buffers=32MB",
        "wal_writer_delay=10s",
        "min_wal_size=2MB",
        "checkpoint_timeout=1h",
        "autovacuum=off",
    ];
    server.start(&settings);
    MIGRATIONS.migrate(&mut server.admin(), Options::new().target(1)).unwrap();
    let drift = |server: &OwnServer| MIGRATIONS.drift(&mut server.admin(), &Options::new()).unwrap().found;

    // A relation cannot grow: the statement fails.
    server.fill_disk(1 << 20);
    let error = MIGRATIONS.migrate(&mut server.admin(), Options::new().target(2)).unwrap_err();
    assert!(error.is_statement() && error.to_string().contains("No space left on device"), "{error}");
    assert_eq!((columns_of_names(&server), drift(&server)), (1, Vec::new()));
    server.free_disk();
    MIGRATIONS.migrate(&mut server.admin(), Options::new().target(2)).unwrap();
    assert_eq!((columns_of_names(&server), drift(&server)), (2, Vec::new()));

    // The log cannot be written: the server stops in the middle of the commit, and may not come up before there is room.
    let mut client = connect(Some(&server.url())).unwrap();
    server.fill_disk(1 << 19);
    let error = MIGRATIONS.migrate(&mut client, Options::new()).unwrap_err();
    assert!(error.to_string().contains("committing failed"), "{error}");
    server.free_disk();
    kill("-QUIT", server.process());
    server.wait();
    server.start(&settings);
    assert_eq!((columns_of_names(&server), drift(&server)), (2, Vec::new()));
    MIGRATIONS.migrate(&mut server.admin(), Options::new()).unwrap();
    assert_eq!((columns_of_names(&server), drift(&server)), (3, Vec::new()));
}
