//! One transaction of a migrator: its lock, its settings, the history in it, the statements of a file, the snapshots.
//! Only unnamed statements are used: behind a pooler in transaction mode, named ones of different clients clash.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use postgres::Client;
use postgres::error::ErrorPosition;
use postgres_types::Type;

use crate::error::{Error, Kind, Place};
use crate::history::{History, Store};
use crate::merge::{self, Touched};
use crate::options::{Options, Progress};
use crate::printing;
use crate::relation::quote_identifier;
use crate::statements::{Statement, StatementKind, split};

pub(crate) const SNAPSHOT: &str = include_str!("queries/snapshot.sql");
pub(crate) const OVERWRITTEN: &str = include_str!("queries/overwritten.sql");
const TOUCHED: &str = include_str!("queries/touched.sql");

/// For the statements of this module: nothing that somebody put into a schema can take the place of what they name.
/// `pg_temp` would be searched first where it is not named.
pub(crate) const OWN_SEARCH_PATH: &str = "pg_catalog, pg_temp";

/// A transaction that holds the lock of its database and schema, with the settings that migrations are written for.
pub(crate) struct Session<'a> {
    pub(crate) client: &'a mut Client,
    pub(crate) history: History,
    /// The settings that [`Session::commit`] gives back, as they were before.
    settings: Vec<(&'static str, String)>,
    /// All others that the session has set by itself, with their values.
    session_settings: BTreeMap<String, String>,
    search_path: String,
    recorded: Option<Vec<String>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Committed,
}

/// What to do when another migrator holds the lock.
pub(crate) enum Busy<'p> {
    /// Give up at once.
    Leave,
    Wait(&'p mut Patience),
}

impl<'a> Session<'a> {
    /// Begins a transaction and takes the lock; `None` when another migrator holds it. The lock is asked for, never
    /// waited for inside a transaction: that would hold a snapshot, for which a `CREATE INDEX CONCURRENTLY` of the
    /// lock's holder would wait in turn.
    pub(crate) fn begin(
        client: &'a mut Client,
        store: &Store,
        options: &Options<'_>,
        mut busy: Busy<'_>,
    ) -> Result<Option<Self>, Error> {
        let settings = loop {
            match lock(client, store).map_err(|cause| Error::database("beginning a migration", cause))? {
                Some(settings) => break settings,
                None => match &mut busy {
                    Busy::Leave => return Ok(None),
                    Busy::Wait(patience) => patience.wait()?,
                },
            }
        };
        let mut session = Self {
            client,
            history: History::default(),
            settings,
            session_settings: BTreeMap::new(),
            search_path: options.search_path_setting(),
            recorded: options.recorded.clone(),
            state: State::Open,
        };
        session.pin(options)?;
        session.session_settings = session.read_session_settings()?;
        session.history = History::read(session.client, store)?;
        Ok(Some(session))
    }

    /// The settings that do not depend on role, database or connection. Texts are cut into statements by the standard's
    /// rules of quoting. Compiling this module's own queries takes a server twenty times as long as running them, while
    /// the migration's locks are held.
    fn pin(&mut self, options: &Options<'_>) -> Result<(), Error> {
        self.client
            .query_typed(
                "SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('lock_timeout', $2, true), \
                 pg_catalog.set_config('standard_conforming_strings', 'on', true), \
                 pg_catalog.set_config('jit', 'off', true)",
                &[(&OWN_SEARCH_PATH, Type::TEXT), (&options.lock_timeout_setting(), Type::TEXT)],
            )
            .map(drop)
            .map_err(|cause| Error::database("setting `search_path` and `lock_timeout`", cause))
    }

    /// The search path for the statements of a file, which are compiled as the session has it.
    pub(crate) fn enter_text(&mut self) -> Result<(), Error> {
        let jit = self.settings.iter().find(|(name, _)| *name == "jit").map_or("off", |(_, value)| value.as_str());
        set_search_path(self.client, &self.search_path, jit)
    }

