//! Which function a call means (`ParseFuncOrColumn` and `func_get_detail` in parse_func.c, `FuncnameGetCandidates` in
//! namespace.c). Where a call may stand, and what its clauses do, is `analyse`'s.

use super::candidate::{Choice, Takes};
use super::pathway::{CoercionPath, STRING_CATEGORY};
use super::{Coercion, Failure, ObjectName, Resolver, suggest};
use crate::catalog::{AggregateKind, CastContext, Oid, ParameterMode, Routine, RoutineKind, oids};
use crate::diagnostic::SqlState;
use crate::parser::no_name_since;
use crate::tree::{CallForm, Expr, ExprNode, Location};

/// `FUNC_MAX_ARGS`
const MAX_ARGUMENTS: usize = 100;

/// A call as it is written, its arguments analysed.
#[derive(Debug, Clone)]
pub struct Call {
    /// The name.
    pub name: ObjectName,
    /// Arguments in the order written; named ones as [`ExprNode::NamedArgument`], last. For `WITHIN GROUP` the sort
    /// expressions come after the direct arguments.
    pub args: Vec<Expr>,
    /// How many of `args` are the sort expressions of `WITHIN GROUP`; `None` without it.
    pub within_group: Option<usize>,
    /// `(*)`.
    pub star: bool,
    /// `DISTINCT`.
    pub distinct: bool,
    /// `ORDER BY` inside the call.
    pub ordered: bool,
    /// `FILTER`.
    pub filtered: bool,
    /// `OVER`.
    pub windowed: bool,
    /// `VARIADIC`.
    pub variadic: bool,
    /// Where.
    pub location: Location,
}

impl Call {
    /// A plain call.
    pub fn new(name: ObjectName, args: Vec<Expr>, location: Location) -> Self {
        Self {
            name,
            args,
            within_group: None,
            star: false,
            distinct: false,
            ordered: false,
            filtered: false,
            windowed: false,
            variadic: false,
            location,
        }
    }
}

/// What a call means.
#[derive(Debug, Clone)]
pub enum CallMeaning<'c> {
    /// A plain function, an aggregate or a window function: [`Routine::kind`] says which.
    Routine(ResolvedCall<'c>),
    /// A cast written as a call: `text(n)`; the finished expression.
    Cast(Expr),
}

/// A call of a known function.
#[derive(Debug, Clone)]
pub struct ResolvedCall<'c> {
    /// The function.
    pub routine: &'c Routine,
    /// The result type, polymorphism resolved.
    pub type_: Oid,
    /// Whether it gives a set.
    pub returns_set: bool,
    /// Arguments cast to what the function takes, variadic ones gathered into an array; those left to defaults are
    /// absent (fewer than [`Routine::inputs`]), and named ones stay where they were written, with their position.
    pub args: Vec<Expr>,
    /// How many of `args` are direct arguments of an ordered-set aggregate.
    pub direct_args: usize,
    /// Whether the last argument is the array of a variadic function.
    pub variadic: bool,
}

impl ResolvedCall<'_> {
    /// The expression of a plain function's call.
    pub fn into_function(self, form: CallForm, location: Location) -> Expr {
        let node = ExprNode::Function {
            function: self.routine.oid,
            type_: self.type_,
            returns_set: self.returns_set,
            variadic: self.variadic,
            form,
            collation: Oid::INVALID,
            input_collation: Oid::INVALID,
            args: self.args,
        };
        Expr::new(node, location)
    }
}

/// A function that could be meant, its types in the order of the call (`FuncCandidateList`).
#[derive(Debug, Clone)]
struct Candidate<'c> {
    /// `None` when several functions are equally good.
    routine: Option<&'c Routine>,
    position: usize,
    /// Types of the call's arguments, then of those left to defaults.
    types: Vec<Oid>,
    /// How many of the arguments go into the variadic array.
    variadic: usize,
    /// How many arguments are left to defaults.
    defaults: usize,
    /// For named notation: the function's parameter of each argument.
    numbers: Option<Vec<usize>>,
}

impl Takes for Candidate<'_> {
    fn types(&self) -> &[Oid] {
        &self.types
    }
}

/// How candidates are looked for.
#[derive(Debug, Clone, Copy)]
struct Shape<'a> {
    count: usize,
    names: &'a [String],
    expand_variadic: bool,
}

