//! What each edition of the recorded state added to what is recorded of an object. How a state of a former one is compared is
//! drift's.

use serde_json::{Map, Value};

/// What `snapshot.sql` writes.
pub(crate) const NEWEST: u64 = 3;

/// What the second one added.
const SECOND: [&str; 9] = [
    "rule_comments",
    "policy_comments",
    "aggregate",
    "belongs_to",
    "collation",
    "range",
    "attribute_collations",
    "attribute_comments",
    "constraint_comments",
];

/// What the third one added.
const THIRD: [&str; 5] = ["reads", "inherits", "inherited", "replica_identity", "toast_options"];

/// What says who is who on both sides of a change, and is not recorded.
pub(crate) const NOT_RECORDED: [&str; 2] = ["oid", "column_numbers"];

/// The edition of an entry; the first one did not say it.
pub(crate) fn of(entry: &Map<String, Value>) -> u64 {
    entry.get("edition").and_then(Value::as_u64).unwrap_or(1)
}

/// What an entry of an edition could not have.
pub(crate) fn added_since(edition: u64) -> impl Iterator<Item = &'static str> {
    let second = SECOND.iter().filter(move |_| edition < 2);
    let third = THIRD.iter().filter(move |_| edition < NEWEST);
    second.chain(third).copied()
}
