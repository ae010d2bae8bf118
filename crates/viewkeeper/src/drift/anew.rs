//! Recording the state anew without a migration, on request: after a major upgrade of the server, after a release that records
//! more, and for objects whose drift is there to stay. Everything else keeps what was recorded of it.

use std::collections::BTreeSet;

use postgres::Client;
use serde_json::{Map, Value};

use super::compare;
use super::object::{Key, State, major};
use super::read::{self, States};
use crate::Migrations;
use crate::edition;
use crate::error::{Error, Kind};
use crate::history::Store;
use crate::options::Options;
use crate::session::{Busy, Patience, Session};

/// What [`Migrations::record_anew`] records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew<'a> {
    /// Everything, when nothing differs from what was recorded.
    All {
        /// What a database of the server's major version recorded that the same migrations made from nothing: texts that
        /// were recorded on another major are held against it. Without any, such texts are an error.
        proof: Option<&'a str>,
        /// Objects that may differ, and stay as they were recorded.
        left: &'a [String],
    },
    /// These objects, by the names that drift gives them, as they are.
    Named(&'a [String]),
}

impl Migrations {
    /// The state that was recorded last, as text for [`Anew::All`].
    ///
    /// # Errors
    /// When nothing was recorded, or it cannot be read.
    pub fn recorded_state(&self, client: &mut Client, options: &Options<'_>) -> Result<String, Error> {
        let mut transaction = client.transaction().map_err(read::failed)?;
        let text = read::recorded_text(&mut transaction, &Store::new(&options.schema))?;
        transaction.rollback().map_err(read::failed)?;
        Ok(text)
    }

    /// Records the live state in place of what was recorded last; how many entries are other ones now.
    ///
    /// It takes the migrators' lock, and all or nothing is recorded.
    ///
    /// # Errors
    /// When something differs that may not, with its names; when a name is of nothing that was recorded or is there; when
    /// nothing was recorded, or the history cannot be written.
    pub fn record_anew(&self, client: &mut Client, options: &Options<'_>, anew: Anew<'_>) -> Result<usize, Error> {
        let store = Store::new(&options.schema);
        let mut patience = Patience::new(options.wait);
        let Some(mut session) = Session::begin(client, &store, options, Busy::Wait(&mut patience))? else {
            return Err(
                Error::new(Kind::Locked, "another migrator holds the lock").help("run it again when that one is done")
            );
        };
        let last = session.history.last().map(|applied| applied.version);
        let text = session.recorded_snapshot(&store, last)?;
        let (Some(version), Some(recorded)) = (last, text) else {
            return Err(Error::new(Kind::NotViewkeeper, "nothing was recorded with the last migration")
                .help("the next migration that `migrate` applies records the state"));
        };
        if session.history.records.values().any(|record| record.interrupted.is_some()) {
            return Err(Error::new(Kind::History, "a migration or rollback stopped in the middle")
                .note("the database is neither in its old nor in its new state")
                .help("run it again, to its end"));
        }
        let live = session.snapshot()?;
        let merged = merged(&recorded, &live, anew)?;
        let changed = count_changed(&recorded, &merged)?;
        if changed > 0 {
            session.replace_snapshot(&store, version, &merged)?;
        }
        session.commit()?;
        Ok(changed)
    }
}

