//! `GRANT`, `REVOKE`, `ALTER DEFAULT PRIVILEGES`, and the default privileges of new objects.

use super::address::{Address, object_id};
use super::column::SYSTEM_COLUMNS;
use super::declare::Unchanged;
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{
    AllDefaultPrivileges, ByDefault, DefaultPrivilegeTarget, Grantee, ObjectId, Origin, Privilege, RelationKind,
    RoutineKind, ServerVersion, Taken,
};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};

/// What `ALL` stands for (`ACL_ALL_RIGHTS_…` in acl.h).
fn all_privileges(kind: ast::ObjectType, major: u32) -> &'static [&'static str] {
    use ast::ObjectType as Kind;
    match kind {
        Kind::ObjectTable if major >= 17 => {
            &["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"]
        }
        Kind::ObjectTable => &["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
        Kind::ObjectColumn => &["INSERT", "SELECT", "UPDATE", "REFERENCES"],
        Kind::ObjectSequence => &["USAGE", "SELECT", "UPDATE"],
        Kind::ObjectSchema => &["USAGE", "CREATE"],
        Kind::ObjectFunction | Kind::ObjectProcedure | Kind::ObjectRoutine => &["EXECUTE"],
        Kind::ObjectType | Kind::ObjectDomain => &["USAGE"],
        Kind::ObjectLargeobject => &["SELECT", "UPDATE"],
        _ => &[],
    }
}

impl Session<'_> {
    pub(super) fn grant(&mut self, statement: &ast::GrantStmt) -> Outcome {
        if statement.targtype() == ast::GrantTargetType::AclTargetAllInSchema {
            return self.grant_in_schemas(statement);
        }
        for object in &statement.objects {
            let kind = statement.objtype();
            let address = match (&object.node, kind) {
                (Some(NodeEnum::RangeVar(name)), _) => Some(Address::Relation(self.relation(name)?)),
                (Some(_), ast::ObjectType::ObjectTable | ast::ObjectType::ObjectSequence) => None,
                (Some(_), _) => self.address(kind, object)?,
                (None, _) => None,
            };
            // Databases, languages, parameters and the like shape nothing here.
            let Some(address) = address else { continue };
            self.grant_on(statement, &address)?;
        }
        Ok(())
    }

    fn grant_in_schemas(&mut self, statement: &ast::GrantStmt) -> Outcome {
        use ast::ObjectType as Kind;
        for schema in node::strings(&statement.objects) {
            let schema = self.schema(schema, -1)?;
            let relations = self.catalog.relations.values().filter(|relation| relation.schema == schema);
            let addresses: Vec<Address> = match statement.objtype() {
                Kind::ObjectTable => relations
                    .filter(|row| !matches!(row.kind, RelationKind::Sequence | RelationKind::CompositeType))
                    .map(|row| Address::Relation(row.oid))
                    .collect(),
                Kind::ObjectSequence => relations
                    .filter(|row| row.kind == RelationKind::Sequence)
                    .map(|row| Address::Relation(row.oid))
                    .collect(),
                kind => {
                    let routines = self.catalog.routines.values().filter(|routine| routine.schema == schema);
                    routines
                        .filter(|routine| match kind {
                            Kind::ObjectProcedure => routine.kind == RoutineKind::Procedure,
                            Kind::ObjectFunction => routine.kind != RoutineKind::Procedure,
                            _ => true,
                        })
                        .map(|routine| Address::Routine(routine.oid))
                        .collect()
                }
            };
            for address in addresses {
                self.grant_on(statement, &address)?;
            }
        }
        Ok(())
    }

    fn grant_on(&mut self, statement: &ast::GrantStmt, address: &Address) -> Outcome {
        let Some(id) = self.object_id(address) else { return Ok(()) };
        let kind = self.privilege_kind(address, statement.objtype());
        let names = self.privilege_names(statement, kind, address)?;
        let grantees = grantees(&statement.grantees);
        for (privilege, column) in names {
            for grantee in &grantees {
                let held = Privilege { grantee: grantee.clone(), privilege: privilege.clone(), column: column.clone() };
                if statement.is_grant {
                    self.give(&id, &held, statement.grant_option);
                } else {
                    self.take(&id, &held, if statement.grant_option { Taken::GrantOption } else { Taken::Privilege });
                }
            }
        }
        Ok(())
    }

    fn privilege_kind(&self, address: &Address, written: ast::ObjectType) -> ast::ObjectType {
        match address {
            Address::Relation(oid) => match self.catalog.relation(*oid).map(|relation| relation.kind) {
                Some(RelationKind::Sequence) => ast::ObjectType::ObjectSequence,
                _ => ast::ObjectType::ObjectTable,
            },
            _ => written,
        }
    }

    /// The privileges of a statement with their columns, `ALL` spelled out.
    fn privilege_names(
        &self,
        statement: &ast::GrantStmt,
        kind: ast::ObjectType,
        address: &Address,
    ) -> Outcome<Vec<(String, Option<String>)>> {
        let major = self.catalog.version.major();
        let all = |kind| all_privileges(kind, major).iter().map(|name| ((*name).to_owned(), None)).collect();
        if statement.privileges.is_empty() {
            return Ok(all(kind));
        }
        let mut names = Vec::new();
        for node in &statement.privileges {
            let Some(NodeEnum::AccessPriv(privilege)) = &node.node else { continue };
            let name = privilege.priv_name.to_ascii_uppercase();
            let columns = node::strings(&privilege.cols);
            for column in &columns {
                if let Address::Relation(relation) = address
                    && !SYSTEM_COLUMNS.contains(column)
                {
                    self.column(*relation, column, -1)?;
                }
            }
            let spelled: Vec<String> = if name.is_empty() {
                all_privileges(ast::ObjectType::ObjectColumn, major).iter().map(|name| (*name).to_owned()).collect()
            } else {
                // Privileges of tables may be given on sequences by `GRANT … ON TABLE`.
                let known = [kind, ast::ObjectType::ObjectTable].map(|kind| all_privileges(kind, 18));
                if !known.iter().any(|names| names.contains(&name.as_str())) {
                    let shown = self.describe(address);
                    let message = format!("invalid privilege type `{name}` for {shown}");
                    return Err(self.error(SqlState("0LP01"), message, -1));
                }
                vec![name]
            };
            for name in spelled {
                if columns.is_empty() {
                    names.push((name, None));
                } else {
                    names.extend(columns.iter().map(|column| (name.clone(), Some((*column).to_owned()))));
                }
            }
        }
        Ok(names)
    }

    pub(super) fn give(&mut self, id: &ObjectId, held: &Privilege, with_grant_option: bool) {
        let default = self.default_of(id, held);
        let by_hand = self.origin == Origin::HandWritten;
        self.catalog.say(self.origin, |said| {
            if said.give(id, held, with_grant_option, default) && by_hand {
                let given = said.given_by_hand.entry(id.clone()).or_default().entry(held.clone()).or_default();
                *given |= with_grant_option;
            }
        });
    }

    fn take(&mut self, id: &ObjectId, held: &Privilege, taken: Taken) {
        let owner = match (&held.grantee, self.catalog.attachments.owners.get(id)) {
            (Grantee::Role(role), Some(owner)) => role == owner,
            (Grantee::Role(role), None) => role == CURRENT_ROLE,
            (Grantee::Public, _) => false,
        };
        let default = if owner { ByDefault::Held } else { self.default_of(id, held) };
        self.catalog.say(self.origin, |said| {
            if let Some(by_hand) = said.given_by_hand.get_mut(id) {
                by_hand.remove(held);
            }
            said.take(id, held, taken, default);
        });
    }

    /// Whether somebody beside the owner holds a privilege from the start (`acldefault`, and what initdb gives on the
    /// schema `public`).
    fn default_of(&self, id: &ObjectId, held: &Privilege) -> ByDefault {
        let by_default = match id {
            ObjectId::Function(..) | ObjectId::Procedure(..) | ObjectId::Aggregate(..) | ObjectId::Type(_) => true,
            ObjectId::Schema(name) if name == "public" => {
                held.privilege == "USAGE" || self.catalog.version < ServerVersion::V15
            }
            _ => false,
        };
        let held = by_default && held.column.is_none() && held.grantee == Grantee::Public;
        if held { ByDefault::Held } else { ByDefault::NotHeld }
    }

    pub(super) fn alter_default_privileges(&mut self, statement: &ast::AlterDefaultPrivilegesStmt) -> Outcome {
        let Some(action) = &statement.action else { return Err(self.malformed("without an action")) };
        let (roles, schemas) = roles_and_schemas(statement);
        let kind = action.objtype();
        let objects = match new_objects(kind) {
            Some("LARGE OBJECTS") if self.catalog.version < ServerVersion::V18 => None,
            objects => objects,
        };
        let Some(objects) = objects else {
            let message =
                format!("PostgreSQL {} has no default privileges of this kind of object", self.catalog.version.major());
            return Err(self.error(SqlState::SYNTAX_ERROR, message, -1));
        };
        // They are in no schema (SetDefaultACL in aclchk.c).
        if matches!(objects, "SCHEMAS" | "LARGE OBJECTS") && schemas.iter().any(Option::is_some) {
            let message = format!("cannot use IN SCHEMA clause when using GRANT/REVOKE ON {objects}");
            return Err(self.error(SqlState("0LP01"), message, -1));
        }
        for schema in schemas.iter().flatten() {
            self.schema(schema, -1)?;
        }
        let names = self.privilege_names(action, kind, &Address::Extension(String::new()))?;
        for (role, schema) in roles.iter().flat_map(|role| schemas.iter().map(move |schema| (role, schema))) {
            let target =
                DefaultPrivilegeTarget { role: role.clone(), schema: schema.clone(), objects: objects.to_owned() };
            let held = |grantee: &Grantee, privilege: &str| {
                let privilege = privilege.to_owned();
                Privilege { grantee: grantee.clone(), privilege, column: None }
            };
            let change = |said: &mut AllDefaultPrivileges| {
                let row = said.entry(target.clone()).or_default();
                for (grantee, (privilege, _)) in
                    grantees(&action.grantees).iter().flat_map(|grantee| names.iter().map(move |name| (grantee, name)))
                {
                    let held = held(grantee, privilege);
                    match (action.is_grant, action.grant_option) {
                        (true, option) => row.give(&target, held, option),
                        (false, false) => row.take(&target, held),
                        (false, true) => {
                            row.given.entry(held).and_modify(|option| *option = false);
                        }
                    }
                }
                said.retain(|_, row| !row.is_empty());
            };
            change(&mut self.catalog.default_privileges);
            if self.origin == Origin::HandWritten {
                change(&mut self.catalog.default_privileges_by_hand);
            }
        }
        Ok(())
    }

    /// Gives a new object what `ALTER DEFAULT PRIVILEGES` says. One of the migrated state, which its definition makes
    /// again, has what it was given when it was made.
    pub(super) fn apply_default_privileges(&mut self, address: &Address) {
        let oid = match address {
            Address::Relation(oid) | Address::Routine(oid) | Address::Type(oid) | Address::Schema(oid) => *oid,
            _ => return,
        };
        let Some(id) = self.object_id(address) else { return };
        let made = match self.unchanged.as_ref().map(Unchanged::migrated) {
            // The signature of a routine may have another name by now, since a type of it moved.
            Some(migrated) if oid.0 < migrated.next_oid => {
                let before = object_id(migrated, address);
                before.and_then(|id| migrated.given_when_made(&id)).cloned().unwrap_or_default()
            }
            _ => self.catalog.given_to_new(&id),
        };
        if made.is_empty() {
            return;
        }
        for held in &made.revoked {
            self.take(&id, held, Taken::Privilege);
        }
        for (held, option) in &made.given {
            self.give(&id, held, *option);
        }
        self.catalog.say(self.origin, |said| {
            said.given_when_made.insert(id.clone(), made.clone());
        });
    }
}

