//! What `viewkeeper.toml` says of nulls: functions that never return one, and columns that a person knows better.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::base::{BaseFacts, ViewColumns, Word};
use super::reason::{Reason, Verdict};
use crate::analysis::Nullability;
use crate::catalog::{Catalog, Oid, Relation};
use crate::diagnostic::Diagnostic;
use crate::name::quote_ident;

/// `[nullability]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredNullability {
    /// Functions, by schema and name: all of that name.
    pub functions: BTreeSet<(String, String)>,
    /// Columns, by schema, relation and name; whether they are never null.
    pub columns: BTreeMap<(String, String, String), bool>,
}

impl DeclaredNullability {
    /// Whether a function is said never to return null of arguments that it is called with.
    pub(super) fn has_function(&self, catalog: &Catalog, function: Oid) -> bool {
        !self.functions.is_empty()
            && catalog.routine(function).is_some_and(|routine| {
                let schema = catalog.schema_name(routine.schema).unwrap_or_default();
                self.functions.contains(&(schema.to_owned(), routine.name.clone()))
            })
    }

    /// What is said of a column.
    pub(super) fn column(&self, schema: &str, relation: &str, column: &str) -> Option<Verdict> {
        let key = (schema.to_owned(), relation.to_owned(), column.to_owned());
        let said = self.columns.get(&key)?;
        let words = if *said { "not null" } else { "null" };
        Some(Verdict { not_null: *said, reason: Reason::Text(format!("declared {words} in `viewkeeper.toml`").into()) })
    }
}

/// Lets the settings overrule what was computed for the columns of a relation.
pub(super) fn apply(catalog: &Catalog, relation: &Relation, columns: &mut [Verdict]) {
    if catalog.declared_nullability.columns.is_empty() {
        return;
    }
    let Some(schema) = catalog.schema_name(relation.schema) else { return };
    for (column, found) in relation.columns.iter().zip(columns) {
        if let Some(said) = catalog.declared_nullability.column(schema, &relation.name, &column.name) {
            *found = said;
        }
    }
}

/// Warnings for settings that name nothing, or say what is proven without them.
pub fn stale(catalog: &Catalog) -> Vec<Diagnostic> {
    let declared = &catalog.declared_nullability;
    let mut found = Vec::new();
    let nothing = |what: String| {
        Diagnostic::warning(format!("`[nullability]` in `viewkeeper.toml` names {what}"))
            .note("it says nothing of anything")
            .help("name what there is, or take the line out")
    };
    for (schema, name) in &declared.functions {
        let known = catalog.routines_named(name).any(|row| catalog.schema_name(row.schema) == Some(schema.as_str()));
        if !known {
            found.push(nothing(format!("no function: `{schema}.{name}`")));
        }
    }
    let facts = BaseFacts::new(catalog, ViewColumns::Recomputed).with(Word::Ignored);
    for ((schema, relation, column), not_null) in &declared.columns {
        let row = catalog.schema_by_name(schema).and_then(|schema| catalog.relation_by_name(schema, relation));
        let number = row.and_then(|row| row.column(column)).map(|(number, _)| number);
        let (Some(row), Some(number)) = (row, number) else {
            found.push(nothing(format!("no column: `{schema}.{relation}.{column}`")));
            continue;
        };
        let columns = facts.columns(row.oid, false);
        let proven = usize::try_from(number - 1).ok().and_then(|index| columns.get(index));
        if let Some(proven) = proven.filter(|proven| proven.not_null && *not_null) {
            found.push(
                Diagnostic::warning(format!("`{schema}.{relation}.{column}` is not null without `viewkeeper.toml`"))
                    .note(proven.in_words(catalog).reason)
                    .help("take the line out: it would hide it when this is no longer so"),
            );
        }
    }
    found
}

/// A column that is called not null because a person says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnWord {
    /// The relation as SQL names it.
    pub relation: String,
    /// The column's name.
    pub column: String,
    /// What is said of it.
    pub nullability: Nullability,
}

impl OnWord {
    /// Gives a row when the person is wrong.
    pub fn question(&self) -> String {
        format!("SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1", self.relation, quote_ident(&self.column))
    }
}

