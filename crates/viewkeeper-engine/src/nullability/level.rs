//! One query level while its values are judged: its facts, its entries of FROM, its groups, and the levels around it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::base::BaseFacts;
use super::condition::{self, Facts, Known};
use super::join::Joins;
use super::reason::{Reason, Verdict};
use super::row_count::gives_no_row;
use crate::tree::{
    Cte, Expr, ExprNode, JoinKind, Query, RangeTableEntry, RangeTableKind, SetOperand, SetOperation, SetOperationKind,
    TableExpression, TableExpressionKind, TableFunction, Var,
};

/// Which rows an expression is computed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The rows of FROM and WHERE: arguments of aggregates, and everything where nothing is grouped.
    Input,
    /// Groups, where the level groups.
    Grouped,
}

/// One query level.
pub(super) struct Level<'a, 'p> {
    pub(super) base: &'p BaseFacts<'a>,
    pub(super) query: &'a Query,
    pub(super) parent: Option<&'p Level<'a, 'p>>,
    pub(super) joins: Joins,
    /// What holds on every row that survives.
    pub(super) facts: Facts<'a>,
    /// What holds on every group that survives.
    pub(super) group_facts: Facts<'a>,
    /// What holds in the branches of CASE that are being looked at.
    pub(super) branches: RefCell<Vec<Facts<'a>>>,
    pub(super) phase: Cell<Phase>,
    /// Grouping expressions that some grouping set leaves out.
    pub(super) nulled_groups: Vec<Expr>,
    /// Set while the merged column of a FULL join is judged: the join below which columns are looked at.
    pub(super) below: Cell<Option<usize>>,
    /// What parameters of sub-select tests stand for.
    pub(super) parameters: RefCell<Vec<Rc<[Verdict]>>>,
    /// What [`ExprNode::CaseTest`] stands for.
    pub(super) tested: RefCell<Vec<Verdict>>,
    entries: Memo,
    ctes: Memo,
    /// What is assumed of a recursive CTE while its recursive term is judged.
    assumptions: RefCell<Vec<(usize, Rc<[Verdict]>)>>,
    /// How many more queries may be judged again for what conditions around them prove.
    pub(super) fuel: &'p Cell<u32>,
}

/// Columns computed once; `None` while they are being computed, so that a circle proves nothing.
#[derive(Default)]
struct Memo(RefCell<BTreeMap<usize, Option<Rc<[Verdict]>>>>);

impl Memo {
    fn get_or_compute(&self, key: usize, compute: impl FnOnce() -> Rc<[Verdict]>) -> Rc<[Verdict]> {
        if let Some(state) = self.0.borrow().get(&key) {
            return state.clone().unwrap_or_else(|| Rc::from([]));
        }
        self.0.borrow_mut().insert(key, None);
        let columns = compute();
        self.0.borrow_mut().insert(key, Some(Rc::clone(&columns)));
        columns
    }
}

const UNKNOWN: Reason = Reason::Static("nothing is known of it");

/// The columns of a query, without junk. `known` are columns that conditions around it keep null out of, by index.
pub(super) fn query_columns<'a, 'p>(
    base: &'p BaseFacts<'a>,
    query: &'a Query,
    parent: Option<&'p Level<'a, 'p>>,
    known: &[usize],
    fuel: &'p Cell<u32>,
) -> Vec<Verdict> {
    let level = Level::new(base, query, parent, known, fuel);
    if let Some(operation) = &query.set_operation {
        return level.set_operation(operation);
    }
    query.targets.iter().filter(|target| !target.junk).map(|target| level.judge(&target.expr)).collect()
}