/// Who makes the objects, and where; `None` for whoever runs the migrations, and for everywhere.
fn roles_and_schemas(statement: &ast::AlterDefaultPrivilegesStmt) -> (Vec<Option<String>>, Vec<Option<String>>) {
    let (mut roles, mut schemas) = (Vec::new(), Vec::new());
    for option in node::options(&statement.options) {
        let Some(NodeEnum::List(list)) = option.arg.as_ref().and_then(|arg| arg.node.as_ref()) else { continue };
        match option.defname.as_str() {
            "roles" => roles.extend(list.items.iter().filter_map(|item| match &item.node {
                Some(NodeEnum::RoleSpec(role)) => {
                    Some(node::role(role).filter(|role| *role != CURRENT_ROLE).map(str::to_owned))
                }
                _ => None,
            })),
            _ => schemas.extend(node::strings(&list.items).into_iter().map(|name| Some(name.to_owned()))),
        }
    }
    if roles.is_empty() {
        roles.push(None);
    }
    if schemas.is_empty() {
        schemas.push(None);
    }
    (roles, schemas)
}

/// The word for objects that there are default privileges of.
fn new_objects(kind: ast::ObjectType) -> Option<&'static str> {
    Some(match kind {
        ast::ObjectType::ObjectTable => "TABLES",
        ast::ObjectType::ObjectSequence => "SEQUENCES",
        ast::ObjectType::ObjectFunction => "FUNCTIONS",
        ast::ObjectType::ObjectType => "TYPES",
        ast::ObjectType::ObjectSchema => "SCHEMAS",
        ast::ObjectType::ObjectLargeobject => "LARGE OBJECTS",
        _ => return None,
    })
}

