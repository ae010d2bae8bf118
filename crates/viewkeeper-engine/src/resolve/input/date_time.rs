//! The input functions of dates and times (`DecodeDateTime`, `DecodeTimeOnly` of datetime.c). Names of time zones are
//! not known here: any word that is nothing else may be one.

use super::date_field::{
    Clock, DateWord, Field, Sort, Unit, Wrong, clock, date_word, fields, fraction, microseconds, small_number,
};
use crate::catalog::ServerVersion;

/// Which parts have been given, as bits (`DTK_M`).
mod part {
    pub(super) const RESERVED: u32 = 1;
    pub(super) const MONTH: u32 = 1 << 1;
    pub(super) const YEAR: u32 = 1 << 2;
    pub(super) const DAY: u32 = 1 << 3;
    pub(super) const ZONE: u32 = 1 << 5;
    pub(super) const SUMMER: u32 = 1 << 6;
    pub(super) const MERIDIAN: u32 = 1 << 9;
    pub(super) const HOUR: u32 = 1 << 10;
    pub(super) const MINUTE: u32 = 1 << 11;
    pub(super) const SECOND: u32 = 1 << 12;
    pub(super) const FRACTION: u32 = 1 << 13 | 1 << 14;
    pub(super) const DAY_OF_YEAR: u32 = 1 << 15;
    pub(super) const WEEKDAY: u32 = 1 << 16;
    pub(super) const ERA: u32 = 1 << 18;
    pub(super) const SUMMER_WORD: u32 = 1 << 28;
    pub(super) const SECONDS: u32 = SECOND | FRACTION;
    pub(super) const DATE: u32 = YEAR | MONTH | DAY;
    pub(super) const TIME: u32 = HOUR | MINUTE | SECONDS;
}

/// `DateStyle`'s order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    MonthFirst,
    DayFirst,
    YearFirst,
}

/// Which of the types is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateType {
    Date,
    Time,
    Timestamp,
    TimestampWithZone,
}

const BUFFER: usize = 129;
const FIELDS: usize = 25;

/// The input function of a type. A text is refused where every order of day and month refuses it.
pub(super) fn read(text: &str, type_: DateType, version: ServerVersion) -> Result<(), Wrong> {
    let room = match type_ {
        DateType::Date | DateType::Time => BUFFER,
        DateType::Timestamp | DateType::TimestampWithZone => BUFFER - 1 + FIELDS,
    };
    let fields = match fields(text, room) {
        Err(Wrong::Unsure) => return Ok(()),
        fields => fields?,
    };
    let read = |order| {
        let mut reading = Reading::new(&fields, order, version);
        match type_ {
            DateType::Time => reading.time_only(),
            _ => reading.date_time().and_then(|value| reading.in_range(value, type_)),
        }
    };
    match read(Order::MonthFirst) {
        Ok(()) | Err(Wrong::Unsure) => Ok(()),
        Err(wrong) => {
            let other = |order| matches!(read(order), Ok(()) | Err(Wrong::Unsure));
            if other(Order::DayFirst) || other(Order::YearFirst) { Ok(()) } else { Err(wrong) }
        }
    }
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Moment,
    /// `epoch`, infinity.
    Reserved,
    /// A time without a date, which the callers take for a mistake.
    TimeAlone,
}

struct Reading<'f> {
    fields: &'f [Field],
    order: Order,
    /// From 16 on nothing stands beside infinity, and every label has its number.
    strict: bool,
    given: u32,
    prefix: Option<Unit>,
    year: i64,
    month: i64,
    day: i64,
    day_of_year: i64,
    clock: Clock,
    meridian: Option<DateWord>,
    text_month: bool,
    julian: bool,
    two_digits: bool,
    before_christ: bool,
    named_zone: bool,
}

impl<'f> Reading<'f> {
    fn new(fields: &'f [Field], order: Order, version: ServerVersion) -> Self {
        Self {
            fields,
            order,
            strict: version >= ServerVersion::V16,
            given: 0,
            prefix: None,
            year: 0,
            month: 0,
            day: 0,
            day_of_year: 0,
            clock: Clock::default(),
            meridian: None,
            text_month: false,
            julian: false,
            two_digits: false,
            before_christ: false,
            named_zone: false,
        }
    }

