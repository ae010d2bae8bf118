//! One row of an embedded catalog as the plain data of `catalog`; the inverse of `write.rs`.

use super::blob::Blob;
use super::codes::{Code, byte, has_bit};
use super::layout::Section;
use crate::catalog::{
    Aggregate, Cast, Collation, Column, ColumnSource, Constraint, FamilyMember, Oid, Operator, OperatorClass,
    Parameter, Persistence, RangeRow, Relation, Routine, Type,
};

/// A word as a number with a sign.
fn signed(word: u32) -> i32 {
    i32::from_le_bytes(word.to_le_bytes())
}

/// A word as a small number with a sign.
fn small(word: u32) -> i16 {
    i16::try_from(signed(word)).unwrap_or_default()
}

pub(super) fn type_(blob: Blob, row: usize) -> Type {
    let word = |at| blob.word(Section::Types, row, at);
    let flags = word(3);
    let range: Vec<u32> = blob.list(word(15)).collect();
    Type {
        oid: Oid(word(0)),
        schema: Oid(word(1)),
        name: blob.text(word(2)).to_owned(),
        kind: Code::from_code(byte(flags, 1).into()),
        length: small(word(4)),
        category: byte(flags, 0),
        preferred: has_bit(flags, 24),
        defined: has_bit(flags, 25),
        relation: Oid(word(5)),
        element: Oid(word(6)),
        array: Oid(word(7)),
        subscripting: Code::from_code(byte(flags, 2).into()),
        input: Oid(word(8)),
        typmod_input: Oid(word(9)),
        not_null: has_bit(flags, 26),
        base: Oid(word(10)),
        base_typmod: signed(word(11)),
        dimensions: signed(word(12)),
        collation: Oid(word(13)),
        labels: blob.list(word(14)).map(|label| blob.text(label).to_owned()).collect(),
        range: match range.as_slice() {
            [range, subtype, collation, multirange] => Some(RangeRow {
                range: Oid(*range),
                subtype: Oid(*subtype),
                collation: Oid(*collation),
                multirange: Oid(*multirange),
            }),
            _ => None,
        },
        source: None,
    }
}

pub(super) fn routine(blob: Blob, row: usize) -> Routine {
    let word = |at| blob.word(Section::Routines, row, at);
    let flags = word(3);
    let parameters: Vec<u32> = blob.list(word(7)).collect();
    let aggregate: Vec<u32> = blob.list(word(9)).collect();
    Routine {
        oid: Oid(word(0)),
        schema: Oid(word(1)),
        name: blob.text(word(2)).to_owned(),
        kind: Code::from_code(flags & 0xf),
        strict: has_bit(flags, 8),
        returns_set: has_bit(flags, 9),
        volatility: Code::from_code(flags >> 4 & 0xf),
        defaults: u16::try_from(flags >> 16).unwrap_or_default(),
        variadic: Oid(word(4)),
        result: Oid(word(5)),
        inputs: blob.list(word(6)).map(Oid).collect(),
        parameters: parameters
            .chunks_exact(3)
            .filter_map(|parameter| match parameter {
                [name, type_, mode] => Some(Parameter {
                    name: blob.text(*name).to_owned(),
                    type_: Oid(*type_),
                    mode: Code::from_code(*mode),
                }),
                _ => None,
            })
            .collect(),
        language: blob.text(word(8)).to_owned(),
        aggregate: match aggregate.as_slice() {
            [kind, direct, transition, final_function, transition_type, initial] => Some(Aggregate {
                kind: Code::from_code(*kind),
                direct_arguments: small(*direct),
                transition: Oid(*transition),
                final_function: Oid(*final_function),
                transition_type: Oid(*transition_type),
                has_initial_value: *initial == 1,
            }),
            _ => None,
        },
        source: None,
    }
}

