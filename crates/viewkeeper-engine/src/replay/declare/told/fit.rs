//! Whether what a state has under a name is what the definitions declare under it.

use crate::catalog::{Catalog, ObjectId, ServerVersion, View};
use crate::diff::{Change, ChangeKind};
use crate::name::QualifiedName;
use crate::object::{is_changed_index, relation_name};
use crate::parser::{self, NodeEnum};
use crate::rename::{Rename, column_names, labels};
use crate::replay::node;
use crate::stars::expanded_query;

/// A state and what the definitions make of it, with their differences.
pub(super) struct Fit<'c> {
    pub(super) state: &'c Catalog,
    pub(super) declared: &'c Catalog,
    pub(super) changes: &'c [Change],
}

impl Fit<'_> {
    /// Whether the object, or what holds the part, has what is declared of it.
    pub(super) fn as_a_whole(&self, rename: &Rename) -> bool {
        match rename.new_id() {
            index @ ObjectId::Index(..) => !is_changed_index(self.state, self.declared, index),
            id => !self.changes.iter().any(|change| is_within(&change.id, id) && is_in_body(change)),
        }
    }

    /// The same of the part alone, where more of the object is different.
    pub(super) fn as_a_part(&self, rename: &Rename) -> bool {
        match rename {
            Rename::Column { of: of @ ObjectId::Type(name), new, .. } => {
                let is_of_type = attribute_type(self.state, name, new) == attribute_type(self.declared, name, new);
                is_of_type && in_one_order(&column_names(self.state, of), &column_names(self.declared, of))
            }
            Rename::Column { of, new, .. } => {
                let says = |catalog| column_text(catalog, relation_name(of)?, new);
                says(self.state).is_some_and(|text| says(self.declared) == Some(text))
            }
            Rename::Value { of, .. } => in_one_order(&labels(self.state, of), &labels(self.declared, of)),
            Rename::Object { .. } | Rename::Extension { .. } => false,
        }
    }
}

/// Whether an object is another one, or has or is in it.
fn is_within(id: &ObjectId, whole: &ObjectId) -> bool {
    match whole {
        ObjectId::Schema(schema) => id == whole || id.schema() == Some(schema),
        whole => id == whole,
    }
}

/// Whether more is different than comments, privileges and owners, which follow the names that they are given under.
fn is_in_body(change: &Change) -> bool {
    let difference = &change.difference;
    change.kind != ChangeKind::Alter || !difference.alter.is_empty() || !difference.take_away.is_empty()
}

/// Whether the names that both have follow each other alike.
fn in_one_order(names: &[String], others: &[String]) -> bool {
    names.iter().filter(|name| others.contains(name)).eq(others.iter().filter(|name| names.contains(name)))
}

fn attribute_type(catalog: &Catalog, of: &QualifiedName, name: &str) -> Option<String> {
    let (_, column) = catalog.relation_named(of)?.column(name)?;
    Some(catalog.signature_type(column.type_))
}

/// What a view's query says of one of its columns.
fn column_text(catalog: &Catalog, of: &QualifiedName, name: &str) -> Option<String> {
    let row = catalog.relation_named(of)?;
    let at = row.live_columns().position(|(_, column)| column.name == name)?;
    entry_text(row.view.as_ref()?, at, catalog.version)
}

fn entry_text(view: &View, at: usize, version: ServerVersion) -> Option<String> {
    let NodeEnum::SelectStmt(query) = parser::statement_in(&expanded_query(view, version))? else { return None };
    let Some(NodeEnum::ResTarget(entry)) = &query.target_list.get(at)?.node else { return None };
    entry.val.as_ref().map(|value| node::expression_text(value))
}
