//! Renames that were told: what has another name than before, the statements for it, and what that breaks. How a person
//! tells them is `replay`'s; here they are data that two states carry from one to the other.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ObjectId};
use crate::diff::ChangeKind;
use crate::hazard::{Hazard, HazardKind};
use crate::name::{QualifiedName, quote_ident, quote_literal};
use crate::object::{Statement, kind_of, relation_name};

/// One thing under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rename {
    /// An object, perhaps in another schema.
    Object {
        /// Its old name.
        old: ObjectId,
        /// Its new name.
        new: ObjectId,
    },
    /// A column of a view or materialized view, or an attribute of a composite type.
    Column {
        /// Whose it is.
        of: ObjectId,
        /// Its old name.
        old: String,
        /// Its new name.
        new: String,
    },
    /// A value of an enum.
    Value {
        /// The enum.
        of: ObjectId,
        /// The old value.
        old: String,
        /// The new value.
        new: String,
    },
    /// An extension in another schema: types in the signatures of routines move with it. Nobody tells it; the states do.
    Extension {
        /// The extension.
        of: ObjectId,
        /// Its old schema.
        old: String,
        /// Its new schema.
        new: String,
    },
}

impl Rename {
    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        match self.clone() {
            Self::Object { old, new } => Self::Object { old: new, new: old },
            Self::Column { of, old, new } => Self::Column { of, old: new, new: old },
            Self::Value { of, old, new } => Self::Value { of, old: new, new: old },
            Self::Extension { of, old, new } => Self::Extension { of, old: new, new: old },
        }
    }

    /// The object that it is about, under the name that it has before.
    pub fn id(&self) -> &ObjectId {
        match self {
            Self::Object { old: id, .. }
            | Self::Column { of: id, .. }
            | Self::Value { of: id, .. }
            | Self::Extension { of: id, .. } => id,
        }
    }

    /// The object that it is about, under the name that it has afterwards.
    pub fn new_id(&self) -> &ObjectId {
        match self {
            Self::Object { new: id, .. }
            | Self::Column { of: id, .. }
            | Self::Value { of: id, .. }
            | Self::Extension { of: id, .. } => id,
        }
    }

    /// Whether it gives an object, or a part of it, another name.
    pub(crate) fn touches(&self, id: &ObjectId) -> bool {
        match self {
            Self::Object { old, new } => carried(id.clone(), old, new) != *id,
            Self::Column { of, .. } | Self::Value { of, .. } => of == id,
            Self::Extension { .. } => false,
        }
    }

    /// Whether a state has what the rename needs, and its name free.
    pub fn is_possible(&self, catalog: &Catalog) -> bool {
        match self {
            Self::Object { old, new } => exists(catalog, old) && !exists(catalog, new),
            Self::Column { of, old, new } => {
                let has = |name: &str| column_names(catalog, of).iter().any(|column| column == name);
                has(old) && !has(new)
            }
            Self::Value { of, old, new } => {
                let has = |name: &String| labels(catalog, of).contains(name);
                has(old) && !has(new)
            }
            Self::Extension { of, old, new } => {
                extension_schema(catalog, of.name()) == Some(old) && catalog.schema_by_name(new).is_some()
            }
        }
    }

    /// The statements.
    pub fn statements(&self, catalog: &Catalog) -> Vec<Statement> {
        match self {
            Self::Object { old, new } => object_statements(catalog, old, new),
            Self::Column { of, old, new } => {
                let word = if matches!(of, ObjectId::Type(_)) { "ATTRIBUTE" } else { "COLUMN" };
                let (old, new) = (quote_ident(old), quote_ident(new));
                vec![Statement::new(format!("ALTER {} RENAME {word} {old} TO {new}", of.sql()))]
            }
            Self::Value { of, old, new } => {
                let (old, new) = (quote_literal(old), quote_literal(new));
                vec![Statement::new(format!("ALTER {} RENAME VALUE {} TO {}", of.sql(), old.trim(), new.trim()))]
            }
            Self::Extension { of, new, .. } => {
                vec![Statement::new(format!("ALTER {} SET SCHEMA {}", of.sql(), quote_ident(new)))]
            }
        }
    }

    /// What kind of change it is: the name of an extension stays.
    pub(crate) fn change_kind(&self) -> ChangeKind {
        match self {
            Self::Object { .. } | Self::Column { .. } | Self::Value { .. } => ChangeKind::Rename,
            Self::Extension { .. } => ChangeKind::Alter,
        }
    }

    /// In words, behind the name of what is renamed.
    pub fn details(&self) -> String {
        match self {
            Self::Object { new, .. } if new.part_of().is_some() => format!("it is `{}` now", quote_ident(new.name())),
            Self::Object { new, .. } => format!("it is `{}` now", new.sql_name()),
            Self::Column { of: ObjectId::Type(_), old, new } => format!("attribute `{old}` is `{new}` now"),
            Self::Column { old, new, .. } => format!("column `{old}` is `{new}` now"),
            Self::Value { old, new, .. } => format!("value `{old}` is `{new}` now"),
            Self::Extension { new, .. } => format!("it moves to the schema `{new}`"),
        }
    }

    /// What it risks.
    pub fn hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        let breaks = |sentence: String| Hazard::new(HazardKind::BreaksCode, sentence);
        match self {
            Self::Object { old: ObjectId::Index(..) | ObjectId::Statistics(_), .. } => {}
            // Nothing calls them by their names.
            Self::Object {
                old: ObjectId::Trigger(..) | ObjectId::Rule(..) | ObjectId::Policy(..) | ObjectId::EventTrigger(_),
                ..
            } => {}
            Self::Object { old, new } => {
                let sentence = format!("{old} is `{}` now: code that says the old name fails", new.sql_name());
                hazards.push(Hazard { relation: relation_name(old).cloned(), ..breaks(sentence) });
            }
            Self::Column { of, old, new } => {
                let word = if matches!(of, ObjectId::Type(_)) { "attribute" } else { "column" };
                let sentence = format!("{word} `{old}` of {of} is `{new}` now: code that says the old name fails");
                hazards.push(Hazard { relation: relation_name(of).cloned(), ..breaks(sentence) });
            }
            Self::Value { of, old, new } => {
                hazards.push(breaks(format!("value `{old}` of {of} is `{new}` now: code that says the old one fails")));
            }
            Self::Extension { of, new, .. } => hazards.push(breaks(format!(
                "what {of} brings is in the schema `{new}`: code that names another one finds it no longer"
            ))),
        }
        let locked = match self {
            Self::Object { new: id, .. } | Self::Column { of: id, .. } => match id {
                ObjectId::Trigger(relation, _) | ObjectId::Rule(relation, _) | ObjectId::Policy(relation, _) => {
                    Some(relation.clone())
                }
                id if has_rows(id) => relation_name(id).cloned(),
                _ => None,
            },
            Self::Value { .. } | Self::Extension { .. } => None,
        };
        hazards.extend(locked.map(|name| {
            Hazard::new(HazardKind::ExclusiveLock, format!("readers of `{name}` wait until the migration commits"))
        }));
        hazards
    }
}

