//! Columns as a definition gives them: type, NOT NULL, default, identity, generation, and the constraints written with
//! them.

use super::choose_name;
use super::node;
use super::redundant_key::of_column;
use super::session::{Outcome, Session};
use super::table::NewRelation;
use crate::analysis::Dependency;
use crate::catalog::{
    Attached, AttachedKind, Column, ColumnSource, NotNull, Oid, RelationKind, ServerVersion, TypeKind, oids,
};
use crate::diagnostic::SqlState;
use crate::name::quote_ident;
use crate::parser::{NodeEnum, ast};

/// The columns that every table has.
pub(super) const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// A column that is about to be added, with what can only be done once its table is there.
pub(super) struct NewColumn {
    pub(super) row: Column,
    /// Its default or generation expression.
    pub(super) default: Option<ast::Node>,
    /// The column whose default it takes over.
    pub(super) default_of: Option<(Oid, i16)>,
    /// Whether it brings a sequence of its own (serial, identity).
    pub(super) owned_sequence: bool,
    /// The name of that sequence, where it is written.
    pub(super) sequence_name: Option<String>,
    /// The name that its NOT NULL has in the table it comes from (18).
    pub(super) not_null_name: Option<String>,
    /// Constraints written with it.
    pub(super) constraints: Vec<ast::Constraint>,
}

impl NewColumn {
    pub(super) fn plain(row: Column) -> Self {
        Self {
            row,
            default: None,
            default_of: None,
            owned_sequence: false,
            sequence_name: None,
            not_null_name: None,
            constraints: Vec::new(),
        }
    }
}

/// A column of a type with nothing more.
pub(super) fn column(name: &str, type_: Oid, typmod: i32, collation: Oid) -> Column {
    Column {
        name: name.to_owned(),
        type_,
        typmod,
        collation,
        dimensions: 0,
        not_null: NotNull::No,
        dropped: false,
        has_default: false,
        source: ColumnSource::Plain,
        is_local: true,
    }
}

/// The integer type behind `serial` and its kin (`transformColumnDefinition`).
fn serial_type(name: &ast::TypeName) -> Option<Oid> {
    match node::strings(&name.names).as_slice() {
        ["smallserial" | "serial2"] => Some(oids::INT2),
        ["serial" | "serial4"] => Some(oids::INT4),
        ["bigserial" | "serial8"] => Some(oids::INT8),
        _ => None,
    }
}

