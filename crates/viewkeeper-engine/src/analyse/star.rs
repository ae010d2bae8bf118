//! What a `*` stands for (parse_target.c), and how its columns are called in its place.

use super::scope::NamespaceItem;
use super::select::star_targets;
use super::syntax::{ends_in_star, names};
use super::{Analyser, ExpressionKind, Outcome};
use crate::diagnostic::SqlState;
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ResultShape, place};
use crate::stars::Star;
use crate::tree::{Expr, ExprNode, Location, Target};

impl<'a> Analyser<'a> {
    /// What a `*` stands for, when the entry is one. `start` is where the entry begins.
    pub(super) fn expand_star(
        &mut self,
        value: &'a NodeEnum,
        kind: ExpressionKind,
        start: Location,
    ) -> Outcome<Option<Vec<Target>>> {
        let (targets, columns) = match value {
            NodeEnum::ColumnRef(column) if ends_in_star(&column.fields) => self.column_star(column)?,
            NodeEnum::AIndirection(indirection) if ends_in_star(&indirection.indirection) => {
                // `ExpandIndirectionStar`
                let saved = self.enter_expression(kind);
                let last = indirection.indirection.len() - 1;
                let argument = super::syntax::required(indirection.arg.as_deref())?;
                let expr = self.indirection(argument, &indirection.indirection[..last])?;
                self.leave_expression(saved);
                let targets = self.row_star(expr)?;
                let columns = field_names(&targets);
                (targets, columns)
            }
            _ => return Ok(None),
        };
        if let Some(start) = start.and_then(|start| usize::try_from(start).ok()) {
            self.stars.insert(start, Star { start, columns });
        }
        Ok(Some(targets))
    }

    /// What every `*` stood for, by its place.
    pub(super) fn take_stars(&mut self) -> Vec<Star> {
        std::mem::take(&mut self.stars).into_values().collect()
    }

    /// `ExpandColumnRefStar`
    fn column_star(&mut self, column: &'a ast::ColumnRef) -> Outcome<(Vec<Target>, Option<Vec<String>>)> {
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
            return match self.named_parameter(&qualifiers, location)? {
                Some(parameter) => {
                    let targets = self.row_star(parameter)?;
                    let columns = field_names(&targets);
                    Ok((targets, columns))
                }
                None => Err(self.missing_item(schema, name, location)),
            };
        };
        let targets = star_targets(&item, levels_up, location);
        let columns = field_names(&targets);
        Ok((targets, columns))
    }

    /// A bare `*` (`ExpandAllTables`).
    fn all_columns(&mut self, location: Location) -> Outcome<(Vec<Target>, Option<Vec<String>>)> {
        let visible: Vec<NamespaceItem> =
            self.level().namespace.iter().filter(|item| item.columns_visible).cloned().collect();
        if visible.is_empty() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "SELECT * needs something in FROM", location));
        }
        let (mut targets, mut columns) = (Vec::new(), Some(Vec::new()));
        for item in &visible {
            for target in star_targets(item, 0, location) {
                let called = self.called(item, &target, &visible);
                columns = columns.zip(called).map(|(mut columns, called)| {
                    columns.push(called);
                    columns
                });
                targets.push(target);
            }
        }
        Ok((targets, columns))
    }

    /// How a column that a bare `*` stands for is called: by its own name where only one column has it (a column that
    /// `USING` merges has no other), else with the name of its table. `None` where no name leads to it.
    fn called(&self, item: &NamespaceItem, target: &Target, visible: &[NamespaceItem]) -> Option<String> {
        let name = &target.name;
        let of_this_name = visible.iter().flat_map(|item| item.names.iter()).filter(|other| *other == name).count();
        if of_this_name == 1 {
            return Some(quote_ident(name).into_owned());
        }
        let ExprNode::Var(var) = &*target.expr.node else { return None };
        let namespace = &self.level().namespace;
        // Columns of a join are those of the joined tables, which have names of their own.
        let owner =
            [item].into_iter().chain(namespace).find(|owner| owner.entry == var.relation && owner.relation_visible)?;
        let column = owner.names.get(usize::try_from(var.column).ok()?.checked_sub(1)?)?;
        let twice = owner.names.iter().filter(|other| *other == column).count() > 1;
        if column.is_empty() || twice || owner.using_alias {
            return None;
        }
        let same_name = namespace.iter().filter(|other| other.relation_visible && other.name == owner.name).count() > 1;
        let qualifier = match owner.relation.filter(|_| same_name) {
            Some(oid) => {
                let row = self.catalog().relation(oid)?;
                QualifiedName::new(self.catalog().schema_name(row.schema)?, &*row.name).to_string()
            }
            None if same_name => return None,
            None => quote_ident(&owner.name).into_owned(),
        };
        Some(format!("{qualifier}.{}", quote_ident(column)))
    }

    /// The fields of a composite value (`ExpandRowReference`).
    fn row_star(&mut self, expr: Expr) -> Outcome<Vec<Target>> {
        if let ExprNode::Var(var) = &*expr.node
            && var.column == 0
        {
            let (entry, levels_up) = (var.relation, var.levels_up);
            if let Some(item) = self.item_of_entry(entry, levels_up) {
                return Ok(star_targets(&item, levels_up, expr.location));
            }
        }
        let columns = match self.row_shape(&expr) {
            ResultShape::Row { columns, .. } => columns,
            ResultShape::UnknownRow => {
                return Err(Failure::new(
                    SqlState::NOT_COVERED,
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
}

/// Behind a qualifier, columns are called by their own names, unless two have the same one.
fn field_names(targets: &[Target]) -> Option<Vec<String>> {
    let twice = |(at, target): (usize, &Target)| targets.iter().take(at).any(|other| other.name == target.name);
    if targets.iter().enumerate().any(twice) {
        return None;
    }
    Some(targets.iter().map(|target| quote_ident(&target.name).into_owned()).collect())
}
