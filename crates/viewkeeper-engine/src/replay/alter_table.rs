//! `ALTER TABLE`, `ALTER VIEW`, `ALTER MATERIALIZED VIEW`, `ALTER INDEX`, `ALTER TYPE` of composites: what changes
//! columns, constraints, options and ownership.

use std::sync::Arc;

use super::address::Address;
use super::column::NewColumn;
use super::constraint::set_column_not_null;
use super::constraint_change::Recursion;
use super::part_state::{firing_of, row_security_of};
use super::partition;
use super::redundant_key::without_redundant_keys;
use super::session::{Outcome, Reach, Session};
use crate::analysis::Dependency;
use crate::catalog::{AttachedKind, ColumnSource, NotNull, Oid, Origin, Persistence, RelationKind, ServerVersion};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// When a command has its turn: the server runs those of one statement in passes (`ATPrepCmd`, `AlterTablePass`).
fn pass(command: &ast::AlterTableCmd) -> u8 {
    use ast::AlterTableType as Kind;
    let definition = command.def.as_ref().and_then(|node| node.node.as_ref());
    match command.subtype() {
        Kind::AtDropColumn
        | Kind::AtDropConstraint
        | Kind::AtDropNotNull
        | Kind::AtDropIdentity
        | Kind::AtDropExpression => 0,
        Kind::AtColumnDefault if definition.is_none() => 0,
        Kind::AtAlterColumnType => 1,
        Kind::AtAddColumn => 2,
        Kind::AtSetExpression => 3,
        Kind::AtSetNotNull => 4,
        Kind::AtAddConstraint => match definition {
            Some(NodeEnum::Constraint(constraint)) => match constraint.contype() {
                ast::ConstrType::ConstrPrimary | ast::ConstrType::ConstrUnique | ast::ConstrType::ConstrExclusion => 5,
                _ => 6,
            },
            _ => 6,
        },
        Kind::AtColumnDefault | Kind::AtAddIdentity => 6,
        // `SET GENERATED` too, behind `ADD GENERATED`.
        _ => 7,
    }
}

