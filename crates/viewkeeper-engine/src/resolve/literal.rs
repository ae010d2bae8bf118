//! Whether the text of a literal can be a value of its type at all, for types whose input function is simple enough to
//! say so with certainty. Everything else passes: the server will check it.

use super::literal_shape::{self as shape, trim};
use super::{Failure, Resolver};
use crate::catalog::{Oid, ServerVersion, Type, TypeKind, oids};
use crate::diagnostic::SqlState;
use crate::tree::Location;

/// The failure that the type's input function would raise for this text.
pub(super) fn check(resolver: &Resolver<'_>, type_: Oid, text: &str, location: Location) -> Result<(), Failure> {
    let valid = match type_ {
        oids::BOOL => is_boolean(text),
        oids::INT2 => return integer(resolver, text, i16::MIN.into(), i16::MAX.into(), type_, location),
        oids::INT4 => return integer(resolver, text, i32::MIN.into(), i32::MAX.into(), type_, location),
        oids::INT8 => return integer(resolver, text, i64::MIN.into(), i64::MAX.into(), type_, location),
        oids::REGCLASS
        | oids::REGTYPE
        | oids::REGPROC
        | oids::REGPROCEDURE
        | oids::REGOPER
        | oids::REGOPERATOR
        | oids::REGNAMESPACE => {
            return resolver.registered(type_, text, location).map(|_| ());
        }
        oids::FLOAT4 | oids::FLOAT8 => shape::may_be_float(text),
        oids::NUMERIC => shape::may_be_numeric(text),
        oids::BIT | oids::VARBIT => shape::may_be_bits(text),
        oids::JSON | oids::JSONB => shape::is_json(text),
        oids::DATE | oids::TIME | oids::TIMETZ | oids::TIMESTAMP | oids::TIMESTAMPTZ => {
            return if shape::may_be_time(text) { Ok(()) } else { Err(no_time(resolver, type_, text, location)) };
        }
        oids::INTERVAL => {
            return if shape::may_be_interval(text) { Ok(()) } else { Err(no_time(resolver, type_, text, location)) };
        }
        oids::UUID => is_uuid(text),
        _ => match resolver.catalog.type_(type_) {
            Some(row) if row.kind == TypeKind::Enum && row.oid.0 >= crate::catalog::FIRST_USER_OID => {
                if !row.labels.iter().any(|label| label == text) {
                    return Err(not_a_label(resolver, type_, text, &row.labels, location));
                }
                true
            }
            // Pseudo-types have no values that could be written: their input functions refuse every text.
            Some(row)
                if row.kind == TypeKind::Pseudo && ![oids::CSTRING, oids::VOID, oids::UNKNOWN].contains(&type_) =>
            {
                let name = resolver.type_text(type_);
                let message = format!("a literal cannot be of type `{name}`");
                return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location)
                    .help("cast the literal to the type that is meant"));
            }
            Some(row) => return of_parts(resolver, row, text, location),
            None => true,
        },
    };
    if valid { Ok(()) } else { Err(invalid(resolver, type_, text, location)) }
}

/// The failure that the type's input function would raise for NULL: those of pseudo-types are asked where they are not
/// strict (`coerce_type`, which always calls the input function).
pub(super) fn check_null(resolver: &Resolver<'_>, type_: Oid, location: Location) -> Result<(), Failure> {
    let Some(row) = resolver.catalog.type_(type_).filter(|row| row.kind == TypeKind::Pseudo) else { return Ok(()) };
    if resolver.catalog.routine(row.input).is_none_or(|input| input.strict) {
        return Ok(());
    }
    let message = format!("a literal cannot be of type `{}`, not even NULL", resolver.type_text(type_));
    Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location))
}

fn invalid(resolver: &Resolver<'_>, type_: Oid, text: &str, location: Location) -> Failure {
    let name = resolver.type_text(type_);
    Failure::new(SqlState::INVALID_TEXT, format!("`{text}` is not a value of type `{name}`"), location)
}

fn no_time(resolver: &Resolver<'_>, type_: Oid, text: &str, location: Location) -> Failure {
    Failure { sqlstate: SqlState::INVALID_DATETIME, ..invalid(resolver, type_, text, location) }
}

