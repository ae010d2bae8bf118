//! A type as PostgreSQL writes it (format_type.c).

use super::{Resolver, typmod};
use crate::catalog::{Oid, Subscripting, Type, oids};
use crate::name::{QualifiedName, quote_ident};

/// When a type's name gets its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualification {
    /// Where the search path would not find it otherwise: what `format_type` does.
    WhenHidden,
    /// Always, except for types that have a name in SQL's own grammar (`format_type_be_qualified`).
    Always,
}

impl Resolver<'_> {
    /// A type with its modifier (`format_type(oid, typmod)`): `numeric(6,2)[]`, `character varying(10)`.
    pub fn format_type(&self, type_: Oid, typmod: i32) -> String {
        self.format_type_with(type_, Some(typmod), Qualification::WhenHidden)
    }

    /// A type without a modifier (`format_type_be`).
    pub fn type_text(&self, type_: Oid) -> String {
        self.format_type_with(type_, None, Qualification::WhenHidden)
    }

    /// Several types as in a signature: `integer, text`.
    pub fn type_list(&self, types: &[Oid]) -> String {
        types.iter().map(|type_| self.type_text(*type_)).collect::<Vec<_>>().join(", ")
    }

    /// A type in every form (`format_type_extended`). A modifier of `None` is not the same as -1: `bpchar` is then
    /// `character`, which as a type name would mean `character(1)`. A type that does not exist is `???`.
    pub fn format_type_with(&self, type_: Oid, typmod: Option<i32>, qualification: Qualification) -> String {
        if !type_.is_valid() {
            return "-".to_owned();
        }
        let Some(row) = self.catalog.type_(type_) else { return "???".to_owned() };
        // Arrays with plain storage are not taken apart.
        let plain = [oids::OIDVECTOR, oids::INT2VECTOR].contains(&type_);
        if row.subscripting == Subscripting::Array && row.element.is_valid() && !plain {
            let element = match self.catalog.type_(row.element) {
                Some(element) => self.scalar_text(element, typmod, qualification),
                None => "???".to_owned(),
            };
            return format!("{element}[]");
        }
        self.scalar_text(row, typmod, qualification)
    }

    fn scalar_text(&self, row: &Type, typmod: Option<i32>, qualification: Qualification) -> String {
        let modifier = typmod.filter(|typmod| *typmod >= 0);
        let given = typmod.is_some();
        let word = match row.oid {
            // Without a modifier these words would mean a length of 1, so the catalog's name says "any length".
            oids::BIT if !given || modifier.is_some() => Some("bit"),
            oids::BPCHAR if !given || modifier.is_some() => Some("character"),
            oids::BOOL => Some("boolean"),
            oids::FLOAT4 => Some("real"),
            oids::FLOAT8 => Some("double precision"),
            oids::INT2 => Some("smallint"),
            oids::INT4 => Some("integer"),
            oids::INT8 => Some("bigint"),
            oids::NUMERIC => Some("numeric"),
            oids::INTERVAL => Some("interval"),
            oids::TIME if modifier.is_some() => Some("time"),
            oids::TIME => Some("time without time zone"),
            oids::TIMETZ if modifier.is_some() => Some("time"),
            oids::TIMETZ => Some("time with time zone"),
            oids::TIMESTAMP if modifier.is_some() => Some("timestamp"),
            oids::TIMESTAMP => Some("timestamp without time zone"),
            oids::TIMESTAMPTZ if modifier.is_some() => Some("timestamp"),
            oids::TIMESTAMPTZ => Some("timestamp with time zone"),
            oids::VARBIT => Some("bit varying"),
            oids::VARCHAR => Some("character varying"),
            // A keyword since 17, which the server does not quote here.
            oids::JSON => Some("json"),
            _ => None,
        };
        let name = match word {
            Some(word) => word.to_owned(),
            None if qualification == Qualification::WhenHidden && self.type_is_visible(row) => {
                quote_ident(&row.name).into_owned()
            }
            None => match self.catalog.schema_name(row.schema) {
                Some(schema) => QualifiedName::new(schema, &*row.name).to_string(),
                None => quote_ident(&row.name).into_owned(),
            },
        };
        match modifier {
            Some(modifier) => {
                let function = self.catalog.routine(row.typmod_input).map_or("", |routine| routine.name.as_str());
                format!("{name}{}", typmod::write(function, modifier, self.catalog.version))
            }
            None => name,
        }
    }
}
