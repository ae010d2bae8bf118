//! The check that every column outside aggregates is grouped by (`parseCheckAggregates` in parse_agg.c).

use super::grouping::{Grouping, expand_sets};
use super::{Analyser, Outcome};
use crate::catalog::{ConstraintKind, Oid, oids};
use crate::diagnostic::SqlState;
use crate::resolve::Failure;
use crate::tree::{
    Child, ChildMut, Expr, ExprNode, JoinAliases, Location, Query, RangeTableEntry, RangeTableKind, Var,
};

impl<'a> Analyser<'a> {
    /// `parseCheckAggregates`
    pub(super) fn check_aggregates(&self, query: &mut Query, grouping: Grouping, distinct: bool) -> Outcome<()> {
        let mut common: Option<Vec<u32>> = None;
        let had_sets = grouping.sets.is_some();
        if let Some(sets) = &grouping.sets {
            let Some(expanded) = expand_sets(sets, distinct) else {
                return Err(Failure::new(SqlState::TOO_COMPLEX, "more than 4096 grouping sets", grouping.location));
            };
            let mut sets = expanded.iter();
            let first = sets.next().cloned().unwrap_or_default();
            common = Some(sets.fold(first, |common, set| common.into_iter().filter(|r| set.contains(r)).collect()));
            // One set is a plain GROUP BY, unless it is the empty one.
            if expanded.len() > 1 || query.group_by.is_empty() {
                query.grouping_sets = expanded;
            }
        }
        let entries = &query.range_table;
        let grouped: Vec<(u32, Expr)> = query
            .group_by
            .iter()
            .filter_map(|reference| query.targets.iter().find(|target| target.sort_group == *reference))
            .map(|target| (target.sort_group, flattened(&target.expr, entries)))
            .collect();
        let mut check = Check {
            analyser: self,
            entries,
            grouped: &grouped,
            common: grouped
                .iter()
                .filter(|(reference, _)| !had_sets || common.as_ref().is_some_and(|common| common.contains(reference)))
                .filter_map(|(_, expr)| match &*expr.node {
                    ExprNode::Var(var) => Some(var.clone()),
                    _ => None,
                })
                .collect(),
            has_expressions: grouped.iter().any(|(_, expr)| !matches!(*expr.node, ExprNode::Var(_))),
            dependent: Vec::new(),
            constraints: Vec::new(),
        };
        for expr in query.targets.iter().map(|target| &target.expr).chain(&query.having) {
            let flat = flattened(expr, entries);
            check.expr(&flat, 0, Inside::Query)?;
        }
        let constraints = check.constraints;
        let self_reference =
            entries.iter().any(|entry| matches!(entry.kind, RangeTableKind::Cte { self_reference: true, .. }));
        if query.has_aggregates && self_reference {
            let location =
                query.targets.iter().find_map(|target| super::aggregate::aggregate_location(&target.expr, 0)).flatten();
            return Err(Failure::new(
                SqlState::INVALID_RECURSION,
                "the recursive term of a recursive query cannot have aggregate functions",
                location,
            ));
        }
        query.constraint_dependencies.extend(constraints);
        Ok(())
    }

    /// The primary key that makes all columns of a relation known from the grouped ones (`check_functional_grouping` in
    /// pg_constraint.c).
    fn functional_grouping(&self, relation: Oid, entry: usize, grouped: &[Var]) -> Option<Oid> {
        let relation = self.catalog().relation(relation)?;
        let key = relation.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)?;
        let covered = |number: &i16| {
            grouped.iter().any(|var| var.relation == entry && var.levels_up == 0 && var.column == *number)
        };
        (!key.deferrable && key.columns.iter().all(covered)).then_some(key.oid)
    }
}

/// Whether a walk is inside the direct arguments of an ordered-set aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Query,
    DirectArguments,
}

/// `check_ungrouped_columns_context`
struct Check<'c, 'a> {
    analyser: &'c Analyser<'a>,
    entries: &'c [RangeTableEntry],
    /// What is grouped by, with references.
    grouped: &'c [(u32, Expr)],
    /// Columns that every grouping set groups by.
    common: Vec<Var>,
    /// Whether anything but a column is grouped by.
    has_expressions: bool,
    /// Entries all of whose columns are known from the grouped ones.
    dependent: Vec<usize>,
    constraints: Vec<(Oid, Oid)>,
}

impl Check<'_, '_> {
    /// `check_ungrouped_columns_walker`, with `finalize_grouping_exprs_walker` for GROUPING.
    fn expr(&mut self, expr: &Expr, depth: usize, inside: Inside) -> Outcome<()> {
        match &*expr.node {
            ExprNode::Const { .. } | ExprNode::Param { .. } => return Ok(()),
            ExprNode::Aggregate(call) if call.levels_up == depth => {
                // Arguments are computed before grouping; direct ones after it.
                for arg in &call.direct_args {
                    self.expr(arg, depth, Inside::DirectArguments)?;
                }
                return Ok(());
            }
            ExprNode::Aggregate(call) if call.levels_up > depth => return Ok(()),
            ExprNode::Grouping { args, levels_up } if *levels_up == depth => return self.grouping(args, depth),
            ExprNode::Grouping { levels_up, .. } if *levels_up > depth => return Ok(()),
            _ => {}
        }
        if self.has_expressions && depth == 0 && self.grouped.iter().any(|(_, grouped)| grouped == expr) {
            return Ok(());
        }
        if let ExprNode::Var(var) = &*expr.node {
            return if var.levels_up == depth { self.column(var, depth, inside, expr.location) } else { Ok(()) };
        }
        let mut outcome = Ok(());
        expr.children(&mut |child| {
            if outcome.is_ok() {
                outcome = self.child(child, depth, inside);
            }
        });
        outcome
    }

