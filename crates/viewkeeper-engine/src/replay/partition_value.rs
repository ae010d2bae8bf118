//! Values in the bounds of partitions, as far as they can be told without a server: what cannot is left open.

use std::cmp::Ordering;

use crate::catalog::{BoundValue, Catalog, Oid, PartitionKeyPart, RangeBound, TypeKind, oids};
use crate::tree::{Expr, ExprNode};

/// Parts of a number are counted in 10^-9.
const PLACES: usize = 9;

/// What an expression in a bound gives, which was converted to the type of the key.
pub(super) fn read(catalog: &Catalog, expr: &Expr, part: &PartitionKeyPart) -> BoundValue {
    let Some(value) = constant(expr) else { return BoundValue::Unknown };
    let Some(text) = value else { return BoundValue::Null };
    // An operator class of its own may find other values the same.
    if part.own_class {
        return BoundValue::Unknown;
    }
    let base = catalog.base_type(part.type_);
    let known = match base {
        oids::INT2 | oids::INT4 | oids::INT8 => number(text).filter(|value| value % 10_i128.pow(9) == 0),
        oids::NUMERIC => number(text).filter(|value| fits_scale(*value, part.typmod)),
        oids::BOOL => truth(text),
        oids::DATE => return date(text.trim()).map_or(BoundValue::Unknown, |days| BoundValue::Time(days * DAY, false)),
        oids::TIMESTAMP => {
            return time(text).map_or(BoundValue::Unknown, |(at, _)| BoundValue::Time(at, false));
        }
        oids::TIMESTAMPTZ => {
            let known = time(text).map(|(at, offset)| (at - offset.unwrap_or(0), offset.is_some()));
            return known.map_or(BoundValue::Unknown, |(at, zoned)| BoundValue::Time(at, zoned));
        }
        oids::TEXT | oids::VARCHAR | oids::BPCHAR => return string(catalog, text, base, part),
        oids::UUID => {
            let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
            return BoundValue::Text(digits.to_ascii_lowercase());
        }
        _ => return label(catalog, base, text),
    };
    known.map_or(BoundValue::Unknown, BoundValue::Number)
}

/// The text of a constant, through conversions that leave a value what it is.
fn constant(expr: &Expr) -> Option<Option<&str>> {
    match &*expr.node {
        ExprNode::Const { value, .. } => Some(value.as_deref()),
        ExprNode::Relabel { arg, .. } | ExprNode::CoerceToDomain { arg, .. } => constant(arg),
        // A cast between numbers, or to a length: what does not fit is left open by what reads it.
        ExprNode::Function { args, form: crate::tree::CallForm::ImplicitCast, .. } => constant(args.first()?),
        _ => None,
    }
}

fn number(text: &str) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() && fraction.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    if whole.len() > 25 || fraction.len() > PLACES {
        return None;
    }
    let value: i128 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

/// Whether a number has no more places than its type keeps (`numeric_in`, `numeric`).
fn fits_scale(value: i128, typmod: i32) -> bool {
    // From 15 on a scale may be negative, in eleven bits.
    let scale = (typmod - 4) & 0x7ff;
    let places = u32::try_from(scale).ok().filter(|places| *places <= 9);
    match places {
        _ if typmod < 4 => true,
        Some(places) => value % 10_i128.pow(9 - places) == 0,
        None => scale < 1024,
    }
}

fn truth(text: &str) -> Option<i128> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(1),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(0),
        _ => None,
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The days from year 0 to a date as ISO 8601 has it.
fn date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days of the months before it, in a year that begins with March.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 306 + 5) / 10 + day)
}

/// Microseconds since then, and the zone's offset where there is one: of a date with or without a time, as ISO 8601 has
/// them.
fn time(text: &str) -> Option<(i64, Option<i64>)> {
    let text = text.trim();
    let days = date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some((days * DAY, None));
    }
    let rest = rest.strip_prefix([' ', 'T'])?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len());
    let (clock, zone) = (rest.get(..end)?, rest.get(end..)?.trim_start());
    let mut at = 0;
    for (place, unit) in clock.split(':').zip([3_600_000_000, 60_000_000, 1_000_000]) {
        let (whole, fraction) = place.split_once('.').unwrap_or((place, ""));
        at += whole.parse::<i64>().ok()? * unit;
        if !fraction.is_empty() {
            (unit == 1_000_000 && fraction.len() <= 6).then_some(())?;
            at += format!("{fraction:0<6}").parse::<i64>().ok()?;
        }
    }
    (clock.split(':').count() <= 3).then_some(())?;
    let offset = match zone {
        "" => None,
        "Z" | "z" | "UTC" => Some(0),
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let digits = zone.strip_prefix(['+', '-'])?;
            let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
            (hours.len() <= 2).then_some(())?;
            Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60) * 1_000_000)
        }
    };
    Some((days * DAY + at, offset))
}

