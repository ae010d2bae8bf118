//! How generated enums, domains and composite types are read from and sent to the server: the macros that generated
//! code calls, and what they share. Which types there are is the generator's.

use bytes::BufMut;
use postgres_types::{Field, FromSql, IsNull, Kind, ToSql, Type};

/// Reads and sends an enum of the database.
#[macro_export]
macro_rules! sql_enum {
    ($type:ident, $schema:literal, $name:literal, { $($variant:ident = $label:literal,)* }) => {
        impl $type {
            /// Every value, in the order that PostgreSQL sorts them in.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The label that the value has in the database.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.label())
            }
        }

        impl<'a> $crate::postgres_types::FromSql<'a> for $type {
            fn from_sql(
                _: &$crate::postgres_types::Type,
                raw: &'a [u8],
            ) -> ::std::result::Result<Self, $crate::declare::BoxedError> {
                let value = Self::ALL.iter().find(|value| value.label().as_bytes() == raw);
                value.copied().ok_or_else(|| $crate::declare::unknown_label($name, raw))
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                $crate::declare::is_enum(ty, $schema, $name)
            }
        }

        impl $crate::postgres_types::ToSql for $type {
            fn to_sql(
                &self,
                _: &$crate::postgres_types::Type,
                out: &mut $crate::declare::BytesMut,
            ) -> ::std::result::Result<$crate::postgres_types::IsNull, $crate::declare::BoxedError> {
                out.extend_from_slice(self.label().as_bytes());
                ::std::result::Result::Ok($crate::postgres_types::IsNull::No)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                $crate::declare::is_enum(ty, $schema, $name)
            }

            $crate::postgres_types::to_sql_checked!();
        }
    };
}

/// Reads and sends a domain of the database. The server names a domain only inside of arrays and composites; a column
/// or parameter goes as its base type.
#[macro_export]
macro_rules! sql_domain {
    ($type:ident, $schema:literal, $name:literal, $inner:ty) => {
        impl ::std::convert::From<$inner> for $type {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl<'a> $crate::postgres_types::FromSql<'a> for $type {
            fn from_sql(
                ty: &$crate::postgres_types::Type,
                raw: &'a [u8],
            ) -> ::std::result::Result<Self, $crate::declare::BoxedError> {
                let base = $crate::declare::base_of(ty, $schema, $name);
                <$inner as $crate::postgres_types::FromSql<'a>>::from_sql(base, raw).map(Self)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                <$inner as $crate::postgres_types::FromSql<'_>>::accepts($crate::declare::base_of(ty, $schema, $name))
            }
        }

        impl $crate::postgres_types::ToSql for $type {
            fn to_sql(
                &self,
                ty: &$crate::postgres_types::Type,
                out: &mut $crate::declare::BytesMut,
            ) -> ::std::result::Result<$crate::postgres_types::IsNull, $crate::declare::BoxedError> {
                $crate::postgres_types::ToSql::to_sql(&self.0, $crate::declare::base_of(ty, $schema, $name), out)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                <$inner as $crate::postgres_types::ToSql>::accepts($crate::declare::base_of(ty, $schema, $name))
            }

            $crate::postgres_types::to_sql_checked!();
        }
    };
}

/// Reads and sends a composite type of the database. Every field is an `Option`: nothing keeps a field of a composite
/// value from being null.
#[macro_export]
macro_rules! sql_composite {
    ($type:ident, $schema:literal, $name:literal, { $($field:ident = $column:literal,)* }) => {
        impl<'a> $crate::postgres_types::FromSql<'a> for $type {
            fn from_sql(
                ty: &$crate::postgres_types::Type,
                raw: &'a [u8],
            ) -> ::std::result::Result<Self, $crate::declare::BoxedError> {
                #[allow(unused_mut, unused_variables)]
                let mut fields = $crate::declare::Composite::new(ty, raw, $schema, $name, &[$($column),*])?;
                ::std::result::Result::Ok(Self { $($field: fields.field()?,)* })
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                $crate::declare::is_composite(ty, $schema, $name, &[$($column),*])
            }
        }

        impl $crate::postgres_types::ToSql for $type {
            fn to_sql(
                &self,
                ty: &$crate::postgres_types::Type,
                out: &mut $crate::declare::BytesMut,
            ) -> ::std::result::Result<$crate::postgres_types::IsNull, $crate::declare::BoxedError> {
                $crate::declare::write_composite(ty, &[$(&self.$field),*], out)
            }

            fn accepts(ty: &$crate::postgres_types::Type) -> bool {
                $crate::declare::is_composite(ty, $schema, $name, &[$($column),*])
            }

            $crate::postgres_types::to_sql_checked!();
        }
    };
}

/// What a value is written into.
pub use bytes::BytesMut;

/// What `FromSql` and `ToSql` report.
pub type BoxedError = Box<dyn std::error::Error + Sync + Send>;

/// Whether a type of the server is this enum.
pub fn is_enum(ty: &Type, schema: &str, name: &str) -> bool {
    ty.schema() == schema && ty.name() == name && matches!(ty.kind(), Kind::Enum(_))
}

/// A label came that the program was not built with.
pub fn unknown_label(name: &str, raw: &[u8]) -> BoxedError {
    let label = String::from_utf8_lossy(raw);
    format!("`{label}` is no value of the enum `{name}` that this program was built with").into()
}

/// The type below a domain, where the server names the domain.
pub fn base_of<'t>(ty: &'t Type, schema: &str, name: &str) -> &'t Type {
    match ty.kind() {
        Kind::Domain(base) if ty.schema() == schema && ty.name() == name => base,
        _ => ty,
    }
}

