//! How long `db-diff` takes with one change among many views, against the time that the parser alone takes for the same
//! files: `cargo bench -p viewkeeper-engine --bench db_diff`, or with `--profile dev` as `cargo xtask` runs. Numbers after
//! `--` are counts of views. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use viewkeeper_engine::config::Settings;
use viewkeeper_engine::migration::{GENERATED_MARKER, MigrationFile, MigrationId};
use viewkeeper_engine::parser::{on_deep_stack, parse};
use viewkeeper_engine::project::Project;
use viewkeeper_engine::proposal::{Proposal, propose};
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::states;

const TABLES: &str =
    "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text, active boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), balance numeric(12,2));
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, placed_at timestamptz NOT NULL,
    amount numeric(12,2) NOT NULL, state text NOT NULL);
";

/// How the views stand on each other.
#[derive(Clone, Copy)]
enum Shape {
    Independent,
    ChainsOfTen,
    Fan,
}

impl Shape {
    fn words(self) -> &'static str {
        match self {
            Self::Independent => "independent, one literal changed",
            Self::ChainsOfTen => "chains of ten, the bottom of one retyped",
            Self::Fan => "all on one, which is retyped",
        }
    }

    /// The view that a view reads.
    fn base(self, view: usize) -> Option<usize> {
        match self {
            Self::Independent => None,
            Self::ChainsOfTen => (!view.is_multiple_of(10)).then(|| view - 1),
            Self::Fan => (view > 0).then_some(0),
        }
    }
}

/// About a thousand bytes, as views of applications have. The first one changes.
fn view(shape: Shape, number: usize, changed: bool) -> String {
    let Some(base) = shape.base(number) else {
        let id = if changed && !matches!(shape, Shape::Independent) { "u.id::integer" } else { "u.id" };
        let days = if changed { 7 } else { 30 };
        return format!(
            "-- What users ordered in the last days, with what they spent on average, and whether they are still active.\n\
             CREATE VIEW v{number} AS\n\
             SELECT {id} AS id, u.name, lower(u.email) AS email, u.active,\n    \
                 count(o.id) AS orders, coalesce(sum(o.amount), 0) AS spent, avg(o.amount) AS average,\n    \
                 max(o.placed_at) AS last_order,\n    \
                 CASE WHEN sum(o.amount) > {number} THEN 'large' WHEN sum(o.amount) > 10 THEN 'small' ELSE 'none' END AS size\n\
             FROM users AS u\n\
             LEFT JOIN orders AS o ON o.user_id = u.id AND o.state <> 'cancelled' AND o.placed_at > now() - interval '{days} days'\n\
             WHERE u.active AND u.created_at < now()\n    \
                 AND EXISTS (SELECT FROM orders AS x WHERE x.user_id = u.id AND x.amount > {number} AND x.state IN ('paid', 'sent'))\n\
             GROUP BY u.id\n\
             HAVING count(*) > 0;\n\
             COMMENT ON VIEW v{number} IS 'Users with their orders, number {number}.';\n"
        );
    };
    format!(
        "-- The same users, with how far back their last order lies, and with how they compare to each other.\n\
         CREATE VIEW v{number} AS\n\
         WITH ranked AS (\n    \
             SELECT b.*, rank() OVER (PARTITION BY b.size ORDER BY b.spent DESC) AS place FROM v{base} AS b WHERE b.orders > 0\n\
         )\n\
         SELECT r.id, r.name, coalesce(r.email, 'nobody@example.org') AS email, r.active, r.orders, r.spent + {number} AS spent,\n    \
             round(r.average, 2) AS average, r.last_order,\n    \
             CASE WHEN r.place <= 10 THEN 'top' ELSE r.size END AS size\n\
         FROM ranked AS r\n\
         JOIN users AS u ON u.id = r.id\n\
         WHERE r.last_order > now() - interval '90 days' AND r.name NOT LIKE 'test%' AND u.balance IS DISTINCT FROM {number}\n\
         ORDER BY r.spent DESC, r.name;\n\
         COMMENT ON VIEW v{number} IS 'What is built on number {base}.';\n"
    )
}

fn definitions(shape: Shape, count: usize, changed: bool) -> Vec<Arc<SourceFile>> {
    let text = |number: usize| view(shape, number, changed && number == 0);
    (0..count).map(|number| SourceFile::new(format!("db/views/v{number}.sql"), text(number))).collect()
}

/// A folder whose migrations made the views as they were.
fn project(shape: Shape, count: usize) -> Project {
    let file = |version: i64, text: String| {
        let id = MigrationId::new(version, "step");
        let source = SourceFile::new(format!("db/migrations/{id}.sql"), text);
        MigrationFile { id, source }
    };
    let mut made = format!("{GENERATED_MARKER}V2__step\n");
    for old in definitions(shape, count, false) {
        let _ = write!(made, "{}", old.text);
    }
    Project {
        dir: "db".into(),
        shown_as: "db".into(),
        settings: Settings::default(),
        definitions: definitions(shape, count, true),
        migrations: vec![file(1, TABLES.to_owned()), file(2, made)],
        clashing: Vec::new(),
        rollbacks: Vec::new(),
    }
}

fn db_diff(project: &Project) -> Proposal {
    let states = states(project);
    assert!(!states.problems.has_errors(), "{:?}", states.problems);
    propose(project, &states.migrated, &states.declared, 3, None).expect("a plan").expect("a change")
}

/// The shortest of a few runs.
fn shortest(mut run: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
        if begin.elapsed() > Duration::from_secs(20) {
            break;
        }
    }
    best
}

fn main() {
    let counts: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if counts.is_empty() { vec![100, 1_000, 10_000] } else { counts };
    println!("| views | parse | db-diff | ratio | |\n|---|---|---|---|---|");
    on_deep_stack(|| {
        for shape in [Shape::Independent, Shape::ChainsOfTen, Shape::Fan] {
            for &count in &counts {
                let project = project(shape, count);
                let parsed = shortest(|| {
                    for file in &project.definitions {
                        black_box(parse(file).expect("SQL"));
                    }
                });
                let planned = shortest(|| {
                    black_box(db_diff(&project));
                });
                println!(
                    "| {count} | {:.1} ms | {:.1} ms | {:.1} | {} |",
                    parsed.as_secs_f64() * 1e3,
                    planned.as_secs_f64() * 1e3,
                    planned.as_secs_f64() / parsed.as_secs_f64(),
                    shape.words()
                );
            }
        }
    });
}
