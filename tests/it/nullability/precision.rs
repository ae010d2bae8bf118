//! Of the columns that PostgreSQL's planner proves not null (from 17 on it folds `x IS NULL` to false), the analysis
//! proves all. Left out are values that the planner computes from constants alone, and what it knows only because of the
//! partitions that are there now, or because null belongs into one of them only.

use viewkeeper_engine::nullability::{BaseFacts, ViewColumns};
use viewkeeper_engine::parser::on_deep_stack;
use viewkeeper_live::testing::{TestServer, for_each_server};

use postgres::{Client, SimpleQueryMessage};

use super::{Random, claims, query, replayed, schema, setting};

#[derive(Default)]
struct Tally {
    columns: usize,
    by_planner: usize,
    by_engine: usize,
    gaps: Vec<String>,
}

#[test]
fn what_the_planner_proves_is_proven() {
    for_each_server(|server| {
        if server.major() < 17 {
            return;
        }
        let tally = on_deep_stack(|| compare(server));
        println!(
            "PostgreSQL {}: {} columns, {} proven by the engine, {} by the planner, {} only by the planner",
            server.version(),
            tally.columns,
            tally.by_engine,
            tally.by_planner,
            tally.gaps.len()
        );
        assert!(tally.by_planner > 20, "the planner proves too little to compare with");
        assert!(tally.gaps.is_empty(), "{}", tally.gaps.join("\n\n"));
    });
}

fn compare(server: &'static TestServer) -> Tally {
    let database = server.empty_database();
    let mut client = database.connect();
    client
        .batch_execute(
            "set client_min_messages = error; set constraint_exclusion = off; set enable_partition_pruning = off",
        )
        .unwrap();
    let mut random = Random(setting("VIEWKEEPER_FUZZ_SEED", 3));
    let mut tally = Tally::default();
    while tally.columns < usize::try_from(setting("VIEWKEEPER_FUZZ", 1000)).unwrap() {
        client.batch_execute("drop schema public cascade; create schema public").unwrap();
        let schema = schema::random(&mut random, server.major(), |statement| client.batch_execute(statement).is_ok());
        let catalog = replayed(&schema, server.major());
        // A partition may come while the view is there, which allows what its table allows.
        client.batch_execute("create table if not exists parted (k int) partition by list (k)").unwrap();
        client.batch_execute("create table one_more partition of parted for values in (7777)").unwrap();
        let facts = BaseFacts::new(&catalog, ViewColumns::AsRecorded);
        for _ in 0..60 {
            let (sql, _) = query::random(&mut random, &schema, server.major());
            let Ok(claimed) = claims(&catalog, &facts, &sql) else { continue };
            for (index, claim) in claimed.iter().enumerate() {
                tally.columns += 1;
                tally.by_engine += usize::from(claim.is_some());
                if planner_proves(&mut client, &sql, index) {
                    tally.by_planner += 1;
                    if claim.is_none() {
                        tally.gaps.push(format!("c{index} of {sql}\n{};", schema.ddl.join(";\n")));
                    }
                }
            }
        }
    }
    tally
}

/// Whether the planner folds the test for a null in a column `c<number>` of a query to false.
pub(super) fn planner_proves(client: &mut Client, sql: &str, column: usize) -> bool {
    let is_false = |plan: &Option<String>| {
        plan.as_ref()
            .is_some_and(|plan| plan.lines().nth(1).is_some_and(|line| line.trim() == "One-Time Filter: false"))
    };
    if !is_false(&explain(client, &format!("select 1 from ({sql}) v where c{column} is null"))) {
        return false;
    }
    // A query that gives no row at all proves nothing, nor does a value that is computed while planning.
    let rows = explain(client, &format!("select c{column} from ({sql}) v"));
    let whole = rows.as_deref().unwrap_or_default();
    !whole.contains("One-Time Filter: false")
        && whole.lines().find_map(|line| line.trim().strip_prefix("Output: ")).is_some_and(is_computed)
}

/// Whether an expression of a plan names anything but constants.
fn is_computed(output: &str) -> bool {
    let outside: String = output.split('\'').step_by(2).collect();
    outside.contains('.') || outside.contains('(')
}

fn explain(client: &mut Client, sql: &str) -> Option<String> {
    let messages = client.simple_query(&format!("explain (verbose, costs off) {sql}")).ok()?;
    let lines: Vec<String> = messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .filter(|line| !line.trim().starts_with("Output:") || !sql.starts_with("select 1 "))
        .collect();
    Some(lines.join("\n"))
}
