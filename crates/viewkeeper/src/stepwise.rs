//! Statements that cannot run in one transaction: each by itself, how far it got recorded with it, so that the next run
//! goes on where this one stopped.

use postgres::Client;
use postgres_types::Type;

use crate::by_hand;
use crate::error::{Error, Kind};
use crate::history::{Interrupted, Store};
use crate::leftover::{self, Leftover};
use crate::migrate::{Migrator, Statements, write_progress};
use crate::migrations::MigrationFile;
use crate::options::{Options, Progress};
use crate::report::ByHand;
use crate::retry::Retries;
use crate::session::{Busy, Patience, Session, Text};
use crate::statements::Statement;

/// How it ended.
pub(crate) enum Outcome {
    /// With what it met of changes by hand.
    Applied(Vec<ByHand>),
    /// Another migrator is at it, or was and is done.
    Busy,
}

/// Applies a migration statement by statement.
///
/// A lock of the session keeps other migrators out between the transactions. It has no effect through a pooler in
/// transaction mode, which is why [`begin_outside`] looks whether it is still held.
pub(crate) fn apply(
    migrator: &mut Migrator<'_, '_, '_>,
    client: &mut Client,
    file: &MigrationFile<'_>,
    number: usize,
) -> Result<Outcome, Error> {
    if !lock_session(client, migrator.store)? {
        return Ok(Outcome::Busy);
    }
    let outcome = apply_locked(migrator, client, file, number);
    unlock_session(client, migrator.store, outcome)
}

fn apply_locked(
    migrator: &mut Migrator<'_, '_, '_>,
    client: &mut Client,
    file: &MigrationFile<'_>,
    number: usize,
) -> Result<Outcome, Error> {
    let text = Text { file: file.name, sql: file.sql };
    let statements = text.statements()?;
    let mut retries = Retries::default();
    let Begun { before, interrupted: begun } = loop {
        match begin_apart(migrator, client, file) {
            Ok(Some(begun)) => break begun,
            Ok(None) => return Ok(Outcome::Busy),
            Err(error) => retries.after(error, client, migrator.options, file.name)?,
        }
    };
    migrator.options.report(Progress::Started { file: file.name, number, total: migrator.total.max(number) });
    for (index, statement) in statements.iter().enumerate().skip(begun.done) {
        migrator.options.report(Progress::Statement { file: file.name, number: index + 1, total: statements.len() });
        let store = migrator.store;
        let mut kept =
            format!("{index} of its {} statements are kept: the next run goes on from here", statements.len());
        if begun.started && index == begun.done {
            if leftover::clear(client, store, migrator.options, statement.text)? == Leftover::TookEffect {
                let mut session = begin(client, store, migrator.options)?;
                write_progress(&mut session, store, file, index + 1, false)?;
                session.commit()?;
                continue;
            }
            kept += "\nthis statement was begun in an earlier run, and how it ended is not known: it may have taken effect, \
                     in part";
        }
        run_apart(client, store, migrator.options, &text, statement, &kept, &mut |session, stage| match stage {
            Stage::Beginning => write_progress(session, store, file, index, true),
            Stage::Refused => write_progress(session, store, file, index, false),
            Stage::Done => write_progress(session, store, file, index + 1, false),
        })?;
    }

    let mut retries = Retries::default();
    loop {
        match end_apart(migrator, client, file, before.as_deref()) {
            Ok(by_hand) => return Ok(Outcome::Applied(by_hand)),
            Err(error) => retries.after(error, client, migrator.options, file.name)?,
        }
    }
}

/// Where a run starts.
struct Begun {
    /// The state before the migration.
    before: Option<String>,
    interrupted: Interrupted,
}

/// Records that it begins, unless it began in an earlier run; `None` when it is not what is to be applied any more.
fn begin_apart(
    migrator: &mut Migrator<'_, '_, '_>,
    client: &mut Client,
    file: &MigrationFile<'_>,
) -> Result<Option<Begun>, Error> {
    let mut session = begin(client, migrator.store, migrator.options)?;
    if migrator.next(&session.history)?.is_none_or(|next| next.version() != file.version()) {
        return Ok(None);
    }
    session.create_tables(migrator.store)?;
    // Of one that did nothing yet the text may be another one now, and the state before it, too.
    let interrupted = session.history.records.get(&file.version()).and_then(|record| record.interrupted);
    let interrupted = interrupted.filter(|interrupted| interrupted.has_begun());
    let begun = interrupted.unwrap_or(Interrupted { done: 0, started: false });
    write_progress(&mut session, migrator.store, file, begun.done, begun.started)?;
    // The state before it is kept in its own row until it is complete: the run that completes it may be another one.
    let before = match interrupted {
        None => {
            let before = session.snapshot()?;
            session.keep_snapshot(migrator.store, file.version(), &before)?;
            Some(before)
        }
        Some(_) => session.recorded_snapshot(migrator.store, Some(file.version()))?,
    };
    session.commit()?;
    Ok(Some(Begun { before, interrupted: begun }))
}

fn end_apart(
    migrator: &mut Migrator<'_, '_, '_>,
    client: &mut Client,
    file: &MigrationFile<'_>,
    before: Option<&str>,
) -> Result<Vec<ByHand>, Error> {
    let mut session = begin(client, migrator.store, migrator.options)?;
    let last = session.history.last().map(|applied| applied.version);
    let after = migrator.run_and_record(&mut session, file, Statements::Done, before)?;
    session.commit()?;
    match (last, before) {
        (Some(last), Some(before)) => by_hand::met(client, migrator.store, last, before, &after),
        _ => Ok(Vec::new()),
    }
}

