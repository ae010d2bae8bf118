//! Refreshing materialized views: each after those that it reads, without stopping its readers where that is possible.
//! How one is made anew by a migration is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use postgres::{Client, GenericClient, Transaction};
use postgres_types::Type;

use crate::error::{Error, Kind};
use crate::history::Store;
use crate::options::{Mode, Options, Progress};
use crate::relation::quote_identifier;
use crate::retry::Retries;
use crate::session::{Busy, OWN_SEARCH_PATH, Patience, Session};

/// Which of the named materialized views are refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// All of them.
    #[default]
    All,
    /// Those that are not populated, and those below which something was written since they were refreshed in this way.
    /// What they were made from is noted in the table `viewkeeper_refreshes` beside the history.
    Stale,
}

/// A materialized view that was refreshed, or in a dry run would be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refreshed {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How.
    pub readers: Readers,
    /// How long it took; zero in a dry run.
    pub duration: Duration,
}

/// What a refresh means for those who read meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// They go on reading the old rows (`CONCURRENTLY`): it is populated and has a unique index over all rows.
    GoOn,
    /// They wait until it is done.
    Wait,
}

/// Refreshes materialized views, named by schema and name: each after those of them that it reads, in a transaction of
/// its own. The search path, the lock timeout and the retries are those of the options; a dry run only tells.
///
/// # Errors
/// Before anything is done, when a name is not that of a materialized view. When one cannot be refreshed: those before it
/// are.
pub fn refresh(
    client: &mut Client,
    names: &[(&str, &str)],
    which: Which,
    mut options: Options<'_>,
) -> Result<Vec<Refreshed>, Error> {
    let order = in_order(&found(names, read_all(client, names)?)?);
    let store = Store::new(&options.schema);
    if which == Which::Stale && options.mode == Mode::Apply {
        create_table(client, &store, &options)?;
    }
    let mut refreshed = Vec::new();
    // What reads these is stale, whatever the server's counters say: they come late.
    let mut renewed = BTreeSet::new();
    for (number, (schema, name)) in order.iter().enumerate() {
        let shown = shown(schema, name);
        options.report(Progress::Started { file: &shown, number: number + 1, total: order.len() });
        let began = Instant::now();
        let mut retries = Retries::default();
        let readers = loop {
            match one(client, &store, (schema, name), which, &options, &renewed) {
                Ok(readers) => break readers,
                Err(error) => retries.after(error, client, &mut options, &shown)?,
            }
        };
        let Some((oid, readers)) = readers else { continue };
        renewed.insert(oid);
        let duration = if options.mode == Mode::DryRun { Duration::ZERO } else { began.elapsed() };
        options.report(Progress::Finished { file: &shown, duration });
        refreshed.push(Refreshed { schema: schema.clone(), name: name.clone(), readers, duration });
    }
    Ok(refreshed)
}

/// For SQL.
fn quoted(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(name))
}

/// For messages.
fn shown(schema: &str, name: &str) -> String {
    format!("`{schema}.{name}`")
}

/// What `refresh.sql` says of a relation.
struct Row {
    oid: Option<u32>,
    is_materialized_view: bool,
    populated: bool,
    has_unique_index: bool,
    reads: Vec<u32>,
    made_from: Option<String>,
}

fn failed_reading(cause: postgres::Error) -> Error {
    Error::database("reading what the materialized views are made from", cause)
}

/// In a transaction of its own, with the search path of the module's own queries.
fn read_all(client: &mut Client, names: &[(&str, &str)]) -> Result<Vec<Row>, Error> {
    let mut transaction = client.transaction().map_err(failed_reading)?;
    set(&mut transaction, OWN_SEARCH_PATH, "off").map_err(failed_reading)?;
    let rows = read(&mut transaction, names)?;
    transaction.rollback().map_err(failed_reading)?;
    Ok(rows)
}

/// The search path, and whether queries are compiled, until the transaction ends. For this module's own queries nothing but
/// the catalogs is on the path: a hostile operator beside the views is not picked up; and compiling them would take longer
/// than running them.
fn set(transaction: &mut Transaction<'_>, search_path: &str, jit: &str) -> Result<(), postgres::Error> {
    let sql = "SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', $2, true)";
    transaction.query_typed(sql, &[(&search_path, Type::TEXT), (&jit, Type::TEXT)]).map(drop)
}

