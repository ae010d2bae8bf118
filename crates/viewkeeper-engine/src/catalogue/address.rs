//! Where pages and the places on them are: file names that every file system keeps apart, anchors that need no
//! encoding. No HTML here.

use std::collections::BTreeSet;

use crate::name::QualifiedName;

/// The index.
pub(super) const INDEX: &str = "index.html";
/// The picture of the whole project.
pub(super) const LINEAGE: &str = "lineage.html";
/// The folder of the pages of relations.
pub(super) const RELATIONS: &str = "relations/";
const ENDING: &str = ".html";

/// How much of a name that is not plain stands in front of the digits that tell it from others.
const READABLE: usize = 32;

/// The path of a relation's page, and of none that is `taken`; it does not change when others come or go.
///
/// `public.users` is `relations/public-users.html`. Where a name holds anything but small letters, digits and `_`, its
/// readable part is followed by digits that are made from the whole name: so `Users` and `users` are two files also where
/// the file system takes them for one.
pub(super) fn relation_page(name: &QualifiedName, taken: &mut BTreeSet<String>) -> String {
    let (schema, relation) = (readable(&name.schema), readable(&name.name));
    let plain = is_plain(&name.schema) && is_plain(&name.name);
    let stem = if plain {
        format!("{schema}-{relation}")
    } else {
        format!("{schema}-{relation}-{:016x}", digits(&[&name.schema, &name.name]))
    };
    let mut path = format!("{RELATIONS}{stem}{ENDING}");
    let mut number = 2;
    while !taken.insert(path.clone()) {
        path = format!("{RELATIONS}{stem}-{number}{ENDING}");
        number += 1;
    }
    path
}

/// Whether [`relation_page`] or this module's constants may have made a path: no other file is ever removed.
pub(super) fn is_page(path: &str) -> bool {
    let stem = path.strip_prefix(RELATIONS).and_then(|name| name.strip_suffix(ENDING));
    let fits = |stem: &str| !stem.is_empty() && stem.chars().all(|c| is_plain_character(c) || c == '-');
    path == INDEX || path == LINEAGE || stem.is_some_and(fits)
}

/// The anchor of something that has a name, among things that `what` tells from others.
pub(super) fn anchor(what: &str, name: &str) -> String {
    let readable = readable(name);
    if is_plain(name) { format!("{what}-{readable}") } else { format!("{what}-{readable}-{:016x}", digits(&[name])) }
}

/// Where a page is: links go from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the catalogue's folder.
    Top,
    /// In the folder of the pages of relations.
    Relation,
}

impl Place {
    /// The link to a page.
    pub(super) fn to(self, path: &str) -> String {
        match self {
            Self::Top => path.to_owned(),
            Self::Relation => path.strip_prefix(RELATIONS).map_or_else(|| format!("../{path}"), str::to_owned),
        }
    }
}

/// A name that is its own readable part.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_plain_character)
}

fn is_plain_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

fn readable(name: &str) -> String {
    if is_plain(name) {
        return name.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().take(READABLE).map(plain).collect()
}

/// FNV-1a of 64 bits, with an end after each part.
fn digits(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_only_for_people_are_different_files_everywhere() {
        let long = "x".repeat(63);
        let wide = "ß".repeat(31);
        let names = [
            "users",
            "Users",
            "USERS",
            "us-ers",
            "us_ers",
            "us ers",
            "us/ers",
            "us\\ers",
            "..",
            ".",
            "a.b",
            "con",
            "\"",
            "<b>&",
            "größe",
            "grösse",
            "日本語",
            "日本人",
            " ",
            "users ",
            "users.html",
            "-",
            &long,
            &wide,
        ];
        let mut taken = BTreeSet::new();
        let mut folded = BTreeSet::new();
        for schema in ["public", "Public", "con", "a-b", ".."] {
            for name in names {
                let path = relation_page(&QualifiedName::new(schema, name), &mut taken);
                assert!(is_page(&path) && path.len() < 180, "{path}");
                assert!(folded.insert(path.to_lowercase()), "{path}");
                assert!(
                    path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./".contains(c)),
                    "{path}"
                );
            }
        }
        assert!(taken.contains("relations/public-users.html"));
        // A dot comes only before the ending: `con.x` would be a device on Windows.
        assert!(taken.iter().all(|path| path.matches('.').count() == 1));
    }

    #[test]
    fn only_what_could_be_a_page_is_one() {
        for path in
            ["../index.html", "relations/../x.html", "relations/a/b.html", "relations/.html", "/index.html", "main.rs"]
        {
            assert!(!is_page(path), "{path}");
        }
    }
}
