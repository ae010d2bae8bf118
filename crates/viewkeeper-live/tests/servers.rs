//! Private servers: start, reuse, stop; concurrent starters; killed servers; databases for tests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::time::{Duration, Instant};

use viewkeeper_live::testing::{for_each_server, newest_server};
use viewkeeper_live::{Lifetime, Location, Server, preferred};

#[test]
fn every_version_gives_databases() {
    for_each_server(|server| {
        let first = server.database("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        let second = server.database("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        assert_ne!(first.name(), second.name());
        first.execute("INSERT INTO t VALUES (2)");
        let count = |url: &str| -> i64 {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            client.query_one("SELECT count(*) FROM t", &[]).unwrap().get(0)
        };
        assert_eq!((count(&first.url()), count(&second.url())), (2, 1));
        let mut client = second.connect();
        let version: i32 = client.query_one("SELECT current_setting('server_version_num')::int", &[]).unwrap().get(0);
        assert_eq!(u32::try_from(version / 10000), Ok(server.major()));
    });
}

#[test]
fn roles_are_made_once() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| newest_server().role("a \"quoted\" role"));
        }
    });
}

/// A place for servers of one test, stopped and removed afterwards.
struct Place {
    directory: tempfile::TempDir,
    location: Location,
}

impl Place {
    fn new(lifetime: Lifetime) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::new(directory.path().join("servers"), lifetime);
        Self { directory, location }
    }

    fn start(&self) -> Server {
        Server::start(preferred().unwrap(), &self.location).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let major = preferred().unwrap().major;
        Server::stop(&self.location, major).unwrap();
        // The place may be elsewhere, when the temporary directory is closed to the server's account.
        let home = self.directory.path().join(format!("servers/{major}/place"));
        if let Ok(elsewhere) = std::fs::read_to_string(home) {
            std::fs::remove_dir_all(elsewhere.trim_end()).unwrap();
        }
    }
}

fn answers(server: &Server) -> bool {
    postgres::Client::connect(&server.url("postgres"), postgres::NoTls).is_ok()
}

fn process_number(server: &Server) -> String {
    let lock_file = std::fs::read_to_string(server.directory().join("data/postmaster.pid")).unwrap();
    lock_file.lines().next().unwrap().to_owned()
}

fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

#[test]
fn a_kept_server_is_reused_until_it_is_stopped() {
    let place = Place::new(Lifetime::Kept);
    let major = preferred().unwrap().major;
    assert!(Server::running(&place.location, major).is_none());
    assert!(!Server::stop(&place.location, major).unwrap());
    let first = place.start();
    let second = place.start();
    assert_eq!(process_number(&first), process_number(&second));
    assert!(answers(&first));
    drop((first, second));
    let running = Server::running(&place.location, major).unwrap();
    postgres::Client::connect(&running.url("postgres"), postgres::NoTls)
        .unwrap()
        .batch_execute("CREATE DATABASE kept")
        .unwrap();
    assert!(Server::stop(&place.location, major).unwrap());
    assert!(Server::running(&place.location, major).is_none());
    assert_eq!(place.location.majors(), [major]);
    assert_eq!(place.location.installation().unwrap().major, major);
    let again = place.start();
    assert!(postgres::Client::connect(&again.url("kept"), postgres::NoTls).is_ok());
}

#[test]
fn concurrent_starters_get_one_server() {
    for lifetime in [Lifetime::Kept, Lifetime::WhileUsed] {
        let place = Place::new(lifetime);
        let servers: Vec<Server> = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..8).map(|_| scope.spawn(|| place.start())).collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).collect()
        });
        let numbers: std::collections::BTreeSet<_> = servers.iter().map(process_number).collect();
        assert_eq!(numbers.len(), 1);
        assert!(servers.iter().all(answers));
    }
}

#[test]
fn the_last_user_stops_a_counted_server() {
    let place = Place::new(Lifetime::WhileUsed);
    let (first, second) = (place.start(), place.start());
    let data = first.directory().join("data");
    drop(first);
    std::thread::sleep(Duration::from_millis(200));
    assert!(answers(&second));
    drop(second);
    let gone = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !data.join("postmaster.pid").exists()
    });
    assert!(gone, "the server still runs");
    // Starting while the old one stops is no problem either.
    for _ in 0..5 {
        assert!(answers(&place.start()));
    }
}

#[test]
fn a_killed_server_is_recovered() {
    for lifetime in [Lifetime::Kept, Lifetime::WhileUsed] {
        let place = Place::new(lifetime);
        let server = place.start();
        let sql = "CREATE TABLE t AS SELECT 1 AS id";
        let url = server.url("postgres");
        postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(sql).unwrap();
        kill("-KILL", &process_number(&server));
        let again = place.start();
        let mut client = postgres::Client::connect(&again.url("postgres"), postgres::NoTls).unwrap();
        assert_eq!(client.query_one("SELECT id FROM t", &[]).unwrap().get::<_, i32>(0), 1);
    }
}

#[test]
fn a_lock_file_with_the_number_of_another_program_is_no_obstacle() {
    let place = Place::new(Lifetime::Kept);
    let server = place.start();
    let file = server.directory().join("data/postmaster.pid");
    let lock_file = std::fs::read_to_string(&file).unwrap();
    Server::stop(&place.location, server.major).unwrap();
    let (_, rest) = lock_file.split_once('\n').unwrap();
    let mut sleeper = Command::new("sleep").arg("60").spawn().unwrap();
    std::fs::write(&file, format!("{}\n{rest}", sleeper.id())).unwrap();
    let again = Server::start(preferred().unwrap(), &place.location).map(|server| answers(&server));
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert!(again.unwrap());
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let place = Place::new(Lifetime::Kept);
    let server = place.start();
    let major = server.major;
    Server::stop(&place.location, major).unwrap();
    std::fs::write(server.directory().join("data/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let error = Server::start(preferred().unwrap(), &place.location).unwrap_err();
    assert!(error.message().contains("no_such_setting"), "{error}");
}

#[test]
fn starting_again_is_quick() {
    let place = Place::new(Lifetime::Kept);
    let first = Instant::now();
    drop(place.start());
    let first = first.elapsed();
    let reused = Instant::now();
    drop(place.start());
    let reused = reused.elapsed();
    Server::stop(&place.location, preferred().unwrap().major).unwrap();
    let again = Instant::now();
    drop(place.start());
    eprintln!("first start {first:?}, reuse {reused:?}, later start {:?}", again.elapsed());
    assert!(reused < Duration::from_secs(1));
}
