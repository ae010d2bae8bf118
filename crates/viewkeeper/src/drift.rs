//! What somebody changed in a database since its last migration: the live state against the recorded one. Reads only,
//! and locks no relation except, for a moment, one whose catalog rows differ already.

use std::collections::BTreeMap;

use postgres::{Client, Transaction};
use postgres_types::Type;
use serde_json::{Map, Value};

use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::{History, Store};
use crate::options::Options;
use crate::session::SNAPSHOT;

/// Long enough for a lock that is held in passing; behind one that stays, the text is done without.
const LOCK_TIMEOUT: &str = "100ms";

/// An object that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// `view`, `materialized view`, `table`, `function`, `enum` and so on.
    pub kind: String,
    /// With its schema, quoted where needed.
    pub name: String,
    /// What became of it.
    pub finding: Finding,
    /// What differs; for a dropped object what was recorded, for one created outside its definition.
    pub aspects: Vec<Aspect>,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It is there, and differs.
    Changed,
    /// It was recorded, and is not there.
    Dropped,
    /// A view or materialized view that the history does not know.
    CreatedOutside,
}

/// One aspect of an object on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aspect {
    /// `definition`, `columns`, `options`, `privileges`, `owner`, `comment`, `indexes`, `populated` and so on.
    pub name: String,
    /// As it was recorded, in lines.
    pub expected: String,
    /// As it is; `None` when it is known to differ, and its text could not be had without waiting for a lock.
    pub live: Option<String>,
}

