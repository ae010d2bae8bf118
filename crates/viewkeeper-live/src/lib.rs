//! viewkeeper's database door: private servers started from the programs on this machine, databases for tests, and
//! a server's catalogs read as values. What is done with those values is the engine's matter.

mod error;
mod installation;
mod read;
mod server;
pub mod testing;

pub use error::{Error, report};
pub use installation::{Installation, SUPPORTED_MAJORS, installations, none_found, preferred, target_directory};
pub use read::{ObjectName, ServerState, read};
pub use server::{Lifetime, Location, Server, database_url};
