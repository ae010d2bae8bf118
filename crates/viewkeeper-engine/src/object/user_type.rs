//! Enums, domains, composite types and ranges: what they have in common. What a change of each comes to is in the file of
//! its name.

use std::collections::BTreeSet;

use super::stored_column::stored_columns;
use super::type_text::{Made, create, made};
use super::{Action, Body, Difference, Kind, Remake, Statement, composite_type, domain, enum_type, range};
use crate::catalog::{AttachedKind, Catalog, NameKey, ObjectId, Provenance, TypeKind};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;

/// `CREATE TYPE`, `CREATE DOMAIN`.
#[derive(Debug)]
pub(super) struct UserType;

impl Kind for UserType {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let own = catalog.types.values().filter(|row| row.source.is_some());
        own.filter_map(|row| graph::type_id(catalog, row.oid)).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        let ObjectId::Type(name) = id else { return None };
        let schema = catalog.schema_by_name(&name.schema)?;
        let row = catalog.types.get(&catalog.type_by_name(schema, &name.name)?.oid)?;
        Some(&row.source.as_ref()?.provenance)
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let Some(made) = made(catalog, id) else { return BTreeSet::new() };
        let row = made.row;
        let attributes = catalog.relations.get(&row.relation);
        let attributes = attributes.into_iter().flat_map(|row| row.live_columns()).map(|(_, column)| column.type_);
        let types = attributes.chain([row.base]).chain(row.range.map(|range| range.subtype));
        let mut found: BTreeSet<ObjectId> = types.filter_map(|oid| graph::type_id(catalog, oid)).collect();
        let expressions = catalog.attached.get(&row.oid).into_iter().flatten();
        let used = expressions.flat_map(|row| &row.dependencies).chain(&made.source.dependencies);
        found.extend(graph::uses(catalog, used));
        // A check speaks of the base type, and nothing else of the domain itself.
        found.remove(id);
        found
    }

    fn parts(&self, catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
        let Some(made) = made(catalog, id) else { return Vec::new() };
        let attributes = catalog.relations.get(&made.row.relation);
        let attributes = attributes.into_iter().flat_map(|row| row.live_columns());
        let checks = catalog.attached.get(&made.row.oid).into_iter().flatten();
        let checks = checks.filter(|row| row.kind == AttachedKind::Check);
        attributes
            .map(|(_, column)| ObjectId::Column(made.name.clone(), column.name.clone()))
            .chain(checks.map(|row| ObjectId::DomainConstraint(made.name.clone(), row.name.clone())))
            .collect()
    }

    fn names(&self, catalog: &Catalog, id: &ObjectId) -> Vec<NameKey> {
        let multirange = made(catalog, id).and_then(|made| catalog.types.get(&made.row.range?.multirange));
        let multirange =
            multirange.and_then(|row| Some(QualifiedName::new(catalog.schema_name(row.schema)?, &*row.name)));
        [id.name_key()].into_iter().chain(multirange.map(NameKey::Relation)).collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let (Some(before), Some(after)) = (made(old, id), made(new, id)) else { return Difference::none() };
        if before.row.kind != after.row.kind {
            let mut difference = Difference::none();
            difference.body = Body::Recreate;
            if before.row.kind == TypeKind::Domain {
                difference.take_away = domain::all_taken_away(&before);
            }
            let (was, is) = (kind_word(before.row.kind), kind_word(after.row.kind));
            difference.details.push(format!("{was} becomes {is}"));
            difference.hazards.push(Hazard::new(HazardKind::BreaksCode, format!("{id}: {was} becomes {is}")));
            return difference;
        }
        match after.row.kind {
            TypeKind::Enum => enum_type::compare(&before, &after),
            TypeKind::Domain => domain::compare(&before, &after),
            TypeKind::Composite => composite_type::compare(&before, &after),
            _ => range::compare(&before, &after),
        }
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        made(catalog, id).and_then(|made| create(&made)).map(Statement::new).into_iter().collect()
    }

    fn replace(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let (Some(before), Some(after)) = (made(old, id), made(new, id)) else { return Vec::new() };
        domain::statements(&before, &after)
    }

    fn remake(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Remake {
        let special = match (made(old, id), made(new, id)) {
            (Some(before), Some(after)) => match (before.row.kind, after.row.kind) {
                (TypeKind::Enum, TypeKind::Enum) => enum_type::remake(&before, &after),
                (TypeKind::Composite, TypeKind::Composite) => composite_type::remake(&before, &after),
                _ => None,
            },
            _ => None,
        };
        special.unwrap_or_else(|| Remake { end: self.drop(old, id), make: self.create(new, id) })
    }

    fn hazards(&self, catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        let is_enum = |made: &Made<'_>| made.row.kind == TypeKind::Enum;
        let Some(made) = made(catalog, id).filter(is_enum).filter(|_| action == Action::Create) else {
            return Vec::new();
        };
        let tables: BTreeSet<QualifiedName> =
            stored_columns(catalog, made.row.oid).into_iter().map(|column| column.table).collect();
        let of_table = |table: QualifiedName| {
            [
                Hazard::new(
                    HazardKind::ExclusiveLock,
                    format!("readers and writers of `{table}` wait until the migration commits"),
                ),
                Hazard::new(HazardKind::RebuildsData, format!("`{table}` is written anew, with its indexes")),
            ]
        };
        tables.into_iter().flat_map(of_table).collect()
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        let ObjectId::Type(name) = id else { return &[] };
        let row = catalog.schema_by_name(&name.schema).and_then(|schema| catalog.type_by_name(schema, &name.name));
        let Some(row) = row.and_then(|row| catalog.types.get(&row.oid)) else { return &[] };
        // Labels name nothing, but the defaults of columns may.
        let names_nothing = row.kind == TypeKind::Enum && stored_columns(catalog, row.oid).is_empty();
        row.source.as_ref().filter(|_| !names_nothing).map_or(&[], |source| &source.search_path)
    }
}

/// `an enum`, for messages.
fn kind_word(kind: TypeKind) -> &'static str {
    match kind {
        TypeKind::Enum => "an enum",
        TypeKind::Domain => "a domain",
        TypeKind::Composite => "a composite type",
        _ => "a range",
    }
}
