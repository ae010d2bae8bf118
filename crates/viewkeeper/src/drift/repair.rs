//! The statements that lead from what is there back to what was recorded, and those that declare what is there. They are
//! suggestions for a person. Nothing is dropped that was not recorded.

use serde_json::Value;

use super::acl;
use super::object::{Entry, is_routine, is_view, items, kind, list, text};
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

/// The statements that make a view or materialized view as it is, its owner apart. The first one creates it.
pub(super) fn declaration(name: &str, entry: &Entry) -> Vec<String> {
    let mut statements = vec![create(name, entry)];
    for (index, item) in items(entry, "indexes") {
        statements.push(terminated(text(item, "definition")));
        if let Some(comment) = item.get("comment").and_then(Value::as_str) {
            statements.push(format!("COMMENT ON INDEX {} IS {};", beside(name, index), literal(comment)));
        }
    }
    statements.extend(comment(entry, name));
    statements
        .extend(items(entry, "columns").into_iter().filter_map(|(column, item)| column_comment(name, column, item)));
    statements.extend(grants(name, entry));
    statements
}

/// What an object that is gone takes to be there again.
pub(super) fn of_dropped(name: &str, old: &Entry) -> Repair {
    let mut repair = Repair::default();
    if is_view(old) {
        repair.statements = whole(name, old);
    } else if is_routine(old) && old.contains_key("definition") {
        repair.statements.push(terminated(text(old, "definition")));
        repair.statements.push(owner(name, old));
        repair.statements.extend(comment(old, name));
        repair.statements.extend(grants(name, old));
    } else if kind(old) == "enum" {
        let labels: Vec<String> = list(old, "labels").into_iter().map(literal).collect();
        repair.statements.push(format!("CREATE TYPE {name} AS ENUM ({});", labels.join(", ")));
        repair.statements.push(owner(name, old));
        repair.statements.extend(comment(old, name));
    } else if kind(old) == "table" {
        repair.rest.push("its rows went with it: restore them from a backup".to_owned());
    } else {
        repair.rest.push("take the statement from the migration that made it".to_owned());
    }
    repair
}

/// A view or materialized view with all that was recorded of it.
fn whole(name: &str, old: &Entry) -> Vec<String> {
    let mut statements = declaration(name, old);
    statements.insert(1, owner(name, old));
    for part in ["rules", "triggers"] {
        statements.extend(items(old, part).into_iter().map(|(_, item)| terminated(text(item, "definition"))));
    }
    for (column, item) in items(old, "columns") {
        if let Some(default) = item.get("default").and_then(Value::as_str).filter(|_| kind(old) == "view") {
            statements
                .push(format!("ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {default};", quote_identifier(column)));
        }
    }
    statements
}

