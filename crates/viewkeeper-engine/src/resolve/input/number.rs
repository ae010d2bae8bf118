//! The input functions of numbers and of what is written in them: row and transaction numbers, positions in the log.

use super::Input;
use super::json::is_json;
use crate::catalog::ServerVersion;
use crate::diagnostic::SqlState;

/// C's `isspace`
pub(super) const SPACES: [char; 6] = [' ', '\t', '\n', '\r', '\x0b', '\x0c'];

/// Without the white space on both sides, which input functions pass over.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(SPACES)
}

/// A text that is wrong.
pub(super) const INVALID: Input = Err(SqlState::INVALID_TEXT);

fn valid(fits: bool) -> Input {
    if fits { Ok(()) } else { INVALID }
}

/// `parse_bool_with_len`: unique prefixes of true, false, yes, no, on, off; 1 and 0.
pub(super) fn boolean(text: &str) -> Input {
    let text = trim(text).to_ascii_lowercase();
    valid(match text.as_str() {
        "" | "o" => false,
        "1" | "0" => true,
        _ => ["true", "false", "yes", "no", "on", "off"].iter().any(|word| word.starts_with(&text)),
    })
}

/// `pg_strtoint32_safe` and its kin; from 16 on with other bases and underscores.
pub(super) fn integer(text: &str, version: ServerVersion, minimum: i128, maximum: i128) -> Input {
    let trimmed = trim(text);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let modern = version >= ServerVersion::V16;
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") if modern => (16, &digits[2..]),
        Some("0o" | "0O") if modern => (8, &digits[2..]),
        Some("0b" | "0B") if modern => (2, &digits[2..]),
        _ => (10, digits),
    };
    let underscores_fit = !digits.contains("__") && !digits.ends_with('_') && (radix != 10 || !digits.starts_with('_'));
    let digits = if modern && underscores_fit { digits.replace('_', "") } else { digits.to_owned() };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return INVALID;
    }
    match i128::from_str_radix(&digits, radix).map(|value| if negative { -value } else { value }) {
        Ok(value) if (minimum..=maximum).contains(&value) => Ok(()),
        _ => Err(SqlState::OUT_OF_RANGE),
    }
}

/// C's `strtoul` with base 0 or 10: digits from the beginning, and what stands behind them. A minus sign turns the
/// value around; `None` where it is beyond 64 bits.
fn unsigned(text: &str, any_base: bool) -> (Option<u64>, &str) {
    let start = text.trim_start_matches(SPACES);
    let (negative, digits) = match start.as_bytes().first() {
        Some(b'-') => (true, &start[1..]),
        Some(b'+') => (false, &start[1..]),
        _ => (false, start),
    };
    let hexadecimal = digits.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"))
        && digits.as_bytes().get(2).is_some_and(u8::is_ascii_hexdigit);
    let (radix, digits) = match digits {
        _ if any_base && hexadecimal => (16, &digits[2..]),
        _ if any_base && digits.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return (Some(0), text);
    }
    let value = u64::from_str_radix(&digits[..end], radix).ok();
    (value.map(|value| if negative { value.wrapping_neg() } else { value }), &digits[end..])
}

