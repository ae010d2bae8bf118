//! Definition files: which relations they declare, in which order they can be made, and what may stand in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::State;
use super::address::{Address, object_id};
use super::node;
use super::session::Session;
use super::walk::{self, References};
use crate::analyse::{ViewQuery, analyse_query};
use crate::analysis::{Analysis, Dependency};
use crate::catalog::{Attached, AttachedKind, Catalog, ObjectId, Oid, Origin, Relation};
use crate::complete::{TypedQuery, complete};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SqlState};
use crate::name::QualifiedName;
use crate::nullability;
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::source::{SourceFile, Span};

/// One declared object: the statement that makes it, and what is said about it in its file.
struct Definition {
    name: QualifiedName,
    create: Statement,
    about: Vec<Statement>,
    references: References,
    /// Definitions that it reads, by position.
    reads: BTreeSet<usize>,
}

/// The declared state: what the migrations made, with the views of the definitions in place of those that viewkeeper
/// made before. A broken definition does not hide the others.
pub fn declared(migrated: &Catalog, files: &[Arc<SourceFile>], settings: &Settings) -> State {
    parser::on_deep_stack(|| declare(migrated, files, settings))
}

fn declare(migrated: &Catalog, files: &[Arc<SourceFile>], settings: &Settings) -> State {
    let mut session = Session::new(migrated.clone(), settings);
    let mut definitions = Vec::new();
    for file in files {
        match parser::parse(file) {
            Ok(statements) => collect(&mut session, file, statements, &mut definitions),
            Err(problem) => session.diagnostics.push(problem),
        }
    }
    let mut definitions = without_duplicates(definitions, &mut session.diagnostics);
    let previous = clear_managed(&mut session, &definitions);
    let order = in_order(&mut definitions, settings, &mut session.diagnostics);
    let mut broken: BTreeSet<usize> = (0..definitions.len()).filter(|at| !order.contains(at)).collect();
    for at in order {
        let Some(definition) = definitions.get(at) else { continue };
        if !make(&mut session, definition, &definitions, &broken) {
            broken.insert(at);
        }
    }
    take_over(&mut session, &previous, migrated);
    follow_moved_columns(&mut session.catalog, &previous);
    nullability::at_final_state(&mut session.catalog);
    State { catalog: session.catalog, diagnostics: session.diagnostics }
}

/// Sorts the statements of a file: definitions, and what is said about them.
fn collect(session: &mut Session<'_>, file: &Arc<SourceFile>, statements: Vec<Statement>, into: &mut Vec<Definition>) {
    let first = into.len();
    let mut about = Vec::new();
    for statement in statements {
        match &statement.node {
            NodeEnum::ViewStmt(view) => {
                let name = view.view.as_ref().map(|name| declared_name(session, name));
                push(into, name, statement);
            }
            NodeEnum::CreateTableAsStmt(table) if table.objtype() == ast::ObjectType::ObjectMatview => {
                let relation = table.into.as_ref().and_then(|into| into.rel.as_ref());
                let name = relation.map(|name| declared_name(session, name));
                push(into, name, statement);
            }
            NodeEnum::IndexStmt(_) | NodeEnum::CommentStmt(_) | NodeEnum::GrantStmt(_) => about.push(statement),
            _ => {
                let word = statement.text().split_whitespace().next().unwrap_or_default().to_uppercase();
                session.diagnostics.push(
                    Diagnostic::error(format!("`{word}` does not belong in a definition file"))
                        .at(file, first_line(&statement))
                        .note("a definition file declares a view or materialized view, with its indexes, comments and grants")
                        .help("put it into a migration"),
                );
            }
        }
    }
    // A comment on an index belongs to the relation that the index is on.
    let indexes: Vec<(String, QualifiedName)> = about
        .iter()
        .filter_map(|statement| match &statement.node {
            NodeEnum::IndexStmt(index) => {
                Some((index.idxname.clone(), declared_name(session, index.relation.as_ref()?)))
            }
            _ => None,
        })
        .collect();
    for statement in about {
        let targets = targets(session, &statement.node, &indexes);
        let declared = into.get_mut(first..).unwrap_or_default();
        match declared.iter_mut().find(|definition| targets.contains(&definition.name)) {
            Some(definition) => definition.about.push(statement),
            None => {
                let diagnostic = Diagnostic::error("the statement is about nothing that its file declares")
                    .at(file, first_line(&statement))
                    .note("indexes, comments and grants stand in the file of the view that they belong to")
                    .help("move it there, or into a migration");
                session.diagnostics.push(diagnostic);
            }
        }
    }
}

