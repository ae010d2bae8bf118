//! From a type as it is written to the type and its modifier (parse_type.c, the modifier input functions of utils/adt).

use super::{Failure, Resolver};
use crate::catalog::Oid;
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::tree::Location;

/// A type as it is written: what it is, its modifier, and whether it says `SETOF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeReference {
    /// The type.
    pub type_: Oid,
    /// Its modifier, -1 for none.
    pub typmod: i32,
    /// Whether it is written with `SETOF`.
    pub set: bool,
}

impl Resolver<'_> {
    /// The type that a type name stands for (`typenameTypeIdAndMod`).
    pub fn type_name(&self, name: &ast::TypeName) -> Result<TypeReference, Failure> {
        Err(unsupported("type names", super::place(name.location)))
    }

    /// [`Resolver::type_name`] of text such as `numeric(6,2)[]`.
    pub fn type_from_text(&self, text: &str) -> Result<TypeReference, Failure> {
        let name = crate::parser::parse_type_name(text)
            .map_err(|message| Failure::new(SqlState::SYNTAX_ERROR, message, None))?;
        self.type_name(&name).map_err(|failure| Failure { location: None, ..failure })
    }
}

pub(super) fn unsupported(what: &str, location: Location) -> Failure {
    Failure::new(SqlState::FEATURE_NOT_SUPPORTED, format!("{what} are not covered yet"), location)
}
