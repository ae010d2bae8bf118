//! What a statement speaks of, as a row of a catalog, and the name that it has in every state.

use super::names::{shown, type_text};
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, Catalog, ObjectId, Oid, RelationKind, RoutineKind};
use crate::diagnostic::SqlState;
use crate::name::QualifiedName;
use crate::parser::{NodeEnum, ast};

/// A row of a catalog, of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Address {
    Schema(Oid),
    Extension(String),
    Relation(Oid),
    Column(Oid, i16),
    /// A constraint of a relation, by number.
    Constraint(Oid, Oid),
    /// An index with the relation it is on.
    Index(Oid, String),
    /// A default, check, trigger, rule or policy of a relation or domain.
    Attached(Oid, AttachedKind, String),
    Type(Oid),
    Routine(Oid),
    Operator(Oid),
    Collation(Oid),
    Cast(Oid, Oid),
    Statistics(Oid),
    EventTrigger(String),
}

/// The relation's name, schema and all.
pub(super) fn qualified(catalog: &Catalog, schema: Oid, name: &str) -> QualifiedName {
    QualifiedName::new(catalog.schema_name(schema).unwrap_or_default(), name)
}

/// The name of a relation by its number.
pub(super) fn relation_name(catalog: &Catalog, oid: Oid) -> Option<QualifiedName> {
    let relation = catalog.relation(oid)?;
    Some(qualified(catalog, relation.schema, &relation.name))
}

/// The name that an object has in every state; `None` for kinds that nothing is kept of.
pub(super) fn object_id(catalog: &Catalog, address: &Address) -> Option<ObjectId> {
    Some(match address {
        Address::Schema(oid) => ObjectId::Schema(catalog.schema_name(*oid)?.to_owned()),
        Address::Extension(name) => ObjectId::Extension(name.clone()),
        Address::Relation(oid) => {
            let name = relation_name(catalog, *oid)?;
            match catalog.relation(*oid)?.kind {
                RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable => {
                    ObjectId::Table(name)
                }
                RelationKind::View => ObjectId::View(name),
                RelationKind::MaterializedView => ObjectId::MaterializedView(name),
                RelationKind::CompositeType => ObjectId::Type(name),
                RelationKind::Sequence => ObjectId::Sequence(name),
            }
        }
        Address::Column(relation, number) => {
            let column = catalog.relation(*relation)?.attribute(*number)?.name.clone();
            ObjectId::Column(relation_name(catalog, *relation)?, column)
        }
        Address::Constraint(relation, oid) => {
            let row = catalog.relation(*relation)?;
            let name = row.constraints.iter().find(|constraint| constraint.oid == *oid)?.name.clone();
            ObjectId::Constraint(relation_name(catalog, *relation)?, name)
        }
        Address::Index(relation, name) => {
            let on = relation_name(catalog, *relation)?;
            ObjectId::Index(QualifiedName::new(on.schema.clone(), name.clone()), on)
        }
        Address::Attached(relation, AttachedKind::Trigger, name) => {
            ObjectId::Trigger(relation_name(catalog, *relation)?, name.clone())
        }
        Address::Attached(relation, AttachedKind::Rule, name) => {
            ObjectId::Rule(relation_name(catalog, *relation)?, name.clone())
        }
        Address::Attached(relation, AttachedKind::Policy, name) => {
            ObjectId::Policy(relation_name(catalog, *relation)?, name.clone())
        }
        Address::Attached(relation, AttachedKind::Check, name) if catalog.relation(*relation).is_some() => {
            ObjectId::Constraint(relation_name(catalog, *relation)?, name.clone())
        }
        Address::Attached(domain, AttachedKind::Check, name) => {
            let row = catalog.type_(*domain)?;
            ObjectId::DomainConstraint(qualified(catalog, row.schema, &row.name), name.clone())
        }
        Address::Type(oid) => {
            let type_ = catalog.type_(*oid)?;
            match type_.relation {
                relation if relation.is_valid() => return object_id(catalog, &Address::Relation(relation)),
                _ => ObjectId::Type(qualified(catalog, type_.schema, &type_.name)),
            }
        }
        Address::Routine(oid) => catalog.routine_id(*oid)?,
        Address::Collation(oid) => {
            let collation = catalog.collation(*oid)?;
            ObjectId::Collation(qualified(catalog, collation.schema, &collation.name))
        }
        Address::Statistics(oid) => {
            let row = catalog.statistics.get(oid)?;
            ObjectId::Statistics(qualified(catalog, row.schema, &row.name))
        }
        Address::EventTrigger(name) => ObjectId::EventTrigger(name.clone()),
        Address::Attached(..) | Address::Operator(_) | Address::Cast(..) => return None,
    })
}

