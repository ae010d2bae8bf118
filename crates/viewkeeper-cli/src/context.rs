//! What commands need before they begin: the database folder, read and analysed.

use camino::{Utf8Path, Utf8PathBuf};
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::project::{DEFINITIONS, MIGRATIONS, Project};
use viewkeeper_engine::states::{States, states};

use crate::arguments::Arguments;
use crate::output::print_problems;

/// The database folder that the arguments name, or the workspace's.
pub(crate) fn folder(arguments: &Arguments) -> Utf8PathBuf {
    arguments.dir.clone().unwrap_or_else(|| workspace_folder().unwrap_or_else(|| "db".into()))
}

/// The nearest `db` folder with definitions or migrations, from the working directory up to the root of its workspace,
/// as a relative path; that of the root where there is none. Never one outside: it belongs to another project.
fn workspace_folder() -> Option<Utf8PathBuf> {
    let mut up = Utf8PathBuf::new();
    let here = Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?;
    for _ in here.ancestors() {
        let candidate = up.join("db");
        if DEFINITIONS.into_iter().chain([MIGRATIONS]).any(|folder| candidate.join(folder).is_dir()) {
            return Some(candidate);
        }
        if up.join("Cargo.lock").is_file() {
            return candidate.is_dir().then_some(candidate);
        }
        up.push("..");
    }
    None
}

/// The `target` folder of the workspace around the working directory, where Cargo was told no other.
pub(crate) fn target() -> Utf8PathBuf {
    if let Some(named) = std::env::var("CARGO_TARGET_DIR").ok().filter(|named| !named.is_empty()) {
        return named.into();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let up = here.ancestors().take_while(|folder| !folder.join("Cargo.lock").is_file()).count();
    // Outside of a workspace it is made here.
    let up = if up == here.ancestors().count() { 0 } else { up };
    Utf8PathBuf::from("../".repeat(up)).join("target")
}

/// Reads the database folder.
pub(crate) fn project(arguments: &Arguments) -> (Project, Diagnostics) {
    let folder = folder(arguments);
    let shown: &Utf8Path = &folder;
    Project::load(shown, shown)
}

/// The migrated and the declared state of the database folder; its problems are printed.
///
/// # Errors
/// When the folder or one of its files is broken, with everything that was printed.
pub(crate) fn states_of(arguments: &Arguments) -> Result<(Project, States), Diagnostics> {
    let (project, mut problems) = project(arguments);
    let mut states = states(&project);
    problems.extend(std::mem::take(&mut states.problems));
    print_problems(&problems);
    if problems.has_errors() { Err(problems) } else { Ok((project, states)) }
}
