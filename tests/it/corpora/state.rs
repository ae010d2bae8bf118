//! The state that the engine's replay ends in, against the one that the server ends in: a line for each object, in the
//! words of `state.sql`.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Client;
use viewkeeper_engine::catalog::{
    AttachedKind, Catalog, ColumnSource, ConstraintKind, Grantee, NotNull, ObjectId, Oid, Persistence, Relation,
    RelationKind, RoutineKind, TypeKind, Volatility,
};
use viewkeeper_engine::name::QualifiedName;

/// What only one side has, a line for each, and how many lines the server has.
pub(super) fn difference(client: &mut Client, catalog: &Catalog) -> (usize, Vec<String>) {
    let rows = client.query(include_str!("state.sql"), &[]).unwrap_or_else(|error| panic!("{error:?}"));
    let (mut server, mut extensions) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        let line: String = row.get(0);
        if row.get(1) {
            extensions.insert(line)
        } else {
            server.insert(line)
        };
    }
    let engine: BTreeSet<String> = lines(catalog).into_iter().filter(|line| !extensions.contains(line)).collect();
    let mut found: Vec<String> = server.difference(&engine).map(|line| format!("only the server: {line}")).collect();
    found.extend(engine.difference(&server).map(|line| format!("only the engine: {line}")));
    found.sort_by(|a, b| a.split_once(": ").map(|parts| parts.1).cmp(&b.split_once(": ").map(|parts| parts.1)));
    (server.len(), found)
}

struct Words<'a>(&'a Catalog);

fn lines(catalog: &Catalog) -> Vec<String> {
    let words = Words(catalog);
    let mut lines = Vec::new();
    for schema in catalog.schemas.values().filter(|schema| schema.name != "public" && is_users(&schema.name)) {
        lines.push(format!("schema {}", schema.name));
    }
    for relation in catalog.relations.values().filter(|relation| words.is_users(relation.schema)) {
        words.relation(relation, &mut lines);
    }
    for type_ in catalog.types.values().filter(|type_| words.is_users(type_.schema)) {
        let name = words.type_(type_.oid);
        match (type_.kind, type_.range) {
            (TypeKind::Enum, _) => lines.push(format!("enum {name}: {}", type_.labels.join(", "))),
            (TypeKind::Domain, _) => {
                let rows = catalog.attached.get(&type_.oid).into_iter().flatten();
                let mut checks: Vec<&str> =
                    rows.filter(|row| row.kind == AttachedKind::Check).map(|row| row.name.as_str()).collect();
                checks.sort_unstable();
                let mut line = format!("domain {name}: {} {}", words.type_(type_.base), type_.base_typmod);
                line += if type_.not_null { " not null" } else { "" };
                if !checks.is_empty() {
                    line += &format!(" {}", checks.join(", "));
                }
                lines.push(line);
            }
            (TypeKind::Range, Some(range)) => {
                let (subtype, multirange) = (words.type_(range.subtype), words.type_(range.multirange));
                lines.push(format!("range {name}: {subtype} {multirange}"));
            }
            _ => {}
        }
    }
    for routine in catalog.routines.values().filter(|routine| words.is_users(routine.schema)) {
        if routine.source.is_none() {
            continue;
        }
        let kind = match routine.kind {
            RoutineKind::Function => 'f',
            RoutineKind::Procedure => 'p',
            RoutineKind::Aggregate => 'a',
            RoutineKind::Window => 'w',
        };
        let volatility = match routine.volatility {
            Volatility::Immutable => 'i',
            Volatility::Stable => 's',
            Volatility::Volatile => 'v',
        };
        let set = if routine.returns_set { " set" } else { "" };
        let strict = if routine.strict { " strict" } else { "" };
        let (name, result) = (words.routine(routine.oid), words.type_(routine.result));
        lines.push(format!("routine {name}: {kind} {result}{set}{strict} {volatility} {}", routine.defaults));
    }
    words.attachments(&mut lines);
    lines
}

fn is_users(schema: &str) -> bool {
    !schema.starts_with("pg_") && schema != "information_schema"
}

fn qualified(name: &QualifiedName) -> String {
    format!("{}.{}", name.schema, name.name)
}

