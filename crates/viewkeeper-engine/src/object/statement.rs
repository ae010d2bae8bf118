//! SQL text of views: `CREATE` from a catalog row, with the query as its author wrote it.

use std::collections::BTreeSet;

use crate::analysis::Dependency;
use crate::catalog::{Attached, AttachedKind, Catalog, CheckOption, ObjectId, Relation, RelationKind, View};
use crate::graph;
use crate::name::{QualifiedName, quote_ident, quote_literal};
use crate::parser;
use crate::replay::types_named_in;
use crate::resolve::Resolver;
use crate::stars;

/// The relation and its query behind an id of a view or materialized view.
pub(super) fn view_of<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<(&'c Relation, &'c View)> {
    let name = super::relation_name(id)?;
    let relation = catalog.relation_named(name)?;
    let is_it = match id {
        ObjectId::View(_) => relation.kind == RelationKind::View,
        ObjectId::MaterializedView(_) => relation.kind == RelationKind::MaterializedView,
        _ => true,
    };
    Some((relation, relation.view.as_ref().filter(|_| is_it)?))
}

/// What a view uses, in its query and in what hangs on it: it is recreated with its indexes and defaults, so the routines
/// and types in these must be there with it. Triggers and rules are objects of their own.
pub(super) fn uses(catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
    uses_but_in(catalog, id, |_| false)
}

/// The same without what hangs on it in some ways.
pub(super) fn uses_but_in(
    catalog: &Catalog,
    id: &ObjectId,
    left_out: impl Fn(AttachedKind) -> bool,
) -> BTreeSet<ObjectId> {
    let Some((relation, view)) = view_of(catalog, id) else { return BTreeSet::new() };
    let attached = catalog.attached.get(&relation.oid).into_iter().flatten();
    let attached = attached.filter(|row| row.source.is_none() && !left_out(row.kind));
    let said = attached.flat_map(|row| said_in(row));
    graph::uses(catalog, view.analysis.dependencies.iter().chain(said))
}

/// The types that a view's query names. PostgreSQL keeps nothing of one whose rows it compares column by column
/// (`make_row_comparison_op` and `make_row_distinct_op` in parse_expr.c).
pub(super) fn named_types(catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
    let named = || {
        let (_, view) = view_of(catalog, id)?;
        let statement = parser::statement_in(&view.canonical_query)?;
        let resolver = Resolver::new(catalog, &view.search_path);
        let found = types_named_in(&statement).into_iter().filter_map(|parts| {
            let row = match parts.as_slice() {
                [name] => resolver.find_type(None, name)?,
                [.., schema, name] => resolver.find_type(Some(schema), name)?,
                [] => return None,
            };
            graph::type_id(catalog, row.oid)
        });
        Some(found.collect())
    };
    named().unwrap_or_default()
}

/// The routines and types that the expressions of something attached name: the rest is of its relation.
pub(super) fn said_in(row: &Attached) -> impl Iterator<Item = &Dependency> {
    row.dependencies.iter().filter(|used| matches!(used, Dependency::Routine(_) | Dependency::Type(_)))
}

/// ` (a, b)`, or nothing.
pub(super) fn column_list(view: &View) -> String {
    if view.column_aliases.is_empty() {
        return String::new();
    }
    let names: Vec<_> = view.column_aliases.iter().map(|name| quote_ident(name)).collect();
    format!(" ({})", names.join(", "))
}

/// ` WITH (security_barrier, fillfactor = 70)`, or nothing.
pub(super) fn options_clause(options: &[(String, String)]) -> String {
    if options.is_empty() { String::new() } else { format!(" WITH ({})", options_list(options)) }
}

/// `security_barrier = true, fillfactor = 70`.
pub(super) fn options_list<'o>(options: impl IntoIterator<Item = &'o (String, String)>) -> String {
    options
        .into_iter()
        .map(|(key, value)| format!("{} = {}", option_name(key), option_value(value)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// An option's name; `toast.` is a prefix of two names.
pub(super) fn option_name(key: &str) -> String {
    key.split('.').map(quote_ident).collect::<Vec<_>>().join(".")
}

fn option_value(value: &str) -> String {
    let plain = !value.is_empty()
        && (value.parse::<f64>().is_ok()
            || matches!(value, "true" | "false" | "on" | "off" | "auto" | "local" | "cascaded"));
    if plain { value.to_owned() } else { quote_literal(value).trim_start().to_owned() }
}

/// The query to run in a state, as its author wrote it unless its `*` would stand for other columns there, with line
/// endings of one kind, ready to be followed by more SQL: text that ends with a `--` comment gets a line break, or the
/// comment would swallow what follows. Before it, a comment for the head of the statement, or nothing.
pub(super) fn query_text(catalog: &Catalog, (relation, view): (&Relation, &View)) -> (&'static str, String) {
    let (text, written_out) = stars::text_for(catalog, relation, view);
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let ends_in_comment = parser::tokens(text).last().is_some_and(|last| last.comment);
    let comment =
        if written_out { "-- Its columns are written out: `*` would stand for other ones here.\n" } else { "" };
    (comment, if ends_in_comment { format!("{text}\n") } else { text.to_owned() })
}

/// `CREATE [OR REPLACE] VIEW …`. Options are always stated: a replaced view loses those that are not.
pub(super) fn create_view(
    verb: &str,
    catalog: &Catalog,
    name: &QualifiedName,
    (relation, view): (&Relation, &View),
) -> String {
    let check = match view.check_option {
        None => "",
        Some(CheckOption::Local) => "\nWITH LOCAL CHECK OPTION",
        Some(CheckOption::Cascaded) => "\nWITH CASCADED CHECK OPTION",
    };
    let (comment, query) = query_text(catalog, (relation, view));
    format!("{comment}{verb} VIEW {name}{}{} AS\n{query}{check}", column_list(view), options_clause(&relation.options),)
}
