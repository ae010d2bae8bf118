//! ORDER BY, DISTINCT and DISTINCT ON: finding or adding their targets (parse_clause.c).

use super::scope::Reach;
use super::syntax::{location_of, node, required};
use super::{Analyser, ExpressionKind, Outcome};
use crate::catalog::{Oid, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ObjectName, place};
use crate::tree::{CallForm, Expr, ExprNode, Location, SortKey, Target};

impl<'a> Analyser<'a> {
    /// `transformSortClause` by the rules of SQL92: output names and positions, then expressions.
    pub(super) fn sort_clause(
        &mut self,
        keys: &'a [ast::Node],
        targets: &mut Vec<Target>,
        kind: ExpressionKind,
    ) -> Outcome<Vec<SortKey>> {
        let mut sort = Vec::new();
        for key in keys {
            let NodeEnum::SortBy(key) = node(key)? else { continue };
            let index = self.find_target_sql92(required(key.node.as_deref())?, targets, kind)?;
            self.add_sort_key(index, &mut sort, targets, key)?;
        }
        Ok(sort)
    }

    /// `transformSortClause` by the rules of SQL99: expressions only.
    pub(super) fn sort_clause_of_expressions(
        &mut self,
        keys: &'a [ast::Node],
        targets: &mut Vec<Target>,
        kind: ExpressionKind,
    ) -> Outcome<Vec<SortKey>> {
        let mut sort = Vec::new();
        for key in keys {
            let NodeEnum::SortBy(key) = node(key)? else { continue };
            let index = self.find_target_sql99(required(key.node.as_deref())?, targets, kind)?;
            self.add_sort_key(index, &mut sort, targets, key)?;
        }
        Ok(sort)
    }

    /// `findTargetlistEntrySQL92`
    pub(super) fn find_target_sql92(
        &mut self,
        raw: &'a NodeEnum,
        targets: &mut Vec<Target>,
        kind: ExpressionKind,
    ) -> Outcome<usize> {
        if let NodeEnum::ColumnRef(column) = raw
            && let [field] = column.fields.as_slice()
            && let Some(name) = super::syntax::name(field)
        {
            let location = place(column.location);
            // For GROUP BY a column of FROM comes before an output column.
            let hidden =
                kind == ExpressionKind::GroupBy && self.column_by_name(name, Reach::ThisLevel, location)?.is_some();
            if !hidden {
                let mut found: Option<usize> = None;
                for (index, target) in
                    targets.iter().enumerate().filter(|(_, target)| !target.junk && target.name == name)
                {
                    match found {
                        Some(first) if targets.get(first).is_some_and(|first| first.expr != target.expr) => {
                            return Err(Failure::new(
                                SqlState::AMBIGUOUS_COLUMN,
                                format!("`{name}` in {} is ambiguous", kind.name()),
                                location,
                            ));
                        }
                        Some(_) => {}
                        None => found = Some(index),
                    }
                }
                if let Some(index) = found {
                    self.check_target(targets, index, kind)?;
                    return Ok(index);
                }
            }
        }
        if let NodeEnum::AConst(constant) = raw {
            let location = place(constant.location);
            let Some(ast::a_const::Val::Ival(position)) = &constant.val else {
                return Err(Failure::new(
                    SqlState::SYNTAX_ERROR,
                    format!("a constant in {} must be the number of an output column", kind.name()),
                    location,
                ));
            };
            let wanted = usize::try_from(position.ival).ok().and_then(|position| position.checked_sub(1));
            let found = wanted.and_then(|wanted| {
                targets.iter().enumerate().filter(|(_, target)| !target.junk).nth(wanted).map(|(index, _)| index)
            });
            let Some(index) = found else {
                return Err(Failure::new(
                    SqlState::INVALID_COLUMN_REFERENCE,
                    format!("{} names output column {}, which there is not", kind.name(), position.ival),
                    location,
                ));
            };
            self.check_target(targets, index, kind)?;
            return Ok(index);
        }
        self.find_target_sql99(raw, targets, kind)
    }

