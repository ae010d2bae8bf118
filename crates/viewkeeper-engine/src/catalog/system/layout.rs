//! The layout of an embedded catalog: which tables it has and how wide their rows are. Everything is a little-endian
//! 32-bit word, except the text pool.
//!
//! The file is a header (magic, major version, then offset and number of rows of each [`Section`]) and the sections.
//! A text is an offset into [`Section::Texts`] (16 bits of length, then UTF-8); a list is an index of a word in
//! [`Section::Lists`] (number of items, then the items), with list 0 the empty one.

/// What a file begins with; the last byte is the version of the layout.
pub(super) const MAGIC: [u8; 8] = *b"VKCATLG\x01";

/// The words between the magic and the table of sections: the major version.
pub(super) const HEADER_BYTES: usize = 12;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident: $width:literal,)*) => {
        /// A part of the file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Section {
            $($(#[$doc])* $name,)*
        }

        impl Section {
            /// Every section, in the order of the file.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Words in a row; of the text pool bytes in a row.
            pub(super) fn width(self) -> usize {
                match self {
                    $(Self::$name => $width,)*
                }
            }

            /// Bytes in a row.
            pub(super) fn row_bytes(self) -> usize {
                match self {
                    Self::Texts => 1,
                    _ => self.width() * 4,
                }
            }
        }
    };
}

sections! {
    Texts: 1,
    Lists: 1,
    /// number, name
    Schemas: 2,
    /// By number: number, schema, name, flags, length, relation, element, array, input, modifier input, base, base
    /// modifier, dimensions, collation, labels, range
    Types: 16,
    /// Rows of `Types` by (name, schema)
    TypeNames: 1,
    /// By number: number, schema, name, flags, variadic, result, inputs, parameters, language, aggregate
    Routines: 10,
    /// Rows of `Routines` by (name, number)
    RoutineNames: 1,
    /// By number: number, schema, name, left, right, result, function, commutator, negator, flags
    Operators: 10,
    /// Rows of `Operators` by (name, number)
    OperatorNames: 1,
    /// By (source, target): source, target, function, flags
    Casts: 4,
    /// By number: number, schema, name, deterministic
    Collations: 4,
    /// Rows of `Collations` by (name, schema)
    CollationNames: 1,
    /// By number: number, schema, name, kind, row type, first column, columns, first constraint, constraints
    Relations: 9,
    /// Rows of `Relations` by (name, schema)
    RelationNames: 1,
    /// Of relations one after the other: name, type, modifier, collation, flags
    Columns: 5,
    /// Of relations one after the other: number, name, flags, columns
    Constraints: 4,
    /// number, access method, family, input, default
    OperatorClasses: 5,
    /// By (family, left, right, strategy): family, left, right, strategy, operator, access method
    FamilyMembers: 6,
    /// Rows of `FamilyMembers` by operator
    FamilyMemberOperators: 1,
}
