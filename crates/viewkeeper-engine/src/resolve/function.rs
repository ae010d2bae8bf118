//! Which function a call means (parse_func.c, `FuncnameGetCandidates` in namespace.c) and what it gives (funcapi.c).

use super::type_name::unsupported;
use super::{Failure, ObjectName, Resolver};
use crate::catalog::{Oid, Routine};
use crate::tree::{Expr, Location, RowColumn};

/// A call as it is written, its arguments analysed.
#[derive(Debug, Clone)]
pub struct Call {
    /// The name.
    pub name: ObjectName,
    /// Arguments in the order written; named ones as [`ExprNode::NamedArgument`](crate::tree::ExprNode), last. For
    /// `WITHIN GROUP` the sort expressions come after the direct arguments.
    pub args: Vec<Expr>,
    /// How many of `args` are the sort expressions of `WITHIN GROUP`; `None` without it.
    pub within_group: Option<usize>,
    /// `(*)`.
    pub star: bool,
    /// `DISTINCT`.
    pub distinct: bool,
    /// `ORDER BY` inside the call.
    pub ordered: bool,
    /// `FILTER`.
    pub filtered: bool,
    /// `OVER`.
    pub windowed: bool,
    /// `VARIADIC`.
    pub variadic: bool,
    /// Where.
    pub location: Location,
}

/// What a call means.
#[derive(Debug, Clone)]
pub enum CallMeaning<'c> {
    /// A plain function, an aggregate or a window function: [`Routine::kind`] says which.
    Routine(ResolvedCall<'c>),
    /// A cast written as a call: `text(n)`; the finished expression.
    Cast(Expr),
}

/// A call of a known function.
#[derive(Debug, Clone)]
pub struct ResolvedCall<'c> {
    /// The function.
    pub routine: &'c Routine,
    /// The result type, polymorphism resolved.
    pub type_: Oid,
    /// Whether it gives a set.
    pub returns_set: bool,
    /// Arguments cast to what the function takes, variadic ones gathered into an array; those left to defaults are
    /// absent (fewer than [`Routine::inputs`], or named ones between).
    pub args: Vec<Expr>,
    /// How many of `args` are direct arguments of an ordered-set aggregate.
    pub direct_args: usize,
    /// Whether the last argument is the array of a variadic function.
    pub variadic: bool,
}

/// What a call gives (`TypeFuncClass` in funcapi.h).
#[derive(Debug, Clone, PartialEq)]
pub enum ResultShape {
    /// A value.
    Scalar(Oid),
    /// A row with known columns; the type is a row type, a domain over one, or `record` (`OUT` parameters).
    Row {
        /// The type.
        type_: Oid,
        /// The columns; dropped ones have an invalid type.
        columns: Vec<RowColumn>,
    },
    /// `record` without known columns: the call must be followed by a list of column definitions.
    UnknownRow,
}

impl<'c> Resolver<'c> {
    /// Which function a call means, with its arguments made to fit (`ParseFuncOrColumn`, without columns of a composite
    /// argument and without checks of where it stands).
    pub fn call(&self, call: Call) -> Result<CallMeaning<'c>, Failure> {
        Err(unsupported("calls", call.location))
    }

    /// What an expression of a row or scalar gives (`get_expr_result_type`).
    pub fn result_shape(&self, expr: &Expr) -> ResultShape {
        ResultShape::Scalar(self.type_of(expr))
    }

    /// The routine that a signature names, as in `DROP FUNCTION f(int)` or `COMMENT ON` (`LookupFuncName`); `inputs` is
    /// `None` where no list was written.
    pub fn routine_by_signature(
        &self,
        name: &ObjectName,
        inputs: Option<&[Oid]>,
        location: Location,
    ) -> Result<&'c Routine, Failure> {
        let _ = (name, inputs);
        Err(unsupported("signatures", location))
    }
}
