//! What of an object has definitions of its own: the triggers, rules, policies and row security of a relation, and what
//! default privileges give. Each as the statements of both sides. Pure text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::declaration::{self, literal, policy, terminated};
use super::object::{Entry, items, kind, list, text, texts};
use crate::relation::quote_identifier;

/// A part of an object that has a definition of its own, and differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftPart {
    /// `trigger`, `rule`, `policy`, `row security` or `default privileges`.
    pub kind: &'static str,
    /// Empty for row security and default privileges.
    pub name: String,
    /// The aspects of its object that it is told in.
    pub aspects: &'static [&'static str],
    /// The statements that declare it as it was recorded, the one that creates it first; none where it was not there.
    pub expected: Vec<String>,
    /// The same as it is.
    pub live: Vec<String>,
}

type Sides = (Vec<String>, Vec<String>);

/// The parts that differ. `tables` are the partitioned ones, which give their partitions triggers.
pub(super) fn of(name: &str, old: Option<&Entry>, new: Option<&Entry>, tables: &[(&str, &Entry)]) -> Vec<DriftPart> {
    if old.or(new).is_some_and(|entry| kind(entry) == "default privileges") {
        let expected = old.map(default_privileges).unwrap_or_default();
        let live = new.map(default_privileges).unwrap_or_default();
        let part =
            DriftPart { kind: "default privileges", name: String::new(), aspects: &["privileges"], expected, live };
        return vec![part];
    }
    let mut found = Vec::new();
    // A constraint trigger is told as both.
    let constraints = |entry: Option<&Entry>| -> Vec<Entry> {
        let all = entry.map(|entry| items(entry, "constraints")).unwrap_or_default();
        all.into_iter().filter(|(_, item)| text(item, "type") != "t").map(|(_, item)| item.clone()).collect()
    };
    let of_triggers: &[&str] =
        if constraints(old) == constraints(new) { &["triggers", "constraints"] } else { &["triggers"] };
    for (part, section, aspects) in [
        ("trigger", "triggers", of_triggers),
        ("rule", "rules", &["rules", "rule_comments"]),
        ("policy", "policies", &["policies", "policy_comments"]),
    ] {
        let mut sides: BTreeMap<&str, Sides> = BTreeMap::new();
        for (item, entry) in old.map(|old| items(old, section)).unwrap_or_default() {
            if part != "trigger" || !is_of_its_table(name, old, (item, entry), tables) {
                sides.entry(item).or_default().0 = statements(part, name, item, (entry, old));
            }
        }
        for (item, entry) in new.map(|new| items(new, section)).unwrap_or_default() {
            if part != "trigger" || !is_of_its_table(name, new, (item, entry), tables) {
                sides.entry(item).or_default().1 = statements(part, name, item, (entry, new));
            }
        }
        let changed = sides.into_iter().filter(|(_, (expected, live))| expected != live);
        found.extend(changed.map(|(item, (expected, live))| DriftPart {
            kind: part,
            name: item.to_owned(),
            aspects,
            expected,
            live,
        }));
    }
    let switched = |entry: Option<&Entry>| entry.and_then(|entry| row_security(name, entry)).into_iter().collect();
    let (expected, live): Sides = (switched(old), switched(new));
    if expected != live {
        let aspects = &["row_security", "row_security_forced"];
        found.push(DriftPart { kind: "row security", name: String::new(), aspects, expected, live });
    }
    found
}

/// The statements that declare a part.
fn statements(part: &str, relation: &str, name: &str, (item, owner): (&Entry, Option<&Entry>)) -> Vec<String> {
    let (word, quoted) = (part.to_uppercase(), quote_identifier(name));
    let mut statements = vec![match part {
        "policy" => policy(relation, name, item),
        _ => terminated(text(item, "definition")),
    }];
    let enabled = text(item, "enabled");
    if !["", "O"].contains(&enabled) {
        statements.push(format!("ALTER TABLE {relation} {} {word} {quoted};", declaration::firing(enabled)));
    }
    let comments = owner.map(|owner| texts(owner, &format!("{part}_comments"))).unwrap_or_default();
    let beside = comments.into_iter().find(|(of, _)| *of == name).map(|(_, comment)| comment);
    if let Some(comment) = item.get("comment").and_then(Value::as_str).or(beside) {
        statements.push(format!("COMMENT ON {word} {quoted} ON {relation} IS {};", literal(comment)));
    }
    statements
}

/// Whether a partition has a trigger from its table (`CloneRowTriggersToPartition`): it comes and goes with that one's.
fn is_of_its_table(
    name: &str,
    partition: Option<&Entry>,
    (trigger, item): (&str, &Entry),
    tables: &[(&str, &Entry)],
) -> bool {
    let same = |(table, entry): &(&str, &Entry)| {
        let of_table = items(entry, "triggers").into_iter().find(|(name, _)| *name == trigger);
        of_table.is_some_and(|(_, of_table)| {
            text(of_table, "definition").replacen(&format!(" ON {table} "), &format!(" ON {name} "), 1)
                == text(item, "definition")
        })
    };
    partition.is_some_and(|entry| entry.contains_key("partition_of")) && tables.iter().any(same)
}

fn row_security(name: &str, entry: &Entry) -> Option<String> {
    let commands = [("row_security", "ENABLE"), ("row_security_forced", "FORCE")];
    let on = commands.into_iter().filter(|(part, _)| entry.get(*part) == Some(&Value::Bool(true)));
    let commands: Vec<String> = on.map(|(_, word)| format!("{word} ROW LEVEL SECURITY")).collect();
    (!commands.is_empty()).then(|| format!("ALTER TABLE {name} {};", commands.join(", ")))
}

fn default_privileges(entry: &Entry) -> Vec<String> {
    declaration::default_privileges(entry, &list(entry, "initial"), &list(entry, "privileges")).unwrap_or_default()
}
