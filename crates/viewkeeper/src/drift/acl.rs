//! The statements between two lists of privileges.

use std::collections::{BTreeMap, BTreeSet};

use crate::acl::Item;
use crate::relation::quote_identifier;

fn word(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'm' => "MAINTAIN",
        'X' => "EXECUTE",
        'U' => "USAGE",
        'C' => "CREATE",
        _ => return None,
    })
}

/// What privileges are about: `ON` what, owned by whom, and a column's name where it is one.
pub(super) struct Target<'a> {
    pub(super) object: &'a str,
    pub(super) owner: &'a str,
    pub(super) column: Option<&'a str>,
}

/// The statements that lead from one list to another; `None` when one of the items that differ was not given by the
/// owner, or has a privilege that is not known here.
pub(super) fn statements(from: &[&str], to: &[&str], target: &Target<'_>) -> Option<Vec<String>> {
    let held = |items: &[&str]| -> Option<BTreeMap<(String, String), BTreeMap<char, bool>>> {
        let mut held = BTreeMap::<_, BTreeMap<char, bool>>::new();
        for item in items {
            let item = Item::parse(item)?;
            let letters = held.entry((item.grantee, item.grantor)).or_default();
            for (letter, on) in item.privileges {
                *letters.entry(letter).or_default() |= on;
            }
        }
        Some(held)
    };
    let (from, to) = (held(from)?, held(to)?);
    let none = BTreeMap::new();
    let mut statements = Vec::new();
    for key in from.keys().chain(to.keys()).collect::<BTreeSet<_>>() {
        let (had, wanted) = (from.get(key).unwrap_or(&none), to.get(key).unwrap_or(&none));
        if had == wanted {
            continue;
        }
        if key.1 != target.owner {
            return None;
        }
        let role = if key.0.is_empty() { "PUBLIC".to_owned() } else { quote_identifier(&key.0) };
        let list = |chosen: &dyn Fn(char) -> bool| -> Option<String> {
            let letters: BTreeSet<char> = had.keys().chain(wanted.keys()).copied().filter(|l| chosen(*l)).collect();
            let one = |letter: char| {
                let column = target.column.map_or(String::new(), |column| format!(" ({})", quote_identifier(column)));
                Some(format!("{}{column}", word(letter)?))
            };
            Some(letters.into_iter().map(one).collect::<Option<Vec<_>>>()?.join(", "))
        };
        let object = target.object;
        let revoked = list(&|letter| had.contains_key(&letter) && !wanted.contains_key(&letter))?;
        if !revoked.is_empty() {
            statements.push(format!("REVOKE {revoked} ON {object} FROM {role};"));
        }
        let kept = list(&|letter| had.get(&letter) == Some(&true) && wanted.get(&letter) == Some(&false))?;
        if !kept.is_empty() {
            statements.push(format!("REVOKE GRANT OPTION FOR {kept} ON {object} FROM {role};"));
        }
        let granted = list(&|letter| wanted.get(&letter) == Some(&false) && !had.contains_key(&letter))?;
        if !granted.is_empty() {
            statements.push(format!("GRANT {granted} ON {object} TO {role};"));
        }
        let on = list(&|letter| wanted.get(&letter) == Some(&true) && had.get(&letter) != Some(&true))?;
        if !on.is_empty() {
            statements.push(format!("GRANT {on} ON {object} TO {role} WITH GRANT OPTION;"));
        }
    }
    Some(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_granted_and_what_is_too_much_revoked() {
        let target = Target { object: "public.v", owner: "o", column: None };
        assert_eq!(
            statements(&["=r/o", "b=r*w/o"], &["b=rd/o", "c=r*/o"], &target).unwrap(),
            [
                "REVOKE SELECT ON public.v FROM PUBLIC;",
                "REVOKE UPDATE ON public.v FROM \"b\";",
                "REVOKE GRANT OPTION FOR SELECT ON public.v FROM \"b\";",
                "GRANT DELETE ON public.v TO \"b\";",
                "GRANT SELECT ON public.v TO \"c\" WITH GRANT OPTION;",
            ]
        );
        assert_eq!(statements(&["b=r/b"], &[], &target), None);
    }
}
