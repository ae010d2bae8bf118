//! A server that belongs to one test: with settings of its own, and free to be ended in any way.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use postgres::Client;
use viewkeeper::connect;
use viewkeeper_live::Installation;
use viewkeeper_live::testing::newest_server;

/// Its process is stopped, and its folder goes, with this value.
pub(crate) struct OwnServer {
    installation: &'static Installation,
    /// User and group: PostgreSQL refuses root, and the tests' servers have somebody to run as.
    owner: (u32, u32),
    process: Option<Child>,
    /// Its socket's; the data is in `data`.
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
}

impl OwnServer {
    /// Its data; it does not run yet.
    pub(crate) fn prepare(name: &str) -> Self {
        let installation = newest_server().installation();
        let url = newest_server().empty_database().url();
        let socket = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().replace("%2F", "/");
        let owner = std::fs::metadata(socket).unwrap();
        let folder = std::env::temp_dir().join(format!("viewkeeper-{name}-{}", std::process::id()));
        let _left = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let owner = (owner.uid(), owner.gid());
        chown(&folder, Some(owner.0), Some(owner.1)).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { installation, owner, process: None, folder, port };
        let data = server.folder.join("data");
        let status =
            server.command("initdb").arg("-D").arg(data).args(["-U", "postgres", "-A", "trust", "--no-sync"]).status();
        assert!(status.unwrap().success());
        server
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.installation.program(program));
        command.uid(self.owner.0).gid(self.owner.1).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Writes a file into its data.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join("data").join(name), text).unwrap();
    }

    /// Copies a file of its folder into its data, for its eyes only.
    pub(crate) fn give(&self, name: &str) {
        let file = self.folder.join("data").join(name);
        std::fs::copy(self.folder.join(name), &file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(&file, Some(self.owner.0), Some(self.owner.1)).unwrap();
    }

    pub(crate) fn start(&mut self, settings: &[&str]) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.join("data")).args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        command.arg("-c").arg(format!("port={}", self.port));
        command.arg("-c").arg(format!("unix_socket_directories={}", self.folder.display()));
        for setting in settings {
            command.args(["-c", setting]);
        }
        self.process = Some(command.spawn().unwrap());
        drop(self.admin());
    }

    /// The server's process.
    pub(crate) fn process(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) {
        drop(self.process.take().unwrap().wait());
    }

    /// As `postgres`, once it is up.
    pub(crate) fn admin(&self) -> Client {
        for _ in 0..600 {
            if let Ok(client) = connect(Some(&self.url())) {
                return client;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server in {} does not start", self.folder.display());
    }

    pub(crate) fn url(&self) -> String {
        format!("host={} port={} user=postgres dbname=postgres sslmode=disable", self.folder.display(), self.port)
    }
}

/// Sends a signal.
pub(crate) fn kill(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            kill("-INT", process.id());
            drop(process.wait());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
