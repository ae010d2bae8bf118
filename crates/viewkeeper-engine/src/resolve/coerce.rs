//! Making an expression of one type an expression of another: every implicit cast becomes a node (parse_coerce.c).
//! Whether there is a cast at all is in `pathway`.

use super::pathway::CoercionPath;
use super::{Failure, Resolver, input};
use crate::catalog::{CastContext, Oid, oids};
use crate::diagnostic::SqlState;
use crate::tree::{CallForm, Expr, ExprNode, Location, expr_collation, expr_type, expr_typmod, returns_set};

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

    /// An expression as a value of another type; the caller knows that it can be (`coerce_type`). The modifier is
    /// applied to domains only: [`Resolver::coerce_to_target_type`] does the rest.
    pub fn coerce_type(&self, expr: Expr, coercion: Coercion) -> Result<Expr, Failure> {
        let (input, target) = (self.type_of(&expr), coercion.target);
        if input == target {
            return Ok(expr);
        }
        match target {
            // The exposed type of the argument must be its actual one, so there is no node; an unknown literal stays.
            oids::ANY | oids::ANYELEMENT | oids::ANYNONARRAY | oids::ANYCOMPATIBLE | oids::ANYCOMPATIBLENONARRAY => {
                return Ok(expr);
            }
            oids::ANYARRAY
            | oids::ANYENUM
            | oids::ANYRANGE
            | oids::ANYMULTIRANGE
            | oids::ANYCOMPATIBLEARRAY
            | oids::ANYCOMPATIBLERANGE
            | oids::ANYCOMPATIBLEMULTIRANGE
                if input != oids::UNKNOWN =>
            {
                let base = self.catalog.base_type(input);
                return Ok(if base == input { expr } else { relabel(expr, base, coercion) });
            }
            _ => {}
        }
        if input == oids::UNKNOWN && matches!(&*expr.node, ExprNode::Const { .. }) {
            return self.coerce_literal(expr, coercion);
        }
        if let ExprNode::Collate { arg, collation } = *expr.node {
            let arg = self.coerce_type(arg, coercion)?;
            return Ok(if self.catalog.type_collation(target).is_valid() {
                Expr::new(ExprNode::Collate { arg, collation }, expr.location)
            } else {
                arg
            });
        }
        match self.find_coercion_pathway(target, input, coercion.context) {
            Some(CoercionPath::Relabel) => {
                // A domain is put on by a node of its own.
                return if self.catalog.base_type(target) == target {
                    Ok(relabel(expr, target, coercion))
                } else {
                    self.coerce_to_domain(expr, coercion, Inner::Show)
                };
            }
            Some(path) => {
                let (base, base_typmod) = self.catalog.base_type_and_typmod(target, coercion.typmod);
                let to_base = Coercion { target: base, typmod: base_typmod, ..coercion };
                let cast = self.build_coercion(expr, path, to_base)?;
                return if base == target { Ok(cast) } else { self.coerce_to_domain(cast, coercion, Inner::Hide) };
            }
            None => {}
        }
        if input == oids::RECORD && self.is_row_type(target) {
            return self.coerce_record(expr, coercion);
        }
        if target == oids::RECORD && self.is_row_type(input) || target == oids::RECORD_ARRAY && self.is_row_array(input)
        {
            return Ok(expr);
        }
        if self.inherits_from(input, target) || self.is_of_typed_table(input, target) {
            let base = self.catalog.base_type(input);
            let arg = if base == input { expr } else { relabel(expr, base, Coercion::implicit(base)) };
            let location = coercion.location.or(arg.location);
            return Ok(Expr::new(ExprNode::ConvertRowtype { arg, type_: target }, location));
        }
        Err(self.no_cast(input, expr.location, coercion))
    }

    /// The failure that the type's input function would raise for the text of a literal.
    pub fn check_literal(&self, type_: Oid, text: &str, location: Location) -> Result<(), Failure> {
        input::check(self, type_, -1, text, location)
    }

    /// A literal of unknown type as a constant of the target type; a domain is put on top.
    fn coerce_literal(&self, expr: Expr, coercion: Coercion) -> Result<Expr, Failure> {
        let (base, base_typmod) = self.catalog.base_type_and_typmod(coercion.target, coercion.typmod);
        let ExprNode::Const { value, .. } = *expr.node else {
            return Ok(expr);
        };
        if let Some(value) = &value {
            input::check(self, base, base_typmod, value, expr.location)?;
        } else {
            input::check_null(self, base, expr.location)?;
        }
        // The input function of intervals alone is given the modifier.
        let typmod = if base == oids::INTERVAL { base_typmod } else { -1 };
        let collation = self.catalog.type_collation(base);
        let constant = Expr::new(ExprNode::Const { type_: base, typmod, collation, value }, expr.location);
        if base == coercion.target { Ok(constant) } else { self.coerce_to_domain(constant, coercion, Inner::Show) }
    }

    /// An expression as a value of another type with its modifier, `None` when there is no such cast
    /// (`coerce_to_target_type`).
    pub fn coerce_to_target_type(&self, expr: Expr, coercion: Coercion) -> Result<Option<Expr>, Failure> {
        let input = self.type_of(&expr);
        if !self.can_coerce_one(input, coercion.target, coercion.context) {
            return Ok(None);
        }
        let mut outer_collate = None;
        let mut inner = expr;
        while let ExprNode::Collate { arg, collation } = *inner.node {
            outer_collate = outer_collate.or(Some((collation, inner.location)));
            inner = arg;
        }
        let cast = self.coerce_type(inner, coercion)?;
        let plain = input == coercion.target || matches!(&*cast.node, ExprNode::Const { .. });
        let hide = if plain { Inner::Show } else { Inner::Hide };
        let cast = self.coerce_typmod(cast, coercion, hide)?;
        Ok(Some(match outer_collate {
            Some((collation, location)) if self.catalog.type_collation(coercion.target).is_valid() => {
                Expr::new(ExprNode::Collate { arg: cast, collation }, location)
            }
            _ => cast,
        }))
    }

    /// [`Resolver::coerce_to_target_type`], with the failure that a cast in the text deserves.
    pub fn require_cast(&self, expr: Expr, coercion: Coercion) -> Result<Expr, Failure> {
        let (input, location) = (self.type_of(&expr), expr.location);
        self.coerce_to_target_type(expr, coercion)?.ok_or_else(|| self.no_cast(input, location, coercion))
    }

    /// Applies a modifier (`coerce_type_typmod`).
    fn coerce_typmod(&self, mut expr: Expr, coercion: Coercion, inner: Inner) -> Result<Expr, Failure> {
        if coercion.typmod == self.typmod_of(&expr) {
            return Ok(expr);
        }
        if inner == Inner::Hide {
            hide_coercion(&mut expr);
        }
        let path = if coercion.typmod < 0 { None } else { self.find_typmod_coercion(coercion.target) };
        match path {
            Some(path) => self.build_coercion(expr, path, coercion),
            None => {
                let collation = expr_collation(&expr);
                Ok(self.apply_relabel(expr, collation, coercion))
            }
        }
    }

    /// `applyRelabelType`: stacked relabels become one, constants are changed in place.
    fn apply_relabel(&self, mut expr: Expr, new_collation: Oid, coercion: Coercion) -> Expr {
        while let ExprNode::Relabel { arg, .. } = *expr.node {
            expr = arg;
        }
        if let ExprNode::Const { type_, typmod, collation, .. } = &mut *expr.node {
            (*type_, *typmod, *collation) = (coercion.target, coercion.typmod, new_collation);
            return expr;
        }
        if self.type_of(&expr) == coercion.target
            && self.typmod_of(&expr) == coercion.typmod
            && expr_collation(&expr) == new_collation
        {
            return expr;
        }
        let location = coercion.location.or(expr.location);
        let node = ExprNode::Relabel {
            arg: expr,
            type_: coercion.target,
            typmod: coercion.typmod,
            collation: new_collation,
            form: coercion.form,
        };
        Expr::new(node, location)
    }

    /// Puts a domain on a value of its base type (`coerce_to_domain`).
    fn coerce_to_domain(&self, mut expr: Expr, coercion: Coercion, inner: Inner) -> Result<Expr, Failure> {
        let (base, typmod) = self.catalog.base_type_and_typmod(coercion.target, -1);
        if base == coercion.target {
            return Ok(expr);
        }
        if inner == Inner::Hide {
            hide_coercion(&mut expr);
        }
        let to_base = Coercion { target: base, typmod, form: CallForm::ImplicitCast, ..coercion };
        let arg = self.coerce_typmod(expr, to_base, Inner::Show)?;
        let location = coercion.location.or(arg.location);
        let node = ExprNode::CoerceToDomain {
            arg,
            type_: coercion.target,
            typmod: -1,
            collation: Oid::INVALID,
            form: coercion.form,
        };
        Ok(Expr::new(node, location))
    }

    /// The node of a cast (`build_coercion_expression`).
    fn build_coercion(&self, expr: Expr, path: CoercionPath, coercion: Coercion) -> Result<Expr, Failure> {
        let location = coercion.location.or(expr.location);
        let (type_, form, collation) = (coercion.target, coercion.form, Oid::INVALID);
        let node = match path {
            CoercionPath::Function(function) => {
                let inputs = self.catalog.routine(function).map_or(1, |routine| routine.inputs.len());
                let mut args = vec![expr];
                if inputs >= 2 {
                    args.push(constant(oids::INT4, coercion.typmod.to_string()));
                }
                if inputs == 3 {
                    let explicit = coercion.context == CastContext::Explicit;
                    args.push(constant(oids::BOOL, explicit.to_string()));
                }
                ExprNode::Function {
                    function,
                    type_,
                    returns_set: false,
                    variadic: false,
                    form,
                    collation,
                    input_collation: Oid::INVALID,
                    args,
                }
            }
            CoercionPath::Array => {
                let (source, source_typmod) =
                    self.catalog.base_type_and_typmod(self.type_of(&expr), self.typmod_of(&expr));
                let test =
                    ExprNode::CaseTest { type_: self.catalog.element_type(source), typmod: source_typmod, collation };
                let target = self.catalog.element_type(type_);
                let element = self
                    .coerce_to_target_type(Expr::new(test, None), Coercion { target, ..coercion })?
                    .ok_or_else(|| self.no_cast(source, expr.location, coercion))?;
                let typmod = self.typmod_of(&element);
                ExprNode::ArrayCoerce { arg: expr, element, type_, typmod, collation, form }
            }
            CoercionPath::InputOutput => ExprNode::CoerceViaIo { arg: expr, type_, collation, form },
            CoercionPath::Relabel => ExprNode::Relabel { arg: expr, type_, typmod: -1, collation, form },
        };
        Ok(Expr::new(node, location))
    }

    /// A row of unnamed type as one of a named row type (`coerce_record_to_complex`).
    fn coerce_record(&self, expr: Expr, coercion: Coercion) -> Result<Expr, Failure> {
        let failure = self.no_cast(oids::RECORD, expr.location, coercion);
        let base = self.catalog.base_type(coercion.target);
        let (ExprNode::Row { args, .. }, Some(relation)) = (*expr.node, self.catalog.relation_of_type(base)) else {
            return Err(failure);
        };
        let mut given = args.into_iter();
        let (mut fields, mut names) = (Vec::new(), Vec::new());
        for column in &relation.columns {
            names.push(column.name.clone());
            if column.dropped {
                let node = ExprNode::Const { type_: oids::INT4, typmod: -1, collation: Oid::INVALID, value: None };
                fields.push(Expr::new(node, None));
                continue;
            }
            let Some(field) = given.next() else {
                return Err(failure.note("the row has too few columns"));
            };
            let (from, location) = (self.type_of(&field), field.location);
            let to_column = Coercion {
                target: column.type_,
                typmod: column.typmod,
                form: CallForm::ImplicitCast,
                location: None,
                ..coercion
            };
            match self.coerce_to_target_type(field, to_column)? {
                Some(field) => fields.push(field),
                None => {
                    let (from, to) = (self.type_text(from), self.type_text(column.type_));
                    let location = coercion.location.map_or(location, |_| failure.location);
                    return Err(Failure { location, ..failure }
                        .note(format!("column `{}` cannot be cast from `{from}` to `{to}`", column.name)));
                }
            }
        }
        if given.next().is_some() {
            return Err(failure.note("the row has too many columns"));
        }
        let location = coercion.location.or(expr.location);
        let row = Expr::new(ExprNode::Row { type_: base, names, args: fields }, location);
        if base == coercion.target { Ok(row) } else { self.coerce_to_domain(row, coercion, Inner::Show) }
    }

    fn no_cast(&self, input: Oid, location: Location, coercion: Coercion) -> Failure {
        let (from, to) = (self.type_text(input), self.type_text(coercion.target));
        Failure::new(
            SqlState::CANNOT_COERCE,
            format!("`{from}` cannot be cast to `{to}`"),
            coercion.location.or(location),
        )
    }

    /// An expression as a condition of a construct such as `WHERE` (`coerce_to_boolean`).
    pub fn coerce_to_boolean(&self, expr: Expr, construct: &str) -> Result<Expr, Failure> {
        self.coerce_to_specific_type(expr, oids::BOOL, construct)
    }

    /// An expression as a value of the type that a construct such as `LIMIT` wants (`coerce_to_specific_type`).
    pub fn coerce_to_specific_type(&self, expr: Expr, target: Oid, construct: &str) -> Result<Expr, Failure> {
        let (input, location) = (self.type_of(&expr), expr.location);
        let cast = if input == target {
            Some(expr)
        } else {
            self.coerce_to_target_type(expr, Coercion::assignment(target, -1, None))?
        };
        let Some(cast) = cast else {
            let (wanted, given) = (self.type_text(target), self.type_text(input));
            let message = format!("the argument of {construct} must be `{wanted}`, not `{given}`");
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, message, location));
        };
        if cast.any(&mut returns_set) {
            let message = format!("the argument of {construct} must not return a set");
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, message, location));
        }
        Ok(cast)
    }

    /// An expression as a value of the common type (`coerce_to_common_type`).
    pub fn coerce_to_common_type(&self, expr: Expr, target: Oid, construct: &str) -> Result<Expr, Failure> {
        let input = self.type_of(&expr);
        if input == target {
            Ok(expr)
        } else if self.can_coerce_one(input, target, CastContext::Implicit) {
            self.coerce_type(expr, Coercion::implicit(target))
        } else {
            let (from, to) = (self.type_text(input), self.type_text(target));
            let message = format!("{construct} cannot make `{to}` of `{from}`");
            Err(Failure::new(SqlState::CANNOT_COERCE, message, expr.location).help("add an explicit cast"))
        }
    }
}

/// Whether the cast below a new one is to be shown as implicit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Hide,
    Show,
}

fn relabel(arg: Expr, type_: Oid, coercion: Coercion) -> Expr {
    let location = coercion.location.or(arg.location);
    let node = ExprNode::Relabel { arg, type_, typmod: -1, collation: Oid::INVALID, form: coercion.form };
    Expr::new(node, location)
}

fn constant(type_: Oid, value: String) -> Expr {
    Expr::new(ExprNode::Const { type_, typmod: -1, collation: Oid::INVALID, value: Some(value) }, None)
}

/// `hide_coercion_node`
fn hide_coercion(expr: &mut Expr) {
    match &mut *expr.node {
        ExprNode::Function { form, .. }
        | ExprNode::Relabel { form, .. }
        | ExprNode::CoerceViaIo { form, .. }
        | ExprNode::ArrayCoerce { form, .. }
        | ExprNode::CoerceToDomain { form, .. } => *form = CallForm::ImplicitCast,
        _ => {}
    }
}
