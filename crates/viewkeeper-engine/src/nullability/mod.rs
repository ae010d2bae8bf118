//! Which output columns of a query can be null, and why: a pass over the typed tree that says "not null" only by
//! proof. It reads no text but the `-- viewkeeper:` comments with which a person overrules it.

mod aggregate;
mod array;
mod base;
mod condition;
mod constant;
mod constant_function;
mod declared;
mod expression;
mod function;
#[cfg(test)]
mod generated_tests;
mod join;
mod level;
mod never_null;
mod overrule;
mod present;
mod reason;
mod row_count;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use base::{BaseFacts, ViewColumns, Word};
pub use declared::{DeclaredNullability, OnWord, on_word, stale};
use function::FIRST_UNPINNED_OID;
pub use overrule::{Overrule, overrules};
use reason::Verdict;

use crate::analysis::{Analysis, Nullability};
use crate::catalog::{Catalog, Oid, Provenance, Relation, RelationKind};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::tree::Query;

/// How many queries below one may be judged a second time for what the conditions around them prove: enough for any
/// view that a person writes, and a bound for stacks of views that read each other twice.
const FUEL: u32 = 500;

/// The nullability of each output column of a query.
pub fn of_query(facts: &BaseFacts<'_>, query: &Query) -> Vec<Nullability> {
    query_verdicts(facts, query).iter().map(|verdict| verdict.in_words(facts.catalog)).collect()
}

/// Lets the `-- viewkeeper:` comments of a definition overrule what was computed for its columns.
pub fn overrule(provenance: &Provenance, names: &[&str], columns: &mut [Nullability]) {
    for overrule in overrule::overrules_of(provenance) {
        let index = names.iter().position(|name| *name == overrule.column);
        if let Some(column) = index.and_then(|index| columns.get_mut(index)) {
            *column = overrule::verdict(&overrule, provenance);
        }
    }
}

/// Warnings for `-- viewkeeper:` comments that overrule nothing: they name no column of their view, or say what is
/// proven without them. `before` is what was there of the relation.
pub(crate) fn misdirected_overrules(
    catalog: &Catalog,
    relation: &Relation,
    before: Option<&Relation>,
) -> Vec<Diagnostic> {
    let Some(provenance) = &relation.provenance else { return Vec::new() };
    let overrules = overrule::overrules_of(provenance);
    if overrules.is_empty() {
        return Vec::new();
    }
    let tree = relation.view.as_ref().and_then(|view| view.tree.as_deref());
    let proven = tree.map(|tree| of_query(&BaseFacts::new(catalog, ViewColumns::AsRecorded), tree)).unwrap_or_default();
    let problem = |overrule: &Overrule| {
        let named = relation.live_columns().zip(1..).find(|((_, column), _)| column.name == overrule.column);
        let Some((_, number)) = named else {
            return Some(
                Diagnostic::warning(format!("the view has no column `{}`", overrule.column))
                    .note("the comment overrules nothing")
                    .help("name one of the view's output columns"),
            );
        };
        let column = proven.get(number - 1usize).filter(|column| column.not_null && overrule.not_null)?;
        let recorded = before.and_then(|before| older_rows(relation, before)?.columns.get(number - 1usize));
        if recorded.is_some_and(|recorded| !recorded.nullability.not_null) {
            return None;
        }
        Some(
            Diagnostic::warning(format!("`{}` is not null without being declared so", overrule.column))
                .note(column.reason.clone())
                .help("leave the comment out: it would hide it when this is no longer so"),
        )
    };
    let place = |overrule: &Overrule| {
        let end = provenance.file.text[overrule.offset..].find('\n').map(|length| overrule.offset + length);
        Span::new(overrule.offset, end.unwrap_or(provenance.file.text.len()))
    };
    let warnings = overrules.iter().filter_map(|found| Some(problem(found)?.at(&provenance.file, place(found))));
    warnings.collect()
}

