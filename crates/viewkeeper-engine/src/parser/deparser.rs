//! What the parser library's deparser cannot write, put so that it can. Trees only: the library is called next door.

use super::{NodeEnum, ast};
use crate::name::quote_ident;

/// A tree that the deparser can write, and what its text has to hold instead of the calls that stand in for it.
pub(super) struct Writable {
    pub(super) node: NodeEnum,
    /// What stands in the text in the place of stand-ins.
    pub(super) left_out: LeftOut,
}

/// What a tree has stand-ins for, each kind in order.
#[derive(Default)]
pub(super) struct LeftOut {
    /// The expression that each call of [`stand_in`] stands for.
    pub(super) functions: Vec<ast::Node>,
    /// What each name of [`stand_in_name`] stands for.
    pub(super) names: Vec<Named>,
}

/// What comes into the text at the place of a name that the deparser writes there.
#[derive(Default)]
pub(super) struct Named {
    /// What is written before and behind the name only because there is one, and goes with it.
    pub(super) around: (&'static str, &'static str),
    pub(super) text: String,
    /// Behind the text, with what follows it.
    pub(super) expression: Option<(Box<ast::Node>, &'static str)>,
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

/// How the deparser writes a name that stands for something.
pub(super) fn stand_in_name(number: usize) -> String {
    format!("\"\u{1}w{number}\"")
}

pub(super) fn writable(node: &NodeEnum) -> Writable {
    let mut node = node.clone();
    let mut left_out = LeftOut::default();
    mend(&mut node, &mut left_out);
    Writable { node, left_out }
}

impl LeftOut {
    /// Puts a name that stands for something into the place of another.
    fn put(&mut self, name: &mut String, named: Named) {
        *name = format!("\u{1}w{}", self.names.len());
        self.names.push(named);
    }
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
        // `deparseConstraint`
        NodeEnum::Constraint(n) => {
            for column in &mut n.fk_del_set_cols {
                if let Some(NodeEnum::String(name)) = &mut column.node {
                    quote(&mut name.sval);
                }
            }
        }
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

fn mend(node: &mut NodeEnum, left_out: &mut LeftOut) {
    quote_names(node);
    match node {
        NodeEnum::RangeFunction(range) => stand_in_for_functions(range, &mut left_out.functions),
        // `deparseConstraint` writes the condition of EXCLUDE before what the grammar wants before it.
        NodeEnum::Constraint(constraint) if !constraint.exclusions.is_empty() => {
            if let Some(condition) = constraint.where_clause.take() {
                const TABLESPACE: &str = "USING INDEX TABLESPACE ";
                let text = match constraint.indexspace.as_str() {
                    "" => "WHERE (".to_owned(),
                    tablespace => format!("{TABLESPACE}{} WHERE (", quote_ident(tablespace)),
                };
                let named = Named { around: (TABLESPACE, ""), text, expression: Some((condition, ")")) };
                left_out.put(&mut constraint.indexspace, named);
            }
        }
        // `deparseCreateStmt` puts no space behind the access method.
        NodeEnum::CreateStmt(table) if !table.access_method.is_empty() => {
            let text = format!("{} ", quote_ident(&table.access_method));
            left_out.put(&mut table.access_method, Named { text, ..Named::default() });
        }
        // `deparseGrantStmt` writes CASCADE before GRANTED BY, `deparseGrantRoleStmt` without a space.
        NodeEnum::GrantStmt(ast::GrantStmt { grantor: Some(grantor), behavior, .. })
        | NodeEnum::GrantRoleStmt(ast::GrantRoleStmt { grantor: Some(grantor), behavior, .. })
            if *behavior == ast::DropBehavior::DropCascade as i32 =>
        {
            let text = format!("{} CASCADE", role(grantor));
            grantor.set_roletype(ast::RoleSpecType::RolespecCstring);
            left_out.put(&mut grantor.rolename, Named { text, ..Named::default() });
            *behavior = ast::DropBehavior::DropRestrict as i32;
        }
        NodeEnum::AlterTableCmd(command) if command.subtype() == ast::AlterTableType::AtAlterColumnType => {
            if let Some(NodeEnum::ColumnDef(column)) = command.def.as_mut().and_then(|def| def.node.as_mut()) {
                collate_before_using(column, left_out);
            }
        }
        // In front of the type `json` it is a word of `FORMAT JSON` (`base_yylex`).
        NodeEnum::ColumnDef(column) => {
            if column.colname == "format" {
                let text = "\"format\"".to_owned();
                left_out.put(&mut column.colname, Named { text, ..Named::default() });
            }
            collate_before_constraints(column, left_out);
        }
        _ => {}
    }
    each_child(node, &mut |child| mend(child, left_out));
}

/// `deparseColumnDef` writes COLLATE behind the constraints, where it belongs to a default. It may stand among them.
fn collate_before_constraints(column: &mut ast::ColumnDef, left_out: &mut LeftOut) {
    if column.constraints.is_empty() {
        return;
    }
    let Some(text) = column.coll_clause.take().map(|clause| collate(&clause)) else { return };
    let mut constraint = ast::Constraint { contype: ast::ConstrType::ConstrNull as i32, ..Default::default() };
    let named = Named { around: ("CONSTRAINT ", " NULL"), text, expression: None };
    left_out.put(&mut constraint.conname, named);
    column.constraints.insert(0, ast::Node { node: Some(NodeEnum::Constraint(Box::new(constraint))) });
}

/// `deparseAlterTableCmd` writes COLLATE behind USING, to which it belongs then.
fn collate_before_using(column: &mut ast::ColumnDef, left_out: &mut LeftOut) {
    let (Some(clause), Some(expression)) = (&column.coll_clause, &mut column.raw_default) else { return };
    let mut name = String::new();
    let named = Named { around: ("USING ", ""), text: format!("{} USING ", collate(clause)), expression: None };
    left_out.put(&mut name, named);
    let name = ast::Node { node: Some(NodeEnum::String(ast::String { sval: name })) };
    let reference = NodeEnum::ColumnRef(ast::ColumnRef { fields: vec![name], location: -1 });
    let expression = std::mem::replace(expression, Box::new(ast::Node { node: Some(reference) }));
    if let Some(named) = left_out.names.last_mut() {
        named.expression = Some((expression, ""));
    }
    column.coll_clause = None;
}

fn collate(clause: &ast::CollateClause) -> String {
    let names = clause.collname.iter().filter_map(|name| match &name.node {
        Some(NodeEnum::String(name)) => Some(quote_ident(&name.sval).into_owned()),
        _ => None,
    });
    format!("COLLATE {}", names.collect::<Vec<_>>().join("."))
}

/// `deparseRoleSpec`
fn role(role: &ast::RoleSpec) -> String {
    match role.roletype() {
        ast::RoleSpecType::RolespecCurrentRole => "CURRENT_ROLE".to_owned(),
        ast::RoleSpecType::RolespecCurrentUser => "CURRENT_USER".to_owned(),
        ast::RoleSpecType::RolespecSessionUser => "SESSION_USER".to_owned(),
        ast::RoleSpecType::RolespecPublic => "public".to_owned(),
        _ => quote_ident(&role.rolename).into_owned(),
    }
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
        NodeEnum::CreateStmt(n) => {
            list(&mut n.table_elts, visit);
            list(n.partspec.as_mut().map_or(&mut [], |n| &mut n.part_params), visit);
        }
        NodeEnum::CreateForeignTableStmt(n) => list(n.base_stmt.as_mut().map_or(&mut [], |n| &mut n.table_elts), visit),
        NodeEnum::CreateSchemaStmt(n) => list(&mut n.schema_elts, visit),
        NodeEnum::PartitionElem(n) => one(&mut n.expr, visit),
        NodeEnum::ColumnDef(n) => {
            one(&mut n.raw_default, visit);
            list(&mut n.constraints, visit);
        }
        NodeEnum::Constraint(n) => {
            one(&mut n.raw_expr, visit);
            one(&mut n.where_clause, visit);
            list(&mut n.exclusions, visit);
        }
        NodeEnum::AlterTableStmt(n) => list(&mut n.cmds, visit),
        NodeEnum::AlterTableCmd(n) => one(&mut n.def, visit),
        NodeEnum::CompositeTypeStmt(n) => list(&mut n.coldeflist, visit),
        NodeEnum::CreateDomainStmt(n) => list(&mut n.constraints, visit),
        NodeEnum::AlterDomainStmt(n) => one(&mut n.def, visit),
        NodeEnum::IndexStmt(n) => {
            list(&mut n.index_params, visit);
            one(&mut n.where_clause, visit);
        }
        NodeEnum::IndexElem(n) => one(&mut n.expr, visit),
        NodeEnum::CreateTrigStmt(n) => one(&mut n.when_clause, visit),
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
        NodeEnum::AlterPolicyStmt(n) => {
            one(&mut n.qual, visit);
            one(&mut n.with_check, visit);
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
        NodeEnum::RangeFunction(n) => {
            list(&mut n.functions, visit);
            list(&mut n.coldeflist, visit);
        }
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
