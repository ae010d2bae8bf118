//! Names in scope: what FROM made visible at each query level, and how names find columns in it. It reads the range
//! table and never adds to it.

use std::rc::Rc;

use super::level::Level;
use super::{Analyser, Outcome};
use crate::catalog::{Oid, RelationKind, oids};
use crate::diagnostic::SqlState;
use crate::resolve::Failure;
use crate::resolve::suggest::nearest;
use crate::tree::{Expr, ExprNode, Location, RangeTableKind, Var};

/// A column as a namespace item shows it. Columns of joins point at the joined entry itself where they can.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NamespaceColumn {
    /// The column that a reference yields; `None` for a dropped one.
    pub(super) target: Option<ColumnTarget>,
    /// Left out of `*` (columns that SEARCH and CYCLE add, inside the CTE itself).
    pub(super) hidden_from_star: bool,
}

/// What a reference to a [`NamespaceColumn`] yields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ColumnTarget {
    pub(super) relation: usize,
    pub(super) column: i16,
    pub(super) type_: Oid,
    pub(super) typmod: i32,
    pub(super) collation: Oid,
}

impl ColumnTarget {
    /// The reference, from a query `levels_up` below.
    pub(super) fn var(self, levels_up: usize, location: Location) -> Expr {
        let Self { relation, column, type_, typmod, collation } = self;
        Expr::new(ExprNode::Var(Var { relation, column, levels_up, type_, typmod, collation }), location)
    }
}

/// What `ParseNamespaceItem` is in parse_node.h.
#[derive(Debug, Clone)]
pub(super) struct NamespaceItem {
    /// Index into the range table.
    pub(super) entry: usize,
    /// The name that qualifies its columns.
    pub(super) name: String,
    /// Column names; empty for dropped columns.
    pub(super) names: Rc<[String]>,
    /// What the columns are.
    pub(super) columns: Rc<[NamespaceColumn]>,
    /// Set for a relation without an alias, which may be qualified by its schema too.
    pub(super) relation: Option<Oid>,
    /// Whether it is the alias of a `USING` list, which shows only the merged columns.
    pub(super) using_alias: bool,
    pub(super) relation_visible: bool,
    pub(super) columns_visible: bool,
    /// Visible only to LATERAL items.
    pub(super) lateral_only: bool,
    /// Whether a LATERAL reference is legal (not over RIGHT and FULL joins).
    pub(super) lateral_ok: bool,
}

impl NamespaceItem {
    /// An item that is visible by name and by columns.
    pub(super) fn new(entry: usize, name: String, names: Vec<String>, columns: Vec<NamespaceColumn>) -> Self {
        Self {
            entry,
            name,
            names: names.into(),
            columns: columns.into(),
            relation: None,
            using_alias: false,
            relation_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        }
    }

    /// The columns that `*` spells, with their names (`expandNSItemVars`).
    pub(super) fn star(&self) -> impl Iterator<Item = (&str, ColumnTarget)> {
        self.names.iter().zip(self.columns.iter()).filter_map(|(name, column)| match column {
            NamespaceColumn { target: Some(target), hidden_from_star: false } => Some((name.as_str(), *target)),
            _ => None,
        })
    }
}

/// Complains when two sides of FROM use one name (`checkNameSpaceConflicts`).
pub(super) fn check_conflicts(left: &[NamespaceItem], right: &[NamespaceItem]) -> Outcome<()> {
    for first in left.iter().filter(|item| item.relation_visible) {
        for second in right.iter().filter(|item| item.relation_visible && item.name == first.name) {
            let both_plain = first.relation.is_some() && second.relation.is_some();
            if !(both_plain && first.relation != second.relation) {
                return Err(Failure::new(
                    SqlState::DUPLICATE_ALIAS,
                    format!("the name `{}` stands for more than one item of FROM", first.name),
                    None,
                )
                .help("give each occurrence an alias of its own"));
            }
        }
    }
    Ok(())
}

/// A system column of a table: number and type (`SysAtt` in heap.c).
pub(super) fn system_column(name: &str) -> Option<(i16, Oid)> {
    Some(match name {
        "ctid" => (-1, oids::TID),
        "xmin" => (-2, oids::XID),
        "cmin" => (-3, oids::CID),
        "xmax" => (-4, oids::XID),
        "cmax" => (-5, oids::CID),
        "tableoid" => (-6, oids::OID),
        _ => return None,
    })
}

