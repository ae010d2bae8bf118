//! The index: what is broken, and everything by schema, each with the first line of its comment. And the page with the
//! picture of the whole project.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::address::{Place, anchor};
use super::html::{Overview, counted, esc, first_line, page, paragraphs, ticked};
use super::network::Direction;
use super::picture::{MOST_IN_ALL, svg, whole};
use super::site::{Entry, Site, object_anchor};
use crate::catalog::{Catalog, ObjectId, Routine, RoutineKind, Type, TypeKind};
use crate::describe::ErrorDescription;
use crate::name::quote_ident;

const FILTER: &str = include_str!("filter.js");
const HERE: Place = Place::Top;
/// How many labels of an enum are shown.
const MOST_LABELS: usize = 12;

/// The place of a schema on the index.
pub(super) fn schema_anchor(schema: &str) -> String {
    anchor("schema", schema)
}

/// The index.
pub(super) fn index_page(site: &Site<'_>, errors: &[ErrorDescription], overview: Overview) -> String {
    page(HERE, overview, "Catalogue", &content(site, errors, overview))
}

/// What stands on it.
pub(super) fn content(site: &Site<'_>, errors: &[ErrorDescription], overview: Overview) -> String {
    let mut html = format!("<h1>Catalogue</h1>\n<p class=\"sums\">{}</p>\n", sums(site));
    html.push_str(&broken(site, errors));
    if overview == Overview::None && site.entries.len() > MOST_IN_ALL {
        let _ = writeln!(
            html,
            "<p class=\"none\">There is no picture of the whole project: {} are too many for one. Every page has a picture \
             of what is around its relation.</p>",
            counted(site.entries.len(), "relation", "relations")
        );
    }
    html.push_str(
        "<form class=\"filter\" role=\"search\" hidden>\n<label for=\"filter\">Filter by name or comment</label>\n\
         <input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">\n<output for=\"filter\"></output>\n\
         </form>\n",
    );
    for ((_, schema), parts) in by_schema(site) {
        html.push_str(&schema_section(site, schema, &parts));
    }
    let _ = write!(html, "<script>\n{FILTER}</script>\n");
    html
}

/// `3 views, 1 materialized view and 2 tables in 2 schemas`.
fn sums(site: &Site<'_>) -> String {
    let count = |wanted: &dyn Fn(&str) -> bool| site.entries.iter().filter(|entry| wanted(entry.told.kind)).count();
    let views = counted(count(&|kind| kind == "view"), "view", "views");
    let materialized = counted(count(&|kind| kind == "materialized view"), "materialized view", "materialized views");
    let tables = counted(count(&|kind| kind.ends_with("table")), "table", "tables");
    format!("{views}, {materialized}, {tables}")
}

fn broken(site: &Site<'_>, errors: &[ErrorDescription]) -> String {
    if errors.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<section class=\"errors\" aria-labelledby=\"errors\">\n<h2 id=\"errors\">{}</h2>\n\
         <p>What is broken has no page until it is mended; everything else is below.</p>\n<ul>\n",
        counted(errors.len(), "error", "errors")
    );
    for error in errors {
        let mut place = error.file.as_ref().map(|file| site.file(file.as_str().into())).unwrap_or_default();
        for number in [error.line, error.column].into_iter().flatten() {
            let _ = write!(place, ":{number}");
        }
        let _ = write!(html, "<li>{}", ticked(&error.message));
        if let Some(relation) = &error.relation {
            let _ = write!(html, " <small>in <code>{}</code></small>", esc(relation));
        }
        if !place.is_empty() {
            let _ = write!(html, "<small><code>{}</code></small>", esc(&place));
        }
        if let Some(help) = &error.help {
            let _ = write!(html, "<small>{}</small>", ticked(help));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n</section>\n");
    html
}

/// What a schema holds.
#[derive(Default)]
struct Parts<'s, 'c> {
    relations: Vec<(usize, &'s Entry<'c>)>,
    types: Vec<Object<'s>>,
    routines: Vec<Object<'s>>,
}

/// A type or a routine.
struct Object<'s> {
    id: &'s ObjectId,
    words: String,
    made_at: String,
}

fn by_schema<'s, 'c>(site: &'s Site<'c>) -> BTreeMap<(usize, &'s str), Parts<'s, 'c>> {
    let catalog = site.catalog;
    let mut schemas: BTreeMap<(usize, &str), Parts<'s, 'c>> = BTreeMap::new();
    for (number, entry) in site.entries.iter().enumerate() {
        schemas.entry(site.rank(&entry.name.schema)).or_default().relations.push((number, entry));
    }
    for (id, oid) in &site.objects {
        let parts = schemas.entry(site.rank(id.schema().unwrap_or_default())).or_default();
        let object = |words, made| Object { id, words, made_at: site.made_at(made) };
        if let (ObjectId::Type(_), Some(row)) = (id, catalog.types.get(oid)) {
            let made = row.source.as_ref().map(|source| &source.provenance);
            parts.types.extend(made.map(|made| object(type_words(catalog, row), made)));
        } else if let Some(row) = catalog.routines.get(oid) {
            let made = row.source.as_ref().map(|source| &source.provenance);
            parts.routines.extend(made.map(|made| object(routine_words(catalog, row), made)));
        }
    }
    for parts in schemas.values_mut() {
        // Views first: they are what the catalogue is for.
        parts.relations.sort_by_key(|(number, entry)| (entry.told.kind.ends_with("table"), *number));
    }
    schemas
}

