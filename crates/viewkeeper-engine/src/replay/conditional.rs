//! The usual `DO` block that asks before it changes something: `IF [NOT] EXISTS (SELECT … FROM pg_type WHERE …) THEN …`.
//! What such a question is about is in the catalog; a block with anything else in it is not run.

use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{AttachedKind, Catalog, ConstraintKind, Relation, RelationKind, ServerVersion};
use crate::parser::{self, NodeEnum, ast};
use crate::source::{SourceFile, Span};

/// A piece of a block.
enum Item {
    /// A statement, by its place in the body.
    Statement(Span),
    /// What depends on a question.
    If { condition: Span, then: Vec<Item>, otherwise: Vec<Item> },
}

/// The words and signs of a body.
struct Words<'b> {
    body: &'b str,
    spans: Vec<Span>,
    at: usize,
}

impl Words<'_> {
    fn word(&self, ahead: usize) -> Option<String> {
        let span = self.spans.get(self.at + ahead)?;
        self.body.get(span.start..span.end).map(str::to_ascii_lowercase)
    }

    fn is(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.word(ahead).as_deref() == Some(word))
    }

    fn take(&mut self, words: &[&str]) -> Option<()> {
        self.is(words).then(|| self.at += words.len())
    }

    /// What stands before a word that is in no brackets and in no `CASE`; the word is taken.
    fn until(&mut self, end: &str) -> Option<Span> {
        let start = self.spans.get(self.at)?.start;
        let (mut last, mut depth) = (start, 0);
        loop {
            let word = self.word(0)?;
            if depth == 0 && word == end {
                self.at += 1;
                return Some(Span::new(start, last));
            }
            match word.as_str() {
                "(" | "case" => depth += 1,
                ")" => depth -= 1,
                "end" if depth > 0 => depth -= 1,
                _ => {}
            }
            last = self.spans.get(self.at)?.end;
            self.at += 1;
        }
    }

    /// Pieces up to `END`, `ELSE` or the end of the text.
    fn items(&mut self) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            match self.word(0)?.as_str() {
                "end" | "else" => return Some(items),
                "if" => {
                    self.at += 1;
                    let condition = self.until("then")?;
                    let then = self.items()?;
                    let otherwise = if self.take(&["else"]).is_some() { self.items()? } else { Vec::new() };
                    self.take(&["end", "if", ";"])?;
                    items.push(Item::If { condition, then, otherwise });
                }
                "null" | "raise" => {
                    // A message, unless it is an error.
                    let levels = ["notice", "info", "debug", "log", "warning", ";"];
                    self.word(1).filter(|word| levels.contains(&word.as_str()))?;
                    self.until(";")?;
                }
                _ => items.push(Item::Statement(self.until(";")?)),
            }
        }
    }
}

/// The pieces of `BEGIN … END`, which has no handler and no variables.
fn block(body: &str) -> Option<Vec<Item>> {
    let spans = parser::token_spans(body);
    let mut words = Words { body, spans, at: 0 };
    words.take(&["begin"])?;
    let items = words.items()?;
    words.take(&["end"])?;
    let _ = words.take(&[";"]);
    let is_conditional = items.iter().any(|item| matches!(item, Item::If { .. }));
    (words.at == words.spans.len() && is_conditional).then_some(items)
}

