//! Whether and how a value of one type can become one of another: the rules over `pg_cast`, categories and inheritance
//! (parse_coerce.c, pg_inherits.c). Building the expression is in `coerce`.

use super::Resolver;
use super::polymorphic::is_polymorphic;
use crate::catalog::{CastContext, CastMethod, Oid, Subscripting, TypeKind, oids};

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

/// The category of strings (`TYPCATEGORY_STRING`).
pub(super) const STRING_CATEGORY: u8 = b'S';

/// The category of types that nothing is known of (`TYPCATEGORY_UNKNOWN`).
pub(super) const UNKNOWN_CATEGORY: u8 = b'X';

impl Resolver<'_> {
    /// Whether values of `inputs` can become values of `targets`, pair by pair (`can_coerce_type`).
    pub fn can_coerce(&self, inputs: &[Oid], targets: &[Oid], context: CastContext) -> bool {
        let mut polymorphic = false;
        for (input, target) in inputs.iter().copied().zip(targets.iter().copied()) {
            if input == target || target == oids::ANY {
                continue;
            }
            if is_polymorphic(target) {
                polymorphic = true;
                continue;
            }
            let fits = input == oids::UNKNOWN
                || self.find_coercion_pathway(target, input, context).is_some()
                || input == oids::RECORD && self.is_row_type(target)
                || target == oids::RECORD && self.is_row_type(input)
                || target == oids::RECORD_ARRAY && self.is_row_array(input)
                || self.inherits_from(input, target)
                || self.is_of_typed_table(input, target);
            if !fits {
                return false;
            }
        }
        !polymorphic || self.check_polymorphic(inputs, targets)
    }

    /// [`Resolver::can_coerce`] of one pair.
    pub fn can_coerce_one(&self, input: Oid, target: Oid, context: CastContext) -> bool {
        self.can_coerce(&[input], &[target], context)
    }

    /// How a value of one type becomes one of another (`find_coercion_pathway`).
    pub fn find_coercion_pathway(&self, target: Oid, source: Oid, context: CastContext) -> Option<CoercionPath> {
        let catalog = self.catalog;
        let (source, target) = (catalog.base_type(source), catalog.base_type(target));
        if source == target {
            return Some(CoercionPath::Relabel);
        }
        if let Some(cast) = catalog.cast(source, target) {
            // `CastContext` is ordered as PostgreSQL's enum: a context takes all casts of the stricter ones.
            return (context >= cast.context).then_some(match cast.method {
                CastMethod::Function => CoercionPath::Function(cast.function),
                CastMethod::InputOutput => CoercionPath::InputOutput,
                CastMethod::Binary => CoercionPath::Relabel,
            });
        }
        if target != oids::OIDVECTOR && target != oids::INT2VECTOR {
            let (target, source) = (catalog.element_type(target), catalog.element_type(source));
            if target.is_valid() && source.is_valid() && self.find_coercion_pathway(target, source, context).is_some() {
                return Some(CoercionPath::Array);
            }
        }
        let to_string = context >= CastContext::Assignment && self.category(target) == STRING_CATEGORY;
        let from_string = context >= CastContext::Explicit && self.category(source) == STRING_CATEGORY;
        (to_string || from_string).then_some(CoercionPath::InputOutput)
    }

    /// How a type applies a modifier to its values (`find_typmod_coercion_function`).
    pub(super) fn find_typmod_coercion(&self, type_: Oid) -> Option<CoercionPath> {
        let row = self.catalog.type_(type_)?;
        let array = row.subscripting == Subscripting::Array && row.element.is_valid();
        let scalar = if array { row.element } else { type_ };
        let function = self.catalog.cast(scalar, scalar)?.function;
        function.is_valid().then_some(if array { CoercionPath::Array } else { CoercionPath::Function(function) })
    }

    /// Whether a value of one type can be taken for one of another as it is (`IsBinaryCoercible`).
    pub fn is_binary_coercible(&self, source: Oid, target: Oid) -> bool {
        if source == target || [oids::ANY, oids::ANYELEMENT, oids::ANYCOMPATIBLE].contains(&target) {
            return true;
        }
        let source = self.catalog.base_type(source);
        if source == target {
            return true;
        }
        let kind = self.catalog.type_(source).map(|row| row.kind);
        let is_array = self.catalog.element_type(source).is_valid();
        let pseudo = match target {
            oids::ANYARRAY | oids::ANYCOMPATIBLEARRAY => is_array,
            oids::ANYNONARRAY | oids::ANYCOMPATIBLENONARRAY => !is_array,
            oids::ANYENUM => kind == Some(TypeKind::Enum),
            oids::ANYRANGE | oids::ANYCOMPATIBLERANGE => kind == Some(TypeKind::Range),
            oids::ANYMULTIRANGE | oids::ANYCOMPATIBLEMULTIRANGE => kind == Some(TypeKind::Multirange),
            oids::RECORD => self.is_row_type(source),
            oids::RECORD_ARRAY => self.is_row_array(source),
            _ => false,
        };
        pseudo
            || self
                .catalog
                .cast(source, target)
                .is_some_and(|cast| cast.method == CastMethod::Binary && cast.context == CastContext::Implicit)
    }

    /// `typcategory` (`TypeCategory`).
    pub fn category(&self, type_: Oid) -> u8 {
        self.catalog.type_(type_).map_or(UNKNOWN_CATEGORY, |row| row.category)
    }

    /// Whether a type is the one that its category prefers (`IsPreferredType` for any category).
    pub fn is_preferred(&self, type_: Oid) -> bool {
        self.catalog.type_(type_).is_some_and(|row| row.preferred)
    }

    /// [`Resolver::is_preferred`], and of this category (`IsPreferredType`).
    pub(super) fn is_preferred_in(&self, category: u8, type_: Oid) -> bool {
        self.catalog.type_(type_).is_some_and(|row| row.preferred && row.category == category)
    }

    /// Whether a type is a row type or a domain over one; not `record` (`ISCOMPLEX`).
    pub fn is_row_type(&self, type_: Oid) -> bool {
        self.row_relation(type_).is_some()
    }

    /// The relation whose row type this is, looking through domains (`typeOrDomainTypeRelid`).
    pub fn row_relation(&self, type_: Oid) -> Option<Oid> {
        let row = self.catalog.type_(self.catalog.base_type(type_))?;
        row.relation.is_valid().then_some(row.relation)
    }

    /// Whether a type is an array of a row type; not `record[]` (`is_complex_array`).
    pub(super) fn is_row_array(&self, type_: Oid) -> bool {
        let element = self.catalog.element_type(type_);
        element.is_valid() && self.is_row_type(element)
    }

    /// Whether the relation of a row type inherits, directly or not, from that of another (`typeInheritsFrom`).
    pub fn inherits_from(&self, sub: Oid, ancestor: Oid) -> bool {
        let (Some(sub), Some(ancestor)) = (
            self.row_relation(sub),
            self.catalog.type_(ancestor).map(|row| row.relation).filter(|relation| relation.is_valid()),
        ) else {
            return false;
        };
        let mut pending = vec![sub];
        let mut seen = vec![sub];
        while let Some(relation) = pending.pop() {
            for parent in self.catalog.relation(relation).map_or(&[][..], |row| &row.parents) {
                if *parent == ancestor {
                    return true;
                }
                if !seen.contains(parent) {
                    seen.push(*parent);
                    pending.push(*parent);
                }
            }
        }
        false
    }

    /// Whether a row type is that of a table made `OF` a composite type (`typeIsOfTypedTable`).
    pub(super) fn is_of_typed_table(&self, row_type: Oid, of: Oid) -> bool {
        self.row_relation(row_type).is_some_and(|relation| self.catalog.typed_tables.get(&relation) == Some(&of))
    }
}
