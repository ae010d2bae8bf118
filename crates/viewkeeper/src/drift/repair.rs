//! The statements that lead from what is there back to what was recorded. They are suggestions for a person. Nothing is
//! dropped that was not recorded.

mod attached;

use serde_json::Value;

use super::acl;
use super::declaration::{self, create, grant_object, literal, owner, schema, short, terminated, word};
use super::given::Defaults;
use super::object::{Entry, is_partition, is_routine, is_type, is_view, items, kind, list, text, texts};
use crate::acl::Item;
use crate::relation::quote_identifier;

/// Statements, and what none of them leads back.
#[derive(Debug, Default)]
pub(super) struct Repair {
    pub(super) statements: Vec<String>,
    pub(super) rest: Vec<String>,
}

/// Whether the live side has the texts that take locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    Had,
    Missing,
}

/// What an object that is gone takes to be there again.
pub(super) fn of_dropped(name: &str, old: &Entry, defaults: Defaults<'_>) -> Repair {
    let mut repair = Repair { statements: declaration::whole(name, old, defaults), rest: Vec::new() };
    if kind(old) == "table" {
        repair.rest.push("its rows went with it: restore them from a backup".to_owned());
    } else if kind(old) == "sequence" {
        repair.rest.push("the number it had reached went with it: set it with `setval`".to_owned());
    } else if repair.statements.is_empty() {
        repair.rest.push("take the statement from the migration that made it".to_owned());
    }
    repair
}

/// What a relation that seems to have another name takes to be called as it was.
pub(super) fn of_renamed(name: &str, old: &Entry, other: &str) -> Repair {
    let (schema, short) = (schema(name), short(name));
    let mut repair = Repair::default();
    let mut now = other.to_owned();
    if self::schema(other) != schema {
        repair.statements.push(format!("ALTER {} {other} SET SCHEMA {schema};", word(old)));
        now = format!("{schema}.{}", self::short(other));
    }
    if self::short(other) != short {
        repair.statements.push(format!("ALTER {} {now} RENAME TO {short};", word(old)));
    }
    repair
}

