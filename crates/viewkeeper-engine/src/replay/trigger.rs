//! Triggers, rules and policies: kept as what hangs on a relation.

use super::node;
use super::session::{Outcome, Session};
use crate::analyse::Purpose;
use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind, Oid};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};
use std::collections::BTreeSet;

/// Whether a statement may take the place of what has its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    Refuse,
    Replace,
}

impl Session<'_> {
    pub(super) fn create_trigger(&mut self, statement: &ast::CreateTrigStmt) -> Outcome {
        let Some(table) = self.target(statement.relation.as_ref(), false)? else { return Ok(()) };
        let names = node::strings(&statement.funcname);
        if let (schema, _) = node::schema_and_name(&names)
            && !schema.is_empty()
        {
            self.schema(schema, -1)?;
        }
        let function = self.routine_named(&names.join("."));
        let Some(function) = function else {
            let message = format!("function `{}()` does not exist", names.join("."));
            return Err(self.error(SqlState::UNDEFINED_FUNCTION, message, -1));
        };
        let mut dependencies: BTreeSet<Dependency> = BTreeSet::new();
        if self.catalog.routines.contains_key(&function) {
            dependencies.insert(Dependency::Routine(function));
        }
        for column in node::strings(&statement.columns) {
            dependencies.insert(Dependency::Column(table, self.column(table, column, -1)?));
        }
        if let Some(condition) = &statement.when_clause {
            dependencies.extend(self.named_dependencies(condition, Some(table)));
        }
        let existing = if statement.replace { Existing::Replace } else { Existing::Refuse };
        let node = NodeEnum::CreateTrigStmt(Box::new(statement.clone()));
        self.hang(table, AttachedKind::Trigger, &statement.trigname, &node, dependencies, existing)
    }

    pub(super) fn create_rule(&mut self, statement: &ast::RuleStmt) -> Outcome {
        let Some(table) = self.target(statement.relation.as_ref(), false)? else { return Ok(()) };
        let node = NodeEnum::RuleStmt(Box::new(statement.clone()));
        let mut dependencies = BTreeSet::new();
        for (schema, name) in super::walk::references(&node).relations {
            let named = self.find_relation(&ast::RangeVar { schemaname: schema, relname: name, ..Default::default() });
            dependencies.extend(named.filter(|oid| *oid != table).map(Dependency::Relation));
        }
        let existing = if statement.replace { Existing::Replace } else { Existing::Refuse };
        self.hang(table, AttachedKind::Rule, &statement.rulename, &node, dependencies, existing)
    }

    pub(super) fn create_policy(&mut self, statement: &ast::CreatePolicyStmt) -> Outcome {
        let Some(table) = self.target(statement.table.as_ref(), false)? else { return Ok(()) };
        let mut dependencies = BTreeSet::new();
        for expression in [&statement.qual, &statement.with_check].into_iter().flatten() {
            dependencies.extend(self.expression_dependencies(expression, Some(table), &Purpose::Policy)?);
        }
        let node = NodeEnum::CreatePolicyStmt(Box::new(statement.clone()));
        self.hang(table, AttachedKind::Policy, &statement.policy_name, &node, dependencies, Existing::Refuse)
    }

    pub(super) fn alter_policy(&mut self, statement: &ast::AlterPolicyStmt) -> Outcome {
        let Some(table) = self.target(statement.table.as_ref(), false)? else { return Ok(()) };
        let rows = self.catalog.attached.get(&table);
        let found = rows.and_then(|rows| {
            rows.iter().find(|row| row.kind == AttachedKind::Policy && row.name == statement.policy_name)
        });
        let Some(mut policy) = found.map(|row| (**row).clone()) else {
            let message = format!("policy `{}` for table does not exist", statement.policy_name);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        };
        for expression in [&statement.qual, &statement.with_check].into_iter().flatten() {
            policy.dependencies.extend(self.expression_dependencies(expression, Some(table), &Purpose::Policy)?);
        }
        // What it says now is what both statements say together.
        let change = parser::canonical(&NodeEnum::AlterPolicyStmt(Box::new(statement.clone()))).unwrap_or_default();
        policy.canonical = format!("{};\n{change}", policy.canonical);
        self.attach(table, policy);
        Ok(())
    }

    fn hang(
        &mut self,
        table: Oid,
        kind: AttachedKind,
        name: &str,
        node: &NodeEnum,
        dependencies: BTreeSet<Dependency>,
        existing: Existing,
    ) -> Outcome {
        let rows = self.catalog.attached.get(&table);
        let known = rows.is_some_and(|rows| rows.iter().any(|row| row.kind == kind && row.name == name));
        if known && existing == Existing::Refuse {
            let word = match kind {
                AttachedKind::Trigger => "trigger",
                AttachedKind::Rule => "rule",
                _ => "policy",
            };
            let message = format!("{word} `{name}` for relation `{}` already exists", self.relation_name(table));
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let canonical = parser::canonical(node).unwrap_or_default();
        let provenance = Some(self.provenance());
        self.attach(table, Attached { kind, name: name.to_owned(), canonical, dependencies, provenance });
        Ok(())
    }
}
