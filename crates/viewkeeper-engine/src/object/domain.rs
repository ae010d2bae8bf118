//! Domains: default, NOT NULL and checks are changed in place by `ALTER DOMAIN`; another base type or collation makes the
//! domain anew.

use std::collections::{BTreeMap, BTreeSet};

use super::query_change::dependency_name;
use super::stored_column::stored_columns;
use super::type_text::Made;
use super::{Body, Difference, Statement};
use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind};
use crate::hazard::{Hazard, HazardKind};
use crate::keep::said_of_constraints;
use crate::name::{QualifiedName, quote_ident};

/// An expression: its canonical text, and what its names mean.
type Expression<'m> = (&'m str, BTreeSet<String>);

/// What makes two domains the same.
struct Shape<'m> {
    base: String,
    collation: Option<String>,
    not_null: bool,
    default: Option<Expression<'m>>,
    checks: BTreeMap<&'m str, Expression<'m>>,
}

impl<'m> Shape<'m> {
    fn of(made: &Made<'m>) -> Self {
        let (catalog, row) = (made.catalog, made.row);
        let attached = || catalog.attached.get(&row.oid).into_iter().flatten();
        let expression = |part: &'m Attached| -> Expression<'m> {
            // What is set for a domain is cast to its base, what is taken over from the base is not.
            let used = part.dependencies.iter().filter(|used| **used != Dependency::Type(row.base));
            (&part.canonical, used.map(|used| dependency_name(catalog, *used)).collect())
        };
        let is_own = |part: &&std::sync::Arc<Attached>| part.kind == AttachedKind::Check;
        let collation = catalog.collation(row.collation).filter(|_| row.collation != catalog.type_collation(row.base));
        let schema = |oid| catalog.schema_name(oid).unwrap_or_default();
        Self {
            base: catalog.qualified_type(row.base, row.base_typmod),
            collation: collation.map(|row| QualifiedName::new(schema(row.schema), &*row.name).to_string()),
            not_null: row.not_null,
            default: catalog.default_of(row.oid, 0).map(expression),
            checks: attached().filter(is_own).map(|part| (part.name.as_str(), expression(part))).collect(),
        }
    }
}

/// How the checks of two states differ.
#[derive(Default)]
struct Checks<'m> {
    gone: Vec<&'m str>,
    renamed: Vec<(&'m str, &'m str)>,
    added: Vec<(&'m str, &'m str)>,
}

impl<'m> Checks<'m> {
    fn between(old: &Shape<'m>, new: &Shape<'m>) -> Self {
        let mut found = Self::default();
        let mut coming: BTreeMap<&str, &Expression<'m>> = new
            .checks
            .iter()
            .filter(|(name, _)| !old.checks.contains_key(*name))
            .map(|(name, one)| (*name, one))
            .collect();
        for (name, expression) in &old.checks {
            match new.checks.get(name) {
                Some(same) if same == expression => {}
                Some(other) => {
                    found.gone.push(name);
                    found.added.push((name, other.0));
                }
                None => {
                    let same = coming.iter().find(|(_, other)| **other == expression).map(|(name, _)| *name);
                    match same {
                        Some(new_name) => {
                            coming.remove(new_name);
                            found.renamed.push((name, new_name));
                        }
                        None => found.gone.push(name),
                    }
                }
            }
        }
        found.added.extend(coming.into_iter().map(|(name, expression)| (name, expression.0)));
        found
    }
}

pub(super) fn compare(before: &Made<'_>, after: &Made<'_>) -> Difference {
    let mut difference = Difference::none();
    let (old, new) = (Shape::of(before), Shape::of(after));
    let name = after.name;
    let details = &mut difference.details;
    let mut breaks = |sentence: String| difference.hazards.push(Hazard::new(HazardKind::BreaksCode, sentence));
    if (&old.base, &old.collation) != (&new.base, &new.collation) {
        let detail = if old.base == new.base {
            "its collation changed".to_owned()
        } else {
            format!("its base type is `{}`, and no longer `{}`", new.base, old.base)
        };
        breaks(format!("`{name}`: {detail}"));
        details.push(detail);
        difference.body = Body::Recreate;
        difference.take_away = taken_away(name, &old, &new);
        return difference;
    }
    let checks = Checks::between(&old, &new);
    let statements = statements(before, after);
    if statements.is_empty() {
        return difference;
    }
    let mut tried = Vec::new();
    for check in &checks.gone {
        match checks.added.iter().any(|(added, _)| added == check) {
            true => details.push(format!("constraint `{check}` changed")),
            false => details.push(format!("constraint `{check}` removed")),
        }
    }
    details.extend(checks.renamed.iter().map(|(old, new)| format!("constraint `{old}` renamed to `{new}`")));
    for (check, _) in &checks.added {
        if !checks.gone.contains(check) {
            details.push(format!("constraint `{check}` added"));
        }
        tried.push(format!("constraint `{check}`"));
    }
    if old.default != new.default {
        details.push(if new.default.is_some() { "its default changed" } else { "its default is gone" }.to_owned());
    }
    match (old.not_null, new.not_null) {
        (false, true) => {
            details.push("nulls are refused now".to_owned());
            tried.push("NOT NULL".to_owned());
        }
        (true, false) => {
            details.push("nulls are allowed now".to_owned());
            breaks(format!("`{name}` allows nulls: code that reads its columns as never null may meet one"));
        }
        _ => {}
    }
    if !tried.is_empty() {
        let tried = tried.join(" and ");
        breaks(format!(
            "`{name}` refuses values against {tried}: where a row holds one, the migration fails and changes nothing"
        ));
        let tables: BTreeSet<QualifiedName> =
            stored_columns(after.catalog, after.row.oid).into_iter().map(|column| column.table).collect();
        for table in tables {
            difference.hazards.push(Hazard::new(
                HazardKind::ExclusiveLock,
                format!("writers of `{table}` wait while all its rows are read, until the migration commits"),
            ));
        }
    }
    // Text that names other objects has its place in the order; the rest has none.
    difference.take_away = taken_away(name, &old, &new);
    if old.default == new.default && checks.gone.is_empty() && checks.added.is_empty() {
        difference.alter = statements;
        difference.alter.retain(|statement| !difference.take_away.contains(statement));
    } else {
        difference.body = Body::Replace;
    }
    difference
}

