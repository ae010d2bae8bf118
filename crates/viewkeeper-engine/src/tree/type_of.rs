//! Type, modifier and collation of a finished expression, read off its nodes (nodeFuncs.c). Nothing here decides what
//! a node's type should be.

use super::{AggregateCall, CallForm, Expr, ExprNode, JsonQueryCall, Query, SublinkKind, Target, Var, WindowCall};
use crate::catalog::{Catalog, Oid, oids};

/// The type of an expression (`exprType`).
pub fn expr_type(catalog: &Catalog, expr: &Expr) -> Oid {
    match &*expr.node {
        ExprNode::Var(Var { type_, .. })
        | ExprNode::Const { type_, .. }
        | ExprNode::Param { type_, .. }
        | ExprNode::Function { type_, .. }
        | ExprNode::Operator { type_, .. }
        | ExprNode::NullIf { type_, .. }
        | ExprNode::Field { type_, .. }
        | ExprNode::FieldStore { type_, .. }
        | ExprNode::SetToDefault { type_, .. }
        | ExprNode::Relabel { type_, .. }
        | ExprNode::CoerceViaIo { type_, .. }
        | ExprNode::ArrayCoerce { type_, .. }
        | ExprNode::ConvertRowtype { type_, .. }
        | ExprNode::CaseTest { type_, .. }
        | ExprNode::Array { type_, .. }
        | ExprNode::Row { type_, .. }
        | ExprNode::Coalesce { type_, .. }
        | ExprNode::MinMax { type_, .. }
        | ExprNode::SqlValue { type_, .. }
        | ExprNode::Xml { type_, .. }
        | ExprNode::CoerceToDomain { type_, .. } => *type_,
        ExprNode::Aggregate(call) => call.type_,
        ExprNode::WindowFunction(call) => call.type_,
        ExprNode::JsonQuery(call) => call.type_,
        ExprNode::Subscript(subscript) => subscript.type_,
        ExprNode::Case(case) => case.type_,
        ExprNode::JsonConstructor(constructor) => constructor.type_,
        ExprNode::Grouping { .. } => oids::INT4,
        ExprNode::NamedArgument { arg, .. } | ExprNode::Collate { arg, .. } => expr_type(catalog, arg),
        ExprNode::JsonValue { formatted, .. } => expr_type(catalog, formatted),
        ExprNode::Distinct { .. }
        | ExprNode::ArrayOperator { .. }
        | ExprNode::Bool { .. }
        | ExprNode::RowCompare(_)
        | ExprNode::JsonIs { .. }
        | ExprNode::NullTest { .. }
        | ExprNode::BooleanTest { .. } => oids::BOOL,
        ExprNode::Sublink { kind, query, .. } => match (kind, first_target(query)) {
            (SublinkKind::Scalar, Some(target)) => expr_type(catalog, &target.expr),
            (SublinkKind::Array, Some(target)) => catalog.promoted_array_type(expr_type(catalog, &target.expr)),
            (SublinkKind::Scalar | SublinkKind::Array, None) => Oid::INVALID,
            _ => oids::BOOL,
        },
    }
}

/// The modifier of an expression, -1 for none (`exprTypmod`).
pub fn expr_typmod(catalog: &Catalog, expr: &Expr) -> i32 {
    match &*expr.node {
        ExprNode::Var(Var { typmod, .. })
        | ExprNode::Const { typmod, .. }
        | ExprNode::Param { typmod, .. }
        | ExprNode::Field { typmod, .. }
        | ExprNode::Relabel { typmod, .. }
        | ExprNode::ArrayCoerce { typmod, .. }
        | ExprNode::CaseTest { typmod, .. }
        | ExprNode::SetToDefault { typmod, .. }
        | ExprNode::SqlValue { typmod, .. }
        | ExprNode::Xml { typmod, .. }
        | ExprNode::CoerceToDomain { typmod, .. } => *typmod,
        ExprNode::JsonQuery(call) => call.typmod,
        ExprNode::Subscript(subscript) => subscript.typmod,
        ExprNode::JsonConstructor(constructor) => constructor.typmod,
        ExprNode::Function { .. } => length_coercion(expr).unwrap_or(-1),
        ExprNode::NamedArgument { arg, .. } | ExprNode::Collate { arg, .. } => expr_typmod(catalog, arg),
        ExprNode::JsonValue { formatted, .. } => expr_typmod(catalog, formatted),
        ExprNode::NullIf { args, .. } => args.first().map_or(-1, |arg| expr_typmod(catalog, arg)),
        ExprNode::Sublink { kind: SublinkKind::Scalar | SublinkKind::Array, query, .. } => {
            first_target(query).map_or(-1, |target| expr_typmod(catalog, &target.expr))
        }
        ExprNode::Case(case) => {
            let results = case.whens.iter().map(|(_, result)| result);
            shared_typmod(catalog, case.type_, std::iter::once(&case.default).chain(results))
        }
        ExprNode::Coalesce { type_, args, .. } | ExprNode::MinMax { type_, args, .. } => {
            shared_typmod(catalog, *type_, args)
        }
        ExprNode::Array { type_, element, elements, nested, .. } => {
            shared_typmod(catalog, if *nested { *type_ } else { *element }, elements)
        }
        _ => -1,
    }
}

