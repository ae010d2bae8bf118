//! Starting, joining and stopping a private server on Unix. Everything that changes it happens under its lock.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use rustix::process::Signal;

use super::account::{self, Account};
use super::home::{self, Home};
use super::{Lifetime, Server, database_url};
use crate::error::Error;
use crate::installation::Installation;

/// How long a start or a stop may take: a killed server first replays its log.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a state that is waited for is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// Given on every start, so that a data directory made by an older release gets them too. Nothing here survives a
/// crash of the machine, and need not.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "fsync=off",
    "full_page_writes=off",
    "jit=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "log_min_messages=warning",
    "log_line_prefix=%m [%p] %d ",
    "lc_messages=C",
    "timezone=UTC",
    "log_timezone=UTC",
];

pub(super) fn start(installation: &Installation, wanted: &Path, lifetime: Lifetime) -> Result<Server, Error> {
    let _lock = home::lock(wanted)?;
    let account = account::for_servers()?;
    let home = Home::prepare(wanted, account.as_ref())?;
    let server = |user| Server {
        major: installation.major,
        directory: home.directory.clone(),
        socket: home.socket.clone(),
        user,
    };
    if wait_while_changing(&home)? {
        match (lifetime, join(&home)?) {
            // A server that another process counts users of is kept by nobody else: being its user is what is left.
            (_, Some(user)) => return Ok(server(Some(user))),
            (Lifetime::Kept, None) => return Ok(server(None)),
            // Its supervisor was killed, so nothing would stop it.
            (Lifetime::WhileUsed, None) => drop(end(&home)?),
        }
    }
    let installation = &runnable(installation, &home, account.as_ref())?;
    if !home.data().exists() {
        initialise(installation, &home, account.as_ref())?;
    }
    let user = match launch_patiently(installation, &home, account.as_ref(), lifetime) {
        Err(_) if lifetime == Lifetime::WhileUsed => {
            // Nobody's data: what tests use is made anew when it is broken or of another version.
            remove(&home.data())?;
            initialise(installation, &home, account.as_ref())?;
            launch(installation, &home, account.as_ref(), lifetime)?
        }
        outcome => outcome?,
    };
    Ok(server(user))
}

pub(super) fn running(wanted: &Path, major: u32) -> Option<Server> {
    let home = Home::existing(wanted)?;
    let up = matches!(state(&home), State::Up);
    up.then_some(Server { major, directory: home.directory, socket: home.socket, user: None })
}

pub(super) fn stop(wanted: &Path) -> Result<bool, Error> {
    let Some(home) = Home::existing(wanted) else { return Ok(false) };
    let _lock = home::lock(wanted)?;
    end(&home)
}

enum State {
    Down,
    /// Starting up, shutting down or replaying its log.
    Changing,
    Up,
}

/// Asks the server itself: process numbers are used again, and files outlive their server.
fn state(home: &Home) -> State {
    let Ok(mut config) = database_url(&home.socket, "postgres").parse::<postgres::Config>() else { return State::Down };
    config.connect_timeout(Duration::from_secs(10));
    match config.connect(postgres::NoTls) {
        Ok(_) => State::Up,
        Err(error) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => State::Changing,
        // It answered, though it let nobody in (too many clients).
        Err(error) if error.as_db_error().is_some() => State::Up,
        Err(_) => State::Down,
    }
}

/// Whether it is up, once it has made up its mind.
fn wait_while_changing(home: &Home) -> Result<bool, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match state(home) {
            State::Up => return Ok(true),
            State::Down if process(&home.data()).is_none() => return Ok(false),
            _ if Instant::now() > deadline => return Err(failed("the private server neither starts nor stops", home)),
            _ => std::thread::sleep(GLANCE),
        }
    }
}

/// Becomes a user of a server that counts them; `None` when its supervisor does not listen any more, or never did.
fn join(home: &Home) -> Result<Option<File>, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // Without a reader, opening the pipe would wait for one.
    let no_wait = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let Ok(mut pipe) = File::options().write(true).custom_flags(no_wait).open(home.pipe()) else { return Ok(None) };
    let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let heard = home.users().join(&name);
    let _left_by_a_process_of_this_number = std::fs::remove_file(&heard);
    let deadline = Instant::now() + PATIENCE;
    if writeln!(pipe, "{name}").is_err() {
        return Ok(None);
    }
    // The supervisor that hears this is inside its loop, which this open pipe keeps it in. One that has just left the
    // loop hears nothing and closes the pipe.
    while !heard.exists() {
        if pipe.write_all(b"\n").is_err() {
            return Ok(None);
        }
        if Instant::now() > deadline {
            return Err(failed("the private server's supervisor does not answer", home));
        }
        std::thread::sleep(GLANCE);
    }
    let _only_a_leftover = std::fs::remove_file(&heard);
    Ok(Some(pipe))
}

