//! The statements that make an object as an entry describes it, of every kind that definitions can declare. Pure text;
//! what is to be led back is not decided here.

use serde_json::Value;

use super::acl;
use super::given::{Defaults, grants};
use super::object::{Entry, is_routine, is_type, items, kind, list, text, texts};
use crate::relation::quote_identifier;

/// The statements that declare an object as it is, its owner apart. The first one creates it; empty where definitions
/// cannot declare it.
pub(super) fn of(name: &str, entry: &Entry, defaults: Defaults<'_>) -> Vec<String> {
    let Some(create) = create(name, entry) else { return Vec::new() };
    let mut statements = vec![create];
    statements.extend(after_creating(name, entry));
    for (index, item) in items(entry, "indexes") {
        statements.push(terminated(text(item, "definition")));
        if let Some(comment) = item.get("comment").and_then(Value::as_str) {
            statements.push(format!("COMMENT ON INDEX {} IS {};", beside(name, index), literal(comment)));
        }
    }
    // That of an extension comes with it, and definitions do not keep it.
    statements.extend(comment(entry, name).filter(|_| kind(entry) != "extension"));
    statements.extend(part_comments(name, entry));
    if kind(entry) != "default privileges" {
        statements.extend(grants(name, entry, defaults));
    }
    statements
}

/// The same with the owner, and with what is on a view and has definitions of its own.
pub(super) fn whole(name: &str, entry: &Entry, defaults: Defaults<'_>) -> Vec<String> {
    let mut statements = of(name, entry, defaults);
    if statements.is_empty() {
        return statements;
    }
    statements.splice(1..1, own(name, entry));
    statements.extend(comment(entry, name).filter(|_| kind(entry) == "extension"));
    for (column, item) in items(entry, "columns") {
        if let Some(default) = item.get("default").and_then(Value::as_str).filter(|_| kind(entry) == "view") {
            statements
                .push(format!("ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {default};", quote_identifier(column)));
        }
    }
    for (word, section) in [("rule", "rules"), ("trigger", "triggers")] {
        for (item, part) in items(entry, section) {
            statements.push(terminated(text(part, "definition")));
            statements.extend(after_part(word, name, item, part, Some(entry)));
        }
    }
    statements
}

/// What a trigger, rule or policy takes after the statement that makes it: when it fires, and what is said of it. The
/// comments on rules and policies are with their relation.
pub(super) fn after_part(word: &str, relation: &str, name: &str, item: &Entry, owner: Option<&Entry>) -> Vec<String> {
    let (upper, quoted) = (word.to_uppercase(), quote_identifier(name));
    let mut statements = Vec::new();
    let enabled = text(item, "enabled");
    if !["", "O"].contains(&enabled) {
        statements.push(format!("ALTER TABLE {relation} {} {upper} {quoted};", firing(enabled)));
    }
    let comments = owner.map(|owner| texts(owner, &format!("{word}_comments"))).unwrap_or_default();
    let beside = comments.into_iter().find(|(of, _)| *of == name).map(|(_, comment)| comment);
    if let Some(comment) = item.get("comment").and_then(Value::as_str).or(beside) {
        statements.push(format!("COMMENT ON {upper} {quoted} ON {relation} IS {};", literal(comment)));
    }
    statements
}

/// The statement that creates it.
pub(super) fn create(name: &str, entry: &Entry) -> Option<String> {
    Some(match kind(entry) {
        "view" | "materialized view" => create_view(name, entry),
        "table" => return None,
        "aggregate" => create_aggregate(name, entry)?,
        "enum" => {
            let labels: Vec<String> = list(entry, "labels").into_iter().map(literal).collect();
            format!("CREATE TYPE {name} AS ENUM ({});", labels.join(", "))
        }
        "domain" => create_domain(name, entry),
        "composite" => {
            let attributes = items(entry, "columns").into_iter().map(|(attribute, item)| {
                let collation = texts(entry, "attribute_collations").into_iter().find(|(name, _)| *name == attribute);
                let collation = collation.map_or(String::new(), |(_, collation)| format!(" COLLATE {collation}"));
                format!("{} {}{collation}", quote_identifier(attribute), text(item, "type"))
            });
            format!("CREATE TYPE {name} AS ({});", attributes.collect::<Vec<_>>().join(", "))
        }
        "range" => {
            let mut words = vec![format!("SUBTYPE = {}", text(entry, "subtype"))];
            words.extend(texts(entry, "range").into_iter().map(|(word, value)| format!("{word} = {value}")));
            format!("CREATE TYPE {name} AS RANGE ({});", words.join(", "))
        }
        "sequence" => {
            let persistence = if text(entry, "persistence") == "u" { "UNLOGGED " } else { "" };
            format!("CREATE {persistence}SEQUENCE {name} {};", text(entry, "definition"))
        }
        "schema" => format!("CREATE SCHEMA {name};"),
        "extension" => format!(
            "CREATE EXTENSION {name} WITH SCHEMA {} VERSION {};",
            text(entry, "schema"),
            literal(text(entry, "version"))
        ),
        "default privileges" => {
            let statements = default_privileges(entry, &list(entry, "initial"), &list(entry, "privileges"))?;
            if statements.is_empty() {
                return None;
            }
            statements.join("\n")
        }
        _ if entry.contains_key("definition") => {
            terminated(&text(entry, "definition").replacen("CREATE OR REPLACE ", "CREATE ", 1))
        }
        _ => return None,
    })
}

