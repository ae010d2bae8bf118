//! What is kept of a routine's text: its canonical form, and what it uses. Names in bodies are looked up; where several
//! functions have a name, the analysis of the body says which one is meant, as far as it can.

use std::collections::BTreeSet;

use super::address::Address;
use super::node;
use super::session::Session;
use super::walk::{self, References};
use crate::analysis::Dependency;
use crate::catalog::{Oid, Origin, RoutineSource, ServerVersion};
use crate::parser::{self, NodeEnum, ast};
use crate::source::SourceFile;

/// Which of several functions of a name are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overloads<'m> {
    /// All of them: one of them is meant, and none of them can go or come without a look at what uses them.
    All,
    /// Those of them that an analysis found.
    Meant(&'m BTreeSet<Dependency>),
}

impl<'m> Overloads<'m> {
    /// What an analysis found, where there was one.
    pub(super) fn of(meant: Option<&'m BTreeSet<Dependency>>) -> Self {
        meant.map_or(Self::All, Self::Meant)
    }

    /// The routines that a name stands for, of those that have it.
    pub(super) fn taken(self, named: &[Oid]) -> Vec<Oid> {
        let mut taken = named.to_vec();
        if let (Self::Meant(meant), [_, _, ..]) = (self, named) {
            taken.retain(|oid| meant.contains(&Dependency::Routine(*oid)));
        }
        taken
    }
}

/// What the analysis of a routine's text found, where it could look into it: of the default of each parameter, and of a
/// body that is no string.
#[derive(Default)]
pub(super) struct Meant {
    pub(super) defaults: Vec<Option<BTreeSet<Dependency>>>,
    pub(super) body: Option<BTreeSet<Dependency>>,
}

impl Session<'_> {
    /// What is kept of `CREATE FUNCTION` and `CREATE PROCEDURE`.
    pub(super) fn function_source(
        &self,
        statement: &ast::CreateFunctionStmt,
        search_path: Option<Vec<String>>,
        meant: &Meant,
    ) -> RoutineSource {
        let mut kept = RoutineSource {
            canonical: self.canonical_function(statement),
            search_path,
            security_definer: node::options(&statement.options)
                .any(|option| option.defname == "security" && node::option_bool(option)),
            ..self.routine_source()
        };
        for (at, parameter) in statement.parameters.iter().enumerate() {
            let Some(NodeEnum::FunctionParameter(parameter)) = &parameter.node else { continue };
            if let Some(value) = parameter.defexpr.as_deref().and_then(|value| value.node.as_ref()) {
                let references = walk::references(value);
                let meant = meant.defaults.get(at).and_then(Option::as_ref);
                kept.dependencies.extend(self.named(&references, Overloads::of(meant)));
                kept.needed_at_creation.extend(self.named(&references, Overloads::All));
            }
        }
        kept.needed_at_creation.extend(self.columns_named_for_their_types(statement).map(Dependency::Relation));
        if let Some(body) = statement.sql_body.as_deref().and_then(|body| body.node.as_ref()) {
            let references = walk::references(body);
            match &meant.body {
                // Columns too, which names alone do not tell: those of a `*` among them.
                Some(meant) => kept.dependencies.extend(meant),
                None => kept.dependencies.extend(self.named(&references, Overloads::All)),
            }
            kept.needed_at_creation.extend(self.named(&references, Overloads::All));
        }
        kept
    }

    /// The relations of `relation.column%TYPE` in a signature: only the type is kept.
    fn columns_named_for_their_types(&self, statement: &ast::CreateFunctionStmt) -> impl Iterator<Item = Oid> {
        let parameters = statement.parameters.iter().filter_map(|parameter| match &parameter.node {
            Some(NodeEnum::FunctionParameter(parameter)) => parameter.arg_type.as_ref(),
            _ => None,
        });
        let types = parameters.chain(&statement.return_type).filter(|name| name.pct_type);
        types.filter_map(|name| {
            let parts = node::strings(&name.names);
            let (_, relation) = parts.split_last()?;
            self.find_relation(&node::range_var(relation, -1)).filter(|oid| self.catalog.relations.contains_key(oid))
        })
    }

    /// The project's own objects that PostgreSQL looks up in a body that is a string, when it makes the routine.
    pub(super) fn named_in_body(&self, language: &str, body: &str) -> BTreeSet<Dependency> {
        body_references(language, body, self.catalog.version)
            .iter()
            .flat_map(|names| self.named(names, Overloads::All))
            .collect()
    }

    /// The source of a routine whose text has nothing but its statement.
    pub(super) fn routine_source(&self) -> RoutineSource {
        RoutineSource {
            provenance: self.provenance(),
            canonical: String::new(),
            altered: Vec::new(),
            creation_path: self.search_path().to_vec(),
            sql_body: None,
            search_path: None,
            security_definer: false,
            dependencies: BTreeSet::new(),
            needed_at_creation: BTreeSet::new(),
        }
    }

    /// The statement without its name, with its options in one order and without those that say what holds anyway.
    fn canonical_function(&self, statement: &ast::CreateFunctionStmt) -> String {
        let mut statement = statement.clone();
        statement.replace = false;
        statement.funcname = vec![name_node("routine")];
        let rank = |node: &ast::Node| match &node.node {
            Some(NodeEnum::DefElem(option)) => option.defname.clone(),
            _ => String::new(),
        };
        statement.options.retain(|node| !matches!(&node.node, Some(NodeEnum::DefElem(option)) if is_default(option)));
        // Settings keep their order among each other.
        statement.options.sort_by_key(rank);
        for node in &mut statement.options {
            if let Some(NodeEnum::DefElem(option)) = &mut node.node
                && option.defname == "as"
                && let Some(NodeEnum::List(list)) = option.arg.as_mut().and_then(|argument| argument.node.as_mut())
            {
                for part in &mut list.items {
                    if let Some(NodeEnum::String(text)) = &mut part.node {
                        text.sval = text.sval.replace("\r\n", "\n");
                    }
                }
            }
        }
        self.canonical_or_text(&NodeEnum::CreateFunctionStmt(Box::new(statement)))
    }

    /// The canonical form of `CREATE AGGREGATE`.
    pub(super) fn canonical_aggregate(&self, statement: &ast::DefineStmt) -> String {
        let statement = ast::DefineStmt { replace: false, defnames: vec![name_node("routine")], ..statement.clone() };
        self.canonical_or_text(&NodeEnum::DefineStmt(statement))
    }

    /// The text stands for itself where the parser library cannot write the statement: a stricter comparison.
    fn canonical_or_text(&self, node: &NodeEnum) -> String {
        parser::canonical(node).unwrap_or_else(|_| self.file.text[self.span.start..self.span.end].replace("\r\n", "\n"))
    }

    /// The project's own objects that names stand for.
    fn named(&self, references: &References, overloads: Overloads<'_>) -> BTreeSet<Dependency> {
        let mut found = BTreeSet::new();
        let own = |oid: &Oid| self.catalog.relations.contains_key(oid);
        for (schema, name) in &references.relations {
            if schema.is_empty() && references.ctes.contains(name) {
                continue;
            }
            let name = ast::RangeVar { schemaname: schema.clone(), relname: name.clone(), ..Default::default() };
            found.extend(self.find_relation(&name).filter(own).map(Dependency::Relation));
        }
        for parts in &references.types {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let type_ = self.find_type(&parts).filter(|oid| self.catalog.types.contains_key(oid));
            // `relation.column%TYPE` names a relation.
            let relation = || parts.split_last().and_then(|(_, parts)| self.find_relation(&node::range_var(parts, -1)));
            match type_ {
                Some(type_) => found.insert(Dependency::Type(type_)),
                None => relation().filter(own).is_some_and(|oid| found.insert(Dependency::Relation(oid))),
            };
        }
        for parts in &references.functions {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let (schema, name) = node::schema_and_name(&parts);
            let schemas = match schema {
                "" => self.visible_schemas(),
                schema => self.catalog.schema_by_name(schema).into_iter().collect(),
            };
            let named: Vec<_> = self
                .catalog
                .routines_named(name)
                .filter(|row| schemas.contains(&row.schema))
                .map(|row| row.oid)
                .collect();
            let own = overloads.taken(&named).into_iter().filter(|oid| self.catalog.routines.contains_key(oid));
            found.extend(own.map(Dependency::Routine));
        }
        found
    }

    /// A hand-written routine that a generated migration drops and puts back stays hand-written.
    pub(super) fn origin_of_routine(&mut self, oid: Oid) {
        let Some(id) = self.object_id(&Address::Routine(oid)) else { return };
        if self.origin == Origin::Generated && self.dropped_by_hand.remove(&id) {
            self.catalog.update_routine(oid, |row| {
                if let Some(source) = &mut row.source {
                    source.provenance.origin = Origin::HandWritten;
                }
            });
        }
    }
}

