//! GROUP BY with grouping sets: which targets are grouped by, and the sets spelled out (parse_clause.c, parse_agg.c).

use std::collections::BTreeSet;

use super::sort::assign_reference;
use super::syntax::{location_of, node};
use super::{Analyser, ExpressionKind, Outcome};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{Location, SortKey, Target};

/// The most grouping sets that PostgreSQL takes.
const MAX_SETS: usize = 4096;

/// The most elements of CUBE.
const MAX_CUBE: usize = 12;

/// GROUP BY after analysis.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    /// Every grouped target, by reference.
    pub(super) members: Vec<u32>,
    /// The grouping sets as they are written; `None` for a plain GROUP BY.
    pub(super) sets: Option<Vec<Set>>,
    pub(super) location: Location,
}

/// A grouping set after analysis (`GroupingSet` with references in parsenodes.h).
#[derive(Debug)]
pub(super) enum Set {
    Empty,
    Simple(Vec<u32>),
    Rollup(Vec<Set>),
    Cube(Vec<Set>),
    Sets(Vec<Set>),
}

/// GROUP BY as written, with parenthesised lists and nested GROUPING SETS opened (`flatten_grouping_sets`).
enum Flat<'a> {
    Expr(&'a NodeEnum),
    List(Vec<Flat<'a>>),
    Set(ast::GroupingSetKind, Vec<Flat<'a>>, Location),
}

impl<'a> Analyser<'a> {
    /// `transformGroupClause` by the rules of SQL92.
    pub(super) fn group_clause(
        &mut self,
        clause: &'a [ast::Node],
        targets: &mut Vec<Target>,
        sort: &[SortKey],
    ) -> Outcome<Grouping> {
        let location = clause.first().and_then(|first| location_of(first.node.as_ref()?));
        let mut has_sets = false;
        let mut flat = Vec::new();
        for item in clause {
            flat.extend(flatten(node(item)?, Depth::Top, &mut has_sets)?);
        }
        let mut grouping = Grouping { location, ..Grouping::default() };
        let mut sets = Vec::new();
        // GROUP BY () alone is one empty set.
        if flat.is_empty() && has_sets {
            sets.push(Set::Empty);
        }
        let mut seen = BTreeSet::new();
        for item in flat {
            match item {
                Flat::Expr(raw) => {
                    let reference = self.group_expression(raw, &mut grouping.members, &seen, targets, sort)?;
                    if reference > 0 {
                        seen.insert(reference);
                        sets.push(Set::Simple(vec![reference]));
                    }
                }
                Flat::List(_) => {}
                Flat::Set(ast::GroupingSetKind::GroupingSetEmpty, ..) => sets.push(Set::Empty),
                Flat::Set(kind, content, place) => {
                    sets.push(self.grouping_set(kind, content, place, &mut grouping.members, targets, sort)?);
                }
            }
        }
        grouping.sets = has_sets.then_some(sets);
        Ok(grouping)
    }

    /// `transformGroupingSet`
    fn grouping_set(
        &mut self,
        kind: ast::GroupingSetKind,
        content: Vec<Flat<'a>>,
        location: Location,
        members: &mut Vec<u32>,
        targets: &mut Vec<Target>,
        sort: &[SortKey],
    ) -> Outcome<Set> {
        let mut sets = Vec::new();
        for item in content {
            sets.push(match item {
                Flat::List(items) => {
                    // `transformGroupClauseList`
                    let mut seen = BTreeSet::new();
                    let mut references = Vec::new();
                    for item in items {
                        let Flat::Expr(raw) = item else { continue };
                        let reference = self.group_expression(raw, members, &seen, targets, sort)?;
                        if reference > 0 {
                            seen.insert(reference);
                            references.push(reference);
                        }
                    }
                    Set::Simple(references)
                }
                Flat::Set(kind, content, location) => {
                    self.grouping_set(kind, content, location, members, targets, sort)?
                }
                Flat::Expr(raw) => {
                    Set::Simple(vec![self.group_expression(raw, members, &BTreeSet::new(), targets, sort)?])
                }
            });
        }
        Ok(match kind {
            ast::GroupingSetKind::GroupingSetRollup => Set::Rollup(sets),
            ast::GroupingSetKind::GroupingSetCube if sets.len() > MAX_CUBE => {
                return Err(Failure::new(
                    SqlState::TOO_MANY_COLUMNS,
                    format!("CUBE is limited to {MAX_CUBE} elements"),
                    location,
                ));
            }
            ast::GroupingSetKind::GroupingSetCube => Set::Cube(sets),
            ast::GroupingSetKind::GroupingSetEmpty => Set::Empty,
            _ => Set::Sets(sets),
        })
    }

    /// `transformGroupClauseExpr`: the target's reference, 0 when the list around it has it already.
    fn group_expression(
        &mut self,
        raw: &'a NodeEnum,
        members: &mut Vec<u32>,
        seen: &BTreeSet<u32>,
        targets: &mut Vec<Target>,
        sort: &[SortKey],
    ) -> Outcome<u32> {
        let index = self.find_target_sql92(raw, targets, ExpressionKind::GroupBy)?;
        let reference = targets.get(index).map_or(0, |target| target.sort_group);
        if reference > 0 {
            if seen.contains(&reference) {
                return Ok(0);
            }
            if members.contains(&reference) {
                return Ok(reference);
            }
            // Sorting by it has shown that it can be compared.
            if sort.iter().any(|key| key.target == reference) {
                members.push(reference);
                return Ok(reference);
            }
        }
        let reference = self.add_group_target(index, targets, location_of(raw))?;
        if !members.contains(&reference) {
            members.push(reference);
        }
        Ok(reference)
    }

    /// PARTITION BY (`transformGroupClause` by the rules of SQL99).
    pub(super) fn partition_clause(&mut self, clause: &'a [ast::Node], targets: &mut Vec<Target>) -> Outcome<Vec<u32>> {
        let mut references: Vec<u32> = Vec::new();
        for raw in clause {
            let mut flat = flatten(node(raw)?, Depth::Top, &mut false)?;
            while !flat.is_empty() {
                let Flat::Expr(raw) = flat.remove(0) else { continue };
                let index = self.find_target_sql99(raw, targets, ExpressionKind::WindowPartition)?;
                self.add_group_target(index, targets, location_of(raw))?;
                let reference = assign_reference(index, targets);
                if !references.contains(&reference) {
                    references.push(reference);
                }
            }
        }
        Ok(references)
    }
}

/// Where a part of GROUP BY stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Top,
    Inner,
}

/// `flatten_grouping_sets`, for one item.
fn flatten<'a>(raw: &'a NodeEnum, depth: Depth, has_sets: &mut bool) -> Outcome<Vec<Flat<'a>>> {
    match raw {
        // `(a, b)` without ROW.
        NodeEnum::RowExpr(row) if row.row_format() == ast::CoercionForm::CoerceImplicitCast => {
            let mut items = Vec::new();
            for arg in &row.args {
                for item in flatten(node(arg)?, Depth::Inner, &mut false)? {
                    match item {
                        Flat::List(inner) => items.extend(inner),
                        item => items.push(item),
                    }
                }
            }
            Ok(if depth == Depth::Top { items } else { vec![Flat::List(items)] })
        }
        NodeEnum::GroupingSet(set) => {
            *has_sets = true;
            if depth == Depth::Top && set.kind() == ast::GroupingSetKind::GroupingSetEmpty {
                return Ok(Vec::new());
            }
            let mut content = Vec::new();
            for item in &set.content {
                let raw = node(item)?;
                let inner = flatten(raw, Depth::Inner, &mut false)?;
                // Nested GROUPING SETS are spliced in.
                content.extend(inner);
            }
            if depth == Depth::Top || set.kind() != ast::GroupingSetKind::GroupingSetSets {
                Ok(vec![Flat::Set(set.kind(), content, place(set.location))])
            } else {
                Ok(content)
            }
        }
        NodeEnum::List(list) => {
            let mut items = Vec::new();
            for item in &list.items {
                items.extend(flatten(node(item)?, depth, has_sets)?);
            }
            Ok(items)
        }
        _ => Ok(vec![Flat::Expr(raw)]),
    }
}