impl Session<'_> {
    /// The name that an object has in every state.
    pub(super) fn object_id(&self, address: &Address) -> Option<ObjectId> {
        object_id(&self.catalog, address)
    }

    /// An object for a message: "view `v`", "column `c` of table `t`".
    pub(super) fn describe(&self, address: &Address) -> String {
        let relation_text = |oid: Oid| {
            let kind = self.catalog.relation(oid).map_or("relation", |relation| super::names::kind_name(relation.kind));
            format!("{kind} `{}`", self.relation_name(oid))
        };
        match address {
            Address::Schema(oid) => format!("schema `{}`", self.catalog.schema_name(*oid).unwrap_or_default()),
            Address::Extension(name) => format!("extension `{name}`"),
            Address::Relation(oid) => relation_text(*oid),
            Address::Column(relation, number) => {
                let column = self.catalog.relation(*relation).and_then(|row| row.attribute(*number));
                let column = column.map_or("?", |column| &column.name);
                format!("column `{column}` of {}", relation_text(*relation))
            }
            Address::Constraint(relation, oid) => {
                let row = self.catalog.relation(*relation);
                let constraint = row.and_then(|row| row.constraints.iter().find(|constraint| constraint.oid == *oid));
                let name = constraint.map_or("?", |constraint| &constraint.name);
                format!("constraint `{name}` on {}", relation_text(*relation))
            }
            Address::Index(_, name) => format!("index `{name}`"),
            Address::Attached(owner, kind, name) => {
                let owner = match self.catalog.relation(*owner) {
                    Some(_) => relation_text(*owner),
                    None => format!("type `{}`", type_text(&self.catalog, *owner)),
                };
                match kind {
                    AttachedKind::Default(number) => {
                        let Address::Attached(relation, ..) = address else { return owner };
                        let column = self.catalog.relation(*relation).and_then(|row| row.attribute(*number));
                        format!("default value for column `{}` of {owner}", column.map_or("?", |column| &column.name))
                    }
                    AttachedKind::Check => format!("constraint `{name}` on {owner}"),
                    AttachedKind::Index => format!("index `{name}` on {owner}"),
                    AttachedKind::Trigger => format!("trigger `{name}` on {owner}"),
                    AttachedKind::Rule => format!("rule `{name}` on {owner}"),
                    AttachedKind::Policy => format!("policy `{name}` on {owner}"),
                }
            }
            Address::Type(oid) => format!("type `{}`", type_text(&self.catalog, *oid)),
            Address::Routine(oid) => format!("function `{}`", self.routine_text(*oid)),
            Address::Operator(oid) => {
                let Some(operator) = self.catalog.operator(*oid) else { return "operator".to_owned() };
                format!("operator `{}`", operator.name)
            }
            Address::Collation(oid) => {
                format!("collation `{}`", self.catalog.collation(*oid).map_or("?", |collation| &collation.name))
            }
            Address::Statistics(oid) => {
                format!("statistics object `{}`", self.catalog.statistics.get(oid).map_or("?", |row| &row.name))
            }
            Address::EventTrigger(name) => format!("event trigger `{name}`"),
            Address::Cast(source, target) => {
                format!("cast from `{}` to `{}`", type_text(&self.catalog, *source), type_text(&self.catalog, *target))
            }
        }
    }

    /// `name(argument, types)` of a routine.
    pub(super) fn routine_text(&self, oid: Oid) -> String {
        let Some(routine) = self.catalog.routine(oid) else { return format!("function {oid}") };
        let inputs: Vec<String> = routine.inputs.iter().map(|input| type_text(&self.catalog, *input)).collect();
        format!("{}({})", routine.name, inputs.join(", "))
    }

    /// The object that `COMMENT ON`, `ALTER … OWNER` and the like name; `None` for kinds that shape nothing here
    /// (databases, roles, languages, …).
    pub(super) fn address(&self, kind: ast::ObjectType, object: &ast::Node) -> Outcome<Option<Address>> {
        use ast::ObjectType as Kind;
        let parts = node::dotted(object);
        Ok(Some(match kind {
            Kind::ObjectSchema => Address::Schema(self.schema(parts.first().unwrap_or(&""), -1)?),
            Kind::ObjectExtension => {
                let name = (*parts.first().unwrap_or(&"")).to_owned();
                // Every database begins with it (`load_plpgsql` in initdb.c), and dumps before 11 speak of it.
                if name == "plpgsql" {
                    return Ok(None);
                }
                if !self.catalog.extensions.contains_key(&name) {
                    let message = format!("extension `{name}` does not exist");
                    return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
                }
                Address::Extension(name)
            }
            Kind::ObjectTable
            | Kind::ObjectView
            | Kind::ObjectMatview
            | Kind::ObjectForeignTable
            | Kind::ObjectSequence => {
                let name = node::range_var(&parts, -1);
                let oid = self.relation(&name)?;
                self.check_kind(oid, kind)?;
                Address::Relation(oid)
            }
            Kind::ObjectIndex => {
                let name = node::range_var(&parts, -1);
                let Some((relation, at)) = self.find_index(&name) else {
                    let shown = shown(&name.schemaname, &name.relname);
                    let other = self.relation(&name)?;
                    let kind = self.catalog.relation(other).map_or("relation", |row| super::names::kind_name(row.kind));
                    let message = format!("`{shown}` is a {kind}, not an index");
                    return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
                };
                let name = self.own(relation)?.indexes.get(at).map(|index| index.name.clone()).unwrap_or_default();
                Address::Index(relation, name)
            }
            Kind::ObjectColumn | Kind::ObjectAttribute => {
                let Some((column, relation)) = parts.split_last() else {
                    return Err(self.malformed("without a column"));
                };
                let relation = self.relation(&node::range_var(relation, -1))?;
                Address::Column(relation, self.column(relation, column, -1)?)
            }
            Kind::ObjectTabconstraint | Kind::ObjectTrigger | Kind::ObjectRule | Kind::ObjectPolicy => {
                let Some((name, relation)) = parts.split_last() else { return Err(self.malformed("without a name")) };
                let relation = self.relation(&node::range_var(relation, -1))?;
                self.part_of_relation(kind, relation, name)?
            }
            Kind::ObjectDomconstraint => {
                let Some(NodeEnum::List(list)) = &object.node else {
                    return Err(self.malformed("without a constraint"));
                };
                let [domain, constraint] = list.items.as_slice() else {
                    return Err(self.malformed("without a constraint"));
                };
                let domain = self.own_type(&node::dotted(domain), -1)?.oid;
                let name = node::string(constraint).unwrap_or_default().to_owned();
                Address::Attached(domain, AttachedKind::Check, name)
            }
            Kind::ObjectType | Kind::ObjectDomain => match &object.node {
                Some(NodeEnum::TypeName(name)) => {
                    let shell = self.find_type(&node::strings(&name.names)).filter(|oid| {
                        self.catalog.type_(*oid).is_some_and(|row| !row.defined) && name.array_bounds.is_empty()
                    });
                    Address::Type(match shell {
                        Some(shell) => shell,
                        None => self.type_named(name)?.0,
                    })
                }
                _ => Address::Type(self.own_type(&parts, -1)?.oid),
            },
            Kind::ObjectStatisticExt => Address::Statistics(self.statistics(&parts)?),
            Kind::ObjectEventTrigger => Address::EventTrigger(self.event_trigger(parts.first().unwrap_or(&""))?),
            Kind::ObjectCollation => Address::Collation(self.collation(&parts, -1)?),
            Kind::ObjectFunction | Kind::ObjectProcedure | Kind::ObjectRoutine | Kind::ObjectAggregate => {
                let Some(NodeEnum::ObjectWithArgs(name)) = &object.node else {
                    return Err(self.malformed("without a function"));
                };
                Address::Routine(self.routine(kind, name)?)
            }
            Kind::ObjectOperator => {
                let Some(NodeEnum::ObjectWithArgs(name)) = &object.node else {
                    return Err(self.malformed("without an operator"));
                };
                Address::Operator(self.operator(name)?)
            }
            Kind::ObjectCast => {
                let Some(NodeEnum::List(list)) = &object.node else { return Err(self.malformed("without types")) };
                let types: Vec<Oid> = list
                    .items
                    .iter()
                    .filter_map(|item| match &item.node {
                        Some(NodeEnum::TypeName(name)) => Some(self.type_named(name).map(|(oid, _)| oid)),
                        _ => None,
                    })
                    .collect::<Outcome<_>>()?;
                let [source, target] = types.as_slice() else { return Err(self.malformed("without types")) };
                if self.catalog.cast(*source, *target).is_none() {
                    let described = self.describe(&Address::Cast(*source, *target));
                    return Err(self.error(SqlState::UNDEFINED_OBJECT, format!("{described} does not exist"), -1));
                }
                Address::Cast(*source, *target)
            }
            _ => return Ok(None),
        }))
    }

    fn part_of_relation(&self, kind: ast::ObjectType, relation: Oid, name: &str) -> Outcome<Address> {
        use ast::ObjectType as Kind;
        if kind == Kind::ObjectTabconstraint {
            let row = self.catalog.relation(relation);
            let found = row.and_then(|row| row.constraints.iter().find(|constraint| constraint.name == name));
            return found.map(|constraint| Address::Constraint(relation, constraint.oid)).ok_or_else(|| {
                let message =
                    format!("constraint `{name}` for table `{}` does not exist", self.relation_name(relation));
                self.error(SqlState::UNDEFINED_OBJECT, message, -1)
            });
        }
        let (attached, word) = match kind {
            Kind::ObjectTrigger => (AttachedKind::Trigger, "trigger"),
            Kind::ObjectRule => (AttachedKind::Rule, "rule"),
            _ => (AttachedKind::Policy, "policy"),
        };
        let rows = self.catalog.attached.get(&relation);
        if rows.is_some_and(|rows| rows.iter().any(|row| row.kind == attached && row.name == name)) {
            return Ok(Address::Attached(relation, attached, name.to_owned()));
        }
        let message = format!("{word} `{name}` for table `{}` does not exist", self.relation_name(relation));
        Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1))
    }

    /// An error when a relation is not of the kind that the statement says (`42809`).
    pub(super) fn check_kind(&self, oid: Oid, kind: ast::ObjectType) -> Outcome {
        use ast::ObjectType as Kind;
        let Some(relation) = self.catalog.relation(oid) else { return Ok(()) };
        let (fits, word) = match kind {
            Kind::ObjectView => (relation.kind == RelationKind::View, "a view"),
            Kind::ObjectMatview => (relation.kind == RelationKind::MaterializedView, "a materialized view"),
            Kind::ObjectSequence => (relation.kind == RelationKind::Sequence, "a sequence"),
            Kind::ObjectForeignTable => (relation.kind == RelationKind::ForeignTable, "a foreign table"),
            Kind::ObjectTable => {
                (matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable), "a table")
            }
            _ => (true, ""),
        };
        if fits {
            return Ok(());
        }
        let name = self.relation_name(oid);
        let is = super::names::kind_name(relation.kind);
        Err(self
            .error(SqlState::WRONG_OBJECT_TYPE, format!("`{name}` is not {word}"), -1)
            .note(format!("it is a {is}")))
    }

    /// Whether a routine is what the statement calls it.
    pub(super) fn routine_kind_fits(kind: ast::ObjectType, routine: RoutineKind) -> bool {
        use ast::ObjectType as Kind;
        match kind {
            Kind::ObjectAggregate => routine == RoutineKind::Aggregate,
            Kind::ObjectProcedure => routine == RoutineKind::Procedure,
            // Aggregates are functions too (LookupFuncWithArgs in parse_func.c).
            Kind::ObjectFunction => routine != RoutineKind::Procedure,
            _ => true,
        }
    }
}
