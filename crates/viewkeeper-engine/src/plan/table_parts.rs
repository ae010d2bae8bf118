//! Parts of tables that use what is made anew: defaults, checks, indexes. Tables stay, and nothing depends on these parts:
//! they are taken off before anything goes, and put back when all of it is there again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use crate::analysis::Dependency;
use crate::catalog::{
    Attached, AttachedKind, Catalog, ColumnSource, Constraint, ConstraintKind, ObjectId, Oid, Relation, RelationKind,
};
use crate::diff::{Change, ChangeKind};
use crate::graph;
use crate::hazard::{Hazard, HazardKind};
use crate::keep;
use crate::name::{QualifiedName, quote_ident};
use crate::object::{Action, Statement, is_changed_in_place, is_retyped, kind_of, stored_columns};
use crate::replay;

/// A default, by the number of its column; a check or an index, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TablePart {
    pub(crate) table: Oid,
    pub(crate) kind: AttachedKind,
    pub(crate) name: String,
}

impl TablePart {
    /// What is attached to a table.
    pub(crate) fn of(table: Oid, row: &Attached) -> Self {
        Self { table, kind: row.kind, name: row.name.clone() }
    }
}

/// The parts that a plan takes off and puts back.
#[derive(Debug, Default)]
pub(crate) struct TableParts {
    /// Those that can be, and why others cannot.
    parts: BTreeMap<TablePart, Option<Cow<'static, str>>>,
    /// The search path that the texts are read with.
    search_path: Vec<String>,
}

impl TableParts {
    /// The parts of tables that use what changes make anew.
    pub(super) fn of(old: &Catalog, new: &Catalog, changes: &BTreeMap<ObjectId, Change>) -> Self {
        let is_remade =
            |change: &&Change| change.kind == ChangeKind::Recreate && !is_changed_in_place(old, new, &change.id);
        let remade: BTreeSet<&ObjectId> = changes.values().filter(is_remade).map(|change| &change.id).collect();
        let mut found = Self::default();
        if remade.is_empty() {
            return found;
        }
        // A default has the type of its column, whatever it says.
        let retyped = remade.iter().filter(|id| is_retyped(old, new, id)).filter_map(|id| type_of(old, id));
        let retyped: BTreeSet<(Oid, i16)> =
            retyped.flat_map(|oid| stored_columns(old, oid)).map(|column| (column.relation, column.number)).collect();
        for (owner, rows) in &old.attached {
            let (Some(table), Some(_)) = (table(old, *owner), table(new, *owner)) else { continue };
            for row in rows.iter().filter(|row| row.source.is_none()) {
                let others = row.dependencies.iter().filter(|used| !is_of(used, *owner));
                let mut used = graph::uses(old, others).into_iter().filter(|id| remade.contains(id)).peekable();
                let of_column =
                    matches!(row.kind, AttachedKind::Default(number) if retyped.contains(&(*owner, number)));
                if used.peek().is_none() && !of_column {
                    continue;
                }
                if found.search_path.is_empty() {
                    found.search_path = used.find_map(|id| search_path(new, &id)).unwrap_or_default();
                }
                found.parts.insert(TablePart::of(table.oid, row), None);
            }
        }
        if found.search_path.is_empty() {
            found.search_path = remade.iter().find_map(|id| search_path(new, id)).unwrap_or_default();
        }
        let whys: Vec<_> = found.parts.keys().map(|part| found.obstacle_to(new, part)).collect();
        found.parts.values_mut().zip(whys).for_each(|(part, why)| *part = why);
        found
    }

    /// Whether a part is taken off and put back.
    pub(crate) fn holds(&self, part: &TablePart) -> bool {
        self.parts.get(part).is_some_and(Option::is_none)
    }

