//! From changes to ordered steps: which objects must be recreated because of others, and in which order everything is
//! done. The rollback is the plan of the same two states the other way round.

mod moved;
mod names;
mod parts;
mod renames;
mod table_parts;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use moved::{goes_before, graph_before, without_moved_parts};
use names::{names, namesake};
use parts::{is_recreated, is_successor, part_owner, rebuilt_statistics};
use renames::with_renames;
pub(crate) use renames::{RenamesCome, plan_around_renaming};
pub(crate) use table_parts::{TablePart, TableParts};

use crate::broken_rows;
use crate::catalog::{Catalog, Firing, NameKey, ObjectId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::diff::{Change, ChangeKind, diff};
use crate::graph::{self, reachable, reversed, topological_order};
use crate::hazard::{Hazard, HazardKind};
use crate::object::{self, Action, Statement, kind_of};
use crate::refusal;
use crate::rename::{self, Rename};
use crate::replay;

/// Ordered steps with what they risk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What changes, by name, objects that are recreated only because of others included.
    pub changes: Vec<Change>,
    /// How, in order.
    pub steps: Vec<Step>,
    /// What only has another name, in order.
    pub renames: Vec<Rename>,
    /// How many of the steps come before the statements that a person wrote, around which the plan is made.
    pub before_written: usize,
    /// Objects that are dropped and made anew, in the order in which they are made: what hangs on them is kept.
    pub kept: Vec<ObjectId>,
    /// Views that come in the place of materialized views of the same name, and the other way round: what both can have is
    /// kept.
    pub successors: Vec<ObjectId>,
    /// Objects that are replaced in place, of which PostgreSQL resets something that may have been set by hand.
    pub reset: Vec<ObjectId>,
    /// Indexes that are dropped and made anew while what they are on stays.
    pub remade_indexes: Vec<ObjectId>,
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
    plan_recreating(old, new, &BTreeSet::new())
}

/// The same, with some of the changed objects made anew even where they could be changed in place.
///
/// # Errors
/// As [`plan`].
pub(crate) fn plan_recreating(
    old: &Catalog,
    new: &Catalog,
    recreated: &BTreeSet<ObjectId>,
) -> Result<Plan, Diagnostics> {
    let renames = rename::between(old, new);
    let under_new_names = match renames.as_slice() {
        [] => Cow::Borrowed(old),
        renames => Cow::Owned(replay::renamed(old, renames)),
    };
    let mut changes = diff(&under_new_names, new);
    for change in changes.iter_mut().filter(|change| recreated.contains(&change.id)) {
        change.kind = ChangeKind::Recreate;
        change.difference.alter.clear();
    }
    let plan = plan_of(&under_new_names, &under_new_names, new, &BTreeSet::new(), changes)?;
    Ok(if renames.is_empty() { plan } else { with_renames(plan, old, &renames, RenamesCome::First) })
}

/// Plans the way from `first` to `new` around statements that a person wrote: they lead from `first` to `old`, as long as
/// nothing of `in_the_way` is there (and nothing that depends on it).
///
/// # Errors
/// As [`plan`].
pub(crate) fn plan_around(
    first: &Catalog,
    old: &Catalog,
    new: &Catalog,
    in_the_way: &BTreeSet<ObjectId>,
) -> Result<Plan, Diagnostics> {
    let old = without_moved_parts(first, old, in_the_way);
    plan_of(first, &old, new, in_the_way, diff(&old, new))
}

