//! A pending migration that a person wrote for tables, wrapped: what is in its way is dropped before it and made anew after
//! it, as the definitions say, in the same file; and its rollback, as far as the way back can be known.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::broken_rows::name_rows;
use crate::catalog::{Catalog, ObjectId};
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::graph::{self, reachable, reversed};
use crate::hazard::{Hazard, HazardKind};
use crate::migration::{MigrationFile, MigrationId, runs_without_transaction, without_wrapping};
use crate::plan::{Plan, RenamesCome, plan_around_renaming};
use crate::project::{MIGRATIONS, Project, ROLLBACKS};
use crate::proposal::new_values::{leaves, uses_new_values, with_values_of};
use crate::proposal::{Draft, Proposal, needed_before, prove};
use crate::rename::{self, Rename};
use crate::render;
use crate::replay::{self, Around, NoWayBack, Told, WayBack};
use crate::source::SourceFile;
use crate::tenant::{Names, refuse_shared};

/// Why a value of an enum stays.
const NO_VALUE_GOES: &str = "PostgreSQL takes no value away";

/// Wraps the last migration of a project. `name` is its file's name, with or without folder and ending.
///
/// # Errors
/// When it is not one that can be wrapped, when its statements or the definitions are broken, when nothing is in its way,
/// or when something is that cannot be made anew.
pub fn wrap(project: &Project, name: &str) -> Result<Proposal, Diagnostics> {
    let (file, earlier) = pending(project, name).map_err(|problem| Diagnostics(vec![problem]))?;
    let settings = &project.settings;
    let before = replay::migrated(earlier, settings);
    refuse(before.diagnostics)?;
    let written = without_wrapping(&file.source.text);
    let source = SourceFile::new(file.source.path.clone(), written.as_str());
    let pending = Pending { project, id: file.id.clone(), first: before.catalog, written, source };
    let way = replay::around(&pending.first, &pending.source, settings);
    check_transaction(&way, file).map_err(|problem| Diagnostics(vec![problem]))?;
    refuse(way.problems.clone())?;
    let told = replay::told(&way.catalog, &project.definitions, settings);
    let (made, renames) = match pending.under_new_names(&told) {
        Some((base, way, told)) => {
            (pending.around(&base, &way, way.catalog.clone(), &told, RenamesCome::First)?, told.renames)
        }
        None => {
            refuse(told.diagnostics.clone())?;
            let after = told.catalog.clone();
            (pending.around(&pending.first, &way, after, &told, RenamesCome::AfterWritten)?, told.renames)
        }
    };
    let (back, rollback, stays) = match &way.back {
        Err(reasons) => {
            let reasons: Vec<&str> = reasons.iter().map(NoWayBack::reason).collect();
            (Plan::default(), render::no_way_back(&pending.id, &reasons), Vec::new())
        }
        Ok(undo) => match pending.lead_back(undo, &made.new, made.there, &renames) {
            Ok((back, rollback)) => (back, rollback, undo.leaves.clone()),
            Err(why) => (Plan::default(), render::no_way_back(&pending.id, &[&why]), Vec::new()),
        },
    };
    let Made { plan, migration, .. } = made;
    Ok(Proposal { id: pending.id, plan, back, migration, rollback, stays, is_first_part: false })
}

/// The migration that is wrapped.
struct Pending<'p> {
    project: &'p Project,
    id: MigrationId,
    /// The state before it.
    first: Catalog,
    /// What a person wrote.
    written: String,
    source: Arc<SourceFile>,
}

/// A migration around what a person wrote.
struct Made {
    plan: Plan,
    migration: String,
    /// What the definitions declare after it.
    new: Catalog,
    /// Where its text leads.
    there: Catalog,
}

