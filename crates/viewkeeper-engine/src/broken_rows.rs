//! Which typed rows a change breaks: columns that are gone, of another type or null where they never were, of tables under
//! a plan and of views that nothing is done to as well, with the names that `cargo build` gave their rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, ObjectId};
use crate::config::Settings;
use crate::generate;
use crate::hazard::{Hazard, HazardKind};
use crate::object::{column_changes, nullability_changes, relation_name};

/// Hazards of columns of relations that none of the changes is about: of tables what statements of a person's did, of
/// views that a column can be null since something below them changed.
pub(crate) fn beside<'c>(old: &Catalog, new: &Catalog, changed: impl Iterator<Item = &'c ObjectId>) -> Vec<Hazard> {
    let changed: BTreeSet<_> = changed.filter_map(relation_name).collect();
    let mut hazards = Vec::new();
    for before in old.relations.values().filter(|row| generate::has_rows(old, row)) {
        let Some(name) = old.relation_name(before.oid).filter(|name| !changed.contains(name)) else { continue };
        let Some(after) = new.relation_named(&name) else {
            if before.view.is_none() {
                hazards.push(Hazard::of(&name, HazardKind::BreaksCode, format!("table {name} is dropped")));
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
        hazards.extend(changes.iter().filter(|change| change.breaks_code()).map(|change| change.hazard(&name)));
    }
    hazards
}

/// Adds to hazards of columns which typed rows have them. `built_from` is the state that running code was built for.
pub(crate) fn name_rows(hazards: &mut [Hazard], built_from: &Catalog, settings: &Settings) {
    if hazards.iter().all(|hazard| hazard.relation.is_none()) {
        return;
    }
    let rows: BTreeMap<_, _> = generate::row_names(built_from, &settings.search_path, &settings.generate);
    for hazard in hazards {
        if let Some(row) = hazard.relation.take().and_then(|relation| rows.get(&relation)) {
            hazard.sentence.push_str(&format!(" (row `{row}`)"));
        }
    }
}
