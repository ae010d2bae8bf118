//! How commands end and how problems reach the terminal. Results go to standard output, everything else to standard error;
//! machines always get JSON on standard output, also when a command fails before it has a result.

use std::fmt::Arguments;
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use viewkeeper_engine::describe::{ErrorDescription, errors};
use viewkeeper_engine::diagnostic::{Diagnostic, Diagnostics, Severity, Style};

use crate::arguments::Format;
use crate::github::annotate_errors;

/// As the standard library's, but a reader that has gone (`| head`) is no reason to panic.
macro_rules! println {
    () => { $crate::output::print_line(format_args!("")) };
    ($($text:tt)*) => { $crate::output::print_line(format_args!($($text)*)) };
}

/// The same for standard error.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::output::print_problem_line(format_args!($($text)*)) };
}

/// Writes a line of a result. What cannot be written ends the command, except that nobody reads any more: that ends
/// only the reading, since what the command does goes on mattering.
pub(crate) fn print_line(text: Arguments<'_>) {
    let mut out = stdout().lock();
    if let Err(error) = writeln!(out, "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        print_problem_line(format_args!("error: standard output cannot be written: {error}"));
        std::process::exit(2);
    }
}

/// Writes a line about a problem. Where it cannot be written, nobody can be told.
pub(crate) fn print_problem_line(text: Arguments<'_>) {
    let _ = writeln!(stderr().lock(), "{text}");
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Fine, or nothing to do.
    Fine,
    /// Something was found: a pending change, drift, a failed check.
    Found,
    /// The command could not do its work.
    Failed,
}

/// What this process printed so far.
struct Printed {
    json: bool,
    errors: Vec<ErrorDescription>,
}

static PRINTED: Mutex<Printed> = Mutex::new(Printed { json: false, errors: Vec::new() });

fn printed() -> MutexGuard<'static, Printed> {
    PRINTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives machines the errors of a command that ended without a result, in the form of `describe`'s, and annotations all
/// of them.
pub(crate) fn finish(format: Format, outcome: Outcome) {
    #[derive(Serialize)]
    struct Failure {
        errors: Vec<ErrorDescription>,
    }
    if format == Format::Github {
        let errors = std::mem::take(&mut printed().errors);
        annotate_errors(&errors);
    }
    if format == Format::Json && outcome != Outcome::Fine && !printed().json {
        let errors = std::mem::take(&mut printed().errors);
        print_json(&Failure { errors });
    }
}

fn style() -> Style {
    let coloured = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured { Style::Colour } else { Style::Plain }
}

/// Prints problems, with a line that counts them.
pub(crate) fn print_problems(problems: &Diagnostics) {
    if problems.0.is_empty() {
        return;
    }
    printed().errors.extend(errors(problems));
    eprintln!("{}\n", problems.render(style()));
    let count = |severity| problems.0.iter().filter(|problem| problem.severity == severity).count();
    let mut words = Vec::new();
    for (severity, one) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        match count(severity) {
            0 => {}
            1 => words.push(format!("1 {one}")),
            many => words.push(format!("{many} {one}s")),
        }
    }
    eprintln!("{}", words.join(", "));
}

/// Prints an error that has no place in a file.
pub(crate) fn print_error(message: &str, help: Option<&str>) {
    let mut problem = Diagnostic::error(message);
    problem.help = help.map(str::to_owned);
    eprintln!("{}", problem.render(style()));
    printed().errors.extend(errors(&Diagnostics(vec![problem])));
}

/// Prints a result for machines.
pub(crate) fn print_json(result: &impl Serialize) {
    printed().json = true;
    match serde_json::to_string_pretty(result) {
        Ok(text) => println!("{text}"),
        Err(error) => print_error(&format!("the result cannot be written as JSON: {error}"), None),
    }
}

/// Prints an error of the runtime: its message, and its causes where they say more.
pub(crate) fn print_runtime_error(error: &viewkeeper::Error) {
    eprintln!("error: {error}");
    let place = error.position();
    printed().errors.push(ErrorDescription {
        file: place.map(|(file, ..)| file.to_owned()),
        line: place.map(|(_, line, _)| line),
        column: place.map(|(.., column)| column),
        relation: None,
        sqlstate: error.sqlstate().map(str::to_owned),
        message: error.message().to_owned(),
        help: error.remedy().map(str::to_owned),
    });
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        // What the server reported is in the message already, without its hint to use CASCADE.
        if cause.downcast_ref::<viewkeeper::postgres::Error>().is_some_and(|error| error.as_db_error().is_some()) {
            break;
        }
        eprintln!("  because: {cause}");
        source = cause.source();
    }
}