impl Pending<'_> {
    /// Renames come first, unless the statements say an old name, carry one out or make room for it: the state with the new
    /// names, what the statements do there, and what is told of the state before them. `after` is told of where they lead,
    /// which may be less, since what they change fits its definition no longer.
    fn under_new_names(&self, after: &Told) -> Option<(Catalog, Around, Told)> {
        let told = replay::told(&self.first, &self.project.definitions, &self.project.settings);
        let agree = told.renames == after.renames || after.diagnostics.has_errors();
        if told.renames.is_empty() || told.diagnostics.has_errors() || !agree {
            return None;
        }
        let base = replay::renamed(&self.first, &told.renames);
        let way = replay::around(&base, &self.source, &self.project.settings);
        (!way.problems.has_errors()).then_some((base, way, told))
    }

    /// The plan around the statements, with what is told to be renamed before or after them: `way` leads from `base` to
    /// `after`, which has all of it under its new name.
    fn around(
        &self,
        base: &Catalog,
        way: &Around,
        after: Catalog,
        told: &Told,
        come: RenamesCome,
    ) -> Result<Made, Diagnostics> {
        let (project, settings, first) = (self.project, &self.project.settings, &self.first);
        let renames = &told.renames;
        let in_the_way = with_dependents(base, way.in_the_way.clone());
        if come == RenamesCome::AfterWritten {
            refuse_renamed(&in_the_way, renames)?;
        }
        let declared = replay::declared_around(&after, &in_the_way, &project.definitions, settings);
        refuse(declared.diagnostics)?;
        let mut new = declared.catalog;
        refuse(told.check(&new))?;
        if let Some(moved) = rename::between(&after, &new).first() {
            return Err(Diagnostics(vec![
                Diagnostic::error(format!("the definitions move {moved} in the same step"))
                    .note("a wrapped migration would make routines over its types anew, without what was given to them by hand")
                    .help("move the migration away, run `cargo xtask db-diff` for the extension, and give this one the next number"),
            ]));
        }
        new.renames.clone_from(renames);
        let mut plan = plan_around_renaming((first, &way.catalog, &new), &in_the_way, renames, come)?;
        if plan.is_empty() {
            return Err(Diagnostics(vec![
                Diagnostic::error(format!("nothing is in the way of `{}`", self.source.path))
                    .note("PostgreSQL takes it as it is, and the views after it are what the definitions say")
                    .help("leave it as it is"),
            ]));
        }
        if needed_before(&after, &new, &plan).is_some() {
            return Err(Diagnostics(vec![
                Diagnostic::error("a value that the definitions add to an enum is used in the same step")
                    .note("a new value can be used only after the migration that adds it has been committed")
                    .help(
                        "add it in a migration of its own first: take the use of it out of the definitions until then",
                    ),
            ]));
        }
        if uses_new_values(base, &after, &new, &plan) {
            return Err(Diagnostics(vec![
                Diagnostic::error(format!(
                    "a value that `{}` adds to an enum is used in the same step",
                    self.source.path
                ))
                .code(SqlState("55P04"))
                .note("a new value can be used only after the migration that adds it has been committed")
                .help("add it in a migration of its own before this one"),
            ]));
        }
        for reason in way.back.as_ref().err().into_iter().flatten() {
            if let NoWayBack::DataGone(reason) = reason {
                plan.hazards.push(Hazard::new(HazardKind::LosesData, reason.clone()));
            }
        }
        name_rows(&mut plan.hazards, first, settings);
        plan.hazards.sort();
        let names = Names::of(settings);
        refuse_shared(&plan, names)?;
        let migration = render::wrapped(&plan, &self.written, names);
        let draft = Draft::read(project, MIGRATIONS, &self.id, &migration);
        let there = prove(project, first.clone(), draft, &new)?;
        Ok(Made { plan, migration, new, there })
    }

    /// The plan and the text of the way back around statements that undo those of the migration, or why there is none. What
    /// was renamed has its old name again before them: they speak of the state that the migration met.
    fn lead_back(
        &self,
        undo: &WayBack,
        new: &Catalog,
        there: Catalog,
        renames: &[Rename],
    ) -> Result<(Plan, String), String> {
        let (project, id, first) = (self.project, &self.id, &self.first);
        let said = |problems: Diagnostics| problems.0.first().map(|one| one.message.clone()).unwrap_or_default();
        let mut undo = undo.clone();
        let names = Names::of(&project.settings);
        if undo.looks_names_up && names.say_search_path() {
            undo.statements.insert(0, render::search_path(&project.settings.search_path));
        }
        let statements: String = undo.statements.iter().map(|statement| format!("{statement};\n")).collect();
        let undoing = SourceFile::new(project.shown_as.join(ROLLBACKS).join(format!("{id}.sql")), statements);
        let renames: Vec<Rename> = renames.iter().rev().map(Rename::reversed).collect();
        // What a person made and a definition has taken over since is changed back too.
        let base = replay::renamed(new, &renames);
        let way = replay::around(&base, &undoing, &project.settings);
        refuse(way.problems).map_err(said)?;
        let in_the_way = with_dependents(&base, way.in_the_way);
        let stays: Vec<String> =
            undo.leaves.iter().map(|(id, label)| leaves(id, std::slice::from_ref(label), NO_VALUE_GOES)).collect();
        let left = |id: &ObjectId| undo.leaves.iter().any(|(of, _)| of == id);
        let with_values = (!undo.leaves.is_empty()).then(|| with_values_of(first, &there, left));
        let first = with_values.as_ref().unwrap_or(first);
        let mut back = plan_around_renaming((new, &way.catalog, first), &in_the_way, &renames, RenamesCome::First)
            .map_err(said)?;
        name_rows(&mut back.hazards, &there, &project.settings);
        let text = render::wrapped_rollback(id, &back, (&undo.statements, &undo.losses, &stays), names);
        let again = prove(project, there, Draft::read(project, ROLLBACKS, id, &text), first).map_err(said)?;
        match other_tables(first, &again) {
            None => Ok((back, text)),
            Some(why) => Err(why),
        }
    }
}

