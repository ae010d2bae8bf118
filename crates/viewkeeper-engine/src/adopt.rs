//! A database that exists becomes files: what `pg_dump` wrote turns into a baseline migration, and each view and
//! materialized view with what is said about it into a definition. Pure; the texts are the database door's, the files
//! the command's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::generate::generate;
use crate::migration::{MigrationFile, MigrationId};
use crate::name::{QualifiedName, quote_ident};
use crate::object::relation_name;
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::plan::plan;
use crate::project::{MIGRATIONS, Project, VIEWS};
use crate::source::SourceFile;
use crate::states::states;

/// A view or materialized view as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedView {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it is a materialized one.
    pub materialized: bool,
    /// Whether it holds its rows; of a view always.
    pub populated: bool,
    /// Its query as it stands in the dump.
    pub dumped: String,
    /// Its query for people: names that the project's search path finds are not qualified.
    pub shown: String,
}

/// What there is to adopt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'a> {
    /// What `pg_dump --schema-only` wrote.
    pub dump: &'a str,
    /// Every view and materialized view in it.
    pub views: &'a [AdoptedView],
    /// The role that migrates empty databases: what belongs to it belongs to it by having been made by it.
    pub owner: &'a str,
    /// Where the dump comes from, for the head of the baseline.
    pub origin: &'a str,
}

/// The files of an adopted database, not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The number and name of the baseline.
    pub id: MigrationId,
    /// Its text.
    pub baseline: String,
    /// Definitions by their paths below the database folder.
    pub definitions: BTreeMap<Utf8PathBuf, String>,
    /// What could not be taken, or not as a definition.
    pub left: Vec<Left>,
}

/// Something that did not become a definition, or is in no file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// What it is, with its name.
    pub what: String,
    /// Why, and where it is instead.
    pub why: String,
}

/// The number and name that a baseline has.
pub fn baseline_id() -> MigrationId {
    MigrationId::new(1, "baseline")
}

/// Makes the files of a database. What the tool does not understand well enough to keep stays in the baseline, so that
/// nothing is lost, and is named.
///
/// # Errors
/// When the dump cannot be read as SQL.
pub fn adopt(source: &Source<'_>, folder: &Utf8Path, settings: &Settings) -> Result<Adopted, Diagnostic> {
    parser::on_deep_stack(|| {
        let id = baseline_id();
        let mut dump = Dump::read(source)?;
        let baseline = dump.baseline(source, settings);
        let mut left = std::mem::take(&mut dump.left);
        let mut definitions = dump.definitions(settings);
        leave_out_what_differs(folder, settings, (&id, &baseline), &mut definitions, &mut left);
        let definitions = definitions.into_iter().map(|definition| (definition.path, definition.text)).collect();
        Ok(Adopted { id, baseline, definitions, left })
    })
}

/// A statement of the dump with what is done with it.
struct Piece {
    text: String,
    /// The view that it makes, or that it says something about and a definition can say too.
    about: Option<QualifiedName>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Makes the view: its text is written for the project's search path.
    Create,
    /// Names are qualified: it does not matter where unqualified ones are looked up.
    AnyPath,
    /// Written for an empty search path.
    EmptyPath,
}

struct Dump<'a> {
    pieces: Vec<Piece>,
    views: BTreeMap<QualifiedName, &'a AdoptedView>,
    left: Vec<Left>,
}

/// Settings of a dump that a migration has by itself, or that are the runtime's matter.
const SESSION_SETTINGS: &[&str] = &[
    "check_function_bodies",
    "client_encoding",
    "client_min_messages",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "row_security",
    "standard_conforming_strings",
    "statement_timeout",
    "transaction_timeout",
    "xmloption",
];

