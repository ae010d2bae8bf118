//! What is different between two states, object by object. In which order it is brought about is `plan`'s.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::{fmt, mem};

use crate::catalog::{Catalog, NameKey, ObjectId};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::object::{self, Body, Difference, KINDS, Kind, is_there};
use crate::untold::name_untold_renames;

/// What happens to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The object.
    pub id: ObjectId,
    /// What happens.
    pub kind: ChangeKind,
    /// What is different, in words for a person; the first says most.
    pub details: Vec<String>,
    /// What it risks.
    pub hazards: Vec<Hazard>,
    /// The statements for it; its words and hazards are those above.
    pub difference: Difference,
    /// Another object whose recreation is the only reason for this change.
    pub because_of: Option<ObjectId>,
}

impl Change {
    /// A change without statements of its own.
    pub fn new(id: ObjectId, kind: ChangeKind) -> Self {
        Self { id, kind, details: Vec::new(), hazards: Vec::new(), difference: Difference::none(), because_of: None }
    }
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// It is replaced in place.
    Replace,
    /// It is dropped and made anew.
    Recreate,
    /// It goes.
    Drop,
    /// Only what hangs on it changes: options, comments, privileges, indexes, owner.
    Alter,
    /// It, or a part of it, has another name; what else changes is a change of what has the new name.
    Rename,
}

impl ChangeKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Recreate => "recreate",
            Self::Drop => "drop",
            Self::Alter => "alter",
            Self::Rename => "rename",
        }
    }
}

/// `replace public.active_users: only constants changed`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.id)?;
        if self.details.is_empty() { Ok(()) } else { write!(f, ": {}", self.details.join("; ")) }
    }
}

/// Everything that is different between the objects that viewkeeper keeps, in the order of their names.
pub fn diff(old: &Catalog, new: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for kind in KINDS.iter().copied() {
        let (before, after) = (kind.objects(old), kind.objects(new));
        for id in before.union(&after) {
            changes.extend(change(kind, old, new, id, before.contains(id), after.contains(id)));
        }
    }
    said_of_others(old, new, &mut changes);
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    name_other_signatures(&mut changes);
    name_moved_queries(old, new, &mut changes);
    name_untold_renames(old, new, &mut changes);
    changes
}

/// Comments, privileges and owners that definitions give objects which they do not declare.
fn said_of_others(old: &Catalog, new: &Catalog, changes: &mut Vec<Change>) {
    if old.attachments == new.attachments {
        return;
    }
    let known: BTreeSet<ObjectId> = changes.iter().map(|change| change.id.clone()).collect();
    let spoken_of = old.attachments.spoken_of().chain(new.attachments.spoken_of());
    let wholes: BTreeSet<ObjectId> = spoken_of.filter_map(|id| whole(old, new, id)).collect();
    for id in wholes.into_iter().filter(|id| !known.contains(id)) {
        let kind = object::kind_of(&id).filter(|kind| kind.is_managed(old, &id) || kind.is_managed(new, &id));
        let mut difference = with_attachments(Difference::none(), old, new, &id);
        if kind.is_none() && !difference.is_none() {
            let (details, hazards) = (mem::take(&mut difference.details), mem::take(&mut difference.hazards));
            changes.push(Change { details, hazards, difference, ..Change::new(id, ChangeKind::Alter) });
        }
    }
}

/// The object that something is said of, or of a part of: nothing where it is in one of the states only.
fn whole(old: &Catalog, new: &Catalog, id: &ObjectId) -> Option<ObjectId> {
    let relation = match id {
        ObjectId::Column(relation, _) | ObjectId::Constraint(relation, _) | ObjectId::Index(_, relation) => relation,
        ObjectId::DomainConstraint(domain, _) => return Some(ObjectId::Type(domain.clone())),
        id if object::relation_name(id).is_none() => return Some(id.clone()),
        id => object::relation_name(id)?,
    };
    let of = |catalog: &Catalog| graph::relation_id(catalog, catalog.relation_named(relation)?.oid);
    of(old).filter(|whole| of(new).as_ref() == Some(whole))
}

