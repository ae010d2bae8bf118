//! Makes the texts of a failure smaller, as long as they fail in the same way, and writes them as a case folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postgres::Client;
use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::parser::{parse, tokens};
use viewkeeper_engine::source::SourceFile;

use super::hold::{Texts, check};

/// How long a failure is made smaller.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn shrink(client: &mut Client, texts: Texts, class: &str, major: u32) -> Texts {
    let end = Instant::now() + PATIENCE;
    let mut fails = |texts: &Texts| {
        Instant::now() < end
            && check(client, texts, major).is_ok_and(|found| found.is_some_and(|one| one.class == class))
    };
    let mut texts = split(&texts);
    loop {
        let before = texts.clone();
        statements(&mut texts, &mut fails);
        words(&mut texts, &mut fails);
        if texts == before || Instant::now() >= end {
            return texts;
        }
    }
}

/// One text for each statement.
fn split(texts: &Texts) -> Texts {
    let split = |texts: &[String]| -> Vec<String> {
        let file = SourceFile::new("shrink.sql", texts.concat());
        let statements = parse(&file, ServerVersion::LATEST).unwrap_or_default();
        statements.iter().map(|statement| format!("{};\n", statement.text().trim())).collect()
    };
    Texts {
        setup: split(&texts.setup),
        old: split(&texts.old),
        tables: texts.tables.clone(),
        new: split(&texts.new),
        by_hand: split(&texts.by_hand),
        lasting: split(&texts.lasting),
    }
}

fn all(texts: &mut Texts) -> [&mut Vec<String>; 5] {
    [&mut texts.setup, &mut texts.old, &mut texts.new, &mut texts.by_hand, &mut texts.lasting]
}

/// Different texts, those that stand in several lists once.
fn distinct(texts: &Texts) -> Vec<String> {
    let mut known = BTreeSet::new();
    let every = [&texts.by_hand, &texts.new, &texts.old, &texts.setup];
    every.into_iter().flatten().filter(|text| known.insert((*text).clone())).cloned().collect()
}

fn statements(texts: &mut Texts, fails: &mut impl FnMut(&Texts) -> bool) {
    let mut size = distinct(texts).len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        loop {
            let units = distinct(texts);
            if at >= units.len() {
                break;
            }
            let gone: BTreeSet<&String> = units[at..(at + size).min(units.len())].iter().collect();
            let mut tried = texts.clone();
            for list in all(&mut tried) {
                list.retain(|text| !gone.contains(text));
            }
            if fails(&tried) {
                *texts = tried;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}

fn words(texts: &mut Texts, fails: &mut impl FnMut(&Texts) -> bool) {
    for unit in distinct(texts) {
        let mut current = unit;
        let mut size = 16;
        while size > 0 {
            let mut at = 1;
            loop {
                let found = tokens(&current);
                if at >= found.len() {
                    break;
                }
                let last = (at + size - 1).min(found.len().saturating_sub(2));
                if last < at {
                    break;
                }
                let shorter = format!("{}{}", &current[..found[at].span.start], &current[found[last].span.end..]);
                let mut tried = texts.clone();
                for list in all(&mut tried) {
                    list.iter_mut().filter(|text| **text == current).for_each(|text| text.clone_from(&shorter));
                }
                if fails(&tried) {
                    *texts = tried;
                    current = shorter;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
    }
}

/// The case folder, named after the seed.
pub(super) fn write(texts: &Texts, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("property").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, list) in
        [("setup.sql", &texts.setup), ("old.sql", &texts.old), ("new.sql", &texts.new), ("by_hand.sql", &texts.by_hand)]
    {
        if !list.is_empty() {
            std::fs::write(folder.join(file), list.concat()).unwrap();
        }
    }
    if let Some(tables) = &texts.tables {
        std::fs::write(folder.join("wrapped.sql"), tables).unwrap();
    }
    folder
}
