//! What names and operators in a query stand for, and how values of one type become values of another: the rules of
//! PostgreSQL's parse_type.c, parse_func.c, parse_oper.c, parse_coerce.c and namespace.c over a [`Catalog`]. Scopes,
//! clauses and the shape of queries are `analyse`'s.

mod candidate;
mod coerce;
mod common_type;
mod failure;
mod format_type;
mod function;
mod input;
mod operator;
mod ordering;
mod pathway;
mod polymorphic;
mod registered;
mod result_shape;
mod search_path;
pub mod suggest;
mod type_name;
mod typmod;
mod typmod_postgis;

pub use coerce::*;
pub use failure::*;
pub use format_type::*;
pub use function::*;
pub(crate) use input::array_elements;
pub use operator::*;
pub use ordering::*;
pub use pathway::CoercionPath;
pub(crate) use polymorphic::is_polymorphic;
pub use registered::Registered;
pub use result_shape::*;
pub use search_path::*;
pub use type_name::*;

use crate::catalog::Catalog;

/// Resolves names in a state, as seen from a search path.
#[derive(Debug, Clone)]
pub struct Resolver<'c> {
    /// The state.
    pub catalog: &'c Catalog,
    /// The schemas that unqualified names are looked for in.
    pub path: SearchPath,
}

impl<'c> Resolver<'c> {
    /// A resolver over a state, with a search path as it is configured (`["\"$user\"", "public"]` is the server's
    /// default; names are given without quotes: `$user`, `public`). It must be made anew when schemas come or go.
    pub fn new(catalog: &'c Catalog, search_path: &[String]) -> Self {
        Self { catalog, path: SearchPath::new(catalog, search_path) }
    }
}

#[cfg(test)]
mod tests;