/// `view public.a to public.b`, `column a of view public.v to b`.
impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { old, new } => match (old.part_of(), new.part_of()) {
                (Some(_), Some(_)) => write!(f, "{old} to {}", quote_ident(new.name())),
                _ => write!(f, "{old} to {}", new.sql_name()),
            },
            Self::Column { of, old, new } => {
                let word = if matches!(of, ObjectId::Type(_)) { "attribute" } else { "column" };
                write!(f, "{word} {} of {of} to {}", quote_ident(old), quote_ident(new))
            }
            Self::Value { of, old, new } => write!(f, "value `{old}` of {of} to `{new}`"),
            Self::Extension { of, new, .. } => write!(f, "{of} to the schema {}", quote_ident(new)),
        }
    }
}

fn has_rows(id: &ObjectId) -> bool {
    matches!(id, ObjectId::View(_) | ObjectId::MaterializedView(_))
}

/// Whether a state has an object.
pub(crate) fn exists(catalog: &Catalog, id: &ObjectId) -> bool {
    match id {
        ObjectId::Index(index, relation) => {
            catalog.relation_named(relation).is_some_and(|row| row.indexes.iter().any(|known| known.name == index.name))
        }
        id => kind_of(id).is_some_and(|kind| kind.objects(catalog).contains(id)),
    }
}

/// The columns of a relation or composite type, by name.
pub(crate) fn column_names(catalog: &Catalog, of: &ObjectId) -> Vec<String> {
    let name = match of {
        ObjectId::Type(name) => Some(name),
        of => relation_name(of),
    };
    let row = name.and_then(|name| catalog.relation_named(name));
    row.map_or_else(Vec::new, |row| row.live_columns().map(|(_, column)| column.name.clone()).collect())
}

/// The values of an enum.
pub(crate) fn labels(catalog: &Catalog, of: &ObjectId) -> Vec<String> {
    let ObjectId::Type(name) = of else { return Vec::new() };
    let schema = catalog.schema_by_name(&name.schema);
    let row = schema.and_then(|schema| catalog.type_by_name(schema, &name.name));
    row.map_or_else(Vec::new, |row| row.labels.clone())
}