    /// After the statements of a file: the role and the search path that this module's own statements run with.
    pub(crate) fn leave_text(&mut self) -> Result<(), Error> {
        self.restore_role()?;
        set_search_path(self.client, OWN_SEARCH_PATH, "off")
    }

    /// Creates the tables of the history that are missing.
    pub(crate) fn create_tables(&mut self, store: &Store) -> Result<(), Error> {
        let sql = store.create_sql(&self.history);
        if sql.is_empty() {
            return Ok(());
        }
        self.client.batch_execute(&sql).map_err(|cause| match cause.code().map(|code| code.code()) {
            Some("3F000") => Error::new(Kind::Database, format!("the schema `{}` does not exist", store.schema))
                .note("the migration history is kept in it")
                .help(format!("create it: `CREATE SCHEMA {}`", store.schema))
                .source(cause),
            Some("42501") => {
                Error::new(Kind::Database, format!("this role may not create tables in schema `{}`", store.schema))
                    .note("the migration history is kept in it")
                    .help("migrate with the role that owns the objects, or grant it `CREATE` on the schema")
                    .source(cause)
            }
            _ => Error::database("creating the migration history", cause),
        })?;
        self.history.exists = true;
        self.history.records_exist = true;
        self.close_to_others(&[&store.history, &store.records])
    }

    /// Takes away what default privileges gave to others, except reading: rollbacks in there run with the rights of
    /// whoever rolls back.
    pub(crate) fn close_to_others(&mut self, tables: &[&str]) -> Result<(), Error> {
        let failed = |cause| Error::database("closing the migration history to others", cause);
        let rows = self
            .client
            .query_typed(
                "SELECT c.oid::pg_catalog.regclass::text, \
                 CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END, \
                 pg_catalog.bool_or(a.privilege_type = 'SELECT') \
                 FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a \
                 LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE a.grantee <> c.relowner \
                 AND c.oid IN (SELECT pg_catalog.to_regclass(name) FROM pg_catalog.unnest($1) AS tables (name)) \
                 GROUP BY 1, 2 ORDER BY 1, 2",
                &[(&tables, Type::TEXT_ARRAY)],
            )
            .map_err(failed)?;
        for row in rows {
            let (table, grantee): (String, String) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
            let mut sql = format!("REVOKE ALL ON {table} FROM {grantee};");
            if row.try_get(2).map_err(failed)? {
                sql += &format!("GRANT SELECT ON {table} TO {grantee};");
            }
            self.client.batch_execute(&sql).map_err(failed)?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, scope: Scope) -> Result<(), Error> {
        let local = scope == Scope::Transaction;
        self.client
            .query_typed(
                "SELECT pg_catalog.set_config($1, $2, $3)",
                &[(&name, Type::TEXT), (&value, Type::TEXT), (&local, Type::BOOL)],
            )
            .map(drop)
            .map_err(|cause| Error::database(&format!("setting `{name}`"), cause))
    }

    /// The role that began: a migration may have changed it, and what follows writes to the history.
    fn restore_role(&mut self) -> Result<(), Error> {
        let value = |wanted| self.settings.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        let (account, role) = (value("session_authorization"), value("role"));
        let failed = |cause| Error::database("going back to the role that began", cause);
        self.client
            .query_typed(
                "SELECT pg_catalog.set_config('session_authorization', $1, false), \
                 pg_catalog.set_config('role', $2, false)",
                &[(&account, Type::TEXT), (&role, Type::TEXT)],
            )
            .map(drop)
            .map_err(failed)
    }

    /// What the server holds, as it renders it.
    pub(crate) fn snapshot(&mut self) -> Result<String, Error> {
        let failed = |cause| Error::database("recording the state of the database", cause);
        let printing = printing::pin(self.client).map_err(failed)?;
        let row = self
            .client
            .query_typed_one(SNAPSHOT, &[(&None::<Vec<String>>, Type::TEXT_ARRAY), (&self.recorded, Type::TEXT_ARRAY)])
            .map_err(failed)?;
        printing::set_back(self.client, &printing).map_err(failed)?;
        row.try_get(0).map_err(failed)
    }

    /// Records the state after a change in the row of `version`; `before` is the state before it. Without a `rollback`
    /// the one that is there stays. Gives the state.
    pub(crate) fn record(
        &mut self,
        store: &Store,
        recorded: &Recorded<'_>,
        before: Option<&str>,
        last: Option<i32>,
    ) -> Result<String, Error> {
        let after = self.snapshot()?;
        let previous = self.recorded_snapshot(store, last)?;
        let states = merge::States { before, after: &after, recorded: previous.as_deref() };
        let snapshot = merge::merged(&states, &self.touched()?)?;
        self.write_record(store, recorded, &snapshot).map(|()| after)
    }

    /// The row of a migration, with the state that it led to.
    pub(crate) fn write_record(&mut self, store: &Store, recorded: &Recorded<'_>, snapshot: &str) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO {records} AS records (version, name, checksum, rollback, server_version, snapshot)
             VALUES ($1, $2, $3, $4, pg_catalog.current_setting('server_version_num')::int4, $5::text::pg_catalog.jsonb)
             ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum,
                 rollback = coalesce(excluded.rollback, records.rollback), server_version = excluded.server_version,
                 snapshot = excluded.snapshot, statements_done = NULL, statement_started = false",
            records = store.records
        );
        self.client
            .execute_typed(
                &sql,
                &[
                    (&recorded.version, Type::INT4),
                    (&recorded.name, Type::TEXT),
                    (&recorded.checksum, Type::TEXT),
                    (&recorded.rollback, Type::TEXT),
                    (&snapshot, Type::TEXT),
                ],
            )
            .map(drop)
            .map_err(|cause| Error::database("recording the state of the database", cause))
    }