/// What takes a statement of its own after the one that creates it.
fn after_creating(name: &str, entry: &Entry) -> Vec<String> {
    let mut statements = Vec::new();
    if kind(entry) == "sequence" && entry.contains_key("owned_by") {
        statements.push(format!("ALTER SEQUENCE {name} OWNED BY {};", text(entry, "owned_by")));
    }
    if kind(entry) == "statistics" && entry.contains_key("target") {
        statements.push(statistics_target(name, entry));
    }
    if kind(entry) == "event trigger" && entry.contains_key("enabled") {
        statements.push(event_trigger_fires(name, entry));
    }
    statements
}

pub(super) fn statistics_target(name: &str, entry: &Entry) -> String {
    let target = entry.get("target").and_then(Value::as_i64).unwrap_or(-1);
    format!("ALTER STATISTICS {name} SET STATISTICS {target};")
}

pub(super) fn event_trigger_fires(name: &str, entry: &Entry) -> String {
    format!("ALTER EVENT TRIGGER {name} {};", firing(text(entry, "enabled")))
}

/// `tgenabled`, `ev_enabled` and `evtenabled` as statements have it.
pub(super) fn firing(enabled: &str) -> &'static str {
    match enabled {
        "D" => "DISABLE",
        "R" => "ENABLE REPLICA",
        "A" => "ENABLE ALWAYS",
        _ => "ENABLE",
    }
}

/// The statements between two lists of default privileges.
pub(super) fn default_privileges(entry: &Entry, from: &[&str], to: &[&str]) -> Option<Vec<String>> {
    let target = acl::Target { object: text(entry, "on"), owner: text(entry, "owner"), column: None };
    let statements = acl::statements(from, to, &target)?;
    let prefix = format!("ALTER DEFAULT PRIVILEGES {}", text(entry, "for"));
    Some(statements.into_iter().map(|statement| format!("{prefix} {statement}")).collect())
}

fn create_domain(name: &str, entry: &Entry) -> String {
    let mut words = format!("CREATE DOMAIN {name} AS {}", text(entry, "base"));
    if entry.contains_key("collation") {
        words += &format!(" COLLATE {}", text(entry, "collation"));
    }
    if entry.contains_key("default") {
        words += &format!(" DEFAULT {}", text(entry, "default"));
    }
    if entry.get("not_null") == Some(&Value::Bool(true)) {
        words += " NOT NULL";
    }
    for (constraint, definition) in texts(entry, "constraints") {
        if definition != "NOT NULL" {
            words += &format!("\n    CONSTRAINT {} {definition}", quote_identifier(constraint));
        }
    }
    format!("{words};")
}

fn create_aggregate(name: &str, entry: &Entry) -> Option<String> {
    let options = entry.get("aggregate")?.as_object()?;
    let options = options.iter().map(|(word, value)| match value {
        Value::Bool(_) => word.clone(),
        Value::String(text) => format!("{word} = {text}"),
        other => format!("{word} = {other}"),
    });
    Some(format!("CREATE {} ({});", named(name, entry), options.collect::<Vec<_>>().join(", ")))
}

