//! The children of a raw node, as far as a query or a statement that changes rows can hold them (`raw_expression_tree_walker` in nodeFuncs.c).

use crate::parser::{NodeEnum, ast};

/// A raw child; a SELECT inside another stands in it without a wrapper.
#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Node(&'a NodeEnum),
    Select(&'a ast::SelectStmt),
}

/// Calls `visit` with each direct child of a node.
pub(super) fn children<'a>(node: &'a NodeEnum, visit: &mut dyn FnMut(Raw<'a>)) {
    let mut boxed = |child: &'a Option<Box<ast::Node>>| {
        if let Some(child) = child.as_deref().and_then(|child| child.node.as_ref()) {
            visit(Raw::Node(child));
        }
    };
    match node {
        NodeEnum::ResTarget(n) => boxed(&n.val),
        NodeEnum::AExpr(n) => {
            boxed(&n.lexpr);
            boxed(&n.rexpr);
        }
        NodeEnum::TypeCast(n) => boxed(&n.arg),
        NodeEnum::CollateClause(n) => boxed(&n.arg),
        NodeEnum::NullTest(n) => boxed(&n.arg),
        NodeEnum::BooleanTest(n) => boxed(&n.arg),
        NodeEnum::NamedArgExpr(n) => boxed(&n.arg),
        NodeEnum::SortBy(n) => boxed(&n.node),
        NodeEnum::XmlSerialize(n) => boxed(&n.expr),
        NodeEnum::AIndices(n) => {
            boxed(&n.lidx);
            boxed(&n.uidx);
        }
        NodeEnum::CaseWhen(n) => {
            boxed(&n.expr);
            boxed(&n.result);
        }
        NodeEnum::SubLink(n) => {
            boxed(&n.testexpr);
            boxed(&n.subselect);
        }
        NodeEnum::RangeSubselect(n) => boxed(&n.subquery),
        NodeEnum::CommonTableExpr(n) => boxed(&n.ctequery),
        NodeEnum::JoinExpr(n) => {
            boxed(&n.larg);
            boxed(&n.rarg);
            boxed(&n.quals);
        }
        NodeEnum::RangeTableSample(n) => {
            boxed(&n.relation);
            list(&n.args, visit);
        }
        NodeEnum::CaseExpr(n) => {
            boxed(&n.arg);
            boxed(&n.defresult);
            list(&n.args, visit);
        }
        NodeEnum::AIndirection(n) => {
            boxed(&n.arg);
            list(&n.indirection, visit);
        }
        NodeEnum::FuncCall(n) => {
            boxed(&n.agg_filter);
            list(&n.args, visit);
            list(&n.agg_order, visit);
            if let Some(over) = &n.over {
                window(over, visit);
            }
        }
        NodeEnum::WindowDef(n) => window(n, visit),
        NodeEnum::BoolExpr(n) => list(&n.args, visit),
        NodeEnum::AArrayExpr(n) => list(&n.elements, visit),
        NodeEnum::RowExpr(n) => list(&n.args, visit),
        NodeEnum::CoalesceExpr(n) => list(&n.args, visit),
        NodeEnum::MinMaxExpr(n) => list(&n.args, visit),
        NodeEnum::GroupingFunc(n) => list(&n.args, visit),
        NodeEnum::GroupingSet(n) => list(&n.content, visit),
        NodeEnum::List(n) => list(&n.items, visit),
        NodeEnum::RangeFunction(n) => list(&n.functions, visit),
        NodeEnum::XmlExpr(n) => {
            list(&n.named_args, visit);
            list(&n.args, visit);
        }
        NodeEnum::RangeTableFunc(n) => {
            boxed(&n.docexpr);
            boxed(&n.rowexpr);
            list(&n.namespaces, visit);
            list(&n.columns, visit);
        }
        NodeEnum::RangeTableFuncCol(n) => {
            boxed(&n.colexpr);
            boxed(&n.coldefexpr);
        }
        NodeEnum::JsonFuncExpr(n) => {
            boxed(&n.pathspec);
            json_value(n.context_item.as_deref(), visit);
            list(&n.passing, visit);
            behavior(n.on_empty.as_deref(), visit);
            behavior(n.on_error.as_deref(), visit);
        }
        NodeEnum::JsonTable(n) => {
            json_value(n.context_item.as_deref(), visit);
            list(&n.passing, visit);
            list(&n.columns, visit);
        }
        NodeEnum::JsonTableColumn(n) => {
            list(&n.columns, visit);
            behavior(n.on_empty.as_deref(), visit);
            behavior(n.on_error.as_deref(), visit);
        }
        NodeEnum::JsonArgument(n) => json_value(n.val.as_deref(), visit),
        NodeEnum::JsonValueExpr(n) => json_value(Some(n), visit),
        NodeEnum::JsonKeyValue(n) => {
            boxed(&n.key);
            json_value(n.value.as_deref(), visit);
        }
        NodeEnum::JsonObjectConstructor(n) => list(&n.exprs, visit),
        NodeEnum::JsonArrayConstructor(n) => list(&n.exprs, visit),
        NodeEnum::JsonArrayQueryConstructor(n) => boxed(&n.query),
        NodeEnum::JsonParseExpr(n) => json_value(n.expr.as_deref(), visit),
        NodeEnum::JsonScalarExpr(n) => boxed(&n.expr),
        NodeEnum::JsonSerializeExpr(n) => json_value(n.expr.as_deref(), visit),
        NodeEnum::JsonIsPredicate(n) => boxed(&n.expr),
        NodeEnum::JsonObjectAgg(n) => {
            if let Some(arg) = &n.arg {
                if let Some(key) = arg.key.as_deref().and_then(|key| key.node.as_ref()) {
                    visit(Raw::Node(key));
                }
                json_value(arg.value.as_deref(), visit);
            }
            aggregate(n.constructor.as_deref(), visit);
        }
        NodeEnum::JsonArrayAgg(n) => {
            json_value(n.arg.as_deref(), visit);
            aggregate(n.constructor.as_deref(), visit);
        }
        NodeEnum::SelectStmt(n) => visit(Raw::Select(n)),
        NodeEnum::InsertStmt(n) => {
            boxed(&n.select_stmt);
            with(n.with_clause.as_ref(), visit);
            if let Some(conflict) = n.on_conflict_clause.as_deref() {
                list(&conflict.target_list, visit);
                if let Some(filter) = conflict.where_clause.as_deref().and_then(|filter| filter.node.as_ref()) {
                    visit(Raw::Node(filter));
                }
            }
            returning(n.returning_clause.as_ref(), visit);
        }
        NodeEnum::UpdateStmt(n) => {
            boxed(&n.where_clause);
            with(n.with_clause.as_ref(), visit);
            list(&n.target_list, visit);
            list(&n.from_clause, visit);
            returning(n.returning_clause.as_ref(), visit);
        }
        NodeEnum::DeleteStmt(n) => {
            boxed(&n.where_clause);
            with(n.with_clause.as_ref(), visit);
            list(&n.using_clause, visit);
            returning(n.returning_clause.as_ref(), visit);
        }
        NodeEnum::MergeStmt(n) => {
            boxed(&n.source_relation);
            boxed(&n.join_condition);
            with(n.with_clause.as_ref(), visit);
            list(&n.merge_when_clauses, visit);
            returning(n.returning_clause.as_ref(), visit);
        }
        NodeEnum::MergeWhenClause(n) => {
            boxed(&n.condition);
            list(&n.target_list, visit);
            list(&n.values, visit);
        }
        NodeEnum::MultiAssignRef(n) => boxed(&n.source),
        _ => {}
    }
}