/// The collation of an expression, invalid for none (`exprCollation`).
pub fn expr_collation(expr: &Expr) -> Oid {
    match &*expr.node {
        ExprNode::Var(Var { collation, .. })
        | ExprNode::Const { collation, .. }
        | ExprNode::Param { collation, .. }
        | ExprNode::Function { collation, .. }
        | ExprNode::Operator { collation, .. }
        | ExprNode::NullIf { collation, .. }
        | ExprNode::Field { collation, .. }
        | ExprNode::Relabel { collation, .. }
        | ExprNode::CoerceViaIo { collation, .. }
        | ExprNode::ArrayCoerce { collation, .. }
        | ExprNode::Collate { collation, .. }
        | ExprNode::CaseTest { collation, .. }
        | ExprNode::SetToDefault { collation, .. }
        | ExprNode::Array { collation, .. }
        | ExprNode::Coalesce { collation, .. }
        | ExprNode::MinMax { collation, .. }
        | ExprNode::SqlValue { collation, .. }
        | ExprNode::Xml { collation, .. }
        | ExprNode::CoerceToDomain { collation, .. } => *collation,
        ExprNode::Aggregate(call) => call.collation,
        ExprNode::WindowFunction(call) => call.collation,
        ExprNode::JsonQuery(call) => call.collation,
        ExprNode::Subscript(subscript) => subscript.collation,
        ExprNode::Case(case) => case.collation,
        ExprNode::JsonConstructor(constructor) => {
            constructor.coercion.as_ref().map_or(constructor.collation, expr_collation)
        }
        ExprNode::NamedArgument { arg, .. } => expr_collation(arg),
        ExprNode::JsonValue { formatted, .. } => expr_collation(formatted),
        ExprNode::Sublink { kind: SublinkKind::Scalar | SublinkKind::Array, query, .. } => {
            first_target(query).map_or(Oid::INVALID, |target| expr_collation(&target.expr))
        }
        ExprNode::Sublink { .. }
        | ExprNode::Grouping { .. }
        | ExprNode::Distinct { .. }
        | ExprNode::ArrayOperator { .. }
        | ExprNode::Bool { .. }
        | ExprNode::ConvertRowtype { .. }
        | ExprNode::FieldStore { .. }
        | ExprNode::Row { .. }
        | ExprNode::RowCompare(_)
        | ExprNode::JsonIs { .. }
        | ExprNode::NullTest { .. }
        | ExprNode::BooleanTest { .. } => Oid::INVALID,
    }
}

/// Sets the collation of an expression's own node (`exprSetCollation`); does nothing for nodes that have none.
pub fn set_expr_collation(expr: &mut Expr, new: Oid) {
    match &mut *expr.node {
        ExprNode::Var(Var { collation, .. })
        | ExprNode::Const { collation, .. }
        | ExprNode::Param { collation, .. }
        | ExprNode::Function { collation, .. }
        | ExprNode::Operator { collation, .. }
        | ExprNode::NullIf { collation, .. }
        | ExprNode::Field { collation, .. }
        | ExprNode::Relabel { collation, .. }
        | ExprNode::CoerceViaIo { collation, .. }
        | ExprNode::ArrayCoerce { collation, .. }
        | ExprNode::CaseTest { collation, .. }
        | ExprNode::Array { collation, .. }
        | ExprNode::Coalesce { collation, .. }
        | ExprNode::MinMax { collation, .. }
        | ExprNode::CoerceToDomain { collation, .. } => *collation = new,
        ExprNode::Aggregate(call) => call.collation = new,
        ExprNode::WindowFunction(call) => call.collation = new,
        ExprNode::JsonQuery(call) => call.collation = new,
        ExprNode::Subscript(subscript) => subscript.collation = new,
        ExprNode::Case(case) => case.collation = new,
        ExprNode::JsonConstructor(constructor) => match &mut constructor.coercion {
            Some(coercion) => set_expr_collation(coercion, new),
            None => constructor.collation = new,
        },
        ExprNode::NamedArgument { arg, .. } => set_expr_collation(arg, new),
        ExprNode::JsonValue { formatted, .. } => set_expr_collation(formatted, new),
        _ => {}
    }
}

