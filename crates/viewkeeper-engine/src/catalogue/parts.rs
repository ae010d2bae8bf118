//! What hangs on a relation, as sections of its page: constraints, indexes, triggers, rules, policies, privileges.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::address::Place;
use super::html::{esc, paragraphs};
use super::reading::short_column;
use super::site::{Entry, Site};
use crate::analysis::ColumnRef;
use crate::catalog::{AttachedKind, Constraint, ConstraintKind, Firing, Grantee, ObjectId};
use crate::name::quote_ident;

const HERE: Place = Place::Relation;

/// All sections that there is something for.
pub(super) fn all(site: &Site<'_>, entry: &Entry<'_>) -> String {
    [constraints(site, entry), indexes(site, entry), attached(site, entry), privileges(site, entry)].concat()
}

/// A section with a table; nothing where that has no rows.
fn section(anchor: &str, title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heads: String = columns.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    let mut html = format!(
        "<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{title}</h2>\n<div class=\"wide\">\n<table>\n\
         <thead><tr>{heads}</tr></thead>\n<tbody>\n"
    );
    for row in rows {
        html.push_str("<tr>");
        for (number, cell) in row.iter().enumerate() {
            let _ = match number {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td>{cell}</td>"),
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n</div>\n</section>\n");
    html
}

/// A name, with the comment on what has it.
fn named(site: &Site<'_>, id: &ObjectId, name: &str) -> String {
    let comment = site.comment(id).map(paragraphs).unwrap_or_default();
    format!("<code>{}</code>{comment}", esc(&quote_ident(name)))
}

fn column_links(site: &Site<'_>, columns: impl IntoIterator<Item = ColumnRef>) -> String {
    let links: Vec<String> = columns.into_iter().map(|column| site.column_link(HERE, column)).collect();
    links.join(", ")
}

fn constraints(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let mut constraints: Vec<&Constraint> =
        entry.row.constraints.iter().filter(|row| row.kind != ConstraintKind::NotNull).collect();
    constraints.sort_by(|a, b| a.name.cmp(&b.name));
    let rows = constraints
        .into_iter()
        .map(|row| {
            let (kind, says) = constraint(site, entry, row);
            let mut notes = String::new();
            if row.deferrable {
                notes.push_str("<small>deferrable</small>");
            }
            if !row.validated {
                notes.push_str("<small>not validated for older rows</small>");
            }
            let id = ObjectId::Constraint(entry.name.clone(), row.name.clone());
            vec![named(site, &id, &row.name), kind.to_owned(), says + &notes]
        })
        .collect();
    section("constraints", "Constraints", &["Constraint", "Kind", "Says"], rows)
}

fn constraint(site: &Site<'_>, entry: &Entry<'_>, row: &Constraint) -> (&'static str, String) {
    let own: Vec<String> = row.columns.iter().filter_map(|number| short_column(site, entry.row.oid, *number)).collect();
    let own = own.join(", ");
    match row.kind {
        ConstraintKind::PrimaryKey => ("primary key", own),
        ConstraintKind::Unique => ("unique", own),
        ConstraintKind::NotNull => ("not null", own),
        ConstraintKind::Exclusion => ("exclusion", own),
        ConstraintKind::ForeignKey => {
            let there = if row.referenced.is_empty() {
                site.link(HERE, row.references)
            } else {
                column_links(site, row.referenced.iter().map(|number| (row.references, *number)))
            };
            ("foreign key", format!("{own} references {there}"))
        }
        ConstraintKind::Check => {
            let mut parts = site.catalog.attached.get(&entry.row.oid).into_iter().flatten();
            let check = parts.find(|part| part.kind == AttachedKind::Check && part.name == row.name);
            ("check", check.map_or(own, |check| format!("<code>{}</code>", esc(&check.canonical))))
        }
    }
}

fn indexes(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let mut indexes: Vec<_> = entry.row.indexes.iter().filter(|index| index.constraint.is_none()).collect();
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    let rows = indexes
        .into_iter()
        .map(|index| {
            let name = crate::name::QualifiedName::new(&*entry.name.schema, &*index.name);
            let id = ObjectId::Index(name, entry.name.clone());
            let unique = if index.unique { "unique" } else { "" };
            let text = match index.canonical.is_empty() {
                true => column_links(site, index.columns.iter().map(|number| (entry.row.oid, *number))),
                false => format!("<code>{}</code>", esc(&index.canonical)),
            };
            vec![named(site, &id, &index.name), unique.to_owned(), text]
        })
        .collect();
    section("indexes", "Indexes", &["Index", "Unique", "Definition"], rows)
}

fn attached(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let mut rows = Vec::new();
    for part in site.catalog.attached.get(&entry.row.oid).into_iter().flatten() {
        let id: fn(_, _) -> ObjectId = match part.kind {
            AttachedKind::Trigger => ObjectId::Trigger,
            AttachedKind::Rule => ObjectId::Rule,
            AttachedKind::Policy => ObjectId::Policy,
            AttachedKind::Default(_) | AttachedKind::Check | AttachedKind::Index => continue,
        };
        let id = id(entry.name.clone(), part.name.clone());
        let firing = match part.source.as_ref().map_or(Firing::Origin, |source| source.firing) {
            Firing::Origin => "",
            Firing::Always => "<small>also while changes are replicated</small>",
            Firing::Replica => "<small>only while changes are replicated</small>",
            Firing::Disabled => "<small>disabled</small>",
        };
        let text = part.source.as_ref().map_or(&*part.canonical, |source| &*source.text);
        let text = format!("<code class=\"lines\">{}</code>{firing}", esc(text));
        rows.push(vec![named(site, &id, &part.name), id.word().to_owned(), text]);
    }
    rows.sort();
    section("attached", "Triggers, rules and policies", &["Name", "Kind", "Definition"], rows)
}

/// What roles may do, as the files say it; each role once.
fn privileges(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let attachments = &site.catalog.attachments;
    let mut by_role: BTreeMap<&Grantee, (Vec<String>, Vec<String>)> = BTreeMap::new();
    let words = |privilege: &crate::catalog::Privilege| {
        let column = privilege.column.as_ref().map(|column| format!(" of <code>{}</code>", esc(&quote_ident(column))));
        format!("{}{}", esc(&privilege.privilege.to_lowercase()), column.unwrap_or_default())
    };
    for (privilege, option) in attachments.privileges.get(&entry.id).into_iter().flatten() {
        let option = if *option { " (and may give it to others)" } else { "" };
        by_role.entry(&privilege.grantee).or_default().0.push(words(privilege) + option);
    }
    for privilege in attachments.revoked.get(&entry.id).into_iter().flatten() {
        by_role.entry(&privilege.grantee).or_default().1.push(words(privilege));
    }
    let rows = by_role
        .into_iter()
        .map(|(grantee, (given, revoked))| {
            let role = match grantee {
                Grantee::Public => "everybody".to_owned(),
                Grantee::Role(role) => format!("<code>{}</code>", esc(&quote_ident(role))),
            };
            let revoked =
                if revoked.is_empty() { String::new() } else { format!("<small>not: {}</small>", revoked.join(", ")) };
            vec![role, given.join(", ") + &revoked]
        })
        .collect();
    section("privileges", "Privileges", &["Who", "May"], rows)
}
