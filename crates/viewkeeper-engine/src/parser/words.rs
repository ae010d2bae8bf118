//! Words that are keywords for the parser, which is that of the latest version, and were plain names for the version that a
//! text is written for (kwlist.h of 14 to 18).
//!
//! A text of an older version is parsed with other names in their place, and the words are put back into the tree. So they
//! are names wherever that version takes names, and syntax that they make is refused as that version refuses it.

use super::ast::{KeywordKind, Token};
use crate::catalog::ServerVersion;
use crate::source::{Span, edited};

/// Where a later word can stand bare as a name in the latest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bare {
    /// Everywhere (`unreserved_keyword`).
    Everywhere,
    /// Not as the name of a function or type, or nowhere (`col_name_keyword`, `reserved_keyword`).
    NotEverywhere,
}

use Bare::{Everywhere, NotEverywhere};
use ServerVersion::{V15, V16, V17, V18};

/// The words that some supported version has no keyword for, and the first that has. Not `path`: in XMLTABLE the parser wants the
/// keyword, and JSON_TABLE, which has it too, is no syntax without its own.
const LATER_WORDS: [(&str, ServerVersion, Bare); 37] = [
    ("matched", V15, Everywhere),
    ("merge", V15, Everywhere),
    ("parameter", V15, Everywhere),
    ("absent", V16, Everywhere),
    ("format", V16, Everywhere),
    ("indent", V16, Everywhere),
    ("json_array", V16, NotEverywhere),
    ("json_arrayagg", V16, NotEverywhere),
    ("json_object", V16, NotEverywhere),
    ("json_objectagg", V16, NotEverywhere),
    ("keys", V16, Everywhere),
    ("scalar", V16, Everywhere),
    ("system_user", V16, NotEverywhere),
    ("conditional", V17, Everywhere),
    ("empty", V17, Everywhere),
    ("error", V17, Everywhere),
    // Unreserved in 16.
    (JSON, V17, NotEverywhere),
    ("json_exists", V17, NotEverywhere),
    ("json_query", V17, NotEverywhere),
    ("json_scalar", V17, NotEverywhere),
    ("json_serialize", V17, NotEverywhere),
    ("json_table", V17, NotEverywhere),
    ("json_value", V17, NotEverywhere),
    ("keep", V17, Everywhere),
    ("merge_action", V17, NotEverywhere),
    ("nested", V17, Everywhere),
    ("omit", V17, Everywhere),
    ("plan", V17, Everywhere),
    ("quotes", V17, Everywhere),
    ("source", V17, Everywhere),
    ("string", V17, Everywhere),
    ("target", V17, Everywhere),
    ("unconditional", V17, Everywhere),
    ("enforced", V18, Everywhere),
    ("objects", V18, Everywhere),
    ("period", V18, Everywhere),
    ("virtual", V18, Everywhere),
];

/// The name of a type too, which the parser knows by itself: another name in its place would be written in quotes.
const JSON: &str = "json";

/// A word of a text that is a keyword only in versions after the one that it is written for.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaterWord {
    pub(super) span: Span,
    pub(super) word: &'static str,
    /// The first version that has it.
    pub(super) since: ServerVersion,
    /// Its place in the list.
    number: usize,
}

/// The first version in which a word is no name any more everywhere.
pub(crate) fn no_name_since(word: &str) -> Option<ServerVersion> {
    LATER_WORDS
        .into_iter()
        .find(|(later, _, bare)| *bare == NotEverywhere && later.eq_ignore_ascii_case(word))
        .map(|(_, since, _)| since)
}

/// A text with other names in the place of later words.
pub(super) struct Exchanged {
    pub(super) text: String,
    pub(super) words: Vec<LaterWord>,
}

/// `None` where there is nothing to exchange.
pub(super) fn exchange(text: &str, version: ServerVersion) -> Option<Exchanged> {
    let words = later_words(text, version);
    // Such a character stands in no text that somebody wrote; what it would make of the exchange is not worth more.
    if words.is_empty() || text.contains(|c| ('\u{80}'..='\u{9f}').contains(&c)) {
        return None;
    }
    let text = edited(text, words.iter().map(|later| (later.span, stand_in(later.number))).collect())?;
    Some(Exchanged { text, words })
}

