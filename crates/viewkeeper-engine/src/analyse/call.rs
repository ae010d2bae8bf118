//! Calls: plain functions, aggregates and window functions, and columns written as calls (`ParseFuncOrColumn` in
//! parse_func.c, after the function is known).

use super::syntax::node;
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{AggregateKind, Oid, RoutineKind, ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Call, CallMeaning, Failure, ObjectName, ResolvedCall, place};
use crate::tree::{CallForm, Expr, ExprNode, Location, WindowCall};

/// The most arguments a function takes (`FUNC_MAX_ARGS`).
const MAX_ARGUMENTS: usize = 100;

/// What a call says beside its name and arguments.
pub(super) struct CallSyntax<'a> {
    pub(super) order_by: &'a [ast::Node],
    pub(super) filter: Option<Expr>,
    pub(super) over: Option<&'a ast::WindowDef>,
    pub(super) within_group: bool,
    pub(super) star: bool,
    pub(super) distinct: bool,
    pub(super) form: CallForm,
    /// Whether any argument is named.
    pub(super) named: bool,
}

impl CallSyntax<'_> {
    /// A name and its arguments.
    pub(super) fn plain() -> Self {
        Self {
            order_by: &[],
            filter: None,
            over: None,
            within_group: false,
            star: false,
            distinct: false,
            form: CallForm::Call,
            named: false,
        }
    }
}

impl<'a> Analyser<'a> {
    /// `AT LOCAL`, which is `timezone` of one argument (`a_expr` in gram.y).
    fn check_at_local(&self, call: &ast::FuncCall) -> Outcome<()> {
        let is_timezone = || matches!(call.funcname.last(), Some(ast::Node { node: Some(NodeEnum::String(name)) }) if name.sval == "timezone");
        let is_it = call.funcformat() == ast::CoercionForm::CoerceSqlSyntax && call.args.len() == 1 && is_timezone();
        match is_it && self.version() < ServerVersion::V17 {
            true => Err(self.too_old("AT LOCAL", 17, place(call.location))),
            false => Ok(()),
        }
    }

