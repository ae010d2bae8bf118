//! What is recorded of a relation's columns and of what is on it after a change, one by one and part by part. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Entry, Object, sets, unless_changed};

/// What is printed from what hashes are made of.
const PRINTED: [&str; 5] = ["definition", "default", "generated", "using", "check"];

/// What a query gives its columns.
const OF_QUERY: [&str; 3] = ["name", "type", "collation"];

/// Of what a hash is made of, what is printed.
pub(super) fn printed(entry: &Entry, facet: &str) -> Value {
    let of = |item: &Value| -> Value {
        let item = item.as_object();
        let kept = item.into_iter().flatten().filter(|(name, _)| *name == "name" || PRINTED.contains(&name.as_str()));
        Value::Object(kept.map(|(name, part)| (name.clone(), part.clone())).collect())
    };
    match entry.get(facet) {
        Some(Value::Array(items)) => Value::Array(items.iter().map(of).collect()),
        Some(Value::Object(items)) => {
            Value::Object(items.iter().map(|(name, item)| (name.clone(), of(item))).collect())
        }
        other => other.cloned().unwrap_or_default(),
    }
}

fn hash<'a>(entry: &'a Entry, facet: &str) -> Option<&'a Value> {
    entry.get("catalog").and_then(|catalog| catalog.get(facet))
}

fn columns(entry: &Entry) -> Vec<(String, &Entry)> {
    let items = entry.get("columns").and_then(Value::as_array);
    let named = |item: &'_ Value| item.get("name").and_then(Value::as_str).map(str::to_owned);
    items.into_iter().flatten().filter_map(|item| Some((named(item)?, item.as_object()?))).collect()
}

fn find<'a>(columns: &[(String, &'a Entry)], name: &str) -> Option<&'a Entry> {
    columns.iter().find(|(other, _)| other == name).map(|(_, item)| *item)
}

