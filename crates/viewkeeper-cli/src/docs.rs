//! `docs`: writes the catalogue, and takes away pages that are no longer there. What stands on the pages is the engine's.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use viewkeeper_engine::catalogue::{MANIFEST, Page, catalogue, listed, manifest};
use viewkeeper_engine::describe::{ErrorDescription, errors};
use viewkeeper_engine::files::{self, Written};
use viewkeeper_engine::states::states;

use crate::arguments::{Arguments, Docs, Format};
use crate::context;
use crate::output::{Outcome, print_error, print_json, print_problems};

/// The folder in Cargo's target directory.
const FOLDER: &str = "viewkeeper-docs";

/// What was done, for machines.
#[derive(Debug, Serialize)]
struct Report {
    folder: Utf8PathBuf,
    files: Vec<String>,
    removed: Vec<String>,
    errors: Vec<ErrorDescription>,
}

pub(crate) fn run(arguments: &Arguments, options: &Docs) -> Outcome {
    let (project, mut problems) = context::project(arguments);
    if !files::is_folder(&project.dir) {
        // Of nothing there is no catalogue; one that is there may be of another folder.
        print_problems(&problems);
        return Outcome::Failed;
    }
    let states = states(&project);
    problems.extend(states.problems);
    let pages = catalogue(&project, &states.declared, &problems);
    let folder = options.out.clone().unwrap_or_else(|| context::target().join(FOLDER));
    let done = match write(&folder, &pages) {
        Ok(done) => done,
        Err(failure) => {
            print_problems(&problems);
            print_error(&failure.message, Some(&failure.help));
            return Outcome::Failed;
        }
    };
    let outcome = if problems.has_errors() { Outcome::Failed } else { Outcome::Fine };
    match arguments.format {
        Format::Json => print_json(&Report {
            folder,
            files: pages.into_iter().map(|page| page.path).collect(),
            removed: done.removed,
            errors: errors(&problems),
        }),
        Format::Text | Format::Github => {
            print_problems(&problems);
            let count = if pages.len() == 1 { "1 page".to_owned() } else { format!("{} pages", pages.len()) };
            println!("{count} in {folder}: {} written, {} removed", done.written, done.removed.len());
            println!("open {}", folder.join("index.html"));
        }
    }
    outcome
}

/// What became of the files.
#[derive(Debug)]
struct Done {
    written: usize,
    removed: Vec<String>,
}

/// Why the catalogue could not be written, and what to do.
struct Failure {
    message: String,
    help: String,
}

/// Writes pages that changed, and removes those of earlier runs that are no longer among them. The list of pages is
/// written first, with the old ones: a run that is stopped leaves nothing that the next one does not know.
fn write(folder: &Utf8Path, pages: &[Page]) -> Result<Done, Failure> {
    let failed = |path: &Utf8Path, error: io::Error| Failure {
        message: format!("cannot write `{path}`: {error}"),
        help: "make the folder writable, or name another one with `--out`".to_owned(),
    };
    let list = folder.join(MANIFEST);
    let foreign = |path: &Utf8Path| Failure {
        message: format!("`{path}` is there already, and this command did not write it"),
        help: "name another folder with `--out`, or remove the file if it is of no use".to_owned(),
    };
    let known = match files::read_optional(&list).map_err(|error| failed(&list, error))? {
        Some(text) => listed(&text).ok_or_else(|| foreign(&list))?,
        None => BTreeSet::new(),
    };
    let now: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    let mut others = pages.iter().filter(|page| !known.contains(&page.path)).map(|page| folder.join(&page.path));
    if let Some(path) = others.find(|path| files::exists(path)) {
        return Err(foreign(&path));
    }
    let all = manifest(now.iter().copied().chain(known.iter().map(String::as_str)));
    files::write_if_changed(&list, all).map_err(|error| failed(&list, error))?;
    let mut done = Done { written: 0, removed: Vec::new() };
    for page in pages {
        let path = folder.join(&page.path);
        let written = files::write_if_changed(&path, &page.text).map_err(|error| failed(&path, error))?;
        done.written += usize::from(written == Written::New);
    }
    for gone in known.iter().filter(|page| !now.contains(page.as_str())) {
        let path = folder.join(gone);
        match files::remove(&path) {
            Ok(()) => done.removed.push(gone.clone()),
            // Somebody was here before.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&path, error)),
        }
    }
    files::write_if_changed(&list, manifest(now)).map_err(|error| failed(&list, error))?;
    Ok(done)
}
