//! Drift on a hot standby, which `pg_basebackup` makes beside a primary of its own.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use postgres::{Client, NoTls};
use viewkeeper::Options;
use viewkeeper_live::installations;

use super::{MIGRATIONS, show};

/// Not root, as which PostgreSQL refuses to run.
const NOBODY: u32 = 65534;

/// Servers in a folder of their own, stopped with this value.
struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    running: Vec<&'static str>,
}

impl Cluster {
    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path());
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        // Its output goes to files: a server that inherited a pipe would keep it open.
        let log = self.folder.path().join("output");
        let file = || std::fs::File::create(&log).unwrap();
        let status = command.stdout(file()).stderr(file()).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}: {}", std::fs::read_to_string(&log).unwrap());
    }

    fn start(&mut self, data: &'static str) {
        let socket = self.folder.path().join(format!("{data}.socket"));
        self.make_folder(&socket);
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off", socket.display());
        self.run("pg_ctl", &["start", "-w", "-D", data, "-l", "log", "-o", &options]);
        self.running.push(data);
    }

    fn make_folder(&self, folder: &Path) {
        std::fs::create_dir(folder).unwrap();
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn connect(&self, data: &str) -> Client {
        let socket = self.folder.path().join(format!("{data}.socket"));
        let url = format!("host={} user=postgres dbname=postgres", socket.display());
        Client::connect(&url, NoTls).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for data in std::mem::take(&mut self.running) {
            self.run("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", data]);
        }
    }
}

#[test]
fn a_hot_standby_is_read_like_its_primary() {
    let Some(installation) = installations().iter().rev().find(|one| one.bin.join("pg_basebackup").exists()) else {
        eprintln!("skipped: no PostgreSQL on this machine brings `pg_basebackup`");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut cluster = Cluster { folder, programs: installation.bin.clone(), running: Vec::new() };
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        chown(cluster.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    cluster.run("initdb", &["-D", "primary", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]);
    cluster.start("primary");
    MIGRATIONS.migrate(&mut cluster.connect("primary"), Options::new()).unwrap();
    let socket = cluster.folder.path().join("primary.socket").display().to_string();
    cluster.run("pg_basebackup", &["-h", &socket, "-U", "postgres", "-D", "standby", "-R", "-c", "fast", "-N"]);
    cluster.start("standby");

    let mut standby = cluster.connect("standby");
    let in_recovery: bool = standby.query_one("SELECT pg_is_in_recovery()", &[]).unwrap().get(0);
    assert!(in_recovery);
    assert_eq!(show(&MIGRATIONS.drift(&mut standby, &Options::new()).unwrap().found), "");

    let mut primary = cluster.connect("primary");
    primary.batch_execute("CREATE OR REPLACE VIEW b AS SELECT id FROM a WHERE id > 1").unwrap();
    let written: String = primary.query_one("SELECT pg_current_wal_lsn()::text", &[]).unwrap().get(0);
    let replayed = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn";
    while !standby.query_one(replayed, &[&written]).unwrap().get::<_, bool>(0) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let found = MIGRATIONS.drift(&mut standby, &Options::new()).unwrap().found;
    assert_eq!(show(&found), "public.b Changed definition");
    assert!(found[0].aspects[0].live.as_ref().unwrap().contains("> 1"));
}
