//! Interprets SQL statements: migrations in order give the migrated state, definitions the declared state. What a
//! statement does to a [`Catalog`] is said here, one file per topic; what a query means is `analyse`'s.

mod walk;
mod node;
