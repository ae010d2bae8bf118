//! What hangs on what: the reverse of every dependency of a state, as `pg_depend` would hold it, for DROP and for
//! changes of column types.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::session::Session;
use crate::analysis::Dependency;
use crate::catalog::{
    AttachedKind, Catalog, ColumnSource, ConstraintKind, FIRST_USER_OID, Member, Oid, Relation, RoutineKind, TypeKind,
};

/// `pg_depend.deptype`, as far as DROP distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// In the way of a drop, unless it cascades.
    Normal,
    /// Goes along by itself.
    Auto,
}

/// Dependents by what they depend on.
#[derive(Debug, Default)]
pub(super) struct Dependents {
    dependents: BTreeMap<Address, Vec<(Address, Strength)>>,
    /// The extension that an object belongs to: it stands for its members.
    extensions: BTreeMap<Address, String>,
    /// What has been dropped since.
    gone: BTreeSet<Address>,
}

impl Dependents {
    /// Direct dependents.
    pub(super) fn of(&self, address: &Address) -> impl Iterator<Item = &Address> {
        self.with_strength(address).map(|(dependent, _)| dependent)
    }

    /// Direct dependents, and how strongly they hang.
    pub(super) fn with_strength(&self, address: &Address) -> impl Iterator<Item = (&Address, Strength)> {
        let there = self.dependents.get(address).into_iter().flatten().filter(|(one, _)| !self.gone.contains(one));
        there.map(|(dependent, strength)| (dependent, *strength))
    }

    /// Takes out what was dropped; false where more may have changed than that, so that all must be looked for again.
    pub(super) fn without(&mut self, gone: BTreeSet<Address>) -> bool {
        let known = gone.iter().all(|address| {
            matches!(
                address,
                Address::Relation(_)
                    | Address::Column(..)
                    | Address::Constraint(..)
                    | Address::Attached(..)
                    | Address::Type(_)
                    | Address::Routine(_)
            )
        });
        self.gone.extend(gone);
        known
    }

    fn add(&mut self, on: Address, dependent: Address, strength: Strength) {
        let dependent = match self.extensions.get(&dependent) {
            Some(extension) => Address::Extension(extension.clone()),
            None => dependent,
        };
        self.dependents.entry(on).or_default().push((dependent, strength));
    }

    fn on_type(&mut self, type_: Oid, dependent: Address) {
        if type_.0 >= FIRST_USER_OID {
            self.add(Address::Type(type_), dependent, Strength::Normal);
        }
    }
}