fn read<C: GenericClient>(client: &mut C, names: &[(&str, &str)]) -> Result<Vec<Row>, Error> {
    let failed = failed_reading;
    let (schemas, names): (Vec<&str>, Vec<&str>) = names.iter().copied().unzip();
    let rows = client
        .query_typed(include_str!("queries/refresh.sql"), &[(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)])
        .map_err(failed)?;
    let row = |row: &postgres::Row| -> Result<Row, postgres::Error> {
        Ok(Row {
            oid: row.try_get(0)?,
            is_materialized_view: row.try_get::<_, Option<bool>>(1)?.unwrap_or(false),
            populated: row.try_get::<_, Option<bool>>(2)?.unwrap_or(false),
            has_unique_index: row.try_get(3)?,
            reads: row.try_get(4)?,
            made_from: row.try_get(5)?,
        })
    };
    rows.iter().map(row).collect::<Result<_, _>>().map_err(failed)
}

type Found = BTreeMap<u32, ((String, String), Vec<u32>)>;

/// The materialized views by number, each with those that it reads.
fn found(names: &[(&str, &str)], rows: Vec<Row>) -> Result<Found, Error> {
    let mut found = Found::new();
    let mut wrong = Vec::new();
    for ((schema, name), row) in names.iter().zip(rows) {
        match row.oid {
            Some(oid) if row.is_materialized_view => {
                found.insert(oid, (((*schema).to_owned(), (*name).to_owned()), row.reads));
            }
            Some(_) => wrong.push(format!("{} is no materialized view", shown(schema, name))),
            None => wrong.push(format!("{} does not exist in this database", shown(schema, name))),
        }
    }
    if wrong.is_empty() {
        return Ok(found);
    }
    Err(Error::new(Kind::Database, wrong.join("; ")).note("nothing was refreshed").help("migrate the database first"))
}

/// Each after those that it reads; otherwise by number, which is the order in which they were made.
fn in_order(found: &Found) -> Vec<(String, String)> {
    let mut order = Vec::new();
    let mut done = BTreeSet::new();
    while done.len() < found.len() {
        // A materialized view cannot read itself by any way, so there is always one to take.
        let next = found.iter().find(|(oid, (_, reads))| {
            !done.contains(*oid) && reads.iter().all(|read| done.contains(read) || !found.contains_key(read))
        });
        let Some((oid, (name, _))) = next else { break };
        done.insert(*oid);
        order.push(name.clone());
    }
    order
}

fn refreshes(store: &Store) -> String {
    quoted(&store.schema, "viewkeeper_refreshes")
}

/// Made under the lock of migrators, since two at once would clash.
fn create_table(client: &mut Client, store: &Store, options: &Options<'_>) -> Result<(), Error> {
    let table = refreshes(store);
    let failed = |cause| Error::database(&format!("creating `{table}`"), cause);
    let mut patience = Patience::new(options.wait);
    if exists(client, store)? {
        return Ok(());
    }
    let Some(mut session) = Session::begin(client, store, options, Busy::Wait(&mut patience))? else { return Ok(()) };
    if !exists(session.client, store)? {
        let sql = format!(
            "CREATE TABLE {table} (schema pg_catalog.text, name pg_catalog.text, made_from pg_catalog.text NOT NULL,
                 refreshed_on pg_catalog.timestamptz NOT NULL, PRIMARY KEY (schema, name));
             COMMENT ON TABLE {table} IS 'viewkeeper: what materialized views were made from when they were refreshed';
             REVOKE ALL ON {table} FROM PUBLIC"
        );
        session.client.batch_execute(&sql).map_err(failed)?;
        session.close_to_others(&[&table])?;
    }
    session.commit()
}

fn exists<C: GenericClient>(client: &mut C, store: &Store) -> Result<bool, Error> {
    let row = client
        .query_typed_one("SELECT pg_catalog.to_regclass($1) IS NOT NULL", &[(&refreshes(store), Type::TEXT)])
        .and_then(|row| row.try_get(0));
    row.map_err(|cause| Error::database("looking for the notes of refreshes", cause))
}

