//! `compare`: several databases side by side, as people and machines read it. What is the same is decided at the
//! database door.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use similar::TextDiff;
use viewkeeper::{Error, Target};
use viewkeeper_engine::config::{FILE_NAME, Settings};
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::project;
use viewkeeper_live::compare::{ASPECTS, Cell, Certainty, Compared, Environment, Standing, compare};
use viewkeeper_live::{read_with_history, report};

use crate::arguments::{Arguments, Compare, Format};
use crate::context;
use crate::output::{Outcome, print_error, print_json, print_problems, print_runtime_error};

pub(crate) fn run(arguments: &Arguments, options: &Compare) -> Outcome {
    let folder = context::folder(arguments);
    let mut problems = Diagnostics::default();
    let settings = project::settings(&folder, &folder, &mut problems);
    print_problems(&problems);
    if problems.has_errors() {
        return Outcome::Failed;
    }
    let unknown: Vec<&str> = options.ignore.iter().map(String::as_str).filter(|word| !ASPECTS.contains(word)).collect();
    if !unknown.is_empty() {
        for word in unknown {
            let help = format!("the aspects are {}", ASPECTS.join(", "));
            print_error(&format!("there is no aspect `{word}` that could be left out"), Some(&help));
        }
        return Outcome::Failed;
    }
    let Some(databases) = databases(&options.databases, &settings) else { return Outcome::Failed };
    let Some(read) = read(&databases) else { return Outcome::Failed };
    let environments: Vec<Environment> = read.iter().map(|read| read.environment.clone()).collect();
    let ignored: BTreeSet<String> = options.ignore.iter().cloned().collect();
    let compared = compare(&environments, &ignored);
    match arguments.format {
        Format::Text | Format::Github => print(options, &read, &compared),
        Format::Json => print_json(&Report::of(&read, &compared)),
    }
    if compared.iter().all(|object| object.standing() == Standing::Same) { Outcome::Fine } else { Outcome::Found }
}

/// A database that was asked for.
struct Database {
    name: String,
    target: Target,
}

/// The databases with names that tell them apart; what is wrong is printed, all of it.
fn databases(given: &[String], settings: &Settings) -> Option<Vec<Database>> {
    let mut found: Vec<(Option<&str>, Target)> = Vec::new();
    let mut failed = false;
    for text in given {
        match target(text, settings) {
            Ok(target) => {
                let is_name = !text.contains('=') && !text.contains("://");
                found.push((is_name.then_some(text), target));
            }
            Err((message, help)) => {
                print_error(&message, help.as_deref());
                failed = true;
            }
        }
    }
    if failed {
        return None;
    }
    let short = |target: &Target| target.database().unwrap_or("?").to_owned();
    let shorts: Vec<String> = found.iter().map(|(_, target)| short(target)).collect();
    let unique = |name: &String| shorts.iter().filter(|other| *other == name).count() == 1;
    let mut names = BTreeMap::<String, usize>::new();
    let named = found.into_iter().map(|(name, target)| {
        let name = match name {
            Some(name) => name.to_owned(),
            None if unique(&short(&target)) => short(&target),
            None => target.to_string(),
        };
        let count = names.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name} ({count})") };
        Database { name, target }
    });
    Some(named.collect())
}

/// A URL or `key=value` text, a name of the settings, or a service.
///
/// # Errors
/// With a message and what to do.
fn target(text: &str, settings: &Settings) -> Result<Target, (String, Option<String>)> {
    if text.contains("://") || text.contains('=') {
        return Target::new(Some(text)).map_err(|error| (error.to_string(), None));
    }
    if let Some(variable) = settings.environments.get(text) {
        let url = std::env::var(variable).ok().filter(|url| !url.is_empty()).ok_or_else(|| {
            let message = format!("the variable `{variable}`, which holds the URL of `{text}`, is not set");
            (message, Some("set it to the database's URL".to_owned()))
        })?;
        return Target::new(Some(&url)).map_err(|error| (format!("`{variable}`, for `{text}`: {error}"), None));
    }
    let service = format!("service='{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    Target::new(Some(&service)).map_err(|error: Error| {
        let known: Vec<String> = settings.environments.keys().map(|name| format!("`{name}`")).collect();
        let known = match known.as_slice() {
            [] => format!("`{FILE_NAME}` names none under `[environments]`"),
            known => format!("`{FILE_NAME}` names {}", known.join(", ")),
        };
        let help = format!("name a URL or a service, or one of the environments: {known}");
        (format!("there is no environment `{text}`, and no service: {error}"), Some(help))
    })
}

