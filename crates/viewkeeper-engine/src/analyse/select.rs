//! One SELECT or VALUES: its clauses in PostgreSQL's order, which decides what sees what (analyze.c).

use super::scope::{ColumnTarget, NamespaceColumn, NamespaceItem};
use super::syntax::{first_location, node, optional};
use super::{Analyser, ExpressionKind, Level, Outcome, ParentCte, Unknowns, take};
use crate::catalog::oids;
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::suggest::nearest;
use crate::resolve::{Failure, place};
use crate::tree::{Distinct, Expr, FromItem, Query, RangeTableEntry, RangeTableKind, RowColumn, Target};

/// The most entries a target list can have (`MaxTupleAttributeNumber` in htup_details.h).
pub(super) const MAX_TARGETS: usize = 1664;

impl<'a> Analyser<'a> {
    /// A query one level down (`parse_sub_analyze`).
    pub(super) fn sub_query(
        &mut self,
        select: &'a ast::SelectStmt,
        unknowns: Unknowns,
        parent_cte: Option<ParentCte>,
    ) -> Outcome<Query> {
        self.levels.push(Level { unknowns, parent_cte, ..Level::default() });
        let query = self.select_statement(select);
        self.levels.pop();
        query.map(|mut query| {
            query.range_table.shrink_to_fit();
            query.targets.shrink_to_fit();
            query
        })
    }

