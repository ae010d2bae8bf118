//! The laws 1 to 4 over texts: definitions before and after, planned as `db-diff` does, applied to a server that holds the
//! old ones, and compared with one that holds nothing but the new ones.

use postgres::{Client, Transaction};
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::{Diagnostics, Style};
use viewkeeper_engine::diff::diff;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::proposal::{Proposal, propose};
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::wrap::wrap;
use viewkeeper_live::{ServerState, read_inside, report};

use super::compare::same;

/// What is wrong: a short name, the same for the same mistake, and all that is to be said.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) class: String,
    pub(super) detail: String,
}

impl Failure {
    fn with(mut self, text: &str) -> Self {
        self.detail += text;
        self
    }
}

pub(super) fn failure(class: impl Into<String>, detail: impl Into<String>) -> Failure {
    Failure { class: class.into(), detail: detail.into() }
}

/// What becomes of a change of tables.
pub(super) enum Wrapped {
    /// Nothing is in its way.
    Free,
    Around(Box<Proposal>),
    /// It needs two steps, as the message says: a value that is new in an enum is used.
    Refused,
}

/// The engine's side of a database: what its migrations lead to.
#[derive(Clone)]
pub(super) struct Engine {
    project: Project,
    pub(super) migrated: Catalog,
    version: i64,
}

impl Engine {
    pub(super) fn new(setup: &str, major: u32) -> Result<Self, Failure> {
        let settings =
            Settings { server_version: ServerVersion::from_major(major).expect("supported"), ..Settings::default() };
        let id = MigrationId::new(1, "setup");
        let source = SourceFile::new("db/migrations/V1__setup.sql", setup);
        let file = MigrationFile { id, source };
        let state = replay::migrated(std::slice::from_ref(&file), &settings);
        refuse("the engine refuses the setup", state.diagnostics)?;
        let project = Project {
            clashing: Vec::new(),
            dir: "db".into(),
            shown_as: "db".into(),
            settings,
            definitions: Vec::new(),
            migrations: vec![file],
            rollbacks: Vec::new(),
        };
        Ok(Self { project, migrated: state.catalog, version: 1 })
    }

    /// What `db-diff` would write for the definitions.
    pub(super) fn propose(&self, definitions: &str) -> Result<Option<Proposal>, Failure> {
        on_deep_stack(|| {
            let file = SourceFile::new("db/views/views.sql", definitions);
            let mut forgetful = self.migrated.clone();
            forgetful.forget_what_was_analysed();
            let whole = replay::declared(&forgetful, std::slice::from_ref(&file), &self.project.settings);
            let state = replay::declared(&self.migrated, &[file], &self.project.settings);
            refuse("the engine refuses the definitions", state.diagnostics)?;
            if state.catalog.relations != whole.catalog.relations {
                return Err(failure("what is taken over is not what an analysis gives", String::new()));
            }
            if !diff(&state.catalog, &state.catalog).is_empty() {
                return Err(failure("a state differs from itself", String::new()));
            }
            propose(&self.project, &self.migrated, &state.catalog, self.version + 1, None).map_err(|problems| {
                let class = problems.0.last().map(|problem| problem.message.clone()).unwrap_or_default();
                failure(format!("not planned: {}", words(&class)), problems.render(Style::Plain))
            })
        })
    }

    /// What `db-diff --wrap` would make of a change of tables together with the definitions.
    pub(super) fn wrap(&mut self, tables: &str, definitions: &str) -> Result<Wrapped, Failure> {
        let id = MigrationId::new(self.version + 1, "tables");
        self.project.definitions = vec![SourceFile::new("db/views/views.sql", definitions)];
        self.project.migrations.push(migration(&id, tables));
        let wrapped = on_deep_stack(|| wrap(&self.project, &id.to_string()));
        self.project.migrations.pop();
        self.project.definitions.clear();
        match wrapped {
            Ok(proposal) => Ok(Wrapped::Around(Box::new(proposal))),
            Err(problems) if problems.0.iter().any(|one| one.message.starts_with("nothing is in the way of")) => {
                Ok(Wrapped::Free)
            }
            Err(problems) if problems.0.iter().any(|one| one.message.contains("in the same step")) => {
                Ok(Wrapped::Refused)
            }
            Err(problems) => {
                let class = problems.0.last().map(|problem| problem.message.clone()).unwrap_or_default();
                Err(failure(format!("not wrapped: {}", words(&class)), problems.render(Style::Plain)))
            }
        }
    }

    /// Takes a migration for applied.
    pub(super) fn apply(&mut self, proposal: &Proposal) {
        self.written(&proposal.id, &proposal.migration);
    }

    /// Takes a change of tables for applied as it was written.
    pub(super) fn apply_tables(&mut self, tables: &str) {
        self.written(&MigrationId::new(self.version + 1, "tables"), tables);
    }

    fn written(&mut self, id: &MigrationId, text: &str) {
        self.version += 1;
        let file = migration(id, text);
        let files = std::slice::from_ref(&file);
        self.migrated = replay::replay(self.migrated.clone(), files, &self.project.settings).catalog;
        self.project.migrations.push(file);
    }
}

fn migration(id: &MigrationId, text: &str) -> MigrationFile {
    MigrationFile { id: id.clone(), source: SourceFile::new(format!("db/migrations/{id}.sql"), text) }
}

