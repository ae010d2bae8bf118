//! WITH queries: their columns, their order, SEARCH and CYCLE (parse_cte.c). Which of them are recursive is found in
//! `recursion`.

use super::collation::Conflict;
use super::from::{FromResult, alias_columns};
use super::recursion::dependency_order;
use super::syntax::{names, required};
use super::{Analyser, ExpressionKind, Outcome, ParentCte};
use crate::catalog::{Oid, ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::ExprNode;
use crate::tree::{Cte, Expr, RangeTableEntry, RangeTableKind, RowColumn, SetOperand};

/// Whether WITH queries may change data: in functions, in rules and where a table is made of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modifying {
    Refused,
    Allowed,
}

/// A WITH query, before or after its analysis.
#[derive(Debug)]
pub(super) struct CteEntry<'a> {
    pub(super) name: &'a str,
    raw: &'a ast::CommonTableExpr,
    pub(super) recursive: bool,
    /// `None` while it is under analysis.
    pub(super) query: Option<crate::tree::Query>,
    /// Its own columns; of a recursive one those of the non-recursive term.
    columns: Vec<RowColumn>,
    /// The columns that SEARCH and CYCLE add.
    added: Vec<RowColumn>,
    /// Whether CYCLE marks rows with values that are not null.
    mark_not_null: bool,
}

impl CteEntry<'_> {
    /// The finished query for the tree.
    pub(super) fn into_tree(self) -> Option<Cte> {
        let query_columns = self.columns.len();
        let mut columns = self.columns;
        columns.extend(self.added);
        Some(Cte {
            name: self.name.to_owned(),
            query: self.query?,
            recursive: self.recursive,
            columns,
            query_columns,
            mark_not_null: self.mark_not_null,
            location: place(self.raw.location),
        })
    }
}

