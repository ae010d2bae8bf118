//! Renames that definitions tell: `-- viewkeeper: renamed from active_users` before or in the statement of what has another
//! name now, `-- viewkeeper: post_count renamed from posts` for a column or attribute, and
//! `-- viewkeeper: 'done' renamed from 'finished'` for a value. Such a line may stay: without the old name it says nothing.

mod comment;
mod fit;
mod room;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use comment::{Name, Said, Word, said_in};
use target::Target;

use super::subject::Subject;
use crate::catalog::{Catalog, ObjectId, Origin};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Diagnostics, SqlState};
use crate::name::QualifiedName;
use crate::object::{KINDS, kind_of};
use crate::parser::{self, Statement};
use crate::rename::{Rename, column_names, exists, labels};
use crate::replay::renamed;
use crate::replay::session::Session;
use crate::resolve::suggest;
use crate::source::{SourceFile, Span};

/// What is told, and where it leads.
pub(crate) struct Told {
    /// What is to be renamed, in order.
    pub(crate) renames: Vec<Rename>,
    /// The migrated state under the new names.
    pub(crate) catalog: Catalog,
    /// What is wrong with the lines that tell it.
    pub(crate) diagnostics: Diagnostics,
    /// Where each rename was told.
    places: Vec<(Arc<SourceFile>, Span)>,
}

/// What the definitions declare, with the files.
type Declared = BTreeMap<Subject, String>;

/// The old names that one definition gives for one thing.
struct Claim {
    target: Target,
    old: Vec<(Name, Span)>,
    file: Arc<SourceFile>,
}

impl Claim {
    fn span(&self) -> Span {
        self.old.first().map(|(_, span)| *span).unwrap_or_default()
    }

    fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(&self.file, self.span())
    }

    fn line(&self) -> String {
        format!("`{}`, line {}", self.file.path, self.file.line_column(self.span().start).0)
    }
}

/// What definitions tell about a state that migrations lead to.
pub(crate) fn told(migrated: &Catalog, files: &[Arc<SourceFile>], settings: &Settings) -> Told {
    parser::on_deep_stack(|| {
        let mut told = Told {
            renames: Vec::new(),
            catalog: migrated.clone(),
            diagnostics: Diagnostics::default(),
            places: Vec::new(),
        };
        if !files.iter().any(|file| may_tell(file)) {
            return told;
        }
        let session = Session::new(migrated.clone(), settings);
        let mut claims = Vec::new();
        let mut declared = BTreeMap::new();
        for file in files {
            // What is broken is said when the definitions are made.
            let Ok(statements) = parser::parse(file, settings.server_version) else { continue };
            for subject in statements.iter().filter_map(|statement| Subject::made_by(&session, &statement.node)) {
                declared.entry(subject).or_insert_with(|| file.path.to_string());
            }
            if may_tell(file) {
                claims_of(&session, file, &statements, &mut claims, &mut told.diagnostics);
            }
        }
        let (parts, wholes): (Vec<Claim>, Vec<Claim>) = claims.into_iter().partition(|claim| claim.target.is_part());
        let (mut ranked, mut within) = (BTreeMap::<u8, Vec<Claim>>::new(), Vec::new());
        for claim in wholes {
            ranked.entry(claim.target.rank()).or_default().push(claim);
        }
        within.extend(parts);
        for claims in ranked.into_values() {
            settle(&mut told, &claims, &declared, (files, settings));
        }
        settle(&mut told, &within, &declared, (files, settings));
        told
    })
}

/// Most files tell nothing.
fn may_tell(file: &SourceFile) -> bool {
    file.text.contains("viewkeeper:") && file.text.to_ascii_lowercase().contains("renam")
}

