//! What a database holds, written into the definition that declares it: only the statements that say what differs are
//! replaced. What differs is found elsewhere, and no file is touched here.

mod default_privileges;
mod said;

use std::sync::Arc;

pub use default_privileges::accepted_defaults;
pub use said::accepted_said;

use crate::config::Settings;
use crate::name::quote_ident;
use crate::parser::{self, NodeEnum, Statement, ast};
use crate::replay::{self, Outline, Subject};
use crate::source::{Edit, SourceFile, Span, edited};

/// The aspect of columns that differ, but are named and typed as they were.
pub const COLUMN_DETAILS: &str = "column details";

/// Looks objects up in definition files by the statement that makes them.
#[derive(Debug)]
pub struct Definitions<'a> {
    files: &'a [Arc<SourceFile>],
    settings: &'a Settings,
}

/// The statement that declares an object.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The statement in it.
    pub span: Span,
}

/// A file with what the database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// Its text.
    pub text: String,
    /// Other files that say of the object what is so no longer, with their texts; empty where nothing is left.
    pub elsewhere: Vec<(Arc<SourceFile>, String)>,
    /// Aspects that are not said in it, and stay as they are.
    pub left: Vec<String>,
}

/// Definitions that say what a database holds of something that they do not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Files with their new texts; empty where nothing is left.
    pub files: Vec<(Arc<SourceFile>, String)>,
    /// The text of a new file, for what none of these says anything of.
    pub new: Option<String>,
}

/// What statements of a definition say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    What,
    Owner,
    /// Before what is said of it.
    Index,
    Comment,
    Privileges,
    /// What is altered after it is made: whose column a sequence is, when an event trigger fires, how much is sampled, when
    /// a trigger or rule fires.
    Setting,
}

impl<'a> Definitions<'a> {
    /// Those of a project.
    pub fn new(files: &'a [Arc<SourceFile>], settings: &'a Settings) -> Self {
        Self { files, settings }
    }

    /// The definition of the object that a statement makes; names in it are qualified.
    pub fn declaring(&self, create: &str) -> Option<Declared> {
        parser::on_deep_stack(|| {
            let outline = Outline::new(self.settings);
            let subject = outline.made_by(&statements(create, self.settings).into_iter().next()?.node)?;
            self.files.iter().find_map(|file| {
                let made = parser::parse(file, self.settings.server_version)
                    .ok()?
                    .into_iter()
                    .find(|statement| makes(&outline, statement, &subject))?;
                Some(Declared { file: Arc::clone(file), span: made.span })
            })
        })
    }

    /// The text of the file without the object that a statement makes, and what is said about it; empty when it says
    /// nothing else. `None` when the file does not declare it.
    pub fn without(&self, file: &Arc<SourceFile>, create: &str) -> Option<String> {
        parser::on_deep_stack(|| {
            let outline = Outline::new(self.settings);
            let subject = outline.made_by(&statements(create, self.settings).into_iter().next()?.node)?;
            without(file, self.settings, &outline, &subject)
        })
    }

    /// The file with the statements of `live` in place of those that say what differs, which `aspects` names. `None` when
    /// the file does not declare the object that the first statement makes.
    pub fn rewritten(&self, file: &Arc<SourceFile>, live: &[String], aspects: &[&str]) -> Option<Rewritten> {
        parser::on_deep_stack(|| rewritten(self.files, file, &live.join("\n"), aspects, self.settings))
    }
}

fn statements(text: &str, settings: &Settings) -> Vec<Statement> {
    parser::parse(&SourceFile::new("live.sql", text), settings.server_version).unwrap_or_default()
}

fn makes(outline: &Outline<'_>, statement: &Statement, subject: &Subject) -> bool {
    // Types in signatures may be written with their schema or without.
    outline.made_by(&statement.node).is_some_and(|made| made == *subject || made.fits(subject))
}

