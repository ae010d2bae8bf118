//! Code that the replay does not run: `DO` blocks, calls of functions and procedures. What is known to leave tables,
//! types and views alone passes; everything else is named in a warning.

use super::node;
use super::session::{Outcome, Session, split_search_path};
use super::walk;
use crate::parser::{self, NodeEnum, ast};

/// Words of procedural code behind which there may be a change of some object.
const CHANGING_WORDS: [&str; 17] = [
    "alter",
    "call",
    "cluster",
    "comment",
    "create",
    "do",
    "drop",
    "execute",
    "grant",
    "import",
    "into",
    "reassign",
    "refresh",
    "reindex",
    "revoke",
    "search_path",
    "security",
];

/// How deep calls are followed.
const DEPTH: usize = 8;

impl Session<'_> {
    pub(super) fn do_block(&mut self, statement: &ast::DoStmt) -> Outcome {
        let mut body = String::new();
        for option in node::options(&statement.args) {
            if option.defname == "as" {
                body = node::option_text(option).unwrap_or_default();
            }
        }
        if let Some(outcome) = self.run_guarded_statements(&body).or_else(|| self.run_conditional_statements(&body)) {
            return outcome;
        }
        if let Some(word) = self.changing_word(&body, DEPTH) {
            let note = format!("it contains `{word}`, and procedural code is not run here");
            self.unmodelled("a `DO` block", note);
        }
        Ok(())
    }

    pub(super) fn call(&mut self, statement: &ast::CallStmt) -> Outcome {
        let Some(call) = &statement.funccall else { return Ok(()) };
        let names = node::strings(&call.funcname);
        if let Some(word) = self.changing_call(&names, DEPTH) {
            let note = format!("its body contains `{word}`, and procedural code is not run here");
            self.unmodelled(format!("`CALL {}`", names.join(".")), note);
        }
        Ok(())
    }

    /// A query run for its effect: `set_config` of the search path, `SELECT INTO`, functions that change something.
    pub(super) fn select(&mut self, statement: &ast::SelectStmt) -> Outcome {
        if let Some(into) = leftmost(statement).into_clause.as_deref() {
            let query = NodeEnum::SelectStmt(Box::new(without_into(statement)));
            let query = ast::Node { node: Some(query) };
            return self.create_from_query(into, Some(&query), false, false);
        }
        for target in &statement.target_list {
            let Some(NodeEnum::ResTarget(target)) = &target.node else { continue };
            let Some(NodeEnum::FuncCall(call)) = target.val.as_ref().and_then(|value| value.node.as_ref()) else {
                continue;
            };
            if node::strings(&call.funcname).last() == Some(&"set_config") {
                let arguments: Vec<Option<String>> = call.args.iter().map(constant).collect();
                let [Some(name), Some(value), local] = arguments.as_slice() else { continue };
                let local = local.as_deref() == Some("true");
                match name.to_ascii_lowercase().as_str() {
                    "search_path" => self.set_search_path(split_search_path(value), local),
                    "check_function_bodies" => self.set_bodies(value, local),
                    _ => {}
                }
            }
        }
        self.follow_calls(&NodeEnum::SelectStmt(Box::new(statement.clone())));
        Ok(())
    }

    /// Warns of functions of the project that a statement on rows calls and that may change objects.
    pub(super) fn follow_calls(&mut self, node: &NodeEnum) {
        if self.catalog.routines.is_empty() {
            return;
        }
        for parts in walk::references(node).functions {
            let names: Vec<&str> = parts.iter().map(String::as_str).collect();
            if let Some(word) = self.changing_call(&names, DEPTH) {
                let note = format!("its body contains `{word}`, and procedural code is not run here");
                self.unmodelled(format!("a call of `{}`", parts.join(".")), note);
                return;
            }
        }
    }

    /// The word by which a call of a function of the project may change objects.
    fn changing_call(&self, names: &[&str], depth: usize) -> Option<String> {
        let (_, name) = node::schema_and_name(names);
        let own = self.catalog.routines_named(name).filter(|row| self.catalog.routines.contains_key(&row.oid));
        let mut bodies = Vec::new();
        for routine in own {
            if routine.kind == crate::catalog::RoutineKind::Aggregate {
                continue;
            }
            let Some(source) = &routine.source else { continue };
            bodies.push(source.sql_body.clone().unwrap_or_else(|| body_of(source.provenance.text())));
        }
        bodies.into_iter().find_map(|body| self.changing_word(&body, depth))
    }

    /// The first word of procedural code that may change an object; functions that it calls are followed.
    fn changing_word(&self, body: &str, depth: usize) -> Option<String> {
        if depth == 0 {
            return Some("…".to_owned());
        }
        let tokens: Vec<&str> = parser::tokens(body)
            .into_iter()
            .filter(|token| !token.comment)
            .filter_map(|token| body.get(token.span.start..token.span.end))
            .collect();
        if tokens.is_empty() && !body.trim().is_empty() {
            // The scanner gave up: nothing is known.
            return Some(body.split_whitespace().next().unwrap_or_default().to_owned());
        }
        for (at, token) in tokens.iter().enumerate() {
            let word = token.to_ascii_lowercase();
            // `SELECT … INTO variable` is plpgsql's assignment; `INSERT INTO` changes rows only.
            if CHANGING_WORDS.contains(&word.as_str()) && word != "into" {
                return Some(word);
            }
            if tokens.get(at + 1) == Some(&"(") {
                let name = word.trim_matches('"').to_owned();
                if let Some(word) = self.changing_call(&[&name], depth - 1) {
                    return Some(word);
                }
            }
        }
        None
    }

    /// The usual guard `BEGIN statement; … EXCEPTION WHEN duplicate_object THEN …; END`: its statements are run, and
    /// what is there already is left as it is. `None` for any other block.
    fn run_guarded_statements(&mut self, body: &str) -> Option<Outcome> {
        let inner = guarded_part(body)?;
        let offset = self.file.text[self.span.start..self.span.end].find(inner.as_str())? + self.span.start;
        // The same text at the same place, so that problems point into the file.
        let text = format!("{}{inner}", " ".repeat(offset));
        let file = crate::source::SourceFile::new(self.file.path.clone(), text);
        let statements = parser::parse(&file, self.catalog.version).ok()?;
        let shaping = |node: &NodeEnum| {
            matches!(
                node,
                NodeEnum::CreateEnumStmt(_)
                    | NodeEnum::CompositeTypeStmt(_)
                    | NodeEnum::CreateDomainStmt(_)
                    | NodeEnum::CreateStmt(_)
                    | NodeEnum::AlterTableStmt(_)
                    | NodeEnum::CreateSchemaStmt(_)
                    | NodeEnum::CreateSeqStmt(_)
                    | NodeEnum::IndexStmt(_)
                    | NodeEnum::AlterEnumStmt(_)
                    | NodeEnum::CreateExtensionStmt(_)
            )
        };
        if statements.is_empty() || !statements.iter().all(|statement| shaping(&statement.node)) {
            return None;
        }
        let before = self.catalog.clone();
        for statement in &statements {
            match self.execute_node(&statement.node) {
                Ok(()) => {}
                Err(error) if error.sqlstate.is_some_and(is_duplicate) => {
                    // The block ends at the first failure and takes back what it did.
                    self.catalog = before;
                    return Some(Ok(()));
                }
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(()))
    }
}

