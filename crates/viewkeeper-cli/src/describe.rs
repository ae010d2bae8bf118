//! `describe`: columns of relations, with the reasons for what is known of them, and what reads them.

use viewkeeper_engine::catalog::Catalog;
use viewkeeper_engine::describe::{Description, RelationDescription, describe, readers_of};
use viewkeeper_engine::diagnostic::Diagnostic;
use viewkeeper_engine::name::QualifiedName;
use viewkeeper_engine::resolve::suggest::nearest;
use viewkeeper_engine::states::states;

use crate::arguments::{Arguments, Describe, Format};
use crate::context;
use crate::output::{Outcome, print_error, print_json, print_problems};

pub(crate) fn run(arguments: &Arguments, options: &Describe) -> Outcome {
    let (project, mut problems) = context::project(arguments);
    let states = states(&project);
    problems.extend(states.problems);
    let search_path = &project.settings.search_path;
    if let Some(column) = &options.column {
        print_problems(&problems);
        return readers(&states.declared, search_path, column, arguments.format);
    }
    let mut description = describe(&states.declared, search_path, &problems);
    // What else is broken is said, but is no failure to describe a relation that is not.
    let failed = options.relation.is_none() && !description.errors.is_empty();
    match &options.relation {
        Some(wanted) => {
            let (schema, name) = split(wanted);
            description
                .relations
                .retain(|relation| relation.name == name && schema.is_none_or(|schema| relation.schema == schema));
            if description.relations.is_empty() {
                problems.push(not_found(wanted, &describe(&states.declared, search_path, &problems)));
                match arguments.format {
                    Format::Json => {
                        let errors = describe(&states.declared, search_path, &problems).errors;
                        print_json(&Description { relations: Vec::new(), errors });
                    }
                    Format::Text | Format::Github => print_problems(&problems),
                }
                return Outcome::Failed;
            }
        }
        None if arguments.format != Format::Json => {
            description.relations.retain(|relation| relation.kind.ends_with("view"));
        }
        None => {}
    }
    match arguments.format {
        Format::Json => print_json(&description),
        Format::Text | Format::Github => {
            for relation in &description.relations {
                print_relation(&states.declared, relation);
            }
            print_problems(&problems);
        }
    }
    if failed { Outcome::Failed } else { Outcome::Fine }
}

fn split(name: &str) -> (Option<&str>, &str) {
    name.split_once('.').map_or((None, name), |(schema, name)| (Some(schema), name))
}

fn not_found(wanted: &str, all: &Description) -> Diagnostic {
    let names = all.relations.iter().map(|relation| relation.name.as_str());
    let near = nearest(split(wanted).1, names).map(|name| format!("did you mean `{name}`?"));
    let mut problem = Diagnostic::error(format!("there is no relation `{wanted}`"));
    problem.help = near;
    problem
}

fn print_relation(catalog: &Catalog, relation: &RelationDescription) {
    let name = QualifiedName::new(&*relation.schema, &*relation.name);
    let file = relation.file.as_deref().unwrap_or("PostgreSQL's own");
    println!("{} {name}  ({file})", relation.kind);
    let width = |text: fn(&viewkeeper_engine::describe::ColumnDescription) -> usize| {
        relation.columns.iter().map(text).max().unwrap_or(0)
    };
    let (names, types) = (width(|column| column.name.chars().count()), width(|column| column.type_.chars().count()));
    for column in &relation.columns {
        let null = if column.not_null { "not null" } else { "nullable" };
        println!("  {:names$}  {:types$}  {null}: {}", column.name, column.type_, column.reason);
        if let Some(collation) = &column.collation {
            println!("  {:names$}  collation {collation}", "");
        }
        if !column.origin.is_empty() {
            println!("  {:names$}  from {}", "", column.origin.join(", "));
        }
    }
    for used in &relation.depends_on {
        let columns = if used.columns.is_empty() { String::new() } else { format!(" ({})", used.columns.join(", ")) };
        println!("  reads {} {}{columns}", used.kind, used.name);
    }
    let readers: Vec<_> = readers_of(catalog, &name, None).iter().map(ToString::to_string).collect();
    if !readers.is_empty() {
        println!("  read by {}", readers.join(", "));
    }
    println!();
}

/// Everything whose text uses a column, and everything on top of that.
fn readers(catalog: &Catalog, search_path: &[String], wanted: &str, format: Format) -> Outcome {
    let Some((relation, column)) = wanted.rsplit_once('.') else {
        print_error("a column is named with its relation", Some("for example `users.name`"));
        return Outcome::Failed;
    };
    let (schema, name) = split(relation);
    let schemas: Vec<&str> =
        schema.map_or_else(|| search_path.iter().map(String::as_str).collect(), |schema| vec![schema]);
    let found = schemas.into_iter().map(|schema| QualifiedName::new(schema, name)).find_map(|name| {
        let relation = catalog.relation_named(&name)?;
        Some((name, relation))
    });
    let Some((name, relation)) = found else {
        print_error(&format!("there is no relation `{relation}`"), None);
        return Outcome::Failed;
    };
    if relation.column(column).is_none() {
        let near = nearest(column, relation.live_columns().map(|(_, column)| column.name.as_str()));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        print_error(&format!("there is no column `{column}` in `{name}`"), help.as_deref());
        return Outcome::Failed;
    }
    let readers: Vec<_> = readers_of(catalog, &name, Some(column)).iter().map(ToString::to_string).collect();
    match format {
        Format::Json => print_json(&readers),
        Format::Text | Format::Github if readers.is_empty() => println!("nothing reads `{name}.{column}`"),
        Format::Text | Format::Github => println!("{}", readers.join("\n")),
    }
    Outcome::Fine
}
