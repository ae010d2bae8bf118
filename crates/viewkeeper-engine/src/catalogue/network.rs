//! Which relations read which, directly and through functions: the graph of the whole state, cut down to what pictures
//! show. How it is drawn is `picture`'s.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::site::Entry;
use crate::catalog::{Catalog, ObjectId};
use crate::graph;

/// Relations and the functions between them, by number: those of the relations are their places among the entries.
#[derive(Debug)]
pub(super) struct Network {
    /// The functions that stand between relations, from the number after the last relation on.
    routines: Vec<ObjectId>,
    relations: usize,
    reads: Vec<Vec<usize>>,
    read_by: Vec<Vec<usize>>,
}

/// Which way a graph is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To what is read.
    Up,
    /// To what reads.
    Down,
}

impl Network {
    /// Of a state. A function is in it when a relation reads something through it.
    pub(super) fn new(catalog: &Catalog, entries: &[Entry<'_>]) -> Self {
        let mut uses = graph::dependencies(catalog);
        for (id, needed) in graph::needed_at_creation(catalog) {
            uses.entry(id).or_default().extend(needed);
        }
        let mut numbers: BTreeMap<&ObjectId, usize> =
            entries.iter().enumerate().map(|(number, entry)| (&entry.id, number)).collect();
        let is_routine =
            |id: &&ObjectId| matches!(id, ObjectId::Function(..) | ObjectId::Procedure(..) | ObjectId::Aggregate(..));
        let routines: Vec<&ObjectId> = uses.keys().filter(is_routine).collect();
        numbers.extend((entries.len()..).zip(&routines).map(|(number, id)| (*id, number)));
        let ids: Vec<&ObjectId> = entries.iter().map(|entry| &entry.id).chain(routines).collect();
        let mut edges = BTreeSet::new();
        for (id, targets) in &uses {
            let Some(from) = numbers.get(id) else { continue };
            edges.extend(targets.iter().filter_map(|to| Some((*from, *numbers.get(to)?))).filter(|(a, b)| a != b));
        }
        Self::between_relations(entries.len(), &ids, edges)
    }

    /// Functions that lead to no relation, or that no relation leads to, are left out.
    fn between_relations(relations: usize, ids: &[&ObjectId], edges: BTreeSet<(usize, usize)>) -> Self {
        let mut kept: BTreeSet<usize> = (0..ids.len()).collect();
        loop {
            let inside = |edge: &&(usize, usize)| kept.contains(&edge.0) && kept.contains(&edge.1);
            let from: BTreeSet<usize> = edges.iter().filter(inside).map(|edge| edge.0).collect();
            let to: BTreeSet<usize> = edges.iter().filter(inside).map(|edge| edge.1).collect();
            let before = kept.len();
            kept.retain(|number| *number < relations || from.contains(number) && to.contains(number));
            if kept.len() == before {
                break;
            }
        }
        let numbers: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let mut reads = vec![Vec::new(); kept.len()];
        let mut read_by = vec![Vec::new(); kept.len()];
        for (from, to) in edges {
            if let (Some(from), Some(to)) = (numbers.get(&from), numbers.get(&to)) {
                reads[*from].push(*to);
                read_by[*to].push(*from);
            }
        }
        let routines = kept.range(relations..).filter_map(|number| ids.get(*number)).map(|id| (*id).clone()).collect();
        Self { routines, relations, reads, read_by }
    }

    /// How many relations and functions there are.
    pub(super) fn len(&self) -> usize {
        self.reads.len()
    }

    /// The function of a number.
    pub(super) fn routine(&self, number: usize) -> Option<&ObjectId> {
        self.routines.get(number.checked_sub(self.relations)?)
    }

    /// What is one step away, in order.
    pub(super) fn next(&self, number: usize, direction: Direction) -> &[usize] {
        let edges = if direction == Direction::Up { &self.reads } else { &self.read_by };
        edges.get(number).map_or(&[], Vec::as_slice)
    }

    /// Everything that is reached from a number (itself left out) with the number of steps, the nearest first.
    pub(super) fn reached(&self, start: usize, direction: Direction) -> Vec<(usize, usize)> {
        let mut seen = vec![false; self.len()];
        let mut found = Vec::new();
        let mut open = VecDeque::from([(start, 0)]);
        if let Some(start) = seen.get_mut(start) {
            *start = true;
        }
        while let Some((number, steps)) = open.pop_front() {
            for next in self.next(number, direction) {
                if !seen[*next] {
                    seen[*next] = true;
                    found.push((*next, steps + 1));
                    open.push_back((*next, steps + 1));
                }
            }
        }
        found
    }
}
