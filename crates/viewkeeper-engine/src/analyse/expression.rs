//! Expressions: the dispatch over the kinds of raw nodes, literals, casts, and what needs no file of its own
//! (parse_expr.c, `make_const` in parse_node.c).

use super::column_name::sql_value_name;
use super::kind::Guest;
use super::syntax::{node, optional, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Coercion, Failure, ObjectName, place};
use crate::tree::{BoolOperation, BooleanTestKind, Expr, ExprNode, Location};

/// The most columns a row constructor can have (`MaxTupleAttributeNumber`).
const MAX_ROW_COLUMNS: usize = 1664;

/// The most arguments GROUPING takes.
const MAX_GROUPING_ARGUMENTS: usize = 31;

impl<'a> Analyser<'a> {
    /// An expression in a clause (`transformExpr`).
    pub(super) fn expression(&mut self, raw: &'a NodeEnum, kind: ExpressionKind) -> Outcome<Expr> {
        let saved = self.enter_expression(kind);
        let result = self.expr(raw);
        self.leave_expression(saved);
        result
    }

    /// Begins a clause; gives back the one around it.
    pub(super) fn enter_expression(&mut self, kind: ExpressionKind) -> Option<ExpressionKind> {
        self.level_mut().kind.replace(kind)
    }

    /// Ends a clause.
    pub(super) fn leave_expression(&mut self, saved: Option<ExpressionKind>) {
        self.level_mut().kind = saved;
    }

    /// An expression in the same clause (`transformExprRecurse`).
    pub(super) fn expr(&mut self, raw: &'a NodeEnum) -> Outcome<Expr> {
        match raw {
            NodeEnum::ColumnRef(column) => self.column_reference(column),
            NodeEnum::ParamRef(parameter) => self.parameter(parameter.number, place(parameter.location)),
            NodeEnum::AConst(constant) => self.literal(constant),
            NodeEnum::AIndirection(indirection) => {
                self.indirection(required(indirection.arg.as_deref())?, &indirection.indirection)
            }
            NodeEnum::AArrayExpr(array) => self.array(array, None),
            NodeEnum::TypeCast(cast) => self.type_cast(cast),
            NodeEnum::CollateClause(collate) => self.collate(collate),
            NodeEnum::AExpr(expression) => self.a_expr(expression),
            NodeEnum::BoolExpr(expression) => self.bool_expr(expression),
            NodeEnum::FuncCall(call) => self.function_call(call),
            NodeEnum::GroupingFunc(grouping) => self.grouping_call(grouping),
            NodeEnum::NamedArgExpr(argument) => {
                let arg = self.boxed(argument.arg.as_deref())?;
                let name = argument.name.clone();
                Ok(Expr::new(ExprNode::NamedArgument { name, position: 0, arg }, place(argument.location)))
            }
            NodeEnum::SubLink(sublink) => self.sublink(sublink),
            NodeEnum::CaseExpr(case) => self.case(case),
            NodeEnum::RowExpr(row) => self.row(row),
            NodeEnum::CoalesceExpr(coalesce) => self.coalesce(coalesce),
            NodeEnum::MinMaxExpr(minmax) => self.greatest_or_least(minmax),
            NodeEnum::SqlvalueFunction(value) => self.sql_value(value),
            NodeEnum::XmlExpr(xml) => self.xml(xml),
            NodeEnum::XmlSerialize(xml) => self.xml_serialize(xml),
            NodeEnum::NullTest(test) => {
                let arg = self.boxed(test.arg.as_deref())?;
                let row = self.is_row_type(self.type_of(&arg));
                let is_null = test.nulltesttype() == ast::NullTestType::IsNull;
                Ok(Expr::new(ExprNode::NullTest { arg, is_null, row }, place(test.location)))
            }
            NodeEnum::BooleanTest(test) => self.boolean_test(test),
            NodeEnum::JsonObjectConstructor(_)
            | NodeEnum::JsonArrayConstructor(_)
            | NodeEnum::JsonArrayQueryConstructor(_)
            | NodeEnum::JsonObjectAgg(_)
            | NodeEnum::JsonArrayAgg(_)
            | NodeEnum::JsonParseExpr(_)
            | NodeEnum::JsonScalarExpr(_)
            | NodeEnum::JsonSerializeExpr(_)
            | NodeEnum::JsonIsPredicate(_)
            | NodeEnum::JsonFuncExpr(_) => self.json(raw),
            NodeEnum::SetToDefault(default) => {
                Err(Failure::new(SqlState::SYNTAX_ERROR, "DEFAULT is not allowed here", place(default.location)))
            }
            NodeEnum::MergeSupportFunc(function) => self.merge_action(function),
            // Which cursor is meant is looked at when it runs; only UPDATE and DELETE can be written so.
            NodeEnum::CurrentOfExpr(_) => {
                let value = Some("t".to_owned());
                let node = ExprNode::Const { type_: oids::BOOL, typmod: -1, collation: Oid::INVALID, value };
                Ok(Expr::new(node, None))
            }
            _ => Err(Failure::new(
                SqlState::NOT_COVERED,
                "this kind of expression is not covered",
                super::syntax::location_of(raw),
            )),
        }
    }

