//! The texts of arrays, ranges and rows: their brackets, quotes and commas, and the texts of what they hold.

use super::Input;
use super::number::{INVALID, trim};
use crate::catalog::ServerVersion;
use crate::diagnostic::SqlState;

/// What a container's text holds: texts of elements, `None` for nulls.
pub(super) type Parts = Result<Vec<Option<String>>, SqlState>;

const MALFORMED: Parts = Err(SqlState::INVALID_TEXT);

/// `array_isspace` and C's `isspace`.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// `array_in`: the elements, which a comma or another mark stands between.
pub(super) fn array(text: &str, mark: char, version: ServerVersion) -> Parts {
    let (dimensions, braces) = dimensions(trim(text), version)?;
    let characters: Vec<char> = braces.chars().collect();
    let mut reader = Array { characters: &characters, at: 0, mark, elements: Vec::new(), empty_levels: false };
    if reader.peek() != Some('{') {
        return MALFORMED;
    }
    let shape = reader.level(1)?;
    if !characters[reader.at..].iter().copied().all(is_space) {
        return MALFORMED;
    }
    // Empty levels below the first are read from 17 on.
    if reader.empty_levels && version < ServerVersion::V17 {
        return MALFORMED;
    }
    if reader.elements.is_empty() || dimensions.is_empty() || dimensions == shape {
        Ok(reader.elements)
    } else {
        MALFORMED
    }
}

/// The lengths that `[1:2][3]=` gives, and what follows.
fn dimensions(text: &str, version: ServerVersion) -> Result<(Vec<usize>, &str), SqlState> {
    let bound = |text: &str| -> Result<i64, SqlState> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'));
        if !digits {
            return Err(SqlState::INVALID_TEXT);
        }
        match text.parse() {
            Ok(value) => Ok(value),
            Err(_) if version >= ServerVersion::V17 => Err(SqlState::INVALID_TEXT),
            Err(_) => Ok(first_number(text)),
        }
    };
    let (mut lengths, mut rest) = (Vec::new(), text);
    while let Some(inner) = rest.strip_prefix('[') {
        let (inner, after) = inner.split_once(']').ok_or(SqlState::INVALID_TEXT)?;
        let (lower, upper) = match inner.split_once(':') {
            Some((lower, upper)) => (bound(lower)?, bound(upper)?),
            None => (1, bound(inner)?),
        };
        let small = |bound| i32::try_from(bound).is_ok();
        if version >= ServerVersion::V17 && !(small(lower) && small(upper) && upper < i32::MAX.into()) {
            return Err(SqlState("54000"));
        }
        if upper < lower {
            return Err(SqlState("2202E"));
        }
        lengths.push(usize::try_from(upper - lower + 1).unwrap_or(usize::MAX));
        rest = after.trim_start_matches(is_space);
    }
    if lengths.is_empty() {
        return Ok((lengths, rest));
    }
    if lengths.len() > MAX_DIMENSIONS {
        return Err(SqlState("54000"));
    }
    let braces = rest.strip_prefix('=').ok_or(SqlState::INVALID_TEXT)?;
    Ok((lengths, braces.trim_start_matches(is_space)))
}

/// C's `atoi`, on a text of digits and signs.
fn first_number(text: &str) -> i64 {
    let sign = usize::from(text.starts_with(['-', '+']));
    let end = text[sign..].find(['-', '+']).map_or(text.len(), |end| sign + end);
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    let value = if end == sign { 0 } else { text[..end].parse().unwrap_or(limit) };
    #[allow(clippy::cast_possible_truncation, reason = "as C does")]
    let cut = value as i32;
    cut.into()
}

const MAX_DIMENSIONS: usize = 6;

struct Array<'t> {
    characters: &'t [char],
    at: usize,
    mark: char,
    elements: Vec<Option<String>>,
    empty_levels: bool,
}

