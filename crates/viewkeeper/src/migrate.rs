//! Applying migrations: one transaction each, through refinery's own runner. How a rollback goes is `rollback`'s.

use std::time::{Duration, Instant};

use postgres::Client;
use postgres_types::Type;
use refinery_core::traits::sync::{Migrate, Query, Transaction};
use refinery_core::{Migration, Runner, Target};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Migrations;
use crate::by_hand;
use crate::error::{Error, Kind};
use crate::history::{History, Store};
use crate::migrations::MigrationFile;
use crate::options::{Mode, Newer, Options, Progress};
use crate::report::{Report, Step};
use crate::retry::Retries;
use crate::session::{Busy, Patience, Recorded, Session, Text};
use crate::stepwise::{self, Outcome};

impl Migrations {
    /// Applies the migrations that the database does not have yet, up to [`Options::target`].
    ///
    /// Each commits together with its history row, its rollback and the state that it led to. Any number of programs
    /// may do this at once: one applies, the others wait and find it done. When nothing is pending nothing is written,
    /// and no lock is taken.
    ///
    /// # Errors
    /// When the migrations or the history are not in order, or a statement fails: then what was applied before stays,
    /// and of the one that failed nothing does.
    pub fn migrate(&self, client: &mut Client, mut options: Options<'_>) -> Result<Report, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let history = History::read(client, &store)?;
        let pending = history.pending(&files, options.target, options.newer)?;
        for file in &pending {
            Text { file: file.name, sql: file.sql }.statements()?;
        }
        let version = history.last().map(|applied| applied.version);
        if options.mode == Mode::DryRun {
            return Ok(Report { steps: pending.iter().map(|file| step(file, Duration::ZERO)).collect(), version });
        }
        let mut report = Report { steps: Vec::new(), version };
        let mut migrator = Migrator { files: &files, store: &store, options: &mut options, total: pending.len() };
        while let Some(step) = migrator.apply_next(client, report.steps.len() + 1)? {
            report.version = report.version.max(Some(step.version));
            report.steps.push(step);
        }
        if let Some(file) = pending.last() {
            report.version = report.version.max(Some(file.version()));
        }
        Ok(report)
    }
}

pub(crate) fn step(file: &MigrationFile<'_>, duration: Duration) -> Step {
    let (version, id, sql) = (file.version(), file.id(), file.sql.to_owned());
    Step { version, id, sql, duration, by_hand: Vec::new() }
}

/// What applying needs to know.
pub(crate) struct Migrator<'m, 'f, 'o> {
    pub(crate) files: &'m [MigrationFile<'f>],
    pub(crate) store: &'m Store,
    pub(crate) options: &'m mut Options<'o>,
    pub(crate) total: usize,
}

/// How an attempt ended.
enum Attempt {
    Applied(Step),
    NothingPending,
    /// Another migrator holds the lock.
    Busy,
    /// The file at this index cannot run in a transaction.
    WithoutTransaction(usize),
}

