//! What definition files may say of objects: of those that they declare, and of others. What is not kept is refused: a change
//! of it would not be noticed.

use crate::parser::{NodeEnum, ast};

/// What becomes of a statement about an object that its file does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It is compared with what migrations said.
    Kept,
    /// Nothing is kept of it; the words say of what.
    NotKept(&'static str),
}

/// Nothing for statements that belong to their object.
pub(super) fn of(node: &NodeEnum) -> Option<Said> {
    use ast::ObjectType as Kind;
    match node {
        NodeEnum::GrantStmt(grant) => Some(match grant.objtype() {
            Kind::ObjectTable
            | Kind::ObjectSequence
            | Kind::ObjectSchema
            | Kind::ObjectType
            | Kind::ObjectDomain
            | Kind::ObjectFunction
            | Kind::ObjectProcedure
            | Kind::ObjectRoutine => Said::Kept,
            _ => Said::NotKept("privileges on databases, languages, servers and the like"),
        }),
        NodeEnum::CommentStmt(comment) => Some(match comment.objtype() {
            Kind::ObjectAggregate
            | Kind::ObjectCollation
            | Kind::ObjectColumn
            | Kind::ObjectDomain
            | Kind::ObjectDomconstraint
            | Kind::ObjectEventTrigger
            | Kind::ObjectForeignTable
            | Kind::ObjectFunction
            | Kind::ObjectIndex
            | Kind::ObjectMatview
            | Kind::ObjectPolicy
            | Kind::ObjectProcedure
            | Kind::ObjectRoutine
            | Kind::ObjectRule
            | Kind::ObjectSchema
            | Kind::ObjectSequence
            | Kind::ObjectStatisticExt
            | Kind::ObjectTabconstraint
            | Kind::ObjectTable
            | Kind::ObjectTrigger
            | Kind::ObjectType
            | Kind::ObjectView => Said::Kept,
            // The one that an extension brings could not be put back.
            Kind::ObjectExtension => Said::NotKept("comments on extensions"),
            _ => Said::NotKept("comments on databases, roles, operators and the like"),
        }),
        NodeEnum::AlterOwnerStmt(alter) => Some(match alter.object_type() {
            _ if alter.relation.is_some() => Said::Kept,
            Kind::ObjectAggregate
            | Kind::ObjectCollation
            | Kind::ObjectDomain
            | Kind::ObjectEventTrigger
            | Kind::ObjectFunction
            | Kind::ObjectProcedure
            | Kind::ObjectRoutine
            | Kind::ObjectSchema
            | Kind::ObjectStatisticExt
            | Kind::ObjectType => Said::Kept,
            _ => Said::NotKept("owners of databases, operators, servers and the like"),
        }),
        NodeEnum::AlterTableStmt(alter) => {
            let owner = |node: &ast::Node| matches!(&node.node, Some(NodeEnum::AlterTableCmd(command)) if command.subtype() == ast::AlterTableType::AtChangeOwner);
            (!alter.cmds.is_empty() && alter.cmds.iter().all(owner)).then_some(Said::Kept)
        }
        _ => None,
    }
}

/// What of an object that its file declares is not kept, in words; `None` where all of a statement is.
pub(super) fn not_kept(node: &NodeEnum) -> Option<&'static str> {
    match node {
        NodeEnum::AlterTableStmt(alter) => alter.cmds.iter().find_map(|node| match &node.node {
            Some(NodeEnum::AlterTableCmd(command)) => not_kept_command(command.subtype()),
            _ => None,
        }),
        NodeEnum::AlterSeqStmt(alter) => {
            let restarts =
                |node: &ast::Node| matches!(&node.node, Some(NodeEnum::DefElem(option)) if option.defname == "restart");
            alter.options.iter().any(restarts).then_some("where a sequence stands")
        }
        _ => None,
    }
}

fn not_kept_command(command: ast::AlterTableType) -> Option<&'static str> {
    use ast::AlterTableType as Kind;
    Some(match command {
        Kind::AtChangeOwner
        | Kind::AtSetRelOptions
        | Kind::AtResetRelOptions
        | Kind::AtEnableTrig
        | Kind::AtEnableAlwaysTrig
        | Kind::AtEnableReplicaTrig
        | Kind::AtDisableTrig
        | Kind::AtEnableRule
        | Kind::AtEnableAlwaysRule
        | Kind::AtEnableReplicaRule
        | Kind::AtDisableRule
        | Kind::AtEnableRowSecurity
        | Kind::AtDisableRowSecurity
        | Kind::AtForceRowSecurity
        | Kind::AtNoForceRowSecurity => return None,
        Kind::AtColumnDefault => "the defaults of columns",
        Kind::AtClusterOn | Kind::AtDropCluster => "by which index a relation is clustered",
        Kind::AtSetStatistics => "the statistics targets of columns",
        Kind::AtSetStorage | Kind::AtSetCompression => "how columns are stored",
        Kind::AtSetOptions | Kind::AtResetOptions => "the options of columns",
        Kind::AtSetTableSpace | Kind::AtSetAccessMethod => "where and how a relation is stored",
        Kind::AtReplicaIdentity => "the replica identity of a relation",
        Kind::AtEnableTrigAll | Kind::AtDisableTrigAll | Kind::AtEnableTrigUser | Kind::AtDisableTrigUser => {
            "the state of all triggers at once"
        }
        _ => "this of an object",
    })
}

/// The role that a statement says a privilege comes from.
pub(super) fn grantor(node: &NodeEnum) -> Option<&str> {
    let NodeEnum::GrantStmt(grant) = node else { return None };
    // Whoever runs the statement grants in any case.
    let named = |role: &&ast::RoleSpec| role.roletype() == ast::RoleSpecType::RolespecCstring;
    grant.grantor.as_ref().filter(named).map(|role| role.rolename.as_str())
}

/// A role that a statement names by what it is when it runs.
pub(super) fn role_of_the_moment(node: &NodeEnum) -> Option<&'static str> {
    let word = |role: &ast::RoleSpec| match role.roletype() {
        ast::RoleSpecType::RolespecCurrentUser => Some("CURRENT_USER"),
        ast::RoleSpecType::RolespecCurrentRole => Some("CURRENT_ROLE"),
        ast::RoleSpecType::RolespecSessionUser => Some("SESSION_USER"),
        _ => None,
    };
    let of_node = |node: &ast::Node| match &node.node {
        Some(NodeEnum::RoleSpec(role)) => word(role),
        Some(NodeEnum::AlterTableCmd(command)) => command.newowner.as_ref().and_then(word),
        _ => None,
    };
    match node {
        NodeEnum::GrantStmt(grant) => grant.grantees.iter().find_map(of_node),
        NodeEnum::AlterOwnerStmt(alter) => alter.newowner.as_ref().and_then(word),
        NodeEnum::AlterTableStmt(alter) => alter.cmds.iter().find_map(of_node),
        _ => None,
    }
}
