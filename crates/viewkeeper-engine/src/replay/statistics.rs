//! `CREATE STATISTICS`, `ALTER STATISTICS`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::address::Address;
use super::choose_name::{choose, joined};
use super::column::SYSTEM_COLUMNS;
use super::node;
use super::session::{Outcome, Session};
use crate::analyse::Purpose;
use crate::analysis::Dependency;
use crate::catalog::{ExtendedStatistics, Oid, Origin};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};

impl Session<'_> {
    pub(super) fn create_statistics(&mut self, statement: &ast::CreateStatsStmt) -> Outcome {
        let [relation] = statement.relations.as_slice() else {
            return Err(self.error(
                SqlState::FEATURE_NOT_SUPPORTED,
                "only a single relation is allowed in CREATE STATISTICS",
                -1,
            ));
        };
        let Some(NodeEnum::RangeVar(relation)) = &relation.node else {
            return Err(self.error(
                SqlState::FEATURE_NOT_SUPPORTED,
                "only a single relation is allowed in CREATE STATISTICS",
                -1,
            ));
        };
        let relation = self.relation(relation)?;
        self.check_written_schema(node::schema_and_name(&node::strings(&statement.defnames)).0, -1)?;
        let (names, dependencies) = self.statistics_parts(relation, statement)?;
        let (schema, name) = match node::schema_and_name(&node::strings(&statement.defnames)) {
            // They are in the schema of the relation (CreateStatistics in statscmds.c).
            ("", "") if self.origin != Origin::Definition => {
                let row = self.own(relation)?;
                let taken = |name: &str| {
                    self.catalog.statistics.values().any(|other| other.schema == row.schema && other.name == name)
                };
                (row.schema, choose(&row.name, &joined(&names), "stat", taken))
            }
            ("", "") => {
                return Err(self
                    .error(SqlState::FEATURE_NOT_SUPPORTED, "statistics without a name", -1)
                    .note("the server would choose one, and the definition could not be found again")
                    .help("write a name behind `CREATE STATISTICS`"));
            }
            (schema, name) => (self.creation_schema(schema, "p", -1)?, name.to_owned()),
        };
        if self.catalog.statistics.values().any(|row| row.schema == schema && row.name == name) {
            if statement.if_not_exists {
                return Ok(());
            }
            let message = format!("statistics object `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let plain = NodeEnum::CreateStatsStmt(plain(statement));
        let canonical = parser::canonical(&plain)
            .map_err(|reason| self.malformed(&format!("that the parser cannot write: {reason}")))?;
        let (search_path, mut provenance) = (self.search_path().to_vec(), self.provenance());
        let oid = self.catalog.allocate();
        let mut row = ExtendedStatistics {
            schema,
            name,
            relation,
            canonical,
            dependencies,
            target: None,
            search_path,
            provenance: provenance.clone(),
        };
        self.catalog.statistics.insert(oid, Arc::new(row.clone()));
        // What a person made and a generated migration drops and puts back stays that person's.
        if self.origin == Origin::Generated
            && let Some(id) = self.object_id(&Address::Statistics(oid))
            && self.dropped_by_hand.remove(&id)
        {
            provenance.origin = Origin::HandWritten;
            row.provenance = provenance;
            self.catalog.statistics.insert(oid, Arc::new(row));
        }
        Ok(())
    }

    /// What statistics are of, by the names that a chosen name is made from, and what they use (`CreateStatistics`).
    fn statistics_parts<'s>(
        &self,
        relation: Oid,
        statement: &'s ast::CreateStatsStmt,
    ) -> Outcome<(Vec<&'s str>, BTreeSet<Dependency>)> {
        let (mut names, mut dependencies) = (Vec::new(), BTreeSet::new());
        let (mut columns, mut expressions) = (Vec::new(), 0);
        for element in &statement.exprs {
            let Some(NodeEnum::StatsElem(element)) = &element.node else { continue };
            // A column in parentheses is a column.
            let column = match element.expr.as_ref().map(|expression| &expression.node) {
                None => Some(element.name.as_str()),
                Some(Some(NodeEnum::ColumnRef(column))) => node::strings(&column.fields).last().copied(),
                Some(_) => None,
            };
            if let Some(column) = column {
                if SYSTEM_COLUMNS.contains(&column) {
                    let message = "statistics creation on system columns is not supported";
                    return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
                }
                let number = self.column(relation, column, -1)?;
                dependencies.insert(Dependency::Column(relation, number));
                columns.push(number);
            } else if let Some(expression) = &element.expr {
                let purpose = Purpose::IndexColumn;
                dependencies.extend(self.expression_dependencies(expression, Some(relation), &purpose)?);
                expressions += 1;
            }
            names.push(if element.expr.is_some() { "expr" } else { element.name.as_str() });
        }
        let kinds = node::strings(&statement.stat_types);
        if names.len() < 2 && expressions != 1 {
            let message = "extended statistics require at least 2 columns";
            return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
        }
        if names.len() < 2 && !kinds.is_empty() {
            let message = "statistics on a single expression have no kinds to choose from";
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        }
        if let Some(kind) = kinds.iter().find(|kind| !["ndistinct", "dependencies", "mcv"].contains(*kind)) {
            let message = format!("there are no statistics of the kind `{kind}`");
            return Err(self.error(SqlState::SYNTAX_ERROR, message, -1));
        }
        let named = columns.len();
        columns.sort_unstable();
        columns.dedup();
        if columns.len() < named {
            let message = "a column is named more than once in the statistics";
            return Err(self.error(SqlState::DUPLICATE_COLUMN, message, -1));
        }
        Ok((names, dependencies))
    }

    /// `SET STATISTICS`; -1 is the usual target.
    pub(super) fn alter_statistics(&mut self, statement: &ast::AlterStatsStmt) -> Outcome {
        let oid = match self.statistics(&node::strings(&statement.defnames)) {
            Err(error) if statement.missing_ok && error.sqlstate == Some(SqlState::UNDEFINED_OBJECT) => return Ok(()),
            found => found?,
        };
        let target = match statement.stxstattarget.as_ref().and_then(|node| node.node.as_ref()) {
            Some(NodeEnum::Integer(number)) => Some(number.ival).filter(|target| *target >= 0),
            _ => None,
        };
        if let Some(row) = self.catalog.statistics.get_mut(&oid) {
            Arc::make_mut(row).target = target;
        }
        Ok(())
    }

    /// Statistics that a statement names.
    pub(super) fn statistics(&self, parts: &[&str]) -> Outcome<Oid> {
        let (schema, name) = node::schema_and_name(parts);
        let schemas = if schema.is_empty() { self.visible_schemas() } else { vec![self.schema(schema, -1)?] };
        let in_schema = |schema: &Oid| {
            let mut rows = self.catalog.statistics.iter().filter(|(_, row)| row.schema == *schema && row.name == name);
            rows.next().map(|(oid, _)| *oid)
        };
        schemas.iter().find_map(in_schema).ok_or_else(|| {
            self.error(
                SqlState::UNDEFINED_OBJECT,
                format!("statistics object `{}` does not exist", parts.join(".")),
                -1,
            )
        })
    }
}

/// The statement without names, its kinds in order: their order means nothing.
fn plain(statement: &ast::CreateStatsStmt) -> ast::CreateStatsStmt {
    let mut plain = statement.clone();
    plain.if_not_exists = false;
    plain.stat_types.sort_by_key(|kind| node::string(kind).map(str::to_owned));
    crate::object::name_statistics(&mut plain, &["name"], &["relation"]);
    plain
}
