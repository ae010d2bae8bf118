//! Runs texts of migrations on a server. What is in them is not looked at.

use postgres::Client;

use crate::Error;

/// Runs a text as plain refinery does: in one transaction.
///
/// # Errors
/// What the server said; then nothing of the text is kept.
pub fn apply(client: &mut Client, sql: &str) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(sql)?;
    Ok(transaction.commit()?)
}