/// The names that PostgreSQL looks up in a body that is a string, when it makes the routine. SQL is checked whole
/// (`fmgr_sql_validator`), of plpgsql only the types of its variables are (`plpgsql_validator`).
pub(super) fn body_references(language: &str, body: &str, version: ServerVersion) -> Vec<References> {
    let statements = |text: String| parser::parse(&SourceFile::new("body", text), version).unwrap_or_default();
    match language {
        "sql" => statements(body.to_owned()).iter().map(|statement| walk::references(&statement.node)).collect(),
        "plpgsql" => vec![References { types: variable_types(body), ..References::default() }],
        _ => Vec::new(),
    }
}

/// Dotted names in the parts of a body between `DECLARE` and `BEGIN`, each where a type may stand.
fn variable_types(body: &str) -> Vec<Vec<String>> {
    let tokens = parser::tokens(body);
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| !token.comment)
        .filter_map(|token| body.get(token.span.start..token.span.end))
        .collect();
    let mut names: Vec<Vec<String>> = Vec::new();
    let (mut declaring, mut joined) = (false, false);
    for word in words {
        if word.eq_ignore_ascii_case("declare") {
            (declaring, joined) = (true, false);
        } else if word.eq_ignore_ascii_case("begin") {
            declaring = false;
        } else if declaring {
            let name = match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => word.to_lowercase(),
            };
            match (word, names.last_mut()) {
                (".", _) => {
                    joined = true;
                    continue;
                }
                (_, Some(last)) if joined => last.push(name),
                _ => names.push(vec![name]),
            }
            joined = false;
        }
    }
    names
}

fn name_node(name: &str) -> ast::Node {
    ast::Node { node: Some(NodeEnum::String(ast::String { sval: name.to_owned() })) }
}

/// Options that say what holds without them.
fn is_default(option: &ast::DefElem) -> bool {
    match option.defname.as_str() {
        "volatility" => node::option_text(option).as_deref() == Some("volatile"),
        "parallel" => node::option_text(option).as_deref() == Some("unsafe"),
        "strict" | "security" | "leakproof" | "window" => !node::option_bool(option),
        _ => false,
    }
}
