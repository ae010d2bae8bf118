//! A case: a folder of SQL files under `tests/cases/<kind>/<sentence>`, read and planned. What is expected of it is in
//! `cases.rs` (text) and `laws.rs` (real servers).
//!
//! * `setup.sql`: tables and the like, a hand-written migration (the roles `vk_reader` and `vk_writer` are there);
//! * `old.sql`: the definitions before; empty or absent where there were none;
//! * `later.sql`: a hand-written migration on what the old definitions made;
//! * `between.sql`: the same, of tables alone: what is built from nothing has it too;
//! * `wrapped.sql`: a pending migration of tables, which `db-diff --wrap` wraps together with the new definitions;
//! * `new.sql`: the definitions after;
//! * `by_hand.sql`: what somebody did to the old database outside the migrations;
//! * `later_renamed.sql`, `by_hand_renamed.sql`: the same under the new names, where what they speak of is renamed;
//! * `search_path`: the project's search path, where it is not the usual one;
//! * `min_server`: the first major version of the server that knows what the case uses; absent where all do.

use std::path::{Path, PathBuf};

use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::proposal::{Proposal, propose, propose_all};
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::{States, states};
use viewkeeper_engine::wrap::wrap;

/// The roles that cases name are made before anything else: they belong to the server, not to a database.
const ROLES: &str = include_str!("../cases/roles.sql");

/// A case, read.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) setup: String,
    pub(crate) old: Option<String>,
    pub(crate) between: Option<String>,
    pub(crate) wrapped: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) later: Option<String>,
    pub(crate) by_hand: Option<String>,
    /// What is done to the database that is built from nothing in place of the two.
    pub(crate) renamed: (Option<String>, Option<String>),
    search_path: Option<Vec<String>>,
    min_server: Option<u32>,
}

/// What a case leads to.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The migration that makes the old definitions, if there are any.
    pub(crate) first: Option<Proposal>,
    /// The change: one migration, or one after the other where values of enums must be committed first.
    pub(crate) changes: Vec<Proposal>,
    /// The migration that makes the new definitions from nothing.
    pub(crate) from_nothing: Option<Proposal>,
    /// The states before the change is written.
    pub(crate) states: States,
    /// The new definitions, with all migrations that lead to them.
    pub(crate) project: Project,
}

