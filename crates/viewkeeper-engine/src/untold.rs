//! What looks like a rename that nobody told: something goes, and something comes that is the same but for its name. It is
//! dropped and created all the same; only a person knows, and here they are told how to say so.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, ObjectId, Relation, View};
use crate::diff::{Change, ChangeKind, diff};
use crate::hazard::{Hazard, HazardKind};
use crate::name::{QualifiedName, quote_ident};
use crate::object::{kind_of, relation_name};
use crate::rename::{self, Rename};
use crate::replay;
use crate::sorted_set::SortedSet;
use crate::source::SourceFile;

/// What may be a rename.
#[derive(Debug, Clone)]
pub struct Untold {
    /// In words, for a question: `view public.a to public.b`, `column a of view public.v to b`.
    pub rename: String,
    /// The line that would tell it.
    pub line: String,
    /// Where the definition of what has the new name begins.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub at: usize,
}

impl Untold {
    /// The text of the file with the line directly before the definition.
    pub fn told(&self) -> String {
        let text = &self.file.text;
        let begin = text[..self.at].rfind('\n').map_or(0, |end| end + 1);
        // What stands before it in its line may be another statement.
        let (at, indent) = match &text[begin..self.at] {
            before if before.trim().is_empty() => (begin, before),
            _ => (self.at, ""),
        };
        let line_break = if at == begin { "" } else { "\n" };
        format!("{}{line_break}{indent}{}\n{}", &text[..at], self.line, &text[at..])
    }
}

/// What may be a rename, in the order of the new names.
pub fn untold(old: &Catalog, new: &Catalog) -> Vec<Untold> {
    // What was told already is no question.
    let old = &match rename::between(old, new).as_slice() {
        [] => Cow::Borrowed(old),
        told => Cow::Owned(replay::renamed(old, told)),
    };
    let changes = diff(old, new);
    let place = |id: &ObjectId| {
        let provenance = kind_of(id)?.provenance(new, id)?;
        Some((Arc::clone(&provenance.file), provenance.span.start))
    };
    let mut found: Vec<(&ObjectId, Untold)> = Vec::new();
    for (gone, come) in same_but_for_the_name(old, new, &changes) {
        let (was, is) = (&changes[gone].id, &changes[come].id);
        if let Some((file, at)) = place(is) {
            let rename = Rename::Object { old: was.clone(), new: is.clone() }.to_string();
            found.push((is, Untold { rename, line: line_of(was, is), file, at }));
        }
    }
    for change in &changes {
        for (was, is) in renamed_columns_of(old, new, change) {
            if let Some((file, at)) = place(&change.id) {
                let (line, of) = (line_of_column(was, is), change.id.clone());
                let rename = Rename::Column { of, old: was.to_owned(), new: is.to_owned() }.to_string();
                found.push((&change.id, Untold { rename, line, file, at }));
            }
        }
    }
    found.sort_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, untold)| untold).collect()
}

/// Adds to changes which of them may be renames.
pub(crate) fn name_untold_renames(old: &Catalog, new: &Catalog, changes: &mut [Change]) {
    for (gone, come) in same_but_for_the_name(old, new, changes) {
        let line = line_of(&changes[gone].id, &changes[come].id);
        let was = changes[gone].id.clone();
        let change = &mut changes[come];
        change
            .details
            .push(format!("the same as {was}, which goes; if it was renamed, say `{line}` in its definition"));
        let sentence = format!(
            "{was} is dropped and {} created, with nothing of what hung on it: `{line}` would rename it",
            change.id
        );
        change.hazards.push(Hazard::new(HazardKind::BreaksCode, sentence));
    }
    for change in changes {
        for (was, is) in renamed_columns_of(old, new, change) {
            let line = line_of_column(was, is);
            let words = format!("if column `{was}` was renamed to `{is}`, say `{line}` in its definition");
            change.details.push(words);
        }
    }
}

fn line_of(was: &ObjectId, is: &ObjectId) -> String {
    format!("-- viewkeeper: renamed from {}", old_name(was, is))
}

fn line_of_column(was: &str, is: &str) -> String {
    format!("-- viewkeeper: {} renamed from {}", quote_ident(is), quote_ident(was))
}

