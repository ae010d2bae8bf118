//! What undoes another name, another schema, and another value of an enum.

use super::{NoWayBack, WayBack, has_index, has_rows, indexes, objects};
use crate::catalog::{Catalog, ObjectId, Oid, RelationKind};
use crate::graph;
use crate::name::{QualifiedName, quote_ident, quote_literal};
use crate::parser::ast;
use crate::rename::with_name;
use crate::replay::address::relation_name;
use crate::replay::node;

pub(super) fn renamed(
    was: &Catalog,
    now: &Catalog,
    target: Option<Oid>,
    statement: &ast::RenameStmt,
) -> Result<WayBack, NoWayBack> {
    use ast::ObjectType as Kind;
    let (old, new) = (quote_ident(&statement.subname), quote_ident(&statement.newname));
    if statement.rename_type() == Kind::ObjectDomconstraint {
        let parts = statement.object.as_ref().map(|object| node::dotted(object)).unwrap_or_default();
        let domain: Vec<_> = parts.iter().map(|part| quote_ident(part)).collect();
        let sql = format!("ALTER DOMAIN {} RENAME CONSTRAINT {new} TO {old}", domain.join("."));
        return Ok(WayBack::as_written(sql));
    }
    let relation =
        target.and_then(|oid| Some((relation_name(was, oid)?, relation_name(now, oid)?, now.relation(oid)?)));
    if let Some((before, after, row)) = relation {
        let alter = format!("ALTER TABLE {after}");
        match statement.rename_type() {
            Kind::ObjectTable if has_rows(row) => {
                return Ok(WayBack::without_loss(format!("{alter} RENAME TO {}", quote_ident(&before.name))));
            }
            Kind::ObjectColumn if has_rows(row) => {
                return Ok(WayBack::without_loss(format!("{alter} RENAME COLUMN {new} TO {old}")));
            }
            Kind::ObjectTabconstraint if has_rows(row) => {
                return Ok(WayBack::without_loss(format!("{alter} RENAME CONSTRAINT {new} TO {old}")));
            }
            Kind::ObjectAttribute
                if row.kind == RelationKind::CompositeType
                    && statement.behavior() != ast::DropBehavior::DropCascade =>
            {
                return Ok(WayBack::without_loss(format!("ALTER TYPE {after} RENAME ATTRIBUTE {new} TO {old}")));
            }
            _ => {}
        }
    }
    if statement.rename_type() == Kind::ObjectIndex {
        let gone = indexes(was).find(|(table, index)| !has_index(now, table, &index.name));
        let (table, index) = gone.ok_or("what it renames is not known")?;
        let schema = relation_name(now, table.oid).ok_or("its table is not known")?.schema;
        let after = QualifiedName::new(schema, statement.newname.as_str());
        return Ok(WayBack::without_loss(format!("ALTER INDEX {after} RENAME TO {}", quote_ident(&index.name))));
    }
    let (gone, came) = exchanged(was, now);
    let as_new = |old: &ObjectId| {
        let name = QualifiedName::new(old.schema().unwrap_or_default(), statement.newname.as_str());
        with_name(old, name)
    };
    let pairs: Vec<_> = gone.iter().filter(|old| came.contains(&as_new(old))).collect();
    match pairs.as_slice() {
        [old] => {
            Ok(WayBack::without_loss(format!("ALTER {} RENAME TO {}", as_new(old).sql(), quote_ident(old.name()))))
        }
        _ => Err("renames of its kind are not undone".into()),
    }
}

/// `SET SCHEMA`.
pub(super) fn moved(was: &Catalog, now: &Catalog, target: Option<Oid>) -> Result<WayBack, NoWayBack> {
    let table = target.filter(|oid| now.relation(*oid).is_some_and(has_rows));
    if let Some((before, after)) = table.and_then(|oid| Some((relation_name(was, oid)?, relation_name(now, oid)?))) {
        let schema = quote_ident(&before.schema).into_owned();
        return Ok(WayBack::without_loss(format!("ALTER TABLE {after} SET SCHEMA {schema}")));
    }
    let (gone, came) = exchanged(was, now);
    let pairs = gone.iter().flat_map(|old| {
        let is_it = |new: &&ObjectId| {
            let schema = new.schema().unwrap_or_default();
            old.part_of().is_none() && with_name(old, QualifiedName::new(schema, old.name())) == **new
        };
        came.iter().filter(is_it).map(move |new| (old, new))
    });
    match pairs.collect::<Vec<_>>().as_slice() {
        [(old, new)] => {
            let schema = quote_ident(old.schema().unwrap_or_default()).into_owned();
            Ok(WayBack::without_loss(format!("ALTER {} SET SCHEMA {schema}", new.sql())))
        }
        _ => Err("what it moves is not known".into()),
    }
}

/// The objects that only one of two states has.
fn exchanged(was: &Catalog, now: &Catalog) -> (Vec<ObjectId>, Vec<ObjectId>) {
    let (before, after) = (objects(was), objects(now));
    (before.difference(&after).cloned().collect(), after.difference(&before).cloned().collect())
}

/// `RENAME VALUE`, `ADD VALUE`.
pub(super) fn value(was: &Catalog, now: &Catalog, statement: &ast::AlterEnumStmt) -> Result<WayBack, NoWayBack> {
    let is_changed = |oid: &&Oid| {
        let labels = |catalog: &Catalog| catalog.types.get(*oid).map(|row| row.labels.clone());
        labels(was) != labels(now)
    };
    let Some(oid) = now.types.keys().find(is_changed) else { return Ok(WayBack::default()) };
    let id = graph::type_id(now, *oid).ok_or("its type is not known")?;
    let literal = |label: &str| quote_literal(label).trim_start().to_owned();
    let (old, new) = (&statement.old_val, &statement.new_val);
    if old.is_empty() && !statement.skip_if_new_val_exists {
        let reason = format!(
            "PostgreSQL takes `{new}` not away from {id}, and adds it no second time: write `ADD VALUE IF NOT EXISTS`"
        );
        return Err(NoWayBack::NotKnown(reason));
    }
    if old.is_empty() {
        return Ok(WayBack { leaves: vec![(id, new.clone())], ..WayBack::default() });
    }
    let sql = format!("ALTER {} RENAME VALUE {} TO {}", id.sql(), literal(new), literal(old));
    Ok(WayBack::without_loss(sql))
}
