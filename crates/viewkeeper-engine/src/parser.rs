//! The parser's door: the one file that names `pg_query`. Text in, statements and canonical text out; what the
//! statements mean is said elsewhere, through [`ast`].
#![allow(unsafe_code)]

mod deparser;

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ops::Range;
use std::sync::{Arc, LazyLock, RwLock};
use std::thread::{self, Scope};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Message};

use crate::diagnostic::{Diagnostic, SqlState};
use crate::source::{SourceFile, Span};

/// One node of the raw parse tree.
pub use pg_query::NodeEnum;
/// PostgreSQL's raw parse tree, as the parser library models it.
pub use pg_query::protobuf as ast;

/// One statement of a file.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The file it stands in.
    pub file: Arc<SourceFile>,
    /// From its first token to before its semicolon; comments before the first token are not in it.
    pub span: Span,
    /// Where its text including leading comments begins.
    pub outer_start: usize,
    /// The parsed statement. Locations in it count from the start of the file.
    pub node: NodeEnum,
}

impl Statement {
    /// The statement as its author wrote it, without the semicolon.
    pub fn text(&self) -> &str {
        &self.file.text[self.span.start..self.span.end]
    }
}

// The safe wrapper of the parser library drops the position of a syntax error, so its C function is called directly.
#[repr(C)]
struct CError {
    message: *mut c_char,
    function: *mut c_char,
    file: *mut c_char,
    line: c_int,
    cursor: c_int,
    context: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CBuffer {
    length: usize,
    data: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CParseResult {
    tree: CBuffer,
    standard_error: *mut c_char,
    error: *mut CError,
}

unsafe extern "C" {
    fn pg_query_parse_protobuf_opts(input: *const c_char, options: c_int) -> CParseResult;
    fn pg_query_free_protobuf_parse_result(result: CParseResult);
}

/// The stack that deep expressions need: the decoder recurses once for each level.
const DEEP_STACK_BYTES: usize = 512 << 20;

/// Runs `work` on a thread whose stack holds the deepest expression that PostgreSQL itself takes.
///
/// # Panics
/// When the system cannot start a thread, and when `work` panics.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| start(scope, work)())
}

/// Runs two at once, each as [`on_deep_stack`] does.
///
/// # Panics
/// As [`on_deep_stack`].
pub(crate) fn both_on_deep_stacks<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    thread::scope(|scope| {
        let (one, other) = (start(scope, one), start(scope, other));
        (one(), other())
    })
}

/// Starts `work`; what is returned waits for its end.
fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> impl FnOnce() -> T {
    let worker = thread::Builder::new()
        .stack_size(DEEP_STACK_BYTES)
        .spawn_scoped(scope, work)
        .unwrap_or_else(|error| panic!("cannot start a thread with a stack of {DEEP_STACK_BYTES} bytes: {error}"));
    move || worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The statements of a file, or its syntax error.
///
/// Call it inside [`on_deep_stack`].
pub fn parse(file: &Arc<SourceFile>) -> Result<Vec<Statement>, Diagnostic> {
    statements(file)?.collect()
}

/// The one statement of a text that is no file of a person's: canonical, or printed. `None` where it cannot be read.
///
/// Call it inside [`on_deep_stack`].
pub(crate) fn statement_in(text: &str) -> Option<NodeEnum> {
    parse(&SourceFile::new("text", text)).ok()?.into_iter().next().map(|statement| statement.node)
}

/// The same one by one: a statement takes much room, a hundred times that of its text.
///
/// Call it, and take them, inside [`on_deep_stack`].
pub fn statements(file: &Arc<SourceFile>) -> Result<Statements, Diagnostic> {
    let tree = encoded_tree(&file.text).map_err(|error| error.in_file(file))?;
    let raw = raw_statements(&tree).map_err(|error| unreadable(&error).in_file(file))?;
    Ok(Statements { file: Arc::clone(file), raw: raw.into_iter(), tree })
}

/// The statements of a file: see [`statements`].
#[derive(Debug)]
pub struct Statements {
    file: Arc<SourceFile>,
    tree: Vec<u8>,
    /// Where each is in the tree.
    raw: std::vec::IntoIter<Range<usize>>,
}

impl Iterator for Statements {
    type Item = Result<Statement, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let raw = match ast::RawStmt::decode(self.tree.get(self.raw.next()?)?) {
                Ok(raw) => raw,
                Err(error) => return Some(Err(unreadable(&error).in_file(&self.file))),
            };
            let text = &self.file.text;
            let start = usize::try_from(raw.stmt_location).unwrap_or(0);
            let end = match usize::try_from(raw.stmt_len) {
                Ok(0) | Err(_) => text.len(),
                Ok(length) => start + length,
            };
            let first = first_token(text, start, end);
            let last = start + text[start..end].trim_end().len();
            let Some(node) = raw.stmt.and_then(|node| node.node) else { continue };
            let file = Arc::clone(&self.file);
            return Some(Ok(Statement { file, span: Span::new(first, last), outer_start: start, node }));
        }
    }
}

