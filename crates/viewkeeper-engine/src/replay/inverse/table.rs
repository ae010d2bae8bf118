//! What undoes the single commands of `ALTER TABLE`.

use super::constraint::addition;
use super::kept_values::{Kept, kept};
use super::{NoWayBack, WayBack};
use crate::catalog::{Catalog, Constraint, ConstraintKind, NotNull, Oid, Relation};
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{NodeEnum, ast};
use crate::replay::address::relation_name;
use crate::resolve::Resolver;

/// A table before and after a statement.
pub(super) struct Table<'c> {
    was: (&'c Catalog, &'c Relation),
    now: (&'c Catalog, &'c Relation),
    name: QualifiedName,
}

impl<'c> Table<'c> {
    pub(super) fn of(was: &'c Catalog, now: &'c Catalog, oid: Oid) -> Option<Self> {
        let name = relation_name(now, oid)?;
        Some(Self { was: (was, was.relation(oid)?), now: (now, now.relation(oid)?), name })
    }

    fn alter(&self, what: &str) -> String {
        format!("ALTER TABLE {} {what}", self.name)
    }

    pub(super) fn command(&self, command: &ast::AlterTableCmd) -> Result<WayBack, NoWayBack> {
        use ast::AlterTableType as Kind;
        let (table, column) = (&self.name, quote_ident(&command.name));
        let was = self.was.1.column(&command.name);
        match command.subtype() {
            Kind::AtAddColumn => {
                let Some(NodeEnum::ColumnDef(new)) = command.def.as_ref().and_then(|node| node.node.as_ref()) else {
                    return Err("it adds no column".into());
                };
                if self.was.1.column(&new.colname).is_some() {
                    return Ok(WayBack::default());
                }
                let column = quote_ident(&new.colname);
                let loss = format!("what was written into `{column}` of `{table}` since");
                Ok(WayBack::with_loss(self.alter(&format!("DROP COLUMN {column}")), loss))
            }
            Kind::AtDropColumn if was.is_some() => {
                Err(NoWayBack::DataGone(format!("the values that column `{column}` of `{table}` had are gone")))
            }
            Kind::AtDropColumn => Ok(WayBack::default()),
            Kind::AtAlterColumnType => self.type_back(command),
            Kind::AtSetNotNull | Kind::AtDropNotNull => {
                let not_null = was.is_some_and(|(_, column)| column.not_null != NotNull::No);
                let what = if not_null { "SET NOT NULL" } else { "DROP NOT NULL" };
                Ok(WayBack::without_loss(self.alter(&format!("ALTER COLUMN {column} {what}"))))
            }
            Kind::AtColumnDefault => {
                let (number, _) = was.ok_or("its column is new")?;
                let alter = |what: &str| self.alter(&format!("ALTER COLUMN {column} {what}"));
                Ok(match self.was.0.default_of(self.was.1.oid, number) {
                    Some(row) => WayBack::as_written(alter(&format!("SET DEFAULT {}", row.canonical))),
                    None => WayBack::without_loss(alter("DROP DEFAULT")),
                })
            }
            Kind::AtAddConstraint => {
                let Some(NodeEnum::Constraint(written)) = command.def.as_ref().and_then(|node| node.node.as_ref())
                else {
                    return Err("it adds no constraint".into());
                };
                let known = |oid: Oid| self.was.1.constraints.iter().any(|constraint| constraint.oid == oid);
                let is_it = |row: &Constraint| {
                    (row.name == written.conname || written.conname.is_empty())
                        && (row.kind == ConstraintKind::NotNull)
                            == (written.contype() == ast::ConstrType::ConstrNotnull)
                };
                let rows = self.now.1.constraints.iter();
                let new: Vec<_> = rows.filter(|row| !known(row.oid) && is_it(row)).collect();
                match new.as_slice() {
                    [one] => {
                        Ok(WayBack::without_loss(self.alter(&format!("DROP CONSTRAINT {}", quote_ident(&one.name)))))
                    }
                    _ => Err("which constraint it made is not known".into()),
                }
            }
            Kind::AtDropConstraint => {
                let (catalog, row) = self.was;
                let Some(constraint) = row.constraints.iter().find(|constraint| constraint.name == command.name) else {
                    return Ok(WayBack::default());
                };
                match addition(catalog, row, constraint) {
                    Some(constraint) => Ok(WayBack::as_written(self.alter(&format!("ADD {constraint}")))),
                    None => Err(NoWayBack::NotKnown(format!(
                        "no statement says all that constraint `{column}` of `{table}` said"
                    ))),
                }
            }
            // Valid it stays: no row breaks it.
            Kind::AtValidateConstraint => Ok(WayBack::default()),
            Kind::AtAddIdentity if was.is_some() => {
                Ok(WayBack::without_loss(self.alter(&format!("ALTER COLUMN {column} DROP IDENTITY"))))
            }
            Kind::AtAddInherit => {
                let parents = self.now.1.parents.iter();
                let new = parents.filter(|parent| !self.was.1.parents.contains(parent));
                let names = new.filter_map(|parent| relation_name(self.now.0, *parent));
                let statements = names.map(|parent| self.alter(&format!("NO INHERIT {parent}"))).collect();
                Ok(WayBack { statements, ..WayBack::default() })
            }
            Kind::AtAttachPartition => {
                let new =
                    |row: &Oid| self.was.0.relation(*row).is_none_or(|was| !was.parents.contains(&self.was.1.oid));
                let partitions = self.now.0.relations.values().filter(|row| row.parents.contains(&self.now.1.oid));
                let names = partitions.map(|row| row.oid).filter(new).filter_map(|row| relation_name(self.now.0, row));
                let statements = names.map(|name| self.alter(&format!("DETACH PARTITION {name}"))).collect();
                Ok(WayBack { statements, ..WayBack::default() })
            }
            Kind::AtEnableRowSecurity | Kind::AtDisableRowSecurity => {
                let enabled = self.was.0.row_security.get(&self.was.1.oid).is_some_and(|row| row.enabled);
                let what = if enabled { "ENABLE" } else { "DISABLE" };
                Ok(WayBack::without_loss(self.alter(&format!("{what} ROW LEVEL SECURITY"))))
            }
            Kind::AtForceRowSecurity | Kind::AtNoForceRowSecurity => {
                let forced = self.was.0.row_security.get(&self.was.1.oid).is_some_and(|row| row.forced);
                let what = if forced { "FORCE" } else { "NO FORCE" };
                Ok(WayBack::without_loss(self.alter(&format!("{what} ROW LEVEL SECURITY"))))
            }
            // The owner hangs on the table, as comments and privileges do.
            Kind::AtChangeOwner => Ok(WayBack::default()),
            _ => Err(NoWayBack::NotKnown(format!("what it changes of `{table}` cannot be taken back from its text"))),
        }
    }