/// What an object that differs takes to be as it was. `aspects` are the names of those that differ.
pub(super) fn of_changed(
    name: &str,
    old: &Entry,
    new: &Entry,
    aspects: &[&str],
    is_read: bool,
    texts: Texts,
) -> Repair {
    let mut repair = Repair::default();
    let has = |aspect: &str| aspects.contains(&aspect);
    if has("owner") {
        repair.statements.push(owner(name, old));
    }
    let mut replaced = false;
    if has("definition") {
        if kind(old) == "view" && can_be_replaced(new, old) {
            repair.statements.push(create(name, old).replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1));
            replaced = true;
        } else if is_view(old) && !is_read {
            let mut statements = vec![format!("DROP {} {name};", word(old))];
            statements.extend(whole(name, old));
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
    for aspect in aspects {
        match *aspect {
            "owner" | "definition" => {}
            // A replacement sets them all.
            "options" if replaced => {}
            "options" => repair.statements.extend(options(name, old, new)),
            "comment" => repair.statements.push(format!(
                "COMMENT ON {} {name} IS {};",
                word(old),
                old.get("comment").and_then(Value::as_str).map_or("NULL".to_owned(), literal)
            )),
            "privileges" => privileges(name, old, new, None, &mut repair),
            "columns" => columns(name, old, new, (replaced, texts), &mut repair),
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
            "labels" => repair.rest.push("labels: PostgreSQL takes none away; declare them in a migration".to_owned()),
            other => repair.rest.push(format!("{other}: lead it back by hand")),
        }
    }
    repair
}

fn create(name: &str, entry: &Entry) -> String {
    let options = list(entry, "options");
    let options = if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    let query = text(entry, "definition").trim().trim_end_matches(';');
    if kind(entry) == "view" {
        return format!("CREATE VIEW {name}{options} AS\n{query};");
    }
    let method = match text(entry, "access_method") {
        "" | "heap" => String::new(),
        method => format!(" USING {}", quote_identifier(method)),
    };
    let tablespace = match text(entry, "tablespace") {
        "" => String::new(),
        tablespace => format!(" TABLESPACE {}", quote_identifier(tablespace)),
    };
    let data = if entry.get("populated") == Some(&Value::Bool(false)) { "\nWITH NO DATA" } else { "" };
    format!("CREATE MATERIALIZED VIEW {name}{method}{options}{tablespace} AS\n{query}{data};")
}

/// Whether `CREATE OR REPLACE VIEW` leads from one to the other (`checkViewColumns`).
fn can_be_replaced(from: &Entry, to: &Entry) -> bool {
    let (from, to) = (items(from, "columns"), items(to, "columns"));
    from.len() <= to.len() && from.iter().zip(&to).all(|(from, to)| from.0 == to.0 && same_type(from.1, to.1))
}

fn same_type(a: &Entry, b: &Entry) -> bool {
    ["type", "collation"].iter().all(|part| a.get(*part) == b.get(*part))
}

fn owner(name: &str, entry: &Entry) -> String {
    format!("ALTER {} {name} OWNER TO {};", word(entry), quote_identifier(text(entry, "owner")))
}

fn comment(entry: &Entry, name: &str) -> Option<String> {
    let comment = entry.get("comment")?.as_str()?;
    Some(format!("COMMENT ON {} {name} IS {};", word(entry), literal(comment)))
}

fn column_comment(name: &str, column: &str, item: &Entry) -> Option<String> {
    let comment = item.get("comment")?.as_str()?;
    Some(format!("COMMENT ON COLUMN {name}.{} IS {};", quote_identifier(column), literal(comment)))
}

/// What it grants beyond what a new object of its owner grants.
fn grants(name: &str, entry: &Entry) -> Vec<String> {
    let owner = text(entry, "owner");
    let wanted = list(entry, "privileges");
    let others = |items: &[&str]| -> Vec<String> {
        let foreign = |item: &&&str| acl::Item::parse(item).is_none_or(|item| item.grantee != owner);
        items.iter().filter(foreign).map(|item| (*item).to_owned()).collect()
    };
    let wanted = others(&wanted);
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let everybody = format!("=X/{}", acl_name(owner));
    let given: Vec<&str> = if is_routine(entry) { vec![&everybody] } else { Vec::new() };
    let object = grant_object(name, entry);
    let mut statements =
        acl::statements(&given, &wanted, &acl::Target { object: &object, owner, column: None }).unwrap_or_default();
    for (column, item) in items(entry, "columns") {
        let target = acl::Target { object: &object, owner, column: Some(column) };
        statements.extend(acl::statements(&[], &list(item, "privileges"), &target).unwrap_or_default());
    }
    statements
}

fn acl_name(role: &str) -> String {
    format!("\"{}\"", role.replace('"', "\"\""))
}

fn grant_object(name: &str, entry: &Entry) -> String {
    match kind(entry) {
        "procedure" => format!("PROCEDURE {name}"),
        _ if is_routine(entry) => format!("FUNCTION {name}"),
        _ => name.to_owned(),
    }
}

fn privileges(name: &str, old: &Entry, new: &Entry, column: Option<&str>, repair: &mut Repair) {
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
        let letters: String =
            parsed.privileges.iter().map(|(letter, on)| format!("{letter}{}", if *on { "*" } else { "" })).collect();
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
    // NOT NULL is led back with its column; as a constraint with a name it came with 18.
    let of = |entry| {
        let mut items = items(entry, part);
        items.retain(|(_, item)| part != "constraints" || text(item, "type") != "n");
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
                    let how = match enabled {
                        "D" => "DISABLE",
                        "R" => "ENABLE REPLICA",
                        "A" => "ENABLE ALWAYS",
                        _ => "ENABLE",
                    };
                    repair.statements.push(format!("ALTER TABLE {name} {how} {} {quoted};", noun.to_uppercase()));
                }
                _ => repair.rest.push(format!("{part}: {noun} `{item}`: lead it back by hand")),
            }
        }
    }
}

fn policy(name: &str, policy: &str, entry: &Entry) -> String {
    let permissive = if entry.get("permissive") == Some(&Value::Bool(false)) { " AS RESTRICTIVE" } else { "" };
    let command = match text(entry, "command") {
        "r" => " FOR SELECT",
        "a" => " FOR INSERT",
        "w" => " FOR UPDATE",
        "d" => " FOR DELETE",
        _ => "",
    };
    let roles: Vec<String> = list(entry, "roles")
        .into_iter()
        .map(|role| if role == "public" { "PUBLIC".to_owned() } else { quote_identifier(role) })
        .collect();
    let clause = |word: &str, part: &str| match text(entry, part) {
        "" => String::new(),
        condition => format!(" {word} ({condition})"),
    };
    format!(
        "CREATE POLICY {} ON {name}{permissive}{command} TO {}{}{};",
        quote_identifier(policy),
        roles.join(", "),
        clause("USING", "using"),
        clause("WITH CHECK", "check")
    )
}

/// The kind as statements name it.
fn word(entry: &Entry) -> String {
    match kind(entry) {
        "enum" | "range" | "composite" => "TYPE".to_owned(),
        "window function" => "FUNCTION".to_owned(),
        kind => kind.to_uppercase(),
    }
}

/// A name in the schema of another one, which is quoted where needed.
fn beside(name: &str, other: &str) -> String {
    let schema = match name.strip_prefix('"') {
        None => name.split('.').next().unwrap_or_default(),
        Some(rest) => {
            let end = rest
                .match_indices('"')
                .map(|(at, _)| at)
                .find(|at| !rest[at + 1..].starts_with('"') && !rest[..*at].ends_with('"'));
            &name[..end.map_or(name.len(), |end| end + 2)]
        }
    };
    format!("{schema}.{}", quote_identifier(other))
}

fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

fn terminated(statement: &str) -> String {
    format!("{};", statement.trim().trim_end_matches(';'))
}
