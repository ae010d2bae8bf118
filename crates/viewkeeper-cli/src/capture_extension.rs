//! `capture-extension`: an extension of a server as a file of the project. How it is read is the database door's, its form
//! the engine's.

use std::sync::atomic::{AtomicU32, Ordering};

use viewkeeper::Target;
use viewkeeper::postgres::Client;
use viewkeeper_engine::catalog::ServerVersion;
use viewkeeper_engine::extension::{ENDING, Extension, FOLDER, Object, shipped};
use viewkeeper_engine::files::{Written, write_if_changed};
use viewkeeper_engine::name::quote_ident;
use viewkeeper_live::{available_extensions, read_extension, report};

use crate::arguments::{Arguments, CaptureExtension};
use crate::context;
use crate::database::target;
use crate::output::{Outcome, print_error};

/// Why nothing was captured, and what to do.
struct Problem {
    message: String,
    help: Option<String>,
}

impl Problem {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

pub(crate) fn run(arguments: &Arguments, options: &CaptureExtension) -> Outcome {
    let target = match target(arguments) {
        Ok(target) => target,
        Err(outcome) => return outcome,
    };
    let extensions = match captured(&target, &options.name) {
        Ok(extensions) => extensions,
        Err(problem) => {
            print_error(&problem.message, problem.help.as_deref());
            return Outcome::Failed;
        }
    };
    let folder = context::folder(arguments).join(FOLDER);
    for extension in &extensions {
        let path = folder.join(format!("{}.{ENDING}", extension.head.name));
        let text = match extension.text() {
            Ok(text) => text,
            Err(error) => {
                print_error(&format!("`{path}` cannot be made: {error}"), None);
                return Outcome::Failed;
            }
        };
        match write_if_changed(&path, &text) {
            Ok(Written::New) => println!("wrote {path}: {}", summary(extension)),
            Ok(Written::Unchanged) => println!("{path} is up to date: {}", summary(extension)),
            Err(error) => {
                print_error(&format!("cannot write `{path}`: {error}"), None);
                return Outcome::Failed;
            }
        }
    }
    Outcome::Fine
}

/// `postgis 3.4.2: 12 types, 780 functions, …`
fn summary(extension: &Extension) -> String {
    let count = |is: fn(&Object) -> bool| extension.objects.iter().filter(|object| is(object)).count();
    let counts = [
        (count(|object| matches!(object, Object::Type(_))), "type"),
        (count(|object| matches!(object, Object::Routine(_))), "function"),
        (count(|object| matches!(object, Object::Operator(_))), "operator"),
        (count(|object| matches!(object, Object::Cast(_))), "cast"),
        (count(|object| matches!(object, Object::Relation(_))), "relation"),
    ];
    let words: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    let words = if words.is_empty() { "nothing that a view could name".to_owned() } else { words.join(", ") };
    format!("{} {}: {words}", extension.head.name, extension.head.version)
}

/// The extension, and those that it requires and nobody knows yet.
fn captured(target: &Target, name: &str) -> Result<Vec<Extension>, Problem> {
    let failed = |error: viewkeeper::Error| Problem::new(error.to_string());
    let mut client = target.connect().map_err(failed)?;
    let installed = client
        .query_opt("SELECT FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) $1", &[&name])
        .map_err(|error| Problem::new(error.to_string()))?;
    if installed.is_some() {
        return read_all(&mut client, name);
    }
    let available = available_extensions(&mut client).map_err(|error| Problem::new(report(&error)))?;
    if !available.iter().any(|extension| extension.name == name) {
        return Err(Problem::new(format!("the server has no extension `{name}`"))
            .help("install it there, or name a database that has it with `--database-url`"));
    }
    let throw_away = ThrowAway::new(target, client)?;
    let mut client = throw_away.target.connect().map_err(failed)?;
    client.batch_execute(&format!("CREATE EXTENSION {} CASCADE", quote_ident(name))).map_err(|error| {
        let why = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        Problem::new(format!("extension `{name}` cannot be created in a database of its own: {why}"))
            .help("name a database that has it already with `--database-url`: there it is only read")
    })?;
    read_all(&mut client, name)
}

fn read_all(client: &mut Client, name: &str) -> Result<Vec<Extension>, Problem> {
    let mut extensions: Vec<Extension> = Vec::new();
    let mut pending = vec![name.to_owned()];
    while let Some(name) = pending.pop() {
        let extension = read_extension(client, &name).map_err(|error| Problem::new(report(&error)))?;
        let version = extension.head.server.and_then(ServerVersion::from_major);
        let is_known = |name: &str| version.is_some_and(|version| shipped(name, version).is_some());
        let is_pending = |name: &str| extensions.iter().any(|extension| extension.head.name == name);
        pending.extend(extension.head.requires.iter().filter(|name| !is_known(name) && !is_pending(name)).cloned());
        extensions.push(extension);
    }
    Ok(extensions)
}

/// A database of this command's own on the server, dropped with this value.
struct ThrowAway {
    target: Target,
    client: Client,
    name: String,
}

impl ThrowAway {
    fn new(target: &Target, mut client: Client) -> Result<Self, Problem> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("viewkeeper_capture_{}_{number}", std::process::id());
        client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).map_err(|error| {
            let why = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
            Problem::new(format!("a throw-away database cannot be made on the server: {why}"))
                .help("use a role that may create databases, or name a database that has the extension already")
        })?;
        Ok(Self { target: target.with_database(&name), client, name })
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = self.client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
            print_error(&format!("the throw-away database `{}` is left behind: {error}", self.name), None);
        }
    }
}
