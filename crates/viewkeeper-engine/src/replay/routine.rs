//! Functions and procedures: creation, replacement, alteration, and finding them by signature.

use std::collections::BTreeSet;

use super::address::Address;
use super::names::{shown, type_text};
use super::node;
use super::routine_source::Meant;
use super::session::{Outcome, Session};
use crate::analyse::Purpose;
use crate::analysis::Dependency;
use crate::catalog::{
    Oid, Origin, Parameter, ParameterMode, Routine, RoutineKind, RoutineSource, Type, TypeKind, Volatility, oids,
};
use crate::diagnostic::SqlState;
use crate::object::{Refusal, Shape, replace_refusal};
use crate::parser::{self, NodeEnum, ast};
use crate::tree::RowColumn;

const INVALID_FUNCTION_DEFINITION: SqlState = SqlState("42P13");

/// The options of `CREATE FUNCTION` and `ALTER FUNCTION`.
#[derive(Default)]
struct Options {
    language: Option<String>,
    body: Option<String>,
    volatility: Option<Volatility>,
    strict: Option<bool>,
    window: bool,
    search_path: Option<Option<Vec<String>>>,
}

/// The body of a routine that is a string.
pub(super) struct Body {
    pub(super) language: String,
    pub(super) text: String,
    /// `SET search_path` on the routine.
    pub(super) search_path: Option<Vec<String>>,
}

/// The body of a routine, where it is a string.
pub(super) fn body(statement: &ast::CreateFunctionStmt) -> Option<Body> {
    let options = options(&statement.options);
    let language = options.language.unwrap_or_else(|| "sql".to_owned());
    let text = options.body.filter(|_| statement.sql_body.is_none())?;
    Some(Body { language, text, search_path: options.search_path.flatten() })
}

