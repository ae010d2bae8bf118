//! What depends on what, and orders that respect it. Order comes from here and from nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Dependency;
use crate::catalog::{Catalog, Member, ObjectId, Oid, RelationKind};
use crate::name::QualifiedName;
use crate::object::{KINDS, Kind};

/// The objects that dependencies name; PostgreSQL's own are left out, they are always there.
pub fn uses<'d>(catalog: &Catalog, dependencies: impl IntoIterator<Item = &'d Dependency>) -> BTreeSet<ObjectId> {
    dependencies
        .into_iter()
        .flat_map(|dependency| match brought_by(catalog, *dependency) {
            Some(extension) => [Some(extension), None],
            None => match *dependency {
                Dependency::Relation(oid) | Dependency::Constraint(oid, _) => [relation_id(catalog, oid), None],
                Dependency::Column(oid, number) => [relation_id(catalog, oid), column_type_id(catalog, oid, number)],
                Dependency::Routine(oid) => [routine_id(catalog, oid), None],
                Dependency::Type(oid) => [type_id(catalog, oid), None],
                Dependency::Operator(_) | Dependency::Collation(_) => [None, None],
            },
        })
        .flatten()
        .collect()
}

/// The extension that something belongs to: it comes and goes as a whole.
fn brought_by(catalog: &Catalog, dependency: Dependency) -> Option<ObjectId> {
    if catalog.extensions.is_empty() {
        return None;
    }
    // An array belongs where its elements do.
    let whole = |oid| Some(catalog.element_type(oid)).filter(|element| element.is_valid()).unwrap_or(oid);
    let member = match dependency {
        Dependency::Relation(oid) | Dependency::Column(oid, _) | Dependency::Constraint(oid, _) => {
            Member::Relation(oid)
        }
        Dependency::Routine(oid) => Member::Routine(oid),
        Dependency::Type(oid) => Member::Type(whole(oid)),
        Dependency::Operator(oid) => Member::Operator(oid),
        Dependency::Collation(oid) => Member::Collation(oid),
    };
    catalog.extension_of(member).map(|name| ObjectId::Extension(name.to_owned()))
}

/// The type of a column that is stored: what uses the column stands in the way when that is made anew.
fn column_type_id(catalog: &Catalog, relation: Oid, number: i16) -> Option<ObjectId> {
    let row = catalog.relations.get(&relation).filter(|row| row.view.is_none())?;
    type_id(catalog, row.attribute(number)?.type_)
}

/// The id of a relation of the project.
pub fn relation_id(catalog: &Catalog, oid: Oid) -> Option<ObjectId> {
    let relation = catalog.relations.get(&oid)?;
    let name = catalog.relation_name(oid)?;
    Some(match relation.kind {
        RelationKind::View => ObjectId::View(name),
        RelationKind::MaterializedView => ObjectId::MaterializedView(name),
        RelationKind::Sequence => ObjectId::Sequence(name),
        RelationKind::CompositeType => ObjectId::Type(name),
        RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable => ObjectId::Table(name),
    })
}

/// The id of a routine of the project.
pub fn routine_id(catalog: &Catalog, oid: Oid) -> Option<ObjectId> {
    // What comes with a type, as the constructors of a range do, goes with it.
    let of_type = catalog.routines.get(&oid)?;
    if of_type.source.is_none() { type_id(catalog, of_type.result) } else { catalog.routine_id(oid) }
}

/// The id behind a type of the project: the relation whose rows it is, the type itself, or that of its elements.
pub fn type_id(catalog: &Catalog, oid: Oid) -> Option<ObjectId> {
    let type_ = catalog.types.get(&oid)?;
    if let Some(extension) = brought_by(catalog, Dependency::Type(oid)) {
        return Some(extension);
    }
    if type_.relation.is_valid() {
        return relation_id(catalog, type_.relation);
    }
    let element = catalog.types.get(&type_.element).filter(|element| element.array == oid);
    if let Some(element) = element {
        return type_id(catalog, element.oid);
    }
    // A multirange comes and goes with its range.
    if let Some(range) = type_.range.filter(|range| range.multirange == oid && range.range != oid) {
        return type_id(catalog, range.range);
    }
    Some(ObjectId::Type(QualifiedName::new(catalog.schema_name(type_.schema)?, &*type_.name)))
}

/// For every object of a kind in [`KINDS`], what it depends on.
pub fn dependencies(catalog: &Catalog) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    of_all(catalog, |kind, id| {
        let mut found = kind.depends_on(catalog, id);
        found.extend(schema_of(catalog, id));
        found
    })
}

