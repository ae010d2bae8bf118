//! What follows a rename: the texts of views. PostgreSQL keeps what a view uses by number and prints the new name; here
//! the text is kept, so the name is changed where it stands, as far as the text then means the same. A text that would not
//! stays as it was written: the next comparison with its definition finds it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::address::Address;
use super::declare::analyse_again;
use super::session::{Outcome, Session};
use super::walk::{Place, PlaceKind, places};
use crate::catalog::{Catalog, Oid, Relation, View};
use crate::name::{quote_ident, quote_literal};
use crate::parser::{self, NodeEnum};
use crate::source::{SourceFile, Span};
use crate::stars;
use crate::tree::{ChildMut, ExprNode, JoinAliases, Query, RangeTableKind};

/// What gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Followed {
    Schema(Oid),
    Relation(Oid),
    Column(Oid, i16),
    Type(Oid),
    Routine(Oid),
    /// A value of an enum: the old and the new one.
    Value(Oid, String, String),
}

/// A text before the rename.
struct Text {
    oid: Oid,
    text: String,
    aliases: Vec<String>,
    tree: Query,
    places: Vec<Place>,
    tokens: Vec<Span>,
}

/// A piece of text and what comes in its place.
type Edit = (Span, String);

impl Session<'_> {
    /// Renames something, and lets the texts that say its name follow.
    pub(super) fn followed(
        &mut self,
        what: Option<&Followed>,
        rename: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        let Some(what) = what else { return rename(self) };
        let before = self.name_of(what);
        let texts = before.as_ref().map_or_else(Vec::new, |(_, name)| self.texts(what, name));
        rename(self)?;
        let (Some(before), Some(after)) = (before, self.name_of(what)) else { return Ok(()) };
        for text in texts {
            let edits = self.attempts(what, &before, &after, &text);
            let view = edits.into_iter().find_map(|edits| self.rewritten(what, &text, edits));
            if let Some(view) = view {
                self.catalog.update_relation(text.oid, |row| row.view = Some(view));
            }
        }
        Ok(())
    }

    /// The schema and the name that something has now.
    fn name_of(&self, what: &Followed) -> Option<(String, String)> {
        let catalog = &self.catalog;
        let (schema, name) = match what {
            Followed::Schema(oid) => (Oid::INVALID, catalog.schema_name(*oid)?.to_owned()),
            Followed::Relation(oid) => catalog.relation(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Column(oid, number) => {
                let row = catalog.relation(*oid)?;
                (row.schema, row.attribute(*number)?.name.clone())
            }
            Followed::Type(oid) => catalog.type_(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Routine(oid) => catalog.routine(*oid).map(|row| (row.schema, row.name.clone()))?,
            Followed::Value(oid, old, new) => {
                let row = catalog.types.get(oid)?;
                let name = if row.labels.contains(old) { old } else { new };
                (row.schema, name.clone())
            }
        };
        Some((catalog.schema_name(schema).unwrap_or_default().to_owned(), name))
    }

    /// The texts that may say a name.
    fn texts(&self, what: &Followed, name: &str) -> Vec<Text> {
        let small = name.to_lowercase();
        let own = |row: &Relation| matches!(what, Followed::Column(oid, _) if *oid == row.oid);
        let rows = self.catalog.relations.values().filter(|row| {
            let text = row.view.as_ref().filter(|view| view.tree.is_some()).map(|view| view.query_text.to_lowercase());
            // A `*` says the names of columns too, and an entry without a name is called what it is.
            text.is_some_and(|text| text.contains(&small) || text.contains('*') || own(row))
        });
        rows.filter_map(|row| text_of(&self.catalog, row)).collect()
    }

    /// Ways to write the new name, the best first.
    fn attempts(
        &self,
        what: &Followed,
        before: &(String, String),
        after: &(String, String),
        text: &Text,
    ) -> Vec<Vec<Edit>> {
        let is_unqualified = |parts: &[String]| parts.len() == 1;
        let (old, new) = (&before.1, quote_ident(&after.1).into_owned());
        let qualified = format!("{}.{new}", quote_ident(&after.0));
        // Without a schema the new name has to be found where the old one was.
        let is_visible = before.0 == after.0;
        let named = |place: &Place, parts: &[String]| match parts {
            [name] => name == old && place.start < text.text.len(),
            [schema, name] => schema == &before.0 && name == old,
            _ => false,
        };
        let replaced = |place: &Place, parts: usize| -> Option<Edit> {
            let span = text.name_at(place.start, parts)?;
            let bare = parts == 1 && is_visible;
            Some((span, if bare { new.clone() } else { qualified.clone() }))
        };
        match what {
            Followed::Schema(_) => {
                let begins = |place: &&Place| {
                    let long = match place.kind {
                        PlaceKind::Relation | PlaceKind::Function | PlaceKind::Type => place.parts.len() == 2,
                        PlaceKind::Column => place.parts.len() > 1,
                        _ => false,
                    };
                    long && place.parts.first() == Some(old)
                };
                let edit = |place: &Place| Some((text.name_at(place.start, 1)?, new.clone()));
                vec![text.places.iter().filter(begins).filter_map(edit).collect()]
            }
            Followed::Relation(oid) => {
                let stands = text.relation_places(*oid);
                let relations: Vec<&Place> = text
                    .places
                    .iter()
                    .filter(|place| place.kind == PlaceKind::Relation && stands.contains(&place.start))
                    .collect();
                let types = text.places.iter().filter(|place| place.kind == PlaceKind::Type && named(place, &place.parts));
                let names: Vec<Edit> = relations
                    .iter()
                    .filter_map(|place| replaced(place, place.parts.len()))
                    .chain(types.filter_map(|place| replaced(place, place.parts.len())))
                    .collect();
                if relations.iter().all(|place| place.named) || before.1 == after.1 && is_visible {
                    return vec![names];
                }
                // `old.column`, `old.*`, `schema.old.column`.
                let mut qualifiers: Vec<Edit> = Vec::new();
                let mut wholes: Vec<Edit> = Vec::new();
                for place in text.places.iter().filter(|place| place.kind == PlaceKind::Column) {
                    let dotted = |parts: usize| text.is_dotted_after(place.start, parts);
                    match place.parts.as_slice() {
                        [schema, name, ..] if schema == &before.0 && name == old && dotted(2) => {
                            qualifiers.extend(text.name_at(place.start, 2).map(|span| (span, qualified.clone())));
                        }
                        [name, ..] if name == old && dotted(1) => {
                            qualifiers.extend(text.name_at(place.start, 1).map(|span| (span, new.clone())));
                        }
                        [name] if name == old => {
                            wholes.extend(text.name_at(place.start, 1).map(|span| (span, new.clone())));
                        }
                        _ => {}
                    }
                }
                let with_alias = relations.iter().filter_map(|place| {
                    let (span, name) = replaced(place, place.parts.len())?;
                    let alias = if place.named { String::new() } else { format!(" AS {}", quote_ident(old)) };
                    Some((span, name + &alias))
                });
                let with_alias = with_alias.collect();
                let first = [names.clone(), qualifiers].concat();
                let second = [first.clone(), wholes].concat();
                vec![first, second, with_alias]
            }
            Followed::Column(oid, number) if *oid == text.oid => text.own_column(&self.catalog, *number, old, &new),
            Followed::Column(oid, number) => {
                let stands = text.column_places(*oid, *number);
                let columns = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Column && place.parts.last() == Some(old) && stands.contains(&place.start)
                });
                let mut edits: Vec<Edit> = Vec::new();
                for place in columns {
                    let parts = place.parts.len();
                    let (Some(whole), Some(before)) =
                        (text.name_at(place.start, parts), text.name_at(place.start, parts.saturating_sub(1)))
                    else {
                        continue;
                    };
                    let Some(last) = text.tokens.iter().find(|span| span.end == whole.end) else { continue };
                    debug_assert!(before.end <= last.end);
                    // An entry without a name keeps the one that it had.
                    let target = |other: &&Place| {
                        other.kind == PlaceKind::Target && other.start == place.start && !other.named
                    };
                    let is_whole = text.ends_entry(whole.end);
                    let unnamed = is_whole && text.places.iter().any(|other| target(&other));
                    let alias = if unnamed { format!(" AS {}", quote_ident(old)) } else { String::new() };
                    edits.push((*last, format!("{new}{alias}")));
                }
                let plain: Vec<Edit> = edits.clone();
                vec![Vec::new(), plain, text.with_old_columns(&self.catalog, *oid, *number, old)]
            }
            Followed::Type(_) => {
                let types = text.places.iter().filter(|place| place.kind == PlaceKind::Type && named(place, &place.parts));
                vec![types.filter_map(|place| replaced(place, place.parts.len())).collect()]
            }
            Followed::Routine(oid) => {
                let stands = text.call_places(*oid);
                let calls = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Function
                        && named(place, &place.parts)
                        && (stands.contains(&place.start) || !is_unqualified(&place.parts))
                });
                let all = text.places.iter().filter(|place| place.kind == PlaceKind::Function && named(place, &place.parts));
                let entry = |place: &Place| {
                    let unnamed =
                        |other: &&Place| other.kind == PlaceKind::Target && other.start == place.start && !other.named;
                    text.places.iter().any(|other| unnamed(&other))
                };
                let edit = |place: &Place| replaced(place, place.parts.len());
                // An entry without a name is called after its function.
                let named_after = |place: &Place| {
                    let end = text.end_of_entry(place.start).filter(|_| entry(place))?;
                    Some((Span::at(end), format!(" AS {}", quote_ident(old))))
                };
                let precise: Vec<Edit> = calls.clone().filter_map(edit).chain(calls.filter_map(named_after)).collect();
                let every: Vec<Edit> = all.clone().filter_map(edit).chain(all.filter_map(named_after)).collect();
                vec![precise, every]
            }
            Followed::Value(type_, old, new) => {
                let stands = text.constant_places(*type_, old);
                let literals = text.places.iter().filter(|place| {
                    place.kind == PlaceKind::Literal
                        && place.parts.first() == Some(old)
                        && stands.contains(&place.start)
                });
                let edit = |place: &Place| Some((text.name_at(place.start, 1)?, quote_literal(new).trim().to_owned()));
                vec![literals.filter_map(edit).collect()]
            }
        }
    }

    /// The view with its text changed, where it means what it meant, and gives the columns that the view has.
    fn rewritten(&self, what: &Followed, text: &Text, mut edits: Vec<Edit>) -> Option<View> {
        edits.sort_by_key(|(span, _)| (span.start, span.end));
        edits.dedup();
        let (mut written, mut done) = (String::new(), 0);
        for (span, new) in edits {
            written.push_str(text.text.get(done..span.start)?);
            written.push_str(&new);
            done = span.end;
        }
        written.push_str(text.text.get(done..)?);
        let row = self.catalog.relation(text.oid)?;
        let names: Vec<&String> = row.live_columns().map(|(_, column)| &column.name).collect();
        let mut aliases = text.aliases.clone();
        for (alias, name) in aliases.iter_mut().zip(&names) {
            alias.clone_from(name);
        }
        let mut candidate = row.clone();
        let view = candidate.view.as_mut()?;
        (view.query_text, view.column_aliases, view.stars) = (written.clone(), aliases, Vec::new());
        let (analysis, tree) = analyse_again(&self.catalog, &candidate).ok()?;
        if !analysis.columns.iter().map(|column| &column.name).eq(names) || !same(what, &text.tree, &tree) {
            return None;
        }
        let file = SourceFile::new("", written.as_str());
        let node = parser::parse(&file).ok()?.into_iter().next()?.node;
        let mut view = candidate.view?;
        view.canonical_query = parser::canonical(&node).ok()?;
        let found = stars::of_text(&self.catalog, &written, &view.column_aliases, &view.search_path);
        view.stars = found.unwrap_or_default();
        view.expanded_query = stars::written_out(&written, &view.stars).filter(|_| !view.stars.is_empty());
        view.expanded_query = view.expanded_query.and_then(|text| {
            let statements = parser::parse(&SourceFile::new("", text)).ok()?;
            parser::canonical(&statements.first()?.node).ok()
        });
        (view.analysis, view.tree) = (Arc::new(analysis), Some(Arc::new(tree)));
        Some(view)
    }

    /// What a statement renames, as far as texts say its name.
    pub(super) fn followed_by(&self, address: Option<Address>) -> Option<Followed> {
        Some(match address? {
            Address::Schema(oid) => Followed::Schema(oid),
            Address::Relation(oid) => Followed::Relation(oid),
            Address::Column(oid, number) => Followed::Column(oid, number),
            Address::Type(oid) => Followed::Type(oid),
            Address::Routine(oid) => Followed::Routine(oid),
            _ => return None,
        })
    }
}

