//! What expressions of constants come to, as the planner computes it too (`eval_const_expressions` in clauses.c): logic, tests
//! for null, and whole numbers, compared and reckoned with where nothing can overflow. Nothing else is evaluated.

use super::function::FIRST_UNPINNED_OID;
use super::level::Level;
use crate::catalog::{Catalog, Oid, oids};
use crate::tree::{BoolOperation, BooleanTestKind, CaseExpr, Expr, ExprNode};

/// A value that is known when the query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    /// A value, whatever it is.
    Some,
}

impl Level<'_, '_> {
    /// What an expression of constants comes to; what a grouping set may take away is no constant.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Value> {
        if self.nulled_groups.is_empty() { value(self.base.catalog, expr, None) } else { None }
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
        match value(self.base.catalog, condition, tested)? {
            Value::Bool(known) => Some(known),
            Value::Null => Some(false),
            Value::Integer(_) | Value::Some => None,
        }
    }
}

/// What an expression comes to, if that is known; `tested` is what a simple CASE compares with.
pub(super) fn value(catalog: &Catalog, expr: &Expr, tested: Option<Value>) -> Option<Value> {
    let value_of = |expr: &Expr| value(catalog, expr, tested);
    match &*expr.node {
        ExprNode::Const { value: None, .. } => Some(Value::Null),
        ExprNode::Const { type_: oids::BOOL, value: Some(text), .. } => Some(match text.as_str() {
            "t" | "true" => Value::Bool(true),
            "f" | "false" => Value::Bool(false),
            _ => Value::Some,
        }),
        ExprNode::Const { type_: oids::INT2 | oids::INT4 | oids::INT8, value: Some(text), .. } => {
            Some(text.parse().map_or(Value::Some, Value::Integer))
        }
        ExprNode::Const { value: Some(_), .. } => Some(Value::Some),
        ExprNode::CaseTest { .. } => tested,
        ExprNode::Relabel { arg, .. } | ExprNode::Collate { arg, .. } | ExprNode::NamedArgument { arg, .. } => {
            match value_of(arg)? {
                Value::Null => Some(Value::Null),
                // The bits of another type may be another value.
                _ => Some(Value::Some),
            }
        }
        ExprNode::Bool { operation, args } => logic(*operation, args.iter().map(value_of)),
        ExprNode::NullTest { arg, is_null, row: false } => {
            Some(Value::Bool((value_of(arg)? == Value::Null) == *is_null))
        }
        ExprNode::BooleanTest { arg, test } => {
            let known = match value_of(arg)? {
                Value::Bool(known) => Some(known),
                Value::Null => None,
                Value::Integer(_) | Value::Some => return None,
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
            let values: Option<Vec<Value>> = args.iter().map(value_of).collect();
            operation(catalog, *operator, *function, &values?)
        }
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
            match operation(catalog, *operator, *function, &[left, right])? {
                Value::Bool(true) => Some(Value::Null),
                Value::Bool(false) | Value::Null => Some(left),
                Value::Integer(_) | Value::Some => None,
            }
        }
        ExprNode::Case(case) => {
            let CaseExpr { arg, whens, default, .. } = &**case;
            let tested = match arg {
                Some(arg) => Some(value_of(arg)?),
                None => None,
            };
            for (condition, result) in whens {
                match value(catalog, condition, tested)? {
                    Value::Bool(true) => return value_of(result),
                    Value::Bool(false) | Value::Null => {}
                    Value::Integer(_) | Value::Some => return None,
                }
            }
            value_of(default)
        }
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
                Value::Integer(_) | Value::Some => None,
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

/// PostgreSQL's own operators over whole numbers; what is strict is null of null.
fn operation(catalog: &Catalog, operator: Oid, function: Oid, args: &[Value]) -> Option<Value> {
    if operator.0 >= FIRST_UNPINNED_OID || function.0 >= FIRST_UNPINNED_OID {
        return None;
    }
    let routine = catalog.routine(function)?;
    if args.contains(&Value::Null) {
        return routine.strict.then_some(Value::Null);
    }
    if let [Value::Bool(left), Value::Bool(right)] = *args
        && routine.inputs == [oids::BOOL, oids::BOOL]
    {
        return match catalog.operator(operator)?.name.as_str() {
            "=" => Some(Value::Bool(left == right)),
            "<>" => Some(Value::Bool(left != right)),
            _ => None,
        };
    }
    let is_integer = |type_: &Oid| matches!(*type_, oids::INT2 | oids::INT4 | oids::INT8);
    if !routine.inputs.iter().all(is_integer) {
        return None;
    }
    let name = catalog.operator(operator)?.name.as_str();
    let number = match *args {
        [Value::Integer(left), Value::Integer(right)] => match name {
            "=" => return Some(Value::Bool(left == right)),
            "<>" => return Some(Value::Bool(left != right)),
            "<" => return Some(Value::Bool(left < right)),
            "<=" => return Some(Value::Bool(left <= right)),
            ">" => return Some(Value::Bool(left > right)),
            ">=" => return Some(Value::Bool(left >= right)),
            "+" => left.checked_add(right)?,
            "-" => left.checked_sub(right)?,
            "*" => left.checked_mul(right)?,
            _ => return None,
        },
        [Value::Integer(number)] => match name {
            "-" => number.checked_neg()?,
            "+" => number,
            _ => return None,
        },
        _ => return None,
    };
    let fits = match routine.result {
        oids::INT2 => i16::try_from(number).is_ok(),
        oids::INT4 => i32::try_from(number).is_ok(),
        oids::INT8 => true,
        _ => false,
    };
    fits.then_some(Value::Integer(number))
}
