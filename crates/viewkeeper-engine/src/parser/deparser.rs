//! What the parser library's deparser cannot write, put so that it can. Trees only: the library is called next door.

use super::{NodeEnum, ast};
use crate::name::quote_ident;

/// A tree that the deparser can write, and what its text has to hold instead of the calls that stand in for it.
pub(super) struct Writable {
    pub(super) node: NodeEnum,
    /// The expression that each call of [`stand_in`] stands for, in order.
    pub(super) functions: Vec<ast::Node>,
}

/// What the deparser has no words for, where it would abort (`deparseSeqOptElem`, `deparseGrantStmt`).
pub(super) fn unwritable(node: &NodeEnum) -> Option<&'static str> {
    let statement = match node {
        NodeEnum::AlterTableStmt(statement) => statement,
        NodeEnum::GrantStmt(grant) if grant.objtype() == ast::ObjectType::ObjectParameterAcl => {
            return Some("privileges of parameters");
        }
        _ => return None,
    };
    let persistence = statement.cmds.iter().any(|command| {
        let Some(NodeEnum::AlterTableCmd(command)) = &command.node else { return false };
        let definition = command.def.as_deref().and_then(|definition| definition.node.as_ref());
        let Some(NodeEnum::Constraint(constraint)) = definition else { return false };
        constraint.options.iter().any(|option| {
            matches!(&option.node, Some(NodeEnum::DefElem(option)) if matches!(option.defname.as_str(), "logged" | "unlogged"))
        })
    });
    persistence.then_some("LOGGED or UNLOGGED of the sequence of an identity column")
}

/// How the deparser writes a stand-in; no name in a text begins with this character.
pub(super) fn stand_in(number: usize) -> String {
    format!("\"\u{1}{number}\"()")
}

pub(super) fn writable(node: &NodeEnum) -> Writable {
    let mut node = node.clone();
    let mut functions = Vec::new();
    mend(&mut node, &mut functions);
    Writable { node, functions }
}

/// The deparser writes some names as they are, which are others, or none, where they need quotes.
fn quote_names(node: &mut NodeEnum) {
    let quote = |name: &mut String| {
        if !name.is_empty() {
            *name = quote_ident(name).into_owned();
        }
    };
    let quote_window = |window: &mut Option<Box<ast::WindowDef>>| {
        if let Some(window) = window {
            quote(&mut window.name);
        }
    };
    match node {
        // `deparseStatsElem`
        NodeEnum::StatsElem(n) => quote(&mut n.name),
        // `deparseFunctionParameter`
        NodeEnum::FunctionParameter(n) => quote(&mut n.name),
        // `deparseFuncArgExpr`
        NodeEnum::NamedArgExpr(n) => quote(&mut n.name),
        // `deparseSelectStmt`, `deparseFuncCall`, `deparseJsonObjectAgg`, `deparseJsonArrayAgg`
        NodeEnum::WindowDef(n) => quote(&mut n.name),
        NodeEnum::FuncCall(n) => quote_window(&mut n.over),
        NodeEnum::JsonObjectAgg(n) => n.constructor.iter_mut().for_each(|n| quote_window(&mut n.over)),
        NodeEnum::JsonArrayAgg(n) => n.constructor.iter_mut().for_each(|n| quote_window(&mut n.over)),
        NodeEnum::CreateRangeStmt(n) => n.params.iter_mut().for_each(quote_system_collation),
        _ => {}
    }
}

/// `deparseTypeName` does so with names in `pg_catalog`. Of those only collations need quotes, which range types name as an
/// option.
fn quote_system_collation(option: &mut ast::Node) {
    if let Some(NodeEnum::DefElem(option)) = &mut option.node
        && let Some(NodeEnum::TypeName(name)) = option.arg.as_deref_mut().and_then(|arg| arg.node.as_mut())
        && let [ast::Node { node: Some(NodeEnum::String(schema)) }, ast::Node { node: Some(NodeEnum::String(name)) }] =
            name.names.as_mut_slice()
        && schema.sval == "pg_catalog"
    {
        name.sval = quote_ident(&name.sval).into_owned();
    }
}

fn mend(node: &mut NodeEnum, functions: &mut Vec<ast::Node>) {
    quote_names(node);
    if let NodeEnum::RangeFunction(range) = node {
        stand_in_for_functions(range, functions);
    }
    each_child(node, &mut |child| mend(child, functions));
}

