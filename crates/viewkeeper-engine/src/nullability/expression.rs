//! The rules for expressions: when a value of each node kind is proven not to be null.

use std::rc::Rc;

use super::base::Word;
use super::condition::{self, Facts, Known};
use super::constant::Value;
use super::function::{self, Rule};
use super::level::{Level, Phase, flattened, groups_have_rows, target_sets};
use super::never_null;
use super::reason::{FunctionReason, Reason, Verdict};
use super::row_count::gives_one_row;
use crate::catalog::{CastMethod, Oid, oids};
use crate::tree::{
    BoolOperation, CaseExpr, Expr, ExprNode, JsonBehavior, JsonConstruction, JsonQueryCall, JsonQueryKind, Query,
    RangeTableKind, RowComparison, SublinkKind, Var,
};

/// Up to how many sides of AND and OR are judged by what holds where the others do not decide.
const MANY_CONDITIONS: usize = 24;

const CONSTANT: Reason = Reason::Static("a constant");
pub(super) const NULLABLE: Reason = Reason::Static("nothing proves that it is never null");

impl<'a> Level<'a, '_> {
    /// Whether a value of this level can be null.
    pub(super) fn judge(&self, expr: &'a Expr) -> Verdict {
        if self.is_nulled_group(expr) {
            return Verdict::nullable(Reason::Static("a grouping set leaves it out"));
        }
        if self.is_known(expr) {
            return Verdict::never(Reason::Static("a condition keeps null out of it"));
        }
        match &*expr.node {
            ExprNode::Var(var) => self.var(var),
            ExprNode::Const { value: Some(_), .. } => Verdict::never(CONSTANT),
            ExprNode::Const { value: None, .. } => Verdict::nullable(Reason::Static("the constant `null`")),
            ExprNode::Param { number, .. } => self.parameter(*number),
            ExprNode::Aggregate(call) => self.aggregate(call),
            ExprNode::Grouping { .. } => Verdict::never(Reason::Static("`grouping` is never null")),
            ExprNode::WindowFunction(call) => self.window_function(call),
            ExprNode::Function { function, returns_set: true, args, .. }
            | ExprNode::Operator { function, returns_set: true, args, .. } => self.target_set(*function, args),
            ExprNode::Function { function, variadic, args, .. } => match self.call(*function, *variadic, args) {
                verdict if self.is_constant_in_spite_of(expr, &verdict) => Verdict::never(CONSTANT),
                verdict => verdict,
            },
            ExprNode::Operator { operator, function, args, .. } => {
                let verdict = self.call(*function, false, args);
                match verdict.reason {
                    _ if self.is_constant_in_spite_of(expr, &verdict) => Verdict::never(CONSTANT),
                    Reason::Function(reached, why) if reached == *function => {
                        Verdict { reason: Reason::Operator(*operator, why), ..verdict }
                    }
                    _ => verdict,
                }
            }
            ExprNode::NamedArgument { arg, .. } => self.judge(arg),
            ExprNode::Distinct { function, .. } => {
                if self.never_null_of_values(*function) {
                    Verdict::never(Reason::Static("`is distinct from` is never null"))
                } else {
                    Verdict::nullable(Reason::Function(*function, FunctionReason::Opaque))
                }
            }
            // What is compared with null stays as it is.
            ExprNode::NullIf { args, .. }
                if args.get(1).and_then(|other| self.constant(other)) == Some(Value::Null) =>
            {
                args.first().map_or_else(|| Verdict::nullable(NULLABLE), |kept| self.judge(kept))
            }
            ExprNode::NullIf { .. } => match self.constant(expr) {
                None | Some(Value::Null) => Verdict::nullable(Reason::Static("`nullif` makes nulls")),
                Some(_) => Verdict::never(Reason::Static("`nullif` of constants that differ")),
            },
            ExprNode::ArrayOperator { function, args, .. } => self.array_operator(*function, args),
            ExprNode::Bool { operation, args } => self.boolean(*operation, args),
            ExprNode::Subscript(_) if self.is_value(expr) => Verdict::never(CONSTANT),
            ExprNode::Subscript(subscript) => self.subscript(subscript),
            ExprNode::Field { arg, number, .. } => self.field(arg, *number),
            // Only what is assigned has them, which no query gives.
            ExprNode::FieldStore { .. } | ExprNode::SetToDefault { .. } => Verdict::nullable(NULLABLE),
            ExprNode::Sublink { kind, test, query } => self.sublink(*kind, test.as_ref(), query),
            ExprNode::Relabel { arg, .. }
            | ExprNode::CoerceViaIo { arg, .. }
            | ExprNode::ArrayCoerce { arg, .. }
            | ExprNode::ConvertRowtype { arg, .. }
            | ExprNode::Collate { arg, .. }
            | ExprNode::JsonIs { arg } => self.judge(arg),
            ExprNode::Case(case) => self.case(case),
            ExprNode::CaseTest { .. } => {
                self.tested.borrow().last().cloned().unwrap_or_else(|| Verdict::nullable(NULLABLE))
            }
            ExprNode::Array { .. } => Verdict::never(Reason::Static("an array is never null, only its elements")),
            ExprNode::Row { .. } => Verdict::never(Reason::Static("a row is never null, only its fields")),
            ExprNode::RowCompare(comparison) => {
                let RowComparison { operators, left, right } = &**comparison;
                let own = operators.iter().all(|operator| {
                    let function = self.base.catalog.operator(*operator).map(|row| row.function);
                    function.is_some_and(|function| self.never_null_of_values(function))
                });
                let reason = Reason::Static("a comparison of values that are never null");
                if own { self.all(left.iter().chain(right), reason) } else { Verdict::nullable(NULLABLE) }
            }
            ExprNode::Coalesce { args, .. } => self.any(args, "`coalesce` with a value that is never null"),
            ExprNode::MinMax { greatest: true, args, .. } => {
                self.any(args, "`greatest` with a value that is never null")
            }
            ExprNode::MinMax { greatest: false, args, .. } => self.any(args, "`least` with a value that is never null"),
            ExprNode::SqlValue { name: "current_schema", .. } => {
                Verdict::nullable(Reason::Static("`current_schema` is null where the search path names no schema"))
            }
            ExprNode::SqlValue { name, .. } => Verdict::never(Reason::Text(format!("`{name}` is never null").into())),
            ExprNode::Xml { name, args, .. } => match *name {
                "xmlelement" => Verdict::never(Reason::Static("`xmlelement` is never null")),
                "xmlforest" | "xmlconcat" => self.any(args, "xml with a value that is never null"),
                "is document" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlserialize" => {
                    self.all(args.iter(), Reason::Static("xml of values that are never null"))
                }
                _ => Verdict::nullable(NULLABLE),
            },
            ExprNode::JsonValue { formatted, .. } => self.judge(formatted),
            ExprNode::JsonConstructor(constructor) => self.json_constructor(constructor),
            ExprNode::JsonQuery(call) => self.json_query(call),
            ExprNode::NullTest { .. } => Verdict::never(Reason::Static("`is null` is never null")),
            ExprNode::BooleanTest { .. } => Verdict::never(Reason::Static("`is true` and its kin are never null")),
            ExprNode::CoerceToDomain { arg, type_, .. } => {
                if self.excludes_null(*type_) {
                    Verdict::never(Reason::Static("a cast to a domain that is not null"))
                } else {
                    self.judge(arg)
                }
            }
        }
    }

    /// Not null when all of them are.
    pub(super) fn all(&self, args: impl Iterator<Item = &'a Expr>, reason: Reason) -> Verdict {
        for arg in args {
            let verdict = self.judge(arg);
            if !verdict.not_null {
                return verdict;
            }
        }
        Verdict::never(reason)
    }

    /// Not null when one of them is.
    fn any(&self, args: &'a [Expr], reason: &'static str) -> Verdict {
        let mut last = None;
        for arg in args {
            let verdict = self.judge(arg);
            if verdict.not_null {
                return Verdict::never(Reason::Static(reason));
            }
            last = Some(verdict);
        }
        let mut values = Vec::new();
        alternatives(args, &mut values);
        if self.some_side(&values) {
            return Verdict::never(Reason::Static("a full join has a row on one side at least, with a value"));
        }
        last.unwrap_or_else(|| Verdict::nullable(NULLABLE))
    }

    fn var(&self, var: &Var) -> Verdict {
        // What the levels between here and the column's own know of it.
        let mut level = self;
        for levels_up in (1..=var.levels_up).rev() {
            if level.knows_column(&(levels_up, var.relation, var.column)) {
                return Verdict::never(Reason::Static("a condition keeps null out of it"));
            }
            match level.parent {
                Some(parent) => level = parent,
                None => return Verdict::nullable(NULLABLE),
            }
        }
        if var.levels_up > 0 {
            if level.is_nulled_column(var) {
                return Verdict::nullable(Reason::Static("a grouping set leaves it out"));
            }
            if level.knows_column(&(0, var.relation, var.column)) {
                return Verdict::never(Reason::Static("a condition keeps null out of it"));
            }
        }
        level.column(var)
    }

    fn knows_column(&self, key: &condition::VarKey) -> bool {
        (key.0 > 0 && self.has_input_rows() && self.facts.vars.contains(key))
            || (self.phase.get() == Phase::Grouped && self.group_facts.vars.contains(key))
            || self.branches.borrow().iter().any(|facts| facts.vars.contains(key))
    }

    /// Whether behind what is looked at there surely is a row for which WHERE holds: the group of a query without
    /// GROUP BY may have none.
    fn has_input_rows(&self) -> bool {
        self.phase.get() == Phase::Input || groups_have_rows(self.query)
    }

    /// Whether a condition already says that the value is not null. (Columns of this level that WHERE and ON speak
    /// of are known to [`Level::column`].)
    fn is_known(&self, expr: &Expr) -> bool {
        if let ExprNode::Var(var) = &*expr.node {
            return var.levels_up == 0 && self.knows_column(&(0, var.relation, var.column));
        }
        let here = match self.phase.get() {
            Phase::Input => self.facts.has_value(expr),
            // What holds on all rows of a group holds on the group, unless a grouping set takes a column away.
            Phase::Grouped => {
                self.group_facts.has_value(expr)
                    || (self.nulled_groups.is_empty() && self.has_input_rows() && self.facts.has_value(expr))
            }
        };
        here || self.branches.borrow().iter().any(|facts| facts.has_value(expr))
    }

    fn is_nulled_group(&self, expr: &Expr) -> bool {
        self.phase.get() == Phase::Grouped
            && !self.nulled_groups.is_empty()
            && self.nulled_groups.contains(&flattened(self.query, expr))
    }

    /// The same for a reference from a level below.
    fn is_nulled_column(&self, var: &Var) -> bool {
        let own = Var { levels_up: 0, ..var.clone() };
        self.is_nulled_group(&Expr::new(ExprNode::Var(own), None))
    }

    fn parameter(&self, number: i32) -> Verdict {
        let parameters = self.parameters.borrow();
        let columns = parameters.last();
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        index
            .and_then(|index| columns?.get(index).cloned())
            .unwrap_or_else(|| Verdict::nullable(Reason::Static("a parameter may be null")))
    }

    pub(super) fn never_null_of_values(&self, function: Oid) -> bool {
        matches!(function::rule(self.base.catalog, function, false), Rule::All | Rule::Always)
    }

    fn call(&self, function: Oid, variadic: bool, args: &'a [Expr]) -> Verdict {
        let reason = |why| Reason::Function(function, why);
        if let [field, value] = args
            && function::is_field_of_every_value(self.base.catalog, function, field)
        {
            return self.all(std::iter::once(value), reason(FunctionReason::OfValues));
        }
        if let [.., value] = args
            && (function::takes_field(self.base.catalog, function)
                || function::takes_time_of_day(self.base.catalog, function))
            && function::is_finite(self.base.catalog, value)
        {
            return self.all(args.iter(), reason(FunctionReason::OfValues));
        }
        match function::rule(self.base.catalog, function, variadic) {
            Rule::Always => Verdict::never(reason(FunctionReason::Always)),
            Rule::All if args.is_empty() => Verdict::never(reason(FunctionReason::Always)),
            Rule::All => self.all(args.iter(), reason(FunctionReason::OfValues)),
            Rule::First(count) => self.all(args.iter().take(count), reason(FunctionReason::OfValues)),
            Rule::Any => self.any(args, "an array with something put to it"),
            Rule::MayBeNull => Verdict::nullable(reason(FunctionReason::MayBeNull)),
            Rule::Opaque if self.is_declared(function) => {
                // A strict function is null of null whatever is said of it.
                if self.base.catalog.routine(function).is_some_and(|routine| routine.strict) {
                    self.all(args.iter(), reason(FunctionReason::Declared))
                } else {
                    Verdict::never(reason(FunctionReason::Declared))
                }
            }
            Rule::Opaque => Verdict::nullable(reason(FunctionReason::Opaque)),
        }
    }

    /// Whether a call of constants comes to a value, of a function that gives null for others.
    fn is_constant_in_spite_of(&self, call: &Expr, verdict: &Verdict) -> bool {
        matches!(verdict.reason, Reason::Function(_, FunctionReason::MayBeNull)) && self.is_value(call)
    }

    fn is_declared(&self, function: Oid) -> bool {
        self.base.word == Word::Taken
            && self.base.catalog.declared_nullability.has_function(self.base.catalog, function)
    }

    /// A function that nothing is known of but what a person says: of an aggregate that is so of no rows too, of a set of
    /// all its columns.
    pub(super) fn opaque(&self, function: Oid) -> Verdict {
        if self.is_declared(function) {
            Verdict::never(Reason::Function(function, FunctionReason::Declared))
        } else {
            Verdict::nullable(Reason::Function(function, FunctionReason::Opaque))
        }
    }

    /// An element of a set in the target list.
    fn target_set(&self, function: Oid, args: &'a [Expr]) -> Verdict {
        if target_sets(self.query) > 1 {
            return Verdict::nullable(Reason::Function(function, FunctionReason::Padded));
        }
        self.set_column(function, args, 0)
    }

    /// A column of what a set-returning function gives.
    pub(super) fn set_column(&self, function: Oid, args: &'a [Expr], column: usize) -> Verdict {
        let Some(routine) = function::own(self.base.catalog, function) else {
            return self.opaque(function);
        };
        if function::set_column_is_never_null(routine, column) {
            return Verdict::never(Reason::Function(function, FunctionReason::Always));
        }
        if routine.name == "unnest"
            && routine.inputs.first() == Some(&oids::ANYARRAY)
            && let [array] = args
            && let ExprNode::Array { elements, nested: false, element, .. } = &*array.node
            && !self.base.catalog.is_composite(*element)
        {
            return self.all(elements.iter(), Reason::Static("`unnest` of values that are never null"));
        }
        Verdict::nullable(Reason::Function(function, FunctionReason::MayBeNull))
    }

    fn boolean(&self, operation: BoolOperation, args: &'a [Expr]) -> Verdict {
        let reason = match operation {
            BoolOperation::And => "`and` of conditions that are never null",
            BoolOperation::Or => "`or` of conditions that are never null",
            BoolOperation::Not => "`not` of a condition that is never null",
        };
        // Whatever the others are, one such side decides.
        let decides = match operation {
            BoolOperation::And => Some(false),
            BoolOperation::Or => Some(true),
            BoolOperation::Not => None,
        };
        if decides.is_some() && args.iter().any(|arg| self.constant(arg) == decides.map(Value::Bool)) {
            return Verdict::never(Reason::Static("a constant side of the condition decides it"));
        }
        let (Some(_), 2..=MANY_CONDITIONS) = (decides, args.len()) else {
            return self.all(args.iter(), Reason::Static(reason));
        };
        // Null counts only where no other side decides.
        let undecided = if operation == BoolOperation::And { Known::NotFalse } else { Known::NotTrue };
        let facts_of = |arg: &'a Expr| condition::facts(self.base.catalog, self.query, arg, undecided);
        let depth = self.branches.borrow().len();
        for (index, arg) in args.iter().enumerate() {
            let others = args.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<_> = others.map(|(_, other)| facts_of(other)).filter(|facts| !facts.is_empty()).collect();
            self.branches.borrow_mut().extend(others);
            let verdict = self.judge(arg);
            self.branches.borrow_mut().truncate(depth);
            if !verdict.not_null {
                return verdict;
            }
        }
        Verdict::never(Reason::Static(reason))
    }

    fn field(&self, arg: &'a Expr, number: i16) -> Verdict {
        if self.is_nulled_group(arg) {
            return Verdict::nullable(Reason::Static("a grouping set leaves it out"));
        }
        match &*arg.node {
            // A field of a table's row is its column.
            ExprNode::Var(var) if var.column == 0 && number > 0 => self.var(&Var { column: number, ..var.clone() }),
            // A row that a sub-select made of a row.
            ExprNode::Var(var) if var.levels_up == 0 && var.column > 0 => {
                let row = self.judge(arg);
                match self.field_of_sub_select(var, number) {
                    Some(field) if row.not_null => field,
                    Some(_) => row,
                    None => Verdict::nullable(Reason::Static("a field of a row may be null")),
                }
            }
            ExprNode::Row { args, .. } => {
                let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
                match index.and_then(|index| args.get(index)) {
                    Some(field) => self.judge(field),
                    None => Verdict::nullable(NULLABLE),
                }
            }
            _ => Verdict::nullable(Reason::Static("a field of a row may be null")),
        }
    }

    /// A field of a row that is a column of a sub-select in FROM, where the row is there.
    fn field_of_sub_select(&self, row: &Var, number: i16) -> Option<Verdict> {
        let entry = self.query.range_table.get(row.relation)?;
        let RangeTableKind::Subquery(inner) = &entry.kind else { return None };
        let mut outputs = inner.targets.iter().filter(|target| !target.junk);
        let target = outputs.nth(usize::try_from(row.column - 1).ok()?).filter(|_| inner.set_operation.is_none())?;
        if !matches!(&*target.expr.node, ExprNode::Var(_) | ExprNode::Row { .. }) {
            return None;
        }
        Some(self.elsewhere(Phase::Input, || {
            let below = self.below.take();
            let field = Level::new(self.base, inner, Some(self), &[], self.fuel).field(&target.expr, number);
            self.below.set(below);
            field
        }))
    }

    fn sublink(&self, kind: SublinkKind, test: Option<&'a Expr>, query: &'a Query) -> Verdict {
        match kind {
            SublinkKind::Exists => Verdict::never(Reason::Static("`exists` is never null")),
            SublinkKind::Array => Verdict::never(Reason::Static("an array is never null, only its elements")),
            SublinkKind::Scalar if gives_one_row(query) => {
                let columns = self.sub_query(query);
                columns.into_iter().next().unwrap_or_else(|| Verdict::nullable(NULLABLE))
            }
            SublinkKind::RowCompare if !gives_one_row(query) => {
                Verdict::nullable(Reason::Static("the sub-select may find no row"))
            }
            SublinkKind::Scalar => Verdict::nullable(Reason::Static("the sub-select may find no row")),
            SublinkKind::Any | SublinkKind::All | SublinkKind::RowCompare => {
                let Some(test) = test else { return Verdict::nullable(NULLABLE) };
                let columns: Rc<[Verdict]> = self.sub_query(query).into();
                self.parameters.borrow_mut().push(columns);
                let verdict = self.judge(test);
                self.parameters.borrow_mut().pop();
                verdict
            }
        }
    }

    fn case(&self, case: &'a CaseExpr) -> Verdict {
        let CaseExpr { arg, whens, default, .. } = case;
        let facts_of = |expr: &'a Expr, known| condition::facts(self.base.catalog, self.query, expr, known);
        let depth = self.branches.borrow().len();
        let mut outcome = Verdict::never(Reason::Static("no branch of `case` is ever null"));
        let mut decided = false;
        for (condition, result) in whens {
            // A branch that is never taken, or always (`CaseExpr` in `eval_const_expressions`).
            let constant = self.is_taken(condition, arg.as_ref());
            if constant == Some(false) {
                continue;
            }
            let mut holds = facts_of(condition, Known::True);
            if let Some(arg) = arg
                && compares_tested(condition)
                && self.is_strict_comparison(condition)
            {
                holds = holds.and(facts_of(arg, Known::NotNull));
            }
            self.branches.borrow_mut().push(holds);
            let verdict = self.judge(result);
            self.branches.borrow_mut().pop();
            if !verdict.not_null {
                outcome = verdict;
                break;
            }
            if constant == Some(true) {
                decided = true;
                break;
            }
            let failed = facts_of(condition, Known::NotTrue);
            self.branches.borrow_mut().push(failed);
        }
        if outcome.not_null && !decided {
            let verdict = match &*default.node {
                ExprNode::Const { value: None, .. } if default.location.is_none() => {
                    Verdict::nullable(Reason::Static("`case` without `else` may be null"))
                }
                _ => self.judge(default),
            };
            if !verdict.not_null {
                outcome = verdict;
            }
        }
        self.branches.borrow_mut().truncate(depth);
        outcome
    }

    fn is_strict_comparison(&self, condition: &Expr) -> bool {
        match &*condition.node {
            ExprNode::Operator { function, .. } => {
                self.base.catalog.routine(*function).is_some_and(|routine| routine.strict)
            }
            _ => false,
        }
    }

    /// Judges what is computed on other rows than the current one: nothing that only holds here may be used.
    pub(super) fn elsewhere<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let branches: Vec<Facts<'a>> = self.branches.take();
        let outer = self.phase.replace(phase);
        let found = work();
        self.phase.set(outer);
        self.branches.replace(branches);
        found
    }

    fn json_constructor(&self, constructor: &'a JsonConstruction) -> Verdict {
        let JsonConstruction { name, args, function, coercion, .. } = constructor;
        let made = match (function, *name) {
            (Some(function), _) => self.judge(function),
            (None, "json_object" | "json_array") => Verdict::never(Reason::Static("a json constructor is never null")),
            (None, "json" | "json_scalar" | "json_serialize" | "json_parse") => {
                self.all(args.iter(), Reason::Static("json of a value that is never null"))
            }
            (None, _) => Verdict::nullable(NULLABLE),
        };
        match coercion {
            Some(coercion) if made.not_null => {
                self.tested.borrow_mut().push(made);
                let verdict = self.judge(coercion);
                self.tested.borrow_mut().pop();
                verdict
            }
            _ => made,
        }
    }

    fn json_query(&self, call: &'a JsonQueryCall) -> Verdict {
        let decided = matches!(call.on_error, None | Some(JsonBehavior::True | JsonBehavior::False));
        if call.kind == JsonQueryKind::Exists && decided {
            let reason = Reason::Static("`json_exists` of a document that is never null");
            return self.all([&call.document, &call.path].into_iter(), reason);
        }
        Verdict::nullable(Reason::Static("the document may have no value for it"))
    }

    fn excludes_null(&self, mut type_: Oid) -> bool {
        while let Some(row) = self.base.catalog.type_(type_).filter(|row| row.base.is_valid()) {
            if row.not_null {
                return true;
            }
            type_ = row.base;
        }
        false
    }

    /// Whether the implicit cast of a set operation's column keeps values that are not null so.
    pub(super) fn converts_without_null(&self, from: Oid, to: Oid) -> bool {
        let catalog = self.base.catalog;
        let base = catalog.base_type(from);
        if from == to || base == to || from == oids::UNKNOWN {
            return true;
        }
        match catalog.cast(base, to) {
            Some(cast) => match cast.method {
                CastMethod::Binary | CastMethod::InputOutput => true,
                CastMethod::Function => never_null::contains(catalog.version, cast.function),
            },
            // Arrays are converted element by element, and stay arrays.
            None => catalog.element_type(base).is_valid() && catalog.element_type(to).is_valid(),
        }
    }
}

/// The values of which the first that is not null, or the greatest or least, is taken.
fn alternatives<'a>(args: &'a [Expr], into: &mut Vec<&'a Expr>) {
    for arg in args {
        match &*arg.node {
            ExprNode::Coalesce { args, .. } | ExprNode::MinMax { args, .. } => alternatives(args, into),
            _ => into.push(arg),
        }
    }
}

/// Whether the condition of `CASE value WHEN …` compares the value itself.
fn compares_tested(condition: &Expr) -> bool {
    match &*condition.node {
        ExprNode::Operator { args, .. } => args.iter().any(|arg| {
            let mut arg = arg;
            while let ExprNode::Relabel { arg: inner, .. } | ExprNode::Collate { arg: inner, .. } = &*arg.node {
                arg = inner;
            }
            matches!(&*arg.node, ExprNode::CaseTest { .. })
        }),
        _ => false,
    }
}
