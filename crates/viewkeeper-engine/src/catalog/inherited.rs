//! What a constraint of a table has to do with those of its parents (`coninhcount` in pg_constraint).

use super::{Catalog, Constraint, ConstraintKind, Relation};

impl Catalog {
    /// From how many parents a table has a constraint: checks are the same by their name, NOT NULL by its column, and a
    /// partition's keys and foreign keys are those of its table where they are over the same columns.
    pub fn parents_with(&self, table: &Relation, constraint: &Constraint) -> usize {
        let parents = table.parents.iter().filter_map(|parent| self.relation(*parent));
        parents
            .filter(|parent| parent.constraints.iter().any(|other| comes_from(table, constraint, parent, other)))
            .count()
    }
}

/// Whether a constraint of a table is there because of one of its parent.
pub fn comes_from(table: &Relation, constraint: &Constraint, parent: &Relation, of_parent: &Constraint) -> bool {
    if constraint.kind != of_parent.kind || of_parent.no_inherit {
        return false;
    }
    let same_columns = || {
        let there = of_parent.columns.iter().map(|number| match number {
            0 => Some(0),
            number => table.column(&parent.attribute(*number)?.name).map(|(number, _)| number),
        });
        there.eq(constraint.columns.iter().map(|number| Some(*number)))
    };
    match constraint.kind {
        ConstraintKind::Check => constraint.name == of_parent.name,
        ConstraintKind::NotNull => same_columns(),
        ConstraintKind::ForeignKey => {
            !constraint.is_local
                && (constraint.references, &constraint.referenced) == (of_parent.references, &of_parent.referenced)
                && same_columns()
        }
        _ => !constraint.is_local && same_columns(),
    }
}
