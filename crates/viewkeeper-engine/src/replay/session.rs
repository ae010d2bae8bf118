//! The session that statements run in: search path, transactions and savepoints, the statement at hand, and the
//! problems met. What single statements do stands in the files of their topics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::address::Address;
use super::declare::Unchanged;
use super::dependents::Dependents;
use super::kept::Kept;
use super::node;
use super::type_source::KeptType;
use crate::catalog::{Catalog, ObjectId, Oid, Origin, Provenance, Uncommitted, Unmodelled};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::migration::runs_without_transaction;
use crate::name::truncate_identifier;
use crate::nullability;
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::source::{SourceFile, Span};

/// What a statement ends in: done, or the problem that the server would report.
pub(super) type Outcome<T = ()> = Result<T, Diagnostic>;

/// Codes of problems that an unknown statement before may be the cause of.
pub(super) const LOOKUPS: [SqlState; 6] = [
    SqlState::UNDEFINED_TABLE,
    SqlState::UNDEFINED_COLUMN,
    SqlState::UNDEFINED_FUNCTION,
    SqlState::UNDEFINED_OBJECT,
    SqlState::UNDEFINED_SCHEMA,
    SqlState::DEPENDENT_OBJECTS,
];

/// A savepoint, or the beginning of the transaction (with an empty name).
struct Savepoint {
    name: String,
    catalog: Catalog,
    search_path: Vec<String>,
    local_search_path: Option<Vec<String>>,
}

/// Whether the bodies of functions are looked at when they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bodies {
    Checked,
    Unchecked,
}

/// Which statements are one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transaction {
    /// Those of a file, or as many as come before its own `COMMIT`.
    File,
    /// Each is one.
    Each,
    /// Each would be one, and a `BEGIN` came.
    Block,
}

/// How far `ALTER TABLE` reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The table with its children and partitions.
    Children,
    /// `ONLY` the table.
    Only,
}

/// Runs statements on a catalog.
pub(super) struct Session<'s> {
    pub(super) catalog: Catalog,
    pub(super) diagnostics: Diagnostics,
    pub(super) settings: &'s Settings,
    /// The file at hand.
    pub(super) file: Arc<SourceFile>,
    /// Who wrote it.
    pub(super) origin: Origin,
    /// The statement at hand.
    pub(super) span: Span,
    search_path: Vec<String>,
    local_search_path: Option<Vec<String>>,
    savepoints: Vec<Savepoint>,
    /// `check_function_bodies`: in the session, and until the transaction ends.
    pub(super) bodies: (Bodies, Option<Bodies>),
    /// What is committed when.
    pub(super) transaction: Transaction,
    /// What viewkeeper's own block keeps until the next one restores it.
    pub(super) keeping: Option<Kept>,
    /// What was said of constraints and indexes that the file at hand dropped, and whether by hand.
    pub(super) unsaid: BTreeMap<ObjectId, (String, bool)>,
    /// How far the `ALTER TABLE` at hand reaches.
    pub(super) reach: Reach,
    /// Numbers of relation and row type that a definition gets again, by schema and name.
    pub(super) kept: BTreeMap<(Oid, String), (Oid, Oid)>,
    /// Numbers that routines of definitions get again, by schema, name and inputs.
    pub(super) kept_routines: BTreeMap<(Oid, String, Vec<Oid>), Oid>,
    /// Objects of the migrated state that their definitions take over where they are, with everything that uses them.
    pub(super) expected: BTreeSet<ObjectId>,
    /// The migrated state and what needs no analysis again, while definitions are made.
    pub(super) unchanged: Option<Unchanged>,
    /// Schemas that definitions make.
    pub(super) coming_schemas: BTreeSet<String>,
    /// Numbers that types of definitions get again, by schema and name.
    pub(super) kept_types: BTreeMap<(Oid, String), KeptType>,
    /// Numbers of the relations behind them, of composite types.
    pub(super) kept_composites: BTreeMap<(Oid, String), Oid>,
    /// What stood in the way of a statement and was passed over; `None` where it is refused.
    pub(super) passed_over: Option<BTreeSet<Address>>,
    /// Hand-written objects that the generated migration at hand has dropped: they stay hand-written when it puts them
    /// back.
    pub(super) dropped_by_hand: BTreeSet<ObjectId>,
    /// What hangs on what, after a `DROP` and until anything else happens: they come in rows.
    pub(super) dropping: Option<Dependents>,
}