    /// Why a part cannot be put back, where it is known and more than what its kind says.
    pub(crate) fn obstacle(&self, part: &TablePart) -> Option<&Cow<'static, str>> {
        self.parts.get(part)?.as_ref()
    }

    /// Why viewkeeper cannot do so.
    fn obstacle_to(&self, new: &Catalog, part: &TablePart) -> Option<Cow<'static, str>> {
        let table = table(new, part.table)?;
        let has_kin = !table.parents.is_empty() || table.kind == RelationKind::PartitionedTable;
        match part.kind {
            AttachedKind::Default(number) => {
                let source = table.attribute(number)?.source;
                if source != ColumnSource::Plain {
                    return Some("restore a generated column without rewriting its table".into());
                }
            }
            AttachedKind::Index if table.is_partition || table.kind == RelationKind::PartitionedTable => {
                return Some("restore an index that partitions have in common".into());
            }
            AttachedKind::Check if has_kin && is_inherited(new, table, part) => return None,
            _ => {}
        }
        let Some(back) = put_back(new, part) else {
            return Some("tell what its statement said".into());
        };
        let off = take_off(new, part)?;
        let statements = format!("{};\n{};\n", off.sql(), back.sql());
        let why = replay::refusal_of(new, &statements, &self.search_path)?;
        Some(format!("put it back: {why}").into())
    }

    fn held(&self) -> impl Iterator<Item = &TablePart> {
        self.parts.iter().filter(|(_, why)| why.is_none()).map(|(part, _)| part)
    }

    /// The step that takes them off in a state, and the one that puts them back in another.
    pub(super) fn steps(&self, first: &Catalog, new: &Catalog) -> Option<[Step; 2]> {
        let table = table(first, self.held().next()?.table)?;
        let id = ObjectId::Table(first.relation_name(table.oid)?);
        let constraints: Vec<(QualifiedName, &str)> =
            self.held().filter_map(|part| Some((first.relation_name(part.table)?, constraint(first, part)?))).collect();
        let indexes: Vec<ObjectId> = self.held().filter_map(|part| index_id(first, part)).collect();
        let [remember, say] = keep::said_of_table_parts(&constraints, &indexes);
        let off = grouped(self.held().filter_map(|part| take_off(first, part)));
        let back = grouped(self.held().filter_map(|part| put_back(new, part)));
        let step = |action, statements, search_path: &[String]| Step {
            id: id.clone(),
            action,
            statements,
            search_path: search_path.to_vec(),
        };
        Some([
            step(Action::TakeOff, remember.into_iter().chain(off).collect(), &[]),
            step(Action::PutBack, back.into_iter().chain(say).collect(), &self.search_path),
        ])
    }

    /// What that risks.
    pub(super) fn hazards(&self, catalog: &Catalog) -> Vec<Hazard> {
        let of_part = |part: &TablePart| {
            let table = catalog.relation_name(part.table)?;
            let waiting = format!("readers and writers of `{table}` wait until the migration commits");
            let built = (part.kind == AttachedKind::Index).then(|| {
                let sentence = format!("index `{}` of `{table}` is built anew", quote_ident(&part.name));
                Hazard::new(HazardKind::RebuildsData, sentence)
            });
            Some([Some(Hazard::new(HazardKind::ExclusiveLock, waiting)), built])
        };
        self.held().filter_map(of_part).flatten().flatten().collect()
    }
}

fn table(catalog: &Catalog, oid: Oid) -> Option<&Relation> {
    let is_table = |row: &&Relation| {
        matches!(row.kind, RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable)
    };
    catalog.relations.get(&oid).map(AsRef::as_ref).filter(is_table)
}

/// Whether a dependency is on the table that has the part: the server looks its columns up again.
fn is_of(used: &Dependency, owner: Oid) -> bool {
    matches!(*used, Dependency::Relation(oid) | Dependency::Column(oid, _) | Dependency::Constraint(oid, _) if oid == owner)
}

fn type_of(catalog: &Catalog, id: &ObjectId) -> Option<Oid> {
    let ObjectId::Type(name) = id else { return None };
    Some(catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?.oid)
}

/// The search path that an object of a definition was written for.
fn search_path(catalog: &Catalog, id: &ObjectId) -> Option<Vec<String>> {
    let of_kind = kind_of(id).map_or(&[][..], |kind| kind.search_path(catalog, id));
    let of_type = || Some(catalog.types.get(&type_of(catalog, id)?)?.source.as_ref()?.search_path.as_slice());
    let path = if of_kind.is_empty() { of_type()? } else { of_kind };
    (!path.is_empty()).then(|| path.to_vec())
}

fn attached<'c>(catalog: &'c Catalog, part: &TablePart) -> Option<&'c Attached> {
    let rows = catalog.attached.get(&part.table)?;
    rows.iter().map(AsRef::as_ref).find(|row| row.kind == part.kind && row.name == part.name)
}

/// The constraint of a check, or the one that an index is of.
fn constraint_row<'c>(catalog: &'c Catalog, part: &TablePart) -> Option<(&'c Relation, &'c Constraint)> {
    let table = table(catalog, part.table)?;
    let name = match part.kind {
        AttachedKind::Check => &part.name,
        AttachedKind::Index => table.indexes.iter().find(|index| index.name == part.name)?.constraint.as_ref()?,
        _ => return None,
    };
    Some((table, table.constraints.iter().find(|constraint| constraint.name == *name)?))
}

