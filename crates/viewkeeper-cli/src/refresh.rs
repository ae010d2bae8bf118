//! `refresh`: the project's materialized views. In which order and how is the runtime's.

use serde::Serialize;
use viewkeeper::{Readers, Refreshed, Which};
use viewkeeper_engine::catalog::{Catalog, RelationKind};
use viewkeeper_engine::name::QualifiedName;
use viewkeeper_engine::project::Project;
use viewkeeper_engine::replay;
use viewkeeper_engine::resolve::suggest::nearest;

use crate::arguments::{Arguments, Format, Refresh};
use crate::migrate::{ProgressLines, chosen, mode, with_database};
use crate::output::{Outcome, print_error, print_json};

pub(crate) fn run(arguments: &Arguments, options: &Refresh) -> Outcome {
    with_database(arguments, |project, _, client| {
        let Some(names) = wanted(project, &options.relations) else { return Ok(Outcome::Failed) };
        let names: Vec<(&str, &str)> = names.iter().map(|name| (&*name.schema, &*name.name)).collect();
        let which = if options.stale { Which::Stale } else { Which::All };
        let progress = ProgressLines::new(arguments.format);
        let chosen = chosen(project).mode(mode(options.dry_run)).on_progress(|event| progress.show(event));
        let refreshed = viewkeeper::refresh(client, &names, which, chosen);
        progress.finish();
        print(arguments.format, &refreshed?, options.dry_run);
        Ok(Outcome::Fine)
    })
}

/// The materialized views that are named, or all that the migrations make; `None` when there is one that they do not
/// make, which is printed.
fn wanted(project: &Project, names: &[String]) -> Option<Vec<QualifiedName>> {
    let migrated = replay::migrated(&project.migrations, &project.settings).catalog;
    let all = materialized_views(&migrated);
    if names.is_empty() {
        return Some(all);
    }
    let mut wanted = Vec::new();
    let mut complete = true;
    for name in names {
        let in_schemas: Vec<QualifiedName> = match name.split_once('.') {
            Some((schema, name)) => vec![QualifiedName::new(schema, name)],
            None => project.settings.search_path.iter().map(|schema| QualifiedName::new(&**schema, &**name)).collect(),
        };
        match in_schemas.into_iter().find(|name| all.contains(name)) {
            Some(found) => wanted.push(found),
            None => {
                complete = false;
                let near =
                    nearest(name, all.iter().map(|name| &*name.name)).map(|near| format!("did you mean `{near}`?"));
                print_error(&format!("the migrations make no materialized view `{name}`"), near.as_deref());
            }
        }
    }
    complete.then_some(wanted)
}

fn materialized_views(catalog: &Catalog) -> Vec<QualifiedName> {
    let relations = catalog.relations.values().filter(|relation| relation.kind == RelationKind::MaterializedView);
    let mut names: Vec<_> = relations.filter_map(|relation| catalog.relation_name(relation.oid)).collect();
    names.sort();
    names
}

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    refreshed: Vec<RefreshedReport<'a>>,
}

#[derive(Serialize)]
struct RefreshedReport<'a> {
    schema: &'a str,
    name: &'a str,
    concurrently: bool,
    milliseconds: u128,
}

fn print(format: Format, refreshed: &[Refreshed], dry_run: bool) {
    if format == Format::Json {
        let refreshed = refreshed.iter().map(|one| RefreshedReport {
            schema: &one.schema,
            name: &one.name,
            concurrently: one.readers == Readers::GoOn,
            milliseconds: one.duration.as_millis(),
        });
        print_json(&Report { dry_run, refreshed: refreshed.collect() });
        return;
    }
    if refreshed.is_empty() {
        println!("nothing to refresh");
    }
    for one in refreshed {
        let name = QualifiedName::new(&*one.schema, &*one.name);
        match (dry_run, one.readers) {
            (true, Readers::GoOn) => println!("would refresh {name}; readers go on"),
            (true, Readers::Wait) => println!("would refresh {name}; readers wait"),
            (false, Readers::GoOn) => println!("refreshed {name} ({:.0?}); readers went on", one.duration),
            (false, Readers::Wait) => println!("refreshed {name} ({:.0?}); readers waited", one.duration),
        }
    }
}
