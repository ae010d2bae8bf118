//! `drift`: what somebody changed by hand, as people, machines and CI read it. How it is found is the runtime's.

mod accept;
mod github;
mod record;
mod rules;

use std::sync::OnceLock;

pub(crate) use github::Annotation;
pub(crate) use rules::are_right;
use serde::Serialize;
use similar::TextDiff;
use viewkeeper::{Aspect, Drift, DriftReport, Finding, Upgrade};
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::config::DriftSettings;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::states::states;

use crate::arguments::{self, Arguments, Format};
use crate::migrate::{chosen, with_database};
use crate::output::{Outcome, print_error, print_json};

pub(crate) fn run(arguments: &Arguments, options: &arguments::Drift) -> Outcome {
    with_database(arguments, |project, migrations, client| {
        if !rules::are_right(&project.settings.drift) {
            return Ok(Outcome::Failed);
        }
        if let Some(names) = &options.record {
            return record::run(project, migrations, client, names);
        }
        let mut report = migrations.drift(client, &chosen(project))?;
        let ignored = leave_out(&mut report, &project.settings.drift);
        let states = (options.accept.is_some() || !report.found.is_empty()).then(|| states(project));
        let objects: Vec<Object<'_>> = match &states {
            Some(states) => report.found.iter().map(|drift| Object::of(drift, project, &states.declared)).collect(),
            None => Vec::new(),
        };
        if let (Some(states), Some(names)) = (&states, &options.accept) {
            let definitions = |names: &[String]| migrations.live_definitions(client, &chosen(project), names);
            return accept::run(project, states, &objects, names, definitions);
        }
        match arguments.format {
            Format::Text => print(&objects, &report, ignored),
            Format::Json => {
                let drift = objects.iter().map(ObjectReport::of).collect();
                print_json(&Report {
                    drift,
                    ignored,
                    upgrade: report.upgrade.map(UpgradeReport::of),
                    earlier: report.earlier,
                });
            }
            Format::Github => github::annotations(&objects, report.upgrade).iter().for_each(|one| one.print(None)),
        }
        Ok(if report.found.is_empty() && report.upgrade.is_none() { Outcome::Fine } else { Outcome::Found })
    })
}

/// What was found, as annotations; `declared` is what the definitions declare, once they were read.
pub(crate) fn annotations(report: &DriftReport, project: &Project, declared: &OnceLock<Catalog>) -> Vec<Annotation> {
    if report.found.is_empty() {
        return github::annotations(&[], report.upgrade);
    }
    let declared = declared.get_or_init(|| states(project).declared);
    let objects: Vec<Object<'_>> = report.found.iter().map(|drift| Object::of(drift, project, declared)).collect();
    github::annotations(&objects, report.upgrade)
}

/// Takes out what the settings ignore; how many aspects that were.
pub(crate) fn leave_out(report: &mut DriftReport, settings: &DriftSettings) -> usize {
    let mut ignored = 0;
    report.found.retain_mut(|drift| {
        let finding = word(drift.finding);
        let before = drift.aspects.len();
        drift.aspects.retain(|aspect| {
            !settings.ignore.iter().any(|rule| rule.fits(&drift.name, &drift.kind, finding, &aspect.name))
        });
        ignored += before - drift.aspects.len();
        if before != drift.aspects.len() {
            // What is left over of it is not what these lead back.
            drift.repair.clear();
            drift.unrepaired.clear();
        }
        !drift.aspects.is_empty()
    });
    ignored
}

/// What was found of an object, with the definition that declares it.
struct Object<'a> {
    drift: &'a Drift,
    /// File and line.
    declared_in: Option<(String, usize)>,
    can_be_accepted: bool,
    /// The definitions say it as it is.
    is_said: bool,
}

impl<'a> Object<'a> {
    fn of(drift: &'a Drift, project: &Project, declared: &Catalog) -> Self {
        let declared_in = accept::definition_of(project, drift)
            .map(|definition| (definition.file.path.to_string(), definition.file.line_column(definition.span.start).0));
        let can_be_accepted = accept::can_be_accepted(project, drift);
        let is_said = can_be_accepted && accept::is_said(project, declared, drift);
        Self { drift, declared_in, can_be_accepted, is_said }
    }

