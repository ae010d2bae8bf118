//! Lineage pictures: what of the network is drawn around a relation or of the whole project, and what is left out where
//! it would be too much. Layers and places are `layers`' and `places`', the text is `svg`'s.

mod layers;
mod places;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use svg::{Drawing, Look, Shape, svg};

use super::address::{INDEX, Place};
use super::html::counted;
use super::network::Direction;
use super::site::Site;
use crate::catalog::RelationKind;
use crate::name::quote_ident;

/// How many relations and functions are drawn around one on either side, and how many more where the other side has few.
const MOST_BESIDE: usize = 22;
/// How many relations the picture of the whole project may have.
pub(super) const MOST_IN_ALL: usize = 150;

/// What a relation reads down to tables, and what reads it.
pub(super) fn around(site: &Site<'_>, this: usize, from: Place) -> Drawing {
    let (up, down) = (site.network.reached(this, Direction::Up), site.network.reached(this, Direction::Down));
    let spare = |other: usize| MOST_BESIDE + MOST_BESIDE.saturating_sub(other);
    let (shown_up, shown_down) = (up.len().min(spare(down.len())), down.len().min(spare(up.len())));
    let nearest = |reached: &[(usize, usize)], most: usize| -> Vec<usize> {
        reached.iter().take(most).map(|(number, _)| *number).collect()
    };
    let (above, below) = (nearest(&up, shown_up), nearest(&down, shown_down));
    let mut members: BTreeSet<usize> = above.iter().chain(&below).copied().collect();
    members.insert(this);
    let mut drawing = between(site, &members, Some(this), from);
    let numbers: BTreeMap<usize, usize> = members.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    for (reached, shown, direction) in [(&up, shown_up, Direction::Up), (&down, shown_down, Direction::Down)] {
        let hidden: BTreeSet<usize> = reached.iter().skip(shown).map(|(number, _)| *number).collect();
        fold(site, &mut drawing, &numbers, &hidden, direction);
    }
    let name = site.entries.get(this).map(|entry| site.shown(&entry.name)).unwrap_or_default();
    drawing.title = format!("Lineage of {name}");
    drawing.words = format!(
        "{name} reads {} and is read by {}: relations and functions, directly or through others. They are listed below the \
         picture.",
        up.len(),
        down.len(),
    );
    let hidden = up.len() + down.len() - shown_up - shown_down;
    drawing.note = (hidden > 0).then(|| {
        format!(
            "Only the nearest {} of {} are drawn; the lists below name all.",
            members.len() - 1,
            up.len() + down.len()
        )
    });
    drawing
}

/// Everything that reads or is read; what is neither is left to the page.
pub(super) fn whole(site: &Site<'_>, from: Place) -> Drawing {
    let network = &site.network;
    let is_joined = |number: &usize| {
        [Direction::Up, Direction::Down].iter().any(|direction| !network.next(*number, *direction).is_empty())
    };
    let members = (0..network.len()).filter(is_joined).collect();
    let mut drawing = between(site, &members, None, from);
    drawing.title = "Lineage of the whole project".to_owned();
    drawing.words = format!(
        "{} with {} between them, from what is read on the left to what reads on the right.",
        counted(drawing.shapes.len(), "relation or function", "relations and functions"),
        counted(drawing.arrows.len(), "arrow", "arrows"),
    );
    drawing
}

fn between(site: &Site<'_>, members: &BTreeSet<usize>, this: Option<usize>, from: Place) -> Drawing {
    let numbers: BTreeMap<usize, usize> = members.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let mut drawing = Drawing::default();
    for member in members {
        let mut shape = shape(site, *member, from);
        shape.is_this = Some(*member) == this;
        drawing.shapes.push(shape);
        let read = site.network.next(*member, Direction::Up).iter();
        let reader = numbers.get(member);
        drawing.arrows.extend(read.filter_map(|read| Some((*numbers.get(read)?, *reader?))));
    }
    drawing.arrows.sort_unstable();
    drawing
}

/// A box that stands for those on one side that are not drawn.
fn fold(
    site: &Site<'_>,
    drawing: &mut Drawing,
    numbers: &BTreeMap<usize, usize>,
    hidden: &BTreeSet<usize>,
    direction: Direction,
) {
    if hidden.is_empty() {
        return;
    }
    let fold = drawing.shapes.len();
    let (below, link, back) = match direction {
        Direction::Up => ("further up", "#reads", Direction::Down),
        Direction::Down => ("further down", "#read-by", Direction::Up),
    };
    drawing.shapes.push(Shape {
        look: Look::Fold,
        name: format!("… {} more", hidden.len()),
        below: below.to_owned(),
        link: link.to_owned(),
        is_this: false,
    });
    let beside: BTreeSet<usize> = hidden
        .iter()
        .flat_map(|number| site.network.next(*number, back))
        .filter_map(|number| numbers.get(number).copied())
        .collect();
    drawing.arrows.extend(beside.into_iter().map(|number| match direction {
        Direction::Up => (fold, number),
        Direction::Down => (number, fold),
    }));
}

fn shape(site: &Site<'_>, number: usize, from: Place) -> Shape {
    let within = |schema: &str, what: &str| match site.is_home(schema) {
        true => what.to_owned(),
        false => format!("{what} in {}", quote_ident(schema)),
    };
    let mut shape =
        Shape { look: Look::Function, name: String::new(), below: String::new(), link: from.to(INDEX), is_this: false };
    if let Some(entry) = site.entries.get(number) {
        shape.look = match entry.row.kind {
            RelationKind::View => Look::View,
            RelationKind::MaterializedView => Look::MaterializedView,
            _ => Look::Table,
        };
        shape.name = quote_ident(&entry.name.name).into_owned();
        shape.below = within(&entry.name.schema, entry.told.kind);
        shape.link = from.to(&entry.page);
    } else if let Some(id) = site.network.routine(number) {
        shape.name = quote_ident(id.name()).into_owned();
        shape.below = within(id.schema().unwrap_or_default(), id.word());
        shape.link = site.object_address(from, id).unwrap_or(shape.link);
    }
    shape
}