fn query_verdicts(facts: &BaseFacts<'_>, query: &Query) -> Vec<Verdict> {
    level::query_columns(facts, query, None, &[], &Cell::new(FUEL))
}

/// Computes the nullability of all views and materialized views of a state again: a type is fixed when a view is
/// created, nullability is not.
pub fn at_final_state(catalog: &mut Catalog) {
    let views = catalog.relations.values().filter(|row| row.view.as_ref().is_some_and(|view| view.tree.is_some()));
    let changes = changed_words(catalog, views.map(|relation| relation.oid));
    write(catalog, changes);
}

/// Takes back what is recorded of materialized views and does not hold now. To be called after every statement that
/// may let nulls in (`DROP NOT NULL`, a dropped constraint, a replaced view): their rows are those of some refresh in
/// between, so that only what held all the time is true of them.
pub fn weaken_materialized_views(catalog: &mut Catalog) {
    let is_candidate = |oid: Oid| {
        catalog.relation(oid).is_some_and(|relation| {
            relation.kind == RelationKind::MaterializedView
                && relation.view.as_ref().is_some_and(|view| {
                    view.tree.is_some() && view.analysis.columns.iter().any(|column| column.nullability.not_null)
                })
        })
    };
    let candidates: Vec<Oid> = catalog.relations.keys().copied().filter(|oid| is_candidate(*oid)).collect();
    if candidates.is_empty() {
        return;
    }
    let changes = changed_words(catalog, candidates.into_iter());
    write(catalog, changes);
}

/// A materialized view that a definition makes of the query that it has already is not filled again: what its rows may hold
/// is what was recorded before, but where a person says otherwise.
pub(crate) fn keep_older_rows(catalog: &mut Catalog, before: &Relation) {
    let Some(now) = catalog.relation(before.oid) else { return };
    let Some(then) = older_rows(now, before) else { return };
    let said: Vec<String> =
        now.provenance.iter().flat_map(overrule::overrules_of).map(|overrule| overrule.column).collect();
    catalog.update_relation(before.oid, |row| {
        let Some(view) = &mut row.view else { return };
        for (column, then) in Arc::make_mut(&mut view.analysis).columns.iter_mut().zip(&then.columns) {
            if !then.nullability.not_null && !said.contains(&column.name) {
                column.nullability = then.nullability.clone();
            }
        }
    });
}

/// What is recorded of a materialized view that has the same query now.
fn older_rows<'b>(now: &Relation, before: &'b Relation) -> Option<&'b Analysis> {
    let then = before.view.as_ref()?;
    let stays = now.kind == RelationKind::MaterializedView
        && before.kind == now.kind
        && now.view.as_ref()?.canonical_query == then.canonical_query;
    stays.then_some(&*then.analysis)
}

/// The words for the columns of those views whose recorded ones say something else.
fn changed_words(catalog: &Catalog, views: impl Iterator<Item = Oid>) -> BTreeMap<Oid, Vec<Nullability>> {
    let facts = BaseFacts::new(catalog, ViewColumns::Recomputed);
    let mut changed = BTreeMap::new();
    for oid in views {
        let now: Vec<Nullability> = facts.columns(oid, false).iter().map(|verdict| verdict.in_words(catalog)).collect();
        let view = catalog.relation(oid).and_then(|relation| relation.view.as_ref());
        let recorded = view.iter().flat_map(|view| &view.analysis.columns);
        if recorded.zip(&now).any(|(column, now)| column.nullability != *now) {
            changed.insert(oid, now);
        }
    }
    changed
}

fn write(catalog: &mut Catalog, changes: BTreeMap<Oid, Vec<Nullability>>) {
    for (oid, columns) in changes {
        if let Some(view) = catalog.relations.get_mut(&oid).and_then(|relation| Arc::make_mut(relation).view.as_mut()) {
            for (column, now) in Arc::make_mut(&mut view.analysis).columns.iter_mut().zip(columns) {
                column.nullability = now;
            }
        }
    }
}
