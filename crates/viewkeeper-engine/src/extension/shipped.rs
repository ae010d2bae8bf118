//! The extensions that come with viewkeeper: those of PostgreSQL's contrib, as each major version ships them. The list is
//! made by `crates/viewkeeper-live/examples/embed_catalog.rs`.

#[path = "shipped_table.rs"]
mod table;

use crate::catalog::ServerVersion;

/// Each extension by name, with its text for each version in the order of [`ServerVersion::ALL`].
pub const SHIPPED: &[(&str, [Option<&str>; ServerVersion::ALL.len()])] = table::SHIPPED;

/// The text of an extension as a version of the server ships it; read with [`super::Extension::parse`].
pub fn shipped(name: &str, version: ServerVersion) -> Option<&'static str> {
    let at = SHIPPED.binary_search_by_key(&name, |(name, _)| name).ok()?;
    SHIPPED.get(at)?.1.get(version as usize).copied().flatten()
}
