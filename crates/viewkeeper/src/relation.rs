//! What a program was built for: the relations and columns that generated code names. Plain data, all of it constant.

/// A relation as the program knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationDescription {
    /// Schema; empty where each tenant has one of its own, which the search path begins with.
    pub schema: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it is.
    pub kind: RelationKind,
    /// Columns in their order.
    pub columns: &'static [ColumnDescription],
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A table, partitioned or foreign ones among them.
    Table,
}

/// A column as the program knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Name.
    pub name: &'static str,
    /// Type as `format_type` prints it, with its modifier: `numeric(10,2)`, `timestamp with time zone`. A type outside
    /// `pg_catalog` may be given with its schema or without.
    pub type_: &'static str,
    /// The type that the server sends the values in.
    pub wire: WireType,
    /// Proven never to be null, so that its field is not an `Option`.
    pub not_null: bool,
}

/// The type that the server names when it sends a column: for a domain its base type, for all others the type itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// A type of `pg_catalog`, whose number is the same on every server.
    BuiltIn(u32),
    /// Any other type, by the name that `pg_type` has for it (an array of `mood` is `_mood`).
    Named {
        /// Schema; empty where each tenant has one of its own.
        schema: &'static str,
        /// `typname`.
        name: &'static str,
    },
}

impl RelationDescription {
    /// `"schema"."name"`, quoted; `"name"` where each tenant has a schema of its own.
    pub fn quoted(&self) -> String {
        if self.schema.is_empty() {
            return quote_identifier(self.name);
        }
        format!("{}.{}", quote_identifier(self.schema), quote_identifier(self.name))
    }

    /// For messages: `schema.name`, without the schema when it is `public`, or each tenant's own.
    pub(crate) fn display(&self) -> String {
        if ["public", ""].contains(&self.schema) {
            self.name.to_owned()
        } else {
            format!("{}.{}", self.schema, self.name)
        }
    }
}

impl RelationKind {
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Table => "table",
        }
    }
}

/// An identifier, always in double quotes.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        assert_eq!(quote_identifier("a\"b"), "\"a\"\"b\"");
    }
}