impl<'s> Session<'s> {
    pub(super) fn new(mut catalog: Catalog, settings: &'s Settings) -> Self {
        catalog.declared_nullability = Arc::clone(&settings.nullability);
        Self {
            catalog,
            diagnostics: Diagnostics::default(),
            settings,
            file: SourceFile::new("", ""),
            origin: Origin::HandWritten,
            span: Span::default(),
            search_path: settings.search_path.clone(),
            local_search_path: None,
            savepoints: Vec::new(),
            bodies: (Bodies::Checked, None),
            transaction: Transaction::File,
            keeping: None,
            unsaid: BTreeMap::new(),
            reach: Reach::Children,
            kept: BTreeMap::new(),
            kept_routines: BTreeMap::new(),
            expected: BTreeSet::new(),
            unchanged: None,
            coming_schemas: BTreeSet::new(),
            kept_types: BTreeMap::new(),
            kept_composites: BTreeMap::new(),
            passed_over: None,
            dropped_by_hand: BTreeSet::new(),
            dropping: None,
        }
    }

    /// Begins a file: a transaction in a fresh session.
    pub(super) fn begin_file(&mut self, file: &Arc<SourceFile>, origin: Origin) {
        self.file = Arc::clone(file);
        self.origin = origin;
        self.search_path.clone_from(&self.settings.search_path);
        self.local_search_path = None;
        self.bodies = (Bodies::Checked, None);
        self.savepoints.clear();
        self.dropped_by_hand.clear();
        self.dropping = None;
        self.keeping = None;
        self.unsaid.clear();
        let each = runs_without_transaction(&file.text);
        self.transaction = if each { Transaction::Each } else { Transaction::File };
        self.end_transaction();
        self.catalog.renames.clear();
        // A copy of the catalog is only taken where something may go back to it.
        if origin != Origin::Definition && may_roll_back(&file.text) {
            self.mark(String::new());
        }
    }

    /// Ends a file: temporary objects go with the session.
    pub(super) fn end_file(&mut self) {
        self.savepoints.clear();
        self.local_search_path = None;
        self.end_transaction();
        self.drop_temporary_objects();
    }

    /// What a commit does (`PreCommit_on_commit_actions`, `AtEOXact_Enum`).
    pub(super) fn end_transaction(&mut self) {
        self.drop_at_commit();
        self.bodies.1 = None;
        self.catalog.uncommitted = Uncommitted { first: self.catalog.next_oid, ..Uncommitted::default() };
    }

    /// Runs one statement; a problem is kept, and what follows still runs so that all problems are reported.
    pub(super) fn run(&mut self, statement: &Statement) {
        self.span = statement.span;
        if !matches!(statement.node, NodeEnum::DropStmt(_)) {
            self.dropping = None;
        }
        if let Err(diagnostic) = self.execute(statement) {
            let diagnostic =
                if diagnostic.place.is_none() { diagnostic.at(&self.file, first_line(statement)) } else { diagnostic };
            let diagnostic = self.with_unmodelled(diagnostic);
            self.diagnostics.push(diagnostic);
        }
        // Definitions say what is to be, not what happened: there are no rows from before.
        if self.origin != Origin::Definition && may_let_nulls_in(&statement.node) {
            nullability::weaken_materialized_views(&mut self.catalog);
        }
        if self.transaction == Transaction::Each {
            self.end_transaction();
        }
    }

    /// The search path as it is set.
    pub(super) fn search_path(&self) -> &[String] {
        self.local_search_path.as_deref().unwrap_or(&self.search_path)
    }

    /// The session's and the transaction's search path.
    pub(super) fn paths(&self) -> (Vec<String>, Option<Vec<String>>) {
        (self.search_path.clone(), self.local_search_path.clone())
    }

