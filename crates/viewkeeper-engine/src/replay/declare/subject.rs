//! What a statement of a definition file makes or speaks of, as its text says: before the statement runs, the types in a
//! signature need not be there yet.

use std::fmt;

use super::collect::is_materialized_view;
use crate::catalog::{AttachedKind, Catalog, Oid, Routine};
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{NodeEnum, ast};
use crate::replay::node;
use crate::replay::part_state::{Switched, firing_of, row_security_of};
use crate::replay::session::Session;

/// An object by the names in a statement. A new kind of declared object is one more line in each function here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A view or materialized view.
    Relation(QualifiedName),
    /// An enum, domain, composite type or range.
    Type(QualifiedName),
    /// A function, procedure or aggregate, with the types of its inputs as written; without them where a statement leaves
    /// them out.
    Routine(QualifiedName, Option<Vec<String>>),
    /// A trigger, rule or policy of a relation.
    Part(AttachedKind, QualifiedName, String),
    /// Row security of a table.
    RowSecurity(QualifiedName),
    /// A schema.
    Schema(String),
    /// An extension.
    Extension(String),
    /// A sequence.
    Sequence(QualifiedName),
    /// Extended statistics.
    Statistics(QualifiedName),
    /// An event trigger.
    EventTrigger(String),
    /// Default privileges: the path and place of the statement, since several may speak of the same objects.
    DefaultPrivileges { at: (String, usize) },
    /// Something said of objects that the file does not declare: its text, and the path and place where it stands, since
    /// it may be said twice.
    Said { text: String, at: (String, usize) },
}

impl Subject {
    /// The object that a statement makes, where definitions may make it.
    pub(super) fn made_by(session: &Session<'_>, node: &NodeEnum) -> Option<Self> {
        match node {
            NodeEnum::ViewStmt(view) => Some(Self::relation(session, view.view.as_ref()?)),
            NodeEnum::CreateTableAsStmt(table) if is_materialized_view(table) => {
                Some(Self::relation(session, table.into.as_ref()?.rel.as_ref()?))
            }
            NodeEnum::CreateFunctionStmt(function) => {
                let name = qualified(session, &node::strings(&function.funcname));
                Some(Self::Routine(name, Some(inputs(&function.parameters))))
            }
            NodeEnum::DefineStmt(define) if define.kind() == ast::ObjectType::ObjectAggregate => {
                let name = qualified(session, &node::strings(&define.defnames));
                let parameters = define.args.iter().find_map(|node| match &node.node {
                    Some(NodeEnum::List(list)) => Some(list.items.as_slice()),
                    _ => None,
                });
                Some(Self::Routine(name, Some(inputs(parameters.unwrap_or_default()))))
            }
            // What it holds has definitions of its own.
            NodeEnum::CreateSchemaStmt(schema) if schema.schema_elts.is_empty() => {
                Some(Self::Schema(schema_name(schema)))
            }
            NodeEnum::CreateStatsStmt(statistics) => {
                Some(Self::Statistics(qualified(session, &node::strings(&statistics.defnames))))
            }
            NodeEnum::CreateEventTrigStmt(trigger) => Some(Self::EventTrigger(trigger.trigname.clone())),
            NodeEnum::CreateExtensionStmt(extension) => Some(Self::Extension(extension.extname.clone())),
            NodeEnum::CreateSeqStmt(sequence) => {
                let name = sequence.sequence.as_ref()?;
                Some(Self::Sequence(declared_name(session, &name.schemaname, &name.relname)))
            }
            NodeEnum::CreateEnumStmt(type_) => Some(Self::type_(session, &type_.type_name)),
            NodeEnum::CreateDomainStmt(domain) => Some(Self::type_(session, &domain.domainname)),
            NodeEnum::CreateRangeStmt(range) => Some(Self::type_(session, &range.type_name)),
            NodeEnum::CompositeTypeStmt(composite) => {
                let name = composite.typevar.as_ref()?;
                Some(Self::Type(declared_name(session, &name.schemaname, &name.relname)))
            }
            NodeEnum::CreateTrigStmt(trigger) => {
                Self::part(session, AttachedKind::Trigger, trigger.relation.as_ref()?, &trigger.trigname)
            }
            // A rule for SELECT is a view.
            NodeEnum::RuleStmt(rule) if rule.event() != ast::CmdType::CmdSelect => {
                Self::part(session, AttachedKind::Rule, rule.relation.as_ref()?, &rule.rulename)
            }
            NodeEnum::CreatePolicyStmt(policy) => {
                Self::part(session, AttachedKind::Policy, policy.table.as_ref()?, &policy.policy_name)
            }
            NodeEnum::AlterTableStmt(alter)
                if !alter.cmds.is_empty() && commands(alter).all(|(kind, _)| row_security_of(kind).is_some()) =>
            {
                let table = alter.relation.as_ref()?;
                Some(Self::RowSecurity(declared_name(session, &table.schemaname, &table.relname)))
            }
            _ => None,
        }
    }

