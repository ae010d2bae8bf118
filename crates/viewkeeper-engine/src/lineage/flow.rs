//! Follows each output column of a query to the columns of the relations that it names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::analysis::{ColumnRef, Lineage};
use crate::sorted_set::SortedSet;
use crate::tree::{
    Child, Cte, Distinct, Expr, ExprNode, FromItem, Query, RangeTableEntry, RangeTableKind, SetOperand, SetOperation,
    SetOperationKind, SublinkKind, Target, Var,
};

/// Where the values of each output column come from.
pub fn of_query(query: &Query) -> Vec<Lineage> {
    let flows = Level::new(query, None).flows();
    flows
        .columns
        .iter()
        .map(|column| {
            let mut lineage = column.clone();
            lineage.shaped.extend(flows.shape.iter().copied());
            lineage.computed.retain(|source| !column.copied.contains(source));
            lineage.shaped.retain(|source| !column.copied.contains(source) && !column.computed.contains(source));
            lineage.shaped.shrink_to_fit();
            lineage
        })
        .collect()
}

/// The columns of a query, and the columns that shape all its rows.
#[derive(Debug, Default)]
struct Flows {
    columns: Vec<Lineage>,
    shape: SortedSet<ColumnRef>,
}

struct Level<'a, 'p> {
    query: &'a Query,
    parent: Option<&'p Level<'a, 'p>>,
    /// `None` while being computed.
    entries: RefCell<BTreeMap<usize, Option<Rc<Flows>>>>,
    ctes: RefCell<BTreeMap<usize, Rc<Flows>>>,
}

impl<'a, 'p> Level<'a, 'p> {
    fn new(query: &'a Query, parent: Option<&'p Level<'a, 'p>>) -> Self {
        Self { query, parent, entries: RefCell::default(), ctes: RefCell::default() }
    }

    fn up(&self, levels: usize) -> Option<&Level<'a, 'p>> {
        let mut level: &Level<'a, 'p> = self;
        for _ in 0..levels {
            level = level.parent?;
        }
        Some(level)
    }

    fn flows(&self) -> Flows {
        let mut shape = self.shape();
        let columns = match &self.query.set_operation {
            Some(operation) => self.set_operation(operation, &mut shape),
            None => self.query.targets.iter().filter(|target| !target.junk).map(|t| self.expr(&t.expr)).collect(),
        };
        Flows { columns, shape }
    }

    /// Everything that decides which rows there are, and in which order.
    fn shape(&self) -> SortedSet<ColumnRef> {
        let mut shape = SortedSet::default();
        let query = self.query;
        for expr in [&query.filter, &query.having, &query.limit, &query.offset].into_iter().flatten() {
            all_into(&self.expr(expr), &mut shape);
        }
        for item in &query.from {
            self.join_shape(item, &mut shape);
        }
        let mut keys: Vec<u32> = query.group_by.clone();
        keys.extend(query.sort.iter().map(|key| key.target));
        match &query.distinct {
            Distinct::No => {}
            Distinct::All => {
                for target in query.targets.iter().filter(|target| !target.junk) {
                    all_into(&self.expr(&target.expr), &mut shape);
                }
            }
            Distinct::On(targets) => keys.extend(targets),
        }
        for target in keys.into_iter().filter_map(|key| self.target(key)) {
            all_into(&self.expr(&target.expr), &mut shape);
        }
        shape
    }

