//! PostgreSQL's programs on this machine: where they are and which version they are. Nothing is started here but
//! `postgres --version`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::error::Error;

/// The majors that viewkeeper supports.
pub const SUPPORTED_MAJORS: std::ops::RangeInclusive<u32> = 14..=18;

/// One installed PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// `15`.
    pub major: u32,
    /// `15.18`.
    pub version: String,
    /// The directory that holds `postgres` and `initdb`.
    pub bin: PathBuf,
}

/// The supported installations that are found on this machine, one for each major, oldest first. Where a major is
/// found more than once, the first place wins: `PG_BIN`, then `PATH`, then the usual places of the systems, then
/// `<target>/postgres/<major>`.
pub fn installations() -> &'static [Installation] {
    static FOUND: OnceLock<Vec<Installation>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut by_major = BTreeMap::new();
        for bin in candidates() {
            if let Some(installation) = Installation::at(&bin)
                && SUPPORTED_MAJORS.contains(&installation.major)
            {
                by_major.entry(installation.major).or_insert(installation);
            }
        }
        by_major.into_values().collect()
    })
}

/// The installation to use where one is enough: that of `PG_BIN`, else the newest that belongs to the system, else the
/// newest of those fetched for tests.
///
/// # Errors
/// When there is none; the error says how to install it.
pub fn preferred() -> Result<&'static Installation, Error> {
    let found = installations();
    let chosen = std::env::var_os("PG_BIN")
        .and_then(|bin| Installation::at(Path::new(&bin)))
        .and_then(|chosen| found.iter().find(|installation| installation.major == chosen.major));
    // A project's data must not move to another version because one more was fetched for its tests.
    let fetched = target_directory().map(|target| target.join("postgres")).and_then(|path| path.canonicalize().ok());
    let is_fetched = |one: &Installation| fetched.as_ref().is_some_and(|fetched| one.bin.starts_with(fetched));
    let of_system = || found.iter().rev().find(|installation| !is_fetched(installation));
    chosen.or_else(of_system).or_else(|| found.last()).ok_or_else(none_found)
}

/// The error of a machine without PostgreSQL.
pub fn none_found() -> Error {
    let oldest = SUPPORTED_MAJORS.start();
    let newest = SUPPORTED_MAJORS.end();
    Error::new(format!("no PostgreSQL server ({oldest} to {newest}) was found on this machine")).help(
        "install one, or name its folder in `PG_BIN`, or give a server in `DATABASE_URL`:\n\
         \x20 Debian, Ubuntu  apt-get install -y postgresql\n\
         \x20 Fedora          dnf install -y postgresql-server\n\
         \x20 macOS           brew install postgresql@17\n\
         \x20 Windows         winget install PostgreSQL.PostgreSQL.17",
    )
}

/// A program that talks to servers, as `pg_dump` does: one of the server's own major version, else of the next newer one
/// (older ones do not understand newer servers). Looked for where servers are, beginning with `PG_BIN`; a machine may
/// have the programs without a server.
///
/// # Errors
/// When there is none; the error says which were found and how to install it.
pub fn client_program(name: &str, major: u32) -> Result<PathBuf, Error> {
    let mut found: BTreeMap<u32, PathBuf> = BTreeMap::new();
    for bin in candidates() {
        // Debian's wrapper in the PATH decides by itself which version it starts.
        let Ok(path) = bin.join(program(name)).canonicalize() else { continue };
        if path.file_name().is_some_and(|real| real == "pg_wrapper") {
            continue;
        }
        if let Some(found_major) = version_of(&path).as_deref().and_then(major_of) {
            found.entry(found_major).or_insert(path);
        }
    }
    if let Some((_, path)) = found.range(major..).next() {
        return Ok(path.clone());
    }
    let only = match found.keys().next_back() {
        Some(newest) => format!("; the newest that was found is that of PostgreSQL {newest}"),
        None => String::new(),
    };
    Err(Error::new(format!("no `{name}` of PostgreSQL {major} or newer was found on this machine{only}")).help(format!(
        "install one, or name its folder in `PG_BIN` (the server is PostgreSQL {major}, and an older `{name}` does not \
         understand it):\n\
         \x20 Debian, Ubuntu  apt-get install -y postgresql-client-{major}\n\
         \x20 Fedora          dnf install -y postgresql\n\
         \x20 macOS           brew install libpq\n\
         \x20 Windows         winget install PostgreSQL.PostgreSQL.{major}"
    )))
}

