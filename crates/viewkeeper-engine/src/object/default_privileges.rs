//! Default privileges: what new objects are given. They are changed after everything else of a migration is made, since
//! what it makes is given what was said before.

use std::collections::BTreeSet;

use super::{Difference, Kind, Statement};
use crate::catalog::{
    Catalog, DefaultPrivilegeTarget, DefaultPrivileges as Row, Grantee, ObjectId, Privilege, Provenance,
};
use crate::hazard::{Hazard, HazardKind};
use crate::name::quote_ident;

/// `ALTER DEFAULT PRIVILEGES`.
#[derive(Debug)]
pub(super) struct DefaultPrivileges;

impl Kind for DefaultPrivileges {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        catalog.default_privileges.keys().cloned().map(ObjectId::DefaultPrivileges).collect()
    }

    fn provenance<'c>(&self, _catalog: &'c Catalog, _id: &ObjectId) -> Option<&'c Provenance> {
        None
    }

    /// What hand-written migrations say is in every state.
    fn is_managed(&self, _catalog: &Catalog, _id: &ObjectId) -> bool {
        true
    }

    fn depends_on(&self, _catalog: &Catalog, _id: &ObjectId) -> BTreeSet<ObjectId> {
        BTreeSet::new()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (before, after) = (row(old, id), row(new, id));
        difference.alter = statements(id, &before, &after);
        if !difference.alter.is_empty() {
            difference
                .details
                .push("what new objects are given changed; those that are there keep what they have".to_owned());
        }
        difference.hazards = widened(id, &before, &after);
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statements(id, &Row::default(), &row(catalog, id))
    }

    fn drop(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statements(id, &row(catalog, id), &Row::default())
    }

    fn create_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        widened(id, &Row::default(), &row(catalog, id))
    }

    fn drop_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        widened(id, &row(catalog, id), &Row::default())
    }
}

fn target(id: &ObjectId) -> Option<&DefaultPrivilegeTarget> {
    if let ObjectId::DefaultPrivileges(target) = id { Some(target) } else { None }
}

fn row(catalog: &Catalog, id: &ObjectId) -> Row {
    target(id).and_then(|target| catalog.default_privileges.get(target)).cloned().unwrap_or_default()
}

/// What leads from one to the other.
pub(super) fn statements(id: &ObjectId, old: &Row, new: &Row) -> Vec<Statement> {
    let gone = old.given.keys().filter(|held| !new.given.contains_key(*held));
    let lowered = old.given.iter().filter(|(held, option)| **option && new.given.get(*held) == Some(&false));
    let taken = new.revoked.difference(&old.revoked);
    let back = old.revoked.difference(&new.revoked);
    let given = new.given.iter().filter(|(held, option)| old.given.get(*held).is_none_or(|had| **option && !had));
    let mut found: Vec<Option<Statement>> = Vec::new();
    found.extend(gone.chain(taken).map(|held| statement(id, "REVOKE", held, "FROM", "")));
    found.extend(lowered.map(|(held, _)| statement(id, "REVOKE GRANT OPTION FOR", held, "FROM", "")));
    found.extend(back.map(|held| statement(id, "GRANT", held, "TO", "")));
    let option = |option: bool| if option { " WITH GRANT OPTION" } else { "" };
    found.extend(given.map(|(held, with)| statement(id, "GRANT", held, "TO", option(*with))));
    found.into_iter().flatten().collect()
}

fn statement(id: &ObjectId, verb: &str, held: &Privilege, to: &str, rest: &str) -> Option<Statement> {
    let target = target(id)?;
    let role = target.role.as_ref().map(|role| format!(" FOR ROLE {}", quote_ident(role))).unwrap_or_default();
    let schema = target.schema.as_ref().map(|name| format!(" IN SCHEMA {}", quote_ident(name))).unwrap_or_default();
    let whom = whom(&held.grantee);
    let (privilege, objects) = (&held.privilege, &target.objects);
    Some(Statement::new(format!(
        "ALTER DEFAULT PRIVILEGES{role}{schema} {verb} {privilege} ON {objects} {to} {whom}{rest}"
    )))
}

fn whom(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Public => "PUBLIC".to_owned(),
        Grantee::Role(role) => quote_ident(role).into_owned(),
    }
}

/// Who is given more than before.
fn widened(id: &ObjectId, old: &Row, new: &Row) -> Vec<Hazard> {
    let Some(target) = target(id) else { return Vec::new() };
    let given = new.given.keys().filter(|held| !old.given.contains_key(*held));
    let more: Vec<&Privilege> = given.chain(old.revoked.difference(&new.revoked)).collect();
    let hazard = |held: &&Privilege| {
        let place = target.schema.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default();
        let (objects, who) = (target.objects.to_lowercase(), whom(&held.grantee));
        let sentence = format!("{who} is given {} on all {objects}{place} that are made from now on", held.privilege);
        Hazard::new(HazardKind::WidensAccess, sentence)
    };
    more.iter().map(hazard).collect()
}