/// All case folders, in order of their names; while one is written, only those whose names hold `VIEWKEEPER_TEST_CASES`.
pub(crate) fn all() -> Vec<Case> {
    let wanted = std::env::var("VIEWKEEPER_TEST_CASES").unwrap_or_default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases = Vec::new();
    for kind in folders(&root) {
        cases.extend(folders(&kind).into_iter().map(Case::read));
    }
    cases.retain(|case| case.name().contains(&wanted));
    assert!(!cases.is_empty(), "no case under {}", root.display());
    cases
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let files = ["setup.sql", "old.sql", "between.sql", "wrapped.sql", "new.sql", "later.sql", "by_hand.sql"];
        let names_roles = files.into_iter().filter_map(text).any(|text| text.contains("vk_"));
        Self {
            setup: format!("{}{}", if names_roles { ROLES } else { "" }, text("setup.sql").unwrap_or_default()),
            old: text("old.sql"),
            between: text("between.sql"),
            wrapped: text("wrapped.sql"),
            new: text("new.sql"),
            later: text("later.sql"),
            by_hand: text("by_hand.sql"),
            renamed: (text("later_renamed.sql"), text("by_hand_renamed.sql")),
            search_path: text("search_path")
                .map(|path| path.split(',').map(|schema| schema.trim().to_owned()).collect()),
            min_server: text("min_server").map(|major| major.trim().parse().expect("a major version")),
            folder,
        }
    }

    /// A case that stands in a test: tables and the like, definitions before and after.
    pub(crate) fn written(setup: &str, old: &str, new: &str) -> Self {
        Self {
            folder: PathBuf::new(),
            setup: setup.to_owned(),
            old: Some(old.to_owned()),
            between: None,
            wrapped: None,
            new: Some(new.to_owned()),
            later: None,
            by_hand: None,
            renamed: (None, None),
            search_path: None,
            min_server: None,
        }
    }

    /// `view/a_changed_literal_is_replaced_in_place`
    pub(crate) fn name(&self) -> String {
        let part = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{}/{}", part(self.folder.parent().unwrap_or(&self.folder)), part(&self.folder))
    }

    /// Whether a server of a major version knows what the case uses.
    pub(crate) fn is_for(&self, major: u32) -> bool {
        self.min_server.is_none_or(|first| first <= major)
    }

    /// Plans the old definitions, then the change to the new ones, as a person with `db-diff` would.
    pub(crate) fn plan(&self) -> Result<Planned, Diagnostics> {
        on_deep_stack(|| {
            let mut project = self.project(self.old.as_deref());
            let first = proposed(&project)?.1;
            if let Some(first) = &first {
                project.migrations.push(file(first, "migrations", &first.migration));
            }
            if let Some(later) = &self.later {
                let id = MigrationId::new(project.last_version().unwrap_or(0) + 1, "later");
                let source = SourceFile::new(format!("db/migrations/{id}.sql"), later.as_str());
                project.migrations.push(MigrationFile { id, source });
            }
            project.definitions = definitions(self.new.as_deref());
            project.migrations.extend(self.written_between(project.last_version()));
            let (states, changes) = match self.to_wrap(project.last_version()) {
                None => {
                    let states = sound(states(&project))?;
                    let version = project.last_version().unwrap_or(0) + 1;
                    let changes = propose_all(project.clone(), states.clone(), version, None)?;
                    let changes: Vec<_> = changes.into_iter().map(|proposed| proposed.proposal).collect();
                    project
                        .migrations
                        .extend(changes.iter().map(|change| file(change, "migrations", &change.migration)));
                    (states, changes)
                }
                Some(pending) => {
                    let name = pending.id.to_string();
                    project.migrations.push(pending);
                    let wrapped = wrap(&project, &name)?;
                    project.migrations.pop();
                    project.migrations.push(file(&wrapped, "migrations", &wrapped.migration));
                    // Wrapped once more, it stays as it is.
                    assert_eq!(wrap(&project, &name).map(|again| again.migration), Ok(wrapped.migration.clone()));
                    (states(&project), vec![wrapped])
                }
            };
            let mut from_nothing = self.project(self.new.as_deref());
            from_nothing.migrations.extend(self.written_between(from_nothing.last_version()));
            from_nothing.migrations.extend(self.to_wrap(from_nothing.last_version()));
            let from_nothing = proposed(&from_nothing)?.1;
            Ok(Planned { first, changes, from_nothing, states, project })
        })
    }

    /// The states that the old and the new definitions declare for a server version, each with the statements that make
    /// it from nothing. A state that is refused is left out.
    pub(crate) fn declared(&self, version: ServerVersion) -> Vec<(String, Catalog)> {
        on_deep_stack(|| {
            let texts = [&self.old, &self.new];
            let built = texts.into_iter().flatten().filter_map(|text| {
                let mut project = self.project(Some(text));
                let is_new = self.new.as_ref().is_some_and(|new| std::ptr::eq(new, text));
                let between = self.written_between(project.last_version()).filter(|_| is_new);
                // Files run one by one, so their last statement may lack its semicolon.
                let setup = format!("{}\n;\n{}", self.setup, between.as_ref().map_or("", |file| &file.source.text));
                project.migrations.extend(between);
                let wrapped = self.to_wrap(project.last_version()).filter(|_| is_new);
                let setup = format!("{setup}\n;\n{}", wrapped.as_ref().map_or("", |file| &file.source.text));
                project.migrations.extend(wrapped);
                project.settings.server_version = version;
                let (states, proposal) = proposed(&project).ok()?;
                Some((format!("{setup}\n;\n{}", proposal?.migration), states.declared))
            });
            built.collect()
        })
    }

    fn to_wrap(&self, last: Option<i64>) -> Option<MigrationFile> {
        let id = MigrationId::new(last.unwrap_or(0) + 1, "tables");
        let source = SourceFile::new(format!("db/migrations/{id}.sql"), self.wrapped.as_deref()?);
        Some(MigrationFile { id, source })
    }

    fn written_between(&self, last: Option<i64>) -> Option<MigrationFile> {
        let id = MigrationId::new(last.unwrap_or(0) + 1, "between");
        let source = SourceFile::new(format!("db/migrations/{id}.sql"), self.between.as_deref()?);
        Some(MigrationFile { id, source })
    }

    fn project(&self, definitions_text: Option<&str>) -> Project {
        let id = MigrationId::new(1, "setup");
        let source = SourceFile::new("db/migrations/V1__setup.sql", self.setup.as_str());
        let settings = Settings::default();
        let search_path = self.search_path.clone().unwrap_or_else(|| settings.search_path.clone());
        Project {
            clashing: Vec::new(),
            dir: "db".into(),
            shown_as: "db".into(),
            settings: Settings { search_path, ..settings },
            definitions: definitions(definitions_text),
            migrations: vec![MigrationFile { id, source }],
            rollbacks: Vec::new(),
        }
    }
}

fn definitions(text: Option<&str>) -> Vec<std::sync::Arc<SourceFile>> {
    text.map(|text| SourceFile::new("db/views/views.sql", text)).into_iter().collect()
}

fn file(proposal: &Proposal, folder: &str, text: &str) -> MigrationFile {
    let source = SourceFile::new(format!("db/{folder}/{}.sql", proposal.id), text);
    MigrationFile { id: proposal.id.clone(), source }
}

fn proposed(project: &Project) -> Result<(States, Option<Proposal>), Diagnostics> {
    let states = sound(states(project))?;
    let version = project.last_version().unwrap_or(0) + 1;
    let proposal = propose(project, &states.migrated, &states.declared, version, None)?;
    Ok((states, proposal))
}

fn sound(states: States) -> Result<States, Diagnostics> {
    if states.problems.has_errors() { Err(states.problems) } else { Ok(states) }
}
