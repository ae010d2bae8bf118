//! Views and materialized views: creation, replacement in place, `CREATE TABLE AS`, `SELECT INTO`, `REFRESH`.

use std::sync::Arc;

use super::address::Address;
use super::column::column;
use super::new_type::persistence;
use super::node;
use super::session::{Outcome, Session};
use super::table::{NewRelation, reloptions};
use crate::analyse::Made;
use crate::analysis::{Analysis, Dependency};
use crate::catalog::{CheckOption, Column, Oid, Origin, Persistence, RelationKind, ServerVersion, View};
use crate::diagnostic::SqlState;
use crate::lineage::role_constant;
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum, ast};
use crate::source::Span;
use crate::stars::{self, Star};
use crate::tree::Query;

impl Session<'_> {
    pub(super) fn create_view(&mut self, statement: &ast::ViewStmt) -> Outcome {
        let Some(name) = &statement.view else { return Err(self.malformed("without a name")) };
        if name.relpersistence == "u" {
            let message = "views cannot be unlogged because they do not have storage";
            return Err(self.error(SqlState::SYNTAX_ERROR, message, name.location));
        }
        let aliases: Vec<String> = node::strings(&statement.aliases).into_iter().map(str::to_owned).collect();
        let mut options = reloptions(&statement.options);
        let check_option = self.check_option(statement, &mut options)?;
        self.check_view_options(&options, name.location)?;

        let schema = self.creation_schema(&name.schemaname, &name.relpersistence, name.location)?;
        self.check_relation_schema(schema, name)?;
        let existing = self.catalog.relation_by_name(schema, &name.relname).map(|row| row.oid);
        if let (Some(oid), true) = (existing, statement.replace) {
            self.own(oid)?;
            self.check_kind(oid, ast::ObjectType::ObjectView).map_err(|error| self.place(error, name.location))?;
        } else {
            self.check_relation_name_free(schema, &name.relname, name.location)?;
            self.make_room_for_type(schema, &name.relname, name.location)?;
        }

        let view = match self.as_before(schema, &name.relname, RelationKind::View, &aliases) {
            Some(view) => View { check_option, ..view },
            None => self.view_row(statement.query.as_deref(), aliases, check_option, true, name)?,
        };
        if let (Some(_), Some(tree)) = (check_option, &view.tree) {
            self.check_check_option(tree, name.location)?;
        }
        let mut columns = columns_of(&view.analysis);
        let temporary = name.relpersistence == "t" || self.reads_temporary(&view.analysis);
        let schema = if temporary { self.creation_schema("", "t", name.location)? } else { schema };
        match existing {
            Some(oid) => {
                self.check_replacement(oid, &columns, name.location)?;
                let (provenance, old) = (self.provenance(), self.catalog.relation(oid).cloned());
                for (column, old) in columns.iter_mut().zip(old.iter().flat_map(|old| &old.columns)) {
                    column.has_default = old.has_default;
                }
                self.catalog.update_relation(oid, |row| {
                    row.columns = columns;
                    row.options = options;
                    row.view = Some(view);
                    row.provenance = Some(provenance);
                });
                self.catalog.made_of_text(oid);
            }
            None => {
                let oid = self.add_relation(NewRelation {
                    columns,
                    persistence: if temporary { Persistence::Temporary } else { Persistence::Permanent },
                    options,
                    view: Some(view),
                    ..NewRelation::new(schema, &name.relname, RelationKind::View)
                });
                self.catalog.made_of_text(oid);
                self.keep_origin(oid);
                self.apply_default_privileges(&Address::Relation(oid));
            }
        }
        Ok(())
    }

    /// A hand-written view that a generated migration drops and puts back stays hand-written.
    fn keep_origin(&mut self, oid: Oid) {
        let Some(id) = self.object_id(&Address::Relation(oid)) else { return };
        if self.origin == Origin::Generated && self.dropped_by_hand.remove(&id) {
            self.catalog.update_relation(oid, |row| {
                if let Some(provenance) = &mut row.provenance {
                    provenance.origin = Origin::HandWritten;
                }
            });
        }
    }

    /// `CREATE TABLE AS`, `SELECT INTO` and `CREATE MATERIALIZED VIEW`.
    pub(super) fn create_table_as(&mut self, statement: &ast::CreateTableAsStmt) -> Outcome {
        let Some(into) = &statement.into else { return Err(self.malformed("without a name")) };
        let materialized = statement.objtype() == ast::ObjectType::ObjectMatview;
        self.create_from_query(into, statement.query.as_deref(), materialized, statement.if_not_exists)
    }

    pub(super) fn create_from_query(
        &mut self,
        into: &ast::IntoClause,
        query: Option<&ast::Node>,
        materialized: bool,
        if_not_exists: bool,
    ) -> Outcome {
        let Some(name) = &into.rel else { return Err(self.malformed("without a name")) };
        let schema = self.creation_schema(&name.schemaname, &name.relpersistence, name.location)?;
        self.check_relation_schema(schema, name)?;
        if materialized && name.relpersistence == "u" {
            let message = "materialized views cannot be unlogged";
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, name.location));
        }
        if if_not_exists && self.relation_name_taken(schema, &name.relname) {
            return Ok(());
        }
        self.make_room_for_relation(schema, &name.relname)?;
        self.check_relation_name_free(schema, &name.relname, name.location)?;
        self.make_room_for_type(schema, &name.relname, name.location)?;
        self.check_on_commit(into.on_commit(), name)?;
        if matches!(query.map(|query| &query.node), Some(Some(NodeEnum::ExecuteStmt(_)))) {
            return Err(self
                .error(SqlState::FEATURE_NOT_SUPPORTED, "the columns of a prepared statement are not known here", -1)
                .help("write the query itself after `AS`"));
        }
        let aliases: Vec<String> = node::strings(&into.col_names).into_iter().map(str::to_owned).collect();
        let populated = !into.skip_data;
        let (kind, columns, view) = if materialized {
            let view = match self.as_before(schema, &name.relname, RelationKind::MaterializedView, &aliases) {
                Some(view) => View { populated, ..view },
                None => self.view_row(query, aliases, None, populated, name)?,
            };
            (RelationKind::MaterializedView, columns_of(&view.analysis), Some(view))
        } else {
            let analysed = self.analyse(self.query(query, &mut None)?, &aliases, name, Made::Table)?;
            (RelationKind::Table, columns_of(&analysed.0), None)
        };
        self.check_stored_columns(&columns, name.location)?;
        let options = reloptions(&into.options);
        if matches!(into.access_method.as_str(), "" | "heap") {
            self.check_storage_options(&options, name.location)?;
        }
        let oid = self.add_relation(NewRelation {
            columns,
            persistence: persistence(&name.relpersistence),
            options,
            view,
            ..NewRelation::new(schema, &name.relname, kind)
        });
        self.catalog.made_of_text(oid);
        self.note_on_commit(into.on_commit(), oid);
        self.keep_origin(oid);
        self.apply_default_privileges(&Address::Relation(oid));
        Ok(())
    }

    pub(super) fn refresh(&mut self, statement: &ast::RefreshMatViewStmt) -> Outcome {
        let Some(oid) = self.target(statement.relation.as_ref(), false)? else { return Ok(()) };
        self.check_kind(oid, ast::ObjectType::ObjectMatview)?;
        if statement.concurrent {
            self.check_refreshes_beside(oid, statement.skip_data)?;
        }
        self.catalog.update_relation(oid, |row| {
            if let Some(view) = &mut row.view {
                view.populated = !statement.skip_data;
            }
        });
        Ok(())
    }

    /// New rows are compared with the old ones by a unique index over all of them (`ExecRefreshMatView`).
    fn check_refreshes_beside(&self, view: Oid, skip_data: bool) -> Outcome {
        let row = self.own(view)?;
        // What is not known may have filled it, or made an index.
        if !self.is_certain(view) {
            return Ok(());
        }
        let refused = |message: String, code| Err(self.error(code, message, -1));
        if !row.view.as_ref().is_some_and(|view| view.populated) {
            let message = "CONCURRENTLY cannot be used when the materialized view is not populated";
            return refused(message.to_owned(), SqlState::FEATURE_NOT_SUPPORTED);
        }
        if skip_data {
            let message = "CONCURRENTLY and WITH NO DATA options cannot be used together";
            return refused(message.to_owned(), SqlState::SYNTAX_ERROR);
        }
        // A condition over no column may be none once it is computed.
        let of_all_rows = |index: &crate::catalog::Index| match parser::statement_in(&index.canonical) {
            Some(NodeEnum::IndexStmt(statement)) => {
                let condition = statement.where_clause.as_ref().and_then(|node| node.node.as_ref());
                condition.is_none_or(|node| super::walk::references(node).columns.is_empty())
            }
            _ => !index.partial,
        };
        let usable = |index: &crate::catalog::Index| {
            index.unique && of_all_rows(index) && !index.columns.is_empty() && !index.columns.contains(&0)
        };
        if row.indexes.iter().any(usable) {
            return Ok(());
        }
        let message = format!("cannot refresh materialized view `{}` concurrently", row.name);
        let error = self.error(SqlState("55000"), message, -1);
        Err(error.help("create a unique index with no WHERE clause on one or more of its columns"))
    }

    /// The query of the statement at hand; read again where it was left out.
    fn query<'n>(&self, query: Option<&'n ast::Node>, read: &'n mut Option<ast::Node>) -> Outcome<&'n ast::Node> {
        if let Some(query) = query {
            return Ok(query);
        }
        for statement in parser::statements(&self.file, self.catalog.version)? {
            let mut statement = statement?;
            if statement.span == self.span {
                *read = parser::query_of_view(&mut statement.node).and_then(Option::take).map(|query| *query);
            }
        }
        read.as_ref().ok_or_else(|| self.malformed("without a query"))
    }

    fn analyse(
        &self,
        query: &ast::Node,
        aliases: &[String],
        name: &ast::RangeVar,
        made: Made,
    ) -> Outcome<(Analysis, Query, Vec<Star>)> {
        let Some(NodeEnum::SelectStmt(query)) = &query.node else { return Err(self.malformed("without a query")) };
        let shown = super::names::shown(&name.schemaname, &name.relname);
        super::query::analyse_view(self, query, aliases, (&shown, made))
    }

    fn view_row(
        &self,
        query: Option<&ast::Node>,
        column_aliases: Vec<String>,
        check_option: Option<CheckOption>,
        populated: bool,
        name: &ast::RangeVar,
    ) -> Outcome<View> {
        let mut read = None;
        let query = self.query(query, &mut read)?;
        let (analysis, tree, stars) = self.analyse(query, &column_aliases, name, Made::View)?;
        let Some(node) = &query.node else { return Err(self.malformed("without a query")) };
        if let Some(location) = role_constant(&tree) {
            let message = "a constant of type `regrole` cannot be used in a view";
            let location = location.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1);
            return Err(self
                .error(SqlState::FEATURE_NOT_SUPPORTED, message, location)
                .note("roles belong to the whole server, so that nothing in a database may depend on one"));
        }
        let canonical = || {
            parser::canonical(node).map_err(|message| {
                self.error(SqlState::FEATURE_NOT_SUPPORTED, format!("the query has no canonical text: {message}"), -1)
            })
        };
        let ((query_text, canonical_query), stars) = match query_span(&self.file.text[self.span.start..self.span.end]) {
            Some(span) => {
                let start = self.span.start + span.start;
                let moved = |star: Star| Star { start: star.start.saturating_sub(start), ..star };
                let text = &self.file.text[start..self.span.start + span.end];
                (self.catalog.canonical_query(text, canonical)?, stars.into_iter().map(moved).collect())
            }
            // `CREATE RECURSIVE VIEW` is short for a recursive query, in which everything stands elsewhere.
            None => {
                let text: Arc<str> = canonical()?.into();
                let found = || stars::of_text(&self.catalog, &text, &column_aliases, self.search_path());
                let stars = if stars.is_empty() { stars } else { found().unwrap_or_default() };
                ((Arc::clone(&text), text), stars)
            }
        };
        Ok(View {
            analysis: Arc::new(analysis),
            tree: Some(Arc::new(tree)),
            canonical_query,
            query_text,
            followed: false,
            stars,
            column_aliases,
            check_option,
            search_path: self.search_path().to_vec(),
            populated,
        })
    }

    /// The check option, whether written as a clause or among the options.
    fn check_option(
        &self,
        statement: &ast::ViewStmt,
        options: &mut Vec<(String, String)>,
    ) -> Outcome<Option<CheckOption>> {
        let clause = match statement.with_check_option() {
            ast::ViewCheckOption::LocalCheckOption => Some(CheckOption::Local),
            ast::ViewCheckOption::CascadedCheckOption => Some(CheckOption::Cascaded),
            _ => None,
        };
        let Some(at) = options.iter().position(|(key, _)| key == "check_option") else { return Ok(clause) };
        self.check_option_value(&options.remove(at).1).map(Some)
    }

    pub(super) fn check_view_options(&self, options: &[(String, String)], location: i32) -> Outcome {
        for (key, value) in options {
            let known = match key.as_str() {
                "security_barrier" | "check_option" => true,
                "security_invoker" => self.catalog.version >= ServerVersion::V15,
                _ => false,
            };
            if !known {
                let version = self.catalog.version.major();
                let message = format!("PostgreSQL {version} has no view option `{key}`");
                return Err(self.error(SqlState::INVALID_PARAMETER, message, location));
            }
            match key.as_str() {
                "check_option" => drop(self.check_option_value(value)?),
                _ => self.check_boolean_option(key, value, location)?,
            }
        }
        Ok(())
    }

    /// What the option `check_option` says.
    pub(super) fn check_option_value(&self, value: &str) -> Outcome<CheckOption> {
        match value.to_ascii_lowercase().as_str() {
            "local" => Ok(CheckOption::Local),
            "cascaded" => Ok(CheckOption::Cascaded),
            other => {
                let message = format!("invalid value `{other}` for the option `check_option`");
                Err(self
                    .error(SqlState::INVALID_PARAMETER, message, -1)
                    .help("valid values are `local` and `cascaded`"))
            }
        }
    }

    fn reads_temporary(&self, analysis: &Analysis) -> bool {
        analysis.dependencies.iter().any(|dependency| match dependency {
            Dependency::Relation(oid) | Dependency::Column(oid, _) => {
                self.catalog.relation(*oid).is_some_and(|row| row.persistence == Persistence::Temporary)
            }
            _ => false,
        })
    }

    /// What `CREATE OR REPLACE VIEW` may change (`checkViewColumns` in commands/view.c).
    fn check_replacement(&self, oid: Oid, new: &[Column], location: i32) -> Outcome {
        let Some(old) = self.catalog.relation(oid) else { return Ok(()) };
        let error = |message: String| {
            let error = self.error(SqlState::INVALID_TABLE_DEFINITION, message, location);
            Err(error.note("`CREATE OR REPLACE VIEW` keeps the columns that are there and adds new ones at the end"))
        };
        if new.len() < old.columns.len() {
            return error("cannot drop columns from view".to_owned());
        }
        for (old, new) in old.columns.iter().zip(new) {
            if old.name != new.name {
                return error(format!("cannot change name of view column `{}` to `{}`", old.name, new.name));
            }
            if (old.type_, old.typmod) != (new.type_, new.typmod) {
                let resolver = self.resolver();
                return error(format!(
                    "cannot change data type of view column `{}` from {} to {}",
                    old.name,
                    resolver.format_type(old.type_, old.typmod),
                    resolver.format_type(new.type_, new.typmod)
                ));
            }
            if old.collation != new.collation {
                let name = |oid: Oid| self.catalog.collation(oid).map_or("?", |row| &row.name);
                return error(format!(
                    "cannot change collation of view column `{}` from {} to {}",
                    old.name,
                    quote_ident(name(old.collation)),
                    quote_ident(name(new.collation))
                ));
            }
        }
        Ok(())
    }
}