/// For every object of a kind in [`KINDS`], what PostgreSQL looks at when it is made, and forgets afterwards.
pub fn needed_at_creation(catalog: &Catalog) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut graph = of_all(catalog, |kind, id| kind.needed_at_creation(catalog, id));
    graph.retain(|_, needed| !needed.is_empty());
    graph
}

fn of_all(
    catalog: &Catalog,
    ask: impl Fn(&dyn Kind, &ObjectId) -> BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut graph = BTreeMap::new();
    for kind in KINDS {
        for id in kind.objects(catalog) {
            let found = ask(kind, &id);
            graph.insert(id, found);
        }
    }
    graph
}

/// The schema that an object is in, where migrations or definitions made it.
fn schema_of(catalog: &Catalog, id: &ObjectId) -> Option<ObjectId> {
    let oid = catalog.schema_by_name(id.schema()?)?;
    catalog.schemas.get(&oid)?.provenance.as_ref()?;
    Some(ObjectId::Schema(id.schema()?.to_owned()))
}

/// The graph with its arrows turned round.
pub fn reversed(graph: &BTreeMap<ObjectId, BTreeSet<ObjectId>>) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut reversed: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    for (from, targets) in graph {
        for to in targets {
            reversed.entry(to.clone()).or_default().insert(from.clone());
        }
    }
    reversed
}

/// Everything that is reached from `start` (itself left out).
pub fn reachable<'g>(graph: &'g BTreeMap<ObjectId, BTreeSet<ObjectId>>, start: &'g ObjectId) -> BTreeSet<&'g ObjectId> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(next) = open.pop() {
        for target in graph.get(next).into_iter().flatten() {
            if found.insert(target) {
                open.push(target);
            }
        }
    }
    found
}

/// An order of the nodes in which every node comes after those it waits for; among nodes that are free, the smallest
/// comes first, so that the order is the same on every machine.
///
/// # Errors
/// With the members of a cycle, in its order.
pub fn topological_order<N: Ord + Clone>(waits_for: &BTreeMap<N, BTreeSet<N>>) -> Result<Vec<N>, Vec<N>> {
    let mut open: BTreeMap<&N, usize> = BTreeMap::new();
    let mut followers: BTreeMap<&N, Vec<&N>> = BTreeMap::new();
    for (node, before) in waits_for {
        let known = before.iter().filter(|earlier| waits_for.contains_key(*earlier));
        open.insert(node, known.clone().count());
        for earlier in known {
            followers.entry(earlier).or_default().push(node);
        }
    }
    let mut free: BTreeSet<&N> = open.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
    let mut order = Vec::with_capacity(waits_for.len());
    while let Some(node) = free.pop_first() {
        order.push(node.clone());
        for follower in followers.get(node).into_iter().flatten() {
            if let Some(count) = open.get_mut(*follower) {
                *count -= 1;
                if *count == 0 {
                    free.insert(follower);
                }
            }
        }
    }
    if order.len() == waits_for.len() { Ok(order) } else { Err(cycle(waits_for, &order)) }
}

/// One cycle among the nodes that could not be ordered.
fn cycle<N: Ord + Clone>(waits_for: &BTreeMap<N, BTreeSet<N>>, ordered: &[N]) -> Vec<N> {
    let ordered: BTreeSet<&N> = ordered.iter().collect();
    let blocked = |node: &N| !ordered.contains(node) && waits_for.contains_key(node);
    let mut path: Vec<&N> = Vec::new();
    let mut next = waits_for.keys().find(|node| blocked(node));
    while let Some(node) = next {
        if let Some(start) = path.iter().position(|visited| *visited == node) {
            return path[start..].iter().map(|node| (*node).clone()).collect();
        }
        path.push(node);
        next = waits_for.get(node).and_then(|before| before.iter().find(|earlier| blocked(earlier)));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &[&'static str])]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        edges.iter().map(|(node, before)| (*node, before.iter().copied().collect())).collect()
    }

    #[test]
    fn what_is_waited_for_comes_first_and_ties_are_by_name() {
        let order = topological_order(&graph(&[("c", &["z"]), ("a", &["b"]), ("b", &[]), ("z", &[])]));
        assert_eq!(order, Ok(vec!["b", "a", "z", "c"]));
    }

    #[test]
    fn a_cycle_is_named_by_its_members_only() {
        let order = topological_order(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &["a"])]));
        assert_eq!(order, Err(vec!["b", "c"]));
    }
}
