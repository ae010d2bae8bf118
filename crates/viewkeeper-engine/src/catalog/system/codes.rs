//! Enums and flags of catalog rows as small numbers, both ways. A number, once given, keeps its meaning: add at the end.

use crate::catalog::{
    AggregateKind, CastContext, CastMethod, Column, Constraint, ConstraintKind, NotNull, Operator, ParameterMode,
    RelationKind, Routine, RoutineKind, Subscripting, Type, TypeKind, Volatility,
};

/// An enum as a small number.
pub(super) trait Code: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    /// Its number.
    fn code(self) -> u32 {
        Self::ALL.iter().position(|value| *value == self).and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
    }

    /// From its number; the first one for a number that is not given out.
    fn from_code(code: u32) -> Self {
        usize::try_from(code).ok().and_then(|at| Self::ALL.get(at)).copied().unwrap_or(Self::ALL[0])
    }
}

macro_rules! codes {
    ($($name:ident: $($value:ident)*;)*) => {
        $(impl Code for $name {
            const ALL: &'static [Self] = &[$(Self::$value),*];
        })*
    };
}

codes! {
    TypeKind: Base Composite Domain Enum Pseudo Range Multirange;
    Subscripting: None Array RawArray Jsonb Hstore;
    RoutineKind: Function Procedure Aggregate Window;
    ParameterMode: In Out InOut Variadic Table;
    Volatility: Immutable Stable Volatile;
    AggregateKind: Normal OrderedSet HypotheticalSet;
    CastContext: Implicit Assignment Explicit;
    CastMethod: Function InputOutput Binary;
    RelationKind: Table PartitionedTable ForeignTable View MaterializedView CompositeType Sequence;
    ConstraintKind: PrimaryKey Unique Check ForeignKey NotNull Exclusion;
    NotNull: No Yes NotValidated NoInherit;
}

fn bit(value: bool, at: u32) -> u32 {
    u32::from(value) << at
}

/// The bit of a word.
pub(super) fn has_bit(word: u32, at: u32) -> bool {
    word >> at & 1 == 1
}

/// The byte of a word.
pub(super) fn byte(word: u32, at: usize) -> u8 {
    word.to_le_bytes()[at]
}

/// category, kind, subscripting; bits 24 preferred, 25 defined, 26 not null
pub(super) fn type_flags(type_: &Type) -> u32 {
    u32::from(type_.category)
        | type_.kind.code() << 8
        | type_.subscripting.code() << 16
        | bit(type_.preferred, 24)
        | bit(type_.defined, 25)
        | bit(type_.not_null, 26)
}

/// kind, volatility; bits 8.. as bytes; 16 bits of defaults from bit 16 would not leave room for the two flags, so
/// volatility has 4 bits: kind 0-3, volatility 4-7, strict 8, set 9, defaults 16-31
pub(super) fn routine_flags(routine: &Routine) -> u32 {
    routine.kind.code()
        | routine.volatility.code() << 4
        | bit(routine.strict, 8)
        | bit(routine.returns_set, 9)
        | u32::from(routine.defaults) << 16
}

/// bits 0 can merge, 1 can hash
pub(super) fn operator_flags(operator: &Operator) -> u32 {
    bit(operator.can_merge, 0) | bit(operator.can_hash, 1)
}

/// not null, dimensions; bit 16 dropped
pub(super) fn column_flags(column: &Column) -> u32 {
    column.not_null.code()
        | u32::from(u8::try_from(column.dimensions).unwrap_or(u8::MAX)) << 8
        | bit(column.dropped, 16)
}

/// kind; bits 8 deferrable, 9 validated
pub(super) fn constraint_flags(constraint: &Constraint) -> u32 {
    constraint.kind.code() | bit(constraint.deferrable, 8) | bit(constraint.validated, 9)
}