/// What an object that differs takes to be as it was. `aspects` are the names of those that differ.
pub(super) fn of_changed(
    name: &str,
    old: &Entry,
    new: &Entry,
    aspects: &[&str],
    is_read: bool,
    texts: Texts,
    defaults: Defaults<'_>,
) -> Repair {
    let mut repair = Repair::default();
    let has = |aspect: &str| aspects.contains(&aspect);
    if kind(old) != kind(new) {
        repair.rest.push(format!(
            "kind: a {} made by hand has its name; give that another one, and look again for what makes it anew",
            kind(new)
        ));
        return repair;
    }
    let reads = |entry: &Entry, part: &str| entry.get("reads").and_then(|reads| reads.get(part)).cloned();
    // The recorded text, read again, means what is called so now.
    let is_of_others = has("reads") && reads(old, "query") != reads(new, "query");
    if has("owner") && kind(old) != "extension" {
        repair.statements.push(owner(name, old));
    }
    let mut replaced = false;
    if has("definition") || is_of_others {
        if kind(old) == "view" && can_be_replaced(new, old) {
            let create = create(name, old).unwrap_or_default();
            repair.statements.push(create.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1));
            replaced = true;
        } else if kind(old) == "sequence" {
            repair.statements.push(format!("ALTER SEQUENCE {name} {};", text(old, "definition")));
        } else if is_view(old) && !is_read || ["statistics", "event trigger"].contains(&kind(old)) {
            let mut statements = vec![format!("DROP {} {name};", word(old))];
            statements.extend(declaration::whole(name, old, defaults));
            return Repair { statements, rest: Vec::new() };
        } else if is_view(old) {
            repair.rest.push(
                "definition: it has to be made anew below what reads it; put the recorded text into its definition and \
                 let `db-diff` write the migration"
                    .to_owned(),
            );
        } else if is_routine(old) && !has("result") && old.contains_key("definition") {
            repair.statements.push(terminated(text(old, "definition")));
        } else {
            repair.rest.push("definition: it cannot be replaced in place".to_owned());
        }
    }
    // What is said of a part comes after the part, which may have to be made again.
    let is_comment = |aspect: &&&str| aspect.ends_with("_comments");
    let (parts, comments) = (aspects.iter().filter(|a| !is_comment(a)), aspects.iter().filter(is_comment));
    for aspect in parts.chain(comments) {
        match *aspect {
            "definition" => {}
            "owner" if kind(old) != "extension" => {}
            // A replacement sets them all.
            "options" if replaced => {}
            "options" => repair.statements.extend(options("options", name, old, new)),
            "owner" => {
                repair.rest.push("owner: PostgreSQL gives an extension to nobody else".to_owned());
            }
            "comment" => repair.statements.push(format!(
                "COMMENT ON {} IS {};",
                declaration::named(name, new),
                old.get("comment").and_then(Value::as_str).map_or("NULL".to_owned(), literal)
            )),
            "privileges" if kind(old) == "default privileges" => {
                let (from, to) = (list(new, "privileges"), list(old, "privileges"));
                match declaration::default_privileges(old, &from, &to) {
                    Some(statements) => repair.statements.extend(statements),
                    None => repair.rest.push("privileges: not all of them were given by their role".to_owned()),
                }
            }
            "privileges" => privileges(name, old, new, None, &mut repair),
            "reads" => {
                if kind(old) == "domain" && reads(old, "definition") != reads(new, "definition") && !has("default") {
                    let default = text(old, "default");
                    repair.statements.push(format!("ALTER DOMAIN {name} SET DEFAULT {default};"));
                } else if !is_of_others {
                    repair.rest.push("reads: lead it back by hand".to_owned());
                }
            }
            "toast_options" => repair.statements.extend(options("toast_options", name, old, new)),
            "replica_identity" => repair.statements.extend(attached::replica_identity(name, old)),
            "inherits" => parents(name, old, new, &mut repair),
            // Told with the tables that it belongs to.
            "partition_of" if has("inherits") => {}
            "partition_of" => parents(name, old, new, &mut repair),
            "columns" if is_type(old) => repair.rest.push("columns: lead it back by hand".to_owned()),
            "columns" => columns(name, old, new, (replaced, texts), &mut repair),
            "constraints" if kind(old) == "domain" => domain_constraints(name, old, new, &mut repair),
            "indexes" | "constraints" | "triggers" | "rules" | "policies" => {
                attached::lead_back(aspect, name, (old, new), (texts, has("replica_identity")), &mut repair);
            }
            "row_security" => repair.statements.push(format!(
                "ALTER TABLE {name} {} ROW LEVEL SECURITY;",
                if old.contains_key("row_security") { "ENABLE" } else { "DISABLE" }
            )),
            "row_security_forced" => repair.statements.push(format!(
                "ALTER TABLE {name} {} ROW LEVEL SECURITY;",
                if old.contains_key("row_security_forced") { "FORCE" } else { "NO FORCE" }
            )),
            "populated" => repair.statements.push(format!("REFRESH MATERIALIZED VIEW {name};")),
            "owned_by" => {
                let column = if old.contains_key("owned_by") { text(old, "owned_by") } else { "NONE" };
                repair.statements.push(format!("ALTER SEQUENCE {name} OWNED BY {column};"));
            }
            "target" => repair.statements.push(declaration::statistics_target(name, old)),
            "enabled" => repair.statements.push(declaration::event_trigger_fires(name, old)),
            "schema" => repair.statements.push(format!("ALTER EXTENSION {name} SET SCHEMA {};", text(old, "schema"))),
            "version" => repair.rest.push(format!(
                "version: `ALTER EXTENSION {name} UPDATE TO {}`, where the extension brings a way back",
                literal(text(old, "version"))
            )),
            "default" => repair.statements.push(match old.get("default").and_then(Value::as_str) {
                Some(default) => format!("ALTER DOMAIN {name} SET DEFAULT {default};"),
                None => format!("ALTER DOMAIN {name} DROP DEFAULT;"),
            }),
            "not_null" => {
                let how = if old.get("not_null") == Some(&Value::Bool(true)) { "SET" } else { "DROP" };
                repair.statements.push(format!("ALTER DOMAIN {name} {how} NOT NULL;"));
            }
            "aggregate" if !has("result") => {
                let create = create(name, old).unwrap_or_default();
                repair.statements.push(create.replacen("CREATE AGGREGATE", "CREATE OR REPLACE AGGREGATE", 1));
            }
            "attribute_comments" | "constraint_comments" | "rule_comments" | "policy_comments" => {
                comments_of_parts(aspect, name, old, new, &mut repair);
            }
            "labels" => repair.rest.push("labels: PostgreSQL takes none away; declare them in a migration".to_owned()),
            other => repair.rest.push(format!("{other}: lead it back by hand")),
        }
    }
    // What is made again is given its comment, and so it is once more where that differs: once is enough.
    let mut seen = std::collections::BTreeSet::new();
    let mut statements: Vec<String> = repair.statements.into_iter().rev().filter(|s| seen.insert(s.clone())).collect();
    statements.reverse();
    Repair { statements, rest: repair.rest }
}

