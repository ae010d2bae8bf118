//! Which databases, or schemas of one database, a fleet has. They are named for people without passwords.

use viewkeeper::Target;
use viewkeeper::postgres::types::Type;

use crate::arguments::{Arguments, Fleet};
use crate::database;
use crate::output::{Outcome, print_error, print_runtime_error};

/// One of many.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) target: Target,
    pub(crate) schema: Option<String>,
}

/// All of them in their order; what is wrong is printed.
pub(super) fn members(arguments: &Arguments, fleet: &Fleet) -> Result<Vec<Member>, Outcome> {
    let members = if let Some(file) = &fleet.databases_file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            print_error(&format!("`{file}` cannot be read: {error}"), None);
            Outcome::Failed
        })?;
        let lines = text.lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines.map(|(index, line)| named(line, None, &format!("{file}:{}", index + 1))).collect::<Result<Vec<_>, _>>()?
    } else {
        let base = database::target(arguments)?;
        match (&fleet.databases_query, &fleet.schemas) {
            (Some(query), _) => {
                let rows = ask(&base, query, None)?;
                rows.iter().map(|text| named(text, Some(&base), "the query's answer")).collect::<Result<Vec<_>, _>>()?
            }
            (None, Some(pattern)) => {
                let schemas = "SELECT nspname::pg_catalog.text FROM pg_catalog.pg_namespace \
                               WHERE nspname OPERATOR(pg_catalog.~~) $1 AND nspname OPERATOR(pg_catalog.!~) '^pg_' \
                               AND nspname OPERATOR(pg_catalog.<>) 'information_schema' ORDER BY nspname";
                let tenant =
                    |schema: String| Member { name: schema.clone(), target: base.clone(), schema: Some(schema) };
                ask(&base, schemas, Some(pattern))?.into_iter().map(tenant).collect()
            }
            (None, None) => Vec::new(),
        }
    };
    if members.is_empty() {
        print_error("there is no database in the fleet", Some("look at the list, the query or the pattern"));
        return Err(Outcome::Failed);
    }
    Ok(members)
}

/// A URL or `key=value` text; beside a database that was asked, also the name of another one on its server.
fn named(text: &str, base: Option<&Target>, place: &str) -> Result<Member, Outcome> {
    let is_connection = text.contains("://") || text.contains('=');
    if let (Some(base), false) = (base, is_connection) {
        return Ok(Member { name: text.to_owned(), target: base.with_database(text), schema: None });
    }
    let target = Target::new(Some(text)).map_err(|error| {
        print_error(&format!("{place}: {error}"), None);
        Outcome::Failed
    })?;
    Ok(Member { name: target.to_string(), target, schema: None })
}

/// The first column of what a query returns, as text.
fn ask(base: &Target, query: &str, pattern: Option<&str>) -> Result<Vec<String>, Outcome> {
    let mut client = base.connect().map_err(|error| {
        print_runtime_error(&error);
        Outcome::Failed
    })?;
    let failed = |error: viewkeeper::postgres::Error| {
        let why = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        let help = "it returns one column of type `text`: names of databases on the same server, or connection URLs";
        print_error(&format!("the databases cannot be listed: {why}"), Some(help));
        Outcome::Failed
    };
    let rows = match &pattern {
        Some(pattern) => client.query_typed(query, &[(pattern, Type::TEXT)]),
        // Only to read: a list is no place for changes. The query means what it means on this connection; what stands
        // around it is the catalog's own.
        None => client.build_transaction().read_only(true).start().and_then(|mut transaction| {
            transaction.query(&format!("SELECT listed::pg_catalog.text FROM ({query}) AS list (listed)"), &[])
        }),
    };
    rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()).map_err(failed)
}
