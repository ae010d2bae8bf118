//! Which statements may stand in definition files: those that make an object, and those about an object of the same file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::said::{self, Said};
use super::subject::Subject;
use super::{Certainty, Definition, Needs, first_line};
use crate::catalog::ServerVersion;
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::name::quote_ident;
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
    statements: Vec<(Statement, Vec<Needs>)>,
    into: &mut Vec<Definition>,
) {
    let first = into.len();
    let mut about = Vec::new();
    for (statement, needs) in statements {
        if is_temporary(&statement.node) {
            session.diagnostics.push(
                Diagnostic::error("what is temporary cannot be declared")
                    .at(file, first_line(&statement))
                    .code(SqlState::FEATURE_NOT_SUPPORTED)
                    .note("it belongs to one session: it would be gone when the migration has run")
                    .help("leave `TEMPORARY` out, or make it where it is used"),
            );
            continue;
        }
        if let Some(subject) = Subject::made_by(session, &statement.node) {
            // Row security may be enabled in one statement and forced in another.
            let known = into.iter_mut().skip(first).find(|known| known.subject == subject);
            if let (Some(known), Subject::RowSecurity(_)) = (known, &subject) {
                known.statements.push(statement);
                continue;
            }
            into.push(Definition::new(subject, statement, needs));
            continue;
        }
        match &statement.node {
            NodeEnum::AlterDefaultPrivilegesStmt(_) => {
                let subject = Subject::DefaultPrivileges { at: (file.path.to_string(), statement.span.start) };
                into.push(Definition::new(subject, statement, Vec::new()));
            }
            NodeEnum::IndexStmt(_)
            | NodeEnum::CommentStmt(_)
            | NodeEnum::GrantStmt(_)
            | NodeEnum::AlterOwnerStmt(_)
            | NodeEnum::AlterSeqStmt(_)
            | NodeEnum::AlterStatsStmt(_)
            | NodeEnum::AlterEventTrigStmt(_)
            | NodeEnum::AlterTableStmt(_) => about.push(statement),
            NodeEnum::GrantRoleStmt(_) => session.diagnostics.push(not_kept(file, &statement, "who is in a role")),
            _ => {
                let word = statement.text().split_whitespace().next().unwrap_or_default().to_uppercase();
                session.diagnostics.push(
                    Diagnostic::error(format!("`{word}` does not belong in a definition file"))
                        .at(file, first_line(&statement))
                        .note(
                            "definition files declare schemas, extensions, sequences, types, domains, views, materialized views, \
                             functions, procedures, aggregates, triggers, rules, policies, statistics, event triggers and \
                             default privileges, with their indexes, comments, owners and grants",
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
        if let Some(role) = said::role_of_the_moment(&statement.node) {
            session.diagnostics.push(
                Diagnostic::error(format!("`{role}` in a definition is another role wherever it is run"))
                    .at(file, first_line(&statement))
                    .note("definitions say what is to be in every database")
                    .help("name the role"),
            );
            continue;
        }
        if let Some(role) = said::grantor(&statement.node) {
            session.diagnostics.push(
                Diagnostic::error(format!("a definition cannot say `GRANTED BY {}`", quote_ident(role)))
                    .at(file, first_line(&statement))
                    .code(SqlState::FEATURE_NOT_SUPPORTED)
                    // `ExecuteGrantStmt` in aclchk.c.
                    .note("PostgreSQL takes no other role there than the one that runs the statement: whoever migrates")
                    .help("leave it out; what another role grants by hand is kept"),
            );
            continue;
        }
        let targets = Subject::spoken_of(session, &statement.node, &indexes);
        let declared = into.get_mut(first..).unwrap_or_default();
        let about_definition = |target: &Subject| declared.iter().position(|known| target.fits(&known.subject));
        let places: Vec<Option<usize>> = targets.iter().map(about_definition).collect();
        if let (Some(Some(_)), Some(what)) = (places.first(), said::not_kept(&statement.node)) {
            session.diagnostics.push(not_kept(file, &statement, what));
            continue;
        }
        match (places.first(), said::of(&statement.node)) {
            (_, Some(Said::NotKept(what))) => session.diagnostics.push(not_kept(file, &statement, what)),
            // What speaks of one definition of its file, and of nothing else.
            (Some(Some(at)), said) if places.iter().all(|place| place == &Some(*at)) || said.is_none() => {
                if let Some(definition) = declared.get_mut(*at) {
                    // Most have one, and statements are large.
                    definition.statements.reserve_exact(1);
                    definition.statements.push(statement);
                }
            }
            (_, Some(Said::Kept)) => {
                let text = statement.text().split_whitespace().collect::<Vec<_>>().join(" ");
                let subject = Subject::Said { text, at: (file.path.to_string(), statement.span.start) };
                into.push(Definition::new(subject, statement, Vec::new()));
            }
            (_, None) => {
                let diagnostic = Diagnostic::error("the statement is about nothing that its file declares")
                    .at(file, first_line(&statement))
                    .note("indexes and `ALTER TABLE` stand in the file of the object that they belong to")
                    .help("move it there, or into a migration");
                session.diagnostics.push(diagnostic);
            }
        }
    }
}

/// Whether a statement makes something for its session.
fn is_temporary(node: &NodeEnum) -> bool {
    let relation = match node {
        NodeEnum::ViewStmt(view) => view.view.as_ref(),
        NodeEnum::CreateSeqStmt(sequence) => sequence.sequence.as_ref(),
        _ => None,
    };
    relation.is_some_and(|name| name.relpersistence == "t" || name.schemaname == "pg_temp")
}

fn not_kept(file: &Arc<SourceFile>, statement: &Statement, what: &str) -> Diagnostic {
    Diagnostic::error(format!("definitions do not say {what}"))
        .at(file, first_line(statement))
        .note("it is not kept, so a change of it would not be noticed")
        .help("put it into a migration")
}

/// The names that mean something when the statement runs.
pub(super) fn needs(node: &NodeEnum, version: ServerVersion) -> Vec<Needs> {
    // They name only what migrations made, and themselves.
    if let NodeEnum::CreateSchemaStmt(_) | NodeEnum::CreateExtensionStmt(_) | NodeEnum::CreateSeqStmt(_) = node {
        return Vec::new();
    }
    let query = match node {
        NodeEnum::ViewStmt(view) => view.query.as_ref().and_then(|query| query.node.as_ref()),
        NodeEnum::CreateTableAsStmt(table) => table.query.as_ref().and_then(|query| query.node.as_ref()),
        _ => None,
    };
    let mut names = walk::references(query.unwrap_or(node));
    // The options of an aggregate and of a range name functions, which look like types to the parser.
    if let NodeEnum::DefineStmt(_) | NodeEnum::CreateRangeStmt(_) = node {
        names.functions.extend(names.types.clone());
    }
    if let NodeEnum::CreateEventTrigStmt(trigger) = node {
        names.functions.push(crate::replay::node::strings(&trigger.funcname).into_iter().map(str::to_owned).collect());
    }
    if let NodeEnum::CreateTrigStmt(trigger) = node {
        names.functions.push(crate::replay::node::strings(&trigger.funcname).into_iter().map(str::to_owned).collect());
    }
    names.types.sort_unstable();
    names.types.dedup();
    let mut needs = vec![Needs { names, certainty: Certainty::Certain, search_path: None }];
    if let NodeEnum::CreateFunctionStmt(function) = node
        && let Some(body) = routine::body(function)
    {
        // Of plpgsql only the types of variables count, and what is no type among the words is not told apart.
        let certainty = if body.language == "sql" { Certainty::Certain } else { Certainty::Possible };
        for names in body_references(&body.language, &body.text, version) {
            needs.push(Needs { names, certainty, search_path: body.search_path.clone() });
        }
    }
    needs
}

/// Two files that declare one object are an error that shows both.
pub(super) fn without_duplicates(definitions: Vec<Definition>, problems: &mut Diagnostics) -> Vec<Definition> {
    let mut kept: Vec<Definition> = Vec::with_capacity(definitions.len());
    let mut known: BTreeMap<Subject, usize> = BTreeMap::new();
    for definition in definitions {
        match known.get(&definition.subject).and_then(|at| kept.get(*at)) {
            Some(first) => {
                let (line, _) = first.file.line_column(first.first_line.start);
                problems.push(
                    Diagnostic::error(format!("`{}` is declared twice", definition.subject))
                        .code(match definition.subject {
                            Subject::Routine(..) => SqlState::DUPLICATE_FUNCTION,
                            Subject::Relation(_) | Subject::Sequence(_) => SqlState::DUPLICATE_TABLE,
                            Subject::Schema(_) => SqlState::DUPLICATE_SCHEMA,
                            _ => SqlState::DUPLICATE_OBJECT,
                        })
                        .at(&definition.file, definition.first_line)
                        .note(format!("it is declared in `{}`, line {line}, too", first.file.path))
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