impl<'a, 'p> Level<'a, 'p> {
    pub(super) fn new(
        base: &'p BaseFacts<'a>,
        query: &'a Query,
        parent: Option<&'p Level<'a, 'p>>,
        known: &[usize],
        fuel: &'p Cell<u32>,
    ) -> Self {
        let facts_of = |expr: &'a Expr, known| condition::facts(base.catalog, query, expr, known);
        let mut facts = query.filter.as_ref().map_or_else(Facts::default, |filter| facts_of(filter, Known::True));
        let mut group_facts = Facts::default();
        if let Some(having) = &query.having {
            group_facts = facts_of(having, Known::True);
        }
        // What is known of an output row says nothing of the other rows of its windows, nor of the row that a
        // set-returning function multiplies.
        if !known.is_empty() && query.set_operation.is_none() && !has_windows(query) && target_sets(query) == 0 {
            let outputs: Vec<_> = query.targets.iter().filter(|target| !target.junk).collect();
            for target in known.iter().filter_map(|index| outputs.get(*index)) {
                let proven = facts_of(&target.expr, Known::NotNull);
                group_facts = group_facts.and(proven);
            }
        }
        let grouped = is_grouped(query);
        if !grouped {
            facts = facts.and(std::mem::take(&mut group_facts));
        } else if query.grouping_sets.is_empty() {
            // Outside aggregates only grouped columns occur, which are the same on all rows of the group.
            facts.vars.extend(group_facts.vars.iter().copied());
        }
        let mut joins = Joins::of(base.catalog, query, &facts);
        if let Some(operation) = &query.set_operation {
            for leaf in operation.leaves() {
                for index in known {
                    if let Ok(column) = i16::try_from(index + 1) {
                        joins.proofs.insert((leaf, column), 0);
                    }
                }
            }
        }
        Self {
            base,
            query,
            parent,
            joins,
            facts,
            group_facts,
            branches: RefCell::default(),
            phase: Cell::new(if grouped { Phase::Grouped } else { Phase::Input }),
            nulled_groups: nulled_groups(query),
            below: Cell::new(None),
            parameters: RefCell::default(),
            tested: RefCell::default(),
            entries: Memo::default(),
            ctes: Memo::default(),
            assumptions: RefCell::default(),
            fuel,
        }
    }

    /// The level that is so many levels up.
    pub(super) fn up(&self, levels: usize) -> Option<&Level<'a, 'p>> {
        let mut level: &Level<'a, 'p> = self;
        for _ in 0..levels {
            level = level.parent?;
        }
        Some(level)
    }

    /// The columns of a sub-query of this level.
    pub(super) fn sub_query(&self, query: &'a Query) -> Vec<Verdict> {
        query_columns(self.base, query, Some(self), &[], self.fuel)
    }

    /// A column of something in FROM of this level, on the rows that survive.
    pub(super) fn column(&self, var: &Var) -> Verdict {
        let Some(entry) = self.query.range_table.get(var.relation) else { return Verdict::nullable(UNKNOWN) };
        let nulled_by = self.joins.nulled_by.get(var.relation).map(Vec::as_slice).unwrap_or_default();
        let nulled_by = match self.below.get().and_then(|join| nulled_by.iter().position(|by| *by == join)) {
            Some(below) => nulled_by.get(..below).unwrap_or_default(),
            None => nulled_by,
        };
        let joins = nulled_by.len();
        let own = self.own(entry, var);
        let there = self.joins_with_rows(var.relation);
        let nulled_by: Vec<usize> = nulled_by.iter().copied().filter(|join| !there.contains(join)).collect();
        if own.not_null && nulled_by.is_empty() {
            return own;
        }
        if self.joins.proofs.get(&(var.relation, var.column)).is_some_and(|proven| *proven >= joins) {
            return Verdict::never(Reason::Static("a condition keeps null out of it"));
        }
        match nulled_by.first() {
            Some(join) if own.not_null => Verdict::nullable(self.join_reason(*join, var.relation)),
            _ => own,
        }
    }

    /// The column before any outer join of this level.
    fn own(&self, entry: &'a RangeTableEntry, var: &Var) -> Verdict {
        match usize::try_from(var.column) {
            Ok(0) => match entry.kind {
                RangeTableKind::Functions { .. } | RangeTableKind::TableExpression(_) => {
                    Verdict::nullable(Reason::Static("a row of a function may be null"))
                }
                _ => Verdict::never(Reason::Static("a whole row")),
            },
            Ok(number) => match &entry.kind {
                RangeTableKind::Join { join: _, merged, aliased } => match aliased.get(number - 1) {
                    Some(expr) => self.join_column(var.relation, number <= *merged, expr),
                    None => Verdict::nullable(UNKNOWN),
                },
                _ => self
                    .entry_columns(var.relation, entry)
                    .get(number - 1)
                    .cloned()
                    .unwrap_or_else(|| Verdict::nullable(UNKNOWN)),
            },
            Err(_) => match entry.kind {
                RangeTableKind::Relation { relation, only } => self.base.system_column(relation, only),
                _ => Verdict::nullable(UNKNOWN),
            },
        }
    }

    /// A column of a join: the merged one of a FULL join takes whichever side there is, so both must not be null.
    fn join_column(&self, join: usize, merged: bool, expr: &'a Expr) -> Verdict {
        if !merged || self.joins.kinds.get(&join) != Some(&JoinKind::Full) {
            return self.judge(expr);
        }
        let outer = self.below.replace(Some(join));
        let verdict = match &*expr.node {
            ExprNode::Coalesce { args, .. } => self.all(args.iter(), Reason::Static("both sides are never null")),
            _ => Verdict::nullable(Reason::Static("a full join may find no row on either side")),
        };
        self.below.set(outer);
        verdict
    }

