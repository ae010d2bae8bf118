//! What the benchmarks have in common: views as applications have them, and clocks. Processor time is measured where the
//! system tells it of a thread, since a shared machine's clock says more about its other users.
#![allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "a module of several programs")]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use viewkeeper_engine::config::Settings;
use viewkeeper_engine::migration::{GENERATED_MARKER, MigrationFile, MigrationId};
use viewkeeper_engine::project::Project;
use viewkeeper_engine::source::SourceFile;

pub const TABLES: &str =
    "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text, active boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), balance numeric(12,2));
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, placed_at timestamptz NOT NULL,
    amount numeric(12,2) NOT NULL, state text NOT NULL);
";

/// How the views stand on each other.
#[derive(Clone, Copy)]
pub enum Shape {
    Independent,
    ChainsOfTen,
    Fan,
}

impl Shape {
    pub fn words(self) -> &'static str {
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

pub fn definitions(shape: Shape, count: usize, changed: bool) -> Vec<Arc<SourceFile>> {
    let text = |number: usize| view(shape, number, changed && number == 0);
    (0..count).map(|number| SourceFile::new(format!("db/views/v{number}.sql"), text(number))).collect()
}

/// A migration of a number.
pub fn migration(version: i64, text: String) -> MigrationFile {
    let id = MigrationId::new(version, "step");
    let source = SourceFile::new(format!("db/migrations/{id}.sql"), text);
    MigrationFile { id, source }
}

/// A folder whose migrations made the views as they were, and whose definitions have the first one changed.
pub fn project(shape: Shape, count: usize) -> Project {
    let mut made = format!("{GENERATED_MARKER}V2__step\n");
    for old in definitions(shape, count, false) {
        made.push_str(&old.text);
    }
    Project {
        dir: "db".into(),
        shown_as: "db".into(),
        settings: Settings::default(),
        definitions: definitions(shape, count, true),
        migrations: vec![migration(1, TABLES.to_owned()), migration(2, made)],
        clashing: Vec::new(),
        rollbacks: Vec::new(),
    }
}

/// The processor time that all threads of this process have had, ended ones too (Linux tells it in hundredths of a second),
/// or the time of day.
fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    processor_time().unwrap_or_else(|| START.elapsed())
}

fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name, in brackets, may hold spaces: user and system time are the 12th and 13th field after it.
    let mut fields = told.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks))
}

/// What is measured.
pub fn clock() -> &'static str {
    if processor_time().is_some() { "processor time" } else { "elapsed time" }
}

/// The average of as many runs as half a second holds; one where it takes longer.
pub fn average(run: impl FnMut()) -> Duration {
    average_and_elapsed(run).0
}

/// The same, and the average time that passed: less than that of the processor where two threads work.
pub fn average_and_elapsed(mut run: impl FnMut()) -> (Duration, Duration) {
    let (start, began) = (now(), Instant::now());
    for runs in 1u32.. {
        run();
        let spent = now().saturating_sub(start);
        if spent >= Duration::from_millis(500) {
            return (spent / runs, began.elapsed() / runs);
        }
    }
    (Duration::ZERO, Duration::ZERO)
}

/// The most memory that this process ever had, in MB, where the system tells (Linux).
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
