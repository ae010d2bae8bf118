//! What a database gives new objects, written into definitions. Several statements, in several files, may speak of the
//! same objects, and one statement of several: all that speak of them are replaced.

use std::sync::Arc;

use super::{Accepted, left_of, statements, with_semicolon};
use crate::catalog::{AllDefaultPrivileges, DefaultPrivilegeTarget, DefaultPrivileges, Privilege};
use crate::config::Settings;
use crate::object::default_privileges_between;
use crate::parser::{self, NodeEnum, ast};
use crate::replay::{default_privilege_targets, grantees};
use crate::source::{Edit, SourceFile};

/// What definitions have to say where a database was recorded with `expected` and holds `live`. `by_hand` is what
/// migrations say, which definitions add to. `None` when the statements are of no use, and where what they speak of is
/// said both with the name of the role and without.
pub fn accepted_defaults(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &AllDefaultPrivileges,
    expected: &[String],
    live: &[String],
) -> Option<Accepted> {
    parser::on_deep_stack(|| accepted(files, settings, by_hand, expected, live))
}

fn accepted(
    files: &[Arc<SourceFile>],
    settings: &Settings,
    by_hand: &AllDefaultPrivileges,
    expected: &[String],
    live: &[String],
) -> Option<Accepted> {
    let said = |texts: &[String]| -> Vec<ast::AlterDefaultPrivilegesStmt> {
        statements(&texts.join("\n"), settings).into_iter().filter_map(|statement| alters(statement.node)).collect()
    };
    let (expected, live) = (said(expected), said(live));
    let named = default_privilege_targets(expected.first().or(live.first())?).into_iter().next()?;
    let unnamed = DefaultPrivilegeTarget { role: None, ..named.clone() };

    let parsed = files.iter().map(|file| Some((file, parser::parse(file, settings.server_version).ok()?)));
    let parsed: Vec<_> = parsed.collect::<Option<_>>()?;
    let spoken_of = |target: &DefaultPrivilegeTarget| {
        let mut all = parsed.iter().flat_map(|(_, statements)| statements);
        by_hand.contains_key(target)
            || all.any(|statement| targets(&statement.node).is_some_and(|targets| targets.contains(target)))
    };
    let target = match (spoken_of(&named), spoken_of(&unnamed)) {
        (true, true) => return None,
        (false, true) => unnamed,
        _ => named,
    };

    let mut wanted = DefaultPrivileges::default();
    live.iter().try_for_each(|statement| apply(statement, &target, &mut wanted))?;
    let before = by_hand.get(&target).cloned().unwrap_or_default();
    let new = default_privileges_between(&target, &before, &wanted);
    let new: Vec<String> = new.into_iter().map(|statement| format!("{};", statement.sql)).collect();
    let mut new = Some(new.join("\n")).filter(|text| !text.is_empty());

    let mut changed = Vec::new();
    for (file, statements) in parsed {
        let mut edits: Vec<Edit> = Vec::new();
        for statement in &statements {
            let Some(others) = targets(&statement.node).filter(|targets| targets.contains(&target)) else { continue };
            let others = others.iter().filter(|other| **other != target);
            let mut text: Vec<String> = others.map(|other| only_of(&statement.node, other)).collect::<Option<_>>()?;
            text.extend(new.take());
            let text = text.join("\n");
            edits.push((with_semicolon(&file.text, statement, text.is_empty()), text));
        }
        if !edits.is_empty() {
            changed.push((Arc::clone(file), left_of(file, &statements, edits)?));
        }
    }
    Some(Accepted { files: changed, new: new.map(|text| format!("{text}\n")) })
}

fn alters(node: NodeEnum) -> Option<ast::AlterDefaultPrivilegesStmt> {
    if let NodeEnum::AlterDefaultPrivilegesStmt(statement) = node { Some(statement) } else { None }
}

fn targets(node: &NodeEnum) -> Option<Vec<DefaultPrivilegeTarget>> {
    if let NodeEnum::AlterDefaultPrivilegesStmt(statement) = node {
        Some(default_privilege_targets(statement))
    } else {
        None
    }
}

