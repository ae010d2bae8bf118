//! Rules, but for those that are a view's query: replaced in place.

use std::collections::BTreeSet;

use super::part;
use super::routine_text::Verb;
use super::{Action, Body, Difference, Kind, Statement};
use crate::catalog::{AttachedKind, Catalog, ObjectId, Provenance};
use crate::hazard::{Hazard, HazardKind};

/// `CREATE RULE`.
#[derive(Debug)]
pub(super) struct Rule;

impl Kind for Rule {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        part::objects(catalog, AttachedKind::Rule)
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
            difference.body = Body::Replace;
            difference.details.push(if before.canonical == after.canonical {
                "the text is the same, but its names mean something else now".to_owned()
            } else {
                "its declaration changed".to_owned()
            });
        }
        if was.firing != is.firing {
            difference.details.push(part::firing_words(id, is.firing));
            difference.alter.extend(part::firing_statement(id, is.firing));
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        part::statements(Verb::Create, catalog, id)
    }

    /// A replaced rule stays in force as it was (`InsertRule` in rewriteDefine.c).
    fn replace(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let mut statements: Vec<_> = part::statements(Verb::Replace, new, id).into_iter().take(1).collect();
        if let (Some((_, was)), Some((_, is))) = (part::row(old, id), part::row(new, id))
            && was.firing != is.firing
        {
            statements.extend(part::firing_statement(id, is.firing));
        }
        statements
    }

    fn hazards(&self, _catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        match action {
            Action::Drop | Action::Create | Action::Replace => super::lock_of_part(id, "readers"),
            _ => Vec::new(),
        }
    }

    fn drop_hazards(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        vec![Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped: what it did is done no longer"))]
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        part::search_path(catalog, id)
    }
}
