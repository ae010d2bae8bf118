//! Extensions of a database, as the engine writes them down: which there are, and what belongs to each.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, GenericClient, IsolationLevel};
use viewkeeper_engine::catalog::system::Rows;
use viewkeeper_engine::catalog::{Member, Oid};
use viewkeeper_engine::extension::{Extension, Head, Members, capture};

use super::{Outcome, rows_of_server};
use crate::Error;

/// An extension that a server can create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Available {
    /// Its name.
    pub name: String,
    /// The version that `CREATE EXTENSION` takes.
    pub version: String,
    /// Extensions that must be there first.
    pub requires: Vec<String>,
}

/// What `CREATE EXTENSION` could create on a server, by name.
///
/// # Errors
/// When the connection fails.
pub fn available_extensions(client: &mut impl GenericClient) -> Outcome<Vec<Available>> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute("SET LOCAL search_path = pg_catalog, pg_temp")?;
    let rows = transaction.query(
        "SELECT a.name::text, a.default_version, coalesce(v.requires::text[], '{}')
         FROM pg_catalog.pg_available_extensions a
         JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
         ORDER BY a.name",
        &[],
    )?;
    transaction.rollback()?;
    let available =
        rows.iter().map(|row| Available { name: row.get(0), version: row.get(1), requires: row.get(2) }).collect();
    Ok(available)
}

/// The control file of an installed extension: that of its version, and what the installed one says of itself.
const HEAD: &str = "
SELECT e.extversion, e.extrelocatable, v.schema::text,
       coalesce(v.requires::text[], (SELECT array_agg(r.extname::text ORDER BY r.extname)
                             FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension r ON r.oid = d.refobjid
                             WHERE d.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.objid = e.oid
                               AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass), '{}')
FROM pg_catalog.pg_extension e
LEFT JOIN pg_catalog.pg_available_extension_versions v ON v.name = e.extname AND v.version = e.extversion
WHERE e.extname = $1";

/// What belongs to extensions, and by a dependency inside of them (row types, array types, constructors of ranges).
const MEMBERS: &str = "
WITH RECURSIVE members(extension, classid, objid) AS (
    SELECT e.oid, d.classid, d.objid
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
        AND d.refobjid = e.oid AND d.deptype = 'e'
    UNION
    SELECT m.extension, d.classid, d.objid
    FROM members m
    JOIN pg_catalog.pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype = 'i'
    WHERE d.objsubid = 0
)
SELECT e.extname::text, e.extnamespace, c.relname::text, m.objid,
       coalesce(k.castsource, 0), coalesce(k.casttarget, 0)
FROM members m
JOIN pg_catalog.pg_extension e ON e.oid = m.extension
JOIN pg_catalog.pg_class c ON c.oid = m.classid
LEFT JOIN pg_catalog.pg_cast k ON m.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND k.oid = m.objid";

/// Functions of extensions that run the code of one of PostgreSQL's own with the same number of arguments.
const SAME_CODE: &str = "
SELECT p.oid, min(own.oid)
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'internal'
JOIN pg_catalog.pg_proc own ON own.prosrc = p.prosrc AND own.prolang = p.prolang AND own.oid < 10000
    AND own.pronargs = p.pronargs AND own.proisstrict = p.proisstrict AND own.proretset = p.proretset
    AND own.prokind = 'f'
WHERE p.oid >= 16384 AND p.prokind = 'f'
GROUP BY p.oid";

/// Whether anything is taken over of what a function's code is known to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    SameCode,
    None,
}

/// Reads an installed extension, in one read-only transaction. The major version of the server is noted in it, and of
/// what its functions return nothing is assumed.
///
/// # Errors
/// When it is not installed, or has something that the engine does not know.
pub fn read_extension(client: &mut Client, name: &str) -> Outcome<Extension> {
    let number: i32 =
        client.query_one("SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4", &[])?.get(0);
    let mut extensions = read(client, &[name], Knowledge::None)?;
    let mut extension = extensions.pop().ok_or_else(|| not_installed(name))?;
    extension.head.server = u32::try_from(number / 10_000).ok();
    Ok(extension)
}

fn not_installed(name: &str) -> Error {
    Error::new(format!("extension `{name}` is not installed in this database"))
}

/// Reads installed extensions of PostgreSQL's own contrib: of a version of the server that the file is named after, with
/// those of their functions that run code of PostgreSQL itself.
///
/// # Errors
/// As [`read_extension`].
pub fn read_shipped_extensions(client: &mut Client, names: &[&str]) -> Outcome<Vec<Extension>> {
    read(client, names, Knowledge::SameCode)
}

fn read(client: &mut Client, names: &[&str], knowledge: Knowledge) -> Outcome<Vec<Extension>> {
    let builder = client.build_transaction().read_only(true);
    let mut transaction = builder.isolation_level(IsolationLevel::RepeatableRead).start()?;
    transaction.batch_execute("SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL jit = off")?;
    let mut heads = Vec::new();
    for name in names {
        let row = transaction.query_opt(HEAD, &[name])?.ok_or_else(|| not_installed(name))?;
        heads.push(Head {
            name: (*name).to_owned(),
            version: row.get(0),
            server: None,
            relocatable: row.get(1),
            schema: row.get(2),
            requires: row.get(3),
        });
    }
    let rows = rows_of_server(&mut transaction)?;
    let members = members(&mut transaction, &rows)?;
    let mut same_code = BTreeMap::new();
    if knowledge == Knowledge::SameCode {
        for row in transaction.query(SAME_CODE, &[])? {
            same_code.insert(Oid(row.get(0)), Oid(row.get(1)));
        }
    }
    transaction.commit()?;
    let write = |head: Head| {
        let name = head.name.clone();
        capture(&rows, &members, head, &same_code)
            .map_err(|error| Error::new(format!("extension `{name}` cannot be written down: {error}")))
    };
    heads.into_iter().map(write).collect()
}

fn members(client: &mut impl GenericClient, rows: &Rows) -> Outcome<Members> {
    let mut members: Members = BTreeMap::new();
    let known: BTreeSet<Oid> = rows.relations.iter().map(|relation| relation.oid).collect();
    for row in client.query(MEMBERS, &[])? {
        let (name, schema, class): (String, u32, String) = (row.get(0), row.get(1), row.get(2));
        let (oid, source, target) = (Oid(row.get(3)), Oid(row.get(4)), Oid(row.get(5)));
        let member = match class.as_str() {
            "pg_namespace" => Member::Schema(oid),
            "pg_type" => Member::Type(oid),
            "pg_class" if known.contains(&oid) => Member::Relation(oid),
            "pg_proc" => Member::Routine(oid),
            "pg_operator" => Member::Operator(oid),
            "pg_collation" => Member::Collation(oid),
            "pg_cast" => Member::Cast(source, target),
            "pg_opfamily" => Member::Family(oid),
            // Languages, access methods, dictionaries, triggers: no view names them.
            _ => continue,
        };
        members.entry(name).or_insert_with(|| (Oid(schema), BTreeSet::new())).1.insert(member);
    }
    let empty: Vec<(String, u32)> = client
        .query("SELECT extname::text, extnamespace FROM pg_catalog.pg_extension", &[])?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    for (name, schema) in empty {
        members.entry(name).or_insert_with(|| (Oid(schema), BTreeSet::new()));
    }
    Ok(members)
}