fn is_duplicate(code: crate::diagnostic::SqlState) -> bool {
    matches!(code.0, "42710" | "42P07" | "42701" | "42P06" | "42P16")
}

/// The statements between `BEGIN` and `EXCEPTION WHEN duplicate_… THEN [NULL | RAISE …]; END`.
fn guarded_part(body: &str) -> Option<String> {
    let tokens: Vec<_> = parser::tokens(body).into_iter().filter(|token| !token.comment).collect();
    let word = |at: usize| {
        let token = tokens.get(at)?;
        body.get(token.span.start..token.span.end).map(str::to_ascii_lowercase)
    };
    if word(0)? != "begin" {
        return None;
    }
    let words: Vec<String> = (0..tokens.len()).filter_map(word).collect();
    let exception = words.iter().position(|word| word == "exception")?;
    let handler = &words[exception + 1..];
    let harmless = handler.iter().all(|word| {
        matches!(
            word.as_str(),
            "when" | "then" | "or" | "null" | "end" | ";" | "raise" | "notice" | "," | "sqlerrm" | "%"
        ) || word.starts_with("duplicate_")
            || word == "invalid_table_definition"
            || word.starts_with('\'')
    });
    let statements = words[1..exception].join(" ");
    let changes_control = ["if", "loop", "declare", "execute", "perform"].iter().any(|control| {
        words[1..exception].first().is_some_and(|first| first == control)
            || statements.contains(&format!("; {control} "))
    });
    if !harmless || changes_control || handler.first().is_none_or(|word| word != "when") {
        return None;
    }
    let start = tokens.first()?.span.end;
    let end = tokens.get(exception)?.span.start;
    body.get(start..end).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The body in the text of a `CREATE FUNCTION`: its longest string.
fn body_of(statement: &str) -> String {
    let strings = parser::tokens(statement).into_iter().filter_map(|token| {
        let text = statement.get(token.span.start..token.span.end)?;
        if let Some(tag_end) = text.strip_prefix('$').and_then(|rest| rest.find('$')) {
            let tag = tag_end + 2;
            return text.get(tag..text.len().checked_sub(tag)?).map(str::to_owned);
        }
        text.strip_prefix('\'')?.strip_suffix('\'').map(|text| text.replace("''", "'"))
    });
    strings.max_by_key(String::len).unwrap_or_else(|| statement.to_owned())
}

fn constant(node: &ast::Node) -> Option<String> {
    match &node.node {
        Some(NodeEnum::AConst(constant)) => node::constant_text(constant),
        Some(NodeEnum::TypeCast(cast)) => cast.arg.as_deref().and_then(constant),
        _ => None,
    }
}

/// `INTO` stands in the first query of a set operation.
fn leftmost(statement: &ast::SelectStmt) -> &ast::SelectStmt {
    let mut statement = statement;
    while let Some(left) = &statement.larg {
        statement = left;
    }
    statement
}

fn without_into(statement: &ast::SelectStmt) -> ast::SelectStmt {
    match &statement.larg {
        Some(left) => ast::SelectStmt { larg: Some(Box::new(without_into(left))), ..statement.clone() },
        None => ast::SelectStmt { into_clause: None, ..statement.clone() },
    }
}
