//! The start-up check: whether the database is what the program was built for. One query; a second one only where a view's
//! stored query is not the one that was recorded. Nothing is locked by the first.

mod compare;
mod difference;
mod policy;
mod recorded;

use postgres::GenericClient;
use postgres_types::{ToSql, Type};

use crate::Migrations;
use crate::error::{Error, Kind};
use crate::history::{Applied, Store};
use crate::migrations::MigrationFile;
use crate::options::Options;
use crate::printing;
use crate::relation::RelationDescription;
use compare::{LiveColumn, LiveRelation};
use recorded::Recorded;

pub use difference::{Difference, DifferenceKind};
pub use policy::{Level, Policy};

const START_UP: &str = include_str!("queries/start_up.sql");
const DEFINITIONS: &str = include_str!("queries/definitions.sql");

/// Before a text is asked for.
fn prepare() -> String {
    printing::set_for_reading("100ms")
}

impl Migrations {
    /// Checks that the database is what the program was built for: the relations and columns with their types, the
    /// queries of views as the last migration left them, the migrations themselves. What the database has besides does
    /// no harm, since rows are read by named columns.
    ///
    /// Gives what the policy calls warnings. It takes the right to connect; the migrations are compared where the role
    /// may read refinery's table, and the queries where it may read viewkeeper's. Those that were recorded on another
    /// major version of PostgreSQL are not compared.
    ///
    /// # Errors
    /// With every difference that the policy calls an error, when there is one ([`Error::is_drift`]); when the
    /// catalog cannot be read, or the program's migrations are not in order.
    pub fn verify<C: GenericClient>(
        &self,
        client: &mut C,
        relations: &[RelationDescription],
        policy: &Policy,
        options: &Options<'_>,
    ) -> Result<Vec<Difference>, Error> {
        let check = Check::new(self, relations, options)?;
        let rows = client.query_typed(START_UP, &check.parameters()).map_err(unreadable)?;
        let found = check.found(&rows)?;
        let mut changed = Vec::new();
        if let Some(Suspects { version, keys }) = &found.suspects {
            let sql = check.definitions_sql();
            // All at once, and where one cannot be had, one by one.
            match changed_definitions(client, &sql, *version, keys) {
                Ok(names) => changed = names,
                Err(error) if !is_locked(&error) => return Err(unreadable(error)),
                Err(_) => {
                    for key in keys {
                        match changed_definitions(client, &sql, *version, std::slice::from_ref(key)) {
                            Ok(names) => changed.extend(names),
                            Err(error) if is_locked(&error) => changed.push(key.clone()),
                            Err(error) => return Err(unreadable(error)),
                        }
                    }
                }
            }
        }
        judge(found.with_changed(&changed), policy)
    }

    /// [`verify`](Self::verify) on a connection of the asynchronous driver.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    #[cfg(feature = "tokio-postgres")]
    pub async fn verify_async<C: tokio_postgres::GenericClient + Send>(
        &self,
        client: &mut C,
        relations: &[RelationDescription],
        policy: &Policy,
        options: &Options<'_>,
    ) -> Result<Vec<Difference>, Error> {
        let check = Check::new(self, relations, options)?;
        let rows = client.query_typed(START_UP, &check.parameters()).await.map_err(unreadable)?;
        let found = check.found(&rows)?;
        let mut changed = Vec::new();
        if let Some(Suspects { version, keys }) = &found.suspects {
            let sql = check.definitions_sql();
            match changed_definitions_async(client, &sql, *version, keys).await {
                Ok(names) => changed = names,
                Err(error) if !is_locked(&error) => return Err(unreadable(error)),
                Err(_) => {
                    for key in keys {
                        match changed_definitions_async(client, &sql, *version, std::slice::from_ref(key)).await {
                            Ok(names) => changed.extend(names),
                            Err(error) if is_locked(&error) => changed.push(key.clone()),
                            Err(error) => return Err(unreadable(error)),
                        }
                    }
                }
            }
        }
        judge(found.with_changed(&changed), policy)
    }
}

fn unreadable(cause: postgres::Error) -> Error {
    Error::database("reading what the database has", cause)
}

/// Somebody holds a lock on it or on what it reads, or dropped it in this moment.
fn is_locked(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| ["55P03", "42P01", "XX000"].contains(&code.code()))
}

/// In a transaction of its own, or in a part of the caller's, which is undone.
fn changed_definitions<C: GenericClient>(
    client: &mut C,
    sql: &str,
    version: i32,
    keys: &[String],
) -> Result<Vec<String>, postgres::Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&prepare())?;
    let rows = transaction.query_typed(sql, &[(&version, Type::INT4), (&keys, Type::TEXT_ARRAY)]);
    transaction.rollback()?;
    rows?.iter().map(|row| row.try_get(0)).collect()
}

#[cfg(feature = "tokio-postgres")]
async fn changed_definitions_async<C: tokio_postgres::GenericClient + Send>(
    client: &mut C,
    sql: &str,
    version: i32,
    keys: &[String],
) -> Result<Vec<String>, postgres::Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&prepare()).await?;
    let rows = transaction.query_typed(sql, &[(&version, Type::INT4), (&keys, Type::TEXT_ARRAY)]).await;
    transaction.rollback().await?;
    rows?.iter().map(|row| row.try_get(0)).collect()
}

