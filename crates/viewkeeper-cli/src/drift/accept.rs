//! `drift --accept`: live definitions, written into the definition files. The rest of a file stays as it is, and a file
//! that would be broken by it is not written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use viewkeeper::{Drift, DriftPart, Error, Finding};
use viewkeeper_engine::accept::{Accepted, COLUMN_DETAILS, Declared, Definitions, accepted_defaults, accepted_said};
use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::diagnostic::{Diagnostics, Style};
use viewkeeper_engine::files;
use viewkeeper_engine::graph::{dependencies, topological_order};
use viewkeeper_engine::project::Project;
use viewkeeper_engine::source::SourceFile;
use viewkeeper_engine::states::{States, states};

use super::{Object, new_file, quoted, refuse};
use crate::output::Outcome;

/// The definition that declares an object.
pub(super) fn definition_of(project: &Project, drift: &Drift) -> Option<Declared> {
    let create = match drift.finding {
        // What would make it again names it too.
        Finding::Dropped => drift.repair.first(),
        _ => drift.declaration.first(),
    };
    definitions(project).declaring(create?)
}

fn definitions(project: &Project) -> Definitions<'_> {
    Definitions::new(&project.definitions, &project.settings)
}

/// Whether what differs can be said in its definition, and its text could be had.
pub(super) fn can_be_accepted(project: &Project, drift: &Drift) -> bool {
    if drift.finding == Finding::CreatedOutside {
        // What is on it cannot be declared twice.
        return !drift.declaration.is_empty() && drift.other_name.is_none();
    }
    if drift.parts.iter().any(|part| is_declared(project, part)) {
        return true;
    }
    if drift.finding == Finding::Dropped {
        return without(project, drift).is_some();
    }
    let aspects: Vec<&str> = aspects(drift).collect();
    definition_of(project, drift).is_some_and(|declared| {
        definitions(project)
            .rewritten(&declared.file, &drift.declaration, &aspects)
            .is_some_and(|rewritten| rewritten.left.len() < aspects.len())
    })
}

/// Whether an object as a whole is no longer there.
fn is_gone(drift: &Drift) -> bool {
    drift.finding == Finding::Dropped && drift.kind != "default privileges"
}

/// The file of an object that is gone, without it.
fn without(project: &Project, drift: &Drift) -> Option<(Utf8PathBuf, String)> {
    // What has another name is not gone.
    let create = drift.repair.first().filter(|_| drift.other_name.is_none())?;
    let definitions = definitions(project);
    let declared = definitions.declaring(create)?;
    definitions.without(&declared.file, create).map(|text| (declared.file.path.clone(), text))
}

/// Whether a definition declares a part, or there was none and one can be added. Default privileges are said beside what
/// migrations say.
fn is_declared(project: &Project, part: &DriftPart) -> bool {
    ["default privileges", "table"].contains(&part.kind)
        || part.expected.first().is_none_or(|create| definitions(project).declaring(create).is_some())
}

fn aspects(drift: &Drift) -> impl Iterator<Item = &str> {
    // Name and type come first in the line of a column.
    let columns = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.splitn(3, ", ").take(2).collect::<Vec<_>>().join(", ")).collect()
    };
    drift.aspects.iter().map(move |aspect| match &aspect.live {
        Some(live)
            if aspect.name == "columns"
                && drift.kind.ends_with("view")
                && columns(live) == columns(&aspect.expected) =>
        {
            COLUMN_DETAILS
        }
        _ => aspect.name.as_str(),
    })
}

/// Whether the definitions say all of what differs as it is.
pub(super) fn is_said(project: &Project, declared: &Catalog, drift: &Drift) -> bool {
    let mut tried = Tried { project: project.clone(), files: Vec::new() };
    drift.finding == Finding::Changed
        && tried.put_all(drift, declared).is_empty()
        && drift.unsaid.is_empty()
        && tried.is_as(project)
}

