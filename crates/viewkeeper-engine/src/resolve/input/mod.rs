//! What the input functions of types refuse: whether the text of a literal can be a value of its type at all. Only what
//! every server refuses is refused here; what an input function says that is not imitated, or that depends on settings
//! and on the platform, passes, and the server will say it.

mod calendar;
mod container;
mod date_field;
mod date_time;
mod geometric;
mod interval;
mod json;
mod jsonpath;
mod money;
mod network;
mod number;
mod text_search;
mod xml;

use date_field::Wrong;
use date_time::DateType;
use geometric::Shape;

use super::{Failure, Resolver};
use crate::catalog::{FIRST_USER_OID, Oid, ServerVersion, Type, TypeKind, oids};
use crate::diagnostic::SqlState;
use crate::tree::Location;

/// What an input function says of a text: nothing, or the code of its refusal.
type Input = Result<(), SqlState>;

/// `pg_snapshot` and its older name, which are not among the numbers that the source code names.
const SNAPSHOTS: [Oid; 2] = [Oid(2970), Oid(5038)];

/// Types whose values only the server makes: their input functions refuse every text. `pg_node_tree`, what statistics
/// and BRIN keep, and `gtsvector`.
const WITHOUT_INPUT: [Oid; 7] = [Oid(194), Oid(3361), Oid(3402), Oid(3642), Oid(4600), Oid(4601), Oid(5017)];

/// The failure that the type's input function would raise for this text.
pub(super) fn check(
    resolver: &Resolver<'_>,
    type_: Oid,
    typmod: i32,
    text: &str,
    location: Location,
) -> Result<(), Failure> {
    let Some(row) = resolver.catalog.type_(type_) else { return Ok(()) };
    let is_pseudo = row.kind == TypeKind::Pseudo;
    if is_pseudo && ![oids::CSTRING, oids::VOID, oids::UNKNOWN].contains(&type_) {
        // Pseudo-types have no values that could be written: their input functions refuse every text.
        let name = resolver.type_text(type_);
        let message = format!("a literal cannot be of type `{name}`");
        return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location)
            .help("cast the literal to the type that is meant"));
    }
    if row.kind == TypeKind::Enum && row.oid.0 >= FIRST_USER_OID {
        let known = row.labels.iter().any(|label| label == text);
        return match known {
            true if resolver.catalog.is_safe_label(type_, text) => Ok(()),
            true => Err(new_label(resolver, type_, text, location)),
            false => Err(not_a_label(resolver, type_, text, &row.labels, location)),
        };
    }
    if [
        oids::REGCLASS,
        oids::REGTYPE,
        oids::REGPROC,
        oids::REGPROCEDURE,
        oids::REGOPER,
        oids::REGOPERATOR,
        oids::REGCOLLATION,
        oids::REGNAMESPACE,
    ]
    .contains(&type_)
    {
        return resolver.registered(type_, text, location).map(|_| ());
    }
    match own_type(resolver, type_, typmod, text) {
        Some(Ok(())) => Ok(()),
        Some(Err(code)) => Err(refused(resolver, type_, text, code, location)),
        None => of_parts(resolver, row, text, location),
    }
}

/// `aclparse`, up to the privileges: `[group|user] name=…`. Whether there is such a role is not known.
fn acl_item(text: &str) -> Input {
    // `getid`
    let name = |text: &str| -> (String, usize) {
        let start = text.len() - text.trim_start_matches(number::SPACES).len();
        let (mut name, mut quoted, mut end) = (String::new(), false, text.len());
        for (at, character) in text.char_indices().skip_while(|(at, _)| *at < start) {
            match character {
                '"' => quoted = !quoted,
                _ if quoted || character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii() => {
                    name.push(character);
                }
                _ => {
                    end = at;
                    break;
                }
            }
        }
        let spaces = text[end..].len() - text[end..].trim_start_matches(number::SPACES).len();
        (name, end + spaces)
    };
    let (word, end) = name(text);
    let rest = &text[end..];
    if rest.starts_with('=') {
        return Ok(());
    }
    let (role, end) = name(rest);
    let known = matches!(word.as_str(), "group" | "user");
    if known && !role.is_empty() && rest[end..].starts_with('=') { Ok(()) } else { number::INVALID }
}

