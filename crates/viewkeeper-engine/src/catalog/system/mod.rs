//! PostgreSQL's own catalog rows, embedded for every supported version: read in place, decoded row by row when first
//! asked for. No look-up by search path here.

mod blob;
mod codes;
mod decode;
mod found_operators;
mod layout;
mod write;

use std::ops::Range;
use std::sync::OnceLock;

use super::{
    Cast, Collation, FIRST_USER_OID, FamilyMember, Oid, Operator, OperatorClass, Relation, Routine, ServerVersion, Type,
};
use blob::Blob;
use found_operators::FoundOperators;
use layout::Section;
pub use write::{Rows, WriteError, write};

/// The rows of one version.
#[derive(Debug)]
pub struct System {
    version: ServerVersion,
    blob: Blob,
    schemas: OnceLock<Vec<(&'static str, Oid)>>,
    types: Slots<Type>,
    routines: Slots<Routine>,
    operators: Slots<Operator>,
    casts: Slots<Cast>,
    collations: Slots<Collation>,
    relations: Slots<Relation>,
    classes: OnceLock<Vec<OperatorClass>>,
    found_operators: FoundOperators,
}

/// Decoded rows by their place in the file, filled as they are asked for, and their places by number.
#[derive(Debug)]
struct Slots<T> {
    rows: Box<[OnceLock<Box<T>>]>,
    /// By number the place, plus one; made when a row is first asked for by number. A query asks thousands of times, and
    /// each search of the file would be a dozen steps.
    places: OnceLock<Box<[u16]>>,
    /// By name the part of the index by name; made when a row is first asked for by name.
    names: OnceLock<Vec<(&'static str, Range<usize>)>>,
}

impl<T> Slots<T> {
    fn new(rows: usize) -> Self {
        Self { rows: (0..rows).map(|_| OnceLock::new()).collect(), places: OnceLock::new(), names: OnceLock::new() }
    }

    fn get(&self, blob: Blob, row: usize, decode: fn(Blob, usize) -> T) -> Option<&T> {
        Some(self.rows.get(row)?.get_or_init(|| Box::new(decode(blob, row))))
    }

    /// The place of a number, of a table whose first word is the number.
    fn place(&self, blob: Blob, table: Section, oid: Oid) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let mut places = vec![0; FIRST_USER_OID as usize];
            for (row, place) in (0..blob.rows(table)).zip(1u16..) {
                if let Some(slot) = places.get_mut(blob.word(table, row, 0) as usize) {
                    *slot = place;
                }
            }
            places.into_boxed_slice()
        });
        usize::from(*places.get(oid.0 as usize)?).checked_sub(1)
    }

    /// The places of a name.
    fn named(
        &self,
        blob: Blob,
        (table, index): (Section, Section),
        name: &str,
    ) -> impl Iterator<Item = usize> + use<T> {
        let names = self.names.get_or_init(|| blob.parts_by_name(table, index));
        let found = names.binary_search_by(|(known, _)| (*known).cmp(name)).ok().and_then(|at| names.get(at));
        let part = found.map_or(0..0, |(_, part)| part.clone());
        part.map(move |at| blob.word(index, at, 0) as usize)
    }

    /// The first place of a name in a schema, of a table whose second and third words are schema and name.
    fn in_schema(&self, blob: Blob, of: (Section, Section), schema: Oid, name: &str) -> Option<usize> {
        self.named(blob, of, name).find(|row| blob.word(of.0, *row, 1) == schema.0)
    }
}

static SYSTEMS: [OnceLock<System>; ServerVersion::ALL.len()] = [const { OnceLock::new() }; ServerVersion::ALL.len()];

const FILES: [&[u8]; ServerVersion::ALL.len()] = [
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/14.bin")),
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/15.bin")),
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/16.bin")),
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/17.bin")),
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/18.bin")),
];

