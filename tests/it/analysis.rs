//! Law 6 on real servers of every version found: what the engine says of a view is what the server makes of it. Views of
//! the cases and of the example, a corpus of everyday SQL (`analysis/*.sql`), PostgreSQL's own views; and law 4 for the
//! example.

pub(crate) mod answer;
mod refused;
mod statements;
mod versions;

use std::collections::BTreeMap;
use std::path::Path;

use answer::{
    Answer, NullSearch, Whose, of_columns, of_engine, of_server, parts_of_engine, parts_of_server, search_nulls,
};
use camino::Utf8Path;
use postgres::Client;
use postgres::error::SqlState;
use viewkeeper_engine::analyse::analyse_parameterised_query;
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::Diagnostics;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::{NodeEnum, on_deep_stack, parse};
use viewkeeper_engine::project::Project;
use viewkeeper_engine::proposal::propose;
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::states;
use viewkeeper_live::testing::{TestServer, for_each_server};

use crate::case;

/// Views that the engine answers otherwise than the server: corpus, view, versions. The causes are in `docs/analysis.md`.
const KNOWN_DIFFERENCES: [(&str, &str, std::ops::RangeInclusive<u32>); 6] = [
    ("everyday SQL", "public.a_function_of_a_row_type", 14..=14),
    ("everyday SQL", "public.a_function_that_fills_a_row", 14..=14),
    ("cases", "routine/a_function_of_a_views_row_type: public.labels", 14..=14),
    ("cases", "routine/a_star_in_an_atomic_body_follows_the_view_that_it_reads: public.w", 14..=14),
    ("cases", "table/wrapped_a_column_with_values_under_rows_that_views_and_functions_hold: public.j", 14..=14),
    ("cases", "routine/a_hand_written_function_is_taken_over_by_its_definition: public.by_hand", 14..=18),
];

/// What came of a corpus on a server.
#[derive(Debug, Default)]
struct Tally {
    statements: usize,
    accepted: usize,
    agreed: usize,
    /// What differs about each view that does, a line for each.
    differed: BTreeMap<String, Vec<String>>,
    /// Rejected by both, but with another code.
    other_code: Vec<String>,
    nulls: NullSearch,
}

impl Tally {
    fn compare(&mut self, name: &str, engine: Option<&Answer>, server: Option<&Answer>) {
        match (engine, server) {
            (Some(engine), Some(server)) => self.count(name, engine.difference(server)),
            (None, Some(_)) => self.count(name, vec!["only the server has it".to_owned()]),
            (Some(_), None) => self.count(name, vec!["only the engine has it".to_owned()]),
            (None, None) => self.count(name, vec!["neither side has it".to_owned()]),
        }
    }

    fn count(&mut self, name: &str, lines: Vec<String>) {
        match lines[..] {
            [] => self.agreed += 1,
            _ => {
                self.differed.insert(name.to_owned(), lines);
            }
        }
    }

    fn report(&self, corpus: &str, server: &TestServer) {
        let known: Vec<&str> = KNOWN_DIFFERENCES
            .iter()
            .filter(|(of, _, majors)| *of == corpus && majors.contains(&server.major()))
            .map(|(_, name, _)| *name)
            .collect();
        println!(
            "PostgreSQL {} | {corpus} | {} statements | {} accepted by the server | {} agreed | {} differed ({} known) | \
             {} rejected with another code | {} columns called not null, {} nulls, {} views not readable",
            server.version(),
            self.statements,
            self.accepted,
            self.agreed,
            self.differed.len(),
            known.len(),
            self.other_code.len(),
            self.nulls.columns,
            self.nulls.found.len(),
            self.nulls.unread.len(),
        );
        for line in &self.other_code {
            println!("  {line}");
        }
        for line in &self.nulls.unread {
            println!("  not readable: {line}");
        }
        assert!(self.statements > 0, "the corpus `{corpus}` is empty");
        assert!(self.nulls.found.is_empty(), "nulls in columns called not null: {}", self.nulls.found.join(", "));
        let settled: Vec<&&str> = known.iter().filter(|name| !self.differed.contains_key(**name)).collect();
        assert!(settled.is_empty(), "listed as differing, but they agree: {settled:?}");
        let new: Vec<String> = self
            .differed
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .map(|(name, lines)| format!("{name}\n    {}", lines.join("\n    ")))
            .collect();
        assert!(new.is_empty(), "{corpus}:\n{}", new.join("\n"));
    }
}