fn rewritten(
    files: &[Arc<SourceFile>],
    file: &Arc<SourceFile>,
    live: &str,
    aspects: &[&str],
    settings: &Settings,
) -> Option<Rewritten> {
    let outline = Outline::new(settings);
    let live = statements(live, settings);
    let subject = outline.made_by(&live.first()?.node)?;
    let there = parser::parse(file, settings.server_version).ok()?;
    let create = there.iter().find(|statement| makes(&outline, statement, &subject))?;
    let mut wanted: Vec<Says> = aspects.iter().flat_map(|aspect| says_of(aspect)).copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let indexes: Vec<&str> = there.iter().chain(&live).filter_map(index_name).collect();
    let made_anew: Vec<&str> = live
        .iter()
        .filter_map(index_name)
        .filter(|name| !there.iter().filter_map(index_name).any(|there| there == *name))
        .collect();
    let other_files: Vec<(&Arc<SourceFile>, Vec<Statement>)> = files
        .iter()
        .filter(|other| other.path != file.path)
        .filter_map(|other| Some((other, parser::parse(other, settings.server_version).ok()?)))
        .collect();
    let speaks = |statement: &Statement| outline.spoken_of(&statement.node).iter().any(|target| target.fits(&subject));

    let mut elsewhere: Vec<Vec<Edit>> = vec![Vec::new(); other_files.len()];
    let mut edits: Vec<Edit> = Vec::new();
    let (mut after, mut at_end) = (Vec::new(), Vec::new());
    for says in &wanted {
        if *says == Says::What {
            edits.push((create.span, live[0].text().to_owned()));
            // Row security may be enabled in one statement and forced in another.
            let more = there.iter().filter(|more| more.span != create.span && makes(&outline, more, &subject));
            edits.extend(more.map(|more| (with_semicolon(&file.text, more, true), String::new())));
            continue;
        }
        let is_one = |statement: &&Statement| {
            said(&statement.node) == Some(*says) && (speaks(statement) || is_about_index(statement, &indexes))
        };
        let new: Vec<&Statement> = live.iter().skip(1).filter(is_one).collect();
        let old: Vec<&Statement> = there.iter().filter(is_one).collect();
        let same = |a: &Statement, b: &Statement| unqualified(a, &subject) == unqualified(b, &subject);
        let mut said_elsewhere: Vec<&Statement> = Vec::new();
        for ((other, statements), edits) in other_files.iter().zip(&mut elsewhere) {
            for statement in statements.iter().filter(|one| said(&one.node) == Some(*says) && speaks(one)) {
                if new.iter().any(|new| same(statement, new)) {
                    said_elsewhere.push(statement);
                } else {
                    let others = about_others(&outline, &statement.node, &subject).unwrap_or_default();
                    edits.push((with_semicolon(&other.text, statement, others.is_empty()), others));
                }
            }
        }
        let added = new.iter().filter(|new| !old.iter().chain(&said_elsewhere).any(|old| same(old, new)));
        // What is said of an index that comes, comes behind all that is there: so does the index, or in place of one.
        let (of_indexes, added): (Vec<&Statement>, Vec<&Statement>) =
            added.copied().partition(|new| is_about_index(new, &made_anew));
        let [of_indexes, mut added] =
            [of_indexes, added].map(|all| all.iter().map(|new| format!("{};", new.text())).collect::<Vec<_>>());
        for statement in old.iter().filter(|old| !new.iter().any(|new| same(old, new))) {
            let others = about_others(&outline, &statement.node, &subject);
            let own = (!added.is_empty()).then(|| added.remove(0));
            let replacement = others.into_iter().chain(own).collect::<Vec<_>>().join("\n");
            edits.push((with_semicolon(&file.text, statement, replacement.is_empty()), replacement));
        }
        after.extend(added);
        at_end.extend(of_indexes);
    }
    let end = with_remark(&file.text, with_semicolon(&file.text, create, false).end);
    if !after.is_empty() {
        let text = after.iter().fold(String::new(), |text, statement| format!("{text}\n\n{statement}"));
        // A file may end without a semicolon.
        let has_semicolon = with_semicolon(&file.text, create, false).end > create.span.end;
        let text = if has_semicolon { text } else { format!(";{text}") };
        insert(&mut edits, end, text);
    }
    if let Some(last) = there.iter().max_by_key(|statement| statement.span.end).filter(|_| !at_end.is_empty()) {
        let end = with_semicolon(&file.text, last, false).end;
        let semicolon = if end > last.span.end || last.span == create.span && !after.is_empty() { "" } else { ";" };
        let text = at_end.iter().fold(semicolon.to_owned(), |text, statement| format!("{text}\n\n{statement}"));
        insert(&mut edits, with_remark(&file.text, end), text);
    }
    let text = edited(&file.text, edits)?;
    let left = aspects.iter().filter(|aspect| says_of(aspect).is_empty()).map(|aspect| (*aspect).to_owned()).collect();
    let elsewhere = other_files.into_iter().zip(elsewhere).filter(|(_, edits)| !edits.is_empty());
    let elsewhere =
        elsewhere.map(|((other, statements), edits)| Some((Arc::clone(other), left_of(other, &statements, edits)?)));
    Some(Rewritten { text, elsewhere: elsewhere.collect::<Option<_>>()?, left })
}