    fn has(&self, parts: u32) -> bool {
        self.given & parts == parts
    }

    fn give(&mut self, parts: u32) -> Result<(), Wrong> {
        if self.given & parts != 0 {
            return Err(Wrong::Format);
        }
        self.given |= parts;
        Ok(())
    }

    fn date_time(&mut self) -> Result<Value, Wrong> {
        let mut value = Value::Moment;
        for (index, field) in self.fields.iter().enumerate() {
            let text = field.text.as_str();
            let parts = match field.sort {
                Sort::Date if self.prefix == Some(Unit::Julian) => {
                    let (day, end) = small_number(text, 0)?;
                    if day < 0 {
                        return Err(Wrong::Field);
                    }
                    (self.year, self.month, self.day) = from_julian(day);
                    self.julian = true;
                    zone(&text[end..])?;
                    self.prefix = None;
                    part::DATE | part::TIME | part::ZONE
                }
                Sort::Date if self.prefix.is_some() || self.has(part::MONTH | part::DAY) => {
                    if self.prefix.is_some() || text.starts_with(|c: char| c.is_ascii_digit()) {
                        if self.prefix.take().is_some_and(|prefix| prefix != Unit::Time) || self.has(part::TIME) {
                            return Err(Wrong::Format);
                        }
                        self.time_with_zone(text, self.given)?
                    } else {
                        self.named_zone = true;
                        part::ZONE
                    }
                }
                Sort::Date => self.date(text, self.given)?,
                Sort::Time => {
                    if self.prefix.take().is_some_and(|prefix| prefix != Unit::Time) {
                        return Err(Wrong::Format);
                    }
                    self.clock_field(text)?;
                    if overflows(self.clock) {
                        return Err(Wrong::Field);
                    }
                    part::TIME
                }
                Sort::Zone => {
                    zone(text)?;
                    part::ZONE
                }
                Sort::Number if self.prefix.is_some() => self.labelled(text)?,
                Sort::Number => self.date_number(text)?,
                Sort::Word | Sort::Special => match date_word(text) {
                    Some(DateWord::Ignored) => continue,
                    Some(DateWord::Now) => {
                        (self.year, self.month, self.day) = (2000, 1, 1);
                        part::DATE | part::TIME | part::ZONE
                    }
                    Some(DateWord::Day) => {
                        (self.year, self.month, self.day) = (2000, 1, 1);
                        part::DATE
                    }
                    Some(DateWord::Zulu) => part::TIME | part::ZONE,
                    Some(DateWord::Epoch | DateWord::Late | DateWord::Early) => {
                        value = Value::Reserved;
                        if self.strict { part::DATE | part::TIME | part::ZONE } else { part::RESERVED }
                    }
                    Some(DateWord::Month(month)) => {
                        let mut parts = part::MONTH;
                        let swap = self.has(part::MONTH) && !self.text_month && !self.has(part::DAY);
                        if swap && (1..=31).contains(&self.month) {
                            self.day = self.month;
                            parts = part::DAY;
                        }
                        self.text_month = true;
                        self.month = month;
                        parts
                    }
                    Some(word) => match self.other_word(word, index)? {
                        Some(parts) => parts,
                        None => continue,
                    },
                    None => {
                        self.named_zone = true;
                        part::ZONE
                    }
                },
            };
            self.give(parts)?;
        }
        if self.strict && self.prefix.is_some() {
            return Err(Wrong::Format);
        }
        if self.strict && value == Value::Reserved {
            return Ok(value);
        }
        self.valid_date()?;
        self.meridian_hours()?;
        if value == Value::Moment && !self.has(part::DATE) {
            return if self.has(part::TIME) { Ok(Value::TimeAlone) } else { Err(Wrong::Format) };
        }
        if value == Value::Moment && !self.has(part::ZONE) && self.has(part::SUMMER_WORD) {
            return Err(Wrong::Format);
        }
        Ok(value)
    }

