//! How commands end and how problems reach the terminal. Results go to standard output, everything else to standard error;
//! machines always get JSON on standard output, also when a command fails before it has a result.

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Whether what is printed is read by a runner that takes lines for commands.
static READ_BY_RUNNER: AtomicBool = AtomicBool::new(false);

/// Before anything is printed.
pub(crate) fn begin(format: Format) {
    READ_BY_RUNNER.store(format == Format::Github, Ordering::Relaxed);
}

/// Writes a line of a result. Names come from databases: what is in them is only shown.
pub(crate) fn print_line(text: Arguments<'_>) {
    print_as_it_is(&harmless(&text.to_string(), Colours::None));
}

/// Writes what others than people read. What cannot be written ends the command, except that nobody reads any more: that
/// ends only the reading, since what the command does goes on mattering.
pub(crate) fn print_as_it_is(text: &str) {
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
    print_problem(&text.to_string(), Colours::None);
}

fn print_problem(text: &str, colours: Colours) {
    let _ = writeln!(stderr().lock(), "{}", harmless(text, colours));
}

/// Whether the sequences that colour text are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    None,
    Kept,
}

/// A text that does nothing to a terminal, and gives a runner no commands: control characters are written out, and a line
/// that would be a command is one no more.
fn harmless(text: &str, colours: Colours) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    // `ActionCommand` in GitHub's runner: after spaces, or anywhere in the line.
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    let by_runner = READ_BY_RUNNER.load(Ordering::Relaxed) && text.lines().any(is_command);
    if !by_runner && !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match colours {
            Colours::Kept => colour_length(rest),
            Colours::None => None,
        };
        let (part, after) = rest.split_at(length.unwrap_or(c.len_utf8()));
        if length.is_none() && is_control(c) {
            // A `String` takes everything.
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push_str(part);
        }
        rest = after;
    }
    if !by_runner {
        return Cow::Owned(shown);
    }
    let lines = shown.split('\n').map(|line| {
        let line = line.replace("##[", "# #[");
        if is_command(&line) { line.replacen("::", ": :", 1) } else { line }
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// The length of a sequence at the head of a text that sets a colour.
fn colour_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    parameters.get(end..)?.starts_with('m').then_some(end + 3)
}

/// A name for a line that is not printed here, as a progress bar's.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    harmless(name, Colours::None)
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
    print_problem(&format!("{}\n", problems.render(style())), Colours::Kept);
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
    print_problem(&problem.render(style()), Colours::Kept);
    printed().errors.extend(errors(&Diagnostics(vec![problem])));
}

/// Prints a warning that has no place in a file.
pub(crate) fn print_warning(message: &str, help: &str) {
    let problem = Diagnostic::warning(message).help(help);
    print_problem(&problem.render(style()), Colours::Kept);
}

/// Prints a result for machines.
pub(crate) fn print_json(result: &impl Serialize) {
    printed().json = true;
    match serde_json::to_string_pretty(result) {
        Ok(text) => print_as_it_is(&text),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_nothing_to_a_terminal() {
        let check = |text: &str, colours, expected: &str| assert_eq!(harmless(text, colours), expected);
        check("a\tb\nc", Colours::None, "a\tb\nc");
        check("\u{1b}]0;title\u{7}\r\u{9b}2J\u{7f}", Colours::None, "\\u{1b}]0;title\\u{7}\\u{d}\\u{9b}2J\\u{7f}");
        check("\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J", Colours::Kept, "\u{1b}[1;31mred\u{1b}[0m \\u{1b}[2J");
    }
}
