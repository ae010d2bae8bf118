//! Cutting a text into its statements as psql does, without knowing their grammar: quotes, comments, parentheses and
//! the bodies of SQL functions are all that matters here.

/// One statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    /// Byte offset of its first character in the whole text.
    pub(crate) start: usize,
    /// From the first token to the last character before `;`.
    pub(crate) text: &'a str,
    pub(crate) kind: StatementKind,
}

/// What of a statement's meaning decides how it can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementKind {
    /// Begins or ends a transaction.
    TransactionControl,
    /// `COPY` from or to the client, for which there is no data here.
    CopyStream,
    /// A `\command` of psql.
    PsqlCommand,
    Other,
}

/// The statements of a text in order; empty ones are left out. Text that ends inside a quote or a comment is one last
/// statement, so that the server says what is wrong with it.
pub(crate) fn split(sql: &str) -> Vec<Statement<'_>> {
    let sql_start = if sql.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut scan = Scan::new(sql, sql_start);
    let mut statements = Vec::new();
    while scan.at < sql.len() {
        if let Some(statement) = scan.token() {
            statements.push(statement);
        }
    }
    statements.extend(scan.finish(sql.len()));
    statements
}

struct Scan<'a> {
    sql: &'a str,
    at: usize,
    /// Where the statement at hand begins, once a token of it was seen.
    start: Option<usize>,
    parentheses: u32,
    /// How deep inside `BEGIN ATOMIC … END` and the `CASE … END` in there.
    bodies: u32,
    /// The statement's words in upper case.
    words: Vec<String>,
}

impl<'a> Scan<'a> {
    fn new(sql: &'a str, at: usize) -> Self {
        Self { sql, at, start: None, parentheses: 0, bodies: 0, words: Vec::new() }
    }

    fn rest(&self) -> &'a str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    /// Steps over one token, a space or a comment; gives the statement that ended with it.
    fn token(&mut self) -> Option<Statement<'a>> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            self.at = self.sql.len();
            return None;
        };
        if first.is_ascii_whitespace() {
            self.at += 1;
            return None;
        }
        if rest.starts_with("--") {
            self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
            return None;
        }
        if rest.starts_with("/*") {
            self.at += comment_length(rest);
            return None;
        }
        if first == ';' && self.parentheses == 0 && self.bodies == 0 {
            let statement = self.finish(self.at);
            self.at += 1;
            return statement;
        }
        self.start.get_or_insert(self.at);
        self.at += match first {
            '\'' => quoted_length(rest, '\'', false),
            '"' => quoted_length(rest, '"', false),
            '$' => dollar_quoted_length(rest).unwrap_or(1),
            '(' => {
                self.parentheses += 1;
                1
            }
            ')' => {
                self.parentheses = self.parentheses.saturating_sub(1);
                1
            }
            c if is_word_start(c) => self.word(rest),
            c => c.len_utf8(),
        };
        None
    }

    /// The length of the word at the head of `rest`; counts function bodies.
    fn word(&mut self, rest: &str) -> usize {
        let length = rest.find(|c| !is_word_part(c)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default().to_ascii_uppercase();
        let after = rest.get(length..).unwrap_or_default();
        if word == "E" && after.starts_with('\'') {
            return length + quoted_length(after, '\'', true);
        }
        // As in psqlscan.l: only the body of a routine nests, and only there does CASE share END with it.
        match word.as_str() {
            "ATOMIC" if self.words.last().is_some_and(|word| word == "BEGIN") && self.creates_routine() => {
                self.bodies = self.bodies.max(1);
            }
            "CASE" | "BEGIN" if self.bodies > 0 => self.bodies += 1,
            "END" if self.bodies > 0 => self.bodies -= 1,
            _ => {}
        }
        self.words.push(word);
        length
    }

    fn creates_routine(&self) -> bool {
        let mut words = self.words.iter().map(String::as_str);
        words.next() == Some("CREATE")
            && match words.next() {
                Some("FUNCTION" | "PROCEDURE") => true,
                Some("OR") => words.next() == Some("REPLACE") && matches!(words.next(), Some("FUNCTION" | "PROCEDURE")),
                _ => false,
            }
    }

    fn finish(&mut self, end: usize) -> Option<Statement<'a>> {
        let words = std::mem::take(&mut self.words);
        self.parentheses = 0;
        self.bodies = 0;
        let start = self.start.take()?;
        let text = self.sql.get(start..end)?.trim_end();
        let kind = if text.starts_with('\\') { StatementKind::PsqlCommand } else { kind_of(&words) };
        Some(Statement { start, text, kind })
    }
}

