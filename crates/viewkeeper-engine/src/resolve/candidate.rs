//! Choosing among functions or operators of one name by the types of their arguments (`func_match_argtypes`,
//! `func_select_candidate` in parse_func.c). Where candidates come from is in `function` and `operator`.

use super::Resolver;
use super::pathway::STRING_CATEGORY;
use crate::catalog::{CastContext, Oid, oids};

/// Something that takes arguments of certain types.
pub(super) trait Takes {
    /// The types, at least as many as there are arguments.
    fn types(&self) -> &[Oid];
}

/// What came of choosing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice<T> {
    None,
    One(T),
    Ambiguous,
}

impl Resolver<'_> {
    /// The one candidate that fits best; an exact match has been looked for before.
    pub(super) fn choose<T: Takes + Clone>(&self, inputs: &[Oid], candidates: &[T]) -> Choice<T> {
        let count = inputs.len();
        let fits = |candidate: &&T| {
            candidate.types().get(..count).is_some_and(|types| self.can_coerce(inputs, types, CastContext::Implicit))
        };
        let fitting: Vec<&T> = candidates.iter().filter(fits).collect();
        match fitting.as_slice() {
            [] => Choice::None,
            [one] => Choice::One((*one).clone()),
            _ => self.select(inputs, fitting).map_or(Choice::Ambiguous, |one| Choice::One(one.clone())),
        }
    }

    /// `func_select_candidate`
    fn select<'t, T: Takes>(&self, inputs: &[Oid], candidates: Vec<&'t T>) -> Option<&'t T> {
        let mut inputs: Vec<Oid> = inputs.iter().map(|input| self.catalog.base_type(*input)).collect();
        let known = |input: Oid| input != oids::UNKNOWN;
        let pairs = |candidate: &T| inputs.iter().copied().zip(candidate.types().iter().copied()).collect::<Vec<_>>();

        // Most exact matches.
        let candidates = most(candidates, |candidate| {
            pairs(candidate).iter().filter(|(input, type_)| known(*input) && input == type_).count()
        });
        if let [one] = candidates.as_slice() {
            return Some(one);
        }

        // Most exact matches or preferred types of the input's category.
        let candidates = most(candidates, |candidate| {
            pairs(candidate)
                .iter()
                .filter(|(input, type_)| {
                    known(*input) && (input == type_ || self.is_preferred_in(self.category(*input), *type_))
                })
                .count()
        });
        if let [one] = candidates.as_slice() {
            return Some(one);
        }
        if inputs.iter().copied().all(known) {
            return None;
        }

        let candidates = self.by_unknown_slots(&inputs, candidates);
        if let [one] = candidates.as_slice() {
            return Some(one);
        }

        // Last gasp: unknown inputs are of the one type that all known ones have.
        let mut types = inputs.iter().copied().filter(|input| known(*input));
        let first = types.next()?;
        if !types.all(|type_| type_ == first) {
            return None;
        }
        inputs.fill(first);
        let mut fitting = candidates.into_iter().filter(|candidate| {
            let types = candidate.types().get(..inputs.len());
            types.is_some_and(|types| self.can_coerce(&inputs, types, CastContext::Implicit))
        });
        let one = fitting.next()?;
        if fitting.next().is_some() { None } else { Some(one) }
    }

    /// Keeps candidates whose types are of the category that each unknown input can be given: strings where any
    /// candidate takes one, else the category that all agree on; of it preferred types where any candidate takes one.
    fn by_unknown_slots<'t, T: Takes>(&self, inputs: &[Oid], candidates: Vec<&'t T>) -> Vec<&'t T> {
        let mut slots: Vec<(usize, u8, bool)> = Vec::new();
        for (slot, _) in inputs.iter().enumerate().filter(|(_, input)| **input == oids::UNKNOWN) {
            let mut found: Option<(u8, bool)> = None;
            let mut conflict = false;
            for type_ in candidates.iter().filter_map(|candidate| candidate.types().get(slot).copied()) {
                let (category, preferred) = (self.category(type_), self.is_preferred(type_));
                match &mut found {
                    None => found = Some((category, preferred)),
                    Some((chosen, has_preferred)) if *chosen == category => *has_preferred |= preferred,
                    Some(chosen) if category == STRING_CATEGORY => *chosen = (category, preferred),
                    Some(_) => conflict = true,
                }
            }
            match found {
                Some((category, _)) if conflict && category != STRING_CATEGORY => return candidates,
                Some((category, preferred)) => slots.push((slot, category, preferred)),
                None => return candidates,
            }
        }
        let keep = |candidate: &&&T| {
            slots.iter().all(|(slot, category, needs_preferred)| {
                candidate.types().get(*slot).is_some_and(|type_| {
                    self.category(*type_) == *category && (!needs_preferred || self.is_preferred(*type_))
                })
            })
        };
        let kept: Vec<&T> = candidates.iter().filter(keep).copied().collect();
        if kept.is_empty() { candidates } else { kept }
    }
}

/// The candidates with the highest score; all when none scores.
fn most<T>(candidates: Vec<&T>, score: impl Fn(&T) -> usize) -> Vec<&T> {
    let scores: Vec<usize> = candidates.iter().map(|candidate| score(candidate)).collect();
    let best = scores.iter().copied().max().unwrap_or(0);
    candidates.into_iter().zip(scores).filter(|(_, score)| *score == best).map(|(candidate, _)| candidate).collect()
}