/// Whether a rollback leads back to all that was: one may say that there is no way, or leave values of an enum.
pub(super) fn leads_back(proposal: &Proposal) -> bool {
    !proposal.rollback.contains("RAISE EXCEPTION USING MESSAGE") && proposal.stays.is_empty()
}

fn refuse(class: &str, problems: Diagnostics) -> Result<(), Failure> {
    if !problems.has_errors() {
        return Ok(());
    }
    let first = problems.0.iter().find(|problem| problem.severity == viewkeeper_engine::diagnostic::Severity::Error);
    let message = first.map(|problem| problem.message.clone()).unwrap_or_default();
    Err(failure(format!("{class}: {}", words(&message)), problems.render(Style::Plain)))
}

/// A message without the names in it.
fn words(message: &str) -> String {
    let mut quoted = false;
    message
        .chars()
        .filter(|c| {
            quoted ^= *c == '`';
            !quoted && !c.is_ascii_digit()
        })
        .take(90)
        .collect()
}

/// Runs a text on a server.
pub(super) fn run(transaction: &mut Transaction<'_>, class: &str, sql: &str) -> Result<(), Failure> {
    transaction.batch_execute(sql).map_err(|error| {
        let code = error.as_db_error().map(|error| error.code().code().to_owned()).unwrap_or_default();
        failure(format!("the server refuses {class}: {code}"), format!("{}\n{sql}", report(&error.into())))
    })
}

/// As the next migration would: with nothing that the one before has set for itself.
const RESET: &str = "RESET search_path; RESET lock_timeout;";

pub(super) fn state(transaction: &mut Transaction<'_>) -> ServerState {
    let state = read_inside(transaction).unwrap_or_else(|error| panic!("{}", report(&error)));
    transaction.batch_execute(RESET).unwrap();
    state
}

/// The texts of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) setup: Vec<String>,
    pub(super) old: Vec<String>,
    /// A change of tables that is written by hand and pending when the definitions change.
    pub(super) tables: Option<String>,
    pub(super) new: Vec<String>,
    pub(super) by_hand: Vec<String>,
    /// What of it lasts over the change.
    pub(super) lasting: Vec<String>,
}

/// The laws over a change, in an empty database, which is left empty. `Ok(None)`: nothing is wrong; `Err`: the server does
/// not take the texts as they are.
pub(super) fn check(client: &mut Client, texts: &Texts, major: u32) -> Result<Option<Failure>, Failure> {
    let mut transaction = client.transaction().unwrap();
    run(&mut transaction, "the setup", &texts.setup.concat())?;
    let build = |transaction: &mut Transaction<'_>, definitions: &[String], by_hand: &[String]| {
        let mut inner = transaction.transaction().unwrap();
        run(&mut inner, "the definitions", &definitions.concat())?;
        run(&mut inner, "what is done by hand", &by_hand.concat())?;
        // A savepoint that is rolled back takes everything with it.
        Ok(state(&mut inner))
    };
    build(&mut transaction, &texts.old, &texts.by_hand)?;
    let mut new = texts.new.clone();
    new.splice(0..0, texts.tables.clone());
    let wanted = build(&mut transaction, &new, &texts.lasting)?;
    Ok(follow(&mut transaction, texts, &wanted, major).err())
}

fn follow(transaction: &mut Transaction<'_>, texts: &Texts, wanted: &ServerState, major: u32) -> Result<(), Failure> {
    let mut engine = Engine::new(&texts.setup.concat(), major)?;
    if let Some(first) = engine.propose(&texts.old.concat())? {
        run(transaction, "the first migration", &format!("{}{RESET}", first.migration))?;
        engine.apply(&first);
    }
    run(transaction, "what is done by hand", &texts.by_hand.concat())?;
    let mut before = state(transaction);
    let mut wrapped = None;
    if let Some(tables) = &texts.tables {
        match engine.wrap(tables, &texts.new.concat())? {
            Wrapped::Around(proposal) => wrapped = Some(*proposal),
            Wrapped::Refused => return Ok(()),
            Wrapped::Free => {
                run(transaction, "the change of tables", tables)?;
                engine.apply_tables(tables);
                before = state(transaction);
            }
        }
    }
    let mut next = match wrapped {
        Some(wrapped) => Some(wrapped),
        None => engine.propose(&texts.new.concat())?,
    };
    if texts.tables.is_none() && next != engine.propose(&texts.new.concat())? {
        return Err(failure("planned twice, there are two plans", String::new()));
    }
    if next.is_none() {
        return same("after the migration", wanted, &before).map_err(|mut failure| {
            failure.detail += "nothing is planned";
            failure
        });
    }
    while let Some(proposal) = next.take() {
        run(transaction, "the migration", &format!("{}{RESET}", proposal.migration))?;
        let after = state(transaction);
        let there = || proposal.migration.clone();
        if !proposal.is_first_part {
            same("after the migration", wanted, &after).map_err(|failure| failure.with(&there()))?;
        }
        if leads_back(&proposal) {
            let mut inner = transaction.transaction().unwrap();
            run(&mut inner, "the rollback", &format!("{}{RESET}", proposal.rollback))?;
            if texts.by_hand == texts.lasting {
                same("after the rollback", &before, &state(&mut inner))
                    .map_err(|failure| failure.with(&proposal.rollback))?;
            }
        }
        if proposal.is_first_part {
            engine.apply(&proposal);
            before = after;
            next = engine.propose(&texts.new.concat())?;
        }
    }
    Ok(())
}
