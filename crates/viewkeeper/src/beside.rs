//! Migrating from asynchronous programs: on a thread and a connection of its own beside the program's, which may be a pool
//! or go through one. What is done there is the blocking functions' own.

use postgres::Client;

#[cfg(feature = "drift")]
use crate::DriftReport;
use crate::error::Error;
use crate::{Migrations, Options, Report, RollbackTo, Status, Target};

impl Migrations {
    /// As [`migrate`](Self::migrate), for programs that run on tokio. It connects for itself, and closes the connection
    /// when it is done.
    ///
    /// What was begun is finished when the future is dropped: a migration is not left in the middle.
    ///
    /// # Errors
    /// As [`connect`](crate::connect) and [`migrate`](Self::migrate).
    pub async fn migrate_async(&self, target: &Target, options: Options<'static>) -> Result<Report, Error> {
        let migrations = self.clone();
        beside(target, move |client| migrations.migrate(client, options)).await
    }

    /// As [`rollback`](Self::rollback), in the way of [`migrate_async`](Self::migrate_async).
    ///
    /// # Errors
    /// As [`connect`](crate::connect) and [`rollback`](Self::rollback).
    pub async fn rollback_async(
        &self,
        target: &Target,
        to: RollbackTo,
        options: Options<'static>,
    ) -> Result<Report, Error> {
        let migrations = self.clone();
        beside(target, move |client| migrations.rollback(client, to, options)).await
    }

    /// As [`status`](Self::status), in the way of [`migrate_async`](Self::migrate_async).
    ///
    /// # Errors
    /// As [`connect`](crate::connect) and [`status`](Self::status).
    pub async fn status_async(&self, target: &Target, options: Options<'static>) -> Result<Status, Error> {
        let migrations = self.clone();
        beside(target, move |client| migrations.status(client, &options)).await
    }

    /// As [`drift`](Self::drift), in the way of [`migrate_async`](Self::migrate_async).
    ///
    /// # Errors
    /// As [`connect`](crate::connect) and [`drift`](Self::drift).
    #[cfg(feature = "drift")]
    pub async fn drift_async(&self, target: &Target, options: Options<'static>) -> Result<DriftReport, Error> {
        let migrations = self.clone();
        beside(target, move |client| migrations.drift(client, &options)).await
    }
}

/// Does something with a new connection on a thread for what blocks.
async fn beside<T: Send + 'static>(
    target: &Target,
    work: impl FnOnce(&mut Client) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let target = target.clone();
    match tokio::task::spawn_blocking(move || work(&mut target.connect()?)).await {
        Ok(outcome) => outcome,
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::new(crate::error::Kind::Database, "the program's runtime was shut down meanwhile")),
        },
    }
}
