//! Values of storage and view options (reloptions.c): a name that the server does not know, or a value that it does not
//! take, fails when the statement runs.

use super::node;
use super::session::{Outcome, Session};
use super::table::reloptions;
use crate::catalog::ServerVersion;
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::ast;

/// What an option takes.
#[derive(Clone, Copy)]
enum Takes {
    Boolean,
    Whole(i64, i64),
    Real(f64, f64),
    OneOf(&'static [&'static str]),
}

const MAX: i64 = i32::MAX as i64;

/// An option of tables and materialized views (`boolRelOpts`, `intRelOpts`, `realRelOpts`, `enumRelOpts`), and the version
/// that it came with.
fn heap_option(name: &str) -> Option<(Takes, ServerVersion)> {
    use Takes::{Boolean, Whole};
    let takes = match name {
        "fillfactor" => Whole(10, 100),
        "toast_tuple_target" => Whole(128, 8160),
        "parallel_workers" => Whole(0, 1024),
        "user_catalog_table" => Boolean,
        name => return vacuum_option(name),
    };
    Some((takes, ServerVersion::V14))
}

/// An option that the table behind long values (`toast.`) has as well.
fn vacuum_option(name: &str) -> Option<(Takes, ServerVersion)> {
    use Takes::{Boolean, OneOf, Real, Whole};
    let takes = match name {
        "autovacuum_enabled" | "vacuum_truncate" => Boolean,
        "vacuum_index_cleanup" => OneOf(&["auto", "on", "off", "true", "false", "yes", "no", "1", "0"]),
        "autovacuum_vacuum_threshold" | "autovacuum_analyze_threshold" => Whole(0, MAX),
        "autovacuum_vacuum_insert_threshold" | "log_autovacuum_min_duration" => Whole(-1, MAX),
        "autovacuum_vacuum_max_threshold" => return Some((Whole(-1, MAX), ServerVersion::V18)),
        "autovacuum_vacuum_cost_limit" => Whole(1, 10_000),
        "autovacuum_freeze_min_age" => Whole(0, 1_000_000_000),
        "autovacuum_multixact_freeze_min_age" => Whole(0, 1_000_000_000),
        "autovacuum_freeze_max_age" => Whole(100_000, 2_000_000_000),
        "autovacuum_multixact_freeze_max_age" => Whole(10_000, 2_000_000_000),
        "autovacuum_freeze_table_age" | "autovacuum_multixact_freeze_table_age" => Whole(0, 2_000_000_000),
        "autovacuum_vacuum_cost_delay" => Real(0.0, 100.0),
        "autovacuum_vacuum_scale_factor"
        | "autovacuum_vacuum_insert_scale_factor"
        | "autovacuum_analyze_scale_factor" => Real(0.0, 100.0),
        "vacuum_max_eager_freeze_failure_rate" => return Some((Real(0.0, 1.0), ServerVersion::V18)),
        _ => return None,
    };
    Some((takes, ServerVersion::V14))
}

/// `parse_bool`: a word or the beginning of one that can be no other.
fn is_boolean(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, least: usize| value.len() >= least && word.starts_with(&value);
    begins("true", 1)
        || begins("false", 1)
        || begins("yes", 1)
        || begins("no", 1)
        || begins("on", 2)
        || begins("off", 2)
        || matches!(value.as_str(), "1" | "0")
}

/// An option of indexes of one access method.
fn index_option(method: &str, name: &str) -> Option<Takes> {
    use Takes::{Boolean, OneOf, Whole};
    Some(match (method, name) {
        ("btree" | "hash" | "gist" | "spgist", "fillfactor") => Whole(10, 100),
        ("btree", "deduplicate_items") => Boolean,
        ("gist", "buffering") => OneOf(&["on", "off", "auto"]),
        ("gin", "fastupdate") => Boolean,
        ("gin", "gin_pending_list_limit") => Whole(64, MAX / 1024),
        ("brin", "pages_per_range") => Whole(1, 131_072),
        ("brin", "autosummarize") => Boolean,
        _ => return None,
    })
}

