//! Why a value can or cannot be null: cheap to carry through a query, put into words once at the end.

use std::rc::Rc;

use crate::analysis::Nullability;
use crate::catalog::{Catalog, Oid, Relation};
use crate::name::quote_ident;

/// Whether a value can be null, and why.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) not_null: bool,
    pub(super) reason: Reason,
}

/// Why.
#[derive(Debug, Clone)]
pub(super) enum Reason {
    Static(&'static str),
    Text(Rc<str>),
    /// A stored column.
    Column(Oid, i16, ColumnReason),
    /// A column of a view whose analysis says why.
    Recorded(Oid, i16),
    Function(Oid, FunctionReason),
    /// The same of the function behind an operator, which a person knows by the operator's name.
    Operator(Oid, FunctionReason),
}

/// What is known of a stored column.
#[derive(Debug, Clone, Copy)]
pub(super) enum ColumnReason {
    PrimaryKey,
    NotNull,
    Check,
    Generated,
    Nullable,
    NotValidated,
    Foreign,
    Domain,
    Child(Oid),
    Stale,
}

/// What is known of a function.
#[derive(Debug, Clone, Copy)]
pub(super) enum FunctionReason {
    /// Never null, whatever the arguments.
    Always,
    /// Never null for arguments that are not null, and these are not.
    OfValues,
    /// May be null even for arguments that are not null.
    MayBeNull,
    /// Not one of PostgreSQL's own, so unknown.
    Opaque,
    /// Never null by a person's word.
    Declared,
    /// An aggregate over no rows.
    NoRows,
    /// An aggregate over at least one row.
    SomeRows,
    /// A window function whose frame or offset may find no row.
    NoFrame,
    /// A set-returning function beside another one.
    Padded,
}

impl Verdict {
    pub(super) fn never(reason: Reason) -> Self {
        Self { not_null: true, reason }
    }

    pub(super) fn nullable(reason: Reason) -> Self {
        Self { not_null: false, reason }
    }

    pub(super) fn in_words(&self, catalog: &Catalog) -> Nullability {
        Nullability { not_null: self.not_null, reason: self.reason.in_words(catalog) }
    }
}

impl Reason {
    fn in_words(&self, catalog: &Catalog) -> String {
        match self {
            Self::Static(text) => (*text).to_owned(),
            Self::Text(text) => text.to_string(),
            Self::Column(relation, number, why) => column_in_words(catalog, *relation, *number, *why),
            Self::Recorded(relation, number) => recorded(catalog, *relation, *number),
            Self::Function(function, why) => {
                why.in_words(catalog.routine(*function).map_or("?", |routine| routine.name.as_str()))
            }
            Self::Operator(operator, why) => {
                why.in_words(catalog.operator(*operator).map_or("?", |operator| operator.name.as_str()))
            }
        }
    }
}

impl FunctionReason {
    fn in_words(self, name: &str) -> String {
        match self {
            Self::Always => format!("`{name}` is never null"),
            Self::OfValues => format!("`{name}` of values that are never null"),
            Self::MayBeNull => format!("`{name}` may be null even for values that are not"),
            Self::Opaque => format!("`{name}` may return null"),
            Self::Declared => format!("`{name}` is declared never null in `viewkeeper.toml`"),
            Self::NoRows => format!("`{name}` of no rows is null"),
            Self::SomeRows => {
                format!("`{name}` of at least one row, with values that are never null")
            }
            Self::NoFrame => format!("`{name}` may find no row in its window"),
            Self::Padded => {
                format!("`{name}` stands beside another set-returning function and is padded with nulls")
            }
        }
    }
}

fn recorded(catalog: &Catalog, relation: Oid, number: i16) -> String {
    let view = catalog.relation(relation).and_then(|relation| relation.view.as_ref());
    let column = usize::try_from(number).ok().and_then(|n| view?.analysis.columns.get(n.checked_sub(1)?));
    column.map_or_else(|| "nothing is known of it".to_owned(), |column| column.nullability.reason.clone())
}

fn column_in_words(catalog: &Catalog, oid: Oid, number: i16, why: ColumnReason) -> String {
    let Some(relation) = catalog.relation(oid) else { return "nothing is known of it".to_owned() };
    let table = relation_in_words(catalog, relation);
    let column = match relation.attribute(number) {
        Some(column) => format!("{table}.{}", quote_ident(&column.name)),
        None => table.clone(),
    };
    match why {
        ColumnReason::PrimaryKey => format!("primary key of `{table}`"),
        ColumnReason::NotNull => format!("`{column}` is not null"),
        ColumnReason::Generated => format!("`{column}` of `{table}` is computed from values that are never null"),
        ColumnReason::Check => format!("a check of `{table}` excludes null from `{column}`"),
        ColumnReason::Nullable => format!("`{column}` is nullable"),
        ColumnReason::NotValidated => {
            format!("`{column}` is not null, but the constraint is not validated: older rows may hold nulls")
        }
        ColumnReason::Foreign => format!("`{table}` is a foreign table, whose constraints are not enforced"),
        ColumnReason::Domain => {
            format!("`{column}` has a domain that is not null, which stored values may evade; the column is nullable")
        }
        ColumnReason::Child(child) => {
            let child = catalog.relation(child).map_or_else(String::new, |child| relation_in_words(catalog, child));
            format!("`{column}` is not null, but `{child}` inherits from `{table}` and may hold nulls")
        }
        ColumnReason::Stale => format!("`{column}` may hold nulls from before its source became not null"),
    }
}

/// The relation's name, with its schema unless that is the usual one.
fn relation_in_words(catalog: &Catalog, relation: &Relation) -> String {
    match catalog.schema_name(relation.schema) {
        Some("public" | "pg_catalog") | None => quote_ident(&relation.name).into_owned(),
        Some(schema) => format!("{}.{}", quote_ident(schema), quote_ident(&relation.name)),
    }
}
