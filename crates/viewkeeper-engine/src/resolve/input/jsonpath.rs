//! `jsonpath_in`: the lexer and the grammar of jsonpath_scan.l and jsonpath_gram.y. Regular expressions in it are not
//! read.

use super::Input;
use crate::catalog::ServerVersion;
use crate::diagnostic::SqlState;

/// Where the reading stops.
enum Stop {
    Refused(SqlState),
    /// What the server says of it is not known here.
    Unsure,
}

type Read<T> = Result<T, Stop>;

/// The input function.
pub(super) fn read(text: &str, version: ServerVersion) -> Input {
    let tokens = match (Lexer { rest: text, version }).tokens() {
        Ok(tokens) => tokens,
        Err(Stop::Refused(code)) => return Err(code),
        Err(Stop::Unsure) => return Ok(()),
    };
    if tokens.is_empty() {
        return Err(SqlState::INVALID_TEXT);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, version, filters: 0, subscript: false, depth: 0 };
    match parser.whole() {
        Err(Stop::Refused(code)) => Err(code),
        Ok(()) | Err(Stop::Unsure) => Ok(()),
    }
}

fn syntax<T>() -> Read<T> {
    Err(Stop::Refused(SqlState::SYNTAX_ERROR))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// Operators and brackets.
    Sign(&'static str),
    /// An identifier or a key word.
    Word(String),
    Text(String),
    Variable,
    Integer,
    Number,
}

const SIGNS: [&str; 30] = [
    "&&", "||", "**", "<=", "==", "<>", "!=", ">=", "!", "<", ">", "?", "%", "$", ".", "[", "]", "{", "}", "(", ")",
    "=", "@", "#", ",", "*", ":", "-", "+", "/",
];
const SPECIAL: &str = "?%$.[]{}()|&!=<>@#,*:-+/";

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn is_other(character: char) -> bool {
    !is_blank(character) && !SPECIAL.contains(character) && !matches!(character, '\\' | '"')
}

struct Lexer<'t> {
    rest: &'t str,
    version: ServerVersion,
}

