//! What digits in a date or a time stand for: with labels, with marks between them, or run together (`DecodeDate`,
//! `DecodeNumber`, `DecodeNumberField`).

use super::super::calendar::{from_julian, zone};
use super::super::date_field::{DateWord, Unit, Wrong, clock, date_word, fraction, microseconds, small_number};
use super::{FIELDS, Order, Reading, part};

impl Reading<'_> {
    /// A number after a label such as the `y` of `y2001m02d04`.
    pub(super) fn labelled(&mut self, text: &str) -> Result<u32, Wrong> {
        let prefix = self.prefix.take();
        let (value, end) = small_number(text, 0)?;
        let rest = &text[end..];
        let with_fraction = matches!(prefix, Some(Unit::Julian | Unit::Time | Unit::Second));
        if !(rest.is_empty() || rest.starts_with('.') && with_fraction) {
            return Err(Wrong::Format);
        }
        Ok(match prefix {
            Some(Unit::Year) => {
                self.year = value;
                part::YEAR
            }
            Some(Unit::Month) if self.has(part::MONTH | part::HOUR) => {
                self.clock.minute = value;
                part::MINUTE
            }
            Some(Unit::Month) => {
                self.month = value;
                part::MONTH
            }
            Some(Unit::Day) => {
                self.day = value;
                part::DAY
            }
            Some(Unit::Hour) => {
                self.clock.hour = value;
                part::HOUR
            }
            Some(Unit::Minute) => {
                self.clock.minute = value;
                part::MINUTE
            }
            Some(Unit::Second) => {
                self.clock.second = value;
                if rest.is_empty() {
                    part::SECOND
                } else {
                    self.clock.microsecond = microseconds(fraction(rest)?);
                    part::SECONDS
                }
            }
            Some(Unit::Julian) => {
                if value < 0 {
                    return Err(Wrong::Field);
                }
                (self.year, self.month, self.day) = from_julian(value);
                self.julian = true;
                if rest.is_empty() {
                    part::DATE
                } else {
                    fraction(rest)?;
                    part::DATE | part::TIME
                }
            }
            Some(Unit::Time) => {
                let parts = self.number_field(text, self.given | part::DATE)?;
                if parts != part::TIME {
                    return Err(Wrong::Format);
                }
                parts
            }
            _ => return Err(Wrong::Format),
        })
    }

    /// A number without a label in a date and time.
    pub(super) fn date_number(&mut self, text: &str) -> Result<u32, Wrong> {
        let point = text.find('.');
        let has_date_part = self.given & part::DATE != 0;
        let has_time_part = self.given & part::TIME != 0;
        match point {
            Some(_) if !has_date_part => self.date(text, self.given),
            Some(at) if at > 2 => self.number_field(text, self.given),
            _ if text.len() >= 6 && (!has_date_part || !has_time_part) => self.number_field(text, self.given),
            _ => self.number(text, self.text_month, self.given),
        }
    }

    pub(super) fn clock_field(&mut self, text: &str) -> Result<(), Wrong> {
        self.clock = clock(text, false)?;
        if i32::try_from(self.clock.hour).is_ok() { Ok(()) } else { Err(Wrong::Field) }
    }

    /// `hhmmss-zz`
    pub(super) fn time_with_zone(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
        let Some(at) = text.find('-') else { return Err(Wrong::Format) };
        zone(&text[at..])?;
        Ok(self.number_field(&text[..at], given)? | part::ZONE)
    }

    /// `DecodeDate`: the parts it gives.
    pub(super) fn date(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
        let bytes = text.as_bytes();
        let (mut at, mut pieces) = (0, Vec::new());
        while at < bytes.len() && pieces.len() < FIELDS {
            while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() {
                at += 1;
            }
            if at == bytes.len() {
                return Err(Wrong::Format);
            }
            let start = at;
            let digits = bytes[at].is_ascii_digit();
            while at < bytes.len()
                && (if digits { bytes[at].is_ascii_digit() } else { bytes[at].is_ascii_alphabetic() })
            {
                at += 1;
            }
            pieces.push(&text[start..at]);
            // One character between two pieces is passed over, whatever it is.
            at += 1;
        }
        let (mut given, mut found, mut text_month) = (given, 0, false);
        for word in pieces.iter().filter(|piece| piece.starts_with(|c: char| c.is_ascii_alphabetic())) {
            match date_word(word) {
                Some(DateWord::Month(month)) => {
                    self.month = month;
                    text_month = true;
                }
                _ => return Err(Wrong::Format),
            }
            if given & part::MONTH != 0 {
                return Err(Wrong::Format);
            }
            given |= part::MONTH;
            found |= part::MONTH;
        }
        for digits in pieces.iter().filter(|piece| piece.starts_with(|c: char| c.is_ascii_digit())) {
            let parts = self.number(digits, text_month, given)?;
            if given & parts != 0 {
                return Err(Wrong::Format);
            }
            given |= parts;
            found |= parts;
        }
        if given & !(part::DAY_OF_YEAR | part::ZONE) == part::DATE { Ok(found) } else { Err(Wrong::Format) }
    }

    /// `DecodeNumber`
    pub(super) fn number(&mut self, text: &str, text_month: bool, given: u32) -> Result<u32, Wrong> {
        let (value, end) = small_number(text, 0)?;
        if end == 0 {
            return Err(Wrong::Format);
        }
        if text[end..].starts_with('.') {
            if end > 2 {
                return self.number_field(text, given | part::DATE);
            }
            self.clock.microsecond = microseconds(fraction(&text[end..])?);
        } else if end < text.len() {
            return Err(Wrong::Format);
        }
        let date = given & part::DATE;
        let length = text.len();
        if length == 3 && date == part::YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(part::DAY_OF_YEAR | part::MONTH | part::DAY);
        }
        let year_first = length >= 3 || self.order == Order::YearMonthDay;
        const YEAR_MONTH: u32 = part::YEAR | part::MONTH;
        const MONTH_DAY: u32 = part::MONTH | part::DAY;
        let parts = match date {
            0 if year_first => part::YEAR,
            0 if self.order == Order::DayMonthYear => part::DAY,
            0 => part::MONTH,
            part::YEAR | part::DAY => part::MONTH,
            part::MONTH if text_month && year_first => part::YEAR,
            part::MONTH => part::DAY,
            YEAR_MONTH if text_month && length >= 3 && self.two_digits => {
                // The first number was the day after all.
                self.day = self.year;
                self.year = value;
                self.two_digits = false;
                return Ok(part::DAY);
            }
            YEAR_MONTH => part::DAY,
            MONTH_DAY => part::YEAR,
            part::DATE => return self.number_field(text, given),
            _ => return Err(Wrong::Format),
        };
        match parts {
            part::YEAR => {
                self.year = value;
                self.two_digits = length <= 2;
            }
            part::MONTH => self.month = value,
            _ => self.day = value,
        }
        Ok(parts)
    }

    /// `DecodeNumberField`: digits without separators, `20011225` or `040506.789`.
    pub(super) fn number_field(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
        let part_of = |text: &str| -> Result<i64, Wrong> {
            // How C's atoi overflows is not known.
            if text.is_empty() { Ok(0) } else { text.parse::<i32>().map(i64::from).map_err(|_| Wrong::Unsure) }
        };
        let mut digits = text;
        if let Some(at) = text.find('.') {
            let after = &text[at + 1..];
            self.clock.microsecond = microseconds(fraction(&text[at..]).or_else(|_| {
                // What stands behind the fraction is not looked at up to 15.
                let end = after.bytes().take_while(u8::is_ascii_digit).count();
                if end == 0 { Err(Wrong::Unsure) } else { fraction(&text[at..=at + end]) }
            })?);
            digits = &text[..at];
        } else if given & part::DATE != part::DATE && digits.len() >= 6 {
            if !digits.is_ascii() {
                return Err(Wrong::Unsure);
            }
            let split = digits.len();
            self.day = part_of(&digits[split - 2..])?;
            self.month = part_of(&digits[split - 4..split - 2])?;
            self.year = part_of(&digits[..split - 4])?;
            if split == 6 {
                self.two_digits = true;
            }
            return Ok(part::DATE);
        }
        if given & part::TIME != part::TIME && digits.is_ascii() && matches!(digits.len(), 4 | 6) {
            self.clock.hour = part_of(&digits[..2])?;
            self.clock.minute = part_of(&digits[2..4])?;
            self.clock.second = part_of(&digits[4..])?;
            return Ok(part::TIME);
        }
        Err(Wrong::Format)
    }
}
