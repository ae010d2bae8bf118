//! viewkeeper's engine: text in, text out. It parses, analyses, diffs, plans, renders and generates; it opens no
//! connection, reads no clock and draws no random number, and its output is the same byte for byte on every machine.

pub mod adopt;
pub mod analyse;
pub mod analysis;
pub mod build_script;
pub mod catalog;
pub mod complete;
pub mod config;
pub mod describe;
pub mod diagnostic;
pub mod diff;
pub mod extension;
pub mod files;
pub mod generate;
pub mod graph;
pub mod hazard;
pub mod keep;
pub mod lineage;
pub mod migration;
pub mod name;
pub mod nullability;
pub mod object;
pub mod parser;
pub mod plan;
pub mod project;
pub mod proposal;
pub(crate) mod refusal;
pub mod render;
pub mod renumber;
pub mod replay;
pub mod resolve;
pub mod source;
pub mod stars;
pub mod states;
pub mod tree;
pub mod written;