impl Session<'_> {
    /// The dependents of everything in the state.
    pub(super) fn dependents(&self) -> Dependents {
        let catalog = &self.catalog;
        let mut found = Dependents::default();
        for (name, extension) in &catalog.extensions {
            let whole = || Address::Extension(name.clone());
            found.add(Address::Schema(extension.schema), whole(), Strength::Normal);
            for required in &extension.requires {
                found.add(Address::Extension(required.clone()), whole(), Strength::Normal);
            }
            for member in extension.members.iter().filter_map(of_member) {
                found.add(whole(), member, Strength::Auto);
            }
        }
        // Only from here on does the extension stand for its members.
        for (name, extension) in &catalog.extensions {
            let members = extension.members.iter().filter_map(of_member);
            found.extensions.extend(members.map(|member| (member, name.clone())));
        }
        for relation in catalog.relations.values() {
            add_relation(catalog, relation, &mut found);
        }
        for type_ in catalog.types.values() {
            let address = || Address::Type(type_.oid);
            if !type_.relation.is_valid() && !is_array_of_another(catalog, type_.oid) {
                found.add(Address::Schema(type_.schema), address(), Strength::Normal);
            }
            if type_.array.is_valid() {
                found.add(address(), Address::Type(type_.array), Strength::Auto);
            }
            match (type_.kind, type_.range) {
                (TypeKind::Domain, _) => found.on_type(type_.base, address()),
                (TypeKind::Range, Some(range)) => {
                    found.on_type(range.subtype, address());
                    found.add(address(), Address::Type(range.multirange), Strength::Auto);
                }
                _ => {}
            }
        }
        for routine in catalog.routines.values() {
            let address = || Address::Routine(routine.oid);
            if routine.source.is_none() && !found.extensions.contains_key(&address()) {
                // Constructors of range types.
                found.add(Address::Type(routine.result), address(), Strength::Auto);
                continue;
            }
            found.add(Address::Schema(routine.schema), address(), Strength::Normal);
            let types = routine.inputs.iter().chain([&routine.result]);
            for type_ in types.copied().chain(routine.parameters.iter().map(|parameter| parameter.type_)) {
                found.on_type(type_, address());
            }
            for dependency in routine.source.iter().flat_map(|source| &source.dependencies) {
                found.add(of_dependency(*dependency), address(), Strength::Normal);
            }
            if let (RoutineKind::Aggregate, Some(aggregate)) = (routine.kind, &routine.aggregate) {
                for function in [aggregate.transition, aggregate.final_function] {
                    found.add(Address::Routine(function), address(), Strength::Normal);
                }
            }
        }
        for operator in catalog.operators.values() {
            let address = || Address::Operator(operator.oid);
            found.add(Address::Schema(operator.schema), address(), Strength::Normal);
            found.on_type(operator.left, address());
            found.on_type(operator.right, address());
            found.add(Address::Routine(operator.function), address(), Strength::Normal);
        }
        for cast in catalog.casts.values() {
            let address = || Address::Cast(cast.source, cast.target);
            // The cast of a range to its multirange came with the range.
            if catalog.routines.get(&cast.function).is_some_and(|function| function.source.is_none()) {
                for on in [Address::Type(cast.source), Address::Type(cast.target), Address::Routine(cast.function)] {
                    found.add(on, address(), Strength::Auto);
                }
                continue;
            }
            found.on_type(cast.source, address());
            found.on_type(cast.target, address());
            found.add(Address::Routine(cast.function), address(), Strength::Normal);
        }
        for collation in catalog.collations.values() {
            found.add(Address::Schema(collation.schema), Address::Collation(collation.oid), Strength::Normal);
        }
        for (owner, rows) in &catalog.attached {
            for row in rows {
                let address = Address::Attached(*owner, row.kind, row.name.clone());
                for dependency in &row.dependencies {
                    let own = matches!(dependency, Dependency::Column(relation, _) if relation == owner);
                    let strength = match row.kind {
                        AttachedKind::Check | AttachedKind::Index if own => Strength::Auto,
                        _ => Strength::Normal,
                    };
                    let dependent = match row.kind {
                        // A generated column goes with its expression.
                        AttachedKind::Default(number) if own && is_generated(catalog, *owner, number) => {
                            Address::Column(*owner, number)
                        }
                        _ => address.clone(),
                    };
                    found.add(of_dependency(*dependency), dependent, strength);
                }
            }
        }
        for (oid, row) in &catalog.statistics {
            found.add(Address::Schema(row.schema), Address::Statistics(*oid), Strength::Normal);
            found.add(Address::Relation(row.relation), Address::Statistics(*oid), Strength::Auto);
            for dependency in &row.dependencies {
                let own = matches!(dependency, Dependency::Column(relation, _) if *relation == row.relation);
                let strength = if own { Strength::Auto } else { Strength::Normal };
                found.add(of_dependency(*dependency), Address::Statistics(*oid), strength);
            }
        }
        for (name, row) in &catalog.event_triggers {
            found.add(Address::Routine(row.function), Address::EventTrigger(name.clone()), Strength::Normal);
        }
        for (table, type_) in &catalog.typed_tables {
            found.on_type(*type_, Address::Relation(*table));
        }
        for (sequence, (table, number)) in &catalog.sequence_owners {
            found.add(Address::Column(*table, *number), Address::Relation(*sequence), Strength::Auto);
        }
        found
    }
}

