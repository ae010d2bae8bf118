//! Whether an expression of an index gives the same for the same row at any time, which PostgreSQL asks of it
//! (`CheckMutability` in indexcmds.c, `contain_mutable_functions` in clauses.c).

use super::session::{Outcome, Session};
use crate::analyse::{Purpose, analyse_expression, analyse_parameterised_query};
use crate::catalog::{Catalog, Oid, Routine, Subscripting, TypeKind, Volatility};
use crate::diagnostic::SqlState;
use crate::parser::{self, NodeEnum, ast};
use crate::source::SourceFile;
use crate::tree::{Child, Expr, ExprNode, Location, Query, expr_type};

impl Session<'_> {
    /// Refuses what the server would refuse in the expressions and in the predicate of an index.
    pub(super) fn check_immutable(&self, table: Oid, statement: &ast::IndexStmt) -> Outcome {
        let columns = statement.index_params.iter().filter_map(|key| match &key.node {
            Some(NodeEnum::IndexElem(element)) => element.expr.as_deref(),
            _ => None,
        });
        let columns = columns.map(|raw| (raw, Purpose::IndexColumn, "expression"));
        let predicate = statement.where_clause.as_deref().map(|raw| (raw, Purpose::IndexPredicate, "predicate"));
        let location = statement.relation.as_ref().map_or(-1, |name| name.location);
        for (raw, purpose, place) in columns.chain(predicate) {
            self.check_index_part_immutable(table, raw, &purpose, place, location)?;
        }
        Ok(())
    }

    /// The same for one expression or predicate, of an exclusion constraint too.
    pub(super) fn check_index_part_immutable(
        &self,
        table: Oid,
        raw: &ast::Node,
        purpose: &Purpose<'_>,
        place: &str,
        location: i32,
    ) -> Outcome {
        let message = format!("functions in index {place} must be marked IMMUTABLE");
        let help = format!("mark what it calls IMMUTABLE where it is, or index another {place}");
        self.check_expression_immutable(table, raw, purpose, (message, help), location)
    }

    /// What a generated column is computed by must give the same for the same row, too (`cookDefault`).
    pub(super) fn check_generation_immutable(&self, table: Oid, raw: &ast::Node, purpose: &Purpose<'_>) -> Outcome {
        let said =
            ("generation expression is not immutable".to_owned(), "compute it when the row is written".to_owned());
        self.check_expression_immutable(table, raw, purpose, said, -1)
    }

    fn check_expression_immutable(
        &self,
        table: Oid,
        raw: &ast::Node,
        purpose: &Purpose<'_>,
        (message, help): (String, String),
        location: i32,
    ) -> Outcome {
        let Some(node) = &raw.node else { return Ok(()) };
        let path = self.search_path();
        let analysed = analyse_expression(&self.catalog, &self.file, node, Some(table), purpose, path);
        // What is wrong with it otherwise has been said.
        let Some((culprit, at)) = analysed.ok().and_then(|analysed| self.mutable(&analysed.expr)) else {
            return Ok(());
        };
        let location = at.and_then(|at| i32::try_from(at).ok()).unwrap_or(location);
        let error = self.error(SqlState::INVALID_OBJECT_DEFINITION, message, location);
        Err(error.note(format!("{culprit} may give something else for the same row at another time")).help(help))
    }

    /// What in an expression may change, and where it stands; for messages.
    pub(super) fn mutable(&self, expr: &Expr) -> Option<(String, Location)> {
        let catalog = &self.catalog;
        let called = match &*expr.node {
            ExprNode::Function { function, .. }
            | ExprNode::Operator { function, .. }
            | ExprNode::Distinct { function, .. }
            | ExprNode::NullIf { function, .. }
            | ExprNode::ArrayOperator { function, .. } => self.mutable_routine(*function),
            ExprNode::CoerceViaIo { arg, type_, .. } => {
                let from = expr_type(catalog, arg);
                let functions = [output_function(catalog, from), catalog.type_(*type_).map(|row| row.input)];
                let changes = functions.into_iter().flatten().any(|function| is_mutable(catalog, function));
                changes.then(|| {
                    let (from, to) = (catalog.signature_type(from), catalog.signature_type(*type_));
                    format!("the cast from `{from}` to `{to}`, which goes by settings of the session,")
                })
            }
            ExprNode::SqlValue { name, .. } => Some(format!("`{}`", name.to_uppercase())),
            _ => None,
        };
        let mut found = called.map(|culprit| (culprit, expr.location));
        expr.children(&mut |child| {
            if let Child::Expr(child) = child
                && found.is_none()
            {
                found = self.mutable(child);
            }
        });
        found
    }

    fn mutable_routine(&self, oid: Oid) -> Option<String> {
        let routine = self.catalog.routine(oid).filter(|row| row.volatility != Volatility::Immutable)?;
        let id = self.catalog.routine_id(oid)?;
        match self.inlined(routine) {
            Inlined::As(body) => self.mutable(&body).map(|_| format!("`{}`", id.sql_name())),
            Inlined::Not => Some(format!("`{}`", id.sql_name())),
            Inlined::NotKnown => None,
        }
    }

    /// What the planner puts in the place of a call (`inline_function` in clauses.c): that counts, and not what the function
    /// is marked as.
    fn inlined(&self, routine: &Routine) -> Inlined {
        if routine.language != "sql" {
            return Inlined::Not;
        }
        // The bodies of PostgreSQL's own are not kept.
        let Some(source) = &routine.source else { return Inlined::NotKnown };
        if routine.returns_set || source.security_definer || source.search_path.is_some() {
            return Inlined::Not;
        }
        // A strict one is put in place only where its body is as strict.
        let Some(body) = source.sql_body.as_ref().filter(|_| !routine.strict) else { return Inlined::NotKnown };
        let file = SourceFile::new("body", body.as_str());
        let Ok(statements) = parser::parse(&file, self.catalog.version) else { return Inlined::NotKnown };
        let [statement] = statements.as_slice() else { return Inlined::Not };
        let NodeEnum::SelectStmt(select) = &statement.node else { return Inlined::Not };
        let parameters = super::sql_body::parameters(routine);
        let path = &source.creation_path;
        match analyse_parameterised_query(&self.catalog, &file, select, &parameters, path) {
            Ok(query) => only_expression(&query.tree).map_or(Inlined::Not, |expr| Inlined::As(expr.clone())),
            Err(_) => Inlined::NotKnown,
        }
    }
}

