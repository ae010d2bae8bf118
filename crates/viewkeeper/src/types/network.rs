//! Network addresses: with the length of the netmask, which the standard library's types do not hold.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::BufMut;
use postgres_types::Type;

use super::cursor::wire;

/// An `inet` or `cidr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inet {
    /// The address.
    pub address: IpAddr,
    /// The length of the netmask: 32 (IPv4) or 128 (IPv6) for a single host.
    pub prefix: u8,
}

/// `PGSQL_AF_INET` and `PGSQL_AF_INET6`: the server's own numbers, not those of its operating system.
const FAMILIES: (u8, u8) = (2, 3);

wire!(
    Inet,
    |ty| matches!(*ty, Type::INET | Type::CIDR),
    |_ty, cursor| {
        let (family, prefix, _is_cidr, length) = (cursor.u8()?, cursor.u8()?, cursor.u8()?, cursor.u8()?);
        let address = match (family, length) {
            (family, 4) if family == FAMILIES.0 => IpAddr::from(cursor.bytes::<4>()?),
            (family, 16) if family == FAMILIES.1 => IpAddr::from(cursor.bytes::<16>()?),
            _ => return Err("an address came of an unknown family".into()),
        };
        Self { address, prefix }
    },
    |ty, value, out| {
        let (family, length) = match value.address {
            IpAddr::V4(_) => (FAMILIES.0, 4),
            IpAddr::V6(_) => (FAMILIES.1, 16),
        };
        out.extend_from_slice(&[family, value.prefix, u8::from(*ty == Type::CIDR), length]);
        match value.address {
            IpAddr::V4(address) => out.extend_from_slice(&address.octets()),
            IpAddr::V6(address) => out.extend_from_slice(&address.octets()),
        }
    }
);

impl From<IpAddr> for Inet {
    fn from(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl From<Ipv4Addr> for Inet {
    fn from(address: Ipv4Addr) -> Self {
        Self::from(IpAddr::V4(address))
    }
}

impl From<Ipv6Addr> for Inet {
    fn from(address: Ipv6Addr) -> Self {
        Self::from(IpAddr::V6(address))
    }
}

/// As `inet` is shown: without the netmask of a single host.
impl fmt::Display for Inet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.address.is_ipv4() { 32 } else { 128 };
        if self.prefix == whole { self.address.fmt(f) } else { f.pad(&format!("{}/{}", self.address, self.prefix)) }
    }
}

macro_rules! hardware_addresses {
    ($($(#[$doc:meta])* $name:ident $sql:ident $length:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub [u8; $length]);

            wire!($name, $sql, |cursor| Self(cursor.bytes()?), |value, out| {
                out.put_slice(&value.0);
            });

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    let parts: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
                    f.pad(&parts.join(":"))
                }
            }
        )*
    };
}

hardware_addresses! {
    /// A `macaddr`.
    MacAddr MACADDR 6;
    /// A `macaddr8`.
    MacAddr8 MACADDR8 8;
}
