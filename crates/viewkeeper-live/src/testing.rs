//! Databases for tests, on every server version found: cloned from a template that is named by what made it, dropped
//! after the test, kept when it failed. For tests only: what cannot be done is a panic.

mod many;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::{Client, NoTls};

use crate::{Error, Installation, Location, SUPPORTED_MAJORS, Server, installations, none_found, report};

pub use many::{clear, for_each_server_and};

/// Days that the database of a failed test, and a template that nothing asks for, are kept.
const DAYS_KEPT: u64 = 3;

/// Runs a test on every server version found, oldest first, and fails when it fails on one of them; the failures name
/// the versions.
pub fn for_each_server(test: impl Fn(&'static TestServer)) {
    let mut failed = Vec::new();
    for server in servers() {
        if catch_unwind(AssertUnwindSafe(|| test(server))).is_err() {
            eprintln!("^ on PostgreSQL {}", server.version());
            failed.push(server.version());
        }
    }
    assert!(failed.is_empty(), "failed on PostgreSQL {}", failed.join(", "));
}

/// A test server of every version found, oldest first; at least one. `VIEWKEEPER_TEST_MAJORS=15,17` takes only those.
pub fn servers() -> Vec<&'static TestServer> {
    let chosen = chosen();
    // The first start of a server takes a second: start them side by side.
    std::thread::scope(|scope| {
        let starting: Vec<_> = chosen.iter().map(|one| scope.spawn(|| started(one))).collect();
        starting
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The test server of the newest version found, for what does not depend on the version.
pub fn newest_server() -> &'static TestServer {
    match chosen().last() {
        Some(newest) => started(newest),
        None => panic!("{}", report(&none_found())),
    }
}

/// The test server of one major, if it is found.
pub fn server_of_major(major: u32) -> Option<&'static TestServer> {
    chosen().iter().find(|installation| installation.major == major).map(started)
}

/// One server that tests share, also with other test processes. It stops when the last of them ends.
#[derive(Debug)]
pub struct TestServer {
    installation: Installation,
    server: Server,
    maintenance: Mutex<Maintenance>,
}

/// The connection that makes and drops databases.
struct Maintenance(Client);

impl std::fmt::Debug for Maintenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Maintenance")
    }
}

impl TestServer {
    /// Its major version.
    pub fn major(&self) -> u32 {
        self.installation.major
    }

    /// Its version, `15.18`.
    pub fn version(&self) -> &str {
        &self.installation.version
    }

    /// Its programs.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// A database in the state that `sql` leads to. The statements run once for each text and server, in one simple
    /// query as the superuser `postgres`; every further database is a copy.
    pub fn database(&'static self, sql: &str) -> TestDatabase {
        let name = new_name();
        self.maintain(|client| {
            let template = template(self, client, sql)?;
            client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
            Ok(())
        });
        TestDatabase { server: self, name }
    }

    /// An empty database.
    pub fn empty_database(&'static self) -> TestDatabase {
        let name = new_name();
        self.maintain(|client| Ok(client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))?));
        TestDatabase { server: self, name }
    }

    /// Makes sure that a role exists. Roles belong to the whole server, so tests share them: use one for what it may
    /// do in the test's own database, and do not change or drop it.
    pub fn role(&'static self, name: &str) {
        let quoted = name.replace('"', "\"\"");
        self.maintain(|client| {
            let mut transaction = client.transaction()?;
            transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &[&name])?;
            if transaction.query_opt("SELECT FROM pg_roles WHERE rolname = $1", &[&name])?.is_none() {
                transaction.batch_execute(&format!("CREATE ROLE \"{quoted}\" LOGIN"))?;
            }
            Ok(transaction.commit()?)
        });
    }

    fn maintain<T: Send>(&self, work: impl FnOnce(&mut Client) -> Result<T, Error> + Send) -> T {
        // On a thread of its own, since the blocking driver cannot be used inside an async test.
        let outcome = std::thread::scope(|scope| {
            let apart = scope.spawn(|| {
                let mut maintenance = self.maintenance.lock().unwrap_or_else(PoisonError::into_inner);
                work(&mut maintenance.0)
            });
            apart.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        outcome.unwrap_or_else(|error| panic!("on PostgreSQL {}: {}", self.version(), report(&error)))
    }
}

/// A database of one test. Dropped with this value; kept, with its URL printed, when the test panics.
#[derive(Debug)]
pub struct TestDatabase {
    server: &'static TestServer,
    name: String,
}

impl TestDatabase {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its connection URL.
    pub fn url(&self) -> String {
        self.server.server.url(&self.name)
    }

    /// Its server.
    pub fn server(&self) -> &'static TestServer {
        self.server
    }

    /// A new connection to it, as the superuser.
    pub fn connect(&self) -> Client {
        Client::connect(&self.url(), NoTls)
            .unwrap_or_else(|error| panic!("on PostgreSQL {}: {}", self.server.version(), report(&error.into())))
    }

    /// Runs statements in it.
    pub fn execute(&self, sql: &str) {
        if let Err(error) = self.connect().batch_execute(sql) {
            panic!("on PostgreSQL {}: {}\nin: {sql}", self.server.version(), report(&error.into()));
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the database is kept for {DAYS_KEPT} days: {}\n\
                 (its server stops with the tests; run them with VIEWKEEPER_KEEP_SERVERS=1 to look into it)",
                self.url()
            );
            return;
        }
        // FORCE: a test may have left connections that are not closed yet.
        self.server.maintain(|client| Ok(client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name))?));
    }
}