    /// What this transaction asked for, as far as the server's catalogs show it.
    pub(crate) fn touched(&mut self) -> Result<Touched, Error> {
        let failed = |cause| Error::database("recording the state of the database", cause);
        let rows = self.client.query_typed(TOUCHED, &[]).map_err(failed)?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)))
            .collect::<Result<_, _>>()
            .map_err(failed)
    }

    /// The objects that somebody changed by hand since `version` was recorded, and that change between `before` and
    /// `after`.
    pub(crate) fn overwritten(
        &mut self,
        store: &Store,
        version: i32,
        before: &str,
        after: &str,
    ) -> Result<Vec<String>, Error> {
        let failed = |cause| Error::database("comparing the database with what was recorded", cause);
        let recorded = self.recorded_snapshot(store, Some(version))?;
        let rows = self
            .client
            .query_typed(OVERWRITTEN, &[(&recorded, Type::TEXT), (&before, Type::TEXT), (&after, Type::TEXT)])
            .map_err(failed)?;
        undone(&rows).map_err(failed)
    }

    /// The objects that somebody changed by hand since `version` was recorded, and that the migration had changed since
    /// `previous`: what a rollback whose effect cannot be tried first would undo. `live` is the state now.
    pub(crate) fn changed_by_both(
        &mut self,
        store: &Store,
        version: i32,
        previous: Option<i32>,
        live: &str,
    ) -> Result<Vec<String>, Error> {
        let failed = |cause| Error::database("comparing the database with what was recorded", cause);
        let recorded = self.recorded_snapshot(store, Some(version))?;
        let previous = self.recorded_snapshot(store, previous)?;
        // The question of `overwritten`, seen from the live state: it differs from what was recorded, and that from what
        // was recorded before it.
        let rows = self
            .client
            .query_typed(OVERWRITTEN, &[(&live, Type::TEXT), (&recorded, Type::TEXT), (&previous, Type::TEXT)])
            .map_err(failed)?;
        undone(&rows).map_err(failed)
    }

    /// Keeps the state before a migration that is not complete.
    pub(crate) fn keep_snapshot(&mut self, store: &Store, version: i32, before: &str) -> Result<(), Error> {
        let sql = format!("UPDATE {} SET snapshot = $1::text::pg_catalog.jsonb WHERE version = $2", store.records);
        self.client
            .execute_typed(&sql, &[(&before, Type::TEXT), (&version, Type::INT4)])
            .map(drop)
            .map_err(|cause| Error::database("recording the state of the database", cause))
    }

    /// Puts a state in place of the one that was recorded with a version.
    #[cfg(feature = "drift")]
    pub(crate) fn replace_snapshot(&mut self, store: &Store, version: i32, snapshot: &str) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET snapshot = $1::text::pg_catalog.jsonb, \
             server_version = pg_catalog.current_setting('server_version_num')::int4 WHERE version = $2",
            store.records
        );
        self.client
            .execute_typed(&sql, &[(&snapshot, Type::TEXT), (&version, Type::INT4)])
            .map(drop)
            .map_err(|cause| Error::database("recording the state of the database", cause))
    }

    pub(crate) fn recorded_snapshot(&mut self, store: &Store, version: Option<i32>) -> Result<Option<String>, Error> {
        let failed = |cause| Error::history("reading the recorded state", cause);
        let sql = format!("SELECT snapshot::pg_catalog.text FROM {} WHERE version = $1", store.records);
        let row = self.client.query_typed_opt(&sql, &[(&version, Type::INT4)]).map_err(failed)?;
        row.map_or(Ok(None), |row| row.try_get(0).map_err(failed))
    }

    /// Runs the statements of a text one by one, so that the one that fails is known.
    pub(crate) fn run(&mut self, text: &Text<'_>, options: &mut Options<'_>) -> Result<(), Error> {
        let statements = text.statements()?;
        self.enter_text()?;
        for (index, statement) in statements.iter().enumerate() {
            options.report(Progress::Statement { file: text.file, number: index + 1, total: statements.len() });
            self.client
                .batch_execute(statement.text)
                .map_err(|cause| text.failed(statement, cause, "nothing of it was kept"))?;
        }
        self.leave_text()
    }

    /// Those that were set in this session, and are not this module's own.
    fn read_session_settings(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let failed = |cause| Error::database("reading the session's settings", cause);
        let rows = self
            .client
            .query_typed(
                "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session' AND context <> 'internal' \
                 AND name NOT IN ('search_path', 'lock_timeout', 'standard_conforming_strings', 'jit') \
                 AND name NOT LIKE 'transaction\\_%'",
                &[],
            )
            .map_err(failed)?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>().map_err(failed)
    }

    /// What a migration set without `LOCAL` would go on in the program's connection: pg_dump's output, for one, turns
    /// row security and the checks of function bodies off.
    fn restore_session_settings(&mut self) -> Result<(), Error> {
        let now = self.read_session_settings()?;
        for name in now.keys().filter(|name| !self.session_settings.contains_key(*name)) {
            let parts: Vec<String> = name.split('.').map(quote_identifier).collect();
            self.client
                .batch_execute(&format!("RESET {}", parts.join(".")))
                .map_err(|cause| Error::database(&format!("resetting `{name}`"), cause))?;
        }
        for (name, value) in std::mem::take(&mut self.session_settings) {
            if now.get(&name) != Some(&value) {
                self.set(&name, &value, Scope::Session)?;
            }
        }
        Ok(())
    }

    /// Commits, with the session's settings as they were before.
    pub(crate) fn commit(mut self) -> Result<(), Error> {
        self.restore_session_settings()?;
        for (name, value) in std::mem::take(&mut self.settings) {
            self.set(name, &value, Scope::Session)?;
        }
        let result = self.client.batch_execute("COMMIT");
        self.state = State::Committed;
        result.map_err(|cause| {
            let outcome_known = cause.as_db_error().is_some();
            let error = Error::database("committing", cause);
            if outcome_known {
                return error;
            }
            error.note("whether it was committed is not known").help("run it again: it goes on from what was committed")
        })
    }
}