/// The lines of a file, each with the statement that it stands before or in.
fn claims_of(
    session: &Session<'_>,
    file: &Arc<SourceFile>,
    statements: &[Statement],
    claims: &mut Vec<Claim>,
    problems: &mut Diagnostics,
) {
    for Said { what, span } in said_in(&file.text) {
        let what = match what {
            Ok(what) => what,
            Err(reason) => {
                problems.push(
                    Diagnostic::error(reason)
                        .at(file, span)
                        .note("the line is taken for one that tells a rename")
                        .help(
                            "write `-- viewkeeper: renamed from old_name` for the object itself, \
                             `-- viewkeeper: new_name renamed from old_name` for a column or attribute, \
                             `-- viewkeeper: 'new' renamed from 'old'` for a value of an enum",
                        ),
                );
                continue;
            }
        };
        let on_line = |statement: &&Statement| {
            statement.span.end <= span.start
                && !file.text.get(statement.span.end..span.start).unwrap_or_default().contains('\n')
        };
        let statement = statements
            .iter()
            .find(on_line)
            .or_else(|| statements.iter().find(|statement| span.start < statement.span.end));
        let target = statement.and_then(|statement| Target::of(session, &statement.node, what.new.as_ref()));
        let Some(target) = target else {
            let about = match &what.new {
                None => "nothing that has a name of its own",
                Some(Word::Name(_)) => "no view, materialized view or composite type",
                Some(Word::Literal(_)) => "no enum",
            };
            problems.push(
                Diagnostic::error(format!("the line stands at {about}"))
                    .at(file, span)
                    .help("put it directly before the `CREATE` of what is renamed, or into it"),
            );
            continue;
        };
        let old = (what.old, span);
        match claims.iter_mut().find(|claim| claim.target == target) {
            Some(claim) => claim.old.push(old),
            None => claims.push(Claim { target, old: vec![old], file: Arc::clone(file) }),
        }
    }
}

/// Carries out what can be, until nothing more can; then says what is wrong with the rest.
fn settle(told: &mut Told, claims: &[Claim], declared: &Declared, (files, settings): (&[Arc<SourceFile>], &Settings)) {
    let mut open: Vec<&Claim> = claims.iter().collect();
    loop {
        let Some(at) = (0..open.len()).find(|at| is_ready(told, &open, *at, claims, declared)) else {
            if room::make(told, &mut open, (claims, declared), (files, settings)) {
                continue;
            }
            break;
        };
        let claim = open.remove(at);
        let Some(rename) = candidates(&told.catalog, claim).into_iter().next() else { continue };
        if crosses_schemas(&rename) && !schema_is_there(&told.catalog, &rename) {
            told.diagnostics.push(
                claim
                    .error(format!("{rename}: its new schema is not there yet"))
                    .note("a rename comes before everything that its migration makes")
                    .help("make the schema in a migration of its own first"),
            );
            continue;
        }
        if let Rename::Column { of, old, .. } = &rename
            && let Some(table) = made_of(&told.catalog, of)
        {
            told.diagnostics.push(
                claim
                    .error(format!("attribute `{old}` of {of} cannot be renamed here: table `{table}` is made of it"))
                    .code(SqlState::DEPENDENT_OBJECTS)
                    .note("PostgreSQL renames the column of the table with it, and only where it is told so by `CASCADE`, which viewkeeper never writes")
                    .help("rename it in a migration of your own, with `ALTER TYPE … RENAME ATTRIBUTE … TO … CASCADE`"),
            );
            continue;
        }
        told.catalog = renamed(&told.catalog, std::slice::from_ref(&rename));
        told.places.push((Arc::clone(&claim.file), claim.span()));
        told.renames.push(rename);
    }
    for claim in &open {
        if let Some(problem) = problem(told, claim, claims, declared) {
            told.diagnostics.push(problem);
        }
    }
}

/// What a claim can mean in a state.
fn candidates(catalog: &Catalog, claim: &Claim) -> Vec<Rename> {
    claim.old.iter().filter_map(|(old, _)| claim.target.rename(catalog, old)).collect()
}

fn is_ready(told: &Told, open: &[&Claim], at: usize, claims: &[Claim], declared: &Declared) -> bool {
    let Some(claim) = open.get(at) else { return false };
    if claim.target.is_there(&told.catalog) {
        return false;
    }
    let [rename] = &candidates(&told.catalog, claim)[..] else { return false };
    // Two that want the same get nothing.
    let rival = |other: &&&Claim| {
        !std::ptr::eq(**other, *claim)
            && !other.target.is_there(&told.catalog)
            && candidates(&told.catalog, other).iter().any(|other| same_old(other, rename))
    };
    if open.iter().any(|other| rival(&other)) {
        return false;
    }
    still_declared(&told.catalog, claim, rename, claims, declared).is_none()
}

