//! The fields that the text of a date, a time or an interval falls into, and the words in them (`ParseDateTime` and the
//! token tables of datetime.c).

/// Why a text is no date, time or interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// `DTERR_BAD_FORMAT`
    Format,
    /// `DTERR_FIELD_OVERFLOW` and `DTERR_MD_FIELD_OVERFLOW`
    Field,
    /// An interval of too many months (`itmin2interval`)
    Months,
    /// `DTERR_TZDISP_OVERFLOW`
    Displacement,
    /// What the server does with it depends on its platform or settings.
    Unsure,
}

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Number,
    Word,
    Date,
    Time,
    Zone,
    /// A word after a sign.
    Special,
}

/// One field, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) sort: Sort,
    pub(super) text: String,
}

const MAX_FIELDS: usize = 25;

/// C's `isspace`.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    room: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// `APPEND_CHAR`
    fn take(&mut self, text: &mut String) -> Result<(), Wrong> {
        if self.room < 2 {
            return Err(Wrong::Format);
        }
        text.push(char::from(self.peek().to_ascii_lowercase()));
        self.at += 1;
        self.room -= 1;
        Ok(())
    }

    fn take_while(&mut self, text: &mut String, fits: impl Fn(u8) -> bool) -> Result<(), Wrong> {
        while self.at < self.bytes.len() && fits(self.peek()) {
            self.take(text)?;
        }
        Ok(())
    }

    /// What begins with a digit: a date, a time or a number.
    fn digits(&mut self, text: &mut String) -> Result<Sort, Wrong> {
        self.take_while(text, |byte| byte.is_ascii_digit())?;
        match self.peek() {
            b':' => {
                self.take(text)?;
                self.take_while(text, |byte| byte.is_ascii_digit() || byte == b':' || byte == b'.')?;
                Ok(Sort::Time)
            }
            mark @ (b'-' | b'/' | b'.') => {
                self.take(text)?;
                if !self.peek().is_ascii_digit() {
                    self.take_while(text, |byte| byte.is_ascii_alphanumeric() || byte == mark)?;
                    return Ok(Sort::Date);
                }
                self.take_while(text, |byte| byte.is_ascii_digit())?;
                if self.peek() == mark {
                    self.take(text)?;
                    self.take_while(text, |byte| byte.is_ascii_digit() || byte == mark)?;
                    return Ok(Sort::Date);
                }
                Ok(if mark == b'.' { Sort::Number } else { Sort::Date })
            }
            _ => Ok(Sort::Number),
        }
    }

    /// What begins with a letter: a word, or a date or time zone with signs in it.
    fn word(&mut self, text: &mut String) -> Result<Sort, Wrong> {
        self.take_while(text, |byte| byte.is_ascii_alphabetic())?;
        let goes_on = match self.peek() {
            b'-' | b'/' | b'.' => true,
            b'+' | b'0'..=b'9' => date_word(text).is_none(),
            _ => false,
        };
        if !goes_on {
            return Ok(Sort::Word);
        }
        self.take(text)?;
        self.take_while(text, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
        })?;
        Ok(Sort::Date)
    }

    /// What begins with a sign: a time zone in numbers, or `-infinity`.
    fn signed(&mut self, text: &mut String) -> Result<Sort, Wrong> {
        self.take(text)?;
        while is_space(self.peek()) {
            self.at += 1;
        }
        if self.peek().is_ascii_digit() {
            self.take_while(text, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'))?;
            Ok(Sort::Zone)
        } else if self.peek().is_ascii_alphabetic() {
            self.take_while(text, |byte| byte.is_ascii_alphabetic())?;
            Ok(Sort::Special)
        } else {
            Err(Wrong::Format)
        }
    }
}

/// `ParseDateTime`; `room` is the size of the caller's working buffer.
pub(super) fn fields(text: &str, room: usize) -> Result<Vec<Field>, Wrong> {
    // What letters are beyond ASCII is the locale's matter.
    if !text.is_ascii() {
        return Err(Wrong::Unsure);
    }
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, room };
    let mut found = Vec::new();
    while reader.at < reader.bytes.len() {
        let byte = reader.peek();
        if is_space(byte) {
            reader.at += 1;
            continue;
        }
        if found.len() >= MAX_FIELDS {
            return Err(Wrong::Format);
        }
        let mut text = String::new();
        let sort = match byte {
            b'0'..=b'9' => reader.digits(&mut text)?,
            b'.' => {
                reader.take(&mut text)?;
                reader.take_while(&mut text, |byte| byte.is_ascii_digit())?;
                Sort::Number
            }
            b'+' | b'-' => reader.signed(&mut text)?,
            _ if byte.is_ascii_alphabetic() => reader.word(&mut text)?,
            _ if byte.is_ascii_punctuation() => {
                reader.at += 1;
                continue;
            }
            _ => return Err(Wrong::Format),
        };
        reader.room = reader.room.saturating_sub(1);
        found.push(Field { sort, text });
    }
    Ok(found)
}

/// What a word in a date or a time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateWord {
    Now,
    /// Yesterday, today, tomorrow.
    Day,
    Zulu,
    Epoch,
    Late,
    Early,
    Month(i64),
    /// `dst` after a time zone.
    SummerTime,
    Am,
    Pm,
    Ad,
    Bc,
    Weekday,
    Unit(Unit),
    /// The `T` before a time.
    IsoTime,
    Ignored,
}

/// What a number after or before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Decade,
    Century,
    Millennium,
    Julian,
    /// The prefix of an ISO time.
    Time,
    /// A unit that is known by name and that no number may have here.
    Other,
}

/// Only so many characters of a word are compared (`TOKMAXLEN`).
fn key(word: &str) -> &str {
    word.get(..10).unwrap_or(word)
}

