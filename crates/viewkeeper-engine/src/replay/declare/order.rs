//! The order in which definitions can be made, from the names in their text.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::Subject;
use super::{Certainty, Definition, Needs};
use crate::catalog::{Oid, Routine, oids};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::name::QualifiedName;
use crate::replay::session::Session;

/// Declared objects by what can name them.
struct Names {
    relations: BTreeMap<QualifiedName, usize>,
    routines: BTreeMap<QualifiedName, Vec<usize>>,
    extensions: BTreeMap<String, usize>,
    /// The row types that relations have from before.
    row_types: BTreeMap<Oid, usize>,
}

/// What the names in a definition may mean.
#[derive(Default)]
struct Found {
    /// Everything.
    all: BTreeSet<usize>,
    /// Without what may mean something else.
    certain: BTreeSet<usize>,
}

/// The order in which definitions can be made; those in a cycle are left out and named.
pub(super) fn in_order(session: &mut Session<'_>, definitions: &mut [Definition]) -> Vec<usize> {
    let mut names = Names {
        relations: BTreeMap::new(),
        routines: BTreeMap::new(),
        extensions: BTreeMap::new(),
        row_types: BTreeMap::new(),
    };
    for (at, definition) in definitions.iter().enumerate() {
        match &definition.subject {
            // A relation's rows are a type of its name: no type has the name too.
            Subject::Relation(name) | Subject::Sequence(name) | Subject::Type(name) => {
                names.relations.insert(name.clone(), at);
            }
            Subject::Routine(name, _) => names.routines.entry(name.clone()).or_default().push(at),
            // Nothing can name them.
            Subject::Extension(name) => {
                names.extensions.insert(name.clone(), at);
            }
            _ => {}
        }
    }
    for ((schema, name), (_, row_type)) in &session.kept {
        let schema = session.catalog.schema_name(*schema).unwrap_or_default();
        if let Some(at) = names.relations.get(&QualifiedName::new(schema, name.clone())) {
            names.row_types.insert(*row_type, *at);
        }
    }
    let mut certain: Vec<BTreeSet<usize>> = Vec::new();
    for (at, definition) in definitions.iter_mut().enumerate() {
        let mut found = Found::default();
        for needs in &definition.needs {
            let mut named = Found::default();
            names.look_up(session, needs, &mut named);
            found.all.extend(named.all);
            if needs.certainty == Certainty::Certain {
                found.certain.extend(named.certain);
            }
        }
        if let Subject::Extension(name) = &definition.subject {
            let required = session.required_extensions(name);
            let required: Vec<usize> = required.iter().filter_map(|name| names.extensions.get(name).copied()).collect();
            found.all.extend(&required);
            found.certain.extend(required);
        }
        // A routine may call itself; a composite type names itself as a relation.
        if matches!(definition.subject, Subject::Routine(..) | Subject::Type(_)) {
            found.all.remove(&at);
            found.certain.remove(&at);
        }
        definition.reads = found.all;
        certain.push(found.certain);
    }
    let all: Vec<BTreeSet<usize>> = definitions.iter().map(|definition| definition.reads.clone()).collect();
    let (order, left) = topological(definitions, &all);
    if left.is_empty() {
        return order;
    }
    let (order, left) = topological(definitions, &certain);
    for (definition, certain) in definitions.iter_mut().zip(&certain) {
        definition.reads.clone_from(certain);
    }
    if !left.is_empty() {
        report_cycles(session, definitions, &left);
    }
    order
}

impl Names {
    fn look_up(&self, session: &Session<'_>, needs: &Needs, found: &mut Found) {
        let references = &needs.names;
        let path = needs.search_path.as_ref().unwrap_or(&session.settings.search_path);
        let relations = references.relations.iter().map(|(schema, name)| (schema.as_str(), name.as_str()));
        // A row type may be named too.
        let types = references.types.iter().flat_map(|parts| match parts.as_slice() {
            [name] => vec![("", name.as_str())],
            // The second may be a type in a schema, or the first a relation whose column is spoken of.
            [first, second] => vec![(first.as_str(), second.as_str()), ("", first.as_str())],
            [schema, name, ..] => vec![(schema.as_str(), name.as_str())],
            [] => Vec::new(),
        });
        for (schema, name) in relations.chain(types) {
            let Some(at) = first_on_path(path, schema, name, |name| self.relations.get(name)) else { continue };
            found.all.insert(*at);
            // A WITH query of the same name may be what is meant.
            if !(schema.is_empty() && references.ctes.contains(name)) {
                found.certain.insert(*at);
            }
        }
        for parts in &references.functions {
            let (schema, name) = match parts.as_slice() {
                [name] => ("", name.as_str()),
                [.., schema, name] => (schema.as_str(), name.as_str()),
                [] => continue,
            };
            found.all.extend(self.spoken_of(session, path, (schema, name)));
            let Some(at) = first_on_path(path, schema, name, |name| self.routines.get(name)) else { continue };
            found.all.extend(at);
            // One of PostgreSQL's own may be what is meant.
            let is_built_in = || session.catalog.routines_named(name).any(|row| row.schema == oids::PG_CATALOG);
            if !(schema.is_empty() && is_built_in()) {
                found.certain.extend(at);
            }
        }
    }
}

