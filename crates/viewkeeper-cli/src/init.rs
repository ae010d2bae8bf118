//! `init`: puts a database folder, the commands and a first view into an existing workspace. Nothing that is there is
//! overwritten; all that stands in the way is told before anything is written.

mod manifest;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use viewkeeper_engine::config::FILE_NAME;
use viewkeeper_engine::diagnostic::{Diagnostic, Diagnostics};
use viewkeeper_engine::files;
use viewkeeper_engine::project::{MIGRATIONS, VIEWS};

use crate::arguments::{Arguments, Format, Init};
use crate::output::{Outcome, print_error, print_json, print_problems};
use manifest::Source;

/// Where cargo looks for commands of a workspace.
const CARGO_CONFIG: &str = ".cargo/config.toml";
const MANIFEST: &str = "Cargo.toml";

/// What will be written, by path below the workspace's root, and what is there already.
#[derive(Debug, Default)]
struct Planned {
    written: BTreeMap<Utf8PathBuf, String>,
    kept: Vec<Utf8PathBuf>,
    problems: Diagnostics,
}

#[derive(Serialize)]
struct Report {
    written: Vec<Utf8PathBuf>,
    kept: Vec<Utf8PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, options: &Init) -> Outcome {
    let Some(root) = workspace_root() else {
        let help = "run `init` inside of one; `cargo new --lib NAME` makes a package that can become one";
        print_error("there is no `Cargo.toml` in this folder or above it", Some(help));
        return Outcome::Failed;
    };
    let planned = plan(&root, arguments.dir.as_deref().unwrap_or(Utf8Path::new("db")), options);
    if planned.problems.has_errors() {
        print_problems(&planned.problems);
        print_error("the workspace was not changed", None);
        return Outcome::Failed;
    }
    if !options.dry_run {
        for (path, text) in &planned.written {
            if let Err(error) = files::write_if_changed(&root.join(path), text) {
                let help = "what was written before it is complete; `init` goes on from there when it is run again";
                print_error(&format!("cannot write `{path}`: {error}"), Some(help));
                return Outcome::Failed;
            }
        }
    }
    report(arguments, options, &planned);
    Outcome::Fine
}

fn report(arguments: &Arguments, options: &Init, planned: &Planned) {
    if arguments.format == Format::Json {
        let written = planned.written.keys().cloned().collect();
        return print_json(&Report { written, kept: planned.kept.clone() });
    }
    for path in &planned.kept {
        println!("kept {path}");
    }
    for (path, text) in &planned.written {
        match options.dry_run {
            true => println!("# {path}\n{text}"),
            false => println!("wrote {path}"),
        }
    }
    if planned.written.is_empty() {
        println!("nothing to do: viewkeeper is here already");
    } else if !options.dry_run {
        let command = &options.xtask;
        println!(
            "\n`cargo {command} db-diff` writes the first migration, `cargo {command} migrate` applies it; \
             `cargo build` gives its rows a type"
        );
    }
}

/// The folder of the workspace that this folder belongs to, or of the package that becomes one.
fn workspace_root() -> Option<Utf8PathBuf> {
    let here = Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?;
    let text = |folder: &&Utf8Path| files::read_optional(&folder.join(MANIFEST)).ok().flatten();
    let with_manifest: Vec<&Utf8Path> = here.ancestors().filter(|folder| text(folder).is_some()).collect();
    let is_workspace = |folder: &&&Utf8Path| text(folder).is_some_and(|text| manifest::is_workspace(&text));
    with_manifest.iter().find(is_workspace).or_else(|| with_manifest.first()).map(|folder| (*folder).to_owned())
}

