//! `interval_in`: PostgreSQL's own spelling (`DecodeInterval`), then ISO 8601's (`DecodeISO8601Interval`).

use super::date_field::{
    Clock, DateWord, Field, IntervalWord, Sort, Unit, Wrong, clock, date_word, fields, fraction, interval_word, number,
    small_number,
};
use crate::catalog::ServerVersion;

/// The fields that a modifier of `interval` names, as its bits.
mod range {
    pub(super) const MONTH: i32 = 1 << 1;
    pub(super) const YEAR: i32 = 1 << 2;
    pub(super) const DAY: i32 = 1 << 3;
    pub(super) const HOUR: i32 = 1 << 10;
    pub(super) const MINUTE: i32 = 1 << 11;
    pub(super) const SECOND: i32 = 1 << 12;
}

const BUFFER: usize = 256;

/// The input function with its modifier.
pub(super) fn read(text: &str, typmod: i32, version: ServerVersion) -> Result<(), Wrong> {
    let range = if typmod >= 0 { typmod >> 16 & 0x7fff } else { 0x7fff };
    let decoded = fields(text, BUFFER).and_then(|fields| decode(&fields, range, version));
    let outcome = match decoded {
        Err(Wrong::Format) => iso(text, version),
        other => other,
    };
    match outcome {
        Err(Wrong::Unsure) => Ok(()),
        other => other,
    }
}

/// What becomes of a sum that its field cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overflow {
    /// The literal is refused, from 15 on.
    Refused,
    /// It wraps around, as in 14; there each number must fit an `int`.
    Wraps,
}

impl Overflow {
    fn of(version: ServerVersion) -> Self {
        if version < ServerVersion::V15 { Self::Wraps } else { Self::Refused }
    }

    /// A sum of years or months, in 64 bits.
    #[allow(clippy::cast_possible_truncation, reason = "that is what wrapping is")]
    fn small(self, sum: i64) -> Result<i32, Wrong> {
        match self {
            Self::Refused => i32::try_from(sum).map_err(|_| Wrong::Field),
            Self::Wraps => Ok(sum as i32),
        }
    }

    /// A number as it is written.
    fn number(self, text: &str) -> Result<(i64, usize), Wrong> {
        match self {
            Self::Refused => number(text, 0),
            Self::Wraps => small_number(text, 0),
        }
    }

    /// `DecodeTimeForInterval`, and `DecodeTime` of 14.
    fn clock(self, text: &str, minutes_first: bool) -> Result<Clock, Wrong> {
        let clock = clock(text, minutes_first)?;
        if self == Self::Wraps && i32::try_from(clock.hour).is_err() { Err(Wrong::Field) } else { Ok(clock) }
    }
}

/// What has been counted together (`pg_itm_in`).
struct Sum {
    overflow: Overflow,
    years: i32,
    months: i32,
    days: i32,
    microseconds: i64,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "fractions below one, as in C")]
impl Sum {
    fn new(overflow: Overflow) -> Self {
        Self { overflow, years: 0, months: 0, days: 0, microseconds: 0 }
    }

    /// `AdjustMicroseconds`
    fn add_time(&mut self, value: i64, fraction: f64, scale: i64) -> Result<(), Wrong> {
        if self.overflow == Overflow::Wraps {
            return Ok(());
        }
        let sum = value.checked_mul(scale).and_then(|product| self.microseconds.checked_add(product));
        self.microseconds = sum.ok_or(Wrong::Field)?;
        self.add_fraction_of_time(fraction, scale)
    }

    /// `AdjustFractMicroseconds`
    fn add_fraction_of_time(&mut self, fraction: f64, scale: i64) -> Result<(), Wrong> {
        if self.overflow == Overflow::Wraps {
            return Ok(());
        }
        let more = (fraction * scale as f64) as i64;
        self.microseconds = self.microseconds.checked_add(more).ok_or(Wrong::Field)?;
        Ok(())
    }

    /// `AdjustDays`
    fn add_days(&mut self, value: i64, scale: i32) -> Result<(), Wrong> {
        if self.overflow == Overflow::Wraps {
            return Ok(());
        }
        let value = i32::try_from(value).map_err(|_| Wrong::Field)?;
        let sum = value.checked_mul(scale).and_then(|days| self.days.checked_add(days));
        self.days = sum.ok_or(Wrong::Field)?;
        Ok(())
    }

    /// `AdjustFractDays`
    fn add_fraction_of_days(&mut self, fraction: f64, scale: i32) -> Result<(), Wrong> {
        if self.overflow == Overflow::Wraps {
            return Ok(());
        }
        let days = fraction * f64::from(scale);
        self.days = self.days.checked_add(days as i32).ok_or(Wrong::Field)?;
        self.add_fraction_of_time(days.fract(), DAY)
    }