/// What was not committed is undone.
impl Drop for Session<'_> {
    fn drop(&mut self) {
        if self.state == State::Open {
            // Without a connection the server undoes it by itself.
            drop(self.client.batch_execute("ROLLBACK"));
        }
    }
}

/// A transaction that holds the lock, with the settings that it will change; `None`, and no transaction, when another
/// one holds it. In a stricter isolation level the history would be read as it was before the lock was got.
fn lock(client: &mut Client, store: &Store) -> Result<Option<Vec<(&'static str, String)>>, postgres::Error> {
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")?;
    let locked = client
        .query_typed_one(
            "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended($1, 0)), \
             pg_catalog.current_setting('search_path'), pg_catalog.current_setting('role'), \
             pg_catalog.current_setting('lock_timeout'), pg_catalog.current_setting('session_authorization'), \
             pg_catalog.current_setting('standard_conforming_strings'), pg_catalog.current_setting('jit')",
            &[(&store.lock_name(), Type::TEXT)],
        )
        .and_then(|row| {
            let locked: bool = row.try_get(0)?;
            let settings = vec![
                ("search_path", row.try_get(1)?),
                // Going back to an account resets the role.
                ("session_authorization", row.try_get(4)?),
                ("role", row.try_get(2)?),
                ("lock_timeout", row.try_get(3)?),
                ("standard_conforming_strings", row.try_get(5)?),
                ("jit", row.try_get(6)?),
            ];
            Ok(locked.then_some(settings))
        });
    if !matches!(locked, Ok(Some(_))) {
        client.batch_execute("ROLLBACK")?;
    }
    locked
}

