//! The command line: every command, every flag. What they mean is in the commands' own files.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};
use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::hazard::HazardKind;

/// PostgreSQL views under version control.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 fine or nothing to do; 1 something was found (a pending change, drift, a failed \
                        check); 2 the command could not do its work."
)]
pub(crate) struct Arguments {
    /// The database folder, with `views`, `migrations` and `rollbacks` [default: the workspace's `db`]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) dir: Option<Utf8PathBuf>,

    /// The database to work on [default: the private local server]
    // `env` shows the variable's name only: its value may hold a password.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
    /// As text, and what is wrong as annotations that GitHub shows beside the lines of the files; for CI
    Github,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compares definitions with migrations, and writes the migration that is missing with its rollback
    ///
    /// No server is needed. The files are yours to review: what the migration does, why, and what it risks stands in
    /// its head.
    DbDiff(DbDiff),
    /// Says everything that CI should know, without a server
    ///
    /// Broken definitions and migrations, pending changes, numbers that two migrations have, rollbacks that do not lead
    /// back.
    Check(Check),
    /// Gives migrations the next free numbers, after branches were merged; no server is needed
    ///
    /// What viewkeeper wrote is written anew where it does not fit behind the migrations of the other branch. Name those that
    /// no database has applied yet.
    Renumber(Renumber),
    /// Shows the columns of relations: type, whether they can be null and why, where each value comes from
    Describe(Describe),
    /// Writes a catalogue to browse: a page for each relation, with its columns, where they come from and a lineage picture
    ///
    /// No server is needed. Open its `index.html`: it needs nothing but itself.
    Docs(Docs),
    /// Applies pending migrations
    ///
    /// Each commits together with its history row and its rollback. Any number of migrators may start at once.
    Migrate(Migrate),
    /// Goes back: runs the rollbacks of the last migrations, newest first
    Rollback(Rollback),
    /// Says which migrations are applied, pending, edited after they were applied, or missing
    Status(Status),
    /// Says what somebody changed by hand since the last migration; reads only, and waits for nobody
    ///
    /// The database is compared with the state that was recorded in it when it was migrated.
    Drift(Drift),
    /// Shows what differs between two or more databases: views, functions, tables, applied migrations; reads only
    ///
    /// What servers render (definitions, defaults) is compared between servers of the same major version only; columns,
    /// types, options, comments and privileges between all.
    Compare(Compare),
    /// Refreshes materialized views, each after those that it reads
    ///
    /// Readers go on reading the old rows where a unique index over all rows allows it (`CONCURRENTLY`), and wait
    /// elsewhere.
    Refresh(Refresh),
    /// Writes down what an extension brings, so that migrations that create it are understood without a server
    ///
    /// The extensions of PostgreSQL's contrib are known already. An extension that the database has is read there, and
    /// nothing is written to it; another one is created in a database of its own on the same server, which is dropped
    /// again. Review and commit `extensions/<name>.jsonl`.
    CaptureExtension(CaptureExtension),
    /// Makes the files of a database that exists: a definition for each view, and a baseline migration of everything else
    ///
    /// Needs `pg_dump` of the server's major version or a newer one. No file is overwritten, and the database is
    /// only read, unless it is told to record the baseline.
    Adopt(Adopt),
    /// Puts a database folder, these commands and a first view into an existing workspace; overwrites nothing
    ///
    /// The crate `db`, the crate `xtask` with its alias, and their lines in the workspace's `Cargo.toml`. With `--dir` the
    /// database folder has another place in the workspace.
    Init(Init),
    /// The private local server that is used when no database is named
    #[command(subcommand)]
    DevDb(DevDb),
}

#[derive(Debug, Args)]
pub(crate) struct CaptureExtension {
    /// Its name, as in `CREATE EXTENSION`
    pub(crate) name: String,
}

/// Many databases instead of one.
#[derive(Debug, Args)]
pub(crate) struct Fleet {
    /// All databases of a file: a connection URL a line, `#` before comments
    #[arg(long, value_name = "FILE", help_heading = "Many databases", group = "fleet")]
    pub(crate) databases_file: Option<Utf8PathBuf>,