impl Session<'_> {
    /// A default is a value of its parameter when the routine is made (`interpret_function_parameter_list`). What a
    /// polymorphic parameter takes is told by a call only. Gives what it uses.
    fn check_parameter_default(
        &self,
        parameter: &ast::FunctionParameter,
        type_: Oid,
        default: &ast::Node,
    ) -> Outcome<Option<BTreeSet<Dependency>>> {
        let Some(row) = self.catalog.type_(type_).filter(|row| row.kind != TypeKind::Pseudo) else { return Ok(None) };
        let name = parameter.name.clone();
        let column = RowColumn { name, type_, typmod: -1, collation: row.collation };
        self.expression_dependencies(default, None, &Purpose::Default(&column)).map(Some)
    }

    pub(super) fn create_function(&mut self, statement: &ast::CreateFunctionStmt) -> Outcome {
        let parts = node::strings(&statement.funcname);
        let (schema, name) = node::schema_and_name(&parts);
        let schema = self.creation_schema(schema, "p", -1)?;
        let options = options(&statement.options);
        let language = options.language.clone().unwrap_or_else(|| "sql".to_owned());
        let opaque = matches!(language.as_str(), "c" | "internal");
        self.check_language(&language)?;

        let (mut parameters, mut inputs, mut defaults, mut variadic) = (Vec::new(), Vec::new(), 0u16, Oid::INVALID);
        let mut meant = Meant { defaults: vec![None; statement.parameters.len()], body: None };
        for (at, element) in statement.parameters.iter().enumerate() {
            let Some(NodeEnum::FunctionParameter(parameter)) = &element.node else { continue };
            let Some(type_name) = &parameter.arg_type else { continue };
            let type_ = self.parameter_type(type_name, opaque)?;
            let mode = mode(parameter.mode());
            if matches!(mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic) {
                inputs.push(type_);
                if let Some(default) = &parameter.defexpr {
                    let used = self.check_parameter_default(parameter, type_, default)?;
                    meant.defaults.iter_mut().skip(at).take(1).for_each(|meant| meant.clone_from(&used));
                    defaults += 1;
                } else if defaults > 0 && mode != ParameterMode::Variadic {
                    let message = "input parameters after one with a default value must also have defaults";
                    return Err(self.error(INVALID_FUNCTION_DEFINITION, message, parameter.location));
                }
            }
            if mode == ParameterMode::Variadic {
                variadic = self.variadic_element(type_, parameter.location)?;
            }
            let is_input = |mode| matches!(mode, ParameterMode::In | ParameterMode::Variadic);
            let is_output = |mode| matches!(mode, ParameterMode::Out | ParameterMode::Table);
            // One name may be that of an input and of an output.
            let clashes = |other: &Parameter| {
                other.name == parameter.name
                    && !(is_input(mode) && is_output(other.mode) || is_output(mode) && is_input(other.mode))
            };
            if !parameter.name.is_empty() && parameters.iter().any(clashes) {
                let message = format!("parameter name `{}` used more than once", parameter.name);
                return Err(self.error(INVALID_FUNCTION_DEFINITION, message, parameter.location));
            }
            parameters.push(Parameter { name: parameter.name.clone(), type_, mode });
        }
        let (result, returns_set) = self.result_type(statement, &parameters, opaque)?;
        let outputs = parameters.iter().filter(|row| !matches!(row.mode, ParameterMode::In | ParameterMode::Variadic));
        for type_ in outputs.map(|row| row.type_).chain([result]) {
            if !has_polymorphic_source(type_, &inputs) {
                let shown = type_text(&self.catalog, type_);
                let message = format!("no parameter tells which type the result `{shown}` is");
                return Err(self
                    .error(INVALID_FUNCTION_DEFINITION, message, -1)
                    .note("a polymorphic result takes its type from a polymorphic parameter")
                    .help("name the type itself"));
            }
        }
        let interesting =
            parameters.iter().any(|parameter| !parameter.name.is_empty() || parameter.mode != ParameterMode::In);
        if !interesting {
            parameters.clear();
        }
        let kind = match (statement.is_procedure, options.window) {
            (true, _) => RoutineKind::Procedure,
            (false, true) => RoutineKind::Window,
            (false, false) => RoutineKind::Function,
        };
        let sql_body = if language == "sql" {
            options.body.clone().or_else(|| statement.sql_body.as_deref().and_then(atomic_body))
        } else {
            None
        };
        let path = options.search_path.clone().flatten();
        let mut row = Routine {
            oid: Oid::INVALID,
            schema,
            name: name.to_owned(),
            kind,
            strict: options.strict.unwrap_or(false),
            returns_set,
            volatility: options.volatility.unwrap_or(Volatility::Volatile),
            defaults,
            variadic,
            result,
            inputs,
            parameters,
            language,
            aggregate: None,
            source: None,
        };
        meant.body = self.meant_in_body(statement, &row);
        let mut source = RoutineSource { sql_body, ..self.function_source(statement, path.clone(), &meant) };
        if let Some(body) = body(statement) {
            // It is looked at with the routine's own search path.
            let path = path.unwrap_or_else(|| self.search_path().to_vec());
            let named = self.with_search_path(path, |session| session.named_in_body(&body.language, &body.text));
            source.needed_at_creation.extend(named);
        }
        row.source = Some(source);
        let checked = row.clone();
        self.put_routine(row, statement.replace)?;
        self.check_sql_routine(statement, &checked)
    }

    /// Adds a routine, or replaces the one with the same inputs where that is allowed (`ProcedureCreate`).
    pub(super) fn put_routine(&mut self, mut row: Routine, replace: bool) -> Outcome {
        let old = self
            .catalog
            .routines_named(&row.name)
            .find(|other| other.schema == row.schema && other.inputs == row.inputs)
            .cloned();
        let Some(old) = old else {
            // A definition's routine gets the number that it had before.
            let kept = self.kept_routines.remove(&(row.schema, row.name.clone(), row.inputs.clone()));
            row.oid = kept.unwrap_or_else(|| self.catalog.allocate());
            let oid = row.oid;
            self.catalog.insert_routine(row);
            self.origin_of_routine(oid);
            self.apply_default_privileges(&Address::Routine(oid));
            return Ok(());
        };
        let text = self.routine_text(old.oid);
        let origin = old.source.as_ref().map(|source| source.provenance.origin);
        let declared_twice = self.origin == Origin::Definition && origin == Some(Origin::Definition);
        if !replace || declared_twice {
            let message = format!("function `{text}` already exists with same argument types");
            return Err(self.error(SqlState::DUPLICATE_FUNCTION, message, -1));
        }
        if !self.catalog.routines.contains_key(&old.oid) {
            let message = format!("permission denied: `{text}` is a built-in function");
            return Err(self.error(SqlState("42501"), message, -1));
        }
        let refusal = replace_refusal(&Shape::of(&self.catalog, &old), &Shape::of(&self.catalog, &row));
        let error = |code: SqlState, message: String| self.error(code, message, -1);
        let drop_first = format!("drop it first: `DROP FUNCTION {text}`");
        match refusal {
            None => {}
            Some(Refusal::Kind) => {
                return Err(error(SqlState::WRONG_OBJECT_TYPE, format!("cannot change routine kind of `{text}`")));
            }
            Some(Refusal::Result | Refusal::Outputs) => {
                let message = format!("cannot change return type of existing function `{text}`");
                return Err(error(INVALID_FUNCTION_DEFINITION, message).help(drop_first));
            }
            Some(Refusal::InputName(old)) => {
                let message = format!("cannot change name of input parameter `{old}`");
                return Err(error(INVALID_FUNCTION_DEFINITION, message).help(drop_first));
            }
            Some(Refusal::Defaults) => {
                let message = format!("cannot remove parameter defaults from existing function `{text}`");
                return Err(error(INVALID_FUNCTION_DEFINITION, message));
            }
        }
        row.oid = old.oid;
        self.catalog.insert_routine(row);
        Ok(())
    }

    /// Languages come with PostgreSQL or an extension. Which ones an extension brings is not known by name.
    fn check_language(&self, language: &str) -> Outcome {
        let own = ["sql", "plpgsql", "c", "internal"];
        let further = !self.catalog.unmodelled.is_empty()
            || self.catalog.extensions.keys().any(|extension| extension != "plpgsql" && extension.starts_with("pl"))
            || self.catalog.routines.values().any(|row| row.result == oids::LANGUAGE_HANDLER);
        if own.contains(&language) || further {
            return Ok(());
        }
        let error = self.error(SqlState::UNDEFINED_OBJECT, format!("language `{language}` does not exist"), -1);
        Err(error.help("if an extension brings it, create the extension first"))
    }

    /// The type of a parameter or result; a type that C functions are written for may not be there yet.
    fn parameter_type(&mut self, name: &ast::TypeName, opaque: bool) -> Outcome<Oid> {
        let parts = node::strings(&name.names);
        if opaque && !name.pct_type && name.array_bounds.is_empty() {
            let shell = self.find_type(&parts).filter(|oid| self.catalog.type_(*oid).is_some_and(|row| !row.defined));
            if let Some(shell) = shell {
                return Ok(shell);
            }
        }
        Ok(self.type_named(name)?.0)
    }

    pub(super) fn variadic_element(&self, type_: Oid, location: i32) -> Outcome<Oid> {
        Ok(match type_ {
            oids::ANY => oids::ANY,
            oids::ANYARRAY => oids::ANYELEMENT,
            oids::ANYCOMPATIBLEARRAY => oids::ANYCOMPATIBLE,
            type_ => {
                let element = self.catalog.element_type(type_);
                if !element.is_valid() {
                    let message = "VARIADIC parameter must be an array";
                    return Err(self.error(INVALID_FUNCTION_DEFINITION, message, location));
                }
                element
            }
        })
    }

    /// The result and whether it is a set, from `RETURNS`, `RETURNS TABLE` and output parameters.
    fn result_type(
        &mut self,
        statement: &ast::CreateFunctionStmt,
        parameters: &[Parameter],
        opaque: bool,
    ) -> Outcome<(Oid, bool)> {
        let outputs: Vec<Oid> = parameters
            .iter()
            .filter(|row| matches!(row.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table))
            .map(|row| row.type_)
            .collect();
        let table = parameters.iter().any(|row| row.mode == ParameterMode::Table);
        let required = match outputs.as_slice() {
            [] => None,
            [one] if !statement.is_procedure => Some(*one),
            _ => Some(oids::RECORD),
        };
        let Some(written) = &statement.return_type else {
            return match required {
                Some(required) => Ok((required, table)),
                None if statement.is_procedure => Ok((oids::VOID, false)),
                None => Err(self.error(INVALID_FUNCTION_DEFINITION, "function result type must be specified", -1)),
            };
        };
        let result =
            self.shell_for_result(written, opaque)?.map_or_else(|| self.parameter_type(written, opaque), Ok)?;
        if let Some(required) = required
            && required != result
        {
            let message = format!(
                "function result type must be `{}` because of OUT parameters",
                type_text(&self.catalog, required)
            );
            return Err(self.error(INVALID_FUNCTION_DEFINITION, message, written.location));
        }
        Ok((result, written.setof || table))
    }

    pub(super) fn alter_function(&mut self, statement: &ast::AlterFunctionStmt) -> Outcome {
        let Some(name) = &statement.func else { return Err(self.malformed("without a function")) };
        let oid = self.routine(statement.objtype(), name)?;
        if self.catalog.routine(oid).is_some_and(|row| row.kind == RoutineKind::Aggregate) {
            let message = format!("`{}` is an aggregate function", node::strings(&name.objname).join("."));
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        }
        let options = options(&statement.actions);
        let change = altered(statement);
        self.catalog.update_routine(oid, |row| {
            row.strict = options.strict.unwrap_or(row.strict);
            row.volatility = options.volatility.unwrap_or(row.volatility);
            if let (Some(path), Some(source)) = (options.search_path, &mut row.source) {
                source.search_path = path;
            }
        });
        if let Some(change) = change {
            self.catalog.update_routine(oid, |row| {
                row.source.iter_mut().for_each(|source| source.altered.push(change.clone()));
            });
        }
        Ok(())
    }

    /// The routine that a signature names.
    pub(super) fn routine(&self, kind: ast::ObjectType, name: &ast::ObjectWithArgs) -> Outcome<Oid> {
        if let Some(found) = self.find_routine(kind, name)? {
            return Ok(found);
        }
        let parts = node::strings(&name.objname);
        let (schema, bare) = node::schema_and_name(&parts);
        // Types that are not there are named first (`LookupFuncWithArgs`).
        let inputs = if name.args_unspecified { None } else { Some(self.argument_types(name)?) };
        self.check_written_schema(schema, -1)?;
        let word = if kind == ast::ObjectType::ObjectProcedure { "procedure" } else { "function" };
        // One of another kind (`LookupFuncWithArgs`), which a name alone does not find.
        if !name.args_unspecified && self.find_routine(ast::ObjectType::ObjectRoutine, name)?.is_some() {
            let wanted = if kind == ast::ObjectType::ObjectAggregate { "an aggregate" } else { &format!("a {word}") };
            let message = format!("`{}` is not {wanted}", shown(schema, bare));
            return Err(self.error(SqlState::WRONG_OBJECT_TYPE, message, -1));
        }
        let inputs = inputs.map_or_else(String::new, |inputs| {
            let texts: Vec<String> = inputs.iter().flatten().map(|oid| type_text(&self.catalog, *oid)).collect();
            format!("({})", texts.join(", "))
        });
        let message = format!("{word} `{}{inputs}` does not exist", shown(schema, bare));
        Err(self.error(SqlState::UNDEFINED_FUNCTION, message, -1))
    }

    /// The routine that a signature names, if there is one.
    pub(super) fn find_routine(&self, kind: ast::ObjectType, name: &ast::ObjectWithArgs) -> Outcome<Option<Oid>> {
        let parts = node::strings(&name.objname);
        let (schema, bare) = node::schema_and_name(&parts);
        let schemas = match schema {
            "" => self.visible_schemas(),
            schema => self.catalog.schema_by_name(schema).into_iter().collect(),
        };
        let candidates: Vec<&Routine> = self
            .catalog
            .routines_named(bare)
            .filter(|row| schemas.contains(&row.schema) && Self::routine_kind_fits(kind, row.kind))
            .collect();
        if name.args_unspecified {
            return match candidates.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(one.oid)),
                _ => {
                    let message = format!("function name `{bare}` is not unique");
                    Err(self
                        .error(SqlState::AMBIGUOUS_FUNCTION, message, -1)
                        .help("write the argument list to choose one"))
                }
            };
        }
        let Ok(inputs) = self.argument_types(name) else { return Ok(None) };
        let inputs: Vec<Oid> = inputs.into_iter().flatten().collect();
        let by_schema = |fits: &dyn Fn(&Routine) -> bool| {
            schemas
                .iter()
                .find_map(|schema| candidates.iter().find(|row| row.schema == *schema && fits(row)).map(|row| row.oid))
        };
        let found = by_schema(&|row| row.inputs == inputs);
        let procedure = matches!(kind, ast::ObjectType::ObjectProcedure | ast::ObjectType::ObjectRoutine);
        let modes = name.objfuncargs.iter().any(|argument| {
            matches!(&argument.node, Some(NodeEnum::FunctionParameter(parameter))
                if parameter.mode() != ast::FunctionParameterMode::FuncParamDefault)
        });
        if !procedure || modes || name.objfuncargs.is_empty() {
            return Ok(found);
        }
        // As the standard has it, a procedure may be named by all of its parameters (LookupFuncWithArgs).
        let with_outputs = by_schema(&|row| {
            row.kind == RoutineKind::Procedure
                && !row.parameters.is_empty()
                && row.parameters.iter().map(|parameter| parameter.type_).eq(inputs.iter().copied())
        });
        match (found, with_outputs) {
            (Some(one), Some(other)) if one != other => {
                let message = format!("procedure name `{bare}` is not unique");
                Err(self.error(SqlState::AMBIGUOUS_FUNCTION, message, -1))
            }
            (found, with_outputs) => Ok(found.or(with_outputs)),
        }
    }

    /// The types of a signature; `None` for `NONE`.
    fn argument_types(&self, name: &ast::ObjectWithArgs) -> Outcome<Vec<Option<Oid>>> {
        name.objargs
            .iter()
            .map(|argument| match &argument.node {
                Some(NodeEnum::TypeName(name)) => {
                    let shell = self.find_type(&node::strings(&name.names));
                    let shell = shell.filter(|oid| self.catalog.type_(*oid).is_some_and(|row| !row.defined));
                    match shell {
                        Some(shell) => Ok(Some(shell)),
                        None => self.type_named(name).map(|(oid, _)| Some(oid)),
                    }
                }
                _ => Ok(None),
            })
            .collect()
    }

    /// The operator that a signature names.
    pub(super) fn operator(&self, name: &ast::ObjectWithArgs) -> Outcome<Oid> {
        let types = self.argument_types(name)?;
        let (left, right) = match types.as_slice() {
            [left, right] => (left.unwrap_or_default(), right.unwrap_or_default()),
            _ => return Err(self.malformed("without operand types")),
        };
        self.operator_of(&node::strings(&name.objname), left, right)
    }

    /// The operator of a name and of exactly these types.
    pub(super) fn operator_of(&self, parts: &[&str], left: Oid, right: Oid) -> Outcome<Oid> {
        let (schema, bare) = node::schema_and_name(parts);
        let schemas = match schema {
            "" => self.visible_schemas(),
            schema => self.catalog.schema_by_name(schema).into_iter().collect(),
        };
        let found = schemas.iter().find_map(|schema| {
            self.catalog
                .operators_named(bare)
                .find(|row| row.schema == *schema && row.left == left && row.right == right)
                .map(|row| row.oid)
        });
        found.ok_or_else(|| {
            self.error(SqlState::UNDEFINED_FUNCTION, format!("operator `{bare}` of these types does not exist"), -1)
        })
    }

    /// The constructor functions that come with a range type.
    pub(super) fn add_range_constructors(&mut self, schema: Oid, range: Oid, subtype: Oid, multirange: Oid) {
        let range_array = self.catalog.array_type(range);
        let bounds_text = oids::TEXT;
        let signatures = [
            (range, range, vec![subtype, subtype], Oid::INVALID, false),
            (range, range, vec![subtype, subtype, bounds_text], Oid::INVALID, false),
            (multirange, multirange, vec![], Oid::INVALID, true),
            (multirange, multirange, vec![range], Oid::INVALID, true),
            (multirange, multirange, vec![range_array], range, true),
        ];
        for (named_after, result, inputs, variadic, strict) in signatures {
            let Some(Type { name, .. }) = self.catalog.type_(named_after).cloned() else { continue };
            let kept = self.kept_routines.remove(&(schema, name.clone(), inputs.clone()));
            let oid = kept.unwrap_or_else(|| self.catalog.allocate());
            self.catalog.insert_routine(Routine {
                oid,
                schema,
                name,
                kind: RoutineKind::Function,
                strict,
                returns_set: false,
                volatility: Volatility::Immutable,
                defaults: 0,
                variadic,
                result,
                inputs,
                parameters: Vec::new(),
                language: "internal".to_owned(),
                aggregate: None,
                source: None,
            });
        }
        // A value of a range casts to its multirange (pg_cast row made by DefineRange from 14 on).
        let function = self.catalog.routines.values().rfind(|row| row.result == multirange && row.inputs == [range]);
        if let Some(function) = function.map(|row| row.oid) {
            self.catalog.insert_cast(crate::catalog::Cast {
                source: range,
                target: multirange,
                function,
                context: crate::catalog::CastContext::Explicit,
                method: crate::catalog::CastMethod::Function,
            });
        }
    }
}

