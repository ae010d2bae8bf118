//! No null ever comes out of a column that the analysis calls not null: random views over random small tables, on real
//! servers. A check is one column called not null, of one query, on one set of rows.
//!
//! `VIEWKEEPER_FUZZ=1000000` makes so many checks on each server instead of a few, `VIEWKEEPER_FUZZ_SEED` other ones;
//! `VIEWKEEPER_FUZZ_SHOW=1` prints the queries that the engine or the server refuses.

mod check;
mod expr;
mod from;
mod functions;
mod precision;
mod query;
mod schema;
mod system_views;

use std::time::Instant;

use viewkeeper_engine::analyse::{Made, ViewQuery, analyse_query};
use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::nullability::{BaseFacts, ViewColumns, of_query};
use viewkeeper_engine::parser::{NodeEnum, on_deep_stack, parse};
use viewkeeper_engine::replay;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::{TestServer, for_each_server};

use postgres::Client;

/// A small generator of numbers (splitmix64): the same ones for the same seed on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (bound as u64)).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What became of the generated queries.
#[derive(Default)]
struct Tally {
    /// Columns called not null, times the sets of rows that their query could be run on.
    checks: u64,
    /// Those of them with a row.
    checks_with_rows: u64,
    queries: u64,
    columns: u64,
    claimed: u64,
    not_analysed: u64,
    /// Queries that the server refuses.
    refused: u64,
    runs: u64,
    /// Runs that end with an error.
    failed: u64,
}

#[test]
fn a_column_called_not_null_yields_no_null() {
    for_each_server(|server| {
        let begin = Instant::now();
        let tally =
            on_deep_stack(|| fuzz(server, setting("VIEWKEEPER_FUZZ", 4000), setting("VIEWKEEPER_FUZZ_SEED", 1)));
        println!(
            "PostgreSQL {}: {} checks ({} with rows) in {} s; {} queries ({} not analysed), {} of {} columns called not \
             null; {} refused by the server; {} runs, {} failed",
            server.version(),
            tally.checks,
            tally.checks_with_rows,
            begin.elapsed().as_secs(),
            tally.queries,
            tally.not_analysed,
            tally.claimed,
            tally.columns,
            tally.refused,
            tally.runs,
            tally.failed,
        );
        assert!(tally.not_analysed * 3 < tally.queries, "too many queries are not analysed");
        assert!(tally.refused * 10 < tally.queries, "the server refuses too many queries");
        assert!(tally.failed * 5 < tally.runs, "too many queries fail");
        assert!(tally.checks_with_rows * 4 > tally.checks, "too many queries without rows");
    });
}

/// How many queries are made for a schema, and on how many sets of rows each is run. Sets of rows follow each other in
/// the same tables: deleting and inserting leaves the plans of the queries as they are, and planning is what takes time.
const QUERIES: usize = 100;
const WORLDS: usize = 10;

/// Runs statements and queries in bulk, on the server's side of the line.
const BULK: &str = "
    create schema bulk;
    create function bulk.try(statements text[]) returns void language plpgsql as $$
    declare statement text;
    begin
        foreach statement in array statements loop
            begin execute statement; exception when others then null; end;
        end loop;
    end $$;
    create function bulk.prepare(queries text[]) returns table (query int, problem text) language plpgsql as $$
    begin
        for q in 1 .. cardinality(queries) loop
            begin
                execute format('prepare q%s as %s', q, queries[q]);
            exception when others then
                query := q;
                problem := sqlerrm;
                return next;
            end;
        end loop;
    end $$;
    create function bulk.run(queries int[])
    returns table (query int, rows bigint, nulls text, problem text) language plpgsql as $$
    begin
        foreach query in array queries loop
            problem := null;
            begin
                execute format('execute q%s', query) into rows, nulls;
            exception when others then
                problem := sqlerrm;
            end;
            return next;
        end loop;
    end $$;";

fn fuzz(server: &'static TestServer, checks: u64, seed: u64) -> Tally {
    let database = server.empty_database();
    let mut client = database.connect();
    client.batch_execute("set statement_timeout = '60s'; set client_min_messages = error; set jit = off").unwrap();
    client.batch_execute(BULK).unwrap();
    let mut random = Random(seed);
    let mut tally = Tally::default();
    while tally.checks < checks {
        client.batch_execute("deallocate all; drop schema public cascade; create schema public").unwrap();
        let schema = schema::random(&mut random, server.major(), |statement| {
            let made = client.batch_execute(statement);
            if let (true, Err(error)) = (show(), &made) {
                eprintln!("no part of the schema: {}\n  {statement}", message(error));
            }
            made.is_ok()
        });
        let catalog = replayed(&schema, server.major());
        let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
        let mut batch = Vec::new();
        for _ in 0..QUERIES {
            let (sql, _) = query::random(&mut random, &schema, server.major());
            tally.queries += 1;
            match claims(&catalog, &facts, &sql) {
                Ok(claimed) => batch.push((sql, claimed)),
                Err(problem) => {
                    if show() {
                        eprintln!("not analysed: {problem}\n  {sql}");
                    }
                    tally.not_analysed += 1;
                }
            }
        }
        let possible = prepare(&mut client, &batch, &mut tally);
        // As the schema left its tables, then empty, then with random rows.
        let mut history = schema.ddl.clone();
        for world in 0..WORLDS {
            let statements = match world {
                0 => Vec::new(),
                1 => schema.emptied(),
                _ => schema.random_rows(&mut random),
            };
            client.execute("select bulk.try($1)", &[&statements]).unwrap();
            history.extend(statements);
            run(&mut client, &batch, &possible, &mut tally, &history);
        }
    }
    tally
}

