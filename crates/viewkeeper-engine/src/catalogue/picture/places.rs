//! Where the boxes and bends of a layered graph are, in pixels: each as near to its neighbours as the others in its layer
//! let it; parts that hang together are put beside each other. No text and no colours here.

use super::layers::{Layered, Neighbours, layered};

/// The height of a box.
pub(super) const BOX: i64 = 46;
/// The height that an arrow takes where it passes a layer.
const BEND: i64 = 10;
/// The least distance between two in one layer; arrows that pass together may be nearer.
const GAP: i64 = 14;
const GAP_OF_BENDS: i64 = 4;
/// The distance between layers, where the arrows are.
const BETWEEN: i64 = 76;
/// The distance between parts.
const APART: i64 = 36;
/// Parts are put beside each other up to this width.
const WIDE: i64 = 1300;
/// How often boxes are moved towards their neighbours.
const SWEEPS: usize = 6;

/// A box: its left edge, its middle, its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
}

/// A graph with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) width: i64,
    pub(super) height: i64,
    /// One for each vertex of the graph.
    pub(super) boxes: Vec<Spot>,
    /// For each arrow the spots that it passes, from left to right, both ends included.
    pub(super) arrows: Vec<Vec<Spot>>,
}

/// Places a graph whose boxes have the given widths.
pub(super) fn placed(widths: &[i64], arrows: &[(usize, usize)]) -> Placed {
    let mut whole = Placed {
        width: 0,
        height: 0,
        boxes: vec![Spot::default(); widths.len()],
        arrows: vec![Vec::new(); arrows.len()],
    };
    let parts: Vec<(Part, Placed)> = parts(widths.len(), arrows)
        .into_iter()
        .map(|part| {
            let widths: Vec<i64> = part.vertices.iter().map(|vertex| widths[*vertex]).collect();
            let placed = place_part(&widths, &part.arrows);
            (part, placed)
        })
        .collect();
    let limit = parts.iter().map(|(_, placed)| placed.width).max().unwrap_or(0).max(WIDE);
    let (mut left, mut top, mut shelf) = (0, 0, 0);
    for (part, placed) in parts {
        if left > 0 && left + placed.width > limit {
            (left, top, shelf) = (0, top + shelf + APART, 0);
        }
        let moved = |spot: Spot| Spot { x: spot.x + left, y: spot.y + top, ..spot };
        for (vertex, spot) in part.vertices.iter().zip(placed.boxes) {
            whole.boxes[*vertex] = moved(spot);
        }
        for (arrow, spots) in part.numbers.iter().zip(placed.arrows) {
            whole.arrows[*arrow] = spots.into_iter().map(moved).collect();
        }
        shelf = shelf.max(placed.height);
        whole.width = whole.width.max(left + placed.width);
        whole.height = whole.height.max(top + shelf);
        left += placed.width + APART;
    }
    whole
}

/// What hangs together.
struct Part {
    vertices: Vec<usize>,
    /// Between places in `vertices`.
    arrows: Vec<(usize, usize)>,
    /// Which arrows of the whole they are.
    numbers: Vec<usize>,
}

/// The largest first, then by their first vertices.
fn parts(count: usize, arrows: &[(usize, usize)]) -> Vec<Part> {
    let mut beside = vec![Vec::new(); count];
    for (from, to) in arrows {
        beside[*from].push(*to);
        beside[*to].push(*from);
    }
    let mut part_of = vec![None; count];
    let mut parts: Vec<Part> = Vec::new();
    for start in 0..count {
        let mut open = vec![start];
        let number = parts.len();
        let mut vertices = Vec::new();
        while let Some(vertex) = open.pop() {
            if part_of[vertex].is_none() {
                part_of[vertex] = Some(number);
                vertices.push(vertex);
                open.extend(&beside[vertex]);
            }
        }
        if !vertices.is_empty() {
            vertices.sort_unstable();
            parts.push(Part { vertices, arrows: Vec::new(), numbers: Vec::new() });
        }
    }
    for (number, (from, to)) in arrows.iter().enumerate() {
        let Some(part) = part_of[*from].and_then(|part| parts.get_mut(part)) else { continue };
        if let (Ok(from), Ok(to)) = (part.vertices.binary_search(from), part.vertices.binary_search(to)) {
            part.arrows.push((from, to));
            part.numbers.push(number);
        }
    }
    parts.sort_by_key(|part| (std::cmp::Reverse(part.vertices.len()), part.vertices.first().copied()));
    parts
}

