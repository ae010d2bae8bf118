//! Recording migrations as applied that were done by hand already. Whether the database holds what they lead to is tried out in a
//! transaction that is undone: their rollbacks and then they themselves have to lead back to what is there.

use std::time::{Duration, Instant};

use postgres::Client;

use super::compare;
use super::read::{self, States};
use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::{History, Store};
use crate::merge::{self, Touched};
use crate::migrate::{self, Migrator};
use crate::migrations::{MigrationFile, has_directive};
use crate::options::{Mode, Options};
use crate::report::Report;
use crate::retry::{Retries, is_transient};
use crate::session::{Session, Text};
use crate::stepwise;

/// What trying out showed.
struct Tried {
    /// The state that is there.
    live: String,
    /// The state without the migrations, then the one after each.
    states: Vec<String>,
    touched: Touched,
}

impl Migrations {
    /// Records the pending migrations as applied, up to [`Options::target`], where the database holds already what they
    /// lead to, because it was done there by hand; nothing is run that stays.
    ///
    /// Their rollbacks are run and then they themselves, and all of that is undone: it has to lead to the state that is
    /// there, in everything that is recorded. While it is tried out, what they change is locked as by the migrations, and
    /// materialized views that they make are filled.
    ///
    /// # Errors
    /// When the database does not hold what they lead to; when one of them has no rollback, or does not run in a
    /// transaction; when a statement fails. Nothing is recorded then.
    pub fn record_applied(&self, client: &mut Client, mut options: Options<'_>) -> Result<Report, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let mut retries = Retries::default();
        loop {
            let history = History::read(client, &store)?;
            let pending = history.pending(&files, options.target, options.newer)?;
            let version = history.last().map(|applied| applied.version);
            let Some(first) = pending.first().copied() else { return Ok(Report { steps: Vec::new(), version }) };
            pending.iter().try_for_each(|file| can_be_tried(file, &history))?;
            match attempt(client, &files, &store, &mut options) {
                Ok(report) => return Ok(report),
                Err(error) => retries.after(error, client, &mut options, first.name)?,
            }
        }
    }
}

/// Whether a migration can be run in a transaction together with its rollback.
fn can_be_tried(file: &MigrationFile<'_>, history: &History) -> Result<(), Error> {
    let refused = |message: String, help: &str| {
        Err(Error::new(Kind::Migrations, message)
            .note("whether a migration was done by hand is found out by running its rollback and it in a transaction that is undone")
            .help(help))
    };
    if !history.exists || history.last().is_none() {
        return refused(
            "no migration is applied here yet".to_owned(),
            "take the database over with `adopt --record`, which compares it with the baseline",
        );
    }
    if history.records.get(&file.version()).is_some_and(|record| record.interrupted.is_some()) {
        return refused(
            format!("`{}` stopped in the middle", file.name),
            "run `migrate`, which goes on where it stopped",
        );
    }
    let Some(rollback) = file.rollback else {
        return refused(
            format!("`{}` has no rollback", file.name),
            "undo by hand what was done by hand, and run `migrate`; or write the rollback",
        );
    };
    if !file.transactional() || has_directive(rollback.sql, "no transaction") {
        return refused(
            format!("`{}` or its rollback does not run in a transaction", file.name),
            "undo by hand what was done by hand, and run `migrate`",
        );
    }
    Text { file: file.name, sql: file.sql }.statements()?;
    rollback.statements().map(drop)
}

