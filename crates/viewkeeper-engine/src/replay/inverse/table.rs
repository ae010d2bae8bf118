//! What undoes the single commands of `ALTER TABLE`.

use super::constraint::addition;
use super::kept_values::{Kept, kept};
use super::{NoWayBack, WayBack};
use crate::catalog::{Catalog, Column, ColumnSource, Constraint, ConstraintKind, NotNull, Oid, Persistence, Relation};
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
                // What is computed is computed again.
                if self.now.1.column(&new.colname).is_some_and(|(_, column)| is_generated(column)) {
                    return Ok(WayBack::without_loss(self.alter(&format!("DROP COLUMN {column}"))));
                }
                let loss = format!("what was written into `{column}` of `{table}` since");
                Ok(WayBack::with_loss(self.alter(&format!("DROP COLUMN {column}")), loss))
            }
            Kind::AtDropColumn if was.is_some_and(|(_, column)| is_generated(column)) => {
                let (number, column) = was.ok_or("its column is not known")?;
                Ok(WayBack::as_written(self.alter(&format!("ADD COLUMN {}", self.generated(number, column)?))))
            }
            Kind::AtDropExpression => {
                let Some((number, old)) = was.filter(|(_, column)| is_generated(column)) else {
                    return Ok(WayBack::default());
                };
                // No statement makes a column a generated one (`ATExecSetExpression` wants that it is one).
                let definition = self.generated(number, old)?;
                Ok(WayBack {
                    statements: vec![
                        self.alter(&format!("DROP COLUMN {column}")),
                        self.alter(&format!("ADD COLUMN {definition}")),
                    ],
                    losses: vec![format!("what was written into `{column}` of `{table}` since")],
                    looks_names_up: true,
                    ..WayBack::default()
                })
            }
            Kind::AtSetExpression => {
                let (number, _) = was.ok_or("its column is not known")?;
                let expression = self.was.0.default_of(self.was.1.oid, number).ok_or("its expression is not known")?;
                let what = format!("ALTER COLUMN {column} SET EXPRESSION AS ({})", expression.canonical);
                Ok(WayBack::as_written(self.alter(&what)))
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
                let partitions = self.now.0.children(self.now.1.oid).filter(new);
                let names = partitions.filter_map(|row| relation_name(self.now.0, row));
                let statements = names.map(|name| self.alter(&format!("DETACH PARTITION {name}"))).collect();
                Ok(WayBack { statements, ..WayBack::default() })
            }
            Kind::AtDropInherit => {
                let gone = self.was.1.parents.iter().filter(|parent| !self.now.1.parents.contains(parent));
                let gone: Vec<Oid> = gone.copied().collect();
                if !self.was.1.parents.ends_with(&gone) {
                    return Err(NoWayBack::NotKnown(format!("the parents of `{table}` would be in another order")));
                }
                // INHERIT leaves `attislocal` as it is (`MergeAttributesIntoExisting`).
                let was_inherited = |name: &str| self.was.1.column(name).is_some_and(|(_, was)| !was.is_local);
                let own = self.now.1.live_columns().find(|(_, now)| now.is_local && was_inherited(&now.name));
                if let Some((_, own)) = own {
                    let name = quote_ident(&own.name);
                    return Err(NoWayBack::NotKnown(format!(
                        "column `{name}` of `{table}` would stay its own, which it only inherited"
                    )));
                }
                let names = gone.iter().filter_map(|parent| relation_name(self.now.0, *parent));
                let statements = names.map(|parent| self.alter(&format!("INHERIT {parent}"))).collect();
                Ok(WayBack { statements, ..WayBack::default() })
            }
            Kind::AtDetachPartition => {
                let partitions = self.was.0.children(self.was.1.oid);
                let stays =
                    |row: &Oid| self.now.0.relation(*row).is_some_and(|now| now.parents.contains(&self.now.1.oid));
                let mut statements = Vec::new();
                for row in partitions.filter(|row| !stays(row)) {
                    let name = relation_name(self.now.0, row).ok_or("its partition is not known")?;
                    let bound = self.was.0.partition_bounds.get(&row).ok_or("what its partition holds is not known")?;
                    statements.push(self.alter(&format!("ATTACH PARTITION {name} {bound}")));
                }
                Ok(WayBack { statements, looks_names_up: true, ..WayBack::default() })
            }
            Kind::AtSetLogged | Kind::AtSetUnLogged => {
                let logged = self.was.1.persistence == Persistence::Permanent;
                Ok(WayBack::without_loss(self.alter(if logged { "SET LOGGED" } else { "SET UNLOGGED" })))
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

    /// The definition of a generated column.
    fn generated(&self, number: i16, column: &Column) -> Result<String, NoWayBack> {
        let (catalog, row) = self.was;
        let expression = catalog.default_of(row.oid, number).ok_or("its expression is not known")?;
        let kind = if column.source == ColumnSource::GeneratedVirtual { "VIRTUAL" } else { "STORED" };
        let not_null = if column.not_null == NotNull::No { "" } else { " NOT NULL" };
        Ok(format!(
            "{} {} GENERATED ALWAYS AS ({}) {kind}{not_null}",
            quote_ident(&column.name),
            self.type_text(column),
            expression.canonical
        ))
    }

    /// The type of a column, with its collation where that is not the type's.
    fn type_text(&self, column: &Column) -> String {
        let text = Resolver::new(self.was.0, &[]).format_type(column.type_, column.typmod);
        match self.was.0.collation(column.collation) {
            Some(collation) if self.was.0.type_collation(column.type_) != column.collation => {
                let schema = self.was.0.schema_name(collation.schema).unwrap_or_default();
                format!("{text} COLLATE {}", QualifiedName::new(schema, &*collation.name))
            }
            _ => text,
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
        let sql = self.alter(&format!("ALTER COLUMN {name} TYPE {}", self.type_text(old)));
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

fn is_generated(column: &Column) -> bool {
    matches!(column.source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual)
}
