//! The page of one relation: what it is for, its picture, its columns, how it is made. What it reads and what reads it is
//! `reading`'s, what hangs on it `parts`'s.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::address::{INDEX, Place};
use super::html::{Overview, esc, folded, page, paragraphs, ticked};
use super::picture::{around, svg};
use super::site::{Entry, Site, column_anchor};
use super::sql::highlighted;
use super::{parts, reading};
use crate::analysis::ColumnRef;
use crate::catalog::{CheckOption, Column, ColumnSource, Oid, Persistence, RelationKind};
use crate::describe::ColumnDescription;
use crate::name::quote_ident;

/// How many names of one kind are shown before the others are folded.
const MOST_IN_CELL: usize = 6;

const HERE: Place = Place::Relation;

/// The page.
pub(super) fn relation_page(site: &Site<'_>, number: usize, entry: &Entry<'_>, overview: Overview) -> String {
    let title = format!("{} ({})", site.shown(&entry.name), entry.told.kind);
    page(HERE, overview, &title, &content(site, number, entry))
}

/// What stands on it.
pub(super) fn content(site: &Site<'_>, number: usize, entry: &Entry<'_>) -> String {
    let mut html = head(site, entry);
    let lineage = around(site, number, HERE);
    let _ = write!(
        html,
        "<section aria-labelledby=\"lineage\">\n<h2 id=\"lineage\">Lineage</h2>\n<div class=\"picture\" tabindex=\"0\" \
         role=\"region\" aria-label=\"Lineage picture\">\n{}</div>\n</section>\n",
        svg(&lineage)
    );
    html.push_str(&columns(site, entry));
    html.push_str(&reading::reads(site, number, entry));
    html.push_str(&reading::read_by(site, number, entry));
    html.push_str(&definition(site, entry));
    html.push_str(&parts::all(site, entry));
    html
}

