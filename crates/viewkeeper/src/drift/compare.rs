//! Compares two states that were read. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::given::Defaults;
use super::object::{
    Entry, Key, State, is_partition, is_relation, is_routine, is_view, items, kind, lines, list, major, text,
};
use super::read::States;
use super::{Aspect, Drift, DriftReport, Finding, Upgrade, declaration, edition, part, reads, repair};

pub(super) fn report(states: &States) -> DriftReport {
    let renamed = renamed(states);
    let recorded =
        states.recorded.iter().filter_map(|(key, old)| Some((of_recorded(states, key, old, &renamed)?, old)));
    let outside = states.live.iter().filter_map(|(key, new)| {
        let mut drift = created_outside(states, key, new)?;
        let is_it = |(_, name): &(&String, &String)| key.0 == "relations" && **name == key.1;
        drift.other_name = renamed.iter().find(is_it).map(|(former, _)| former.clone());
        Some((drift, new))
    });
    let found = in_order(recorded.chain(outside).collect());
    DriftReport { found, upgrade: upgrade(&states.recorded, states.major), earlier: states.earlier }
}

/// In an order in which the repairs can be run: what is needed comes first.
fn in_order(mut found: Vec<(Drift, &Entry)>) -> Vec<Drift> {
    let rank = |drift: &Drift| match drift.kind.as_str() {
        "schema" => 0,
        "extension" => 1,
        // They say what is given to what is made after them, and what is suggested for that counts with those that are.
        "default privileges" => 3,
        _ => 2,
    };
    found.sort_by(|(a, _), (b, _)| (rank(a), &a.name, &a.kind).cmp(&(rank(b), &b.name, &b.kind)));
    let places: BTreeMap<String, usize> =
        found.iter().enumerate().map(|(place, (drift, _))| (drift.name.clone(), place)).collect();
    let mut needs: Vec<BTreeSet<usize>> = found
        .iter()
        .map(|(drift, entry)| {
            let needed = reads::needed(entry).into_iter().filter(|name| *name != drift.name);
            let places = needed.filter_map(|name| places.get(&name).copied());
            // A table is not made again, only called as it was; and it is there before a sequence is a column's, which in
            // turn is there before the column's default.
            let is_first = |place: &usize| match drift.kind.as_str() {
                "table" | "partition" => drift.finding != Finding::Dropped,
                "sequence" => found[*place].0.finding == Finding::Dropped,
                _ => true,
            };
            places.filter(is_first).collect()
        })
        .collect();
    // An index of a partitioned table takes over those that its partitions have.
    for (place, (_, entry)) in found.iter().enumerate().filter(|(_, (drift, _))| drift.kind == "partition") {
        for parent in list(entry, "inherits").into_iter().filter_map(|parent| places.get(parent)) {
            needs[*parent].insert(place);
        }
    }
    reads::ordered(found.into_iter().map(|(drift, _)| drift).collect(), &needs)
}

/// The relations that are gone, by the names that they seem to have now.
fn renamed(states: &States) -> BTreeMap<String, String> {
    let of = |these: &State, others: &State| -> Vec<Key> {
        these.keys().filter(|key| key.0 == "relations" && !others.contains_key(*key)).cloned().collect()
    };
    let (gone, made) = (of(&states.recorded, &states.live), of(&states.live, &states.recorded));
    let entries = |keys: &[Key], side: fn(&States) -> &State| -> Vec<(String, Entry)> {
        keys.iter().filter_map(|key| Some((key.1.clone(), side(states).get(key)?.clone()))).collect()
    };
    let (gone, made) = (entries(&gone, |states| &states.recorded), entries(&made, |states| &states.live));
    reads::renamed(&gone, &made, |name| states.readers.contains_key(name))
}

fn upgrade(recorded: &State, live: u32) -> Option<Upgrade> {
    let others: Vec<u32> = recorded.values().map(major).filter(|major| *major != live).collect();
    Some(Upgrade { recorded: *others.iter().min()?, live, objects: others.len() })
}

