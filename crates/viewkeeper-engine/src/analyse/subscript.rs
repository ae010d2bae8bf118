//! Arrays: constructors, subscripts, slices (parse_expr.c, parse_node.c, arraysubs.c, jsonbsubs.c).

use super::syntax::{node, optional};
use super::{Analyser, Outcome};
use crate::catalog::{CastContext, Oid, Subscripting, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Coercion, Failure, place};
use crate::tree::{Expr, ExprNode, SubscriptExpr};

/// The most dimensions of an array (`MAXDIM`).
const MAX_DIMENSIONS: usize = 6;

/// The array that a cast around an array constructor asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct WantedArray {
    pub(super) array: Oid,
    pub(super) element: Oid,
    pub(super) typmod: i32,
}

impl<'a> Analyser<'a> {
    /// `transformArrayExpr`
    pub(super) fn array(&mut self, array: &'a ast::AArrayExpr, wanted: Option<WantedArray>) -> Outcome<Expr> {
        let location = place(array.location);
        let mut elements = Vec::new();
        let mut nested = false;
        for raw in &array.elements {
            let element = match node(raw)? {
                NodeEnum::AArrayExpr(inner) => {
                    nested = true;
                    self.array(inner, wanted)?
                }
                raw => {
                    let element = self.expr(raw)?;
                    let type_ = self.type_of(&element);
                    let vector = matches!(type_, oids::INT2VECTOR | oids::OIDVECTOR);
                    if !vector && self.catalog().element_type(type_).is_valid() {
                        nested = true;
                    }
                    element
                }
            };
            elements.push(element);
        }
        let (type_, element_type, elements) = match wanted {
            Some(WantedArray { array, element, typmod }) => {
                let target = if nested { array } else { element };
                let mut coerced = Vec::new();
                for value in elements {
                    let source = self.type_of(&value);
                    let at = value.location;
                    let coercion = Coercion::explicit(target, typmod, None);
                    let value = self.resolver.coerce_to_target_type(value, coercion).map_err(|f| f.or_at(at))?;
                    coerced.push(value.ok_or_else(|| self.cannot_cast(source, target, at))?);
                }
                (array, element, coerced)
            }
            None if elements.is_empty() => {
                return Err(Failure::new(
                    SqlState::INDETERMINATE_DATATYPE,
                    "the type of an empty array is not known",
                    location,
                )
                .help("cast it to the type that is meant, for example `ARRAY[]::integer[]`"));
            }
            None => {
                let (common, elements) = self.same_type(elements, "ARRAY")?;
                let (type_, element) = if nested {
                    (common, self.catalog().element_type(common))
                } else {
                    (self.catalog().array_type(common), common)
                };
                if !type_.is_valid() || !element.is_valid() {
                    return Err(Failure::new(
                        SqlState::UNDEFINED_OBJECT,
                        format!("type `{}` cannot be in an array", self.type_text(common)),
                        location,
                    ));
                }
                (type_, element, elements)
            }
        };
        let node = ExprNode::Array { type_, collation: Oid::INVALID, element: element_type, elements, nested };
        Ok(Expr::new(node, location))
    }

