//! One test binary: cases, laws on real servers, tidy rules.

mod keep;
mod runtime;
