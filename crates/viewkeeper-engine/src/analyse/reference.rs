//! References to columns, rows and fields: `a`, `t.a`, `s.t.a`, `t`, `(x).a`, `f(t)` (parse_expr.c, parse_func.c).

use super::scope::{NamespaceItem, Reach};
use super::syntax::{ends_in_star, names};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Call, CallMeaning, Failure, ObjectName, ResultShape, place};
use crate::tree::{Expr, ExprNode, Location, RangeTableKind, Var};

impl<'a> Analyser<'a> {
    /// `transformColumnRef`
    pub(super) fn column_reference(&mut self, column: &'a ast::ColumnRef) -> Outcome<Expr> {
        let location = place(column.location);
        let alone = match self.level().kind {
            Some(ExpressionKind::ColumnDefault) => Some("a DEFAULT expression cannot refer to a column"),
            Some(ExpressionKind::PartitionBound) => Some("the bound of a partition cannot refer to a column"),
            _ => None,
        };
        if let Some(message) = alone {
            return Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, message, location));
        }
        let fields = names(&column.fields);
        let star = ends_in_star(&column.fields);
        let (qualifiers, name) = match (fields.as_slice(), star) {
            (fields, true) => (fields, None),
            ([qualifiers @ .., name], false) => (qualifiers, Some(*name)),
            ([], false) => return Err(Failure::new(SqlState::SYNTAX_ERROR, "a name is missing", location)),
        };
        let (schema, table) = match (qualifiers, name) {
            ([], Some(name)) => return self.bare_reference(name, location),
            ([table], _) => (None, *table),
            ([schema, table], _) => (Some(*schema), *table),
            ([_, _, _], _) => {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("`{}` names a database", fields.join(".")),
                    location,
                ));
            }
            _ => {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("`{}` has too many parts for a column", fields.join(".")),
                    location,
                ));
            }
        };
        let Some((levels_up, item)) = self.find_item(schema, table, location)? else {
            if let Some(parameter) = self.named_parameter(&fields, location)? {
                return Ok(parameter);
            }
            return Err(self.missing_item(schema, table, location));
        };
        let Some(name) = name else { return self.whole_row(&item, levels_up, location) };
        if let Some(found) = self.column_of_item(levels_up, &item, name, location)? {
            return Ok(found);
        }
        // `t.f` may mean `f(t)`.
        let row = self.whole_row(&item, levels_up, location)?;
        match self.field(row, name, location)? {
            Some(found) => Ok(found),
            None => Err(self.missing_column(Some(table), name, location)),
        }
    }

    pub(super) fn bare_reference(&mut self, name: &str, location: Location) -> Outcome<Expr> {
        if let Some(found) = self.column_by_name(name, Reach::AllLevels, location)? {
            return Ok(found);
        }
        if let Some((levels_up, item)) = self.find_item(None, name, location)? {
            return self.whole_row(&item, levels_up, location);
        }
        if let Some(parameter) = self.named_parameter(&[name], location)? {
            return Ok(parameter);
        }
        Err(self.missing_column(None, name, location))
    }

    /// A row of an item as a value (`transformWholeRowRef`, `makeWholeRowVar`).
    pub(super) fn whole_row(&self, item: &NamespaceItem, levels_up: usize, location: Location) -> Outcome<Expr> {
        if item.using_alias {
            let args = item.star().map(|(_, target)| target.var(levels_up, location)).collect();
            let row = ExprNode::Row { type_: oids::RECORD, names: item.names.to_vec(), args };
            return Ok(Expr::new(row, location));
        }
        let entry = self.level_up(levels_up).and_then(|level| level.range_table.get(item.entry));
        let row = |column: i16, type_: Oid, collation: Oid| {
            let var = Var { relation: item.entry, column, levels_up, type_, typmod: -1, collation };
            Ok(Expr::new(ExprNode::Var(var), location))
        };
        match entry.map(|entry| &entry.kind) {
            Some(RangeTableKind::Relation { relation, .. }) => {
                let row_type = self.catalog().relation(*relation).map_or(Oid::INVALID, |relation| relation.row_type);
                if !row_type.is_valid() {
                    return Err(Failure::new(
                        SqlState::WRONG_OBJECT_TYPE,
                        format!("`{}` has no row type", item.name),
                        location,
                    ));
                }
                row(0, row_type, Oid::INVALID)
            }
            Some(RangeTableKind::Functions { functions, ordinality: false }) if functions.len() == 1 => {
                let call = &functions[0].call;
                let type_ = self.type_of(call);
                if self.is_row_type(type_) {
                    row(0, type_, Oid::INVALID)
                } else {
                    row(1, type_, self.collation_of(call))
                }
            }
            _ => row(0, oids::RECORD, Oid::INVALID),
        }
    }

    /// The row of a FROM item that has no named type as a row of its columns, which can be cast to a named type one by one
    /// (`coerce_record_to_complex`).
    pub(super) fn row_in_columns(&self, expr: Expr) -> Expr {
        let ExprNode::Var(Var { relation, column: 0, levels_up, .. }) = *expr.node else { return expr };
        let Some(level) = self.level_up(levels_up) else { return expr };
        let Some(item) = level.namespace.iter().find(|item| item.entry == relation) else { return expr };
        let args = item.star().map(|(_, target)| target.var(levels_up, expr.location)).collect();
        Expr::new(ExprNode::Row { type_: oids::RECORD, names: item.names.to_vec(), args }, expr.location)
    }

    /// Whether values of a type are rows (`type_is_rowtype`).
    pub(super) fn is_row_type(&self, type_: Oid) -> bool {
        self.catalog().is_composite(self.catalog().base_type(type_))
    }

    /// `transformIndirection`, for `fields` after an expression.
    pub(super) fn indirection(&mut self, argument: &'a NodeEnum, fields: &'a [ast::Node]) -> Outcome<Expr> {
        let mut result = self.expr(argument)?;
        let location = result.location;
        let mut subscripts = Vec::new();
        for field in fields {
            match &field.node {
                Some(NodeEnum::AIndices(indices)) => subscripts.push(&**indices),
                Some(NodeEnum::String(name)) => {
                    if !subscripts.is_empty() {
                        result = self.subscript(result, &std::mem::take(&mut subscripts))?;
                    }
                    let unknown = result.clone();
                    result = match self.field(result, &name.sval, location)? {
                        Some(found) => found,
                        None => return Err(self.unknown_field(&unknown, &name.sval, location)),
                    };
                }
                _ => {
                    return Err(Failure::new(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        "`.*` cannot be expanded here",
                        location,
                    ));
                }
            }
        }
        if subscripts.is_empty() { Ok(result) } else { self.subscript(result, &subscripts) }
    }

    /// A field of a value, or a function of it (`ParseFuncOrColumn` without a call).
    pub(super) fn field(&mut self, argument: Expr, name: &str, location: Location) -> Outcome<Option<Expr>> {
        if self.is_row_type(self.type_of(&argument))
            && let Some(found) = self.projection(&argument, name, location)?
        {
            return Ok(Some(found));
        }
        let before = self.level().set_calls;
        let call = Call {
            name: ObjectName::bare(name),
            args: vec![argument],
            within_group: None,
            star: false,
            distinct: false,
            ordered: false,
            filtered: false,
            windowed: false,
            variadic: false,
            location,
        };
        match self.resolver.call(call) {
            Ok(CallMeaning::Cast(expr)) => Ok(Some(expr)),
            Ok(CallMeaning::Routine(resolved)) => {
                self.finish_call(resolved, super::call::CallSyntax::plain(), before, location).map(Some)
            }
            Err(failure) if matches!(failure.sqlstate, SqlState::UNDEFINED_FUNCTION | SqlState::AMBIGUOUS_FUNCTION) => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// A field of a composite value (`ParseComplexProjection`).
    pub(super) fn projection(&mut self, row: &Expr, name: &str, location: Location) -> Outcome<Option<Expr>> {
        if let ExprNode::Var(var) = &*row.node
            && var.column == 0
            && let Some(item) = self.item_of_entry(var.relation, var.levels_up)
        {
            return self.column_of_item(var.levels_up, &item, name, location);
        }
        let ResultShape::Row { columns, .. } = self.row_shape(row) else { return Ok(None) };
        let found = (1i16..).zip(columns).find(|(_, column)| column.type_.is_valid() && column.name == name);
        Ok(found.map(|(number, column)| {
            let field = ExprNode::Field {
                arg: row.clone(),
                number,
                type_: column.type_,
                typmod: column.typmod,
                collation: column.collation,
            };
            Expr::new(field, location)
        }))
    }

    /// `unknown_attribute`
    fn unknown_field(&self, row: &Expr, name: &str, location: Location) -> Failure {
        let type_ = self.type_of(row);
        if let ExprNode::Var(var) = &*row.node
            && var.column == 0
            && let Some(item) = self.item_of_entry(var.relation, var.levels_up)
        {
            return self.missing_column(Some(&item.name), name, location);
        }
        if !self.is_row_type(type_) {
            return Failure::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("`.{name}` is applied to type `{}`, which is not composite", self.type_text(type_)),
                location,
            );
        }
        let ResultShape::Row { columns, .. } = self.row_shape(row) else {
            return Failure::new(
                SqlState::UNDEFINED_COLUMN,
                format!("which columns this `record` has is not known, so `{name}` cannot be found"),
                location,
            );
        };
        let failure = Failure::new(
            SqlState::UNDEFINED_COLUMN,
            format!("no field `{name}` in type `{}`", self.type_text(type_)),
            location,
        );
        match crate::resolve::suggest::nearest(name, columns.iter().map(|column| column.name.as_str())) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => {
                let fields: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).take(8).collect();
                failure.note(format!("it has {}", fields.join(", ")))
            }
        }
    }
}
