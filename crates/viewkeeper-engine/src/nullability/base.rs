//! What the columns of relations prove, with their traps: inheritance, foreign tables, constraints that are not
//! validated, materialized views that may be older than a constraint. No expressions here.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::reason::{ColumnReason, Reason, Verdict};
use super::{declared, overrule, query_verdicts};
use crate::catalog::{Catalog, ColumnSource, ConstraintKind, NotNull, Oid, Relation, RelationKind};

/// Whose word is taken for the columns of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewColumns {
    /// What their analyses say: for a view that is being created on top of them.
    AsRecorded,
    /// Computed again from their queries, as the state is now.
    Recomputed,
}

/// Whether what a person says is taken for true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// As everywhere.
    Taken,
    /// To find what rests on it.
    Ignored,
}

/// The base facts of one state, with what was computed from them kept.
#[derive(Debug)]
pub struct BaseFacts<'a> {
    pub(super) catalog: &'a Catalog,
    views: ViewColumns,
    pub(super) word: Word,
    computed: RefCell<BTreeMap<Oid, ViewState>>,
    /// The table whose generated columns are judged: they are computed from others than generated ones.
    generating: Cell<Option<Oid>>,
    /// The columns of views on rows where conditions keep null out of some of them.
    narrowed: RefCell<BTreeMap<Narrowing, Rc<[Verdict]>>>,
}

/// A view, and its columns that are known not to be null, by index.
type Narrowing = (Oid, Vec<usize>);

#[derive(Debug, Clone)]
enum ViewState {
    InProgress,
    Done(Rc<[Verdict]>),
}

impl<'a> BaseFacts<'a> {
    /// The facts of a state.
    pub fn new(catalog: &'a Catalog, views: ViewColumns) -> Self {
        Self {
            catalog,
            views,
            word: Word::Taken,
            computed: RefCell::default(),
            generating: Cell::default(),
            narrowed: RefCell::default(),
        }
    }

    /// The same with another ear for what people say.
    #[must_use]
    pub(super) fn with(self, word: Word) -> Self {
        Self { word, ..self }
    }

    /// Every column of a relation, by attribute number from 1.
    pub(super) fn columns(&self, oid: Oid, only: bool) -> Rc<[Verdict]> {
        let Some(relation) = self.catalog.relation(oid) else { return Rc::from([]) };
        match relation.kind {
            RelationKind::View => self.view(relation),
            RelationKind::MaterializedView => self.materialized_view(relation),
            _ => {
                let numbers = (1i16..).zip(&relation.columns);
                let mut columns: Vec<_> =
                    numbers.map(|(number, _)| self.table_column(relation, number, only)).collect();
                if self.word == Word::Taken {
                    declared::apply(self.catalog, relation, &mut columns);
                }
                columns.into()
            }
        }
    }

    /// A system column (`tableoid`, `ctid`, …).
    pub(super) fn system_column(&self, oid: Oid, only: bool) -> Verdict {
        let local = |oid: Oid| {
            self.catalog.relation(oid).is_some_and(|relation| {
                matches!(
                    relation.kind,
                    RelationKind::Table | RelationKind::PartitionedTable | RelationKind::MaterializedView
                )
            })
        };
        if local(oid) && (only || self.catalog.descendants(oid).into_iter().all(local)) {
            Verdict::never(Reason::Static("every stored row has its system columns"))
        } else {
            Verdict::nullable(Reason::Static("a system column of something that is not a plain table"))
        }
    }

    /// The columns of a view on rows where null is kept out of some, which are known by index. What `judge` finds is kept
    /// only when it had the fuel to look everywhere: with less it may prove less.
    pub(super) fn narrowed(
        &self,
        view: Oid,
        known: Vec<usize>,
        fuel: &Cell<u32>,
        judge: impl FnOnce(&[usize]) -> Vec<Verdict>,
    ) -> Rc<[Verdict]> {
        let key = (view, known);
        if let Some(columns) = self.narrowed.borrow().get(&key) {
            return Rc::clone(columns);
        }
        let columns: Rc<[Verdict]> = judge(&key.1).into();
        if fuel.get() > 0 {
            self.narrowed.borrow_mut().insert(key, Rc::clone(&columns));
        }
        columns
    }

