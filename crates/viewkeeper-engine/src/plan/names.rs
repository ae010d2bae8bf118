//! Names that are in the way: an object that cannot be made as long as another one is there.

use super::States;
use crate::catalog::{Catalog, NameKey, ObjectId};
use crate::object::{self, kind_of, relation_name};

impl States<'_> {
    /// Whether the new state of an object cannot be made as long as `gone` is there, since its text would mean that: it
    /// uses another routine of the name, or another relation or type that comes after it in the search path.
    pub(super) fn is_hidden_by(&self, id: &ObjectId, gone: &ObjectId) -> bool {
        let name = namesake(gone);
        let needed = self.needed(id);
        let used = self.new_graph.get(id).into_iter().flatten().chain(&needed);
        let mut namesakes = used.filter(|used| *used != gone && namesake(used) == name).peekable();
        if name.is_none() || namesakes.peek().is_none() {
            return false;
        }
        if routine_name(gone).is_some() {
            return true;
        }
        let path = kind_of(id).map_or(&[][..], |kind| kind.search_path(self.new, id));
        let place = |id: &ObjectId| path.iter().position(|schema| Some(schema.as_str()) == id.schema());
        namesakes.any(|used| place(gone).zip(place(used)).is_some_and(|(gone, used)| gone < used))
    }

    /// Whether another object takes a name that this one, which stays, no longer has: that of an index.
    pub(super) fn gives_names_away(&self, id: &ObjectId) -> bool {
        let kept = names(self.new, id);
        let given: Vec<NameKey> = names(self.old, id).into_iter().filter(|name| !kept.contains(name)).collect();
        !given.is_empty()
            && object::KINDS
                .iter()
                .flat_map(|kind| kind.objects(self.new))
                .any(|other| other != *id && names(self.new, &other).iter().any(|name| given.contains(name)))
    }
}

/// The names that an object takes.
pub(super) fn names(catalog: &Catalog, id: &ObjectId) -> Vec<NameKey> {
    kind_of(id).map_or_else(|| vec![id.name_key()], |kind| kind.names(catalog, id))
}

/// What a text says of an object that can be meant without its schema: relations and types share their names.
pub(super) fn namesake(id: &ObjectId) -> Option<(bool, &str)> {
    match id {
        ObjectId::Type(_) => Some((false, id.name())),
        id if relation_name(id).is_some() => Some((false, id.name())),
        id => routine_name(id).map(|name| (true, name)),
    }
}

/// The name of a routine, whatever its schema and inputs.
fn routine_name(id: &ObjectId) -> Option<&str> {
    matches!(id.name_key(), NameKey::Routine(..)).then(|| id.name())
}
