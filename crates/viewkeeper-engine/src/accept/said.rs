//! What is said of a table, which migrations make, written into definitions: owner, comments, privileges.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Accepted, Says, about_others, left_of, said, statements, unqualified, with_semicolon};
use crate::catalog::{Attachments, ObjectId};
use crate::config::Settings;
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::replay::{Outline, Subject};
use crate::source::{Edit, SourceFile};

/// What definitions have to say of a table of which a database holds all of `live`, where `change` leads to that from what
/// was recorded; `table` is its name as SQL spells it. `by_hand` is what migrations say, which definitions add to. `None`
/// when the statements are of no use.
pub fn accepted_said(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &Attachments,
    table: &str,
    (live, change): (&[String], &[String]),
) -> Option<Accepted> {
    parser::on_deep_stack(|| accepted(files, settings, by_hand, table, (&live.join("\n"), &change.join("\n"))))
}

fn accepted(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &Attachments,
    table: &str,
    (live, change): (&str, &str),
) -> Option<Accepted> {
    let outline = Outline::new(settings);
    let (live, change) = (statements(live, settings), statements(change, settings));
    let is_table = |subject: &Subject| matches!(subject, Subject::Relation(_));
    let about = statements(&format!("COMMENT ON TABLE {table} IS NULL;"), settings);
    let subject = outline.spoken_of(&about.first()?.node).into_iter().find(is_table)?;
    let Subject::Relation(table) = &subject else { return None };
    // `COMMENT ON INDEX` does not say the table.
    let own_index = |one: &Statement| {
        let (schema, index) = commented_index(one)?;
        let found = schema.map_or_else(|| settings.search_path.contains(&table.schema), |named| named == table.schema);
        found.then_some(index)
    };
    let indexes: BTreeSet<String> = live.iter().chain(&change).filter_map(own_index).collect();
    let is_said_by_hand = by_hand.spoken_of().any(|id| match id {
        ObjectId::Table(name)
        | ObjectId::Column(name, _)
        | ObjectId::Constraint(name, _)
        | ObjectId::Index(_, name) => name == table,
        _ => false,
    });
    let parsed = files.iter().map(|file| Some((file, parser::parse(file, settings.server_version).ok()?)));
    let parsed: Vec<(&Arc<SourceFile>, Vec<Statement>)> = parsed.collect::<Option<_>>()?;
    let mut edits: Vec<Vec<Edit>> = vec![Vec::new(); parsed.len()];
    let mut new = Vec::new();
    for says in [Says::Owner, Says::Comment, Says::Privileges] {
        let of = |all: &[Statement]| -> Vec<Statement> {
            all.iter().filter(|one| said(&one.node) == Some(says)).cloned().collect()
        };
        let (live, change) = (of(&live), of(&change));
        if change.is_empty() {
            continue;
        }
        let speaks = |one: &Statement| {
            let is_index = || own_index(one).is_some_and(|index| indexes.contains(&index));
            let is_table = || outline.spoken_of(&one.node).iter().any(|target| target.fits(&subject));
            said(&one.node) == Some(says) && (is_table() || is_index())
        };
        let same = |a: &Statement, b: &Statement| unqualified(a, &subject) == unqualified(b, &subject);
        let old: Vec<&Statement> = parsed.iter().flat_map(|(_, all)| all.iter().filter(|one| speaks(one))).collect();
        let wanted: Vec<&Statement> = match old.as_slice() {
            [] => change.iter().collect(),
            // All of it, and what takes away that migrations give.
            _ => live.iter().chain(change.iter().filter(|one| is_said_by_hand && takes_away(&one.node))).collect(),
        };
        let missing = wanted.iter().filter(|wanted| !old.iter().any(|old| same(old, wanted)));
        let mut missing: Vec<String> = missing.map(|wanted| format!("{};", wanted.text())).collect();
        for ((file, all), edits) in parsed.iter().zip(&mut edits) {
            for one in all.iter().filter(|one| speaks(one) && !wanted.iter().any(|wanted| same(one, wanted))) {
                let mut text: Vec<String> = about_others(&outline, &one.node, &subject).into_iter().collect();
                text.append(&mut missing);
                let text = text.join("\n");
                edits.push((with_semicolon(&file.text, one, text.is_empty()), text));
            }
        }
        new.append(&mut missing);
    }
    let changed = parsed
        .into_iter()
        .zip(edits)
        .filter(|(_, edits)| !edits.is_empty())
        .map(|((file, all), edits)| Some((Arc::clone(file), left_of(file, &all, edits)?)));
    let files = changed.collect::<Option<_>>()?;
    Some(Accepted { files, new: (!new.is_empty()).then(|| format!("{}\n", new.join("\n"))) })
}

/// The index that a statement is about, with the schema that it says.
fn commented_index(statement: &Statement) -> Option<(Option<String>, String)> {
    let NodeEnum::CommentStmt(comment) = &statement.node else { return None };
    let object = comment.object.as_ref().filter(|_| comment.objtype() == ast::ObjectType::ObjectIndex)?;
    let Some(NodeEnum::List(list)) = &object.node else { return None };
    let part = |item: &ast::Node| match &item.node {
        Some(NodeEnum::String(name)) => Some(name.sval.clone()),
        _ => None,
    };
    let mut parts: Vec<String> = list.items.iter().filter_map(part).collect();
    let name = parts.pop()?;
    Some((parts.pop(), name))
}

/// `REVOKE`, and a comment that is none.
fn takes_away(node: &NodeEnum) -> bool {
    match node {
        NodeEnum::GrantStmt(grant) => !grant.is_grant,
        NodeEnum::CommentStmt(comment) => comment.comment.is_empty(),
        _ => false,
    }
}