/// What `ALTER DEFAULT PRIVILEGES` speaks of.
pub(crate) fn default_privilege_targets(statement: &ast::AlterDefaultPrivilegesStmt) -> Vec<DefaultPrivilegeTarget> {
    let objects = statement.action.as_ref().and_then(|action| new_objects(action.objtype()));
    let (roles, schemas) = roles_and_schemas(statement);
    let places = roles.iter().flat_map(|role| schemas.iter().map(move |schema| (role.clone(), schema.clone())));
    let target = |objects: &str, (role, schema)| DefaultPrivilegeTarget { role, schema, objects: objects.to_owned() };
    objects.map(|objects| places.map(|place| target(objects, place)).collect()).unwrap_or_default()
}

/// How the role that runs the migrations is written where its name is not known.
pub(super) const CURRENT_ROLE: &str = "CURRENT_USER";

/// Who is given to or taken from.
pub(crate) fn grantees(nodes: &[ast::Node]) -> Vec<Grantee> {
    nodes
        .iter()
        .filter_map(|item| match &item.node {
            Some(NodeEnum::RoleSpec(role)) => Some(match role.roletype() {
                ast::RoleSpecType::RolespecPublic => Grantee::Public,
                ast::RoleSpecType::RolespecCstring => Grantee::Role(role.rolename.clone()),
                _ => Grantee::Role(CURRENT_ROLE.to_owned()),
            }),
            _ => None,
        })
        .collect()
}
