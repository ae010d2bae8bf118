//! What other objects live in or count on by number (schemas, sequences): their definitions take them over where they are.
//! Those that viewkeeper made and no definition declares any longer go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Definition;
use super::subject::Subject;
use crate::catalog::{Catalog, ExtendedStatistics, ObjectId, Oid, Origin, Provenance, RelationKind};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::name::QualifiedName;
use crate::parser::ast;
use crate::replay::address::{Address, object_id, relation_name};
use crate::replay::session::Session;

/// Marks what is declared, and takes out what no longer is.
pub(super) fn take_out(session: &mut Session<'_>, definitions: &[Definition]) {
    let declared: BTreeSet<&Subject> = definitions.iter().map(|definition| &definition.subject).collect();
    made_anew(session, &declared);
    sequences(session, &declared);
    extensions(session, &declared);
    schemas(session, &declared);
}

fn is_managed(provenance: Option<&Provenance>) -> bool {
    provenance.is_some_and(|provenance| provenance.origin != Origin::HandWritten)
}

/// What nothing else depends on is simply made again.
fn made_anew(session: &mut Session<'_>, declared: &BTreeSet<&Subject>) {
    let catalog = &mut session.catalog;
    let name = |schema: Oid, name: &str| QualifiedName::new(catalog.schema_name(schema).unwrap_or_default(), name);
    let goes = |row: &ExtendedStatistics| {
        is_managed(Some(&row.provenance)) || declared.contains(&Subject::Statistics(name(row.schema, &row.name)))
    };
    let gone: Vec<Oid> = catalog.statistics.iter().filter(|(_, row)| goes(row)).map(|(oid, _)| *oid).collect();
    catalog.statistics.retain(|oid, _| !gone.contains(oid));
    catalog.event_triggers.retain(|name, row| {
        !is_managed(Some(&row.provenance)) && !declared.contains(&Subject::EventTrigger(name.clone()))
    });
}

fn sequences(session: &mut Session<'_>, declared: &BTreeSet<&Subject>) {
    let rows = session.catalog.relations.values().filter(|row| row.kind == RelationKind::Sequence);
    let known = rows.filter(|row| session.catalog.sequences.contains_key(&row.oid)).cloned().collect::<Vec<_>>();
    for row in known {
        let Some(name) = relation_name(&session.catalog, row.oid) else { continue };
        if declared.contains(&Subject::Sequence(name.clone())) {
            session.expected.insert(ObjectId::Sequence(name));
        } else if is_managed(row.provenance.as_ref()) {
            session.remove_relation_row(row.oid);
        }
    }
}

/// An extension goes only when nothing that hand-written migrations made uses what it brought.
fn extensions(session: &mut Session<'_>, declared: &BTreeSet<&Subject>) {
    let mut gone = BTreeMap::new();
    for (name, row) in &session.catalog.extensions {
        if declared.contains(&Subject::Extension(name.clone())) {
            session.expected.insert(ObjectId::Extension(name.clone()));
        } else if let Some(provenance) = row.provenance.as_ref().filter(|provenance| is_managed(Some(provenance))) {
            gone.insert(name.clone(), (Arc::clone(&provenance.file), provenance.span));
        }
    }
    let addresses: Vec<Address> = gone.keys().map(|name| Address::Extension(name.clone())).collect();
    let Some((first, (file, span))) = gone.first_key_value() else { return };
    if let Err(problem) = session.drop_objects(&addresses, ast::DropBehavior::DropRestrict) {
        let names: Vec<String> = gone.keys().map(|name| format!("`{name}`")).collect();
        let which = if gone.len() == 1 {
            format!("extension `{first}` is")
        } else {
            format!("extensions {} are", names.join(", "))
        };
        let message = format!("{which} no longer declared, but {}", problem.note.unwrap_or_default());
        let diagnostic = Diagnostic::error(message)
            .code(SqlState::DEPENDENT_OBJECTS)
            .at(file, *span)
            .note("PostgreSQL refuses to drop it, and what hand-written migrations made is not dropped by definitions")
            .help(format!("declare it again, or {} in a migration of your own", problem.help.unwrap_or_default()));
        session.diagnostics.push(diagnostic);
    }
}