    /// What GROUP BY may not stand on (`checkTargetlistEntrySQL92`).
    fn check_target(&self, targets: &[Target], index: usize, kind: ExpressionKind) -> Outcome<()> {
        let Some(target) = targets.get(index).filter(|_| kind == ExpressionKind::GroupBy) else { return Ok(()) };
        if let Some(location) = super::aggregate::aggregate_location(&target.expr, 0) {
            return Err(Failure::new(
                SqlState::GROUPING_ERROR,
                "aggregate functions are not allowed in GROUP BY",
                location,
            ));
        }
        if target.expr.any(&mut |expr| matches!(*expr.node, ExprNode::WindowFunction(_))) {
            return Err(Failure::new(
                SqlState::WINDOWING_ERROR,
                "window functions are not allowed in GROUP BY",
                target.expr.location,
            ));
        }
        Ok(())
    }

    /// `findTargetlistEntrySQL99`
    pub(super) fn find_target_sql99(
        &mut self,
        raw: &'a NodeEnum,
        targets: &mut Vec<Target>,
        kind: ExpressionKind,
    ) -> Outcome<usize> {
        let expr = self.expression(raw, kind)?;
        if let Some(index) = targets.iter().position(|target| *strip_implicit(&target.expr) == expr) {
            return Ok(index);
        }
        targets.push(Target { name: String::new(), expr, sort_group: 0, junk: true });
        Ok(targets.len() - 1)
    }

    /// `addTargetToSortList`
    pub(super) fn add_sort_key(
        &mut self,
        index: usize,
        sort: &mut Vec<SortKey>,
        targets: &mut [Target],
        key: &'a ast::SortBy,
    ) -> Outcome<()> {
        let Some(target) = targets.get_mut(index) else { return Ok(()) };
        self.unknown_to_text(&mut target.expr)?;
        let type_ = self.type_of(&target.expr);
        let location = place(key.location).or(key.node.as_deref().and_then(|raw| location_of(raw.node.as_ref()?)));
        let operator = match key.sortby_dir() {
            ast::SortByDir::SortbyUsing => self.using_operator(&key.use_op, type_, location)?,
            ast::SortByDir::SortbyDesc => self.resolver.require_ordering(type_, location)?.greater,
            _ => self.resolver.require_ordering(type_, location)?.less,
        };
        let commutator = self.catalog().operator(operator).map_or(Oid::INVALID, |operator| operator.commutator);
        let reference = target.sort_group;
        let same = |existing: &SortKey| {
            existing.target == reference && (existing.operator == operator || existing.operator == commutator)
        };
        if reference == 0 || !sort.iter().any(same) {
            let target = assign_reference(index, targets);
            sort.push(SortKey { target, operator });
        }
        Ok(())
    }

