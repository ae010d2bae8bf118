//! What somebody had changed by hand of the objects that a migration changed, asked when it is committed: no lock of its
//! statements is held any more. What a rollback refuses because of such changes is `rollback`'s matter.

use postgres::Client;
use postgres_types::Type;

use crate::error::Error;
use crate::history::Store;
use crate::report::ByHand;
use crate::session::{OVERWRITTEN, OWN_SEARCH_PATH};

/// `last` is the version that was the last one before the migration, `before` and `after` the states around it.
pub(crate) fn met(
    client: &mut Client,
    store: &Store,
    last: i32,
    before: &str,
    after: &str,
) -> Result<Vec<ByHand>, Error> {
    read(client, store, last, before, after).map_err(|cause| {
        Error::database("looking for what the migration met of changes by hand", cause)
            .note("the migration is committed, and nothing is to be done again")
    })
}

fn read(
    client: &mut Client,
    store: &Store,
    last: i32,
    before: &str,
    after: &str,
) -> Result<Vec<ByHand>, postgres::Error> {
    let mut transaction = client.transaction()?;
    transaction.query_typed(
        "SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', 'off', true)",
        &[(&OWN_SEARCH_PATH, Type::TEXT)],
    )?;
    let sql = format!("SELECT snapshot::pg_catalog.text FROM {} WHERE version = $1", store.records);
    let recorded = transaction.query_typed_opt(&sql, &[(&last, Type::INT4)])?;
    let recorded: Option<String> = recorded.map_or(Ok(None), |row| row.try_get(0))?;
    let mut found = Vec::new();
    // What plain refinery migrated was not recorded: nothing is known of it.
    if recorded.is_some() {
        let states: [(&(dyn postgres_types::ToSql + Sync), Type); 3] =
            [(&recorded, Type::TEXT), (&before, Type::TEXT), (&after, Type::TEXT)];
        for row in transaction.query_typed(OVERWRITTEN, &states)? {
            let (names, texts): (Vec<String>, Vec<Option<String>>) = (row.try_get(1)?, row.try_get(2)?);
            let undone = names.into_iter().zip(texts.into_iter().map(Option::unwrap_or_default)).collect();
            let by_hand = ByHand { object: row.try_get(0)?, undone, kept: row.try_get(3)?, gone: row.try_get(4)? };
            if by_hand.gone || !by_hand.undone.is_empty() || !by_hand.kept.is_empty() {
                found.push(by_hand);
            }
        }
    }
    transaction.rollback()?;
    Ok(found)
}
