//! Identity of a view's query, and words for how it changed. The canonical text and the resolved analysis decide; the
//! parser's fingerprint, which ignores literals, aliases, schemas and modifiers, only helps with the words.

use std::collections::BTreeSet;

use super::column_change::{ColumnChange, column_changes, type_text};
use crate::analysis::Dependency;
use crate::catalog::{Catalog, Relation, ServerVersion, View};
use crate::hazard::Hazard;
use crate::name::{QualifiedName, quote_ident};
use crate::parser;
use crate::replay::relations_without_schemas;
use crate::stars::expanded_query;

/// A dependency that has no name any more.
const GONE: &str = "what is gone";

/// What makes two queries the same (rule 1 of the design).
#[derive(Debug)]
struct Identity<'c> {
    view: &'c View,
    version: ServerVersion,
    columns: Vec<(String, String)>,
    reads: BTreeSet<String>,
}

impl PartialEq for Identity<'_> {
    fn eq(&self, other: &Self) -> bool {
        // `*` is the same as the columns it stands for; and with the same columns and the same reads it stands for the same,
        // whatever tables call their columns now.
        self.means(other)
            && (self.view.canonical_query == other.view.canonical_query
                || expanded_query(self.view, self.version) == expanded_query(other.view, other.version))
    }
}

impl Identity<'_> {
    fn means(&self, other: &Self) -> bool {
        (&self.columns, &self.reads) == (&other.columns, &other.reads)
    }
}

/// Whether a rename wrote one of two texts: then what the server keeps counts, in which `count(*) AS count` is `count(*)`.
fn is_followed(old: &View, new: &View) -> bool {
    old.followed || new.followed
}

/// Whether two texts differ in nothing but the schemas that they say of relations: the server keeps neither.
fn says_the_same_without_schemas(old: &View, new: &View) -> bool {
    let [old, new] = [old, new].map(|view| relations_without_schemas(&view.canonical_query));
    old.is_some() && old == new
}

fn identity<'c>(catalog: &Catalog, relation: &Relation, view: &'c View) -> Identity<'c> {
    Identity {
        view,
        version: catalog.version,
        columns: relation.live_columns().map(|(_, column)| (column.name.clone(), type_text(catalog, column))).collect(),
        reads: reads(catalog, view),
    }
}

/// What a query uses, by name.
fn reads(catalog: &Catalog, view: &View) -> BTreeSet<String> {
    view.analysis.dependencies.iter().map(|dependency| dependency_name(catalog, *dependency)).collect()
}

/// A dependency by name, as two states can compare it. What a state does not have any more has none: it was dropped by
/// the statements of a wrapped migration, or around them.
pub(super) fn dependency_name(catalog: &Catalog, dependency: Dependency) -> String {
    let relation = |oid| catalog.relation_name(oid).map_or_else(|| GONE.to_owned(), |name| name.to_string());
    match dependency {
        Dependency::Relation(oid) => relation(oid),
        Dependency::Column(oid, number) => {
            let row = catalog.relation(oid);
            match row.and_then(|row| row.attribute(number)) {
                Some(column) if !column.dropped => format!("{}.{}", relation(oid), quote_ident(&column.name)),
                _ => GONE.to_owned(),
            }
        }
        Dependency::Routine(oid) => catalog.routine_id(oid).map_or_else(|| GONE.to_owned(), |id| id.sql_name()),
        Dependency::Operator(oid) => catalog.operator(oid).map_or_else(
            || GONE.to_owned(),
            |operator| {
                let operand = |oid| catalog.signature_type(oid);
                format!(
                    "operator {}.{} ({}, {})",
                    catalog.schema_name(operator.schema).unwrap_or("?"),
                    operator.name,
                    operand(operator.left),
                    operand(operator.right)
                )
            },
        ),
        Dependency::Type(oid) if catalog.type_(oid).is_none() => GONE.to_owned(),
        Dependency::Type(oid) => format!("type {}", catalog.signature_type(oid)),
        Dependency::Collation(oid) => {
            catalog.collation(oid).map_or_else(|| GONE.to_owned(), |row| format!("collation {}", row.name))
        }
        Dependency::Constraint(oid, constraint) => {
            let found = catalog
                .relation(oid)
                .and_then(|table| table.constraints.iter().find(|candidate| candidate.oid == constraint));
            found.map_or_else(|| GONE.to_owned(), |found| format!("{} constraint {}", relation(oid), found.name))
        }
    }
}