fn is_generated(catalog: &Catalog, relation: Oid, number: i16) -> bool {
    let column = catalog.relation(relation).and_then(|row| row.attribute(number));
    column.is_some_and(|column| matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual))
}

/// Whether a type is the array type that came with another one.
fn is_array_of_another(catalog: &Catalog, oid: Oid) -> bool {
    let element = catalog.element_type(oid);
    catalog.type_(element).is_some_and(|element| element.array == oid)
}

/// The row that a member of an extension is; a family is none here.
fn of_member(member: &Member) -> Option<Address> {
    Some(match *member {
        Member::Schema(oid) => Address::Schema(oid),
        Member::Type(oid) => Address::Type(oid),
        Member::Relation(oid) => Address::Relation(oid),
        Member::Routine(oid) => Address::Routine(oid),
        Member::Operator(oid) => Address::Operator(oid),
        Member::Collation(oid) => Address::Collation(oid),
        Member::Cast(source, target) => Address::Cast(source, target),
        Member::Family(_) => return None,
    })
}

/// What a row would be as a member of an extension.
pub(super) fn member_of(address: &Address) -> Option<Member> {
    Some(match *address {
        Address::Schema(oid) => Member::Schema(oid),
        Address::Type(oid) => Member::Type(oid),
        Address::Relation(oid) => Member::Relation(oid),
        Address::Routine(oid) => Member::Routine(oid),
        Address::Operator(oid) => Member::Operator(oid),
        Address::Collation(oid) => Member::Collation(oid),
        Address::Cast(source, target) => Member::Cast(source, target),
        _ => return None,
    })
}

pub(super) fn of_dependency(dependency: Dependency) -> Address {
    match dependency {
        Dependency::Relation(oid) => Address::Relation(oid),
        Dependency::Column(relation, number) => Address::Column(relation, number),
        Dependency::Routine(oid) => Address::Routine(oid),
        Dependency::Operator(oid) => Address::Operator(oid),
        Dependency::Type(oid) => Address::Type(oid),
        Dependency::Collation(oid) => Address::Collation(oid),
        Dependency::Constraint(relation, constraint) => Address::Constraint(relation, constraint),
    }
}

fn add_relation(catalog: &Catalog, relation: &Relation, found: &mut Dependents) {
    let address = || Address::Relation(relation.oid);
    found.add(Address::Schema(relation.schema), address(), Strength::Normal);
    found.add(address(), Address::Type(relation.row_type), Strength::Auto);
    for (number, column) in relation.live_columns() {
        if relation.view.is_none() {
            found.on_type(column.type_, Address::Column(relation.oid, number));
            if column.collation.0 >= FIRST_USER_OID {
                let dependent = Address::Column(relation.oid, number);
                found.add(Address::Collation(column.collation), dependent, Strength::Normal);
            }
        }
    }
    let parent_strength = if relation.is_partition { Strength::Auto } else { Strength::Normal };
    for parent in &relation.parents {
        found.add(Address::Relation(*parent), address(), parent_strength);
    }
    for constraint in relation.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::ForeignKey) {
        let dependent = || Address::Constraint(relation.oid, constraint.oid);
        if constraint.references != relation.oid {
            found.add(Address::Relation(constraint.references), dependent(), Strength::Normal);
        }
        let referenced = catalog.relation(constraint.references);
        if let Some((row, index)) = referenced.and_then(|row| Some((row, row.unique_index(&constraint.referenced)?))) {
            let owner = row.constraints.iter().find(|owner| index.constraint.as_ref() == Some(&owner.name));
            let key = match owner {
                Some(owner) => Address::Constraint(row.oid, owner.oid),
                None => Address::Index(row.oid, index.name.clone()),
            };
            found.add(key, dependent(), Strength::Normal);
        }
    }
    for dependency in relation.view.iter().flat_map(|view| &view.analysis.dependencies) {
        found.add(of_dependency(*dependency), address(), Strength::Normal);
    }
}
