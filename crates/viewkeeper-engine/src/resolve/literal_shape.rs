//! What a text must look like to be a number, a time, JSON, an array and the like: only what every server refuses is
//! refused here, so each of these is a bound and not the whole input function.

/// C's `isspace`, which input functions trim by.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

/// `float8in_internal`: a decimal number, infinity or NaN; hexadecimal ones are the C library's matter.
pub(super) fn may_be_float(text: &str) -> bool {
    let unsigned = without_sign(trim(text)).to_ascii_lowercase();
    unsigned.starts_with("nan") || unsigned.starts_with("inf") || unsigned.contains('x') || is_decimal(&unsigned)
}

/// `numeric_in`; from 16 on with other bases and underscores.
pub(super) fn may_be_numeric(text: &str) -> bool {
    let unsigned = without_sign(trim(text)).to_ascii_lowercase();
    let special = matches!(unsigned.as_str(), "nan" | "inf" | "infinity");
    let modern = ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix)) || unsigned.contains('_');
    special || modern || is_decimal(&unsigned)
}

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Digits with at most one point, and an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = without_sign(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

/// `DecodeDateTime` and `DecodeTimeOnly`: without a digit only words stand for a time, and the units of intervals are
/// never part of one.
pub(super) fn may_be_time(text: &str) -> bool {
    const WORDS: [&str; 7] = ["now", "today", "tomorrow", "yesterday", "epoch", "infinity", "allballs"];
    const UNITS: [&str; 12] =
        ["day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "minute", "minutes"];
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    if words.any(|word| UNITS.contains(&word)) {
        return false;
    }
    lower.bytes().any(|byte| byte.is_ascii_digit()) || WORDS.iter().any(|word| lower.contains(word))
}

/// `interval_in`: a number somewhere, ISO 8601's leading P, or (from 17 on) infinity.
pub(super) fn may_be_interval(text: &str) -> bool {
    let lower = trim(text).to_ascii_lowercase();
    lower.bytes().any(|byte| byte.is_ascii_digit()) || lower.starts_with('p') || lower.contains("inf")
}

/// `bit_in`: binary digits, or hexadecimal ones after an x.
pub(super) fn may_be_bits(text: &str) -> bool {
    match text.as_bytes() {
        [b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        [b'b' | b'B', digits @ ..] | digits => digits.iter().all(|digit| matches!(digit, b'0' | b'1')),
    }
}

/// Whether a text stands between two of these characters, white space aside.
pub(super) fn is_between(text: &str, open: &[char], close: &[char]) -> bool {
    let trimmed = trim(text);
    trimmed.len() > 1 && trimmed.starts_with(open) && trimmed.ends_with(close)
}

/// The elements of a one-dimensional array without quotes and escapes; `None` where there is more to it.
pub(super) fn plain_elements(text: &str) -> Option<Vec<&str>> {
    let inner = trim(text).strip_prefix('{')?.strip_suffix('}')?;
    if inner.contains(['{', '}', '"', '\\']) {
        return None;
    }
    if trim(inner).is_empty() {
        return Some(Vec::new());
    }
    Some(inner.split(',').map(trim).collect())
}

/// `pg_parse_json`
pub(super) fn is_json(text: &str) -> bool {
    let mut reader = Json { bytes: text.as_bytes(), at: 0 };
    reader.value() && {
        reader.space();
        reader.at == reader.bytes.len()
    }
}

struct Json<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Json<'_> {
    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// A value: open brackets are kept in a list, so that no depth of nesting is too much.
    fn value(&mut self) -> bool {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.space();
            let complete = match self.bytes.get(self.at) {
                Some(b'[') => {
                    self.at += 1;
                    if self.eat(b']') {
                        true
                    } else {
                        open.push(b']');
                        continue;
                    }
                }
                Some(b'{') => {
                    self.at += 1;
                    if self.eat(b'}') {
                        true
                    } else {
                        open.push(b'}');
                        if !self.key() {
                            return false;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.string(),
                Some(b'-' | b'0'..=b'9') => self.number(),
                _ => ["true", "false", "null"].iter().any(|word| self.word(word)),
            };
            if !complete {
                return false;
            }
            loop {
                let Some(close) = open.last().copied() else { return true };
                if self.eat(close) {
                    open.pop();
                } else if self.eat(b',') {
                    if close == b'}' && !self.key() {
                        return false;
                    }
                    break;
                } else {
                    return false;
                }
            }
        }
    }

    fn key(&mut self) -> bool {
        self.space();
        self.string() && self.eat(b':')
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = &self.bytes[self.at..];
        let ends =
            rest.get(word.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_' && *byte < 128);
        let found = rest.starts_with(word.as_bytes()) && ends;
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> bool {
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return false;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return false;
            }
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return false;
            }
        }
        self.bytes.get(self.at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_' && *byte < 128)
    }

    fn string(&mut self) -> bool {
        if self.bytes.get(self.at) != Some(&b'"') {
            return false;
        }
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => return true,
                0..=31 => return false,
                b'\\' => {
                    let escape = self.bytes.get(self.at).copied();
                    self.at += 1;
                    match escape {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                        Some(b'u') => {
                            let code = self.bytes.get(self.at..self.at + 4);
                            if !code.is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit)) {
                                return false;
                            }
                            self.at += 4;
                        }
                        _ => return false,
                    }
                }
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_what_is_none() {
        for good in ["1", " -0.5e+3 ", "[]", "{}", r#"{"a": [1, {"b": null}], "c": "\u00e4\n"}"#, "true", "\"ü\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in
            ["", "01", "1.", "[1,]", "{a: 1}", r#"{"a" 1}"#, r#"{"a": 1,}"#, "tru", "nullx", "\"\\x\"", "1 2", "'a'"]
        {
            assert!(!is_json(bad), "{bad}");
        }
        assert!(is_json(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
    }

    #[test]
    fn only_what_cannot_be_a_value_is_refused() {
        for good in ["1", " .5e3 ", "-Infinity", "NaN", "0x1p3", "1."] {
            assert!(may_be_float(good), "{good}");
        }
        for bad in ["", "abc", "1 2", "1e", ".", "--1"] {
            assert!(!may_be_float(bad) && !may_be_numeric(bad), "{bad}");
        }
        for good in ["2024-01-01", "now", " Today ", "J2451187", "epoch", "04:05", "-infinity"] {
            assert!(may_be_time(good), "{good}");
        }
        for bad in ["", "1 day", "abc", "2 months ago"] {
            assert!(!may_be_time(bad), "{bad}");
        }
        assert!(may_be_interval("1 day") && may_be_interval("P1D") && !may_be_interval("day"));
        assert!(may_be_bits("0101") && may_be_bits("xFf") && may_be_bits("") && !may_be_bits("012"));
        assert_eq!(plain_elements(" {1, 2} "), Some(vec!["1", "2"]));
        assert_eq!(plain_elements("{{1}}"), None);
    }
}
