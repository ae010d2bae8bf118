//! What expressions of constants come to, as the planner computes it too (`eval_const_expressions` in clauses.c): logic, tests
//! for null, whole numbers where nothing can overflow, moments, arrays and the fields of `jsonb`. What is not read stays unknown.

use super::constant_function;
use super::function::FIRST_UNPINNED_OID;
use super::level::Level;
use crate::catalog::{Catalog, Oid, oids};
use crate::resolve::array_elements;
use crate::tree::{BoolOperation, BooleanTestKind, CaseExpr, Expr, ExprNode, SubscriptExpr};

/// A value that is known when the query is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    /// A date or a time of day on a date, without a time zone: year, month, day, hour, minute, second; infinity is beyond
    /// all of them, its negative before.
    Moment([u16; 6]),
    Text(String),
    /// One dimension, counted from 1.
    Array(Vec<Value>),
    Jsonb(serde_json::Value),
    /// A value, whatever it is.
    Some,
}

impl Level<'_, '_> {
    /// What an expression of constants comes to; what a grouping set may take away is no constant.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Value> {
        if self.nulled_groups.is_empty() { value(self.base.catalog, expr, None) } else { None }
    }

    /// Whether an expression of constants comes to a value that is not null.
    pub(super) fn is_value(&self, expr: &Expr) -> bool {
        self.constant(expr).is_some_and(|value| value != Value::Null)
    }

    /// The same for a condition of a branch, with what it is compared with: whether the branch is taken.
    pub(super) fn is_taken(&self, condition: &Expr, tested: Option<&Expr>) -> Option<bool> {
        if !self.nulled_groups.is_empty() {
            return None;
        }
        let tested = match tested {
            Some(tested) => Some(value(self.base.catalog, tested, None)?),
            None => None,
        };
        is_taken(&value(self.base.catalog, condition, tested.as_ref())?)
    }
}

/// Whether a condition of this value lets something happen.
pub(super) fn is_taken(condition: &Value) -> Option<bool> {
    match condition {
        Value::Bool(known) => Some(*known),
        Value::Null => Some(false),
        _ => None,
    }
}