impl<'m, 'f> Migrator<'m, 'f, '_> {
    /// Applies the next pending migration, if there still is one.
    fn apply_next(&mut self, client: &mut Client, number: usize) -> Result<Option<Step>, Error> {
        let began = Instant::now();
        let mut patience = Patience::new(self.options.wait);
        let mut waiting = false;
        let mut retries = Retries::default();
        loop {
            let Some(next) = self.next(&History::read(client, self.store)?)? else { return Ok(None) };
            match self.attempt(client, number, began) {
                Ok(Attempt::Applied(step)) => return Ok(Some(step)),
                Ok(Attempt::NothingPending) => return Ok(None),
                Ok(Attempt::WithoutTransaction(index)) => {
                    let Some(file) = self.files.get(index) else { return Ok(None) };
                    match stepwise::apply(self, client, file, number)? {
                        Outcome::Applied(by_hand) => {
                            self.options.report(Progress::Finished { file: file.name, duration: began.elapsed() });
                            return Ok(Some(Step { by_hand, ..step(file, began.elapsed()) }));
                        }
                        Outcome::Busy => {}
                    }
                }
                Ok(Attempt::Busy) => {}
                Err(error) => {
                    retries.after(error, client, self.options, next.name)?;
                    continue;
                }
            }
            if !waiting {
                waiting = true;
                self.options.report(Progress::Waiting);
            }
            patience.wait()?;
        }
    }

    /// What is to be applied next; an error where history and files contradict each other.
    pub(crate) fn next(&self, history: &History) -> Result<Option<&'m MigrationFile<'f>>, Error> {
        Ok(history.pending(self.files, self.options.target, self.options.newer)?.first().copied())
    }

    fn attempt(&mut self, client: &mut Client, number: usize, began: Instant) -> Result<Attempt, Error> {
        let Some(mut session) = Session::begin(client, self.store, self.options, Busy::Leave)? else {
            return Ok(Attempt::Busy);
        };
        let next = session.history.pending(self.files, self.options.target, self.options.newer)?;
        let Some(file) = next.first().copied() else { return Ok(Attempt::NothingPending) };
        if !file.transactional() {
            let index = self.files.iter().position(|other| other.version() == file.version());
            return Ok(index.map_or(Attempt::NothingPending, Attempt::WithoutTransaction));
        }
        self.options.report(Progress::Started { file: file.name, number, total: self.total.max(number) });
        session.create_tables(self.store)?;
        let last = session.history.last().map(|applied| applied.version);
        let before = session.snapshot()?;
        let after = self.run_and_record(&mut session, file, Statements::Run, Some(&before))?;
        session.commit()?;
        let by_hand = match last {
            Some(last) => by_hand::met(client, self.store, last, &before, &after)?,
            None => Vec::new(),
        };
        let duration = began.elapsed();
        self.options.report(Progress::Finished { file: file.name, duration });
        Ok(Attempt::Applied(Step { by_hand, ..step(file, duration) }))
    }

    /// Lets refinery run the migration and write its history row, and adds viewkeeper's row. Gives the state after it.
    pub(crate) fn run_and_record(
        &mut self,
        session: &mut Session<'_>,
        file: &MigrationFile<'_>,
        statements: Statements,
        before: Option<&str>,
    ) -> Result<String, Error> {
        let last = session.history.last().map(|applied| applied.version);
        self.run(session, file, statements)?;
        session.record(self.store, &recorded(file), before, last)
    }

    /// Records a migration whose statements are not to be run, with the state that it led to.
    #[cfg(feature = "drift")]
    pub(crate) fn record(
        &mut self,
        session: &mut Session<'_>,
        file: &MigrationFile<'_>,
        snapshot: &str,
    ) -> Result<(), Error> {
        self.run(session, file, Statements::Done)?;
        session.write_record(self.store, &recorded(file), snapshot)
    }

    fn run(
        &mut self,
        session: &mut Session<'_>,
        file: &MigrationFile<'_>,
        statements: Statements,
    ) -> Result<(), Error> {
        let migrations: Vec<Migration> = self.files.iter().map(|file| file.migration.clone()).collect();
        let mut connection = Connection {
            session,
            text: Text { file: file.name, sql: file.sql },
            statements,
            options: self.options,
            failure: None,
        };
        // Grouped, the SQL and the history row arrive in one call; the target makes it one migration.
        let result = Runner::new(&migrations)
            .set_grouped(true)
            .set_abort_missing(connection.options.newer == Newer::Refuse)
            .set_target(Target::Version(file.version()))
            .set_migration_table_name(&self.store.history)
            .run(&mut connection);
        match result {
            Ok(_) => Ok(()),
            Err(error) => Err(connection.failure.take().unwrap_or_else(|| {
                Error::new(Kind::History, format!("refinery refuses `{}`: {error}", file.name)).source(error)
            })),
        }
    }
}

