//! Sub-queries in expressions: EXISTS, IN, ANY, ALL, scalar, ARRAY (`transformSubLink` in parse_expr.c).

use super::comparison::row_args;
use super::kind::Guest;
use super::syntax::required;
use super::{Analyser, Outcome, Unknowns};
use crate::catalog::Oid;
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ObjectName, place};
use crate::tree::{Expr, ExprNode, Location, Query, SublinkKind, first_target};

impl<'a> Analyser<'a> {
    /// `transformSubLink`
    pub(super) fn sublink(&mut self, sublink: &'a ast::SubLink) -> Outcome<Expr> {
        let location = place(sublink.location);
        let query = self.sublink_query(sublink)?;
        let columns = query.targets.iter().filter(|target| !target.junk).count();
        let kind = match sublink.sub_link_type() {
            ast::SubLinkType::ExistsSublink => SublinkKind::Exists,
            ast::SubLinkType::ExprSublink | ast::SubLinkType::ArraySublink if columns != 1 => {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("a sub-query that stands for a value must have one column, this one has {columns}"),
                    location,
                ));
            }
            ast::SubLinkType::ExprSublink => {
                if let Some(target) = first_target(&query) {
                    self.sublink_names.insert(sublink.location, target.name.clone());
                }
                SublinkKind::Scalar
            }
            ast::SubLinkType::ArraySublink => {
                let element = first_target(&query).map_or(Oid::INVALID, |target| self.type_of(&target.expr));
                if !self.catalog().promoted_array_type(element).is_valid() {
                    return Err(Failure::new(
                        SqlState::UNDEFINED_OBJECT,
                        format!("type `{}` has no array type", self.type_text(element)),
                        location,
                    ));
                }
                SublinkKind::Array
            }
            ast::SubLinkType::AnySublink | ast::SubLinkType::AllSublink => {
                let name = match sublink.oper_name.as_slice() {
                    [] => ObjectName::bare("="),
                    name => ObjectName::from_nodes(name, location)?,
                };
                let any = sublink.sub_link_type() == ast::SubLinkType::AnySublink;
                let left = self.boxed(sublink.testexpr.as_deref())?;
                let kind = if any { SublinkKind::Any } else { SublinkKind::All };
                return self.compared_sublink(kind, &name, row_args(left), query, location);
            }
            _ => {
                return Err(Failure::new(
                    SqlState::NOT_COVERED,
                    "this kind of sub-query is not supported here",
                    location,
                ));
            }
        };
        Ok(Expr::new(ExprNode::Sublink { kind, test: None, query: Box::new(query) }, location))
    }

    /// `ROW(…) op (SELECT …)`
    pub(super) fn row_sublink(
        &mut self,
        row: &'a NodeEnum,
        name: &ObjectName,
        sublink: &'a ast::SubLink,
        location: Location,
    ) -> Outcome<Expr> {
        let query = self.sublink_query(sublink)?;
        let left = row_args(self.expr(row)?);
        self.compared_sublink(SublinkKind::RowCompare, name, left, query, location)
    }

    pub(super) fn sublink_query(&mut self, sublink: &'a ast::SubLink) -> Outcome<Query> {
        let location = place(sublink.location);
        self.admit(Guest::Subquery, 0, location)?;
        match required(sublink.subselect.as_deref())? {
            NodeEnum::SelectStmt(select) => self.sub_query(select, Unknowns::BecomeText, None),
            _ => Err(Failure::new(SqlState::SYNTAX_ERROR, "a sub-query must be a SELECT", location)),
        }
    }

    /// A sub-query whose rows are compared with a row.
    fn compared_sublink(
        &mut self,
        kind: SublinkKind,
        name: &ObjectName,
        left: Vec<Expr>,
        query: Query,
        location: Location,
    ) -> Outcome<Expr> {
        // The sub-query's columns stand in the comparison as parameters.
        let right: Vec<Expr> = (1i32..)
            .zip(query.targets.iter().filter(|target| !target.junk))
            .map(|(number, target)| {
                let node = ExprNode::Param {
                    number,
                    type_: self.type_of(&target.expr),
                    typmod: self.typmod_of(&target.expr),
                    collation: self.collation_of(&target.expr),
                };
                Expr::new(node, None)
            })
            .collect();
        if left.len() != right.len() {
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!(
                    "the sub-query has {}, but {} on the left side",
                    counted(right.len(), "column"),
                    match left.len() {
                        1 => "1 value stands".to_owned(),
                        count => format!("{count} values stand"),
                    }
                ),
                location,
            ));
        }
        let test = Some(self.row_comparison(name, left, right, location)?);
        Ok(Expr::new(ExprNode::Sublink { kind, test, query: Box::new(query) }, location))
    }
}

/// `1 column`, `2 columns`.
fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}
