//! Runs a corpus on a server and through the engine, statement by statement, and compares. Queries become views, and
//! statements that change rows bodies of functions, that are taken back again; definitions stay, on both sides or on
//! neither.

use postgres::Client;
use postgres::error::DbError;
use viewkeeper_engine::catalog::{Catalog, Oid, ServerVersion};
use viewkeeper_engine::config::Settings;
use viewkeeper_engine::diagnostic::{Diagnostic, Severity};
use viewkeeper_engine::name::quote_ident;
use viewkeeper_engine::parser::{NodeEnum, Statement, ast, canonical};
use viewkeeper_engine::replay::{Checkpoint, Steps};

use super::script::{Piece, parse_one};
use super::tally::{Finding, Tally, Verdict};
use crate::analysis::answer::{Answer, of_engines_routine, of_relation, of_relations, of_servers_routine};

/// How many views are made before the server is asked for all of them.
const BATCH: usize = 200;

/// A corpus under way.
pub(super) struct Run<'r> {
    client: &'r mut Client,
    steps: Steps<'r>,
    pub(super) tally: Tally,
    /// The state where the transaction began, then at its savepoints.
    transaction: Vec<(String, Checkpoint)>,
    /// The server refuses everything until the transaction ends.
    aborted: bool,
    waiting: Vec<Waiting>,
    made: usize,
}

/// A view that the server has made and is yet to be asked about.
struct Waiting {
    place: String,
    text: String,
    oid: u32,
    engine: Result<Answer, Diagnostic>,
}

/// What is done with a statement.
enum Use<'s> {
    /// It becomes a view.
    Query(String),
    /// It becomes a view, and has effects of its own, such as those of `set_config`.
    QueryAndRun(String),
    /// It becomes the body of a function, which a server analyses when it is written down.
    Body(String),
    /// It runs on both sides.
    Define,
    Transaction(&'s ast::TransactionStmt),
    /// Rows, plans, cursors: nothing that shapes the state.
    Nothing,
}

impl<'r> Run<'r> {
    pub(super) fn new(client: &'r mut Client, catalog: Catalog, settings: &'r Settings) -> Self {
        let quiet = "SET client_min_messages = error; SET statement_timeout = '20s'";
        client.batch_execute(quiet).unwrap();
        Self {
            client,
            steps: Steps::new(catalog, settings),
            tally: Tally::default(),
            transaction: Vec::new(),
            aborted: false,
            waiting: Vec::new(),
            made: 0,
        }
    }

    /// Compares the states that both sides have come to.
    pub(super) fn compare_states(&mut self) {
        let (lines, found) = super::state::difference(self.client, self.steps.catalog());
        (self.tally.state_lines, self.tally.state) = (lines, found);
    }

