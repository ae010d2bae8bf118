//! The laws of the design, over every case, on real servers of every version found.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use postgres::Client;
use viewkeeper_live::testing::{TestServer, for_each_server};
use viewkeeper_live::{ServerState, read};

use crate::case::{self, Case, Planned};

/// Laws 2 and 3: the migration leads from the old state to what the new definitions build from nothing, and the rollback
/// leads back; with whatever was given by hand in between.
#[test]
fn migrations_lead_to_the_new_state_and_rollbacks_back() {
    let cases: Vec<(Case, Planned)> =
        case::all().into_iter().filter_map(|case| case.plan().ok().map(|planned| (case, planned))).collect();
    for_each_server(|server| {
        let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        // Four at a time: what a case waits for is mostly the server.
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some((case, planned)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if case.min_server.is_some_and(|major| server.major() < major) {
                            continue;
                        }
                        if let Err(failure) = hold(server, case, planned) {
                            failures.lock().unwrap().push(format!("{}: {failure}", case.name()));
                        }
                    }
                });
            }
        });
        let failures = failures.into_inner().unwrap();
        assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n\n"));
    });
}

fn hold(server: &'static TestServer, case: &Case, planned: &Planned) -> Result<(), String> {
    let Some(change) = &planned.change else { return Ok(()) };
    let first = planned.first.as_ref().map(|first| first.migration.as_str());
    let old = server.database(&case.setup);
    let mut client = old.connect();
    apply(&mut client, "the old definitions", first)?;
    apply(&mut client, "what was done by hand", case.by_hand.as_deref())?;
    let before = state(&mut client)?;
    apply(&mut client, "the migration", Some(&change.migration))?;
    let after = state(&mut client)?;
    apply(&mut client, "the rollback", Some(&change.rollback))?;
    let back = state(&mut client)?;

    let new = server.database(&case.setup);
    let mut client = new.connect();
    let from_nothing = planned.from_nothing.as_ref().map(|proposal| proposal.migration.as_str());
    apply(&mut client, "the new definitions", from_nothing)?;
    apply(&mut client, "what was done by hand", case.by_hand.as_deref())?;
    let wanted = state(&mut client)?;

    differ("after the migration, against what the new definitions build from nothing", &wanted, &after)?;
    differ("after the rollback, against the state before the migration", &before, &back)
}

/// Runs a text as plain refinery does: in one transaction.
fn apply(client: &mut Client, what: &str, sql: Option<&str>) -> Result<(), String> {
    let Some(sql) = sql else { return Ok(()) };
    let run = |client: &mut Client| {
        let mut transaction = client.transaction()?;
        transaction.batch_execute(sql)?;
        transaction.commit()
    };
    run(client).map_err(|error: postgres::Error| {
        let detail = error.as_db_error().map(|error| format!("{error} {}", error.detail().unwrap_or_default()));
        format!("{what}: {}\n{sql}", detail.unwrap_or_else(|| error.to_string()))
    })
}

fn state(client: &mut Client) -> Result<ServerState, String> {
    read(client).map_err(|error| viewkeeper_live::report(&error))
}

fn differ(when: &str, wanted: &ServerState, found: &ServerState) -> Result<(), String> {
    wanted.difference(found).map_or(Ok(()), |difference| Err(format!("{when}:\n{difference}")))
}
