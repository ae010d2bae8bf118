//! What hangs on an object and is declared beside it: comments, privileges, owners. The same for every kind; what was
//! given outside the migrations is `keep`'s.

use std::collections::{BTreeMap, BTreeSet};

use super::materialized_view::is_changed_index;
use super::{Statement, kind_of};
use crate::catalog::{Catalog, Grantee, ObjectId, Privilege, RelationKind};
use crate::name::{quote_ident, quote_literal};

/// Statements that take away from the old object what the new one does not have. They go before anything else, so that
/// what is kept over a recreation is kept without it.
pub fn removals(old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
    removals_for(old, id, new, id)
}

/// The same for an object in the place of which one of another kind comes: of its parts both have only the columns.
pub fn removals_for(old: &Catalog, id: &ObjectId, new: &Catalog, successor: &ObjectId) -> Vec<Statement> {
    let mut statements = Vec::new();
    for target in targets(old, id) {
        let after = if target == *id { successor } else { &target };
        let goes_along = id != successor && target != *id && !matches!(target, ObjectId::Column(..));
        if old.attachments.comments.contains_key(&target)
            && !new.attachments.comments.contains_key(after)
            && !goes_along
        {
            statements.push(comment(old, &target, None));
        }
    }
    let (before, after) = (privileges(old, id), privileges(new, successor));
    let is_given_away = old.attachments.owners.get(id) != new.attachments.owners.get(successor);
    let gone: BTreeMap<_, _> = before
        .iter()
        .filter(|(privilege, option)| {
            let stays = is_given_away && becomes_owners(new, successor, privilege, **option);
            !stays && !after.contains_key(*privilege)
        })
        .map(|(p, _)| (p.clone(), false))
        .collect();
    statements.extend(grouped(&gone).into_iter().map(|group| group.statement(id, Verb::Revoke)));
    let weaker: BTreeMap<_, _> = before
        .iter()
        .filter(|(privilege, option)| **option && after.get(*privilege) == Some(&false))
        .map(|(privilege, _)| (privilege.clone(), false))
        .collect();
    statements.extend(grouped(&weaker).into_iter().map(|group| group.statement(id, Verb::RevokeGrantOption)));
    let back: BTreeMap<_, _> =
        revoked(old, id).difference(&revoked(new, successor)).map(|p| (p.clone(), false)).collect();
    statements.extend(grouped(&back).into_iter().map(|group| group.statement(id, Verb::Grant)));
    if old.attachments.owners.contains_key(id) && !new.attachments.owners.contains_key(successor) {
        // Without an owner of its own, it is whoever runs the migrations. What the former owner has been given as somebody
        // who is named goes before: it would be the new owner's (`aclnewowner` in acl.c).
        statements.push(Statement::new(format!("ALTER {} OWNER TO CURRENT_USER", id.sql())));
    }
    statements
}

/// Statements that give the new object what it has and `old` has not; `None` for an object that was just made.
pub fn additions(old: Option<&Catalog>, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let mut statements = Vec::new();
    let before = old.and_then(|old| old.attachments.owners.get(id));
    if let Some(owner) = new.attachments.owners.get(id).filter(|owner| before != Some(*owner)) {
        statements.push(Statement::new(format!("ALTER {} OWNER TO {}", id.sql(), quote_ident(owner))));
    }
    for target in targets(new, id) {
        let text = new.attachments.comments.get(&target);
        // A changed index is dropped and made anew, and its comment went with it.
        let stays = |old: &&Catalog| !is_changed_index(old, new, &target);
        if text.is_some() && old.filter(stays).and_then(|old| old.attachments.comments.get(&target)) != text {
            statements.push(comment(new, &target, text.map(String::as_str)));
        }
    }
    let none = BTreeMap::new();
    let before = old.map_or(&none, |old| privileges_ref(old, id, &none));
    let after = privileges(new, id);
    // A privilege that is taken from the whole is taken from its columns too.
    let went = |column: &Privilege| before.keys().any(|had| had.covers(column) && !after.contains_key(had));
    let given: BTreeMap<_, _> = after
        .iter()
        .filter(|(privilege, option)| before.get(privilege).is_none_or(|had| **option && !*had) || went(privilege))
        .map(|(privilege, option)| (privilege.clone(), *option))
        .collect();
    statements.extend(grouped(&given).into_iter().map(|group| group.statement(id, Verb::Grant)));
    let was_revoked = old.map(|old| revoked(old, id)).unwrap_or_default();
    let taken: BTreeMap<_, _> = revoked(new, id).difference(&was_revoked).map(|p| (p.clone(), false)).collect();
    statements.extend(grouped(&taken).into_iter().map(|group| group.statement(id, Verb::Revoke)));
    statements
}

