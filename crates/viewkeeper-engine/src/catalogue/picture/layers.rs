//! Layers of a directed graph, left to right, and an order in each layer with few crossings: longest paths, then
//! barycentres. Numbers only; sizes and places are `places`'s.
//!
//! The crates that draw layered graphs order by hash or panic on what they do not expect; the same picture has to come
//! out on every machine.

/// How often the layers are ordered by their neighbours; more changes little.
const SWEEPS: usize = 8;

/// A layered graph. The first vertices are the graph's own, the others are the bends of arrows that pass through layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layered {
    /// The vertices of each layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// The vertices that each arrow passes, from left to right.
    pub(super) paths: Vec<Vec<usize>>,
}

/// Puts a graph of `count` vertices into layers: arrows lead to the right. Where they lead in a circle, one of them leads
/// back.
pub(super) fn layered(count: usize, arrows: &[(usize, usize)]) -> Layered {
    let layer = layer_of_each(count, arrows);
    let mut layers = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
    for (vertex, layer) in layer.iter().enumerate() {
        layers[*layer].push(vertex);
    }
    let mut next = count;
    let mut paths = Vec::new();
    for (from, to) in arrows {
        let (left, right) = if layer[*from] <= layer[*to] { (*from, *to) } else { (*to, *from) };
        let mut path = vec![left];
        for bends in layers.iter_mut().take(layer[right]).skip(layer[left] + 1) {
            bends.push(next);
            path.push(next);
            next += 1;
        }
        path.push(right);
        paths.push(path);
    }
    let neighbours = Neighbours::new(next, &paths);
    Layered { layers: with_few_crossings(layers, &neighbours), paths }
}

/// The neighbours of each vertex in the layers beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Neighbours {
    pub(super) left: Vec<Vec<usize>>,
    pub(super) right: Vec<Vec<usize>>,
}

impl Neighbours {
    pub(super) fn new(vertices: usize, paths: &[Vec<usize>]) -> Self {
        let mut neighbours = Self { left: vec![Vec::new(); vertices], right: vec![Vec::new(); vertices] };
        for (a, b) in paths.iter().flat_map(|path| path.iter().zip(path.iter().skip(1))) {
            neighbours.right[*a].push(*b);
            neighbours.left[*b].push(*a);
        }
        neighbours
    }
}

/// The longest way to each vertex; one that nothing leads to stands directly before the first that it leads to.
fn layer_of_each(count: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let order = order(count, arrows);
    let mut place = vec![0; count];
    for (number, vertex) in order.iter().enumerate() {
        place[*vertex] = number;
    }
    let forward = |edge: &&(usize, usize)| place[edge.0] < place[edge.1];
    let mut out = vec![Vec::new(); count];
    let mut has_source = vec![false; count];
    for (from, to) in arrows.iter().filter(forward) {
        out[*from].push(*to);
        has_source[*to] = true;
    }
    let mut layer = vec![0usize; count];
    for vertex in &order {
        for to in &out[*vertex] {
            layer[*to] = layer[*to].max(layer[*vertex] + 1);
        }
    }
    for vertex in order {
        if let (false, Some(first)) = (has_source[vertex], out[vertex].iter().map(|to| layer[*to]).min()) {
            layer[vertex] = first.saturating_sub(1);
        }
    }
    layer
}

/// An order in which arrows lead forward; in a circle the smallest vertex comes first.
fn order(count: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut waits_for = vec![0usize; count];
    let mut out = vec![Vec::new(); count];
    for (from, to) in arrows {
        waits_for[*to] += 1;
        out[*from].push(*to);
    }
    let mut open: std::collections::BTreeSet<usize> = (0..count).collect();
    let mut free: std::collections::BTreeSet<usize> = (0..count).filter(|vertex| waits_for[*vertex] == 0).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(vertex) = free.pop_first().or_else(|| open.first().copied()) {
        open.remove(&vertex);
        order.push(vertex);
        for to in &out[vertex] {
            waits_for[*to] = waits_for[*to].saturating_sub(1);
            if waits_for[*to] == 0 && open.contains(to) {
                free.insert(*to);
            }
        }
    }
    order
}

