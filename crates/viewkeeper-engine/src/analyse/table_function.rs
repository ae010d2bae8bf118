//! Functions in FROM: scalars, rows, `record` with column definitions, ROWS FROM, WITH ORDINALITY
//! (`transformRangeFunction`, `addRangeTableEntryForFunction`).

use super::call::CallSyntax;
use super::column_name::column_name;
use super::from::{FromResult, alias_columns};
use super::select::MAX_TARGETS;
use super::syntax::node;
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, ParameterMode, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Call, CallMeaning, Failure, ObjectName, ResultShape, place};
use crate::tree::{Expr, ExprNode, RangeTableEntry, RangeTableKind, RowColumn, TableFunction, returns_set};

/// A function of the item, before its columns are known.
struct Item<'a> {
    call: Expr,
    name: String,
    definitions: &'a [ast::Node],
}

impl<'a> Analyser<'a> {
    /// `transformRangeFunction`
    pub(super) fn range_function(&mut self, function: &'a ast::RangeFunction) -> Outcome<FromResult> {
        self.level_mut().lateral_active = true;
        let mut items: Vec<Item<'a>> = Vec::new();
        for pair in &function.functions {
            let NodeEnum::List(pair) = node(pair)? else { continue };
            let Some(raw) = pair.items.first() else { continue };
            let raw = node(raw)?;
            let definitions = match pair.items.get(1).and_then(|list| list.node.as_ref()) {
                Some(NodeEnum::List(list)) => list.items.as_slice(),
                _ => &[],
            };
            if let NodeEnum::FuncCall(call) = raw
                && is_parallel_unnest(call)
                && definitions.is_empty()
            {
                for arg in &call.args {
                    let call = self.unnest(node(arg)?, place(call.location))?;
                    items.push(Item { call, name: "unnest".to_owned(), definitions: &[] });
                }
                continue;
            }
            let before = self.level().set_calls;
            let call = self.expression(raw, ExpressionKind::FromFunction)?;
            self.refuse_inner_sets(before, &call)?;
            let name = column_name(raw, &self.sublink_names, self.version());
            if !definitions.is_empty() && !function.coldeflist.is_empty() {
                return Err(syntax("a function can have only one list of column definitions", call.location));
            }
            items.push(Item { call, name, definitions });
        }
        self.level_mut().lateral_active = false;
        for item in &mut items {
            self.assign_collations(&mut item.call)?;
        }
        if !function.coldeflist.is_empty() {
            let [item] = items.as_mut_slice() else {
                return Err(syntax("several functions cannot share one list of column definitions", None)
                    .help("give each function of ROWS FROM() its own list"));
            };
            if function.ordinality {
                return Err(syntax(
                    "WITH ORDINALITY cannot stand beside a list of column definitions",
                    item.call.location,
                )
                .help("put the list inside ROWS FROM()"));
            }
            item.definitions = &function.coldeflist;
        }
        let lateral =
            function.lateral || items.iter().any(|item| super::aggregate::variable_of_level(&item.call, 0).is_some());
        self.function_entry(function, items, lateral)
    }

    /// `addRangeTableEntryForFunction`
    fn function_entry(
        &mut self,
        function: &'a ast::RangeFunction,
        items: Vec<Item<'a>>,
        lateral: bool,
    ) -> Outcome<FromResult> {
        let alias = function.alias.as_ref();
        let first_name = items.first().map(|item| item.name.clone()).unwrap_or_default();
        let location = items.first().and_then(|item| item.call.location);
        let name = alias.map_or(first_name, |alias| alias.aliasname.clone());
        let alone = items.len() == 1;
        let mut columns = Vec::new();
        let mut functions = Vec::new();
        for item in items {
            let own = self.function_columns(&item, alias.filter(|_| alone))?;
            functions.push(TableFunction { columns: own.len(), call: item.call });
            columns.extend(own);
        }
        if function.ordinality {
            columns.push(RowColumn {
                name: "ordinality".to_owned(),
                type_: oids::INT8,
                typmod: -1,
                collation: Oid::INVALID,
            });
        }
        if columns.len() > MAX_TARGETS {
            return Err(Failure::new(
                SqlState::TOO_MANY_COLUMNS,
                format!("functions in FROM can give at most {MAX_TARGETS} columns"),
                location,
            ));
        }
        let columns = alias_columns(&format!("`{name}`"), alias, columns.into(), location)?;
        let kind = RangeTableKind::Functions { functions, ordinality: function.ordinality };
        Ok(self.add_entry(RangeTableEntry { name, columns, kind, lateral, location }))
    }

