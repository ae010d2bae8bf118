//! Names and literals in SQL text: quoting, truncation, qualified names. Nothing else may put a name into SQL.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::parser;

/// The longest identifier that PostgreSQL keeps, in bytes (`NAMEDATALEN - 1`).
pub const MAX_IDENTIFIER_BYTES: usize = 63;

/// An identifier as SQL wants it: bare where possible, else in double quotes (`quote_identifier` in ruleutils.c).
pub fn quote_ident(name: &str) -> Cow<'_, str> {
    let mut characters = name.chars();
    let bare = characters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !parser::is_reserved_in_names(name);
    if bare { Cow::Borrowed(name) } else { Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))) }
}

/// A string literal as SQL wants it, also where `standard_conforming_strings` is off (`quote_literal_cstr`).
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!(" E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// A relation, type or function name with its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QualifiedName {
    /// Schema, unquoted.
    pub schema: String,
    /// Name, unquoted.
    pub name: String,
}

impl QualifiedName {
    /// A name from its two parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }
}

/// As SQL wants it, always with the schema.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", quote_ident(&self.schema), quote_ident(&self.name))
    }
}

/// Cuts a name to [`MAX_IDENTIFIER_BYTES`] at a character boundary (`truncate_identifier` in scansup.c).
pub fn truncate_identifier(name: &str) -> &str {
    if name.len() <= MAX_IDENTIFIER_BYTES {
        return name;
    }
    let mut end = MAX_IDENTIFIER_BYTES;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// A name with something at its end, cut so that both fit.
pub(crate) fn with_suffix(name: &str, suffix: &str) -> String {
    let mut kept = truncate_identifier(name);
    while kept.len() + suffix.len() > MAX_IDENTIFIER_BYTES {
        kept = kept.get(..kept.char_indices().last().map_or(0, |(at, _)| at)).unwrap_or_default();
    }
    format!("{kept}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_only_where_needed() {
        for (name, quoted) in [
            ("users", "users"),
            ("Users", "\"Users\""),
            ("select", "\"select\""),
            ("name", "name"),
            ("between", "\"between\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("1a", "\"1a\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
        ] {
            assert_eq!(quote_ident(name), quoted);
        }
    }

    #[test]
    fn literals_keep_quotes_and_backslashes() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("a\\b"), " E'a\\\\b'");
    }
}
