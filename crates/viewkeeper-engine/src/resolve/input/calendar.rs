//! Days, times of day and displacements of time zones, in numbers.

use super::date_field::{Clock, Wrong, small_number};

/// `time_overflows`
pub(super) fn overflows(clock: Clock) -> bool {
    let Clock { hour, minute, second, microsecond } = clock;
    let fits = (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second)
        && (0..=1_000_000).contains(&microsecond);
    !fits || ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond > 86_400_000_000
}

/// `DecodeTimezone`: `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`.
pub(super) fn zone(text: &str) -> Result<(), Wrong> {
    let displacement = |wrong: Wrong| if wrong == Wrong::Field { Wrong::Displacement } else { wrong };
    if !text.starts_with(['+', '-']) {
        return Err(Wrong::Format);
    }
    let (mut hour, mut end) = small_number(text, 1).map_err(displacement)?;
    let (mut minute, mut second) = (0, 0);
    if text[end..].starts_with(':') {
        (minute, end) = small_number(text, end + 1).map_err(displacement)?;
        if text[end..].starts_with(':') {
            (second, end) = small_number(text, end + 1).map_err(displacement)?;
        }
    } else if end == text.len() && end > 3 {
        (hour, minute) = (hour / 100, hour % 100);
    }
    if !((0..16).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)) {
        return Err(Wrong::Displacement);
    }
    if end == text.len() { Ok(()) } else { Err(Wrong::Format) }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `date2j`, without its limits.
pub(super) fn to_julian(year: i64, month: i64, day: i64) -> i64 {
    let (month, year) = if month > 2 { (month + 1, year + 4800) } else { (month + 13, year + 4799) };
    let century = year.div_euclid(100);
    year * 365 - 32_167 + year.div_euclid(4) - century + century.div_euclid(4) + 7834 * month / 256 + day
}

/// `j2date`
pub(super) fn from_julian(day: i64) -> (i64, i64, i64) {
    let mut julian = day + 32_044;
    let mut quad = julian.div_euclid(146_097);
    let extra = julian.rem_euclid(146_097) * 4 + 3;
    julian += 60 + quad * 3 + extra / 146_097;
    quad = julian.div_euclid(1461);
    julian = julian.rem_euclid(1461);
    let mut year = julian * 4 / 1461;
    julian = (if year == 0 { (julian + 306) % 366 } else { (julian + 305) % 365 }) + 123;
    year += quad * 4;
    let quarter = julian * 2141 / 65_536;
    (year - 4800, (quarter + 10) % 12 + 1, julian - 7834 * quarter / 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn julian_days_go_both_ways() {
        for (date, day) in [((2000, 1, 1), 2_451_545), ((1970, 1, 1), 2_440_588), ((2024, 2, 29), 2_460_370)] {
            assert_eq!(to_julian(date.0, date.1, date.2), day);
            assert_eq!(from_julian(day), date);
        }
        assert_eq!(to_julian(-4713, 11, 24), 0);
    }
}