enum Detail<'c> {
    Routine(&'c Routine, Candidate<'c>),
    Cast(Oid),
}

impl<'c> Resolver<'c> {
    /// Which function a call means, with its arguments made to fit (`ParseFuncOrColumn`).
    ///
    /// Columns of a composite argument (`t.tt` as `tt(t)`) and where the call stands are the caller's: when this fails
    /// with [`SqlState::UNDEFINED_FUNCTION`] for a single composite argument, a column of that name may be meant.
    pub fn call(&self, call: Call) -> Result<CallMeaning<'c>, Failure> {
        if call.args.len() > MAX_ARGUMENTS {
            let message = format!("a function takes at most {MAX_ARGUMENTS} arguments");
            return Err(Failure::new(SqlState("54023"), message, call.location));
        }
        let names = argument_names(&call.args)?;
        let mut actual: Vec<Oid> = call.args.iter().map(|arg| self.type_of(arg)).collect();
        let shape = Shape { count: actual.len(), names: &names, expand_variadic: !call.variadic };
        let (routine, candidate) = match self.function_detail(&call, &actual, shape)? {
            Detail::Routine(routine, candidate) => (routine, candidate),
            Detail::Cast(target) => {
                self.check_plain(&call)?;
                let form = CallForm::Call;
                let coercion =
                    Coercion { target, typmod: -1, context: CastContext::Explicit, form, location: call.location };
                let arg = call.args.into_iter().next();
                let arg = arg.ok_or_else(|| Failure::new(SqlState::UNDEFINED_FUNCTION, "a cast of nothing", None))?;
                return self.coerce_type(arg, coercion).map(CallMeaning::Cast);
            }
        };
        let Call { args, variadic: mut marked_variadic, location, .. } = call.clone();
        let mut args = args;
        let mut declared = candidate.types.clone();
        match routine.kind {
            RoutineKind::Function => self.check_plain(&call)?,
            RoutineKind::Procedure => {
                let message = format!("`{}` is a procedure", self.signature(&call.name, &names, &actual));
                return Err(Failure::new(SqlState::WRONG_OBJECT_TYPE, message, location)
                    .help("procedures are called by `CALL`, which a query cannot"));
            }
            RoutineKind::Aggregate => {
                self.check_aggregate(&call, routine, &candidate, &actual)?;
                let hypothetical =
                    routine.aggregate.as_ref().is_some_and(|row| row.kind == AggregateKind::HypotheticalSet);
                if hypothetical {
                    args = self.unify_hypothetical(args, call.within_group.unwrap_or(0), &declared)?;
                    actual = args.iter().map(|arg| self.type_of(arg)).collect();
                }
            }
            RoutineKind::Window => check_window(&call)?,
        }
        if let Some(numbers) = &candidate.numbers {
            for (arg, number) in args.iter_mut().zip(numbers) {
                if let ExprNode::NamedArgument { position, .. } = &mut *arg.node {
                    *position = *number;
                }
            }
        }
        // The types of defaults count for polymorphism; a default of a polymorphic parameter is an untyped literal.
        let given = actual.len();
        for declared in declared.iter().skip(given) {
            actual.push(if super::polymorphic::is_polymorphic(*declared) { oids::UNKNOWN } else { *declared });
        }
        let type_ = self
            .enforce_polymorphic(&actual, &mut declared, routine.result)
            .map_err(|failure| failure.or_at(location))?;
        let mut args = self.cast_args(args, &declared)?;
        if !routine.variadic.is_valid() {
            marked_variadic = false;
        }
        if candidate.variadic > 0 && routine.variadic != oids::ANY {
            let elements = args.split_off(args.len().saturating_sub(candidate.variadic));
            args.push(self.variadic_array(elements)?);
            marked_variadic = true;
        }
        if routine.variadic == oids::ANY
            && marked_variadic
            && let Some(last) = actual.get(given.wrapping_sub(1))
            && !self.catalog.base_element_type(*last).is_valid()
        {
            let place = args.last().and_then(|arg| arg.location);
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, "the `VARIADIC` argument must be an array", place));
        }
        if routine.kind == RoutineKind::Aggregate && !names.is_empty() {
            let message = format!("aggregate `{}` cannot take named arguments", call.name);
            return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location));
        }
        let direct_args = call.within_group.map_or(0, |aggregated| args.len().saturating_sub(aggregated));
        Ok(CallMeaning::Routine(ResolvedCall {
            routine,
            type_,
            returns_set: routine.returns_set,
            args,
            direct_args,
            variadic: marked_variadic,
        }))
    }

    /// The array that variadic arguments are gathered into.
    fn variadic_array(&self, elements: Vec<Expr>) -> Result<Expr, Failure> {
        let location = elements.first().and_then(|element| element.location);
        let element = elements.first().map_or(Oid::INVALID, |element| self.type_of(element));
        let type_ = self.catalog.array_type(element);
        if !type_.is_valid() {
            let message = format!("there is no array type over `{}`", self.type_text(element));
            return Err(Failure::new(SqlState::UNDEFINED_OBJECT, message, location));
        }
        let node = ExprNode::Array { type_, collation: Oid::INVALID, element, elements, nested: false };
        Ok(Expr::new(node, location))
    }

    /// `func_get_detail`
    fn function_detail(&self, call: &Call, actual: &[Oid], shape: Shape<'_>) -> Result<Detail<'c>, Failure> {
        let candidates = self.function_candidates(&call.name, shape, call.location)?;
        let exact = candidates.iter().find(|candidate| candidate.types.get(..actual.len()) == Some(actual));
        let best = match exact {
            Some(exact) => exact.clone(),
            None => {
                if let Some(target) = self.as_cast(call, actual, shape) {
                    return Ok(Detail::Cast(target));
                }
                match self.choose(actual, &candidates) {
                    Choice::One(best) => best,
                    Choice::Ambiguous => return Err(self.ambiguous(call, actual, shape)),
                    Choice::None => return Err(self.no_function(call, actual, shape)),
                }
            }
        };
        let Some(routine) = best.routine else { return Err(self.ambiguous(call, actual, shape)) };
        // `VARIADIC` with named arguments must mark the variadic parameter itself.
        let misplaced = best.numbers.as_ref().is_some_and(|numbers| {
            let last = actual.len().checked_sub(1);
            !shape.expand_variadic && last.and_then(|last| numbers.get(last)) != last.as_ref()
        });
        if misplaced { Err(self.no_function(call, actual, shape)) } else { Ok(Detail::Routine(routine, best)) }
    }

    /// The type that a call with one argument casts to, when it is a cast written as a call.
    fn as_cast(&self, call: &Call, actual: &[Oid], shape: Shape<'_>) -> Option<Oid> {
        let ([source], [arg], true) = (actual, call.args.as_slice(), shape.names.is_empty()) else { return None };
        let target = self.function_name_as_type(&call.name)?;
        if *source == oids::UNKNOWN && matches!(&*arg.node, ExprNode::Const { .. }) {
            return Some(target);
        }
        match self.find_coercion_pathway(target, *source, CastContext::Explicit)? {
            CoercionPath::Relabel => Some(target),
            CoercionPath::InputOutput => {
                let row_to_string =
                    (*source == oids::RECORD || self.is_row_type(*source)) && self.category(target) == STRING_CATEGORY;
                (!row_to_string).then_some(target)
            }
            CoercionPath::Function(_) | CoercionPath::Array => None,
        }
    }

    /// `FuncNameAsType`: never one of the temporary schema, a shell or a row type.
    fn function_name_as_type(&self, name: &ObjectName) -> Option<Oid> {
        let catalog = self.catalog;
        let found = match &name.schema {
            Some(schema) => catalog.type_by_name(catalog.schema_by_name(schema)?, &name.name),
            None => self.path.for_functions().find_map(|schema| catalog.type_by_name(schema, &name.name)),
        }?;
        (found.defined && !found.relation.is_valid()).then_some(found.oid)
    }

    /// `FuncnameGetCandidates`
    fn function_candidates(
        &self,
        name: &ObjectName,
        shape: Shape<'_>,
        location: Location,
    ) -> Result<Vec<Candidate<'c>>, Failure> {
        let schemas: Vec<Oid> = match &name.schema {
            Some(schema) => vec![self.schema(schema, location)?],
            None => self.path.for_functions().collect(),
        };
        let mut found: Vec<Candidate<'c>> = Vec::new();
        for routine in self.catalog.routines_named(&name.name) {
            let Some(position) = schemas.iter().position(|schema| *schema == routine.schema) else { continue };
            let Some(new) = candidate(routine, position, shape) else { continue };
            // Defaulted arguments do not count in deciding what has the same arguments.
            let compared = |candidate: &Candidate<'_>| candidate.types.len() - candidate.defaults;
            let count = compared(&new);
            let same = found.iter().position(|old| {
                compared(old) == count && old.types.get(..count).is_some_and(|types| types == &new.types[..count])
            });
            let Some(at) = same else {
                found.push(new);
                continue;
            };
            let old = &mut found[at];
            if old.position != new.position {
                if new.position < old.position {
                    *old = new;
                }
            } else if new.variadic > 0 && old.variadic == 0 {
                // The one that is not variadic is kept.
            } else if new.variadic == 0 && old.variadic > 0 {
                *old = new;
            } else {
                old.routine = None;
            }
        }
        Ok(found)
    }

    fn ambiguous(&self, call: &Call, actual: &[Oid], shape: Shape<'_>) -> Failure {
        let signature = self.signature(&call.name, shape.names, actual);
        Failure::new(SqlState::AMBIGUOUS_FUNCTION, format!("more than one function fits `{signature}`"), call.location)
            .help("cast the arguments to the types that are meant")
    }

    fn no_function(&self, call: &Call, actual: &[Oid], shape: Shape<'_>) -> Failure {
        let signature = self.signature(&call.name, shape.names, actual);
        let failure = Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no function `{signature}`"), call.location);
        let mut others = Vec::new();
        let mut sorts = false;
        let mut elsewhere = None;
        for routine in self.catalog.routines_named(&call.name.name) {
            let visible = match &call.name.schema {
                Some(schema) => self.catalog.schema_by_name(schema) == Some(routine.schema),
                None => self.path.for_functions().any(|schema| schema == routine.schema),
            };
            if visible {
                sorts |= call.within_group.is_none() && is_ordered_set(routine);
                // Those first that take as many arguments.
                others.push((
                    candidate(routine, 0, shape).is_none(),
                    format!("`{}`", self.declared(&call.name, routine, shape)),
                ));
            } else if let Some(schema) = self.catalog.schema_name(routine.schema) {
                elsewhere.get_or_insert((routine.schema, schema));
            }
        }
        if others.is_empty()
            && let Some(since) = no_name_since(&call.name.name).filter(|since| *since > self.catalog.version)
        {
            return failure.note(format!("`{}` came with PostgreSQL {}", call.name.name, since.major()));
        }
        if others.is_empty()
            && let Some((oid, schema)) = elsewhere
        {
            return if self.path.for_functions().any(|visible| visible == oid) {
                failure.help(format!("did you mean `{}`?", call.name.name))
            } else {
                failure
                    .note(format!("`{schema}` is not in the search path"))
                    .help(format!("did you mean `{schema}.{}`?", call.name.name))
            };
        }
        if others.is_empty()
            && call.name.schema.is_none()
            && let Some(word) = word_of_postgresql(&call.name.name)
        {
            return failure.help(format!("in PostgreSQL it is {word}"));
        }
        if others.is_empty() {
            let near = suggest::nearest(&call.name.name, self.catalog.routine_names());
            return match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.note("it is neither one of PostgreSQL's own nor made by a migration before this point"),
            };
        }
        others.sort();
        others.truncate(3);
        let help = match others.iter().any(|(other_number, _)| !other_number) {
            _ if sorts => "an ordered-set aggregate takes what it sorts by in `WITHIN GROUP (ORDER BY …)`",
            true => "cast the arguments so that they fit",
            false if shape.names.is_empty() => "give it as many arguments as it takes",
            false => "write the arguments under the names that it has for them",
        };
        let others: Vec<String> = others.into_iter().map(|(_, other)| other).collect();
        failure.note(format!("there is {}", others.join(", "))).help(help)
    }

    /// A function as it is declared, with the names of its arguments where the call uses names.
    fn declared(&self, name: &ObjectName, routine: &Routine, shape: Shape<'_>) -> String {
        if let Some(aggregate) = routine.aggregate.as_ref().filter(|_| is_ordered_set(routine)) {
            let direct = usize::try_from(aggregate.direct_arguments).unwrap_or(0).min(routine.inputs.len());
            let (direct, sorted) = routine.inputs.split_at(direct);
            let (direct, sorted) = (self.type_list(direct), self.type_list(sorted));
            return format!("{name}({direct}) WITHIN GROUP (ORDER BY {sorted})");
        }
        if shape.names.is_empty() {
            return format!("{name}({})", self.type_list(&routine.inputs));
        }
        let inputs = routine.inputs.iter().zip(input_names(routine)).map(|(type_, name)| match name {
            "" => self.type_text(*type_),
            name => format!("{name} {}", self.type_text(*type_)),
        });
        format!("{name}({})", inputs.collect::<Vec<_>>().join(", "))
    }

    /// `func_signature_string`
    pub fn signature(&self, name: &ObjectName, names: &[String], actual: &[Oid]) -> String {
        let positional = actual.len().saturating_sub(names.len());
        let arguments: Vec<String> = actual
            .iter()
            .enumerate()
            .map(|(at, type_)| match at.checked_sub(positional).and_then(|at| names.get(at)) {
                Some(name) => format!("{name} => {}", self.type_text(*type_)),
                None => self.type_text(*type_),
            })
            .collect();
        format!("{name}({})", arguments.join(", "))
    }

    /// Refuses what only aggregates and window functions take.
    fn check_plain(&self, call: &Call) -> Result<(), Failure> {
        let clause = [
            (call.star, "(*)"),
            (call.distinct, "DISTINCT"),
            (call.within_group.is_some(), "WITHIN GROUP"),
            (call.ordered, "ORDER BY"),
            (call.filtered, "FILTER"),
        ];
        let wrong = |what: String| Err(Failure::new(SqlState::WRONG_OBJECT_TYPE, what, call.location));
        if let Some((_, clause)) = clause.into_iter().find(|(given, _)| *given) {
            return wrong(format!("`{clause}` is for aggregates, which `{}` is not", call.name));
        }
        if call.windowed {
            return wrong(format!("`OVER` is for window functions and aggregates, which `{}` is not", call.name));
        }
        Ok(())
    }

    fn check_aggregate(
        &self,
        call: &Call,
        routine: &Routine,
        candidate: &Candidate<'_>,
        actual: &[Oid],
    ) -> Result<(), Failure> {
        let name = &call.name;
        let failure = |state: SqlState, message: String| Err(Failure::new(state, message, call.location));
        let aggregate = routine.aggregate.as_ref();
        let kind = aggregate.map_or(AggregateKind::Normal, |aggregate| aggregate.kind);
        if kind == AggregateKind::Normal {
            if call.within_group.is_some() {
                let message = format!("`{name}` is not an ordered-set aggregate, so it cannot have `WITHIN GROUP`");
                return failure(SqlState::WRONG_OBJECT_TYPE, message);
            }
        } else {
            let Some(aggregated) = call.within_group else {
                let message = format!("the ordered-set aggregate `{name}` needs `WITHIN GROUP`");
                return failure(SqlState::WRONG_OBJECT_TYPE, message);
            };
            if call.windowed {
                let message = format!("the ordered-set aggregate `{name}` cannot have `OVER`");
                return failure(SqlState::FEATURE_NOT_SUPPORTED, message);
            }
            let given = actual.len().saturating_sub(aggregated);
            let wanted = aggregate.map_or(0, |row| usize::try_from(row.direct_arguments).unwrap_or(0));
            let parameters = actual.len() - candidate.variadic.saturating_sub(1);
            let fits = if !routine.variadic.is_valid() || wanted < parameters {
                given == wanted
            } else if kind == AggregateKind::HypotheticalSet {
                candidate.variadic == 2 * aggregated
            } else {
                candidate.variadic > aggregated
            };
            if !fits {
                let signature = self.signature(name, &[], actual);
                return Err(Failure::new(
                    SqlState::UNDEFINED_FUNCTION,
                    format!("no function `{signature}`"),
                    call.location,
                )
                .note(format!(
                    "the ordered-set aggregate `{name}` takes other numbers of direct arguments and of sort columns"
                )));
            }
            return Ok(());
        }
        if actual.is_empty() && !call.star {
            return failure(SqlState::WRONG_OBJECT_TYPE, format!("`{name}` without arguments is written `{name}(*)`"));
        }
        if call.windowed && call.distinct {
            return failure(SqlState::FEATURE_NOT_SUPPORTED, "`DISTINCT` does not go with `OVER`".to_owned());
        }
        if call.windowed && call.ordered {
            let message = "`ORDER BY` inside an aggregate does not go with `OVER`".to_owned();
            return failure(SqlState::FEATURE_NOT_SUPPORTED, message);
        }
        Ok(())
    }

    /// `unify_hypothetical_args`: hypothetical arguments declared `"any"` get the types of the sort columns.
    fn unify_hypothetical(
        &self,
        mut args: Vec<Expr>,
        aggregated: usize,
        declared: &[Oid],
    ) -> Result<Vec<Expr>, Failure> {
        let direct = args.len().saturating_sub(aggregated);
        let first = direct.saturating_sub(aggregated);
        for hypothetical in first..direct {
            let sorted = direct + (hypothetical - first);
            if declared.get(hypothetical) != Some(&oids::ANY) {
                continue;
            }
            let (Some(argument), Some(column)) = (args.get(hypothetical).cloned(), args.get(sorted).cloned()) else {
                continue;
            };
            let common = self.select_common_type(&[&column, &argument], "`WITHIN GROUP`")?;
            let typmod = self.select_common_typmod(&[&column, &argument], common);
            let coercion = Coercion { typmod, ..Coercion::implicit(common) };
            args[hypothetical] = self.coerce_type(argument, coercion)?;
            args[sorted] = self.coerce_type(column, coercion)?;
        }
        Ok(args)
    }

    /// The routine that a signature names, as in `DROP FUNCTION f(int)` or `COMMENT ON` (`LookupFuncName`); `inputs` is
    /// `None` where no list was written.
    pub fn routine_by_signature(
        &self,
        name: &ObjectName,
        inputs: Option<&[Oid]>,
        location: Location,
    ) -> Result<&'c Routine, Failure> {
        let schemas: Vec<Oid> = match &name.schema {
            Some(schema) => vec![self.schema(schema, location)?],
            None => self.path.for_functions().collect(),
        };
        for schema in schemas {
            let fits =
                |routine: &&Routine| routine.schema == schema && inputs.is_none_or(|inputs| inputs == routine.inputs);
            let mut fitting = self.catalog.routines_named(&name.name).filter(fits);
            if let Some(first) = fitting.next() {
                return if fitting.next().is_none() {
                    Ok(first)
                } else {
                    let message = format!("more than one function is called `{name}`");
                    Err(Failure::new(SqlState::AMBIGUOUS_FUNCTION, message, location)
                        .help("write the types of its arguments"))
                };
            }
        }
        let written = match inputs {
            Some(inputs) => format!("{name}({})", self.type_list(inputs)),
            None => name.to_string(),
        };
        Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no function `{written}`"), location))
    }
}

