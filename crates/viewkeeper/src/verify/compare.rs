//! Compares what the program was built for with what is live. Pure.

use super::Difference;
use crate::history::Applied;
use crate::migrations::MigrationFile;
use crate::relation::{ColumnDescription, RelationDescription, RelationKind};

/// A relation as it is live.
#[derive(Debug, Default)]
pub(super) struct LiveRelation {
    pub(super) kind: Option<String>,
    pub(super) columns: Vec<LiveColumn>,
    /// As the snapshot names it.
    pub(super) key: String,
    /// The hash of the stored query, as the snapshot has it.
    pub(super) rewrite: Option<String>,
}

/// A column as it is live.
#[derive(Debug)]
pub(super) struct LiveColumn {
    pub(super) name: String,
    /// As `format_type` prints it.
    pub(super) type_: String,
    /// `schema.` of a type, or of an array's element, outside `pg_catalog`.
    pub(super) type_schema: String,
    pub(super) not_null: bool,
}

impl LiveColumn {
    /// Whether two spellings mean the same type: whether the schema is printed depends on the search path.
    fn has_type(&self, expected: &str) -> bool {
        let plain = |name: &str| name.strip_prefix(self.type_schema.as_str()).unwrap_or(name).to_owned();
        plain(&self.type_) == plain(expected)
    }
}

/// What differs in a relation's columns.
pub(super) fn columns(expected: &RelationDescription, live: &LiveRelation) -> Vec<Difference> {
    let relation = expected.display();
    let Some(kind) = &live.kind else {
        return vec![Difference::RelationMissing { relation, kind: expected.kind }];
    };
    let mut differences = Vec::new();
    if kind != expected.kind.noun() {
        let found = kind.clone();
        differences.push(Difference::KindChanged { relation: relation.clone(), expected: expected.kind, found });
    }
    for column in expected.columns {
        differences.extend(compare_column(expected, &relation, column, &live.columns));
    }
    differences
}

fn compare_column(
    expected: &RelationDescription,
    relation: &str,
    column: &ColumnDescription,
    live: &[LiveColumn],
) -> Option<Difference> {
    let (relation, name) = (relation.to_owned(), column.name.to_owned());
    let Some(found) = live.iter().find(|found| found.name == column.name) else {
        return Some(Difference::ColumnMissing { relation, column: name });
    };
    if !found.has_type(column.type_) {
        let (expected, found) = (column.type_.to_owned(), found.type_.clone());
        return Some(Difference::TypeChanged { relation, column: name, expected, found });
    }
    // The server knows no such thing of a view's columns.
    if column.not_null && !found.not_null && expected.kind == RelationKind::Table {
        return Some(Difference::NowNullable { relation, column: name });
    }
    None
}

/// What differs between the program's migrations and those that are applied. A program that carries none says nothing.
pub(super) fn migrations(files: &[MigrationFile<'_>], applied: &[Applied]) -> Vec<Difference> {
    if files.is_empty() {
        return Vec::new();
    }
    let of_file = |file: &MigrationFile<'_>| {
        let migration = file.id();
        match applied.iter().find(|applied| applied.version == file.version()) {
            None => Some(Difference::MigrationPending { migration }),
            Some(applied) => (!applied.fits(file)).then_some(Difference::MigrationEdited { migration }),
        }
    };
    let unknown = applied.iter().filter(|applied| files.iter().all(|file| file.version() != applied.version));
    let unknown = unknown.map(|applied| Difference::MigrationUnknown { migration: applied.id() });
    files.iter().filter_map(of_file).chain(unknown).collect()
}
