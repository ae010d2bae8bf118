//! Expressions of tables, materialized views, statistics and domains say values of enums, which the server keeps by number. Where a
//! text says a value is known from its analysis: the same word may be a value of another type beside it.

use std::sync::Arc;

use super::Followed;
use super::parts::BEFORE;
use crate::analyse::{Purpose, analyse_expression};
use crate::catalog::{Attached, AttachedKind, Oid};
use crate::name::quote_literal;
use crate::parser::{self, NodeEnum, ast};
use crate::replay::session::Session;
use crate::source::{Edit, SourceFile, edited};
use crate::tree::{Child, Expr, ExprNode};

/// What a part will say.
pub(super) struct Saying {
    of: Part,
    canonical: String,
    /// The statement that makes it, where that is kept.
    source: Option<String>,
}

enum Part {
    /// Of a relation or domain.
    Attached(Oid, AttachedKind, String),
    Statistics(Oid),
}

impl Session<'_> {
    /// The parts that say a value which is to be renamed, with what they say then.
    pub(super) fn parts_that_say(&self, what: &Followed) -> Vec<Saying> {
        let Followed::Value(_, old, _) = what else { return Vec::new() };
        let word = old.replace('\'', "''");
        let mut found = Vec::new();
        for (owner, rows) in &self.catalog.attached {
            let relation = self.catalog.relation(*owner).map(|row| row.oid);
            for row in rows.iter().filter(|row| row.canonical.contains(&word)) {
                if let (AttachedKind::Trigger, Some(table), Some(source)) = (row.kind, relation, &row.source) {
                    let texts = [&row.canonical, &source.text].map(|text| self.trigger_with_value(what, text, table));
                    if let [Some(canonical), Some(text)] = texts {
                        let canonical = parser::statement_in(&canonical).and_then(|node| parser::canonical(&node).ok());
                        let of = Part::Attached(*owner, row.kind, row.name.clone());
                        found.extend(canonical.map(|canonical| Saying { of, canonical, source: Some(text) }));
                    }
                    continue;
                }
                let canonical = match (row.kind, relation) {
                    // See `follow_in_expressions`.
                    (AttachedKind::Default(_), None) => None,
                    (AttachedKind::Default(_) | AttachedKind::Check, relation) => {
                        self.expression_with_value(what, (*owner, row), relation)
                    }
                    (AttachedKind::Index, Some(relation)) => self.statement_with_value(what, &row.canonical, relation),
                    _ => None,
                };
                let of = Part::Attached(*owner, row.kind, row.name.clone());
                found.extend(canonical.map(|canonical| Saying { of, canonical, source: None }));
            }
        }
        for (oid, row) in self.catalog.statistics.iter().filter(|(_, row)| row.canonical.contains(&word)) {
            let canonical = self.statement_with_value(what, &row.canonical, row.relation);
            let of = Part::Statistics(*oid);
            found.extend(canonical.map(|canonical| Saying { of, canonical, source: None }));
        }
        found
    }

    pub(super) fn let_parts_say(&mut self, sayings: Vec<Saying>) {
        for Saying { of, canonical, source } in sayings {
            let (owner, kind, name) = match of {
                Part::Attached(owner, kind, name) => (owner, kind, name),
                Part::Statistics(oid) => {
                    if let Some(row) = self.catalog.statistics.get_mut(&oid) {
                        Arc::make_mut(row).canonical = canonical;
                    }
                    continue;
                }
            };
            let rows = self.catalog.attached.get_mut(&owner).into_iter().flatten();
            for row in rows.filter(|row| row.kind == kind && row.name == name) {
                let row = Arc::make_mut(row);
                row.canonical.clone_from(&canonical);
                if let (Some(kept), Some(text)) = (&mut row.source, &source) {
                    kept.text.clone_from(text);
                }
            }
            if self.catalog.relation(owner).is_none() {
                // The statement that made a domain says the old value.
                self.catalog.update_type(owner, |row| {
                    row.source.iter_mut().for_each(|source| Arc::make_mut(source).altered = true);
                });
            } else if kind == AttachedKind::Index {
                self.catalog.update_relation(owner, |row| {
                    for index in row.indexes.iter_mut().filter(|index| index.name == name) {
                        index.canonical.clone_from(&canonical);
                    }
                });
            }
        }
    }

    fn expression_with_value(
        &self,
        what: &Followed,
        (owner, row): (Oid, &Attached),
        relation: Option<Oid>,
    ) -> Option<String> {
        let text = format!("{BEFORE}{}", row.canonical);
        let NodeEnum::SelectStmt(select) = parser::statement_in(&text)? else { return None };
        let [target] = select.target_list.as_slice() else { return None };
        let Some(NodeEnum::ResTarget(target)) = &target.node else { return None };
        let column = self.default_target(owner, row.kind);
        let purpose = self.purpose_of(owner, row.kind, relation, column.as_ref());
        let edits = self.edits(what, &text, [(target.val.as_deref()?, purpose)], relation)?;
        let written = written(&text, edits)?;
        parser::canonical(&parser::statement_in(&written)?).ok()?.strip_prefix(BEFORE).map(str::to_owned)
    }

    /// `CREATE INDEX`, `CREATE STATISTICS`.
    fn statement_with_value(&self, what: &Followed, text: &str, relation: Oid) -> Option<String> {
        let node = parser::statement_in(text)?;
        let expressions: Vec<(&ast::Node, Purpose<'_>)> = match &node {
            NodeEnum::IndexStmt(index) => {
                let keys = index.index_params.iter().filter_map(|key| match &key.node {
                    Some(NodeEnum::IndexElem(key)) => key.expr.as_deref(),
                    _ => None,
                });
                let keys = keys.map(|key| (key, Purpose::IndexColumn));
                keys.chain(index.where_clause.as_deref().map(|clause| (clause, Purpose::IndexPredicate))).collect()
            }
            NodeEnum::CreateStatsStmt(statistics) => {
                let elements = statistics.exprs.iter().filter_map(|element| match &element.node {
                    Some(NodeEnum::StatsElem(element)) => element.expr.as_deref(),
                    _ => None,
                });
                elements.map(|element| (element, Purpose::IndexColumn)).collect()
            }
            _ => return None,
        };
        let edits = self.edits(what, text, expressions, Some(relation))?;
        parser::canonical(&parser::statement_in(&written(text, edits)?)?).ok()
    }

    /// `CREATE TRIGGER … WHEN`.
    fn trigger_with_value(&self, what: &Followed, text: &str, table: Oid) -> Option<String> {
        let NodeEnum::CreateTrigStmt(trigger) = parser::written_statement(text, self.catalog.version)? else {
            return None;
        };
        let query = self.over_rows(table, trigger.when_clause.as_deref()?)?.ok()?;
        let [condition] = query.targets.as_slice() else { return None };
        written(text, self.edits_of(what, text, &condition.expr)?)
    }

    /// The new value where the old one stands, alone or in a list of an array's text; `None` where not all of it is known.
    fn edits<'n>(
        &self,
        what: &Followed,
        text: &str,
        expressions: impl IntoIterator<Item = (&'n ast::Node, Purpose<'n>)>,
        relation: Option<Oid>,
    ) -> Option<Vec<Edit>> {
        let file = SourceFile::new("expression", text);
        let mut edits = Vec::new();
        for (raw, purpose) in expressions {
            let raw = raw.node.as_ref()?;
            let analysed =
                analyse_expression(&self.catalog, &file, raw, relation, &purpose, self.search_path()).ok()?;
            edits.extend(self.edits_of(what, text, &analysed.expr)?);
        }
        Some(edits)
    }

    fn edits_of(&self, what: &Followed, text: &str, whole: &Expr) -> Option<Vec<Edit>> {
        let Followed::Value(type_, old, new) = what else { return None };
        let array = self.catalog.array_type(*type_);
        let mut edits = Vec::new();
        let mut open: Vec<&Expr> = vec![whole];
        while let Some(expr) = open.pop() {
            if let ExprNode::Const { type_: is, value: Some(value), .. } = &*expr.node {
                let written = match *is {
                    is if is == *type_ => (value == old).then(|| new.clone()),
                    is if is == array => with_element(value, old, new)?,
                    _ => None,
                };
                if let Some(written) = written {
                    let span = parser::token_at(text, expr.location? as usize);
                    edits.push((span, quote_literal(&written).trim_start().to_owned()));
                }
            }
            expr.children(&mut |child| {
                if let Child::Expr(child) = child {
                    open.push(child);
                }
            });
        }
        Some(edits)
    }
}

