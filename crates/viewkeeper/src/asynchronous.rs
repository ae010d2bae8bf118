//! Typed rows for the asynchronous driver: what `view` does for the blocking one.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::FusedStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use postgres_types::ToSql;
use tokio_postgres::{GenericClient, RowStream};

use crate::error::Error;
use crate::view::{Fields, View, check_columns, filter_sql, many_rows, no_row, query_error, query_sql};

/// The methods of [`View`] for `tokio-postgres`, where a statement does not hold the client for itself.
///
/// ```no_run
/// # use viewkeeper::{AsyncView, View};
/// # async fn show<T: View + Send>(client: &viewkeeper::tokio_postgres::Client) -> Result<(), viewkeeper::Error> {
/// let busy = T::filter_async(client, "post_count > $1", &[&5_i64]).await?;
/// # let _ = busy; Ok(()) }
/// ```
pub trait AsyncView: View + Send {
    /// All rows.
    fn all_async<C: GenericClient + Sync>(client: &C) -> impl Future<Output = Result<Vec<Self>, Error>> + Send {
        Self::query_async(client, "", &[])
    }

    /// The rows that satisfy a condition: what would stand after `WHERE`.
    fn filter_async<C: GenericClient + Sync>(
        client: &C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Self>, Error>> + Send {
        async move { run(client, filter_sql(&Self::RELATION, condition), parameters).await?.try_collect().await }
    }

    /// The rows of `SELECT … FROM relation` with `tail` behind it: `WHERE …`, `ORDER BY …`, `LIMIT …`.
    fn query_async<C: GenericClient + Sync>(
        client: &C,
        tail: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Self>, Error>> + Send {
        async move { Self::stream_async(client, tail, parameters).await?.try_collect().await }
    }

    /// The one row that satisfies a condition. None, and more than one, are errors ([`Error::is_row_count`]).
    fn one_async<C: GenericClient + Sync>(
        client: &C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Self, Error>> + Send {
        async move {
            let row = Self::optional_async(client, condition, parameters).await?;
            row.ok_or_else(|| no_row(&Self::RELATION, condition))
        }
    }

    /// The row that satisfies a condition, if there is one. More than one is an error ([`Error::is_row_count`]).
    fn optional_async<C: GenericClient + Sync>(
        client: &C,
        condition: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send {
        async move {
            let sql = format!("{} LIMIT 2", filter_sql(&Self::RELATION, condition));
            let mut rows = run::<Self, C>(client, sql, parameters).await?;
            let first = rows.next().await.transpose()?;
            match rows.next().await.transpose()? {
                None => Ok(first),
                Some(_) => Err(many_rows(&Self::RELATION, condition)),
            }
        }
    }

    /// The rows of [`query_async`](Self::query_async) as they arrive, not held in memory together.
    fn stream_async<C: GenericClient + Sync>(
        client: &C,
        tail: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<AsyncRows<Self>, Error>> + Send {
        run(client, query_sql(&Self::RELATION, tail), parameters)
    }
}

impl<T: View + Send> AsyncView for T {}

async fn run<T: View, C: GenericClient + Sync>(
    client: &C,
    sql: String,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<AsyncRows<T>, Error> {
    let statement = client.prepare(&sql).await.map_err(|error| query_error(&T::RELATION, error))?;
    check_columns(&T::RELATION, statement.columns())?;
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters.to_vec();
    let rows = client.query_raw(&statement, parameters).await.map_err(|error| query_error(&T::RELATION, error))?;
    Ok(AsyncRows { rows: Some(Box::pin(rows)), row: PhantomData })
}

/// Rows as they arrive from the server.
pub struct AsyncRows<T> {
    /// None once it has ended, since the driver would then say that the connection is closed.
    rows: Option<Pin<Box<RowStream>>>,
    row: PhantomData<fn() -> T>,
}

impl<T: View> Stream for AsyncRows<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(rows) = &mut self.rows else { return Poll::Ready(None) };
        let row = match rows.as_mut().poll_next(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(row) => row.map(|row| {
                let row = row.map_err(|error| query_error(&T::RELATION, error))?;
                T::decode(&Fields::new(&row, &T::RELATION))
            }),
        };
        if row.is_none() {
            self.rows = None;
        }
        Poll::Ready(row)
    }
}

impl<T: View> FusedStream for AsyncRows<T> {
    fn is_terminated(&self) -> bool {
        self.rows.is_none()
    }
}

impl<T> fmt::Debug for AsyncRows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRows").finish_non_exhaustive()
    }
}
