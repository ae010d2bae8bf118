//! A database's catalogs read as plain facts, for comparison: everything that `pg_dump --schema-only` would show and
//! more, named by names and not by numbers. One query file for each kind; what is done with the facts is not said here.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use postgres::{Client, IsolationLevel, Transaction};

use crate::Error;

/// Each answers rows of kind, name, property and value. A new kind is one more file.
pub(crate) const QUERIES: &[(&str, &str)] = &[
    ("schemas", include_str!("queries/schemas.sql")),
    ("extensions", include_str!("queries/extensions.sql")),
    ("types", include_str!("queries/types.sql")),
    ("collations", include_str!("queries/collations.sql")),
    ("relations", include_str!("queries/relations.sql")),
    ("columns", include_str!("queries/columns.sql")),
    ("indexes", include_str!("queries/indexes.sql")),
    ("constraints", include_str!("queries/constraints.sql")),
    ("triggers", include_str!("queries/triggers.sql")),
    ("rules", include_str!("queries/rules.sql")),
    ("routines", include_str!("queries/routines.sql")),
    ("operators", include_str!("queries/operators.sql")),
    ("policies", include_str!("queries/policies.sql")),
    ("statistics", include_str!("queries/statistics.sql")),
    ("database", include_str!("queries/database.sql")),
];

/// An object of a database, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// `view`, `column`, `index`, …
    pub kind: String,
    /// Qualified and quoted: `public.users.id`.
    pub name: String,
}

/// What a database holds. Two states of the same server are the same exactly when the databases hold the same; states
/// of different majors are never compared, since each renders definitions in its own way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerState {
    /// The properties of each object: `owner`, `definition`, `comment`, `privilege reporting SELECT`, …
    pub objects: BTreeMap<ObjectName, BTreeMap<String, String>>,
}

/// The tables that refinery and viewkeeper keep their history in: no part of what a project declares.
const HISTORY_TABLES: [&str; 2] = ["refinery_schema_history", "viewkeeper_history"];

/// How long a lock is waited for that another session holds.
const LOCK_TIMEOUT: &str = "10s";

/// The same where a person waits for a comparison of databases that are in use.
const SHORT_LOCK_TIMEOUT: &str = "1s";

/// Reads a database, in one read-only transaction.
///
/// The definitions of views take a lock that waits, ten seconds at most, for a transaction which changes the view.
///
/// # Errors
/// When the connection fails, a lock is not got, or the role may not read the catalogs.
pub fn read(client: &mut Client) -> Result<ServerState, Error> {
    let mut transaction = begin(client)?;
    let state = read_in(&mut transaction)?;
    transaction.commit()?;
    Ok(state)
}

/// The same with the applied migrations as objects, and without the tables that hold them. It waits one second at most
/// for a lock, and what could not be read because of it is named.
///
/// # Errors
/// As [`read`].
pub fn read_with_history(client: &mut Client) -> Result<ServerState, Error> {
    let error = match read_soon(client) {
        Ok(state) => return Ok(state),
        Err(error) => error,
    };
    if !is_locked(&error) {
        return Err(error);
    }
    let kept = kept_from_others(client)?;
    let kept = if kept.is_empty() { "something that is let go by now".to_owned() } else { kept.join(", ") };
    Err(Error::new(format!("the definitions cannot be read, since other sessions keep everybody else out of {kept}"))
        .help("wait until they are done, or end them (`SELECT pg_terminate_backend(<session>)`), and compare again")
        .because(error))
}

fn read_soon(client: &mut Client) -> Result<ServerState, Error> {
    let mut transaction = begin(client)?;
    transaction.batch_execute(&format!("SET LOCAL lock_timeout = '{SHORT_LOCK_TIMEOUT}'"))?;
    let mut state = read_in(&mut transaction)?.without_history_tables();
    read_history(&mut transaction, &mut state)?;
    transaction.commit()?;
    Ok(state)
}

/// Whether a lock was not got in time.
fn is_locked(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(reported) = one.downcast_ref::<postgres::Error>() {
            return reported.code().is_some_and(|code| code.code() == "55P03");
        }
        cause = one.source();
    }
    false
}

/// The relations on which another session holds a lock that keeps readers out, with that session.
fn kept_from_others(client: &mut Client) -> Result<Vec<String>, Error> {
    let mut transaction = begin(client)?;
    let rows = transaction.query(
        "SELECT format('`%I.%I` (session %s)', n.nspname, c.relname, l.pid)
         FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
         JOIN pg_database AS d ON d.oid = l.database
         WHERE l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
             AND d.datname = current_database() AND l.pid <> pg_backend_pid()
         ORDER BY 1 LIMIT 5",
        &[],
    )?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Reads what a transaction sees that has made something itself. Its settings are changed, until it ends.
///
/// # Errors
/// As [`read`].
pub fn read_inside(transaction: &mut Transaction<'_>) -> Result<ServerState, Error> {
    set(transaction)?;
    read_in(transaction)
}

pub(crate) fn begin(client: &mut Client) -> Result<Transaction<'_>, Error> {
    let builder = client.build_transaction().read_only(true);
    let mut transaction = builder.isolation_level(IsolationLevel::RepeatableRead).start()?;
    set(&mut transaction)?;
    Ok(transaction)
}

