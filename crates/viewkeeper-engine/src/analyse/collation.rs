//! Collations of a finished tree, from the leaves up (parse_collate.c). It is the last pass over each query.

use super::{Analyser, Outcome};
use crate::catalog::{AggregateKind, Oid, oids};
use crate::diagnostic::SqlState;
use crate::resolve::Failure;
use crate::tree::{
    CallForm, ChildMut, Expr, ExprNode, JoinAliases, Location, Query, SubscriptExpr, expr_collation, first_target,
    set_expr_collation, set_expr_input_collation,
};

/// How sure a collation is (`CollateStrength`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    None,
    Implicit,
    Conflict,
    Explicit,
}

/// What becomes of two implicit collations that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// No collation, which is an error only when one is needed.
    Allowed,
    /// An error at once.
    Refused,
}

/// `assign_collations_context`
#[derive(Debug, Clone, Copy)]
struct Derived {
    collation: Oid,
    strength: Strength,
    location: Location,
    /// The collation in conflict.
    other: Oid,
    other_location: Location,
}

impl Derived {
    const NONE: Self = Self {
        collation: Oid::INVALID,
        strength: Strength::None,
        location: None,
        other: Oid::INVALID,
        other_location: None,
    };

    fn implicit(collation: Oid, location: Location) -> Self {
        let strength = if collation.is_valid() { Strength::Implicit } else { Strength::None };
        Self { collation, strength, location, ..Self::NONE }
    }

    /// The collation to store in a node: none where it is in conflict.
    fn stored(self) -> Oid {
        if self.strength == Strength::Conflict { Oid::INVALID } else { self.collation }
    }
}

impl<'a> Analyser<'a> {
    /// `assign_query_collations`: all expressions of a query; its sub-queries have theirs already.
    pub(super) fn assign_query_collations(&mut self, query: &mut Query) -> Outcome<()> {
        for target in &mut query.targets {
            let derived = self.derive(&mut target.expr)?;
            if derived.strength == Strength::Conflict && target.sort_group != 0 {
                return Err(self.mismatch(derived));
            }
        }
        let mut outcome = Ok(());
        // Entries of FROM and WITH queries were done when they were made.
        let range_table = std::mem::take(&mut query.range_table);
        let ctes = std::mem::take(&mut query.ctes);
        let targets = std::mem::take(&mut query.targets);
        query.query_children_mut(JoinAliases::Skip, &mut |child| {
            if let ChildMut::Expr(expr) = child
                && outcome.is_ok()
            {
                outcome = self.derive(expr).map(|_| ());
            }
        });
        (query.range_table, query.ctes, query.targets) = (range_table, ctes, targets);
        outcome
    }

    /// `assign_expr_collations`
    pub(super) fn assign_collations(&mut self, expr: &mut Expr) -> Outcome<()> {
        self.derive(expr).map(|_| ())
    }