    /// All databases that a query on the named database returns: names of databases on its server, or connection URLs
    #[arg(long, value_name = "SQL", help_heading = "Many databases", group = "fleet")]
    pub(crate) databases_query: Option<String>,

    /// All schemas of the named database whose names fit a pattern of `LIKE`; each has a history of its own
    #[arg(long, value_name = "PATTERN", help_heading = "Many databases", group = "fleet")]
    pub(crate) schemas: Option<String>,

    /// How many at a time
    #[arg(long, value_name = "COUNT", help_heading = "Many databases", default_value_t = 4, requires = "fleet")]
    #[arg(value_parser = jobs)]
    pub(crate) jobs: usize,

    /// How many are migrated or rolled back first, one after the other; when one of them fails, no other is touched
    #[arg(long, value_name = "COUNT", help_heading = "Many databases", default_value_t = 1, requires = "fleet")]
    pub(crate) canary: usize,

    /// Goes on with the others when one fails
    #[arg(long, help_heading = "Many databases", requires = "fleet")]
    pub(crate) keep_going: bool,
}

impl Fleet {
    /// Whether there is one.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.databases_file.is_some() || self.databases_query.is_some() || self.schemas.is_some()
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=1000) => Ok(jobs),
        _ => Err("a number from 1 to 1000".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) fleet: Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The last version to apply [default: all]
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<i32>,

    /// Prints what would be applied, and applies nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Records as applied, without running it, what was done here by hand already
    ///
    /// The rollbacks and then the migrations are tried out in a transaction that is undone: they have to lead to what is
    /// there.
    #[arg(long, conflicts_with = "fleet")]
    pub(crate) record: bool,

    #[command(flatten)]
    pub(crate) fleet: Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The version to go back to: it stays applied, everything after it goes
    #[arg(long, value_name = "VERSION", conflicts_with = "steps")]
    pub(crate) to: Option<i32>,

    /// How many migrations to go back [default: 1]; of many databases, some may have gone back already, so they take `--to`
    #[arg(long, value_name = "COUNT", conflicts_with = "fleet")]
    pub(crate) steps: Option<usize>,

    /// Prints what would be run, and runs nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Runs rollbacks that say that they lose data
    #[arg(long)]
    pub(crate) allow_data_loss: bool,

    /// Also undoes what somebody changed by hand since the migrations were applied
    #[arg(long)]
    pub(crate) overwrite_drift: bool,

    /// Runs the rollback of a migration that stopped in the middle, too: look first whether it bears that the end is missing
    #[arg(long)]
    pub(crate) unfinished: bool,

    #[command(flatten)]
    pub(crate) fleet: Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Drift {
    /// Writes the live definitions of what was changed or created outside into the definition files: of all objects, or of
    /// those named; what was dropped is taken out of the files where it is named
    #[arg(long, value_name = "OBJECT", num_args = 0.., conflicts_with = "fleet")]
    pub(crate) accept: Option<Vec<String>>,

    /// Records the live state anew: all of it when nothing differs, after a major upgrade of the server for example; or the
    /// objects named, as they are
    #[arg(long, value_name = "OBJECT", num_args = 0.., conflicts_with_all = ["fleet", "accept"])]
    pub(crate) record: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) fleet: Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Refresh {
    /// The materialized views, as `name` or `schema.name` [default: all that the migrations make]
    #[arg(value_name = "RELATION")]
    pub(crate) relations: Vec<String>,

    /// Only what is not populated, or below which something was written since the last such refresh
    ///
    /// Noted in a table beside the migration history. Changes of time alone (`now()`) and of what functions read
    /// are not seen.
    #[arg(long)]
    pub(crate) stale: bool,

    /// Prints what would be refreshed, and refreshes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DevDb {
    /// Starts it, where it does not run
    Start,
    /// Stops it; its data stay
    Stop,
    /// Prints its URL, and starts it where it does not run
    Url,
    /// Opens psql on it; what follows goes to psql
    Psql {
        /// Arguments for psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DbDiff {
    /// What the migration is called [default: after what changes]
    pub(crate) name: Option<String>,

    /// Writes nothing; exits with 1 when something is pending
    #[arg(long, conflicts_with_all = ["dry_run", "name"])]
    pub(crate) check: bool,

    /// Prints the migration and the rollback, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Proves the migration and its rollback on a throw-away database of the private server first
    #[arg(long)]
    pub(crate) verify: bool,

    /// Wraps a migration of tables that you wrote and no database has applied yet: what is in its way is dropped before it
    /// and made anew after it, as the definitions say; its rollback is written too
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "name", "verify"])]
    pub(crate) wrap: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// Records the baseline in the database as applied, without running it
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) record: bool,

    /// Prints what would be written, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The major version of the oldest PostgreSQL that the project runs on
    #[arg(long, value_name = "MAJOR", default_value = "18", value_parser = server_version)]
    pub(crate) server_version: ServerVersion,

    /// The crate and the cargo command that run viewkeeper's commands
    #[arg(long, value_name = "NAME", default_value = "xtask", value_parser = package_name)]
    pub(crate) xtask: String,

    /// Where viewkeeper's crates come from: a checkout's folder, or a repository's URL [default: the registry]
    #[arg(long, value_name = "FOLDER | URL")]
    pub(crate) from: Option<String>,

    /// Prints what would be written, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn server_version(text: &str) -> Result<ServerVersion, String> {
    let version = text.parse().ok().and_then(ServerVersion::from_major);
    version.ok_or_else(|| "the supported major versions are 14, 15, 16, 17 and 18".to_owned())
}

