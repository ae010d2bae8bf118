//! The runtime that applications link: migrations, the start-up check, typed rows. No SQL parser, no code generator and
//! no file of the project is read here; what was built into the program is all that it knows.
//!
//! * [`Migrations`]: what was embedded; [`Migrations::migrate`], [`Migrations::rollback`], [`Migrations::status`].
//! * [`refresh`]: materialized views, in the order in which they read each other.
//! * [`Migrations::verify`]: whether the database still is what the program was built for; a [`Policy`] says what that means.
//! * [`View`]: rows of views, materialized views and tables, as generated structs; [`types`]: what their fields hold.
//! * [`connect`]: a connection as libpq's rules give it.
//!
//! # Migrations
//!
//! Each migration runs in one transaction together with everything that is recorded of it: its row in refinery's
//! `refinery_schema_history`, and in `viewkeeper_history` beside it the rollback and the state that it led to. So a
//! program that is killed, or loses its connection, leaves the state before or after it, and the history says which.
//!
//! *   Programs that start at the same moment exclude each other with `pg_try_advisory_xact_lock`, keyed by database and
//!     schema; it works through a pooler in transaction mode. Only unnamed statements are used.
//! *   A lock that a statement does not get within [`Options::lock_timeout`] is not waited for: all is undone and tried
//!     again later, so that readers never queue behind a waiting migration for longer.
//! *   The search path is [`Options::search_path`], whatever the role or database says. What a migration sets without
//!     `LOCAL` is set back.
//! *   Statements that begin or end a transaction, `COPY … FROM STDIN` and psql's commands are refused.
//!
//! A file whose opening comments hold the line `-- viewkeeper: no transaction` runs statement by statement: each in a
//! transaction with the note of how far it is, or outside of one when the server asks for that (`CREATE INDEX
//! CONCURRENTLY`). The next run goes on where it stopped. A statement outside of a transaction may have taken effect
//! when nobody could note it any more. For `CREATE INDEX CONCURRENTLY` and `DROP INDEX CONCURRENTLY` the next run looks
//! what became of it, and drops an index that was left unfinished; write all others so that they bear being run twice.
//! This needs a direct connection.
//!
//! A rollback whose opening comments hold `-- viewkeeper: loses data: <what>` runs only when that is allowed.
//!
//! A rollback that would undo what somebody changed by hand since its migration is refused, unless [`Drifted`] says
//! otherwise.
//!
//! Reading the history, for [`Migrations::status`], takes `SELECT` on the two tables. Nobody but their owner can write
//! to them.
//!
//! # Dates that no calendar has
//!
//! PostgreSQL's dates can be `infinity`, and lie beyond what the date libraries hold. The types of [`types`] hold them
//! all. A field whose type was overridden with one that does not gives an error that names the column
//! ([`Error::is_decode`]), never another date.
#![forbid(unsafe_code)]

mod acl;
#[cfg(feature = "tokio-postgres")]
mod asynchronous;
#[cfg(feature = "tokio-postgres")]
mod beside;
mod by_hand;
mod connection;
#[doc(hidden)]
pub mod declare;
#[cfg(feature = "drift")]
mod drift;
mod edition;
mod error;
mod history;
mod leftover;
mod merge;
mod migrate;
mod migrations;
mod options;
mod printing;
mod record;
mod refresh;
mod relation;
mod report;
mod retry;
mod rollback;
mod session;
mod statements;
mod status;
mod stepwise;
pub mod types;
mod verify;
mod view;

#[cfg(feature = "tokio-postgres")]
pub use asynchronous::{AsyncRows, AsyncView};
pub use connection::{Target, connect};
#[cfg(feature = "drift")]
pub use drift::{Anew, Aspect, Drift, DriftPart, DriftReport, Finding, Upgrade};
pub use error::Error;
pub use migrations::Migrations;
pub use options::{DataLoss, Drifted, Mode, Newer, Options, Progress, Unfinished};
pub use refresh::{Readers, Refreshed, Which, refresh};
pub use relation::{ColumnDescription, RelationDescription, RelationKind, WireType};
pub use report::{ByHand, MigrationStatus, Origin, Report, RollbackSource, State, Status, Step};
pub use rollback::RollbackTo;
pub use verify::{Difference, DifferenceKind, Level, Policy};
pub use view::{Fields, Rows, View};

// Generated code and adopters name the drivers through these, so that their versions always fit.
#[cfg(feature = "chrono")]
pub use chrono;
#[cfg(feature = "jiff")]
pub use jiff;
pub use postgres;
pub use postgres_types;
#[cfg(feature = "serde_json")]
pub use serde_json;
#[cfg(feature = "tokio-postgres")]
pub use tokio_postgres;
#[cfg(feature = "uuid")]
pub use uuid;
