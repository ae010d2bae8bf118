//! What hangs on an object that must be dropped, and that no migration can put back: refused by name before a file is
//! written, with a reason and a way out. The server would refuse the drop.

mod types;

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Catalog, ColumnSource, NameKey, ObjectId, Oid, Relation};
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::diff::{Change, ChangeKind};
use crate::name::quote_ident;
use crate::object::{kind_of, relation_name};
use crate::plan::{TablePart, TableParts};

/// Finds everything that stands in the way of the changes.
pub(crate) fn check(
    old: &Catalog,
    new: &Catalog,
    changes: &BTreeMap<ObjectId, Change>,
    table_parts: &TableParts,
) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    let tables: Vec<&Relation> = old.relations.values().map(AsRef::as_ref).filter(|row| row.view.is_none()).collect();
    for change in changes.values() {
        let (verb, ends) = match change.kind {
            ChangeKind::Recreate => ("must be recreated", true),
            ChangeKind::Drop => ("is no longer declared", true),
            _ => ("", false),
        };
        if !ends {
            continue;
        }
        let id = &change.id;
        let mut found = users(old, &tables, id);
        types::users((old, new), id, change.kind, &mut found);
        for user in found {
            // What is taken off before is put back after.
            let recreated = change.kind == ChangeKind::Recreate;
            if recreated && user.table_part.as_ref().is_some_and(|part| table_parts.holds(part)) {
                continue;
            }
            let obstacle = user.table_part.as_ref().filter(|_| recreated).and_then(|part| table_parts.obstacle(part));
            let why = obstacle.map_or(user.why, AsRef::as_ref);
            // What goes or comes back itself is no obstacle.
            let other = user.part.as_ref().and_then(|part| changes.get(part));
            if other.is_some_and(|other| match other.kind {
                ChangeKind::Drop | ChangeKind::Recreate => true,
                // A domain that is changed in place lets go of it: else it would be recreated.
                ChangeKind::Replace => matches!(other.id, ObjectId::Type(_)),
                ChangeKind::Create | ChangeKind::Alter | ChangeKind::Rename => false,
            }) {
                continue;
            }
            problems.push(
                Diagnostic::error(format!("{id} {verb}, but {} {}", user.text, user.how))
                    .code(SqlState::DEPENDENT_OBJECTS)
                    .note(format!("PostgreSQL refuses to drop it, and viewkeeper cannot {why}"))
                    .help(user.help.map_or_else(
                        || {
                            format!(
                                "drop {} in a migration of your own before this change, and make it again after it",
                                user.text
                            )
                        },
                        str::to_owned,
                    )),
            );
        }
    }
    for change in changes.values() {
        if matches!(change.kind, ChangeKind::Replace | ChangeKind::Alter) {
            problems.extend(types::unchecked_values(old, new, &change.id));
        }
    }
    // A hand-written object stays as it is: what it uses must stay too.
    for change in changes.values() {
        let gone = change
            .because_of
            .as_ref()
            .filter(|base| changes.get(base).is_some_and(|base| base.kind == ChangeKind::Drop) && !is_there(new, base))
            // What belongs to a relation goes with it.
            .filter(|_| change.kind != ChangeKind::Drop);
        if let Some(gone) = gone {
            let reader = &change.id;
            let verb = if relation_name(gone).is_some() { "reads" } else { "uses" };
            problems.push(
                Diagnostic::error(format!("{gone} is no longer declared, but {reader} {verb} it"))
                    .code(SqlState::DEPENDENT_OBJECTS)
                    .note(format!("{reader} was made by a hand-written migration, and no definition declares it"))
                    .help(format!("declare {gone} again, or drop {reader} in a migration of your own first")),
            );
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(()) }
}

/// Whether a state has something under the object's name.
fn is_there(catalog: &Catalog, id: &ObjectId) -> bool {
    match id.name_key() {
        // A relation's rows are a type of its name.
        NameKey::Relation(name) => {
            let schema = catalog.schema_by_name(&name.schema);
            schema.is_some_and(|schema| catalog.type_by_name(schema, &name.name).is_some())
        }
        key => kind_of(id).is_some_and(|kind| kind.objects(catalog).iter().any(|other| other.name_key() == key)),
    }
}

/// Something that uses an object and is not of a kind that is recreated.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct User {
    /// For messages.
    text: String,
    how: &'static str,
    why: &'static str,
    /// What to do, where dropping it and making it again is not the way.
    help: Option<&'static str>,
    /// The object that it is, where it may go or come back by itself.
    part: Option<ObjectId>,
    /// The part of a table that it is.
    table_part: Option<TablePart>,
}

