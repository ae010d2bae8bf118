//! What `pg_dump` wrote, statement by statement: what goes into the baseline, and what of it makes definitions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::Utf8PathBuf;

use super::column_stamp::without_stamps;
use super::layout::{free_path, sort_of};
use super::{AdoptedView, Left, Sort, Source};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::migration::{DECLARED_BEGINS, DECLARED_ENDS};
use crate::name::{QualifiedName, quote_ident};
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::replay::{Outline, Subject};
use crate::source::SourceFile;

/// A statement of the dump with what is done with it.
struct Piece {
    text: String,
    /// The object that it makes or says something about, where a definition does the same.
    about: Option<Subject>,
    /// What it may be about, until everything is known that is made.
    targets: Vec<Subject>,
    role: Role,
    place: LookedUp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Makes,
    Says,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LookedUp {
    /// Its text is written for the project's search path, or looks names up when it is called.
    OfProject,
    /// Names are qualified: it does not matter where unqualified ones are looked up.
    Any,
    /// Written for an empty search path.
    Empty,
}

pub(super) struct Dump<'a> {
    pieces: Vec<Piece>,
    views: BTreeMap<QualifiedName, &'a AdoptedView>,
    /// What definitions can declare.
    made: BTreeMap<Subject, Sort>,
    pub(super) left: Vec<Left>,
}

/// A definition that is not written yet.
pub(super) struct Definition {
    pub(super) subject: Subject,
    pub(super) sort: Sort,
    pub(super) path: Utf8PathBuf,
    pub(super) text: String,
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
    pub(super) fn read(source: &Source<'a>, settings: &Settings) -> Result<Self, Diagnostic> {
        let file = SourceFile::new("pg_dump", without_psql_commands(source.dump));
        let statements = parser::parse(&file, settings.server_version)?;
        let views = source
            .views
            .iter()
            .map(|view| (QualifiedName::new(view.schema.clone(), view.name.clone()), view))
            .collect();
        let mut dump = Dump { pieces: Vec::new(), views, made: BTreeMap::new(), left: Vec::new() };
        let mut reader = Reader {
            outline: Outline::new(settings),
            given_by: GivenBy::Owner,
            indexes: BTreeMap::new(),
            owned: BTreeSet::new(),
        };
        let mut given = BTreeMap::new();
        for statement in &statements {
            if let NodeEnum::VariableSetStmt(set) = &statement.node {
                if set.name == "session_authorization" {
                    let is_set = set.kind() == ast::VariableSetKind::VarSetValue;
                    reader.given_by = if is_set { GivenBy::Other } else { GivenBy::Owner };
                } else if !changes_setting(set, statement, &mut given) {
                    continue;
                }
            }
            dump.add(source, statement, &mut reader);
        }
        dump.made.retain(|subject, _| !reader.owned.contains(subject));
        dump.attribute();
        Ok(dump)
    }

    fn add(&mut self, source: &Source<'_>, statement: &Statement, reader: &mut Reader<'_>) {
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
        let Some(text) = without_stamps(statement).map(Cow::into_owned) else { return };
        let piece = |place| Piece { text, about: None, targets: Vec::new(), role: Role::Says, place };
        let made = reader.outline.made_by(&statement.node);
        let sorted = made.and_then(|subject| sort_of(&subject, &statement.node).map(|sort| (subject, sort)));
        let piece = match (&statement.node, sorted) {
            (_, Some((Subject::Relation(name), _))) => self.view(piece(LookedUp::OfProject), name),
            (node, Some((subject, sort))) => {
                // Row security may be enabled in one statement and forced in another.
                let role = if self.made.contains_key(&subject) { Role::Says } else { Role::Makes };
                self.made.insert(subject.clone(), sort);
                Piece { about: Some(subject), role, ..piece(place_of(sort, node)) }
            }
            (NodeEnum::CreateSchemaStmt(schema), None) if schema.schemaname == "public" => {
                // Every empty database has it.
                let mut piece = piece(LookedUp::Empty);
                piece.text = piece.text.replacen("CREATE SCHEMA", "CREATE SCHEMA IF NOT EXISTS", 1);
                piece
            }
            (node, None) => {
                let place = match node {
                    NodeEnum::CommentStmt(_) | NodeEnum::GrantStmt(_) | NodeEnum::AlterOwnerStmt(_) => LookedUp::Any,
                    NodeEnum::AlterTableStmt(_) if new_owner(node).is_some() => LookedUp::Any,
                    _ => LookedUp::Empty,
                };
                Piece { targets: reader.targets(node), ..piece(place) }
            }
        };
        self.pieces.push(piece);
    }

