//! What definition files may say of objects that they do not declare: comments, privileges, owners, where these are kept.

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
