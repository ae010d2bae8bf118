//! What an extension brings, as text that people review: one JSON object a line, objects named by names. Here is the form,
//! and the extensions of PostgreSQL's contrib that come with viewkeeper; `capture` makes it from a server's catalog rows,
//! and `replay` puts it into a state.
//!
//! A name is written as `pg_catalog`'s own (`int4`), as one of the extension (`@.citext`, in the schema that it was put
//! into), as one of an extension that it requires (`@cube.cube`), or with a schema that is always the same
//! (`topology.layer`). `[]` after a type is its array type; a function or operator has its argument types behind it.

mod capture;
mod shipped;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use capture::{CaptureError, Members, capture};
pub use shipped::{SHIPPED, shipped};

/// Where a project keeps captured extensions, and the ending of their names.
pub const FOLDER: &str = "extensions";
/// The ending of the files.
pub const ENDING: &str = "jsonl";

/// An extension of one version, as one major version of the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// What its control file says.
    pub head: Head,
    /// What it brings, in the order of the file.
    pub objects: Vec<Object>,
}

/// What the control file of an extension says (`pg_available_extension_versions`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The major version of the server it was read from; none where it is the same in several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<u32>,
    /// Whether `ALTER EXTENSION … SET SCHEMA` works.
    #[serde(default, skip_serializing_if = "is_default")]
    pub relocatable: bool,
    /// The schema that it must be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Extensions that must be there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub requires: Vec<String>,
}

/// A line after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Object {
    Schema(SchemaRow),
    Type(TypeRow),
    Collation(CollationRow),
    Relation(RelationRow),
    Routine(RoutineRow),
    Operator(OperatorRow),
    Cast(CastRow),
    Family(FamilyRow),
}

/// A schema of the extension's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SchemaRow {
    pub name: String,
}

/// A type that is neither a row type nor an array type. What is left out is what most types have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TypeRow {
    pub name: String,
    /// `base`, `domain`, `enum`, `range`, `multirange`, `pseudo`.
    pub kind: String,
    pub category: char,
    #[serde(default = "minus_one", skip_serializing_if = "is_minus_one")]
    pub length: i16,
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferred: bool,
    /// A type that has no array type.
    #[serde(default, skip_serializing_if = "is_default")]
    pub without_array: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub element: String,
    /// `array`, `raw`, `jsonb`, `hstore`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subscripting: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub input: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub typmod_input: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub collation: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub base: String,
    #[serde(default = "no_modifier", skip_serializing_if = "is_no_modifier")]
    pub base_typmod: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub dimensions: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub labels: Vec<String>,
    /// Of a range: what it ranges over.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subtype: String,
    /// Of a range: the collation of its subtype.
    #[serde(default, skip_serializing_if = "is_default")]
    pub range_collation: String,
    /// Of a range: its multirange.
    #[serde(default, skip_serializing_if = "is_default")]
    pub multirange: String,
}

/// A collation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CollationRow {
    pub name: String,
    pub deterministic: bool,
}

/// A table, view, sequence, composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RelationRow {
    pub name: String,
    /// `table`, `view`, `materialized view`, `sequence`, `composite type`, `foreign table`, `partitioned table`.
    pub kind: String,
    pub columns: Vec<ColumnRow>,
    /// Primary and unique keys.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keys: Vec<KeyRow>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ColumnRow {
    pub name: String,
    #[serde(rename = "type")]
    pub type_: String,
    #[serde(default = "no_modifier", skip_serializing_if = "is_no_modifier")]
    pub typmod: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub collation: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub dimensions: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub not_null: bool,
}

/// A primary or unique key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct KeyRow {
    pub name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub primary: bool,
    pub columns: Vec<i16>,
}

/// A function, procedure, aggregate, window function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RoutineRow {
    /// With the types of its inputs.
    pub name: String,
    /// `function` where it is left out; `procedure`, `aggregate`, `window`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: String,
    pub result: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub returns_set: bool,
    /// All parameters, where one has a name or is an output.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parameters: Vec<ParameterRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub defaults: u16,
    #[serde(default, skip_serializing_if = "is_default")]
    pub variadic: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub strict: bool,
    /// `immutable` where it is left out; `stable`, `volatile`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub volatility: String,
    pub language: String,
    /// PostgreSQL's own function whose code it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub same_code_as: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<AggregateRow>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ParameterRow {
    #[serde(default, skip_serializing_if = "is_default")]
    pub name: String,
    #[serde(rename = "type")]
    pub type_: String,
    /// `in` where it is left out; `out`, `inout`, `variadic`, `table`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: String,
}

