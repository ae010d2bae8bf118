//! The way back: rollback texts from the program or from the database, run and unrecorded in one transaction each.

use std::time::{Duration, Instant};

use postgres::Client;
use postgres_types::Type;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::{Applied, History, Interrupted, Store, Unfinished as Stopped};
use crate::leftover::{self, Leftover};
use crate::migrations::{MigrationFile, directive, has_directive};
use crate::options::{DataLoss, Drifted, Mode, Options, Progress, Unfinished};
use crate::report::{Report, Step};
use crate::retry::Retries;
use crate::session::{Recorded, Session, Text};
use crate::stepwise::{self, Stage};

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
    /// A migration that runs statement by statement and stopped in the middle counts as one of them, and is refused unless
    /// it is to be rolled back all the same ([`Options::unfinished`]).
    ///
    /// # Errors
    /// Before anything is done: when one of them has no rollback, or has one that says that it loses data and that is
    /// not allowed ([`Options::data_loss`]). When it would undo what somebody changed by hand since the migration, and that
    /// is not allowed ([`Options::drifted`]). When a statement fails: then nothing of that rollback is kept.
    pub fn rollback(&self, client: &mut Client, to: RollbackTo, mut options: Options<'_>) -> Result<Report, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let history = History::read(client, &store)?;
        let plan = plan(client, &store, &files, &history, to, &options)?;
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
    /// Whether it stopped in the middle, and refinery's table does not have it.
    is_unfinished: bool,
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
    options: &Options<'_>,
) -> Result<Vec<Rollback>, Error> {
    if !history.exists {
        return Err(Error::new(
            Kind::NotViewkeeper,
            format!("there is no migration history in schema `{}` of this database", store.schema),
        )
        .note("neither viewkeeper nor refinery migrated it, so there is nothing to roll back")
        .help("look whether this is the right database and schema"));
    }
    let unfinished: Vec<Stopped<'_>> = history.unfinished().collect();
    let mut there: Vec<Applied> = history.applied.clone();
    there.extend(unfinished.iter().map(as_applied));
    there.sort_by_key(|applied| std::cmp::Reverse(applied.version));
    let applied: Vec<Applied> = match to {
        RollbackTo::Steps(steps) => there.into_iter().take(steps).collect(),
        RollbackTo::Version(version) if version != 0 && history.get(version).is_none() => {
            return Err(Error::new(Kind::Rollback, format!("version {version} is not applied in this database")).help(
                format!("go back to one of {}", history.applied.iter().map(Applied::id).collect::<Vec<_>>().join(", ")),
            ));
        }
        RollbackTo::Version(version) => there.into_iter().filter(|applied| applied.version > version).collect(),
    };
    let mut plan = Vec::with_capacity(applied.len());
    for applied in applied {
        let stopped = unfinished.iter().find(|unfinished| unfinished.version == applied.version);
        let rollback = find(client, store, files, &applied, stopped)?;
        if let (Some(stopped), Unfinished::Refuse) = (stopped, options.unfinished) {
            return Err(refuse_unfinished(stopped, &rollback));
        }
        Text { file: &rollback.file, sql: &rollback.sql }.statements()?;
        if let Some(loss) = directive(&rollback.sql, "loses data")
            && options.data_loss == DataLoss::Refuse
        {
            let what = if loss.is_empty() { String::new() } else { format!(": {loss}") };
            return Err(Error::new(Kind::DataLoss, format!("rolling back `{}` loses data{what}", applied.id()))
                .note("nothing was rolled back")
                .help("save the data, then allow the loss (`--allow-data-loss`, or `DataLoss::Allow`)"));
        }
        plan.push(rollback);
    }
    Ok(plan)
}

/// What stopped in the middle as refinery's table would have it.
fn as_applied(unfinished: &Stopped<'_>) -> Applied {
    // A year that RFC 3339 cannot write is none that this runs in.
    let applied_on = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    Applied {
        version: unfinished.version,
        name: unfinished.record.name.clone(),
        applied_on,
        checksum: unfinished.record.checksum.clone(),
    }
}

fn refuse_unfinished(stopped: &Stopped<'_>, rollback: &Rollback) -> Error {
    Error::new(Kind::Rollback, stopped.how_far())
        .note(
            "its rollback was written for the whole migration, and whether it bears that the end is missing is not known; \
             nothing was rolled back",
        )
        .help(format!(
            "remove what stopped it and run `migrate`, which goes on where it stopped; or look whether `{}` bears it \
             (`IF EXISTS`), and let it run (`rollback --unfinished`, or `Unfinished::RollBack`)",
            rollback.file
        ))
}

