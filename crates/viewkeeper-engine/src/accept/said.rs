//! What is said of a table, which migrations make, written into definitions: owner, comments, privileges.

use std::sync::Arc;

use super::{Accepted, Says, about_others, edited, said, statements, unqualified, with_semicolon};
use crate::catalog::{Attachments, ObjectId};
use crate::config::Settings;
use crate::parser::{self, NodeEnum, Statement};
use crate::replay::{Outline, Subject};
use crate::source::{SourceFile, Span};

/// What definitions have to say of a table of which a database holds all of `live`, where `change` leads to that from what
/// was recorded. `by_hand` is what migrations say, which definitions add to. `None` when the statements are of no use.
pub fn accepted_said(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &Attachments,
    live: &[String],
    change: &[String],
) -> Option<Accepted> {
    parser::on_deep_stack(|| accepted(files, settings, by_hand, (&live.join("\n"), &change.join("\n"))))
}

fn accepted(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &Attachments,
    (live, change): (&str, &str),
) -> Option<Accepted> {
    let outline = Outline::new(settings);
    let (live, change) = (statements(live), statements(change));
    let is_table = |subject: &Subject| matches!(subject, Subject::Relation(_));
    let subject = outline.spoken_of(&change.first()?.node).into_iter().find(is_table)?;
    let Subject::Relation(table) = &subject else { return None };
    let is_said_by_hand = by_hand.spoken_of().any(|id| match id {
        ObjectId::Table(name) | ObjectId::Column(name, _) => name == table,
        _ => false,
    });
    let parsed = files.iter().map(|file| Some((file, parser::parse(file).ok()?)));
    let parsed: Vec<(&Arc<SourceFile>, Vec<Statement>)> = parsed.collect::<Option<_>>()?;
    let mut edits: Vec<Vec<(Span, String)>> = vec![Vec::new(); parsed.len()];
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
            said(&one.node) == Some(says) && outline.spoken_of(&one.node).iter().any(|target| target.fits(&subject))
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
    let changed = parsed.into_iter().zip(edits).filter(|(_, edits)| !edits.is_empty()).map(|((file, all), edits)| {
        let says_nothing = edits.len() == all.len() && edits.iter().all(|(_, text)| text.is_empty());
        (Arc::clone(file), if says_nothing { String::new() } else { edited(&file.text, edits) })
    });
    let files = changed.collect();
    Some(Accepted { files, new: (!new.is_empty()).then(|| format!("{}\n", new.join("\n"))) })
}

/// `REVOKE`, and a comment that is none.
fn takes_away(node: &NodeEnum) -> bool {
    match node {
        NodeEnum::GrantStmt(grant) => !grant.is_grant,
        NodeEnum::CommentStmt(comment) => comment.comment.is_empty(),
        _ => false,
    }
}