/// The state to record.
fn merged(recorded: &str, live: &str, anew: Anew<'_>) -> Result<String, Error> {
    let (old, sections) = read::parse(recorded)?;
    let (new, _) = read::parse(live)?;
    match anew {
        Anew::All { proof, left } => {
            let left: BTreeSet<&str> = left.iter().map(String::as_str).collect();
            let differing = differing(&old, &new, &sections, &left);
            if !differing.is_empty() {
                return Err(differs(&differing)
                    .help("look at `drift`; undo it or accept it first, or name what is to be recorded as it is"));
            }
            let rendered_elsewhere: Vec<&Key> = new
                .keys()
                .filter(|key| old.get(*key).is_some_and(|entry| major(entry) != new.get(*key).map_or(0, major)))
                .filter(|(_, name)| !left.contains(name.as_str()))
                .collect();
            if !rendered_elsewhere.is_empty() {
                let Some(proof) = proof else {
                    return Err(Error::new(
                        Kind::Drift,
                        format!(
                            "{} objects were recorded on another major version, whose texts cannot be compared",
                            rendered_elsewhere.len()
                        ),
                    )
                    .note("what somebody changed by hand since then would be recorded as if a migration had made it")
                    .help("give it what the migrations lead to on this major version"));
                };
                let (proof, _) = read::parse(proof)?;
                let names = compare::rendered_otherwise(&proof, &new, &rendered_elsewhere);
                if !names.is_empty() {
                    return Err(differs(&names)
                        .note("the migrations lead to other texts on this major version of PostgreSQL")
                        .help(
                            "look for what was changed by hand, and undo it; or name what is to be recorded as it is",
                        ));
                }
            }
            replace(recorded, live, |name| !left.contains(name))
        }
        Anew::Named(names) => {
            let known: BTreeSet<&str> = old.keys().chain(new.keys()).map(|(_, name)| name.as_str()).collect();
            if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
                return Err(Error::new(Kind::Drift, format!("there is no `{name}`, and none was recorded"))
                    .help("name objects as `drift` does, with their schema"));
            }
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            replace(recorded, live, |name| names.contains(name))
        }
    }
}

fn differs(names: &[String]) -> Error {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Error::new(Kind::Drift, format!("the database is not as it was recorded: {}", names.join(", ")))
        .note("nothing was recorded: what somebody did by hand would no longer be found")
}

/// What drift would name, but for materialized views that hold no rows.
fn differing(old: &State, new: &State, sections: &BTreeSet<String>, left: &BTreeSet<&str>) -> Vec<String> {
    let states = States::of_two(old.clone(), new.clone(), sections);
    let found = compare::report(&states).found.into_iter();
    let found = found.filter(|drift| drift.aspects.iter().any(|aspect| aspect.name != "populated"));
    found.map(|drift| drift.name).filter(|name| !left.contains(name.as_str())).collect()
}

/// The recorded state with the live entries of some objects; of kinds that it did not have, all.
fn replace(recorded: &str, live: &str, is_chosen: impl Fn(&str) -> bool) -> Result<String, Error> {
    let (mut old, new) = (objects(recorded)?, objects(live)?);
    for (section, entries) in new {
        let Value::Object(mut entries) = entries else {
            old.insert(section, entries);
            continue;
        };
        for entry in entries.values_mut().filter_map(Value::as_object_mut) {
            for part in edition::NOT_RECORDED {
                entry.remove(part);
            }
        }
        if let Some(Value::Object(before)) = old.get(&section) {
            entries.retain(|name, _| is_chosen(name));
            entries.extend(before.clone().into_iter().filter(|(name, _)| !is_chosen(name)));
        }
        old.insert(section, Value::Object(entries));
    }
    Ok(Value::Object(old).to_string())
}

fn objects(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|cause| {
        Error::new(Kind::Database, "the recorded state of the database cannot be understood").source(cause)
    })
}

fn count_changed(before: &str, after: &str) -> Result<usize, Error> {
    let (before, after) = (objects(before)?, objects(after)?);
    let entries = |state: &Map<String, Value>| -> BTreeSet<(String, String, String)> {
        let sections = state.iter().filter_map(|(section, entries)| Some((section, entries.as_object()?)));
        sections
            .flat_map(|(section, entries)| {
                entries.iter().map(move |(name, entry)| (section.clone(), name.clone(), entry.to_string()))
            })
            .collect()
    };
    let (before, after) = (entries(&before), entries(&after));
    let names: BTreeSet<(&String, &String)> =
        before.symmetric_difference(&after).map(|(section, name, _)| (section, name)).collect();
    Ok(names.len())
}
