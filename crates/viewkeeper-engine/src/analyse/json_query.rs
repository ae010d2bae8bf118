//! JSON_EXISTS, JSON_QUERY, JSON_VALUE (`transformJsonFuncExpr` in parse_expr.c of 17 and later).

use super::aggregate::variable_of_level;
use super::json::{Format, Returning, Role, explicit_format};
use super::syntax::{node, required};
use super::{Analyser, Outcome};
use crate::catalog::{CastContext, Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Coercion, Failure, place};
use crate::tree::{CallForm, Expr, ExprNode, JsonBehavior, JsonQueryCall, JsonQueryKind, Location, returns_set};

impl<'a> Analyser<'a> {
    /// `transformJsonFuncExpr`
    pub(super) fn json_function(&mut self, function: &'a ast::JsonFuncExpr) -> Outcome<Expr> {
        let location = place(function.location);
        let (kind, name, default) = match function.op() {
            ast::JsonExprOp::JsonExistsOp => (JsonQueryKind::Exists, "JSON_EXISTS", Format::Default),
            ast::JsonExprOp::JsonQueryOp => (JsonQueryKind::Query, "JSON_QUERY", Format::Jsonb),
            _ => (JsonQueryKind::Value, "JSON_VALUE", Format::Default),
        };
        self.json_since(17, name, location)?;
        let written = function.output.as_ref().and_then(|output| output.returning.as_ref());
        let written = explicit_format(written.and_then(|returning| returning.format.as_ref()));
        if kind != JsonQueryKind::Query && written.is_some() {
            return Err(syntax(format!("{name} cannot have FORMAT JSON in RETURNING"), location));
        }
        if kind == JsonQueryKind::Query {
            quotes_fit_wrapper(function.quotes(), function.wrapper(), location)?;
        }
        let document = self.json_value(function.context_item.as_deref(), name, default, oids::JSONB, Role::Value)?;
        let path = self.json_path(required(function.pathspec.as_deref())?)?;
        let passing = self.json_passing(&function.passing, name)?;
        let returning = self.json_output(function.output.as_ref())?;
        self.json_call(kind, document, path, passing, returning, Behaviors::of(function), location)
    }

