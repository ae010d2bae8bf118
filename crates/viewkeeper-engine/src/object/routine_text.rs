//! SQL text of routines: the statement as its author wrote it, with the verb and the whole name in front.

use super::Statement;
use crate::catalog::{Catalog, ObjectId, Routine, RoutineSource};
use crate::parser;

/// How something with a text of its own is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Replace,
}

impl Verb {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Replace => "CREATE OR REPLACE",
        }
    }
}

/// The statements that make a routine.
pub(super) fn statements(verb: Verb, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let Some((_, source)) = source_of(catalog, id) else { return Vec::new() };
    let verb = verb.word();
    let name = match id {
        ObjectId::Function(name, _) | ObjectId::Procedure(name, _) | ObjectId::Aggregate(name, _) => name,
        _ => return Vec::new(),
    };
    let mut statements =
        vec![Statement::new(format!("{verb} {} {name}{}", id.word().to_uppercase(), after_name(source)))];
    statements.extend(source.altered.iter().map(|change| Statement::new(format!("ALTER {} {change}", id.sql()))));
    statements
}

/// The routine of an id and its text.
pub(super) fn source_of<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<(&'c Routine, &'c RoutineSource)> {
    let routine = catalog.routine_by_id(id)?;
    Some((routine, routine.source.as_ref()?))
}

/// The statement from the parenthesis behind its name on. Text that ends with a `--` comment gets a line break, or the
/// comment would swallow the semicolon.
fn after_name(source: &RoutineSource) -> String {
    let text = source.provenance.text().replace("\r\n", "\n");
    let tokens = parser::tokens(&text);
    let start = tokens
        .iter()
        .find(|token| !token.comment && text.get(token.span.start..token.span.end) == Some("("))
        .map_or(text.len(), |token| token.span.start);
    let rest = text.get(start..).unwrap_or_default().trim_end();
    let ends_in_comment = tokens.last().is_some_and(|last| last.comment);
    if ends_in_comment { format!("{rest}\n") } else { rest.to_owned() }
}
