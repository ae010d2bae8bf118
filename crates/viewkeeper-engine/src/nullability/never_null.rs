//! Look-up in the generated list of PostgreSQL's own strict functions that return no null for arguments that are not
//! null. The list itself is made by `examples/never_null.rs`.

#[path = "never_null_table.rs"]
mod table;

use crate::catalog::{Oid, ServerVersion};

/// Whether the function is on the list of a version.
pub(super) fn contains(version: ServerVersion, function: Oid) -> bool {
    let Ok(number) = u16::try_from(function.0) else { return false };
    let bit = 1u8 << (version.major() - ServerVersion::V14.major());
    match table::NEVER_NULL.binary_search_by_key(&number, |(oid, _)| *oid) {
        Ok(index) => table::NEVER_NULL.get(index).is_some_and(|(_, versions)| versions & bit != 0),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(table::NEVER_NULL.windows(2).all(|pair| pair[0].0 < pair[1].0));
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
