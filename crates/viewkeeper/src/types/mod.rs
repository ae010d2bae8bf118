//! Rust types for PostgreSQL's types: each holds every value that the server can send, and sends what it holds. No rows
//! and no relations here.
//!
//! Where a type of the standard library holds every value (`bool`, integers, floats, `String`, `Vec<u8>`), rows use it.
//! Each type here says with `finite`, `to_…` or `into_…` how to get at the plain thing, and what is then left out.

mod array;
mod bits;
mod cursor;
mod dates;
mod geometry;
mod hstore;
mod interval;
mod network;
mod number;
mod numeric;
mod range;
mod search;
mod text;
mod unbounded;

pub use array::{Array, Dimension};
pub use bits::BitString;
pub use dates::*;
pub use geometry::{Circle, Line, LineSegment, Path, Point, Polygon, Rectangle};
pub use hstore::Hstore;
pub use interval::{Interval, TimeOfDay, TimeWithOffset};
pub use network::{Inet, MacAddr, MacAddr8};
pub use number::{Lsn, Money, Oid, Snapshot, Tid, Uuid, Xid, Xid8};
pub use numeric::{Numeric, NumericError};
pub use range::{Multirange, Range};
pub use search::{Lexeme, TsQuery, TsQueryItem, TsVector, Weight};
pub use text::{Json, JsonPath, RefCursor, Xml};
pub use unbounded::{Calendar, Unbounded, Unit};

/// What `FromSql` and `ToSql` report.
pub(crate) type BoxedError = Box<dyn std::error::Error + Sync + Send>;