fn check_window(call: &Call) -> Result<(), Failure> {
    let name = &call.name;
    let failure = |state: SqlState, message: String| Err(Failure::new(state, message, call.location));
    if !call.windowed {
        return failure(SqlState::WRONG_OBJECT_TYPE, format!("the window function `{name}` needs `OVER`"));
    }
    if call.within_group.is_some() {
        return failure(
            SqlState::WRONG_OBJECT_TYPE,
            format!("the window function `{name}` cannot have `WITHIN GROUP`"),
        );
    }
    for (given, clause) in [(call.distinct, "DISTINCT"), (call.ordered, "ORDER BY"), (call.filtered, "FILTER")] {
        if given {
            let message = format!("`{clause}` is for aggregates, which the window function `{name}` is not");
            return failure(SqlState::FEATURE_NOT_SUPPORTED, message);
        }
    }
    Ok(())
}

/// The names of named arguments, which must come last.
fn argument_names(args: &[Expr]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for arg in args {
        match &*arg.node {
            ExprNode::NamedArgument { name, .. } if names.contains(name) => {
                let message = format!("the argument `{name}` is given more than once");
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, arg.location));
            }
            ExprNode::NamedArgument { name, .. } => names.push(name.clone()),
            _ if names.is_empty() => {}
            _ => {
                let message = "a positional argument cannot follow a named one";
                return Err(Failure::new(SqlState::SYNTAX_ERROR, message, arg.location));
            }
        }
    }
    Ok(names)
}