    /// The objects that a statement speaks of.
    pub(super) fn spoken_of(session: &Session<'_>, node: &NodeEnum, indexes: &[(String, Self)]) -> Vec<Self> {
        use ast::ObjectType as Kind;
        match node {
            NodeEnum::IndexStmt(index) => index.relation.iter().map(|name| Self::relation(session, name)).collect(),
            NodeEnum::AlterTableStmt(alter) => {
                let Some(relation) = &alter.relation else { return Vec::new() };
                let part = |(command, name): (ast::AlterTableType, &str)| {
                    let kind = match firing_of(command)?.0 {
                        Switched::Trigger => AttachedKind::Trigger,
                        Switched::Rule => AttachedKind::Rule,
                        Switched::Triggers => return None,
                    };
                    Self::part(session, kind, relation, name)
                };
                let parts: Vec<Self> = commands(alter).filter_map(part).collect();
                if parts.is_empty() { vec![Self::relation(session, relation)] } else { parts }
            }
            NodeEnum::GrantStmt(grant) => {
                grant.objects.iter().flat_map(|object| Self::named(session, grant.objtype(), object)).collect()
            }
            NodeEnum::AlterStatsStmt(alter) => {
                vec![Self::Statistics(qualified(session, &node::strings(&alter.defnames)))]
            }
            NodeEnum::AlterEventTrigStmt(alter) => vec![Self::EventTrigger(alter.trigname.clone())],
            NodeEnum::AlterSeqStmt(alter) => alter.sequence.iter().map(|name| Self::relation(session, name)).collect(),
            NodeEnum::AlterOwnerStmt(alter) => match (&alter.relation, &alter.object) {
                (Some(name), _) => vec![Self::relation(session, name)],
                (None, Some(object)) => Self::named(session, alter.object_type(), object),
                (None, None) => Vec::new(),
            },
            NodeEnum::CommentStmt(comment) => {
                let Some(object) = &comment.object else { return Vec::new() };
                match comment.objtype() {
                    Kind::ObjectIndex => {
                        let parts = node::dotted(object);
                        let on = indexes.iter().filter(|(index, _)| parts.last() == Some(&index.as_str()));
                        on.map(|(_, relation)| relation.clone()).collect()
                    }
                    kind => Self::named(session, kind, object),
                }
            }
            _ => Vec::new(),
        }
    }