    /// `AdjustMonths`
    fn add_months(&mut self, value: i64) -> Result<(), Wrong> {
        let value = i32::try_from(value).map_err(|_| Wrong::Field)?;
        self.months = self.overflow.small(i64::from(self.months) + i64::from(value))?;
        Ok(())
    }

    /// `AdjustYears` and `AdjustFractYears`
    fn add_years(&mut self, value: i64, fraction: f64, scale: i32) -> Result<(), Wrong> {
        let value = i32::try_from(value).map_err(|_| Wrong::Field)?;
        let years = self.overflow.small(i64::from(value) * i64::from(scale))?;
        self.years = self.overflow.small(i64::from(self.years) + i64::from(years))?;
        let months = (fraction * f64::from(scale) * 12.0).round_ties_even() as i32;
        self.months = self.overflow.small(i64::from(self.months) + i64::from(months))?;
        Ok(())
    }

    fn add(&mut self, unit: Unit, value: i64, fraction: f64) -> Result<(), Wrong> {
        match unit {
            Unit::Microsecond => self.add_time(value, fraction, 1),
            Unit::Millisecond => self.add_time(value, fraction, 1000),
            Unit::Second => self.add_time(value, fraction, SECOND),
            Unit::Minute => self.add_time(value, fraction, MINUTE),
            Unit::Hour => self.add_time(value, fraction, HOUR),
            Unit::Day => {
                self.add_days(value, 1)?;
                self.add_fraction_of_time(fraction, DAY)
            }
            Unit::Week => {
                self.add_days(value, 7)?;
                self.add_fraction_of_days(fraction, 7)
            }
            Unit::Month => {
                self.add_months(value)?;
                self.add_fraction_of_days(fraction, 30)
            }
            Unit::Year => self.add_years(value, fraction, 1),
            Unit::Decade => self.add_years(value, fraction, 10),
            Unit::Century => self.add_years(value, fraction, 100),
            Unit::Millennium => self.add_years(value, fraction, 1000),
            Unit::Julian | Unit::Time | Unit::Other => Err(Wrong::Format),
        }
    }

    /// `DecodeTimeForInterval`
    fn add_clock(&mut self, clock: Clock) -> Result<(), Wrong> {
        self.microseconds = clock.microsecond;
        self.add_time(clock.hour, 0.0, HOUR)?;
        self.add_time(clock.minute, 0.0, MINUTE)?;
        self.add_time(clock.second, 0.0, SECOND)
    }

    /// The end of `interval_in` (`itmin2interval`).
    fn finish(&self) -> Result<(), Wrong> {
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        if i32::try_from(months).is_ok() { Ok(()) } else { Err(Wrong::Months) }
    }
}

/// What has been given, as bits that must not be given twice.
fn bit(unit: Unit) -> u32 {
    1 << unit as u32
}

