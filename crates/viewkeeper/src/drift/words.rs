//! The words that drift uses for kinds and aspects of objects: rules that leave something out are written with them.

use super::Drift;

impl Drift {
    /// All kinds of objects.
    pub const KINDS: &[&str] = &[
        "view",
        "materialized view",
        "table",
        "partition",
        "function",
        "procedure",
        "aggregate",
        "window function",
        "enum",
        "domain",
        "range",
        "composite",
        "sequence",
        "statistics",
        "schema",
        "extension",
        "event trigger",
        "default privileges",
    ];

    /// Those whose names have no schema.
    pub const KINDS_WITHOUT_SCHEMA: &[&str] = &["schema", "extension", "event trigger", "default privileges"];

    /// All aspects that can differ.
    pub const ASPECTS: &[&str] = &[
        "access_method",
        "aggregate",
        "attribute_collations",
        "attribute_comments",
        "base",
        "collation",
        "columns",
        "comment",
        "constraint_comments",
        "constraints",
        "default",
        "definition",
        "enabled",
        "for",
        "identity",
        "indexes",
        "inherits",
        "labels",
        "not_null",
        "on",
        "options",
        "owned_by",
        "owner",
        "partition_key",
        "partition_of",
        "persistence",
        "policies",
        "policy_comments",
        "populated",
        "privileges",
        "range",
        "reads",
        "replica_identity",
        "result",
        "row_security",
        "row_security_forced",
        "rule_comments",
        "rules",
        "schema",
        "subtype",
        "tablespace",
        "target",
        "toast_options",
        "triggers",
        "version",
    ];
}

#[cfg(test)]
mod tests {
    use super::super::compare::NOT_COMPARED;
    use super::*;
    use crate::session::SNAPSHOT;

    /// Of an object, and never told as what differs. That nothing is in it is told by itself.
    fn is_never_told(part: &str) -> bool {
        part == "kind" || part != "populated" && NOT_COMPARED.contains(&part)
    }

    #[test]
    fn every_part_of_an_object_is_an_aspect() {
        let parts = SNAPSHOT.lines().filter_map(|line| line.strip_prefix("            '")?.split_once("',"));
        let parts: Vec<&str> = parts.map(|(name, _)| name).collect();
        assert!(parts.contains(&"privileges"));
        for part in parts {
            assert!(Drift::ASPECTS.contains(&part) != is_never_told(part), "{part}");
        }
    }
}
