//! A migration that a person wrote, run as if nothing stood in its way: what would have to be dropped before it, what it
//! leads to, and what leads back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::State;
use super::address::{Address, object_id};
use super::declare::analyse_again;
use super::inverse::{NoWayBack, WayBack, inverse};
use super::session::{Outcome, Session};
use super::type_source::KeptType;
use super::view::columns_of;
use crate::catalog::{Catalog, Column, ObjectId, Oid, Origin, Relation, Routine, Type};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::QualifiedName;
use crate::parser::{self, NodeEnum, ast};
use crate::source::SourceFile;

/// What comes of running statements around which everything in the way is dropped and made anew.
pub(crate) struct Around {
    /// The state after them. What was passed over is still there, as it was.
    pub(crate) catalog: Catalog,
    /// What is in the way, by the names that it has before them.
    pub(crate) in_the_way: BTreeSet<ObjectId>,
    /// What undoes them, or why that is not known.
    pub(crate) back: Result<WayBack, Vec<NoWayBack>>,
    /// What is wrong with them.
    pub(crate) problems: Diagnostics,
    /// Statements that end or begin a transaction.
    pub(crate) ends_transaction: bool,
}

/// Runs the statements of a file as part of a hand-written migration.
pub(crate) fn around(before: &Catalog, file: &Arc<SourceFile>, settings: &Settings) -> Around {
    parser::on_deep_stack(|| run_around(before, file, settings))
}

fn run_around(before: &Catalog, file: &Arc<SourceFile>, settings: &Settings) -> Around {
    let mut session = Session::new(before.clone(), settings);
    session.passed_over = Some(BTreeSet::new());
    let statements = match parser::parse(file, settings.server_version) {
        Ok(statements) => statements,
        Err(problem) => {
            session.diagnostics.push(problem);
            Vec::new()
        }
    };
    session.begin_file(file, Origin::HandWritten);
    let (mut back, mut unknown) = (WayBack::default(), Vec::new());
    for statement in &statements {
        let was = session.catalog.clone();
        let target = session.names_relation(&statement.node);
        session.run(statement);
        session.keep_types_of_signatures(&was);
        match inverse(before, &was, &session.catalog, target, &statement.node) {
            Ok(mut one) => {
                // The last is undone first.
                one.and(back);
                back = one;
            }
            Err(why) => {
                let (line, _) = file.line_column(statement.span.start);
                unknown.push(why.at_line(line));
            }
        }
    }
    session.end_file();
    session.take_out_broken_signatures();
    let passed_over = session.passed_over.take().unwrap_or_default();
    let ends_transaction = statements.iter().any(|statement| matches!(statement.node, NodeEnum::TransactionStmt(_)));
    Around {
        in_the_way: passed_over.iter().filter_map(|address| object_id(before, address)).collect(),
        catalog: session.catalog,
        back: if unknown.is_empty() { Ok(back) } else { Err(unknown) },
        problems: session.diagnostics,
        ends_transaction,
    }
}

/// The declared state on what such statements lead to: hand-written views that were passed over are what their text means
/// there now.
pub(crate) fn declared_around(
    after: &Catalog,
    in_the_way: &BTreeSet<ObjectId>,
    definitions: &[Arc<SourceFile>],
    settings: &Settings,
) -> State {
    parser::on_deep_stack(|| {
        let mut after = after.clone();
        // What only the definitions make may be missing still.
        make_again(&mut after, in_the_way);
        let mut state = super::declared(&after, definitions, settings);
        state.diagnostics.extend(make_again(&mut state.catalog, in_the_way));
        state
    })
}

fn make_again(catalog: &mut Catalog, in_the_way: &BTreeSet<ObjectId>) -> Diagnostics {
    let by_hand = |row: &Relation| row.provenance.as_ref().is_some_and(|made| made.origin == Origin::HandWritten);
    let views: Vec<(ObjectId, Oid)> = in_the_way
        .iter()
        .filter_map(|id| Some((id.clone(), catalog.relation_named(crate::object::relation_name(id)?)?)))
        .filter(|(_, row)| row.view.is_some() && by_hand(row))
        .map(|(id, row)| (id, row.oid))
        .collect();
    let mut problems = Diagnostics::default();
    // They may read each other: at most as many rounds as there are of them.
    for _ in &views {
        problems = Diagnostics::default();
        for (id, oid) in &views {
            let Some(row) = catalog.relation(*oid).cloned() else { continue };
            match analyse_again(catalog, &row) {
                Ok((analysis, tree)) => {
                    catalog.update_relation(*oid, |row| {
                        for (new, old) in columns_of(&analysis).into_iter().zip(&mut row.columns) {
                            *old = Column { has_default: old.has_default, ..new };
                        }
                        if let Some(view) = &mut row.view {
                            view.analysis = Arc::new(analysis);
                            view.tree = Some(Arc::new(tree));
                        }
                    });
                }
                Err(problem) => problems.push(
                    Diagnostic::error(format!("{id} cannot be made again after the migration: {}", problem.message))
                        .note("a hand-written migration made it, and it comes back from its text")
                        .help("drop it in the migration and make it there as it should be, or declare it"),
                ),
            }
        }
    }
    problems
}

