//! Types whose values are text in a language of its own: JSON, XML, JSON paths, names of cursors. The text is kept as
//! it came: no parser of that language holds every value (JSON numbers have no bounds).

use std::fmt;

use bytes::BufMut;
use postgres_types::Type;

use super::cursor::wire;

/// A `json` or `jsonb` value, as text.
///
/// Equality is that of the text: `jsonb` is always written the same way, `json` is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Json(pub String);

/// The format that `jsonb_send` and `jsonpath_send` name in the first byte.
const VERSION: u8 = 1;

wire!(
    Json,
    |ty| matches!(*ty, Type::JSON | Type::JSONB),
    |ty, cursor| {
        if *ty == Type::JSONB && cursor.u8()? != VERSION {
            return Err("jsonb came in an unknown format".into());
        }
        Self(cursor.rest_as_text()?)
    },
    |ty, value, out| {
        if *ty == Type::JSONB {
            out.put_u8(VERSION);
        }
        out.extend_from_slice(value.0.as_bytes());
    }
);

#[cfg(feature = "serde_json")]
impl Json {
    /// The value read into a type of the program. Numbers that it cannot hold are errors, or lose digits.
    ///
    /// # Errors
    /// When the text does not fit the type.
    pub fn parse<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

/// An `xml` value, as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Xml(pub String);

wire!(Xml, XML, |cursor| Self(cursor.rest_as_text()?), |value, out| {
    out.extend_from_slice(value.0.as_bytes());
});

/// A `jsonpath`, as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPath(pub String);

wire!(
    JsonPath,
    JSONPATH,
    |cursor| {
        if cursor.u8()? != VERSION {
            return Err("jsonpath came in an unknown format".into());
        }
        Self(cursor.rest_as_text()?)
    },
    |value, out| {
        out.put_u8(VERSION);
        out.extend_from_slice(value.0.as_bytes());
    }
);

/// A `refcursor`: the name of a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefCursor(pub String);

wire!(RefCursor, REFCURSOR, |cursor| Self(cursor.rest_as_text()?), |value, out| {
    out.extend_from_slice(value.0.as_bytes());
});

macro_rules! shown {
    ($($type:ty)*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        })*
    };
}

shown!(Json Xml JsonPath RefCursor);