    /// The SELECT branch of `transformStmt`.
    pub(super) fn select_statement(&mut self, select: &'a ast::SelectStmt) -> Outcome<Query> {
        if let Some(into) = &select.into_clause {
            let location = into.rel.as_ref().and_then(|relation| place(relation.location));
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "SELECT INTO is not allowed here", location));
        }
        let query = if !select.values_lists.is_empty() {
            self.values(select)
        } else if select.op() == ast::SetOperation::SetopNone {
            self.plain_select(select)
        } else {
            self.set_operation(select)
        }?;
        if query.targets.len() > MAX_TARGETS {
            return Err(Failure::new(
                SqlState::TOO_MANY_COLUMNS,
                format!("a target list can have at most {MAX_TARGETS} entries, this one has {}", query.targets.len()),
                first_location(select),
            ));
        }
        Ok(query)
    }

    /// `transformSelectStmt`
    fn plain_select(&mut self, select: &'a ast::SelectStmt) -> Outcome<Query> {
        let mut query = Query::default();
        if let Some(with) = &select.with_clause {
            self.with_clause(with)?;
        }
        self.level_mut().windows = select
            .window_clause
            .iter()
            .filter_map(|window| match &window.node {
                Some(NodeEnum::WindowDef(window)) => Some(&**window),
                _ => None,
            })
            .collect();

        self.add_from_clause(&select.from_clause)?;
        query.targets = self.target_list(&select.target_list, ExpressionKind::SelectTarget)?;
        let (filter, having) = (select.where_clause.as_deref(), select.having_clause.as_deref());
        query.filter = self.condition_beside(filter, ExpressionKind::Where, "WHERE", &query.targets)?;
        query.having = self.condition_beside(having, ExpressionKind::Having, "HAVING", &query.targets)?;

        query.sort = self
            .sort_clause(&select.sort_clause, &mut query.targets, ExpressionKind::OrderBy)
            .map_err(|failure| near_output(failure, &query.targets))?;
        let grouping = self
            .group_clause(&select.group_clause, &mut query.targets, &query.sort)
            .map_err(|failure| near_output(failure, &query.targets))?;
        query.distinct = match select.distinct_clause.as_slice() {
            [] => Distinct::No,
            [first, ..] if first.node.is_none() => {
                self.distinct_clause(&mut query.targets, &query.sort, first_location(select))?;
                Distinct::All
            }
            expressions => Distinct::On(self.distinct_on_clause(expressions, &mut query.targets, &query.sort)?),
        };
        self.limit_clauses(select, &mut query)?;
        query.windows = self.window_clauses(&mut query.targets)?;
        if self.level().unknowns == Unknowns::BecomeText {
            self.resolve_unknown_targets(&mut query.targets)?;
        }
        self.finish(&mut query);
        self.locking_clauses(select, &query)?;
        self.assign_query_collations(&mut query)?;
        query.group_by = grouping.members.clone();
        if query.has_aggregates || !query.group_by.is_empty() || grouping.sets.is_some() || query.having.is_some() {
            self.check_aggregates(&mut query, grouping, select.group_distinct)?;
        }
        Ok(query)
    }

    /// `transformValuesClause`
    fn values(&mut self, select: &'a ast::SelectStmt) -> Outcome<Query> {
        let mut query = Query::default();
        if let Some(with) = &select.with_clause {
            self.with_clause(with)?;
        }
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        for row in &select.values_lists {
            let Some(NodeEnum::List(list)) = &row.node else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "VALUES needs rows", None));
            };
            let row = self.expression_list(&list.items, ExpressionKind::Values)?;
            if rows.first().is_some_and(|first| first.len() != row.len()) {
                let location = row.first().and_then(|expr| expr.location);
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    "the rows of VALUES must all be of the same length",
                    location,
                ));
            }
            rows.push(row);
        }
        let width = rows.first().map_or(0, Vec::len);
        // By column: common type, modifier and collation.
        let mut columns_of_rows: Vec<Vec<Expr>> = (0..width).map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (column, expr) in columns_of_rows.iter_mut().zip(row) {
                column.push(expr);
            }
        }
        let mut columns = Vec::new();
        for (number, exprs) in (1..).zip(&mut columns_of_rows) {
            let type_ = self.common_type(exprs, "VALUES")?;
            for expr in exprs.iter_mut() {
                let value = take(expr);
                *expr = self.to_common_type(value, type_, "VALUES")?;
            }
            let typmod = self.common_typmod(exprs, type_);
            let collation = self.common_collation(exprs.iter_mut(), super::collation::Conflict::Allowed)?;
            columns.push(RowColumn { name: format!("column{number}"), type_, typmod, collation });
        }
        let mut rows: Vec<Vec<Expr>> = (0..select.values_lists.len()).map(|_| Vec::with_capacity(width)).collect();
        for column in columns_of_rows {
            for (row, expr) in rows.iter_mut().zip(column) {
                row.push(expr);
            }
        }
        let kind = RangeTableKind::Values(rows);
        let columns = columns.into();
        let entry = RangeTableEntry { name: "*VALUES*".to_owned(), columns, kind, lateral: false, location: None };
        let result = self.add_entry(entry);
        let location = first_location(select);
        if let Some(item) = result.namespace.last() {
            query.targets = star_targets(item, 0, location);
        }
        let level = self.level_mut();
        level.from.push(result.item);
        level.namespace.extend(result.namespace);

        query.sort = self.sort_clause(&select.sort_clause, &mut query.targets, ExpressionKind::OrderBy)?;
        self.limit_clauses(select, &mut query)?;
        if !select.locking_clause.is_empty() {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "FOR UPDATE and its like cannot be applied to VALUES",
                None,
            ));
        }
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// LIMIT and OFFSET.
    pub(super) fn limit_clauses(&mut self, select: &'a ast::SelectStmt, query: &mut Query) -> Outcome<()> {
        query.offset = self.limit_clause(select.limit_offset.as_deref(), ExpressionKind::Offset, "OFFSET")?;
        query.limit = self.limit_clause(select.limit_count.as_deref(), ExpressionKind::Limit, "LIMIT")?;
        query.with_ties = select.limit_option() == ast::LimitOption::WithTies;
        let no_count = super::syntax::is_null_constant(optional(select.limit_count.as_deref()));
        if query.with_ties && no_count {
            return Err(Failure::new(
                SqlState("2201W"),
                "the row count of FETCH FIRST … WITH TIES cannot be null",
                None,
            ));
        }
        Ok(())
    }

    /// `transformLimitClause`
    fn limit_clause(
        &mut self,
        clause: Option<&'a ast::Node>,
        kind: ExpressionKind,
        construct: &str,
    ) -> Outcome<Option<Expr>> {
        let Some(clause) = optional(clause) else { return Ok(None) };
        let expr = self.expression(clause, kind)?;
        let expr = self.coerce_to(expr, oids::INT8, construct)?;
        self.check_free_of_variables(&expr, construct)?;
        Ok(Some(expr))
    }

    /// A clause that must be boolean (`transformWhereClause`).
    pub(super) fn optional_condition(
        &mut self,
        clause: Option<&'a ast::Node>,
        kind: ExpressionKind,
        construct: &str,
    ) -> Outcome<Option<Expr>> {
        optional(clause).map(|clause| self.condition(clause, kind, construct)).transpose()
    }

    /// A condition beside a select list, whose output names it does not see.
    fn condition_beside(
        &mut self,
        clause: Option<&'a ast::Node>,
        kind: ExpressionKind,
        construct: &str,
        targets: &[Target],
    ) -> Outcome<Option<Expr>> {
        self.optional_condition(clause, kind, construct).map_err(|failure| {
            let output = targets.iter().find(|target| failure.message == format!("no column `{}`", target.name));
            match output {
                Some(target) if failure.help.is_none() && failure.note.is_none() => failure
                    .note(format!("`{}` is a name of the select list, which {construct} does not see", target.name))
                    .help("repeat its expression here, or filter in a query around this one"),
                _ => failure,
            }
        })
    }

    /// A condition, which must be boolean.
    pub(super) fn condition(&mut self, clause: &'a NodeEnum, kind: ExpressionKind, construct: &str) -> Outcome<Expr> {
        let expr = self.expression(clause, kind)?;
        self.to_boolean(expr, construct)
    }

    /// Moves what the level has gathered into the query.
    pub(super) fn finish(&mut self, query: &mut Query) {
        let level = self.level_mut();
        query.ctes = std::mem::take(&mut level.ctes).into_iter().filter_map(super::cte::CteEntry::into_tree).collect();
        query.range_table = std::mem::take(&mut level.range_table);
        query.from = std::mem::take(&mut level.from);
        query.samples = std::mem::take(&mut level.samples);
        query.has_aggregates = level.has_aggregates;
        query.has_window_functions = level.has_window_functions;
        query.has_target_sets = level.has_target_sets;
    }

    /// The columns that a query gives, with what they are (`exprType`, `exprTypmod`, `exprCollation` of the targets).
    pub(super) fn output_columns(&self, query: &Query) -> Vec<RowColumn> {
        query
            .outputs()
            .map(|target| RowColumn {
                name: target.name.clone(),
                type_: self.type_of(&target.expr),
                typmod: self.typmod_of(&target.expr),
                collation: self.collation_of(&target.expr),
            })
            .collect()
    }

    /// `transformLockingClause`: what FOR UPDATE and its like cannot stand beside (`CheckSelectLocking`).
    fn locking_clauses(&self, select: &ast::SelectStmt, query: &Query) -> Outcome<()> {
        for clause in &select.locking_clause {
            let Some(NodeEnum::LockingClause(clause)) = &clause.node else { continue };
            let beside = if query.distinct != Distinct::No {
                Some("DISTINCT")
            } else if !select.group_clause.is_empty() {
                Some("GROUP BY")
            } else if query.having.is_some() {
                Some("HAVING")
            } else if query.has_aggregates {
                Some("aggregate functions")
            } else if query.has_window_functions {
                Some("window functions")
            } else if query.has_target_sets {
                Some("set-returning functions in the target list")
            } else {
                None
            };
            if let Some(beside) = beside {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("FOR UPDATE and its like are not allowed with {beside}"),
                    None,
                ));
            }
            for relation in &clause.locked_rels {
                let NodeEnum::RangeVar(relation) = node(relation)? else { continue };
                let entries = query.range_table.iter().enumerate();
                let mut found = entries.filter(|(at, entry)| {
                    // OLD and NEW of a rule are not in FROM (`inFromCl`).
                    let joined = !matches!(entry.kind, RangeTableKind::Relation { .. })
                        || query.from.iter().any(|item| item.has_entry(*at));
                    joined && entry.name == relation.relname
                });
                match found.next().map(|(_, entry)| &entry.kind) {
                    None => {
                        return Err(Failure::new(
                            SqlState::UNDEFINED_TABLE,
                            format!("FOR UPDATE names `{}`, which is not in FROM", relation.relname),
                            place(relation.location),
                        ));
                    }
                    Some(RangeTableKind::Relation { .. } | RangeTableKind::Subquery(_)) => {}
                    Some(_) => {
                        return Err(Failure::new(
                            SqlState::FEATURE_NOT_SUPPORTED,
                            format!("FOR UPDATE cannot be applied to `{}`, which is not a table", relation.relname),
                            place(relation.location),
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// A namespace that shows the output columns of a set operation, so that ORDER BY can name them.
    pub(super) fn output_namespace(&self, columns: &[RowColumn], leftmost: usize) -> NamespaceItem {
        let targets = (1i16..)
            .zip(columns)
            .map(|(number, column)| NamespaceColumn {
                target: Some(ColumnTarget {
                    relation: leftmost,
                    column: number,
                    type_: column.type_,
                    typmod: column.typmod,
                    collation: column.collation,
                }),
                hidden_from_star: false,
            })
            .collect();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let mut item = NamespaceItem::new(leftmost, String::new(), names, targets);
        item.relation_visible = false;
        item
    }

    /// Adds an entry to FROM and to the namespace (`addNSItemToQuery`).
    pub(super) fn add_from_entry(&mut self, entry: RangeTableEntry) -> FromItem {
        let result = self.add_entry(entry);
        self.level_mut().namespace.extend(result.namespace);
        result.item
    }
}

/// Targets for everything that `*` spells of an item (`expandNSItemAttrs`).
pub(super) fn star_targets(item: &NamespaceItem, levels_up: usize, location: crate::tree::Location) -> Vec<Target> {
    item.star()
        .map(|(name, target)| Target {
            name: name.to_owned(),
            expr: target.var(levels_up, location),
            sort_group: 0,
            junk: false,
        })
        .collect()
}

/// No such column where output columns are seen too: one of them may be meant.
fn near_output(failure: Failure, targets: &[Target]) -> Failure {
    let missing = failure.message.strip_prefix("no column `").and_then(|rest| rest.strip_suffix('`'));
    let Some(missing) = missing.filter(|_| failure.help.is_none() && failure.note.is_none()) else { return failure };
    let outputs = targets.iter().filter(|target| !target.junk).map(|target| target.name.as_str());
    match nearest(missing, outputs) {
        Some(near) => {
            let help = format!("did you mean the output column `{near}`?");
            failure.help(help)
        }
        None => failure,
    }
}