fn create_view(name: &str, entry: &Entry) -> String {
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

pub(super) fn owner(name: &str, entry: &Entry) -> String {
    format!("ALTER {} OWNER TO {};", named(name, entry), quote_identifier(text(entry, "owner")))
}

/// The same where there is such a statement: extensions have none, and default privileges name their role.
pub(super) fn own(name: &str, entry: &Entry) -> Option<String> {
    (!["extension", "default privileges"].contains(&kind(entry))).then(|| owner(name, entry))
}

/// What it is and its name, as most statements have them.
pub(super) fn named(name: &str, entry: &Entry) -> String {
    // An aggregate without arguments has a sign in their place.
    match name.strip_suffix("()").filter(|_| kind(entry) == "aggregate") {
        Some(short) => format!("AGGREGATE {short}(*)"),
        // `COMMENT ON TABLE` takes no foreign one (`get_relation_by_qualified_name`).
        None if entry.get("foreign") == Some(&Value::Bool(true)) => format!("FOREIGN TABLE {name}"),
        None => format!("{} {name}", word(entry)),
    }
}

pub(super) fn comment(entry: &Entry, name: &str) -> Option<String> {
    let comment = entry.get("comment")?.as_str()?;
    Some(format!("COMMENT ON {} IS {};", named(name, entry), literal(comment)))
}

fn column_comment(name: &str, column: &str, item: &Entry) -> Option<String> {
    let comment = item.get("comment")?.as_str()?;
    Some(format!("COMMENT ON COLUMN {name}.{} IS {};", quote_identifier(column), literal(comment)))
}

pub(super) fn acl_name(role: &str) -> String {
    format!("\"{}\"", role.replace('"', "\"\""))
}

pub(super) fn grant_object(name: &str, entry: &Entry) -> String {
    match kind(entry) {
        "procedure" => format!("PROCEDURE {name}"),
        _ if is_routine(entry) => format!("FUNCTION {name}"),
        "sequence" => format!("SEQUENCE {name}"),
        "schema" => format!("SCHEMA {name}"),
        _ if is_type(entry) => format!("TYPE {name}"),
        _ => name.to_owned(),
    }
}

/// The comments on columns, attributes and constraints.
pub(super) fn part_comments(name: &str, entry: &Entry) -> Vec<String> {
    let columns = items(entry, "columns").into_iter().filter_map(|(column, item)| column_comment(name, column, item));
    let attributes = texts(entry, "attribute_comments").into_iter();
    let attributes = attributes.map(|(attribute, comment)| attribute_comment(name, attribute, Some(comment)));
    let constraints = texts(entry, "constraint_comments").into_iter();
    let constraints = constraints.map(|(constraint, comment)| constraint_comment(name, constraint, Some(comment)));
    columns.chain(attributes).chain(constraints).collect()
}

pub(super) fn attribute_comment(name: &str, attribute: &str, comment: Option<&str>) -> String {
    let comment = comment.map_or("NULL".to_owned(), literal);
    format!("COMMENT ON COLUMN {name}.{} IS {comment};", quote_identifier(attribute))
}

pub(super) fn constraint_comment(domain: &str, constraint: &str, comment: Option<&str>) -> String {
    let comment = comment.map_or("NULL".to_owned(), literal);
    format!("COMMENT ON CONSTRAINT {} ON DOMAIN {domain} IS {comment};", quote_identifier(constraint))
}

pub(super) fn policy(name: &str, policy: &str, entry: &Entry) -> String {
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
pub(super) fn word(entry: &Entry) -> String {
    match kind(entry) {
        "enum" | "range" | "composite" => "TYPE".to_owned(),
        "window function" => "FUNCTION".to_owned(),
        kind => kind.to_uppercase(),
    }
}

/// A name in the schema of another one, which is quoted where needed.
pub(super) fn beside(name: &str, other: &str) -> String {
    format!("{}.{}", schema(name), quote_identifier(other))
}

/// The schema of a name, both quoted where needed.
pub(super) fn schema(name: &str) -> &str {
    match name.strip_prefix('"') {
        None => name.split('.').next().unwrap_or_default(),
        Some(rest) => {
            let end = rest
                .match_indices('"')
                .map(|(at, _)| at)
                .find(|at| !rest[at + 1..].starts_with('"') && !rest[..*at].ends_with('"'));
            &name[..end.map_or(name.len(), |end| end + 2)]
        }
    }
}

/// A name without its schema.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix(schema(name)).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
}

pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

pub(super) fn terminated(statement: &str) -> String {
    format!("{};", statement.trim().trim_end_matches(';'))
}