fn set_search_path(client: &mut Client, search_path: &str, jit: &str) -> Result<(), Error> {
    client
        .query_typed(
            "SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', $2, true)",
            &[(&search_path, Type::TEXT), (&jit, Type::TEXT)],
        )
        .map(drop)
        .map_err(|cause| Error::database("setting `search_path`", cause))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Session,
    Transaction,
}

/// What a row of viewkeeper's table says of its migration.
pub(crate) struct Recorded<'a> {
    pub(crate) version: i32,
    pub(crate) name: &'a str,
    pub(crate) checksum: String,
    pub(crate) rollback: Option<&'a str>,
}

/// An SQL text with the name that messages give it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) file: &'a str,
    pub(crate) sql: &'a str,
}

impl<'a> Text<'a> {
    /// Its statements, if all of them can be run in this way.
    pub(crate) fn statements(&self) -> Result<Vec<Statement<'a>>, Error> {
        let statements = split(self.sql);
        for statement in &statements {
            let (message, note, help) = match statement.kind {
                StatementKind::Other => continue,
                StatementKind::TransactionControl => (
                    "begins or ends a transaction",
                    "a migration commits together with its history row, in a transaction that is begun for it",
                    "remove the statement; where no transaction is wanted, make the first line \
                     `-- viewkeeper: no transaction`",
                ),
                StatementKind::CopyStream => (
                    "copies from or to the client",
                    "there is no data beside a migration file",
                    "write the rows as `INSERT`",
                ),
                StatementKind::PsqlCommand => (
                    "has a command of psql",
                    "the server does not know psql's commands",
                    "remove it, or write what it does in SQL",
                ),
            };
            return Err(Error::new(Kind::Migrations, format!("`{}` {message}", self.file))
                .place(self.place(statement.start))
                .note(note)
                .help(help));
        }
        Ok(statements)
    }

    /// The error of a statement that the server refused.
    pub(crate) fn failed(&self, statement: &Statement<'_>, cause: postgres::Error, kept: &str) -> Error {
        let Some(reported) = cause.as_db_error() else {
            return Error::database(&format!("running `{}`", self.file), cause).place(self.place(statement.start));
        };
        let code = reported.code().code();
        let kind = match code {
            "25006" => Kind::ReadOnly,
            "55P03" | "40P01" | "40001" => Kind::Locked,
            _ => Kind::Statement,
        };
        let place = match reported.position() {
            Some(ErrorPosition::Original(position)) => {
                let skipped = usize::try_from(*position).unwrap_or_default().saturating_sub(1);
                statement.text.char_indices().nth(skipped).map_or(statement.start, |(at, _)| statement.start + at)
            }
            _ => statement.start,
        };
        let mut error = Error::new(kind, format!("`{}` failed: {}", self.file, reported.message()))
            .place(self.place(place))
            .server_notes(reported)
            .note(kept);
        if let Some(ErrorPosition::Internal { query, .. }) = reported.position() {
            error = error.note(format!("in the query `{query}`"));
        }
        error = match code {
            // The server's own hint is CASCADE, which would take what nobody named.
            "2BP01" => error.help(
                "decide what becomes of what depends on it: declare it with the other definitions, or drop it in a \
                 migration of its own",
            ),
            "25006" => error.help("connect to the primary server with a role that may write"),
            "25001" => error.help("make the first line of the file `-- viewkeeper: no transaction`"),
            // There already, or gone already.
            "42P06" | "42P07" | "42701" | "42710" | "42723" | "3F000" | "42P01" | "42703" | "42704" | "42883"
                if self.sql.starts_with("-- viewkeeper: migration ") =>
            {
                error.help(
                    "look at `drift`: where it was done here by hand already, undo that, or record the migration as applied \
                     (`migrate --record`, or `Migrations::record_applied`)",
                )
            }
            _ => error,
        };
        error.source(cause)
    }

    fn place(&self, offset: usize) -> Place {
        let before = self.sql.get(..offset).unwrap_or(self.sql);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.sql.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        Place {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            text: line.to_owned(),
        }
    }
}

