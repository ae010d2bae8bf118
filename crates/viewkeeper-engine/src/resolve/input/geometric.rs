//! The input functions of points, lines, boxes, paths, polygons and circles (`geo_ops.c`).

use super::Input;
use super::number::{FloatPrefix, SPACES, float_prefix};
use crate::diagnostic::SqlState;

/// Which shape is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Point,
    Segment,
    Line,
    Box,
    Path,
    Polygon,
    Circle,
}

/// Why reading ends before the text does.
enum Stop {
    Refused(SqlState),
    /// A number that is the C library's matter: the server will say what it is.
    Unsure,
}

const MALFORMED: Stop = Stop::Refused(SqlState::INVALID_TEXT);

type Read<T> = Result<T, Stop>;

/// What `FPzero` takes for nothing.
const EPSILON: f64 = 1e-6;

/// The input function of a shape.
pub(super) fn read(text: &str, shape: Shape) -> Input {
    let mut reader = Reader { rest: text };
    let read = match shape {
        Shape::Point => reader.pair().and_then(|_| reader.end()),
        Shape::Segment => reader.corners(Open::Taken, 2).and_then(|_| reader.end()),
        Shape::Box => reader.corners(Open::Refused, 2).and_then(|_| reader.end()),
        Shape::Line => reader.line(),
        Shape::Path => reader.path(),
        Shape::Polygon => {
            pair_count(text).and_then(|count| reader.corners(Open::Refused, count)).and_then(|_| reader.end())
        }
        Shape::Circle => reader.circle(),
    };
    match read {
        Err(Stop::Refused(code)) => Err(code),
        Ok(()) | Err(Stop::Unsure) => Ok(()),
    }
}

/// Whether `[` may stand where `(` does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Taken,
    Refused,
}

/// `pair_count`: from the commas of the whole text.
fn pair_count(text: &str) -> Read<usize> {
    let commas = text.matches(',').count();
    if commas % 2 == 1 { Ok(commas.div_ceil(2)) } else { Err(MALFORMED) }
}

type Point = (f64, f64);

