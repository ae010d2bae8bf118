//! Values that are added to enums: they can be used once the migration that adds them is committed (`check_safe_enum_use`
//! in enum.c), and PostgreSQL takes none away again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, ObjectId, Oid, Origin};
use crate::diagnostic::{Diagnostics, Severity};
use crate::diff::{Change, ChangeKind, diff};
use crate::graph;
use crate::object::added_labels;
use crate::parser;
use crate::plan::{Plan, plan, plan_recreating};
use crate::rename::{self, Rename};
use crate::replay;

/// How a rollback says that it leaves values.
const LEAVES: &str = "viewkeeper: leaves ";

/// What a rollback says of values that it leaves in an enum.
pub(crate) fn leaves(id: &ObjectId, labels: &[String], reason: &str) -> String {
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    format!("{LEAVES}{} in {}, which does no harm: {reason}", labels.join(", "), id.sql_name())
}

/// The state that a rollback in its file leads to: that before its migration, with the values that it says it leaves.
pub(crate) fn state_behind(rollback: &str, before: &Catalog, after: &Catalog) -> Option<Catalog> {
    let leaves = rollback.lines().any(|line| line.strip_prefix("-- ").is_some_and(|line| line.starts_with(LEAVES)));
    leaves.then(|| with_values_of(before, after, |_| true))
}

/// A state with the values that some types have got since.
pub(crate) fn with_values_of(before: &Catalog, after: &Catalog, which: impl Fn(&ObjectId) -> bool) -> Catalog {
    let renames = rename::between(before, after);
    let before_renamed = replay::renamed(before, &renames);
    let types = diff(&before_renamed, after).into_iter().map(|change| change.id).filter(which);
    let added = types.map(|id| (id.clone(), added_labels(&before_renamed, after, &id)));
    let added = added.filter(|(_, labels)| !labels.is_empty()).collect();
    with_labels(before, after, &added, &renames)
}

/// The way back.
pub(super) struct Back {
    pub(super) plan: Plan,
    /// Where it leads, when that is not the state before.
    pub(super) leads_to: Option<Catalog>,
    /// The values that stay.
    pub(super) stays: Vec<(ObjectId, String)>,
    /// Why, for the file.
    pub(super) because: Vec<String>,
}

/// The values that a plan adds in place, by the new names of their types.
fn added(old: &Catalog, new: &Catalog, plan: &Plan) -> BTreeMap<ObjectId, Vec<String>> {
    let altered: Vec<_> = plan.changes.iter().filter(|change| change.kind == ChangeKind::Alter).collect();
    let is_type = |change: &&Change| matches!(change.id, ObjectId::Type(_));
    let old = match plan.renames.as_slice() {
        renames @ [_, ..] if altered.iter().any(is_type) => Cow::Owned(replay::renamed(old, renames)),
        _ => Cow::Borrowed(old),
    };
    let added = altered.into_iter().map(|change| (change.id.clone(), added_labels(&old, new, &change.id)));
    added.filter(|(_, labels)| !labels.is_empty()).collect()
}

/// The migrated state with the values that must be committed before the rest of a plan can be carried out; `None` where
/// nothing else in it uses one.
pub(crate) fn needed_before(migrated: &Catalog, declared: &Catalog, forward: &Plan) -> Option<Catalog> {
    let added = added(migrated, declared, forward);
    uses_one_of(&added, declared, forward).then(|| with_labels(migrated, declared, &added, &forward.renames))
}

/// Whether a plan uses a value that statements of a person's add to an enum in the same step.
pub(crate) fn uses_new_values(first: &Catalog, after: &Catalog, new: &Catalog, plan: &Plan) -> bool {
    let added = after.types.values().filter_map(|row| {
        // Where there are as many as before, one has another name.
        let before = first.types.get(&row.oid).filter(|before| before.labels.len() < row.labels.len())?;
        let labels = row.labels.iter().filter(|label| !before.labels.contains(label)).cloned().collect();
        Some((graph::type_id(after, row.oid)?, labels))
    });
    let added: BTreeMap<ObjectId, Vec<String>> = added.collect();
    uses_one_of(&added, new, plan)
}

/// Whether a plan uses one of the values that it adds.
fn uses_one_of(added: &BTreeMap<ObjectId, Vec<String>>, new: &Catalog, plan: &Plan) -> bool {
    if added.is_empty() {
        return false;
    }
    let depends_on = graph::dependencies(new);
    plan.steps.iter().filter(|step| !added.contains_key(&step.id)).any(|step| {
        let reached = graph::reachable(&depends_on, &step.id);
        let reaches = || added.keys().any(|id| reached.contains(id));
        // The query of a materialized view runs at once, and may meet a value that it does not spell.
        let runs = matches!(step.id, ObjectId::MaterializedView(_)) && reaches();
        let labels: Vec<&String> = added.values().flatten().collect();
        runs || step.statements.iter().any(|statement| match spelled(&statement.sql, &labels) {
            Spelled::Yes => true,
            Spelled::Perhaps => reaches(),
            Spelled::No => false,
        })
    })
}

