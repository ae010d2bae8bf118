//! Reads the binary form of a value piece by piece, and the macro that makes `FromSql` and `ToSql` out of that. What
//! the pieces mean is each type's.

use super::BoxedError;

/// `FromSql` and `ToSql` of a type: which types of the server it takes, how it reads a [`Cursor`] to its end, how it
/// writes itself.
macro_rules! wire {
    ($type:ty, $($sql:ident)|+, |$cursor:ident| $read:expr, |$value:ident, $out:ident| $write:block) => {
        $crate::types::cursor::wire!(
            $type,
            |ty| matches!(*ty, $(postgres_types::Type::$sql)|+),
            |_ty, $cursor| $read,
            |_ty, $value, $out| $write
        );
    };
    (
        $type:ty,
        |$accepted:ident| $accepts:expr,
        |$from:ident, $cursor:ident| $read:expr,
        |$to:ident, $value:ident, $out:ident| $write:block
    ) => {
        impl<'a> postgres_types::FromSql<'a> for $type {
            fn from_sql($from: &postgres_types::Type, raw: &'a [u8]) -> Result<Self, $crate::types::BoxedError> {
                #[allow(unused_mut)]
                let mut $cursor = $crate::types::cursor::Cursor(raw);
                let value = $read;
                $cursor.end()?;
                Ok(value)
            }

            fn accepts($accepted: &postgres_types::Type) -> bool {
                $accepts
            }
        }

        impl postgres_types::ToSql for $type {
            fn to_sql(
                &self,
                $to: &postgres_types::Type,
                $out: &mut bytes::BytesMut,
            ) -> Result<postgres_types::IsNull, $crate::types::BoxedError> {
                let $value = self;
                $write
                Ok(postgres_types::IsNull::No)
            }

            fn accepts($accepted: &postgres_types::Type) -> bool {
                $accepts
            }

            postgres_types::to_sql_checked!();
        }
    };
}
pub(crate) use wire;

/// The bytes of a value that are not read yet.
#[derive(Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

macro_rules! numbers {
    ($($name:ident: $type:ty;)*) => {
        $(pub(crate) fn $name(&mut self) -> Result<$type, BoxedError> {
            Ok(<$type>::from_be_bytes(self.bytes()?))
        })*
    };
}

impl<'a> Cursor<'a> {
    numbers! { u8: u8; u16: u16; u32: u32; u64: u64; i16: i16; i32: i32; i64: i64; f64: f64; }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], BoxedError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or("the value ends too early")?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], BoxedError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("the value ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// All that is left, as text.
    pub(crate) fn rest_as_text(&mut self) -> Result<String, BoxedError> {
        Ok(std::str::from_utf8(self.rest())?.to_owned())
    }

    /// A number of things that follow.
    pub(crate) fn count(&mut self) -> Result<usize, BoxedError> {
        Ok(usize::try_from(self.i32()?)?)
    }

    /// A value with its length before it; -1 is null.
    pub(crate) fn value(&mut self) -> Result<Option<&'a [u8]>, BoxedError> {
        match usize::try_from(self.i32()?) {
            Ok(length) => self.take(length).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Text up to a zero byte.
    pub(crate) fn c_string(&mut self) -> Result<&'a str, BoxedError> {
        let length = self.0.iter().position(|byte| *byte == 0).ok_or("the value ends too early")?;
        let text = std::str::from_utf8(self.take(length)?)?;
        self.take(1)?;
        Ok(text)
    }

    /// Nothing may be left: what was not understood is not thrown away in silence.
    pub(crate) fn end(self) -> Result<(), BoxedError> {
        if self.0.is_empty() { Ok(()) } else { Err("the value is longer than its type allows".into()) }
    }
}

/// Writes a value with its length before it, as `write` gives it.
pub(crate) fn with_length(
    out: &mut bytes::BytesMut,
    write: impl FnOnce(&mut bytes::BytesMut) -> Result<postgres_types::IsNull, BoxedError>,
) -> Result<(), BoxedError> {
    let start = out.len();
    out.extend_from_slice(&(-1_i32).to_be_bytes());
    if let postgres_types::IsNull::No = write(out)? {
        let length = i32::try_from(out.len() - start - 4)?;
        let place = out.get_mut(start..start + 4).ok_or("the buffer shrank")?;
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}
