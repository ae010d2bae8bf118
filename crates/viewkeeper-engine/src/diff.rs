//! What is different between two states, object by object. In which order it is brought about is `plan`'s.

use std::fmt;

use crate::catalog::{Catalog, ObjectId};
use crate::hazard::{Hazard, HazardKind};
use crate::object::{self, Body, Difference, KINDS, Kind};

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
    /// Another object whose recreation is the only reason for this change.
    pub because_of: Option<ObjectId>,
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
        }
    }
}

/// `replace public.active_users: only constants changed`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), describe(&self.id))?;
        if self.details.is_empty() { Ok(()) } else { write!(f, ": {}", self.details.join("; ")) }
    }
}

/// `view public.active_users`
pub fn describe(id: &ObjectId) -> String {
    match (object::kind_of(id), object::relation_name(id)) {
        (Some(kind), Some(name)) => format!("{} {name}", kind.word()),
        (None, Some(name)) => format!("table {name}"),
        _ => format!("{id:?}"),
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
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    changes
}

fn change(kind: &dyn Kind, old: &Catalog, new: &Catalog, id: &ObjectId, was: bool, is: bool) -> Option<Change> {
    let managed = (was && kind.is_managed(old, id)) || (is && kind.is_managed(new, id));
    if !managed {
        return None;
    }
    let name = describe(id);
    match (was, is) {
        (false, _) => Some(Change {
            id: id.clone(),
            kind: ChangeKind::Create,
            details: Vec::new(),
            hazards: Vec::new(),
            because_of: None,
        }),
        (true, false) => Some(Change {
            id: id.clone(),
            kind: ChangeKind::Drop,
            details: Vec::new(),
            hazards: vec![Hazard::new(HazardKind::BreaksCode, format!("{name} is dropped"))],
            because_of: None,
        }),
        (true, true) => {
            let difference = with_attachments(kind.compare(old, new, id), old, new, id);
            if difference.is_none() {
                return None;
            }
            let kind = match difference.body {
                Body::Same => ChangeKind::Alter,
                Body::Replace => ChangeKind::Replace,
                Body::Recreate => ChangeKind::Recreate,
            };
            Some(Change {
                id: id.clone(),
                kind,
                details: difference.details,
                hazards: difference.hazards,
                because_of: None,
            })
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
    for statement in &additions {
        if statement.sql.starts_with("GRANT ") {
            difference.hazards.push(Hazard::new(HazardKind::WidensAccess, format!("`{}`", statement.sql)));
        }
    }
    difference.details.extend(words);
    difference.take_away.extend(removals);
    difference.alter.extend(additions);
    difference
}