/// `uint32in_subr` and `uint64in_subr` (`oidin_subr` up to 15); transaction numbers took any text then.
pub(super) fn object_number(text: &str, version: ServerVersion, bits: u32, transaction: bool) -> Input {
    let modern = version >= ServerVersion::V16;
    if transaction && !modern {
        return Ok(());
    }
    let (value, rest) = unsigned(text, modern);
    let Some(value) = value else { return Err(SqlState::OUT_OF_RANGE) };
    if rest.len() == text.len() || !trim(rest).is_empty() {
        return INVALID;
    }
    let fits =
        bits == 64 || u32::try_from(value).is_ok() || i64::try_from(value.wrapping_neg()).is_ok_and(|v| v <= 1 << 31);
    if fits { Ok(()) } else { Err(SqlState::OUT_OF_RANGE) }
}

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Digits with at most one point, and an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = without_sign(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

/// `float8in_internal` and `float4in_internal`: a decimal number, infinity or NaN; hexadecimal ones are the C library's
/// matter.
pub(super) fn float(text: &str, double: bool) -> Input {
    let unsigned = without_sign(trim(text)).to_ascii_lowercase();
    if unsigned.starts_with("nan(")
        || unsigned.starts_with("0x")
        || matches!(unsigned.as_str(), "nan" | "inf" | "infinity")
    {
        return Ok(());
    }
    if !is_decimal(&unsigned) {
        return INVALID;
    }
    let value = if double { unsigned.parse::<f64>() } else { unsigned.parse::<f32>().map(f64::from) };
    let is_zero = !unsigned.split('e').next().unwrap_or_default().contains(|digit: char| matches!(digit, '1'..='9'));
    match value {
        Ok(value) if value.is_infinite() || value == 0.0 && !is_zero => Err(SqlState::OUT_OF_RANGE),
        _ => Ok(()),
    }
}

/// What a text begins with, as C's `strtod` reads it.
pub(super) enum FloatPrefix<'t> {
    /// A number, and what stands behind it.
    Number(f64, &'t str),
    OutOfRange,
    None,
    /// Forms that are the C library's matter.
    Platform,
}

/// `float8in_internal`, which leaves what stands behind the number to its caller.
pub(super) fn float_prefix(text: &str) -> FloatPrefix<'_> {
    let unsigned = without_sign(text);
    let sign = text.len() - unsigned.len();
    let begins = |word: &str| unsigned.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if begins("nan(") || begins("0x") {
        return FloatPrefix::Platform;
    }
    for (word, value) in [("nan", f64::NAN), ("infinity", f64::INFINITY), ("inf", f64::INFINITY)] {
        if begins(word) {
            let value = if text.starts_with('-') { -value } else { value };
            return FloatPrefix::Number(value, &unsigned[word.len()..]);
        }
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let mut end = whole;
    let mut fraction = 0;
    if let Some(rest) = unsigned[end..].strip_prefix('.') {
        fraction = digits(rest);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return FloatPrefix::None;
    }
    let is_zero = !unsigned[..end].contains(|digit: char| matches!(digit, '1'..='9'));
    if let Some(rest) = unsigned[end..].strip_prefix(['e', 'E']) {
        let exponent = without_sign(rest);
        let count = digits(exponent);
        if count > 0 {
            end += 1 + (rest.len() - exponent.len()) + count;
        }
    }
    match text[..sign + end].parse::<f64>() {
        Ok(value) if value.is_infinite() || value == 0.0 && !is_zero => FloatPrefix::OutOfRange,
        Ok(value) => FloatPrefix::Number(value, &unsigned[end..]),
        Err(_) => FloatPrefix::Platform,
    }
}

/// `numeric_in`; from 16 on with other bases and underscores.
pub(super) fn numeric(text: &str, version: ServerVersion) -> Input {
    let trimmed = trim(text);
    let unsigned = without_sign(trimmed).to_ascii_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity") || unsigned == "nan" && unsigned.len() == trimmed.len() {
        return Ok(());
    }
    let modern = version >= ServerVersion::V16;
    if modern && ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix)) {
        let radix = match unsigned.as_bytes()[1] {
            b'x' => 16,
            b'o' => 8,
            _ => 2,
        };
        let digits = &unsigned[2..];
        let underscored = digits.contains("__") || digits.ends_with('_');
        let fits = digits.chars().all(|digit| digit == '_' || digit.is_digit(radix));
        return valid(fits && !underscored && !digits.is_empty());
    }
    let digits = if modern {
        let bytes = unsigned.as_bytes();
        let between = |at: usize| {
            let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            digit(at.checked_sub(1)) && digit(Some(at + 1))
        };
        if !unsigned.match_indices('_').all(|(at, _)| between(at)) {
            return INVALID;
        }
        unsigned.replace('_', "")
    } else {
        unsigned
    };
    // C's strtol passes over white space before an exponent.
    let exponent = digits.split_once('e').map(|(mantissa, exponent)| format!("{mantissa}e{}", exponent.trim_start()));
    let digits = exponent.unwrap_or(digits);
    if !is_decimal(&digits) {
        return INVALID;
    }
    // More digits before the point than a numeric can count.
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let whole = mantissa.split('.').next().unwrap_or_default().trim_start_matches('0').len();
    match exponent.parse::<i64>() {
        Ok(exponent) if whole > 0 && exponent.saturating_add(i64::try_from(whole).unwrap_or(i64::MAX)) > 131_080 => {
            Err(SqlState::OUT_OF_RANGE)
        }
        // `set_var_from_str`
        Ok(exponent) if exponent.unsigned_abs() < u64::from(i32::MAX.unsigned_abs() / 2) => Ok(()),
        _ => Err(SqlState::OUT_OF_RANGE),
    }
}

