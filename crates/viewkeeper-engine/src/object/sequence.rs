//! Sequences: changed in place, their value untouched.

use std::collections::BTreeSet;

use super::{Difference, Kind, Statement, relation_name};
use crate::catalog::{
    Catalog, ObjectId, Persistence, Provenance, Relation, RelationKind, Sequence as Counts, SequenceType,
};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::name::quote_ident;

/// `CREATE SEQUENCE`.
#[derive(Debug)]
pub(super) struct Sequence;

fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<(&'c Relation, &'c Counts)> {
    let relation = catalog.relation_named(relation_name(id)?)?;
    Some((relation, catalog.sequences.get(&relation.oid)?))
}

/// `public.bills.number`, the column that a sequence goes with.
fn owned_by(catalog: &Catalog, relation: &Relation) -> Option<String> {
    let (table, number) = catalog.sequence_owners.get(&relation.oid)?;
    let column = &catalog.relation(*table)?.attribute(*number)?.name;
    Some(format!("{}.{}", catalog.relation_name(*table)?, quote_ident(column)))
}

impl Kind for Sequence {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let own = catalog.sequences.keys().filter_map(|oid| catalog.relations.get(oid));
        let own = own.filter(|row| row.kind == RelationKind::Sequence && row.persistence != Persistence::Temporary);
        own.filter_map(|row| catalog.relation_name(row.oid)).map(ObjectId::Sequence).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        row(catalog, id).and_then(|(relation, _)| relation.provenance.as_ref())
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let table = row(catalog, id).and_then(|(relation, _)| catalog.sequence_owners.get(&relation.oid));
        table.and_then(|(table, _)| graph::relation_id(catalog, *table)).into_iter().collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some((before, was)), Some((after, is))) = (row(old, id), row(new, id)) else { return difference };
        let mut options = changed(&retyped(was, is.type_), is);
        let (owner_before, owner) = (owned_by(old, before), owned_by(new, after));
        if owner_before != owner {
            options.push(format!("OWNED BY {}", owner.as_deref().unwrap_or("NONE")));
        }
        if !options.is_empty() {
            difference.details.push(format!("{} now", options.join(" ")));
            difference.alter.push(Statement::new(format!("ALTER {} {}", id.sql(), options.join(" "))));
        }
        if before.persistence != after.persistence {
            let word = if after.persistence == Persistence::Unlogged { "UNLOGGED" } else { "LOGGED" };
            difference.details.push(format!("it is {} now", word.to_lowercase()));
            difference.alter.push(Statement::new(format!("ALTER {} SET {word}", id.sql())));
        }
        if !difference.alter.is_empty() {
            let sentence = format!("`nextval` of `{}` waits until the migration commits", id.sql_name());
            difference.hazards.push(Hazard::new(HazardKind::ExclusiveLock, sentence));
        }
        if is.min > was.min || is.max < was.max {
            let sentence =
                format!("{id} counts from {} to {} only: a value beyond that fails the migration", is.min, is.max);
            difference.hazards.push(Hazard::new(HazardKind::BreaksCode, sentence));
        }
        if is.increment != was.increment {
            let sentence = format!("{id} gives other numbers than those that code was written for");
            difference.hazards.push(Hazard::new(HazardKind::BreaksCode, sentence));
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let Some((relation, counts)) = row(catalog, id) else { return Vec::new() };
        let unlogged = if relation.persistence == Persistence::Unlogged { "UNLOGGED " } else { "" };
        let mut sql = format!("CREATE {unlogged}{}", id.sql());
        for option in changed(&plain(counts), counts) {
            sql.push_str(&format!(" {option}"));
        }
        if let Some(column) = owned_by(catalog, relation) {
            sql.push_str(&format!(" OWNED BY {column}"));
        }
        vec![Statement::new(sql)]
    }

    fn drop_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let start = row(catalog, id).map_or(1, |(_, counts)| counts.start);
        let sentence = format!("{id} is dropped with its value: made again, it starts at {start}");
        vec![Hazard::new(HazardKind::LosesData, sentence)]
    }
}

/// What `CREATE SEQUENCE` makes of the type and the increment alone.
fn plain(counts: &Counts) -> Counts {
    let (lowest, highest) = counts.type_.bounds();
    let (min, max) = if counts.increment > 0 { (1, highest) } else { (lowest, -1) };
    let start = if counts.increment > 0 { counts.min } else { counts.max };
    Counts { type_: SequenceType::default(), increment: 1, min, max, start, cache: 1, cycle: false }
}

/// Bounds that are those of the type follow it, when `ALTER SEQUENCE … AS` changes it (`init_params` in sequence.c).
fn retyped(counts: &Counts, type_: SequenceType) -> Counts {
    if counts.type_ == type_ {
        return *counts;
    }
    let ((min, max), (lowest, highest)) = (counts.type_.bounds(), type_.bounds());
    let follow = |value: i64, bound: i64, new: i64| if value == bound { new } else { value };
    Counts { min: follow(counts.min, min, lowest), max: follow(counts.max, max, highest), ..*counts }
}

/// Options that lead from one to the other.
fn changed(old: &Counts, new: &Counts) -> Vec<String> {
    let mut options = Vec::new();
    if old.type_ != new.type_ {
        options.push(format!("AS {}", new.type_.word()));
    }
    let numbers = [
        ("INCREMENT BY", old.increment, new.increment),
        ("MINVALUE", old.min, new.min),
        ("MAXVALUE", old.max, new.max),
        ("START WITH", old.start, new.start),
        ("CACHE", old.cache, new.cache),
    ];
    options.extend(numbers.iter().filter(|(_, old, new)| old != new).map(|(word, _, new)| format!("{word} {new}")));
    if old.cycle != new.cycle {
        options.push(if new.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
    }
    options
}
