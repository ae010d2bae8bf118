//! New rows of pg_type: enums, domains, composites, ranges, base types, row types, and the array types that come with
//! them.

use super::address::Address;
use super::node;
use super::session::{Outcome, Session};
use super::table::NewRelation;
use super::type_source::{placeholder, relation_placeholder};
use crate::catalog::{
    Attached, AttachedKind, Oid, Persistence, RangeRow, RelationKind, Subscripting, Type, TypeKind, oids,
};
use crate::diagnostic::SqlState;
use crate::name::{MAX_IDENTIFIER_BYTES, truncate_identifier};
use crate::parser::{NodeEnum, ast};

/// Input functions of types that DDL makes (pg_proc.dat).
const RECORD_IN: Oid = Oid(2290);
const ENUM_IN: Oid = Oid(3504);
const DOMAIN_IN: Oid = Oid(2597);
const ARRAY_IN: Oid = Oid(750);
const RANGE_IN: Oid = Oid(3834);
const MULTIRANGE_IN: Oid = Oid(4231);

/// A row of pg_type with nothing special about it.
pub(super) fn plain(oid: Oid, schema: Oid, name: &str, kind: TypeKind) -> Type {
    Type {
        oid,
        schema,
        name: name.to_owned(),
        kind,
        length: -1,
        category: b'U',
        preferred: false,
        defined: true,
        relation: Oid::INVALID,
        element: Oid::INVALID,
        array: Oid::INVALID,
        subscripting: Subscripting::None,
        input: Oid::INVALID,
        typmod_input: Oid::INVALID,
        not_null: false,
        base: Oid::INVALID,
        base_typmod: -1,
        dimensions: 0,
        collation: Oid::INVALID,
        labels: Vec::new(),
        range: None,
        source: None,
    }
}

