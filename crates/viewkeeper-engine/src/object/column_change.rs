//! How the columns of a relation differ between two states, and whether PostgreSQL replaces a view over the difference.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Column, NotNull, Relation};
use crate::hazard::{Hazard, HazardKind};
use crate::name::QualifiedName;

/// One difference between the columns of two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// A new column; `last` when it comes after all old ones.
    Added {
        /// Its name.
        name: String,
        /// Whether it comes after all old ones.
        last: bool,
    },
    /// A column that is gone.
    Dropped {
        /// Its name.
        name: String,
    },
    /// A column of the same name with another type, modifier or collation.
    Retyped {
        /// Its name.
        name: String,
        /// The type it had.
        old: String,
        /// The type it has.
        new: String,
    },
    /// The common columns are in another order.
    Reordered,
    /// A column that was never null can be null.
    MadeNullable {
        /// Its name.
        name: String,
    },
    /// A column that could be null never is.
    MadeNotNull {
        /// Its name.
        name: String,
    },
}

impl ColumnChange {
    /// In words.
    pub fn describe(&self) -> String {
        self.describe_of("")
    }

    fn describe_of(&self, relation: &str) -> String {
        match self {
            Self::Added { name, last: true } => format!("column `{name}`{relation} added at the end"),
            Self::Added { name, last: false } => format!("column `{name}`{relation} inserted"),
            Self::Dropped { name } => format!("column `{name}`{relation} dropped"),
            Self::Retyped { name, old, new } => format!("column `{name}`{relation} changed from `{old}` to `{new}`"),
            Self::Reordered => format!("columns{relation} in another order"),
            Self::MadeNullable { name } => format!("column `{name}`{relation} can be null now"),
            Self::MadeNotNull { name } => format!("column `{name}`{relation} is never null now"),
        }
    }

    /// As a hazard for code that reads the relation.
    pub fn hazard(&self, relation: &QualifiedName) -> Hazard {
        Hazard::of(relation, HazardKind::BreaksCode, self.describe_of(&format!(" of `{relation}`")))
    }

    /// Whether only what is proven of nulls is different.
    pub(super) fn is_of_nulls(&self) -> bool {
        matches!(self, Self::MadeNullable { .. } | Self::MadeNotNull { .. })
    }

    /// Whether code that was built for the old columns fails or decodes something else.
    pub fn breaks_code(&self) -> bool {
        matches!(self, Self::Dropped { .. } | Self::Retyped { .. } | Self::MadeNullable { .. })
    }
}

/// Whether a column at a position is never null: of a view by what is proven of its query.
fn is_never_null(relation: &Relation, position: usize, column: &Column) -> bool {
    match &relation.view {
        Some(view) => view.analysis.columns.get(position).is_some_and(|column| column.nullability.not_null),
        None => matches!(column.not_null, NotNull::Yes | NotNull::NoInherit),
    }
}

fn nullability_change(
    (old, old_position, before): (&Relation, usize, &Column),
    (new, position, column): (&Relation, usize, &Column),
) -> Option<ColumnChange> {
    let name = column.name.clone();
    match (is_never_null(old, old_position, before), is_never_null(new, position, column)) {
        (true, false) => Some(ColumnChange::MadeNullable { name }),
        (false, true) => Some(ColumnChange::MadeNotNull { name }),
        _ => None,
    }
}

/// Which columns that two states of a relation have can be null in one of them only.
pub(crate) fn nullability_changes(old: &Relation, new: &Relation) -> Vec<ColumnChange> {
    let new_columns = new.live_columns().map(|(_, column)| column).enumerate();
    let of_column = |(position, column): (usize, &Column)| {
        let (old_position, before) =
            old.live_columns().map(|(_, column)| column).enumerate().find(|(_, before)| before.name == column.name)?;
        nullability_change((old, old_position, before), (new, position, column))
    };
    new_columns.filter_map(of_column).collect()
}

/// All differences between the columns of two states of a relation.
pub(crate) fn column_changes(old: (&Catalog, &Relation), new: (&Catalog, &Relation)) -> Vec<ColumnChange> {
    let old_columns: Vec<&Column> = old.1.live_columns().map(|(_, column)| column).collect();
    let new_columns: Vec<&Column> = new.1.live_columns().map(|(_, column)| column).collect();
    let new_names: BTreeSet<&str> = new_columns.iter().map(|column| column.name.as_str()).collect();
    let old_names: BTreeSet<&str> = old_columns.iter().map(|column| column.name.as_str()).collect();
    let last_common = new_columns.iter().rposition(|column| old_names.contains(column.name.as_str()));
    let mut changes = Vec::new();
    for column in &old_columns {
        if !new_names.contains(column.name.as_str()) {
            changes.push(ColumnChange::Dropped { name: column.name.clone() });
        }
    }
    for (position, column) in new_columns.iter().enumerate() {
        let name = column.name.clone();
        let Some(old_position) = old_columns.iter().position(|before| before.name == column.name) else {
            changes.push(ColumnChange::Added { name, last: last_common.is_none_or(|last| position > last) });
            continue;
        };
        let before = old_columns[old_position];
        let (was, is) = (type_text(old.0, before), type_text(new.0, column));
        if was != is {
            changes.push(ColumnChange::Retyped { name, old: was, new: is });
        }
        changes.extend(nullability_change((old.1, old_position, before), (new.1, position, column)));
    }
    let common = |columns: &[&Column], names: &BTreeSet<&str>| -> Vec<String> {
        columns.iter().filter(|column| names.contains(column.name.as_str())).map(|column| column.name.clone()).collect()
    };
    if common(&old_columns, &new_names) != common(&new_columns, &old_names) {
        changes.push(ColumnChange::Reordered);
    }
    changes
}

/// Whether `CREATE OR REPLACE VIEW` accepts the new columns: the old ones keep name, position, type, modifier and
/// collation, new ones come last (`checkViewColumns` in view.c).
pub(super) fn is_replaceable(old: (&Catalog, &Relation), new: (&Catalog, &Relation)) -> bool {
    let mut new_columns = new.1.live_columns();
    old.1.live_columns().all(|(_, before)| {
        new_columns
            .next()
            .is_some_and(|(_, after)| before.name == after.name && type_text(old.0, before) == type_text(new.0, after))
    })
}

/// A column's type as people read it and two states can compare it: name, modifier, collation.
pub(super) fn type_text(catalog: &Catalog, column: &Column) -> String {
    let mut text = catalog.shown_type(column.type_, column.typmod);
    let own = catalog.type_(column.type_).map(|type_| type_.collation);
    if own != Some(column.collation)
        && let Some(collation) = catalog.collation(column.collation)
    {
        text.push_str(" collate ");
        text.push_str(&collation.name);
    }
    text
}