    /// The object that `COMMENT ON`, `GRANT … ON` or `ALTER … OWNER` names.
    fn named(session: &Session<'_>, kind: ast::ObjectType, object: &ast::Node) -> Vec<Self> {
        use ast::ObjectType as Kind;
        let parts = node::dotted(object);
        match (&object.node, kind) {
            (Some(NodeEnum::RangeVar(name)), _) => vec![Self::relation(session, name)],
            (Some(NodeEnum::ObjectWithArgs(name)), _) => {
                let types = name.objargs.iter().filter_map(|argument| match &argument.node {
                    Some(NodeEnum::TypeName(name)) => Some(type_text(name)),
                    _ => None,
                });
                let inputs = (!name.args_unspecified).then(|| types.collect());
                vec![Self::Routine(qualified(session, &node::strings(&name.objname)), inputs)]
            }
            (_, Kind::ObjectStatisticExt) => vec![Self::Statistics(qualified(session, &parts))],
            (_, Kind::ObjectEventTrigger) => parts.iter().map(|name| Self::EventTrigger((*name).to_owned())).collect(),
            (_, Kind::ObjectType | Kind::ObjectDomain) => vec![Self::Type(qualified(session, &parts))],
            (Some(NodeEnum::List(list)), Kind::ObjectDomconstraint) => {
                let domain = list.items.first().map(node::dotted).unwrap_or_default();
                vec![Self::Type(qualified(session, &domain))]
            }
            (_, Kind::ObjectExtension) => parts.iter().map(|name| Self::Extension((*name).to_owned())).collect(),
            (_, Kind::ObjectSchema) => parts.iter().map(|name| Self::Schema((*name).to_owned())).collect(),
            (
                _,
                Kind::ObjectView
                | Kind::ObjectMatview
                | Kind::ObjectSequence
                | Kind::ObjectTable
                | Kind::ObjectForeignTable,
            ) => vec![Self::Relation(qualified(session, &parts))],
            (_, Kind::ObjectTabconstraint) => {
                let relation = parts.split_last().map(|(_, relation)| qualified(session, relation));
                relation.into_iter().map(Self::Relation).collect()
            }
            // What belongs to a relation has its name last.
            (_, Kind::ObjectColumn | Kind::ObjectTrigger | Kind::ObjectRule | Kind::ObjectPolicy) => {
                let Some((name, relation)) = parts.split_last() else { return Vec::new() };
                let (relation, name) = (qualified(session, relation), (*name).to_owned());
                vec![match kind {
                    Kind::ObjectTrigger => Self::Part(AttachedKind::Trigger, relation, name),
                    Kind::ObjectRule => Self::Part(AttachedKind::Rule, relation, name),
                    Kind::ObjectPolicy => Self::Part(AttachedKind::Policy, relation, name),
                    // A column of a view, or an attribute of a composite type.
                    _ => return vec![Self::Type(relation.clone()), Self::Relation(relation)],
                }]
            }
            _ => Vec::new(),
        }
    }

    fn type_(session: &Session<'_>, name: &[ast::Node]) -> Self {
        Self::Type(qualified(session, &node::strings(name)))
    }

    fn part(session: &Session<'_>, kind: AttachedKind, relation: &ast::RangeVar, name: &str) -> Option<Self> {
        let relation = declared_name(session, &relation.schemaname, &relation.relname);
        Some(Self::Part(kind, relation, name.to_owned()))
    }

    /// A relation.
    pub(super) fn relation(session: &Session<'_>, name: &ast::RangeVar) -> Self {
        Self::Relation(declared_name(session, &name.schemaname, &name.relname))
    }

