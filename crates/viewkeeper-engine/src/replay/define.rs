//! `CREATE AGGREGATE`, `CREATE OPERATOR`, `CREATE COLLATION`, `CREATE CAST`.

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{
    Aggregate, AggregateKind, Cast, CastContext, CastMethod, Collation, Oid, Operator, Parameter, ParameterMode,
    Routine, RoutineKind, RoutineSource, TypeKind, Volatility,
};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Call, CallMeaning, ObjectName};
use crate::tree::{Expr, ExprNode};

impl Session<'_> {
    pub(super) fn define(&mut self, statement: &ast::DefineStmt) -> Outcome {
        use ast::ObjectType as Kind;
        match statement.kind() {
            Kind::ObjectAggregate => self.create_aggregate(statement),
            Kind::ObjectOperator => self.create_operator(statement),
            Kind::ObjectType => self.define_base_type(statement),
            Kind::ObjectCollation => self.create_collation(statement),
            // Text search objects are named in strings only.
            _ => Ok(()),
        }
    }

    /// The type that an option names.
    fn option_type(&self, option: &ast::DefElem) -> Outcome<Oid> {
        match option.arg.as_ref().and_then(|argument| argument.node.as_ref()) {
            Some(NodeEnum::TypeName(name)) => self.type_named(name).map(|(oid, _)| oid),
            Some(NodeEnum::String(text)) => {
                let found = self.find_type(&[&text.sval]);
                found.ok_or_else(|| {
                    self.error(
                        SqlState::UNDEFINED_OBJECT,
                        format!("type `{}` does not exist", text.sval),
                        option.location,
                    )
                })
            }
            _ => Err(self.error(SqlState::SYNTAX_ERROR, format!("`{}` needs a type", option.defname), option.location)),
        }
    }

    fn create_aggregate(&mut self, statement: &ast::DefineStmt) -> Outcome {
        let parts = node::strings(&statement.defnames);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        // args: a list of parameters and the number of direct ones (-1 for a plain aggregate).
        let (mut parameters, mut direct) = (Vec::new(), -1i32);
        for node in &statement.args {
            match &node.node {
                Some(NodeEnum::List(list)) => {
                    for item in &list.items {
                        let Some(NodeEnum::FunctionParameter(parameter)) = &item.node else { continue };
                        let Some(type_name) = &parameter.arg_type else { continue };
                        let variadic = parameter.mode() == ast::FunctionParameterMode::FuncParamVariadic;
                        parameters.push(Parameter {
                            name: parameter.name.clone(),
                            type_: self.type_named(type_name)?.0,
                            mode: if variadic { ParameterMode::Variadic } else { ParameterMode::In },
                        });
                    }
                }
                Some(NodeEnum::Integer(number)) => direct = number.ival,
                _ => {}
            }
        }
        let (mut transition, mut final_function, mut state, mut initial, mut hypothetical) =
            (None, None, Oid::INVALID, false, false);
        let mut final_extra = false;
        for option in node::options(&statement.definition) {
            let text = node::option_text(option).unwrap_or_default();
            match option.defname.to_ascii_lowercase().as_str() {
                "sfunc" | "sfunc1" => transition = Some(text),
                "finalfunc" => final_function = Some(text),
                "stype" | "stype1" => state = self.option_type(option)?,
                "initcond" | "initcond1" => initial = true,
                "finalfunc_extra" => final_extra = node::option_bool(option),
                "hypothetical" => hypothetical = node::option_bool(option),
                "basetype" if statement.oldstyle && !text.eq_ignore_ascii_case("any") => {
                    let type_ = self.option_type(option)?;
                    parameters.push(Parameter { name: String::new(), type_, mode: ParameterMode::In });
                }
                _ => {}
            }
        }
        let inputs: Vec<Oid> = parameters.iter().map(|parameter| parameter.type_).collect();
        let ordered = direct >= 0;
        let aggregated =
            if ordered { inputs.get(usize::try_from(direct).unwrap_or(0)..).unwrap_or(&[]) } else { &inputs };
        let mut transition_inputs = vec![state];
        transition_inputs.extend_from_slice(aggregated);
        let Some(transition) = transition else {
            return Err(self.error(SqlState("42P13"), "aggregate sfunc must be specified", -1));
        };
        let (name_of_transition, (transition, given)) =
            (transition.clone(), self.support_function(&transition, &transition_inputs)?);
        let pseudo = |oid: Oid| self.catalog.type_(oid).is_none_or(|row| row.kind == TypeKind::Pseudo);
        if given != state && !pseudo(given) && !pseudo(state) {
            let shown = super::names::type_text(&self.catalog, state);
            let message = format!("return type of transition function `{name_of_transition}` is not `{shown}`");
            return Err(self.error(SqlState::DATATYPE_MISMATCH, message, -1));
        }
        let mut result = state;
        let final_oid = match final_function {
            Some(name) => {
                let mut arguments = vec![state];
                if ordered || final_extra {
                    arguments.extend_from_slice(&inputs);
                }
                let (found, given) = self.support_function(&name, &arguments)?;
                result = given;
                found
            }
            None => Oid::INVALID,
        };
        let variadic = match parameters.iter().find(|parameter| parameter.mode == ParameterMode::Variadic) {
            Some(parameter) => self.variadic_element(parameter.type_, -1)?,
            None => Oid::INVALID,
        };
        let named = parameters.iter().any(|row| !row.name.is_empty() || row.mode != ParameterMode::In);
        let kind = match (ordered, hypothetical) {
            (false, _) => AggregateKind::Normal,
            (true, true) => AggregateKind::HypotheticalSet,
            (true, false) => AggregateKind::OrderedSet,
        };
        let row = Routine {
            oid: Oid::INVALID,
            schema,
            name: name.to_owned(),
            kind: RoutineKind::Aggregate,
            strict: false,
            returns_set: false,
            volatility: Volatility::Immutable,
            defaults: 0,
            variadic,
            result,
            inputs,
            parameters: if named { parameters } else { Vec::new() },
            language: "internal".to_owned(),
            aggregate: Some(Aggregate {
                kind,
                direct_arguments: i16::try_from(direct.max(0)).unwrap_or(i16::MAX),
                transition,
                final_function: final_oid,
                transition_type: state,
                has_initial_value: initial,
            }),
            source: Some(RoutineSource { canonical: self.canonical_aggregate(statement), ..self.routine_source() }),
        };
        self.put_routine(row, statement.replace)
    }

    /// A support function of an aggregate with what it gives for these inputs (`lookup_agg_function`): the one that a call
    /// with them means; where they are polymorphic themselves, the one with exactly these inputs, else the only one of
    /// the name with as many.
    fn support_function(&self, dotted: &str, inputs: &[Oid]) -> Outcome<(Oid, Oid)> {
        let parts: Vec<&str> = dotted.split('.').collect();
        let (schema, name) = node::schema_and_name(&parts);
        let schemas = self.schemas_said(schema)?;
        let no_function = || {
            self.no_function(dotted, inputs).note("an aggregate calls it with its state and the values that it gathers")
        };
        let named: Vec<&Routine> =
            self.catalog.routines_named(name).filter(|row| schemas.contains(&row.schema)).collect();
        if let Some(exact) = named.iter().find(|row| row.inputs == inputs) {
            return Ok((exact.oid, exact.result));
        }
        let pseudo = |oid: &Oid| self.catalog.type_(*oid).is_none_or(|row| row.kind == TypeKind::Pseudo);
        if !inputs.iter().any(pseudo) {
            let args = inputs.iter().map(|type_| {
                let value = ExprNode::Const { type_: *type_, typmod: -1, collation: Oid::INVALID, value: None };
                Expr::new(value, None)
            });
            let called = ObjectName { schema: (!schema.is_empty()).then(|| schema.to_owned()), name: name.to_owned() };
            if let Ok(CallMeaning::Routine(call)) = self.resolver().call(Call::new(called, args.collect(), None)) {
                return Ok((call.routine.oid, call.type_));
            }
            let polymorphic = |row: &&Routine| row.inputs.iter().any(pseudo);
            if !named.iter().any(polymorphic) && self.catalog.unmodelled.is_empty() {
                return Err(no_function());
            }
        }
        let mut near = named.iter().filter(|row| row.inputs.len() == inputs.len() || row.variadic.is_valid());
        match (near.next(), near.next()) {
            (Some(only), None) => Ok((only.oid, only.result)),
            (None, _) => Err(no_function()),
            _ => {
                let message = format!("which function `{dotted}` an aggregate uses cannot be told");
                Err(self
                    .error(SqlState::FEATURE_NOT_SUPPORTED, message, -1)
                    .note("several have the name, and none takes exactly the types of the aggregate"))
            }
        }
    }

    /// The schema that is written before a name, or those on the search path.
    fn schemas_said(&self, schema: &str) -> Outcome<Vec<Oid>> {
        match schema {
            "" => Ok(self.visible_schemas()),
            schema => Ok(vec![self.schema(schema, -1)?]),
        }
    }

    fn no_function(&self, dotted: &str, inputs: &[Oid]) -> Diagnostic {
        let texts: Vec<String> = inputs.iter().map(|oid| super::names::type_text(&self.catalog, *oid)).collect();
        let message = format!("function `{dotted}({})` does not exist", texts.join(", "));
        self.error(SqlState::UNDEFINED_FUNCTION, message, -1)
    }

    /// The function of an operator with what it gives: the first on the search path with exactly the operands' types
    /// (`LookupFuncName`).
    fn operator_function(&self, dotted: &str, operands: &[Oid]) -> Outcome<(Oid, Oid)> {
        let parts: Vec<&str> = dotted.split('.').collect();
        let (schema, name) = node::schema_and_name(&parts);
        let schemas = self.schemas_said(schema)?;
        let found = schemas.iter().find_map(|schema| {
            self.catalog.routines_named(name).find(|row| row.schema == *schema && row.inputs == operands)
        });
        found.map(|row| (row.oid, row.result)).ok_or_else(|| self.no_function(dotted, operands))
    }

    fn create_operator(&mut self, statement: &ast::DefineStmt) -> Outcome {
        let parts = node::strings(&statement.defnames);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        let (mut left, mut right, mut function) = (Oid::INVALID, Oid::INVALID, None);
        let (mut can_merge, mut can_hash) = (false, false);
        let (mut commutator, mut negator) = (None, None);
        for option in node::options(&statement.definition) {
            match option.defname.to_ascii_lowercase().as_str() {
                "leftarg" => left = self.option_type(option)?,
                "rightarg" => right = self.option_type(option)?,
                "function" | "procedure" => function = node::option_text(option),
                "hashes" => can_hash = node::option_bool(option),
                "merges" => can_merge = node::option_bool(option),
                "commutator" => commutator = node::option_text(option),
                "negator" => negator = node::option_text(option),
                _ => {}
            }
        }
        let Some(function) = function else {
            return Err(self.error(SqlState("42P13"), "operator function must be specified", -1));
        };
        let inputs: Vec<Oid> = [left, right].into_iter().filter(|oid| oid.is_valid()).collect();
        let (function, result) = self.operator_function(&function, &inputs)?;
        let existing = self
            .catalog
            .operators_named(name)
            .find(|row| row.schema == schema && row.left == left && row.right == right && row.result.is_valid());
        if existing.is_some() {
            let message = format!("operator `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_FUNCTION, message, -1));
        }
        let oid = self.catalog.allocate();
        let find = |dotted: Option<String>, left: Oid, right: Oid| {
            let dotted = dotted?;
            let bare = dotted.rsplit('.').next().unwrap_or_default();
            if bare == name && left == right {
                return Some(oid);
            }
            let found = self.catalog.operators_named(bare).find(|row| row.left == left && row.right == right);
            found.map(|row| row.oid)
        };
        let commutator = find(commutator, right, left).unwrap_or_default();
        let negator = find(negator, left, right).unwrap_or_default();
        self.catalog.insert_operator(Operator {
            oid,
            schema,
            name: name.to_owned(),
            left,
            right,
            result,
            function,
            commutator,
            negator,
            can_merge,
            can_hash,
        });
        // The other side learns of its partner (OperatorUpd).
        self.catalog.update_operator(commutator, |row| row.commutator = oid);
        self.catalog.update_operator(negator, |row| row.negator = oid);
        Ok(())
    }

    fn create_collation(&mut self, statement: &ast::DefineStmt) -> Outcome {
        let parts = node::strings(&statement.defnames);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        if self.catalog.collation_by_name(schema, name).is_some() {
            if statement.if_not_exists {
                return Ok(());
            }
            let message = format!("collation `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let mut deterministic = true;
        for option in node::options(&statement.definition) {
            match option.defname.to_ascii_lowercase().as_str() {
                "deterministic" => deterministic = node::option_bool(option),
                "from" => {
                    if let Some(NodeEnum::List(list)) = option.arg.as_ref().and_then(|arg| arg.node.as_ref()) {
                        let from = self.collation(&node::strings(&list.items), option.location)?;
                        deterministic = self.catalog.collation(from).is_none_or(|row| row.deterministic);
                    }
                }
                _ => {}
            }
        }
        let oid = self.catalog.allocate();
        self.catalog.insert_collation(Collation { oid, schema, name: name.to_owned(), deterministic });
        Ok(())
    }

    pub(super) fn create_cast(&mut self, statement: &ast::CreateCastStmt) -> Outcome {
        let (Some(source), Some(target)) = (&statement.sourcetype, &statement.targettype) else {
            return Err(self.malformed("without types"));
        };
        let (source, target) = (self.type_named(source)?.0, self.type_named(target)?.0);
        if self.catalog.cast(source, target).is_some() {
            let described = self.describe(&super::address::Address::Cast(source, target));
            return Err(self.error(SqlState::DUPLICATE_OBJECT, format!("{described} already exists"), -1));
        }
        let (function, method) = match &statement.func {
            Some(name) => (self.routine(ast::ObjectType::ObjectFunction, name)?, CastMethod::Function),
            None if statement.inout => (Oid::INVALID, CastMethod::InputOutput),
            None => (Oid::INVALID, CastMethod::Binary),
        };
        let context = match statement.context() {
            ast::CoercionContext::CoercionImplicit => CastContext::Implicit,
            ast::CoercionContext::CoercionAssignment => CastContext::Assignment,
            _ => CastContext::Explicit,
        };
        self.catalog.insert_cast(Cast { source, target, function, context, method });
        Ok(())
    }
}
