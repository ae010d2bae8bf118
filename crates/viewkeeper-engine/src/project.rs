//! A database folder, read: definitions, migrations, rollbacks, captured extensions, settings; and the two states they lead to.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::config::{self, Settings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::extension;
use crate::files;
use crate::migration::{MigrationFile, MigrationId};
use crate::source::{SourceFile, Span};

/// The folder of definitions that every project has.
pub const VIEWS: &str = "views";
/// The folders of definitions. Their names are for people: any definition may stand in any of them.
pub const DEFINITIONS: [&str; 14] = [
    "schemas",
    "extensions",
    "types",
    "sequences",
    "functions",
    "procedures",
    "aggregates",
    VIEWS,
    "triggers",
    "rules",
    "policies",
    "statistics",
    "event_triggers",
    "grants",
];
/// The folder of migrations.
pub const MIGRATIONS: &str = "migrations";
/// The folder of rollbacks; never inside [`MIGRATIONS`], where refinery would run them.
pub const ROLLBACKS: &str = "rollbacks";

/// A database folder, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Where it is.
    pub dir: Utf8PathBuf,
    /// How its path is shown in messages and generated text.
    pub shown_as: Utf8PathBuf,
    /// Its `viewkeeper.toml`.
    pub settings: Settings,
    /// `*.sql` files of the [`DEFINITIONS`] folders, at all depths, by folder and path.
    pub definitions: Vec<Arc<SourceFile>>,
    /// `migrations/V*.sql`, by number.
    pub migrations: Vec<MigrationFile>,
    /// Migrations whose number another of [`Self::migrations`] has.
    pub clashing: Vec<MigrationFile>,
    /// `rollbacks/V*.sql`, by number.
    pub rollbacks: Vec<MigrationFile>,
}

impl Project {
    /// Reads a database folder. `shown_as` is the path that messages show for it.
    ///
    /// What cannot be read is left out and said in the diagnostics, all of it at once.
    pub fn load(dir: &Utf8Path, shown_as: &Utf8Path) -> (Self, Diagnostics) {
        let mut problems = Diagnostics::default();
        if !files::is_folder(dir) {
            problems.push(
                Diagnostic::error(format!("there is no database folder `{shown_as}`"))
                    .note("viewkeeper reads view definitions and migrations from it")
                    .help(
                        "name another folder with `--dir`, or make one with `views/`, `migrations/` and `rollbacks/`",
                    ),
            );
        }
        let mut settings = settings(dir, shown_as, &mut problems);
        let mut read = |folder: &str| read_folder(dir, shown_as, folder, "sql", &mut problems);
        let definitions = DEFINITIONS.into_iter().flat_map(&mut read).collect();
        let (migrations, rollbacks) = (read(MIGRATIONS), read(ROLLBACKS));
        for file in read_folder(dir, shown_as, extension::FOLDER, extension::ENDING, &mut problems) {
            let name = file.path.file_stem().unwrap_or_default().to_owned();
            settings.extensions.insert(name, file);
        }
        let (migrations, clashing) = numbered(migration_files(migrations, &mut problems));
        for file in &clashing {
            let other = migrations.iter().find(|other| other.id.version == file.id.version);
            problems.push(clash(file, other));
        }
        let project = Self {
            dir: dir.to_owned(),
            shown_as: shown_as.to_owned(),
            settings,
            definitions,
            migrations,
            clashing,
            rollbacks: migration_files(rollbacks, &mut problems),
        };
        for rollback in &project.rollbacks {
            if !project.migrations.iter().chain(&project.clashing).any(|migration| migration.id == rollback.id) {
                problems.push(
                    Diagnostic::warning(format!("`{}` is the way back of no migration", rollback.source.path))
                        .help(format!("rename it after its migration in `{MIGRATIONS}/`, or delete it")),
                );
            }
        }
        (project, problems)
    }

    /// The highest number of a migration, if there is one.
    pub fn last_version(&self) -> Option<i64> {
        self.migrations.last().map(|migration| migration.id.version)
    }

