//! Reads plain values out of raw parse nodes: strings, dotted names, options. Nothing is resolved here.

use crate::parser::{NodeEnum, ast};

/// The text of a `String` node.
pub(super) fn string(node: &ast::Node) -> Option<&str> {
    match &node.node {
        Some(NodeEnum::String(text)) => Some(&text.sval),
        _ => None,
    }
}

/// The strings of a list.
pub(super) fn strings(nodes: &[ast::Node]) -> Vec<&str> {
    nodes.iter().filter_map(string).collect()
}

/// A dotted name, from whatever node holds one: a list, a type name, a string.
pub(super) fn dotted(node: &ast::Node) -> Vec<&str> {
    match &node.node {
        Some(NodeEnum::List(list)) => strings(&list.items),
        Some(NodeEnum::TypeName(name)) => strings(&name.names),
        Some(NodeEnum::String(text)) => vec![&text.sval],
        _ => Vec::new(),
    }
}

/// Schema (empty for none) and name of a dotted name.
pub(super) fn schema_and_name<'a>(parts: &[&'a str]) -> (&'a str, &'a str) {
    match parts {
        [] => ("", ""),
        [name] => ("", name),
        [.., schema, name] => (schema, name),
    }
}

/// A relation's name as a range variable, from a dotted name.
pub(super) fn range_var(parts: &[&str], location: i32) -> ast::RangeVar {
    let (schema, name) = schema_and_name(parts);
    ast::RangeVar {
        schemaname: schema.to_owned(),
        relname: name.to_owned(),
        inh: true,
        relpersistence: "p".to_owned(),
        location,
        ..Default::default()
    }
}

/// The options of a statement.
pub(super) fn options(nodes: &[ast::Node]) -> impl Iterator<Item = &ast::DefElem> {
    nodes.iter().filter_map(|node| match &node.node {
        Some(NodeEnum::DefElem(element)) => Some(&**element),
        _ => None,
    })
}

/// The value of an option as text (`defGetString`): strings, numbers, booleans, type names.
pub(super) fn option_text(element: &ast::DefElem) -> Option<String> {
    match element.arg.as_ref()?.node.as_ref()? {
        NodeEnum::String(text) => Some(text.sval.clone()),
        NodeEnum::Integer(number) => Some(number.ival.to_string()),
        NodeEnum::Float(number) => Some(number.fval.clone()),
        NodeEnum::Boolean(value) => Some(value.boolval.to_string()),
        NodeEnum::TypeName(name) => Some(strings(&name.names).join(".")),
        NodeEnum::AConst(constant) => constant_text(constant),
        NodeEnum::List(list) => Some(strings(&list.items).join(".")),
        _ => None,
    }
}

/// The value of an option as a truth value (`defGetBoolean`): without a value it is true.
pub(super) fn option_bool(element: &ast::DefElem) -> bool {
    match option_text(element) {
        None => element.arg.is_none(),
        Some(text) => !matches!(text.to_ascii_lowercase().as_str(), "false" | "off" | "0" | "no" | "f" | "n"),
    }
}

/// A constant's text.
pub(super) fn constant_text(constant: &ast::AConst) -> Option<String> {
    Some(match constant.val.as_ref()? {
        ast::a_const::Val::Ival(number) => number.ival.to_string(),
        ast::a_const::Val::Fval(number) => number.fval.clone(),
        ast::a_const::Val::Boolval(value) => value.boolval.to_string(),
        ast::a_const::Val::Sval(text) => text.sval.clone(),
        ast::a_const::Val::Bsval(bits) => bits.bsval.clone(),
    })
}

/// The canonical text of an expression: of `SELECT <expression>`, without the `SELECT`.
pub(super) fn expression_text(expression: &ast::Node) -> String {
    let target = ast::ResTarget { val: Some(Box::new(expression.clone())), ..Default::default() };
    let select = ast::SelectStmt {
        target_list: vec![ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) }],
        limit_option: ast::LimitOption::Default as i32,
        op: ast::SetOperation::SetopNone as i32,
        ..Default::default()
    };
    let text = crate::parser::canonical(&NodeEnum::SelectStmt(Box::new(select))).unwrap_or_default();
    text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
}

/// Role name of a role specification; `None` for the current user and its kin.
pub(super) fn role(role: &ast::RoleSpec) -> Option<&str> {
    (role.roletype() == ast::RoleSpecType::RolespecCstring).then_some(role.rolename.as_str())
}
