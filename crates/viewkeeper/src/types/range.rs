//! Ranges and multiranges over any type.

use std::fmt::Debug;
use std::ops::Bound;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type};

use super::BoxedError;
use super::cursor::{Cursor, with_length};

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// A range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range<T> {
    /// `empty`: holds nothing, and has no bounds.
    Empty,
    /// From a lower to an upper bound.
    Between(Bound<T>, Bound<T>),
}

impl<T> Range<T> {
    /// The lower bound; `None` when empty.
    pub fn lower(&self) -> Option<Bound<&T>> {
        match self {
            Self::Empty => None,
            Self::Between(lower, _) => Some(lower.as_ref()),
        }
    }

    /// The upper bound; `None` when empty.
    pub fn upper(&self) -> Option<Bound<&T>> {
        match self {
            Self::Empty => None,
            Self::Between(_, upper) => Some(upper.as_ref()),
        }
    }
}

fn read<'a, T: FromSql<'a>>(member: &Type, raw: &'a [u8]) -> Result<Range<T>, BoxedError> {
    let mut cursor = Cursor(raw);
    let flags = cursor.u8()?;
    if flags & EMPTY != 0 {
        cursor.end()?;
        return Ok(Range::Empty);
    }
    let mut bound = |infinite: u8, inclusive: u8| -> Result<Bound<T>, BoxedError> {
        if flags & infinite != 0 {
            return Ok(Bound::Unbounded);
        }
        let value = T::from_sql(member, cursor.value()?.ok_or("a bound of a range came as null")?)?;
        Ok(if flags & inclusive != 0 { Bound::Included(value) } else { Bound::Excluded(value) })
    };
    let lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE)?;
    let upper = bound(UPPER_INFINITE, UPPER_INCLUSIVE)?;
    cursor.end()?;
    Ok(Range::Between(lower, upper))
}

fn write<T: ToSql>(range: &Range<T>, member: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
    let Range::Between(lower, upper) = range else {
        out.put_u8(EMPTY);
        return Ok(IsNull::No);
    };
    let flags = |bound: &Bound<T>, infinite: u8, inclusive: u8| match bound {
        Bound::Unbounded => infinite,
        Bound::Included(_) => inclusive,
        Bound::Excluded(_) => 0,
    };
    out.put_u8(flags(lower, LOWER_INFINITE, LOWER_INCLUSIVE) | flags(upper, UPPER_INFINITE, UPPER_INCLUSIVE));
    for bound in [lower, upper] {
        if let Bound::Included(value) | Bound::Excluded(value) = bound {
            with_length(out, |out| value.to_sql(member, out))?;
        }
    }
    Ok(IsNull::No)
}

impl<'a, T: FromSql<'a>> FromSql<'a> for Range<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        let Kind::Range(member) = ty.kind() else { return Err(format!("`{ty}` is not a range").into()) };
        read(member, raw)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Range(member) if T::accepts(member))
    }
}

impl<T: ToSql> ToSql for Range<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let Kind::Range(member) = ty.kind() else { return Err(format!("`{ty}` is not a range").into()) };
        write(self, member, out)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Range(member) if T::accepts(member))
    }

    postgres_types::to_sql_checked!();
}

/// A multirange: ranges in order, none of them empty, no two of them touching.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Multirange<T>(pub Vec<Range<T>>);

impl<'a, T: FromSql<'a>> FromSql<'a> for Multirange<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        let Kind::Multirange(member) = ty.kind() else { return Err(format!("`{ty}` is not a multirange").into()) };
        let mut cursor = Cursor(raw);
        let mut ranges = Vec::new();
        for _ in 0..cursor.count()? {
            ranges.push(read(member, cursor.value()?.ok_or("a range of a multirange came as null")?)?);
        }
        cursor.end()?;
        Ok(Self(ranges))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Multirange(member) if T::accepts(member))
    }
}

impl<T: ToSql> ToSql for Multirange<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let Kind::Multirange(member) = ty.kind() else { return Err(format!("`{ty}` is not a multirange").into()) };
        out.put_i32(i32::try_from(self.0.len())?);
        for range in &self.0 {
            with_length(out, |out| write(range, member, out))?;
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Multirange(member) if T::accepts(member))
    }

    postgres_types::to_sql_checked!();
}
