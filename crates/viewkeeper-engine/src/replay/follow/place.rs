//! The text of a view before a rename: where the names in it stand, what stands there, and where entries end.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Oid, Relation};
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum};
use crate::replay::declare::analyse_again;
use crate::replay::walk::{Place, PlaceKind, places};
use crate::source::{Edit, Span};
use crate::stars;
use crate::tree::{Child, Expr, ExprNode, JoinAliases, Query, RangeTableKind};

/// A text before the rename.
pub(super) struct Text {
    pub(super) oid: Oid,
    pub(super) text: String,
    pub(super) aliases: Vec<String>,
    pub(super) tree: Query,
    pub(super) places: Vec<Place>,
    pub(super) tokens: Vec<Span>,
}

/// What a view's text is and means now.
pub(super) fn text_of(catalog: &Catalog, row: &Relation) -> Option<Text> {
    let view = row.view.as_ref()?;
    let (_, tree) = analyse_again(catalog, row).ok()?;
    let text = stars::text_for(catalog, row, view).0;
    let node = parser::written_statement(&text, catalog.version)?;
    let NodeEnum::SelectStmt(_) = &node else { return None };
    let tokens = parser::token_spans(&text);
    let (places, aliases) = (places(&node), view.column_aliases.clone());
    Some(Text { oid: row.oid, text, aliases, tree, places, tokens })
}

impl Text {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|span| self.text.get(span.start..span.end)).unwrap_or("")
    }

    /// A name of some parts that begins at a place.
    pub(super) fn name_at(&self, start: usize, parts: usize) -> Option<Span> {
        let first = self.tokens.iter().position(|span| span.start == start)?;
        let last = first + 2 * parts.saturating_sub(1);
        let dots = (1..parts).all(|part| self.word(first + 2 * part - 1) == ".");
        dots.then(|| Span::new(start, self.tokens.get(last).map_or(start, |span| span.end)))
    }

    pub(super) fn is_dotted_after(&self, start: usize, parts: usize) -> bool {
        let Some(span) = self.name_at(start, parts) else { return false };
        let next = self.tokens.iter().position(|token| token.start >= span.end);
        next.is_some_and(|next| self.word(next) == ".")
    }

    /// Where the entry of a target list ends that something begins or is in.
    pub(super) fn end_of_entry(&self, start: usize) -> Option<usize> {
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
            let ends =
                depth == 0 && (word == "," || word == ";" || ENDS.iter().any(|end| word.eq_ignore_ascii_case(end)));
            if depth < 0 || ends && at > first {
                break;
            }
            end = self.tokens.get(at)?.end;
        }
        Some(end)
    }

    /// Whether what ends here is the last of its entry.
    pub(super) fn ends_entry(&self, end: usize) -> bool {
        let next = self.tokens.iter().position(|span| span.start >= end);
        next.is_none_or(|next| {
            let word = self.word(next);
            matches!(word, "," | ")" | ";") || ENDS.iter().any(|end| word.eq_ignore_ascii_case(end))
        })
    }

    pub(super) fn relation_places(&self, wanted: Oid) -> BTreeSet<usize> {
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

    pub(super) fn column_places(&self, wanted: Oid, number: i16) -> BTreeSet<usize> {
        self.columns_where(wanted, |column| column == number)
    }

    /// Where columns of a relation stand.
    pub(super) fn columns_of(&self, wanted: Oid) -> BTreeSet<usize> {
        self.columns_where(wanted, |_| true)
    }

    fn columns_where(&self, wanted: Oid, test: impl Fn(i16) -> bool) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        self.each_expression(&mut |levels, node, at| {
            let ExprNode::Var(var) = node else { return };
            let query = levels.len().checked_sub(var.levels_up + 1).and_then(|level| levels.get(level));
            let entry = query.and_then(|query| query.range_table.get(var.relation));
            let is_it = entry.is_some_and(
                |entry| matches!(entry.kind, RangeTableKind::Relation { relation, .. } if relation == wanted),
            );
            if is_it && test(var.column) {
                found.extend(at);
            }
        });
        found
    }

    pub(super) fn call_places(&self, wanted: Oid) -> BTreeSet<usize> {
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

    pub(super) fn constant_places(&self, wanted: Oid, label: &str) -> BTreeSet<usize> {
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

    fn each_expression(&self, visit: &mut Visit<'_>) {
        walk_queries(&mut vec![&self.tree], &mut |_| {}, visit);
    }

    /// The entry of the view's own list that gives a column its name; where others say that name, they follow.
    pub(super) fn own_column(&self, number: i16, old: &str, new: &str) -> Vec<Vec<Edit>> {
        let position = usize::try_from(number).unwrap_or(1).saturating_sub(1);
        if position < self.aliases.len() {
            return vec![Vec::new()];
        }
        let quoted = quote_ident(old).into_owned();
        let entries = self.places.iter().filter(|place| place.kind == PlaceKind::Target);
        let mut attempts = Vec::new();
        for entry in entries {
            let Some(end) = self.end_of_entry(entry.start) else { continue };
            let last = self.tokens.iter().rfind(|span| span.end <= end);
            let Some(last) = last.copied() else { continue };
            let edit = if entry.named { (last, new.to_owned()) } else { (Span::at(end), format!(" AS {new}")) };
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
    pub(super) fn with_old_columns(&self, catalog: &Catalog, relation: Oid, number: i16, old: &str) -> Vec<Edit> {
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

/// What is done with an expression: the queries that it is in, outermost first, what it is and where it stands.
type Visit<'v> = dyn FnMut(&[&Query], &ExprNode, Option<usize>) + 'v;

/// Words that end a target list; none of them can stand at its top without quotes.
pub(super) const ENDS: [&str; 15] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "FOR",
    "INTO",
    "WITH",
];

/// Visits every query with those around it, outermost first, and every expression with the queries that it is in.
fn walk_queries<'t>(levels: &mut Vec<&'t Query>, visit_query: &mut dyn FnMut(&[&Query]), visit: &mut Visit<'_>) {
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
