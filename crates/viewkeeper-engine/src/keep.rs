//! What hangs on a relation that is dropped and created again, kept and restored in plain SQL (rule 6 of the design):
//! owner, privileges, comments, defaults, triggers, rules, and a materialized view's indexes, statistics and storage,
//! also where no migration gave them. The blocks know only names; what there is to keep, the database says itself.
//!
//! The database describes what hangs on the relations as facts, each with the statement that makes it (`facts.sql`).
//! `keep` stores them in a setting that ends with the transaction, since a temporary table needs a privilege;
//! `restore` asks for the facts again and executes the statements of those that are missing.

use crate::name::{QualifiedName, quote_literal};

const FACTS: &str = include_str!("keep/facts.sql");
const KEEP: &str = include_str!("keep/keep.sql");
const RESTORE: &str = include_str!("keep/restore.sql");

/// The SQL to put directly before the drops, after every statement that takes away what shall not come back.
///
/// Relations that do not exist are passed over: a migration may be replayed on an empty database.
pub fn keep(relations: &[QualifiedName]) -> String {
    block(KEEP, relations)
}

/// The SQL to put after everything is created again (also indexes, triggers and rules) and has its final name, and before
/// the grants: privileges that were neither kept nor granted after this block are default privileges, and are revoked.
///
/// The relations are those of [`keep`], in dependency order.
pub fn restore(relations: &[QualifiedName]) -> String {
    block(RESTORE, relations)
}

fn block(template: &str, relations: &[QualifiedName]) -> String {
    if relations.is_empty() {
        return String::new();
    }
    let names: Vec<String> =
        relations.iter().map(|relation| quote_literal(&relation.to_string()).trim_start().to_owned()).collect();
    let names = names.join(", ");
    let tag = free_tag(&names);
    let mut sql = String::new();
    // One pass, so that a name that looks like a placeholder stays a name.
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
        sql.push_str(before);
        sql.push_str(match placeholder {
            "relations" => &names,
            "facts" => FACTS,
            _ => &tag,
        });
        rest = after;
    }
    sql.push_str(rest);
    sql
}

/// A dollar quote that does not occur in the text.
fn free_tag(text: &str) -> String {
    let mut tag = String::from("$viewkeeper$");
    let mut number = 1;
    while text.contains(&tag) {
        number += 1;
        tag = format!("$viewkeeper{number}$");
    }
    tag
}