impl Session<'_> {
    /// Runs such a block. `None` for any other block, and where a question cannot be answered.
    pub(super) fn run_conditional_statements(&mut self, body: &str) -> Option<Outcome> {
        let items = block(body)?;
        // The body stands in the file as it is, or problems could not point into it.
        let offset = self.file.text[self.span.start..self.span.end].find(body)? + self.span.start;
        let before = self.catalog.clone();
        let outcome = self.run_items(body, offset, &items);
        if !matches!(outcome, Some(Ok(()))) {
            self.catalog = before;
        }
        outcome
    }

    fn run_items(&mut self, body: &str, offset: usize, items: &[Item]) -> Option<Outcome> {
        for item in items {
            let outcome = match item {
                Item::If { condition, then, otherwise } => {
                    let chosen = if self.answer(body.get(condition.start..condition.end)?)? { then } else { otherwise };
                    self.run_items(body, offset, chosen)?
                }
                Item::Statement(span) => {
                    let text = body.get(span.start..span.end)?;
                    // The same text at the same place.
                    let text = format!("{}{text}", " ".repeat(offset + span.start));
                    let statements =
                        parser::parse(&SourceFile::new(self.file.path.clone(), text), self.catalog.version).ok()?;
                    let [statement] = statements.as_slice() else { return None };
                    if !can_stand_in_a_block(&statement.node) {
                        return None;
                    }
                    self.execute_node(&statement.node)
                }
            };
            if outcome.is_err() {
                return Some(outcome);
            }
        }
        Some(Ok(()))
    }

    /// `[NOT] EXISTS (…)`, `to_regclass('…') IS [NOT] NULL`; nothing where that is not known.
    fn answer(&self, condition: &str) -> Option<bool> {
        let written = parser::written_statement(&format!("SELECT {condition}"), self.catalog.version)?;
        let NodeEnum::SelectStmt(select) = written else { return None };
        let [target] = select.target_list.as_slice() else { return None };
        let Some(NodeEnum::ResTarget(target)) = &target.node else { return None };
        let found = self.holds(target.val.as_ref()?.node.as_ref()?)?;
        Some(found)
    }

    fn holds(&self, node: &NodeEnum) -> Option<bool> {
        match node {
            NodeEnum::BoolExpr(bool_) => {
                let args = bool_.args.iter().map(|arg| self.holds(arg.node.as_ref()?));
                let args: Vec<bool> = args.collect::<Option<_>>()?;
                Some(match bool_.boolop() {
                    ast::BoolExprType::AndExpr => args.iter().all(|holds| *holds),
                    ast::BoolExprType::OrExpr => args.iter().any(|holds| *holds),
                    ast::BoolExprType::NotExpr => !*args.first()?,
                    ast::BoolExprType::Undefined => return None,
                })
            }
            NodeEnum::SubLink(link) if link.sub_link_type() == ast::SubLinkType::ExistsSublink => {
                match link.subselect.as_ref()?.node.as_ref()? {
                    NodeEnum::SelectStmt(select) => {
                        let schema = self.first_schema().and_then(|oid| self.catalog.schema_name(oid));
                        self.is_there(&Question::of(select, schema)?)
                    }
                    _ => None,
                }
            }
            NodeEnum::NullTest(test) => {
                let Some(NodeEnum::FuncCall(call)) = test.arg.as_ref()?.node.as_ref() else { return None };
                let [argument] = call.args.as_slice() else { return None };
                let name = literal(argument)?;
                (node::strings(&call.funcname).last() == Some(&"to_regclass")).then_some(())?;
                let there = self.known(self.relation_in_text(&name)?.is_some())?;
                Some(there == (test.nulltesttype() == ast::NullTestType::IsNotNull))
            }
            _ => None,
        }
    }

    /// What is not there may have been made by something that is not known.
    fn known(&self, is_there: bool) -> Option<bool> {
        (is_there || self.catalog.unmodelled.is_empty()).then_some(is_there)
    }

    /// A relation by its name in a string, as `to_regclass` and `::regclass` look it up. `None` for a name that cannot be read.
    fn relation_in_text(&self, text: &str) -> Option<Option<&Relation>> {
        let tokens = parser::tokens(text);
        let parts: Vec<String> = tokens
            .iter()
            .filter_map(|token| text.get(token.span.start..token.span.end))
            .filter(|part| *part != ".")
            .map(|part| match part.strip_prefix('"') {
                Some(rest) => rest.trim_end_matches('"').replace("\"\"", "\""),
                None => part.to_lowercase(),
            })
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if !matches!(parts.len(), 1 | 2) {
            return None;
        }
        Some(self.find_relation(&node::range_var(&parts, -1)).and_then(|oid| self.catalog.relation(oid)))
    }

    fn is_there(&self, question: &Question) -> Option<bool> {
        let catalog = &self.catalog;
        let rows = || catalog.relations.values().map(|row| &**row);
        let in_schema = |schema: crate::catalog::Oid, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| catalog.schema_name(schema) == Some(wanted))
        };
        let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let [schema, relation, name] = match question.table.as_str() {
            "pg_type" => question.take([&["nspname", "typnamespace"], &[], &["typname"]])?,
            "pg_class" => question.take([&["nspname", "relnamespace"], &[], &["relname"]])?,
            "pg_constraint" => question.take([&["nspname", "connamespace"], &["conrelid"], &["conname"]])?,
            "pg_extension" => question.take([&[], &[], &["extname"]])?,
            "pg_namespace" => question.take([&[], &[], &["nspname"]])?,
            "schemata" => question.take([&["catalog_name"], &[], &["schema_name"]])?,
            "columns" => question.take([&["table_schema"], &["table_name"], &["column_name"]])?,
            "tables" => question.take([&["table_schema"], &[], &["table_name"]])?,
            "table_constraints" => {
                question.take([&["table_schema", "constraint_schema"], &["table_name"], &["constraint_name"]])?
            }
            "pg_tables" => question.take([&["schemaname"], &[], &["tablename"]])?,
            "pg_views" => question.take([&["schemaname"], &[], &["viewname"]])?,
            "pg_matviews" => question.take([&["schemaname"], &[], &["matviewname"]])?,
            "pg_indexes" => question.take([&["schemaname"], &["tablename"], &["indexname"]])?,
            "pg_attribute" => question.take([&[], &["attrelid"], &["attname"]])?,
            "pg_trigger" => question.take([&[], &["tgrelid"], &["tgname"]])?,
            "pg_policies" => question.take([&["schemaname"], &["tablename"], &["policyname"]])?,
            _ => return None,
        };
        // Without a name nothing in particular is asked for.
        let wanted = name.as_ref()?;
        // `conrelid = 'users'::regclass`, and `table_name = 'users'`.
        let is_oid = matches!(question.table.as_str(), "pg_constraint" | "pg_attribute" | "pg_trigger");
        let on = match &relation {
            Some(text) if is_oid => Some(self.relation_in_text(text)??.oid),
            _ => None,
        };
        let on_it = |row: &Relation| match on {
            Some(oid) => row.oid == oid,
            None => is(&relation, &row.name) && in_schema(row.schema, &schema),
        };
        let has_attached = |kind: AttachedKind| {
            rows().filter(|row| on_it(row)).any(|row| {
                let attached = catalog.attached.get(&row.oid).into_iter().flatten();
                attached.into_iter().any(|part| part.kind == kind && part.name == *wanted)
            })
        };
        let relations = |kinds: &[RelationKind]| {
            rows().any(|row| kinds.contains(&row.kind) && row.name == *wanted && in_schema(row.schema, &schema))
        };
        let has_index =
            || rows().filter(|row| on_it(row)).any(|row| row.indexes.iter().any(|index| index.name == *wanted));
        use RelationKind as Kind;
        let is_there = match question.table.as_str() {
            "pg_type" => is_type(catalog, wanted, |oid| in_schema(oid, &schema)),
            "pg_class" => rows().any(|row| row.name == *wanted && in_schema(row.schema, &schema)) || has_index(),
            "pg_constraint" | "table_constraints" => {
                let counts =
                    |kind: ConstraintKind| kind != ConstraintKind::NotNull || catalog.version >= ServerVersion::V18;
                rows().filter(|row| on_it(row)).any(|row| {
                    row.constraints.iter().any(|constraint| constraint.name == *wanted && counts(constraint.kind))
                }) || on.is_none() && relation.is_none() && is_check(catalog, wanted)
            }
            "pg_extension" => catalog.extensions.contains_key(wanted),
            "pg_namespace" | "schemata" => catalog.schema_by_name(wanted).is_some(),
            "columns" | "pg_attribute" => rows().filter(|row| on_it(row)).any(|row| row.column(wanted).is_some()),
            "tables" => relations(&[Kind::Table, Kind::PartitionedTable, Kind::ForeignTable, Kind::View]),
            "pg_tables" => relations(&[Kind::Table, Kind::PartitionedTable]),
            "pg_views" => relations(&[Kind::View]),
            "pg_matviews" => relations(&[Kind::MaterializedView]),
            "pg_indexes" => has_index(),
            "pg_trigger" => has_attached(AttachedKind::Trigger),
            _ => has_attached(AttachedKind::Policy),
        };
        self.known(is_there)
    }
}

