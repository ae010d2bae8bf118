//! The type and modifier that several values share: CASE, COALESCE, VALUES, UNION, … (parse_coerce.c).

use super::Resolver;
use super::failure::Failure;
use crate::catalog::{CastContext, Oid, oids};
use crate::diagnostic::SqlState;
use crate::tree::Expr;

/// Two types of different categories, and which of the values has the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub(super) so_far: Oid,
    pub(super) next: Oid,
    pub(super) at: usize,
}

impl Resolver<'_> {
    /// The type that several values share, for a construct such as `CASE` (`select_common_type` with a context).
    pub fn select_common_type(&self, exprs: &[&Expr], construct: &str) -> Result<Oid, Failure> {
        let types: Vec<Oid> = exprs.iter().map(|expr| self.type_of(expr)).collect();
        self.common_type(&types).map_err(|mismatch| {
            let (so_far, next) = (self.type_text(mismatch.so_far), self.type_text(mismatch.next));
            Failure::new(
                SqlState::DATATYPE_MISMATCH,
                format!("{construct} types `{so_far}` and `{next}` cannot be matched"),
                exprs.get(mismatch.at).and_then(|expr| expr.location),
            )
            .help("cast one of them to the other's type")
        })
    }

    /// [`Resolver::select_common_type`], `None` when there is none (`select_common_type` without a context).
    pub fn try_common_type(&self, exprs: &[&Expr]) -> Option<Oid> {
        let types: Vec<Oid> = exprs.iter().map(|expr| self.type_of(expr)).collect();
        self.common_type(&types).ok()
    }

    /// [`Resolver::select_common_type`] of types alone (`select_common_type_from_oids`).
    pub(super) fn common_type(&self, types: &[Oid]) -> Result<Oid, Mismatch> {
        let first = types.first().copied().unwrap_or(oids::UNKNOWN);
        // All the same: the only way to a domain.
        if first != oids::UNKNOWN && types.iter().all(|type_| *type_ == first) {
            return Ok(first);
        }
        let mut chosen = self.catalog.base_type(first);
        for (at, type_) in types.iter().enumerate().skip(1) {
            let next = self.catalog.base_type(*type_);
            if next == oids::UNKNOWN || next == chosen {
                continue;
            }
            if chosen == oids::UNKNOWN {
                chosen = next;
            } else if self.category(next) != self.category(chosen) {
                return Err(Mismatch { so_far: chosen, next, at });
            } else if !self.is_preferred(chosen)
                && self.can_coerce_one(chosen, next, CastContext::Implicit)
                && !self.can_coerce_one(next, chosen, CastContext::Implicit)
            {
                chosen = next;
            }
        }
        Ok(if chosen == oids::UNKNOWN { oids::TEXT } else { chosen })
    }

    /// The modifier that several values share, -1 for none (`select_common_typmod`).
    pub fn select_common_typmod(&self, exprs: &[&Expr], common: Oid) -> i32 {
        let mut shared = None;
        for expr in exprs {
            if self.type_of(expr) != common {
                return -1;
            }
            let typmod = self.typmod_of(expr);
            if shared.is_some_and(|shared| shared != typmod) {
                return -1;
            }
            shared = Some(typmod);
        }
        shared.unwrap_or(-1)
    }

    /// Whether all values can become values of a type (`verify_common_type`).
    pub fn verify_common_type(&self, common: Oid, exprs: &[&Expr]) -> bool {
        exprs.iter().all(|expr| self.can_coerce_one(self.type_of(expr), common, CastContext::Implicit))
    }
}
