//! Reads what drift is made of, in one transaction: what was recorded, what is there, who reads whom, and the texts of what
//! differs, as far as they can be had without waiting. No judgement here.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, IsolationLevel, Transaction};
use postgres_types::Type;
use serde_json::Value;

use super::compare;
use super::edition;
use super::object::{Entry, State, major};
use crate::error::{Error, Kind};
use crate::history::{History, Store};
use crate::printing;
use crate::session::SNAPSHOT;

const READERS: &str = include_str!("../queries/readers.sql");

/// Long enough for a lock that is held in passing; behind one that stays, the text is done without.
const LOCK_TIMEOUT: &str = "100ms";

/// Both sides.
pub(super) struct States {
    pub(super) recorded: State,
    /// Without the texts that take locks.
    pub(super) live: State,
    /// The live objects that differ, with their texts.
    pub(super) texts: State,
    /// By what is read, who reads it.
    pub(super) readers: BTreeMap<String, BTreeSet<String>>,
    /// How many objects were recorded with less than is recorded now, or not at all.
    pub(super) earlier: usize,
    /// The server's major version.
    pub(super) major: u32,
}

impl States {
    /// Of two states that were read with all their texts; `sections` are the kinds that were looked for.
    pub(super) fn of_two(recorded: State, mut live: State, sections: &BTreeSet<String>) -> Self {
        let major = live.values().map(major).max().unwrap_or(0);
        live.retain(|(section, _), _| sections.contains(section));
        Self { recorded, texts: live.clone(), live, readers: BTreeMap::new(), major, earlier: 0 }
    }
}

pub(super) fn failed(cause: postgres::Error) -> Error {
    Error::history("comparing the database with what was recorded", cause)
}

/// A transaction that only reads, all of one moment.
pub(super) fn begin(client: &mut Client) -> Result<Transaction<'_>, Error> {
    let transaction = client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead);
    transaction.start().map_err(failed)
}

/// Objects with their texts, as far as they can be had.
pub(super) fn texts(
    transaction: &mut Transaction<'_>,
    schemas: Option<&[String]>,
    names: &[String],
) -> Result<State, Error> {
    transaction.batch_execute(&printing::set_for_reading(LOCK_TIMEOUT)).map_err(failed)?;
    let mut texts = State::new();
    add_texts(transaction, schemas, names, &mut texts)?;
    Ok(texts)
}

/// `schemas` are those that count; without, all.
pub(super) fn states(
    transaction: &mut Transaction<'_>,
    store: &Store,
    schemas: Option<&[String]>,
) -> Result<States, Error> {
    transaction.batch_execute(&printing::set_for_reading(LOCK_TIMEOUT)).map_err(failed)?;
    let (recorded, sections) = recorded(transaction, store)?;
    let (mut live, _) = parse(&snapshot(transaction, schemas, &[]).map_err(failed)?)?;
    let earlier = edition::count_earlier(&recorded, &sections, &live);
    live.retain(|(section, _), _| sections.contains(section));
    let names: Vec<String> = live
        .iter()
        .filter(|(key, entry)| recorded.get(*key).is_none_or(|old| may_differ(old, entry)))
        .map(|((_, name), _)| name.clone())
        .collect();
    let mut texts = State::new();
    add_texts(transaction, schemas, &names, &mut texts)?;
    Ok(States { recorded, live, texts, readers: readers(transaction)?, earlier, major: server_major(transaction)? })
}

/// Whether an object differs, as far as that can be said without its texts; those of another major are of no use.
fn may_differ(old: &Entry, new: &Entry) -> bool {
    major(old) == major(new) && compare::may_differ(old, new)
}

/// The objects, and the kinds that were looked for.
pub(super) fn parse(text: &str) -> Result<(State, BTreeSet<String>), Error> {
    let unreadable = || Error::new(Kind::Database, "the recorded state of the database cannot be understood");
    let snapshot: Value = serde_json::from_str(text).map_err(|cause| unreadable().source(cause))?;
    if snapshot.get("format") != Some(&Value::from(1)) {
        return Err(unreadable()
            .note("a newer release recorded it in another format")
            .help("look for drift with the release that migrated the database last"));
    }
    let mut sections = edition::sections(&snapshot).ok_or_else(unreadable)?;
    let mut state = State::new();
    let mut statistics = Vec::new();
    for section in &sections {
        for (name, entry) in snapshot.get(section).and_then(Value::as_object).ok_or_else(unreadable)? {
            let mut entry = entry.as_object().ok_or_else(unreadable)?.clone();
            if section == "relations" {
                statistics.extend(edition::take_statistics(&mut entry));
            }
            state.insert((section.clone(), name.clone()), entry);
        }
    }
    if sections.insert("statistics".to_owned()) {
        state.extend(statistics);
    }
    Ok((state, sections))
}