/// What a view's text is and means now.
fn text_of(catalog: &Catalog, row: &Relation) -> Option<Text> {
    let view = row.view.as_ref()?;
    let (_, tree) = analyse_again(catalog, row).ok()?;
    let text = stars::text_for(catalog, view).0;
    let node = parser::parse(&SourceFile::new("", text.as_str())).ok()?.into_iter().next()?.node;
    let NodeEnum::SelectStmt(_) = &node else { return None };
    let tokens = parser::tokens(&text).into_iter().filter(|token| !token.comment).map(|token| token.span).collect();
    let (places, aliases) = (places(&node), view.column_aliases.clone());
    Some(Text { oid: row.oid, text, aliases, tree, places, tokens })
}

impl Text {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|span| self.text.get(span.start..span.end)).unwrap_or("")
    }

    /// A name of some parts that begins at a place.
    fn name_at(&self, start: usize, parts: usize) -> Option<Span> {
        let first = self.tokens.iter().position(|span| span.start == start)?;
        let last = first + 2 * parts.saturating_sub(1);
        let dots = (1..parts).all(|part| self.word(first + 2 * part - 1) == ".");
        dots.then(|| Span::new(start, self.tokens.get(last).map_or(start, |span| span.end)))
    }

    fn is_dotted_after(&self, start: usize, parts: usize) -> bool {
        let Some(span) = self.name_at(start, parts) else { return false };
        let next = self.tokens.iter().position(|token| token.start >= span.end);
        next.is_some_and(|next| self.word(next) == ".")
    }

    /// Where the entry of a target list ends that something begins or is in.
    fn end_of_entry(&self, start: usize) -> Option<usize> {
        let first = self.tokens.iter().position(|span| span.start == start)?;
        let mut depth = 0i32;
        let mut end = self.tokens.get(first)?.end;
        for at in first..self.tokens.len() {
            let word = self.word(at);
            match word {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                _ => {}
            }
            let ends = depth == 0 && (word == "," || word == ";" || ENDS.iter().any(|end| word.eq_ignore_ascii_case(end)));
            if depth < 0 || ends && at > first {
                break;
            }
            end = self.tokens.get(at)?.end;
        }
        Some(end)
    }

    /// Whether what ends here is the last of its entry.
    fn ends_entry(&self, end: usize) -> bool {
        let next = self.tokens.iter().position(|span| span.start >= end);
        next.is_none_or(|next| {
            let word = self.word(next);
            matches!(word, "," | ")" | ";") || ENDS.iter().any(|end| word.eq_ignore_ascii_case(end))
        })
    }

    fn relation_places(&self, wanted: Oid) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.each_query(&mut |levels: &[&Query]| {
            for entry in levels.last().iter().flat_map(|query| &query.range_table) {
                if matches!(entry.kind, RangeTableKind::Relation { relation, .. } if relation == wanted) {
                    found.extend(entry.location.map(|at| at as usize));
                }
            }
        });
        found
    }

    fn column_places(&self, wanted: Oid, number: i16) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.each_expression(&mut |levels, node, at| {
            let ExprNode::Var(var) = node else { return };
            let query = levels.len().checked_sub(var.levels_up + 1).and_then(|level| levels.get(level));
            let entry = query.and_then(|query| query.range_table.get(var.relation));
            let is_it = entry.is_some_and(
                |entry| matches!(entry.kind, RangeTableKind::Relation { relation, .. } if relation == wanted),
            );
            if is_it && var.column == number {
                found.extend(at);
            }
        });
        found
    }

    fn call_places(&self, wanted: Oid) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.each_expression(&mut |_, node, at| {
            let function = match node {
                ExprNode::Function { function, .. } => *function,
                ExprNode::Aggregate(call) => call.function,
                ExprNode::WindowFunction(call) => call.function,
                _ => return,
            };
            if function == wanted {
                found.extend(at);
            }
        });
        found
    }

    fn constant_places(&self, wanted: Oid, label: &str) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.each_expression(&mut |_, node, at| {
            if matches!(node, ExprNode::Const { type_, value: Some(value), .. } if *type_ == wanted && value == label) {
                found.extend(at);
            }
        });
        found
    }

    fn each_query(&self, visit: &mut dyn FnMut(&[&Query])) {
        walk_queries(&mut vec![&self.tree], visit, &mut |_, _, _| {});
    }

    fn each_expression(&self, visit: &mut dyn FnMut(&[&Query], &ExprNode, Option<usize>)) {
        walk_queries(&mut vec![&self.tree], &mut |_| {}, visit);
    }

    /// The entry of the view's own list that gives a column its name; where others say that name, they follow.
    fn own_column(&self, catalog: &Catalog, number: i16, old: &str, new: &str) -> Vec<Vec<Edit>> {
        let position = usize::try_from(number).unwrap_or(1).saturating_sub(1);
        if position < self.aliases.len() {
            return vec![Vec::new()];
        }
        let _ = catalog;
        let quoted = quote_ident(old).into_owned();
        let entries = self.places.iter().filter(|place| place.kind == PlaceKind::Target);
        let mut attempts = Vec::new();
        for entry in entries {
            let Some(end) = self.end_of_entry(entry.start) else { continue };
            let last = self.tokens.iter().rfind(|span| span.end <= end);
            let Some(last) = last.copied() else { continue };
            let edit = if entry.named {
                (last, new.to_owned())
            } else {
                (Span::at(end), format!(" AS {new}"))
            };
            let word = self.text.get(last.start..last.end).unwrap_or_default();
            if entry.named && word != quoted && !word.eq_ignore_ascii_case(old) {
                continue;
            }
            // `ORDER BY old` and `GROUP BY old` may mean the entry.
            let said = self.places.iter().filter(|place| {
                place.kind == PlaceKind::Column && place.parts == [old] && !(entry.start..end).contains(&place.start)
            });
            let said: Vec<Edit> =
                said.filter_map(|place| Some((self.name_at(place.start, 1)?, new.to_owned()))).collect();
            attempts.push(vec![edit.clone()]);
            if !said.is_empty() {
                attempts.push([vec![edit], said].concat());
            }
        }
        attempts
    }

    /// The relation under the names that its columns had: what PostgreSQL itself prints where no name can be changed.
    fn with_old_columns(&self, catalog: &Catalog, relation: Oid, number: i16, old: &str) -> Vec<Edit> {
        let Some(row) = catalog.relation(relation) else { return Vec::new() };
        let names = row.live_columns().map(|(at, column)| if at == number { old } else { &column.name });
        let names: Vec<_> = names.map(quote_ident).collect();
        let stands = self.relation_places(relation);
        let unnamed = self
            .places
            .iter()
            .filter(|place| place.kind == PlaceKind::Relation && !place.named && stands.contains(&place.start));
        let edit = |place: &Place| {
            let span = self.name_at(place.start, place.parts.len())?;
            let alias = quote_ident(place.parts.last()?);
            Some((Span::at(span.end), format!(" AS {alias} ({})", names.join(", "))))
        };
        unnamed.filter_map(edit).collect()
    }
}

