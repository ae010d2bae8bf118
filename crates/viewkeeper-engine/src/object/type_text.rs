//! SQL text of types: the statement as its author wrote it, with the whole name, as long as nothing changed the type since;
//! else the statement that makes what it is now.

use super::{composite_type, domain, enum_type};
use crate::catalog::{Catalog, ObjectId, Type, TypeKind, TypeSource};
use crate::name::QualifiedName;
use crate::parser::{self, Token};

/// A type with the statement that made it, and its name.
pub(super) struct Made<'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) row: &'c Type,
    pub(super) source: &'c TypeSource,
    pub(super) name: &'c QualifiedName,
}

/// The type of an id, where a statement of the project made it.
pub(super) fn made<'c>(catalog: &'c Catalog, id: &'c ObjectId) -> Option<Made<'c>> {
    let ObjectId::Type(name) = id else { return None };
    let row = catalog.types.get(&catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?.oid)?;
    Some(Made { catalog, row, source: row.source.as_deref()?, name })
}

/// The statement that makes a type.
pub(super) fn create(made: &Made<'_>) -> Option<String> {
    if !made.source.altered {
        return as_written(made);
    }
    match made.row.kind {
        TypeKind::Enum => Some(enum_type::create(made)),
        TypeKind::Domain => domain::create(made),
        TypeKind::Composite => composite_type::create(made),
        // Nothing changes a range but its name.
        _ => as_written(made),
    }
}

/// Text that ends with a `--` comment gets a line break, or the comment would swallow the semicolon.
fn as_written(made: &Made<'_>) -> Option<String> {
    let text = made.source.provenance.text().replace("\r\n", "\n");
    let text = text.trim_end();
    let tokens = parser::tokens(text);
    let word = |token: &Token| text.get(token.span.start..token.span.end).unwrap_or_default();
    let own: Vec<&Token> = tokens.iter().filter(|token| !token.comment).collect();
    // `CREATE TYPE name`, `CREATE DOMAIN name`.
    let mut last = 2;
    while own.get(last + 1).is_some_and(|token| word(token) == ".") {
        last += 2;
    }
    let keyword = word(own.get(1)?).to_uppercase();
    let rest = text.get(own.get(last)?.span.end..)?;
    let ends_in_comment = tokens.last().is_some_and(|last| last.comment);
    Some(format!("CREATE {keyword} {}{rest}{}", made.name, if ends_in_comment { "\n" } else { "" }))
}
