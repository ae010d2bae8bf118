//! From a typed tree and its output columns to the whole [`Analysis`]: nullability, lineage and dependencies put
//! together. The passes themselves are in `nullability` and `lineage`.

use crate::analysis::{Analysis, Dependency, Nullability, OutputColumn};
use crate::catalog::{Catalog, FIRST_USER_OID, Provenance};
use crate::lineage;
use crate::nullability::{self, BaseFacts, ViewColumns};
use crate::tree::{Query, RowColumn};

/// A query of a view after parse analysis.
#[derive(Debug, Clone, Copy)]
pub struct TypedQuery<'a> {
    /// Its tree.
    pub tree: &'a Query,
    /// Its output columns, under their final names.
    pub columns: &'a [RowColumn],
    /// The search path that its names were resolved with.
    pub search_path: &'a [String],
    /// The statement that it stands in: `-- viewkeeper:` comments in it overrule nullability.
    pub provenance: Option<&'a Provenance>,
}

/// What is known of a view's query in the state that it is created in. Nullability is that of this state; once the
/// state is final, [`nullability::at_final_state`] computes it again.
pub fn complete(catalog: &Catalog, query: TypedQuery<'_>) -> Analysis {
    let names: Vec<&str> = query.columns.iter().map(|column| column.name.as_str()).collect();
    let nullability = nullability_of(catalog, query.tree, &names, query.provenance);
    let lineage = lineage::of_query(query.tree);
    let mut dependencies = lineage::dependencies(catalog, query.tree, query.search_path);
    for column in query.columns {
        // The relation's columns depend on their types and collations.
        let of_column = [
            (column.type_, Dependency::Type(column.type_)),
            (column.collation, Dependency::Collation(column.collation)),
        ];
        dependencies.extend(of_column.into_iter().filter(|(oid, _)| oid.0 >= FIRST_USER_OID).map(|(_, found)| found));
    }
    let columns = query
        .columns
        .iter()
        .zip(nullability)
        .zip(lineage)
        .map(|((column, nullability), lineage)| OutputColumn {
            name: column.name.clone(),
            type_: column.type_,
            typmod: column.typmod,
            collation: column.collation,
            nullability,
            lineage,
        })
        .collect();
    Analysis { columns, dependencies: dependencies.into_iter().collect() }
}

fn nullability_of(
    catalog: &Catalog,
    tree: &Query,
    names: &[&str],
    provenance: Option<&Provenance>,
) -> Vec<Nullability> {
    let facts = BaseFacts::new(catalog, ViewColumns::AsRecorded);
    let mut nullability = nullability::of_query(&facts, tree);
    if let Some(provenance) = provenance {
        nullability::overrule(provenance, names, &mut nullability);
    }
    nullability
}

/// The same with the nullability that its columns have in a state.
pub(crate) fn with_nullability_of(
    catalog: &Catalog,
    tree: &Query,
    provenance: &Provenance,
    analysis: &Analysis,
) -> Analysis {
    let names: Vec<&str> = analysis.columns.iter().map(|column| column.name.as_str()).collect();
    let nullability = nullability_of(catalog, tree, &names, Some(provenance));
    let mut analysis = analysis.clone();
    for (column, nullability) in analysis.columns.iter_mut().zip(nullability) {
        column.nullability = nullability;
    }
    analysis
}
