//! Views that need no analysis again: the definition says the query that the migrated state has, and no name in it means
//! anything else than it meant when that was analysed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Definition;
use super::subject::Subject;
use crate::catalog::{Catalog, Moment, Oid, Relation, RelationKind, View, words};
use crate::complete::with_nullability_of;
use crate::name::QualifiedName;
use crate::parser;
use crate::replay::session::Session;

/// What is known of the migrated state while definitions are made.
pub(in crate::replay) struct Unchanged {
    migrated: Catalog,
    /// When the migrated state last changed what needs no name to be meant.
    everything_changed: Moment,
    /// The objects of definitions in the migrated state, by their names in lower case.
    taken: BTreeMap<String, Vec<Taken>>,
    /// Names in lower case that nothing of the same kind had.
    new: BTreeSet<String>,
    /// Relations whose rows are the type of something.
    used_as_types: BTreeSet<Oid>,
    /// Whether something changed that needs no name to be meant.
    everything: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Relation(Oid),
    Routine(Oid),
}

impl Unchanged {
    /// To be called once everything is taken out that definitions make.
    pub(super) fn new(session: &Session<'_>, migrated: &Catalog, definitions: &[Definition]) -> Self {
        let mut unchanged = Self {
            migrated: migrated.clone(),
            everything_changed: migrated.everything_changed(),
            taken: BTreeMap::new(),
            new: BTreeSet::new(),
            used_as_types: migrated.relations_used_as_types().map(|row| row.oid).collect(),
            everything: false,
        };
        let mut take = |name: &str, taken| unchanged.taken.entry(name.to_ascii_lowercase()).or_default().push(taken);
        let (now, before) = (&session.catalog, migrated);
        let relations = before.relations.values().filter(|row| !now.relations.contains_key(&row.oid));
        relations.for_each(|row| take(&row.name, Taken::Relation(row.oid)));
        let routines = before.routines.values().filter(|row| !now.routines.contains_key(&row.oid));
        routines.for_each(|row| take(&row.name, Taken::Routine(row.oid)));
        // Types without their definitions, extensions that came or went.
        let declared: BTreeSet<&Subject> = definitions.iter().map(|definition| &definition.subject).collect();
        let type_name = |schema, name: &str| {
            Subject::Type(QualifiedName::new(before.schema_name(schema).unwrap_or_default(), name))
        };
        let types = before.types.values().filter(|row| row.source.is_some() && !now.types.contains_key(&row.oid));
        unchanged.everything = types.into_iter().any(|row| !declared.contains(&type_name(row.schema, &row.name)))
            || !now.extensions.keys().eq(before.extensions.keys());
        for definition in definitions {
            match &definition.subject {
                Subject::Relation(name) | Subject::Sequence(name) if before.relation_named(name).is_none() => {
                    unchanged.new.insert(name.name.to_ascii_lowercase());
                }
                Subject::Schema(name) if before.schema_by_name(name).is_none() => {
                    unchanged.new.insert(name.to_ascii_lowercase());
                }
                Subject::Extension(name) if !before.extensions.contains_key(name) => unchanged.everything = true,
                _ => {}
            }
        }
        unchanged
    }

    /// The migrated state.
    pub(in crate::replay) fn migrated(&self) -> &Catalog {
        &self.migrated
    }

    /// Takes note of what a definition made.
    pub(super) fn made(&mut self, subject: &Subject, now: &Catalog) {
        match subject {
            Subject::Relation(name) => {
                let (before, made) = (self.migrated.relation_named(name), now.relation_named(name));
                let same = before.zip(made).is_some_and(|(before, made)| made.means_the_same(before));
                self.everything |= !same && before.is_some_and(|row| self.used_as_types.contains(&row.oid));
            }
            Subject::Routine(name, _) => {
                let schema = now.schema_by_name(&name.schema);
                let made = now.routines_named(&name.name).filter(|row| Some(row.schema) == schema);
                if made.into_iter().any(|row| self.migrated.routine(row.oid).is_none()) {
                    self.new.insert(name.name.to_ascii_lowercase());
                }
            }
            Subject::Type(name) => {
                let of = |catalog: &Catalog| {
                    let schema = catalog.schema_by_name(&name.schema)?;
                    catalog.type_by_name(schema, &name.name).cloned()
                };
                match (of(&self.migrated), of(now)) {
                    (Some(before), Some(made)) => {
                        let row = |catalog: &Catalog| catalog.relation(made.relation).cloned();
                        let (old_row, new_row) = (row(&self.migrated), row(now));
                        let same_rows = match (&old_row, &new_row) {
                            (Some(before), Some(made)) => made.means_the_same(before),
                            (before, made) => before.is_none() && made.is_none(),
                        };
                        self.everything |= !made.means_the_same(&before) || !same_rows;
                    }
                    _ => self.everything = true,
                }
            }
            _ => {}
        }
    }

    /// Whether a word means what it meant in the migrated state.
    fn means_the_same(&self, word: &str, now: &Catalog, but: Oid) -> bool {
        let same = |taken: &Taken| match taken {
            Taken::Relation(oid) if *oid == but => true,
            Taken::Relation(oid) => {
                let both = self.migrated.relation(*oid).zip(now.relation(*oid));
                both.is_some_and(|(before, made)| made.means_the_same(before))
            }
            Taken::Routine(oid) => {
                let both = self.migrated.routine(*oid).zip(now.routine(*oid));
                both.is_some_and(|(before, made)| made.means_the_same(before))
            }
        };
        !self.new.contains(word) && self.taken.get(word).is_none_or(|taken| taken.iter().all(same))
    }
}