    /// The path, which must be a `jsonpath`.
    pub(super) fn json_path(&mut self, raw: &'a NodeEnum) -> Outcome<Expr> {
        let path = self.expr(raw)?;
        let (source, location) = (self.type_of(&path), path.location);
        let coercion = Coercion {
            target: oids::JSONPATH,
            typmod: -1,
            context: CastContext::Explicit,
            form: CallForm::ImplicitCast,
            location,
        };
        self.resolver.coerce_to_target_type(path, coercion)?.ok_or_else(|| {
            Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("a JSON path must be of type `jsonpath`, not `{}`", self.type_text(source)),
                location,
            )
        })
    }

    /// `transformJsonPassingArgs`
    pub(super) fn json_passing(&mut self, passing: &'a [ast::Node], construct: &str) -> Outcome<Vec<Expr>> {
        let mut values = Vec::new();
        for argument in passing {
            let NodeEnum::JsonArgument(argument) = node(argument)? else { continue };
            let none = Oid::INVALID;
            values.push(self.json_value(argument.val.as_deref(), construct, Format::Jsonb, none, Role::Passed)?);
        }
        Ok(values)
    }

    /// The call with its result type and what it does when there is nothing or something wrong.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn json_call(
        &mut self,
        kind: JsonQueryKind,
        mut document: Expr,
        path: Expr,
        mut passing: Vec<Expr>,
        returning: Option<Returning>,
        behaviors: Behaviors<'a>,
        location: Location,
    ) -> Outcome<Expr> {
        self.assign_collations(&mut document)?;
        for value in &mut passing {
            self.assign_collations(value)?;
        }
        let returning = returning.unwrap_or(match kind {
            JsonQueryKind::Exists => Returning { type_: oids::BOOL, typmod: -1, format: Format::Json },
            JsonQueryKind::Query => Returning { type_: oids::JSONB, typmod: -1, format: Format::Jsonb },
            JsonQueryKind::Value => Returning { type_: oids::TEXT, typmod: -1, format: Format::Json },
        });
        let on_empty = self.behavior(behaviors.on_empty, kind, "ON EMPTY", returning)?;
        let on_error = self.behavior(behaviors.on_error, kind, "ON ERROR", returning)?;
        let Returning { type_, typmod, .. } = returning;
        let collation = self.catalog().type_collation(type_);
        let call = JsonQueryCall { kind, document, path, passing, on_empty, on_error, type_, typmod, collation };
        Ok(call.into_expr(location))
    }

    /// `transformJsonBehavior`
    fn behavior(
        &mut self,
        behavior: Option<&'a ast::JsonBehavior>,
        kind: JsonQueryKind,
        clause: &str,
        returning: Returning,
    ) -> Outcome<Option<JsonBehavior>> {
        use ast::JsonBehaviorType as Type;
        let Some(behavior) = behavior else { return Ok(None) };
        let location = place(behavior.location);
        let allowed = match kind {
            JsonQueryKind::Exists => matches!(
                behavior.btype(),
                Type::JsonBehaviorError | Type::JsonBehaviorTrue | Type::JsonBehaviorFalse | Type::JsonBehaviorUnknown
            ),
            JsonQueryKind::Query => matches!(
                behavior.btype(),
                Type::JsonBehaviorError
                    | Type::JsonBehaviorNull
                    | Type::JsonBehaviorEmpty
                    | Type::JsonBehaviorEmptyArray
                    | Type::JsonBehaviorEmptyObject
                    | Type::JsonBehaviorDefault
            ),
            JsonQueryKind::Value => {
                matches!(behavior.btype(), Type::JsonBehaviorError | Type::JsonBehaviorNull | Type::JsonBehaviorDefault)
            }
        };
        if !allowed {
            return Err(syntax(format!("this {clause} is not one that the function can have"), location));
        }
        Ok(Some(match behavior.btype() {
            Type::JsonBehaviorNull | Type::Undefined => JsonBehavior::Null,
            Type::JsonBehaviorError => JsonBehavior::Error,
            Type::JsonBehaviorEmpty => JsonBehavior::Empty,
            Type::JsonBehaviorTrue => JsonBehavior::True,
            Type::JsonBehaviorFalse => JsonBehavior::False,
            Type::JsonBehaviorUnknown => JsonBehavior::Unknown,
            Type::JsonBehaviorEmptyArray => JsonBehavior::EmptyArray,
            Type::JsonBehaviorEmptyObject => JsonBehavior::EmptyObject,
            Type::JsonBehaviorDefault => {
                let expr = self.boxed(behavior.expr.as_deref())?;
                JsonBehavior::Default(self.behavior_default(expr, returning, location)?)
            }
        }))
    }

    /// The value of DEFAULT: computed without columns, of the result's type.
    fn behavior_default(&mut self, expr: Expr, returning: Returning, location: Location) -> Outcome<Expr> {
        if expr.any(&mut |expr| returns_set(expr)) {
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, "DEFAULT must not give a set", location));
        }
        let outer = (0..self.levels.len()).find_map(|level| variable_of_level(&expr, level));
        if let Some(location) = outer {
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, "DEFAULT must not use columns", location));
        }
        let refused = |expr: &Expr| {
            matches!(
                *expr.node,
                ExprNode::Aggregate(_)
                    | ExprNode::WindowFunction(_)
                    | ExprNode::Sublink { .. }
                    | ExprNode::Grouping { .. }
            )
        };
        if expr.any(&mut |expr| refused(expr)) {
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                "DEFAULT must be a constant, or a function or operator of constants",
                location,
            ));
        }
        let source = self.type_of(&expr);
        let null = matches!(*expr.node, ExprNode::Const { value: None, .. });
        let number_from_boolean = source == oids::BOOL && self.catalog().base_type(returning.type_) == oids::INT4;
        if source == returning.type_ || null || source == oids::JSONB || number_from_boolean {
            return Ok(expr);
        }
        // Into strings as if it were stored, so that what is too long is an error and not cut off.
        let category = self.catalog().type_(returning.type_).map(|row| row.category);
        let context =
            if matches!(category, Some(b'S' | b'V')) { CastContext::Assignment } else { CastContext::Explicit };
        let coercion = Coercion { context, ..Coercion::explicit(returning.type_, returning.typmod, location) };
        self.resolver
            .coerce_to_target_type(expr, coercion)?
            .ok_or_else(|| self.cannot_cast(source, returning.type_, location))
    }
}

/// ON EMPTY and ON ERROR as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behaviors<'a> {
    pub(super) on_empty: Option<&'a ast::JsonBehavior>,
    pub(super) on_error: Option<&'a ast::JsonBehavior>,
}

impl<'a> Behaviors<'a> {
    fn of(function: &'a ast::JsonFuncExpr) -> Self {
        Self { on_empty: function.on_empty.as_deref(), on_error: function.on_error.as_deref() }
    }
}

/// QUOTES says nothing of what a wrapper is put around.
pub(super) fn quotes_fit_wrapper(
    quotes: ast::JsonQuotes,
    wrapper: ast::JsonWrapper,
    location: Location,
) -> Outcome<()> {
    let wrapped = matches!(wrapper, ast::JsonWrapper::JswConditional | ast::JsonWrapper::JswUnconditional);
    if wrapped && quotes == ast::JsonQuotes::JsQuotesOmit {
        return Err(syntax("QUOTES cannot stand beside WITH WRAPPER".to_owned(), location));
    }
    Ok(())
}

fn syntax(message: String, location: Location) -> Failure {
    Failure::new(SqlState::SYNTAX_ERROR, message, location)
}
