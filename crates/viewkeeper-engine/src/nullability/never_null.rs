//! Look-up in the generated lists of PostgreSQL's own strict functions that return no null for arguments that are not
//! null: a file for each major version, made by `examples/never_null.rs`.

use std::sync::OnceLock;

use crate::catalog::{Oid, ServerVersion};

/// Each line: the function's number, its name and arguments, and what it is on the list for.
fn text(version: ServerVersion) -> &'static str {
    match version {
        ServerVersion::V14 => include_str!("never_null/14.tsv"),
        ServerVersion::V15 => include_str!("never_null/15.tsv"),
        ServerVersion::V16 => include_str!("never_null/16.tsv"),
        ServerVersion::V17 => include_str!("never_null/17.tsv"),
        ServerVersion::V18 => include_str!("never_null/18.tsv"),
    }
}

/// The numbers of a version's list, in order; read once.
fn numbers(version: ServerVersion) -> &'static [u32] {
    static LISTS: [OnceLock<Vec<u32>>; 5] = [const { OnceLock::new() }; 5];
    let at = ServerVersion::ALL.iter().position(|other| *other == version).unwrap_or_default();
    LISTS[at].get_or_init(|| {
        let lines = text(version).lines();
        lines.filter_map(|line| line.split('\t').next()?.parse().ok()).collect()
    })
}

/// Whether the function is on the list of a version.
pub(super) fn contains(version: ServerVersion, function: Oid) -> bool {
    numbers(version).binary_search(&function.0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_sorted_for_the_search() {
        for version in ServerVersion::ALL {
            assert_eq!(numbers(version).len(), text(version).lines().count());
            assert!(numbers(version).windows(2).all(|pair| pair[0] < pair[1]), "{version:?}");
        }
    }

    #[test]
    fn functions_known_to_return_null_are_not_listed() {
        // date_part(text, timestamp), to_char(timestamp, text), array_length, jsonb -> text, lower(anyrange)
        for function in [2021, 2049, 2176, 3478, 3848] {
            assert!(ServerVersion::ALL.iter().all(|version| !contains(*version, Oid(function))), "{function}");
        }
    }

    #[test]
    fn the_list_knows_versions() {
        // jsonb to int4 is an error for the json null up to 17, and null from then on.
        assert!(contains(ServerVersion::V17, Oid(3451)));
        assert!(!contains(ServerVersion::V18, Oid(3451)));
        // int4 + int4
        assert!(ServerVersion::ALL.iter().all(|version| contains(*version, Oid(177))));
    }
}
