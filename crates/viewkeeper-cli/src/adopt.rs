//! `adopt`: writes the files of a database that exists, all or none, and records the baseline where that is asked for.
//! What becomes of the database's text is the engine's matter.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Serialize;
use similar::TextDiff;
use viewkeeper::postgres::Client;
use viewkeeper::{Migrations, Options};
use viewkeeper_engine::adopt::{Adopted, Source, adopt, baseline_id};
use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::config::{FILE_NAME, Settings};
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::files;
use viewkeeper_engine::migration::MigrationFile;
use viewkeeper_engine::project::{MIGRATIONS, Project};
use viewkeeper_live::{Dump, dump, report};

use crate::arguments::{Adopt, Arguments, Format};
use crate::context;
use crate::database::target;
use crate::output::{Outcome, print_error, print_json, print_problems, print_runtime_error};

pub(crate) fn run(arguments: &Arguments, options: &Adopt) -> Outcome {
    let folder = context::folder(arguments);
    let Some((mut settings, existing)) = settings(&folder, options) else { return Outcome::Failed };
    let (mut client, dump) = match read(arguments, &settings) {
        Ok(read) => read,
        Err(outcome) => return outcome,
    };
    let mut new_files = BTreeMap::new();
    if existing.is_none()
        && !files::exists(&folder.join(FILE_NAME))
        && let Some(version) = ServerVersion::from_major(dump.major)
    {
        settings.server_version = version;
        let text = format!("# The oldest PostgreSQL that the project runs on.\nserver-version = {}\n", dump.major);
        new_files.insert(folder.join(FILE_NAME), text);
    }
    let owner = owner(&dump);
    let origin = format!("PostgreSQL {}, read by pg_dump {}", dump.server, dump.program);
    let source = Source { dump: &dump.text, views: &dump.views, owner: &owner, origin: &origin };
    let adopted = match adopt(&source, &folder, &settings) {
        Ok(adopted) => adopted,
        Err(problem) => {
            print_problems(&Diagnostics(vec![problem]));
            print_error("what `pg_dump` wrote cannot be read as SQL", Some("nothing was written; please report it"));
            return Outcome::Failed;
        }
    };
    if let Some(existing) = existing {
        return record_existing(arguments, &mut client, &settings, &existing, &adopted.baseline);
    }
    let baseline = folder.join(MIGRATIONS).join(format!("{}.sql", adopted.id));
    new_files.insert(baseline.clone(), adopted.baseline.clone());
    new_files.extend(adopted.definitions.iter().map(|(path, text)| (folder.join(path), text.clone())));
    if options.dry_run {
        if arguments.format != Format::Json {
            for (path, text) in &new_files {
                println!("-- {path}\n{text}");
            }
        }
        return finish(arguments, &dump, &adopted, &owner, &Written { files: &new_files, state: State::Nothing });
    }
    if let Err(message) = write(&new_files) {
        print_error(&message, Some("nothing was written"));
        return Outcome::Failed;
    }
    let mut state = State::Files;
    if options.record {
        let migrations = Migrations::read(vec![(baseline.to_string(), adopted.baseline.clone())], Vec::new());
        let options = Options::new().search_path(settings.search_path.clone());
        if let Err(error) = migrations.record(&mut client, options) {
            print_runtime_error(&error);
            let left = remove(new_files.keys());
            print_error(&format!("the baseline was not recorded{left}"), Some("nothing was written"));
            return Outcome::Failed;
        }
        state = State::FilesAndRecord;
    }
    finish(arguments, &dump, &adopted, &owner, &Written { files: &new_files, state })
}

/// Another database of a project that has its baseline already: where it is what the baseline makes, that is recorded.
fn record_existing(
    arguments: &Arguments,
    client: &mut Client,
    settings: &Settings,
    existing: &MigrationFile,
    found: &str,
) -> Outcome {
    let path = &existing.source.path;
    let text = existing.source.text.replace("\r\n", "\n");
    // The head tells where it comes from.
    let body = |text: &str| text.split_once("\n\n").map_or(String::new(), |(_, body)| body.to_owned());
    if body(&text) != body(found) {
        let (old, new) = (body(&text), body(found));
        let diff = TextDiff::from_lines(&old, &new);
        let names = [path.as_str(), "this database"];
        println!("{}", diff.unified_diff().context_radius(3).header(names[0], names[1]).to_string().trim_end());
        print_error(
            &format!("this database is not what `{path}` makes: nothing was recorded"),
            Some(
                "bring it there first, or look with `cargo xtask compare` how it differs from the one that was adopted",
            ),
        );
        return Outcome::Failed;
    }
    let migrations = Migrations::read(vec![(path.to_string(), text)], Vec::new());
    if let Err(error) = migrations.record(client, Options::new().search_path(settings.search_path.clone())) {
        print_runtime_error(&error);
        return Outcome::Failed;
    }
    match arguments.format {
        Format::Text | Format::Github => println!("`{path}` is recorded in the database as applied; it was not run"),
        Format::Json => print_json(&Report { recorded: true, ..Report::default() }),
    }
    Outcome::Fine
}

