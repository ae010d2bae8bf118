//! SQL/JSON constructors, predicates and query functions.

use super::syntax::location_of;
use super::{Analyser, Outcome};
use crate::diagnostic::SqlState;
use crate::parser::NodeEnum;
use crate::resolve::Failure;
use crate::tree::Expr;

impl<'a> Analyser<'a> {
    /// An SQL/JSON expression.
    pub(super) fn json(&mut self, raw: &'a NodeEnum) -> Outcome<Expr> {
        Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "SQL/JSON expressions are not covered", location_of(raw)))
    }
}
