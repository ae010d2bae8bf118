//! `CREATE OPERATOR CLASS`, `CREATE OPERATOR FAMILY`, `ALTER OPERATOR FAMILY` and their DROP (opclasscmds.c), of btree and hash:
//! by them values of a project's own types are sorted, grouped and compared. Those of other access methods only serve
//! indexes.

use std::sync::Arc;

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{FIRST_USER_OID, FamilyMember, NamedClass, NamedFamily, Oid, OperatorClass, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// `OPCLASS_ITEM_OPERATOR` in parsenodes.h: the rest are support functions and the stored type.
const OPERATOR: i32 = 1;

/// What a statement names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class,
    Family,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Family => "family",
        }
    }
}

impl Session<'_> {
    /// `DefineOpClass`
    pub(super) fn create_operator_class(&mut self, statement: &ast::CreateOpClassStmt) -> Outcome {
        let Some(method) = method(&statement.amname) else { return Ok(()) };
        let parts = node::strings(&statement.opclassname);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        let Some(input) = &statement.datatype else { return Err(self.malformed("without a type")) };
        let input = self.type_named(input)?.0;
        let rows = &self.catalog.extension_rows;
        let same = |row: &&NamedClass| (row.method, row.schema, row.name.as_str()) == (method, schema, name);
        if rows.named_classes.iter().any(|row| same(&row)) {
            return Err(self.already(Kind::Class, &statement.amname, name));
        }
        if statement.is_default && self.catalog.default_operator_class(method, input).is_some() {
            let shown = super::names::type_text(&self.catalog, input);
            let message = format!("could not make operator class `{name}` be default for type `{shown}`");
            return Err(self
                .error(SqlState::DUPLICATE_OBJECT, message, -1)
                .note(format!("type `{shown}` has a default operator class of `{}` already", statement.amname)));
        }
        let family = match statement.opfamilyname.as_slice() {
            [] => match self.family_in(method, schema, name) {
                Some(found) => found,
                None => self.put_family(method, schema, name),
            },
            written => match self.family(method, &node::strings(written)) {
                Some(found) => found,
                None => {
                    let name = node::strings(written).join(".");
                    self.unmodelled(
                        format!("`CREATE OPERATOR CLASS` in the family `{name}`"),
                        "which family it is, is not known here: those of PostgreSQL and of extensions are kept without names",
                    );
                    return Ok(());
                }
            },
        };
        let members = self.family_items(method, family, &statement.items, input)?;
        let class =
            OperatorClass { oid: self.catalog.allocate(), method, family, input, default: statement.is_default };
        let named = NamedClass { method, schema, name: name.to_owned(), class: class.oid, members: members.clone() };
        let rows = Arc::make_mut(&mut self.catalog.extension_rows);
        rows.operator_classes.push(class);
        rows.family_members.extend(members);
        rows.named_classes.push(named);
        Ok(())
    }

    /// `DefineOpFamily`
    pub(super) fn create_operator_family(&mut self, statement: &ast::CreateOpFamilyStmt) -> Outcome {
        let Some(method) = method(&statement.amname) else { return Ok(()) };
        let parts = node::strings(&statement.opfamilyname);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        if self.family_in(method, schema, name).is_some() {
            return Err(self.already(Kind::Family, &statement.amname, name));
        }
        self.put_family(method, schema, name);
        Ok(())
    }

    /// `AlterOpFamily`
    pub(super) fn alter_operator_family(&mut self, statement: &ast::AlterOpFamilyStmt) -> Outcome {
        let Some(method) = method(&statement.amname) else { return Ok(()) };
        let parts = node::strings(&statement.opfamilyname);
        let Some(family) = self.family(method, &parts) else {
            self.unmodelled(
                format!("`ALTER OPERATOR FAMILY {}`", parts.join(".")),
                "which family it is, is not known here: those of PostgreSQL and of extensions are kept without names",
            );
            return Ok(());
        };
        if statement.is_drop {
            for item in operators(&statement.items) {
                let types: Vec<Oid> = item
                    .class_args
                    .iter()
                    .filter_map(|argument| match &argument.node {
                        Some(NodeEnum::TypeName(name)) => Some(self.type_named(name).map(|(oid, _)| oid)),
                        _ => None,
                    })
                    .collect::<Outcome<_>>()?;
                let (Some(left), Some(right)) = (types.first(), types.last()) else { continue };
                let strategy = u16::try_from(item.number).unwrap_or(0);
                let rows = Arc::make_mut(&mut self.catalog.extension_rows);
                rows.family_members.retain(|member| {
                    (member.family, member.left, member.right, member.strategy) != (family, *left, *right, strategy)
                });
            }
            return Ok(());
        }
        let members = self.family_items(method, family, &statement.items, Oid::INVALID)?;
        Arc::make_mut(&mut self.catalog.extension_rows).family_members.extend(members);
        Ok(())
    }

    /// `DROP OPERATOR CLASS` and `DROP OPERATOR FAMILY`; those of other access methods, of PostgreSQL and of extensions are
    /// not looked for.
    pub(super) fn drop_operator_class_or_family(&mut self, statement: &ast::DropStmt) -> Outcome {
        let kind = match statement.remove_type() {
            ast::ObjectType::ObjectOpclass => Kind::Class,
            _ => Kind::Family,
        };
        for object in &statement.objects {
            let Some(NodeEnum::List(list)) = &object.node else { return Err(self.malformed("without a name")) };
            let parts = node::strings(&list.items);
            let Some((access, parts)) = parts.split_first() else { return Err(self.malformed("without a name")) };
            let Some(method) = method(access) else { continue };
            match kind {
                Kind::Class => {
                    let schemas = self.schemas_of(parts);
                    let name = parts.last().copied().unwrap_or_default();
                    let named = &self.catalog.extension_rows.named_classes;
                    let found = schemas.iter().find_map(|schema| {
                        named.iter().position(|row| (row.method, row.schema, &*row.name) == (method, *schema, name))
                    });
                    if let Some(found) = found {
                        let rows = Arc::make_mut(&mut self.catalog.extension_rows);
                        let gone = rows.named_classes.remove(found);
                        rows.operator_classes.retain(|class| class.oid != gone.class);
                        rows.family_members.retain(|member| !gone.members.contains(member));
                        continue;
                    }
                }
                Kind::Family => {
                    if let Some(family) = self.family(method, parts) {
                        let rows = Arc::make_mut(&mut self.catalog.extension_rows);
                        let in_it = |class: Oid| {
                            rows.operator_classes.iter().any(|row| row.oid == class && row.family == family)
                        };
                        let gone: Vec<Oid> =
                            rows.named_classes.iter().map(|row| row.class).filter(|class| in_it(*class)).collect();
                        rows.named_classes.retain(|row| !gone.contains(&row.class));
                        rows.operator_classes.retain(|class| class.family != family);
                        rows.family_members.retain(|member| member.family != family);
                        rows.named_families.retain(|row| row.family != family);
                        continue;
                    }
                }
            }
            let is_own = parts.len() == 1 || self.schemas_of(parts).iter().any(|schema| schema.0 >= FIRST_USER_OID);
            if is_own && !statement.missing_ok {
                let word = kind.word();
                let name = parts.join(".");
                let message = format!("operator {word} `{name}` does not exist for access method `{access}`");
                return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
            }
        }
        Ok(())
    }

    fn already(&self, kind: Kind, access: &str, name: &str) -> crate::diagnostic::Diagnostic {
        let message = format!("operator {} `{name}` for access method `{access}` already exists", kind.word());
        self.error(SqlState::DUPLICATE_OBJECT, message, -1)
    }

    fn schemas_of(&self, parts: &[&str]) -> Vec<Oid> {
        match node::schema_and_name(parts).0 {
            "" => self.visible_schemas(),
            schema => self.catalog.schema_by_name(schema).into_iter().collect(),
        }
    }

    fn family_in(&self, method: Oid, schema: Oid, name: &str) -> Option<Oid> {
        let mut rows = self.catalog.extension_rows.named_families.iter();
        rows.find(|row| (row.method, row.schema, &*row.name) == (method, schema, name)).map(|row| row.family)
    }

    fn family(&self, method: Oid, parts: &[&str]) -> Option<Oid> {
        let name = parts.last()?;
        self.schemas_of(parts).into_iter().find_map(|schema| self.family_in(method, schema, name))
    }

    fn put_family(&mut self, method: Oid, schema: Oid, name: &str) -> Oid {
        let family = self.catalog.allocate();
        let row = NamedFamily { method, schema, name: name.to_owned(), family };
        Arc::make_mut(&mut self.catalog.extension_rows).named_families.push(row);
        family
    }

    /// The operators that the items of a statement put into a family; without types those of the class's type.
    fn family_items(&self, method: Oid, family: Oid, items: &[ast::Node], input: Oid) -> Outcome<Vec<FamilyMember>> {
        let mut members = Vec::new();
        for item in operators(items) {
            let Some(name) = &item.name else { return Err(self.malformed("without an operator")) };
            let operator = if name.objargs.is_empty() {
                self.operator_of(&node::strings(&name.objname), input, input)?
            } else {
                self.operator(name)?
            };
            let Some(row) = self.catalog.operator(operator) else { continue };
            let strategy = u16::try_from(item.number).unwrap_or(0);
            let known = if method == oids::BTREE { 5 } else { 1 };
            if !(1..=known).contains(&strategy) {
                let message = format!("invalid operator number {strategy}, must be between 1 and {known}");
                return Err(self.error(SqlState::INVALID_OBJECT_DEFINITION, message, -1));
            }
            members.push(FamilyMember { family, left: row.left, right: row.right, strategy, operator, method });
        }
        Ok(members)
    }
}

/// The access methods whose classes the state keeps.
fn method(name: &str) -> Option<Oid> {
    match name {
        "btree" => Some(oids::BTREE),
        "hash" => Some(oids::HASH),
        _ => None,
    }
}

fn operators(items: &[ast::Node]) -> impl Iterator<Item = &ast::CreateOpClassItem> {
    items.iter().filter_map(|item| match &item.node {
        Some(NodeEnum::CreateOpClassItem(item)) if item.itemtype == OPERATOR => Some(item),
        _ => None,
    })
}