fn place_part(widths: &[i64], arrows: &[(usize, usize)]) -> Placed {
    let Layered { layers, paths } = layered(widths.len(), arrows);
    let vertices = layers.iter().map(Vec::len).sum();
    let neighbours = Neighbours::new(vertices, &paths);
    let height = |vertex: usize| if vertex < widths.len() { BOX } else { BEND };
    let ys = heights(&layers, &neighbours, height);
    let mut spots = vec![Spot::default(); vertices];
    let mut x = 0;
    for layer in &layers {
        // All boxes of a layer are as wide as the widest.
        let width = layer.iter().filter_map(|vertex| widths.get(*vertex)).copied().max().unwrap_or(0);
        for vertex in layer {
            spots[*vertex] = Spot { x, y: ys[*vertex], width };
        }
        x += width + BETWEEN;
    }
    let bottom = (0..vertices).map(|vertex| ys[vertex] + height(vertex) / 2).max().unwrap_or(0);
    Placed {
        width: (x - BETWEEN).max(0),
        height: bottom,
        arrows: paths.iter().map(|path| path.iter().map(|vertex| spots[*vertex]).collect()).collect(),
        boxes: spots.into_iter().take(widths.len()).collect(),
    }
}

/// The middles of all vertices, from top to bottom.
fn heights(layers: &[Vec<usize>], neighbours: &Neighbours, height: impl Fn(usize) -> i64) -> Vec<i64> {
    let mut ys = vec![0; neighbours.left.len()];
    let distance = |a: usize, b: usize| {
        let gap = if height(a) == BEND && height(b) == BEND { GAP_OF_BENDS } else { GAP };
        (height(a) + height(b)) / 2 + gap
    };
    for layer in layers {
        let mut y = 0;
        let mut before = None;
        for vertex in layer {
            y += before.map_or(0, |before| distance(before, *vertex));
            ys[*vertex] = y;
            before = Some(*vertex);
        }
    }
    for sweep in 0..SWEEPS {
        let numbers: Vec<usize> =
            if sweep % 2 == 0 { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for number in numbers {
            let layer = &layers[number];
            let wanted: Vec<i64> = layer
                .iter()
                .map(|vertex| {
                    let (left, right) = (&neighbours.left[*vertex], &neighbours.right[*vertex]);
                    let beside: Vec<usize> = match (sweep + 1 == SWEEPS, sweep % 2 == 0) {
                        (true, _) => left.iter().chain(right).copied().collect(),
                        (false, true) => left.clone(),
                        (false, false) => right.clone(),
                    };
                    mean(beside.iter().map(|other| ys[*other])).unwrap_or(ys[*vertex])
                })
                .collect();
            for (vertex, y) in layer.iter().zip(apart(layer, &wanted, distance)) {
                ys[*vertex] = y;
            }
        }
    }
    let top = ys.iter().enumerate().map(|(vertex, y)| y - height(vertex) / 2).min().unwrap_or(0);
    ys.iter().map(|y| y - top).collect()
}

/// The places nearest to the wanted ones that keep order and distance: neighbours that would come too near are moved as
/// one block, to the mean of what its members want (pool adjacent violators).
fn apart(layer: &[usize], wanted: &[i64], distance: impl Fn(usize, usize) -> i64) -> Vec<i64> {
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0;
    for (number, vertex) in layer.iter().enumerate() {
        if let Some(before) = number.checked_sub(1).and_then(|before| layer.get(before)) {
            offset += distance(*before, *vertex);
        }
        offsets.push(offset);
    }
    // Sum and count of what the members of each block want.
    let mut blocks: Vec<(i64, i64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut block = (wanted - offset, 1);
        while let Some(before) = blocks.pop_if(|before| before.0 * block.1 >= block.0 * before.1) {
            block = (before.0 + block.0, before.1 + block.1);
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|(sum, count)| (0..*count).map(move |_| sum.div_euclid(*count)));
    starts.zip(&offsets).map(|(start, offset)| start + offset).collect()
}

fn mean(numbers: impl Iterator<Item = i64>) -> Option<i64> {
    let (sum, count) = numbers.fold((0, 0), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| i64::div_euclid(sum, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diamond_is_one() {
        let placed = placed(&[100, 120, 80, 60], &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        let [top, upper, lower, end] = placed.boxes[..] else { panic!("{placed:?}") };
        assert_eq!((top.x, upper.x, end.x), (0, 176, 372));
        assert_eq!((upper.width, lower.width), (120, 120));
        assert_eq!((upper.y, lower.y), (23, 83));
        assert_eq!((top.y, end.y), (53, 53));
        assert_eq!((placed.width, placed.height), (432, 106));
    }

    #[test]
    fn nothing_overlaps() {
        // Every third vertex reads every vertex that divides its number.
        let count = 60;
        let arrows: Vec<(usize, usize)> =
            (2..count).flat_map(|b| (1..b).filter(move |a| b % a == 0 && b % 3 == 0).map(move |a| (a, b))).collect();
        let placed = placed(&vec![90; count], &arrows);
        for (number, a) in placed.boxes.iter().enumerate() {
            assert!(a.y - BOX / 2 >= 0 && a.y + BOX / 2 <= placed.height && a.x + a.width <= placed.width);
            for b in placed.boxes.iter().skip(number + 1) {
                assert!((a.x - b.x).abs() >= 90 || (a.y - b.y).abs() >= BOX, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn those_that_want_the_same_place_share_it_evenly() {
        assert_eq!(apart(&[0, 1, 2], &[50, 50, 200], |_, _| 20), [40, 60, 200]);
    }
}