    /// The columns of one function.
    fn function_columns(&mut self, item: &Item<'a>, alias: Option<&ast::Alias>) -> Outcome<Vec<RowColumn>> {
        let location = item.call.location;
        let shape = self.resolver.result_shape(&item.call);
        // A list that must not be is pointed at itself (`exprLocation` of the list).
        let listed = item.definitions.first().and_then(|first| match node(first) {
            Ok(NodeEnum::ColumnDef(definition)) => place(definition.location),
            _ => None,
        });
        match shape {
            ResultShape::UnknownRow if item.definitions.is_empty() => {
                Err(syntax("a function that returns `record` needs a list of column definitions", location)
                    .help("for example `AS t(id integer, name text)`"))
            }
            ResultShape::UnknownRow => self.column_definitions(item.definitions),
            ResultShape::Row { .. } if !item.definitions.is_empty() => {
                Err(syntax("the columns of this function are known, so it cannot have a list of definitions", listed))
            }
            ResultShape::Scalar(_) if !item.definitions.is_empty() => {
                Err(syntax("only a function that returns `record` can have a list of column definitions", listed))
            }
            ResultShape::Row { columns, .. } => Ok(columns),
            ResultShape::Scalar(type_) => {
                // `get_type_func_class`
                let pseudo =
                    self.catalog().type_(type_).is_some_and(|row| row.kind == crate::catalog::TypeKind::Pseudo);
                if pseudo
                    && !matches!(type_, oids::VOID | oids::CSTRING)
                    && !self.catalog().element_type(type_).is_valid()
                {
                    return Err(Failure::new(
                        SqlState::DATATYPE_MISMATCH,
                        format!(
                            "the function `{}` gives `{}`, which FROM cannot hold",
                            item.name,
                            self.type_text(type_)
                        ),
                        location,
                    ));
                }
                // `chooseScalarFunctionAlias`
                let name = match (self.result_name(&item.call), alias) {
                    (Some(name), _) => name,
                    (None, Some(alias)) => alias.aliasname.clone(),
                    (None, None) => item.name.clone(),
                };
                let (typmod, collation) = (self.typmod_of(&item.call), self.collation_of(&item.call));
                Ok(vec![RowColumn { name, type_, typmod, collation }])
            }
        }
    }

    /// The name of a function's only output parameter (`get_func_result_name` in funcapi.c).
    fn result_name(&self, call: &Expr) -> Option<String> {
        let ExprNode::Function { function, .. } = &*call.node else { return None };
        let routine = self.catalog().routine(*function)?;
        let mut outputs = routine.parameters.iter().filter(|parameter| {
            matches!(parameter.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table)
        });
        let only = outputs.next()?;
        (outputs.next().is_none() && !only.name.is_empty()).then(|| only.name.clone())
    }

    /// `AS (name type COLLATE …, …)`
    fn column_definitions(&mut self, definitions: &'a [ast::Node]) -> Outcome<Vec<RowColumn>> {
        let mut columns: Vec<RowColumn> = Vec::new();
        for definition in definitions {
            let NodeEnum::ColumnDef(definition) = node(definition)? else { continue };
            let location = place(definition.location);
            let Some(type_name) = &definition.type_name else {
                return Err(syntax("a column definition needs a type", location));
            };
            let reference = self.resolver.type_name(type_name)?;
            if reference.set {
                return Err(Failure::new(
                    SqlState::INVALID_TABLE_DEFINITION,
                    format!("the column `{}` cannot be SETOF", definition.colname),
                    location,
                ));
            }
            let own = self.catalog().type_collation(reference.type_);
            let collation = match &definition.coll_clause {
                None => own,
                Some(clause) => {
                    let name = ObjectName::from_nodes(&clause.collname, place(clause.location))?;
                    let collation = self.resolver.collation(&name, place(clause.location))?.oid;
                    if !own.is_valid() {
                        return Err(Failure::new(
                            SqlState::DATATYPE_MISMATCH,
                            format!("values of type `{}` have no collation", self.type_text(reference.type_)),
                            place(clause.location),
                        ));
                    }
                    collation
                }
            };
            if columns.iter().any(|column| column.name == definition.colname) {
                return Err(Failure::new(
                    SqlState::DUPLICATE_COLUMN,
                    format!("the column `{}` is defined more than once", definition.colname),
                    location,
                ));
            }
            columns.push(RowColumn {
                name: definition.colname.clone(),
                type_: reference.type_,
                typmod: reference.typmod,
                collation,
            });
        }
        Ok(columns)
    }

    /// One `unnest` of several arguments.
    fn unnest(&mut self, raw: &'a NodeEnum, location: crate::tree::Location) -> Outcome<Expr> {
        let before = self.level().set_calls;
        let saved = self.enter_expression(ExpressionKind::FromFunction);
        let arg = self.expr(raw)?;
        let name = ObjectName { schema: Some("pg_catalog".to_owned()), name: "unnest".to_owned() };
        let meaning = self.resolver.call(Call {
            name,
            args: vec![arg],
            within_group: None,
            star: false,
            distinct: false,
            ordered: false,
            filtered: false,
            windowed: false,
            variadic: false,
            location,
        })?;
        let call = match meaning {
            CallMeaning::Routine(resolved) => self.finish_call(resolved, CallSyntax::plain(), before, location)?,
            CallMeaning::Cast(expr) => expr,
        };
        self.leave_expression(saved);
        self.refuse_inner_sets(before, &call)?;
        Ok(call)
    }

    /// A set-returning call must be the function itself.
    fn refuse_inner_sets(&self, before: u32, call: &Expr) -> Outcome<()> {
        if self.level().set_calls == before || returns_set(call) {
            return Ok(());
        }
        Err(Failure::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            "set-returning functions must be at the top level of FROM",
            self.level().last_set_call,
        ))
    }
}

/// `unnest(a, b)`, which is `ROWS FROM (unnest(a), unnest(b))`.
fn is_parallel_unnest(call: &ast::FuncCall) -> bool {
    super::syntax::names(&call.funcname) == ["unnest"]
        && call.args.len() > 1
        && call.agg_order.is_empty()
        && call.agg_filter.is_none()
        && call.over.is_none()
        && !call.agg_star
        && !call.agg_distinct
        && !call.func_variadic
}

fn syntax(message: &str, location: crate::tree::Location) -> Failure {
    Failure::new(SqlState::SYNTAX_ERROR, message, location)
}