fn attempt(
    client: &mut Client,
    files: &[MigrationFile<'_>],
    store: &Store,
    options: &mut Options<'_>,
) -> Result<Report, Error> {
    let began = Instant::now();
    let mut session = stepwise::begin(client, store, options)?;
    let pending = session.history.pending(files, options.target, options.newer)?;
    let tried = try_out(&mut session, &pending, options)?;
    drop(session);

    let different = different(&tried)?;
    if !different.is_empty() {
        return Err(Error::new(Kind::Drift, format!("the database does not hold what {} to", lead(&pending)))
            .note(format!("after that, these would be other ones: {}", different.join("; ")))
            .note("nothing was recorded, and nothing was changed")
            .help("look at `drift`; undo what was done by hand, or do the rest of it; or let `migrate` run them"));
    }
    let steps = |duration: Duration| pending.iter().map(|file| migrate::step(file, duration)).collect();
    if options.mode == Mode::DryRun {
        let history = History::read(client, store)?;
        return Ok(Report { steps: steps(Duration::ZERO), version: history.last().map(|applied| applied.version) });
    }

    let mut session = stepwise::begin(client, store, options)?;
    let now = session.history.pending(files, options.target, options.newer)?;
    if versions(&now) != versions(&pending) || session.snapshot()? != tried.live {
        return Err(Error::new(Kind::Locked, "somebody else changed the database in the meantime")
            .note("nothing was recorded")
            .help("run it again"));
    }
    session.create_tables(store)?;
    let last = session.history.last().map(|applied| applied.version);
    let mut recorded = session.recorded_snapshot(store, last)?;
    let mut migrator = Migrator { files, store, options, total: pending.len() };
    for (at, (file, pair)) in pending.iter().zip(tried.states.windows(2)).enumerate() {
        let [before, after] = pair else { continue };
        let after = if at + 1 == pending.len() { &tried.live } else { after };
        let states = merge::States { before: Some(before), after, recorded: recorded.as_deref() };
        let snapshot = merge::merged(&states, &tried.touched)?;
        migrator.record(&mut session, file, &snapshot)?;
        session.history = History::read(session.client, store)?;
        recorded = Some(snapshot);
    }
    session.commit()?;
    Ok(Report { steps: steps(began.elapsed()), version: pending.last().map(|file| file.version()) })
}

/// Runs the rollbacks and the migrations, in a session that is not committed.
fn try_out(
    session: &mut Session<'_>,
    pending: &[&MigrationFile<'_>],
    options: &mut Options<'_>,
) -> Result<Tried, Error> {
    let live = session.snapshot()?;
    let while_tried = |error: Error| match is_transient(&error) {
        true => error,
        false => error.note(format!(
            "it was run to find out whether the database holds what {} to: it does not; nothing was recorded",
            lead(pending)
        )),
    };
    for rollback in pending.iter().rev().filter_map(|file| file.rollback) {
        session.run(&rollback, options).map_err(while_tried)?;
    }
    let mut states = vec![session.snapshot()?];
    for file in pending {
        session.run(&Text { file: file.name, sql: file.sql }, options).map_err(while_tried)?;
        states.push(session.snapshot()?);
    }
    let touched = session.touched()?;
    Ok(Tried { live, states, touched })
}

/// The objects that are not as they would be, with what differs of them.
fn different(tried: &Tried) -> Result<Vec<String>, Error> {
    let (expected, sections) = read::parse(tried.states.last().unwrap_or(&tried.live))?;
    let (live, _) = read::parse(&tried.live)?;
    let found = compare::report(&States::of_two(expected, live, &sections)).found.into_iter();
    let named = found.filter_map(|drift| {
        let aspects: Vec<&str> = drift.aspects.iter().map(|aspect| aspect.name.as_str()).collect();
        (aspects != ["populated"]).then(|| format!("{} `{}` ({})", drift.kind, drift.name, aspects.join(", ")))
    });
    Ok(named.collect())
}

fn versions(files: &[&MigrationFile<'_>]) -> Vec<i32> {
    files.iter().map(|file| file.version()).collect()
}

fn lead(files: &[&MigrationFile<'_>]) -> String {
    match files {
        [one] => format!("`{}` leads", one.id()),
        many => {
            let names: Vec<String> = many.iter().map(|file| format!("`{}`", file.id())).collect();
            format!("{} lead", names.join(", "))
        }
    }
}
