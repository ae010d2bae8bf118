//! `COMMENT ON`.

use super::session::{Outcome, Session};
use crate::parser::ast;

impl Session<'_> {
    pub(super) fn comment(&mut self, statement: &ast::CommentStmt) -> Outcome {
        let Some(object) = &statement.object else { return Err(self.malformed("without an object")) };
        let Some(address) = self.address(statement.objtype(), object)? else { return Ok(()) };
        let Some(id) = self.object_id(&address) else { return Ok(()) };
        self.catalog.say(self.origin, |said| said.comment(&id, &statement.comment));
        Ok(())
    }
}