/// An installation that the account can run: a copy, where the original lies in a directory that is closed to it.
fn runnable(installation: &Installation, home: &Home, account: Option<&Account>) -> Result<Installation, Error> {
    if account::can_run(account, &installation.program("postgres")) {
        return Ok(installation.clone());
    }
    let copy = home.directory.join(format!("postgres-{}", installation.version));
    if !copy.exists()
        && let Some(root) = installation.bin.parent()
    {
        let partial = home.directory.join("postgres-partial");
        remove(&partial)?;
        let mut command = account::command("cp", None);
        let copied = command.arg("-R").arg(root).arg(&partial).status().is_ok_and(|status| status.success());
        if copied {
            let _reported_below = std::fs::rename(&partial, &copy);
        }
    }
    let found = installation.bin.file_name().and_then(|bin| Installation::at(&copy.join(bin)));
    match found {
        Some(found) if account::can_run(account, &found.program("postgres")) => Ok(found),
        _ => {
            let name = account.map_or("this one", |account| &account.name);
            let bin = installation.bin.display();
            Err(Error::new(format!("the account `{name}` cannot run the PostgreSQL in `{bin}`"))
                .help("install PostgreSQL where every account can run it, or run this as another user than root"))
        }
    }
}

fn initialise(installation: &Installation, home: &Home, account: Option<&Account>) -> Result<(), Error> {
    // Made beside its place, so that what a killed initdb leaves is never taken for a data directory.
    let partial = home.directory.join("data-partial");
    let locales: &[&str] = if cfg!(target_os = "linux") { &["C.UTF-8", "C"] } else { &["en_US.UTF-8", "C"] };
    let mut said = String::new();
    for locale in locales {
        remove(&partial)?;
        let output = account::command(installation.program("initdb"), account)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--lc-collate=C"])
            .arg(format!("--locale={locale}"))
            .arg("--pgdata")
            .arg(&partial)
            .output()
            .map_err(|error| Error::new("`initdb` cannot be run").because(error))?;
        if output.status.success() {
            return std::fs::rename(&partial, home.data())
                .map_err(|error| Error::new("the private server's data directory cannot be made").because(error));
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Err(Error::new(format!("`initdb` of PostgreSQL {} failed: {}", installation.version, said.trim())))
}

/// Starts the server, once the children of one that was killed have noticed and are gone: until then the new one finds
/// their shared memory in use (`PGSharedMemoryCreate` in sysv_shmem.c).
fn launch_patiently(
    installation: &Installation,
    home: &Home,
    account: Option<&Account>,
    lifetime: Lifetime,
) -> Result<Option<File>, Error> {
    let deadline = Instant::now() + PATIENCE / 4;
    loop {
        match launch(installation, home, account, lifetime) {
            Err(error) if error.message().contains("shared memory block") && Instant::now() < deadline => {
                std::thread::sleep(GLANCE);
            }
            outcome => return outcome,
        }
    }
}

/// Starts the server; the handle makes this process its user.
fn launch(
    installation: &Installation,
    home: &Home,
    account: Option<&Account>,
    lifetime: Lifetime,
) -> Result<Option<File>, Error> {
    forget_dead_server(home)?;
    let _none_yet = std::fs::rename(home.log(), home.directory.join("log.old"));
    let mut command = account::command("sh", account);
    command.args(["-c", include_str!("supervise.sh"), "viewkeeper-server"]).arg(&home.directory);
    let user = match lifetime {
        Lifetime::Kept => {
            // A pipe left from a counted server would make this one look like one.
            let _none = std::fs::remove_file(home.pipe());
            command.arg("kept");
            None
        }
        Lifetime::WhileUsed => {
            let (read, write) = pipe(home)
                .map_err(|error| Error::new("a pipe for the server's users cannot be made").because(error))?;
            command.arg("counted").stdin(Stdio::from(read));
            Some(write)
        }
    };
    command.arg(installation.program("postgres")).arg("-D").arg(home.data()).arg("-k").arg(&home.socket);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    // A group of its own: an interrupt at the terminal is for the caller.
    command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let supervisor =
        command.spawn().map_err(|error| Error::new("a private server cannot be started").because(error))?;
    wait_until_up(home, supervisor)?;
    Ok(user)
}

/// The two ends of the users' pipe. The reading end is passed on; it never lacks a writer while this process lives.
fn pipe(home: &Home) -> io::Result<(File, File)> {
    let path = home.pipe();
    let _none = std::fs::remove_file(&path);
    let status = account::command("mkfifo", None).arg("-m").arg("600").arg(&path).status()?;
    if !status.success() {
        return Err(io::Error::other(format!("`mkfifo` failed: {status}")));
    }
    // Opened for both, so that opening one end does not wait for the other.
    let both = File::options().read(true).write(true).open(&path)?;
    let read = File::open(&path)?;
    let write = File::options().write(true).open(&path)?;
    drop(both);
    Ok((read, write))
}

fn wait_until_up(home: &Home, mut supervisor: Child) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Its last line; asking the server before it is there would fill its log.
        let ready =
            lock_file(&home.data()).is_some_and(|lines| lines.last().is_some_and(|line| line.starts_with("ready")));
        if ready && matches!(state(home), State::Up) {
            return Ok(());
        }
        if let Ok(Some(_)) = supervisor.try_wait() {
            return Err(failed("the private server does not start", home));
        }
        if Instant::now() > deadline {
            end(home)?;
            return Err(failed("the private server does not get ready", home));
        }
        std::thread::sleep(GLANCE);
    }
}