fn kind_of(words: &[String]) -> StatementKind {
    let word = |n: usize| words.get(n).map(String::as_str);
    match (word(0), word(1)) {
        (Some("ROLLBACK"), Some("TO")) => StatementKind::Other,
        (Some("ROLLBACK" | "ABORT"), Some("WORK" | "TRANSACTION")) if word(2) == Some("TO") => StatementKind::Other,
        (Some("BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT"), _)
        | (Some("START" | "PREPARE"), Some("TRANSACTION")) => StatementKind::TransactionControl,
        (Some("COPY"), _)
            if words.windows(2).any(
                |pair| matches!(pair, [a, b] if (a == "FROM" && b == "STDIN") || (a == "TO" && b == "STDOUT")),
            ) =>
        {
            StatementKind::CopyStream
        }
        _ => StatementKind::Other,
    }
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_word_part(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

/// A doubled quote is two quoted texts side by side, which ends at the same place.
fn quoted_length(rest: &str, quote: char, backslash_escapes: bool) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if backslash_escapes && c == '\\' {
            characters.next();
        } else if c == quote {
            let doubled = rest.get(at + 1..).is_some_and(|after| after.starts_with(quote));
            if !(backslash_escapes && doubled) {
                return at + 1;
            }
            characters.next();
        }
    }
    rest.len()
}

fn dollar_quoted_length(rest: &str) -> Option<usize> {
    let tag_end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(..tag_end)?;
    let name = tag.trim_matches('$');
    let is_tag = name.chars().next().is_none_or(is_word_start) && name.chars().all(|c| is_word_part(c) && c != '$');
    if !is_tag {
        return None;
    }
    Some(rest.get(tag_end..)?.find(tag).map_or(rest.len(), |end| tag_end + end + tag.len()))
}

fn comment_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut depth = 0_u32;
    let mut at = 0;
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_split(sql: &str, expected: &[&str]) {
        let statements = split(sql);
        assert_eq!(statements.iter().map(|s| s.text).collect::<Vec<_>>(), expected, "{sql}");
        for statement in statements {
            assert!(sql[statement.start..].starts_with(statement.text));
        }
    }

    #[test]
    fn semicolons_inside_quotes_comments_and_parentheses_do_not_split() {
        check_split("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"]);
        check_split("; ;-- a;b\n/* c; /* d; */ e; */ ;", &[]);
        check_split("SELECT 'a;''b;' ; SELECT \"a;\"\"b;\"", &["SELECT 'a;''b;'", "SELECT \"a;\"\"b;\""]);
        check_split(
            r"SELECT E'a\';b', e'\\'; SELECT 'c\'; SELECT 3",
            &[r"SELECT E'a\';b', e'\\'", r"SELECT 'c\'", "SELECT 3"],
        );
        check_split("SELECT E'a'';b'; SELECT 2", &["SELECT E'a'';b'", "SELECT 2"]);
        check_split(
            "DO $$ BEGIN; END $$; SELECT $a$ $$;$b$ $a$; x",
            &["DO $$ BEGIN; END $$", "SELECT $a$ $$;$b$ $a$", "x"],
        );
        check_split("SELECT $1; SELECT a$b$; SELECT 2 $b$", &["SELECT $1", "SELECT a$b$", "SELECT 2 $b$"]);
        check_split(
            "CREATE RULE r AS ON INSERT TO t DO (a; b); c",
            &["CREATE RULE r AS ON INSERT TO t DO (a; b)", "c"],
        );
        check_split("\u{feff}SELECT 'é;'; SELECT ü", &["SELECT 'é;'", "SELECT ü"]);
    }

    #[test]
    fn bodies_of_sql_functions_stay_whole() {
        let function = "CREATE OR REPLACE FUNCTION f(begin int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1; \
                        END; SELECT 2; END";
        check_split(&format!("{function}; SELECT 1"), &[function, "SELECT 1"]);
        check_split("CREATE TABLE atomic (a int); b", &["CREATE TABLE atomic (a int)", "b"]);
    }

    #[test]
    fn unfinished_text_is_one_statement() {
        check_split("SELECT 'a; b", &["SELECT 'a; b"]);
        check_split("SELECT $$ a; b", &["SELECT $$ a; b"]);
        check_split("SELECT 1 /* a; b", &["SELECT 1 /* a; b"]);
    }

    #[test]
    fn statements_that_cannot_be_run_here_are_told_apart() {
        let kinds = |sql: &str| split(sql).iter().map(|statement| statement.kind).collect::<Vec<_>>();
        use StatementKind::*;
        assert_eq!(
            kinds("BEGIN; commit work; rollback to a; start transaction; savepoint a; PREPARE p AS SELECT 1"),
            [TransactionControl, TransactionControl, Other, TransactionControl, Other, Other]
        );
        assert_eq!(
            kinds("COPY t FROM stdin; COPY t FROM '/stdin'; COPY (SELECT 1) TO STDOUT"),
            [CopyStream, Other, CopyStream]
        );
        assert_eq!(kinds("\\connect a"), [PsqlCommand]);
    }
}
