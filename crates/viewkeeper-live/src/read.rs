//! A database's catalogs read as plain facts, for comparison: everything that `pg_dump --schema-only` would show and
//! more, named by names and not by numbers. One query file for each kind; what is done with the facts is not said here.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use postgres::{Client, IsolationLevel};

use crate::Error;

/// Each answers rows of kind, name, property and value. A new kind is one more file.
const QUERIES: &[(&str, &str)] = &[
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

/// Reads a database, in one read-only transaction.
///
/// The definitions of views take a lock that waits for a transaction which changes the view.
///
/// # Errors
/// When the connection fails, or the role may not read the catalogs.
pub fn read(client: &mut Client) -> Result<ServerState, Error> {
    let builder = client.build_transaction().read_only(true);
    let mut transaction = builder.isolation_level(IsolationLevel::RepeatableRead).start()?;
    // With nothing on the path the server writes every name with its schema.
    transaction.batch_execute("SET LOCAL search_path = ''")?;
    let mut state = ServerState::default();
    for (kind, query) in QUERIES {
        let rows = transaction.query(*query, &[]).map_err(|error| {
            let cause = Error::from(error);
            Error::new(format!("the {kind} of the database cannot be read: {cause}")).because(cause)
        })?;
        for row in rows {
            let object = ObjectName { kind: row.try_get("kind")?, name: row.try_get("name")? };
            state.objects.entry(object).or_default().insert(row.try_get("property")?, row.try_get("value")?);
        }
    }
    transaction.commit()?;
    Ok(state)
}

impl ServerState {
    /// Keeps the objects that a condition holds for.
    #[must_use]
    pub fn retain(mut self, keep: impl Fn(&ObjectName) -> bool) -> Self {
        self.objects.retain(|object, _| keep(object));
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
