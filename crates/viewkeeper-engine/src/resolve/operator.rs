//! Which operator is meant, and the expressions that use one (parse_oper.c, row comparisons of parse_expr.c).

use std::collections::BTreeSet;

use super::candidate::{Choice, Takes};
use super::polymorphic::is_polymorphic;
use super::{Coercion, Failure, ObjectName, Resolver};
use crate::catalog::{Oid, Operator, oids};
use crate::diagnostic::SqlState;
use crate::tree::{BoolOperation, Expr, ExprNode, Location, RowComparison};

/// What `op ANY(…)` and `op ALL(…)` ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArrayQuantifier {
    Any,
    All,
}

/// An operator with the types it takes: one for a prefix operator.
#[derive(Debug, Clone)]
struct Candidate<'c> {
    operator: &'c Operator,
    /// Of its schema in the search path.
    position: usize,
    /// Left and right; a prefix operator takes the right one only.
    types: [Oid; 2],
}

impl Takes for Candidate<'_> {
    fn types(&self) -> &[Oid] {
        if self.operator.left.is_valid() { &self.types } else { &self.types[1..] }
    }
}

/// Strategies of btree operator families; the last is not a family's own, but the negation of equality.
const EQUAL: u16 = 3;
const NOT_EQUAL: u16 = 6;

