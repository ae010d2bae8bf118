//! The settings by which a server prints constants in definitions. They may differ by role, database and connection, and what
//! one session recorded is compared with what another one reads.

use postgres::{Client, Error};
use postgres_types::Type;

/// `pg_dump`'s choices (`setup_connection` in pg_dump.c), the time zone, the form of `bytea` and of quotes besides.
const SETTINGS: [(&str, &str); 7] = [
    ("datestyle", "ISO"),
    ("intervalstyle", "postgres"),
    ("timezone", "UTC"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
    ("quote_all_identifiers", "off"),
    ("standard_conforming_strings", "on"),
];

/// Statements that hold until the transaction ends.
fn set_local() -> String {
    SETTINGS.map(|(name, value)| format!("SET LOCAL {name} = '{value}'; ")).concat()
}

/// The same for a transaction that only reads the catalogs: names are printed with their schemas, nothing of `public` is
/// called, and a lock is waited for no longer than it is held in passing. Compiling the queries would take longer than
/// running them.
pub(crate) fn set_for_reading(lock_timeout: &str) -> String {
    format!(
        "{}SET LOCAL search_path = ''; SET LOCAL jit = 'off'; SET LOCAL lock_timeout = '{lock_timeout}'",
        set_local()
    )
}

/// Sets them until the transaction ends; gives those that [`set_back`] takes.
pub(crate) fn pin(client: &mut Client) -> Result<Vec<String>, Error> {
    let before = SETTINGS.map(|(name, _)| format!("pg_catalog.current_setting('{name}')")).join(", ");
    let row = client.query_typed_one(&format!("SELECT {before}"), &[])?;
    let before = (0..SETTINGS.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?;
    client.batch_execute(&set_local())?;
    Ok(before)
}

/// Sets them as they were, until the transaction ends: the statements of a migration mean what its author's session
/// made of them.
pub(crate) fn set_back(client: &mut Client, before: &[String]) -> Result<(), Error> {
    for ((name, _), value) in SETTINGS.iter().zip(before) {
        client.query_typed("SELECT pg_catalog.set_config($1, $2, true)", &[(name, Type::TEXT), (value, Type::TEXT)])?;
    }
    Ok(())
}