fn plan_of(
    first: &Catalog,
    old: &Catalog,
    new: &Catalog,
    in_the_way: &BTreeSet<ObjectId>,
    mut changes: Vec<Change>,
) -> Result<Plan, Diagnostics> {
    if changes.is_empty() && in_the_way.is_empty() {
        return Ok(Plan::default());
    }
    for id in in_the_way {
        let because = "because the migration changes what it uses".to_owned();
        match changes.iter_mut().find(|change| change.id == *id) {
            Some(change) => {
                if matches!(change.kind, ChangeKind::Replace | ChangeKind::Alter | ChangeKind::Create) {
                    change.kind = ChangeKind::Recreate;
                    change.details.push(because);
                }
            }
            None if kind_of(id).is_some_and(|kind| kind.objects(new).contains(id)) => {
                changes.push(Change { details: vec![because], ..Change::new(id.clone(), ChangeKind::Recreate) });
            }
            None => goes_before(first, new, id, &mut changes),
        }
    }
    let mut states = States {
        first,
        in_the_way,
        old,
        new,
        unswapped: BTreeSet::new(),
        by_parts: BTreeSet::new(),
        parts_first: BTreeSet::new(),
        old_graph: graph::dependencies(old),
        new_graph: graph::dependencies(new),
        needed: RefCell::default(),
    };
    for (id, used) in graph_before(first, old, in_the_way) {
        states.old_graph.entry(id).or_default().extend(used);
    }
    let mut changes = states.with_dependents(changes);
    let (order, table_parts) = loop {
        let table_parts = TableParts::of(old, new, &changes);
        refusal::check(old, new, &changes, &table_parts)?;
        match states.order(&changes) {
            Ok(order) => break (order, table_parts),
            Err(circle) if states.loosen(&circle, &mut changes) => {
                changes = states.with_dependents(changes.into_values().collect());
            }
            Err(circle) => return Err(name_circle(&circle)),
        }
    };
    let ends = |change: &Change| matches!(change.kind, ChangeKind::Drop | ChangeKind::Recreate);
    let (mut plan, mut early) = (Plan::default(), Vec::new());
    for node in &order {
        states.add_steps(node, &changes, &mut plan, &mut early);
    }
    if !in_the_way.is_empty() {
        let rebuilt = rebuilt_statistics(first, old).into_iter().filter(|id| !changes.get(id).is_some_and(ends));
        plan.kept.extend(rebuilt);
    }
    // An event trigger may refuse every statement: those that end come first of all, and others are in force last.
    let (ends, steps): (Vec<_>, Vec<_>) =
        std::mem::take(&mut plan.steps).into_iter().partition(|step| states.ends_event_trigger(step));
    let (begins, mut steps): (Vec<_>, Vec<_>) = steps
        .into_iter()
        .partition(|step| matches!(step.id, ObjectId::EventTrigger(_)) && step.action == Action::Alter);
    if let Some([take_off, put_back]) = table_parts.steps(first, new) {
        early.push(take_off);
        let is_late = |step: &Step| node(&step.id, step.action).0 >= Rank::Attaching;
        let made = steps.iter().position(is_late).unwrap_or(steps.len());
        steps.insert(made, put_back);
    }
    // What is built beside the old ones takes long, and nobody waits for it: what takes locks comes after it.
    let built = steps.iter().take_while(|step| step.action == Action::Build).count();
    let builds = steps.drain(..built).collect();
    // What hangs on one that is made anew is kept before it ends, and what shall not be kept is taken away before that.
    let keeps = ends.iter().any(|step| is_recreated(&step.id, &changes));
    let parts = if keeps { [early, ends, builds] } else { [ends, builds, early] };
    plan.steps = parts.into_iter().flatten().chain(steps).chain(begins).collect();
    let goes_first = |step: &Step| {
        in_the_way.contains(&step.id) && step.action == Action::Drop
            || !in_the_way.is_empty() && (states.takes_away(step, &changes) || step.action == Action::TakeOff)
    };
    let (mut before, after): (Vec<_>, Vec<_>) = std::mem::take(&mut plan.steps).into_iter().partition(goes_first);
    before.sort_by_key(|step| step.action == Action::Drop);
    plan.before_written = before.len();
    plan.steps = before.into_iter().chain(after).collect();
    let mut hazards: BTreeSet<Hazard> = changes.values().flat_map(|change| change.hazards.clone()).collect();
    hazards.extend(table_parts.hazards(old));
    for step in &plan.steps {
        let comes = |id: &ObjectId| changes.get(id).is_some_and(|change| change.kind == ChangeKind::Create);
        // Nobody waits for what was not there, but for the relation that a new part belongs to.
        let is_new = match step.id.part_of() {
            Some(relation) => part_owner(relation, &changes, comes),
            None => comes(&step.id),
        };
        if let Some(kind) = kind_of(&step.id).filter(|_| !is_new) {
            let state = if step.action == Action::Drop { old } else { new };
            hazards.extend(kind.hazards(state, &step.id, step.action));
        }
    }
    hazards.extend(broken_rows::beside(first, new, changes.keys()));
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
    /// What shapes everything that is made after it.
    Last,
    /// What is said of that.
    AttachingLast,
}