/// `names` are those that are meant; without any, all but what was dropped. `live` asks for what creates objects as they are.
pub(super) fn run(
    project: &Project,
    before: &States,
    objects: &[Object<'_>],
    names: &[String],
    mut live: impl FnMut(&[String]) -> Result<BTreeMap<String, String>, Error>,
) -> Result<Outcome, Error> {
    let unknown: Vec<&String> =
        names.iter().filter(|name| objects.iter().all(|object| object.drift.name != **name)).collect();
    if !unknown.is_empty() {
        for name in unknown {
            refuse(&format!("nothing was found of `{name}`"), "name objects as `drift` does, with their schema");
        }
        return Ok(Outcome::Failed);
    }
    let objects: Vec<&Object<'_>> =
        objects.iter().filter(|object| names.is_empty() || names.contains(&object.drift.name)).collect();
    let is_accepted =
        |object: &Object<'_>| (!is_gone(object.drift) || !names.is_empty()) && can_be_accepted(project, object.drift);
    let mut outcome = Outcome::Fine;
    let mut written = Written { project: project.clone(), declared: &before.declared };
    let broken_before = before.problems.render(Style::Plain);
    let (mut left, refused): (Vec<_>, Vec<_>) = objects.iter().copied().partition(|object| is_accepted(object));
    for object in refused {
        let why = match object.drift.finding {
            Finding::Changed if object.drift.aspects.iter().any(|aspect| aspect.live.is_none()) => {
                "its text waits for a lock that another session holds; try again later".to_owned()
            }
            _ => object.help(),
        };
        println!("not accepted: {}\n  help: {why}", object.title());
        outcome = outcome.max(Outcome::Found);
    }
    // What another one needs that is accepted as well comes before it, whatever their names are.
    while !left.is_empty() {
        let count = left.len();
        let (mut failures, mut failed) = (Vec::new(), Vec::new());
        for object in left {
            let readers = match are_columns_others(object.drift) {
                true => live(&object.drift.readers)?,
                false => BTreeMap::new(),
            };
            match written.accept(object.drift, &readers, &broken_before) {
                Ok(others) if others.is_empty() => {}
                Ok(_) => outcome = outcome.max(Outcome::Found),
                Err(failure) => {
                    failures.push(failure);
                    failed.push(object);
                }
            }
        }
        left = failed;
        if left.len() == count {
            for (what, why) in failures {
                refuse(&what, &why);
            }
            outcome = Outcome::Failed;
            break;
        }
    }
    if objects.is_empty() {
        println!("no drift: there is nothing to accept");
    } else if outcome != Outcome::Failed && objects.iter().any(|object| is_accepted(object)) {
        println!(
            "\nreview the files, then run `cargo xtask db-diff` for the migration that brings it to every database; in this one, \
             where it is done, `cargo xtask migrate --record` records that migration without running it"
        );
    }
    Ok(outcome)
}

/// Whether columns have other names, so that what reads them is stored otherwise than it was written.
fn are_columns_others(drift: &Drift) -> bool {
    drift.finding == Finding::Changed && aspects(drift).any(|aspect| aspect == "columns")
}

/// The columns of each relation, by its name.
fn columns_of(catalog: &Catalog) -> BTreeMap<String, Vec<&str>> {
    let mut columns = BTreeMap::new();
    for row in catalog.relations.values() {
        if let Some(name) = catalog.relation_name(row.oid) {
            columns.insert(name.to_string(), row.live_columns().map(|(_, column)| &*column.name).collect());
        }
    }
    columns
}

/// The project with what was accepted so far.
struct Written<'a> {
    project: Project,
    /// What was declared before: it knows what migrations say.
    declared: &'a Catalog,
}

impl Written<'_> {
    /// Writes what the database holds of one object, and of those of its `readers` that would be broken or changed by it; the
    /// aspects that its definition does not say.
    ///
    /// # Errors
    /// What failed, and why: nothing is written then.
    fn accept(
        &mut self,
        drift: &Drift,
        readers: &BTreeMap<String, String>,
        broken_before: &str,
    ) -> Result<Vec<String>, (String, String)> {
        let mut tried = Tried { project: self.project.clone(), files: Vec::new() };
        let aspects: Vec<&str> = aspects(drift).collect();
        let left = tried.put_all(drift, self.declared);
        let is_said = drift.finding == Finding::Changed && tried.is_as(&self.project);

        let problems = tried.put_readers(readers, self.declared);
        let files: Vec<&str> = tried.files.iter().map(|file| file.path.as_str()).collect();
        if problems.has_errors() && problems.render(Style::Plain) != broken_before {
            let mut why = format!("it would not be understood there:\n{}", problems.render(Style::Plain));
            if are_columns_others(drift) && !drift.readers.is_empty() {
                why += &format!(
                    "\nit is read by {}, as they are written: write the new names into their definitions first, and accept it \
                     then; or undo it, as `drift` says",
                    drift.readers.join(", ")
                );
            }
            return Err((
                format!("the live definition of `{}` was not written into `{}`", drift.name, files.join("`, `")),
                why,
            ));
        }
        let paths: BTreeSet<&Utf8Path> = tried.files.iter().map(|file| file.path.as_path()).collect();
        for path in paths {
            if let Err(error) = write(&self.project, &tried.project, path) {
                let why = "look at the rights of the file and its folder".to_owned();
                return Err((format!("`{path}` cannot be written: {error}"), why));
            }
        }
        if is_said {
            println!("not written: the definitions say {} `{}` already, as far as they can", drift.kind, drift.name);
        }
        for File { path, what } in tried.files.iter().filter(|_| !is_said) {
            let is_left = tried.project.definitions.iter().any(|file| file.path == *path);
            let verb = if is_left { "wrote" } else { "removed" };
            println!("{verb} {path}: {what} as it is in the database");
        }
        self.project = tried.project;
        if !is_said
            && aspects.contains(&"definition")
            && drift.kind.ends_with("view")
            && drift.finding == Finding::Changed
        {
            println!("  its query is laid out as PostgreSQL prints it; comments inside the statement are gone");
        }
        if !left.is_empty() {
            println!("  not written, since other definitions or migrations say it: {}", left.join(", "));
        }
        if !drift.unsaid.is_empty() {
            println!(
                "  not written, since no definition can say it: {}\n  help: make it in a migration too, in a way that bears \
                 being there already, and record it here with `--record {}`; or undo it",
                drift.unsaid.join(", "),
                quoted(&drift.name)
            );
        }
        Ok(left.into_iter().chain(drift.unsaid.iter().cloned()).chain(is_said.then(|| drift.name.clone())).collect())
    }
}