    /// Words that dates and times have in common; `None` for a prefix of what follows.
    fn other_word(&mut self, word: DateWord, index: usize) -> Result<Option<u32>, Wrong> {
        Ok(Some(match word {
            DateWord::SummerTime => part::SUMMER_WORD | part::SUMMER,
            DateWord::Am | DateWord::Pm => {
                self.meridian = Some(word);
                part::MERIDIAN
            }
            DateWord::Ad | DateWord::Bc => {
                self.before_christ = word == DateWord::Bc;
                part::ERA
            }
            DateWord::Weekday => part::WEEKDAY,
            DateWord::Unit(_) if self.strict && self.prefix.is_some() => return Err(Wrong::Format),
            DateWord::Unit(unit) => {
                self.prefix = Some(unit);
                return Ok(None);
            }
            DateWord::IsoTime => {
                let next = self.fields.get(index + 1).map(|field| field.sort);
                if !matches!(next, Some(Sort::Number | Sort::Time | Sort::Date)) {
                    return Err(Wrong::Format);
                }
                self.prefix = Some(Unit::Time);
                return Ok(None);
            }
            _ => return Err(Wrong::Format),
        }))
    }

    fn time_only(&mut self) -> Result<(), Wrong> {
        let count = self.fields.len();
        let sort = |index: usize| self.fields.get(index).map(|field| field.sort);
        let (second, last) = (sort(1), sort(count.wrapping_sub(1)));
        for (index, field) in self.fields.iter().enumerate() {
            let text = field.text.as_str();
            let parts = match field.sort {
                Sort::Date if index == 0 && count >= 2 && (last == Some(Sort::Date) || second == Some(Sort::Time)) => {
                    self.date(text, self.given)?
                }
                Sort::Date if text.starts_with(|c: char| c.is_ascii_digit()) => {
                    if self.has(part::TIME) {
                        return Err(Wrong::Format);
                    }
                    self.time_with_zone(text, self.given | part::DATE)?
                }
                Sort::Date => {
                    self.named_zone = true;
                    part::ZONE
                }
                Sort::Time => {
                    self.prefix = self.prefix.filter(|prefix| *prefix != Unit::Time);
                    self.clock_field(text)?;
                    part::TIME
                }
                Sort::Zone => {
                    zone(text)?;
                    part::ZONE
                }
                Sort::Number if self.prefix.is_some() => self.labelled(text)?,
                Sort::Number => match text.find('.') {
                    Some(_) if index == 0 && count >= 2 && last == Some(Sort::Date) => self.date(text, self.given)?,
                    Some(at) if at > 2 => self.number_field(text, self.given | part::DATE)?,
                    Some(_) => return Err(Wrong::Format),
                    None if text.len() > 4 => self.number_field(text, self.given | part::DATE)?,
                    None => self.number(text, false, self.given | part::DATE)?,
                },
                Sort::Word | Sort::Special => match date_word(text) {
                    Some(DateWord::Ignored) => continue,
                    Some(DateWord::Now) => part::TIME,
                    Some(DateWord::Zulu) => part::TIME | part::ZONE,
                    Some(DateWord::Weekday) => return Err(Wrong::Format),
                    Some(word) => match self.other_word(word, index)? {
                        Some(parts) => parts,
                        None => continue,
                    },
                    None => {
                        self.named_zone = true;
                        part::ZONE
                    }
                },
            };
            self.give(parts)?;
        }
        if self.strict && self.prefix.is_some() {
            return Err(Wrong::Format);
        }
        self.valid_date()?;
        self.meridian_hours()?;
        if overflows(self.clock) {
            return Err(Wrong::Field);
        }
        if self.has(part::TIME) { Ok(()) } else { Err(Wrong::Format) }
    }