/// How two states of a view's query differ; `None` when they are the same.
#[derive(Debug)]
pub(super) struct QueryChange {
    pub(super) columns: Vec<ColumnChange>,
    pub(super) details: Vec<String>,
}

/// Compares two states of the query of one view or materialized view.
pub(super) fn query_change(
    old: (&Catalog, &Relation, &View),
    new: (&Catalog, &Relation, &View),
) -> Option<QueryChange> {
    // One row in both states: nothing made the view anew.
    if std::ptr::eq(old.1, new.1) {
        return None;
    }
    let (before, after) = (identity(old.0, old.1, old.2), identity(new.0, new.1, new.2));
    let is_kept_alike = || old.2.tree.is_some() && old.2.tree == new.2.tree;
    if before == after
        || before.means(&after)
            && is_kept_alike()
            && (is_followed(old.2, new.2) || says_the_same_without_schemas(old.2, new.2))
    {
        return None;
    }
    let columns = column_changes((old.0, old.1), (new.0, new.1));
    // What is proven of nulls follows from the rest, and is said after it.
    let (shape, proven): (Vec<&ColumnChange>, Vec<&ColumnChange>) =
        columns.iter().partition(|change| !change.is_of_nulls());
    let mut details: Vec<String> = shape.iter().map(|change| change.describe()).collect();
    let missing = |names: &BTreeSet<String>, others: &BTreeSet<String>| -> Vec<String> {
        names.difference(others).filter(|name| *name != GONE).map(|name| format!("`{name}`")).collect()
    };
    let (added, gone) = (missing(&after.reads, &before.reads), missing(&before.reads, &after.reads));
    let (old_text, new_text) = (&old.2.canonical_query, &new.2.canonical_query);
    if old_text == new_text {
        let columns = |view: &View| view.stars.iter().map(|star| star.columns.clone()).collect::<Vec<_>>();
        let what = if columns(old.2) == columns(new.2) {
            "its names mean something else"
        } else {
            "`*` stands for other columns"
        };
        details.push(format!("the text is the same, but {what} now"));
    } else if shape.is_empty() && added.is_empty() && gone.is_empty() {
        // The fingerprint alone ignores more: the order of conditions, and names.
        let same_shape = words_without_constants(old_text) == words_without_constants(new_text)
            && parser::fingerprint(old_text).is_some_and(|one| parser::fingerprint(new_text) == Some(one));
        details.push(
            if same_shape { "only constants changed" } else { "the query changed, its columns did not" }.to_owned(),
        );
    }
    if !added.is_empty() {
        details.push(format!("reads {} now", added.join(", ")));
    }
    if !gone.is_empty() {
        details.push(format!("no longer reads {}", gone.join(", ")));
    }
    details.extend(proven.iter().map(|change| change.describe()));
    Some(QueryChange { columns, details })
}

/// The words of a text, in which all constants are alike.
fn words_without_constants(text: &str) -> Vec<&str> {
    let words = parser::tokens(text).into_iter().filter_map(|token| text.get(token.span.start..token.span.end));
    let is_constant = |word: &str| {
        let number = word.strip_prefix('.').unwrap_or(word).starts_with(|c: char| c.is_ascii_digit());
        let text = word.contains('\'') && !word.starts_with('"') || word.starts_with('$');
        number || text || ["true", "false", "null"].iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    let mut found: Vec<&str> = Vec::new();
    let mut in_list = false;
    for word in words {
        let word = if is_constant(word) { "?" } else { word };
        in_list = match (found.as_slice(), word) {
            ([.., "IN"], "(") => true,
            (_, ")") => false,
            _ => in_list,
        };
        match (found.as_slice(), word) {
            // A sign belongs to a number.
            (_, "-") => {}
            // However many are in a list.
            ([.., "?"], ",") if in_list => {}
            ([.., "?"], "?") if in_list => {}
            _ => found.push(word),
        }
    }
    found
}

/// The hazards of changed columns.
pub(super) fn column_hazards(name: &QualifiedName, changes: &[ColumnChange]) -> Vec<Hazard> {
    changes.iter().filter(|change| change.breaks_code()).map(|change| change.hazard(name)).collect()
}
