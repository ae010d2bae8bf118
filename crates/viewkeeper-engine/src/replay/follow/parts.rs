//! What hangs on relations and types and says names: indexes and statistics the columns of their relation, triggers the
//! function that they call, expressions of indexes, statistics and domains the routines and types in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Followed;
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Oid};
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum, ast};
use crate::replay::node;
use crate::replay::session::Session;
use crate::replay::walk::{Place, PlaceKind, places};
use crate::source::edited;

impl Session<'_> {
    /// The texts of indexes name the columns of their relation.
    pub(super) fn follow_in_indexes(&mut self, table: Oid, old: &str, new: &str) {
        let Some(row) = self.catalog.relation(table) else { return };
        let follow = |name: &str, text: &str| -> Option<String> {
            let text = with_column(text, old, new)?;
            Some(self.renamed_index_text(&text, table, name))
        };
        let texts: Vec<Option<String>> =
            row.indexes.iter().map(|index| follow(&index.name, &index.canonical)).collect();
        if texts.iter().all(Option::is_none) {
            return;
        }
        self.catalog.update_relation(table, |row| {
            for (index, text) in row.indexes.iter_mut().zip(texts) {
                index.canonical = text.unwrap_or_else(|| index.canonical.clone());
            }
        });
    }

    /// So do the texts of checks and generated columns.
    pub(super) fn follow_in_checks(&mut self, table: Oid, old: &str, new: &str) {
        for row in self.catalog.attached.get_mut(&table).into_iter().flatten() {
            if !matches!(row.kind, AttachedKind::Check | AttachedKind::Default(_)) {
                continue;
            }
            if let Some(text) = expression_with_column(&row.canonical, old, new) {
                Arc::make_mut(row).canonical = text;
            }
        }
    }

    /// The texts of statistics name the columns of their relation.
    pub(super) fn follow_in_statistics(&mut self, table: Oid, old: &str, new: &str) {
        for row in self.catalog.statistics.values_mut().filter(|row| row.relation == table) {
            if let Some(text) = with_column(&row.canonical, old, new) {
                Arc::make_mut(row).canonical = text;
            }
        }
    }

    /// Expressions of indexes, statistics and domains name routines and types: the server keeps these by number.
    pub(super) fn follow_in_expressions(&mut self, what: &Followed, old: &(String, String), new: &(String, String)) {
        let (kind, used) = match what {
            Followed::Routine(oid) => (PlaceKind::Function, vec![Dependency::Routine(*oid)]),
            Followed::Type(oid) => {
                let array = self.catalog.array_type(*oid);
                (PlaceKind::Type, vec![Dependency::Type(*oid), Dependency::Type(array)])
            }
            _ => return,
        };
        // Beside another function of the old name it is not told apart which one a text says.
        let others = self.catalog.routines_named(&old.1).map(|row| Dependency::Routine(row.oid));
        let others: Vec<Dependency> = others.filter(|_| kind == PlaceKind::Function).collect();
        let uses = |dependencies: &BTreeSet<Dependency>| {
            let has = |one: &Dependency| dependencies.contains(one);
            used.iter().any(has) && !others.iter().any(has)
        };
        let follow = |text: &str| with_name(text, kind, old, new);
        for row in self.catalog.statistics.values_mut().filter(|row| uses(&row.dependencies)) {
            if let Some(text) = follow(&row.canonical) {
                Arc::make_mut(row).canonical = text;
            }
        }
        let (mut indexes, mut domains): (Vec<(Oid, String)>, Vec<Oid>) = (Vec::new(), Vec::new());
        for (owner, rows) in &mut self.catalog.attached {
            let is_domain = !self.catalog.relations.contains_key(owner);
            for row in rows.iter_mut().filter(|row| uses(&row.dependencies)) {
                let text = match row.kind {
                    AttachedKind::Index => follow(&row.canonical),
                    // Of a default PostgreSQL keeps the text too, in which the old name stays (`typdefault`): it is set again.
                    AttachedKind::Default(_) if is_domain => None,
                    AttachedKind::Check | AttachedKind::Default(_) => follow(&format!("{BEFORE}{}", row.canonical))
                        .and_then(|text| text.strip_prefix(BEFORE).map(str::to_owned)),
                    _ => None,
                };
                let Some(text) = text else { continue };
                match row.kind {
                    AttachedKind::Index => indexes.push((*owner, row.name.clone())),
                    _ if is_domain => domains.push(*owner),
                    _ => {}
                }
                Arc::make_mut(row).canonical = text;
            }
        }
        for (table, name) in indexes {
            self.catalog.update_relation(table, |row| {
                for index in row.indexes.iter_mut().filter(|index| index.name == name) {
                    index.canonical = follow(&index.canonical).unwrap_or_else(|| index.canonical.clone());
                }
            });
        }
        // The statement that made a domain says the old name.
        for domain in domains {
            self.catalog.update_type(domain, |row| {
                row.source.iter_mut().for_each(|source| Arc::make_mut(source).altered = true);
            });
        }
    }

    /// The texts of triggers name the function that they call.
    pub(super) fn follow_in_triggers(&mut self, function: Oid, old: &(String, String), new: &(String, String)) {
        for row in self.catalog.attached.values_mut().flatten() {
            if row.kind != AttachedKind::Trigger || !row.dependencies.contains(&Dependency::Routine(function)) {
                continue;
            }
            let Some(canonical) = with_function(&row.canonical, old, new) else { continue };
            let row = Arc::make_mut(row);
            row.canonical = canonical;
            if let Some(source) = &mut row.source
                && let Some(text) = calling(&source.text, old, new)
            {
                source.text = text;
            }
        }
    }
}

