//! `numeric`, with all of its digits: up to 131072 before the point and 16383 after it, `NaN` and the infinities.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type};

use super::BoxedError;
use super::cursor::Cursor;

/// A `numeric`.
///
/// Compared by value, as PostgreSQL does: `1.0` equals `1.00`, and `NaN` equals itself and is greater than all else.
/// Shown with the digits after the point that it came with.
///
/// ```
/// # use viewkeeper::types::Numeric;
/// let price: Numeric = "12.50".parse()?;
/// assert_eq!(price.to_string(), "12.50");
/// assert_eq!(price, "12.5".parse()?);
/// # Ok::<(), viewkeeper::types::NumericError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Numeric(Value);

#[derive(Debug, Clone)]
enum Value {
    NegativeInfinity,
    /// Groups of four digits; the first is worth 10000 to the power of `weight`. No zero group at either end.
    Finite {
        negative: bool,
        weight: i16,
        scale: u16,
        groups: Vec<u16>,
    },
    Infinity,
    NaN,
}

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

impl Numeric {
    /// `NaN`.
    pub const NAN: Self = Self(Value::NaN);
    /// `Infinity` (PostgreSQL 14 and later).
    pub const INFINITY: Self = Self(Value::Infinity);
    /// `-Infinity` (PostgreSQL 14 and later).
    pub const NEGATIVE_INFINITY: Self = Self(Value::NegativeInfinity);

    /// Whether it is a number, and not infinite.
    pub fn is_finite(&self) -> bool {
        matches!(self.0, Value::Finite { .. })
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Value::NaN => f64::NAN,
            Value::Infinity => f64::INFINITY,
            Value::NegativeInfinity => f64::NEG_INFINITY,
            // What Rust shows as a decimal it also reads as the nearest float.
            Value::Finite { .. } => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The integer that it is; `None` when it is none, or does not fit.
    pub fn to_i64(&self) -> Option<i64> {
        let Value::Finite { negative, weight, groups, .. } = &self.0 else { return None };
        let weight = i32::from(*weight);
        if groups.is_empty() {
            return Some(0);
        }
        if weight < 0 || i32::try_from(groups.len()).ok()? > weight + 1 || weight > 4 {
            return None;
        }
        let mut value: i128 = 0;
        for place in 0..=usize::try_from(weight).ok()? {
            value = value * 10_000 + i128::from(groups.get(place).copied().unwrap_or(0));
        }
        i64::try_from(if *negative { -value } else { value }).ok()
    }

    fn finite(negative: bool, mut weight: i32, scale: u16, mut groups: Vec<u16>) -> Result<Self, NumericError> {
        while groups.last() == Some(&0) {
            groups.pop();
        }
        let zeros = groups.iter().take_while(|group| **group == 0).count();
        groups.drain(..zeros);
        weight -= i32::try_from(zeros).map_err(|_| NumericError)?;
        let zero = groups.is_empty();
        let weight = if zero { 0 } else { i16::try_from(weight).map_err(|_| NumericError)? };
        Ok(Self(Value::Finite { negative: negative && !zero, weight, scale, groups }))
    }
}

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        let mut cursor = Cursor(raw);
        let count = usize::from(cursor.u16()?);
        let (weight, sign, scale) = (cursor.i16()?, cursor.u16()?, cursor.u16()?);
        let mut groups = Vec::with_capacity(count);
        for _ in 0..count {
            groups.push(cursor.u16()?);
        }
        cursor.end()?;
        match sign {
            0 | NEGATIVE => Ok(Self::finite(sign == NEGATIVE, i32::from(weight), scale, groups)?),
            NAN => Ok(Self::NAN),
            INFINITY => Ok(Self::INFINITY),
            NEGATIVE_INFINITY => Ok(Self::NEGATIVE_INFINITY),
            other => Err(format!("a numeric came with the unknown sign {other:#x}").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

impl ToSql for Numeric {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let none = Vec::new();
        let (groups, weight, sign, scale) = match &self.0 {
            Value::Finite { negative, weight, scale, groups } => {
                (groups, *weight, if *negative { NEGATIVE } else { 0 }, *scale)
            }
            Value::NaN => (&none, 0, NAN, 0),
            Value::Infinity => (&none, 0, INFINITY, 0),
            Value::NegativeInfinity => (&none, 0, NEGATIVE_INFINITY, 0),
        };
        out.put_u16(u16::try_from(groups.len())?);
        out.put_i16(weight);
        out.put_u16(sign);
        out.put_u16(scale);
        for group in groups {
            out.put_u16(*group);
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }

    postgres_types::to_sql_checked!();
}

/// As PostgreSQL shows it (`get_str_from_var` in numeric.c).
impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, weight, scale, groups) = match &self.0 {
            Value::NaN => return f.pad("NaN"),
            Value::Infinity => return f.pad("Infinity"),
            Value::NegativeInfinity => return f.pad("-Infinity"),
            Value::Finite { negative, weight, scale, groups } => (*negative, i32::from(*weight), *scale, groups),
        };
        let group =
            |power: i32| usize::try_from(weight - power).ok().and_then(|place| groups.get(place)).copied().unwrap_or(0);
        let mut text = String::new();
        for power in (0..=weight.max(0)).rev() {
            text.push_str(&if text.is_empty() { group(power).to_string() } else { format!("{:04}", group(power)) });
        }
        if scale > 0 {
            let mut fraction = String::new();
            let mut power = -1;
            while fraction.len() < usize::from(scale) {
                fraction.push_str(&format!("{:04}", group(power)));
                power -= 1;
            }
            fraction.truncate(usize::from(scale));
            text.push('.');
            text.push_str(&fraction);
        }
        f.pad_integral(!negative, "", &text)
    }
}

