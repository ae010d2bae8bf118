//! Trying again what did not get its locks, and saying what was waited for when there is no more time. What is tried is
//! its caller's matter.

use std::time::Duration;

use postgres::Client;

use crate::error::{Error, Kind};
use crate::options::{Options, Progress};

/// A lock that was not got in time, a deadlock, a serialization failure; or another migrator (plain refinery) created
/// the history in the same moment.
pub(crate) fn is_transient(error: &Error) -> bool {
    error.kind() == Kind::Locked && error.sqlstate().is_some()
        || matches!(error.sqlstate(), Some("55P03" | "40P01" | "40001"))
}

/// Twice as long each time, at most ten seconds.
pub(crate) fn retry_pause(attempt: u32) -> Duration {
    Duration::from_millis(100 * (1 << attempt.min(7))).min(Duration::from_secs(10))
}

/// The attempts at one thing.
#[derive(Debug, Default)]
pub(crate) struct Retries(u32);

impl Retries {
    /// After an attempt that failed: tells of another one and waits before it.
    ///
    /// # Errors
    /// With what failed, where it would fail again, or has been tried often enough. Then who holds the locks is said.
    pub(crate) fn after(
        &mut self,
        error: Error,
        client: &mut Client,
        options: &mut Options<'_>,
        file: &str,
    ) -> Result<(), Error> {
        if !is_transient(&error) {
            return Err(error);
        }
        if self.0 >= options.retries {
            return Err(with_holders(error, client));
        }
        self.0 += 1;
        let after = retry_pause(self.0);
        options.report(Progress::Retrying { file, attempt: self.0, after });
        std::thread::sleep(after);
        Ok(())
    }
}

/// Says of a lock that was not got who keeps everybody else out of relations: that is what reading waits for, and what
/// ends a migration that only records its state.
fn with_holders(error: Error, client: &mut Client) -> Error {
    if error.sqlstate() != Some("55P03") {
        return error;
    }
    // The session's search path may be anybody's here.
    let holders = client.query_typed(
        "SELECT pg_catalog.format('%I.%I is kept by session %s, which is %s', n.nspname, c.relname, l.pid, \
         coalesce(a.state, 'at work')) \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) l.relation \
         JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) l.database \
         LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid \
         WHERE l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock' \
         AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,f,v,m}') \
         AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
         AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() \
         ORDER BY 1 LIMIT 5",
        &[],
    );
    // Who has gone in the meantime cannot be named; the error says what is wrong all the same.
    let holders: Vec<String> = holders.unwrap_or_default().iter().filter_map(|row| row.try_get(0).ok()).collect();
    let has_none = holders.is_empty();
    let error = holders.into_iter().fold(error, Error::note);
    match has_none {
        true => error.help_or("look for the sessions that hold locks in `pg_locks`, wait for them, and run it again"),
        false => error.help_or(
            "wait until these sessions are done, or end them (`SELECT pg_terminate_backend(<session>)`), and run it again",
        ),
    }
}
