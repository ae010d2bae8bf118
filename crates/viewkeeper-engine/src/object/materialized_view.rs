//! Materialized views with their indexes: never replaced in place; built beside the old one and swapped, so that readers
//! wait for the swap and not for the build.

use std::collections::{BTreeMap, BTreeSet};

use super::query_change::{column_hazards, dependency_name, query_change};
use super::statement::{
    column_list, named_types, option_name, options_clause, options_list, query_text, said_in, uses, uses_but_in,
    view_of,
};
use super::view::{columns, lock_hazard, relations_of};
use super::{Action, Body, Difference, Kind, RemadePart, Statement, Swap, relation_name};
use crate::catalog::{
    Attached, AttachedKind, Catalog, Index, NameKey, ObjectId, Provenance, Relation, RelationKind, View,
};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::name::{MAX_IDENTIFIER_BYTES, QualifiedName, quote_ident, quote_literal};
use crate::parser::{self, NodeEnum, ast};

/// `CREATE MATERIALIZED VIEW`.
#[derive(Debug)]
pub(super) struct MaterializedView;

impl Kind for MaterializedView {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        relations_of(catalog, RelationKind::MaterializedView).map(ObjectId::MaterializedView).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        view_of(catalog, id).and_then(|(relation, _)| relation.provenance.as_ref())
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        uses(catalog, id)
    }

    fn needed_at_creation(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        named_types(catalog, id)
    }

    fn parts(&self, catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
        let mut parts = columns(catalog, id);
        parts.extend(indexes(catalog, id));
        parts
    }

    fn names(&self, catalog: &Catalog, id: &ObjectId) -> Vec<NameKey> {
        std::iter::once(id.name_key()).chain(indexes(catalog, id).iter().map(ObjectId::name_key)).collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(name), Some((before, before_view)), Some((after, after_view))) =
            (relation_name(id), view_of(old, id), view_of(new, id))
        else {
            return difference;
        };
        if let Some(change) = query_change((old, before, before_view), (new, after, after_view)) {
            difference.body = Body::Recreate;
            difference.hazards = column_hazards(name, &change.columns);
            difference.details = change.details;
        }
        option_changes(name, before, after, &mut difference);
        index_changes(name, (old, before), (new, after), &mut difference);
        match (before_view.populated, after_view.populated) {
            (false, true) => {
                difference.alter.push(Statement::new(format!("REFRESH MATERIALIZED VIEW {name}")));
                difference.details.push("filled with data".to_owned());
            }
            (true, false) => {
                difference.take_away.push(Statement::new(format!("REFRESH MATERIALIZED VIEW {name} WITH NO DATA")));
                difference.details.push("left without data: it cannot be read until it is refreshed".to_owned());
                difference.hazards.push(Hazard::new(
                    HazardKind::BreaksCode,
                    format!("`{name}` cannot be read until it is refreshed"),
                ));
            }
            _ => {}
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let (Some(name), Some((relation, view))) = (relation_name(id), view_of(catalog, id)) else {
            return Vec::new();
        };
        let mut statements = vec![create_statement(catalog, name, (relation, view))];
        statements.extend(own_indexes(relation).map(|index| Statement::new(index_statement(index, &index.name, name))));
        statements
    }

    fn swap(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Option<Swap> {
        let name = relation_name(id)?;
        let (relation, view) = view_of(new, id)?;
        let is_taken = |beside: &str| [old, new].into_iter().any(|state| has_relation(state, &name.schema, beside));
        let beside = QualifiedName::new(name.schema.clone(), beside_name(&name.name, is_taken));
        let mut build = vec![create_statement(new, &beside, (relation, view))];
        let rename = Statement::new(format!("ALTER MATERIALIZED VIEW {beside} RENAME TO {}", quote_ident(&name.name)));
        // A view that was in its place is dropped as one.
        let was = self.provenance(old, id).map(|_| Statement::new(format!("DROP MATERIALIZED VIEW {name}")));
        let mut swap: Vec<Statement> = was.into_iter().chain([rename]).collect();
        for index in own_indexes(relation) {
            let index_beside = QualifiedName::new(name.schema.clone(), beside_name(&index.name, is_taken));
            build.push(Statement::new(index_statement(index, &index_beside.name, &beside)));
            swap.push(Statement::new(format!("ALTER INDEX {index_beside} RENAME TO {}", quote_ident(&index.name))));
        }
        Some(Swap { build, swap })
    }

    fn hazards(&self, catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        let mut hazards = lock_hazard(id, action);
        let populated = view_of(catalog, id).is_some_and(|(_, view)| view.populated);
        if let (Some(name), Action::Build | Action::Create, true) = (relation_name(id), action, populated) {
            hazards.push(Hazard::new(HazardKind::RebuildsData, format!("the rows of `{name}` are computed anew")));
        }
        hazards
    }

    fn remade_with(&self, old: &Catalog, new: &Catalog, id: &ObjectId, used: &ObjectId) -> Option<Vec<RemadePart>> {
        let is_index = |kind| kind == AttachedKind::Index;
        if uses_but_in(old, id, is_index).contains(used) {
            return None;
        }
        let (name, (before, _)) = (relation_name(id)?, view_of(old, id)?);
        let after = view_of(new, id).map(|(relation, _)| relation);
        let attached = old.attached.get(&before.oid).into_iter().flatten();
        let using = attached.filter(|row| is_index(row.kind) && graph::uses(old, said_in(row)).contains(used));
        let part = |row: &Attached| {
            let part = ObjectId::Index(QualifiedName::new(name.schema.clone(), row.name.clone()), name.clone());
            let made = after.and_then(|row_of| own_indexes(row_of).find(|index| index.name == row.name));
            let statements = made.map_or_else(Vec::new, |index| {
                let mut statements = vec![drop_index(name, &index.name)];
                statements.push(Statement::new(index_statement(index, &index.name, name)));
                statements.extend(new.attachments.comments.get(&part).map(|text| {
                    let text = quote_literal(text);
                    Statement::new(format!("COMMENT ON {} IS {}", part.sql(), text.trim_start()))
                }));
                statements
            });
            RemadePart { part, statements }
        };
        Some(using.map(|row| part(row)).collect())
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        view_of(catalog, id).map_or(&[], |(_, view)| &view.search_path)
    }
}

