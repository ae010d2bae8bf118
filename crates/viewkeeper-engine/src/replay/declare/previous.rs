//! What definitions make anew: taken out of the migrated state first, and what definitions cannot say taken over afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::subject::Subject;
use super::types::TakenTypes;
use super::{Definition, expected};
use crate::analyse::{Made, ViewQuery, analyse_query};
use crate::analysis::{Analysis, Dependency};
use crate::catalog::{Attached, AttachedKind, Catalog, ObjectId, Oid, Origin, Provenance, Relation, Routine};
use crate::complete::{TypedQuery, complete};
use crate::diagnostic::Diagnostic;
use crate::name::QualifiedName;
use crate::parser::{self, NodeEnum};
use crate::replay::address::{Address, object_id, relation_name};
use crate::replay::kept;
use crate::replay::session::Session;
use crate::source::SourceFile;
use crate::stars;
use crate::tree::Query;

/// What a managed relation was before its definition made it anew.
pub(super) struct Previous {
    pub(super) row: Arc<Relation>,
    attached: Vec<Arc<Attached>>,
    id: Option<ObjectId>,
}

/// What a routine was before its definition made it anew.
struct PreviousRoutine {
    row: Arc<Routine>,
    id: ObjectId,
    by_hand: bool,
}

/// Everything that was taken out.
pub(super) struct Taken {
    pub(super) relations: BTreeMap<QualifiedName, Previous>,
    routines: Vec<PreviousRoutine>,
    pub(super) types: TakenTypes,
}

/// Takes out what viewkeeper manages. The numbers stay reserved, so that what uses the objects goes on doing so.
pub(super) fn take_out(session: &mut Session<'_>, definitions: &[Definition]) -> Taken {
    take_out_parts(session, definitions);
    let routines = take_out_routines(session, definitions);
    let relations = take_out_relations(session, definitions);
    // The names of what was taken out before name types.
    let types = TakenTypes::take_out(session, definitions);
    let taken = Taken { relations, routines, types };
    expected::take_out(session, definitions);
    // What is left was made by migrations: what definitions said of it before they say again, or no longer.
    session.catalog.attachments = (*session.catalog.said_by_hand).clone();
    taken
}

/// Routines that viewkeeper manages, and hand-written ones that a definition seems to declare.
fn take_out_routines(session: &mut Session<'_>, definitions: &[Definition]) -> Vec<PreviousRoutine> {
    let mut taken = Vec::new();
    let declared: Vec<&Subject> = definitions
        .iter()
        .map(|definition| &definition.subject)
        .filter(|subject| matches!(subject, Subject::Routine(..)))
        .collect();
    let rows: Vec<Arc<Routine>> = session.catalog.routines.values().cloned().collect();
    for row in rows {
        let Some(source) = &row.source else { continue };
        let by_hand = source.provenance.origin == Origin::HandWritten;
        if by_hand && !declared.iter().any(|subject| subject.may_be(&session.catalog, &row)) {
            continue;
        }
        let Some(id) = session.catalog.routine_id(row.oid) else { continue };
        session.kept_routines.insert((row.schema, row.name.clone(), row.inputs.clone()), row.oid);
        taken.push(PreviousRoutine { id, by_hand, row });
    }
    for previous in &taken {
        session.catalog.remove_routine(previous.row.oid);
        session.forget(&previous.id);
    }
    taken
}

/// Triggers, rules, policies and row security that viewkeeper manages, and hand-written ones that a definition declares.
fn take_out_parts(session: &mut Session<'_>, definitions: &[Definition]) {
    let declared: BTreeSet<&Subject> = definitions.iter().map(|definition| &definition.subject).collect();
    let by_hand =
        |provenance: Option<&Provenance>| provenance.is_none_or(|provenance| provenance.origin == Origin::HandWritten);
    let mut gone = Vec::new();
    for (owner, rows) in &session.catalog.attached {
        let Some(relation) = relation_name(&session.catalog, *owner) else { continue };
        for row in rows.iter().filter(|row| row.source.is_some()) {
            let subject = Subject::Part(row.kind, relation.clone(), row.name.clone());
            if !by_hand(row.provenance.as_ref()) || declared.contains(&subject) {
                gone.push((*owner, row.kind, row.name.clone()));
            }
        }
    }
    for (owner, kind, name) in gone {
        if let Some(id) = object_id(&session.catalog, &Address::Attached(owner, kind, name.clone())) {
            session.forget(&id);
        }
        session.detach(owner, |row| row.kind == kind && row.name == name);
    }
    let catalog = &session.catalog;
    let switched = catalog.row_security.iter().filter(|(table, row)| {
        let name = relation_name(catalog, **table);
        !by_hand(Some(&row.provenance)) || name.is_some_and(|name| declared.contains(&Subject::RowSecurity(name)))
    });
    for table in switched.map(|(table, _)| *table).collect::<Vec<_>>() {
        session.catalog.row_security.remove(&table);
    }
}

