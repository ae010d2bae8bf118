//! What is JSON (`pg_parse_json`), and what `jsonb` refuses of it besides.

use super::Input;
use crate::diagnostic::SqlState;

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

/// `jsonb_in`: JSON whose escapes stand for characters that a text can hold (`json_lex_string`).
pub(super) fn jsonb(text: &str) -> Input {
    if !is_json(text) {
        return Err(SqlState::INVALID_TEXT);
    }
    escapes(text, "\\u")
}

/// The escapes of Unicode in a text that is otherwise well formed: no zero, and surrogates in pairs.
fn escapes(text: &str, mark: &str) -> Input {
    let mut high = false;
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        if high && at > 0 {
            return Err(SqlState::INVALID_TEXT);
        }
        let Some(code) = rest[at..].strip_prefix(mark) else {
            if high {
                return Err(SqlState::INVALID_TEXT);
            }
            let skipped = rest[at + 1..].chars().next().map_or(0, char::len_utf8);
            rest = &rest[at + 1 + skipped..];
            continue;
        };
        let Some(digits) = code.get(..4) else { return Err(SqlState::INVALID_TEXT) };
        match (u32::from_str_radix(digits, 16), high) {
            (Ok(0), _) => return Err(UNTRANSLATABLE),
            (Ok(0xd800..0xdc00), false) => high = true,
            (Ok(0xdc00..0xe000), true) => high = false,
            (Ok(0xd800..0xe000), _) | (Ok(_), true) | (Err(_), _) => return Err(SqlState::INVALID_TEXT),
            (Ok(_), false) => {}
        }
        rest = &code[4..];
    }
    if high { Err(SqlState::INVALID_TEXT) } else { Ok(()) }
}

const UNTRANSLATABLE: SqlState = SqlState("22P05");

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
    fn escapes_stand_for_characters() {
        for good in [r#""\ud83d\ude04""#, r#""\\u0000""#, r#""\u00e4 \u0001""#] {
            assert_eq!(jsonb(good), Ok(()), "{good}");
        }
        for (bad, code) in [
            (r#""\u0000""#, "22P05"),
            (r#""\ud83d""#, "22P02"),
            (r#""\ud83dX""#, "22P02"),
            (r#""\ude04\ud83d""#, "22P02"),
            (r#""\ud83d\n""#, "22P02"),
        ] {
            assert_eq!(jsonb(bad), Err(SqlState(code)), "{bad}");
        }
    }
}
