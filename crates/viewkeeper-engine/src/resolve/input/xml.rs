//! Texts that no XML parser takes for content: tags that do not fit each other, and marks that begin nothing. Names,
//! entities and declarations are left to the server.

use super::Input;
use crate::diagnostic::SqlState;

const MALFORMED: Input = Err(SqlState("2200N"));

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn ends_name(character: char) -> bool {
    is_space(character) || matches!(character, '/' | '>' | '<' | '=' | '"' | '\'' | '&')
}

/// `xml_in`, as far as it is imitated.
pub(super) fn content(text: &str) -> Input {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let reference = rest[at..].starts_with('&');
        rest = &rest[at + 1..];
        if reference {
            // A name or a number, and a semicolon.
            match rest.find(|character: char| character == ';' || ends_name(character)) {
                Some(end) if end > 0 && rest[end..].starts_with(';') => rest = &rest[end + 1..],
                _ => return MALFORMED,
            }
        } else if let Some(inner) = rest.strip_prefix("!--") {
            match inner.split_once("--") {
                Some((_, after)) => match after.strip_prefix('>') {
                    Some(after) => rest = after,
                    None => return MALFORMED,
                },
                None => return MALFORMED,
            }
        } else if let Some(inner) = rest.strip_prefix("![CDATA[") {
            match inner.split_once("]]>") {
                Some((_, after)) => rest = after,
                None => return MALFORMED,
            }
        } else if let Some(inner) = rest.strip_prefix('?') {
            match inner.split_once("?>") {
                Some((_, after)) => rest = after,
                None => return MALFORMED,
            }
        } else if rest.starts_with("!DOCTYPE") && open.is_empty() {
            // What a document type says is not read.
            return Ok(());
        } else if let Some(inner) = rest.strip_prefix('/') {
            let Some((name, after)) = inner.split_once('>') else { return MALFORMED };
            if open.pop() != Some(name.trim_end_matches(is_space)) {
                return MALFORMED;
            }
            rest = after;
        } else {
            match element(rest) {
                Some((name, empty, after)) => {
                    if !empty {
                        open.push(name);
                    }
                    rest = after;
                }
                None => return MALFORMED,
            }
        }
    }
    if open.is_empty() { Ok(()) } else { MALFORMED }
}

/// The name in a start tag, whether it is an empty element, and what follows.
fn element(text: &str) -> Option<(&str, bool, &str)> {
    let end = text.find(ends_name)?;
    let (name, mut rest) = text.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.' | '!')) {
        return None;
    }
    loop {
        let after = rest.trim_start_matches(is_space);
        if let Some(after) = after.strip_prefix("/>") {
            return Some((name, true, after));
        }
        if let Some(after) = after.strip_prefix('>') {
            return Some((name, false, after));
        }
        // An attribute, which white space stands before.
        if after.len() == rest.len() {
            return None;
        }
        let end = after.find(ends_name)?;
        let value = after[end..].trim_start_matches(is_space).strip_prefix('=')?.trim_start_matches(is_space);
        let quote = value.chars().next().filter(|quote| end > 0 && matches!(quote, '"' | '\''))?;
        let (inner, after) = value[1..].split_once(quote)?;
        if inner.contains('<') {
            return None;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_and_not() {
        for good in [
            "",
            "abc",
            "<a/>",
            "<a>b</a><c/>",
            "<a b='1' c=\"2\"><!-- x --><![CDATA[<]]></a>",
            "<?x y?>&amp;&#1234;",
            "<?xml version='1.0'?><a />",
        ] {
            assert_eq!(content(good), Ok(()), "{good}");
        }
        for bad in
            ["<", "<>", "<a>", "</a>", "<a></b>", "<a b=1/>", "a & b", "<a b='1'c='2'/>", "<syntax", "<!-- -- -->"]
        {
            assert_eq!(content(bad), MALFORMED, "{bad}");
        }
    }
}
