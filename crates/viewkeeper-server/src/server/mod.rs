//! Private servers: started from the programs on this machine, reached through a socket in a directory of mode 0700,
//! never over the network, and reused while they run. What is in their databases is not known here.

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod home;
#[cfg(unix)]
mod launch;
mod url;

use std::path::{Path, PathBuf};

use postgres::{Client, NoTls};

use crate::error::Error;
use crate::installation::{Installation, installations, preferred, target_directory};

pub use url::database_url;

/// How long a private server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until [`Server::stop`], beyond the end of the process that started it.
    Kept,
    /// While a process that started or joined it runs; however the last one ends, the server stops.
    WhileUsed,
}

/// Where servers live, a directory for each major, and how long they run.
#[derive(Debug, Clone)]
pub struct Location {
    directory: PathBuf,
    lifetime: Lifetime,
}

impl Location {
    /// Servers under a directory that is not used otherwise.
    pub fn new(directory: impl Into<PathBuf>, lifetime: Lifetime) -> Self {
        Self { directory: directory.into(), lifetime }
    }

    /// The servers of this workspace's developer: `<target>/viewkeeper/development`.
    ///
    /// # Errors
    /// When there is no target directory to be found.
    pub fn development() -> Result<Self, Error> {
        Ok(Self::new(own_directory()?.join("development"), Lifetime::Kept))
    }

    /// The servers of this workspace's tests: `<target>/viewkeeper/tests`. They stop with the last test; with
    /// `VIEWKEEPER_KEEP_SERVERS` set they stay, so that a failed test's database can be looked at.
    ///
    /// # Errors
    /// When there is no target directory to be found.
    pub fn tests() -> Result<Self, Error> {
        let keep = std::env::var_os("VIEWKEEPER_KEEP_SERVERS").is_some_and(|value| !value.is_empty());
        let lifetime = if keep { Lifetime::Kept } else { Lifetime::WhileUsed };
        Ok(Self::new(own_directory()?.join("tests"), lifetime))
    }

    /// The majors that a server was made of here, oldest first.
    pub fn majors(&self) -> Vec<u32> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let mut majors: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        majors.sort_unstable();
        majors
    }

    /// The installation to start a server with here, where one is enough: that of `PG_BIN`; else that of the server that
    /// was made here before, so that its data is not lost sight of when another version is installed; else
    /// [`preferred`].
    ///
    /// # Errors
    /// When there is none; the error says how to install it.
    pub fn installation(&self) -> Result<&'static Installation, Error> {
        let majors = self.majors();
        let before = installations().iter().rev().find(|installation| majors.contains(&installation.major));
        match before {
            Some(before) if std::env::var_os("PG_BIN").is_none() => Ok(before),
            _ => preferred(),
        }
    }

    fn of_major(&self, major: u32) -> PathBuf {
        self.directory.join(major.to_string())
    }
}

fn own_directory() -> Result<PathBuf, Error> {
    target_directory().map(|target| target.join("viewkeeper")).ok_or_else(|| {
        Error::new("no place for a private server: this is not inside a cargo workspace")
            .help("run it inside the workspace, or set `CARGO_TARGET_DIR`, or give a server in `DATABASE_URL`")
    })
}

/// A private server that runs. Dropping it stops nothing by itself (see [`Lifetime`]).
#[derive(Debug)]
pub struct Server {
    /// Its major version.
    pub major: u32,
    directory: PathBuf,
    socket: PathBuf,
    /// Held open for as long as this process uses a server that stops with its last user.
    #[allow(dead_code, reason = "only that it is open matters")]
    user: Option<std::fs::File>,
}

impl Server {
    /// The server of this installation's major at this place: reused when it runs, otherwise started, and made first
    /// when there is none. Processes that start it at the same time get the same one.
    ///
    /// # Errors
    /// When it cannot be made or started; the error holds the end of the server's log.
    pub fn start(installation: &Installation, location: &Location) -> Result<Self, Error> {
        let wanted = location.of_major(installation.major);
        #[cfg(unix)]
        return launch::start(installation, &wanted, location.lifetime);
        #[cfg(not(unix))]
        return Err(not_here(&wanted));
    }

    /// The server of a major at this place, when it runs.
    pub fn running(location: &Location, major: u32) -> Option<Self> {
        let wanted = location.of_major(major);
        #[cfg(unix)]
        return launch::running(&wanted, major);
        #[cfg(not(unix))]
        return (|_: &Path| None)(&wanted);
    }

    /// The connection URL of one of its databases, for this driver, libpq and psql alike. The role is `postgres`, a
    /// superuser, and there is no password: the directory of the socket is closed to other accounts.
    pub fn url(&self, database: &str) -> String {
        database_url(&self.socket, database)
    }

    /// The URL of the database that the developer's programs and commands share, on the server at
    /// [`Location::development`]; both are made where they are not there.
    ///
    /// # Errors
    /// When there is no server to be had, or the database cannot be made.
    pub fn development_url() -> Result<String, Error> {
        const DATABASE: &str = "development";
        let location = Location::development()?;
        let server = Self::start(location.installation()?, &location)?;
        let mut client = Client::connect(&server.url("postgres"), NoTls)?;
        let exists = "SELECT FROM pg_catalog.pg_database WHERE datname = $1";
        if client.query_opt(exists, &[&DATABASE])?.is_none() {
            // Another program may make it at the same time: then the statement fails, and what it wanted is there.
            let created = client.batch_execute(&format!("CREATE DATABASE {DATABASE}"));
            if client.query_opt(exists, &[&DATABASE])?.is_none() {
                created?;
            }
        }
        Ok(server.url(DATABASE))
    }

    /// Where its log and its data are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Stops the server at this place and waits for its end; says whether one ran.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(location: &Location, major: u32) -> Result<bool, Error> {
        let wanted = location.of_major(major);
        #[cfg(unix)]
        return launch::stop(&wanted);
        #[cfg(not(unix))]
        return Err(not_here(&wanted));
    }
}

#[cfg(not(unix))]
fn not_here(_: &Path) -> Error {
    Error::new("private servers are started on Linux and macOS only")
        .help("start PostgreSQL and give its URL in `DATABASE_URL`")
}
