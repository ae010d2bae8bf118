//! Rows of a table that are stored elsewhere: their table keeps its shape (`find_composite_type_dependencies` in tablecmds.c).

use std::collections::BTreeSet;

use super::address::Address;
use super::session::{Outcome, Session};
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, Catalog, ColumnSource, Oid, RelationKind};
use crate::diagnostic::SqlState;
use crate::name::quote_ident;

impl Session<'_> {
    /// Refuses a new column that has a value in the rows that are there, where a table or materialized view stores such rows
    /// (`ATExecAddColumn`, `ATRewriteTables`).
    pub(super) fn check_new_column_stored(&mut self, table: Oid, number: i16) -> Outcome {
        let row = self.own(table)?;
        let Some(column) = row.attribute(number) else { return Ok(()) };
        // Those of a partitioned table are in its partitions, and those of a foreign table are elsewhere
        // (`RELKIND_HAS_STORAGE`).
        let gives = column.has_default || column.source != ColumnSource::Plain || self.gives_value(column.type_);
        match row.kind == RelationKind::Table && gives {
            true => self.check_rows_stored(table),
            false => Ok(()),
        }
    }

    /// Whether a type brings a value of its own for a column without a default: a domain with a default (`build_column_default`), or
    /// with a constraint, which is checked (`DomainHasConstraints`).
    fn gives_value(&self, type_: Oid) -> bool {
        let Some(row) = self.catalog.type_(type_).filter(|row| row.base.is_valid()) else { return false };
        let says = |part: &AttachedKind| matches!(part, AttachedKind::Check | AttachedKind::Default(_));
        let parts = self.catalog.attached.get(&type_).into_iter().flatten();
        row.not_null || parts.into_iter().any(|part| says(&part.kind)) || self.gives_value(row.base)
    }

    /// Refuses to change what the rows of a table are where a table or materialized view stores such rows.
    pub(super) fn check_rows_stored(&mut self, table: Oid) -> Outcome {
        let Some(row) = self.catalog.relation(table) else { return Ok(()) };
        let tables = [RelationKind::Table, RelationKind::PartitionedTable, RelationKind::ForeignTable];
        if !tables.contains(&row.kind) {
            return Ok(());
        }
        let (name, types) = (row.name.clone(), types_with(&self.catalog, row.row_type));
        let stores = |kind| {
            matches!(kind, RelationKind::Table | RelationKind::PartitionedTable | RelationKind::MaterializedView)
        };
        let stored = self.catalog.relations.values().filter(|row| stores(row.kind)).find_map(|row| {
            let (_, column) = row.live_columns().find(|(_, column)| types.contains(&column.type_))?;
            (!self.is_passed_over(row.oid)).then(|| (row.oid, row.name.clone(), column.name.clone()))
        });
        if let Some((oid, relation, column)) = stored {
            let address = Address::Relation(oid);
            if self.catalog.relation(oid).is_some_and(|row| row.view.is_some()) && self.pass_over(&address) {
                return self.check_rows_stored(table);
            }
            let help = match self.comes_back(&address) {
                true => {
                    format!("drop {} before, and create it again after: {}", self.describe(&address), self.wrap_help())
                }
                false => "give that column another type before, and its own one after".to_owned(),
            };
            let message = format!(
                "cannot alter table `{name}` because column `{}.{}` uses its row type",
                quote_ident(&relation),
                quote_ident(&column)
            );
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1).help(help));
        }
        self.pass_over_expressions_over(&types);
        Ok(())
    }

    fn is_passed_over(&self, relation: Oid) -> bool {
        self.passed_over.as_ref().is_some_and(|passed_over| passed_over.contains(&Address::Relation(relation)))
    }

    /// The minor releases of November 2026 look into stored expressions too. What can be taken out of their way is, where
    /// something is taken out of the way at all; what older ones took is no error.
    fn pass_over_expressions_over(&mut self, types: &BTreeSet<Oid>) {
        if self.passed_over.is_none() {
            return;
        }
        let uses = |dependency: &Dependency| matches!(dependency, Dependency::Type(type_) if types.contains(type_));
        let catalog = &self.catalog;
        let views = catalog
            .relations
            .values()
            .filter(|row| row.view.as_ref().is_some_and(|view| view.analysis.dependencies.iter().any(uses)));
        let routines = catalog.routines.values().filter(|row| {
            let by_default = row.inputs.iter().rev().take(row.defaults.into());
            row.source.as_ref().is_some_and(|source| source.dependencies.iter().any(uses))
                || by_default.into_iter().any(|type_| types.contains(type_))
        });
        let attached = catalog.attached.iter().flat_map(|(owner, rows)| rows.iter().map(move |row| (owner, row)));
        let attached = attached.filter(|(_, row)| row.source.is_some() && row.dependencies.iter().any(uses));
        let found: Vec<Address> = views
            .map(|row| Address::Relation(row.oid))
            .chain(routines.map(|row| Address::Routine(row.oid)))
            .chain(attached.map(|(owner, row)| Address::Attached(*owner, row.kind, row.name.clone())))
            .collect();
        for address in found {
            self.pass_over(&address);
        }
    }
}

/// A row type and the types that values of it are in.
fn types_with(catalog: &Catalog, row_type: Oid) -> BTreeSet<Oid> {
    let (mut found, mut open) = (BTreeSet::new(), vec![row_type]);
    while let Some(type_) = open.pop() {
        if !type_.is_valid() || !found.insert(type_) {
            continue;
        }
        open.push(catalog.array_type(type_));
        open.extend(catalog.types.values().filter(|row| row.base == type_).map(|row| row.oid));
        open.extend(
            catalog
                .types
                .values()
                .filter(|row| row.range.is_some_and(|range| range.subtype == type_))
                .map(|row| row.oid),
        );
        let within = catalog.relations.values().filter(|row| {
            matches!(row.kind, RelationKind::CompositeType | RelationKind::View)
                && row.live_columns().any(|(_, column)| column.type_ == type_)
        });
        open.extend(within.map(|row| row.row_type));
    }
    found
}