fn same_old(one: &Rename, other: &Rename) -> bool {
    match (one, other) {
        (Rename::Object { old, .. }, Rename::Object { old: other, .. }) => old == other,
        (Rename::Column { of, old, .. }, Rename::Column { of: of_other, old: other, .. })
        | (Rename::Value { of, old, .. }, Rename::Value { of: of_other, old: other, .. }) => {
            (of, old) == (of_other, other)
        }
        _ => false,
    }
}

/// The file that declares what has the old name, unless that is another thing which takes the name in the same step.
fn still_declared(
    catalog: &Catalog,
    claim: &Claim,
    rename: &Rename,
    claims: &[Claim],
    declared: &Declared,
) -> Option<String> {
    let Rename::Object { .. } = rename else { return None };
    let taken_over = |other: &Claim| {
        !std::ptr::eq(other, claim)
            && other.target.is_named_by(catalog, rename)
            && !candidates(catalog, other).is_empty()
    };
    if claims.iter().any(taken_over) {
        return None;
    }
    let (_, path) = declared.iter().find(|(subject, _)| claim.target.is_old(catalog, subject, rename))?;
    Some(path.clone())
}

fn crosses_schemas(rename: &Rename) -> bool {
    matches!(rename, Rename::Object { old, new } if old.schema() != new.schema())
}

/// A table that is made of a composite type.
fn made_of(catalog: &Catalog, type_: &ObjectId) -> Option<QualifiedName> {
    let ObjectId::Type(name) = type_ else { return None };
    let type_ = catalog.type_by_name(catalog.schema_by_name(&name.schema)?, &name.name)?.oid;
    let (table, _) = catalog.typed_tables.iter().find(|(_, of)| **of == type_)?;
    catalog.relation_name(*table)
}

fn schema_is_there(catalog: &Catalog, rename: &Rename) -> bool {
    rename.new_id().schema().is_none_or(|schema| catalog.schema_by_name(schema).is_some())
}