fn routine_words(catalog: &Catalog, row: &Routine) -> String {
    let set = if row.returns_set { "setof " } else { "" };
    match row.kind {
        RoutineKind::Procedure => format!("procedure in {}", row.language),
        RoutineKind::Aggregate => format!("aggregate, returns {}", catalog.shown_type(row.result, -1)),
        _ => format!("returns {set}{}, in {}", catalog.shown_type(row.result, -1), row.language),
    }
}

fn type_words(catalog: &Catalog, row: &Type) -> String {
    match row.kind {
        TypeKind::Enum => {
            let labels: Vec<&str> = row.labels.iter().take(MOST_LABELS).map(String::as_str).collect();
            let more = if row.labels.len() > MOST_LABELS { ", …" } else { "" };
            format!("enum: {}{more}", labels.join(", "))
        }
        TypeKind::Domain => {
            let not_null = if row.not_null { ", not null" } else { "" };
            format!("domain over {}{not_null}", catalog.shown_type(row.base, row.base_typmod))
        }
        TypeKind::Composite => {
            let attributes = catalog.relation(row.relation).into_iter().flat_map(|row| row.live_columns());
            let attributes: Vec<String> = attributes
                .map(|(_, column)| {
                    format!("{} {}", quote_ident(&column.name), catalog.shown_type(column.type_, column.typmod))
                })
                .collect();
            format!("composite: {}", attributes.join(", "))
        }
        TypeKind::Range => match row.range {
            Some(range) => format!("range of {}", catalog.shown_type(range.subtype, -1)),
            None => "range".to_owned(),
        },
        _ => "base type".to_owned(),
    }
}

fn schema_section(site: &Site<'_>, schema: &str, parts: &Parts<'_, '_>) -> String {
    let anchor = schema_anchor(schema);
    let mut html = format!(
        "<section class=\"schema\" aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\"><span class=\"word\">schema</span> {}</h2>\n",
        esc(&quote_ident(schema))
    );
    html.push_str(&site.comment(&ObjectId::Schema(schema.to_owned())).map(paragraphs).unwrap_or_default());
    if !parts.relations.is_empty() {
        html.push_str(
            "<div class=\"wide\">\n<table class=\"index relations\">\n<thead><tr><th scope=\"col\">Relation</th><th scope=\"col\">Kind</th>\
             <th scope=\"col\">What it is</th><th scope=\"col\" class=\"number\">Columns</th>\
             <th scope=\"col\" class=\"number\">Readers</th></tr></thead>\n<tbody>\n",
        );
        for (number, entry) in &parts.relations {
            let kind = entry.told.kind;
            let _ = writeln!(
                html,
                "<tr><th scope=\"row\"><a href=\"{}\"><code>{}</code></a></th>\
                 <td><span class=\"badge {}\">{kind}</span></td><td>{}</td><td class=\"number\">{}</td>\
                 <td class=\"number\">{}</td></tr>",
                HERE.to(&entry.page),
                esc(&quote_ident(&entry.name.name)),
                kind.replace(' ', "-"),
                esc(first_line(site.comment(&entry.id).unwrap_or_default())),
                entry.told.columns.len(),
                site.network.next(*number, Direction::Down).len()
            );
        }
        html.push_str("</tbody>\n</table>\n</div>\n");
    }
    html.push_str(&objects_table(site, "Type", &parts.types));
    html.push_str(&objects_table(site, "Routine", &parts.routines));
    html.push_str("</section>\n");
    html
}

fn objects_table(site: &Site<'_>, head: &str, objects: &[Object<'_>]) -> String {
    if objects.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<div class=\"wide\">\n<table class=\"index objects\">\n<thead><tr><th scope=\"col\">{head}</th><th scope=\"col\">Is</th>\
         <th scope=\"col\">What it is for</th><th scope=\"col\">File</th></tr></thead>\n<tbody>\n"
    );
    for Object { id, words, made_at } in objects {
        let _ = writeln!(
            html,
            "<tr id=\"{}\"><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            object_anchor(id),
            esc(&own_name(id)),
            esc(words),
            esc(first_line(site.comment(id).unwrap_or_default())),
            esc(made_at)
        );
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// The name without its schema, with the types of inputs.
fn own_name(id: &ObjectId) -> String {
    let name = quote_ident(id.name());
    match id {
        ObjectId::Function(_, inputs) | ObjectId::Procedure(_, inputs) => format!("{name}({})", inputs.join(", ")),
        ObjectId::Aggregate(_, inputs) if inputs.is_empty() => format!("{name}(*)"),
        ObjectId::Aggregate(_, inputs) => format!("{name}({})", inputs.join(", ")),
        _ => name.into_owned(),
    }
}

/// The page with the picture of the whole project, where there is one.
pub(super) fn lineage_page(site: &Site<'_>) -> Option<String> {
    if site.entries.len() > MOST_IN_ALL {
        return None;
    }
    let drawing = whole(site, HERE);
    if drawing.arrows.is_empty() {
        return None;
    }
    let alone: Vec<String> = site
        .entries
        .iter()
        .enumerate()
        .filter(|(number, _)| {
            [Direction::Up, Direction::Down].iter().all(|direction| site.network.next(*number, *direction).is_empty())
        })
        .map(|(_, entry)| site.link_to(HERE, entry))
        .collect();
    let mut html = format!(
        "<h1>Lineage</h1>\n<p>What is read is on the left, what reads it on the right.</p>\n\
         <div class=\"picture whole\" tabindex=\"0\" role=\"region\" aria-label=\"Lineage picture\">\n{}</div>\n",
        svg(&drawing)
    );
    if !alone.is_empty() {
        let _ =
            writeln!(html, "<p>Not drawn, since they read nothing and nothing reads them: {}.</p>", alone.join(", "));
    }
    Some(page(HERE, Overview::Page, "Lineage", &html))
}
