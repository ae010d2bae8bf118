//! The kinds of objects that viewkeeper keeps: one list, one file for each kind. A kind answers a few questions about its
//! objects; order, rollback, rendering and the commands are the same for all.

mod attachment;
mod column_change;
mod composite_type;
mod default_privileges;
mod domain;
mod enum_type;
mod event_trigger;
mod extension;
mod materialized_view;
mod part;
mod policy;
mod query_change;
mod range;
mod routine;
mod routine_change;
mod routine_text;
mod row_security;
mod rule;
mod schema;
mod sequence;
mod statement;
mod statistics;
mod stored_column;
mod trigger;
mod type_text;
mod undeclared;
mod user_type;
mod view;

use std::collections::BTreeSet;
use std::fmt;

pub(crate) use attachment::all_differences;
pub use attachment::{additions, removals, removals_for, unwanted_defaults};
pub use column_change::ColumnChange;
pub(crate) use column_change::{column_changes, nullability_changes};
pub(crate) use composite_type::is_changed_in_place;
pub(crate) use enum_type::added_labels;
pub(crate) use materialized_view::is_changed_index;
pub(crate) use part::part_keyword;
pub(crate) use policy::clause as policy_clause;
pub(crate) use routine_change::{Refusal, Shape, replace_refusal};
pub(crate) use statistics::name_statistics;
pub(crate) use stored_column::{StoredColumn, is_retyped, stored_columns};
pub(crate) use view::change_of_kind_hazards;

use crate::catalog::{self, Catalog, NameKey, ObjectId, Origin, Provenance};
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;

/// A new kind of object is one file beside this one and one line here (and its catalog query and case folder).
pub static KINDS: [&dyn Kind; 14] = [
    &schema::Schema,
    &extension::Extension,
    &sequence::Sequence,
    &view::View,
    &materialized_view::MaterializedView,
    &routine::Routine,
    &user_type::UserType,
    &trigger::Trigger,
    &rule::Rule,
    &policy::Policy,
    &row_security::RowSecurity,
    &statistics::Statistics,
    &event_trigger::EventTrigger,
    &default_privileges::DefaultPrivileges,
];

/// What is asked of a kind. `id` always names an object of this kind that is in the catalog.
pub trait Kind: fmt::Debug + Sync {
    /// All objects of this kind, kept by viewkeeper or not.
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId>;

    /// The statement that made the object as it is.
    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance>;

    /// Whether viewkeeper keeps the object: a definition declares it, or a generated migration made it last.
    fn is_managed(&self, catalog: &Catalog, id: &ObjectId) -> bool {
        self.provenance(catalog, id).is_some_and(|provenance| provenance.origin != Origin::HandWritten)
    }

    /// The objects of any kind that must be there as long as this one is.
    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId>;

    /// The objects that PostgreSQL looks at when it makes this one, and forgets afterwards.
    fn needed_at_creation(&self, _catalog: &Catalog, _id: &ObjectId) -> BTreeSet<ObjectId> {
        BTreeSet::new()
    }

    /// Parts of the object that can have comments of their own.
    fn parts(&self, _catalog: &Catalog, _id: &ObjectId) -> Vec<ObjectId> {
        Vec::new()
    }

