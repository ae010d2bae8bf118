//! The database that a command works on: the one that is named, or one on the private local server.

use viewkeeper::postgres::Client;
use viewkeeper_live::{Location, Server, preferred, report};

use crate::arguments::Arguments;
use crate::output::{Outcome, print_error, print_runtime_error};

/// The database on the private server that commands and the example share.
pub(crate) const PRIVATE_DATABASE: &str = "development";

/// Connects to the database that the arguments name. Without one, and without libpq's own variables, the private server is
/// started and used.
///
/// # Errors
/// When there is no connection; it is printed.
pub(crate) fn connect(arguments: &Arguments) -> Result<Client, Outcome> {
    let named = arguments.database_url.clone().or_else(|| {
        ["PGHOST", "PGSERVICE", "PGDATABASE"].iter().any(|name| std::env::var_os(name).is_some()).then(String::new)
    });
    let url = match named {
        Some(url) => url,
        None => private_url()?,
    };
    let given = (!url.is_empty()).then_some(url.as_str());
    viewkeeper::connect(given).map_err(|error| {
        print_runtime_error(&error);
        Outcome::Failed
    })
}

/// The URL of the private server's database; the server is started where it does not run.
///
/// # Errors
/// When no server can be started; it is printed.
pub(crate) fn private_url() -> Result<String, Outcome> {
    let failed = |error: viewkeeper_live::Error| {
        print_error(&report(&error), None);
        Outcome::Failed
    };
    let installation = preferred().map_err(failed)?;
    let location = Location::development().map_err(failed)?;
    let server = Server::start(installation, &location).map_err(failed)?;
    create_database(&server).map_err(|error| {
        print_runtime_error(&error);
        Outcome::Failed
    })?;
    Ok(server.url(PRIVATE_DATABASE))
}

/// Makes the private database where there is none. Another process may do the same at the same time.
fn create_database(server: &Server) -> Result<(), viewkeeper::Error> {
    let mut client = viewkeeper::connect(Some(&server.url("postgres")))?;
    let there = client.query_opt("SELECT FROM pg_catalog.pg_database WHERE datname = $1", &[&PRIVATE_DATABASE]);
    if matches!(there, Ok(None)) {
        // Whoever comes second meets an error that does not matter: the connection that follows tells.
        let _ = client.batch_execute(&format!("CREATE DATABASE {PRIVATE_DATABASE}"));
    }
    Ok(())
}