/// What is wrong with a claim that was not carried out; nothing where it is done already.
fn problem(told: &Told, claim: &Claim, claims: &[Claim], declared: &Declared) -> Option<Diagnostic> {
    let catalog = &told.catalog;
    let found = candidates(catalog, claim);
    let new = claim.target.describe();
    if claim.target.is_there(catalog) {
        let [rename, ..] = found.as_slice() else { return None };
        if is_exchanged(catalog, claim, claims) {
            return Some(
                claim
                    .error(format!("{new} takes a name that is given away in a circle"))
                    .note(if claim.target.is_part() {
                        "both are there before and after, so nothing tells whether the names were exchanged already"
                    } else {
                        "both are there before and after, and neither definition says what the other said: nothing tells whether the names were exchanged already"
                    })
                    .help("delete the lines where that is done; else rename one of them to a third name in a migration of its own first"),
            );
        }
        // The line is from before, and the old name is that of something else now.
        let Rename::Object { old, .. } = rename else { return None };
        if still_declared(catalog, claim, rename, claims, declared).is_some() || !is_kept(catalog, old) {
            return None;
        }
        return Some(
            claim
                .error(format!("{old} cannot be renamed to {new}: both are there"))
                .note("what has the new name would be in the way, and what is to get it has another definition: nothing tells whether the line is from before")
                .help("delete the line: the other one is dropped then; or rename first, and change the definition in a migration after that"),
        );
    }
    match found.as_slice() {
        [] => unknown(told, claim),
        [rename] => {
            if let Some(path) = still_declared(catalog, claim, rename, claims, declared) {
                return Some(
                    claim
                        .error(format!("{} is still declared, in `{path}`", rename.id()))
                        .note(format!("{new} is said to be renamed from it"))
                        .help("delete the other definition; or delete the line, and this one is created beside it"),
                );
            }
            let rival = claims.iter().find(|other| {
                !std::ptr::eq(*other, claim) && candidates(catalog, other).iter().any(|other| same_old(other, rename))
            });
            rival.map(|rival| {
                claim
                    .error(format!("two definitions are said to be renamed from {}", rename.id()))
                    .note(format!("the other line is in {}", rival.line()))
                    .help("keep the line at the one that it became; the other one is created")
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(|rename| rename.id().to_string()).collect();
            Some(
                claim
                    .error(format!("{new} is said to be renamed from several: {}", names.join(", ")))
                    .help("keep the line of the one that it became"),
            )
        }
    }
}

/// Whether what has the old name is told to have another name, and so on until it comes round.
fn is_exchanged(catalog: &Catalog, claim: &Claim, claims: &[Claim]) -> bool {
    let mut at = claim;
    for _ in claims {
        let Some(next) = candidates(catalog, at).first().and_then(|rename| {
            claims
                .iter()
                .find(|other| other.target.is_named_by(catalog, rename) && !candidates(catalog, other).is_empty())
        }) else {
            return false;
        };
        if std::ptr::eq(next, claim) {
            return true;
        }
        at = next;
    }
    false
}

fn is_kept(catalog: &Catalog, id: &ObjectId) -> bool {
    kind_of(id).is_some_and(|kind| kind.is_managed(catalog, id))
}

/// A line about names that are nowhere, unless everything is new.
fn unknown(told: &Told, claim: &Claim) -> Option<Diagnostic> {
    let catalog = &told.catalog;
    let from_nothing = !KINDS.iter().any(|kind| {
        let made = |id: &ObjectId| kind.provenance(catalog, id).is_some_and(|made| made.origin != Origin::HandWritten);
        kind.objects(catalog).iter().any(made)
    });
    // What is a part of something new is new.
    if from_nothing || claim.target.owner(catalog).is_some_and(|owner| owner.is_none()) {
        return None;
    }
    let (old, span) = claim.old.last()?;
    let known = claim.target.known(catalog);
    let shown = claim.target.shown_old(old);
    let mut problem = Diagnostic::error(format!("there is no {} {shown}", claim.target.word()))
        .at(&claim.file, *span)
        .note(format!("{} is said to be renamed from it, and is not there either", claim.target.describe()));
    if let Some(elsewhere) = claim.target.elsewhere(catalog, old.last()) {
        return Some(
            problem
                .help(format!("did you mean `{elsewhere}`? without a schema it is looked for in that of the new name")),
        );
    }
    problem = match suggest::nearest(old.last(), known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("delete the line: then it is created"),
    };
    Some(problem)
}

impl Told {
    /// What is wrong with what was told, now that it is known what the definitions make.
    pub(crate) fn check(&self, declared: &Catalog) -> Diagnostics {
        let mut problems = Diagnostics::default();
        for (at, (rename, (file, span))) in self.renames.iter().zip(&self.places).enumerate() {
            let (of, old, names) = match rename {
                Rename::Object { .. } | Rename::Extension { .. } => continue,
                Rename::Column { of, old, .. } => (of, old, column_names(declared, of)),
                Rename::Value { of, old, .. } => (of, old, labels(declared, of)),
            };
            let later = self.renames.get(at + 1..).unwrap_or_default();
            let new = &rename.last_name(later);
            // In a circle another one gets it.
            let is_taken_over = |other: &Rename| other.id() == of && other.last_name(&[]) == *old;
            // Broken ones have been spoken of.
            if !exists(declared, of) {
                continue;
            }
            let error = |message: String| Diagnostic::error(message).at(file, *span).relation(of.sql_name());
            if !names.contains(new) {
                let near = suggest::nearest(new, names.iter().map(String::as_str));
                let error = error(format!("{of} has no `{new}` that could be renamed from `{old}`"));
                problems.push(match near {
                    Some(near) => error.help(format!("did you mean `{near}`?")),
                    None => error.help("say the new name first: `-- viewkeeper: new_name renamed from old_name`"),
                });
            } else if names.contains(old) && !later.iter().any(is_taken_over) {
                problems.push(
                    error(format!("{of} has `{old}` still, which is said to be `{new}` now"))
                        .help("delete the line: then the new one is added beside it"),
                );
            }
        }
        problems
    }
}
