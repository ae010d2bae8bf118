//! Composite types: attributes are added at the end in place. Where no table stores values of it, any other change makes the
//! type anew; where one does, the last attributes can still be dropped in place, and all else is refused.

use super::stored_column::stored_columns;
use super::type_text::{Made, made};
use super::{Body, Difference, Remake, Statement};
use crate::catalog::{Catalog, Column, ObjectId, TypeKind};
use crate::hazard::{Hazard, HazardKind};
use crate::name::{QualifiedName, quote_ident};

/// An attribute as two states can compare it.
#[derive(PartialEq, Eq, Clone)]
struct Attribute {
    name: String,
    /// With its collation, where that is not the type's own.
    type_: String,
}

fn attributes(made: &Made<'_>) -> Vec<Attribute> {
    let catalog = made.catalog;
    let type_text = |column: &Column| {
        let type_ = catalog.qualified_type(column.type_, column.typmod);
        let own = column.collation == catalog.type_collation(column.type_);
        match catalog.collation(column.collation).filter(|_| !own) {
            Some(row) => {
                let schema = catalog.schema_name(row.schema).unwrap_or_default();
                format!("{type_} COLLATE {}", QualifiedName::new(schema, &*row.name))
            }
            None => type_,
        }
    };
    let row = catalog.relations.get(&made.row.relation);
    let columns = row.into_iter().flat_map(|row| row.live_columns());
    columns.map(|(_, column)| Attribute { name: column.name.clone(), type_: type_text(column) }).collect()
}

fn adding(attribute: &Attribute) -> String {
    format!("ADD ATTRIBUTE {} {}", quote_ident(&attribute.name), attribute.type_)
}

pub(super) fn compare(before: &Made<'_>, after: &Made<'_>) -> Difference {
    let mut difference = Difference::none();
    let (old, new) = (attributes(before), attributes(after));
    if old == new {
        return difference;
    }
    let name = after.name;
    let mut breaks = |detail: &str| {
        difference.hazards.push(Hazard::new(HazardKind::BreaksCode, format!("`{name}`: {detail}")));
    };
    for attribute in &old {
        let detail = match new.iter().find(|other| other.name == attribute.name) {
            None => format!("attribute `{}` removed", attribute.name),
            Some(other) if other.type_ != attribute.type_ => {
                format!("attribute `{}` is `{}`, and no longer `{}`", attribute.name, other.type_, attribute.type_)
            }
            Some(_) => continue,
        };
        breaks(&detail);
        difference.details.push(detail);
    }
    for attribute in new.iter().filter(|one| !old.iter().any(|other| other.name == one.name)) {
        difference.details.push(format!("attribute `{}` added", attribute.name));
    }
    let typed_tables = after.catalog.typed_tables.values().any(|of| *of == after.row.oid);
    if let Some(added) = new.strip_prefix(old.as_slice()).filter(|_| !typed_tables) {
        let added: Vec<String> = added.iter().map(adding).collect();
        difference.alter.push(Statement::new(format!("ALTER TYPE {name} {}", added.join(", "))));
        return difference;
    }
    if difference.details.is_empty() {
        difference.details.push("its attributes are in another order".to_owned());
        breaks("its attributes are in another order");
    }
    difference.body = Body::Recreate;
    if let Some((dropped, _)) = changed_at_the_end(before, after) {
        for column in stored_columns(after.catalog, after.row.oid) {
            let names: Vec<String> = dropped.iter().map(|attribute| format!("`{}`", attribute.name)).collect();
            let sentence = format!(
                "what column `{}` of `{}` holds in {} is gone, and the rollback brings back nulls",
                column.name,
                column.table,
                names.join(", ")
            );
            difference.hazards.push(Hazard::new(HazardKind::LosesData, sentence));
        }
    }
    difference
}

/// The attributes that go from the end and those that come there, where the others stay as they are and tables store values.
fn changed_at_the_end(before: &Made<'_>, after: &Made<'_>) -> Option<(Vec<Attribute>, Vec<Attribute>)> {
    if before.row.kind != TypeKind::Composite || after.row.kind != TypeKind::Composite {
        return None;
    }
    if stored_columns(after.catalog, after.row.oid).is_empty() {
        return None;
    }
    let (old, new) = (attributes(before), attributes(after));
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (gone, come) = (old.get(same..)?, new.get(same..)?);
    // An attribute that changes its type or its place would be emptied.
    if gone.is_empty() && come.is_empty() {
        return None;
    }
    let moved = gone.iter().any(|one| come.iter().any(|other| other.name == one.name));
    (!moved).then(|| (gone.to_vec(), come.to_vec()))
}

/// Whether values that tables store can stay where they are when the type changes.
pub(crate) fn is_changed_in_place(old: &Catalog, new: &Catalog, id: &ObjectId) -> bool {
    match (made(old, id), made(new, id)) {
        (Some(before), Some(after)) => changed_at_the_end(&before, &after).is_some(),
        _ => false,
    }
}

/// With values in tables the type stays, and is changed while nothing else uses it.
pub(super) fn remake(before: &Made<'_>, after: &Made<'_>) -> Option<Remake> {
    let (gone, come) = changed_at_the_end(before, after)?;
    let dropped = gone.iter().map(|attribute| format!("DROP ATTRIBUTE {}", quote_ident(&attribute.name)));
    let changes: Vec<String> = dropped.chain(come.iter().map(adding)).collect();
    let change = Statement::new(format!("ALTER TYPE {} {}", after.name, changes.join(", ")));
    Some(Remake { end: Vec::new(), make: vec![change] })
}

/// `CREATE TYPE … AS (…)`, as it is now.
pub(super) fn create(made: &Made<'_>) -> Option<String> {
    let attributes: Vec<String> =
        attributes(made).iter().map(|one| format!("{} {}", quote_ident(&one.name), one.type_)).collect();
    Some(format!("CREATE TYPE {} AS ({})", made.name, attributes.join(", ")))
}