/// Words that end a target list; none of them can stand at its top without quotes.
const ENDS: [&str; 15] = [
    "FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH",
    "FOR", "INTO", "WITH",
];

/// Visits every query with those around it, outermost first, and every expression with the queries that it is in.
fn walk_queries<'t>(
    levels: &mut Vec<&'t Query>,
    visit_query: &mut dyn FnMut(&[&Query]),
    visit: &mut dyn FnMut(&[&Query], &ExprNode, Option<usize>),
) {
    use crate::tree::{Child, Expr};
    let Some(query) = levels.last().copied() else { return };
    visit_query(levels);
    let mut expressions: Vec<&'t Expr> = Vec::new();
    let mut queries: Vec<&'t Query> = Vec::new();
    query.query_children(JoinAliases::Visit, &mut |child| match child {
        Child::Expr(expr) => expressions.push(expr),
        Child::Query(query) => queries.push(query),
    });
    while let Some(expr) = expressions.pop() {
        visit(levels, &expr.node, expr.location.map(|at| at as usize));
        expr.children(&mut |child| match child {
            Child::Expr(expr) => expressions.push(expr),
            Child::Query(query) => queries.push(query),
        });
    }
    for query in queries {
        levels.push(query);
        walk_queries(levels, visit_query, visit);
        levels.pop();
    }
}