    /// Sets both.
    pub(super) fn set_paths(&mut self, (session, local): (Vec<String>, Option<Vec<String>>)) {
        self.search_path = session;
        self.local_search_path = local;
    }

    /// What made an object: the statement at hand.
    pub(super) fn provenance(&self) -> Provenance {
        Provenance { file: Arc::clone(&self.file), span: self.span, origin: self.origin }
    }

    /// Whether the definition at hand takes over an object that is there already. It does so once.
    pub(super) fn is_expected(&mut self, address: &Address) -> bool {
        let id = self.object_id(address).filter(|_| self.origin == Origin::Definition);
        id.is_some_and(|id| self.expected.remove(&id))
    }

    /// An error at a place of the statement (`location` counts bytes from the start of the file; -1 for none).
    pub(super) fn error(&self, sqlstate: SqlState, message: impl Into<String>, location: i32) -> Diagnostic {
        self.place(Diagnostic::error(message).code(sqlstate), location)
    }

    /// Gives a diagnostic a place.
    pub(super) fn place(&self, diagnostic: Diagnostic, location: i32) -> Diagnostic {
        match usize::try_from(location) {
            Ok(offset) => diagnostic.at(&self.file, parser::token_at(&self.file.text, offset)),
            Err(_) => diagnostic,
        }
    }

    /// A warning on the whole statement.
    pub(super) fn warn(&mut self, diagnostic: Diagnostic) {
        let end =
            self.file.text[self.span.start..self.span.end].find('\n').map_or(self.span.end, |n| self.span.start + n);
        let diagnostic = diagnostic.at(&self.file, Span::new(self.span.start, end));
        self.diagnostics.push(diagnostic);
    }

    /// Notes a statement whose effect cannot be known.
    pub(super) fn unmodelled(&mut self, description: impl Into<String>, note: impl Into<String>) {
        self.unmodelled_with_help(description, note, None);
    }

    /// The same, for a statement of which a person can be told what to do.
    pub(super) fn unmodelled_with_help(
        &mut self,
        description: impl Into<String>,
        note: impl Into<String>,
        help: Option<String>,
    ) {
        const HELP: &str =
            "write the statements it runs into the migration itself, or make sure that no view depends on them";
        let description = description.into();
        let warning = Diagnostic::warning(format!("the effect of {description} is not known")).note(note);
        self.warn(warning.help(help.clone().unwrap_or_else(|| HELP.to_owned())));
        let provenance = self.provenance();
        let next_oid = self.catalog.next_oid;
        self.catalog.unmodelled.push(Unmodelled { description, help, provenance, next_oid });
    }

    /// Whether an object is as it is known: no statement came after it whose effect is not known.
    pub(super) fn is_certain(&self, oid: Oid) -> bool {
        self.catalog.unmodelled.last().is_none_or(|last| oid.0 >= last.next_oid)
    }

    /// Adds to the error of a failed look-up what may have made the missing object.
    pub(super) fn with_unmodelled(&self, diagnostic: Diagnostic) -> Diagnostic {
        let looked_up = diagnostic.sqlstate.is_some_and(|code| LOOKUPS.contains(&code));
        // A note on what was looked up gives way to the extension that may have brought it.
        let may_be_brought = diagnostic.sqlstate != Some(SqlState::DEPENDENT_OBJECTS);
        match self.catalog.unmodelled.last() {
            Some(unmodelled)
                if looked_up && (diagnostic.note.is_none() || may_be_brought && unmodelled.help.is_some()) =>
            {
                let place = &unmodelled.provenance;
                let (line, _) = place.file.line_column(place.span.start);
                let note = format!(
                    "{} in `{}`, line {line}, may have made it, and its effect is not known",
                    unmodelled.description, place.file.path
                );
                let mut diagnostic = diagnostic;
                diagnostic.help = match (diagnostic.help.take(), &unmodelled.help) {
                    (Some(near), Some(help)) if near.starts_with("did you mean") => {
                        Some(format!("{near} Otherwise {help}"))
                    }
                    (_, Some(help)) => Some(help.clone()),
                    (near, None) => near,
                };
                diagnostic.note(note)
            }
            _ => diagnostic,
        }
    }