/// What stands before an expression to make a statement of it.
pub(super) const BEFORE: &str = "SELECT ";

/// A statement that says the new name of a routine or type; `None` where it does not say the old one.
fn with_name(text: &str, kind: PlaceKind, old: &(String, String), new: &(String, String)) -> Option<String> {
    let mut said = places(&parser::statement_in(text)?);
    said.retain(|place| place.kind == kind && matches!(place.parts.as_slice(), [.., name] if *name == old.1));
    // With its schema, where it is said.
    let edits = said.iter().filter_map(|place| {
        let bare = match place.parts.as_slice() {
            [_] => old.0 == new.0,
            [schema, _] if *schema == old.0 => false,
            _ => return None,
        };
        let name = quote_ident(&new.1);
        let name = if bare { name.into_owned() } else { format!("{}.{name}", quote_ident(&new.0)) };
        Some((parser::token_at(text, place.start), name))
    });
    let node = parser::statement_in(&edited(text, edits.collect())?).filter(|_| !said.is_empty())?;
    // The column of an index is called after the function that it is, and stays so: such an index is made anew.
    if let NodeEnum::IndexStmt(index) = &node
        && index.index_params.iter().any(|key| is_call_of(key, &new.1))
    {
        return None;
    }
    parser::canonical(&node).ok()
}

/// Whether a key of an index is the call of a function (`FigureIndexColname` in parse_target.c).
fn is_call_of(key: &ast::Node, name: &str) -> bool {
    let Some(NodeEnum::IndexElem(element)) = &key.node else { return false };
    match element.expr.as_ref().and_then(|expression| expression.node.as_ref()) {
        Some(NodeEnum::FuncCall(call)) => node::strings(&call.funcname).last() == Some(&name),
        _ => false,
    }
}

/// The text with another name in some places.
fn renamed(text: &str, said: &[Place], new: &str) -> Option<String> {
    let edits = said.iter().map(|place| (parser::token_at(text, place.start), quote_ident(new).into_owned()));
    edited(text, edits.collect())
}

/// An expression over a column of another name; `None` where it does not say the old one, or says it behind another name.
fn expression_with_column(text: &str, old: &str, new: &str) -> Option<String> {
    let text = format!("{BEFORE}{text}");
    let mut said = places(&parser::statement_in(&text)?);
    said.retain(|place| place.kind == PlaceKind::Column && place.parts.first().is_some_and(|name| name == old));
    if said.is_empty() || said.iter().any(|place| place.parts.len() > 1) {
        return None;
    }
    let node = parser::statement_in(&renamed(&text, &said, new)?)?;
    parser::canonical(&node).ok()?.strip_prefix(BEFORE).map(str::to_owned)
}

/// `CREATE INDEX` or `CREATE STATISTICS` over a column of another name; `None` where it does not say the old one.
fn with_column(text: &str, old: &str, new: &str) -> Option<String> {
    let mut said = places(&parser::statement_in(text)?);
    // They name no columns but those of their relation.
    said.retain(|place| place.kind == PlaceKind::Column && place.parts == [old]);
    let mut found = !said.is_empty();
    let mut node = parser::statement_in(&renamed(text, &said, new)?)?;
    let elements: Vec<&mut ast::Node> = match &mut node {
        NodeEnum::IndexStmt(index) => index.index_params.iter_mut().chain(&mut index.index_including_params).collect(),
        NodeEnum::CreateStatsStmt(statistics) => statistics.exprs.iter_mut().collect(),
        _ => return None,
    };
    for element in elements {
        let name = match &mut element.node {
            Some(NodeEnum::IndexElem(element)) => &mut element.name,
            Some(NodeEnum::StatsElem(element)) => &mut element.name,
            _ => continue,
        };
        if name == old {
            new.clone_into(name);
            found = true;
        }
    }
    found.then(|| parser::canonical(&node).ok()).flatten()
}

/// `CREATE TRIGGER` in canonical text, where it calls the function of the old name.
fn with_function(canonical: &str, old: &(String, String), new: &(String, String)) -> Option<String> {
    let NodeEnum::CreateTrigStmt(mut trigger) = parser::statement_in(canonical)? else { return None };
    if node::strings(&trigger.funcname) != [old.0.as_str(), old.1.as_str()] {
        return None;
    }
    let part = |text: &String| ast::Node { node: Some(NodeEnum::String(ast::String { sval: text.clone() })) };
    trigger.funcname = vec![part(&new.0), part(&new.1)];
    parser::canonical(&NodeEnum::CreateTrigStmt(trigger)).ok()
}

/// The statement as it was written, with the function that it calls by its new name.
fn calling(text: &str, old: &(String, String), new: &(String, String)) -> Option<String> {
    let tokens = parser::token_spans(text);
    let word = |at: usize| tokens.get(at).and_then(|span| text.get(span.start..span.end)).unwrap_or_default();
    let execute = (0..tokens.len()).rfind(|at| word(*at).eq_ignore_ascii_case("EXECUTE"))?;
    let first = execute + 2;
    let qualified = word(first + 1) == ".";
    let last = if qualified { first + 2 } else { first };
    let (start, end) = (tokens.get(first)?.start, tokens.get(last)?.end);
    let name = match qualified || old.0 != new.0 {
        true => format!("{}.{}", quote_ident(&new.0), quote_ident(&new.1)),
        false => quote_ident(&new.1).into_owned(),
    };
    Some(format!("{}{name}{}", text.get(..start)?, text.get(end..)?))
}
