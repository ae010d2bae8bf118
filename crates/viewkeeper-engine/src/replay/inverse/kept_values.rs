//! What becomes of a column's values when its type goes there and back.

use crate::catalog::{Column, Oid, oids};

/// What becomes of values when a column goes back to its old type.
pub(super) enum Kept {
    /// They come back as they were; one written since that the old type does not hold makes the server refuse.
    OrRefused,
    /// What was there before comes back as it was; what was written since may be rounded without a word.
    Rounded,
    /// The new type may hold something else than what was there.
    Unknown,
}

pub(super) fn kept(old: &Column, new: &Column) -> Kept {
    let integer = |type_: Oid| [oids::INT2, oids::INT4, oids::INT8].iter().position(|one| *one == type_);
    let text = |column: &Column| [oids::TEXT, oids::VARCHAR].contains(&column.type_);
    // The server refuses a number that the other type does not hold, and a text that is too long for anything but blanks at
    // its end (`varchar` in varchar.c): on both ways.
    if integer(old.type_).is_some() && integer(new.type_).is_some() || text(old) && text(new) {
        return Kept::OrRefused;
    }
    let numeric = |column: &Column| (column.type_ == oids::NUMERIC).then_some(column.typmod);
    match (numeric(old), numeric(new)) {
        // The typmod of a number is its precision and its scale, sixteen bits each, and four.
        (Some(before), Some(after)) if before >= 4 && after >= 4 => {
            let (before, after) = (before - 4, after - 4);
            let (scale, wider) = ((before & 0xffff, after & 0xffff), (after >> 16) - (before >> 16));
            return match wider - (scale.1 - scale.0) {
                _ if scale.1 < scale.0 => Kept::Unknown,
                more if more < 0 => Kept::Unknown,
                _ if scale.0 == scale.1 => Kept::OrRefused,
                _ => Kept::Rounded,
            };
        }
        (Some(before), Some(_)) if before >= 4 => return Kept::Rounded,
        _ => {}
    }
    match (old.type_, new.type_) {
        _ if (old.type_, old.typmod) == (new.type_, new.typmod) => Kept::OrRefused,
        (oids::FLOAT4, oids::FLOAT8) => Kept::Rounded,
        (_, oids::NUMERIC) if integer(old.type_).is_some() && new.typmod < 0 => Kept::Rounded,
        _ => Kept::Unknown,
    }
}
