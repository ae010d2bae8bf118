//! The input functions of dates and times (`DecodeDateTime`, `DecodeTimeOnly` of datetime.c). Names of time zones are
//! not known here: any word that is nothing else may be one.

mod digits;

use super::calendar::{days, from_julian, overflows, to_julian, zone};
use super::date_field::{Clock, DateWord, Field, Sort, Unit, Wrong, date_word, fields, small_number};
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
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
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
    match read(Order::MonthDayYear) {
        Ok(()) | Err(Wrong::Unsure) => Ok(()),
        Err(wrong) => {
            let other = |order| matches!(read(order), Ok(()) | Err(Wrong::Unsure));
            if other(Order::DayMonthYear) || other(Order::YearMonthDay) { Ok(()) } else { Err(wrong) }
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