fn of_recorded(states: &States, key: &Key, old: &Entry, renamed: &BTreeMap<String, String>) -> Option<Drift> {
    let Some(live) = states.live.get(key) else {
        return (!is_told_with_another(&states.live, old)).then(|| {
            let aspects = vec![Aspect { live: Some(String::new()), ..main_aspect(old) }];
            let repair = match renamed.get(&key.1).filter(|_| key.0 == "relations") {
                Some(name) => repair::of_renamed(&key.1, old, name),
                None => repair::of_dropped(&key.1, old, Defaults::of(&states.live)),
            };
            let other_name = renamed.get(&key.1).filter(|_| key.0 == "relations").cloned();
            Drift { other_name, ..drift(states, key, old, Finding::Dropped, aspects, repair, None) }
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
    edition::reduce(old, &mut found);
    if old.contains_key("rewrite") && old.get("rewrite") == new.get("rewrite") {
        // The query is stored as it was: its text only follows names that were changed elsewhere.
        expected.remove("definition");
        found.remove("definition");
    }
    let told = (expected.clone(), found.clone());
    reads::leave_untold(old, new, &mut expected, &mut found);
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
    // What only follows the name of a relation is told with that, and led back with it.
    let (mut expected, mut found) = (told.0, reads::with_former_names(&told.1, renamed));
    let former = reads::with_former_names(new, renamed);
    reads::leave_untold(old, &former, &mut expected, &mut found);
    let left = differences(&expected, &found);
    if left.is_empty()
        && !renamed.is_empty()
        && aspects.iter().all(|aspect| aspect.name != "populated" && aspect.live.is_some())
    {
        return None;
    }
    let is_left = |aspect: &&Aspect| {
        aspect.live.is_none() || aspect.name == "populated" || left.iter().any(|left| left.name == aspect.name)
    };
    let names: Vec<&str> = aspects.iter().filter(is_left).map(|aspect| aspect.name.as_str()).collect();
    let texts = if compare == Compare::Texts { repair::Texts::Had } else { repair::Texts::Missing };
    let read = states.readers.get(&key.1).is_some_and(|readers| !readers.is_empty());
    let repair = repair::of_changed(&key.1, old, &former, &names, read, texts, Defaults::of(&states.live));
    Some(drift(states, key, old, Finding::Changed, aspects, repair, with_texts))
}

fn created_outside(states: &States, key: &Key, new: &Entry) -> Option<Drift> {
    let with_texts = states.texts.get(key);
    if states.recorded.contains_key(key) || is_told_with_another(&states.recorded, new) {
        return None;
    }
    let shown = main_aspect(with_texts.unwrap_or(new));
    let had = with_texts.is_some() || shown.name != "definition" || is_printed_without_locks(new);
    let live = had.then_some(shown.expected);
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
    let recorded = Some(entry).filter(|_| finding != Finding::CreatedOutside);
    let parts = match (finding, live) {
        // The table that they were on is gone, or is no definition; or their texts could not be had.
        (Finding::Dropped, _) if key.0 != "default_privileges" => Vec::new(),
        (Finding::CreatedOutside, _) if !is_view(entry) => Vec::new(),
        (Finding::Changed | Finding::CreatedOutside, None) => Vec::new(),
        _ => part::of(&name, recorded, live, &partitioned(states), Defaults::of(&states.live)),
    };
    let mut declaration = live.map_or_else(Vec::new, |live| declaration::of(&name, live, Defaults::of(&states.live)));
    if !declaration.is_empty() && finding == Finding::Changed && aspects.iter().any(|aspect| aspect.name == "owner") {
        declaration.splice(1..1, live.and_then(|live| declaration::own(&name, live)));
    }
    Drift {
        kind: if is_partition(entry) { "partition" } else { kind(entry) }.to_owned(),
        finding,
        aspects,
        readers: readers_of(states, &name),
        repair: repair.statements,
        unrepaired: repair.rest,
        declaration,
        other_name: None,
        unsaid: live.map_or_else(Vec::new, |live| part::unsaid(recorded, live)),
        parts,
        name,
    }
}

/// The partitioned tables of both sides.
fn partitioned(states: &States) -> Vec<(&str, &Entry)> {
    let sides = states.recorded.iter().chain(&states.texts);
    sides
        .filter(|(_, entry)| entry.contains_key("partition_key"))
        .map(|((_, name), entry)| (name.as_str(), entry))
        .collect()
}

/// Whether an object that is missing in `other` is missing there because its table, column or type is, which is told
/// already.
fn is_told_with_another(other: &State, entry: &Entry) -> bool {
    if entry.contains_key("belongs_to") {
        return !other.contains_key(&("types".to_owned(), text(entry, "belongs_to").to_owned()));
    }
    if is_partition(entry) {
        // It goes with its table.
        let parents = list(entry, "inherits");
        return !parents.is_empty()
            && parents.iter().all(|parent| !other.contains_key(&("relations".to_owned(), (*parent).to_owned())));
    }
    if !["sequence", "statistics"].contains(&kind(entry)) || !entry.contains_key("table") {
        return false;
    }
    let Some(table) = other.get(&("relations".to_owned(), text(entry, "table").to_owned())) else { return true };
    let column = items(table, "columns").into_iter().find(|(name, _)| *name == text(entry, "column"));
    match (kind(entry), column) {
        ("statistics", _) => false,
        (_, None) => true,
        (_, Some((_, column))) => entry.contains_key("identity") && !column.contains_key("identity"),
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
        "aggregate" if entry.contains_key("aggregate") => "aggregate",
        "aggregate" => "result",
        "schema" => "owner",
        "extension" => "version",
        "default privileges" => "privileges",
        _ => "definition",
    };
    Aspect { name: name.to_owned(), expected: lines(entry.get(name)), live: None }
}

/// Whether two entries of one major differ, as far as that can be said without the texts of the second one.
pub(super) fn may_differ(old: &Entry, new: &Entry) -> bool {
    let mut found = compared(new, Compare::Sources);
    edition::reduce(old, &mut found);
    ["rewrite", "catalog"].iter().any(|source| old.get(*source) != new.get(*source))
        || compared(old, Compare::Sources) != found
}

/// The objects whose texts are others than those that the same migrations lead to on the same major version. Who owns
/// them, what is granted and what is said about them is compared elsewhere: between databases, roles may differ.
pub(super) fn rendered_otherwise(proof: &State, live: &State, keys: &[&Key]) -> Vec<String> {
    let texts = |entry: &Entry| {
        let mut entry = compared(entry, Compare::Texts);
        for name in ["owner", "privileges", "comment", "tablespace"] {
            entry.remove(name);
        }
        for name in ["columns", "indexes", "constraints", "triggers"] {
            let items: Vec<&mut Value> = match entry.get_mut(name) {
                Some(Value::Array(items)) => items.iter_mut().collect(),
                Some(Value::Object(items)) => items.values_mut().collect(),
                _ => Vec::new(),
            };
            for item in items.into_iter().filter_map(Value::as_object_mut) {
                for name in ["privileges", "comment"] {
                    item.remove(name);
                }
            }
        }
        entry
    };
    let differs = |key: &&&Key| proof.get(**key).map(texts) != live.get(**key).map(texts);
    keys.iter().filter(differs).map(|(_, name)| name.clone()).collect()
}

/// The aspects whose sources differ.
fn sources_that_differ(old: &Entry, new: &Entry) -> Vec<String> {
    let mut names = BTreeSet::new();
    // Of an earlier edition, there is no hash to compare with.
    if kind(old) == "statistics" && !old.contains_key("catalog") {
        return Vec::new();
    }
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

/// What is told by itself, says where texts come from, or is only there for repairs.
pub(super) const NOT_COMPARED: [&str; 13] = [
    "server",
    "edition",
    "rewrite",
    "catalog",
    "populated",
    "initial",
    "table",
    "column",
    "belongs_to",
    "foreign",
    "oid",
    "column_numbers",
    "inherited",
];

/// The order of options says nothing, but former releases recorded them as they came.
fn without_order(entry: &mut Entry) {
    let sort = |entry: &mut Entry| {
        if let Some(Value::Array(options)) = entry.get_mut("options") {
            options.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
    };
    sort(entry);
    if let Some(Value::Array(columns)) = entry.get_mut("columns") {
        columns.iter_mut().filter_map(Value::as_object_mut).for_each(sort);
    }
}

/// What of an object is compared.
fn compared(entry: &Entry, compare: Compare) -> Entry {
    let printed_without_locks = is_printed_without_locks(entry);
    let mut entry = entry.clone();
    // A refresh is no change; what is not populated is told by itself.
    for name in NOT_COMPARED {
        entry.remove(name);
    }
    // Which types columns have is told with the columns.
    if let Some(Value::Object(reads)) = entry.get_mut("reads") {
        reads.remove("columns");
        if reads.is_empty() {
            entry.remove("reads");
        }
    }
    without_order(&mut entry);
    without_not_null_of_domains(&mut entry);
    if compare == Compare::Texts {
        return entry;
    }
    let is_rendered = is_relation(&entry) || is_routine(&entry) || kind(&entry) == "statistics";
    if compare == Compare::OtherMajor && is_rendered || !printed_without_locks {
        entry.remove("definition");
    }
    for name in ["partition_of", "partition_key"] {
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

/// Whether its text is there without being asked for.
fn is_printed_without_locks(entry: &Entry) -> bool {
    !is_relation(entry) && kind(entry) != "statistics" && !entry.contains_key("catalog")
}

/// They are constraints with a name from 17 on, and told as `not_null` everywhere.
fn without_not_null_of_domains(entry: &mut Entry) {
    if let Some(Value::Object(constraints)) = entry.get_mut("constraints") {
        constraints.retain(|_, item| item != "NOT NULL");
        if constraints.is_empty() {
            entry.remove("constraints");
        }
    }
}

fn leave_what_one_major_knows(entry: &mut Entry) {
    // Upgraded, a query is stored as its text was read again.
    entry.remove("reads");
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