impl<'a> Dump<'a> {
    fn read(source: &Source<'a>) -> Result<Self, Diagnostic> {
        let file = SourceFile::new("pg_dump", without_psql_commands(source.dump));
        let statements = parser::parse(&file)?;
        let views = source
            .views
            .iter()
            .map(|view| (QualifiedName::new(view.schema.clone(), view.name.clone()), view))
            .collect();
        let mut dump = Dump { pieces: Vec::new(), views, left: Vec::new() };
        let mut given = BTreeMap::new();
        // Rights that somebody else than the owner gave stand between these.
        let mut as_other = false;
        let mut indexes = BTreeMap::new();
        for statement in &statements {
            if let NodeEnum::VariableSetStmt(set) = &statement.node {
                if set.name == "session_authorization" {
                    as_other = set.kind() == ast::VariableSetKind::VarSetValue;
                } else if !changes_setting(set, statement, &mut given) {
                    continue;
                }
            }
            dump.add(source, statement, as_other, &mut indexes);
        }
        Ok(dump)
    }

    fn add(
        &mut self,
        source: &Source<'_>,
        statement: &Statement,
        as_other: bool,
        indexes: &mut BTreeMap<QualifiedName, QualifiedName>,
    ) {
        let by_being_made = new_owner(&statement.node) == Some(source.owner) && !is_about_public(&statement.node);
        if is_search_path(&statement.node) || by_being_made {
            return;
        }
        if let NodeEnum::CreateUserMappingStmt(mapping) = &statement.node {
            self.left.push(Left {
                what: format!("user mapping on server `{}`", mapping.servername),
                why: "its options may hold a password, which belongs in no file: create it by hand".to_owned(),
            });
            return;
        }
        let mut text = statement.text().to_owned();
        let mut place = Place::EmptyPath;
        let mut about = None;
        match &statement.node {
            NodeEnum::ViewStmt(view) => {
                about = view.view.as_ref().map(range_name);
                place = Place::Create;
            }
            NodeEnum::CreateTableAsStmt(table) if table.objtype() == ast::ObjectType::ObjectMatview => {
                about = table.into.as_ref().and_then(|into| into.rel.as_ref()).map(range_name);
                place = Place::Create;
            }
            NodeEnum::CreateSchemaStmt(schema) if schema.schemaname == "public" => {
                // Every empty database has it.
                text = text.replacen("CREATE SCHEMA", "CREATE SCHEMA IF NOT EXISTS", 1);
            }
            NodeEnum::IndexStmt(index) => {
                about = index.relation.as_ref().map(range_name);
                if let Some(about) = &about {
                    indexes.insert(QualifiedName::new(about.schema.clone(), index.idxname.clone()), about.clone());
                }
            }
            NodeEnum::CommentStmt(comment) => {
                about = commented(comment).map(|name| indexes.get(&name).cloned().unwrap_or(name));
                place = Place::AnyPath;
            }
            NodeEnum::GrantStmt(grant) => {
                about = granted(grant).filter(|_| !as_other);
                place = Place::AnyPath;
            }
            NodeEnum::AlterOwnerStmt(_) => place = Place::AnyPath,
            NodeEnum::AlterTableStmt(_) if new_owner(&statement.node).is_some() => place = Place::AnyPath,
            _ => {}
        }
        let view = about.as_ref().and_then(|about| self.views.get(about).copied());
        if place == Place::Create {
            let dumped = view.map(|view| (view, view.dumped.trim_end_matches(';')));
            match dumped.and_then(|(view, query)| Some((view, text.split_once(query)?))) {
                Some((view, (before, after))) => {
                    text = format!("{before}{}{after}", view.shown.trim_end_matches(';'));
                }
                // A stand-in for a view in a cycle of dependencies (`createDummyViewAsClause` in pg_dump.c).
                None => (place, about) = (Place::EmptyPath, None),
            }
        }
        let about = about.filter(|about| self.views.contains_key(about));
        self.pieces.push(Piece { text, about, place });
    }