/// PostgreSQL's own types, by number; `None` for any other.
fn own_type(resolver: &Resolver<'_>, type_: Oid, typmod: i32, text: &str) -> Option<Input> {
    let version = resolver.catalog.version;
    let time = |type_| date_time::read(text, type_, version).map_err(|wrong| code_of(wrong, SqlState("22008")));
    let integer = |text: &str, minimum, maximum| number::integer(text, version, minimum, maximum);
    Some(match type_ {
        oids::BOOL => number::boolean(text),
        oids::INT2 => integer(text, i16::MIN.into(), i16::MAX.into()),
        oids::INT4 => integer(text, i32::MIN.into(), i32::MAX.into()),
        oids::INT8 => integer(text, i64::MIN.into(), i64::MAX.into()),
        oids::INT2VECTOR => container::vector(text, |element| integer(element, i16::MIN.into(), i16::MAX.into())),
        // Numbers may stand together where a sign keeps them apart.
        oids::OIDVECTOR => container::vector(text, |element| match element.contains(['+', '-']) {
            true => Ok(()),
            false => number::object_number(element, version, 32, false),
        }),
        oids::OID => number::object_number(text, version, 32, false),
        oids::XID | oids::CID => number::object_number(text, version, 32, true),
        oids::XID8 => number::object_number(text, version, 64, true),
        oids::FLOAT4 => number::float(text, false),
        oids::FLOAT8 => number::float(text, true),
        oids::NUMERIC => number::numeric(text, version),
        oids::TID => number::row_number(text, version),
        oids::PG_LSN => number::log_position(text),
        oids::BIT | oids::VARBIT => number::bits(text),
        oids::BYTEA => number::bytes(text),
        oids::UUID => number::uuid(text),
        oids::JSON => number::json(text),
        oids::JSONB => json::jsonb(text),
        oids::JSONPATH => jsonpath::read(text, version),
        oids::DATE => time(DateType::Date),
        oids::TIME | oids::TIMETZ => time(DateType::Time),
        oids::TIMESTAMP => time(DateType::Timestamp),
        oids::TIMESTAMPTZ => time(DateType::TimestampWithZone),
        oids::INTERVAL => interval::read(text, typmod, version).map_err(|wrong| code_of(wrong, SqlState("22015"))),
        oids::INET => network::address(text, false),
        oids::CIDR => network::address(text, true),
        oids::MACADDR => network::mac(text),
        oids::MACADDR8 => network::mac8(text),
        oids::POINT => geometric::read(text, Shape::Point),
        oids::LSEG => geometric::read(text, Shape::Segment),
        oids::LINE => geometric::read(text, Shape::Line),
        oids::BOX => geometric::read(text, Shape::Box),
        oids::PATH => geometric::read(text, Shape::Path),
        oids::POLYGON => geometric::read(text, Shape::Polygon),
        oids::CIRCLE => geometric::read(text, Shape::Circle),
        oids::MONEY => money::read(text),
        oids::ACLITEM => acl_item(text),
        oids::TSVECTOR => text_search::vector(text),
        oids::TSQUERY => text_search::query(text),
        oids::XML => xml::content(text),
        _ if WITHOUT_INPUT.contains(&type_) => Err(SqlState::FEATURE_NOT_SUPPORTED),
        _ if SNAPSHOTS.contains(&type_) => number::snapshot(text),
        _ => return None,
    })
}