fn take_out_relations(session: &mut Session<'_>, definitions: &[Definition]) -> BTreeMap<QualifiedName, Previous> {
    let declared: BTreeSet<&QualifiedName> = definitions
        .iter()
        .filter_map(|definition| match &definition.subject {
            Subject::Relation(name) => Some(name),
            _ => None,
        })
        .collect();
    let managed: Vec<(QualifiedName, Arc<Relation>)> = session
        .catalog
        .relations
        .values()
        .filter(|row| row.view.is_some())
        .filter_map(|row| {
            let name = relation_name(&session.catalog, row.oid)?;
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
        session.take_out_relation(row.oid, declared.contains(&name));
        previous.insert(name, Previous { row, attached, id });
    }
    previous
}

/// What migrations attached to a managed relation and definitions cannot say stays: owner, defaults, triggers, rules,
/// and privileges that hand-written migrations gave.
pub(super) fn take_over(session: &mut Session<'_>, taken: &Taken, migrated: &Catalog) {
    for id in taken.types.ids() {
        take_over_given(session, id, id, migrated, |_| true);
    }
    for previous in &taken.routines {
        let oid = previous.row.oid;
        match session.catalog.routine_id(oid) {
            Some(id) => take_over_given(session, &previous.id, &id, migrated, |_| true),
            // It was another one that is declared.
            None if previous.by_hand => {
                session.catalog.insert_routine((*previous.row).clone());
                put_back(session, &previous.id, migrated);
            }
            None => {}
        }
    }
    for previous in taken.relations.values() {
        let oid = previous.row.oid;
        let Some(row) = session.catalog.relation(oid).cloned() else { continue };
        let id = object_id(&session.catalog, &Address::Relation(oid));
        if let (Some(old), Some(new)) = (&previous.id, &id)
            && old == new
        {
            take_over_given(session, old, new, migrated, |column| row.column(column).is_some());
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
                AttachedKind::Trigger | AttachedKind::Rule if row.kind == previous.row.kind => {
                    let address = Address::Attached(oid, copy.kind, copy.name.clone());
                    let part = object_id(&session.catalog, &address);
                    part.into_iter().for_each(|part| put_back(session, &part, migrated));
                }
                _ => continue,
            }
            session.attach(oid, copy);
        }
    }
}

/// The owner and the privileges that hand-written migrations gave. An owner that a definition gave goes with its line.
fn take_over_given(
    session: &mut Session<'_>,
    old: &ObjectId,
    new: &ObjectId,
    migrated: &Catalog,
    has_column: impl Fn(&str) -> bool,
) {
    if let Some(owner) = migrated.said_by_hand.owners.get(old) {
        session.catalog.attachments.owners.entry(new.clone()).or_insert_with(|| owner.clone());
    }
    if let Some(by_hand) = migrated.attachments.given_by_hand.get(old) {
        session.catalog.attachments.given_by_hand.insert(new.clone(), by_hand.clone());
        for (privilege, option) in by_hand {
            if privilege.column.as_ref().is_none_or(|column| has_column(column)) {
                session.give(new, privilege, *option);
            }
        }
    }
}

/// Everything that is kept about an object, as it was.
fn put_back(session: &mut Session<'_>, id: &ObjectId, migrated: &Catalog) {
    let (from, to) = (&migrated.attachments, &mut session.catalog.attachments);
    to.comments.extend(from.comments.get_key_value(id).map(|(id, value)| (id.clone(), value.clone())));
    to.privileges.extend(from.privileges.get_key_value(id).map(|(id, value)| (id.clone(), value.clone())));
    to.revoked.extend(from.revoked.get_key_value(id).map(|(id, value)| (id.clone(), value.clone())));
    to.owners.extend(from.owners.get_key_value(id).map(|(id, value)| (id.clone(), value.clone())));
}