/// What becomes of the call of a function.
enum Inlined {
    /// It is called.
    Not,
    /// Its body stands in its place.
    As(Expr),
    NotKnown,
}

/// The expression that a query without anything else gives.
fn only_expression(query: &Query) -> Option<&Expr> {
    match query.targets.as_slice() {
        [target] if query.range_table.is_empty() && query.sort.is_empty() && query.group_by.is_empty() => {
            Some(&target.expr)
        }
        _ => None,
    }
}

fn is_mutable(catalog: &Catalog, function: Oid) -> bool {
    catalog.routine(function).is_some_and(|row| row.volatility != Volatility::Immutable)
}

/// The function that writes values of a type, as far as its name tells.
fn output_function(catalog: &Catalog, type_: Oid) -> Option<Oid> {
    let row = catalog.type_(catalog.base_type(type_))?;
    let names = match row.kind {
        TypeKind::Enum => ["enum_out".to_owned(), String::new()],
        TypeKind::Composite => ["record_out".to_owned(), String::new()],
        TypeKind::Range => ["range_out".to_owned(), String::new()],
        TypeKind::Multirange => ["multirange_out".to_owned(), String::new()],
        _ if row.subscripting == Subscripting::Array => ["array_out".to_owned(), String::new()],
        _ => [format!("{}_out", row.name), format!("{}out", row.name)],
    };
    names.iter().find_map(|name| {
        let mut named = catalog.routines_named(name);
        named.find(|row| row.schema == crate::catalog::oids::PG_CATALOG).map(|row| row.oid)
    })
}
