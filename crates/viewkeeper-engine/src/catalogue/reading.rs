//! What a relation reads and what reads it, as sections of its page: with the columns that are used, and through others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::address::Place;
use super::html::{esc, folded};
use super::network::Direction;
use super::site::{Entry, Site, column_anchor};
use super::uses;
use crate::analysis::Dependency;
use crate::catalog::Oid;
use crate::name::quote_ident;

/// How many columns are shown before the others are folded.
const MOST_COLUMNS: usize = 24;
/// How many relations a list names: of a table that everything reads it would be a book.
const MOST_IN_LIST: usize = 500;

const HERE: Place = Place::Relation;

/// The relations that a query names, with the columns that it uses of them.
fn used_relations(entry: &Entry<'_>) -> BTreeMap<Oid, BTreeSet<i16>> {
    let mut used: BTreeMap<Oid, BTreeSet<i16>> = BTreeMap::new();
    for dependency in entry.row.view.iter().flat_map(|view| view.analysis.dependencies.iter()) {
        match *dependency {
            Dependency::Relation(oid) | Dependency::Constraint(oid, _) => {
                used.entry(oid).or_default();
            }
            Dependency::Column(oid, number) => {
                used.entry(oid).or_default().insert(number);
            }
            _ => {}
        }
    }
    used
}

/// What a view reads.
pub(super) fn reads(site: &Site<'_>, number: usize, entry: &Entry<'_>) -> String {
    if entry.row.view.is_none() {
        return String::new();
    }
    let mut html = "<section aria-labelledby=\"reads\">\n<h2 id=\"reads\">Reads</h2>\n".to_owned();
    let mut rows: Vec<(String, &str, Vec<String>)> = used_relations(entry)
        .into_iter()
        .filter_map(|(oid, columns)| {
            let row = site.catalog.relation(oid)?;
            let columns = columns.into_iter().filter_map(|number| short_column(site, oid, number)).collect();
            Some((site.link(HERE, oid), crate::describe::kind_word(row.kind), columns))
        })
        .collect();
    rows.sort();
    if rows.is_empty() {
        html.push_str("<p class=\"none\">It reads no relation.</p>\n");
    } else {
        html.push_str(&relations_table(&rows, "Columns that it uses"));
    }
    let direct: BTreeSet<Oid> = used_relations(entry).into_keys().collect();
    html.push_str(&through_others(site, number, Direction::Up, &direct));
    let uses = uses::links(site, HERE, entry);
    if !uses.is_empty() {
        let _ = writeln!(html, "<p>Also uses {}.</p>", uses.join(", "));
    }
    html.push_str("</section>\n");
    html
}

/// What reads a relation.
pub(super) fn read_by(site: &Site<'_>, number: usize, entry: &Entry<'_>) -> String {
    let mut html = "<section aria-labelledby=\"read-by\">\n<h2 id=\"read-by\">Read by</h2>\n".to_owned();
    let mut rows = Vec::new();
    let mut direct = BTreeSet::new();
    for reader in site.network.next(number, Direction::Down) {
        let Some(reader) = site.entries.get(*reader) else { continue };
        let columns = used_relations(reader).remove(&entry.row.oid).unwrap_or_default();
        let columns = columns.into_iter().filter_map(|number| short_column(site, entry.row.oid, number)).collect();
        rows.push((site.link_to(HERE, reader), reader.told.kind, columns));
        direct.insert(reader.row.oid);
    }
    let through = through_others(site, number, Direction::Down, &direct);
    match (rows.is_empty(), through.is_empty()) {
        (true, true) => html.push_str("<p class=\"none\">No view reads it.</p>\n"),
        (true, false) => {}
        (false, _) => html.push_str(&relations_table(&rows, "Columns that are used")),
    }
    html.push_str(&through);
    html.push_str("</section>\n");
    html
}

/// A column by its own name, as a link.
pub(super) fn short_column(site: &Site<'_>, oid: Oid, number: i16) -> Option<String> {
    let name = &site.catalog.relation(oid)?.attribute(number)?.name;
    let code = format!("<code>{}</code>", esc(&quote_ident(name)));
    Some(match site.entry(oid) {
        Some(entry) => format!("<a href=\"{}#{}\">{code}</a>", HERE.to(&entry.page), column_anchor(name)),
        None => code,
    })
}

fn relations_table(rows: &[(String, &str, Vec<String>)], columns: &str) -> String {
    let mut html = format!(
        "<div class=\"wide\">\n<table>\n<thead><tr><th scope=\"col\">Relation</th><th scope=\"col\">Kind</th>\
         <th scope=\"col\">{columns}</th></tr></thead>\n<tbody>\n"
    );
    for (link, kind, columns) in rows {
        let columns = match columns.is_empty() {
            true => "<span class=\"none\">its rows only</span>".to_owned(),
            false => folded(columns, MOST_COLUMNS),
        };
        let _ = writeln!(html, "<tr><th scope=\"row\">{link}</th><td>{kind}</td><td>{columns}</td></tr>");
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// What is reached through other relations or functions only.
fn through_others(site: &Site<'_>, number: usize, direction: Direction, direct: &BTreeSet<Oid>) -> String {
    let mut found: Vec<usize> = site.network.reached(number, direction).into_iter().map(|(number, _)| number).collect();
    found.sort_unstable();
    let mut others: Vec<String> = found
        .into_iter()
        .filter_map(|number| site.entries.get(number))
        .filter(|entry| !direct.contains(&entry.row.oid))
        .map(|entry| site.link_to(HERE, entry))
        .collect();
    if others.is_empty() {
        return String::new();
    }
    let left_out = others.len().saturating_sub(MOST_IN_LIST);
    others.truncate(MOST_IN_LIST);
    let rest = if left_out > 0 { format!(", and {left_out} that are not listed") } else { String::new() };
    format!("<p>Through others: {}{rest}.</p>\n", others.join(", "))
}