/// What goes from the old domain before it is made anew because of something else: checks, a default and `NOT NULL` that are
/// missing on the new one are given to it, since somebody may have set them by hand.
fn taken_away(name: &QualifiedName, old: &Shape<'_>, new: &Shape<'_>) -> Vec<Statement> {
    let checks = Checks::between(old, new);
    let mut changes: Vec<String> = Vec::new();
    let gone = checks.gone.iter().filter(|gone| !checks.added.iter().any(|(added, _)| added == *gone));
    changes.extend(gone.map(|gone| drop_check(gone)));
    changes.extend(checks.renamed.iter().map(|(old, new)| rename_check(old, new)));
    if old.default.is_some() && new.default.is_none() {
        changes.push("DROP DEFAULT".to_owned());
    }
    if old.not_null && !new.not_null {
        changes.push("DROP NOT NULL".to_owned());
    }
    changes.into_iter().map(|change| alter(name, &change)).collect()
}

/// The same of a domain that becomes something else, which can have none of it.
pub(super) fn all_taken_away(made: &Made<'_>) -> Vec<Statement> {
    let old = Shape::of(made);
    let base = old.base.clone();
    let bare = Shape { base, collation: None, not_null: false, default: None, checks: BTreeMap::new() };
    taken_away(made.name, &old, &bare)
}

fn drop_check(name: &str) -> String {
    format!("DROP CONSTRAINT {}", quote_ident(name))
}

fn rename_check(old: &str, new: &str) -> String {
    format!("RENAME CONSTRAINT {} TO {}", quote_ident(old), quote_ident(new))
}

fn alter(domain: &QualifiedName, change: &str) -> Statement {
    Statement::new(format!("ALTER DOMAIN {domain} {change}"))
}

/// The statements that change a domain in place.
pub(super) fn statements(before: &Made<'_>, after: &Made<'_>) -> Vec<Statement> {
    let (old, new) = (Shape::of(before), Shape::of(after));
    let checks = Checks::between(&old, &new);
    let mut changes: Vec<String> = Vec::new();
    changes.extend(checks.gone.iter().map(|name| drop_check(name)));
    changes.extend(checks.renamed.iter().map(|(old, new)| rename_check(old, new)));
    if old.default != new.default {
        changes.push(match &new.default {
            Some((text, _)) => format!("SET DEFAULT {text}"),
            None => "DROP DEFAULT".to_owned(),
        });
    }
    if old.not_null != new.not_null {
        changes.push(if new.not_null { "SET NOT NULL" } else { "DROP NOT NULL" }.to_owned());
    }
    changes
        .extend(checks.added.iter().map(|(name, text)| format!("ADD CONSTRAINT {} CHECK ({text})", quote_ident(name))));
    let mut statements: Vec<Statement> = changes.into_iter().map(|change| alter(after.name, &change)).collect();
    // A constraint that is made anew is another one, of which nothing is said.
    let remade: Vec<&str> =
        checks.gone.iter().copied().filter(|gone| checks.added.iter().any(|(name, _)| name == gone)).collect();
    if !remade.is_empty() {
        let [remember, say] = said_of_constraints(after.name, &remade);
        statements.insert(0, Statement::new(remember));
        statements.push(Statement::new(say));
    }
    statements
}

/// `CREATE DOMAIN …`, as it is now.
pub(super) fn create(made: &Made<'_>) -> Option<String> {
    let shape = Shape::of(made);
    let mut text = format!("CREATE DOMAIN {} AS {}", made.name, shape.base);
    if let Some(collation) = &shape.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    match &shape.default {
        Some((default, _)) => text.push_str(&format!(" DEFAULT {default}")),
        // It would take over that of its base (`DefineDomain`).
        None if made.catalog.default_of(made.row.base, 0).is_some() => text.push_str(" DEFAULT NULL"),
        None => {}
    }
    if shape.not_null {
        text.push_str(" NOT NULL");
    }
    for (name, (check, _)) in &shape.checks {
        text.push_str(&format!("\n    CONSTRAINT {} CHECK ({check})", quote_ident(name)));
    }
    Some(text)
}
