//! What a line that tells a rename is about: the object of the statement that it stands at, or a part of that.

use super::comment::{Name, Word};
use crate::catalog::{AttachedKind, Catalog, ObjectId, RoutineKind, TypeKind};
use crate::graph;
use crate::name::{QualifiedName, quote_ident};
use crate::object::KINDS;
use crate::parser::NodeEnum;
use crate::rename::{Rename, column_names, exists, labels, with_name};
use crate::replay::declare::subject::Subject;
use crate::replay::session::Session;

/// Something that may have had another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An object, with its word: a view is not a materialized view.
    Object(Subject, &'static str),
    /// An index of a materialized view.
    Index(QualifiedName, String),
    /// A column or attribute.
    Column(Subject, String),
    /// A value.
    Value(Subject, String),
}

impl Target {
    /// What a line at a statement is about.
    pub(super) fn of(session: &Session<'_>, node: &NodeEnum, new: Option<&Word>) -> Option<Self> {
        if let (NodeEnum::IndexStmt(index), None) = (node, new) {
            let Subject::Relation(relation) = Subject::relation(session, index.relation.as_ref()?) else { return None };
            return (!index.idxname.is_empty()).then(|| Self::Index(relation, index.idxname.clone()));
        }
        let subject = Subject::made_by(session, node)?;
        match new {
            None => word(&subject, node).map(|word| Self::Object(subject, word)),
            Some(Word::Name(column)) => match (&subject, node) {
                (Subject::Relation(_), _) | (Subject::Type(_), NodeEnum::CompositeTypeStmt(_)) => {
                    Some(Self::Column(subject, column.clone()))
                }
                _ => None,
            },
            Some(Word::Literal(label)) => {
                matches!(node, NodeEnum::CreateEnumStmt(_)).then(|| Self::Value(subject, label.clone()))
            }
        }
    }

    /// Whether it is a column, attribute or value: they come after all objects.
    pub(super) fn is_part(&self) -> bool {
        matches!(self, Self::Column(..) | Self::Value(..))
    }