/// The tables that it is a partition or a child of.
fn parents(name: &str, old: &Entry, new: &Entry, repair: &mut Repair) {
    let (wanted, live) = (list(old, "inherits"), list(new, "inherits"));
    let bounds = |entry: &Entry| text(entry, "partition_of").to_owned();
    let is_moved = bounds(old) != bounds(new);
    if is_partition(old) && wanted.is_empty() {
        repair.rest.push("partition_of: attach it by hand".to_owned());
        return;
    }
    for parent in live.iter().filter(|parent| is_moved || !wanted.contains(parent)) {
        repair.statements.push(match is_partition(new) {
            true => format!("ALTER TABLE {parent} DETACH PARTITION {name};"),
            false => format!("ALTER TABLE {name} NO INHERIT {parent};"),
        });
    }
    for parent in wanted.iter().filter(|parent| is_moved || !live.contains(parent)) {
        repair.statements.push(match is_partition(old) {
            true => format!("ALTER TABLE {parent} ATTACH PARTITION {name} {};", bounds(old)),
            false => format!("ALTER TABLE {name} INHERIT {parent};"),
        });
    }
    if wanted.len() == live.len() && !is_moved && wanted.iter().all(|parent| live.contains(parent)) {
        repair.rest.push("inherits: its tables come in another order".to_owned());
    }
}

/// Whether `CREATE OR REPLACE VIEW` leads from one to the other (`checkViewColumns`).
fn can_be_replaced(from: &Entry, to: &Entry) -> bool {
    let (from, to) = (items(from, "columns"), items(to, "columns"));
    from.len() <= to.len() && from.iter().zip(&to).all(|(from, to)| from.0 == to.0 && same_type(from.1, to.1))
}

fn same_type(a: &Entry, b: &Entry) -> bool {
    ["type", "collation"].iter().all(|part| a.get(*part) == b.get(*part))
}

/// What gives the privileges of one side to the other.
pub(super) fn privileges(name: &str, old: &Entry, new: &Entry, column: Option<&str>, repair: &mut Repair) {
    // With the owner, all that was granted by the one before goes over to the new one (`aclnewowner`).
    let (owner, live_owner) = (text(old, "owner"), text(new, "owner"));
    let part = |entry: &Entry| -> Vec<String> {
        let entry = match column {
            None => Some(entry),
            Some(column) => items(entry, "columns").into_iter().find(|(name, _)| *name == column).map(|(_, item)| item),
        };
        entry.map_or_else(Vec::new, |entry| list(entry, "privileges").into_iter().map(str::to_owned).collect())
    };
    let given_over = |item: String| -> String {
        let Some(mut parsed) = Item::parse(&item).filter(|_| owner != live_owner) else { return item };
        for role in [&mut parsed.grantee, &mut parsed.grantor] {
            if role == live_owner {
                *role = owner.to_owned();
            }
        }
        parsed.print()
    };
    let from: Vec<String> = part(new).into_iter().map(given_over).collect();
    let to = part(old);
    let (from, to): (Vec<&str>, Vec<&str>) =
        (from.iter().map(String::as_str).collect(), to.iter().map(String::as_str).collect());
    let object = grant_object(name, old);
    match acl::statements(&from, &to, &acl::Target { object: &object, owner, column }) {
        Some(statements) => repair.statements.extend(statements),
        None => repair.rest.push("privileges: not all of them were given by the owner".to_owned()),
    }
}

fn options(part: &str, name: &str, old: &Entry, new: &Entry) -> Vec<String> {
    let (wanted, live) = (list(old, part), list(new, part));
    let key = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
    let set: Vec<&str> = wanted.iter().copied().filter(|option| !live.contains(option)).collect();
    let reset: Vec<String> =
        live.iter().map(|o| key(o)).filter(|name| !wanted.iter().any(|option| key(option) == *name)).collect();
    let mut statements = Vec::new();
    if !reset.is_empty() {
        statements.push(format!("ALTER {} {name} RESET ({});", word(old), reset.join(", ")));
    }
    if !set.is_empty() {
        statements.push(format!("ALTER {} {name} SET ({});", word(old), set.join(", ")));
    }
    statements
}

