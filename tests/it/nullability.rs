//! No null ever comes out of a column that the analysis calls not null: random views over random small tables, on real
//! servers. A check is one column called not null, of one query, on one set of rows.
//!
//! `VIEWKEEPER_FUZZ=1000000` makes so many checks on each server instead of a few, `VIEWKEEPER_FUZZ_SEED` other ones;
//! `VIEWKEEPER_FUZZ_SHOW=1` prints the queries that the engine or the server refuses.

mod expr;
mod from;
mod functions;
mod precision;
mod query;
mod schema;

use std::time::Instant;

use viewkeeper_engine::analyse::{ViewQuery, analyse_query};
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
    runs: u64,
    refused: u64,
}

#[test]
fn a_column_called_not_null_yields_no_null() {
    for_each_server(|server| {
        let begin = Instant::now();
        let tally =
            on_deep_stack(|| fuzz(server, setting("VIEWKEEPER_FUZZ", 4000), setting("VIEWKEEPER_FUZZ_SEED", 1)));
        println!(
            "PostgreSQL {}: {} checks ({} with rows) in {} s; {} queries ({} not analysed), {} of {} columns called not \
             null; {} runs, {} refused by the server",
            server.version(),
            tally.checks,
            tally.checks_with_rows,
            begin.elapsed().as_secs(),
            tally.queries,
            tally.not_analysed,
            tally.claimed,
            tally.columns,
            tally.runs,
            tally.refused,
        );
        assert!(tally.not_analysed * 3 < tally.queries, "too many queries are not analysed");
        assert!(tally.refused * 2 < tally.runs, "the server refuses too many queries");
        assert!(tally.checks_with_rows * 4 > tally.checks, "too many queries without rows");
    });
}

/// The same tables with other rows each; the first one is always empty.
const WORLDS: [&str; 6] = ["public", "w1", "w2", "w3", "w4", "w5"];

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
    create function bulk.run(worlds text[], queries text[])
    returns table (query int, world int, rows bigint, nulls text, problem text) language plpgsql as $$
    begin
        for w in 1 .. cardinality(worlds) loop
            perform set_config('search_path', worlds[w], true);
            for q in 1 .. cardinality(queries) loop
                query := q;
                world := w;
                problem := null;
                begin
                    execute queries[q] into rows, nulls;
                exception when others then
                    problem := sqlerrm;
                end;
                return next;
            end loop;
        end loop;
    end $$;";

fn fuzz(server: &'static TestServer, checks: u64, seed: u64) -> Tally {
    let database = server.empty_database();
    let mut client = database.connect();
    client.batch_execute("set statement_timeout = '60s'; set client_min_messages = error; set jit = off").unwrap();
    client.batch_execute(BULK).unwrap();
    let mut random = Random(seed);
    let mut tally = Tally::default();
    let show = std::env::var_os("VIEWKEEPER_FUZZ_SHOW").is_some();
    while tally.checks < checks {
        for world in WORLDS {
            let made = format!("drop schema if exists {world} cascade; create schema {world}");
            client.batch_execute(&made).unwrap();
        }
        client.batch_execute("set search_path = public").unwrap();
        let schema = schema::random(&mut random, server.major(), |statement| {
            let made = client.batch_execute(statement);
            if let (true, Err(error)) = (show, &made) {
                eprintln!("no part of the schema: {}\n  {statement}", message(error));
            }
            made.is_ok()
        });
        let mut rows = vec![Vec::new()];
        for world in &WORLDS[1..] {
            client.batch_execute(&format!("set search_path = {world}")).unwrap();
            let ddl = format!("{};", schema.ddl.join(";\n"));
            client.batch_execute(&ddl).unwrap_or_else(|error| panic!("{error:?}\n{ddl}"));
            let inserted = schema.random_rows(&mut random);
            client.execute("select bulk.try($1)", &[&inserted]).unwrap();
            rows.push(inserted);
        }
        let catalog = replayed(&schema, server.major());
        let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
        for _ in 0..4 {
            let mut batch = Vec::new();
            for _ in 0..25 {
                let (sql, _) = query::random(&mut random, &schema, server.major());
                tally.queries += 1;
                match claims(&catalog, &facts, &sql) {
                    Ok(claimed) => batch.push((sql, claimed)),
                    Err(problem) => {
                        if show {
                            eprintln!("not analysed: {problem}\n  {sql}");
                        }
                        tally.not_analysed += 1;
                    }
                }
            }
            run(&mut client, &batch, &mut tally, |world| {
                format!("{};\n{}", schema.ddl.join(";\n"), rows[world].join(";\n"))
            });
        }
    }
    tally
}

