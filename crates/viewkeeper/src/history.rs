//! The history in the database: refinery's table and viewkeeper's beside it. Reads without needing to write, compares
//! with the files, and words what does not fit.

use std::collections::BTreeMap;

use postgres::GenericClient;
use postgres_types::Type;
use refinery_core::Migration;

use crate::error::{Error, Kind};
use crate::migrations::MigrationFile;
use crate::options::Newer;
use crate::relation::quote_identifier;

pub(crate) const REFINERY_TABLE: &str = "refinery_schema_history";
pub(crate) const RECORD_TABLE: &str = "viewkeeper_history";

/// Where the history is.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) schema: String,
    /// refinery's table, quoted.
    pub(crate) history: String,
    /// viewkeeper's table, quoted.
    pub(crate) records: String,
}

impl Store {
    pub(crate) fn new(schema: &str) -> Self {
        let table = |name| format!("{}.{}", quote_identifier(schema), quote_identifier(name));
        Self { schema: schema.to_owned(), history: table(REFINERY_TABLE), records: table(RECORD_TABLE) }
    }

    /// What the advisory lock's number is made from; the lock itself belongs to one database already.
    pub(crate) fn lock_name(&self) -> String {
        format!("viewkeeper {}", self.schema)
    }

    /// refinery's table as refinery creates it, and viewkeeper's. Only run under the lock, and only what is missing:
    /// `IF NOT EXISTS` asks for the right to create even where there is nothing to create.
    pub(crate) fn create_sql(&self, history: &History) -> String {
        let mut sql = String::new();
        if !history.exists {
            sql += &format!(
                "CREATE TABLE {} (version int4 PRIMARY KEY, name varchar(255), applied_on varchar(255), \
                 checksum varchar(255));\n",
                self.history
            );
        }
        if !history.records_exist {
            sql += &format!(
                "CREATE TABLE {records} (
    version int4 PRIMARY KEY,
    name pg_catalog.text NOT NULL,
    checksum pg_catalog.text NOT NULL,
    server_version int4 NOT NULL,
    rollback pg_catalog.text,
    snapshot pg_catalog.jsonb,
    statements_done int4,
    statement_started pg_catalog.bool NOT NULL DEFAULT false
);
COMMENT ON TABLE {records} IS 'viewkeeper: per migration its rollback and the state that it led to';
COMMENT ON COLUMN {records}.statements_done IS 'of a migration without a transaction, until it is complete';
REVOKE ALL ON {records} FROM PUBLIC;\n",
                records = self.records
            );
        }
        sql
    }
}

/// What is recorded in the database.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) exists: bool,
    pub(crate) records_exist: bool,
    /// In order of the version.
    pub(crate) applied: Vec<Applied>,
    pub(crate) records: BTreeMap<i32, Record>,
}

/// A row of refinery's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) version: i32,
    pub(crate) name: String,
    pub(crate) applied_on: String,
    pub(crate) checksum: String,
}

/// A row of viewkeeper's table, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) checksum: String,
    pub(crate) has_rollback: bool,
    /// Of a migration without a transaction that is not complete, or of its rollback.
    pub(crate) interrupted: Option<Interrupted>,
}

/// How far a migration without a transaction got, or its rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// Statements that are done.
    pub(crate) done: usize,
    /// The next one was begun outside of a transaction, and nobody came back to say how it ended.
    pub(crate) started: bool,
}

impl Interrupted {
    /// Whether something of it may have taken effect.
    pub(crate) fn has_begun(self) -> bool {
        self.done > 0 || self.started
    }
}

/// A migration without a transaction that stopped in the middle: refinery's table does not have it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unfinished<'a> {
    pub(crate) version: i32,
    pub(crate) record: &'a Record,
    pub(crate) interrupted: Interrupted,
}

impl Unfinished<'_> {
    pub(crate) fn id(&self) -> String {
        format!("V{}__{}", self.version, self.record.name)
    }

    /// Whether a file has what was begun.
    fn fits(&self, file: &MigrationFile<'_>) -> bool {
        self.record.checksum == file.migration.checksum().to_string()
    }

    /// How far it got, for messages.
    pub(crate) fn how_far(&self) -> String {
        let done = match self.interrupted.done {
            0 => "its first statement was begun".to_owned(),
            1 => "its first statement is kept".to_owned(),
            many => format!("{many} of its statements are kept"),
        };
        format!("`{}` stopped in the middle: {done}", self.id())
    }

    /// The way out that takes no file.
    pub(crate) fn by_hand(&self) -> String {
        format!("undo its statements by hand and delete version {} from the table `{RECORD_TABLE}`", self.version)
    }
}

