//! What is known of relations, in the fixed form that `describe --format json` prints for other tools. Plain data made
//! from a catalog; how it looks on a terminal is the command's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analysis::{ColumnRef, Dependency};
use crate::catalog::{Catalog, Member, NotNull, Oid, Relation, RelationKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::graph;
use crate::lineage::{BaseColumns, columns_of_rows};
use crate::name::{QualifiedName, quote_ident};
use crate::resolve::Resolver;
use crate::tree::Query;

/// Relations and what is wrong with those that are missing among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// By schema and name.
    pub relations: Vec<RelationDescription>,
    /// In the order in which they were found.
    pub errors: Vec<ErrorDescription>,
}

/// A relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelationDescription {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `table`, `view`, `materialized view`, …
    pub kind: &'static str,
    /// The file that made it as it is.
    pub file: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<ColumnDescription>,
    /// What it uses.
    pub depends_on: Vec<DependencyDescription>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnDescription {
    /// Its name.
    pub name: String,
    /// As `format_type` prints it, with the modifier.
    #[serde(rename = "type")]
    pub type_: String,
    /// When it is not the default of the type.
    pub collation: Option<String>,
    /// Whether it is proven never to be null.
    pub not_null: bool,
    /// Why.
    pub reason: String,
    /// The columns of tables that the value comes from, as `schema.table.column`.
    pub origin: Vec<String>,
}

/// Something that a relation uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DependencyDescription {
    /// `table`, `view`, `function`, `type`, …
    pub kind: &'static str,
    /// `schema.name`.
    pub name: String,
    /// Of a relation, the columns that are used, in their order; none when only its rows are counted.
    pub columns: Vec<String>,
}

/// What is wrong somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorDescription {
    /// The file.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column, from 1.
    pub column: Option<usize>,
    /// The relation that is broken by it.
    pub relation: Option<String>,
    /// PostgreSQL's code for it.
    pub sqlstate: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Why it matters and what to do.
    pub help: Option<String>,
}

/// Describes every relation of the project (tables, views, materialized views) and every error.
pub fn describe(catalog: &Catalog, search_path: &[String], problems: &Diagnostics) -> Description {
    let base = BaseColumns::new(catalog);
    let mut relations: Vec<RelationDescription> =
        described(catalog).filter_map(|relation| describe_relation(catalog, search_path, &base, relation)).collect();
    relations.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Description { relations, errors: errors(problems) }
}

/// The relations that are described: not those of extensions.
pub(crate) fn described(catalog: &Catalog) -> impl Iterator<Item = &Relation> {
    catalog
        .relations
        .values()
        .map(|relation| &**relation)
        .filter(|relation| !matches!(relation.kind, RelationKind::Sequence | RelationKind::CompositeType))
        .filter(|relation| catalog.extension_of(Member::Relation(relation.oid)).is_none())
}

/// Describes one of them.
pub(crate) fn describe_relation(
    catalog: &Catalog,
    search_path: &[String],
    base: &BaseColumns<'_>,
    relation: &Relation,
) -> Option<RelationDescription> {
    let QualifiedName { schema, name } = catalog.relation_name(relation.oid)?;
    let resolver = Resolver::new(catalog, search_path);
    let columns = relation
        .live_columns()
        .map(|(number, column)| {
            let own_collation = catalog.type_(column.type_).map(|type_| type_.collation);
            let collation = catalog.collation(column.collation).filter(|_| own_collation != Some(column.collation));
            let (not_null, reason) = nullability(relation, number);
            ColumnDescription {
                name: column.name.clone(),
                type_: resolver.format_type(column.type_, column.typmod),
                collation: collation.map(|collation| collation.name.clone()),
                not_null,
                reason,
                origin: origin(catalog, base, relation, number),
            }
        })
        .collect();
    Some(RelationDescription {
        schema,
        name,
        kind: kind_word(relation.kind),
        file: relation.provenance.as_ref().map(|provenance| provenance.file.path.to_string()),
        columns,
        depends_on: depends_on(catalog, relation),
    })
}