    /// The names that the object takes.
    fn names(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<NameKey> {
        vec![id.name_key()]
    }

    /// What is different between two states of an object that is in both.
    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference;

    /// Makes the object, where none of its name is.
    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement>;

    /// Puts the new state in place of the old one; asked only after [`Kind::compare`] said [`Body::Replace`].
    fn replace(&self, _old: &Catalog, _new: &Catalog, _id: &ObjectId) -> Vec<Statement> {
        Vec::new()
    }

    /// Whether PostgreSQL resets something of the object when it is replaced in place that may have been set by hand.
    fn is_reset(&self, _new: &Catalog, _id: &ObjectId) -> bool {
        false
    }

    /// The parts that use something which the object itself does not: they are dropped and made anew with it while the
    /// object stays, by these statements, or go. `None` where the object itself uses it.
    fn remade_with(&self, _old: &Catalog, _new: &Catalog, _id: &ObjectId, _used: &ObjectId) -> Option<Vec<RemadePart>> {
        None
    }

    /// Removes the object.
    fn drop(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        vec![Statement::new(format!("DROP {}", id.sql()))]
    }

    /// Takes the old state of a recreated object away, and makes the new one.
    fn remake(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Remake {
        Remake { end: self.drop(old, id), make: self.create(new, id) }
    }

    /// Makes the new state beside the old one, and puts it in its place: for kinds whose making takes long.
    /// `None`: the kind is made in place.
    fn swap(&self, _old: &Catalog, _new: &Catalog, _id: &ObjectId) -> Option<Swap> {
        None
    }

    /// What is at risk when the object is made, dropped, or made anew, beside what [`Kind::compare`] says.
    fn hazards(&self, _catalog: &Catalog, _id: &ObjectId, _action: Action) -> Vec<Hazard> {
        Vec::new()
    }

    /// What is at risk when the object goes for good.
    fn drop_hazards(&self, _catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let relation = relation_name(id).cloned();
        vec![Hazard { relation, ..Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped")) }]
    }

    /// What is at risk when an object comes that was not there.
    fn create_hazards(&self, _catalog: &Catalog, _id: &ObjectId) -> Vec<Hazard> {
        Vec::new()
    }

    /// The search path that the object's text was written for.
    fn search_path<'c>(&self, _catalog: &'c Catalog, _id: &ObjectId) -> &'c [String] {
        &[]
    }
}

/// What a plan does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It, or a part of it, gets another name.
    Rename,
    /// Parts of tables that use what is made anew are taken off.
    TakeOff,
    /// It is removed, to stay away or to be created anew.
    Drop,
    /// It is built beside the old one.
    Build,
    /// What was built beside takes the place of the old one.
    Swap,
    /// It is made.
    Create,
    /// It is replaced in place.
    Replace,
    /// Only what hangs on it changes.
    Alter,
    /// What was taken off from tables is put back.
    PutBack,
    /// What is declared beside a recreated object is given to it, after what hung on the old one is back.
    Attach,
}

/// A statement of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// SQL, without the semicolon.
    pub sql: String,
}

impl Statement {
    /// A statement.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into() }
    }
}

/// A new state beside the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Makes it, under another name.
    pub build: Vec<Statement>,
    /// Takes the old one away and gives its name to the new one.
    pub swap: Vec<Statement>,
}

/// How an object is recreated; what depends on it is gone between the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remake {
    /// Takes the old state away.
    pub end: Vec<Statement>,
    /// Makes the new one.
    pub make: Vec<Statement>,
}

/// A part of an object that is made anew while the object stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemadePart {
    /// The part.
    pub part: ObjectId,
    /// Drops it, and makes it; nothing where it goes for good.
    pub statements: Vec<Statement>,
}

/// What must happen to an object's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// Nothing.
    Same,
    /// PostgreSQL can replace it in place; what depends on it stays.
    Replace,
    /// It must be dropped and created, and everything that depends on it too.
    Recreate,
}

/// What is different between two states of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What must happen to its body.
    pub body: Body,
    /// What changed, in words for a person; the first says most.
    pub details: Vec<String>,
    /// Statements that take parts of the old object away which the new one does not have. They go before everything else,
    /// so that what is kept over a recreation is kept without them.
    pub take_away: Vec<Statement>,
    /// Parts that are dropped and made anew by [`Self::alter`] while the object stays: what hangs on them is to be given to
    /// them again.
    pub remade: Vec<ObjectId>,
    /// Statements for parts that are changed one by one; they apply when the body is the same.
    pub alter: Vec<Statement>,
    /// Comments and privileges that the new state does not have are taken away; filled in by `diff`.
    pub removals: Vec<Statement>,
    /// Comments, privileges and owner that the old state does not have are given; filled in by `diff`.
    pub additions: Vec<Statement>,
    /// What it risks.
    pub hazards: Vec<Hazard>,
}