/// What a statement that names each privilege says.
fn apply(
    statement: &ast::AlterDefaultPrivilegesStmt,
    target: &DefaultPrivilegeTarget,
    row: &mut DefaultPrivileges,
) -> Option<()> {
    let action = statement.action.as_ref()?;
    for grantee in grantees(&action.grantees) {
        for node in &action.privileges {
            let Some(NodeEnum::AccessPriv(named)) = &node.node else { return None };
            let privilege = named.priv_name.to_uppercase();
            let held = Privilege { grantee: grantee.clone(), privilege, column: None };
            match (action.is_grant, action.grant_option) {
                (true, option) => row.give(target, held, option),
                (false, false) => row.take(target, held),
                (false, true) => {
                    row.given.entry(held).and_modify(|option| *option = false);
                }
            }
        }
    }
    Some(())
}

/// A statement about several sorts of new objects, about one of them.
fn only_of(node: &NodeEnum, target: &DefaultPrivilegeTarget) -> Option<String> {
    let NodeEnum::AlterDefaultPrivilegesStmt(statement) = node else { return None };
    let mut statement = statement.clone();
    for option in &mut statement.options {
        let Some(NodeEnum::DefElem(option)) = &mut option.node else { continue };
        let wanted = if option.defname == "roles" { &target.role } else { &target.schema };
        if let Some(NodeEnum::List(list)) = option.arg.as_mut().and_then(|arg| arg.node.as_mut()) {
            list.items.retain(|item| match &item.node {
                Some(NodeEnum::RoleSpec(role)) if wanted.is_none() => role.rolename.is_empty(),
                Some(NodeEnum::RoleSpec(role)) => Some(&role.rolename) == wanted.as_ref(),
                Some(NodeEnum::String(name)) => Some(&name.sval) == wanted.as_ref(),
                _ => false,
            });
        }
    }
    let text = parser::canonical(&NodeEnum::AlterDefaultPrivilegesStmt(statement)).ok()?;
    Some(format!("{text};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: &[&str], live: &[&str], text: &str) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let files = [SourceFile::new("a.sql", file)];
        let found = accepted_defaults(
            &files,
            &Settings::default(),
            &AllDefaultPrivileges::new(),
            &owned(expected),
            &owned(live),
        )
        .unwrap();
        assert_eq!(found.files[0].1, text);
        assert_eq!(found.new, None);
    }

    const READER: &str = "ALTER DEFAULT PRIVILEGES FOR ROLE \"me\" IN SCHEMA s GRANT SELECT ON TABLES TO \"reader\";";
    const WRITER: &str = "ALTER DEFAULT PRIVILEGES FOR ROLE \"me\" IN SCHEMA s GRANT INSERT ON TABLES TO \"writer\";";

    #[test]
    fn a_role_that_definitions_do_not_name_is_not_named() {
        check(
            "-- why\nALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO reader;\n",
            &[READER],
            &[WRITER],
            "-- why\nALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO writer;\n",
        );
    }

    #[test]
    fn what_a_statement_says_of_others_stays() {
        check(
            "ALTER DEFAULT PRIVILEGES FOR ROLE me, you IN SCHEMA s, t GRANT SELECT ON TABLES TO reader;\nALTER DEFAULT PRIVILEGES \
             FOR ROLE me IN SCHEMA s GRANT SELECT ON SEQUENCES TO reader;\n",
            &[READER],
            &[],
            "ALTER DEFAULT PRIVILEGES FOR ROLE me IN SCHEMA t GRANT select ON TABLES TO reader;\nALTER DEFAULT PRIVILEGES FOR \
             ROLE you IN SCHEMA s GRANT select ON TABLES TO reader;\nALTER DEFAULT PRIVILEGES FOR ROLE you IN SCHEMA t GRANT \
             select ON TABLES TO reader;\nALTER DEFAULT PRIVILEGES FOR ROLE me IN SCHEMA s GRANT SELECT ON SEQUENCES TO \
             reader;\n",
        );
    }

    #[test]
    fn what_nothing_is_left_of_says_nothing() {
        check("ALTER DEFAULT PRIVILEGES FOR ROLE me IN SCHEMA s GRANT SELECT ON TABLES TO reader;", &[READER], &[], "");
    }
}
