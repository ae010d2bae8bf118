//! `migrate`, `rollback` and `status`: the runtime's own functions, with the project's files.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use viewkeeper::{
    ByHand, DataLoss, Drifted, Migrations, Mode, Options, Origin, Progress, Report, RollbackSource, RollbackTo, State,
    Status, Step, Unfinished,
};
use viewkeeper_engine::project::Project;

use crate::arguments::{Arguments, Format, Migrate, Rollback};
use crate::context;
use crate::database::connect;
use crate::github::{Level, annotate};
use crate::output::{Outcome, print_error, print_json, print_problems, print_runtime_error, print_warning, shown};

pub(crate) fn migrate(arguments: &Arguments, options: &Migrate) -> Outcome {
    with_database(arguments, |project, migrations, client| {
        let progress = ProgressLines::new(arguments.format);
        let mut chosen = chosen(project).mode(mode(options.dry_run)).on_progress(|event| progress.show(event));
        if let Some(version) = options.to {
            if !project.migrations.iter().any(|migration| migration.id.version == i64::from(version)) {
                print_error(&format!("there is no migration with the number {version}"), None);
                return Ok(Outcome::Failed);
            }
            chosen = chosen.target(version);
        }
        let (report, words) = match options.record {
            true => (migrations.record_applied(client, chosen)?, ["recorded", "would record"]),
            false => (migrations.migrate(client, chosen)?, ["applied", "would apply"]),
        };
        progress.finish();
        print_report(arguments.format, &report, options.dry_run, words);
        report.steps.iter().for_each(|step| warn_of_changes_by_hand(arguments.format, step));
        Ok(Outcome::Fine)
    })
}

pub(crate) fn rollback(arguments: &Arguments, options: &Rollback) -> Outcome {
    with_database(arguments, |project, migrations, client| {
        let to = match (options.to, options.steps) {
            (Some(version), _) => RollbackTo::Version(version),
            (None, steps) => RollbackTo::Steps(steps.unwrap_or(1)),
        };
        let progress = ProgressLines::new(arguments.format);
        let chosen = going_back(chosen(project), options).on_progress(|event| progress.show(event));
        let report = migrations.rollback(client, to, chosen)?;
        progress.finish();
        print_report(arguments.format, &report, options.dry_run, ["rolled back", "would roll back"]);
        Ok(Outcome::Fine)
    })
}

/// What a rollback may do.
pub(crate) fn going_back<'a>(chosen: Options<'a>, options: &Rollback) -> Options<'a> {
    let data_loss = if options.allow_data_loss { DataLoss::Allow } else { DataLoss::Refuse };
    let drifted = if options.overwrite_drift { Drifted::Overwrite } else { Drifted::Refuse };
    let unfinished = if options.unfinished { Unfinished::RollBack } else { Unfinished::Refuse };
    chosen.unfinished(unfinished).mode(mode(options.dry_run)).data_loss(data_loss).drifted(drifted)
}

pub(crate) fn status(arguments: &Arguments) -> Outcome {
    with_database(arguments, |project, migrations, client| {
        let status = migrations.status(client, &chosen(project))?;
        match arguments.format {
            Format::Text | Format::Github => print_status(&status),
            Format::Json => print_json(&StatusReport::of(&status)),
        }
        Ok(if status.is_current() { Outcome::Fine } else { Outcome::Found })
    })
}

/// Reads the project and connects. What is wrong with definitions does not matter for applying migrations.
pub(crate) fn with_database(
    arguments: &Arguments,
    work: impl FnOnce(&Project, &Migrations, &mut viewkeeper::postgres::Client) -> Result<Outcome, viewkeeper::Error>,
) -> Outcome {
    let (project, problems) = context::project(arguments);
    print_problems(&problems);
    if problems.has_errors() {
        return Outcome::Failed;
    }
    let migrations = embedded(&project);
    let mut client = match connect(arguments) {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    work(&project, &migrations, &mut client).unwrap_or_else(|error| {
        print_runtime_error(&error);
        Outcome::Failed
    })
}

/// The project's files as the runtime takes them, with the line endings that a build script embeds: refinery's checksum
/// covers every byte, and must not depend on how a file was checked out.
pub(crate) fn embedded(project: &Project) -> Migrations {
    let pairs = |files: &[viewkeeper_engine::migration::MigrationFile]| {
        files.iter().map(|file| (file.source.path.to_string(), file.source.text.replace("\r\n", "\n"))).collect()
    };
    Migrations::read(pairs(&project.migrations), pairs(&project.rollbacks))
}

pub(crate) fn chosen(project: &Project) -> Options<'static> {
    Options::new().search_path(project.settings.search_path.clone())
}

pub(crate) fn mode(dry_run: bool) -> Mode {
    if dry_run { Mode::DryRun } else { Mode::Apply }
}

/// A bar while somebody waits at a terminal; nothing elsewhere, where the report says it all.
pub(crate) struct ProgressLines(Mutex<Option<ProgressBar>>);

