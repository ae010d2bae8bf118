//! One test binary: cases, laws on real servers, tidy rules.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod analysis;
mod anchors;
mod case;
mod cases;
mod commands;
mod corpora;
mod decoding;
mod drift;
mod extensions;
mod generated;
mod keep;
mod laws;
mod literals;
mod nullability;
mod property;
mod resolve;
mod runtime;
mod tidy;
