//! Arrays of any number of dimensions, with nulls in them: PostgreSQL excludes neither for any column.

use std::fmt::Debug;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type};

use super::BoxedError;
use super::cursor::{Cursor, with_length};

/// An array.
///
/// A column of type `integer[]` may hold arrays of several dimensions, arrays that do not begin at 1, and nulls. Where a
/// plain list is meant, [`into_list`](Array::into_list) gives it.
///
/// ```
/// # use viewkeeper::types::Array;
/// let tags = Array::from(vec!["a", "b"]);
/// assert_eq!(tags.into_list(), Some(vec!["a", "b"]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Array<T> {
    dimensions: Vec<Dimension>,
    elements: Vec<Option<T>>,
}

/// One dimension of an [`Array`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// The number of elements.
    pub length: i32,
    /// The number of the first one: 1 unless chosen otherwise.
    pub lower_bound: i32,
}

impl<T> Array<T> {
    /// An array of several dimensions, its elements row by row; `None` when there are more or fewer elements than the
    /// dimensions say.
    pub fn with_dimensions(dimensions: Vec<Dimension>, elements: Vec<Option<T>>) -> Option<Self> {
        (size(&dimensions)? == elements.len()).then_some(Self { dimensions, elements })
    }

    /// An array of one dimension that begins at 1, with nulls in it.
    pub fn from_elements(elements: Vec<Option<T>>) -> Self {
        // PostgreSQL holds at most 2^27 elements; a longer list is refused when it is sent.
        let length = i32::try_from(elements.len()).unwrap_or(i32::MAX);
        let dimensions = if length == 0 { Vec::new() } else { vec![Dimension { length, lower_bound: 1 }] };
        Self { dimensions, elements }
    }

    /// The dimensions; none for the empty array.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The elements of all dimensions, row by row.
    pub fn elements(&self) -> &[Option<T>] {
        &self.elements
    }

    /// The elements of all dimensions, row by row.
    pub fn into_elements(self) -> Vec<Option<T>> {
        self.elements
    }

    /// The elements of an array of one dimension without nulls; `None` for any other.
    pub fn into_list(self) -> Option<Vec<T>> {
        if self.dimensions.len() > 1 { None } else { self.elements.into_iter().collect() }
    }

    /// The elements that are not null, row by row.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.elements.iter().flatten()
    }
}

/// The number of elements that dimensions make.
fn size(dimensions: &[Dimension]) -> Option<usize> {
    match dimensions {
        [] => Some(0),
        _ => dimensions
            .iter()
            .try_fold(1_usize, |size, dimension| size.checked_mul(usize::try_from(dimension.length).ok()?)),
    }
}

impl<T> From<Vec<T>> for Array<T> {
    fn from(elements: Vec<T>) -> Self {
        Self::from_elements(elements.into_iter().map(Some).collect())
    }
}

impl<'a, T: FromSql<'a>> FromSql<'a> for Array<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        let Kind::Array(member) = ty.kind() else { return Err(format!("`{ty}` is not an array").into()) };
        let mut cursor = Cursor(raw);
        let count = cursor.count()?;
        let (_has_nulls, _element_type) = (cursor.i32()?, cursor.u32()?);
        let mut dimensions = Vec::new();
        for _ in 0..count {
            dimensions.push(Dimension { length: cursor.i32()?, lower_bound: cursor.i32()? });
        }
        let size = size(&dimensions).ok_or("an array came with impossible dimensions")?;
        let mut elements = Vec::new();
        for _ in 0..size {
            elements.push(cursor.value()?.map(|value| T::from_sql(member, value)).transpose()?);
        }
        cursor.end()?;
        Ok(Self { dimensions, elements })
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Array(member) if T::accepts(member))
    }
}

impl<T: ToSql> ToSql for Array<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let Kind::Array(member) = ty.kind() else { return Err(format!("`{ty}` is not an array").into()) };
        out.put_i32(i32::try_from(self.dimensions.len())?);
        out.put_i32(i32::from(self.elements.iter().any(Option::is_none)));
        out.put_u32(member.oid());
        for dimension in &self.dimensions {
            out.put_i32(dimension.length);
            out.put_i32(dimension.lower_bound);
        }
        for element in &self.elements {
            with_length(out, |out| element.to_sql(member, out))?;
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Array(member) if T::accepts(member))
    }

    postgres_types::to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_go_in_and_out() {
        let array = Array::from(vec![1, 2]);
        assert_eq!(array.dimensions(), [Dimension { length: 2, lower_bound: 1 }]);
        let mut out = BytesMut::new();
        array.to_sql(&Type::INT4_ARRAY, &mut out).unwrap();
        assert_eq!(Array::from_sql(&Type::INT4_ARRAY, &out).unwrap(), array);
        assert_eq!(Array::from_elements(vec![Some(1), None]).into_list(), None);
        assert_eq!(Array::<i32>::default().into_list(), Some(vec![]));
        let square = vec![Dimension { length: 2, lower_bound: 0 }; 2];
        assert!(Array::with_dimensions(square.clone(), vec![Some(1); 3]).is_none());
        assert_eq!(Array::with_dimensions(square, vec![Some(1); 4]).and_then(Array::into_list), None);
    }

    #[test]
    fn nonsense_is_an_error() {
        let huge = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1];
        assert!(Array::<i32>::from_sql(&Type::INT4_ARRAY, &huge).is_err());
    }
}
