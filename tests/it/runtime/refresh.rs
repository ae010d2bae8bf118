//! Materialized views on materialized views, refreshed in their order, with and without a unique index, stale or not.

use std::collections::BTreeSet;
use std::time::Duration;

use postgres::Client;
use viewkeeper::{Mode, Options, Readers, Which, refresh};
use viewkeeper_live::testing::{for_each_server, newest_server, servers};

use super::{first_line, one};

/// `total` reads `per_day` through a view, though it has the smaller number: `per_day` was made anew.
const SCHEMA: &str = "
    CREATE TABLE sales (day date NOT NULL, amount int NOT NULL) PARTITION BY RANGE (day);
    CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE TABLE prices (price int NOT NULL);
    INSERT INTO sales VALUES ('2026-01-01', 1), ('2026-01-01', 2);
    CREATE MATERIALIZED VIEW per_day AS SELECT day, sum(amount) AS amount FROM sales GROUP BY day;
    CREATE VIEW days AS SELECT * FROM per_day;
    CREATE MATERIALIZED VIEW total AS SELECT sum(amount) AS amount FROM days;
    CREATE MATERIALIZED VIEW \"Per Day\" AS SELECT day, sum(amount) AS amount FROM sales GROUP BY day;
    CREATE UNIQUE INDEX ON \"Per Day\" (day);
    CREATE OR REPLACE VIEW days AS SELECT * FROM \"Per Day\";
    CREATE MATERIALIZED VIEW prices_seen AS SELECT count(*) FROM prices WITH NO DATA;
";
const NAMES: [(&str, &str); 3] = [("public", "total"), ("public", "Per Day"), ("public", "prices_seen")];

fn run(client: &mut Client, which: Which, options: Options<'_>) -> Vec<(String, Readers)> {
    let refreshed = refresh(client, &NAMES, which, options).unwrap();
    refreshed.into_iter().map(|one| (one.name, one.readers)).collect()
}

/// Refreshes what is stale until nothing is for a while, and says what was. The server's counters come late: after at
/// most a second, on 14 by another process.
fn settle(client: &mut Client) -> BTreeSet<String> {
    let mut refreshed = BTreeSet::new();
    let mut calm = 0;
    while calm < 5 {
        let names = run(client, Which::Stale, Options::new());
        calm = if names.is_empty() { calm + 1 } else { 0 };
        refreshed.extend(names.into_iter().map(|(name, _)| name));
        std::thread::sleep(Duration::from_millis(250));
    }
    refreshed
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_is_read_is_refreshed_first() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        client.batch_execute(SCHEMA).unwrap();
        client.batch_execute("INSERT INTO sales VALUES ('2026-01-02', 4)").unwrap();
        let all = [("Per Day", Readers::GoOn), ("total", Readers::Wait), ("prices_seen", Readers::Wait)];
        let all = all.map(|(name, readers)| (name.to_owned(), readers));
        assert_eq!(run(&mut client, Which::All, Options::new().mode(Mode::DryRun)), all);
        assert_eq!(one::<i64>(&mut client, "SELECT amount::int8 FROM total"), 3);
        assert_eq!(run(&mut client, Which::All, Options::new()), all);
        assert_eq!(one::<i64>(&mut client, "SELECT amount::int8 FROM total"), 7);
        assert!(!one::<bool>(&mut client, "SELECT to_regclass('viewkeeper_refreshes') IS NOT NULL"));
    });
}

#[test]
fn only_what_is_stale() {
    // 14 counts in another process, all others in shared memory.
    let (oldest, newest) = (*servers().first().unwrap(), newest_server());
    for server in if oldest.major() == newest.major() { vec![newest] } else { vec![oldest, newest] } {
        let database = server.empty_database();
        let mut client = database.connect();
        client.batch_execute(SCHEMA).unwrap();
        // Nothing is known of them yet.
        assert_eq!(settle(&mut client).len(), 3);
        let mut writer = database.connect();
        writer.batch_execute("INSERT INTO prices VALUES (5)").unwrap();
        drop(writer);
        assert_eq!(settle(&mut client), names(&["prices_seen"]));
        assert_eq!(one::<i64>(&mut client, "SELECT count FROM prices_seen"), 1);
        // No counter tells of a TRUNCATE, and of a partition only its own.
        client.batch_execute("TRUNCATE sales_2026").unwrap();
        let dry = run(&mut client, Which::Stale, Options::new().mode(Mode::DryRun));
        assert_eq!(dry.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Per Day", "total"]);
        assert_eq!(settle(&mut client), names(&["Per Day", "total"]));
        assert!(one::<bool>(&mut client, "SELECT amount IS NULL FROM total"));
        client.batch_execute("REFRESH MATERIALIZED VIEW prices_seen WITH NO DATA").unwrap();
        assert_eq!(settle(&mut client), names(&["prices_seen"]));
    }
}

#[test]
fn what_cannot_be_refreshed_is_named() {
    for_each_server(|server| {
        let database = server.empty_database();
        let mut client = database.connect();
        client.batch_execute(SCHEMA).unwrap();
        let error = refresh(&mut client, &[("public", "days"), ("x", "y")], Which::All, Options::new()).unwrap_err();
        assert_eq!(first_line(&error), "`public.days` is no materialized view; `x.y` does not exist in this database");
        // A reader that stays in its transaction: tried again, given up, and what came before is kept.
        client.batch_execute("INSERT INTO sales VALUES ('2026-01-03', 8)").unwrap();
        let mut reader = database.connect();
        reader.batch_execute("BEGIN; SELECT * FROM total").unwrap();
        let impatient = || Options::new().lock_timeout(Duration::from_millis(20)).retries(1);
        let error = refresh(&mut client, &NAMES, Which::All, impatient()).unwrap_err();
        assert!(error.is_locked(), "{error}");
        assert_eq!(first_line(&error), "`public.total` could not be refreshed");
        assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM \"Per Day\""), 2);
    });
}
