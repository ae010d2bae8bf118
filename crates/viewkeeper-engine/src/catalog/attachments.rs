//! Comments, privileges and owners of the objects of a state. Plain data, and what single statements do to it; which
//! objects a statement speaks of is said in `replay`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Catalog, DefaultPrivileges, Grantee, ObjectId, Origin, Privilege};
use crate::name::QualifiedName;

/// Comments, privileges and owners of the objects of a state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachments {
    /// `COMMENT ON`: columns under [`ObjectId::Column`].
    pub comments: BTreeMap<ObjectId, String>,
    /// `GRANT`, beyond what the owner has by default; the value is "with grant option".
    pub privileges: BTreeMap<ObjectId, BTreeMap<Privilege, bool>>,
    /// Privileges taken away that an object has by default (the owner's, `PUBLIC`'s).
    pub revoked: BTreeMap<ObjectId, BTreeSet<Privilege>>,
    /// `ALTER … OWNER TO`.
    pub owners: BTreeMap<ObjectId, String>,
    /// The part of `privileges` that hand-written migrations gave: definitions need not repeat it.
    pub given_by_hand: BTreeMap<ObjectId, BTreeMap<Privilege, bool>>,
    /// What default privileges did when the object was made: they say nothing of what is there already.
    pub given_when_made: BTreeMap<ObjectId, DefaultPrivileges>,
}

/// Who holds a privilege without being given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByDefault {
    /// Its holder has it from the start.
    Held,
    /// It has to be given.
    NotHeld,
}

/// What a `REVOKE` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The privilege.
    Privilege,
    /// Only the right to give it to others.
    GrantOption,
}

impl Attachments {
    /// `COMMENT ON`; an empty comment is none (`CreateComments` in comment.c).
    pub fn comment(&mut self, id: &ObjectId, text: &str) {
        if text.is_empty() {
            self.comments.remove(id);
        } else {
            self.comments.insert(id.clone(), text.to_owned());
        }
    }

    /// `ALTER … OWNER TO`; `None` is whoever runs the migrations. What the new owner held becomes one with what the owner
    /// has by default (`aclnewowner` in acl.c).
    pub fn own(&mut self, id: &ObjectId, owner: Option<&str>) {
        if let (Some(owner), Some(held)) = (owner, self.privileges.get_mut(id)) {
            held.retain(|held, _| held.grantee != Grantee::Role(owner.to_owned()));
            if held.is_empty() {
                self.privileges.remove(id);
            }
        }
        match owner {
            Some(owner) => self.owners.insert(id.clone(), owner.to_owned()),
            None => self.owners.remove(id),
        };
    }

    /// `GRANT`; whether something was given that its holder did not have from the start.
    pub fn give(&mut self, id: &ObjectId, held: &Privilege, with_grant_option: bool, default: ByDefault) -> bool {
        if let Some(made) = self.given_when_made.get_mut(id) {
            made.revoked.remove(held);
        }
        let restored = self.revoked.get_mut(id).is_some_and(|revoked| revoked.remove(held));
        self.revoked.retain(|_, revoked| !revoked.is_empty());
        if (restored || default == ByDefault::Held) && !with_grant_option {
            return false;
        }
        *self.privileges.entry(id.clone()).or_default().entry(held.clone()).or_default() |= with_grant_option;
        true
    }

    /// `REVOKE`.
    pub fn take(&mut self, id: &ObjectId, held: &Privilege, taken: Taken, default: ByDefault) {
        if let (Some(made), Taken::Privilege) = (self.given_when_made.get_mut(id), taken) {
            made.given.remove(held);
        }
        if let Some(privileges) = self.privileges.get_mut(id) {
            if taken == Taken::GrantOption {
                if let Some(option) = privileges.get_mut(held) {
                    *option = false;
                }
                return;
            }
            privileges.remove(held);
            if held.column.is_none() {
                // Taking a privilege on the whole takes it on every column too (ExecGrant_Relation in aclchk.c).
                privileges.retain(|other, _| !held.covers(other));
            }
            if privileges.is_empty() {
                self.privileges.remove(id);
            }
        }
        if default == ByDefault::Held && taken == Taken::Privilege && held.column.is_none() {
            self.revoked.entry(id.clone()).or_default().insert(held.clone());
        }
    }

    /// Forgets everything about one object.
    pub fn forget(&mut self, id: &ObjectId) {
        self.comments.remove(id);
        self.privileges.remove(id);
        self.revoked.remove(id);
        self.owners.remove(id);
        self.given_by_hand.remove(id);
        self.given_when_made.remove(id);
    }

    /// Forgets everything about the objects that a condition holds for.
    pub fn forget_all(&mut self, gone: impl Fn(&ObjectId) -> bool) {
        self.comments.retain(|id, _| !gone(id));
        self.privileges.retain(|id, _| !gone(id));
        self.revoked.retain(|id, _| !gone(id));
        self.owners.retain(|id, _| !gone(id));
        self.given_by_hand.retain(|id, _| !gone(id));
        self.given_when_made.retain(|id, _| !gone(id));
    }