pub(super) fn operator(blob: Blob, row: usize) -> Operator {
    let word = |at| blob.word(Section::Operators, row, at);
    Operator {
        oid: Oid(word(0)),
        schema: Oid(word(1)),
        name: blob.text(word(2)).to_owned(),
        left: Oid(word(3)),
        right: Oid(word(4)),
        result: Oid(word(5)),
        function: Oid(word(6)),
        commutator: Oid(word(7)),
        negator: Oid(word(8)),
        can_merge: has_bit(word(9), 0),
        can_hash: has_bit(word(9), 1),
    }
}

pub(super) fn cast(blob: Blob, row: usize) -> Cast {
    let word = |at| blob.word(Section::Casts, row, at);
    Cast {
        source: Oid(word(0)),
        target: Oid(word(1)),
        function: Oid(word(2)),
        context: Code::from_code(byte(word(3), 0).into()),
        method: Code::from_code(byte(word(3), 1).into()),
    }
}

pub(super) fn collation(blob: Blob, row: usize) -> Collation {
    let word = |at| blob.word(Section::Collations, row, at);
    Collation {
        oid: Oid(word(0)),
        schema: Oid(word(1)),
        name: blob.text(word(2)).to_owned(),
        deterministic: word(3) == 1,
    }
}

pub(super) fn relation(blob: Blob, row: usize) -> Relation {
    let word = |at| blob.word(Section::Relations, row, at);
    let rows = |first: u32, count: u32| first as usize..(first as usize).saturating_add(count as usize);
    Relation {
        oid: Oid(word(0)),
        schema: Oid(word(1)),
        name: blob.text(word(2)).to_owned(),
        kind: Code::from_code(word(3)),
        persistence: Persistence::Permanent,
        row_type: Oid(word(4)),
        columns: rows(word(5), word(6)).map(|row| column(blob, row)).collect(),
        constraints: rows(word(7), word(8)).map(|row| constraint(blob, row)).collect(),
        indexes: Vec::new(),
        parents: Vec::new(),
        is_partition: false,
        options: Vec::new(),
        view: None,
        provenance: None,
    }
}

fn column(blob: Blob, row: usize) -> Column {
    let word = |at| blob.word(Section::Columns, row, at);
    let flags = word(4);
    Column {
        name: blob.text(word(0)).to_owned(),
        type_: Oid(word(1)),
        typmod: signed(word(2)),
        collation: Oid(word(3)),
        dimensions: byte(flags, 1).into(),
        not_null: Code::from_code(byte(flags, 0).into()),
        dropped: has_bit(flags, 16),
        has_default: false,
        source: ColumnSource::Plain,
        is_local: true,
    }
}

fn constraint(blob: Blob, row: usize) -> Constraint {
    let word = |at| blob.word(Section::Constraints, row, at);
    Constraint {
        oid: Oid(word(0)),
        name: blob.text(word(1)).to_owned(),
        kind: Code::from_code(byte(word(2), 0).into()),
        columns: blob.list(word(3)).map(small).collect(),
        deferrable: has_bit(word(2), 8),
        validated: has_bit(word(2), 9),
        references: Oid::INVALID,
        no_inherit: false,
        referenced: Vec::new(),
        excludes_null: Vec::new(),
        written: None,
        is_local: true,
    }
}

pub(super) fn operator_class(blob: Blob, row: usize) -> OperatorClass {
    let word = |at| blob.word(Section::OperatorClasses, row, at);
    OperatorClass {
        oid: Oid(word(0)),
        method: Oid(word(1)),
        family: Oid(word(2)),
        input: Oid(word(3)),
        default: word(4) == 1,
    }
}

pub(super) fn family_member(blob: Blob, row: usize) -> FamilyMember {
    let word = |at| blob.word(Section::FamilyMembers, row, at);
    FamilyMember {
        family: Oid(word(0)),
        left: Oid(word(1)),
        right: Oid(word(2)),
        strategy: u16::try_from(word(3)).unwrap_or_default(),
        operator: Oid(word(4)),
        method: Oid(word(5)),
    }
}