impl Session<'_> {
    /// The query of the view that the definition at hand declares, where it need not be analysed again.
    pub(in crate::replay) fn as_before(
        &self,
        schema: Oid,
        name: &str,
        kind: RelationKind,
        aliases: &[String],
    ) -> Option<View> {
        let unchanged = self.unchanged.as_ref().filter(|unchanged| !unchanged.everything)?;
        let migrated = &unchanged.migrated;
        let row = migrated.relation_by_name(schema, name).filter(|row| row.kind == kind)?;
        let view = row.view.as_ref().filter(|view| !view.followed && view.tree.is_some())?;
        let made = migrated.was_made_of_text(row.oid)?;
        let same_text = view.column_aliases == aliases
            && view.search_path == self.search_path()
            && has_query(self.file.text.get(self.span.start..self.span.end)?, &view.query_text);
        let untouched = unchanged.everything_changed <= made
            && migrated.meaning_changed(&name.to_ascii_lowercase()) <= made
            && self.kept.get(&(schema, name.to_owned())).is_some_and(|(oid, _)| *oid == row.oid);
        if !same_text || !untouched {
            return None;
        }
        let same = |word: &String| {
            migrated.meaning_changed(word) <= made && unchanged.means_the_same(word, &self.catalog, row.oid)
        };
        words(&view.query_text)?.iter().all(same).then(|| self.judged_again(row, view))
    }

    /// What a materialized view's rows may hold depends on what happened to it; of a view it is found out in the end.
    fn judged_again(&self, row: &Relation, view: &View) -> View {
        let mut view = view.clone();
        if let (RelationKind::MaterializedView, Some(tree)) = (row.kind, &view.tree) {
            let analysis = with_nullability_of(&self.catalog, tree, &self.provenance(), &view.analysis);
            view.analysis = Arc::new(analysis);
        }
        view
    }
}

/// Whether a statement that makes a view has a query with this text, as [`View::query_text`] would have it.
fn has_query(statement: &str, query: &str) -> bool {
    let Some(at) = statement.rfind(query).filter(|_| !query.is_empty()) else { return false };
    let (head, tail) = (&statement[..at], &statement[at + query.len()..]);
    let tail: Vec<String> = tail.split_whitespace().map(str::to_ascii_lowercase).collect();
    let tail: Vec<&str> = tail.iter().map(String::as_str).collect();
    let ends = match *tail.as_slice() {
        [] => true,
        ["with", ref clause @ ..] => {
            matches!(
                clause,
                ["check", "option"] | ["local" | "cascaded", "check", "option"] | ["data"] | ["no", "data"]
            )
        }
        _ => false,
    };
    // The first AS outside of brackets is the last thing before the query.
    let tokens = parser::tokens(head);
    let word = |span: crate::source::Span| head.get(span.start..span.end).unwrap_or_default();
    let mut depth = 0i32;
    let first = tokens.iter().position(|token| {
        match word(token.span) {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0 && !token.comment && word(token.span).eq_ignore_ascii_case("as")
    });
    let Some(last) = tokens.last().filter(|_| first.is_some_and(|first| first + 1 == tokens.len())) else {
        return false;
    };
    // Layout: the line break after AS goes, the indentation of the first line stays.
    let between = &head[last.span.end..];
    let begins = between.ends_with('\n')
        || !between.is_empty() && !between.contains('\n') && !query.starts_with(char::is_whitespace);
    ends && begins
}

#[cfg(test)]
mod tests {
    use super::has_query;
    use crate::replay::view::query_span;

    #[test]
    fn a_statement_has_a_query_when_that_is_its_text() {
        for (statement, query) in [
            ("CREATE VIEW v AS SELECT 1", "SELECT 1"),
            ("CREATE VIEW v AS\n  SELECT 1", "  SELECT 1"),
            ("CREATE VIEW v AS\n  SELECT 1", "SELECT 1"),
            ("CREATE VIEW v AS SELECT 2 UNION SELECT 1", "SELECT 1"),
            ("CREATE VIEW v AS -- one\nSELECT 1", "SELECT 1"),
            ("CREATE VIEW v AS SELECT 1 WITH LOCAL CHECK OPTION", "SELECT 1"),
            ("CREATE VIEW v AS SELECT 1 -- one", "SELECT 1"),
            ("CREATE VIEW v AS SELECT 1 AS x", "x"),
            ("CREATE VIEW v (\"as\") WITH (security_barrier) AS SELECT 1", "SELECT 1"),
            ("CREATE MATERIALIZED VIEW v AS\n\tSELECT 1\nWITH NO DATA", "\tSELECT 1"),
            ("CREATE VIEW v AS SELECT 1\n    , 2", "SELECT 1"),
        ] {
            let span = query_span(statement).expect("a query");
            let found = &statement[span.start..span.end];
            assert_eq!(has_query(statement, query), found == query, "{statement}: {query}");
        }
    }
}
