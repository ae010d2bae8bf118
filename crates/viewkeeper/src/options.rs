//! What a caller chooses for migrating, rolling back and asking for the status, and what is told meanwhile. Plain data.

use std::fmt;
use std::time::Duration;

use crate::relation::quote_identifier;

/// How to migrate, roll back or ask for the status. [`Options::new`] is right for most programs.
pub struct Options<'a> {
    pub(crate) schema: String,
    pub(crate) search_path: Vec<String>,
    /// The schemas whose objects are recorded and compared; without, all.
    pub(crate) recorded: Option<Vec<String>>,
    pub(crate) target: Option<i32>,
    pub(crate) mode: Mode,
    pub(crate) newer: Newer,
    pub(crate) data_loss: DataLoss,
    pub(crate) drifted: Drifted,
    pub(crate) unfinished: Unfinished,
    pub(crate) lock_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) wait: Duration,
    pub(crate) progress: Option<ProgressCallback<'a>>,
}

type ProgressCallback<'a> = Box<dyn FnMut(&Progress<'_>) + Send + 'a>;

/// Whether something is done or only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Done.
    #[default]
    Apply,
    /// Told in the report; nothing is written, not even a table.
    DryRun,
}

/// What to think of a database that has more migrations than the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Newer {
    /// An error, as in refinery.
    #[default]
    Refuse,
    /// A newer release migrated it and this one may go on: for instances that restart while a release is rolled out.
    Accept,
}

/// Whether a rollback may run that says that it loses data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataLoss {
    /// It is refused.
    #[default]
    Refuse,
    /// It may run.
    Allow,
}

/// What to do with a migration that runs statement by statement and stopped in the middle, when it is to be rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unfinished {
    /// It is refused: rollbacks are written for whole migrations.
    #[default]
    Refuse,
    /// Its rollback is run, since somebody looked whether it bears that the end of the migration is missing.
    RollBack,
}

/// Whether a rollback may undo what somebody changed by hand since its migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drifted {
    /// It is refused, and the objects are named.
    #[default]
    Refuse,
    /// It may.
    Overwrite,
}

/// What happens while migrations are applied or rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another migrator is at work on this database and schema.
    Waiting,
    /// A migration begins, or the refresh of a materialized view (then its name stands for the file).
    Started {
        /// Its file.
        file: &'a str,
        /// From 1.
        number: usize,
        /// How many there are to do.
        total: usize,
    },
    /// A statement of it begins.
    Statement {
        /// Its file.
        file: &'a str,
        /// From 1.
        number: usize,
        /// How many it has.
        total: usize,
    },
    /// A lock was not got in time; everything was undone, and it will be tried again.
    Retrying {
        /// Its file.
        file: &'a str,
        /// From 1.
        attempt: u32,
        /// When.
        after: Duration,
    },
    /// It is committed.
    Finished {
        /// Its file.
        file: &'a str,
        /// How long it took, with all waiting.
        duration: Duration,
    },
}

impl Options<'_> {
    /// History in the schema `public`, search path `public`, all migrations, locks waited for half a second at a time
    /// with 20 retries, other migrators for 10 minutes.
    pub fn new() -> Self {
        Self {
            schema: "public".to_owned(),
            search_path: vec!["public".to_owned()],
            recorded: None,
            target: None,
            mode: Mode::Apply,
            newer: Newer::Refuse,
            data_loss: DataLoss::Refuse,
            drifted: Drifted::Refuse,
            unfinished: Unfinished::Refuse,
            lock_timeout: Duration::from_millis(500),
            retries: 20,
            wait: Duration::from_secs(600),
            progress: None,
        }
    }

    /// The schema that holds the history, and the search path with it. Plain refinery looks for its table along the
    /// connection's search path, so name the first schema there.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self.search_path = vec![self.schema.clone()];
        self
    }

    /// One of many schemas with the same objects: as [`schema`](Self::schema), and only this schema's objects are recorded
    /// and compared, since others have histories of their own.
    pub fn tenant(self, schema: impl Into<String>) -> Self {
        let mut options = self.schema(schema);
        options.recorded = Some(vec![options.schema.clone()]);
        options
    }

    /// Where unqualified names in migrations are looked up: the same list as in `viewkeeper.toml`. It is set in every
    /// transaction, so that a role's or database's own setting does not decide what a migration means.
    pub fn search_path(mut self, schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.search_path = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// Apply migrations up to this version only.
    pub fn target(mut self, version: i32) -> Self {
        self.target = Some(version);
        self
    }

    /// Do it, or only tell it.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// What to think of a database that has more migrations than the program knows.
    pub fn newer(mut self, newer: Newer) -> Self {
        self.newer = newer;
        self
    }

    /// Whether a rollback may run that says that it loses data.
    pub fn data_loss(mut self, data_loss: DataLoss) -> Self {
        self.data_loss = data_loss;
        self
    }

    /// Whether a rollback may undo what somebody changed by hand since its migration.
    pub fn drifted(mut self, drifted: Drifted) -> Self {
        self.drifted = drifted;
        self
    }

    /// What a rollback does with a migration that stopped in the middle.
    pub fn unfinished(mut self, unfinished: Unfinished) -> Self {
        self.unfinished = unfinished;
        self
    }

    /// How long a statement waits for a lock before all is undone and tried again later. Readers that come in the
    /// meantime queue behind the waiting statement: this bounds how long.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// How often a migration is tried again that did not get its locks.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// How long to wait for another migrator to finish.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

impl<'a> Options<'a> {
    /// Is called while migrations run.
    pub fn on_progress<'b>(self, callback: impl FnMut(&Progress<'_>) + Send + 'b) -> Options<'b>
    where
        'a: 'b,
    {
        Options { progress: Some(Box::new(callback)), ..self }
    }

    pub(crate) fn report(&mut self, progress: Progress<'_>) {
        if let Some(callback) = &mut self.progress {
            callback(&progress);
        }
    }

    /// As the setting's value.
    pub(crate) fn search_path_setting(&self) -> String {
        let mut schemas: Vec<String> = self.search_path.iter().map(|schema| quote_identifier(schema)).collect();
        // Where it is not named it comes first: through a pooler, with another client's temporary tables in it.
        if !self.search_path.iter().any(|schema| schema == "pg_temp") {
            schemas.push("pg_temp".to_owned());
        }
        schemas.join(", ")
    }

    pub(crate) fn lock_timeout_setting(&self) -> String {
        // 0 would mean to wait for ever.
        format!("{}ms", self.lock_timeout.as_millis().clamp(1, 86_400_000))
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("schema", &self.schema)
            .field("search_path", &self.search_path)
            .field("recorded", &self.recorded)
            .field("target", &self.target)
            .field("mode", &self.mode)
            .field("newer", &self.newer)
            .field("data_loss", &self.data_loss)
            .field("drifted", &self.drifted)
            .field("lock_timeout", &self.lock_timeout)
            .field("retries", &self.retries)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}