impl Words<'_> {
    fn schema(&self, oid: Oid) -> &str {
        self.0.schema_name(oid).unwrap_or("?")
    }

    fn is_users(&self, schema: Oid) -> bool {
        is_users(self.schema(schema))
    }

    fn type_(&self, oid: Oid) -> String {
        self.0.type_(oid).map_or_else(|| oid.to_string(), |row| format!("{}.{}", self.schema(row.schema), row.name))
    }

    fn routine(&self, oid: Oid) -> String {
        let Some(row) = self.0.routine(oid) else { return oid.to_string() };
        let inputs: Vec<String> = row.inputs.iter().map(|type_| self.type_(*type_)).collect();
        format!("{}.{}({})", self.schema(row.schema), row.name, inputs.join(", "))
    }

    fn relation(&self, relation: &Relation, lines: &mut Vec<String>) {
        let name = format!("{}.{}", self.schema(relation.schema), relation.name);
        let kind = match relation.kind {
            RelationKind::Table => 'r',
            RelationKind::PartitionedTable => 'p',
            RelationKind::ForeignTable => 'f',
            RelationKind::View => 'v',
            RelationKind::MaterializedView => 'm',
            RelationKind::CompositeType => 'c',
            RelationKind::Sequence => 'S',
        };
        let persistence = match relation.persistence {
            Persistence::Permanent => 'p',
            Persistence::Unlogged => 'u',
            Persistence::Temporary => 't',
        };
        lines.push(format!("relation {name}: {kind} {persistence}"));
        if relation.kind == RelationKind::Sequence {
            return;
        }
        for (place, (_, column)) in (1..).zip(relation.live_columns()) {
            let collation = self.0.collation(column.collation);
            let collation =
                collation.map_or_else(|| "-".to_owned(), |row| format!("{}.{}", self.schema(row.schema), row.name));
            let not_null = if column.not_null == NotNull::No { "" } else { " not null" };
            let default = if column.has_default { " default" } else { "" };
            let source = match column.source {
                ColumnSource::Plain => "",
                ColumnSource::IdentityAlways => " identity",
                ColumnSource::IdentityByDefault => " identity by default",
                ColumnSource::GeneratedStored | ColumnSource::GeneratedVirtual => " generated",
            };
            let (type_, typmod) = (self.type_(column.type_), column.typmod);
            let facts = format!("{place} {type_} {typmod} {collation}{not_null}{default}{source}");
            lines.push(format!("column {name}.{}: {facts}", column.name));
        }
        for parent in relation.parents.iter().filter_map(|parent| self.0.relation(*parent)) {
            lines.push(format!("parent of {name}: {}.{}", self.schema(parent.schema), parent.name));
        }
        let columns = |numbers: &[i16]| -> String {
            let names = numbers.iter().map(|number| match relation.attribute(*number) {
                Some(column) => column.name.as_str(),
                None => "()",
            });
            names.collect::<Vec<_>>().join(", ")
        };
        for constraint in &relation.constraints {
            let kind = match constraint.kind {
                ConstraintKind::PrimaryKey => 'p',
                ConstraintKind::Unique => 'u',
                ConstraintKind::Check => 'c',
                ConstraintKind::ForeignKey => 'f',
                ConstraintKind::NotNull => 'n',
                ConstraintKind::Exclusion => 'x',
            };
            let mut numbers = constraint.columns.clone();
            if constraint.kind == ConstraintKind::Check {
                numbers.sort_unstable();
            }
            let inherited = self.0.parents_with(relation, constraint) > 0;
            let local = if inherited && constraint.is_local { " and local" } else { "" };
            let inherited = if inherited { " inherited" } else { "" };
            let validated = if constraint.validated { "" } else { " not valid" };
            let facts = format!("{kind} {}{inherited}{local}{validated}", columns(&numbers));
            lines.push(format!("constraint {name}.{}: {facts}", constraint.name));
        }
        for index in &relation.indexes {
            let unique = if index.unique { " unique" } else { "" };
            let partial = if index.partial { " partial" } else { "" };
            lines.push(format!("index {name}.{}: {}{unique}{partial}", index.name, columns(&index.columns)));
        }
    }

    /// `None` for kinds that `state.sql` does not show.
    fn object(&self, id: &ObjectId) -> Option<String> {
        let own = |name: &QualifiedName| is_users(&name.schema).then(|| qualified(name));
        match id {
            ObjectId::Schema(name) => (name != "public").then(|| name.clone()),
            ObjectId::Type(name)
            | ObjectId::Sequence(name)
            | ObjectId::Table(name)
            | ObjectId::View(name)
            | ObjectId::MaterializedView(name) => own(name),
            ObjectId::Index(name, _) => own(name).map(|name| format!("index {name}")),
            ObjectId::Column(relation, column) => own(relation).map(|name| format!("{name}.{column}")),
            ObjectId::Function(name, _) | ObjectId::Procedure(name, _) | ObjectId::Aggregate(name, _) => {
                let rows = self.0.routines.values();
                let rows = rows.filter(|row| row.name == name.name && self.schema(row.schema) == name.schema);
                // Several of one name are told apart by the texts of their types, which are not the server's names.
                let found: Vec<_> = rows.collect();
                match found.as_slice() {
                    [one] => Some(self.routine(one.oid)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn attachments(&self, lines: &mut Vec<String>) {
        let attachments = &self.0.attachments;
        for (id, comment) in &attachments.comments {
            if let Some(object) = self.object(id) {
                lines.push(format!("comment on {object}: {comment}"));
            }
        }
        for (id, held) in &attachments.privileges {
            let relation = matches!(
                id,
                ObjectId::Table(_) | ObjectId::View(_) | ObjectId::MaterializedView(_) | ObjectId::Sequence(_)
            );
            let Some(object) = self.object(id).filter(|_| relation) else { continue };
            let owner = attachments.owners.get(id).map_or("postgres", String::as_str);
            let by_name: BTreeMap<_, _> = held.iter().collect();
            for (privilege, option) in by_name {
                let grantee = match &privilege.grantee {
                    Grantee::Public => "public",
                    Grantee::Role(role) => role,
                };
                if grantee == owner && privilege.column.is_none() {
                    continue;
                }
                let column = privilege.column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
                let option = if *option { " with grant option" } else { "" };
                lines.push(format!("privilege on {object}{column}: {grantee} {}{option}", privilege.privilege));
            }
        }
    }
}
