//! A constraint of a table as `ALTER TABLE … ADD` takes it, by the names that its table and columns have now.

use crate::catalog::{AttachedKind, Catalog, Constraint, ConstraintKind, Relation, WrittenConstraint};
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum, ast};
use crate::replay::address::relation_name;

/// What adds a constraint again; `None` where no statement said all of it.
pub(crate) fn addition(catalog: &Catalog, table: &Relation, constraint: &Constraint) -> Option<String> {
    let name = quote_ident(&constraint.name);
    if constraint.kind == ConstraintKind::NotNull {
        let column = table.attribute(*constraint.columns.first()?)?;
        return Some(format!("CONSTRAINT {name} NOT NULL {}", quote_ident(&column.name)));
    }
    let WrittenConstraint(written) = constraint.written.as_ref()?;
    if constraint.kind == ConstraintKind::Check {
        let rows = catalog.attached.get(&table.oid)?;
        let check = rows.iter().find(|row| row.kind == AttachedKind::Check && row.name == constraint.name)?;
        let inherit = if written.is_no_inherit { " NO INHERIT" } else { "" };
        let enforced = if written.is_enforced { "" } else { " NOT ENFORCED" };
        let valid = if constraint.validated { "" } else { " NOT VALID" };
        return Some(format!("CONSTRAINT {name} CHECK ({}){inherit}{enforced}{valid}", check.canonical));
    }
    let mut again = ast::Constraint { conname: constraint.name.clone(), ..(**written).clone() };
    match constraint.kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique if written.indexname.is_empty() => {
            again.keys = names(table, &constraint.columns)?;
        }
        ConstraintKind::ForeignKey => {
            let referenced = catalog.relation(constraint.references)?;
            let target = relation_name(catalog, referenced.oid)?;
            again.fk_attrs = names(table, &constraint.columns)?;
            again.pktable = Some(ast::RangeVar {
                schemaname: target.schema,
                relname: target.name,
                inh: true,
                relpersistence: "p".to_owned(),
                ..Default::default()
            });
            if again.pk_attrs.is_empty() {
                let key = referenced.constraints.iter().find(|row| row.kind == ConstraintKind::PrimaryKey)?;
                again.pk_attrs = names(referenced, &key.columns)?;
            }
            again.skip_validation = !constraint.validated;
            again.initially_valid = constraint.validated;
        }
        ConstraintKind::Exclusion => {}
        _ => return None,
    }
    text(again)
}

fn names(table: &Relation, columns: &[i16]) -> Option<Vec<ast::Node>> {
    let name = |number: &i16| {
        let sval = table.attribute(*number)?.name.clone();
        Some(ast::Node { node: Some(NodeEnum::String(ast::String { sval })) })
    };
    columns.iter().map(name).collect()
}

/// The canonical text of a constraint: of `ALTER TABLE t ADD <constraint>`, without what is before it.
fn text(constraint: ast::Constraint) -> Option<String> {
    let node = |node| ast::Node { node: Some(node) };
    let command = ast::AlterTableCmd {
        subtype: ast::AlterTableType::AtAddConstraint as i32,
        def: Some(Box::new(node(NodeEnum::Constraint(Box::new(constraint))))),
        behavior: ast::DropBehavior::DropRestrict as i32,
        ..Default::default()
    };
    let relation =
        ast::RangeVar { relname: "t".to_owned(), inh: true, relpersistence: "p".to_owned(), ..Default::default() };
    let statement = ast::AlterTableStmt {
        relation: Some(relation),
        cmds: vec![node(NodeEnum::AlterTableCmd(Box::new(command)))],
        objtype: ast::ObjectType::ObjectTable as i32,
        missing_ok: false,
    };
    let text = parser::canonical(&NodeEnum::AlterTableStmt(statement)).ok()?;
    Some(text.strip_prefix("ALTER TABLE t ADD ")?.to_owned())
}
