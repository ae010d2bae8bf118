//! Replay one statement at a time, for whoever compares each with what a server makes of it. Which statements belong
//! into a transaction, and what goes back when one fails, is the caller's matter.

use std::sync::Arc;

use super::session::{Bodies, Session, Transaction};
use crate::catalog::{Catalog, Origin};
use crate::config::Settings;
use crate::diagnostic::Diagnostics;
use crate::parser::Statement;

/// A session of which every statement can be undone. Use it inside [`on_deep_stack`](crate::parser::on_deep_stack).
pub struct Steps<'s> {
    session: Session<'s>,
}

/// A state to go back to.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    catalog: Catalog,
    paths: (Vec<String>, Option<Vec<String>>),
    transaction: Transaction,
    bodies: (Bodies, Option<Bodies>),
}

impl<'s> Steps<'s> {
    /// A new session on a state.
    pub fn new(catalog: Catalog, settings: &'s Settings) -> Self {
        let mut session = Session::new(catalog, settings);
        session.transaction = Transaction::Each;
        Self { session }
    }

    /// Runs a statement as part of a hand-written migration; gives the problems with it. What it did before it met one
    /// stays done.
    pub fn run(&mut self, statement: &Statement) -> Diagnostics {
        self.session.file = Arc::clone(&statement.file);
        self.session.origin = Origin::HandWritten;
        self.session.run(statement);
        std::mem::take(&mut self.session.diagnostics)
    }

    /// The state.
    pub fn catalog(&self) -> &Catalog {
        &self.session.catalog
    }

    /// The search path as it is set.
    pub fn search_path(&self) -> &[String] {
        self.session.search_path()
    }

    /// The state, to go back to.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            catalog: self.session.catalog.clone(),
            paths: self.session.paths(),
            transaction: self.session.transaction,
            bodies: self.session.bodies,
        }
    }

    /// Goes back.
    pub fn back_to(&mut self, checkpoint: &Checkpoint) {
        self.session.catalog = checkpoint.catalog.clone();
        self.session.set_paths(checkpoint.paths.clone());
        self.session.transaction = checkpoint.transaction;
        self.session.bodies = checkpoint.bodies;
    }

    /// Begins another session on the same state: temporary objects and settings are gone.
    pub fn reconnect(&mut self) {
        self.session.begin_file(&Arc::clone(&self.session.file), Origin::HandWritten);
        self.session.end_file();
        self.session.transaction = Transaction::Each;
    }
}

impl std::fmt::Debug for Steps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steps").finish_non_exhaustive()
    }
}
