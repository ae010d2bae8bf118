//! JSON_TABLE (parse_jsontable.c of 17 and later).

use super::aggregate::variable_of_level;
use super::from::{FromResult, alias_columns};
use super::json::{Format, Returning, Role, explicit_format};
use super::json_query::{Behaviors, quotes_fit_wrapper};
use super::syntax::{node, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};
use crate::tree::{
    Expr, ExprNode, JsonQueryKind, RangeTableEntry, RangeTableKind, RowColumn, TableExpression, TableExpressionColumn,
    TableExpressionKind,
};

/// What has been gathered of the columns.
#[derive(Default)]
struct Gathered<'a> {
    names: Vec<&'a str>,
    columns: Vec<RowColumn>,
    known: Vec<TableExpressionColumn>,
    arguments: Vec<Expr>,
}

impl<'a> Analyser<'a> {
    /// `transformJsonTable`
    pub(super) fn json_table(&mut self, table: &'a ast::JsonTable) -> Outcome<FromResult> {
        let location = place(table.location);
        self.json_since(17, "JSON_TABLE", location)?;
        use ast::JsonBehaviorType as Type;
        if let Some(behavior) = &table.on_error
            && !matches!(
                behavior.btype(),
                Type::JsonBehaviorError | Type::JsonBehaviorEmpty | Type::JsonBehaviorEmptyArray
            )
        {
            return Err(syntax("JSON_TABLE can only have EMPTY or ERROR ON ERROR", place(behavior.location)));
        }
        let mut gathered = Gathered::default();
        if let Some(path) = &table.pathspec {
            gathered.add_name(&path.name, location)?;
        }
        gathered.add_names(&table.columns)?;

        self.level_mut().lateral_active = true;
        let saved = self.enter_expression(ExpressionKind::FromFunction);
        let context = table.context_item.as_deref();
        let mut document = self.json_value(context, "JSON_TABLE", Format::Jsonb, oids::JSONB, Role::Value)?;
        self.assign_collations(&mut document)?;
        gathered.arguments.push(document);
        if let Some(path) = table.pathspec.as_ref().and_then(|path| path.string.as_deref()) {
            let path = self.json_path(required(Some(path))?)?;
            gathered.arguments.push(path);
        }
        let mut passing = self.json_passing(&table.passing, "JSON_TABLE")?;
        for value in &mut passing {
            self.assign_collations(value)?;
        }
        gathered.arguments.extend(passing);
        self.json_table_columns(&table.columns, false, &mut gathered)?;
        self.leave_expression(saved);
        self.level_mut().lateral_active = false;

        let Gathered { columns, known, arguments, .. } = gathered;
        let lateral = table.lateral || arguments.iter().any(|arg| variable_of_level(arg, 0).is_some());
        let alias = table.alias.as_ref();
        let name = alias.map_or_else(|| "json_table".to_owned(), |alias| alias.aliasname.clone());
        let columns = alias_columns("JSON_TABLE", alias, columns.into(), location)?;
        let expression = TableExpression { kind: TableExpressionKind::Json, arguments, columns: known };
        let kind = RangeTableKind::TableExpression(Box::new(expression));
        Ok(self.add_entry(RangeTableEntry { name, columns, kind, lateral, location }))
    }

    /// `transformJsonTableColumns`: the columns of a level, then those of its nested paths.
    fn json_table_columns(&mut self, list: &'a [ast::Node], nested: bool, gathered: &mut Gathered<'a>) -> Outcome<()> {
        let mut ordinality_seen = false;
        for column in list {
            let NodeEnum::JsonTableColumn(column) = node(column)? else { continue };
            let location = place(column.location);
            let ordinality = column.coltype() == ast::JsonTableColumnType::JtcForOrdinality;
            let exists = column.coltype() == ast::JsonTableColumnType::JtcExists;
            let row = match column.coltype() {
                ast::JsonTableColumnType::JtcNested => continue,
                ast::JsonTableColumnType::JtcForOrdinality => {
                    if ordinality_seen {
                        return Err(syntax("there can be only one FOR ORDINALITY column", location));
                    }
                    ordinality_seen = true;
                    RowColumn { name: column.name.clone(), type_: oids::INT4, typmod: -1, collation: Oid::INVALID }
                }
                _ => self.json_table_column(column, exists, gathered)?,
            };
            let unknown = column.on_error.as_ref().is_some_and(|behavior| {
                !matches!(
                    behavior.btype(),
                    ast::JsonBehaviorType::JsonBehaviorTrue
                        | ast::JsonBehaviorType::JsonBehaviorFalse
                        | ast::JsonBehaviorType::JsonBehaviorError
                )
            });
            let not_null = exists && row.type_ == oids::BOOL && !unknown;
            gathered.columns.push(row);
            gathered.known.push(TableExpressionColumn { ordinality, not_null, nested, exists });
        }
        for column in list {
            let NodeEnum::JsonTableColumn(column) = node(column)? else { continue };
            if column.coltype() == ast::JsonTableColumnType::JtcNested {
                self.json_table_columns(&column.columns, true, gathered)?;
            }
        }
        Ok(())
    }

