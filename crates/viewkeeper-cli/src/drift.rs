//! `drift`: what somebody changed by hand, as people and machines read it. How it is found is the runtime's.

use serde::Serialize;
use similar::TextDiff;
use viewkeeper::{Aspect, Drift, Finding};

use crate::arguments::{Arguments, Format};
use crate::migrate::{chosen, with_database};
use crate::output::{Outcome, print_json};

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    with_database(arguments, |project, migrations, client| {
        let found = migrations.drift(client, &chosen(project))?;
        match arguments.format {
            Format::Text => print(&found),
            Format::Json => print_json(&Report { drift: found.iter().map(ObjectReport::of).collect() }),
        }
        Ok(if found.is_empty() { Outcome::Fine } else { Outcome::Found })
    })
}

#[derive(Serialize)]
struct Report<'a> {
    drift: Vec<ObjectReport<'a>>,
}

#[derive(Serialize)]
struct ObjectReport<'a> {
    kind: &'a str,
    name: &'a str,
    finding: &'static str,
    aspects: Vec<AspectReport<'a>>,
    help: &'static str,
}

#[derive(Serialize)]
struct AspectReport<'a> {
    name: &'a str,
    expected: &'a str,
    live: Option<&'a str>,
}

impl<'a> ObjectReport<'a> {
    fn of(drift: &'a Drift) -> Self {
        let aspects = drift.aspects.iter().map(|aspect| AspectReport {
            name: &aspect.name,
            expected: &aspect.expected,
            live: aspect.live.as_deref(),
        });
        Self {
            kind: &drift.kind,
            name: &drift.name,
            finding: word(drift.finding),
            aspects: aspects.collect(),
            help: help(drift),
        }
    }
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Changed => "changed",
        Finding::Dropped => "dropped",
        Finding::CreatedOutside => "created outside",
    }
}

fn help(drift: &Drift) -> &'static str {
    match drift.finding {
        Finding::Changed if drift.aspects.iter().all(|aspect| aspect.name == "populated") => {
            "run `REFRESH MATERIALIZED VIEW` on it: until then every query of it fails"
        }
        Finding::Changed => "put it into the definition and run `cargo xtask db-diff`, or undo it by hand",
        Finding::Dropped => "create it again by hand, or remove it with a migration",
        Finding::CreatedOutside => "write a definition for it if it is to stay; nothing here will drop it",
    }
}

fn print(found: &[Drift]) {
    for drift in found {
        println!("{} `{}` was {}", drift.kind, drift.name, word(drift.finding));
        for aspect in &drift.aspects {
            print_aspect(aspect);
        }
        println!("  help: {}\n", help(drift));
    }
    match found.len() {
        0 => println!("no drift: the database is as it was migrated"),
        1 => println!("1 object differs from what was migrated"),
        many => println!("{many} objects differ from what was migrated"),
    }
}

fn print_aspect(aspect: &Aspect) {
    let Some(live) = &aspect.live else {
        println!("  {}: changed; another session holds a lock on it, so its text was not waited for", aspect.name);
        return;
    };
    let (old, new) = (format!("{}\n", aspect.expected), format!("{live}\n"));
    let (old, new) = (old.trim_start_matches('\n'), new.trim_start_matches('\n'));
    let diff = TextDiff::from_lines(old, new);
    let names = [format!("recorded {}", aspect.name), format!("live {}", aspect.name)];
    println!("{}", diff.unified_diff().context_radius(3).header(&names[0], &names[1]).to_string().trim_end());
}
