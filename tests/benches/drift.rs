//! How long `drift` takes over 1,000 views, against `pg_dump --schema-only` of the same database: `cargo bench -p
//! viewkeeper-tests --bench drift`, numbers after `--` are counts of views. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use viewkeeper::{Migrations, Options};
use viewkeeper_live::client_program;
use viewkeeper_live::testing::servers;

const ROUNDS: usize = 5;

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![1_000] } else { counts };
    for server in servers() {
        let own = client_program("pg_dump", server.major()).ok().filter(|program| {
            // A newer one asks other things.
            let version = Command::new(program).arg("--version").output().expect("its version").stdout;
            String::from_utf8_lossy(&version).contains(&format!(" {}.", server.major()))
        });
        let Some(program) = own else {
            println!("not measured on PostgreSQL {}: no `pg_dump` of that version", server.version());
            continue;
        };
        for count in &counts {
            let database = server.empty_database();
            let migrations = Migrations::read(vec![("V1__views.sql".to_owned(), views(*count))], Vec::new());
            let mut client = database.connect();
            migrations.migrate(&mut client, Options::new()).unwrap();
            let drift = fastest(|| {
                let report = migrations.drift(&mut client, &Options::new()).unwrap();
                assert!(report.found.is_empty(), "{:?}", report.found);
            });
            let dump = fastest(|| {
                let mut command = Command::new(&program);
                let url = database.url();
                command.args(["--schema-only", "--dbname", &url]).stdout(Stdio::null());
                assert!(command.status().unwrap().success());
            });
            println!(
                "PostgreSQL {}, {count} views: drift {} ms, pg_dump --schema-only {} ms: {:.2}",
                server.version(),
                drift.as_millis(),
                dump.as_millis(),
                drift.as_secs_f64() / dump.as_secs_f64(),
            );
        }
    }
}

/// Views over ten tables, every tenth materialized.
fn views(count: usize) -> String {
    let mut sql = String::new();
    for table in 0..10 {
        let _ = writeln!(sql, "CREATE TABLE t{table} (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz);");
    }
    for view in 0..count {
        let (kind, table, other) =
            (if view % 10 == 0 { "MATERIALIZED VIEW" } else { "VIEW" }, view % 10, (view + 3) % 10);
        let _ = writeln!(
            sql,
            "CREATE {kind} v{view} AS SELECT a.id, a.name, count(b.id) AS number, max(b.at) AS last_at, {view} AS which\n\
             FROM t{table} a LEFT JOIN t{other} b ON b.id = a.id AND b.at > now() - interval '30 days'\n\
             GROUP BY a.id, a.name HAVING count(*) > {view};\n\
             COMMENT ON {kind} v{view} IS 'number {view}';"
        );
    }
    sql
}

fn fastest(mut round: impl FnMut()) -> Duration {
    let one = |()| {
        let start = Instant::now();
        round();
        start.elapsed()
    };
    std::iter::repeat_n((), ROUNDS).map(one).min().expect("at least one round")
}