/// The indexes of a relation.
fn indexes(catalog: &Catalog, id: &ObjectId) -> Vec<ObjectId> {
    let Some((name, relation)) = relation_name(id).and_then(|name| Some((name, catalog.relation_named(name)?))) else {
        return Vec::new();
    };
    let qualified = |index: &Index| QualifiedName::new(name.schema.clone(), index.name.clone());
    relation.indexes.iter().map(|index| ObjectId::Index(qualified(index), name.clone())).collect()
}

fn create_statement(catalog: &Catalog, name: &QualifiedName, (relation, view): (&Relation, &View)) -> Statement {
    let (comment, text) = query_text(catalog, (relation, view));
    let data = if view.populated { "WITH DATA" } else { "WITH NO DATA" };
    Statement::new(format!(
        "{comment}CREATE MATERIALIZED VIEW {name}{}{} AS\n{}\n{data}",
        column_list(view),
        options_clause(&relation.options),
        text.trim_end_matches('\n')
    ))
}

/// The name that something has while it is built beside the thing it will replace. A name that must be shortened gets
/// the hash of the whole, since several long names may begin alike and are built at the same time.
fn beside_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut suffix = "__new".to_owned();
    if name.len() + suffix.len() > MAX_IDENTIFIER_BYTES {
        suffix = format!("__{:08x}__new", fnv1a(name));
    }
    let mut number = 2;
    loop {
        let mut end = name.len().min(MAX_IDENTIFIER_BYTES - suffix.len());
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let beside = format!("{}{suffix}", &name[..end]);
        if !is_taken(&beside) {
            return beside;
        }
        suffix = format!("__{:08x}__new{number}", fnv1a(name));
        number += 1;
    }
}