impl Difference {
    /// No difference.
    pub fn none() -> Self {
        Self {
            body: Body::Same,
            details: Vec::new(),
            take_away: Vec::new(),
            remade: Vec::new(),
            alter: Vec::new(),
            removals: Vec::new(),
            additions: Vec::new(),
            hazards: Vec::new(),
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.body == Body::Same
            && [&self.take_away, &self.alter, &self.removals, &self.additions].iter().all(|part| part.is_empty())
    }

    /// Whether a statement drops a part that is made anew.
    pub fn drops_remade(&self, statement: &Statement) -> bool {
        self.remade.iter().any(|part| statement.sql == format!("DROP {}", part.sql()))
    }

    /// Everything that goes before what is kept over a recreation.
    pub fn taken_away(&self) -> Vec<Statement> {
        self.removals.iter().chain(&self.take_away).cloned().collect()
    }

    /// What is changed and given when [`Self::taken_away`] has been done.
    pub fn given(&self) -> Vec<Statement> {
        self.alter.iter().chain(&self.additions).cloned().collect()
    }

    /// Everything that changes an object whose body stays.
    pub fn altered(&self) -> Vec<Statement> {
        [&self.removals, &self.take_away, &self.alter, &self.additions].into_iter().flatten().cloned().collect()
    }
}

/// The kind of an object, where viewkeeper keeps objects of its kind.
pub fn kind_of(id: &ObjectId) -> Option<&'static dyn Kind> {
    match id {
        ObjectId::View(_) => Some(&view::View),
        ObjectId::MaterializedView(_) => Some(&materialized_view::MaterializedView),
        ObjectId::Function(..) | ObjectId::Procedure(..) | ObjectId::Aggregate(..) => Some(&routine::Routine),
        ObjectId::Type(_) => Some(&user_type::UserType),
        ObjectId::Trigger(..) => Some(&trigger::Trigger),
        ObjectId::Rule(..) => Some(&rule::Rule),
        ObjectId::Policy(..) => Some(&policy::Policy),
        ObjectId::RowSecurity(_) => Some(&row_security::RowSecurity),
        ObjectId::Schema(_) => Some(&schema::Schema),
        ObjectId::DefaultPrivileges(_) => Some(&default_privileges::DefaultPrivileges),
        ObjectId::Statistics(_) => Some(&statistics::Statistics),
        ObjectId::EventTrigger(_) => Some(&event_trigger::EventTrigger),
        ObjectId::Extension(_) => Some(&extension::Extension),
        ObjectId::Sequence(_) => Some(&sequence::Sequence),
        ObjectId::Table(_) | ObjectId::Collation(_) => Some(&undeclared::Undeclared),
        _ => None,
    }
}

/// Whether a statement made an object that a state has.
pub(crate) fn is_there(catalog: &Catalog, id: &ObjectId) -> bool {
    kind_of(id).is_some_and(|kind| kind.provenance(catalog, id).is_some())
}

/// The statements between two states of default privileges.
pub(crate) fn default_privileges_between(
    target: &catalog::DefaultPrivilegeTarget,
    old: &catalog::DefaultPrivileges,
    new: &catalog::DefaultPrivileges,
) -> Vec<Statement> {
    default_privileges::statements(&ObjectId::DefaultPrivileges(target.clone()), old, new)
}

/// The qualified name of an object that is a relation.
pub fn relation_name(id: &ObjectId) -> Option<&QualifiedName> {
    match id {
        ObjectId::View(name) | ObjectId::MaterializedView(name) | ObjectId::Table(name) | ObjectId::Sequence(name) => {
            Some(name)
        }
        _ => None,
    }
}

/// Who waits for a change of what belongs to a relation.
fn lock_of_part(id: &ObjectId, who: &str) -> Vec<Hazard> {
    let relation = id.part_of().map(|relation| {
        Hazard::new(HazardKind::ExclusiveLock, format!("{who} of `{relation}` wait until the migration commits"))
    });
    relation.into_iter().collect()
}