    /// `CREATE VIEW` with the text that is for people.
    fn view(&mut self, mut piece: Piece, name: QualifiedName) -> Piece {
        let view = self.views.get(&name).copied();
        let dumped = view.map(|view| (view, view.dumped.trim_end_matches(';')));
        match dumped.and_then(|(view, query)| Some((view, piece.text.split_once(query)?))) {
            Some((view, (before, after))) => {
                piece.text = format!("{before}{}{after}", view.shown.trim_end_matches(';'));
                self.made.insert(Subject::Relation(name.clone()), Sort::View);
                Piece { about: Some(Subject::Relation(name)), role: Role::Makes, ..piece }
            }
            // A stand-in for a view in a cycle of dependencies (`createDummyViewAsClause` in pg_dump.c).
            None => Piece { place: LookedUp::Empty, ..piece },
        }
    }

    /// Finds what is made among that which statements speak of: one object each, in a dump, but a column may be that of a
    /// relation or of a type.
    fn attribute(&mut self) {
        for piece in &mut self.pieces {
            let made = |target: &Subject| {
                let same = self.made.get_key_value(target).map(|(subject, _)| subject);
                same.or_else(|| self.made.keys().find(|made| target.fits(made)))
            };
            let found: BTreeSet<&Subject> = piece.targets.iter().filter_map(made).collect();
            if let (Some(only), 1) = (found.first(), found.len()) {
                piece.about = Some((*only).clone());
            }
            piece.about.take_if(|about| !self.made.contains_key(about));
        }
    }

    /// The sorts of what definitions can declare.
    pub(super) fn sorts(&self) -> impl Iterator<Item = Sort> {
        self.made.values().copied()
    }

    fn view_of(&self, subject: &Subject) -> Option<&'a AdoptedView> {
        match subject {
            Subject::Relation(name) => self.views.get(name).copied(),
            _ => None,
        }
    }

    /// The whole of the database as one migration; it says which part of it definitions say, too.
    pub(super) fn baseline(&self, source: &Source<'_>, settings: &Settings, definitions: &[Definition]) -> String {
        let declared: BTreeSet<&Subject> = definitions.iter().map(|definition| &definition.subject).collect();
        let path: Vec<_> = settings.search_path.iter().map(|schema| quote_ident(schema)).collect();
        let path = path.join(", ");
        let mut text = format!(
            "-- Everything that was in the database when viewkeeper adopted it ({}).\n\
             -- That database has it recorded as applied; it is run on empty ones.\n\n\
             -- Functions may name what comes after them. Every name is qualified, except in views and\n\
             -- in the bodies of functions.\n\
             --\n\
             -- What is said by definitions has a file of its own: without that file, `db-diff` takes it away.\n\
             SET LOCAL check_function_bodies TO off;\n{}\n",
            source.origin,
            empty_path()
        );
        let (mut at_project, mut at_declared) = (false, false);
        for piece in &self.pieces {
            let wanted = match piece.place {
                LookedUp::OfProject => true,
                LookedUp::Any => at_project,
                LookedUp::Empty => false,
            };
            if wanted != at_project {
                at_project = wanted;
                let set = if wanted { format!("SET LOCAL search_path TO {path};") } else { empty_path() };
                let _ = write!(text, "\n{set}\n");
            }
            let is_declared = piece.about.as_ref().is_some_and(|about| declared.contains(about));
            if is_declared != at_declared {
                at_declared = is_declared;
                let mark = if is_declared { DECLARED_BEGINS } else { DECLARED_ENDS };
                let _ = write!(text, "\n{mark}\n");
            }
            let _ = write!(text, "\n{};\n", piece.text);
        }
        let populated = |piece: &&Piece| {
            piece.role == Role::Makes
                && piece.about.as_ref().and_then(|about| self.view_of(about)).is_some_and(|view| {
                    // In a dump no materialized view has rows before everything is there.
                    view.materialized && view.populated
                })
        };
        let refreshed: Vec<&Piece> = self.pieces.iter().filter(populated).collect();
        if !refreshed.is_empty() {
            if !at_project {
                let _ = write!(text, "\nSET LOCAL search_path TO {path};\n");
            }
            text.push('\n');
            for name in refreshed.iter().filter_map(|piece| piece.about.as_ref()) {
                let _ = writeln!(text, "REFRESH MATERIALIZED VIEW {name};");
            }
        }
        text
    }

    /// One file for each object, in the order of the objects.
    pub(super) fn definitions(&self, settings: &Settings) -> Vec<Definition> {
        let mut definitions = Vec::new();
        let mut taken = BTreeSet::new();
        let mut pieces: BTreeMap<&Subject, Vec<&Piece>> = BTreeMap::new();
        for piece in &self.pieces {
            piece.about.iter().for_each(|about| pieces.entry(about).or_default().push(piece));
        }
        for (subject, sort) in &self.made {
            let mine = pieces.get(subject).map_or(&[][..], Vec::as_slice);
            let Some(create) = mine.iter().find(|piece| piece.role == Role::Makes) else { continue };
            let mut create = create.text.clone();
            match sort {
                Sort::View => create = create.replacen("CREATE OR REPLACE VIEW", "CREATE VIEW", 1),
                Sort::Extension => create = create.replacen(" IF NOT EXISTS", "", 1),
                _ => {}
            }
            if self.view_of(subject).is_some_and(|view| view.materialized && view.populated) {
                create = create.trim_end().trim_end_matches("WITH NO DATA").trim_end().to_owned();
            }
            let mut text = format!("{create};\n");
            let kind = |piece: &Piece| piece.text.split_whitespace().next().unwrap_or_default().to_owned();
            let mut last = String::new();
            for piece in mine.iter().filter(|piece| piece.role == Role::Says) {
                // One paragraph for each kind of statement.
                if kind(piece) != last {
                    last = kind(piece);
                    text.push('\n');
                }
                let _ = writeln!(text, "{};", piece.text);
            }
            let path = free_path(*sort, subject, settings, &mut taken);
            definitions.push(Definition { subject: subject.clone(), sort: *sort, path, text });
        }
        definitions
    }
}

