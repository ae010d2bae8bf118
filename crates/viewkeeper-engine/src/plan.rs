//! From changes to ordered steps: which objects must be recreated because of others, and in which order everything is
//! done. The rollback is the plan of the same two states the other way round.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, ObjectId};
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::diff::{Change, ChangeKind, describe, diff};
use crate::graph::{self, reachable, reversed, topological_order};
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;
use crate::object::{self, Action, Kind, Statement, kind_of, relation_name};

/// Ordered steps with what they risk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What changes, by name, objects that are recreated only because of others included.
    pub changes: Vec<Change>,
    /// How, in order.
    pub steps: Vec<Step>,
    /// Relations that are dropped and made anew, in the order in which they are made: what hangs on them is kept.
    pub kept: Vec<QualifiedName>,
    /// What it risks, worst first.
    pub hazards: Vec<Hazard>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether code that reads the relations as they were goes on working.
    pub fn is_compatible(&self) -> bool {
        !self.hazards.iter().any(|hazard| matches!(hazard.kind, HazardKind::BreaksCode | HazardKind::LosesData))
    }
}

/// What is done to one object at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The object.
    pub id: ObjectId,
    /// What is done.
    pub action: Action,
    /// How.
    pub statements: Vec<Statement>,
    /// The search path that the statements were written for; empty when they name everything in full.
    pub search_path: Vec<String>,
}

/// Plans the way from one state to another.
///
/// # Errors
/// When something that viewkeeper cannot restore yet stands on an object that must be recreated, or when the order has
/// a cycle.
pub fn plan(old: &Catalog, new: &Catalog) -> Result<Plan, Diagnostics> {
    let changes = diff(old, new);
    if changes.is_empty() {
        return Ok(Plan::default());
    }
    let states = States { old, new, old_graph: graph::dependencies(old), new_graph: graph::dependencies(new) };
    let changes = states.with_dependents(changes);
    states.refuse_what_cannot_be_restored(&changes)?;
    let order = states.order(&changes)?;
    let mut plan = Plan::default();
    for node in &order {
        states.add_steps(node, &changes, &mut plan);
    }
    let mut hazards: BTreeSet<Hazard> = changes.values().flat_map(|change| change.hazards.clone()).collect();
    for step in &plan.steps {
        let is_new = changes.get(&step.id).is_some_and(|change| change.kind == ChangeKind::Create);
        if let Some(kind) = kind_of(&step.id).filter(|_| !is_new) {
            let state = if step.action == Action::Drop { old } else { new };
            hazards.extend(kind.hazards(state, &step.id, step.action));
        }
    }
    plan.hazards = hazards.into_iter().collect();
    plan.changes = changes.into_values().collect();
    Ok(plan)
}

/// Something to do, as a node of the order. The action comes first: where the graph leaves a choice, what takes long
/// goes before what takes locks.
type Node = (Rank, ObjectId, Action);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Building,
    Dropping,
    Making,
    Altering,
    Attaching,
}

fn node(id: &ObjectId, action: Action) -> Node {
    let rank = match action {
        Action::Build => Rank::Building,
        Action::Drop => Rank::Dropping,
        Action::Swap | Action::Create | Action::Replace => Rank::Making,
        Action::Alter => Rank::Altering,
        Action::Attach => Rank::Attaching,
    };
    (rank, id.clone(), action)
}

type Graph = BTreeMap<ObjectId, BTreeSet<ObjectId>>;

struct States<'c> {
    old: &'c Catalog,
    new: &'c Catalog,
    old_graph: Graph,
    new_graph: Graph,
}

