//! One test binary: cases, laws on real servers, tidy rules.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod decoding;
mod keep;
mod nullability;
mod resolve;
mod runtime;
mod tidy;
