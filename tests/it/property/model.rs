//! What the property test invents: a small world of definitions on a few tables, as data. References are by number, so
//! that an object or a column can change its name, its type or its place, and everything that uses it follows.

use std::collections::BTreeSet;

use super::beside::{DefaultPrivileges, EventTrigger, Sequence, Statistics};
use super::types::OwnType;

pub(super) type Id = u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Int,
    BigInt,
    Text,
    Varchar,
    Bool,
    Numeric,
    Time,
    Mood,
    Pos,
    Pair,
    /// One that definitions declare, by its number.
    Own(Id),
}

pub(super) const TYPES: [Type; 10] = [
    Type::Int,
    Type::Text,
    Type::BigInt,
    Type::Varchar,
    Type::Bool,
    Type::Numeric,
    Type::Time,
    Type::Mood,
    Type::Pos,
    Type::Pair,
];

/// An expression. What is no longer there is null of the type that was wanted of it, so every expression stays valid.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A column of the source at a place.
    Column(usize, Id, Type),
    Param(Id, Type),
    /// The text of the literal without its quotes.
    Literal(Type, String),
    Call(Id, Vec<Expr>, Type),
    /// An attribute of a composite.
    Field(Box<Expr>, Id, Id, Type),
    /// The next value of a sequence.
    Next(Id),
    Operator(&'static str, Box<Expr>, Box<Expr>, Type),
    Cast(Box<Expr>, Type),
    Coalesce(Box<Expr>, Box<Expr>),
    Case(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A column of some row of a relation.
    Scalar(Id, Id, Type),
    Exists(Id),
    /// The whole row of the source at a place, as text.
    Row(usize),
}

impl Expr {
    pub(super) fn type_(&self) -> Type {
        match self {
            Self::Column(_, _, type_)
            | Self::Param(_, type_)
            | Self::Literal(type_, _)
            | Self::Call(_, _, type_)
            | Self::Field(_, _, _, type_)
            | Self::Operator(_, _, _, type_)
            | Self::Cast(_, type_)
            | Self::Scalar(_, _, type_) => *type_,
            Self::Coalesce(first, _) => first.type_(),
            Self::Case(_, then, _) => then.type_(),
            Self::Exists(_) => Type::Bool,
            Self::Next(_) => Type::BigInt,
            Self::Row(_) => Type::Text,
        }
    }

    pub(super) fn walk(&mut self, visit: &mut impl FnMut(&mut Expr)) {
        match self {
            Self::Call(_, arguments, _) => arguments.iter_mut().for_each(|argument| argument.walk(visit)),
            Self::Operator(_, left, right, _) | Self::Coalesce(left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Cast(inner, _) | Self::Field(inner, ..) => inner.walk(visit),
            Self::Case(when, then, otherwise) => [when, then, otherwise].into_iter().for_each(|one| one.walk(visit)),
            _ => {}
        }
        visit(self);
    }
}

#[derive(Debug, Clone)]
pub(super) struct World {
    /// Each uses only what comes before it.
    pub(super) objects: Vec<Object>,
    pub(super) by_hand: Vec<ByHand>,
    /// What migrations said before there was anything.
    pub(super) before: String,
    pub(super) next: Id,
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) id: Id,
    /// In [`SCHEMAS`].
    pub(super) schema: usize,
    pub(super) name: String,
    pub(super) owner: Option<usize>,
    pub(super) comment: Option<String>,
    pub(super) grants: Vec<Grant>,
    /// Whether names of the first schema are written with it.
    pub(super) qualified: bool,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) role: usize,
    pub(super) privilege: &'static str,
    pub(super) column: Option<Id>,
    pub(super) grantable: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Made by a migration, and the same in every step.
    Table(Vec<Column>),
    View(View),
    Routine(Routine),
    Trigger(Trigger),
    Rule(Rule),
    Policy(Policy),
    /// Row security of a table: whether it is forced.
    Security(Id, bool),
    Type(OwnType),
    Sequence(Sequence),
    Statistics(Statistics),
    EventTrigger(EventTrigger),
    Defaults(DefaultPrivileges),
    /// The comment and the privileges of a table that a migration made.
    Said(Id),
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) type_: Type,
}