    /// `SET`, `RESET`, of which only the search path shapes anything.
    pub(super) fn set_variable(&mut self, statement: &ast::VariableSetStmt) -> Outcome {
        use ast::VariableSetKind as Kind;
        match (statement.kind(), statement.name.to_ascii_lowercase().as_str()) {
            (Kind::VarSetValue, "search_path") => {
                let names = statement.args.iter().filter_map(|argument| match &argument.node {
                    Some(NodeEnum::AConst(constant)) => node::constant_text(constant),
                    _ => None,
                });
                let path = names.map(|name| truncate_identifier(&name).to_owned()).collect();
                self.set_search_path(path, statement.is_local);
            }
            (Kind::VarSetDefault | Kind::VarReset, "search_path") => {
                self.set_search_path(self.settings.search_path.clone(), statement.is_local);
            }
            (Kind::VarSetValue, "check_function_bodies") => {
                let value = statement.args.first().and_then(|argument| match &argument.node {
                    Some(NodeEnum::AConst(constant)) => node::constant_text(constant),
                    _ => None,
                });
                self.set_bodies(value.as_deref().unwrap_or_default(), statement.is_local);
            }
            (Kind::VarSetDefault | Kind::VarReset, "check_function_bodies") => {
                self.set_bodies("on", statement.is_local);
            }
            (Kind::VarResetAll, _) => {
                self.set_search_path(self.settings.search_path.clone(), false);
                self.set_bodies("on", false);
            }
            (_, "role" | "session_authorization") if self.settings.search_path.iter().any(|name| name == "$user") => {
                self.unmodelled("`SET ROLE`", "the search path holds `\"$user\"`, which stands for another schema now");
            }
            _ => {}
        }
        Ok(())
    }

    /// `check_function_bodies`
    pub(super) fn set_bodies(&mut self, value: &str, local: bool) {
        let value = value.to_ascii_lowercase();
        let off = matches!(value.as_str(), "0" | "of" | "off" | "f" | "fa" | "fal" | "fals" | "false" | "n" | "no");
        let bodies = if off { Bodies::Unchecked } else { Bodies::Checked };
        if local {
            self.bodies.1 = Some(bodies);
        } else {
            self.bodies = (bodies, None);
        }
    }

    pub(super) fn checks_bodies(&self) -> bool {
        self.bodies.1.unwrap_or(self.bodies.0) == Bodies::Checked
    }

    /// Sets the search path, for the session or until the transaction ends.
    pub(super) fn set_search_path(&mut self, path: Vec<String>, local: bool) {
        if local {
            self.local_search_path = Some(path);
        } else {
            self.search_path = path;
            self.local_search_path = None;
        }
    }

    /// Runs something with another search path.
    pub(super) fn with_search_path<T>(&mut self, path: Vec<String>, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.local_search_path.replace(path);
        let value = work(self);
        self.local_search_path = before;
        value
    }

