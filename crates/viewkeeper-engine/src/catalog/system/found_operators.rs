//! Which of PostgreSQL's own operators was found for operands of its own types, remembered (the operator cache of
//! parse_oper.c): what is found depends on the version alone. Finding them is `resolve`'s.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use super::super::Oid;

/// Operators by the types of their operands.
#[derive(Debug, Default)]
pub(super) struct FoundOperators(RwLock<BTreeMap<(Oid, Oid), Vec<Oid>>>);

impl FoundOperators {
    /// The operators of all names that were found for two types.
    pub(super) fn first<T>(&self, operands: (Oid, Oid), choose: impl Fn(Oid) -> Option<T>) -> Option<T> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner);
        found.get(&operands)?.iter().find_map(|operator| choose(*operator))
    }

    pub(super) fn insert(&self, operands: (Oid, Oid), operator: Oid) {
        let mut found = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let operators = found.entry(operands).or_default();
        if !operators.contains(&operator) {
            operators.push(operator);
        }
    }
}
