//! Policies: altered in place, unless the command or the sort changes or an expression goes, which PostgreSQL does not alter.

use std::collections::BTreeSet;

use super::part;
use super::routine_text::Verb;
use super::{Action, Body, Difference, Kind, Statement};
use crate::catalog::{Attached, AttachedKind, Catalog, ObjectId, Provenance};
use crate::hazard::{Hazard, HazardKind};
use crate::parser::{self, NodeEnum, ast};
use crate::source::Span;

/// `CREATE POLICY`.
#[derive(Debug)]
pub(super) struct Policy;

impl Kind for Policy {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        part::objects(catalog, AttachedKind::Policy)
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        part::row(catalog, id).and_then(|(row, _)| row.provenance.as_ref())
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        part::depends_on(catalog, id)
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some((before, _)), Some((after, _))) = (part::row(old, id), part::row(new, id)) else { return difference };
        let (was_meant, is_meant) = (part::meaning(old, before), part::meaning(new, after));
        if was_meant == is_meant {
            return difference;
        }
        let (Some(was), Some(is)) = (Said::of(before), Said::of(after)) else {
            difference.body = Body::Recreate;
            return difference;
        };
        let goes = |old: &str, new: &str| !old.is_empty() && new.is_empty();
        let altered = was.command == is.command
            && was.permissive == is.permissive
            && !goes(&was.using, &is.using)
            && !goes(&was.check, &is.check);
        difference.body = if altered { Body::Replace } else { Body::Recreate };
        was.describe(&is, &mut difference);
        if was_meant.0 == is_meant.0 {
            difference.details.push("the text is the same, but its names mean something else now".to_owned());
        }
        if was.may_open(&is) || was_meant.0 == is_meant.0 {
            let sentence = format!("{id} is another one: rows may be seen or changed that were kept from its roles");
            difference.hazards.push(Hazard::new(HazardKind::WidensAccess, sentence));
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        part::statements(Verb::Create, catalog, id)
    }

    /// `ALTER POLICY` with what is different.
    fn replace(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let (Some((before, _)), Some((after, source))) = (part::row(old, id), part::row(new, id)) else {
            return Vec::new();
        };
        let (Some(was), Some(is)) = (Said::of(before), Said::of(after)) else { return Vec::new() };
        // Where the text is the same and its names mean something else, all of it is said again.
        let again = before.canonical == after.canonical;
        let mut sql = format!("ALTER {}", id.sql());
        if was.roles != is.roles {
            sql.push_str(&format!(" TO {}", is.roles));
        }
        for (old, new, words) in [(&was.using, &is.using, "USING"), (&was.check, &is.check, "WITH CHECK")] {
            if !new.is_empty()
                && (old != new || again)
                && let Some(text) = clause(&source.text, words).and_then(|span| source.text.get(span.start..span.end))
            {
                sql.push_str(&format!("\n    {words} {text}"));
            }
        }
        vec![Statement::new(sql)]
    }

    fn hazards(&self, _catalog: &Catalog, id: &ObjectId, action: Action) -> Vec<Hazard> {
        match action {
            Action::Drop | Action::Create | Action::Replace => super::lock_of_part(id, "readers"),
            _ => Vec::new(),
        }
    }

    fn drop_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let permissive = part::row(catalog, id).and_then(|(row, _)| Said::of(row)).is_some_and(|said| said.permissive);
        vec![match permissive {
            true => Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped: the rows that it allowed are gone")),
            false => Hazard::new(
                HazardKind::WidensAccess,
                format!("{id} is dropped: rows may be seen or changed that it kept from its roles"),
            ),
        }]
    }

    fn create_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let Some(said) = part::row(catalog, id).and_then(|(row, _)| Said::of(row)) else { return Vec::new() };
        vec![match said.permissive {
            true => Hazard::new(
                HazardKind::WidensAccess,
                format!("{id} is new: it allows rows to {} where row security is on", said.roles),
            ),
            false => Hazard::new(
                HazardKind::BreaksCode,
                format!("{id} is new: it keeps rows from {} where row security is on", said.roles),
            ),
        }]
    }

    fn search_path<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> &'c [String] {
        part::search_path(catalog, id)
    }
}

/// What a policy says, in canonical text.
#[derive(PartialEq, Eq)]
struct Said {
    command: String,
    permissive: bool,
    roles: String,
    role_names: BTreeSet<String>,
    using: String,
    check: String,
}

