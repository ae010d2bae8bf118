//! Event triggers: whether they are in force is switched in place, everything else recreates them.

use std::collections::BTreeSet;

use super::{Body, Difference, Kind, Statement};
use crate::catalog::{Catalog, EventTrigger as Row, Firing, ObjectId, Provenance};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::name::{QualifiedName, quote_ident, quote_literal};

/// `CREATE EVENT TRIGGER`.
#[derive(Debug)]
pub(super) struct EventTrigger;

fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Row> {
    catalog.event_triggers.get(id.name()).map(|row| &**row)
}

fn function(catalog: &Catalog, row: &Row) -> Option<QualifiedName> {
    let function = catalog.routine(row.function)?;
    Some(QualifiedName::new(catalog.schema_name(function.schema)?, &*function.name))
}

fn firing_statement(id: &ObjectId, firing: Firing) -> Statement {
    let verb = match firing {
        Firing::Origin => "ENABLE",
        Firing::Always => "ENABLE ALWAYS",
        Firing::Replica => "ENABLE REPLICA",
        Firing::Disabled => "DISABLE",
    };
    Statement::new(format!("ALTER {} {verb}", id.sql()))
}

impl Kind for EventTrigger {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        catalog.event_triggers.keys().cloned().map(ObjectId::EventTrigger).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        row(catalog, id).map(|row| &row.provenance)
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        row(catalog, id).and_then(|row| graph::routine_id(catalog, row.function)).into_iter().collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(before), Some(after)) = (row(old, id), row(new, id)) else { return difference };
        let meaning = |catalog: &Catalog, row: &Row| (row.event.clone(), row.tags.clone(), function(catalog, row));
        if meaning(old, before) != meaning(new, after) {
            difference.body = Body::Recreate;
            difference.details.push("its declaration changed".to_owned());
            difference.hazards.extend(self.create_hazards(new, id));
        }
        if before.firing != after.firing {
            difference.details.push(super::part::firing_words(id, after.firing));
            match difference.body {
                // What is kept over a recreation is kept without it.
                Body::Recreate => difference.take_away.push(firing_statement(id, Firing::Origin)),
                _ => difference.alter.push(firing_statement(id, after.firing)),
            }
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let Some((row, function)) = row(catalog, id).and_then(|row| Some((row, function(catalog, row)?))) else {
            return Vec::new();
        };
        let mut sql = format!("CREATE {} ON {}", id.sql(), quote_ident(&row.event));
        if !row.tags.is_empty() {
            let tags: Vec<String> = row.tags.iter().map(|tag| quote_literal(tag).trim_start().to_owned()).collect();
            sql.push_str(&format!(" WHEN TAG IN ({})", tags.join(", ")));
        }
        sql.push_str(&format!(" EXECUTE FUNCTION {function}()"));
        let mut statements = vec![Statement::new(sql)];
        if row.firing != Firing::Origin {
            statements.push(firing_statement(id, row.firing));
        }
        statements
    }

    fn drop_hazards(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        vec![Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped: what it did is done no longer"))]
    }

    fn create_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let Some(row) = row(catalog, id) else { return Vec::new() };
        let when = match row.tags.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => "every command of its event".to_owned(),
            tags => format!("every {}", tags.join(", ")),
        };
        let sentence = format!(
            "{id} runs at {when} of everybody, later migrations included, and can fail it; only a superuser may make it"
        );
        vec![Hazard::new(HazardKind::BreaksCode, sentence)]
    }
}