/// What `ALTER FUNCTION` says behind the name.
fn altered(statement: &ast::AlterFunctionStmt) -> Option<String> {
    let name = ast::Node { node: Some(NodeEnum::String(ast::String { sval: "routine".to_owned() })) };
    let func = ast::ObjectWithArgs { objname: vec![name], args_unspecified: true, ..Default::default() };
    let objtype = ast::ObjectType::ObjectFunction as i32;
    let statement = ast::AlterFunctionStmt { func: Some(func), objtype, ..statement.clone() };
    let text = parser::canonical(&NodeEnum::AlterFunctionStmt(statement)).ok()?;
    text.strip_prefix("ALTER FUNCTION routine ").map(str::to_owned)
}

/// Whether a result's type can be told from the inputs (`check_valid_polymorphic_signature`).
fn has_polymorphic_source(result: Oid, inputs: &[Oid]) -> bool {
    let simple =
        [oids::ANYELEMENT, oids::ANYARRAY, oids::ANYNONARRAY, oids::ANYENUM, oids::ANYRANGE, oids::ANYMULTIRANGE];
    let compatible = [
        oids::ANYCOMPATIBLE,
        oids::ANYCOMPATIBLEARRAY,
        oids::ANYCOMPATIBLENONARRAY,
        oids::ANYCOMPATIBLERANGE,
        oids::ANYCOMPATIBLEMULTIRANGE,
    ];
    let one_of = |types: &[Oid]| inputs.iter().any(|input| types.contains(input));
    match result {
        oids::ANYRANGE | oids::ANYMULTIRANGE => one_of(&[oids::ANYRANGE, oids::ANYMULTIRANGE]),
        oids::ANYCOMPATIBLERANGE | oids::ANYCOMPATIBLEMULTIRANGE => {
            one_of(&[oids::ANYCOMPATIBLERANGE, oids::ANYCOMPATIBLEMULTIRANGE])
        }
        result if simple.contains(&result) => one_of(&simple),
        result if compatible.contains(&result) => one_of(&compatible),
        _ => true,
    }
}

