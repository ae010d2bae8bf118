//! Triggers, rules and policies that are in the way of statements which give another name to their table: they go under the
//! old name before the statements, and come under the new one after them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::Graph;
use crate::catalog::{Attached, AttachedKind, Catalog, ObjectId, Oid};
use crate::diff::{Change, ChangeKind};
use crate::graph;
use crate::object::{kind_of, relation_name};

/// The state that statements lead to, without what goes before them under another name.
pub(super) fn without_moved_parts<'c>(
    first: &Catalog,
    old: &'c Catalog,
    in_the_way: &BTreeSet<ObjectId>,
) -> Cow<'c, Catalog> {
    let mut without = Cow::Borrowed(old);
    for id in in_the_way {
        let Some((table, kind)) = part(first, id).filter(|_| moved_part(first, old, id).is_some()) else { continue };
        let is_it = |row: &Arc<Attached>| row.kind == kind && row.name == id.name();
        if let Some(rows) = without.to_mut().attached.get_mut(&table) {
            rows.retain(|row| !is_it(row));
        }
    }
    without
}

/// What depends on what among the objects in the way, before the statements, where these move or take something of it.
pub(super) fn graph_before(first: &Catalog, old: &Catalog, in_the_way: &BTreeSet<ObjectId>) -> Graph {
    let is_there = |id: &ObjectId| match relation_name(id).or(id.part_of()) {
        Some(relation) => old.relation_named(relation).is_some_and(|row| first.relations.contains_key(&row.oid)),
        None => true,
    };
    if in_the_way.iter().all(is_there) {
        return Graph::new();
    }
    let mut graph = graph::dependencies(first);
    graph.retain(|id, used| {
        used.retain(|used| in_the_way.contains(used));
        in_the_way.contains(id)
    });
    graph
}

/// What is dropped before the statements for good: they take what it is made of, or it comes back under another name.
pub(super) fn goes_before(first: &Catalog, new: &Catalog, id: &ObjectId, changes: &mut Vec<Change>) {
    let mut change = Change::new(id.clone(), ChangeKind::Drop);
    match moved_part(first, new, id) {
        Some(now) => {
            change.details.push(format!("it comes back as {now}, without what somebody gave it by hand"));
            // What no definition declares is no difference.
            if !changes.iter().any(|change| change.id == now) {
                changes.push(Change::new(now, ChangeKind::Create));
            }
        }
        None => change.hazards = kind_of(id).map_or_else(Vec::new, |kind| kind.drop_hazards(first, id)),
    }
    changes.push(change);
}

/// The name that a part has after statements which gave another one to its table; `None` where its table has the old one, or
/// the part is gone.
fn moved_part(first: &Catalog, after: &Catalog, id: &ObjectId) -> Option<ObjectId> {
    let (table, kind) = part(first, id)?;
    let name = after.relation_name(table).filter(|name| Some(name) != id.part_of())?;
    let rows = after.attached.get(&table)?;
    let row = rows.iter().find(|row| row.kind == kind && row.name == id.name())?;
    Some(match kind {
        AttachedKind::Trigger => ObjectId::Trigger(name, row.name.clone()),
        AttachedKind::Rule => ObjectId::Rule(name, row.name.clone()),
        _ => ObjectId::Policy(name, row.name.clone()),
    })
}

/// The table of a trigger, rule or policy, by number.
fn part(catalog: &Catalog, id: &ObjectId) -> Option<(Oid, AttachedKind)> {
    let kind = match id {
        ObjectId::Trigger(..) => AttachedKind::Trigger,
        ObjectId::Rule(..) => AttachedKind::Rule,
        ObjectId::Policy(..) => AttachedKind::Policy,
        _ => return None,
    };
    Some((catalog.relation_named(id.part_of()?)?.oid, kind))
}
