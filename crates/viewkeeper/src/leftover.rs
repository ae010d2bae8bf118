//! What a killed migrator left of an index that it built or dropped outside of a transaction. Other statements are not
//! looked at here.

use postgres::Client;
use postgres_types::Type;

use crate::error::Error;
use crate::history::Store;
use crate::options::Options;
use crate::session::Session;
use crate::stepwise::{begin, run_outside};

/// What became of a statement that was begun in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leftover {
    /// It did all of its work.
    TookEffect,
    /// It is to be run, as if it had never been begun; or nothing is known of it.
    Nothing,
}

/// A statement on an index. Relations are named as they stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IndexStatement {
    /// An index is always in its table's schema.
    Create {
        index: String,
        table: String,
    },
    Drop {
        index: String,
    },
}

/// The index that a statement is about, as the database has it.
enum Found {
    Nothing,
    Valid,
    /// `CREATE INDEX CONCURRENTLY` was stopped in it: quoted, with its schema.
    Unfinished(String),
}

/// Finds out what became of a statement, and drops the index that it left unfinished.
pub(crate) fn clear(client: &mut Client, store: &Store, options: &Options<'_>, sql: &str) -> Result<Leftover, Error> {
    let Some(statement) = recognise(sql) else { return Ok(Leftover::Nothing) };
    let mut session = begin(client, store, options)?;
    let found = find(&mut session, &statement)?;
    session.commit()?;
    match (statement, found) {
        (IndexStatement::Create { .. }, Found::Valid) | (IndexStatement::Drop { .. }, Found::Nothing) => {
            Ok(Leftover::TookEffect)
        }
        (IndexStatement::Create { .. }, Found::Unfinished(name)) => {
            run_outside(client, options, &format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
                .map_err(|cause| Error::database(&format!("dropping the unfinished index {name}"), cause))?;
            Ok(Leftover::Nothing)
        }
        _ => Ok(Leftover::Nothing),
    }
}

/// Whether a statement may be recorded as begun: one that must fail, because its index is there already or is missing,
/// may not, since [`clear`] would take what was there before for its work.
pub(crate) fn can_begin(session: &mut Session<'_>, sql: &str) -> Result<bool, Error> {
    let Some(statement) = recognise(sql) else { return Ok(true) };
    let found = find(session, &statement)?;
    Ok(match statement {
        IndexStatement::Create { .. } => matches!(found, Found::Nothing),
        IndexStatement::Drop { .. } => !matches!(found, Found::Nothing),
    })
}

fn find(session: &mut Session<'_>, statement: &IndexStatement) -> Result<Found, Error> {
    let failed = |cause| Error::database("looking for an index", cause);
    // Only the name is looked up along the file's search path.
    session.enter_text()?;
    let relation = match statement {
        IndexStatement::Create { table, .. } => table,
        IndexStatement::Drop { index } => index,
    };
    let row = session
        .client
        .query_typed_one("SELECT pg_catalog.to_regclass($1)::pg_catalog.oid", &[(relation, Type::TEXT)])
        .map_err(failed)?;
    let relation: Option<u32> = row.try_get(0).map_err(failed)?;
    session.leave_text()?;
    let (column, name) = match statement {
        IndexStatement::Create { index, .. } => ("indrelid", Some(index)),
        IndexStatement::Drop { .. } => ("indexrelid", None),
    };
    let sql = format!(
        "SELECT x.indisvalid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) \
         FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE x.{column} = $1 AND c.relname = coalesce($2, c.relname)"
    );
    let row = session.client.query_typed_opt(&sql, &[(&relation, Type::OID), (&name, Type::NAME)]).map_err(failed)?;
    let Some(row) = row else { return Ok(Found::Nothing) };
    let valid: bool = row.try_get(0).map_err(failed)?;
    Ok(if valid { Found::Valid } else { Found::Unfinished(row.try_get(1).map_err(failed)?) })
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] name ON [ONLY] table …` and `DROP INDEX CONCURRENTLY [IF EXISTS]
/// name`; an index that the server names, and several at once, are not recognised.
pub(crate) fn recognise(sql: &str) -> Option<IndexStatement> {
    let tokens = tokens(sql);
    let mut rest = tokens.iter().map(String::as_str).peekable();
    let creates = match rest.next()? {
        "create" => true,
        "drop" => false,
        _ => return None,
    };
    if creates {
        rest.next_if_eq(&"unique");
    }
    if rest.next()? != "index" || rest.next()? != "concurrently" {
        return None;
    }
    if rest.next_if_eq(&"if").is_some() {
        rest.next_if_eq(&"not");
        rest.next_if_eq(&"exists")?;
    }
    if !creates {
        let index: String = rest.by_ref().take_while(|token| !matches!(*token, "restrict" | "cascade")).collect();
        return (!index.contains(',')).then_some(IndexStatement::Drop { index });
    }
    let index = rest.next().filter(|token| *token != "on").map(unquoted)?;
    if rest.next()? != "on" {
        return None;
    }
    rest.next_if_eq(&"only");
    let mut table = rest.next()?.to_owned();
    while rest.next_if_eq(&".").is_some() {
        table = format!("{table}.{}", rest.next()?);
    }
    Some(IndexStatement::Create { index, table })
}

/// Words in lower case, quoted names as they stand, other characters one by one; no spaces, no comments. Enough for
/// what [`recognise`] reads.
fn tokens(sql: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            let mut end = 1;
            while let Some(quote) = rest.get(end..).and_then(|after| after.find('"')) {
                end += quote + 1;
                if !rest.get(end..).is_some_and(|after| after.starts_with('"')) {
                    break;
                }
                end += 1;
            }
            end
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if first == '"' {
            tokens.push(token.to_owned());
        } else if !first.is_whitespace() && !token.starts_with("--") && !token.starts_with("/*") {
            tokens.push(token.to_lowercase());
        }
        rest = after;
    }
    tokens
}

fn unquoted(token: &str) -> String {
    match token.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => token.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_on_one_index_are_recognised() {
        let create = |index: &str, table: &str| {
            Some(IndexStatement::Create { index: index.to_owned(), table: table.to_owned() })
        };
        let drop = |index: &str| Some(IndexStatement::Drop { index: index.to_owned() });
        assert_eq!(recognise("CREATE INDEX CONCURRENTLY a_id ON a (id)"), create("a_id", "a"));
        assert_eq!(
            recognise(
                "create unique /* x */ index concurrently if not exists \"A \"\"b\" -- y\non only \"S\".T using btree (a)"
            ),
            create("A \"b", "\"S\".t")
        );
        assert_eq!(recognise("DROP INDEX CONCURRENTLY IF EXISTS s.\"A\" RESTRICT"), drop("s.\"A\""));
        assert_eq!(recognise("CREATE INDEX CONCURRENTLY ON a (id)"), None);
        assert_eq!(recognise("DROP INDEX CONCURRENTLY a, b"), None);
        assert_eq!(recognise("CREATE INDEX a ON b (c)"), None);
        assert_eq!(recognise("VACUUM"), None);
        assert_eq!(recognise("\"unclosed"), None);
    }
}