/// What is compared with what.
struct Check<'a> {
    files: Vec<MigrationFile<'a>>,
    relations: &'a [RelationDescription],
    schemas: Vec<String>,
    names: Vec<&'a str>,
    store: Store,
    /// What is asked of refinery's table, and of viewkeeper's.
    history_sql: String,
    records_sql: String,
}

impl<'a> Check<'a> {
    fn new(
        migrations: &'a Migrations,
        relations: &'a [RelationDescription],
        options: &Options<'_>,
    ) -> Result<Self, Error> {
        let store = Store::new(&options.schema);
        Ok(Self {
            files: migrations.files()?,
            relations,
            schemas: relations
                .iter()
                .map(|relation| match relation.schema {
                    "" => store.schema.clone(),
                    schema => schema.to_owned(),
                })
                .collect(),
            names: relations.iter().map(|relation| relation.name).collect(),
            history_sql: recorded::history_sql(&store),
            records_sql: recorded::records_sql(&store),
            store,
        })
    }

    fn parameters(&self) -> [(&(dyn ToSql + Sync), Type); 5] {
        [
            (&self.schemas, Type::TEXT_ARRAY),
            (&self.names, Type::TEXT_ARRAY),
            (&self.store.schema, Type::TEXT),
            (&self.history_sql, Type::TEXT),
            (&self.records_sql, Type::TEXT),
        ]
    }

    fn definitions_sql(&self) -> String {
        DEFINITIONS.replace("{records}", &self.store.records)
    }

    fn found(&self, rows: &[postgres::Row]) -> Result<Found<'a>, Error> {
        let mut live: Vec<LiveRelation> = self.relations.iter().map(|_| LiveRelation::default()).collect();
        let (mut applied, mut state) = (None, None);
        for row in rows {
            let number: i64 = row.try_get(0).map_err(unreadable)?;
            let Some(index) = usize::try_from(number - 1).ok() else {
                let server: String = row.try_get(3).map_err(unreadable)?;
                applied = row.try_get::<_, Option<&str>>(1).map_err(unreadable)?.map(recorded::history).transpose()?;
                let text = row.try_get::<_, Option<&str>>(2).map_err(unreadable)?;
                state = text.map(|text| recorded::records(text, &server)).transpose()?.flatten();
                continue;
            };
            let Some(relation) = live.get_mut(index) else { continue };
            relation.kind = row.try_get(1).map_err(unreadable)?;
            relation.key = row.try_get::<_, Option<String>>(6).map_err(unreadable)?.unwrap_or_default();
            relation.rewrite = row.try_get(7).map_err(unreadable)?;
            if let Some(name) = row.try_get::<_, Option<String>>(2).map_err(unreadable)? {
                relation.columns.push(LiveColumn {
                    name,
                    type_: row.try_get(3).map_err(unreadable)?,
                    type_schema: row.try_get(4).map_err(unreadable)?,
                    not_null: row.try_get(5).map_err(unreadable)?,
                });
            }
        }
        let last = applied.as_ref().and_then(|applied: &Vec<Applied>| applied.last()).map(|applied| applied.version);
        // What plain refinery applied afterwards was not recorded.
        let suspects = state.filter(|recorded: &Recorded| last.is_none_or(|last| last == recorded.version));
        let suspects = suspects.map(|recorded| {
            let differs = |relation: &&LiveRelation| {
                let known = recorded.rewrites.iter().find(|(key, _)| *key == relation.key);
                known.is_some_and(|(_, rewrite)| relation.rewrite.as_ref().is_some_and(|live| live != rewrite))
            };
            let keys = live.iter().filter(differs).map(|relation| relation.key.clone()).collect();
            Suspects { version: recorded.version, keys }
        });
        Ok(Found {
            migrations: applied.map_or_else(Vec::new, |applied| compare::migrations(&self.files, &applied)),
            relations: self.relations.iter().zip(live).collect(),
            suspects: suspects.filter(|suspects| !suspects.keys.is_empty()),
        })
    }
}

/// What the first query found.
struct Found<'a> {
    migrations: Vec<Difference>,
    relations: Vec<(&'a RelationDescription, LiveRelation)>,
    suspects: Option<Suspects>,
}

/// Relations whose stored query is not the recorded one: changed by hand, or restored from a dump.
struct Suspects {
    /// What the state was recorded with.
    version: i32,
    keys: Vec<String>,
}

impl Found<'_> {
    fn with_changed(self, changed: &[String]) -> Vec<Difference> {
        let of_relation = |(expected, live): &(&RelationDescription, LiveRelation)| {
            let mut differences = compare::columns(expected, live);
            if changed.contains(&live.key) {
                differences.push(Difference::DefinitionChanged { relation: expected.display() });
            }
            differences
        };
        let relations = self.relations.iter().flat_map(of_relation);
        self.migrations.iter().cloned().chain(relations).collect()
    }
}

fn judge(differences: Vec<Difference>, policy: &Policy) -> Result<Vec<Difference>, Error> {
    let of = |level: Level| differences.iter().filter(move |found| policy.level(found.kind()) == level);
    let errors = of(Level::Error).count();
    if errors == 0 {
        return Ok(of(Level::Warn).cloned().collect());
    }
    let places = if errors == 1 { "one place".to_owned() } else { format!("{errors} places") };
    let mut error =
        Error::new(Kind::Drift, format!("the database differs in {places} from what this program was built for"));
    for difference in of(Level::Error) {
        error = error.note(difference.to_string());
    }
    Err(error
        .help("apply the migrations that this program was built with, or build it from the definitions that are live"))
}