fn push(into: &mut Vec<Definition>, name: Option<QualifiedName>, create: Statement) {
    let Some(name) = name else { return };
    let query = match &create.node {
        NodeEnum::ViewStmt(view) => view.query.as_ref().and_then(|query| query.node.as_ref()),
        NodeEnum::CreateTableAsStmt(table) => table.query.as_ref().and_then(|query| query.node.as_ref()),
        _ => None,
    };
    let references = query.map(walk::references).unwrap_or_default();
    into.push(Definition { name, create, about: Vec::new(), references, reads: BTreeSet::new() });
}

/// The schema and name of a declared relation.
fn declared_name(session: &Session<'_>, name: &ast::RangeVar) -> QualifiedName {
    let schema = match name.schemaname.as_str() {
        "" => {
            let first = session.first_schema().and_then(|oid| session.catalog.schema_name(oid));
            first.or_else(|| session.settings.search_path.first().map(String::as_str)).unwrap_or("public").to_owned()
        }
        schema => schema.to_owned(),
    };
    QualifiedName::new(schema, name.relname.clone())
}

/// The relations that an index, comment or grant is about.
fn targets(session: &Session<'_>, node: &NodeEnum, indexes: &[(String, QualifiedName)]) -> Vec<QualifiedName> {
    let named = |parts: &[&str]| declared_name(session, &node::range_var(parts, -1));
    match node {
        NodeEnum::IndexStmt(index) => index.relation.iter().map(|name| declared_name(session, name)).collect(),
        NodeEnum::GrantStmt(grant) => grant
            .objects
            .iter()
            .filter_map(|object| match &object.node {
                Some(NodeEnum::RangeVar(name)) => Some(declared_name(session, name)),
                _ => None,
            })
            .collect(),
        NodeEnum::CommentStmt(comment) => {
            let Some(object) = &comment.object else { return Vec::new() };
            let parts = node::dotted(object);
            match comment.objtype() {
                ast::ObjectType::ObjectColumn => named_parts(&parts, named),
                ast::ObjectType::ObjectView | ast::ObjectType::ObjectMatview => vec![named(&parts)],
                ast::ObjectType::ObjectIndex => indexes
                    .iter()
                    .filter(|(index, _)| parts.last() == Some(&index.as_str()))
                    .map(|(_, relation)| relation.clone())
                    .collect(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn named_parts(parts: &[&str], named: impl Fn(&[&str]) -> QualifiedName) -> Vec<QualifiedName> {
    parts.split_last().map(|(_, relation)| named(relation)).into_iter().collect()
}

/// Two files that declare one relation are an error that shows both.
fn without_duplicates(definitions: Vec<Definition>, problems: &mut Diagnostics) -> Vec<Definition> {
    let mut kept: Vec<Definition> = Vec::new();
    let mut known: BTreeMap<QualifiedName, usize> = BTreeMap::new();
    for definition in definitions {
        match known.get(&definition.name).and_then(|at| kept.get(*at)) {
            Some(first) => {
                let (line, _) = first.create.file.line_column(first.create.span.start);
                problems.push(
                    Diagnostic::error(format!("`{}` is declared twice", definition.name))
                        .code(SqlState::DUPLICATE_TABLE)
                        .at(&definition.create.file, first_line(&definition.create))
                        .note(format!("it is declared in `{}`, line {line}, too", first.create.file.path))
                        .help("keep one of the two")
                        .relation(definition.name.to_string()),
                );
            }
            None => {
                known.insert(definition.name.clone(), kept.len());
                kept.push(definition);
            }
        }
    }
    kept
}

/// What a managed relation was before its definition made it anew.
struct Previous {
    row: Arc<Relation>,
    attached: Vec<Arc<Attached>>,
    id: Option<ObjectId>,
}

/// Takes out the views that viewkeeper manages. Their numbers stay reserved, so that what uses them goes on doing so.
fn clear_managed(session: &mut Session<'_>, definitions: &[Definition]) -> BTreeMap<QualifiedName, Previous> {
    let declared: BTreeSet<&QualifiedName> = definitions.iter().map(|definition| &definition.name).collect();
    let managed: Vec<(QualifiedName, Arc<Relation>)> = session
        .catalog
        .relations
        .values()
        .filter(|row| row.view.is_some())
        .filter_map(|row| {
            let name = super::address::relation_name(&session.catalog, row.oid)?;
            let origin = row.provenance.as_ref().map(|provenance| provenance.origin);
            let managed = matches!(origin, Some(Origin::Generated | Origin::Definition)) || declared.contains(&name);
            managed.then(|| (name, Arc::clone(row)))
        })
        .collect();
    let mut previous = BTreeMap::new();
    for (name, row) in managed {
        let id = object_id(&session.catalog, &Address::Relation(row.oid));
        let attached = session.catalog.attached.get(&row.oid).cloned().unwrap_or_default();
        if declared.contains(&name) {
            session.kept.insert((row.schema, row.name.clone()), (row.oid, row.row_type));
        }
        session.take_out(row.oid, declared.contains(&name));
        previous.insert(name, Previous { row, attached, id });
    }
    previous
}

/// What migrations attached to a managed relation and definitions cannot say stays: owner, defaults, triggers, rules,
/// and privileges that hand-written migrations gave.
fn take_over(session: &mut Session<'_>, previous: &BTreeMap<QualifiedName, Previous>, migrated: &Catalog) {
    for previous in previous.values() {
        let oid = previous.row.oid;
        let Some(row) = session.catalog.relation(oid).cloned() else { continue };
        let id = object_id(&session.catalog, &Address::Relation(oid));
        if let (Some(old), Some(new)) = (&previous.id, &id)
            && old == new
        {
            if let Some(owner) = migrated.attachments.owners.get(old) {
                session.catalog.attachments.owners.insert(new.clone(), owner.clone());
            }
            if let Some(by_hand) = migrated.attachments.given_by_hand.get(old) {
                session.catalog.attachments.given_by_hand.insert(new.clone(), by_hand.clone());
                for (privilege, option) in by_hand {
                    let column = privilege.column.as_ref();
                    if column.is_none_or(|column| row.column(column).is_some()) {
                        session.give(new, privilege.clone(), *option);
                    }
                }
            }
        }
        for attached in &previous.attached {
            let mut copy = (**attached).clone();
            match copy.kind {
                AttachedKind::Default(number) => {
                    let name = previous.row.attribute(number).map(|column| column.name.as_str()).unwrap_or_default();
                    let Some((number, _)) = row.column(name) else { continue };
                    copy.kind = AttachedKind::Default(number);
                    session.update_column(oid, number, |column| column.has_default = true);
                }
                AttachedKind::Trigger | AttachedKind::Rule if row.kind == previous.row.kind => {}
                _ => continue,
            }
            session.attach(oid, copy);
        }
    }
}

/// Hand-written views on relations whose columns moved: they are made again from their text, so what is known of them
/// has to name the new positions. One whose own columns would change is left to the plan.
fn follow_moved_columns(catalog: &mut Catalog, previous: &BTreeMap<QualifiedName, Previous>) {
    let moved: BTreeSet<Oid> = previous
        .values()
        .map(|previous| &previous.row)
        .filter(|old| catalog.relation(old.oid).is_some_and(|new| new.columns != old.columns))
        .map(|old| old.oid)
        .collect();
    let reads_moved = |dependency: &Dependency| matches!(dependency, Dependency::Relation(oid) | Dependency::Column(oid, _) if moved.contains(oid));
    let readers: Vec<Arc<Relation>> = catalog
        .relations
        .values()
        .filter(|row| row.provenance.as_ref().is_some_and(|provenance| provenance.origin == Origin::HandWritten))
        .filter(|row| row.view.as_ref().is_some_and(|view| view.analysis.dependencies.iter().any(reads_moved)))
        .cloned()
        .collect();
    for row in readers {
        let (Some(view), Some(provenance)) = (&row.view, &row.provenance) else { continue };
        let file = SourceFile::new(provenance.file.path.clone(), view.query_text.as_str());
        let Ok(statements) = parser::parse(&file) else { continue };
        let Some(NodeEnum::SelectStmt(query)) = statements.first().map(|statement| &statement.node) else { continue };
        let (column_aliases, search_path) = (view.column_aliases.as_slice(), view.search_path.as_slice());
        let request = ViewQuery { file: &file, query, column_aliases, search_path, relation: &row.name };
        let Ok(analysed) = analyse_query(catalog, &request) else { continue };
        let typed =
            TypedQuery { tree: &analysed.tree, columns: &analysed.columns, search_path, provenance: Some(provenance) };
        let analysis = complete(catalog, typed);
        let shape = |analysis: &Analysis| -> Vec<(String, Oid, i32, Oid)> {
            let columns = analysis.columns.iter();
            columns.map(|one| (one.name.clone(), one.type_, one.typmod, one.collation)).collect()
        };
        if shape(&analysis) == shape(&view.analysis) {
            catalog.update_relation(row.oid, |row| {
                if let Some(view) = &mut row.view {
                    view.analysis = Arc::new(analysis);
                    view.tree = Some(Arc::new(analysed.tree));
                }
            });
        }
    }
}

/// The order in which definitions can be made; those in a cycle are left out and named.
fn in_order(definitions: &mut [Definition], settings: &Settings, problems: &mut Diagnostics) -> Vec<usize> {
    let by_name: BTreeMap<QualifiedName, usize> =
        definitions.iter().enumerate().map(|(at, definition)| (definition.name.clone(), at)).collect();
    let mut certain: Vec<BTreeSet<usize>> = Vec::new();
    for definition in definitions.iter_mut() {
        let mut sure = BTreeSet::new();
        let relations = definition.references.relations.iter().map(|(schema, name)| (schema.as_str(), name.as_str()));
        // A row type may be named too.
        let types = definition.references.types.iter().filter_map(|parts| match parts.as_slice() {
            [name] => Some(("", name.as_str())),
            [schema, name] => Some((schema.as_str(), name.as_str())),
            _ => None,
        });
        for (schema, name) in relations.chain(types) {
            let found = if schema.is_empty() {
                let path = settings.search_path.iter().map(|schema| QualifiedName::new(schema.clone(), name));
                path.filter_map(|name| by_name.get(&name)).next()
            } else {
                by_name.get(&QualifiedName::new(schema, name))
            };
            let Some(found) = found else { continue };
            definition.reads.insert(*found);
            // A WITH query of the same name may be what is meant.
            if !(schema.is_empty() && definition.references.ctes.contains(name)) {
                sure.insert(*found);
            }
        }
        certain.push(sure);
    }
    let all: Vec<BTreeSet<usize>> = definitions.iter().map(|definition| definition.reads.clone()).collect();
    let (order, left) = topological(&all);
    if left.is_empty() {
        return order;
    }
    let (order, left) = topological(&certain);
    for (definition, certain) in definitions.iter_mut().zip(&certain) {
        definition.reads.clone_from(certain);
    }
    if !left.is_empty() {
        report_cycles(definitions, &left, problems);
    }
    order
}

/// Positions in an order in which each comes after what it reads (of those that could come next, the first), and the
/// positions that are in a cycle or behind one.
fn topological(reads: &[BTreeSet<usize>]) -> (Vec<usize>, BTreeSet<usize>) {
    let mut waiting: Vec<usize> = reads.iter().map(BTreeSet::len).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); reads.len()];
    for (at, reads) in reads.iter().enumerate() {
        for read in reads {
            if let Some(readers) = readers.get_mut(*read) {
                readers.push(at);
            }
        }
    }
    let mut ready: BTreeSet<usize> =
        waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(at, _)| at).collect();
    let mut order = Vec::new();
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for reader in readers.get(at).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*reader) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*reader);
                }
            }
        }
    }
    let left = (0..reads.len()).filter(|at| waiting.get(*at).is_some_and(|count| *count > 0)).collect();
    (order, left)
}