/// The columns that a query gives to what is made of it; NOT NULL is never taken over.
pub(super) fn columns_of(analysis: &Analysis) -> Vec<Column> {
    analysis.columns.iter().map(|output| column(&output.name, output.type_, output.typmod, output.collation)).collect()
}

/// The query in the text of `CREATE [MATERIALIZED] VIEW … AS query [WITH …]`; `None` for `CREATE RECURSIVE VIEW`.
pub(super) fn query_span(text: &str) -> Option<Span> {
    let all = parser::tokens(text);
    let tokens: Vec<Span> = all.iter().filter(|token| !token.comment).map(|token| token.span).collect();
    let word = |span: &Span| text.get(span.start..span.end).unwrap_or("").to_ascii_lowercase();
    let mut depth = 0i32;
    let mut as_at = None;
    for (at, span) in tokens.iter().enumerate() {
        match word(span).as_str() {
            "recursive" if depth == 0 => return None,
            "(" => depth += 1,
            ")" => depth -= 1,
            "as" if depth == 0 => {
                as_at = Some(at);
                break;
            }
            _ => {}
        }
    }
    let as_at = as_at?;
    let last: Vec<String> = tokens.iter().skip(as_at + 1).rev().take(4).map(word).collect();
    let last: Vec<&str> = last.iter().map(String::as_str).collect();
    let trailing = match last.as_slice() {
        ["option", "check", "with", ..] => 3,
        ["option", "check", "local" | "cascaded", "with"] => 4,
        ["data", "with", ..] => 2,
        ["data", "no", "with", ..] => 3,
        _ => 0,
    };
    let end = match trailing {
        0 => text.len(),
        count => tokens.get(tokens.len() - count)?.start,
    };
    let start = tokens.get(as_at)?.end;
    let body = text.get(start..end)?;
    // Layout: the line break after AS goes, the indentation of the first line stays.
    let lead = body.len() - body.trim_start().len();
    let first_line = body[..lead].rfind('\n').map_or(lead, |newline| newline + 1);
    let start = start + first_line.min(lead);
    Some(Span::new(start, start.max(end - (body.len() - body.trim_end().len()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_found_in_the_statement() {
        let query = |text: &str| query_span(text).map(|span| text[span.start..span.end].to_owned());
        assert_eq!(
            query("CREATE VIEW v (a, b) WITH (x) AS\n  SELECT 1 AS a, -- one\n  2\n"),
            Some("  SELECT 1 AS a, -- one\n  2".to_owned())
        );
        assert_eq!(query("CREATE VIEW v AS SELECT 1 WITH LOCAL CHECK OPTION"), Some("SELECT 1".to_owned()));
        assert_eq!(query("CREATE VIEW v AS SELECT 1 WITH CHECK OPTION"), Some("SELECT 1".to_owned()));
        assert_eq!(
            query("CREATE MATERIALIZED VIEW v AS SELECT 1 AS with_data WITH NO DATA"),
            Some("SELECT 1 AS with_data".to_owned())
        );
        assert_eq!(query("CREATE VIEW \"as\" AS /* x */ SELECT 1"), Some("/* x */ SELECT 1".to_owned()));
        assert_eq!(query("CREATE RECURSIVE VIEW v (n) AS SELECT 1"), None);
    }
}