/// What makes a routine an aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AggregateRow {
    /// `normal` where it is left out; `ordered set`, `hypothetical set`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub direct_arguments: i16,
    pub transition: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub final_function: String,
    pub transition_type: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_initial_value: bool,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OperatorRow {
    /// With the types of its operands; nothing before the comma for a prefix operator.
    pub name: String,
    pub result: String,
    pub function: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub commutator: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub negator: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub can_merge: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub can_hash: bool,
}

/// A cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CastRow {
    pub source: String,
    pub target: String,
    /// `implicit`, `assignment`, `explicit`.
    pub context: String,
    /// The function; without one the bytes are taken as they are, or the text form when `as_text`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub function: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub as_text: bool,
}

/// An operator family of btree or hash with its classes; or what is added to one that was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FamilyRow {
    /// `btree`, `hash`.
    pub method: String,
    /// The input type of a class of the family that is added to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub of: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub classes: Vec<ClassRow>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub operators: Vec<FamilyOperatorRow>,
}

/// An operator class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ClassRow {
    pub input: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub default: bool,
}

/// An operator of a family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FamilyOperatorRow {
    pub strategy: u16,
    pub operator: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn minus_one() -> i16 {
    -1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_minus_one(value: &i16) -> bool {
    *value == -1
}

fn no_modifier() -> i32 {
    -1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_no_modifier(value: &i32) -> bool {
    *value == -1
}

/// A text that is not an extension: the line, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct ReadError {
    /// From 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

impl Extension {
    /// Reads the text form.
    ///
    /// # Errors
    /// When a line is not of the form.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let mut lines = text.lines().enumerate();
        let at = |line: usize| move |error: serde_json::Error| ReadError { line: line + 1, why: error.to_string() };
        let Some((first, head)) = lines.next() else {
            return Err(ReadError { line: 1, why: "the file is empty".to_owned() });
        };
        let head: BTreeMap<String, Head> = serde_json::from_str(head).map_err(at(first))?;
        let Some(head) = head.into_iter().find_map(|(key, head)| (key == "extension").then_some(head)) else {
            return Err(ReadError { line: 1, why: "it does not say which extension it is of".to_owned() });
        };
        let objects =
            lines.map(|(line, text)| serde_json::from_str(text).map_err(at(line))).collect::<Result<_, _>>()?;
        Ok(Self { head, objects })
    }

    /// The text form: a line for each object.
    ///
    /// # Errors
    /// Never for what `capture` and `parse` make.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(&BTreeMap::from([("extension", &self.head)]))?;
        text.push('\n');
        for object in &self.objects {
            text.push_str(&serde_json::to_string(object)?);
            text.push('\n');
        }
        Ok(text)
    }
}

/// The words of an enum of the catalog, both ways.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Every value with its word; of the first one the word may be left out.
    const WORDS: &'static [(Self, &'static str)];

    /// The word.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    /// The word, left out for the first value.
    fn word_unless_first(self) -> String {
        let first = Self::WORDS.first().is_some_and(|(value, _)| *value == self);
        if first { String::new() } else { self.word().to_owned() }
    }

    /// From the word.
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "" => Self::WORDS.first().map(|(value, _)| *value),
            word => Self::WORDS.iter().find(|(_, known)| *known == word).map(|(value, _)| *value),
        }
    }
}

macro_rules! words {
    ($($name:ident: $($value:ident $word:literal)*;)*) => {
        $(impl Word for crate::catalog::$name {
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$value, $word)),*];
        })*
    };
}

words! {
    TypeKind: Base "base" Domain "domain" Enum "enum" Range "range" Multirange "multirange" Pseudo "pseudo"
        Composite "composite";
    Subscripting: None "none" Array "array" RawArray "raw" Jsonb "jsonb" Hstore "hstore";
    RoutineKind: Function "function" Procedure "procedure" Aggregate "aggregate" Window "window";
    ParameterMode: In "in" Out "out" InOut "inout" Variadic "variadic" Table "table";
    Volatility: Immutable "immutable" Stable "stable" Volatile "volatile";
    AggregateKind: Normal "normal" OrderedSet "ordered set" HypotheticalSet "hypothetical set";
    CastContext: Implicit "implicit" Assignment "assignment" Explicit "explicit";
    RelationKind: Table "table" PartitionedTable "partitioned table" ForeignTable "foreign table" View "view"
        MaterializedView "materialized view" CompositeType "composite type" Sequence "sequence";
}
