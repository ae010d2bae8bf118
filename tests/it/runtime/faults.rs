//! Law 8: whatever ends at whatever moment, the database is in the old or the new state, recorded as such, and the next
//! run finishes. The moments are counted by a proxy: every request of a run is tried.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postgres::{Client, NoTls};
use viewkeeper::{Error, Migrations, Options, RollbackTo, State};
use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::own_server::{OwnServer, kill};
use super::proxy::{Fault, Proxy};
use crate::commands::Workspace;

use super::{migrations, one, states, written};

const SETUP: &str = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text);\n\
                     INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 100) n;\n";

/// Replaced in place.
fn replaced() -> Migrations {
    written(
        SETUP,
        "CREATE VIEW busy AS SELECT id, name FROM users WHERE id > 10;\nCOMMENT ON VIEW busy IS 'those who do things';",
        "CREATE VIEW busy AS SELECT id, name FROM users WHERE id > 20;\nCOMMENT ON VIEW busy IS 'those who do more';",
    )
}

/// Dropped and made again, with one that reads it.
fn recreated() -> Migrations {
    written(
        SETUP,
        "CREATE VIEW busy AS SELECT id, name FROM users;\nGRANT SELECT ON busy TO PUBLIC;\n\
         CREATE VIEW count_of_busy AS SELECT count(*) AS how_many FROM busy;",
        "CREATE VIEW busy AS SELECT name, id FROM users;\nGRANT SELECT ON busy TO PUBLIC;\n\
         CREATE VIEW count_of_busy AS SELECT count(*) AS how_many FROM busy;",
    )
}

/// Built beside the old one.
fn swapped() -> Migrations {
    written(
        SETUP,
        "CREATE MATERIALIZED VIEW names AS SELECT name, id FROM users;\nCREATE UNIQUE INDEX names_id ON names (id);",
        "CREATE MATERIALIZED VIEW names AS SELECT upper(name) AS name, id FROM users;\n\
         CREATE UNIQUE INDEX names_id ON names (id);",
    )
}

/// Statement by statement, in part outside of any transaction.
fn stepwise() -> Migrations {
    migrations(
        &[
            ("V1__setup.sql", SETUP),
            ("V2__view.sql", "CREATE VIEW busy AS SELECT id FROM users;"),
            (
                "V3__index.sql",
                "-- viewkeeper: no transaction\nCREATE TABLE extra (id int);\n\
                 CREATE INDEX CONCURRENTLY users_name ON users (name);\nVACUUM users;\n\
                 CREATE VIEW named AS SELECT name FROM users;\n",
            ),
        ],
        &[(
            "V3__index.sql",
            "-- viewkeeper: no transaction\nDROP VIEW IF EXISTS named;\nDROP INDEX CONCURRENTLY IF EXISTS users_name;\n\
             DROP TABLE IF EXISTS extra;\n",
        )],
    )
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    There,
    Back,
}

/// What the database holds, besides the history.
fn held(client: &mut Client) -> String {
    one(
        client,
        "SELECT string_agg(concat_ws(' ', relname, relkind, relacl, obj_description(c.oid, 'pg_class'), \
         CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, indisvalid), E'\\n' ORDER BY relname) \
         FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid \
         WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '%history%'",
    )
}

fn go(ours: &Migrations, direction: Direction, client: &mut Client) -> Result<(), Error> {
    match direction {
        Direction::There => ours.migrate(client, Options::new()).map(drop),
        Direction::Back => ours.rollback(client, RollbackTo::Version(2), Options::new()).map(drop),
    }
}