    /// What to do to keep it.
    fn help(&self) -> String {
        let drift = self.drift;
        let file = self.declared_in.as_ref().map(|(file, _)| file.as_str());
        if self.is_said {
            return format!(
                "the definitions say it as it is here: `cargo xtask migrate --record` records the migration that says so, without \
                 running it; where that is applied, `cargo xtask drift --record {}` records the object",
                quoted(&drift.name)
            );
        }
        if self.is_empty() {
            return format!(
                "refresh it: `REFRESH MATERIALIZED VIEW {}`, or all of them with `cargo xtask refresh`",
                drift.name
            );
        }
        if let Some(other) = &drift.other_name {
            if drift.finding == Finding::Dropped {
                return format!(
                    "it seems to be `{other}` now, with all that it holds: the name is given back in the same way"
                );
            }
            return format!(
                "it seems to be `{other}` under another name: undo that here, as said for it; to have that name everywhere, \
                 then change it in the definition, with the line `-- viewkeeper: renamed from …` above (of a table, rename it in \
                 a migration), and migrate"
            );
        }
        match (drift.finding, file) {
            (Finding::Dropped, _) if self.can_be_accepted => {
                format!("to do without it, `--accept {}` takes it out of the definitions", quoted(&drift.name))
            }
            (Finding::Dropped, Some(file)) => {
                format!("to do without it, remove it from `{file}` and run `cargo xtask db-diff`")
            }
            (Finding::Dropped, None) => "to do without it, drop it in a migration with `IF EXISTS`; where a migration that \
                                         is not applied here drops it, `cargo xtask migrate --record` records that"
                .to_owned(),
            (Finding::CreatedOutside, _) if self.can_be_accepted => {
                "nothing here will drop it; to keep it, `--accept` writes a definition for it; to leave it out, name it \
                 in `[[drift.ignore]]` of `viewkeeper.toml`"
                    .to_owned()
            }
            (Finding::CreatedOutside, _) => {
                format!(
                    "nothing here will drop it; to keep it, make it in a migration with `IF NOT EXISTS`, and record it here \
                     with `--record {}`; to leave it out, name it in `[[drift.ignore]]` of `viewkeeper.toml`",
                    quoted(&drift.name)
                )
            }
            (Finding::Changed, Some(file)) if self.can_be_accepted => {
                format!("to keep it, `--accept` writes the live definition into `{file}`")
            }
            (Finding::Changed, Some(file)) => {
                format!("to keep it, declare it in `{file}`, as far as that is kept there, and run `cargo xtask db-diff`")
            }
            (Finding::Changed, None) if drift.kind == "default privileges" => {
                "to keep it, `--accept` writes what is given into the definitions".to_owned()
            }
            (Finding::Changed, None) if self.can_be_accepted => {
                let is_said = |aspect: &Aspect| drift.parts.iter().any(|part| part.aspects.contains(&&*aspect.name));
                let accept = "to keep it, `--accept` writes into the definitions what these can say of it";
                match drift.aspects.iter().all(is_said) {
                    true => accept.to_owned(),
                    false => format!("{accept}; make the rest in a migration too, and record it here with `--record`"),
                }
            }
            (Finding::Changed, None) => format!(
                "to keep it, make it in a migration too, in a way that bears being there already, and record it here with \
                 `--record {}`",
                quoted(&drift.name)
            ),
        }
    }

    /// Whether all that is found is that it holds no rows.
    fn is_empty(&self) -> bool {
        self.drift.aspects.iter().all(|aspect| aspect.name == "populated")
    }

    fn title(&self) -> String {
        if self.is_empty() {
            return format!("{} `{}` holds no rows", self.drift.kind, self.drift.name);
        }
        format!("{} `{}` was {}", self.drift.kind, self.drift.name, word(self.drift.finding))
    }
}