impl<'c> Resolver<'c> {
    /// The operator for operands of two types; a prefix operator has no left one (`oper`, `left_oper`).
    pub fn operator(
        &self,
        name: &ObjectName,
        left: Option<Oid>,
        right: Oid,
        location: Location,
    ) -> Result<&'c Operator, Failure> {
        let operands = (left.unwrap_or(Oid::INVALID), right);
        let system = self.catalog.system();
        let lasting = name.schema.is_none() && self.catalog.operator_is_systems(&name.name, operands);
        if lasting && let Some(known) = system.found_operator(&name.name, operands) {
            return Ok(known);
        }
        let found = self.find_operator(name, left, right, location)?;
        if lasting {
            system.remember_operator(operands, found.oid);
        }
        Ok(found)
    }

    fn find_operator(
        &self,
        name: &ObjectName,
        left: Option<Oid>,
        right: Oid,
        location: Location,
    ) -> Result<&'c Operator, Failure> {
        let schemas: Vec<Oid> = match &name.schema {
            Some(schema) => vec![self.schema(schema, location)?],
            None => self.path.for_functions().collect(),
        };
        let exact = |left: Oid, right: Oid| self.exact_operator(&name.name, &schemas, left, right);
        // `binary_oper_exact`: an unknown operand is taken to be of the other's type, or of that type's base.
        let found = match left {
            None => exact(Oid::INVALID, right),
            Some(left) => {
                let (of_left, of_right) = match (left, right) {
                    (oids::UNKNOWN, right) => (right, right),
                    (left, oids::UNKNOWN) => (left, left),
                    both => both,
                };
                exact(of_left, of_right).or_else(|| {
                    let base = self.catalog.base_type(of_left);
                    let was_unknown = left == oids::UNKNOWN || right == oids::UNKNOWN;
                    if was_unknown && base != of_left { exact(base, base) } else { None }
                })
            }
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let candidates = self.operator_candidates(&name.name, &schemas, left.is_some());
        let inputs: Vec<Oid> = left.into_iter().chain([right]).collect();
        match self.choose(&inputs, &candidates) {
            Choice::One(candidate) => Ok(candidate.operator),
            Choice::Ambiguous => Err(Failure::new(
                SqlState::AMBIGUOUS_FUNCTION,
                format!("more than one operator fits `{}`", self.operation_text(name, left, right)),
                location,
            )
            .help("cast an operand to the type that is meant")),
            Choice::None => Err(self.no_operator(name, left, right, &candidates, location)),
        }
    }

    fn no_operator(
        &self,
        name: &ObjectName,
        left: Option<Oid>,
        right: Oid,
        candidates: &[Candidate<'_>],
        location: Location,
    ) -> Failure {
        let failure = Failure::new(
            SqlState::UNDEFINED_FUNCTION,
            format!("no operator `{}`", self.operation_text(name, left, right)),
            location,
        );
        if candidates.is_empty() {
            failure.note(match &name.schema {
                Some(_) => format!("there is no operator `{name}`"),
                None => format!("there is no operator `{name}` in the search path"),
            })
        } else {
            failure.help("cast an operand so that both fit")
        }
    }

    /// `op_signature_string`
    fn operation_text(&self, name: &ObjectName, left: Option<Oid>, right: Oid) -> String {
        match left {
            Some(left) => format!("{} {name} {}", self.type_text(left), self.type_text(right)),
            None => format!("{name} {}", self.type_text(right)),
        }
    }

    /// The operator of exactly these types whose schema comes first (`OpernameGetOprid`).
    fn exact_operator(&self, name: &str, schemas: &[Oid], left: Oid, right: Oid) -> Option<&'c Operator> {
        let fitting = self.catalog.operators_named(name).filter(|row| row.left == left && row.right == right);
        let placed = fitting.filter_map(|row| Some((schemas.iter().position(|schema| *schema == row.schema)?, row)));
        placed.min_by_key(|(position, _)| *position).map(|(_, row)| row)
    }

    /// `OpernameGetCandidates`: of equal signatures the one whose schema comes first in the path.
    fn operator_candidates(&self, name: &str, schemas: &[Oid], binary: bool) -> Vec<Candidate<'c>> {
        let mut candidates: Vec<Candidate<'c>> = Vec::new();
        let named = self.catalog.operators_named(name).filter(|operator| operator.left.is_valid() == binary);
        for operator in named {
            let Some(position) = schemas.iter().position(|schema| *schema == operator.schema) else { continue };
            let types = [operator.left, operator.right];
            // Within one schema signatures differ.
            let other = |other: &&mut Candidate<'_>| other.position != position && other.types == types;
            match candidates.iter_mut().find(other) {
                Some(other) if position < other.position => (other.operator, other.position) = (operator, position),
                Some(_) => {}
                None => candidates.push(Candidate { operator, position, types }),
            }
        }
        candidates
    }

    /// The expression of an operator over its operands (`make_op`).
    pub fn make_op(
        &self,
        name: &ObjectName,
        left: Option<Expr>,
        right: Expr,
        location: Location,
    ) -> Result<Expr, Failure> {
        let operator =
            self.operator(name, left.as_ref().map(|left| self.type_of(left)), self.type_of(&right), location)?;
        self.refuse_shell(operator, location)?;
        let declared = if left.is_some() { vec![operator.left, operator.right] } else { vec![operator.right] };
        let args: Vec<Expr> = left.into_iter().chain([right]).collect();
        let (args, type_) = self.fit(args, declared, operator.result, location)?;
        let returns_set = self.catalog.routine(operator.function).is_some_and(|routine| routine.returns_set);
        let node = ExprNode::Operator {
            operator: operator.oid,
            function: operator.function,
            type_,
            returns_set,
            collation: Oid::INVALID,
            input_collation: Oid::INVALID,
            args,
        };
        Ok(Expr::new(node, location))
    }

    fn refuse_shell(&self, operator: &Operator, location: Location) -> Result<(), Failure> {
        if operator.function.is_valid() {
            return Ok(());
        }
        Err(Failure::new(
            SqlState::UNDEFINED_FUNCTION,
            format!("operator `{}` is only a shell", operator.name),
            location,
        ))
    }

    /// Resolves polymorphic types and casts arguments (`enforce_generic_type_consistency`, `make_fn_arguments`).
    pub(super) fn fit(
        &self,
        args: Vec<Expr>,
        mut declared: Vec<Oid>,
        result: Oid,
        location: Location,
    ) -> Result<(Vec<Expr>, Oid), Failure> {
        let actual: Vec<Oid> = args.iter().map(|arg| self.type_of(arg)).collect();
        let type_ =
            self.enforce_polymorphic(&actual, &mut declared, result).map_err(|failure| failure.or_at(location))?;
        Ok((self.cast_args(args, &declared)?, type_))
    }

    /// `make_fn_arguments`
    pub(super) fn cast_args(&self, args: Vec<Expr>, declared: &[Oid]) -> Result<Vec<Expr>, Failure> {
        let mut cast = Vec::with_capacity(args.len());
        for (arg, declared) in args.into_iter().zip(declared.iter().copied()) {
            let location = arg.location;
            cast.push(match *arg.node {
                ExprNode::NamedArgument { name, position, arg } => {
                    let arg = self.coerce_type(arg, Coercion::implicit(declared))?;
                    Expr::new(ExprNode::NamedArgument { name, position, arg }, location)
                }
                node => self.coerce_type(Expr::new(node, location), Coercion::implicit(declared))?,
            });
        }
        Ok(cast)
    }

    /// `left op ANY (right)` (`make_scalar_array_op`).
    pub fn make_scalar_array_op(
        &self,
        name: &ObjectName,
        quantifier: ArrayQuantifier,
        left: Expr,
        right: Expr,
        location: Location,
    ) -> Result<Expr, Failure> {
        let wrong = |message: &str| Failure::new(SqlState::WRONG_OBJECT_TYPE, message, location);
        let (left_type, array) = (self.type_of(&left), self.type_of(&right));
        let element = if array == oids::UNKNOWN { oids::UNKNOWN } else { self.catalog.base_element_type(array) };
        if !element.is_valid() {
            let array = self.type_text(array);
            return Err(wrong("the right side of `ANY` or `ALL` must be an array").note(format!("it is `{array}`")));
        }
        let operator = self.operator(name, Some(left_type), element, location)?;
        self.refuse_shell(operator, location)?;
        let mut declared = [operator.left, operator.right];
        let result = self
            .enforce_polymorphic(&[left_type, element], &mut declared, operator.result)
            .map_err(|failure| failure.or_at(location))?;
        if result != oids::BOOL {
            return Err(wrong("`ANY` and `ALL` need an operator that gives `boolean`"));
        }
        if self.catalog.routine(operator.function).is_some_and(|routine| routine.returns_set) {
            return Err(wrong("`ANY` and `ALL` need an operator that does not return a set"));
        }
        if is_polymorphic(declared[1]) {
            declared[1] = array;
        } else {
            let of = self.catalog.array_type(declared[1]);
            if !of.is_valid() {
                let element = self.type_text(declared[1]);
                let message = format!("there is no array type over `{element}`");
                return Err(Failure::new(SqlState::UNDEFINED_OBJECT, message, location));
            }
            declared[1] = of;
        }
        let args = self.cast_args(vec![left, right], &declared)?;
        let node = ExprNode::ArrayOperator {
            operator: operator.oid,
            function: operator.function,
            any: quantifier == ArrayQuantifier::Any,
            input_collation: Oid::INVALID,
            args,
        };
        Ok(Expr::new(node, location))
    }

    /// A comparison of rows of the same length (`make_row_comparison_op`): one comparison for rows of one, AND or OR of
    /// comparisons for equality and inequality, else a row comparison.
    pub fn make_row_comparison(
        &self,
        name: &ObjectName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        location: Location,
    ) -> Result<Expr, Failure> {
        if left.len() != right.len() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "the rows have different numbers of columns", location));
        }
        if left.is_empty() {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "rows of no columns cannot be compared",
                location,
            ));
        }
        let mut comparisons = Vec::new();
        for (left, right) in left.into_iter().zip(right) {
            let comparison = self.make_op(name, Some(left), right, location)?;
            if let ExprNode::Operator { type_, returns_set, .. } = &*comparison.node
                && (*type_ != oids::BOOL || *returns_set)
            {
                let message = format!("rows cannot be compared with `{name}`, which does not give one `boolean`");
                return Err(Failure::new(SqlState::DATATYPE_MISMATCH, message, location));
            }
            comparisons.push(comparison);
        }
        if comparisons.len() == 1 {
            return comparisons
                .pop()
                .ok_or_else(|| Failure::new(SqlState::SYNTAX_ERROR, "an empty row comparison", location));
        }
        let shared = comparisons
            .iter()
            .map(|comparison| match &*comparison.node {
                ExprNode::Operator { operator, .. } => self.btree_strategies(*operator),
                _ => BTreeSet::new(),
            })
            .reduce(|a, b| a.intersection(&b).copied().collect())
            .unwrap_or_default();
        match shared.first() {
            Some(&EQUAL) => {
                Ok(Expr::new(ExprNode::Bool { operation: BoolOperation::And, args: comparisons }, location))
            }
            Some(&NOT_EQUAL) => {
                Ok(Expr::new(ExprNode::Bool { operation: BoolOperation::Or, args: comparisons }, location))
            }
            Some(_) => {
                let (mut operators, mut left, mut right) = (Vec::new(), Vec::new(), Vec::new());
                for comparison in comparisons {
                    if let ExprNode::Operator { operator, args, .. } = *comparison.node {
                        let mut args = args.into_iter();
                        operators.push(operator);
                        left.extend(args.next());
                        right.extend(args.next());
                    }
                }
                let comparison = RowComparison { operators, left, right };
                Ok(Expr::new(ExprNode::RowCompare(Box::new(comparison)), location))
            }
            None => Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("what `{name}` means for rows cannot be determined"),
                location,
            )
            .note("the operators of all columns must mean the same in a btree operator family")),
        }
    }

    /// What an operator means in btree operator families (`get_op_btree_interpretation`).
    fn btree_strategies(&self, operator: Oid) -> BTreeSet<u16> {
        let of = |operator: Oid| {
            self.catalog
                .families_of(operator)
                .filter(|member| member.method == oids::BTREE)
                .map(|member| member.strategy)
                .collect::<BTreeSet<u16>>()
        };
        let strategies = of(operator);
        if !strategies.is_empty() {
            return strategies;
        }
        let negator = self.catalog.operator(operator).map_or(Oid::INVALID, |row| row.negator);
        if negator.is_valid() && of(negator).contains(&EQUAL) { BTreeSet::from([NOT_EQUAL]) } else { strategies }
    }
}