fn find(
    client: &mut Client,
    store: &Store,
    files: &[MigrationFile<'_>],
    applied: &Applied,
    stopped: Option<&Stopped<'_>>,
) -> Result<Rollback, Error> {
    let is_unfinished = stopped.is_some();
    let file = files.iter().find(|file| applied.fits(file));
    if let Some(Text { file, sql }) = file.and_then(|file| file.rollback) {
        // Without its folder it would have the name of its migration.
        let file = if file.contains('/') { file.to_owned() } else { format!("rollbacks/{}.sql", applied.id()) };
        return Ok(Rollback { applied: applied.clone(), is_unfinished, file, sql: sql.to_owned() });
    }
    let failed = |cause| Error::history("reading the recorded rollback", cause);
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
            Ok(Rollback { applied: applied.clone(), is_unfinished, file, sql })
        }
        None if let Some(stopped) = stopped => Err(Error::new(
            Kind::Rollback,
            format!("{}, and it has no rollback", stopped.how_far()),
        )
        .note("neither this program nor the database has one; nothing was rolled back")
        .help(format!(
            "remove what stopped it and run `migrate`, which goes on where it stopped; or write what takes back that part \
             as `rollbacks/{}.sql`, and let it run (`rollback --unfinished`, or `Unfinished::RollBack`); or {}",
            applied.id(),
            stopped.by_hand()
        ))),
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
        let (version, id, sql) = (self.applied.version, self.applied.id(), self.sql.clone());
        Step { version, id, sql, duration, by_hand: Vec::new() }
    }

    /// The version that is the last one afterwards.
    fn run(&self, client: &mut Client, store: &Store, options: &mut Options<'_>) -> Result<Option<i32>, Error> {
        if has_directive(&self.sql, "no transaction") {
            return self.run_apart(client, store, options);
        }
        let mut retries = Retries::default();
        loop {
            match self.attempt(client, store, options) {
                Ok(version) => return Ok(version),
                Err(error) => retries.after(error, client, options, &self.file)?,
            }
        }
    }

    /// All of it in one transaction.
    fn attempt(&self, client: &mut Client, store: &Store, options: &mut Options<'_>) -> Result<Option<i32>, Error> {
        let mut session = stepwise::begin(client, store, options)?;
        self.enter(&mut session, store)?;
        session.create_tables(store)?;
        let before = session.snapshot()?;
        session.run(&Text { file: &self.file, sql: &self.sql }, options)?;
        self.check_drift(&mut session, store, &before, options.drifted)?;
        let version = self.unrecord(&mut session, store, Some(&before))?;
        session.commit()?;
        Ok(version)
    }

    /// Statement by statement, for a text that asks for it. How far it got is recorded, and the next run goes on from
    /// there; until all of it is done the migration counts as interrupted.
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
        let mut retries = Retries::default();
        let (before, begun) = loop {
            match self.begin_apart(client, store, options) {
                Ok(begun) => break begun,
                Err(error) => retries.after(error, client, options, &self.file)?,
            }
        };
        let is_first_run = before.is_some() && !self.is_unfinished;
        let text = Text { file: &self.file, sql: &self.sql };
        let statements = text.statements()?;
        for (index, statement) in statements.iter().enumerate().skip(begun.done) {
            options.report(Progress::Statement { file: &self.file, number: index + 1, total: statements.len() });
            let mut kept = format!("{index} of its {} statements took effect", statements.len());
            if index > 0 {
                kept +=
                    "; the migration counts as interrupted until the next rollback, which goes on from here, is done";
            }
            if begun.started && index == begun.done {
                if leftover::clear(client, store, options, statement.text)? == Leftover::TookEffect {
                    let mut session = stepwise::begin(client, store, options)?;
                    self.write_progress(&mut session, store, Some(Interrupted { done: index + 1, started: false }))?;
                    session.commit()?;
                    continue;
                }
                kept += "\nthis statement was begun in an earlier run, and how it ended is not known: it may have taken effect, \
                         in part";
            }
            stepwise::run_apart(client, store, options, &text, statement, &kept, &mut |session, stage| {
                let (done, started) = match stage {
                    Stage::Beginning => (index, true),
                    Stage::Refused => (index, false),
                    Stage::Done => (index + 1, false),
                };
                let now = Interrupted { done, started };
                let progress = match now {
                    progress if progress.has_begun() => Some(progress),
                    // Nothing was done: the migration is as applied as it was.
                    _ if is_first_run => None,
                    _ => Some(Interrupted { done: 0, started: true }),
                };
                self.write_progress(session, store, progress)
            })?;
        }
        let mut retries = Retries::default();
        loop {
            match self.end_apart(client, store, options, before.as_deref()) {
                Ok(version) => return Ok(version),
                Err(error) => retries.after(error, client, options, &self.file)?,
            }
        }
    }

    fn end_apart(
        &self,
        client: &mut Client,
        store: &Store,
        options: &Options<'_>,
        before: Option<&str>,
    ) -> Result<Option<i32>, Error> {
        let mut session = stepwise::begin(client, store, options)?;
        let version = self.unrecord(&mut session, store, before)?;
        session.commit()?;
        Ok(version)
    }

    /// The state before it, where nothing of it was done yet, and how far it got.
    fn begin_apart(
        &self,
        client: &mut Client,
        store: &Store,
        options: &Options<'_>,
    ) -> Result<(Option<String>, Interrupted), Error> {
        let mut session = stepwise::begin(client, store, options)?;
        self.enter(&mut session, store)?;
        session.create_tables(store)?;
        let interrupted = self.interrupted(&session);
        // Of one that was begun earlier, the state before it is not known any more.
        let before = if interrupted.is_none() { Some(session.snapshot()?) } else { None };
        if let (Some(before), Drifted::Refuse, false) = (&before, options.drifted, self.is_unfinished) {
            self.check_recorded(&mut session, store, before)?;
        }
        let mut begun = Interrupted { done: 0, started: false };
        match interrupted {
            // Another text begins with its first statement: it was corrected so that it bears what is done.
            Some(interrupted) if self.is_recorded(&mut session, store)? => begun = interrupted,
            Some(_) => {}
            None if self.is_unfinished => {
                // From here on it is a rollback that stopped, no migration that could go on.
                self.write_progress(&mut session, store, Some(Interrupted { done: 0, started: true }))?;
            }
            None => {}
        }
        session.commit()?;
        Ok((before, begun))
    }

    /// How far an earlier run of this rollback got.
    fn interrupted(&self, session: &Session<'_>) -> Option<Interrupted> {
        let record = session.history.records.get(&self.applied.version)?;
        record.interrupted.filter(|_| !self.is_unfinished)
    }

    /// Whether the text that an earlier run began with is this one.
    fn is_recorded(&self, session: &mut Session<'_>, store: &Store) -> Result<bool, Error> {
        let sql = format!("SELECT rollback IS NOT DISTINCT FROM $1 FROM {} WHERE version = $2", store.records);
        session
            .client
            .query_typed_one(&sql, &[(&self.sql, Type::TEXT), (&self.applied.version, Type::INT4)])
            .and_then(|row| row.try_get(0))
            .map_err(|cause| Error::database("reading the recorded rollback", cause))
    }

    /// How far it is, and with which text.
    fn write_progress(
        &self,
        session: &mut Session<'_>,
        store: &Store,
        progress: Option<Interrupted>,
    ) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO {} (version, name, checksum, server_version, statements_done, statement_started, rollback) VALUES \
             ($1, $2, $3, pg_catalog.current_setting('server_version_num')::pg_catalog.int4, $4, $5, $6) \
             ON CONFLICT (version) DO UPDATE SET statements_done = excluded.statements_done, \
             statement_started = excluded.statement_started, rollback = excluded.rollback",
            store.records
        );
        let applied = &self.applied;
        let done = progress.map(|progress| i32::try_from(progress.done).unwrap_or(i32::MAX));
        session
            .client
            .execute_typed(
                &sql,
                &[
                    (&applied.version, Type::INT4),
                    (&applied.name, Type::TEXT),
                    (&applied.checksum, Type::TEXT),
                    (&done, Type::INT4),
                    (&progress.is_some_and(|progress| progress.started), Type::BOOL),
                    (&self.sql, Type::TEXT),
                ],
            )
            .map(drop)
            .map_err(|cause| Error::database("recording how far the rollback is", cause))
    }

    /// Looks under the lock whether it still is the last one. What stopped in the middle is put into refinery's table, as a
    /// migration whose rollback is at work: stopped in its turn, it is never taken for one that may go on.
    fn enter(&self, session: &mut Session<'_>, store: &Store) -> Result<(), Error> {
        let is_same = |one: &Stopped<'_>| one.version == self.applied.version && one.id() == self.applied.id();
        if self.is_unfinished && session.history.unfinished().any(|one| is_same(&one)) {
            let sql =
                format!("INSERT INTO {} (version, name, applied_on, checksum) VALUES ($1, $2, $3, $4)", store.history);
            let applied = &self.applied;
            session
                .client
                .execute_typed(
                    &sql,
                    &[
                        (&applied.version, Type::INT4),
                        (&applied.name, Type::TEXT),
                        (&applied.applied_on, Type::TEXT),
                        (&applied.checksum, Type::TEXT),
                    ],
                )
                .map_err(|cause| Error::database("writing the migration history", cause))?;
            session.history.applied.push(applied.clone());
            session.history.applied.sort_by_key(|applied| applied.version);
        }
        let overtaken = session.history.unfinished().any(|unfinished| unfinished.version > self.applied.version);
        if session.history.last() == Some(&self.applied) && !overtaken {
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
        // Between two states nobody can tell what was done by hand.
        let is_between = self.is_unfinished || self.interrupted(session).is_some();
        if drifted == Drifted::Overwrite || !session.history.records_exist || is_between {
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
            // With what stopped in the middle the live state before it was kept, not the one to hold drift against.
            let previous = if self.is_unfinished { last.version } else { self.applied.version };
            session.record(store, &recorded, before, Some(previous))?;
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
