//! Extensions of a state: which objects belong to each. Plain data; what brings them is said in `replay`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Catalog, FIRST_USER_OID, FamilyMember, Oid, OperatorClass, Provenance};

/// What belongs to an extension. Row types and array types come with what they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Member {
    Schema(Oid),
    Type(Oid),
    Relation(Oid),
    Routine(Oid),
    Operator(Oid),
    Collation(Oid),
    /// By its source and target type.
    Cast(Oid, Oid),
    /// An operator family.
    Family(Oid),
}

/// A row of pg_extension with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledExtension {
    /// Where its objects are.
    pub schema: Oid,
    /// Its version; none when nothing is known of what it brings.
    pub version: Option<String>,
    /// Whether it can be moved to another schema.
    pub relocatable: bool,
    /// Extensions that it needs.
    pub requires: Vec<String>,
    /// What belongs to it.
    pub members: BTreeSet<Member>,
    /// What its statement asked for.
    pub asked: AskedOfExtension,
    /// What made it; `None` where another one needed it.
    pub provenance: Option<Provenance>,
}

/// What a statement asks for of an extension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedOfExtension {
    /// `VERSION`.
    pub version: Option<String>,
    /// Whether `SCHEMA` can be said when it is made again: it cannot where the extension names its own.
    pub place: ExtensionPlace,
}

/// Who says where the objects of an extension are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ExtensionPlace {
    /// The extension itself, or nobody knows.
    #[default]
    Its,
    /// Whoever creates it.
    Chosen,
}

/// An operator class that a migration makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedClass {
    /// Its access method.
    pub method: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// Its row in [`ExtensionRows::operator_classes`].
    pub class: Oid,
    /// What goes with it.
    pub members: Vec<FamilyMember>,
}

/// An operator family that a migration makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFamily {
    /// Its access method.
    pub method: Oid,
    /// Its schema.
    pub schema: Oid,
    /// Its name.
    pub name: String,
    /// Its number in [`ExtensionRows::family_members`].
    pub family: Oid,
}

/// What extensions and migrations add to what is otherwise PostgreSQL's own only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRows {
    /// Rows of pg_opclass.
    pub operator_classes: Vec<OperatorClass>,
    /// Rows of pg_amop.
    pub family_members: Vec<FamilyMember>,
    /// PostgreSQL's own function whose code a function runs.
    pub same_code: BTreeMap<Oid, Oid>,
    /// Operator classes that migrations make.
    pub named_classes: Vec<NamedClass>,
    /// Operator families that migrations make.
    pub named_families: Vec<NamedFamily>,
}

impl Catalog {
    /// The extension that an object belongs to.
    pub fn extension_of(&self, member: Member) -> Option<&str> {
        // Nothing of PostgreSQL's own belongs to one.
        let (Member::Schema(oid)
        | Member::Type(oid)
        | Member::Relation(oid)
        | Member::Routine(oid)
        | Member::Operator(oid)
        | Member::Collation(oid)
        | Member::Family(oid)) = member
        else {
            return self.owner_of(member);
        };
        if oid.0 < FIRST_USER_OID { None } else { self.owner_of(member) }
    }

    fn owner_of(&self, member: Member) -> Option<&str> {
        self.extensions.iter().find(|(_, row)| row.members.contains(&member)).map(|(name, _)| name.as_str())
    }
}
