//! FROM: every item becomes an entry of the range table and an item of the namespace (parse_clause.c,
//! parse_relation.c). Joins are in `join`, functions in `table_function`, XMLTABLE in `xml`, JSON_TABLE in `json_table`.

use std::sync::Arc;

use super::scope::{ColumnTarget, NamespaceColumn, NamespaceItem, check_conflicts};
use super::syntax::{names, node};
use super::{Analyser, ExpressionKind, Outcome, Unknowns};
use crate::catalog::{FIRST_USER_OID, Oid, RelationKind, ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::parser::{NodeEnum, ast};
use crate::resolve::{Failure, ObjectName, place};
use crate::tree::{FromItem, Location, RangeTableEntry, RangeTableKind, RowColumn, Sample};

/// What a FROM item gives: its place in the join tree, and the names that it makes visible. The last name is that of
/// the item as a whole.
pub(super) struct FromResult {
    pub(super) item: FromItem,
    pub(super) namespace: Vec<NamespaceItem>,
}

impl<'a> Analyser<'a> {
    /// `transformFromClause`
    pub(super) fn add_from_clause(&mut self, items: &'a [ast::Node]) -> Outcome<()> {
        for item in items {
            let FromResult { item, mut namespace } = self.add_from_item(node(item)?)?;
            check_conflicts(&self.level().namespace, &namespace)?;
            set_lateral(&mut namespace, true, true);
            let level = self.level_mut();
            level.from.push(item);
            level.namespace.extend(namespace);
        }
        set_lateral(&mut self.level_mut().namespace, false, true);
        Ok(())
    }

    /// `transformFromClauseItem`
    pub(super) fn add_from_item(&mut self, item: &'a NodeEnum) -> Outcome<FromResult> {
        match item {
            NodeEnum::RangeVar(range) => self.range_variable(range),
            NodeEnum::RangeSubselect(subselect) => self.range_subselect(subselect),
            NodeEnum::RangeFunction(function) => self.range_function(function),
            NodeEnum::RangeTableFunc(function) => self.xml_table(function),
            NodeEnum::JsonTable(table) => self.json_table(table),
            NodeEnum::RangeTableSample(sample) => self.table_sample(sample),
            NodeEnum::JoinExpr(join) => self.join(join),
            _ => Err(Failure::new(SqlState::NOT_COVERED, "this kind of FROM item is not supported", None)),
        }
    }

    /// Adds an entry with its namespace item (`buildNSItemFromTupleDesc`, `buildNSItemFromLists`).
    pub(super) fn add_entry(&mut self, entry: RangeTableEntry) -> FromResult {
        let index = self.level().range_table.len();
        let columns = (1i16..)
            .zip(entry.columns.iter())
            .map(|(number, column)| NamespaceColumn {
                target: (!column.name.is_empty() || column.type_.is_valid()).then_some(ColumnTarget {
                    relation: index,
                    column: number,
                    type_: column.type_,
                    typmod: column.typmod,
                    collation: column.collation,
                }),
                hidden_from_star: false,
            })
            .collect();
        let column_names = entry.columns.iter().map(|column| column.name.clone()).collect();
        let item = NamespaceItem::new(index, entry.name.clone(), column_names, columns);
        self.level_mut().range_table.push(entry);
        FromResult { item: FromItem::Entry(index), namespace: vec![item] }
    }

    fn range_variable(&mut self, range: &'a ast::RangeVar) -> Outcome<FromResult> {
        self.check_database(range)?;
        if range.schemaname.is_empty()
            && let Some((levels_up, index)) = self.find_cte(&range.relname)
        {
            return self.cte_reference(range, levels_up, index);
        }
        self.table(range)
    }

    /// A name may not say which database (`parserOpenTable`).
    pub(super) fn check_database(&self, range: &ast::RangeVar) -> Outcome<()> {
        if !range.catalogname.is_empty() {
            let named = format!("{}.{}", range.schemaname, range.relname);
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("`{}.{named}` names a database", range.catalogname),
                place(range.location),
            )
            .note("a query reads its own database only, and which one that will be is not known here")
            .help(format!("write `{named}`")));
        }
        Ok(())
    }

    /// `addRangeTableEntry`
    pub(super) fn table(&mut self, range: &'a ast::RangeVar) -> Outcome<FromResult> {
        let location = place(range.location);
        let schema = (!range.schemaname.is_empty()).then_some(range.schemaname.as_str());
        let Some(relation) = self.resolver.find_relation(schema, &range.relname) else {
            return Err(self.missing_relation(schema, &range.relname, location));
        };
        let oid = relation.oid;
        if relation.kind == RelationKind::CompositeType {
            return Err(Failure::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("`{}` is a composite type, which has no rows to select", range.relname),
                location,
            ));
        }
        let own = self.catalog().row_columns(relation);
        let alias = range.alias.as_ref();
        let name = alias.map_or_else(|| range.relname.clone(), |alias| alias.aliasname.clone());
        let columns = alias_columns(&format!("`{name}`"), alias, own, location)?;
        let kind = RangeTableKind::Relation { relation: oid, only: !range.inh };
        let mut result = self.add_entry(RangeTableEntry { name, columns, kind, lateral: false, location });
        if alias.is_none()
            && let Some(item) = result.namespace.last_mut()
        {
            item.relation = Some(oid);
        }
        Ok(result)
    }

    /// `parserOpenTable`, when there is no such table.
    fn missing_relation(&self, schema: Option<&str>, name: &str, location: Location) -> Failure {
        let future = self.levels.iter().any(|level| level.future_ctes.contains(&name));
        if schema.is_none() && future {
            return Failure::new(SqlState::UNDEFINED_TABLE, format!("no relation `{name}`"), location)
                .note(format!("the WITH query `{name}` comes later, so it cannot be referenced from here"))
                .help("use WITH RECURSIVE, or put the WITH queries in the order of their use");
        }
        let ctes = self.levels.iter().flat_map(|level| &level.ctes).map(|cte| cte.name);
        if schema.is_none()
            && let Some(near) = crate::resolve::suggest::nearest(name, ctes)
        {
            return Failure::new(SqlState::UNDEFINED_TABLE, format!("no relation `{name}`"), location)
                .help(format!("did you mean `{near}`?"));
        }
        match self.resolver.relation(schema, name, location) {
            // A schema that is missing is a missing relation too (`RangeVarGetRelid` with `missing_ok`).
            Err(failure) if failure.sqlstate == SqlState::UNDEFINED_SCHEMA => {
                Failure { sqlstate: SqlState::UNDEFINED_TABLE, ..failure }
            }
            Err(failure) => failure,
            Ok(_) => Failure::new(SqlState::UNDEFINED_TABLE, format!("no relation `{name}`"), location),
        }
    }

    /// `transformRangeSubselect`
    fn range_subselect(&mut self, subselect: &'a ast::RangeSubselect) -> Outcome<FromResult> {
        let select = subselect.subquery.as_deref().and_then(|node| node.node.as_ref());
        let Some(NodeEnum::SelectStmt(select)) = select else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "a sub-query in FROM must be a SELECT", None));
        };
        if subselect.alias.is_none() && self.version() < ServerVersion::V16 {
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                "a sub-query in FROM must have an alias",
                super::syntax::first_location(select),
            )
            .note(format!("PostgreSQL {} needs it, 16 and later do not", self.version().major()))
            .help("for example, `(SELECT …) AS t`"));
        }
        let saved = self.enter_expression(ExpressionKind::FromSubselect);
        self.level_mut().lateral_active = subselect.lateral;
        let query = self.sub_query(select, Unknowns::BecomeText, None)?;
        self.level_mut().lateral_active = false;
        self.leave_expression(saved);
        let own = self.output_columns(&query).into();
        let alias = subselect.alias.as_ref();
        let name = alias.map_or_else(String::new, |alias| alias.aliasname.clone());
        let location = super::syntax::first_location(select);
        let columns = alias_columns(&format!("`{name}`"), alias, own, location)?;
        let kind = RangeTableKind::Subquery(Box::new(query));
        let entry = RangeTableEntry { name, columns, kind, lateral: subselect.lateral, location };
        let mut result = self.add_entry(entry);
        if alias.is_none()
            && let Some(item) = result.namespace.last_mut()
        {
            item.relation_visible = false;
        }
        Ok(result)
    }

    /// The function of a sampling method, with the name as written: it takes `internal` and gives `tsm_handler`.
    fn sampling_method(&self, sample: &ast::RangeTableSample) -> Outcome<(Oid, ObjectName)> {
        let location = place(sample.location);
        let name = ObjectName::from_nodes(&sample.method, location)?;
        let Ok(handler) = self.resolver.routine_by_signature(&name, Some(&[oids::INTERNAL]), location) else {
            return Err(Failure::new(SqlState::UNDEFINED_OBJECT, format!("no sampling method `{name}`"), location)
                .note("PostgreSQL's own are `system` and `bernoulli`; extensions bring others"));
        };
        if handler.result != oids::TSM_HANDLER {
            return Err(Failure::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("the function `{name}` does not give `tsm_handler`, so it is no sampling method"),
                location,
            ));
        }
        Ok((handler.oid, name))
    }

    /// `transformRangeTableSample`: no columns of its own, only arguments to check.
    fn table_sample(&mut self, sample: &'a ast::RangeTableSample) -> Outcome<FromResult> {
        let Some(relation) = sample.relation.as_deref().and_then(|node| node.node.as_ref()) else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "TABLESAMPLE needs a table", None));
        };
        let result = self.add_from_item(relation)?;
        let entry = result.namespace.last().and_then(|item| self.level().range_table.get(item.entry));
        let kind = match entry.map(|entry| &entry.kind) {
            Some(RangeTableKind::Relation { relation, .. }) => {
                self.catalog().relation(*relation).map(|found| found.kind)
            }
            _ => None,
        };
        use RelationKind::{MaterializedView, PartitionedTable, Table};
        if !matches!(kind, Some(Table | MaterializedView | PartitionedTable)) {
            return Err(Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "TABLESAMPLE can only be applied to tables and materialized views",
                place(sample.location),
            ));
        }
        let (handler, method) = self.sampling_method(sample)?;
        if sample.args.len() != 1 {
            return Err(Failure::new(
                SqlState("2202H"),
                format!("the sampling method `{method}` needs 1 argument, not {}", sample.args.len()),
                place(sample.location),
            ));
        }
        let takes = match self.catalog().routine(handler).map(|row| row.name.as_str()) {
            // `tsm_system_rows.c`, `tsm_system_time.c`: their kinds of argument are in their code.
            Some("system_rows") => Some(oids::INT8),
            Some("system_time") => Some(oids::FLOAT8),
            _ => (handler.0 < FIRST_USER_OID).then_some(oids::FLOAT4),
        };
        let mut args = Vec::new();
        for argument in &sample.args {
            let expr = self.expression(node(argument)?, ExpressionKind::FromFunction)?;
            args.push(match takes {
                Some(takes) => self.coerce_to(expr, takes, "TABLESAMPLE")?,
                // What other methods take is known to their code only.
                None => expr,
            });
        }
        if let Some(seed) = sample.repeatable.as_deref() {
            if takes.is_some_and(|takes| takes != oids::FLOAT4) {
                return Err(Failure::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("the sampling method `{method}` does not support REPEATABLE"),
                    place(sample.location),
                ));
            }
            let expr = self.expression(node(seed)?, ExpressionKind::FromFunction)?;
            args.push(self.coerce_to(expr, oids::FLOAT8, "REPEATABLE")?);
        }
        self.level_mut().samples.push(Sample { handler, args });
        Ok(result)
    }
}

