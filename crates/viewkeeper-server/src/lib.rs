//! Private servers, started from the PostgreSQL programs on this machine, for development and tests. No SQL is
//! understood and no catalog is read here, so that an application may use it without the engine.

mod error;
mod installation;
mod server;

pub use error::{Error, report};
pub use installation::{
    Installation, SUPPORTED_MAJORS, client_program, installations, none_found, preferred, target_directory,
};
pub use server::{Lifetime, Location, Server, database_url};
