//! Bodies of SQL functions as the server checks them when it makes the function (`fmgr_sql_validator`,
//! `check_sql_fn_retval`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::body_text::BodyText;
use super::session::{Outcome, Session};
use crate::analyse::{Parameter, analyse_statement};
use crate::analysis::Dependency;
use crate::catalog::{CastContext, Oid, ParameterMode, Routine, RoutineKind, TypeKind, oids};
use crate::diagnostic::SqlState;
use crate::lineage;
use crate::parser::{self, NodeEnum, ast};
use crate::source::SourceFile;

const INVALID_FUNCTION_DEFINITION: SqlState = SqlState("42P13");

/// What a statement of a body gives.
enum Gives {
    Nothing,
    /// Columns of these types.
    Columns(Vec<Oid>),
    /// What is not looked into.
    Unknown,
}

impl Session<'_> {
    /// Checks a routine that has just been made.
    pub(super) fn check_sql_routine(&self, statement: &ast::CreateFunctionStmt, routine: &Routine) -> Outcome {
        if routine.language != "sql" {
            return Ok(());
        }
        self.check_body_clause(statement, routine)?;
        self.check_pseudo_types(routine)?;
        let polymorphic = |type_: &Oid| crate::resolve::is_polymorphic(*type_);
        let text = super::routine::body(statement);
        if routine.inputs.iter().any(polymorphic) || text.is_some() && !self.checks_bodies() {
            return Ok(());
        }
        let parameters = parameters(routine);
        let found = match (&text, &statement.sql_body) {
            (Some(body), _) => {
                let text = BodyText::of(&self.file, self.span, &body.text);
                let path = body.search_path.clone().unwrap_or_else(|| self.search_path().to_vec());
                let checked = parser::parse(&text.file, self.catalog.version).and_then(|statements| {
                    let nodes: Vec<NodeEnum> = statements.into_iter().map(|statement| statement.node).collect();
                    self.check_statements(&text.file, &nodes, &parameters, &path)
                });
                checked.map_err(|problem| text.in_file(&self.file, problem))
            }
            (None, Some(body)) => {
                let nodes = atomic_statements(body);
                self.check_atomic(&nodes)
                    .and_then(|()| self.check_statements(&self.file, &nodes, &parameters, self.search_path()))
            }
            (None, None) => return Ok(()),
        };
        match found {
            Ok(last) => self.check_result(routine, &last),
            // What is not known here is the server's matter.
            Err(problem) if problem.sqlstate.is_none() => Ok(()),
            Err(problem) if problem.sqlstate.is_some_and(|code| self.may_be_made_unseen(code)) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    /// What the body of a routine uses that is no string, where all of it can be analysed.
    pub(super) fn meant_in_body(
        &self,
        statement: &ast::CreateFunctionStmt,
        routine: &Routine,
    ) -> Option<BTreeSet<Dependency>> {
        let (path, parameters) = (self.search_path(), parameters(routine));
        let mut found = BTreeSet::new();
        for node in atomic_statements(statement.sql_body.as_deref()?) {
            let query = analyse_statement(&self.catalog, &self.file, &node, &parameters, path).ok()?;
            found.extend(lineage::dependencies(&self.catalog, &query.tree, path));
        }
        Some(found)
    }

    /// A body is given once, and one that is no string needs to know its types (`interpret_AS_clause`).
    fn check_body_clause(&self, statement: &ast::CreateFunctionStmt, routine: &Routine) -> Outcome {
        let refused = |message: &str| Err(self.error(INVALID_FUNCTION_DEFINITION, message, -1));
        let mut strings = super::node::options(&statement.options).filter(|option| option.defname == "as");
        let strings = strings.next().map(|option| match option.arg.as_ref().and_then(|value| value.node.as_ref()) {
            Some(NodeEnum::List(list)) => list.items.len(),
            _ => 1,
        });
        match (strings, &statement.sql_body) {
            (Some(_), Some(_)) => refused("the function has two bodies"),
            (Some(2..), None) => refused("a function in SQL has one body after AS"),
            (None, Some(_)) if routine.inputs.iter().any(|type_| crate::resolve::is_polymorphic(*type_)) => {
                let message = "a function with polymorphic parameters cannot have BEGIN ATOMIC or RETURN";
                Err(self
                    .error(INVALID_FUNCTION_DEFINITION, message, -1)
                    .note("which types they stand for is known when it is called only")
                    .help("write the body as a string: `AS $$ … $$`"))
            }
            _ => Ok(()),
        }
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

    /// Only queries and statements that change rows can stand in a body that is no string (`interpret_AS_clause`).
    fn check_atomic(&self, nodes: &[NodeEnum]) -> Outcome {
        match nodes.iter().all(is_query) {
            true => Ok(()),
            false => {
                let message = "only queries and statements that change rows can stand in BEGIN ATOMIC";
                Err(self
                    .error(SqlState::FEATURE_NOT_SUPPORTED, message, -1)
                    .help("write the body as a string: `AS $$ … $$`"))
            }
        }
    }

    fn check_statements(
        &self,
        file: &Arc<SourceFile>,
        nodes: &[NodeEnum],
        parameters: &[Parameter],
        path: &[String],
    ) -> Outcome<Gives> {
        let mut last = Gives::Nothing;
        for node in nodes {
            last = match node {
                node if is_query(node) => {
                    let query = analyse_statement(&self.catalog, file, node, parameters, path)?;
                    if self.checks_bodies() {
                        self.check_rewritten(&query.tree)?;
                    }
                    match query.tree.modification {
                        Some(made) if made.returning.is_empty() => Gives::Nothing,
                        _ => Gives::Columns(query.columns.iter().map(|column| column.type_).collect()),
                    }
                }
                // What a procedure gives is its own matter.
                NodeEnum::CallStmt(_) => Gives::Unknown,
                _ => Gives::Nothing,
            };
        }
        Ok(last)
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

fn is_query(node: &NodeEnum) -> bool {
    matches!(
        node,
        NodeEnum::SelectStmt(_)
            | NodeEnum::InsertStmt(_)
            | NodeEnum::UpdateStmt(_)
            | NodeEnum::DeleteStmt(_)
            | NodeEnum::MergeStmt(_)
    )
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
