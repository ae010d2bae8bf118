//! No input panics: statements of the corpora, cut, spliced and disturbed, as migrations and as definitions; and nesting
//! beyond what PostgreSQL itself takes. What the engine says of them is not looked at.
//!
//! `VIEWKEEPER_FUZZ_MINUTES` makes it run longer, with other inputs each time; `VIEWKEEPER_CORPORA` adds the statements
//! of the fetched corpora.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use viewkeeper_engine::catalog::{Catalog, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::migration::{MigrationFile, MigrationId};
use viewkeeper_engine::parser::{self, on_deep_stack};
use viewkeeper_engine::replay::{self, Steps};
use viewkeeper_engine::source::SourceFile;

use super::script::{pieces, scripts};

/// How many disturbed statements the short form tries.
const TRIES: usize = 1500;

/// A generator of numbers that look random (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.next() % end as u64).unwrap_or(0) }
    }
}

/// Words, numbers, white space and single signs.
fn words(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        if at > start && (last != Some(class(c)) || class(c) == 2) {
            words.push(&text[start..at]);
            start = at;
        }
        last = Some(class(c));
    }
    words.push(&text[start..]);
    words
}

fn disturbed(texts: &[String], chance: &mut Chance) -> String {
    const STRANGE: [&str; 16] = [
        "(",
        ")",
        "'",
        "\"",
        "*",
        "::",
        "99999999999999999999",
        "NULL",
        "[]",
        "$1",
        ".",
        "ü",
        "\u{1F600}",
        "''",
        "--",
        "VARIADIC",
    ];
    let text = &texts[chance.below(texts.len())];
    let other = words(&texts[chance.below(texts.len())]);
    let mut parts = words(text);
    for _ in 0..=chance.below(4) {
        let at = chance.below(parts.len());
        match chance.below(7) {
            0 => parts.truncate(at + 1),
            1 if parts.len() > 1 => {
                parts.remove(at);
            }
            2 => parts.insert(at, parts[at]),
            3 => parts[at] = other[chance.below(other.len())],
            4 => parts.insert(at, STRANGE[chance.below(STRANGE.len())]),
            5 => {
                parts.truncate(at);
                parts.extend(&other[chance.below(other.len())..]);
            }
            _ => {
                let end = (at + chance.below(12)).min(parts.len());
                let copy: Vec<&str> = parts[at..end].to_vec();
                let to = chance.below(parts.len());
                parts.splice(to..to, copy);
            }
        }
        if parts.is_empty() {
            parts.push(" ");
        }
    }
    parts.concat()
}

fn texts() -> Vec<String> {
    let mut files = scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("it/analysis"));
    for corpus in super::corpora() {
        files.extend(scripts(&corpus));
    }
    let found = files.iter().flat_map(|file| pieces(file)).map(|piece| piece.text);
    found.filter(|text| text.len() < 4000).collect()
}

#[test]
fn disturbed_statements_do_not_panic() {
    let texts = texts();
    let minutes = std::env::var("VIEWKEEPER_FUZZ_MINUTES").ok().and_then(|minutes| minutes.parse::<u64>().ok());
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let seed = match end {
        Some(_) => SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs()),
        None => 1,
    };
    let settings = Settings { server_version: ServerVersion::V18, ..Settings::default() };
    let schema = SourceFile::new("schema.sql", include_str!("../analysis/schema.sql"));
    let setup = replay::migrated(&[MigrationFile { id: MigrationId::new(1, "schema"), source: schema }], &settings);
    // The panics are told below, with what they came of.
    let panics: Vec<String> = on_deep_stack(|| {
        let mut chance = Chance(seed);
        let mut panics = Vec::new();
        let mut tried = 0;
        let mut steps = Steps::new(setup.catalog.clone(), &settings);
        let start = steps.checkpoint();
        while end.map_or(tried < TRIES, |end| Instant::now() < end) && panics.len() < 20 {
            tried += 1;
            let mut text = disturbed(&texts, &mut chance);
            if chance.below(2) == 0 {
                text = format!("CREATE VIEW fuzzed AS {text}");
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let file = SourceFile::new("fuzz.sql", text.as_str());
                for statement in parser::parse(&file, settings.server_version).unwrap_or_default() {
                    let problems = steps.run(&statement);
                    // Placing and showing them must not fail either.
                    let mut shown = String::new();
                    let _ = write!(shown, "{}", problems.render(viewkeeper_engine::diagnostic::Style::Plain));
                }
            }));
            if outcome.is_err() {
                panics.push(text);
                steps = Steps::new(setup.catalog.clone(), &settings);
            }
            steps.back_to(&start);
        }
        println!("{tried} disturbed statements tried, {} panics", panics.len());
        panics
    });
    assert!(panics.is_empty(), "seed {seed}:\n{}", panics.join("\n----\n"));
}

/// Each is analysed or refused in words; nothing overflows the stack.
#[test]
fn nesting_beyond_every_limit_is_an_error() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("SELECT {}{inner}{} AS x", open.repeat(depth), close.repeat(depth))
    };
    let mut queries = Vec::new();
    for depth in [100, 1_000, 10_000] {
        queries.extend([
            nested("(", "1", ")", depth),
            nested("(SELECT ", "1", ")", depth),
            nested("- ", "1", "", depth),
            nested("NOT ", "true", "", depth),
            nested("CASE WHEN true THEN ", "1", " END", depth),
            nested("ARRAY[", "1", "]", depth),
            nested("coalesce(", "1", ")", depth),
            nested("", "1", "::int", depth),
            nested("", "1", " + 1", depth),
            nested("", "'a'", " || 'a'", depth),
            nested("", "true", " AND true", depth),
            nested("", "1 IN (1", ", 1", depth) + ")",
            format!("SELECT 1 AS x{}", " UNION ALL SELECT 1".repeat(depth)),
            format!(
                "SELECT 1 AS x FROM {}(SELECT 1 AS a) s{}",
                "(".repeat(depth),
                " CROSS JOIN (SELECT 1) t)".repeat(depth)
            ),
            format!("{}SELECT 1 AS x{}", "(".repeat(depth), ")".repeat(depth)),
            format!("SELECT '{}{}'::jsonb AS x", "[".repeat(depth), "]".repeat(depth)),
        ]);
    }
    let settings = Settings::default();
    on_deep_stack(|| {
        for query in &queries {
            let start: String = query.chars().take(60).collect();
            let file = SourceFile::new("deep.sql", format!("CREATE VIEW deep AS {query}"));
            let problems = match parser::parse(&file, settings.server_version) {
                Ok(statements) => {
                    let mut steps = Steps::new(Catalog::new(settings.server_version), &settings);
                    statements.iter().flat_map(|statement| steps.run(statement).0).collect()
                }
                Err(problem) => vec![problem],
            };
            for problem in problems {
                assert!(!problem.message.is_empty(), "{start}");
            }
        }
    });
}