fn without(file: &Arc<SourceFile>, settings: &Settings, outline: &Outline<'_>, subject: &Subject) -> Option<String> {
    let there = parser::parse(file, settings.server_version).ok()?;
    let is_it = |statement: &&Statement| makes(outline, statement, subject);
    there.iter().find(is_it)?;
    let mut edits = Vec::new();
    for statement in &there {
        if makes(outline, statement, subject) {
            let span = with_semicolon(&file.text, statement, true);
            edits.push((Span::new(remark_start(&file.text, span.start), span.end), String::new()));
        } else if outline.spoken_of(&statement.node).iter().any(|target| target.fits(subject)) {
            let others = about_others(outline, &statement.node, subject).unwrap_or_default();
            edits.push((with_semicolon(&file.text, statement, others.is_empty()), others));
        }
    }
    Some(left_of(file, &there, edits)?.trim_start_matches('\n').to_owned())
}

/// A file with what is said in the place of some of its statements: nothing where nothing is said any more.
fn left_of(file: &SourceFile, statements: &[Statement], edits: Vec<Edit>) -> Option<String> {
    let says_nothing = edits.len() == statements.len() && edits.iter().all(|(_, text)| text.is_empty());
    if says_nothing { Some(String::new()) } else { edited(&file.text, edits) }
}

/// Where the lines begin that are remarked right above a statement, which are about it.
fn remark_start(text: &str, statement: usize) -> usize {
    let mut start = statement;
    while let Some(above) = text[..start].strip_suffix('\n') {
        let line = above.rfind('\n').map_or(0, |end| end + 1);
        if !above[line..].trim_start().starts_with("--") {
            break;
        }
        start = line;
    }
    start
}

/// What a statement about several objects says of the others.
fn about_others(outline: &Outline<'_>, node: &NodeEnum, subject: &Subject) -> Option<String> {
    let is_other = |alone: &NodeEnum| !outline.spoken_of(alone).iter().any(|target| target.fits(subject));
    let rest = match node {
        NodeEnum::GrantStmt(grant) => {
            let mut rest = grant.clone();
            rest.objects.retain(|object| {
                is_other(&NodeEnum::GrantStmt(ast::GrantStmt { objects: vec![object.clone()], ..grant.clone() }))
            });
            (!rest.objects.is_empty()).then_some(NodeEnum::GrantStmt(rest))
        }
        NodeEnum::AlterTableStmt(alter) => {
            let mut rest = alter.clone();
            rest.cmds.retain(|command| {
                is_other(&NodeEnum::AlterTableStmt(ast::AlterTableStmt {
                    cmds: vec![command.clone()],
                    ..alter.clone()
                }))
            });
            (!rest.cmds.is_empty()).then_some(NodeEnum::AlterTableStmt(rest))
        }
        _ => None,
    };
    parser::canonical(&rest?).ok().map(|text| format!("{text};"))
}

/// A statement with its semicolon, and where it goes altogether with the line that it ends.
fn with_semicolon(text: &str, statement: &Statement, whole_line: bool) -> Span {
    let rest = &text[statement.span.end..];
    let mut end = statement.span.end
        + rest.find(|c: char| !c.is_whitespace()).filter(|at| rest[*at..].starts_with(';')).map_or(0, |at| at + 1);
    let mut start = statement.span.start;
    if whole_line {
        if text[..start].is_empty() || text[..start].ends_with('\n') {
            end += usize::from(text[end..].starts_with('\n'));
        }
        // Of the empty lines around it, one is enough.
        if text[..start].ends_with("\n\n") && (text[end..].is_empty() || text[end..].starts_with('\n')) {
            start -= 1;
        }
    }
    Span::new(start, end)
}