    /// Runs a script in a session of its own.
    pub(super) fn script(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            self.piece(piece);
        }
        self.settle();
        if !self.transaction.is_empty() {
            self.server("ROLLBACK").unwrap_or_else(|error| panic!("{error:?}"));
            let (_, checkpoint) = self.transaction.remove(0);
            self.steps.back_to(&checkpoint);
            self.transaction.clear();
            self.aborted = false;
        }
        let fresh = "DISCARD ALL; SET client_min_messages = error; SET statement_timeout = '20s'";
        for statement in fresh.split(';') {
            self.client.batch_execute(statement).unwrap();
        }
        self.steps.reconnect();
    }

    fn version(&self) -> ServerVersion {
        self.steps.catalog().version
    }

    fn piece(&mut self, piece: &Piece) {
        let Some(statement) = piece.parse(self.version()) else {
            self.tally.unparsed += 1;
            return;
        };
        let what = use_of(&statement);
        if self.aborted && !matches!(what, Use::Transaction(_)) {
            self.tally.skipped += 1;
            return;
        }
        match what {
            Use::Nothing => self.tally.skipped += 1,
            Use::Query(query) => self.query(piece, &query),
            Use::QueryAndRun(query) => {
                self.query(piece, &query);
                self.settle();
                let before = self.steps.checkpoint();
                self.engine(&statement);
                if self.server(&piece.text).is_err() {
                    self.steps.back_to(&before);
                    self.aborted = !self.transaction.is_empty();
                }
            }
            Use::Body(body) => self.body(piece, &body),
            Use::Define => self.define(piece, &statement),
            Use::Transaction(control) => self.control(piece, &statement, control),
        }
    }

    /// Makes a view of a query on both sides.
    fn query(&mut self, piece: &Piece, query: &str) {
        if self.waiting.is_empty() {
            let begin = if self.transaction.is_empty() { "BEGIN" } else { "SAVEPOINT viewkeeper_views" };
            self.server(begin).unwrap_or_else(|error| panic!("{}: {error:?}", piece.place));
        }
        self.made += 1;
        let name = format!("viewkeeper_probe_{}", self.made);
        let text = format!("CREATE VIEW {name} AS {query}");
        let Some(statement) = parse_one(&piece.place, &text, self.version()) else {
            self.tally.unparsed += 1;
            self.settle();
            return;
        };
        let before = self.steps.checkpoint();
        let engine = match self.engine(&statement) {
            None => {
                let catalog = self.steps.catalog();
                let made = catalog.relations.values().rfind(|relation| relation.name == name);
                Ok(made.map(|relation| of_relation(catalog, relation)).unwrap_or_default())
            }
            Some(problem) => Err(problem),
        };
        self.steps.back_to(&before);
        match self.under_savepoint(&text) {
            Ok(()) => {
                // A name on the search path, and so known to the server, unless nothing is on it.
                let oid = self.oid(&name).unwrap_or_default();
                self.waiting.push(Waiting { place: piece.place.clone(), text: query.to_owned(), oid, engine });
            }
            Err(error) => {
                self.tally.views.count(refused(piece, query, engine.map(|_| ()), &error));
                if self.waiting.is_empty() {
                    self.end_views();
                }
            }
        }
        if self.waiting.len() >= BATCH {
            self.settle();
        }
    }

    /// Makes a function of a statement on both sides, and takes it back.
    fn body(&mut self, piece: &Piece, body: &str) {
        self.settle();
        self.made += 1;
        let name = format!("viewkeeper_probe_{}", self.made);
        let text = format!("CREATE FUNCTION {name}() RETURNS void LANGUAGE sql BEGIN ATOMIC {body}; END");
        let Some(statement) = parse_one(&piece.place, &text, self.version()) else {
            self.tally.unparsed += 1;
            return;
        };
        let before = self.steps.checkpoint();
        let engine = match self.engine(&statement) {
            None => Ok(of_engines_routine(self.steps.catalog(), &name)),
            Some(problem) => Err(problem),
        };
        self.steps.back_to(&before);
        let (begin, end) = match self.transaction.is_empty() {
            true => ("BEGIN", "ROLLBACK"),
            false => (
                "SAVEPOINT viewkeeper_body",
                "ROLLBACK TO SAVEPOINT viewkeeper_body; RELEASE SAVEPOINT viewkeeper_body",
            ),
        };
        let sure = |outcome: Result<(), Box<DbError>>| outcome.unwrap_or_else(|error| panic!("{error:?}\nat: {text}"));
        sure(self.server(begin));
        let finding = match self.server(&text) {
            Ok(()) => {
                let found = of_servers_routine(self.client, &name).unwrap_or_else(|error| panic!("{error:?}"));
                accepted(piece.place.clone(), body.to_owned(), engine, Some(&found))
            }
            Err(error) => refused(piece, body, engine.map(|_| ()), &error),
        };
        sure(self.server(end));
        self.tally.bodies.count(finding);
    }

    fn oid(&mut self, name: &str) -> Option<u32> {
        let text = "SELECT to_regclass($1)::oid";
        self.client.query_one(text, &[&name]).ok().and_then(|row| row.get(0))
    }

    /// Asks the server about the views that wait, and takes them back.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let oids: Vec<u32> = waiting.iter().map(|view| view.oid).collect();
        let found = of_relations(self.client, &oids).unwrap_or_else(|error| panic!("{error:?}"));
        self.end_views();
        for view in waiting {
            let Waiting { place, text, oid, engine } = view;
            self.tally.views.count(accepted(place, text, engine, found.get(&oid)));
        }
    }

    fn end_views(&mut self) {
        let end = if self.transaction.is_empty() {
            "ROLLBACK"
        } else {
            "ROLLBACK TO SAVEPOINT viewkeeper_views; RELEASE SAVEPOINT viewkeeper_views"
        };
        self.server(end).unwrap_or_else(|error| panic!("{error:?}"));
    }

    /// Runs a statement on both sides; it stays where the server accepts it.
    fn define(&mut self, piece: &Piece, statement: &Statement) {
        self.settle();
        let before = self.steps.checkpoint();
        let next = before_next(self.steps.catalog());
        let unmodelled = self.steps.catalog().unmodelled.len();
        let engine = self.engine(statement);
        if self.steps.catalog().unmodelled.len() > unmodelled {
            self.tally.unmodelled += 1;
        }
        match self.server(&piece.text) {
            Ok(()) => {
                // What it made, as far as it is a view or a table of a query.
                let engine = match engine {
                    None => Ok(()),
                    Some(problem) => Err(problem),
                };
                let shown = engine.is_ok().then(|| self.made_of_query(statement, next)).flatten();
                match (engine, shown) {
                    (Ok(()), Some((name, answer))) => {
                        let oid = self.oid(&name).unwrap_or_default();
                        let found = of_relations(self.client, &[oid]).unwrap_or_else(|error| panic!("{error:?}"));
                        let place = piece.place.clone();
                        self.tally.views.count(accepted(place, piece.text.clone(), Ok(answer), found.get(&oid)));
                    }
                    (engine, _) => {
                        let verdict = match engine {
                            Ok(()) => Verdict::Agreed,
                            Err(problem) => Verdict::EngineRefuses(said(&problem)),
                        };
                        let (place, text) = (piece.place.clone(), piece.text.clone());
                        self.tally.definitions.count(Finding { place, text, verdict, accepted: true });
                    }
                }
            }
            Err(error) => {
                self.steps.back_to(&before);
                // What fails when it runs is not the engine's matter.
                if !matches!(statement.node, NodeEnum::CallStmt(_) | NodeEnum::DoStmt(_)) {
                    let finding = refused(piece, &piece.text, engine.map_or(Ok(()), Err), &error);
                    self.tally.definitions.count(finding);
                }
                // In a transaction of the script's own everything fails now.
                self.aborted = !self.transaction.is_empty();
            }
        }
    }

    /// The relation that a statement made of a query, with what the engine says of it.
    fn made_of_query(&self, statement: &Statement, next: u32) -> Option<(String, Answer)> {
        if !matches!(statement.node, NodeEnum::ViewStmt(_) | NodeEnum::CreateTableAsStmt(_)) {
            return None;
        }
        let catalog = self.steps.catalog();
        let relation = catalog.relations.range(Oid(next)..).next_back()?.1;
        let schema = catalog.schema_name(relation.schema)?;
        let name = format!("{}.{}", quote_ident(schema), quote_ident(&relation.name));
        Some((name, of_relation(catalog, relation)))
    }

    fn control(&mut self, piece: &Piece, statement: &Statement, control: &ast::TransactionStmt) {
        use ast::TransactionStmtKind as Kind;
        self.settle();
        if self.server(&piece.text).is_err() {
            self.aborted = !self.transaction.is_empty();
            return;
        }
        let name = control.savepoint_name.clone();
        match control.kind() {
            Kind::TransStmtBegin | Kind::TransStmtStart if self.transaction.is_empty() => {
                self.transaction.push((String::new(), self.steps.checkpoint()));
                self.steps.run(statement);
            }
            Kind::TransStmtCommit | Kind::TransStmtPrepare if !self.aborted => {
                self.steps.run(statement);
                self.transaction.clear();
            }
            Kind::TransStmtCommit | Kind::TransStmtRollback | Kind::TransStmtPrepare => {
                if let Some((_, checkpoint)) = self.transaction.first() {
                    self.steps.back_to(checkpoint);
                }
                self.transaction.clear();
                self.aborted = false;
            }
            Kind::TransStmtSavepoint => self.transaction.push((name, self.steps.checkpoint())),
            Kind::TransStmtRollbackTo | Kind::TransStmtRelease => {
                if let Some(at) = self.transaction.iter().rposition(|(savepoint, _)| *savepoint == name) {
                    if control.kind() == Kind::TransStmtRollbackTo {
                        self.transaction.truncate(at + 1);
                        self.steps.back_to(&self.transaction[at].1.clone());
                        self.aborted = false;
                    } else {
                        self.transaction.truncate(at);
                    }
                }
            }
            _ => {}
        }
        if control.chain {
            self.transaction.push((String::new(), self.steps.checkpoint()));
        }
    }

    /// Runs a statement of which nothing stays when it fails.
    fn under_savepoint(&mut self, text: &str) -> Result<(), Box<DbError>> {
        let sure = |outcome: Result<(), Box<DbError>>| outcome.unwrap_or_else(|error| panic!("{error:?}\nat: {text}"));
        // On its own, since a syntax error refuses everything that is sent with it.
        sure(self.server("SAVEPOINT viewkeeper_statement"));
        let outcome = self.server(text);
        let end = if outcome.is_ok() { "RELEASE" } else { "ROLLBACK TO" };
        sure(self.server(&format!("{end} SAVEPOINT viewkeeper_statement")));
        outcome
    }

    /// The first problem that the engine has with a statement.
    fn engine(&mut self, statement: &Statement) -> Option<Diagnostic> {
        let problems = self.steps.run(statement);
        problems.0.into_iter().find(|problem| problem.severity == Severity::Error)
    }

    fn server(&mut self, text: &str) -> Result<(), Box<DbError>> {
        match self.client.batch_execute(text) {
            Ok(()) => Ok(()),
            Err(error) => match error.as_db_error() {
                Some(problem) => Err(Box::new(problem.clone())),
                None => panic!("{error:?}\nin: {text}"),
            },
        }
    }
}

