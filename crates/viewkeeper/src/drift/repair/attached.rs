//! The statements that lead back what is on a relation: indexes, constraints, triggers, rules, policies. Nothing is dropped
//! that was not recorded.

use serde_json::Value;

use super::super::declaration::{self, after_part, beside, literal, policy, terminated, word};
use super::super::object::{Entry, is_partition, items, list, text};
use super::{Repair, Texts};
use crate::relation::quote_identifier;

/// Leads one of them back.
pub(in super::super) fn lead_back(
    part: &str,
    name: &str,
    (old, new): (&Entry, &Entry),
    (texts, identity_differs): (Texts, bool),
    repair: &mut Repair,
) {
    // NOT NULL is led back with its column; as a constraint with a name it came with 18. Constraint triggers are triggers.
    // What comes with the table of a partition goes and comes with it.
    let of = |entry| {
        let inherited: Vec<&str> = match entry {
            entry if is_partition(entry) => of_parents(old, part).into_iter().chain(of_parents(new, part)).collect(),
            entry if part == "constraints" => of_parents(entry, part),
            _ => Vec::new(),
        };
        let mut items = items(entry, part);
        items.retain(|(name, item)| {
            !inherited.contains(name) && (part != "constraints" || !["n", "t"].contains(&text(item, "type")))
        });
        items
    };
    let (wanted, live) = (of(old), of(new));
    let noun = noun(part);
    for (item, _) in live.iter().filter(|(item, _)| wanted.iter().all(|(name, _)| name != item)) {
        // A constraint's index is told with it.
        if part != "indexes" || !is_of_constraint(new, item) {
            repair.rest.push(format!("{part}: {noun} `{item}` was created by hand; declare it, or drop it yourself"));
        }
    }
    for (item, recorded) in &wanted {
        let now = live.iter().find(|(name, _)| name == item).map(|(_, now)| *now);
        let one = One { part, noun, relation: name, name: item, old, recorded };
        // A constraint's index comes with it.
        if part != "indexes" || !is_of_constraint(old, item) {
            one.lead_back(now, texts, repair);
        }
    }
    if part == "indexes" {
        marks(name, old, (&wanted, &live), identity_differs, repair);
    }
}

fn noun(part: &str) -> &str {
    match part {
        "indexes" => "index",
        "policies" => "policy",
        plural => plural.trim_end_matches('s'),
    }
}

fn of_parents<'a>(entry: &'a Entry, part: &str) -> Vec<&'a str> {
    let inherited = entry.get("inherited").and_then(Value::as_object);
    inherited.map(|inherited| list(inherited, part)).unwrap_or_default()
}

fn is_of_constraint(entry: &Entry, index: &str) -> bool {
    items(entry, "constraints").iter().any(|(name, _)| *name == index)
}

/// Things by their names.
type Items<'a> = &'a [(&'a str, &'a Entry)];

/// Which index is the one to cluster by, and which one tells rows apart for replication.
fn marks(name: &str, old: &Entry, (wanted, live): (Items<'_>, Items<'_>), identity_differs: bool, repair: &mut Repair) {
    let marked = |items: Items<'_>, mark: &str| {
        items.iter().find(|(_, item)| item.get(mark) == Some(&Value::Bool(true))).map(|(name, _)| (*name).to_owned())
    };
    let (by, now) = (marked(wanted, "clustered"), marked(live, "clustered"));
    if by != now {
        repair.statements.push(match by {
            Some(index) => format!("ALTER {} {name} CLUSTER ON {};", word(old), quote_identifier(&index)),
            None => format!("ALTER {} {name} SET WITHOUT CLUSTER;", word(old)),
        });
    }
    let mark = "replica_identity";
    if marked(wanted, mark) != marked(live, mark) && !identity_differs {
        repair.statements.extend(replica_identity(name, old));
    }
}

