//! The parser's door: the one file that names `pg_query`. Text in, statements and canonical text out; what the
//! statements mean is said elsewhere, through [`ast`].
#![allow(unsafe_code)]

mod deparser;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ops::Range;
use std::sync::{Arc, LazyLock, RwLock};
use std::thread::{self, Scope};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Message};

use crate::catalog::ServerVersion;
use crate::diagnostic::{Diagnostic, SqlState};
use crate::source::{SourceFile, Span};
use words::LaterWord;
pub(crate) use words::no_name_since;

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

/// The statements of a file that is written for a version, or its syntax error.
///
/// Call it inside [`on_deep_stack`].
pub fn parse(file: &Arc<SourceFile>, version: ServerVersion) -> Result<Vec<Statement>, Diagnostic> {
    statements(file, version)?.collect()
}

/// The one statement of a text that is no file of a person's: canonical, or printed by the engine. Such a text says the same to
/// every version. `None` where it cannot be read.
///
/// Call it inside [`on_deep_stack`].
pub(crate) fn statement_in(text: &str) -> Option<NodeEnum> {
    written_statement(text, ServerVersion::LATEST)
}

/// The one statement of a text that somebody may have written. `None` where it cannot be read.
///
/// Call it inside [`on_deep_stack`].
pub(crate) fn written_statement(text: &str, version: ServerVersion) -> Option<NodeEnum> {
    parse(&SourceFile::new("text", text), version).ok()?.into_iter().next().map(|statement| statement.node)
}

/// The same one by one: a statement takes much room, a hundred times that of its text.
///
/// Call it, and take them, inside [`on_deep_stack`].
pub fn statements(file: &Arc<SourceFile>, version: ServerVersion) -> Result<Statements, Diagnostic> {
    let tree = encoded_tree_for(&file.text, version).map_err(|error| error.in_file(file, version))?;
    let raw = raw_statements(&tree).map_err(|error| unreadable(&error).in_file(file, version))?;
    Ok(Statements { file: Arc::clone(file), version, raw: raw.into_iter(), tree })
}

/// The statements of a file: see [`statements`].
#[derive(Debug)]
pub struct Statements {
    file: Arc<SourceFile>,
    version: ServerVersion,
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
                Err(error) => return Some(Err(unreadable(&error).in_file(&self.file, self.version))),
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
        ParseError::Syntax { .. } | ParseError::Number(_) => not_a_type(),
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
    /// A number that the version reads as something else.
    Number(Span),
    Syntax {
        message: String,
        offset: usize,
        /// The word that makes it syntax of a later version, where it is.
        later: Option<LaterWord>,
    },
}