impl System {
    /// The rows of a version.
    ///
    /// # Panics
    /// When the file that was built in is of another layout; a test reads all of them.
    #[allow(clippy::expect_used, reason = "a test reads every file that is built in")]
    pub fn of(version: ServerVersion) -> &'static Self {
        let at = version as usize;
        SYSTEMS[at].get_or_init(|| {
            Self::from_bytes(version, FILES[at]).expect("the embedded catalog is of this layout and version")
        })
    }

    /// The rows in bytes that [`write`] made, `None` when they are of another layout or version.
    pub fn from_bytes(version: ServerVersion, bytes: &'static [u8]) -> Option<Self> {
        let blob = Blob::new(bytes, version.major())?;
        Some(Self {
            version,
            blob,
            schemas: OnceLock::new(),
            types: Slots::new(blob.rows(Section::Types)),
            routines: Slots::new(blob.rows(Section::Routines)),
            operators: Slots::new(blob.rows(Section::Operators)),
            casts: Slots::new(blob.rows(Section::Casts)),
            collations: Slots::new(blob.rows(Section::Collations)),
            relations: Slots::new(blob.rows(Section::Relations)),
            classes: OnceLock::new(),
            found_operators: FoundOperators::default(),
        })
    }

    /// The version.
    pub fn version(&self) -> ServerVersion {
        self.version
    }

    fn type_row(&self, row: usize) -> Option<&Type> {
        self.types.get(self.blob, row, decode::type_)
    }

    fn routine_row(&self, row: usize) -> Option<&Routine> {
        self.routines.get(self.blob, row, decode::routine)
    }

    fn operator_row(&self, row: usize) -> Option<&Operator> {
        self.operators.get(self.blob, row, decode::operator)
    }

    fn relation_row(&self, row: usize) -> Option<&Relation> {
        self.relations.get(self.blob, row, decode::relation)
    }

    fn collation_row(&self, row: usize) -> Option<&Collation> {
        self.collations.get(self.blob, row, decode::collation)
    }

    /// A type by number.
    pub fn type_(&self, oid: Oid) -> Option<&Type> {
        self.type_row(self.types.place(self.blob, Section::Types, oid)?)
    }

    /// A routine by number.
    pub fn routine(&self, oid: Oid) -> Option<&Routine> {
        self.routine_row(self.routines.place(self.blob, Section::Routines, oid)?)
    }

    /// An operator by number.
    pub fn operator(&self, oid: Oid) -> Option<&Operator> {
        self.operator_row(self.operators.place(self.blob, Section::Operators, oid)?)
    }

    /// A relation by number.
    pub fn relation(&self, oid: Oid) -> Option<&Relation> {
        self.relation_row(self.relations.place(self.blob, Section::Relations, oid)?)
    }

    /// A collation by number.
    pub fn collation(&self, oid: Oid) -> Option<&Collation> {
        self.collation_row(self.collations.place(self.blob, Section::Collations, oid)?)
    }

    fn schemas(&self) -> &[(&'static str, Oid)] {
        self.schemas.get_or_init(|| {
            let word = |row, at| self.blob.word(Section::Schemas, row, at);
            let rows = 0..self.blob.rows(Section::Schemas);
            rows.map(|row| (self.blob.text(word(row, 1)), Oid(word(row, 0)))).collect()
        })
    }

    /// The name of a schema.
    pub fn schema_name(&self, oid: Oid) -> Option<&'static str> {
        self.schemas().iter().find(|(_, number)| *number == oid).map(|(name, _)| *name)
    }

    /// A schema by name.
    pub fn schema_by_name(&self, name: &str) -> Option<Oid> {
        self.schemas().iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
    }

    /// The cast between two types.
    pub fn cast(&self, source: Oid, target: Oid) -> Option<&Cast> {
        let key = |row| (self.blob.word(Section::Casts, row, 0), self.blob.word(Section::Casts, row, 1));
        let row = self.blob.lower_bound(Section::Casts, |row| key(row).cmp(&(source.0, target.0)));
        (key(row) == (source.0, target.0)).then(|| self.casts.get(self.blob, row, decode::cast))?
    }

    /// A relation by schema and name.
    pub fn relation_by_name(&self, schema: Oid, name: &str) -> Option<&Relation> {
        self.relation_row(self.relations.in_schema(
            self.blob,
            (Section::Relations, Section::RelationNames),
            schema,
            name,
        )?)
    }

    /// A type by schema and name.
    pub fn type_by_name(&self, schema: Oid, name: &str) -> Option<&Type> {
        self.type_row(self.types.in_schema(self.blob, (Section::Types, Section::TypeNames), schema, name)?)
    }

    /// A collation by schema and name.
    pub fn collation_by_name(&self, schema: Oid, name: &str) -> Option<&Collation> {
        self.collation_row(self.collations.in_schema(
            self.blob,
            (Section::Collations, Section::CollationNames),
            schema,
            name,
        )?)
    }

    /// All routines of a name, in order of their numbers.
    pub fn routines_named(&self, name: &str) -> impl Iterator<Item = &Routine> + use<'_> {
        let rows = self.routines.named(self.blob, (Section::Routines, Section::RoutineNames), name);
        rows.filter_map(|row| self.routine_row(row))
    }

    /// All operators of a name, in order of their numbers.
    pub fn operators_named(&self, name: &str) -> impl Iterator<Item = &Operator> + use<'_> {
        let rows = self.operators.named(self.blob, (Section::Operators, Section::OperatorNames), name);
        rows.filter_map(|row| self.operator_row(row))
    }

    /// The operator of a name that [`System::remember_operator`] was told of these operands.
    pub fn found_operator(&self, name: &str, operands: (Oid, Oid)) -> Option<&Operator> {
        self.found_operators.first(operands, |oid| self.operator(oid).filter(|operator| operator.name == name))
    }

    /// Remembers which operator its name means over operands of PostgreSQL's own types (the left one invalid for a
    /// prefix operator) where nothing but PostgreSQL's own rows counts.
    pub fn remember_operator(&self, operands: (Oid, Oid), operator: Oid) {
        self.found_operators.insert(operands, operator);
    }

    /// Every relation, in order of their numbers.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> + use<'_> {
        (0..self.blob.rows(Section::Relations)).filter_map(|row| self.relation_row(row))
    }

    /// Every type, in order of their numbers.
    pub fn types(&self) -> impl Iterator<Item = &Type> + use<'_> {
        (0..self.blob.rows(Section::Types)).filter_map(|row| self.type_row(row))
    }

    /// Every routine, in order of their numbers.
    pub fn routines(&self) -> impl Iterator<Item = &Routine> + use<'_> {
        (0..self.blob.rows(Section::Routines)).filter_map(|row| self.routine_row(row))
    }

    /// Every operator, in order of their numbers.
    pub fn operators(&self) -> impl Iterator<Item = &Operator> + use<'_> {
        (0..self.blob.rows(Section::Operators)).filter_map(|row| self.operator_row(row))
    }

    /// Every cast, in order of source and target.
    pub fn casts(&self) -> impl Iterator<Item = &Cast> + use<'_> {
        (0..self.blob.rows(Section::Casts)).filter_map(|row| self.casts.get(self.blob, row, decode::cast))
    }

    /// Every collation, in order of their numbers.
    pub fn collations(&self) -> impl Iterator<Item = &Collation> + use<'_> {
        (0..self.blob.rows(Section::Collations)).filter_map(|row| self.collation_row(row))
    }

    /// Names of the relations of a schema, in order.
    pub fn relation_names_in(&self, schema: Oid) -> impl Iterator<Item = &'static str> + use<> {
        let blob = self.blob;
        (0..blob.rows(Section::RelationNames))
            .map(move |at| blob.word(Section::RelationNames, at, 0) as usize)
            .filter(move |row| blob.word(Section::Relations, *row, 1) == schema.0)
            .map(move |row| blob.text(blob.word(Section::Relations, row, 2)))
    }

    /// Names of routines, in order; overloaded ones repeat.
    pub fn routine_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.blob.names(Section::Routines, Section::RoutineNames)
    }

    /// Names of types, in order.
    pub fn type_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.blob.names(Section::Types, Section::TypeNames)
    }

    /// Operator classes of btree and hash.
    pub fn operator_classes(&self) -> &[OperatorClass] {
        self.classes.get_or_init(|| {
            (0..self.blob.rows(Section::OperatorClasses)).map(|row| decode::operator_class(self.blob, row)).collect()
        })
    }

    /// The operator of a family for two types and a strategy.
    pub fn family_operator(&self, family: Oid, left: Oid, right: Oid, strategy: u16) -> Option<Oid> {
        let wanted = [family.0, left.0, right.0, strategy.into()];
        let key = |row: usize| [0, 1, 2, 3].map(|word| self.blob.word(Section::FamilyMembers, row, word));
        let row = self.blob.lower_bound(Section::FamilyMembers, |row| key(row).cmp(&wanted));
        (key(row) == wanted).then(|| Oid(self.blob.word(Section::FamilyMembers, row, 4)))
    }

    /// All families that an operator is a member of.
    pub fn families_of(&self, operator: Oid) -> impl Iterator<Item = FamilyMember> + use<> {
        let blob = self.blob;
        let index = Section::FamilyMemberOperators;
        let member = move |at: usize| decode::family_member(blob, blob.word(index, at, 0) as usize);
        let first = blob.lower_bound(index, |at| member(at).operator.cmp(&operator));
        (first..blob.rows(index)).map(member).take_while(move |member| member.operator == operator)
    }

    /// Everything, decoded: what [`write`] turns into the same bytes again.
    pub fn rows(&self) -> Rows {
        let blob = self.blob;
        Rows {
            schemas: (0..blob.rows(Section::Schemas))
                .map(|row| super::Schema {
                    oid: Oid(blob.word(Section::Schemas, row, 0)),
                    name: blob.text(blob.word(Section::Schemas, row, 1)).to_owned(),
                    provenance: None,
                })
                .collect(),
            types: self.types().cloned().collect(),
            routines: self.routines().cloned().collect(),
            operators: self.operators().cloned().collect(),
            casts: self.casts().cloned().collect(),
            collations: self.collations().cloned().collect(),
            relations: self.relations().cloned().collect(),
            operator_classes: self.operator_classes().to_vec(),
            family_members: (0..blob.rows(Section::FamilyMembers))
                .map(|row| decode::family_member(blob, row))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
