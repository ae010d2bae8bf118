//! What a fleet's commands print: a line for every member that is not simply fine, and a summary; everything as JSON.

use serde::Serialize;

use super::{Drifted, Fate, Member, Migrated, Standing};
use crate::arguments::{Arguments, Format};
use crate::drift::Annotation;
use crate::github::{Level, annotate};
use crate::output::{Outcome, print_json};

/// How a member that was reached stands.
struct Line {
    /// For the summary: `migrated`, `nothing to do`.
    word: &'static str,
    /// What is worth a line; nothing where all is fine.
    text: Option<String>,
    details: Details,
    annotations: Vec<Annotation>,
    outcome: Outcome,
}

#[derive(Serialize, Default)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    migrations: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<String>,
}

pub(super) fn migrated(arguments: &Arguments, members: &[Member], fates: &[Fate<Migrated>]) -> Outcome {
    moved(arguments, members, fates, "migrated")
}

pub(super) fn rolled_back(arguments: &Arguments, members: &[Member], fates: &[Fate<Migrated>]) -> Outcome {
    moved(arguments, members, fates, "rolled back")
}

fn moved(arguments: &Arguments, members: &[Member], fates: &[Fate<Migrated>], done: &'static str) -> Outcome {
    print(arguments, members, fates, |report| {
        let migrations: Vec<String> = report.steps.iter().map(|step| step.id.clone()).collect();
        let by_hand = report.steps.iter().flat_map(|step| &step.by_hand);
        let objects: Vec<String> = by_hand.map(|one| one.object.clone()).collect();
        let over = match objects.is_empty() {
            true => String::new(),
            false => format!("; over what was changed by hand of `{}`", objects.join("`, `")),
        };
        let text = (!migrations.is_empty()).then(|| format!("{}{over}", migrations.join(", ")));
        let word = if migrations.is_empty() { "nothing to do" } else { done };
        Line {
            word,
            text,
            details: Details { version: report.version, migrations, objects },
            annotations: Vec::new(),
            outcome: Outcome::Fine,
        }
    })
}

pub(super) fn standing(arguments: &Arguments, members: &[Member], fates: &[Fate<Standing>]) -> Outcome {
    print(arguments, members, fates, |status| {
        let version = status.migrations.iter().filter(|one| one.applied_on.is_some()).map(|one| one.version).max();
        let open = status.migrations.iter().filter(|one| one.state != viewkeeper::State::Applied);
        let migrations: Vec<String> =
            open.map(|one| format!("{} {}", one.id, crate::migrate::state_word(one.state))).collect();
        let (word, outcome) =
            if status.is_current() { ("current", Outcome::Fine) } else { ("not current", Outcome::Found) };
        let text = (!migrations.is_empty()).then(|| migrations.join(", "));
        let details = Details { version, migrations, objects: Vec::new() };
        Line { word, text, details, annotations: Vec::new(), outcome }
    })
}

pub(super) fn drifted(arguments: &Arguments, members: &[Member], fates: &[Fate<Drifted>]) -> Outcome {
    print(arguments, members, fates, |Drifted { report, annotations }| {
        let words = |drift: &viewkeeper::Drift| {
            format!("{} `{}` {}", drift.kind, drift.name, crate::drift::word(drift.finding))
        };
        let mut objects: Vec<String> = report.found.iter().map(words).collect();
        if let Some(upgrade) = report.upgrade {
            objects.push(format!("{} objects recorded on PostgreSQL {}", upgrade.objects, upgrade.recorded));
        }
        let (word, outcome) =
            if objects.is_empty() { ("as migrated", Outcome::Fine) } else { ("drifted", Outcome::Found) };
        let text = (!objects.is_empty()).then(|| objects.join(", "));
        let details = Details { version: None, migrations: Vec::new(), objects };
        Line { word, text, details, annotations: annotations.clone(), outcome }
    })
}

#[derive(Serialize)]
struct MemberReport<'a> {
    name: &'a str,
    state: &'static str,
    #[serde(flatten)]
    details: Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
}

#[derive(Serialize)]
struct ErrorReport {
    message: String,
    sqlstate: Option<String>,
}

#[derive(Serialize)]
struct FleetReport<'a> {
    databases: Vec<MemberReport<'a>>,
}

fn print<T>(arguments: &Arguments, members: &[Member], fates: &[Fate<T>], line: impl Fn(&T) -> Line) -> Outcome {
    let mut outcome = Outcome::Fine;
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let mut reports = Vec::with_capacity(members.len());
    for (member, fate) in members.iter().zip(fates) {
        let mut report = MemberReport {
            name: &member.name,
            state: "not tried",
            details: Details::default(),
            milliseconds: None,
            error: None,
        };
        match fate {
            Fate::Done(done, took) => {
                let line = line(done);
                outcome = outcome.max(line.outcome);
                if let (Some(text), true) = (&line.text, arguments.format != Format::Json) {
                    println!("{}: {text}", member.name);
                }
                line.annotations.iter().for_each(|annotation| annotation.print(Some(&member.name)));
                (report.state, report.details, report.milliseconds) = (line.word, line.details, Some(took.as_millis()));
            }
            Fate::Failed(error) => {
                outcome = Outcome::Failed;
                eprintln!("error: {}: {error}", member.name);
                if arguments.format == Format::Github {
                    annotate(Level::Error, None, &format!("viewkeeper: {}", member.name), &error.to_string());
                }
                report.state = "failed";
                report.error = Some(ErrorReport {
                    message: error.message().to_owned(),
                    sqlstate: error.sqlstate().map(str::to_owned),
                });
            }
            Fate::NotTried => {}
        }
        match counts.iter_mut().find(|(word, _)| *word == report.state) {
            Some((_, count)) => *count += 1,
            None => counts.push((report.state, 1)),
        }
        reports.push(report);
    }
    match arguments.format {
        Format::Json => print_json(&FleetReport { databases: reports }),
        Format::Text | Format::Github => {
            let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            println!("{} in the fleet: {}", members.len(), counts.join(", "));
            if outcome == Outcome::Failed {
                println!("run the same again when the cause is gone: what is done is not done twice");
            }
        }
    }
    outcome
}
