//! Which schemas a name is looked for in, and look-up of possibly qualified names (namespace.c). Functions and
//! operators, which arguments decide, are in `function` and `operator`.

use super::{Failure, Resolver, suggest};
use crate::catalog::{Catalog, Collation, Oid, Relation, Type, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::tree::Location;

/// The name of a session's schema of temporary objects, as users write it.
pub const TEMPORARY_SCHEMA: &str = "pg_temp";

/// A search path over the schemas that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    /// The schemas in order of search, `pg_catalog` and the temporary schema included where they are implicit.
    pub schemas: Vec<Oid>,
    /// The schema that new objects go to.
    pub creation: Option<Oid>,
    /// The schema of temporary objects, when there is one: never searched for functions and operators.
    pub temporary: Option<Oid>,
}

impl SearchPath {
    /// The effective path of a configured one (`recomputeNamespacePath`): names that do not exist are ignored, as is
    /// `$user` (which role will connect is not known; a schema of its name may be configured instead).
    pub fn new(catalog: &Catalog, configured: &[String]) -> Self {
        let temporary = catalog.schema_by_name(TEMPORARY_SCHEMA);
        let mut schemas: Vec<Oid> = Vec::new();
        for oid in configured.iter().filter_map(|name| catalog.schema_by_name(name)) {
            if !schemas.contains(&oid) {
                schemas.push(oid);
            }
        }
        let creation = schemas.first().copied();
        if !schemas.contains(&oids::PG_CATALOG) {
            schemas.insert(0, oids::PG_CATALOG);
        }
        if let Some(temporary) = temporary
            && !schemas.contains(&temporary)
        {
            schemas.insert(0, temporary);
        }
        Self { schemas, creation, temporary }
    }

    /// The schemas that functions and operators are looked for in.
    pub fn for_functions(&self) -> impl Iterator<Item = Oid> {
        self.schemas.iter().copied().filter(|schema| Some(*schema) != self.temporary)
    }
}

/// A possibly qualified name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The schema, when it is written.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectName {
    /// An unqualified name.
    pub fn bare(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// From the list of strings that the parser makes (`DeconstructQualifiedName`).
    pub fn from_nodes(nodes: &[ast::Node], location: Location) -> Result<Self, Failure> {
        let parts: Vec<&str> = nodes
            .iter()
            .map(|node| match &node.node {
                Some(NodeEnum::String(part)) => part.sval.as_str(),
                _ => "*",
            })
            .collect();
        match parts.as_slice() {
            [name] => Ok(Self::bare(*name)),
            [schema, name] => Ok(Self { schema: Some((*schema).to_owned()), name: (*name).to_owned() }),
            [database, schema, name] => Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("`{database}.{schema}.{name}` names a database"),
                location,
            )
            .note("which database the view will be in is not known here")
            .help(format!("write `{schema}.{name}`"))),
            _ => Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!("`{}` has too many parts for a name", parts.join(".")),
                location,
            )),
        }
    }
}

/// As the author wrote it.
impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

impl<'c> Resolver<'c> {
    /// A schema by name (`LookupExplicitNamespace`).
    pub fn schema(&self, name: &str, location: Location) -> Result<Oid, Failure> {
        self.catalog.schema_by_name(name).ok_or_else(|| {
            let failure = Failure::new(SqlState::UNDEFINED_SCHEMA, format!("no schema `{name}`"), location);
            failure.meant(suggest::nearest(name, self.catalog.schemas.values().map(|schema| schema.name.as_str())))
        })
    }

    /// A relation by possibly qualified name, `None` when there is none (`RangeVarGetRelid`).
    pub fn find_relation(&self, schema: Option<&str>, name: &str) -> Option<&'c Relation> {
        let catalog = self.catalog;
        match schema {
            Some(schema) => catalog.relation_by_name(catalog.schema_by_name(schema)?, name),
            None => self.path.schemas.iter().find_map(|schema| catalog.relation_by_name(*schema, name)),
        }
    }

    /// A relation by possibly qualified name.
    pub fn relation(&self, schema: Option<&str>, name: &str, location: Location) -> Result<&'c Relation, Failure> {
        if let Some(found) = self.find_relation(schema, name) {
            return Ok(found);
        }
        let searched = match schema {
            Some(schema) => vec![self.schema(schema, location)?],
            None => self.path.schemas.clone(),
        };
        let written = schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"));
        // `table_open`
        if let Some(table) = searched.iter().find_map(|schema| self.catalog.relation_with_index(*schema, name)) {
            let message = format!("`{written}` is an index");
            return Err(Failure::new(SqlState::WRONG_OBJECT_TYPE, message, location)
                .help(format!("to read its table, name `{}`", table.name)));
        }
        let failure = Failure::new(SqlState::UNDEFINED_TABLE, format!("no relation `{written}`"), location);
        let names = || searched.iter().flat_map(|schema| self.catalog.relation_names_in(*schema));
        if let Some(near) = suggest::nearest(name, names()) {
            let near = schema.map_or_else(|| near.to_owned(), |schema| format!("{schema}.{near}"));
            return Err(failure.help(format!("did you mean `{near}`?")));
        }
        let elsewhere =
            self.catalog.schemas.values().find(|schema| self.catalog.relation_by_name(schema.oid, name).is_some());
        Err(match elsewhere {
            Some(elsewhere) if schema.is_none() => failure
                .note(format!("`{}` is not in the search path", elsewhere.name))
                .help(format!("did you mean `{}.{name}`?", elsewhere.name)),
            Some(elsewhere) => failure.help(format!("did you mean `{}.{name}`?", elsewhere.name)),
            None => failure,
        })
    }

    /// A type by possibly qualified name, `None` when there is none (`TypenameGetTypid`); shell types too.
    pub fn find_type(&self, schema: Option<&str>, name: &str) -> Option<&'c Type> {
        let catalog = self.catalog;
        match schema {
            Some(schema) => catalog.type_by_name(catalog.schema_by_name(schema)?, name),
            None => self.path.schemas.iter().find_map(|schema| catalog.type_by_name(*schema, name)),
        }
    }

    /// A collation by possibly qualified name (`get_collation_oid`).
    pub fn collation(&self, name: &ObjectName, location: Location) -> Result<&'c Collation, Failure> {
        let catalog = self.catalog;
        let found = match &name.schema {
            Some(schema) => catalog.collation_by_name(self.schema(schema, location)?, &name.name),
            None => self
                .path
                .schemas
                .iter()
                .filter(|schema| Some(**schema) != self.path.temporary)
                .find_map(|schema| catalog.collation_by_name(*schema, &name.name)),
        };
        found.ok_or_else(|| {
            Failure::new(SqlState::UNDEFINED_OBJECT, format!("no collation `{name}`"), location)
                .note("which collations a server has depends on how it was built and on its operating system")
                .help("create it in a migration (`CREATE COLLATION`), so that every server has it")
        })
    }

    /// Whether an unqualified name finds this type (`TypeIsVisible`).
    pub fn type_is_visible(&self, type_: &Type) -> bool {
        self.find_type(None, &type_.name).is_some_and(|found| found.oid == type_.oid)
    }

    /// Whether an unqualified name finds this relation (`RelationIsVisible`).
    pub fn relation_is_visible(&self, relation: &Relation) -> bool {
        self.find_relation(None, &relation.name).is_some_and(|found| found.oid == relation.oid)
    }
}