fn object_statements(catalog: &Catalog, old: &ObjectId, new: &ObjectId) -> Vec<Statement> {
    let to = |id: &ObjectId, name: &str| Statement::new(format!("ALTER {} RENAME TO {}", id.sql(), quote_ident(name)));
    let (Some(from), Some(into)) = (old.schema(), new.schema()) else { return vec![to(old, new.name())] };
    let set = |id: &ObjectId| Statement::new(format!("ALTER {} SET SCHEMA {}", id.sql(), quote_ident(into)));
    match (from == into, old.name() == new.name()) {
        (true, _) => vec![to(old, new.name())],
        (false, true) => vec![set(old)],
        // The name in between must be free.
        (false, false) => {
            let moved = with_name(old, QualifiedName::new(into, old.name()));
            if exists(catalog, &moved) {
                let renamed = with_name(old, QualifiedName::new(from, new.name()));
                vec![to(old, new.name()), set(&renamed)]
            } else {
                vec![set(old), to(&moved, new.name())]
            }
        }
    }
}

/// An object of the same kind under another name.
pub(crate) fn with_name(id: &ObjectId, name: QualifiedName) -> ObjectId {
    match id {
        ObjectId::Schema(_) => ObjectId::Schema(name.name),
        ObjectId::EventTrigger(_) => ObjectId::EventTrigger(name.name),
        ObjectId::Type(_) => ObjectId::Type(name),
        ObjectId::Sequence(_) => ObjectId::Sequence(name),
        ObjectId::Function(_, inputs) => ObjectId::Function(name, inputs.clone()),
        ObjectId::Procedure(_, inputs) => ObjectId::Procedure(name, inputs.clone()),
        ObjectId::Aggregate(_, inputs) => ObjectId::Aggregate(name, inputs.clone()),
        ObjectId::View(_) => ObjectId::View(name),
        ObjectId::MaterializedView(_) => ObjectId::MaterializedView(name),
        ObjectId::Statistics(_) => ObjectId::Statistics(name),
        ObjectId::Trigger(relation, _) => ObjectId::Trigger(relation.clone(), name.name),
        ObjectId::Rule(relation, _) => ObjectId::Rule(relation.clone(), name.name),
        ObjectId::Policy(relation, _) => ObjectId::Policy(relation.clone(), name.name),
        ObjectId::Index(_, relation) => ObjectId::Index(name, relation.clone()),
        other => other.clone(),
    }
}

/// The renames that lead from one state to the next: of those that either was told, those of `new` forwards and those of
/// `old` back; then extensions that are in another schema.
pub(crate) fn between(old: &Catalog, new: &Catalog) -> Vec<Rename> {
    let back: Vec<Rename> = old.renames.iter().rev().map(Rename::reversed).collect();
    let mut state = old.clone();
    let mut found = Vec::new();
    // What led to both is behind them.
    let told = if old.renames == new.renames { [&[][..], &[]] } else { [&new.renames[..], &back] };
    for renames in told {
        for (at, rename) in renames.iter().enumerate() {
            let later = renames.get(at + 1..).unwrap_or_default();
            // What another state did not bring with it is not there to be renamed.
            if rename.is_possible(&state) && rename.leads_to(new, later) {
                state = crate::replay::renamed(&state, std::slice::from_ref(rename));
                found.push(rename.clone());
            }
        }
    }
    for name in new.extensions.keys() {
        let (Some(before), Some(after)) = (extension_schema(&state, name), extension_schema(new, name)) else {
            continue;
        };
        let of = ObjectId::Extension(name.clone());
        let rename = Rename::Extension { of, old: before.to_owned(), new: after.to_owned() };
        if before != after && rename.is_possible(&state) {
            let moved = crate::replay::renamed(&state, std::slice::from_ref(&rename));
            // Some cannot be moved, which is said where the change is planned.
            if extension_schema(&moved, name) == Some(after) {
                state = moved;
                found.push(rename);
            }
        }
    }
    found
}

/// The schema of an extension that viewkeeper manages.
fn extension_schema<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c str> {
    let row = catalog.extensions.get(name).filter(|row| row.provenance.is_some())?;
    catalog.schema_name(row.schema)
}

impl Rename {
    /// Whether a state has the new name, which later renames may have carried on; or another object has the old one there,
    /// for which this one makes room before it goes.
    fn leads_to(&self, new: &Catalog, later: &[Self]) -> bool {
        let id = later.iter().fold(self.new_id().clone(), |id, rename| match rename {
            Self::Object { old, new } => carried(id, old, new),
            _ => id,
        });
        match self {
            Self::Object { old, .. } => {
                let takes =
                    |rename: &Self| matches!(rename, Self::Object { new, .. } if new.name_key() == old.name_key());
                exists(new, &id) || later.iter().any(takes)
            }
            Self::Column { .. } => column_names(new, &id).contains(&self.last_name(later)),
            Self::Value { .. } => labels(new, &id).contains(&self.last_name(later)),
            Self::Extension { new: schema, .. } => extension_schema(new, id.name()) == Some(schema),
        }
    }