    /// Forgets everything about a relation and its parts.
    pub fn forget_relation(&mut self, relation: &QualifiedName) {
        fn forget<V>(map: &mut BTreeMap<ObjectId, V>, places: &[Range<ObjectId>], relation: &QualifiedName) {
            for id in of_places(map, places, relation).map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                map.remove(&id);
            }
        }
        let places = ObjectId::places_of(relation);
        forget(&mut self.comments, &places, relation);
        forget(&mut self.privileges, &places, relation);
        forget(&mut self.revoked, &places, relation);
        forget(&mut self.owners, &places, relation);
        forget(&mut self.given_by_hand, &places, relation);
        forget(&mut self.given_when_made, &places, relation);
    }

    /// What is said of a relation and its parts.
    #[must_use]
    pub fn of_relation(&self, relation: &QualifiedName) -> Self {
        fn copy<V: Clone>(
            map: &BTreeMap<ObjectId, V>,
            places: &[Range<ObjectId>],
            relation: &QualifiedName,
        ) -> BTreeMap<ObjectId, V> {
            of_places(map, places, relation).map(|(id, value)| (id.clone(), value.clone())).collect()
        }
        let places = &ObjectId::places_of(relation);
        Self {
            comments: copy(&self.comments, places, relation),
            privileges: copy(&self.privileges, places, relation),
            revoked: copy(&self.revoked, places, relation),
            owners: copy(&self.owners, places, relation),
            given_by_hand: copy(&self.given_by_hand, places, relation),
            given_when_made: copy(&self.given_when_made, places, relation),
        }
    }

    /// Everything goes under new names.
    pub fn rename(&mut self, to: impl Fn(ObjectId) -> ObjectId) {
        fn moved<V>(map: &mut BTreeMap<ObjectId, V>, to: &impl Fn(ObjectId) -> ObjectId) {
            *map = std::mem::take(map).into_iter().map(|(id, value)| (to(id), value)).collect();
        }
        moved(&mut self.comments, &to);
        moved(&mut self.privileges, &to);
        moved(&mut self.revoked, &to);
        moved(&mut self.owners, &to);
        moved(&mut self.given_by_hand, &to);
        moved(&mut self.given_when_made, &to);
    }

    /// The privileges on a column go with its name.
    pub fn rename_column(&mut self, relation: &ObjectId, old: &str, new: &str) {
        for map in [&mut self.privileges, &mut self.given_by_hand] {
            let Some(privileges) = map.get_mut(relation) else { continue };
            let renamed = std::mem::take(privileges).into_iter().map(|(mut privilege, option)| {
                if privilege.column.as_deref() == Some(old) {
                    privilege.column = Some(new.to_owned());
                }
                (privilege, option)
            });
            *privileges = renamed.collect();
        }
    }

    /// The privileges on a column go with it.
    pub fn forget_column(&mut self, relation: &ObjectId, column: &str) {
        for map in [&mut self.privileges, &mut self.given_by_hand] {
            if let Some(privileges) = map.get_mut(relation) {
                privileges.retain(|privilege, _| privilege.column.as_deref() != Some(column));
            }
            map.retain(|_, privileges| !privileges.is_empty());
        }
    }

    /// Takes over what another state says of the objects that a condition holds for, and forgets what this one says.
    pub fn take_over(&mut self, other: &Self, of: impl Fn(&ObjectId) -> bool) {
        fn copy<V: Clone>(from: &BTreeMap<ObjectId, V>, of: impl Fn(&ObjectId) -> bool) -> BTreeMap<ObjectId, V> {
            from.iter().filter(|(id, _)| of(id)).map(|(id, value)| (id.clone(), value.clone())).collect()
        }
        self.forget_all(&of);
        self.comments.extend(copy(&other.comments, &of));
        self.privileges.extend(copy(&other.privileges, &of));
        self.revoked.extend(copy(&other.revoked, &of));
        self.owners.extend(copy(&other.owners, &of));
        self.given_by_hand.extend(copy(&other.given_by_hand, &of));
        self.given_when_made.extend(copy(&other.given_when_made, &of));
    }

    /// The objects that something is said of.
    pub fn spoken_of(&self) -> impl Iterator<Item = &ObjectId> {
        let given = self.privileges.keys().chain(self.revoked.keys());
        self.comments.keys().chain(given).chain(self.owners.keys())
    }

    /// Whether nothing is said of anything.
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty() && self.privileges.is_empty() && self.revoked.is_empty() && self.owners.is_empty()
    }
}

/// What a map holds of a relation and its parts. They are looked up, not looked for: what is said of thousands of relations
/// would be read for each one.
fn of_places<'m, V>(
    map: &'m BTreeMap<ObjectId, V>,
    places: &'m [Range<ObjectId>],
    relation: &'m QualifiedName,
) -> impl Iterator<Item = (&'m ObjectId, &'m V)> {
    let places = if map.is_empty() { &[] } else { places };
    places.iter().flat_map(|place| map.range(place.clone())).filter(|(id, _)| id.belongs_to(relation))
}

impl Catalog {
    /// Something is said of an object: what hand-written migrations say is also kept by itself.
    pub fn say(&mut self, origin: Origin, change: impl Fn(&mut Attachments)) {
        change(&mut self.attachments);
        if origin == Origin::HandWritten {
            change(Arc::make_mut(&mut self.said_by_hand));
        }
    }

    /// An object goes or gets another name, whoever said what of it.
    pub fn change_attachments(&mut self, change: impl Fn(&mut Attachments)) {
        change(&mut self.attachments);
        if !self.said_by_hand.is_empty() {
            change(Arc::make_mut(&mut self.said_by_hand));
        }
    }
}
