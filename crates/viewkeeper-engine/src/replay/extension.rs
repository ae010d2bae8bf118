//! `CREATE EXTENSION`, `ALTER EXTENSION`: which text says what it brings, where it goes, what it needs. What its objects
//! become is said in `install.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::address::Address;
use super::install::Source;
use super::node;
use super::session::{Outcome, Session};
use crate::catalog::{AskedOfExtension, ExtensionPlace, InstalledExtension, Member, Oid, Origin, Schema};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::extension::{ENDING, Extension, FOLDER, Head, shipped};
use crate::name::quote_ident;
use crate::parser::ast;

/// What is asked for: of the statement, and of the extensions that it cascades to.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    schema: Option<(&'a str, i32)>,
    version: Option<&'a str>,
    requirements: Requirements,
}

/// What becomes of extensions that are needed and not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Requirements {
    /// They are created.
    Cascade,
    /// They are an error.
    MustBeThere,
}

impl Session<'_> {
    pub(super) fn create_extension(&mut self, statement: &ast::CreateExtensionStmt) -> Outcome {
        let name = &statement.extname;
        if self.is_expected(&Address::Extension(name.clone())) {
            return self.take_over_extension(statement);
        }
        if self.catalog.extensions.contains_key(name) || name == "plpgsql" {
            if statement.if_not_exists || name == "plpgsql" {
                return Ok(());
            }
            let message = format!("extension `{name}` already exists");
            return Err(self.error(SqlState::DUPLICATE_OBJECT, message, -1));
        }
        let (mut schema, mut version) = (None, None);
        let mut requirements = Requirements::MustBeThere;
        for option in node::options(&statement.options) {
            let text = node::option_text(option);
            match option.defname.as_str() {
                "schema" => schema = text.map(|text| (text, option.location)),
                "new_version" => version = text,
                "cascade" if node::option_bool(option) && self.origin == Origin::Definition => {
                    return Err(self
                        .error(SqlState::FEATURE_NOT_SUPPORTED, "a definition names the one object that it makes", -1)
                        .note("with `CASCADE` it would make extensions that no definition declares")
                        .help("leave `CASCADE` out, and declare the extensions that it needs too"));
                }
                "cascade" if node::option_bool(option) => requirements = Requirements::Cascade,
                _ => {}
            }
        }
        let schema = schema.as_ref().map(|(name, location)| (name.as_str(), *location));
        let before = self.catalog.clone();
        let wanted = Wanted { schema, version: version.as_deref(), requirements };
        let outcome = self.create(name, wanted, &mut Vec::new());
        if outcome.is_err() {
            self.catalog = before;
            return outcome;
        }
        let known = self.known_extension(name)?;
        // One that is not known may have a schema of its own.
        let chosen = match known {
            Some((extension, _)) => extension.head.schema.is_none(),
            None => wanted.schema.is_some(),
        };
        let place = if chosen { ExtensionPlace::Chosen } else { ExtensionPlace::Its };
        self.asked_of(name, AskedOfExtension { version, place });
        Ok(())
    }

    fn asked_of(&mut self, name: &str, asked: AskedOfExtension) {
        let provenance = Some(self.provenance());
        if let Some(row) = self.catalog.extensions.get_mut(name) {
            let row = Arc::make_mut(row);
            (row.asked, row.provenance) = (asked, provenance);
        }
    }

    /// A definition says of an extension that is there where it is to be, and in which version.
    fn take_over_extension(&mut self, statement: &ast::CreateExtensionStmt) -> Outcome {
        let name = &statement.extname;
        let Some(row) = self.catalog.extensions.get(name).cloned() else { return Ok(()) };
        let mut asked = AskedOfExtension { version: None, ..row.asked.clone() };
        for option in node::options(&statement.options) {
            match option.defname.as_str() {
                "schema" => {
                    let wanted = node::option_text(option).unwrap_or_default();
                    let schema = self.schema(&wanted, option.location)?;
                    if schema != row.schema {
                        self.move_extension(name, schema)?;
                    }
                }
                "new_version" => asked.version = node::option_text(option),
                _ => {}
            }
        }
        if let Some((extension, source)) = self.known_extension(name)? {
            self.check_version(&extension.head, asked.version.as_deref(), source);
        }
        self.asked_of(name, asked);
        Ok(())
    }

    /// The extensions that one needs, as far as that is known.
    pub(super) fn required_extensions(&self, name: &str) -> Vec<String> {
        let known = self.known_extension(name).ok().flatten();
        known.map(|(extension, _)| extension.head.requires).unwrap_or_default()
    }

    /// `CreateExtensionInternal`
    fn create(&mut self, name: &str, wanted: Wanted<'_>, parents: &mut Vec<String>) -> Outcome {
        let found = self.known_extension(name)?;
        let head = found.as_ref().map(|(extension, _)| &extension.head);
        let schema = self.extension_schema(name, head, wanted.schema)?;
        let Some((extension, source)) = found else {
            self.unknown_extension(name);
            let row = InstalledExtension {
                schema,
                version: None,
                relocatable: true,
                requires: Vec::new(),
                members: BTreeSet::new(),
                asked: AskedOfExtension::default(),
                provenance: None,
            };
            self.catalog.extensions.insert(name.to_owned(), Arc::new(row));
            return Ok(());
        };
        self.check_version(&extension.head, wanted.version, source);
        self.check_server(&extension.head);
        for required in &extension.head.requires {
            if self.catalog.extensions.contains_key(required) || required == "plpgsql" {
                continue;
            }
            if wanted.requirements == Requirements::MustBeThere {
                let message = format!("required extension `{required}` is not installed");
                return Err(self
                    .error(SqlState::UNDEFINED_OBJECT, message, -1)
                    .help(format!("say `CREATE EXTENSION {}` first", quote_ident(required))));
            }
            if parents.contains(required) {
                let message = format!("cyclic dependency detected between extensions `{name}` and `{required}`");
                return Err(self.error(SqlState("42P19"), message, -1));
            }
            parents.push(name.to_owned());
            self.create(required, Wanted { version: None, ..wanted }, parents)?;
            parents.pop();
        }
        self.install(&extension, schema, source)
    }

    /// What is known of an extension: what the project captured, then what comes with viewkeeper.
    fn known_extension(&self, name: &str) -> Outcome<Option<(Extension, Source)>> {
        let read = |text: &str, path: &str| {
            Extension::parse(text).map_err(|error| {
                Diagnostic::error(format!("`{path}`, {error}"))
                    .note(format!("it says what the extension `{name}` brings"))
                    .help(capture_help(name))
            })
        };
        if let Some(file) = self.settings.extensions.get(name) {
            return Ok(Some((read(&file.text, file.path.as_str())?, Source::Captured)));
        }
        match shipped(name, self.settings.server_version) {
            Some(text) => Ok(Some((read(text, name)?, Source::Shipped))),
            None => Ok(None),
        }
    }

    /// Where the objects go: where the statement says, where the control file says, or the first schema of the path.
    fn extension_schema(&mut self, name: &str, head: Option<&Head>, wanted: Option<(&str, i32)>) -> Outcome<Oid> {
        let fixed = head.and_then(|head| head.schema.as_deref());
        match (wanted, fixed) {
            (Some((wanted, location)), Some(fixed)) if wanted != fixed => {
                let message = format!("extension `{name}` must be installed in schema `{fixed}`");
                Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, location))
            }
            (Some((wanted, location)), _) => self.schema(wanted, location),
            (None, Some(fixed)) => Ok(self.catalog.schema_by_name(fixed).unwrap_or_else(|| {
                let oid = self.catalog.allocate();
                self.catalog.insert_schema(Schema { oid, name: fixed.to_owned(), provenance: None });
                oid
            })),
            (None, None) => self.creation_schema("", "p", -1),
        }
    }

    fn check_version(&mut self, head: &Head, wanted: Option<&str>, source: Source) {
        let Some(wanted) = wanted.filter(|wanted| *wanted != head.version) else { return };
        let (name, known) = (&head.name, &head.version);
        let whose = match source {
            Source::Shipped => format!("PostgreSQL {} ships version {known}", self.settings.server_version.major()),
            Source::Captured => format!("what the project captured is version {known}"),
        };
        self.warn(
            Diagnostic::warning(format!("extension `{name}` of version {wanted} is taken for version {known}"))
                .note(format!("{whose}: functions that only one of the two has are known wrongly here"))
                .help(capture_help(name)),
        );
    }

    fn check_server(&mut self, head: &Head) {
        let target = self.settings.server_version.major();
        if let Some(server) = head.server.filter(|server| *server != target) {
            let name = &head.name;
            self.warn(
                Diagnostic::warning(format!("extension `{name}` was captured from PostgreSQL {server}"))
                    .note(format!("the project is for PostgreSQL {target}, where it may bring something else"))
                    .help(format!("capture it from PostgreSQL {target}: `cargo xtask capture-extension {name}`")),
            );
        }
    }

    fn unknown_extension(&mut self, name: &str) {
        let note = "which types, functions, operators and views it brings is not known";
        let description = format!("`CREATE EXTENSION {}`", quote_ident(name));
        self.unmodelled_with_help(description, note, Some(capture_help(name)));
    }

    /// `ALTER EXTENSION … UPDATE`: to the version that is known anyway, or to one that is not.
    pub(super) fn update_extension(&mut self, statement: &ast::AlterExtensionStmt) -> Outcome {
        let name = &statement.extname;
        let wanted = node::options(&statement.options)
            .find(|option| option.defname == "new_version")
            .and_then(node::option_text);
        if name == "plpgsql" {
            return Ok(());
        }
        if !self.catalog.extensions.contains_key(name) {
            let message = format!("extension `{name}` does not exist");
            return Err(self.error(SqlState::UNDEFINED_OBJECT, message, -1));
        }
        if let Some((extension, source)) = self.known_extension(name)? {
            self.check_version(&extension.head, wanted.as_deref(), source);
        }
        if let (Some(row), Some(_)) = (self.catalog.extensions.get_mut(name), &wanted) {
            Arc::make_mut(row).asked.version = wanted;
        }
        Ok(())
    }

    /// `ALTER EXTENSION … SET SCHEMA` (`AlterExtensionNamespace`): everything that is in its schema moves.
    pub(super) fn move_extension(&mut self, name: &str, schema: Oid) -> Outcome {
        let Some(row) = self.catalog.extensions.get(name).cloned() else { return Ok(()) };
        if !row.relocatable {
            let message = format!("extension `{name}` does not support SET SCHEMA");
            return Err(self.error(SqlState::FEATURE_NOT_SUPPORTED, message, -1));
        }
        for member in &row.members {
            match *member {
                Member::Relation(oid) => self.move_relation(oid, schema)?,
                Member::Type(oid) => self.move_type(oid, schema),
                Member::Routine(oid) => {
                    self.catalog.update_routine(oid, |row| row.schema = schema);
                }
                Member::Operator(oid) => {
                    self.catalog.update_operator(oid, |row| row.schema = schema);
                }
                Member::Collation(oid) => {
                    self.catalog.update_collation(oid, |row| row.schema = schema);
                }
                Member::Schema(_) | Member::Cast(..) | Member::Family(_) => {}
            }
        }
        let moved = InstalledExtension { schema, ..(*row).clone() };
        self.catalog.extensions.insert(name.to_owned(), Arc::new(moved));
        Ok(())
    }
}

fn capture_help(name: &str) -> String {
    format!(
        "run `cargo xtask capture-extension {name}` against a server that has it, which writes `{FOLDER}/{name}.{ENDING}`, \
         or make sure that no view uses it"
    )
}