impl ProgressLines {
    pub(crate) fn new(format: Format) -> Self {
        let shown = stderr().is_terminal() && format == Format::Text;
        Self(Mutex::new(shown.then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{spinner} [{pos}/{len}] {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        })))
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn show(&self, event: &Progress<'_>) {
        let bar = self.bar();
        let Some(bar) = bar.as_ref() else { return };
        match event {
            Progress::Waiting => bar.set_message("waiting for another migrator"),
            Progress::Started { file, number, total } => {
                bar.set_length(*total as u64);
                bar.set_position(*number as u64);
                bar.set_message(shown(file).into_owned());
            }
            Progress::Statement { file, number, total } => {
                bar.set_message(format!("{}, statement {number} of {total}", shown(file)))
            }
            Progress::Retrying { file, attempt, after } => {
                bar.set_message(format!("{}: locked by somebody else, attempt {attempt} in {after:.1?}", shown(file)));
            }
            _ => {}
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }
}

/// Says what a migration met that somebody had changed by hand: nobody else will know of it any more.
fn warn_of_changes_by_hand(format: Format, step: &Step) {
    for one in &step.by_hand {
        let message = format!("`{}` met what was changed by hand: {one}", step.id);
        let was = one
            .undone
            .iter()
            .filter(|(aspect, text)| ["definition", "created"].contains(&aspect.as_str()) && !text.is_empty());
        let was: Vec<String> = was.map(|(_, text)| format!("it was, by hand:\n{text}")).collect();
        let help = match was.is_empty() {
            true => "`drift` shows such changes before a migration".to_owned(),
            false => was.concat(),
        };
        print_warning(&message, &help);
        if format == Format::Github {
            annotate(Level::Warning, None, "changed by hand", &format!("{message}\n{help}"));
        }
    }
}

#[derive(Serialize)]
struct ReportReport<'a> {
    dry_run: bool,
    steps: Vec<StepReport<'a>>,
    version: Option<i32>,
}

#[derive(Serialize)]
struct StepReport<'a> {
    version: i32,
    migration: &'a str,
    milliseconds: u128,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by_hand: Vec<ByHandReport<'a>>,
}

#[derive(Serialize)]
struct ByHandReport<'a> {
    object: &'a str,
    undone: BTreeMap<&'a str, &'a str>,
    kept: &'a [String],
    gone: bool,
}

fn by_hand(one: &ByHand) -> ByHandReport<'_> {
    let undone = one.undone.iter().map(|(aspect, text)| (aspect.as_str(), text.as_str())).collect();
    ByHandReport { object: &one.object, undone, kept: &one.kept, gone: one.gone }
}

fn print_report(format: Format, report: &Report, dry_run: bool, [done, would]: [&str; 2]) {
    if format == Format::Json {
        let steps = report.steps.iter().map(|step| StepReport {
            version: step.version,
            migration: &step.id,
            milliseconds: step.duration.as_millis(),
            by_hand: step.by_hand.iter().map(by_hand).collect(),
        });
        print_json(&ReportReport { dry_run, steps: steps.collect(), version: report.version });
        return;
    }
    for step in &report.steps {
        if dry_run {
            println!("-- {would} {}\n{}", step.id, step.sql);
        } else {
            println!("{done} {} ({:.0?})", step.id, step.duration);
        }
    }
    let version = report.version.map_or("no migration".to_owned(), |version| format!("version {version}"));
    if report.steps.is_empty() {
        println!("nothing to do: the database is at {version}");
    } else if !dry_run {
        println!("the database is at {version}");
    }
}

#[derive(Serialize)]
struct StatusReport<'a> {
    history: &'static str,
    current: bool,
    migrations: Vec<MigrationReport<'a>>,
}

#[derive(Serialize)]
struct MigrationReport<'a> {
    version: i32,
    migration: &'a str,
    state: &'static str,
    applied_on: Option<&'a str>,
    rollback: Option<&'static str>,
}

impl<'a> StatusReport<'a> {
    fn of(status: &'a Status) -> Self {
        let migrations = status.migrations.iter().map(|migration| MigrationReport {
            version: migration.version,
            migration: &migration.id,
            state: state_word(migration.state),
            applied_on: migration.applied_on.as_deref(),
            rollback: rollback_word(migration.rollback),
        });
        Self { history: origin_word(status.origin), current: status.is_current(), migrations: migrations.collect() }
    }
}

fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::None => "none",
        Origin::Refinery => "refinery",
        Origin::Viewkeeper => "viewkeeper",
    }
}

pub(crate) fn state_word(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::Interrupted(_) => "interrupted",
        State::Diverged => "diverged",
        State::Missing => "missing",
        State::OutOfOrder => "out of order",
    }
}

fn rollback_word(source: RollbackSource) -> Option<&'static str> {
    match source {
        RollbackSource::None => None,
        RollbackSource::File => Some("file"),
        RollbackSource::Database => Some("database"),
    }
}

fn print_status(status: &Status) {
    match status.origin {
        Origin::None => println!("the database has no migration history yet"),
        Origin::Refinery => println!("the history was written by plain refinery; the next migration takes it over"),
        Origin::Viewkeeper => {}
    }
    let width = status.migrations.iter().map(|migration| migration.id.chars().count()).max().unwrap_or(0);
    for migration in &status.migrations {
        let when = migration.applied_on.as_deref().unwrap_or("");
        let back = rollback_word(migration.rollback)
            .map_or_else(|| "no rollback".to_owned(), |from| format!("rollback in the {from}"));
        let line = format!("{:width$}  {:12}  {back:24}  {when}", migration.id, state_word(migration.state));
        println!("{}", line.trim_end());
    }
    let explain = |state: State, words: &str| {
        if status
            .migrations
            .iter()
            .any(|migration| std::mem::discriminant(&migration.state) == std::mem::discriminant(&state))
        {
            println!("{words}");
        }
    };
    explain(State::Pending, "pending: run `cargo xtask migrate` to apply");
    explain(
        State::Diverged,
        "diverged: the file was edited after it was applied; restore it, and put the change into a new migration",
    );
    explain(
        State::Missing,
        "missing: applied, but no file has it; restore the file, or roll back with `cargo xtask rollback`",
    );
    explain(State::OutOfOrder, "out of order: later migrations were applied already; give it the next free number");
    explain(
        State::Interrupted(0),
        "interrupted: a migration or rollback without a transaction stopped in the middle; run it again to finish it, or go back \
         with `cargo xtask rollback --unfinished`",
    );
    if status.is_current() {
        println!("current: everything is applied");
    }
}