/// The columns that only a person's word makes not null: their own, or that for a function or for another column.
pub fn on_word(catalog: &Catalog) -> Vec<OnWord> {
    let taken = BaseFacts::new(catalog, ViewColumns::Recomputed);
    let ignored = BaseFacts::new(catalog, ViewColumns::Recomputed).with(Word::Ignored);
    let mut found = Vec::new();
    for relation in catalog.relations.values() {
        let Some(schema) = catalog.schema_name(relation.schema) else { continue };
        let columns = taken.columns(relation.oid, false);
        let proven = ignored.columns(relation.oid, false);
        for ((row, said), proven) in relation.columns.iter().zip(columns.iter()).zip(proven.iter()) {
            if said.not_null && !proven.not_null && !row.dropped {
                found.push(OnWord {
                    relation: format!("{}.{}", quote_ident(schema), quote_ident(&relation.name)),
                    column: row.name.clone(),
                    nullability: said.in_words(catalog),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Settings};
    use crate::migration::{MigrationFile, MigrationId};
    use crate::replay;
    use crate::source::SourceFile;

    const MIGRATION: &str = "
        CREATE TABLE t (a text, b text NOT NULL);
        CREATE FUNCTION slug(text) RETURNS text STRICT LANGUAGE sql AS 'select lower($1)';
        CREATE FUNCTION stamp() RETURNS text LANGUAGE plpgsql AS 'begin return 1; end';";
    const VIEW: &str = "CREATE VIEW v AS SELECT slug(a) AS a, slug(b) AS b, stamp() AS c, a AS d, b AS e FROM t;";

    fn state(settings: &str) -> replay::State {
        let settings: Settings = config::parse(&SourceFile::new("viewkeeper.toml", settings)).unwrap();
        let file = MigrationFile { id: MigrationId::new(1, "t"), source: SourceFile::new("V1__t.sql", MIGRATION) };
        let migrated = replay::migrated(&[file], &settings);
        replay::declared(&migrated.catalog, &[SourceFile::new("v.sql", VIEW)], &settings)
    }

    fn columns(settings: &str) -> String {
        let state = state(settings);
        let view =
            state.catalog.relations.values().find(|relation| relation.name == "v").unwrap().view.clone().unwrap();
        let mark = |not_null| if not_null { 'n' } else { '-' };
        view.analysis.columns.iter().map(|column| mark(column.nullability.not_null)).collect()
    }

    #[test]
    fn settings_overrule_what_is_not_proven() {
        assert_eq!(columns(""), "----n");
        assert_eq!(columns("[nullability]\nfunctions = ['public.slug', 'public.stamp']"), "-nn-n");
        let said = "[nullability.columns]\n'public.v.d' = 'not null'\n'public.v.e' = 'null'";
        assert_eq!(columns(said), "---n-");
        assert_eq!(columns("[nullability.columns]\n'public.t.a' = 'not null'"), "---nn");
        let said =
            state("[nullability]\nfunctions = ['public.slug']\n[nullability.columns]\n'public.v.d' = 'not null'");
        let found: Vec<_> = on_word(&said.catalog).iter().map(OnWord::question).collect();
        assert_eq!(
            found,
            ["SELECT 1 FROM public.v WHERE b IS NULL LIMIT 1", "SELECT 1 FROM public.v WHERE d IS NULL LIMIT 1",]
        );
    }

    #[test]
    fn aggregates_window_functions_and_sets_are_believed_too() {
        let migration = "
            CREATE TABLE t (a int);
            CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
            CREATE FUNCTION steps(int) RETURNS SETOF int LANGUAGE plpgsql AS 'begin return next 1; end';
            CREATE FUNCTION pairs() RETURNS TABLE (x int, y text) LANGUAGE plpgsql AS 'begin return; end';";
        let view = "CREATE VIEW v AS SELECT total(a) AS a, max(a) AS b, total(max(a)) OVER () AS c,
                steps(1) AS d, steps(NULL) + 1 AS e, s AS f, p.x AS g, p.y AS h, o.y AS i
            FROM steps(2) AS s CROSS JOIN pairs() AS p LEFT JOIN pairs() AS o ON true LEFT JOIN t ON true
            GROUP BY s, p.x, p.y, o.y;";
        let columns = |said: &str| {
            let settings: Settings = config::parse(&SourceFile::new("viewkeeper.toml", said)).unwrap();
            let file = MigrationFile { id: MigrationId::new(1, "t"), source: SourceFile::new("V1__t.sql", migration) };
            let migrated = replay::migrated(&[file], &settings);
            let state = replay::declared(&migrated.catalog, &[SourceFile::new("v.sql", view)], &settings);
            assert!(state.diagnostics.0.is_empty(), "{:?}", state.diagnostics);
            let view = state.catalog.relations.values().find(|row| row.name == "v").unwrap().view.clone().unwrap();
            let mark = |not_null| if not_null { 'n' } else { '-' };
            view.analysis.columns.iter().map(|column| mark(column.nullability.not_null)).collect::<String>()
        };
        assert_eq!(columns(""), "---------");
        let said = "[nullability]\nfunctions = ['public.total', 'public.steps', 'public.pairs']";
        // Two sets side by side are padded; a left join finds nothing.
        assert_eq!(columns(said), "n-n--nnn-");
    }

    #[test]
    fn what_names_nothing_or_is_proven_anyway_is_named() {
        let text = "[nullability]\nfunctions = ['public.sluk']\n[nullability.columns]\n'public.v.x' = 'null'\n'public.v.e' = 'not null'";
        let found: Vec<_> = state(text).diagnostics.0.into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            found,
            [
                "`[nullability]` in `viewkeeper.toml` names no function: `public.sluk`",
                "`public.v.e` is not null without `viewkeeper.toml`",
                "`[nullability]` in `viewkeeper.toml` names no column: `public.v.x`",
            ]
        );
        for wrong in
            ["functions = ['slug']", "[nullability.columns]\n'v.e' = 'null'", "[nullability.columns]\n'a.v.e' = 'x'"]
        {
            let text = format!("[nullability]\n{wrong}");
            assert!(config::parse(&SourceFile::new("viewkeeper.toml", text.as_str())).is_err(), "{wrong}");
        }
    }
}
