//! What a database holds as SQL text: `pg_dump --schema-only`, and the queries of its views, both of the same moment.
//! What becomes of the text is the engine's matter.

use std::process::{Command, Stdio};

use postgres::{Client, Transaction};
use viewkeeper_engine::adopt::AdoptedView;

use crate::read::{ServerState, begin, read_in};
use crate::{Error, client_program};

/// A database as text.
#[derive(Debug, Clone)]
pub struct Dump {
    /// What `pg_dump` wrote, without the tables of a migration history.
    pub text: String,
    /// `15.18`, of the `pg_dump`.
    pub program: String,
    /// The server's version.
    pub server: String,
    /// The server's major version.
    pub major: u32,
    /// Views and materialized views, without those of extensions.
    pub views: Vec<AdoptedView>,
    /// Everything, as plain facts.
    pub state: ServerState,
    /// The role that is connected.
    pub role: String,
    /// What `pg_dump` does not write, or must not.
    pub beside: Vec<String>,
}

/// What `--schema-only` leaves out, or what does not belong into a file; asked one by one, each by its own words.
const BESIDE: &[(&str, &str)] = &[
    (
        "settings of the database or of roles in it (`ALTER DATABASE … SET`)",
        "SELECT coalesce('role ' || pg_catalog.pg_get_userbyid(nullif(setrole, 0)), 'the database') || ': ' ||
            pg_catalog.array_to_string(setconfig, ', ')
         FROM pg_catalog.pg_db_role_setting
         WHERE setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
    ),
    (
        "subscriptions, whose connection may hold a password",
        "SELECT subname::text FROM pg_catalog.pg_subscription
         WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
    ),
    (
        "large objects, which are data",
        "SELECT count(*)::text FROM pg_catalog.pg_largeobject_metadata HAVING count(*) > 0",
    ),
];

/// Dumps a database. `variables` are the connection's, for `pg_dump`; `search_path` is the project's, for the queries
/// that people read.
///
/// # Errors
/// When there is no `pg_dump` that understands the server, when it fails, or when the database cannot be read.
pub fn dump(client: &mut Client, variables: &[(&str, String)], search_path: &[String]) -> Result<Dump, Error> {
    let mut transaction = begin(client)?;
    let row = transaction.query_one(
        "SELECT pg_catalog.pg_export_snapshot(), pg_catalog.current_setting('server_version'),
            pg_catalog.current_setting('server_version_num')::int8 / 10000, current_user::text",
        &[],
    )?;
    let (snapshot, server): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let major: i64 = row.try_get(2)?;
    let major = u32::try_from(major).unwrap_or_default();
    let role: String = row.try_get(3)?;
    let program = client_program("pg_dump", major)?;
    let state = read_in(&mut transaction)?;
    let kept = kept_by_extensions(&mut transaction)?;
    let views = views(&mut transaction, search_path)?;
    let mut beside = Vec::new();
    for (words, query) in BESIDE {
        for row in transaction.query(*query, &[])? {
            let what: String = row.try_get(0)?;
            beside.push(format!("{words}: {what}"));
        }
    }
    beside.extend(kept);
    let output = Command::new(&program)
        .args(["--schema-only", "--no-password", "--encoding=UTF8", "--no-subscriptions", "--lock-wait-timeout=10s"])
        .args(["--exclude-table=*.refinery_schema_history", "--exclude-table=*.viewkeeper_history"])
        .arg(format!("--snapshot={snapshot}"))
        .env_remove("PGSERVICE")
        .env("LC_ALL", "C")
        // As in `begin`: constants of both texts are written alike.
        .env("PGTZ", "UTC")
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::new(format!("`{}` cannot be run", program.display())).because(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new(format!("`pg_dump` failed: {}", said.trim()))
            .help("it needs a role that may read everything that is to be adopted: its owner, or a superuser"));
    }
    transaction.commit()?;
    let text = String::from_utf8(output.stdout)
        .map_err(|error| Error::new("what `pg_dump` wrote is not UTF-8").because(error))?;
    let version = text.lines().find_map(|line| line.strip_prefix("-- Dumped by pg_dump version ")).unwrap_or_default();
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    let server = server.split(' ').next().unwrap_or_default().to_owned();
    Ok(Dump { text, program: version, server, major, views, state, role, beside })
}

/// Rows by which extensions know how they are used (`pg_extension_config_dump`): partitions to be made, jobs to be run.
/// `pg_dump` writes them, but not with `--schema-only`. Citus keeps its own in the catalog, where no dump looks.
fn kept_by_extensions(transaction: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
    let mut kept = Vec::new();
    for row in transaction.query(include_str!("queries/extension_rows.sql"), &[])? {
        let (extension, table): (String, String) = (row.try_get("extension")?, row.try_get("table")?);
        let condition: String = row.try_get("condition")?;
        // Which rows are not the extension's own is its own word, as `pg_dump` takes it.
        if !row.try_get::<_, bool>("readable")? {
            kept.push(format!("what extension `{extension}` may keep in `{table}`, which this role may not read"));
        } else if transaction.query_opt(&format!("SELECT FROM {table} {condition} LIMIT 1"), &[])?.is_some() {
            kept.push(format!("what extension `{extension}` keeps in `{table}`"));
        }
    }
    let citus: Option<String> = transaction
        .query_one("SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_partition')::text", &[])?
        .try_get(0)?;
    if citus.is_some() {
        let distributed =
            transaction.query("SELECT logicalrelid::text FROM pg_catalog.pg_dist_partition ORDER BY 1", &[])?;
        for row in distributed {
            let table: String = row.try_get(0)?;
            kept.push(format!("how Citus distributes `{table}`"));
        }
    }
    Ok(kept)
}

/// The search path is empty as `pg_dump` has it, and stays so.
fn views(transaction: &mut Transaction<'_>, search_path: &[String]) -> Result<Vec<AdoptedView>, Error> {
    const QUERY: &str = include_str!("queries/adopted_views.sql");
    let dumped = transaction.query(QUERY, &[&false])?;
    let path: Vec<_> = search_path.iter().map(|schema| viewkeeper_engine::name::quote_ident(schema)).collect();
    transaction.query_one("SELECT pg_catalog.set_config('search_path', $1, true)", &[&path.join(", ")])?;
    let shown = transaction.query(QUERY, &[&true])?;
    let mut views = Vec::new();
    for (dumped, shown) in dumped.iter().zip(&shown) {
        views.push(AdoptedView {
            schema: dumped.try_get("schema")?,
            name: dumped.try_get("name")?,
            materialized: dumped.try_get("materialized")?,
            populated: dumped.try_get("populated")?,
            dumped: dumped.try_get("query")?,
            shown: shown.try_get("query")?,
        });
    }
    Ok(views)
}