/// Whether there is a definition to say it in.
#[derive(PartialEq, Eq)]
enum Told {
    Here,
    Nowhere,
}

/// Files that are to be written.
struct Tried {
    project: Project,
    files: Vec<File>,
}

struct File {
    path: Utf8PathBuf,
    /// What of it is as in the database.
    what: String,
}

impl Tried {
    /// Whether its definitions are those of another project.
    fn is_as(&self, other: &Project) -> bool {
        let texts = |project: &Project| -> Vec<(Utf8PathBuf, String)> {
            project.definitions.iter().map(|file| (file.path.clone(), file.text.to_string())).collect()
        };
        texts(&self.project) == texts(other)
    }

    /// All that differs; the aspects that no definition here says.
    fn put_all(&mut self, drift: &Drift, declared: &Catalog) -> Vec<String> {
        let aspects: Vec<&str> = aspects(drift).collect();
        let mut left = self.put_object(drift, &aspects);
        left.retain(|aspect| !drift.parts.iter().any(|part| part.aspects.contains(&aspect.as_str())));
        for part in &drift.parts {
            let told = match part.kind {
                "default privileges" | "table" => self.put_said(drift, part, declared),
                _ => self.put_part(drift, part),
            };
            if told == Told::Nowhere {
                left.extend(part.aspects.iter().map(|aspect| (*aspect).to_owned()));
            }
        }
        left.retain(|aspect| aspects.contains(&aspect.as_str()));
        left.dedup();
        left
    }

    /// What reads an object whose columns have other names is stored with these: where its definition is broken now, or means
    /// other columns than before, it is written as the database has it. What is still wrong then.
    fn put_readers(&mut self, readers: &BTreeMap<String, String>, declared: &Catalog) -> Diagnostics {
        if readers.is_empty() {
            return states(&self.project).problems;
        }
        let before = columns_of(declared);
        // What is read comes first: what reads it may be as it was then.
        let order = topological_order(&dependencies(declared)).unwrap_or_default();
        let order: BTreeMap<String, usize> = order.iter().enumerate().map(|(at, id)| (id.sql_name(), at)).collect();
        let mut left: Vec<(&String, &String)> = readers.iter().collect();
        left.sort_by_key(|(name, _)| order.get(*name));
        loop {
            let now = states(&self.project);
            let columns = columns_of(&now.declared);
            let broken: BTreeSet<&Utf8Path> = now
                .problems
                .0
                .iter()
                .filter_map(|problem| problem.place.as_ref())
                .map(|(file, _)| &*file.path)
                .collect();
            let found = left.iter().find_map(|(name, create)| {
                let definitions = definitions(&self.project);
                let declared = definitions.declaring(create)?;
                let is_other = broken.contains(&*declared.file.path) || columns.get(*name) != before.get(*name);
                let rewritten = is_other
                    .then(|| definitions.rewritten(&declared.file, std::slice::from_ref(*create), &["definition"]));
                Some(((*name).clone(), declared.file.path.clone(), rewritten??.text))
            });
            let Some((name, path, text)) = found else { return now.problems };
            left.retain(|(other, _)| **other != name);
            self.put(&path, text, format!("`{name}`, which reads it,"));
        }
    }

