//! Definition files: which objects they declare, in which order they can be made, and what may stand in them.

mod collect;
mod expected;
mod order;
mod outline;
mod previous;
mod said;
mod subject;
mod told;
mod types;
mod unchanged;

pub(super) use previous::analyse_again;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::State;
use super::session::Session;
use super::walk::References;
use crate::catalog::{Catalog, Origin, Relation, ServerVersion};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::nullability;
use crate::parser::{self, NodeEnum, Statement};
use crate::source::{SourceFile, Span};
pub(crate) use outline::Outline;
pub(crate) use subject::Subject;
pub(crate) use told::{Told, told};
pub(super) use unchanged::Unchanged;

/// One declared object.
struct Definition {
    subject: Subject,
    file: Arc<SourceFile>,
    /// Of the statement that makes it.
    first_line: Span,
    /// The statement that makes it, and those of its file that say something about it; empty once they ran.
    statements: Vec<Statement>,
    /// The names in it.
    needs: Vec<Needs>,
    /// Definitions that it needs, by position.
    reads: BTreeSet<usize>,
}

/// Statements, each with the names in it.
type NamedStatements = Vec<(Statement, Vec<Needs>)>;

/// Definition files with their statements, or why they have none.
pub(crate) struct Read(Vec<(Arc<SourceFile>, Result<NamedStatements, Diagnostic>)>);

/// Names that mean something when an object is made.
struct Needs {
    names: References,
    certainty: Certainty,
    /// The search path that they are looked up with, where it is not the project's.
    search_path: Option<Vec<String>>,
}

/// Whether names must mean objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Certain,
    /// Some may be no names of objects at all.
    Possible,
}

/// The declared state: what the migrations made, with the objects of the definitions in place of those that
/// viewkeeper made before. A broken definition does not hide the others.
pub fn declared(migrated: &Catalog, files: &[Arc<SourceFile>], settings: &Settings) -> State {
    parser::on_deep_stack(|| declare(migrated, read_all(files, settings), settings))
}

/// The migrated state that `migrate` leads to, and the definition files, which are read meanwhile.
pub(crate) fn while_read<T: Send>(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    migrate: impl FnOnce() -> T + Send,
) -> (T, Read) {
    parser::both_on_deep_stacks(migrate, || read_all(files, settings))
}

/// The declared state, of files that are read already.
pub(crate) fn declared_of(migrated: &Catalog, files: Read, settings: &Settings) -> State {
    parser::on_deep_stack(|| declare(migrated, files, settings))
}

fn declare(migrated: &Catalog, files: Read, settings: &Settings) -> State {
    let mut session = Session::new(migrated.clone(), settings);
    let mut definitions = Vec::new();
    let mut parsed = Vec::new();
    for (file, statements) in files.0 {
        match statements {
            Ok(statements) => parsed.push((file, statements)),
            Err(problem) => session.diagnostics.push(problem),
        }
    }
    // Names without a schema are in the first one of the search path, which may be one that is declared.
    let made =
        parsed.iter().flat_map(|(_, statements)| statements).filter_map(|(statement, _)| match &statement.node {
            NodeEnum::CreateSchemaStmt(schema) => Some(subject::schema_name(schema)),
            _ => None,
        });
    session.coming_schemas = made.collect();
    for (file, statements) in parsed {
        collect::collect(&mut session, &file, statements, &mut definitions);
    }
    let mut definitions = collect::without_duplicates(definitions, &mut session.diagnostics);
    let previous = previous::take_out(&mut session, &definitions);
    session.unchanged = Some(Unchanged::new(&session, migrated, &definitions));
    let order = order::in_order(&mut session, &mut definitions);
    definitions.iter_mut().for_each(|definition| definition.needs = Vec::new());
    let ordered: BTreeSet<usize> = order.iter().copied().collect();
    let mut broken: BTreeSet<usize> = (0..definitions.len()).filter(|at| !ordered.contains(at)).collect();
    // They come last, and what is said of new objects before them is what the migrations say.
    let is_default =
        |at: &usize| definitions.get(*at).is_some_and(|one| matches!(one.subject, Subject::DefaultPrivileges { .. }));
    let first_default = order.iter().position(is_default).unwrap_or(order.len());
    for (place, at) in order.iter().copied().enumerate() {
        if place == first_default {
            session.catalog.default_privileges.clone_from(&migrated.default_privileges_by_hand);
        }
        let statements = definitions.get_mut(at).map(|definition| std::mem::take(&mut definition.statements));
        let (Some(statements), Some(definition)) = (statements, definitions.get(at)) else { continue };
        if !make(&mut session, definition, statements, &definitions, &broken) {
            broken.insert(at);
            if let Subject::Type(name) = &definition.subject {
                previous.types.put_back(&mut session, name);
            }
        }
        let made = &session.catalog;
        session.unchanged.iter_mut().for_each(|unchanged| unchanged.made(&definition.subject, made));
    }
    if first_default == order.len() {
        session.catalog.default_privileges.clone_from(&migrated.default_privileges_by_hand);
    }
    previous::take_over(&mut session, &previous, migrated);
    previous::follow_moved_columns(&mut session.catalog, &previous.relations);
    for relation in previous.relations.values() {
        nullability::keep_older_rows(&mut session.catalog, &relation.row);
    }
    nullability::at_final_state(&mut session.catalog);
    session.diagnostics.0.extend(nullability::stale(&session.catalog));
    State { catalog: session.catalog, diagnostics: session.diagnostics }
}

