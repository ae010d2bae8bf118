//! How a database stands to the migrations of the program. Reads only: no table is created, no lock is taken.

use std::collections::BTreeSet;

use postgres::GenericClient;

use crate::Migrations;
use crate::error::Error;
use crate::history::{History, Store};
use crate::migrations::MigrationFile;
use crate::options::Options;
use crate::report::{MigrationStatus, Origin, RollbackSource, State, Status};

impl Migrations {
    /// How the database stands: what is applied, pending, changed, missing. Reading the history is all it needs to be
    /// allowed; it works on a hot standby, and on a database without a history.
    ///
    /// # Errors
    /// When the migrations themselves are not in order, or the history cannot be read. What does not fit between the
    /// two is told in the status, and is no error.
    pub fn status<C: GenericClient>(&self, client: &mut C, options: &Options<'_>) -> Result<Status, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let history = History::read(client, &store)?;
        Ok(compare(&files, &history))
    }
}

fn compare(files: &[MigrationFile<'_>], history: &History) -> Status {
    let last = history.last().map_or(-1, |applied| applied.version);
    let mut versions: BTreeSet<i32> = files.iter().map(MigrationFile::version).collect();
    versions.extend(history.applied.iter().map(|applied| applied.version));
    versions.extend(history.unfinished().map(|unfinished| unfinished.version));
    let migrations = versions
        .into_iter()
        .filter_map(|version| {
            let file = files.iter().find(|file| file.version() == version);
            let applied = history.get(version);
            let record = history.records.get(&version);
            let state = match (file, applied) {
                (Some(file), Some(applied)) if applied.fits(file) => match record.and_then(|record| record.interrupted)
                {
                    // By a rollback.
                    Some(interrupted) => State::Interrupted(interrupted.done),
                    None => State::Applied,
                },
                (Some(_), Some(_)) => State::Diverged,
                (None, _) => match record.and_then(|record| record.interrupted) {
                    Some(interrupted) => State::Interrupted(interrupted.done),
                    None => State::Missing,
                },
                (Some(file), None) => match record.and_then(|record| record.interrupted) {
                    Some(interrupted) if interrupted.has_begun() => State::Interrupted(interrupted.done),
                    _ if version < last && file.versioned() => State::OutOfOrder,
                    _ => State::Pending,
                },
            };
            let from_file = state != State::Diverged && file.is_some_and(|file| file.rollback.is_some());
            let rollback = match (from_file, record) {
                (true, _) => RollbackSource::File,
                (false, Some(record)) if record.has_rollback => RollbackSource::Database,
                _ => RollbackSource::None,
            };
            let stopped = || history.unfinished().find(|one| one.version == version).map(|one| one.id());
            Some(MigrationStatus {
                version,
                id: file.map(MigrationFile::id).or_else(|| applied.map(|applied| applied.id())).or_else(stopped)?,
                state,
                applied_on: applied.map(|applied| applied.applied_on.clone()),
                rollback,
            })
        })
        .collect();
    let origin = match (history.exists, history.records_exist) {
        (false, _) => Origin::None,
        (true, false) => Origin::Refinery,
        (true, true) => Origin::Viewkeeper,
    };
    Status { origin, migrations }
}
