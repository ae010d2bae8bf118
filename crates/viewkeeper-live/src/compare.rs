//! Several databases side by side: for each object which of them hold the same, and what differs between those that do
//! not. Pure: states in, comparison out. What servers render is never compared between major versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::{ObjectName, ServerState, last_part, parent};

/// A database that is compared, as it was read.
#[derive(Debug, Clone)]
pub struct Environment {
    /// What it is called.
    pub name: String,
    /// Its server's major version.
    pub major: u32,
    /// What it holds.
    pub state: ServerState,
}

/// One object in all environments; what belongs to a relation (columns, indexes, triggers, …) is part of it.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The object.
    pub object: ObjectName,
    /// For each environment, in order.
    pub cells: Vec<Cell>,
    rendered: Vec<Option<Rendered>>,
    majors: Vec<u32>,
}

/// What an environment holds of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Missing,
    /// One of the object's versions, numbered from 0 in the order of the environments.
    Version(usize, Certainty),
}

/// How far the equality with the version's first environment was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Everything is equal.
    Whole,
    /// The servers' major versions differ, and the object has texts that a server renders: these were not compared.
    WithoutTexts,
}

/// How an object stands over all environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The same everywhere.
    Same,
    /// Everywhere, but not the same.
    Differs,
    /// Not everywhere; where it is, it may differ too.
    Missing,
}

/// One aspect that differs between two versions of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `definition`, `columns`, `privileges`, …
    pub aspect: String,
    /// In lines; empty where there is nothing.
    pub old: String,
    /// The same of the other.
    pub new: String,
}

/// The aspects of an object, in lines.
type Aspects = BTreeMap<String, String>;

#[derive(Debug, Clone)]
struct Rendered {
    /// For servers of the same major.
    whole: Aspects,
    /// For servers of different ones.
    portable: Aspects,
    has_texts: bool,
}

/// Compares environments. Aspects that are named in `ignored` are left out.
pub fn compare(environments: &[Environment], ignored: &BTreeSet<String>) -> Vec<Compared> {
    let objects: Vec<_> =
        environments.iter().map(|environment| rendered(&environment.state, ignored)).collect::<Vec<_>>();
    let names: BTreeSet<&ObjectName> = objects.iter().flat_map(BTreeMap::keys).collect();
    let majors: Vec<u32> = environments.iter().map(|environment| environment.major).collect();
    names
        .into_iter()
        .map(|name| {
            let rendered: Vec<_> = objects.iter().map(|objects| objects.get(name).cloned()).collect();
            let cells = cells(&rendered, &majors);
            Compared { object: name.clone(), cells, rendered, majors: majors.clone() }
        })
        .collect()
}

impl Compared {
    /// How it stands over all environments.
    pub fn standing(&self) -> Standing {
        if self.cells.contains(&Cell::Missing) {
            Standing::Missing
        } else if self.versions().len() > 1 {
            Standing::Differs
        } else {
            Standing::Same
        }
    }

    /// The environments that hold each version, in the order of the versions.
    pub fn versions(&self) -> Vec<Vec<usize>> {
        let mut versions: Vec<Vec<usize>> = Vec::new();
        for (environment, cell) in self.cells.iter().enumerate() {
            if let Cell::Version(number, _) = cell {
                if versions.len() <= *number {
                    versions.resize(number + 1, Vec::new());
                }
                versions[*number].push(environment);
            }
        }
        versions
    }

    /// What differs between the first version and another.
    pub fn differences(&self, version: usize) -> Vec<Difference> {
        let versions = self.versions();
        let (Some(first), Some(other)) = (versions.first(), versions.get(version)) else { return Vec::new() };
        let pairs = || first.iter().flat_map(|old| other.iter().map(move |new| (*old, *new)));
        let comparable = pairs().find(|(old, new)| self.majors[*old] == self.majors[*new]);
        let aspects = |environment: usize| match (&self.rendered[environment], comparable) {
            (Some(rendered), Some(_)) => rendered.whole.clone(),
            (Some(rendered), None) => rendered.portable.clone(),
            (None, _) => Aspects::new(),
        };
        let Some((old, new)) = comparable.or_else(|| pairs().next()) else { return Vec::new() };
        let (old, new) = (aspects(old), aspects(new));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let get = |aspects: &Aspects, name: &String| aspects.get(name).cloned().unwrap_or_default();
        let mut found: Vec<Difference> = names
            .into_iter()
            .filter(|name| old.get(*name) != new.get(*name))
            .map(|name| Difference { aspect: name.clone(), old: get(&old, name), new: get(&new, name) })
            .collect();
        // What the object is comes before what is said about it.
        found.sort_by_key(|difference| difference.aspect != "definition");
        found
    }
}