#[derive(Serialize)]
struct Report<'a> {
    drift: Vec<ObjectReport<'a>>,
    ignored: usize,
    upgrade: Option<UpgradeReport>,
    /// How many objects an earlier release recorded with less.
    earlier: usize,
}

#[derive(Serialize)]
struct UpgradeReport {
    recorded: u32,
    live: u32,
    objects: usize,
}

impl UpgradeReport {
    fn of(upgrade: Upgrade) -> Self {
        Self { recorded: upgrade.recorded, live: upgrade.live, objects: upgrade.objects }
    }
}

#[derive(Serialize)]
struct ObjectReport<'a> {
    kind: &'a str,
    name: &'a str,
    finding: &'static str,
    file: Option<&'a str>,
    line: Option<usize>,
    aspects: Vec<AspectReport<'a>>,
    readers: &'a [String],
    repair: &'a [String],
    unrepaired: &'a [String],
    help: String,
}

#[derive(Serialize)]
struct AspectReport<'a> {
    name: &'a str,
    expected: &'a str,
    live: Option<&'a str>,
    diff: Option<String>,
}

impl<'a> ObjectReport<'a> {
    fn of(object: &'a Object<'a>) -> Self {
        let drift = object.drift;
        let aspects = drift.aspects.iter().map(|aspect| AspectReport {
            name: &aspect.name,
            expected: &aspect.expected,
            live: aspect.live.as_deref(),
            diff: diff(aspect),
        });
        Self {
            kind: &drift.kind,
            name: &drift.name,
            finding: word(drift.finding),
            file: object.declared_in.as_ref().map(|(file, _)| file.as_str()),
            line: object.declared_in.as_ref().map(|(_, line)| *line),
            aspects: aspects.collect(),
            readers: &drift.readers,
            repair: &drift.repair,
            unrepaired: &drift.unrepaired,
            help: object.help(),
        }
    }
}

pub(crate) fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Changed => "changed",
        Finding::Dropped => "dropped",
        Finding::CreatedOutside => "created outside",
    }
}