fn string(catalog: &Catalog, text: &str, base: Oid, part: &PartitionKeyPart) -> BoundValue {
    let deterministic = catalog.collation(part.collation).is_none_or(|row| row.deterministic);
    // What is longer than the type takes loses its spaces (`varchar`).
    let fits = part.typmod < 4 || usize::try_from(part.typmod - 4).is_ok_and(|most| text.chars().count() <= most);
    match base {
        _ if !deterministic || !fits => BoundValue::Unknown,
        oids::BPCHAR => BoundValue::Text(text.trim_end_matches(' ').to_owned()),
        _ => BoundValue::Text(text.to_owned()),
    }
}

/// Labels are not sorted by their texts, and others may come between them.
fn label(catalog: &Catalog, type_: Oid, text: &str) -> BoundValue {
    match catalog.type_(type_) {
        Some(row) if row.kind == TypeKind::Enum => BoundValue::Label(text.to_owned()),
        _ => BoundValue::Unknown,
    }
}

/// Whether two values are the same; `None` where that is not told.
pub(super) fn same(one: &BoundValue, other: &BoundValue) -> Option<bool> {
    match (one, other) {
        (BoundValue::Unknown, _) | (_, BoundValue::Unknown) => None,
        (BoundValue::Time(_, one), BoundValue::Time(_, other)) if one != other => None,
        (one, other) => Some(one == other),
    }
}

/// How the ends of two ranges are sorted; `None` where that is not told (`partition_rbound_cmp`).
pub(super) fn compare(one: &[RangeBound], other: &[RangeBound], parts: &[PartitionKeyPart]) -> Option<Ordering> {
    let place = |bound: &RangeBound| match bound {
        RangeBound::Least => 0,
        RangeBound::Value(_) => 1,
        RangeBound::Most => 2,
    };
    for ((one, other), part) in one.iter().zip(other).zip(parts) {
        let (RangeBound::Value(one), RangeBound::Value(other)) = (one, other) else {
            // Behind MINVALUE and MAXVALUE nothing counts any more.
            return Some(place(one).cmp(&place(other)));
        };
        match compare_values(one, other, part)? {
            Ordering::Equal => {}
            unequal => return Some(unequal),
        }
    }
    Some(Ordering::Equal)
}

fn compare_values(one: &BoundValue, other: &BoundValue, part: &PartitionKeyPart) -> Option<Ordering> {
    match (one, other) {
        (BoundValue::Number(one), BoundValue::Number(other)) => Some(one.cmp(other)),
        (BoundValue::Label(one), BoundValue::Label(other)) => (one == other).then_some(Ordering::Equal),
        (BoundValue::Time(one, zoned), BoundValue::Time(other, also)) if zoned == also => Some(one.cmp(other)),
        (BoundValue::Text(one), BoundValue::Text(other)) => {
            let by_bytes = [oids::C_COLLATION, oids::POSIX_COLLATION, Oid::INVALID].contains(&part.collation);
            (one == other || by_bytes).then(|| one.cmp(other))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(number("-1.50"), Some(-1_500_000_000));
        assert_eq!(number(" +7 "), Some(7_000_000_000));
        assert_eq!(number(".5"), number("0.5000000000000"));
        for text in ["", "-", "1e3", "0x10", "1_000", "NaN", "1.0000000001"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_as_iso_8601_has_them() {
        assert_eq!(date("2024-03-01").zip(date("2024-02-28")).map(|(later, earlier)| later - earlier), Some(2));
        assert_eq!(date("2023-03-01").zip(date("2023-02-28")).map(|(later, earlier)| later - earlier), Some(1));
        assert_eq!(time("2024-01-01"), time("2024-01-01 00:00:00.000"));
        assert_eq!(time("2024-01-01 02:00+02").map(|(_, offset)| offset), Some(Some(7_200_000_000)));
        for text in ["01.02.2024", "2024-01-01 x", "now", "2024-01-01 10:00 Europe/Berlin", "2024-13-01", "infinity"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