impl Names {
    /// The relations whose rows a routine of the migrations takes or gives.
    fn spoken_of(&self, session: &Session<'_>, path: &[String], (schema, name): (&str, &str)) -> BTreeSet<usize> {
        let is_found = |row: &&Routine| {
            let found = session.catalog.schema_name(row.schema).unwrap_or_default();
            if schema.is_empty() { path.iter().any(|schema| *schema == found) } else { schema == found }
        };
        session
            .catalog
            .routines_named(name)
            .filter(is_found)
            .flat_map(|row| {
                let parameters = row.parameters.iter().map(|parameter| parameter.type_);
                row.inputs.iter().copied().chain(parameters).chain([row.result])
            })
            .filter_map(|type_| self.row_types.get(&type_).copied())
            .collect()
    }
}

fn first_on_path<'n, T>(
    path: &[String],
    schema: &str,
    name: &str,
    find: impl Fn(&QualifiedName) -> Option<&'n T>,
) -> Option<&'n T> {
    if schema.is_empty() {
        path.iter().find_map(|schema| find(&QualifiedName::new(schema.clone(), name)))
    } else {
        find(&QualifiedName::new(schema, name))
    }
}

/// What comes first where the names leave a choice: other objects may need a type (that of a column) or a routine without
/// naming it.
fn rank(subject: &Subject) -> u8 {
    match subject {
        Subject::Schema(_) => 0,
        Subject::Extension(_) => 1,
        Subject::Sequence(_) => 2,
        Subject::Type(_) => 3,
        Subject::Routine(..) => 4,
        Subject::Relation(_) => 5,
        Subject::Part(..) | Subject::RowSecurity(_) | Subject::Statistics(_) => 6,
        Subject::EventTrigger(_) => 7,
        Subject::Said { .. } => 8,
        Subject::DefaultPrivileges { .. } => 9,
    }
}

/// Positions in an order in which each comes after what it reads (of those that could come next, the first), and the
/// positions that are in a cycle or behind one.
fn topological(definitions: &[Definition], reads: &[BTreeSet<usize>]) -> (Vec<usize>, BTreeSet<usize>) {
    let mut waiting: Vec<usize> = reads.iter().map(BTreeSet::len).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); reads.len()];
    for (at, reads) in reads.iter().enumerate() {
        for read in reads {
            if let Some(readers) = readers.get_mut(*read) {
                readers.push(at);
            }
        }
    }
    let ranked = |at: usize| (definitions.get(at).map_or(0, |definition| rank(&definition.subject)), at);
    let mut ready: BTreeSet<(u8, usize)> =
        waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(at, _)| ranked(at)).collect();
    let mut order = Vec::new();
    while let Some((_, at)) = ready.pop_first() {
        order.push(at);
        for reader in readers.get(at).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*reader) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(ranked(*reader));
                }
            }
        }
    }
    let left = (0..reads.len()).filter(|at| waiting.get(*at).is_some_and(|count| *count > 0)).collect();
    (order, left)
}

fn report_cycles(session: &mut Session<'_>, definitions: &[Definition], left: &BTreeSet<usize>) {
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
            let members: Vec<&Definition> = cycle.iter().filter_map(|at| definitions.get(*at)).collect();
            let mut names: Vec<String> = members.iter().map(|row| format!("`{}`", row.subject)).collect();
            names.extend(names.first().cloned());
            let Some(definition) = definitions.get(*start) else { continue };
            let (what, note) = if members.iter().all(|row| matches!(row.subject, Subject::Relation(_))) {
                ("views read each other", "a view can only read what was there before it")
            } else {
                ("definitions need each other", "an object can only use what was there before it")
            };
            // The server looks for a view that reads itself before it is there.
            let (message, code) = match members.as_slice() {
                [own] if matches!(own.subject, Subject::Relation(_)) => {
                    (format!("the view `{}` reads itself", own.subject), SqlState::UNDEFINED_TABLE)
                }
                _ => (format!("{what} in a cycle: {}", names.join(" → ")), SqlState::INVALID_RECURSION),
            };
            session.diagnostics.push(
                Diagnostic::error(message)
                    .code(code)
                    .at(&definition.file, definition.first_line)
                    .note(note)
                    .relation(definition.subject.to_string()),
            );
        }
    }
    for at in left.iter().filter(|at| !reported.contains(at)) {
        let Some(definition) = definitions.get(*at) else { continue };
        let behind = definition.reads.iter().find(|read| left.contains(read)).and_then(|read| definitions.get(*read));
        if let Some(behind) = behind {
            session.diagnostics.push(definition.depends_on_broken(behind));
        }
    }
}
