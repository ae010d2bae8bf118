//! Types that definitions make anew: taken out of the migrated state, and made again under the numbers that they had, so
//! that the columns of tables go on meaning them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Definition;
use super::subject::Subject;
use crate::catalog::{Attached, Cast, ObjectId, Oid, Origin, Relation, Routine, Type};
use crate::graph;
use crate::name::QualifiedName;
use crate::object::stored_columns;
use crate::replay::session::Session;
use crate::replay::type_source::KeptType;

/// The types that were taken out.
#[derive(Default)]
pub(super) struct TakenTypes(BTreeMap<QualifiedName, TakenType>);

/// Everything that a type brought with it.
struct TakenType {
    id: ObjectId,
    types: Vec<Arc<Type>>,
    relation: Option<Arc<Relation>>,
    routines: Vec<Arc<Routine>>,
    casts: Vec<Arc<Cast>>,
    attached: Vec<Arc<Attached>>,
}

impl TakenTypes {
    /// Takes out what viewkeeper manages, and hand-written types that a definition declares.
    pub(super) fn take_out(session: &mut Session<'_>, definitions: &[Definition]) -> Self {
        let declared: BTreeSet<&QualifiedName> = definitions
            .iter()
            .filter_map(|definition| match &definition.subject {
                Subject::Type(name) => Some(name),
                _ => None,
            })
            .collect();
        let rows: Vec<Arc<Type>> = session.catalog.types.values().filter(|row| row.source.is_some()).cloned().collect();
        let mut taken = BTreeMap::new();
        for row in rows {
            let by_hand = row.source.as_ref().is_none_or(|source| source.provenance.origin == Origin::HandWritten);
            let Some(ObjectId::Type(name)) = graph::type_id(&session.catalog, row.oid) else { continue };
            let comes_back = declared.contains(&name);
            if by_hand && !comes_back {
                continue;
            }
            // A column of a table would have no type: the plan refuses to drop it, by name.
            if !comes_back && !stored_columns(&session.catalog, row.oid).is_empty() {
                session.catalog.update_type(row.oid, |row| row.source = None);
                continue;
            }
            let type_ = session.take_out_type(&row, &name);
            if comes_back {
                session.keep_numbers(&type_);
                taken.insert(name, type_);
            }
        }
        Self(taken)
    }

    /// The declared types that were there before.
    pub(super) fn ids(&self) -> impl Iterator<Item = &ObjectId> {
        self.0.values().map(|taken| &taken.id)
    }

    /// Puts back a type whose definition is broken, so that what stands on its values can still be looked at.
    pub(super) fn put_back(&self, session: &mut Session<'_>, name: &QualifiedName) {
        let Some(taken) = self.0.get(name) else { return };
        let catalog = &mut session.catalog;
        if taken.types.first().is_some_and(|row| catalog.types.contains_key(&row.oid)) {
            return;
        }
        taken.types.iter().for_each(|row| catalog.insert_type((**row).clone()));
        taken.relation.iter().for_each(|row| catalog.insert_relation((**row).clone()));
        taken.routines.iter().for_each(|row| catalog.insert_routine((**row).clone()));
        taken.casts.iter().for_each(|row| catalog.insert_cast((**row).clone()));
        if let (Some(row), false) = (taken.types.first(), taken.attached.is_empty()) {
            catalog.attached.insert(row.oid, taken.attached.clone());
        }
    }
}

impl Session<'_> {
    fn take_out_type(&mut self, row: &Arc<Type>, name: &QualifiedName) -> TakenType {
        let catalog = &self.catalog;
        let multirange = row.range.map(|range| range.multirange).unwrap_or_default();
        let of_it = [row.oid, row.array, multirange, catalog.array_type(multirange)];
        let types: Vec<Arc<Type>> = of_it.iter().filter_map(|oid| catalog.types.get(oid).cloned()).collect();
        let comes_with = |routine: &&Arc<Routine>| {
            routine.source.is_none() && row.range.is_some() && [row.oid, multirange].contains(&routine.result)
        };
        let casts = catalog
            .casts
            .values()
            .filter(|cast| row.range.is_some() && (cast.source, cast.target) == (row.oid, multirange));
        let taken = TakenType {
            id: ObjectId::Type(name.clone()),
            relation: catalog.relations.get(&row.relation).cloned(),
            routines: catalog.routines.values().filter(comes_with).cloned().collect(),
            casts: casts.cloned().collect(),
            attached: catalog.attached.get(&row.oid).cloned().unwrap_or_default(),
            types,
        };
        let parts = crate::object::kind_of(&taken.id).map(|kind| kind.parts(catalog, &taken.id));
        for part in parts.into_iter().flatten().chain([taken.id.clone()]) {
            self.forget(&part);
        }
        for row in &taken.types {
            self.catalog.remove_type(row.oid);
        }
        if let Some(relation) = &taken.relation {
            self.catalog.remove_relation(relation.oid);
        }
        for routine in &taken.routines {
            self.catalog.remove_routine(routine.oid);
        }
        for cast in &taken.casts {
            self.catalog.remove_cast(cast.source, cast.target);
        }
        self.catalog.attached.remove(&row.oid);
        taken
    }

    fn keep_numbers(&mut self, taken: &TakenType) {
        if let Some(relation) = &taken.relation {
            self.kept_composites.insert((relation.schema, relation.name.clone()), relation.oid);
        }
        for row in &taken.types {
            if row.array.is_valid() {
                let kept = KeptType { oid: row.oid, array: row.array };
                self.kept_types.insert((row.schema, row.name.clone()), kept);
            }
        }
        for routine in &taken.routines {
            let key = (routine.schema, routine.name.clone(), routine.inputs.clone());
            self.kept_routines.insert(key, routine.oid);
        }
    }
}

impl Session<'_> {
    /// The number of the relation behind a composite type of a definition.
    pub(in crate::replay) fn kept_composite(&mut self, schema: Oid, name: &str) -> Option<Oid> {
        self.kept_composites.remove(&(schema, name.to_owned()))
    }
}