/// Whether a type of the server is this composite type, with these fields.
pub fn is_composite(ty: &Type, schema: &str, name: &str, columns: &[&str]) -> bool {
    ty.schema() == schema
        && ty.name() == name
        && matches!(ty.kind(), Kind::Composite(fields) if fields.iter().map(Field::name).eq(columns.iter().copied()))
}

/// The fields of a composite value in the order of their columns, as `record_send` writes them.
#[derive(Debug)]
pub struct Composite<'t, 'a> {
    types: std::slice::Iter<'t, Field>,
    raw: &'a [u8],
}

impl<'t, 'a> Composite<'t, 'a> {
    /// Begins to read a value.
    pub fn new(ty: &'t Type, raw: &'a [u8], schema: &str, name: &str, columns: &[&str]) -> Result<Self, BoxedError> {
        let Kind::Composite(fields) = ty.kind() else { return Err(format!("`{ty}` is not a composite type").into()) };
        if !is_composite(ty, schema, name, columns) {
            return Err(format!("`{ty}` has other fields than this program was built with").into());
        }
        let mut composite = Self { types: fields.iter(), raw };
        let count = composite.number()?;
        if usize::try_from(count) != Ok(fields.len()) {
            return Err(format!("a value of `{ty}` came with {count} fields where it has {}", fields.len()).into());
        }
        Ok(composite)
    }

    /// The next field.
    pub fn field<T: FromSql<'a>>(&mut self) -> Result<Option<T>, BoxedError> {
        let field = self.types.next().ok_or("a composite value has no more fields")?;
        let ty = field.type_();
        let sent = self.number()?;
        if sent.cast_unsigned() != ty.oid() || !T::accepts(ty) {
            return Err(format!("field `{}` is of type `{ty}`; the program was built for another", field.name()).into());
        }
        let length = self.number()?;
        match usize::try_from(length) {
            Ok(length) => {
                let value = self.take(length)?;
                T::from_sql(ty, value).map(Some)
            }
            Err(_) => Ok(None),
        }
    }

    fn number(&mut self) -> Result<i32, BoxedError> {
        let bytes: [u8; 4] = self.take(4)?.try_into()?;
        Ok(i32::from_be_bytes(bytes))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], BoxedError> {
        let (taken, rest) = self.raw.split_at_checked(length).ok_or("a composite value ends too early")?;
        self.raw = rest;
        Ok(taken)
    }
}

/// Writes a composite value as `record_recv` reads it.
pub fn write_composite(ty: &Type, values: &[&dyn ToSql], out: &mut BytesMut) -> Result<IsNull, BoxedError> {
    let Kind::Composite(fields) = ty.kind() else { return Err(format!("`{ty}` is not a composite type").into()) };
    out.put_i32(i32::try_from(fields.len())?);
    for (field, value) in fields.iter().zip(values) {
        out.put_u32(field.type_().oid());
        let start = out.len();
        out.put_i32(-1);
        if let IsNull::No = value.to_sql_checked(field.type_(), out)? {
            let length = i32::try_from(out.len() - start - 4)?;
            let place = out.get_mut(start..start + 4).ok_or("the buffer shrank")?;
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(IsNull::No)
}
