//! The struct of one relation, how it is documented, and how a row becomes one.

use std::fmt::Write as _;

use super::comment::{code, doc, escape, paragraphs};
use super::layout::Layout;
use super::literal;
use super::mapping::Mapping;
use super::names::{Case, identifiers};
use crate::analysis::{Dependency, Nullability};
use crate::catalog::{Catalog, Column, ConstraintKind, NotNull, ObjectId, Relation, RelationKind};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A column with everything that its field and its description need.
struct Field<'c> {
    column: &'c Column,
    rust_name: String,
    rust_type: String,
    sql_type: String,
    nullability: Nullability,
}

/// The items of one relation, or `None` when a column has no Rust type: each such column is a problem.
pub(super) fn write(
    relation: &Relation,
    layout: &Layout<'_>,
    mapping: &Mapping<'_>,
    problems: &mut Diagnostics,
) -> Option<String> {
    let fields = fields(relation, layout, mapping, problems)?;
    let catalog = mapping.catalog();
    let name = layout.relation_name(relation);
    let id = object_id(relation, mapping);
    let mut paragraphs_of_struct =
        catalog.attachments.comments.get(&id).map(|text| paragraphs(text)).unwrap_or_default();
    paragraphs_of_struct.push(origin(relation, mapping));
    let mut text = doc("", &paragraphs_of_struct);
    let _ = write!(
        text,
        "#[derive(Debug, Clone, PartialEq)]\npub struct {name} {{{}",
        if fields.is_empty() { "" } else { "\n" }
    );
    for field in &fields {
        let id = ObjectId::Column(mapping.qualified(relation), field.column.name.clone());
        let mut lines = catalog.attachments.comments.get(&id).map(|text| paragraphs(text)).unwrap_or_default();
        let can_be = if field.nullability.not_null { "never null" } else { "can be null" };
        lines.push(format!("{}, {can_be}: {}", code(&field.sql_type), escape(&field.nullability.reason)));
        text.push_str(&doc("    ", &lines));
        let _ = writeln!(text, "    pub {}: {},", field.rust_name, field.rust_type);
    }
    text.push_str("}\n\n");
    write_view(&mut text, relation, name, &fields, mapping);
    Some(text)
}

/// The implementation of the runtime's trait.
fn write_view(text: &mut String, relation: &Relation, name: &str, fields: &[Field<'_>], mapping: &Mapping<'_>) {
    let qualified = mapping.qualified(relation);
    let kind = match relation.kind {
        RelationKind::View => "View",
        RelationKind::MaterializedView => "MaterializedView",
        _ => "Table",
    };
    let _ = write!(
        text,
        "#[rustfmt::skip]\nimpl viewkeeper::View for {name} {{\n    \
         const RELATION: viewkeeper::RelationDescription = viewkeeper::RelationDescription {{\n        \
         schema: {},\n        name: {},\n        kind: viewkeeper::RelationKind::{kind},\n        columns: &[",
        literal(mapping.named_schema(&qualified.schema)),
        literal(&qualified.name),
    );
    for field in fields {
        let _ = write!(
            text,
            "\n            viewkeeper::ColumnDescription {{ name: {}, type_: {}, wire: {}, not_null: {} }},",
            literal(&field.column.name),
            literal(&field.sql_type),
            mapping.wire_type(field.column.type_),
            field.nullability.not_null
        );
    }
    text.push_str(if fields.is_empty() { "],\n    };\n\n" } else { "\n        ],\n    };\n\n" });
    let argument = if fields.is_empty() { "_" } else { "fields" };
    let _ = writeln!(
        text,
        "    fn decode({argument}: &viewkeeper::Fields<'_>) -> Result<Self, viewkeeper::Error> {{\n        Ok(Self {{{}",
        if fields.is_empty() { "})\n    }\n}" } else { "" }
    );
    if fields.is_empty() {
        return;
    }
    for (position, field) in fields.iter().enumerate() {
        let _ = writeln!(text, "            {}: fields.get({position})?,", field.rust_name);
    }
    text.push_str("        })\n    }\n}\n");
}

fn fields<'c>(
    relation: &'c Relation,
    layout: &Layout<'_>,
    mapping: &Mapping<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Field<'c>>> {
    let columns: Vec<(i16, &Column)> = relation.live_columns().collect();
    let names: Vec<&str> = columns.iter().map(|(_, column)| column.name.as_str()).collect();
    let mut fields = Vec::new();
    for (position, ((number, column), rust_name)) in columns.iter().zip(identifiers(&names, Case::Field)).enumerate() {
        let nullability = nullability(relation, *number, column, position, mapping.catalog());
        let sql_type = mapping.sql_type(column.type_, column.typmod);
        let rust_type = match mapping.column_override(relation, column) {
            Some(rust) => Ok(rust.to_owned()),
            None => mapping.rust_type(column.type_, layout, relation.schema),
        };
        match rust_type {
            Ok(rust) => {
                let wrap = !nullability.not_null && !rust.starts_with("Option<");
                let rust_type = if wrap { format!("Option<{rust}>") } else { rust };
                fields.push(Field { column, rust_name, rust_type, sql_type, nullability });
            }
            Err(inner) => problems.push(unmapped(relation, column, &mapping.sql_type(inner, -1), &sql_type, mapping)),
        }
    }
    (fields.len() == columns.len()).then_some(fields)
}