/// Whether two trees are the same but for the names that the rename changed.
fn same(what: &Followed, old: &Query, new: &Query) -> bool {
    let (mut old, mut new) = (old.clone(), new.clone());
    for tree in [&mut old, &mut new] {
        nameless(what, tree, Level::Top);
    }
    old == new
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Below,
}

fn nameless(what: &Followed, query: &mut Query, level: Level) {
    for entry in &mut query.range_table {
        match entry.kind {
            // They are called what they are.
            RangeTableKind::Relation { .. } | RangeTableKind::Join { .. } => {
                entry.name.clear();
                entry.columns.iter_mut().for_each(|column| column.name.clear());
            }
            _ => {}
        }
    }
    for target in &mut query.targets {
        // The columns of the view are compared by themselves.
        if level == Level::Top || target.junk {
            target.name.clear();
        }
    }
    query.query_children_mut(JoinAliases::Visit, &mut |child| match child {
        ChildMut::Expr(expr) => nameless_expression(what, expr),
        ChildMut::Query(query) => nameless(what, query, Level::Below),
    });
}

fn nameless_expression(what: &Followed, expr: &mut crate::tree::Expr) {
    if let (Followed::Value(wanted, old, new), ExprNode::Const { type_, value: Some(value), .. }) =
        (what, &mut *expr.node)
        && type_ == wanted
        && value == old
    {
        value.clone_from(new);
    }
    expr.children_mut(&mut |child| match child {
        ChildMut::Expr(expr) => nameless_expression(what, expr),
        ChildMut::Query(query) => nameless(what, query, Level::Below),
    });
}
