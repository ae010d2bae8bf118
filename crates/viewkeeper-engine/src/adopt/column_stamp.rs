//! Takes a server's own notes out of the options of columns. Only of what `pg_dump` writes, a statement for each column.

use std::borrow::Cow;

use crate::parser::{NodeEnum, Statement, ast};

/// By which a server knows one column from a later one in its place. It came with the minor releases of November 2026:
/// a `pg_dump` from before writes it down, a server of that age refuses it, and newer ones set it themselves.
const STAMP: &str = "pg_attver";

/// The statement without stamps; `None` where it does nothing else.
pub(super) fn without_stamps(statement: &Statement) -> Option<Cow<'_, str>> {
    let text = statement.text();
    let options = options(&statement.node);
    if options.iter().all(|option| option.defname != STAMP) {
        return Some(Cow::Borrowed(text));
    }
    let start = |option: &ast::DefElem| usize::try_from(option.location).ok()?.checked_sub(statement.span.start);
    let mut starts: Vec<usize> = options.iter().filter_map(|option| start(option)).collect();
    starts.push(text.len());
    let kept: Vec<&str> = options
        .iter()
        .zip(starts.windows(2))
        .filter(|(option, _)| option.defname != STAMP)
        .map(|(_, place)| text[place[0]..place[1]].trim_end_matches([' ', ',', ')']))
        .collect();
    (!kept.is_empty()).then(|| Cow::Owned(format!("{}{})", &text[..starts[0]], kept.join(", "))))
}

fn options(node: &NodeEnum) -> Vec<&ast::DefElem> {
    let NodeEnum::AlterTableStmt(alter) = node else { return Vec::new() };
    let [ast::Node { node: Some(NodeEnum::AlterTableCmd(command)) }] = alter.cmds.as_slice() else { return Vec::new() };
    let list = match command.def.as_ref().and_then(|def| def.node.as_ref()) {
        Some(NodeEnum::List(list)) if command.subtype() == ast::AlterTableType::AtSetOptions => list,
        _ => return Vec::new(),
    };
    list.items
        .iter()
        .filter_map(|node| match &node.node {
            Some(NodeEnum::DefElem(option)) => Some(&**option),
            _ => None,
        })
        .collect()
}