fn plan(root: &Utf8Path, dir: &Utf8Path, options: &Init) -> Planned {
    let mut planned = Planned::default();
    let source = match Source::new(options.from.as_deref()) {
        Ok(source) => source,
        Err(problem) => {
            planned.problems.push(problem);
            return planned;
        }
    };
    let xtask = Utf8Path::new(&options.xtask);
    let (Some(db_name), false) = (dir.file_name(), dir.is_absolute() || dir.starts_with("..")) else {
        planned.problems.push(
            Diagnostic::error(format!("`{dir}` is not a folder inside of the workspace"))
                .note("the database folder becomes a crate of the workspace")
                .help("name it from the workspace's root: `--dir crates/db`"),
        );
        return planned;
    };
    let is_new = |folder: &str| !files::exists(&root.join(dir).join(folder));
    let has_sql = !(is_new(VIEWS) && is_new(MIGRATIONS));
    planned.crate_file(root, dir, "viewkeeper", &source.db_manifest(db_name), |planned| {
        planned.problems.push(
            Diagnostic::error(format!("`{dir}` is a crate that does not use viewkeeper"))
                .note("the database folder is a crate of its own, whose build script generates the rows")
                .help("name another folder: `--dir database`"),
        );
    });
    planned.new_file(root, dir.join("build.rs"), include_str!("../templates/db/build.rs"));
    planned.new_file(root, dir.join("src/lib.rs"), include_str!("../templates/db/src/lib.rs"));
    let settings = format!(
        "# The oldest PostgreSQL that the project runs on.\nserver-version = {}\n",
        options.server_version.major()
    );
    planned.new_file(root, dir.join(FILE_NAME), &settings);
    // Another line ending is another checksum.
    planned.new_file(root, dir.join(".gitattributes"), "*.sql text eol=lf\n");
    if !has_sql {
        let view = include_str!("../templates/db/views/table_sizes.sql");
        planned.new_file(root, dir.join(VIEWS).join("table_sizes.sql"), view);
    }
    planned.crate_file(root, xtask, "viewkeeper-cli", &source.xtask_manifest(&options.xtask), |planned| {
        planned.problems.push(
            Diagnostic::error(format!("`{xtask}` is a crate that does not run viewkeeper's commands"))
                .note("nothing of yours is overwritten")
                .help(
                    "give the commands a crate of their own: `--xtask views` makes them `cargo views db-diff`; or call \
                     `viewkeeper_cli::main_with` in yours",
                ),
        );
    });
    planned.new_file(root, xtask.join("src/main.rs"), include_str!("../templates/xtask/src/main.rs"));
    planned.edited(root, MANIFEST, |text| manifest::with_members(text, &[dir, xtask]));
    planned.edited(root, CARGO_CONFIG, |text| manifest::with_alias(text, &options.xtask));
    planned
}

impl Planned {
    /// A file that is kept where it is there.
    fn new_file(&mut self, root: &Utf8Path, path: Utf8PathBuf, text: &str) {
        if files::exists(&root.join(&path)) {
            self.kept.push(path);
        } else {
            self.written.insert(path, text.to_owned());
        }
    }

    /// The manifest of a crate: one that is there has to depend on what it is for.
    fn crate_file(
        &mut self,
        root: &Utf8Path,
        folder: &Utf8Path,
        needs: &str,
        text: &str,
        refuse: impl FnOnce(&mut Self),
    ) {
        let path = folder.join(MANIFEST);
        match files::read_optional(&root.join(&path)) {
            Ok(Some(there)) if !manifest::depends_on(&there, needs) => refuse(self),
            Ok(_) => self.new_file(root, path, text),
            Err(error) => self.problems.push(Diagnostic::error(format!("cannot read `{path}`: {error}"))),
        }
    }

    /// A file of settings with something added, its own text left as it is.
    fn edited(&mut self, root: &Utf8Path, path: &str, edit: impl FnOnce(&str) -> Result<String, Diagnostic>) {
        let edited = files::read_optional(&root.join(path))
            .map_err(|error| Diagnostic::error(format!("cannot read `{path}`: {error}")))
            .and_then(|there| {
                let there = there.unwrap_or_default();
                Ok(Some(edit(&there)?).filter(|text| *text != there))
            });
        match edited {
            Ok(Some(text)) => _ = self.written.insert(path.into(), text),
            Ok(None) => self.kept.push(path.into()),
            Err(problem) => self.problems.push(problem),
        }
    }
}
