//! What PostgreSQL's own functions and operators make of constants: comparisons and sums of whole numbers, comparisons of
//! moments and arrays, places in arrays, and the fields of `jsonb`. Those that are strict are null of null, whatever they do.

use serde_json::Value as Document;

use super::constant::Value;
use super::function::{self, FIRST_UNPINNED_OID, Rule, own};
use crate::catalog::{Catalog, Oid, Routine, oids};

/// `left operator right`, or one operand. Of arguments that are not known (`None`) it matters only whether a null is among the others.
pub(super) fn operator(catalog: &Catalog, operator: Oid, function: Oid, args: &[Option<Value>]) -> Option<Value> {
    if operator.0 >= FIRST_UNPINNED_OID {
        return None;
    }
    let routine = own(catalog, function)?;
    if is_null_of_null(routine, args) {
        return Some(Value::Null);
    }
    let name = catalog.operator(operator)?.name.as_str();
    let known: Vec<&Value> = args.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let otherwise = || called(catalog, routine, &known);
    match *known {
        [Value::Integer(left), Value::Integer(right)] if routine.inputs.iter().all(is_integer) => {
            compared(name, left, right).or_else(|| {
                let number = match name {
                    "+" => left.checked_add(*right)?,
                    "-" => left.checked_sub(*right)?,
                    "*" => left.checked_mul(*right)?,
                    _ => return None,
                };
                in_range(number, routine.result)
            })
        }
        [Value::Integer(number)] if routine.inputs.iter().all(is_integer) => {
            let number = match name {
                "-" => number.checked_neg()?,
                "+" => *number,
                _ => return None,
            };
            in_range(number, routine.result)
        }
        [Value::Bool(left), Value::Bool(right)] if routine.inputs == [oids::BOOL, oids::BOOL] => {
            compared(name, left, right)
        }
        [Value::Moment(left), Value::Moment(right)] => compared(name, left, right),
        [Value::Jsonb(left), Value::Jsonb(right)] => match name {
            "=" => same(left, right).map(Value::Bool),
            "<>" => same(left, right).map(|same| Value::Bool(!same)),
            _ => otherwise(),
        },
        [Value::Array(left), Value::Array(right)] if routine.inputs == [oids::ANYARRAY, oids::ANYARRAY] => {
            numbers(left).zip(numbers(right)).map_or_else(otherwise, |(left, right)| compared(name, &left, &right))
        }
        _ => otherwise(),
    }
}

/// A function of arguments, as [`operator`].
pub(super) fn call(catalog: &Catalog, function: Oid, args: &[Option<Value>]) -> Option<Value> {
    let routine = own(catalog, function)?;
    if is_null_of_null(routine, args) {
        return Some(Value::Null);
    }
    let known: Vec<&Value> = args.iter().map(Option::as_ref).collect::<Option<_>>()?;
    called(catalog, routine, &known)
}

fn is_null_of_null(routine: &Routine, args: &[Option<Value>]) -> bool {
    routine.strict && args.contains(&Some(Value::Null))
}

fn called(catalog: &Catalog, routine: &Routine, args: &[&Value]) -> Option<Value> {
    match (routine.name.as_str(), args) {
        ("array_length" | "array_upper", [Value::Array(elements), Value::Integer(dimension)]) => {
            let length = i64::try_from(elements.len()).ok()?;
            Some(if *dimension == 1 && length > 0 { Value::Integer(length) } else { Value::Null })
        }
        ("jsonb_exists", [Value::Jsonb(document), Value::Text(key)]) => has_key(document, key).map(Value::Bool),
        ("string_to_array", [Value::Text(text), Value::Text(between)]) if !between.is_empty() => {
            let parts = text.split(between.as_str()).filter(|_| !text.is_empty());
            Some(Value::Array(parts.map(|part| Value::Text(part.to_owned())).collect()))
        }
        ("array_position", [Value::Array(elements), Value::Integer(sought)]) => {
            let place = numbers(elements)?.iter().position(|number| *number == (false, *sought));
            Some(place.and_then(|place| i64::try_from(place + 1).ok()).map_or(Value::Null, Value::Integer))
        }
        ("jsonb_object_field", [Value::Jsonb(document), Value::Text(key)]) => Some(field(document, key)),
        ("jsonb_object_field_text", [Value::Jsonb(document), Value::Text(key)]) => Some(as_text(field(document, key))),
        ("jsonb_array_element", [Value::Jsonb(document), Value::Integer(index)]) => element(document, *index),
        ("jsonb_array_element_text", [Value::Jsonb(document), Value::Integer(index)]) => {
            element(document, *index).map(as_text)
        }
        ("jsonb_extract_path", [Value::Jsonb(document), Value::Array(path)]) => at_path(document, path),
        ("jsonb_extract_path_text", [Value::Jsonb(document), Value::Array(path)]) => {
            at_path(document, path).map(as_text)
        }
        // No argument is null here.
        _ if function::rule(catalog, routine.oid, false) == Rule::All => Some(Value::Some),
        _ => None,
    }
}

