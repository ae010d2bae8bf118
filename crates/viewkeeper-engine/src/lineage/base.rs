//! Follows columns of views, through the analyses that the catalog holds, down to columns of tables.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::analysis::{ColumnRef, Lineage};
use crate::catalog::{Catalog, Oid};

/// The base columns behind the columns of a state's views, computed as they are asked for.
#[derive(Debug)]
pub struct BaseColumns<'a> {
    catalog: &'a Catalog,
    known: RefCell<BTreeMap<ColumnRef, Option<Rc<Lineage>>>>,
}

impl<'a> BaseColumns<'a> {
    /// Of a state.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, known: RefCell::default() }
    }

    /// A lineage with every column of a view replaced by what it comes from.
    pub fn of(&self, lineage: &Lineage) -> Lineage {
        let mut base = Lineage::default();
        for column in &lineage.copied {
            let behind = self.behind(*column);
            base.copied.extend(behind.copied.iter().copied());
            base.computed.extend(behind.computed.iter().copied());
            base.shaped.extend(behind.shaped.iter().copied());
        }
        for column in &lineage.computed {
            let behind = self.behind(*column);
            base.computed.extend(behind.copied.iter().copied());
            base.computed.extend(behind.computed.iter().copied());
            base.shaped.extend(behind.shaped.iter().copied());
        }
        for column in &lineage.shaped {
            let behind = self.behind(*column);
            base.shaped.extend(behind.copied.iter().copied());
            base.shaped.extend(behind.computed.iter().copied());
            base.shaped.extend(behind.shaped.iter().copied());
        }
        base.computed.retain(|column| !base.copied.contains(column));
        base.shaped.retain(|column| !base.copied.contains(column) && !base.computed.contains(column));
        base
    }

    /// What one column of a relation comes from: itself, where the relation is no view.
    fn behind(&self, column: ColumnRef) -> Rc<Lineage> {
        if let Some(known) = self.known.borrow().get(&column) {
            // Views cannot read each other in a circle; should a catalog say so, the circle ends here.
            return known.clone().unwrap_or_default();
        }
        self.known.borrow_mut().insert(column, None);
        let found = Rc::new(self.compute(column.0, column.1));
        self.known.borrow_mut().insert(column, Some(Rc::clone(&found)));
        found
    }

    fn compute(&self, relation: Oid, number: i16) -> Lineage {
        let itself = || Lineage { copied: [(relation, number)].into(), ..Lineage::default() };
        let Some(row) = self.catalog.relation(relation) else { return itself() };
        let Some(view) = &row.view else {
            if number != 0 {
                return itself();
            }
            // A whole row is made of every column.
            let columns = row.live_columns().map(|(number, _)| (relation, number));
            return Lineage { computed: columns.collect(), ..Lineage::default() };
        };
        if number == 0 {
            let mut row = Lineage::default();
            for column in &view.analysis.columns {
                let base = self.of(&column.lineage);
                row.computed.extend(base.copied.into_iter().chain(base.computed));
                row.shaped.extend(base.shaped);
            }
            return row;
        }
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| view.analysis.columns.get(index)) {
            Some(column) => self.of(&column.lineage),
            None => itself(),
        }
    }
}