/// What tells rows apart for replication.
pub(in super::super) fn replica_identity(name: &str, old: &Entry) -> Option<String> {
    let index = items(old, "indexes").into_iter().find(|(_, item)| item.get("replica_identity").is_some());
    let how = match (text(old, "replica_identity"), index) {
        ("FULL" | "NOTHING", _) => text(old, "replica_identity").to_owned(),
        (_, Some((index, _))) => format!("USING INDEX {}", quote_identifier(index)),
        _ => "DEFAULT".to_owned(),
    };
    Some(format!("ALTER {} {name} REPLICA IDENTITY {how};", word(old)))
}

/// One thing on a relation.
struct One<'a> {
    part: &'a str,
    noun: &'a str,
    relation: &'a str,
    name: &'a str,
    /// The relation as it was recorded.
    old: &'a Entry,
    recorded: &'a Entry,
}

impl One<'_> {
    fn lead_back(&self, now: Option<&Entry>, texts: Texts, repair: &mut Repair) {
        let (part, noun, name, recorded) = (self.part, self.noun, self.relation, self.recorded);
        let quoted = quote_identifier(self.name);
        let Some(now) = now else {
            repair.statements.extend(self.made());
            return;
        };
        let what_it_is = |entry: &Entry| {
            let mut entry = entry.clone();
            for apart in ["enabled", "comment", "valid", "clustered", "replica_identity"] {
                entry.remove(apart);
            }
            if texts == Texts::Missing {
                for text in ["definition", "using", "check"] {
                    entry.remove(text);
                }
            }
            entry
        };
        if texts == Texts::Missing {
            repair.rest.push(format!("{part}: the text of {noun} `{}` was not compared", self.name));
        }
        if what_it_is(recorded) != what_it_is(now) {
            repair.statements.push(match part {
                "indexes" => format!("DROP INDEX {};", beside(name, self.name)),
                "constraints" => format!("ALTER TABLE {name} DROP CONSTRAINT {quoted};"),
                _ => format!("DROP {} {quoted} ON {name};", noun.to_uppercase()),
            });
            repair.statements.extend(self.made());
            return;
        }
        if recorded.get("enabled") != now.get("enabled") {
            let how = declaration::firing(text(recorded, "enabled"));
            repair.statements.push(format!("ALTER TABLE {name} {how} {} {quoted};", noun.to_uppercase()));
        }
        if recorded.get("comment") != now.get("comment") {
            repair.statements.push(self.comment());
        }
        if recorded.get("valid") != now.get("valid") {
            repair.rest.push(format!("{part}: {noun} `{}` is not valid: `REINDEX` it, or make it again", self.name));
        }
    }

    /// The statements that make it as it was, with what is said of it.
    fn made(&self) -> Vec<String> {
        let (name, definition) = (self.relation, text(self.recorded, "definition"));
        let quoted = quote_identifier(self.name);
        let mut statements = vec![match self.part {
            "constraints" => format!("ALTER TABLE {name} ADD CONSTRAINT {quoted} {definition};"),
            "policies" => policy(name, self.name, self.recorded),
            // As PostgreSQL prints it, an index of a partitioned table is one without those of the partitions.
            "indexes" if self.old.contains_key("partition_key") => {
                terminated(&definition.replacen(&format!(" ON ONLY {name} "), &format!(" ON {name} "), 1))
            }
            _ => terminated(definition),
        }];
        match self.part {
            "indexes" | "constraints" => {
                statements.extend(self.recorded.contains_key("comment").then(|| self.comment()));
            }
            _ => statements.extend(after_part(self.noun, name, self.name, self.recorded, Some(self.old))),
        }
        statements
    }

    fn comment(&self) -> String {
        let comment = self.recorded.get("comment").and_then(Value::as_str).map_or("NULL".to_owned(), literal);
        let name = self.relation;
        match self.part {
            "indexes" => format!("COMMENT ON INDEX {} IS {comment};", beside(name, self.name)),
            _ => {
                let (noun, quoted) = (self.noun.to_uppercase(), quote_identifier(self.name));
                format!("COMMENT ON {noun} {quoted} ON {name} IS {comment};")
            }
        }
    }
}
