//! The database: one struct for every table, view and materialized view, and the migrations that make them. All of it is
//! generated from the SQL beside it; nothing is written here by hand.

include!(concat!(env!("OUT_DIR"), "/rows.rs"));
include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