fn unmapped(relation: &Relation, column: &Column, inner: &str, sql_type: &str, mapping: &Mapping<'_>) -> Diagnostic {
    let shown = mapping.shown_relation(relation);
    let column_key = format!("{shown}.{}", crate::name::quote_ident(&column.name));
    let what = if inner == sql_type {
        format!("column `{}` of `{shown}` has the type `{sql_type}`, which has no Rust type", column.name)
    } else {
        format!("column `{}` of `{shown}` has the type `{sql_type}`; `{inner}` in it has no Rust type", column.name)
    };
    let problem = Diagnostic::error(what)
        .note("a row can only be read when each of its columns has a Rust type")
        .help(format!(
            "name one that implements `FromSql` in `viewkeeper.toml`: `{}` below `[generate.types]`, or `{}` below \
             `[generate.columns]`",
            toml_entry(inner),
            toml_entry(&column_key),
        ))
        .relation(mapping.qualified(relation).to_string());
    match &relation.provenance {
        Some(made) => problem.at(&made.file, made.span),
        None => problem,
    }
}

fn toml_entry(key: &str) -> String {
    let quoted = if key.contains('"') { format!("'{key}'") } else { format!("\"{key}\"") };
    format!("{quoted} = \"crate::MyType\"")
}

fn nullability(relation: &Relation, number: i16, column: &Column, position: usize, catalog: &Catalog) -> Nullability {
    if let Some(view) = &relation.view {
        return match view.analysis.columns.get(position) {
            Some(output) => output.nullability.clone(),
            None => Nullability::nullable("nothing is known of it"),
        };
    }
    let loose = || {
        let mut children = catalog.children(relation.oid).filter_map(|child| catalog.relation(child));
        children
            .find(|child| child.column(&column.name).is_none_or(|(_, inherited)| inherited.not_null != NotNull::Yes))
    };
    match column.not_null {
        NotNull::No => Nullability::nullable("not declared `NOT NULL`"),
        NotNull::NotValidated => Nullability::nullable("its `NOT NULL` is not validated, older rows may hold nulls"),
        NotNull::NoInherit | NotNull::Yes if let Some(child) = loose() => {
            Nullability::nullable(format!("rows of `{}`, which inherits from it, may hold nulls", child.name))
        }
        NotNull::NoInherit | NotNull::Yes => {
            let key = relation.constraints.iter().any(|constraint| {
                constraint.kind == ConstraintKind::PrimaryKey && constraint.columns.contains(&number)
            });
            Nullability::never(if key { "primary key" } else { "declared `NOT NULL`" })
        }
    }
}

/// What the relation is, where it is declared, what it reads.
fn origin(relation: &Relation, mapping: &Mapping<'_>) -> String {
    let kind = match relation.kind {
        RelationKind::View => "View",
        RelationKind::MaterializedView => "Materialized view",
        RelationKind::ForeignTable => "Foreign table",
        RelationKind::PartitionedTable => "Partitioned table",
        _ => "Table",
    };
    let mut text = format!("{kind} {}", code(&mapping.shown_relation(relation)));
    if let Some(made) = &relation.provenance {
        let _ = write!(text, ", from {}", code(made.file.path.as_str()));
    }
    let Some(view) = &relation.view else { return text };
    let mut read: Vec<String> = view
        .analysis
        .dependencies
        .iter()
        .filter_map(|dependency| match dependency {
            Dependency::Relation(oid) | Dependency::Column(oid, _) => mapping.catalog().relation(*oid),
            _ => None,
        })
        .map(|read| code(&mapping.shown_relation(read)))
        .collect();
    read.sort_unstable();
    read.dedup();
    if !read.is_empty() {
        let _ = write!(text, "; reads {}", read.join(", "));
    }
    text
}

fn object_id(relation: &Relation, mapping: &Mapping<'_>) -> ObjectId {
    let name = mapping.qualified(relation);
    match relation.kind {
        RelationKind::View => ObjectId::View(name),
        RelationKind::MaterializedView => ObjectId::MaterializedView(name),
        _ => ObjectId::Table(name),
    }
}
