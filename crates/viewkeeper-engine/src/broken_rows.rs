//! Which typed rows a change breaks: columns that are gone, of another type or null where they never were, of tables under
//! a plan and of views that nothing is done to as well, with the names that `cargo build` gave their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Catalog, ObjectId, Oid, Relation};
use crate::config::Settings;
use crate::generate;
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;
use crate::object::{ColumnChange, column_changes, nullability_changes, relation_name};

/// Hazards of columns of relations that none of the changes is about: of tables what statements of a person's did, of
/// views that a column can be null since something below them changed.
pub(crate) fn beside<'c>(old: &Catalog, new: &Catalog, changed: impl Iterator<Item = &'c ObjectId>) -> Vec<Hazard> {
    let changed: BTreeSet<_> = changed.filter_map(relation_name).collect();
    let mut hazards = Vec::new();
    for before in old.relations.values().filter(|row| generate::has_rows(old, row)) {
        let Some(name) = old.relation_name(before.oid).filter(|name| !changed.contains(name)) else { continue };
        // A view may take the name that a table gives away.
        let after = new.relation_named(&name).filter(|after| before.view.is_some() || after.view.is_none());
        let Some(after) = after else {
            if before.view.is_none() {
                let sentence = match new.relation_name(before.oid) {
                    Some(now) => format!("table {name} is `{now}` now: code that says the old name fails"),
                    None => format!("table {name} is dropped"),
                };
                hazards.push(Hazard::of(&name, HazardKind::BreaksCode, sentence));
            }
            continue;
        };
        if std::ptr::eq(&**before, after) {
            continue;
        }
        let changes = match before.view {
            Some(_) => nullability_changes(before, after),
            None => column_changes((old, before), (new, after)),
        };
        for change in changes.iter().filter(|change| change.breaks_code()) {
            hazards.push(renamed((&name, before), after, change).unwrap_or_else(|| change.hazard(&name)));
        }
    }
    hazards.extend(detached(old, new));
    hazards
}

/// A column of a table that seems to be dropped, and only has another name.
fn renamed((name, before): (&QualifiedName, &Relation), after: &Relation, change: &ColumnChange) -> Option<Hazard> {
    let ColumnChange::Dropped { name: column } = change else { return None };
    let (number, _) = before.column(column).filter(|_| before.view.is_none() && before.oid == after.oid)?;
    let now = &after.attribute(number).filter(|now| !now.dropped)?.name;
    let sentence = format!("column `{column}` of `{name}` is `{now}` now: code that says the old name fails");
    Some(Hazard::of(name, HazardKind::BreaksCode, sentence))
}

/// Tables that are no longer parts of others (`DETACH PARTITION`, `NO INHERIT`): readers of those miss their rows.
fn detached<'c>(old: &'c Catalog, new: &'c Catalog) -> impl Iterator<Item = Hazard> + 'c {
    let stays = |before: &&Arc<Relation>| new.relation(before.oid).is_some();
    old.relations.values().filter(stays).flat_map(move |before| {
        let left = move |parent: &&Oid| !new.relation(before.oid).is_some_and(|row| row.parents.contains(parent));
        before.parents.iter().filter(left).filter_map(move |parent| {
            new.relation(*parent)?;
            let (child, parent) = (new.relation_name(before.oid)?, old.relation_name(*parent)?);
            let word = if before.is_partition { "partition" } else { "child" };
            let sentence = format!("{word} `{child}` is detached from `{parent}`: queries of that miss its rows");
            Some(Hazard::of(&parent, HazardKind::BreaksCode, sentence))
        })
    })
}

/// Adds to hazards of columns which typed rows have them. `built_from` is the state that running code was built for.
pub(crate) fn name_rows(hazards: &mut [Hazard], built_from: &Catalog, settings: &Settings) {
    if hazards.iter().all(|hazard| hazard.relation.is_none()) {
        return;
    }
    let rows: BTreeMap<_, _> = generate::row_names(built_from, settings);
    for hazard in hazards {
        if let Some(row) = hazard.relation.take().and_then(|relation| rows.get(&relation)) {
            hazard.sentence.push_str(&format!(" (row `{row}`)"));
        }
    }
}