/// Equal environments get the same number. An environment whose major is new to a version joins the first one that is
/// equal as far as majors can be compared.
fn cells(rendered: &[Option<Rendered>], majors: &[u32]) -> Vec<Cell> {
    let mut versions: Vec<Vec<usize>> = Vec::new();
    let mut cells: Vec<Cell> = Vec::new();
    for (environment, (rendered_here, major)) in rendered.iter().zip(majors).enumerate() {
        let Some(here) = rendered_here else {
            cells.push(Cell::Missing);
            continue;
        };
        let get = |other: usize| rendered[other].as_ref();
        let same_major = (0..environment)
            .find(|other| majors[*other] == *major && get(*other).is_some_and(|other| other.whole == here.whole));
        if let Some(other) = same_major {
            let cell = cells[other];
            if let Cell::Version(number, _) = cell {
                versions[number].push(environment);
            }
            cells.push(cell);
            continue;
        }
        let joined = versions.iter().position(|members| {
            members.iter().all(|other| majors[*other] != *major)
                && members.first().and_then(|first| get(*first)).is_some_and(|first| first.portable == here.portable)
        });
        let number = joined.unwrap_or(versions.len());
        if joined.is_none() {
            versions.push(Vec::new());
        }
        versions[number].push(environment);
        let certainty = if joined.is_some() && here.has_texts { Certainty::WithoutTexts } else { Certainty::Whole };
        cells.push(Cell::Version(number, certainty));
    }
    cells
}

/// All aspects that objects can have.
pub const ASPECTS: &[&str] = &[
    "access method",
    "aggregate",
    "attributes",
    "base type",
    "calls",
    "check",
    "checksum",
    "clustered",
    "collation",
    "columns",
    "command",
    "comment",
    "commutator",
    "compression",
    "constraints",
    "context",
    "default",
    "definition",
    "dimensions",
    "enabled",
    "estimators",
    "foreign options",
    "foreign server",
    "function",
    "functions",
    "generated",
    "has default",
    "identity",
    "indexes",
    "inherited",
    "joins",
    "keys",
    "labels",
    "language",
    "method",
    "negator",
    "not null",
    "of type",
    "options",
    "owned by",
    "owner",
    "parent",
    "parents",
    "partition bound",
    "partition key",
    "permissive",
    "persistence",
    "policies",
    "populated",
    "privileges",
    "range of",
    "reads",
    "replica identity",
    "result",
    "roles",
    "row security",
    "row security of owner",
    "rules",
    "schema",
    "sequence",
    "settings",
    "source",
    "statistics target",
    "statistics targets",
    "storage",
    "tables",
    "tablespace",
    "target",
    "triggers",
    "type",
    "using",
    "valid",
    "values",
    "version",
];

/// What belongs to another object, and under which aspect it is shown there.
const PARTS: &[(&str, &str)] = &[
    ("column", "columns"),
    ("constraint", "constraints"),
    ("index", "indexes"),
    ("policy", "policies"),
    ("rule", "rules"),
    ("trigger", "triggers"),
];

/// Kinds that parts belong to.
const WHOLES: &[&str] = &["table", "view", "materialized view", "foreign table", "composite type", "domain"];

/// Texts that a server renders from its own trees, each major version in its own way; and columns of its catalogs as
/// they are.
const TEXTS: &[&str] = &[
    "definition",
    "default",
    "generated",
    "partition key",
    "partition bound",
    "using",
    "check",
    "aggregate",
    "dimensions",
];

/// What stands in for the texts between major versions, and is said by them within one.
const STAND_INS: &[&str] =
    &["reads", "has default", "keys", "calls", "source", "language", "attributes", "type", "relation"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    SameMajor,
    Majors,
}