/// In FROM the deparser writes some of the functions that have a syntax of their own, and aborts or leaves a gap at the
/// others, such as `NULLIF` and those of SQL/JSON (`deparseFuncExprWindowless`).
fn stand_in_for_functions(range: &mut ast::RangeFunction, functions: &mut Vec<ast::Node>) {
    for function in &mut range.functions {
        // With the definitions of its columns.
        let Some(NodeEnum::List(function)) = &mut function.node else { continue };
        if let Some(function) = function.items.first_mut().filter(|function| !is_written(function)) {
            let name = format!("\u{1}{}", functions.len());
            let name = ast::Node { node: Some(NodeEnum::String(ast::String { sval: name })) };
            let call = ast::FuncCall {
                funcname: vec![name],
                funcformat: ast::CoercionForm::CoerceExplicitCall as i32,
                ..Default::default()
            };
            let call = ast::Node { node: Some(NodeEnum::FuncCall(Box::new(call))) };
            functions.push(std::mem::replace(function, call));
        }
    }
}

fn is_written(function: &ast::Node) -> bool {
    matches!(
        function.node,
        Some(
            NodeEnum::FuncCall(_)
                | NodeEnum::SqlvalueFunction(_)
                | NodeEnum::TypeCast(_)
                | NodeEnum::CoalesceExpr(_)
                | NodeEnum::MinMaxExpr(_)
                | NodeEnum::XmlExpr(_)
                | NodeEnum::XmlSerialize(_)
        )
    )
}