/// Stops the server with its connections; says whether there was one.
fn end(home: &Home) -> Result<bool, Error> {
    let started = Instant::now();
    let mut found = false;
    while let Some(process) = process(&home.data()) {
        // Fast shutdown first (`pg_ctl stop -m fast`), immediate when that does not help.
        let signal = match started.elapsed() {
            _ if !found => Some(Signal::INT),
            elapsed if elapsed > PATIENCE => return Err(failed("the private server does not stop", home)),
            elapsed if elapsed > PATIENCE / 2 => Some(Signal::QUIT),
            _ => None,
        };
        if let Some(signal) = signal {
            rustix::process::kill_process(process, signal)
                .or_else(|error| if error == rustix::io::Errno::SRCH { Ok(()) } else { Err(error) })
                .map_err(|error| failed("the private server cannot be stopped", home).because(error))?;
        }
        found = true;
        std::thread::sleep(GLANCE);
    }
    Ok(found)
}

/// Removes the lock file of a server that was killed, when its process number belongs to another program now:
/// PostgreSQL itself only looks whether a process of that number exists (`CreateLockFile` in miscinit.c).
fn forget_dead_server(home: &Home) -> Result<(), Error> {
    let file = home.data().join("postmaster.pid");
    let Some(number) = process_number(&home.data()) else { return Ok(()) };
    let somebody = !matches!(rustix::process::test_kill_process(number), Err(rustix::io::Errno::SRCH));
    if somebody && process(&home.data()).is_none() {
        std::fs::remove_file(&file)
            .map_err(|error| Error::new(format!("`{}` cannot be removed", file.display())).because(error))?;
    }
    Ok(())
}

/// The lines of postmaster.pid: process number, data directory, start time, port, socket directory, address, shared
/// memory, state.
fn lock_file(data: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Some(text.lines().map(|line| line.trim_end().to_owned()).collect())
}

fn process_number(data: &Path) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(lock_file(data)?.first()?.parse().ok()?)
}

/// The server's process, when the one of that number is a server of this data directory.
fn process(data: &Path) -> Option<rustix::process::Pid> {
    let number = process_number(data)?;
    let own = format!("/proc/{}/cmdline", number.as_raw_nonzero());
    let command_line = match std::fs::read(own) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => {
            let mut ps = account::command("ps", None);
            let output = ps.args(["-o", "args=", "-p"]).arg(number.as_raw_nonzero().to_string()).output().ok()?;
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
    };
    command_line.contains(&*data.to_string_lossy()).then_some(number)
}

fn remove(directory: &PathBuf) -> Result<(), Error> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::new(format!("`{}` cannot be removed", directory.display())).because(error))
        }
        _ => Ok(()),
    }
}

/// An error with the end of the server's log.
fn failed(what: &str, home: &Home) -> Error {
    let log = std::fs::read_to_string(home.log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let end = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n");
    let message = if end.is_empty() { what.to_owned() } else { format!("{what}; the end of its log:\n{end}") };
    let directory = home.directory.display();
    Error::new(message).help(format!("its log and data are in `{directory}`; with that removed, it is made anew"))
}
