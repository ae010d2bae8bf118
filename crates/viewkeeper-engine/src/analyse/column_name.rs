//! Output names of target list entries without an alias. Only the raw parse tree decides, except for scalar
//! sub-queries, which lend the name that analysis gave their first target.

use std::collections::BTreeMap;

use crate::catalog::ServerVersion;
use crate::parser::{NodeEnum, ast};

/// What a column is called when nothing suggests a name.
pub(super) const UNNAMED: &str = "?column?";

/// How much a name is worth: a cast's own name yields to a strong inner name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Weak,
    Strong,
}

/// Names of the first targets of the scalar sub-queries that have been analysed, by where they stand.
pub(super) type SublinkNames = BTreeMap<i32, String>;

/// The output name of an expression (`FigureColname` in parse_target.c).
pub(super) fn column_name(node: &NodeEnum, sublinks: &SublinkNames, version: ServerVersion) -> String {
    // TRUE and FALSE were casts of literals before 15 (makeBoolAConst in gram.y).
    let constant = |constant: &ast::AConst| matches!(constant.val, Some(ast::a_const::Val::Boolval(_)));
    if version < ServerVersion::V15 && matches!(node, NodeEnum::AConst(value) if constant(value)) {
        return "bool".to_owned();
    }
    figure(node, sublinks).map_or_else(|| UNNAMED.to_owned(), |(name, _)| name)
}

/// What an expression is called in the name that the server chooses for an index (`FigureIndexColname`); `None` where
/// nothing suggests a name.
pub(crate) fn index_column_name(expression: &ast::Node, version: ServerVersion) -> Option<String> {
    let name = column_name(expression.node.as_ref()?, &SublinkNames::new(), version);
    (name != UNNAMED).then_some(name)
}

fn figure(node: &NodeEnum, sublinks: &SublinkNames) -> Option<(String, Strength)> {
    let strong = |name: &str| Some((name.to_owned(), Strength::Strong));
    match node {
        NodeEnum::ColumnRef(column) => last_string(&column.fields).and_then(strong),
        NodeEnum::AIndirection(indirection) => match last_string(&indirection.indirection) {
            Some(name) => strong(name),
            None => figure_boxed(indirection.arg.as_deref(), sublinks),
        },
        NodeEnum::FuncCall(call) => last_string(&call.funcname).and_then(strong),
        NodeEnum::AExpr(expression) if expression.kind() == ast::AExprKind::AexprNullif => strong("nullif"),
        NodeEnum::TypeCast(cast) => {
            let inner = figure_boxed(cast.arg.as_deref(), sublinks);
            match inner {
                Some((_, Strength::Strong)) => inner,
                _ => cast
                    .type_name
                    .as_ref()
                    .and_then(|type_name| last_string(&type_name.names))
                    .map(|name| (name.to_owned(), Strength::Weak))
                    .or(inner),
            }
        }
        NodeEnum::CollateClause(collate) => figure_boxed(collate.arg.as_deref(), sublinks),
        NodeEnum::GroupingFunc(_) => strong("grouping"),
        NodeEnum::MergeSupportFunc(_) => strong("merge_action"),
        NodeEnum::SubLink(sublink) => match sublink.sub_link_type() {
            ast::SubLinkType::ExistsSublink => strong("exists"),
            ast::SubLinkType::ArraySublink => strong("array"),
            // Analysis names a column "?column?" for want of better, and that name is as strong as any other.
            ast::SubLinkType::ExprSublink => {
                sublinks.get(&sublink.location).map(|name| (name.clone(), Strength::Strong))
            }
            _ => None,
        },
        NodeEnum::CaseExpr(case) => match figure_boxed(case.defresult.as_deref(), sublinks) {
            Some((name, Strength::Strong)) => Some((name, Strength::Strong)),
            _ => Some(("case".to_owned(), Strength::Weak)),
        },
        NodeEnum::AArrayExpr(_) => strong("array"),
        NodeEnum::RowExpr(_) => strong("row"),
        NodeEnum::CoalesceExpr(_) => strong("coalesce"),
        NodeEnum::MinMaxExpr(minmax) => {
            strong(if minmax.op() == ast::MinMaxOp::IsGreatest { "greatest" } else { "least" })
        }
        NodeEnum::SqlvalueFunction(value) => sql_value_name(value.op()).and_then(strong),
        NodeEnum::XmlExpr(xml) => match xml.op() {
            ast::XmlExprOp::IsXmlconcat => strong("xmlconcat"),
            ast::XmlExprOp::IsXmlelement => strong("xmlelement"),
            ast::XmlExprOp::IsXmlforest => strong("xmlforest"),
            ast::XmlExprOp::IsXmlparse => strong("xmlparse"),
            ast::XmlExprOp::IsXmlpi => strong("xmlpi"),
            ast::XmlExprOp::IsXmlroot => strong("xmlroot"),
            // IS DOCUMENT is an operator; XMLSERIALIZE has a node of its own.
            _ => None,
        },
        NodeEnum::XmlSerialize(_) => strong("xmlserialize"),
        NodeEnum::JsonParseExpr(_) => strong("json"),
        NodeEnum::JsonScalarExpr(_) => strong("json_scalar"),
        NodeEnum::JsonSerializeExpr(_) => strong("json_serialize"),
        NodeEnum::JsonObjectConstructor(_) => strong("json_object"),
        NodeEnum::JsonArrayConstructor(_) | NodeEnum::JsonArrayQueryConstructor(_) => strong("json_array"),
        NodeEnum::JsonObjectAgg(_) => strong("json_objectagg"),
        NodeEnum::JsonArrayAgg(_) => strong("json_arrayagg"),
        NodeEnum::JsonFuncExpr(function) => match function.op() {
            ast::JsonExprOp::JsonExistsOp => strong("json_exists"),
            ast::JsonExprOp::JsonQueryOp => strong("json_query"),
            ast::JsonExprOp::JsonValueOp => strong("json_value"),
            _ => None,
        },
        _ => None,
    }
}

fn figure_boxed(node: Option<&ast::Node>, sublinks: &SublinkNames) -> Option<(String, Strength)> {
    figure(node?.node.as_ref()?, sublinks)
}

/// The last name in a list of fields, ignoring `*` and subscripts.
fn last_string(fields: &[ast::Node]) -> Option<&str> {
    fields.iter().rev().find_map(|field| match &field.node {
        Some(NodeEnum::String(name)) => Some(name.sval.as_str()),
        _ => None,
    })
}

/// The name of an SQL value function as it is written.
pub(super) fn sql_value_name(op: ast::SqlValueFunctionOp) -> Option<&'static str> {
    use ast::SqlValueFunctionOp as Op;
    Some(match op {
        Op::SvfopCurrentDate => "current_date",
        Op::SvfopCurrentTime | Op::SvfopCurrentTimeN => "current_time",
        Op::SvfopCurrentTimestamp | Op::SvfopCurrentTimestampN => "current_timestamp",
        Op::SvfopLocaltime | Op::SvfopLocaltimeN => "localtime",
        Op::SvfopLocaltimestamp | Op::SvfopLocaltimestampN => "localtimestamp",
        Op::SvfopCurrentRole => "current_role",
        Op::SvfopCurrentUser => "current_user",
        Op::SvfopUser => "user",
        Op::SvfopSessionUser => "session_user",
        Op::SvfopCurrentCatalog => "current_catalog",
        Op::SvfopCurrentSchema => "current_schema",
        Op::SqlvalueFunctionOpUndefined => return None,
    })
}
