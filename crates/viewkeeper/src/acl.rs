//! Privileges as PostgreSQL prints them (`aclitemout` in acl.c), read and printed. What leads from one list to another is
//! drift's.

use std::collections::BTreeMap;

/// The letters in the order in which PostgreSQL prints them (`ACL_ALL_RIGHTS_STR`).
const LETTERS: &str = "arwdDxtXUCTcsAm";

/// One item: who has what, from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// Empty for everybody.
    pub(crate) grantee: String,
    /// Letter, and whether it may be given on.
    pub(crate) privileges: BTreeMap<char, bool>,
    pub(crate) grantor: String,
}

impl Item {
    /// Reads `grantee=letters/grantor`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (grantee, rest) = role(text)?;
        let (letters, grantor) = rest.strip_prefix('=')?.split_once('/')?;
        let (grantor, _) = role(grantor)?;
        let mut privileges = BTreeMap::new();
        let mut letters = letters.chars().peekable();
        while let Some(letter) = letters.next() {
            privileges.insert(letter, letters.next_if_eq(&'*').is_some());
        }
        Some(Self { grantee, privileges, grantor })
    }

    /// What is held, as `aclitemout` prints it.
    pub(crate) fn letters(&self) -> String {
        let place = |letter: char| LETTERS.find(letter).unwrap_or(LETTERS.len());
        let mut letters: Vec<(char, bool)> = self.privileges.iter().map(|(letter, on)| (*letter, *on)).collect();
        letters.sort_by_key(|(letter, _)| place(*letter));
        letters.into_iter().map(|(letter, on)| format!("{letter}{}", if on { "*" } else { "" })).collect()
    }

    /// All of it, as `aclitemout` prints it.
    pub(crate) fn print(&self) -> String {
        format!("{}={}/{}", printed(&self.grantee), self.letters(), printed(&self.grantor))
    }
}

/// A role's name as `putid` prints it.
fn printed(role: &str) -> String {
    if role.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return role.to_owned();
    }
    format!("\"{}\"", role.replace('"', "\"\""))
}

/// The role name that a text begins with, and the rest (`getid`).
fn role(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_their_quotes() {
        let item = Item::parse("\"we=\"\"ird\"=r*w/a").unwrap();
        assert_eq!((item.grantee.as_str(), item.grantor.as_str()), ("we=\"ird", "a"));
        assert_eq!(item.privileges, BTreeMap::from([('r', true), ('w', false)]));
        assert_eq!(Item::parse("=r/a").unwrap().grantee, "");
    }

    #[test]
    fn items_are_printed_as_they_were() {
        for item in ["\"we=\"\"ird\"=ar*w/a", "=r/a", "b=arwdDxtm/\"A b\""] {
            assert_eq!(Item::parse(item).unwrap().print(), item);
        }
    }
}
