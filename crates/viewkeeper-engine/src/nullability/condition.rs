//! What a condition proves about the rows that it keeps (`find_nonnullable_vars` in clauses.c, told apart by whether
//! the condition is true, false or merely not null). Only strictness is asked of functions here: a null argument makes
//! the result null, so a row on which the result is known cannot have it.

use super::constant::{self, Value};
use crate::catalog::{Catalog, Oid, Volatility, oids};
use crate::sorted_set::SortedSet;
use crate::tree::{
    AggregateCall, BoolOperation, BooleanTestKind, Expr, ExprNode, Query, RangeTableKind, SublinkKind, Var,
};

/// A column reference: query levels up, entry of the range table, attribute number.
pub(super) type VarKey = (usize, usize, i16);

/// What is known of a condition's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    True,
    False,
    /// True or false.
    NotNull,
    /// False or null.
    NotTrue,
    /// True or null.
    NotFalse,
}

/// Columns and computed values that are not null on the rows in question.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts<'a> {
    /// Columns; number 0 says that the row is not the nulls of an outer join.
    pub(super) vars: SortedSet<VarKey>,
    /// Values that give the same result wherever they stand in the query.
    values: Vec<&'a Expr>,
    /// Calls of `count` that are more than zero.
    counts: Vec<&'a AggregateCall>,
}

/// How many nodes a value may have to be remembered as a fact.
const VALUE_NODES: usize = 16;

impl<'a> Facts<'a> {
    fn none() -> Self {
        Self::default()
    }

    /// Both hold.
    pub(super) fn and(mut self, other: Self) -> Self {
        if self.vars.is_empty() {
            self.vars = other.vars;
        } else {
            self.vars.extend(other.vars);
        }
        if self.values.is_empty() {
            self.values = other.values;
        } else {
            self.values.extend(other.values);
        }
        if self.counts.is_empty() {
            self.counts = other.counts;
        } else {
            self.counts.extend(other.counts);
        }
        self
    }

    /// One of the two holds.
    fn or(mut self, other: &Self) -> Self {
        self.vars.retain(|var| other.vars.contains(var));
        self.values.retain(|value| other.values.contains(value));
        self.counts.retain(|call| other.counts.contains(call));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.vars.is_empty() && self.values.is_empty() && self.counts.is_empty()
    }

    /// The entries of this level whose row is there: it is not the nulls of an outer join.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.vars
            .iter()
            .filter(|(levels_up, _, column)| *levels_up == 0 && *column == 0)
            .map(|(_, relation, _)| *relation)
    }

    /// Calls of `count` that counted something.
    pub(super) fn counts(&self) -> impl Iterator<Item = &'a AggregateCall> {
        self.counts.iter().copied()
    }

    /// Whether a value is among those known, wherever it stands in the text.
    pub(super) fn has_value(&self, expr: &Expr) -> bool {
        self.values.contains(&expr)
    }
}

/// What a condition of constants comes to.
pub(super) fn constant(catalog: &Catalog, expr: &Expr) -> Option<bool> {
    match constant::value(catalog, expr, None)? {
        Value::Bool(known) => Some(known),
        _ => None,
    }
}

/// What `expr` proves when its value is `known`.
pub(super) fn facts<'a>(catalog: &'a Catalog, query: &'a Query, expr: &'a Expr, known: Known) -> Facts<'a> {
    Conditions { catalog, query }.facts(expr, known)
}

/// A whole number that is written down.
pub(super) fn integer(expr: &Expr) -> Option<i64> {
    match &*expr.node {
        ExprNode::Const { type_: oids::INT2 | oids::INT4 | oids::INT8, value: Some(value), .. } => value.parse().ok(),
        _ => None,
    }
}

/// The comparison with its sides changed.
fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        other => other,
    }
}

struct Conditions<'a> {
    catalog: &'a Catalog,
    /// The query that the condition belongs to: join aliases are looked up in it.
    query: &'a Query,
}

/// Whether a value of this query is the same wherever it is computed on the same rows.
pub(super) fn is_steady<'a>(catalog: &'a Catalog, query: &'a Query, expr: &'a Expr) -> bool {
    !Conditions { catalog, query }.value(expr).values.is_empty()
}