/// The installations that tests use; says once which, past the capture of the test's own output.
fn chosen() -> &'static [Installation] {
    static CHOSEN: OnceLock<Vec<Installation>> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let wanted = std::env::var("VIEWKEEPER_TEST_MAJORS").unwrap_or_default();
        let wanted: Vec<u32> = wanted.split(',').filter_map(|major| major.trim().parse().ok()).collect();
        let is_wanted = |major: u32| wanted.is_empty() || wanted.contains(&major);
        let found: Vec<_> = installations().iter().filter(|one| is_wanted(one.major)).cloned().collect();
        if found.is_empty() {
            panic!("{}", report(&none_found()));
        }
        let versions: Vec<_> = found.iter().map(|one| one.version.clone()).collect();
        let skipped: Vec<_> = SUPPORTED_MAJORS
            .filter(|major| found.iter().all(|one| one.major != *major))
            .map(|major| format!("{major} ({})", if is_wanted(major) { "not found" } else { "not wanted" }))
            .collect();
        let skipped = if skipped.is_empty() { String::new() } else { format!("; skipped: {}", skipped.join(", ")) };
        let _ = writeln!(std::io::stderr(), "tests run on PostgreSQL {}{skipped}", versions.join(", "));
        found
    })
}

/// The running server of an installation, started at first use and then this process's until its end.
fn started(installation: &Installation) -> &'static TestServer {
    static STARTED: Mutex<BTreeMap<u32, &'static OnceLock<TestServer>>> = Mutex::new(BTreeMap::new());
    let cell: &'static OnceLock<TestServer> = {
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        started.entry(installation.major).or_insert_with(|| Box::leak(Box::default()))
    };
    cell.get_or_init(|| {
        let start = || -> Result<TestServer, Error> {
            let server = Server::start(installation, &Location::tests()?)?;
            let url = server.url("postgres");
            // On a thread of its own, as above.
            let client = std::thread::scope(|scope| {
                let apart = scope.spawn(move || -> Result<Client, Error> {
                    let mut client = Client::connect(&url, NoTls)?;
                    client.batch_execute("SET client_min_messages = warning")?;
                    tidy(&mut client)?;
                    Ok(client)
                });
                apart.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })?;
            Ok(TestServer { installation: installation.clone(), server, maintenance: Mutex::new(Maintenance(client)) })
        };
        start().unwrap_or_else(|error| panic!("PostgreSQL {}: {}", installation.version, report(&error)))
    })
}

/// The database that the statements made, made now if there is none yet.
fn template(server: &TestServer, client: &mut Client, sql: &str) -> Result<String, Error> {
    let mut hasher = DefaultHasher::new();
    sql.hash(&mut hasher);
    let hash = hasher.finish();
    let (name, partial) = (format!("template_{hash:016x}"), format!("partial_{hash:016x}"));
    // Another process may be making the same one. The lock is the session's, since databases are not made in
    // transactions.
    let lock = i64::from_ne_bytes(hash.to_ne_bytes());
    client.execute("SELECT pg_advisory_lock($1)", &[&lock])?;
    let outcome = (|| -> Result<(), Error> {
        if client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name])?.is_none() {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {partial} WITH (FORCE)"))?;
            client.batch_execute(&format!("CREATE DATABASE {partial} TEMPLATE template0"))?;
            Client::connect(&server.server.url(&partial), NoTls)?.batch_execute(sql)?;
            client.batch_execute(&format!("ALTER DATABASE {partial} RENAME TO {name}"))?;
        }
        let today = today();
        client.batch_execute(&format!("COMMENT ON DATABASE {name} IS 'used on day {today}'"))?;
        Ok(())
    })();
    client.execute("SELECT pg_advisory_unlock($1)", &[&lock])?;
    outcome.map(|()| name)
}

/// `test_<day>_<process>_<number>`: the day says when it may go.
fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    format!("test_{}_{process}_{number}", today())
}

fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs() / 86_400)
}

/// Drops what earlier runs left and nothing asked for since.
fn tidy(client: &mut Client) -> Result<(), Error> {
    let only_one = "SELECT pg_try_advisory_lock(hashtext('tidy'))";
    if !client.query_one(only_one, &[])?.get::<_, bool>(0) {
        return Ok(());
    }
    let rows = client.query("SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database", &[])?;
    for row in rows {
        let (name, comment) = (row.get::<_, String>(0), row.get::<_, Option<String>>(1));
        let day = match name.split('_').collect::<Vec<_>>()[..] {
            ["test", day, ..] => day.parse::<u64>().ok(),
            ["template", _] => comment.as_deref().and_then(|text| text.strip_prefix("used on day ")?.parse().ok()),
            _ => None,
        };
        if day.is_some_and(|day| day + DAYS_KEPT < today()) {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        }
    }
    client.execute("SELECT pg_advisory_unlock(hashtext('tidy'))", &[])?;
    Ok(())
}