    /// An expression that the grammar always gives.
    pub(super) fn boxed(&mut self, raw: Option<&'a ast::Node>) -> Outcome<Expr> {
        self.expr(required(raw)?)
    }

    /// Several expressions in the same clause.
    pub(super) fn exprs(&mut self, list: &'a [ast::Node]) -> Outcome<Vec<Expr>> {
        list.iter().map(|entry| self.expr(node(entry)?)).collect()
    }

    /// `make_const`
    fn literal(&mut self, constant: &ast::AConst) -> Outcome<Expr> {
        use ast::a_const::Val;
        let (type_, value) = match &constant.val {
            _ if constant.isnull => (oids::UNKNOWN, None),
            Some(Val::Ival(integer)) => (oids::INT4, Some(integer.ival.to_string())),
            Some(Val::Fval(number)) => Self::number(&number.fval),
            Some(Val::Boolval(boolean)) => (oids::BOOL, Some(if boolean.boolval { "t" } else { "f" }.to_owned())),
            Some(Val::Sval(string)) => (oids::UNKNOWN, Some(string.sval.clone())),
            Some(Val::Bsval(bits)) => {
                self.resolver.check_literal(oids::BIT, &bits.bsval, place(constant.location))?;
                (oids::BIT, Some(bits.bsval.clone()))
            }
            None => (oids::UNKNOWN, None),
        };
        let node = ExprNode::Const { type_, typmod: -1, collation: Oid::INVALID, value };
        Ok(Expr::new(node, place(constant.location)))
    }

