//! What is recorded of lists after a change, item by item: what the change added or took is as the change has it, all else
//! is as it was recorded. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Entry, text};
use crate::acl::Item;

/// A value before a change, after it, and as it was recorded.
type Sides<'a> = (Option<&'a Value>, Option<&'a Value>, Option<&'a Value>);

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn array(items: Vec<String>) -> Option<Value> {
    (!items.is_empty()).then(|| Value::from(items))
}

/// Whether the change left an item as it was; then whether it was recorded, otherwise whether it is there.
fn holds<T: Ord>(item: &T, before: &BTreeSet<T>, after: &BTreeSet<T>, recorded: &BTreeSet<T>) -> bool {
    if before.contains(item) == after.contains(item) { recorded.contains(item) } else { after.contains(item) }
}

fn set<T: Ord + Clone>(before: &BTreeSet<T>, after: &BTreeSet<T>, recorded: &BTreeSet<T>) -> BTreeSet<T> {
    let all = before.iter().chain(after).chain(recorded);
    all.filter(|item| holds(*item, before, after, recorded)).cloned().collect()
}

/// A list of names.
pub(super) fn names(sides: Sides<'_>) -> Option<Value> {
    let of = |value| strings(value).into_iter().collect::<BTreeSet<String>>();
    array(set(&of(sides.0), &of(sides.1), &of(sides.2)).into_iter().collect())
}

/// `name=value`, each name once.
pub(super) fn options((before, after, recorded): Sides<'_>) -> Option<Value> {
    let of = |value| -> BTreeMap<String, String> {
        let split = |option: String| match option.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (option, String::new()),
        };
        strings(value).into_iter().map(split).collect()
    };
    let (before, after, recorded) = (of(before), of(after), of(recorded));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).chain(recorded.keys()).collect();
    let merged = all.into_iter().filter_map(|name| {
        let side = if before.get(name) == after.get(name) { &recorded } else { &after };
        side.get(name).map(|value| format!("{name}={value}"))
    });
    array(merged.collect())
}

/// A list whose order says something. Where the change left the items as they were, it is the recorded one; where not, it
/// is in the order that is there, with what was only recorded in its place.
pub(super) fn list((before, after, recorded): Sides<'_>) -> Option<Value> {
    array(ordered(&strings(before), &strings(after), &strings(recorded)))
}

pub(super) fn ordered(before: &[String], after: &[String], recorded: &[String]) -> Vec<String> {
    if before == after {
        return recorded.to_vec();
    }
    let of = |items: &[String]| items.iter().cloned().collect::<BTreeSet<String>>();
    let (was, is, said) = (of(before), of(after), of(recorded));
    let mut merged: Vec<String> = after.iter().filter(|item| holds(*item, &was, &is, &said)).cloned().collect();
    for (place, item) in recorded.iter().enumerate() {
        if !is.contains(item) && holds(item, &was, &is, &said) {
            merged.insert(place.min(merged.len()), item.clone());
        }
    }
    merged
}

/// Who owns an object on each side, and by what is to be recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owners<'a> {
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    pub(super) recorded: &'a str,
    pub(super) merged: &'a str,
}

/// Who has a privilege from whom, its letter, and whether it may be given on; the owner, whoever it is, is `None`: with
/// an object its privileges go over to the new owner (`aclnewowner`).
type Privilege = (Option<String>, Option<String>, char, bool);

/// Privileges, letter by letter.
pub(super) fn privileges((before, after, recorded): Sides<'_>, owners: Owners<'_>) -> Option<Value> {
    let of = |value: Option<&Value>, owner: &str| -> Option<BTreeSet<Privilege>> {
        let role = |name: String| (name != owner || name.is_empty()).then_some(name);
        let mut found = BTreeSet::new();
        for item in strings(value) {
            let item = Item::parse(&item)?;
            let (grantee, grantor) = (role(item.grantee), role(item.grantor));
            found.extend(item.privileges.iter().map(|(letter, on)| (grantee.clone(), grantor.clone(), *letter, *on)));
        }
        Some(found)
    };
    let sides = (of(before, owners.before), of(after, owners.after), of(recorded, owners.recorded));
    let (Some(was), Some(is), Some(said)) = sides else {
        // Not as any release of PostgreSQL prints them: then all of it is one thing.
        return super::unless_changed(before, after, recorded);
    };
    let mut items: BTreeMap<(String, String), BTreeMap<char, bool>> = BTreeMap::new();
    for (grantee, grantor, letter, on) in set(&was, &is, &said) {
        let name = |role: Option<String>| role.unwrap_or_else(|| owners.merged.to_owned());
        // A letter that was changed to be given on on one side only is held twice: the one that is more counts.
        *items.entry((name(grantee), name(grantor))).or_default().entry(letter).or_default() |= on;
    }
    let mut printed: Vec<String> = items
        .into_iter()
        .map(|((grantee, grantor), privileges)| Item { grantee, privileges, grantor }.print())
        .collect();
    printed.sort();
    array(printed)
}

