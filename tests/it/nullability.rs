//! No null ever comes out of a column that the analysis calls not null: random views over random small tables, on real
//! servers. `VIEWKEEPER_FUZZ=1000000` makes so many checks on each server instead of a few, `VIEWKEEPER_FUZZ_SEED`
//! other ones.

mod query;
mod schema;

use viewkeeper_engine::analyse::{ViewQuery, analyse_query};
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::nullability::{BaseFacts, ViewColumns, of_query};
use viewkeeper_engine::parser::{NodeEnum, on_deep_stack, parse};
use viewkeeper_engine::source::SourceFile;
use viewkeeper_live::testing::{TestServer, for_each_server};

use postgres::{Client, SimpleQueryMessage};

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
    checks: u64,
    columns: u64,
    claimed: u64,
    not_analysed: u64,
    refused: u64,
}

#[test]
fn a_column_called_not_null_yields_no_null() {
    for_each_server(|server| {
        let tally = on_deep_stack(|| fuzz(server, setting("VIEWKEEPER_FUZZ", 200), setting("VIEWKEEPER_FUZZ_SEED", 1)));
        println!(
            "PostgreSQL {}: {} checks, {} columns, {} called not null; {} queries not analysed, {} refused by the server",
            server.version(),
            tally.checks,
            tally.columns,
            tally.claimed,
            tally.not_analysed,
            tally.refused,
        );
        assert!(tally.checks > 0 && tally.not_analysed < tally.checks / 2, "too few queries could be checked");
    });
}

fn fuzz(server: &'static TestServer, checks: u64, seed: u64) -> Tally {
    let database = server.empty_database();
    let mut client = database.connect();
    client.batch_execute("set statement_timeout = '5s'; set client_min_messages = error").unwrap();
    let mut random = Random(seed);
    let mut tally = Tally::default();
    while tally.checks < checks {
        let schema = schema::random(&mut random);
        client.batch_execute("drop schema public cascade; create schema public").unwrap();
        client.batch_execute(&schema.ddl).unwrap_or_else(|error| panic!("{error:?}\n{}", schema.ddl));
        let catalog = schema::read(&mut client, server.major());
        for _ in 0..4 {
            let data = schema.random_rows(&mut random);
            for statement in &data {
                // A row that a constraint refuses is not there.
                let _ = client.batch_execute(statement);
            }
            for _ in 0..25 {
                let query = query::random(&mut random, &schema);
                check(&mut client, &catalog, &query, &mut tally, || format!("{}\n{}", schema.ddl, data.join(";\n")));
            }
        }
    }
    tally
}

fn check(client: &mut Client, catalog: &Catalog, sql: &str, tally: &mut Tally, state: impl Fn() -> String) {
    let file = SourceFile::new("fuzz.sql", sql);
    let statements = parse(&file).unwrap_or_else(|error| panic!("{}\n{sql}", error.message));
    let Some(NodeEnum::SelectStmt(select)) = statements.first().map(|statement| &statement.node) else {
        panic!("no query: {sql}")
    };
    let path = ["public".to_owned()];
    let view = ViewQuery { file: &file, query: select, column_aliases: &[], search_path: &path, relation: "public.v" };
    let analysed = match analyse_query(catalog, &view) {
        Ok(analysed) => analysed,
        Err(problem) => {
            if std::env::var_os("VIEWKEEPER_FUZZ_SHOW").is_some() {
                eprintln!("not analysed: {}\n  {sql}", problem.message);
            }
            tally.not_analysed += 1;
            return;
        }
    };
    let columns = of_query(&BaseFacts::new(catalog, ViewColumns::AsRecorded), &analysed.tree);
    let tests: Vec<_> = (0..columns.len()).map(|index| format!("coalesce(bool_or(c{index} is null), false)")).collect();
    let messages = match client.simple_query(&format!("select {} from ({sql}) q", tests.join(", "))) {
        Ok(messages) => messages,
        Err(error) => {
            if std::env::var_os("VIEWKEEPER_FUZZ_SHOW").is_some() {
                eprintln!("refused: {}\n  {sql}", error.as_db_error().map_or("", |error| error.message()));
            }
            tally.refused += 1;
            return;
        }
    };
    tally.checks += 1;
    tally.columns += columns.len() as u64;
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        for (index, column) in columns.iter().enumerate() {
            tally.claimed += u64::from(column.not_null);
            assert!(
                !(column.not_null && row.get(index) == Some("t")),
                "column c{index} is called not null ({}), and is null:\n{};\n\n{sql}",
                column.reason,
                state()
            );
        }
    }
}
