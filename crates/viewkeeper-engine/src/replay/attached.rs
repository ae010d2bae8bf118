//! Expressions that belong to relations and domains (defaults, checks, indexes, policies), and what they use: for DROP,
//! which must know what hangs on what.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::node;
use super::routine_source::Overloads;
use super::session::{LOOKUPS, Outcome, Session, split_dotted};
use super::walk;
use crate::analyse::{Purpose, analyse_expression, analyse_parameterised_query};
use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind, ColumnSource, Oid};
use crate::diagnostic::SqlState;
use crate::lineage;
use crate::parser::{NodeEnum, ast};
use crate::tree::{ExprNode, Query, RangeTableKind, RowColumn};

impl Session<'_> {
    /// Notes an expression that belongs to a relation or domain, in the place of the one of the same kind and name.
    pub(super) fn attach_expression(
        &mut self,
        owner: Oid,
        kind: AttachedKind,
        name: String,
        expression: &ast::Node,
        relation: Option<Oid>,
    ) -> Outcome {
        let canonical = node::expression_text(expression);
        let column = self.default_target(owner, kind);
        let purpose = self.purpose_of(owner, kind, relation, column.as_ref());
        let dependencies = self.expression_dependencies(expression, relation, &purpose)?;
        if matches!(purpose, Purpose::Generated(_)) {
            self.check_nothing_generated(owner, &dependencies)?;
            self.check_generation_immutable(owner, expression, &purpose)?;
        }
        self.note_generation(owner, kind, expression);
        let provenance = Some(self.provenance());
        self.attach(owner, Attached { kind, name, canonical, dependencies, provenance, source: None });
        Ok(())
    }

    /// What a generated column is computed from is not generated itself (`check_nested_generated` in heap.c).
    fn check_nothing_generated(&self, table: Oid, dependencies: &BTreeSet<Dependency>) -> Outcome {
        let Some(row) = self.catalog.relation(table) else { return Ok(()) };
        for dependency in dependencies {
            let Dependency::Column(relation, number) = dependency else { continue };
            let Some(column) = row.attribute(*number).filter(|_| *relation == table) else { continue };
            if matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual) {
                let message = format!("cannot use generated column `{}` in column generation expression", column.name);
                return Err(self
                    .error(SqlState::INVALID_OBJECT_DEFINITION, message, -1)
                    .help("write out what it is computed from"));
            }
        }
        Ok(())
    }

    /// What a default or check of a relation or domain is for; `column` is what the default is of.
    pub(super) fn purpose_of<'p>(
        &self,
        owner: Oid,
        kind: AttachedKind,
        relation: Option<Oid>,
        column: Option<&'p (RowColumn, ColumnSource)>,
    ) -> Purpose<'p> {
        match (kind, column) {
            (AttachedKind::Default(_), Some((column, ColumnSource::Plain))) => Purpose::Default(column),
            (AttachedKind::Default(_), Some((column, _))) => Purpose::Generated(column),
            (AttachedKind::Check, _) if relation.is_none() => {
                Purpose::DomainCheck(self.catalog.type_(owner).map(|row| row.base).unwrap_or_default())
            }
            _ => Purpose::Check,
        }
    }

    /// Keeps what a generated column is computed by, for what it proves of nulls. A value that is converted to the column's
    /// type first proves nothing.
    fn note_generation(&mut self, table: Oid, kind: AttachedKind, expression: &ast::Node) {
        let (AttachedKind::Default(number), Some((column, source))) = (kind, self.default_target(table, kind)) else {
            return;
        };
        self.catalog.generations.remove(&(table, number));
        let generated = matches!(source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual);
        let Some(name) = super::address::relation_name(&self.catalog, table).filter(|_| generated) else { return };
        let target = ast::ResTarget { val: Some(Box::new(expression.clone())), location: -1, ..Default::default() };
        let from = ast::RangeVar { schemaname: name.schema, relname: name.name, location: -1, ..Default::default() };
        let select = ast::SelectStmt {
            target_list: vec![ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) }],
            from_clause: vec![ast::Node { node: Some(NodeEnum::RangeVar(from)) }],
            op: ast::SetOperation::SetopNone.into(),
            limit_option: ast::LimitOption::Default.into(),
            ..Default::default()
        };
        let query = analyse_parameterised_query(&self.catalog, &self.file, &select, &[], self.search_path());
        if let Ok(query) = query
            && query.columns.first().is_some_and(|given| given.type_ == column.type_)
        {
            self.catalog.generations.insert((table, number), Arc::new(query.tree));
        }
    }

    /// What [`Self::note_generation`] keeps, of a column that another table takes over by LIKE, as a child or as a partition.
    pub(super) fn copy_generation(
        &mut self,
        (from, kind): (Oid, AttachedKind),
        (to, new_kind): (Oid, AttachedKind),
        to_new: impl Fn(i16) -> Option<i16>,
    ) {
        let (AttachedKind::Default(old), AttachedKind::Default(new)) = (kind, new_kind) else { return };
        self.catalog.generations.remove(&(to, new));
        let Some(query) = self.catalog.generations.get(&(from, old)) else { return };
        let mut query = crate::tree::Query::clone(query);
        let ([entry], [target]) = (&mut query.range_table[..], &mut query.targets[..]) else { return };
        let RangeTableKind::Relation { relation, .. } = &mut entry.kind else { return };
        *relation = to;
        let mut known = true;
        target.expr.rewrite(&mut |node| {
            if let ExprNode::Var(var) = &mut *node.node
                && var.column > 0
            {
                match to_new(var.column) {
                    Some(number) => var.column = number,
                    None => known = false,
                }
            }
        });
        if known {
            self.catalog.generations.insert((to, new), Arc::new(query));
        }
    }

    /// Sets the default or generation expression of a column, or with number 0 the default of a domain. A plain null is no
    /// default (`AddRelationNewConstraints`, `DefineDomain`, `AlterDomainDefault`).
    pub(super) fn set_default(&mut self, owner: Oid, number: i16, expression: &ast::Node) -> Outcome {
        let kind = AttachedKind::Default(number);
        let relation = self.catalog.relation(owner).map(|row| row.oid);
        self.attach_expression(owner, kind, String::new(), expression, relation)?;
        let null = self.is_null_default(owner, number, relation, expression);
        if null {
            self.detach(owner, |row| row.kind == kind);
        }
        if let Some(table) = relation {
            self.update_column(table, number, |column| column.has_default = !null);
        }
        Ok(())
    }

    fn is_null_default(&self, owner: Oid, number: i16, relation: Option<Oid>, expression: &ast::Node) -> bool {
        let column = self.default_target(owner, AttachedKind::Default(number));
        let (Some(raw), Some((column, ColumnSource::Plain))) = (&expression.node, &column) else { return false };
        let purpose = Purpose::Default(column);
        // With a cast to another type or length, or over a domain, it is more than a null.
        analyse_expression(&self.catalog, &self.file, raw, relation, &purpose, self.search_path())
            .is_ok_and(|analysed| matches!(&*analysed.expr.node, ExprNode::Const { value: None, .. }))
    }

    /// The column, or domain, that a default is for.
    pub(super) fn default_target(&self, owner: Oid, kind: AttachedKind) -> Option<(RowColumn, ColumnSource)> {
        let AttachedKind::Default(number) = kind else { return None };
        if let Some(column) = self.catalog.relation(owner).and_then(|row| row.attribute(number)) {
            let (name, collation) = (column.name.clone(), column.collation);
            return Some((RowColumn { name, type_: column.type_, typmod: column.typmod, collation }, column.source));
        }
        let domain = self.catalog.type_(owner)?;
        let (type_, typmod) = (domain.base, domain.base_typmod);
        Some((RowColumn { name: domain.name.clone(), type_, typmod, collation: domain.collation }, ColumnSource::Plain))
    }

    /// What an expression uses of the project's own objects.
    pub(super) fn expression_dependencies(
        &self,
        expression: &ast::Node,
        relation: Option<Oid>,
        purpose: &Purpose<'_>,
    ) -> Outcome<BTreeSet<Dependency>> {
        let Some(raw) = &expression.node else { return Ok(BTreeSet::new()) };
        match analyse_expression(&self.catalog, &self.file, raw, relation, purpose, self.search_path()) {
            Ok(analysed) => Ok(lineage::expression_dependencies(
                &self.catalog,
                &analysed.expr,
                &analysed.range_table,
                self.search_path(),
            )),
            // What it names may have been made by a statement that is not followed, of which a warning tells already.
            Err(problem) if problem.sqlstate.is_some_and(|code| self.may_be_made_unseen(code)) => {
                Ok(self.named_dependencies(expression, relation, Overloads::All))
            }
            Err(problem) => Err(problem),
        }
    }

    /// Whether something that is missing may have been made by a statement that is not followed.
    pub(super) fn may_be_made_unseen(&self, code: SqlState) -> bool {
        !self.catalog.unmodelled.is_empty() && LOOKUPS.contains(&code)
    }

    /// Adds something to a relation or domain, in the place of the one of the same kind and name.
    pub(super) fn attach(&mut self, owner: Oid, row: Attached) {
        let rows = self.catalog.attached.entry(owner).or_default();
        match rows.iter().position(|old| old.kind == row.kind && old.name == row.name) {
            Some(at) => rows[at] = Arc::new(row),
            None => rows.push(Arc::new(row)),
        }
    }

    /// Takes something away from a relation or domain; false when it was not there.
    pub(super) fn detach(&mut self, owner: Oid, matches: impl Fn(&Attached) -> bool) -> bool {
        let Some(rows) = self.catalog.attached.get_mut(&owner) else { return false };
        let before = rows.len();
        rows.retain(|row| !matches(row));
        let found = rows.len() < before;
        if rows.is_empty() {
            self.catalog.attached.remove(&owner);
        }
        found
    }

    /// What a condition over the rows `old` and `new` of a table uses; nothing where it cannot be analysed.
    pub(super) fn meant_over_rows(&self, table: Oid, condition: &ast::Node) -> Option<BTreeSet<Dependency>> {
        let query = self.over_rows(table, condition)?.ok()?;
        Some(lineage::dependencies(&self.catalog, &query, self.search_path()))
    }

    /// A condition over the rows `old` and `new` of a table, as the only entry of a query.
    pub(super) fn over_rows(&self, table: Oid, condition: &ast::Node) -> Option<Outcome<Query>> {
        let name = super::address::relation_name(&self.catalog, table)?;
        let target =
            ast::ResTarget { val: Some(Box::new(condition.clone())), location: -1, ..ast::ResTarget::default() };
        let row = |alias: &str| {
            let alias = ast::Alias { aliasname: alias.to_owned(), colnames: Vec::new() };
            let (schemaname, relname) = (name.schema.clone(), name.name.clone());
            let row = ast::RangeVar { schemaname, relname, alias: Some(alias), location: -1, ..Default::default() };
            ast::Node { node: Some(NodeEnum::RangeVar(row)) }
        };
        let select = ast::SelectStmt {
            target_list: vec![ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) }],
            from_clause: vec![row("old"), row("new")],
            op: ast::SetOperation::SetopNone.into(),
            limit_option: ast::LimitOption::Default.into(),
            ..Default::default()
        };
        let query = analyse_parameterised_query(&self.catalog, &self.file, &select, &[], self.search_path());
        Some(query.map(|query| query.tree))
    }

    /// What an expression that is not analysed uses of the project's own objects, by the names in it.
    pub(super) fn named_dependencies(
        &self,
        expression: &ast::Node,
        relation: Option<Oid>,
        overloads: Overloads<'_>,
    ) -> BTreeSet<Dependency> {
        let mut found = BTreeSet::new();
        let Some(node) = &expression.node else { return found };
        let references = walk::references(node);
        for parts in &references.types {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            found.extend(
                self.find_type(&parts).filter(|oid| self.catalog.types.contains_key(oid)).map(Dependency::Type),
            );
        }
        for parts in &references.functions {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let (schema, name) = node::schema_and_name(&parts);
            let schemas = match self.catalog.schema_by_name(schema) {
                Some(schema) => vec![schema],
                None => self.visible_schemas(),
            };
            let named = self.catalog.routines_named(name).filter(|routine| schemas.contains(&routine.schema));
            let named: Vec<Oid> = named.map(|routine| routine.oid).collect();
            let own = overloads.taken(&named).into_iter().filter(|oid| self.catalog.routines.contains_key(oid));
            found.extend(own.map(Dependency::Routine));
        }
        let names_relations = references.types.iter().any(|parts| parts.last().is_some_and(|name| name == "regclass"))
            || references.functions.iter().any(|parts| {
                parts.last().is_some_and(|name| matches!(name.as_str(), "nextval" | "currval" | "setval"))
            });
        if names_relations {
            for literal in &references.literals {
                let parts = split_dotted(literal);
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                let named = self.find_relation(&node::range_var(&parts, -1));
                found.extend(named.filter(|oid| self.catalog.relations.contains_key(oid)).map(Dependency::Relation));
            }
        }
        if let Some(relation) = relation.and_then(|oid| self.catalog.relation(oid)) {
            for parts in &references.columns {
                let column = parts.last().and_then(|name| relation.column(name));
                found.extend(column.map(|(number, _)| Dependency::Column(relation.oid, number)));
            }
        }
        found
    }
}
