//! Aggregate calls: ORDER BY and DISTINCT inside them, and the query level that they belong to (parse_agg.c).

use super::call::CallSyntax;
use super::kind::Guest;
use super::syntax::{node, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::Oid;
use crate::diagnostic::SqlState;
use crate::parser::NodeEnum;
use crate::resolve::{Failure, ResolvedCall};
use crate::tree::{
    AggregateCall, Child, Expr, ExprNode, JoinAliases, Location, Query, RangeTableKind, Target, returns_set,
};

impl<'a> Analyser<'a> {
    /// `transformAggregateCall`
    pub(super) fn aggregate_call(
        &mut self,
        resolved: ResolvedCall<'a>,
        syntax: CallSyntax<'a>,
        ordered_set: bool,
        location: Location,
    ) -> Outcome<Expr> {
        let mut args = resolved.args;
        let mut direct_args = Vec::new();
        let mut order_by = Vec::new();
        let mut keys = Vec::new();
        if ordered_set {
            let aggregated = args.split_off(resolved.direct_args.min(args.len()));
            direct_args = std::mem::replace(&mut args, aggregated);
            let mut targets = as_targets(args);
            for (index, key) in syntax.order_by.iter().enumerate() {
                let NodeEnum::SortBy(key) = node(key)? else { continue };
                if index < targets.len() {
                    self.add_sort_key(index, &mut keys, &mut targets, key)?;
                }
            }
            order_by.extend(targets.iter().map(|target| target.expr.clone()));
            args = targets.into_iter().map(|target| target.expr).collect();
        } else {
            let mut targets = as_targets(args);
            for key in syntax.order_by {
                let NodeEnum::SortBy(key) = node(key)? else { continue };
                let raw = required(key.node.as_deref())?;
                let index = self.find_target_sql99(raw, &mut targets, ExpressionKind::OrderBy)?;
                self.add_sort_key(index, &mut keys, &mut targets, key)?;
            }
            if syntax.distinct {
                self.distinct_arguments(&mut targets, &keys, location)?;
            }
            for key in &keys {
                order_by.extend(
                    targets.iter().find(|target| target.sort_group == key.target).map(|target| target.expr.clone()),
                );
            }
            args = targets.into_iter().filter(|target| !target.junk).map(|target| target.expr).collect();
        }
        // What the call orders by counts for its level too.
        let all: Vec<Expr> = args.iter().chain(&order_by).cloned().collect();
        let levels_up = self.aggregate_level(&direct_args, &all, syntax.filter.as_ref(), location)?;
        self.mark_aggregates(levels_up);
        self.admit(Guest::Aggregate, levels_up, location)?;
        let call = AggregateCall {
            function: resolved.routine.oid,
            type_: resolved.type_,
            collation: Oid::INVALID,
            input_collation: Oid::INVALID,
            direct_args,
            args,
            order_by,
            sort_operators: keys.iter().map(|key| key.operator).collect(),
            distinct: syntax.distinct,
            filter: syntax.filter,
            star: syntax.star,
            variadic: resolved.variadic,
            levels_up,
        };
        Ok(Expr::new(ExprNode::Aggregate(Box::new(call)), location))
    }

    /// DISTINCT of an aggregate sorts its arguments (`transformDistinctClause` for an aggregate).
    fn distinct_arguments(
        &mut self,
        targets: &mut Vec<Target>,
        keys: &[crate::tree::SortKey],
        location: Location,
    ) -> Outcome<()> {
        if let Some(junk) =
            targets.iter().find(|target| target.junk && keys.iter().any(|key| key.target == target.sort_group))
        {
            return Err(Failure::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                "an aggregate with DISTINCT can only be ordered by its arguments",
                junk.expr.location,
            ));
        }
        if targets.is_empty() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "DISTINCT of an aggregate needs an argument", location));
        }
        for target in targets {
            self.unknown_to_text(&mut target.expr)?;
            self.resolver.require_ordering(self.type_of(&target.expr), target.expr.location)?;
        }
        Ok(())
    }

    /// Marks the level that an aggregate belongs to.
    pub(super) fn mark_aggregates(&mut self, levels_up: usize) {
        let index = self.levels.len().checked_sub(levels_up + 1);
        if let Some(level) = index.and_then(|index| self.levels.get_mut(index)) {
            level.has_aggregates = true;
        }
    }

    /// The level that an aggregate belongs to: that of its innermost column (`check_agg_arguments`).
    pub(super) fn aggregate_level(
        &self,
        direct_args: &[Expr],
        args: &[Expr],
        filter: Option<&Expr>,
        location: Location,
    ) -> Outcome<usize> {
        let mut found = Levels::default();
        for expr in args.iter().chain(filter) {
            found.visit(expr, 0)?;
        }
        let aggregate = found.aggregate.map(|(level, _)| level);
        let level = match (found.variable.map(|(level, _)| level), aggregate) {
            (None, None) => 0,
            (Some(level), None) | (None, Some(level)) => level,
            (Some(variable), Some(aggregate)) => variable.min(aggregate),
        };
        if let Some((aggregate, place)) = found.aggregate
            && aggregate == level
        {
            return Err(nested(place));
        }
        if found.cte.is_some_and(|cte| cte < level) {
            return Err(nested_cte(location));
        }
        let mut direct = Levels::default();
        for expr in direct_args {
            direct.visit(expr, 0)?;
        }
        if let Some((variable, place)) = direct.variable
            && variable < level
        {
            return Err(Failure::new(
                SqlState::GROUPING_ERROR,
                "the direct arguments of an aggregate of an outer query cannot use columns of an inner one",
                place,
            ));
        }
        if let Some((aggregate, place)) = direct.aggregate
            && aggregate <= level
        {
            return Err(nested(place));
        }
        if direct.cte.is_some_and(|cte| cte < level) {
            return Err(nested_cte(location));
        }
        Ok(level)
    }
}