/// Puts lines behind a statement, or in its place where it goes with the end of its line.
fn insert(edits: &mut Vec<Edit>, at: usize, lines: String) {
    match edits.iter_mut().find(|(span, _)| span.start < at && at < span.end) {
        Some((_, replacement)) => replacement.push_str(lines.strip_prefix('\n').unwrap_or(&lines)),
        None => edits.push((Span::at(at), lines)),
    }
}

/// The end of a statement with what is remarked behind it in its line.
fn with_remark(text: &str, end: usize) -> usize {
    let line = text[end..].split('\n').next().unwrap_or_default();
    if line.trim_start().starts_with("--") { end + line.len() } else { end }
}

/// A statement as it means the same with its object's schema and without it.
fn unqualified(statement: &Statement, subject: &Subject) -> Option<String> {
    let text = parser::canonical(&statement.node).ok()?;
    let schema = subject.schema().map(|schema| format!("{}.", quote_ident(schema)));
    Some(schema.map_or_else(|| text.clone(), |schema| text.replace(&schema, "")))
}

/// Which statements say an aspect of drift; none when it belongs to another definition, or to none.
fn says_of(aspect: &str) -> &'static [Says] {
    match aspect {
        "owner" => &[Says::Owner],
        "comment" | "attribute_comments" | "constraint_comments" => &[Says::Comment],
        "privileges" => &[Says::Privileges],
        "indexes" => &[Says::Index, Says::Comment],
        "target" | "enabled" | "owned_by" => &[Says::Setting],
        "columns" => &[Says::What, Says::Comment, Says::Privileges],
        // What is said of columns that are named and typed as they were.
        COLUMN_DETAILS => &[Says::Comment, Says::Privileges],
        "triggers"
        | "rules"
        | "policies"
        | "rule_comments"
        | "policy_comments"
        | "row_security"
        | "row_security_forced"
        | "populated" => &[],
        _ => &[Says::What],
    }
}