    /// What differs in the object itself; the aspects that its definition does not say.
    fn put_object(&mut self, drift: &Drift, aspects: &[&str]) -> Vec<String> {
        let what = format!("{} `{}`", drift.kind, drift.name);
        if drift.finding == Finding::Dropped
            && let Some((path, text)) = without(&self.project, drift)
        {
            self.put(&path, text, what);
            return Vec::new();
        }
        let rewritten = definition_of(&self.project, drift).and_then(|declared| {
            let rewritten = definitions(&self.project).rewritten(&declared.file, &drift.declaration, aspects)?;
            Some((declared.file.path.clone(), rewritten))
        });
        if drift.finding == Finding::CreatedOutside && rewritten.is_none() {
            let file = new_file(&self.project, &drift.kind, &drift.name, None);
            self.put(&file, format!("{}\n", drift.declaration.join("\n\n")), what);
            return Vec::new();
        }
        let Some((path, rewritten)) = rewritten else {
            return aspects.iter().map(|aspect| (*aspect).to_owned()).collect();
        };
        if rewritten.left.len() < aspects.len() {
            self.put(&path, rewritten.text, what.clone());
            for (file, text) in rewritten.elsewhere {
                self.put(&file.path, text, what.clone());
            }
        }
        rewritten.left
    }

    /// A trigger, rule, policy or row security.
    fn put_part(&mut self, drift: &Drift, part: &DriftPart) -> Told {
        let what = match part.name.as_str() {
            "" => format!("{} of `{}`", part.kind, drift.name),
            name => format!("{} `{name}` on `{}`", part.kind, drift.name),
        };
        let definitions = definitions(&self.project);
        let declared = part.expected.first().or(part.live.first()).and_then(|create| definitions.declaring(create));
        let (path, text, elsewhere) = match (declared, part.live.first()) {
            (Some(declared), None) => {
                let create = part.expected.first().map_or("", String::as_str);
                let Some(text) = definitions.without(&declared.file, create) else { return Told::Nowhere };
                (declared.file.path.clone(), text, Vec::new())
            }
            (Some(declared), live) => {
                let aspects = ["definition", "enabled", "comment"];
                let said = if part.expected.first() == live { &aspects[1..] } else { &aspects[..] };
                let Some(rewritten) = definitions.rewritten(&declared.file, &part.live, said) else {
                    return Told::Nowhere;
                };
                (declared.file.path.clone(), rewritten.text, rewritten.elsewhere)
            }
            (None, Some(_)) if part.expected.is_empty() => {
                let name = if part.name.is_empty() { "row_security" } else { &part.name };
                let path = new_file(&self.project, part.kind, &drift.name, Some(name));
                (path.into(), format!("{}\n", part.live.join("\n\n")), Vec::new())
            }
            (None, _) => return Told::Nowhere,
        };
        self.put(&path, text, what.clone());
        for (file, text) in elsewhere {
            self.put(&file.path, text, what.clone());
        }
        Told::Here
    }

    /// Default privileges, and what is said of a table.
    fn put_said(&mut self, drift: &Drift, part: &DriftPart, declared: &Catalog) -> Told {
        let (files, settings) = (&self.project.definitions, &self.project.settings);
        let accepted = match part.kind {
            "table" => accepted_said(files, settings, &declared.said_by_hand, &drift.name, (&part.live, &part.change)),
            _ => accepted_defaults(files, settings, &declared.default_privileges_by_hand, &part.expected, &part.live),
        };
        let Some(Accepted { files, new }) = accepted else { return Told::Nowhere };
        let what = match part.kind {
            "table" => format!("what is said of `{}`", drift.name),
            _ => format!("default privileges `{}`", drift.name),
        };
        for (file, text) in files {
            self.put(&file.path, text, what.clone());
        }
        if let Some(text) = new {
            let file = new_file(&self.project, &drift.kind, &drift.name, None);
            self.put(&file, text, what);
        }
        Told::Here
    }

    /// A file with a text; without one it goes.
    fn put(&mut self, path: impl AsRef<Utf8Path>, text: String, what: String) {
        let path = path.as_ref().to_owned();
        let definitions = &mut self.project.definitions;
        definitions.retain(|file| file.path != path);
        if !text.is_empty() {
            definitions.push(SourceFile::new(path.clone(), text));
            definitions.sort_by(|a, b| a.path.cmp(&b.path));
        }
        self.files.push(File { path, what });
    }
}

/// Writes a file as it is in the second project.
fn write(old: &Project, new: &Project, path: &Utf8Path) -> std::io::Result<()> {
    let text = |project: &Project| -> Option<Arc<SourceFile>> {
        project.definitions.iter().find(|file| file.path == *path).cloned()
    };
    match (text(old), text(new)) {
        (None, Some(file)) => files::write_new(path, &file.text),
        (Some(_), Some(file)) => files::write_if_changed(path, &file.text).map(drop),
        (Some(_), None) => files::remove(path),
        (None, None) => Ok(()),
    }
}
