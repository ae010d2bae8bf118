//! `CREATE TABLE` in all its forms: columns, constraints, `LIKE`, `INHERITS`, `PARTITION OF`, `OF type`.

use super::address::Address;
use super::column::NewColumn;
use super::inherited::{ComingCheck, is_enforced};
use super::names::TEMPORARY_SCHEMA;
use super::new_type::persistence;
use super::node;
use super::redundant_key::without_redundant_keys;
use super::session::{Outcome, Session};
use crate::catalog::{
    AttachedKind, Column, ColumnSource, ConstraintKind, NotNull, Oid, Persistence, Relation, RelationKind,
    ServerVersion, View,
};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// What a new relation is made of.
pub(super) struct NewRelation {
    pub(super) schema: Oid,
    pub(super) name: String,
    pub(super) kind: RelationKind,
    pub(super) persistence: Persistence,
    pub(super) columns: Vec<Column>,
    pub(super) options: Vec<(String, String)>,
    pub(super) view: Option<View>,
}

impl NewRelation {
    pub(super) fn new(schema: Oid, name: &str, kind: RelationKind) -> Self {
        Self {
            schema,
            name: name.to_owned(),
            kind,
            persistence: Persistence::Permanent,
            columns: Vec::new(),
            options: Vec::new(),
            view: None,
        }
    }
}

/// When the constraints of a new table are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Plain,
    PrimaryKey,
    Key,
    ForeignKey,
}

impl Turn {
    fn of(constraint: &ast::Constraint) -> Self {
        match constraint.contype() {
            ast::ConstrType::ConstrPrimary => Self::PrimaryKey,
            ast::ConstrType::ConstrUnique | ast::ConstrType::ConstrExclusion => Self::Key,
            ast::ConstrType::ConstrForeign => Self::ForeignKey,
            _ => Self::Plain,
        }
    }
}

