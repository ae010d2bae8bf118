//! Operators and what the grammar makes of them: IN, BETWEEN, IS DISTINCT FROM, NULLIF, ANY, ALL, rows
//! (parse_expr.c, `make_op` in parse_oper.c).

use super::expression::list_items;
use super::syntax::{is_null_constant, node, optional, required};
use super::{Analyser, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{ArrayQuantifier, Failure, ObjectName, place};
use crate::tree::{BoolOperation, Expr, ExprNode, Location, returns_set};

impl<'a> Analyser<'a> {
    /// An operator over its operands, where a set-returning one may stand (`make_op`).
    pub(super) fn operator(
        &mut self,
        name: &ObjectName,
        left: Option<Expr>,
        right: Expr,
        location: Location,
    ) -> Outcome<Expr> {
        let before = self.level().set_calls;
        let result = self.resolver.make_op(name, left, right, location)?;
        if returns_set(&result) {
            self.admit_set(before, location)?;
            self.note_set(location);
        }
        Ok(result)
    }

    /// The A_Expr branch of `transformExprRecurse`.
    pub(super) fn a_expr(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        use ast::AExprKind as Kind;
        let location = place(expression.location);
        match expression.kind() {
            Kind::AexprOp | Kind::AexprLike | Kind::AexprIlike | Kind::AexprSimilar => self.plain_operator(expression),
            Kind::AexprOpAny => self.quantified(expression, ArrayQuantifier::Any),
            Kind::AexprOpAll => self.quantified(expression, ArrayQuantifier::All),
            Kind::AexprDistinct => self.distinct_from(expression),
            Kind::AexprNotDistinct => self.distinct_from(expression),
            Kind::AexprNullif => self.null_if(expression),
            Kind::AexprIn => self.in_list(expression),
            Kind::AexprBetween | Kind::AexprNotBetween | Kind::AexprBetweenSym | Kind::AexprNotBetweenSym => {
                self.between(expression)
            }
            Kind::Undefined => Err(Failure::new(SqlState::SYNTAX_ERROR, "an operator without a kind", location)),
        }
    }

    /// `transformAExprOp`
    fn plain_operator(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        let location = place(expression.location);
        let name = ObjectName::from_nodes(&expression.name, location)?;
        let (left, right) = (optional(expression.lexpr.as_deref()), required(expression.rexpr.as_deref())?);
        match (left, right) {
            (Some(row @ NodeEnum::RowExpr(_)), NodeEnum::SubLink(sublink))
                if sublink.sub_link_type() == ast::SubLinkType::ExprSublink =>
            {
                self.row_sublink(row, &name, sublink, location)
            }
            (Some(left @ NodeEnum::RowExpr(_)), NodeEnum::RowExpr(_)) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.row_comparison(&name, row_args(left), row_args(right), location)
            }
            _ => {
                let before = self.level().set_calls;
                let left = left.map(|left| self.expr(left)).transpose()?;
                let right = self.expr(right)?;
                let result = self.resolver.make_op(&name, left, right, location)?;
                if returns_set(&result) {
                    self.admit_set(before, location)?;
                    self.note_set(location);
                }
                Ok(result)
            }
        }
    }

    /// `make_row_comparison_op`
    pub(super) fn row_comparison(
        &mut self,
        name: &ObjectName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        location: Location,
    ) -> Outcome<Expr> {
        if left.len() != right.len() {
            return Err(unequal_rows(left.len(), right.len(), location));
        }
        if left.is_empty() {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "rows without entries cannot be compared",
                location,
            ));
        }
        self.resolver.make_row_comparison(name, left, right, location)
    }

    /// `transformAExprOpAny`, `transformAExprOpAll`
    fn quantified(&mut self, expression: &'a ast::AExpr, quantifier: ArrayQuantifier) -> Outcome<Expr> {
        let location = place(expression.location);
        let name = ObjectName::from_nodes(&expression.name, location)?;
        let left = self.boxed(expression.lexpr.as_deref())?;
        let right = self.boxed(expression.rexpr.as_deref())?;
        self.resolver.make_scalar_array_op(&name, quantifier, left, right, location)
    }

    /// `transformAExprDistinct`
    fn distinct_from(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        let location = place(expression.location);
        let negated = expression.kind() == ast::AExprKind::AexprNotDistinct;
        let (left, right) = (required(expression.lexpr.as_deref())?, required(expression.rexpr.as_deref())?);
        let tested = match (is_null_constant(Some(left)), is_null_constant(Some(right))) {
            (_, true) => Some(left),
            (true, false) => Some(right),
            (false, false) => None,
        };
        if let Some(tested) = tested {
            // `make_nulltest_from_distinct`
            let arg = self.expr(tested)?;
            return Ok(Expr::new(ExprNode::NullTest { arg, is_null: negated, row: false }, location));
        }
        let name = ObjectName::from_nodes(&expression.name, location)?;
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        if let (ExprNode::Row { .. }, ExprNode::Row { .. }) = (&*left.node, &*right.node) {
            let (left, right) = (row_args(left), row_args(right));
            return self.rows_distinct(&name, left, right, negated, location);
        }
        self.distinct(&name, left, right, negated, location)
    }

    /// `make_row_distinct_op`
    fn rows_distinct(
        &mut self,
        name: &ObjectName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        negated: bool,
        location: Location,
    ) -> Outcome<Expr> {
        if left.len() != right.len() {
            return Err(unequal_rows(left.len(), right.len(), location));
        }
        let mut args = Vec::new();
        for (left, right) in left.into_iter().zip(right) {
            args.push(self.distinct(name, left, right, negated, location)?);
        }
        let operation = if negated { BoolOperation::And } else { BoolOperation::Or };
        Ok(match args.len() {
            0 => {
                let value = Some(if negated { "t" } else { "f" }.to_owned());
                let node = ExprNode::Const { type_: oids::BOOL, typmod: -1, collation: Oid::INVALID, value };
                Expr::new(node, location)
            }
            1 => args.remove(0),
            _ => Expr::new(ExprNode::Bool { operation, args }, location),
        })
    }

    /// `make_distinct_op`
    fn distinct(
        &mut self,
        name: &ObjectName,
        left: Expr,
        right: Expr,
        negated: bool,
        location: Location,
    ) -> Outcome<Expr> {
        let mut equality = self.operator(name, Some(left), right, location)?;
        self.check_equality(&equality, "IS DISTINCT FROM", location)?;
        if let ExprNode::Operator { operator, function, input_collation, args, .. } = &mut *equality.node {
            let (operator, function, input_collation) = (*operator, *function, *input_collation);
            let args = std::mem::take(args);
            let node = ExprNode::Distinct { operator, function, input_collation, args, negated };
            return Ok(Expr::new(node, location));
        }
        Ok(equality)
    }

    /// `transformAExprNullIf`
    fn null_if(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        let location = place(expression.location);
        let name = ObjectName::from_nodes(&expression.name, location)?;
        let left = self.boxed(expression.lexpr.as_deref())?;
        let right = self.boxed(expression.rexpr.as_deref())?;
        let mut equality = self.operator(&name, Some(left), right, location)?;
        self.check_equality(&equality, "NULLIF", location)?;
        if let ExprNode::Operator { operator, function, collation, input_collation, args, .. } = &mut *equality.node {
            let (operator, function) = (*operator, *function);
            let (collation, input_collation) = (*collation, *input_collation);
            let args = std::mem::take(args);
            let type_ = args.first().map_or(Oid::INVALID, |first| self.type_of(first));
            let node = ExprNode::NullIf { operator, function, type_, collation, input_collation, args };
            return Ok(Expr::new(node, location));
        }
        Ok(equality)
    }

    /// The `=` that a construct stands on must be a plain comparison.
    fn check_equality(&self, equality: &Expr, construct: &str, location: Location) -> Outcome<()> {
        if self.type_of(equality) != oids::BOOL || returns_set(equality) {
            return Err(Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("{construct} needs an operator `=` that gives one boolean"),
                location,
            ));
        }
        Ok(())
    }

    /// `transformAExprIn`
    fn in_list(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        let location = place(expression.location);
        let name = ObjectName::from_nodes(&expression.name, location)?;
        let any = name.name != "<>";
        let left = self.boxed(expression.lexpr.as_deref())?;
        let mut with_columns = Vec::new();
        let mut without_columns = Vec::new();
        let mut all = Vec::new();
        for item in list_items(expression.rexpr.as_deref())? {
            let item = self.expr(node(item)?)?;
            if super::aggregate::variable_of_level(&item, 0).is_some() {
                with_columns.push(item.clone());
            } else {
                without_columns.push(item.clone());
            }
            all.push(item);
        }
        let mut result = None;
        let mut rest = all;
        if without_columns.len() > 1 {
            let together: Vec<&Expr> = std::iter::once(&left).chain(&without_columns).collect();
            let scalar = self.resolver.try_common_type(&together);
            let scalar = scalar.filter(|type_| self.resolver.verify_common_type(*type_, &together));
            let array = scalar
                .filter(|type_| *type_ != oids::RECORD)
                .map(|type_| (type_, self.catalog().array_type(type_)))
                .filter(|(_, array)| array.is_valid());
            if let Some((element, type_)) = array {
                let mut elements = Vec::new();
                for item in without_columns {
                    elements.push(self.to_common_type(item, element, "IN")?);
                }
                let node = ExprNode::Array { type_, collation: Oid::INVALID, element, elements, nested: false };
                let list = Expr::new(node, None);
                let quantifier = if any { ArrayQuantifier::Any } else { ArrayQuantifier::All };
                let left = left.clone();
                result = Some(self.resolver.make_scalar_array_op(&name, quantifier, left, list, location)?);
                rest = with_columns;
            }
        }
        let operation = if any { BoolOperation::Or } else { BoolOperation::And };
        let mut comparisons: Vec<Expr> = result.into_iter().collect();
        for item in rest {
            let both_rows = matches!((&*left.node, &*item.node), (ExprNode::Row { .. }, ExprNode::Row { .. }));
            let comparison = if both_rows {
                self.row_comparison(&name, row_args(left.clone()), row_args(item), location)?
            } else {
                self.operator(&name, Some(left.clone()), item, location)?
            };
            comparisons.push(self.to_boolean(comparison, "IN")?);
        }
        match comparisons.len() {
            0 => Err(Failure::new(SqlState::SYNTAX_ERROR, "IN needs a list", location)),
            1 => Ok(comparisons.remove(0)),
            _ => Ok(Expr::new(ExprNode::Bool { operation, args: comparisons }, location)),
        }
    }

    /// `transformAExprBetween`
    fn between(&mut self, expression: &'a ast::AExpr) -> Outcome<Expr> {
        let location = place(expression.location);
        let value = required(expression.lexpr.as_deref())?;
        let [low, high] = list_items(expression.rexpr.as_deref())? else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "BETWEEN needs two bounds", location));
        };
        let (low, high) = (node(low)?, node(high)?);
        let bound = |operation: BoolOperation, args: Vec<Expr>| Expr::new(ExprNode::Bool { operation, args }, location);
        use BoolOperation::{And, Or};
        match expression.kind() {
            ast::AExprKind::AexprBetween => {
                let args = self.compare_twice(value, [(">=", low), ("<=", high)], location)?;
                Ok(bound(And, args))
            }
            ast::AExprKind::AexprNotBetween => {
                let args = self.compare_twice(value, [("<", low), (">", high)], location)?;
                Ok(bound(Or, args))
            }
            ast::AExprKind::AexprBetweenSym => {
                let first = self.compare_twice(value, [(">=", low), ("<=", high)], location)?;
                let second = self.compare_twice(value, [(">=", high), ("<=", low)], location)?;
                Ok(bound(Or, vec![bound(And, first), bound(And, second)]))
            }
            _ => {
                let first = self.compare_twice(value, [("<", low), (">", high)], location)?;
                let second = self.compare_twice(value, [("<", high), (">", low)], location)?;
                Ok(bound(And, vec![bound(Or, first), bound(Or, second)]))
            }
        }
    }

    fn compare_twice(
        &mut self,
        value: &'a NodeEnum,
        bounds: [(&str, &'a NodeEnum); 2],
        location: Location,
    ) -> Outcome<Vec<Expr>> {
        let mut args = Vec::new();
        for (name, bound) in bounds {
            let (left, right) = (self.expr(value)?, self.expr(bound)?);
            let name = ObjectName::bare(name);
            let rows = matches!((value, bound), (NodeEnum::RowExpr(_), NodeEnum::RowExpr(_)));
            let comparison = if rows {
                self.row_comparison(&name, row_args(left), row_args(right), location)?
            } else {
                self.operator(&name, Some(left), right, location)?
            };
            args.push(self.to_boolean(comparison, "BETWEEN")?);
        }
        Ok(args)
    }
}

/// The entries of a row constructor; any other value is a row of itself.
pub(super) fn row_args(expr: Expr) -> Vec<Expr> {
    match *expr.node {
        ExprNode::Row { args, .. } => args,
        node => vec![Expr::new(node, expr.location)],
    }
}

fn unequal_rows(left: usize, right: usize, location: Location) -> Failure {
    Failure::new(SqlState::SYNTAX_ERROR, format!("rows of {left} and {right} entries cannot be compared"), location)
}