impl Applied {
    pub(crate) fn id(&self) -> String {
        format!("V{}__{}", self.version, self.name)
    }

    pub(crate) fn fits(&self, file: &MigrationFile<'_>) -> bool {
        self.name == file.migration.name() && self.checksum == file.migration.checksum().to_string()
    }
}

impl History {
    /// Reads both tables, where they are. The session's search path may be anybody's here, so operators are named with
    /// their schema as everything else is.
    pub(crate) fn read<C: GenericClient>(client: &mut C, store: &Store) -> Result<Self, Error> {
        let failed = |cause| Error::history("reading the migration history", cause);
        let tables = client
            .query_typed(
                "SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
                 ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
                 WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) ANY ($2) \
                 AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}')",
                &[(&store.schema, Type::TEXT), (&[REFINERY_TABLE, RECORD_TABLE].as_slice(), Type::TEXT_ARRAY)],
            )
            .map_err(failed)?;
        let tables = tables.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>().map_err(failed)?;
        let mut history = Self {
            exists: tables.iter().any(|name| name == REFINERY_TABLE),
            records_exist: tables.iter().any(|name| name == RECORD_TABLE),
            ..Self::default()
        };
        if history.exists {
            let sql = format!(
                "SELECT version::pg_catalog.int8, coalesce(name, ''), coalesce(applied_on, ''), coalesce(checksum, '') FROM {} \
                 ORDER BY version",
                store.history
            );
            for row in client.query_typed(&sql, &[]).map_err(failed)? {
                let version: i64 = row.try_get(0).map_err(failed)?;
                let version = i32::try_from(version).map_err(|_| {
                    Error::new(Kind::History, format!("the history has version {version}, which is not an `int4`"))
                        .note("refinery wrote it with its feature `int8-versions`, which viewkeeper does not support")
                })?;
                history.applied.push(Applied {
                    version,
                    name: row.try_get(1).map_err(failed)?,
                    applied_on: row.try_get(2).map_err(failed)?,
                    checksum: row.try_get(3).map_err(failed)?,
                });
            }
        }
        if history.records_exist {
            let sql = format!(
                "SELECT version, checksum, rollback IS NOT NULL, statements_done, statement_started, name FROM {}",
                store.records
            );
            for row in client.query_typed(&sql, &[]).map_err(failed)? {
                let done: Option<i32> = row.try_get(3).map_err(failed)?;
                let started = row.try_get(4).map_err(failed)?;
                let record = Record {
                    name: row.try_get(5).map_err(failed)?,
                    checksum: row.try_get(1).map_err(failed)?,
                    has_rollback: row.try_get(2).map_err(failed)?,
                    interrupted: done
                        .map(|done| Interrupted { done: usize::try_from(done).unwrap_or_default(), started }),
                };
                history.records.insert(row.try_get(0).map_err(failed)?, record);
            }
        }
        Ok(history)
    }

    pub(crate) fn get(&self, version: i32) -> Option<&Applied> {
        self.applied.iter().find(|applied| applied.version == version)
    }

    pub(crate) fn last(&self) -> Option<&Applied> {
        self.applied.last()
    }

    /// What stopped in the middle, in order of the version. Where nothing took effect yet there is nothing to finish.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = Unfinished<'_>> {
        self.records.iter().filter_map(|(version, record)| {
            let interrupted = record.interrupted.filter(|interrupted| interrupted.has_begun())?;
            self.get(*version).is_none().then_some(Unfinished { version: *version, record, interrupted })
        })
    }

    /// The files that are still to be applied, in order; an error where history and files contradict each other.
    pub(crate) fn pending<'f, 'a>(
        &self,
        files: &'f [MigrationFile<'a>],
        target: Option<i32>,
        newer: Newer,
    ) -> Result<Vec<&'f MigrationFile<'a>>, Error> {
        let highest = files.last().map_or(-1, MigrationFile::version);
        for applied in &self.applied {
            match files.iter().find(|file| file.version() == applied.version) {
                Some(file) if !applied.fits(file) => return Err(diverged(applied, file)),
                _ if self.records.get(&applied.version).is_some_and(|record| record.interrupted.is_some()) => {
                    return Err(rollback_interrupted(applied));
                }
                Some(_) => {}
                None if newer == Newer::Accept && applied.version > highest => {}
                None => return Err(missing(applied, highest)),
            }
        }
        let applied = self.last().map_or(-1, |applied| applied.version);
        for unfinished in self.unfinished() {
            match files.iter().find(|file| file.version() == unfinished.version) {
                Some(file) if !unfinished.fits(file) => return Err(changed_in_the_middle(&unfinished, file)),
                Some(_) if unfinished.version < applied => return Err(overtaken(&unfinished, applied)),
                Some(_) => {}
                None if newer == Newer::Accept && unfinished.version > highest => {}
                None => return Err(left_in_the_middle(&unfinished)),
            }
        }
        let current = self.unfinished().map(|unfinished| unfinished.version).fold(applied, i32::max);
        let mut pending = Vec::new();
        for file in files.iter().filter(|file| self.get(file.version()).is_none()) {
            if file.versioned() && file.version() < current {
                return Err(out_of_order(file, current));
            }
            if target.is_none_or(|target| file.version() <= target) {
                pending.push(file);
            }
        }
        Ok(pending)
    }
}