fn read_all(files: &[Arc<SourceFile>], settings: &Settings) -> Read {
    Read(files.iter().map(|file| (Arc::clone(file), read(file, settings.server_version))).collect())
}

/// The statements of a file, with the names in them.
///
/// The query of a view that has a file for itself is left out: it takes much room, and most need no analysis again.
fn read(file: &Arc<SourceFile>, version: ServerVersion) -> Result<NamedStatements, Diagnostic> {
    let mut read = Vec::new();
    for statement in parser::statements(file, version)? {
        let statement = statement?;
        let needs = collect::needs(&statement.node, version);
        read.push((statement, needs));
    }
    let mut views: Vec<&mut Option<_>> =
        read.iter_mut().filter_map(|(row, _)| parser::query_of_view(&mut row.node)).collect();
    if let [query] = views.as_mut_slice() {
        **query = None;
    }
    read.shrink_to_fit();
    Ok(read)
}

impl Definition {
    fn new(subject: Subject, statement: Statement, needs: Vec<Needs>) -> Self {
        let (file, first_line) = (Arc::clone(&statement.file), first_line(&statement));
        Self { subject, file, first_line, statements: vec![statement], needs, reads: BTreeSet::new() }
    }

    fn depends_on_broken(&self, broken: &Self) -> Diagnostic {
        let word = broken.subject.word();
        Diagnostic::error(format!("`{}` depends on the broken {word} `{}`", self.subject, broken.subject))
            .at(&self.file, self.first_line)
            .relation(self.subject.to_string())
    }
}

/// Makes one definition with what is said about it; false when it is broken.
fn make(
    session: &mut Session<'_>,
    definition: &Definition,
    statements: Vec<Statement>,
    all: &[Definition],
    broken: &BTreeSet<usize>,
) -> bool {
    if let Some(first) = definition.reads.iter().find(|read| broken.contains(read)).and_then(|read| all.get(*read)) {
        session.diagnostics.push(definition.depends_on_broken(first));
        return false;
    }
    session.begin_file(&definition.file, Origin::Definition);
    let before = session.diagnostics.0.len();
    for (at, statement) in statements.into_iter().enumerate() {
        session.run(&statement);
        let failed = session.diagnostics.0.get(before..).unwrap_or_default();
        if at == 0 && failed.iter().any(|problem| problem.severity == Severity::Error) {
            break;
        }
    }
    let mut fine = true;
    for problem in session.diagnostics.0.get_mut(before..).unwrap_or_default() {
        problem.relation = Some(definition.subject.to_string());
        fine &= problem.severity != Severity::Error;
    }
    let Subject::Relation(name) = &definition.subject else { return fine };
    let made = session.catalog.relation_named(name);
    let before =
        |row: &Relation| session.unchanged.as_ref().and_then(|unchanged| unchanged.migrated().relation(row.oid));
    let misdirected = made.map(|row| nullability::misdirected_overrules(&session.catalog, row, before(row)));
    let made = made.is_some();
    session.diagnostics.0.extend(misdirected.unwrap_or_default());
    fine || made
}

fn first_line(statement: &Statement) -> Span {
    let length = statement.text().find('\n').unwrap_or(statement.text().len());
    Span::new(statement.span.start, statement.span.start + length)
}
