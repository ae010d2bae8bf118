//! Through a pooler in transaction mode, where each transaction may run in another session of the server.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use viewkeeper::{Options, RollbackTo, connect};
use viewkeeper_live::testing::{TestDatabase, newest_server};

use super::MIGRATIONS;

/// A pgbouncer in front of one database, stopped with this value.
struct Pooler {
    process: Child,
    directory: PathBuf,
}

impl Pooler {
    /// `None`, said on the terminal, when pgbouncer is not installed.
    fn start(database: &TestDatabase) -> Option<Self> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];
        let Some(program) = program.iter().map(PathBuf::from).find(|path| path.exists()) else {
            eprintln!("skipped: pgbouncer is not installed");
            return None;
        };
        let directory = std::env::temp_dir().join(format!("viewkeeper-pooler-{}", database.name()));
        std::fs::create_dir_all(&directory).unwrap_or_else(|error| panic!("{error}"));
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&directory, open).unwrap_or_else(|error| panic!("{error}"));
        let url = database.url();
        let host = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
        let host = host.replace("%2F", "/");
        let configuration = format!(
            "[databases]\n* = host={host} port=5432 user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
             unix_socket_dir = {}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\n\
             server_reset_query_always = 0\nlogfile = /dev/null\n",
            directory.display()
        );
        let file = directory.join("pgbouncer.ini");
        std::fs::write(&file, configuration).unwrap_or_else(|error| panic!("{error}"));
        // As the server's user, to whom its socket belongs; pgbouncer refuses root.
        let owner = std::fs::metadata(&host).unwrap_or_else(|error| panic!("{host}: {error}"));
        let process = Command::new(program)
            .arg(file)
            .uid(owner.uid())
            .gid(owner.gid())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}"));
        let socket = directory.join(".s.PGSQL.6432");
        for _ in 0..200 {
            if socket.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { process, directory })
    }

    fn url(&self, database: &TestDatabase) -> String {
        format!("host={} port=6432 user=postgres dbname={}", self.directory.display(), database.name())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

#[test]
fn any_number_of_programs_may_start_at_once_through_a_pooler() {
    let database = newest_server().empty_database();
    let Some(pooler) = Pooler::start(&database) else { return };
    let url = pooler.url(&database);
    let applied: usize = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = connect(Some(&url)).unwrap();
                    MIGRATIONS.migrate(&mut client, Options::new()).unwrap().steps.len()
                })
            })
            .collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).sum()
    });
    assert_eq!(applied, 3);
    let mut client = connect(Some(&url)).unwrap();
    MIGRATIONS.rollback(&mut client, RollbackTo::Version(1), Options::new()).unwrap();
    assert_eq!(MIGRATIONS.migrate(&mut client, Options::new()).unwrap().steps.len(), 2);
}
