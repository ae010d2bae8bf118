//! Typed rows: the trait that generated structs implement, for the blocking driver. Nothing here knows a generated type.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use fallible_iterator::FallibleIterator;
use postgres::{GenericClient, RowIter};
use postgres_types::{FromSql, ToSql, Type};

use crate::error::{Error, Kind};
use crate::relation::{ColumnDescription, RelationDescription, WireType, quote_identifier};

/// A row of a view, materialized view or table, as generated from its definition.
///
/// Conditions and tails are the program's own text (`&'static str`), values go into parameters: text that came from
/// outside cannot become SQL.
///
/// ```no_run
/// # use viewkeeper::View;
/// # fn show<T: View>(client: &mut viewkeeper::postgres::Client) -> Result<(), viewkeeper::Error> {
/// let everyone = T::all(client)?;
/// let busy = T::filter(client, "post_count > $1", &[&5_i64])?;
/// let newest = T::query(client, "WHERE post_count > $1 ORDER BY last_post DESC LIMIT 10", &[&5_i64])?;
/// for row in T::stream(client, "", &[])? {
///     let _row = row?;
/// }
/// # Ok(()) }
/// ```
pub trait View: Sized {
    /// The relation and its columns, as they were when this was generated.
    const RELATION: RelationDescription;

    /// Reads a row; field `n` is column `n` of [`RELATION`](Self::RELATION).
    fn decode(fields: &Fields<'_>) -> Result<Self, Error>;

    /// All rows.
    fn all<C: GenericClient>(client: &mut C) -> Result<Vec<Self>, Error> {
        Self::query(client, "", &[])
    }

    /// The rows that satisfy a condition: what would stand after `WHERE`.
    fn filter<C: GenericClient>(
        client: &mut C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Self>, Error> {
        run::<Self, C>(client, &filter_sql(&Self::RELATION, condition), parameters)?.collect()
    }

    /// The rows of `SELECT … FROM relation` with `tail` behind it: `WHERE …`, `ORDER BY …`, `LIMIT …`.
    fn query<C: GenericClient>(
        client: &mut C,
        tail: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Self>, Error> {
        Self::stream(client, tail, parameters)?.collect()
    }

    /// The one row that satisfies a condition. None, and more than one, are errors ([`Error::is_row_count`]).
    fn one<C: GenericClient>(
        client: &mut C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Self, Error> {
        Self::optional(client, condition, parameters)?.ok_or_else(|| no_row(&Self::RELATION, condition))
    }

    /// The row that satisfies a condition, if there is one. More than one is an error ([`Error::is_row_count`]).
    fn optional<C: GenericClient>(
        client: &mut C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Self>, Error> {
        let sql = format!("{} LIMIT 2", filter_sql(&Self::RELATION, condition));
        let mut rows = run::<Self, C>(client, &sql, parameters)?;
        let first = rows.next().transpose()?;
        match rows.next().transpose()? {
            None => Ok(first),
            Some(_) => Err(many_rows(&Self::RELATION, condition)),
        }
    }

    /// The rows of [`query`](Self::query) as they arrive, not held in memory together.
    fn stream<'a, C: GenericClient>(
        client: &'a mut C,
        tail: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'a, Self>, Error> {
        run(client, &query_sql(&Self::RELATION, tail), parameters)
    }
}

/// Rows as they arrive from the server.
pub struct Rows<'a, T> {
    /// None once it has ended, since the driver would then say that the connection is closed.
    rows: Option<RowIter<'a>>,
    row: PhantomData<fn() -> T>,
}

impl<T: View> Iterator for Rows<'_, T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.as_mut()?.next() {
            Ok(Some(row)) => Some(T::decode(&Fields::new(&row, &T::RELATION))),
            Ok(None) => {
                self.rows = None;
                None
            }
            Err(error) => {
                self.rows = None;
                Some(Err(query_error(&T::RELATION, error)))
            }
        }
    }
}

impl<T: View> FusedIterator for Rows<'_, T> {}

impl<T> std::fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// The values of one row, by position.
#[derive(Debug)]
pub struct Fields<'a> {
    row: &'a postgres::Row,
    relation: &'a RelationDescription,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(row: &'a postgres::Row, relation: &'a RelationDescription) -> Self {
        Self { row, relation }
    }

    /// The value of column `position`, counted from 0.
    pub fn get<T: FromSql<'a>>(&self, position: usize) -> Result<T, Error> {
        self.row.try_get(position).map_err(|error| decode_error(self.relation, position, self.row, error))
    }
}

fn run<'a, T: View, C: GenericClient>(
    client: &'a mut C,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Rows<'a, T>, Error> {
    let statement = client.prepare(sql).map_err(|error| query_error(&T::RELATION, error))?;
    check_columns(&T::RELATION, statement.columns())?;
    let rows =
        client.query_raw(&statement, parameters.iter().copied()).map_err(|error| query_error(&T::RELATION, error))?;
    Ok(Rows { rows: Some(rows), row: PhantomData })
}

/// `SELECT` with the columns named one by one, so that a column added to the relation changes nothing here.
pub(crate) fn query_sql(relation: &RelationDescription, tail: &str) -> String {
    let columns: Vec<String> = relation.columns.iter().map(|column| quote_identifier(column.name)).collect();
    format!("SELECT {} FROM {} {tail}", columns.join(", "), relation.quoted()).trim_end().to_owned()
}