fn set(transaction: &mut Transaction<'_>) -> Result<(), Error> {
    // With nothing on the path the server writes every name with its schema. The others decide how constants are
    // written, and are `pg_dump`'s choices (`setup_connection` in pg_dump.c); roles and databases may have their own.
    // Compiling the queries would take longer than running them.
    transaction.batch_execute(&format!(
        "SET LOCAL search_path = ''; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL datestyle = 'ISO'; \
         SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3; \
         SET LOCAL quote_all_identifiers = off; SET LOCAL standard_conforming_strings = on; SET LOCAL jit = off"
    ))?;
    Ok(())
}

pub(crate) fn read_in(transaction: &mut Transaction<'_>) -> Result<ServerState, Error> {
    let mut state = ServerState::default();
    for (kind, query) in QUERIES {
        add(transaction, &mut state, kind, query)?;
    }
    Ok(state)
}

fn add(transaction: &mut Transaction<'_>, state: &mut ServerState, kind: &str, query: &str) -> Result<(), Error> {
    let rows = transaction.query(query, &[]).map_err(|error| {
        let cause = Error::from(error);
        Error::new(format!("the {kind} of the database cannot be read: {cause}")).because(cause)
    })?;
    for row in rows {
        let object = ObjectName { kind: row.try_get("kind")?, name: row.try_get("name")? };
        state.objects.entry(object).or_default().insert(row.try_get("property")?, row.try_get("value")?);
    }
    Ok(())
}

/// refinery's tables, in whatever schema they are. One that the role may not read is an error: a history that is
/// silently empty would look like a database that was never migrated.
fn read_history(transaction: &mut Transaction<'_>, state: &mut ServerState) -> Result<(), Error> {
    let tables = transaction.query(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'",
        &[&HISTORY_TABLES[0]],
    )?;
    for row in tables {
        let table: String = row.try_get(0)?;
        let query = include_str!("queries/history.sql").replace("{table}", &table);
        add(transaction, state, "migration history", &query)?;
    }
    Ok(())
}

impl ServerState {
    /// Keeps the objects that a condition holds for.
    #[must_use]
    pub fn retain(mut self, keep: impl Fn(&ObjectName) -> bool) -> Self {
        self.objects.retain(|object, _| keep(object));
        self
    }

    /// Without the tables that refinery and viewkeeper keep their history in, and without what belongs to these.
    #[must_use]
    pub fn without_history_tables(mut self) -> Self {
        let owned: Vec<ObjectName> = self
            .objects
            .iter()
            .filter(|(object, properties)| {
                let relation = match (&*object.kind, properties.get("relation")) {
                    ("index", Some(relation)) => relation,
                    ("table", _) => &object.name,
                    _ => parent(&object.name).unwrap_or_default(),
                };
                HISTORY_TABLES.contains(&last_part(relation))
            })
            .map(|(object, _)| object.clone())
            .collect();
        self.objects.retain(|object, _| !owned.contains(object));
        self
    }

    /// A unified diff of the objects that differ; `None` when none does.
    pub fn difference(&self, new: &Self) -> Option<String> {
        let mut text = String::new();
        let names: std::collections::BTreeSet<_> = self.objects.keys().chain(new.objects.keys()).collect();
        for name in names {
            let render = |state: &Self| {
                let mut text = String::new();
                if let Some(properties) = state.objects.get(name) {
                    // Writing to a string cannot fail.
                    let _ = write_object(&mut text, name, properties);
                }
                text
            };
            let (old, new) = (render(self), render(new));
            if old != new {
                let diff = similar::TextDiff::from_lines(&old, &new);
                let _ = write!(text, "{}", diff.unified_diff().context_radius(1));
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// One paragraph for each object.
impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.iter().try_for_each(|(object, properties)| write_object(f, object, properties))
    }
}

/// What a qualified name is qualified with; a dot between quotes belongs to its name.
pub(crate) fn parent(name: &str) -> Option<&str> {
    let mut quoted = false;
    let dots = name.char_indices().filter(|(_, c)| {
        // A doubled quote turns twice.
        quoted ^= *c == '"';
        *c == '.' && !quoted
    });
    dots.last().and_then(|(at, _)| name.get(..at))
}

/// The last part of a qualified name.
pub(crate) fn last_part(name: &str) -> &str {
    parent(name).and_then(|parent| name.get(parent.len() + 1..)).unwrap_or(name)
}

fn write_object(f: &mut impl Write, object: &ObjectName, properties: &BTreeMap<String, String>) -> fmt::Result {
    writeln!(f, "{} {}", object.kind, object.name)?;
    for (property, value) in properties {
        if value.contains('\n') {
            writeln!(f, "  {property}:")?;
            value.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        } else {
            writeln!(f, "  {property}: {value}")?;
        }
    }
    Ok(())
}
