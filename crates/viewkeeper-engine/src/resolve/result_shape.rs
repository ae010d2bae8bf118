//! What an expression gives where a row or a set is asked for: a value, or columns (utils/fmgr/funcapi.c).

use super::Resolver;
use super::polymorphic::is_polymorphic;
use crate::catalog::{Oid, ParameterMode, Relation, Routine, TypeKind, oids};
use crate::tree::{Expr, ExprNode, RowColumn, expr_collation, expr_input_collation};

/// What a call gives (`TypeFuncClass` in funcapi.h).
#[derive(Debug, Clone, PartialEq)]
pub enum ResultShape {
    /// A value; also of a pseudo-type that FROM and output columns cannot hold, which is the caller's to refuse.
    Scalar(Oid),
    /// A row with known columns; the type is a row type, a domain over one, or `record` (`OUT` parameters).
    Row {
        /// The type.
        type_: Oid,
        /// The columns; dropped ones have an invalid type and an empty name.
        columns: Vec<RowColumn>,
    },
    /// `record` without known columns: a call in FROM must be followed by a list of column definitions.
    UnknownRow,
}

impl Resolver<'_> {
    /// What an expression gives (`get_expr_result_type`). Collations of polymorphic columns are those of the call's
    /// inputs, so they are right after collations were assigned.
    pub fn result_shape(&self, expr: &Expr) -> ResultShape {
        match &*expr.node {
            ExprNode::Function { function, args, .. } => self.routine_shape(*function, expr, args),
            ExprNode::Operator { function, args, .. } => self.routine_shape(*function, expr, args),
            ExprNode::Row { type_: oids::RECORD, names, args } => {
                let columns = args
                    .iter()
                    .enumerate()
                    .map(|(at, arg)| RowColumn {
                        name: names.get(at).cloned().unwrap_or_else(|| format!("f{}", at + 1)),
                        type_: self.type_of(arg),
                        typmod: self.typmod_of(arg),
                        collation: expr_collation(arg),
                    })
                    .collect();
                ResultShape::Row { type_: oids::RECORD, columns }
            }
            _ => self.type_shape(self.type_of(expr)),
        }
    }

    /// What a value of a type is (`get_type_func_class`).
    pub fn type_shape(&self, type_: Oid) -> ResultShape {
        let base = self.catalog.base_type(type_);
        let Some(row) = self.catalog.type_(base) else { return ResultShape::Scalar(type_) };
        match row.kind {
            TypeKind::Composite => match self.catalog.relation(row.relation) {
                Some(relation) => ResultShape::Row { type_, columns: relation_columns(relation) },
                None => ResultShape::Scalar(type_),
            },
            TypeKind::Pseudo if base == oids::RECORD => ResultShape::UnknownRow,
            _ => ResultShape::Scalar(type_),
        }
    }

    /// `internal_get_result_type`
    fn routine_shape(&self, function: Oid, call: &Expr, args: &[Expr]) -> ResultShape {
        let Some(routine) = self.catalog.routine(function) else { return self.type_shape(self.type_of(call)) };
        let outputs: Vec<_> = output_parameters(routine).collect();
        if routine.result != oids::RECORD || outputs.len() < 2 {
            let type_ = if is_polymorphic(routine.result) { self.type_of(call) } else { routine.result };
            return self.type_shape(type_);
        }
        let actual: Vec<Oid> = args.iter().map(|arg| self.type_of(arg)).collect();
        let columns = outputs
            .iter()
            .enumerate()
            .map(|(at, (name, declared))| {
                let polymorphic = is_polymorphic(*declared);
                let type_ = if polymorphic {
                    let mut inputs = routine.inputs.clone();
                    self.enforce_polymorphic(&actual, &mut inputs, *declared).unwrap_or(Oid::INVALID)
                } else {
                    *declared
                };
                let own = self.catalog.type_collation(type_);
                let given = expr_input_collation(call);
                RowColumn {
                    name: if name.is_empty() { format!("column{}", at + 1) } else { (*name).to_owned() },
                    type_,
                    typmod: -1,
                    collation: if polymorphic && own.is_valid() && given.is_valid() { given } else { own },
                }
            })
            .collect();
        ResultShape::Row { type_: oids::RECORD, columns }
    }
}

/// The columns of a relation as of a row; dropped ones keep their place, with an invalid type and an empty name.
pub fn relation_columns(relation: &Relation) -> Vec<RowColumn> {
    relation
        .columns
        .iter()
        .map(|column| {
            if column.dropped {
                RowColumn { name: String::new(), type_: Oid::INVALID, typmod: -1, collation: Oid::INVALID }
            } else {
                RowColumn {
                    name: column.name.clone(),
                    type_: column.type_,
                    typmod: column.typmod,
                    collation: column.collation,
                }
            }
        })
        .collect()
}

/// The name that a function gives its only output, if it does (`get_func_result_name`).
pub fn result_name(routine: &Routine) -> Option<&str> {
    let mut outputs = output_parameters(routine);
    let (name, _) = outputs.next()?;
    (outputs.next().is_none() && !name.is_empty()).then_some(name)
}

/// Names and types of `OUT`, `INOUT` and `TABLE` parameters.
fn output_parameters(routine: &Routine) -> impl Iterator<Item = (&str, Oid)> {
    routine
        .parameters
        .iter()
        .filter(|parameter| matches!(parameter.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table))
        .map(|parameter| (parameter.name.as_str(), parameter.type_))
}