fn diverged(applied: &Applied, file: &MigrationFile<'_>) -> Error {
    let id = applied.id();
    if applied.name != file.migration.name() {
        return Error::new(
            Kind::History,
            format!(
                "`{}` has version {}, but this database applied `{id}` under that number",
                file.name, applied.version
            ),
        )
        .note("two migrations were given the same number, or an applied one was renamed")
        .help(format!("give `{}` the next free number, or restore the name `{}`", file.name, applied.name));
    }
    let error = Error::new(
        Kind::History,
        format!("`{}` was changed after it was applied to this database ({})", file.name, applied.applied_on),
    )
    .note("databases that applied it earlier would differ from those that apply it from now on");
    if line_endings_differ(applied, file) {
        return error
            .note("only its line endings differ")
            .help("keep them as `LF`: put `*.sql text eol=lf` into `.gitattributes` and check the file out again");
    }
    error.help("restore the file as it was applied, and write what should change into a new migration")
}

/// Whether the text with the other kind of line endings is the one that was applied.
fn line_endings_differ(applied: &Applied, file: &MigrationFile<'_>) -> bool {
    let unix = file.sql.replace("\r\n", "\n");
    let windows = unix.replace('\n', "\r\n");
    [unix, windows].iter().any(|text| {
        Migration::unapplied(&file.id(), text)
            .is_ok_and(|migration| migration.checksum().to_string() == applied.checksum)
    })
}

fn missing(applied: &Applied, highest: i32) -> Error {
    let id = applied.id();
    let error = Error::new(
        Kind::History,
        format!("`{id}` was applied to this database ({}), but this program does not have it", applied.applied_on),
    );
    if applied.version > highest {
        error
            .note("a newer release migrated this database")
            .help("run that release, roll back with it, or let this one go on with `Newer::Accept`")
    } else {
        error
            .note("the way from an empty database to this one is no longer known")
            .help(format!("restore `{id}.sql` from the repository's history"))
    }
}

fn rollback_interrupted(applied: &Applied) -> Error {
    Error::new(Kind::History, format!("the rollback of `{}` stopped in the middle", applied.id()))
        .note("it runs statement by statement, and the database is neither at its old nor at its new version")
        .help("run the rollback again, to its end; then migrate")
}

fn changed_in_the_middle(unfinished: &Unfinished<'_>, file: &MigrationFile<'_>) -> Error {
    Error::new(
        Kind::History,
        format!("`{}` was changed after its first {} statements were applied", file.name, unfinished.interrupted.done),
    )
    .note("it stopped in the middle, and the rest of another text would not fit to them")
    .help(format!("restore the file and run it to its end; or {}", unfinished.by_hand()))
}