fn renamed_columns_of<'c>(old: &'c Catalog, new: &'c Catalog, change: &Change) -> Vec<(&'c str, &'c str)> {
    if !matches!(change.kind, ChangeKind::Replace | ChangeKind::Recreate) {
        return Vec::new();
    }
    let rows = relation_name(&change.id).and_then(|name| old.relation_named(name).zip(new.relation_named(name)));
    rows.map(|(before, after)| renamed_columns(old, before, new, after)).unwrap_or_default()
}

/// What goes and what comes with one text, by position.
#[derive(Default)]
struct SameText {
    gone: Vec<usize>,
    come: Vec<usize>,
}

/// Positions of objects that go and of those that come with the same text but for the name, where only one of each has it.
fn same_but_for_the_name(old: &Catalog, new: &Catalog, changes: &[Change]) -> Vec<(usize, usize)> {
    let mut texts: BTreeMap<(&'static str, String), SameText> = BTreeMap::new();
    if !changes.iter().any(|change| change.kind == ChangeKind::Drop) {
        return Vec::new();
    }
    for (position, change) in changes.iter().enumerate() {
        let (catalog, is_gone) = match change.kind {
            ChangeKind::Drop => (old, true),
            ChangeKind::Create => (new, false),
            _ => continue,
        };
        let Some(text) = text_without_name(catalog, &change.id) else { continue };
        let same = texts.entry((change.id.word(), text)).or_default();
        if is_gone { same.gone.push(position) } else { same.come.push(position) }
    }
    let pairs = texts.into_values().filter_map(|same| match (same.gone.as_slice(), same.come.as_slice()) {
        ([gone], [come]) => Some((*gone, *come)),
        _ => None,
    });
    pairs.collect()
}

/// What makes an object, with a gap where its name stands; nothing for what cannot be renamed, or says nothing but its name.
fn text_without_name(catalog: &Catalog, id: &ObjectId) -> Option<String> {
    if let ObjectId::View(name) | ObjectId::MaterializedView(name) = id {
        // However it is laid out.
        return catalog.relation_named(name)?.view.as_ref().map(|view| view.canonical_query.to_string());
    }
    let name = match (id, id.schema()) {
        (ObjectId::Sequence(_) | ObjectId::DefaultPrivileges(_), _) => return None,
        (_, Some(schema)) => QualifiedName::new(schema, id.name()).to_string(),
        (ObjectId::Trigger(..) | ObjectId::Rule(..) | ObjectId::Policy(..), _) => quote_ident(id.name()).into_owned(),
        _ => return None,
    };
    let statements = kind_of(id)?.create(catalog, id);
    let texts: Vec<String> = statements.iter().map(|statement| statement.sql.replacen(&name, "\0", 1)).collect();
    Some(texts.join(";"))
}

/// As the line wants it: with the schema where that is another one.
fn old_name(old: &ObjectId, new: &ObjectId) -> String {
    match (old.schema(), new.schema()) {
        (Some(was), Some(is)) if was != is => QualifiedName::new(was, old.name()).to_string(),
        _ => quote_ident(old.name()).into_owned(),
    }
}

/// Columns under another name that stand where the old ones stood, of the same type and from the same columns.
fn renamed_columns<'c>(
    old: &'c Catalog,
    before: &'c Relation,
    new: &'c Catalog,
    after: &'c Relation,
) -> Vec<(&'c str, &'c str)> {
    let (Some(old_view), Some(new_view)) = (&before.view, &after.view) else { return Vec::new() };
    let names = |catalog: &Catalog, found: &SortedSet<_>| -> Vec<_> {
        found.iter().map(|(relation, number)| (catalog.relation_name(*relation), *number)).collect()
    };
    let from = |catalog: &'c Catalog, view: &'c View, at: usize| {
        let lineage = &view.analysis.columns.get(at)?.lineage;
        Some((names(catalog, &lineage.copied), names(catalog, &lineage.computed)))
    };
    let pairs = before.live_columns().zip(after.live_columns()).enumerate();
    pairs
        .filter(|(at, ((_, was), (_, is)))| {
            was.name != is.name
                && after.column(&was.name).is_none()
                && before.column(&is.name).is_none()
                && old.shown_type(was.type_, was.typmod) == new.shown_type(is.type_, is.typmod)
                && from(old, old_view, *at) == from(new, new_view, *at)
        })
        .map(|(_, ((_, was), (_, is)))| (was.name.as_str(), is.name.as_str()))
        .collect()
}
