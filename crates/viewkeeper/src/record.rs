//! Recording migrations as applied that were never run: the database holds already what they lead to. What a migration
//! does when it runs is `migrate`'s.

use std::time::Duration;

use postgres::Client;

use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::Store;
use crate::migrate::{Migrator, Statements};
use crate::options::Options;
use crate::report::{Report, Step};
use crate::session::{Busy, Patience, Session};

impl Migrations {
    /// Records all migrations as applied, with the live state, and runs none of them: for a database that was there
    /// before its baseline was written.
    ///
    /// # Errors
    /// When the database has a history already, or cannot be written.
    pub fn record(&self, client: &mut Client, mut options: Options<'_>) -> Result<Report, Error> {
        let files = self.files()?;
        let store = Store::new(&options.schema);
        let mut report = Report { steps: Vec::new(), version: None };
        for (number, file) in files.iter().enumerate() {
            let mut patience = Patience::new(options.wait);
            let Some(mut session) = Session::begin(client, &store, &options, Busy::Wait(&mut patience))? else {
                return Err(Error::new(Kind::Locked, "another migrator holds the lock")
                    .help("run it again when that one is done"));
            };
            if number == 0
                && let Some(last) = session.history.last()
            {
                return Err(Error::new(
                    Kind::History,
                    format!("this database has a history already, up to `{}`", last.id()),
                )
                .note("what is recorded without being run must be the first that is recorded")
                .help("run `migrate` instead, or look whether this is the right database"));
            }
            session.create_tables(&store)?;
            let mut migrator = Migrator { files: &files, store: &store, options: &mut options, total: files.len() };
            migrator.run_and_record(&mut session, file, Statements::Done, None)?;
            session.commit()?;
            report.version = Some(file.version());
            let sql = String::new();
            report.steps.push(Step {
                version: file.version(),
                id: file.id(),
                sql,
                duration: Duration::ZERO,
                by_hand: Vec::new(),
            });
        }
        Ok(report)
    }
}