    /// A number that does not fit `int4` as the scanner reads it: `int8`, or `numeric`.
    fn number(text: &str) -> (Oid, Option<String>) {
        let plain: String = text.chars().filter(|c| *c != '_').collect();
        // The grammar puts the sign of a negative number into it (`doNegate`).
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
        let radix = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => Some(16),
            Some("0o") => Some(8),
            Some("0b") => Some(2),
            _ => None,
        };
        if let Some(radix) = radix {
            let digits = format!("{sign}{}", digits.get(2..).unwrap_or(""));
            return match i64::from_str_radix(&digits, radix) {
                Ok(value) if i32::try_from(value).is_ok() => (oids::INT4, Some(value.to_string())),
                Ok(value) => (oids::INT8, Some(value.to_string())),
                Err(_) => (oids::NUMERIC, Some(plain)),
            };
        }
        match plain.parse::<i64>() {
            Ok(value) if i32::try_from(value).is_ok() => (oids::INT4, Some(value.to_string())),
            Ok(value) => (oids::INT8, Some(value.to_string())),
            Err(_) => (oids::NUMERIC, Some(plain)),
        }
    }

    /// `transformTypeCast`
    fn type_cast(&mut self, cast: &'a ast::TypeCast) -> Outcome<Expr> {
        let Some(type_name) = &cast.type_name else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a cast needs a type", place(cast.location)));
        };
        let target = self.resolver.type_name(type_name)?;
        let location = place(cast.location).or(place(type_name.location));
        let raw = required(cast.arg.as_deref())?;
        let expr = match raw {
            // An array under a cast takes its element type from the cast.
            NodeEnum::AArrayExpr(array) => {
                let (base, typmod) = self.catalog().base_type_and_typmod(target.type_, target.typmod);
                let element = self.catalog().element_type(base);
                let wanted = super::subscript::WantedArray { array: base, element, typmod };
                self.array(array, element.is_valid().then_some(wanted))?
            }
            _ => self.expr(raw)?,
        };
        let source = self.type_of(&expr);
        if !source.is_valid() {
            return Ok(expr);
        }
        let (operand, at) = (expr.location, start(&expr));
        let expr = if source == oids::RECORD { self.row_in_columns(expr) } else { expr };
        let coercion = Coercion::explicit(target.type_, target.typmod, location);
        let mut cast = self
            .resolver
            .coerce_to_target_type(expr, coercion)
            .map_err(|failure| failure.or_at(operand))?
            .ok_or_else(|| self.cannot_cast(source, target.type_, location))?;
        // A cast stands where its operand begins (`exprLocation`); a literal stays where it is written.
        if !matches!(&*cast.node, ExprNode::Const { .. }) {
            cast.location = at.into_iter().chain(location).min().or(cast.location);
        }
        Ok(cast)
    }

    /// There is no such cast.
    pub(super) fn cannot_cast(&self, source: Oid, target: Oid, location: Location) -> Failure {
        let (source, target) = (self.type_text(source), self.type_text(target));
        Failure::new(SqlState::CANNOT_COERCE, format!("no cast from `{source}` to `{target}`"), location)
    }

    /// `transformCollateClause`
    fn collate(&mut self, collate: &'a ast::CollateClause) -> Outcome<Expr> {
        let location = place(collate.location);
        let arg = self.boxed(collate.arg.as_deref())?;
        let type_ = self.type_of(&arg);
        if type_ != oids::UNKNOWN && !self.catalog().type_collation(type_).is_valid() {
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("values of type `{}` have no collation", self.type_text(type_)),
                location,
            ));
        }
        let name = ObjectName::from_nodes(&collate.collname, location)?;
        let collation = self.resolver.collation(&name, location)?.oid;
        Ok(Expr::new(ExprNode::Collate { arg, collation }, location))
    }

    /// `transformBoolExpr`
    fn bool_expr(&mut self, expression: &'a ast::BoolExpr) -> Outcome<Expr> {
        let (operation, name) = match expression.boolop() {
            ast::BoolExprType::AndExpr => (BoolOperation::And, "AND"),
            ast::BoolExprType::OrExpr => (BoolOperation::Or, "OR"),
            _ => (BoolOperation::Not, "NOT"),
        };
        let mut args = Vec::new();
        for arg in &expression.args {
            let arg = self.expr(node(arg)?)?;
            args.push(self.to_boolean(arg, name)?);
        }
        Ok(Expr::new(ExprNode::Bool { operation, args }, place(expression.location)))
    }

    /// `transformBooleanTest`
    fn boolean_test(&mut self, test: &'a ast::BooleanTest) -> Outcome<Expr> {
        let (kind, name) = match test.booltesttype() {
            ast::BoolTestType::IsNotTrue => (BooleanTestKind::NotTrue, "IS NOT TRUE"),
            ast::BoolTestType::IsFalse => (BooleanTestKind::False, "IS FALSE"),
            ast::BoolTestType::IsNotFalse => (BooleanTestKind::NotFalse, "IS NOT FALSE"),
            ast::BoolTestType::IsUnknown => (BooleanTestKind::Unknown, "IS UNKNOWN"),
            ast::BoolTestType::IsNotUnknown => (BooleanTestKind::NotUnknown, "IS NOT UNKNOWN"),
            _ => (BooleanTestKind::True, "IS TRUE"),
        };
        let arg = self.boxed(test.arg.as_deref())?;
        let arg = self.to_boolean(arg, name)?;
        Ok(Expr::new(ExprNode::BooleanTest { arg, test: kind }, place(test.location)))
    }

    /// `transformRowExpr`
    fn row(&mut self, row: &'a ast::RowExpr) -> Outcome<Expr> {
        let kind = self.level().kind.unwrap_or(ExpressionKind::SelectTarget);
        let args = self.expression_list(&row.args, kind)?;
        if args.len() > MAX_ROW_COLUMNS {
            return Err(Failure::new(
                SqlState::TOO_MANY_COLUMNS,
                format!("a row can have at most {MAX_ROW_COLUMNS} entries"),
                place(row.location),
            ));
        }
        let names = (1..=args.len()).map(|number| format!("f{number}")).collect();
        Ok(Expr::new(ExprNode::Row { type_: oids::RECORD, names, args }, place(row.location)))
    }

    /// `transformSQLValueFunction`
    fn sql_value(&mut self, value: &'a ast::SqlValueFunction) -> Outcome<Expr> {
        use ast::SqlValueFunctionOp as Op;
        let location = place(value.location);
        let Some(name) = sql_value_name(value.op()) else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "an SQL value function without a name", location));
        };
        let type_ = match value.op() {
            Op::SvfopCurrentDate => oids::DATE,
            Op::SvfopCurrentTime | Op::SvfopCurrentTimeN => oids::TIMETZ,
            Op::SvfopCurrentTimestamp | Op::SvfopCurrentTimestampN => oids::TIMESTAMPTZ,
            Op::SvfopLocaltime | Op::SvfopLocaltimeN => oids::TIME,
            Op::SvfopLocaltimestamp | Op::SvfopLocaltimestampN => oids::TIMESTAMP,
            _ => oids::NAME,
        };
        // A precision above 6 is cut to 6 (`anytimestamp_typmod_check`).
        let typmod = match value.op() {
            Op::SvfopCurrentTimeN | Op::SvfopCurrentTimestampN | Op::SvfopLocaltimeN | Op::SvfopLocaltimestampN => {
                value.typmod.min(6)
            }
            _ => -1,
        };
        let collation = if type_ == oids::NAME { oids::C_COLLATION } else { Oid::INVALID };
        Ok(Expr::new(ExprNode::SqlValue { name, type_, typmod, collation }, location))
    }

    /// `transformGroupingFunc`
    fn grouping_call(&mut self, grouping: &'a ast::GroupingFunc) -> Outcome<Expr> {
        let location = place(grouping.location);
        if grouping.args.len() > MAX_GROUPING_ARGUMENTS {
            return Err(Failure::new(SqlState("54023"), "GROUPING takes fewer than 32 arguments", location));
        }
        let args = self.exprs(&grouping.args)?;
        let levels_up = self.aggregate_level(&[], &args, None, location)?;
        self.mark_aggregates(levels_up);
        self.admit(Guest::Grouping, levels_up, location)?;
        Ok(Expr::new(ExprNode::Grouping { args, levels_up }, location))
    }

    /// A parameter by number.
    pub(super) fn parameter(&self, number: i32, location: Location) -> Outcome<Expr> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let Some(parameter) = index.and_then(|index| self.parameters.get(index)) else {
            return Err(Failure::new(SqlState("42P02"), format!("no parameter `${number}`"), location)
                .note("a view's query cannot have parameters"));
        };
        let (type_, collation) = (parameter.type_, self.catalog().type_collation(parameter.type_));
        Ok(Expr::new(ExprNode::Param { number, type_, typmod: -1, collation }, location))
    }

    /// A parameter by name, `name` or `function.name`, or a field of one (`sql_fn_post_column_ref` in functions.c); a
    /// column of the same name wins.
    pub(super) fn named_parameter(&mut self, fields: &[&str], location: Location) -> Outcome<Option<Expr>> {
        let numbered = |name: &str| (1i32..).zip(self.parameters).find(|(_, parameter)| parameter.name == name);
        let of = |function: &str, name: &str| numbered(name).filter(|(_, parameter)| parameter.function == function);
        let (found, field) = match fields {
            [name] => (numbered(name), None),
            [first, second] => match of(first, second) {
                Some(found) => (Some(found), None),
                None => (numbered(first), Some(second)),
            },
            [function, name, field] => (of(function, name), Some(field)),
            _ => (None, None),
        };
        let Some((number, _)) = found else { return Ok(None) };
        let parameter = self.parameter(number, location)?;
        match field {
            Some(field) => self.field(parameter, field, location),
            None => Ok(Some(parameter)),
        }
    }

    /// Complains about columns of this level where there can be none (`checkExprIsVarFree`).
    pub(super) fn check_free_of_variables(&self, expr: &Expr, construct: &str) -> Outcome<()> {
        match super::aggregate::variable_of_level(expr, 0) {
            Some(location) => Err(Failure::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!("the argument of {construct} must not contain columns of the query"),
                location,
            )),
            None => Ok(()),
        }
    }
}

/// An optional list in a node, such as that of IN and BETWEEN.
pub(super) fn list_items(raw: Option<&ast::Node>) -> Outcome<&[ast::Node]> {
    match optional(raw) {
        Some(NodeEnum::List(list)) => Ok(&list.items),
        _ => Err(Failure::new(SqlState::SYNTAX_ERROR, "a list is missing", None)),
    }
}

/// Where a value begins: an operation with its left operand (`exprLocation`).
pub(super) fn start(expr: &Expr) -> Location {
    let operand = match &*expr.node {
        ExprNode::Operator { args, .. }
        | ExprNode::Distinct { args, .. }
        | ExprNode::NullIf { args, .. }
        | ExprNode::ArrayOperator { args, .. } => args.first().and_then(start),
        ExprNode::NullTest { arg, .. } | ExprNode::Collate { arg, .. } => start(arg),
        _ => None,
    };
    operand.into_iter().chain(expr.location).min()
}
