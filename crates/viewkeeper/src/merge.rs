//! What is recorded after a change: of each object, aspect by aspect, what the change made of it, and of all that the
//! change left as it was what had been recorded before. So what somebody did by hand stays drift, also on an object that
//! a migration changes, recreates or renames. Pure; what is read from the server is `session`'s.

mod parts;
mod sets;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::edition;
use crate::error::{Error, Kind};

/// An object, by the names of its parts, as `snapshot.sql` describes it.
type Entry = Map<String, Value>;

/// What the change asked for by a statement of its own, as `touched.sql` finds it: section, name, aspect, part.
pub(crate) type Touched = BTreeSet<(String, String, String, String)>;

/// The live state before a change and after it, and what was recorded last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct States<'a> {
    pub(crate) before: Option<&'a str>,
    pub(crate) after: &'a str,
    pub(crate) recorded: Option<&'a str>,
}

/// The state to record.
pub(crate) fn merged(states: &States<'_>, touched: &Touched) -> Result<String, Error> {
    let mut after = object(states.after)?;
    let before = states.before.map_or_else(|| Ok(Map::new()), object)?;
    let recorded = states.recorded.map_or_else(|| Ok(Map::new()), object)?;
    let retyped =
        section(&after, "relations").map(|after| retyped(section(&before, "relations"), after)).unwrap_or_default();
    for (name, entries) in &mut after {
        let Value::Object(entries) = entries else { continue };
        // Where a former release recorded nothing of the kind, what is there counts.
        if states.before.is_some() && recorded.get(name).is_some_and(Value::is_object) {
            let sides =
                Section { name, before: section(&before, name), after: entries, recorded: section(&recorded, name) };
            *entries = sides.merged(touched, &retyped);
        }
        for entry in entries.values_mut().filter_map(Value::as_object_mut) {
            for part in edition::NOT_RECORDED {
                entry.remove(part);
            }
        }
    }
    Ok(Value::Object(after).to_string())
}

fn object(text: &str) -> Result<Entry, Error> {
    serde_json::from_str(text).map_err(|cause| {
        Error::new(Kind::Database, "the recorded state of the database cannot be understood").source(cause)
    })
}

fn section<'a>(state: &'a Entry, name: &str) -> Option<&'a Entry> {
    state.get(name).and_then(Value::as_object)
}

fn entry<'a>(entries: Option<&'a Entry>, name: &str) -> Option<&'a Entry> {
    entries?.get(name)?.as_object()
}

fn text<'a>(entry: &'a Entry, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What the change left is as it was recorded, what it changed is as it is.
fn unless_changed(before: Option<&Value>, after: Option<&Value>, recorded: Option<&Value>) -> Option<Value> {
    if before == after { recorded.cloned() } else { after.cloned() }
}

/// The relations that are other ones now, or have columns of other types: the server made anew what is on them, in the
/// words that it had.
fn retyped(before: Option<&Entry>, after: &Entry) -> BTreeSet<String> {
    let types = |entry: &Entry| -> Vec<Value> {
        let columns = entry.get("columns").and_then(Value::as_array);
        columns.into_iter().flatten().map(|column| column.get("type").cloned().unwrap_or_default()).collect()
    };
    let differs = |name: &&String| match (entry(before, name), entry(Some(after), name)) {
        (Some(before), Some(after)) => before.get("oid") != after.get("oid") || types(before) != types(after),
        _ => true,
    };
    after.keys().filter(differs).cloned().collect()
}

/// The objects of one kind on all sides.
struct Section<'a> {
    name: &'a str,
    before: Option<&'a Entry>,
    after: &'a Entry,
    recorded: Option<&'a Entry>,
}