/// Calls `visit` with each direct child of a SELECT; its WITH clause is left to the caller.
pub(super) fn select_children<'a>(select: &'a ast::SelectStmt, visit: &mut dyn FnMut(Raw<'a>)) {
    list(&select.distinct_clause, visit);
    list(&select.target_list, visit);
    list(&select.from_clause, visit);
    if let Some(filter) = select.where_clause.as_deref().and_then(|node| node.node.as_ref()) {
        visit(Raw::Node(filter));
    }
    list(&select.group_clause, visit);
    if let Some(having) = select.having_clause.as_deref().and_then(|node| node.node.as_ref()) {
        visit(Raw::Node(having));
    }
    list(&select.window_clause, visit);
    list(&select.values_lists, visit);
    tail(select, visit);
    for side in [&select.larg, &select.rarg].into_iter().flatten() {
        visit(Raw::Select(side));
    }
}

/// ORDER BY, OFFSET and LIMIT of a SELECT.
pub(super) fn tail<'a>(select: &'a ast::SelectStmt, visit: &mut dyn FnMut(Raw<'a>)) {
    list(&select.sort_clause, visit);
    for clause in [&select.limit_offset, &select.limit_count] {
        if let Some(clause) = clause.as_deref().and_then(|node| node.node.as_ref()) {
            visit(Raw::Node(clause));
        }
    }
}

fn list<'a>(nodes: &'a [ast::Node], visit: &mut dyn FnMut(Raw<'a>)) {
    for node in nodes.iter().filter_map(|node| node.node.as_ref()) {
        visit(Raw::Node(node));
    }
}

fn with<'a>(clause: Option<&'a ast::WithClause>, visit: &mut dyn FnMut(Raw<'a>)) {
    list(clause.map_or(&[], |clause| &clause.ctes), visit);
}

fn returning<'a>(clause: Option<&'a ast::ReturningClause>, visit: &mut dyn FnMut(Raw<'a>)) {
    list(clause.map_or(&[], |clause| &clause.exprs), visit);
}

fn window<'a>(window: &'a ast::WindowDef, visit: &mut dyn FnMut(Raw<'a>)) {
    list(&window.partition_clause, visit);
    list(&window.order_clause, visit);
    for offset in [&window.start_offset, &window.end_offset] {
        if let Some(offset) = offset.as_deref().and_then(|node| node.node.as_ref()) {
            visit(Raw::Node(offset));
        }
    }
}

fn json_value<'a>(value: Option<&'a ast::JsonValueExpr>, visit: &mut dyn FnMut(Raw<'a>)) {
    if let Some(raw) = value.and_then(|value| value.raw_expr.as_deref()).and_then(|node| node.node.as_ref()) {
        visit(Raw::Node(raw));
    }
}

fn behavior<'a>(behavior: Option<&'a ast::JsonBehavior>, visit: &mut dyn FnMut(Raw<'a>)) {
    if let Some(raw) = behavior.and_then(|behavior| behavior.expr.as_deref()).and_then(|node| node.node.as_ref()) {
        visit(Raw::Node(raw));
    }
}

fn aggregate<'a>(constructor: Option<&'a ast::JsonAggConstructor>, visit: &mut dyn FnMut(Raw<'a>)) {
    let Some(constructor) = constructor else { return };
    if let Some(filter) = constructor.agg_filter.as_deref().and_then(|node| node.node.as_ref()) {
        visit(Raw::Node(filter));
    }
    list(&constructor.agg_order, visit);
    if let Some(over) = &constructor.over {
        window(over, visit);
    }
}