/// `table`, `view`, …
pub fn kind_word(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Table => "table",
        RelationKind::PartitionedTable => "partitioned table",
        RelationKind::ForeignTable => "foreign table",
        RelationKind::View => "view",
        RelationKind::MaterializedView => "materialized view",
        RelationKind::CompositeType => "composite type",
        RelationKind::Sequence => "sequence",
    }
}

fn nullability(relation: &Relation, number: i16) -> (bool, String) {
    let position = usize::try_from(number).unwrap_or(0).saturating_sub(1);
    if let Some(output) = relation.view.as_ref().and_then(|view| view.analysis.columns.get(position)) {
        return (output.nullability.not_null, output.nullability.reason.clone());
    }
    match relation.attribute(number).map_or(NotNull::No, |column| column.not_null) {
        NotNull::Yes | NotNull::NoInherit => (true, "declared not null".to_owned()),
        NotNull::NotValidated => (false, "declared not null, but not validated for older rows".to_owned()),
        NotNull::No => (false, "nulls are allowed".to_owned()),
    }
}

/// The base columns that a column's value comes from, by name.
fn origin(catalog: &Catalog, base: &BaseColumns<'_>, relation: &Relation, number: i16) -> Vec<String> {
    let columns = origin_columns(base, relation, number);
    let names: BTreeSet<String> = columns.into_iter().filter_map(|column| column_name(catalog, column)).collect();
    names.into_iter().collect()
}

/// The base columns that a column's value comes from, copied or computed.
pub(crate) fn origin_columns(base: &BaseColumns<'_>, relation: &Relation, number: i16) -> BTreeSet<ColumnRef> {
    let position = usize::try_from(number).unwrap_or(0).saturating_sub(1);
    let Some(output) = relation.view.as_ref().and_then(|view| view.analysis.columns.get(position)) else {
        return BTreeSet::new();
    };
    let lineage = base.of(&output.lineage);
    lineage.copied.iter().chain(&lineage.computed).copied().collect()
}

fn column_name(catalog: &Catalog, (relation, number): ColumnRef) -> Option<String> {
    let column = catalog.relation(relation)?.attribute(number)?;
    Some(format!("{}.{}", catalog.relation_name(relation)?, quote_ident(&column.name)))
}

fn depends_on(catalog: &Catalog, relation: &Relation) -> Vec<DependencyDescription> {
    let Some(view) = &relation.view else { return Vec::new() };
    let mut relations: BTreeMap<Oid, BTreeSet<i16>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for dependency in &view.analysis.dependencies {
        match *dependency {
            Dependency::Relation(oid) | Dependency::Constraint(oid, _) => {
                relations.entry(oid).or_default();
            }
            Dependency::Column(oid, number) => {
                relations.entry(oid).or_default().insert(number);
            }
            Dependency::Routine(oid) => {
                let name = catalog.routine(oid).and_then(|routine| {
                    Some(QualifiedName::new(catalog.schema_name(routine.schema)?, &*routine.name).to_string())
                });
                found.extend(name.map(|name| DependencyDescription { kind: "function", name, columns: Vec::new() }));
            }
            Dependency::Operator(oid) => {
                let name = catalog.operator(oid).and_then(|operator| {
                    Some(format!("{}.{}", quote_ident(catalog.schema_name(operator.schema)?), operator.name))
                });
                found.extend(name.map(|name| DependencyDescription { kind: "operator", name, columns: Vec::new() }));
            }
            Dependency::Type(oid) => {
                let name = catalog.types.contains_key(&oid).then(|| catalog.qualified_type(oid, -1));
                found.extend(name.map(|name| DependencyDescription { kind: "type", name, columns: Vec::new() }));
            }
            Dependency::Collation(oid) => {
                let name = catalog.collation(oid).and_then(|collation| {
                    Some(QualifiedName::new(catalog.schema_name(collation.schema)?, &*collation.name).to_string())
                });
                found.extend(name.map(|name| DependencyDescription { kind: "collation", name, columns: Vec::new() }));
            }
        }
    }
    let of_rows = view.tree.as_deref().map(|tree| columns_of_rows(catalog, tree)).unwrap_or_default();
    for (oid, number) in of_rows {
        let all = catalog.relation(oid).into_iter().flat_map(Relation::live_columns).map(|(column, _)| column);
        relations.entry(oid).or_default().extend(all.filter(|column| number == 0 || *column == number));
    }
    for (oid, columns) in relations {
        if let (Some(used), Some(name)) = (catalog.relation(oid), catalog.relation_name(oid)) {
            let columns = columns.iter().filter_map(|number| used.attribute(*number)).map(|column| column.name.clone());
            let kind = kind_word(used.kind);
            found.insert(DependencyDescription { kind, name: name.to_string(), columns: columns.collect() });
        }
    }
    found.into_iter().collect()
}