impl<'a> Analyser<'a> {
    /// `transformWithClause`
    pub(super) fn with_clause(&mut self, with: &'a ast::WithClause) -> Outcome<()> {
        let mut ctes: Vec<&'a ast::CommonTableExpr> = Vec::new();
        for cte in &with.ctes {
            let Some(NodeEnum::CommonTableExpr(cte)) = &cte.node else { continue };
            if ctes.iter().any(|other| other.ctename == cte.ctename) {
                return Err(Failure::new(
                    SqlState::DUPLICATE_ALIAS,
                    format!("the WITH query `{}` is there more than once", cte.ctename),
                    place(cte.location),
                ));
            }
            let changes = !matches!(required(cte.ctequery.as_deref())?, NodeEnum::SelectStmt(_));
            if changes && self.modifying == Modifying::Refused {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("the WITH query `{}` changes data, which a view cannot", cte.ctename),
                    place(cte.location),
                ));
            }
            if matches!(required(cte.ctequery.as_deref())?, NodeEnum::MergeStmt(_))
                && self.version() < ServerVersion::V17
            {
                let version = self.version().major();
                let message = format!("PostgreSQL {version} does not have MERGE in WITH");
                return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, place(cte.location)));
            }
            ctes.push(cte);
        }
        let entry = |raw: &'a ast::CommonTableExpr, recursive: bool| CteEntry {
            name: &raw.ctename,
            raw,
            recursive,
            query: None,
            columns: Vec::new(),
            added: Vec::new(),
            mark_not_null: false,
        };
        if with.recursive {
            // All names are visible at once; each is analysed after those it needs.
            let ordered = dependency_order(&ctes)?;
            let first = self.level().ctes.len();
            let count = ordered.len();
            self.level_mut().ctes.extend(ordered.into_iter().map(|(raw, recursive)| entry(raw, recursive)));
            for index in first..first + count {
                self.analyse_cte(index)?;
            }
        } else {
            let mut waiting: Vec<&'a str> = ctes.iter().map(|cte| cte.ctename.as_str()).collect();
            for raw in ctes {
                // A name is visible from the next query on.
                self.level_mut().future_ctes.clone_from(&waiting);
                let index = self.level().ctes.len();
                let mut own = entry(raw, false);
                // Until it is finished it must not be found under its name.
                own.name = "";
                self.level_mut().ctes.push(own);
                self.analyse_cte(index)?;
                if let Some(entry) = self.level_mut().ctes.get_mut(index) {
                    entry.name = &raw.ctename;
                }
                waiting.remove(0);
            }
            self.level_mut().future_ctes.clear();
        }
        Ok(())
    }

    /// `analyzeCTE`
    fn analyse_cte(&mut self, index: usize) -> Outcome<()> {
        let Some(entry) = self.level().ctes.get(index) else { return Ok(()) };
        let (raw, recursive) = (entry.raw, entry.recursive);
        let statement = required(raw.ctequery.as_deref())?;
        let (mut added, mut mark_not_null) = (Vec::new(), false);
        if let Some(search) = &raw.search_clause {
            let type_ = if search.search_breadth_first { oids::RECORD } else { oids::RECORD_ARRAY };
            added.push(plain_column(&search.search_seq_column, type_));
        }
        if let Some(cycle) = &raw.cycle_clause {
            let (mark, not_null) = self.cycle_mark(cycle)?;
            added.push(mark);
            mark_not_null = not_null;
            added.push(plain_column(&cycle.cycle_path_column, oids::RECORD_ARRAY));
        }
        if let Some(entry) = self.level_mut().ctes.get_mut(index) {
            (entry.added, entry.mark_not_null) = (added, mark_not_null);
        }
        let query = self.cte_statement(statement, ParentCte { index, recursive })?;
        if query.modification.is_some() && self.levels.len() > 1 {
            let message = format!("the WITH query `{}` changes data, which only the outermost WITH may", raw.ctename);
            return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, place(raw.location))
                .help("move it to the WITH clause of the whole statement"));
        }
        if recursive {
            self.check_recursive_columns(index, &query)?;
        } else {
            let columns = self.output_columns(&query);
            self.fix_columns(index, columns)?;
        }
        self.check_search_and_cycle(index, &query)?;
        if let Some(entry) = self.level_mut().ctes.get_mut(index) {
            entry.query = Some(query);
        }
        Ok(())
    }

    /// The mark column of CYCLE, and whether it is never null.
    fn cycle_mark(&mut self, cycle: &'a ast::CteCycleClause) -> Outcome<(RowColumn, bool)> {
        let mut marks = Vec::new();
        for raw in [&cycle.cycle_mark_value, &cycle.cycle_mark_default] {
            marks.push(self.expression(required(raw.as_deref())?, ExpressionKind::CycleMark)?);
        }
        let (type_, mut marks) = self.same_type(marks, "CYCLE")?;
        let typmod = self.common_typmod(&marks, type_);
        let collation = self.common_collation(marks.iter_mut(), Conflict::Allowed)?;
        let operators = self.resolver.sort_operators(type_);
        let negator = self.catalog().operator(operators.equal).map_or(Oid::INVALID, |operator| operator.negator);
        if !negator.is_valid() {
            return Err(Failure::new(
                SqlState::UNDEFINED_FUNCTION,
                format!("type `{}` has no `=` and `<>`, which CYCLE needs", self.type_text(type_)),
                place(cycle.location),
            ));
        }
        let not_null = marks.iter().all(|mark| matches!(&*mark.node, ExprNode::Const { value: Some(_), .. }));
        Ok((RowColumn { name: cycle.cycle_mark_column.clone(), type_, typmod, collation }, not_null))
    }

    /// Names and types of a WITH query (`analyzeCTETargetList`).
    fn fix_columns(&mut self, index: usize, mut columns: Vec<RowColumn>) -> Outcome<()> {
        let Some(entry) = self.level().ctes.get(index) else { return Ok(()) };
        let (raw, recursive) = (entry.raw, entry.recursive);
        let aliases = names(&raw.aliascolnames);
        if aliases.len() > columns.len() {
            return Err(Failure::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!(
                    "the WITH query `{}` has {} columns named, but its query has {}",
                    raw.ctename,
                    aliases.len(),
                    columns.len()
                ),
                place(raw.location),
            ));
        }
        for (column, alias) in columns.iter_mut().zip(aliases) {
            column.name = alias.to_owned();
        }
        if recursive {
            for column in columns.iter_mut().filter(|column| column.type_ == oids::UNKNOWN) {
                column.type_ = oids::TEXT;
                column.typmod = -1;
                if !column.collation.is_valid() {
                    column.collation = oids::DEFAULT_COLLATION;
                }
            }
        }
        if let Some(entry) = self.level_mut().ctes.get_mut(index) {
            entry.columns = columns;
        }
        Ok(())
    }

    /// The non-recursive term decides what the columns of a recursive query are (`determineRecursiveColTypes`).
    pub(super) fn fix_recursive_columns<'e>(
        &mut self,
        parent: ParentCte,
        leftmost: usize,
        exprs: impl Iterator<Item = &'e Expr>,
    ) -> Outcome<()> {
        let names = self.leaf_names(leftmost);
        let columns: Vec<RowColumn> = exprs
            .zip(names)
            .map(|(expr, (name, _))| RowColumn {
                name,
                type_: self.type_of(expr),
                typmod: self.typmod_of(expr),
                collation: self.collation_of(expr),
            })
            .collect();
        // The WITH query belongs to the level above that of its own query.
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let outcome = self.fix_columns(parent.index, columns);
        self.levels.push(level);
        outcome
    }

    /// The whole recursive query must have the columns of its non-recursive term.
    fn check_recursive_columns(&self, index: usize, query: &crate::tree::Query) -> Outcome<()> {
        let Some(entry) = self.level().ctes.get(index) else { return Ok(()) };
        for (number, (column, target)) in (1..).zip(entry.columns.iter().zip(query.outputs())) {
            let (type_, typmod) = (self.type_of(&target.expr), self.typmod_of(&target.expr));
            if (type_, typmod) != (column.type_, column.typmod) {
                let first = self.resolver.format_type(column.type_, column.typmod);
                let overall = self.resolver.format_type(type_, typmod);
                return Err(Failure::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!(
                        "column {number} of the recursive query `{}` has type `{first}` in its non-recursive term, but `{overall}` overall",
                        entry.name
                    ),
                    target.expr.location,
                )
                .help("cast it in the non-recursive term to the type that is meant"));
            }
            if self.collation_of(&target.expr) != column.collation {
                return Err(Failure::new(
                    SqlState::COLLATION_MISMATCH,
                    format!(
                        "column {number} of the recursive query `{}` has another collation in its non-recursive term than overall",
                        entry.name
                    ),
                    target.expr.location,
                )
                .help("set its collation in the non-recursive term with COLLATE"));
            }
        }
        Ok(())
    }

    fn check_search_and_cycle(&self, index: usize, query: &crate::tree::Query) -> Outcome<()> {
        let Some(entry) = self.level().ctes.get(index) else { return Ok(()) };
        let (search, cycle) = (&entry.raw.search_clause, &entry.raw.cycle_clause);
        if search.is_none() && cycle.is_none() {
            return Ok(());
        }
        let location = place(entry.raw.location);
        let refused = |message: String| Err(Failure::new(SqlState::SYNTAX_ERROR, message, location));
        if !entry.recursive {
            return refused(format!(
                "the WITH query `{}` is not recursive, so it cannot have SEARCH or CYCLE",
                entry.raw.ctename
            ));
        }
        let plain = |operand: &SetOperand| matches!(operand, SetOperand::Entry(_));
        if let Some(operation) = &query.set_operation {
            let message = "with SEARCH or CYCLE both sides of the UNION must be a SELECT";
            // The left side is what the server may learn to take one day.
            if !plain(&operation.left) {
                return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location));
            }
            if !plain(&operation.right) {
                return refused(message.to_owned());
            }
        }
        let mut taken: Vec<&str> = entry.columns.iter().map(|column| column.name.as_str()).collect();
        let lists = search
            .iter()
            .map(|search| ("SEARCH", &search.search_col_list))
            .chain(cycle.iter().map(|cycle| ("CYCLE", &cycle.cycle_col_list)));
        for (clause, list) in lists {
            let list = names(list);
            for (position, name) in list.iter().enumerate() {
                if !taken.contains(name) {
                    return refused(format!("{clause} names `{name}`, which is not a column of `{}`", entry.name));
                }
                if list[..position].contains(name) {
                    return Err(Failure::new(
                        SqlState::DUPLICATE_COLUMN,
                        format!("{clause} names `{name}` more than once"),
                        location,
                    ));
                }
            }
        }
        for column in &entry.added {
            if taken.contains(&column.name.as_str()) {
                return refused(format!("the name `{}` is used for a column already", column.name));
            }
            taken.push(&column.name);
        }
        Ok(())
    }

    /// The WITH query that a name stands for: how many levels up, and its place there (`scanNameSpaceForCTE`).
    pub(super) fn find_cte(&self, name: &str) -> Option<(usize, usize)> {
        (0..self.levels.len()).find_map(|levels_up| {
            let level = self.level_up(levels_up)?;
            let index = level.ctes.iter().position(|cte| cte.name == name)?;
            Some((levels_up, index))
        })
    }

    /// `addRangeTableEntryForCTE`
    pub(super) fn cte_reference(
        &mut self,
        range: &'a ast::RangeVar,
        levels_up: usize,
        index: usize,
    ) -> Outcome<FromResult> {
        let location = place(range.location);
        let Some(entry) = self.level_up(levels_up).and_then(|level| level.ctes.get(index)) else {
            return Err(Failure::new(
                SqlState::UNDEFINED_TABLE,
                format!("no WITH query `{}`", range.relname),
                location,
            ));
        };
        let self_reference = entry.query.is_none();
        if entry.query.as_ref().is_some_and(|query| query.modification.is_some() && query.outputs().next().is_none()) {
            let message = format!("the WITH query `{}` gives nothing: it has no RETURNING", range.relname);
            return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location)
                .help("give it a RETURNING with the columns that are read"));
        }
        let (own, added) = (entry.columns.clone(), entry.added.clone());
        let alias = range.alias.as_ref();
        let name = alias.map_or_else(|| range.relname.clone(), |alias| alias.aliasname.clone());
        let mut columns = alias_columns(&format!("`{name}`"), alias, own.into(), location)?;
        let hidden = added.len();
        if hidden > 0 {
            columns = columns.iter().cloned().chain(added).collect();
        }
        let kind = RangeTableKind::Cte { name: range.relname.clone(), levels_up, self_reference };
        let mut result = self.add_entry(RangeTableEntry { name, columns, kind, lateral: false, location });
        // In sub-queries of the WITH query itself `*` leaves out what SEARCH and CYCLE add.
        if levels_up > 0
            && hidden > 0
            && let Some(item) = result.namespace.last_mut()
        {
            let mut shown = item.columns.to_vec();
            for column in shown.iter_mut().rev().take(hidden) {
                column.hidden_from_star = true;
            }
            item.columns = shown.into();
        }
        Ok(result)
    }
}

fn plain_column(name: &str, type_: Oid) -> RowColumn {
    RowColumn { name: name.to_owned(), type_, typmod: -1, collation: Oid::INVALID }
}