fn report_cycles(definitions: &[Definition], left: &BTreeSet<usize>, problems: &mut Diagnostics) {
    let mut reported: BTreeSet<usize> = BTreeSet::new();
    for start in left {
        // Following what is read must come round: everything left is in a cycle or behind one.
        let mut path: Vec<usize> = Vec::new();
        let mut at = *start;
        while !path.contains(&at) {
            path.push(at);
            let next =
                definitions.get(at).and_then(|definition| definition.reads.iter().find(|read| left.contains(read)));
            match next {
                Some(next) => at = *next,
                None => break,
            }
        }
        let cycle = path.iter().position(|member| *member == at).map_or(&[][..], |from| &path[from..]);
        if cycle.contains(start) && !reported.contains(start) {
            reported.extend(cycle);
            let mut names: Vec<String> =
                cycle.iter().filter_map(|at| definitions.get(*at)).map(|row| format!("`{}`", row.name)).collect();
            names.extend(names.first().cloned());
            let Some(definition) = definitions.get(*start) else { continue };
            problems.push(
                Diagnostic::error(format!("views read each other in a cycle: {}", names.join(" → ")))
                    .code(SqlState::INVALID_RECURSION)
                    .at(&definition.create.file, first_line(&definition.create))
                    .note("a view can only read what was there before it")
                    .relation(definition.name.to_string()),
            );
        }
    }
    for at in left.iter().filter(|at| !reported.contains(at)) {
        let Some(definition) = definitions.get(*at) else { continue };
        let behind = definition.reads.iter().find(|read| left.contains(read)).and_then(|read| definitions.get(*read));
        if let Some(behind) = behind {
            problems.push(depends_on_broken(definition, behind));
        }
    }
}