impl Migrations {
    /// What differs between the database and what was recorded in it with its last migration, in order of the names.
    ///
    /// One read-only transaction. It takes `SELECT` on the two tables of the history, and works on a hot standby. What
    /// can be compared without touching a relation is compared first; only the texts of relations that differ are asked
    /// for, and those that another session holds a lock on are reported without their text.
    ///
    /// # Errors
    /// When nothing was recorded, when it was recorded on another major version of PostgreSQL (texts of different ones
    /// are not compared), or when the database cannot be read.
    pub fn drift(&self, client: &mut Client, options: &Options<'_>) -> Result<Vec<Drift>, Error> {
        let mut transaction = client
            .build_transaction()
            .read_only(true)
            .isolation_level(postgres::IsolationLevel::RepeatableRead)
            .start()
            .map_err(failed)?;
        // Names are printed with their schemas, whatever the role's search path is.
        transaction
            .batch_execute(&format!("SET LOCAL search_path = ''; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            .map_err(failed)?;
        let recorded = recorded(&mut transaction, &Store::new(&options.schema))?;
        same_major(&mut transaction, &recorded)?;
        let live = live(&mut transaction, &[]).map_err(failed)??;
        let texts = texts(&mut transaction, &asked(&recorded, &live))?;
        transaction.rollback().map_err(failed)?;
        Ok(compare(&recorded, &live, &texts))
    }
}

fn failed(cause: postgres::Error) -> Error {
    Error::database("comparing the database with what was recorded", cause)
}

/// Section (`relations`, `routines`, `types`) and name, and the object as `snapshot.sql` describes it.
type State = BTreeMap<(String, String), Map<String, Value>>;

fn parse(text: &str) -> Result<State, Error> {
    let unreadable = || Error::new(Kind::Database, "the recorded state of the database cannot be understood");
    let snapshot: Value = serde_json::from_str(text).map_err(|cause| unreadable().source(cause))?;
    if snapshot.get("format") != Some(&Value::from(1)) {
        return Err(unreadable()
            .note("a newer release recorded it in another format")
            .help("look for drift with the release that migrated the database last"));
    }
    let mut state = State::new();
    for section in ["relations", "routines", "types"] {
        for (name, entry) in snapshot.get(section).and_then(Value::as_object).ok_or_else(unreadable)? {
            let entry = entry.as_object().ok_or_else(unreadable)?;
            state.insert((section.to_owned(), name.clone()), entry.clone());
        }
    }
    Ok(state)
}

/// The state that the last migration recorded.
fn recorded(transaction: &mut Transaction<'_>, store: &Store) -> Result<State, Error> {
    let history = History::read(transaction, store)?;
    let nothing = |message: String| {
        Error::new(Kind::NotViewkeeper, message)
            .note("drift is what differs from the state that was recorded when the database was migrated")
            .help("the next migration that `migrate` applies records the state")
    };
    let Some(last) = history.last() else {
        return Err(nothing("the database has no migration history to compare with".to_owned()));
    };
    if !history.records_exist {
        return Err(nothing("the history was written by plain refinery, which records no state".to_owned()));
    }
    let sql = format!("SELECT snapshot::pg_catalog.text FROM {} WHERE version = $1", store.records);
    let row = transaction.query_typed_opt(&sql, &[(&last.version, Type::INT4)]).map_err(failed)?;
    let text: Option<String> = row.map_or(Ok(None), |row| row.try_get(0)).map_err(failed)?;
    parse(&text.ok_or_else(|| nothing(format!("no state was recorded with `{}`", last.id())))?)
}

fn same_major(transaction: &mut Transaction<'_>, recorded: &State) -> Result<(), Error> {
    let row = transaction
        .query_typed_one("SELECT pg_catalog.current_setting('server_version_num')::int8 / 10000", &[])
        .map_err(failed)?;
    let live: i64 = row.try_get(0).map_err(failed)?;
    let majors = recorded.values().filter_map(|entry| Some(entry.get("server")?.as_i64()? / 10000));
    match majors.into_iter().find(|major| *major != live) {
        None => Ok(()),
        Some(major) => Err(Error::new(
            Kind::Drift,
            format!("the state was recorded on PostgreSQL {major}, and this server is PostgreSQL {live}"),
        )
        .note("each major version prints definitions in its own way: nothing was compared")
        .help("objects are recorded anew by the migrations that touch them; look for drift before a major upgrade")),
    }
}

/// The live state; without names that of everything, without the texts that take locks.
fn live(transaction: &mut Transaction<'_>, names: &[String]) -> Result<Result<State, Error>, postgres::Error> {
    let row = transaction.query_typed_one(SNAPSHOT, &[(&names, Type::TEXT_ARRAY)])?;
    let text: String = row.try_get(0)?;
    Ok(parse(&text))
}

/// What texts are printed from, in hashes.
const SOURCES: [&str; 2] = ["rewrite", "catalog"];

/// The objects whose texts are needed: what they are printed from differs, or an older release did not record it.
fn asked(recorded: &State, live: &State) -> Vec<String> {
    live.iter()
        .filter(|(key, entry)| match recorded.get(*key) {
            Some(old) => sources_differ(old, entry),
            None => is_view(key, entry),
        })
        .map(|((_, name), _)| name.clone())
        .collect()
}

fn sources_differ(old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
    SOURCES.iter().any(|source| old.get(*source) != new.get(*source))
}

fn is_view(key: &(String, String), entry: &Map<String, Value>) -> bool {
    key.0 == "relations" && ["view", "materialized view"].contains(&kind(entry).as_str())
}

/// The objects with their texts, as far as they can be had without waiting. Every lock is given back at once.
fn texts(transaction: &mut Transaction<'_>, names: &[String]) -> Result<State, Error> {
    let mut texts = State::new();
    for name in names {
        let mut savepoint = transaction.savepoint("texts").map_err(failed)?;
        let read = live(&mut savepoint, std::slice::from_ref(name));
        savepoint.rollback().map_err(failed)?;
        match read {
            Ok(state) => texts.extend(state?.into_iter().filter(|((_, found), _)| found == name)),
            // Somebody holds a lock on it, or dropped it in this moment.
            Err(cause) if cause.code().is_some_and(|code| ["55P03", "42P01", "XX000"].contains(&code.code())) => {}
            Err(cause) => return Err(failed(cause)),
        }
    }
    Ok(texts)
}

fn compare(recorded: &State, live: &State, texts: &State) -> Vec<Drift> {
    let mut found = Vec::new();
    for (key, old) in recorded {
        let drift = |finding, aspects| Drift { kind: kind(old), name: key.1.clone(), finding, aspects };
        let Some(new) = live.get(key) else {
            found.push(drift(Finding::Dropped, definition(old)));
            continue;
        };
        let mut aspects = match texts.get(key) {
            Some(new) => differences(&compared(old, Texts::Compared), &compared(new, Texts::Compared)),
            None => {
                let mut aspects = differences(&compared(old, Texts::Left), &compared(new, Texts::Left));
                for name in unread(old, new) {
                    if !aspects.iter().any(|aspect| aspect.name == name) {
                        aspects.push(Aspect { expected: lines(old.get(&name)), live: None, name });
                    }
                }
                aspects
            }
        };
        if new.get("populated") == Some(&Value::Bool(false)) {
            let expected = lines(old.get("populated"));
            aspects.push(Aspect { name: "populated".to_owned(), expected, live: Some("false".to_owned()) });
        }
        if !aspects.is_empty() {
            aspects.sort_by(|a, b| (a.name != "definition", &a.name).cmp(&(b.name != "definition", &b.name)));
            found.push(drift(Finding::Changed, aspects));
        }
    }
    for (key, new) in live.iter().filter(|(key, new)| is_view(key, new) && !recorded.contains_key(*key)) {
        let text = texts.get(key).map(|entry| lines(entry.get("definition")));
        let aspects = vec![Aspect { name: "definition".to_owned(), expected: String::new(), live: text }];
        found.push(Drift { kind: kind(new), name: key.1.clone(), finding: Finding::CreatedOutside, aspects });
    }
    found.sort_by(|a, b| (&a.name, &a.kind).cmp(&(&b.name, &b.kind)));
    found
}

fn kind(entry: &Map<String, Value>) -> String {
    match entry.get("kind").and_then(Value::as_str).unwrap_or_default() {
        "f" => "function",
        "p" => "procedure",
        "a" => "aggregate",
        "w" => "window function",
        kind => kind,
    }
    .to_owned()
}

fn definition(old: &Map<String, Value>) -> Vec<Aspect> {
    let name = if old.contains_key("definition") { "definition" } else { "columns" };
    vec![Aspect { name: name.to_owned(), expected: lines(old.get(name)), live: Some(String::new()) }]
}

/// The aspects whose sources differ, by what they are called in the snapshot.
fn unread(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let mut names = Vec::new();
    if old.get("rewrite") != new.get("rewrite") {
        names.push("definition".to_owned());
    }
    let hashes = |entry: &Map<String, Value>| entry.get("catalog").and_then(Value::as_object).cloned();
    if let Some(old) = hashes(old) {
        let new = hashes(new).unwrap_or_default();
        names.extend(old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).cloned());
    }
    names.sort();
    names.dedup();
    names
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Compared,
    Left,
}

/// What of an object is compared.
fn compared(entry: &Map<String, Value>, texts: Texts) -> Map<String, Value> {
    let mut entry = entry.clone();
    let routine = entry.get("kind").and_then(Value::as_str).is_some_and(|kind| ["f", "p", "a", "w"].contains(&kind));
    let hashed = entry.contains_key("catalog");
    // A refresh is no change; what is not populated is told by itself.
    for name in ["server", "rewrite", "catalog", "populated"] {
        entry.remove(name);
    }
    if texts == Texts::Left {
        // Routines that are printed without locks have their text on both sides, and no hash.
        if !routine || hashed {
            entry.remove("definition");
        }
        for name in ["statistics", "partition_of", "partition_key"] {
            entry.remove(name);
        }
        for name in ["columns", "indexes", "constraints", "triggers", "rules", "policies"] {
            let items: Vec<&mut Value> = match entry.get_mut(name) {
                Some(Value::Array(items)) => items.iter_mut().collect(),
                Some(Value::Object(items)) => items.values_mut().collect(),
                _ => Vec::new(),
            };
            for item in items.into_iter().filter_map(Value::as_object_mut) {
                for text in ["default", "generated", "definition", "using", "check"] {
                    item.remove(text);
                }
            }
        }
    }
    entry
}

fn differences(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Aspect> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Aspect { name: name.clone(), expected: lines(old.get(name)), live: Some(lines(new.get(name))) })
        .collect()
}

/// A value as lines, so that a diff of two shows what differs.
fn lines(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Array(items)) => items.iter().map(inline).collect::<Vec<_>>().join("\n"),
        Some(Value::Object(items)) => {
            items.iter().map(|(name, item)| format!("{name}: {}", inline(item))).collect::<Vec<_>>().join("\n")
        }
        Some(other) => other.to_string(),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(items) => {
            items.iter().map(|(name, item)| format!("{name} {}", inline(item))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