/// Statements that lead from the comments, privileges and owners of one state to those of another with the same objects.
pub(crate) fn all_differences(old: &Catalog, new: &Catalog) -> Vec<Statement> {
    let (before, after) = (&old.attachments, &new.attachments);
    let ids = |catalog: &Catalog| -> BTreeSet<ObjectId> {
        let attachments = &catalog.attachments;
        let privileges = attachments.privileges.keys().chain(attachments.revoked.keys());
        privileges.chain(attachments.owners.keys()).chain(attachments.comments.keys()).cloned().collect()
    };
    let mut statements: Vec<Statement> = Vec::new();
    for id in ids(old).union(&ids(new)) {
        let (had, has) = (before.comments.get(id), after.comments.get(id));
        let of_comment = (had != has).then(|| comment(new, id, has.map(String::as_str)));
        for statement in removals(old, new, id).into_iter().chain(additions(Some(old), new, id)).chain(of_comment) {
            // A part's comment is its whole's too.
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
    }
    statements
}

/// Statements that take from a new object what the default privileges of the state before give it and its own does not
/// have.
pub fn unwanted_defaults(before: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let (made, wanted) = (before.given_to_new(id), privileges(new, id));
    let is_unwanted =
        |held: &Privilege, option: bool| !wanted.contains_key(held) && !becomes_owners(new, id, held, option);
    let unwanted = made.given.iter().filter(|(held, option)| is_unwanted(held, **option));
    let unwanted = unwanted.map(|(held, _)| (held.clone(), false));
    let taken = made.revoked.difference(&revoked(new, id)).map(|held| (held.clone(), false)).collect();
    let mut statements: Vec<Statement> =
        grouped(&unwanted.collect()).iter().map(|group| group.statement(id, Verb::Revoke)).collect();
    statements.extend(grouped(&taken).iter().map(|group| group.statement(id, Verb::Grant)));
    statements
}

/// Whether an owner to come holds a privilege, which becomes one with what owners have (`aclnewowner` in acl.c). On a column, and
/// with the right to give it on, it would be seen beside that.
fn becomes_owners(new: &Catalog, id: &ObjectId, held: &Privilege, with_grant_option: bool) -> bool {
    let Grantee::Role(role) = &held.grantee else { return false };
    !with_grant_option && held.column.is_none() && new.attachments.owners.get(id) == Some(role)
}

/// Everything of an object that can have a comment: itself, then its parts.
fn targets(catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
    let mut targets = vec![id.clone()];
    targets.extend(kind_of(id).into_iter().flat_map(|kind| kind.parts(catalog, id)));
    targets
}

fn comment(catalog: &Catalog, target: &ObjectId, text: Option<&str>) -> Statement {
    // `COMMENT ON TABLE` takes no foreign table (`get_relation_by_qualified_name`).
    let foreign = |name| catalog.relation_named(name).is_some_and(|row| row.kind == RelationKind::ForeignTable);
    let target = match target {
        ObjectId::Table(name) if foreign(name) => format!("FOREIGN TABLE {name}"),
        target => target.sql(),
    };
    let text = text.map_or_else(|| "NULL".to_owned(), |text| quote_literal(text).trim_start().to_owned());
    Statement::new(format!("COMMENT ON {target} IS {text}"))
}

fn privileges_ref<'c>(
    catalog: &'c Catalog,
    id: &ObjectId,
    none: &'c BTreeMap<Privilege, bool>,
) -> &'c BTreeMap<Privilege, bool> {
    catalog.attachments.privileges.get(id).unwrap_or(none)
}

fn privileges(catalog: &Catalog, id: &ObjectId) -> BTreeMap<Privilege, bool> {
    catalog.attachments.privileges.get(id).cloned().unwrap_or_default()
}

fn revoked(catalog: &Catalog, id: &ObjectId) -> BTreeSet<Privilege> {
    catalog.attachments.revoked.get(id).cloned().unwrap_or_default()
}

#[derive(Clone, Copy)]
enum Verb {
    Grant,
    Revoke,
    RevokeGrantOption,
}

/// Privileges that one statement gives or takes.
struct Group {
    grantee: Grantee,
    with_grant_option: bool,
    /// `SELECT`, or `SELECT (a, b)`.
    privileges: Vec<String>,
}

/// For each privilege's word: whether it is on the whole, and on which columns.
type Words<'p> = BTreeMap<&'p str, (bool, Vec<&'p str>)>;

/// Privileges put together by grantee and grant option, columns by privilege.
fn grouped(privileges: &BTreeMap<Privilege, bool>) -> Vec<Group> {
    let mut by_grantee: BTreeMap<(&Grantee, bool), Words> = BTreeMap::new();
    for (privilege, option) in privileges {
        let words = by_grantee.entry((&privilege.grantee, *option)).or_default();
        let (whole, columns) = words.entry(&privilege.privilege).or_default();
        match &privilege.column {
            Some(column) => columns.push(column),
            None => *whole = true,
        }
    }
    by_grantee
        .into_iter()
        .map(|((grantee, with_grant_option), words)| {
            let mut privileges = Vec::new();
            for (word, (whole, columns)) in words {
                if whole {
                    privileges.push(word.to_owned());
                }
                if !columns.is_empty() {
                    let columns: Vec<_> = columns.into_iter().map(quote_ident).collect();
                    privileges.push(format!("{word} ({})", columns.join(", ")));
                }
            }
            Group { grantee: grantee.clone(), with_grant_option, privileges }
        })
        .collect()
}

impl Group {
    fn statement(&self, id: &ObjectId, verb: Verb) -> Statement {
        let on = id.grant_target().unwrap_or_else(|| id.sql());
        let grantee = match &self.grantee {
            Grantee::Public => "PUBLIC".into(),
            Grantee::Role(role) => quote_ident(role),
        };
        let privileges = self.privileges.join(", ");
        Statement::new(match verb {
            Verb::Grant if self.with_grant_option => {
                format!("GRANT {privileges} ON {on} TO {grantee} WITH GRANT OPTION")
            }
            Verb::Grant => format!("GRANT {privileges} ON {on} TO {grantee}"),
            Verb::Revoke => format!("REVOKE {privileges} ON {on} FROM {grantee}"),
            Verb::RevokeGrantOption => format!("REVOKE GRANT OPTION FOR {privileges} ON {on} FROM {grantee}"),
        })
    }
}
