//! `CREATE SCHEMA`.

use super::address::Address;
use super::grant::CURRENT_ROLE;
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{ObjectId, Schema};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

impl Session<'_> {
    pub(super) fn create_schema(&mut self, statement: &ast::CreateSchemaStmt) -> Outcome {
        let owner = statement.authrole.as_ref().and_then(node::role);
        // Without a name the schema is named after its owner.
        let name = match (statement.schemaname.as_str(), owner) {
            ("", Some(owner)) => owner,
            ("", None) => {
                return Err(self
                    .error(SqlState::FEATURE_NOT_SUPPORTED, "the schema's name depends on who runs the migration", -1)
                    .help("write the name: `CREATE SCHEMA name AUTHORIZATION CURRENT_USER`"));
            }
            (name, _) => name,
        };
        let owner = owner.filter(|role| *role != CURRENT_ROLE);
        if let Some(oid) = self.catalog.schema_by_name(name) {
            if self.is_expected(&Address::Schema(oid)) {
                self.catalog.schema_made_by(oid, self.provenance());
                let id = ObjectId::Schema(name.to_owned());
                self.apply_default_privileges(&Address::Schema(oid));
                owner.into_iter().for_each(|owner| self.catalog.say(self.origin, |said| said.own(&id, Some(owner))));
                return Ok(());
            }
            if statement.if_not_exists {
                return Ok(());
            }
            return Err(self.error(SqlState::DUPLICATE_SCHEMA, format!("schema `{name}` already exists"), -1));
        }
        if name.starts_with("pg_") {
            let message = format!("unacceptable schema name `{name}`");
            return Err(self
                .error(SqlState("42939"), message, -1)
                .note("the prefix `pg_` is reserved for system schemas"));
        }
        let oid = self.catalog.allocate();
        let provenance = Some(self.provenance());
        self.catalog.insert_schema(Schema { oid, name: name.to_owned(), provenance });
        if let Some(owner) = owner {
            let id = ObjectId::Schema(name.to_owned());
            self.catalog.say(self.origin, |said| said.own(&id, Some(owner)));
        }
        self.apply_default_privileges(&Address::Schema(oid));
        self.run_schema_elements(name, &statement.schema_elts)
    }

    /// The statements inside `CREATE SCHEMA`: they see the new schema first in the search path.
    fn run_schema_elements(&mut self, schema: &str, elements: &[ast::Node]) -> Outcome {
        if elements.is_empty() {
            return Ok(());
        }
        let before = self.search_path().to_vec();
        let mut path = vec![schema.to_owned()];
        path.extend(before.iter().cloned());
        self.with_search_path(path, |session| {
            // PostgreSQL runs tables before what may refer to them (transformCreateSchemaStmtElements).
            let rank = |node: &ast::Node| match &node.node {
                Some(NodeEnum::CreateSeqStmt(_)) => 0,
                Some(NodeEnum::CreateStmt(_)) => 1,
                Some(NodeEnum::ViewStmt(_)) => 2,
                Some(NodeEnum::IndexStmt(_)) => 3,
                Some(NodeEnum::CreateTrigStmt(_)) => 4,
                _ => 5,
            };
            let mut ordered: Vec<&ast::Node> = elements.iter().collect();
            ordered.sort_by_key(|node| rank(node));
            ordered.into_iter().filter_map(|node| node.node.as_ref()).try_for_each(|node| session.execute_node(node))
        })
    }
}
