//! What an object has been given as soon as it is made: by PostgreSQL, and by default privileges. Whoever makes it is not
//! known here, so what any role's default privileges say counts as possible. Pure.

use super::acl;
use super::declaration::{acl_name, grant_object};
use super::object::{Entry, State, is_relation, is_routine, is_type, items, kind, list, text};
use crate::acl::Item;

/// What default privileges say in a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults<'a>(&'a State);

impl<'a> Defaults<'a> {
    pub(super) fn of(state: &'a State) -> Self {
        Self(state)
    }

    /// The entries about an object.
    fn about(self, name: &str, entry: &Entry) -> impl Iterator<Item = &'a Entry> {
        let objects = match entry {
            entry if is_relation(entry) => "TABLES",
            entry if is_routine(entry) => "FUNCTIONS",
            entry if is_type(entry) => "TYPES",
            entry if kind(entry) == "sequence" => "SEQUENCES",
            entry if kind(entry) == "schema" => "SCHEMAS",
            _ => "",
        };
        let said = self.0.iter().filter(|((section, _), _)| section == "default_privileges").map(|(_, said)| said);
        said.filter(move |said| {
            let place = text(said, "for").split_once(" IN SCHEMA ");
            text(said, "on") == objects
                && place.is_none_or(|(_, schema)| name.strip_prefix(schema).is_some_and(|rest| rest.starts_with('.')))
        })
    }
}

/// The statements that grant what an object has, and take what it was given when it was made and has not.
pub(super) fn grants(name: &str, entry: &Entry, defaults: Defaults<'_>) -> Vec<String> {
    let owner = text(entry, "owner");
    let given_by_owner = |grantee: &str, letters: &str| {
        let grantee = if grantee.is_empty() { String::new() } else { acl_name(grantee) };
        format!("{grantee}={letters}/{}", acl_name(owner))
    };
    let everybody = match entry {
        entry if is_routine(entry) => Some(given_by_owner("", "X")),
        entry if is_type(entry) => Some(given_by_owner("", "U")),
        _ => None,
    };
    let mut surely: Vec<String> = everybody.into_iter().collect();
    let mut possibly = surely.clone();
    for said in defaults.about(name, entry) {
        let role = text(said, "owner");
        let (initial, given) = (list(said, "initial"), list(said, "privileges"));
        // What all are given by PostgreSQL may have been taken.
        if initial.iter().any(|item| item.starts_with('=') && !given.contains(item)) {
            surely.clear();
        }
        for item in given.into_iter().filter(|item| !initial.contains(item)).filter_map(Item::parse) {
            if item.grantee != role && item.grantee != owner {
                possibly.push(given_by_owner(&item.grantee, &item.letters()));
            }
        }
    }
    let foreign = |item: &&str| Item::parse(item).is_none_or(|item| item.grantee != owner);
    let wanted: Vec<&str> = list(entry, "privileges").into_iter().filter(foreign).collect();
    let object = grant_object(name, entry);
    let target = acl::Target { object: &object, owner, column: None };
    let between = |given: &[String], verb: &str| -> Vec<String> {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let found = acl::statements(&given, &wanted, &target).unwrap_or_default();
        found.into_iter().filter(|statement| statement.starts_with(verb)).collect()
    };
    let mut statements = between(&possibly, "REVOKE ");
    statements.extend(between(&surely, "GRANT "));
    for (column, item) in items(entry, "columns").into_iter().filter(|_| is_relation(entry)) {
        let target = acl::Target { object: &object, owner, column: Some(column) };
        // The owner has them without being given them, also what another role had that is the owner now.
        let wanted: Vec<&str> = list(item, "privileges").into_iter().filter(foreign).collect();
        statements.extend(acl::statements(&[], &wanted, &target).unwrap_or_default());
    }
    statements
}
