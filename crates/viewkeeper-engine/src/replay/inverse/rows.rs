//! Statements on rows whose effect goes with what their migration made: they fill a new table or a new column. Everything
//! else may change values that were there, and what they were is not in the text.

use super::WayBack;
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Catalog, Oid, RelationKind, Routine, Volatility};
use crate::parser::{NodeEnum, ast};
use crate::replay::address::relation_name;
use crate::replay::walk;

/// Volatile functions of PostgreSQL that change nothing that was written.
const HARMLESS: [&str; 6] =
    ["clock_timestamp", "gen_random_uuid", "nextval", "random", "statement_timestamp", "timeofday"];

/// Whether a statement on rows of a table writes only into what was not there in the first state of the migration.
pub(super) fn fills_what_is_new(first: &Catalog, was: &Catalog, table: Oid, node: &NodeEnum) -> bool {
    let Some(row) = was.relation(table).filter(|row| row.kind == RelationKind::Table) else { return false };
    let (with, inner) = match node {
        NodeEnum::InsertStmt(insert) => {
            (&insert.with_clause, insert.select_stmt.as_ref().and_then(|select| select.node.as_ref()))
        }
        NodeEnum::UpdateStmt(update) => (&update.with_clause, None),
        NodeEnum::DeleteStmt(delete) => (&delete.with_clause, None),
        _ => return false,
    };
    let inner_with = match inner {
        Some(NodeEnum::SelectStmt(select)) => &select.with_clause,
        _ => &None,
    };
    let old_columns = first.relation(table).map(|row| row.columns.len());
    let is_new = |number: i16| old_columns.is_none_or(|count| usize::try_from(number).is_ok_and(|at| at > count));
    let written = match node {
        NodeEnum::UpdateStmt(update) => update.target_list.iter().all(|target| match &target.node {
            Some(NodeEnum::ResTarget(target)) => row.column(&target.name).is_some_and(|(number, _)| is_new(number)),
            _ => false,
        }),
        _ => old_columns.is_none(),
    };
    // Children are written as well, and have triggers of their own.
    let stands_alone = row.parents.is_empty() && was.children(table).next().is_none();
    let is_insert = matches!(node, NodeEnum::InsertStmt(_));
    written
        && stands_alone
        && was.unmodelled.is_empty()
        && !modifies(with)
        && !modifies(inner_with)
        && (is_insert || !is_referenced(was, table, &is_new))
        && fires_nothing(was, table)
        && calls_nothing_that_writes(was, node)
}

/// What a statement on rows that were there leaves behind: nothing undoes it, and everything else can go back without it.
pub(super) fn left_behind(was: &Catalog, table: Oid, node: &NodeEnum) -> Option<WayBack> {
    let name = relation_name(was, table)?;
    let changed = || format!("the values that the migration changes in `{name}` stay as it leaves them");
    let (with, mut loss) = match node {
        NodeEnum::InsertStmt(insert) if insert.on_conflict_clause.is_none() => {
            (&insert.with_clause, format!("the rows that the migration adds to `{name}` stay"))
        }
        NodeEnum::InsertStmt(insert) => (&insert.with_clause, changed()),
        NodeEnum::UpdateStmt(update) => (&update.with_clause, changed()),
        NodeEnum::MergeStmt(merge) => (&merge.with_clause, changed()),
        NodeEnum::DeleteStmt(delete) => {
            (&delete.with_clause, format!("the rows that the migration deletes from `{name}` do not come back"))
        }
        _ => return None,
    };
    if !fires_nothing(was, table) {
        loss.push_str(", and what its triggers and rules do is not undone");
    }
    (!modifies(with)).then(|| WayBack { losses: vec![loss], ..WayBack::default() })
}

/// Whether something but a query stands in `WITH`.
fn modifies(with: &Option<ast::WithClause>) -> bool {
    with.iter().flat_map(|with| &with.ctes).any(|item| match &item.node {
        Some(NodeEnum::CommonTableExpr(item)) => {
            let query = item.ctequery.as_ref().and_then(|query| query.node.as_ref());
            !matches!(query, Some(NodeEnum::SelectStmt(_)))
        }
        _ => true,
    })
}

/// Whether a foreign key points at what may be new: it may carry the change on.
fn is_referenced(was: &Catalog, table: Oid, is_new: &impl Fn(i16) -> bool) -> bool {
    let constraints = was.relations.values().flat_map(|row| &row.constraints);
    constraints.filter(|row| row.references == table).any(|row| row.referenced.iter().any(|number| is_new(*number)))
}

/// Whether writing to a table runs nothing that a person wrote.
fn fires_nothing(was: &Catalog, table: Oid) -> bool {
    let mut rows = was.attached.get(&table).into_iter().flatten();
    rows.all(|row| {
        !matches!(row.kind, AttachedKind::Trigger | AttachedKind::Rule)
            && row.dependencies.iter().all(|dependency| match dependency {
                Dependency::Routine(oid) => was.routine(*oid).is_some_and(|row| writes_nothing(was, row)),
                Dependency::Operator(oid) => !was.operators.contains_key(oid),
                _ => true,
            })
    })
}

fn writes_nothing(was: &Catalog, row: &Routine) -> bool {
    let is_own = was.routines.contains_key(&row.oid);
    row.volatility != Volatility::Volatile || !is_own && HARMLESS.contains(&row.name.as_str())
}

fn calls_nothing_that_writes(was: &Catalog, node: &NodeEnum) -> bool {
    let names = walk::references(node);
    let is_harmless = |name: &String| was.routines_named(name).all(|row| writes_nothing(was, row));
    // What a view runs, and operators and casts of a person's, are not followed.
    let is_view = |name: &String| was.relations.values().any(|row| row.view.is_some() && row.name == *name);
    names.functions.iter().filter_map(|parts| parts.last()).all(is_harmless)
        && !names.relations.iter().any(|(_, name)| is_view(name))
        && was.operators.is_empty()
        && was.casts.is_empty()
}