fn node(id: &ObjectId, action: Action) -> Node {
    let rank = match action {
        // Default privileges, and triggers that run at every command.
        _ if matches!(id, ObjectId::DefaultPrivileges(_)) => Rank::Last,
        Action::Create if matches!(id, ObjectId::EventTrigger(_)) => Rank::Last,
        Action::Build => Rank::Building,
        Action::Rename | Action::TakeOff | Action::Drop => Rank::Dropping,
        Action::Swap | Action::Create | Action::Replace => Rank::Making,
        Action::Alter | Action::PutBack => Rank::Altering,
        // After all of them are made: what hung on them is given back in between.
        Action::Attach if matches!(id, ObjectId::EventTrigger(_)) => Rank::AttachingLast,
        Action::Attach => Rank::Attaching,
    };
    (rank, id.clone(), action)
}

type Graph = BTreeMap<ObjectId, BTreeSet<ObjectId>>;

struct States<'c> {
    /// The state before the statements that a person wrote; without such statements, the old one.
    first: &'c Catalog,
    /// What is dropped before those.
    in_the_way: &'c BTreeSet<ObjectId>,
    old: &'c Catalog,
    new: &'c Catalog,
    /// Objects that cannot be built beside the old ones.
    unswapped: BTreeSet<ObjectId>,
    /// Altered objects of which parts let go of something that goes.
    by_parts: BTreeSet<ObjectId>,
    /// Those of them whose parts must go before what these use comes.
    parts_first: BTreeSet<ObjectId>,
    old_graph: Graph,
    new_graph: Graph,
    /// What the server looks at when an object of the new state is made, and forgets; asked of what changes alone.
    needed: RefCell<Graph>,
}