fn is_type(catalog: &Catalog, name: &str, in_schema: impl Fn(crate::catalog::Oid) -> bool) -> bool {
    let own = catalog.types.values().any(|row| row.name == name && in_schema(row.schema));
    let system = catalog.schema_by_name("pg_catalog");
    own || system.is_some_and(|schema| in_schema(schema) && catalog.type_by_name(schema, name).is_some())
}

/// The check of a domain.
fn is_check(catalog: &Catalog, name: &str) -> bool {
    catalog.attached.values().flatten().any(|row| row.kind == AttachedKind::Check && row.name == name)
}

/// What a query on a catalog asks for: columns that equal strings.
struct Question {
    table: String,
    equal: Vec<(String, String)>,
}

impl Question {
    /// `current_schema` is what the function of that name gives.
    fn of(select: &ast::SelectStmt, current_schema: Option<&str>) -> Option<Self> {
        let is_plain = select.group_clause.is_empty()
            && select.having_clause.is_none()
            && select.with_clause.is_none()
            && select.limit_offset.is_none()
            && select.values_lists.is_empty()
            && select.larg.is_none();
        let mut question = Self { table: String::new(), equal: Vec::new() };
        let [from] = select.from_clause.as_slice() else { return None };
        match from.node.as_ref()? {
            NodeEnum::RangeVar(name) => question.table = catalog_table(name)?,
            // `pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace`
            NodeEnum::JoinExpr(join) if join.jointype() == ast::JoinType::JoinInner => {
                let name = |node: &Option<Box<ast::Node>>| match node.as_ref()?.node.as_ref()? {
                    NodeEnum::RangeVar(name) => catalog_table(name),
                    _ => None,
                };
                question.table = name(&join.larg)?;
                let joins_schemas = name(&join.rarg)? == "pg_namespace" && question.table != "pg_namespace";
                (joins_schemas && matches!(question.table.as_str(), "pg_type" | "pg_class" | "pg_constraint"))
                    .then_some(())?;
            }
            _ => return None,
        }
        question.add(select.where_clause.as_ref()?.node.as_ref()?, current_schema)?;
        is_plain.then_some(question)
    }

