//! `DROP`: what goes, what goes along, and what is in the way.

use std::collections::BTreeSet;

use super::address::{self, Address};
use super::dependents::{Dependents, Strength, member_of};
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, Index, NotNull, ObjectId, Oid, Origin};
use crate::diagnostic::SqlState;
use crate::parser::ast;

/// What `DROP` says of a missing object (`DropErrorMsgNonExistent`).
fn as_drop_says(kind: ast::ObjectType, mut error: crate::diagnostic::Diagnostic) -> crate::diagnostic::Diagnostic {
    let unnamed = [ast::ObjectType::ObjectIndex, ast::ObjectType::ObjectForeignTable].contains(&kind);
    if unnamed && error.sqlstate == Some(SqlState::UNDEFINED_TABLE) {
        error.sqlstate = Some(SqlState::UNDEFINED_OBJECT);
    }
    error
}

impl Session<'_> {
    pub(super) fn drop(&mut self, statement: &ast::DropStmt) -> Outcome {
        if matches!(statement.remove_type(), ast::ObjectType::ObjectOpclass | ast::ObjectType::ObjectOpfamily) {
            return self.drop_operator_class_or_family(statement);
        }
        let mut targets = Vec::new();
        for object in &statement.objects {
            match self.address(statement.remove_type(), object) {
                Ok(Some(address)) => {
                    self.check_droppable(&address)?;
                    self.check_no_aggregate(statement.remove_type(), &address)?;
                    targets.push(address);
                }
                // Kinds that shape nothing here.
                Ok(None) => {}
                Err(error) if statement.missing_ok && is_missing(error.sqlstate) => {}
                Err(error) => return Err(as_drop_says(statement.remove_type(), error)),
            }
        }
        let mut graph = self.dropping.take().unwrap_or_else(|| self.dependents());
        let gone = self.drop_in(&graph, &targets, statement.behavior())?;
        self.dropping = graph.without(gone).then_some(graph);
        Ok(())
    }

    /// `DROP FUNCTION` of an aggregate (`RemoveObjects`).
    fn check_no_aggregate(&self, kind: ast::ObjectType, address: &Address) -> Outcome {
        let Address::Routine(oid) = address else { return Ok(()) };
        let aggregate =
            self.catalog.routine(*oid).is_some_and(|row| row.kind == crate::catalog::RoutineKind::Aggregate);
        if kind == ast::ObjectType::ObjectFunction && aggregate {
            let message = format!("`{}` is an aggregate function", self.routine_text(*oid));
            return Err(self
                .error(SqlState::WRONG_OBJECT_TYPE, message, -1)
                .help("use `DROP AGGREGATE` to drop aggregate functions"));
        }
        Ok(())
    }

    fn check_droppable(&self, address: &Address) -> Outcome {
        if let Some(extension) = member_of(address).and_then(|member| self.catalog.extension_of(member)) {
            let message = format!("cannot drop {} because extension `{extension}` requires it", self.describe(address));
            let help = format!("drop the extension `{extension}` instead");
            return Err(self.error(SqlState::DEPENDENT_OBJECTS, message, -1).help(help));
        }
        match address {
            Address::Relation(oid) => self.own(*oid).map(|_| ()),
            Address::Type(oid) => match self.catalog.types.get(oid) {
                None => {
                    let shown = self.describe(address);
                    Err(self.error(SqlState("42501"), format!("permission denied: {shown} is built in"), -1))
                }
                Some(row) => match self.catalog.relation(row.relation) {
                    Some(relation) if relation.kind != crate::catalog::RelationKind::CompositeType => {
                        let (shown, owner) = (self.describe(address), self.describe(&Address::Relation(relation.oid)));
                        let message = format!("cannot drop {shown} because {owner} requires it");
                        Err(self.error(SqlState::DEPENDENT_OBJECTS, message, -1))
                    }
                    _ => Ok(()),
                },
            },
            Address::Index(relation, name) => {
                let row = self.own(*relation)?;
                let constraint = row.indexes.iter().find(|index| index.name == *name);
                match constraint.and_then(|index| index.constraint.as_ref()) {
                    Some(constraint) => {
                        let message = format!(
                            "cannot drop index `{name}` because constraint `{constraint}` on table `{}` requires it",
                            self.relation_name(*relation)
                        );
                        let help = format!("drop the constraint `{constraint}` instead");
                        Err(self.error(SqlState::DEPENDENT_OBJECTS, message, -1).help(help))
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Drops objects with what goes along; what hangs on them is an error, or goes too with CASCADE.
    pub(super) fn drop_objects(&mut self, targets: &[Address], behavior: ast::DropBehavior) -> Outcome {
        self.drop_in(&self.dependents(), targets, behavior).map(|_| ())
    }

    /// The same where the dependents of everything are known; what is gone then.
    fn drop_in(
        &mut self,
        graph: &Dependents,
        targets: &[Address],
        behavior: ast::DropBehavior,
    ) -> Outcome<BTreeSet<Address>> {
        let mut going: BTreeSet<Address> = BTreeSet::new();
        let mut blockers: Vec<(Address, Address)> = Vec::new();
        let mut pending: Vec<Address> = targets.iter().map(|target| self.whole(target)).collect();
        loop {
            self.close_over(graph, pending, &mut going, &mut blockers);
            blockers.retain(|(dependent, _)| !is_covered(dependent, &going));
            if self.passed_over.is_some() {
                // What a person made goes where they say so; what definitions make is there after it all the same.
                let goes = |session: &Self, dependent: &Address| {
                    behavior == ast::DropBehavior::DropCascade && session.is_hand_written(dependent)
                };
                blockers.retain(|(dependent, _)| goes(self, dependent) || !self.pass_over(dependent));
            }
            if blockers.is_empty() {
                break;
            }
            if behavior != ast::DropBehavior::DropCascade {
                return Err(self.in_the_way(targets, &blockers));
            }
            pending = blockers.drain(..).map(|(dependent, _)| self.whole(&dependent)).collect();
        }
        // Parts before wholes, so that names can still be told.
        for address in &going {
            match address {
                Address::Relation(oid) => self.remember_dropped(*oid),
                address => self.remember_dropped_object(address),
            }
        }
        for address in going.iter().filter(|address| !matches!(address, Address::Relation(_) | Address::Schema(_))) {
            self.remove(address);
        }
        for address in going.iter().filter(|address| matches!(address, Address::Relation(_))) {
            self.remove(address);
        }
        for address in going.iter().filter(|address| matches!(address, Address::Schema(_))) {
            self.remove(address);
        }
        Ok(going)
    }

    /// The composite type's relation stands for the type.
    fn whole(&self, address: &Address) -> Address {
        match address {
            Address::Type(oid) => match self.catalog.type_(*oid).map(|row| row.relation) {
                Some(relation) if relation.is_valid() => Address::Relation(relation),
                _ => address.clone(),
            },
            _ => address.clone(),
        }
    }

    fn close_over(
        &self,
        graph: &Dependents,
        mut pending: Vec<Address>,
        going: &mut BTreeSet<Address>,
        blockers: &mut Vec<(Address, Address)>,
    ) {
        while let Some(address) = pending.pop() {
            if !going.insert(address.clone()) {
                continue;
            }
            for part in self.parts(&address) {
                pending.push(part);
            }
            for (dependent, strength) in graph.with_strength(&address) {
                match strength {
                    Strength::Auto => pending.push(dependent.clone()),
                    Strength::Normal => blockers.push((dependent.clone(), address.clone())),
                }
            }
        }
    }

    /// What an object is made of and what can only go with it.
    fn parts(&self, address: &Address) -> Vec<Address> {
        match address {
            Address::Relation(oid) => {
                let Some(row) = self.catalog.relation(*oid) else { return Vec::new() };
                let columns = row.live_columns().map(|(number, _)| Address::Column(*oid, number));
                let constraints = row.constraints.iter().map(|constraint| Address::Constraint(*oid, constraint.oid));
                columns.chain(constraints).chain(self.attached_addresses(*oid)).collect()
            }
            Address::Type(oid) => self.attached_addresses(*oid),
            Address::Index(relation, name) => self.indexes_of_partitions(*relation, name),
            Address::Column(relation, number) => {
                let Some(row) = self.catalog.relation(*relation) else { return Vec::new() };
                let constraints = row.constraints.iter().filter(|constraint| constraint.columns.contains(number));
                let mut parts: Vec<Address> =
                    constraints.map(|constraint| Address::Constraint(*relation, constraint.oid)).collect();
                if row.columns.iter().any(|column| column.has_default) {
                    parts.push(Address::Attached(*relation, AttachedKind::Default(*number), String::new()));
                }
                // No column of a partition key goes without its table (`StorePartitionKey`).
                if self.catalog.partition_keys.get(relation).is_some_and(|key| key.columns.contains(number)) {
                    parts.push(Address::Relation(*relation));
                }
                parts
            }
            _ => Vec::new(),
        }
    }

    fn attached_addresses(&self, owner: Oid) -> Vec<Address> {
        let rows = self.catalog.attached.get(&owner).into_iter().flatten();
        rows.map(|row| Address::Attached(owner, row.kind, row.name.clone())).collect()
    }

    fn in_the_way(&self, targets: &[Address], blockers: &[(Address, Address)]) -> crate::diagnostic::Diagnostic {
        let target = targets.first().map(|target| self.describe(target)).unwrap_or_default();
        let message = if targets.len() > 1 {
            "cannot drop desired objects because other objects depend on them".to_owned()
        } else {
            format!("cannot drop {target} because other objects depend on it")
        };
        let mut lines: Vec<String> = blockers
            .iter()
            .map(|(dependent, on)| format!("{} depends on {}", self.describe(dependent), self.describe(on)))
            .collect();
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        let names: BTreeSet<String> = blockers.iter().map(|(dependent, _)| self.describe(dependent)).collect();
        let names: Vec<String> = names.into_iter().collect();
        let mut help = format!("drop {} first", names.join(", "));
        if self.origin == Origin::HandWritten && blockers.iter().all(|(dependent, _)| self.comes_back(dependent)) {
            help = format!("{help}, and make them again after it: {}", self.wrap_help());
        }
        self.error(SqlState::DEPENDENT_OBJECTS, message, -1).note(lines.join("; ")).help(help)
    }

    /// Takes one object out of the state, with what is kept about it.
    fn remove(&mut self, address: &Address) {
        let id = self.object_id(address);
        match address {
            Address::Relation(oid) => {
                self.remember_hand_written(address);
                self.remove_relation_row(*oid);
                return;
            }
            Address::Schema(oid) => {
                let name = self.catalog.schema_name(*oid).map(str::to_owned);
                name.into_iter().for_each(|name| self.catalog.move_default_privileges(&name, None));
                self.catalog.remove_schema(*oid);
            }
            Address::Extension(name) => {
                self.remove_extension(name);
            }
            Address::Column(relation, number) => self.remove_column(*relation, *number),
            Address::Constraint(relation, oid) => {
                let mut gone = None;
                self.catalog.update_relation(*relation, |row| {
                    gone = row.constraints.iter().find(|row| row.oid == *oid).map(|row| row.name.clone());
                    row.constraints.retain(|row| row.oid != *oid);
                    row.indexes.retain(|index| index.constraint.is_none() || index.constraint != gone);
                });
                if let Some(name) = gone {
                    let is_of_it = |kind| matches!(kind, AttachedKind::Check | AttachedKind::Index);
                    self.detach(*relation, |row| is_of_it(row.kind) && row.name == name);
                }
            }
            Address::Index(relation, name) => {
                self.catalog.update_relation(*relation, |row| row.indexes.retain(|index| index.name != *name));
                self.detach(*relation, |row| row.kind == AttachedKind::Index && row.name == *name);
            }
            Address::Attached(owner, kind, name) => {
                self.remember_hand_written(address);
                self.remove_attached(*owner, *kind, name);
            }
            Address::Type(oid) => {
                self.remember_hand_written(address);
                self.catalog.remove_type(*oid);
                self.catalog.attached.remove(oid);
            }
            Address::Routine(oid) => {
                self.remember_hand_written(address);
                self.catalog.remove_routine(*oid);
            }
            Address::Operator(oid) => {
                self.catalog.remove_operator(*oid);
            }
            Address::Collation(oid) => {
                self.catalog.remove_collation(*oid);
            }
            Address::Cast(source, target) => {
                self.catalog.remove_cast(*source, *target);
            }
            Address::Statistics(oid) => {
                self.remember_hand_written(address);
                self.catalog.statistics.remove(oid);
            }
            Address::EventTrigger(name) => {
                self.remember_hand_written(address);
                self.catalog.event_triggers.remove(name);
            }
        }
        match id {
            Some(id @ (ObjectId::Constraint(..) | ObjectId::Index(..))) => self.forget_part(&id),
            Some(id) => self.forget(&id),
            None => {}
        }
    }

    fn remove_attached(&mut self, owner: Oid, kind: AttachedKind, name: &str) {
        self.detach(owner, |row| row.kind == kind && row.name == name);
        match kind {
            AttachedKind::Default(number) => {
                self.update_column(owner, number, |column| {
                    if column.source == crate::catalog::ColumnSource::Plain {
                        column.has_default = false;
                    }
                });
            }
            AttachedKind::Check => {
                self.catalog.update_relation(owner, |row| row.constraints.retain(|row| row.name != name));
            }
            AttachedKind::Index => {
                self.catalog.update_relation(owner, |row| {
                    // That of an exclusion constraint has its name.
                    let is_of_it = |index: &Index| index.name == name && index.constraint.is_some();
                    if row.indexes.iter().any(is_of_it) {
                        row.constraints.retain(|row| row.name != name);
                    }
                    row.indexes.retain(|index| index.name != name);
                });
            }
            _ => {}
        }
    }

    /// Whether a person's migration made an object last.
    pub(super) fn is_hand_written(&self, address: &Address) -> bool {
        let provenance = match address {
            Address::Relation(oid) => {
                let row = self.catalog.relations.get(oid);
                let composite = row.and_then(|row| self.catalog.types.get(&row.row_type)?.source.as_ref());
                match composite {
                    Some(source) => Some(&source.provenance),
                    None => row.filter(|row| row.view.is_some()).and_then(|row| row.provenance.as_ref()),
                }
            }
            Address::Type(oid) => {
                self.catalog.types.get(oid).and_then(|row| row.source.as_ref()).map(|source| &source.provenance)
            }
            Address::Routine(oid) => {
                self.catalog.routines.get(oid).and_then(|row| row.source.as_ref()).map(|source| &source.provenance)
            }
            Address::Attached(relation, kind, name) => {
                let rows = self.catalog.attached.get(relation).into_iter().flatten();
                let mut rows = rows.filter(|row| row.source.is_some() && row.kind == *kind && row.name == *name);
                rows.next().and_then(|row| row.provenance.as_ref())
            }
            Address::Statistics(oid) => self.catalog.statistics.get(oid).map(|row| &row.provenance),
            Address::EventTrigger(name) => self.catalog.event_triggers.get(name).map(|row| &row.provenance),
            _ => None,
        };
        provenance.is_some_and(|provenance| provenance.origin == Origin::HandWritten)
    }

    /// Hand-written objects that a generated migration takes away come back as hand-written ones.
    fn remember_hand_written(&mut self, address: &Address) {
        if self.origin == Origin::Generated
            && self.is_hand_written(address)
            && let Some(id) = self.object_id(address)
        {
            self.dropped_by_hand.insert(id);
        }
    }

    /// Takes a relation out with its types and everything that is kept about it.
    pub(super) fn remove_relation_row(&mut self, oid: Oid) {
        let name = address::relation_name(&self.catalog, oid);
        let Some(row) = self.catalog.remove_relation(oid) else { return };
        if let Some(row_type) = self.catalog.remove_type(row.row_type) {
            self.catalog.remove_type(row_type.array);
        }
        self.catalog.attached.remove(&oid);
        self.catalog.sequence_owners.remove(&oid);
        self.catalog.sequences.remove(&oid);
        self.catalog.typed_tables.remove(&oid);
        self.catalog.partition_keys.remove(&oid);
        self.catalog.partition_bounds.remove(&oid);
        self.catalog.partition_values.remove(&oid);
        self.catalog.row_security.remove(&oid);
        if let Some(name) = name {
            self.catalog.change_attachments(|said| said.forget_relation(&name));
        }
    }

    fn remove_column(&mut self, relation: Oid, number: i16) {
        let Some(column) = self.catalog.relation(relation).and_then(|row| row.attribute(number)).cloned() else {
            return;
        };
        self.catalog.update_relation(relation, |row| {
            let mut gone: BTreeSet<String> = row
                .constraints
                .iter()
                .filter(|constraint| constraint.columns.contains(&number))
                .map(|constraint| constraint.name.clone())
                .collect();
            let including = row.indexes.iter().filter(|index| index.included.contains(&number));
            gone.extend(including.filter_map(|index| index.constraint.clone()));
            row.constraints.retain(|constraint| !gone.contains(&constraint.name));
            row.indexes.retain(|index| {
                !index.columns.contains(&number) && index.constraint.as_ref().is_none_or(|name| !gone.contains(name))
            });
        });
        self.detach(relation, |row| row.kind == AttachedKind::Default(number));
        self.update_column(relation, number, |column| {
            // RemoveAttributeById in heap.c.
            column.name = format!("........pg.dropped.{number}........");
            column.type_ = Oid::INVALID;
            column.collation = Oid::INVALID;
            column.not_null = NotNull::No;
            column.has_default = false;
            column.source = crate::catalog::ColumnSource::Plain;
            column.dropped = true;
        });
        if let Some(id) = self.object_id(&Address::Relation(relation)) {
            self.catalog.change_attachments(|said| said.forget_column(&id, &column.name));
        }
    }

    /// Forgets comment, privileges and owner of an object.
    pub(super) fn forget(&mut self, id: &ObjectId) {
        self.catalog.change_attachments(|said| said.forget(id));
    }

    /// `ON COMMIT DROP`
    pub(super) fn drop_at_commit(&mut self) {
        let going: Vec<Address> = self.catalog.uncommitted.dropped.iter().map(|oid| Address::Relation(*oid)).collect();
        let going: Vec<Address> = going.into_iter().filter(|address| self.object_id(address).is_some()).collect();
        if !going.is_empty() {
            // Nothing permanent can depend on a temporary object.
            let _ = self.drop_objects(&going, ast::DropBehavior::DropCascade);
        }
    }

    /// Temporary objects go at the end of a session.
    pub(super) fn drop_temporary_objects(&mut self) {
        let Some(schema) = self.catalog.schema_by_name(super::names::TEMPORARY_SCHEMA) else { return };
        // Nothing permanent can depend on a temporary object.
        let _ = self.drop_objects(&[Address::Schema(schema)], ast::DropBehavior::DropCascade);
    }
}

/// Whether an object goes already, by itself or as a part of its relation.
fn is_covered(address: &Address, going: &BTreeSet<Address>) -> bool {
    let relation = match address {
        Address::Column(relation, _)
        | Address::Constraint(relation, _)
        | Address::Index(relation, _)
        | Address::Attached(relation, _, _) => Some(*relation),
        _ => None,
    };
    going.contains(address)
        || relation.is_some_and(|relation| going.contains(&Address::Relation(relation)))
        || match address {
            Address::Attached(relation, AttachedKind::Default(number), _) => {
                going.contains(&Address::Column(*relation, *number))
            }
            _ => false,
        }
}

fn is_missing(code: Option<SqlState>) -> bool {
    const MISSING: [SqlState; 5] = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::UNDEFINED_OBJECT,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::UNDEFINED_SCHEMA,
    ];
    code.is_some_and(|code| MISSING.contains(&code))
}
