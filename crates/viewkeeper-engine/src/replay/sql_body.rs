//! Bodies of SQL functions as the server checks them when it makes the function (`fmgr_sql_validator`,
//! `check_sql_fn_retval`): queries are analysed, of statements that change rows the relations are looked up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::session::{LOOKUPS, Outcome, Session};
use crate::analyse::{Parameter, analyse_parameterised_query};
use crate::analysis::Dependency;
use crate::catalog::{CastContext, Oid, ParameterMode, Routine, RoutineKind, TypeKind, oids};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::lineage;
use crate::parser::{self, NodeEnum, ast};
use crate::source::SourceFile;

const INVALID_FUNCTION_DEFINITION: SqlState = SqlState("42P13");

/// What a statement of a body gives.
enum Gives {
    Nothing,
    /// Columns of these types.
    Columns(Vec<Oid>),
    /// Columns that are not looked into.
    Unknown,
}

impl Session<'_> {
    /// Checks a routine that has just been made.
    pub(super) fn check_sql_routine(&self, statement: &ast::CreateFunctionStmt, routine: &Routine) -> Outcome {
        if routine.language != "sql" {
            return Ok(());
        }
        self.check_pseudo_types(routine)?;
        let polymorphic = |type_: &Oid| crate::resolve::is_polymorphic(*type_);
        let text = super::routine::body(statement);
        if routine.inputs.iter().any(polymorphic) || text.is_some() && !self.checks_bodies() {
            return Ok(());
        }
        let parameters = parameters(routine);
        let found = match (&text, &statement.sql_body) {
            (Some(body), _) => {
                let (file, exact) = self.masked(&body.text);
                let Ok(statements) = parser::parse(&file) else { return Ok(()) };
                let nodes: Vec<NodeEnum> = statements.into_iter().map(|statement| statement.node).collect();
                let path = body.search_path.clone().unwrap_or_else(|| self.search_path().to_vec());
                self.check_statements(&nodes, &parameters, &path).map_err(|problem| {
                    // A place in a body that is not in the file as it stands would be a wrong one.
                    if exact { problem } else { Diagnostic { place: None, ..problem } }
                })
            }
            (None, Some(body)) => self.check_statements(&atomic_statements(body), &parameters, self.search_path()),
            (None, None) => return Ok(()),
        };
        match found {
            Ok(last) => self.check_result(routine, &last),
            // What is not known here, and what only a view must not do, is the server's matter.
            Err(problem) if problem.sqlstate == Some(SqlState::FEATURE_NOT_SUPPORTED) => Ok(()),
            Err(problem) if !self.catalog.unmodelled.is_empty() && is_lookup(&problem) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    /// What the body of a routine uses that is no string, where all of it are queries that can be analysed.
    pub(super) fn meant_in_body(
        &self,
        statement: &ast::CreateFunctionStmt,
        routine: &Routine,
    ) -> Option<BTreeSet<Dependency>> {
        let (path, parameters) = (self.search_path(), parameters(routine));
        let mut found = BTreeSet::new();
        for node in atomic_statements(statement.sql_body.as_deref()?) {
            let NodeEnum::SelectStmt(select) = node else { return None };
            let query = analyse_parameterised_query(&self.catalog, &self.file, &select, &parameters, path).ok()?;
            found.extend(lineage::dependencies(&self.catalog, &query.tree, path));
        }
        Some(found)
    }

    fn check_pseudo_types(&self, routine: &Routine) -> Outcome {
        let is_pseudo = |type_: Oid| {
            let pseudo = self.catalog.type_(type_).is_some_and(|row| row.kind == TypeKind::Pseudo);
            pseudo && !crate::resolve::is_polymorphic(type_)
        };
        let name = |type_| super::names::type_text(&self.catalog, type_);
        if is_pseudo(routine.result) && ![oids::RECORD, oids::VOID].contains(&routine.result) {
            let message = format!("SQL functions cannot return type `{}`", name(routine.result));
            return Err(self.error(INVALID_FUNCTION_DEFINITION, message, -1));
        }
        match routine.inputs.iter().find(|type_| is_pseudo(**type_)) {
            Some(type_) => {
                let message = format!("SQL functions cannot have arguments of type `{}`", name(*type_));
                Err(self.error(INVALID_FUNCTION_DEFINITION, message, -1))
            }
            None => Ok(()),
        }
    }

    /// The text of a body with everything before it blank, so that places in it are those in the file; whether it
    /// stands there as it is.
    fn masked(&self, body: &str) -> (Arc<SourceFile>, bool) {
        let statement = self.file.text.get(self.span.start..self.span.end).unwrap_or_default();
        match statement.find(body).filter(|_| !body.trim().is_empty()) {
            Some(at) => {
                let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
                let before = &self.file.text.as_bytes()[..self.span.start + at];
                let mut text: String = before.iter().map(|byte| blank(*byte)).collect();
                text.push_str(body);
                (SourceFile::new(&*self.file.path, text), true)
            }
            None => (SourceFile::new(&*self.file.path, body), false),
        }
    }

    fn check_statements(&self, nodes: &[NodeEnum], parameters: &[Parameter], path: &[String]) -> Outcome<Gives> {
        let mut last = Gives::Nothing;
        for node in nodes {
            last = match node {
                NodeEnum::SelectStmt(select) if changes_rows(select) => Gives::Unknown,
                NodeEnum::SelectStmt(select) => {
                    let query = analyse_parameterised_query(&self.catalog, &self.file, select, parameters, path)?;
                    Gives::Columns(query.columns.iter().map(|column| column.type_).collect())
                }
                NodeEnum::InsertStmt(change) => {
                    self.check_target(change.relation.as_ref(), path)?;
                    returned(&change.returning_clause)
                }
                NodeEnum::UpdateStmt(change) => {
                    self.check_target(change.relation.as_ref(), path)?;
                    returned(&change.returning_clause)
                }
                NodeEnum::DeleteStmt(change) => {
                    self.check_target(change.relation.as_ref(), path)?;
                    returned(&change.returning_clause)
                }
                NodeEnum::MergeStmt(change) => {
                    self.check_target(change.relation.as_ref(), path)?;
                    returned(&change.returning_clause)
                }
                // What a procedure gives is its own matter.
                NodeEnum::CallStmt(_) => Gives::Unknown,
                _ => Gives::Nothing,
            };
        }
        Ok(last)
    }

    /// The table whose rows a statement changes.
    fn check_target(&self, name: Option<&ast::RangeVar>, path: &[String]) -> Outcome {
        let Some(name) = name else { return Ok(()) };
        let resolver = crate::resolve::Resolver::new(&self.catalog, path);
        let schema = (!name.schemaname.is_empty()).then_some(name.schemaname.as_str());
        let location = u32::try_from(name.location).ok();
        resolver.relation(schema, &name.relname, location).map(|_| ()).map_err(|failure| {
            let start = usize::try_from(name.location).unwrap_or(self.span.start);
            failure.in_file(&self.file, crate::source::Span::at(start))
        })
    }

    /// `check_sql_fn_retval`
    fn check_result(&self, routine: &Routine, last: &Gives) -> Outcome {
        if routine.result == oids::VOID || !self.checks_bodies() {
            return Ok(());
        }
        let mismatch = |note: String| {
            let name = super::names::type_text(&self.catalog, routine.result);
            let message = format!("return type mismatch in function declared to return `{name}`");
            Err(self.error(INVALID_FUNCTION_DEFINITION, message, -1).note(note))
        };
        let given = match last {
            Gives::Unknown => return Ok(()),
            Gives::Columns(given) => given,
            Gives::Nothing => {
                return mismatch(
                    "its last statement must be a SELECT, or change rows and give them with RETURNING".to_owned(),
                );
            }
        };
        let resolver = self.resolver();
        let fits = |given: Oid, wanted| resolver.can_coerce_one(given, wanted, CastContext::Assignment);
        let shown = |type_| super::names::type_text(&self.catalog, type_);
        let base = self.catalog.base_type(routine.result);
        let is_row = base == oids::RECORD || resolver.is_row_type(base);
        if !is_row {
            return match given[..] {
                [one] if fits(one, routine.result) => Ok(()),
                [one] => mismatch(format!("it gives `{}`", shown(one))),
                _ => mismatch("its last statement must give exactly one column".to_owned()),
            };
        }
        if let [one] = given[..]
            && routine.kind != RoutineKind::Procedure
            && fits(one, routine.result)
        {
            return Ok(());
        }
        let wanted = match self.catalog.relation_of_type(base) {
            Some(row) => row.live_columns().map(|(_, column)| column.type_).collect(),
            None => outputs(routine),
        };
        if wanted.is_empty() && base == oids::RECORD {
            return Ok(());
        }
        if given.len() != wanted.len() {
            let words = if given.len() > wanted.len() { "too many" } else { "too few" };
            return mismatch(format!("its last statement gives {words} columns"));
        }
        match given.iter().zip(&wanted).position(|(given, wanted)| !fits(*given, *wanted)) {
            Some(at) => mismatch(format!(
                "its last statement gives `{}` instead of `{}` at column {}",
                shown(given[at]),
                shown(wanted[at]),
                at + 1
            )),
            None => Ok(()),
        }
    }
}

fn is_lookup(problem: &Diagnostic) -> bool {
    problem.sqlstate.is_some_and(|code| LOOKUPS.contains(&code))
}

fn returned(clause: &Option<ast::ReturningClause>) -> Gives {
    if clause.is_some() { Gives::Unknown } else { Gives::Nothing }
}

/// Whether a query has WITH queries that change rows, which only functions may.
fn changes_rows(select: &ast::SelectStmt) -> bool {
    select.with_clause.iter().flat_map(|with| &with.ctes).any(|cte| match &cte.node {
        Some(NodeEnum::CommonTableExpr(cte)) => {
            !matches!(cte.ctequery.as_ref().and_then(|query| query.node.as_ref()), Some(NodeEnum::SelectStmt(_)))
        }
        _ => false,
    })
}

/// The statements of `RETURN …` and `BEGIN ATOMIC … END`.
fn atomic_statements(body: &ast::Node) -> Vec<NodeEnum> {
    match &body.node {
        Some(NodeEnum::ReturnStmt(stmt)) => {
            let target = ast::ResTarget { val: stmt.returnval.clone(), location: -1, ..Default::default() };
            let target = ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) };
            let select = ast::SelectStmt {
                target_list: vec![target],
                op: ast::SetOperation::SetopNone.into(),
                limit_option: ast::LimitOption::Default.into(),
                ..Default::default()
            };
            vec![NodeEnum::SelectStmt(Box::new(select))]
        }
        Some(NodeEnum::List(list)) => list.items.iter().flat_map(atomic_statements).collect(),
        Some(other) => vec![other.clone()],
        None => Vec::new(),
    }
}

pub(super) fn parameters(routine: &Routine) -> Vec<Parameter> {
    use ParameterMode as Mode;
    let named: Vec<&str> = routine
        .parameters
        .iter()
        .filter(|parameter| matches!(parameter.mode, Mode::In | Mode::InOut | Mode::Variadic))
        .map(|parameter| parameter.name.as_str())
        .collect();
    let inputs = routine.inputs.iter().enumerate();
    inputs
        .map(|(at, type_)| Parameter {
            name: named.get(at).copied().unwrap_or_default().to_owned(),
            type_: *type_,
            function: routine.name.clone(),
        })
        .collect()
}

/// The types of output parameters and columns of `RETURNS TABLE`.
fn outputs(routine: &Routine) -> Vec<Oid> {
    use ParameterMode as Mode;
    let is_output = |mode| matches!(mode, Mode::Out | Mode::InOut | Mode::Table);
    routine.parameters.iter().filter(|parameter| is_output(parameter.mode)).map(|parameter| parameter.type_).collect()
}