impl Session<'_> {
    /// The options of a new table (`DefineRelation`).
    pub(super) fn check_table_options(&self, statement: &ast::CreateStmt, location: i32) -> Outcome {
        for option in node::options(&statement.options).filter(|option| option.defnamespace.is_empty()) {
            // Tables without them may still say so (`transformRelOptions`).
            if option.defname == "oids" && node::option_bool(option) {
                let error = self.error(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    "tables declared WITH OIDS are not supported",
                    option.location,
                );
                return Err(error.help("give the table a column for them"));
            }
        }
        let options = reloptions(&statement.options);
        // Access methods for tables that extensions bring have options of their own.
        if !["", "heap"].contains(&statement.access_method.as_str()) {
            return Ok(());
        }
        if statement.partspec.is_none() {
            return self.check_storage_options(&options, location);
        }
        let more = self.may_have_more_options();
        let known = |key: &str| key == "oids" || more && key.contains('.');
        let Some((key, _)) = options.iter().find(|(key, _)| !known(key)) else { return Ok(()) };
        let error = match self.catalog.version >= ServerVersion::V16 {
            true => {
                let message = "cannot specify storage parameters for a partitioned table";
                self.error(SqlState::WRONG_OBJECT_TYPE, message, location)
            }
            false => {
                let message = format!("a partitioned table has no storage option `{key}`");
                self.error(SqlState::INVALID_PARAMETER, message, location)
            }
        };
        Err(error.help("give it to the partitions"))
    }

    /// The options of an index. Those of access methods that extensions bring are not known.
    pub(super) fn check_index_options(&self, statement: &ast::IndexStmt, location: i32) -> Outcome {
        let method = match statement.access_method.as_str() {
            "" => "btree",
            "rtree" => "gist",
            method => method,
        };
        let options = reloptions(&statement.options);
        self.check_once(&options, location)?;
        if !["btree", "hash", "gist", "spgist", "gin", "brin"].contains(&method) {
            return Ok(());
        }
        for (key, value) in &options {
            if key.contains('.') && self.may_have_more_options() {
                continue;
            }
            let Some(takes) = index_option(method, key) else {
                let message = format!("indexes of access method `{method}` have no storage option `{key}`");
                return Err(self.error(SqlState::INVALID_PARAMETER, message, location));
            };
            if let Some(wanted) = refuses(takes, value) {
                return Err(self.wrong_value(key, value, wanted, location));
            }
        }
        Ok(())
    }

    /// Extensions such as TimescaleDB take options under names of their own (`timescaledb.compress`).
    fn may_have_more_options(&self) -> bool {
        !self.catalog.unmodelled.is_empty() || self.catalog.extensions.keys().any(|extension| extension != "plpgsql")
    }

    fn check_once(&self, options: &[(String, String)], location: i32) -> Outcome {
        // They are sorted by their names.
        let twice = options.windows(2).find_map(|pair| match pair {
            [(one, _), (other, _)] if one == other => Some(one),
            _ => None,
        });
        let Some(key) = twice else { return Ok(()) };
        Err(self.error(SqlState::INVALID_PARAMETER, format!("parameter `{key}` specified more than once"), location))
    }

    /// The storage options of a table or materialized view.
    pub(super) fn check_storage_options(&self, options: &[(String, String)], location: i32) -> Outcome {
        self.check_once(options, location)?;
        for (key, value) in options {
            // What was once an option may be said to be off (`transformRelOptions`).
            if key == "oids" {
                continue;
            }
            let known = match key.split_once('.') {
                None => heap_option(key),
                Some(("toast", key)) if !key.starts_with("autovacuum_analyze") => vacuum_option(key),
                Some(("toast", _)) => None,
                Some(_) if self.may_have_more_options() => continue,
                Some((space, _)) => {
                    let message = format!("there is no namespace `{space}` of storage options");
                    return Err(self.error(SqlState::INVALID_PARAMETER, message, location));
                }
            };
            let version = self.catalog.version;
            let Some((takes, _)) = known.filter(|(_, since)| version >= *since) else {
                let message = format!("PostgreSQL {} has no storage option `{key}`", version.major());
                return Err(self.error(SqlState::INVALID_PARAMETER, message, location));
            };
            if let Some(wanted) = refuses(takes, value) {
                return Err(self.wrong_value(key, value, wanted, location));
            }
        }
        Ok(())
    }

    /// A view option that is on or off.
    pub(super) fn check_boolean_option(&self, key: &str, value: &str, location: i32) -> Outcome {
        match is_boolean(value) {
            true => Ok(()),
            false => Err(self.wrong_value(key, value, "it is `true` or `false`".to_owned(), location)),
        }
    }

    fn wrong_value(&self, key: &str, value: &str, wanted: String, location: i32) -> Diagnostic {
        let message = format!("invalid value `{value}` for the option `{key}`");
        self.error(SqlState::INVALID_PARAMETER, message, location).help(wanted)
    }
}

/// What an option takes, where it does not take a value.
fn refuses(takes: Takes, value: &str) -> Option<String> {
    match takes {
        Takes::Boolean => (!is_boolean(value)).then(|| "it is `true` or `false`".to_owned()),
        Takes::Whole(least, most) => {
            // Numbers may have other forms (`parse_int`): only what is a plain number is looked at.
            let wrong = match value.trim().parse::<i64>() {
                Ok(number) => !(least..=most).contains(&number),
                Err(_) => !value.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')),
            };
            wrong.then(|| format!("it is a number from {least} to {most}"))
        }
        Takes::Real(least, most) => {
            let wrong = value.trim().parse::<f64>().map_or(true, |number| !(least..=most).contains(&number));
            wrong.then(|| format!("it is a number from {least} to {most}"))
        }
        Takes::OneOf(words) => {
            let known = words.iter().any(|word| word.eq_ignore_ascii_case(value));
            (!known).then(|| format!("it is one of {}", words.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_read_as_the_server_reads_them() {
        for value in ["true", "T", "on", "yes", "y", "1", "false", "of", "n", "0"] {
            assert!(is_boolean(value), "{value}");
        }
        for value in ["", "x", "o", "2", "truely"] {
            assert!(!is_boolean(value), "{value}");
        }
    }
}
