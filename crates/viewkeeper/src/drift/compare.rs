//! Compares two states that were read. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::object::{Entry, Key, State, is_routine, is_view, kind, lines, major, text};
use super::read::States;
use super::{Aspect, Drift, DriftReport, Finding, Upgrade, repair};

pub(super) fn report(states: &States) -> DriftReport {
    let mut found: Vec<Drift> = states.recorded.iter().filter_map(|(key, old)| of_recorded(states, key, old)).collect();
    found.extend(states.live.iter().filter_map(|(key, new)| created_outside(states, key, new)));
    found.sort_by(|a, b| (&a.name, &a.kind).cmp(&(&b.name, &b.kind)));
    DriftReport { found, upgrade: upgrade(&states.recorded, states.major) }
}

fn upgrade(recorded: &State, live: u32) -> Option<Upgrade> {
    let others: Vec<u32> = recorded.values().map(major).filter(|major| *major != live).collect();
    Some(Upgrade { recorded: *others.iter().min()?, live, objects: others.len() })
}

fn of_recorded(states: &States, key: &Key, old: &Entry) -> Option<Drift> {
    let Some(live) = states.live.get(key) else {
        // A partition comes and goes with its rows.
        return (!old.contains_key("partition_of")).then(|| {
            let aspects = vec![Aspect { live: Some(String::new()), ..main_aspect(old) }];
            let repair = repair::of_dropped(&key.1, old);
            drift(states, key, old, Finding::Dropped, aspects, repair, None)
        });
    };
    let with_texts = states.texts.get(key);
    let new = with_texts.unwrap_or(live);
    let compare = match (major(old) == major(new), with_texts) {
        (false, _) => Compare::OtherMajor,
        (true, Some(_)) => Compare::Texts,
        (true, None) => Compare::Sources,
    };
    let (mut expected, mut found) = (compared(old, compare), compared(new, compare));
    if old.contains_key("rewrite") && old.get("rewrite") == new.get("rewrite") {
        // The query is stored as it was: its text only follows names that were changed elsewhere.
        expected.remove("definition");
        found.remove("definition");
    }
    let mut aspects = differences(&expected, &found);
    if compare == Compare::Sources {
        for name in sources_that_differ(old, new) {
            if !aspects.iter().any(|aspect| aspect.name == name) {
                aspects.push(Aspect { expected: lines(old.get(&name)), live: None, name });
            }
        }
    }
    if new.get("populated") == Some(&Value::Bool(false)) {
        let expected = lines(old.get("populated"));
        aspects.push(Aspect { name: "populated".to_owned(), expected, live: Some("false".to_owned()) });
    }
    if aspects.is_empty() {
        return None;
    }
    aspects.sort_by(|a, b| (a.name != "definition", &a.name).cmp(&(b.name != "definition", &b.name)));
    let names: Vec<&str> = aspects.iter().map(|aspect| aspect.name.as_str()).collect();
    let texts = if compare == Compare::Texts { repair::Texts::Had } else { repair::Texts::Missing };
    let read = states.readers.get(&key.1).is_some_and(|readers| !readers.is_empty());
    let repair = repair::of_changed(&key.1, old, new, &names, read, texts);
    Some(drift(states, key, old, Finding::Changed, aspects, repair, with_texts))
}

fn created_outside(states: &States, key: &Key, new: &Entry) -> Option<Drift> {
    let with_texts = states.texts.get(key);
    if states.recorded.contains_key(key) || with_texts.is_some_and(|new| new.contains_key("partition_of")) {
        return None;
    }
    let shown = main_aspect(with_texts.unwrap_or(new));
    let live = (with_texts.is_some() || shown.name != "definition").then_some(shown.expected);
    let aspects = vec![Aspect { name: shown.name, expected: String::new(), live }];
    Some(drift(states, key, new, Finding::CreatedOutside, aspects, repair::Repair::default(), with_texts))
}

fn drift(
    states: &States,
    key: &Key,
    entry: &Entry,
    finding: Finding,
    aspects: Vec<Aspect>,
    repair: repair::Repair,
    live: Option<&Entry>,
) -> Drift {
    let name = key.1.clone();
    Drift {
        kind: kind(entry).to_owned(),
        finding,
        aspects,
        readers: readers_of(states, &name),
        repair: repair.statements,
        unrepaired: repair.rest,
        declaration: live.filter(|live| is_view(live)).map_or_else(Vec::new, |live| repair::declaration(&name, live)),
        name,
    }
}