    /// The rollback of a migration.
    pub fn rollback_of(&self, id: &MigrationId) -> Option<&MigrationFile> {
        self.rollbacks.iter().find(|rollback| rollback.id == *id)
    }
}

/// The settings of a database folder; the defaults where it has no file of them.
pub fn settings(dir: &Utf8Path, shown_as: &Utf8Path, problems: &mut Diagnostics) -> Settings {
    match files::read_optional(&dir.join(config::FILE_NAME)) {
        Ok(None) => Settings::default(),
        Ok(Some(text)) => {
            config::parse(&SourceFile::new(shown_as.join(config::FILE_NAME), text)).unwrap_or_else(|problem| {
                problems.push(problem);
                Settings::default()
            })
        }
        Err(error) => {
            problems.push(Diagnostic::error(format!("cannot read `{}`: {error}", shown_as.join(config::FILE_NAME))));
            Settings::default()
        }
    }
}

fn read_folder(
    dir: &Utf8Path,
    shown_as: &Utf8Path,
    folder: &str,
    ending: &str,
    problems: &mut Diagnostics,
) -> Vec<Arc<SourceFile>> {
    let read = match files::read_files(&dir.join(folder), ending) {
        Ok(read) => read,
        Err(error) => {
            problems.push(Diagnostic::error(format!("cannot read the folder `{}`: {error}", shown_as.join(folder))));
            return Vec::new();
        }
    };
    let mut sources = Vec::new();
    for file in read {
        let path = shown_as.join(folder).join(&file.path);
        match file.bytes {
            Err(error) => problems.push(Diagnostic::error(format!("cannot read `{path}`: {error}"))),
            Ok(bytes) => match String::from_utf8(bytes) {
                // A byte order mark in a definition is harmless; in a migration it belongs to refinery's checksum.
                Ok(text) if DEFINITIONS.contains(&folder) => {
                    sources.push(SourceFile::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text)));
                }
                Ok(text) => sources.push(SourceFile::new(path, text)),
                Err(error) => {
                    let valid = error.utf8_error().valid_up_to();
                    let source = SourceFile::new(path, String::from_utf8_lossy(error.as_bytes()));
                    problems.push(
                        Diagnostic::error("the file is not UTF-8")
                            .at(&source, Span::new(valid, valid + '\u{fffd}'.len_utf8()))
                            .note("PostgreSQL would read other letters than its author wrote")
                            .help("save it as UTF-8"),
                    );
                }
            },
        }
    }
    sources
}

/// Files in the order of their numbers and names; wrong names are problems.
fn migration_files(sources: Vec<Arc<SourceFile>>, problems: &mut Diagnostics) -> Vec<MigrationFile> {
    let mut files = Vec::new();
    for source in sources {
        match MigrationId::from_file_name(&source) {
            Err(problem) => problems.push(problem),
            Ok(id) => files.push(MigrationFile { id, source }),
        }
    }
    files.sort_by(|a, b| a.id.cmp(&b.id));
    files
}

/// The first file of each number, and the others.
pub(crate) fn numbered(files: Vec<MigrationFile>) -> (Vec<MigrationFile>, Vec<MigrationFile>) {
    let (mut first, mut others): (Vec<MigrationFile>, Vec<MigrationFile>) = Default::default();
    for file in files {
        let is_taken = first.last().is_some_and(|last| last.id.version == file.id.version);
        if is_taken { others.push(file) } else { first.push(file) }
    }
    (first, others)
}

fn clash(file: &MigrationFile, other: Option<&MigrationFile>) -> Diagnostic {
    let other = other.unwrap_or(file);
    Diagnostic::error(format!(
        "`{}` and `{}` have the same number {}",
        other.source.path, file.source.path, file.id.version
    ))
    .note("refinery runs each number once: one of the two would never be applied")
    .help(format!(
        "`cargo xtask renumber {}` gives it the next free number, and its rollback too; take `{}` instead where a \
         database has applied this one",
        file.id, other.id
    ))
}