fn before_next(catalog: &Catalog) -> u32 {
    catalog.next_oid
}

/// `SQLSTATE message (note)`
fn said(problem: &Diagnostic) -> String {
    let note = problem.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{} {}{note}", problem.sqlstate.map_or("-----", |code| code.0), problem.message)
}

fn refused(piece: &Piece, text: &str, engine: Result<(), Diagnostic>, error: &DbError) -> Finding {
    let server = format!("{} {}", error.code().code(), error.message());
    let verdict = match engine {
        Ok(()) => Verdict::ServerRefuses(server),
        Err(problem) if problem.sqlstate.is_some_and(|code| code.0 == error.code().code()) => Verdict::Agreed,
        Err(problem) => Verdict::OtherCode(format!("server {server}; engine {}", said(&problem))),
    };
    Finding { place: piece.place.clone(), text: text.to_owned(), verdict, accepted: false }
}

fn accepted(place: String, text: String, engine: Result<Answer, Diagnostic>, found: Option<&Answer>) -> Finding {
    let verdict = match (engine, found) {
        (Err(problem), _) => Verdict::EngineRefuses(said(&problem)),
        (Ok(answer), Some(found)) => match answer.difference(found) {
            lines if lines.is_empty() => Verdict::Agreed,
            lines => Verdict::Differs(lines.join("; ")),
        },
        (Ok(_), None) => Verdict::Differs("the server does not have what it made".to_owned()),
    };
    Finding { place, text, verdict, accepted: true }
}

