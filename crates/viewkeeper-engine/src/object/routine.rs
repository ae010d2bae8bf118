//! Functions, procedures and aggregates: replaced in place where PostgreSQL allows it, otherwise recreated with everything
//! that depends on them.

use std::collections::BTreeSet;

use super::query_change::dependency_name;
use super::routine_change::{Refusal, Shape, replace_refusal};
use super::routine_text::{Verb, source_of, statements};
use super::{Body, Difference, Kind, Statement};
use crate::catalog::{Catalog, ObjectId, Provenance, Routine as Row, RoutineSource, TypeKind};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::parser::{self, NodeEnum};

/// `CREATE FUNCTION`, `CREATE PROCEDURE`, `CREATE AGGREGATE`.
#[derive(Debug)]
pub(super) struct Routine;

impl Kind for Routine {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let own = catalog.routines.values().filter(|row| row.source.is_some());
        own.filter_map(|row| catalog.routine_id(row.oid)).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        source_of(catalog, id).map(|(_, source)| &source.provenance)
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let Some((row, source)) = source_of(catalog, id) else { return BTreeSet::new() };
        let mut found = graph::uses(catalog, &source.dependencies);
        let types = row.inputs.iter().chain([&row.result]).chain(row.parameters.iter().map(|one| &one.type_));
        found.extend(types.filter_map(|oid| graph::type_id(catalog, *oid)));
        if let Some(aggregate) = &row.aggregate {
            let functions = [aggregate.transition, aggregate.final_function];
            found.extend(functions.into_iter().filter_map(|oid| graph::routine_id(catalog, oid)));
            found.extend(graph::type_id(catalog, aggregate.transition_type));
        }
        found
    }

    fn needed_at_creation(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let Some((_, source)) = source_of(catalog, id) else { return BTreeSet::new() };
        let mut found = graph::uses(catalog, &source.needed_at_creation);
        // A routine is there already when its body is looked at.
        found.remove(id);
        found
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some((before, before_source)), Some((after, after_source))) = (source_of(old, id), source_of(new, id))
        else {
            return difference;
        };
        let shapes = (Shape::of(old, before), Shape::of(new, after));
        if shapes.0 == shapes.1 && text(old, before_source) == text(new, after_source) {
            return difference;
        }
        let refusal = replace_refusal(&shapes.0, &shapes.1);
        let polymorphic = polymorphic_default_changed((old, before, before_source), after_source);
        difference.body = if refusal.is_none() && !polymorphic { Body::Replace } else { Body::Recreate };
        describe(&shapes, refusal.as_ref(), (before_source, after_source), &mut difference);
        if refusal.is_some() {
            let what = difference.details.first().map_or("its signature changed", String::as_str);
            difference.hazards.push(Hazard::new(HazardKind::BreaksCode, format!("{id}: {what}")));
        }
        if after_source.security_definer && !before_source.security_definer {
            difference.hazards.push(Hazard::new(
                HazardKind::WidensAccess,
                format!("{id} runs with the rights of its owner now, whoever calls it"),
            ));
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statements(Verb::Create, catalog, id)
    }

    fn replace(&self, _old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        statements(Verb::Replace, new, id)
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        source_of(catalog, id).map_or(&[], |(_, source)| &source.creation_path)
    }
}

/// What makes the text of two routines the same: its canonical form, and what its names mean.
fn text<'c>(catalog: &Catalog, source: &'c RoutineSource) -> (&'c str, &'c [String], BTreeSet<String>) {
    let names = source.dependencies.iter().map(|dependency| dependency_name(catalog, *dependency)).collect();
    (&source.canonical, &source.altered, names)
}

/// The type of a default value may not change, which only parameters of polymorphic types let it do.
fn polymorphic_default_changed((catalog, row, old): (&Catalog, &Row, &RoutineSource), new: &RoutineSource) -> bool {
    let is_polymorphic = |oid: &crate::catalog::Oid| {
        catalog.type_(*oid).is_some_and(|type_| type_.kind == TypeKind::Pseudo && type_.name.starts_with("any"))
    };
    let head = |source: &RoutineSource| {
        let Some(NodeEnum::CreateFunctionStmt(mut statement)) = parsed(source) else { return None };
        (statement.sql_body, statement.options) = (None, Vec::new());
        parser::canonical(&NodeEnum::CreateFunctionStmt(statement)).ok()
    };
    row.defaults > 0 && row.inputs.iter().any(is_polymorphic) && head(old) != head(new)
}

fn parsed(source: &RoutineSource) -> Option<NodeEnum> {
    parser::statement_in(&source.canonical)
}

/// What changed, in words.
fn describe(
    (old, new): &(Shape, Shape),
    refusal: Option<&Refusal>,
    (before, after): (&RoutineSource, &RoutineSource),
    difference: &mut Difference,
) {
    let returns = |shape: &Shape| {
        let set = if shape.returns_set { "a set of " } else { "" };
        format!("{set}`{}`", shape.result)
    };
    let details = &mut difference.details;
    match refusal {
        Some(Refusal::Kind) => details.push("it becomes a routine of another kind".to_owned()),
        Some(Refusal::Result) => details.push(format!("returns {} instead of {}", returns(new), returns(old))),
        Some(Refusal::Outputs) => details.push("its output columns changed".to_owned()),
        Some(Refusal::InputName(name)) => details.push(format!("input parameter `{name}` has another name")),
        Some(Refusal::Defaults) => details.push("a parameter lost its default value".to_owned()),
        None => {}
    }
    if before.security_definer != after.security_definer {
        let rights = if after.security_definer { "its owner" } else { "its caller" };
        details.push(format!("runs with the rights of {rights} now"));
    }
    let without_body = |source: &RoutineSource| {
        let Some(NodeEnum::CreateFunctionStmt(mut statement)) = parsed(source) else { return None };
        statement.sql_body = None;
        statement
            .options
            .retain(|node| !matches!(&node.node, Some(NodeEnum::DefElem(option)) if option.defname == "as"));
        parser::canonical(&NodeEnum::CreateFunctionStmt(statement)).ok()
    };
    if before.canonical == after.canonical && before.altered == after.altered {
        details.push("the text is the same, but its names mean something else now".to_owned());
    } else if without_body(before).is_some_and(|text| without_body(after) == Some(text)) {
        details.push("the body changed".to_owned());
    } else if details.is_empty() {
        details.push("its declaration changed".to_owned());
    }
}