fn package_name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_name { Ok(text.to_owned()) } else { Err("a package's name: letters, digits, `-` and `_`".to_owned()) }
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The databases: URLs, `key=value` texts, names under `[environments]` in `viewkeeper.toml` (each names the
    /// variable that holds a URL), or services of libpq's service file
    #[arg(required = true, num_args = 2.., value_name = "DATABASE")]
    pub(crate) databases: Vec<String>,

    /// Leaves an aspect out: `owner`, `privileges`, `comment`, … (may be given several times)
    #[arg(long, value_name = "ASPECT")]
    pub(crate) ignore: Vec<String>,

    /// Lists the objects that are the same everywhere, too
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Fails when a pending change, or a migration after `--since`, has this hazard (may be given several times)
    #[arg(long, value_name = "HAZARD", value_parser = hazard)]
    pub(crate) deny: Vec<HazardKind>,

    /// Says what the migrations after this version risk, too: those that are written and not released yet
    #[arg(long, value_name = "VERSION")]
    pub(crate) since: Option<i64>,

    /// Asks the database (read-only) for nulls in columns that are not null by a person's word alone
    #[arg(long)]
    pub(crate) nulls: bool,

    /// How many seconds each of these questions may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "nulls")]
    pub(crate) timeout: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Renumber {
    /// The migrations, as `V3__add_users` or as paths of their files
    #[arg(required = true, value_name = "MIGRATION")]
    pub(crate) migrations: Vec<Utf8PathBuf>,

    /// Says what would be done, and does nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// The relation, as `name` or `schema.name` [default: all views and materialized views]
    pub(crate) relation: Option<String>,

    /// Lists everything that would break without this column, as `relation.column` or `schema.relation.column`
    #[arg(long, value_name = "COLUMN", conflicts_with = "relation")]
    pub(crate) column: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// Where it is written [default: `viewkeeper-docs` in the workspace's `target`]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<Utf8PathBuf>,
}

fn hazard(word: &str) -> Result<HazardKind, String> {
    HazardKind::from_word(word).ok_or_else(|| {
        let words: Vec<_> = HazardKind::ALL.iter().map(|kind| kind.word()).collect();
        format!("the hazards are {}", words.join(", "))
    })
}
