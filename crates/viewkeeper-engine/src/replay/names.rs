//! Finds what statements name: schemas, relations, columns, types, routines, collations, through the session's search
//! path, with the server's errors where there is none.

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{Catalog, Index, Oid, Relation, RelationKind, Schema, Type, oids};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::ast;
use crate::resolve::{Failure, Resolver, suggest};

pub(super) use crate::resolve::TEMPORARY_SCHEMA;

impl Session<'_> {
    /// Names as the statement at hand sees them.
    pub(super) fn resolver(&self) -> Resolver<'_> {
        Resolver::new(&self.catalog, self.search_path())
    }

    /// A failed look-up, as a problem of the statement at hand.
    pub(super) fn failed(&self, failure: Failure) -> Diagnostic {
        failure.in_file(&self.file, self.span)
    }

    /// A schema by name.
    pub(super) fn schema(&self, name: &str, location: i32) -> Outcome<Oid> {
        self.catalog
            .schema_by_name(name)
            .ok_or_else(|| self.error(SqlState::UNDEFINED_SCHEMA, format!("schema `{name}` does not exist"), location))
    }

    /// An error when there is no schema as it is written before a name (`LookupExplicitNamespace`): it comes before the one
    /// that the schema has nothing of the name.
    pub(super) fn check_written_schema(&self, schema: &str, location: i32) -> Outcome {
        if schema.is_empty() { Ok(()) } else { self.schema(schema, location).map(drop) }
    }

    /// The schema that a new object goes to (`RangeVarGetCreationNamespace`, `QualifiedNameGetCreationNamespace`).
    pub(super) fn creation_schema(&mut self, schema: &str, persistence: &str, location: i32) -> Outcome<Oid> {
        if persistence == "t" || schema == TEMPORARY_SCHEMA {
            return Ok(self.temporary_schema());
        }
        if !schema.is_empty() {
            return self.schema(schema, location);
        }
        let first = self
            .search_path()
            .iter()
            .find(|name| name.as_str() == TEMPORARY_SCHEMA || self.catalog.schema_by_name(name).is_some());
        // It is made when it is needed first (`AccessTempTableNamespace`).
        if first.is_some_and(|name| name == TEMPORARY_SCHEMA) {
            return Ok(self.temporary_schema());
        }
        self.first_schema()
            .ok_or_else(|| self.error(SqlState::UNDEFINED_SCHEMA, "no schema has been selected to create in", location))
    }

    /// Relations are not made among PostgreSQL's own (`heap_create`).
    pub(super) fn check_relation_schema(&self, schema: Oid, name: &ast::RangeVar) -> Outcome {
        if schema != oids::PG_CATALOG {
            return Ok(());
        }
        let message = format!("permission denied to create `pg_catalog.{}`", name.relname);
        let error = self.error(SqlState("42501"), message, name.location);
        Err(error.note("PostgreSQL's own schema cannot get further relations").help("make it in another schema"))
    }

    /// The first schema of the search path that exists.
    pub(super) fn first_schema(&self) -> Option<Oid> {
        self.search_path().iter().find_map(|name| self.catalog.schema_by_name(name))
    }

    fn temporary_schema(&mut self) -> Oid {
        if let Some(oid) = self.catalog.schema_by_name(TEMPORARY_SCHEMA) {
            return oid;
        }
        let oid = self.catalog.allocate();
        self.catalog.insert_schema(Schema { oid, name: TEMPORARY_SCHEMA.to_owned(), provenance: None });
        oid
    }

    /// The schemas in which relations and types are looked for, in order: temporary ones first.
    pub(super) fn visible_schemas(&self) -> Vec<Oid> {
        self.resolver().path.schemas
    }

    /// A relation, if there is one of the name.
    pub(super) fn find_relation(&self, name: &ast::RangeVar) -> Option<Oid> {
        let found = |schema: Oid| self.catalog.relation_by_name(schema, &name.relname).map(|relation| relation.oid);
        match name.schemaname.as_str() {
            "" => self.visible_schemas().into_iter().find_map(found),
            schema => self.catalog.schema_by_name(schema).and_then(found),
        }
    }

    /// A relation, or the error that there is none.
    pub(super) fn relation(&self, name: &ast::RangeVar) -> Outcome<Oid> {
        if let Some(oid) = self.find_relation(name) {
            return Ok(oid);
        }
        let shown = shown(&name.schemaname, &name.relname);
        // `LookupExplicitNamespace`
        if !name.schemaname.is_empty() && self.catalog.schema_by_name(&name.schemaname).is_none() {
            let message = format!("relation `{shown}` does not exist");
            let error = self.error(SqlState::UNDEFINED_SCHEMA, message, name.location);
            return Err(error.note(format!("there is no schema `{}`", name.schemaname)));
        }
        if self.find_index(name).is_some() {
            let message = format!("`{shown}` is an index");
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, name.location));
        }
        Err(self.error(SqlState::UNDEFINED_TABLE, format!("relation `{shown}` does not exist"), name.location))
    }

    /// A relation that is not PostgreSQL's own, by number.
    pub(super) fn own(&self, oid: Oid) -> Outcome<&Relation> {
        self.catalog.relations.get(&oid).map(|relation| &**relation).ok_or_else(|| {
            let name = self.relation_name(oid);
            self.error(SqlState("42501"), format!("permission denied: `{name}` is a system catalog"), -1)
        })
    }

    /// The statement's relation, which must not be PostgreSQL's own; `None` where it may be missing and is.
    pub(super) fn target(&self, name: Option<&ast::RangeVar>, missing_ok: bool) -> Outcome<Option<Oid>> {
        let Some(name) = name else { return Err(self.malformed("without a relation")) };
        if missing_ok && self.find_relation(name).is_none() {
            return Ok(None);
        }
        let oid = self.relation(name)?;
        self.own(oid)?;
        Ok(Some(oid))
    }

    /// An index by name: the relation it is on, and its place there.
    pub(super) fn find_index(&self, name: &ast::RangeVar) -> Option<(Oid, usize)> {
        let in_schema = |schema: Oid| index_in_schema(&self.catalog, schema, &name.relname);
        match name.schemaname.as_str() {
            "" => self.visible_schemas().into_iter().find_map(in_schema),
            schema => self.catalog.schema_by_name(schema).and_then(in_schema),
        }
    }

    /// The name of a relation for messages: with its schema unless that is on the search path.
    pub(super) fn relation_name(&self, oid: Oid) -> String {
        let Some(relation) = self.catalog.relation(oid) else { return format!("relation {oid}") };
        let schema = self.catalog.schema_name(relation.schema).unwrap_or_default();
        if self.visible_schemas().contains(&relation.schema) {
            relation.name.clone()
        } else {
            format!("{schema}.{}", relation.name)
        }
    }

    /// The attribute number of a column.
    pub(super) fn column(&self, relation: Oid, name: &str, location: i32) -> Outcome<i16> {
        let found = self.catalog.relation(relation).and_then(|relation| relation.column(name));
        if let Some((number, _)) = found {
            return Ok(number);
        }
        let shown = self.relation_name(relation);
        let message = format!("column `{name}` of relation `{shown}` does not exist");
        let error = self.error(SqlState::UNDEFINED_COLUMN, message, location);
        let names = self.catalog.relation(relation).into_iter().flat_map(|relation| relation.live_columns());
        Err(match suggest::nearest(name, names.map(|(_, column)| column.name.as_str())) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        })
    }

    /// A type name with its modifier.
    pub(super) fn type_named(&self, name: &ast::TypeName) -> Outcome<(Oid, i32)> {
        let found = self.resolver().type_name(name).map_err(|failure| self.failed(failure))?;
        Ok((found.type_, found.typmod))
    }

    /// A type by its dotted name alone, shell types included.
    pub(super) fn find_type(&self, parts: &[&str]) -> Option<Oid> {
        let (schema, name) = node::schema_and_name(parts);
        let found = |schema: Oid| self.catalog.type_by_name(schema, name).map(|type_| type_.oid);
        match schema {
            "" => self.visible_schemas().into_iter().find_map(found),
            schema => self.catalog.schema_by_name(schema).and_then(found),
        }
    }

    /// A type of the project by its dotted name.
    pub(super) fn own_type(&self, parts: &[&str], location: i32) -> Outcome<&Type> {
        let Some(oid) = self.find_type(parts) else {
            self.check_written_schema(node::schema_and_name(parts).0, location)?;
            let message = format!("type `{}` does not exist", parts.join("."));
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, location));
        };
        self.catalog.types.get(&oid).map(|type_| &**type_).ok_or_else(|| {
            self.error(
                SqlState("42501"),
                format!("permission denied: `{}` is a built-in type", parts.join(".")),
                location,
            )
        })
    }

    /// A collation by its dotted name.
    pub(super) fn collation(&self, parts: &[&str], location: i32) -> Outcome<Oid> {
        let (schema, name) = node::schema_and_name(parts);
        self.check_written_schema(schema, location)?;
        let found = |schema: Oid| self.catalog.collation_by_name(schema, name).map(|row| row.oid);
        let oid = match schema {
            "" => self.visible_schemas().into_iter().find_map(found),
            schema => self.catalog.schema_by_name(schema).and_then(found),
        };
        oid.ok_or_else(|| {
            let message = format!("collation `{}` does not exist", parts.join("."));
            self.error(SqlState::UNDEFINED_OBJECT, message, location)
                .help("collations of the operating system differ between servers: create it with `CREATE COLLATION` in a migration")
        })
    }

    /// A statement that the grammar cannot have made.
    pub(super) fn malformed(&self, what: &str) -> Diagnostic {
        self.error(SqlState::SYNTAX_ERROR, format!("the statement is {what}"), -1)
    }

    /// An error when a relation, index or type of the name is in the way of a new relation.
    pub(super) fn check_relation_name_free(&self, schema: Oid, name: &str, location: i32) -> Outcome {
        if self.relation_name_taken(schema, name) {
            let error = self.error(SqlState::DUPLICATE_TABLE, format!("relation `{name}` already exists"), location);
            return Err(self.with_first_place(error, schema, name));
        }
        Ok(())
    }

    /// Whether a table, view, index or the like has the name.
    pub(super) fn relation_name_taken(&self, schema: Oid, name: &str) -> bool {
        self.catalog.relation_by_name(schema, name).is_some() || index_in_schema(&self.catalog, schema, name).is_some()
    }

    /// An error when a type of the name is in the way of a new one.
    pub(super) fn check_type_name_free(&self, schema: Oid, name: &str, location: i32) -> Outcome {
        match self.catalog.type_by_name(schema, name) {
            Some(_) => Err(self.error(SqlState::DUPLICATE_OBJECT, format!("type `{name}` already exists"), location)),
            None => Ok(()),
        }
    }

    fn with_first_place(&self, error: Diagnostic, schema: Oid, name: &str) -> Diagnostic {
        let first = self.catalog.relation_by_name(schema, name).and_then(|relation| relation.provenance.as_ref());
        match first {
            Some(first) => {
                let (line, _) = first.file.line_column(first.span.start);
                error.note(format!("it is made in `{}`, line {line}", first.file.path))
            }
            None => error,
        }
    }
}

/// An index by schema (that of its relation) and name.
pub(super) fn index_in_schema(catalog: &Catalog, schema: Oid, name: &str) -> Option<(Oid, usize)> {
    let relation = catalog.relation_with_index(schema, name)?;
    let at = relation.indexes.iter().position(|index: &Index| index.name == name)?;
    Some((relation.oid, at))
}

/// A dotted name for messages.
pub(super) fn shown(schema: &str, name: &str) -> String {
    if schema.is_empty() { name.to_owned() } else { format!("{schema}.{name}") }
}

/// What a relation kind is called in messages.
pub(super) fn kind_name(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Table | RelationKind::PartitionedTable => "table",
        RelationKind::ForeignTable => "foreign table",
        RelationKind::View => "view",
        RelationKind::MaterializedView => "materialized view",
        RelationKind::CompositeType => "composite type",
        RelationKind::Sequence => "sequence",
    }
}

/// A type for messages and names that hold in every state: with its schema unless that is `pg_catalog`.
pub(super) fn type_text(catalog: &Catalog, oid: Oid) -> String {
    Resolver::new(catalog, &[]).format_type(oid, -1)
}