fn version_of(server: &TestServer) -> ServerVersion {
    ServerVersion::from_major(server.major()).expect("a supported version")
}

fn search_path() -> Vec<String> {
    vec!["public".to_owned()]
}

#[test]
fn the_views_of_the_cases_are_what_the_server_makes_of_them() {
    let cases = case::all();
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let mut tally = Tally::default();
        for case in &cases {
            if !case.is_for(server.major()) {
                continue;
            }
            for (sql, catalog) in case.declared(version_of(server)) {
                // Undone again, so that one database does for all.
                let mut transaction = client.transaction().unwrap();
                match transaction.batch_execute(&sql) {
                    Ok(()) => {}
                    // What uses a value that its own transaction added cannot be undone again.
                    Err(error) if error.code() == Some(&SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE) => continue,
                    Err(error) => panic!("{}: {error:?}\n{sql}", case.name()),
                }
                let mut found = of_server(&mut transaction, Whose::User).unwrap();
                found.extend(parts_of_server(&mut transaction).unwrap());
                transaction.rollback().unwrap();
                let mut own = of_engine(&catalog, &search_path());
                own.extend(parts_of_engine(&catalog));
                compare_all(&mut tally, &case.name(), &own, &found);
            }
        }
        tally.report("cases", server);
    });
}

fn compare_all(tally: &mut Tally, place: &str, engine: &BTreeMap<String, Answer>, server: &BTreeMap<String, Answer>) {
    let names: std::collections::BTreeSet<&String> = engine.keys().chain(server.keys()).collect();
    for name in names {
        tally.statements += 1;
        tally.accepted += usize::from(server.contains_key(name));
        tally.compare(&format!("{place}: {name}"), engine.get(name), server.get(name));
    }
}

/// The example's folder, with its settings but for another version.
fn example(version: ServerVersion) -> Project {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../db");
    let folder = Utf8Path::from_path(&folder).expect("a path in UTF-8").to_owned();
    let (mut project, problems) = Project::load(&folder, Utf8Path::new("db"));
    assert!(!problems.has_errors(), "{problems:?}");
    project.settings.server_version = version;
    project
}

#[test]
fn the_views_of_the_example_are_what_the_server_makes_of_them() {
    for_each_server(|server| {
        let project = example(version_of(server));
        let states = states(&project);
        assert!(!states.problems.has_errors(), "{:?}", states.problems);
        let database = server.empty_database();
        let mut client = database.connect();
        migrate(&mut client, &project.migrations);
        let found = of_server(&mut client, Whose::User).unwrap();
        let mut tally = Tally::default();
        compare_all(&mut tally, "declared", &of_engine(&states.declared, &project.settings.search_path), &found);
        compare_all(&mut tally, "migrated", &of_engine(&states.migrated, &project.settings.search_path), &found);
        tally.nulls = search_nulls(&mut client, &states.declared, &found);
        tally.report("example", server);
    });
}

fn migrate(client: &mut Client, migrations: &[MigrationFile]) {
    for migration in migrations {
        let mut transaction = client.transaction().unwrap();
        let outcome = transaction.batch_execute(&migration.source.text);
        outcome.unwrap_or_else(|error| panic!("{}: {error:?}", migration.source.path));
        transaction.commit().unwrap();
    }
}