/// Refreshes one, unless it is not to be. The state of what it is made from is read before its rows are: what is written
/// in between makes it stale.
fn one(
    client: &mut Client,
    store: &Store,
    (schema, name): (&str, &str),
    which: Which,
    options: &Options<'_>,
    renewed: &BTreeSet<u32>,
) -> Result<Option<(u32, Readers)>, Error> {
    let shown = shown(schema, name);
    let failed = |cause: postgres::Error| {
        let kind = if cause.code().is_some_and(|code| code.code() == "55P03") { Kind::Locked } else { Kind::Statement };
        let error = Error::new(kind, format!("{shown} could not be refreshed"));
        match cause.as_db_error() {
            Some(reported) => error.note(reported.message().to_owned()).server_notes(reported).source(cause),
            None => error.source(cause),
        }
    };
    let mut transaction = client.transaction().map_err(failed)?;
    let jit = transaction
        .query_typed_one(
            "SELECT pg_catalog.current_setting('jit'), pg_catalog.set_config('lock_timeout', $1, true)",
            &[(&options.lock_timeout_setting(), Type::TEXT)],
        )
        .and_then(|row| row.try_get::<_, String>(0))
        .map_err(failed)?;
    set(&mut transaction, OWN_SEARCH_PATH, "off").map_err(failed)?;
    let row = read(&mut transaction, &[(schema, name)])?.into_iter().next();
    let Some((oid, row)) = row.and_then(|row| row.oid.map(|oid| (oid, row))) else {
        return Err(Error::new(Kind::Database, format!("{shown} was dropped in the meantime")));
    };
    if which == Which::Stale && row.populated && !row.reads.iter().any(|read| renewed.contains(read)) {
        let noted = if exists(&mut transaction, store)? {
            let sql = format!("SELECT made_from FROM {} WHERE schema = $1 AND name = $2", refreshes(store));
            let row =
                transaction.query_typed_opt(&sql, &[(&schema, Type::TEXT), (&name, Type::TEXT)]).map_err(failed)?;
            row.map(|row| row.try_get::<_, String>(0)).transpose().map_err(failed)?
        } else {
            None
        };
        if row.made_from.is_some() && row.made_from == noted {
            return Ok(None);
        }
    }
    let readers = if row.populated && row.has_unique_index { Readers::GoOn } else { Readers::Wait };
    if options.mode == Mode::DryRun {
        return Ok(Some((oid, readers)));
    }
    let concurrently = match readers {
        Readers::GoOn => "CONCURRENTLY ",
        Readers::Wait => "",
    };
    // The view's query may call what is found along its own path.
    set(&mut transaction, &options.search_path_setting(), &jit).map_err(failed)?;
    transaction
        .batch_execute(&format!("REFRESH MATERIALIZED VIEW {concurrently}{}", quoted(schema, name)))
        .map_err(failed)?;
    set(&mut transaction, OWN_SEARCH_PATH, "off").map_err(failed)?;
    if which == Which::Stale {
        // So that a refresh that wrote into this one does not make its readers stale a second time.
        if exists_flush(&mut transaction).map_err(failed)? {
            transaction.query_typed("SELECT pg_catalog.pg_stat_force_next_flush()", &[]).map_err(failed)?;
        }
        let sql = format!(
            "INSERT INTO {} VALUES ($1, $2, $3, pg_catalog.now()) ON CONFLICT (schema, name) DO UPDATE \
             SET made_from = excluded.made_from, refreshed_on = excluded.refreshed_on",
            refreshes(store)
        );
        // Where nothing is known of what it is made from, it is stale always.
        let made_from = row.made_from.unwrap_or_default();
        let values: [(&(dyn postgres_types::ToSql + Sync), Type); 3] =
            [(&schema, Type::TEXT), (&name, Type::TEXT), (&made_from, Type::TEXT)];
        transaction.execute_typed(&sql, &values).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(Some((oid, readers)))
}

/// PostgreSQL 15 and newer.
fn exists_flush<C: GenericClient>(client: &mut C) -> Result<bool, postgres::Error> {
    let sql = "SELECT pg_catalog.to_regproc('pg_catalog.pg_stat_force_next_flush') IS NOT NULL";
    client.query_typed_one(sql, &[])?.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_comes_first() {
        let row = |name: &str, reads: &[u32]| (("public".to_owned(), name.to_owned()), reads.to_vec());
        // A recreated one has a later number than its readers; 99 is not among those to refresh.
        let found = Found::from([(1, row("top", &[2, 3, 99])), (2, row("middle", &[3])), (3, row("bottom", &[]))]);
        let names: Vec<_> = in_order(&found).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["bottom", "middle", "top"]);
    }
}