/// A text is not a number that PostgreSQL can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number that `numeric` can hold")]
pub struct NumericError;

impl FromStr for Numeric {
    type Err = NumericError;

    /// Digits with an optional sign and point (`-12.50`), `NaN`, `Infinity`, `-Infinity`.
    fn from_str(text: &str) -> Result<Self, NumericError> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        match rest {
            "NaN" if !negative => return Ok(Self::NAN),
            "Infinity" => return Ok(if negative { Self::NEGATIVE_INFINITY } else { Self::INFINITY }),
            _ => {}
        }
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
            return Err(NumericError);
        }
        let scale = u16::try_from(fraction.len()).ok().filter(|scale| *scale <= 16_383).ok_or(NumericError)?;
        let padding = (4 - whole.len() % 4) % 4;
        let all = format!("{}{whole}{fraction}{}", "0".repeat(padding), "0".repeat((4 - fraction.len() % 4) % 4));
        let mut groups = Vec::with_capacity(all.len() / 4);
        for chunk in all.as_bytes().chunks(4) {
            groups.push(chunk.iter().fold(0, |group, digit| group * 10 + u16::from(digit - b'0')));
        }
        let weight = i32::try_from((whole.len() + padding) / 4).map_err(|_| NumericError)? - 1;
        Self::finite(negative, weight, scale, groups)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {
        $(impl From<$integer> for Numeric {
            fn from(value: $integer) -> Self {
                let mut rest = i128::from(value).unsigned_abs();
                let mut groups = Vec::new();
                while rest > 0 {
                    // Below 10000, so it fits.
                    groups.insert(0, (rest % 10_000) as u16);
                    rest /= 10_000;
                }
                let zeros = groups.iter().rev().take_while(|group| **group == 0).count();
                let weight = groups.len().saturating_sub(1) as i16;
                groups.truncate(groups.len() - zeros);
                Self(Value::Finite { negative: i128::from(value) < 0, weight, scale: 0, groups })
            }
        })*
    };
}

from_integers!(i16 i32 i64 u16 u32 u64);

impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |value: &Value| match value {
            Value::NegativeInfinity => 0,
            Value::Finite { .. } => 1,
            Value::Infinity => 2,
            Value::NaN => 3,
        };
        match (&self.0, &other.0) {
            (
                Value::Finite { negative, weight, groups, .. },
                Value::Finite { negative: other_negative, weight: other_weight, groups: other_groups, .. },
            ) => {
                let sign = |negative: bool, groups: &[u16]| match (groups.is_empty(), negative) {
                    (true, _) => 0,
                    (false, true) => -1,
                    (false, false) => 1,
                };
                let (mine, theirs) = (sign(*negative, groups), sign(*other_negative, other_groups));
                let size = (weight, groups).cmp(&(other_weight, other_groups));
                mine.cmp(&theirs).then(match mine {
                    0 => Ordering::Equal,
                    1 => size,
                    _ => size.reverse(),
                })
            }
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(&self.0).hash(state);
        // Not the scale: equal values have the same hash.
        if let Value::Finite { negative, weight, groups, .. } = &self.0 {
            (negative, weight, groups).hash(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Numeric {
        text.parse().unwrap()
    }

    #[test]
    fn text_goes_in_and_out() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1",
            "10000",
            "12.50",
            "-0.0001",
            "0.00012",
            "123456789012345678901234567890.5",
            "NaN",
            "Infinity",
            "-Infinity",
            "100000000.000000001",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        for wrong in ["", ".", "-", "1e5", "1,5", "--1", "-NaN", " 1"] {
            assert_eq!(wrong.parse::<Numeric>(), Err(NumericError), "{wrong}");
        }
    }

    #[test]
    fn values_are_compared_as_the_server_does() {
        let sorted =
            ["-Infinity", "-10000.5", "-10000", "-0.5", "0", "0.00001", "0.5", "1", "9999", "10000", "Infinity", "NaN"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(number("1.0"), number("1.000"));
        assert_eq!(number("-0"), number("0"));
    }

    #[test]
    fn integers_go_in_and_out() {
        for value in [0, 1, -1, 9_999, 10_000, -123_456_789, i64::MAX, i64::MIN] {
            assert_eq!(Numeric::from(value).to_string(), value.to_string());
            assert_eq!(number(&value.to_string()), Numeric::from(value));
            assert_eq!(Numeric::from(value).to_i64(), Some(value));
        }
        assert_eq!(number("1.5").to_i64(), None);
        assert_eq!(number("9223372036854775808").to_i64(), None);
        assert!((number("-1234.5678").to_f64() + 1234.5678).abs() < 1e-9);
    }
}