/// Law 4.
#[test]
fn the_examples_migrations_lead_to_what_its_definitions_declare() {
    for_each_server(|server| {
        let whole = example(version_of(server));
        let database = server.empty_database();
        let mut client = database.connect();
        migrate(&mut client, &whole.migrations);
        let migrated = viewkeeper_live::read(&mut client).unwrap();

        let mut tables = whole.clone();
        tables.migrations.retain(|migration| !migration.is_generated());
        assert!(tables.migrations.len() < whole.migrations.len(), "no migration of the example is generated");
        let database = server.empty_database();
        let mut client = database.connect();
        migrate(&mut client, &tables.migrations);
        let proposal = on_deep_stack(|| -> Result<_, Diagnostics> {
            let states = states(&tables);
            propose(&tables, &states.migrated, &states.declared, 1000, None)
        });
        let definitions = proposal.expect("a plan").expect("definitions").migration;
        client.batch_execute(&definitions).unwrap();
        let declared = viewkeeper_live::read(&mut client).unwrap();
        assert_eq!(declared.difference(&migrated), None, "on PostgreSQL {}", server.version());
    });
}

#[test]
fn the_systems_own_views_are_analysed_as_the_server_has_them() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        let definitions = client
            .query(
                "SELECT n.nspname || '.' || c.relname, pg_get_viewdef(c.oid)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'v' AND n.nspname IN ('pg_catalog', 'information_schema') ORDER BY 1",
                &[],
            )
            .unwrap();
        let found = of_server(&mut client, Whose::System).unwrap();
        let catalog = Catalog::new(version_of(server));
        let mut tally = Tally::default();
        on_deep_stack(|| {
            for row in &definitions {
                let (name, text): (String, String) = (row.get(0), row.get(1));
                tally.statements += 1;
                tally.accepted += 1;
                // As a query: a view of the user's may not have columns of pseudo-types, as some of these have.
                let file = SourceFile::new(name.as_str(), text);
                let statements =
                    parse(&file, version_of(server)).unwrap_or_else(|error| panic!("{name}: {}", error.message));
                let Some(NodeEnum::SelectStmt(select)) = statements.first().map(|statement| &statement.node) else {
                    panic!("{name} is no query")
                };
                match analyse_parameterised_query(&catalog, &file, select, &[], &search_path()) {
                    Ok(analysed) => {
                        let answer = of_columns(&catalog, &search_path(), &analysed.columns);
                        tally.compare(&name, Some(&answer), found.get(&name));
                    }
                    Err(problem) => tally.count(&name, vec![problem.message]),
                }
            }
        });
        tally.report("system views", server);
    });
}

/// A view of the corpus.
struct Sample {
    /// `file:line`.
    place: String,
    /// `public.name`.
    name: String,
    /// `CREATE VIEW …`.
    sql: String,
}

/// The queries of a file, each ended by a semicolon at the end of a line. A bare query becomes a view that is named
/// after its place.
fn samples(file: &Path) -> Vec<Sample> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let mut samples = Vec::new();
    let mut statement = String::new();
    let mut first = 0;
    for (number, line) in (1..).zip(text.lines()) {
        if statement.is_empty() {
            if line.trim().is_empty() || line.starts_with("--") {
                continue;
            }
            first = number;
        }
        statement.push_str(line);
        statement.push('\n');
        if let Some(whole) = statement.trim_end().strip_suffix(';') {
            let (name, sql) =
                match whole.strip_prefix("create view ").or(whole.strip_prefix("create materialized view ")) {
                    Some(rest) => {
                        let name = rest.split([' ', '(', '\n']).next().unwrap_or_default();
                        (name.to_owned(), whole.to_owned())
                    }
                    None => {
                        let name = format!("{stem}_{first}");
                        (name.clone(), format!("create view {name} as {whole}"))
                    }
                };
            samples.push(Sample { place: format!("{stem}.sql:{first}"), name: format!("public.{name}"), sql });
            statement.clear();
        }
    }
    assert!(statement.is_empty(), "{stem}.sql: the last statement has no semicolon");
    samples
}