/// What viewkeeper's table says of a migration.
fn recorded<'a>(file: &'a MigrationFile<'_>) -> Recorded<'a> {
    Recorded {
        version: file.version(),
        name: file.migration.name(),
        checksum: file.migration.checksum().to_string(),
        rollback: file.rollback.map(|rollback| rollback.sql),
    }
}

/// Whether the statements are still to be run, or only to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statements {
    Run,
    Done,
}

/// The connection that refinery is given: everything it does happens in the transaction that holds the lock.
struct Connection<'c, 's, 't, 'o> {
    session: &'c mut Session<'s>,
    text: Text<'t>,
    statements: Statements,
    options: &'c mut Options<'o>,
    /// What really happened, since refinery's error only borrows its cause.
    failure: Option<Error>,
}

/// Stands for [`Connection::failure`] on its way through refinery.
#[derive(Debug, thiserror::Error)]
#[error("the migration failed")]
struct Failed;

impl Connection<'_, '_, '_, '_> {
    fn step(&mut self, sql: &str) -> Result<(), Error> {
        if sql != self.text.sql {
            return self
                .session
                .client
                .batch_execute(sql)
                .map_err(|cause| Error::database("writing the migration history", cause));
        }
        match self.statements {
            Statements::Run => self.session.run(&self.text, self.options),
            Statements::Done => Ok(()),
        }
    }
}

impl Transaction for Connection<'_, '_, '_, '_> {
    type Error = Failed;

    fn execute<'a, T: Iterator<Item = &'a str>>(&mut self, queries: T) -> Result<usize, Failed> {
        let mut count = 0;
        for query in queries {
            self.step(query).map_err(|error| {
                self.failure = Some(error);
                Failed
            })?;
            count += 1;
        }
        Ok(count)
    }
}

impl Query<Vec<Migration>> for Connection<'_, '_, '_, '_> {
    /// refinery only ever asks for the history, which was read under the lock.
    fn query(&mut self, _query: &str) -> Result<Vec<Migration>, Failed> {
        let mut migrations = Vec::new();
        for applied in &self.session.history.applied {
            let checksum = applied.checksum.parse().map_err(|_| Failed)?;
            // The date plays no part in what refinery decides; one that it could not read must not stop it.
            let applied_on = OffsetDateTime::parse(&applied.applied_on, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            migrations.push(Migration::applied(applied.version, applied.name.clone(), applied_on, checksum));
        }
        Ok(migrations)
    }
}

impl Migrate for Connection<'_, '_, '_, '_> {
    /// Both tables are there, created under the lock.
    fn assert_migrations_table(&mut self, _migration_table_name: &str) -> Result<usize, refinery_core::Error> {
        Ok(0)
    }
}

/// The row of viewkeeper's table of a migration that runs statement by statement.
pub(crate) fn write_progress(
    session: &mut Session<'_>,
    store: &Store,
    file: &MigrationFile<'_>,
    done: usize,
    started: bool,
) -> Result<(), Error> {
    // Its rollback is there from the beginning: whoever has to take back a half of it may not have the file.
    let sql = format!(
        "INSERT INTO {} AS records (version, name, checksum, server_version, statements_done, statement_started, rollback) \
         VALUES ($1, $2, $3, pg_catalog.current_setting('server_version_num')::int4, $4, $5, $6) \
         ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, \
         statements_done = excluded.statements_done, statement_started = excluded.statement_started, \
         rollback = coalesce(excluded.rollback, records.rollback)",
        store.records
    );
    let done = i32::try_from(done).unwrap_or(i32::MAX);
    session
        .client
        .execute_typed(
            &sql,
            &[
                (&file.version(), Type::INT4),
                (&file.migration.name(), Type::TEXT),
                (&file.migration.checksum().to_string(), Type::TEXT),
                (&done, Type::INT4),
                (&started, Type::BOOL),
                (&file.rollback.map(|rollback| rollback.sql), Type::TEXT),
            ],
        )
        .map(drop)
        .map_err(|cause| Error::database("recording how far the migration is", cause))
}