/// `point_eq_point`
fn is_same_point(left: Point, right: Point) -> bool {
    let exact = left.0.is_nan() || left.1.is_nan() || right.0.is_nan() || right.1.is_nan();
    #[allow(clippy::float_cmp, reason = "as the server does")]
    let same = |left: f64, right: f64| {
        if exact {
            left == right || left.is_nan() && right.is_nan()
        } else {
            left == right || (left - right).abs() <= EPSILON
        }
    };
    same(left.0, right.0) && same(left.1, right.1)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = after_space(self.rest);
    }

    fn take(&mut self, mark: char) -> bool {
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn require(&mut self, mark: char) -> Read<()> {
        if self.take(mark) { Ok(()) } else { Err(MALFORMED) }
    }

    fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(MALFORMED) }
    }

    /// `float8in_internal`, which passes over white space on both sides.
    fn number(&mut self) -> Read<f64> {
        self.space();
        match float_prefix(self.rest) {
            FloatPrefix::Number(value, rest) => {
                self.rest = after_space(rest);
                Ok(value)
            }
            FloatPrefix::OutOfRange => Err(Stop::Refused(SqlState::OUT_OF_RANGE)),
            FloatPrefix::None => Err(MALFORMED),
            FloatPrefix::Platform => Err(Stop::Unsure),
        }
    }

    /// `pair_decode`
    fn pair(&mut self) -> Read<Point> {
        self.space();
        let delimited = self.take('(');
        let x = self.number()?;
        self.require(',')?;
        let y = self.number()?;
        if delimited {
            self.require(')')?;
            self.space();
        }
        Ok((x, y))
    }

    /// `path_decode`
    fn corners(&mut self, open: Open, count: usize) -> Read<Vec<Point>> {
        let mut depth = 0;
        self.space();
        let is_open = self.rest.starts_with('[');
        if is_open {
            if open == Open::Refused {
                return Err(MALFORMED);
            }
            depth += 1;
            self.take('[');
        } else if let Some(inner) = self.rest.strip_prefix('(') {
            // A parenthesis around all pairs: another one follows at once, or there is no other.
            let after = after_space(inner);
            if after.starts_with('(') || !inner.contains('(') {
                depth += 1;
                self.rest = after;
            }
        }
        let mut points = Vec::new();
        for _ in 0..count {
            points.push(self.pair()?);
            self.take(',');
        }
        while depth > 0 {
            if !(self.take(')') || is_open && depth == 1 && self.take(']')) {
                return Err(MALFORMED);
            }
            depth -= 1;
            self.space();
        }
        Ok(points)
    }

    /// `line_in`
    fn line(&mut self) -> Read<()> {
        self.space();
        if !self.take('{') {
            let points = self.corners(Open::Taken, 2)?;
            self.end()?;
            return match points[..] {
                [first, second] if is_same_point(first, second) => Err(MALFORMED),
                _ => Ok(()),
            };
        }
        let a = self.number()?;
        self.require(',')?;
        let b = self.number()?;
        self.require(',')?;
        self.number()?;
        self.require('}')?;
        self.space();
        self.end()?;
        if a.abs() <= EPSILON && b.abs() <= EPSILON { Err(MALFORMED) } else { Ok(()) }
    }

    /// `path_in`
    fn path(&mut self) -> Read<()> {
        let count = pair_count(self.rest)?;
        self.space();
        let delimited = self.rest.strip_prefix('(').is_some_and(|inner| !inner.contains('(')) && self.take('(');
        self.corners(Open::Taken, count)?;
        if delimited {
            self.require(')')?;
            self.space();
        }
        self.end()
    }

    /// `circle_in`
    fn circle(&mut self) -> Read<()> {
        let mut depth = 0;
        self.space();
        if self.take('<') {
            depth += 1;
        } else if let Some(inner) = self.rest.strip_prefix('(') {
            let after = after_space(inner);
            if after.starts_with('(') {
                depth += 1;
                self.rest = after;
            }
        }
        self.pair()?;
        self.take(',');
        if self.number()? < 0.0 {
            return Err(MALFORMED);
        }
        while depth > 0 {
            if !(self.take(')') || depth == 1 && self.take('>')) {
                return Err(MALFORMED);
            }
            depth -= 1;
            self.space();
        }
        self.end()
    }
}

fn after_space(text: &str) -> &str {
    text.trim_start_matches(SPACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (shape, good, bad) in [
            (Shape::Point, "(1,2)|1,2| ( 1 , 2 ) ", "|1|(1,2|1,2)|(1,2)x|(1,2,3)|[1,2]"),
            (Shape::Segment, "[(1,2),(3,4)]|(1,2),(3,4)|1,2,3,4|((1,2),(3,4))|(1,2,3,4)", "(1,2)|[(1,2),(3,4)|[(1,2)]"),
            (Shape::Box, "(1,2),(3,4)|1,2,3,4|((1,2),(3,4))", "[(1,2),(3,4)]|(1,2),(3,4),(5,6)"),
            (Shape::Line, "{1,2,3}|[(1,2),(3,4)]|(1,2),(3,4)", "{0,0,1}|{1,2}|(1,2),(1,2)|{1,2,3} x"),
            (Shape::Path, "[(1,2),(3,4)]|((1,2))|1,2,3,4|(1,2,3,4)", "[]|(1,2,3)|[(1,2)|(1,2),(3,4)x"),
            (Shape::Polygon, "((1,2),(3,4))|(1,2)|1,2", "[(1,2)]|(1,2,3)|"),
            (Shape::Circle, "<(1,2),3>|((1,2),3)|(1,2),3|1,2,3|<(1,2),NaN>", "<(1,2),-1>|<(1,2)>|(1,2,3"),
        ] {
            for text in good.split('|') {
                assert_eq!(read(text, shape), Ok(()), "{shape:?} {text}");
            }
            for text in bad.split('|') {
                assert!(read(text, shape).is_err(), "{shape:?} {text}");
            }
        }
        assert_eq!(read("(1e400,2)", Shape::Point), Err(SqlState::OUT_OF_RANGE));
    }
}