/// The views and materialized views whose text uses a column, directly or through other views.
pub fn readers_of(catalog: &Catalog, relation: &QualifiedName, column: Option<&str>) -> Vec<QualifiedName> {
    let Some(base) = catalog.relation_named(relation) else { return Vec::new() };
    let number = column.and_then(|name| base.column(name)).map(|(number, _)| number);
    let uses_it = |dependency: &Dependency| match (*dependency, number) {
        (Dependency::Column(oid, used), Some(number)) => oid == base.oid && used == number,
        (Dependency::Relation(oid) | Dependency::Column(oid, _), None) => oid == base.oid,
        _ => false,
    };
    let in_a_row = |tree: &Query| {
        let read = columns_of_rows(catalog, tree);
        number.is_some_and(|number| read.contains(&(base.oid, 0)) || read.contains(&(base.oid, number)))
    };
    let direct = catalog.relations.values().filter(|relation| {
        relation.view.as_ref().is_some_and(|view| {
            let used = &view.analysis.dependencies;
            // Whoever reads the relation's rows depends on it, with columns or without.
            let reads = used.iter().any(|dependency| {
                matches!(dependency, Dependency::Relation(oid) | Dependency::Column(oid, _) if *oid == base.oid)
            });
            used.iter().any(uses_it) || (reads && view.tree.as_deref().is_some_and(in_a_row))
        })
    });
    let readers = graph::reversed(&graph::dependencies(catalog));
    let mut all = BTreeSet::new();
    for id in direct.filter_map(|relation| graph::relation_id(catalog, relation.oid)) {
        all.extend(graph::reachable(&readers, &id).into_iter().cloned());
        all.insert(id);
    }
    all.iter().filter_map(crate::object::relation_name).cloned().collect()
}

/// The errors among problems.
pub fn errors(problems: &Diagnostics) -> Vec<ErrorDescription> {
    problems
        .0
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| {
            let place =
                problem.place.as_ref().map(|(file, span)| (file.path.to_string(), file.line_column(span.start)));
            ErrorDescription {
                file: place.as_ref().map(|(path, _)| path.clone()),
                line: place.as_ref().map(|(_, (line, _))| *line),
                column: place.as_ref().map(|(_, (_, column))| *column),
                relation: problem.relation.clone(),
                sqlstate: problem.sqlstate.map(|code| code.0.to_owned()),
                message: problem.message.clone(),
                help: help(problem),
            }
        })
        .collect()
}

/// What to do, behind why it matters: the form has no place of its own for that.
fn help(problem: &Diagnostic) -> Option<String> {
    match (&problem.note, &problem.help) {
        (Some(note), Some(help)) => Some(format!("{note}; {help}")),
        (note, help) => help.clone().or_else(|| note.clone()),
    }
}
