//! Renames in a plan: what has another name comes first, or after the statements that a person wrote.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Plan, Step, plan_around};
use crate::broken_rows;
use crate::catalog::{Catalog, ObjectId};
use crate::diagnostic::Diagnostics;
use crate::diff::{Change, ChangeKind};
use crate::hazard::Hazard;
use crate::object::{Action, kind_of, relation_name};
use crate::rename::Rename;
use crate::replay;

/// Where told renames stand beside statements that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RenamesCome {
    /// Before everything else: what is in the way of the statements is dropped under its new name.
    First,
    /// After the statements, which say old names or give new ones free; nothing that is in their way may be renamed.
    AfterWritten,
}

/// What has another name comes first, so that everything else is done under the new names, on the way there and back; or
/// after the statements that a person wrote.
pub(super) fn with_renames(mut plan: Plan, old: &Catalog, renames: &[Rename], come: RenamesCome) -> Plan {
    let mut steps = Vec::new();
    let mut state = Cow::Borrowed(old);
    // Running code was built for the rows under their old names.
    let under_old_name = |hazard: &mut Hazard, before: &[Rename]| {
        for rename in before.iter().rev() {
            let Rename::Object { old, new } = rename else { continue };
            if hazard.relation.is_some() && hazard.relation.as_ref() == relation_name(new) {
                hazard.relation = relation_name(old).cloned();
            }
        }
    };
    plan.hazards.iter_mut().for_each(|hazard| under_old_name(hazard, renames));
    for (at, rename) in renames.iter().enumerate() {
        steps.push(Step {
            id: rename.id().clone(),
            action: Action::Rename,
            statements: rename.statements(&state),
            search_path: Vec::new(),
        });
        state = Cow::Owned(replay::renamed(&state, std::slice::from_ref(rename)));
        let (before, after) = (renames.get(..at).unwrap_or_default(), renames.get(at + 1..).unwrap_or_default());
        // A name that it has in between is nobody's news.
        if after.iter().any(|later| later.carries_on(rename)) {
            continue;
        }
        let first = before.iter().position(|earlier| rename.carries_on(earlier));
        let before = renames.get(..first.unwrap_or(at)).unwrap_or_default();
        let rename = match first.and_then(|first| renames.get(first)) {
            Some(first) => Cow::Owned(rename.joined_to(first)),
            None => Cow::Borrowed(rename),
        };
        let told = Change::new(rename.id().clone(), rename.change_kind());
        if makes_room(&mut plan, old, &rename) {
            let details = vec![format!("it makes room as `{}`, and is dropped", rename.new_id().sql_name())];
            plan.changes.push(Change { details, ..told });
            continue;
        }
        let mut hazards = rename.hazards();
        hazards.iter_mut().for_each(|hazard| under_old_name(hazard, before));
        let change = Change { details: vec![rename.details()], hazards, ..told };
        plan.hazards.extend(change.hazards.iter().cloned());
        plan.changes.push(change);
    }
    let at = match come {
        RenamesCome::First => {
            plan.before_written += steps.len();
            0
        }
        RenamesCome::AfterWritten => plan.before_written,
    };
    plan.steps.splice(at..at, steps);
    plan.hazards.sort();
    plan.hazards.dedup();
    plan.changes.sort_by(|a, b| a.id.cmp(&b.id));
    plan.renames = renames.to_vec();
    plan
}

/// Whether what is renamed only makes room for another object of its name, and is dropped then: under the name that running
/// code knows.
fn makes_room(plan: &mut Plan, old: &Catalog, rename: &Rename) -> bool {
    let Rename::Object { old: was, new: aside } = rename else { return false };
    let Some(gone) = plan.changes.iter_mut().find(|change| change.id == *aside && change.kind == ChangeKind::Drop)
    else {
        return false;
    };
    let hazards = kind_of(was).map_or_else(Vec::new, |kind| kind.drop_hazards(old, was));
    let mut under_aside = std::mem::replace(&mut gone.hazards, hazards.clone());
    under_aside.extend(kind_of(aside).into_iter().flat_map(|kind| kind.hazards(old, aside, Action::Drop)));
    plan.hazards.retain(|hazard| !under_aside.iter().any(|one| one.sentence == hazard.sentence));
    plan.hazards.extend(hazards);
    true
}

/// [`plan_around`] with renames. `first` is the state before all of it, and `old` what the statements lead to, without the renames
/// where these come after them.
///
/// # Errors
/// As [`plan`](super::plan).
pub(crate) fn plan_around_renaming(
    (first, old, new): (&Catalog, &Catalog, &Catalog),
    in_the_way: &BTreeSet<ObjectId>,
    renames: &[Rename],
    come: RenamesCome,
) -> Result<Plan, Diagnostics> {
    if renames.is_empty() {
        return plan_around(first, old, new, in_the_way);
    }
    let under_new_names = replay::renamed(first, renames);
    let after = match come {
        RenamesCome::First => Cow::Borrowed(old),
        RenamesCome::AfterWritten => Cow::Owned(replay::renamed(old, renames)),
    };
    let mut plan = plan_around(&under_new_names, &after, new, in_the_way)?;
    if plan.is_empty() {
        plan.hazards = broken_rows::beside(&under_new_names, new, std::iter::empty());
    }
    Ok(with_renames(plan, if come == RenamesCome::First { first } else { old }, renames, come))
}
