//! Many databases at once: `migrate`, `rollback`, `status` and `drift` over all of a list, with a few at a time, a canary first, and
//! a summary. What is done with each is the commands' own; which they are is told by `members`.

mod members;
mod report;

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use viewkeeper::postgres::Client;
use viewkeeper::{DriftReport, Error, Migrations, Options, Report, RollbackTo, State, Status};
use viewkeeper_engine::project::Project;

use crate::arguments::{Arguments, Fleet, Format, Migrate, Rollback};
use crate::context;
use crate::drift::Annotation;
use crate::migrate::{chosen, embedded, going_back, mode};
use crate::output::{Outcome, print_error, print_problems, shown};
use members::{Member, members};

/// What became of a member.
pub(crate) enum Fate<T> {
    Done(T, Duration),
    Failed(Box<Error>),
    /// One before it failed.
    NotTried,
}

pub(crate) fn migrate(arguments: &Arguments, fleet: &Fleet, options: &Migrate) -> Outcome {
    each(
        arguments,
        fleet,
        fleet.canary,
        |_| true,
        report::migrated,
        |project, migrations, member, client| {
            let mut chosen = options_of(project, member).mode(mode(options.dry_run));
            if let Some(version) = options.to {
                chosen = chosen.target(version);
            }
            migrations.migrate(client, chosen)
        },
    )
}

pub(crate) fn rollback(arguments: &Arguments, fleet: &Fleet, options: &Rollback) -> Outcome {
    let Some(version) = options.to else {
        print_error(
            "how far back is not said",
            Some(
                "name the version that stays with `--to`: what is there already is left alone when the command is run again",
            ),
        );
        return Outcome::Failed;
    };
    each(
        arguments,
        fleet,
        fleet.canary,
        |_| true,
        report::rolled_back,
        |project, migrations, member, client| {
            // One that did not come so far, behind a canary that failed, is there already.
            let standing = migrations.status(client, &options_of(project, member))?;
            let applied = standing.migrations.iter().filter(|one| one.state != State::Pending);
            let last = applied.map(|one| one.version).max();
            if last < Some(version) {
                let mut nothing = Report::default();
                nothing.version = last;
                return Ok(nothing);
            }
            let chosen = going_back(options_of(project, member), options);
            migrations.rollback(client, RollbackTo::Version(version), chosen)
        },
    )
}

pub(crate) fn status(arguments: &Arguments, fleet: &Fleet) -> Outcome {
    each(
        arguments,
        fleet,
        0,
        |_| true,
        report::standing,
        |project, migrations, member, client| migrations.status(client, &options_of(project, member)),
    )
}

pub(crate) fn drift(arguments: &Arguments, fleet: &Fleet) -> Outcome {
    let settings_are_right = |project: &Project| crate::drift::are_right(&project.settings.drift);
    // The definitions are read for the first database that differs, and for all others.
    let declared = OnceLock::new();
    each(arguments, fleet, 0, settings_are_right, report::drifted, |project, migrations, member, client| {
        let mut report = migrations.drift(client, &options_of(project, member))?;
        crate::drift::leave_out(&mut report, &project.settings.drift);
        let annotations = match arguments.format {
            Format::Github => crate::drift::annotations(&report, project, &declared),
            Format::Text | Format::Json => Vec::new(),
        };
        Ok(Drifted { report, annotations })
    })
}

/// A tenant's schema stands in the place of the search path's first.
fn options_of(project: &Project, member: &Member) -> Options<'static> {
    match &member.schema {
        None => chosen(project),
        Some(schema) => {
            let others = project.settings.search_path.iter().skip(1).cloned();
            Options::new().tenant(schema).search_path(std::iter::once(schema.clone()).chain(others))
        }
    }
}

/// Does something with every member, the first `canary` of them one after the other before all others.
fn each<T: Send>(
    arguments: &Arguments,
    fleet: &Fleet,
    canary: usize,
    settings_are_right: impl FnOnce(&Project) -> bool,
    report: fn(&Arguments, &[Member], &[Fate<T>]) -> Outcome,
    work: impl Fn(&Project, &Migrations, &Member, &mut Client) -> Result<T, Error> + Sync,
) -> Outcome {
    let (project, problems) = context::project(arguments);
    print_problems(&problems);
    if problems.has_errors() || !settings_are_right(&project) {
        return Outcome::Failed;
    }
    let migrations = embedded(&project);
    let members = match members(arguments, fleet) {
        Ok(members) => members,
        Err(outcome) => return outcome,
    };
    let progress = progress_bar(arguments.format, members.len());
    let fates: Vec<Mutex<Fate<T>>> = members.iter().map(|_| Mutex::new(Fate::NotTried)).collect();
    let stop = AtomicBool::new(false);
    let one = |member: &Member, fate: &Mutex<Fate<T>>| {
        let began = Instant::now();
        let outcome = member.target.connect().and_then(|mut client| work(&project, &migrations, member, &mut client));
        let outcome = match outcome {
            Ok(done) => Fate::Done(done, began.elapsed()),
            Err(error) => {
                if !fleet.keep_going {
                    stop.store(true, Ordering::Relaxed);
                }
                Fate::Failed(Box::new(error))
            }
        };
        *fate.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        progress.inc(1);
    };
    let (canaries, flock) = members.split_at(canary.min(members.len()));
    let (canary_fates, flock_fates) = fates.split_at(canaries.len());
    for (member, fate) in canaries.iter().zip(canary_fates) {
        progress.set_message(format!("canary {}", shown(&member.name)));
        one(member, fate);
        // A canary is there to stop the others, whatever they were told.
        let failed = matches!(*fate.lock().unwrap_or_else(PoisonError::into_inner), Fate::Failed(_));
        if failed {
            stop.store(true, Ordering::Relaxed);
            break;
        }
    }
    progress.set_message("");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..fleet.jobs.min(flock.len()) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(member), Some(fate)) = (flock.get(index), flock_fates.get(index)) else { break };
                    one(member, fate);
                }
            });
        }
    });
    progress.finish_and_clear();
    let fates: Vec<Fate<T>> =
        fates.into_iter().map(|fate| fate.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
    report(arguments, &members, &fates)
}

fn progress_bar(format: Format, length: usize) -> ProgressBar {
    if !stderr().is_terminal() || format != Format::Text {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{pos}/{len}] {wide_bar} {msg} {elapsed} (left {eta})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// What the three commands come back with.
pub(crate) type Migrated = Report;
pub(crate) type Standing = Status;
pub(crate) struct Drifted {
    report: DriftReport,
    /// Where they are asked for.
    annotations: Vec<Annotation>,
}