/// The closing parenthesis stands on its own line: a condition may end in a `--` comment.
pub(crate) fn filter_sql(relation: &RelationDescription, condition: &str) -> String {
    format!("{} WHERE (\n{condition}\n)", query_sql(relation, ""))
}

/// Whether the server will send what the program was built to read; asked once per statement, not once per row.
pub(crate) fn check_columns(relation: &RelationDescription, found: &[postgres::Column]) -> Result<(), Error> {
    for (expected, found) in relation.columns.iter().zip(found) {
        if expected.name != found.name() || !is_wire_type(expected.wire, found.type_()) {
            return Err(column_changed(relation, expected, found.type_()));
        }
    }
    if relation.columns.len() != found.len() {
        return Err(Error::new(
            Kind::Drift,
            format!(
                "{} `{}` gave {} columns where {} were asked for",
                relation.kind.noun(),
                relation.display(),
                found.len(),
                relation.columns.len()
            ),
        ));
    }
    Ok(())
}

fn is_wire_type(expected: WireType, found: &Type) -> bool {
    match expected {
        WireType::BuiltIn(oid) => found.oid() == oid,
        WireType::Named { schema, name } => (schema.is_empty() || found.schema() == schema) && found.name() == name,
    }
}

fn column_changed(relation: &RelationDescription, expected: &ColumnDescription, found: &Type) -> Error {
    Error::new(
        Kind::Drift,
        format!(
            "column `{}` of {} `{}` is of type `{found}` in this database; the program was built for `{}`",
            expected.name,
            relation.kind.noun(),
            relation.display(),
            expected.type_
        ),
    )
    .note("its values would be read as something that they are not")
    .help("apply the migrations that this program was built with, or build it again from the definitions that are live")
}

pub(crate) fn no_row(relation: &RelationDescription, condition: &str) -> Error {
    Error::new(Kind::RowCount, format!("no row of `{}` satisfies `{condition}`", relation.display()))
}

pub(crate) fn many_rows(relation: &RelationDescription, condition: &str) -> Error {
    Error::new(Kind::RowCount, format!("more than one row of `{}` satisfies `{condition}`", relation.display()))
        .help("narrow the condition, or use `filter`")
}

/// An error of a query on a relation; one that says that the relation or a column is gone is drift.
pub(crate) fn query_error(relation: &RelationDescription, cause: postgres::Error) -> Error {
    let gone = match cause.code().map(|code| code.code()) {
        Some("42P01") => format!("{} `{}` or what it reads does not exist", relation.kind.noun(), relation.display()),
        Some("42703") => format!("a column that was asked for does not exist in `{}`", relation.display()),
        Some("0A000") if cause.as_db_error().is_some_and(|e| e.message().starts_with("cached plan")) => {
            format!("`{}` was changed while a prepared statement read it", relation.display())
        }
        _ => return Error::database(&format!("reading `{}`", relation.display()), cause),
    };
    let mut error = Error::new(Kind::Drift, gone);
    if let Some(reported) = cause.as_db_error() {
        error = error.note(reported.message()).server_notes(reported);
    }
    error.help("apply the migrations that this program was built with, or build it again").source(cause)
}

fn decode_error(relation: &RelationDescription, position: usize, row: &postgres::Row, cause: postgres::Error) -> Error {
    let Some(column) = relation.columns.get(position) else {
        return Error::new(Kind::Decode, format!("`{}` has no column {}", relation.display(), position + 1));
    };
    let reason = std::error::Error::source(&cause).map(ToString::to_string).unwrap_or_default();
    let place = format!("column `{}` of {} `{}`", column.name, relation.kind.noun(), relation.display());
    let null = std::error::Error::source(&cause).is_some_and(|source| source.is::<postgres_types::WasNull>());
    let error = if null {
        Error::new(Kind::Decode, format!("{place} is null in a row, and its field cannot hold that")).help(
            "give the column a type override that is an `Option`, or build again from the definitions that are live",
        )
    } else {
        let live = row.columns().get(position).map_or(column.type_, |column| column.type_().name());
        Error::new(Kind::Decode, format!("{place} holds a value of type `{live}` that its field cannot hold: {reason}"))
            .help("override the column's Rust type with one of `viewkeeper::types` that holds every value")
    };
    error.source(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::RelationKind;

    const RELATION: RelationDescription = RelationDescription {
        schema: "public",
        name: "a\"b",
        kind: RelationKind::View,
        columns: &[ColumnDescription {
            name: "select",
            type_: "integer",
            wire: WireType::BuiltIn(23),
            not_null: false,
        }],
    };

    #[test]
    fn columns_are_named_and_quoted() {
        assert_eq!(query_sql(&RELATION, ""), "SELECT \"select\" FROM \"public\".\"a\"\"b\"");
        assert_eq!(
            filter_sql(&RELATION, "true -- all"),
            "SELECT \"select\" FROM \"public\".\"a\"\"b\" WHERE (\ntrue -- all\n)"
        );
    }

    #[test]
    fn wire_types_are_compared_by_number_or_name() {
        assert!(is_wire_type(WireType::BuiltIn(23), &Type::INT4));
        assert!(!is_wire_type(WireType::BuiltIn(20), &Type::INT4));
        assert!(is_wire_type(WireType::Named { schema: "pg_catalog", name: "_int4" }, &Type::INT4_ARRAY));
    }
}
