//! SQL types as Rust types: the one table of PostgreSQL's own types, the overrides of the project, and how arrays,
//! domains and ranges are put together. Names of generated types are `layout`'s.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::DateLibrary;
use super::layout::Layout;
use crate::catalog::{Catalog, Column, FIRST_USER_OID, Oid, Relation, Subscripting, TypeKind, oids};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::{QualifiedName, quote_ident};
use crate::resolve::{Resolver, suggest};
use crate::tenant::Names;

/// What a Rust type depends on.
enum Rust {
    /// The same in every project.
    Fixed(&'static str),
    /// The name that the runtime has for it in the module of each library of dates.
    Dates(&'static str),
}
use Rust::{Dates, Fixed};

/// PostgreSQL's own types and those of its extensions, by `typname`. Every type here holds every value that the server
/// can send: infinite dates, `NaN`, numbers of 131072 digits, JSON numbers without bounds.
///
/// A new entry needs the same in the tests of decoding, with the extremes of its values.
const TABLE: &[(&str, Rust)] = &[
    ("bool", Fixed("bool")),
    ("int2", Fixed("i16")),
    ("int4", Fixed("i32")),
    ("int8", Fixed("i64")),
    ("float4", Fixed("f32")),
    ("float8", Fixed("f64")),
    ("char", Fixed("i8")),
    ("text", Fixed("String")),
    ("varchar", Fixed("String")),
    ("bpchar", Fixed("String")),
    ("name", Fixed("String")),
    ("bytea", Fixed("Vec<u8>")),
    ("numeric", Fixed("viewkeeper::types::Numeric")),
    ("money", Fixed("viewkeeper::types::Money")),
    ("uuid", Fixed("viewkeeper::types::Uuid")),
    ("json", Fixed("viewkeeper::types::Json")),
    ("jsonb", Fixed("viewkeeper::types::Json")),
    ("jsonpath", Fixed("viewkeeper::types::JsonPath")),
    ("xml", Fixed("viewkeeper::types::Xml")),
    ("bit", Fixed("viewkeeper::types::BitString")),
    ("varbit", Fixed("viewkeeper::types::BitString")),
    ("time", Fixed("viewkeeper::types::TimeOfDay")),
    ("timetz", Fixed("viewkeeper::types::TimeWithOffset")),
    ("interval", Fixed("viewkeeper::types::Interval")),
    ("inet", Fixed("viewkeeper::types::Inet")),
    ("cidr", Fixed("viewkeeper::types::Inet")),
    ("macaddr", Fixed("viewkeeper::types::MacAddr")),
    ("macaddr8", Fixed("viewkeeper::types::MacAddr8")),
    ("oid", Fixed("viewkeeper::types::Oid")),
    ("regclass", Fixed("viewkeeper::types::Oid")),
    ("regcollation", Fixed("viewkeeper::types::Oid")),
    ("regconfig", Fixed("viewkeeper::types::Oid")),
    ("regdictionary", Fixed("viewkeeper::types::Oid")),
    ("regnamespace", Fixed("viewkeeper::types::Oid")),
    ("regoper", Fixed("viewkeeper::types::Oid")),
    ("regoperator", Fixed("viewkeeper::types::Oid")),
    ("regproc", Fixed("viewkeeper::types::Oid")),
    ("regprocedure", Fixed("viewkeeper::types::Oid")),
    ("regrole", Fixed("viewkeeper::types::Oid")),
    ("regtype", Fixed("viewkeeper::types::Oid")),
    ("xid", Fixed("viewkeeper::types::Xid")),
    ("cid", Fixed("viewkeeper::types::Xid")),
    ("xid8", Fixed("viewkeeper::types::Xid8")),
    ("tid", Fixed("viewkeeper::types::Tid")),
    ("pg_lsn", Fixed("viewkeeper::types::Lsn")),
    ("pg_snapshot", Fixed("viewkeeper::types::Snapshot")),
    ("txid_snapshot", Fixed("viewkeeper::types::Snapshot")),
    ("refcursor", Fixed("viewkeeper::types::RefCursor")),
    ("tsvector", Fixed("viewkeeper::types::TsVector")),
    ("tsquery", Fixed("viewkeeper::types::TsQuery")),
    ("point", Fixed("viewkeeper::types::Point")),
    ("line", Fixed("viewkeeper::types::Line")),
    ("lseg", Fixed("viewkeeper::types::LineSegment")),
    ("box", Fixed("viewkeeper::types::Rectangle")),
    ("path", Fixed("viewkeeper::types::Path")),
    ("polygon", Fixed("viewkeeper::types::Polygon")),
    ("circle", Fixed("viewkeeper::types::Circle")),
    ("date", Dates("Date")),
    ("timestamp", Dates("Timestamp")),
    ("timestamptz", Dates("Timestamptz")),
    // Extensions.
    ("citext", Fixed("String")),
    ("ltree", Fixed("String")),
    ("lquery", Fixed("String")),
    ("ltxtquery", Fixed("String")),
    ("hstore", Fixed("viewkeeper::types::Hstore")),
];

/// The types that have a Rust type by themselves, by `typname`, with it: for documents, and for tests that must not
/// leave one out.
pub fn mapped_types(dates: DateLibrary) -> Vec<(&'static str, String)> {
    TABLE.iter().map(|(sql, rust)| (*sql, rust.path(dates))).collect()
}

impl Rust {
    fn path(&self, dates: DateLibrary) -> String {
        let library = match dates {
            DateLibrary::Chrono => "chrono",
            DateLibrary::Jiff => "jiff",
            DateLibrary::Time => "time",
        };
        match self {
            Fixed(path) => (*path).to_owned(),
            Dates(name) => format!("viewkeeper::types::{library}::{name}"),
        }
    }
}

/// The types of a project, with its overrides.
pub(super) struct Mapping<'c> {
    catalog: &'c Catalog,
    resolver: Resolver<'c>,
    dates: DateLibrary,
    types: BTreeMap<Oid, &'c str>,
    columns: &'c BTreeMap<String, String>,
    used_columns: RefCell<BTreeSet<&'c str>>,
    names: Names<'c>,
}

impl<'c> Mapping<'c> {
    pub(super) fn new(catalog: &'c Catalog, all_settings: &'c Settings, problems: &mut Diagnostics) -> Self {
        let settings = &all_settings.generate;
        let names = Names::of(all_settings);
        let resolver = Resolver::new(catalog, &all_settings.search_path);
        let mut types = BTreeMap::new();
        for (name, rust) in &settings.types {
            match resolver.type_from_text(name) {
                Ok(reference) => {
                    types.insert(reference.type_, rust.as_str());
                }
                Err(failure) => {
                    let mut problem = Diagnostic::error(format!(
                        "the override of the type `{name}` names no type: {}",
                        failure.message
                    ))
                    .note("it would have no effect");
                    problem.help = failure.help.or_else(|| {
                        Some("correct it in `[generate.types]` of `viewkeeper.toml`, or delete it".to_owned())
                    });
                    problems.push(problem);
                }
            }
        }
        Self {
            catalog,
            resolver,
            dates: settings.dates,
            types,
            columns: &settings.columns,
            used_columns: RefCell::default(),
            names,
        }
    }

