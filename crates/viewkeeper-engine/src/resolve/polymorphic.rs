//! What `anyelement`, `anycompatible` and their kin stand for in a call (parse_coerce.c).

use super::{Failure, Resolver};
use crate::catalog::{CastContext, Oid, TypeKind, oids};
use crate::diagnostic::SqlState;

/// `IsPolymorphicType`
pub(crate) fn is_polymorphic(type_: Oid) -> bool {
    is_family_1(type_) || is_family_2(type_)
}

/// `IsPolymorphicTypeFamily1`: all stand for one type exactly.
pub(super) fn is_family_1(type_: Oid) -> bool {
    matches!(
        type_,
        oids::ANYELEMENT | oids::ANYARRAY | oids::ANYNONARRAY | oids::ANYENUM | oids::ANYRANGE | oids::ANYMULTIRANGE
    )
}

/// `IsPolymorphicTypeFamily2`: all are cast to a common type.
pub(super) fn is_family_2(type_: Oid) -> bool {
    matches!(
        type_,
        oids::ANYCOMPATIBLE
            | oids::ANYCOMPATIBLEARRAY
            | oids::ANYCOMPATIBLENONARRAY
            | oids::ANYCOMPATIBLERANGE
            | oids::ANYCOMPATIBLEMULTIRANGE
    )
}

/// What the arguments say about the polymorphic types, before it is cross-checked.
#[derive(Debug, Default)]
struct Found {
    element: Option<Oid>,
    array: Option<Oid>,
    range: Option<Oid>,
    multirange: Option<Oid>,
    nonarray: bool,
    is_enum: bool,
    wants_multirange: bool,
    family_1: usize,
    unknown: bool,
    family_2: bool,
    compatible: Vec<Oid>,
    compatible_array: bool,
    compatible_nonarray: bool,
    compatible_range: Option<Oid>,
    compatible_multirange: Option<Oid>,
    wants_compatible_range: bool,
    wants_compatible_multirange: bool,
}

/// What the polymorphic types stand for.
#[derive(Debug, Default)]
struct Solution {
    element: Option<Oid>,
    array: Option<Oid>,
    range: Option<Oid>,
    multirange: Option<Oid>,
    compatible: Oid,
    compatible_array: Option<Oid>,
    compatible_range: Option<Oid>,
    compatible_multirange: Option<Oid>,
}

fn mismatch(message: impl Into<String>) -> Failure {
    Failure::new(SqlState::DATATYPE_MISMATCH, message, None)
}