fn columns(name: &str, old: &Entry, new: &Entry, (replaced, texts): (bool, Texts), repair: &mut Repair) {
    let (wanted, live) = (items(old, "columns"), items(new, "columns"));
    let renamed: Vec<(&str, &str)> =
        live.iter().zip(&wanted).filter(|(l, w)| l.0 != w.0).map(|(l, w)| (l.0, w.0)).collect();
    let only_names = wanted.len() == live.len() && wanted.iter().zip(&live).all(|(w, l)| same_type(w.1, l.1));
    if only_names && renamed.iter().all(|(_, to)| live.iter().all(|(name, _)| name != to)) {
        for (from, to) in &renamed {
            let (from, to) = (quote_identifier(from), quote_identifier(to));
            repair.statements.push(format!("ALTER {} {name} RENAME COLUMN {from} TO {to};", word(old)));
        }
    } else if !replaced {
        for (column, _) in live.iter().filter(|(column, _)| wanted.iter().all(|(name, _)| name != column)) {
            repair
                .rest
                .push(format!("columns: `{column}` was added by hand; declare it in a migration, or drop it yourself"));
        }
        for (column, _) in wanted.iter().filter(|(column, _)| live.iter().all(|(name, _)| name != column)) {
            repair.rest.push(format!("columns: `{column}` is gone, with what it held"));
        }
    }
    for (position, (column, item)) in wanted.iter().enumerate() {
        let now = match live.iter().find(|(name, _)| name == column) {
            Some((_, now)) => now,
            None if only_names => live[position].1,
            None => continue,
        };
        let quoted = quote_identifier(column);
        let is_text = |part: &str| ["default", "generated"].contains(&part);
        let differs = |part: &str| item.get(part) != now.get(part) && (texts == Texts::Had || !is_text(part));
        let alter = |what: String| format!("ALTER {} {name} ALTER COLUMN {quoted} {what};", word(old));
        if differs("comment") {
            let comment = item.get("comment").and_then(Value::as_str).map_or("NULL".to_owned(), literal);
            repair.statements.push(format!("COMMENT ON COLUMN {name}.{quoted} IS {comment};"));
        }
        if differs("not_null") {
            let not_null = item.get("not_null") == Some(&Value::Bool(true));
            repair.statements.push(alter(if not_null { "SET NOT NULL" } else { "DROP NOT NULL" }.to_owned()));
        }
        if differs("default") {
            repair.statements.push(match item.get("default").and_then(Value::as_str) {
                Some(default) => alter(format!("SET DEFAULT {default}")),
                None => alter("DROP DEFAULT".to_owned()),
            });
        }
        if differs("privileges") {
            privileges(name, old, new, Some(column), repair);
        }
        for part in ["type", "collation", "generated", "identity", "storage", "compression", "statistics", "options"] {
            if differs(part) && !(replaced && part == "type") {
                repair.rest.push(format!("columns: {part} of `{column}`: lead it back by hand"));
            }
        }
    }
}

/// The check constraints of a domain.
fn domain_constraints(name: &str, old: &Entry, new: &Entry, repair: &mut Repair) {
    let (wanted, live) = (texts(old, "constraints"), texts(new, "constraints"));
    let is_check = |(_, definition): &&(&str, &str)| *definition != "NOT NULL";
    for (constraint, _) in live.iter().filter(is_check) {
        if wanted.iter().all(|(name, _)| name != constraint) {
            repair.rest.push(format!("constraints: `{constraint}` was added by hand; declare it, or drop it yourself"));
        }
    }
    for (constraint, definition) in wanted.iter().filter(is_check) {
        let now = live.iter().find(|(name, _)| name == constraint);
        if now.is_some_and(|(_, now)| now == definition) {
            continue;
        }
        let quoted = quote_identifier(constraint);
        if now.is_some() {
            repair.statements.push(format!("ALTER DOMAIN {name} DROP CONSTRAINT {quoted};"));
        }
        repair.statements.push(format!("ALTER DOMAIN {name} ADD CONSTRAINT {quoted} {definition};"));
    }
}

/// Comments on attributes, domain constraints, rules and policies.
fn comments_of_parts(aspect: &str, name: &str, old: &Entry, new: &Entry, repair: &mut Repair) {
    let (wanted, live) = (texts(old, aspect), texts(new, aspect));
    let mut parts: Vec<&str> = wanted.iter().chain(&live).map(|(part, _)| *part).collect();
    parts.sort_unstable();
    parts.dedup();
    // Of what was made by hand nothing is led back.
    let is_recorded = |part: &str| match aspect {
        "attribute_comments" => items(old, "columns").iter().any(|(name, _)| *name == part),
        "constraint_comments" => texts(old, "constraints").iter().any(|(name, _)| *name == part),
        "rule_comments" => items(old, "rules").iter().any(|(name, _)| *name == part),
        _ => items(old, "policies").iter().any(|(name, _)| *name == part),
    };
    for part in parts.into_iter().filter(|part| is_recorded(part)) {
        let find = |side: &[(&str, &str)]| {
            side.iter().find(|(name, _)| *name == part).map(|(_, comment)| (*comment).to_owned())
        };
        let (comment, now) = (find(&wanted), find(&live));
        if comment == now {
            continue;
        }
        let comment = comment.as_deref();
        repair.statements.push(match aspect {
            "attribute_comments" => declaration::attribute_comment(name, part, comment),
            "constraint_comments" => declaration::constraint_comment(name, part, comment),
            _ => {
                let noun = if aspect == "rule_comments" { "RULE" } else { "POLICY" };
                let comment = comment.map_or("NULL".to_owned(), literal);
                format!("COMMENT ON {noun} {} ON {name} IS {comment};", quote_identifier(part))
            }
        });
    }
}
