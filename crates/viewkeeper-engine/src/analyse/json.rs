//! SQL/JSON: values with FORMAT, constructors, aggregates, IS JSON (parse_expr.c of 16 and later). JSON_EXISTS,
//! JSON_QUERY and JSON_VALUE are in `json_query`.

use super::call::CallSyntax;
use super::syntax::{location_of, node, required};
use super::{Analyser, ExpressionKind, Level, Outcome, Unknowns, take};
use crate::catalog::{CastContext, Oid, TypeKind, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Call, CallMeaning, Coercion, Failure, ObjectName, place};
use crate::tree::{
    CallForm, Expr, ExprNode, JsonConstruction, Location, Query, RangeTableEntry, RangeTableKind, SublinkKind, Target,
    Var, WindowCall,
};

/// The category of string types.
const STRING: u8 = b'S';

/// What a value is when it says no FORMAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Default,
    Json,
    Jsonb,
}

/// What a JSON value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The document, or a part of what is built.
    Value,
    /// A value of PASSING, which may stay what it is.
    Passed,
}

/// What RETURNING asks for (`JsonReturning`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Returning {
    pub(super) type_: Oid,
    pub(super) typmod: i32,
    pub(super) format: Format,
}

impl Returning {
    pub(super) fn json() -> Self {
        Self { type_: oids::JSON, typmod: -1, format: Format::Json }
    }
}