/// What the text of a constant is, as far as it is read.
fn written(catalog: &Catalog, type_: Oid, text: &str) -> Value {
    let read = match type_ {
        oids::BOOL => match text {
            "t" | "true" => Some(Value::Bool(true)),
            "f" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        oids::INT2 | oids::INT4 | oids::INT8 => text.parse().ok().map(Value::Integer),
        oids::DATE | oids::TIMESTAMP => moment(text, type_).map(Value::Moment),
        oids::TEXT => Some(Value::Text(text.to_owned())),
        oids::JSONB => serde_json::from_str(text).ok().map(Value::Jsonb),
        _ => array(catalog, type_, text),
    };
    read.unwrap_or(Value::Some)
}

/// `2024-02-29`, `2024-02-29 12:00:00` and `infinity`, which every `DateStyle` reads in the same way.
fn moment(text: &str, type_: Oid) -> Option<[u16; 6]> {
    let number = |text: &str, digits: usize| -> Option<u16> {
        let written = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if written { text.parse().ok() } else { None }
    };
    match text {
        "infinity" => return Some([u16::MAX; 6]),
        "-infinity" => return Some([0; 6]),
        _ => {}
    }
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let mut moment = [0; 6];
    let mut date = date.split('-');
    for (place, digits) in moment.iter_mut().zip([4, 2, 2]) {
        *place = number(date.next()?, digits)?;
    }
    let mut time = time.split(':');
    moment[3] = number(time.next()?, 2)?;
    moment[4] = number(time.next()?, 2)?;
    moment[5] = time.next().map_or(Some(0), |seconds| number(seconds, 2))?;
    // 24:00 and a leap second are the beginning of what follows; of a date the time says nothing.
    let plain = moment[3] < 24 && moment[5] < 60 && (type_ == oids::TIMESTAMP || moment[3..] == [0; 3]);
    (plain && date.next().is_none() && time.next().is_none()).then_some(moment)
}

/// The text of an array of one dimension.
fn array(catalog: &Catalog, type_: Oid, text: &str) -> Option<Value> {
    let element = catalog.type_(type_)?.element;
    let is_array = catalog.type_(element)?.array == type_ && element.0 < FIRST_UNPINNED_OID && element != oids::BOX;
    if !is_array || !text.starts_with('{') || text[1..].contains('{') {
        return None;
    }
    let values = array_elements(text, catalog.version)?.into_iter().map(|part| match part {
        Some(part) => written(catalog, element, &part),
        None => Value::Null,
    });
    Some(Value::Array(values.collect()))
}

/// What an expression comes to, if that is known; `tested` is what a simple CASE compares with.
pub(super) fn value(catalog: &Catalog, expr: &Expr, tested: Option<&Value>) -> Option<Value> {
    let value_of = |expr: &Expr| value(catalog, expr, tested);
    match &*expr.node {
        ExprNode::Const { value: None, .. } => Some(Value::Null),
        ExprNode::Const { type_, value: Some(text), .. } => Some(written(catalog, *type_, text)),
        ExprNode::CaseTest { .. } => tested.cloned(),
        ExprNode::NamedArgument { arg, .. } => value_of(arg),
        ExprNode::Relabel { arg, .. }
        | ExprNode::Collate { arg, .. }
        | ExprNode::CoerceViaIo { arg, .. }
        | ExprNode::ArrayCoerce { arg, .. } => match value_of(arg)? {
            Value::Null => Some(Value::Null),
            // What is the same bits, or the same text, may be another value of another type.
            _ => Some(Value::Some),
        },
        ExprNode::Bool { operation, args } => logic(*operation, args.iter().map(value_of)),
        ExprNode::NullTest { arg, is_null, row: false } => {
            Some(Value::Bool((value_of(arg)? == Value::Null) == *is_null))
        }
        ExprNode::BooleanTest { arg, test } => {
            let known = match value_of(arg)? {
                Value::Bool(known) => Some(known),
                Value::Null => None,
                _ => return None,
            };
            Some(Value::Bool(match test {
                BooleanTestKind::True => known == Some(true),
                BooleanTestKind::NotTrue => known != Some(true),
                BooleanTestKind::False => known == Some(false),
                BooleanTestKind::NotFalse => known != Some(false),
                BooleanTestKind::Unknown => known.is_none(),
                BooleanTestKind::NotUnknown => known.is_some(),
            }))
        }
        ExprNode::Operator { operator, function, returns_set: false, args, .. } => {
            let known: Vec<_> = args.iter().map(value_of).collect();
            constant_function::operator(catalog, *operator, *function, &known)
        }
        ExprNode::Distinct { operator, function, args, negated, .. } => {
            let [left, right] = args.as_slice() else { return None };
            let distinct = match (value_of(left)?, value_of(right)?) {
                (Value::Null, Value::Null) => false,
                (Value::Null, _) | (_, Value::Null) => true,
                (left, right) => {
                    !is_taken(&constant_function::operator(catalog, *operator, *function, &[Some(left), Some(right)])?)?
                }
            };
            Some(Value::Bool(distinct != *negated))
        }
        ExprNode::Function { function, returns_set: false, args, .. } => {
            let known: Vec<_> = args.iter().map(value_of).collect();
            constant_function::call(catalog, *function, &known)
        }
        ExprNode::ArrayOperator { any, args, .. } => match args.as_slice() {
            // Nothing is compared, whatever the left side is.
            [_, array] if value_of(array)? == Value::Array(Vec::new()) => Some(Value::Bool(!any)),
            _ => None,
        },
        ExprNode::Array { elements, nested: false, .. } => {
            let known: Option<Vec<Value>> = elements.iter().map(value_of).collect();
            Some(known.map_or(Value::Some, Value::Array))
        }
        ExprNode::Subscript(subscript) => element(subscript, value_of),
        ExprNode::Coalesce { args, .. } => {
            for arg in args {
                match value_of(arg)? {
                    Value::Null => {}
                    found => return Some(found),
                }
            }
            Some(Value::Null)
        }
        ExprNode::NullIf { operator, function, args, .. } => {
            let [left, right] = args.as_slice() else { return None };
            let (left, right) = (value_of(left)?, value_of(right)?);
            let pair = [Some(left.clone()), Some(right)];
            let equal = is_taken(&constant_function::operator(catalog, *operator, *function, &pair)?)?;
            Some(if equal { Value::Null } else { left })
        }
        ExprNode::Case(case) => value_of(branch(catalog, case)?),
        _ => None,
    }
}

/// The branch of CASE that is always taken, where constants decide.
pub(super) fn branch<'e>(catalog: &Catalog, case: &'e CaseExpr) -> Option<&'e Expr> {
    let CaseExpr { arg, whens, default, .. } = case;
    let tested = match arg {
        Some(arg) => Some(value(catalog, arg, None)?),
        None => None,
    };
    for (condition, result) in whens {
        if is_taken(&value(catalog, condition, tested.as_ref())?)? {
            return Some(result);
        }
    }
    Some(default)
}

/// `array[1, 2][1]`
fn element(subscript: &SubscriptExpr, value_of: impl Fn(&Expr) -> Option<Value>) -> Option<Value> {
    let ([Some(index)], None, None) = (subscript.upper.as_slice(), &subscript.lower, &subscript.assigned) else {
        return None;
    };
    match (value_of(&subscript.arg)?, value_of(index)?) {
        (Value::Array(elements), Value::Integer(index)) => {
            let found = usize::try_from(index).ok().and_then(|index| elements.into_iter().nth(index.checked_sub(1)?));
            Some(found.unwrap_or(Value::Null))
        }
        (Value::Jsonb(document), Value::Text(key)) => Some(constant_function::field(&document, &key)),
        (Value::Jsonb(document), Value::Integer(index)) => constant_function::element(&document, index),
        (Value::Null, _) | (Value::Array(_) | Value::Jsonb(_), Value::Null) => Some(Value::Null),
        _ => None,
    }
}

/// AND, OR and NOT of three values.
fn logic(operation: BoolOperation, args: impl Iterator<Item = Option<Value>>) -> Option<Value> {
    let decides = match operation {
        BoolOperation::And => false,
        BoolOperation::Or => true,
        BoolOperation::Not => {
            return match args.last()?? {
                Value::Bool(known) => Some(Value::Bool(!known)),
                Value::Null => Some(Value::Null),
                _ => None,
            };
        }
    };
    let mut all = Some(Value::Bool(!decides));
    for arg in args {
        match arg {
            Some(Value::Bool(known)) if known == decides => return Some(Value::Bool(decides)),
            Some(Value::Bool(_)) => {}
            Some(Value::Null) => all = all.map(|_| Value::Null),
            _ => all = None,
        }
    }
    all
}
