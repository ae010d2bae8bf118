//! What was recorded before this release recorded more: an entry of an earlier edition is compared by what it has, and
//! kinds that it does not have are left out. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::object::{Entry, Key, State};
use crate::edition;
use crate::relation::quote_identifier;

/// The kinds of objects, as the parts of a state are called.
pub(super) const SECTIONS: [&str; 9] = [
    "relations",
    "routines",
    "types",
    "sequences",
    "statistics",
    "schemas",
    "extensions",
    "event_triggers",
    "default_privileges",
];

/// Those that the first edition had.
const FIRST: [&str; 3] = ["relations", "routines", "types"];

/// Whether an entry has all that would be recorded of it now.
pub(super) fn is_newest(entry: &Entry) -> bool {
    edition::of(entry) >= edition::NEWEST
}

/// The sections of a state that was recorded; `None` when it is not one.
pub(super) fn sections(snapshot: &Value) -> Option<BTreeSet<String>> {
    let found = SECTIONS.iter().filter(|name| snapshot.get(**name).is_some_and(Value::is_object));
    let found: BTreeSet<String> = found.map(|name| (*name).to_owned()).collect();
    FIRST.iter().all(|name| found.contains(*name)).then_some(found)
}

/// Statistics were an aspect of their table: takes them out, and gives them back as objects.
pub(super) fn take_statistics(table: &mut Entry) -> Vec<(Key, Entry)> {
    if let Some(Value::Object(hashes)) = table.get_mut("catalog") {
        hashes.remove("statistics");
        if hashes.is_empty() {
            table.remove("catalog");
        }
    }
    let Some(Value::Object(statistics)) = table.remove("statistics") else { return Vec::new() };
    let server = table.get("server").cloned().unwrap_or_default();
    let entry = |(name, definition): (String, Value)| {
        // `CREATE STATISTICS schema.name …`
        let text = definition.as_str()?.strip_prefix("CREATE STATISTICS ")?;
        let short = if text.contains(&format!(".{name} ")) { name } else { quote_identifier(&name) };
        let end = text.find(&format!(".{short} "))? + 1 + short.len();
        let key = ("statistics".to_owned(), text[..end].to_owned());
        let parts =
            [("server", server.clone()), ("kind", Value::from("statistics")), ("definition", definition.clone())];
        Some((key, parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect::<Map<_, _>>()))
    };
    statistics.into_iter().filter_map(entry).collect()
}

/// Leaves of the live side what an entry of an earlier edition could have had.
pub(super) fn reduce(old: &Entry, new: &mut Entry) {
    new.remove("edition");
    if is_newest(old) {
        return;
    }
    let recorded = edition::of(old);
    for name in edition::added_since(recorded) {
        new.remove(name);
    }
    if recorded > 1 {
        return;
    }
    // Tables have columns, and types had no privileges.
    if !old.contains_key("privileges") {
        new.remove("privileges");
    }
    if old.get("kind").and_then(Value::as_str) == Some("statistics") {
        new.retain(|name, _| old.contains_key(name));
    }
}

/// How many objects were recorded with less than now, or not at all.
pub(super) fn count_earlier(recorded: &State, sections: &BTreeSet<String>, live: &State) -> usize {
    let unknown = live.keys().filter(|(section, _)| !sections.contains(section)).count();
    recorded.values().filter(|entry| !is_newest(entry)).count() + unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_a_table_become_objects() {
        let table = serde_json::json!({
            "server": 150_000,
            "catalog": {"statistics": "x"},
            "statistics": {
                "s": "CREATE STATISTICS public.s ON a, b FROM t",
                "We ird": "CREATE STATISTICS \"S.x\".\"We ird\" (ndistinct) ON a, b FROM t",
            },
        });
        let mut table = table.as_object().unwrap().clone();
        let names: Vec<String> = take_statistics(&mut table).into_iter().map(|((_, name), _)| name).collect();
        assert_eq!(names, ["\"S.x\".\"We ird\"", "public.s"]);
        assert_eq!(table.keys().collect::<Vec<_>>(), ["server"]);
    }
}
