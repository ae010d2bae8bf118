//! Which operator is meant (parse_oper.c), and the operators that sort, group and compare a type (typcache.c).

use super::type_name::unsupported;
use super::{Failure, ObjectName, Resolver};
use crate::catalog::{Oid, Operator};
use crate::tree::{Expr, Location};

/// How a type is sorted and compared (`get_sort_group_operators`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOperators {
    /// `<`, invalid when it has none.
    pub less: Oid,
    /// `=`, invalid when it has none.
    pub equal: Oid,
    /// `>`, invalid when it has none.
    pub greater: Oid,
    /// Whether it can be hashed.
    pub hashable: bool,
}

/// What `op ANY(…)` and `op ALL(…)` ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArrayQuantifier {
    Any,
    All,
}

impl<'c> Resolver<'c> {
    /// The operator for operands of two types; a prefix operator has no left one (`oper`, `left_oper`).
    pub fn operator(
        &self,
        name: &ObjectName,
        left: Option<Oid>,
        right: Oid,
        location: Location,
    ) -> Result<&'c Operator, Failure> {
        let _ = (name, left, right);
        Err(unsupported("operators", location))
    }

    /// The expression of an operator over its operands (`make_op`).
    pub fn make_op(
        &self,
        name: &ObjectName,
        left: Option<Expr>,
        right: Expr,
        location: Location,
    ) -> Result<Expr, Failure> {
        let _ = (name, left, right);
        Err(unsupported("operators", location))
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
        let _ = (name, quantifier, left, right);
        Err(unsupported("operators", location))
    }

    /// A comparison of rows of the same length (`make_row_comparison_op`).
    pub fn make_row_comparison(
        &self,
        name: &ObjectName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        location: Location,
    ) -> Result<Expr, Failure> {
        let _ = (name, left, right);
        Err(unsupported("row comparisons", location))
    }

    /// How values of a type are sorted and compared; members are invalid where it cannot be.
    pub fn sort_operators(&self, type_: Oid) -> SortOperators {
        let _ = type_;
        SortOperators { less: Oid::INVALID, equal: Oid::INVALID, greater: Oid::INVALID, hashable: false }
    }

    /// The sort operators that `ORDER BY` (less) or `DISTINCT`, `GROUP BY` (equal) need, or why there are none.
    pub fn require_ordering(&self, type_: Oid, location: Location) -> Result<SortOperators, Failure> {
        let _ = type_;
        Err(unsupported("sort operators", location))
    }

    /// The equality operator that `DISTINCT` and `GROUP BY` need, or why there is none.
    pub fn require_equality(&self, type_: Oid, location: Location) -> Result<SortOperators, Failure> {
        let _ = type_;
        Err(unsupported("sort operators", location))
    }
}