    pub(super) fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    /// A type as PostgreSQL writes it, with its modifier.
    pub(super) fn sql_type(&self, type_: Oid, typmod: i32) -> String {
        self.resolver.format_type(type_, typmod)
    }

    /// The override of a column.
    pub(super) fn column_override(&self, relation: &Relation, column: &Column) -> Option<&'c str> {
        let schema = self.catalog.schema_name(relation.schema).unwrap_or_default();
        let mut spellings = vec![
            format!("{}.{}.{}", quote_ident(schema), quote_ident(&relation.name), quote_ident(&column.name)),
            format!("{schema}.{}.{}", relation.name, column.name),
        ];
        if self.resolver.find_relation(None, &relation.name).is_some_and(|found| found.oid == relation.oid) {
            spellings.push(format!("{}.{}", quote_ident(&relation.name), quote_ident(&column.name)));
            spellings.push(format!("{}.{}", relation.name, column.name));
        }
        let (key, rust) = spellings.iter().find_map(|spelling| self.columns.get_key_value(spelling))?;
        self.used_columns.borrow_mut().insert(key);
        Some(rust)
    }

    /// Overrides of columns that are nowhere: an error each, since the author thinks that they have an effect.
    pub(super) fn unused_columns(&self) -> Diagnostics {
        let used = self.used_columns.borrow();
        let names: Vec<String> = self
            .catalog
            .relations
            .values()
            .flat_map(|relation| {
                relation.live_columns().map(|(_, column)| format!("{}.{}", relation.name, column.name))
            })
            .collect();
        let mut problems = Diagnostics::default();
        for key in self.columns.keys().filter(|key| !used.contains(key.as_str())) {
            let near = suggest::nearest(key, names.iter().map(String::as_str));
            problems.push(
                Diagnostic::error(format!("the override of the column `{key}` names no column"))
                    .note("it would have no effect")
                    .help(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "correct it in `[generate.columns]` of `viewkeeper.toml`, or delete it".to_owned(),
                    }),
            );
        }
        problems
    }

    /// The generated types that a type is made of, itself included: enums, domains and composites of the project.
    pub(super) fn user_types(&self, type_: Oid, found: &mut BTreeSet<Oid>) {
        if self.types.contains_key(&type_) {
            return;
        }
        let Some(row) = self.catalog.type_(type_) else { return };
        let ours = row.oid.0 >= FIRST_USER_OID;
        match row.kind {
            TypeKind::Enum if ours => {
                found.insert(row.oid);
            }
            TypeKind::Domain => {
                if ours && !found.insert(row.oid) {
                    return;
                }
                self.user_types(row.base, found);
            }
            TypeKind::Composite if ours => {
                if found.insert(row.oid)
                    && let Some(relation) = self.catalog.relation(row.relation)
                {
                    for (_, column) in relation.live_columns() {
                        self.user_types(column.type_, found);
                    }
                }
            }
            TypeKind::Range | TypeKind::Multirange => {
                if let Some(range) = row.range {
                    self.user_types(range.subtype, found);
                }
            }
            _ if row.subscripting == Subscripting::Array => self.user_types(row.element, found),
            _ => {}
        }
    }

    /// The Rust type that holds every value of a type, as it is written in the module of the schema `here`; or the
    /// type inside it that has none.
    pub(super) fn rust_type(&self, type_: Oid, layout: &Layout<'_>, here: Oid) -> Result<String, Oid> {
        if let Some(rust) = self.types.get(&type_) {
            return Ok((*rust).to_owned());
        }
        let row = self.catalog.type_(type_).ok_or(type_)?;
        if let Some(path) = layout.type_path(here, row.oid) {
            return Ok(path);
        }
        let nested = |inner: Oid| self.rust_type(inner, layout, here);
        match (row.kind, row.range) {
            // A domain of PostgreSQL's own, as information_schema has them.
            (TypeKind::Domain, _) => nested(row.base),
            (TypeKind::Range, Some(range)) => Ok(format!("viewkeeper::types::Range<{}>", nested(range.subtype)?)),
            // What the driver knows of a multirange of the project does not say what it ranges over.
            (TypeKind::Multirange, Some(range)) if row.oid.0 < FIRST_USER_OID => {
                Ok(format!("viewkeeper::types::Multirange<{}>", nested(range.subtype)?))
            }
            _ if row.subscripting == Subscripting::Array && row.element.is_valid() => {
                Ok(format!("viewkeeper::types::Array<{}>", nested(row.element)?))
            }
            (TypeKind::Base, _) => self.base_type(&row.name).ok_or(type_),
            _ => Err(type_),
        }
    }

    fn base_type(&self, name: &str) -> Option<String> {
        TABLE.iter().find(|(sql, _)| *sql == name).map(|(_, rust)| rust.path(self.dates))
    }

    /// How the server names the type of a value that it sends: a domain goes as its base type (`SendRowDescription`).
    pub(super) fn wire_type(&self, type_: Oid) -> String {
        let base = self.catalog.base_type(type_);
        match self.catalog.type_(base) {
            Some(row) if row.schema != oids::PG_CATALOG || row.oid.0 >= 10_000 => {
                let schema = self.named_schema(self.catalog.schema_name(row.schema).unwrap_or_default());
                format!("viewkeeper::WireType::Named {{ schema: {schema:?}, name: {:?} }}", row.name)
            }
            _ => format!("viewkeeper::WireType::BuiltIn({base})"),
        }
    }

    /// The schema as generated code names it: not where each tenant has its own.
    pub(super) fn named_schema<'s>(&self, schema: &'s str) -> &'s str {
        if self.names == Names::Without(schema) { "" } else { schema }
    }

    /// A relation as a person calls it: without its schema where the search path finds it.
    pub(super) fn shown_relation(&self, relation: &Relation) -> String {
        match self.resolver.find_relation(None, &relation.name) {
            Some(found) if found.oid == relation.oid => quote_ident(&relation.name).into_owned(),
            _ => self.qualified(relation).to_string(),
        }
    }

    /// A relation's name with its schema.
    pub(super) fn qualified(&self, relation: &Relation) -> QualifiedName {
        QualifiedName::new(self.catalog.schema_name(relation.schema).unwrap_or_default(), &relation.name)
    }
}
