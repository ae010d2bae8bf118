//! Triggers, rules and policies: what hangs on a relation and has a statement of its own. Whether they are in force is
//! `part_state`'s.

use std::collections::BTreeSet;

use super::address::Address;
use super::node;
use super::routine_source::Overloads;
use super::session::{Outcome, Session};
use crate::analyse::{Purpose, analyse_rule};
use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind, Firing, Oid, Origin, PartSource, RelationKind, oids};
use crate::diagnostic::SqlState;
use crate::lineage;
use crate::object::part_keyword;
use crate::parser::{self, NodeEnum, ast};

/// Bits of `timing` and `events` (`TRIGGER_TYPE_INSTEAD`, `TRIGGER_TYPE_TRUNCATE`).
const INSTEAD: i32 = 1 << 6;
const TRUNCATE: i32 = 1 << 5;

/// Whether a statement may take the place of what has its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    Refuse,
    Replace,
}

impl Session<'_> {
    pub(super) fn create_trigger(&mut self, statement: &ast::CreateTrigStmt) -> Outcome {
        let Some(table) = self.target(statement.relation.as_ref(), false)? else { return Ok(()) };
        self.check_trigger_fits(table, statement)?;
        self.check_transition_tables(table, statement)?;
        self.check_trigger_condition(table, statement)?;
        let names = node::strings(&statement.funcname);
        self.check_written_schema(node::schema_and_name(&names).0, -1)?;
        let Some(function) = self.trigger_function(&names) else {
            let message = format!("function `{}()` does not exist", names.join("."));
            return Err(self.error(SqlState::UNDEFINED_FUNCTION, message, -1));
        };
        let result = self.catalog.routine(function).map(|row| row.result);
        if result.is_some_and(|result| result != oids::TRIGGER) {
            let message = format!("function `{}` must return type `trigger`", names.join("."));
            return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
        }
        let dependencies = self.trigger_dependencies(table, statement)?;
        let existing = if statement.replace { Existing::Replace } else { Existing::Refuse };
        let mut plain = statement.clone();
        (plain.trigname, plain.replace) = ("name".to_owned(), false);
        nameless(&mut plain.relation);
        plain.funcname = self.catalog.routine(function).map_or_else(Vec::new, |row| {
            let schema = self.catalog.schema_name(row.schema).unwrap_or_default();
            [schema, &row.name].into_iter().map(string_node).collect()
        });
        let node = NodeEnum::CreateTrigStmt(Box::new(statement.clone()));
        let plain = NodeEnum::CreateTrigStmt(Box::new(plain));
        self.hang((table, AttachedKind::Trigger, &statement.trigname), (&node, &plain), dependencies, existing)
    }

    /// What a trigger uses: the function, the columns behind `UPDATE OF`, and what its condition says.
    pub(super) fn trigger_dependencies(
        &self,
        table: Oid,
        statement: &ast::CreateTrigStmt,
    ) -> Outcome<BTreeSet<Dependency>> {
        let mut dependencies: BTreeSet<Dependency> = BTreeSet::new();
        let function = self.trigger_function(&node::strings(&statement.funcname));
        dependencies.extend(function.filter(|oid| self.catalog.routines.contains_key(oid)).map(Dependency::Routine));
        for column in node::strings(&statement.columns) {
            if !dependencies.insert(Dependency::Column(table, self.column(table, column, -1)?)) {
                let message = format!("column `{column}` specified more than once");
                return Err(self.error(SqlState::DUPLICATE_COLUMN, message, -1));
            }
        }
        if let Some(condition) = &statement.when_clause {
            let meant = self.meant_over_rows(table, condition);
            dependencies.extend(self.named_dependencies(condition, Some(table), Overloads::of(meant.as_ref())));
        }
        Ok(dependencies)
    }

    /// Which triggers which kind of relation may have (`CreateTriggerFiringOn`).
    fn check_trigger_fits(&self, table: Oid, statement: &ast::CreateTrigStmt) -> Outcome {
        let instead = statement.timing == INSTEAD;
        let name = self.relation_name(table);
        let wrong = |message: String, note: &str| {
            Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1).note(note.to_owned()))
        };
        let unsupported = |message: &str| Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        match self.own(table)?.kind {
            RelationKind::Table | RelationKind::PartitionedTable if instead => {
                return wrong(format!("`{name}` is a table"), "tables cannot have INSTEAD OF triggers");
            }
            RelationKind::View if !instead && statement.row => {
                let note = "views cannot have row-level BEFORE or AFTER triggers: nothing is stored in them";
                return wrong(format!("`{name}` is a view"), note);
            }
            RelationKind::View if statement.events & TRUNCATE != 0 => {
                return wrong(format!("`{name}` is a view"), "views cannot have TRUNCATE triggers");
            }
            RelationKind::ForeignTable if instead => {
                return wrong(format!("`{name}` is a foreign table"), "foreign tables cannot have INSTEAD OF triggers");
            }
            RelationKind::Table | RelationKind::PartitionedTable | RelationKind::View | RelationKind::ForeignTable => {}
            kind => {
                let is = super::names::kind_name(kind);
                return wrong(format!("relation `{name}` cannot have triggers"), &format!("it is a {is}"));
            }
        }
        if statement.row && statement.events & TRUNCATE != 0 {
            return unsupported("TRUNCATE FOR EACH ROW triggers are not supported");
        }
        if instead && !statement.row {
            return unsupported("INSTEAD OF triggers must be FOR EACH ROW");
        }
        if instead && statement.when_clause.is_some() {
            return unsupported("INSTEAD OF triggers cannot have WHEN conditions");
        }
        if instead && !statement.columns.is_empty() {
            return unsupported("INSTEAD OF triggers cannot have column lists");
        }
        Ok(())
    }

    /// The function that a trigger calls: it takes no arguments (`CreateTriggerFiringOn` in trigger.c).
    pub(super) fn trigger_function(&self, names: &[&str]) -> Option<Oid> {
        let (schema, name) = node::schema_and_name(names);
        let schemas = match self.catalog.schema_by_name(schema) {
            Some(schema) => vec![schema],
            None => self.visible_schemas(),
        };
        let named: Vec<_> = self.catalog.routines_named(name).collect();
        let in_schema = |schema: &Oid| {
            let mut found = named.iter().filter(|row| row.schema == *schema && row.inputs.is_empty());
            found.next().map(|row| row.oid)
        };
        schemas.iter().find_map(in_schema).or_else(|| in_schema(&oids::PG_CATALOG).filter(|_| schema.is_empty()))
    }

    pub(super) fn create_rule(&mut self, statement: &ast::RuleStmt) -> Outcome {
        let Some(table) = self.target(statement.relation.as_ref(), false)? else { return Ok(()) };
        let mut plain = statement.clone();
        (plain.rulename, plain.replace) = ("name".to_owned(), false);
        nameless(&mut plain.relation);
        let node = NodeEnum::RuleStmt(Box::new(statement.clone()));
        let dependencies = self.rule_dependencies(table, statement)?;
        let existing = if statement.replace { Existing::Replace } else { Existing::Refuse };
        let plain = NodeEnum::RuleStmt(Box::new(plain));
        self.hang((table, AttachedKind::Rule, &statement.rulename), (&node, &plain), dependencies, existing)
    }

    /// What a rule uses beside the relation that it is about, with which it goes.
    pub(super) fn rule_dependencies(&self, table: Oid, statement: &ast::RuleStmt) -> Outcome<BTreeSet<Dependency>> {
        let relation = self.own(table)?;
        let mut found = match analyse_rule(&self.catalog, &self.file, statement, relation, self.search_path()) {
            Ok(rule) => lineage::rule_dependencies(&self.catalog, &rule, self.search_path()),
            // What is not known here is the server's matter; and what it names may have been made by a statement that is
            // not followed, of which a warning tells already.
            Err(problem) if problem.sqlstate.is_none_or(|code| self.may_be_made_unseen(code)) => {
                self.names_in_rule(table, statement)
            }
            Err(problem) => return Err(problem),
        };
        found.remove(&Dependency::Relation(table));
        Ok(found)
    }

    /// What a rule uses as far as its names tell: of the rows that it is about columns, of all else relations.
    fn names_in_rule(&self, table: Oid, statement: &ast::RuleStmt) -> BTreeSet<Dependency> {
        let whole = ast::Node { node: Some(NodeEnum::RuleStmt(Box::new(statement.clone()))) };
        let mut found = self.named_dependencies(&whole, None, Overloads::All);
        let Some(references) = whole.node.as_ref().map(super::walk::references) else { return found };
        let row = self.catalog.relation(table);
        for column in references.columns {
            if let [of, name, ..] = column.as_slice()
                && matches!(of.as_str(), "new" | "old")
                && let Some((number, _)) = row.and_then(|row| row.column(name))
            {
                found.insert(Dependency::Column(table, number));
            }
        }
        for (schema, name) in references.relations {
            let named = self.find_relation(&ast::RangeVar { schemaname: schema, relname: name, ..Default::default() });
            found.extend(named.map(Dependency::Relation));
        }
        found
    }

    pub(super) fn create_policy(&mut self, statement: &ast::CreatePolicyStmt) -> Outcome {
        let Some(table) = self.target(statement.table.as_ref(), false)? else { return Ok(()) };
        let dependencies = self.policy_dependencies(table, statement)?;
        let (node, plain) = policy_nodes(statement);
        let what = (table, AttachedKind::Policy, statement.policy_name.as_str());
        self.hang(what, (&node, &plain), dependencies, Existing::Refuse)
    }

    fn policy_dependencies(&self, table: Oid, statement: &ast::CreatePolicyStmt) -> Outcome<BTreeSet<Dependency>> {
        let mut dependencies = BTreeSet::new();
        for expression in [&statement.qual, &statement.with_check].into_iter().flatten() {
            dependencies.extend(self.expression_dependencies(expression, Some(table), &Purpose::Policy)?);
        }
        Ok(dependencies)
    }

    /// `ALTER POLICY`: what it says now is what both statements say together.
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
        let text = policy.source.as_ref().map_or("", |source| &source.text);
        let Some(NodeEnum::CreatePolicyStmt(mut whole)) = parser::written_statement(text, self.catalog.version) else {
            return Err(self.malformed("of a policy that cannot be read"));
        };
        if !statement.roles.is_empty() {
            whole.roles.clone_from(&statement.roles);
        }
        for (new, old) in [(&statement.qual, &mut whole.qual), (&statement.with_check, &mut whole.with_check)] {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        policy.dependencies = self.policy_dependencies(table, &whole)?;
        let (node, plain) = policy_nodes(&whole);
        policy.canonical = self.canonical(&plain)?;
        policy.source = Some(PartSource {
            text: self.canonical(&node)?,
            search_path: self.search_path().to_vec(),
            firing: Firing::Origin,
        });
        if self.origin == Origin::Generated {
            policy.provenance = Some(self.provenance());
        }
        self.attach(table, policy);
        Ok(())
    }

    fn canonical(&self, node: &NodeEnum) -> Outcome<String> {
        parser::canonical(node).map_err(|reason| self.malformed(&format!("that the parser cannot write: {reason}")))
    }

    fn hang(
        &mut self,
        (table, kind, name): (Oid, AttachedKind, &str),
        (node, plain): (&NodeEnum, &NodeEnum),
        dependencies: BTreeSet<Dependency>,
        existing: Existing,
    ) -> Outcome {
        let rows = self.catalog.attached.get(&table).into_iter().flatten();
        let mut known = rows.filter(|row| row.kind == kind && row.name == name);
        let before = known.next().and_then(|row| row.source.as_ref()).map(|source| source.firing);
        if before.is_some() && existing == Existing::Refuse {
            let word = match kind {
                AttachedKind::Trigger => "trigger",
                AttachedKind::Rule => "rule",
                _ => "policy",
            };
            let message = format!("{word} `{name}` for relation `{}` already exists", self.relation_name(table));
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let canonical = self.canonical(plain)?;
        let mut provenance = self.provenance();
        // Inside of `CREATE SCHEMA` the statement at hand is a larger one.
        let own_text = part_keyword(kind, provenance.text()).is_some();
        let text = if own_text { provenance.text().replace("\r\n", "\n") } else { self.canonical(node)? };
        // A replaced rule stays as it was in force, a trigger does not (`InsertRule`, `CreateTriggerFiringOn`).
        let firing = before.filter(|_| kind == AttachedKind::Rule).unwrap_or_default();
        let source = Some(PartSource { text, search_path: self.search_path().to_vec(), firing });
        // What a person made and a generated migration drops and puts back stays that person's.
        let address = Address::Attached(table, kind, name.to_owned());
        if self.origin == Origin::Generated
            && let Some(id) = self.object_id(&address)
            && self.dropped_by_hand.remove(&id)
        {
            provenance.origin = Origin::HandWritten;
        }
        let (name, provenance) = (name.to_owned(), Some(provenance));
        self.attach(table, Attached { kind, name, canonical, dependencies, provenance, source });
        Ok(())
    }
}

/// A policy's statement, and the same without names.
pub(super) fn policy_nodes(statement: &ast::CreatePolicyStmt) -> (NodeEnum, NodeEnum) {
    let mut plain = statement.clone();
    plain.policy_name = "name".to_owned();
    nameless(&mut plain.table);
    let node = |statement| NodeEnum::CreatePolicyStmt(Box::new(statement));
    (node(statement.clone()), node(plain))
}

/// Two statements about one relation say the same however they name it.
fn nameless(relation: &mut Option<ast::RangeVar>) {
    if let Some(relation) = relation {
        (relation.catalogname, relation.schemaname) = (String::new(), String::new());
        relation.relname = "relation".to_owned();
    }
}

fn string_node(text: &str) -> ast::Node {
    ast::Node { node: Some(NodeEnum::String(ast::String { sval: text.to_owned() })) }
}
