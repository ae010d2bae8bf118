//! Connecting as libpq does: where the settings come from, what the server must be, and what to say when it fails. The
//! only files read are those of the user: passfile, service file, certificates. A password is in no message.

mod hosts;
mod settings;
#[cfg(feature = "tls")]
mod tls;

use std::fmt;
use std::path::PathBuf;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::error::{Error, Kind};
use settings::{Settings, VARIABLES};

/// The oldest supported server, as `server_version_num` says it.
const OLDEST_SERVER: u32 = 140_000;

/// Connects by a URL or `key=value` text; without one, by `DATABASE_URL`. What the text leaves open comes from the
/// service file, the environment (`PGHOST`, …), the passfile and libpq's defaults. `sslmode` has libpq's meaning.
///
/// # Errors
/// When there is no server, it refuses ([`Error::is_connection`]), or is older than PostgreSQL 14
/// ([`Error::is_server_too_old`]).
pub fn connect(url: Option<&str>) -> Result<Client, Error> {
    Target::new(url)?.connect()
}

/// Where to connect to, put together as [`connect`] does. Shown without its password.
#[derive(Clone)]
pub struct Target {
    settings: Settings,
    config: Config,
}

/// A URL, without the password.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let get = |key| self.get(key).unwrap_or_default();
        let host = self.get("host").or_else(|| self.get("hostaddr")).unwrap_or_default();
        let port = self.get("port").unwrap_or("5432");
        let user =
            if get("user").is_empty() { String::new() } else { format!("{}@", settings::percent_encode(get("user"))) };
        let database = settings::percent_encode(get("dbname"));
        if host.starts_with('/') {
            return write!(f, "postgresql://{user}/{database}?host={host}&port={port}");
        }
        let mut ports = port.split(',').cycle();
        let hosts: Vec<String> =
            host.split(',').map(|host| format!("{host}:{}", ports.next().unwrap_or_default())).collect();
        write!(f, "postgresql://{user}{}/{database}", hosts.join(","))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Target {
    /// Puts the settings together; nothing is connected to.
    ///
    /// # Errors
    /// When the text cannot be understood, or the service that it names is not there.
    pub fn new(url: Option<&str>) -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let text = url.map(str::to_owned).or_else(|| variable("DATABASE_URL")).unwrap_or_default();
        let mut settings = settings::parse(&text)?;
        let environment: Settings =
            VARIABLES.iter().filter_map(|(name, key)| variable(name).map(|value| ((*key).to_owned(), value))).collect();
        if let Some(service) = settings.get("service").or_else(|| environment.get("service")).cloned() {
            let file = settings.get("servicefile").or_else(|| environment.get("servicefile"));
            let defaults = read_service(&service, file.map(PathBuf::from))?;
            add_missing(&mut settings, defaults);
        }
        add_missing(&mut settings, environment);
        if !settings.contains_key("host") && !settings.contains_key("hostaddr") {
            settings.insert("host".to_owned(), default_host());
        }
        Self::of(settings)
    }

    fn of(settings: Settings) -> Result<Self, Error> {
        let config = settings::driver_text(&settings).parse().map_err(|error: postgres::Error| {
            // The driver names the keyword, not the value.
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Error::new(Kind::Connection, format!("the connection settings are wrong: {why}"))
        })?;
        Ok(Self { settings, config })
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }

    /// Connects: to the first of the hosts that answers and is what `target_session_attrs` asks for.
    ///
    /// # Errors
    /// As [`connect`].
    pub fn connect(&self) -> Result<Client, Error> {
        let hosts = hosts::each(&self.settings)?;
        let mut failures = Vec::new();
        for wanted in hosts::Wanted::passes(self.get("target_session_attrs"))? {
            for settings in &hosts {
                match Self::of(settings.clone()).and_then(|host| host.connect_to_one(*wanted)) {
                    Ok(client) => return Ok(client),
                    // A server that knows who comes and refuses is not passed over, as in libpq.
                    Err(error) if error.sqlstate().is_some_and(|code| code.starts_with("28")) => return Err(error),
                    Err(error) => failures.push(error),
                }
            }
        }
        Err(hosts::failed(failures))
    }

    fn connect_to_one(&self, wanted: hosts::Wanted) -> Result<Client, Error> {
        let mut client = self.open()?;
        check_version(&mut client)?;
        wanted.check(&mut client, &self.server())?;
        Ok(client)
    }

    /// Another database of the same server.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.settings.insert("dbname".to_owned(), name.to_owned());
        other.config.dbname(name);
        other
    }

    /// The database's name, as far as it is given.
    pub fn database(&self) -> Option<&str> {
        self.get("dbname").or_else(|| self.get("user"))
    }

    /// The same connection for a program that uses libpq, as environment variables: unlike arguments, no other account
    /// can read them.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let ours = |key: &str| !matches!(key, "service" | "servicefile");
        VARIABLES
            .iter()
            .filter(|(_, key)| ours(key))
            .filter_map(|(name, key)| Some((*name, self.get(key)?.to_owned())))
            .collect()
    }

    fn tls_mode(&self) -> Result<TlsMode, Error> {
        let only_sockets = self.get("host").is_some_and(|hosts| hosts.split(',').all(|host| host.starts_with('/')));
        Ok(match self.get("sslmode").unwrap_or("prefer") {
            "disable" => TlsMode::Disable,
            // Nobody listens in on a socket of this machine; libpq ignores the setting there.
            "allow" | "prefer" | "require" | "verify-ca" | "verify-full" if only_sockets => TlsMode::Disable,
            "allow" => TlsMode::Allow,
            "prefer" => TlsMode::Prefer,
            // With a root certificate it is `verify-ca`, in libpq too.
            "require" if self.get("sslrootcert").is_some() || user_file("root.crt").is_some() => TlsMode::VerifyCa,
            "require" => TlsMode::Require,
            "verify-ca" => TlsMode::VerifyCa,
            "verify-full" => TlsMode::VerifyFull,
            other => {
                return Err(Error::new(Kind::Connection, format!("`{other}` is not an `sslmode`"))
                    .help("one of `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`"));
            }
        })
    }

    /// Tries what the mode allows, in libpq's order: the second way where the first is not to be had.
    fn open(&self) -> Result<Client, Error> {
        let mode = self.tls_mode()?;
        let refused =
            |error: &postgres::Error| is_tls_failure(error) || error.code().is_some_and(|code| code.code() == "28000");
        let result = match mode {
            TlsMode::Disable => self.open_in_the_clear(),
            TlsMode::Allow => match self.open_in_the_clear() {
                Err(error) if refused(&error) && cfg!(feature = "tls") => {
                    self.open_encrypted(mode, SslMode::Require)?
                }
                result => result,
            },
            TlsMode::Prefer if cfg!(not(feature = "tls")) => self.open_in_the_clear(),
            TlsMode::Prefer => match self.open_encrypted(mode, SslMode::Prefer)? {
                Err(error) if refused(&error) => self.open_in_the_clear(),
                result => result,
            },
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => {
                self.open_encrypted(mode, SslMode::Require)?
            }
        };
        result.map_err(|cause| self.failed(cause))
    }

    fn open_in_the_clear(&self) -> Result<Client, postgres::Error> {
        self.config.clone().ssl_mode(SslMode::Disable).connect(NoTls)
    }

    /// The outer error is of the settings, the inner one of the attempt.
    #[cfg(feature = "tls")]
    fn open_encrypted(&self, mode: TlsMode, asked: SslMode) -> Result<Result<Client, postgres::Error>, Error> {
        Ok(self.config.clone().ssl_mode(asked).connect(tls::connector(mode, &self.settings)?))
    }

    #[cfg(not(feature = "tls"))]
    fn open_encrypted(&self, _mode: TlsMode, _asked: SslMode) -> Result<Result<Client, postgres::Error>, Error> {
        Err(Error::new(Kind::Connection, "this program was built without TLS, which `sslmode` asks for")
            .help("build it with viewkeeper's feature `tls`"))
    }

    /// Host and port for messages.
    fn server(&self) -> String {
        let host = self.get("host").or_else(|| self.get("hostaddr")).unwrap_or_default();
        let port = self.get("port").unwrap_or("5432");
        if host.starts_with('/') {
            format!("socket `{host}/.s.PGSQL.{port}`")
        } else {
            format!("`{host}`, port {port}")
        }
    }

    fn failed(&self, cause: postgres::Error) -> Error {
        let server = self.server();
        let error = |message: String| Error::new(Kind::Connection, message);
        let user = self.config.get_user().unwrap_or("the operating system's user");
        let error = match cause.as_db_error() {
            Some(reported) => match reported.code().code() {
                "28P01" => error(format!("the server at {server} refuses the password of role `{user}`"))
                    .help("correct the password in the URL, in `PGPASSWORD` or in the passfile"),
                "3D000" => error(format!("{} at {server}", reported.message())).help("create it, or correct the name"),
                _ => error(format!("the server at {server} refuses the connection: {}", reported.message()))
                    .server_notes(reported),
            },
            None => {
                let reason = innermost(&cause);
                if reason.contains("password missing") {
                    error(format!("the server at {server} asks for the password of role `{user}`, and none is given"))
                        .help("set `PGPASSWORD`, or write a line for it into the passfile `~/.pgpass` (mode 0600)")
                } else if is_tls_failure(&cause) {
                    error(format!("no encrypted connection to the server at {server}: {reason}"))
                        .help("`sslmode` says what is asked for, `sslrootcert` which certificates are trusted")
                } else {
                    error(format!("no PostgreSQL server answers at {server}: {reason}"))
                        .help("start the server, or correct the address")
                }
            }
        };
        error.source(cause)
    }
}