impl<'a> Analyser<'a> {
    /// An SQL/JSON expression.
    pub(super) fn json(&mut self, raw: &'a NodeEnum) -> Outcome<Expr> {
        let location = location_of(raw);
        match raw {
            NodeEnum::JsonObjectConstructor(constructor) => {
                self.json_since(16, "JSON_OBJECT", location)?;
                let mut args = Vec::new();
                for pair in &constructor.exprs {
                    let NodeEnum::JsonKeyValue(pair) = node(pair)? else { continue };
                    args.push(self.boxed(pair.key.as_deref())?);
                    args.push(self.json_member(pair.value.as_deref(), "JSON_OBJECT()")?);
                }
                let returning = self.constructor_output(constructor.output.as_ref(), &args)?;
                self.json_constructor("json_object", args, None, returning, location)
            }
            NodeEnum::JsonArrayConstructor(constructor) => {
                self.json_since(16, "JSON_ARRAY", location)?;
                let mut args = Vec::new();
                for value in &constructor.exprs {
                    let NodeEnum::JsonValueExpr(value) = node(value)? else { continue };
                    args.push(self.json_member(Some(value), "JSON_ARRAY()")?);
                }
                let returning = self.constructor_output(constructor.output.as_ref(), &args)?;
                self.json_constructor("json_array", args, None, returning, location)
            }
            NodeEnum::JsonArrayQueryConstructor(constructor) => self.json_array_query(constructor, location),
            NodeEnum::JsonObjectAgg(aggregate) => self.json_object_aggregate(aggregate, location),
            NodeEnum::JsonArrayAgg(aggregate) => self.json_array_aggregate(aggregate, location),
            NodeEnum::JsonParseExpr(parse) => self.json_parse(parse, location),
            NodeEnum::JsonScalarExpr(scalar) => self.json_scalar(scalar, location),
            NodeEnum::JsonSerializeExpr(serialize) => self.json_serialize(serialize, location),
            NodeEnum::JsonIsPredicate(predicate) => self.json_is(predicate, location),
            NodeEnum::JsonFuncExpr(function) => self.json_function(function),
            _ => Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "this kind of expression is not covered", location)),
        }
    }

    /// SQL/JSON came in steps.
    pub(super) fn json_since(&self, major: u32, what: &str, location: Location) -> Outcome<()> {
        if self.version().major() < major { Err(self.too_old(what, major, location)) } else { Ok(()) }
    }

    fn json_member(&mut self, value: Option<&'a ast::JsonValueExpr>, construct: &str) -> Outcome<Expr> {
        self.json_value(value, construct, Format::Default, Oid::INVALID, Role::Value)
    }

    /// `transformJsonValueExpr`
    pub(super) fn json_value(
        &mut self,
        value: Option<&'a ast::JsonValueExpr>,
        construct: &str,
        default: Format,
        target: Oid,
        role: Role,
    ) -> Outcome<Expr> {
        let Some(value) = value else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a JSON value is missing", None));
        };
        let expr = self.boxed(value.raw_expr.as_deref())?;
        self.formatted(expr, value.format.as_ref(), construct, default, target, role)
    }

    /// A value as the format and the target ask for it.
    pub(super) fn formatted(
        &mut self,
        expr: Expr,
        format: Option<&ast::JsonFormat>,
        construct: &str,
        default: Format,
        target: Oid,
        role: Role,
    ) -> Outcome<Expr> {
        let expr =
            if self.type_of(&expr) == oids::UNKNOWN { self.coerce_to(expr, oids::TEXT, construct)? } else { expr };
        let type_ = self.type_of(&expr);
        let location = expr.location;
        let string = self.catalog().type_(type_).is_some_and(|row| row.category == STRING);
        let json = matches!(type_, oids::JSON | oids::JSONB);
        let explicit = explicit_format(format);
        let format = match explicit {
            Some(explicit) => {
                if format.is_some_and(has_encoding) && type_ != oids::BYTEA {
                    return Err(Failure::new(
                        SqlState::DATATYPE_MISMATCH,
                        "a JSON ENCODING is only for values of type `bytea`",
                        location,
                    ));
                }
                if json { Format::Default } else { explicit }
            }
            None if role == Role::Passed => {
                if string || is_passed_as_is(type_) {
                    return Ok(expr);
                }
                default
            }
            None if json => Format::Default,
            None => default,
        };
        if format == Format::Default && (!target.is_valid() || type_ == target) {
            return Ok(expr);
        }
        let cast_only = target.is_valid();
        if role == Role::Value && !cast_only && type_ != oids::BYTEA && !string {
            let kind = if explicit.is_some() { "FORMAT JSON" } else { "the JSON format that is meant here" };
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("{kind} needs a string, not type `{}`", self.type_text(type_)),
                location,
            ));
        }
        let raw = expr.clone();
        let expr = if format == Format::Json && type_ == oids::BYTEA { self.decoded(expr)? } else { expr };
        let target = match (target.is_valid(), format) {
            (true, _) => target,
            (false, Format::Jsonb) => oids::JSONB,
            (false, _) => oids::JSON,
        };
        let unchanged = expr.clone();
        let coercion = Coercion::explicit(target, -1, location);
        let formatted = match self.resolver.coerce_to_target_type(expr, coercion)? {
            Some(formatted) => formatted,
            None if cast_only => return Err(self.cannot_cast(type_, target, location)),
            None => {
                let name = if target == oids::JSON { "to_json" } else { "to_jsonb" };
                self.system_call(name, vec![unchanged.clone()], location)?
            }
        };
        if formatted == raw {
            return Ok(raw);
        }
        Ok(Expr::new(ExprNode::JsonValue { raw, formatted }, location))
    }

    /// `makeJsonByteaToTextConversion`
    fn decoded(&mut self, expr: Expr) -> Outcome<Expr> {
        let location = expr.location;
        let encoding = self.text_constant("UTF8", oids::NAME, location);
        self.system_call("convert_from", vec![expr, encoding], location)
    }

    fn text_constant(&self, text: &str, type_: Oid, location: Location) -> Expr {
        let collation = self.catalog().type_collation(type_);
        Expr::new(ExprNode::Const { type_, typmod: -1, collation, value: Some(text.to_owned()) }, location)
    }

    /// A call of one of PostgreSQL's own functions.
    fn system_call(&mut self, name: &str, args: Vec<Expr>, location: Location) -> Outcome<Expr> {
        let before = self.level().set_calls;
        match self.resolver.call(plain_call(name, args, location))? {
            CallMeaning::Cast(expr) => Ok(expr),
            CallMeaning::Routine(resolved) => self.finish_call(resolved, CallSyntax::plain(), before, location),
        }
    }

    /// `transformJsonOutput`
    pub(super) fn json_output(&mut self, output: Option<&'a ast::JsonOutput>) -> Outcome<Option<Returning>> {
        let Some(output) = output else { return Ok(None) };
        let Some(type_name) = &output.type_name else { return Ok(None) };
        let location = place(type_name.location);
        let reference = self.resolver.type_name(type_name)?;
        if reference.set {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "SQL/JSON functions cannot return a set",
                location,
            ));
        }
        let pseudo = self.catalog().type_(reference.type_).is_some_and(|row| row.kind == TypeKind::Pseudo);
        if pseudo {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "SQL/JSON functions cannot return a pseudo-type",
                location,
            ));
        }
        let written = output.returning.as_ref().and_then(|returning| returning.format.as_ref());
        let format = match explicit_format(written) {
            Some(format) => format,
            None if reference.type_ == oids::JSONB => Format::Jsonb,
            None => Format::Json,
        };
        if let Some(written) = written {
            self.check_output_encoding(written, reference.type_, location)?;
        }
        Ok(Some(Returning { type_: reference.type_, typmod: reference.typmod, format }))
    }

    /// `checkJsonOutputFormat`: an encoding is for bytes, and there is only one.
    fn check_output_encoding(&self, format: &ast::JsonFormat, type_: Oid, location: Location) -> Outcome<()> {
        if explicit_format(Some(format)).is_none() || !has_encoding(format) {
            return Ok(());
        }
        let message = if type_ != oids::BYTEA {
            "a JSON ENCODING is only for results of type `bytea`"
        } else if format.encoding() != ast::JsonEncoding::JsEncUtf8 {
            "the JSON ENCODING of a result can only be UTF8"
        } else {
            return Ok(());
        };
        Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location))
    }

    /// `transformJsonConstructorOutput`: without RETURNING `jsonb` as soon as one value is.
    fn constructor_output(&mut self, output: Option<&'a ast::JsonOutput>, args: &[Expr]) -> Outcome<Returning> {
        if let Some(returning) = self.json_output(output)? {
            return Ok(returning);
        }
        let jsonb = args.iter().any(|arg| self.type_of(arg) == oids::JSONB);
        Ok(if jsonb { Returning { type_: oids::JSONB, typmod: -1, format: Format::Jsonb } } else { Returning::json() })
    }

    /// `makeJsonConstructorExpr`
    fn json_constructor(
        &mut self,
        name: &'static str,
        args: Vec<Expr>,
        function: Option<Expr>,
        returning: Returning,
        location: Location,
    ) -> Outcome<Expr> {
        let placeholder = match &function {
            Some(function) => ExprNode::CaseTest {
                type_: self.type_of(function),
                typmod: self.typmod_of(function),
                collation: self.collation_of(function),
            },
            None => {
                let type_ = if returning.format == Format::Jsonb { oids::JSONB } else { oids::JSON };
                ExprNode::CaseTest { type_, typmod: -1, collation: Oid::INVALID }
            }
        };
        let placeholder = Expr::new(placeholder, location);
        let coerced = self.json_result(placeholder.clone(), returning, location)?;
        let coercion = (coerced != placeholder).then_some(coerced);
        let Returning { type_, typmod, .. } = returning;
        let collation = Oid::INVALID;
        let node = JsonConstruction { name, args, function, coercion, type_, typmod, collation };
        Ok(Expr::new(ExprNode::JsonConstructor(Box::new(node)), location))
    }

    /// `coerceJsonFuncExpr`
    fn json_result(&mut self, expr: Expr, returning: Returning, location: Location) -> Outcome<Expr> {
        let source = self.type_of(&expr);
        if !returning.type_.is_valid() || returning.type_ == source {
            return Ok(expr);
        }
        if returning.format == Format::Json && returning.type_ == oids::BYTEA {
            let text = self.coerce_to(expr, oids::TEXT, "JSON_FUNCTION")?;
            let encoding = self.text_constant("UTF8", oids::NAME, location);
            return self.system_call("convert_to", vec![text, encoding], location);
        }
        let coercion = Coercion {
            target: returning.type_,
            typmod: returning.typmod,
            context: CastContext::Assignment,
            form: CallForm::ImplicitCast,
            location,
        };
        self.resolver
            .coerce_to_target_type(expr, coercion)?
            .ok_or_else(|| self.cannot_cast(source, returning.type_, location))
    }

    /// `JSON_ARRAY(SELECT …)`, which is `(SELECT JSON_ARRAYAGG(a) FROM (SELECT …) q(a))`.
    fn json_array_query(
        &mut self,
        constructor: &'a ast::JsonArrayQueryConstructor,
        location: Location,
    ) -> Outcome<Expr> {
        self.json_since(16, "JSON_ARRAY", location)?;
        let NodeEnum::SelectStmt(select) = required(constructor.query.as_deref())? else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "JSON_ARRAY needs a SELECT", location));
        };
        self.admit(super::kind::Guest::Subquery, 0, location)?;
        self.levels.push(Level { kind: Some(ExpressionKind::FromSubselect), ..Level::default() });
        let query = self.json_array_level(constructor, select, location);
        self.levels.pop();
        let query = Box::new(query?);
        Ok(Expr::new(ExprNode::Sublink { kind: SublinkKind::Scalar, test: None, query }, location))
    }

    fn json_array_level(
        &mut self,
        constructor: &'a ast::JsonArrayQueryConstructor,
        select: &'a ast::SelectStmt,
        location: Location,
    ) -> Outcome<Query> {
        let inner = self.sub_query(select, Unknowns::BecomeText, None)?;
        let mut columns = self.output_columns(&inner);
        let [column] = columns.as_mut_slice() else {
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!("the query of JSON_ARRAY must have one column, this one has {}", columns.len()),
                location,
            ));
        };
        column.name = "a".to_owned();
        let (type_, typmod, collation) = (column.type_, column.typmod, column.collation);
        let kind = RangeTableKind::Subquery(Box::new(inner));
        let columns = columns.into();
        let item =
            self.add_from_entry(RangeTableEntry { name: "q".to_owned(), columns, kind, lateral: false, location });
        self.level_mut().from.push(item);
        let var = ExprNode::Var(Var { relation: 0, column: 1, levels_up: 0, type_, typmod, collation });
        self.level_mut().kind = Some(ExpressionKind::SelectTarget);
        let none = Oid::INVALID;
        let arg = Expr::new(var, location);
        let format = constructor.format.as_ref();
        let arg = self.formatted(arg, format, "JSON_ARRAYAGG()", Format::Default, none, Role::Value)?;
        let returning = self.constructor_output(constructor.output.as_ref(), std::slice::from_ref(&arg))?;
        let name = array_aggregate(returning, constructor.absent_on_null);
        let call = self.json_aggregate_call(name, vec![arg], None, location)?;
        let expr = self.json_constructor("json_arrayagg", Vec::new(), Some(call), returning, location)?;
        let mut query = Query {
            targets: vec![Target { name: "json_arrayagg".to_owned(), expr, sort_group: 0, junk: false }],
            ..Query::default()
        };
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// `transformJsonObjectAgg`
    fn json_object_aggregate(&mut self, aggregate: &'a ast::JsonObjectAgg, location: Location) -> Outcome<Expr> {
        self.json_since(16, "JSON_OBJECTAGG", location)?;
        let (Some(pair), Some(constructor)) = (&aggregate.arg, &aggregate.constructor) else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "JSON_OBJECTAGG needs a key and a value", location));
        };
        let key = self.boxed(pair.key.as_deref())?;
        let value = self.json_member(pair.value.as_deref(), "JSON_OBJECTAGG()")?;
        let args = vec![key, value];
        let returning = self.constructor_output(constructor.output.as_ref(), &args)?;
        let jsonb = returning.format == Format::Jsonb;
        let name = match (jsonb, aggregate.unique, aggregate.absent_on_null) {
            (false, false, false) => "json_object_agg",
            (false, false, true) => "json_object_agg_strict",
            (false, true, false) => "json_object_agg_unique",
            (false, true, true) => "json_object_agg_unique_strict",
            (true, false, false) => "jsonb_object_agg",
            (true, false, true) => "jsonb_object_agg_strict",
            (true, true, false) => "jsonb_object_agg_unique",
            (true, true, true) => "jsonb_object_agg_unique_strict",
        };
        let call = self.json_aggregate_call(name, args, Some(constructor), location)?;
        self.json_constructor("json_objectagg", Vec::new(), Some(call), returning, location)
    }

    /// `transformJsonArrayAgg`
    fn json_array_aggregate(&mut self, aggregate: &'a ast::JsonArrayAgg, location: Location) -> Outcome<Expr> {
        self.json_since(16, "JSON_ARRAYAGG", location)?;
        let Some(constructor) = &aggregate.constructor else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "JSON_ARRAYAGG needs a value", location));
        };
        let arg = self.json_member(aggregate.arg.as_deref(), "JSON_ARRAYAGG()")?;
        let returning = self.constructor_output(constructor.output.as_ref(), std::slice::from_ref(&arg))?;
        let name = array_aggregate(returning, aggregate.absent_on_null);
        let call = self.json_aggregate_call(name, vec![arg], Some(constructor), location)?;
        self.json_constructor("json_arrayagg", Vec::new(), Some(call), returning, location)
    }

    /// `transformJsonAggConstructor`
    fn json_aggregate_call(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        constructor: Option<&'a ast::JsonAggConstructor>,
        location: Location,
    ) -> Outcome<Expr> {
        let before = self.level().set_calls;
        let filter = constructor.and_then(|constructor| constructor.agg_filter.as_deref());
        let filter = self.optional_condition(filter, ExpressionKind::Filter, "FILTER")?;
        let order_by: &'a [ast::Node] = constructor.map_or(&[], |constructor| &constructor.agg_order);
        let mut call = plain_call(name, args, location);
        call.ordered = !order_by.is_empty();
        call.filtered = filter.is_some();
        let CallMeaning::Routine(resolved) = self.resolver.call(call)? else {
            return Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no aggregate `{name}`"), location));
        };
        match constructor.and_then(|constructor| constructor.over.as_deref()) {
            None => {
                let syntax = CallSyntax { order_by, filter, ..CallSyntax::plain() };
                self.finish_call(resolved, syntax, before, location)
            }
            Some(over) => {
                if !order_by.is_empty() {
                    return Err(Failure::new(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        "an aggregate with OVER cannot have ORDER BY among its arguments",
                        location,
                    ));
                }
                let window = WindowCall {
                    function: resolved.routine.oid,
                    type_: resolved.type_,
                    collation: Oid::INVALID,
                    input_collation: Oid::INVALID,
                    args: resolved.args,
                    filter,
                    star: false,
                    aggregate: true,
                    window: 0,
                };
                self.place_window_call(window, over, location)
            }
        }
    }

    /// `JSON(…)`
    fn json_parse(&mut self, parse: &'a ast::JsonParseExpr, location: Location) -> Outcome<Expr> {
        self.json_since(17, "JSON()", location)?;
        let format = parse.expr.as_ref().and_then(|value| value.format.as_ref());
        let returning = match self.json_output(parse.output.as_ref())? {
            Some(returning) if !matches!(returning.type_, oids::JSON | oids::JSONB) => {
                return Err(self.bad_returning(returning.type_, "JSON()", location));
            }
            Some(returning) => returning,
            None => Returning::json(),
        };
        let arg = if parse.unique_keys {
            let raw = parse.expr.as_ref().and_then(|value| value.raw_expr.as_deref());
            let (arg, type_) = self.json_text(raw, format)?;
            if type_ != oids::TEXT {
                return Err(Failure::new(SqlState::DATATYPE_MISMATCH, "WITH UNIQUE KEYS needs a string", location));
            }
            arg
        } else {
            self.json_value(parse.expr.as_deref(), "JSON()", Format::Json, returning.type_, Role::Value)?
        };
        self.json_constructor("json", vec![arg], None, returning, location)
    }

    /// `JSON_SCALAR(…)`
    fn json_scalar(&mut self, scalar: &'a ast::JsonScalarExpr, location: Location) -> Outcome<Expr> {
        self.json_since(17, "JSON_SCALAR", location)?;
        let mut arg = self.boxed(scalar.expr.as_deref())?;
        let returning = match self.json_output(scalar.output.as_ref())? {
            Some(returning) if !matches!(returning.type_, oids::JSON | oids::JSONB) => {
                return Err(self.bad_returning(returning.type_, "JSON_SCALAR()", location));
            }
            Some(returning) => returning,
            None => Returning::json(),
        };
        if self.type_of(&arg) == oids::UNKNOWN {
            let value = take(&mut arg);
            arg = self.coerce_to(value, oids::TEXT, "JSON_SCALAR")?;
        }
        self.json_constructor("json_scalar", vec![arg], None, returning, location)
    }

    /// `JSON_SERIALIZE(…)`
    fn json_serialize(&mut self, serialize: &'a ast::JsonSerializeExpr, location: Location) -> Outcome<Expr> {
        self.json_since(17, "JSON_SERIALIZE", location)?;
        let none = Oid::INVALID;
        let arg = self.json_value(serialize.expr.as_deref(), "JSON_SERIALIZE()", Format::Json, none, Role::Value)?;
        let returning = match self.json_output(serialize.output.as_ref())? {
            None => Returning { type_: oids::TEXT, typmod: -1, format: Format::Json },
            Some(returning) => {
                let string = self.catalog().type_(returning.type_).is_some_and(|row| row.category == STRING);
                if returning.type_ != oids::BYTEA && !string {
                    return Err(self
                        .bad_returning(returning.type_, "JSON_SERIALIZE()", location)
                        .help("return a string type or `bytea`"));
                }
                returning
            }
        };
        self.json_constructor("json_serialize", vec![arg], None, returning, location)
    }

    /// `IS JSON`
    fn json_is(&mut self, predicate: &'a ast::JsonIsPredicate, location: Location) -> Outcome<Expr> {
        self.json_since(16, "IS JSON", location)?;
        let (arg, type_) = self.json_text(predicate.expr.as_deref(), predicate.format.as_ref())?;
        if !matches!(type_, oids::TEXT | oids::JSON | oids::JSONB) {
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("IS JSON cannot be asked of type `{}`", self.type_text(type_)),
                location,
            ));
        }
        Ok(Expr::new(ExprNode::JsonIs { arg }, location))
    }

    /// `transformJsonParseArg`: strings and `bytea` become text.
    fn json_text(&mut self, raw: Option<&'a ast::Node>, format: Option<&ast::JsonFormat>) -> Outcome<(Expr, Oid)> {
        let expr = self.boxed(raw)?;
        let type_ = self.type_of(&expr);
        if type_ == oids::BYTEA {
            return Ok((self.decoded(expr)?, oids::TEXT));
        }
        if format.is_some_and(has_encoding) {
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                "a JSON ENCODING is only for values of type `bytea`",
                expr.location,
            ));
        }
        let string = self.catalog().type_(type_).is_some_and(|row| row.category == STRING);
        if type_ == oids::UNKNOWN || string {
            return Ok((self.coerce_to(expr, oids::TEXT, "JSON")?, oids::TEXT));
        }
        Ok((expr, type_))
    }

    fn bad_returning(&self, type_: Oid, construct: &str, location: Location) -> Failure {
        Failure::new(
            SqlState::DATATYPE_MISMATCH,
            format!("{construct} cannot return type `{}`", self.type_text(type_)),
            location,
        )
    }
}