/// A function as a candidate for a call, when it can take that many arguments of these names.
fn candidate<'c>(routine: &'c Routine, position: usize, shape: Shape<'_>) -> Option<Candidate<'c>> {
    let parameters = routine.inputs.len();
    let defaults = parameters.saturating_sub(shape.count);
    if defaults > usize::from(routine.defaults) {
        return None;
    }
    if !shape.names.is_empty() {
        if routine.variadic.is_valid() && shape.expand_variadic || parameters < shape.count {
            return None;
        }
        let numbers = match_names(routine, shape)?;
        let types = numbers.iter().map(|number| routine.inputs.get(*number).copied()).collect::<Option<_>>()?;
        return Some(Candidate {
            routine: Some(routine),
            position,
            types,
            variadic: 0,
            defaults,
            numbers: Some(numbers),
        });
    }
    let variadic = shape.expand_variadic && parameters <= shape.count && routine.variadic.is_valid();
    if parameters < shape.count && !variadic {
        return None;
    }
    let mut types = routine.inputs.clone();
    if variadic {
        types.truncate(parameters.saturating_sub(1));
        types.resize(shape.count.max(parameters), routine.variadic);
    }
    let gathered = if variadic { (shape.count + 1).saturating_sub(parameters) } else { 0 };
    Some(Candidate { routine: Some(routine), position, types, variadic: gathered, defaults, numbers: None })
}