    /// The type that a column had, where the new one held every value of it as it was.
    fn type_back(&self, command: &ast::AlterTableCmd) -> Result<WayBack, NoWayBack> {
        let (name, table) = (quote_ident(&command.name), &self.name);
        let (old, new) = self
            .was
            .1
            .column(&command.name)
            .zip(self.now.1.column(&command.name))
            .map(|((_, old), (_, new))| (old, new))
            .ok_or("its column is not known")?;
        let has_using = matches!(command.def.as_ref().and_then(|node| node.node.as_ref()),
            Some(NodeEnum::ColumnDef(definition)) if definition.raw_default.is_some());
        let text = Resolver::new(self.was.0, &[]).format_type(old.type_, old.typmod);
        let kept = if has_using { Kept::Unknown } else { kept(old, new) };
        let collate = match self.was.0.collation(old.collation) {
            Some(collation) if self.was.0.type_collation(old.type_) != old.collation => {
                let schema = self.was.0.schema_name(collation.schema).unwrap_or_default();
                format!(" COLLATE {}", QualifiedName::new(schema, &*collation.name))
            }
            _ => String::new(),
        };
        let sql = self.alter(&format!("ALTER COLUMN {name} TYPE {text}{collate}"));
        match kept {
            Kept::OrRefused => Ok(WayBack::without_loss(sql)),
            Kept::Rounded => {
                let loss = format!("what values of `{name}` of `{table}` that were written since have beyond `{text}`");
                Ok(WayBack::with_loss(sql, loss))
            }
            Kept::Unknown => Err(NoWayBack::DataGone(format!(
                "the values that column `{name}` of `{table}` had may have been changed"
            ))),
        }
    }
}
