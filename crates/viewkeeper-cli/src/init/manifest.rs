//! Cargo's files as `init` makes and changes them: manifests, the workspace's members, the alias. Text in, text out; what
//! people wrote in them stays as they wrote it.

use camino::Utf8Path;
use toml_edit::{Array, DocumentMut, Item, RawString, Table, Value, value};
use viewkeeper_engine::diagnostic::Diagnostic;
use viewkeeper_engine::source::{SourceFile, Span};

/// Packages that are many times slower unless they are optimised, with how much.
const OPTIMISED: [(&str, i64); 3] = [("pg_query", 2), ("prost", 1), ("viewkeeper-engine", 2)];

/// Where viewkeeper's crates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The registry, in this version.
    Registry,
    /// A repository.
    Git(String),
    /// A checkout.
    Path(String),
}

impl Source {
    /// What `--from` says.
    pub(super) fn new(from: Option<&str>) -> Result<Self, Diagnostic> {
        match from {
            None => Ok(Self::Registry),
            Some(url) if url.contains("://") || url.starts_with("git@") => Ok(Self::Git(url.to_owned())),
            Some(path) => match Utf8Path::new(path).canonicalize_utf8() {
                Ok(path) if path.join("crates/viewkeeper").is_dir() => Ok(Self::Path(path.into_string())),
                _ => Err(Diagnostic::error(format!("`{path}` is not a checkout of viewkeeper"))
                    .help("name the folder that holds its `crates`, or the URL of a repository")),
            },
        }
    }

    fn dependency(&self, name: &str) -> String {
        match self {
            Self::Registry => format!("{name} = \"{}\"", env!("CARGO_PKG_VERSION")),
            Self::Git(url) => format!("{name} = {{ git = {} }}", value(url.as_str())),
            Self::Path(path) => format!("{name} = {{ path = {} }}", value(format!("{path}/crates/{name}"))),
        }
    }

    pub(super) fn db_manifest(&self, name: &str) -> String {
        let (runtime, engine) = (self.dependency("viewkeeper"), self.dependency("viewkeeper-engine"));
        let description = "The database: definitions, migrations, typed rows";
        package(name, description) + &format!("\n[dependencies]\n{runtime}\n\n[build-dependencies]\n{engine}\n")
    }

    pub(super) fn xtask_manifest(&self, name: &str) -> String {
        package(name, "Commands of this workspace")
            + &format!("\n[dependencies]\n{}\n", self.dependency("viewkeeper-cli"))
    }
}

fn package(name: &str, description: &str) -> String {
    format!(
        "[package]\nname = {}\ndescription = {}\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n",
        value(name),
        value(description)
    )
}

/// Whether a manifest is that of a workspace. One that cannot be read may be, and is told later.
pub(super) fn is_workspace(text: &str) -> bool {
    text.parse::<DocumentMut>().map_or(true, |manifest| manifest.contains_key("workspace"))
}

/// Whether a manifest names a package among its dependencies.
pub(super) fn depends_on(text: &str, package: &str) -> bool {
    let manifest = text.parse::<DocumentMut>().unwrap_or_default();
    let dependencies = manifest.get("dependencies").and_then(Item::as_table_like);
    dependencies.is_some_and(|dependencies| dependencies.contains_key(package))
}

/// A workspace's manifest with these members, and with what makes builds fast.
pub(super) fn with_members(text: &str, folders: &[&Utf8Path]) -> Result<String, Diagnostic> {
    let mut manifest = parsed("Cargo.toml", text)?;
    let workspace = manifest.entry("workspace").or_insert_with(|| Item::Table(Table::new()));
    let members = workspace
        .as_table_like_mut()
        .map(|workspace| workspace.entry("members").or_insert_with(|| value(Array::new())))
        .and_then(Item::as_array_mut)
        .ok_or_else(|| Diagnostic::error("`members` of the workspace in `Cargo.toml` is not a list"))?;
    for folder in folders {
        let covers = |pattern: &Value| pattern.as_str().is_some_and(|pattern| covers(pattern, folder));
        if !members.iter().any(covers) {
            push(members, folder.as_str());
        }
    }
    let mut comment =
        "\n# viewkeeper's parser and engine run in build scripts and commands, many times slower unless optimised.\n";
    for (package, level) in OPTIMISED {
        let mut table = &mut manifest["profile"];
        for key in ["dev", "package"] {
            table.or_insert(implicit());
            table = &mut table[key];
        }
        let packages = table.or_insert(implicit());
        if packages.get(package).is_none() {
            let mut settings = Table::new();
            settings.insert("opt-level", value(level));
            settings.decor_mut().set_prefix(comment);
            comment = "";
            packages[package] = Item::Table(settings);
        }
    }
    Ok(manifest.to_string())
}

fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Adds a member as the others stand: on a line of its own, or behind the last.
fn push(members: &mut Array, folder: &str) {
    let before = members.iter().last().and_then(|last| last.decor().prefix()).and_then(RawString::as_str);
    let prefix = match before {
        // Without the comment behind the one before.
        Some(lines) if lines.contains('\n') => {
            lines.rsplit('\n').next().map_or(String::new(), |line| format!("\n{line}"))
        }
        Some(_) => " ".to_owned(),
        None => String::new(),
    };
    members.push_formatted(Value::from(folder).decorated(prefix, ""));
}

/// Whether a pattern of `members` names a folder.
fn covers(pattern: &str, folder: &Utf8Path) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    match pattern.strip_suffix('*') {
        Some(parent) if parent.is_empty() || parent.ends_with('/') => {
            folder.parent().is_some_and(|above| above.as_str() == parent.trim_end_matches('/'))
        }
        _ => folder == pattern,
    }
}

/// Cargo's settings with the alias that runs the commands.
pub(super) fn with_alias(text: &str, package: &str) -> Result<String, Diagnostic> {
    let mut config = parsed(".cargo/config.toml", text)?;
    let command = format!("run --quiet --package {package} --");
    let aliases = config.entry("alias").or_insert_with(|| Item::Table(Table::new()));
    match aliases.get(package) {
        None => aliases[package] = value(command),
        Some(there) if runs(there, package) => {}
        Some(_) => {
            return Err(Diagnostic::error(format!("`cargo {package}` is an alias for something else already"))
                .note("`.cargo/config.toml` says what it runs")
                .help("give the commands another name: `--xtask views`"));
        }
    }
    Ok(config.to_string())
}

/// Whether an alias runs a package.
fn runs(alias: &Item, package: &str) -> bool {
    let words: Vec<String> = match (alias.as_str(), alias.as_array()) {
        (Some(text), _) => text.split_whitespace().map(str::to_owned).collect(),
        (_, Some(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    words.first().is_some_and(|word| word == "run" || word == "r") && words.iter().any(|word| word == package)
}

fn parsed(path: &str, text: &str) -> Result<DocumentMut, Diagnostic> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::error(error.message()).at(&SourceFile::new(path, text), Span::new(span.start, span.end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> String {
        let edited = with_members(text, &["db".into(), "xtask".into()]).unwrap();
        edited.split("\n# viewkeeper").next().unwrap().to_owned()
    }

    #[test]
    fn members_are_added_as_the_others_stand() {
        for (before, after) in [
            ("[workspace]\nmembers = [\"a\"] # all\n", "[workspace]\nmembers = [\"a\", \"db\", \"xtask\"] # all\n"),
            (
                "[workspace]\nmembers = [\n    \"a\", # one\n    \"b\",\n]\n",
                "[workspace]\nmembers = [\n    \"a\", # one\n    \"b\",\n    \"db\",\n    \"xtask\",\n]\n",
            ),
            ("[workspace]\nmembers = [\"*\"]\n", "[workspace]\nmembers = [\"*\"]\n"),
            ("[package]\nname = \"a\"\n", "[package]\nname = \"a\"\n\n[workspace]\nmembers = [\"db\", \"xtask\"]\n"),
        ] {
            assert_eq!(members(before), after);
        }
    }

    #[test]
    fn patterns_cover_the_folders_below_them_alone() {
        assert!(covers("crates/*", "crates/db".into()) && covers("*", "db".into()) && covers("./db/", "db".into()));
        assert!(!covers("crates/*", "db".into()) && !covers("*", "crates/db".into()) && !covers("d*", "db".into()));
    }

    #[test]
    fn twice_is_once() {
        let once = with_members("[workspace]\nmembers = []\n", &["db".into()]).unwrap();
        assert_eq!(with_members(&once, &["db".into()]).unwrap(), once);
        let once = with_alias("[build]\njobs = 2\n", "xtask").unwrap();
        assert_eq!(once, "[build]\njobs = 2\n\n[alias]\nxtask = \"run --quiet --package xtask --\"\n");
        assert_eq!(with_alias(&once, "xtask").unwrap(), once);
        assert!(with_alias("[alias]\nxtask = \"run -p other --\"\n", "xtask").is_err());
    }

    #[test]
    fn what_is_optimised_already_stays_as_it_is() {
        let own = "[workspace]\nmembers = [\"db\"]\n\n[profile.dev.package.pg_query]\nopt-level = 3\n";
        let edited = with_members(own, &["db".into()]).unwrap();
        assert!(edited.starts_with(own), "{edited}");
        assert!(edited.contains("[profile.dev.package.viewkeeper-engine]\nopt-level = 2\n"), "{edited}");
    }
}
