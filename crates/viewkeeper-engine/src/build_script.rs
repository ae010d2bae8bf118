//! What a database crate's `build.rs` calls: reads the folder, generates rows and embedded migrations into `OUT_DIR`,
//! and tells cargo what to watch. How anything is generated is `generate`'s, how files are touched `files`'.

use std::collections::BTreeSet;
use std::env;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};

use crate::config;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Style};
use crate::extension;
use crate::files;
use crate::generate::{embed_migrations, generate};
use crate::parser::on_deep_stack;
use crate::project::{DEFINITIONS, MIGRATIONS, Project, ROLLBACKS, VIEWS};
use crate::states::states_since;

/// The file of generated rows in `OUT_DIR`.
pub const ROWS: &str = "rows.rs";
/// The file of embedded migrations in `OUT_DIR`.
pub const EMBEDDED_MIGRATIONS: &str = "migrations.rs";
/// What a build leaves in `OUT_DIR` for the next one: the migrated state.
const MIGRATED_STATE: &str = "migrated.state";

/// The whole of a `build.rs`: `fn main() -> std::process::ExitCode { viewkeeper_engine::build_script::run() }`.
///
/// The crate that it belongs to is the database folder. Problems are shown by cargo, with the SQL file, line, column
/// and caret; nothing is written then, so that an editor goes on with the rows of the last good build.
pub fn run() -> ExitCode {
    let mut lines = Vec::new();
    let problems = match (env::var("CARGO_MANIFEST_DIR"), env::var("OUT_DIR")) {
        (Ok(folder), Ok(out)) => {
            let (folder, out) = (Utf8PathBuf::from(folder), Utf8PathBuf::from(out));
            lines = watched(&folder);
            on_deep_stack(|| build(&folder, &out))
        }
        _ => Diagnostics(vec![
            Diagnostic::error("`CARGO_MANIFEST_DIR` and `OUT_DIR` are not set")
                .note("cargo sets them for build scripts only")
                .help("call `viewkeeper_engine::build_script::run` from a `build.rs`"),
        ]),
    };
    lines.extend(problems.0.iter().flat_map(messages));
    for line in lines {
        println!("{line}");
    }
    // An error that was printed fails the build by itself; a failing exit code would make cargo repeat all of it.
    ExitCode::SUCCESS
}

/// Reads the folder and writes what is generated from it, unless something is wrong.
fn build(folder: &Utf8Path, out: &Utf8Path) -> Diagnostics {
    let (project, mut problems) = Project::load(folder, &files::shown_path(folder));
    if problems.has_errors() {
        return problems;
    }
    let (states, to_leave) = states_since(&project, &files::read_left(&out.join(MIGRATED_STATE)));
    problems.extend(states.problems);
    if problems.has_errors() {
        return problems;
    }
    let (rows, of_rows) = generate(&states.declared, &project.settings);
    problems.extend(of_rows);
    if problems.has_errors() {
        return problems;
    }
    let migrations = embed_migrations(&project.migrations, &project.rollbacks);
    let made = [(ROWS, rows.as_bytes()), (EMBEDDED_MIGRATIONS, migrations.as_bytes())];
    let left = to_leave.as_deref().map(|state| (MIGRATED_STATE, state));
    for (name, contents) in made.into_iter().chain(left) {
        if let Err(error) = files::write_if_changed(&out.join(name), contents) {
            problems.push(Diagnostic::error(format!("cannot write `{}`: {error}", out.join(name))));
        }
    }
    problems
}

/// What cargo watches: it looks at a folder's files, at all depths, and at the folder itself, so that an edited, a new
/// and a removed file are noticed.
///
/// The crate's folder notices a folder of definitions that appears, but must not be watched where it holds the build's own
/// output. There, a path that is not there makes cargo run the script in every build; that is done for the folders that
/// every project has, and a new folder of definitions is noticed with the next change of another one.
fn watched(folder: &Utf8Path) -> Vec<String> {
    let paths = if files::exists(&folder.join("target")) {
        let optional: BTreeSet<&str> = DEFINITIONS.into_iter().chain([extension::FOLDER]).collect();
        let optional = optional.into_iter().filter(|name| *name != VIEWS && files::exists(&folder.join(name)));
        [VIEWS, MIGRATIONS, ROLLBACKS, config::FILE_NAME].into_iter().chain(optional).collect()
    } else {
        vec!["."]
    };
    paths.into_iter().map(|path| format!("cargo::rerun-if-changed={path}")).collect()
}

/// A problem as cargo shows it: one line of cargo's for each line of the message.
fn messages(problem: &Diagnostic) -> Vec<String> {
    let kind = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    problem.render(Style::Plain).lines().map(|line| format!("cargo::{kind}={line}")).collect()
}