/// The children of a node, as far as a query can stand in one; the same as for reading in `analyse/raw_walk.rs`, and of
/// the statements that are made of queries.
fn each_child(node: &mut NodeEnum, visit: &mut dyn FnMut(&mut NodeEnum)) {
    match node {
        NodeEnum::ViewStmt(n) => one(&mut n.query, visit),
        NodeEnum::CreateTableAsStmt(n) => one(&mut n.query, visit),
        NodeEnum::CreateFunctionStmt(n) => {
            list(&mut n.parameters, visit);
            one(&mut n.sql_body, visit);
        }
        NodeEnum::AlterFunctionStmt(n) => list(n.func.as_mut().map_or(&mut [], |n| &mut n.objfuncargs), visit),
        NodeEnum::DefineStmt(n) => list(&mut n.args, visit),
        NodeEnum::CreateStatsStmt(n) => list(&mut n.exprs, visit),
        NodeEnum::StatsElem(n) => one(&mut n.expr, visit),
        NodeEnum::FunctionParameter(n) => one(&mut n.defexpr, visit),
        NodeEnum::ReturnStmt(n) => one(&mut n.returnval, visit),
        NodeEnum::RuleStmt(n) => {
            one(&mut n.where_clause, visit);
            list(&mut n.actions, visit);
        }
        NodeEnum::CreatePolicyStmt(n) => {
            one(&mut n.qual, visit);
            one(&mut n.with_check, visit);
        }
        NodeEnum::ResTarget(n) => one(&mut n.val, visit),
        NodeEnum::AExpr(n) => {
            one(&mut n.lexpr, visit);
            one(&mut n.rexpr, visit);
        }
        NodeEnum::TypeCast(n) => one(&mut n.arg, visit),
        NodeEnum::CollateClause(n) => one(&mut n.arg, visit),
        NodeEnum::NullTest(n) => one(&mut n.arg, visit),
        NodeEnum::BooleanTest(n) => one(&mut n.arg, visit),
        NodeEnum::NamedArgExpr(n) => one(&mut n.arg, visit),
        NodeEnum::SortBy(n) => one(&mut n.node, visit),
        NodeEnum::XmlSerialize(n) => one(&mut n.expr, visit),
        NodeEnum::AIndices(n) => {
            one(&mut n.lidx, visit);
            one(&mut n.uidx, visit);
        }
        NodeEnum::CaseWhen(n) => {
            one(&mut n.expr, visit);
            one(&mut n.result, visit);
        }
        NodeEnum::SubLink(n) => {
            one(&mut n.testexpr, visit);
            one(&mut n.subselect, visit);
        }
        NodeEnum::RangeSubselect(n) => one(&mut n.subquery, visit),
        NodeEnum::CommonTableExpr(n) => one(&mut n.ctequery, visit),
        NodeEnum::JoinExpr(n) => {
            one(&mut n.larg, visit);
            one(&mut n.rarg, visit);
            one(&mut n.quals, visit);
        }
        NodeEnum::RangeTableSample(n) => {
            one(&mut n.relation, visit);
            list(&mut n.args, visit);
            one(&mut n.repeatable, visit);
        }
        NodeEnum::CaseExpr(n) => {
            one(&mut n.arg, visit);
            one(&mut n.defresult, visit);
            list(&mut n.args, visit);
        }
        NodeEnum::AIndirection(n) => {
            one(&mut n.arg, visit);
            list(&mut n.indirection, visit);
        }
        NodeEnum::FuncCall(n) => {
            one(&mut n.agg_filter, visit);
            list(&mut n.args, visit);
            list(&mut n.agg_order, visit);
            if let Some(over) = &mut n.over {
                window(over, visit);
            }
        }
        NodeEnum::WindowDef(n) => window(n, visit),
        NodeEnum::BoolExpr(n) => list(&mut n.args, visit),
        NodeEnum::AArrayExpr(n) => list(&mut n.elements, visit),
        NodeEnum::RowExpr(n) => list(&mut n.args, visit),
        NodeEnum::CoalesceExpr(n) => list(&mut n.args, visit),
        NodeEnum::MinMaxExpr(n) => list(&mut n.args, visit),
        NodeEnum::GroupingFunc(n) => list(&mut n.args, visit),
        NodeEnum::GroupingSet(n) => list(&mut n.content, visit),
        NodeEnum::List(n) => list(&mut n.items, visit),
        NodeEnum::RangeFunction(n) => list(&mut n.functions, visit),
        NodeEnum::XmlExpr(n) => {
            list(&mut n.named_args, visit);
            list(&mut n.args, visit);
        }
        NodeEnum::RangeTableFunc(n) => {
            one(&mut n.docexpr, visit);
            one(&mut n.rowexpr, visit);
            list(&mut n.namespaces, visit);
            list(&mut n.columns, visit);
        }
        NodeEnum::RangeTableFuncCol(n) => {
            one(&mut n.colexpr, visit);
            one(&mut n.coldefexpr, visit);
        }
        NodeEnum::JsonFuncExpr(n) => {
            one(&mut n.pathspec, visit);
            json_value(n.context_item.as_deref_mut(), visit);
            list(&mut n.passing, visit);
            behavior(n.on_empty.as_deref_mut(), visit);
            behavior(n.on_error.as_deref_mut(), visit);
        }
        NodeEnum::JsonTable(n) => {
            json_value(n.context_item.as_deref_mut(), visit);
            list(&mut n.passing, visit);
            list(&mut n.columns, visit);
        }
        NodeEnum::JsonTableColumn(n) => {
            list(&mut n.columns, visit);
            behavior(n.on_empty.as_deref_mut(), visit);
            behavior(n.on_error.as_deref_mut(), visit);
        }
        NodeEnum::JsonArgument(n) => json_value(n.val.as_deref_mut(), visit),
        NodeEnum::JsonValueExpr(n) => json_value(Some(n), visit),
        NodeEnum::JsonKeyValue(n) => {
            one(&mut n.key, visit);
            json_value(n.value.as_deref_mut(), visit);
        }
        NodeEnum::JsonObjectConstructor(n) => list(&mut n.exprs, visit),
        NodeEnum::JsonArrayConstructor(n) => list(&mut n.exprs, visit),
        NodeEnum::JsonArrayQueryConstructor(n) => one(&mut n.query, visit),
        NodeEnum::JsonParseExpr(n) => json_value(n.expr.as_deref_mut(), visit),
        NodeEnum::JsonScalarExpr(n) => one(&mut n.expr, visit),
        NodeEnum::JsonSerializeExpr(n) => json_value(n.expr.as_deref_mut(), visit),
        NodeEnum::JsonIsPredicate(n) => one(&mut n.expr, visit),
        NodeEnum::JsonObjectAgg(n) => {
            if let Some(arg) = &mut n.arg {
                one(&mut arg.key, visit);
                json_value(arg.value.as_deref_mut(), visit);
            }
            aggregate(n.constructor.as_deref_mut(), visit);
        }
        NodeEnum::JsonArrayAgg(n) => {
            json_value(n.arg.as_deref_mut(), visit);
            aggregate(n.constructor.as_deref_mut(), visit);
        }
        NodeEnum::SelectStmt(n) => select(n, visit),
        NodeEnum::InsertStmt(n) => {
            one(&mut n.select_stmt, visit);
            with(n.with_clause.as_mut(), visit);
            if let Some(conflict) = n.on_conflict_clause.as_deref_mut() {
                list(&mut conflict.target_list, visit);
                one(&mut conflict.where_clause, visit);
            }
            returning(n.returning_clause.as_mut(), visit);
        }
        NodeEnum::UpdateStmt(n) => {
            one(&mut n.where_clause, visit);
            with(n.with_clause.as_mut(), visit);
            list(&mut n.target_list, visit);
            list(&mut n.from_clause, visit);
            returning(n.returning_clause.as_mut(), visit);
        }
        NodeEnum::DeleteStmt(n) => {
            one(&mut n.where_clause, visit);
            with(n.with_clause.as_mut(), visit);
            list(&mut n.using_clause, visit);
            returning(n.returning_clause.as_mut(), visit);
        }
        NodeEnum::MergeStmt(n) => {
            one(&mut n.source_relation, visit);
            one(&mut n.join_condition, visit);
            with(n.with_clause.as_mut(), visit);
            list(&mut n.merge_when_clauses, visit);
            returning(n.returning_clause.as_mut(), visit);
        }
        NodeEnum::MergeWhenClause(n) => {
            one(&mut n.condition, visit);
            list(&mut n.target_list, visit);
            list(&mut n.values, visit);
        }
        NodeEnum::MultiAssignRef(n) => one(&mut n.source, visit),
        _ => {}
    }
}