/// The settings of the folder, and its baseline where it has one that is only to be recorded. Where there is no room
/// for a baseline, that is printed.
fn settings(folder: &Utf8PathBuf, options: &Adopt) -> Option<(Settings, Option<MigrationFile>)> {
    let mut problems = Diagnostics::default();
    let settings = viewkeeper_engine::project::settings(folder, folder, &mut problems);
    let mut existing = None;
    if files::is_folder(folder) && problems.0.is_empty() {
        let (project, found) = Project::load(folder, folder);
        problems.extend(found);
        existing = project.migrations.first().filter(|first| options.record && first.id == baseline_id()).cloned();
        if existing.is_none() && !(project.migrations.is_empty() && project.definitions.is_empty()) {
            print_error(
                &format!(
                    "`{folder}` holds {} migrations and {} definitions already",
                    project.migrations.len(),
                    project.definitions.len()
                ),
                Some(&format!(
                    "a baseline comes before everything else: name another folder with `--dir`, or empty `{MIGRATIONS}/` and the folders of definitions"
                )),
            );
            return None;
        }
    }
    print_problems(&problems);
    (!problems.has_errors()).then_some((settings, existing))
}

fn read(arguments: &Arguments, settings: &Settings) -> Result<(Client, Dump), Outcome> {
    let target = target(arguments)?;
    let mut client = target.connect().map_err(|error| {
        print_runtime_error(&error);
        Outcome::Failed
    })?;
    let dump = dump(&mut client, &target.variables(), &settings.search_path).map_err(|error| {
        print_error(&report(&error), None);
        Outcome::Failed
    })?;
    Ok((client, dump))
}

/// The role that most belongs to, as the one that will migrate empty databases. Of equals the one that is connected.
fn owner(dump: &Dump) -> String {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (object, properties) in &dump.state.objects {
        // Those are made with the database or by its superuser.
        if let Some(owner) = properties.get("owner")
            && !["schema", "extension", "event trigger"].contains(&object.kind.as_str())
        {
            *count.entry(owner.as_str()).or_default() += 1;
        }
    }
    let most = count.into_iter().max_by_key(|(owner, count)| (*count, *owner == dump.role));
    most.map_or_else(|| dump.role.clone(), |(owner, _)| owner.to_owned())
}

/// Writes all files, or none.
fn write(new_files: &BTreeMap<Utf8PathBuf, String>) -> Result<(), String> {
    if let Some(path) = new_files.keys().find(|path| files::exists(path)) {
        return Err(format!("`{path}` exists already"));
    }
    let mut written = Vec::new();
    for (path, text) in new_files {
        if let Err(error) = files::write_new(path, text) {
            return Err(format!("cannot write `{path}`: {error}{}", remove(written.into_iter())));
        }
        written.push(path);
    }
    Ok(())
}

/// Removes what this run wrote; says what is left behind.
fn remove<'a>(paths: impl Iterator<Item = &'a Utf8PathBuf>) -> String {
    let left =
        paths.filter_map(|path| files::remove(path).err().map(|error| format!("; `{path}` is left behind: {error}")));
    left.collect()
}

struct Written<'a> {
    files: &'a BTreeMap<Utf8PathBuf, String>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    Files,
    FilesAndRecord,
}

#[derive(Serialize, Default)]
struct Report<'a> {
    files: Vec<&'a str>,
    written: bool,
    recorded: bool,
    definitions: usize,
    sorts: BTreeMap<&'a str, CountReport>,
    owner: &'a str,
    left: Vec<LeftReport<'a>>,
}

#[derive(Serialize)]
struct CountReport {
    definitions: usize,
    all: usize,
}

#[derive(Serialize)]
struct LeftReport<'a> {
    what: &'a str,
    why: &'a str,
}

fn finish(arguments: &Arguments, dump: &Dump, adopted: &Adopted, owner: &str, written: &Written<'_>) -> Outcome {
    const NOT_IN_A_DUMP: &str = "a schema's dump does not hold it: see to it by hand";
    let left: Vec<(&str, &str)> = adopted
        .left
        .iter()
        .map(|left| (left.what.as_str(), left.why.as_str()))
        .chain(dump.beside.iter().map(|beside| (beside.as_str(), NOT_IN_A_DUMP)))
        .collect();
    if arguments.format == Format::Json {
        print_json(&Report {
            files: written.files.keys().map(|path| path.as_str()).collect(),
            written: written.state != State::Nothing,
            recorded: written.state == State::FilesAndRecord,
            definitions: adopted.definitions.len(),
            sorts: adopted
                .sorts
                .iter()
                .map(|(sort, count)| (sort.plural(), CountReport { definitions: count.definitions, all: count.all }))
                .collect(),
            owner,
            left: left.into_iter().map(|(what, why)| LeftReport { what, why }).collect(),
        });
        return Outcome::Fine;
    }
    if written.state != State::Nothing {
        for path in written.files.keys() {
            println!("wrote {path}");
        }
        println!();
    }
    for (sort, count) in &adopted.sorts {
        println!("{} of {} {} are definitions", count.definitions, count.all, sort.plural());
    }
    println!("role `{owner}` is to migrate empty databases: what belongs to it is made by it");
    if !left.is_empty() {
        println!("\nnot taken, or not as a definition:");
        for (what, why) in left {
            println!("  {what}\n    {}", why.replace('\n', "\n    "));
        }
    }
    match written.state {
        State::Nothing => println!("\nnothing was written"),
        State::Files => println!(
            "\nnothing was recorded in the database: run `cargo xtask adopt --record` on it, and on every other that holds \
             the same, before its first `migrate`"
        ),
        State::FilesAndRecord => println!("\nthe baseline is recorded in the database as applied; it was not run"),
    }
    Outcome::Fine
}