/// A schema goes only when nothing is left in it: what is in it has no other place to be.
fn schemas(session: &mut Session<'_>, declared: &BTreeSet<&Subject>) {
    let rows: Vec<_> = session.catalog.schemas.values().filter(|row| row.provenance.is_some()).cloned().collect();
    for row in rows {
        if declared.contains(&Subject::Schema(row.name.clone())) {
            session.expected.insert(ObjectId::Schema(row.name.clone()));
            continue;
        }
        let Some(provenance) = row.provenance.as_ref().filter(|provenance| is_managed(Some(provenance))) else {
            continue;
        };
        let left = left_in(&session.catalog, row.oid, declared);
        if left.is_empty() {
            session.catalog.change_attachments(|said| said.forget(&ObjectId::Schema(row.name.clone())));
            session.catalog.remove_schema(row.oid);
            continue;
        }
        let names: Vec<String> = left.iter().take(5).map(ToString::to_string).collect();
        let more = if left.len() > names.len() { ", and more" } else { "" };
        let diagnostic = Diagnostic::error(format!(
            "schema `{}` is no longer declared, but holds {}{more}",
            row.name,
            names.join(", ")
        ))
        .code(SqlState::DEPENDENT_OBJECTS)
        .at(&provenance.file, provenance.span)
        .note("PostgreSQL refuses to drop it, and what hand-written migrations made is not dropped by definitions")
        .help("declare the schema again, or drop what is in it in a migration of your own first");
        session.diagnostics.push(diagnostic);
    }
}

/// Everything in a schema, by name.
fn left_in(catalog: &Catalog, schema: Oid, declared: &BTreeSet<&Subject>) -> BTreeSet<ObjectId> {
    let relations = catalog.relations.values().filter(|row| row.schema == schema);
    let own_types = catalog.types.values().filter(|row| row.schema == schema && !row.relation.is_valid());
    // An array type goes with its elements.
    let own_types =
        own_types.filter(|row| catalog.types.get(&row.element).is_none_or(|element| element.array != row.oid));
    let routines = catalog.routines.values().filter(|row| row.schema == schema && row.source.is_some());
    let collations = catalog.collations.values().filter(|row| row.schema == schema);
    let addresses = relations
        .map(|row| Address::Relation(row.oid))
        .chain(own_types.map(|row| Address::Type(row.oid)))
        .chain(routines.map(|row| Address::Routine(row.oid)))
        .chain(collations.map(|row| Address::Collation(row.oid)));
    let mut found: BTreeSet<ObjectId> = addresses.filter_map(|address| object_id(catalog, &address)).collect();
    let statistics = catalog.statistics.iter().filter(|(_, row)| row.schema == schema);
    found.extend(statistics.filter_map(|(oid, _)| object_id(catalog, &Address::Statistics(*oid))));
    let extensions = catalog.extensions.iter().filter(|(_, row)| row.schema == schema);
    found.extend(extensions.map(|(name, _)| ObjectId::Extension(name.clone())));
    let name = catalog.schema_name(schema).unwrap_or_default();
    // Row types wait for the definitions of their relations.
    found.retain(|id| !matches!(id, ObjectId::Type(type_) if declared.contains(&Subject::Relation(type_.clone()))));
    let coming = declared.iter().filter_map(|subject| match subject {
        Subject::Relation(relation) if relation.schema == name => Some(ObjectId::View(relation.clone())),
        Subject::Type(type_) if type_.schema == name => Some(ObjectId::Type(type_.clone())),
        _ => None,
    });
    found.extend(coming);
    found
}
