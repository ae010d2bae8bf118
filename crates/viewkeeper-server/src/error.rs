//! What can go wrong at the database door: one error that says what happened, why it matters and what to do. No
//! printing.

use std::fmt;

/// An error of a private server or of reading a server.
#[derive(Debug)]
pub struct Error {
    message: String,
    help: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// What is wrong: lower case, no full stop, names in backticks.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, source: None }
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What is wrong, without its causes.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        // The driver's own text of a server's error is only "db error"; what the server said is its cause.
        let message = match error.as_db_error() {
            Some(said) => format!("the server answered: {} ({})", said.message(), said.code().code()),
            None => "the connection to the server failed".to_owned(),
        };
        Self::new(message).because(error)
    }
}

/// The error with its causes and its remedy, as a person reads it.
pub fn report(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    if let Some(help) = error.remedy() {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}