fn mode(mode: ast::FunctionParameterMode) -> ParameterMode {
    match mode {
        ast::FunctionParameterMode::FuncParamOut => ParameterMode::Out,
        ast::FunctionParameterMode::FuncParamInout => ParameterMode::InOut,
        ast::FunctionParameterMode::FuncParamVariadic => ParameterMode::Variadic,
        ast::FunctionParameterMode::FuncParamTable => ParameterMode::Table,
        _ => ParameterMode::In,
    }
}

fn options(nodes: &[ast::Node]) -> Options {
    let mut options = Options::default();
    for element in node::options(nodes) {
        let argument = element.arg.as_ref().and_then(|argument| argument.node.as_ref());
        match element.defname.as_str() {
            "language" => options.language = node::option_text(element).map(|name| name.to_ascii_lowercase()),
            "as" => {
                options.body = match argument {
                    Some(NodeEnum::List(list)) => list.items.first().and_then(node::string).map(str::to_owned),
                    _ => node::option_text(element),
                };
            }
            "volatility" => {
                options.volatility = node::option_text(element).and_then(|word| match word.as_str() {
                    "immutable" => Some(Volatility::Immutable),
                    "stable" => Some(Volatility::Stable),
                    "volatile" => Some(Volatility::Volatile),
                    _ => None,
                });
            }
            "strict" => options.strict = Some(node::option_bool(element)),
            "window" => options.window = node::option_bool(element),
            "set" => {
                if let Some(NodeEnum::VariableSetStmt(set)) = argument
                    && (set.name == "search_path" || set.name.is_empty())
                {
                    let names = set.args.iter().filter_map(|argument| match &argument.node {
                        Some(NodeEnum::AConst(constant)) => node::constant_text(constant),
                        _ => None,
                    });
                    let names: Vec<String> = names.collect();
                    options.search_path = Some((!names.is_empty()).then_some(names));
                }
            }
            _ => {}
        }
    }
    options
}

/// The text of a body written as `RETURN expression` or `BEGIN ATOMIC … END`.
fn atomic_body(body: &ast::Node) -> Option<String> {
    match body.node.as_ref()? {
        NodeEnum::ReturnStmt(statement) => {
            let value = statement.returnval.as_deref()?;
            Some(format!("SELECT {}", node::expression_text(value)))
        }
        NodeEnum::List(list) => {
            let texts: Option<Vec<String>> = list.items.iter().map(atomic_body).collect();
            texts.map(|texts| texts.join("; "))
        }
        statement => parser::canonical(statement).ok(),
    }
}
