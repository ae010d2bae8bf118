//! What a partition may hold: `FOR VALUES …` against the key of its table and against the other partitions
//! (`transformPartitionBound` in parse_utilcmd.c, `check_new_partition_bound` in partbounds.c).

use std::cmp::Ordering;

use super::partition_value::{compare, read, same};
use super::session::{LOOKUPS, Outcome, Session};
use crate::analyse::{Purpose, analyse_expression};
use crate::catalog::{BoundValue, Oid, PartitionBound, PartitionKey, PartitionKeyPart, RangeBound, Strategy};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast};
use crate::tree::RowColumn;

/// As the grammar says it (`PARTITION_STRATEGY_…`).
fn letter(strategy: Strategy) -> (&'static str, &'static str) {
    match strategy {
        Strategy::List => ("l", "list"),
        Strategy::Range => ("r", "range"),
        Strategy::Hash => ("h", "hash"),
    }
}

impl Session<'_> {
    /// What the bound of a partition says, fitted to the key of its table; `None` where the key is not known.
    pub(super) fn partition_bound(
        &self,
        parent: Oid,
        bound: &ast::PartitionBoundSpec,
    ) -> Outcome<Option<PartitionBound>> {
        let Some(key) = self.catalog.partition_keys.get(&parent) else { return Ok(None) };
        let refused = |message: String| Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, bound.location));
        if bound.is_default {
            if key.strategy == Strategy::Hash {
                return refused("a hash-partitioned table may not have a default partition".to_owned());
            }
            return Ok(Some(PartitionBound::Default));
        }
        let (strategy, word) = letter(key.strategy);
        if bound.strategy != strategy {
            return refused(format!("invalid bound specification for a {word} partition"));
        }
        match key.strategy {
            Strategy::Hash => {
                let (modulus, remainder) = (bound.modulus, bound.remainder);
                if modulus <= 0 {
                    return refused("the modulus of a hash partition must be greater than zero".to_owned());
                }
                if remainder < 0 {
                    return refused("the remainder of a hash partition must not be negative".to_owned());
                }
                if remainder >= modulus {
                    return refused("the remainder of a hash partition must be less than its modulus".to_owned());
                }
                Ok(Some(PartitionBound::Hash { modulus, remainder }))
            }
            Strategy::List => {
                let Some(part) = key.parts.first() else { return Ok(None) };
                let values = bound.listdatums.iter().map(|value| self.bound_value(parent, value, part));
                Ok(Some(PartitionBound::List(values.collect::<Outcome<_>>()?)))
            }
            // The type of an expression in it is not known.
            Strategy::Range if key.parts.is_empty() => Ok(None),
            Strategy::Range => {
                for (word, values) in [("FROM", &bound.lowerdatums), ("TO", &bound.upperdatums)] {
                    if values.len() != key.parts.len() {
                        return refused(format!("{word} must specify exactly one value per partitioning column"));
                    }
                }
                let from = self.range_end(parent, &bound.lowerdatums, key)?;
                let to = self.range_end(parent, &bound.upperdatums, key)?;
                Ok(Some(PartitionBound::Range { from, to }))
            }
        }
    }

    /// `transformPartitionRangeBounds`, `validateInfiniteBounds`
    fn range_end(&self, parent: Oid, values: &[ast::Node], key: &PartitionKey) -> Outcome<Vec<RangeBound>> {
        let mut end = Vec::new();
        for (value, part) in values.iter().zip(&key.parts) {
            let infinite = infinite(value);
            let bound = match infinite {
                Some(bound) => bound,
                None => match self.bound_value(parent, value, part)? {
                    BoundValue::Null => {
                        let message = "cannot specify NULL in range bound";
                        return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
                    }
                    value => RangeBound::Value(value),
                },
            };
            if let Some(last @ (RangeBound::Least | RangeBound::Most)) = end.last()
                && *last != bound
            {
                let word = if *last == RangeBound::Least { "MINVALUE" } else { "MAXVALUE" };
                let message = format!("every bound following {word} must also be {word}");
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
            end.push(bound);
        }
        Ok(end)
    }

    /// `transformPartitionBoundValue`
    fn bound_value(&self, parent: Oid, value: &ast::Node, part: &PartitionKeyPart) -> Outcome<BoundValue> {
        let Some(node) = &value.node else { return Ok(BoundValue::Unknown) };
        let name = match part.column {
            0 => "the expression".to_owned(),
            number => self.column_names(parent, &[number]).concat(),
        };
        let column = RowColumn { name, type_: part.type_, typmod: part.typmod, collation: part.collation };
        let purpose = Purpose::PartitionBound(&column);
        match analyse_expression(&self.catalog, &self.file, node, None, &purpose, self.search_path()) {
            Ok(analysed) => Ok(read(&self.catalog, &analysed.expr, part)),
            // What it names may have been made by a statement that is not followed.
            Err(error) => {
                let open = error.sqlstate.is_some_and(|code| LOOKUPS.contains(&code));
                if open && !self.catalog.unmodelled.is_empty() { Ok(BoundValue::Unknown) } else { Err(error) }
            }
        }
    }

    /// Refuses a partition that would hold what another one holds.
    pub(super) fn check_partition_bound(
        &self,
        parent: Oid,
        partition: Oid,
        bound: &PartitionBound,
        location: i32,
    ) -> Outcome {
        let Some(key) = self.catalog.partition_keys.get(&parent) else { return Ok(()) };
        let refused = |message: String| self.error(SqlState::INVALID_OBJECT_DEFINITION, message, location);
        if let PartitionBound::Range { from, to } = bound
            && matches!(compare(from, to, &key.parts), Some(Ordering::Equal | Ordering::Greater))
        {
            let message = format!("empty range bound specified for partition `{}`", self.relation_name(partition));
            return Err(refused(message).note("the lower bound must be less than the upper one"));
        }
        // A statement whose effect is not known may have detached others.
        let certain = |other: &Oid| *other != partition && self.is_certain(*other);
        let others = || self.children(parent).into_iter().filter(certain);
        for other in others() {
            let Some(there) = self.catalog.partition_values.get(&other) else { continue };
            if let (PartitionBound::Hash { modulus, .. }, PartitionBound::Hash { modulus: known, .. }) = (bound, there)
                && modulus % known != 0
                && known % modulus != 0
            {
                let message = "every hash partition modulus must be a factor of the next larger modulus";
                let shown = self.relation_name(other);
                return Err(refused(message.to_owned()).note(format!("that of `{shown}` is {known}")));
            }
        }
        for other in others() {
            let Some(there) = self.catalog.partition_values.get(&other) else { continue };
            if overlap(bound, there, &key.parts) {
                return Err(self.overlaps(partition, other, bound, location));
            }
        }
        Ok(())
    }

    fn overlaps(&self, partition: Oid, other: Oid, bound: &PartitionBound, location: i32) -> Diagnostic {
        let (partition, other) = (self.relation_name(partition), self.relation_name(other));
        let message = match bound {
            PartitionBound::Default => {
                format!("partition `{partition}` conflicts with existing default partition `{other}`")
            }
            _ => format!("partition `{partition}` would overlap partition `{other}`"),
        };
        self.error(SqlState::INVALID_OBJECT_DEFINITION, message, location)
    }
}