impl Session<'_> {
    pub(super) fn alter_table(&mut self, statement: &ast::AlterTableStmt) -> Outcome {
        let Some(name) = &statement.relation else { return Err(self.malformed("without a relation")) };
        let is_index = self.find_relation(name).is_none() && self.find_index(name).is_some();
        if statement.objtype() == ast::ObjectType::ObjectIndex || is_index {
            // Options, storage and attachment of indexes shape nothing.
            return Ok(());
        }
        let Some(table) = self.target(Some(name), statement.missing_ok)? else { return Ok(()) };
        if statement.objtype() != ast::ObjectType::ObjectTable {
            let kind = statement.objtype();
            self.check_kind(table, kind).map_err(|error| self.place(error, name.location))?;
        }
        let commands = statement.cmds.iter().filter_map(|command| match &command.node {
            Some(NodeEnum::AlterTableCmd(command)) => Some(command),
            _ => None,
        });
        let mut commands: Vec<_> = commands.collect();
        for command in &commands {
            self.check_alters_kind(table, command).map_err(|error| self.place(error, name.location))?;
        }
        commands.sort_by_key(|command| pass(command));
        if commands.iter().any(|command| command.subtype() != ast::AlterTableType::AtChangeOwner) {
            self.note_composite_change(table);
        }
        for command in commands {
            self.reach = if name.inh { Reach::Children } else { Reach::Only };
            let reaches = self.check_column_reach(table, command);
            let outcome = reaches.and_then(|()| self.alter_table_command(table, command));
            self.reach = Reach::Children;
            outcome.map_err(|error| if error.place.is_none() { self.place(error, name.location) } else { error })?;
        }
        Ok(())
    }

    fn alter_table_command(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        use ast::AlterTableType as Kind;
        let definition = command.def.as_ref().and_then(|node| node.node.as_ref());
        match command.subtype() {
            Kind::AtAddColumn => match definition {
                Some(NodeEnum::ColumnDef(column)) => self.add_column(table, column, command.missing_ok),
                _ => Err(self.malformed("without a column")),
            },
            Kind::AtDropColumn => self.drop_column(table, command),
            Kind::AtAlterColumnType => match definition {
                Some(NodeEnum::ColumnDef(column)) => self.alter_column_type(table, &command.name, column),
                _ => Err(self.malformed("without a type")),
            },
            Kind::AtColumnDefault => self.column_default(table, command),
            Kind::AtSetNotNull => {
                let number = self.column(table, &command.name, -1)?;
                if self.reach == Reach::Children {
                    self.set_not_null(table, number, "", NotNull::Yes)
                } else {
                    // ALTER TABLE ONLY leaves children as they are; that a query of the parent may then see nulls is
                    // known from the children's own columns.
                    self.catalog.update_relation(table, |row| set_column_not_null(row, number, NotNull::Yes));
                    self.add_not_null_constraint(table, number, "", true);
                    Ok(())
                }
            }
            Kind::AtDropNotNull => self.drop_not_null(table, &command.name, Recursion::No),
            Kind::AtAddConstraint => match definition {
                Some(NodeEnum::Constraint(constraint)) => self.add_constraint(table, constraint, None),
                _ => Err(self.malformed("without a constraint")),
            },
            Kind::AtDropConstraint => self.drop_constraint(table, command, Recursion::No),
            Kind::AtValidateConstraint => self.validate_constraint(table, &command.name, Recursion::No),
            Kind::AtAlterConstraint => self.alter_constraint(table, definition),
            Kind::AtAddIdentity => self.add_identity(table, &command.name, definition),
            Kind::AtSetIdentity => self.set_identity(table, &command.name, definition),
            Kind::AtDropIdentity => self.drop_identity(table, command),
            Kind::AtSetExpression => {
                let number = self.column(table, &command.name, -1)?;
                if let Some(expression) = &command.def {
                    let kind = AttachedKind::Default(number);
                    self.attach_expression(table, kind, String::new(), expression, Some(table))?;
                }
                self.in_children(table, command)
            }
            Kind::AtDropExpression => {
                let number = self.column(table, &command.name, -1)?;
                self.update_column(table, number, |column| {
                    (column.source, column.has_default) = (ColumnSource::Plain, false);
                });
                self.detach(table, |row| row.kind == AttachedKind::Default(number));
                self.in_children(table, command)
            }
            Kind::AtChangeOwner => {
                if let Some(owner) = &command.newowner {
                    self.set_owner(&Address::Relation(table), owner);
                }
                Ok(())
            }
            Kind::AtSetRelOptions | Kind::AtReplaceRelOptions => self.set_options(table, definition),
            Kind::AtResetRelOptions => self.reset_options(table, definition),
            Kind::AtClusterOn => self.table_index(table, &command.name).map(drop),
            Kind::AtReplicaIdentity => match definition {
                Some(NodeEnum::ReplicaIdentityStmt(identity)) if !identity.name.is_empty() => {
                    self.check_replica_identity(table, &identity.name)
                }
                _ => Ok(()),
            },
            Kind::AtSetLogged => self.set_persistence(table, Persistence::Permanent),
            Kind::AtSetUnLogged => self.set_persistence(table, Persistence::Unlogged),
            Kind::AtAddInherit | Kind::AtDropInherit => match definition {
                Some(NodeEnum::RangeVar(parent)) => {
                    let parent = self.relation(parent)?;
                    if command.subtype() == Kind::AtAddInherit {
                        self.add_parent(table, parent, partition::As::Child)
                    } else {
                        self.check_is_no_partition(table)?;
                        self.remove_parent(table, parent)
                    }
                }
                _ => Err(self.malformed("without a parent")),
            },
            Kind::AtAttachPartition | Kind::AtDetachPartition | Kind::AtDetachPartitionFinalize => match definition {
                Some(NodeEnum::PartitionCmd(partition)) => {
                    self.attach_or_detach(table, partition, command.subtype() == Kind::AtAttachPartition)
                }
                _ => Err(self.malformed("without a partition")),
            },
            Kind::AtAddOf => match definition {
                Some(NodeEnum::TypeName(name)) => {
                    let of = self.type_named(name)?.0;
                    self.catalog.typed_tables.insert(table, of);
                    Ok(())
                }
                _ => Err(self.malformed("without a type")),
            },
            Kind::AtDropOf => {
                self.catalog.typed_tables.remove(&table);
                Ok(())
            }
            kind if firing_of(kind).is_some() => {
                firing_of(kind).map_or(Ok(()), |change| self.set_firing(table, &command.name, change))
            }
            kind if row_security_of(kind).is_some() => {
                row_security_of(kind).into_iter().for_each(|change| self.set_row_security(table, change));
                Ok(())
            }
            // Statistics, storage, clustering, replica identity: no shape.
            _ => Ok(()),
        }
    }

    /// Changes a column in place.
    pub(super) fn update_column(&mut self, table: Oid, number: i16, change: impl FnOnce(&mut crate::catalog::Column)) {
        let at = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        self.catalog.update_relation(table, |row| {
            if let Some(column) = row.columns.get_mut(at) {
                change(column);
            }
        });
    }

    fn add_column(&mut self, table: Oid, definition: &ast::ColumnDef, if_not_exists: bool) -> Outcome {
        let row = self.own(table)?;
        if row.column(&definition.colname).is_some() {
            if if_not_exists {
                return Ok(());
            }
            let message = format!("column `{}` of relation `{}` already exists", definition.colname, row.name);
            return Err(self.error(SqlState::DUPLICATE_COLUMN, message, definition.location));
        }
        if row.is_partition {
            let message = "cannot add column to a partition";
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, definition.location));
        }
        let new = self.new_column(definition)?;
        self.append_column(table, &new)?;
        let name = new.row.name.clone();
        // Its constraints have their turn when the tables below have the column too.
        let constraints = self.finish_columns(table, vec![new])?;
        self.check_new_column_stored(table, self.column(table, &name, -1)?)?;
        for child in self.children(table) {
            self.add_column_to_child(table, &name, child)?;
        }
        self.add_column_to_typed_tables(table, &name)?;
        for (constraint, number) in without_redundant_keys(self.own(table)?, constraints) {
            self.add_constraint(table, &constraint, number)?;
        }
        Ok(())
    }

    fn append_column(&mut self, table: Oid, new: &NewColumn) -> Outcome {
        let column = new.row.clone();
        self.catalog.update_relation(table, |row| row.columns.push(column));
        Ok(())
    }

    fn add_column_to_child(&mut self, parent: Oid, name: &str, child: Oid) -> Outcome {
        let Some((number, column)) = self.catalog.relation(parent).and_then(|row| row.column(name)) else {
            return Ok(());
        };
        let mut copy = column.clone();
        copy.is_local = false;
        copy.not_null = super::table::inherited_not_null(copy.not_null);
        // Partitions share the identity from 17 on (`ATExecAddColumn`).
        let shared = self.catalog.version >= ServerVersion::V17
            && self.catalog.relation(child).is_some_and(|row| row.is_partition);
        if partition::is_identity(&copy) && !shared {
            (copy.source, copy.has_default) = (ColumnSource::Plain, false);
        }
        if let Some((known, there)) = self.catalog.relation(child).and_then(|row| row.column(name)) {
            if (there.type_, there.typmod) != (copy.type_, copy.typmod) {
                let child = self.relation_name(child);
                let message = format!("child table `{child}` has different type for column `{name}`");
                return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
            }
            if copy.not_null != NotNull::No {
                let name = self.not_null_name(parent, number).unwrap_or_default();
                self.inherit_not_null(child, known, &name, copy.not_null)?;
            }
            return Ok(());
        }
        let not_null_name = self.not_null_name(parent, number);
        let new = NewColumn { default_of: Some((parent, number)), not_null_name, ..NewColumn::plain(copy) };
        self.append_column(child, &new)?;
        self.finish_column(child, new)?;
        self.check_new_column_stored(child, self.column(child, name, -1)?)?;
        for grandchild in self.children(child) {
            self.add_column_to_child(child, name, grandchild)?;
        }
        Ok(())
    }

    /// `ALTER TYPE … ADD ATTRIBUTE … CASCADE` reaches the tables of the type.
    fn add_column_to_typed_tables(&mut self, composite: Oid, name: &str) -> Outcome {
        for table in self.typed_tables_of(composite) {
            self.add_column_to_child(composite, name, table)?;
        }
        Ok(())
    }

    pub(super) fn typed_tables_of(&self, composite: Oid) -> Vec<Oid> {
        let Some(row) = self.catalog.relation(composite) else { return Vec::new() };
        let tables = self.catalog.typed_tables.iter().filter(|(_, of)| **of == row.row_type);
        tables.map(|(table, _)| *table).collect()
    }

    fn drop_column(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        let row = self.own(table)?;
        let Some((number, _)) = row.column(&command.name) else {
            if command.missing_ok {
                return Ok(());
            }
            return self.column(table, &command.name, -1).map(|_| ());
        };
        if self.is_inherited(table, &command.name) {
            let message = format!("cannot drop inherited column `{}`", command.name);
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1));
        }
        self.check_no_partition_key(table, number, "drop")?;
        self.drop_objects(&[Address::Column(table, number)], command.behavior())?;
        for typed in self.typed_tables_of(table) {
            self.drop_column(typed, command)?;
        }
        for child in self.children(table) {
            let there = self.catalog.relation(child).and_then(|row| row.column(&command.name));
            let local = there.is_none_or(|(_, column)| column.is_local);
            match self.reach {
                // With ONLY the child's is its own from now on, though another parent has it too (`ATExecDropColumn`).
                Reach::Only => self.make_local(child, &command.name),
                Reach::Children if !local && !self.is_inherited(child, &command.name) => {
                    self.drop_column(child, command)?;
                }
                Reach::Children => {}
            }
        }
        Ok(())
    }

    /// The same for the tables below, unless ONLY keeps them out (`ATSimpleRecursion`).
    fn in_children(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        if self.reach == Reach::Children {
            for child in self.children(table) {
                self.alter_table_command(child, command)?;
            }
        }
        Ok(())
    }

    fn alter_column_type(&mut self, table: Oid, name: &str, definition: &ast::ColumnDef) -> Outcome {
        let number = self.column(table, name, -1)?;
        let named = ast::ColumnDef { colname: name.to_owned(), ..definition.clone() };
        let new = self.column_type(&named)?;
        self.check_no_partition_key(table, number, "alter")?;
        if self.own(table)?.attribute(number).is_some_and(partition::is_identity) {
            self.check_identity_type(new.type_, -1)?;
        }
        self.check_type_change(table, number, name)?;
        self.check_rows_stored(table)?;
        let Some(old) = self.catalog.relation(table).and_then(|row| row.attribute(number)).cloned() else {
            return Ok(());
        };
        // Values of a composite type itself and of a foreign table are not stored here (`ATPrepAlterColumnType`).
        let stored = !matches!(self.own(table)?.kind, RelationKind::CompositeType | RelationKind::ForeignTable);
        if definition.raw_default.is_none() && stored && !self.can_change_type(old.type_, new.type_) {
            let shown = super::names::type_text(&self.catalog, new.type_);
            let message = format!("column `{name}` cannot be cast automatically to type `{shown}`");
            return Err(self
                .error(SqlState::DATATYPE_MISMATCH, message, -1)
                .help(format!("write how: `USING {name}::{shown}`")));
        }
        self.catalog.generations.retain(|(relation, _), _| *relation != table);
        self.update_column(table, number, |column| {
            column.type_ = new.type_;
            column.typmod = new.typmod;
            column.collation = new.collation;
            column.dimensions = new.dimensions;
        });
        self.rebuild_statistics(&Dependency::Column(table, number));
        for child in self.children(table).into_iter().chain(self.typed_tables_of(table)) {
            if self.catalog.relation(child).is_some_and(|row| row.column(name).is_some()) {
                self.alter_column_type(child, name, definition)?;
            }
        }
        Ok(())
    }

    /// Extended statistics over a column of another type are made anew by their definition
    /// (`RememberStatisticsForRebuilding`): they go to whoever alters the table, with the usual target (`CreateStatistics`).
    fn rebuild_statistics(&mut self, over: &Dependency) {
        let rows = self.catalog.statistics.iter().filter(|(_, row)| row.dependencies.contains(over));
        let rebuilt: Vec<Oid> = rows.map(|(oid, _)| *oid).collect();
        for oid in rebuilt {
            if let Some(row) = self.catalog.statistics.get_mut(&oid) {
                Arc::make_mut(row).target = None;
            }
            if let Some(id) = self.object_id(&Address::Statistics(oid)) {
                self.catalog.change_attachments(|attachments| {
                    attachments.owners.remove(&id);
                });
            }
        }
    }

    fn can_change_type(&self, old: Oid, new: Oid) -> bool {
        use crate::catalog::CastContext;
        old == new || self.resolver().can_coerce(&[old], &[new], CastContext::Assignment)
    }

    /// A column that a view, rule, policy or generated column uses keeps its type (`ATPrepAlterColumnType`).
    fn check_type_change(&mut self, table: Oid, number: i16, name: &str) -> Outcome {
        let graph = self.dependents();
        for dependent in graph.of(&Address::Column(table, number)) {
            let by = match dependent {
                Address::Relation(oid) if self.catalog.relation(*oid).is_some_and(|row| row.view.is_some()) => {
                    "a view or rule"
                }
                Address::Attached(_, AttachedKind::Rule, _) => "a view or rule",
                Address::Attached(_, AttachedKind::Policy, _) => "a policy definition",
                Address::Attached(_, AttachedKind::Trigger, _) => "a trigger definition",
                Address::Routine(_) => "a function or procedure",
                // A generated column stands for its expression.
                Address::Attached(owner, AttachedKind::Default(other), _) | Address::Column(owner, other) => {
                    let generated = self.catalog.relation(*owner).and_then(|row| row.attribute(*other));
                    match generated.map(|column| column.source) {
                        Some(ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual) => "a generated column",
                        _ => continue,
                    }
                }
                _ => continue,
            };
            if self.pass_over(dependent) {
                continue;
            }
            let described = self.describe(dependent);
            let message = format!("cannot alter type of a column used by {by}");
            let mut help = format!("drop {described} before, and create it again after");
            if self.origin == Origin::HandWritten && self.comes_back(dependent) {
                help = format!("{help}: {}", self.wrap_help());
            }
            return Err(self
                .error(SqlState::FEATURE_NOT_SUPPORTED, message, -1)
                .note(format!("{described} depends on column `{name}`"))
                .help(help));
        }
        Ok(())
    }

    fn column_default(&mut self, table: Oid, command: &ast::AlterTableCmd) -> Outcome {
        let number = self.column(table, &command.name, -1)?;
        let kind = AttachedKind::Default(number);
        match &command.def {
            Some(expression) => self.set_default(table, number, expression)?,
            None => {
                self.detach(table, |row| row.kind == kind);
                self.update_column(table, number, |column| column.has_default = false);
            }
        }
        for child in self.children(table) {
            self.column_default(child, command)?;
        }
        Ok(())
    }

    /// The sequences that belong to a table or to one of its columns.
    pub(super) fn sequences_of(&self, table: Oid, column: Option<i16>) -> Vec<Oid> {
        let owners = self.catalog.sequence_owners.iter();
        owners
            .filter(|(_, (owner, number))| *owner == table && column.is_none_or(|column| column == *number))
            .map(|(sequence, _)| *sequence)
            .collect()
    }
}