fn depends_on_broken(definition: &Definition, broken: &Definition) -> Diagnostic {
    Diagnostic::error(format!("`{}` depends on the broken view `{}`", definition.name, broken.name))
        .at(&definition.create.file, first_line(&definition.create))
        .relation(definition.name.to_string())
}

/// Makes one definition with what is said about it; false when it is broken.
fn make(session: &mut Session<'_>, definition: &Definition, all: &[Definition], broken: &BTreeSet<usize>) -> bool {
    if let Some(first) = definition.reads.iter().find(|read| broken.contains(read)).and_then(|read| all.get(*read)) {
        session.diagnostics.push(depends_on_broken(definition, first));
        return false;
    }
    session.begin_file(&definition.create.file, Origin::Definition, &[]);
    let before = session.diagnostics.0.len();
    for (at, statement) in std::iter::once(&definition.create).chain(&definition.about).enumerate() {
        session.run(statement);
        let failed = session.diagnostics.0.get(before..).unwrap_or_default();
        if at == 0 && failed.iter().any(|problem| problem.severity == Severity::Error) {
            break;
        }
    }
    let mut fine = true;
    for problem in session.diagnostics.0.get_mut(before..).unwrap_or_default() {
        problem.relation = Some(definition.name.to_string());
        fine &= problem.severity != Severity::Error;
    }
    let schema = session.catalog.schema_by_name(&definition.name.schema);
    let made = schema.and_then(|schema| session.catalog.relation_by_name(schema, &definition.name.name));
    let misdirected = made.and_then(|row| {
        let names: Vec<&str> = row.live_columns().map(|(_, column)| column.name.as_str()).collect();
        Some(nullability::misdirected_overrules(row.provenance.as_ref()?, &names))
    });
    let made = made.is_some();
    session.diagnostics.0.extend(misdirected.unwrap_or_default());
    fine || made
}

fn first_line(statement: &Statement) -> Span {
    let length = statement.text().find('\n').unwrap_or(statement.text().len());
    Span::new(statement.span.start, statement.span.start + length)
}

impl Session<'_> {
    /// Takes a managed relation out; its row type stays while its definition is about to make it anew.
    fn take_out(&mut self, oid: Oid, comes_back: bool) {
        let row_type = self.catalog.relation(oid).and_then(|row| self.catalog.types.get(&row.row_type)).cloned();
        let array = row_type.as_ref().and_then(|row| self.catalog.types.get(&row.array)).cloned();
        self.remove_relation_row(oid);
        if comes_back {
            for row in [row_type, array].into_iter().flatten() {
                self.catalog.insert_type((*row).clone());
            }
        }
    }
}