    fn join_reason(&self, join: usize, nulled: usize) -> Reason {
        let kind = match self.joins.kinds.get(&join) {
            Some(JoinKind::Right) => "right",
            Some(JoinKind::Full) => "full",
            _ => "left",
        };
        match self.query.range_table.get(nulled).map(|entry| entry.name.as_str()) {
            Some(name) if !name.is_empty() => match kind {
                "left" => Reason::Text(format!("left join with `{name}` may find no row").into()),
                kind => Reason::Text(format!("{kind} join may find no row of `{name}`").into()),
            },
            _ => Reason::Text(format!("{kind} join may find no row").into()),
        }
    }

    /// The columns of an entry other than a join. They are kept, so that nothing may be used that only holds where
    /// they are asked for first.
    fn entry_columns(&self, index: usize, entry: &'a RangeTableEntry) -> Rc<[Verdict]> {
        self.entries.get_or_compute(index, || {
            let below = self.below.take();
            let columns = self.elsewhere(Phase::Input, || self.compute_entry(index, entry));
            self.below.set(below);
            columns
        })
    }

    fn compute_entry(&self, index: usize, entry: &'a RangeTableEntry) -> Rc<[Verdict]> {
        match &entry.kind {
            RangeTableKind::Relation { relation, only } => {
                let plain = self.base.columns(*relation, *only);
                let Some(tree) = self.base.view_tree(*relation) else { return plain };
                let known = self.news(index, &plain);
                if known.is_empty() || !self.may_look_deeper() {
                    return plain;
                }
                let again = self.base.narrowed(*relation, known, self.fuel, |known| {
                    query_columns(self.base, tree, None, known, self.fuel)
                });
                either(&plain, &again)
            }
            RangeTableKind::Subquery(query) => {
                let mut known = self.known_columns(index);
                if !known.is_empty() && !self.may_look_deeper() {
                    known.clear();
                }
                query_columns(self.base, query, Some(self), &known, self.fuel).into()
            }
            RangeTableKind::Join { .. } => Rc::from([]),
            RangeTableKind::Functions { functions, ordinality } => self.functions(functions, *ordinality, entry).into(),
            RangeTableKind::TableExpression(table) => table_expression(table).into(),
            RangeTableKind::Values(rows) => self.values(rows).into(),
            RangeTableKind::Cte { name, levels_up, .. } => self.cte_reference(index, name, *levels_up),
        }
    }

