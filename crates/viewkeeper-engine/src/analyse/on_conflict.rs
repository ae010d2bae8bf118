//! ON CONFLICT of INSERT (`transformOnConflictClause` in analyze.c, `transformOnConflictArbiter` in parse_clause.c).

use super::assignment::TargetTable;
use super::scope::NamespaceItem;
use super::syntax::{node, optional};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{FIRST_USER_OID, Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::suggest::nearest;
use crate::resolve::{Failure, ObjectName, place};
use crate::tree::{Expr, Location, OnConflict, RangeTableEntry, RangeTableKind};

impl<'a> Analyser<'a> {
    /// `transformOnConflictClause`
    pub(super) fn on_conflict(
        &mut self,
        clause: &'a ast::OnConflictClause,
        target: &TargetTable<'a>,
    ) -> Outcome<OnConflict> {
        let updates = clause.action() == ast::OnConflictAction::OnconflictUpdate;
        let location = place(clause.location);
        // It is there already while the arbiter is looked at, and can be named only after that.
        let excluded = updates.then(|| self.excluded_row(target));
        let Some(infer) = clause.infer.as_deref() else {
            if updates {
                let message = "ON CONFLICT DO UPDATE does not say which conflict";
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, location)
                    .help("name the columns of a unique index, as in `ON CONFLICT (id)`, or a constraint"));
            }
            self.check_conflicts_can_be_found(target, location)?;
            return Ok(OnConflict {
                arbiter: Vec::new(),
                arbiter_filter: None,
                constraint: None,
                assignments: Vec::new(),
                columns: Vec::new(),
                filter: None,
                excluded: None,
            });
        };
        self.check_conflicts_can_be_found(target, location)?;
        let arbiter = self.arbiter(infer)?;
        let arbiter_filter = match optional(infer.where_clause.as_deref()) {
            Some(filter) => Some(self.expression(filter, ExpressionKind::IndexPredicate)?),
            None => None,
        };
        let constraint = match infer.conname.as_str() {
            "" => None,
            name => Some(constraint_named(target, name)?),
        };
        let (mut assignments, mut columns, mut filter) = (Vec::new(), Vec::new(), None);
        if let Some(excluded) = &excluded {
            self.level_mut().namespace.push(excluded.clone());
            (assignments, columns) = self.update_targets(&clause.target_list, target)?;
            filter = self.optional_condition(clause.where_clause.as_deref(), ExpressionKind::Where, "WHERE")?;
            self.level_mut().namespace.pop();
        }
        let excluded = excluded.map(|item| item.entry);
        Ok(OnConflict { arbiter, arbiter_filter, constraint, assignments, columns, filter, excluded })
    }

    /// Rows of PostgreSQL's own catalogs cannot be inserted so.
    fn check_conflicts_can_be_found(&self, target: &TargetTable<'a>, location: Location) -> Outcome<()> {
        if target.relation.oid.0 >= FIRST_USER_OID || target.relation.schema != oids::PG_CATALOG {
            return Ok(());
        }
        Err(Failure::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            "ON CONFLICT is not supported with system catalogs",
            location,
        ))
    }

    /// The row `excluded`, which is not visible yet.
    fn excluded_row(&mut self, target: &TargetTable<'a>) -> NamespaceItem {
        let columns = self.catalog().row_columns(target.relation);
        let kind = RangeTableKind::Relation { relation: target.relation.oid, only: true };
        let entry = self.level().range_table.len();
        let name = "excluded".to_owned();
        let row = RangeTableEntry { name, columns, kind, lateral: false, location: None };
        let mut result = self.add_entry(row);
        self.level_mut().excluded = Some(entry);
        result.namespace.pop().unwrap_or_else(|| target.item.clone())
    }

    /// `resolve_unique_index_expr`. That there is such an index is looked at when the statement is planned only.
    fn arbiter(&mut self, infer: &'a ast::InferClause) -> Outcome<Vec<Expr>> {
        let location = place(infer.location);
        let refused = |what: &str| {
            let message = format!("{what} is not allowed in ON CONFLICT");
            Err(Failure::new(SqlState::INVALID_COLUMN_REFERENCE, message, location))
        };
        let mut arbiter = Vec::new();
        for element in &infer.index_elems {
            let NodeEnum::IndexElem(element) = node(element)? else { continue };
            if !matches!(element.ordering(), ast::SortByDir::Undefined | ast::SortByDir::SortbyDefault) {
                return refused("ASC and DESC");
            }
            let default_nulls = [ast::SortByNulls::Undefined, ast::SortByNulls::SortbyNullsDefault];
            if !default_nulls.contains(&element.nulls_ordering()) {
                return refused("NULLS FIRST and NULLS LAST");
            }
            let saved = self.enter_expression(ExpressionKind::IndexExpression);
            let expr = match optional(element.expr.as_deref()) {
                Some(raw) => self.expr(raw),
                None => self.bare_reference(&element.name, location),
            };
            self.leave_expression(saved);
            let expr = expr?;
            if !element.collation.is_empty() {
                let name = ObjectName::from_nodes(&element.collation, expr.location)?;
                self.resolver.collation(&name, expr.location)?;
            }
            arbiter.push(expr);
        }
        Ok(arbiter)
    }
}

/// `get_relation_constraint_attnos`
fn constraint_named(target: &TargetTable<'_>, name: &str) -> Outcome<Oid> {
    let found = target.relation.constraints.iter().find(|constraint| constraint.name == name);
    found.map(|constraint| constraint.oid).ok_or_else(|| {
        let message = format!("no constraint `{name}` on `{}`", target.relation.name);
        let failure = Failure::new(SqlState::UNDEFINED_OBJECT, message, None);
        let names = target.relation.constraints.iter().map(|constraint| constraint.name.as_str());
        failure.meant(nearest(name, names))
    })
}