/// What is dropped before the statements is kept under one name.
fn refuse_renamed(in_the_way: &BTreeSet<ObjectId>, renames: &[Rename]) -> Result<(), Diagnostics> {
    let renamed = in_the_way.iter().find_map(|id| Some((id, renames.iter().find(|rename| rename.touches(id))?)));
    let Some((id, rename)) = renamed else { return Ok(()) };
    Err(Diagnostics(vec![
        Diagnostic::error(format!("a rename is told of what is in the way: {rename}"))
            .note(format!("{id} is dropped before the migration and made anew after it, and keeps what hangs on it under one name"))
            .help("let the statements not speak of it: put what they say of it into a migration of its own, which comes after this one"),
    ]))
}

fn refuse(problems: Diagnostics) -> Result<(), Diagnostics> {
    if problems.has_errors() { Err(problems) } else { Ok(()) }
}

/// The migration of a name, which must be the last one and written by hand, and those before it.
fn pending<'p>(project: &'p Project, name: &str) -> Result<(&'p MigrationFile, &'p [MigrationFile]), Diagnostic> {
    let stem = name.rsplit(['/', '\\']).next().unwrap_or(name).trim_end_matches(".sql");
    let Some((last, earlier)) = project.migrations.split_last() else {
        return Err(Diagnostic::error("there is no migration").help("write the change of tables into one first"));
    };
    if last.id.to_string() != stem {
        let known = project.migrations.iter().any(|file| file.id.to_string() == stem);
        let message = if known { "is not the last migration" } else { "is no migration of this project" };
        return Err(Diagnostic::error(format!("`{stem}` {message}"))
            .note("only the last one can be wrapped: those before others may be applied, and others build on them")
            .help(format!("the last one is `{}`", last.id)));
    }
    if last.is_generated() {
        return Err(Diagnostic::error(format!("`{stem}` was written by viewkeeper"))
            .note("what viewkeeper writes drops and makes anew what it must already")
            .help("wrap a migration that you wrote"));
    }
    let by_hand =
        project.rollback_of(&last.id).filter(|file| !file.source.text.starts_with("-- viewkeeper: rollback of "));
    if let Some(rollback) = by_hand {
        return Err(Diagnostic::error(format!("`{}` was written by hand", rollback.source.path))
            .note("wrapping writes the rollback")
            .help("move it away first, and put into the new one what it does beyond that"));
    }
    Ok((last, earlier))
}

/// What is kept between the drops and the creations is kept as long as the transaction.
fn check_transaction(way: &Around, file: &MigrationFile) -> Result<(), Diagnostic> {
    if runs_without_transaction(&file.source.text) || way.ends_transaction {
        return Err(Diagnostic::error(format!("`{}` does not run in one transaction", file.source.path))
            .note("a failure in the middle would leave the database without what was dropped")
            .help("put what needs no transaction, or one of its own, into another migration"));
    }
    Ok(())
}

/// Objects with everything that depends on them.
fn with_dependents(catalog: &Catalog, objects: BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let readers = reversed(&graph::dependencies(catalog));
    let mut all = objects.clone();
    all.extend(objects.iter().flat_map(|id| reachable(&readers, id)).cloned());
    all
}

/// What is different between the tables of two states that should be the same; `None` where nothing is.
fn other_tables(wanted: &Catalog, found: &Catalog) -> Option<String> {
    // Each part by what a person calls it, with everything that must be the same.
    let shapes = |catalog: &Catalog| -> BTreeSet<(String, String)> {
        let tables = catalog.relations.values().filter(|row| row.view.is_none());
        tables
            .flat_map(|row| {
                let name = catalog.relation_name(row.oid).map(|name| name.to_string()).unwrap_or_default();
                let columns = row.live_columns().enumerate().map(|(at, (_, column))| {
                    let all = format!(
                        "{at} {} {} {:?} {:?} {}",
                        catalog.qualified_type(column.type_, column.typmod),
                        column.collation,
                        column.not_null,
                        column.source,
                        column.has_default
                    );
                    (format!("column `{}` of `{name}`", column.name), all)
                });
                let constraints = row.constraints.iter().map(|one| {
                    (format!("constraint `{}` of `{name}`", one.name), format!("{:?} {:?}", one.kind, one.deferrable))
                });
                let indexes =
                    row.indexes.iter().map(|one| (format!("index `{}` of `{name}`", one.name), one.canonical.clone()));
                let parents = row.parents.iter().filter_map(|parent| catalog.relation_name(*parent));
                let parents = parents.map(|parent| {
                    let bound = catalog.partition_bounds.get(&row.oid).cloned().unwrap_or_default();
                    (format!("`{name}` below `{parent}`"), bound)
                });
                let itself = std::iter::once((format!("table `{name}`"), String::new()));
                itself.chain(columns).chain(constraints).chain(indexes).chain(parents).collect::<Vec<_>>()
            })
            .collect()
    };
    let (wanted, found) = (shapes(wanted), shapes(found));
    let (first, _) = wanted.symmetric_difference(&found).next()?;
    Some(format!("the tables would not be as they were: {first} is missing, or something else, or in another place"))
}
