//! What objects read and use, by name: what of it is told, and what needs what. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::object::{Entry, hash, items, kind, text};

/// Leaves of what both sides read what differs, and is not told with the text that it is of: a text follows the names of
/// what it reads, but that of a view is only compared where the query is another one.
pub(super) fn leave_untold(old: &Entry, new: &Entry, expected: &mut Entry, found: &mut Entry) {
    let of = |entry: &Entry| entry.get("reads").and_then(Value::as_object).cloned().unwrap_or_default();
    let (mut was, mut is) = (of(expected), of(found));
    let parts: BTreeSet<String> = was.keys().chain(is.keys()).cloned().collect();
    for part in parts {
        if was.get(&part) == is.get(&part) || is_told(&part, old, new, expected, found) {
            was.remove(&part);
            is.remove(&part);
        }
    }
    for (entry, reads) in [(expected, was), (found, is)] {
        entry.remove("reads");
        if !reads.is_empty() {
            entry.insert("reads".to_owned(), Value::Object(reads));
        }
    }
}

fn is_told(part: &str, old: &Entry, new: &Entry, expected: &Entry, found: &Entry) -> bool {
    let Some((word, name)) = part.split_once(' ') else {
        return match part {
            "query" => old.get("rewrite") != new.get("rewrite"),
            _ => {
                expected.get("definition") != found.get("definition")
                    || hash(old, "definition") != hash(new, "definition")
            }
        };
    };
    let section = match word {
        "policy" => "policies",
        "index" => "indexes",
        "column" => "columns",
        "trigger" => "triggers",
        "rule" => "rules",
        _ => "constraints",
    };
    let printed = |entry: &Entry| -> Option<Map<String, Value>> {
        if let Some(text) = entry.get(section).and_then(|texts| texts.get(name)).filter(|text| text.is_string()) {
            return Some([("definition".to_owned(), text.clone())].into_iter().collect());
        }
        let (_, item) = items(entry, section).into_iter().find(|(other, _)| *other == name)?;
        let mut item = item.clone();
        item.retain(|part, _| ["definition", "default", "generated", "using", "check"].contains(&part.as_str()));
        Some(item)
    };
    let (was, is) = (printed(expected), printed(found));
    was != is || was.is_none()
}

/// The names of all that an object needs to be there.
pub(super) fn needed(entry: &Entry) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let reads = entry.get("reads").and_then(Value::as_object);
    for names in reads.into_iter().flatten().filter_map(|(_, names)| names.as_array()) {
        needed.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    if ["statistics", "sequence"].contains(&kind(entry)) {
        needed.insert(text(entry, "table").to_owned());
    }
    needed.insert(text(entry, "schema").to_owned());
    needed
}

/// The relations that are gone, with the one that each is now under another name: one that no migration made, of the same
/// kind, with the same columns and the same query.
pub(super) fn renamed(
    gone: &[(String, Entry)],
    made: &[(String, Entry)],
    is_read: impl Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let shape = |entry: &Entry| {
        let columns: Vec<_> = items(entry, "columns")
            .into_iter()
            .map(|(name, item)| {
                (name.to_owned(), ["type", "collation", "identity"].map(|part| item.get(part).cloned()))
            })
            .collect();
        (kind(entry).to_owned(), entry.get("rewrite").cloned(), columns)
    };
    let mut found = BTreeMap::new();
    for (name, entry) in gone {
        let fits = |(_, made): &&(String, Entry)| shape(made) == shape(entry);
        let mut fitting: Vec<&String> = made.iter().filter(fits).map(|(name, _)| name).collect();
        if fitting.len() > 1 {
            // What is read in its place is it.
            fitting.retain(|name| is_read(name));
        }
        if let [one] = fitting[..] {
            found.insert(name.clone(), one.clone());
        }
    }
    // One cannot be two.
    let all: Vec<String> = found.values().cloned().collect();
    found.retain(|_, one| all.iter().filter(|other| *other == one).count() == 1);
    found
}

/// An entry as it is when relations have their former names again.
pub(super) fn with_former_names(entry: &Entry, renamed: &BTreeMap<String, String>) -> Entry {
    let mut value = Value::Object(entry.clone());
    for (former, name) in renamed {
        replace(&mut value, name, former);
    }
    match value {
        Value::Object(entry) => entry,
        _ => Map::new(),
    }
}

fn replace(value: &mut Value, name: &str, former: &str) {
    match value {
        Value::String(text) if text.contains(name) => *text = with_name(text, name, former),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, former)),
        Value::Object(items) => items.values_mut().for_each(|item| replace(item, name, former)),
        _ => {}
    }
}

/// A text with another name where one stands by itself.
fn with_name(text: &str, name: &str, former: &str) -> String {
    let is_of_name = |c: char| c.is_alphanumeric() || ['_', '$', '"'].contains(&c);
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let stands_alone = !before.chars().next_back().is_some_and(|c| is_of_name(c) || c == '.')
            && !after.chars().next().is_some_and(is_of_name);
        written.push_str(before);
        written.push_str(if stands_alone { former } else { name });
        rest = after;
    }
    written + rest
}

/// Things in an order in which each comes after what it needs, and otherwise in the order that they have. `needs` are
/// places in them.
pub(super) fn ordered<T>(things: Vec<T>, needs: &[BTreeSet<usize>]) -> Vec<T> {
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); things.len()];
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    for (place, needs) in needs.iter().enumerate() {
        for needed in needs {
            needed_by[*needed].push(place);
        }
    }
    let mut left: BTreeSet<usize> = (0..things.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|place| open[*place] == 0).collect();
    let mut order = Vec::new();
    // What needs itself through others is told all the same.
    while let Some(place) = ready.first().or(left.first()).copied() {
        ready.remove(&place);
        left.remove(&place);
        order.push(place);
        for other in &needed_by[place] {
            open[*other] -= 1;
            if open[*other] == 0 && left.contains(other) {
                ready.insert(*other);
            }
        }
    }
    let mut things: Vec<Option<T>> = things.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| things[place].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_replaced_where_it_stands_by_itself() {
        assert_eq!(
            with_name("public.t_old, public.t_old_2, x.public.t_old", "public.t_old", "public.t"),
            "public.t, public.t_old_2, x.public.t_old"
        );
    }

    #[test]
    fn what_is_needed_comes_first_and_a_circle_is_no_end() {
        // a needs z; c and d need each other.
        let needs = [[4].into(), [].into(), [3].into(), [2].into(), [].into()];
        assert_eq!(ordered(vec!["a", "b", "c", "d", "z"], &needs), ["b", "z", "a", "c", "d"]);
    }
}