/// A database that was read.
struct Read {
    environment: Environment,
    url: String,
    server: String,
}

/// Reads all at the same time; what goes wrong is printed, all of it.
fn read(databases: &[Database]) -> Option<Vec<Read>> {
    let results: Vec<Option<Read>> = std::thread::scope(|scope| {
        let running: Vec<_> = databases.iter().map(|database| scope.spawn(|| read_one(database))).collect();
        running
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.into_iter().collect()
}

fn read_one(database: &Database) -> Option<Read> {
    let mut client = match database.target.connect() {
        Ok(client) => client,
        Err(error) => {
            print_runtime_error(&error);
            return None;
        }
    };
    let result = read_with_history(&mut client).and_then(|state| {
        let row = client.query_one(
            "SELECT pg_catalog.current_setting('server_version'), \
             pg_catalog.current_setting('server_version_num')::pg_catalog.int8 OPERATOR(pg_catalog./) 10000",
            &[],
        )?;
        let major: i64 = row.try_get(1)?;
        let major = u32::try_from(major).unwrap_or_default();
        let version: String = row.try_get(0)?;
        Ok((state, version.split(' ').next().unwrap_or_default().to_owned(), major))
    });
    match result {
        Ok((state, server, major)) => Some(Read {
            environment: Environment { name: database.name.clone(), major, state },
            url: database.target.to_string(),
            server,
        }),
        Err(error) => {
            print_error(&format!("{}: {}", database.name, report(&error)), None);
            None
        }
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Same => "same",
        Standing::Differs => "differs",
        Standing::Missing => "missing",
    }
}

/// `A`, `B`, …, `Z`, `A1`, …
fn letter(version: usize) -> String {
    let letter = u8::try_from(version % 26).map_or('?', |offset| char::from(b'A' + offset));
    let round = if version < 26 { String::new() } else { (version / 26).to_string() };
    format!("{letter}{round}")
}

fn cell_text(cell: Cell) -> String {
    match cell {
        Cell::Missing => "missing".to_owned(),
        Cell::Version(version, Certainty::Whole) => letter(version),
        Cell::Version(version, Certainty::WithoutTexts) => format!("{}~", letter(version)),
    }
}

fn print(options: &Compare, read: &[Read], compared: &[Compared]) {
    let columns: Vec<[&str; 3]> =
        read.iter().map(|read| [read.environment.name.as_str(), read.url.as_str(), read.server.as_str()]).collect();
    let width = |values: &mut dyn Iterator<Item = usize>| values.max().unwrap_or(0);
    let names = width(&mut columns.iter().map(|[name, ..]| name.chars().count()));
    let urls = width(&mut columns.iter().map(|[_, url, _]| url.chars().count()));
    for [name, url, server] in &columns {
        println!("{name:names$}  {url:urls$}  PostgreSQL {server}");
    }
    println!();
    let shown: Vec<&Compared> =
        compared.iter().filter(|object| options.all || object.standing() != Standing::Same).collect();
    if !shown.is_empty() {
        print_matrix(&columns, &shown);
        println!();
    }
    print_notes(read, compared);
    for object in compared {
        print_differences(read, object);
    }
    print_summary(compared);
}

fn print_matrix(columns: &[[&str; 3]], shown: &[&Compared]) {
    let title = |object: &Compared| format!("{} {}", object.object.kind, object.object.name);
    let first = shown.iter().map(|object| title(object).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(|[name, ..]| name.chars().count().max("missing".len())).collect();
    let line = |title: &str, cells: &[String]| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("{}", format!("{title:first$}  {}", cells.join("  ")).trim_end());
    };
    line("", &columns.iter().map(|[name, ..]| (*name).to_owned()).collect::<Vec<_>>());
    for object in shown {
        line(&title(object), &object.cells.iter().map(|cell| cell_text(*cell)).collect::<Vec<_>>());
    }
}

/// What the letters mean, and what was not compared.
fn print_notes(read: &[Read], compared: &[Compared]) {
    if compared.iter().any(|object| object.standing() != Standing::Same) {
        println!("equal letters in a line: equal objects");
    }
    let majors: BTreeSet<u32> = read.iter().map(|read| read.environment.major).collect();
    if majors.len() > 1 {
        let majors: Vec<String> = majors.iter().map(u32::to_string).collect();
        println!(
            "~: between PostgreSQL {} the texts that servers render (definitions, defaults, expressions) were not compared;\n   \
             columns, types, options, comments, privileges, sources of functions and what is read were",
            majors.join(", ")
        );
    }
    println!();
}

fn print_differences(read: &[Read], object: &Compared) {
    let versions = object.versions();
    let holders = |version: usize| {
        let names = versions.get(version).into_iter().flatten().filter_map(|number| read.get(*number));
        names.map(|read| read.environment.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    for version in 1..versions.len() {
        let title = format!("{} {}", object.object.kind, object.object.name);
        for difference in object.differences(version) {
            let ended = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
            let (old, new) = (ended(&difference.old), ended(&difference.new));
            let diff = TextDiff::from_lines(&old, &new);
            let name = |version: usize| format!("{title}, {}: {}", difference.aspect, holders(version));
            let text = diff.unified_diff().context_radius(3).header(&name(0), &name(version)).to_string();
            println!("{}\n", text.trim_end());
        }
    }
}

fn print_summary(compared: &[Compared]) {
    let count = |standing| compared.iter().filter(|object| object.standing() == standing).count();
    let objects = |number: usize| if number == 1 { "1 object is".to_owned() } else { format!("{number} objects are") };
    let (same, differs, missing) = (count(Standing::Same), count(Standing::Differs), count(Standing::Missing));
    println!("{} the same everywhere", objects(same));
    if differs > 0 {
        println!("{} everywhere, and not the same", objects(differs));
    }
    if missing > 0 {
        println!("{} missing somewhere", objects(missing));
    }
}

#[derive(Serialize)]
struct Report<'a> {
    environments: Vec<EnvironmentReport<'a>>,
    /// Whether texts that servers render were left out between some of them.
    majors_differ: bool,
    objects: Vec<ObjectReport<'a>>,
}

#[derive(Serialize)]
struct EnvironmentReport<'a> {
    name: &'a str,
    url: &'a str,
    server: &'a str,
}

#[derive(Serialize)]
struct ObjectReport<'a> {
    kind: &'a str,
    name: &'a str,
    state: &'static str,
    /// One for each environment, in their order.
    cells: Vec<CellReport>,
    differences: Vec<DifferenceReport>,
}

#[derive(Serialize)]
struct CellReport {
    /// `null` where it is missing.
    version: Option<String>,
    texts_compared: bool,
}

#[derive(Serialize)]
struct DifferenceReport {
    aspect: String,
    /// Two versions and what they hold.
    versions: [String; 2],
    texts: [String; 2],
}

impl<'a> Report<'a> {
    fn of(read: &'a [Read], compared: &'a [Compared]) -> Self {
        let environments = read.iter().map(|read| EnvironmentReport {
            name: &read.environment.name,
            url: &read.url,
            server: &read.server,
        });
        let majors: BTreeSet<u32> = read.iter().map(|read| read.environment.major).collect();
        Self {
            environments: environments.collect(),
            majors_differ: majors.len() > 1,
            objects: compared.iter().map(ObjectReport::of).collect(),
        }
    }
}

impl<'a> ObjectReport<'a> {
    fn of(object: &'a Compared) -> Self {
        let cells = object.cells.iter().map(|cell| match cell {
            Cell::Missing => CellReport { version: None, texts_compared: true },
            Cell::Version(version, certainty) => {
                CellReport { version: Some(letter(*version)), texts_compared: *certainty == Certainty::Whole }
            }
        });
        let differences = (1..object.versions().len()).flat_map(|version| {
            object.differences(version).into_iter().map(move |difference| DifferenceReport {
                aspect: difference.aspect,
                versions: [letter(0), letter(version)],
                texts: [difference.old, difference.new],
            })
        });
        Self {
            kind: &object.object.kind,
            name: &object.object.name,
            state: word(object.standing()),
            cells: cells.collect(),
            differences: differences.collect(),
        }
    }
}
