//! A server that belongs to one test: with settings of its own, and free to be ended in any way.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
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
    /// What its data is on, where that is not the tests' own disk.
    disk: Option<SmallDisk>,
    /// Its socket's; the data is in `data`.
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
}

impl OwnServer {
    /// Its data; it does not run yet.
    pub(crate) fn prepare(name: &str) -> Self {
        let mut server = Self::with_folder(name);
        server.make_data(&[]);
        server
    }

    /// The same on a disk of its own with so many megabytes. `None`, said on the terminal, where there can be none.
    pub(crate) fn prepare_on_small_disk(name: &str, megabytes: u32) -> Option<Self> {
        let mut server = Self::with_folder(name);
        let data = server.folder.join("data");
        std::fs::create_dir(&data).unwrap();
        server.disk = Some(SmallDisk::mount(&data, megabytes, server.owner)?);
        server.make_data(&["--wal-segsize=1"]);
        Some(server)
    }

    fn with_folder(name: &str) -> Self {
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
        Self { installation, owner, process: None, disk: None, folder, port }
    }

    fn make_data(&mut self, options: &[&str]) {
        let mut command = self.command("initdb");
        command.arg("-D").arg(self.folder.join("data")).args(["-U", "postgres", "-A", "trust", "--no-sync"]);
        assert!(command.args(options).status().unwrap().success());
    }

    fn command(&self, program: &str) -> Command {
        let program = self.installation.program(program);
        let mut command = match &self.disk {
            None => {
                let mut command = Command::new(program);
                command.uid(self.owner.0).gid(self.owner.1);
                command
            }
            Some(disk) => {
                let mut command = Command::new("nsenter");
                command.arg(format!("--target={}", disk.holder.id())).arg("--mount");
                command.arg(format!("--setuid={}", self.owner.0)).arg(format!("--setgid={}", self.owner.1));
                command.arg("--").arg(program);
                command
            }
        };
        command.current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Fills its disk, but for so many bytes.
    pub(crate) fn fill_disk(&self, but: u64) {
        let path = self.ballast();
        let mut file = std::fs::File::create(&path).unwrap();
        let block = [1; 8192];
        let mut written: u64 = 0;
        while file.write_all(&block).is_ok() {
            written += 8192;
        }
        file.set_len(written.saturating_sub(but)).unwrap();
    }

    /// Takes away what filled it.
    pub(crate) fn free_disk(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    /// As its disk is seen from here.
    fn ballast(&self) -> PathBuf {
        let holder = self.disk.as_ref().unwrap().holder.id();
        let data = self.folder.join("data");
        PathBuf::from(format!("/proc/{holder}/root")).join(data.strip_prefix("/").unwrap()).join("ballast")
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

/// A file system in memory that only one process, and those that enter its mount namespace, see; it goes with it.
struct SmallDisk {
    holder: Child,
}

impl SmallDisk {
    fn mount(at: &Path, megabytes: u32, (user, group): (u32, u32)) -> Option<Self> {
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m,mode=700,uid={user},gid={group} tmpfs '{}' && echo mounted && exec cat",
            at.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script]).stderr(Stdio::null());
        let holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut said = String::new();
        let disk = holder.ok().map(|holder| Self { holder });
        let disk = disk.and_then(|mut disk| {
            let out = disk.holder.stdout.take()?;
            BufReader::new(out).read_line(&mut said).ok()?;
            (said == "mounted\n").then_some(disk)
        });
        if disk.is_none() {
            eprintln!("skipped: no file system can be mounted here, which takes root and `unshare`");
        }
        disk
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
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
        self.disk = None;
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