    fn add(&mut self, condition: &NodeEnum, current_schema: Option<&str>) -> Option<()> {
        match condition {
            NodeEnum::BoolExpr(and) if and.boolop() == ast::BoolExprType::AndExpr => {
                and.args.iter().try_for_each(|arg| self.add(arg.node.as_ref()?, current_schema))
            }
            NodeEnum::AExpr(equal)
                if equal.kind() == ast::AExprKind::AexprOp && node::strings(&equal.name) == ["="] =>
            {
                let (left, right) = (equal.lexpr.as_ref()?, equal.rexpr.as_ref()?);
                let (column, value) = match column_name(left) {
                    Some(column) => (column, right),
                    None => (column_name(right)?, left),
                };
                let value = match is_current_schema(value) {
                    true => current_schema?.to_owned(),
                    false => literal(value)?,
                };
                self.equal.push((column, value));
                Some(())
            }
            // `NOT attisdropped`
            NodeEnum::BoolExpr(not) if not.boolop() == ast::BoolExprType::NotExpr => {
                let [column] = not.args.as_slice() else { return None };
                (column_name(column)? == "attisdropped").then_some(())
            }
            _ => None,
        }
    }

    /// The values of columns by the names that they may have; `None` where anything else is asked.
    fn take(&self, names: [&[&str]; 3]) -> Option<[Option<String>; 3]> {
        let mut found = [None, None, None];
        for (column, value) in &self.equal {
            let at = names.iter().position(|names| names.contains(&column.as_str()))?;
            // Twice is not what anybody writes.
            found[at].is_none().then_some(())?;
            found[at] = Some(value.clone());
        }
        Some(found)
    }
}

/// A table of `pg_catalog` or `information_schema`.
fn catalog_table(name: &ast::RangeVar) -> Option<String> {
    let is_standard = ["schemata", "columns", "tables", "table_constraints"].contains(&name.relname.as_str());
    let fits = match name.schemaname.as_str() {
        "information_schema" => is_standard,
        "" | "pg_catalog" => !is_standard && name.relname.starts_with("pg_"),
        _ => false,
    };
    fits.then(|| name.relname.clone())
}

fn column_name(node: &ast::Node) -> Option<String> {
    match node.node.as_ref()? {
        NodeEnum::ColumnRef(column) => node::strings(&column.fields).last().map(|name| (*name).to_owned()),
        _ => None,
    }
}

/// `current_schema()` and `current_schema`.
fn is_current_schema(node: &ast::Node) -> bool {
    match &node.node {
        Some(NodeEnum::FuncCall(call)) => {
            call.args.is_empty() && node::strings(&call.funcname).last() == Some(&"current_schema")
        }
        Some(NodeEnum::SqlvalueFunction(function)) => function.op() == ast::SqlValueFunctionOp::SvfopCurrentSchema,
        _ => false,
    }
}

/// A string, perhaps with a cast.
fn literal(node: &ast::Node) -> Option<String> {
    match node.node.as_ref()? {
        NodeEnum::AConst(constant) => node::constant_text(constant),
        NodeEnum::TypeCast(cast) => literal(cast.arg.as_deref()?),
        _ => None,
    }
}

/// Statements whose effect is known without the text of a migration around them.
fn can_stand_in_a_block(node: &NodeEnum) -> bool {
    matches!(
        node,
        NodeEnum::CreateEnumStmt(_)
            | NodeEnum::CompositeTypeStmt(_)
            | NodeEnum::CreateDomainStmt(_)
            | NodeEnum::CreateStmt(_)
            | NodeEnum::AlterTableStmt(_)
            | NodeEnum::CreateSchemaStmt(_)
            | NodeEnum::CreateSeqStmt(_)
            | NodeEnum::AlterSeqStmt(_)
            | NodeEnum::IndexStmt(_)
            | NodeEnum::AlterEnumStmt(_)
            | NodeEnum::CreateExtensionStmt(_)
            | NodeEnum::DropStmt(_)
            | NodeEnum::RenameStmt(_)
            | NodeEnum::AlterObjectSchemaStmt(_)
            | NodeEnum::AlterOwnerStmt(_)
            | NodeEnum::CommentStmt(_)
            | NodeEnum::GrantStmt(_)
            | NodeEnum::InsertStmt(_)
            | NodeEnum::UpdateStmt(_)
            | NodeEnum::DeleteStmt(_)
    )
}