    /// `BEGIN`, `COMMIT`, `SAVEPOINT`, `ROLLBACK` and their kin.
    pub(super) fn transaction(&mut self, statement: &ast::TransactionStmt) -> Outcome {
        use ast::TransactionStmtKind as Kind;
        match statement.kind() {
            Kind::TransStmtBegin | Kind::TransStmtStart if self.transaction == Transaction::Each => {
                self.transaction = Transaction::Block;
            }
            Kind::TransStmtCommit | Kind::TransStmtPrepare => {
                self.local_search_path = None;
                self.end_transaction();
                if self.transaction == Transaction::Block && !statement.chain {
                    self.transaction = Transaction::Each;
                }
                if !self.savepoints.is_empty() {
                    self.savepoints.clear();
                    self.mark(String::new());
                }
            }
            Kind::TransStmtRollback => {
                self.savepoints.truncate(1);
                self.go_back();
                self.local_search_path = None;
                if self.transaction == Transaction::Block && !statement.chain {
                    self.transaction = Transaction::Each;
                }
            }
            Kind::TransStmtSavepoint if !self.savepoints.is_empty() => self.mark(statement.savepoint_name.clone()),
            Kind::TransStmtRollbackTo | Kind::TransStmtRelease => {
                let name = &statement.savepoint_name;
                let known = self.savepoints.iter().skip(1).rposition(|savepoint| savepoint.name == *name);
                match known {
                    Some(index) if statement.kind() == Kind::TransStmtRollbackTo => {
                        self.savepoints.truncate(index + 2);
                        self.go_back();
                    }
                    Some(index) => self.savepoints.truncate(index + 1),
                    None if statement.kind() == Kind::TransStmtRelease => {}
                    None => {
                        let message = format!("savepoint `{name}` does not exist");
                        return Err(self.error(SqlState("3B001"), message, statement.location));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn mark(&mut self, name: String) {
        self.savepoints.push(Savepoint {
            name,
            catalog: self.catalog.clone(),
            search_path: self.search_path.clone(),
            local_search_path: self.local_search_path.clone(),
        });
    }

    /// Back to the last savepoint, which stays.
    fn go_back(&mut self) {
        if let Some(savepoint) = self.savepoints.last() {
            self.catalog = savepoint.catalog.clone();
            self.search_path.clone_from(&savepoint.search_path);
            self.local_search_path.clone_from(&savepoint.local_search_path);
        }
    }
}

/// `ROLLBACK` and `ABORT`, or what looks like it.
fn may_roll_back(text: &str) -> bool {
    let starts =
        |word: &str| text.split(|c: char| !c.is_ascii_alphabetic()).any(|found| found.eq_ignore_ascii_case(word));
    starts("rollback") || starts("abort")
}

/// Whether a statement may let nulls into a column that had none.
fn may_let_nulls_in(node: &NodeEnum) -> bool {
    use ast::AlterTableType as Kind;
    match node {
        NodeEnum::AlterTableStmt(statement) => statement.cmds.iter().any(|command| match &command.node {
            Some(NodeEnum::AlterTableCmd(command)) => matches!(
                command.subtype(),
                Kind::AtDropNotNull
                    | Kind::AtDropConstraint
                    | Kind::AtDropColumn
                    | Kind::AtAddInherit
                    | Kind::AtAttachPartition
                    | Kind::AtSetExpression
                    | Kind::AtDropExpression
            ),
            _ => false,
        }),
        NodeEnum::AlterDomainStmt(_) => true,
        NodeEnum::CreateStmt(statement) => !statement.inh_relations.is_empty(),
        NodeEnum::ViewStmt(statement) => statement.replace,
        NodeEnum::CreateFunctionStmt(statement) => statement.replace,
        NodeEnum::DropStmt(statement) => statement.behavior() == ast::DropBehavior::DropCascade,
        _ => false,
    }
}

/// The first line of a statement, as the place of a problem with the whole of it.
fn first_line(statement: &Statement) -> Span {
    let length = statement.text().find('\n').unwrap_or(statement.text().len());
    Span::new(statement.span.start, statement.span.start + length)
}

/// The names of a search path as `set_config` takes it: identifiers with commas between them.
pub(super) fn split_search_path(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut characters = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, c)) = characters.next() {
                if c != '"' {
                    name.push(c);
                } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                    name.push('"');
                } else {
                    end = at + 1;
                    break;
                }
            }
            names.push(name);
            rest = quoted[end..].trim_start();
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            names.push(rest[..end].trim().to_lowercase());
            rest = &rest[end..];
        }
        rest = rest.strip_prefix(',').unwrap_or("").trim_start();
    }
    names
}

/// The parts of a dotted name in a string, as `regclass` reads it.
pub(super) fn split_dotted(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            c if quoted => part.push(c),
            c => part.extend(c.to_lowercase()),
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_are_split_as_the_server_splits_them() {
        assert_eq!(split_search_path(r#" a, "B ""c""", "$user",Public"#), ["a", "B \"c\"", "$user", "public"]);
        assert!(split_search_path("").is_empty());
    }
}