/// Hand-written views on relations whose columns moved: they are made again from their text, so what is known of them
/// has to name the new positions. One whose own columns would change is left to the plan.
pub(super) fn follow_moved_columns(catalog: &mut Catalog, previous: &BTreeMap<QualifiedName, Previous>) {
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
        let Some(view) = &row.view else { continue };
        let Ok((analysis, tree)) = analyse_again(catalog, &row) else { continue };
        let shape = |analysis: &Analysis| -> Vec<(String, Oid, i32, Oid)> {
            let columns = analysis.columns.iter();
            columns.map(|one| (one.name.clone(), one.type_, one.typmod, one.collation)).collect()
        };
        if shape(&analysis) == shape(&view.analysis) {
            catalog.update_relation(row.oid, |row| {
                if let Some(view) = &mut row.view {
                    view.analysis = Arc::new(analysis);
                    view.tree = Some(Arc::new(tree));
                }
            });
        }
    }
    number_columns_anew(catalog, previous, &moved);
}

/// Hand-written rules, triggers and routines that read columns which have other numbers now.
fn number_columns_anew(catalog: &mut Catalog, previous: &BTreeMap<QualifiedName, Previous>, moved: &BTreeSet<Oid>) {
    for old in previous.values().map(|previous| &previous.row).filter(|old| moved.contains(&old.oid)) {
        let Some(new) = catalog.relation(old.oid).cloned() else { continue };
        let is_by_hand = |made: &Provenance| made.origin == Origin::HandWritten;
        let reads = |used: &BTreeSet<Dependency>| {
            used.iter().any(|one| matches!(one, Dependency::Column(oid, _) if *oid == new.oid))
        };
        let anew = |used: &BTreeSet<Dependency>| {
            used.iter().filter_map(|one| kept::moved(*one, old, &new)).collect::<BTreeSet<_>>()
        };
        for row in catalog.attached.values_mut().flatten() {
            let made = row.source.is_some() && row.provenance.as_ref().is_some_and(is_by_hand);
            if made && reads(&row.dependencies) {
                let row = Arc::make_mut(row);
                row.dependencies = anew(&row.dependencies);
            }
        }
        let by_hand = catalog.routines.values().filter(|row| {
            row.source.as_ref().is_some_and(|source| is_by_hand(&source.provenance) && reads(&source.dependencies))
        });
        for oid in by_hand.map(|row| row.oid).collect::<Vec<_>>() {
            catalog.update_routine(oid, |row| {
                if let Some(source) = &mut row.source {
                    source.dependencies = anew(&source.dependencies);
                }
            });
        }
    }
}

/// What the query of a view means when it is made again in a state.
pub(in crate::replay) fn analyse_again(catalog: &Catalog, row: &Relation) -> Result<(Analysis, Query), Diagnostic> {
    let not_known = || Diagnostic::error("its text is not known");
    let (view, provenance) = row.view.as_ref().zip(row.provenance.as_ref()).ok_or_else(not_known)?;
    let file = SourceFile::new(provenance.file.path.clone(), stars::text_for(catalog, row, view).0);
    let statements = parser::parse(&file, catalog.version)?;
    let Some(NodeEnum::SelectStmt(query)) = statements.first().map(|statement| &statement.node) else {
        return Err(not_known());
    };
    let (column_aliases, search_path) = (view.column_aliases.as_slice(), view.search_path.as_slice());
    let request = ViewQuery { file: &file, query, column_aliases, search_path, relation: &row.name, made: Made::View };
    let analysed = analyse_query(catalog, &request)?;
    let typed =
        TypedQuery { tree: &analysed.tree, columns: &analysed.columns, search_path, provenance: Some(provenance) };
    Ok((complete(catalog, typed), analysed.tree))
}

impl Session<'_> {
    /// Takes a managed relation out; its row type stays while its definition is about to make it anew.
    fn take_out_relation(&mut self, oid: Oid, comes_back: bool) {
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
