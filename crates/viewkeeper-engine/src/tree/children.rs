//! What lies directly below a node: the one list of children, for reading and for changing (`expression_tree_walker`,
//! `query_tree_walker` and their mutators in nodeFuncs.c). What is done with a child is the caller's.

use super::{
    CaseExpr, Expr, ExprNode, FrameBound, FromItem, JsonBehavior, JsonConstruction, Modification, Query,
    RangeTableEntry, RangeTableKind, RowComparison, SetOperand, SetOperation, SubscriptExpr,
};

/// A child: an expression, or the query of a sub-select, a CTE or an entry of FROM (one level further down).
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Child<'t> {
    Expr(&'t Expr),
    Query(&'t Query),
}

/// A child that may be changed.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum ChildMut<'t> {
    Expr(&'t mut Expr),
    Query(&'t mut Query),
}

/// Whether a walk over a query visits the expressions that the columns of a join stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum JoinAliases {
    Visit,
    Skip,
}

macro_rules! children {
    ($expr_children:ident, $query_children:ident, $entry_children:ident, $modification:ident, $from:ident,
     $behavior:ident, $bound:ident, $child:ident $(, $m:tt)?) => {
        impl Expr {
            /// Calls `visit` with each direct child: expressions in the order of evaluation, then the query of a
            /// sub-select.
            pub fn $expr_children<'t>(&'t $($m)? self, visit: &mut dyn FnMut($child<'t>)) {
                match &$($m)? *self.node {
                    ExprNode::Var(_)
                    | ExprNode::Const { .. }
                    | ExprNode::Param { .. }
                    | ExprNode::CaseTest { .. }
                    | ExprNode::SetToDefault { .. }
                    | ExprNode::SqlValue { .. } => {}
                    ExprNode::Aggregate(call) => {
                        let call = &$($m)? **call;
                        for arg in &$($m)? call.direct_args {
                            visit($child::Expr(arg));
                        }
                        for arg in &$($m)? call.args {
                            visit($child::Expr(arg));
                        }
                        for key in &$($m)? call.order_by {
                            visit($child::Expr(key));
                        }
                        if let Some(filter) = &$($m)? call.filter {
                            visit($child::Expr(filter));
                        }
                    }
                    ExprNode::WindowFunction(call) => {
                        let call = &$($m)? **call;
                        for arg in &$($m)? call.args {
                            visit($child::Expr(arg));
                        }
                        if let Some(filter) = &$($m)? call.filter {
                            visit($child::Expr(filter));
                        }
                    }
                    ExprNode::Grouping { args, .. }
                    | ExprNode::Function { args, .. }
                    | ExprNode::Operator { args, .. }
                    | ExprNode::Distinct { args, .. }
                    | ExprNode::NullIf { args, .. }
                    | ExprNode::ArrayOperator { args, .. }
                    | ExprNode::Bool { args, .. }
                    | ExprNode::Row { args, .. }
                    | ExprNode::Coalesce { args, .. }
                    | ExprNode::MinMax { args, .. }
                    | ExprNode::Xml { args, .. }
                    | ExprNode::Array { elements: args, .. } => {
                        for arg in args {
                            visit($child::Expr(arg));
                        }
                    }
                    ExprNode::NamedArgument { arg, .. }
                    | ExprNode::Field { arg, .. }
                    | ExprNode::Relabel { arg, .. }
                    | ExprNode::CoerceViaIo { arg, .. }
                    | ExprNode::ConvertRowtype { arg, .. }
                    | ExprNode::Collate { arg, .. }
                    | ExprNode::JsonIs { arg }
                    | ExprNode::NullTest { arg, .. }
                    | ExprNode::BooleanTest { arg, .. }
                    | ExprNode::CoerceToDomain { arg, .. } => visit($child::Expr(arg)),
                    ExprNode::FieldStore { arg, value, .. } => {
                        visit($child::Expr(arg));
                        visit($child::Expr(value));
                    }
                    ExprNode::ArrayCoerce { arg, element, .. } => {
                        visit($child::Expr(arg));
                        visit($child::Expr(element));
                    }
                    ExprNode::Subscript(subscript) => {
                        let SubscriptExpr { arg, upper, lower, assigned, .. } = &$($m)? **subscript;
                        visit($child::Expr(arg));
                        for bound in upper {
                            if let Some(bound) = bound {
                                visit($child::Expr(bound));
                            }
                        }
                        if let Some(lower) = lower {
                            for bound in lower {
                                if let Some(bound) = bound {
                                    visit($child::Expr(bound));
                                }
                            }
                        }
                        if let Some(assigned) = assigned {
                            visit($child::Expr(assigned));
                        }
                    }
                    ExprNode::Sublink { test, query, .. } => {
                        if let Some(test) = test {
                            visit($child::Expr(test));
                        }
                        visit($child::Query(query));
                    }
                    ExprNode::Case(case) => {
                        let CaseExpr { arg, whens, default, .. } = &$($m)? **case;
                        if let Some(arg) = arg {
                            visit($child::Expr(arg));
                        }
                        for (condition, result) in whens {
                            visit($child::Expr(condition));
                            visit($child::Expr(result));
                        }
                        visit($child::Expr(default));
                    }
                    ExprNode::RowCompare(comparison) => {
                        let RowComparison { left, right, .. } = &$($m)? **comparison;
                        for arg in left {
                            visit($child::Expr(arg));
                        }
                        for arg in right {
                            visit($child::Expr(arg));
                        }
                    }
                    ExprNode::JsonValue { raw, formatted } => {
                        visit($child::Expr(raw));
                        visit($child::Expr(formatted));
                    }
                    ExprNode::JsonConstructor(constructor) => {
                        let JsonConstruction { args, function, coercion, .. } = &$($m)? **constructor;
                        for arg in args {
                            visit($child::Expr(arg));
                        }
                        if let Some(function) = function {
                            visit($child::Expr(function));
                        }
                        if let Some(coercion) = coercion {
                            visit($child::Expr(coercion));
                        }
                    }
                    ExprNode::JsonQuery(call) => {
                        let call = &$($m)? **call;
                        visit($child::Expr(&$($m)? call.document));
                        visit($child::Expr(&$($m)? call.path));
                        for arg in &$($m)? call.passing {
                            visit($child::Expr(arg));
                        }
                        $behavior(&$($m)? call.on_empty, visit);
                        $behavior(&$($m)? call.on_error, visit);
                    }
                }
            }
        }

        impl Query {
            /// Calls `visit` with each direct child: CTEs, entries of FROM, join conditions, targets, filter, having,
            /// frame bounds, limit and offset, and what a statement that changes rows has beside them.
            pub fn $query_children<'t>(&'t $($m)? self, aliases: JoinAliases, visit: &mut dyn FnMut($child<'t>)) {
                for cte in &$($m)? self.ctes {
                    visit($child::Query(&$($m)? cte.query));
                }
                for entry in &$($m)? self.range_table {
                    $entry_children(entry, aliases, visit);
                }
                for item in &$($m)? self.from {
                    $from(item, visit);
                }
                for arg in (&$($m)? self.samples).into_iter().flat_map(|sample| &$($m)? sample.args) {
                    visit($child::Expr(arg));
                }
                for target in &$($m)? self.targets {
                    visit($child::Expr(&$($m)? target.expr));
                }
                for window in &$($m)? self.windows {
                    $bound(&$($m)? window.frame.start, visit);
                    $bound(&$($m)? window.frame.end, visit);
                }
                for expr in [
                    &$($m)? self.filter,
                    &$($m)? self.having,
                    &$($m)? self.offset,
                    &$($m)? self.limit,
                ] {
                    if let Some(expr) = expr {
                        visit($child::Expr(expr));
                    }
                }
                if let Some(modification) = &$($m)? self.modification {
                    $modification(modification, visit);
                }
            }
        }

        fn $modification<'t>(modification: &'t $($m)? Modification, visit: &mut dyn FnMut($child<'t>)) {
            if let Some(conflict) = &$($m)? modification.on_conflict {
                for expr in &$($m)? conflict.arbiter {
                    visit($child::Expr(expr));
                }
                for target in &$($m)? conflict.assignments {
                    visit($child::Expr(&$($m)? target.expr));
                }
                for filter in [&$($m)? conflict.arbiter_filter, &$($m)? conflict.filter] {
                    if let Some(filter) = filter {
                        visit($child::Expr(filter));
                    }
                }
            }
            for action in &$($m)? modification.actions {
                if let Some(condition) = &$($m)? action.condition {
                    visit($child::Expr(condition));
                }
                for target in &$($m)? action.targets {
                    visit($child::Expr(&$($m)? target.expr));
                }
            }
            for target in &$($m)? modification.returning {
                visit($child::Expr(&$($m)? target.expr));
            }
        }

        fn $entry_children<'t>(
            entry: &'t $($m)? RangeTableEntry,
            aliases: JoinAliases,
            visit: &mut dyn FnMut($child<'t>),
        ) {
            match &$($m)? entry.kind {
                RangeTableKind::Relation { .. } | RangeTableKind::Cte { .. } => {}
                RangeTableKind::Subquery(query) => visit($child::Query(query)),
                RangeTableKind::Join { aliased, .. } => {
                    if aliases == JoinAliases::Visit {
                        for expr in aliased {
                            visit($child::Expr(expr));
                        }
                    }
                }
                RangeTableKind::Functions { functions, .. } => {
                    for function in functions {
                        visit($child::Expr(&$($m)? function.call));
                    }
                }
                RangeTableKind::TableExpression(table) => {
                    for arg in &$($m)? table.arguments {
                        visit($child::Expr(arg));
                    }
                }
                RangeTableKind::Values(rows) => {
                    for row in rows {
                        for expr in row {
                            visit($child::Expr(expr));
                        }
                    }
                }
            }
        }

        fn $from<'t>(item: &'t $($m)? FromItem, visit: &mut dyn FnMut($child<'t>)) {
            if let FromItem::Join(join) = item {
                let join = &$($m)? **join;
                $from(&$($m)? join.left, visit);
                $from(&$($m)? join.right, visit);
                if let Some(condition) = &$($m)? join.condition {
                    visit($child::Expr(condition));
                }
            }
        }

        fn $behavior<'t>(behavior: &'t $($m)? Option<JsonBehavior>, visit: &mut dyn FnMut($child<'t>)) {
            if let Some(JsonBehavior::Default(expr)) = behavior {
                visit($child::Expr(expr));
            }
        }

        fn $bound<'t>(bound: &'t $($m)? FrameBound, visit: &mut dyn FnMut($child<'t>)) {
            if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                visit($child::Expr(expr));
            }
        }
    };
}