fn as_targets(args: Vec<Expr>) -> Vec<Target> {
    args.into_iter().map(|expr| Target { name: String::new(), expr, sort_group: 0, junk: false }).collect()
}

fn nested(location: Location) -> Failure {
    Failure::new(SqlState::GROUPING_ERROR, "aggregate calls cannot be nested", location)
}

fn nested_cte(location: Location) -> Failure {
    Failure::new(
        SqlState::FEATURE_NOT_SUPPORTED,
        "an aggregate of an outer query cannot use a WITH query of an inner one",
        location,
    )
}

/// The innermost levels that an expression refers to, with where (`check_agg_arguments_walker`).
#[derive(Default)]
struct Levels {
    variable: Option<(usize, Location)>,
    aggregate: Option<(usize, Location)>,
    cte: Option<usize>,
}

impl Levels {
    fn visit(&mut self, expr: &Expr, depth: usize) -> Outcome<()> {
        match &*expr.node {
            ExprNode::Var(var) => {
                lower(&mut self.variable, var.levels_up.checked_sub(depth), expr.location);
                return Ok(());
            }
            ExprNode::Aggregate(call) => {
                lower(&mut self.aggregate, call.levels_up.checked_sub(depth), expr.location);
            }
            ExprNode::Grouping { levels_up, .. } => {
                lower(&mut self.aggregate, levels_up.checked_sub(depth), expr.location);
            }
            ExprNode::WindowFunction(_) if depth == 0 => {
                return Err(Failure::new(
                    SqlState::GROUPING_ERROR,
                    "aggregate calls cannot contain window function calls",
                    expr.location,
                ));
            }
            _ if depth == 0 && returns_set(expr) => {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    "aggregate calls cannot contain set-returning function calls",
                    expr.location,
                )
                .help("move the set-returning function into a LATERAL item of FROM"));
            }
            _ => {}
        }
        let mut outcome = Ok(());
        expr.children(&mut |child| {
            if outcome.is_ok() {
                outcome = self.visit_child(child, depth);
            }
        });
        outcome
    }

    fn visit_child(&mut self, child: Child<'_>, depth: usize) -> Outcome<()> {
        match child {
            Child::Expr(expr) => self.visit(expr, depth),
            Child::Query(query) => self.visit_query(query, depth + 1),
        }
    }

    fn visit_query(&mut self, query: &Query, depth: usize) -> Outcome<()> {
        for entry in &query.range_table {
            if let RangeTableKind::Cte { levels_up, .. } = entry.kind
                && let Some(level) = levels_up.checked_sub(depth)
            {
                self.cte = Some(self.cte.map_or(level, |cte| cte.min(level)));
            }
        }
        let mut outcome = Ok(());
        query.query_children(JoinAliases::Skip, &mut |child| {
            if outcome.is_ok() {
                outcome = self.visit_child(child, depth);
            }
        });
        outcome
    }
}

fn lower(slot: &mut Option<(usize, Location)>, level: Option<usize>, location: Location) {
    if let Some(level) = level
        && slot.is_none_or(|(least, _)| level < least)
    {
        *slot = Some((level, location));
    }
}

/// Where a column of the query `level` levels up is used, if anywhere (`contain_vars_of_level`, `locate_var_of_level`).
pub(super) fn variable_of_level(expr: &Expr, level: usize) -> Option<Location> {
    if let ExprNode::Var(var) = &*expr.node {
        return (var.levels_up == level).then_some(expr.location);
    }
    let mut found = None;
    expr.children(&mut |child| {
        if found.is_none() {
            found = match child {
                Child::Expr(expr) => variable_of_level(expr, level),
                Child::Query(query) => variable_in_query(query, level + 1),
            };
        }
    });
    found
}

/// The same of a query.
pub(super) fn variable_in_query(query: &Query, level: usize) -> Option<Location> {
    let mut found = None;
    query.query_children(JoinAliases::Skip, &mut |child| {
        if found.is_none() {
            found = match child {
                Child::Expr(expr) => variable_of_level(expr, level),
                Child::Query(query) => variable_in_query(query, level + 1),
            };
        }
    });
    found
}

/// Whether an aggregate of this very level is in an expression, and where (`locate_agg_of_level` for level 0, which
/// looks into sub-queries too).
pub(super) fn aggregate_location(expr: &Expr, level: usize) -> Option<Location> {
    match &*expr.node {
        ExprNode::Aggregate(call) if call.levels_up == level => return Some(expr.location),
        ExprNode::Grouping { levels_up, .. } if *levels_up == level => return Some(expr.location),
        _ => {}
    }
    let mut found = None;
    expr.children(&mut |child| {
        if found.is_none() {
            found = match child {
                Child::Expr(expr) => aggregate_location(expr, level),
                Child::Query(query) => {
                    let mut inner = None;
                    query.query_children(JoinAliases::Skip, &mut |child| {
                        if let Child::Expr(expr) = child
                            && inner.is_none()
                        {
                            inner = aggregate_location(expr, level + 1);
                        }
                    });
                    inner
                }
            };
        }
    });
    found
}
