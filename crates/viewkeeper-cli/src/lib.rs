//! viewkeeper's commands: their arguments, what they print, their exit codes. What they do is done in the engine, in the
//! runtime and at the database door.
//!
//! A workspace's `xtask` is one call:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     viewkeeper_cli::main()
//! }
//! ```

#[macro_use]
mod output;

mod adopt;
mod arguments;
mod capture_extension;
mod check;
mod compare;
mod context;
mod database;
mod db_diff;
mod describe;
mod dev_db;
mod docs;
mod drift;
mod fleet;
mod github;
mod init;
mod migrate;
mod nulls;
mod question;
mod refresh;
mod renumber;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use output::Outcome;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    main_with(std::env::args_os().skip(1))
}

/// Runs the command that these arguments say: for an `xtask` that has commands of its own too. What is wrong with the
/// arguments is printed, and ends the process.
pub fn main_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let name = OsString::from("viewkeeper");
    let arguments = Arguments::parse_from(std::iter::once(name).chain(arguments.into_iter().map(Into::into)));
    output::begin(arguments.format);
    // Deep expressions are walked recursively, in the commands too.
    let outcome = viewkeeper_engine::parser::on_deep_stack(|| run(&arguments));
    output::finish(arguments.format, outcome);
    ExitCode::from(match outcome {
        Outcome::Fine => 0,
        Outcome::Found => 1,
        Outcome::Failed => 2,
    })
}

fn run(arguments: &Arguments) -> Outcome {
    match &arguments.command {
        Command::DbDiff(options) => db_diff::run(arguments, options),
        Command::Check(options) => check::run(arguments, options),
        Command::Describe(options) => describe::run(arguments, options),
        Command::Docs(options) => docs::run(arguments, options),
        Command::Migrate(options) if options.fleet.is_asked_for() => fleet::migrate(arguments, &options.fleet, options),
        Command::Migrate(options) => migrate::migrate(arguments, options),
        Command::Rollback(options) if options.fleet.is_asked_for() => {
            fleet::rollback(arguments, &options.fleet, options)
        }
        Command::Rollback(options) => migrate::rollback(arguments, options),
        Command::Status(options) if options.fleet.is_asked_for() => fleet::status(arguments, &options.fleet),
        Command::Status(_) => migrate::status(arguments),
        Command::Drift(options) if options.fleet.is_asked_for() => fleet::drift(arguments, &options.fleet),
        Command::Drift(options) => drift::run(arguments, options),
        Command::Compare(options) => compare::run(arguments, options),
        Command::Renumber(options) => renumber::run(arguments, options),
        Command::Refresh(options) => refresh::run(arguments, options),
        Command::CaptureExtension(options) => capture_extension::run(arguments, options),
        Command::Adopt(options) => adopt::run(arguments, options),
        Command::Init(options) => init::run(arguments, options),
        Command::DevDb(action) => dev_db::run(action),
    }
}
