//! The way back over statements that a person wrote, as far as it can be known: what undoes each without changing a value
//! that was there before, and what of the values written since would go.

use std::sync::Arc;

use crate::catalog::{
    AttachedKind, Catalog, Column, Constraint, ConstraintKind, NotNull, Oid, Relation, Type, TypeKind, oids,
};
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{NodeEnum, ast};
use crate::replay::address::relation_name;
use crate::resolve::Resolver;

/// Statements that undo others, and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct WayBack {
    /// SQL, without semicolons.
    pub(crate) statements: Vec<String>,
    /// What is lost, for messages.
    pub(crate) losses: Vec<String>,
}

/// Why nothing undoes a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoWayBack {
    /// The text does not tell.
    NotKnown(String),
    /// Values that were there are gone.
    DataGone(String),
}

impl NoWayBack {
    /// In words.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::NotKnown(reason) | Self::DataGone(reason) => reason,
        }
    }

    pub(super) fn at_line(self, line: usize) -> Self {
        match self {
            Self::NotKnown(reason) => Self::NotKnown(format!("line {line}: {reason}")),
            Self::DataGone(reason) => Self::DataGone(format!("line {line}: {reason}")),
        }
    }
}

impl From<&str> for NoWayBack {
    fn from(reason: &str) -> Self {
        Self::NotKnown(reason.to_owned())
    }
}

impl WayBack {
    fn without_loss(sql: String) -> Self {
        Self { statements: vec![sql], losses: Vec::new() }
    }

    fn with_loss(sql: String, loss: String) -> Self {
        Self { statements: vec![sql], losses: vec![loss] }
    }
}

/// What undoes a statement that led from one state to the next, or why nothing does. `target` is the relation that it names.
pub(super) fn inverse(
    was: &Catalog,
    now: &Catalog,
    target: Option<Oid>,
    node: &NodeEnum,
) -> Result<WayBack, NoWayBack> {
    match node {
        NodeEnum::VariableSetStmt(_) => Ok(WayBack::default()),
        NodeEnum::AlterTableStmt(statement) if statement.objtype() == ast::ObjectType::ObjectTable => {
            let states = target.and_then(|oid| Table::of(was, now, oid)).ok_or("its table is not known")?;
            let mut back = WayBack::default();
            for command in statement.cmds.iter().rev() {
                let Some(NodeEnum::AlterTableCmd(command)) = &command.node else { continue };
                let of_command = states.command(command)?;
                back.statements.extend(of_command.statements);
                back.losses.extend(of_command.losses);
            }
            Ok(back)
        }
        NodeEnum::RenameStmt(statement) => renamed(was, now, target, statement),
        NodeEnum::AlterObjectSchemaStmt(statement) if statement.object_type() == ast::ObjectType::ObjectTable => {
            let (before, after) = target
                .and_then(|oid| Some((relation_name(was, oid)?, relation_name(now, oid)?)))
                .ok_or("its table is not known")?;
            let schema = quote_ident(&before.schema).into_owned();
            Ok(WayBack::without_loss(format!("ALTER TABLE {after} SET SCHEMA {schema}")))
        }
        NodeEnum::CreateStmt(_) => {
            let new = now.relations.values().find(|row| !was.relations.contains_key(&row.oid) && has_rows(row));
            let name = new.and_then(|row| relation_name(now, row.oid)).ok_or("it made no table")?;
            Ok(WayBack::with_loss(format!("DROP TABLE {name}"), format!("all rows of `{name}`")))
        }
        NodeEnum::CreateSchemaStmt(_) => {
            let new =
                now.schemas.values().find(|row| !was.schemas.contains_key(&row.oid)).ok_or("it made no schema")?;
            Ok(WayBack::without_loss(format!("DROP SCHEMA {}", quote_ident(&new.name))))
        }
        NodeEnum::CreateEnumStmt(_) | NodeEnum::CreateDomainStmt(_) => {
            let is_new = |row: &&Arc<Type>| {
                !was.types.contains_key(&row.oid) && matches!(row.kind, TypeKind::Enum | TypeKind::Domain)
            };
            let new = now.types.values().find(is_new).ok_or("it made no type")?;
            let schema = now.schema_name(new.schema).unwrap_or_default();
            let word = if new.kind == TypeKind::Domain { "DOMAIN" } else { "TYPE" };
            Ok(WayBack::without_loss(format!("DROP {word} {}", QualifiedName::new(schema, &*new.name))))
        }
        NodeEnum::IndexStmt(_) => {
            let names = |catalog: &Catalog| -> Option<Vec<String>> {
                let row = catalog.relation(target?)?;
                Some(row.indexes.iter().map(|index| index.name.clone()).collect())
            };
            let (before, after) = names(was).zip(names(now)).ok_or("its table is not known")?;
            let new = after.into_iter().find(|name| !before.contains(name)).ok_or("it made no index")?;
            let schema = target.and_then(|oid| relation_name(now, oid)).ok_or("its table is not known")?.schema;
            Ok(WayBack::without_loss(format!("DROP INDEX {}", QualifiedName::new(schema, new))))
        }
        _ => Err("what it changes cannot be taken back from its text".into()),
    }
}