impl<'a> Conditions<'a> {
    fn facts(&self, expr: &'a Expr, known: Known) -> Facts<'a> {
        let mut facts = self.facts_of_nulls(expr, known);
        facts.counts.extend(self.counted(expr, known));
        facts
    }

    /// `count(…)` in a comparison that only a number above zero passes.
    fn counted(&self, expr: &'a Expr, known: Known) -> Option<&'a AggregateCall> {
        let ExprNode::Operator { operator, args, .. } = &*expr.node else { return None };
        let [left, right] = &args[..] else { return None };
        // Neither side is null, so what is not true is false.
        let holds = match known {
            Known::True | Known::NotFalse => true,
            Known::False | Known::NotTrue => false,
            Known::NotNull => return None,
        };
        let name = self.catalog.operator(*operator).filter(|_| operator.0 < super::FIRST_UNPINNED_OID)?.name.as_str();
        let (call, number, name) = match (self.count(left), integer(right)) {
            (Some(call), Some(number)) => (call, number, name),
            _ => (self.count(right)?, integer(left)?, mirrored(name)),
        };
        let some = match (name, holds) {
            (">", true) | ("<=", false) => number >= 0,
            (">=" | "=", true) | ("<" | "<>", false) => number >= 1,
            ("<>", true) | ("=", false) => number == 0,
            _ => false,
        };
        some.then_some(call)
    }

    fn count(&self, expr: &'a Expr) -> Option<&'a AggregateCall> {
        let ExprNode::Aggregate(call) = &*expr.node else { return None };
        let own = super::function::own(self.catalog, call.function)?;
        (call.levels_up == 0 && own.name == "count").then_some(call)
    }

    fn facts_of_nulls(&self, expr: &'a Expr, known: Known) -> Facts<'a> {
        let unknown_possible = matches!(known, Known::NotTrue | Known::NotFalse);
        match &*expr.node {
            ExprNode::Bool { operation, args } => self.boolean(*operation, args, known),
            ExprNode::NullTest { arg, is_null, row } => self.null_test(arg, *is_null, *row, known),
            ExprNode::BooleanTest { arg, test } => self.boolean_test(arg, *test, known),
            ExprNode::Relabel { arg, .. } | ExprNode::Collate { arg, .. } | ExprNode::CoerceToDomain { arg, .. } => {
                self.facts(arg, known)
            }
            ExprNode::Case(case) if self.query.grouping_sets.is_empty() => match constant::branch(self.catalog, case) {
                Some(result) => self.facts(result, known),
                None => Facts::none(),
            },
            ExprNode::Coalesce { args, .. } if known == Known::True => self.coalesce(args),
            _ if unknown_possible => Facts::none(),
            ExprNode::Var(var) => self.var(var),
            ExprNode::ArrayCoerce { arg, .. }
            | ExprNode::ConvertRowtype { arg, .. }
            | ExprNode::CoerceViaIo { arg, .. } => self.facts(arg, Known::NotNull),
            ExprNode::Function { function, args, returns_set: false, .. }
            | ExprNode::Operator { function, args, returns_set: false, .. } => {
                let mut facts = self.value(expr);
                if self.is_strict(*function) {
                    for arg in args {
                        facts = facts.and(self.facts(arg, Known::NotNull));
                    }
                }
                facts
            }
            ExprNode::NullIf { args, .. } => match args.first() {
                Some(first) => self.facts(first, Known::NotNull).and(self.value(expr)),
                None => Facts::none(),
            },
            ExprNode::Aggregate(_) => self.value(expr),
            ExprNode::Field { arg, .. } => self.value(expr).and(self.facts(arg, Known::NotNull)),
            ExprNode::Subscript(subscript) => {
                let mut facts = self.value(expr).and(self.facts(&subscript.arg, Known::NotNull));
                for bound in subscript.bounds() {
                    facts = facts.and(self.facts(bound, Known::NotNull));
                }
                facts
            }
            ExprNode::Distinct { args, negated, .. } => self.not_distinct(args, *negated, known),
            ExprNode::ArrayOperator { function, any, args, .. } => self.array_operator(*function, *any, args, known),
            ExprNode::RowCompare(comparison) => {
                // Only the first pair is always compared.
                [comparison.left.first(), comparison.right.first()]
                    .into_iter()
                    .flatten()
                    .fold(Facts::none(), |facts, arg| facts.and(self.facts(arg, Known::NotNull)))
            }
            ExprNode::Sublink { kind, test: Some(test), .. } => match (kind, known) {
                // Of no rows, ANY is false; only its truth says that something was compared.
                (SublinkKind::Any, Known::True) => self.facts(test, Known::True),
                (SublinkKind::RowCompare, _) => self.facts(test, known),
                _ => Facts::none(),
            },
            _ => Facts::none(),
        }
    }

    fn var(&self, var: &'a Var) -> Facts<'a> {
        let mut facts = Facts::none();
        facts.vars.insert((var.levels_up, var.relation, var.column));
        facts.vars.insert((var.levels_up, var.relation, 0));
        if var.levels_up == 0
            && let Some(RangeTableKind::Join { aliased, .. }) =
                self.query.range_table.get(var.relation).map(|entry| &entry.kind)
            && let Some(expr) = usize::try_from(var.column).ok().and_then(|number| aliased.get(number.checked_sub(1)?))
        {
            facts = facts.and(self.facts(expr, Known::NotNull));
        }
        facts
    }

    /// The value itself, where it is the same wherever it is computed.
    fn value(&self, expr: &'a Expr) -> Facts<'a> {
        let mut nodes = 0;
        let unsteady = expr.any(&mut |node| {
            nodes += 1;
            nodes > VALUE_NODES
                || match &*node.node {
                    ExprNode::Function { function, returns_set, .. }
                    | ExprNode::Operator { function, returns_set, .. } => *returns_set || !self.is_steady(*function),
                    ExprNode::Aggregate(call) => !self.is_steady(call.function),
                    ExprNode::Var(_)
                    | ExprNode::Const { .. }
                    | ExprNode::Relabel { .. }
                    | ExprNode::Collate { .. }
                    | ExprNode::Field { .. }
                    | ExprNode::Subscript(_) => false,
                    _ => true,
                }
        });
        let values = if unsteady { Vec::new() } else { vec![expr] };
        Facts { values, ..Facts::default() }
    }

    /// Whether PostgreSQL's own function gives the same result for the same arguments throughout a statement.
    fn is_steady(&self, function: Oid) -> bool {
        function.0 < super::FIRST_UNPINNED_OID
            && self.catalog.routine(function).is_some_and(|routine| routine.volatility != Volatility::Volatile)
    }

    fn is_strict(&self, function: Oid) -> bool {
        self.catalog.routine(function).is_some_and(|routine| routine.strict)
    }

    fn boolean(&self, operation: BoolOperation, args: &'a [Expr], known: Known) -> Facts<'a> {
        let all = |known| args.iter().fold(Facts::none(), |facts, arg| facts.and(self.facts(arg, known)));
        // What surely is another value than the one that decides is not what decides. A grouping set may take constants away.
        let decides = operation == BoolOperation::Or;
        let sure = matches!((operation, known), (BoolOperation::Or, Known::True) | (BoolOperation::And, Known::False))
            && self.query.grouping_sets.is_empty();
        let may_decide = |arg: &&Expr| {
            let value = if sure { constant::value(self.catalog, arg, None) } else { None };
            !matches!(value, Some(Value::Null)) && value != Some(Value::Bool(!decides))
        };
        let any = |known| {
            let mut args = args.iter().filter(|arg| may_decide(arg));
            let Some(first) = args.next() else { return Facts::none() };
            let mut facts = self.facts(first, known);
            for arg in args {
                if facts.is_empty() {
                    break;
                }
                facts = facts.or(&self.facts(arg, known));
            }
            facts
        };
        match (operation, known) {
            (BoolOperation::And, Known::True | Known::NotFalse)
            | (BoolOperation::Or, Known::False | Known::NotTrue) => all(known),
            (BoolOperation::And | BoolOperation::Or, _) => any(known),
            (BoolOperation::Not, _) => {
                let opposite = match known {
                    Known::True => Known::False,
                    Known::False => Known::True,
                    Known::NotNull => Known::NotNull,
                    Known::NotTrue => Known::NotFalse,
                    Known::NotFalse => Known::NotTrue,
                };
                args.first().map_or_else(Facts::none, |arg| self.facts(arg, opposite))
            }
        }
    }

    fn null_test(&self, arg: &'a Expr, is_null: bool, row: bool, known: Known) -> Facts<'a> {
        // The test itself is never null.
        let holds = match known {
            Known::True | Known::NotFalse => true,
            Known::False | Known::NotTrue => false,
            Known::NotNull => return Facts::none(),
        };
        let mut facts = Facts::none();
        if !row {
            if holds != is_null {
                facts = self.facts(arg, Known::NotNull);
            }
        } else if holds && !is_null {
            // All fields are not null.
            match &*arg.node {
                ExprNode::Var(var) if var.column == 0 => {
                    facts.vars.insert((var.levels_up, var.relation, 0));
                    if var.levels_up == 0
                        && let Some(entry) = self.query.range_table.get(var.relation)
                    {
                        let live = (1i16..).zip(entry.columns.iter()).filter(|(_, column)| column.type_.is_valid());
                        facts.vars.extend(live.map(|(number, _)| (0, var.relation, number)));
                    }
                }
                ExprNode::Row { args, .. } => {
                    for arg in args {
                        facts = facts.and(self.facts(arg, Known::NotNull));
                    }
                }
                _ => facts = self.facts(arg, Known::NotNull),
            }
        } else if !holds && is_null {
            // Some field is not null, so the row exists.
            if !matches!(&*arg.node, ExprNode::Row { .. }) {
                facts = self.facts(arg, Known::NotNull);
            }
        }
        facts
    }

    fn boolean_test(&self, arg: &'a Expr, test: BooleanTestKind, known: Known) -> Facts<'a> {
        let holds = match known {
            Known::True | Known::NotFalse => true,
            Known::False | Known::NotTrue => false,
            Known::NotNull => return Facts::none(),
        };
        match (test, holds) {
            (BooleanTestKind::True, true) | (BooleanTestKind::NotTrue, false) => self.facts(arg, Known::True),
            (BooleanTestKind::True, false) | (BooleanTestKind::NotTrue, true) => self.facts(arg, Known::NotTrue),
            (BooleanTestKind::False, true) | (BooleanTestKind::NotFalse, false) => self.facts(arg, Known::False),
            (BooleanTestKind::False, false) | (BooleanTestKind::NotFalse, true) => self.facts(arg, Known::NotFalse),
            (BooleanTestKind::NotUnknown, true) | (BooleanTestKind::Unknown, false) => self.facts(arg, Known::NotNull),
            (BooleanTestKind::Unknown, true) | (BooleanTestKind::NotUnknown, false) => Facts::none(),
        }
    }

    /// `coalesce(x, false)` is true only when `x` is.
    fn coalesce(&self, args: &'a [Expr]) -> Facts<'a> {
        let Some((first, rest)) = args.split_first() else { return Facts::none() };
        let never_true = |arg: &Expr| {
            matches!(&*arg.node, ExprNode::Const { value: None, .. })
                || matches!(&*arg.node, ExprNode::Const { value: Some(value), .. }
                    if matches!(value.as_str(), "f" | "false"))
        };
        if rest.iter().all(never_true) { self.facts(first, Known::True) } else { Facts::none() }
    }

    /// `a IS NOT DISTINCT FROM 1`.
    fn not_distinct(&self, args: &'a [Expr], negated: bool, known: Known) -> Facts<'a> {
        let equal = match known {
            Known::True => negated,
            Known::False => !negated,
            _ => return Facts::none(),
        };
        let is_value = |arg: &Expr| matches!(&*arg.node, ExprNode::Const { value: Some(_), .. });
        match args {
            [left, right] if equal && is_value(right) => self.facts(left, Known::NotNull),
            [left, right] if equal && is_value(left) => self.facts(right, Known::NotNull),
            _ => Facts::none(),
        }
    }

    /// `is_strict_saop`: of an empty array, ANY is false and ALL is true, whatever the left side.
    fn array_operator(&self, function: Oid, any: bool, args: &'a [Expr], known: Known) -> Facts<'a> {
        let [left, array] = args else { return Facts::none() };
        let facts = self.facts(array, Known::NotNull);
        let not_empty = match &*array.node {
            ExprNode::Array { elements, nested: false, .. } => !elements.is_empty(),
            ExprNode::Const { .. } => {
                matches!(constant::value(self.catalog, array, None), Some(Value::Array(elements)) if !elements.is_empty())
            }
            _ => false,
        };
        if self.is_strict(function) && (not_empty || (any && known == Known::True)) {
            facts.and(self.facts(left, Known::NotNull))
        } else {
            facts
        }
    }
}
