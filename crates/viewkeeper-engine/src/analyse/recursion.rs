//! WITH RECURSIVE: the order in which its queries are analysed, and where a recursive query may refer to itself
//! (`makeDependencyGraph`, `TopologicalSort`, `checkWellFormedRecursion` in parse_cte.c).

use std::collections::BTreeSet;

use super::Outcome;
use super::raw_walk::{Raw, children, select_children, tail};
use super::syntax::{location_of, optional};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, place};

/// The WITH queries in the order of their dependencies, with whether each refers to itself.
pub(super) fn dependency_order<'a>(
    ctes: &[&'a ast::CommonTableExpr],
) -> Outcome<Vec<(&'a ast::CommonTableExpr, bool)>> {
    let mut items: Vec<Item<'a>> = Vec::new();
    for (id, cte) in ctes.iter().enumerate() {
        let mut walk = Walk {
            names: ctes.iter().map(|cte| cte.ctename.as_str()).collect(),
            inner: Vec::new(),
            found: BTreeSet::new(),
        };
        if let Some(query) = optional(cte.ctequery.as_deref()) {
            walk.node(Raw::Node(query));
        }
        let recursive = walk.found.remove(&id);
        items.push(Item { cte, id, depends_on: walk.found, recursive });
    }
    // The first that depends on nothing more goes next.
    for position in 0..items.len() {
        let Some(next) = (position..items.len()).find(|index| items[*index].depends_on.is_empty()) else {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "WITH queries that refer to each other are not implemented",
                place(items[position].cte.location),
            ));
        };
        items.swap(position, next);
        let done = items[position].id;
        for item in &mut items[position + 1..] {
            item.depends_on.remove(&done);
        }
    }
    for item in items.iter().filter(|item| item.recursive) {
        check_well_formed(item.cte)?;
    }
    Ok(items.into_iter().map(|item| (item.cte, item.recursive)).collect())
}

struct Item<'a> {
    cte: &'a ast::CommonTableExpr,
    id: usize,
    depends_on: BTreeSet<usize>,
    recursive: bool,
}

/// Finds references to the names of a WITH clause, minding inner WITH clauses that hide them.
struct Walk<'n> {
    names: Vec<&'n str>,
    inner: Vec<Vec<&'n str>>,
    found: BTreeSet<usize>,
}

impl<'n> Walk<'n> {
    fn node(&mut self, raw: Raw<'n>) {
        match raw {
            Raw::Node(NodeEnum::RangeVar(range)) => {
                let hidden = self.inner.iter().flatten().any(|name| *name == range.relname);
                if range.schemaname.is_empty()
                    && !hidden
                    && let Some(id) = self.names.iter().position(|name| *name == range.relname)
                {
                    self.found.insert(id);
                }
            }
            Raw::Node(node) => children(node, &mut |child| self.node(child)),
            Raw::Select(select) => with_inner(
                self,
                select,
                |walk| &mut walk.inner,
                |walk, raw| {
                    walk.node(raw);
                    Ok(())
                },
                |walk, select| {
                    select_children(select, &mut |child| walk.node(child));
                    Ok(())
                },
            )
            .unwrap_or(()),
        }
    }
}

/// Visits the WITH queries of a SELECT and then its body, with their names in scope.
fn with_inner<'n, S>(
    state: &mut S,
    select: &'n ast::SelectStmt,
    inner: impl Fn(&mut S) -> &mut Vec<Vec<&'n str>>,
    query: impl Fn(&mut S, Raw<'n>) -> Outcome<()>,
    body: impl Fn(&mut S, &'n ast::SelectStmt) -> Outcome<()>,
) -> Outcome<()> {
    let Some(with) = &select.with_clause else { return body(state, select) };
    let ctes: Vec<&'n ast::CommonTableExpr> = with
        .ctes
        .iter()
        .filter_map(|cte| match &cte.node {
            Some(NodeEnum::CommonTableExpr(cte)) => Some(&**cte),
            _ => None,
        })
        .collect();
    let all = ctes.iter().map(|cte| cte.ctename.as_str()).collect();
    inner(state).push(if with.recursive { all } else { Vec::new() });
    for cte in ctes {
        if let Some(raw) = optional(cte.ctequery.as_deref()) {
            query(state, Raw::Node(raw))?;
        }
        if !with.recursive
            && let Some(names) = inner(state).last_mut()
        {
            names.push(&cte.ctename);
        }
    }
    let outcome = body(state, select);
    inner(state).pop();
    outcome
}

/// What surrounds a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Fine,
    NonRecursiveTerm,
    Sublink,
    OuterJoin,
    Intersect,
    Except,
}

impl Context {
    fn words(self) -> &'static str {
        match self {
            Self::Fine => "",
            Self::NonRecursiveTerm => "in its non-recursive term",
            Self::Sublink => "in a sub-query",
            Self::OuterJoin => "on the nullable side of an outer join",
            Self::Intersect => "in INTERSECT",
            Self::Except => "in EXCEPT",
        }
    }
}

