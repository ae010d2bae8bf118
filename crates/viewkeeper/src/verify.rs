//! The start-up check: whether the live relations are what the program was built for. One query; nothing is locked.

use std::fmt;

use postgres::GenericClient;
use postgres_types::Type;

use crate::error::{Error, Kind};
use crate::relation::{ColumnDescription, RelationDescription, RelationKind};

const LIVE_COLUMNS: &str = include_str!("queries/live_columns.sql");

/// Checks that the database has the relations and columns that the program was built for, with their types. What the
/// database has besides does no harm, since rows are read by named columns.
///
/// To warn instead of stopping, ask for the [`differences`].
///
/// # Errors
/// With every difference, when there is one ([`Error::is_drift`]); when the catalog cannot be read.
pub fn verify<C: GenericClient>(client: &mut C, expected: &[RelationDescription]) -> Result<(), Error> {
    refuse(&differences(client, expected)?)
}

/// [`verify`] on a connection of the asynchronous driver.
///
/// # Errors
/// As [`verify`].
#[cfg(feature = "tokio-postgres")]
pub async fn verify_async<C: tokio_postgres::GenericClient + Sync>(
    client: &C,
    expected: &[RelationDescription],
) -> Result<(), Error> {
    refuse(&differences_async(client, expected).await?)
}

fn refuse(differences: &[Difference]) -> Result<(), Error> {
    if differences.is_empty() {
        return Ok(());
    }
    let places = if differences.len() == 1 { "one place".to_owned() } else { format!("{} places", differences.len()) };
    let mut error =
        Error::new(Kind::Drift, format!("the database differs in {places} from what this program was built for"));
    for difference in differences {
        error = error.note(difference.to_string());
    }
    Err(error
        .help("apply the migrations that this program was built with, or build it from the definitions that are live"))
}

/// What [`verify`] finds, in the order of `expected`.
///
/// # Errors
/// When the catalog cannot be read.
pub fn differences<C: GenericClient>(
    client: &mut C,
    expected: &[RelationDescription],
) -> Result<Vec<Difference>, Error> {
    let (schemas, names) = names(expected);
    let rows = client
        .query_typed(LIVE_COLUMNS, &[(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)])
        .map_err(unreadable)?;
    compare_all(expected, &rows)
}

/// [`differences`] on a connection of the asynchronous driver.
///
/// # Errors
/// When the catalog cannot be read.
#[cfg(feature = "tokio-postgres")]
pub async fn differences_async<C: tokio_postgres::GenericClient + Sync>(
    client: &C,
    expected: &[RelationDescription],
) -> Result<Vec<Difference>, Error> {
    let (schemas, names) = names(expected);
    let rows = client
        .query_typed(LIVE_COLUMNS, &[(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)])
        .await
        .map_err(unreadable)?;
    compare_all(expected, &rows)
}

fn names(expected: &[RelationDescription]) -> (Vec<&'static str>, Vec<&'static str>) {
    expected.iter().map(|relation| (relation.schema, relation.name)).unzip()
}

fn unreadable(cause: postgres::Error) -> Error {
    Error::database("reading the live columns", cause)
}

fn compare_all(expected: &[RelationDescription], rows: &[postgres::Row]) -> Result<Vec<Difference>, Error> {
    let mut live: Vec<LiveRelation> = expected.iter().map(|_| LiveRelation::default()).collect();
    for row in rows {
        let number: i64 = row.try_get(0).map_err(unreadable)?;
        let Some(relation) = usize::try_from(number - 1).ok().and_then(|index| live.get_mut(index)) else { continue };
        relation.kind = row.try_get(1).map_err(unreadable)?;
        if let Some(name) = row.try_get::<_, Option<String>>(2).map_err(unreadable)? {
            relation.columns.push(LiveColumn {
                name,
                type_: row.try_get(3).map_err(unreadable)?,
                type_schema: row.try_get(4).map_err(unreadable)?,
                not_null: row.try_get(5).map_err(unreadable)?,
            });
        }
    }
    Ok(expected.iter().zip(&live).flat_map(|(expected, live)| compare(expected, live)).collect())
}

#[derive(Debug, Default)]
struct LiveRelation {
    kind: Option<String>,
    columns: Vec<LiveColumn>,
}

#[derive(Debug)]
struct LiveColumn {
    name: String,
    /// As `format_type` prints it.
    type_: String,
    /// `schema.` of a type, or of an array's element, outside `pg_catalog`.
    type_schema: String,
    not_null: bool,
}

impl LiveColumn {
    /// Whether two spellings mean the same type: whether the schema is printed depends on the search path.
    fn has_type(&self, expected: &str) -> bool {
        let plain = |name: &str| name.strip_prefix(self.type_schema.as_str()).unwrap_or(name).to_owned();
        plain(&self.type_) == plain(expected)
    }
}

fn compare(expected: &RelationDescription, live: &LiveRelation) -> Vec<Difference> {
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

/// One thing that is not as the program was built for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The relation is not there.
    RelationMissing {
        /// Its name.
        relation: String,
        /// What it should be.
        kind: RelationKind,
    },
    /// It is there as something else.
    KindChanged {
        /// Its name.
        relation: String,
        /// What it should be.
        expected: RelationKind,
        /// What it is.
        found: String,
    },
    /// A column is not there.
    ColumnMissing {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
    },
    /// A column has another type.
    TypeChanged {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
        /// What the program was built for.
        expected: String,
        /// What is live.
        found: String,
    },
    /// A table's column may hold null now.
    NowNullable {
        /// The relation.
        relation: String,
        /// The column.
        column: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RelationMissing { relation, kind } => write!(f, "the {} `{relation}` does not exist", kind.noun()),
            Self::KindChanged { relation, expected, found } => {
                write!(f, "`{relation}` is a {found}, not a {}", expected.noun())
            }
            Self::ColumnMissing { relation, column } => write!(f, "`{relation}` has no column `{column}`"),
            Self::TypeChanged { relation, column, expected, found } => {
                write!(f, "`{relation}.{column}` is of type `{found}`, not `{expected}`")
            }
            Self::NowNullable { relation, column } => write!(f, "`{relation}.{column}` can be null now"),
        }
    }
}