    /// Whether a statement about this speaks of `other`. Types are compared without their schemas: one of the two may
    /// have left them out.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Relation(name), Self::Relation(other) | Self::Sequence(other)) => name == other,
            (Self::Routine(name, inputs), Self::Routine(other, types)) => {
                let same = |(inputs, types): (&Vec<String>, &Vec<String>)| {
                    inputs.len() == types.len() && inputs.iter().zip(types).all(|(a, b)| bare(a) == bare(b))
                };
                name == other && inputs.as_ref().zip(types.as_ref()).is_none_or(same)
            }
            (Self::Said { .. } | Self::Relation(_) | Self::Routine(..), _) => false,
            _ => self == other,
        }
    }

    /// Whether a routine of a state is probably the one that is declared.
    pub(super) fn may_be(&self, catalog: &Catalog, row: &Routine) -> bool {
        if !matches!(self, Self::Routine(name, _) if name.name == row.name) {
            return false;
        }
        let type_text = |oid: &Oid| match catalog.type_(*oid) {
            Some(type_) => match catalog.type_(type_.element).filter(|element| element.array == *oid) {
                Some(element) => format!("{}[]", element.name),
                None => type_.name.clone(),
            },
            None => String::new(),
        };
        let name = QualifiedName::new(catalog.schema_name(row.schema).unwrap_or_default(), &*row.name);
        self.fits(&Self::Routine(name, Some(row.inputs.iter().map(type_text).collect())))
    }

    /// The schema that its name is written with.
    pub(crate) fn schema(&self) -> Option<&str> {
        match self {
            Self::Relation(name) | Self::Sequence(name) | Self::Type(name) | Self::Statistics(name) => {
                Some(&name.schema)
            }
            Self::Routine(name, _) | Self::Part(_, name, _) | Self::RowSecurity(name) => Some(&name.schema),
            _ => None,
        }
    }

    /// The word for it in messages.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Relation(_) => "view",
            Self::Type(_) => "type",
            Self::Routine(..) => "routine",
            Self::Part(AttachedKind::Trigger, ..) => "trigger",
            Self::Part(AttachedKind::Rule, ..) => "rule",
            Self::Part(..) => "policy",
            Self::RowSecurity(_) => "row security",
            Self::Schema(_) => "schema",
            Self::Statistics(_) => "statistics",
            Self::EventTrigger(_) => "event trigger",
            Self::DefaultPrivileges { .. } => "statement",
            Self::Extension(_) => "extension",
            Self::Sequence(_) => "sequence",
            Self::Said { .. } => "statement",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relation(name) | Self::Sequence(name) | Self::Type(name) | Self::Statistics(name) => name.fmt(f),
            Self::Schema(name) | Self::Extension(name) | Self::EventTrigger(name) => f.write_str(&quote_ident(name)),
            Self::Routine(name, None) => name.fmt(f),
            Self::Routine(name, Some(inputs)) => write!(f, "{name}({})", inputs.join(", ")),
            Self::Part(_, relation, name) => write!(f, "{} on {relation}", quote_ident(name)),
            Self::RowSecurity(relation) => write!(f, "row security of {relation}"),
            Self::DefaultPrivileges { .. } => f.write_str("ALTER DEFAULT PRIVILEGES"),
            Self::Said { text, .. } => f.write_str(text),
        }
    }
}

/// A schema without a name is named after its owner.
pub(super) fn schema_name(schema: &ast::CreateSchemaStmt) -> String {
    let owner = || schema.authrole.as_ref().and_then(node::role).unwrap_or_default();
    if schema.schemaname.is_empty() { owner().to_owned() } else { schema.schemaname.clone() }
}

/// The schema and name of a declared object.
fn declared_name(session: &Session<'_>, schema: &str, name: &str) -> QualifiedName {
    let schema = match schema {
        "" => {
            let path = || session.settings.search_path.iter().map(String::as_str);
            let is_there =
                |name: &&str| session.catalog.schema_by_name(name).is_some() || session.coming_schemas.contains(*name);
            path().find(is_there).or_else(|| path().next()).unwrap_or("public")
        }
        schema => schema,
    };
    QualifiedName::new(schema, name)
}

fn qualified(session: &Session<'_>, parts: &[&str]) -> QualifiedName {
    let (schema, name) = node::schema_and_name(parts);
    declared_name(session, schema, name)
}

/// The types of the inputs among parameters.
fn inputs(parameters: &[ast::Node]) -> Vec<String> {
    use ast::FunctionParameterMode as Mode;
    let types = parameters.iter().filter_map(|parameter| match &parameter.node {
        Some(NodeEnum::FunctionParameter(parameter)) => {
            let is_output = matches!(parameter.mode(), Mode::FuncParamOut | Mode::FuncParamTable);
            parameter.arg_type.as_ref().filter(|_| !is_output).map(type_text)
        }
        _ => None,
    });
    types.collect()
}

fn type_text(name: &ast::TypeName) -> String {
    let parts: Vec<&str> = node::strings(&name.names).into_iter().filter(|part| *part != "pg_catalog").collect();
    let array = if name.array_bounds.is_empty() { "" } else { "[]" };
    format!("{}{array}", parts.join("."))
}

/// A type's text without its schema.
fn bare(text: &str) -> &str {
    text.rsplit('.').next().unwrap_or(text)
}

/// The commands of an `ALTER TABLE`, each with the name that it speaks of.
fn commands(alter: &ast::AlterTableStmt) -> impl Iterator<Item = (ast::AlterTableType, &str)> {
    alter.cmds.iter().filter_map(|command| match &command.node {
        Some(NodeEnum::AlterTableCmd(command)) => Some((command.subtype(), command.name.as_str())),
        _ => None,
    })
}
