//! Row security of tables, switched by `ALTER TABLE` beside the policies.

use std::collections::BTreeSet;

use super::{Action, Difference, Kind, Statement};
use crate::catalog::{Catalog, ObjectId, Persistence, Provenance, RowSecurity as Row};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};

/// `ALTER TABLE … ENABLE ROW LEVEL SECURITY`.
#[derive(Debug)]
pub(super) struct RowSecurity;

fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Row> {
    catalog.row_security.get(&catalog.relation_named(id.part_of()?)?.oid)
}

fn statement(id: &ObjectId, commands: &[&str]) -> Vec<Statement> {
    let (Some(table), false) = (id.part_of(), commands.is_empty()) else { return Vec::new() };
    let commands: Vec<String> = commands.iter().map(|command| format!("{command} ROW LEVEL SECURITY")).collect();
    vec![Statement::new(format!("ALTER TABLE {table} {}", commands.join(", ")))]
}

impl Kind for RowSecurity {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let kept = catalog
            .row_security
            .keys()
            .filter(|oid| catalog.relations.get(oid).is_some_and(|row| row.persistence != Persistence::Temporary));
        kept.filter_map(|oid| catalog.relation_name(*oid)).map(ObjectId::RowSecurity).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        row(catalog, id).map(|row| &row.provenance)
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let table = id.part_of().and_then(|name| catalog.relation_named(name));
        table.and_then(|table| graph::relation_id(catalog, table.oid)).into_iter().collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(before), Some(after)) = (row(old, id), row(new, id)) else { return difference };
        let mut commands = Vec::new();
        if before.enabled != after.enabled {
            commands.push(if after.enabled { "ENABLE" } else { "DISABLE" });
            difference.details.push(if after.enabled { "it is enabled" } else { "it is disabled" }.to_owned());
        }
        if before.forced != after.forced {
            commands.push(if after.forced { "FORCE" } else { "NO FORCE" });
            let words = if after.forced { "it holds for the owner too" } else { "it holds for the owner no longer" };
            difference.details.push(words.to_owned());
        }
        difference.alter = statement(id, &commands);
        difference.hazards = opened(id, before, Some(after));
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let Some(row) = row(catalog, id) else { return Vec::new() };
        let commands = [(row.enabled, "ENABLE"), (row.forced, "FORCE")];
        statement(id, &commands.into_iter().filter(|(on, _)| *on).map(|(_, word)| word).collect::<Vec<_>>())
    }

    fn drop(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let Some(row) = row(catalog, id) else { return Vec::new() };
        let commands = [(row.enabled, "DISABLE"), (row.forced, "NO FORCE")];
        statement(id, &commands.into_iter().filter(|(on, _)| *on).map(|(_, word)| word).collect::<Vec<_>>())
    }

    fn hazards(&self, _catalog: &Catalog, id: &ObjectId, _action: Action) -> Vec<Hazard> {
        super::lock_of_part(id, "readers")
    }

    fn drop_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        row(catalog, id).map(|row| opened(id, row, None)).unwrap_or_default()
    }

    fn create_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let Some(table) = id.part_of().filter(|_| row(catalog, id).is_some_and(|row| row.enabled)) else {
            return Vec::new();
        };
        let sentence =
            format!("only rows of `{table}` that a policy allows are seen and changed, by all but its owner");
        vec![Hazard::new(HazardKind::BreaksCode, sentence)]
    }
}

/// Who sees more than before.
fn opened(id: &ObjectId, old: &Row, new: Option<&Row>) -> Vec<Hazard> {
    let Some(table) = id.part_of() else { return Vec::new() };
    let mut sentences = Vec::new();
    if old.enabled && !new.is_some_and(|new| new.enabled) {
        sentences.push(format!("no policy of `{table}` holds any longer: everybody who may read it sees all its rows"));
    } else if old.forced && !new.is_some_and(|new| new.forced) {
        sentences.push(format!("no policy of `{table}` holds for its owner any longer"));
    }
    sentences.into_iter().map(|sentence| Hazard::new(HazardKind::WidensAccess, sentence)).collect()
}