/// `DateTimeParseError`; what is beyond the range of a field has a code of the type's own.
fn code_of(wrong: Wrong, overflow: SqlState) -> SqlState {
    match wrong {
        Wrong::Format | Wrong::Unsure => SqlState::INVALID_DATETIME,
        Wrong::Field => overflow,
        Wrong::Months => SqlState("22008"),
        Wrong::Displacement => SqlState("22009"),
    }
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

fn refused(resolver: &Resolver<'_>, type_: Oid, text: &str, code: SqlState, location: Location) -> Failure {
    let name = resolver.type_text(type_);
    let message = match code.0 {
        "22003" | "22008" | "22015" => format!("`{text}` is out of range for type `{name}`"),
        "0A000" => format!("a literal cannot be of type `{name}`"),
        "22000" => format!("the lower bound of the range `{text}` is above its upper bound"),
        _ => format!("`{text}` is not a value of type `{name}`"),
    };
    Failure::new(code, message, location)
}

/// Arrays, ranges and rows, and what they hold.
fn of_parts(resolver: &Resolver<'_>, row: &Type, text: &str, location: Location) -> Result<(), Failure> {
    let catalog = resolver.catalog;
    let refused = |code| refused(resolver, row.oid, text, code, location);
    let check_part = |type_: Oid, part: &Option<String>| match part {
        Some(part) => {
            let (base, typmod) = catalog.base_type_and_typmod(type_, -1);
            check(resolver, base, typmod, part, location)
        }
        None => Ok(()),
    };
    let element = catalog.type_(row.element).filter(|element| element.array == row.oid);
    match (row.kind, element) {
        (TypeKind::Base, Some(element)) => {
            // Which mark stands between the elements of a type made by CREATE TYPE is not kept.
            if element.kind == TypeKind::Base && element.oid.0 >= FIRST_USER_OID {
                return Ok(());
            }
            let mark = if element.oid == oids::BOX { ';' } else { ',' };
            let elements = container::array(text, mark, catalog.version).map_err(refused)?;
            elements.iter().try_for_each(|part| check_part(element.oid, part))
        }
        (TypeKind::Range, _) => {
            let bounds = container::range(text).map_err(refused)?;
            let Some(range) = &row.range else { return Ok(()) };
            bounds.iter().try_for_each(|bound| check_part(range.subtype, bound))?;
            match range.subtype {
                oids::INT4 | oids::INT8 | oids::NUMERIC => container::numbers_in_order(&bounds).map_err(refused),
                oids::DATE | oids::TIMESTAMP | oids::TIMESTAMPTZ => container::times_in_order(&bounds).map_err(refused),
                _ => Ok(()),
            }
        }
        (TypeKind::Multirange, _) => {
            let ranges = container::multirange(text).map_err(refused)?;
            let Some(range) = &row.range else { return Ok(()) };
            ranges.iter().try_for_each(|part| check_part(range.range, part))
        }
        (TypeKind::Composite, _) => {
            let Some(relation) = catalog.relation(row.relation) else { return Ok(()) };
            let fields: Vec<_> = relation.columns.iter().filter(|column| !column.dropped).collect();
            let parts = container::row(text, fields.len()).map_err(refused)?;
            fields.iter().zip(&parts).try_for_each(|(field, part)| check_part(field.type_, part))
        }
        _ => Ok(()),
    }
}

/// The texts of an array's elements, `None` for nulls, whatever its dimensions.
pub(crate) fn array_elements(text: &str, version: ServerVersion) -> Option<Vec<Option<String>>> {
    container::array(text, ',', version).ok()
}

fn new_label(resolver: &Resolver<'_>, type_: Oid, label: &str, location: Location) -> Failure {
    let name = resolver.type_text(type_);
    let message =
        format!("the new value `{label}` of `{name}` cannot be used before the migration that adds it is committed");
    Failure::new(SqlState("55P04"), message, location)
        .help("use it in a later migration: each migration is a transaction of its own")
}

fn not_a_label(resolver: &Resolver<'_>, type_: Oid, text: &str, labels: &[String], location: Location) -> Failure {
    let failure = refused(resolver, type_, text, SqlState::INVALID_TEXT, location);
    match super::suggest::nearest(text, labels.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!(
            "its labels are {}",
            labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
        )),
    }
}
