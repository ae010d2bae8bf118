//! JSON_TABLE.

use super::from::FromResult;
use super::{Analyser, Outcome};
use crate::diagnostic::SqlState;
use crate::parser::ast;
use crate::resolve::{Failure, place};

impl<'a> Analyser<'a> {
    /// JSON_TABLE in FROM.
    pub(super) fn json_table(&mut self, table: &'a ast::JsonTable) -> Outcome<FromResult> {
        Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "JSON_TABLE is not covered", place(table.location)))
    }
}
