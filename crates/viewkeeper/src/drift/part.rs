//! What of an object has definitions of its own: the triggers, rules, policies and row security of a relation, and what
//! default privileges give. Each as the statements of both sides. Pure text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::declaration::{self, literal, policy, terminated};
use super::given::{Defaults, grants};
use super::object::{Entry, is_view, items, kind, list, text};
use super::repair::{self, Repair};
use crate::relation::quote_identifier;

/// A part of an object that has a definition of its own, and differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftPart {
    /// `trigger`, `rule`, `policy`, `row security`, `default privileges`, or `table` for what is said of one.
    pub kind: &'static str,
    /// Empty for what has no name of its own.
    pub name: String,
    /// The aspects of its object that it is told in.
    pub aspects: Vec<&'static str>,
    /// The statements that declare it as it was recorded, the one that creates it first; none where it was not there.
    pub expected: Vec<String>,
    /// The same as it is.
    pub live: Vec<String>,
    /// Of what is said of a `table`, which migrations make: what leads from the one to the other.
    pub change: Vec<String>,
}

/// What differs in a view, and no definition can say.
pub(super) fn unsaid(old: Option<&Entry>, new: &Entry) -> Vec<String> {
    if !is_view(new) {
        return Vec::new();
    }
    let none = Entry::new();
    let find = |section: &str, name: &str| {
        let items = old.map(|old| items(old, section)).unwrap_or_default();
        items.into_iter().find(|(other, _)| *other == name).map_or(&none, |(_, item)| item)
    };
    let mut found = Vec::new();
    for (column, item) in items(new, "columns") {
        let before = find("columns", column);
        for part in ["default", "statistics", "storage", "compression", "options"] {
            if before.get(part) != item.get(part) {
                found.push(format!("{part} of column `{column}`"));
            }
        }
    }
    for (index, item) in items(new, "indexes") {
        if find("indexes", index).get("clustered") != item.get("clustered") {
            found.push(format!("`CLUSTER ON` of index `{index}`"));
        }
    }
    let identity = |entry: &Entry| entry.get("replica_identity").cloned();
    if old.and_then(identity) != identity(new) {
        found.push("replica identity".to_owned());
    }
    found
}

type Sides = (Vec<String>, Vec<String>);

/// The parts that differ. `tables` are the partitioned ones, which give their partitions triggers.
pub(super) fn of(
    name: &str,
    old: Option<&Entry>,
    new: Option<&Entry>,
    tables: &[(&str, &Entry)],
    defaults: Defaults<'_>,
) -> Vec<DriftPart> {
    if old.or(new).is_some_and(|entry| kind(entry) == "default privileges") {
        let expected = old.map(default_privileges).unwrap_or_default();
        let live = new.map(default_privileges).unwrap_or_default();
        let (name, change) = (String::new(), Vec::new());
        return vec![DriftPart {
            kind: "default privileges",
            name,
            aspects: vec!["privileges"],
            expected,
            live,
            change,
        }];
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
            aspects: aspects.to_vec(),
            expected,
            live,
            change: Vec::new(),
        }));
    }
    let switched = |entry: Option<&Entry>| entry.and_then(|entry| row_security(name, entry)).into_iter().collect();
    let (expected, live): Sides = (switched(old), switched(new));
    if expected != live {
        let aspects = vec!["row_security", "row_security_forced"];
        let (name, change) = (String::new(), Vec::new());
        found.push(DriftPart { kind: "row security", name, aspects, expected, live, change });
    }
    if let (Some(old), Some(new)) = (old, new)
        && kind(new) == "table"
    {
        found.extend(said(name, old, new, defaults));
    }
    found
}

/// What is said of a table and its columns: owner, comments, privileges. Its columns and constraints are migrations'.
fn said(name: &str, old: &Entry, new: &Entry, defaults: Defaults<'_>) -> Option<DriftPart> {
    let mut change = Repair::default();
    let mut live = Vec::new();
    if old.get("owner") != new.get("owner") {
        change.statements.push(declaration::owner(name, new));
        live.push(declaration::owner(name, new));
    }
    let of_table = |entry: &Entry| declaration::comment(entry, name);
    if old.get("comment") != new.get("comment") {
        change
            .statements
            .push(of_table(new).unwrap_or_else(|| format!("COMMENT ON {} IS NULL;", declaration::named(name, new))));
    }
    let columns = items(old, "columns");
    let others = |entry: &Entry| {
        let mut entry = entry.clone();
        for said in ["comment", "privileges"] {
            entry.remove(said);
        }
        entry
    };
    let same_columns = columns.len() == items(new, "columns").len();
    let mut only_said = same_columns;
    for (column, after) in items(new, "columns") {
        let Some((_, before)) = columns.iter().find(|(name, _)| *name == column) else { continue };
        only_said &= others(before) == others(after);
        if before.get("comment") != after.get("comment") {
            let comment = after.get("comment").and_then(Value::as_str);
            change.statements.push(declaration::attribute_comment(name, column, comment));
        }
        if before.get("privileges") != after.get("privileges") {
            repair::privileges(name, new, old, Some(column), &mut change);
        }
    }
    if old.get("privileges") != new.get("privileges") {
        repair::privileges(name, new, old, None, &mut change);
    }
    live.extend(of_table(new));
    live.extend(declaration::part_comments(name, new));
    live.extend(grants(name, new, defaults));
    let mut aspects = vec!["owner", "comment", "privileges"];
    if only_said {
        aspects.push("columns");
    }
    for part in ["indexes", "constraints"] {
        if said_of_parts(name, part, (old, new), &mut change.statements, &mut live) {
            aspects.push(part);
        }
    }
    let is_known = change.rest.is_empty() && !change.statements.is_empty();
    is_known.then(|| DriftPart {
        kind: "table",
        name: String::new(),
        aspects,
        expected: Vec::new(),
        live,
        change: change.statements,
    })
}

/// Comments on indexes and constraints of a table, which migrations make; whether nothing else of them differs.
fn said_of_parts(
    name: &str,
    part: &'static str,
    (old, new): (&Entry, &Entry),
    change: &mut Vec<String>,
    live: &mut Vec<String>,
) -> bool {
    let before = items(old, part);
    let mut only_said = before.len() == items(new, part).len();
    for (item, after) in items(new, part) {
        let of = |comment: Option<&Value>| {
            let comment = comment.and_then(Value::as_str).map_or("NULL".to_owned(), literal);
            match part {
                "indexes" => format!("COMMENT ON INDEX {} IS {comment};", declaration::beside(name, item)),
                _ => format!("COMMENT ON CONSTRAINT {} ON {name} IS {comment};", quote_identifier(item)),
            }
        };
        let comment = after.get("comment");
        live.extend(comment.is_some().then(|| of(comment)));
        match before.iter().find(|(other, _)| *other == item) {
            Some((_, before)) => {
                let others = |entry: &Entry| {
                    let mut entry = entry.clone();
                    entry.remove("comment");
                    entry
                };
                only_said &= others(before) == others(after);
                if before.get("comment") != comment {
                    change.push(of(comment));
                }
            }
            None => only_said = false,
        }
    }
    only_said
}

/// The statements that declare a part.
fn statements(part: &str, relation: &str, name: &str, (item, owner): (&Entry, Option<&Entry>)) -> Vec<String> {
    let mut statements = vec![match part {
        "policy" => policy(relation, name, item),
        _ => terminated(text(item, "definition")),
    }];
    statements.extend(declaration::after_part(part, relation, name, item, owner));
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
