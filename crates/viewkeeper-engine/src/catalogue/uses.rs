//! What a view uses beside relations: functions, types, operators, collations of the project and of extensions.

use std::collections::BTreeSet;

use super::address::Place;
use super::html::esc;
use super::site::{Entry, Site};
use crate::analysis::Dependency;
use crate::catalog::{FIRST_USER_OID, ObjectId, Oid};
use crate::graph;
use crate::name::quote_ident;

/// As links where they have a place on the index, in order.
pub(super) fn links(site: &Site<'_>, from: Place, entry: &Entry<'_>) -> Vec<String> {
    let catalog = site.catalog;
    let own = |oid: Oid| oid.0 >= FIRST_USER_OID;
    let plain = |kind: &str, schema: Oid, name: &str| {
        let schema = catalog.schema_name(schema).unwrap_or_default();
        format!("{kind} <code>{}.{}</code>", esc(&quote_ident(schema)), esc(name))
    };
    let mut found = BTreeSet::new();
    for dependency in entry.row.view.iter().flat_map(|view| view.analysis.dependencies.iter()) {
        match *dependency {
            Dependency::Routine(oid) if own(oid) => {
                let Some(routine) = catalog.routine(oid) else { continue };
                found.insert(match graph::routine_id(catalog, oid) {
                    Some(id) if routine.source.is_some() => {
                        format!("{} {}", id.word(), site.object_link(from, &id, &site.object_name(&id)))
                    }
                    _ => plain("function", routine.schema, &quote_ident(&routine.name)),
                });
            }
            Dependency::Type(oid) if own(oid) => {
                // The rows of a relation are named among what is read.
                if let Some(id @ ObjectId::Type(_)) = graph::type_id(catalog, oid) {
                    found.insert(format!("type {}", site.object_link(from, &id, &site.object_name(&id))));
                }
            }
            Dependency::Operator(oid) if own(oid) => {
                found.extend(catalog.operator(oid).map(|row| plain("operator", row.schema, &row.name)));
            }
            Dependency::Collation(oid) if own(oid) => {
                found.extend(catalog.collation(oid).map(|row| plain("collation", row.schema, &quote_ident(&row.name))));
            }
            _ => {}
        }
    }
    found.into_iter().collect()
}
