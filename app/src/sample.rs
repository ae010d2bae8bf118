//! Rows to look at, for the private server only.

use viewkeeper::postgres::{Client, Error};

/// Puts a few users and posts into empty tables. The ages are relative to now, so that there are recent posts whenever
/// it runs.
pub(crate) fn insert_if_empty(client: &mut Client) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    // Whoever comes second waits here, and then finds the rows.
    transaction.batch_execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")?;
    if transaction.query_opt("SELECT FROM users LIMIT 1", &[])?.is_none() {
        transaction.batch_execute(
            "INSERT INTO users (name, email, status, birthday) VALUES
                 ('Ada', 'ada@example.org', 'active', '1815-12-10'),
                 ('Grace', 'grace@example.org', 'active', '1906-12-09'),
                 ('Edsger', 'edsger@example.org', 'left', NULL),
                 ('Barbara', 'barbara@example.org', 'invited', NULL);
             INSERT INTO posts (user_id, title, body, fee, created_at)
             SELECT users.id, sample.title, sample.body, sample.fee, now() - sample.age
             FROM (VALUES
                 ('Ada', 'On engines', 'They weave algebraic patterns.', 120.00, interval '400 days'),
                 ('Ada', 'Notes, A to F', 'Longer than the paper itself.', 80.50, interval '20 days'),
                 ('Ada', 'Note G', NULL, 250.00, interval '2 days'),
                 ('Grace', 'A moth', 'First actual case of a bug being found.', 45.00, interval '12 days'),
                 ('Grace', 'Nanoseconds', 'Eleven point eight inches.', 45.00, interval '5 hours'),
                 ('Edsger', 'Harmful', NULL, 60.00, interval '90 days')
             ) AS sample (name, title, body, fee, age)
             JOIN users ON users.name = sample.name",
        )?;
    }
    transaction.commit()
}