impl Session<'_> {
    /// What is dropped and made again by the statements has its number again where routines in the way take or give it:
    /// they come back with the signatures that they had.
    fn keep_types_of_signatures(&mut self, was: &Catalog) {
        let gone = was.types.values().filter(|row| row.array.is_valid() && !self.catalog.types.contains_key(&row.oid));
        let used = |row: &&Arc<Type>| {
            let is_it = |oid: &Oid| *oid == row.oid || *oid == row.array;
            self.catalog.routines.values().any(|routine| signature(routine).any(|oid| is_it(&oid)))
        };
        let kept: Vec<_> = gone
            .filter(used)
            .map(|row| ((row.schema, row.name.clone()), KeptType { oid: row.oid, array: row.array }))
            .collect();
        self.kept_types.extend(kept);
    }

    /// Routines in the way of which a type is gone for good go with it; what no definition declares could not come back.
    fn take_out_broken_signatures(&mut self) {
        let is_broken =
            |routine: &&Arc<Routine>| signature(routine).any(|oid| oid.is_valid() && self.catalog.type_(oid).is_none());
        let broken: Vec<Arc<Routine>> = self.catalog.routines.values().filter(is_broken).cloned().collect();
        for routine in broken {
            let by_hand = routine.source.as_ref().is_some_and(|made| made.provenance.origin == Origin::HandWritten);
            if by_hand {
                let name = QualifiedName::new(
                    self.catalog.schema_name(routine.schema).unwrap_or_default(),
                    routine.name.as_str(),
                );
                self.diagnostics.push(
                    Diagnostic::error(format!("routine {name} cannot be made again after the migration"))
                        .note("a type of its signature is gone, and a hand-written migration made it")
                        .help("drop it in this migration, or declare it as it should be"),
                );
            }
            self.catalog.remove_routine(routine.oid);
        }
        self.kept_types.clear();
    }

    /// Whether an object in the way can be dropped before the statements and made anew after them; then it is noted, where
    /// that is what is going to be done.
    pub(super) fn pass_over(&mut self, address: &Address) -> bool {
        if !self.comes_back(address) {
            return false;
        }
        match &mut self.passed_over {
            Some(passed_over) => {
                passed_over.insert(address.clone());
                true
            }
            None => false,
        }
    }

    /// A view that definitions made goes before statements that give its name to something else. Where it is still declared,
    /// that is said when the definitions are read.
    pub(super) fn make_room_for_relation(&mut self, schema: Oid, name: &str) -> Outcome {
        let Some(row) = self.catalog.relation_by_name(schema, name).filter(|row| row.view.is_some()) else {
            return Ok(());
        };
        let view = Address::Relation(row.oid);
        if self.is_hand_written(&view) || !self.pass_over(&view) {
            return Ok(());
        }
        self.drop_objects(&[view], ast::DropBehavior::DropRestrict)
    }

    /// Whether an object is of a kind that is made anew around a change of tables.
    pub(super) fn comes_back(&self, address: &Address) -> bool {
        matches!(
            self.object_id(address),
            Some(
                ObjectId::View(_)
                    | ObjectId::MaterializedView(_)
                    | ObjectId::Function(..)
                    | ObjectId::Procedure(..)
                    | ObjectId::Aggregate(..)
                    | ObjectId::Trigger(..)
                    | ObjectId::Rule(..)
                    | ObjectId::Policy(..)
            )
        )
    }

    /// What a person can do about objects in the way of a hand-written migration.
    pub(super) fn wrap_help(&self) -> String {
        let file = self.file.path.file_name().unwrap_or_default();
        format!("`cargo xtask db-diff --wrap {file}` writes both around it, as long as no database has applied it")
    }

    /// The relation that a statement speaks of.
    fn names_relation(&self, node: &NodeEnum) -> Option<Oid> {
        let name = match node {
            NodeEnum::AlterTableStmt(statement) => statement.relation.as_ref(),
            NodeEnum::RenameStmt(statement) => statement.relation.as_ref(),
            NodeEnum::AlterObjectSchemaStmt(statement) => statement.relation.as_ref(),
            NodeEnum::IndexStmt(statement) => statement.relation.as_ref(),
            NodeEnum::InsertStmt(statement) => statement.relation.as_ref(),
            NodeEnum::UpdateStmt(statement) => statement.relation.as_ref(),
            NodeEnum::DeleteStmt(statement) => statement.relation.as_ref(),
            _ => None,
        };
        self.find_relation(name?)
    }
}

/// The types that a routine takes and gives.
fn signature(routine: &Routine) -> impl Iterator<Item = Oid> {
    let parameters = routine.parameters.iter().map(|parameter| parameter.type_);
    routine.inputs.iter().copied().chain(parameters).chain([routine.result])
}