#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) materialized: bool,
    pub(super) outputs: Vec<Output>,
    /// All columns of the first source instead of the outputs.
    pub(super) star: bool,
    pub(super) sources: Vec<Source>,
    pub(super) filter: Option<Expr>,
    pub(super) shape: Shape,
    pub(super) limit: Option<u32>,
    pub(super) names_in_head: bool,
    pub(super) barrier: Option<bool>,
    pub(super) invoker: Option<bool>,
    pub(super) check: Option<&'static str>,
    pub(super) fillfactor: Option<u32>,
    pub(super) indexes: Vec<Index>,
    pub(super) with_data: bool,
    pub(super) layout: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    Distinct,
    Grouped,
    Cte,
    Union,
    Window,
}

#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) expr: Expr,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) relation: Id,
    pub(super) alias: String,
    pub(super) on: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) unique: bool,
    pub(super) column: Id,
    pub(super) expression: bool,
    pub(super) descending: bool,
    pub(super) partial: bool,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Routine {
    pub(super) flavour: Flavour,
    pub(super) params: Vec<Param>,
    pub(super) language: Language,
    pub(super) volatility: &'static str,
    pub(super) strict: bool,
    pub(super) definer: bool,
    pub(super) path: bool,
    /// A text in the body that does nothing.
    pub(super) note: String,
}

#[derive(Debug, Clone)]
pub(super) enum Flavour {
    Scalar(Expr),
    /// `RETURNS TABLE (…)`.
    Rows(Vec<Output>),
    /// `RETURNS SETOF` a relation.
    SetOf(Id),
    /// Takes a row of a relation.
    OfRow(Id, Id),
    Trigger,
    EventTrigger,
    Procedure,
    /// Over a function of two inputs of the type of its result.
    Aggregate(Id, Type),
}

#[derive(Debug, Clone)]
pub(super) struct Param {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) type_: Type,
    pub(super) default: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Sql,
    Return,
    Plpgsql,
}

#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub(super) relation: Id,
    pub(super) function: Id,
    pub(super) timing: &'static str,
    pub(super) events: BTreeSet<&'static str>,
    pub(super) of: Vec<Id>,
    pub(super) row: bool,
    pub(super) constraint: bool,
    pub(super) when: Option<Expr>,
    pub(super) arguments: Vec<String>,
    pub(super) state: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) relation: Id,
    pub(super) event: &'static str,
    pub(super) instead: bool,
    pub(super) when: Option<Expr>,
    /// Writes the text of an expression into the log; without it the rule does nothing.
    pub(super) log: Option<Expr>,
    pub(super) state: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) table: Id,
    pub(super) restrictive: bool,
    pub(super) command: &'static str,
    pub(super) role: Option<usize>,
    pub(super) using: Option<Expr>,
    pub(super) check: Option<Expr>,
}

/// What somebody does outside of the migrations. It stays as long as what it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ByHand {
    Grant(Id, Grant),
    Comment(Id, Option<Id>, String),
    Default(Id, Id),
    Statistics(Id, Id),
    Owner(Id, usize),
    State(Id, usize),
    Option(Id, &'static str),
    Cluster(Id, String),
    Index(Id, Id, String),
}

impl ByHand {
    pub(super) fn object(&self) -> Id {
        match self {
            Self::Grant(id, _)
            | Self::Comment(id, ..)
            | Self::Default(id, _)
            | Self::Statistics(id, _)
            | Self::Owner(id, _)
            | Self::State(id, _)
            | Self::Option(id, _)
            | Self::Cluster(id, _)
            | Self::Index(id, ..) => *id,
        }
    }

    pub(super) fn column(&self) -> Option<Id> {
        match self {
            Self::Grant(_, grant) => grant.column,
            Self::Comment(_, column, _) => *column,
            Self::Default(_, column) | Self::Statistics(_, column) | Self::Index(_, column, _) => Some(*column),
            Self::Owner(..) | Self::State(..) | Self::Option(..) | Self::Cluster(..) => None,
        }
    }
}