    /// `select_common_collation`
    pub(super) fn common_collation<'e>(
        &mut self,
        exprs: impl Iterator<Item = &'e mut Expr>,
        conflict: Conflict,
    ) -> Outcome<Oid> {
        let mut merged = Derived::NONE;
        for expr in exprs {
            let derived = self.derive(expr)?;
            self.merge(&mut merged, derived)?;
        }
        match (merged.strength, conflict) {
            (Strength::Conflict, Conflict::Allowed) => Ok(Oid::INVALID),
            (Strength::Conflict, Conflict::Refused) => Err(self.mismatch(merged)),
            _ => Ok(merged.collation),
        }
    }

    /// Assigns the collations of an expression and derives its own (`assign_collations_walker`).
    fn derive(&mut self, expr: &mut Expr) -> Outcome<Derived> {
        let location = expr.location;
        match &mut *expr.node {
            ExprNode::Collate { arg, collation } => {
                let collation = *collation;
                self.derive(arg)?;
                return Ok(Derived { collation, strength: Strength::Explicit, location, ..Derived::NONE });
            }
            ExprNode::Field { arg, collation, .. } => {
                let collation = *collation;
                self.derive(arg)?;
                return Ok(Derived::implicit(collation, location));
            }
            ExprNode::Row { args, .. } => {
                for arg in args {
                    self.derive(arg)?;
                }
                return Ok(Derived::NONE);
            }
            ExprNode::RowCompare(comparison) => {
                for (left, right) in comparison.left.iter_mut().zip(&mut comparison.right) {
                    self.common_collation([left, right].into_iter(), Conflict::Allowed)?;
                }
                return Ok(Derived::NONE);
            }
            ExprNode::CoerceToDomain { arg, type_, .. } => {
                let own = self.catalog().type_collation(*type_);
                let inner = self.derive(arg)?;
                let derived = match own {
                    oids::DEFAULT_COLLATION => inner,
                    _ => Derived::implicit(own, location),
                };
                set_expr_collation(expr, derived.stored());
                return Ok(derived);
            }
            ExprNode::Var(_)
            | ExprNode::Const { .. }
            | ExprNode::Param { .. }
            | ExprNode::CaseTest { .. }
            | ExprNode::SetToDefault { .. } => {
                return Ok(Derived::implicit(expr_collation(expr), location));
            }
            _ => {}
        }
        let inner = self.derive_children(expr)?;
        let own = self.catalog().type_collation(self.type_of(expr));
        let derived = if !own.is_valid() {
            Derived::NONE
        } else if inner.strength > Strength::None {
            inner
        } else {
            Derived::implicit(own, location)
        };
        set_expr_collation(expr, derived.stored());
        set_expr_input_collation(expr, inner.stored());
        Ok(derived)
    }

    /// What the inputs of a node agree on.
    fn derive_children(&mut self, expr: &mut Expr) -> Outcome<Derived> {
        let mut merged = Derived::NONE;
        match &mut *expr.node {
            ExprNode::Aggregate(call) => {
                let routine = self.catalog().routine(call.function);
                let kind = routine.and_then(|routine| routine.aggregate.as_ref()).map(|aggregate| aggregate.kind);
                let variadic = routine.is_some_and(|routine| routine.variadic.is_valid());
                let merges = call.args.len() == 1 && !variadic;
                match kind {
                    Some(AggregateKind::OrderedSet) => {
                        self.merge_all(call.direct_args.iter_mut(), &mut merged)?;
                        for arg in &mut call.args {
                            let derived = self.derive_sorted(arg)?;
                            if merges {
                                self.merge(&mut merged, derived)?;
                            }
                        }
                    }
                    Some(AggregateKind::HypotheticalSet) => {
                        let extra = call.direct_args.len().saturating_sub(call.args.len());
                        self.merge_all(call.direct_args.iter_mut().take(extra), &mut merged)?;
                        let pairs = call.direct_args.iter_mut().skip(extra).zip(&mut call.args);
                        for (hypothetical, sorted) in pairs {
                            self.hypothetical_pair(hypothetical, sorted, merges, &mut merged)?;
                        }
                    }
                    _ if call.distinct => {
                        for arg in &mut call.args {
                            let derived = self.derive_sorted(arg)?;
                            self.merge(&mut merged, derived)?;
                        }
                    }
                    _ => self.merge_all(call.args.iter_mut(), &mut merged)?,
                }
                // The sort keys are the aggregated arguments again, or expressions beside them.
                for key in &mut call.order_by {
                    self.derive_sorted(key)?;
                }
                if let Some(filter) = &mut call.filter {
                    self.derive(filter)?;
                }
            }
            ExprNode::WindowFunction(call) => {
                self.merge_all(call.args.iter_mut(), &mut merged)?;
                if let Some(filter) = &mut call.filter {
                    self.derive(filter)?;
                }
            }
            // The tested value has its collation already.
            ExprNode::Case(case) => {
                for (condition, result) in &mut case.whens {
                    self.merge_all([condition, result].into_iter(), &mut merged)?;
                }
                self.merge_all(std::iter::once(&mut case.default), &mut merged)?;
            }
            ExprNode::Subscript(subscript) => {
                let SubscriptExpr { arg, upper, lower, assigned, .. } = &mut **subscript;
                for bound in upper.iter_mut().chain(lower.iter_mut().flatten()).flatten() {
                    self.derive(bound)?;
                }
                self.merge_all(std::iter::once(arg).chain(assigned), &mut merged)?;
            }
            // Each part has a collation of its own; none of them is the result's.
            ExprNode::JsonQuery(_) => {
                let mut outcome = Ok(());
                expr.children_mut(&mut |child| {
                    if let ChildMut::Expr(child) = child
                        && outcome.is_ok()
                    {
                        outcome = self.derive(child).map(|_| ());
                    }
                });
                outcome?;
            }
            _ => {
                let mut outcome = Ok(());
                expr.children_mut(&mut |child| {
                    if outcome.is_err() {
                        return;
                    }
                    outcome = match child {
                        ChildMut::Expr(child) => {
                            self.derive(child).and_then(|derived| self.merge(&mut merged, derived))
                        }
                        ChildMut::Query(query) => match first_target(query) {
                            Some(target) => {
                                let collation = expr_collation(&target.expr);
                                let strength = Strength::Implicit;
                                let location = target.expr.location;
                                self.merge(&mut merged, Derived { collation, strength, location, ..Derived::NONE })
                            }
                            None => Ok(()),
                        },
                    };
                });
                outcome?;
            }
        }
        Ok(merged)
    }

    /// What is sorted or made distinct must have a collation (the `TargetEntry` branch of `assign_collations_walker`).
    fn derive_sorted(&mut self, key: &mut Expr) -> Outcome<Derived> {
        let derived = self.derive(key)?;
        if derived.strength == Strength::Conflict { Err(self.mismatch(derived)) } else { Ok(derived) }
    }

    fn merge_all<'e>(&mut self, exprs: impl Iterator<Item = &'e mut Expr>, merged: &mut Derived) -> Outcome<()> {
        for expr in exprs {
            let derived = self.derive(expr)?;
            self.merge(merged, derived)?;
        }
        Ok(())
    }

    /// One pair of `assign_hypothetical_collations`: the sorted value takes the pair's collation.
    fn hypothetical_pair(
        &mut self,
        hypothetical: &mut Expr,
        sorted: &mut Expr,
        merges: bool,
        merged: &mut Derived,
    ) -> Outcome<()> {
        let mut pair = Derived::NONE;
        self.merge_all([hypothetical, &mut *sorted].into_iter(), &mut pair)?;
        if pair.strength == Strength::Conflict {
            return Err(self.mismatch(pair));
        }
        if pair.collation.is_valid() && pair.collation != expr_collation(sorted) {
            let (type_, typmod) = (self.type_of(sorted), self.typmod_of(sorted));
            let arg = super::take(sorted);
            let location = arg.location;
            let form = CallForm::ImplicitCast;
            *sorted = Expr::new(ExprNode::Relabel { arg, type_, typmod, collation: pair.collation, form }, location);
        }
        if merges {
            self.merge(merged, pair)?;
        }
        Ok(())
    }

    /// `merge_collation_state`
    fn merge(&self, merged: &mut Derived, new: Derived) -> Outcome<()> {
        if new.strength > merged.strength {
            *merged = new;
            return Ok(());
        }
        if new.strength < merged.strength || new.collation == merged.collation {
            return Ok(());
        }
        match new.strength {
            Strength::None | Strength::Conflict => {}
            Strength::Implicit => {
                // The default gives way to any other.
                if merged.collation == oids::DEFAULT_COLLATION {
                    *merged = new;
                } else if new.collation != oids::DEFAULT_COLLATION {
                    merged.strength = Strength::Conflict;
                    merged.other = new.collation;
                    merged.other_location = new.location;
                }
            }
            Strength::Explicit => {
                return Err(Failure::new(
                    SqlState::COLLATION_MISMATCH,
                    format!(
                        "the collations `{}` and `{}` are both asked for",
                        self.collation_name(merged.collation),
                        self.collation_name(new.collation)
                    ),
                    new.location,
                ));
            }
        }
        Ok(())
    }

    fn mismatch(&self, derived: Derived) -> Failure {
        Failure::new(
            SqlState::COLLATION_MISMATCH,
            format!(
                "the collations `{}` and `{}` of the values do not agree",
                self.collation_name(derived.collation),
                self.collation_name(derived.other)
            ),
            derived.other_location,
        )
        .help("choose one by applying COLLATE to one or both of the values")
    }

    /// A collation for messages.
    pub(super) fn collation_name(&self, collation: Oid) -> String {
        self.catalog().collation(collation).map_or_else(|| "none".to_owned(), |collation| collation.name.clone())
    }
}
