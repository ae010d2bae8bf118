//! The blocks that `keep` writes into generated migrations: what they keep before relations are dropped, and restore
//! once they are there again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::address::{Address, relation_name};
use super::session::Session;
use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind, Attachments, Catalog, Index, ObjectId, Oid, Origin, Privilege, Relation};
use crate::graph;
use crate::keep::MADE_AS_ANOTHER_KIND;
use crate::name::QualifiedName;
use crate::object::{is_there, kind_of, relation_name as object_relation_name};
use crate::parser::{NodeEnum, Statement};
use crate::rename::exists;

/// What a statement of a generated migration does beside what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Keeps what hangs on relations.
    Keep,
    /// Keeps what hangs on views that become materialized views, or the other way round.
    KeepForSuccessors,
    /// Restores what is missing.
    Restore,
    /// Says again what was said of constraints and indexes that were made anew.
    Say,
    /// Nothing that a state holds.
    Harmless,
}

/// What was there when the block ran, and which relations have been dropped since.
pub(super) struct Kept {
    attachments: Attachments,
    said_by_hand: Arc<Attachments>,
    dropped: BTreeMap<QualifiedName, (Arc<Relation>, Vec<Arc<Attached>>)>,
    /// Objects that are no relations.
    others: BTreeSet<ObjectId>,
    /// Types, whose old state may only have made room under another name.
    types: BTreeMap<ObjectId, Oid>,
    for_successors: bool,
}

/// Which block of viewkeeper's a statement is: the comment before it says so.
pub(super) fn block(statement: &Statement) -> Option<Block> {
    const MARK: &str = "-- viewkeeper:";
    if !matches!(statement.node, NodeEnum::DoStmt(_) | NodeEnum::SelectStmt(_)) {
        return None;
    }
    let before = &statement.file.text[..statement.span.start];
    let marked = before.lines().map(str::trim).rfind(|line| !line.is_empty());
    // The keeping block has a statement of its own between its comment and itself.
    if !marked.is_some_and(|line| line.starts_with(MARK)) && !statement.text().contains("viewkeeper.kept") {
        return None;
    }
    let says = before.lines().map(str::trim).filter_map(|line| line.strip_prefix(MARK)).next_back();
    Some(match says.and_then(|words| words.split_whitespace().next()) {
        // The mark that a person's own statements stand behind.
        Some("written") => return None,
        Some("keep") if says.is_some_and(|words| words.contains(MADE_AS_ANOTHER_KIND)) => Block::KeepForSuccessors,
        Some("keep") => Block::Keep,
        Some("restore") => Block::Restore,
        Some("say" | "set") => Block::Say,
        _ => Block::Harmless,
    })
}

