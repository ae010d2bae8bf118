//! Canonical text means what it was made of: parsed again it gives the same tree, but for places.

use std::path::Path;

use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::parser::{NodeEnum, canonical, on_deep_stack};

use super::script::{Piece, parse_one, pieces, scripts};

/// A tree in words, without the places in it.
fn without_places(node: &NodeEnum) -> String {
    const PLACES: [&str; 4] = ["location: ", "list_start: ", "list_end: ", "stmt_len: "];
    let text = format!("{node:?}");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(end) = PLACES.iter().filter_map(|place| rest.find(place).map(|at| at + place.len())).min() {
        plain.push_str(&rest[..end]);
        rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    }
    plain.push_str(rest);
    plain
}

/// What is wrong with the canonical text of a statement, where it has one: it has to mean the same to every version from the
/// one on that the statement is written for.
fn problem(piece: &Piece, version: ServerVersion) -> Option<String> {
    let statement = piece.parse(version)?;
    let text = canonical(&statement.node).ok()?;
    let wanted = without_places(&statement.node);
    let wrong = ServerVersion::ALL.into_iter().filter(|reader| *reader >= version).find_map(|reader| {
        match parse_one(&piece.place, &text, reader) {
            None => Some((reader, "is no SQL")),
            Some(again) if without_places(&again.node) != wanted => Some((reader, "means something else")),
            Some(_) => None,
        }
    });
    let (reader, what) = wrong?;
    let (from, to) = (version.major(), reader.major());
    Some(format!("{}: written for {from}, it {what} for {to}: {text}\n    {}", piece.place, statement.text()))
}

fn problems(folder: &Path, versions: &[ServerVersion]) -> Vec<String> {
    on_deep_stack(|| {
        let pieces = scripts(folder).into_iter().flat_map(|script| pieces(&script));
        pieces.filter_map(|piece| versions.iter().find_map(|version| problem(&piece, *version))).collect()
    })
}

#[test]
fn canonical_text_means_what_it_was_made_of() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["scripts", "it/analysis", "it/analysis/statements", "it/nullability"] {
        let found = problems(&own.join(folder), &ServerVersion::ALL);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// Statements of all kinds, with all that may be in them (`canonical/definitions.sql`).
#[test]
fn canonical_text_of_definitions_has_all_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("canonical");
    let mut found = Vec::new();
    on_deep_stack(|| {
        for piece in scripts(&folder).iter().flat_map(|script| pieces(script)) {
            if std::env::var_os("VIEWKEEPER_SHOW_CANONICAL").is_some() {
                println!("{}", piece.text);
            }
            let statement = piece.parse(ServerVersion::LATEST);
            match statement.map(|statement| canonical(&statement.node)) {
                None => found.push(format!("{}: is no SQL: {}", piece.place, piece.text)),
                Some(Err(reason)) => found.push(format!("{}: {reason}: {}", piece.place, piece.text)),
                Some(Ok(_)) => found.extend(problem(&piece, ServerVersion::LATEST)),
            }
        }
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn canonical_text_of_fetched_corpora_is_looked_at() {
    for folder in super::corpora() {
        let found = problems(&folder, &[ServerVersion::V14, ServerVersion::LATEST]);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        println!("{name} | canonical texts that mean something else | {}", found.len());
        if let Some(out) = std::env::var_os("VIEWKEEPER_FINDINGS") {
            std::fs::create_dir_all(&out).unwrap();
            std::fs::write(Path::new(&out).join(format!("{name}.canonical.txt")), found.join("\n")).unwrap();
        }
    }
}