impl Session<'_> {
    /// Adds a type and its array type.
    pub(super) fn add_type(&mut self, mut row: Type) -> Oid {
        let oid = row.oid;
        let kept = self.kept_types.remove(&(row.schema, row.name.clone())).filter(|kept| kept.oid == oid);
        let array_oid = kept.map_or_else(|| self.catalog.allocate(), |kept| kept.array);
        row.array = array_oid;
        let mut array = plain(array_oid, row.schema, &self.array_type_name(row.schema, &row.name), TypeKind::Base);
        array.category = b'A';
        array.element = oid;
        array.subscripting = Subscripting::Array;
        array.input = ARRAY_IN;
        array.typmod_input = row.typmod_input;
        array.collation = row.collation;
        self.catalog.insert_type(row);
        self.catalog.insert_type(array);
        oid
    }

    /// `_name`, with more underscores until it is free (`makeArrayTypeName`).
    pub(super) fn array_type_name(&self, schema: Oid, name: &str) -> String {
        let mut underscores = 1;
        loop {
            let prefix = "_".repeat(underscores);
            let mut kept = name;
            while prefix.len() + kept.len() > MAX_IDENTIFIER_BYTES {
                kept = truncate_identifier(&kept[..kept.char_indices().last().map_or(0, |(at, _)| at)]);
            }
            let candidate = format!("{prefix}{kept}");
            if self.catalog.type_by_name(schema, &candidate).is_none() {
                return candidate;
            }
            underscores += 1;
        }
    }

    /// An array type that got its name by itself makes room for a type that wants it (`moveArrayTypeName`).
    pub(super) fn make_room_for_type(&mut self, schema: Oid, name: &str, location: i32) -> Outcome {
        if self.kept.contains_key(&(schema, name.to_owned())) {
            return Ok(());
        }
        let in_the_way = self.catalog.type_by_name(schema, name).filter(|row| {
            row.subscripting == Subscripting::Array
                && self.catalog.type_(row.element).is_some_and(|element| element.array == row.oid)
        });
        match in_the_way.map(|row| (row.oid, row.element)) {
            Some((array, element)) => {
                let of = self.catalog.type_(element).map(|element| element.name.clone()).unwrap_or_default();
                let name = self.array_type_name(schema, &of);
                self.catalog.rename_type(array, name);
                Ok(())
            }
            None => self.check_type_name_free(schema, name, location),
        }
    }

    /// The row type of a relation.
    pub(super) fn add_row_type(&mut self, schema: Oid, name: &str, relation: Oid) -> Oid {
        let oid = self.type_number(schema, name);
        let mut row = plain(oid, schema, name, TypeKind::Composite);
        row.category = b'C';
        row.relation = relation;
        row.input = RECORD_IN;
        self.add_type(row)
    }

    fn new_type_name(&mut self, parts: &[&str]) -> Outcome<(Oid, String)> {
        let (schema, name) = node::schema_and_name(parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        self.make_room_for_type(schema, name, -1)?;
        Ok((schema, name.to_owned()))
    }

    pub(super) fn create_enum(&mut self, statement: &ast::CreateEnumStmt) -> Outcome {
        let (schema, name) = self.new_type_name(&node::strings(&statement.type_name))?;
        let labels: Vec<String> = node::strings(&statement.vals).into_iter().map(str::to_owned).collect();
        for (at, label) in labels.iter().enumerate() {
            if labels[..at].contains(label) {
                let message = format!("enum label `{label}` is written twice");
                return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
            }
            self.check_label(label)?;
        }
        let oid = self.type_number(schema, &name);
        let mut row = plain(oid, schema, &name, TypeKind::Enum);
        row.length = 4;
        row.category = b'E';
        row.input = ENUM_IN;
        row.labels = labels;
        self.add_type(row);
        let named = ast::CreateEnumStmt { type_name: placeholder(), ..statement.clone() };
        self.note_type_source(oid, &NodeEnum::CreateEnumStmt(named));
        self.apply_default_privileges(&Address::Type(oid));
        Ok(())
    }

    pub(super) fn check_label(&self, label: &str) -> Outcome {
        if label.len() > MAX_IDENTIFIER_BYTES {
            return Err(self
                .error(SqlState("42602"), format!("invalid enum label `{label}`"), -1)
                .note("labels must be 63 bytes or less"));
        }
        Ok(())
    }

    pub(super) fn create_composite(&mut self, statement: &ast::CompositeTypeStmt) -> Outcome {
        let Some(name) = &statement.typevar else { return Err(self.malformed("without a name")) };
        let schema = self.creation_schema(&name.schemaname, "p", name.location)?;
        self.make_room_for_type(schema, &name.relname, name.location)?;
        self.check_relation_name_free(schema, &name.relname, name.location)?;
        let mut columns = Vec::new();
        for element in &statement.coldeflist {
            let Some(NodeEnum::ColumnDef(definition)) = &element.node else { continue };
            columns.push(self.column_type(definition)?);
        }
        self.check_column_names(&columns, name.location)?;
        let new = NewRelation { columns, ..NewRelation::new(schema, &name.relname, RelationKind::CompositeType) };
        let oid = self.add_relation(new);
        if let Some(row_type) = self.catalog.relation(oid).map(|row| row.row_type) {
            let named = ast::CompositeTypeStmt { typevar: Some(relation_placeholder()), ..statement.clone() };
            self.note_type_source(row_type, &NodeEnum::CompositeTypeStmt(named));
        }
        self.apply_default_privileges(&Address::Relation(oid));
        Ok(())
    }

    pub(super) fn create_domain(&mut self, statement: &ast::CreateDomainStmt) -> Outcome {
        let (schema, name) = self.new_type_name(&node::strings(&statement.domainname))?;
        let Some(type_name) = &statement.type_name else { return Err(self.malformed("without a type")) };
        let (base, base_typmod) = self.type_named(type_name)?;
        let Some(base_row) = self.catalog.type_(base) else { return Err(self.malformed("of an unknown type")) };
        if !base_row.defined || base_row.kind == TypeKind::Pseudo {
            let message = format!("`{}` is not a valid base type for a domain", base_row.name);
            return Err(self.error(SqlState::DATATYPE_MISMATCH, message, type_name.location));
        }
        let (category, length, collation) = (base_row.category, base_row.length, base_row.collation);
        let collation = match &statement.coll_clause {
            Some(clause) if collation.is_valid() => {
                self.collation(&node::strings(&clause.collname), clause.location)?
            }
            Some(clause) => {
                let message = format!("collations are not supported by type `{}`", base_row.name);
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, clause.location));
            }
            None => collation,
        };
        let oid = self.type_number(schema, &name);
        let mut row = plain(oid, schema, &name, TypeKind::Domain);
        row.category = category;
        row.length = length;
        row.collation = collation;
        row.base = base;
        row.base_typmod = base_typmod;
        row.dimensions = i32::try_from(type_name.array_bounds.len()).unwrap_or(i32::MAX);
        row.input = DOMAIN_IN;
        self.add_type(row);
        // The default that the base has now is the domain's own from here on (`DefineDomain`).
        if let Some(default) = self.catalog.default_of(base, 0).cloned() {
            let provenance = Some(self.provenance());
            self.attach(oid, Attached { provenance, ..default });
        }
        for element in &statement.constraints {
            let Some(NodeEnum::Constraint(constraint)) = &element.node else { continue };
            self.add_domain_constraint(oid, constraint)?;
        }
        let named = ast::CreateDomainStmt { domainname: placeholder(), ..statement.clone() };
        self.note_type_source(oid, &NodeEnum::CreateDomainStmt(Box::new(named)));
        self.apply_default_privileges(&Address::Type(oid));
        Ok(())
    }

    /// A constraint or default of a domain.
    pub(super) fn add_domain_constraint(&mut self, domain: Oid, constraint: &ast::Constraint) -> Outcome {
        match constraint.contype() {
            ast::ConstrType::ConstrNotnull => {
                self.catalog.update_type(domain, |row| row.not_null = true);
            }
            ast::ConstrType::ConstrNull => {
                self.catalog.update_type(domain, |row| row.not_null = false);
            }
            ast::ConstrType::ConstrCheck => {
                let Some(expression) = &constraint.raw_expr else { return Ok(()) };
                let domain_name = self.catalog.type_(domain).map(|row| row.name.clone()).unwrap_or_default();
                let taken = |name: &str| {
                    self.catalog.attached.get(&domain).is_some_and(|rows| rows.iter().any(|row| row.name == name))
                };
                let name = match constraint.conname.as_str() {
                    "" => super::choose_name::choose(&domain_name, "", "check", taken),
                    name if taken(name) => {
                        let message = format!("constraint `{name}` for domain `{domain_name}` already exists");
                        return Err(self.error(SqlState::DUPLICATE_OBJECT, message, constraint.location));
                    }
                    name => name.to_owned(),
                };
                self.attach_expression(domain, AttachedKind::Check, name, expression, None)?;
            }
            ast::ConstrType::ConstrDefault => self.set_domain_default(domain, constraint.raw_expr.as_deref())?,
            _ => {}
        }
        Ok(())
    }

    /// `SET DEFAULT` and `DROP DEFAULT` of a domain.
    pub(super) fn set_domain_default(&mut self, domain: Oid, expression: Option<&ast::Node>) -> Outcome {
        match expression {
            Some(expression) => self.set_default(domain, 0, expression),
            None => {
                self.detach(domain, |part| part.kind == AttachedKind::Default(0));
                Ok(())
            }
        }
    }

    /// `CREATE TYPE … AS RANGE`: the range, its multirange, their arrays and constructor functions.
    pub(super) fn create_range(&mut self, statement: &ast::CreateRangeStmt) -> Outcome {
        let (schema, name) = self.new_type_name(&node::strings(&statement.type_name))?;
        let (mut subtype, mut collation, mut multirange) = (Oid::INVALID, None, None);
        for option in node::options(&statement.params) {
            let argument = option.arg.as_ref().and_then(|arg| arg.node.as_ref());
            match (option.defname.as_str(), argument) {
                ("subtype", Some(NodeEnum::TypeName(name))) => subtype = self.type_named(name)?.0,
                ("collation", Some(NodeEnum::TypeName(name))) => {
                    collation = Some(self.collation(&node::strings(&name.names), name.location)?);
                }
                ("multirange_type_name", Some(NodeEnum::TypeName(name))) => {
                    let names: Vec<String> = node::strings(&name.names).into_iter().map(str::to_owned).collect();
                    multirange = Some(names);
                }
                _ => {}
            }
        }
        let Some(subtype_row) = self.catalog.type_(subtype) else {
            return Err(self.error(SqlState::SYNTAX_ERROR, "type attribute `subtype` is required", -1));
        };
        let class_named = node::options(&statement.params).any(|option| option.defname == "subtype_opclass");
        let (kind, shown) = (subtype_row.kind, super::names::type_text(&self.catalog, subtype));
        if kind == TypeKind::Pseudo {
            let message = format!("range subtype cannot be `{shown}`");
            return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
        }
        // `findRangeSubOpclass`
        if !class_named && !self.resolver().sort_operators(subtype).less.is_valid() {
            let message = format!("type `{shown}` has no default operator class for access method `btree`");
            let error = self.error(SqlState::UNDEFINED_OBJECT, message, -1);
            return Err(error
                .note("the values of a range must have an order")
                .help("name an operator class with `subtype_opclass`, or make a default one for the type"));
        }
        let collation = match collation {
            Some(collation) => collation,
            None => subtype_row.collation,
        };
        let (multirange_schema, multirange_name) = match multirange {
            Some(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                self.new_type_name(&parts)?
            }
            None => {
                let name = multirange_type_name(&name);
                self.make_room_for_type(schema, &name, -1)?;
                (schema, name)
            }
        };
        let range_oid = self.type_number(schema, &name);
        let multirange_oid = self.type_number(multirange_schema, &multirange_name);
        let range = RangeRow { range: range_oid, subtype, collation, multirange: multirange_oid };
        let mut row = plain(range_oid, schema, &name, TypeKind::Range);
        row.category = b'R';
        row.input = RANGE_IN;
        row.range = Some(range);
        self.add_type(row);
        let mut row = plain(multirange_oid, multirange_schema, &multirange_name, TypeKind::Multirange);
        row.category = b'R';
        row.input = MULTIRANGE_IN;
        row.range = Some(range);
        self.add_type(row);
        self.add_range_constructors(schema, range_oid, subtype, multirange_oid);
        let named = ast::CreateRangeStmt { type_name: placeholder(), ..statement.clone() };
        self.note_type_source(range_oid, &NodeEnum::CreateRangeStmt(named));
        self.apply_default_privileges(&Address::Type(range_oid));
        Ok(())
    }

    /// The shell type that a function for C makes of its result, when there is no type of the name (`compute_return_type`).
    pub(super) fn shell_for_result(&mut self, name: &ast::TypeName, opaque: bool) -> Outcome<Option<Oid>> {
        let parts = node::strings(&name.names);
        // Brackets behind the name are left out of the shell's name.
        if !opaque || name.pct_type || self.find_type(&parts).is_some() || self.resolver().type_name(name).is_ok() {
            return Ok(None);
        }
        let (schema, bare) = node::schema_and_name(&parts);
        if !name.typmods.is_empty() {
            let message = format!("type modifier cannot be specified for shell type `{bare}`");
            return Err(self.error(SqlState::SYNTAX_ERROR, message, name.location));
        }
        let schema = self.creation_schema(schema, "p", name.location)?;
        self.make_shell_type(schema, bare).map(Some)
    }

    /// A type of which only the name is known yet (`TypeShellMake`).
    pub(super) fn make_shell_type(&mut self, schema: Oid, name: &str) -> Outcome<Oid> {
        self.make_room_for_type(schema, name, -1)?;
        let oid = self.catalog.allocate();
        let mut row = plain(oid, schema, name, TypeKind::Pseudo);
        (row.defined, row.length, row.category) = (false, 4, b'P');
        self.catalog.insert_type(row);
        Ok(oid)
    }

    /// `CREATE TYPE name` (a shell) and `CREATE TYPE name (INPUT = …)`.
    pub(super) fn define_base_type(&mut self, statement: &ast::DefineStmt) -> Outcome {
        let parts = node::strings(&statement.defnames);
        let (schema_name, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema_name, "p", -1)?;
        let shell = self.catalog.type_by_name(schema, name).filter(|row| !row.defined).map(|row| row.oid);
        if statement.definition.is_empty() {
            return self.make_shell_type(schema, name).map(drop);
        }
        let Some(oid) = shell else {
            return Err(self
                .error(SqlState::UNDEFINED_OBJECT, format!("type `{name}` does not exist"), -1)
                .help(format!("create it as a shell type first: `CREATE TYPE {name}`")));
        };
        let mut row = plain(oid, schema, name, TypeKind::Base);
        for option in node::options(&statement.definition) {
            let text = node::option_text(option).unwrap_or_default();
            let argument = option.arg.as_ref().and_then(|arg| arg.node.as_ref());
            let type_argument = match argument {
                Some(NodeEnum::TypeName(name)) => Some(name),
                _ => None,
            };
            match option.defname.to_ascii_lowercase().as_str() {
                "like" => {
                    if let Some(like) = type_argument {
                        let like = self.type_named(like)?.0;
                        row.length = self.catalog.type_(like).map_or(-1, |like| like.length);
                    }
                }
                "internallength" => row.length = if text == "variable" { -1 } else { text.parse().unwrap_or(-1) },
                "category" => row.category = text.bytes().next().unwrap_or(b'U'),
                "preferred" => row.preferred = node::option_bool(option),
                "collatable" if node::option_bool(option) => row.collation = oids::DEFAULT_COLLATION,
                "element" => {
                    if let Some(element) = type_argument {
                        row.element = self.type_named(element)?.0;
                        row.subscripting = Subscripting::RawArray;
                    }
                }
                "input" => row.input = self.routine_named(&text).unwrap_or_default(),
                "typmod_in" => row.typmod_input = self.routine_named(&text).unwrap_or_default(),
                _ => {}
            }
        }
        self.add_type(row);
        self.apply_default_privileges(&Address::Type(oid));
        Ok(())
    }

    /// The only routine of a dotted name, for options that name one.
    pub(super) fn routine_named(&self, dotted: &str) -> Option<Oid> {
        let parts: Vec<&str> = dotted.split('.').collect();
        let (schema, name) = node::schema_and_name(&parts);
        let visible = self.visible_schemas();
        let schema = self.catalog.schema_by_name(schema);
        self.catalog
            .routines_named(name)
            .find(|routine| schema.map_or_else(|| visible.contains(&routine.schema), |oid| routine.schema == oid))
            .map(|routine| routine.oid)
    }
}

/// `range` becomes `multirange`, else `_multirange` is added (`makeMultirangeTypeName`).
fn multirange_type_name(range: &str) -> String {
    let name = match range.find("range") {
        Some(at) => format!("{}multi{}", &range[..at], &range[at..]),
        None => {
            let suffix = "_multirange";
            let mut kept = range;
            while kept.len() + suffix.len() > MAX_IDENTIFIER_BYTES {
                kept = &kept[..kept.char_indices().last().map_or(0, |(at, _)| at)];
            }
            format!("{kept}{suffix}")
        }
    };
    truncate_identifier(&name).to_owned()
}

/// Persistence as the grammar writes it.
pub(super) fn persistence(text: &str) -> Persistence {
    match text {
        "t" => Persistence::Temporary,
        "u" => Persistence::Unlogged,
        _ => Persistence::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiranges_are_named_as_the_server_names_them() {
        assert_eq!(multirange_type_name("price_range"), "price_multirange");
        assert_eq!(multirange_type_name("span"), "span_multirange");
    }
}