impl Lexer<'_> {
    fn tokens(mut self) -> Read<Vec<Token>> {
        let mut found = Vec::new();
        while let Some(first) = self.rest.chars().next() {
            if is_blank(first) {
                self.rest = self.rest.trim_start_matches(is_blank);
            } else if self.rest.starts_with("/*") {
                self.comment()?;
            } else if first.is_ascii_digit() && self.version < ServerVersion::V15 {
                found.push(self.number_or_word()?);
            } else if first.is_ascii_digit() || first == '.' && self.digit_at(1) && self.version >= ServerVersion::V15 {
                found.push(self.number()?);
            } else if first == '"' {
                self.rest = &self.rest[1..];
                found.push(Token::Text(self.quoted()?));
            } else if let Some(rest) = self.rest.strip_prefix("$\"") {
                self.rest = rest;
                self.quoted()?;
                found.push(Token::Variable);
            } else if first == '$' && self.rest[1..].starts_with(is_other) {
                self.rest = self.rest[1..].trim_start_matches(is_other);
                found.push(Token::Variable);
            } else if is_other(first) || first == '\\' {
                found.push(Token::Word(self.word()?));
            } else if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
                self.rest = &self.rest[sign.len()..];
                found.push(Token::Sign(sign));
            } else {
                // A single `|` or `&`.
                return syntax();
            }
        }
        Ok(found)
    }

    fn digit_at(&self, at: usize) -> bool {
        self.rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
    }

    fn comment(&mut self) -> Read<()> {
        match self.rest[2..].find("*/") {
            Some(end) => self.rest = &self.rest[end + 4..],
            None => return syntax(),
        }
        Ok(())
    }

    /// `{integer}`, `{decimal}`, `{real}`; nothing else may follow directly.
    fn number(&mut self) -> Read<Token> {
        let bytes = self.rest.as_bytes();
        let modern = self.version >= ServerVersion::V16;
        let run = |mut at: usize, fits: fn(&u8) -> bool| {
            let start = at;
            while bytes.get(at).is_some_and(fits)
                || modern && at > start && bytes.get(at) == Some(&b'_') && bytes.get(at + 1).is_some_and(fits)
            {
                at += 1;
            }
            at
        };
        let digits = |at| run(at, u8::is_ascii_digit);
        let mut end = match bytes {
            [b'0', b'x' | b'X', ..] if modern => run(2, u8::is_ascii_hexdigit),
            [b'0', b'o' | b'O', ..] if modern => run(2, |byte| matches!(byte, b'0'..=b'7')),
            [b'0', b'b' | b'B', ..] if modern => run(2, |byte| matches!(byte, b'0' | b'1')),
            [b'0', ..] => 1,
            [b'.', ..] => 0,
            _ => digits(0),
        };
        let other_base = end >= 2 && bytes[0] == b'0';
        let mut token = Token::Integer;
        if !other_base && bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if bytes.get(end + 1).is_none_or(|byte| *byte != b'_') {
                end = fraction;
                token = Token::Number;
            }
        }
        if !other_base && matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
                token = Token::Number;
            } else {
                return syntax();
            }
        }
        self.rest = &self.rest[end..];
        if self.rest.starts_with(is_other) { syntax() } else { Ok(token) }
    }

    /// A number of 14, where what follows may be a token of its own, and the longest match counts: `{any}+` makes `1a` a
    /// word, `{decimalfail}` leaves the point of `1.` behind.
    fn number_or_word(&mut self) -> Read<Token> {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = if bytes[0] == b'0' { 1 } else { digits(0) };
        let (mut token, mut failed) = (Token::Integer, false);
        if bytes.get(end) == Some(&b'.') && self.digit_at(end + 1) {
            (token, end) = (Token::Number, digits(end + 1));
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let start = end + 1 + sign;
            failed = !self.digit_at(start);
            (token, end) = (Token::Number, if failed { start } else { digits(start) });
        }
        let word = self.rest.find(|character| !is_other(character)).unwrap_or(self.rest.len());
        if word > end {
            return Ok(Token::Word(self.word()?));
        }
        if failed {
            // `{realfail1}`, `{realfail2}`
            return syntax();
        }
        self.rest = &self.rest[end..];
        Ok(token)
    }

    fn word(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            match self.rest.chars().next() {
                Some('\\') => self.escape(&mut text)?,
                Some(character) if is_other(character) => {
                    text.push(character);
                    self.rest = &self.rest[character.len_utf8()..];
                }
                _ => return Ok(text),
            }
        }
    }

    fn quoted(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            match self.rest.chars().next() {
                None => return syntax(),
                Some('"') => {
                    self.rest = &self.rest[1..];
                    return Ok(text);
                }
                Some('\\') => self.escape(&mut text)?,
                Some(character) => {
                    text.push(character);
                    self.rest = &self.rest[character.len_utf8()..];
                }
            }
        }
    }

    /// A backslash and what belongs to it.
    fn escape(&mut self, text: &mut String) -> Read<()> {
        let rest = &self.rest[1..];
        let Some(kind) = rest.chars().next() else { return syntax() };
        self.rest = &rest[kind.len_utf8()..];
        match kind {
            'u' => {
                let code = self.code()?;
                let code = match code {
                    0 => return Err(Stop::Refused(SqlState("22P05"))),
                    0xd800..0xdc00 => match self.rest.strip_prefix("\\u") {
                        Some(rest) => {
                            self.rest = rest;
                            match self.code()? {
                                low @ 0xdc00..0xe000 => 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff),
                                _ => return Err(Stop::Refused(SqlState::INVALID_TEXT)),
                            }
                        }
                        None => return Err(Stop::Refused(SqlState::INVALID_TEXT)),
                    },
                    0xdc00..0xe000 => return Err(Stop::Refused(SqlState::INVALID_TEXT)),
                    code => code,
                };
                text.push(char::from_u32(code).ok_or(Stop::Unsure)?);
            }
            'x' => {
                let digits = self.rest.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let Some(digits) = digits else { return syntax() };
                if digits == "00" {
                    return Err(Stop::Unsure);
                }
                text.push('x');
                self.rest = &self.rest[2..];
            }
            other => text.push(other),
        }
        Ok(())
    }

    fn code(&mut self) -> Read<u32> {
        let (digits, after) = match self.rest.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some((digits, after)) if (1..=6).contains(&digits.len()) => (digits, after),
                _ => return syntax(),
            },
            None => match self.rest.get(..4) {
                Some(digits) => (digits, &self.rest[4..]),
                None => return syntax(),
            },
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return syntax();
        }
        self.rest = after;
        u32::from_str_radix(digits, 16).map_err(|_| Stop::Unsure)
    }
}