impl Installation {
    /// The installation whose programs are in `bin`, if it is one that runs.
    pub fn at(bin: &Path) -> Option<Self> {
        // Programs on PATH are often symbolic links out of the installation.
        let postgres = bin.join(program("postgres")).canonicalize().ok()?;
        let bin = postgres.parent()?.to_path_buf();
        if !bin.join(program("initdb")).exists() {
            return None;
        }
        let version = version_of(&postgres).or_else(|| {
            restore_links(&bin);
            version_of(&postgres)
        })?;
        let major = major_of(&version)?;
        Some(Self { major, version, bin })
    }

    /// The path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(program(name))
    }
}

fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// `15` of `15.18`.
fn major_of(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// `15.18` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(line: &str) -> Option<String> {
    let version = line.split("(PostgreSQL) ").nth(1)?.split_whitespace().next()?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}

/// Packages for JavaScript cannot hold symbolic links: that of the server lists in `pg-symlinks.json` those that its
/// shared libraries need. They are made here, before the server is called unusable.
fn restore_links(bin: &Path) {
    #[derive(serde::Deserialize)]
    struct Link {
        source: String,
        target: String,
    }
    let Some(root) = bin.parent() else { return };
    let Ok(list) = std::fs::read_to_string(root.join("pg-symlinks.json")) else { return };
    let links: Vec<Link> = serde_json::from_str(&list).unwrap_or_default();
    for link in links {
        let inside = |path: &str| path.strip_prefix("native/").map(Path::new).map(Path::to_path_buf);
        let (Some(source), Some(target)) = (inside(&link.source), inside(&link.target)) else { continue };
        // Links stand beside what they point to; two processes may make the same one.
        if let (Some(name), true) = (source.file_name(), source.parent() == target.parent()) {
            let _exists_already = make_link(Path::new(name), &root.join(target));
        }
    }
}

#[cfg(unix)]
fn make_link(source: &Path, target: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(source, target)
}

#[cfg(not(unix))]
fn make_link(source: &Path, target: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(source, target)
}

/// Directories that may hold `postgres`, the more specific first.
fn candidates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    found.extend(std::env::var_os("PG_BIN").map(PathBuf::from));
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path).filter(|directory| directory.is_absolute()));
    for major in SUPPORTED_MAJORS {
        found.push(format!("/usr/lib/postgresql/{major}/bin").into());
        found.push(format!("/usr/pgsql-{major}/bin").into());
        found.push(format!("/opt/homebrew/opt/postgresql@{major}/bin").into());
        found.push(format!("/usr/local/opt/postgresql@{major}/bin").into());
        found.push(format!("/opt/local/lib/postgresql{major}/bin").into());
        found.push(format!("/Applications/Postgres.app/Contents/Versions/{major}/bin").into());
        found.push(format!("/Library/PostgreSQL/{major}/bin").into());
        found.push(format!("/usr/libexec/postgresql{major}").into());
        found.push(format!(r"C:\Program Files\PostgreSQL\{major}\bin").into());
    }
    if let Some(target) = target_directory() {
        found.extend(SUPPORTED_MAJORS.map(|major| target.join("postgres").join(major.to_string()).join("bin")));
    }
    found
}

/// Cargo's target directory: `CARGO_TARGET_DIR`, or the one that the running program was built into, or that of the
/// workspace around the current directory.
pub fn target_directory() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let current = std::env::current_dir().ok()?;
            let named = std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
            let from_program = || {
                let program = std::env::current_exe().ok()?;
                // Cargo marks the directory by the first file where it makes it, and keeps the second in it at any rate.
                let is_target = |directory: &&Path| {
                    ["CACHEDIR.TAG", ".rustc_info.json"].iter().any(|file| directory.join(file).exists())
                };
                program.ancestors().find(is_target).map(Path::to_path_buf)
            };
            let from_workspace = || {
                let root = current.ancestors().find(|directory| directory.join("Cargo.lock").exists())?;
                Some(root.join("target"))
            };
            named.map(|directory| current.join(directory)).or_else(from_program).or_else(from_workspace)
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian).as_deref(), Some("15.18"));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n").as_deref(), Some("18beta1"));
        assert_eq!(parse_version("something else 3"), None);
    }

    #[test]
    fn a_directory_without_programs_is_no_installation() {
        assert_eq!(Installation::at(Path::new("/nonexistent")), None);
    }

    #[test]
    fn a_program_that_nobody_has_is_told_with_the_way_to_get_it() {
        let error = client_program("pg_dump", 1000).unwrap_err();
        assert!(error.message().starts_with("no `pg_dump` of PostgreSQL 1000 or newer was found"), "{error}");
        assert!(error.remedy().is_some_and(|help| help.contains("postgresql-client-1000")));
    }

    #[test]
    fn the_message_names_every_system() {
        let help = none_found().remedy().unwrap_or_default().to_owned();
        for system in ["Debian, Ubuntu", "Fedora", "macOS", "Windows"] {
            assert!(help.contains(system));
        }
    }
}
