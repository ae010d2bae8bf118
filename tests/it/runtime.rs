//! The runtime on real servers: migrating, rolling back, verifying, reading rows.

mod connection;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod full_disk;
mod load;
mod migrate;
#[cfg(unix)]
mod own_server;
#[cfg(unix)]
mod pooler;
#[cfg(unix)]
mod proxy;
mod refresh;
mod rollback;
mod rows;
mod security;
mod stepwise;
#[cfg(unix)]
mod tls;
mod types;
mod verify;

use viewkeeper::{Error, Migrations, State, Status};
use viewkeeper_engine::proposal::Proposal;

use crate::case::Case;

/// Migrations and rollbacks of a small database.
pub(crate) const MIGRATIONS: Migrations = Migrations::embedded(
    &[
        ("V1__users.sql", "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"),
        (
            "V2__active_users.sql",
            "CREATE VIEW active_users AS SELECT id, name FROM users;\nCOMMENT ON VIEW active_users IS 'who; is active';\n",
        ),
        ("V3__posts.sql", "CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL REFERENCES users);\n"),
    ],
    &[
        ("V1__users.sql", "-- viewkeeper: loses data: all of `users`\nDROP TABLE users;\n"),
        ("V2__active_users.sql", "DROP VIEW active_users;\n"),
        ("V3__posts.sql", "DROP TABLE posts;\n"),
    ],
);

/// Name and text of each file.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn migrations(files: Files<'_>, rollbacks: Files<'_>) -> Migrations {
    let owned = |files: Files<'_>| files.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
    Migrations::read(owned(files), owned(rollbacks))
}

/// The migrations of a change that the engine writes: 1 is the setup, 2 makes the old definitions, the rest the new ones.
pub(crate) fn written(setup: &str, old: &str, new: &str) -> Migrations {
    let planned = Case::written(setup, old, new).plan().unwrap_or_else(|problems| panic!("{problems:?}"));
    let proposals: Vec<Proposal> = planned.first.into_iter().chain(planned.changes).collect();
    let name = |proposal: &Proposal| format!("{}.sql", proposal.id);
    let mut files = vec![("V1__setup.sql".to_owned(), setup.to_owned())];
    files.extend(proposals.iter().map(|proposal| (name(proposal), proposal.migration.clone())));
    let rollbacks = proposals.iter().map(|proposal| (name(proposal), proposal.rollback.clone())).collect();
    Migrations::read(files, rollbacks)
}

pub(crate) fn states(status: &Status) -> Vec<(i32, State)> {
    status.migrations.iter().map(|migration| (migration.version, migration.state)).collect()
}

pub(crate) fn first_line(error: &Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

pub(crate) fn one<T: for<'a> postgres::types::FromSql<'a>>(client: &mut postgres::Client, sql: &str) -> T {
    client.query_one(sql, &[]).unwrap_or_else(|error| panic!("{error:?} in {sql}")).get(0)
}
