//! The way back over statements that a person wrote, as far as it can be known: what undoes each without changing a value
//! that was there before, and what of the values written since would go.

mod constraint;
mod kept_values;
mod names;
mod rows;
mod table;

use std::collections::BTreeSet;

pub(crate) use self::constraint::addition as constraint_addition;
use self::table::Table;
use crate::catalog::{Catalog, Grantee, Index, ObjectId, Oid, Relation, RelationKind};
use crate::name::QualifiedName;
use crate::object;
use crate::parser::{NodeEnum, ast};
use crate::replay::address::relation_name;

/// Statements that undo others, and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct WayBack {
    /// SQL, without semicolons.
    pub(crate) statements: Vec<String>,
    /// What is lost, for messages.
    pub(crate) losses: Vec<String>,
    /// Values that stay in enums, since PostgreSQL takes none away.
    pub(crate) leaves: Vec<(ObjectId, String)>,
    /// Whether names stand in them as a person wrote them: they are looked up along the search path.
    pub(crate) looks_names_up: bool,
}

/// Why nothing undoes a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoWayBack {
    /// The text does not tell.
    NotKnown(String),
    /// Values that were there are gone.
    DataGone(String),
}

impl NoWayBack {
    /// In words.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::NotKnown(reason) | Self::DataGone(reason) => reason,
        }
    }

    pub(super) fn at_line(self, line: usize) -> Self {
        match self {
            Self::NotKnown(reason) => Self::NotKnown(format!("line {line}: {reason}")),
            Self::DataGone(reason) => Self::DataGone(format!("line {line}: {reason}")),
        }
    }
}

impl From<&str> for NoWayBack {
    fn from(reason: &str) -> Self {
        Self::NotKnown(reason.to_owned())
    }
}

impl WayBack {
    fn without_loss(sql: String) -> Self {
        Self { statements: vec![sql], ..Self::default() }
    }

    fn with_loss(sql: String, loss: String) -> Self {
        Self { statements: vec![sql], losses: vec![loss], ..Self::default() }
    }

    /// With names as a person wrote them.
    fn as_written(sql: String) -> Self {
        Self { statements: vec![sql], looks_names_up: true, ..Self::default() }
    }

    /// What undoes more, after what undoes this.
    pub(super) fn and(&mut self, other: Self) {
        self.statements.extend(other.statements);
        self.losses.extend(other.losses);
        self.leaves.extend(other.leaves);
        self.looks_names_up |= other.looks_names_up;
    }
}

/// What undoes a statement that led from one state to the next, or why nothing does. `target` is the relation that it names,
/// `first` the state before its migration.
pub(super) fn inverse(
    first: &Catalog,
    was: &Catalog,
    now: &Catalog,
    target: Option<Oid>,
    node: &NodeEnum,
) -> Result<WayBack, NoWayBack> {
    if target.is_some_and(|table| rows::fills_what_is_new(first, was, table, node)) {
        // It goes with what was made.
        return Ok(WayBack::default());
    }
    if let Some(back) = target.and_then(|table| rows::left_behind(was, table, node)) {
        return Ok(back);
    }
    let mut back = of_objects(was, now, target, node)?;
    if says_attachments(node) {
        if let Some(id) = given_to_its_own_privileges(was, now) {
            // The owner's privileges and its own become one (aclnewowner in acl.c).
            return Err(NoWayBack::NotKnown(format!(
                "the new owner of {id} had privileges on it, which are the owner's now"
            )));
        }
        let statements = object::all_differences(now, was);
        back.statements.extend(statements.into_iter().map(|statement| statement.sql));
    }
    Ok(back)
}

/// An object whose new owner held privileges on it.
fn given_to_its_own_privileges<'c>(was: &'c Catalog, now: &'c Catalog) -> Option<&'c ObjectId> {
    let mut new = now.attachments.owners.iter().filter(|(id, owner)| was.attachments.owners.get(*id) != Some(*owner));
    let holds = |id: &ObjectId, owner: &String| {
        let held = was.attachments.privileges.get(id).into_iter().flat_map(|held| held.keys());
        held.into_iter().any(|held| held.grantee == Grantee::Role(owner.clone()))
    };
    new.find(|(id, owner)| holds(id, owner)).map(|(id, _)| id)
}

/// Whether a statement changes or takes away comments, privileges or owners of objects that keep their names.
fn says_attachments(node: &NodeEnum) -> bool {
    use ast::AlterTableType as Kind;
    // What hangs on a column goes with it.
    let says = |command: &ast::Node| {
        matches!(&command.node, Some(NodeEnum::AlterTableCmd(command))
            if matches!(command.subtype(), Kind::AtChangeOwner | Kind::AtDropColumn))
    };
    match node {
        NodeEnum::AlterTableStmt(statement) => statement.cmds.iter().any(says),
        NodeEnum::CommentStmt(_) | NodeEnum::GrantStmt(_) | NodeEnum::AlterOwnerStmt(_) | NodeEnum::DropStmt(_) => true,
        _ => false,
    }
}

