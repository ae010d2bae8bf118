//! A drawing as SVG text that stands in a page: boxes are links, and what is drawn is said in words too. Colours are the
//! page's style sheet's.

use std::fmt::Write as _;

use super::super::html::esc;
use super::places::{BOX, Spot, placed};

/// What a box looks like: a class of the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Look {
    Table,
    View,
    MaterializedView,
    Function,
    /// What stands for relations that are left out.
    Fold,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Shape {
    pub(in super::super) look: Look,
    /// Its name.
    pub(in super::super) name: String,
    /// The line below the name: what it is, and where.
    pub(in super::super) below: String,
    /// Where it leads.
    pub(in super::super) link: String,
    /// Whether it is what the page is about.
    pub(in super::super) is_this: bool,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Drawing {
    pub(in super::super) title: String,
    /// The same in words.
    pub(in super::super) words: String,
    pub(in super::super) shapes: Vec<Shape>,
    /// From what is read to what reads it.
    pub(in super::super) arrows: Vec<(usize, usize)>,
    /// What is left out.
    pub(in super::super) note: Option<String>,
}

/// Space around everything.
const MARGIN: i64 = 12;
/// Space beside the text of a box.
const PADDING: i64 = 14;
/// How many characters of a name are shown.
const LONGEST: usize = 34;

/// The drawing as an `svg` element.
pub(in super::super) fn svg(drawing: &Drawing) -> String {
    let widths: Vec<i64> = drawing.shapes.iter().map(width).collect();
    let placed = placed(&widths, &drawing.arrows);
    let note = if drawing.note.is_some() { 30 } else { 0 };
    let note_width = drawing.note.as_deref().map_or(0, |note| pixels(cells(note), 72));
    let (width, height) = (placed.width.max(note_width) + 2 * MARGIN, placed.height + 2 * MARGIN + note);
    let mut text = String::new();
    let _ = write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lineage\" role=\"group\" \
         aria-labelledby=\"picture-title picture-words\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" style=\"min-width:{}px;max-width:{width}px\">\n<title id=\"picture-title\">{}</title>\n\
         <desc id=\"picture-words\">{}</desc>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
         markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\"/></marker></defs>\n",
        width * 7 / 10,
        esc(&drawing.title),
        esc(&drawing.words)
    );
    for ((from, to), spots) in drawing.arrows.iter().zip(&placed.arrows) {
        let is_this = |number: &usize| drawing.shapes.get(*number).is_some_and(|shape| shape.is_this);
        let class = if is_this(from) || is_this(to) { "arrow near" } else { "arrow" };
        // One that leads back, in a circle, begins at its right end.
        let back = placed.boxes.get(*from).zip(placed.boxes.get(*to)).is_some_and(|(from, to)| from.x > to.x);
        let tip = if back { "marker-start" } else { "marker-end" };
        let _ =
            writeln!(text, "<path class=\"{class}\" aria-hidden=\"true\" d=\"{}\" {tip}=\"url(#tip)\"/>", curve(spots));
    }
    for (shape, spot) in drawing.shapes.iter().zip(&placed.boxes) {
        text.push_str(&shape_text(shape, *spot));
    }
    if let Some(note) = &drawing.note {
        let y = height - MARGIN;
        let _ = writeln!(text, "<text class=\"note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", esc(note));
    }
    text.push_str("</svg>\n");
    text
}

fn shape_text(shape: &Shape, spot: Spot) -> String {
    let (x, y) = (spot.x + MARGIN, spot.y + MARGIN - BOX / 2);
    let look = match shape.look {
        Look::Table => "table",
        Look::View => "view",
        Look::MaterializedView => "materialized",
        Look::Function => "function",
        Look::Fold => "fold",
    };
    let (this, current) = if shape.is_this { (" this", " aria-current=\"page\"") } else { ("", "") };
    let words = format!("{} ({})", shape.name, shape.below);
    let (words, below) = (esc(&words), esc(&shape.below));
    format!(
        "<a class=\"shape {look}{this}\" href=\"{}\" aria-label=\"{words}\"{current}><title>{words}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{BOX}\" rx=\"6\"/>\
         <text class=\"name\" x=\"{left}\" y=\"{}\">{}</text><text class=\"kind\" x=\"{left}\" y=\"{}\">{below}</text></a>\n",
        shape.link,
        spot.width,
        y + 20,
        esc(&shortened(&shape.name)),
        y + 36,
        left = x + PADDING,
    )
}

/// From the right edge of the first to the left edge of the last, level where it passes a layer.
fn curve(spots: &[Spot]) -> String {
    let mut text = String::new();
    let mut at = None;
    let last = spots.len().saturating_sub(1);
    for (number, spot) in spots.iter().enumerate() {
        let (left, right, y) = (spot.x + MARGIN, spot.x + spot.width + MARGIN, spot.y + MARGIN);
        match at {
            None => {
                let _ = write!(text, "M{right} {y}");
            }
            Some((x, before)) => {
                let middle = (x + left) / 2;
                let _ = write!(text, "C{middle} {before} {middle} {y} {left} {y}");
                if number < last {
                    let _ = write!(text, "H{right}");
                }
            }
        }
        at = Some((right, y));
    }
    text
}

fn width(shape: &Shape) -> i64 {
    pixels(cells(&shortened(&shape.name)), 79).max(pixels(cells(&shape.below), 67)).max(70) + 2 * PADDING
}

/// The width of characters of the same width, given in tenths of pixels.
fn pixels(cells: usize, tenths: i64) -> i64 {
    (i64::try_from(cells).unwrap_or(0) * tenths + 9) / 10
}

/// How many columns a terminal would need, or more: wide letters take two.
fn cells(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}

/// A name with its middle left out where it is too long: names that begin alike end differently.
fn shortened(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    if cells(name) <= LONGEST {
        return name.to_owned();
    }
    let keep = |characters: &mut dyn Iterator<Item = char>, most: usize| {
        let mut kept = Vec::new();
        let mut used = 0;
        for c in characters {
            used += if c < '\u{1100}' { 1 } else { 2 };
            if used > most {
                break;
            }
            kept.push(c);
        }
        kept
    };
    let begin = keep(&mut characters.iter().copied(), LONGEST / 2);
    let mut end = keep(&mut characters.iter().rev().copied(), LONGEST / 2 - 1);
    end.reverse();
    begin.into_iter().chain(['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_beginning_and_their_end() {
        assert_eq!(shortened("short"), "short");
        let long = shortened("monthly_recurring_revenue_by_customer_segment_and_region_v2");
        assert_eq!(long, "monthly_recurring…nt_and_region_v2");
        assert!(cells(&shortened(&"日本".repeat(20))) <= LONGEST + 1);
    }
}
