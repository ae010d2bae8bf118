//! The operators that sort, group and compare a type (`lookup_type_cache` in typcache.c, `GetDefaultOpClass` in
//! indexcmds.c).

use super::{Failure, Resolver};
use crate::catalog::{Oid, OperatorClass, TypeKind, oids};
use crate::diagnostic::SqlState;
use crate::tree::Location;

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

/// What is asked of the elements of an array or the fields of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ability {
    Equal,
    Compare,
    Hash,
}

impl Resolver<'_> {
    /// How values of a type are sorted and compared; members are invalid where it cannot be.
    pub fn sort_operators(&self, type_: Oid) -> SortOperators {
        let btree = self.default_operator_class(oids::BTREE, type_);
        let hash = self.default_operator_class(oids::HASH, type_);
        let member = |class: Option<OperatorClass>, strategy: u16, ability: Ability| {
            class
                .and_then(|class| self.catalog.family_operator(class.family, class.input, class.input, strategy))
                .filter(|_| self.parts_are_able(type_, ability))
                .unwrap_or(Oid::INVALID)
        };
        let equal = if btree.is_some() { member(btree, 3, Ability::Equal) } else { member(hash, 1, Ability::Equal) };
        SortOperators {
            less: member(btree, 1, Ability::Compare),
            equal,
            greater: member(btree, 5, Ability::Compare),
            hashable: hash.is_some() && equal.is_valid() && self.parts_are_able(type_, Ability::Hash),
        }
    }

    /// The sort operators that `ORDER BY` needs, or why there are none.
    pub fn require_ordering(&self, type_: Oid, location: Location) -> Result<SortOperators, Failure> {
        let operators = self.sort_operators(type_);
        if operators.less.is_valid() && operators.greater.is_valid() {
            return Ok(operators);
        }
        let name = self.type_text(type_);
        Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("values of type `{name}` have no order"), location)
            .help("sort by something else, or say which operator to use (`ORDER BY … USING …`)"))
    }

    /// The equality operator that `DISTINCT`, `GROUP BY` and set operations need, or why there is none.
    pub fn require_equality(&self, type_: Oid, location: Location) -> Result<SortOperators, Failure> {
        let operators = self.sort_operators(type_);
        if operators.equal.is_valid() {
            return Ok(operators);
        }
        let name = self.type_text(type_);
        let message = format!("values of type `{name}` cannot be compared for equality");
        let failure = Failure::new(SqlState::UNDEFINED_FUNCTION, message, location);
        Err(if type_ == oids::JSON { failure.help("cast to `jsonb`") } else { failure })
    }

    /// The default operator class of a type, also one that takes the type as it is (`GetDefaultOpClass`).
    pub fn default_operator_class(&self, method: Oid, type_: Oid) -> Option<OperatorClass> {
        let type_ = self.catalog.base_type(type_);
        if let Some(own) = self.catalog.default_operator_class(method, type_) {
            return Some(own);
        }
        let category = self.category(type_);
        let (mut preferred, mut compatible) = (Vec::new(), Vec::new());
        for class in self.catalog.operator_classes() {
            if class.method != method || !class.default {
                continue;
            }
            if self.is_binary_coercible(type_, class.input) {
                if self.is_preferred_in(category, class.input) {
                    preferred.push(class);
                } else {
                    compatible.push(class);
                }
            }
        }
        match (preferred.as_slice(), compatible.as_slice()) {
            ([one], _) => Some(*one),
            ([], [one]) => Some(*one),
            _ => None,
        }
    }

    /// Whether elements, fields or subtypes can do what is asked of the whole (`cache_array_element_properties` and
    /// its kin).
    fn parts_are_able(&self, type_: Oid, ability: Ability) -> bool {
        let type_ = self.catalog.base_type(type_);
        let able = |part: Oid| {
            let operators = self.sort_operators(part);
            match ability {
                Ability::Equal => operators.equal.is_valid(),
                Ability::Compare => operators.less.is_valid(),
                Ability::Hash => operators.hashable,
            }
        };
        let element = self.catalog.element_type(type_);
        if element.is_valid() && ![oids::OIDVECTOR, oids::INT2VECTOR].contains(&type_) {
            return able(element);
        }
        if type_ == oids::ANYARRAY {
            // A column of pg_statistic: arrays of any type, of which the server knows no elements.
            return false;
        }
        if type_ == oids::RECORD {
            // Its columns are not known here: the server finds out when the query runs.
            return ability != Ability::Hash;
        }
        match self.catalog.type_(type_) {
            Some(row) if row.kind == TypeKind::Composite => self
                .catalog
                .relation_of_type(type_)
                .is_some_and(|relation| relation.live_columns().all(|(_, column)| able(column.type_))),
            Some(row) if matches!(row.kind, TypeKind::Range | TypeKind::Multirange) && ability == Ability::Hash => {
                row.range.is_some_and(|range| able(range.subtype))
            }
            _ => true,
        }
    }
}
