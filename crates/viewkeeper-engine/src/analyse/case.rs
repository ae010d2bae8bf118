//! CASE, COALESCE, GREATEST and LEAST: arms that share a type.

use super::syntax::{node, optional};
use super::{Analyser, Outcome, take};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ObjectName, place};
use crate::tree::{CaseExpr, Expr, ExprNode};

impl<'a> Analyser<'a> {
    /// `transformCaseExpr`
    pub(super) fn case(&mut self, case: &'a ast::CaseExpr) -> Outcome<Expr> {
        let before = self.level().set_calls;
        let arg = match optional(case.arg.as_deref()) {
            None => None,
            Some(raw) => {
                let mut arg = self.expr(raw)?;
                self.unknown_to_text(&mut arg)?;
                self.assign_collations(&mut arg)?;
                Some(arg)
            }
        };
        let tested = arg.as_ref().map(|arg| ExprNode::CaseTest {
            type_: self.type_of(arg),
            typmod: self.typmod_of(arg),
            collation: self.collation_of(arg),
        });
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for when in &case.args {
            let NodeEnum::CaseWhen(when) = node(when)? else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "CASE needs WHEN", place(case.location)));
            };
            let mut condition = self.boxed(when.expr.as_deref())?;
            if let Some(tested) = &tested {
                let location = place(when.location);
                let tested = Expr::new(tested.clone(), location);
                condition = self.operator(&ObjectName::bare("="), Some(tested), condition, location)?;
            }
            conditions.push(self.to_boolean(condition, "CASE/WHEN")?);
            results.push(self.boxed(when.result.as_deref())?);
        }
        let default = match optional(case.defresult.as_deref()) {
            Some(raw) => self.expr(raw)?,
            None => {
                let null = ExprNode::Const { type_: oids::UNKNOWN, typmod: -1, collation: Oid::INVALID, value: None };
                Expr::new(null, None)
            }
        };
        // ELSE is considered first.
        results.insert(0, default);
        let type_ = self.common_type(&results, "CASE")?;
        let mut coerced = Vec::new();
        for (number, result) in results.into_iter().enumerate() {
            let construct = if number == 0 { "CASE/ELSE" } else { "CASE/WHEN" };
            coerced.push(self.to_common_type(result, type_, construct)?);
        }
        self.refuse_sets_since(before, "CASE")?;
        let mut coerced = coerced.into_iter();
        let Some(default) = coerced.next() else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "CASE needs WHEN", place(case.location)));
        };
        let whens = conditions.into_iter().zip(coerced).collect();
        let node = CaseExpr { type_, collation: Oid::INVALID, arg, whens, default };
        Ok(Expr::new(ExprNode::Case(Box::new(node)), place(case.location)))
    }

    /// `transformCoalesceExpr`
    pub(super) fn coalesce(&mut self, coalesce: &'a ast::CoalesceExpr) -> Outcome<Expr> {
        let before = self.level().set_calls;
        let args = self.exprs(&coalesce.args)?;
        let (type_, args) = self.same_type(args, "COALESCE")?;
        self.refuse_sets_since(before, "COALESCE")?;
        Ok(Expr::new(ExprNode::Coalesce { type_, collation: Oid::INVALID, args }, place(coalesce.location)))
    }

    /// `transformMinMaxExpr`
    pub(super) fn greatest_or_least(&mut self, minmax: &'a ast::MinMaxExpr) -> Outcome<Expr> {
        let greatest = minmax.op() == ast::MinMaxOp::IsGreatest;
        let args = self.exprs(&minmax.args)?;
        let (type_, args) = self.same_type(args, if greatest { "GREATEST" } else { "LEAST" })?;
        let none = Oid::INVALID;
        let node = ExprNode::MinMax { greatest, type_, collation: none, input_collation: none, args };
        Ok(Expr::new(node, place(minmax.location)))
    }

    /// Expressions cast to the type that they share.
    pub(super) fn same_type(&mut self, mut exprs: Vec<Expr>, construct: &str) -> Outcome<(Oid, Vec<Expr>)> {
        let type_ = self.common_type(&exprs, construct)?;
        for expr in &mut exprs {
            let value = take(expr);
            *expr = self.to_common_type(value, type_, construct)?;
        }
        Ok((type_, exprs))
    }
}