fn select(select: &mut ast::SelectStmt, visit: &mut dyn FnMut(&mut NodeEnum)) {
    with(select.with_clause.as_mut(), visit);
    for part in [
        &mut select.distinct_clause,
        &mut select.target_list,
        &mut select.from_clause,
        &mut select.group_clause,
        &mut select.window_clause,
        &mut select.values_lists,
        &mut select.sort_clause,
    ] {
        list(part, visit);
    }
    for part in [&mut select.where_clause, &mut select.having_clause, &mut select.limit_offset, &mut select.limit_count]
    {
        one(part, visit);
    }
    for side in [&mut select.larg, &mut select.rarg].into_iter().flatten() {
        self::select(side, visit);
    }
}

fn one(child: &mut Option<Box<ast::Node>>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    if let Some(child) = child.as_deref_mut().and_then(|child| child.node.as_mut()) {
        visit(child);
    }
}

fn list(nodes: &mut [ast::Node], visit: &mut dyn FnMut(&mut NodeEnum)) {
    nodes.iter_mut().filter_map(|node| node.node.as_mut()).for_each(visit);
}

fn with(clause: Option<&mut ast::WithClause>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    list(clause.map_or(&mut [], |clause| &mut clause.ctes), visit);
}

fn returning(clause: Option<&mut ast::ReturningClause>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    list(clause.map_or(&mut [], |clause| &mut clause.exprs), visit);
}

fn window(window: &mut ast::WindowDef, visit: &mut dyn FnMut(&mut NodeEnum)) {
    list(&mut window.partition_clause, visit);
    list(&mut window.order_clause, visit);
    one(&mut window.start_offset, visit);
    one(&mut window.end_offset, visit);
}

fn json_value(value: Option<&mut ast::JsonValueExpr>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    if let Some(value) = value {
        one(&mut value.raw_expr, visit);
    }
}

fn behavior(behavior: Option<&mut ast::JsonBehavior>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    if let Some(behavior) = behavior {
        one(&mut behavior.expr, visit);
    }
}

fn aggregate(constructor: Option<&mut ast::JsonAggConstructor>, visit: &mut dyn FnMut(&mut NodeEnum)) {
    let Some(constructor) = constructor else { return };
    one(&mut constructor.agg_filter, visit);
    list(&mut constructor.agg_order, visit);
    if let Some(over) = &mut constructor.over {
        window(over, visit);
    }
}
