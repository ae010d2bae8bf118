//! The way back: rollback texts from the program or from the database, run and unrecorded in one transaction each.

use std::time::{Duration, Instant};

use postgres::Client;
use postgres_types::Type;

use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::{Applied, History, Store};
use crate::migrate::{is_transient, retry_pause};
use crate::migrations::{MigrationFile, directive, has_directive};
use crate::options::{DataLoss, Drifted, Mode, Options, Progress};
use crate::report::{Report, Step};
use crate::session::{Recorded, Session, Text};
use crate::stepwise;

/// How far to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackTo {
    /// Until this version is the last one. 0 goes back to the beginning.
    Version(i32),
    /// Over this many migrations.
    Steps(usize),
}

impl Migrations {
    /// Rolls back the last migrations, the newest first, each in a transaction with its rows of the history.
    ///
    /// The rollback is taken from the program when it has the migration as it was applied, and otherwise from the
    /// database, where it was put when the migration was applied: an older release can take back what a newer one did.
    ///
    /// # Errors
    /// Before anything is done: when one of them has no rollback, or has one that says that it loses data and that is
    /// not allowed ([`Options::data_loss`]). When it would undo what somebody changed by hand since the migration, and that
    /// is not allowed ([`Options::drifted`]). When a statement fails: then nothing of that rollback is kept.
    pub fn rollback(&self, client: &mut Client, to: RollbackTo, mut options: Options<'_>) -> Result<Report, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let history = History::read(client, &store)?;
        let plan = plan(client, &store, &files, &history, to, options.data_loss)?;
        let mut report = Report { steps: Vec::new(), version: history.last().map(|applied| applied.version) };
        if options.mode == Mode::DryRun {
            report.steps = plan.iter().map(|rollback| rollback.step(Duration::ZERO)).collect();
            return Ok(report);
        }
        let total = plan.len();
        for (index, rollback) in plan.iter().enumerate() {
            let began = Instant::now();
            options.report(Progress::Started { file: &rollback.file, number: index + 1, total });
            report.version = rollback.run(client, &store, &mut options)?;
            options.report(Progress::Finished { file: &rollback.file, duration: began.elapsed() });
            report.steps.push(rollback.step(began.elapsed()));
        }
        Ok(report)
    }
}

/// One migration's way back.
struct Rollback {
    applied: Applied,
    /// What messages call the text.
    file: String,
    sql: String,
}

