//! Everything a query uses, as PostgreSQL records it for a view (`find_expr_references_walker` in dependency.c).
//! PostgreSQL's own objects are left out: they cannot go away.

use std::collections::BTreeSet;

use crate::analyse::AnalysedRule;
use crate::analysis::{ColumnRef, Dependency};
use crate::catalog::{Catalog, FIRST_USER_OID, Oid, oids};
use crate::resolve::{Registered, Resolver};
use crate::tree::{
    Child, Command, Distinct, Expr, ExprNode, JoinAliases, Location, Modification, Query, RangeTableEntry,
    RangeTableKind, SetOperand, SetOperation, SetOperationKind, SortKey, Target, Var, expr_type,
};

/// Everything a query uses. `search_path` is the one its names were resolved with: for `'t'::regclass`.
pub fn dependencies(catalog: &Catalog, query: &Query, search_path: &[String]) -> BTreeSet<Dependency> {
    let resolver = Resolver::new(catalog, search_path);
    let mut walker = Walker { catalog, resolver, found: BTreeSet::new(), rows: BTreeSet::new() };
    walker.query(query, None);
    columns_or_whole(walker.found)
}

/// The columns that a query reads as parts of whole rows, for which PostgreSQL records the relation alone; number 0
/// stands for all of a relation's.
pub fn columns_of_rows(catalog: &Catalog, query: &Query) -> BTreeSet<ColumnRef> {
    let resolver = Resolver::new(catalog, &[]);
    let mut walker = Walker { catalog, resolver, found: BTreeSet::new(), rows: BTreeSet::new() };
    walker.query(query, None);
    walker.rows
}

/// Everything that an expression outside of queries uses; `range_table` holds the relation that it is over.
pub fn expression_dependencies(
    catalog: &Catalog,
    expr: &Expr,
    range_table: &[RangeTableEntry],
    search_path: &[String],
) -> BTreeSet<Dependency> {
    let resolver = Resolver::new(catalog, search_path);
    let mut walker = Walker { catalog, resolver, found: BTreeSet::new(), rows: BTreeSet::new() };
    let query = Query { range_table: range_table.to_vec(), ..Query::default() };
    walker.expr(expr, &Scope { query: &query, outer: None });
    columns_or_whole(walker.found)
}

/// Everything that a rule uses. Its actions are recorded together, its condition by itself (`InsertRule`).
pub fn rule_dependencies(catalog: &Catalog, rule: &AnalysedRule, search_path: &[String]) -> BTreeSet<Dependency> {
    let resolver = Resolver::new(catalog, search_path);
    let mut walker = Walker { catalog, resolver, found: BTreeSet::new(), rows: BTreeSet::new() };
    for action in &rule.actions {
        walker.query(action, None);
    }
    let mut found = columns_or_whole(walker.found);
    if let Some(condition) = &rule.condition {
        found.extend(expression_dependencies(catalog, condition, &rule.range_table, search_path));
    }
    found
}

/// A dependency on a column says that on the relation too (`eliminate_duplicate_dependencies`).
fn columns_or_whole(mut found: BTreeSet<Dependency>) -> BTreeSet<Dependency> {
    let with_columns: BTreeSet<Oid> = found
        .iter()
        .filter_map(|dependency| match dependency {
            Dependency::Column(relation, _) => Some(*relation),
            _ => None,
        })
        .collect();
    found.retain(|dependency| !matches!(dependency, Dependency::Relation(oid) if with_columns.contains(oid)));
    found
}

struct Walker<'a> {
    catalog: &'a Catalog,
    resolver: Resolver<'a>,
    found: BTreeSet<Dependency>,
    /// What [`columns_of_rows`] gives.
    rows: BTreeSet<ColumnRef>,
}

/// A query with those around it.
#[derive(Clone, Copy)]
struct Scope<'s> {
    query: &'s Query,
    outer: Option<&'s Scope<'s>>,
}