    /// `transformContainerSubscripts`
    pub(super) fn subscript(&mut self, arg: Expr, indices: &[&'a ast::AIndices]) -> Outcome<Expr> {
        let location = arg.location;
        // `transformContainerType`
        let (mut container, typmod) = self.catalog().base_type_and_typmod(self.type_of(&arg), self.typmod_of(&arg));
        container = match container {
            oids::INT2VECTOR => oids::INT2_ARRAY,
            oids::OIDVECTOR => oids::OID_ARRAY,
            container => container,
        };
        let slice = indices.iter().any(|index| index.is_slice);
        let row = self.catalog().type_(container);
        let subscripting = row.map_or(Subscripting::None, |row| row.subscripting);
        let element = row.map_or(Oid::INVALID, |row| row.element);
        let (type_, typmod) = match subscripting {
            Subscripting::Array | Subscripting::RawArray => {
                if indices.len() > MAX_DIMENSIONS {
                    return Err(Failure::new(
                        SqlState("54000"),
                        format!("an array can have at most {MAX_DIMENSIONS} dimensions"),
                        location,
                    ));
                }
                (if slice { container } else { element }, typmod)
            }
            Subscripting::Jsonb | Subscripting::Hstore if slice => {
                return Err(Failure::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!("values of type `{}` cannot be sliced", self.type_text(container)),
                    location,
                ));
            }
            Subscripting::Jsonb => (oids::JSONB, -1),
            Subscripting::Hstore => (oids::TEXT, -1),
            Subscripting::None => {
                return Err(Failure::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!("values of type `{}` cannot be subscripted", self.type_text(container)),
                    location,
                ));
            }
        };
        let mut upper = Vec::new();
        let mut lower = Vec::new();
        for index in indices {
            let bounds = [(index.lidx.as_deref(), &mut lower), (index.uidx.as_deref(), &mut upper)];
            for (position, (raw, list)) in bounds.into_iter().enumerate() {
                let bound = match optional(raw) {
                    Some(raw) => {
                        let bound = self.expr(raw)?;
                        Some(self.bound(bound, subscripting)?)
                    }
                    // `a[1:2][3]` slices from 1 in the second dimension.
                    None if position == 0 && slice && !index.is_slice => Some(one()),
                    None => None,
                };
                list.push(bound);
            }
        }
        let lower = slice.then_some(lower);
        let collation = Oid::INVALID;
        let node = SubscriptExpr { container, element, type_, typmod, collation, arg, upper, lower, assigned: None };
        Ok(Expr::new(ExprNode::Subscript(Box::new(node)), location))
    }

    /// One subscript as the container wants it.
    fn bound(&mut self, bound: Expr, subscripting: Subscripting) -> Outcome<Expr> {
        let source = self.type_of(&bound);
        let location = bound.location;
        let coerce = |this: &Self, bound: Expr, target: Oid| {
            this.resolver.coerce_to_target_type(bound, Coercion::assignment(target, -1, None))
        };
        match subscripting {
            Subscripting::Jsonb => {
                // `jsonb_subscript_transform`: integer or text, and not both.
                if source == oids::UNKNOWN {
                    return coerce(self, bound, oids::TEXT)?.ok_or_else(|| self.no_subscript(source, location));
                }
                let fits = |target: Oid| self.resolver.can_coerce(&[source], &[target], CastContext::Implicit);
                match (fits(oids::INT4), fits(oids::TEXT)) {
                    (true, true) => Err(Failure::new(
                        SqlState::DATATYPE_MISMATCH,
                        format!("a subscript of type `{}` could be a number or a key", self.type_text(source)),
                        location,
                    )),
                    (true, false) => {
                        coerce(self, bound, oids::INT4)?.ok_or_else(|| self.no_subscript(source, location))
                    }
                    (false, true) => {
                        coerce(self, bound, oids::TEXT)?.ok_or_else(|| self.no_subscript(source, location))
                    }
                    (false, false) => Err(self.no_subscript(source, location)),
                }
            }
            Subscripting::Hstore => coerce(self, bound, oids::TEXT)?.ok_or_else(|| self.no_subscript(source, location)),
            _ => coerce(self, bound, oids::INT4)?.ok_or_else(|| {
                Failure::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!("an array subscript must be an integer, not `{}`", self.type_text(source)),
                    location,
                )
            }),
        }
    }

    fn no_subscript(&self, source: Oid, location: crate::tree::Location) -> Failure {
        Failure::new(
            SqlState::DATATYPE_MISMATCH,
            format!("type `{}` cannot be a subscript here", self.type_text(source)),
            location,
        )
    }
}

fn one() -> Expr {
    let value = Some("1".to_owned());
    Expr::new(ExprNode::Const { type_: oids::INT4, typmod: -1, collation: Oid::INVALID, value }, None)
}