/// `tidin`: `(block,offset)`.
pub(super) fn row_number(text: &str, version: ServerVersion) -> Input {
    let mut starts = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        if starts.len() == 2 || byte == b')' {
            break;
        }
        if byte == b',' || byte == b'(' && starts.is_empty() {
            starts.push(at + 1);
        }
    }
    let [block, offset] = starts[..] else { return INVALID };
    let (block, after_block) = unsigned(&text[block..], false);
    let (offset, after_offset) = unsigned(&text[offset..], false);
    let block_fits = block.is_some_and(|value| {
        // 14 took what fits of any number.
        version < ServerVersion::V15
            || u32::try_from(value).is_ok()
            || i64::try_from(value.wrapping_neg()).is_ok_and(|value| value <= 1 << 31)
    });
    let offset_fits = offset.is_some_and(|value| u16::try_from(value).is_ok());
    valid(block_fits && after_block.starts_with(',') && offset_fits && after_offset.starts_with(')'))
}

/// `pg_lsn_in_internal`
pub(super) fn log_position(text: &str) -> Input {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid(text.split_once('/').is_some_and(|(high, low)| part(high) && part(low)))
}

/// The number of a transaction without its epoch.
fn low_half(number: u64) -> u64 {
    number & 0xffff_ffff
}

/// `parse_snapshot`: `xmin:xmax:` and transaction numbers in order.
pub(super) fn snapshot(text: &str) -> Input {
    let read = |text| match unsigned(text, false) {
        // How far beyond 64 bits is the C library's matter.
        (None, rest) => (u64::MAX, rest),
        (Some(value), rest) => (value, rest),
    };
    let (xmin, rest) = read(text);
    let Some(rest) = rest.strip_prefix(':') else { return INVALID };
    let (xmax, rest) = read(rest);
    let Some(mut rest) = rest.strip_prefix(':') else { return INVALID };
    // `FullTransactionIdIsValid` looks at the lower half only.
    if low_half(xmin) == 0 || low_half(xmax) == 0 || xmax < xmin {
        return INVALID;
    }
    let mut last = 0;
    while !rest.is_empty() {
        let (value, after) = read(rest);
        if value < xmin || value >= xmax || value < last {
            return INVALID;
        }
        last = value;
        rest = match after.strip_prefix(',') {
            Some(next) => next,
            None if after.is_empty() => "",
            None => return INVALID,
        };
    }
    Ok(())
}

/// `string_to_uuid`: 32 hexadecimal digits, optionally in braces, optionally a hyphen after each four.
pub(super) fn uuid(text: &str) -> Input {
    let inner = match text.strip_prefix('{') {
        Some(rest) => match rest.strip_suffix('}') {
            Some(inner) => inner,
            None => return INVALID,
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
            _ => return INVALID,
        }
    }
    valid(digits == 32)
}

/// `bit_in`: binary digits, or hexadecimal ones after an x.
pub(super) fn bits(text: &str) -> Input {
    valid(match text.as_bytes() {
        [b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        [b'b' | b'B', digits @ ..] | digits => digits.iter().all(|digit| matches!(digit, b'0' | b'1')),
    })
}

/// `byteain`: hexadecimal digits after `\x`, else text with `\\` and three octal digits.
pub(super) fn bytes(text: &str) -> Input {
    if let Some(digits) = text.strip_prefix("\\x") {
        let digits: Vec<u8> = digits.bytes().filter(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).collect();
        let pairs = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
        // White space may only stand between pairs, which is left to the server.
        return if pairs { Ok(()) } else { Err(SqlState::INVALID_PARAMETER) };
    }
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return Ok(()),
            [b'\\', b'\\', rest @ ..] | [b'\\', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', rest @ ..] => rest,
            [b'\\', ..] => return INVALID,
            [_, rest @ ..] => rest,
        };
    }
}

/// `json_in`
pub(super) fn json(text: &str) -> Input {
    valid(is_json(text))
}