impl Session<'_> {
    /// Adds a relation with its row type. Names must have been checked.
    pub(super) fn add_relation(&mut self, new: NewRelation) -> Oid {
        let kept = self.kept_numbers(&new);
        let oid = match (kept, self.kept_composite(new.schema, &new.name)) {
            (Some((oid, _)), _) | (None, Some(oid)) => oid,
            (None, None) => self.catalog.allocate(),
        };
        let row_type = match (new.kind, kept) {
            (RelationKind::Sequence, _) => Oid::INVALID,
            (_, Some((_, row_type))) => row_type,
            _ => self.add_row_type(new.schema, &new.name, oid),
        };
        let provenance = Some(self.provenance());
        // `RangeVarAdjustRelationPersistence`
        let passing = self.catalog.schema_name(new.schema) == Some(TEMPORARY_SCHEMA);
        self.catalog.insert_relation(Relation {
            oid,
            schema: new.schema,
            name: new.name,
            kind: new.kind,
            persistence: if passing { Persistence::Temporary } else { new.persistence },
            row_type,
            columns: new.columns,
            constraints: Vec::new(),
            indexes: Vec::new(),
            parents: Vec::new(),
            is_partition: false,
            options: new.options,
            view: new.view,
            provenance,
        });
        oid
    }

    /// The numbers that a definition's relation had before.
    fn kept_numbers(&mut self, new: &NewRelation) -> Option<(Oid, Oid)> {
        self.kept.remove(&(new.schema, new.name.clone()))
    }

    /// `ON COMMIT` is for what goes with the session (`DefineRelation`).
    pub(super) fn check_on_commit(&self, action: ast::OnCommitAction, name: &ast::RangeVar) -> Outcome {
        let none = matches!(action, ast::OnCommitAction::Undefined | ast::OnCommitAction::OncommitNoop);
        if none || name.relpersistence == "t" || name.schemaname == "pg_temp" {
            return Ok(());
        }
        let message = "ON COMMIT can only be used on temporary tables";
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, name.location))
    }

    pub(super) fn note_on_commit(&mut self, action: ast::OnCommitAction, oid: Oid) {
        if action == ast::OnCommitAction::OncommitDrop {
            self.catalog.uncommitted.dropped.insert(oid);
        }
    }

    pub(super) fn create_table(&mut self, statement: &ast::CreateStmt, kind: RelationKind) -> Outcome<Option<Oid>> {
        let Some(name) = &statement.relation else { return Err(self.malformed("without a name")) };
        let schema = self.creation_schema(&name.schemaname, &name.relpersistence, name.location)?;
        if statement.if_not_exists && self.relation_name_taken(schema, &name.relname) {
            return Ok(None);
        }
        self.check_on_commit(statement.oncommit(), name)?;
        self.check_table_options(statement, name.location)?;
        self.make_room_for_relation(schema, &name.relname)?;
        self.check_relation_name_free(schema, &name.relname, name.location)?;
        self.make_room_for_type(schema, &name.relname, name.location)?;
        let parents = self.parents_of(statement, name)?;
        let is_partition = statement.partbound.is_some();

        let mut new = self.inherited_columns(&parents)?;
        if let Some(type_name) = &statement.of_typename {
            new = self.columns_of_type(type_name)?;
        }
        let mut later = Vec::new();
        for element in &statement.table_elts {
            match &element.node {
                Some(NodeEnum::ColumnDef(definition)) => {
                    let typed = statement.of_typename.is_some() || is_partition;
                    self.check_has_no_identity(definition, typed, is_partition)?;
                    self.add_declared_column(&mut new, definition, typed)?;
                }
                Some(NodeEnum::TableLikeClause(like)) => {
                    let source = self.like_columns(&mut new, like)?;
                    later.push((source, like.options));
                }
                _ => {}
            }
        }
        own_not_null_names(&mut new, statement);
        let columns: Vec<Column> = new.iter().map(|column| column.row.clone()).collect();
        self.check_column_names(&columns, name.location)?;
        if columns.len() > 1600 {
            return Err(self.error(SqlState::TOO_MANY_COLUMNS, "tables can have at most 1600 columns", name.location));
        }

        let kind = if statement.partspec.is_some() { RelationKind::PartitionedTable } else { kind };
        let oid = self.add_relation(NewRelation {
            columns,
            persistence: persistence(&name.relpersistence),
            options: reloptions(&statement.options),
            ..NewRelation::new(schema, &name.relname, kind)
        });
        self.note_on_commit(statement.oncommit(), oid);
        if let Some(type_name) = &statement.of_typename {
            let of = self.type_named(type_name)?.0;
            self.catalog.typed_tables.insert(oid, of);
        }
        if let Some(key) = &statement.partspec {
            self.note_partition_key(oid, key)?;
        }
        self.catalog.update_relation(oid, |row| {
            row.parents.clone_from(&parents);
            row.is_partition = is_partition;
        });
        self.note_new_partition(oid, &parents, statement.partbound.as_ref())?;
        self.apply_default_privileges(&Address::Relation(oid));
        // In the order of transformCreateStmt and DefineRelation: what a constraint needs is there before it, and chosen
        // names avoid those that were chosen before.
        let mut constraints = self.finish_columns(oid, new)?;
        for element in statement.table_elts.iter().chain(&statement.constraints).chain(&statement.nnconstraints) {
            if let Some(NodeEnum::Constraint(constraint)) = &element.node {
                constraints.push(((**constraint).clone(), None));
            }
        }
        // No row of a new table could break one (`transformCheckConstraints`, `transformFKConstraints`).
        if self.own(oid)?.kind != RelationKind::ForeignTable {
            for (constraint, _) in &mut constraints {
                let kinds = [ast::ConstrType::ConstrCheck, ast::ConstrType::ConstrForeign];
                constraint.skip_validation = kinds.contains(&constraint.contype()) && !constraint.is_enforced;
            }
        }
        let constraints = without_redundant_keys(self.own(oid)?, constraints);
        for parent in &parents {
            self.inherit_constraints(oid, *parent)?;
        }
        self.add_constraints(oid, &constraints, Turn::Plain)?;
        if is_partition {
            for parent in &parents {
                self.clone_indexes_to_partition(*parent, oid)?;
            }
        }
        self.add_constraints(oid, &constraints, Turn::PrimaryKey)?;
        self.add_constraints(oid, &constraints, Turn::Key)?;
        for (source, options) in later {
            self.like_extras(oid, source, options)?;
        }
        self.add_constraints(oid, &constraints, Turn::ForeignKey)?;
        Ok(Some(oid))
    }

    fn add_constraints(&mut self, table: Oid, constraints: &[(ast::Constraint, Option<i16>)], turn: Turn) -> Outcome {
        for (constraint, column) in constraints {
            if Turn::of(constraint) == turn {
                self.add_constraint(table, constraint, *column)?;
            }
        }
        Ok(())
    }

    /// Columns of the parents, merged by name (`MergeAttributes`).
    fn inherited_columns(&self, parents: &[Oid]) -> Outcome<Vec<NewColumn>> {
        let mut merged: Vec<NewColumn> = Vec::new();
        for parent in parents {
            let Some(row) = self.catalog.relation(*parent) else { continue };
            for (number, column) in row.live_columns() {
                if let Some(earlier) = merged.iter_mut().find(|earlier| earlier.row.name == column.name) {
                    if (earlier.row.type_, earlier.row.typmod) != (column.type_, column.typmod) {
                        let message = format!("inherited column `{}` has a type conflict", column.name);
                        return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
                    }
                    if earlier.row.not_null == NotNull::No {
                        earlier.row.not_null = inherited_not_null(column.not_null);
                        earlier.not_null_name = self.not_null_name(*parent, number);
                    }
                    continue;
                }
                let mut copy = column.clone();
                copy.is_local = false;
                copy.not_null = inherited_not_null(column.not_null);
                if matches!(copy.source, ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault)
                    && !(row.kind == RelationKind::PartitionedTable && self.catalog.version >= ServerVersion::V17)
                {
                    // Identity is not inherited, except by partitions from 17 on.
                    (copy.source, copy.has_default) = (ColumnSource::Plain, false);
                }
                let not_null_name = self.not_null_name(*parent, number);
                merged.push(NewColumn { default_of: Some((*parent, number)), not_null_name, ..NewColumn::plain(copy) });
            }
        }
        Ok(merged)
    }

    fn columns_of_type(&self, type_name: &ast::TypeName) -> Outcome<Vec<NewColumn>> {
        let of = self.type_named(type_name)?.0;
        let row = self.catalog.relation_of_type(of).filter(|row| row.kind == RelationKind::CompositeType);
        let Some(row) = row else {
            let message = format!("type `{}` is not a composite type", super::names::type_text(&self.catalog, of));
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, type_name.location));
        };
        Ok(row.live_columns().map(|(_, column)| NewColumn::plain(column.clone())).collect())
    }

    /// A column of the statement: new, merged with an inherited one, or more about one of a typed table or partition.
    fn add_declared_column(&mut self, new: &mut Vec<NewColumn>, definition: &ast::ColumnDef, typed: bool) -> Outcome {
        let known = new.iter().position(|column| column.row.name == definition.colname);
        let declared = if definition.type_name.is_none() && typed {
            let Some(known) = known.and_then(|at| new.get(at)) else {
                let message = format!("column `{}` does not exist", definition.colname);
                return Err(self.error(SqlState::UNDEFINED_COLUMN, message, definition.location));
            };
            self.column_of(definition, known.row.clone())?
        } else {
            self.new_column(definition)?
        };
        match known.and_then(|at| new.get_mut(at)) {
            None => new.push(declared),
            Some(inherited) if !inherited.row.is_local || typed => {
                self.merge_column(inherited, declared, definition.location)?;
            }
            Some(_) => {
                let message = format!("column `{}` specified more than once", definition.colname);
                return Err(self.error(SqlState::DUPLICATE_COLUMN, message, definition.location));
            }
        }
        Ok(())
    }

    /// A column of the statement under the name of an inherited one is that one (`MergeAttributes`).
    fn merge_column(&self, inherited: &mut NewColumn, declared: NewColumn, location: i32) -> Outcome {
        let same = (inherited.row.type_, inherited.row.typmod) == (declared.row.type_, declared.row.typmod);
        if !same {
            let message = format!("column `{}` has a type conflict", declared.row.name);
            return Err(self.error(SqlState::DATATYPE_MISMATCH, message, location));
        }
        let source = self.merged_source(&inherited.row, &declared, location)?;
        let not_null = inherited.row.not_null;
        let default_of = inherited.default_of;
        let inherited_default = inherited.row.has_default;
        let not_null_name = inherited.not_null_name.take();
        *inherited = declared;
        inherited.not_null_name = not_null_name.or(inherited.not_null_name.take());
        inherited.row.is_local = true;
        if inherited.row.not_null == NotNull::No {
            inherited.row.not_null = not_null;
        }
        if inherited.default.is_none()
            && inherited.default_of.is_none()
            && !inherited.owned_sequence
            && inherited.row.source == ColumnSource::Plain
        {
            inherited.default_of = default_of;
            inherited.row.has_default |= inherited_default;
            inherited.row.source = source;
        }
        Ok(())
    }

    /// A column is generated where the parent's is; the expression may be its own from 16 on (`MergeAttributes`,
    /// `MergeChildAttribute`).
    fn merged_source(&self, inherited: &Column, declared: &NewColumn, location: i32) -> Outcome<ColumnSource> {
        let generated = |source| matches!(source, ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual);
        let name = &declared.row.name;
        let refused = |message: String| Err(self.error(SqlState::INVALID_COLUMN_DEFINITION, message, location));
        if !generated(inherited.source) {
            if generated(declared.row.source) && self.catalog.version >= ServerVersion::V16 {
                return refused(format!("column `{name}` cannot be generated, since the parent's is not"));
            }
            return Ok(ColumnSource::Plain);
        }
        match declared.row.source {
            ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault => {
                refused(format!("column `{name}` is generated in the parent, and cannot be an identity column"))
            }
            ColumnSource::Plain if declared.default.is_some() => {
                refused(format!("column `{name}` is generated in the parent, and cannot have a default"))
            }
            own if generated(own) && self.catalog.version < ServerVersion::V16 => {
                refused(format!("column `{name}` is generated in the parent, and cannot have an expression of its own"))
            }
            own if generated(own) && own != inherited.source => {
                refused(format!("column `{name}` is stored in one of both and computed on read in the other"))
            }
            _ => Ok(inherited.source),
        }
    }

    /// `LIKE source`: its columns now, what else it includes once the table is there.
    fn like_columns(&mut self, new: &mut Vec<NewColumn>, like: &ast::TableLikeClause) -> Outcome<Oid> {
        let Some(name) = &like.relation else { return Err(self.malformed("without a relation")) };
        let source = self.relation(name)?;
        let options = like.options;
        let Some(row) = self.catalog.relation(source) else { return Ok(source) };
        for (number, column) in row.live_columns() {
            let mut copy = column.clone();
            copy.is_local = true;
            if copy.not_null == NotNull::NotValidated {
                copy.not_null = NotNull::Yes;
            }
            let keeps = match column.source {
                ColumnSource::Plain => options & like::DEFAULTS != 0,
                ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual => options & like::GENERATED != 0,
                ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault => options & like::IDENTITY != 0,
            };
            if !keeps {
                (copy.source, copy.has_default) = (ColumnSource::Plain, false);
            }
            let identity = matches!(copy.source, ColumnSource::IdentityAlways | ColumnSource::IdentityByDefault);
            let default_of = (copy.has_default && !identity).then_some((source, number));
            let not_null_name = self.not_null_name(source, number);
            let copied = NewColumn { default_of, owned_sequence: identity, not_null_name, ..NewColumn::plain(copy) };
            match new.iter_mut().find(|earlier| earlier.row.name == copied.row.name) {
                Some(inherited) if !inherited.row.is_local => {
                    self.merge_column(inherited, copied, like_location(like))?
                }
                _ => new.push(copied),
            }
        }
        Ok(source)
    }

    /// Checks, indexes and comments that `LIKE … INCLUDING` takes over.
    fn like_extras(&mut self, table: Oid, source: Oid, options: u32) -> Outcome {
        let Some(row) = self.catalog.relation(source).cloned() else { return Ok(()) };
        let map = self.column_map(source, table);
        let to_new = |number: i16| map.iter().find(|(old, _)| *old == number).map(|(_, new)| *new);
        if options & like::CONSTRAINTS != 0 {
            for constraint in row.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check) {
                let new = ComingCheck {
                    name: &constraint.name,
                    text: &self.check_text(source, &constraint.name).unwrap_or_default(),
                    no_inherit: constraint.no_inherit,
                    validated: true,
                    enforced: is_enforced(constraint),
                    local: true,
                    location: -1,
                };
                if self.merge_check(table, &new)? {
                    continue;
                }
                self.copy_check(source, table, &constraint.name, to_new)?;
            }
        }
        if options & like::INDEXES != 0 {
            self.copy_indexes(&row, table, to_new, super::index::CopyFor::Like)?;
        }
        if options & like::COMMENTS != 0 {
            for (old, new) in &map {
                let ids = [Address::Column(source, *old), Address::Column(table, *new)];
                let [Some(old), Some(new)] = ids.map(|address| self.object_id(&address)) else { continue };
                if let Some(comment) = self.catalog.attachments.comments.get(&old).cloned() {
                    self.catalog.say(self.origin, |said| said.comment(&new, &comment));
                }
            }
        }
        Ok(())
    }

    /// Columns of two relations that have the same name, as attribute numbers.
    pub(super) fn column_map(&self, from: Oid, to: Oid) -> Vec<(i16, i16)> {
        let (Some(from), Some(to)) = (self.catalog.relation(from), self.catalog.relation(to)) else {
            return Vec::new();
        };
        from.live_columns().filter_map(|(number, column)| Some((number, to.column(&column.name)?.0))).collect()
    }

    /// Copies a check constraint to another table, where its name is free.
    pub(super) fn copy_check(
        &mut self,
        source: Oid,
        table: Oid,
        name: &str,
        to_new: impl Fn(i16) -> Option<i16>,
    ) -> Outcome {
        let Some(row) = self.catalog.relation(source) else { return Ok(()) };
        let Some(mut copy) = row.constraints.iter().find(|constraint| constraint.name == name).cloned() else {
            return Ok(());
        };
        copy.oid = self.catalog.allocate();
        copy.columns = copy.columns.iter().filter_map(|number| to_new(*number)).collect();
        copy.excludes_null = copy.excludes_null.iter().filter_map(|number| to_new(*number)).collect();
        self.catalog.update_relation(table, |row| row.constraints.push(copy));
        self.copy_attached(source, table, AttachedKind::Check, name, AttachedKind::Check, to_new);
        Ok(())
    }

    /// Duplicate and system column names.
    pub(super) fn check_column_names(&self, columns: &[Column], location: i32) -> Outcome {
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].iter().any(|earlier| earlier.name == column.name) {
                let message = format!("column `{}` specified more than once", column.name);
                return Err(self.error(SqlState::DUPLICATE_COLUMN, message, location));
            }
        }
        Ok(())
    }
}

