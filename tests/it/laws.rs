//! The laws of the design, over every case, on real servers of every version found.

use postgres::Client;
use viewkeeper_engine::proposal::Proposal;
use viewkeeper_live::testing::{clear, for_each_server_and};
use viewkeeper_live::{ServerState, read, report};

use crate::case::{self, Case, Planned};

/// Laws 2 and 3: the migration leads from the old state to what the new definitions build from nothing, and the rollback
/// leads back; with whatever was given by hand in between.
#[test]
fn migrations_lead_to_the_new_state_and_rollbacks_back() {
    let cases: Vec<(Case, Planned)> =
        case::all().into_iter().filter_map(|case| case.plan().ok().map(|planned| (case, planned))).collect();
    for_each_server_and(&cases, |server, client, (case, planned)| {
        if !case.is_for(server.major()) {
            return Ok(());
        }
        hold(client, case, planned).map_err(|failure| format!("{}: {failure}", case.name()))
    });
}

fn hold(client: &mut Client, case: &Case, planned: &Planned) -> Result<(), String> {
    if planned.changes.is_empty() {
        return Ok(());
    }
    let text = |proposal: &Option<Proposal>| proposal.as_ref().map(|proposal| proposal.migration.clone());
    apply(client, "the setup", Some(&case.setup))?;
    apply(client, "the old definitions", text(&planned.first).as_deref())?;
    apply(client, "the later migration", case.later.as_deref())?;
    apply(client, "what was done by hand", case.by_hand.as_deref())?;
    apply(client, "the migration in between", case.between.as_deref())?;
    let before = state(client)?;
    for change in &planned.changes {
        apply(client, "the migration", Some(&change.migration))?;
    }
    let after = state(client)?;
    let refuses = planned.changes.iter().any(|change| change.rollback.contains("RAISE EXCEPTION USING MESSAGE"));
    for change in planned.changes.iter().rev() {
        match apply(client, "the rollback", Some(&change.rollback)) {
            Err(refused) if refuses && refused.contains("cannot be rolled back") => {}
            Ok(()) if refuses => return Err("the rollback did not refuse".to_owned()),
            outcome => outcome?,
        }
    }
    let back = state(client)?;
    if refuses {
        differ("after a rollback that refuses, against the state before it", &after, &back)?;
    } else if planned.changes.iter().all(|change| change.stays.is_empty()) {
        differ("after the rollback, against the state before the migration", &before, &back)?;
    } else {
        for change in &planned.changes {
            apply(client, "the migration after a rollback that leaves values", Some(&change.migration))?;
        }
        differ("after the migration was run again, against its first run", &after, &state(client)?)?;
    }

    clear(client).map_err(|error| report(&error))?;
    apply(client, "the setup", Some(&case.setup))?;
    apply(client, "the migration in between", case.between.as_deref())?;
    apply(client, "the wrapped migration as it was written", case.wrapped.as_deref())?;
    apply(client, "the new definitions", text(&planned.from_nothing).as_deref())?;
    let (later, by_hand) = &case.renamed;
    apply(client, "the later migration", later.as_deref().or(case.later.as_deref()))?;
    apply(client, "what was done by hand", by_hand.as_deref().or(case.by_hand.as_deref()))?;
    let wanted = state(client)?;

    differ("after the migration, against what the new definitions build from nothing", &wanted, &after)
}

/// As plain refinery does: in one transaction.
fn apply(client: &mut Client, what: &str, sql: Option<&str>) -> Result<(), String> {
    let Some(sql) = sql else { return Ok(()) };
    viewkeeper_live::apply(client, sql).map_err(|error| format!("{what}: {}\n{sql}", report(&error)))
}

fn state(client: &mut Client) -> Result<ServerState, String> {
    read(client).map_err(|error| report(&error))
}

fn differ(when: &str, wanted: &ServerState, found: &ServerState) -> Result<(), String> {
    wanted.difference(found).map_or(Ok(()), |difference| Err(format!("{when}:\n{difference}")))
}