/// What an expression of the grammar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Value,
    Predicate,
}

/// How deep parentheses may be nested to be looked at.
const DEPTH: usize = 200;

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    version: ServerVersion,
    filters: usize,
    subscript: bool,
    depth: usize,
}

/// A key word in any case, but for three that are written in small letters.
fn is_word(word: &str, keyword: &str) -> bool {
    if matches!(keyword, "null" | "true" | "false") { word == keyword } else { word.eq_ignore_ascii_case(keyword) }
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if is_word(word, keyword))
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Read<()> {
        if self.eat(sign) { Ok(()) } else { syntax() }
    }

    fn whole(&mut self) -> Read<()> {
        let _ = self.eat_keyword("strict") || self.eat_keyword("lax");
        self.any()?;
        if self.at == self.tokens.len() { Ok(()) } else { syntax() }
    }

    /// `expr_or_predicate`
    fn any(&mut self) -> Read<Sort> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::Unsure);
        }
        let mut sort = self.conjunction()?;
        while self.eat("||") {
            if sort != Sort::Predicate || self.conjunction()? != Sort::Predicate {
                return syntax();
            }
            sort = Sort::Predicate;
        }
        self.depth -= 1;
        Ok(sort)
    }

    fn conjunction(&mut self) -> Read<Sort> {
        let sort = self.comparison()?;
        while self.eat("&&") {
            if sort != Sort::Predicate || self.comparison()? != Sort::Predicate {
                return syntax();
            }
        }
        Ok(sort)
    }

    fn value(&mut self) -> Read<()> {
        if self.any()? == Sort::Value { Ok(()) } else { syntax() }
    }

    fn predicate(&mut self) -> Read<()> {
        if self.any()? == Sort::Predicate { Ok(()) } else { syntax() }
    }

    fn comparison(&mut self) -> Read<Sort> {
        if self.eat("!") {
            if self.is_keyword("exists") {
                return self.exists();
            }
            self.expect("(")?;
            self.predicate()?;
            self.expect(")")?;
            return Ok(Sort::Predicate);
        }
        if self.is_keyword("exists") {
            return self.exists();
        }
        let left = self.sum()?;
        if ["==", "!=", "<>", "<", ">", "<=", ">="].iter().any(|sign| self.is_sign(sign)) {
            self.at += 1;
            let right = self.sum()?;
            return if (left, right) == (Sort::Value, Sort::Value) { Ok(Sort::Predicate) } else { syntax() };
        }
        if self.eat_keyword("starts") {
            let prefix = self.eat_keyword("with") && matches!(self.peek(), Some(Token::Text(_) | Token::Variable));
            self.at += 1;
            return if prefix && left == Sort::Value { Ok(Sort::Predicate) } else { syntax() };
        }
        if self.eat_keyword("like_regex") {
            self.regular_expression()?;
            return if left == Sort::Value { Ok(Sort::Predicate) } else { syntax() };
        }
        Ok(left)
    }

    fn exists(&mut self) -> Read<Sort> {
        self.at += 1;
        self.expect("(")?;
        self.value()?;
        self.expect(")")?;
        Ok(Sort::Predicate)
    }

    fn regular_expression(&mut self) -> Read<()> {
        let Some(Token::Text(_)) = self.peek() else { return syntax() };
        self.at += 1;
        if !self.eat_keyword("flag") {
            return Ok(());
        }
        let Some(Token::Text(flags)) = self.peek() else { return syntax() };
        if !flags.chars().all(|flag| "ismxq".contains(flag)) {
            return syntax();
        }
        if flags.contains('x') && !flags.contains('q') {
            return Err(Stop::Refused(SqlState::FEATURE_NOT_SUPPORTED));
        }
        self.at += 1;
        Ok(())
    }

    fn sum(&mut self) -> Read<Sort> {
        let sort = self.product()?;
        while self.is_sign("+") || self.is_sign("-") {
            self.at += 1;
            if sort != Sort::Value || self.product()? != Sort::Value {
                return syntax();
            }
        }
        Ok(sort)
    }

    fn product(&mut self) -> Read<Sort> {
        let sort = self.signed()?;
        while self.is_sign("*") || self.is_sign("/") || self.is_sign("%") {
            self.at += 1;
            if sort != Sort::Value || self.signed()? != Sort::Value {
                return syntax();
            }
        }
        Ok(sort)
    }

    fn signed(&mut self) -> Read<Sort> {
        let mut signs = false;
        while self.is_sign("+") || self.is_sign("-") {
            self.at += 1;
            signs = true;
        }
        match self.accessed()? {
            Sort::Predicate if signs => syntax(),
            sort => Ok(sort),
        }
    }

    /// `accessor_expr`, and what stands in parentheses.
    fn accessed(&mut self) -> Read<Sort> {
        let mut sort = Sort::Value;
        if self.eat("(") {
            sort = self.any()?;
            self.expect(")")?;
            if sort == Sort::Predicate && self.eat_keyword("is") {
                return if self.eat_keyword("unknown") { Ok(Sort::Predicate) } else { syntax() };
            }
        } else {
            self.primary()?;
        }
        while self.accessor()? {
            sort = Sort::Value;
        }
        Ok(sort)
    }

    fn primary(&mut self) -> Read<()> {
        let fits = match self.peek() {
            Some(Token::Text(_) | Token::Variable | Token::Integer | Token::Number | Token::Sign("$")) => true,
            Some(Token::Sign("@")) => self.filters > 0,
            Some(Token::Word(word)) if is_word(word, "last") => self.subscript,
            Some(Token::Word(word)) => ["null", "true", "false"].iter().any(|keyword| is_word(word, keyword)),
            _ => false,
        };
        self.at += 1;
        if fits { Ok(()) } else { syntax() }
    }

    /// `accessor_op`
    fn accessor(&mut self) -> Read<bool> {
        if self.eat("?") {
            self.expect("(")?;
            self.filters += 1;
            self.predicate()?;
            self.filters -= 1;
            self.expect(")")?;
        } else if self.eat("[") {
            if !self.eat("*") {
                let outer = std::mem::replace(&mut self.subscript, true);
                loop {
                    self.value()?;
                    if self.eat_keyword("to") {
                        self.value()?;
                    }
                    if !self.eat(",") {
                        break;
                    }
                }
                self.subscript = outer;
            }
            self.expect("]")?;
        } else if self.eat(".") {
            self.member()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// What stands behind a point.
    fn member(&mut self) -> Read<()> {
        if self.eat("*") {
            return Ok(());
        }
        if self.eat("**") {
            if self.eat("{") {
                self.level()?;
                if self.eat_keyword("to") {
                    self.level()?;
                }
                self.expect("}")?;
            }
            return Ok(());
        }
        let name = match self.peek() {
            Some(Token::Word(word)) => word.to_ascii_lowercase(),
            Some(Token::Text(_)) => String::new(),
            _ => return syntax(),
        };
        self.at += 1;
        if !self.eat("(") {
            return Ok(());
        }
        let modern = self.version >= ServerVersion::V17;
        match name.as_str() {
            "abs" | "size" | "type" | "floor" | "double" | "ceiling" | "keyvalue" => {}
            "bigint" | "boolean" | "date" | "integer" | "number" | "string" if modern => {}
            "datetime" => {
                if matches!(self.peek(), Some(Token::Text(_))) {
                    self.at += 1;
                }
            }
            "time" | "time_tz" | "timestamp" | "timestamp_tz" if modern => {
                if self.peek() == Some(&Token::Integer) {
                    self.at += 1;
                }
            }
            "decimal" if modern => {
                while !self.is_sign(")") {
                    let _ = self.eat("-") || self.eat("+");
                    if self.peek() != Some(&Token::Integer) {
                        return syntax();
                    }
                    self.at += 1;
                    if !self.eat(",") {
                        break;
                    }
                }
            }
            _ if self.version >= ServerVersion::V18 => return Err(Stop::Unsure),
            _ => return syntax(),
        }
        self.expect(")")
    }

    fn level(&mut self) -> Read<()> {
        let fits = self.is_keyword("last") || self.peek() == Some(&Token::Integer);
        self.at += 1;
        if fits { Ok(()) } else { syntax() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_what_is_none() {
        for good in [
            "$",
            "strict $.a.b[*] ? (@.c > 1 && @.d == \"x\").e",
            "lax $[0 to last - 1, 3].**{2 to last}.type()",
            "$.a.datetime(\"HH24\")",
            "-$.a + 1 * (2 - $x)",
            "exists($.a) || !($.b == 1)",
            "($.a == 1) is unknown",
            "($.a == 1).type()",
            "$.\"a b\".true.strict",
            "$ ? (@ like_regex \"^a\" flag \"iq\")",
            "$ ? (@ starts with $\"v\")",
            "/* x */ $.\\u0061",
        ] {
            assert_eq!(read(good, ServerVersion::V15), Ok(()), "{good}");
        }
        for bad in [
            "a",
            "$.",
            "@",
            "last",
            "$[",
            "$[last",
            "1a",
            "00",
            "$ ? (@.a)",
            "$ &",
            "\"a",
            "$.a(",
            "1 == 2 == 3",
            "$ ? (1)",
            "$.a ? (@ like_regex \"a\" flag \"z\")",
            "$.date()",
            "$.**{a}",
            "!$.a",
            "1e",
            "$ $",
        ] {
            assert_eq!(read(bad, ServerVersion::V15), Err(SqlState::SYNTAX_ERROR), "{bad}");
        }
        for bad in [".1", "1.", "1a", "00", "1.2a", "1.2e", "1e+", "1..e", "(1.).e", "$ ? (@.a < .1e-1)"] {
            assert_eq!(read(bad, ServerVersion::V14), Err(SqlState::SYNTAX_ERROR), "{bad}");
        }
        for good in ["1", "0.1", "1.2e3", "1e+3", "1.e", "1.2.e", "$.1a", "$.00", "0"] {
            assert_eq!(read(good, ServerVersion::V14), Ok(()), "{good}");
        }
        assert_eq!(read(" ", ServerVersion::V15), Err(SqlState::INVALID_TEXT));
        assert_eq!(read("\"\\u0000\"", ServerVersion::V15), Err(SqlState("22P05")));
        assert_eq!(read("\"\\ud83d\"", ServerVersion::V15), Err(SqlState::INVALID_TEXT));
        assert_eq!(read("$ ? (@ like_regex \"a\" flag \"x\")", ServerVersion::V15), Err(SqlState("0A000")));
        assert_eq!(read("$.date()", ServerVersion::V17), Ok(()));
        assert_eq!(read("0x1F + 1_000", ServerVersion::V16), Ok(()));
    }
}