impl States<'_> {
    fn needed(&self, id: &ObjectId) -> BTreeSet<ObjectId> {
        let ask = || kind_of(id).map(|kind| kind.needed_at_creation(self.new, id)).unwrap_or_default();
        self.needed.borrow_mut().entry(id.clone()).or_insert_with(ask).clone()
    }

    /// Whether after a step an event trigger is in force no longer.
    fn ends_event_trigger(&self, step: &Step) -> bool {
        let ObjectId::EventTrigger(name) = &step.id else { return false };
        let is_disabled = || self.new.event_triggers.get(name).is_some_and(|row| row.firing == Firing::Disabled);
        step.action == Action::Drop || step.action == Action::Alter && is_disabled()
    }

    /// Whether a step takes from the old objects what shall not be kept.
    fn takes_away(&self, step: &Step, changes: &BTreeMap<ObjectId, Change>) -> bool {
        let kind = changes.get(&step.id).map(|change| change.kind);
        step.action == Action::Alter && matches!(kind, Some(ChangeKind::Recreate | ChangeKind::Drop))
    }

    /// Adds what must be recreated because something below it is, or goes and something else takes its name.
    fn with_dependents(&mut self, changes: Vec<Change>) -> BTreeMap<ObjectId, Change> {
        let mut changes: BTreeMap<ObjectId, Change> =
            changes.into_iter().map(|change| (change.id.clone(), change)).collect();
        let readers = reversed(&self.old_graph);
        let goes = |change: &&Change| matches!(change.kind, ChangeKind::Recreate | ChangeKind::Drop);
        let mut open: Vec<ObjectId> = changes.values().filter(goes).map(|change| change.id.clone()).collect();
        while let Some(base) = open.pop() {
            for reader in readers.get(&base).into_iter().flatten() {
                let still_reads =
                    reachable(&self.new_graph, reader).into_iter().any(|read| read.name_key() == base.name_key())
                        || self.is_hidden_by(reader, &base);
                let because = match changes.get(&base).map(|change| change.kind) {
                    // What it uses now cannot be named before.
                    Some(ChangeKind::Drop) if self.is_hidden_by(reader, &base) => {
                        format!("its names mean something else once {base} is gone")
                    }
                    _ => format!("because {base} is made anew"),
                };
                if self.lets_go_by_parts(reader, &base, &mut changes) {
                    continue;
                }
                match changes.get_mut(reader) {
                    // What belongs to a relation goes with it for good.
                    None if !self.new_graph.contains_key(reader) && reader.part_of().is_some() => {
                        let change = Change {
                            details: vec![format!("it goes with {base}")],
                            because_of: Some(base.clone()),
                            ..Change::new(reader.clone(), ChangeKind::Drop)
                        };
                        changes.insert(reader.clone(), change);
                    }
                    None => {
                        let change = Change {
                            details: vec![because],
                            because_of: Some(base.clone()),
                            ..Change::new(reader.clone(), ChangeKind::Recreate)
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
        // A relation comes with what belongs to it.
        for id in self.new_graph.keys().filter(|id| !changes.contains_key(id)).cloned().collect::<Vec<_>>() {
            let Some(relation) = id.part_of() else { continue };
            let comes = |id: &ObjectId| changes.get(id).is_some_and(|change| change.kind == ChangeKind::Create);
            if part_owner(relation, &changes, comes) {
                changes.insert(id.clone(), Change::new(id, ChangeKind::Create));
            }
        }
        changes
    }

    /// Whether a recreated object is built beside the old one: only when nothing it reads is recreated with it.
    fn is_swapped(&self, id: &ObjectId, changes: &BTreeMap<ObjectId, Change>) -> bool {
        if self.in_the_way.contains(id) || id.other_kind().is_some_and(|other| self.in_the_way.contains(&other)) {
            return false;
        }
        let is_remade = |read: &ObjectId| is_recreated(read, changes) || is_successor(read, changes);
        let reads_recreated = self.new_graph.get(id).into_iter().flatten().any(is_remade);
        let mut lets_go = self.old_graph.get(id).into_iter().flatten();
        let meant_otherwise = lets_go.any(|gone| {
            changes.get(gone).is_some_and(|change| change.kind == ChangeKind::Drop) && self.is_hidden_by(id, gone)
        });
        !reads_recreated
            && !meant_otherwise
            && !self.unswapped.contains(id)
            && kind_of(id).is_some_and(|kind| kind.swap(self.old, self.new, id).is_some())
    }

    /// The nodes of a change: first what ends the old state, then what makes the new one.
    fn nodes(&self, change: &Change, changes: &BTreeMap<ObjectId, Change>) -> (Option<Node>, Option<Node>) {
        let id = &change.id;
        match change.kind {
            ChangeKind::Create if is_successor(id, changes) && self.is_swapped(id, changes) => {
                (None, Some(node(id, Action::Swap)))
            }
            ChangeKind::Create => (None, Some(node(id, Action::Create))),
            ChangeKind::Replace => (Some(node(id, Action::Replace)), Some(node(id, Action::Replace))),
            ChangeKind::Alter if self.by_parts.contains(id) && !self.parts_first.contains(id) => {
                (Some(node(id, Action::Alter)), Some(node(id, Action::Alter)))
            }
            ChangeKind::Alter | ChangeKind::Rename => (None, Some(node(id, Action::Alter))),
            ChangeKind::Drop => (Some(node(id, Action::Drop)), None),
            ChangeKind::Recreate if self.is_swapped(id, changes) => {
                (Some(node(id, Action::Swap)), Some(node(id, Action::Swap)))
            }
            ChangeKind::Recreate => (Some(node(id, Action::Drop)), Some(node(id, Action::Create))),
        }
    }

    fn order(&self, changes: &BTreeMap<ObjectId, Change>) -> Result<Vec<Node>, Vec<Node>> {
        let mut waits_for: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        let mut freed_names: BTreeMap<NameKey, BTreeSet<Node>> = BTreeMap::new();
        let ends_and_makes: BTreeMap<&ObjectId, (Option<Node>, Option<Node>)> =
            changes.iter().map(|(id, change)| (id, self.nodes(change, changes))).collect();
        for (id, (end, _)) in &ends_and_makes {
            if let Some(end) = end.as_ref().filter(|end| end.2 == Action::Drop) {
                for name in names(self.old, id) {
                    freed_names.entry(name).or_default().insert(end.clone());
                }
            }
        }
        let dropped: Vec<(&ObjectId, Node)> = changes
            .values()
            .filter(|change| change.kind == ChangeKind::Drop && namesake(&change.id).is_some())
            .map(|change| (&change.id, node(&change.id, Action::Drop)))
            .collect();
        for (id, (end, make)) in &ends_and_makes {
            for node in end.iter().chain(make) {
                waits_for.entry(node.clone()).or_default();
            }
            let swapped = make.as_ref().is_some_and(|make| make.2 == Action::Swap);
            let build = swapped.then(|| node(id, Action::Build));
            let is_remade = is_recreated(id, changes) || is_successor(id, changes);
            if let Some(make) = make.as_ref().filter(|_| is_remade) {
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
                for read in self.new_graph.get(*id).into_iter().flatten().chain(&self.needed(id)) {
                    before.extend(ends_and_makes.get(read).and_then(|(_, make)| make.clone()));
                }
                let hiding = dropped.iter().filter(|(gone, _)| self.is_hidden_by(id, gone));
                before.extend(hiding.map(|(_, drop)| drop.clone()));
                // What is built beside has names of its own until then.
                let freed = names(self.new, id).into_iter().filter_map(|name| freed_names.get(&name)).flatten();
                waits_for.entry(make.clone()).or_default().extend(freed.filter(|drop| *drop != make).cloned());
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
        topological_order(&waits_for)
    }

    /// What takes the place of the old in one step holds the old until the new is there: it cannot be so where something
    /// that the new one needs waits for the old one to be gone. Then it goes first, and comes back.
    fn loosen(&mut self, circle: &[Node], changes: &mut BTreeMap<ObjectId, Change>) -> bool {
        for (_, id, action) in circle {
            match (action, changes.get_mut(id)) {
                (Action::Replace, Some(change)) if change.kind == ChangeKind::Replace => {
                    change.kind = ChangeKind::Recreate;
                    change.details.push("what it used must go before what it uses comes".to_owned());
                    return true;
                }
                (Action::Alter, _) if self.by_parts.contains(id) && self.parts_first.insert(id.clone()) => return true,
                (Action::Build | Action::Swap, _) if self.unswapped.insert(id.clone()) => return true,
                _ => {}
            }
        }
        false
    }

    /// `early` gets the steps that come before every other one that takes locks.
    fn add_steps(
        &self,
        (_, id, action): &Node,
        changes: &BTreeMap<ObjectId, Change>,
        plan: &mut Plan,
        early: &mut Vec<Step>,
    ) {
        let (Some(kind), Some(change)) = (kind_of(id), changes.get(id)) else { return };
        let recreated = change.kind == ChangeKind::Recreate;
        let is_successor = is_successor(id, changes);
        let swap = || kind.swap(self.old, self.new, id);
        let (statements, new_text) = match action {
            // They come before everything that is ordered, or after it.
            Action::Rename | Action::TakeOff | Action::PutBack => (Vec::new(), false),
            Action::Build => (swap().map(|swap| swap.build).unwrap_or_default(), true),
            Action::Drop if self.goes_along(id, changes) && (recreated || !self.is_kept(id, changes)) => {
                (Vec::new(), false)
            }
            Action::Drop => {
                let was = if self.in_the_way.contains(id) { self.first } else { self.old };
                let statements = if recreated { kind.remake(was, self.new, id).end } else { kind.drop(was, id) };
                (statements, false)
            }
            Action::Swap => (swap().map(|swap| swap.swap).unwrap_or_default(), false),
            Action::Create if recreated => (kind.remake(self.old, self.new, id).make, true),
            // What is declared beside it comes after what is kept.
            Action::Create if is_successor => (kind.create(self.new, id), true),
            Action::Create => {
                let mut statements = kind.create(self.new, id);
                statements.extend(object::unwanted_defaults(self.old, self.new, id));
                statements.extend(object::additions(None, self.new, id));
                (statements, true)
            }
            Action::Attach => (object::additions(None, self.new, id), false),
            Action::Replace => {
                let mut statements = change.difference.removals.clone();
                statements.extend(kind.replace(self.old, self.new, id));
                statements.extend(change.difference.additions.iter().cloned());
                (statements, true)
            }
            Action::Alter if self.takes_away_early(change) => {
                plan.remade_indexes.extend(change.difference.remade.iter().cloned());
                let mut given = change.difference.given();
                if self.parts_first.contains(id) {
                    given.retain(|statement| !change.difference.drops_remade(statement));
                }
                (given, false)
            }
            Action::Alter => (change.difference.altered(), false),
        };
        // What goes for good from a relation that is made anew goes before anything of that is kept.
        if change.kind == ChangeKind::Drop && self.is_kept(id, changes) {
            early.push(Step { id: id.clone(), action: Action::Alter, statements, search_path: Vec::new() });
            return;
        }
        // What the new state does not have is taken from the old object before anything is kept, and before another object
        // takes the name of it.
        let ends = matches!(action, Action::Drop) || recreated && *action == Action::Swap;
        let removals = change.difference.taken_away();
        if (ends || (*action == Action::Alter && self.takes_away_early(change))) && !removals.is_empty() {
            early.push(Step { id: id.clone(), action: Action::Alter, statements: removals, search_path: Vec::new() });
        }
        if *action == Action::Alter && self.parts_first.contains(id) {
            let all = change.difference.alter.iter();
            let drops: Vec<Statement> =
                all.filter(|statement| change.difference.drops_remade(statement)).cloned().collect();
            if !drops.is_empty() {
                early.push(Step { id: id.clone(), action: Action::Alter, statements: drops, search_path: Vec::new() });
            }
        }
        if *action == Action::Replace && kind.is_reset(self.new, id) {
            let taken = &change.difference.take_away;
            if !taken.is_empty() {
                let statements = taken.clone();
                early.push(Step { id: id.clone(), action: Action::Alter, statements, search_path: Vec::new() });
            }
            plan.reset.push(id.clone());
        }
        // What hangs on the parts of a recreated relation is kept with that.
        if recreated && matches!(action, Action::Create | Action::Swap) && !self.is_kept(id, changes) {
            plan.kept.push(id.clone());
        }
        if is_successor && matches!(action, Action::Create | Action::Swap) {
            plan.successors.push(id.clone());
        }
        if statements.is_empty() {
            return;
        }
        let search_path = if new_text { kind.search_path(self.new, id).to_vec() } else { Vec::new() };
        plan.steps.push(Step { id: id.clone(), action: *action, statements, search_path });
    }
}

fn name_circle(circle: &[Node]) -> Diagnostics {
    let members: Vec<_> = circle.iter().map(|(_, id, action)| format!("{action:?} {id}")).collect();
    Diagnostics(vec![
        Diagnostic::error(format!("the changes depend on each other in a circle: {}", members.join(" -> ")))
            .help("make the change in two migrations"),
    ])
}