fn left_in_the_middle(unfinished: &Unfinished<'_>) -> Error {
    Error::new(Kind::History, format!("{}, and this program does not have it", unfinished.how_far()))
        .note("the database is neither before it nor after it, and later migrations were written for one that has all of it")
        .help(format!(
            "restore `{}.sql` and run it to its end; or take it back (`rollback --unfinished`, or \
             `Unfinished::RollBack`); or {}",
            unfinished.id(),
            unfinished.by_hand()
        ))
}

fn overtaken(unfinished: &Unfinished<'_>, applied: i32) -> Error {
    Error::new(Kind::History, format!("{}, and this database is at version {applied} already", unfinished.how_far()))
        .note("a release before this one applied later migrations over it")
        .help(format!(
            "roll back to before it (`rollback --unfinished`, or `Unfinished::RollBack`); or {}",
            unfinished.by_hand()
        ))
}

fn out_of_order(file: &MigrationFile<'_>, current: i32) -> Error {
    Error::new(
        Kind::History,
        format!("`{}` was not applied, but this database is at version {current} already", file.name),
    )
    .note("migrations are applied in the order of their versions: elsewhere it came before those that are applied here")
    .help(format!("give it a number above {current}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migrations;

    const FILES: &[(&str, &str)] = &[("V1__a.sql", "SELECT 1;\n"), ("V2__b.sql", "SELECT 2;\n"), ("V3__c.sql", "")];

    fn check_pending(change: impl Fn(&mut Vec<Applied>), newer: Newer, expected: &str) {
        let migrations = Migrations::embedded(FILES, &[]);
        let files = migrations.files().unwrap();
        let mut applied: Vec<Applied> = files[..2]
            .iter()
            .map(|file| Applied {
                version: file.version(),
                name: file.migration.name().to_owned(),
                applied_on: "then".to_owned(),
                checksum: file.migration.checksum().to_string(),
            })
            .collect();
        change(&mut applied);
        let history = History { applied, ..History::default() };
        let found = match history.pending(&files, None, newer) {
            Ok(files) => files.iter().map(|file| file.id()).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_follows_the_history_is_pending() {
        check_pending(|_| {}, Newer::Refuse, "V3__c");
        check_pending(Vec::clear, Newer::Refuse, "V1__a V2__b V3__c");
    }

    #[test]
    fn contradictions_name_file_and_version() {
        check_pending(
            |applied| applied[1].checksum = "7".to_owned(),
            Newer::Refuse,
            "`V2__b.sql` was changed after it was applied to this database (then)",
        );
        check_pending(
            |applied| applied[1].name = "x".to_owned(),
            Newer::Refuse,
            "`V2__b.sql` has version 2, but this database applied `V2__x` under that number",
        );
        check_pending(
            |applied| drop(applied.remove(0)),
            Newer::Refuse,
            "`V1__a.sql` was not applied, but this database is at version 2 already",
        );
        let newer = |applied: &mut Vec<Applied>| applied.push(Applied { version: 9, ..applied[0].clone() });
        check_pending(
            newer,
            Newer::Refuse,
            "`V9__a` was applied to this database (then), but this program does not have it",
        );
    }

    #[test]
    fn a_newer_database_can_be_accepted() {
        let newer = |applied: &mut Vec<Applied>| {
            applied.push(Applied { version: 9, ..applied[0].clone() });
            applied.push(Applied {
                version: 3,
                name: "c".to_owned(),
                checksum: Migration::unapplied("V3__c", "").unwrap().checksum().to_string(),
                applied_on: String::new(),
            });
            applied.sort_by_key(|applied| applied.version);
        };
        check_pending(newer, Newer::Accept, "");
    }

    #[test]
    fn changed_line_endings_are_recognised() {
        let files = Migrations::embedded(&[("V1__a.sql", "SELECT 1;\r\n")], &[]);
        let files = files.files().unwrap();
        let applied = Applied {
            version: 1,
            name: "a".to_owned(),
            applied_on: "then".to_owned(),
            checksum: Migration::unapplied("V1__a", "SELECT 1;\n").unwrap().checksum().to_string(),
        };
        assert!(diverged(&applied, &files[0]).to_string().contains("only its line endings differ"));
    }
}
