//! The name of an object that is the same in every state, and how messages and SQL spell it.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::DefaultPrivilegeTarget;
use crate::name::{QualifiedName, quote_ident};

/// Names an object the same way in every state. Order: by kind, then by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ObjectId {
    Schema(String),
    Extension(String),
    /// An enum, domain, range, composite or base type.
    Type(QualifiedName),
    Sequence(QualifiedName),
    Table(QualifiedName),
    /// A function or window function with the types of its inputs, as `format_type` prints them.
    Function(QualifiedName, Vec<String>),
    /// A procedure, likewise.
    Procedure(QualifiedName, Vec<String>),
    /// An aggregate, likewise.
    Aggregate(QualifiedName, Vec<String>),
    View(QualifiedName),
    MaterializedView(QualifiedName),
    /// An index with the relation it is on.
    Index(QualifiedName, QualifiedName),
    /// A column of a relation.
    Column(QualifiedName, String),
    /// A constraint of a relation.
    Constraint(QualifiedName, String),
    /// A constraint of a domain.
    DomainConstraint(QualifiedName, String),
    /// A trigger of a relation.
    Trigger(QualifiedName, String),
    /// A rule of a relation.
    Rule(QualifiedName, String),
    /// A policy of a table.
    Policy(QualifiedName, String),
    /// Whether row security of a table is on.
    RowSecurity(QualifiedName),
    /// Extended statistics.
    Statistics(QualifiedName),
    /// A collation.
    Collation(QualifiedName),
    EventTrigger(String),
    /// What new objects are given.
    DefaultPrivileges(DefaultPrivilegeTarget),
}

/// A name that only one object can have at a time, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKey {
    /// Relations, indexes and types: a relation's rows are a type of its name (`pg_class`, `pg_type`).
    Relation(QualifiedName),
    /// Functions, procedures and aggregates with the types of their inputs (`pg_proc`).
    Routine(QualifiedName, Vec<String>),
    /// Everything else shares its names with nothing.
    Own(ObjectId),
}

