//! Reading a database: every kind of object is there, and every change of one is seen.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use viewkeeper_live::compare::{Environment, Standing, compare};
use viewkeeper_live::testing::{TestDatabase, for_each_server, servers};
use viewkeeper_live::{ServerState, read};

const EVERYTHING: &str = include_str!("everything.sql");

/// A change of one thing, and what must be seen of it.
const CHANGES: &[(&str, &str)] = &[
    ("COMMENT ON COLUMN sales.total.amount IS 'other'", "column sales.total.amount"),
    ("GRANT SELECT ON sales.total TO PUBLIC", "view sales.total"),
    ("GRANT SELECT (name) ON sales.customer TO PUBLIC", "column sales.customer.name"),
    ("ALTER VIEW sales.total SET (security_barrier = false)", "view sales.total"),
    ("ALTER VIEW sales.total OWNER TO viewkeeper_reader", "view sales.total"),
    ("ALTER VIEW sales.total ALTER amount SET DEFAULT 1", "column sales.total.amount"),
    (
        "CREATE OR REPLACE VIEW sales.total WITH (security_barrier) AS SELECT sum(amount) + 1 AS amount FROM sales.sale",
        "view sales.total",
    ),
    ("ALTER MATERIALIZED VIEW sales.daily ALTER n SET STATISTICS 7", "column sales.daily.n"),
    ("ALTER MATERIALIZED VIEW sales.daily SET WITHOUT CLUSTER", "index sales.daily_day"),
    ("ALTER MATERIALIZED VIEW sales.daily SET (fillfactor = 60)", "materialized view sales.daily"),
    ("REFRESH MATERIALIZED VIEW sales.daily WITH NO DATA", "materialized view sales.daily"),
    ("ALTER INDEX sales.sale_half ALTER COLUMN 1 SET STATISTICS 9", "index sales.sale_half"),
    ("ALTER TABLE sales.sale DISABLE TRIGGER guard", "trigger sales.sale.guard"),
    ("ALTER TABLE sales.customer DISABLE RULE quiet", "rule sales.customer.quiet"),
    ("ALTER TYPE sales.state ADD VALUE 'lost'", "enum sales.state"),
    ("ALTER DOMAIN sales.email SET DEFAULT 'a@b'", "domain sales.email"),
    ("ALTER TABLE sales.sale VALIDATE CONSTRAINT positive", "constraint sales.sale.positive"),
    ("ALTER SEQUENCE sales.ticket CACHE 3", "sequence sales.ticket"),
    ("ALTER POLICY own ON sales.customer USING (false)", "policy sales.customer.own"),
    ("ALTER FUNCTION sales.half(numeric) VOLATILE", "function sales.half(value numeric)"),
    ("ALTER STATISTICS sales.sale_both SET STATISTICS 11", "statistics sales.sale_both"),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO PUBLIC",
        "default privileges of postgres in sales for r",
    ),
    ("REVOKE ALL ON SCHEMA sales FROM viewkeeper_reader", "schema sales"),
];

#[test]
fn every_change_is_seen_and_nothing_else() {
    for_each_server(|server| {
        server.role("viewkeeper_reader");
        let database = server.database(EVERYTHING);
        let mut before = state(&database);
        assert_eq!(before.difference(&state(&server.database(EVERYTHING))), None);
        for (change, object) in CHANGES {
            database.execute(change);
            let after = state(&database);
            let all = before.objects.keys().chain(after.objects.keys());
            let changed: std::collections::BTreeSet<String> = all
                .filter(|name| before.objects.get(name) != after.objects.get(name))
                .map(|name| format!("{} {}", name.kind, name.name))
                .collect();
            assert_eq!(changed.iter().collect::<Vec<_>>(), [object], "after: {change}");
            assert!(before.difference(&after).is_some());
            let compared = compared(&[(server.major(), &before), (server.major(), &after)]);
            assert_eq!(compared.len(), 1, "after: {change}: {compared:?}");
            // What belongs to a relation is told with it.
            let (kind, name) = object.split_once(' ').unwrap();
            let is_part = ["column ", "index ", "trigger ", "rule ", "policy ", "constraint "]
                .iter()
                .any(|part| object.starts_with(part));
            assert!(is_part || compared[0] == format!("{kind} {name}"), "after: {change}: {compared:?}");
            before = after;
        }
    });
}

#[test]
fn every_kind_is_read() {
    for_each_server(|server| {
        server.role("viewkeeper_reader");
        let state = state(&server.database(EVERYTHING));
        let kinds: std::collections::BTreeSet<&str> = state.objects.keys().map(|object| &*object.kind).collect();
        for kind in [
            "schema",
            "enum",
            "domain",
            "range",
            "composite type",
            "collation",
            "table",
            "view",
            "materialized view",
            "sequence",
            "column",
            "index",
            "constraint",
            "trigger",
            "rule",
            "function",
            "procedure",
            "aggregate",
            "operator",
            "cast",
            "policy",
            "statistics",
            "event trigger",
            "publication",
        ] {
            assert!(kinds.contains(kind), "no {kind} in {kinds:?}");
        }
    });
}

#[test]
fn majors_are_compared_without_the_texts_that_servers_render() {
    let servers = servers();
    let states: Vec<(u32, ServerState)> = servers
        .iter()
        .map(|server| {
            server.role("viewkeeper_reader");
            (server.major(), state(&server.database(EVERYTHING)))
        })
        .collect();
    for (old, new) in states.iter().zip(states.iter().skip(1)) {
        let found = compared(&[(old.0, &old.1), (new.0, &new.1)]);
        // 15 gave the schema another owner, and took the right to create in it from everybody.
        let expected: &[&str] = if old.0 == 14 { &["schema public"] } else { &[] };
        assert_eq!(found, expected, "{} and {}", old.0, new.0);
    }
}

/// The objects that are not the same in all states.
fn compared(states: &[(u32, &ServerState)]) -> Vec<String> {
    let environments: Vec<Environment> = states
        .iter()
        .map(|(major, state)| Environment { name: major.to_string(), major: *major, state: (*state).clone() })
        .collect();
    let found = compare(&environments, &BTreeSet::new());
    let differing = found.iter().filter(|object| object.standing() != Standing::Same);
    differing.map(|object| format!("{} {}", object.object.kind, object.object.name)).collect()
}

fn state(database: &TestDatabase) -> ServerState {
    read(&mut database.connect()).unwrap()
}