fn print(objects: &[Object<'_>], report: &DriftReport, ignored: usize) {
    let upgrade = report.upgrade;
    for object in objects {
        let file = object.declared_in.as_ref().map_or(String::new(), |(file, _)| format!("  ({file})"));
        println!("{}{file}", object.title());
        println!("{}\n", details(object));
    }
    if let Some(upgrade) = upgrade {
        println!("{}\n", upgrade_text(upgrade));
    }
    if report.earlier > 0 {
        println!(
            "{} objects were recorded by an earlier release, with less than is compared now; `cargo xtask drift --record` \
             records them anew when nothing differs\n",
            report.earlier
        );
    }
    let ignored = match ignored {
        0 => String::new(),
        1 => "; 1 difference is ignored by `viewkeeper.toml`".to_owned(),
        many => format!("; {many} differences are ignored by `viewkeeper.toml`"),
    };
    match (objects.len(), upgrade) {
        (0, None) => println!("no drift: the database is as it was migrated{ignored}"),
        (0, Some(_)) => println!("no drift in what was compared{ignored}"),
        (1, _) => println!("1 object differs from what was migrated{ignored}"),
        (many, _) => println!("{many} objects differ from what was migrated{ignored}"),
    }
}

/// The differences, what reads it, and what to do.
fn details(object: &Object<'_>) -> String {
    let drift = object.drift;
    let mut parts: Vec<String> = Vec::new();
    for aspect in &drift.aspects {
        if aspect.name == "populated" {
            parts.push("  it was never filled, or emptied: a query of it fails until it is refreshed".to_owned());
            continue;
        }
        parts.push(diff(aspect).unwrap_or_else(|| {
            format!(
                "  {}: what the server stores of it differs; its text waits for a lock that another session holds, on it or \
                 on what it reads, and was not waited for",
                aspect.name
            )
        }));
    }
    if !drift.readers.is_empty() {
        parts.push(format!("  read by: {}", drift.readers.join(", ")));
    }
    // What the definitions say is not to be undone.
    if !drift.repair.is_empty() && !object.is_said {
        parts.push(format!("  to undo it, in a migration:\n    {}", drift.repair.join("\n").replace('\n', "\n    ")));
    }
    parts.extend(drift.unrepaired.iter().map(|rest| format!("  not undone: {rest}")));
    parts.push(format!("  help: {}", object.help()));
    parts.join("\n")
}

fn diff(aspect: &Aspect) -> Option<String> {
    let live = aspect.live.as_ref()?;
    let with_end = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
    let (old, new) = (with_end(&aspect.expected), with_end(live));
    let diff = TextDiff::from_lines(&old, &new);
    let names = [format!("recorded {}", aspect.name), format!("live {}", aspect.name)];
    Some(diff.unified_diff().context_radius(3).header(&names[0], &names[1]).to_string().trim_end().to_owned())
}

fn upgrade_text(upgrade: Upgrade) -> String {
    format!(
        "{} objects were recorded on PostgreSQL {}, and this server is PostgreSQL {}: each major version prints definitions in \
         its own way, so their texts were not compared; columns, options, privileges, owners and comments were\n  \
         help: look for drift before a major upgrade; after it, `cargo xtask drift --record` proves the texts with the \
         migrations, and records them anew",
        upgrade.objects, upgrade.recorded, upgrade.live
    )
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// Says what could not be accepted.
fn refuse(what: &str, why: &str) {
    print_error(what, Some(why));
}

/// The file for a definition that is not there yet: in the folder for its kind, and of a part in one for its object.
fn new_file(project: &Project, kind: &str, name: &str, part: Option<&str>) -> String {
    let folder = match kind {
        "schema" => "schemas",
        "extension" => "extensions",
        "enum" | "domain" | "composite" | "range" => "types",
        "sequence" => "sequences",
        "function" | "window function" => "functions",
        "procedure" => "procedures",
        "aggregate" => "aggregates",
        "trigger" => "triggers",
        "rule" => "rules",
        "policy" | "row security" => "policies",
        "statistics" => "statistics",
        "event trigger" => "event_triggers",
        "default privileges" | "table" | "partition" => "grants",
        _ => "views",
    };
    let first = project.settings.search_path.first().map_or("public", String::as_str);
    // A routine is called as its name; its inputs are in the file.
    let name = name.split_once('(').map_or(name, |(name, _)| name);
    let safe = |text: &str| -> String {
        let letter = |c: char| if c.is_alphanumeric() || ['_', '-'].contains(&c) { c } else { '_' };
        text.chars().map(letter).collect()
    };
    // As `adopt` lays them out: below a folder for the schema, but for the one that is searched first.
    let (schema, short) = parts_of(name);
    let folders = schema.filter(|schema| schema != first).into_iter().chain(part.map(|_| short.clone()));
    let safe: Vec<String> =
        folders.chain([part.map_or(short.clone(), str::to_owned)]).map(|text| safe(&text)).collect();
    let safe = safe.join("/");
    let path = |name: String| project.shown_as.join(folder).join(name).into_string();
    let is_taken = |path: &String| project.definitions.iter().any(|file| file.path == *path);
    let numbered = (2..).map(|number| path(format!("{safe}-{number}.sql")));
    std::iter::once(path(format!("{safe}.sql"))).chain(numbered).find(|path| !is_taken(path)).unwrap_or_default()
}

/// The schema, where there is one, and the name, without their quotes.
fn parts_of(name: &str) -> (Option<String>, String) {
    let (mut schema, mut part) = (None, String::new());
    let mut is_quoted = false;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => schema = Some(std::mem::take(&mut part)),
            letter => part.push(letter),
        }
    }
    (schema, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_their_schemas() {
        assert_eq!(parts_of("app.active"), (Some("app".to_owned()), "active".to_owned()));
        assert_eq!(parts_of("\"a.\"\"b\".\"C d\""), (Some("a.\"b".to_owned()), "C d".to_owned()));
        assert_eq!(parts_of("watch"), (None, "watch".to_owned()));
    }
}
