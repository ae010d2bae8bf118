//! Times of day and intervals, which no date library holds as PostgreSQL does: `24:00:00` is a time of day, and months
//! and days of an interval have no fixed length.

use std::fmt;

use bytes::BufMut;

use super::cursor::wire;

/// A `time`: microseconds since midnight, up to `24:00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    /// Microseconds since midnight.
    pub microseconds: i64,
}

wire!(TimeOfDay, TIME, |cursor| Self { microseconds: cursor.i64()? }, |value, out| {
    out.put_i64(value.microseconds);
});

impl TimeOfDay {
    /// As `chrono` has it; `None` for `24:00:00`.
    #[cfg(feature = "chrono")]
    pub fn to_chrono(self) -> Option<chrono::NaiveTime> {
        let seconds = u32::try_from(self.microseconds.div_euclid(1_000_000)).ok()?;
        let nanoseconds = u32::try_from(self.microseconds.rem_euclid(1_000_000)).ok()?.checked_mul(1_000)?;
        chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&clock(self.microseconds))
    }
}

/// A `timetz`: a time of day at a distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeWithOffset {
    /// The time of day there.
    pub time: TimeOfDay,
    /// Seconds east of UTC.
    pub offset: i32,
}

wire!(
    TimeWithOffset,
    TIMETZ,
    // PostgreSQL counts seconds west of UTC.
    |cursor| Self { time: TimeOfDay { microseconds: cursor.i64()? }, offset: cursor.i32()?.wrapping_neg() },
    |value, out| {
        out.put_i64(value.time.microseconds);
        out.put_i32(value.offset.wrapping_neg());
    }
);

impl fmt::Display for TimeWithOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let seconds = self.offset.unsigned_abs();
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut text = format!("{}{sign}{hours:02}", self.time);
        if minutes != 0 || seconds != 0 {
            text.push_str(&format!(":{minutes:02}"));
        }
        if seconds != 0 {
            text.push_str(&format!(":{seconds:02}"));
        }
        f.pad(&text)
    }
}

/// An `interval`: months, days and microseconds, which PostgreSQL keeps apart.
///
/// Equality is that of the three parts: `1 month` is not `30 days` here, while PostgreSQL's `=` says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub microseconds: i64,
}

wire!(
    Interval,
    INTERVAL,
    |cursor| {
        let microseconds = cursor.i64()?;
        let days = cursor.i32()?;
        Self { months: cursor.i32()?, days, microseconds }
    },
    |value, out| {
        out.put_i64(value.microseconds);
        out.put_i32(value.days);
        out.put_i32(value.months);
    }
);

impl Interval {
    /// `infinity` (PostgreSQL 17 and later).
    pub const INFINITY: Self = Self { months: i32::MAX, days: i32::MAX, microseconds: i64::MAX };
    /// `-infinity` (PostgreSQL 17 and later).
    pub const NEGATIVE_INFINITY: Self = Self { months: i32::MIN, days: i32::MIN, microseconds: i64::MIN };
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::INFINITY {
            return f.pad("infinity");
        }
        if *self == Self::NEGATIVE_INFINITY {
            return f.pad("-infinity");
        }
        // As `EncodeInterval` does: a sign that differs from the part before it is always shown.
        let mut parts = Vec::new();
        let mut plus = "";
        for (count, one) in [(self.months / 12, "year"), (self.months % 12, "mon"), (self.days, "day")] {
            if count != 0 {
                let sign = if count > 0 { plus } else { "" };
                parts.push(format!("{sign}{count} {one}{}", if count == 1 { "" } else { "s" }));
                plus = if count < 0 { "+" } else { "" };
            }
        }
        if self.microseconds != 0 || parts.is_empty() {
            let plus = if self.microseconds > 0 { plus } else { "" };
            parts.push(format!("{plus}{}", clock(self.microseconds)));
        }
        f.pad(&parts.join(" "))
    }
}

/// `hh:mm:ss` with as many digits after the point as are needed.
pub(super) fn clock(microseconds: i64) -> String {
    let sign = if microseconds < 0 { "-" } else { "" };
    let rest = microseconds.unsigned_abs();
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let whole = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { whole } else { format!("{whole}.{fraction:06}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_the_server_does() {
        assert_eq!(TimeOfDay { microseconds: 86_400_000_000 }.to_string(), "24:00:00");
        assert_eq!(
            TimeWithOffset { time: TimeOfDay { microseconds: 1 }, offset: -5400 }.to_string(),
            "00:00:00.000001-01:30"
        );
        assert_eq!(
            Interval { months: 14, days: -3, microseconds: 3_600_000_000 }.to_string(),
            "1 year 2 mons -3 days +01:00:00"
        );
        assert_eq!(Interval::default().to_string(), "00:00:00");
        assert_eq!(clock(i64::MIN), "-2562047788:00:54.775808");
    }
}