    fn target(&self, sort_group: u32) -> Option<&'a Target> {
        self.query.targets.iter().find(|target| sort_group != 0 && target.sort_group == sort_group)
    }

    fn join_shape(&self, item: &'a FromItem, shape: &mut SortedSet<ColumnRef>) {
        match item {
            FromItem::Entry(index) => {
                if let Some(entry) = self.query.range_table.get(*index) {
                    shape.extend(self.entry(*index, entry).shape.iter().copied());
                }
            }
            FromItem::Join(join) => {
                self.join_shape(&join.left, shape);
                self.join_shape(&join.right, shape);
                if let Some(condition) = &join.condition {
                    all_into(&self.expr(condition), shape);
                }
            }
        }
    }

    fn sub_query(&self, query: &'a Query) -> Flows {
        Level::new(query, Some(self)).flows()
    }

    fn entry(&self, index: usize, entry: &'a RangeTableEntry) -> Rc<Flows> {
        if let Some(known) = self.entries.borrow().get(&index) {
            return known.clone().unwrap_or_default();
        }
        self.entries.borrow_mut().insert(index, None);
        let flows = Rc::new(self.compute_entry(entry));
        self.entries.borrow_mut().insert(index, Some(Rc::clone(&flows)));
        flows
    }

    fn compute_entry(&self, entry: &'a RangeTableEntry) -> Flows {
        let width = entry.columns.len();
        match &entry.kind {
            // Columns of relations are read off their numbers.
            RangeTableKind::Relation { .. } | RangeTableKind::Join { .. } => Flows::default(),
            RangeTableKind::Subquery(query) => self.sub_query(query),
            RangeTableKind::Functions { functions, .. } => {
                self.alike(functions.iter().map(|function| &function.call), width)
            }
            RangeTableKind::TableExpression(table) => self.alike(table.arguments.iter(), width),
            RangeTableKind::Values(rows) => {
                let mut columns = vec![Lineage::default(); width];
                for row in rows {
                    for (column, expr) in columns.iter_mut().zip(row) {
                        union(column, &self.expr(expr));
                    }
                }
                Flows { columns, shape: SortedSet::default() }
            }
            RangeTableKind::Cte { name, levels_up, .. } => {
                let flows = self.up(*levels_up).and_then(|owner| owner.cte_named(name));
                flows.map_or_else(Flows::default, |flows| Flows {
                    columns: flows.columns.clone(),
                    shape: flows.shape.clone(),
                })
            }
        }
    }

    /// All columns are computed from all expressions.
    fn alike(&self, exprs: impl Iterator<Item = &'a Expr>, width: usize) -> Flows {
        let mut column = Lineage::default();
        for expr in exprs {
            computed_from(&mut column, &self.expr(expr));
        }
        Flows { columns: vec![column; width], shape: SortedSet::default() }
    }

    fn cte_named(&self, name: &str) -> Option<Rc<Flows>> {
        let (index, cte) = self.query.ctes.iter().enumerate().find(|(_, cte)| cte.name == name)?;
        if let Some(known) = self.ctes.borrow().get(&index) {
            return Some(Rc::clone(known));
        }
        // A recursive query refers to what is known of it so far, until nothing is added any more.
        self.ctes.borrow_mut().insert(index, Rc::new(Flows::default()));
        loop {
            let found = self.cte_columns(cte);
            let size = |flows: &Flows| {
                let of_column = |c: &Lineage| c.copied.len() + c.computed.len() + c.shaped.len();
                flows.shape.len() + flows.columns.iter().map(of_column).sum::<usize>() + flows.columns.len()
            };
            let grown = self.ctes.borrow().get(&index).is_none_or(|known| size(known) < size(&found));
            let found = Rc::new(found);
            self.ctes.borrow_mut().insert(index, Rc::clone(&found));
            if !cte.recursive || !grown {
                return Some(found);
            }
        }
    }

    fn cte_columns(&self, cte: &'a Cte) -> Flows {
        let mut flows = self.sub_query(&cte.query);
        // SEARCH and CYCLE columns are made from rows of the recursion.
        let mut made = Lineage::default();
        for column in &flows.columns {
            computed_from(&mut made, column);
        }
        flows.columns.resize(cte.columns.len().max(flows.columns.len()), made);
        flows
    }

    fn set_operation(&self, operation: &'a SetOperation, shape: &mut SortedSet<ColumnRef>) -> Vec<Lineage> {
        let mut columns = self.operand(&operation.left, shape);
        let right = self.operand(&operation.right, shape);
        if operation.kind == SetOperationKind::Except {
            for column in &right {
                all_into(column, shape);
            }
        } else {
            for (column, other) in columns.iter_mut().zip(&right) {
                union(column, other);
            }
        }
        if !operation.all || operation.kind != SetOperationKind::Union {
            for column in &columns {
                all_into(column, shape);
            }
        }
        columns
    }

    fn operand(&self, operand: &'a SetOperand, shape: &mut SortedSet<ColumnRef>) -> Vec<Lineage> {
        match operand {
            SetOperand::Operation(operation) => self.set_operation(operation, shape),
            SetOperand::Entry(index) => {
                let Some(entry) = self.query.range_table.get(*index) else { return Vec::new() };
                let flows = self.entry(*index, entry);
                shape.extend(flows.shape.iter().copied());
                flows.columns.clone()
            }
        }
    }

    fn column(&self, var: &Var) -> Lineage {
        let Some(level) = self.up(var.levels_up) else { return Lineage::default() };
        let Some(entry) = level.query.range_table.get(var.relation) else { return Lineage::default() };
        match &entry.kind {
            RangeTableKind::Relation { relation, .. } => {
                Lineage { copied: SortedSet::from([(*relation, var.column)]), ..Lineage::default() }
            }
            RangeTableKind::Join { aliased, .. } => match usize::try_from(var.column) {
                Ok(0) => {
                    let mut row = Lineage::default();
                    for expr in aliased {
                        computed_from(&mut row, &level.expr(expr));
                    }
                    row
                }
                Ok(number) => aliased.get(number - 1).map(|expr| level.expr(expr)).unwrap_or_default(),
                Err(_) => Lineage::default(),
            },
            _ => {
                let flows = level.entry(var.relation, entry);
                match usize::try_from(var.column) {
                    Ok(0) => {
                        let mut row = Lineage::default();
                        for column in &flows.columns {
                            computed_from(&mut row, column);
                        }
                        row
                    }
                    Ok(number) => flows.columns.get(number - 1).cloned().unwrap_or_default(),
                    Err(_) => Lineage::default(),
                }
            }
        }
    }

    fn expr(&self, expr: &'a Expr) -> Lineage {
        if let ExprNode::Var(var) = &*expr.node {
            return self.column(var);
        }
        let mut lineage = Lineage::default();
        self.compute(expr, &mut lineage);
        lineage
    }

    /// Adds what a value that is more than a copy is computed from.
    fn compute(&self, expr: &'a Expr, into: &mut Lineage) {
        match &*expr.node {
            ExprNode::Var(var) => computed_from(into, &self.column(var)),
            ExprNode::Sublink { kind, test, query } => {
                if let Some(test) = test {
                    self.compute(test, into);
                }
                let flows = self.sub_query(query);
                if let Some(first) = flows.columns.first().filter(|_| *kind != SublinkKind::Exists) {
                    computed_from(into, first);
                }
                for column in flows.columns.iter().skip(1).filter(|_| *kind != SublinkKind::Exists) {
                    computed_from(into, column);
                }
                // Whether rows are found is the value of EXISTS, IN and their kin.
                match kind {
                    SublinkKind::Scalar | SublinkKind::Array => into.shaped.extend(flows.shape),
                    _ => into.computed.extend(flows.shape),
                }
            }
            ExprNode::WindowFunction(call) => {
                for expr in call.args.iter().chain(&call.filter) {
                    self.compute(expr, into);
                }
                if let Some(window) = self.query.windows.get(call.window) {
                    let keys = window.partition_by.iter().copied().chain(window.order_by.iter().map(|key| key.target));
                    for target in keys.filter_map(|key| self.target(key)) {
                        self.compute(&target.expr, into);
                    }
                }
            }
            _ => expr.children(&mut |child| {
                if let Child::Expr(child) = child {
                    self.compute(child, into);
                }
            }),
        }
    }
}

fn union(column: &mut Lineage, other: &Lineage) {
    column.copied.extend(other.copied.iter().copied());
    column.computed.extend(other.computed.iter().copied());
    column.shaped.extend(other.shaped.iter().copied());
}

fn computed_from(column: &mut Lineage, other: &Lineage) {
    column.computed.extend(other.copied.iter().copied());
    column.computed.extend(other.computed.iter().copied());
    column.shaped.extend(other.shaped.iter().copied());
}

fn all_into(column: &Lineage, shape: &mut SortedSet<ColumnRef>) {
    shape.extend(column.copied.iter().copied());
    shape.extend(column.computed.iter().copied());
    shape.extend(column.shaped.iter().copied());
}
