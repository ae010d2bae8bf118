//! Which statements may stand in definition files: those that make an object, and those about an object of the same file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::subject::Subject;
use super::{Certainty, Definition, Needs, first_line};
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::parser::{NodeEnum, Statement, ast};
use crate::replay::routine;
use crate::replay::routine_source::body_references;
use crate::replay::session::Session;
use crate::replay::walk;
use crate::source::SourceFile;

/// Sorts the statements of a file: definitions, and what is said about them.
pub(super) fn collect(
    session: &mut Session<'_>,
    file: &Arc<SourceFile>,
    statements: Vec<Statement>,
    into: &mut Vec<Definition>,
) {
    let first = into.len();
    let mut about = Vec::new();
    for statement in statements {
        if let Some(subject) = Subject::made_by(session, &statement.node) {
            // Row security may be enabled in one statement and forced in another.
            let known = into.iter_mut().skip(first).find(|known| known.subject == subject);
            if let (Some(known), Subject::RowSecurity(_)) = (known, &subject) {
                known.about.push(statement);
                continue;
            }
            let needs = needs(&statement.node);
            into.push(Definition { subject, create: statement, about: Vec::new(), needs, reads: BTreeSet::new() });
            continue;
        }
        match &statement.node {
            NodeEnum::IndexStmt(_)
            | NodeEnum::CommentStmt(_)
            | NodeEnum::GrantStmt(_)
            | NodeEnum::AlterOwnerStmt(_)
            | NodeEnum::AlterTableStmt(_) => about.push(statement),
            _ => {
                let word = statement.text().split_whitespace().next().unwrap_or_default().to_uppercase();
                session.diagnostics.push(
                    Diagnostic::error(format!("`{word}` does not belong in a definition file"))
                        .at(file, first_line(&statement))
                        .note(
                            "definition files declare views, materialized views, functions, procedures, aggregates, triggers, \
                             rules and policies, with their indexes, comments, owners and grants",
                        )
                        .help("put it into a migration"),
                );
            }
        }
    }
    // A comment on an index belongs to the relation that the index is on.
    let indexes: Vec<(String, Subject)> = about
        .iter()
        .filter_map(|statement| match &statement.node {
            NodeEnum::IndexStmt(index) => {
                Some((index.idxname.clone(), Subject::relation(session, index.relation.as_ref()?)))
            }
            _ => None,
        })
        .collect();
    for statement in about {
        let targets = Subject::spoken_of(session, &statement.node, &indexes);
        let declared = into.get_mut(first..).unwrap_or_default();
        let speaks_of = |definition: &&mut Definition| targets.iter().any(|target| target.fits(&definition.subject));
        match declared.iter_mut().find(speaks_of) {
            Some(definition) => definition.about.push(statement),
            None => {
                let diagnostic = Diagnostic::error("the statement is about nothing that its file declares")
                    .at(file, first_line(&statement))
                    .note("indexes, comments, owners and grants stand in the file of the object that they belong to")
                    .help("move it there, or into a migration");
                session.diagnostics.push(diagnostic);
            }
        }
    }
}

/// The names that mean something when the statement runs.
fn needs(node: &NodeEnum) -> Vec<Needs> {
    let query = match node {
        NodeEnum::ViewStmt(view) => view.query.as_ref().and_then(|query| query.node.as_ref()),
        NodeEnum::CreateTableAsStmt(table) => table.query.as_ref().and_then(|query| query.node.as_ref()),
        _ => None,
    };
    let mut names = walk::references(query.unwrap_or(node));
    // The options of an aggregate name functions, which look like types to the parser.
    if let NodeEnum::DefineStmt(_) = node {
        names.functions.extend(names.types.clone());
    }
    if let NodeEnum::CreateTrigStmt(trigger) = node {
        names.functions.push(crate::replay::node::strings(&trigger.funcname).into_iter().map(str::to_owned).collect());
    }
    let mut needs = vec![Needs { names, certainty: Certainty::Certain, search_path: None }];
    if let NodeEnum::CreateFunctionStmt(function) = node
        && let Some(body) = routine::body(function)
    {
        // Of plpgsql only the types of variables count, and what is no type among the words is not told apart.
        let certainty = if body.language == "sql" { Certainty::Certain } else { Certainty::Possible };
        for names in body_references(&body.language, &body.text) {
            needs.push(Needs { names, certainty, search_path: body.search_path.clone() });
        }
    }
    needs
}

/// Two files that declare one object are an error that shows both.
pub(super) fn without_duplicates(definitions: Vec<Definition>, problems: &mut Diagnostics) -> Vec<Definition> {
    let mut kept: Vec<Definition> = Vec::new();
    let mut known: BTreeMap<Subject, usize> = BTreeMap::new();
    for definition in definitions {
        match known.get(&definition.subject).and_then(|at| kept.get(*at)) {
            Some(first) => {
                let (line, _) = first.create.file.line_column(first.create.span.start);
                problems.push(
                    Diagnostic::error(format!("`{}` is declared twice", definition.subject))
                        .code(match definition.subject {
                            Subject::Routine(..) => SqlState::DUPLICATE_FUNCTION,
                            Subject::Relation(_) => SqlState::DUPLICATE_TABLE,
                            Subject::Part(..) | Subject::RowSecurity(_) => SqlState::DUPLICATE_OBJECT,
                        })
                        .at(&definition.create.file, first_line(&definition.create))
                        .note(format!("it is declared in `{}`, line {line}, too", first.create.file.path))
                        .help("keep one of the two")
                        .relation(definition.subject.to_string()),
                );
            }
            None => {
                known.insert(definition.subject.clone(), kept.len());
                kept.push(definition);
            }
        }
    }
    kept
}

/// Whether a statement is `CREATE MATERIALIZED VIEW`.
pub(super) fn is_materialized_view(table: &ast::CreateTableAsStmt) -> bool {
    table.objtype() == ast::ObjectType::ObjectMatview
}