fn users(catalog: &Catalog, tables: &[&Relation], id: &ObjectId) -> BTreeSet<User> {
    let mut found = BTreeSet::new();
    if let Some(relation) = relation_name(id).and_then(|name| catalog.relation_named(name)) {
        users_of_type(catalog, tables, relation.row_type, &mut found);
        let is_it = |dependency: &Dependency| matches!(*dependency, Dependency::Relation(oid) | Dependency::Column(oid, _) if oid == relation.oid);
        users_in_parts(catalog, relation.oid, is_it, &mut found);
    }
    if let Some(routine) = catalog.routine_by_id(id) {
        let oid = routine.oid;
        users_in_parts(catalog, Oid::INVALID, |dependency| *dependency == Dependency::Routine(oid), &mut found);
        for operator in catalog.operators.values().filter(|operator| operator.function == oid) {
            let schema = catalog.schema_name(operator.schema).unwrap_or_default();
            let text = format!("operator `{}.{}`", quote_ident(schema), operator.name);
            found.insert(User {
                text,
                how: "is made of it",
                why: "restore operators yet",
                help: None,
                part: None,
                table_part: None,
            });
        }
        for cast in catalog.casts.values().filter(|cast| cast.function == oid) {
            let (source, target) = (catalog.signature_type(cast.source), catalog.signature_type(cast.target));
            let text = format!("the cast from `{source}` to `{target}`");
            found.insert(User {
                text,
                how: "is made of it",
                why: "restore casts yet",
                help: None,
                part: None,
                table_part: None,
            });
        }
    }
    found
}

/// Columns of tables and of composite types.
fn users_of_type(catalog: &Catalog, tables: &[&Relation], row_type: Oid, found: &mut BTreeSet<User>) {
    let array = catalog.types.get(&row_type).map(|type_| type_.array);
    let is_row = |type_: Oid| type_.is_valid() && (type_ == row_type || Some(type_) == array);
    for relation in tables {
        if relation.live_columns().any(|(_, column)| is_row(column.type_)) {
            let Some(part) = crate::graph::relation_id(catalog, relation.oid) else { continue };
            let text = format!("table `{}`", relation.name);
            let why = "restore what uses a row type yet";
            found.insert(User { text, how: "uses its row type", why, help: None, part: Some(part), table_part: None });
        }
    }
}

/// Defaults, checks and indexes; those of the relation itself are kept with it.
fn users_in_parts(catalog: &Catalog, of_itself: Oid, is_it: impl Fn(&Dependency) -> bool, found: &mut BTreeSet<User>) {
    for (owner, rows) in catalog.attached.iter().filter(|(owner, _)| **owner != of_itself) {
        let relation = catalog.relations.get(owner);
        // Views and materialized views are recreated with what hangs on them.
        if relation.is_some_and(|row| row.view.is_some()) {
            continue;
        }
        let on = crate::graph::relation_id(catalog, *owner).or_else(|| crate::graph::type_id(catalog, *owner));
        let Some(on) = on else { continue };
        // Triggers, rules and policies are objects of their own, and recreated.
        for row in rows.iter().filter(|row| row.source.is_none() && row.dependencies.iter().any(&is_it)) {
            let name = quote_ident(&row.name);
            let column = match row.kind {
                AttachedKind::Default(number) => relation.and_then(|row| row.attribute(number)),
                _ => None,
            };
            let generated = column.is_some_and(|column| {
                matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual)
            });
            let (text, why) = match row.kind {
                AttachedKind::Default(_) => {
                    let column = column.map_or("?", |column| &column.name);
                    if generated {
                        (
                            format!("generated column `{column}` of {on}"),
                            "restore a generated column without rewriting its table",
                        )
                    } else {
                        (format!("the default of column `{column}` of {on}"), "restore defaults yet")
                    }
                }
                AttachedKind::Check => (format!("constraint `{name}` on {on}"), "restore constraints yet"),
                AttachedKind::Index => {
                    (format!("index `{name}` on {on}"), "restore an index of a table without building it anew")
                }
                AttachedKind::Trigger | AttachedKind::Rule | AttachedKind::Policy => continue,
            };
            // What belongs to a domain comes back with it.
            let part = relation.is_none().then(|| on.clone());
            let table_part = relation.map(|table| TablePart::of(table.oid, row));
            found.insert(User { text, how: "uses it", why, help: None, part, table_part });
        }
    }
}