/// `setNamespaceLateralState`
pub(super) fn set_lateral(namespace: &mut [NamespaceItem], lateral_only: bool, lateral_ok: bool) {
    for item in namespace {
        item.lateral_only = lateral_only;
        item.lateral_ok = lateral_ok;
    }
}

/// Columns under the names that an alias gives them; the list may be shorter than the columns, dropped columns take no
/// name from it (`buildRelationAliases`).
pub(super) fn alias_columns(
    what: &str,
    alias: Option<&ast::Alias>,
    mut columns: Arc<[RowColumn]>,
    location: Location,
) -> Outcome<Arc<[RowColumn]>> {
    let new_names = alias.map(|alias| names(&alias.colnames)).unwrap_or_default();
    if new_names.is_empty() {
        return Ok(columns);
    }
    let live = columns.iter().filter(|column| !column.name.is_empty() || column.type_.is_valid()).count();
    if new_names.len() > live {
        return Err(Failure::new(
            SqlState::INVALID_COLUMN_REFERENCE,
            format!("the alias names {} columns, but {what} has {live}", new_names.len()),
            location,
        ));
    }
    let own = Arc::make_mut(&mut columns);
    let targets = own.iter_mut().filter(|column| !column.name.is_empty() || column.type_.is_valid());
    for (column, name) in targets.zip(new_names) {
        column.name = name.to_owned();
    }
    Ok(columns)
}