/// `None` where nothing is to be written.
fn written(text: &str, edits: Vec<Edit>) -> Option<String> {
    if edits.is_empty() { None } else { edited(text, edits) }
}

/// The text of an array with another value in the place of one: nothing where it does not say it, `None` where that is not seen,
/// since it is not a plain list.
fn with_element(array: &str, old: &str, new: &str) -> Option<Option<String>> {
    let list = array.trim().strip_prefix('{')?.strip_suffix('}')?;
    if list.contains(['{', '}', '"', '\\']) {
        return None;
    }
    let is_special = |at: char| at.is_whitespace() || "{},\"\\".contains(at);
    let quoted = match new.is_empty() || new.eq_ignore_ascii_case("null") || new.contains(is_special) {
        true => format!("\"{}\"", new.replace('\\', "\\\\").replace('"', "\\\"")),
        false => new.to_owned(),
    };
    let mut found = false;
    let elements = list.split(',').map(|element| {
        if element.trim() != old {
            return element.to_owned();
        }
        found = true;
        element.replace(old, &quoted)
    });
    let written = format!("{{{}}}", elements.collect::<Vec<_>>().join(","));
    Some(found.then_some(written))
}

#[cfg(test)]
mod tests {
    use super::with_element;

    #[test]
    fn a_value_is_changed_in_the_text_of_an_array() {
        assert_eq!(with_element("{a, b,a}", "a", "x y"), Some(Some("{\"x y\", b,\"x y\"}".to_owned())));
        assert_eq!(with_element("{b, a }", "a", "x"), Some(Some("{b, x }".to_owned())));
        assert_eq!(with_element("{a,b}", "c", "d"), Some(None));
        assert_eq!(with_element("{{a},{b}}", "a", "d"), None);
    }
}