fn head(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let (schema, name) = (quote_ident(&entry.name.schema), quote_ident(&entry.name.name));
    let mut html = format!(
        "<p class=\"above\"><a href=\"{}#{}\">{}</a></p>\n<h1>{} <span class=\"badge {}\">{}</span></h1>\n",
        HERE.to(INDEX),
        super::index_page::schema_anchor(&entry.name.schema),
        esc(&schema),
        esc(&name),
        entry.told.kind.replace(' ', "-"),
        entry.told.kind
    );
    match site.comment(&entry.id) {
        Some(comment) => {
            let _ = writeln!(html, "<div class=\"comment\">\n{}</div>", paragraphs(comment));
        }
        None => html.push_str("<p class=\"none\">It has no comment.</p>\n"),
    }
    html.push_str("<dl class=\"facts\">\n");
    for (name, value) in facts(site, entry) {
        let _ = writeln!(html, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    html.push_str("</dl>\n");
    html
}

/// What is said of the relation as a whole; the second part is HTML.
fn facts(site: &Site<'_>, entry: &Entry<'_>) -> Vec<(&'static str, String)> {
    let row = entry.row;
    let code = |text: &str| format!("<code>{}</code>", esc(text));
    let mut facts = Vec::new();
    if let Some(made) = &row.provenance {
        facts.push(("File", code(&site.made_at(made))));
    }
    if let Some(owner) = site.catalog.attachments.owners.get(&entry.id) {
        facts.push(("Owner", code(owner)));
    }
    if !row.parents.is_empty() {
        let parents: Vec<String> = row.parents.iter().map(|parent| site.link(HERE, *parent)).collect();
        facts.push((if row.is_partition { "Partition of" } else { "Inherits" }, parents.join(", ")));
    }
    let children: Vec<String> = site
        .entries
        .iter()
        .filter(|child| child.row.parents.contains(&row.oid))
        .map(|child| site.link_to(HERE, child))
        .collect();
    if !children.is_empty() {
        let partitions = row.kind == RelationKind::PartitionedTable;
        facts.push((if partitions { "Partitions" } else { "Inherited by" }, folded(&children, MOST_IN_CELL)));
    }
    match row.persistence {
        Persistence::Permanent => {}
        Persistence::Unlogged => facts.push(("Persistence", "unlogged".to_owned())),
        Persistence::Temporary => facts.push(("Persistence", "temporary".to_owned())),
    }
    if !row.options.is_empty() {
        let options: Vec<String> = row.options.iter().map(|(key, value)| code(&format!("{key}={value}"))).collect();
        facts.push(("Options", options.join(", ")));
    }
    if let Some(view) = &row.view {
        match view.check_option {
            Some(CheckOption::Local) => facts.push(("Check option", "local".to_owned())),
            Some(CheckOption::Cascaded) => facts.push(("Check option", "cascaded".to_owned())),
            None => {}
        }
        if row.kind == RelationKind::MaterializedView && !view.populated {
            facts.push(("Rows", "none until it is refreshed".to_owned()));
        }
    }
    if let Some(security) = site.catalog.row_security.get(&row.oid) {
        let word = match (security.enabled, security.forced) {
            (true, true) => "on, for the owner too",
            (true, false) => "on",
            (false, _) => "off",
        };
        facts.push(("Row security", word.to_owned()));
    }
    facts
}

fn columns(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let from = if entry.row.view.is_some() { "<th scope=\"col\">Comes from</th>" } else { "" };
    let mut html = format!(
        "<section aria-labelledby=\"columns\">\n<h2 id=\"columns\">Columns</h2>\n<div class=\"wide\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Column</th><th scope=\"col\">Type</th><th scope=\"col\">Null</th>{from}\
         <th scope=\"col\">Goes into</th></tr></thead>\n<tbody>\n"
    );
    for ((number, column), told) in entry.row.live_columns().zip(&entry.told.columns) {
        html.push_str(&column_row(site, entry, number, column, told));
    }
    html.push_str("</tbody>\n</table>\n</div>\n</section>\n");
    html
}

fn column_row(site: &Site<'_>, entry: &Entry<'_>, number: i16, column: &Column, told: &ColumnDescription) -> String {
    let anchor = column_anchor(&column.name);
    let id = crate::catalog::ObjectId::Column(entry.name.clone(), column.name.clone());
    let comment = site.comment(&id).map(paragraphs).unwrap_or_default();
    let mut html = format!(
        "<tr id=\"{anchor}\">\n<th scope=\"row\"><a href=\"#{anchor}\"><code>{}</code></a>{comment}</th>\n<td>{}{}</td>\n",
        esc(&quote_ident(&column.name)),
        site.type_link(HERE, column.type_, &told.type_),
        type_notes(site, entry.row.oid, number, column, told)
    );
    let null = if told.not_null { "<strong>never</strong>" } else { "may be" };
    let _ = writeln!(html, "<td>{null}<small>{}</small></td>", ticked(&told.reason));
    if entry.row.view.is_some() {
        let _ = writeln!(html, "<td>{}</td>", comes_from(site, entry, number));
    }
    let goes_into: Vec<String> = site
        .goes_into((entry.row.oid, number))
        .into_iter()
        .map(|(reader, number)| site.column_link(HERE, (reader.row.oid, number)))
        .collect();
    let _ = writeln!(html, "<td>{}</td>\n</tr>", folded(&goes_into, MOST_IN_CELL));
    html
}

/// Collation, default, how it is generated.
fn type_notes(site: &Site<'_>, oid: Oid, number: i16, column: &Column, told: &ColumnDescription) -> String {
    let mut notes = Vec::new();
    if let Some(collation) = &told.collation {
        notes.push(format!("collation <code>{}</code>", esc(&quote_ident(collation))));
    }
    let text = site.catalog.default_of(oid, number).map(|part| format!("<code>{}</code>", esc(&part.canonical)));
    match (column.source, text) {
        (ColumnSource::IdentityAlways, _) => notes.push("identity, always".to_owned()),
        (ColumnSource::IdentityByDefault, _) => notes.push("identity, by default".to_owned()),
        (ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual, Some(text)) => {
            notes.push(format!("generated as {text}"));
        }
        (ColumnSource::Plain, Some(text)) => notes.push(format!("default {text}")),
        (_, None) => {}
    }
    notes.iter().map(|note| format!("<small>{note}</small>")).collect()
}

/// The columns that the query itself names, and those of tables behind them.
fn comes_from(site: &Site<'_>, entry: &Entry<'_>, number: i16) -> String {
    let position = usize::try_from(number).unwrap_or(0).saturating_sub(1);
    let Some(output) = entry.row.view.as_ref().and_then(|view| view.analysis.columns.get(position)) else {
        return String::new();
    };
    let links = |columns: &BTreeSet<ColumnRef>| -> Vec<String> {
        columns.iter().map(|column| site.column_link(HERE, *column)).collect()
    };
    let copied: BTreeSet<ColumnRef> = output.lineage.copied.iter().copied().collect();
    let computed: BTreeSet<ColumnRef> = output.lineage.computed.iter().copied().collect();
    let mut html = String::new();
    for (word, columns) in [("copied from", &copied), ("computed from", &computed)] {
        if !columns.is_empty() {
            let _ = write!(html, "<div>{word} {}</div>", folded(&links(columns), MOST_IN_CELL));
        }
    }
    let named: BTreeSet<ColumnRef> = copied.union(&computed).copied().collect();
    let origin = site.origin(entry, number);
    if origin != named && !origin.is_empty() {
        let _ = write!(html, "<div class=\"origin\">in the end from {}</div>", folded(&links(&origin), MOST_IN_CELL));
    }
    if html.is_empty() { "<span class=\"none\">no column</span>".to_owned() } else { html }
}

fn definition(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let Some(made) = &entry.row.provenance else { return String::new() };
    let later = match entry.row.kind {
        RelationKind::View | RelationKind::MaterializedView => "",
        _ => " This is how it was made; the columns above are as migrations after it left them.",
    };
    format!(
        "<section aria-labelledby=\"definition\">\n<h2 id=\"definition\">Definition</h2>\n<p>In <code>{}</code>.{later}</p>\n\
         <pre tabindex=\"0\"><code>{}</code></pre>\n</section>\n",
        esc(&site.made_at(made)),
        highlighted(&made.file.text, made.span)
    )
}