/// The sets spelled out, smallest first; `None` when there are too many (`expand_grouping_sets`).
pub(super) fn expand_sets(sets: &[Set], distinct: bool) -> Option<Vec<Vec<u32>>> {
    let mut result: Vec<Vec<u32>> = vec![Vec::new()];
    let mut count = 1usize;
    for set in sets {
        let expanded = expand(set);
        count = count.saturating_mul(expanded.len());
        if count > MAX_SETS {
            return None;
        }
        result = result.iter().flat_map(|left| expanded.iter().map(|right| union(left, right))).collect();
    }
    result.sort_by_key(Vec::len);
    if distinct {
        for set in &mut result {
            set.sort_unstable();
        }
        result.sort_by(|left, right| left.len().cmp(&right.len()).then_with(|| left.cmp(right)));
        result.dedup();
    }
    Some(result)
}

fn union(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut all = left.to_vec();
    for reference in right {
        if !all.contains(reference) {
            all.push(*reference);
        }
    }
    all
}

/// `expand_groupingset_node`
fn expand(set: &Set) -> Vec<Vec<u32>> {
    match set {
        Set::Empty => vec![Vec::new()],
        Set::Simple(references) => vec![references.clone()],
        Set::Rollup(sets) => (0..=sets.len()).rev().map(|length| concatenate(sets.iter().take(length))).collect(),
        Set::Cube(sets) => (0..1u32 << sets.len().min(MAX_CUBE))
            .map(|mask| {
                concatenate(sets.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, set)| set))
            })
            .collect(),
        Set::Sets(sets) => sets.iter().flat_map(expand).collect(),
    }
}

fn concatenate<'s>(sets: impl Iterator<Item = &'s Set>) -> Vec<u32> {
    sets.flat_map(|set| expand(set).into_iter().flatten()).collect()
}
