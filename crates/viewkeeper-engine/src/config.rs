//! `viewkeeper.toml` of a database folder: what a project can choose. Every setting has a default; unknown keys are errors.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::catalog::ServerVersion;
use crate::diagnostic::Diagnostic;
use crate::generate::GenerateSettings;
use crate::nullability::DeclaredNullability;
use crate::source::{SourceFile, Span};

/// The name of the file.
pub const FILE_NAME: &str = "viewkeeper.toml";

/// What a project can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The oldest major version of the servers that the project runs on. Default: 18.
    pub server_version: ServerVersion,
    /// Where unqualified names are looked up, as the server's `search_path`. Default: `public`.
    pub search_path: Vec<String>,
    /// How new migrations are numbered. Default: sequential.
    pub numbering: Numbering,
    /// What each tenant has of its own. Default: databases.
    pub tenants: Tenants,
    /// Which Rust types rows are made of.
    pub generate: GenerateSettings,
    /// Names for databases, each with the environment variable that holds its URL. Never the URL itself: it may hold a
    /// password, and the file is committed.
    pub environments: BTreeMap<String, String>,
    /// What the project captured of extensions (`extensions/<name>.jsonl`), by the name of the extension; not in the file.
    pub extensions: BTreeMap<String, Arc<SourceFile>>,
    /// What `drift` leaves out.
    pub drift: DriftSettings,
    /// What a person says of nulls.
    pub nullability: Arc<DeclaredNullability>,
}

/// What `drift` leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DriftSettings {
    /// `[[drift.ignore]]`: what one of these rules describes is left out.
    #[serde(default)]
    pub ignore: Vec<IgnoreRule>,
}

/// What is left out: that which everything given here fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IgnoreRule {
    /// The object's name with its schema; `*` stands for any characters.
    pub name: Option<String>,
    /// Its kind, as `drift` names it.
    pub kind: Option<String>,
    /// What was found of it, as `drift` names it: `changed`, `dropped`, `created outside`.
    pub finding: Option<String>,
    /// What differs, as `drift` names it: `privileges`, `owner` and so on.
    pub aspect: Option<String>,
}

impl IgnoreRule {
    /// Whether the rule describes one aspect of what was found.
    pub fn fits(&self, name: &str, kind: &str, finding: &str, aspect: &str) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        self.name.as_deref().is_none_or(|pattern| fits_pattern(pattern, name))
            && same(&self.kind, kind)
            && same(&self.finding, finding)
            && same(&self.aspect, aspect)
    }
}

fn fits_pattern(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits_pattern(after, &rest[at..]))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server_version: ServerVersion::V18,
            search_path: vec!["public".to_owned()],
            numbering: Numbering::Sequential,
            tenants: Tenants::Databases,
            generate: GenerateSettings::default(),
            environments: BTreeMap::new(),
            extensions: BTreeMap::new(),
            drift: DriftSettings::default(),
            nullability: Arc::default(),
        }
    }
}

/// How new migrations are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbering {
    /// One more than the highest.
    Sequential,
    /// Seconds since 1970 (refinery's version column is an `int4`: longer forms do not fit).
    Timestamp,
}

/// What each tenant has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tenants {
    /// A database, or there are none: migrations name what they are about with its schema.
    Databases,
    /// A schema, for which the search path's first one stands: migrations name what is in it without a schema.
    Schemas,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    server_version: Option<toml::Spanned<u32>>,
    search_path: Option<Vec<String>>,
    numbering: Option<Numbering>,
    tenants: Option<Tenants>,
    generate: Option<GenerateSettings>,
    #[serde(default)]
    environments: BTreeMap<String, String>,
    drift: Option<DriftSettings>,
    nullability: Option<NullabilityText>,
}

/// `[nullability]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct NullabilityText {
    /// `schema.function`
    #[serde(default)]
    functions: Vec<toml::Spanned<String>>,
    /// `"schema.relation.column" = "not null"`
    #[serde(default)]
    columns: BTreeMap<toml::Spanned<String>, toml::Spanned<String>>,
}

impl NullabilityText {
    fn read(self, file: &Arc<SourceFile>) -> Result<DeclaredNullability, Diagnostic> {
        let at = |span: std::ops::Range<usize>| Span::new(span.start, span.end);
        let mut declared = DeclaredNullability::default();
        for name in self.functions {
            match name.get_ref().split('.').collect::<Vec<_>>()[..] {
                [schema, function] => declared.functions.insert((schema.to_owned(), function.to_owned())),
                _ => {
                    return Err(Diagnostic::error(format!("`{}` does not name a function", name.get_ref()))
                        .at(file, at(name.span()))
                        .help("write its schema and its name, without arguments: `public.slug`"));
                }
            };
        }
        for (name, said) in self.columns {
            let not_null = match said.get_ref().as_str() {
                "not null" => true,
                "null" => false,
                other => {
                    return Err(Diagnostic::error(format!("`{other}` is not what can be said of a column"))
                        .at(file, at(said.span()))
                        .help("write `not null` or `null`"));
                }
            };
            match name.get_ref().split('.').collect::<Vec<_>>()[..] {
                [schema, relation, column] => {
                    declared.columns.insert((schema.to_owned(), relation.to_owned(), column.to_owned()), not_null);
                }
                _ => {
                    return Err(Diagnostic::error(format!("`{}` does not name a column", name.get_ref()))
                        .at(file, at(name.span()))
                        .help("write schema, relation and column: `public.active_users.post_count`"));
                }
            }
        }
        Ok(declared)
    }
}