impl Said {
    fn of(row: &Attached) -> Option<Self> {
        let NodeEnum::CreatePolicyStmt(policy) = parser::statement_in(&row.canonical)? else { return None };
        let expression = |node: &Option<Box<ast::Node>>| -> Option<String> {
            match node {
                // The parser library writes statements only.
                Some(node) => {
                    let alone = ast::CreatePolicyStmt {
                        qual: Some(node.clone()),
                        with_check: None,
                        roles: Vec::new(),
                        cmd_name: "all".to_owned(),
                        permissive: true,
                        ..(*policy).clone()
                    };
                    parser::canonical(&NodeEnum::CreatePolicyStmt(Box::new(alone))).ok()
                }
                None => Some(String::new()),
            }
        };
        let roles: Vec<String> = policy
            .roles
            .iter()
            .filter_map(|role| match &role.node {
                Some(NodeEnum::RoleSpec(role)) => Some(role_text(role)),
                _ => None,
            })
            .collect();
        let roles = if roles.is_empty() { vec!["PUBLIC".to_owned()] } else { roles };
        Some(Self {
            command: policy.cmd_name.clone(),
            permissive: policy.permissive,
            roles: roles.join(", "),
            role_names: roles.into_iter().collect(),
            using: expression(&policy.qual)?,
            check: expression(&policy.with_check)?,
        })
    }

    fn describe(&self, new: &Self, difference: &mut Difference) {
        let details = &mut difference.details;
        if self.command != new.command {
            details.push(format!("for `{}` instead of `{}`", new.command.to_uppercase(), self.command.to_uppercase()));
        }
        if self.permissive != new.permissive {
            let word = |said: &Self| if said.permissive { "permissive" } else { "restrictive" };
            details.push(format!("{} instead of {}", word(new), word(self)));
        }
        if self.roles != new.roles {
            details.push(format!("for {} instead of {}", new.roles, self.roles));
        }
        if self.using != new.using {
            details.push("its `USING` changed".to_owned());
        }
        if self.check != new.check {
            details.push("its `WITH CHECK` changed".to_owned());
        }
    }

    /// Whether somebody may see or change more under the new one. A new `USING` is never known to be narrower.
    fn may_open(&self, new: &Self) -> bool {
        let for_all = |said: &Self| said.role_names.contains("PUBLIC");
        let gained = !for_all(self) && (for_all(new) || !new.role_names.is_subset(&self.role_names));
        let lost = !for_all(new) && (for_all(self) || !self.role_names.is_subset(&new.role_names));
        self.command != new.command
            || self.permissive != new.permissive
            || self.using != new.using
            || self.check != new.check
            || if new.permissive { gained } else { lost }
    }
}

fn role_text(role: &ast::RoleSpec) -> String {
    use ast::RoleSpecType as Kind;
    match role.roletype() {
        Kind::RolespecPublic => "PUBLIC".to_owned(),
        Kind::RolespecCurrentRole => "CURRENT_ROLE".to_owned(),
        Kind::RolespecCurrentUser => "CURRENT_USER".to_owned(),
        Kind::RolespecSessionUser => "SESSION_USER".to_owned(),
        _ => crate::name::quote_ident(&role.rolename).into_owned(),
    }
}

/// The parenthesis behind `USING` or `WITH CHECK` in a policy's text, as its author wrote it.
pub(crate) fn clause(text: &str, words: &str) -> Option<Span> {
    let last = words.rsplit(' ').next()?;
    let tokens: Vec<_> = parser::tokens(text).into_iter().filter(|token| !token.comment).collect();
    let word = |at: usize| tokens.get(at).and_then(|token| text.get(token.span.start..token.span.end)).unwrap_or("");
    let mut depth = 0_usize;
    let mut start = None;
    for at in 0..tokens.len() {
        match (word(at), start) {
            ("(", None) if depth == 0 && at > 0 && word(at - 1).eq_ignore_ascii_case(last) => {
                start = Some(tokens.get(at)?.span.start);
                depth = 1;
            }
            ("(", _) => depth += 1,
            (")", _) => {
                depth = depth.saturating_sub(1);
                if let (Some(start), 0) = (start, depth) {
                    return Some(Span::new(start, tokens.get(at)?.span.end));
                }
            }
            _ => {}
        }
    }
    None
}
