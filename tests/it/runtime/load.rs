//! Readers that go on reading while migrations are applied and rolled back: none of their reads may fail. A few cycles
//! here; `VIEWKEEPER_LOAD_CYCLES=100` for the long form, whose numbers stand in `docs/production.md`.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, Error};
use viewkeeper::{Migrations, Options, RollbackTo};
use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::written;

fn ours() -> Migrations {
    written(
        "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n\
         INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 2000) n;\n",
        "CREATE VIEW replaced AS SELECT id, name FROM users WHERE id > 10;\n\
         CREATE VIEW recreated AS SELECT id, name FROM users;\n\
         CREATE VIEW above AS SELECT id, name FROM recreated WHERE id > 5;\n\
         CREATE MATERIALIZED VIEW swapped AS SELECT id, name FROM users;\n\
         CREATE UNIQUE INDEX swapped_id ON swapped (id);",
        "CREATE VIEW replaced AS SELECT id, name FROM users WHERE id > 20;\n\
         CREATE VIEW recreated AS SELECT name, id FROM users;\n\
         CREATE VIEW above AS SELECT id, name FROM recreated WHERE id > 5;\n\
         CREATE MATERIALIZED VIEW swapped AS SELECT id, upper(name) AS name FROM users;\n\
         CREATE UNIQUE INDEX swapped_id ON swapped (id);",
    )
}

const VIEWS: [&str; 4] = ["replaced", "recreated", "above", "swapped"];

/// How a reader asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A new text each time.
    Simple,
    /// Prepared once, with its columns named: what generated rows do.
    Prepared,
    /// Prepared once, with `*`: its columns may change under it.
    PreparedStar,
}

#[derive(Default)]
struct Seen {
    reads: AtomicUsize,
    /// "cached plan must not change result type" (`RevalidateCachedQuery` in plancache.c).
    result_type_changed: AtomicUsize,
    longest_microseconds: AtomicUsize,
}

impl Seen {
    fn count(&self, took: Duration) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.longest_microseconds.fetch_max(took.as_micros() as usize, Ordering::Relaxed);
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [reads, changed, longest] = [&self.reads, &self.result_type_changed, &self.longest_microseconds]
            .map(|number| number.load(Ordering::Relaxed));
        write!(f, "{reads} reads, {changed} with a changed result type, the longest took {} ms", longest / 1000)
    }
}

/// Reads all views in turn until told to stop.
fn read(database: &TestDatabase, reader: Reader, stop: &AtomicBool, seen: &Seen) -> Result<(), String> {
    let mut client = database.connect();
    let columns = if reader == Reader::PreparedStar { "*" } else { "id, name" };
    let texts = VIEWS.map(|view| format!("SELECT {columns} FROM {view} WHERE id BETWEEN $1 AND $1 + 5"));
    let prepare = |client: &mut Client| texts.each_ref().map(|text| client.prepare(text));
    let mut prepared = prepare(&mut client);
    while !stop.load(Ordering::Relaxed) {
        for (text, statement) in texts.iter().zip(&mut prepared) {
            let began = Instant::now();
            let outcome: Result<usize, Error> = match reader {
                Reader::Simple => client.simple_query(&text.replace("$1", "100")).map(|rows| rows.len()),
                _ => match statement {
                    Ok(statement) => client.query(&*statement, &[&100]).map(|rows| rows.len()),
                    Err(error) => return Err(format!("{text}: {error:?}")),
                },
            };
            match outcome {
                Ok(0) => return Err(format!("{text}: no rows")),
                Ok(_) => seen.count(began.elapsed()),
                Err(error)
                    if reader == Reader::PreparedStar && error.code().is_some_and(|code| code.code() == "0A000") =>
                {
                    seen.result_type_changed.fetch_add(1, Ordering::Relaxed);
                    *statement = client.prepare(text);
                }
                Err(error) => return Err(format!("{reader:?}, {text}: {error:?}")),
            }
        }
    }
    Ok(())
}

/// What readers of one kind meet while `work` goes on.
fn readers(database: &TestDatabase, work: impl FnOnce()) -> [(Reader, Seen); 3] {
    let seen = [Reader::Simple, Reader::Prepared, Reader::PreparedStar].map(|reader| (reader, Seen::default()));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let running: Vec<_> =
            seen.iter().map(|(reader, seen)| scope.spawn(|| read(database, *reader, &stop, seen))).collect();
        work();
        stop.store(true, Ordering::Relaxed);
        for reader in running {
            reader.join().unwrap().unwrap_or_else(|failure| panic!("a read failed: {failure}"));
        }
    });
    seen
}

#[test]
fn no_read_fails_while_migrations_go_there_and_back() {
    let cycles = std::env::var("VIEWKEEPER_LOAD_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let ours = ours();
    let database = newest_server().empty_database();
    let mut migrator = database.connect();
    ours.migrate(&mut migrator, Options::new().target(2)).unwrap();
    let undisturbed = readers(&database, || std::thread::sleep(Duration::from_millis(500)));
    let disturbed = readers(&database, || {
        for _ in 0..cycles {
            ours.migrate(&mut migrator, Options::new()).unwrap();
            ours.rollback(&mut migrator, RollbackTo::Version(2), Options::new()).unwrap();
        }
    });
    for ((reader, undisturbed), (_, disturbed)) in undisturbed.iter().zip(&disturbed) {
        println!("{reader:?}: undisturbed {undisturbed}; during {cycles} cycles {disturbed}");
        assert!(disturbed.reads.load(Ordering::Relaxed) > 0);
    }
}