/// The collation that a node's function works with, invalid for none (`exprInputCollation`).
pub fn expr_input_collation(expr: &Expr) -> Oid {
    match &*expr.node {
        ExprNode::Aggregate(call) => call.input_collation,
        ExprNode::WindowFunction(call) => call.input_collation,
        ExprNode::Function { input_collation, .. }
        | ExprNode::Operator { input_collation, .. }
        | ExprNode::Distinct { input_collation, .. }
        | ExprNode::NullIf { input_collation, .. }
        | ExprNode::ArrayOperator { input_collation, .. }
        | ExprNode::MinMax { input_collation, .. } => *input_collation,
        _ => Oid::INVALID,
    }
}

/// Sets the collation that a node's function works with (`exprSetInputCollation`); does nothing for nodes without one.
pub fn set_expr_input_collation(expr: &mut Expr, new: Oid) {
    match &mut *expr.node {
        ExprNode::Aggregate(call) => call.input_collation = new,
        ExprNode::WindowFunction(call) => call.input_collation = new,
        ExprNode::Function { input_collation, .. }
        | ExprNode::Operator { input_collation, .. }
        | ExprNode::Distinct { input_collation, .. }
        | ExprNode::NullIf { input_collation, .. }
        | ExprNode::ArrayOperator { input_collation, .. }
        | ExprNode::MinMax { input_collation, .. } => *input_collation = new,
        _ => {}
    }
}

/// The modifier that a cast to a length applies, when the expression is one (`exprIsLengthCoercion`).
pub fn length_coercion(expr: &Expr) -> Option<i32> {
    match &*expr.node {
        ExprNode::Function { form: CallForm::ExplicitCast | CallForm::ImplicitCast, args, .. }
            if (2..=3).contains(&args.len()) =>
        {
            match args.get(1).map(|arg| &*arg.node) {
                Some(ExprNode::Const { type_: oids::INT4, value: Some(value), .. }) => value.parse().ok(),
                _ => None,
            }
        }
        ExprNode::ArrayCoerce { typmod, .. } if *typmod >= 0 => Some(*typmod),
        _ => None,
    }
}

/// Whether the expression gives a set at its top node (`expression_returns_set` looks below it too: use
/// [`Expr::any`](super::Expr::any)).
pub fn returns_set(expr: &Expr) -> bool {
    matches!(&*expr.node, ExprNode::Function { returns_set: true, .. } | ExprNode::Operator { returns_set: true, .. })
}

/// The first output column of a sub-query.
pub fn first_target(query: &Query) -> Option<&Target> {
    query.targets.iter().find(|target| !target.junk)
}

/// The modifier of all arms, when all have the wanted type and the same modifier.
fn shared_typmod<'e>(catalog: &Catalog, type_: Oid, arms: impl IntoIterator<Item = &'e Expr>) -> i32 {
    let mut shared = None;
    for arm in arms {
        if expr_type(catalog, arm) != type_ {
            return -1;
        }
        let typmod = expr_typmod(catalog, arm);
        if typmod < 0 || shared.is_some_and(|shared| shared != typmod) {
            return -1;
        }
        shared = Some(typmod);
    }
    shared.unwrap_or(-1)
}

impl AggregateCall {
    /// Direct and aggregated arguments, in the order of the declaration.
    pub fn all_args(&self) -> impl Iterator<Item = &Expr> {
        self.direct_args.iter().chain(&self.args)
    }
}

impl WindowCall {
    /// An expression of it at a place.
    pub fn into_expr(self, location: super::Location) -> Expr {
        Expr::new(ExprNode::WindowFunction(Box::new(self)), location)
    }
}

impl JsonQueryCall {
    /// An expression of it at a place.
    pub fn into_expr(self, location: super::Location) -> Expr {
        Expr::new(ExprNode::JsonQuery(Box::new(self)), location)
    }
}