/// Whether a query's WITH holds statements that change rows.
fn changes_rows(with: &ast::WithClause) -> bool {
    with.ctes.iter().any(|cte| match &cte.node {
        Some(NodeEnum::CommonTableExpr(cte)) => {
            !matches!(cte.ctequery.as_deref().and_then(|query| query.node.as_ref()), Some(NodeEnum::SelectStmt(_)))
        }
        _ => false,
    })
}

fn use_of(statement: &Statement) -> Use<'_> {
    let inner = |query: Option<&ast::Node>| match query.and_then(|query| query.node.as_ref()) {
        Some(NodeEnum::SelectStmt(select)) if select.into_clause.is_none() => {
            canonical(&NodeEnum::SelectStmt(select.clone())).map_or(Use::Nothing, Use::Query)
        }
        Some(
            changes @ (NodeEnum::InsertStmt(_)
            | NodeEnum::UpdateStmt(_)
            | NodeEnum::DeleteStmt(_)
            | NodeEnum::MergeStmt(_)),
        ) => canonical(changes).map_or(Use::Nothing, Use::Body),
        _ => Use::Nothing,
    };
    match &statement.node {
        NodeEnum::SelectStmt(select) if select.into_clause.is_some() => Use::Define,
        NodeEnum::SelectStmt(select) if select.with_clause.as_ref().is_some_and(changes_rows) => {
            Use::Body(statement.text().to_owned())
        }
        NodeEnum::SelectStmt(select) => {
            let text = statement.text().to_owned();
            if select.from_clause.is_empty() && !select.target_list.is_empty() {
                Use::QueryAndRun(text)
            } else {
                Use::Query(text)
            }
        }
        NodeEnum::ExplainStmt(explain) => inner(explain.query.as_deref()),
        NodeEnum::DeclareCursorStmt(cursor) => inner(cursor.query.as_deref()),
        NodeEnum::PrepareStmt(prepare) => inner(prepare.query.as_deref()),
        NodeEnum::CopyStmt(copy) => inner(copy.query.as_deref()),
        NodeEnum::InsertStmt(_) | NodeEnum::UpdateStmt(_) | NodeEnum::DeleteStmt(_) | NodeEnum::MergeStmt(_) => {
            Use::Body(statement.text().to_owned())
        }
        NodeEnum::TransactionStmt(control) => Use::Transaction(control),
        // Privileges are not compared: everything is done by the superuser.
        NodeEnum::VariableSetStmt(set) if matches!(set.name.as_str(), "role" | "session_authorization") => Use::Nothing,
        NodeEnum::TruncateStmt(_)
        | NodeEnum::FetchStmt(_)
        | NodeEnum::ClosePortalStmt(_)
        | NodeEnum::ExecuteStmt(_)
        | NodeEnum::DeallocateStmt(_)
        | NodeEnum::LockStmt(_)
        | NodeEnum::NotifyStmt(_)
        | NodeEnum::ListenStmt(_)
        | NodeEnum::UnlistenStmt(_)
        | NodeEnum::LoadStmt(_)
        | NodeEnum::VariableShowStmt(_)
        | NodeEnum::ConstraintsSetStmt(_)
        | NodeEnum::VacuumStmt(_)
        | NodeEnum::ClusterStmt(_)
        | NodeEnum::ReindexStmt(_)
        | NodeEnum::CheckPointStmt(_)
        | NodeEnum::CreatedbStmt(_)
        | NodeEnum::DropdbStmt(_)
        | NodeEnum::AlterDatabaseStmt(_)
        | NodeEnum::AlterDatabaseSetStmt(_)
        | NodeEnum::AlterSystemStmt(_)
        | NodeEnum::CreateTableSpaceStmt(_)
        | NodeEnum::DropTableSpaceStmt(_)
        | NodeEnum::CreateSubscriptionStmt(_) => Use::Nothing,
        _ => Use::Define,
    }
}