    /// Whether what conditions prove of an entry's columns may be carried into its query once more.
    fn may_look_deeper(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    /// The columns of an entry, by index, that conditions keep null out of.
    fn known_columns(&self, index: usize) -> Vec<usize> {
        if self.joins.has_full() {
            return Vec::new();
        }
        let of_entry = self.joins.proofs.range((index, 1)..=(index, i16::MAX));
        of_entry.filter_map(|((_, column), _)| usize::try_from(column - 1).ok()).collect()
    }

    /// Those of them that may be null without the conditions: of the others nothing follows.
    fn news(&self, index: usize, plain: &[Verdict]) -> Vec<usize> {
        let mut known = self.known_columns(index);
        known.retain(|column| plain.get(*column).is_some_and(|verdict| !verdict.not_null));
        known
    }

    fn cte_reference(&self, index: usize, name: &str, levels_up: usize) -> Rc<[Verdict]> {
        let Some(owner) = self.up(levels_up) else { return Rc::from([]) };
        let Some((position, cte)) = owner.query.ctes.iter().enumerate().find(|(_, cte)| cte.name == name) else {
            return Rc::from([]);
        };
        let assumed =
            owner.assumptions.borrow().iter().rev().find(|(of, _)| *of == position).map(|(_, a)| Rc::clone(a));
        if let Some(assumed) = assumed {
            return assumed;
        }
        let plain = owner.cte(position, cte);
        let known = if cte.recursive { Vec::new() } else { self.news(index, &plain) };
        if known.is_empty() || !self.may_look_deeper() {
            return plain;
        }
        let again = query_columns(owner.base, &cte.query, Some(owner), &known, self.fuel);
        either(&plain, &again)
    }

    fn cte(&self, position: usize, cte: &'a Cte) -> Rc<[Verdict]> {
        self.ctes.get_or_compute(position, || {
            let mut columns =
                if cte.recursive { self.recursive_cte(position, cte) } else { self.sub_query(&cte.query) };
            let reason = Reason::Static("a column of SEARCH or CYCLE");
            columns.resize_with(cte.columns.len().max(cte.query_columns), || Verdict::nullable(reason.clone()));
            // The mark stands before the path.
            let mark = columns.len().checked_sub(2).filter(|_| cte.mark_not_null);
            if let Some(mark) = mark.and_then(|index| columns.get_mut(index)) {
                *mark = Verdict::never(Reason::Static("CYCLE marks every row"));
            }
            columns.into()
        })
    }

    /// The greatest fixpoint: what the recursive term gives is assumed not null until that is refuted.
    fn recursive_cte(&self, position: usize, cte: &'a Cte) -> Vec<Verdict> {
        let assume = Verdict::never(Reason::Static("never null in either term of the recursion"));
        let mut assumed = vec![assume; cte.query_columns];
        loop {
            let mut visible = assumed.clone();
            let reason = Reason::Static("a column of SEARCH or CYCLE");
            visible.resize_with(cte.columns.len().max(cte.query_columns), || Verdict::nullable(reason.clone()));
            self.assumptions.borrow_mut().push((position, visible.into()));
            let found = self.sub_query(&cte.query);
            self.assumptions.borrow_mut().pop();
            let mut refuted = false;
            for (index, column) in assumed.iter_mut().enumerate() {
                let found = found.get(index).cloned().unwrap_or_else(|| Verdict::nullable(UNKNOWN));
                refuted |= column.not_null && !found.not_null;
                if !found.not_null {
                    *column = found;
                }
            }
            if !refuted {
                return assumed;
            }
        }
    }

    fn values(&self, rows: &'a [Vec<Expr>]) -> Vec<Verdict> {
        let width = rows.first().map_or(0, Vec::len);
        (0..width)
            .map(|index| {
                for row in rows {
                    let item = row.get(index).map_or_else(|| Verdict::nullable(UNKNOWN), |expr| self.judge(expr));
                    if !item.not_null {
                        return item;
                    }
                }
                Verdict::never(Reason::Static("`values` without nulls"))
            })
            .collect()
    }

    fn functions(&self, functions: &'a [TableFunction], ordinality: bool, entry: &RangeTableEntry) -> Vec<Verdict> {
        let mut columns = Vec::new();
        for function in functions {
            for column in 0..function.columns {
                columns.push(if functions.len() > 1 {
                    Verdict::nullable(Reason::Static("functions side by side are padded with nulls"))
                } else {
                    self.function_column(function, column)
                });
            }
        }
        if ordinality {
            columns.push(Verdict::never(Reason::Static("`with ordinality` numbers every row")));
        }
        columns.resize_with(entry.columns.len(), || Verdict::nullable(UNKNOWN));
        columns
    }

    fn function_column(&self, function: &'a TableFunction, column: usize) -> Verdict {
        match &*function.call.node {
            ExprNode::Function { function: oid, returns_set: true, args, .. } => self.set_column(*oid, args, column),
            _ if function.columns == 1 => self.judge(&function.call),
            _ => Verdict::nullable(Reason::Static("a column of a function's row may be null")),
        }
    }

    fn set_operation(&self, operation: &'a SetOperation) -> Vec<Verdict> {
        let left = self.operand(&operation.left, operation);
        let right = self.operand(&operation.right, operation);
        // `UNION` of nothing, as in `SELECT NULL WHERE false UNION ALL …`, which only gives names and types.
        if operation.kind == SetOperationKind::Union {
            match (self.is_empty(&operation.left), self.is_empty(&operation.right)) {
                (true, false) => return right,
                (false, true) => return left,
                _ => {}
            }
        }
        left.into_iter()
            .zip(right)
            .map(|(left, right)| match operation.kind {
                SetOperationKind::Union if left.not_null => right,
                SetOperationKind::Intersect if !left.not_null => right,
                _ => left,
            })
            .collect()
    }

    /// Whether an operand surely gives no row.
    fn is_empty(&self, operand: &SetOperand) -> bool {
        let SetOperand::Entry(index) = operand else { return false };
        let entry = self.query.range_table.get(*index);
        match entry.map(|entry| &entry.kind) {
            Some(RangeTableKind::Subquery(query)) => gives_no_row(self.base.catalog, query),
            _ => false,
        }
    }

    fn operand(&self, operand: &'a SetOperand, operation: &SetOperation) -> Vec<Verdict> {
        match operand {
            SetOperand::Operation(inner) => {
                self.converted(self.set_operation(inner), &column_types(&inner.columns), operation)
            }
            SetOperand::Entry(index) => {
                let Some(entry) = self.query.range_table.get(*index) else { return Vec::new() };
                let columns = self.entry_columns(*index, entry).to_vec();
                self.converted(columns, &column_types(&entry.columns), operation)
            }
        }
    }

    /// Columns as the set operation's type: the cast may be a function of the project.
    fn converted(&self, mut columns: Vec<Verdict>, from: &[crate::catalog::Oid], to: &SetOperation) -> Vec<Verdict> {
        for ((column, from), to) in columns.iter_mut().zip(from).zip(&to.columns) {
            if column.not_null && !self.converts_without_null(*from, to.type_) {
                *column = Verdict::nullable(Reason::Static("converted by a function that may return null"));
            }
        }
        columns.truncate(to.columns.len());
        columns.resize_with(to.columns.len(), || Verdict::nullable(UNKNOWN));
        columns
    }
}

fn column_types(columns: &[crate::tree::RowColumn]) -> Vec<crate::catalog::Oid> {
    columns.iter().map(|column| column.type_).collect()
}

/// Both judgements hold, so either proof will do.
fn either(plain: &[Verdict], again: &[Verdict]) -> Rc<[Verdict]> {
    let better = |(index, plain): (usize, &Verdict)| match again.get(index) {
        Some(again) if again.not_null && !plain.not_null => again.clone(),
        _ => plain.clone(),
    };
    plain.iter().enumerate().map(better).collect::<Vec<_>>().into()
}

fn table_expression(table: &TableExpression) -> Vec<Verdict> {
    let judge = |column: &crate::tree::TableExpressionColumn| match table.kind {
        TableExpressionKind::Xml if column.not_null => {
            Verdict::never(Reason::Static("declared not null in `xmltable`"))
        }
        TableExpressionKind::Xml if column.ordinality => Verdict::never(Reason::Static("numbers every row")),
        TableExpressionKind::Json if column.ordinality && !column.nested => {
            Verdict::never(Reason::Static("numbers every row"))
        }
        TableExpressionKind::Json if column.not_null && !column.nested => {
            Verdict::never(Reason::Static("whether the path finds something"))
        }
        _ => Verdict::nullable(Reason::Static("the document may have no value for it")),
    };
    table.columns.iter().map(judge).collect()
}

/// Whether the level makes groups of its rows.
pub(super) fn is_grouped(query: &Query) -> bool {
    !query.group_by.is_empty() || !query.grouping_sets.is_empty() || query.has_aggregates || query.having.is_some()
}

/// Whether every group surely has a row: there is a GROUP BY, and no grouping set is empty.
pub(super) fn groups_have_rows(query: &Query) -> bool {
    if query.grouping_sets.is_empty() {
        !query.group_by.is_empty()
    } else {
        query.grouping_sets.iter().all(|set| !set.is_empty())
    }
}

fn nulled_groups(query: &Query) -> Vec<Expr> {
    let left_out = |group: &u32| query.grouping_sets.iter().any(|set| !set.contains(group));
    query
        .group_by
        .iter()
        .filter(|group| left_out(group))
        .filter_map(|group| query.targets.iter().find(|target| target.sort_group == *group))
        .map(|target| flattened(query, &target.expr))
        .collect()
}

/// A copy in which columns of joins are what they stand for (`flatten_join_alias_vars`).
pub(super) fn flattened(query: &Query, expr: &Expr) -> Expr {
    let mut copy = expr.clone();
    copy.rewrite(&mut |node| {
        while let ExprNode::Var(var) = &*node.node
            && var.levels_up == 0
            && let Some(RangeTableKind::Join { aliased, .. }) = query.range_table.get(var.relation).map(|e| &e.kind)
            && let Some(expr) = usize::try_from(var.column).ok().and_then(|number| aliased.get(number.checked_sub(1)?))
        {
            *node = flattened(query, expr);
        }
    });
    copy
}

/// How many set-returning functions the target list has.
pub(super) fn target_sets(query: &Query) -> usize {
    let mut count = 0;
    for target in &query.targets {
        target.expr.any(&mut |node| {
            if let ExprNode::Function { returns_set: true, .. } | ExprNode::Operator { returns_set: true, .. } =
                &*node.node
            {
                count += 1;
            }
            false
        });
    }
    count
}

fn has_windows(query: &Query) -> bool {
    let is_window = &mut |node: &Expr| matches!(&*node.node, ExprNode::WindowFunction(_));
    query.targets.iter().any(|target| target.expr.any(is_window))
}
