//! Ranges: PostgreSQL changes nothing of a range in place. Its multirange and constructors come and go with it.

use std::collections::BTreeSet;

use super::query_change::dependency_name;
use super::type_text::Made;
use super::{Body, Difference};
use crate::hazard::{Hazard, HazardKind};

pub(super) fn compare(before: &Made<'_>, after: &Made<'_>) -> Difference {
    let mut difference = Difference::none();
    let (old, new) = (meaning(before), meaning(after));
    if old == new {
        return difference;
    }
    difference.body = Body::Recreate;
    let detail = match (&old.1, &new.1) {
        (was, is) if was != is => format!("it ranges over `{is}`, and no longer over `{was}`"),
        _ => "its declaration changed".to_owned(),
    };
    difference.hazards.push(Hazard::new(HazardKind::BreaksCode, format!("`{}`: {detail}", after.name)));
    difference.details.push(detail);
    difference
}

/// What makes two ranges the same: the canonical text, what it ranges over, and what its names mean.
fn meaning<'m>(made: &Made<'m>) -> (&'m str, String, String, BTreeSet<String>) {
    let catalog = made.catalog;
    let range = made.row.range;
    let subtype = range.map(|range| catalog.qualified_type(range.subtype, -1)).unwrap_or_default();
    let collation = range.and_then(|range| catalog.collation(range.collation));
    let collation = collation.map(|row| format!("{}.{}", catalog.schema_name(row.schema).unwrap_or("?"), row.name));
    let functions = made.source.dependencies.iter().map(|used| dependency_name(catalog, *used)).collect();
    (&made.source.canonical, subtype, collation.unwrap_or_default(), functions)
}