    /// `transformJsonTableColumn`: a JSON_VALUE, JSON_QUERY or JSON_EXISTS over the row's item.
    fn json_table_column(
        &mut self,
        column: &'a ast::JsonTableColumn,
        exists: bool,
        gathered: &mut Gathered<'a>,
    ) -> Outcome<RowColumn> {
        let location = place(column.location);
        let Some(type_name) = &column.type_name else {
            return Err(syntax("a column of JSON_TABLE needs a type", location));
        };
        let reference = self.resolver.type_name(type_name)?;
        let pseudo =
            self.catalog().type_(reference.type_).is_some_and(|row| row.kind == crate::catalog::TypeKind::Pseudo);
        if reference.set || pseudo {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("the column `{}` cannot have this type", column.name),
                location,
            ));
        }
        let formatted = column.coltype() == ast::JsonTableColumnType::JtcFormatted
            || explicit_format(column.format.as_ref()).is_some()
            || !matches!(column.quotes(), ast::JsonQuotes::Undefined | ast::JsonQuotes::JsQuotesUnspec)
            || !matches!(column.wrapper(), ast::JsonWrapper::Undefined | ast::JsonWrapper::JswUnspec)
            || self.is_json_like(reference.type_);
        let kind = match (exists, formatted) {
            (true, _) => JsonQueryKind::Exists,
            (false, true) => JsonQueryKind::Query,
            (false, false) => JsonQueryKind::Value,
        };
        if kind == JsonQueryKind::Query {
            quotes_fit_wrapper(column.quotes(), column.wrapper(), location)?;
        }
        let item = ExprNode::CaseTest { type_: oids::JSONB, typmod: -1, collation: Oid::INVALID };
        let path = match column.pathspec.as_ref().and_then(|path| path.string.as_deref()) {
            Some(raw) => self.json_path(required(Some(raw))?)?,
            None => {
                let value = Some(format!("$.\"{}\"", column.name));
                let none = Oid::INVALID;
                Expr::new(ExprNode::Const { type_: oids::JSONPATH, typmod: -1, collation: none, value }, location)
            }
        };
        let format = if reference.type_ == oids::JSONB { Format::Jsonb } else { Format::Json };
        let returning = Returning { type_: reference.type_, typmod: reference.typmod, format };
        let behaviors = Behaviors { on_empty: column.on_empty.as_deref(), on_error: column.on_error.as_deref() };
        let item = Expr::new(item, location);
        let mut value = self.json_call(kind, item, path, Vec::new(), Some(returning), behaviors, location)?;
        self.assign_collations(&mut value)?;
        let row = RowColumn {
            name: column.name.clone(),
            type_: self.type_of(&value),
            typmod: self.typmod_of(&value),
            collation: self.collation_of(&value),
        };
        gathered.arguments.push(value);
        Ok(row)
    }

    /// Types that JSON_QUERY fills even without FORMAT JSON (`isCompositeType` in parse_jsontable.c).
    fn is_json_like(&self, type_: Oid) -> bool {
        let base = self.catalog().base_type(type_);
        matches!(type_, oids::JSON | oids::JSONB | oids::RECORD)
            || self.catalog().element_type(type_).is_valid()
            || self.catalog().is_composite(type_)
            || (base != type_ && self.is_json_like(base))
    }
}

impl<'a> Gathered<'a> {
    /// `CheckDuplicateColumnOrPathNames`
    fn add_names(&mut self, columns: &'a [ast::Node]) -> Outcome<()> {
        for column in columns {
            let NodeEnum::JsonTableColumn(column) = node(column)? else { continue };
            let location = place(column.location);
            if column.coltype() == ast::JsonTableColumnType::JtcNested {
                if let Some(path) = &column.pathspec {
                    self.add_name(&path.name, location)?;
                }
                self.add_names(&column.columns)?;
            } else {
                self.add_name(&column.name, location)?;
            }
        }
        Ok(())
    }

    fn add_name(&mut self, name: &'a str, location: crate::tree::Location) -> Outcome<()> {
        if name.is_empty() {
            return Ok(());
        }
        if self.names.contains(&name) {
            return Err(Failure::new(
                SqlState::DUPLICATE_ALIAS,
                format!("JSON_TABLE has the name `{name}` more than once"),
                location,
            ));
        }
        self.names.push(name);
        Ok(())
    }
}

fn syntax(message: &str, location: crate::tree::Location) -> Failure {
    Failure::new(SqlState::SYNTAX_ERROR, message, location)
}