impl Object<'_> {
    /// A part that is printed: in the words that are there, where nothing that they are printed from was changed by hand
    /// or by the change, or where the change did.
    fn words(&self, facet: &str, sides: [Option<&Value>; 3]) -> Option<Value> {
        let [before, after, recorded] = sides;
        let (was, is, said) = (hash(self.before, facet), hash(self.after, facet), hash(self.recorded, facet));
        if was == is && was.is_some() && !self.anew {
            let is_kept = said == is && self.is_read_kept();
            return if is_kept { after.cloned() } else { recorded.cloned() };
        }
        unless_changed(before, after, recorded)
    }

    pub(super) fn columns(&self, defined: bool) -> Option<Value> {
        let (before, after, recorded) = (columns(self.before), columns(self.after), columns(self.recorded));
        let is_given = defined && super::is_view(self.after);
        // A column that has another name is the same one.
        let numbers =
            |entry: &Entry| entry.get("column_numbers").and_then(Value::as_object).cloned().unwrap_or_default();
        let (was, is) = (numbers(self.before), numbers(self.after));
        let former = |name: &str| -> String {
            if self.anew || was.contains_key(name) {
                return name.to_owned();
            }
            let number = is.get(name);
            let same = was.iter().find(|(other, was)| number == Some(was) && !is.contains_key(*other));
            same.map_or(name, |(other, _)| other).to_owned()
        };
        let names = |columns: &[(String, &Entry)]| columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let current = names(&after);
        let formerly: Vec<String> = current.iter().map(|name| former(name)).collect();
        let list = if is_given {
            current.clone()
        } else {
            // Compared by the names that they had.
            let list = sets::ordered(&names(&before), &formerly, &names(&recorded));
            let renamed =
                |name: String| formerly.iter().position(|other| *other == name).map_or(name, |at| current[at].clone());
            list.into_iter().map(renamed).collect()
        };
        let merged = list.into_iter().filter_map(|name| {
            let before_name = former(&name);
            let sides = (find(&before, &before_name), find(&after, &name), find(&recorded, &before_name));
            Some(Value::Object(self.column(&name, sides, is_given)?))
        });
        let merged: Vec<Value> = merged.collect();
        (!merged.is_empty()).then_some(Value::Array(merged))
    }

    fn column(
        &self,
        name: &str,
        sides: (Option<&Entry>, Option<&Entry>, Option<&Entry>),
        is_given: bool,
    ) -> Option<Entry> {
        let (before, after, recorded) = match sides {
            (_, None, recorded) => return recorded.cloned(),
            (None, Some(after), _) => return Some(after.clone()),
            (Some(before), Some(after), recorded) => (before, after, recorded),
        };
        let none = Map::new();
        let parts: BTreeSet<&String> =
            before.keys().chain(after.keys()).chain(recorded.unwrap_or(&none).keys()).collect();
        let mut merged = Map::new();
        for part in parts {
            let sides = [before.get(part), after.get(part), recorded.and_then(|recorded| recorded.get(part))];
            let [was, is, said] = sides;
            let value = match part.as_str() {
                "name" => Some(Value::from(name)),
                part if is_given && OF_QUERY.contains(&part) => is.cloned(),
                // Of a column that the query has now, and somebody added by hand before.
                "not_null" if recorded.is_none() => is.cloned(),
                "comment" if !self.anew && (self.asked)("column comment", name) => is.cloned(),
                "default" | "generated" if !self.anew && !self.retyped && (self.asked)("columns", name) => is.cloned(),
                "default" | "generated" => self.words("columns", sides),
                "privileges" => {
                    let owner = |entry: &'_ Entry| super::text(entry, "owner").to_owned();
                    let (was_of, is_of, said_of) = (owner(self.before), owner(self.after), owner(self.recorded));
                    let merged = if was_of == is_of { &said_of } else { &is_of };
                    let owners = sets::Owners { before: &was_of, after: &is_of, recorded: &said_of, merged };
                    sets::privileges((was, is, said), owners)
                }
                "options" => sets::options((was, is, said)),
                _ => unless_changed(was, is, said),
            };
            merged.extend(value.map(|value| (part.clone(), value)));
        }
        Some(merged)
    }

    /// Indexes, constraints, triggers, rules, policies.
    pub(super) fn items(&self, section: &str) -> Option<Value> {
        let of = |entry: &Entry| entry.get(section).and_then(Value::as_object).cloned().unwrap_or_default();
        let (before, after, recorded) = (of(self.before), of(self.after), of(self.recorded));
        let names: BTreeSet<&String> = after.keys().chain(recorded.keys()).collect();
        let mut merged = Map::new();
        for name in names {
            let get = |side: &Entry| side.get(name).and_then(Value::as_object).cloned();
            let item = self.item(section, name, (get(&before), get(&after), get(&recorded)));
            merged.extend(item.map(|item| (name.clone(), Value::Object(item))));
        }
        (!merged.is_empty()).then_some(Value::Object(merged))
    }

    fn item(&self, section: &str, name: &str, sides: (Option<Entry>, Option<Entry>, Option<Entry>)) -> Option<Entry> {
        let is_made = self.is_made(section, name);
        let (before, after, recorded) = match sides {
            (None, Some(after), _) => return Some(after),
            (Some(_), None, _) | (None, None, None) => return None,
            (None, None, recorded) => return recorded,
            // Made by hand: it is the change's where that makes it again.
            (Some(before), Some(after), None) => {
                let is_other = PRINTED.iter().any(|part| before.get(*part) != after.get(*part));
                let is_replaced = hash(self.before, section) != hash(self.after, section) && is_other && !self.anew;
                return (is_made || is_replaced).then_some(after);
            }
            (Some(before), Some(after), Some(recorded)) => (before, after, recorded),
        };
        let parts: BTreeSet<&String> = before.keys().chain(after.keys()).chain(recorded.keys()).collect();
        let mut merged = Map::new();
        for part in parts {
            let sides = [before.get(part), after.get(part), recorded.get(part)];
            let value = match part.as_str() {
                "definition" if is_made => after.get(part).cloned(),
                // Where it is made again, what was said of it by hand is kept with it.
                "comment" if !is_made && !self.anew && (self.asked)(&format!("{section} comment"), name) => {
                    after.get(part).cloned()
                }
                part if PRINTED.contains(&part) => self.words(section, sides),
                _ => unless_changed(sides[0], sides[1], sides[2]),
            };
            merged.extend(value.map(|value| (part.clone(), value)));
        }
        Some(merged)
    }

    /// Whether the change makes something that is on the relation, by a statement of its own: not where the relation is
    /// another one, to which what was there is given back, and not where the server does, for columns of other types.
    fn is_made(&self, section: &str, name: &str) -> bool {
        !self.anew && !self.retyped && (self.asked)(section, name)
    }

    /// What each part reads: with the part.
    pub(super) fn reads(&self, defined: bool) -> Option<Value> {
        let of = |entry: &Entry| entry.get("reads").and_then(Value::as_object).cloned().unwrap_or_default();
        let (before, after, recorded) = (of(self.before), of(self.after), of(self.recorded));
        let parts: BTreeSet<&String> = before.keys().chain(after.keys()).chain(recorded.keys()).collect();
        let mut merged = Map::new();
        for part in parts {
            let is_made = match part.split_once(' ') {
                None => defined,
                Some(("trigger", name)) => self.is_made("triggers", name),
                Some(("rule", name)) => self.is_made("rules", name),
                Some(("index", name)) => self.is_made("indexes", name),
                Some(("column", name)) => self.is_made("columns", name),
                Some(_) => false,
            };
            let value = match is_made {
                true => after.get(part).cloned(),
                false => sets::names((before.get(part), after.get(part), recorded.get(part))),
            };
            merged.extend(value.map(|value| (part.clone(), value)));
        }
        (!merged.is_empty()).then_some(Value::Object(merged))
    }
}
