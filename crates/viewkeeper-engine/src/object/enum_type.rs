//! Enums: values are added in place; anything else makes the type anew beside the old one, to which the columns of tables
//! are changed over.

use super::stored_column::{Retyped, retype};
use super::type_text::{self, Made};
use super::{Body, Difference, Remake, Statement};
use crate::catalog::{Catalog, ObjectId};
use crate::hazard::{Hazard, HazardKind};
use crate::name::{QualifiedName, quote_ident, quote_literal, with_suffix};

pub(super) fn compare(before: &Made<'_>, after: &Made<'_>) -> Difference {
    let mut difference = Difference::none();
    let (old, new) = (&before.row.labels, &after.row.labels);
    if old == new {
        return difference;
    }
    let shown = |labels: Vec<&String>| {
        let labels: Vec<String> = labels.into_iter().map(|label| format!("`{label}`")).collect();
        (if labels.len() == 1 { "value" } else { "values" }, labels.join(", "))
    };
    let name = after.name;
    let added: Vec<&String> = new.iter().filter(|label| !old.contains(label)).collect();
    let removed: Vec<&String> = old.iter().filter(|label| !new.contains(label)).collect();
    if !added.is_empty() {
        let (word, labels) = shown(added);
        difference.details.push(format!("{word} {labels} added"));
    }
    if removed.is_empty() && stays_in_order(old, new) {
        difference.alter = additions(before, after);
        return difference;
    }
    difference.body = Body::Recreate;
    if removed.is_empty() {
        difference.details.push("its values are in another order".to_owned());
        difference
            .hazards
            .push(Hazard::new(HazardKind::BreaksCode, format!("the values of `{name}` sort in another order")));
    } else {
        let (word, labels) = shown(removed);
        difference.details.insert(0, format!("{word} {labels} removed"));
        difference.hazards.push(Hazard::new(
            HazardKind::BreaksCode,
            format!("`{name}` loses {word} {labels}: where a row holds one, the migration fails and changes nothing"),
        ));
    }
    difference
}

/// Whether the old values that are left follow each other as before.
fn stays_in_order(old: &[String], new: &[String]) -> bool {
    new.iter().filter(|label| old.contains(label)).eq(old.iter().filter(|label| new.contains(label)))
}

/// The statements that add the new values where they belong.
fn additions(before: &Made<'_>, after: &Made<'_>) -> Vec<Statement> {
    let (old, new) = (&before.row.labels, &after.row.labels);
    let literal = |label: &String| quote_literal(label).trim_start().to_owned();
    let mut there = old.clone();
    let mut statements = Vec::new();
    for (at, label) in new.iter().enumerate().filter(|(_, label)| !old.contains(label)) {
        let place = match (at.checked_sub(1).and_then(|at| new.get(at)), there.last()) {
            (None, None) => String::new(),
            (None, _) => there.first().map_or(String::new(), |first| format!(" BEFORE {}", literal(first))),
            (Some(previous), Some(last)) if previous == last => String::new(),
            (Some(previous), _) => format!(" AFTER {}", literal(previous)),
        };
        // Where somebody added it by hand before it was declared, nothing could take it away for the migration.
        let value = literal(label);
        statements.push(Statement::new(format!("ALTER TYPE {} ADD VALUE IF NOT EXISTS {value}{place}", after.name)));
        there.insert(at, label.clone());
    }
    statements
}

/// The values that a type has in the new state only, where both are enums.
pub(crate) fn added_labels(old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<String> {
    match (type_text::made(old, id), type_text::made(new, id)) {
        (Some(before), Some(after)) => {
            after.row.labels.iter().filter(|label| !before.row.labels.contains(label)).cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// `CREATE TYPE … AS ENUM (…)`.
pub(super) fn create(made: &Made<'_>) -> String {
    let labels: Vec<String> =
        made.row.labels.iter().map(|label| quote_literal(label).trim_start().to_owned()).collect();
    format!("CREATE TYPE {} AS ENUM ({})", made.name, labels.join(", "))
}

/// With columns of tables, the old type makes room under another name until they are changed over.
pub(super) fn remake(before: &Made<'_>, after: &Made<'_>) -> Option<Remake> {
    let changed_over = retype(after.catalog, &Retyped { oid: after.row.oid, name: after.name });
    if changed_over.is_empty() {
        return None;
    }
    let aside = name_aside(before, after);
    let end = Statement::new(format!("ALTER TYPE {} RENAME TO {}", before.name, quote_ident(&aside.name)));
    let mut make: Vec<Statement> = type_text::create(after).map(Statement::new).into_iter().collect();
    make.extend(changed_over);
    make.push(Statement::new(format!("DROP TYPE {aside}")));
    Some(Remake { end: vec![end], make })
}

/// A name for the old type that nothing else has.
fn name_aside(before: &Made<'_>, after: &Made<'_>) -> QualifiedName {
    let taken = |name: &str| {
        [before.catalog, after.catalog].into_iter().any(|catalog| {
            let schema = catalog.schema_by_name(&before.name.schema);
            schema.is_some_and(|schema| catalog.type_by_name(schema, name).is_some())
        })
    };
    let mut number = 1;
    loop {
        let suffix = if number == 1 { "__old".to_owned() } else { format!("__old{number}") };
        let name = with_suffix(&before.name.name, &suffix);
        if !taken(&name) {
            return QualifiedName::new(before.name.schema.clone(), name);
        }
        number += 1;
    }
}