/// A standalone type name such as `numeric(6,2)[]`.
///
/// The library's own mode for type names gives nodes of another kind than it says, so the name is parsed as the type
/// of a parameter, where every form of a type name is allowed.
pub fn parse_type_name(text: &str) -> Result<ast::TypeName, String> {
    let not_a_type = || format!("`{text}` is not a type name");
    let tree = parse_text(&format!("CREATE FUNCTION f(a {text}\n)")).map_err(|error| match error {
        ParseError::Nul(_) => "the type name holds a NUL byte".to_owned(),
        ParseError::Syntax { .. } => not_a_type(),
    })?;
    let [ast::RawStmt { stmt: Some(node), .. }] = tree.stmts.as_slice() else { return Err(not_a_type()) };
    let Some(NodeEnum::CreateFunctionStmt(function)) = &node.node else { return Err(not_a_type()) };
    let plain = function.return_type.is_none() && function.options.is_empty() && function.sql_body.is_none();
    let [ast::Node { node: Some(NodeEnum::FunctionParameter(parameter)) }] = function.parameters.as_slice() else {
        return Err(not_a_type());
    };
    match &parameter.arg_type {
        Some(type_name) if plain && parameter.name == "a" && parameter.defexpr.is_none() => Ok(type_name.clone()),
        _ => Err(not_a_type()),
    }
}

enum ParseError {
    Nul(usize),
    Syntax { message: String, offset: usize },
}

impl ParseError {
    fn in_file(self, file: &Arc<SourceFile>) -> Diagnostic {
        match self {
            Self::Nul(offset) => Diagnostic::error("the file holds a NUL byte")
                .code(SqlState::SYNTAX_ERROR)
                .at(file, Span::new(offset, offset + 1))
                .help("save the file as UTF-8 text"),
            Self::Syntax { message, offset } => {
                // Ends of a window's frame are the one thing that the grammar refuses with another code (`frame_extent`).
                let code = match message.starts_with("frame ") {
                    true => SqlState::WINDOWING_ERROR,
                    false => SqlState::SYNTAX_ERROR,
                };
                let problem = Diagnostic::error(message).code(code).at(file, token_at(&file.text, offset));
                let before = file.text.get(..offset).unwrap_or("").trim_end();
                if let Some(word) = later_word(file, offset).or_else(|| later_word(file, before.len())) {
                    return problem
                        .note(format!("`{word}` is a word of SQL from a later PostgreSQL version on"))
                        .help(format!("where it is a name, write it in double quotes: `\"{word}\"`"));
                }
                match before.ends_with(',') {
                    true => problem.help("is there a comma too many before it?"),
                    false => problem,
                }
            }
        }
    }
}

/// Words that were names up to some version that is still supported, and are no longer: the grammar is that of the latest
/// version (kwlist.h).
pub(crate) const LATER_WORDS: [&str; 12] = [
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "merge_action",
    "system_user",
];

/// The word of those that begins or ends at a place of a text.
fn later_word(file: &SourceFile, at: usize) -> Option<&'static str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"');
    let (before, after) = (file.text.get(..at)?, file.text.get(at..)?);
    let start = before.len() - before.chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let end = at + after.chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let word = file.text.get(start..end)?.to_ascii_lowercase();
    LATER_WORDS.into_iter().find(|later| *later == word)
}