/// Who gives the rights that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GivenBy {
    Owner,
    /// A role that got them with the right to pass them on, which definitions do not say.
    Other,
}

/// What is known of a dump while it is read.
struct Reader<'s> {
    outline: Outline<'s>,
    given_by: GivenBy,
    /// The relations of indexes.
    indexes: BTreeMap<QualifiedName, Subject>,
    /// Sequences that belong to a column, and go with it.
    owned: BTreeSet<Subject>,
}

impl Reader<'_> {
    /// What a statement speaks of that a definition could say.
    fn targets(&mut self, node: &NodeEnum) -> Vec<Subject> {
        match node {
            NodeEnum::IndexStmt(index) => {
                let targets = self.outline.spoken_of(node);
                if let (Some(relation), Some(subject)) = (&index.relation, targets.first()) {
                    let name = QualifiedName::new(relation.schemaname.clone(), index.idxname.clone());
                    self.indexes.insert(name, subject.clone());
                }
                targets
            }
            NodeEnum::CommentStmt(comment) if comment.objtype() == ast::ObjectType::ObjectIndex => {
                let name = comment.object.as_ref().and_then(|object| match &object.node {
                    Some(NodeEnum::List(list)) => match strings(&list.items).as_slice() {
                        [schema, name] => Some(QualifiedName::new(*schema, *name)),
                        _ => None,
                    },
                    _ => None,
                });
                name.and_then(|name| self.indexes.get(&name)).cloned().into_iter().collect()
            }
            // Those of extensions come with them, and definitions do not say them.
            NodeEnum::CommentStmt(comment) if comment.objtype() == ast::ObjectType::ObjectExtension => Vec::new(),
            NodeEnum::CommentStmt(_) => self.outline.spoken_of(node),
            NodeEnum::GrantStmt(_) if self.given_by == GivenBy::Owner => self.outline.spoken_of(node),
            // When a trigger or rule is in force; everything else is said in other words there.
            NodeEnum::AlterTableStmt(_) => {
                let targets = self.outline.spoken_of(node);
                if targets.iter().all(|target| matches!(target, Subject::Part(..))) { targets } else { Vec::new() }
            }
            NodeEnum::AlterSeqStmt(alter) => {
                let is_owned = alter.options.iter().any(
                    |option| matches!(&option.node, Some(NodeEnum::DefElem(option)) if option.defname == "owned_by"),
                );
                if let Some(name) = alter.sequence.as_ref().filter(|_| is_owned) {
                    self.owned.insert(Subject::Sequence(range_name(name)));
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

fn place_of(sort: Sort, node: &NodeEnum) -> LookedUp {
    match (sort, node) {
        // The body is looked at again whenever it is called.
        (_, NodeEnum::CreateFunctionStmt(function)) if function.sql_body.is_none() => LookedUp::OfProject,
        (Sort::Schema | Sort::Extension | Sort::Sequence, _) => LookedUp::Any,
        _ => LookedUp::Empty,
    }
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
