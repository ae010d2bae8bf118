//! PostgreSQL's geometric types. What one does with them is left to libraries.

use bytes::BufMut;

use super::BoxedError;
use super::cursor::{Cursor, wire};

/// A `point`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Upwards.
    pub y: f64,
}

impl Point {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, BoxedError> {
        Ok(Self { x: cursor.f64()?, y: cursor.f64()? })
    }

    fn read_all(cursor: &mut Cursor<'_>) -> Result<Vec<Self>, BoxedError> {
        let mut points = Vec::new();
        for _ in 0..cursor.count()? {
            points.push(Self::read(cursor)?);
        }
        Ok(points)
    }

    fn write(self, out: &mut bytes::BytesMut) {
        out.put_f64(self.x);
        out.put_f64(self.y);
    }
}

wire!(Point, POINT, |cursor| Self::read(&mut cursor)?, |value, out| {
    value.write(out);
});

/// A `line`: where `a`·x + `b`·y + `c` = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Factor of x.
    pub a: f64,
    /// Factor of y.
    pub b: f64,
    /// What is added.
    pub c: f64,
}

wire!(Line, LINE, |cursor| Self { a: cursor.f64()?, b: cursor.f64()?, c: cursor.f64()? }, |value, out| {
    out.put_f64(value.a);
    out.put_f64(value.b);
    out.put_f64(value.c);
});

/// An `lseg`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineSegment {
    /// One end.
    pub start: Point,
    /// The other.
    pub end: Point,
}

wire!(
    LineSegment,
    LSEG,
    |cursor| Self { start: Point::read(&mut cursor)?, end: Point::read(&mut cursor)? },
    |value, out| {
        value.start.write(out);
        value.end.write(out);
    }
);

/// A `box`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    /// The corner at the upper right.
    pub high: Point,
    /// The corner at the lower left.
    pub low: Point,
}

wire!(
    Rectangle,
    BOX,
    |cursor| Self { high: Point::read(&mut cursor)?, low: Point::read(&mut cursor)? },
    |value, out| {
        value.high.write(out);
        value.low.write(out);
    }
);

/// A `path`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Whether its last point is joined to its first.
    pub closed: bool,
    /// Its points in order.
    pub points: Vec<Point>,
}

wire!(Path, PATH, |cursor| Self { closed: cursor.u8()? != 0, points: Point::read_all(&mut cursor)? }, |value, out| {
    out.put_u8(u8::from(value.closed));
    out.put_i32(i32::try_from(value.points.len())?);
    value.points.iter().for_each(|point| point.write(out));
});

/// A `polygon`.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// Its corners in order.
    pub points: Vec<Point>,
}

wire!(Polygon, POLYGON, |cursor| Self { points: Point::read_all(&mut cursor)? }, |value, out| {
    out.put_i32(i32::try_from(value.points.len())?);
    value.points.iter().for_each(|point| point.write(out));
});

/// A `circle`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Its middle.
    pub center: Point,
    /// How far it reaches.
    pub radius: f64,
}

wire!(Circle, CIRCLE, |cursor| Self { center: Point::read(&mut cursor)?, radius: cursor.f64()? }, |value, out| {
    value.center.write(out);
    out.put_f64(value.radius);
});