    /// What comes first, since others are named after it.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Object(Subject::Schema(_), _) => 0,
            Self::Object(Subject::Type(_) | Subject::Relation(_) | Subject::Sequence(_), _) => 1,
            Self::Object(Subject::Part(..), _) | Self::Index(..) => 3,
            Self::Object(..) => 2,
            Self::Column(..) | Self::Value(..) => 4,
        }
    }

    /// Whether a state has it under its new name.
    pub(super) fn is_there(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Object(subject, _) => taken(catalog, subject).is_some(),
            Self::Index(relation, name) => exists(catalog, &index(relation, name)),
            Self::Column(owner, name) => {
                found(catalog, owner).is_some_and(|of| column_names(catalog, &of).contains(name))
            }
            Self::Value(owner, label) => found(catalog, owner).is_some_and(|of| labels(catalog, &of).contains(label)),
        }
    }

    /// The object that has the new name.
    pub(super) fn holder(&self, catalog: &Catalog) -> Option<ObjectId> {
        match self {
            Self::Object(subject, _) => found(catalog, subject),
            Self::Index(relation, name) => Some(index(relation, name)).filter(|index| exists(catalog, index)),
            Self::Column(..) | Self::Value(..) => None,
        }
    }

    /// The rename from an old name, where the state has something of that name.
    pub(super) fn rename(&self, catalog: &Catalog, old: &Name) -> Option<Rename> {
        match self {
            Self::Object(subject, word) => {
                let before = named(subject, old)?;
                let id = found(catalog, &before).filter(|id| id.word() == *word)?;
                let new = self.new_name(&id)?;
                Some(Rename::Object { new: with_name(&id, new), old: id })
            }
            Self::Index(relation, name) => {
                let (old, new) = (index(relation, old.last()), index(relation, name));
                exists(catalog, &old).then_some(Rename::Object { old, new })
            }
            Self::Column(owner, name) => {
                let of = found(catalog, owner)?;
                let old = old.last().to_owned();
                column_names(catalog, &of).contains(&old).then(|| Rename::Column { of, old, new: name.clone() })
            }
            Self::Value(owner, label) => {
                let of = found(catalog, owner)?;
                let old = old.last().to_owned();
                labels(catalog, &of).contains(&old).then(|| Rename::Value { of, old, new: label.clone() })
            }
        }
    }

    fn new_name(&self, id: &ObjectId) -> Option<QualifiedName> {
        let Self::Object(subject, _) = self else { return None };
        Some(match subject {
            Subject::Relation(name)
            | Subject::Type(name)
            | Subject::Routine(name, _)
            | Subject::Sequence(name)
            | Subject::Statistics(name) => name.clone(),
            Subject::Part(_, _, name) | Subject::Schema(name) | Subject::EventTrigger(name) => {
                QualifiedName::new(id.schema().unwrap_or_default(), name.clone())
            }
            _ => return None,
        })
    }

    /// Whether this has the name that a rename gives away.
    pub(super) fn is_named_by(&self, catalog: &Catalog, rename: &Rename) -> bool {
        match (self, rename) {
            (Self::Object(subject, _), Rename::Object { old, .. }) => found(catalog, subject).as_ref() == Some(old),
            (Self::Index(relation, name), Rename::Object { old, .. }) => index(relation, name) == *old,
            (Self::Column(owner, name), Rename::Column { of, old, .. })
            | (Self::Value(owner, name), Rename::Value { of, old, .. }) => {
                name == old && found(catalog, owner).as_ref() == Some(of)
            }
            _ => false,
        }
    }

    /// Whether a declared object is the one that a rename gives another name.
    pub(super) fn is_old(&self, catalog: &Catalog, subject: &Subject, rename: &Rename) -> bool {
        let Self::Object(..) = self else { return false };
        found(catalog, subject).as_ref() == Some(rename.id())
    }

    /// The object that it is a part of.
    pub(super) fn owner(&self, catalog: &Catalog) -> Option<Option<ObjectId>> {
        match self {
            Self::Column(owner, _) | Self::Value(owner, _) => Some(found(catalog, owner)),
            _ => None,
        }
    }

    /// For messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Object(subject, word) => format!("{word} {subject}"),
            Self::Index(relation, name) => format!("index {} of {relation}", quote_ident(name)),
            Self::Column(owner, name) => format!("column {} of {owner}", quote_ident(name)),
            Self::Value(owner, label) => format!("value `{label}` of {owner}"),
        }
    }

    /// The word for what it is.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Object(_, word) => word,
            Self::Index(..) => "index",
            Self::Column(Subject::Type(_), _) => "attribute",
            Self::Column(..) => "column",
            Self::Value(..) => "value",
        }
    }

    /// An old name, for messages.
    pub(super) fn shown_old(&self, old: &Name) -> String {
        match (self, old) {
            (Self::Object(subject, _), old) => {
                named(subject, old).map_or_else(|| format!("`{}`", old.last()), |subject| format!("`{subject}`"))
            }
            (Self::Index(relation, _), _) => format!("`{}` of {relation}", old.last()),
            (Self::Column(owner, _) | Self::Value(owner, _), _) => format!("`{}` of {owner}", old.last()),
        }
    }

    /// The names that a misspelt old name may stand for.
    pub(super) fn known(&self, catalog: &Catalog) -> Vec<String> {
        match self {
            Self::Object(_, word) => {
                let all = KINDS.iter().flat_map(|kind| kind.objects(catalog));
                all.filter(|id| id.word() == *word).map(|id| id.name().to_owned()).collect()
            }
            Self::Index(relation, _) => {
                let row = catalog.relation_named(relation);
                row.map_or_else(Vec::new, |row| row.indexes.iter().map(|index| index.name.clone()).collect())
            }
            Self::Column(owner, _) => found(catalog, owner).map_or_else(Vec::new, |of| column_names(catalog, &of)),
            Self::Value(owner, _) => found(catalog, owner).map_or_else(Vec::new, |of| labels(catalog, &of)),
        }
    }

    /// The object of an old name in another schema than the one in which it was looked for.
    pub(super) fn elsewhere(&self, catalog: &Catalog, name: &str) -> Option<String> {
        let Self::Object(_, word) = self else { return None };
        let mut all = KINDS.iter().flat_map(|kind| kind.objects(catalog));
        let found = all.find(|id| id.word() == *word && id.name() == name && id.part_of().is_none())?;
        Some(found.sql_name().split_once('(').map_or_else(|| found.sql_name(), |(name, _)| name.to_owned()))
    }
}