fn unreadable(error: &DecodeError) -> ParseError {
    ParseError::Syntax { message: format!("the parse tree cannot be read: {error}"), offset: 0 }
}

fn parse_text(text: &str) -> Result<ast::ParseResult, ParseError> {
    ast::ParseResult::decode(encoded_tree(text)?.as_slice()).map_err(|error| unreadable(&error))
}

/// The parse tree as the library encodes it.
fn encoded_tree(text: &str) -> Result<Vec<u8>, ParseError> {
    let input = CString::new(text).map_err(|error| ParseError::Nul(error.nul_position()))?;
    // SAFETY: the input is NUL-terminated; the result is read before it is freed, and freed once.
    unsafe {
        let result = pg_query_parse_protobuf_opts(input.as_ptr(), 0);
        let outcome = if result.error.is_null() {
            Ok(std::slice::from_raw_parts(result.tree.data.cast::<u8>(), result.tree.length).to_vec())
        } else {
            let message = CStr::from_ptr((*result.error).message).to_string_lossy().into_owned();
            // The cursor counts characters from 1; 0 means unknown.
            let cursor = usize::try_from((*result.error).cursor).unwrap_or(0);
            let offset = text.char_indices().nth(cursor.saturating_sub(1)).map_or(text.len(), |(offset, _)| offset);
            Err(ParseError::Syntax { message, offset: if cursor == 0 { 0 } else { offset } })
        };
        pg_query_free_protobuf_parse_result(result);
        outcome
    }
}

/// Where the statements are in an encoded tree (`ParseResult` in `pg_query.proto`).
fn raw_statements(tree: &[u8]) -> Result<Vec<Range<usize>>, DecodeError> {
    const STATEMENTS: u32 = 2;
    let mut found = Vec::new();
    let mut rest = tree;
    while !rest.is_empty() {
        let (field, wire) = decode_key(&mut rest)?;
        if (field, wire) == (STATEMENTS, WireType::LengthDelimited) {
            let length = usize::try_from(decode_varint(&mut rest)?).unwrap_or(usize::MAX);
            let start = tree.len() - rest.len();
            rest = rest.get(length..).ok_or_else(|| DecodeError::new("a statement ends too early"))?;
            found.push(start..start + length);
        } else {
            skip_field(wire, field, &mut rest, DecodeContext::default())?;
        }
    }
    Ok(found)
}

/// What the scanner says of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the text.
    pub span: Span,
    /// Whether it is a comment.
    pub comment: bool,
    /// Whether it is a keyword that bare names cannot be everywhere.
    pub reserved: bool,
}

/// Words that bare names can be everywhere.
const HARMLESS: [i32; 2] = [ast::KeywordKind::NoKeyword as i32, ast::KeywordKind::UnreservedKeyword as i32];

/// The tokens of a text, comments included; empty where the scanner meets an error.
pub fn tokens(text: &str) -> Vec<Token> {
    // Of a text without a token the scanner makes a list at no address, which aborts where such things are checked.
    if text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).is_empty() {
        return Vec::new();
    }
    let comments = [ast::Token::SqlComment as i32, ast::Token::CComment as i32];
    pg_query::scan_tokens(text)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|token| {
            let span = Span::new(usize::try_from(token.start).ok()?, usize::try_from(token.end).ok()?);
            let reserved = !HARMLESS.contains(&token.keyword_kind);
            Some(Token { span, comment: comments.contains(&token.token), reserved })
        })
        .collect()
}

/// The range of the name (with its qualifiers) or token that begins at `offset`; one character where none does.
pub fn token_at(text: &str, offset: usize) -> Span {
    let mut end = offset + word_length(text.get(offset..).unwrap_or(""));
    // A literal, with what may stand before its quote (`E'…'`, `B'…'`).
    if end - offset <= 1
        && let Some(literal) = text.get(end..).and_then(|rest| rest.strip_prefix('\''))
    {
        return Span::new(offset, end + 1 + literal_length(literal));
    }
    while let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix('.')) {
        match word_length(rest) {
            0 => break,
            length => end += 1 + length,
        }
    }
    if end == offset {
        end += text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    Span::new(offset, end)
}