impl Section<'_> {
    fn merged(&self, touched: &Touched, retyped: &BTreeSet<String>) -> Entry {
        let mut former: BTreeMap<i64, &String> = BTreeMap::new();
        for (name, entry) in self.before.into_iter().flatten() {
            if let Some(oid) = entry.get("oid").and_then(Value::as_i64) {
                former.insert(oid, name);
            }
        }
        let names: BTreeSet<&String> = self.after.keys().chain(self.recorded.into_iter().flat_map(Map::keys)).collect();
        let mut merged = Map::new();
        for name in names {
            let after = entry(Some(self.after), name);
            // What has another name is the same one.
            let oid = after.and_then(|after| after.get("oid")).and_then(Value::as_i64);
            let before_name = match entry(self.before, name) {
                None => oid.and_then(|oid| former.get(&oid).copied()).unwrap_or(name),
                Some(_) => name,
            };
            let (before, recorded) = (entry(self.before, before_name), entry(self.recorded, before_name));
            let found = if self.name == "default_privileges" {
                sets::default_privileges(before, after, recorded)
            } else {
                self.object(name, (before, after, recorded), touched, retyped)
            };
            merged.extend(found.map(|found| (name.clone(), Value::Object(found))));
        }
        merged
    }

    fn object(
        &self,
        name: &str,
        sides: (Option<&Entry>, Option<&Entry>, Option<&Entry>),
        touched: &Touched,
        retyped: &BTreeSet<String>,
    ) -> Option<Entry> {
        let asked = |aspect: &str, part: &str| {
            touched.contains(&(self.name.to_owned(), name.to_owned(), aspect.to_owned(), part.to_owned()))
        };
        match sides {
            // Made by the change, or made anew where it had been dropped by hand.
            (None, Some(after), _) => Some(after.clone()),
            (Some(_), None, _) | (None, None, None) => None,
            // Gone by hand.
            (None, None, Some(recorded)) => Some(recorded.clone()),
            // Made by hand: it is the change's when that makes it anew, or says all of what it is.
            (Some(before), Some(after), None) => {
                let is_replaced =
                    ["definition", "rewrite", "aggregate"].iter().any(|p| before.get(*p) != after.get(*p));
                let says_all = (is_view(after) || self.name == "routines") && is_replaced;
                (before.get("oid") != after.get("oid") || says_all || asked("definition", "")).then(|| after.clone())
            }
            (Some(before), Some(after), Some(recorded)) => {
                let on_others = text(after, "table");
                let object = Object {
                    section: self.name,
                    before,
                    after,
                    recorded,
                    asked: &asked,
                    is_asked: is_asked(touched, self.name, name),
                    anew: before.get("oid") != after.get("oid"),
                    retyped: retyped.contains(if on_others.is_empty() { name } else { on_others }),
                };
                Some(object.merged())
            }
        }
    }
}

fn is_asked(touched: &Touched, section: &str, name: &str) -> bool {
    let first = (section.to_owned(), name.to_owned(), String::new(), String::new());
    touched.range(first..).next().is_some_and(|(of, named, ..)| of == section && named == name)
}

fn is_view(entry: &Entry) -> bool {
    ["view", "materialized view"].contains(&text(entry, "kind"))
}

/// One object on all sides.
struct Object<'a> {
    section: &'a str,
    before: &'a Entry,
    after: &'a Entry,
    recorded: &'a Entry,
    /// Whether a statement asked for an aspect, or for a part of one.
    asked: &'a dyn Fn(&str, &str) -> bool,
    /// Whether one asked for anything of it.
    is_asked: bool,
    /// It was dropped and made again.
    anew: bool,
    /// Its columns, or those of the table that it is on, have other types.
    retyped: bool,
}

/// What is said of an object beside what it is: where one is made again, it is kept, also what was said by hand.
const SAID: [&str; 10] = [
    "owner",
    "privileges",
    "comment",
    "attribute_comments",
    "constraint_comments",
    "enabled",
    "target",
    "owned_by",
    "server",
    "edition",
];

/// Lists whose order says nothing.
const OPTIONS: [&str; 2] = ["options", "toast_options"];

/// Texts by the names of what they are said of.
const TEXTS: [&str; 5] =
    ["rule_comments", "policy_comments", "attribute_comments", "constraint_comments", "attribute_collations"];

