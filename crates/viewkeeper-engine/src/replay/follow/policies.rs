//! Policies follow a rename as views do: PostgreSQL keeps what their expressions use by number, and the text that says the
//! old name would mean nothing. A text that cannot follow stays, and is replaced by what the definition says.

use std::sync::Arc;

use super::Followed;
use super::place::Text;
use super::same::same;
use crate::analyse::{Made, ViewQuery, analyse_query};
use crate::catalog::{AttachedKind, Oid};
use crate::name::QualifiedName;
use crate::object::policy_clause;
use crate::parser::{self, NodeEnum};
use crate::replay::session::Session;
use crate::replay::trigger::policy_nodes;
use crate::replay::walk::places;
use crate::source::{Edit, SourceFile, Span, edited};
use crate::tree::Query;

/// What stands in the parentheses behind `USING` or `WITH CHECK`, as a query of the policy's table.
pub(super) struct PolicyClause {
    table: Oid,
    policy: String,
    words: &'static str,
    search_path: Vec<String>,
    text: Text,
    /// The part of the query's text that is the policy's.
    clause: Span,
}

const BEFORE: &str = "SELECT ";

impl Session<'_> {
    /// The clauses of policies that may say a name.
    pub(super) fn policy_clauses(&self, name: &str) -> Vec<PolicyClause> {
        let mut found = Vec::new();
        let small = name.to_lowercase();
        let doubled = [small.replace('"', "\"\""), small.replace('\'', "''")];
        for (table, rows) in &self.catalog.attached {
            let rows = rows.iter().filter(|row| row.kind == AttachedKind::Policy);
            for (row, source) in rows.filter_map(|row| Some((row, row.source.as_ref()?))) {
                let text = source.text.to_lowercase();
                if !text.contains(&small) && !doubled.iter().any(|name| text.contains(name)) {
                    continue;
                }
                for words in ["USING", "WITH CHECK"] {
                    let Some(span) = policy_clause(&source.text, words) else { continue };
                    let Some(clause) = source.text.get(span.start..span.end) else { continue };
                    let Some((text, node, tree)) = self.clause_query(*table, clause, &source.search_path) else {
                        continue;
                    };
                    let tokens = parser::tokens(&text).into_iter().filter(|token| !token.comment);
                    let tokens = tokens.map(|token| token.span).collect();
                    found.push(PolicyClause {
                        table: *table,
                        policy: row.name.clone(),
                        words,
                        search_path: source.search_path.clone(),
                        clause: Span::new(BEFORE.len(), BEFORE.len() + clause.len()),
                        text: Text {
                            oid: Oid::INVALID,
                            text,
                            aliases: Vec::new(),
                            tree,
                            places: places(&node),
                            tokens,
                        },
                    });
                }
            }
        }
        found
    }

    /// Writes the new name into a clause, where it then means what it meant.
    pub(super) fn follow_in_policy(
        &mut self,
        what: &Followed,
        before: &(String, String),
        after: &(String, String),
        clause: &PolicyClause,
    ) {
        let mut attempts = self.attempts(what, before, after, &clause.text).into_iter();
        let Some(written) = attempts.find_map(|edits| self.rewritten_clause(what, clause, edits)) else {
            return;
        };
        let rows = self.catalog.attached.get_mut(&clause.table).into_iter().flatten();
        let mut policies = rows.filter(|row| row.kind == AttachedKind::Policy && row.name == clause.policy);
        let Some(row) = policies.next().map(Arc::make_mut) else { return };
        let Some(source) = &mut row.source else { return };
        let Some(span) = policy_clause(&source.text, clause.words) else { return };
        let Some(text) = edited(&source.text, vec![(span, written)]) else { return };
        let Some(NodeEnum::CreatePolicyStmt(statement)) = parser::written_statement(&text, self.catalog.version) else {
            return;
        };
        if let Ok(canonical) = parser::canonical(&policy_nodes(&statement).1) {
            (source.text, row.canonical) = (text, canonical);
        }
    }

    fn rewritten_clause(&self, what: &Followed, clause: &PolicyClause, mut edits: Vec<Edit>) -> Option<String> {
        // The table behind the clause has its name from the catalog.
        let Span { start, end } = clause.clause;
        edits.retain(|(span, _)| span.start >= start && span.end <= end);
        let edits = edits.into_iter().map(|(span, new)| (Span::new(span.start - start, span.end - start), new));
        let written = edited(clause.text.text.get(start..end)?, edits.collect())?;
        let (_, _, tree) = self.clause_query(clause.table, &written, &clause.search_path)?;
        same(what, &clause.text.tree, &tree).then_some(written)
    }

    /// A clause as the only entry of a query of its table: names in it mean what they mean in the policy.
    fn clause_query(&self, table: Oid, clause: &str, search_path: &[String]) -> Option<(String, NodeEnum, Query)> {
        let row = self.catalog.relation(table)?;
        let name = QualifiedName::new(self.catalog.schema_name(row.schema)?, row.name.as_str());
        // A comment at the end of the clause cannot swallow what follows: the parenthesis is behind it.
        let text = format!("{BEFORE}{clause} FROM {name}");
        let file = SourceFile::new("policy", text.as_str());
        let node = parser::parse(&file, self.catalog.version).ok()?.into_iter().next()?.node;
        let NodeEnum::SelectStmt(query) = &node else { return None };
        let request =
            ViewQuery { file: &file, query, column_aliases: &[], search_path, relation: &row.name, made: Made::View };
        let tree = analyse_query(&self.catalog, &request).ok()?.tree;
        Some((text, node, tree))
    }
}