    /// `transformFuncCall`
    pub(super) fn function_call(&mut self, call: &'a ast::FuncCall) -> Outcome<Expr> {
        let location = place(call.location);
        self.check_at_local(call)?;
        let before = self.level().set_calls;
        let mut args = self.exprs(&call.args)?;
        if call.agg_within_group {
            for key in &call.agg_order {
                let NodeEnum::SortBy(key) = node(key)? else { continue };
                let raw = super::syntax::required(key.node.as_deref())?;
                args.push(self.expression(raw, ExpressionKind::OrderBy)?);
            }
        }
        let filter = self.optional_condition(call.agg_filter.as_deref(), ExpressionKind::Filter, "FILTER")?;
        if args.len() > MAX_ARGUMENTS {
            return Err(Failure::new(
                SqlState("54023"),
                format!("a function takes at most {MAX_ARGUMENTS} arguments"),
                location,
            ));
        }
        let named = self.check_named(&args)?;
        let name = ObjectName::from_nodes(&call.funcname, location)?;
        let form = match call.funcformat() {
            ast::CoercionForm::CoerceSqlSyntax => CallForm::SqlSyntax,
            _ => CallForm::Call,
        };
        let syntax = CallSyntax {
            order_by: &call.agg_order,
            filter,
            over: call.over.as_deref(),
            within_group: call.agg_within_group,
            star: call.agg_star,
            distinct: call.agg_distinct,
            form,
            named,
        };
        // `f(t)` may mean `t.f`, when there is no such function.
        let row = match args.as_slice() {
            [only]
                if name.schema.is_none()
                    && !(call.agg_star || call.agg_distinct || call.func_variadic || named)
                    && call.agg_order.is_empty()
                    && syntax.filter.is_none()
                    && call.over.is_none()
                    && self.is_row_type(self.type_of(only)) =>
            {
                Some(only.clone())
            }
            _ => None,
        };
        let column = name.name.clone();
        let rows = self.rows_in_columns(&args);
        let resolve = |args| {
            self.resolver.call(Call {
                name: name.clone(),
                args,
                within_group: call.agg_within_group.then_some(call.agg_order.len()),
                star: call.agg_star,
                distinct: call.agg_distinct,
                ordered: !call.agg_order.is_empty(),
                filtered: syntax.filter.is_some(),
                windowed: call.over.is_some(),
                variadic: call.func_variadic,
                location,
            })
        };
        let meaning = match (resolve(args), rows) {
            (Err(failure), Some(rows)) if failure.sqlstate == SqlState::CANNOT_COERCE => resolve(rows),
            (meaning, _) => meaning,
        };
        match (meaning, row) {
            (Ok(CallMeaning::Cast(expr)), _) => Ok(expr),
            (Ok(CallMeaning::Routine(resolved)), _) => self.finish_call(resolved, syntax, before, location),
            (Err(failure), Some(row)) if failure.sqlstate == SqlState::UNDEFINED_FUNCTION => {
                self.projection(&row, &column, location)?.ok_or(failure)
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// The arguments with the rows of sub-queries in their columns, as a function of a named row type takes them; `None` where
    /// there is none.
    fn rows_in_columns(&self, args: &[Expr]) -> Option<Vec<Expr>> {
        let is_record =
            |node: &Expr| matches!(&*node.node, ExprNode::Var(var) if var.column == 0 && var.type_ == oids::RECORD);
        let bare = |arg: &Expr| match &*arg.node {
            ExprNode::NamedArgument { arg, .. } => is_record(arg),
            _ => is_record(arg),
        };
        if !args.iter().any(bare) {
            return None;
        }
        let in_columns = |arg: &Expr| match (*arg.node).clone() {
            ExprNode::NamedArgument { name, position, arg: value } if is_record(&value) => {
                let node = ExprNode::NamedArgument { name, position, arg: self.row_in_columns(value) };
                Expr::new(node, arg.location)
            }
            _ if is_record(arg) => self.row_in_columns(arg.clone()),
            _ => arg.clone(),
        };
        Some(args.iter().map(in_columns).collect())
    }

    /// Named arguments come last and each once; whether there are any.
    fn check_named(&self, args: &[Expr]) -> Outcome<bool> {
        let mut seen: Vec<&str> = Vec::new();
        for arg in args {
            match &*arg.node {
                ExprNode::NamedArgument { name, .. } if seen.contains(&name.as_str()) => {
                    return Err(Failure::new(
                        SqlState::SYNTAX_ERROR,
                        format!("the argument `{name}` is given more than once"),
                        arg.location,
                    ));
                }
                ExprNode::NamedArgument { name, .. } => seen.push(name),
                _ if !seen.is_empty() => {
                    return Err(Failure::new(
                        SqlState::SYNTAX_ERROR,
                        "an argument without a name cannot follow one with a name",
                        arg.location,
                    ));
                }
                _ => {}
            }
        }
        Ok(!seen.is_empty())
    }

    /// The node for a call whose function is known.
    pub(super) fn finish_call(
        &mut self,
        resolved: ResolvedCall<'a>,
        syntax: CallSyntax<'a>,
        before: u32,
        location: Location,
    ) -> Outcome<Expr> {
        if resolved.returns_set {
            self.admit_set(before, location)?;
        }
        let returns_set = resolved.returns_set;
        let result = match (resolved.routine.kind, syntax.over) {
            (RoutineKind::Function | RoutineKind::Procedure, _) => {
                let node = ExprNode::Function {
                    function: resolved.routine.oid,
                    type_: resolved.type_,
                    returns_set,
                    variadic: resolved.variadic,
                    form: syntax.form,
                    collation: Oid::INVALID,
                    input_collation: Oid::INVALID,
                    args: resolved.args,
                };
                Expr::new(node, location)
            }
            (RoutineKind::Aggregate, None) => {
                let ordered_set = resolved
                    .routine
                    .aggregate
                    .as_ref()
                    .is_some_and(|aggregate| aggregate.kind != AggregateKind::Normal);
                self.check_parameterless(&resolved, &syntax, location)?;
                if syntax.named {
                    return Err(Failure::new(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        "aggregates cannot have named arguments",
                        location,
                    ));
                }
                self.aggregate_call(resolved, syntax, ordered_set, location)?
            }
            (RoutineKind::Aggregate | RoutineKind::Window, Some(over)) => {
                self.window_call(resolved, &syntax, over, before, location)?
            }
            (RoutineKind::Window, None) => {
                return Err(Failure::new(
                    SqlState::WRONG_OBJECT_TYPE,
                    format!("the window function `{}` needs OVER", resolved.routine.name),
                    location,
                ));
            }
        };
        if returns_set {
            self.note_set(location);
        }
        Ok(result)
    }

    /// An aggregate without arguments is written with `(*)`.
    fn check_parameterless(
        &self,
        resolved: &ResolvedCall<'a>,
        syntax: &CallSyntax<'a>,
        location: Location,
    ) -> Outcome<()> {
        if resolved.args.is_empty() && !syntax.star && !syntax.within_group {
            let name = &resolved.routine.name;
            return Err(Failure::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("an aggregate without arguments is written `{name}(*)`"),
                location,
            ));
        }
        Ok(())
    }

    fn window_call(
        &mut self,
        resolved: ResolvedCall<'a>,
        syntax: &CallSyntax<'a>,
        over: &'a ast::WindowDef,
        before: u32,
        location: Location,
    ) -> Outcome<Expr> {
        let aggregate = resolved.routine.kind == RoutineKind::Aggregate;
        let unsupported = |what: &str| Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, what, location));
        if syntax.distinct {
            return unsupported("window functions cannot have DISTINCT");
        }
        if aggregate {
            self.check_parameterless(&resolved, syntax, location)?;
        }
        if !syntax.order_by.is_empty() {
            return unsupported("an aggregate with OVER cannot have ORDER BY among its arguments");
        }
        if !aggregate && syntax.filter.is_some() {
            return unsupported("a window function that is not an aggregate cannot have FILTER");
        }
        if self.level().set_calls != before {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "window function calls cannot contain set-returning function calls",
                self.level().last_set_call,
            )
            .help("move the set-returning function into a LATERAL item of FROM"));
        }
        let call = WindowCall {
            function: resolved.routine.oid,
            type_: resolved.type_,
            collation: Oid::INVALID,
            input_collation: Oid::INVALID,
            args: resolved.args,
            filter: syntax.filter.clone(),
            star: syntax.star,
            aggregate,
            window: 0,
        };
        self.place_window_call(call, over, location)
    }
}