fn of_objects(was: &Catalog, now: &Catalog, target: Option<Oid>, node: &NodeEnum) -> Result<WayBack, NoWayBack> {
    match node {
        NodeEnum::VariableSetStmt(_) => Ok(WayBack::default()),
        NodeEnum::AlterTableStmt(statement) if statement.objtype() == ast::ObjectType::ObjectTable => {
            let states = target.and_then(|oid| Table::of(was, now, oid)).ok_or("its table is not known")?;
            let mut back = WayBack::default();
            for command in statement.cmds.iter().rev() {
                let Some(NodeEnum::AlterTableCmd(command)) = &command.node else { continue };
                back.and(states.command(command)?);
            }
            Ok(back)
        }
        NodeEnum::RenameStmt(statement) => names::renamed(was, now, target, statement),
        NodeEnum::AlterObjectSchemaStmt(_) => names::moved(was, now, target),
        NodeEnum::AlterEnumStmt(statement) => names::value(was, now, statement),
        NodeEnum::CreateStmt(_) => made_table(was, now),
        NodeEnum::CreateTableAsStmt(statement) if statement.objtype() == ast::ObjectType::ObjectTable => {
            made_table(was, now)
        }
        NodeEnum::IndexStmt(_) => {
            let new = indexes(now).find(|(table, index)| !has_index(was, table, &index.name));
            let (table, index) = new.ok_or("it made no index")?;
            let schema = relation_name(now, table.oid).ok_or("its table is not known")?.schema;
            Ok(WayBack::without_loss(format!("DROP INDEX {}", QualifiedName::new(schema, &index.name))))
        }
        NodeEnum::DropStmt(statement) => dropped(was, now, statement),
        NodeEnum::CommentStmt(_) | NodeEnum::GrantStmt(_) | NodeEnum::AlterOwnerStmt(_) => Ok(WayBack::default()),
        _ => created(was, now),
    }
}

/// What takes away the table that a statement made.
fn made_table(was: &Catalog, now: &Catalog) -> Result<WayBack, NoWayBack> {
    let new = now.relations.values().find(|row| !was.relations.contains_key(&row.oid) && has_rows(row));
    let name = new.and_then(|row| relation_name(now, row.oid)).ok_or("it made no table")?;
    Ok(WayBack::with_loss(format!("DROP TABLE {name}"), format!("all rows of `{name}`")))
}

/// What takes away the one object that a statement made.
fn created(was: &Catalog, now: &Catalog) -> Result<WayBack, NoWayBack> {
    let mut statements: Vec<String> = Vec::new();
    for id in objects(now).difference(&objects(was)) {
        let drops = object::kind_of(id).into_iter().flat_map(|kind| kind.drop(now, id));
        statements.extend(drops.map(|statement| statement.sql));
    }
    match statements.len() {
        1 => Ok(WayBack { statements, ..WayBack::default() }),
        _ => Err("what it changes cannot be taken back from its text".into()),
    }
}

/// What makes again what a statement dropped.
fn dropped(was: &Catalog, now: &Catalog, statement: &ast::DropStmt) -> Result<WayBack, NoWayBack> {
    if statement.behavior() == ast::DropBehavior::DropCascade {
        return Err("what goes with `CASCADE` is not named".into());
    }
    let mut statements = Vec::new();
    for (table, index) in indexes(was).filter(|(table, index)| !has_index(now, table, &index.name)) {
        if now.relations.contains_key(&table.oid) {
            statements.push(index.canonical.clone());
        }
    }
    for row in was.relations.values().filter(|row| !now.relations.contains_key(&row.oid)) {
        let name = relation_name(was, row.oid).map(|name| name.to_string()).unwrap_or_default();
        match row.kind {
            RelationKind::View | RelationKind::MaterializedView | RelationKind::CompositeType => {}
            RelationKind::Sequence => {
                return Err(NoWayBack::DataGone(format!("the number that `{name}` had reached is gone")));
            }
            _ => return Err(NoWayBack::DataGone(format!("the rows that `{name}` had are gone"))),
        }
    }
    let gone = &objects(was) - &objects(now);
    for id in &gone {
        let makes = object::kind_of(id).into_iter().flat_map(|kind| kind.create(was, id));
        statements.extend(makes.map(|statement| statement.sql));
    }
    match gone.len() {
        2.. => Err("which of them is made first is not known".into()),
        _ if statements.is_empty() && !statement.missing_ok => Err("what it drops is not known".into()),
        _ => Ok(WayBack { statements, looks_names_up: true, ..WayBack::default() }),
    }
}

fn objects(catalog: &Catalog) -> BTreeSet<ObjectId> {
    object::KINDS.iter().flat_map(|kind| kind.objects(catalog)).collect()
}

/// Indexes of tables that a statement of their own made.
fn indexes(catalog: &Catalog) -> impl Iterator<Item = (&Relation, &Index)> {
    let rows = catalog.relations.values().map(|row| &**row);
    rows.flat_map(|row| row.indexes.iter().map(move |index| (row, index)))
        .filter(|(_, index)| index.constraint.is_none())
}

fn has_index(catalog: &Catalog, table: &Relation, name: &str) -> bool {
    catalog.relation(table.oid).is_some_and(|row| row.indexes.iter().any(|index| index.name == name))
}

fn has_rows(row: &Relation) -> bool {
    use crate::catalog::RelationKind as Kind;
    matches!(row.kind, Kind::Table | Kind::PartitionedTable)
}