/// Reads the settings out of the file's text.
///
/// # Errors
/// With the place in the file, when it is not valid TOML, has an unknown key or an impossible value.
pub fn parse(file: &Arc<SourceFile>) -> Result<Settings, Diagnostic> {
    let parsed: File = toml::from_str(&file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::error(error.message()).at(file, Span::new(span.start, span.end))
    })?;
    let mut settings = Settings::default();
    if let Some(major) = parsed.server_version {
        let span = Span::new(major.span().start, major.span().end);
        settings.server_version = ServerVersion::from_major(*major.get_ref()).ok_or_else(|| {
            Diagnostic::error(format!("PostgreSQL {} is not supported", major.get_ref()))
                .at(file, span)
                .help("the supported major versions are 14, 15, 16, 17 and 18")
        })?;
    }
    settings.search_path = parsed.search_path.unwrap_or(settings.search_path);
    settings.numbering = parsed.numbering.unwrap_or(settings.numbering);
    settings.tenants = parsed.tenants.unwrap_or(settings.tenants);
    settings.generate = parsed.generate.unwrap_or_default();
    for (name, variable) in parsed.environments {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if variable.is_empty() || !variable.chars().all(is_name) {
            // Without the place: the line would be printed, and a password in it.
            let path = &file.path;
            return Err(Diagnostic::error(format!("`{name}` in `{path}` is not the name of an environment variable"))
                .note("a URL may hold a password, and this file is committed")
                .help(format!(
                    "put the URL into a variable and name it here: `{name} = \"PRODUCTION_DATABASE_URL\"`"
                )));
        }
        settings.environments.insert(name, variable);
    }
    settings.drift = parsed.drift.unwrap_or_default();
    if let Some(nullability) = parsed.nullability {
        settings.nullability = Arc::new(nullability.read(file)?);
    }
    if settings.drift.ignore.contains(&IgnoreRule::default()) {
        return Err(Diagnostic::error(
            "a rule in `[[drift.ignore]]` says nothing, so that everything would be left out",
        )
        .at(file, Span::at(file.text.find("drift").unwrap_or(0)))
        .help("give it at least one of `name`, `kind`, `finding` and `aspect`"));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::DateLibrary;

    #[test]
    fn settings_are_read_and_unknown_keys_are_errors() {
        let read = |text: &str| parse(&SourceFile::new(FILE_NAME, text));
        assert_eq!(read(""), Ok(Settings::default()));
        let settings = read("server-version = 15\nsearch-path = ['app', 'public']\nnumbering = 'timestamp'\n").unwrap();
        assert_eq!(settings.server_version, ServerVersion::V15);
        assert_eq!(settings.search_path, ["app", "public"]);
        assert_eq!(settings.numbering, Numbering::Timestamp);
        assert_eq!(read("tenants = 'schemas'").unwrap().tenants, Tenants::Schemas);
        let settings =
            read("[generate]\ndates = 'jiff'\n[generate.types]\nnumeric = 'rust_decimal::Decimal'\n").unwrap();
        assert_eq!(settings.generate.dates, DateLibrary::Jiff);
        assert_eq!(settings.generate.types["numeric"], "rust_decimal::Decimal");
        let settings = read("[environments]\nproduction = 'PRODUCTION_URL'\n").unwrap();
        assert_eq!(settings.environments["production"], "PRODUCTION_URL");
        let url = read("[environments]\nproduction = 'postgres://me:secret@db'\n").unwrap_err();
        assert_eq!(url.message, "`production` in `viewkeeper.toml` is not the name of an environment variable");
        assert!(!url.to_string().contains("secret"), "{url}");
        let rule = read("[[drift.ignore]]\nname = 'a.tmp_*_x'\naspect = 'owner'\n").unwrap().drift.ignore.remove(0);
        assert!(rule.fits("a.tmp_1_x", "view", "changed", "owner"));
        assert!(
            !rule.fits("a.tmp_1_y", "view", "changed", "owner") && !rule.fits("a.tmp__x", "view", "changed", "comment")
        );
        assert!(read("[[drift.ignore]]\n").is_err());
        assert!(read("[generate]\ndate = 'jiff'\n").is_err());
        assert!(read("server-version = 13").is_err());
        let unknown = read("sevrer-version = 15").unwrap_err().to_string();
        assert!(unknown.contains("viewkeeper.toml:1:1"), "{unknown}");
    }
}
