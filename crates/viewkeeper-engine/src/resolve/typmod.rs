//! Type modifiers: from what is written in parentheses to PostgreSQL's number and back (the typmodin and typmodout
//! functions of utils/adt).

use super::{Failure, typmod_postgis};
use crate::catalog::ServerVersion;
use crate::diagnostic::SqlState;
use crate::tree::Location;

/// The length of a variable-length value's header, which the modifiers of strings and numerics include (`VARHDRSZ`).
const HEADER: i32 = 4;

/// `MAX_TIMESTAMP_PRECISION` and its kin.
const MAX_TIME_PRECISION: i32 = 6;

/// `MaxAttrSize`
const MAX_LENGTH: i32 = 10 * 1024 * 1024;

const INTERVAL_FULL_RANGE: i32 = 0x7fff;
const INTERVAL_FULL_PRECISION: i32 = 0xffff;

/// The masks of `interval` fields, with the words they are written as (`INTERVAL_MASK` of datetime.h).
const INTERVAL_FIELDS: [(i32, &str); 13] = [
    (1 << 2, " year"),
    (1 << 1, " month"),
    (1 << 3, " day"),
    (1 << 10, " hour"),
    (1 << 11, " minute"),
    (1 << 12, " second"),
    (1 << 2 | 1 << 1, " year to month"),
    (1 << 3 | 1 << 10, " day to hour"),
    (1 << 3 | 1 << 10 | 1 << 11, " day to minute"),
    (1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, " day to second"),
    (1 << 10 | 1 << 11, " hour to minute"),
    (1 << 10 | 1 << 11 | 1 << 12, " hour to second"),
    (1 << 11 | 1 << 12, " minute to second"),
];

fn invalid(message: impl Into<String>, location: Location) -> Failure {
    Failure::new(SqlState::INVALID_PARAMETER, message, location)
}

/// The modifier that a type's input function makes of what is in the parentheses; `None` when the function is not one
/// of PostgreSQL's own (or of a well-known extension).
pub(super) fn read(
    function: &str,
    arguments: &[String],
    version: ServerVersion,
    location: Location,
) -> Result<Option<i32>, Failure> {
    let numbers = || -> Result<Vec<i32>, Failure> {
        arguments
            .iter()
            .map(|argument| {
                argument.trim().parse().map_err(|_| {
                    Failure::new(
                        SqlState::INVALID_TEXT,
                        format!("the type modifier `{argument}` is not an integer"),
                        location,
                    )
                })
            })
            .collect()
    };
    Ok(Some(match function {
        "numerictypmodin" => numeric(&numbers()?, version, location)?,
        "varchartypmodin" | "bpchartypmodin" => length(&numbers()?, MAX_LENGTH, location)? + HEADER,
        "bittypmodin" | "varbittypmodin" => length(&numbers()?, MAX_LENGTH * 8, location)?,
        "timetypmodin" | "timetztypmodin" | "timestamptypmodin" | "timestamptztypmodin" => match *numbers()? {
            [precision] if precision >= 0 => precision.min(MAX_TIME_PRECISION),
            [_] => return Err(invalid("a precision must not be negative", location)),
            _ => return Err(invalid("this type takes one modifier, its precision", location)),
        },
        "intervaltypmodin" => interval(&numbers()?, location)?,
        // pgvector: the number of dimensions, as it is.
        "vector_typmod_in" | "halfvec_typmod_in" | "sparsevec_typmod_in" => length(&numbers()?, i32::MAX, location)?,
        function if typmod_postgis::is_input(function) => typmod_postgis::read(function, arguments, location)?,
        _ => return Ok(None),
    }))
}

/// `numerictypmodin`; a scale may be negative or above the precision since 15.
fn numeric(numbers: &[i32], version: ServerVersion, location: Location) -> Result<i32, Failure> {
    let (precision, scale) = match numbers {
        [precision] => (*precision, 0),
        [precision, scale] => (*precision, *scale),
        _ => return Err(invalid("`numeric` takes a precision and a scale", location)),
    };
    if !(1..=1000).contains(&precision) {
        return Err(invalid(format!("the precision {precision} of `numeric` must be between 1 and 1000"), location));
    }
    if version >= ServerVersion::V15 {
        if !(-1000..=1000).contains(&scale) {
            return Err(invalid(format!("the scale {scale} of `numeric` must be between -1000 and 1000"), location));
        }
        return Ok((precision << 16 | scale & 0x7ff) + HEADER);
    }
    if !(0..=precision).contains(&scale) {
        return Err(invalid(
            format!("the scale {scale} of `numeric` must be between 0 and the precision {precision}"),
            location,
        )
        .note("only PostgreSQL 15 and later take others"));
    }
    Ok((precision << 16 | scale) + HEADER)
}

fn length(numbers: &[i32], maximum: i32, location: Location) -> Result<i32, Failure> {
    match numbers {
        [length] if *length < 1 => Err(invalid("a length must be at least 1", location)),
        [length] if *length > maximum => Err(invalid(format!("a length cannot exceed {maximum}"), location)),
        [length] => Ok(*length),
        _ => Err(invalid("this type takes one modifier, its length", location)),
    }
}

/// `intervaltypmodin`: the mask of fields, then the precision.
fn interval(numbers: &[i32], location: Location) -> Result<i32, Failure> {
    let wrong = || invalid("this is not a modifier of `interval`", location);
    let mask = *numbers.first().ok_or_else(wrong)?;
    if mask != INTERVAL_FULL_RANGE && !INTERVAL_FIELDS.iter().any(|(known, _)| *known == mask) {
        return Err(wrong());
    }
    match numbers {
        [_] if mask == INTERVAL_FULL_RANGE => Ok(-1),
        [_] => Ok(mask << 16 | INTERVAL_FULL_PRECISION),
        [_, precision] if *precision < 0 => Err(invalid("a precision must not be negative", location)),
        [_, precision] => Ok(mask << 16 | (*precision).min(MAX_TIME_PRECISION)),
        _ => Err(wrong()),
    }
}

/// What a type's modifier is written as after its name, given its input function; the modifier is not negative.
pub(super) fn write(function: &str, typmod: i32, version: ServerVersion) -> String {
    match function {
        "numerictypmodin" if typmod >= HEADER => {
            let packed = typmod - HEADER;
            let scale = if version >= ServerVersion::V15 { ((packed & 0x7ff) ^ 1024) - 1024 } else { packed & 0xffff };
            format!("({},{scale})", packed >> 16 & 0xffff)
        }
        "varchartypmodin" | "bpchartypmodin" if typmod > HEADER => format!("({})", typmod - HEADER),
        "numerictypmodin" | "varchartypmodin" | "bpchartypmodin" => String::new(),
        "timetypmodin" | "timestamptypmodin" => format!("({typmod}) without time zone"),
        "timetztypmodin" | "timestamptztypmodin" => format!("({typmod}) with time zone"),
        "intervaltypmodin" => {
            let fields = INTERVAL_FIELDS.iter().find(|(mask, _)| *mask == typmod >> 16 & INTERVAL_FULL_RANGE);
            let fields = fields.map_or("", |(_, words)| words);
            match typmod & INTERVAL_FULL_PRECISION {
                INTERVAL_FULL_PRECISION => fields.to_owned(),
                precision => format!("{fields}({precision})"),
            }
        }
        function if typmod_postgis::is_input(function) => typmod_postgis::write(typmod),
        _ => format!("({typmod})"),
    }
}