impl<'a> Analyser<'a> {
    /// The query level `levels_up` above the current one.
    pub(super) fn level_up(&self, levels_up: usize) -> Option<&Level<'a>> {
        self.levels.len().checked_sub(levels_up + 1).and_then(|index| self.levels.get(index))
    }

    /// The FROM item that a name stands for, innermost level first (`refnameNamespaceItem`).
    pub(super) fn find_item(
        &self,
        schema: Option<&str>,
        name: &str,
        location: Location,
    ) -> Outcome<Option<(usize, NamespaceItem)>> {
        let relation = match schema {
            None => None,
            Some(schema) => match self.resolver.find_relation(Some(schema), name) {
                Some(relation) => Some(relation.oid),
                None => return Ok(None),
            },
        };
        for levels_up in 0..self.levels.len() {
            let Some(level) = self.level_up(levels_up) else { break };
            let mut found: Option<&NamespaceItem> = None;
            for item in &level.namespace {
                let matches = match relation {
                    Some(relation) => item.relation == Some(relation),
                    None => item.name == name,
                };
                if !item.relation_visible || (item.lateral_only && !level.lateral_active) || !matches {
                    continue;
                }
                if found.is_some() {
                    return Err(Failure::new(
                        SqlState::AMBIGUOUS_ALIAS,
                        format!("the table reference `{name}` is ambiguous"),
                        location,
                    ));
                }
                check_lateral(item, location)?;
                found = Some(item);
            }
            if let Some(item) = found {
                return Ok(Some((levels_up, item.clone())));
            }
        }
        Ok(None)
    }

    /// The index of a column in an item; negative numbers are system columns (`scanRTEForColumn`).
    fn column_index(&self, levels_up: usize, item: &NamespaceItem, name: &str, location: Location) -> Outcome<Found> {
        if name.is_empty() {
            return Ok(Found::Nothing);
        }
        let mut matches = item.names.iter().enumerate().filter(|(_, candidate)| *candidate == name);
        if let Some((index, _)) = matches.next() {
            if matches.next().is_some() {
                return Err(self.ambiguous_column(levels_up, name, location));
            }
            return Ok(Found::Column(index));
        }
        let Some((number, type_)) = system_column(name) else { return Ok(Found::Nothing) };
        let level = self.level_up(levels_up).filter(|level| level.excluded != Some(item.entry));
        let entry = level.and_then(|level| level.range_table.get(item.entry));
        let Some(RangeTableKind::Relation { relation, .. }) = entry.map(|entry| &entry.kind) else {
            return Ok(Found::Nothing);
        };
        let kind = self.catalog().relation(*relation).map(|relation| relation.kind);
        match kind {
            Some(RelationKind::View | RelationKind::CompositeType) | None => Ok(Found::Nothing),
            Some(_) => Ok(Found::System(number, type_)),
        }
    }

    /// A column of an item, as an expression of the current level (`scanNSItemForColumn`).
    pub(super) fn column_of_item(
        &self,
        levels_up: usize,
        item: &NamespaceItem,
        name: &str,
        location: Location,
    ) -> Outcome<Option<Expr>> {
        match self.column_index(levels_up, item, name, location)? {
            Found::Nothing => Ok(None),
            Found::System(column, type_) => {
                let target = ColumnTarget { relation: item.entry, column, type_, typmod: -1, collation: Oid::INVALID };
                Ok(Some(target.var(levels_up, location)))
            }
            Found::Column(index) => {
                let target = item.columns.get(index).and_then(|column| column.target);
                Ok(target.map(|target| target.var(levels_up, location)))
            }
        }
    }

    /// A column by its bare name, innermost level first (`colNameToVar`).
    pub(super) fn column_by_name(&self, name: &str, reach: Reach, location: Location) -> Outcome<Option<Expr>> {
        for levels_up in 0..self.levels.len() {
            let Some(level) = self.level_up(levels_up) else { break };
            let mut found = None;
            for item in &level.namespace {
                if !item.columns_visible || (item.lateral_only && !level.lateral_active) {
                    continue;
                }
                if let Some(column) = self.column_of_item(levels_up, item, name, location)? {
                    if found.is_some() {
                        return Err(self.ambiguous_column(levels_up, name, location));
                    }
                    check_lateral(item, location)?;
                    found = Some(column);
                }
            }
            if found.is_some() || reach == Reach::ThisLevel {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// A name that several columns in reach have: with the ways to say which.
    fn ambiguous_column(&self, levels_up: usize, name: &str, location: Location) -> Failure {
        let failure =
            Failure::new(SqlState::AMBIGUOUS_COLUMN, format!("the column reference `{name}` is ambiguous"), location);
        let items = self.level_up(levels_up).map_or(&[][..], |level| &level.namespace);
        let choices: Vec<String> = items
            .iter()
            .filter(|item| item.relation_visible && !item.name.is_empty())
            .filter(|item| item.names.iter().filter(|own| *own == name).count() == 1)
            .map(|item| format!("`{}.{name}`", item.name))
            .collect();
        match choices.len() {
            0 | 1 => failure.help("give the columns names of their own where they are made"),
            _ => failure.help(format!("say which one is meant: {}", choices.join(" or "))),
        }
    }

    /// No such column: with the nearest name that would have been one (`errorMissingColumn`).
    pub(super) fn missing_column(&self, qualifier: Option<&str>, name: &str, location: Location) -> Failure {
        let mut candidates: Vec<(String, String)> = Vec::new();
        let mut of_others: Vec<(String, String)> = Vec::new();
        let mut out_of_reach = None;
        for level in self.levels.iter().rev() {
            for entry in &level.range_table {
                if matches!(entry.kind, RangeTableKind::Join { .. }) {
                    continue;
                }
                if qualifier.is_some_and(|qualifier| qualifier != entry.name) {
                    let named = entry.columns.iter().filter(|column| !column.name.is_empty());
                    of_others.extend(named.map(|column| (column.name.clone(), entry.name.clone())));
                    continue;
                }
                for column in entry.columns.iter() {
                    if column.name == name && out_of_reach.is_none() {
                        out_of_reach = Some(entry.name.clone());
                    }
                    if !column.name.is_empty() {
                        candidates.push((column.name.clone(), entry.name.clone()));
                    }
                }
            }
        }
        let message = match qualifier {
            Some(qualifier) => format!("no column `{name}` in `{qualifier}`"),
            None => format!("no column `{name}`"),
        };
        let failure = Failure::new(SqlState::UNDEFINED_COLUMN, message, location);
        if let Some(table) = out_of_reach {
            let failure =
                failure.note(format!("`{table}` has a column `{name}`, which cannot be referenced from here"));
            return if self.needs_lateral(&table) { failure.help(LATERAL_HELP) } else { failure };
        }
        let nearest = nearest(name, candidates.iter().map(|(column, _)| column.as_str()));
        match nearest.and_then(|nearest| candidates.iter().find(|(column, _)| column == nearest)) {
            Some((column, _)) if qualifier.is_some() => failure.help(format!("did you mean `{column}`?")),
            Some((column, table)) if table.is_empty() => failure.help(format!("did you mean `{column}`?")),
            Some((column, table)) => failure.help(format!("did you mean `{table}.{column}`?")),
            None => failure_of_others(failure, name, &of_others),
        }
    }

    /// Whether an item stands before the sub-select in whose FROM it could be named with LATERAL.
    fn needs_lateral(&self, name: &str) -> bool {
        self.levels.iter().any(|level| {
            let mut items = level.namespace.iter();
            !level.lateral_active && items.any(|item| item.lateral_only && item.lateral_ok && item.name == name)
        })
    }

    /// No such FROM item (`errorMissingRTE`).
    pub(super) fn missing_item(&self, schema: Option<&str>, name: &str, location: Location) -> Failure {
        let shown = schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"));
        let failure = Failure::new(SqlState::UNDEFINED_TABLE, format!("no item `{shown}` in FROM"), location);
        let relation = self.resolver.find_relation(schema, name).map(|relation| relation.oid);
        for level in self.levels.iter().rev() {
            for entry in &level.range_table {
                let same_relation =
                    matches!(&entry.kind, RangeTableKind::Relation { relation: oid, .. } if relation == Some(*oid));
                if same_relation && entry.name != name {
                    return failure.help(format!("here it has the alias `{}`", entry.name));
                }
                if entry.name == name || same_relation {
                    let failure =
                        failure.note(format!("`{}` is in FROM, but cannot be referenced from here", entry.name));
                    return if self.needs_lateral(&entry.name) { failure.help(LATERAL_HELP) } else { failure };
                }
            }
        }
        if schema.is_none()
            && let Ok(Some(column)) = self.column_by_name(name, Reach::AllLevels, location)
        {
            let type_ = self.type_of(&column);
            return if self.is_row_type(type_) {
                failure.help(format!("`{name}` is a column: a field of it is written `({name}).field`"))
            } else {
                failure.note(format!("`{name}` is a column of type `{}`, which has no fields", self.type_text(type_)))
            };
        }
        let names = self.levels.iter().rev().flat_map(|level| level.range_table.iter().map(|entry| &*entry.name));
        failure.meant(nearest(name, names))
    }
}

const LATERAL_HELP: &str = "write LATERAL before the sub-select";

/// How far a name is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    ThisLevel,
    AllLevels,
}

enum Found {
    Nothing,
    Column(usize),
    System(i16, Oid),
}

/// What another item of FROM has, where the one that was named has nothing near.
fn failure_of_others(failure: Failure, name: &str, others: &[(String, String)]) -> Failure {
    let same = others.iter().find(|(column, _)| column == name);
    let near = || {
        let near = nearest(name, others.iter().map(|(column, _)| column.as_str()))?;
        others.iter().find(|(column, _)| column == near)
    };
    match same.or_else(near) {
        Some((column, table)) => failure.help(format!("did you mean `{table}.{column}`?")),
        None => failure,
    }
}

/// `check_lateral_ref_ok`
fn check_lateral(item: &NamespaceItem, location: Location) -> Outcome<()> {
    if item.lateral_only && !item.lateral_ok {
        return Err(Failure::new(
            SqlState::INVALID_COLUMN_REFERENCE,
            format!("`{}` cannot be referenced from this side of the join", item.name),
            location,
        )
        .note("a LATERAL reference needs an INNER or LEFT join"));
    }
    Ok(())
}
