//! Extended statistics: their target is set in place, everything else recreates them.

use std::collections::BTreeSet;

use super::query_change::dependency_name;
use super::{Body, Difference, Kind, Statement};
use crate::catalog::{Catalog, ExtendedStatistics, ObjectId, Persistence, Provenance};
use crate::graph;
use crate::hazard::Hazard;
use crate::name::QualifiedName;
use crate::parser::{self, NodeEnum, ast};

/// `CREATE STATISTICS`.
#[derive(Debug)]
pub(super) struct Statistics;

fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<&'c ExtendedStatistics> {
    match id {
        ObjectId::Statistics(name) => catalog.statistics_named(name).map(|(_, row)| row),
        _ => None,
    }
}

/// The canonical text, what its names mean, and what it is on.
fn meaning<'c>(
    catalog: &'c Catalog,
    row: &'c ExtendedStatistics,
) -> (&'c str, BTreeSet<String>, Option<QualifiedName>) {
    let names = row.dependencies.iter().map(|dependency| dependency_name(catalog, *dependency)).collect();
    (&row.canonical, names, catalog.relation_name(row.relation))
}

fn set_target(id: &ObjectId, target: Option<i32>) -> Statement {
    Statement::new(format!("ALTER {} SET STATISTICS {}", id.sql(), target.unwrap_or(-1)))
}

impl Kind for Statistics {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let stay = |row: &&ExtendedStatistics| {
            catalog.relations.get(&row.relation).is_some_and(|on| on.persistence != Persistence::Temporary)
        };
        let rows = catalog.statistics.values().map(|row| &**row).filter(stay);
        rows.filter_map(|row| {
            Some(ObjectId::Statistics(QualifiedName::new(catalog.schema_name(row.schema)?, &*row.name)))
        })
        .collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        row(catalog, id).map(|row| &row.provenance)
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let Some(row) = row(catalog, id) else { return BTreeSet::new() };
        let mut found = graph::uses(catalog, &row.dependencies);
        found.extend(graph::relation_id(catalog, row.relation));
        found
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(before), Some(after)) = (row(old, id), row(new, id)) else { return difference };
        if meaning(old, before) != meaning(new, after) {
            difference.body = Body::Recreate;
            let words = "its declaration changed; it is empty until the next `ANALYZE`";
            difference.details.push(words.to_owned());
        }
        if before.target != after.target {
            difference.details.push(match after.target {
                Some(target) => format!("its target is {target}"),
                None => "its target is the usual one".to_owned(),
            });
            // What is kept over a recreation is kept without it.
            match difference.body {
                Body::Recreate => difference.take_away.push(set_target(id, None)),
                _ => difference.alter.push(set_target(id, after.target)),
            }
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let (Some(row), ObjectId::Statistics(name)) = (row(catalog, id), id) else { return Vec::new() };
        let (Some(NodeEnum::CreateStatsStmt(mut statement)), Some(relation)) =
            (parser::statement_in(&row.canonical), catalog.relation_name(row.relation))
        else {
            return Vec::new();
        };
        name_statistics(&mut statement, &[&name.schema, &name.name], &[&relation.schema, &relation.name]);
        let made = parser::canonical(&NodeEnum::CreateStatsStmt(statement)).ok().map(Statement::new);
        made.into_iter().chain(row.target.map(|target| set_target(id, Some(target)))).collect()
    }

    /// Queries go on, planned with less knowledge.
    fn drop_hazards(&self, _catalog: &Catalog, _id: &ObjectId) -> Vec<Hazard> {
        Vec::new()
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        row(catalog, id).map_or(&[], |row| &row.search_path)
    }
}

/// Gives a statement the names of the statistics and of the relation.
pub(crate) fn name_statistics(statement: &mut ast::CreateStatsStmt, name: &[&str], relation: &[&str]) {
    let string = |part: &&str| {
        let text = ast::String { sval: (*part).to_owned() };
        ast::Node { node: Some(NodeEnum::String(text)) }
    };
    statement.defnames = name.iter().map(string).collect();
    for on in &mut statement.relations {
        if let Some(NodeEnum::RangeVar(on)) = &mut on.node {
            (on.catalogname, on.schemaname) = (String::new(), String::new());
            if let [.., schema, _] = relation {
                (*schema).clone_into(&mut on.schemaname);
            }
            if let [.., name] = relation {
                (*name).clone_into(&mut on.relname);
            }
        }
    }
}