impl Array<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// What stands in a pair of braces: the lengths of this level and those below it.
    fn level(&mut self, depth: usize) -> Result<Vec<usize>, SqlState> {
        if depth > MAX_DIMENSIONS {
            return Err(SqlState("54000"));
        }
        self.at += 1;
        self.space();
        if self.peek() == Some('}') {
            self.at += 1;
            self.empty_levels |= depth > 1;
            return Ok(vec![0]);
        }
        let mut below: Option<Vec<usize>> = None;
        let mut count = 0;
        loop {
            self.space();
            let found = if self.peek() == Some('{') {
                self.level(depth + 1)?
            } else {
                let element = self.element()?;
                self.elements.push(element);
                Vec::new()
            };
            count += 1;
            if below.get_or_insert_with(|| found.clone()) != &found {
                return Err(SqlState::INVALID_TEXT);
            }
            self.space();
            match self.peek() {
                Some('}') => break,
                Some(mark) if mark == self.mark => self.at += 1,
                _ => return Err(SqlState::INVALID_TEXT),
            }
        }
        self.at += 1;
        let mut lengths = vec![count];
        lengths.extend(below.unwrap_or_default());
        Ok(lengths)
    }

    /// One element: quoted as a whole or not at all.
    fn element(&mut self) -> Result<Option<String>, SqlState> {
        let mut text = String::new();
        if self.peek() == Some('"') {
            self.at += 1;
            loop {
                let character = self.peek().ok_or(SqlState::INVALID_TEXT)?;
                self.at += 1;
                match character {
                    '"' => return Ok(Some(text)),
                    '\\' => {
                        text.push(self.peek().ok_or(SqlState::INVALID_TEXT)?);
                        self.at += 1;
                    }
                    other => text.push(other),
                }
            }
        }
        let (mut escaped, mut significant) = (false, 0);
        loop {
            match self.peek().ok_or(SqlState::INVALID_TEXT)? {
                '\\' => {
                    text.push(*self.characters.get(self.at + 1).ok_or(SqlState::INVALID_TEXT)?);
                    self.at += 2;
                    escaped = true;
                    significant = text.len();
                }
                '"' | '{' => return Err(SqlState::INVALID_TEXT),
                '}' => break,
                mark if mark == self.mark => break,
                other => {
                    text.push(other);
                    self.at += 1;
                    if !is_space(other) {
                        significant = text.len();
                    }
                }
            }
        }
        text.truncate(significant);
        if text.is_empty() {
            return Err(SqlState::INVALID_TEXT);
        }
        Ok(if !escaped && text.eq_ignore_ascii_case("null") { None } else { Some(text) })
    }
}

/// A field of a row or a bound of a range up to an unquoted mark; `None` where nothing stands there
/// (`range_parse_bound`, `record_in`). And what follows.
fn field<'t>(text: &'t str, marks: &[char]) -> Result<(Option<String>, &'t str), SqlState> {
    if text.starts_with(marks) {
        return Ok((None, text));
    }
    let mut found = String::new();
    let mut quoted = false;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => found.push(characters.next().ok_or(SqlState::INVALID_TEXT)?.1),
            '"' if quoted && text[at + 1..].starts_with('"') => {
                characters.next();
                found.push('"');
            }
            '"' => quoted = !quoted,
            mark if !quoted && marks.contains(&mark) => return Ok((Some(found), &text[at..])),
            other => found.push(other),
        }
    }
    Err(SqlState::INVALID_TEXT)
}

/// `range_parse`: the bounds; none of an empty range.
pub(super) fn range(text: &str) -> Parts {
    let trimmed = trim(text);
    if trimmed.eq_ignore_ascii_case("empty") {
        return Ok(Vec::new());
    }
    let marks = [',', ')', ']'];
    let Some(rest) = trimmed.strip_prefix(['[', '(']) else { return MALFORMED };
    let (lower, rest) = field(rest, &marks)?;
    let Some(rest) = rest.strip_prefix(',') else { return MALFORMED };
    let (upper, rest) = field(rest, &marks)?;
    match rest.strip_prefix([')', ']']) {
        Some("") => Ok(vec![lower, upper]),
        _ => MALFORMED,
    }
}

/// `multirange_in`: the texts of the ranges.
pub(super) fn multirange(text: &str) -> Parts {
    let Some(inner) = trim(text).strip_prefix('{') else { return MALFORMED };
    let mut rest = inner.trim_start_matches(is_space);
    let mut found = Vec::new();
    if let Some(after) = rest.strip_prefix('}') {
        return if after.is_empty() { Ok(found) } else { MALFORMED };
    }
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("empty")) {
            rest = &rest[5..];
        } else if rest.starts_with(['[', '(']) {
            let end = range_length(rest)?;
            found.push(Some(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            return MALFORMED;
        }
        rest = rest.trim_start_matches(is_space);
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None if rest == "}" => return Ok(found),
            None => return MALFORMED,
        }
    }
}

/// How long the range is that a text begins with.
fn range_length(text: &str) -> Result<usize, SqlState> {
    let mut quoted = false;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' => quoted = !quoted,
            ')' | ']' if !quoted => return Ok(at + 1),
            _ => {}
        }
    }
    Err(SqlState::INVALID_TEXT)
}