    fn child(&mut self, child: Child<'_>, depth: usize, inside: Inside) -> Outcome<()> {
        match child {
            Child::Expr(expr) => self.expr(expr, depth, inside),
            Child::Query(query) => {
                let mut outcome = Ok(());
                query.query_children(JoinAliases::Visit, &mut |child| {
                    if outcome.is_ok() {
                        outcome = self.child(child, depth + 1, inside);
                    }
                });
                outcome
            }
        }
    }

    fn column(&mut self, var: &Var, depth: usize, inside: Inside, location: Location) -> Outcome<()> {
        let same = |grouped: &Expr| match &*grouped.node {
            ExprNode::Var(other) => {
                other.relation == var.relation && other.column == var.column && other.levels_up == 0
            }
            _ => false,
        };
        if self.grouped.iter().any(|(_, grouped)| same(grouped)) || self.dependent.contains(&var.relation) {
            return Ok(());
        }
        let Some(entry) = self.entries.get(var.relation) else { return Ok(()) };
        if let RangeTableKind::Relation { relation, .. } = entry.kind
            && let Some(constraint) = self.analyser.functional_grouping(relation, var.relation, &self.common)
        {
            self.dependent.push(var.relation);
            self.constraints.push((relation, constraint));
            return Ok(());
        }
        let name = match usize::try_from(var.column).ok().and_then(|number| number.checked_sub(1)) {
            Some(index) => entry.columns.get(index).map_or("?", |column| column.name.as_str()),
            None if var.column == 0 => "*",
            None => "?",
        };
        let shown = if entry.name.is_empty() { name.to_owned() } else { format!("{}.{name}", entry.name) };
        if depth > 0 {
            return Err(Failure::new(
                SqlState::GROUPING_ERROR,
                format!("the sub-query uses `{shown}` of the outer query, which is not in its GROUP BY"),
                location,
            ));
        }
        let failure = Failure::new(
            SqlState::GROUPING_ERROR,
            format!("`{shown}` must be in GROUP BY or inside an aggregate function"),
            location,
        );
        Err(match inside {
            Inside::DirectArguments => {
                failure.note("the direct arguments of an ordered-set aggregate can only use grouped columns")
            }
            Inside::Query => failure.help(format!("add `{shown}` to GROUP BY, or aggregate it")),
        })
    }

    /// The arguments of GROUPING must be grouped by at its level.
    fn grouping(&mut self, args: &[Expr], depth: usize) -> Outcome<()> {
        for arg in args {
            let found = match &*arg.node {
                ExprNode::Var(var) => {
                    var.levels_up == depth
                        && self.grouped.iter().any(|(_, grouped)| match &*grouped.node {
                            ExprNode::Var(other) => other.relation == var.relation && other.column == var.column,
                            _ => false,
                        })
                }
                _ => depth == 0 && self.grouped.iter().any(|(_, grouped)| grouped == arg),
            };
            if !found {
                return Err(Failure::new(
                    SqlState::GROUPING_ERROR,
                    "the arguments of GROUPING must be grouping expressions of its query",
                    arg.location,
                ));
            }
        }
        Ok(())
    }
}

/// An expression with merged join columns replaced by what they stand for (`flatten_join_alias_vars` in var.c).
fn flattened(expr: &Expr, entries: &[RangeTableEntry]) -> Expr {
    let mut flat = expr.clone();
    if entries.iter().any(|entry| matches!(entry.kind, RangeTableKind::Join { .. })) {
        flatten(&mut flat, 0, entries);
    }
    flat
}

fn flatten(expr: &mut Expr, depth: usize, entries: &[RangeTableEntry]) {
    if let ExprNode::Var(var) = &*expr.node {
        if var.levels_up == depth
            && let Some(RangeTableEntry { kind: RangeTableKind::Join { aliased, .. }, columns, .. }) =
                entries.get(var.relation)
        {
            let mut replacement = match usize::try_from(var.column).ok().and_then(|number| number.checked_sub(1)) {
                Some(index) => match aliased.get(index) {
                    Some(aliased) => aliased.clone(),
                    None => return,
                },
                None => {
                    let names = columns.iter().map(|column| column.name.clone()).collect();
                    Expr::new(ExprNode::Row { type_: oids::RECORD, names, args: aliased.clone() }, None)
                }
            };
            flatten(&mut replacement, 0, entries);
            raise(&mut replacement, depth);
            place_at(&mut replacement, expr.location);
            *expr = replacement;
        }
        return;
    }
    expr.children_mut(&mut |child| flatten_child(child, depth, entries));
}

fn flatten_child(child: ChildMut<'_>, depth: usize, entries: &[RangeTableEntry]) {
    match child {
        ChildMut::Expr(expr) => flatten(expr, depth, entries),
        ChildMut::Query(query) => {
            query.query_children_mut(JoinAliases::Visit, &mut |child| flatten_child(child, depth + 1, entries));
        }
    }
}

/// Moves an expression of this level under `by` more queries (`IncrementVarSublevelsUp`; join columns hold no queries).
fn raise(expr: &mut Expr, by: usize) {
    if by > 0 {
        expr.rewrite(&mut |expr| {
            if let ExprNode::Var(var) = &mut *expr.node {
                var.levels_up += by;
            }
        });
    }
}

fn place_at(expr: &mut Expr, location: Location) {
    expr.rewrite(&mut |expr| expr.location = expr.location.or(location));
}
