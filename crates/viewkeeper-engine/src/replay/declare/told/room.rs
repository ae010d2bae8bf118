//! New names that are not free: what has one goes, or takes another name in a circle. The lines that tell such renames may
//! stay when they are carried out, so the definitions decide: a line is believed where the object fits the definition
//! under its new name, and the definitions do not fit the names as they are.

use std::sync::Arc;

use super::{Claim, Told, candidates, is_kept, still_declared};
use super::{Declared, crosses_schemas};
use crate::catalog::{Catalog, ObjectId};
use crate::config::Settings;
use crate::diff::{ChangeKind, diff};
use crate::name::{QualifiedName, with_suffix};
use crate::rename::{Rename, exists, with_name};
use crate::replay::declare::declared;
use crate::replay::renamed;
use crate::source::SourceFile;

/// Carries out what can be of the claims that are open, and takes away those that are done already.
pub(super) fn make(
    told: &mut Told,
    open: &mut Vec<&Claim>,
    (claims, names): (&[Claim], &Declared),
    (files, settings): (&[Arc<SourceFile>], &Settings),
) {
    let mut at = 0;
    while let Some(claim) = open.get(at).copied() {
        at += 1;
        let Some(moves) = circle(told, open, claim).or_else(|| alone(told, claim, (claims, names))) else { continue };
        let renames = with_room(&told.catalog, &moves);
        if renames.iter().any(crosses_schemas) {
            continue;
        }
        let moved = renamed(&told.catalog, &renames);
        let ids: Vec<&ObjectId> = moves.iter().map(|(_, rename)| rename.new_id()).collect();
        let fits = |catalog: &Catalog| {
            let declared = declared(catalog, files, settings).catalog;
            let is_other = |kind: ChangeKind| !matches!(kind, ChangeKind::Alter | ChangeKind::Rename);
            !diff(catalog, &declared).iter().any(|change| ids.contains(&&change.id) && is_other(change.kind))
        };
        let is_done = fits(&told.catalog);
        if !is_done && !fits(&moved) {
            continue;
        }
        if !is_done {
            told.catalog = moved;
            told.places.extend(renames.iter().map(|_| (Arc::clone(&claim.file), claim.span())));
            told.renames.extend(renames);
        }
        open.retain(|other| !moves.iter().any(|(moved, _)| std::ptr::eq(*moved, *other)));
        at = 0;
    }
}

type Moves<'c> = Vec<(&'c Claim, Rename)>;

/// The claim with those that take names from each other until it comes round, each before the one whose name it takes.
fn circle<'c>(told: &Told, open: &[&'c Claim], claim: &'c Claim) -> Option<Moves<'c>> {
    let only = |claim: &Claim| match &mut candidates(&told.catalog, claim)[..] {
        [one @ Rename::Object { .. }] => Some(one.clone()),
        _ => None,
    };
    let mut moves = vec![(claim, only(claim)?)];
    while moves.len() <= open.len() {
        let (_, last) = moves.last()?;
        let next = open.iter().copied().find(|other| other.target.is_named_by(&told.catalog, last))?;
        if std::ptr::eq(next, claim) {
            return (moves.len() > 1).then_some(moves);
        }
        moves.push((next, only(next)?));
    }
    None
}

/// A claim whose new name something has that viewkeeper made, and that no definition declares but this one.
fn alone<'c>(told: &Told, claim: &'c Claim, (claims, names): (&[Claim], &Declared)) -> Option<Moves<'c>> {
    let found = candidates(&told.catalog, claim);
    let [rename @ Rename::Object { old, new }] = found.as_slice() else { return None };
    let may_go = exists(&told.catalog, new) && is_kept(&told.catalog, new) && is_kept(&told.catalog, old);
    let stays = still_declared(&told.catalog, claim, rename, claims, names).is_some();
    (may_go && !stays).then(|| vec![(claim, rename.clone())])
}

/// The renames, with what has the first new name out of the way.
fn with_room(catalog: &Catalog, moves: &Moves<'_>) -> Vec<Rename> {
    let Some((_, first)) = moves.first() else { return Vec::new() };
    let taken = first.new_id();
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