    /// The operator of `ORDER BY … USING`, which must sort.
    fn using_operator(&self, name: &[ast::Node], type_: Oid, location: Location) -> Outcome<Oid> {
        let name = ObjectName::from_nodes(name, location)?;
        let operator = self.resolver.operator(&name, Some(type_), type_, location)?;
        let sorts = self
            .catalog()
            .families_of(operator.oid)
            .any(|member| member.method == oids::BTREE && matches!(member.strategy, 1 | 5));
        if !sorts {
            return Err(Failure::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("the operator `{name}` does not sort"),
                location,
            )
            .help("an ordering operator is a `<` or `>` of a btree operator family"));
        }
        Ok(operator.oid)
    }

    /// A target that is grouped by: it must be comparable (`addTargetToGroupList`). Gives its reference.
    pub(super) fn add_group_target(
        &mut self,
        index: usize,
        targets: &mut [Target],
        location: Location,
    ) -> Outcome<u32> {
        let Some(target) = targets.get_mut(index) else { return Ok(0) };
        self.unknown_to_text(&mut target.expr)?;
        let type_ = self.type_of(&target.expr);
        self.resolver.require_equality(type_, location)?;
        Ok(assign_reference(index, targets))
    }

    /// An operation that removes duplicates needs equality, a recursive one hashing (`makeSortGroupClauseForSetOp`).
    pub(super) fn require_equality(&self, type_: Oid, location: Location, recursive: bool) -> Outcome<()> {
        let operators = self.resolver.require_equality(type_, location)?;
        let record = matches!(type_, oids::RECORD | oids::RECORD_ARRAY);
        if recursive && !operators.hashable && !record && !operators.less.is_valid() {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("a recursive UNION must hash its rows, and type `{}` cannot be hashed", self.type_text(type_)),
                location,
            ));
        }
        Ok(())
    }

    /// `transformDistinctClause`
    pub(super) fn distinct_clause(
        &mut self,
        targets: &mut [Target],
        sort: &[SortKey],
        location: Location,
    ) -> Outcome<()> {
        let hidden =
            targets.iter().find(|target| target.junk && sort.iter().any(|key| key.target == target.sort_group));
        if let Some(target) = hidden {
            return Err(Failure::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                "SELECT DISTINCT can only be ordered by what it selects",
                target.expr.location,
            ));
        }
        let visible: Vec<usize> =
            targets.iter().enumerate().filter(|(_, target)| !target.junk).map(|(index, _)| index).collect();
        if visible.is_empty() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "SELECT DISTINCT needs a column", location));
        }
        for index in visible {
            let location = targets.get(index).and_then(|target| target.expr.location);
            self.add_group_target(index, targets, location)?;
        }
        Ok(())
    }

    /// `transformDistinctOnClause`
    pub(super) fn distinct_on_clause(
        &mut self,
        expressions: &'a [ast::Node],
        targets: &mut Vec<Target>,
        sort: &[SortKey],
    ) -> Outcome<Vec<u32>> {
        let mut wanted = Vec::new();
        for raw in expressions {
            let raw = node(raw)?;
            let index = self.find_target_sql92(raw, targets, ExpressionKind::DistinctOn)?;
            wanted.push((assign_reference(index, targets), index, location_of(raw)));
        }
        let mismatch = |location| {
            Failure::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                "the expressions of DISTINCT ON must be the first ones of ORDER BY",
                location,
            )
        };
        let mut result: Vec<u32> = Vec::new();
        let mut skipped = false;
        for key in sort {
            match wanted.iter().find(|(reference, _, _)| *reference == key.target) {
                Some((_, _, location)) if skipped => return Err(mismatch(*location)),
                Some(_) => result.push(key.target),
                None => skipped = true,
            }
        }
        for (reference, index, location) in wanted {
            if result.contains(&reference) {
                continue;
            }
            if skipped {
                return Err(mismatch(location));
            }
            self.add_group_target(index, targets, location)?;
            result.push(reference);
        }
        Ok(result)
    }
}

/// `assignSortGroupRef`
pub(super) fn assign_reference(index: usize, targets: &mut [Target]) -> u32 {
    let highest = targets.iter().map(|target| target.sort_group).max().unwrap_or(0);
    let Some(target) = targets.get_mut(index) else { return 0 };
    if target.sort_group == 0 {
        target.sort_group = highest + 1;
    }
    target.sort_group
}

/// The expression below implicit casts (`strip_implicit_coercions` in nodeFuncs.c).
pub(super) fn strip_implicit(expr: &Expr) -> &Expr {
    match &*expr.node {
        ExprNode::Function { form: CallForm::ImplicitCast, args, .. } => args.first().map_or(expr, strip_implicit),
        ExprNode::Relabel { form: CallForm::ImplicitCast, arg, .. }
        | ExprNode::CoerceViaIo { form: CallForm::ImplicitCast, arg, .. }
        | ExprNode::ArrayCoerce { form: CallForm::ImplicitCast, arg, .. }
        | ExprNode::CoerceToDomain { form: CallForm::ImplicitCast, arg, .. } => strip_implicit(arg),
        _ => expr,
    }
}
