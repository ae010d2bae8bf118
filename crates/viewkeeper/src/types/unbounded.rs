//! Dates and timestamps that may be infinite, or further away than a library's type reaches. Which libraries there are
//! is said in `dates`.

use std::fmt;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type};

use super::BoxedError;
use super::cursor::Cursor;

/// A date or timestamp as PostgreSQL knows it: `infinity` and `-infinity` are values, and years go from 4713 BC to
/// 294276 (dates: 5874897), further than the types of libraries do.
///
/// ```
/// # use viewkeeper::types::Unbounded;
/// let last_login: Unbounded<u8> = Unbounded::Infinity;
/// assert_eq!(last_login.finite(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unbounded<T> {
    /// `-infinity`.
    NegativeInfinity,
    /// A point in time.
    Finite(T),
    /// `infinity`.
    Infinity,
    /// A point in time that `T` does not reach: microseconds (of a date, days) since 2000-01-01.
    Beyond(i64),
}

impl<T> Unbounded<T> {
    /// The point in time; `None` at infinity and where `T` does not reach.
    pub fn finite(self) -> Option<T> {
        match self {
            Self::Finite(value) => Some(value),
            _ => None,
        }
    }

    /// [`finite`](Self::finite), by reference.
    pub fn as_finite(&self) -> Option<&T> {
        match self {
            Self::Finite(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is `infinity` or `-infinity`.
    pub fn is_infinite(&self) -> bool {
        matches!(self, Self::Infinity | Self::NegativeInfinity)
    }
}

impl<T> From<T> for Unbounded<T> {
    fn from(value: T) -> Self {
        Self::Finite(value)
    }
}

/// What a [`Calendar`] counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days: `date`.
    Day,
    /// Microseconds: `timestamp`, `timestamptz`.
    Microsecond,
}

/// A library's type for points in time, and how far it reaches.
pub trait Calendar: Sized {
    /// What PostgreSQL sends it in.
    const UNIT: Unit;
    /// PostgreSQL's type.
    const TYPE: Type;

    /// From the number of units since 2000-01-01; `None` where the type does not reach.
    fn from_epoch(units: i64) -> Option<Self>;

    /// The number of whole units since 2000-01-01; `None` where PostgreSQL does not reach.
    fn to_epoch(&self) -> Option<i64>;
}

impl<'a, T: Calendar> FromSql<'a> for Unbounded<T> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        let mut cursor = Cursor(raw);
        let (units, lowest, highest) = match T::UNIT {
            Unit::Day => (i64::from(cursor.i32()?), i64::from(i32::MIN), i64::from(i32::MAX)),
            Unit::Microsecond => (cursor.i64()?, i64::MIN, i64::MAX),
        };
        cursor.end()?;
        Ok(match units {
            units if units == lowest => Self::NegativeInfinity,
            units if units == highest => Self::Infinity,
            units => T::from_epoch(units).map_or(Self::Beyond(units), Self::Finite),
        })
    }

    fn accepts(ty: &Type) -> bool {
        *ty == T::TYPE
    }
}

impl<T: Calendar + fmt::Debug> ToSql for Unbounded<T> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let units = match self {
            Self::NegativeInfinity => i64::MIN,
            Self::Infinity => i64::MAX,
            Self::Beyond(units) => *units,
            Self::Finite(value) => value.to_epoch().ok_or("the point in time is outside of what PostgreSQL holds")?,
        };
        match (T::UNIT, self) {
            (Unit::Microsecond, _) => out.put_i64(units),
            (Unit::Day, Self::NegativeInfinity) => out.put_i32(i32::MIN),
            (Unit::Day, Self::Infinity) => out.put_i32(i32::MAX),
            (Unit::Day, _) => out.put_i32(i32::try_from(units)?),
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == T::TYPE
    }

    postgres_types::to_sql_checked!();
}

/// As the library writes it; what it does not hold as PostgreSQL does, in UTC.
impl<T: fmt::Display + Calendar> fmt::Display for Unbounded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NegativeInfinity => f.pad("-infinity"),
            Self::Infinity => f.pad("infinity"),
            Self::Finite(value) => value.fmt(f),
            Self::Beyond(units) => f.pad(&far_away(*units, T::UNIT)),
        }
    }
}

const MICROSECONDS_OF_A_DAY: i64 = 86_400_000_000;

fn far_away(units: i64, unit: Unit) -> String {
    let (days, of_day) = match unit {
        Unit::Day => (units, None),
        Unit::Microsecond => (units.div_euclid(MICROSECONDS_OF_A_DAY), Some(units.rem_euclid(MICROSECONDS_OF_A_DAY))),
    };
    let (year, month, day) = civil(days);
    let time = of_day.map_or_else(String::new, |of_day| format!(" {}", super::interval::clock(of_day)));
    if year > 0 {
        format!("{year:04}-{month:02}-{day:02}{time}")
    } else {
        format!("{:04}-{month:02}-{day:02}{time} BC", 1 - year)
    }
}

/// Year, month and day of a number of days since 2000-01-01, in the Gregorian calendar extended both ways. Counted in
/// periods of 400 years that begin on 1 March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    let days = days + 730_425;
    let (period, of_period) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    let year_of_period = (of_period - of_period / 1_460 + of_period / 36_524 - of_period / 146_096) / 365;
    let day_of_year = of_period - (365 * year_of_period + year_of_period / 4 - year_of_period / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (period * 400 + year_of_period + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_far_away_are_shown_as_the_server_does() {
        assert_eq!(civil(0), (2000, 1, 1));
        assert_eq!(civil(-1), (1999, 12, 31));
        assert_eq!(civil(59), (2000, 2, 29));
        assert_eq!(far_away(2_145_031_948, Unit::Day), "5874897-12-31");
        assert_eq!(far_away(-2_451_545, Unit::Day), "4714-11-24 BC");
        assert_eq!(far_away(9_223_371_331_199_999_999, Unit::Microsecond), "294276-12-31 23:59:59.999999");
        assert_eq!(far_away(-211_813_488_000_000_000, Unit::Microsecond), "4714-11-24 00:00:00 BC");
    }
}