fn is_integer(type_: &Oid) -> bool {
    matches!(*type_, oids::INT2 | oids::INT4 | oids::INT8)
}

fn compared<T: PartialOrd>(operator: &str, left: &T, right: &T) -> Option<Value> {
    Some(Value::Bool(match operator {
        "=" => left == right,
        "<>" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        _ => return None,
    }))
}

/// A number that the result's type can hold: any other is an error when the query runs.
fn in_range(number: i64, type_: Oid) -> Option<Value> {
    let fits = match type_ {
        oids::INT2 => i16::try_from(number).is_ok(),
        oids::INT4 => i32::try_from(number).is_ok(),
        oids::INT8 => true,
        _ => false,
    };
    fits.then_some(Value::Integer(number))
}

/// The elements of an array of whole numbers as they are compared: nulls are the same, and beyond all numbers (`array_cmp`).
fn numbers(elements: &[Value]) -> Option<Vec<(bool, i64)>> {
    let number = |element: &Value| match element {
        Value::Integer(number) => Some((false, *number)),
        Value::Null => Some((true, 0)),
        _ => None,
    };
    elements.iter().map(number).collect()
}

/// Whether two documents are the same; not told where numbers may be the same in other words (`1`, `1.0`).
fn same(left: &Document, right: &Document) -> Option<bool> {
    match (left, right) {
        (Document::Number(left), Document::Number(right)) => {
            (left == right || (!left.is_f64() && !right.is_f64())).then_some(left == right)
        }
        (Document::Array(left), Document::Array(right)) if left.len() == right.len() => {
            all_same(left.iter().zip(right).map(|(left, right)| same(left, right)))
        }
        (Document::Object(left), Document::Object(right)) if left.len() == right.len() => {
            let field = |(key, left): (&String, &Document)| match right.get(key) {
                Some(right) => same(left, right),
                None => Some(false),
            };
            all_same(left.iter().map(field))
        }
        _ => Some(left == right),
    }
}

/// Whether all are, of what is told of each.
fn all_same(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for part in parts {
        match part {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

/// `document -> 'key'`
pub(super) fn field(document: &Document, key: &str) -> Value {
    document.as_object().and_then(|fields| fields.get(key)).map_or(Value::Null, |value| Value::Jsonb(value.clone()))
}

/// `document ? 'key'`: also among the texts of an array; a text alone is taken for such an array.
fn has_key(document: &Document, key: &str) -> Option<bool> {
    match document {
        Document::Object(fields) => Some(fields.contains_key(key)),
        Document::Array(elements) => Some(elements.iter().any(|element| element.as_str() == Some(key))),
        _ => None,
    }
}

/// `document -> index`, which counts from 0 and, where it is negative, from the end. What is neither an array nor an object is
/// taken for an array of one element by some functions (`JB_ROOT_IS_ARRAY`), and not read here.
pub(super) fn element(document: &Document, index: i64) -> Option<Value> {
    let elements = match document {
        Document::Array(elements) => elements,
        Document::Object(_) => return Some(Value::Null),
        _ => return None,
    };
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    let place = if index < 0 { elements.len().checked_sub(distance) } else { Some(distance) };
    Some(place.and_then(|place| elements.get(place)).map_or(Value::Null, |value| Value::Jsonb(value.clone())))
}

/// What `->>` makes of what `->` gives: the null of JSON is none of SQL before.
fn as_text(value: Value) -> Value {
    match value {
        Value::Null | Value::Jsonb(Document::Null) => Value::Null,
        _ => Value::Some,
    }
}

/// `document #> '{a,0}'`; a path with a null in it leads nowhere.
fn at_path(document: &Document, path: &[Value]) -> Option<Value> {
    let mut found = document.clone();
    for step in path {
        let next = match step {
            Value::Text(step) if found.is_array() => match step.parse() {
                Ok(index) => element(&found, index)?,
                // `strtol` takes spaces and signs before a number.
                Err(_) => return None,
            },
            Value::Text(step) => field(&found, step),
            Value::Null => Value::Null,
            _ => return None,
        };
        match next {
            Value::Jsonb(next) => found = next,
            _ => return Some(Value::Null),
        }
    }
    Some(Value::Jsonb(found))
}