type Properties = BTreeMap<String, String>;

fn rendered(state: &ServerState, ignored: &BTreeSet<String>) -> BTreeMap<ObjectName, Rendered> {
    let wholes: BTreeMap<&str, &ObjectName> = state
        .objects
        .keys()
        .filter(|object| WHOLES.contains(&object.kind.as_str()))
        .map(|object| (object.name.as_str(), object))
        .collect();
    let mut parts: BTreeMap<&ObjectName, Vec<(&'static str, &ObjectName, &Properties)>> = BTreeMap::new();
    let mut tops = Vec::new();
    for (object, properties) in &state.objects {
        let part = PARTS.iter().find(|(kind, _)| *kind == object.kind).and_then(|(_, aspect)| {
            let whole = properties.get("relation").map(String::as_str).or_else(|| parent(&object.name))?;
            Some((*aspect, *wholes.get(whole)?))
        });
        match part {
            Some((aspect, whole)) => parts.entry(whole).or_default().push((aspect, object, properties)),
            None => tops.push((object, properties)),
        }
    }
    tops.into_iter()
        .map(|(object, properties)| {
            let parts = parts.get(object).map(Vec::as_slice).unwrap_or_default();
            let of = |between| aspects(properties, parts, between, ignored);
            let has_texts = std::iter::once(properties)
                .chain(parts.iter().map(|(_, _, properties)| *properties))
                .any(|properties| TEXTS.iter().any(|text| properties.contains_key(*text)));
            let rendered = Rendered { whole: of(Between::SameMajor), portable: of(Between::Majors), has_texts };
            (object.clone(), rendered)
        })
        .collect()
}

fn aspects(
    properties: &Properties,
    parts: &[(&'static str, &ObjectName, &Properties)],
    between: Between,
    ignored: &BTreeSet<String>,
) -> Aspects {
    let mut aspects = Aspects::new();
    let mut add = |aspect: &str, line: &str| {
        if !ignored.contains(aspect) {
            let text = aspects.entry(aspect.to_owned()).or_default();
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    };
    for (property, value) in compared(properties, between) {
        match property.strip_prefix("privilege ") {
            Some(privilege) => add("privileges", &format!("{privilege} {value}")),
            None => add(property, value.trim_matches('\n')),
        }
    }
    let mut parts: Vec<_> = parts.to_vec();
    // Columns as they are ordered; of everything else the order has no meaning, and that of the names stays.
    parts
        .sort_by_key(|(_, _, properties)| properties.get("position").and_then(|position| position.parse::<u32>().ok()));
    for (aspect, object, properties) in parts {
        // From 18 on these are objects; the columns say the same.
        if between == Between::Majors && properties.get("type").is_some_and(|kind| kind == "not null") {
            continue;
        }
        let mut line = last_part(&object.name).to_owned();
        for (property, value) in compared(properties, between) {
            let is_ignored =
                ignored.contains(property) || ignored.contains("privileges") && property.starts_with("privilege ");
            if property == "position" || is_ignored {
                continue;
            }
            line.push_str(match property {
                "type" | "definition" => ": ",
                _ => "; ",
            });
            if !["type", "definition"].contains(&property) {
                line.push_str(property);
                line.push(' ');
            }
            line.push_str(&value.trim().replace('\n', "\n    "));
        }
        add(aspect, &line);
    }
    aspects
}

/// The properties that are compared; what the object is comes first.
fn compared(properties: &Properties, between: Between) -> Vec<(&str, &str)> {
    let is_column = properties.contains_key("position");
    let mut found: Vec<(&str, &str)> = properties
        .iter()
        .map(|(property, value)| (property.as_str(), value.as_str()))
        .filter(|(property, _)| match between {
            Between::Majors => !TEXTS.contains(property) && !is_newer_privilege(property),
            // A column's type is no stand-in; an aggregate has no other text.
            Between::SameMajor => {
                let said = is_column && *property != "type" || properties.contains_key("definition");
                !(STAND_INS.contains(property) && said)
            }
        })
        .filter(|(property, _)| *property != "relation")
        .collect();
    found.sort_by_key(|(property, _)| !["type", "definition"].contains(property));
    found
}

/// 17 has a privilege that older servers do not know; everybody who may do everything has it there.
fn is_newer_privilege(property: &str) -> bool {
    property.starts_with("privilege ") && property.ends_with(" MAINTAIN")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(major: u32, definition: &str, columns: &[&str]) -> Environment {
        let mut state = ServerState::default();
        let mut add = |kind: &str, name: &str, properties: &[(&str, &str)]| {
            let object = ObjectName { kind: kind.to_owned(), name: name.to_owned() };
            let properties = properties.iter().map(|(property, value)| ((*property).to_owned(), (*value).to_owned()));
            state.objects.insert(object, properties.collect());
        };
        add("view", "public.\"v.w\"", &[("definition", definition), ("reads", "public.t")]);
        for (number, column) in columns.iter().enumerate() {
            let position = number.to_string();
            add("column", &format!("public.\"v.w\".{column}"), &[("type", "integer"), ("position", position.as_str())]);
        }
        Environment { name: major.to_string(), major, state }
    }

    fn check_cells(environments: &[Environment], expected: &str) {
        let found = compare(environments, &BTreeSet::new());
        assert_eq!(found.len(), 1, "{found:?}");
        let cell = |cell: &Cell| match cell {
            Cell::Missing => "-".to_owned(),
            Cell::Version(number, Certainty::Whole) => number.to_string(),
            Cell::Version(number, Certainty::WithoutTexts) => format!("{number}~"),
        };
        assert_eq!(found[0].cells.iter().map(cell).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn equal_ones_are_grouped() {
        let a = || environment(15, "a", &["x"]);
        let empty = Environment { name: String::new(), major: 15, state: ServerState::default() };
        check_cells(&[a(), environment(15, "b", &["x"]), a(), empty], "0 1 0 -");
    }

    #[test]
    fn texts_of_different_majors_are_not_compared() {
        let a = environment(15, "a", &["x"]);
        check_cells(&[a.clone(), environment(18, "b", &["x"])], "0 0~");
        check_cells(&[a.clone(), environment(18, "a", &["x", "y"])], "0 1");
        // Two of 18 that differ are not both what 15 has.
        check_cells(&[a, environment(18, "b", &["x"]), environment(18, "c", &["x"])], "0 0~ 1");
    }

    #[test]
    fn what_differs_is_named_by_its_aspect() {
        let found = compare(&[environment(15, "a", &["x", "y"]), environment(15, "b", &["y", "x"])], &BTreeSet::new());
        let texts: Vec<_> = found[0].differences(1).into_iter().map(|d| (d.aspect, d.old, d.new)).collect();
        let text = |aspect: &str, old: &str, new: &str| (aspect.to_owned(), old.to_owned(), new.to_owned());
        assert_eq!(
            texts,
            [text("definition", "a", "b"), text("columns", "x: integer\ny: integer", "y: integer\nx: integer")]
        );
        let ignored = ["definition", "columns"].map(str::to_owned).into();
        let found = compare(&[environment(15, "a", &["x"]), environment(15, "b", &["y"])], &ignored);
        assert_eq!(found[0].standing(), Standing::Same);
    }

    #[test]
    fn every_property_that_is_read_is_an_aspect() {
        for (kind, query) in crate::read::QUERIES {
            for row in query.split("('").skip(1) {
                let Some((word, after)) = row.split_once('\'') else { continue };
                // A list of kinds goes on with another word.
                let is_property = after.starts_with(", ")
                    && !after.starts_with(", '")
                    && word.len() > 2
                    && !word.contains(['%', '_']);
                // Where it stands and what it is of is not compared.
                if is_property && !["position", "relation"].contains(&word) {
                    assert!(ASPECTS.contains(&word), "`{word}` of {kind}");
                }
            }
        }
    }

    #[test]
    fn dots_between_quotes_belong_to_names() {
        assert_eq!(parent("a.\"b.\"\".c\".d"), Some("a.\"b.\"\".c\""));
        assert_eq!(last_part("a.\"b.c\""), "\"b.c\"");
        assert_eq!(parent("a"), None);
    }
}
