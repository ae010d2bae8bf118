//! The commands as somebody at a terminal meets them: a child process in a workspace of its own, its exit code, what it
//! prints, what it leaves. What the commands do in detail is tested where it is done.

mod accept;
mod adopt;
mod broken;
mod compare;
mod database;
mod docs;
mod drift;
mod extensions;
mod fleet;
mod init;
mod json;
mod names;
mod nulls;
mod question;
mod record;
mod rename;
mod renumber;
mod secrets;
mod walk;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The tables that most tests put views on.
pub(crate) const TABLES: &str = "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text);\n\
     CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, title text);\n";

/// A workspace in a temporary folder; its database folder is `db`, where commands look without being told.
pub(crate) struct Workspace(TempDir);

impl Workspace {
    /// One with the given files, by their paths below `db`.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let workspace = Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        std::fs::create_dir(workspace.path("")).unwrap();
        std::fs::write(workspace.root().join("Cargo.lock"), "").unwrap();
        for (path, text) in files {
            workspace.write(path, text);
        }
        workspace
    }

    /// One with [`TABLES`] as its first migration, and the given files.
    pub(crate) fn with_tables(files: &[(&str, &str)]) -> Self {
        let workspace = Self::new(files);
        workspace.write("migrations/V1__tables.sql", TABLES);
        workspace
    }

    /// A copy of the repository's example.
    pub(crate) fn example() -> Self {
        let workspace = Self::new(&[]);
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("db");
        for folder in ["views", "migrations", "rollbacks"] {
            for entry in std::fs::read_dir(example.join(folder)).unwrap() {
                let from = entry.unwrap().path();
                let name = from.file_name().unwrap().to_str().unwrap();
                workspace.write(&format!("{folder}/{name}"), std::fs::read_to_string(&from).unwrap());
            }
        }
        let settings = std::fs::read_to_string(example.join("viewkeeper.toml")).unwrap();
        workspace.write("viewkeeper.toml", settings);
        workspace
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join("db").join(below)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// Puts `new` where `old` stands in a file.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no `{old}`");
        self.write(path, text.replace(old, new));
    }

    /// Every file with its bytes, to see that a command changed nothing.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.path("")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files.sort();
        files
    }

    /// Runs a command in the workspace's root.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// The same on a database.
    pub(crate) fn run_on(&self, url: &str, arguments: &[&str]) -> Ran {
        self.run(&[&["--database-url", url], arguments].concat())
    }

    /// The same with environment variables; nothing of libpq's own reaches the command otherwise.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.err.contains("panicked"), "{arguments:?} panicked:\n{}", ran.show());
        ran
    }
}

impl Workspace {
    /// The target folder for commands that start a private server: one of the workspace's own, which `dev-db stop` stops.
    pub(crate) fn own_target(&self) -> String {
        #[cfg(unix)]
        {
            // The server runs as an unprivileged user where the tests do not, and has to reach its folder.
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(self.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.root().join("target").to_str().unwrap().to_owned()
    }

    /// A command in the workspace's root, to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_viewkeeper-commands"));
        command.current_dir(self.root()).args(arguments);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("PG") && name != "PG_BIN" || name == "DATABASE_URL" {
                command.env_remove(name);
            }
        }
        command
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.show());
        self
    }

    /// Everything that a person sees, without how long it took.
    pub(crate) fn show(&self) -> String {
        let mut shown = format!("exit code {}\n", self.code.map_or("none".to_owned(), |code| code.to_string()));
        for (name, text) in [("standard output", &self.out), ("standard error", &self.err)] {
            if !text.is_empty() {
                let _ = write!(shown, "--- {name}\n{}\n", without_times(text.trim_end()));
            }
        }
        shown
    }

    /// The output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.show()))
    }
}

/// `applied V1__a (12ms)` without the time, `… to this database (2026-…Z)` without the date.
fn without_times(text: &str) -> String {
    let text: Vec<String> = text.split('(').map(without_date).collect();
    let text = text.join("(");
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with("s)") && after.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{before} (…)")
        }
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The piece after an opening bracket, without the date it begins with.
fn without_date(piece: &str) -> String {
    match piece.split_once("Z)") {
        Some((date, rest)) if date.contains('T') && date.starts_with("20") => format!("…){rest}"),
        _ => piece.to_owned(),
    }
}
