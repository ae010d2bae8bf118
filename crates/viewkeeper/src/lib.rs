//! The runtime that applications link: migrations, the start-up check, typed rows. No SQL parser, no code generator and
//! no file of the project is read here; what was built into the program is all that it knows.
//!
//! * [`Migrations`]: what was embedded; [`Migrations::migrate`], [`Migrations::rollback`], [`Migrations::status`].
//! * [`verify`]: whether the database still is what the program was built for.
//! * [`View`]: rows of views, materialized views and tables, as generated structs.
//! * [`connect`]: a connection as libpq's rules give it.
#![forbid(unsafe_code)]

#[cfg(feature = "tokio-postgres")]
mod asynchronous;
mod connection;
#[doc(hidden)]
pub mod declare;
mod error;
mod history;
mod migrate;
mod migrations;
mod options;
mod relation;
mod report;
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
pub use connection::connect;
pub use error::Error;
pub use migrations::Migrations;
pub use options::{DataLoss, Mode, Newer, Options, Progress};
pub use relation::{ColumnDescription, RelationDescription, RelationKind, WireType};
pub use report::{MigrationStatus, Origin, Report, RollbackSource, State, Status, Step};
pub use rollback::RollbackTo;
pub use verify::{Difference, differences, verify};
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
