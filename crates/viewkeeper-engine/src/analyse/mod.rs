//! From the raw parse tree of a query to the typed tree and its output columns: PostgreSQL's parse analysis
//! (src/backend/parser) over a [`Catalog`]. What names, operators and casts mean is `resolve`'s; what a finished tree
//! says of nulls and origins is `nullability`'s and `lineage`'s.

mod aggregate;
mod assignment;
mod call;
mod case;
mod collation;
mod column_name;
mod comparison;
mod cte;
mod expression;
mod from;
mod group_check;
mod grouping;
mod insert;
mod join;
mod json;
mod json_query;
mod json_table;
mod kind;
mod level;
mod merge;
mod on_conflict;
mod raw_walk;
mod recursion;
mod reference;
mod returning;
mod row;
mod rule;
mod scope;
mod select;
mod set_operation;
mod sort;
mod standalone;
mod star;
mod statement;
mod sublink;
mod subscript;
mod syntax;
mod table_function;
mod target;
#[cfg(test)]
mod tests;
mod update;
mod view;
mod window;
mod xml;

pub(crate) use column_name::index_column_name;
pub use rule::{AnalysedRule, analyse_rule};
pub use standalone::{AnalysedExpression, Parameter, Purpose, analyse_expression, analyse_parameterised_query};
pub use statement::analyse_statement;
pub use view::{AnalysedQuery, Made, ViewQuery, analyse_query};

use std::collections::BTreeMap;

use column_name::SublinkNames;
use cte::Modifying;
use kind::ExpressionKind;
use level::{Level, ParentCte, Unknowns};

use crate::catalog::{CastContext, Catalog, Oid, ServerVersion};
use crate::resolve::{Coercion, Failure, Resolver};
use crate::stars::Star;
use crate::tree::{CallForm, Expr, ExprNode, expr_collation};

/// What analysis of a part gives.
type Outcome<T> = Result<T, Failure>;

/// Analysis under way: the levels of queries from the outermost to the current one.
struct Analyser<'a> {
    resolver: Resolver<'a>,
    levels: Vec<Level<'a>>,
    sublink_names: SublinkNames,
    parameters: &'a [Parameter],
    stars: BTreeMap<usize, Star>,
    modifying: Modifying,
}

impl<'a> Analyser<'a> {
    fn new(catalog: &'a Catalog, search_path: &[String], parameters: &'a [Parameter]) -> Self {
        let resolver = Resolver::new(catalog, search_path);
        Self {
            resolver,
            levels: vec![Level::default()],
            sublink_names: SublinkNames::new(),
            parameters,
            stars: BTreeMap::new(),
            modifying: Modifying::Refused,
        }
    }

    fn catalog(&self) -> &'a Catalog {
        self.resolver.catalog
    }

    fn version(&self) -> ServerVersion {
        self.resolver.catalog.version
    }

    fn type_of(&self, expr: &Expr) -> Oid {
        self.resolver.type_of(expr)
    }

    fn typmod_of(&self, expr: &Expr) -> i32 {
        self.resolver.typmod_of(expr)
    }

    fn collation_of(&self, expr: &Expr) -> Oid {
        expr_collation(expr)
    }

    fn type_text(&self, type_: Oid) -> String {
        self.resolver.type_text(type_)
    }

    fn common_type(&self, exprs: &[Expr], construct: &str) -> Outcome<Oid> {
        self.resolver.select_common_type(&exprs.iter().collect::<Vec<_>>(), construct)
    }

    fn common_typmod(&self, exprs: &[Expr], common: Oid) -> i32 {
        self.resolver.select_common_typmod(&exprs.iter().collect::<Vec<_>>(), common)
    }

    fn to_common_type(&self, expr: Expr, target: Oid, construct: &str) -> Outcome<Expr> {
        self.resolver.coerce_to_common_type(expr, target, construct)
    }

    fn to_boolean(&self, expr: Expr, construct: &str) -> Outcome<Expr> {
        self.resolver.coerce_to_boolean(expr, construct)
    }

    /// The type that a construct asks for.
    fn coerce_to(&self, expr: Expr, target: Oid, construct: &str) -> Outcome<Expr> {
        self.resolver.coerce_to_specific_type(expr, target, construct)
    }

    fn coerce_implicitly(&self, expr: Expr, target: Oid, typmod: i32) -> Outcome<Expr> {
        let form = CallForm::ImplicitCast;
        let coercion = Coercion { target, typmod, context: CastContext::Implicit, form, location: None };
        self.resolver.coerce_type(expr, coercion)
    }
}

/// Takes an expression out of its place, to be put back changed.
fn take(expr: &mut Expr) -> Expr {
    let null = ExprNode::Const { type_: Oid::INVALID, typmod: -1, collation: Oid::INVALID, value: None };
    std::mem::replace(expr, Expr::new(null, None))
}