/// Waits until no session but the observer's is left: what is cut off from its client may still be at work.
fn settle(observer: &mut Client) {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                  AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while one::<i64>(observer, others) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A database at version 2 or 3, and what those versions hold.
struct Ground {
    database: TestDatabase,
    observer: Client,
    old: String,
    new: String,
}

impl Ground {
    fn prepare(ours: &Migrations, direction: Direction) -> Self {
        let database = newest_server().empty_database();
        let mut observer = database.connect();
        ours.migrate(&mut observer, Options::new().target(2)).unwrap();
        let old = held(&mut observer);
        go(ours, Direction::There, &mut observer).unwrap();
        let new = held(&mut observer);
        assert_ne!(old, new);
        if direction == Direction::There {
            go(ours, Direction::Back, &mut observer).unwrap();
            assert_eq!(held(&mut observer), old, "after the rollback");
        }
        Self { database, observer, old, new }
    }

    /// Runs with something happening at a request; whether there was such a request.
    fn disturb(&self, ours: &Migrations, direction: Direction, proxy: &Proxy, fault: Fault, at: usize) -> bool {
        match fault {
            Fault::Callback => {
                let url = self.database.url();
                proxy.arm_callback(at, move |session| terminate(&url, session.process));
            }
            fault => proxy.arm(fault, at),
        }
        let outcome = viewkeeper::connect(Some(&proxy.url())).and_then(|mut client| go(ours, direction, &mut client));
        let happened = proxy.seen() >= at;
        assert!(happened || outcome.is_ok(), "{direction:?}, {fault:?} at request {at}: {outcome:?}");
        happened
    }

    /// Which of the two states is recorded. It is the one that is held, and the recorded objects are those that are there.
    fn state(&mut self, ours: &Migrations, when: &str) -> Direction {
        settle(&mut self.observer);
        let status = ours.status(&mut self.observer, &Options::new()).unwrap();
        let held = held(&mut self.observer);
        match states(&status)[2].1 {
            State::Pending => {
                assert_eq!(held, self.old, "{when}: recorded as old");
                Direction::There
            }
            State::Applied => {
                assert_eq!(held, self.new, "{when}: recorded as new");
                Direction::Back
            }
            other => panic!("{when}: recorded as {other:?}"),
        }
    }

    fn no_drift(&mut self, ours: &Migrations, when: &str) {
        assert_eq!(ours.drift(&mut self.observer, &Options::new()).unwrap().found, [], "{when}");
    }
}

/// Tries a fault at every request of a run, until one passes that many; says how many moments there were. A run begins
/// with what the one before it left: it is the next run that must be able to finish.
fn at_every_request(ours: &Migrations, direction: Direction, fault: Fault, stride: usize) -> usize {
    let mut ground = Ground::prepare(ours, direction);
    let proxy = Proxy::of(&ground.database);
    let mut at = 1;
    let mut reached = direction;
    while ground.disturb(ours, direction, &proxy, fault, at) {
        let when = format!("{direction:?}, {fault:?} at request {at}");
        let now = ground.state(ours, &when);
        if now != reached {
            // The commit is what it takes: nothing recorded has to be looked for before.
            assert_eq!(reached, direction, "{when}: there and back again");
            ground.no_drift(ours, &when);
            reached = now;
            if direction == Direction::Back {
                // One that is rolled back twice would be at version 1.
                return at;
            }
        }
        at += stride;
    }
    assert_ne!(ground.state(ours, "at the end"), direction);
    ground.no_drift(ours, "at the end");
    at - 1
}

/// Ends a session as an administrator does, and waits until it is gone.
fn terminate(url: &str, process: i32) {
    let mut client = Client::connect(url, NoTls).unwrap();
    client.execute("SELECT pg_terminate_backend($1)", &[&process]).unwrap();
    while client.query_opt("SELECT FROM pg_stat_activity WHERE pid = $1", &[&process]).unwrap().is_some() {}
}

type Try<'t> = &'t dyn Fn(&Migrations, Direction, Fault, usize) -> usize;

/// Tries the faults in both directions, each at every so many requests; at every request of all when
/// `VIEWKEEPER_ALL_FAULTS` is set, which takes minutes.
fn try_all(ours: &Migrations, faults: &[(Fault, usize)], at_every_request: Try<'_>) {
    let all = [(Fault::CutBefore, 1), (Fault::CutAfter, 1), (Fault::Callback, 1)];
    let faults = if std::env::var_os("VIEWKEEPER_ALL_FAULTS").is_some() { &all } else { faults };
    for direction in [Direction::There, Direction::Back] {
        for (fault, stride) in faults {
            let requests = at_every_request(ours, direction, *fault, *stride);
            // Connecting, the lock, each statement, the history, the commit: less would mean that nothing is counted.
            assert!(requests > 15, "{requests} requests");
            println!("{direction:?}, {fault:?}: every {stride}. of {requests} requests");
        }
    }
}

#[test]
fn a_replaced_view_at_every_request() {
    let faults = [(Fault::CutBefore, 1), (Fault::CutAfter, 1), (Fault::Callback, 2)];
    try_all(&replaced(), &faults, &at_every_request);
}

#[test]
fn a_recreated_view_at_every_request() {
    try_all(&recreated(), &[(Fault::CutAfter, 1), (Fault::Callback, 3)], &at_every_request);
}

#[test]
fn a_swapped_materialized_view_at_every_request() {
    try_all(&swapped(), &[(Fault::CutAfter, 1), (Fault::CutBefore, 2)], &at_every_request);
}

const SAVE: &str = "CREATE TEMP TABLE saved_history AS TABLE refinery_schema_history; \
                    CREATE TEMP TABLE saved_records AS TABLE viewkeeper_history;";
const RESTORE: &str = "DROP VIEW IF EXISTS named; DROP TABLE IF EXISTS extra; DROP INDEX IF EXISTS users_name; \
                       TRUNCATE refinery_schema_history, viewkeeper_history; \
                       INSERT INTO refinery_schema_history TABLE saved_history; \
                       INSERT INTO viewkeeper_history TABLE saved_records;";
const RESTORE_NEW: &str = "CREATE TABLE extra (id int); CREATE INDEX users_name ON users (name); \
                           CREATE VIEW named AS SELECT name FROM users;";

/// Between the two states there are others here, recorded as interrupted. Each fault meets the first state, so that
/// every statement is reached; the next run finishes.
#[test]
fn statement_by_statement_at_every_request() {
    let faults = [(Fault::CutAfter, 6), (Fault::Callback, 13)];
    try_all(&stepwise(), &faults, &|ours, direction, fault, stride| {
        let mut ground = Ground::prepare(ours, direction);
        ground.observer.batch_execute(SAVE).unwrap();
        let proxy = Proxy::of(&ground.database);
        let mut at = 1;
        while ground.disturb(ours, direction, &proxy, fault, at) {
            let when = format!("{direction:?}, {fault:?} at request {at}");
            settle(&mut ground.observer);
            let left = states(&ours.status(&mut ground.observer, &Options::new()).unwrap())[2].1;
            if matches!(left, State::Interrupted(_)) {
                go(ours, direction, &mut ground.observer).unwrap_or_else(|error| panic!("{when}, then: {error}"));
                assert_ne!(ground.state(ours, &when), direction);
                ground.no_drift(ours, &when);
            } else {
                ground.state(ours, &when);
            }
            ground.observer.batch_execute(RESTORE).unwrap();
            if direction == Direction::Back {
                ground.observer.batch_execute(RESTORE_NEW).unwrap();
            }
            at += stride;
        }
        at - 1
    });
}

/// A migrator in a process of its own is killed with SIGKILL, and the next one finishes.
#[test]
fn a_killed_process() {
    let workspace = Workspace::new(&[
        ("migrations/V1__users.sql", SETUP),
        ("migrations/V2__busy.sql", "CREATE VIEW busy AS SELECT id FROM users;\nGRANT SELECT ON busy TO PUBLIC;\n"),
    ]);
    let database = newest_server().empty_database();
    let proxy = Proxy::of(&database);
    let mut observer = database.connect();
    let mut killed = 0;
    for at in (1..).step_by(5) {
        let child = Arc::new(Mutex::new(None::<u32>));
        let seen = Arc::clone(&child);
        proxy.arm_callback(at, move |_| {
            // The process may be quicker than the line that notes its number.
            let number = loop {
                if let Some(number) = *seen.lock().unwrap() {
                    break number;
                }
            };
            kill("-KILL", number);
        });
        let mut process = workspace.command(&["--database-url", &proxy.url(), "migrate"]).spawn().unwrap();
        *child.lock().unwrap() = Some(process.id());
        let status = process.wait().unwrap();
        settle(&mut observer);
        let applied: Vec<i32> = match observer.query("SELECT version FROM refinery_schema_history ORDER BY 1", &[]) {
            Ok(rows) => rows.iter().map(|row| row.get(0)).collect(),
            Err(_) => Vec::new(),
        };
        for (version, relation) in [(1, "users"), (2, "busy")] {
            let there: bool = one(&mut observer, &format!("SELECT to_regclass('{relation}') IS NOT NULL"));
            assert_eq!(applied.contains(&version), there, "killed at request {at}: {applied:?}, {relation}");
        }
        if status.success() {
            assert_eq!(applied, [1, 2]);
            break;
        }
        killed += 1;
    }
    assert!(killed > 5, "{killed}");
}

/// The server stops as `pg_ctl stop -m immediate` stops it, and replays its log when it starts again.
#[test]
fn a_server_that_stops_at_once() {
    let mut server = OwnServer::prepare("restarted");
    server.start(&[]);
    let proxy = Proxy::start(format!("{}/.s.PGSQL.{}", server.folder.display(), server.port), "postgres");
    let ours = recreated();
    ours.migrate(&mut server.admin(), Options::new().target(2)).unwrap();
    let old = held(&mut server.admin());
    let mut stopped = 0;
    let mut new = None;
    for at in (3..).step_by(6) {
        let process = server.process();
        proxy.arm_callback(at, move |_| kill("-QUIT", process));
        let outcome =
            viewkeeper::connect(Some(&proxy.url())).and_then(|mut client| go(&ours, Direction::There, &mut client));
        if proxy.seen() < at {
            outcome.unwrap();
            break;
        }
        stopped += 1;
        server.wait();
        server.start(&[]);
        let mut admin = server.admin();
        match states(&ours.status(&mut admin, &Options::new()).unwrap())[2].1 {
            State::Pending => assert_eq!(held(&mut admin), old, "stopped at request {at}"),
            State::Applied => {
                assert_eq!(*new.get_or_insert(held(&mut admin)), held(&mut admin), "stopped at request {at}")
            }
            other => panic!("stopped at request {at}: {other:?}"),
        }
        assert_eq!(ours.drift(&mut admin, &Options::new()).unwrap().found, []);
    }
    assert!(stopped > 3, "{stopped}");
    assert_ne!(held(&mut server.admin()), old);
}

/// A file that cannot grow, as on a full disk: the limit is set on the server's process, whose writes then fail.
#[test]
fn a_file_that_cannot_grow() {
    let database = newest_server().empty_database();
    let ours = migrations(
        &[
            ("V1__setup.sql", SETUP),
            (
                "V2__large.sql",
                "CREATE VIEW before AS SELECT id FROM users;\nCREATE MATERIALIZED VIEW large AS \
                 SELECT n, repeat('x', 200) AS filler FROM generate_series(1, 120000) n;",
            ),
        ],
        &[],
    );
    let mut client = database.connect();
    ours.migrate(&mut client, Options::new().target(1)).unwrap();
    let process: i32 = one(&mut client, "SELECT pg_backend_pid()");
    // Not below the size of a segment of the log.
    let limited = Command::new("prlimit").args(["--pid", &process.to_string(), "--fsize=16777216"]).status();
    if !limited.is_ok_and(|status| status.success()) {
        eprintln!("skipped: `prlimit` is not there, or may not limit the server");
        return;
    }
    let error = ours.migrate(&mut client, Options::new()).unwrap_err();
    assert!(error.is_statement() && error.to_string().contains("could not extend file"), "{error}");
    let mut client = database.connect();
    assert!(one::<bool>(&mut client, "SELECT to_regclass('before') IS NULL AND to_regclass('large') IS NULL"));
    assert_eq!(ours.drift(&mut client, &Options::new()).unwrap().found, []);
    ours.migrate(&mut client, Options::new()).unwrap();
    assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM large"), 120_000);
}
