//! Target lists and lists of expressions: star expansion, output names, unknown output columns (parse_target.c).

use super::column_name::column_name;
use super::scope::NamespaceItem;
use super::select::star_targets;
use super::syntax::{ends_in_star, names, node};
use super::{Analyser, ExpressionKind, Outcome, take};
use crate::catalog::oids;
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ResultShape, place};
use crate::tree::{Expr, ExprNode, Location, RangeTableKind, Target};

impl<'a> Analyser<'a> {
    /// `transformTargetList`
    pub(super) fn target_list(&mut self, list: &'a [ast::Node], kind: ExpressionKind) -> Outcome<Vec<Target>> {
        let mut targets = Vec::new();
        for entry in list {
            let NodeEnum::ResTarget(entry) = node(entry)? else {
                return Err(Failure::new(SqlState::SYNTAX_ERROR, "the target list has an entry of another kind", None));
            };
            let value = super::syntax::required(entry.val.as_deref())?;
            if let Some(expanded) = self.expand_star(value, kind)? {
                targets.extend(expanded);
                continue;
            }
            let expr = self.expression(value, kind)?;
            let name = if entry.name.is_empty() {
                column_name(value, &self.sublink_names, self.version())
            } else {
                entry.name.clone()
            };
            targets.push(Target { name, expr, sort_group: 0, junk: false });
        }
        Ok(targets)
    }

    /// `transformExpressionList`
    pub(super) fn expression_list(&mut self, list: &'a [ast::Node], kind: ExpressionKind) -> Outcome<Vec<Expr>> {
        let mut exprs = Vec::new();
        for entry in list {
            let value = node(entry)?;
            match self.expand_star(value, kind)? {
                Some(expanded) => exprs.extend(expanded.into_iter().map(|target| target.expr)),
                None => exprs.push(self.expression(value, kind)?),
            }
        }
        Ok(exprs)
    }

    /// What a `*` stands for, when the entry is one.
    fn expand_star(&mut self, value: &'a NodeEnum, kind: ExpressionKind) -> Outcome<Option<Vec<Target>>> {
        match value {
            NodeEnum::ColumnRef(column) if ends_in_star(&column.fields) => self.column_star(column).map(Some),
            NodeEnum::AIndirection(indirection) if ends_in_star(&indirection.indirection) => {
                // `ExpandIndirectionStar`
                let saved = self.enter_expression(kind);
                let last = indirection.indirection.len() - 1;
                let argument = super::syntax::required(indirection.arg.as_deref())?;
                let expr = self.indirection(argument, &indirection.indirection[..last])?;
                self.leave_expression(saved);
                self.row_star(expr).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `ExpandColumnRefStar`
    fn column_star(&mut self, column: &'a ast::ColumnRef) -> Outcome<Vec<Target>> {
        let location = place(column.location);
        let qualifiers = names(&column.fields);
        let (schema, name) = match qualifiers.as_slice() {
            [] => return self.all_columns(location),
            [name] => (None, *name),
            [schema, name] => (Some(*schema), *name),
            [_, _, _] => {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("`{}.*` names a database", qualifiers.join(".")),
                    location,
                ));
            }
            _ => {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("`{}.*` has too many parts", qualifiers.join(".")),
                    location,
                ));
            }
        };
        let Some((levels_up, item)) = self.find_item(schema, name, location)? else {
            return Err(self.missing_item(schema, name, location));
        };
        Ok(self.item_star(&item, levels_up, location))
    }

    /// A bare `*` (`ExpandAllTables`).
    fn all_columns(&mut self, location: Location) -> Outcome<Vec<Target>> {
        let visible: Vec<NamespaceItem> =
            self.level().namespace.iter().filter(|item| item.columns_visible).cloned().collect();
        if visible.is_empty() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "SELECT * needs something in FROM", location));
        }
        Ok(visible.iter().flat_map(|item| self.item_star(item, 0, location)).collect())
    }

    /// All columns of an item (`ExpandSingleTable`).
    fn item_star(&mut self, item: &NamespaceItem, levels_up: usize, location: Location) -> Vec<Target> {
        let targets = star_targets(item, levels_up, location);
        let mut spelled = Vec::new();
        for target in &targets {
            if let ExprNode::Var(var) = &*target.expr.node {
                self.relations_behind(var.relation, var.levels_up, &mut spelled);
            }
        }
        self.relations_behind(item.entry, levels_up, &mut spelled);
        self.level_mut().star_relations.extend(spelled);
        targets
    }

    /// The relations whose columns an entry shows: itself, or the sides of a join.
    fn relations_behind(&self, entry: usize, levels_up: usize, found: &mut Vec<crate::catalog::Oid>) {
        let entry = self.level_up(levels_up).and_then(|level| level.range_table.get(entry));
        if let Some(RangeTableKind::Relation { relation, .. }) = entry.map(|entry| &entry.kind)
            && !found.contains(relation)
        {
            found.push(*relation);
        }
    }

    /// The fields of a composite value (`ExpandRowReference`).
    fn row_star(&mut self, expr: Expr) -> Outcome<Vec<Target>> {
        if let ExprNode::Var(var) = &*expr.node
            && var.column == 0
        {
            let (entry, levels_up) = (var.relation, var.levels_up);
            if let Some(item) = self.item_of_entry(entry, levels_up) {
                return Ok(self.item_star(&item, levels_up, expr.location));
            }
        }
        let columns = match self.row_shape(&expr) {
            ResultShape::Row { columns, .. } => columns,
            ResultShape::UnknownRow => {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    "the columns of this `record` are not known",
                    expr.location,
                ));
            }
            ResultShape::Scalar(type_) => {
                return Err(Failure::new(
                    SqlState::WRONG_OBJECT_TYPE,
                    format!("type `{}` is not composite, so `.*` has nothing to expand", self.type_text(type_)),
                    expr.location,
                ));
            }
        };
        if let Some(relation) = self.catalog().relation_of_type(self.catalog().base_type(self.type_of(&expr))) {
            self.level_mut().star_relations.insert(relation.oid);
        }
        Ok((1i16..)
            .zip(columns)
            .filter(|(_, column)| column.type_.is_valid())
            .map(|(number, column)| {
                let field = ExprNode::Field {
                    arg: expr.clone(),
                    number,
                    type_: column.type_,
                    typmod: column.typmod,
                    collation: column.collation,
                };
                Target { name: column.name, expr: Expr::new(field, expr.location), sort_group: 0, junk: false }
            })
            .collect())
    }

    /// The namespace item of an entry (`GetNSItemByRangeTablePosn`).
    pub(super) fn item_of_entry(&self, entry: usize, levels_up: usize) -> Option<NamespaceItem> {
        let level = self.level_up(levels_up)?;
        level.namespace.iter().find(|item| item.entry == entry && !item.using_alias).cloned()
    }

    /// Output columns of unknown type become text (`resolveTargetListUnknowns`).
    pub(super) fn resolve_unknown_targets(&mut self, targets: &mut [Target]) -> Outcome<()> {
        for target in targets {
            self.unknown_to_text(&mut target.expr)?;
        }
        Ok(())
    }

    /// An expression of unknown type becomes text.
    pub(super) fn unknown_to_text(&mut self, expr: &mut Expr) -> Outcome<()> {
        if self.type_of(expr) == oids::UNKNOWN {
            let value = take(expr);
            *expr = self.coerce_implicitly(value, oids::TEXT, -1)?;
        }
        Ok(())
    }
}