impl ParseError {
    fn in_file(self, file: &Arc<SourceFile>, version: ServerVersion) -> Diagnostic {
        match self {
            Self::Nul(offset) => Diagnostic::error("the file holds a NUL byte")
                .code(SqlState::SYNTAX_ERROR)
                .at(file, Span::new(offset, offset + 1))
                .help("save the file as UTF-8 text"),
            Self::Number(span) => Diagnostic::error(format!(
                "PostgreSQL {} does not read `{}` as a number",
                version.major(),
                file.text.get(span.start..span.end).unwrap_or_default()
            ))
            .code(SqlState::SYNTAX_ERROR)
            .at(file, span)
            .note("numbers in other bases and with underscores came with PostgreSQL 16")
            .help("write it in plain digits"),
            Self::Syntax { message, offset, later } => {
                // Ends of a window's frame are the one thing that the grammar refuses with another code (`frame_extent`).
                let code = match message.starts_with("frame ") {
                    true => SqlState::WINDOWING_ERROR,
                    false => SqlState::SYNTAX_ERROR,
                };
                let problem = Diagnostic::error(message).code(code).at(file, token_at(&file.text, offset));
                if let Some(LaterWord { word, since, .. }) = later {
                    let (since, target) = (since.major(), version.major());
                    return problem.note(format!(
                        "`{word}` is a word of SQL from PostgreSQL {since} on, and the target is PostgreSQL {target}"
                    ));
                }
                let before = file.text.get(..offset).unwrap_or("").trim_end();
                if let Some((word, since)) = word_at(file, offset).or_else(|| word_at(file, before.len())) {
                    return problem
                        .note(format!("`{word}` is a word of SQL from PostgreSQL {} on", since.major()))
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

/// The word that begins or ends at a place of a text, if it is no name any more since a version that is supported.
fn word_at(file: &SourceFile, at: usize) -> Option<(String, ServerVersion)> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"');
    let (before, after) = (file.text.get(..at)?, file.text.get(at..)?);
    let start = before.len() - before.chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let end = at + after.chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let word = file.text.get(start..end)?.to_ascii_lowercase();
    no_name_since(&word).map(|since| (word, since))
}

fn unreadable(error: &DecodeError) -> ParseError {
    ParseError::Syntax { message: format!("the parse tree cannot be read: {error}"), offset: 0, later: None }
}

fn parse_text(text: &str) -> Result<ast::ParseResult, ParseError> {
    ast::ParseResult::decode(encoded_tree(text)?.as_slice()).map_err(|error| unreadable(&error))
}

/// The parse tree of a text that is written for a version.
fn encoded_tree_for(text: &str, version: ServerVersion) -> Result<Vec<u8>, ParseError> {
    if let Some(number) = words::later_number(text, version) {
        return Err(ParseError::Number(number));
    }
    let Some(exchanged) = words::exchange(text, version) else { return encoded_tree(text) };
    let (message, offset) = match encoded_tree(&exchanged.text) {
        Ok(mut tree) => {
            words::put_back(&mut tree, &exchanged.words);
            return Ok(tree);
        }
        Err(ParseError::Syntax { message, offset, .. }) => (message, offset),
        Err(other) => return Err(other),
    };
    let is_later_syntax = match encoded_tree(text) {
        Ok(_) => true,
        Err(ParseError::Syntax { offset: later, .. }) => later > offset,
        Err(_) => false,
    };
    // The one before the place, or the first behind it: `NOT MATCHED BY SOURCE` is refused at `BY`.
    let before = exchanged.words.iter().rfind(|word| word.span.start <= offset);
    let later = before.or(exchanged.words.first()).filter(|_| is_later_syntax).copied();
    Err(ParseError::Syntax { message: words::put_back_into_message(&message, offset, &exchanged, text), offset, later })
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
            Err(ParseError::Syntax { message, offset: if cursor == 0 { 0 } else { offset }, later: None })
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

/// Whether the scanner's kind of a token is that of comments.
fn is_comment(token: i32) -> bool {
    [ast::Token::SqlComment as i32, ast::Token::CComment as i32].contains(&token)
}

/// What the scanner makes of a text; nothing where it meets an error.
fn scan(text: &str) -> Vec<ast::ScanToken> {
    // Of a text without a token the scanner makes a list at no address, which aborts where such things are checked.
    if text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).is_empty() {
        return Vec::new();
    }
    pg_query::scan_tokens(text).unwrap_or_default()
}

/// Where the tokens of a text stand that are no comments; nothing where the scanner meets an error.
pub(crate) fn token_spans(text: &str) -> Vec<Span> {
    tokens(text).into_iter().filter(|token| !token.comment).map(|token| token.span).collect()
}

/// The tokens of a text, comments included; empty where the scanner meets an error.
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text)
        .into_iter()
        .filter_map(|token| {
            let span = Span::new(usize::try_from(token.start).ok()?, usize::try_from(token.end).ok()?);
            let reserved = !HARMLESS.contains(&token.keyword_kind);
            Some(Token { span, comment: is_comment(token.token), reserved })
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
    for (number, function) in writable.left_out.functions.into_iter().enumerate() {
        text = text.replacen(&deparser::stand_in(number), &canonical_expression(function)?, 1);
    }
    for (number, named) in writable.left_out.names.into_iter().enumerate() {
        let (before, behind) = named.around;
        let mut said = named.text;
        if let Some((expression, end)) = named.expression {
            said.push_str(&canonical_expression(*expression)?);
            said.push_str(end);
        }
        text = text.replacen(&format!("{before}{}{behind}", deparser::stand_in_name(number)), &said, 1);
    }
    Ok(text.trim_end().to_owned())
}

fn canonical_expression(expression: ast::Node) -> Result<String, String> {
    let target = ast::ResTarget { val: Some(Box::new(expression)), ..Default::default() };
    let select = ast::SelectStmt {
        target_list: vec![ast::Node { node: Some(NodeEnum::ResTarget(Box::new(target))) }],
        limit_option: ast::LimitOption::Default as i32,
        op: ast::SetOperation::SetopNone as i32,
        ..Default::default()
    };
    let text = canonical(&NodeEnum::SelectStmt(Box::new(select)))?;
    Ok(text.trim_start_matches("SELECT ").to_owned())
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
