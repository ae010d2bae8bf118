//! The input functions of text search: `tsvectorin` and `tsqueryin`, which share a parser of words.

use super::Input;
use crate::diagnostic::SqlState;

const SYNTAX: SqlState = SqlState::SYNTAX_ERROR;
const TOO_LONG: SqlState = SqlState("54000");

/// `MAXSTRLEN`
const LONGEST_WORD: usize = 2047;

/// `MAXENTRYPOS`
const FARTHEST: u32 = 16_384;

/// `STACKDEPTH`: beyond it the server gives up for a reason of its own.
const DEEPEST: usize = 32;

/// White space beyond ASCII is the locale's matter.
fn depends_on_locale(text: &str) -> bool {
    text.chars().any(|character| !character.is_ascii() && character.is_whitespace())
}

fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\x0b'
}

/// `ISOPERATOR`
fn is_operator(character: char) -> bool {
    matches!(character, '!' | '&' | '|' | '(' | ')' | '<')
}

/// Which of the two types a word belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// With positions behind them.
    Vector,
    /// Operators end them.
    Query,
}

struct Reader<'t> {
    rest: &'t str,
    words: Words,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next();
        self.rest = characters.as_str();
        character
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// `gettoken_tsvector`: the length of the next word, `None` at the end.
    fn word(&mut self) -> Result<Option<usize>, SqlState> {
        self.space();
        let in_query = self.words == Words::Query;
        let ends_word = |character| is_space(character) || in_query && is_operator(character);
        let mut length = 0;
        match self.peek() {
            None => return Ok(None),
            Some('\'') => {
                self.next();
                self.quoted(&mut length)?;
                if length == 0 {
                    return Err(SYNTAX);
                }
                if self.words == Words::Vector && self.peek() == Some(':') {
                    self.positions()?;
                }
                return Ok(Some(length));
            }
            Some(character) if in_query && is_operator(character) => return Err(SYNTAX),
            Some(first) => {
                // What a word begins with is part of it, even a colon.
                self.next();
                length += if first == '\\' { self.escaped()? } else { first.len_utf8() };
            }
        }
        loop {
            match self.peek() {
                None => return Ok(Some(length)),
                Some(character) if ends_word(character) => return Ok(Some(length)),
                Some(':') if in_query => return Ok(Some(length)),
                Some(':') => {
                    self.positions()?;
                    return Ok(Some(length));
                }
                Some(character) => {
                    self.next();
                    length += if character == '\\' { self.escaped()? } else { character.len_utf8() };
                }
            }
        }
    }

    fn escaped(&mut self) -> Result<usize, SqlState> {
        self.next().map(char::len_utf8).ok_or(SYNTAX)
    }

    /// A word in quotes, which two quotes stand for one in.
    fn quoted(&mut self, length: &mut usize) -> Input {
        loop {
            *length += match self.next() {
                None => return Err(SYNTAX),
                Some('\\') => self.escaped()?,
                Some('\'') if self.peek() == Some('\'') => {
                    self.next();
                    1
                }
                Some('\'') => return Ok(()),
                Some(character) => character.len_utf8(),
            };
        }
    }

    /// `:1A,2`
    fn positions(&mut self) -> Input {
        loop {
            self.next();
            let digits = self.rest.len() - self.rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            // Numbers that do not fit are cut in the C library's way.
            if digits == 0 || self.rest[..digits].bytes().all(|digit| digit == b'0') {
                return Err(SYNTAX);
            }
            self.rest = &self.rest[digits..];
            let mut weighted = false;
            loop {
                match self.peek() {
                    None => return Ok(()),
                    Some(character) if is_space(character) => return Ok(()),
                    Some(',') => break,
                    Some('a' | 'A' | '*' | 'b' | 'B' | 'c' | 'C') if weighted => return Err(SYNTAX),
                    Some('a' | 'A' | '*' | 'b' | 'B' | 'c' | 'C') => weighted = true,
                    Some('d' | 'D') if weighted => return Err(SYNTAX),
                    Some('d' | 'D' | '0'..='9') => {}
                    Some(_) => return Err(SYNTAX),
                }
                self.next();
            }
        }
    }

    /// `get_modifiers`: `:AB*`
    fn modifiers(&mut self) {
        if self.peek() == Some(':') {
            self.next();
            self.rest = self.rest.trim_start_matches(['a', 'A', 'b', 'B', 'c', 'C', 'd', 'D', '*']);
        }
    }

    /// `parse_phrase_operator`: whether `<->` or `<2>` stands here, with something behind it.
    fn phrase_operator(&mut self) -> Result<bool, SqlState> {
        let Some(inner) = self.rest.strip_prefix('<') else { return Ok(false) };
        let after = match inner.strip_prefix('-') {
            Some(after) => after,
            None => {
                let after = inner.trim_start_matches(|digit: char| digit.is_ascii_digit());
                let digits = &inner[..inner.len() - after.len()];
                // A number at the very end is looked at no more.
                if digits.is_empty() {
                    return Ok(false);
                }
                if digits.parse::<u32>().is_ok_and(|distance| distance < FARTHEST) {
                    after
                } else {
                    return Err(SqlState::INVALID_PARAMETER);
                }
            }
        };
        match after.strip_prefix('>') {
            Some(after) if !after.is_empty() => {
                self.rest = after;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// `tsvectorin`
pub(super) fn vector(text: &str) -> Input {
    if depends_on_locale(text) {
        return Ok(());
    }
    let mut reader = Reader { rest: text, words: Words::Vector };
    while let Some(length) = reader.word()? {
        if length >= LONGEST_WORD {
            return Err(TOO_LONG);
        }
    }
    Ok(())
}

/// `tsqueryin` (`gettoken_query_standard`, `makepol`)
pub(super) fn query(text: &str) -> Input {
    if depends_on_locale(text) {
        return Ok(());
    }
    let mut reader = Reader { rest: text, words: Words::Query };
    let (mut open, mut negations, mut first) = (0_usize, 0, true);
    loop {
        // An operand.
        reader.space();
        match reader.peek() {
            None if first => return Ok(()),
            Some('!') => {
                reader.next();
                negations += 1;
                first = false;
                if negations > DEEPEST {
                    return Ok(());
                }
                continue;
            }
            Some('(') => {
                reader.next();
                open += 1;
                first = false;
                continue;
            }
            None | Some(':') => return Err(SYNTAX),
            Some(_) => {}
        }
        match reader.word()? {
            Some(length) if length >= LONGEST_WORD => return Err(TOO_LONG),
            Some(_) => reader.modifiers(),
            None => return Err(SYNTAX),
        }
        first = false;
        negations = 0;
        // Operators, and what ends it.
        loop {
            reader.space();
            match reader.peek() {
                None if open == 0 => return Ok(()),
                Some('&' | '|') => {
                    reader.next();
                    break;
                }
                Some('<') if reader.phrase_operator()? => break,
                Some(')') if open > 0 => {
                    reader.next();
                    open -= 1;
                }
                _ => return Err(SYNTAX),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        for good in ["", "a b", "'a b' c:1A,2 d", r"a\'b '\\'", "a:1,2B", ":a", "'a''b'"] {
            assert_eq!(vector(good), Ok(()), "{good}");
        }
        for bad in ["''", "'a", "a:", "a:0", "a:1,", "a:1AB", "a:x", "'a':", r"a\"] {
            assert_eq!(vector(bad), Err(SYNTAX), "{bad}");
        }
    }

    #[test]
    fn queries() {
        for good in ["", "  ", "a", "a & b", "!a|(b&c)", "a <-> b", "a <2> b", "'a b':*AB", "!!a", "a:ab&b"] {
            assert_eq!(query(good), Ok(()), "{good}");
        }
        for bad in ["a b", "a &", "& a", "(a", "a)", "()", "a <-> ", "!", ":a", "''", "a <-> <-> b", "a:x y"] {
            assert_eq!(query(bad), Err(SYNTAX), "{bad}");
        }
        assert_eq!(query("a <99999> b"), Err(SqlState::INVALID_PARAMETER));
    }
}