    /// The whole of the database as one migration.
    fn baseline(&self, source: &Source<'_>, settings: &Settings) -> String {
        let path: Vec<_> = settings.search_path.iter().map(|schema| quote_ident(schema)).collect();
        let path = path.join(", ");
        let mut text = format!(
            "-- Everything that was in the database when viewkeeper adopted it ({}).\n\
             -- That database has it recorded as applied; it is run on empty ones.\n\n\
             -- Functions may name what comes after them. Every name is qualified, except in views.\n\
             SET LOCAL check_function_bodies TO off;\n{}\n",
            source.origin,
            empty_path()
        );
        let mut at_views = false;
        for piece in &self.pieces {
            let wanted = match piece.place {
                Place::Create => true,
                Place::AnyPath => at_views,
                Place::EmptyPath => false,
            };
            if wanted != at_views {
                at_views = wanted;
                let set = if wanted { format!("SET LOCAL search_path TO {path};") } else { empty_path() };
                let _ = write!(text, "\n{set}\n");
            }
            let _ = write!(text, "\n{};\n", piece.text);
        }
        let populated = |piece: &&Piece| {
            piece.place == Place::Create
                && piece.about.as_ref().and_then(|about| self.views.get(about)).is_some_and(|view| {
                    // In a dump no materialized view has rows before everything is there.
                    view.materialized && view.populated
                })
        };
        let refreshed: Vec<&Piece> = self.pieces.iter().filter(populated).collect();
        if !refreshed.is_empty() {
            if !at_views {
                let _ = write!(text, "\nSET LOCAL search_path TO {path};\n");
            }
            text.push('\n');
            for name in refreshed.iter().filter_map(|piece| piece.about.as_ref()) {
                let _ = writeln!(text, "REFRESH MATERIALIZED VIEW {name};");
            }
        }
        text
    }

    /// One file for each view, in the order of their paths.
    fn definitions(&self, settings: &Settings) -> Vec<Definition> {
        let mut definitions = Vec::new();
        let mut taken = BTreeSet::new();
        for (name, view) in &self.views {
            let mine = || self.pieces.iter().filter(|piece| piece.about.as_ref() == Some(name));
            let Some(create) = mine().find(|piece| piece.place == Place::Create) else { continue };
            let mut create = create.text.replacen("CREATE OR REPLACE VIEW", "CREATE VIEW", 1);
            if view.materialized && view.populated {
                create = create.trim_end().trim_end_matches("WITH NO DATA").trim_end().to_owned();
            }
            let mut text = format!("{create};\n");
            let kind = |piece: &Piece| piece.text.split_whitespace().next().unwrap_or_default().to_owned();
            let mut last = String::new();
            for piece in mine().filter(|piece| piece.place != Place::Create) {
                // One paragraph for each kind of statement.
                if kind(piece) != last {
                    last = kind(piece);
                    text.push('\n');
                }
                let _ = writeln!(text, "{};", piece.text);
            }
            let path = free_path(name, settings, &mut taken);
            definitions.push(Definition { name: name.clone(), path, text });
        }
        definitions
    }
}

struct Definition {
    name: QualifiedName,
    path: Utf8PathBuf,
    text: String,
}

/// `pg_dump` brackets its output with two commands of psql that carry the same random word (17.6 and later).
fn without_psql_commands(dump: &str) -> String {
    let word = dump.lines().find_map(|line| line.strip_prefix("\\restrict "));
    let Some(word) = word else { return dump.to_owned() };
    let is_command = |line: &str| {
        let given = line.strip_prefix("\\restrict ").or_else(|| line.strip_prefix("\\unrestrict "));
        given.is_some_and(|given| given == word)
    };
    dump.lines().filter(|line| !is_command(line)).fold(String::new(), |text, line| text + line + "\n")
}

fn empty_path() -> String {
    "SELECT pg_catalog.set_config('search_path', '', true);".to_owned()
}

