//! `ALTER DEFAULT PRIVILEGES`: what new objects are given. Plain data and look-ups.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Catalog, Grantee, ObjectId, Privilege};

/// Which new objects `ALTER DEFAULT PRIVILEGES` speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DefaultPrivilegeTarget {
    /// Only objects that this role makes; `None` for whoever runs the migrations.
    pub role: Option<String>,
    /// Only objects in this schema.
    pub schema: Option<String>,
    /// `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES`, `SCHEMAS`.
    pub objects: String,
}

/// What new objects are given, and what of that which they would have by themselves is taken from them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    /// Given; the value is "with grant option".
    pub given: BTreeMap<Privilege, bool>,
    /// Taken away.
    pub revoked: BTreeSet<Privilege>,
}

/// Everything that `ALTER DEFAULT PRIVILEGES` says.
pub type AllDefaultPrivileges = BTreeMap<DefaultPrivilegeTarget, DefaultPrivileges>;

impl DefaultPrivilegeTarget {
    /// Whether new objects of this sort have the privilege by themselves: `PUBLIC` may call functions and use types
    /// (`acldefault`). What is said of one schema only adds to that (`SetDefaultACL` in aclchk.c).
    pub fn has_by_itself(&self, held: &Privilege) -> bool {
        self.schema.is_none() && held.grantee == Grantee::Public && ["FUNCTIONS", "TYPES"].contains(&&*self.objects)
    }
}

impl DefaultPrivileges {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.revoked.is_empty()
    }

    /// `GRANT`.
    pub fn give(&mut self, target: &DefaultPrivilegeTarget, held: Privilege, with_grant_option: bool) {
        self.revoked.remove(&held);
        if !target.has_by_itself(&held) || with_grant_option {
            *self.given.entry(held).or_default() |= with_grant_option;
        }
    }

    /// `REVOKE`.
    pub fn take(&mut self, target: &DefaultPrivilegeTarget, held: Privilege) {
        self.given.remove(&held);
        if target.has_by_itself(&held) {
            self.revoked.insert(held);
        }
    }
}

impl Catalog {
    /// What an object is given that is made now. Rules for other roles than the one that runs the migrations do not
    /// apply, as long as no statement makes that role the creator.
    pub fn given_to_new(&self, id: &ObjectId) -> DefaultPrivileges {
        let objects = match id {
            ObjectId::Table(_) | ObjectId::View(_) | ObjectId::MaterializedView(_) => "TABLES",
            ObjectId::Sequence(_) => "SEQUENCES",
            ObjectId::Function(..) | ObjectId::Procedure(..) | ObjectId::Aggregate(..) => "FUNCTIONS",
            ObjectId::Type(_) => "TYPES",
            ObjectId::Schema(_) => "SCHEMAS",
            _ => return DefaultPrivileges::default(),
        };
        let mut found = DefaultPrivileges::default();
        for (target, row) in &self.default_privileges {
            let here = target.schema.is_none() || target.schema.as_deref() == id.schema();
            if here && target.role.is_none() && target.objects == objects {
                found.given.extend(row.given.iter().map(|(privilege, option)| (privilege.clone(), *option)));
                found.revoked.extend(row.revoked.iter().cloned());
            }
        }
        found
    }

    /// What is said of new objects in a schema goes with it, or follows its name.
    pub fn move_default_privileges(&mut self, old: &str, new: Option<&str>) {
        for said in [&mut self.default_privileges, &mut self.default_privileges_by_hand] {
            let here = |target: &DefaultPrivilegeTarget| target.schema.as_deref() == Some(old);
            let moved = said.iter().filter(|(target, _)| here(target)).map(|(target, row)| {
                (DefaultPrivilegeTarget { schema: new.map(str::to_owned), ..target.clone() }, row.clone())
            });
            let moved: AllDefaultPrivileges = if new.is_some() { moved.collect() } else { BTreeMap::new() };
            said.retain(|target, _| !here(target));
            said.extend(moved);
        }
    }

    /// What default privileges gave an object when it was made, also where that was of another kind since.
    pub fn given_when_made(&self, id: &ObjectId) -> Option<&DefaultPrivileges> {
        let other = match id {
            ObjectId::View(name) => Some(ObjectId::MaterializedView(name.clone())),
            ObjectId::MaterializedView(name) => Some(ObjectId::View(name.clone())),
            _ => None,
        };
        let given = &self.attachments.given_when_made;
        given.get(id).or_else(|| given.get(&other?))
    }
}