impl Session<'_> {
    /// Columns that a query gives to a table or materialized view (`CheckAttributeNamesTypes`).
    pub(super) fn check_stored_columns(&self, columns: &[Column], location: i32) -> Outcome {
        match columns.iter().find(|column| SYSTEM_COLUMNS.contains(&column.name.as_str())) {
            Some(column) => {
                let message = format!("column name `{}` conflicts with a system column name", column.name);
                let error = self.error(SqlState::DUPLICATE_COLUMN, message, location);
                Err(error
                    .note("every stored row has a column of this name already")
                    .help("give it another name with AS"))
            }
            None => Ok(()),
        }
    }

    /// The type part of a column definition.
    pub(super) fn column_type(&self, definition: &ast::ColumnDef) -> Outcome<Column> {
        let name = definition.colname.as_str();
        if SYSTEM_COLUMNS.contains(&name) {
            let message = format!("column name `{name}` conflicts with a system column name");
            return Err(self.error(SqlState::DUPLICATE_COLUMN, message, definition.location));
        }
        let Some(type_name) = &definition.type_name else { return Err(self.malformed("without a column type")) };
        let (type_, typmod) = self.type_named(type_name)?;
        let Some(row) = self.catalog.type_(type_) else { return Err(self.malformed("of an unknown type")) };
        if row.kind == TypeKind::Pseudo || type_name.setof {
            let shown = super::names::type_text(&self.catalog, type_);
            let message = format!("column `{name}` has pseudo-type `{shown}`");
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, type_name.location));
        }
        let collation = match &definition.coll_clause {
            Some(clause) if !row.collation.is_valid() => {
                let shown = super::names::type_text(&self.catalog, type_);
                let message = format!("collations are not supported by type `{shown}`");
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, clause.location));
            }
            Some(clause) => self.collation(&node::strings(&clause.collname), clause.location)?,
            None => row.collation,
        };
        let dimensions = i32::try_from(type_name.array_bounds.len()).unwrap_or(i32::MAX);
        Ok(Column { dimensions, ..column(name, type_, typmod, collation) })
    }

    /// A column definition of a table, serial types included.
    pub(super) fn new_column(&self, definition: &ast::ColumnDef) -> Outcome<NewColumn> {
        let serial = definition.type_name.as_ref().and_then(serial_type);
        let Some(integer) = serial else {
            let row = self.column_type(definition)?;
            return self.column_of(definition, row);
        };
        if definition.type_name.as_ref().is_some_and(|name| !name.array_bounds.is_empty()) {
            let message = "array of serial is not implemented";
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, definition.location));
        }
        let mut row = column(&definition.colname, integer, -1, Oid::INVALID);
        (row.not_null, row.has_default) = (NotNull::Yes, true);
        let mut new = self.column_of(definition, row)?;
        new.owned_sequence = true;
        Ok(new)
    }

    /// Adds what the constraints of a definition say to a column.
    pub(super) fn column_of(&self, definition: &ast::ColumnDef, row: Column) -> Outcome<NewColumn> {
        use ast::ConstrType as Kind;
        let mut new = NewColumn::plain(row);
        if definition.is_not_null {
            new.row.not_null = NotNull::Yes;
        }
        self.check_column_constraints(definition, new.row.type_)?;
        for element in &definition.constraints {
            let Some(NodeEnum::Constraint(constraint)) = &element.node else { continue };
            match constraint.contype() {
                Kind::ConstrNotnull => {
                    new.row.not_null = not_null_of(constraint);
                    new.constraints.push((**constraint).clone());
                }
                Kind::ConstrNull if new.row.not_null != NotNull::No && !new.owned_sequence => {
                    let message = format!("conflicting NULL/NOT NULL declarations for column `{}`", definition.colname);
                    return Err(self.error(SqlState::SYNTAX_ERROR, message, constraint.location));
                }
                Kind::ConstrDefault => {
                    new.default = constraint.raw_expr.as_deref().cloned();
                    new.row.has_default = true;
                }
                Kind::ConstrIdentity => {
                    new.row.source = if constraint.generated_when == "a" {
                        ColumnSource::IdentityAlways
                    } else {
                        ColumnSource::IdentityByDefault
                    };
                    (new.row.has_default, new.owned_sequence) = (true, true);
                    new.sequence_name = sequence_name(constraint);
                    if new.row.not_null == NotNull::No {
                        new.row.not_null = NotNull::Yes;
                    }
                }
                Kind::ConstrGenerated => {
                    new.row.source = if constraint.generated_kind == "v" {
                        ColumnSource::GeneratedVirtual
                    } else {
                        ColumnSource::GeneratedStored
                    };
                    new.row.has_default = true;
                    new.default = constraint.raw_expr.as_deref().cloned();
                }
                Kind::ConstrPrimary | Kind::ConstrUnique | Kind::ConstrCheck | Kind::ConstrForeign => {
                    new.constraints.push((**constraint).clone());
                }
                // `transformConstraintAttrs`: what is not enforced is not valid either.
                Kind::ConstrAttrNotEnforced => {
                    if let Some(last) = new.constraints.last_mut() {
                        (last.is_enforced, last.skip_validation, last.initially_valid) = (false, true, false);
                    }
                }
                Kind::ConstrAttrDeferrable => {
                    if let Some(last) = new.constraints.last_mut() {
                        last.deferrable = true;
                    }
                }
                Kind::ConstrAttrNotDeferrable => {
                    if let Some(last) = new.constraints.last_mut() {
                        last.deferrable = false;
                    }
                }
                Kind::ConstrAttrDeferred => {
                    if let Some(last) = new.constraints.last_mut() {
                        (last.deferrable, last.initdeferred) = (true, true);
                    }
                }
                _ => {}
            }
        }
        Ok(new)
    }

    /// What the constraints of a column may not say together (`transformColumnDefinition`).
    fn check_column_constraints(&self, definition: &ast::ColumnDef, type_: Oid) -> Outcome {
        use ast::ConstrType as Kind;
        let serial = definition.type_name.as_ref().is_some_and(|name| serial_type(name).is_some());
        let (mut default, mut identity, mut generated) = (serial, false, false);
        // Whether the column is said to be nullable, or not to be.
        let mut nullable = None;
        let name = &definition.colname;
        for element in &definition.constraints {
            let Some(NodeEnum::Constraint(constraint)) = &element.node else { continue };
            let refused = |message: String| Err(self.error(SqlState::SYNTAX_ERROR, message, constraint.location));
            let said = match constraint.contype() {
                Kind::ConstrNull => Some(true),
                Kind::ConstrNotnull | Kind::ConstrIdentity => Some(false),
                Kind::ConstrPrimary if self.catalog.version >= ServerVersion::V18 => Some(false),
                _ => None,
            };
            if let (Some(before), Some(now)) = (nullable, said)
                && before != now
            {
                return refused(format!("conflicting NULL/NOT NULL declarations for column `{name}`"));
            }
            nullable = said.or(nullable);
            let several = match constraint.contype() {
                Kind::ConstrDefault => std::mem::replace(&mut default, true).then_some("default values"),
                Kind::ConstrIdentity => {
                    self.check_identity_type(type_, constraint.location)?;
                    std::mem::replace(&mut identity, true).then_some("identity specifications")
                }
                Kind::ConstrGenerated => std::mem::replace(&mut generated, true).then_some("generation clauses"),
                _ => None,
            };
            if let Some(several) = several {
                return refused(format!("multiple {several} specified for column `{name}`"));
            }
            let both = match (default, identity, generated) {
                (true, true, _) => "default and identity",
                (true, _, true) => "default and generation expression",
                (_, true, true) => "identity and generation expression",
                _ => continue,
            };
            return refused(format!("both {both} specified for column `{name}`"));
        }
        Ok(())
    }

    /// Sequences and defaults of columns that are in their table now; gives their constraints, with the column of each.
    pub(super) fn finish_columns(
        &mut self,
        table: Oid,
        columns: Vec<NewColumn>,
    ) -> Outcome<Vec<(ast::Constraint, Option<i16>)>> {
        let mut constraints = Vec::new();
        for mut column in columns {
            let number = self.column(table, &column.row.name, -1)?;
            let has_own = column.constraints.iter().any(|row| row.contype() == ast::ConstrType::ConstrNotnull);
            for constraint in std::mem::take(&mut column.constraints) {
                // The name of a NOT NULL constraint is taken with the column.
                if constraint.contype() == ast::ConstrType::ConstrNotnull {
                    column.constraints.push(constraint);
                } else {
                    constraints.push((constraint, Some(number)));
                }
            }
            debug_assert_eq!(has_own, !column.constraints.is_empty());
            self.finish_column(table, column)?;
        }
        Ok(constraints)
    }

    /// What remains to be done for one new column.
    pub(super) fn finish_column(&mut self, table: Oid, new: NewColumn) -> Outcome {
        let number = self.column(table, &new.row.name, -1)?;
        if new.owned_sequence {
            self.add_owned_sequence(table, number, new.sequence_name.as_deref())?;
        }
        if let Some(expression) = &new.default {
            self.set_default(table, number, expression)?;
        } else if let Some((source, from)) = new.default_of.filter(|_| new.row.has_default) {
            let map = self.column_map(source, table);
            let to_new = |old: i16| map.iter().find(|(number, _)| *number == old).map(|(_, new)| *new);
            self.copy_attached(source, table, AttachedKind::Default(from), "", AttachedKind::Default(number), to_new);
        }
        if new.row.not_null != NotNull::No
            && !new.constraints.iter().any(|row| row.contype() == ast::ConstrType::ConstrNotnull)
        {
            self.add_inherited_not_null(table, number, new.not_null_name.as_deref().unwrap_or_default());
        }
        for (constraint, number) in of_column(self.own(table)?, new.constraints, number) {
            self.add_constraint(table, &constraint, number)?;
        }
        Ok(())
    }

    /// Copies an expression from one relation to another.
    pub(super) fn copy_attached(
        &mut self,
        from: Oid,
        to: Oid,
        kind: AttachedKind,
        name: &str,
        new_kind: AttachedKind,
        to_new: impl Fn(i16) -> Option<i16>,
    ) {
        let rows = self.catalog.attached.get(&from);
        let Some(row) = rows.and_then(|rows| rows.iter().find(|row| row.kind == kind && row.name == name)) else {
            return;
        };
        let dependencies = row.dependencies.iter().filter_map(|dependency| match dependency {
            Dependency::Column(relation, number) if *relation == from => Some(Dependency::Column(to, to_new(*number)?)),
            other => Some(*other),
        });
        let copy = Attached { kind: new_kind, dependencies: dependencies.collect(), ..(**row).clone() };
        self.attach(to, copy);
        self.copy_generation((from, kind), (to, new_kind), to_new);
    }

    /// The sequence of a serial or identity column, named as the server names it.
    pub(super) fn add_owned_sequence(&mut self, table: Oid, number: i16, written: Option<&str>) -> Outcome<Oid> {
        let row = self.own(table)?;
        let (schema, table_name, persistence) = (row.schema, row.name.clone(), row.persistence);
        let Some(owner) = row.attribute(number).cloned() else { return Err(self.malformed("without a column")) };
        let name = match written {
            Some(name) => name.to_owned(),
            None => choose_name::choose(&table_name, &owner.name, "seq", |name| self.relation_name_taken(schema, name)),
        };
        let columns = super::sequence::columns();
        let sequence = self.add_relation(NewRelation {
            columns,
            persistence,
            ..NewRelation::new(schema, &name, RelationKind::Sequence)
        });
        self.catalog.sequence_owners.insert(sequence, (table, number));
        self.apply_default_privileges(&super::address::Address::Relation(sequence));
        if owner.source == ColumnSource::Plain {
            let schema = self.catalog.schema_name(schema).unwrap_or_default();
            let canonical = format!("nextval('{}.{}'::regclass)", quote_ident(schema), quote_ident(&name));
            let dependencies = [Dependency::Relation(sequence)].into();
            let kind = AttachedKind::Default(number);
            let provenance = Some(self.provenance());
            self.attach(
                table,
                Attached { kind, name: String::new(), canonical, dependencies, provenance, source: None },
            );
        }
        Ok(sequence)
    }
}

/// `SEQUENCE NAME` in the options of an identity column, as pg_dump writes it.
pub(super) fn sequence_name(constraint: &ast::Constraint) -> Option<String> {
    let option = node::options(&constraint.options).find(|option| option.defname == "sequence_name")?;
    let parts = node::dotted(option.arg.as_deref()?);
    parts.last().map(|name| (*name).to_owned())
}

/// What `NOT NULL` with its options is worth.
pub(super) fn not_null_of(constraint: &ast::Constraint) -> NotNull {
    match (constraint.is_no_inherit, constraint.skip_validation) {
        (_, true) => NotNull::NotValidated,
        (true, false) => NotNull::NoInherit,
        (false, false) => NotNull::Yes,
    }
}