fn message(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// The catalog that the schema's statements lead to.
fn replayed(schema: &schema::Schema, major: u32) -> Catalog {
    let version = ServerVersion::from_major(major).unwrap();
    let settings = Settings { server_version: version, ..Settings::default() };
    let text = format!("{};", schema.ddl.join(";\n"));
    let file =
        MigrationFile { id: MigrationId::new(1, "schema"), source: SourceFile::new("schema.sql", text.as_str()) };
    let state = replay::migrated(&[file], &settings);
    assert!(!state.diagnostics.has_errors(), "{:?}\n{text}", state.diagnostics);
    state.catalog
}

/// For each column of a query the reason why it is never null, where it is called so.
fn claims(catalog: &Catalog, facts: &BaseFacts<'_>, sql: &str) -> Result<Vec<Option<String>>, String> {
    let file = SourceFile::new("fuzz.sql", sql);
    let statements = parse(&file).unwrap_or_else(|error| panic!("{}\n{sql}", error.message));
    let Some(NodeEnum::SelectStmt(select)) = statements.first().map(|statement| &statement.node) else {
        panic!("no query: {sql}")
    };
    let path = ["public".to_owned()];
    let view = ViewQuery { file: &file, query: select, column_aliases: &[], search_path: &path, relation: "public.v" };
    let analysed = analyse_query(catalog, &view).map_err(|problem| problem.message)?;
    Ok(of_query(facts, &analysed.tree).into_iter().map(|column| column.not_null.then_some(column.reason)).collect())
}

fn run(
    client: &mut Client,
    batch: &[(String, Vec<Option<String>>)],
    tally: &mut Tally,
    state: impl Fn(usize) -> String,
) {
    let show = std::env::var_os("VIEWKEEPER_FUZZ_SHOW").is_some();
    let queries: Vec<String> = batch
        .iter()
        .map(|(sql, claimed)| {
            // Not `IS NULL`, which is true of a row of nulls and is proven wrong by the planner from 17 on.
            let tests: Vec<_> = (0..claimed.len())
                .map(|index| format!("coalesce(bool_or(num_nulls(c{index}) > 0), false)::int"))
                .collect();
            format!("select count(*), concat({}) from ({sql}) q", tests.join(", "))
        })
        .collect();
    let worlds: Vec<&str> = WORLDS.to_vec();
    let results = client
        .query("select query, world, rows, nulls, problem from bulk.run($1, $2)", &[&worlds, &queries])
        .unwrap_or_else(|error| panic!("{error:?}\n{}", queries.join("\n")));
    for (_, claimed) in batch {
        tally.columns += claimed.len() as u64;
        tally.claimed += claimed.iter().flatten().count() as u64;
    }
    for row in results {
        let (query, world): (i32, i32) = (row.get(0), row.get(1));
        let (query, world) = (usize::try_from(query - 1).unwrap(), usize::try_from(world - 1).unwrap());
        let (sql, claimed) = &batch[query];
        tally.runs += 1;
        if let Some(problem) = row.get::<_, Option<String>>(4) {
            if show && world == 0 {
                eprintln!("refused: {problem}\n  {sql}");
            }
            tally.refused += 1;
            continue;
        }
        let (found, nulls): (i64, String) = (row.get(2), row.get(3));
        for (index, (reason, null)) in claimed.iter().zip(nulls.chars()).enumerate() {
            let Some(reason) = reason else { continue };
            tally.checks += 1;
            tally.checks_with_rows += u64::from(found > 0);
            assert!(
                null == '0',
                "column c{index} is called not null ({reason}), and is null:\n{};\n\n{sql}",
                state(world)
            );
        }
    }
}
