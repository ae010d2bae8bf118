//! Where the definitions of an adopted database stand: a folder for each sort, below it one for each schema but the search
//! path's first, and for what belongs to a relation one for the relation.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use super::Sort;
use crate::catalog::AttachedKind;
use crate::config::Settings;
use crate::parser::NodeEnum;
use crate::project::VIEWS;
use crate::replay::Subject;

/// The sort of what a statement makes; nothing where that stays in the baseline.
pub(super) fn sort_of(subject: &Subject, node: &NodeEnum) -> Option<Sort> {
    match subject {
        Subject::Relation(_) => Some(Sort::View),
        Subject::Routine(..) => Some(match node {
            NodeEnum::CreateFunctionStmt(function) if function.is_procedure => Sort::Procedure,
            NodeEnum::CreateFunctionStmt(_) => Sort::Function,
            _ => Sort::Aggregate,
        }),
        Subject::Part(AttachedKind::Trigger, ..) => Some(Sort::Trigger),
        Subject::Part(AttachedKind::Rule, ..) => Some(Sort::Rule),
        Subject::Part(AttachedKind::Policy, ..) => Some(Sort::Policy),
        Subject::RowSecurity(_) => Some(Sort::RowSecurity),
        // Every empty database has `public`.
        Subject::Schema(name) => (name != "public").then_some(Sort::Schema),
        Subject::Extension(_) => Some(Sort::Extension),
        Subject::Type(_) => Some(Sort::Type),
        Subject::Sequence(_) => Some(Sort::Sequence),
        Subject::Statistics(_) => Some(Sort::Statistics),
        Subject::EventTrigger(_) => Some(Sort::EventTrigger),
        Subject::Part(..) | Subject::DefaultPrivileges { .. } | Subject::Said { .. } => None,
    }
}

/// The file of an object. Letters that a file system may not bear are replaced; of two names that then clash (in case
/// alone, too), the later gets a number.
pub(super) fn free_path(
    sort: Sort,
    subject: &Subject,
    settings: &Settings,
    taken: &mut BTreeSet<String>,
) -> Utf8PathBuf {
    let (schema, relation, name) = match subject {
        Subject::Relation(name)
        | Subject::Type(name)
        | Subject::Routine(name, _)
        | Subject::Sequence(name)
        | Subject::Statistics(name) => (Some(&name.schema), None, name.name.as_str()),
        Subject::Part(_, relation, name) => (Some(&relation.schema), Some(&relation.name), name.as_str()),
        Subject::RowSecurity(relation) => (Some(&relation.schema), Some(&relation.name), "row_security"),
        Subject::Schema(name) | Subject::Extension(name) | Subject::EventTrigger(name) => (None, None, name.as_str()),
        Subject::DefaultPrivileges { .. } => (None, None, "default_privileges"),
        Subject::Said { text, .. } => (None, None, text.as_str()),
    };
    let mut folder = Utf8PathBuf::from(match sort {
        Sort::View => VIEWS,
        // It says whom the policies of a table hold for.
        Sort::RowSecurity => Sort::Policy.plural(),
        Sort::EventTrigger => "event_triggers",
        sort => sort.plural(),
    });
    if let Some(schema) = schema.filter(|schema| settings.search_path.first() != Some(*schema)) {
        folder.push(safe(schema));
    }
    folder.extend(relation.map(|relation| safe(relation)));
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{}{suffix}.sql", safe(name)));
        if taken.insert(path.as_str().to_lowercase()) {
            return path;
        }
        number += 1;
    }
}

fn safe(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    name.chars().map(letter).collect()
}