impl Walker<'_> {
    fn add(&mut self, dependency: Dependency) {
        let (Dependency::Relation(oid)
        | Dependency::Column(oid, _)
        | Dependency::Routine(oid)
        | Dependency::Operator(oid)
        | Dependency::Type(oid)
        | Dependency::Collation(oid)
        | Dependency::Constraint(oid, _)) = dependency;
        if oid.0 >= FIRST_USER_OID {
            self.found.insert(dependency);
        }
    }

    fn type_and_collation(&mut self, type_: Oid, collation: Oid) {
        self.add(Dependency::Type(type_));
        self.add(Dependency::Collation(collation));
    }

    fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) {
        let scope = Scope { query, outer };
        for entry in &query.range_table {
            self.entry(entry, &scope);
        }
        for (relation, constraint) in &query.constraint_dependencies {
            self.add(Dependency::Constraint(*relation, *constraint));
        }
        for sample in &query.samples {
            self.add(Dependency::Routine(sample.handler));
        }
        if let Some(modification) = &query.modification {
            self.modification(query, modification);
        }
        let order_by = query.windows.iter().flat_map(|window| &window.order_by);
        for SortKey { operator, .. } in query.sort.iter().chain(order_by) {
            self.sort_operator(*operator);
        }
        self.grouping(query);
        query.query_children(JoinAliases::Skip, &mut |child| match child {
            Child::Expr(expr) => self.expr(expr, &scope),
            Child::Query(inner) => self.query(inner, Some(&scope)),
        });
    }

    /// The columns that INSERT and UPDATE assign to, and all of them where ON CONFLICT keeps the row that was not inserted
    /// (`exclRelTlist`); what MERGE and ON CONFLICT assign to is not recorded.
    fn modification(&mut self, query: &Query, modification: &Modification) {
        let target = query.range_table.get(modification.target).map(|entry| &entry.kind);
        let Some(RangeTableKind::Relation { relation, .. }) = target else { return };
        if matches!(modification.command, Command::Insert | Command::Update) {
            for number in &modification.columns {
                self.add(Dependency::Column(*relation, *number));
            }
        }
        let Some(conflict) = &modification.on_conflict else { return };
        if let Some(constraint) = conflict.constraint {
            self.add(Dependency::Constraint(*relation, constraint));
        }
        if conflict.excluded.is_some() {
            let columns = self.catalog.relation(*relation).into_iter().flat_map(|row| row.live_columns());
            for (number, _) in columns {
                self.add(Dependency::Column(*relation, number));
            }
        }
    }

    /// The operator of a sort key, and the equality that belongs to it (`get_equality_op_for_ordering_op`).
    fn sort_operator(&mut self, operator: Oid) {
        if operator.0 < FIRST_USER_OID {
            return;
        }
        self.add(Dependency::Operator(operator));
        let member = self.catalog.families_of(operator).find(|member| member.method == oids::BTREE);
        let equal = member.and_then(|found| self.catalog.family_operator(found.family, found.left, found.right, 3));
        self.add(Dependency::Operator(equal.unwrap_or_default()));
    }

    /// The operators by which rows are grouped (`addTargetToGroupList`, `makeSortGroupClauseForSetOp`); what is sorted by
    /// too keeps the operator of the sort.
    fn grouping(&mut self, query: &Query) {
        let sorted_by = |keys: &[SortKey], target: &Target| {
            target.sort_group != 0 && keys.iter().any(|key| key.target == target.sort_group)
        };
        for target in &query.targets {
            let is_in = |references: &[u32]| target.sort_group != 0 && references.contains(&target.sort_group);
            let distinct = match &query.distinct {
                Distinct::No => false,
                Distinct::All => !target.junk,
                Distinct::On(references) => is_in(references),
            };
            let grouped = (distinct || is_in(&query.group_by)) && !sorted_by(&query.sort, target);
            let windows = &query.windows;
            let mut partitions = windows.iter().filter(|window| is_in(&window.partition_by));
            if grouped || partitions.any(|window| !sorted_by(&window.order_by, target)) {
                self.type_operators(expr_type(self.catalog, &target.expr));
            }
        }
        if let Some(operation) = &query.set_operation {
            self.set_operation(operation);
        }
    }

    fn set_operation(&mut self, operation: &SetOperation) {
        if !(operation.all && operation.kind == SetOperationKind::Union) {
            for column in &operation.columns {
                self.type_operators(column.type_);
            }
        }
        for operand in [&operation.left, &operation.right] {
            if let SetOperand::Operation(inner) = operand {
                self.set_operation(inner);
            }
        }
    }

    fn type_operators(&mut self, type_: Oid) {
        // PostgreSQL's own types have operators of its own.
        if type_.0 >= FIRST_USER_OID {
            let operators = self.resolver.sort_operators(type_);
            self.add(Dependency::Operator(operators.equal));
            self.add(Dependency::Operator(operators.less));
        }
    }

    fn entry(&mut self, entry: &RangeTableEntry, scope: &Scope<'_>) {
        match &entry.kind {
            RangeTableKind::Relation { relation, .. } => self.add(Dependency::Relation(*relation)),
            RangeTableKind::Join { merged, aliased, .. } => {
                // The merged columns of USING are computed by the join, whether they are read or not.
                for expr in aliased.iter().take(*merged) {
                    if !matches!(&*expr.node, ExprNode::Var(_)) {
                        self.expr(expr, scope);
                    }
                }
            }
            RangeTableKind::Functions { functions, .. } => {
                for function in functions {
                    if expr_type(self.catalog, &function.call) == oids::RECORD {
                        for column in entry.columns.iter() {
                            self.type_and_collation(column.type_, column.collation);
                        }
                    }
                }
            }
            RangeTableKind::TableExpression(_) => {
                for column in entry.columns.iter() {
                    self.type_and_collation(column.type_, column.collation);
                }
            }
            RangeTableKind::Subquery(_) | RangeTableKind::Values(_) | RangeTableKind::Cte { .. } => {}
        }
    }

    fn var(&mut self, var: &Var, scope: &Scope<'_>) {
        let mut owner = scope;
        for _ in 0..var.levels_up {
            match owner.outer {
                Some(outer) => owner = outer,
                None => return,
            }
        }
        // A whole row is covered by the relation itself.
        if var.column == 0 {
            self.row(var.relation, owner);
            return;
        }
        let Some(entry) = owner.query.range_table.get(var.relation) else { return };
        match &entry.kind {
            RangeTableKind::Relation { relation, .. } => self.add(Dependency::Column(*relation, var.column)),
            RangeTableKind::Join { aliased, .. } => {
                let index = usize::try_from(var.column).ok().and_then(|number| number.checked_sub(1));
                if let Some(expr) = index.and_then(|index| aliased.get(index)) {
                    let owner = *owner;
                    self.expr(expr, &owner);
                }
            }
            RangeTableKind::Functions { functions, .. } => {
                // A column of a named composite type can be dropped (`process_function_rte_ref`).
                let mut before = 0;
                for function in functions {
                    let number = usize::try_from(var.column).ok().and_then(|number| number.checked_sub(before));
                    if let Some(number) = number.filter(|number| (1..=function.columns).contains(number)) {
                        let type_ = self.catalog.base_type(expr_type(self.catalog, &function.call));
                        if let (Some(relation), Ok(number)) =
                            (self.catalog.relation_of_type(type_), i16::try_from(number))
                        {
                            let relation = relation.oid;
                            self.add(Dependency::Column(relation, number));
                        }
                        return;
                    }
                    before += function.columns;
                }
            }
            _ => {}
        }
    }

    /// A whole row of something in FROM. That of a join is made of its columns, that of a sub-select of what it gives,
    /// which is looked at as a query of its own.
    fn row(&mut self, index: usize, owner: &Scope<'_>) {
        match owner.query.range_table.get(index).map(|entry| &entry.kind) {
            Some(RangeTableKind::Relation { relation, .. }) if relation.0 >= FIRST_USER_OID => {
                self.rows.insert((*relation, 0));
            }
            Some(RangeTableKind::Join { aliased, .. }) => {
                let mut read = Vec::new();
                for expr in aliased {
                    expr.any(&mut |node| {
                        if let ExprNode::Var(var) = &*node.node
                            && var.levels_up == 0
                        {
                            read.push((var.relation, var.column));
                        }
                        false
                    });
                }
                for (index, column) in read {
                    match owner.query.range_table.get(index).map(|entry| &entry.kind) {
                        Some(RangeTableKind::Relation { relation, .. }) if relation.0 >= FIRST_USER_OID => {
                            self.rows.insert((*relation, column));
                        }
                        Some(RangeTableKind::Join { .. }) => self.row(index, owner),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr, scope: &Scope<'_>) {
        match &*expr.node {
            ExprNode::Var(var) => self.var(var, scope),
            ExprNode::Const { type_, collation, value, .. } => {
                self.type_and_collation(*type_, *collation);
                if let Some(value) = value {
                    self.named_object(*type_, value);
                }
            }
            ExprNode::Param { type_, collation, .. } => self.type_and_collation(*type_, *collation),
            ExprNode::Aggregate(call) => {
                self.add(Dependency::Routine(call.function));
                for operator in &call.sort_operators {
                    self.sort_operator(*operator);
                }
                // What is sorted by too keeps the operator of the sort (`transformDistinctClause`).
                for arg in call.args.iter().filter(|arg| call.distinct && !call.order_by.contains(arg)) {
                    self.type_operators(expr_type(self.catalog, arg));
                }
            }
            ExprNode::WindowFunction(call) => self.add(Dependency::Routine(call.function)),
            ExprNode::Function { function, .. } => self.add(Dependency::Routine(*function)),
            ExprNode::Operator { operator, .. }
            | ExprNode::Distinct { operator, .. }
            | ExprNode::NullIf { operator, .. }
            | ExprNode::ArrayOperator { operator, .. } => self.add(Dependency::Operator(*operator)),
            ExprNode::RowCompare(comparison) => {
                for operator in &comparison.operators {
                    self.add(Dependency::Operator(*operator));
                }
            }
            ExprNode::Subscript(subscript) if ![subscript.container, subscript.element].contains(&subscript.type_) => {
                self.add(Dependency::Type(subscript.type_));
            }
            ExprNode::Field { arg, number, type_, collation, .. } => {
                let row = self.catalog.base_type(expr_type(self.catalog, arg));
                match self.catalog.relation_of_type(row).map(|relation| relation.oid) {
                    Some(relation) => self.add(Dependency::Column(relation, *number)),
                    None => self.add(Dependency::Type(*type_)),
                }
                self.add(Dependency::Collation(*collation));
            }
            ExprNode::FieldStore { number, type_, .. } => match self.catalog.relation_of_type(*type_) {
                Some(relation) => self.add(Dependency::Column(relation.oid, *number)),
                None => self.add(Dependency::Type(*type_)),
            },
            ExprNode::Relabel { type_, collation, .. }
            | ExprNode::CoerceViaIo { type_, collation, .. }
            | ExprNode::ArrayCoerce { type_, collation, .. } => self.type_and_collation(*type_, *collation),
            ExprNode::ConvertRowtype { type_, .. }
            | ExprNode::Row { type_, .. }
            | ExprNode::CoerceToDomain { type_, .. } => self.add(Dependency::Type(*type_)),
            ExprNode::Collate { collation, .. } => self.add(Dependency::Collation(*collation)),
            _ => {}
        }
        expr.children(&mut |child| match child {
            Child::Expr(child) => self.expr(child, scope),
            Child::Query(query) => self.query(query, Some(scope)),
        });
    }

    /// The object that a constant of a `reg*` type names.
    fn named_object(&mut self, type_: Oid, value: &str) {
        match self.resolver.registered(type_, value, None) {
            Ok(Registered::Relation(oid)) => self.add(Dependency::Relation(oid)),
            Ok(Registered::Type(oid)) => self.add(Dependency::Type(oid)),
            Ok(Registered::Routine(oid)) => self.add(Dependency::Routine(oid)),
            Ok(Registered::Operator(oid)) => self.add(Dependency::Operator(oid)),
            Ok(Registered::Collation(oid)) => self.add(Dependency::Collation(oid)),
            Ok(Registered::Other) | Err(_) => {}
        }
    }
}

/// Where a query names a role by a constant: roles belong to the whole server, so that nothing in a database may depend
/// on one.
pub fn role_constant(query: &Query) -> Option<Location> {
    let mut found = None;
    query.query_children(JoinAliases::Skip, &mut |child| found = found.or_else(|| role_constant_in(child)));
    found
}

fn role_constant_in(child: Child<'_>) -> Option<Location> {
    let expr = match child {
        Child::Query(query) => return role_constant(query),
        Child::Expr(expr) => expr,
    };
    if let ExprNode::Const { type_: oids::REGROLE, value: Some(value), .. } = &*expr.node
        && value != "-"
        && !value.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(expr.location);
    }
    let mut found = None;
    expr.children(&mut |child| found = found.or_else(|| role_constant_in(child)));
    found
}