/// Sweeps to the right and to the left; the best order that was met is taken.
fn with_few_crossings(mut layers: Vec<Vec<usize>>, neighbours: &Neighbours) -> Vec<Vec<usize>> {
    let mut place = vec![0; neighbours.left.len()];
    let write_down = |layer: &[usize], place: &mut Vec<usize>| {
        for (number, vertex) in layer.iter().enumerate() {
            place[*vertex] = number;
        }
    };
    for layer in &layers {
        write_down(layer, &mut place);
    }
    let mut best = (crossings(&layers, neighbours, &place), layers.clone());
    for sweep in 0..SWEEPS {
        if best.0 == 0 {
            break;
        }
        let rightward = sweep % 2 == 0;
        let beside = if rightward { &neighbours.left } else { &neighbours.right };
        let numbers: Vec<usize> =
            if rightward { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for number in numbers {
            let layer = &mut layers[number];
            layer.sort_by_key(|vertex| (barycentre(&beside[*vertex], &place, place[*vertex]), place[*vertex]));
            write_down(layer, &mut place);
        }
        let now = crossings(&layers, neighbours, &place);
        if now < best.0 {
            best = (now, layers.clone());
        }
    }
    best.1
}

/// The mean place of some vertices, in thousandths; without any, its own.
fn barycentre(beside: &[usize], place: &[usize], own: usize) -> usize {
    let sum: usize = beside.iter().map(|vertex| place[*vertex]).sum();
    (sum * 1000).checked_div(beside.len()).unwrap_or(own * 1000)
}

fn crossings(layers: &[Vec<usize>], neighbours: &Neighbours, place: &[usize]) -> usize {
    layers
        .iter()
        .zip(layers.iter().skip(1))
        .map(|(layer, next)| {
            // Ends in the order of beginnings: each pair that is the wrong way round is a crossing.
            let mut ends = Vec::new();
            for vertex in layer {
                let mut of_vertex: Vec<usize> = neighbours.right[*vertex].iter().map(|to| place[*to]).collect();
                of_vertex.sort_unstable();
                ends.extend(of_vertex);
            }
            inversions(&ends, next.len())
        })
        .sum()
}

/// Pairs in the wrong order, counted in a Fenwick tree.
fn inversions(numbers: &[usize], below: usize) -> usize {
    let mut tree = vec![0usize; below + 1];
    let mut found = 0;
    for (before, number) in numbers.iter().enumerate() {
        let mut not_greater = 0;
        let mut node = number + 1;
        while node > 0 {
            not_greater += tree[node];
            node &= node - 1;
        }
        found += before - not_greater;
        let mut node = number + 1;
        while node < tree.len() {
            tree[node] += 1;
            node += node & node.wrapping_neg();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_lead_to_the_right_and_long_ones_have_bends() {
        let graph = layered(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]);
        assert_eq!(graph.layers[0], [0]);
        assert_eq!(graph.paths[2], [0, 4, 2]);
        // What nothing leads to stands beside what reads it.
        assert!(graph.layers[1].contains(&3));
    }

    #[test]
    fn a_circle_ends() {
        let graph = layered(3, &[(0, 1), (1, 2), (2, 0)]);
        assert_eq!(graph.layers, [vec![0], vec![1, 3], vec![2]]);
        assert_eq!(graph.paths[2], [0, 3, 2]);
        assert_eq!(layered(0, &[]).layers, Vec::<Vec<usize>>::new());
    }

    #[test]
    fn crossings_that_need_not_be_are_not() {
        let graph = layered(6, &[(0, 5), (1, 4), (2, 3)]);
        let neighbours = Neighbours::new(6, &graph.paths);
        let mut place = vec![0; 6];
        for layer in &graph.layers {
            for (number, vertex) in layer.iter().enumerate() {
                place[*vertex] = number;
            }
        }
        assert_eq!(crossings(&graph.layers, &neighbours, &place), 0);
        assert_eq!(inversions(&[3, 2, 1, 0], 4), 6);
    }
}
