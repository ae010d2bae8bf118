//! What triggers, rules and policies have in common: they belong to a relation, and are made from their author's text with
//! the names that they and the relation have now.

use std::collections::BTreeSet;

use super::Statement;
use super::query_change::dependency_name;
use super::routine_text::Verb;
use crate::catalog::{Attached, AttachedKind, Catalog, Firing, ObjectId, PartSource, Persistence};
use crate::graph;
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{self, Token};

/// All parts of one sort, of relations that stay.
pub(super) fn objects(catalog: &Catalog, kind: AttachedKind) -> BTreeSet<ObjectId> {
    let mut found = BTreeSet::new();
    for (owner, rows) in &catalog.attached {
        let stays = catalog.relations.get(owner).is_some_and(|row| row.persistence != Persistence::Temporary);
        let Some(relation) = catalog.relation_name(*owner).filter(|_| stays) else { continue };
        let own = rows.iter().filter(|row| row.kind == kind && row.source.is_some());
        found.extend(own.filter_map(|row| id(kind, &relation, &row.name)));
    }
    found
}

fn id(kind: AttachedKind, relation: &QualifiedName, name: &str) -> Option<ObjectId> {
    let (relation, name) = (relation.clone(), name.to_owned());
    match kind {
        AttachedKind::Trigger => Some(ObjectId::Trigger(relation, name)),
        AttachedKind::Rule => Some(ObjectId::Rule(relation, name)),
        AttachedKind::Policy => Some(ObjectId::Policy(relation, name)),
        _ => None,
    }
}

fn kind(id: &ObjectId) -> Option<AttachedKind> {
    match id {
        ObjectId::Trigger(..) => Some(AttachedKind::Trigger),
        ObjectId::Rule(..) => Some(AttachedKind::Rule),
        ObjectId::Policy(..) => Some(AttachedKind::Policy),
        _ => None,
    }
}

/// The part of an id and its text.
pub(super) fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<(&'c Attached, &'c PartSource)> {
    let (relation, kind) = (catalog.relation_named(id.part_of()?)?, kind(id)?);
    let row = catalog.attached.get(&relation.oid)?.iter().find(|row| row.kind == kind && row.name == id.name())?;
    Some((row, row.source.as_ref()?))
}

/// Its relation, and what its text uses.
pub(super) fn depends_on(catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
    let Some((row, _)) = row(catalog, id) else { return BTreeSet::new() };
    let mut found = graph::uses(catalog, &row.dependencies);
    let relation = id.part_of().and_then(|name| catalog.relation_named(name));
    found.extend(relation.and_then(|relation| graph::relation_id(catalog, relation.oid)));
    found
}

/// What makes two parts the same: the canonical text, and what its names mean.
pub(super) fn meaning<'c>(catalog: &Catalog, row: &'c Attached) -> (&'c str, BTreeSet<String>) {
    (&row.canonical, row.dependencies.iter().map(|dependency| dependency_name(catalog, *dependency)).collect())
}

/// The search path that the text was written for.
pub(super) fn search_path<'c>(catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
    row(catalog, id).map_or(&[], |(_, source)| &source.search_path)
}

/// The statement that makes a part, and the one that says when it is in force.
pub(super) fn statements(verb: Verb, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
    let Some((row, source)) = row(catalog, id) else { return Vec::new() };
    let mut statements = text(verb, id, row, source).map(Statement::new).into_iter().collect::<Vec<_>>();
    if source.firing != Firing::Origin {
        statements.extend(firing_statement(id, source.firing));
    }
    statements
}

/// `ALTER TABLE public.users DISABLE TRIGGER audit`.
pub(super) fn firing_statement(id: &ObjectId, firing: Firing) -> Option<Statement> {
    let verb = match firing {
        Firing::Origin => "ENABLE",
        Firing::Always => "ENABLE ALWAYS",
        Firing::Replica => "ENABLE REPLICA",
        Firing::Disabled => "DISABLE",
    };
    let (relation, word) = (id.part_of()?, id.word().to_uppercase());
    Some(Statement::new(format!("ALTER TABLE {relation} {verb} {word} {}", quote_ident(id.name()))))
}

/// When a part is in force, in words.
pub(super) fn firing_words(id: &ObjectId, firing: Firing) -> String {
    match firing {
        Firing::Origin => format!("the {} is enabled", id.word()),
        Firing::Always => format!("the {} is enabled for replicated changes too", id.word()),
        Firing::Replica => format!("the {} is enabled for replicated changes only", id.word()),
        Firing::Disabled => format!("the {} is disabled", id.word()),
    }
}

/// The statement as its author wrote it, with the verb, and the names that the part and its relation have. Text that ends
/// with a `--` comment gets a line break, or the comment would swallow the semicolon.
fn text(verb: Verb, id: &ObjectId, row: &Attached, source: &PartSource) -> Option<String> {
    let text = source.text.trim_end();
    let tokens = parser::tokens(text);
    let word = |token: &Token| text.get(token.span.start..token.span.end).unwrap_or_default();
    let own: Vec<&Token> = tokens.iter().filter(|token| !token.comment).collect();
    let keyword = part_keyword(row.kind, text)?;
    let name = own.iter().position(|token| token.span.start > keyword)?;
    // `… ON table`, and of a rule `… AS ON event TO table`.
    let before_relation = if row.kind == AttachedKind::Rule { "TO" } else { "ON" };
    let on = own.iter().skip(name + 1).position(|token| word(token).eq_ignore_ascii_case(before_relation))? + name + 1;
    let first = own.get(on + 1)?;
    let mut last = on + 1;
    while own.get(last + 1).is_some_and(|token| word(token) == ".") {
        last += 2;
    }
    let (name, last) = (own.get(name)?, own.get(last)?);
    let constraint =
        own.iter().any(|token| token.span.end <= keyword && word(token).eq_ignore_ascii_case("CONSTRAINT"));
    let verb = verb.word();
    let ends_in_comment = tokens.last().is_some_and(|last| last.comment);
    Some(format!(
        "{verb} {}{} {}{}{}{}{}",
        if constraint { "CONSTRAINT " } else { "" },
        id.word().to_uppercase(),
        quote_ident(id.name()),
        text.get(name.span.end..first.span.start)?,
        id.part_of()?,
        text.get(last.span.end..)?,
        if ends_in_comment { "\n" } else { "" },
    ))
}

/// Where in the text of a statement the word for its kind stands, when it makes a part of that kind.
pub(crate) fn part_keyword(kind: AttachedKind, text: &str) -> Option<usize> {
    let keyword = match kind {
        AttachedKind::Trigger => "TRIGGER",
        AttachedKind::Rule => "RULE",
        AttachedKind::Policy => "POLICY",
        _ => return None,
    };
    let tokens = parser::tokens(text).into_iter().filter(|token| !token.comment);
    // `CREATE OR REPLACE CONSTRAINT TRIGGER` is the longest.
    let mut head =
        tokens.take(5).filter_map(|token| Some((token.span.start, text.get(token.span.start..token.span.end)?)));
    let (_, first) = head.next()?;
    if !first.eq_ignore_ascii_case("CREATE") {
        return None;
    }
    let words = ["OR", "REPLACE", "CONSTRAINT"];
    let mut head = head.skip_while(|(_, word)| words.iter().any(|known| word.eq_ignore_ascii_case(known)));
    head.next().filter(|(_, word)| word.eq_ignore_ascii_case(keyword)).map(|(at, _)| at)
}