/// Whether a setting says something that does not hold yet.
fn changes_setting(set: &ast::VariableSetStmt, statement: &Statement, given: &mut BTreeMap<String, String>) -> bool {
    if SESSION_SETTINGS.contains(&set.name.as_str()) {
        return false;
    }
    let value = statement.text().split_once('=').map_or("", |(_, value)| value.trim()).to_owned();
    let default = match set.name.as_str() {
        "default_tablespace" => "''",
        "default_table_access_method" => "heap",
        _ => return true,
    };
    let before = given.insert(set.name.clone(), value.clone());
    before.as_deref().unwrap_or(default) != value
}

fn is_search_path(node: &NodeEnum) -> bool {
    let NodeEnum::SelectStmt(select) = node else { return false };
    let Some(NodeEnum::ResTarget(target)) = select.target_list.first().and_then(|target| target.node.as_ref()) else {
        return false;
    };
    let Some(NodeEnum::FuncCall(call)) = target.val.as_ref().and_then(|value| value.node.as_ref()) else {
        return false;
    };
    strings(&call.funcname).last() == Some(&"set_config")
}

/// The role that a statement makes the owner.
fn new_owner(node: &NodeEnum) -> Option<&str> {
    match node {
        NodeEnum::AlterOwnerStmt(statement) => statement.newowner.as_ref().map(|role| role.rolename.as_str()),
        NodeEnum::AlterTableStmt(statement) => match statement.cmds.as_slice() {
            [one] => match &one.node {
                Some(NodeEnum::AlterTableCmd(command)) if command.subtype() == ast::AlterTableType::AtChangeOwner => {
                    command.newowner.as_ref().map(|role| role.rolename.as_str())
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The schema `public` is there before the baseline, and may belong to somebody else.
fn is_about_public(node: &NodeEnum) -> bool {
    let NodeEnum::AlterOwnerStmt(statement) = node else { return false };
    let name = statement.object.as_ref().and_then(|object| object.node.as_ref());
    statement.object_type() == ast::ObjectType::ObjectSchema
        && matches!(name, Some(NodeEnum::String(name)) if name.sval == "public")
}

fn strings(nodes: &[ast::Node]) -> Vec<&str> {
    nodes
        .iter()
        .filter_map(|node| match &node.node {
            Some(NodeEnum::String(string)) => Some(string.sval.as_str()),
            _ => None,
        })
        .collect()
}

fn range_name(name: &ast::RangeVar) -> QualifiedName {
    QualifiedName::new(name.schemaname.clone(), name.relname.clone())
}

/// The relation, or the index, that a comment is about. In a dump every name is qualified.
fn commented(comment: &ast::CommentStmt) -> Option<QualifiedName> {
    let Some(NodeEnum::List(list)) = comment.object.as_ref().and_then(|object| object.node.as_ref()) else {
        return None;
    };
    use ast::ObjectType as Kind;
    match (comment.objtype(), strings(&list.items).as_slice()) {
        (Kind::ObjectView | Kind::ObjectMatview | Kind::ObjectIndex, [schema, name]) => {
            Some(QualifiedName::new(*schema, *name))
        }
        (Kind::ObjectColumn, [schema, name, _]) => Some(QualifiedName::new(*schema, *name)),
        _ => None,
    }
}

/// The relation whose privileges are given or taken.
fn granted(grant: &ast::GrantStmt) -> Option<QualifiedName> {
    match grant.objects.as_slice() {
        [one] => match &one.node {
            Some(NodeEnum::RangeVar(name)) if grant.objtype() == ast::ObjectType::ObjectTable => Some(range_name(name)),
            _ => None,
        },
        _ => None,
    }
}

/// `views/name.sql` for the first schema of the search path, `views/schema/name.sql` for others. Letters that a file
/// system may not bear are replaced; of two names that then clash (in case alone, too), the later gets a number.
fn free_path(name: &QualifiedName, settings: &Settings, taken: &mut BTreeSet<String>) -> Utf8PathBuf {
    let safe = |name: &str| -> String {
        let letter = |c: char| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
        name.chars().map(letter).collect()
    };
    let folder = match settings.search_path.first() {
        Some(first) if *first == name.schema => Utf8PathBuf::from(VIEWS),
        _ => Utf8Path::new(VIEWS).join(safe(&name.schema)),
    };
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{}{suffix}.sql", safe(&name.name)));
        if taken.insert(path.as_str().to_lowercase()) {
            return path;
        }
        number += 1;
    }
}

/// Reads what would be written as the other commands will, and takes out the definitions that are not understood, or
/// that say something else than the baseline: these views stay in the baseline alone.
fn leave_out_what_differs(
    folder: &Utf8Path,
    settings: &Settings,
    (id, baseline): (&MigrationId, &str),
    definitions: &mut Vec<Definition>,
    left: &mut Vec<Left>,
) {
    let path = folder.join(MIGRATIONS).join(format!("{id}.sql"));
    let baseline = MigrationFile { id: id.clone(), source: SourceFile::new(path, baseline) };
    loop {
        let project = Project {
            clashing: Vec::new(),
            dir: folder.to_owned(),
            shown_as: folder.to_owned(),
            settings: settings.clone(),
            definitions: definitions
                .iter()
                .map(|definition| SourceFile::new(folder.join(&definition.path), definition.text.as_str()))
                .collect(),
            migrations: vec![baseline.clone()],
            rollbacks: Vec::new(),
        };
        let states = states(&project);
        let mut wrong: BTreeMap<QualifiedName, String> = BTreeMap::new();
        for problem in states.problems.0.iter().filter(|problem| problem.severity == Severity::Error) {
            let in_file = definitions.iter().find(|definition| {
                problem.place.as_ref().is_some_and(|(file, _)| file.path == folder.join(&definition.path))
            });
            if let Some(definition) = in_file {
                wrong.entry(definition.name.clone()).or_insert_with(|| problem.message.clone());
            }
        }
        if wrong.is_empty() {
            match plan(&states.migrated, &states.declared) {
                Ok(plan) => {
                    for change in &plan.changes {
                        if let Some(name) = relation_name(&change.id) {
                            wrong.entry(name.clone()).or_insert_with(|| change.to_string());
                        }
                    }
                }
                Err(problems) => {
                    let all: Vec<String> = problems.0.iter().map(|problem| problem.message.clone()).collect();
                    for definition in definitions.iter() {
                        wrong.entry(definition.name.clone()).or_insert_with(|| all.join("; "));
                    }
                }
            }
        }
        let before = definitions.len();
        definitions.retain(|definition| !wrong.contains_key(&definition.name));
        if definitions.len() == before {
            left.extend(
                states.problems.0.iter().filter(|problem| problem.severity == Severity::Error).map(in_baseline),
            );
            let (_, of_rows) = generate(&states.declared, &settings.search_path, &settings.generate);
            left.extend(of_rows.0.iter().filter(|problem| problem.severity == Severity::Error).map(|problem| Left {
                what: problem.message.clone(),
                why: problem.help.clone().unwrap_or_else(|| "`cargo build` will say so, too".to_owned()),
            }));
            return;
        }
        for (name, why) in wrong {
            left.push(Left {
                what: format!("view {name}"),
                why: format!("not a definition, it stays in the baseline as it is: {why}"),
            });
        }
    }
}

fn in_baseline(problem: &Diagnostic) -> Left {
    let place = problem.place.as_ref().map(|(file, span)| {
        let (line, _) = file.line_column(span.start);
        format!("{}:{line}", file.path)
    });
    Left {
        what: problem.message.clone(),
        why: format!(
            "{}: it is in the baseline, and the commands that read it without a server stop there",
            place.unwrap_or_else(|| "the baseline".to_owned())
        ),
    }
}

#[cfg(test)]
mod tests;
