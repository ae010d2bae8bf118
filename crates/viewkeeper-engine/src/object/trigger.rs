//! Triggers: replaced in place but for constraint triggers, which PostgreSQL does not replace.

use std::collections::BTreeSet;

use super::part;
use super::routine_text::Verb;
use super::{Action, Body, Difference, Kind, Statement};
use crate::catalog::{AttachedKind, Catalog, Firing, ObjectId, Provenance};
use crate::hazard::{Hazard, HazardKind};

/// `CREATE TRIGGER`.
#[derive(Debug)]
pub(super) struct Trigger;

impl Kind for Trigger {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        part::objects(catalog, AttachedKind::Trigger)
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        part::row(catalog, id).and_then(|(row, _)| row.provenance.as_ref())
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        part::depends_on(catalog, id)
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some((before, was)), Some((after, is))) = (part::row(old, id), part::row(new, id)) else {
            return difference;
        };
        if part::meaning(old, before) != part::meaning(new, after) {
            let constraint = |text: &str| text.starts_with("CREATE CONSTRAINT");
            let replaced = !constraint(&before.canonical) && !constraint(&after.canonical);
            difference.body = if replaced { Body::Replace } else { Body::Recreate };
            difference.details.push(match before.canonical == after.canonical {
                true => "the text is the same, but its names mean something else now".to_owned(),
                false if constraint(&before.canonical) != constraint(&after.canonical) => {
                    "a trigger becomes a constraint trigger, or the other way round".to_owned()
                }
                false => "its declaration changed".to_owned(),
            });
        }
        if was.firing != is.firing {
            difference.details.push(part::firing_words(id, is.firing));
            // What is kept over a recreation, or a replacement, is kept without it.
            if difference.body != Body::Same && is.firing == Firing::Origin {
                difference.take_away.extend(part::firing_statement(id, is.firing));
            } else {
                difference.alter.extend(part::firing_statement(id, is.firing));
            }
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        part::statements(Verb::Create, catalog, id)
    }

    /// A replaced trigger is enabled (`CreateTriggerFiringOn` in trigger.c).
    fn replace(&self, _old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        part::statements(Verb::Replace, new, id)
    }

    /// A state that is declared is stated again.
    fn is_reset(&self, new: &Catalog, id: &ObjectId) -> bool {
        part::row(new, id).is_some_and(|(_, source)| source.firing == Firing::Origin)
    }

    fn hazards(&self, _catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        let who = match action {
            Action::Drop => "readers",
            Action::Create | Action::Replace => "writers",
            _ => return Vec::new(),
        };
        super::lock_of_part(id, who)
    }

    fn drop_hazards(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        vec![Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped: what it did is done no longer"))]
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        part::search_path(catalog, id)
    }
}