/// A relation whose new query is the one that another had, which has it no longer: a person moved names. Readers follow
/// the names, and so does what was given by hand, which then covers other rows than it was given for.
fn name_moved_queries(old: &Catalog, new: &Catalog, changes: &mut [Change]) {
    let query = |catalog: &Catalog, id: &ObjectId| -> Option<Arc<str>> {
        let view = catalog.relation_named(object::relation_name(id)?)?.view.as_ref()?;
        Some(Arc::clone(&view.canonical_query))
    };
    let moved_from: Vec<(ObjectId, Arc<str>)> = changes
        .iter()
        .filter_map(|change| Some((change.id.clone(), query(old, &change.id)?)))
        .filter(|(id, text)| query(new, id).as_ref() != Some(text))
        .collect();
    for change in changes.iter_mut() {
        let (Some(before), Some(after)) = (query(old, &change.id), query(new, &change.id)) else { continue };
        if before == after {
            continue;
        }
        // One that read the other showed those rows before.
        let read = object::kind_of(&change.id).map_or_else(BTreeSet::new, |kind| kind.depends_on(old, &change.id));
        let other =
            moved_from.iter().find(|(other, text)| *other != change.id && *text == after && !read.contains(other));
        if let (Some((other, _)), Some(name)) = (other, object::relation_name(&change.id)) {
            change.details.push(format!("its query is the one that {other} had"));
            change.hazards.push(Hazard::new(
                HazardKind::WidensAccess,
                format!(
                    "`{name}` shows what {other} showed: privileges given outside the definitions stay with the name"
                ),
            ));
        }
    }
}

/// A routine with other inputs, or of another kind, is another routine: it does not take the place of the one that goes.
fn name_other_signatures(changes: &mut [Change]) {
    let routine = |id: &ObjectId| match id.name_key() {
        NameKey::Routine(name, inputs) => Some((name, inputs)),
        _ => None,
    };
    let of = |kind: ChangeKind| -> Vec<ObjectId> {
        let some = changes.iter().filter(|change| change.kind == kind);
        some.filter(|change| routine(&change.id).is_some()).map(|change| change.id.clone()).collect()
    };
    let (created, dropped) = (of(ChangeKind::Create), of(ChangeKind::Drop));
    for change in changes.iter_mut() {
        let (others, goes) = match change.kind {
            ChangeKind::Create => (&dropped, "goes"),
            ChangeKind::Drop => (&created, "comes"),
            _ => continue,
        };
        let Some((name, inputs)) = routine(&change.id) else { continue };
        for other in others {
            let Some((_, others_inputs)) = routine(other).filter(|(others_name, _)| *others_name == name) else {
                continue;
            };
            let differs = if others_inputs == inputs { "of another kind" } else { "with other inputs" };
            change.details.push(format!("a routine {differs} is another one; this one {goes}: {other}"));
        }
    }
}

fn change(kind: &dyn Kind, old: &Catalog, new: &Catalog, id: &ObjectId, was: bool, is: bool) -> Option<Change> {
    let managed = (was && kind.is_managed(old, id)) || (is && kind.is_managed(new, id));
    if !managed {
        return None;
    }
    match (was, is) {
        (false, _) => {
            let details = id.other_kind().filter(|other| is_there(old, other));
            let details = details.map(|other| format!("it comes in the place of {other}")).into_iter().collect();
            let hazards = kind.create_hazards(new, id);
            Some(Change { details, hazards, ..Change::new(id.clone(), ChangeKind::Create) })
        }
        (true, false) => {
            let mut change =
                Change { hazards: kind.drop_hazards(old, id), ..Change::new(id.clone(), ChangeKind::Drop) };
            if let Some(successor) = id.other_kind().filter(|other| is_there(new, other)) {
                change.difference.removals = object::removals_for(old, id, new, &successor);
                change.hazards.extend(object::change_of_kind_hazards(old, id, &successor));
            }
            Some(change)
        }
        (true, true) => {
            let mut difference = with_attachments(kind.compare(old, new, id), old, new, id);
            if difference.is_none() {
                return None;
            }
            let kind = match difference.body {
                Body::Same => ChangeKind::Alter,
                Body::Replace => ChangeKind::Replace,
                Body::Recreate => ChangeKind::Recreate,
            };
            let (details, hazards) = (mem::take(&mut difference.details), mem::take(&mut difference.hazards));
            Some(Change { details, hazards, difference, ..Change::new(id.clone(), kind) })
        }
    }
}

/// A difference with that of comments, privileges and owner added.
fn with_attachments(mut difference: Difference, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
    let removals = object::removals(old, new, id);
    let additions = object::additions(Some(old), new, id);
    let mut words: Vec<String> = Vec::new();
    for statement in removals.iter().chain(&additions) {
        let first = statement.sql.split_whitespace().next().unwrap_or_default();
        let word = match first {
            "COMMENT" => "comment changed",
            "ALTER" => "owner changed",
            "GRANT" => "privileges given",
            _ => "privileges taken away",
        };
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    for statement in removals.iter().chain(&additions) {
        if statement.sql.starts_with("GRANT ") {
            difference.hazards.push(Hazard::new(HazardKind::WidensAccess, format!("`{}`", statement.sql)));
        }
    }
    difference.details.extend(words);
    (difference.removals, difference.additions) = (removals, additions);
    difference
}
