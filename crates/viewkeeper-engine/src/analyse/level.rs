//! One query level under analysis: what `ParseState` holds in parse_node.h.

use super::Analyser;
use super::cte::CteEntry;
use super::kind::ExpressionKind;
use super::scope::NamespaceItem;
use crate::parser::ast;
use crate::tree::{FromItem, Location, RangeTableEntry, Sample};

/// What becomes of output columns whose type is still unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Unknowns {
    /// They are text.
    #[default]
    BecomeText,
    /// A set operation will choose.
    Stay,
}

/// The WITH query of the level above that this level is the query of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ParentCte {
    /// Its place among the WITH queries of the level above.
    pub(super) index: usize,
    /// Whether it refers to itself.
    pub(super) recursive: bool,
}

/// One query level.
#[derive(Debug, Default)]
pub(super) struct Level<'a> {
    pub(super) range_table: Vec<RangeTableEntry>,
    pub(super) namespace: Vec<NamespaceItem>,
    pub(super) from: Vec<FromItem>,
    pub(super) samples: Vec<Sample>,
    /// The row `excluded` of ON CONFLICT, which has no system columns.
    pub(super) excluded: Option<usize>,
    /// WITH queries that can be referenced.
    pub(super) ctes: Vec<CteEntry<'a>>,
    /// Names of WITH queries that come later.
    pub(super) future_ctes: Vec<&'a str>,
    /// `WINDOW` definitions, then those of `OVER`.
    pub(super) windows: Vec<&'a ast::WindowDef>,
    /// The clause that is being analysed.
    pub(super) kind: Option<ExpressionKind>,
    pub(super) unknowns: Unknowns,
    pub(super) parent_cte: Option<ParentCte>,
    /// Whether a LATERAL item is being analysed.
    pub(super) lateral_active: bool,
    /// How many set-returning calls have been seen, and where the last one stands.
    pub(super) set_calls: u32,
    pub(super) last_set_call: Location,
    pub(super) has_aggregates: bool,
    pub(super) has_window_functions: bool,
    pub(super) has_target_sets: bool,
}

impl<'a> Analyser<'a> {
    /// The current level.
    pub(super) fn level(&self) -> &Level<'a> {
        // There is always one: the first is made with the analyser, and `sub_query` pops only what it pushed.
        &self.levels[self.levels.len() - 1]
    }

    /// The current level, to change.
    pub(super) fn level_mut(&mut self) -> &mut Level<'a> {
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }
}
