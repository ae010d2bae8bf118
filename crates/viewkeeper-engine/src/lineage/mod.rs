//! Where values come from and what a query uses: passes over the typed tree. `flow` follows each output column to
//! the columns of the relations that the query names, `base` follows those through views down to tables, and
//! `dependencies` lists everything used, as `pg_depend` would.

mod base;
mod dependencies;
mod flow;
#[cfg(test)]
mod tests;

pub use base::BaseColumns;
pub use dependencies::{columns_of_rows, dependencies, expression_dependencies, role_constant, rule_dependencies};
pub use flow::of_query;
