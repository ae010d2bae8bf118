//! Parts of objects: what goes and comes with the object, and what goes and comes while it stays.

use std::collections::BTreeMap;

use super::States;
use crate::analysis::Dependency;
use crate::catalog::{Catalog, ObjectId, Oid};
use crate::diff::{Change, ChangeKind};
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;
use crate::object::{RemadePart, kind_of, relation_name};

impl States<'_> {
    /// Where only parts of an object use what goes, the object stays: the parts go before that, and come back after.
    pub(super) fn lets_go_by_parts(
        &mut self,
        reader: &ObjectId,
        base: &ObjectId,
        changes: &mut BTreeMap<ObjectId, Change>,
    ) -> bool {
        let is_altered = changes.get(reader).is_none_or(|change| change.kind == ChangeKind::Alter);
        if !is_altered || !self.new_graph.contains_key(reader) {
            return false;
        }
        let Some(parts) = kind_of(reader).and_then(|kind| kind.remade_with(self.old, self.new, reader, base)) else {
            return false;
        };
        let change = changes.entry(reader.clone()).or_insert_with(|| Change {
            because_of: Some(base.clone()),
            ..Change::new(reader.clone(), ChangeKind::Alter)
        });
        let parts = parts.into_iter().filter(|part| !part.statements.is_empty());
        for RemadePart { part, statements } in parts {
            if change.difference.remade.contains(&part) {
                continue;
            }
            let index = part.name();
            change.details.push(format!("index `{index}` is made anew, as {base} is, which it uses"));
            let waiting = format!("`{}` cannot be refreshed while index `{index}` is built", reader.sql_name());
            change.hazards.push(Hazard::new(HazardKind::ExclusiveLock, waiting));
            change.difference.alter.extend(statements);
            change.difference.remade.push(part);
        }
        self.by_parts.insert(reader.clone());
        true
    }

    /// Whether the relation of a part is made anew, with all that hangs on it.
    pub(super) fn is_kept(&self, id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
        if let ObjectId::Statistics(_) = id {
            let mut on = self.old_graph.get(id).into_iter().flatten();
            return on.any(|on| relation_name(on).is_some() && is_recreated(on, changes));
        }
        id.part_of().is_some_and(|relation| part_owner(relation, changes, |id| is_recreated(id, changes)))
    }

    /// Whether a part goes with its relation, and nothing else that it uses goes before that.
    pub(super) fn goes_along(&self, id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
        let ends = |id: &ObjectId| {
            changes.get(id).is_some_and(|change| matches!(change.kind, ChangeKind::Drop | ChangeKind::Recreate))
        };
        let Some(relation) = id.part_of() else { return false };
        let mut others = self.old_graph.get(id).into_iter().flatten();
        part_owner(relation, changes, ends) && !others.any(|used| relation_name(used) != Some(relation) && ends(used))
    }

    /// Whether what an altered object shall not have any more is taken from it before anything else is done.
    pub(super) fn takes_away_early(&self, change: &Change) -> bool {
        let id = &change.id;
        !change.difference.remade.is_empty() || self.parts_first.contains(id) || self.gives_names_away(id)
    }
}

/// Statistics that the server makes anew since statements change the types of their columns: it forgets their owner and
/// their target (`RememberStatisticsForRebuilding`, `CreateStatistics`).
pub(super) fn rebuilt_statistics(first: &Catalog, after: &Catalog) -> Vec<ObjectId> {
    let is_changed = |used: &Dependency| {
        let Dependency::Column(table, number) = used else { return false };
        let type_of = |catalog: &Catalog| {
            let column = catalog.relation(*table)?.attribute(*number)?;
            Some((column.type_, column.typmod, column.collation))
        };
        type_of(first) != type_of(after)
    };
    let id_of = |catalog: &Catalog, oid: Oid| {
        let row = catalog.statistics.get(&oid)?;
        Some(ObjectId::Statistics(QualifiedName::new(catalog.schema_name(row.schema)?, row.name.as_str())))
    };
    let rebuilt = first.statistics.iter().filter(|(_, row)| row.dependencies.iter().any(is_changed));
    rebuilt.filter_map(|(oid, _)| id_of(first, *oid).filter(|id| id_of(after, *oid).as_ref() == Some(id))).collect()
}

/// Whether the relation that a part belongs to is one of which the test holds.
pub(super) fn part_owner(
    relation: &QualifiedName,
    changes: &BTreeMap<ObjectId, Change>,
    test: impl Fn(&ObjectId) -> bool,
) -> bool {
    let ids = [ObjectId::View(relation.clone()), ObjectId::MaterializedView(relation.clone())];
    ids.iter().any(|id| changes.contains_key(id) && test(id))
}

pub(super) fn is_recreated(id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
    changes.get(id).is_some_and(|change| change.kind == ChangeKind::Recreate)
}

/// Whether a view comes in the place of a materialized view of the same name, or the other way round.
pub(super) fn is_successor(id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
    let has = |id: &ObjectId, kind: ChangeKind| changes.get(id).is_some_and(|change| change.kind == kind);
    has(id, ChangeKind::Create) && id.other_kind().is_some_and(|other| has(&other, ChangeKind::Drop))
}
