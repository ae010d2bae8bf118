//! Types that are a number or a fixed row of bytes on the wire: identifiers, positions, money.

use std::fmt;

use bytes::BufMut;

use super::cursor::wire;

/// An `oid`, or one of the types that show an object's name for its number (`regclass`, `regtype`, …), as the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub u32);

wire!(
    Oid,
    OID | REGCLASS
        | REGCOLLATION
        | REGCONFIG
        | REGDICTIONARY
        | REGNAMESPACE
        | REGOPER
        | REGOPERATOR
        | REGPROC
        | REGPROCEDURE
        | REGROLE
        | REGTYPE,
    |cursor| Self(cursor.u32()?),
    |value, out| {
        out.put_u32(value.0);
    }
);

/// An `xid` or `cid`: a number of a transaction or command, which comes round again after 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Xid(pub u32);

wire!(Xid, XID | CID, |cursor| Self(cursor.u32()?), |value, out| {
    out.put_u32(value.0);
});

/// An `xid8`: the number of a transaction, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Xid8(pub u64);

wire!(Xid8, XID8, |cursor| Self(cursor.u64()?), |value, out| {
    out.put_u64(value.0);
});

/// A `tid`: where a row lies in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tid {
    /// The number of the page.
    pub block: u32,
    /// The number of the row in it.
    pub offset: u16,
}

wire!(Tid, TID, |cursor| Self { block: cursor.u32()?, offset: cursor.u16()? }, |value, out| {
    out.put_u32(value.block);
    out.put_u16(value.offset);
});

/// A `pg_lsn`: a position in the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

wire!(Lsn, PG_LSN, |cursor| Self(cursor.u64()?), |value, out| {
    out.put_u64(value.0);
});

/// A `pg_snapshot` or `txid_snapshot`: which transactions were visible.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// All transactions below were over.
    pub first_running: u64,
    /// None from here on had begun.
    pub next: u64,
    /// Those between that were running.
    pub running: Vec<u64>,
}

wire!(
    Snapshot,
    PG_SNAPSHOT | TXID_SNAPSHOT,
    |cursor| {
        let count = cursor.count()?;
        let (first_running, next) = (cursor.u64()?, cursor.u64()?);
        let mut running = Vec::new();
        for _ in 0..count {
            running.push(cursor.u64()?);
        }
        Self { first_running, next, running }
    },
    |value, out| {
        out.put_i32(i32::try_from(value.running.len())?);
        out.put_u64(value.first_running);
        out.put_u64(value.next);
        for xid in &value.running {
            out.put_u64(*xid);
        }
    }
);

/// A `money` value in the smallest unit of its currency. Which currency that is, and how many of them make a whole one,
/// the server's `lc_monetary` says, not the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

wire!(Money, MONEY, |cursor| Self(cursor.i64()?), |value, out| {
    out.put_i64(value.0);
});

/// A `uuid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

wire!(Uuid, UUID, |cursor| Self(cursor.bytes()?), |value, out| {
    out.put_slice(&value.0);
});

#[cfg(feature = "uuid")]
impl From<Uuid> for uuid::Uuid {
    fn from(value: Uuid) -> Self {
        Self::from_bytes(value.0)
    }
}

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for Uuid {
    fn from(value: uuid::Uuid) -> Self {
        Self(value.into_bytes())
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(36);
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        f.pad(&text)
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF))
    }
}

macro_rules! shown {
    ($($type:ty)*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        })*
    };
}

shown!(Oid Xid Xid8);
