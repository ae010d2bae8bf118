//! The database that a command works on: the one that is named, or one on the private local server.

use std::sync::atomic::{AtomicU32, Ordering};

use viewkeeper::Target;
use viewkeeper::postgres::Client;
use viewkeeper_live::{Location, Server, installations, report};

use crate::arguments::Arguments;
use crate::output::{Outcome, print_error, print_runtime_error};

/// Connects to the database that the arguments name. Without one, and without libpq's own variables, the private server is
/// started and used.
///
/// # Errors
/// When there is no connection; it is printed.
pub(crate) fn connect(arguments: &Arguments) -> Result<Client, Outcome> {
    target(arguments)?.connect().map_err(failed)
}

fn failed(error: viewkeeper::Error) -> Outcome {
    print_runtime_error(&error);
    Outcome::Failed
}

/// Where [`connect`] connects to.
///
/// # Errors
/// When the address cannot be understood, or no server can be started; it is printed.
pub(crate) fn target(arguments: &Arguments) -> Result<Target, Outcome> {
    let named = arguments.database_url.clone().or_else(|| {
        ["PGHOST", "PGSERVICE", "PGDATABASE"].iter().any(|name| std::env::var_os(name).is_some()).then(String::new)
    });
    let url = match named {
        Some(url) => url,
        None => private_url()?,
    };
    let given = (!url.is_empty()).then_some(url.as_str());
    Target::new(given).map_err(failed)
}

/// The URL of the private server's database; the server is started where it does not run.
///
/// # Errors
/// When no server can be started; it is printed.
pub(crate) fn private_url() -> Result<String, Outcome> {
    Server::development_url().map_err(|error| {
        print_error(&report(&error), None);
        Outcome::Failed
    })
}

fn private_server() -> Result<Server, viewkeeper_live::Error> {
    let location = Location::development()?;
    Server::start(location.installation()?, &location)
}

/// A database on the private server that is dropped with this value, together with the roles that were made meanwhile:
/// they belong to the whole server, and migrations that make them could not run a second time.
pub(crate) struct ThrowAway {
    server: Server,
    name: String,
    roles_before: Vec<String>,
}

impl ThrowAway {
    /// An empty one.
    ///
    /// # Errors
    /// When there is no private server, in words for a person.
    pub(crate) fn new() -> Result<Self, String> {
        Self::on(private_server().map_err(|error| report(&error))?)
    }

    /// An empty one on a server of a major version.
    ///
    /// # Errors
    /// When there is none, in words for a person.
    pub(crate) fn of_major(major: u32) -> Result<Self, String> {
        let installation = installations().iter().find(|one| one.major == major);
        let installation = installation.ok_or_else(|| format!("no PostgreSQL {major} was found on this machine"))?;
        let location = Location::development().map_err(|error| report(&error))?;
        Self::on(Server::start(installation, &location).map_err(|error| report(&error))?)
    }

    fn on(server: Server) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("verify_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut made = Self { server, name, roles_before: Vec::new() };
        made.roles_before = made.roles()?;
        made.maintain(&format!("DROP DATABASE IF EXISTS {}", made.name))?;
        made.maintain(&format!("CREATE DATABASE {} TEMPLATE template0", made.name))?;
        Ok(made)
    }

    /// A connection to it.
    ///
    /// # Errors
    /// When there is none, in words for a person.
    pub(crate) fn connect(&self) -> Result<Client, String> {
        viewkeeper::connect(Some(&self.server.url(&self.name))).map_err(|error| error.to_string())
    }

    fn maintain(&self, sql: &str) -> Result<(), String> {
        self.maintenance()?.batch_execute(sql).map_err(|error| said(&error))
    }

    fn maintenance(&self) -> Result<Client, String> {
        viewkeeper::connect(Some(&self.server.url("postgres"))).map_err(|error| error.to_string())
    }

    /// The server's roles, quoted.
    fn roles(&self) -> Result<Vec<String>, String> {
        let rows = self.maintenance()?.query("SELECT quote_ident(rolname) FROM pg_roles ORDER BY 1", &[]);
        let names = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
        names.map_err(|error| said(&error))
    }

    fn remove(&self) -> Result<(), String> {
        self.maintain(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name))?;
        for role in self.roles()?.iter().filter(|role| !self.roles_before.contains(role)) {
            self.maintain(&format!("DROP ROLE IF EXISTS {role}"))?;
        }
        Ok(())
    }
}

/// What the server said, or why it could not.
fn said(error: &viewkeeper::postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            print_error(
                &format!("the throw-away database `{}`, or a role made in it, is left behind: {error}", self.name),
                None,
            );
        }
    }
}