/// The word of the object that a statement makes, where PostgreSQL gives such objects other names.
fn word(subject: &Subject, node: &NodeEnum) -> Option<&'static str> {
    Some(match (subject, node) {
        (Subject::Relation(_), NodeEnum::ViewStmt(_)) => "view",
        (Subject::Relation(_), _) => "materialized view",
        (Subject::Type(_), _) => "type",
        (Subject::Routine(..), NodeEnum::DefineStmt(_)) => "aggregate",
        (Subject::Routine(..), NodeEnum::CreateFunctionStmt(function)) if function.is_procedure => "procedure",
        (Subject::Routine(..), _) => "function",
        (Subject::Part(AttachedKind::Trigger, ..), _) => "trigger",
        (Subject::Part(AttachedKind::Rule, ..), _) => "rule",
        (Subject::Part(..), _) => "policy",
        (Subject::Schema(_), _) => "schema",
        (Subject::Sequence(_), _) => "sequence",
        (Subject::Statistics(_), _) => "statistics",
        (Subject::EventTrigger(_), _) => "event trigger",
        _ => return None,
    })
}

fn index(relation: &QualifiedName, name: &str) -> ObjectId {
    ObjectId::Index(QualifiedName::new(relation.schema.clone(), name), relation.clone())
}

/// The same under an old name, which is in the same schema unless it says another one.
fn named(subject: &Subject, old: &Name) -> Option<Subject> {
    let Name::Dotted(parts) = old else { return None };
    let qualified = |own: &QualifiedName| match parts.as_slice() {
        [name] => Some(QualifiedName::new(own.schema.clone(), name.clone())),
        [schema, name] => Some(QualifiedName::new(schema.clone(), name.clone())),
        _ => None,
    };
    let plain = || match parts.as_slice() {
        [name] => Some(name.clone()),
        _ => None,
    };
    Some(match subject {
        Subject::Relation(own) => Subject::Relation(qualified(own)?),
        Subject::Type(own) => Subject::Type(qualified(own)?),
        Subject::Routine(own, inputs) => Subject::Routine(qualified(own)?, inputs.clone()),
        Subject::Sequence(own) => Subject::Sequence(qualified(own)?),
        Subject::Statistics(own) => Subject::Statistics(qualified(own)?),
        Subject::Part(kind, relation, _) => Subject::Part(*kind, relation.clone(), plain()?),
        Subject::Schema(_) => Subject::Schema(plain()?),
        Subject::EventTrigger(_) => Subject::EventTrigger(plain()?),
        _ => return None,
    })
}

/// The object of a state that a declared one would be.
fn found(catalog: &Catalog, subject: &Subject) -> Option<ObjectId> {
    match subject {
        Subject::Relation(name) | Subject::Sequence(name) => {
            graph::relation_id(catalog, catalog.relation_named(name)?.oid)
        }
        Subject::Type(name) => {
            let row = catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?;
            let own = matches!(row.kind, TypeKind::Enum | TypeKind::Domain | TypeKind::Composite | TypeKind::Range);
            own.then(|| graph::type_id(catalog, row.oid)).flatten()
        }
        Subject::Routine(name, _) => {
            let rows = catalog.routines_named(&name.name).filter(|row| row.source.is_some());
            let mut fitting = rows.filter(|row| subject.may_be(catalog, row) && row.kind != RoutineKind::Window);
            catalog.routine_id(fitting.next()?.oid)
        }
        Subject::Part(kind, relation, name) => {
            let rows = catalog.attached.get(&catalog.relation_named(relation)?.oid)?;
            rows.iter().find(|row| row.kind == *kind && row.name == *name)?;
            Some(match kind {
                AttachedKind::Trigger => ObjectId::Trigger(relation.clone(), name.clone()),
                AttachedKind::Rule => ObjectId::Rule(relation.clone(), name.clone()),
                _ => ObjectId::Policy(relation.clone(), name.clone()),
            })
        }
        Subject::Schema(name) => catalog.schema_by_name(name).map(|_| ObjectId::Schema(name.clone())),
        Subject::Statistics(name) => catalog.statistics_named(name).map(|_| ObjectId::Statistics(name.clone())),
        Subject::EventTrigger(name) => {
            catalog.event_triggers.contains_key(name).then(|| ObjectId::EventTrigger(name.clone()))
        }
        _ => None,
    }
}

/// What has the name already, of whatever kind.
fn taken(catalog: &Catalog, subject: &Subject) -> Option<()> {
    let of_relation = |name: &QualifiedName| -> Option<()> {
        let schema = catalog.schema_by_name(&name.schema)?;
        let relation = catalog.relation_by_name(schema, &name.name).is_some();
        (relation || catalog.type_by_name(schema, &name.name).is_some()).then_some(())
    };
    match subject {
        Subject::Relation(name) | Subject::Sequence(name) | Subject::Type(name) => of_relation(name),
        other => found(catalog, other).map(|_| ()),
    }
}
