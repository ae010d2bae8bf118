//! Extensions: made before everything that uses what they bring, updated and moved in place.

use std::collections::BTreeSet;

use super::{Difference, Kind, Statement};
use crate::catalog::{Catalog, ExtensionPlace, InstalledExtension, Member, ObjectId, Provenance, RelationKind};
use crate::hazard::{Hazard, HazardKind};
use crate::name::{quote_ident, quote_literal};
use crate::rename::Rename;

/// `CREATE EXTENSION`.
#[derive(Debug)]
pub(super) struct Extension;

fn row<'c>(catalog: &'c Catalog, id: &ObjectId) -> Option<&'c InstalledExtension> {
    catalog.extensions.get(id.name()).map(|row| &**row)
}

impl Kind for Extension {
    fn objects(&self, catalog: &Catalog) -> BTreeSet<ObjectId> {
        let own = catalog.extensions.iter().filter(|(_, row)| row.provenance.is_some());
        own.map(|(name, _)| ObjectId::Extension(name.clone())).collect()
    }

    fn provenance<'c>(&self, catalog: &'c Catalog, id: &ObjectId) -> Option<&'c Provenance> {
        row(catalog, id)?.provenance.as_ref()
    }

    fn depends_on(&self, catalog: &Catalog, id: &ObjectId) -> BTreeSet<ObjectId> {
        let Some(row) = row(catalog, id) else { return BTreeSet::new() };
        let schema = catalog.schema_name(row.schema).map(|name| ObjectId::Schema(name.to_owned()));
        row.requires.iter().map(|name| ObjectId::Extension(name.clone())).chain(schema).collect()
    }

    fn compare(&self, old: &Catalog, new: &Catalog, id: &ObjectId) -> Difference {
        let mut difference = Difference::none();
        let (Some(before), Some(after)) = (row(old, id), row(new, id)) else { return difference };
        let schema = new.schema_name(after.schema).unwrap_or_default();
        if old.schema_name(before.schema) != Some(schema) {
            // Into one that is made in the same step; what is there already is a rename.
            let old = old.schema_name(before.schema).unwrap_or_default().to_owned();
            let moved = Rename::Extension { of: id.clone(), old, new: schema.to_owned() };
            difference.details.push(moved.details());
            difference.alter.extend(moved.statements(new));
            difference.hazards.extend(moved.hazards());
        }
        if let Some(version) = after.asked.version.as_ref().filter(|_| after.asked.version != before.asked.version) {
            difference.details.push(format!("version {version}"));
            let literal = quote_literal(version);
            difference.alter.push(Statement::new(format!("ALTER {} UPDATE TO {}", id.sql(), literal.trim_start())));
            let sentence = format!(
                "{id} brings what version {version} brings; where its author wrote no script that leads there, the migration fails"
            );
            difference.hazards.push(Hazard::new(HazardKind::BreaksCode, sentence));
        }
        difference
    }

    fn create(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Statement> {
        let Some(row) = row(catalog, id) else { return Vec::new() };
        let mut sql = format!("CREATE {}", id.sql());
        if let (ExtensionPlace::Chosen, Some(schema)) = (row.asked.place, catalog.schema_name(row.schema)) {
            sql.push_str(&format!(" SCHEMA {}", quote_ident(schema)));
        }
        if let Some(version) = &row.asked.version {
            sql.push_str(&format!(" VERSION {}", quote_literal(version).trim_start()));
        }
        vec![Statement::new(sql)]
    }

    fn drop_hazards(&self, catalog: &Catalog, id: &ObjectId) -> Vec<Hazard> {
        let mut hazards =
            vec![Hazard::new(HazardKind::BreaksCode, format!("{id} is dropped with all that it brought"))];
        let members = row(catalog, id).into_iter().flat_map(|row| &row.members);
        let tables = members.filter_map(|member| match member {
            Member::Relation(oid) => catalog.relation(*oid).filter(|row| row.kind == RelationKind::Table),
            _ => None,
        });
        hazards.extend(tables.map(|table| {
            Hazard::new(HazardKind::LosesData, format!("the rows of table `{}` go with {id}", table.name))
        }));
        hazards
    }
}