/// What reads it, directly or through others.
fn readers_of(states: &States, name: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![name];
    while let Some(name) = left.pop() {
        for reader in states.readers.get(name).into_iter().flatten() {
            if found.insert(reader.clone()) {
                left.push(reader);
            }
        }
    }
    found.remove(name);
    found.into_iter().collect()
}

/// What an object is, in one aspect; as the expected side.
fn main_aspect(entry: &Entry) -> Aspect {
    let name = match kind(entry) {
        "enum" => "labels",
        "domain" => "base",
        "range" => "subtype",
        "table" | "composite" => "columns",
        "aggregate" => "result",
        _ => "definition",
    };
    Aspect { name: name.to_owned(), expected: lines(entry.get(name)), live: None }
}

/// Whether two entries of one major differ, as far as that can be said without the texts of the second one.
pub(super) fn may_differ(old: &Entry, new: &Entry) -> bool {
    ["rewrite", "catalog"].iter().any(|source| old.get(*source) != new.get(*source))
        || compared(old, Compare::Sources) != compared(new, Compare::Sources)
}

/// The aspects whose sources differ.
fn sources_that_differ(old: &Entry, new: &Entry) -> Vec<String> {
    let mut names = BTreeSet::new();
    if old.get("rewrite") != new.get("rewrite") {
        names.insert("definition".to_owned());
    }
    let hashes = |entry: &Entry| entry.get("catalog").and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (hashes(old), hashes(new));
    names.extend(old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).cloned());
    names.into_iter().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Compare {
    /// Both sides have their texts.
    Texts,
    /// The live side has no texts that take locks; hashes say whether they differ.
    Sources,
    /// The sides come from different majors: no texts, no hashes, and not what only one of them knows.
    OtherMajor,
}

/// What of an object is compared.
fn compared(entry: &Entry, compare: Compare) -> Entry {
    let mut entry = entry.clone();
    let printed_without_locks = is_routine(&entry) && !entry.contains_key("catalog");
    // A refresh is no change; what is not populated is told by itself.
    for name in ["server", "rewrite", "catalog", "populated"] {
        entry.remove(name);
    }
    if compare == Compare::Texts {
        return entry;
    }
    if compare == Compare::OtherMajor || !printed_without_locks {
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
    if compare == Compare::OtherMajor {
        leave_what_one_major_knows(&mut entry);
    }
    entry
}

fn leave_what_one_major_knows(entry: &mut Entry) {
    // The expression of a domain's default and constraints is text of its major.
    for name in ["default", "result"] {
        entry.remove(name);
    }
    if let Some(Value::Object(constraints)) = entry.get_mut("constraints") {
        for constraint in constraints.values_mut().filter(|constraint| constraint.is_string()) {
            *constraint = Value::Null;
        }
        // NOT NULL is a constraint with a name from 18 on.
        constraints.retain(|_, item| item.as_object().is_none_or(|item| text(item, "type") != "n"));
        if constraints.is_empty() {
            entry.remove("constraints");
        }
    }
    // MAINTAIN came with 17, and owners have it by themselves.
    without_maintain(entry);
    if let Some(Value::Array(columns)) = entry.get_mut("columns") {
        columns.iter_mut().filter_map(Value::as_object_mut).for_each(without_maintain);
    }
}

fn without_maintain(entry: &mut Entry) {
    let items = entry.get_mut("privileges").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        // `grantee=letters/grantor`
        if let Some((grantee, rest)) = item.as_str().and_then(|item| item.rsplit_once('='))
            && let Some((letters, grantor)) = rest.split_once('/')
        {
            let letters = letters.replace("m*", "").replace('m', "");
            *item = Value::from(format!("{grantee}={letters}/{grantor}"));
        }
    }
}

fn differences(old: &Entry, new: &Entry) -> Vec<Aspect> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Aspect { name: name.clone(), expected: lines(old.get(name)), live: Some(lines(new.get(name))) })
        .collect()
}
