//! Where each struct and type stands and what it is called: modules by schema, Rust names without clashes. No text of
//! items here.

use std::collections::{BTreeMap, BTreeSet};

use super::mapping::Mapping;
use super::names::{Case, identifiers};
use crate::catalog::{Catalog, Member, Oid, Persistence, Relation, RelationKind, Type, TypeKind};

/// The rows and types of one schema.
pub(super) struct Module<'c> {
    /// Its Rust name; `None` for the schema at the top.
    pub(super) name: Option<String>,
    /// The schema's name.
    pub(super) schema: String,
    /// Tables, views and materialized views by name.
    pub(super) relations: Vec<&'c Relation>,
    /// Enums, domains and composites that their columns need, by name.
    pub(super) types: Vec<&'c Type>,
}

/// Where everything stands.
pub(super) struct Layout<'c> {
    modules: Vec<Module<'c>>,
    /// Rust names of the modules below the top, by schema.
    module_names: BTreeMap<Oid, String>,
    top: Option<Oid>,
    relation_names: BTreeMap<Oid, (Oid, String)>,
    type_names: BTreeMap<Oid, (Oid, String)>,
}

impl<'c> Layout<'c> {
    pub(super) fn new(catalog: &'c Catalog, search_path: &[String], mapping: &Mapping<'c>) -> Self {
        let top = search_path.iter().find_map(|name| catalog.schema_by_name(name));
        let mut relations: BTreeMap<Oid, Vec<&'c Relation>> = BTreeMap::new();
        let mut needed = BTreeSet::new();
        for relation in catalog.relations.values().filter(|relation| has_rows(catalog, relation)) {
            relations.entry(relation.schema).or_default().push(relation);
            for (_, column) in relation.live_columns() {
                if mapping.column_override(relation, column).is_none() {
                    mapping.user_types(column.type_, &mut needed);
                }
            }
        }
        let mut types: BTreeMap<Oid, Vec<&'c Type>> = BTreeMap::new();
        for row in needed.iter().filter_map(|oid| catalog.type_(*oid)) {
            types.entry(row.schema).or_default().push(row);
        }
        let mut schemas: Vec<(bool, &str, Oid)> = relations
            .keys()
            .chain(types.keys())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|oid| Some((Some(*oid) != top, catalog.schema_name(*oid)?, *oid)))
            .collect();
        schemas.sort_unstable();
        let mut layout = Self {
            modules: Vec::new(),
            module_names: BTreeMap::new(),
            top,
            relation_names: BTreeMap::new(),
            type_names: BTreeMap::new(),
        };
        for (_, schema, oid) in &schemas {
            let mut relations = relations.remove(oid).unwrap_or_default();
            let mut types = types.remove(oid).unwrap_or_default();
            relations.sort_by(|a, b| a.name.cmp(&b.name));
            types.sort_by(|a, b| a.name.cmp(&b.name));
            layout.name_items(*oid, &relations, &types);
            layout.modules.push(Module { name: None, schema: (*schema).to_owned(), relations, types });
        }
        layout.name_modules(&schemas);
        layout
    }

    fn name_items(&mut self, schema: Oid, relations: &[&Relation], types: &[&Type]) {
        // A type and a relation of one schema never share a name, but for the row type of a relation.
        let type_names: Vec<String> = types
            .iter()
            .map(|row| {
                let is_row_type =
                    row.kind == TypeKind::Composite && relations.iter().any(|relation| relation.row_type == row.oid);
                if is_row_type { format!("{}_record", row.name) } else { row.name.clone() }
            })
            .collect();
        let names: Vec<&str> = relations
            .iter()
            .map(|relation| relation.name.as_str())
            .chain(type_names.iter().map(String::as_str))
            .collect();
        let mut given = identifiers(&names, Case::Type).into_iter();
        for relation in relations {
            self.relation_names.insert(relation.oid, (schema, given.next().unwrap_or_default()));
        }
        for row in types {
            self.type_names.insert(row.oid, (schema, given.next().unwrap_or_default()));
        }
    }

    fn name_modules(&mut self, schemas: &[(bool, &str, Oid)]) {
        let below: Vec<&str> = schemas.iter().filter(|(below, ..)| *below).map(|(_, name, _)| *name).collect();
        let mut given = identifiers(&below, Case::Module).into_iter();
        let at_top: BTreeSet<String> = self
            .relation_names
            .values()
            .chain(self.type_names.values())
            .filter(|(schema, _)| Some(*schema) == self.top)
            .map(|(_, name)| name.clone())
            .collect();
        for ((is_below, _, oid), module) in schemas.iter().zip(&mut self.modules) {
            if *is_below {
                let mut name = given.next().unwrap_or_default();
                // Scripts without upper and lower case: a schema and a table at the top may come out alike.
                while at_top.contains(&name) {
                    name.push('_');
                }
                self.module_names.insert(*oid, name.clone());
                module.name = Some(name);
            }
        }
    }

    /// All modules, the one at the top first, the others by the name of their schema.
    pub(super) fn modules(&self) -> &[Module<'c>] {
        &self.modules
    }

    /// The Rust name of a relation's struct.
    pub(super) fn relation_name(&self, relation: &Relation) -> &str {
        self.relation_names.get(&relation.oid).map_or("", |(_, name)| name)
    }

    /// The Rust name of a generated type.
    pub(super) fn type_name(&self, row: &Type) -> &str {
        self.type_names.get(&row.oid).map_or("", |(_, name)| name)
    }

    /// A relation's struct as it is written at the top.
    pub(super) fn relation_path(&self, relation: &Relation) -> String {
        self.relation_names
            .get(&relation.oid)
            .map_or_else(String::new, |(schema, name)| self.path_from(self.top, *schema, name))
    }

    /// A generated type as it is written in the module of the schema `here`, when it is one.
    pub(super) fn type_path(&self, here: Oid, type_: Oid) -> Option<String> {
        let (schema, name) = self.type_names.get(&type_)?;
        Some(self.path_from(Some(here), *schema, name))
    }

    fn path_from(&self, here: Option<Oid>, there: Oid, name: &str) -> String {
        if here == Some(there) {
            return name.to_owned();
        }
        let up = if here == self.top { "" } else { "super::" };
        match self.module_names.get(&there) {
            Some(module) => format!("{up}{module}::{name}"),
            None => format!("{up}{name}"),
        }
    }
}

/// Whether a relation gets a struct: it can be read, is there in every session, and is not a part of another or of an
/// extension.
pub(crate) fn has_rows(catalog: &Catalog, relation: &Relation) -> bool {
    matches!(
        relation.kind,
        RelationKind::Table
            | RelationKind::PartitionedTable
            | RelationKind::ForeignTable
            | RelationKind::View
            | RelationKind::MaterializedView
    ) && relation.persistence != Persistence::Temporary
        && !relation.is_partition
        && catalog.extension_of(Member::Relation(relation.oid)).is_none()
}