fn is_ordered_set(routine: &Routine) -> bool {
    routine.aggregate.as_ref().is_some_and(|aggregate| aggregate.kind != AggregateKind::Normal)
}

/// The names of a function's arguments, empty where one has none.
fn input_names(routine: &Routine) -> impl Iterator<Item = &str> {
    let inputs = routine.parameters.iter().filter(|parameter| {
        matches!(parameter.mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
    });
    inputs.map(|parameter| parameter.name.as_str())
}

/// The function's parameter of each argument, then of those left to defaults (`MatchNamedCall`).
fn match_names(routine: &Routine, shape: Shape<'_>) -> Option<Vec<usize>> {
    let inputs: Vec<&str> = input_names(routine).collect();
    let positional = shape.count - shape.names.len();
    let mut numbers: Vec<usize> = (0..positional).collect();
    for name in shape.names {
        let number = inputs.iter().position(|input| input == name)?;
        if numbers.contains(&number) {
            return None;
        }
        numbers.push(number);
    }
    let first_default = routine.inputs.len().checked_sub(usize::from(routine.defaults))?;
    for number in positional..routine.inputs.len() {
        if !numbers.contains(&number) {
            if number < first_default {
                return None;
            }
            numbers.push(number);
        }
    }
    Some(numbers)
}

/// What PostgreSQL has for a function that other databases have.
fn word_of_postgresql(name: &str) -> Option<&'static str> {
    Some(match name {
        "isnull" | "ifnull" | "nvl" => "`coalesce(value, other)`",
        "nvl2" | "iif" | "if" => "`CASE WHEN condition THEN value ELSE other END`",
        "getdate" | "sysdate" | "sysdatetime" | "getutcdate" => "`now()`",
        "curdate" => "`current_date`",
        "group_concat" | "listagg" => "`string_agg(value, ',')`",
        "len" => "`length(text)`",
        "charindex" | "instr" | "locate" => "`strpos(text, part)`",
        "datediff" | "dateadd" | "date_add" | "date_sub" => {
            "`+` and `-`: `day + interval '1 day'`, `one_day - other_day`"
        }
        "date_format" => "`to_char(time, 'YYYY-MM-DD')`",
        "str_to_date" => "`to_date(text, 'YYYY-MM-DD')`",
        "year" | "month" | "day" | "hour" | "minute" | "second" => "`extract(field FROM time)`",
        "newid" | "uuid" => "`gen_random_uuid()`",
        "json_extract" => "`document -> 'key'`, or `jsonb_path_query(document, path)`",
        _ => return None,
    })
}
