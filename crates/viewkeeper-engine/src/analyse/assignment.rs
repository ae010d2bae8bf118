//! The table whose rows a statement changes, and values that are assigned to its columns, or to parts of them
//! (`setTargetTable` in parse_clause.c; `checkInsertTargets`, `transformAssignedExpr`, `transformAssignmentIndirection` in
//! parse_target.c).

use super::from::set_lateral;
use super::scope::{NamespaceItem, system_column};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, Relation};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::suggest::nearest;
use crate::resolve::{Coercion, Failure, place};
use crate::tree::{Expr, ExprNode, Location, Var};

/// The table whose rows a statement changes (`p_target_relation`, `p_target_nsitem`).
pub(super) struct TargetTable<'a> {
    pub(super) relation: &'a Relation,
    pub(super) item: NamespaceItem,
}

impl TargetTable<'_> {
    /// Its place in the range table.
    pub(super) fn entry(&self) -> usize {
        self.item.entry
    }
}

/// A column, or a part of one, that a value is assigned to.
#[derive(Clone, Copy)]
pub(super) struct Assigned<'a> {
    pub(super) name: &'a str,
    /// By attribute number; negative for system columns.
    pub(super) number: i16,
    /// Fields and subscripts behind its name.
    pub(super) indirection: &'a [ast::Node],
    pub(super) location: Location,
}

/// What a part of a column is assigned in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowBefore {
    /// Nothing: the row is new.
    New,
    /// The row that is there.
    Updated,
}

/// What a value is assigned to on the way into a column.
struct Part<'p> {
    name: &'p str,
    is_subscript: bool,
    type_: Oid,
    typmod: i32,
    collation: Oid,
}

impl<'a> Analyser<'a> {
    /// `setTargetTable`, of a table that is not among those that are read.
    pub(super) fn target_table(&mut self, range: Option<&'a ast::RangeVar>) -> Outcome<TargetTable<'a>> {
        let Some(range) = range else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a statement that changes rows needs a table", None));
        };
        self.check_database(range)?;
        let mut result = self.table(range)?;
        let location = place(range.location);
        let schema = (!range.schemaname.is_empty()).then_some(range.schemaname.as_str());
        match (result.namespace.pop(), self.resolver.find_relation(schema, &range.relname)) {
            (Some(item), Some(relation)) => Ok(TargetTable { relation, item }),
            _ => Err(Failure::new(SqlState::UNDEFINED_TABLE, format!("no relation `{}`", range.relname), location)),
        }
    }

