//! Reading the raw parse tree: names, locations, optional nodes. Nothing here knows the catalog.

use super::Outcome;
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::Location;

/// The node in its wrapper.
pub(super) fn node(node: &ast::Node) -> Outcome<&NodeEnum> {
    node.node.as_ref().ok_or_else(|| Failure::new(SqlState::SYNTAX_ERROR, "the parse tree has an empty node", None))
}

/// The node in a wrapper that may be missing.
pub(super) fn optional(wrapped: Option<&ast::Node>) -> Option<&NodeEnum> {
    wrapped.and_then(|wrapper| wrapper.node.as_ref())
}

/// The node in a wrapper that the grammar always fills.
pub(super) fn required(wrapped: Option<&ast::Node>) -> Outcome<&NodeEnum> {
    optional(wrapped).ok_or_else(|| Failure::new(SqlState::SYNTAX_ERROR, "the parse tree lacks a node", None))
}

/// The text of a name node.
pub(super) fn name(node: &ast::Node) -> Option<&str> {
    match &node.node {
        Some(NodeEnum::String(name)) => Some(&name.sval),
        _ => None,
    }
}

/// The names in a list of name nodes.
pub(super) fn names(nodes: &[ast::Node]) -> Vec<&str> {
    nodes.iter().filter_map(name).collect()
}

/// Whether a list of fields ends in `*`.
pub(super) fn ends_in_star(fields: &[ast::Node]) -> bool {
    matches!(fields.last().and_then(|field| field.node.as_ref()), Some(NodeEnum::AStar(_)))
}

/// Whether an expression is the literal NULL (`exprIsNullConstant` in parse_expr.c).
pub(super) fn is_null_constant(node: Option<&NodeEnum>) -> bool {
    matches!(node, Some(NodeEnum::AConst(constant)) if constant.isnull)
}

/// Where a query's text begins, as near as its nodes tell.
pub(super) fn first_location(select: &ast::SelectStmt) -> Location {
    if let Some(left) = select.larg.as_deref() {
        return first_location(left);
    }
    let targets = select.target_list.iter().filter_map(|target| location_of(target.node.as_ref()?));
    targets.chain(select.from_clause.iter().filter_map(|item| location_of(item.node.as_ref()?))).min()
}

/// Where an expression or clause stands (`exprLocation`, as far as errors need it).
pub(super) fn location_of(node: &NodeEnum) -> Location {
    let boxed = |node: &Option<Box<ast::Node>>| node.as_deref().and_then(|node| location_of(node.node.as_ref()?));
    match node {
        NodeEnum::ResTarget(target) => place(target.location),
        NodeEnum::ColumnRef(column) => place(column.location),
        NodeEnum::AConst(constant) => place(constant.location),
        NodeEnum::AExpr(expr) => place(expr.location),
        NodeEnum::BoolExpr(expr) => place(expr.location),
        NodeEnum::FuncCall(call) => place(call.location),
        NodeEnum::TypeCast(cast) => boxed(&cast.arg).or(place(cast.location)),
        NodeEnum::CollateClause(collate) => boxed(&collate.arg).or(place(collate.location)),
        NodeEnum::SubLink(sublink) => place(sublink.location),
        NodeEnum::CaseExpr(case) => place(case.location),
        NodeEnum::RowExpr(row) => place(row.location),
        NodeEnum::AArrayExpr(array) => place(array.location),
        NodeEnum::CoalesceExpr(coalesce) => place(coalesce.location),
        NodeEnum::MinMaxExpr(minmax) => place(minmax.location),
        NodeEnum::SqlvalueFunction(value) => place(value.location),
        NodeEnum::NullTest(test) => boxed(&test.arg).or(place(test.location)),
        NodeEnum::BooleanTest(test) => boxed(&test.arg).or(place(test.location)),
        NodeEnum::AIndirection(indirection) => boxed(&indirection.arg),
        NodeEnum::GroupingFunc(grouping) => place(grouping.location),
        NodeEnum::GroupingSet(set) => place(set.location),
        NodeEnum::SortBy(sort) => boxed(&sort.node).or(place(sort.location)),
        NodeEnum::NamedArgExpr(argument) => place(argument.location),
        NodeEnum::XmlExpr(xml) => place(xml.location),
        NodeEnum::XmlSerialize(xml) => place(xml.location),
        NodeEnum::JsonFuncExpr(json) => place(json.location),
        NodeEnum::JsonObjectConstructor(json) => place(json.location),
        NodeEnum::JsonArrayConstructor(json) => place(json.location),
        NodeEnum::JsonArrayQueryConstructor(json) => place(json.location),
        NodeEnum::JsonParseExpr(json) => place(json.location),
        NodeEnum::JsonScalarExpr(json) => place(json.location),
        NodeEnum::JsonSerializeExpr(json) => place(json.location),
        NodeEnum::JsonIsPredicate(json) => place(json.location),
        NodeEnum::JsonObjectAgg(json) => json.constructor.as_ref().and_then(|constructor| place(constructor.location)),
        NodeEnum::JsonArrayAgg(json) => json.constructor.as_ref().and_then(|constructor| place(constructor.location)),
        NodeEnum::ParamRef(parameter) => place(parameter.location),
        NodeEnum::RangeVar(range) => place(range.location),
        NodeEnum::CommonTableExpr(cte) => place(cte.location),
        NodeEnum::SelectStmt(select) => first_location(select),
        NodeEnum::List(list) => list.items.iter().find_map(|item| location_of(item.node.as_ref()?)),
        _ => None,
    }
}