fn everyday_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/analysis")
}

fn everyday_samples() -> Vec<Sample> {
    let mut files: Vec<_> = std::fs::read_dir(everyday_folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let is = |path: &Path, stem: &str| path.file_stem().is_some_and(|found| found == stem);
    files.retain(|path| !is(path, "schema") && !is(path, "rows") && !is(path, "versions"));
    files.iter().flat_map(|file| samples(file)).collect()
}

#[test]
fn everyday_sql_is_analysed_as_the_server_does() {
    let folder = everyday_folder();
    let schema = std::fs::read_to_string(folder.join("schema.sql")).unwrap();
    let rows = std::fs::read_to_string(folder.join("rows.sql")).unwrap();
    let samples = everyday_samples();

    for_each_server(|server| {
        let settings = Settings { server_version: version_of(server), ..Settings::default() };
        let setup =
            MigrationFile { id: MigrationId::new(1, "schema"), source: SourceFile::new("schema.sql", schema.as_str()) };
        let migrated = replay::migrated(&[setup], &settings);
        assert!(!migrated.diagnostics.has_errors(), "{:?}", migrated.diagnostics);
        let definitions: Vec<_> =
            samples.iter().map(|sample| SourceFile::new(sample.place.as_str(), sample.sql.as_str())).collect();
        let declared = replay::declared(&migrated.catalog, &definitions, &settings);
        let refused = |place: &str| {
            declared.diagnostics.0.iter().find(|problem| {
                problem.place.as_ref().is_some_and(|(file, _)| file.path == place)
                    && problem.severity == viewkeeper_engine::diagnostic::Severity::Error
            })
        };

        let database = server.database(&schema);
        let mut client = database.connect();
        client.batch_execute("set client_min_messages = error").unwrap();
        let outcomes: Vec<Result<(), postgres::Error>> =
            samples.iter().map(|sample| client.batch_execute(&sample.sql)).collect();
        let found = of_server(&mut client, Whose::User).unwrap();
        let engine = of_engine(&declared.catalog, &settings.search_path);

        let mut tally = Tally::default();
        for (sample, outcome) in samples.iter().zip(&outcomes) {
            tally.statements += 1;
            tally.accepted += usize::from(outcome.is_ok());
            let problem = refused(&sample.place);
            match (outcome.as_ref().err().and_then(|error| error.as_db_error()), problem) {
                (None, None) => tally.compare(&sample.name, engine.get(&sample.name), found.get(&sample.name)),
                (Some(error), None) => {
                    tally.count(
                        &sample.name,
                        vec![format!("only the server refuses: {} {}", error.code().code(), error.message())],
                    );
                }
                (None, Some(problem)) => {
                    tally.count(&sample.name, vec![format!("only the engine refuses: {}", problem.message)]);
                }
                (Some(error), Some(problem)) => {
                    if std::env::var_os("VIEWKEEPER_SHOW_REFUSED").is_some() {
                        println!("  refused: {}: {} {}", sample.place, error.code().code(), error.message());
                    }
                    tally.count(&sample.name, Vec::new());
                    let code = problem.sqlstate.map_or("none", |code| code.0);
                    if code != error.code().code() {
                        let server = format!("{} {}", error.code().code(), error.message());
                        tally
                            .other_code
                            .push(format!("{}: server {server}; engine {code} {}", sample.place, problem.message));
                    }
                }
            }
        }
        let empty = search_nulls(&mut client, &declared.catalog, &found);
        client.batch_execute(&rows).unwrap_or_else(|error| panic!("{error:?}"));
        tally.nulls = search_nulls(&mut client, &declared.catalog, &found);
        tally.nulls.columns += empty.columns;
        tally.nulls.found.extend(empty.found);
        tally.report("everyday SQL", server);
    });
}