/// The length of the identifier or number that a text begins with, quoted or not.
fn word_length(text: &str) -> usize {
    match text.strip_prefix('"') {
        Some(inner) => inner.find('"').map_or(0, |end| end + 2),
        None => text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len()),
    }
}

/// The length of the rest of a literal, with its closing quote; doubled quotes are part of it.
fn literal_length(rest: &str) -> usize {
    let mut at = 0;
    while let Some(quote) = rest.get(at..).and_then(|rest| rest.find('\'')) {
        at += quote + 1;
        match rest.get(at..).is_some_and(|rest| rest.starts_with('\'')) {
            true => at += 1,
            false => return at,
        }
    }
    rest.len()
}

/// Skips white space and comments from `start`.
fn first_token(text: &str, start: usize, end: usize) -> usize {
    let mut at = start;
    loop {
        let rest = &text[at..end];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find('\n').map_or(trimmed.len(), |newline| newline + 1);
        } else if trimmed.starts_with("/*") {
            at += block_comment_length(trimmed);
        } else {
            return at;
        }
    }
}

/// The length of the block comment that `text` begins with; block comments nest in PostgreSQL.
fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0usize);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The query of the view or materialized view that a statement makes.
pub fn query_of_view(node: &mut NodeEnum) -> Option<&mut Option<Box<ast::Node>>> {
    match node {
        NodeEnum::ViewStmt(view) => Some(&mut view.query),
        NodeEnum::CreateTableAsStmt(table) if table.objtype() == ast::ObjectType::ObjectMatview => {
            Some(&mut table.query)
        }
        _ => None,
    }
}

/// The canonical text of a statement: layout, comments, case of keywords and redundant parentheses are gone, every
/// literal, alias, schema and typmod is kept.
///
/// # Errors
/// When the parser library cannot write this kind of statement.
pub fn canonical(node: &NodeEnum) -> Result<String, String> {
    if let Some(what) = deparser::unwritable(node) {
        return Err(format!("the parser library cannot write {what}"));
    }
    let writable = deparser::writable(node);
    let mut text = deparse(writable.node)?;
    for (number, function) in writable.functions.into_iter().enumerate() {
        let target = ast::ResTarget { val: Some(Box::new(function)), ..Default::default() };
        let select = ast::SelectStmt {
            target_list: vec![ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) }],
            limit_option: ast::LimitOption::Default as i32,
            op: ast::SetOperation::SetopNone as i32,
            ..Default::default()
        };
        let expression = canonical(&NodeEnum::SelectStmt(Box::new(select)))?;
        text = text.replacen(&deparser::stand_in(number), expression.trim_start_matches("SELECT "), 1);
    }
    Ok(text)
}

fn deparse(node: NodeEnum) -> Result<String, String> {
    let statement = Some(Box::new(ast::Node { node: Some(node) }));
    let tree =
        ast::ParseResult { version: 0, stmts: vec![ast::RawStmt { stmt: statement, stmt_location: 0, stmt_len: 0 }] };
    pg_query::deparse(&tree, pg_query::DeparseOptions::default()).map_err(|error| error.to_string())
}

/// The parser library's fingerprint. It ignores literals, output aliases, the order of targets, schemas and typmods,
/// so it groups and describes changes and never decides whether there is one.
pub fn fingerprint(text: &str) -> Option<u64> {
    pg_query::fingerprint(text, 0, 0).ok().map(|fingerprint| fingerprint.value)
}

