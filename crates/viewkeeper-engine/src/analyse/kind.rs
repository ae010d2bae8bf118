//! The clauses that expressions stand in, and what each of them forbids (`ParseExprKind` in parse_node.h).

use super::{Analyser, Outcome};
use crate::diagnostic::SqlState;
use crate::resolve::Failure;
use crate::tree::Location;

/// The clause that an expression stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpressionKind {
    JoinOn,
    FromSubselect,
    FromFunction,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrame,
    SelectTarget,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Values,
    /// VALUES of INSERT with one row.
    ValuesSingle,
    InsertTarget,
    UpdateSource,
    UpdateTarget,
    MergeWhen,
    Returning,
    MergeReturning,
    CycleMark,
    CheckConstraint,
    ColumnDefault,
    PartitionBound,
    GeneratedColumn,
    IndexExpression,
    IndexPredicate,
    Policy,
}

/// What may not stand in a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guest {
    Aggregate,
    Grouping,
    WindowFunction,
    SetFunction,
    Subquery,
}

impl ExpressionKind {
    /// The clause in words (`ParseExprKindName`).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JoinOn => "JOIN conditions",
            Self::FromSubselect => "FROM of their own query level",
            Self::FromFunction => "functions in FROM",
            Self::Where => "WHERE",
            Self::Having => "HAVING",
            Self::Filter => "FILTER",
            Self::WindowPartition | Self::WindowOrder | Self::WindowFrame => "window definitions",
            Self::SelectTarget => "SELECT",
            Self::GroupBy => "GROUP BY",
            Self::OrderBy => "ORDER BY",
            Self::DistinctOn => "DISTINCT ON",
            Self::Limit => "LIMIT",
            Self::Offset => "OFFSET",
            Self::Values | Self::ValuesSingle => "VALUES",
            Self::InsertTarget => "INSERT",
            Self::UpdateSource | Self::UpdateTarget => "UPDATE",
            Self::MergeWhen => "WHEN conditions of MERGE",
            Self::Returning | Self::MergeReturning => "RETURNING",
            Self::CycleMark => "CYCLE",
            Self::CheckConstraint => "check constraints",
            Self::ColumnDefault => "DEFAULT expressions",
            Self::PartitionBound => "partition bounds",
            Self::GeneratedColumn => "column generation expressions",
            Self::IndexExpression => "index expressions",
            Self::IndexPredicate => "index predicates",
            Self::Policy => "policy expressions",
        }
    }

    /// Whether the clause belongs to a query, not to a table's definition.
    fn in_query(self) -> bool {
        !matches!(
            self,
            Self::CheckConstraint
                | Self::ColumnDefault
                | Self::PartitionBound
                | Self::GeneratedColumn
                | Self::IndexExpression
                | Self::IndexPredicate
                | Self::Policy
        )
    }

    /// Whether a guest may stand here (`check_agglevels_and_constraints`, `transformWindowFuncCall`,
    /// `check_srf_call_placement`, `transformSubLink`).
    pub(super) fn allows(self, guest: Guest) -> bool {
        match guest {
            Guest::Aggregate | Guest::Grouping => matches!(
                self,
                Self::Having
                    | Self::WindowPartition
                    | Self::WindowOrder
                    | Self::SelectTarget
                    | Self::OrderBy
                    | Self::DistinctOn
            ),
            Guest::WindowFunction => matches!(self, Self::SelectTarget | Self::OrderBy | Self::DistinctOn),
            Guest::SetFunction => matches!(
                self,
                Self::FromFunction
                    | Self::WindowPartition
                    | Self::WindowOrder
                    | Self::SelectTarget
                    | Self::GroupBy
                    | Self::OrderBy
                    | Self::DistinctOn
                    | Self::ValuesSingle
            ),
            Guest::Subquery => self.in_query() || self == Self::Policy,
        }
    }
}

impl Guest {
    fn words(self) -> &'static str {
        match self {
            Self::Aggregate => "aggregate functions",
            Self::Grouping => "grouping operations",
            Self::WindowFunction => "window functions",
            Self::SetFunction => "set-returning functions",
            Self::Subquery => "sub-queries",
        }
    }

    fn sqlstate(self) -> SqlState {
        match self {
            Self::Aggregate | Self::Grouping => SqlState::GROUPING_ERROR,
            Self::WindowFunction => SqlState::WINDOWING_ERROR,
            Self::SetFunction | Self::Subquery => SqlState::FEATURE_NOT_SUPPORTED,
        }
    }
}

impl Analyser<'_> {
    /// Complains when a guest stands where it may not.
    pub(super) fn admit(&self, guest: Guest, levels_up: usize, location: Location) -> Outcome<()> {
        match self.level_up(levels_up).and_then(|level| level.kind) {
            Some(kind) if !kind.allows(guest) => Err(Failure::new(
                guest.sqlstate(),
                format!("{} are not allowed in {}", guest.words(), kind.name()),
                location,
            )),
            _ => Ok(()),
        }
    }

    /// Notes a set-returning call, where one may stand (`check_srf_call_placement`); `before` is the count of such calls
    /// before its arguments.
    pub(super) fn admit_set(&mut self, before: u32, location: Location) -> Outcome<()> {
        self.admit(Guest::SetFunction, 0, location)?;
        let level = self.level_mut();
        if level.kind == Some(ExpressionKind::FromFunction) {
            if level.set_calls != before {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    "set-returning functions must be at the top level of FROM",
                    level.last_set_call,
                ));
            }
        } else {
            level.has_target_sets = true;
        }
        Ok(())
    }

    /// Remembers a set-returning call, after [`Analyser::admit_set`].
    pub(super) fn note_set(&mut self, location: Location) {
        let level = self.level_mut();
        level.set_calls += 1;
        level.last_set_call = location;
    }

    /// Complains when a set-returning call was seen since `before`, inside a construct that cannot have one.
    pub(super) fn refuse_sets_since(&self, before: u32, construct: &str) -> Outcome<()> {
        if self.level().set_calls == before {
            return Ok(());
        }
        Err(Failure::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("set-returning functions are not allowed in {construct}"),
            self.level().last_set_call,
        )
        .help("move the set-returning function into a LATERAL item of FROM"))
    }
}
