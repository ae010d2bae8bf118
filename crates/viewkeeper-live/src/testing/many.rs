//! Many small tests in few databases: making and dropping a database takes longer than most of what is tested in one, so
//! the tests of one list share databases that are emptied in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use postgres::Client;

use super::{TestServer, servers};
use crate::{Error, report};

/// Makes a database hold nothing but an empty schema `public`, and fails where something is left that is in no schema.
const CLEAR: &str = include_str!("clear.sql");

/// Databases of one server that are used side by side.
const AT_ONCE: usize = 2;

/// Runs a test on every item and every server version found, all servers side by side, and fails with all failures. Each
/// item gets a connection to an empty database, which is emptied after it.
pub fn for_each_server_and<T: Sync>(
    items: &[T],
    test: impl Fn(&'static TestServer, &mut Client, &T) -> Result<(), String> + Sync,
) {
    let failures = Mutex::new(Vec::new());
    let work = |server: &'static TestServer, next: &AtomicUsize| {
        let database = server.empty_database();
        let mut client = database.connect();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = test(server, &mut client, item);
            let cleared =
                clear(&mut client).map_err(|error| format!("then it could not be emptied: {}", report(&error)));
            let said: Vec<String> = [outcome.err(), cleared.err()].into_iter().flatten().collect();
            if !said.is_empty() {
                let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.push(format!("PostgreSQL {}: {}", server.version(), said.join("\n")));
            }
        }
    };
    std::thread::scope(|scope| {
        for server in servers() {
            let next: &'static AtomicUsize = Box::leak(Box::default());
            for _ in 0..AT_ONCE {
                scope.spawn(|| work(server, next));
            }
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{} failures with {} items:\n{}", failures.len(), items.len(), failures.join("\n\n"));
}

/// Takes everything out of a database of a test.
///
/// # Errors
/// When something stays.
pub fn clear(client: &mut Client) -> Result<(), Error> {
    Ok(client.batch_execute(CLEAR)?)
}