impl Object<'_> {
    fn merged(&self) -> Entry {
        let (before, after, recorded) = (self.before, self.after, self.recorded);
        let is_other = before.get("kind") != after.get("kind");
        let of_table = self.anew && self.section == "relations" && !is_view(after);
        if is_other || of_table {
            return after.clone();
        }
        // What the change did nothing with stays as it was recorded, whatever edition that is of.
        if before == after && !self.is_asked {
            return recorded.clone();
        }
        let defined = self.is_defined();
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).chain(recorded.keys()).collect();
        let mut merged = Map::new();
        for name in names {
            let sides = (before.get(name), after.get(name), recorded.get(name));
            let value = match name.as_str() {
                "catalog" | "edition" => continue,
                "server" => recorded.get(name).cloned(),
                _ if self.section != "relations" && self.anew && !SAID.contains(&name.as_str()) => {
                    after.get(name).cloned()
                }
                "definition" | "rewrite" => self.definition(name, defined),
                "default" if self.section == "types" && (self.asked)("default", "") => after.get(name).cloned(),
                "comment" if !self.anew && (self.asked)("comment", "") => after.get(name).cloned(),
                "columns" => self.columns(defined),
                "indexes" | "constraints" | "triggers" | "rules" | "policies" if self.section == "relations" => {
                    self.items(name)
                }
                "reads" => self.reads(defined),
                "privileges" => sets::privileges(sides, self.owners(&merged)),
                "constraints" => self.texts(name),
                name if TEXTS.contains(&name) => self.texts(name),
                name if OPTIONS.contains(&name) => sets::options(sides),
                "labels" => sets::list(sides),
                _ => unless_changed(sides.0, sides.1, sides.2),
            };
            merged.extend(value.map(|value| (name.clone(), value)));
        }
        // What the edition of the record could not have was never looked at.
        let of_types = (self.section == "types" && !recorded.contains_key("privileges")).then_some("privileges");
        for name in edition::added_since(edition::of(recorded)).chain(of_types) {
            match after.get(name) {
                Some(value) => merged.insert(name.to_owned(), value.clone()),
                None => merged.remove(name),
            };
        }
        merged.extend(after.get("edition").map(|edition| ("edition".to_owned(), edition.clone())));
        let catalog = self.catalog(&merged);
        merged.extend(catalog.map(|catalog| ("catalog".to_owned(), catalog)));
        merged
    }

    /// The owners on all sides; names come in order of the alphabet, so that of the merged entry is known before its
    /// privileges are.
    fn owners<'m>(&'m self, merged: &'m Entry) -> sets::Owners<'m> {
        sets::Owners {
            before: text(self.before, "owner"),
            after: text(self.after, "owner"),
            recorded: text(self.recorded, "owner"),
            merged: text(merged, "owner"),
        }
    }

    /// Whether the change says what it is: then what is there is what the change says.
    fn is_defined(&self) -> bool {
        if self.section == "statistics" && self.retyped {
            return false;
        }
        if self.anew || (self.asked)("definition", "") {
            return true;
        }
        let (before, after, recorded) = (self.before, self.after, self.recorded);
        let source = |entry: &Entry| {
            let hash = entry.get("catalog").and_then(|catalog| catalog.get("definition"));
            hash.or(entry.get("definition")).cloned()
        };
        match self.section {
            // A query is only ever replaced as a whole.
            "relations" => is_view(after) && before.get("rewrite") != after.get("rewrite"),
            "sequences" => false,
            // Of a routine, `ALTER` changes what is beside the body, which may have been changed by hand.
            _ => source(before) != source(after) && source(recorded) == source(before),
        }
    }

    /// The text of the definition, or the hash of a query. A text also follows names that were changed elsewhere.
    fn definition(&self, name: &str, defined: bool) -> Option<Value> {
        let (before, after, recorded) = (self.before.get(name), self.after.get(name), self.recorded.get(name));
        if self.section == "sequences" {
            return sets::sequence(before, after, recorded);
        }
        let source = |entry: &Entry| match self.section {
            "relations" => entry.get("rewrite").cloned(),
            _ => entry.get("catalog").cloned(),
        };
        let is_kept = source(self.recorded).is_some() && source(self.recorded) == source(self.before);
        if defined || is_kept && self.is_read_kept() { after.cloned() } else { recorded.cloned() }
    }

    /// Whether it reads what it read when it was recorded; of a former edition that is not known.
    fn is_read_kept(&self) -> bool {
        !self.recorded.contains_key("reads") || self.recorded.get("reads") == self.before.get("reads")
    }

    /// Hashes say what texts are printed from: they are those of the side that the texts are of.
    fn catalog(&self, merged: &Entry) -> Option<Value> {
        let hashes = |entry: &Entry| entry.get("catalog").and_then(Value::as_object).cloned().unwrap_or_default();
        let (after, recorded) = (hashes(self.after), hashes(self.recorded));
        let facets: BTreeSet<&String> = after.keys().chain(recorded.keys()).collect();
        let mut found = Map::new();
        for facet in facets {
            let is_as_it_is = parts::printed(merged, facet) == parts::printed(self.after, facet);
            let hash = if is_as_it_is { after.get(facet) } else { recorded.get(facet) };
            found.extend(hash.map(|hash| (facet.clone(), hash.clone())));
        }
        (!found.is_empty()).then_some(Value::Object(found))
    }

    /// A map of texts, each by itself.
    fn texts(&self, name: &str) -> Option<Value> {
        let of = |entry: &Entry| entry.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let (before, after, recorded) = (of(self.before), of(self.after), of(self.recorded));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).chain(recorded.keys()).collect();
        let mut merged = Map::new();
        for part in names {
            let is_asked = !self.anew && (self.asked)(name, part);
            let value = match is_asked {
                true => after.get(part).cloned(),
                false => unless_changed(before.get(part), after.get(part), recorded.get(part)),
            };
            merged.extend(value.map(|value| (part.clone(), value)));
        }
        (!merged.is_empty()).then_some(Value::Object(merged))
    }
}