/// `checkWellFormedRecursion`
fn check_well_formed(cte: &ast::CommonTableExpr) -> Outcome<()> {
    let location = place(cte.location);
    let name = &cte.ctename;
    let Some(NodeEnum::SelectStmt(select)) = optional(cte.ctequery.as_deref()) else {
        let message = format!("the recursive query `{name}` changes data, which it cannot");
        return Err(Failure::new(SqlState::INVALID_RECURSION, message, location));
    };
    if select.op() != ast::SetOperation::SetopUnion {
        return Err(Failure::new(
            SqlState::INVALID_RECURSION,
            format!("the recursive query `{name}` must have the form: non-recursive term UNION [ALL] recursive term"),
            location,
        ));
    }
    let mut state = Recursion { name, inner: Vec::new(), references: 0, context: Context::Sublink };
    if let Some(with) = &select.with_clause {
        for inner in &with.ctes {
            if let Some(NodeEnum::CommonTableExpr(inner)) = &inner.node
                && let Some(raw) = optional(inner.ctequery.as_deref())
            {
                state.visit(Raw::Node(raw))?;
            }
        }
    }
    let clause = |raw: Option<&ast::Node>| raw.and_then(|raw| location_of(raw.node.as_ref()?));
    let refused = |what: &str, location| {
        Err(Failure::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("the recursive query `{name}` cannot have {what}"),
            location,
        ))
    };
    if let Some(first) = select.sort_clause.first() {
        return refused("ORDER BY", clause(Some(first)));
    }
    if select.limit_offset.is_some() {
        return refused("OFFSET", clause(select.limit_offset.as_deref()));
    }
    if select.limit_count.is_some() {
        return refused("LIMIT", clause(select.limit_count.as_deref()));
    }
    if !select.locking_clause.is_empty() {
        return refused("FOR UPDATE and its like", location);
    }
    for (side, context) in [(&select.larg, Context::NonRecursiveTerm), (&select.rarg, Context::Fine)] {
        state.context = context;
        state.references = 0;
        if let Some(side) = side {
            state.visit(Raw::Select(side))?;
        }
    }
    Ok(())
}

/// `checkWellFormedRecursionWalker`
struct Recursion<'n> {
    name: &'n str,
    inner: Vec<Vec<&'n str>>,
    references: usize,
    context: Context,
}

impl<'n> Recursion<'n> {
    fn visit(&mut self, raw: Raw<'n>) -> Outcome<()> {
        match raw {
            Raw::Node(NodeEnum::RangeVar(range)) => self.reference(range),
            Raw::Node(NodeEnum::JoinExpr(join)) => {
                let (left, right) = match join.jointype() {
                    ast::JoinType::JoinLeft => (false, true),
                    ast::JoinType::JoinRight => (true, false),
                    ast::JoinType::JoinFull => (true, true),
                    _ => (false, false),
                };
                self.under(left, Context::OuterJoin, optional(join.larg.as_deref()))?;
                self.under(right, Context::OuterJoin, optional(join.rarg.as_deref()))?;
                self.under(false, Context::OuterJoin, optional(join.quals.as_deref()))
            }
            Raw::Node(NodeEnum::SubLink(sublink)) => {
                let saved = std::mem::replace(&mut self.context, Context::Sublink);
                if let Some(raw) = optional(sublink.subselect.as_deref()) {
                    self.visit(Raw::Node(raw))?;
                }
                self.context = saved;
                optional(sublink.testexpr.as_deref()).map_or(Ok(()), |raw| self.visit(Raw::Node(raw)))
            }
            Raw::Node(node) => self.each(|visit| children(node, visit)),
            Raw::Select(select) => with_inner(self, select, |state| &mut state.inner, Self::visit, Self::select),
        }
    }

    /// Visits a side of a join, in another context when it is nullable.
    fn under(&mut self, nullable: bool, context: Context, raw: Option<&'n NodeEnum>) -> Outcome<()> {
        let saved = self.context;
        if nullable && saved == Context::Fine {
            self.context = context;
        }
        let outcome = raw.map_or(Ok(()), |raw| self.visit(Raw::Node(raw)));
        self.context = saved;
        outcome
    }

    /// `checkWellFormedSelectStmt`
    fn select(&mut self, select: &'n ast::SelectStmt) -> Outcome<()> {
        let saved = self.context;
        let (left, right) = match select.op() {
            ast::SetOperation::SetopIntersect if saved == Context::Fine => {
                let context = if select.all { Context::Intersect } else { saved };
                (context, context)
            }
            ast::SetOperation::SetopExcept if saved == Context::Fine => {
                (if select.all { Context::Except } else { saved }, Context::Except)
            }
            _ => return self.each(|visit| select_children(select, visit)),
        };
        for (side, context) in [(&select.larg, left), (&select.rarg, right)] {
            self.context = context;
            if let Some(side) = side {
                self.visit(Raw::Select(side))?;
            }
        }
        self.context = saved;
        self.each(|visit| tail(select, visit))
    }

    fn reference(&mut self, range: &'n ast::RangeVar) -> Outcome<()> {
        let hidden = self.inner.iter().flatten().any(|name| *name == range.relname);
        if !range.schemaname.is_empty() || hidden || range.relname != self.name {
            return Ok(());
        }
        let refused = |what: String| Err(Failure::new(SqlState::INVALID_RECURSION, what, place(range.location)));
        if self.context != Context::Fine {
            return refused(format!(
                "the recursive query `{}` cannot refer to itself {}",
                self.name,
                self.context.words()
            ));
        }
        self.references += 1;
        if self.references > 1 {
            return refused(format!("the recursive query `{}` can refer to itself only once", self.name));
        }
        Ok(())
    }

    /// Visits the children that `walk` gives, up to the first problem.
    fn each(&mut self, walk: impl FnOnce(&mut dyn FnMut(Raw<'n>))) -> Outcome<()> {
        let mut outcome = Ok(());
        walk(&mut |child| {
            if outcome.is_ok() {
                outcome = self.visit(child);
            }
        });
        outcome
    }
}