fn decode(fields: &[Field], range: i32, version: ServerVersion) -> Result<(), Wrong> {
    const CLOCK: [Unit; 5] = [Unit::Hour, Unit::Minute, Unit::Second, Unit::Millisecond, Unit::Microsecond];
    let clock_bits = CLOCK.into_iter().map(bit).sum::<u32>();
    let second_bits = CLOCK[2..].iter().copied().map(bit).sum::<u32>();
    let minutes_first = range == range::MINUTE | range::SECOND;
    let overflow = Overflow::of(version);
    let mut sum = Sum::new(overflow);
    let (mut given, mut unit, mut ago) = (0u32, None, false);
    let mut open_unit = false;
    for (index, field) in fields.iter().enumerate().rev() {
        let text = field.text.as_str();
        let parts = match field.sort {
            Sort::Time => {
                sum.add_clock(overflow.clock(text, minutes_first)?)?;
                unit = Some(Unit::Day);
                open_unit = false;
                clock_bits
            }
            Sort::Zone if text.contains(':') && overflow.clock(&text[1..], minutes_first).is_ok() => {
                sum.add_clock(overflow.clock(&text[1..], minutes_first)?)?;
                sum.microseconds = if text.starts_with('-') { -sum.microseconds } else { sum.microseconds };
                unit = Some(Unit::Day);
                open_unit = false;
                clock_bits
            }
            Sort::Zone | Sort::Date | Sort::Number => {
                let mut counted = unit.unwrap_or_else(|| rightmost(range));
                let (mut value, end) = overflow.number(text)?;
                let rest = &text[end..];
                let mut part_of_one = 0.0;
                if rest.starts_with('-') {
                    let (months, end) = small_number(rest, 1)?;
                    if !(0..12).contains(&months) {
                        return Err(Wrong::Field);
                    }
                    if end < rest.len() {
                        return Err(Wrong::Format);
                    }
                    counted = Unit::Month;
                    let months = if text.starts_with('-') { -months } else { months };
                    value = value.checked_mul(12).and_then(|sum| sum.checked_add(months)).ok_or(Wrong::Field)?;
                    if overflow == Overflow::Wraps && i32::try_from(value).is_err() {
                        return Err(Wrong::Field);
                    }
                } else if rest.starts_with('.') {
                    part_of_one = fraction(rest)?;
                    if text.starts_with('-') {
                        part_of_one = -part_of_one;
                    }
                } else if !rest.is_empty() {
                    return Err(Wrong::Format);
                }
                sum.add(counted, value, part_of_one)?;
                open_unit = false;
                unit = Some(if counted == Unit::Hour { Unit::Day } else { counted });
                if counted == Unit::Second && part_of_one != 0.0 { second_bits } else { bit(counted) }
            }
            Sort::Word | Sort::Special => {
                if open_unit && version >= ServerVersion::V17 {
                    return Err(Wrong::Format);
                }
                // From 17 on what a date passes over is passed over here too.
                if version >= ServerVersion::V17 && date_word(text) == Some(DateWord::Ignored) {
                    unit = None;
                    continue;
                }
                match interval_word(text) {
                    Some(IntervalWord::Unit(found)) => {
                        unit = Some(found);
                        open_unit = true;
                        0
                    }
                    Some(IntervalWord::Ago) => {
                        if version >= ServerVersion::V17 && index + 1 != fields.len() {
                            return Err(Wrong::Format);
                        }
                        ago = true;
                        // A number before it has no unit that could be meant.
                        unit = Some(Unit::Other);
                        0
                    }
                    Some(IntervalWord::Infinite) if version >= ServerVersion::V17 => {
                        return if fields.len() == 1 { Ok(()) } else { Err(Wrong::Format) };
                    }
                    _ => return Err(Wrong::Format),
                }
            }
        };
        if parts & given != 0 {
            return Err(Wrong::Format);
        }
        given |= parts;
    }
    if given == 0 || open_unit && version >= ServerVersion::V17 {
        return Err(Wrong::Format);
    }
    let least = sum.microseconds == i64::MIN || [sum.days, sum.months, sum.years].contains(&i32::MIN);
    if ago && least && overflow == Overflow::Refused {
        return Err(Wrong::Field);
    }
    sum.finish()
}

/// What the rightmost number without a unit counts, by the modifier.
fn rightmost(range: i32) -> Unit {
    match range {
        range::YEAR => Unit::Year,
        _ if range == range::MONTH || range == range::YEAR | range::MONTH => Unit::Month,
        range::DAY => Unit::Day,
        _ if range == range::HOUR || range == range::DAY | range::HOUR => Unit::Hour,
        _ if range & range::MINUTE != 0 && range & (range::SECOND | range::YEAR | range::MONTH) == 0 => Unit::Minute,
        _ => Unit::Second,
    }
}

/// `DecodeISO8601Interval`: with designators (`P1DT2H`) or as a date and time (`P0001-02-03T04:05:06`).
fn iso(text: &str, version: ServerVersion) -> Result<(), Wrong> {
    let Some(mut rest) = text.strip_prefix('P').filter(|rest| !rest.is_empty()) else { return Err(Wrong::Format) };
    let overflow = Overflow::of(version);
    let mut sum = Sum::new(overflow);
    let (mut dates, mut any) = (true, false);
    while !rest.is_empty() {
        if let Some(times) = rest.strip_prefix('T') {
            (dates, any, rest) = (false, false, times);
            continue;
        }
        let start = rest;
        let (value, part_of_one, after) = iso_number(rest, overflow)?;
        let width = start.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
        let letter = after.bytes().next();
        rest = after.get(1..).unwrap_or_default();
        let unit = match (dates, letter) {
            (true, Some(b'Y')) => Unit::Year,
            (true, Some(b'M')) => Unit::Month,
            (true, Some(b'W')) => Unit::Week,
            (true, Some(b'D')) => Unit::Day,
            (false, Some(b'H')) => Unit::Hour,
            (false, Some(b'M')) => Unit::Minute,
            (false, Some(b'S')) => Unit::Second,
            (true, None | Some(b'T')) if width == 8 && !any => {
                sum.add_years(value / 10_000, 0.0, 1)?;
                sum.add_months(value / 100 % 100)?;
                sum.add(Unit::Day, value % 100, part_of_one)?;
                if letter.is_none() {
                    return sum.finish();
                }
                (dates, any) = (false, false);
                continue;
            }
            (false, None) if width == 6 && !any => {
                sum.add_time(value / 10_000, 0.0, HOUR)?;
                sum.add_time(value / 100 % 100, 0.0, MINUTE)?;
                sum.add_time(value % 100, 0.0, SECOND)?;
                return sum.finish();
            }
            (true, None | Some(b'T' | b'-')) | (false, None | Some(b':')) if !any => {
                let units =
                    if dates { [Unit::Year, Unit::Month, Unit::Day] } else { [Unit::Hour, Unit::Minute, Unit::Second] };
                match iso_triple(&mut sum, units, (value, part_of_one), after)? {
                    "" => return sum.finish(),
                    times => {
                        (dates, any, rest) = (false, false, times);
                        continue;
                    }
                }
            }
            _ => return Err(Wrong::Format),
        };
        sum.add(unit, value, part_of_one)?;
        any = true;
    }
    sum.finish()
}

