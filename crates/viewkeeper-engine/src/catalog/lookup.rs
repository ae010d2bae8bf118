//! Reading a [`Catalog`]: rows by number and by name, PostgreSQL's own and the state's, as plain references. No
//! search path here (`resolve` knows it) and no rule about which row is meant.

use serde::{Deserialize, Serialize};

use super::system::System;
use super::{
    Attached, AttachedKind, Cast, Catalog, Collation, FIRST_USER_OID, Oid, Operator, Relation, Routine, Type, oids,
};

/// A member of an operator family (`pg_amop`), of access methods btree and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FamilyMember {
    /// The family.
    pub family: Oid,
    /// Left input type.
    pub left: Oid,
    /// Right input type.
    pub right: Oid,
    /// Strategy: of btree 1 `<`, 2 `<=`, 3 `=`, 4 `>=`, 5 `>`; of hash 1 `=`.
    pub strategy: u16,
    /// The operator.
    pub operator: Oid,
    /// The access method: [`oids::BTREE`] or [`oids::HASH`].
    pub method: Oid,
}

/// An operator class (`pg_opclass`), of access methods btree and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperatorClass {
    /// Its number.
    pub oid: Oid,
    /// The access method.
    pub method: Oid,
    /// The family it is in.
    pub family: Oid,
    /// The type it is for.
    pub input: Oid,
    /// Whether it is the default of its type.
    pub default: bool,
}

