//! Lines in the text format of `COPY`, and the fields in them.

use viewkeeper_engine::catalog::Oid;

use super::Outcome;
use crate::Error;

/// One row; `None` is NULL.
pub(super) struct Line(Vec<Option<String>>);

impl Line {
    pub(super) fn text(&self, at: usize) -> Outcome<&str> {
        self.optional(at).ok_or_else(|| Error::new(format!("there is no field {at} in {:?}", self.0)))
    }

    pub(super) fn optional(&self, at: usize) -> Option<&str> {
        self.0.get(at).and_then(Option::as_deref)
    }

    pub(super) fn number<T: std::str::FromStr<Err: std::error::Error>>(&self, at: usize) -> Outcome<T> {
        number(self.text(at)?)
    }

    pub(super) fn oid(&self, at: usize) -> Outcome<Oid> {
        Ok(Oid(self.number(at)?))
    }

    pub(super) fn flag(&self, at: usize) -> Outcome<bool> {
        Ok(self.text(at)? == "t")
    }

    pub(super) fn letter<T: Copy>(&self, at: usize, known: &[(&str, T)]) -> Outcome<T> {
        one_of(self.text(at)?, known)
    }
}

pub(super) fn number<T: std::str::FromStr<Err: std::error::Error>>(text: &str) -> Outcome<T> {
    text.parse().map_err(|error: T::Err| Error::new(format!("`{text}` is no number here: {error}")))
}

pub(super) fn one_of<T: Copy>(letter: &str, known: &[(&str, T)]) -> Outcome<T> {
    let found = known.iter().find(|(name, _)| *name == letter).map(|(_, value)| *value);
    found.ok_or_else(|| Error::new(format!("the letter `{letter}` of a catalog row is not known")))
}

/// The lines of a text in the format.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let field =
        |field: &str| (field != "\\N").then(|| field.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\"));
    text.lines().map(|line| Line(line.split('\t').map(field).collect())).collect()
}

/// The elements of an array's text form: `{a,"b c",NULL}`.
pub(super) fn elements(text: &str) -> Vec<String> {
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    if inner.is_empty() {
        return Vec::new();
    }
    let (mut elements, mut element, mut quoted) = (Vec::new(), String::new(), false);
    for character in inner.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => elements.push(std::mem::take(&mut element)),
            other => element.push(other),
        }
    }
    elements.push(element);
    elements
}