/// A call of one of PostgreSQL's own functions, without anything beside its arguments.
pub(super) fn plain_call(name: &str, args: Vec<Expr>, location: Location) -> Call {
    Call {
        name: ObjectName { schema: Some("pg_catalog".to_owned()), name: name.to_owned() },
        args,
        within_group: None,
        star: false,
        distinct: false,
        ordered: false,
        filtered: false,
        windowed: false,
        variadic: false,
        location,
    }
}

fn array_aggregate(returning: Returning, absent_on_null: bool) -> &'static str {
    match (returning.format == Format::Jsonb, absent_on_null) {
        (false, false) => "json_agg",
        (false, true) => "json_agg_strict",
        (true, false) => "jsonb_agg",
        (true, true) => "jsonb_agg_strict",
    }
}

/// The format that is written, if any.
pub(super) fn explicit_format(format: Option<&ast::JsonFormat>) -> Option<Format> {
    match format?.format_type() {
        ast::JsonFormatType::JsFormatJson => Some(Format::Json),
        ast::JsonFormatType::JsFormatJsonb => Some(Format::Jsonb),
        _ => None,
    }
}

/// Whether an ENCODING is written.
fn has_encoding(format: &ast::JsonFormat) -> bool {
    !matches!(format.encoding(), ast::JsonEncoding::Undefined | ast::JsonEncoding::JsEncDefault)
}

/// Types that a JSON path takes as they are.
fn is_passed_as_is(type_: Oid) -> bool {
    matches!(
        type_,
        oids::BOOL
            | oids::NUMERIC
            | oids::INT2
            | oids::INT4
            | oids::INT8
            | oids::FLOAT4
            | oids::FLOAT8
            | oids::TEXT
            | oids::VARCHAR
            | oids::DATE
            | oids::TIME
            | oids::TIMETZ
            | oids::TIMESTAMP
            | oids::TIMESTAMPTZ
    )
}