/// The words of a text that are keywords only after a version, in order.
fn later_words(text: &str, version: ServerVersion) -> Vec<LaterWord> {
    let later = || LATER_WORDS.iter().enumerate().filter(|(_, (_, since, _))| *since > version);
    // Scanning the text again is for those that have one.
    if later().next().is_none() || !has_one_of(text, later().map(|(_, (word, ..))| *word)) {
        return Vec::new();
    }
    let tokens = super::scan(text);
    let mut words = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.keyword_kind == KeywordKind::NoKeyword as i32 {
            continue;
        }
        let (Ok(start), Ok(end)) = (usize::try_from(token.start), usize::try_from(token.end)) else { continue };
        let Some(spelled) = text.get(start..end) else { continue };
        let found = later().find(|(_, (word, ..))| word.eq_ignore_ascii_case(spelled));
        let Some((number, &(word, since, _))) = found else { continue };
        let followed_by_parenthesis = || {
            let next = tokens[at + 1..].iter().find(|token| !super::is_comment(token.token));
            next.is_some_and(|next| next.token == Token::Ascii40 as i32)
        };
        // As a column, a table or a type it is read alike; the name of a function it can no longer be.
        if word != JSON || followed_by_parenthesis() {
            words.push(LaterWord { span: Span::new(start, end), word, since, number });
        }
    }
    words
}

/// Whether one of some words stands in a text, whatever it is there.
fn has_one_of(text: &str, words: impl Iterator<Item = &'static str>) -> bool {
    let words: Vec<&str> = words.collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii();
    text.split(|c| !is_word(c)).any(|found| words.iter().any(|word| word.eq_ignore_ascii_case(found)))
}

/// What stands for a word of the list: a name of as many bytes, so that places stay what they are.
///
/// Its first character is a control character of two bytes, `C2 80` to `C2 9F`, and letters follow that are no key of a field in an
/// encoded tree (their lowest bits, 6 and 7, are no wire type). So the sequence stands nowhere in a tree but in texts.
fn stand_in(number: usize) -> String {
    let first = char::from_u32(0x80 + u32::try_from(number % 32).unwrap_or(0)).unwrap_or('_');
    let fill = if number < 32 { "n" } else { "o" };
    let length = LATER_WORDS[number].0.len();
    format!("{first}{}", fill.repeat(length - first.len_utf8()))
}

/// Puts the words back into what the parser made of an exchanged text.
pub(super) fn put_back(tree: &mut [u8], words: &[LaterWord]) {
    let mut pairs: Vec<(Vec<u8>, &str)> =
        words.iter().map(|later| (stand_in(later.number).into_bytes(), later.word)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut at = 0;
    while let Some(found) = tree.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xc2)) {
        at += found;
        let pair = pairs.iter().find(|(stand_in, _)| tree[at..].starts_with(stand_in));
        match pair {
            Some((_, word)) => {
                tree[at..at + word.len()].copy_from_slice(word.as_bytes());
                at += word.len();
            }
            None => at += 1,
        }
    }
}

/// The first number of a text that versions before 16 do not read as one: `0x1F`, `1_000` (scan.l).
pub(super) fn later_number(text: &str, version: ServerVersion) -> Option<Span> {
    let is_later = |word: &[u8]| match word {
        [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] => true,
        [first, ..] => first.is_ascii_digit() && word.contains(&b'_'),
        [] => false,
    };
    if version >= V16 {
        return None;
    }
    // Scanning the text again is for the few that may have one.
    let may_have_one = text.as_bytes().windows(2).any(
        |pair| matches!(pair, [digit, next] if digit.is_ascii_digit() && (*next == b'_' || next.is_ascii_alphabetic())),
    );
    if !may_have_one {
        return None;
    }
    super::tokens(text)
        .into_iter()
        .map(|token| token.span)
        .find(|span| text.get(span.start..span.end).is_some_and(|word| is_later(word.as_bytes())))
}

/// A message of the parser about an exchanged text, with the words as they are spelled in the text.
pub(super) fn put_back_into_message(message: &str, offset: usize, exchanged: &Exchanged, text: &str) -> String {
    let mut message = message.to_owned();
    // The same word may be spelled otherwise at another place.
    let (at_it, others): (Vec<&LaterWord>, Vec<&LaterWord>) =
        exchanged.words.iter().partition(|later| later.span.start == offset);
    for later in at_it.into_iter().chain(others) {
        let spelled = text.get(later.span.start..later.span.end).unwrap_or(later.word);
        message = message.replacen(&stand_in(later.number), spelled, 1);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_all_different_and_as_long_as_their_words() {
        let all: std::collections::BTreeSet<String> = (0..LATER_WORDS.len()).map(stand_in).collect();
        assert_eq!(all.len(), LATER_WORDS.len());
        for (number, (word, ..)) in LATER_WORDS.iter().enumerate() {
            assert_eq!(stand_in(number).len(), word.len(), "{word}");
        }
    }
}