    /// `setTargetTable`, of a table that is read too.
    pub(super) fn source_and_target_table(&mut self, range: Option<&'a ast::RangeVar>) -> Outcome<TargetTable<'a>> {
        let target = self.target_table(range)?;
        let item = crate::tree::FromItem::Entry(target.entry());
        let level = self.level_mut();
        level.from.push(item);
        level.namespace.push(target.item.clone());
        Ok(target)
    }

    /// FROM of UPDATE and USING of DELETE, whose sub-queries do not see the table itself.
    pub(super) fn add_from_clause_beside(&mut self, target: &TargetTable<'a>, items: &'a [ast::Node]) -> Outcome<()> {
        let own = |item: &NamespaceItem| item.entry == target.entry();
        if let Some(at) = self.level().namespace.iter().position(own) {
            set_lateral(&mut self.level_mut().namespace[at..=at], true, false);
        }
        self.add_from_clause(items)
    }

    /// `checkInsertTargets`
    pub(super) fn insert_columns(
        &self,
        target: &TargetTable<'a>,
        columns: &'a [ast::Node],
    ) -> Outcome<Vec<Assigned<'a>>> {
        if columns.is_empty() {
            let all = target.relation.live_columns();
            let assigned = |(number, column): (i16, &'a crate::catalog::Column)| Assigned {
                name: &column.name,
                number,
                indirection: &[],
                location: None,
            };
            return Ok(all.map(assigned).collect());
        }
        let mut found: Vec<Assigned<'a>> = Vec::new();
        for column in columns {
            let Some(NodeEnum::ResTarget(column)) = &column.node else { continue };
            let location = place(column.location);
            let Some((number, _)) = target.relation.column(&column.name) else {
                return Err(no_such_column(target, &column.name, location));
            };
            // Parts of one column may be given one by one.
            let clashes = |other: &Assigned<'_>| {
                other.number == number && (other.indirection.is_empty() || column.indirection.is_empty())
            };
            if found.iter().any(clashes) {
                let message = format!("the column `{}` is given more than once", column.name);
                return Err(Failure::new(SqlState::DUPLICATE_COLUMN, message, location));
            }
            found.push(Assigned { name: &column.name, number, indirection: &column.indirection, location });
        }
        Ok(found)
    }

    /// A column that UPDATE names (`attnameAttNum`).
    pub(super) fn update_column(&self, target: &TargetTable<'a>, column: &'a ast::ResTarget) -> Outcome<Assigned<'a>> {
        let location = place(column.location);
        let number = match target.relation.column(&column.name) {
            Some((number, _)) => number,
            None => match system_column(&column.name) {
                Some((number, _)) => number,
                None => {
                    let failure = no_such_column(target, &column.name, location);
                    // `SET t.a = …`
                    return Err(match column.name == target.item.name && !column.indirection.is_empty() {
                        true => failure.help("what SET assigns to is named without its table"),
                        false => failure,
                    });
                }
            },
        };
        Ok(Assigned { name: &column.name, number, indirection: &column.indirection, location })
    }

    /// `transformAssignedExpr`
    pub(super) fn assign(
        &mut self,
        value: Expr,
        kind: ExpressionKind,
        target: &TargetTable<'a>,
        column: Assigned<'a>,
        before: RowBefore,
    ) -> Outcome<Expr> {
        let Some(row) = target.relation.attribute(column.number) else {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("the system column `{}` cannot be assigned to", column.name),
                column.location,
            ));
        };
        let (type_, typmod, collation) = (row.type_, row.typmod, row.collation);
        let mut value = value;
        if matches!(&*value.node, ExprNode::SetToDefault { .. }) {
            if let Some(first) = column.indirection.first() {
                let part = match &first.node {
                    Some(NodeEnum::AIndices(_)) => "an element of an array",
                    _ => "a field",
                };
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("{part} has no DEFAULT"),
                    column.location,
                ));
            }
            value.node = Box::new(ExprNode::SetToDefault { type_, typmod, collation });
        }
        let saved = self.enter_expression(kind);
        let assigned = if column.indirection.is_empty() {
            self.assign_whole(value, column.name, (type_, typmod))
        } else {
            let base = match before {
                RowBefore::New => ExprNode::Const { type_, typmod, collation, value: None },
                RowBefore::Updated => {
                    let (relation, column) = (target.entry(), column.number);
                    ExprNode::Var(Var { relation, column, levels_up: 0, type_, typmod, collation })
                }
            };
            let base = Expr::new(base, column.location);
            let part = Part { name: column.name, is_subscript: false, type_, typmod, collation };
            self.assign_part(Some(base), &part, column.indirection, value, column.location)
        };
        self.leave_expression(saved);
        assigned
    }

    fn assign_whole(&self, value: Expr, name: &str, (type_, typmod): (Oid, i32)) -> Outcome<Expr> {
        let (given, location) = (self.type_of(&value), super::expression::start(&value));
        let coerced = self.resolver.coerce_to_target_type(value, Coercion::assignment(type_, typmod, None));
        coerced.map_err(|failure| failure.or_at(location))?.ok_or_else(|| {
            let (wanted, given) = (self.type_text(type_), self.type_text(given));
            let message = format!("the column `{name}` is of type `{wanted}`, but the value is of type `{given}`");
            Failure::new(SqlState::DATATYPE_MISMATCH, message, location).help("cast the value")
        })
    }

    /// `transformAssignmentIndirection`: neighbouring subscripts are one.
    fn assign_part(
        &mut self,
        base: Option<Expr>,
        part: &Part<'_>,
        indirection: &'a [ast::Node],
        value: Expr,
        location: Location,
    ) -> Outcome<Expr> {
        let is_subscript = |node: &&ast::Node| matches!(&node.node, Some(NodeEnum::AIndices(_)));
        let subscripts = indirection.iter().take_while(is_subscript).count();
        let base = base.unwrap_or_else(|| {
            let (type_, typmod, collation) = (part.type_, part.typmod, part.collation);
            Expr::new(ExprNode::CaseTest { type_, typmod, collation }, None)
        });
        if subscripts > 0 {
            let (subscripts, rest) = indirection.split_at(subscripts);
            return self.assign_element(base, part, (subscripts, rest), value, location);
        }
        match indirection.split_first() {
            Some((ast::Node { node: Some(NodeEnum::String(field)) }, rest)) => {
                self.assign_field(base, part, (&field.sval, rest), value, location)
            }
            Some(_) => Err(Failure::new(SqlState::FEATURE_NOT_SUPPORTED, "`.*` cannot be expanded here", location)),
            None => {
                let given = self.type_of(&value);
                let coercion = Coercion::assignment(part.type_, part.typmod, None);
                self.resolver.coerce_to_target_type(value, coercion)?.ok_or_else(|| {
                    let (wanted, given) = (self.type_text(part.type_), self.type_text(given));
                    let what = if part.is_subscript { "an element of" } else { "the field" };
                    let message =
                        format!("{what} `{}` is of type `{wanted}`, but the value is of type `{given}`", part.name);
                    Failure::new(SqlState::DATATYPE_MISMATCH, message, location).help("cast the value")
                })
            }
        }
    }

    /// `FieldStore`
    fn assign_field(
        &mut self,
        base: Expr,
        part: &Part<'_>,
        (field, rest): (&'a str, &'a [ast::Node]),
        value: Expr,
        location: Location,
    ) -> Outcome<Expr> {
        let (row_type, row_typmod) = self.catalog().base_type_and_typmod(part.type_, part.typmod);
        let shown = self.type_text(part.type_);
        let Some(row) = self.catalog().relation_of_type(row_type) else {
            let message = format!("`{}` has no field `{field}`: its type `{shown}` is not composite", part.name);
            return Err(Failure::new(SqlState::DATATYPE_MISMATCH, message, location));
        };
        let Some((number, column)) = row.column(field) else {
            let message = format!("no field `{field}` in `{}`, which is of type `{shown}`", part.name);
            let failure = Failure::new(SqlState::UNDEFINED_COLUMN, message, location);
            return Err(failure.meant(nearest(field, row.live_columns().map(|(_, column)| column.name.as_str()))));
        };
        let (type_, typmod, collation) = (column.type_, column.typmod, column.collation);
        let inner = Part { name: field, is_subscript: false, type_, typmod, collation };
        let value = self.assign_part(None, &inner, rest, value, location)?;
        let store = Expr::new(ExprNode::FieldStore { arg: base, number, value, type_: row_type }, location);
        if row_type == part.type_ {
            return Ok(store);
        }
        let coercion = Coercion { typmod: row_typmod, ..Coercion::implicit(part.type_) };
        self.resolver.coerce_type(store, coercion)
    }

    /// `transformAssignmentSubscripts`
    fn assign_element(
        &mut self,
        base: Expr,
        part: &Part<'_>,
        (subscripts, rest): (&'a [ast::Node], &'a [ast::Node]),
        value: Expr,
        location: Location,
    ) -> Outcome<Expr> {
        let indices = subscripts.iter().filter_map(|node| match &node.node {
            Some(NodeEnum::AIndices(indices)) => Some(&**indices),
            _ => None,
        });
        let mut reference = self.subscript(base, &indices.collect::<Vec<_>>())?;
        let ExprNode::Subscript(subscript) = &mut *reference.node else { return Ok(reference) };
        let container = subscript.container;
        let collation = if container == part.type_ { part.collation } else { self.catalog().type_collation(container) };
        let (type_, typmod) = (subscript.type_, subscript.typmod);
        let inner = Part { name: part.name, is_subscript: true, type_, typmod, collation };
        let value = self.assign_part(None, &inner, rest, value, location)?;
        subscript.assigned = Some(value);
        subscript.type_ = container;
        if container == part.type_ {
            return Ok(reference);
        }
        let given = self.type_of(&reference);
        let coercion = Coercion::assignment(part.type_, part.typmod, None);
        self.resolver
            .coerce_to_target_type(reference, coercion)?
            .ok_or_else(|| self.cannot_cast(given, part.type_, location))
    }
}

fn no_such_column(target: &TargetTable<'_>, name: &str, location: Location) -> Failure {
    let message = format!("no column `{name}` in `{}`", target.relation.name);
    let failure = Failure::new(SqlState::UNDEFINED_COLUMN, message, location);
    failure.meant(nearest(name, target.relation.live_columns().map(|(_, column)| column.name.as_str())))
}