/// Whether text spells a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spelled {
    No,
    /// It has escapes that may.
    Perhaps,
    Yes,
}

/// Looks into strings: a value may stand in a literal, in one of an array, or in a body.
fn spelled(sql: &str, labels: &[&String]) -> Spelled {
    let tokens = parser::tokens(sql);
    let strings = tokens.iter().filter(|token| !token.comment).filter_map(|token| {
        let text = sql.get(token.span.start..token.span.end)?;
        let begins = text.get(..1)?;
        (text.contains('\'') || begins == "$").then_some(text)
    });
    let each = strings.map(|text| {
        let unquoted = text.replace("''", "'");
        let stands_in = |label: &&&String| [text, &unquoted].iter().any(|text| has_word(text, label));
        if labels.iter().any(|label| stands_in(&label)) {
            Spelled::Yes
        } else if text.contains('\\') {
            Spelled::Perhaps
        } else {
            Spelled::No
        }
    });
    each.max().unwrap_or(Spelled::No)
}

/// Whether a text has a word that is not part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let edges = (is_inside(word.chars().next()), is_inside(word.chars().next_back()));
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !(edges.0 && is_inside(before) || edges.1 && is_inside(after))
    })
}

/// A state with the values that another one has added, which comes after the renames.
fn with_labels(
    state: &Catalog,
    from: &Catalog,
    added: &BTreeMap<ObjectId, Vec<String>>,
    renames: &[Rename],
) -> Catalog {
    let mut state = state.clone();
    for id in added.keys() {
        let labels = oid_of(from, id).and_then(|oid| from.types.get(&oid)).map(|row| row.labels.clone());
        let (id, labels) = before_renames(id, labels.unwrap_or_default(), renames);
        if let Some(oid) = oid_of(&state, &id).filter(|_| !labels.is_empty()) {
            state.update_type(oid, |row| {
                row.labels = labels;
                if let Some(source) = &mut row.source {
                    let source = Arc::make_mut(source);
                    (source.altered, source.provenance.origin) = (true, Origin::Generated);
                }
            });
        }
    }
    state
}

/// The name and the values that a type had before renames.
fn before_renames(id: &ObjectId, mut labels: Vec<String>, renames: &[Rename]) -> (ObjectId, Vec<String>) {
    let mut id = id.clone();
    for rename in renames.iter().rev() {
        match rename {
            Rename::Object { old, new } if *new == id => id = old.clone(),
            Rename::Value { of, old, new } if *of == id => {
                labels.iter_mut().filter(|label| *label == new).for_each(|label| label.clone_from(old));
            }
            _ => {}
        }
    }
    (id, labels)
}

fn oid_of(catalog: &Catalog, id: &ObjectId) -> Option<Oid> {
    let ObjectId::Type(name) = id else { return None };
    Some(catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?.oid)
}

/// The plan of the way back. A value that was added goes by making its type anew; where that cannot be done it stays, and
/// the file says so.
pub(super) fn back(migrated: &Catalog, declared: &Catalog) -> Result<Back, Diagnostics> {
    let problems = match plan(declared, migrated) {
        Ok(plan) => {
            // A rollback is one transaction: a value that it adds and uses must come with a type of its own making.
            let added = added(declared, migrated, &plan);
            let plan = match uses_one_of(&added, migrated, &plan) {
                true => plan_recreating(declared, migrated, &added.into_keys().collect())?,
                false => plan,
            };
            return Ok(Back { plan, leads_to: None, stays: Vec::new(), because: Vec::new() });
        }
        Err(problems) => problems,
    };
    let forward = plan(migrated, declared)?;
    let added = added(migrated, declared, &forward);
    let with_values = with_labels(migrated, declared, &added, &forward.renames);
    let Ok(plan) = plan(declared, &with_values) else { return Err(problems) };
    let reason = problems.0.iter().find(|problem| problem.severity == Severity::Error);
    let reason = reason.map(|problem| problem.message.clone()).unwrap_or_default();
    let because = added.iter().map(|(id, labels)| {
        let (id, _) = before_renames(id, Vec::new(), &forward.renames);
        leaves(&id, labels, &reason)
    });
    let because = because.collect();
    let stays = added.iter().flat_map(|(id, labels)| labels.iter().map(|label| (id.clone(), label.clone()))).collect();
    Ok(Back { plan, leads_to: Some(with_values), stays, because })
}