fn said(node: &NodeEnum) -> Option<Says> {
    Some(match node {
        NodeEnum::AlterOwnerStmt(_) => Says::Owner,
        NodeEnum::CommentStmt(_) => Says::Comment,
        NodeEnum::GrantStmt(_) => Says::Privileges,
        NodeEnum::IndexStmt(_) => Says::Index,
        NodeEnum::AlterSeqStmt(_) | NodeEnum::AlterStatsStmt(_) | NodeEnum::AlterEventTrigStmt(_) => Says::Setting,
        NodeEnum::AlterTableStmt(alter) => {
            let is_owner = |command: &ast::Node| {
                matches!(&command.node, Some(NodeEnum::AlterTableCmd(command))
                    if command.subtype() == ast::AlterTableType::AtChangeOwner)
            };
            let is_firing = |command: &ast::Node| matches!(&command.node, Some(NodeEnum::AlterTableCmd(command)) if replay::switches_part(command.subtype()));
            match alter.cmds.as_slice() {
                commands if commands.iter().all(is_owner) => Says::Owner,
                commands if commands.iter().all(is_firing) => Says::Setting,
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn index_name(statement: &Statement) -> Option<&str> {
    if let NodeEnum::IndexStmt(index) = &statement.node { Some(&index.idxname) } else { None }
}

fn is_about_index(statement: &Statement, indexes: &[&str]) -> bool {
    let NodeEnum::CommentStmt(comment) = &statement.node else { return false };
    let name = match comment.object.as_ref().and_then(|object| object.node.as_ref()) {
        Some(NodeEnum::List(list)) => list.items.last().and_then(|item| match &item.node {
            Some(NodeEnum::String(text)) => Some(text.sval.as_str()),
            _ => None,
        }),
        _ => None,
    };
    comment.objtype() == ast::ObjectType::ObjectIndex && name.is_some_and(|name| indexes.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, live: &[&str], aspects: &[&str], expected: &str) {
        let settings = Settings::default();
        let file = SourceFile::new("a.sql", file);
        let files = [file];
        let definitions = Definitions::new(&files, &settings);
        let declared = definitions.declaring(live[0]).expect("it is declared");
        let live: Vec<String> = live.iter().map(|text| (*text).to_owned()).collect();
        let found = definitions.rewritten(&declared.file, &live, aspects).expect("it is rewritten");
        assert_eq!(found.text, expected);
        assert!(found.left.is_empty(), "{:?}", found.left);
    }

    #[test]
    fn only_what_differs_is_replaced() {
        check(
            "-- why\nCREATE TYPE e AS ENUM ('x'); -- kept\n\nCOMMENT ON TYPE e IS 'old';\nGRANT USAGE ON TYPE e TO a;\n",
            &[
                "CREATE TYPE public.e AS ENUM ('x', 'y');",
                "COMMENT ON TYPE public.e IS 'new';",
                "GRANT USAGE ON TYPE public.e TO a;",
            ],
            &["labels", "comment"],
            "-- why\nCREATE TYPE public.e AS ENUM ('x', 'y'); -- kept\n\nCOMMENT ON TYPE public.e IS 'new';\nGRANT USAGE ON \
             TYPE e TO a;\n",
        );
    }

    #[test]
    fn what_is_gone_goes_with_its_line() {
        check(
            "CREATE SEQUENCE s;\n\nCOMMENT ON SEQUENCE s IS 'old';\n\nGRANT USAGE ON SEQUENCE s TO a;\n",
            &["CREATE SEQUENCE public.s;", "GRANT USAGE ON SEQUENCE public.s TO a;"],
            &["comment"],
            "CREATE SEQUENCE s;\n\nGRANT USAGE ON SEQUENCE s TO a;\n",
        );
    }

    #[test]
    fn what_is_dropped_goes_with_what_is_remarked_above_it() {
        let settings = Settings::default();
        let files = [SourceFile::new(
            "a.sql",
            "-- kept\n\n-- Why.\n-- At length.\nCREATE TRIGGER a AFTER INSERT ON t EXECUTE FUNCTION f();\nALTER TABLE t DISABLE \
             TRIGGER a, DISABLE TRIGGER b;\n\nCREATE TRIGGER b AFTER INSERT ON t EXECUTE FUNCTION f();\nCOMMENT ON TRIGGER a ON \
             t IS 'a';\n",
        )];
        let definitions = Definitions::new(&files, &settings);
        let without = |name: &str| {
            let create = format!("CREATE TRIGGER {name} AFTER INSERT ON public.t EXECUTE FUNCTION f();");
            definitions.without(&files[0], &create)
        };
        let expected = "-- kept\n\nALTER TABLE t DISABLE TRIGGER b;\n\nCREATE TRIGGER b AFTER INSERT ON t EXECUTE FUNCTION \
                        f();\n";
        assert_eq!(without("a").as_deref(), Some(expected));
        assert_eq!(without("c"), None);
    }

    #[test]
    fn what_is_said_of_others_in_one_statement_stays() {
        check(
            "CREATE SEQUENCE s;\nGRANT USAGE ON SEQUENCE s, t TO a;\n",
            &["CREATE SEQUENCE public.s;", "GRANT USAGE ON SEQUENCE public.s TO b;"],
            &["privileges"],
            "CREATE SEQUENCE s;\nGRANT usage ON SEQUENCE t TO a;\nGRANT USAGE ON SEQUENCE public.s TO b;\n",
        );
    }

    #[test]
    fn what_is_new_stands_after_the_statement_that_makes_it() {
        check(
            "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            &[
                "CREATE FUNCTION public.f(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';",
                "ALTER FUNCTION public.f(integer) OWNER TO b;",
                "COMMENT ON FUNCTION public.f(integer) IS 'new';",
                "REVOKE EXECUTE ON FUNCTION public.f(integer) FROM PUBLIC;",
            ],
            &["comment", "owner", "privileges"],
            "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 1';\n\nALTER FUNCTION public.f(integer) OWNER TO b;\
             \n\nCOMMENT ON FUNCTION public.f(integer) IS 'new';\n\nREVOKE EXECUTE ON FUNCTION public.f(integer) FROM PUBLIC;",
        );
    }
}