impl Catalog {
    /// PostgreSQL's own rows of this version.
    pub fn system(&self) -> &'static System {
        System::of(self.version)
    }

    /// A type by number.
    pub fn type_(&self, oid: Oid) -> Option<&Type> {
        self.types.get(&oid).map(|row| &**row).or_else(|| self.system().type_(oid))
    }

    /// A routine by number.
    pub fn routine(&self, oid: Oid) -> Option<&Routine> {
        self.routines.get(&oid).map(|row| &**row).or_else(|| self.system().routine(oid))
    }

    /// An operator by number.
    pub fn operator(&self, oid: Oid) -> Option<&Operator> {
        self.operators.get(&oid).map(|row| &**row).or_else(|| self.system().operator(oid))
    }

    /// A relation by number.
    pub fn relation(&self, oid: Oid) -> Option<&Relation> {
        self.relations.get(&oid).map(|row| &**row).or_else(|| self.system().relation(oid))
    }

    /// A collation by number.
    pub fn collation(&self, oid: Oid) -> Option<&Collation> {
        self.collations.get(&oid).map(|row| &**row).or_else(|| self.system().collation(oid))
    }

    /// The name of a schema.
    pub fn schema_name(&self, oid: Oid) -> Option<&str> {
        self.schemas.get(&oid).map(|row| row.name.as_str()).or_else(|| self.system().schema_name(oid))
    }

    /// The cast between two types, exactly as `pg_cast` has it.
    pub fn cast(&self, source: Oid, target: Oid) -> Option<&Cast> {
        self.casts.get(&(source, target)).map(|row| &**row).or_else(|| self.system().cast(source, target))
    }

    /// A schema by name.
    pub fn schema_by_name(&self, name: &str) -> Option<Oid> {
        self.index.schemas.get(name).copied().or_else(|| self.system().schema_by_name(name))
    }

    /// A relation by schema and name.
    pub fn relation_by_name(&self, schema: Oid, name: &str) -> Option<&Relation> {
        match self.index.relations.in_schema(schema, name) {
            Some(oid) => self.relation(oid),
            None => self.system().relation_by_name(schema, name),
        }
    }

    /// The relation that an index is on, by the index's schema (that of the relation) and name.
    pub fn relation_with_index(&self, schema: Oid, index: &str) -> Option<&Relation> {
        self.index.parts.in_schema(schema, index).and_then(|oid| self.relation(oid))
    }

    /// The tables that inherit from a table or are its partitions, without those below them, by number.
    pub fn children(&self, parent: Oid) -> impl Iterator<Item = Oid> + '_ {
        self.index.children.get(&parent).into_iter().flatten().copied()
    }

    /// The tables below a table, each once, the nearest first (`find_all_inheritors` in pg_inherits.c).
    pub fn descendants(&self, parent: Oid) -> Vec<Oid> {
        let mut found: Vec<Oid> = self.children(parent).collect();
        let mut at = 0;
        while let Some(next) = found.get(at).copied() {
            let new: Vec<Oid> = self.children(next).filter(|child| !found.contains(child)).collect();
            found.extend(new);
            at += 1;
        }
        found
    }

    /// A type by schema and name (`_int4` for the array of `int4`).
    pub fn type_by_name(&self, schema: Oid, name: &str) -> Option<&Type> {
        match self.index.types.in_schema(schema, name) {
            Some(oid) => self.type_(oid),
            None => self.system().type_by_name(schema, name),
        }
    }

    /// A collation by schema and name.
    pub fn collation_by_name(&self, schema: Oid, name: &str) -> Option<&Collation> {
        match self.index.collations.in_schema(schema, name) {
            Some(oid) => self.collation(oid),
            None => self.system().collation_by_name(schema, name),
        }
    }

    /// All routines of a name, in every schema: PostgreSQL's own first, then the state's.
    pub fn routines_named<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c Routine> + use<'c> {
        let own = self.index.routines.named(name).iter().filter_map(|(_, oid)| self.routine(*oid));
        self.system().routines_named(name).map(|row| -> &'c Routine { row }).chain(own)
    }

    /// All operators of a name, in every schema: PostgreSQL's own first, then the state's.
    pub fn operators_named<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c Operator> + use<'c> {
        let own = self.index.operators.named(name).iter().filter_map(|(_, oid)| self.operator(*oid));
        self.system().operators_named(name).map(|row| -> &'c Operator { row }).chain(own)
    }

    /// Whether an operator of this name over operands of these types is looked for among PostgreSQL's own rows only: no
    /// operator of the state has the name, and no cast of it is between PostgreSQL's own types.
    pub fn operator_is_systems(&self, name: &str, operands: (Oid, Oid)) -> bool {
        let is_systems = |oid: Oid| oid.0 < FIRST_USER_OID;
        let casts = || self.casts.range(..(Oid(FIRST_USER_OID), Oid::INVALID));
        is_systems(operands.0)
            && is_systems(operands.1)
            && self.index.operators.named(name).is_empty()
            && !casts().any(|((_, target), _)| is_systems(*target))
    }

    /// The default or generation expression of a column, or with number 0 the default of a domain.
    pub fn default_of(&self, owner: Oid, number: i16) -> Option<&Attached> {
        let mut attached = self.attached.get(&owner).into_iter().flatten();
        attached.find(|part| part.kind == AttachedKind::Default(number)).map(|part| &**part)
    }

    /// The relation whose row type this is.
    pub fn relation_of_type(&self, row_type: Oid) -> Option<&Relation> {
        self.type_(row_type).filter(|type_| type_.relation.is_valid()).and_then(|type_| self.relation(type_.relation))
    }

    /// Names of the relations in a schema, in order: the state's, and PostgreSQL's own of `information_schema` and
    /// `pg_catalog`.
    pub fn relation_names_in(&self, schema: Oid) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .relations
            .values()
            .filter(|relation| relation.schema == schema)
            .map(|relation| relation.name.as_str())
            .chain(self.system().relation_names_in(schema).map(shorten))
            .collect();
        names.sort_unstable();
        names
    }

    /// Every name that a routine has, in order and once.
    pub fn routine_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.index.routines.names().chain(self.system().routine_names().map(shorten)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every name that a type has, in order and once.
    pub fn type_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.index.types.names().chain(self.system().type_names().map(shorten)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The type at the bottom of a chain of domains, and the modifier that the chain gives it (`getBaseTypeAndTypmod`).
    pub fn base_type_and_typmod(&self, oid: Oid, typmod: i32) -> (Oid, i32) {
        let (mut oid, mut typmod) = (oid, typmod);
        while let Some(type_) = self.type_(oid) {
            if type_.kind != super::TypeKind::Domain {
                break;
            }
            (oid, typmod) = (type_.base, type_.base_typmod);
        }
        (oid, typmod)
    }

    /// The type at the bottom of a chain of domains (`getBaseType`).
    pub fn base_type(&self, oid: Oid) -> Oid {
        self.base_type_and_typmod(oid, -1).0
    }

    /// What a true array (or a domain's base that is one) has as elements, or invalid (`get_element_type`).
    pub fn element_type(&self, oid: Oid) -> Oid {
        match self.type_(oid) {
            Some(type_) if type_.subscripting == super::Subscripting::Array => type_.element,
            _ => Oid::INVALID,
        }
    }

    /// [`Catalog::element_type`] of the type below a domain (`get_base_element_type`).
    pub fn base_element_type(&self, oid: Oid) -> Oid {
        self.element_type(self.base_type(oid))
    }

    /// The type of arrays of a type, or invalid (`get_array_type`).
    pub fn array_type(&self, oid: Oid) -> Oid {
        self.type_(oid).map_or(Oid::INVALID, |type_| type_.array)
    }

    /// The type of `ARRAY(SELECT …)` over a type: an array stays what it is (`get_promoted_array_type`).
    pub fn promoted_array_type(&self, oid: Oid) -> Oid {
        let array = self.array_type(oid);
        if array.is_valid() {
            array
        } else if self.element_type(oid).is_valid() {
            oid
        } else {
            Oid::INVALID
        }
    }

    /// The collation that a type has by itself, or invalid (`get_typcollation`).
    pub fn type_collation(&self, oid: Oid) -> Oid {
        self.type_(oid).map_or(Oid::INVALID, |type_| type_.collation)
    }

    /// The default operator class of a type and access method, of exactly this type.
    pub fn default_operator_class(&self, method: Oid, type_: Oid) -> Option<OperatorClass> {
        self.operator_classes().find(|class| class.method == method && class.input == type_ && class.default)
    }

    /// The operator of a family for two types and a strategy (`get_opfamily_member`).
    pub fn family_operator(&self, family: Oid, left: Oid, right: Oid, strategy: u16) -> Option<Oid> {
        let is_meant = |member: &&FamilyMember| {
            (member.family, member.left, member.right, member.strategy) == (family, left, right, strategy)
        };
        let own = self.extension_rows.family_members.iter().find(is_meant).map(|member| member.operator);
        own.or_else(|| self.system().family_operator(family, left, right, strategy))
    }

    /// All families that an operator is a search member of.
    pub fn families_of(&self, operator: Oid) -> impl Iterator<Item = FamilyMember> + use<'_> {
        let own = self.extension_rows.family_members.iter().copied().filter(move |member| member.operator == operator);
        self.system().families_of(operator).chain(own)
    }

    /// Operator classes of btree and hash: PostgreSQL's own first.
    pub fn operator_classes(&self) -> impl Iterator<Item = OperatorClass> + use<'_> {
        self.system().operator_classes().iter().chain(&self.extension_rows.operator_classes).copied()
    }

    /// Whether a type is composite: a row type, or `record`.
    pub fn is_composite(&self, oid: Oid) -> bool {
        oid == oids::RECORD || self.type_(oid).is_some_and(|type_| type_.kind == super::TypeKind::Composite)
    }
}

/// A name that lives forever, as one that lives as long as the caller needs: iterators of both then chain.
fn shorten<'c>(name: &'static str) -> &'c str {
    name
}

impl Catalog {
    /// Extended statistics by their name.
    pub fn statistics_named(&self, name: &crate::name::QualifiedName) -> Option<(Oid, &super::ExtendedStatistics)> {
        let schema = self.schema_by_name(&name.schema)?;
        let mut rows = self.statistics.iter().filter(|(_, row)| row.schema == schema && row.name == name.name);
        rows.next().map(|(oid, row)| (*oid, &**row))
    }
}