impl Session<'_> {
    /// Does what a block does to the state.
    pub(super) fn run_block(&mut self, block: Block) {
        match block {
            Block::Keep | Block::KeepForSuccessors => {
                let attachments = self.catalog.attachments.clone();
                let said_by_hand = Arc::clone(&self.catalog.said_by_hand);
                let types = self.catalog.types.values().filter(|row| row.source.is_some());
                let types = types.filter_map(|row| Some((graph::type_id(&self.catalog, row.oid)?, row.oid))).collect();
                let (dropped, others) = (BTreeMap::new(), BTreeSet::new());
                let before = self.keeping.as_ref().is_some_and(|kept| kept.for_successors);
                let for_successors = before || block == Block::KeepForSuccessors;
                self.keeping = Some(Kept { attachments, said_by_hand, dropped, others, types, for_successors });
            }
            Block::Restore => {
                if let Some(kept) = self.keeping.take() {
                    for (name, (row, attached)) in &kept.dropped {
                        self.restore(&kept, name, row, attached);
                    }
                    for id in &kept.others {
                        self.restore_object(&kept.attachments, &kept.dropped, id);
                    }
                    for (id, oid) in &kept.types {
                        self.restore_type(&kept.attachments, id, *oid);
                    }
                    self.restore_said_by_hand(&kept);
                }
            }
            Block::Say => {
                let is_there = |id: &ObjectId| match id {
                    ObjectId::Constraint(table, name) => self
                        .catalog
                        .relation_named(table)
                        .is_some_and(|row| row.constraints.iter().any(|constraint| constraint.name == *name)),
                    ObjectId::Index(..) => exists(&self.catalog, id),
                    _ => true,
                };
                let (said, unsaid): (BTreeMap<_, _>, _) =
                    self.unsaid.clone().into_iter().partition(|(id, _)| is_there(id));
                self.unsaid = unsaid;
                for (id, (comment, by_hand)) in said {
                    let origin = if by_hand { Origin::HandWritten } else { self.origin };
                    self.catalog.say(origin, |said| said.comment(&id, &comment));
                }
            }
            Block::Harmless => {}
        }
    }

    /// Forgets what is said of a constraint of a domain that is dropped.
    pub(super) fn forget_domain_constraint(&mut self, domain: Oid, name: &str) {
        let Some(ObjectId::Type(domain)) = graph::type_id(&self.catalog, domain) else { return };
        self.forget_part(&ObjectId::DomainConstraint(domain, name.to_owned()));
    }

    /// Forgets what is said of a constraint or index that is dropped, until it is there again.
    pub(super) fn forget_part(&mut self, id: &ObjectId) {
        if let Some(comment) = self.catalog.attachments.comments.get(id).cloned() {
            let by_hand = self.catalog.said_by_hand.comments.contains_key(id);
            self.unsaid.insert(id.clone(), (comment, by_hand));
            self.catalog.change_attachments(|said| said.forget(id));
        }
    }

    /// Remembers a relation that is dropped between the blocks.
    pub(super) fn remember_dropped(&mut self, oid: Oid) {
        let Some(name) = relation_name(&self.catalog, oid) else { return };
        let Some(row) = self.catalog.relations.get(&oid).cloned() else { return };
        let attached = self.catalog.attached.get(&oid).cloned().unwrap_or_default();
        if let Some(kept) = &mut self.keeping {
            kept.dropped.insert(name, (row, attached));
        }
    }

    /// Remembers an object that is no relation.
    pub(super) fn remember_dropped_object(&mut self, address: &Address) {
        match address {
            Address::Routine(_) | Address::Attached(..) | Address::Statistics(_) | Address::EventTrigger(_) => {}
            _ => return,
        }
        let id = self.object_id(address);
        if let (Some(kept), Some(id)) = (&mut self.keeping, id) {
            kept.others.insert(id);
        }
    }

    /// What hand-written migrations said of what is there again.
    fn restore_said_by_hand(&mut self, kept: &Kept) {
        if kept.said_by_hand.is_empty() {
            return;
        }
        let remade: BTreeSet<&QualifiedName> =
            kept.types.iter().filter_map(|(id, old)| remade_type(&self.catalog, id, *old)).collect();
        let came_back = |id: &ObjectId| {
            let dropped = object_relation_name(id).or(id.part_of()).is_some_and(|name| kept.dropped.contains_key(name));
            let of_type = match id {
                ObjectId::Type(name) | ObjectId::DomainConstraint(name, _) | ObjectId::Column(name, _) => {
                    remade.contains(name)
                }
                _ => false,
            };
            dropped || of_type || kept.others.contains(id)
        };
        Arc::make_mut(&mut self.catalog.said_by_hand).take_over(&kept.said_by_hand, came_back);
    }

    /// Comment, privileges and owner of an object that is there again.
    fn restore_object(
        &mut self,
        kept: &Attachments,
        dropped: &BTreeMap<QualifiedName, (Arc<Relation>, Vec<Arc<Attached>>)>,
        old: &ObjectId,
    ) {
        if let Some(relation) = old.part_of() {
            // What hangs on the parts of a recreated relation is restored with that.
            if let (true, false, Some(comment)) =
                (is_there(&self.catalog, old), dropped.contains_key(relation), kept.comments.get(old))
            {
                self.catalog.attachments.comments.entry(old.clone()).or_insert_with(|| comment.clone());
            }
            return;
        }
        if let ObjectId::Statistics(_) | ObjectId::EventTrigger(_) = old {
            if is_there(&self.catalog, old) {
                let said = &mut self.catalog.attachments;
                if let Some(comment) = kept.comments.get(old) {
                    said.comments.entry(old.clone()).or_insert_with(|| comment.clone());
                }
                if let Some(owner) = kept.owners.get(old) {
                    said.owners.entry(old.clone()).or_insert_with(|| owner.clone());
                }
            }
            return;
        }
        // A function in the place of a procedure is another object: the old one went, with all that hung on it.
        let mut ids = self.catalog.routines.keys().filter_map(|oid| self.catalog.routine_id(*oid));
        if !ids.any(|id| id == *old) {
            return;
        }
        if let Some(comment) = kept.comments.get(old) {
            self.catalog.attachments.comments.entry(old.clone()).or_insert_with(|| comment.clone());
        }
        self.restore_given(kept, old);
    }

    /// What hung on a type that was made anew, and on its attributes and constraints.
    fn restore_type(&mut self, kept: &Attachments, id: &ObjectId, old: Oid) {
        if remade_type(&self.catalog, id, old).is_none() {
            return;
        }
        let parts = kind_of(id).map_or_else(Vec::new, |kind| kind.parts(&self.catalog, id));
        for target in parts.iter().chain([id]) {
            if let Some(comment) = kept.comments.get(target) {
                self.catalog.attachments.comments.entry(target.clone()).or_insert_with(|| comment.clone());
            }
        }
        self.restore_given(kept, id);
    }

    /// Privileges and owner.
    fn restore_given(&mut self, kept: &Attachments, id: &ObjectId) {
        let attachments = &mut self.catalog.attachments;
        // What only default privileges gave is taken away again.
        attachments.privileges.remove(id);
        attachments.given_when_made.remove(id);
        attachments.given_when_made.extend(entry(&kept.given_when_made, id));
        attachments.privileges.extend(entry(&kept.privileges, id));
        attachments.given_by_hand.extend(entry(&kept.given_by_hand, id));
        attachments.revoked.extend(entry(&kept.revoked, id));
        attachments.owners.extend(entry(&kept.owners, id));
    }

    fn restore(&mut self, kept: &Kept, name: &QualifiedName, old: &Relation, attached: &[Arc<Attached>]) {
        let schema = self.catalog.schema_by_name(&name.schema);
        let new = schema.and_then(|schema| self.catalog.relation_by_name(schema, &name.name)).cloned();
        let Some(new) = new else { return };
        let Some(id) = self.object_id(&Address::Relation(new.oid)) else { return };
        // A view in the place of a materialized view is another object: the old one went, with all that hung on it, unless
        // what both can have was kept for it.
        let is_same_kind = new.kind == old.kind;
        let is_successor = kept.for_successors && id.other_kind().is_some();
        if !is_same_kind && !is_successor {
            return;
        }
        let is_it = |other: &ObjectId| match other {
            ObjectId::View(other) | ObjectId::MaterializedView(other) => other == name,
            _ => false,
        };
        if is_same_kind {
            self.restore_parts(old, &new, attached);
        }
        let kept = kept.attachments.of_relation(name);

        for (other, comment) in &kept.comments {
            let there = match other {
                ObjectId::Column(relation, column) => relation == name && new.column(column).is_some(),
                ObjectId::Index(_, relation) => relation == name && is_same_kind,
                ObjectId::Trigger(relation, _) | ObjectId::Rule(relation, _) => {
                    relation == name && is_there(&self.catalog, other)
                }
                other => is_it(other),
            };
            if there {
                let to = if is_it(other) { id.clone() } else { other.clone() };
                self.catalog.attachments.comments.entry(to).or_insert_with(|| comment.clone());
            }
        }
        let attachments = &mut self.catalog.attachments;
        let of_columns =
            |privilege: &Privilege| privilege.column.as_ref().is_none_or(|name| new.column(name).is_some());
        // What only default privileges gave is taken away again.
        attachments.privileges.remove(&id);
        attachments.given_when_made.remove(&id);
        if let Some((_, made)) = kept.given_when_made.iter().find(|(other, _)| is_it(other)) {
            attachments.given_when_made.insert(id.clone(), made.clone());
        }
        for (from, to) in
            [(&kept.privileges, &mut attachments.privileges), (&kept.given_by_hand, &mut attachments.given_by_hand)]
        {
            let held = from.iter().filter(|(other, _)| is_it(other)).flat_map(|(_, privileges)| privileges);
            let held: BTreeMap<Privilege, bool> = held
                .filter(|(privilege, _)| of_columns(privilege))
                .map(|(privilege, option)| (privilege.clone(), *option))
                .collect();
            if !held.is_empty() {
                to.insert(id.clone(), held);
            }
        }
        if let Some((_, revoked)) = kept.revoked.iter().find(|(other, _)| is_it(other)) {
            attachments.revoked.insert(id.clone(), revoked.clone());
        }
        if let Some((_, owner)) = kept.owners.iter().find(|(other, _)| is_it(other)) {
            attachments.owners.insert(id, owner.clone());
        }
    }

    /// Defaults, triggers, rules and indexes that are missing, as far as their columns are still there.
    fn restore_parts(&mut self, old: &Relation, new: &Relation, attached: &[Arc<Attached>]) {
        let to_new = |number: i16| new.column(&old.attribute(number)?.name).map(|(number, _)| number);
        for index in &old.indexes {
            let columns: Option<Vec<i16>> =
                index.columns.iter().map(|number| if *number == 0 { Some(0) } else { to_new(*number) }).collect();
            let missing = new.indexes.iter().all(|other| other.name != index.name);
            if let (Some(columns), true) = (columns, missing && index.constraint.is_none()) {
                let restored = Index { columns, ..index.clone() };
                self.catalog.update_relation(new.oid, |row| row.indexes.push(restored));
            }
        }
        let known = self.catalog.attached.get(&new.oid).cloned().unwrap_or_default();
        for row in attached {
            let kind = match row.kind {
                AttachedKind::Default(number) => match to_new(number) {
                    Some(number) => AttachedKind::Default(number),
                    None => continue,
                },
                kind @ (AttachedKind::Trigger | AttachedKind::Rule | AttachedKind::Index) => kind,
                AttachedKind::Check | AttachedKind::Policy => continue,
            };
            if known.iter().any(|other| other.kind == kind && other.name == row.name) {
                continue;
            }
            let mut copy = (**row).clone();
            copy.kind = kind;
            copy.dependencies = row.dependencies.iter().filter_map(|used| moved(*used, old, new)).collect();
            if let AttachedKind::Default(number) = kind {
                self.update_column(new.oid, number, |column| column.has_default = true);
            }
            self.attach(new.oid, copy);
        }
    }
}

/// A dependency where columns of a relation have other numbers now; `None` where its column is gone.
pub(super) fn moved(dependency: Dependency, old: &Relation, new: &Relation) -> Option<Dependency> {
    match dependency {
        Dependency::Column(oid, number) if oid == new.oid && number > 0 => {
            let (number, _) = new.column(&old.attribute(number)?.name)?;
            Some(Dependency::Column(oid, number))
        }
        other => Some(other),
    }
}

fn entry<V: Clone>(of: &BTreeMap<ObjectId, V>, id: &ObjectId) -> Option<(ObjectId, V)> {
    of.get_key_value(id).map(|(id, value)| (id.clone(), value.clone()))
}

/// The name of a type that was made anew since it had a number.
fn remade_type<'i>(catalog: &Catalog, id: &'i ObjectId, old: Oid) -> Option<&'i QualifiedName> {
    let ObjectId::Type(name) = id else { return None };
    let now = catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?;
    (now.oid != old).then_some(name)
}