/// NOT NULL that a table has of its own has a name of its own too: that of a constraint which says it, one that is
/// chosen where the primary key does (`transformIndexConstraint`).
fn own_not_null_names(new: &mut [NewColumn], statement: &ast::CreateStmt) {
    use ast::ConstrType as Kind;
    for column in new.iter_mut() {
        if column.constraints.iter().any(|row| row.contype() == Kind::ConstrPrimary) {
            column.not_null_name = None;
        }
    }
    for element in statement.table_elts.iter().chain(&statement.constraints).chain(&statement.nnconstraints) {
        let Some(NodeEnum::Constraint(constraint)) = &element.node else { continue };
        let name = match constraint.contype() {
            Kind::ConstrPrimary => None,
            Kind::ConstrNotnull if !constraint.conname.is_empty() => Some(constraint.conname.clone()),
            _ => continue,
        };
        for key in node::strings(&constraint.keys) {
            if let Some(column) = new.iter_mut().find(|column| column.row.name == key) {
                column.not_null_name.clone_from(&name);
            }
        }
    }
}

fn like_location(like: &ast::TableLikeClause) -> i32 {
    like.relation.as_ref().map_or(-1, |name| name.location)
}

/// What a child gets of its parent's NOT NULL.
pub(super) fn inherited_not_null(parent: NotNull) -> NotNull {
    match parent {
        NotNull::NoInherit => NotNull::No,
        other => other,
    }
}

/// `WITH (…)` of a relation: lower-case keys in order, values as text; without a value it is `true`.
pub(super) fn reloptions(nodes: &[ast::Node]) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = node::options(nodes)
        .map(|element| {
            let key = element.defname.to_ascii_lowercase();
            let key = if element.defnamespace.is_empty() { key } else { format!("{}.{key}", element.defnamespace) };
            (key, node::option_text(element).unwrap_or_else(|| "true".to_owned()))
        })
        .collect();
    options.sort();
    options
}

/// Bits of `TableLikeClause.options` (`TableLikeOption` in parsenodes.h).
mod like {
    pub(super) const COMMENTS: u32 = 1;
    pub(super) const CONSTRAINTS: u32 = 1 << 2;
    pub(super) const DEFAULTS: u32 = 1 << 3;
    pub(super) const GENERATED: u32 = 1 << 4;
    pub(super) const IDENTITY: u32 = 1 << 5;
    pub(super) const INDEXES: u32 = 1 << 6;
}
