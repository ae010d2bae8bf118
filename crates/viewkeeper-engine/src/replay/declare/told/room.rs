//! New names that are not free: what has one goes, or takes another name in a circle. The lines that tell such renames may
//! stay when they are carried out, so the definitions decide: a line is believed where objects fit the definitions under
//! their new names, and none fits as it is.

use std::sync::Arc;

use super::fit::Fit;
use super::{Claim, Declared, Told, candidates, is_kept, made_of, schema_is_there, still_declared};
use crate::catalog::{Catalog, ObjectId};
use crate::config::Settings;
use crate::diff::diff;
use crate::name::{QualifiedName, with_suffix};
use crate::rename::{Rename, column_names, exists, labels, with_name};
use crate::replay::declare::declared;
use crate::replay::renamed;
use crate::source::SourceFile;

/// Carries out what can be of one claim or circle of claims, or takes it away where it is done already; false where nothing
/// more can be.
pub(super) fn make(
    told: &mut Told,
    open: &mut Vec<&Claim>,
    (claims, names): (&[Claim], &Declared),
    (files, settings): (&[Arc<SourceFile>], &Settings),
) -> bool {
    for claim in open.clone() {
        let alone = || alone(told, open, claim, (claims, names));
        let Some((moves, aside)) = circle(told, open, claim).or_else(alone) else { continue };
        let is_possible = |rename: &Rename| match rename {
            Rename::Column { of, .. } => made_of(&told.catalog, of).is_none(),
            rename => schema_is_there(&told.catalog, rename),
        };
        if !moves.iter().all(|(_, rename)| is_possible(rename)) {
            continue;
        }
        let renames = with_room(&moves, &aside);
        let moved = renamed(&told.catalog, &renames);
        // How many of the definitions say what is there under their names: as a whole, or as parts of what else is different.
        let fitting = |state: &Catalog| {
            let declared = declared(state, files, settings).catalog;
            let changes = diff(state, &declared);
            let fit = Fit { state, declared: &declared, changes: &changes };
            let count = |fits: &dyn Fn(&Rename) -> bool| moves.iter().filter(|(_, rename)| fits(rename)).count();
            (count(&|rename| fit.as_a_whole(rename)), count(&|rename| fit.as_a_part(rename)))
        };
        let (as_they_are, under_new_names) = (fitting(&told.catalog), fitting(&moved));
        let decided = |as_they_are: usize, under_new_names: usize| {
            let is_done = as_they_are == moves.len() || as_they_are > 0 && under_new_names == 0;
            let is_told = under_new_names == moves.len() || under_new_names > 0 && as_they_are == 0;
            (is_done || is_told).then_some(is_done)
        };
        let Some(is_done) =
            decided(as_they_are.0, under_new_names.0).or_else(|| decided(as_they_are.1, under_new_names.1))
        else {
            continue;
        };
        if !is_done {
            told.catalog = moved;
            told.places.extend(renames.iter().map(|_| (Arc::clone(&claim.file), claim.span())));
            told.renames.extend(renames);
        }
        open.retain(|other| !moves.iter().any(|(moved, _)| std::ptr::eq(*moved, *other)));
        return true;
    }
    false
}

type Moves<'c> = Vec<(&'c Claim, Rename)>;

/// The claim with those that take names from each other until it comes round, each before the one whose name it takes.
fn circle<'c>(told: &Told, open: &[&'c Claim], claim: &'c Claim) -> Option<(Moves<'c>, Rename)> {
    let only = |claim: &Claim| match &candidates(&told.catalog, claim)[..] {
        [one] => Some(one.clone()),
        _ => None,
    };
    let mut moves = vec![(claim, only(claim)?)];
    while moves.len() <= open.len() {
        let (_, last) = moves.last()?;
        let next = open.iter().copied().find(|other| other.target.is_named_by(&told.catalog, last))?;
        if std::ptr::eq(next, claim) {
            let aside = last.aside(&told.catalog);
            return (moves.len() > 1).then_some((moves, aside));
        }
        moves.push((next, only(next)?));
    }
    None
}

/// A claim whose new name something has that viewkeeper made, which nobody else is to get, and which no definition declares
/// but this one.
fn alone<'c>(
    told: &Told,
    open: &[&'c Claim],
    claim: &'c Claim,
    (claims, names): (&[Claim], &Declared),
) -> Option<(Moves<'c>, Rename)> {
    let catalog = &told.catalog;
    let found = candidates(catalog, claim);
    let [rename @ Rename::Object { old, .. }] = found.as_slice() else { return None };
    let taken = claim.target.holder(catalog)?;
    let becomes_another = |other: &&Claim| candidates(catalog, other).iter().any(|rename| *rename.id() == taken);
    let may_go = is_kept(catalog, &taken) && is_kept(catalog, old) && !open.iter().any(becomes_another);
    let stays = still_declared(catalog, claim, rename, claims, names).is_some();
    let aside = || Rename::Object { old: taken.clone(), new: aside(catalog, &taken) };
    (may_go && !stays).then(|| (vec![(claim, rename.clone())], aside()))
}

/// The renames, with what has the first new name out of the way first.
fn with_room(moves: &Moves<'_>, aside: &Rename) -> Vec<Rename> {
    let mut renames = vec![aside.clone()];
    renames.extend(moves.iter().map(|(_, rename)| rename.after(aside)));
    renames
}

impl Rename {
    /// What it renames makes room under a name that nothing else has.
    fn aside(&self, catalog: &Catalog) -> Self {
        let free = |name: &str, taken: &[String]| suffixed(name).find(|name| !taken.contains(name)).unwrap_or_default();
        match self.clone() {
            Self::Object { old, .. } => Self::Object { new: aside(catalog, &old), old },
            Self::Column { of, old, .. } => Self::Column { new: free(&old, &column_names(catalog, &of)), of, old },
            Self::Value { of, old, .. } => Self::Value { new: free(&old, &labels(catalog, &of)), of, old },
            extension @ Self::Extension { .. } => extension,
        }
    }

    /// The same of what made room before.
    fn after(&self, aside: &Self) -> Self {
        match (aside.clone(), self.clone()) {
            (Self::Object { old: taken, new: old }, Self::Object { old: was, new }) if was == taken => {
                Self::Object { old, new }
            }
            (Self::Column { old: taken, new: old, .. }, Self::Column { of, old: was, new }) if was == taken => {
                Self::Column { of, old, new }
            }
            (Self::Value { old: taken, new: old, .. }, Self::Value { of, old: was, new }) if was == taken => {
                Self::Value { of, old, new }
            }
            (_, rename) => rename,
        }
    }
}

fn suffixed(name: &str) -> impl Iterator<Item = String> {
    let suffixes = std::iter::once("__old".to_owned()).chain((2..).map(|number| format!("__old{number}")));
    suffixes.map(move |suffix| with_suffix(name, &suffix))
}

/// A name that no other object has.
fn aside(catalog: &Catalog, id: &ObjectId) -> ObjectId {
    let schema = match id {
        ObjectId::Index(_, relation) => &relation.schema,
        id => id.schema().unwrap_or_default(),
    };
    let mut free = suffixed(id.name()).filter_map(|name| {
        let other = with_name(id, QualifiedName::new(schema, name.as_str()));
        let in_schema = catalog.schema_by_name(schema);
        let is_taken = in_schema.is_some_and(|schema| {
            catalog.relation_by_name(schema, &name).is_some() || catalog.type_by_name(schema, &name).is_some()
        });
        (!is_taken && !exists(catalog, &other)).then_some(other)
    });
    free.next().unwrap_or_else(|| id.clone())
}
