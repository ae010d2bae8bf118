//! What the start-up check asks of the history tables, and how the answers are read: text without any sign that XML would
//! escape, since `query_to_xml` brings them.

use crate::error::{Error, Kind};
use crate::history::{Applied, Store};

fn hex(text: &str) -> String {
    format!("pg_catalog.encode(pg_catalog.convert_to({text}, 'UTF8'), 'hex')")
}

/// What is applied.
pub(super) fn history_sql(store: &Store) -> String {
    format!(
        "SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', version, checksum, {}), ',' ORDER BY version) \
         AS x FROM {}",
        hex("name::pg_catalog.text"),
        store.history
    )
}

/// The hashes of stored queries that were recorded last.
pub(super) fn records_sql(store: &Store) -> String {
    format!(
        "SELECT pg_catalog.concat_ws(',', last.version, pg_catalog.string_agg(pg_catalog.concat_ws(' ', \
         pg_catalog.jsonb_extract_path_text(r.value, 'server'), \
         pg_catalog.jsonb_extract_path_text(r.value, 'rewrite'), {}), ',')) AS x \
         FROM (SELECT version, snapshot FROM {} WHERE snapshot IS NOT NULL AND statements_done IS NULL \
         ORDER BY version DESC LIMIT 1) AS last CROSS JOIN LATERAL \
         pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path(last.snapshot, 'relations')) AS r \
         WHERE pg_catalog.jsonb_extract_path_text(r.value, 'rewrite') IS NOT NULL GROUP BY last.version",
        hex("r.key"),
        store.records
    )
}

/// A state that was recorded on the server's major version.
pub(super) struct Recorded {
    pub(super) version: i32,
    /// The hash of the stored query, by the relation's name.
    pub(super) rewrites: Vec<(String, String)>,
}

fn malformed() -> Error {
    Error::new(Kind::Database, "the migration history cannot be understood")
}

/// The entries of the one value that was asked for; they stand between commas.
fn entries(xml: &str) -> impl Iterator<Item = &str> {
    let value = xml.split_once("<x>").and_then(|(_, rest)| rest.split_once("</x>")).map_or("", |(value, _)| value);
    value.split(',').filter(|entry| !entry.is_empty())
}

fn from_hex(text: &str) -> Result<String, Error> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(malformed)
}

/// Reads the answer to [`history_sql`]: `version checksum name`, each name in hexadecimal digits.
pub(super) fn history(xml: &str) -> Result<Vec<Applied>, Error> {
    let applied = |entry: &str| {
        let mut words = entry.splitn(3, ' ');
        let (version, checksum, name) = (words.next(), words.next(), words.next());
        Ok(Applied {
            version: version.and_then(|version| version.parse().ok()).ok_or_else(malformed)?,
            name: from_hex(name.unwrap_or_default())?,
            applied_on: String::new(),
            checksum: checksum.unwrap_or_default().to_owned(),
        })
    };
    entries(xml).map(applied).collect()
}

/// Reads the answer to [`records_sql`]: the version, and `server hash name` for each relation with a query.
pub(super) fn records(xml: &str, server: &str) -> Result<Option<Recorded>, Error> {
    let mut entries = entries(xml);
    let Some(version) = entries.next() else { return Ok(None) };
    let major = |version: &str| version.parse::<u32>().map(|number| number / 10_000).map_err(|_| malformed());
    let mut recorded = Recorded { version: version.parse().map_err(|_| malformed())?, rewrites: Vec::new() };
    for entry in entries {
        let mut words = entry.splitn(3, ' ');
        let (recorded_on, rewrite, name) = (words.next(), words.next(), words.next());
        if major(recorded_on.unwrap_or_default())? == major(server)? {
            recorded.rewrites.push((from_hex(name.unwrap_or_default())?, rewrite.unwrap_or_default().to_owned()));
        }
    }
    Ok(Some(recorded))
}