    /// A number after a label such as the `y` of `y2001m02d04`.
    fn labelled(&mut self, text: &str) -> Result<u32, Wrong> {
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
    fn date_number(&mut self, text: &str) -> Result<u32, Wrong> {
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

    fn clock_field(&mut self, text: &str) -> Result<(), Wrong> {
        self.clock = clock(text, false)?;
        if i32::try_from(self.clock.hour).is_ok() { Ok(()) } else { Err(Wrong::Field) }
    }

    /// `hhmmss-zz`
    fn time_with_zone(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
        let Some(at) = text.find('-') else { return Err(Wrong::Format) };
        zone(&text[at..])?;
        Ok(self.number_field(&text[..at], given)? | part::ZONE)
    }

    /// `DecodeDate`: the parts it gives.
    fn date(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
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
    fn number(&mut self, text: &str, text_month: bool, given: u32) -> Result<u32, Wrong> {
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
        let year_first = length >= 3 || self.order == Order::YearFirst;
        const YEAR_MONTH: u32 = part::YEAR | part::MONTH;
        const MONTH_DAY: u32 = part::MONTH | part::DAY;
        let parts = match date {
            0 if year_first => part::YEAR,
            0 if self.order == Order::DayFirst => part::DAY,
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
    fn number_field(&mut self, text: &str, given: u32) -> Result<u32, Wrong> {
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

    /// `ValidateDate`
    fn valid_date(&mut self) -> Result<(), Wrong> {
        if self.has(part::YEAR) && !self.julian {
            if self.before_christ {
                if self.year <= 0 {
                    return Err(Wrong::Field);
                }
                self.year = 1 - self.year;
            } else if self.two_digits {
                self.year += match self.year {
                    0..70 => 2000,
                    70..100 => 1900,
                    _ => 0,
                };
            } else if self.year <= 0 {
                return Err(Wrong::Field);
            }
        }
        if self.has(part::DAY_OF_YEAR) {
            // Where years of more digits end is a matter of how integers run over.
            if self.year > 5_874_898 {
                return Err(Wrong::Unsure);
            }
            (self.year, self.month, self.day) = from_julian(to_julian(self.year, 1, 1) + self.day_of_year - 1);
        }
        if self.has(part::MONTH) && !(1..=12).contains(&self.month) {
            return Err(Wrong::Field);
        }
        if self.has(part::DAY) && !(1..=31).contains(&self.day) {
            return Err(Wrong::Field);
        }
        if self.has(part::DATE) && self.day > days(self.year, self.month) {
            return Err(Wrong::Field);
        }
        Ok(())
    }

    fn meridian_hours(&mut self) -> Result<(), Wrong> {
        let Some(meridian) = self.meridian else { return Ok(()) };
        if self.clock.hour > 12 {
            return Err(Wrong::Field);
        }
        if meridian == DateWord::Am && self.clock.hour == 12 {
            self.clock.hour = 0;
        } else if meridian == DateWord::Pm && self.clock.hour != 12 {
            self.clock.hour += 12;
        }
        Ok(())
    }

    /// The ranges of the types (`IS_VALID_JULIAN`, `IS_VALID_DATE`, `IS_VALID_TIMESTAMP`).
    fn in_range(&self, value: Value, type_: DateType) -> Result<(), Wrong> {
        match value {
            Value::Reserved => return Ok(()),
            Value::TimeAlone => return Err(Wrong::Format),
            Value::Moment => {}
        }
        let day = to_julian(self.year, self.month, self.day);
        let (first, end) = match type_ {
            DateType::Date => (0, to_julian(5_874_898, 1, 1)),
            // A time zone may move it across the border.
            DateType::TimestampWithZone => (-1, to_julian(294_277, 1, 1) + 1),
            _ => (0, to_julian(294_277, 1, 1)),
        };
        if (first..end).contains(&day) { Ok(()) } else { Err(Wrong::Field) }
    }
}

/// `time_overflows`
fn overflows(clock: Clock) -> bool {
    let Clock { hour, minute, second, microsecond } = clock;
    let fits = (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second)
        && (0..=1_000_000).contains(&microsecond);
    !fits || ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond > 86_400_000_000
}

/// `DecodeTimezone`: `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`.
fn zone(text: &str) -> Result<(), Wrong> {
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

fn days(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `date2j`, without its limits.
fn to_julian(year: i64, month: i64, day: i64) -> i64 {
    let (month, year) = if month > 2 { (month + 1, year + 4800) } else { (month + 13, year + 4799) };
    let century = year.div_euclid(100);
    year * 365 - 32_167 + year.div_euclid(4) - century + century.div_euclid(4) + 7834 * month / 256 + day
}

/// `j2date`
fn from_julian(day: i64) -> (i64, i64, i64) {
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