fn plan(
    client: &mut Client,
    store: &Store,
    files: &[MigrationFile<'_>],
    history: &History,
    to: RollbackTo,
    data_loss: DataLoss,
) -> Result<Vec<Rollback>, Error> {
    if !history.exists {
        return Err(Error::new(
            Kind::NotViewkeeper,
            format!("there is no migration history in schema `{}` of this database", store.schema),
        )
        .note("neither viewkeeper nor refinery migrated it, so there is nothing to roll back")
        .help("look whether this is the right database and schema"));
    }
    let applied: Vec<&Applied> = match to {
        RollbackTo::Steps(steps) => history.applied.iter().rev().take(steps).collect(),
        RollbackTo::Version(version) if version != 0 && history.get(version).is_none() => {
            return Err(Error::new(Kind::Rollback, format!("version {version} is not applied in this database")).help(
                format!("go back to one of {}", history.applied.iter().map(Applied::id).collect::<Vec<_>>().join(", ")),
            ));
        }
        RollbackTo::Version(version) => history.applied.iter().rev().filter(|a| a.version > version).collect(),
    };
    let mut plan = Vec::with_capacity(applied.len());
    for applied in applied {
        let rollback = find(client, store, files, applied)?;
        Text { file: &rollback.file, sql: &rollback.sql }.statements()?;
        if let Some(loss) = directive(&rollback.sql, "loses data")
            && data_loss == DataLoss::Refuse
        {
            let what = if loss.is_empty() { String::new() } else { format!(": {loss}") };
            return Err(Error::new(Kind::DataLoss, format!("rolling back `{}` loses data{what}", applied.id()))
                .note("nothing was rolled back")
                .help("save the data, then allow the loss"));
        }
        plan.push(rollback);
    }
    Ok(plan)
}

fn find(client: &mut Client, store: &Store, files: &[MigrationFile<'_>], applied: &Applied) -> Result<Rollback, Error> {
    let file = files.iter().find(|file| applied.fits(file));
    if let Some(Text { file, sql }) = file.and_then(|file| file.rollback) {
        // Without its folder it would have the name of its migration.
        let file = if file.contains('/') { file.to_owned() } else { format!("rollbacks/{}.sql", applied.id()) };
        return Ok(Rollback { applied: applied.clone(), file, sql: sql.to_owned() });
    }
    let failed = |cause| Error::database("reading the recorded rollback", cause);
    let sql = format!("SELECT rollback FROM {} WHERE version OPERATOR(pg_catalog.=) $1", store.records);
    let recorded: Option<String> = match client.query_typed_opt(&sql, &[(&applied.version, Type::INT4)]) {
        Ok(row) => row.map_or(Ok(None), |row| row.try_get(0)).map_err(failed)?,
        // A database that only plain refinery migrated.
        Err(error) if error.code().is_some_and(|code| code.code() == "42P01") => None,
        Err(error) => return Err(failed(error)),
    };
    match recorded {
        Some(sql) => {
            let file = format!("rollback of {}, recorded in the database", applied.id());
            Ok(Rollback { applied: applied.clone(), file, sql })
        }
        None => Err(Error::new(Kind::Rollback, format!("`{}` has no rollback", applied.id()))
            .note("neither this program nor the database has one; nothing was rolled back")
            .help(format!(
                "write it as `rollbacks/{}.sql`, or take back what the migration did in a new migration",
                applied.id()
            ))),
    }
}

impl Rollback {
    fn step(&self, duration: Duration) -> Step {
        Step { version: self.applied.version, id: self.applied.id(), sql: self.sql.clone(), duration }
    }

    /// The version that is the last one afterwards.
    fn run(&self, client: &mut Client, store: &Store, options: &mut Options<'_>) -> Result<Option<i32>, Error> {
        if has_directive(&self.sql, "no transaction") {
            return self.run_apart(client, store, options);
        }
        let mut attempt = 0;
        loop {
            let mut session = stepwise::begin(client, store, options)?;
            self.check_is_last(&session)?;
            session.create_tables(store)?;
            let before = session.snapshot()?;
            let text = Text { file: &self.file, sql: &self.sql };
            let outcome = session
                .run(&text, options)
                .and_then(|()| self.check_drift(&mut session, store, &before, options.drifted))
                .and_then(|()| self.unrecord(&mut session, store, Some(&before)));
            let error = match outcome {
                Ok(version) => {
                    session.commit()?;
                    return Ok(version);
                }
                Err(error) => error,
            };
            drop(session);
            if !is_transient(&error) || attempt == options.retries {
                return Err(error);
            }
            attempt += 1;
            let pause = retry_pause(attempt);
            options.report(Progress::Retrying { file: &self.file, attempt, after: pause });
            std::thread::sleep(pause);
        }
    }

    /// Statement by statement, for a text that asks for it. How far it got is not recorded: the migration counts as
    /// interrupted until all of it is done, so its statements must bear being run twice.
    fn run_apart(&self, client: &mut Client, store: &Store, options: &mut Options<'_>) -> Result<Option<i32>, Error> {
        if !stepwise::lock_session(client, store)? {
            return Err(Error::new(Kind::Locked, "another migrator is at work statement by statement")
                .help("wait until it is done"));
        }
        let result = self.run_apart_locked(client, store, options);
        stepwise::unlock_session(client, store, result)
    }

    fn run_apart_locked(
        &self,
        client: &mut Client,
        store: &Store,
        options: &mut Options<'_>,
    ) -> Result<Option<i32>, Error> {
        let mut session = stepwise::begin(client, store, options)?;
        self.check_is_last(&session)?;
        session.create_tables(store)?;
        let interrupted = session.history.records.get(&self.applied.version).and_then(|record| record.interrupted);
        // Of one that was begun earlier, the state before it is not known any more.
        let before = if interrupted.is_none() { Some(session.snapshot()?) } else { None };
        if let (Some(before), Drifted::Refuse) = (&before, options.drifted) {
            self.check_recorded(&mut session, store, before)?;
        }
        self.record_beginning(&mut session, store)?;
        session.commit()?;
        let text = Text { file: &self.file, sql: &self.sql };
        let statements = text.statements()?;
        for (index, statement) in statements.iter().enumerate() {
            options.report(Progress::Statement { file: &self.file, number: index + 1, total: statements.len() });
            let kept = format!(
                "{index} of its {} statements took effect; the migration counts as interrupted, and the next rollback \
                 begins with the first statement",
                statements.len()
            );
            stepwise::run_apart(client, store, options, &text, statement, &kept, &mut |_, _| Ok(()))?;
        }
        let mut session = stepwise::begin(client, store, options)?;
        let version = self.unrecord(&mut session, store, before.as_deref())?;
        session.commit()?;
        Ok(version)
    }

    /// Until it is done, the migration counts as one that stopped in the middle.
    fn record_beginning(&self, session: &mut Session<'_>, store: &Store) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO {} (version, name, checksum, server_version, statements_done, statement_started) VALUES \
             ($1, $2, $3, pg_catalog.current_setting('server_version_num')::pg_catalog.int4, 0, true) \
             ON CONFLICT (version) DO UPDATE SET statements_done = 0, statement_started = true",
            store.records
        );
        let applied = &self.applied;
        session
            .client
            .execute_typed(
                &sql,
                &[(&applied.version, Type::INT4), (&applied.name, Type::TEXT), (&applied.checksum, Type::TEXT)],
            )
            .map(drop)
            .map_err(|cause| Error::database("recording that a rollback begins", cause))
    }

    fn check_is_last(&self, session: &Session<'_>) -> Result<(), Error> {
        if session.history.last() == Some(&self.applied) {
            return Ok(());
        }
        Err(Error::new(Kind::History, format!("`{}` is not the last migration any more", self.applied.id()))
            .note("another migrator was at work on this database in the meantime")
            .help("look at the status, and decide again"))
    }

    /// Nothing that somebody did by hand is undone without being asked for. Looked at when the rollback has run, since only
    /// then it is known what it changes.
    fn check_drift(
        &self,
        session: &mut Session<'_>,
        store: &Store,
        before: &str,
        drifted: Drifted,
    ) -> Result<(), Error> {
        if drifted == Drifted::Overwrite || !session.history.records_exist {
            return Ok(());
        }
        let after = session.snapshot()?;
        let names = session.overwritten(store, self.applied.version, before, &after)?;
        self.refuse(&names)
    }

    /// What runs statement by statement cannot be tried first: refused is what was changed by hand of that which the
    /// migration had changed.
    fn check_recorded(&self, session: &mut Session<'_>, store: &Store, live: &str) -> Result<(), Error> {
        let recorded = session.recorded_snapshot(store, Some(self.applied.version))?;
        if recorded.is_none() {
            return Ok(());
        }
        let previous = session.history.applied.iter().rev().nth(1).map(|applied| applied.version);
        let names = session.changed_by_both(store, self.applied.version, previous, live)?;
        self.refuse(&names)
    }

    fn refuse(&self, names: &[String]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        Err(Error::new(
            Kind::Drift,
            format!("rolling back `{}` would undo what was changed by hand: {}", self.applied.id(), names.join(", ")),
        )
        .note("they are not as they were when the migration was applied; nothing was rolled back")
        .help("look at `drift`, and keep what is wanted; then allow the rollback to undo the rest (`--overwrite-drift`, or \
               `Drifted::Overwrite`)"))
    }

    /// Takes the migration out of both tables, and records the state for the one that is the last now.
    fn unrecord(&self, session: &mut Session<'_>, store: &Store, before: Option<&str>) -> Result<Option<i32>, Error> {
        let remaining = session.history.applied.iter().rev().nth(1).cloned();
        if let Some(last) = &remaining {
            let recorded =
                Recorded { version: last.version, name: &last.name, checksum: last.checksum.clone(), rollback: None };
            session.record(store, &recorded, before, Some(self.applied.version))?;
        }
        for table in [&store.history, &store.records] {
            session
                .client
                .execute_typed(
                    &format!("DELETE FROM {table} WHERE version = $1"),
                    &[(&self.applied.version, Type::INT4)],
                )
                .map_err(|cause| Error::database("taking the migration out of the history", cause))?;
        }
        Ok(remaining.map(|applied| applied.version))
    }
}