impl Resolver<'_> {
    /// Whether arguments could be those of a polymorphic function (`check_generic_type_consistency`).
    pub(super) fn check_polymorphic(&self, actual: &[Oid], declared: &[Oid]) -> bool {
        let Ok(found) = self.gather(actual, declared) else { return false };
        // With unknown arguments only, everything is still open.
        let element_open = found.element.is_none()
            && found.array.is_none_or(|array| array == oids::ANYARRAY)
            && found.range.is_none()
            && found.multirange.is_none();
        if element_open {
            // `type_is_enum(InvalidOid)` is false, so an unknown literal alone never is an enum.
            if found.is_enum {
                return false;
            }
        } else if self.solve_family_1(&found).is_err() {
            return false;
        }
        let compatible_open =
            found.compatible.is_empty() && found.compatible_range.is_none() && found.compatible_multirange.is_none();
        compatible_open || self.solve_family_2(&found, Strictness::Check).is_ok()
    }

    /// Resolves the polymorphic types of a call: those in `declared` are replaced where arguments must be cast, and the
    /// result type is given (`enforce_generic_type_consistency`).
    pub(super) fn enforce_polymorphic(
        &self,
        actual: &[Oid],
        declared: &mut [Oid],
        result: Oid,
    ) -> Result<Oid, Failure> {
        let mut found = self.gather(actual, declared)?;
        if found.family_1 == 0 && !found.family_2 {
            return Ok(result);
        }
        match result {
            oids::ANYNONARRAY => found.nonarray = true,
            oids::ANYENUM => found.is_enum = true,
            oids::ANYMULTIRANGE => found.wants_multirange = true,
            oids::ANYCOMPATIBLENONARRAY => found.compatible_nonarray = true,
            oids::ANYCOMPATIBLEARRAY => found.compatible_array = true,
            oids::ANYCOMPATIBLERANGE => found.wants_compatible_range = true,
            oids::ANYCOMPATIBLEMULTIRANGE => found.wants_compatible_multirange = true,
            _ => {}
        }
        let mut solution = Solution::default();
        if found.family_1 > 0 {
            if found.array == Some(oids::ANYARRAY)
                && (found.family_1 != 1 || result != oids::ANYARRAY && is_family_1(result))
            {
                return Err(mismatch("the element type of an `anyarray` argument cannot be determined"));
            }
            solution = self.solve_family_1(&found)?;
            if solution.element.is_none() {
                return Err(mismatch(
                    "the polymorphic type cannot be determined, because the input is of type `unknown`",
                )
                .help("cast the literal to the type that is meant"));
            }
        }
        if found.family_2 {
            let compatible = self.solve_family_2(&found, Strictness::Enforce)?;
            solution.compatible = compatible.compatible;
            solution.compatible_array = compatible.compatible_array;
            solution.compatible_range = compatible.compatible_range;
            solution.compatible_multirange = compatible.compatible_multirange;
        }
        for (actual, declared) in actual.iter().zip(declared.iter_mut()) {
            let replace = is_family_2(*declared) || found.unknown && *actual == oids::UNKNOWN && is_family_1(*declared);
            if replace {
                *declared = self.substitute(*declared, &solution)?;
            }
        }
        if is_polymorphic(result) { self.substitute(result, &solution) } else { Ok(result) }
    }

    fn gather(&self, actual: &[Oid], declared: &[Oid]) -> Result<Found, Failure> {
        let mut found = Found::default();
        for (actual, declared) in actual.iter().copied().zip(declared.iter().copied()) {
            found.family_1 += usize::from(is_family_1(declared));
            found.family_2 |= is_family_2(declared);
            match declared {
                oids::ANYNONARRAY => found.nonarray = true,
                oids::ANYENUM => found.is_enum = true,
                oids::ANYMULTIRANGE => found.wants_multirange = true,
                oids::ANYCOMPATIBLENONARRAY => found.compatible_nonarray = true,
                oids::ANYCOMPATIBLEARRAY => found.compatible_array = true,
                oids::ANYCOMPATIBLERANGE => found.wants_compatible_range = true,
                oids::ANYCOMPATIBLEMULTIRANGE => found.wants_compatible_multirange = true,
                _ => {}
            }
            if !is_polymorphic(declared) {
                continue;
            }
            if actual == oids::UNKNOWN {
                found.unknown |= is_family_1(declared);
                continue;
            }
            let base = self.catalog.base_type(actual);
            match declared {
                oids::ANYELEMENT | oids::ANYNONARRAY | oids::ANYENUM => {
                    self.same(&mut found.element, actual, "anyelement")?;
                }
                oids::ANYARRAY => self.same(&mut found.array, base, "anyarray")?,
                oids::ANYRANGE => self.same(&mut found.range, base, "anyrange")?,
                oids::ANYMULTIRANGE => self.same(&mut found.multirange, base, "anymultirange")?,
                oids::ANYCOMPATIBLEARRAY => {
                    let element = self.catalog.element_type(base);
                    if !element.is_valid() {
                        return Err(self.not_a("anycompatiblearray", "an array", base));
                    }
                    found.compatible.push(element);
                }
                oids::ANYCOMPATIBLERANGE => {
                    let first = found.compatible_range.is_none();
                    self.same(&mut found.compatible_range, base, "anycompatiblerange")?;
                    let subtype =
                        self.range_subtype(base).ok_or_else(|| self.not_a("anycompatiblerange", "a range", base))?;
                    if first {
                        found.compatible.push(subtype);
                    }
                }
                oids::ANYCOMPATIBLEMULTIRANGE => {
                    self.same(&mut found.compatible_multirange, base, "anycompatiblemultirange")?;
                    if self.multirange_range(base).is_none() {
                        return Err(self.not_a("anycompatiblemultirange", "a multirange", base));
                    }
                }
                _ => found.compatible.push(actual),
            }
        }
        Ok(found)
    }

    fn same(&self, slot: &mut Option<Oid>, type_: Oid, name: &str) -> Result<(), Failure> {
        match *slot {
            Some(other) if other != type_ => Err(mismatch(format!(
                "the arguments declared `{name}` are not all alike"
            ))
            .note(format!("they are `{}` and `{}`", self.type_text(other), self.type_text(type_)))),
            _ => {
                *slot = Some(type_);
                Ok(())
            }
        }
    }

    fn not_a(&self, declared: &str, what: &str, type_: Oid) -> Failure {
        mismatch(format!("the argument declared `{declared}` is not {what} but `{}`", self.type_text(type_)))
    }

    fn not_consistent(&self, names: (&str, &str), types: (Oid, Oid)) -> Failure {
        mismatch(format!("the argument declared `{}` does not fit the one declared `{}`", names.0, names.1))
            .note(format!("they are `{}` and `{}`", self.type_text(types.0), self.type_text(types.1)))
    }

    fn solve_family_1(&self, found: &Found) -> Result<Solution, Failure> {
        let mut element = found.element;
        if let Some(array) = found.array {
            if array == oids::ANYARRAY {
                element = element.or(Some(oids::ANYELEMENT));
            } else {
                let of = self.catalog.element_type(array);
                if !of.is_valid() {
                    return Err(self.not_a("anyarray", "an array", array));
                }
                if *element.get_or_insert(of) != of {
                    return Err(self.not_consistent(("anyarray", "anyelement"), (array, element.unwrap_or(of))));
                }
            }
        }
        let (mut range, mut multirange) = (found.range, found.multirange);
        if let Some(multirange) = multirange {
            let of = self
                .multirange_range(multirange)
                .ok_or_else(|| self.not_a("anymultirange", "a multirange", multirange))?;
            if *range.get_or_insert(of) != of {
                return Err(self.not_consistent(("anymultirange", "anyrange"), (multirange, range.unwrap_or(of))));
            }
        } else if found.wants_multirange
            && let Some(range) = range
        {
            multirange = self.range_multirange(range);
        }
        if let Some(range) = range {
            let of = self.range_subtype(range).ok_or_else(|| self.not_a("anyrange", "a range", range))?;
            if *element.get_or_insert(of) != of {
                return Err(self.not_consistent(("anyrange", "anyelement"), (range, element.unwrap_or(of))));
            }
        }
        if let Some(element) = element
            && element != oids::ANYELEMENT
        {
            if found.nonarray && self.catalog.base_element_type(element).is_valid() {
                return Err(mismatch(format!("`anynonarray` got the array type `{}`", self.type_text(element))));
            }
            if found.is_enum && self.catalog.type_(element).is_none_or(|row| row.kind != TypeKind::Enum) {
                return Err(mismatch(format!("`anyenum` got `{}`, which is not an enum", self.type_text(element))));
            }
        }
        Ok(Solution { element, array: found.array, range, multirange, ..Solution::default() })
    }

    fn solve_family_2(&self, found: &Found, strictness: Strictness) -> Result<Solution, Failure> {
        let mut types = found.compatible.clone();
        let (mut range, mut multirange) = (found.compatible_range, found.compatible_multirange);
        let mut wants_range = found.wants_compatible_range;
        if let Some(multirange) = multirange {
            let of = self
                .multirange_range(multirange)
                .ok_or_else(|| self.not_a("anycompatiblemultirange", "a multirange", multirange))?;
            match range {
                Some(range) if range != of => {
                    let names = ("anycompatiblemultirange", "anycompatiblerange");
                    return Err(self.not_consistent(names, (multirange, range)));
                }
                Some(_) => {}
                None => {
                    types.push(
                        self.range_subtype(of)
                            .ok_or_else(|| self.not_a("anycompatiblemultirange", "a multirange", multirange))?,
                    );
                    range = Some(of);
                    wants_range = true;
                }
            }
        } else if found.wants_compatible_multirange
            && let Some(range) = range
        {
            multirange = self.range_multirange(range);
        }
        let unknown = |name: &str| {
            mismatch(format!(
                "the polymorphic type `{name}` cannot be determined, because the input is of type `unknown`"
            ))
        };
        if strictness == Strictness::Enforce {
            if wants_range && range.is_none() {
                return Err(unknown("anycompatiblerange"));
            }
            if found.wants_compatible_multirange && multirange.is_none() {
                return Err(unknown("anycompatiblemultirange"));
            }
        }
        let common = if types.is_empty() {
            oids::TEXT
        } else {
            self.common_type(&types).map_err(|found| {
                let (so_far, next) = (self.type_text(found.so_far), self.type_text(found.next));
                mismatch(format!("argument types `{so_far}` and `{next}` cannot be matched"))
            })?
        };
        if !types.iter().all(|type_| self.can_coerce_one(*type_, common, CastContext::Implicit)) {
            return Err(mismatch("the arguments cannot be cast to a common type"));
        }
        if found.compatible_nonarray && !types.is_empty() && self.catalog.base_element_type(common).is_valid() {
            let common = self.type_text(common);
            return Err(mismatch(format!("`anycompatiblenonarray` got the array type `{common}`")));
        }
        if let Some(range) = range
            && self.range_subtype(range) != Some(common)
        {
            let (range, common) = (self.type_text(range), self.type_text(common));
            return Err(mismatch(format!("`{range}` is not a range of `{common}`, the common type of the arguments")));
        }
        let array = self.catalog.array_type(common);
        Ok(Solution {
            compatible: common,
            compatible_array: array.is_valid().then_some(array),
            compatible_range: range,
            compatible_multirange: multirange,
            ..Solution::default()
        })
    }

    fn substitute(&self, declared: Oid, solution: &Solution) -> Result<Oid, Failure> {
        let array_of = |element: Option<Oid>| {
            element.map(|element| self.catalog.array_type(element)).filter(|array| array.is_valid())
        };
        let found = match declared {
            oids::ANYELEMENT | oids::ANYNONARRAY | oids::ANYENUM => solution.element,
            oids::ANYARRAY => solution.array.or_else(|| array_of(solution.element)),
            oids::ANYRANGE => solution.range,
            oids::ANYMULTIRANGE => solution.multirange,
            oids::ANYCOMPATIBLE | oids::ANYCOMPATIBLENONARRAY => Some(solution.compatible),
            oids::ANYCOMPATIBLEARRAY => solution.compatible_array,
            oids::ANYCOMPATIBLERANGE => solution.compatible_range,
            oids::ANYCOMPATIBLEMULTIRANGE => solution.compatible_multirange,
            other => Some(other),
        };
        found.ok_or_else(|| {
            let name = self.type_text(declared);
            match (declared, solution.element) {
                (oids::ANYARRAY, Some(element)) => Failure::new(
                    SqlState::UNDEFINED_OBJECT,
                    format!("there is no array type over `{}`", self.type_text(element)),
                    None,
                ),
                _ => mismatch(format!("what `{name}` stands for cannot be determined")),
            }
        })
    }

    /// `get_range_subtype`
    fn range_subtype(&self, type_: Oid) -> Option<Oid> {
        self.catalog.type_(type_)?.range.filter(|range| range.range == type_).map(|range| range.subtype)
    }

    /// `get_multirange_range`
    fn multirange_range(&self, type_: Oid) -> Option<Oid> {
        self.catalog.type_(type_)?.range.filter(|range| range.multirange == type_).map(|range| range.range)
    }

    /// `get_range_multirange`
    fn range_multirange(&self, type_: Oid) -> Option<Oid> {
        self.catalog.type_(type_)?.range.filter(|range| range.range == type_).map(|range| range.multirange)
    }
}

/// Whether what is still open is accepted or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Check,
    Enforce,
}