/// `record_in`: exactly so many fields.
pub(super) fn row(text: &str, count: usize) -> Parts {
    let Some(mut rest) = trim(text).strip_prefix('(') else { return MALFORMED };
    let mut found = Vec::new();
    for index in 0..count {
        if index > 0 {
            rest = rest.strip_prefix(',').ok_or(SqlState::INVALID_TEXT)?;
        }
        let (value, after) = field(rest, &[',', ')'])?;
        found.push(value);
        rest = after;
    }
    if rest == ")" { Ok(found) } else { MALFORMED }
}

/// The bounds of a range stand in order (`make_range`): whole numbers, and decimal ones as far as floating point tells
/// them apart.
pub(super) fn numbers_in_order(bounds: &[Option<String>]) -> Input {
    let number = |bound: &Option<String>| trim(bound.as_deref()?).parse::<i128>().ok();
    let decimal = |bound: &Option<String>| {
        let text = trim(bound.as_deref()?);
        text.parse::<f64>().ok().filter(|value| value.is_finite() && !text.contains(|mark: char| mark.is_alphabetic()))
    };
    let [lower, upper] = bounds else { return Ok(()) };
    let wrong = match (number(lower).zip(number(upper)), decimal(lower).zip(decimal(upper))) {
        (Some((lower, upper)), _) => lower > upper,
        (None, Some((lower, upper))) => lower > upper,
        (None, None) => false,
    };
    if wrong { Err(SqlState("22000")) } else { Ok(()) }
}

/// The same for dates and times, where both are written as ISO 8601 has them.
pub(super) fn times_in_order(bounds: &[Option<String>]) -> Input {
    let shape = |text: &str| -> String {
        text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect()
    };
    let plain = |bound: &Option<String>| {
        let text = trim(bound.as_deref()?).to_owned();
        let shape = shape(&text);
        ["0000-00-00", "0000-00-00 00:00", "0000-00-00 00:00:00"].contains(&shape.as_str()).then_some((shape, text))
    };
    match bounds {
        [lower, upper] => match plain(lower).zip(plain(upper)) {
            // Texts of one shape sort as the times do.
            Some(((left, lower), (right, upper))) if left == right && lower > upper => Err(SqlState("22000")),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Elements that stand between spaces (`int2vectorin`, `oidvectorin`).
pub(super) fn vector(text: &str, mut check: impl FnMut(&str) -> Input) -> Input {
    for element in text.split(is_space).filter(|element| !element.is_empty()) {
        if check(element).is_err() {
            return INVALID;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Option<Vec<String>> {
        let found = array(text, ',', ServerVersion::V18).ok()?;
        Some(found.into_iter().map(|element| element.unwrap_or_else(|| "-".to_owned())).collect())
    }

    #[test]
    fn arrays() {
        for (text, expected) in [
            ("{}", &[][..]),
            (" { 1 , 2 } ", &["1", "2"]),
            (r#"{"a b",NULL,"null",\n}"#, &["a b", "-", "null", "n"]),
            ("{{1,2},{3,4}}", &["1", "2", "3", "4"]),
            ("[0:1][2]={{1,2},{3,4}}", &["1", "2", "3", "4"]),
        ] {
            assert_eq!(
                elements(text).as_deref().map(|found| found.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in
            ["", "1", "{1", "{1,}", "{,1}", "{1}}", "{{1},2}", "{{1,2},{3}}", "{a\"b}", "[2]={1}", "{1} 2", "{\"a}"]
        {
            assert_eq!(elements(text), None, "{text}");
        }
        assert!(
            array("{{},{}}", ',', ServerVersion::V18).is_ok() && array("{{},{}}", ',', ServerVersion::V16).is_err()
        );
        assert_eq!(array("[2:1]={1}", ',', ServerVersion::V15), Err(SqlState("2202E")));
    }

    #[test]
    fn ranges_and_rows() {
        for good in ["empty", " (,) ", "[1,2)", r#"("a,b",c\))"#] {
            assert!(range(good).is_ok(), "{good}");
        }
        for bad in ["", "[1]", "[1,2", "[1,2,3]", "1,2", "empty x", "[1,2) x"] {
            assert!(range(bad).is_err(), "{bad}");
        }
        assert!(multirange("{[1,2), empty , (,)}").is_ok_and(|found| found.len() == 2));
        for bad in ["", "{", "{[1,2)", "{[1,2),}", "{[1,2) [3,4)}", "{1}"] {
            assert!(multirange(bad).is_err(), "{bad}");
        }
        assert_eq!(row(r#"(1,,"a,""b")"#, 3), Ok(vec![Some("1".into()), None, Some("a,\"b".into())]));
        assert!(row("(1,2)", 3).is_err() && row("(1,2,3)", 2).is_err() && row("(1,2) x", 2).is_err());
    }
}