fn add_missing(settings: &mut Settings, defaults: Settings) {
    for (key, value) in defaults {
        settings.entry(key).or_insert(value);
    }
}

/// libpq's default is the socket directory that it was built with; this is where distributions and the original put it.
fn default_host() -> String {
    let directories = ["/var/run/postgresql", "/tmp"];
    let has_socket = |directory: &&&str| {
        std::fs::read_dir(directory).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(".s.PGSQL."))
        })
    };
    directories.iter().find(has_socket).map_or_else(|| "localhost".to_owned(), |found| (*found).to_owned())
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|path| !path.as_os_str().is_empty())
}

/// A file of `~/.postgresql`, if it is there.
fn user_file(name: &str) -> Option<String> {
    let file = home()?.join(".postgresql").join(name);
    file.exists().then(|| file.to_string_lossy().into_owned())
}

fn read_service(service: &str, file: Option<PathBuf>) -> Result<Settings, Error> {
    let file = file.or_else(|| home().map(|home| home.join(".pg_service.conf"))).unwrap_or_default();
    let text = std::fs::read_to_string(&file).map_err(|cause| {
        Error::new(Kind::Connection, format!("the service file `{}` cannot be read", file.display())).source(cause)
    })?;
    settings::parse_service(&text, service)
        .ok_or_else(|| Error::new(Kind::Connection, format!("`{}` has no service `{service}`", file.display())))
}

