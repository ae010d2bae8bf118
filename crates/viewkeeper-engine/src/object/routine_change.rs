//! What `CREATE OR REPLACE` may change of a routine (`ProcedureCreate` in pg_proc.c), for the replay and for the diff.

use crate::catalog::{AggregateKind, Catalog, Oid, ParameterMode, Routine, RoutineKind, oids};

/// What a replacement must keep, by name so that two states can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: RoutineKind,
    pub(crate) result: String,
    pub(crate) returns_set: bool,
    /// Names and types of the output parameters.
    pub(crate) outputs: Vec<(String, String)>,
    /// Names of the input parameters; empty where they have none.
    pub(crate) inputs: Vec<String>,
    pub(crate) defaults: u16,
    is_record: bool,
    aggregate: Option<(AggregateKind, i16)>,
}

/// Why a routine cannot be replaced in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is of another kind.
    Kind,
    /// It returns something else.
    Result,
    /// Its output parameters are others.
    Outputs,
    /// The input parameter of this name has another.
    InputName(String),
    /// A default value is gone.
    Defaults,
}

impl Shape {
    pub(crate) fn of(catalog: &Catalog, routine: &Routine) -> Self {
        let type_text = |oid: Oid| catalog.qualified_type(oid, -1);
        let is_output = |mode| !matches!(mode, ParameterMode::In | ParameterMode::Variadic);
        let is_input = |mode| !matches!(mode, ParameterMode::Out | ParameterMode::Table);
        let parameters = || routine.parameters.iter();
        Self {
            kind: routine.kind,
            result: type_text(routine.result),
            returns_set: routine.returns_set,
            outputs: parameters()
                .filter(|parameter| is_output(parameter.mode))
                .map(|parameter| (parameter.name.clone(), type_text(parameter.type_)))
                .collect(),
            inputs: parameters()
                .filter(|parameter| is_input(parameter.mode))
                .map(|parameter| parameter.name.clone())
                .collect(),
            defaults: routine.defaults,
            is_record: routine.result == oids::RECORD,
            aggregate: routine.aggregate.as_ref().map(|row| (row.kind, row.direct_arguments)),
        }
    }
}

/// Why the new state of a routine cannot take the place of the old one; `None` when it can.
pub(crate) fn replace_refusal(old: &Shape, new: &Shape) -> Option<Refusal> {
    if old.kind != new.kind || old.aggregate != new.aggregate {
        return Some(Refusal::Kind);
    }
    if (&old.result, old.returns_set) != (&new.result, new.returns_set) {
        return Some(Refusal::Result);
    }
    if old.is_record && old.outputs != new.outputs {
        return Some(Refusal::Outputs);
    }
    let mut names = new.inputs.iter();
    for name in &old.inputs {
        let new_name = names.next();
        if !name.is_empty() && new_name != Some(name) {
            return Some(Refusal::InputName(name.clone()));
        }
    }
    (new.defaults < old.defaults).then_some(Refusal::Defaults)
}