/// Default privileges: where there is no entry, what is given without one.
pub(super) fn default_privileges(
    before: Option<&Entry>,
    after: Option<&Entry>,
    recorded: Option<&Entry>,
) -> Option<Entry> {
    if before == after {
        return recorded.cloned();
    }
    let any = after.or(recorded).or(before)?;
    let initial = any.get("initial");
    let of = |entry: Option<&Entry>| entry.map_or(initial, |entry| entry.get("privileges")).cloned();
    let owner = text(any, "owner");
    let owners = Owners { before: owner, after: owner, recorded: owner, merged: owner };
    let (before, after, recorded) = (of(before), of(after), of(recorded));
    let privileges = privileges((before.as_ref(), after.as_ref(), recorded.as_ref()), owners);
    let sorted = |value: Option<&Value>| {
        let mut items = strings(value);
        items.sort();
        items
    };
    if sorted(privileges.as_ref()) == sorted(initial) {
        return None;
    }
    let mut entry = any.clone();
    entry.remove("privileges");
    entry.extend(privileges.map(|privileges| ("privileges".to_owned(), privileges)));
    Some(entry)
}

/// What a sequence does, clause by clause.
pub(super) fn sequence(before: Option<&Value>, after: Option<&Value>, recorded: Option<&Value>) -> Option<Value> {
    fn of(value: Option<&Value>) -> Option<[&str; 7]> {
        value.and_then(Value::as_str).and_then(clauses)
    }
    let (Some(was), Some(is), Some(said)) = (of(before), of(after), of(recorded)) else {
        return super::unless_changed(before, after, recorded);
    };
    let clause = |place: usize| if was[place] == is[place] { said[place] } else { is[place] };
    Some(Value::from((0..is.len()).map(clause).collect::<Vec<_>>().join(" ")))
}

/// As `snapshot.sql` puts them one after the other.
fn clauses(definition: &str) -> Option<[&str; 7]> {
    let mut rest = definition;
    let mut found = [""; 7];
    for (place, next) in ["INCREMENT", "MINVALUE", "MAXVALUE", "START", "CACHE"].into_iter().enumerate() {
        let at = rest.find(&format!(" {next} "))?;
        found[place] = &rest[..at];
        rest = &rest[at + 1..];
    }
    let at = rest.match_indices(' ').nth(1)?.0;
    found[5] = &rest[..at];
    found[6] = &rest[at + 1..];
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(before: &[&str], after: &[&str], recorded: &[&str], owners: [&str; 4]) -> Vec<String> {
        let [before, after, recorded] = [before, after, recorded].map(|items| Value::from(items.to_vec()));
        let [was, is, said, merged] = owners;
        let owners = Owners { before: was, after: is, recorded: said, merged };
        strings(privileges((Some(&before), Some(&after), Some(&recorded)), owners).as_ref())
    }

    #[test]
    fn what_was_granted_by_hand_is_not_recorded_with_what_a_migration_grants() {
        let (before, after) = (["c=a/o", "o=ar/o"], ["c=ad/o", "d=r*/o", "o=ar/o"]);
        assert_eq!(given(&before, &after, &["c=r/o", "o=ar/o"], ["o"; 4]), ["c=rd/o", "d=r*/o", "o=ar/o"]);
    }

    #[test]
    fn an_owner_that_was_changed_by_hand_gives_nothing() {
        let (before, after) = (["b=ar/b"], ["b=ar/b", "d=r/b"]);
        assert_eq!(given(&before, &after, &["o=ar/o"], ["b", "b", "o", "o"]), ["d=r/o", "o=ar/o"]);
    }

    #[test]
    fn clauses_of_a_sequence_are_looked_at_one_by_one() {
        let text = |increment, max, cycle| {
            let text =
                format!("AS bigint INCREMENT BY {increment} MINVALUE 1 MAXVALUE {max} START WITH 1 CACHE 1 {cycle}");
            Value::from(text)
        };
        let (before, after) = (text(5, 9, "NO CYCLE"), text(5, 7, "CYCLE"));
        let merged = sequence(Some(&before), Some(&after), Some(&text(1, 9, "NO CYCLE")));
        assert_eq!(merged, Some(text(1, 7, "CYCLE")));
    }

    #[test]
    fn what_is_only_recorded_keeps_its_place() {
        let of = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(ordered(&of("a x c"), &of("a x c d"), &of("a b c")), of("a b c d"));
        assert_eq!(ordered(&of("b a"), &of("b a"), &of("a b")), of("a b"));
        assert_eq!(ordered(&of("a b"), &of("b a"), &of("a b")), of("b a"));
    }
}