impl ByHand {
    fn set_column(&mut self, new: Id) {
        match self {
            Self::Grant(_, grant) => grant.column = Some(new),
            Self::Comment(_, column, _) => *column = Some(new),
            Self::Default(_, column) | Self::Statistics(_, column) | Self::Index(_, column, _) => *column = new,
            Self::Owner(..) | Self::State(..) | Self::Option(..) | Self::Cluster(..) => {}
        }
    }
}

pub(super) const SCHEMAS: [&str; 3] = ["public", "sales", "Odd \"schema\""];
/// The first three are declared, the next is given to by default, the last by hand only.
pub(super) const ROLES: [&str; 5] = ["edits_reader", "edits_writer", "edits Odd \"role", "edits_default", "edits_hand"];
pub(super) const STATES: [&str; 4] = ["ENABLE", "DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"];

impl World {
    pub(super) fn fresh(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    pub(super) fn get(&self, id: Id) -> Option<&Object> {
        self.objects.iter().find(|object| object.id == id)
    }

    pub(super) fn place(&self, id: Id) -> Option<usize> {
        self.objects.iter().position(|object| object.id == id)
    }

    /// The columns that a relation, or a function in FROM, has.
    pub(super) fn columns(&self, relation: Id) -> Vec<Column> {
        let of = |outputs: &[Output]| {
            let column =
                |output: &Output| Column { id: output.id, name: output.name.clone(), type_: output.expr.type_() };
            outputs.iter().map(column).collect()
        };
        match self.get(relation).map(|object| &object.kind) {
            Some(Kind::Table(columns) | Kind::Type(OwnType::Composite(columns))) => columns.clone(),
            Some(Kind::Said(table)) => self.columns(*table),
            Some(Kind::View(view)) if view.star => {
                view.sources.first().map(|source| self.columns(source.relation)).unwrap_or_default()
            }
            Some(Kind::View(view)) => of(&view.outputs),
            Some(Kind::Routine(Routine { flavour: Flavour::Rows(outputs), .. })) => of(outputs),
            Some(Kind::Routine(Routine { flavour: Flavour::SetOf(relation), .. })) => self.columns(*relation),
            _ => Vec::new(),
        }
    }

    /// Every expression of an object.
    pub(super) fn expressions(object: &mut Object) -> Vec<&mut Expr> {
        match &mut object.kind {
            Kind::View(view) => {
                let outputs = view.outputs.iter_mut().map(|output| &mut output.expr);
                let on = view.sources.iter_mut().filter_map(|source| source.on.as_mut());
                outputs.chain(on).chain(view.filter.as_mut()).collect()
            }
            Kind::Routine(routine) => match &mut routine.flavour {
                Flavour::Scalar(body) => vec![body],
                Flavour::Rows(outputs) => outputs.iter_mut().map(|output| &mut output.expr).collect(),
                _ => Vec::new(),
            },
            Kind::Trigger(trigger) => trigger.when.as_mut().into_iter().collect(),
            Kind::Rule(rule) => rule.when.as_mut().into_iter().chain(rule.log.as_mut()).collect(),
            Kind::Policy(policy) => policy.using.as_mut().into_iter().chain(policy.check.as_mut()).collect(),
            _ => Vec::new(),
        }
    }

    /// Relations and functions that an object uses beside its expressions.
    fn references(object: &mut Object) -> Vec<&mut Id> {
        match &mut object.kind {
            Kind::View(view) => view.sources.iter_mut().map(|source| &mut source.relation).collect(),
            Kind::Routine(routine) => match &mut routine.flavour {
                Flavour::SetOf(id) | Flavour::OfRow(id, _) | Flavour::Aggregate(id, _) => vec![id],
                _ => Vec::new(),
            },
            Kind::Trigger(trigger) => vec![&mut trigger.relation, &mut trigger.function],
            Kind::Rule(rule) => vec![&mut rule.relation],
            Kind::Policy(policy) => vec![&mut policy.table],
            Kind::Security(table, _) | Kind::Said(table) => vec![table],
            Kind::Statistics(statistics) => vec![&mut statistics.relation],
            Kind::EventTrigger(trigger) => vec![&mut trigger.function],
            Kind::Table(_) | Kind::Type(_) | Kind::Sequence(_) | Kind::Defaults(_) => Vec::new(),
        }
    }

    /// Gives an object, or a column, another number wherever it is used: for PostgreSQL it is another one.
    pub(super) fn renumber(&mut self, old: Id) -> Id {
        let new = self.fresh();
        let change = |id: &mut Id| {
            if *id == old {
                *id = new;
            }
        };
        for object in &mut self.objects {
            change(&mut object.id);
            Self::references(object).into_iter().for_each(change);
            for grant in &mut object.grants {
                grant.column.iter_mut().for_each(change);
            }
            for expression in Self::expressions(object) {
                expression.walk(&mut |expr| match expr {
                    Expr::Column(_, id, _) | Expr::Call(id, ..) | Expr::Exists(id) | Expr::Param(id, _) => change(id),
                    Expr::Scalar(relation, column, _) => {
                        change(relation);
                        change(column);
                    }
                    _ => {}
                });
            }
            match &mut object.kind {
                Kind::View(view) => {
                    view.outputs.iter_mut().for_each(|output| change(&mut output.id));
                    view.indexes.iter_mut().for_each(|index| change(&mut index.column));
                }
                Kind::Routine(routine) => {
                    routine.params.iter_mut().for_each(|param| change(&mut param.id));
                    match &mut routine.flavour {
                        Flavour::Rows(outputs) => outputs.iter_mut().for_each(|output| change(&mut output.id)),
                        Flavour::OfRow(_, column) => change(column),
                        _ => {}
                    }
                }
                Kind::Trigger(trigger) => trigger.of.iter_mut().for_each(change),
                Kind::Statistics(statistics) => statistics.columns.iter_mut().for_each(change),
                _ => {}
            }
        }
        new
    }

    /// Keeps what was done by hand to a column of which another one has the name now: it goes by names.
    pub(super) fn keep_by_name(&mut self, old: &Self) {
        for by_hand in old.by_hand.iter().filter(|one| one.column().is_some()) {
            let name = |world: &Self, id: Id| {
                world.columns(by_hand.object()).into_iter().find(|column| column.id == id).map(|column| column.name)
            };
            let Some(was) = by_hand.column().filter(|id| name(self, *id).is_none()).and_then(|id| name(old, id)) else {
                continue;
            };
            let now = self.columns(by_hand.object()).into_iter().find(|column| column.name == was);
            if let Some(now) = now {
                let mut by_hand = by_hand.clone();
                by_hand.set_column(now.id);
                self.by_hand.push(by_hand);
            }
        }
        self.settle();
    }

    /// Statistics need two columns of a relation that is stored.
    fn settle_statistics(&mut self) {
        let world = self.clone();
        let mut gone = Vec::new();
        self.objects.retain_mut(|object| {
            let Kind::Statistics(statistics) = &mut object.kind else { return true };
            let columns = world.columns(statistics.relation);
            let before = statistics.columns.len();
            statistics.columns.retain(|id| columns.iter().any(|column| column.id == *id));
            // They go with a column of a table, and what was given to them by hand too.
            let on_table = world.get(statistics.relation).is_some_and(|one| matches!(one.kind, Kind::Table(_)));
            if on_table && statistics.columns.len() < before {
                gone.push(object.id);
            }
            let is_stored = world.get(statistics.relation).is_some_and(|relation| match &relation.kind {
                Kind::Table(_) => true,
                Kind::View(view) => view.materialized,
                _ => false,
            });
            is_stored && statistics.columns.len() >= 2
        });
        self.by_hand.retain(|one| !gone.contains(&one.object()));
    }

    /// What goes by a signature becomes another one when a type in it does.
    pub(super) fn other_signatures(&mut self, id: Id) {
        let names = |object: &Object| match &object.kind {
            Kind::Routine(routine) => {
                let of_type = |type_: Type| type_ == Type::Own(id);
                routine.params.iter().any(|param| of_type(param.type_))
                    || matches!(routine.flavour, Flavour::OfRow(relation, _) if relation == id)
                    || matches!(routine.flavour, Flavour::Aggregate(_, type_) if of_type(type_))
            }
            _ => false,
        };
        let routines: Vec<Id> = self.objects.iter().filter(|object| names(object)).map(|object| object.id).collect();
        for routine in routines {
            self.renumber(routine);
        }
        self.by_hand.retain(|one| one.object() != id);
    }

    /// Takes out what has lost what it belongs to, or cannot be written without.
    pub(super) fn settle(&mut self) {
        loop {
            let known: BTreeSet<Id> = self.objects.iter().map(|object| object.id).collect();
            let before = self.objects.len();
            self.objects.retain(|object| match &object.kind {
                Kind::Trigger(trigger) => known.contains(&trigger.relation) && known.contains(&trigger.function),
                Kind::Rule(rule) => known.contains(&rule.relation),
                Kind::Policy(policy) => known.contains(&policy.table),
                Kind::Statistics(statistics) => known.contains(&statistics.relation),
                Kind::EventTrigger(trigger) => known.contains(&trigger.function),
                Kind::Routine(routine) => match routine.flavour {
                    Flavour::SetOf(id) | Flavour::OfRow(id, _) | Flavour::Aggregate(id, _) => known.contains(&id),
                    _ => true,
                },
                _ => true,
            });
            if self.objects.len() == before {
                break;
            }
        }
        self.settle_statistics();
        for at in 0..self.objects.len() {
            let columns: BTreeSet<Id> = self.columns(self.objects[at].id).iter().map(|column| column.id).collect();
            let object = &mut self.objects[at];
            object.grants.retain(|grant| grant.column.is_none_or(|column| columns.contains(&column)));
            if let Kind::View(view) = &mut object.kind {
                view.indexes.retain(|index| columns.contains(&index.column));
                if !view.materialized {
                    view.indexes.clear();
                }
            }
        }
        let kept = |world: &Self, by_hand: &ByHand| {
            let Some(object) = world.get(by_hand.object()) else { return false };
            if by_hand.column().is_some_and(|id| !world.columns(object.id).iter().any(|column| column.id == id)) {
                return false;
            }
            let view = match &object.kind {
                Kind::View(view) => Some(view),
                _ => None,
            };
            let declared_comment = |column: &Id| {
                view.into_iter().flat_map(|view| &view.outputs).any(|one| one.id == *column && one.comment.is_some())
            };
            match by_hand {
                ByHand::Comment(_, None, _) => object.comment.is_none(),
                ByHand::Comment(_, Some(column), _) => !declared_comment(column),
                ByHand::Owner(..) => object.owner.is_none(),
                ByHand::State(..) => match &object.kind {
                    Kind::Trigger(trigger) => trigger.state == 0,
                    Kind::Rule(rule) => rule.state == 0,
                    _ => false,
                },
                ByHand::Option(_, option) => view.is_some_and(|view| match *option {
                    "security_barrier" => view.barrier.is_none(),
                    "security_invoker" => view.invoker.is_none(),
                    _ => view.fillfactor.is_none(),
                }),
                ByHand::Cluster(_, name) => {
                    view.is_some_and(|view| view.indexes.iter().any(|index| index.name == *name))
                }
                ByHand::Grant(..) | ByHand::Default(..) | ByHand::Statistics(..) | ByHand::Index(..) => true,
            }
        };
        let by_hand = std::mem::take(&mut self.by_hand);
        // What an owner holds becomes the next owner's (`aclnewowner`), also where it was granted to the former one.
        let left: BTreeSet<Id> = by_hand
            .iter()
            .filter(|one| matches!(one, ByHand::Owner(..)) && !kept(self, one))
            .map(ByHand::object)
            .collect();
        let merged = |one: &ByHand| matches!(one, ByHand::Grant(id, grant) if left.contains(id) && grant.role == ROLES.len() - 1);
        self.by_hand = by_hand.into_iter().filter(|one| kept(self, one) && !merged(one)).collect();
    }
}