impl States<'_> {
    /// Adds what must be recreated because something below it is, or goes and something else takes its name.
    fn with_dependents(&self, changes: Vec<Change>) -> BTreeMap<ObjectId, Change> {
        let mut changes: BTreeMap<ObjectId, Change> =
            changes.into_iter().map(|change| (change.id.clone(), change)).collect();
        let readers = reversed(&self.old_graph);
        let goes = |change: &&Change| matches!(change.kind, ChangeKind::Recreate | ChangeKind::Drop);
        let mut open: Vec<ObjectId> = changes.values().filter(goes).map(|change| change.id.clone()).collect();
        while let Some(base) = open.pop() {
            for reader in readers.get(&base).into_iter().flatten() {
                let still_reads = reachable(&self.new_graph, reader)
                    .into_iter()
                    .any(|read| relation_name(read).is_some() && relation_name(read) == relation_name(&base));
                let because = format!("because {} is made anew", describe(&base));
                match changes.get_mut(reader) {
                    None => {
                        let change = Change {
                            id: reader.clone(),
                            kind: ChangeKind::Recreate,
                            details: vec![because],
                            hazards: Vec::new(),
                            because_of: Some(base.clone()),
                        };
                        changes.insert(reader.clone(), change);
                        open.push(reader.clone());
                    }
                    // A replaced view that lets go of the recreated one is replaced before that is dropped.
                    Some(change) if change.kind == ChangeKind::Replace && !still_reads => {}
                    Some(change) if matches!(change.kind, ChangeKind::Replace | ChangeKind::Alter) => {
                        change.kind = ChangeKind::Recreate;
                        change.details.push(because);
                        open.push(reader.clone());
                    }
                    Some(_) => {}
                }
            }
        }
        changes
    }

    /// Things that hang on an object which must be recreated and are neither kept objects nor restored by a migration.
    /// The server would refuse the drop; it is said here, before a file is written.
    fn refuse_what_cannot_be_restored(&self, changes: &BTreeMap<ObjectId, Change>) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        for id in recreated(changes) {
            let Some(relation) = relation_name(id).and_then(|name| self.old.relation_named(name)) else { continue };
            for user in self.users_of_row_type(relation.row_type) {
                problems.push(
                    Diagnostic::error(format!("{} must be recreated, but {user} uses its row type", describe(id)))
                        .code(SqlState::DEPENDENT_OBJECTS)
                        .note("PostgreSQL refuses to drop it, and viewkeeper cannot restore what uses a row type yet")
                        .help(format!(
                            "drop {user} in a migration of your own before this change, and make it again after it"
                        )),
                );
            }
        }
        // A hand-written view stays as it is: what it reads must stay too.
        for change in changes.values() {
            let gone = change.because_of.as_ref().filter(|base| {
                changes.get(base).is_some_and(|base| base.kind == ChangeKind::Drop)
                    && relation_name(base).is_some_and(|name| self.new.relation_named(name).is_none())
            });
            if let Some(gone) = gone {
                let (reader, gone) = (describe(&change.id), describe(gone));
                problems.push(
                    Diagnostic::error(format!("{gone} is no longer declared, but {reader} reads it"))
                        .code(SqlState::DEPENDENT_OBJECTS)
                        .note(format!("{reader} was made by a hand-written migration, and no definition declares it"))
                        .help(format!("declare {gone} again, or drop {reader} in a migration of your own first")),
                );
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    fn users_of_row_type(&self, row_type: crate::catalog::Oid) -> BTreeSet<String> {
        let array = self.old.types.get(&row_type).map(|type_| type_.array);
        let is_row = |type_: crate::catalog::Oid| type_.is_valid() && (type_ == row_type || Some(type_) == array);
        let mut users = BTreeSet::new();
        for routine in self.old.routines.values() {
            let mut types = routine.inputs.iter().chain(routine.parameters.iter().map(|parameter| &parameter.type_));
            if is_row(routine.result) || types.any(|type_| is_row(*type_)) {
                users.insert(format!("routine `{}`", routine.name));
            }
        }
        for relation in self.old.relations.values() {
            if relation.view.is_none() && relation.live_columns().any(|(_, column)| is_row(column.type_)) {
                users.insert(format!("table `{}`", relation.name));
            }
        }
        users
    }

    /// Whether a recreated object is built beside the old one: only when nothing it reads is recreated with it.
    fn is_swapped(&self, id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
        let reads_recreated = self
            .new_graph
            .get(id)
            .into_iter()
            .flatten()
            .any(|read| changes.get(read).is_some_and(|change| change.kind == ChangeKind::Recreate));
        !reads_recreated && kind_of(id).is_some_and(|kind| kind.swap(self.old, self.new, id).is_some())
    }

    /// The nodes of a change: first what ends the old state, then what makes the new one.
    fn nodes(&self, change: &Change, changes: &BTreeMap<ObjectId, Change>) -> (Option<Node>, Option<Node>) {
        let id = &change.id;
        match change.kind {
            ChangeKind::Create => (None, Some(node(id, Action::Create))),
            ChangeKind::Replace => (Some(node(id, Action::Replace)), Some(node(id, Action::Replace))),
            ChangeKind::Alter => (None, Some(node(id, Action::Alter))),
            ChangeKind::Drop => (Some(node(id, Action::Drop)), None),
            ChangeKind::Recreate if self.is_swapped(id, changes) => {
                (Some(node(id, Action::Swap)), Some(node(id, Action::Swap)))
            }
            ChangeKind::Recreate => (Some(node(id, Action::Drop)), Some(node(id, Action::Create))),
        }
    }

    fn order(&self, changes: &BTreeMap<ObjectId, Change>) -> Result<Vec<Node>, Diagnostics> {
        let mut waits_for: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        let mut freed_names: BTreeMap<&QualifiedName, Node> = BTreeMap::new();
        let ends_and_makes: BTreeMap<&ObjectId, (Option<Node>, Option<Node>)> =
            changes.iter().map(|(id, change)| (id, self.nodes(change, changes))).collect();
        for (id, (end, _)) in &ends_and_makes {
            if let (Some(name), Some(end)) = (relation_name(id), end)
                && end.2 == Action::Drop
            {
                freed_names.insert(name, end.clone());
            }
        }
        for (id, (end, make)) in &ends_and_makes {
            for node in end.iter().chain(make) {
                waits_for.entry(node.clone()).or_default();
            }
            let swapped = make.as_ref().is_some_and(|make| make.2 == Action::Swap);
            let build = swapped.then(|| node(id, Action::Build));
            if let (Some(make), Some(ChangeKind::Recreate)) = (make, changes.get(*id).map(|change| change.kind)) {
                waits_for.entry(node(id, Action::Attach)).or_default().insert(make.clone());
            }
            if let (Some(make), Some(build)) = (make, &build) {
                waits_for.entry(build.clone()).or_default();
                waits_for.entry(make.clone()).or_default().insert(build.clone());
            }
            if let Some(make) = make {
                let first = build.as_ref().unwrap_or(make);
                let before = waits_for.entry(first.clone()).or_default();
                // The new state needs what it reads in its new state, and its name free.
                for read in self.new_graph.get(*id).into_iter().flatten() {
                    before.extend(ends_and_makes.get(read).and_then(|(_, make)| make.clone()));
                }
                let freed = relation_name(id).and_then(|name| freed_names.get(name));
                before.extend(freed.filter(|drop| *drop != first).cloned());
            }
            // The old state of what is read may go only when its old readers are gone.
            if let Some(end) = end {
                for read in self.old_graph.get(*id).into_iter().flatten() {
                    if let Some((Some(read_end), _)) = ends_and_makes.get(read)
                        && matches!(read_end.2, Action::Drop | Action::Swap)
                    {
                        waits_for.entry(read_end.clone()).or_default().insert(end.clone());
                    }
                }
            }
        }
        topological_order(&waits_for).map_err(|cycle| {
            let members: Vec<_> = cycle.iter().map(|(_, id, action)| format!("{action:?} {}", describe(id))).collect();
            Diagnostics(vec![
                Diagnostic::error(format!("the changes depend on each other in a circle: {}", members.join(" -> ")))
                    .help("make the change in two migrations"),
            ])
        })
    }

    fn add_steps(&self, (_, id, action): &Node, changes: &BTreeMap<ObjectId, Change>, plan: &mut Plan) {
        let (Some(kind), Some(change)) = (kind_of(id), changes.get(id)) else { return };
        let recreated = change.kind == ChangeKind::Recreate;
        let swap = || kind.swap(self.old, self.new, id);
        let (statements, new_text) = match action {
            Action::Build => (swap().map(|swap| swap.build).unwrap_or_default(), true),
            Action::Drop => (kind.drop(self.old, id), false),
            Action::Swap => (swap().map(|swap| swap.swap).unwrap_or_default(), false),
            Action::Create if recreated => (kind.create(self.new, id), true),
            Action::Create => {
                let mut statements = kind.create(self.new, id);
                statements.extend(object::additions(None, self.new, id));
                (statements, true)
            }
            Action::Attach => (object::additions(None, self.new, id), false),
            Action::Replace => {
                let mut statements = object::removals(self.old, self.new, id);
                statements.extend(kind.replace(self.old, self.new, id));
                statements.extend(object::additions(Some(self.old), self.new, id));
                (statements, true)
            }
            Action::Alter => (altering(kind, self.old, self.new, id), false),
        };
        // What the new state does not have is taken from the old object before anything is kept.
        if recreated && matches!(action, Action::Drop | Action::Swap) {
            let removals = taking_away(kind, self.old, self.new, id);
            if !removals.is_empty() {
                let first = plan.steps.iter().take_while(|step| step.action == Action::Alter).count();
                let step =
                    Step { id: id.clone(), action: Action::Alter, statements: removals, search_path: Vec::new() };
                plan.steps.insert(first, step);
            }
        }
        if recreated
            && matches!(action, Action::Create | Action::Swap)
            && let Some(name) = relation_name(id)
        {
            plan.kept.push(name.clone());
        }
        if statements.is_empty() {
            return;
        }
        let search_path = if new_text { kind.search_path(self.new, id).to_vec() } else { Vec::new() };
        plan.steps.push(Step { id: id.clone(), action: *action, statements, search_path });
    }
}

fn taking_away(kind: &dyn Kind, old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let mut statements = object::removals(old, new, id);
    statements.extend(kind.compare(old, new, id).take_away);
    statements
}

fn altering(kind: &dyn Kind, old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let mut statements = taking_away(kind, old, new, id);
    statements.extend(kind.compare(old, new, id).alter);
    statements.extend(object::additions(Some(old), new, id));
    statements
}

fn recreated(changes: &BTreeMap<ObjectId, Change>) -> impl Iterator<Item = &ObjectId> {
    changes.values().filter(|change| change.kind == ChangeKind::Recreate).map(|change| &change.id)
}