/// The state that the last migration recorded.
fn recorded(transaction: &mut Transaction<'_>, store: &Store) -> Result<(State, BTreeSet<String>), Error> {
    parse(&recorded_text(transaction, store)?)
}

pub(super) fn recorded_text(transaction: &mut Transaction<'_>, store: &Store) -> Result<String, Error> {
    let nothing = |message: String| {
        Error::new(Kind::NotViewkeeper, message)
            .note("drift is what differs from the state that was recorded when the database was migrated")
            .help("the next migration that `migrate` applies records the state")
    };
    let text: Option<String> = if may_read(transaction, &store.history)? {
        let history = History::read(transaction, store)?;
        let Some(last) = history.last() else {
            return Err(nothing("the database has no migration history to compare with".to_owned()));
        };
        if !history.records_exist {
            return Err(nothing("the history was written by plain refinery, which records no state".to_owned()));
        }
        let sql = format!("SELECT snapshot::pg_catalog.text FROM {} WHERE version = $1", store.records);
        let row = transaction.query_typed_opt(&sql, &[(&last.version, Type::INT4)]).map_err(failed)?;
        let text: Option<String> = row.map_or(Ok(None), |row| row.try_get(0)).map_err(failed)?;
        Some(text.ok_or_else(|| nothing(format!("no state was recorded with `{}`", last.id())))?)
    } else {
        // A role that may read viewkeeper's table alone.
        let sql = format!(
            "SELECT snapshot::pg_catalog.text FROM {} WHERE snapshot IS NOT NULL AND statements_done IS NULL \
             ORDER BY version DESC LIMIT 1",
            store.records
        );
        let row = transaction.query_typed_opt(&sql, &[]).map_err(failed)?;
        row.map_or(Ok(None), |row| row.try_get(0)).map_err(failed)?
    };
    text.ok_or_else(|| nothing("no state was recorded in the database".to_owned()))
}

/// Whether the role may read a table; true where there is none, which is said elsewhere.
fn may_read(transaction: &mut Transaction<'_>, table: &str) -> Result<bool, Error> {
    transaction
        .query_typed_one(
            "SELECT coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass($1), 'SELECT'), true)",
            &[(&table, Type::TEXT)],
        )
        .and_then(|row| row.try_get(0))
        .map_err(failed)
}

fn server_major(transaction: &mut Transaction<'_>) -> Result<u32, Error> {
    let number: i32 = transaction
        .query_typed_one("SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 / 10000", &[])
        .and_then(|row| row.try_get(0))
        .map_err(failed)?;
    Ok(number.unsigned_abs())
}

/// The live state; without names that of everything, without the texts that take locks.
fn snapshot(
    transaction: &mut Transaction<'_>,
    schemas: Option<&[String]>,
    names: &[String],
) -> Result<String, postgres::Error> {
    transaction.query_typed_one(SNAPSHOT, &[(&names, Type::TEXT_ARRAY), (&schemas, Type::TEXT_ARRAY)])?.try_get(0)
}

/// Adds the objects with their texts. Where one of several cannot be had, they are asked for in halves. Every lock is
/// given back at once.
fn add_texts(
    transaction: &mut Transaction<'_>,
    schemas: Option<&[String]>,
    names: &[String],
    texts: &mut State,
) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    let mut savepoint = transaction.savepoint("texts").map_err(failed)?;
    let read = snapshot(&mut savepoint, schemas, names);
    savepoint.rollback().map_err(failed)?;
    match read {
        Ok(text) => texts.extend(parse(&text)?.0),
        // Somebody holds a lock on it or on what it reads, or dropped it in this moment.
        Err(cause) if cause.code().is_some_and(|code| ["55P03", "42P01", "XX000"].contains(&code.code())) => {
            if let (first, second @ [_, ..]) = names.split_at(names.len().div_ceil(2)) {
                add_texts(transaction, schemas, first, texts)?;
                add_texts(transaction, schemas, second, texts)?;
            }
        }
        Err(cause) => return Err(failed(cause)),
    }
    Ok(())
}

fn readers(transaction: &mut Transaction<'_>) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let mut readers = BTreeMap::<String, BTreeSet<String>>::new();
    for row in transaction.query_typed(READERS, &[]).map_err(failed)? {
        let read: String = row.try_get(0).map_err(failed)?;
        readers.entry(read).or_default().insert(row.try_get(1).map_err(failed)?);
    }
    Ok(readers)
}
