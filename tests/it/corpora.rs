//! The engine against servers of every version found, over whole folders of SQL scripts: PostgreSQL's regression suite,
//! benchmarks, schemas of real projects. They are not part of the repository: `VIEWKEEPER_CORPORA` names a folder with a
//! folder for each, as `corpora/fetch` makes it.

mod canonical;
mod dump;
mod fuzz;
mod run;
mod script;
mod state;
mod tally;

use std::path::{Path, PathBuf};

use run::Run;
use tally::Tally;
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_live::testing::{TestServer, for_each_server};

fn corpora() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("VIEWKEEPER_CORPORA").filter(|folder| !folder.is_empty()) else {
        return Vec::new();
    };
    let wanted = std::env::var("VIEWKEEPER_CORPUS").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("VIEWKEEPER_CORPORA={}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .filter(|path| wanted.is_empty() || path.file_name().is_some_and(|name| name.to_string_lossy() == wanted))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no corpus in {}", folder.display());
    found
}

fn run_corpus(server: &'static TestServer, folder: &Path) -> Tally {
    let version = ServerVersion::from_major(server.major()).expect("a supported version");
    let settings = Settings { server_version: version, ..Settings::default() };
    let database = server.empty_database();
    let mut client = database.connect();
    let tally = on_deep_stack(|| {
        let mut run = Run::new(&mut client, Catalog::new(version), &settings);
        for script in script::scripts(folder) {
            run.script(&script::pieces(&script));
        }
        run.compare_states();
        run.tally
    });
    let dumped = dump::dump(&database).map(|text| dump::replay_problems(&text, &mut client, &settings));
    Tally { dump: dumped, ..tally }
}

#[test]
fn fetched_corpora_are_analysed_as_servers_do() {
    let corpora = corpora();
    if corpora.is_empty() {
        println!("skipped: VIEWKEEPER_CORPORA names no folder");
        return;
    }
    for_each_server(|server| {
        for folder in &corpora {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            let tally = run_corpus(server, folder);
            println!("{name} | {} | views | {}", server.version(), tally.views);
            println!("{name} | {} | bodies | {}", server.version(), tally.bodies);
            println!(
                "{name} | {} | definitions | {} | {} not followed, {} not parsed, {} skipped",
                server.version(),
                tally.definitions,
                tally.unmodelled,
                tally.unparsed,
                tally.skipped
            );
            println!(
                "{name} | {} | state | {} lines | {} differ",
                server.version(),
                tally.state_lines,
                tally.state.len()
            );
            if let Some(out) = std::env::var_os("VIEWKEEPER_FINDINGS") {
                std::fs::create_dir_all(&out).unwrap();
                let file = Path::new(&out).join(format!("{name}.{}.txt", server.major()));
                std::fs::write(&file, tally.to_string()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            }
        }
    });
}

/// The smallest scripts of what once differed, each in a database of its own, on every server of their versions.
#[test]
fn scripts_are_followed_as_servers_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let wanted = std::env::var("VIEWKEEPER_SCRIPT").unwrap_or_default();
    for_each_server(|server| {
        let version = ServerVersion::from_major(server.major()).expect("a supported version");
        let settings = Settings { server_version: version, ..Settings::default() };
        let mut wrong = Vec::new();
        for path in script::scripts(&folder) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let from = text.strip_prefix("-- from ").and_then(|rest| rest.get(..2)?.parse().ok()).unwrap_or(0);
            if server.major() < from || !name.contains(&wanted) {
                continue;
            }
            let database = server.empty_database();
            let mut client = database.connect();
            let tally = on_deep_stack(|| {
                let mut run = Run::new(&mut client, Catalog::new(version), &settings);
                run.script(&script::pieces(&path));
                run.compare_states();
                run.tally
            });
            if !tally.to_string().is_empty() {
                wrong.push(format!("{name} on {}\n{tally}", server.version()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// The example and the schema of the everyday queries, on every server that a pg_dump is found for.
#[test]
fn dumps_are_replayed_without_a_warning() {
    let everyday = include_str!("analysis/schema.sql");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../db/migrations");
    let mut files = script::scripts(&folder);
    // `V2` comes before `V10`.
    files.sort_by_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.trim_start_matches('V').split('_').next().and_then(|number| number.parse::<u32>().ok())
    });
    let example: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for_each_server(|server| {
        let version = ServerVersion::from_major(server.major()).expect("a supported version");
        let settings = Settings { server_version: version, ..Settings::default() };
        for (name, sql) in [("everyday SQL", everyday), ("the example", &example.join("\n"))] {
            let database = server.database(sql);
            let Some(text) = dump::dump(&database) else { continue };
            assert!(text.contains("CREATE TABLE"), "{text}");
            let problems = dump::replay_problems(&text, &mut database.connect(), &settings);
            assert!(problems.is_empty(), "{name}: {}", problems.join("\n"));
        }
    });
}