impl ObjectId {
    /// The word for its kind: `materialized view`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Schema(_) => "schema",
            Self::Extension(_) => "extension",
            Self::Type(_) => "type",
            Self::Sequence(_) => "sequence",
            Self::Table(_) => "table",
            Self::Function(..) => "function",
            Self::Procedure(..) => "procedure",
            Self::Aggregate(..) => "aggregate",
            Self::View(_) => "view",
            Self::MaterializedView(_) => "materialized view",
            Self::Index(..) => "index",
            Self::Column(..) => "column",
            Self::Constraint(..) | Self::DomainConstraint(..) => "constraint",
            Self::Trigger(..) => "trigger",
            Self::Rule(..) => "rule",
            Self::Policy(..) => "policy",
            Self::RowSecurity(_) => "row security of",
            Self::Statistics(_) => "statistics",
            Self::Collation(_) => "collation",
            Self::EventTrigger(_) => "event trigger",
            Self::DefaultPrivileges(_) => "default privileges",
        }
    }

    /// Whether it is a relation of this name, or a part of it.
    pub fn belongs_to(&self, relation: &QualifiedName) -> bool {
        match self {
            Self::Table(name)
            | Self::View(name)
            | Self::MaterializedView(name)
            | Self::Sequence(name)
            | Self::Type(name)
            | Self::Index(_, name)
            | Self::Column(name, _)
            | Self::Constraint(name, _)
            | Self::DomainConstraint(name, _)
            | Self::Trigger(name, _)
            | Self::Rule(name, _)
            | Self::Policy(name, _)
            | Self::RowSecurity(name) => name == relation,
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Function(..)
            | Self::Procedure(..)
            | Self::Aggregate(..)
            | Self::Statistics(_)
            | Self::Collation(_)
            | Self::EventTrigger(_)
            | Self::DefaultPrivileges(_) => false,
        }
    }

    /// Where in the order of ids those are that belong to a relation; others are among them, as indexes are ordered by
    /// their own names.
    pub fn places_of(relation: &QualifiedName) -> Vec<Range<Self>> {
        // The name that comes directly after it.
        let next = QualifiedName::new(relation.schema.clone(), format!("{}\0", relation.name));
        let first = || QualifiedName::new("", "");
        let wholes: [fn(QualifiedName) -> Self; 6] =
            [Self::Type, Self::Sequence, Self::Table, Self::View, Self::MaterializedView, Self::RowSecurity];
        let parts: [fn(QualifiedName, String) -> Self; 6] =
            [Self::Column, Self::Constraint, Self::DomainConstraint, Self::Trigger, Self::Rule, Self::Policy];
        let wholes = wholes.map(|whole| whole(relation.clone())..whole(next.clone()));
        let parts = parts.map(|part| part(relation.clone(), String::new())..part(next.clone(), String::new()));
        let indexes = Self::Index(first(), first())..Self::Column(first(), String::new());
        wholes.into_iter().chain(parts).chain([indexes]).collect()
    }

    /// The object's own name, without schema, relation and signature.
    pub fn name(&self) -> &str {
        match self {
            Self::Schema(name) | Self::Extension(name) | Self::EventTrigger(name) => name,
            Self::DefaultPrivileges(target) => &target.objects,
            Self::Type(name)
            | Self::Sequence(name)
            | Self::Table(name)
            | Self::Function(name, _)
            | Self::Procedure(name, _)
            | Self::Aggregate(name, _)
            | Self::View(name)
            | Self::MaterializedView(name)
            | Self::Index(name, _)
            | Self::RowSecurity(name)
            | Self::Statistics(name)
            | Self::Collation(name) => &name.name,
            Self::Column(_, name)
            | Self::Constraint(_, name)
            | Self::DomainConstraint(_, name)
            | Self::Trigger(_, name)
            | Self::Rule(_, name)
            | Self::Policy(_, name) => name,
        }
    }

    /// The schema that it is in; what belongs to a relation is where that is.
    pub fn schema(&self) -> Option<&str> {
        match self {
            Self::Type(name)
            | Self::Sequence(name)
            | Self::Table(name)
            | Self::Function(name, _)
            | Self::Procedure(name, _)
            | Self::Aggregate(name, _)
            | Self::View(name)
            | Self::MaterializedView(name)
            | Self::Statistics(name)
            | Self::Collation(name) => Some(&name.schema),
            Self::DefaultPrivileges(target) => target.schema.as_deref(),
            _ => None,
        }
    }

    /// What can be in the place of a view or materialized view, with the same name.
    pub fn other_kind(&self) -> Option<Self> {
        match self {
            Self::View(name) => Some(Self::MaterializedView(name.clone())),
            Self::MaterializedView(name) => Some(Self::View(name.clone())),
            _ => None,
        }
    }

    /// The relation that it is a part of.
    pub fn part_of(&self) -> Option<&QualifiedName> {
        match self {
            Self::Index(_, relation)
            | Self::Column(relation, _)
            | Self::Constraint(relation, _)
            | Self::Trigger(relation, _)
            | Self::Rule(relation, _)
            | Self::Policy(relation, _)
            | Self::RowSecurity(relation) => Some(relation),
            _ => None,
        }
    }

    /// The object as SQL spells it behind the word for its kind: `public.f(integer)`, `audit ON public.users`.
    pub fn sql_name(&self) -> String {
        let signature = |name: &QualifiedName, inputs: &[String]| format!("{name}({})", inputs.join(", "));
        match self {
            Self::Schema(name) | Self::Extension(name) | Self::EventTrigger(name) => quote_ident(name).into_owned(),
            Self::DefaultPrivileges(target) => {
                let of = target.role.as_ref().map(|role| format!(" of {}", quote_ident(role))).unwrap_or_default();
                let within = target.schema.as_ref().map(|schema| format!(" in {}", quote_ident(schema)));
                format!("on {}{of}{}", target.objects.to_lowercase(), within.unwrap_or_default())
            }
            Self::Type(name)
            | Self::Sequence(name)
            | Self::Table(name)
            | Self::View(name)
            | Self::MaterializedView(name)
            | Self::Index(name, _)
            | Self::RowSecurity(name)
            | Self::Statistics(name)
            | Self::Collation(name) => name.to_string(),
            Self::Aggregate(name, inputs) if inputs.is_empty() => format!("{name}(*)"),
            Self::Function(name, inputs) | Self::Procedure(name, inputs) | Self::Aggregate(name, inputs) => {
                signature(name, inputs)
            }
            Self::DomainConstraint(domain, name) => format!("{} ON DOMAIN {domain}", quote_ident(name)),
            Self::Column(relation, column) => format!("{relation}.{}", quote_ident(column)),
            Self::Constraint(relation, name)
            | Self::Trigger(relation, name)
            | Self::Rule(relation, name)
            | Self::Policy(relation, name) => format!("{} ON {relation}", quote_ident(name)),
        }
    }

    /// As `COMMENT ON`, `DROP` and `ALTER … OWNER TO` want it: `FUNCTION public.f(integer)`. (`TYPE` is right for domains too.)
    pub fn sql(&self) -> String {
        format!("{} {}", self.word().to_uppercase(), self.sql_name())
    }

    /// As `GRANT … ON` wants it; nothing for what has no privileges of its own.
    pub fn grant_target(&self) -> Option<String> {
        match self {
            Self::Table(_) | Self::View(_) | Self::MaterializedView(_) => Some(self.sql_name()),
            Self::Schema(_) | Self::Sequence(_) | Self::Type(_) | Self::Function(..) | Self::Procedure(..) => {
                Some(self.sql())
            }
            // `GRANT` has no word for aggregates and takes them as functions.
            Self::Aggregate(name, inputs) => Some(Self::Function(name.clone(), inputs.clone()).sql()),
            _ => None,
        }
    }

    /// The name that no other object may have at the same time.
    pub fn name_key(&self) -> NameKey {
        match self {
            Self::Type(name)
            | Self::Sequence(name)
            | Self::Table(name)
            | Self::View(name)
            | Self::MaterializedView(name)
            | Self::Index(name, _) => NameKey::Relation(name.clone()),
            Self::Function(name, inputs) | Self::Procedure(name, inputs) | Self::Aggregate(name, inputs) => {
                NameKey::Routine(name.clone(), inputs.clone())
            }
            other => NameKey::Own(other.clone()),
        }
    }
}

/// For messages: `view public.active_users`, `trigger audit on public.users`.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constraint(relation, name)
            | Self::DomainConstraint(relation, name)
            | Self::Trigger(relation, name)
            | Self::Rule(relation, name)
            | Self::Policy(relation, name) => write!(f, "{} {} on {relation}", self.word(), quote_ident(name)),
            _ => write!(f, "{} {}", self.word(), self.sql_name()),
        }
    }
}
