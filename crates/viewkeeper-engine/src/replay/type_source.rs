//! What is kept of the statement that made an enum, domain, composite type or range, and the numbers that the types of
//! definitions get again.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::address::Address;
use super::node;
use super::session::Session;
use crate::analysis::Dependency;
use crate::catalog::{Oid, Origin, TypeSource};
use crate::parser::{self, NodeEnum, ast};

/// The numbers that a type of a definition had before.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptType {
    pub(super) oid: Oid,
    pub(super) array: Oid,
}

impl Session<'_> {
    /// The number of a new type: that of a definition's type from before.
    pub(super) fn type_number(&mut self, schema: Oid, name: &str) -> Oid {
        match self.kept_types.get(&(schema, name.to_owned())) {
            Some(kept) => kept.oid,
            None => self.catalog.allocate(),
        }
    }

    /// Notes which statement made a type. `statement` has a fixed name in the place of the type's.
    pub(super) fn note_type_source(&mut self, oid: Oid, statement: &NodeEnum) {
        let mut provenance = self.provenance();
        let id = self.object_id(&Address::Type(oid));
        if self.origin == Origin::Generated && id.is_some_and(|id| self.dropped_by_hand.remove(&id)) {
            provenance.origin = Origin::HandWritten;
        }
        let canonical = parser::canonical(statement).unwrap_or_default();
        let search_path = self.search_path().to_vec();
        let dependencies = self.functions_of_range(statement);
        let source = Arc::new(TypeSource { provenance, canonical, search_path, dependencies, altered: false });
        self.catalog.update_type(oid, |row| row.source = Some(source));
    }

    fn functions_of_range(&self, statement: &NodeEnum) -> BTreeSet<Dependency> {
        let NodeEnum::CreateRangeStmt(range) = statement else { return BTreeSet::new() };
        let functions = node::options(&range.params)
            .filter(|option| matches!(option.defname.as_str(), "canonical" | "subtype_diff"))
            .filter_map(|option| self.routine_named(&node::option_text(option)?));
        functions.filter(|oid| self.catalog.routines.contains_key(oid)).map(Dependency::Routine).collect()
    }

    /// Notes that a statement changed a type in place.
    pub(super) fn note_type_change(&mut self, oid: Oid) {
        let generated = self.origin == Origin::Generated;
        self.catalog.update_type(oid, |row| {
            if let Some(source) = &mut row.source {
                let source = Arc::make_mut(source);
                source.altered = true;
                if generated {
                    source.provenance.origin = Origin::Generated;
                }
            }
        });
    }

    /// The same for a composite type, which is a relation too.
    pub(super) fn note_composite_change(&mut self, relation: Oid) {
        if let Some(row_type) = self.catalog.relation(relation).map(|row| row.row_type) {
            self.note_type_change(row_type);
        }
    }
}

/// The name that stands in the place of a type's own.
pub(super) fn placeholder() -> Vec<ast::Node> {
    vec![ast::Node { node: Some(NodeEnum::String(ast::String { sval: "type".to_owned() })) }]
}

/// [`placeholder`] for a composite type, which is named as a relation.
pub(super) fn relation_placeholder() -> ast::RangeVar {
    node::range_var(&["type"], -1)
}