/// The alternative format, from its first number on: what stands behind the `T` after a date.
fn iso_triple<'t>(sum: &mut Sum, units: [Unit; 3], first: (i64, f64), mut rest: &'t str) -> Result<&'t str, Wrong> {
    let dates = units[0] == Unit::Year;
    let mark = if dates { '-' } else { ':' };
    let mut number = first;
    for (index, unit) in units.into_iter().enumerate() {
        sum.add(unit, number.0, number.1)?;
        if rest.is_empty() {
            return Ok("");
        }
        if let Some(times) = rest.strip_prefix('T').filter(|_| dates) {
            return Ok(if times.is_empty() { "" } else { times });
        }
        let next = rest.strip_prefix(mark).filter(|_| index < 2).ok_or(Wrong::Format)?;
        let (value, part_of_one, after) = iso_number(next, sum.overflow)?;
        (number, rest) = ((value, part_of_one), after);
    }
    Err(Wrong::Format)
}

/// `ParseISO8601Number`: what `strtod` takes.
#[allow(clippy::cast_possible_truncation, reason = "below 1e15")]
fn iso_number(text: &str, overflow: Overflow) -> Result<(i64, f64, &str), Wrong> {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.')) {
        return Err(Wrong::Format);
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes[0] == b'-');
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut decimals = 0;
    if bytes.get(end) == Some(&b'.') {
        decimals = digits(end + 1);
        end += 1 + decimals;
    }
    if whole + decimals == 0 || bytes.get(sign) == Some(&b'0') && matches!(bytes.get(sign + 1), Some(b'x' | b'X')) {
        // `-infinity` and hexadecimal digits are the C library's matter.
        return Err(if text[sign..].starts_with(['i', 'I', 'n', 'N', '0']) { Wrong::Unsure } else { Wrong::Format });
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent_sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(end + 1 + exponent_sign..).map_or(0, |_| digits(end + 1 + exponent_sign));
        if exponent > 0 {
            end += 1 + exponent_sign + exponent;
        }
    }
    let value: f64 = text[..end].parse().map_err(|_| Wrong::Format)?;
    let range = match overflow {
        Overflow::Refused => -1.0e15..=1.0e15,
        Overflow::Wraps => f64::from(i32::MIN)..=f64::from(i32::MAX),
    };
    if !range.contains(&value) {
        return Err(Wrong::Field);
    }
    Ok((value.trunc() as i64, value.fract(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_14_wrap_and_its_numbers_do_not() {
        let says = |text: &str, version| read(text, -1, version).map_err(|wrong| format!("{wrong:?}"));
        let [old, new] = [ServerVersion::V14, ServerVersion::V15];
        for text in ["2147483648 us", "2562047788:0:0", "PT2147483648S", "-2147483649 days", "2562047788.01 hours"] {
            let (field, fits) =
                (Err("Field".to_owned()), if text.ends_with("days") { Err("Field".to_owned()) } else { Ok(()) });
            assert_eq!((says(text, old), says(text, new)), (field, fits), "{text}");
        }
        for text in ["2147483647 days 1 week", "2147483647 weeks"] {
            assert_eq!((says(text, old), says(text, new)), (Ok(()), Err("Field".to_owned())), "{text}");
        }
        let months = Err("Months".to_owned());
        let text = "2147483647 years 1 decade";
        assert_eq!((says(text, old), says(text, new)), (months, Err("Field".to_owned())), "{text}");
    }
}