/// `MINVALUE` and `MAXVALUE`, which the grammar takes for columns.
fn infinite(value: &ast::Node) -> Option<RangeBound> {
    let Some(NodeEnum::ColumnRef(column)) = &value.node else { return None };
    match super::node::strings(&column.fields).as_slice() {
        ["minvalue"] => Some(RangeBound::Least),
        ["maxvalue"] => Some(RangeBound::Most),
        _ => None,
    }
}

/// Whether it is certain that two partitions hold the same.
fn overlap(one: &PartitionBound, other: &PartitionBound, parts: &[PartitionKeyPart]) -> bool {
    match (one, other) {
        (PartitionBound::Default, PartitionBound::Default) => true,
        (PartitionBound::Hash { modulus, remainder }, PartitionBound::Hash { modulus: known, remainder: there }) => {
            let least = *modulus.min(known);
            remainder % least == there % least
        }
        (PartitionBound::List(values), PartitionBound::List(known)) => {
            values.iter().any(|value| known.iter().any(|there| same(value, there) == Some(true)))
        }
        (PartitionBound::Range { from, to }, PartitionBound::Range { from: lower, to: upper }) => {
            compare(from, upper, parts) == Some(Ordering::Less) && compare(lower, to, parts) == Some(Ordering::Less)
        }
        _ => false,
    }
}