/// The 32-bit hash FNV-1a: the same on every machine.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Whether a relation or an index of a schema has a name.
fn has_relation(catalog: &Catalog, schema: &str, name: &str) -> bool {
    let Some(schema) = catalog.schema_by_name(schema) else { return false };
    catalog.relation_by_name(schema, name).is_some()
        || catalog
            .relations
            .values()
            .any(|row| row.schema == schema && row.indexes.iter().any(|index| index.name == name))
}

fn own_indexes(relation: &Relation) -> impl Iterator<Item = &Index> {
    relation.indexes.iter().filter(|index| index.constraint.is_none())
}

/// The statement that makes an index under a name on a relation, whatever names it was written with.
fn index_statement(index: &Index, name: &str, relation: &QualifiedName) -> String {
    let retargeted = parser::statement_in(&index.canonical).and_then(|statement| {
        let NodeEnum::IndexStmt(mut statement) = statement else { return None };
        name.clone_into(&mut statement.idxname);
        statement.if_not_exists = false;
        statement.relation = Some(ast::RangeVar {
            schemaname: relation.schema.clone(),
            relname: relation.name.clone(),
            inh: true,
            relpersistence: "p".to_owned(),
            ..ast::RangeVar::default()
        });
        parser::canonical(&NodeEnum::IndexStmt(statement)).ok()
    });
    retargeted.unwrap_or_else(|| index.canonical.clone())
}

/// What an index uses, by name.
fn meaning(catalog: &Catalog, relation: &Relation, index: &str) -> BTreeSet<String> {
    let attached = catalog.attached.get(&relation.oid).into_iter().flatten();
    let of_index = attached.filter(|row| row.kind == AttachedKind::Index && row.name == index);
    of_index.flat_map(|row| said_in(row)).map(|used| dependency_name(catalog, *used)).collect()
}

fn drop_index(relation: &QualifiedName, index: &str) -> Statement {
    Statement::new(format!("DROP INDEX {}", QualifiedName::new(relation.schema.clone(), index)))
}

/// Whether an index is made by another statement, or by the same which means something else now.
pub(crate) fn is_changed_index(old: &Catalog, new: &Catalog, index: &ObjectId) -> bool {
    let ObjectId::Index(index, relation) = index else { return false };
    let made = |catalog: &Catalog| {
        let of = catalog.relation_named(relation)?;
        let row = of.indexes.iter().find(|row| row.name == index.name)?;
        let meaning = of.view.as_ref().map(|_| meaning(catalog, of, &row.name));
        Some((index_statement(row, &row.name, relation), meaning))
    };
    made(old) != made(new)
}

fn option_changes(name: &QualifiedName, old: &Relation, new: &Relation, difference: &mut Difference) {
    let set: Vec<_> = new.options.iter().filter(|option| !old.options.contains(option)).collect();
    let reset: Vec<_> =
        old.options.iter().filter(|(key, _)| !new.options.iter().any(|(kept, _)| kept == key)).collect();
    if !reset.is_empty() {
        let keys: Vec<_> = reset.iter().map(|(key, _)| option_name(key)).collect();
        difference
            .take_away
            .push(Statement::new(format!("ALTER MATERIALIZED VIEW {name} RESET ({})", keys.join(", "))));
        difference.details.push(format!("storage parameters {} removed", keys.join(", ")));
    }
    if !set.is_empty() {
        let list = options_list(set.iter().copied());
        difference.alter.push(Statement::new(format!("ALTER MATERIALIZED VIEW {name} SET ({list})")));
        difference.details.push(format!("storage parameters {list}"));
    }
}

