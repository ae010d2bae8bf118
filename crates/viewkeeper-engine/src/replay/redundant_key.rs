//! Keys that a statement writes twice, such as `UNIQUE PRIMARY KEY`: the server makes one of them.

use super::node;
use crate::catalog::Relation;
use crate::parser::ast;

/// A constraint with the column it is written with.
type Written = (ast::Constraint, Option<i16>);

/// What two keys must have in common to be one: columns, included columns, NULLS NOT DISTINCT, DEFERRABLE, DEFERRED.
type Shape = (Vec<String>, Vec<String>, bool, bool, bool);

/// Without the keys that say the same as another of the statement: a primary key stays before all others, then the first,
/// which takes the name of one that goes when it has none (`transformIndexConstraints`).
pub(super) fn without_redundant_keys(table: &Relation, constraints: Vec<Written>) -> Vec<Written> {
    let shape = |(constraint, column): &Written| -> Option<Shape> {
        let key = matches!(constraint.contype(), ast::ConstrType::ConstrPrimary | ast::ConstrType::ConstrUnique);
        if !key || !constraint.indexname.is_empty() || constraint.without_overlaps {
            return None;
        }
        let names = |keys: &[ast::Node]| node::strings(keys).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let columns = match column.and_then(|number| table.attribute(number)) {
            Some(column) if constraint.keys.is_empty() => vec![column.name.clone()],
            _ => names(&constraint.keys),
        };
        let included = names(&constraint.including);
        Some((columns, included, constraint.nulls_not_distinct, constraint.deferrable, constraint.initdeferred))
    };
    let primary = |(constraint, _): &Written| constraint.contype() == ast::ConstrType::ConstrPrimary;
    let mut order: Vec<usize> = (0..constraints.len()).collect();
    order.sort_by_key(|at| !primary(&constraints[*at]));
    let mut kept: Vec<(usize, Option<Shape>, String)> = Vec::new();
    for at in order {
        let shape = shape(&constraints[at]);
        let name = &constraints[at].0.conname;
        // Two primary keys are a mistake, which is said where they are made.
        let same = kept.iter_mut().find(|(_, other, _)| shape.is_some() && *other == shape);
        match same {
            Some((_, _, known)) if !primary(&constraints[at]) => {
                if known.is_empty() {
                    known.clone_from(name);
                }
            }
            _ => kept.push((at, shape, name.clone())),
        }
    }
    kept.sort_by_key(|(at, ..)| *at);
    kept.into_iter()
        .map(|(at, _, name)| {
            let (mut constraint, column) = constraints[at].clone();
            constraint.conname = name;
            (constraint, column)
        })
        .collect()
}

/// The constraints that a new column is written with.
pub(super) fn of_column(table: &Relation, constraints: Vec<ast::Constraint>, number: i16) -> Vec<Written> {
    let written = constraints.into_iter().map(|constraint| (constraint, Some(number))).collect();
    without_redundant_keys(table, written)
}
