//! Enums, domains and composite types of the project as Rust types. How they are read and sent is said by the macros
//! of the runtime that they call.

use std::fmt::Write as _;

use super::comment::{code, doc, escape, paragraphs};
use super::layout::Layout;
use super::literal;
use super::mapping::Mapping;
use super::names::{Case, identifiers};
use crate::catalog::{ObjectId, Oid, Type, TypeKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::QualifiedName;

/// The items of one type, or `None` when something in it has no Rust type: then the columns that hold it are problems.
pub(super) fn write(
    row: &Type,
    layout: &Layout<'_>,
    mapping: &Mapping<'_>,
    problems: &mut Diagnostics,
) -> Option<String> {
    let catalog = mapping.catalog();
    let schema = catalog.schema_name(row.schema).unwrap_or_default();
    let rust_name = layout.type_name(row);
    let qualified = QualifiedName::new(schema, &row.name);
    let id = ObjectId::Type(qualified);
    let mut lines = catalog.attachments.comments.get(&id).map(|text| paragraphs(text)).unwrap_or_default();
    let shown = code(&mapping.sql_type(row.oid, -1));
    let names = format!("{rust_name}, {}, {}", literal(schema), literal(&row.name));
    match row.kind {
        TypeKind::Enum => {
            lines.push(format!("Enum {shown}"));
            Some(write_enum(row, rust_name, &names, &lines))
        }
        TypeKind::Domain => {
            let base = mapping.sql_type(row.base, row.base_typmod);
            lines.push(format!("Domain {shown} over {}", code(&base)));
            let rust = inner_type(row.base, row, layout, mapping, problems)?;
            let mut text = doc("", &lines);
            let _ = writeln!(text, "#[derive(Debug, Clone, PartialEq)]\npub struct {rust_name}(pub {rust});\n");
            let _ = writeln!(text, "viewkeeper::sql_domain!({names}, {rust});");
            Some(text)
        }
        _ => {
            let relation = catalog.relation(row.relation)?;
            lines.push(format!("Composite type {shown}"));
            let columns: Vec<_> = relation.live_columns().map(|(_, column)| column).collect();
            let column_names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            let field_names = identifiers(&column_names, Case::Field);
            let mut text = doc("", &lines);
            let _ = writeln!(text, "#[derive(Debug, Clone, PartialEq)]\npub struct {rust_name} {{");
            let mut listed = String::new();
            for (column, field) in columns.iter().zip(&field_names) {
                let rust = inner_type(column.type_, row, layout, mapping, problems)?;
                let sql_type = code(&mapping.sql_type(column.type_, column.typmod));
                let id = ObjectId::Column(mapping.qualified(relation), column.name.clone());
                let mut lines = catalog.attachments.comments.get(&id).map(|text| paragraphs(text)).unwrap_or_default();
                lines.push(format!("{sql_type}, can be null: a field of a composite value"));
                text.push_str(&doc("    ", &lines));
                let _ = writeln!(text, "    pub {field}: Option<{rust}>,");
                let _ = writeln!(listed, "    {field} = {},", literal(&column.name));
            }
            let _ = write!(text, "}}\n\nviewkeeper::sql_composite!({names}, {{\n{listed}}});\n");
            Some(text)
        }
    }
}

fn write_enum(row: &Type, rust_name: &str, names: &str, lines: &[String]) -> String {
    let labels: Vec<&str> = row.labels.iter().map(String::as_str).collect();
    let variants = identifiers(&labels, Case::Variant);
    let mut text = doc("", lines);
    // The labels are the database's: a prefix that they share is no mistake of the Rust code.
    let _ = writeln!(
        text,
        "#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[allow(clippy::enum_variant_names, \
         clippy::upper_case_acronyms)]\npub enum {rust_name} {{"
    );
    let mut listed = String::new();
    for (label, variant) in labels.iter().zip(&variants) {
        text.push_str(&doc("    ", &[if label.is_empty() { "The empty label".to_owned() } else { code(label) }]));
        let _ = writeln!(text, "    {variant},");
        let _ = writeln!(listed, "    {variant} = {},", literal(label));
    }
    let _ = write!(text, "}}\n\nviewkeeper::sql_enum!({names}, {{\n{listed}}});\n");
    text
}

/// The Rust type inside a domain or composite. A type without one is said once, at the column that holds it; only what
/// no column would say is said here.
fn inner_type(
    type_: Oid,
    holder: &Type,
    layout: &Layout<'_>,
    mapping: &Mapping<'_>,
    problems: &mut Diagnostics,
) -> Option<String> {
    match mapping.rust_type(type_, layout, holder.schema) {
        Ok(rust) => Some(rust),
        Err(inner) => {
            let (inner, holder) = (mapping.sql_type(inner, -1), mapping.sql_type(holder.oid, -1));
            problems.push(
                Diagnostic::error(format!("`{inner}` in the type `{holder}` has no Rust type"))
                    .note("a row can only be read when each of its columns has a Rust type")
                    .help(format!(
                        "name one that implements `FromSql` in `viewkeeper.toml`: `\"{}\" = \"crate::MyType\"` below \
                         `[generate.types]`",
                        escape(&inner)
                    )),
            );
            None
        }
    }
}
