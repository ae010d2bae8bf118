//! When aggregates and window functions are proven not to be null: what their groups and frames surely hold.

use super::condition::{self, Facts};
use super::function::{self, AggregateRule, WindowRule};
use super::level::{Level, Phase, groups_have_rows};
use super::reason::{FunctionReason, Reason, Verdict};
use crate::tree::{AggregateCall, Expr, ExprNode, Frame, FrameBound, FrameMode, WindowCall};

impl<'a> Level<'a, '_> {
    pub(super) fn aggregate(&self, call: &'a AggregateCall) -> Verdict {
        let reason = |why| Reason::Function(call.function, why);
        let rule = function::aggregate_rule(self.base.catalog, call.function);
        match rule {
            AggregateRule::Always => return Verdict::never(reason(FunctionReason::Always)),
            AggregateRule::MayBeNull => return Verdict::nullable(reason(FunctionReason::MayBeNull)),
            AggregateRule::Opaque => return self.opaque(call.function),
            AggregateRule::Rows | AggregateRule::RowsOfValues => {}
        }
        // An aggregate of an outer query is judged by that query's groups; its arguments are not looked at from here.
        if call.levels_up > 0 {
            return Verdict::nullable(reason(FunctionReason::NoRows));
        }
        let counts = self.counts(call);
        if counts.is_empty() && (call.filter.is_some() || !groups_have_rows(self.query)) {
            return Verdict::nullable(reason(FunctionReason::NoRows));
        }
        if rule == AggregateRule::Rows {
            return Verdict::never(reason(FunctionReason::SomeRows));
        }
        // `count(x)` above zero says that there is an `x`, which is all that `sum(x)` asks.
        if let ([value], [], []) = (&call.args[..], &call.order_by[..], &call.direct_args[..])
            && counts.iter().any(|count| count.args == [value.clone()])
            && condition::is_steady(self.base.catalog, self.query, value)
        {
            return Verdict::never(reason(FunctionReason::SomeRows));
        }
        let ordered = if function::is_ordered_set(self.base.catalog, call.function) { &call.order_by[..] } else { &[] };
        let args = call.direct_args.iter().chain(&call.args).chain(ordered);
        self.elsewhere(Phase::Input, || self.all(args, reason(FunctionReason::SomeRows)))
    }

    /// What is known to have counted some of the rows that an aggregate sees.
    fn counts(&self, call: &AggregateCall) -> Vec<&'a AggregateCall> {
        let sees = |count: &&'a AggregateCall| match (&call.filter, &count.filter) {
            (None, _) => true,
            (Some(filter), Some(same)) => filter == same && condition::is_steady(self.base.catalog, self.query, same),
            (Some(_), None) => false,
        };
        let branches = self.branches.borrow();
        let known = branches.iter().chain(std::iter::once(&self.group_facts)).flat_map(Facts::counts);
        known.filter(sees).collect()
    }

    pub(super) fn window_function(&self, call: &'a WindowCall) -> Verdict {
        let reason = |why| Reason::Function(call.function, why);
        let frame = self.query.windows.get(call.window).map(|window| &window.frame);
        let has_current_row = frame.is_some_and(holds_current_row) && call.filter.is_none();
        let values = |why| self.elsewhere(self.phase.get(), || self.all(call.args.iter(), reason(why)));
        if call.aggregate {
            return match function::aggregate_rule(self.base.catalog, call.function) {
                AggregateRule::Always => Verdict::never(reason(FunctionReason::Always)),
                AggregateRule::MayBeNull => Verdict::nullable(reason(FunctionReason::MayBeNull)),
                AggregateRule::Opaque => self.opaque(call.function),
                _ if !has_current_row => Verdict::nullable(reason(FunctionReason::NoFrame)),
                AggregateRule::Rows => Verdict::never(reason(FunctionReason::SomeRows)),
                AggregateRule::RowsOfValues => values(FunctionReason::SomeRows),
            };
        }
        match function::window_rule(self.base.catalog, call.function) {
            WindowRule::All if call.args.is_empty() => Verdict::never(reason(FunctionReason::Always)),
            WindowRule::All => values(FunctionReason::OfValues),
            WindowRule::AllThree if call.args.len() == 3 => values(FunctionReason::OfValues),
            WindowRule::Frame if has_current_row => values(FunctionReason::OfValues),
            WindowRule::First if has_current_row && call.args.get(1).is_some_and(is_one) => {
                values(FunctionReason::OfValues)
            }
            WindowRule::AllThree | WindowRule::Frame | WindowRule::First => {
                Verdict::nullable(reason(FunctionReason::NoFrame))
            }
            WindowRule::MayBeNull => Verdict::nullable(reason(FunctionReason::MayBeNull)),
            WindowRule::Opaque => self.opaque(call.function),
        }
    }
}

/// The constant 1.
fn is_one(expr: &Expr) -> bool {
    matches!(&*expr.node, ExprNode::Const { value: Some(value), .. } if value == "1")
}

/// Whether the frame of a row surely holds that row.
fn holds_current_row(frame: &Frame) -> bool {
    if frame.excludes {
        return false;
    }
    if !frame.explicit {
        return true;
    }
    let counted = frame.mode != FrameMode::Range;
    let starts = match frame.start {
        FrameBound::UnboundedPreceding | FrameBound::CurrentRow => true,
        FrameBound::Preceding(_) => counted,
        _ => false,
    };
    let ends = match frame.end {
        FrameBound::UnboundedFollowing | FrameBound::CurrentRow => true,
        FrameBound::Following(_) => counted,
        _ => false,
    };
    starts && ends
}
