//! Which entries of FROM an outer join may fill with nulls, and which columns the conditions on the way up exclude
//! null from (`reduce_outer_joins` in prepjointree.c).

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{self, Facts, Known};
use super::row_count::gives_rows;
use crate::catalog::Catalog;
use crate::tree::{FromItem, Join, JoinKind, Query};

/// The joins of one query, after outer joins have become inner ones where a condition rejects their nulls.
#[derive(Debug, Default)]
pub(super) struct Joins {
    /// For each entry the outer joins that may null it, innermost first, by their own entry.
    pub(super) nulled_by: Vec<Vec<usize>>,
    /// For each join's entry its kind.
    pub(super) kinds: BTreeMap<usize, JoinKind>,
    /// Columns from which a condition excludes null, with how many of the joins in `nulled_by` lie below it.
    pub(super) proofs: BTreeMap<(usize, i16), usize>,
    /// For the entry of each FULL join that is left, the entries of its two sides.
    pub(super) full: BTreeMap<usize, [Vec<usize>; 2]>,
}

impl Joins {
    /// The joins of a query whose surviving rows satisfy `facts`.
    pub(super) fn of(catalog: &Catalog, query: &Query, facts: &Facts<'_>) -> Self {
        let mut joins = Self { nulled_by: vec![Vec::new(); query.range_table.len()], ..Self::default() };
        let rejecting = own_entries(facts);
        for item in &query.from {
            joins.reduce(catalog, query, item, &rejecting);
        }
        for item in &query.from {
            joins.ascend(catalog, query, item);
        }
        for (levels_up, relation, column) in &facts.vars {
            if *levels_up == 0 {
                joins.prove(*relation, *column);
            }
        }
        joins
    }

    /// Whether a FULL join is left.
    pub(super) fn has_full(&self) -> bool {
        self.kinds.values().any(|kind| *kind == JoinKind::Full)
    }

    fn prove(&mut self, relation: usize, column: i16) {
        if let Some(joins) = self.nulled_by.get(relation) {
            self.proofs.insert((relation, column), joins.len());
        }
    }

    /// `reduce_outer_joins_pass2`: `rejecting` are the entries whose nulls a condition above rejects.
    fn reduce(&mut self, catalog: &Catalog, query: &Query, item: &FromItem, rejecting: &BTreeSet<usize>) {
        let FromItem::Join(join) = item else { return };
        let rejects = |side: &FromItem| {
            !rejecting.is_empty() && {
                let mut entries = Vec::new();
                collect_entries(side, &mut entries);
                entries.iter().any(|entry| rejecting.contains(entry))
            }
        };
        let kind = match join.kind {
            JoinKind::Left if rejects(&join.right) => JoinKind::Inner,
            JoinKind::Right if rejects(&join.left) => JoinKind::Inner,
            JoinKind::Full => match (rejects(&join.left), rejects(&join.right)) {
                (true, true) => JoinKind::Inner,
                (true, false) => JoinKind::Left,
                (false, true) => JoinKind::Right,
                (false, false) => JoinKind::Full,
            },
            kind => kind,
        };
        let kind = without_extension(catalog, query, join, kind);
        self.kinds.insert(join.entry, kind);
        if !has_join(&join.left) && !has_join(&join.right) {
            return;
        }
        // An outer join drops no row of its preserved side: its condition says something of the other side only, and
        // what is known from above says something of the preserved side only.
        let local = || own_entries(&condition_facts(catalog, query, join));
        let none = BTreeSet::new();
        match kind {
            JoinKind::Inner => {
                let both = rejecting | &local();
                self.reduce(catalog, query, &join.left, &both);
                self.reduce(catalog, query, &join.right, &both);
            }
            JoinKind::Left => {
                self.reduce(catalog, query, &join.left, rejecting);
                self.reduce(catalog, query, &join.right, &local());
            }
            JoinKind::Right => {
                self.reduce(catalog, query, &join.left, &local());
                self.reduce(catalog, query, &join.right, rejecting);
            }
            JoinKind::Full => {
                self.reduce(catalog, query, &join.left, &none);
                self.reduce(catalog, query, &join.right, &none);
            }
        }
    }

    /// From the leaves up: what conditions prove, and what is nulled after that.
    fn ascend(&mut self, catalog: &Catalog, query: &Query, item: &FromItem) {
        let FromItem::Join(join) = item else { return };
        self.ascend(catalog, query, &join.left);
        self.ascend(catalog, query, &join.right);
        let kind = self.kinds.get(&join.entry).copied().unwrap_or(join.kind);
        if kind == JoinKind::Inner {
            for (levels_up, relation, column) in &condition_facts(catalog, query, join).vars {
                if *levels_up == 0 {
                    self.prove(*relation, *column);
                }
            }
        }
        if kind == JoinKind::Full {
            let sides = [&join.left, &join.right].map(|side| {
                let mut entries = Vec::new();
                collect_entries(side, &mut entries);
                entries
            });
            self.full.insert(join.entry, sides);
        }
        if matches!(kind, JoinKind::Left | JoinKind::Full) {
            self.null(&join.right, join.entry);
        }
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            self.null(&join.left, join.entry);
        }
    }

    fn null(&mut self, side: &FromItem, by: usize) {
        let mut entries = Vec::new();
        collect_entries(side, &mut entries);
        for entry in entries {
            if let Some(joins) = self.nulled_by.get_mut(entry) {
                joins.push(by);
            }
        }
    }
}

/// The kind of a join of which a side surely has a row for every row of the other side, whatever that holds: such a side is
/// never filled with nulls.
fn without_extension(catalog: &Catalog, query: &Query, join: &Join, kind: JoinKind) -> JoinKind {
    if kind == JoinKind::Inner || join.condition.as_ref().and_then(|on| condition::constant(catalog, on)) != Some(true)
    {
        return kind;
    }
    let has_rows = |side| gives_rows(catalog, query, side);
    match kind {
        JoinKind::Left if has_rows(&join.right) => JoinKind::Inner,
        JoinKind::Right if has_rows(&join.left) => JoinKind::Inner,
        JoinKind::Full => match (has_rows(&join.left), has_rows(&join.right)) {
            (true, true) => JoinKind::Inner,
            (true, false) => JoinKind::Left,
            (false, true) => JoinKind::Right,
            (false, false) => JoinKind::Full,
        },
        kind => kind,
    }
}

fn condition_facts<'a>(catalog: &'a Catalog, query: &'a Query, join: &'a Join) -> Facts<'a> {
    let condition = join.condition.as_ref();
    condition.map_or_else(Facts::default, |expr| condition::facts(catalog, query, expr, Known::True))
}

/// The entries of this level that must be more than the nulls of an outer join.
fn own_entries(facts: &Facts<'_>) -> BTreeSet<usize> {
    facts.vars.iter().filter(|(levels_up, ..)| *levels_up == 0).map(|(_, relation, _)| *relation).collect()
}

fn has_join(item: &FromItem) -> bool {
    matches!(item, FromItem::Join(_))
}

fn collect_entries(item: &FromItem, entries: &mut Vec<usize>) {
    match item {
        FromItem::Entry(entry) => entries.push(*entry),
        FromItem::Join(join) => {
            collect_entries(&join.left, entries);
            collect_entries(&join.right, entries);
            entries.push(join.entry);
        }
    }
}
