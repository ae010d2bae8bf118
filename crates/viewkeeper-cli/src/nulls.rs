//! `check --nulls`: whether the data is as people say where they overrule what is proven of nulls. It only reads, and
//! gives up on what takes long.

use serde::Serialize;
use viewkeeper::postgres::{Client, Error};
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::nullability::{OnWord, on_word};

/// What the database says of a column that is not null by a person's word alone.
#[derive(Debug, Serialize)]
pub(crate) struct NullReport {
    relation: String,
    column: String,
    reason: String,
    /// Whether there is a null; none where the question was not answered.
    null: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl NullReport {
    /// Whether the word is broken.
    pub(crate) fn is_null(&self) -> bool {
        self.null == Some(true)
    }

    /// Whether the question was not answered.
    pub(crate) fn is_open(&self) -> bool {
        self.null.is_none()
    }

    pub(crate) fn print(&self) {
        let Self { relation, column, reason, .. } = self;
        match (self.null, &self.problem) {
            (Some(true), _) => println!(
                "null in {relation}.{column}: {reason}, and the database holds one\n  take that back, or keep nulls out of it"
            ),
            (None, Some(problem)) => println!("not known of {relation}.{column}: {problem}"),
            _ => {}
        }
    }
}

/// Asks for each such column, in a transaction that only reads.
///
/// # Errors
/// When the transaction cannot begin.
pub(crate) fn ask(client: &mut Client, catalog: &Catalog, seconds: u32) -> Result<Vec<NullReport>, String> {
    let words = on_word(catalog);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut reading = client.build_transaction().read_only(true).start().map_err(|error| said(&error))?;
    reading
        .batch_execute(&format!("SET LOCAL statement_timeout = '{seconds}s'; SET LOCAL lock_timeout = '1s'"))
        .map_err(|error| said(&error))?;
    let mut reports = Vec::new();
    for word in words {
        // A question that fails must not take the others along.
        let mut one = reading.transaction().map_err(|error| said(&error))?;
        let answer = one.query(&word.question(), &[]).map(|rows| !rows.is_empty());
        let answer = answer.map_err(|error| said(&error));
        one.rollback().map_err(|error| said(&error))?;
        let OnWord { relation, column, nullability } = word;
        let (null, problem) = match answer {
            Ok(null) => (Some(null), None),
            Err(problem) => (None, Some(problem)),
        };
        reports.push(NullReport { relation, column, reason: nullability.reason, null, problem });
    }
    Ok(reports)
}

/// What the server says, without what it says of itself.
fn said(error: &Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |problem| problem.message().to_owned())
}
