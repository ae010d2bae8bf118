//! Columns of tables that store values of a type, and how they are changed over to the type of the same name that was made
//! anew.

use std::collections::BTreeMap;

use super::Statement;
use crate::catalog::{AttachedKind, Catalog, ColumnSource, ConstraintKind, ObjectId, Oid, RelationKind, TypeKind};
use crate::name::{QualifiedName, quote_ident};

/// A column of a table whose type is a given one, or an array of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredColumn {
    pub(crate) table: QualifiedName,
    pub(crate) relation: Oid,
    pub(crate) number: i16,
    pub(crate) name: String,
    array: bool,
    /// It comes from a parent of the table.
    inherited: bool,
}

/// A type that was made anew.
pub(super) struct Retyped<'n> {
    pub(super) oid: Oid,
    pub(super) name: &'n QualifiedName,
}

/// The columns of tables that store values of a type, in the order of tables and columns.
pub(crate) fn stored_columns(catalog: &Catalog, oid: Oid) -> Vec<StoredColumn> {
    let array = catalog.types.get(&oid).map(|row| row.array).filter(|array| array.is_valid());
    let mut found = Vec::new();
    for row in catalog.relations.values().filter(|row| is_table(row.kind)) {
        let Some(table) = catalog.relation_name(row.oid) else { continue };
        for (number, column) in row.live_columns() {
            if column.type_ != oid && Some(column.type_) != array {
                continue;
            }
            let in_parent =
                |parent: &Oid| catalog.relation(*parent).is_some_and(|row| row.column(&column.name).is_some());
            found.push(StoredColumn {
                table: table.clone(),
                relation: row.oid,
                number,
                name: column.name.clone(),
                array: column.type_ != oid,
                inherited: row.parents.iter().any(in_parent),
            });
        }
    }
    found.sort_by(|a, b| (&a.table, a.number).cmp(&(&b.table, b.number)));
    found
}

fn is_table(kind: RelationKind) -> bool {
    matches!(kind, RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable)
}

/// Whether a recreated type takes the columns of tables along: an enum that stays one.
pub(crate) fn is_retyped(old: &Catalog, new: &Catalog, id: &ObjectId) -> bool {
    let is_enum = |catalog: &Catalog| {
        let made = super::type_text::made(catalog, id);
        made.is_some_and(|made| made.row.kind == TypeKind::Enum)
    };
    is_enum(old) && is_enum(new)
}

impl StoredColumn {
    /// Why the type of the column cannot be changed over; `None` when it can. What PostgreSQL says of each is in
    /// `ATPrepAlterColumnType`.
    pub(crate) fn obstacle(&self, catalog: &Catalog) -> Option<&'static str> {
        let row = catalog.relation(self.relation)?;
        let column = row.attribute(self.number)?;
        let in_key = |constraint: &crate::catalog::Constraint, number: i16| {
            constraint.kind == ConstraintKind::ForeignKey && constraint.columns.contains(&number)
        };
        if row.kind == RelationKind::ForeignTable {
            return Some("change a column of a foreign table over to it");
        }
        if catalog.partition_keys.get(&self.relation).is_some_and(|key| key.columns.contains(&self.number)) {
            return Some("change a column over to it that a partition key is made of");
        }
        if column.source != ColumnSource::Plain {
            return Some("change a generated column over to it");
        }
        if catalog.typed_tables.contains_key(&self.relation) {
            return Some("change a column of a typed table over to it");
        }
        let generated = catalog.attached.get(&self.relation).into_iter().flatten().any(|part| {
            let AttachedKind::Default(other) = part.kind else { return false };
            let uses = crate::analysis::Dependency::Column(self.relation, self.number);
            let source = row.attribute(other).map(|column| column.source);
            matches!(source, Some(ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual))
                && part.dependencies.contains(&uses)
        });
        if generated {
            return Some("change a column over to it that a generated column is made of");
        }
        let key = row.constraints.iter().any(|constraint| in_key(constraint, self.number))
            || catalog.relations.values().any(|other| {
                let to_this = |constraint: &&crate::catalog::Constraint| constraint.references == self.relation;
                other.constraints.iter().filter(to_this).any(|constraint| {
                    let mut referring = constraint.columns.iter().filter_map(|number| other.attribute(*number));
                    constraint.kind == ConstraintKind::ForeignKey && referring.any(|other| other.type_ == column.type_)
                })
            });
        key.then_some("change a column over to it that a foreign key is made of")
    }
}

/// Changes the columns of tables over to a type that was made anew. Their defaults, which are of the old type, have been
/// taken off.
pub(super) fn retype(catalog: &Catalog, type_: &Retyped<'_>) -> Vec<Statement> {
    let columns = stored_columns(catalog, type_.oid);
    let mut by_table: BTreeMap<&QualifiedName, Vec<String>> = BTreeMap::new();
    for column in columns.iter().filter(|column| !column.inherited) {
        let name = quote_ident(&column.name);
        let using = match column.array {
            true => format!("{0}[] USING {name}::text[]::{0}[]", type_.name),
            false => format!("{0} USING {name}::text::{0}", type_.name),
        };
        by_table.entry(&column.table).or_default().push(format!("ALTER COLUMN {name} TYPE {using}"));
    }
    let tables = by_table.into_iter().map(|(table, actions)| {
        let separator = if actions.len() == 1 { " " } else { "\n    " };
        Statement::new(format!("ALTER TABLE {table}{separator}{}", actions.join(",\n    ")))
    });
    tables.collect()
}
