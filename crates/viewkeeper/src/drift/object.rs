//! One object as `snapshot.sql` describes it: its parts by name, and how they are shown in lines. No comparing here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// An object, by the names of its parts.
pub(super) type Entry = Map<String, Value>;

/// Section (`relations`, `routines`, `types` and so on) and name.
pub(super) type Key = (String, String);

/// Every object of a state.
pub(super) type State = BTreeMap<Key, Entry>;

/// What people call the object's kind.
pub(super) fn kind(entry: &Entry) -> &str {
    match text(entry, "kind") {
        "f" => "function",
        "p" => "procedure",
        "a" => "aggregate",
        "w" => "window function",
        kind => kind,
    }
}

pub(super) fn is_view(entry: &Entry) -> bool {
    ["view", "materialized view"].contains(&kind(entry))
}

pub(super) fn is_relation(entry: &Entry) -> bool {
    is_view(entry) || kind(entry) == "table"
}

pub(super) fn is_type(entry: &Entry) -> bool {
    ["enum", "domain", "range", "composite"].contains(&kind(entry))
}

pub(super) fn is_routine(entry: &Entry) -> bool {
    ["f", "p", "a", "w"].contains(&text(entry, "kind"))
}

pub(super) fn is_partition(entry: &Entry) -> bool {
    entry.contains_key("partition_of") || hash(entry, "partition_of").is_some()
}

/// The hash of what one part is printed from.
pub(super) fn hash<'a>(entry: &'a Entry, part: &str) -> Option<&'a Value> {
    entry.get("catalog").and_then(|catalog| catalog.get(part))
}

/// The major version of the server that described it.
pub(super) fn major(entry: &Entry) -> u32 {
    entry.get("server").and_then(Value::as_u64).and_then(|number| u32::try_from(number / 10000).ok()).unwrap_or(0)
}

/// A part that is one text; empty where there is none.
pub(super) fn text<'a>(entry: &'a Entry, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A part that is a list of texts.
pub(super) fn list<'a>(entry: &'a Entry, name: &str) -> Vec<&'a str> {
    let items = entry.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The parts that are lists or maps of things with parts of their own, by their names.
pub(super) fn items<'a>(entry: &'a Entry, name: &str) -> Vec<(&'a str, &'a Entry)> {
    match entry.get(name) {
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_object).map(|item| (text(item, "name"), item)).collect()
        }
        Some(Value::Object(items)) => {
            items.iter().filter_map(|(name, item)| Some((name.as_str(), item.as_object()?))).collect()
        }
        _ => Vec::new(),
    }
}

/// A part that is a map of texts.
pub(super) fn texts<'a>(entry: &'a Entry, name: &str) -> Vec<(&'a str, &'a str)> {
    let items = entry.get(name).and_then(Value::as_object);
    items.into_iter().flatten().filter_map(|(name, text)| Some((name.as_str(), text.as_str()?))).collect()
}

/// A part in lines, so that a diff of two shows what differs.
pub(super) fn lines(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Array(items)) => items.iter().map(line).collect::<Vec<_>>().join("\n"),
        Some(Value::Object(items)) => {
            items.iter().map(|(name, item)| format!("{name}: {}", line(item))).collect::<Vec<_>>().join("\n")
        }
        Some(other) => other.to_string(),
    }
}

/// Of a thing with parts, what it is first, and then the parts that are not as they mostly are.
fn line(value: &Value) -> String {
    let item = match value {
        Value::String(text) => return text.clone(),
        Value::Object(item) => item,
        Value::Array(items) => return items.iter().map(line).collect::<Vec<_>>().join(", "),
        other => return other.to_string(),
    };
    let mut words: Vec<String> = ["name", "type", "definition"]
        .iter()
        .map(|name| text(item, name).to_owned())
        .filter(|w| !w.is_empty())
        .collect();
    for (name, part) in item {
        match (name.as_str(), part) {
            ("name" | "type" | "definition", _) | (_, Value::Bool(false)) => {}
            // `tgenabled` and `ev_enabled`: as things are unless somebody says otherwise.
            ("enabled", Value::String(how)) if how == "O" => {}
            ("enabled", Value::String(how)) => words.push(
                match how.as_str() {
                    "D" => "disabled",
                    "R" => "enabled on replicas only",
                    _ => "enabled always",
                }
                .to_owned(),
            ),
            ("valid", Value::Bool(true)) => {}
            (name, Value::Bool(true)) => words.push(name.replace('_', " ")),
            (name, Value::Array(items)) => {
                words.push(format!("{name} {}", items.iter().map(line).collect::<Vec<_>>().join(" ")));
            }
            ("comment", Value::String(comment)) => words.push(format!("comment {comment:?}")),
            (name, other) => words.push(format!("{} {}", name.replace('_', " "), line(other))),
        }
    }
    words.join(", ")
}