fn index_changes(
    name: &QualifiedName,
    (old_state, old): (&Catalog, &Relation),
    (new_state, new): (&Catalog, &Relation),
    difference: &mut Difference,
) {
    let by_name = |catalog: &Catalog, relation: &Relation| -> Made {
        let made = |index: &Index| (index_statement(index, &index.name, name), meaning(catalog, relation, &index.name));
        own_indexes(relation).map(|index| (index.name.clone(), made(index))).collect()
    };
    let (mut before, after) = (by_name(old_state, old), by_name(new_state, new));
    for (was, is) in renamed_indexes(name, (old_state, old), new_state, (&before, &after)) {
        if let Some(made) = after.get(&is) {
            before.remove(&was);
            before.insert(is.clone(), made.clone());
        }
        let index = QualifiedName::new(name.schema.clone(), was.clone());
        difference.take_away.push(Statement::new(format!("ALTER INDEX {index} RENAME TO {}", quote_ident(&is))));
        difference.details.push(format!("index `{was}` renamed to `{is}`"));
    }
    for index in before.keys().filter(|index| !after.contains_key(*index)) {
        difference.take_away.push(drop_index(name, index));
        difference.details.push(format!("index `{index}` removed"));
    }
    for (index, statement) in &after {
        if before.get(index) != Some(statement) {
            let there = before.get(index);
            // It is there before and after: what hangs on it is kept over a recreation.
            if there.is_some() {
                difference.alter.push(drop_index(name, index));
                let index = QualifiedName::new(name.schema.clone(), index.clone());
                difference.remade.push(ObjectId::Index(index, name.clone()));
            }
            difference.alter.push(Statement::new(statement.0.clone()));
            difference.details.push(match there {
                Some(there) if there.0 == statement.0 => {
                    format!("the text of index `{index}` is the same, but its names mean something else now")
                }
                Some(_) => format!("index `{index}` changed"),
                None => format!("index `{index}` added"),
            });
            difference.hazards.push(Hazard::new(
                HazardKind::ExclusiveLock,
                format!("`{name}` cannot be refreshed while index `{index}` is built"),
            ));
        }
    }
}

/// How the indexes of a materialized view are made, and what they use, by name.
type Made = BTreeMap<String, (String, BTreeSet<String>)>;

/// Indexes of columns that are the same under another name, which nothing has yet: they need not be built again.
fn renamed_indexes(
    name: &QualifiedName,
    (state, relation): (&Catalog, &Relation),
    new_state: &Catalog,
    (before, after): (&Made, &Made),
) -> Vec<(String, String)> {
    let attached = state.attached.get(&relation.oid).into_iter().flatten();
    let called: BTreeSet<&str> = attached
        .filter(|row| row.kind == AttachedKind::Index)
        .filter(|row| said_in(row).next().is_some())
        .map(|row| row.name.as_str())
        .collect();
    let mut gone: Vec<&Index> = own_indexes(relation)
        .filter(|index| !after.contains_key(&index.name) && !called.contains(index.name.as_str()))
        .collect();
    let mut renamed = Vec::new();
    for (new, made) in after.iter().filter(|(new, _)| !before.contains_key(*new)) {
        let is_it = |index: &Index| index_statement(index, new, name) == made.0;
        let has_comment = |catalog: &Catalog, index: &str| {
            let index = QualifiedName::new(name.schema.clone(), index);
            catalog.attachments.comments.contains_key(&ObjectId::Index(index, name.clone()))
        };
        // A comment that goes would go with the index.
        let keeps_comment = |index: &Index| has_comment(new_state, new) || !has_comment(state, &index.name);
        let free = !has_relation(state, &name.schema, new);
        if let Some(at) = gone.iter().position(|index| is_it(index) && keeps_comment(index)).filter(|_| free) {
            renamed.push((gone.remove(at).name.clone(), new.clone()));
        }
    }
    renamed
}