fn constraint<'c>(catalog: &'c Catalog, part: &TablePart) -> Option<&'c str> {
    Some(&constraint_row(catalog, part)?.1.name)
}

/// An index that a statement of its own made.
fn index_id(catalog: &Catalog, part: &TablePart) -> Option<ObjectId> {
    let index = table(catalog, part.table)?.indexes.iter().find(|index| index.name == part.name)?;
    let table = catalog.relation_name(part.table).filter(|_| part.kind == AttachedKind::Index)?;
    let name = QualifiedName::new(table.schema.clone(), index.name.clone());
    index.constraint.is_none().then_some(ObjectId::Index(name, table))
}

/// Whether a check comes from a parent, with which it goes and comes.
fn is_inherited(catalog: &Catalog, table: &Relation, part: &TablePart) -> bool {
    let has_it = |parent: &Oid| {
        let mut constraints = catalog.relation(*parent).into_iter().flat_map(|row| &row.constraints);
        constraints.any(|row| row.kind == ConstraintKind::Check && row.name == part.name && !row.no_inherit)
    };
    table.parents.iter().any(has_it)
}

/// A statement, or an action of `ALTER TABLE` that may stand beside others.
struct Piece {
    /// `ALTER TABLE t`, where it is an action.
    alter: Option<String>,
    text: String,
}

impl Piece {
    fn statement(text: String) -> Self {
        Self { alter: None, text }
    }

    fn sql(&self) -> String {
        self.alter.iter().map(String::as_str).chain([self.text.as_str()]).collect::<Vec<_>>().join(" ")
    }
}

/// `ALTER TABLE t`. A child may have another default, and has the checks of its parents.
fn alter(catalog: &Catalog, table: &Relation, part: &TablePart) -> Option<String> {
    let is_parent = catalog.children(table.oid).next().is_some();
    let only = if is_parent && matches!(part.kind, AttachedKind::Default(_)) { "ONLY " } else { "" };
    Some(format!("ALTER TABLE {only}{}", catalog.relation_name(table.oid)?))
}

fn take_off(catalog: &Catalog, part: &TablePart) -> Option<Piece> {
    let table = table(catalog, part.table)?;
    let text = match part.kind {
        AttachedKind::Default(number) => {
            format!("ALTER COLUMN {} DROP DEFAULT", quote_ident(&table.attribute(number)?.name))
        }
        AttachedKind::Check if is_inherited(catalog, table, part) => return None,
        _ => match constraint_row(catalog, part) {
            Some((_, constraint)) => format!("DROP CONSTRAINT {}", quote_ident(&constraint.name)),
            None => return Some(Piece::statement(format!("DROP {}", index_id(catalog, part)?.sql()))),
        },
    };
    Some(Piece { alter: alter(catalog, table, part), text })
}

fn put_back(catalog: &Catalog, part: &TablePart) -> Option<Piece> {
    let table = table(catalog, part.table)?;
    let text = match part.kind {
        AttachedKind::Default(number) => {
            let column = quote_ident(&table.attribute(number)?.name);
            format!("ALTER COLUMN {column} SET DEFAULT {}", attached(catalog, part)?.canonical)
        }
        AttachedKind::Check if is_inherited(catalog, table, part) => return None,
        _ => match constraint_row(catalog, part) {
            Some((table, constraint)) => {
                format!("ADD {}", replay::constraint_addition(catalog, table, constraint)?)
            }
            None => {
                let index = table.indexes.iter().find(|index| index.name == part.name)?;
                return Some(Piece::statement(index.canonical.clone())).filter(|piece| !piece.text.is_empty());
            }
        },
    };
    Some(Piece { alter: alter(catalog, table, part), text })
}

/// Statements, with the actions on one table together.
fn grouped(pieces: impl Iterator<Item = Piece>) -> Vec<Statement> {
    let (mut tables, mut others): (Vec<(String, Vec<String>)>, Vec<Statement>) = (Vec::new(), Vec::new());
    for piece in pieces {
        match (piece.alter, tables.last_mut()) {
            (Some(alter), Some((last, actions))) if *last == alter => actions.push(piece.text),
            (Some(alter), _) => tables.push((alter, vec![piece.text])),
            (None, _) => others.push(Statement::new(piece.text)),
        }
    }
    let tables = tables.into_iter().map(|(alter, actions)| {
        let separator = if actions.len() == 1 { " " } else { "\n    " };
        Statement::new(format!("{alter}{separator}{}", actions.join(",\n    ")))
    });
    tables.chain(others).collect()
}