/// Whether a bare lower-case word would not be read as a name everywhere (`quote_identifier` in ruleutils.c quotes
/// every keyword that is not unreserved).
pub(crate) fn is_reserved_in_names(word: &str) -> bool {
    // The same names are written again and again, and the scanner takes its time to start.
    static KNOWN: LazyLock<RwLock<BTreeMap<String, bool>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().ok().and_then(|known| known.get(word).copied()) {
        return known;
    }
    let reserved = pg_query::scan_tokens(word)
        .is_ok_and(|tokens| tokens.first().is_some_and(|token| !HARMLESS.contains(&token.keyword_kind)));
    if let Ok(mut known) = KNOWN.write() {
        known.insert(word.to_owned(), reserved);
    }
    reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_know_their_text_and_place() {
        let file = SourceFile::new("a.sql", "-- first\nSELECT 1 ;\n/* x /* y */ */ SELECT 'ü', 2\n");
        let statements = parse(&file).unwrap();
        assert_eq!(statements.iter().map(Statement::text).collect::<Vec<_>>(), ["SELECT 1", "SELECT 'ü', 2"]);
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let file = SourceFile::new("a.sql", "SELECT 'ü';\nSELEC 1");
        let error = parse(&file).unwrap_err();
        let (_, span) = error.place.clone().unwrap();
        assert_eq!(&file.text[span.start..span.end], "SELEC");
        assert_eq!(file.line_column(span.start), (2, 1));
    }

    #[test]
    fn words_of_later_versions_are_told() {
        for (text, word) in [
            ("create table u (id int, system_user text)", "system_user"),
            ("create function json_scalar(int) returns int language sql as 'select 1'", "json_scalar"),
        ] {
            let error = parse(&SourceFile::new("a.sql", text)).unwrap_err();
            assert!(error.help.is_some_and(|help| help.contains(&format!("`\"{word}\"`"))), "{text}");
        }
        assert_eq!(parse(&SourceFile::new("a.sql", "select 1 from from")).unwrap_err().help, None);
    }

    #[test]
    fn canonical_text_quotes_names() {
        for text in [
            "CREATE TYPE r AS RANGE (subtype = text, \"collation\" = pg_catalog.\"C\")",
            "CREATE STATISTICS s ON \"x y\", \"Total\", id, (lower(\"$1\")) FROM t",
            "CREATE FUNCTION f(\"Total\" int, OUT \"time\" int) AS $$select 1$$ LANGUAGE sql",
            "SELECT f(\"Total\" := sum(1) OVER \"W\") FROM t WINDOW \"W\" AS (ORDER BY a), w AS (\"W\")",
            "SELECT JSON_ARRAYAGG(1 RETURNING text) OVER \"W\" FROM t WINDOW \"W\" AS ()",
        ] {
            assert_eq!(canonical(&parse(&SourceFile::new("a.sql", text)).unwrap()[0].node).unwrap(), text);
        }
    }

    #[test]
    fn canonical_text_has_every_function_in_from() {
        for text in [
            "SELECT * FROM NULLIF(1, 2) n, LATERAL NULLIF(n, (SELECT a FROM JSON_SCALAR(1) a)) WITH ORDINALITY m",
            "SELECT * FROM ROWS FROM (JSON_VALUE('1' , '$') , lower('A') , merge_action() ) r(a, b, c)",
            "CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT * FROM NULLIF('a', 'b'); END",
        ] {
            assert_eq!(canonical(&parse(&SourceFile::new("a.sql", text)).unwrap()[0].node).unwrap(), text);
        }
    }

    #[test]
    fn canonical_text_keeps_what_matters() {
        let canonical_of = |sql: &str| canonical(&parse(&SourceFile::new("a.sql", sql)).unwrap()[0].node).unwrap();
        assert_eq!(canonical_of("select  A::int -- x\n from t"), canonical_of("SELECT cast(a as int) FROM t"));
        assert_ne!(canonical_of("select interval '30 days'"), canonical_of("select interval '7 days'"));
    }

    #[test]
    fn five_hundred_operators_parse() {
        let sql = format!("SELECT 1{}", " + 1".repeat(500));
        let count = on_deep_stack(|| parse(&SourceFile::new("a.sql", sql)).map(|statements| statements.len()));
        assert_eq!(count, Ok(1));
    }

    #[test]
    fn a_type_name_parses_alone() {
        for name in ["numeric(6,2)[]", "setof int", "t.c%TYPE", "timestamp (3) with time zone"] {
            assert!(parse_type_name(name).is_ok(), "{name}");
        }
        for other in ["1 + 2", "int, b int", "int default 1", "int) returns int", "int --", ""] {
            assert_eq!(parse_type_name(other).is_ok(), other == "int --", "{other}");
        }
    }
}
