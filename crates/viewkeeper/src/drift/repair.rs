//! The statements that lead from what is there back to what was recorded. They are suggestions for a person. Nothing is
//! dropped that was not recorded.

use serde_json::Value;

use super::acl;
use super::declaration::{self, acl_name, beside, create, grant_object, literal, owner, policy, terminated, word};
use super::given::Defaults;
use super::object::{Entry, is_routine, is_type, is_view, items, kind, list, text, texts};
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
    if has("owner") && kind(old) != "extension" {
        repair.statements.push(owner(name, old));
    }
    let mut replaced = false;
    if has("definition") {
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
            "options" => repair.statements.extend(options(name, old, new)),
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
            "columns" if is_type(old) => repair.rest.push("columns: lead it back by hand".to_owned()),
            "columns" => columns(name, old, new, (replaced, texts), &mut repair),
            "constraints" if kind(old) == "domain" => domain_constraints(name, old, new, &mut repair),
            "indexes" | "constraints" | "triggers" | "rules" | "policies" => {
                attached(aspect, name, (old, new), texts, &mut repair)
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
    repair
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
        let Some(mut parsed) = acl::Item::parse(&item).filter(|_| owner != live_owner) else { return item };
        for role in [&mut parsed.grantee, &mut parsed.grantor] {
            if role == live_owner {
                *role = owner.to_owned();
            }
        }
        let grantee = if parsed.grantee.is_empty() { String::new() } else { acl_name(&parsed.grantee) };
        let letters = parsed.letters();
        format!("{grantee}={letters}/{}", acl_name(&parsed.grantor))
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

fn options(name: &str, old: &Entry, new: &Entry) -> Vec<String> {
    let (wanted, live) = (list(old, "options"), list(new, "options"));
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

/// Indexes, constraints, triggers, rules, policies.
fn attached(part: &str, name: &str, (old, new): (&Entry, &Entry), texts: Texts, repair: &mut Repair) {
    // NOT NULL is led back with its column; as a constraint with a name it came with 18. Constraint triggers are triggers.
    let of = |entry| {
        let mut items = items(entry, part);
        items.retain(|(_, item)| part != "constraints" || !["n", "t"].contains(&text(item, "type")));
        items
    };
    let (wanted, live) = (of(old), of(new));
    let noun = match part {
        "indexes" => "index",
        "policies" => "policy",
        plural => plural.trim_end_matches('s'),
    };
    for (item, _) in live.iter().filter(|(item, _)| wanted.iter().all(|(name, _)| name != item)) {
        repair.rest.push(format!("{part}: {noun} `{item}` was created by hand; declare it, or drop it yourself"));
    }
    for (item, recorded) in wanted {
        // A constraint's index comes with it.
        if part == "indexes" && items(old, "constraints").iter().any(|(name, _)| *name == item) {
            continue;
        }
        let quoted = quote_identifier(item);
        let made = match part {
            "constraints" => format!("ALTER TABLE {name} ADD CONSTRAINT {quoted} {};", text(recorded, "definition")),
            "policies" => policy(name, item, recorded),
            _ => terminated(text(recorded, "definition")),
        };
        let Some((_, now)) = live.iter().find(|(name, _)| *name == item) else {
            repair.statements.push(made);
            continue;
        };
        let what_it_is = |entry: &Entry| {
            let mut entry = entry.clone();
            for apart in ["enabled", "comment", "valid", "clustered"] {
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
            repair.rest.push(format!("{part}: the text of {noun} `{item}` was not compared"));
        }
        if what_it_is(recorded) != what_it_is(now) {
            repair.statements.push(match part {
                "indexes" => format!("DROP INDEX {};", beside(name, item)),
                "constraints" => format!("ALTER TABLE {name} DROP CONSTRAINT {quoted};"),
                _ => format!("DROP {} {quoted} ON {name};", noun.to_uppercase()),
            });
            repair.statements.push(made);
        } else if recorded.get("comment") != now.get("comment") {
            let comment = recorded.get("comment").and_then(Value::as_str).map_or("NULL".to_owned(), literal);
            repair.statements.push(match part {
                "indexes" => format!("COMMENT ON INDEX {} IS {comment};", beside(name, item)),
                _ => format!("COMMENT ON {} {quoted} ON {name} IS {comment};", noun.to_uppercase()),
            });
        } else if recorded != *now {
            match (part, text(recorded, "enabled")) {
                ("triggers" | "rules", enabled) if recorded.get("enabled") != now.get("enabled") => {
                    let how = declaration::firing(enabled);
                    repair.statements.push(format!("ALTER TABLE {name} {how} {} {quoted};", noun.to_uppercase()));
                }
                _ => repair.rest.push(format!("{part}: {noun} `{item}`: lead it back by hand")),
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