/// `datetktbl`
pub(super) fn date_word(word: &str) -> Option<DateWord> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = key(word);
    if let Some(month) = (1..).zip(MONTHS).find(|(_, name)| word == *name || word == &name[..3]) {
        return Some(DateWord::Month(month.0));
    }
    Some(match word {
        "sept" => DateWord::Month(9),
        "-infinity" => DateWord::Early,
        "infinity" | "+infinity" => DateWord::Late,
        "now" => DateWord::Now,
        "today" | "tomorrow" | "yesterday" => DateWord::Day,
        "allballs" => DateWord::Zulu,
        "epoch" => DateWord::Epoch,
        "am" => DateWord::Am,
        "pm" => DateWord::Pm,
        "ad" => DateWord::Ad,
        "bc" => DateWord::Bc,
        "dst" => DateWord::SummerTime,
        "at" | "on" => DateWord::Ignored,
        "t" => DateWord::IsoTime,
        "y" => DateWord::Unit(Unit::Year),
        "m" => DateWord::Unit(Unit::Month),
        "d" => DateWord::Unit(Unit::Day),
        "h" => DateWord::Unit(Unit::Hour),
        "mm" => DateWord::Unit(Unit::Minute),
        "s" => DateWord::Unit(Unit::Second),
        "j" | "jd" | "julian" => DateWord::Unit(Unit::Julian),
        "dow" | "doy" | "isodow" | "isoyear" => DateWord::Unit(Unit::Other),
        "sun" | "sunday" | "mon" | "monday" | "tue" | "tues" | "tuesday" | "wed" | "weds" | "wednesday" | "thu"
        | "thur" | "thurs" | "thursday" | "fri" | "friday" | "sat" | "saturday" => DateWord::Weekday,
        _ => return None,
    })
}

/// What a word in an interval stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IntervalWord {
    Unit(Unit),
    Ago,
    /// Infinity, with a sign or without.
    Infinite,
}

/// `deltatktbl`
pub(super) fn interval_word(word: &str) -> Option<IntervalWord> {
    Some(IntervalWord::Unit(match key(word) {
        "ago" => return Some(IntervalWord::Ago),
        "infinity" | "-infinity" | "+infinity" => return Some(IntervalWord::Infinite),
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" => Unit::Microsecond,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Unit::Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "week" | "weeks" => Unit::Week,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        "dec" | "decs" | "decade" | "decades" => Unit::Decade,
        "c" | "cent" | "century" | "centuries" => Unit::Century,
        "mil" | "mils" | "millennia" | "millennium" => Unit::Millennium,
        "qtr" | "quarter" | "timezone" | "timezone_h" | "timezone_m" => Unit::Other,
        _ => return None,
    }))
}

/// C's `strtol`: a number with its sign from `at` on, and where it ends (at `at` where there is none).
pub(super) fn number(text: &str, at: usize) -> Result<(i64, usize), Wrong> {
    let rest = text.get(at..).unwrap_or_default();
    let sign = usize::from(rest.starts_with(['+', '-']));
    let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((0, at));
    }
    let value = rest[..sign + digits].parse().map_err(|_| Wrong::Field)?;
    Ok((value, at + sign + digits))
}

/// The same for a number that must fit an `int` (`strtoint`).
pub(super) fn small_number(text: &str, at: usize) -> Result<(i64, usize), Wrong> {
    let (value, end) = number(text, at)?;
    if i32::try_from(value).is_ok() { Ok((value, end)) } else { Err(Wrong::Field) }
}

/// `ParseFraction`: a point and digits; the fraction.
pub(super) fn fraction(text: &str) -> Result<f64, Wrong> {
    if text == "." {
        return Ok(0.0);
    }
    match text.strip_prefix('.') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().map_err(|_| Wrong::Format),
        _ => Err(Wrong::Format),
    }
}

/// Hours, minutes, seconds and microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) microsecond: i64,
}

/// `DecodeTimeCommon`; `minutes_first` where the fields of an interval are minute to second.
pub(super) fn clock(text: &str, minutes_first: bool) -> Result<Clock, Wrong> {
    let at = |index: usize| text.as_bytes().get(index).copied();
    let mut clock = Clock::default();
    let mut rest;
    (clock.hour, rest) = number(text, 0)?;
    if at(rest) != Some(b':') {
        return Err(Wrong::Format);
    }
    (clock.minute, rest) = small_number(text, rest + 1)?;
    let mut shift = minutes_first;
    match at(rest) {
        None => {}
        Some(b'.') => {
            clock.microsecond = microseconds(fraction(&text[rest..])?);
            shift = true;
        }
        Some(b':') => {
            shift = false;
            (clock.second, rest) = small_number(text, rest + 1)?;
            match at(rest) {
                None => {}
                Some(b'.') => clock.microsecond = microseconds(fraction(&text[rest..])?),
                Some(_) => return Err(Wrong::Format),
            }
        }
        Some(_) => return Err(Wrong::Format),
    }
    if shift {
        if i32::try_from(clock.hour).is_err() {
            return Err(Wrong::Field);
        }
        clock = Clock { hour: 0, minute: clock.hour, second: clock.minute, ..clock };
    }
    let fits = clock.hour >= 0 && (0..60).contains(&clock.minute) && (0..=60).contains(&clock.second);
    if fits { Ok(clock) } else { Err(Wrong::Field) }
}

/// A fraction of a second.
#[allow(clippy::cast_possible_truncation, reason = "a fraction below one")]
pub(super) fn microseconds(fraction: f64) -> i64 {
    (fraction * 1_000_000.0).round_ties_even() as i64
}