    /// The query of a view, where it is known.
    pub(super) fn view_tree(&self, oid: Oid) -> Option<&'a crate::tree::Query> {
        let relation = self.catalog.relation(oid)?;
        let view = relation.view.as_ref().filter(|_| relation.kind == RelationKind::View)?;
        view.tree.as_deref()
    }

    fn table_column(&self, relation: &Relation, number: i16, only: bool) -> Verdict {
        let Some(column) = relation.attribute(number).filter(|column| !column.dropped) else {
            return Verdict::nullable(Reason::Static("dropped column"));
        };
        let reason = |why| Reason::Column(relation.oid, number, why);
        if relation.kind == RelationKind::ForeignTable {
            return Verdict::nullable(reason(ColumnReason::Foreign));
        }
        let is_not_null = matches!(column.not_null, NotNull::Yes | NotNull::NoInherit);
        if !is_not_null && Self::has_check(relation, number) {
            if !only && let Some(child) = self.child_that_allows_null(relation.oid, &column.name) {
                return Verdict::nullable(reason(ColumnReason::Child(child)));
            }
            return Verdict::never(reason(ColumnReason::Check));
        }
        // Children have expressions of their own.
        if !is_not_null && self.generation_is_never_null(relation, number) {
            if !only && let Some(child) = self.child_that_allows_null(relation.oid, &column.name) {
                return Verdict::nullable(reason(ColumnReason::Child(child)));
            }
            return Verdict::never(reason(ColumnReason::Generated));
        }
        match column.not_null {
            NotNull::No if self.is_domain(column.type_) => return Verdict::nullable(reason(ColumnReason::Domain)),
            NotNull::No => return Verdict::nullable(reason(ColumnReason::Nullable)),
            NotNull::NotValidated => return Verdict::nullable(reason(ColumnReason::NotValidated)),
            NotNull::NoInherit | NotNull::Yes => {}
        }
        if !only && let Some(child) = self.child_that_allows_null(relation.oid, &column.name) {
            return Verdict::nullable(reason(ColumnReason::Child(child)));
        }
        let is_key = relation
            .constraints
            .iter()
            .any(|key| key.kind == ConstraintKind::PrimaryKey && key.columns.contains(&number));
        Verdict::never(reason(if is_key { ColumnReason::PrimaryKey } else { ColumnReason::NotNull }))
    }

    /// Whether a generated column is computed by an expression that is never null of the row's other columns. It is
    /// computed anew with every change of them, so what holds of them now holds of it.
    fn generation_is_never_null(&self, relation: &Relation, number: i16) -> bool {
        let generated = relation.attribute(number).is_some_and(|column| {
            matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual)
        });
        let query = self.catalog.generations.get(&(relation.oid, number)).filter(|_| generated);
        let Some(query) = query.filter(|_| self.generating.get() != Some(relation.oid)) else { return false };
        let outer = self.generating.replace(Some(relation.oid));
        let proven = query_verdicts(self, query).first().is_some_and(|verdict| verdict.not_null);
        self.generating.set(outer);
        proven
    }

    /// Whether a check that was tried on all rows excludes null from the column.
    fn has_check(relation: &Relation, number: i16) -> bool {
        relation.constraints.iter().any(|check| check.validated && check.excludes_null.contains(&number))
    }

    /// Whether the type is a domain that excludes null. A stored value of it may still be null: the empty scalar
    /// sub-select is null without being checked (CREATE DOMAIN, notes).
    fn is_domain(&self, mut type_: Oid) -> bool {
        while let Some(row) = self.catalog.type_(type_).filter(|row| row.base.is_valid()) {
            if row.not_null {
                return true;
            }
            type_ = row.base;
        }
        false
    }

    /// A child table (a partition too) whose rows a query of the parent returns and whose column may be null. A child
    /// can have lost the constraint of its parent (up to 17), or never have had it (`ONLY`, `NO INHERIT`).
    fn child_that_allows_null(&self, parent: Oid, column: &str) -> Option<Oid> {
        self.catalog.descendants(parent).into_iter().find(|child| {
            !self.catalog.relation(*child).is_some_and(|relation| {
                matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable)
                    && relation.column(column).is_some_and(|(number, column)| {
                        matches!(column.not_null, NotNull::Yes | NotNull::NoInherit)
                            || Self::has_check(relation, number)
                            || self.generation_is_never_null(relation, number)
                    })
            })
        })
    }

    fn recorded(&self, relation: &Relation) -> Rc<[Verdict]> {
        let columns = relation.view.as_ref().map(|view| view.analysis.columns.as_slice()).unwrap_or_default();
        (1i16..)
            .zip(columns)
            .map(|(number, column)| Verdict {
                not_null: column.nullability.not_null,
                reason: Reason::Recorded(relation.oid, number),
            })
            .collect::<Vec<_>>()
            .into()
    }

    fn view(&self, relation: &Relation) -> Rc<[Verdict]> {
        match self.views {
            ViewColumns::AsRecorded => self.recorded(relation),
            ViewColumns::Recomputed => self.recomputed(relation),
        }
    }

    /// Its rows are those of the last refresh. What is recorded was true at its creation and at every change since
    /// (see [`super::weaken_materialized_views`]); it must be true now too, for the next refresh.
    fn materialized_view(&self, relation: &Relation) -> Rc<[Verdict]> {
        let recorded = self.recorded(relation);
        if self.views == ViewColumns::AsRecorded {
            return recorded;
        }
        let recomputed = self.recomputed(relation);
        let mut columns: Vec<_> = (1i16..)
            .zip(recomputed.iter().zip(recorded.iter()))
            .map(|(number, (now, recorded))| {
                if now.not_null && !recorded.not_null {
                    Verdict::nullable(Reason::Column(relation.oid, number, ColumnReason::Stale))
                } else {
                    now.clone()
                }
            })
            .collect();
        if self.word == Word::Taken {
            declared::apply(self.catalog, relation, &mut columns);
        }
        columns.into()
    }

    /// The columns of a view or materialized view as its query and the state of now have it, before any history.
    pub(super) fn recomputed(&self, relation: &Relation) -> Rc<[Verdict]> {
        match self.computed.borrow().get(&relation.oid) {
            Some(ViewState::Done(columns)) => return Rc::clone(columns),
            // A cycle of views cannot be created; should a catalog hold one, nothing is proven by it.
            Some(ViewState::InProgress) => return Rc::from([]),
            None => {}
        }
        let Some(view) = &relation.view else { return Rc::from([]) };
        let Some(tree) = view.tree.as_deref() else { return self.recorded(relation) };
        self.computed.borrow_mut().insert(relation.oid, ViewState::InProgress);
        let mut columns = query_verdicts(self, tree);
        if self.word == Word::Taken {
            declared::apply(self.catalog, relation, &mut columns);
            overrule::apply_recorded(relation, &mut columns);
        }
        let columns: Rc<[Verdict]> = columns.into();
        self.computed.borrow_mut().insert(relation.oid, ViewState::Done(Rc::clone(&columns)));
        columns
    }
}