/// Where a statement is, for whoever records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It will be run outside of a transaction.
    Beginning,
    /// It was run outside of a transaction, and the server refused it.
    Refused,
    /// It is done; when it ran in a transaction this is the same one.
    Done,
}

/// Runs one statement in a transaction of its own, or outside of one when the server asks for that.
pub(crate) fn run_apart(
    client: &mut Client,
    store: &Store,
    options: &mut Options<'_>,
    text: &Text<'_>,
    statement: &Statement<'_>,
    kept: &str,
    record: &mut dyn FnMut(&mut Session<'_>, Stage) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut retries = Retries::default();
    loop {
        let mut session = begin(client, store, options)?;
        session.enter_text()?;
        let error = match session.client.batch_execute(statement.text) {
            Ok(()) => {
                session.leave_text()?;
                record(&mut session, Stage::Done)?;
                return session.commit();
            }
            Err(cause) => text.failed(statement, cause, kept),
        };
        drop(session);
        // 25001: the statement refuses every transaction block. 2D000: a procedure that commits by itself.
        if matches!(error.sqlstate(), Some("25001" | "2D000")) {
            break;
        }
        retries.after(error, client, options, text.file)?;
    }
    begin_outside(client, store, options, statement, record)?;
    let result = run_outside(client, options, statement.text);
    // Of an index the next run finds out what is left, as after a kill.
    let stage = if result.is_ok() {
        Some(Stage::Done)
    } else {
        leftover::recognise(statement.text).is_none().then_some(Stage::Refused)
    };
    let failed = match result {
        Ok(()) => None,
        // How it ended is not known: the record stays as it is.
        Err(cause) if cause.as_db_error().is_none() => return Err(text.failed(statement, cause, kept)),
        Err(cause) => Some(text.failed(statement, cause, kept)),
    };
    if let Some(stage) = stage {
        let mut session = begin(client, store, options)?;
        record(&mut session, stage)?;
        session.commit()?;
    }
    failed.map_or(Ok(()), Err)
}

fn begin_outside(
    client: &mut Client,
    store: &Store,
    options: &Options<'_>,
    statement: &Statement<'_>,
    record: &mut dyn FnMut(&mut Session<'_>, Stage) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut session = begin(client, store, options)?;
    let held = session
        .client
        .query_typed_one(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted \
             AND pid = pg_catalog.pg_backend_pid() AND objsubid = 1 \
             AND (classid::int8 << 32) | objid::int8 = pg_catalog.hashtextextended($1, 0))",
            &[(&session_lock_name(store), Type::TEXT)],
        )
        .and_then(|row| row.try_get::<_, bool>(0))
        .map_err(|cause| Error::database("looking for the migrator's lock", cause))?;
    if !held {
        return Err(Error::new(Kind::Database, "the connection changes its server session between transactions")
            .note("it seems to go through a pooler in transaction mode: other migrators could not be kept out")
            .help("apply migrations without a transaction through a direct connection"));
    }
    // Of one that has to fail there is nothing to find out later.
    if leftover::can_begin(&mut session, statement.text)? {
        record(&mut session, Stage::Beginning)?;
    }
    session.commit()
}

/// One statement outside of a transaction, with the search path of the file.
///
/// Without a lock timeout: what runs outside of a transaction (`CREATE INDEX CONCURRENTLY`) waits for old transactions
/// without keeping readers or writers out, and would leave half of its work behind when stopped.
pub(crate) fn run_outside(client: &mut Client, options: &Options<'_>, sql: &str) -> Result<(), postgres::Error> {
    const SET: &str = "SELECT pg_catalog.set_config('search_path', $1, false), \
                       pg_catalog.set_config('lock_timeout', $2, false)";
    let row = client.query_typed_one(
        "SELECT pg_catalog.current_setting('search_path'), pg_catalog.current_setting('lock_timeout')",
        &[],
    )?;
    let (search_path, lock_timeout): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    client.query_typed(SET, &[(&options.search_path_setting(), Type::TEXT), (&"0", Type::TEXT)])?;
    let result = client.batch_execute(sql);
    client.query_typed(SET, &[(&search_path, Type::TEXT), (&lock_timeout, Type::TEXT)])?;
    result
}

/// Begins a transaction, waiting for its lock.
pub(crate) fn begin<'a>(client: &'a mut Client, store: &Store, options: &Options<'_>) -> Result<Session<'a>, Error> {
    let mut patience = Patience::new(options.wait);
    Session::begin(client, store, options, Busy::Wait(&mut patience))?
        .ok_or_else(|| Error::new(Kind::Locked, "another migrator holds the lock"))
}

fn session_lock_name(store: &Store) -> String {
    format!("{}, statement by statement", store.lock_name())
}

pub(crate) fn lock_session(client: &mut Client, store: &Store) -> Result<bool, Error> {
    client
        .query_typed_one(
            "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))",
            &[(&session_lock_name(store), Type::TEXT)],
        )
        .and_then(|row| row.try_get(0))
        .map_err(|cause| Error::database("asking for the migrator's lock", cause))
}

/// Gives the lock back; a failure of that matters only when nothing else failed.
pub(crate) fn unlock_session<T>(client: &mut Client, store: &Store, outcome: Result<T, Error>) -> Result<T, Error> {
    let unlocked = client
        .query_typed(
            "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended($1, 0))",
            &[(&session_lock_name(store), Type::TEXT)],
        )
        .map_err(|cause| Error::database("giving the migrator's lock back", cause));
    let value = outcome?;
    unlocked?;
    Ok(value)
}