/// Waiting for something that others hold, longer each time, at most half a second.
pub(crate) struct Patience {
    began: Instant,
    limit: Duration,
    pause: Duration,
}

impl Patience {
    pub(crate) fn new(limit: Duration) -> Self {
        // Starters that begin in the same moment do not stay in step.
        let pause = Duration::from_millis(10 + u64::from(std::process::id() % 13));
        Self { began: Instant::now(), limit, pause }
    }

    /// Waits once more; whether there was time left for it.
    pub(crate) fn wait(&mut self) -> Result<(), Error> {
        if self.began.elapsed() >= self.limit {
            return Err(Error::new(
                Kind::Locked,
                format!("another migrator still holds the lock after {} seconds", self.limit.as_secs()),
            )
            .note("migrations of one database and schema run one after the other")
            .help("look for its session in `pg_locks` (locktype `advisory`) and `pg_stat_activity`"));
        }
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 3 / 2).min(Duration::from_millis(500));
        Ok(())
    }
}

/// Of the objects that somebody changed by hand and that are changed, those of which something done by hand is undone: what
/// stays as it is, kept over the change, is no reason to refuse it.
fn undone(rows: &[postgres::Row]) -> Result<Vec<String>, postgres::Error> {
    let mut names = Vec::new();
    for row in rows {
        let aspects: Vec<String> = row.try_get(1)?;
        if !aspects.is_empty() {
            names.push(row.try_get(0)?);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_end_the_transaction_are_refused_with_their_place() {
        let text = Text { file: "V1__a.sql", sql: "SELECT 1;\n  commit;\n" };
        let error = text.statements().unwrap_err().to_string();
        assert!(error.starts_with("`V1__a.sql` begins or ends a transaction\n --> V1__a.sql:2:3\n"), "{error}");
    }
}