children!(
    children,
    query_children,
    entry_children,
    modification_children,
    from_children,
    behavior_child,
    bound_child,
    Child
);
children!(
    children_mut,
    query_children_mut,
    entry_children_mut,
    modification_children_mut,
    from_children_mut,
    behavior_child_mut,
    bound_child_mut,
    ChildMut,
    mut
);

impl Expr {
    /// Whether `test` holds for this expression or one below it, not descending into sub-selects.
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        if test(self) {
            return true;
        }
        let mut found = false;
        self.children(&mut |child| {
            if let Child::Expr(child) = child
                && !found
            {
                found = child.any(test);
            }
        });
        found
    }

    /// Replaces every expression from the leaves up, not descending into sub-selects.
    pub fn rewrite(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        self.children_mut(&mut |child| {
            if let ChildMut::Expr(child) = child {
                child.rewrite(change);
            }
        });
        change(self);
    }
}

impl SetOperation {
    /// The leaves, left to right, as indexes into the range table.
    pub fn leaves(&self) -> Vec<usize> {
        let mut leaves = Vec::new();
        let mut pending = vec![&self.right, &self.left];
        while let Some(operand) = pending.pop() {
            match operand {
                SetOperand::Entry(entry) => leaves.push(*entry),
                SetOperand::Operation(operation) => pending.extend([&operation.right, &operation.left]),
            }
        }
        leaves
    }
}
