//! UPDATE, and what SET assigns, in ON CONFLICT and MERGE too (`transformUpdateStmt`, `transformUpdateTargetList` in
//! analyze.c; `transformMultiAssignRef` in parse_expr.c).

use super::assignment::{RowBefore, TargetTable};
use super::syntax::{location_of, node, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{Command, Expr, ExprNode, Location, Modification, Query, Target};

/// Where the values of `(a, b) = …` come from.
enum Source {
    Row(Vec<Expr>),
    /// A sub-select, as the parameters that stand for its columns.
    Select(Vec<Expr>),
}

impl<'a> Analyser<'a> {
    /// `transformUpdateStmt`
    pub(super) fn update_statement(&mut self, update: &'a ast::UpdateStmt) -> Outcome<Query> {
        if let Some(with) = &update.with_clause {
            self.with_clause(with)?;
        }
        let target = self.source_and_target_table(update.relation.as_ref())?;
        self.add_from_clause_beside(&target, &update.from_clause)?;
        let filter = self.optional_condition(update.where_clause.as_deref(), ExpressionKind::Where, "WHERE")?;
        let returning = self.returning(update.returning_clause.as_ref(), &target, ExpressionKind::Returning)?;
        let (targets, columns) = self.update_targets(&update.target_list, &target)?;
        let modification = Modification { columns, ..Modification::new(Command::Update, target.entry(), returning) };
        let mut query = Query { targets, filter, modification: Some(Box::new(modification)), ..Query::default() };
        self.finish(&mut query);
        self.assign_query_collations(&mut query)?;
        Ok(query)
    }

    /// `transformUpdateTargetList`: what is assigned, with the numbers of the columns; sub-selects that give several
    /// values come last and go to no column.
    pub(super) fn update_targets(
        &mut self,
        list: &'a [ast::Node],
        target: &TargetTable<'a>,
    ) -> Outcome<(Vec<Target>, Vec<i16>)> {
        let (mut values, mut junk, mut source) = (Vec::new(), Vec::new(), None);
        for entry in list {
            let NodeEnum::ResTarget(column) = node(entry)? else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "SET has an entry of another kind", None));
            };
            let value = match required(column.val.as_deref())? {
                NodeEnum::MultiAssignRef(reference) => self.one_of_several(reference, &mut source, &mut junk)?,
                value => self.value_or_default(value, ExpressionKind::UpdateSource)?,
            };
            values.push((column, value));
        }
        let (mut targets, mut columns) = (Vec::new(), Vec::new());
        for (column, value) in values {
            let assigned = self.update_column(target, column)?;
            let expr = self.assign(value, ExpressionKind::UpdateTarget, target, assigned, RowBefore::Updated)?;
            targets.push(Target { name: column.name.clone(), expr, sort_group: 0, junk: false });
            columns.push(assigned.number);
        }
        targets.extend(junk);
        Ok((targets, columns))
    }

    /// `transformMultiAssignRef`: the first of the columns brings the source of all.
    fn one_of_several(
        &mut self,
        reference: &'a ast::MultiAssignRef,
        source: &mut Option<Source>,
        junk: &mut Vec<Target>,
    ) -> Outcome<Expr> {
        if reference.colno == 1 {
            *source = Some(self.source_of_several(reference, junk)?);
        }
        let at = usize::try_from(reference.colno).ok().and_then(|number| number.checked_sub(1));
        let values = match source {
            Some(Source::Row(values) | Source::Select(values)) => values.as_slice(),
            None => &[],
        };
        let value = at.and_then(|at| values.get(at)).cloned();
        value.ok_or_else(|| Failure::new(SqlState::SYNTAX_ERROR, "SET names a column without a value", None))
    }

    fn source_of_several(&mut self, reference: &'a ast::MultiAssignRef, junk: &mut Vec<Target>) -> Outcome<Source> {
        let wanted = usize::try_from(reference.ncolumns).unwrap_or_default();
        let check = |given: usize, location: Location| match given == wanted {
            true => Ok(()),
            false => {
                let message = format!("SET assigns {given} values to {wanted} columns");
                Err(Failure::new(SqlState::SYNTAX_ERROR, message, location))
            }
        };
        let kind = ExpressionKind::UpdateSource;
        match required(reference.source.as_deref())? {
            NodeEnum::SubLink(sublink) if sublink.sub_link_type() == ast::SubLinkType::ExprSublink => {
                let location = place(sublink.location);
                let saved = self.enter_expression(kind);
                let query = self.sublink_query(sublink);
                self.leave_expression(saved);
                let query = query?;
                check(query.outputs().count(), location)?;
                let columns = (1i32..).zip(query.outputs()).map(|(number, output)| {
                    let (type_, typmod) = (self.type_of(&output.expr), self.typmod_of(&output.expr));
                    let collation = self.collation_of(&output.expr);
                    let location = super::expression::start(&output.expr);
                    Expr::new(ExprNode::Param { number, type_, typmod, collation }, location)
                });
                let columns = columns.collect();
                let kind = crate::tree::SublinkKind::Scalar;
                let node = ExprNode::Sublink { kind, test: None, query: Box::new(query) };
                junk.push(Target { name: String::new(), expr: Expr::new(node, location), sort_group: 0, junk: true });
                Ok(Source::Select(columns))
            }
            NodeEnum::RowExpr(row) => {
                let values = self.values_or_defaults(&row.args, kind)?;
                check(values.len(), place(row.location))?;
                Ok(Source::Row(values))
            }
            other => Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "several columns can be assigned a row or a sub-select only",
                location_of(other),
            )
            .help("write `ROW(…)`, or `(SELECT …)`")),
        }
    }
}