/// Arrays, ranges and rows: their brackets, and the elements of plain arrays.
fn of_parts(resolver: &Resolver<'_>, row: &Type, text: &str, location: Location) -> Result<(), Failure> {
    let element = resolver.catalog.type_(row.element).filter(|element| element.array == row.oid);
    let fits = match (row.kind, element) {
        // `[1:2]={…}` gives bounds.
        (TypeKind::Base, Some(element)) if shape::is_between(text, &['{', '['], &['}']) => {
            // A NULL is one whatever its case; the elements of an array are split by what its type says (box: `;`).
            let elements = if element.oid == oids::BOX { None } else { shape::plain_elements(text) };
            for value in elements.iter().flatten().filter(|value| !value.eq_ignore_ascii_case("null")) {
                if value.is_empty() {
                    return Err(invalid(resolver, row.oid, text, location));
                }
                check(resolver, resolver.catalog.base_type(element.oid), value, location)?;
            }
            true
        }
        (TypeKind::Base, Some(_)) => false,
        (TypeKind::Range, _) => {
            shape::trim(text).eq_ignore_ascii_case("empty")
                || shape::is_between(text, &['[', '('], &[']', ')']) && text.contains(',')
        }
        (TypeKind::Multirange, _) => shape::is_between(text, &['{'], &['}']),
        (TypeKind::Composite, _) => shape::is_between(text, &['('], &[')']),
        _ => true,
    };
    if fits { Ok(()) } else { Err(invalid(resolver, row.oid, text, location)) }
}

fn not_a_label(resolver: &Resolver<'_>, type_: Oid, text: &str, labels: &[String], location: Location) -> Failure {
    let failure = invalid(resolver, type_, text, location);
    match super::suggest::nearest(text, labels.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!(
            "its labels are {}",
            labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
        )),
    }
}

/// `parse_bool_with_len`: unique prefixes of true, false, yes, no, on, off; 1 and 0.
fn is_boolean(text: &str) -> bool {
    let text = trim(text).to_ascii_lowercase();
    match text.as_str() {
        "" | "o" => false,
        "1" | "0" => true,
        _ => ["true", "false", "yes", "no", "on", "off"].iter().any(|word| word.starts_with(&text)),
    }
}

/// `pg_strtoint32_safe` and its kin; from 16 on with other bases and underscores.
fn integer(
    resolver: &Resolver<'_>,
    text: &str,
    minimum: i128,
    maximum: i128,
    type_: Oid,
    location: Location,
) -> Result<(), Failure> {
    let trimmed = trim(text);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let modern = resolver.catalog.version >= ServerVersion::V16;
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") if modern => (16, &digits[2..]),
        Some("0o" | "0O") if modern => (8, &digits[2..]),
        Some("0b" | "0B") if modern => (2, &digits[2..]),
        _ => (10, digits),
    };
    let underscores_fit = !digits.contains("__") && !digits.ends_with('_') && (radix != 10 || !digits.starts_with('_'));
    let digits = if modern && underscores_fit { digits.replace('_', "") } else { digits.to_owned() };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(invalid(resolver, type_, text, location));
    }
    let value = i128::from_str_radix(&digits, radix).map(|value| if negative { -value } else { value });
    match value {
        Ok(value) if (minimum..=maximum).contains(&value) => Ok(()),
        _ => {
            let name = resolver.type_text(type_);
            let message = format!("`{text}` is out of range for type `{name}`");
            Err(Failure::new(SqlState::OUT_OF_RANGE, message, location))
        }
    }
}

/// `string_to_uuid`: 32 hexadecimal digits, optionally in braces, optionally a hyphen after each four.
fn is_uuid(text: &str) -> bool {
    let inner = match text.strip_prefix('{') {
        Some(rest) => match rest.strip_suffix('}') {
            Some(inner) => inner,
            None => return false,
        },
        None => text,
    };
    let mut digits = 0;
    let mut may_hyphen = false;
    for character in inner.chars() {
        match character {
            '-' if may_hyphen => may_hyphen = false,
            digit if digit.is_ascii_hexdigit() => {
                digits += 1;
                may_hyphen = digits % 4 == 0 && digits < 32;
            }
            _ => return false,
        }
    }
    digits == 32
}
