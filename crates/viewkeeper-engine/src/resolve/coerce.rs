//! Making a value of one type a value of another, and the type that several values share (parse_coerce.c).

use super::type_name::unsupported;
use super::{Failure, Resolver};
use crate::catalog::{CastContext, Oid};
use crate::tree::{CallForm, Expr, Location, expr_type, expr_typmod};

/// How a value becomes one of another type (`CoercionPathType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoercionPath {
    /// By a function.
    Function(Oid),
    /// By changing the type's name only.
    Relabel,
    /// Element by element.
    Array,
    /// By output to text and input again.
    InputOutput,
}

/// A cast that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coercion {
    /// To which type.
    pub target: Oid,
    /// With which modifier, -1 for none.
    pub typmod: i32,
    /// In which context.
    pub context: CastContext,
    /// How it is written.
    pub form: CallForm,
    /// Where.
    pub location: Location,
}

impl Coercion {
    /// What an operator or function does to its arguments.
    pub fn implicit(target: Oid) -> Self {
        Self { target, typmod: -1, context: CastContext::Implicit, form: CallForm::ImplicitCast, location: None }
    }

    /// `CAST(… AS …)` and `::`.
    pub fn explicit(target: Oid, typmod: i32, location: Location) -> Self {
        Self { target, typmod, context: CastContext::Explicit, form: CallForm::ExplicitCast, location }
    }

    /// What storing into a column does.
    pub fn assignment(target: Oid, typmod: i32, location: Location) -> Self {
        Self { target, typmod, context: CastContext::Assignment, form: CallForm::ImplicitCast, location }
    }
}

impl Resolver<'_> {
    /// The type of an expression.
    pub fn type_of(&self, expr: &Expr) -> Oid {
        expr_type(self.catalog, expr)
    }

    /// The modifier of an expression.
    pub fn typmod_of(&self, expr: &Expr) -> i32 {
        expr_typmod(self.catalog, expr)
    }

    /// Whether values of `inputs` can become values of `targets`, pair by pair (`can_coerce_type`).
    pub fn can_coerce(&self, inputs: &[Oid], targets: &[Oid], context: CastContext) -> bool {
        let _ = context;
        inputs == targets
    }

    /// An expression as a value of another type; the caller knows that it can be (`coerce_type`). The modifier is
    /// applied to literals and domains only: [`Resolver::coerce_to_target_type`] does the rest.
    pub fn coerce_type(&self, expr: Expr, coercion: Coercion) -> Result<Expr, Failure> {
        if self.type_of(&expr) == coercion.target { Ok(expr) } else { Err(unsupported("casts", expr.location)) }
    }

    /// An expression as a value of another type with its modifier, `None` when there is no such cast
    /// (`coerce_to_target_type`).
    pub fn coerce_to_target_type(&self, expr: Expr, coercion: Coercion) -> Result<Option<Expr>, Failure> {
        self.coerce_type(expr, coercion).map(Some)
    }

    /// An expression as a condition of a construct such as `WHERE` (`coerce_to_boolean`).
    pub fn coerce_to_boolean(&self, expr: Expr, construct: &str) -> Result<Expr, Failure> {
        self.coerce_to_specific_type(expr, crate::catalog::oids::BOOL, construct)
    }

    /// An expression as a value of the type that a construct such as `LIMIT` wants (`coerce_to_specific_type`).
    pub fn coerce_to_specific_type(&self, expr: Expr, target: Oid, construct: &str) -> Result<Expr, Failure> {
        let _ = construct;
        self.coerce_type(expr, Coercion::implicit(target))
    }

    /// The type that several values share, for a construct such as `CASE` (`select_common_type` with a context).
    pub fn select_common_type(&self, exprs: &[&Expr], construct: &str) -> Result<Oid, Failure> {
        self.try_common_type(exprs)
            .ok_or_else(|| unsupported(&format!("common types of {construct}"), exprs.first().and_then(|e| e.location)))
    }

    /// [`Resolver::select_common_type`], `None` when there is none (`select_common_type` without a context).
    pub fn try_common_type(&self, exprs: &[&Expr]) -> Option<Oid> {
        let first = self.type_of(exprs.first()?);
        exprs.iter().all(|expr| self.type_of(expr) == first).then_some(first)
    }

    /// The modifier that several values share, -1 for none (`select_common_typmod`).
    pub fn select_common_typmod(&self, exprs: &[&Expr], common: Oid) -> i32 {
        let _ = (exprs, common);
        -1
    }

    /// An expression as a value of the common type (`coerce_to_common_type`).
    pub fn coerce_to_common_type(&self, expr: Expr, target: Oid, construct: &str) -> Result<Expr, Failure> {
        self.coerce_to_specific_type(expr, target, construct)
    }

    /// Whether all values can become values of a type (`verify_common_type`).
    pub fn verify_common_type(&self, common: Oid, exprs: &[&Expr]) -> bool {
        exprs.iter().all(|expr| self.can_coerce(&[self.type_of(expr)], &[common], CastContext::Implicit))
    }

    /// Whether a value of one type can be taken for one of another as it is (`IsBinaryCoercible`).
    pub fn is_binary_coercible(&self, source: Oid, target: Oid) -> bool {
        source == target
    }

    /// How a value of one type becomes one of another (`find_coercion_pathway`).
    pub fn find_coercion_pathway(&self, target: Oid, source: Oid, context: CastContext) -> Option<CoercionPath> {
        let _ = context;
        (target == source).then_some(CoercionPath::Relabel)
    }
}
