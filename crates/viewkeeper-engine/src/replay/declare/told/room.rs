//! New names that are not free: what has one goes, or takes another name in a circle. The lines that tell such renames may
//! stay when they are carried out, so the definitions decide: a line is believed where objects fit the definitions under
//! their new names, and none fits as it is.

use std::sync::Arc;

use super::{Claim, Declared, Told, candidates, is_kept, schema_is_there, still_declared};
use crate::catalog::{Catalog, ObjectId};
use crate::config::Settings;
use crate::diff::{Change, ChangeKind, diff};
use crate::name::{QualifiedName, with_suffix};
use crate::object::relation_name;
use crate::rename::{Rename, exists, with_name};
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
        let Some((moves, taken)) = circle(told, open, claim).or_else(alone) else { continue };
        if moves.iter().any(|(_, rename)| !schema_is_there(&told.catalog, rename)) {
            continue;
        }
        let renames = with_room(&told.catalog, &moves, &taken);
        let moved = renamed(&told.catalog, &renames);
        // How many of the definitions say what is there under their names.
        let fitting = |catalog: &Catalog| {
            let declared = declared(catalog, files, settings).catalog;
            let changes = diff(catalog, &declared);
            let is_other = |id: &ObjectId| changes.iter().any(|change| is_within(&change.id, id) && is_in_body(change));
            moves.iter().filter(|(_, rename)| !is_other(rename.new_id())).count()
        };
        let (as_they_are, under_new_names) = (fitting(&told.catalog), fitting(&moved));
        let is_done = as_they_are == moves.len() || as_they_are > 0 && under_new_names == 0;
        let is_told = under_new_names == moves.len() || under_new_names > 0 && as_they_are == 0;
        if !is_done && !is_told {
            continue;
        }
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

/// Whether an object is another one, or has or is in it.
fn is_within(id: &ObjectId, whole: &ObjectId) -> bool {
    match whole {
        ObjectId::Schema(schema) => id == whole || id.schema() == Some(schema),
        ObjectId::Index(_, relation) => relation_name(id) == Some(relation),
        whole => id == whole,
    }
}

/// Whether more is different than comments, privileges and owners, which follow the names that they are given under.
fn is_in_body(change: &Change) -> bool {
    let difference = &change.difference;
    change.kind != ChangeKind::Alter || !difference.alter.is_empty() || !difference.take_away.is_empty()
}

type Moves<'c> = Vec<(&'c Claim, Rename)>;

/// The claim with those that take names from each other until it comes round, each before the one whose name it takes.
fn circle<'c>(told: &Told, open: &[&'c Claim], claim: &'c Claim) -> Option<(Moves<'c>, ObjectId)> {
    let only = |claim: &Claim| match &mut candidates(&told.catalog, claim)[..] {
        [one @ Rename::Object { .. }] => Some(one.clone()),
        _ => None,
    };
    let mut moves = vec![(claim, only(claim)?)];
    while moves.len() <= open.len() {
        let (_, last) = moves.last()?;
        let next = open.iter().copied().find(|other| other.target.is_named_by(&told.catalog, last))?;
        if std::ptr::eq(next, claim) {
            let taken = last.id().clone();
            return (moves.len() > 1).then_some((moves, taken));
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
) -> Option<(Moves<'c>, ObjectId)> {
    let catalog = &told.catalog;
    let found = candidates(catalog, claim);
    let [rename @ Rename::Object { old, .. }] = found.as_slice() else { return None };
    let taken = claim.target.holder(catalog)?;
    let becomes_another = |other: &&Claim| candidates(catalog, other).iter().any(|rename| *rename.id() == taken);
    let may_go = is_kept(catalog, &taken) && is_kept(catalog, old) && !open.iter().any(becomes_another);
    let stays = still_declared(catalog, claim, rename, claims, names).is_some();
    (may_go && !stays).then(|| (vec![(claim, rename.clone())], taken))
}

/// The renames, with what has the first new name out of the way.
fn with_room(catalog: &Catalog, moves: &Moves<'_>, taken: &ObjectId) -> Vec<Rename> {
    let aside = aside(catalog, taken);
    let mut renames = vec![Rename::Object { old: taken.clone(), new: aside.clone() }];
    renames.extend(moves.iter().map(|(_, rename)| match rename {
        Rename::Object { old, new } if old == taken => Rename::Object { old: aside.clone(), new: new.clone() },
        other => other.clone(),
    }));
    renames
}

/// A name that nothing else has.
fn aside(catalog: &Catalog, id: &ObjectId) -> ObjectId {
    let schema = id.schema().unwrap_or_default();
    let suffixes = std::iter::once("__old".to_owned()).chain((2..).map(|number| format!("__old{number}")));
    let mut free = suffixes.map(|suffix| with_suffix(id.name(), &suffix)).filter_map(|name| {
        let other = with_name(id, QualifiedName::new(schema, name.as_str()));
        let in_schema = catalog.schema_by_name(schema);
        let is_taken = in_schema.is_some_and(|schema| {
            catalog.relation_by_name(schema, &name).is_some() || catalog.type_by_name(schema, &name).is_some()
        });
        (!is_taken && !exists(catalog, &other)).then_some(other)
    });
    free.next().unwrap_or_else(|| id.clone())
}