fn show() -> bool {
    std::env::var_os("VIEWKEEPER_FUZZ_SHOW").is_some()
}

/// Prepares the counting form of each query that claims something, and says which the server takes.
fn prepare(client: &mut Client, batch: &[(String, Vec<Option<String>>)], tally: &mut Tally) -> Vec<i32> {
    let mut possible = Vec::new();
    let mut queries = Vec::new();
    for (number, (sql, claimed)) in (1..).zip(batch) {
        tally.columns += claimed.len() as u64;
        tally.claimed += claimed.iter().flatten().count() as u64;
        // Not `IS NULL`, which is true of a row of nulls and is proven wrong by the planner from 17 on.
        let test = |index: usize| format!("coalesce(bool_or(num_nulls(c{index}) > 0), false)::int");
        let tests: Vec<_> = (0..claimed.len()).map(test).collect();
        queries.push(format!("select count(*), concat({}) from ({sql}) q", tests.join(", ")));
        possible.push(number);
    }
    for row in client.query("select query, problem from bulk.prepare($1)", &[&queries]).unwrap() {
        let (query, problem): (i32, String) = (row.get(0), row.get(1));
        if show() {
            eprintln!("refused: {problem}\n  {}", queries[usize::try_from(query - 1).unwrap()]);
        }
        tally.refused += 1;
        possible.retain(|number| *number != query);
    }
    possible
}

fn message(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// The catalog that the schema's statements lead to.
fn replayed(schema: &schema::Schema, major: u32) -> Catalog {
    replayed_text(&format!("{};", schema.ddl.join(";\n")), major)
}

/// The catalog that a text of statements leads to.
pub(crate) fn replayed_text(text: &str, major: u32) -> Catalog {
    let version = ServerVersion::from_major(major).unwrap();
    let settings = Settings { server_version: version, ..Settings::default() };
    let file = MigrationFile { id: MigrationId::new(1, "schema"), source: SourceFile::new("schema.sql", text) };
    let state = replay::migrated(&[file], &settings);
    assert!(!state.diagnostics.has_errors(), "{:?}\n{text}", state.diagnostics);
    state.catalog
}

/// For each column of a query the reason why it is never null, where it is called so.
fn claims(catalog: &Catalog, facts: &BaseFacts<'_>, sql: &str) -> Result<Vec<Option<String>>, String> {
    let file = SourceFile::new("fuzz.sql", sql);
    let statements = parse(&file, catalog.version).unwrap_or_else(|error| panic!("{}\n{sql}", error.message));
    let Some(NodeEnum::SelectStmt(select)) = statements.first().map(|statement| &statement.node) else {
        panic!("no query: {sql}")
    };
    let path = ["public".to_owned()];
    let view = ViewQuery {
        file: &file,
        query: select,
        column_aliases: &[],
        search_path: &path,
        relation: "public.v",
        made: Made::View,
    };
    let analysed = analyse_query(catalog, &view).map_err(|problem| problem.message)?;
    Ok(of_query(facts, &analysed.tree).into_iter().map(|column| column.not_null.then_some(column.reason)).collect())
}

fn run(
    client: &mut Client,
    batch: &[(String, Vec<Option<String>>)],
    possible: &[i32],
    tally: &mut Tally,
    history: &[String],
) {
    for row in client.query("select query, rows, nulls, problem from bulk.run($1)", &[&possible]).unwrap() {
        let (sql, claimed) = &batch[usize::try_from(row.get::<_, i32>(0) - 1).unwrap()];
        tally.runs += 1;
        if let Some(problem) = row.get::<_, Option<String>>(3) {
            if show() {
                eprintln!("failed: {problem}\n  {sql}");
            }
            tally.failed += 1;
            continue;
        }
        let (found, nulls): (i64, String) = (row.get(1), row.get(2));
        for (index, (reason, null)) in claimed.iter().zip(nulls.chars()).enumerate() {
            let Some(reason) = reason else { continue };
            tally.checks += 1;
            tally.checks_with_rows += u64::from(found > 0);
            assert!(
                null == '0',
                "column c{index} is called not null ({reason}), and is null:\n{};\n\n{sql}",
                history.join(";\n")
            );
        }
    }
}