    /// The name that a part has once it was renamed by this one and by those that carry it on.
    pub(crate) fn last_name(&self, later: &[Self]) -> String {
        let next = later.iter().position(|rename| rename.carries_on(self));
        let next = next.and_then(|at| Some((later.get(at)?, later.get(at + 1..)?)));
        match (next, self) {
            (Some((next, later)), _) => next.last_name(later),
            (None, Self::Object { new, .. }) => new.name().to_owned(),
            (None, Self::Column { new, .. } | Self::Value { new, .. } | Self::Extension { new, .. }) => new.clone(),
        }
    }

    /// Whether it goes on from the name that an earlier one gave.
    pub(crate) fn carries_on(&self, earlier: &Self) -> bool {
        match (earlier, self) {
            (Self::Object { new, .. }, Self::Object { old, .. }) => new == old,
            (Self::Column { of, new, .. }, Self::Column { of: of_this, old, .. })
            | (Self::Value { of, new, .. }, Self::Value { of: of_this, old, .. }) => of == of_this && new == old,
            _ => false,
        }
    }

    /// The one that leads from where an earlier one began to where this one ends.
    pub(crate) fn joined_to(&self, earlier: &Self) -> Self {
        match (earlier, self.clone()) {
            (Self::Object { old, .. }, Self::Object { new, .. }) => Self::Object { old: old.clone(), new },
            (Self::Column { old, .. }, Self::Column { of, new, .. }) => Self::Column { of, old: old.clone(), new },
            (Self::Value { old, .. }, Self::Value { of, new, .. }) => Self::Value { of, old: old.clone(), new },
            (_, rename) => rename,
        }
    }
}

/// What an object is called once another one, or itself, has another name.
fn carried(id: ObjectId, old: &ObjectId, new: &ObjectId) -> ObjectId {
    if id == *old {
        return new.clone();
    }
    if let (ObjectId::Schema(old), ObjectId::Schema(new)) = (old, new) {
        let moved = |name: &QualifiedName| match name.schema == *old {
            true => QualifiedName::new(new.clone(), name.name.clone()),
            false => name.clone(),
        };
        let id = match id.schema() {
            Some(schema) if schema == old => {
                let name = QualifiedName::new(new.clone(), id.name());
                with_name(&id, name)
            }
            _ => id,
        };
        let (old, new) = (format!("{}.", quote_ident(old)), format!("{}.", quote_ident(new)));
        return with_inputs(part_of(id, moved), |input| input.strip_prefix(&old).map(|rest| format!("{new}{rest}")));
    }
    let of_relation = relation_name(old).zip(relation_name(new));
    let id = match of_relation {
        Some((old, new)) => part_of(id, |name| if name == old { new.clone() } else { name.clone() }),
        None => id,
    };
    let (ObjectId::Type(old), ObjectId::Type(new)) = (old, new) else { return id };
    let (old, new) = (old.to_string(), new.to_string());
    with_inputs(id, |input| {
        let rest = input.strip_prefix(&old).filter(|rest| rest.is_empty() || *rest == "[]")?;
        Some(format!("{new}{rest}"))
    })
}

/// A routine whose inputs are of types that may have another name.
fn with_inputs(id: ObjectId, renamed: impl Fn(&str) -> Option<String>) -> ObjectId {
    let all = |inputs: Vec<String>| inputs.into_iter().map(|input| renamed(&input).unwrap_or(input)).collect();
    match id {
        ObjectId::Function(name, inputs) => ObjectId::Function(name, all(inputs)),
        ObjectId::Procedure(name, inputs) => ObjectId::Procedure(name, all(inputs)),
        ObjectId::Aggregate(name, inputs) => ObjectId::Aggregate(name, all(inputs)),
        id => id,
    }
}

/// A part of a relation that may have another name.
fn part_of(id: ObjectId, moved: impl Fn(&QualifiedName) -> QualifiedName) -> ObjectId {
    match id {
        ObjectId::Trigger(relation, name) => ObjectId::Trigger(moved(&relation), name),
        ObjectId::Rule(relation, name) => ObjectId::Rule(moved(&relation), name),
        ObjectId::Policy(relation, name) => ObjectId::Policy(moved(&relation), name),
        ObjectId::Index(index, relation) => {
            let relation = moved(&relation);
            ObjectId::Index(QualifiedName::new(relation.schema.clone(), index.name), relation)
        }
        id => id,
    }
}
