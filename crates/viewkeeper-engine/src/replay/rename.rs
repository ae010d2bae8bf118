//! `ALTER … RENAME`, `ALTER … SET SCHEMA`, `ALTER … OWNER TO`. Objects keep their numbers, so whatever uses them does
//! not notice; only what is kept under their names moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address::{Address, object_id};
use super::grant::CURRENT_ROLE;
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, ConstraintKind, ObjectId, Oid, Origin, ServerVersion};
use crate::diagnostic::SqlState;
use crate::name::QualifiedName;
use crate::parser::{self, ast};
use crate::rename::{Rename, with_name};
use crate::source::SourceFile;

impl Session<'_> {
    pub(super) fn rename(&mut self, statement: &ast::RenameStmt) -> Outcome {
        let address = self.renamed_by(statement);
        let (what, id) = (self.followed_by(address.clone()), self.id_of(address.as_ref()));
        self.followed(what.as_ref(), |session| session.give_name(statement))?;
        self.note_rename(statement, id, address);
        Ok(())
    }

    /// What a statement renames, where it is known.
    fn renamed_by(&self, statement: &ast::RenameStmt) -> Option<Address> {
        use ast::ObjectType as Kind;
        let relation = || self.find_relation(statement.relation.as_ref()?);
        let part = |kind| Some(Address::Attached(relation()?, kind, statement.subname.clone()));
        match statement.rename_type() {
            Kind::ObjectColumn | Kind::ObjectAttribute => {
                let oid = relation()?;
                Some(Address::Column(oid, self.catalog.relation(oid)?.column(&statement.subname)?.0))
            }
            Kind::ObjectSchema => self.catalog.schema_by_name(&statement.subname).map(Address::Schema),
            Kind::ObjectTrigger => part(AttachedKind::Trigger),
            Kind::ObjectRule => part(AttachedKind::Rule),
            Kind::ObjectPolicy => part(AttachedKind::Policy),
            Kind::ObjectTabconstraint | Kind::ObjectDomconstraint => None,
            kind => match (&statement.relation, &statement.object) {
                (Some(name), _) => match (self.find_relation(name), self.find_index(name)) {
                    (Some(oid), _) => Some(Address::Relation(oid)),
                    (None, Some((table, at))) => {
                        Some(Address::Index(table, self.catalog.relation(table)?.indexes.get(at)?.name.clone()))
                    }
                    (None, None) => None,
                },
                (None, Some(object)) => match self.address(kind, object).ok()? {
                    // The rows of a relation are a type of its name.
                    Some(Address::Type(oid)) => match self.catalog.type_(oid).map(|row| row.relation) {
                        Some(relation) if relation.is_valid() => Some(Address::Relation(relation)),
                        _ => Some(Address::Type(oid)),
                    },
                    address => address,
                },
                (None, None) => None,
            },
        }
    }

    /// Its name in every state; that of the whole where it is a column.
    pub(super) fn id_of(&self, address: Option<&Address>) -> Option<ObjectId> {
        match address? {
            Address::Column(relation, _) => self.object_id(&Address::Relation(*relation)),
            address => self.object_id(address),
        }
    }

    /// Remembers what a generated migration renames.
    fn note_rename(&mut self, statement: &ast::RenameStmt, old: Option<ObjectId>, address: Option<Address>) {
        let (Some(old), Some(address), Origin::Generated) = (old, address, self.origin) else { return };
        let new_name = statement.newname.clone();
        let rename = match address {
            Address::Column(..) => Rename::Column { of: old, old: statement.subname.clone(), new: new_name },
            // What is kept by its name has another address now.
            Address::Attached(..) | Address::Index(..) | Address::EventTrigger(_) => {
                let schema = match &old {
                    ObjectId::Index(index, _) => index.schema.clone(),
                    _ => String::new(),
                };
                let new = with_name(&old, QualifiedName::new(schema, new_name));
                Rename::Object { old, new }
            }
            address => match self.object_id(&address) {
                Some(new) => Rename::Object { old, new },
                None => return,
            },
        };
        self.remember_rename(rename);
    }

    pub(super) fn remember_rename(&mut self, rename: Rename) {
        // From one schema to another under another name takes two statements.
        if let (Some(Rename::Object { new: last, .. }), Rename::Object { old, new }) =
            (self.catalog.renames.last_mut(), &rename)
            && last == old
        {
            last.clone_from(new);
            return;
        }
        self.catalog.renames.push(rename);
    }

    /// Carries out what was told.
    pub(super) fn carry_out(&mut self, rename: &Rename) {
        let statements = rename.statements(&self.catalog);
        let text: String = statements.iter().map(|statement| format!("{};\n", statement.sql)).collect();
        let file = SourceFile::new("rename", text);
        let origin = std::mem::replace(&mut self.origin, Origin::Generated);
        let renames = std::mem::take(&mut self.catalog.renames);
        let own = std::mem::replace(&mut self.file, Arc::clone(&file));
        for statement in parser::parse(&file, self.catalog.version).unwrap_or_default() {
            self.run(&statement);
        }
        (self.origin, self.file, self.catalog.renames) = (origin, own, renames);
    }

    fn give_name(&mut self, statement: &ast::RenameStmt) -> Outcome {
        use ast::ObjectType as Kind;
        let new = &statement.newname;
        match statement.rename_type() {
            Kind::ObjectTable
            | Kind::ObjectView
            | Kind::ObjectMatview
            | Kind::ObjectSequence
            | Kind::ObjectForeignTable
            | Kind::ObjectIndex => self.rename_relation(statement),
            Kind::ObjectColumn | Kind::ObjectAttribute => self.rename_column(statement),
            Kind::ObjectTabconstraint => {
                let Some(table) = self.target(statement.relation.as_ref(), statement.missing_ok)? else {
                    return Ok(());
                };
                let with_children = statement.relation.as_ref().is_none_or(|name| name.inh);
                self.check_constraint_renamed(table, &statement.subname, with_children)?;
                self.rename_constraint(table, &statement.subname, new)
            }
            Kind::ObjectTrigger | Kind::ObjectRule | Kind::ObjectPolicy => {
                let Some(table) = self.target(statement.relation.as_ref(), statement.missing_ok)? else {
                    return Ok(());
                };
                let kind = match statement.rename_type() {
                    Kind::ObjectTrigger => AttachedKind::Trigger,
                    Kind::ObjectRule => AttachedKind::Rule,
                    _ => AttachedKind::Policy,
                };
                self.rename_attached(table, kind, &statement.subname, new)
            }
            Kind::ObjectDomconstraint => {
                let Some(object) = &statement.object else { return Err(self.malformed("without a domain")) };
                let domain = self.own_type(&node::dotted(object), -1)?.oid;
                self.note_type_change(domain);
                self.rename_attached(domain, AttachedKind::Check, &statement.subname, new)
            }
            Kind::ObjectSchema => {
                let schema = self.schema(&statement.subname, -1)?;
                if self.catalog.schema_by_name(new).is_some() {
                    return Err(self.error(SqlState::DUPLICATE_SCHEMA, format!("schema `{new}` already exists"), -1));
                }
                let old = self.catalog.schema_name(schema).unwrap_or_default().to_owned();
                self.moving(|session| {
                    session.catalog.rename_schema(schema, new.clone());
                });
                self.catalog.move_default_privileges(&old, Some(new));
                Ok(())
            }
            kind => {
                let Some(object) = &statement.object else { return Ok(()) };
                match self.address(kind, object)? {
                    Some(Address::Type(oid)) => self.rename_type(oid, new),
                    Some(Address::Relation(oid)) => self.set_relation_name(oid, new),
                    Some(Address::Routine(oid)) => {
                        self.check_routine_free(oid, None, Some(new))?;
                        self.moving(|session| {
                            session.catalog.update_routine(oid, |row| row.name.clone_from(new));
                        });
                        Ok(())
                    }
                    Some(Address::Statistics(oid)) => {
                        self.check_statistics_free(oid, None, Some(new))?;
                        self.moving(|session| {
                            if let Some(row) = session.catalog.statistics.get_mut(&oid) {
                                Arc::make_mut(row).name.clone_from(new);
                            }
                        });
                        Ok(())
                    }
                    Some(Address::EventTrigger(old)) => {
                        if let Some(row) = self.catalog.event_triggers.remove(&old) {
                            self.catalog.event_triggers.insert(new.clone(), row);
                        }
                        self.move_kept(Some(ObjectId::EventTrigger(old)), Some(ObjectId::EventTrigger(new.clone())));
                        Ok(())
                    }
                    Some(Address::Collation(oid)) => {
                        self.check_collation_free(oid, None, Some(new))?;
                        self.moving(|session| {
                            session.catalog.update_collation(oid, |row| row.name.clone_from(new));
                        });
                        Ok(())
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn rename_relation(&mut self, statement: &ast::RenameStmt) -> Outcome {
        let Some(name) = &statement.relation else { return Err(self.malformed("without a relation")) };
        if let Some(oid) = self.find_relation(name) {
            self.own(oid)?;
            return self.set_relation_name(oid, &statement.newname);
        }
        match self.find_index(name) {
            Some((table, at)) => self.rename_index(table, at, &statement.newname),
            None if statement.missing_ok => Ok(()),
            None => self.relation(name).map(|_| ()),
        }
    }

    fn set_relation_name(&mut self, oid: Oid, new: &str) -> Outcome {
        let row = self.own(oid)?;
        let (schema, row_type) = (row.schema, row.row_type);
        self.make_room_for_relation(schema, new)?;
        self.check_relation_name_free(schema, new, -1)?;
        self.make_room_for_type(schema, new, -1)?;
        self.moving(|session| {
            session.catalog.rename_relation(oid, new);
            session.set_type_name(row_type, schema, new);
        });
        self.rename_in_index_texts(oid);
        Ok(())
    }

    /// The texts of indexes name their relation.
    pub(super) fn rename_in_index_texts(&mut self, table: Oid) {
        let Some(row) = self.catalog.relation(table) else { return };
        let texts: Vec<String> = row
            .indexes
            .iter()
            .map(|index| match index.canonical.as_str() {
                "" => String::new(),
                text => self.renamed_index_text(text, table, &index.name),
            })
            .collect();
        self.catalog.update_relation(table, |row| {
            for (index, text) in row.indexes.iter_mut().zip(texts) {
                index.canonical = text;
            }
        });
    }

    fn set_type_name(&mut self, type_: Oid, schema: Oid, new: &str) {
        let Some(array) = self.catalog.type_(type_).map(|row| row.array) else { return };
        self.catalog.rename_type(type_, new);
        if array.is_valid() {
            // The old name must not be in the way of itself.
            self.catalog.rename_type(array, String::new());
            let name = self.array_type_name(schema, new);
            self.catalog.rename_type(array, name);
        }
    }

    fn rename_type(&mut self, oid: Oid, new: &str) -> Outcome {
        let Some(row) = self.catalog.types.get(&oid) else {
            let shown = self.describe(&Address::Type(oid));
            return Err(self.error(SqlState("42501"), format!("permission denied: {shown} is built in"), -1));
        };
        let (schema, relation) = (row.schema, row.relation);
        if relation.is_valid() {
            return self.set_relation_name(relation, new);
        }
        self.make_room_for_type(schema, new, -1)?;
        self.moving(|session| session.set_type_name(oid, schema, new));
        Ok(())
    }

    fn rename_index(&mut self, table: Oid, at: usize, new: &str) -> Outcome {
        let row = self.own(table)?;
        let Some(index) = row.indexes.get(at) else { return Ok(()) };
        self.check_relation_name_free(row.schema, new, -1)?;
        if let Some(constraint) = index.constraint.clone() {
            return self.rename_constraint(table, &constraint, new);
        }
        let old = index.name.clone();
        let id = self.object_id(&Address::Index(table, old.clone()));
        self.catalog.update_relation(table, |row| {
            if let Some(index) = row.indexes.get_mut(at) {
                new.clone_into(&mut index.name);
            }
        });
        self.rename_in_index_texts(table);
        self.move_attached(table, AttachedKind::Index, &old, new);
        self.move_kept(id, self.object_id(&Address::Index(table, new.to_owned())));
        Ok(())
    }

    /// Checks, and NOT NULL where it is a constraint, have one name in all tables (`rename_constraint_internal`).
    fn check_constraint_renamed(&self, table: Oid, name: &str, with_children: bool) -> Outcome {
        let known = self.constraint_named(table, name);
        let kinds = [ConstraintKind::Check, ConstraintKind::NotNull];
        let Some(known) = known.filter(|row| kinds.contains(&row.kind) && !row.no_inherit) else { return Ok(()) };
        let message = if !with_children && self.has_certain_children(table) {
            format!("inherited constraint `{name}` must be renamed in child tables too")
        } else if self.parents_with(table, known) > 0 && self.is_certain(table) {
            format!("cannot rename inherited constraint `{name}`")
        } else {
            return Ok(());
        };
        Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1))
    }

    fn rename_constraint(&mut self, table: Oid, old: &str, new: &str) -> Outcome {
        let row = self.own(table)?;
        let Some(constraint) = row.constraints.iter().find(|constraint| constraint.name == old) else {
            let message = format!("constraint `{old}` for table `{}` does not exist", row.name);
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        };
        // Its index is renamed first (`rename_constraint_internal`).
        if row.indexes.iter().any(|index| index.constraint.as_deref() == Some(old)) {
            self.check_relation_name_free(row.schema, new, -1)?;
        }
        if row.constraints.iter().any(|constraint| constraint.name == new) {
            let message = format!("constraint `{new}` for relation `{}` already exists", row.name);
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let address = Address::Constraint(table, constraint.oid);
        let constraint = constraint.clone();
        let id = self.object_id(&address);
        // Keys and foreign keys of partitions have names of their own.
        let named_alike = matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::NotNull);
        for (child, copy) in self.constraints_below(table, &constraint) {
            if named_alike && copy.name == old {
                self.rename_constraint(child, old, new)?;
            }
        }
        self.catalog.update_relation(table, |row| {
            for constraint in row.constraints.iter_mut().filter(|constraint| constraint.name == old) {
                new.clone_into(&mut constraint.name);
            }
            for index in row.indexes.iter_mut().filter(|index| index.constraint.as_deref() == Some(old)) {
                index.constraint = Some(new.to_owned());
                new.clone_into(&mut index.name);
            }
        });
        self.move_attached(table, AttachedKind::Check, old, new);
        self.move_attached(table, AttachedKind::Index, old, new);
        self.move_kept(id, self.object_id(&address));
        Ok(())
    }

    fn rename_attached(&mut self, owner: Oid, kind: AttachedKind, old: &str, new: &str) -> Outcome {
        let old_address = Address::Attached(owner, kind, old.to_owned());
        let id = self.object_id(&old_address);
        let is_there = |name: &str| {
            let mut rows = self.catalog.attached.get(&owner).into_iter().flatten();
            rows.any(|row| row.kind == kind && row.name == name)
        };
        // A trigger may get its own name again, since 15 (`renametrig_internal`); nothing else may.
        let same = old == new && kind == AttachedKind::Trigger && self.catalog.version >= ServerVersion::V15;
        // Of policies the new name is looked for first (`rename_policy`), of all else the old one.
        if is_there(new) && !same && (kind == AttachedKind::Policy || is_there(old)) {
            let taken = self.describe(&Address::Attached(owner, kind, new.to_owned()));
            return Err(self.error(SqlState::DUPLICATE_OBJECT, format!("{taken} already exists"), -1));
        }
        if !self.move_attached(owner, kind, old, new) {
            let message = format!("{} does not exist", self.describe(&old_address));
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        }
        self.move_kept(id, self.object_id(&Address::Attached(owner, kind, new.to_owned())));
        Ok(())
    }

    fn move_attached(&mut self, owner: Oid, kind: AttachedKind, old: &str, new: &str) -> bool {
        let Some(rows) = self.catalog.attached.get_mut(&owner) else { return false };
        let mut found = false;
        for row in rows.iter_mut().filter(|row| row.kind == kind && row.name == old) {
            new.clone_into(&mut Arc::make_mut(row).name);
            found = true;
        }
        found
    }

    fn rename_column(&mut self, statement: &ast::RenameStmt) -> Outcome {
        let Some(table) = self.target(statement.relation.as_ref(), statement.missing_ok)? else { return Ok(()) };
        // `renameatt_check`, `renameatt_internal`
        if self.catalog.typed_tables.contains_key(&table) {
            let message = "cannot rename column of typed table";
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1).help("rename it in the type"));
        }
        let only = statement.relation.as_ref().is_some_and(|name| !name.inh);
        let known = self.own(table)?.column(&statement.subname).is_some();
        if only && known && self.has_certain_children(table) {
            let message = format!("inherited column `{}` must be renamed in child tables too", statement.subname);
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1).help("do not write ONLY"));
        }
        if self.is_inherited(table, &statement.subname) {
            let message = format!("cannot rename inherited column `{}`", statement.subname);
            return Err(self.error(SqlState::INVALID_TABLE_DEFINITION, message, -1));
        }
        // `find_typed_table_dependencies` in tablecmds.c
        if statement.behavior() != ast::DropBehavior::DropCascade && !self.typed_tables_of(table).is_empty() {
            let name = self.relation_name(table);
            let message = format!("cannot alter type `{name}` because it is the type of a typed table");
            return Err(self
                .error(SqlState::DEPENDENT_OBJECTS, message, -1)
                .help("with `CASCADE`, the column of the table gets the new name too"));
        }
        self.rename_column_of(table, &statement.subname, &statement.newname)
    }

    fn rename_column_of(&mut self, table: Oid, old: &str, new: &str) -> Outcome {
        let number = self.column(table, old, -1)?;
        let row = self.own(table)?;
        if row.column(new).is_some() {
            let message = format!("column `{new}` of relation `{}` already exists", row.name);
            return Err(self.error(SqlState::DUPLICATE_COLUMN, message, -1));
        }
        let id = self.object_id(&Address::Relation(table));
        self.note_composite_change(table);
        self.moving(|session| session.update_column(table, number, |column| new.clone_into(&mut column.name)));
        if let Some(id) = id {
            self.catalog.change_attachments(|said| said.rename_column(&id, old, new));
        }
        self.catalog.update_relation(table, |row| {
            if row.view.is_some() {
                // The query stays as it is: only the list of names before it tells the new one.
                let names: Vec<String> = row.live_columns().map(|(_, column)| column.name.clone()).collect();
                if let Some(view) = &mut row.view {
                    let mut analysis = (*view.analysis).clone();
                    for (output, name) in analysis.columns.iter_mut().zip(&names) {
                        output.name.clone_from(name);
                    }
                    view.analysis = Arc::new(analysis);
                    view.column_aliases = names;
                }
            }
        });
        for child in self.children(table).into_iter().chain(self.typed_tables_of(table)) {
            if self.catalog.relation(child).is_some_and(|row| row.column(old).is_some()) {
                self.rename_column_of(child, old, new)?;
            }
        }
        Ok(())
    }

    pub(super) fn alter_owner(&mut self, statement: &ast::AlterOwnerStmt) -> Outcome {
        let Some(owner) = &statement.newowner else { return Ok(()) };
        let address = match (&statement.relation, &statement.object) {
            (Some(name), _) => Some(Address::Relation(self.relation(name)?)),
            (None, Some(object)) => self.address(statement.object_type(), object)?,
            (None, None) => None,
        };
        if let Some(address) = address {
            self.set_owner(&address, owner);
        }
        Ok(())
    }

    pub(super) fn set_owner(&mut self, address: &Address, owner: &ast::RoleSpec) {
        let Some(id) = self.object_id(address) else { return };
        // Whoever runs the migrations owns what they make.
        let owner = node::role(owner).filter(|role| *role != CURRENT_ROLE);
        self.catalog.say(self.origin, |said| said.own(&id, owner));
    }

    /// Changes names, and takes along what is kept under the old ones.
    pub(super) fn moving(&mut self, change: impl FnOnce(&mut Self)) {
        if self.catalog.attachments.is_empty() && self.catalog.said_by_hand.is_empty() {
            return change(self);
        }
        let before: Vec<(ObjectId, Address)> =
            self.all_addresses().into_iter().filter_map(|address| Some((self.object_id(&address)?, address))).collect();
        change(self);
        let mut moved: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
        for (old, address) in before {
            if let Some(new) = object_id(&self.catalog, &address).filter(|new| *new != old) {
                moved.insert(old, new);
            }
        }
        let to = |id: ObjectId| moved.get(&id).cloned().unwrap_or(id);
        self.catalog.change_attachments(|said| said.rename(to));
    }

    /// Moves what is kept about one object to its new name.
    fn move_kept(&mut self, old: Option<ObjectId>, new: Option<ObjectId>) {
        let (Some(old), Some(new)) = (old, new) else { return };
        let to = |id: ObjectId| if id == old { new.clone() } else { id };
        self.catalog.change_attachments(|said| said.rename(to));
    }

    /// Everything that something may be kept about.
    fn all_addresses(&self) -> Vec<Address> {
        let catalog = &self.catalog;
        let mut all: Vec<Address> = catalog.schemas.keys().map(|oid| Address::Schema(*oid)).collect();
        for row in catalog.relations.values() {
            all.push(Address::Relation(row.oid));
            all.extend(row.live_columns().map(|(number, _)| Address::Column(row.oid, number)));
            all.extend(row.constraints.iter().map(|constraint| Address::Constraint(row.oid, constraint.oid)));
            all.extend(row.indexes.iter().map(|index| Address::Index(row.oid, index.name.clone())));
        }
        for (owner, rows) in &catalog.attached {
            all.extend(rows.iter().map(|row| Address::Attached(*owner, row.kind, row.name.clone())));
        }
        let types = catalog.types.values().filter(|row| !row.relation.is_valid());
        all.extend(types.map(|row| Address::Type(row.oid)));
        all.extend(catalog.routines.keys().map(|oid| Address::Routine(*oid)));
        all.extend(catalog.statistics.keys().map(|oid| Address::Statistics(*oid)));
        all.extend(catalog.collations.keys().map(|oid| Address::Collation(*oid)));
        all
    }
}
