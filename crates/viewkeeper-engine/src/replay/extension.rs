//! `CREATE EXTENSION`.

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::oids;
use crate::diagnostic::SqlState;
use crate::parser::ast;

/// Extensions that bring nothing a view could name.
const WITHOUT_NAMES: [&str; 12] = [
    "plpgsql",
    "adminpack",
    "amcheck",
    "auto_explain",
    "btree_gin",
    "file_fdw",
    "pageinspect",
    "pg_cron",
    "pg_prewarm",
    "pg_repack",
    "pg_visibility",
    "postgres_fdw",
];

impl Session<'_> {
    pub(super) fn create_extension(&mut self, statement: &ast::CreateExtensionStmt) -> Outcome {
        let name = &statement.extname;
        if self.catalog.extensions.contains_key(name) || name == "plpgsql" {
            if statement.if_not_exists || name == "plpgsql" {
                return Ok(());
            }
            let message = format!("extension `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let mut schema = self.first_schema().unwrap_or(oids::PUBLIC);
        for option in node::options(&statement.options).filter(|option| option.defname == "schema") {
            schema = self.schema(&node::option_text(option).unwrap_or_default(), option.location)?;
        }
        self.catalog.extensions.insert(name.clone(), schema);
        if !WITHOUT_NAMES.contains(&name.as_str()) {
            let note = "which types, functions and operators it brings is not known to this version of viewkeeper";
            self.unmodelled(format!("`CREATE EXTENSION {}`", crate::name::quote_ident(name)), note);
        }
        Ok(())
    }
}