/// The password of one host. As libpq: a passfile that others can read is not used.
fn read_password(settings: &Settings) -> Option<String> {
    let get = |key: &str| settings.get(key).map(String::as_str);
    let file = get("passfile").map(PathBuf::from).or_else(|| home().map(|home| home.join(".pgpass")))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if std::fs::metadata(&file).ok()?.permissions().mode() & 0o077 != 0 {
            return None;
        }
    }
    let text = std::fs::read_to_string(file).ok()?;
    let system_user = std::env::var("USER").ok();
    let user = get("user").or(system_user.as_deref()).unwrap_or_default();
    let host = get("host").or_else(|| get("hostaddr")).unwrap_or_default();
    settings::find_password(&text, host, get("port").unwrap_or("5432"), get("dbname").unwrap_or(user), user)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The driver's error has no predicate for it, only its text.
fn is_tls_failure(error: &postgres::Error) -> bool {
    error.as_db_error().is_none() && error.to_string().contains("TLS")
}

/// Asked with the simple protocol, which every server understands.
fn check_version(client: &mut Client) -> Result<(), Error> {
    let messages = client
        .simple_query("SHOW server_version_num")
        .map_err(|cause| Error::database("asking the server for its version", cause))?;
    let version = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).and_then(|number| number.parse::<u32>().ok()),
        _ => None,
    });
    match version {
        Some(version) if version < OLDEST_SERVER => {
            Err(Error::new(Kind::ServerTooOld, format!("the server is PostgreSQL {}", version / 10_000))
                .note("viewkeeper works with PostgreSQL 14 and newer")
                .help("upgrade the server"))
        }
        _ => Ok(()),
    }
}
