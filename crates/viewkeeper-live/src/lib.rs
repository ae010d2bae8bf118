//! viewkeeper's database door: a server's catalogs read as values, and databases for tests. Private servers are
//! `viewkeeper-server`'s, given on from here; what is done with the values is the engine's matter.

mod apply;
mod catalog_rows;
pub mod compare;
mod dump;
mod read;
pub mod testing;

pub use apply::apply;
pub use catalog_rows::{
    Available, QUERIES, available_extensions, read_extension, read_shipped_extensions, rows_of_folder, rows_of_server,
};
pub use dump::{Dump, dump};
pub use read::{ObjectName, ServerState, read, read_inside, read_with_history};
pub use viewkeeper_server::{
    Error, Installation, Lifetime, Location, SUPPORTED_MAJORS, Server, client_program, database_url, installations,
    none_found, preferred, report, target_directory,
};