fn has_rows(row: &Relation) -> bool {
    use crate::catalog::RelationKind as Kind;
    matches!(row.kind, Kind::Table | Kind::PartitionedTable)
}

fn renamed(
    was: &Catalog,
    now: &Catalog,
    target: Option<Oid>,
    statement: &ast::RenameStmt,
) -> Result<WayBack, NoWayBack> {
    use ast::ObjectType as Kind;
    let names = target.and_then(|oid| Some((relation_name(was, oid)?, relation_name(now, oid)?)));
    let (before, after) = names.ok_or("what it renames is not known")?;
    let (old, new) = (quote_ident(&statement.subname), quote_ident(&statement.newname));
    let is_table = target.and_then(|oid| now.relation(oid)).is_some_and(has_rows);
    match statement.rename_type() {
        Kind::ObjectTable if is_table => {
            Ok(WayBack::without_loss(format!("ALTER TABLE {after} RENAME TO {}", quote_ident(&before.name))))
        }
        Kind::ObjectColumn if is_table => {
            Ok(WayBack::without_loss(format!("ALTER TABLE {after} RENAME COLUMN {new} TO {old}")))
        }
        Kind::ObjectTabconstraint if is_table => {
            Ok(WayBack::without_loss(format!("ALTER TABLE {after} RENAME CONSTRAINT {new} TO {old}")))
        }
        _ => Err("renames of its kind are not undone".into()),
    }
}

/// A table before and after a statement.
struct Table<'c> {
    was: (&'c Catalog, &'c Relation),
    now: (&'c Catalog, &'c Relation),
    name: QualifiedName,
}

impl<'c> Table<'c> {
    fn of(was: &'c Catalog, now: &'c Catalog, oid: Oid) -> Option<Self> {
        let name = relation_name(now, oid)?;
        Some(Self { was: (was, was.relation(oid)?), now: (now, now.relation(oid)?), name })
    }

    fn alter(&self, what: &str) -> String {
        format!("ALTER TABLE {} {what}", self.name)
    }

    fn command(&self, command: &ast::AlterTableCmd) -> Result<WayBack, NoWayBack> {
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
                let rows = self.was.0.attached.get(&self.was.1.oid).into_iter().flatten();
                let default = rows.into_iter().find(|row| row.kind == AttachedKind::Default(number));
                let what = match default {
                    Some(row) => format!("SET DEFAULT {}", row.canonical),
                    None => "DROP DEFAULT".to_owned(),
                };
                Ok(WayBack::without_loss(self.alter(&format!("ALTER COLUMN {column} {what}"))))
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
                Err(NoWayBack::NotKnown(format!("what constraint `{column}` of `{table}` said is not kept in full")))
            }
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

/// What becomes of values when a column goes back to its old type.
enum Kept {
    /// They come back as they were; one written since that the old type does not hold makes the server refuse.
    OrRefused,
    /// What was there before comes back as it was; what was written since may be rounded without a word.
    Rounded,
    /// The new type may hold something else than what was there.
    Unknown,
}

fn kept(old: &Column, new: &Column) -> Kept {
    let integer = |type_: Oid| [oids::INT2, oids::INT4, oids::INT8].iter().position(|one| *one == type_);
    let text = |column: &Column| [oids::TEXT, oids::VARCHAR].contains(&column.type_);
    // The server refuses a number that the other type does not hold, and a text that is too long for anything but blanks at
    // its end (`varchar` in varchar.c): on both ways.
    if integer(old.type_).is_some() && integer(new.type_).is_some() || text(old) && text(new) {
        return Kept::OrRefused;
    }
    let numeric = |column: &Column| (column.type_ == oids::NUMERIC).then_some(column.typmod);
    match (numeric(old), numeric(new)) {
        // The typmod of a number is its precision and its scale, sixteen bits each, and four.
        (Some(before), Some(after)) if before >= 4 && after >= 4 => {
            let (before, after) = (before - 4, after - 4);
            let (scale, wider) = ((before & 0xffff, after & 0xffff), (after >> 16) - (before >> 16));
            return match wider - (scale.1 - scale.0) {
                _ if scale.1 < scale.0 => Kept::Unknown,
                more if more < 0 => Kept::Unknown,
                _ if scale.0 == scale.1 => Kept::OrRefused,
                _ => Kept::Rounded,
            };
        }
        (Some(before), Some(_)) if before >= 4 => return Kept::Rounded,
        _ => {}
    }
    match (old.type_, new.type_) {
        _ if (old.type_, old.typmod) == (new.type_, new.typmod) => Kept::OrRefused,
        (oids::FLOAT4, oids::FLOAT8) => Kept::Rounded,
        (_, oids::NUMERIC) if integer(old.type_).is_some() && new.typmod < 0 => Kept::Rounded,
        _ => Kept::Unknown,
    }
}
