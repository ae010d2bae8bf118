//! What stands on a type and is not recreated with it: columns of tables, and the expressions, operators and casts that
//! use it.

use std::collections::BTreeSet;

use super::{User, users_in_parts};
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Catalog, ObjectId, Oid, RelationKind, TypeKind};
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::diff::ChangeKind;
use crate::name::quote_ident;
use crate::object::{StoredColumn, is_changed_in_place, is_retyped, stored_columns};

const CHANGE_COLUMN: &str = "give the column another type in a migration of your own before this change";

pub(super) fn users((old, new): (&Catalog, &Catalog), id: &ObjectId, change: ChangeKind, found: &mut BTreeSet<User>) {
    let ObjectId::Type(name) = id else { return };
    let schema = old.schema_by_name(&name.schema);
    let Some(row) = schema.and_then(|schema| old.type_by_name(schema, &name.name)) else { return };
    let multirange = row.range.map(|range| range.multirange).unwrap_or_default();
    let own: BTreeSet<Oid> =
        [row.oid, row.array, multirange, old.array_type(multirange)].into_iter().filter(|oid| oid.is_valid()).collect();
    let recreated = change == ChangeKind::Recreate;
    let retyped = recreated && is_retyped(old, new, id);
    let in_place = recreated && is_changed_in_place(old, new, id);
    let columns: Vec<StoredColumn> =
        [row.oid, multirange].into_iter().filter(|_| !in_place).flat_map(|oid| stored_columns(old, oid)).collect();
    for column in &columns {
        let why = if retyped { column.obstacle(old) } else { Some("change over what its rows hold") };
        let Some(why) = why else { continue };
        let text = format!("column `{}` of table {}", column.name, column.table);
        found.insert(User { text, how: "is of it", why, help: Some(CHANGE_COLUMN), part: None, table_part: None });
    }
    for table in old.typed_tables.iter().filter(|(_, of)| own.contains(of)).map(|(table, _)| *table) {
        let Some(table) = old.relation_name(table) else { continue };
        let text = format!("table {table}");
        found.insert(User {
            text,
            how: "is made of it",
            why: "make a typed table anew",
            help: None,
            part: None,
            table_part: None,
        });
    }
    if in_place {
        return;
    }
    let constructors: BTreeSet<Oid> = old
        .routines
        .values()
        .filter(|routine| routine.source.is_none() && own.contains(&routine.result))
        .map(|routine| routine.oid)
        .collect();
    let uses = |dependency: &Dependency| match *dependency {
        Dependency::Type(oid) => own.contains(&oid),
        Dependency::Routine(oid) => constructors.contains(&oid),
        // An attribute of a composite type.
        Dependency::Relation(oid) | Dependency::Column(oid, _) => row.relation == oid && oid.is_valid(),
        _ => false,
    };
    users_in_parts(old, row.oid, uses, found);
    for operator in old.operators.values() {
        let operands = [operator.left, operator.right, operator.result];
        if operands.iter().any(|oid| own.contains(oid)) {
            let schema = old.schema_name(operator.schema).unwrap_or_default();
            let text = format!("operator `{}.{}`", quote_ident(schema), operator.name);
            found.insert(User {
                text,
                how: "is made for it",
                why: "restore operators yet",
                help: None,
                part: None,
                table_part: None,
            });
        }
    }
    for cast in old.casts.values().filter(|cast| own.contains(&cast.source) || own.contains(&cast.target)) {
        // That of a range to its multirange comes with the range.
        if !constructors.contains(&cast.function) {
            let (source, target) = (old.signature_type(cast.source), old.signature_type(cast.target));
            let text = format!("the cast from `{source}` to `{target}`");
            found.insert(User {
                text,
                how: "is made for it",
                why: "restore casts yet",
                help: None,
                part: None,
                table_part: None,
            });
        }
    }
}

/// Where a domain gets a constraint, PostgreSQL looks at the values of plain columns, and refuses when it would have to look
/// into others (`get_rels_with_domain` in typecmds.c).
pub(super) fn unchecked_values(old: &Catalog, new: &Catalog, id: &ObjectId) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let ObjectId::Type(name) = id else { return problems };
    let oid = |catalog: &Catalog| Some(catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?.oid);
    let (Some(before), Some(after)) = (oid(old), oid(new)) else { return problems };
    if !adds_constraint((old, before), (new, after)) {
        return problems;
    }
    // The domain with those over it, and what holds values of them.
    let (mut plain, mut within) = (BTreeSet::from([before]), BTreeSet::new());
    loop {
        let size = (plain.len(), within.len());
        for row in old.types.values() {
            let holds = |oid: &Oid| plain.contains(oid) || within.contains(oid);
            let attributes = old.relations.get(&row.relation).filter(|of| of.kind == RelationKind::CompositeType);
            let mut attributes = attributes.into_iter().flat_map(|of| of.live_columns());
            if row.kind == TypeKind::Domain && plain.contains(&row.base) {
                plain.insert(row.oid);
            } else if holds(&row.element)
                || holds(&row.base)
                || row.range.is_some_and(|range| holds(&range.subtype))
                || attributes.any(|(_, column)| holds(&column.type_))
            {
                within.insert(row.oid);
            }
        }
        if size == (plain.len(), within.len()) {
            break;
        }
    }
    for column in within.iter().flat_map(|oid| stored_columns(old, *oid)) {
        let text = format!("column `{}` of table {}", column.name, column.table);
        problems.push(
            Diagnostic::error(format!("{id} gets a constraint, but {text} holds its values inside of others"))
                .code(SqlState::FEATURE_NOT_SUPPORTED)
                .note(
                    "PostgreSQL tries a new constraint on the values of plain columns, and refuses to look into others",
                )
                .help("add the constraint in a migration of your own, with NOT VALID"),
        );
    }
    problems
}

fn adds_constraint((old, before): (&Catalog, Oid), (new, after): (&Catalog, Oid)) -> bool {
    let checks = |catalog: &Catalog, oid: Oid| -> BTreeSet<String> {
        let rows = catalog.attached.get(&oid).into_iter().flatten();
        rows.filter(|row| row.kind == AttachedKind::Check).map(|row| row.canonical.clone()).collect()
    };
    let not_null = |catalog: &Catalog, oid: Oid| catalog.types.get(&oid).is_some_and(|row| row.not_null);
    let is_domain = |row: &crate::catalog::Type| row.kind == TypeKind::Domain;
    old.type_(before).is_some_and(is_domain)
        && (!checks(new, after).is_subset(&checks(old, before)) || (not_null(new, after) && !not_null(old, before)))
}
