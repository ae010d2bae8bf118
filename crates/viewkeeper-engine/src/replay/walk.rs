//! Finds names anywhere in a raw parse tree: relations, types, functions, columns, literals. The tree's own
//! serialisation is the walk, so no kind of node can be forgotten; nothing is resolved here.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::{self, Impossible, Serializer};

use crate::parser::{self, NodeEnum};
use crate::source::{Span, edited};

/// The names in a tree, in the order of the text, each as its dotted parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct References {
    /// Relations named in FROM and the like; the schema is empty where the text has none.
    pub(super) relations: Vec<(String, String)>,
    /// Names of `WITH` queries.
    pub(super) ctes: BTreeSet<String>,
    /// Types.
    pub(super) types: Vec<Vec<String>>,
    /// Functions called.
    pub(super) functions: Vec<Vec<String>>,
    /// Operators.
    pub(super) operators: Vec<Vec<String>>,
    /// Collations.
    pub(super) collations: Vec<Vec<String>>,
    /// Columns, `*` left out.
    pub(super) columns: Vec<Vec<String>>,
    /// String literals.
    pub(super) literals: Vec<String>,
    /// Where names stand; filled by [`places`] alone.
    pub(super) places: Vec<Place>,
}

/// A name, literal or entry of a target list, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: PlaceKind,
    /// Its dotted parts; of a literal its text, of an entry of a target list nothing.
    pub(super) parts: Vec<String>,
    /// Whether a relation has an alias, or an entry of a target list a name.
    pub(super) named: bool,
    /// In bytes.
    pub(super) start: usize,
}

/// What stands in a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceKind {
    Relation,
    Column,
    Function,
    Type,
    Literal,
    Target,
}

/// Where the names in a tree stand, in the order of the text.
pub(super) fn places(node: &NodeEnum) -> Vec<Place> {
    let mut walk = Walk { with_places: true, ..Walk::default() };
    let _ = node.serialize(&mut walk);
    walk.found.places.sort_by_key(|place| place.start);
    walk.found.places
}

/// A statement in canonical text, with relations named without their schemas.
pub(crate) fn relations_without_schemas(text: &str) -> Option<String> {
    let node = parser::statement_in(text)?;
    let tokens: Vec<_> = parser::tokens(text).into_iter().map(|token| token.span).collect();
    let places = places(&node);
    let qualified = places.iter().filter(|place| place.kind == PlaceKind::Relation && place.parts.len() == 2);
    let schema = |place: &Place| {
        let at = tokens.iter().position(|span| span.start == place.start)?;
        Some((Span::new(place.start, tokens.get(at + 2)?.start), String::new()))
    };
    edited(text, qualified.map(schema).collect::<Option<_>>()?)
}

/// All names in a tree.
pub(super) fn references(node: &NodeEnum) -> References {
    let mut walk = Walk::default();
    // The walk itself never fails.
    let _ = node.serialize(&mut walk);
    walk.found
}

/// The types that a statement names, each by its dotted parts.
pub(crate) fn types_named_in(node: &NodeEnum) -> Vec<Vec<String>> {
    references(node).types
}

#[derive(Default)]
struct Walk {
    found: References,
    /// The dotted name that is being read.
    parts: Option<Vec<String>>,
    /// The field that the next string belongs to.
    field: Option<Text>,
    relation: (String, String),
    with_places: bool,
    /// The last number, the last literal, and whether the field at hand holds anything.
    number: i32,
    literal: Option<String>,
    filled: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    SchemaName,
    RelationName,
    CteName,
    TargetName,
    Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Struct {
    RangeVar,
    CommonTableExpr,
    TypeName,
    FuncCall,
    Operator,
    CollateClause,
    ColumnRef,
    Constant,
    Target,
    String,
    Other,
}

impl Struct {
    fn place(self) -> Option<PlaceKind> {
        Some(match self {
            Self::RangeVar => PlaceKind::Relation,
            Self::ColumnRef => PlaceKind::Column,
            Self::FuncCall => PlaceKind::Function,
            Self::TypeName => PlaceKind::Type,
            Self::Constant => PlaceKind::Literal,
            Self::Target => PlaceKind::Target,
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the walk cannot fail")
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Fields<'a> {
    walk: &'a mut Walk,
    kind: Struct,
    parts: Vec<String>,
    named: bool,
    start: i32,
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Never> {
        let dotted = matches!(
            (self.kind, key),
            (Struct::TypeName, "names")
                | (Struct::FuncCall, "funcname")
                | (Struct::Operator, "name")
                | (Struct::CollateClause, "collname")
                | (Struct::ColumnRef, "fields")
        );
        if dotted {
            let outer = self.walk.parts.replace(Vec::new());
            value.serialize(&mut *self.walk)?;
            let name = std::mem::replace(&mut self.walk.parts, outer).unwrap_or_default();
            if self.walk.with_places {
                self.parts.clone_from(&name);
            }
            let found = &mut self.walk.found;
            match self.kind {
                Struct::TypeName => found.types.push(name),
                Struct::FuncCall => found.functions.push(name),
                Struct::Operator => found.operators.push(name),
                Struct::CollateClause => found.collations.push(name),
                _ => found.columns.push(name),
            }
            return Ok(());
        }
        self.walk.field = match (self.kind, key) {
            (Struct::RangeVar, "schemaname") => Some(Text::SchemaName),
            (Struct::RangeVar, "relname") => Some(Text::RelationName),
            (Struct::CommonTableExpr, "ctename") => Some(Text::CteName),
            (Struct::Target, "name") => Some(Text::TargetName),
            (Struct::String, "sval") => Some(Text::Part),
            _ => None,
        };
        (self.walk.filled, self.walk.literal) = (false, None);
        value.serialize(&mut *self.walk)?;
        self.walk.field = None;
        match (self.kind, key) {
            (Struct::RangeVar, "alias") | (Struct::Target, "name") => self.named = self.walk.filled,
            (Struct::Constant, "val") => self.parts.extend(self.walk.literal.take()),
            (_, "location") => self.start = self.walk.number,
            _ => {}
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), Never> {
        if self.kind == Struct::RangeVar {
            let relation = std::mem::take(&mut self.walk.relation);
            if self.walk.with_places {
                let (schema, name) = relation.clone();
                self.parts = if schema.is_empty() { vec![name] } else { vec![schema, name] };
            }
            self.walk.found.relations.push(relation);
        }
        if let (true, Some(kind), Ok(start)) = (self.walk.with_places, self.kind.place(), usize::try_from(self.start)) {
            let (parts, named) = (self.parts, self.named);
            if kind != PlaceKind::Literal || !parts.is_empty() {
                self.walk.found.places.push(Place { kind, parts, named, start });
            }
        }
        // What holds this is filled.
        self.walk.filled = true;
        Ok(())
    }
}

impl ser::SerializeSeq for &mut Walk {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

macro_rules! nothing {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, _: $type) -> Result<(), Never> { Ok(()) })*
    };
}

impl<'a> Serializer for &'a mut Walk {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Impossible<(), Never>;
    type SerializeTupleStruct = Impossible<(), Never>;
    type SerializeTupleVariant = Impossible<(), Never>;
    type SerializeMap = Impossible<(), Never>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<(), Never>;

    fn serialize_i32(self, number: i32) -> Result<(), Never> {
        self.number = number;
        Ok(())
    }

    nothing!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_bytes: &[u8]);

    fn serialize_str(self, text: &str) -> Result<(), Never> {
        match self.field {
            Some(Text::SchemaName) => text.clone_into(&mut self.relation.0),
            Some(Text::RelationName) => text.clone_into(&mut self.relation.1),
            Some(Text::CteName) => {
                self.found.ctes.insert(text.to_owned());
            }
            Some(Text::Part) => match &mut self.parts {
                Some(parts) => parts.push(text.to_owned()),
                None => {
                    self.found.literals.push(text.to_owned());
                    self.literal = Some(text.to_owned());
                }
            },
            Some(Text::TargetName) => self.filled = !text.is_empty(),
            None => {}
        }
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Never> {
        Err(Never)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Never> {
        Err(Never)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Never> {
        Err(Never)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Never> {
        Err(Never)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, Never> {
        let kind = match name {
            "RangeVar" => Struct::RangeVar,
            "CommonTableExpr" => Struct::CommonTableExpr,
            "TypeName" => Struct::TypeName,
            "FuncCall" => Struct::FuncCall,
            "AExpr" => Struct::Operator,
            "CollateClause" => Struct::CollateClause,
            "ColumnRef" => Struct::ColumnRef,
            "AConst" => Struct::Constant,
            "ResTarget" => Struct::Target,
            "String" => Struct::String,
            _ => Struct::Other,
        };
        Ok(Fields { walk: self, kind, parts: Vec::new(), named: false, start: -1 })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Never> {
        Err(Never)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ServerVersion;
    use crate::parser;
    use crate::source::SourceFile;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let sql = "WITH w AS (SELECT 1) SELECT f(a.x), 'q'::s.t FROM w, s.b WHERE EXISTS (SELECT FROM c \
                   WHERE c.y OPERATOR(s.+) 1 COLLATE \"C\")";
        let statement = parser::parse(&SourceFile::new("a.sql", sql), ServerVersion::LATEST).unwrap().remove(0);
        let found = references(&statement.node);
        let pair = |schema: &str, name: &str| (schema.to_owned(), name.to_owned());
        assert_eq!(found.relations, [pair("", "w"), pair("s", "b"), pair("", "c")]);
        assert!(found.ctes.contains("w"));
        assert_eq!(found.functions, [["f"]]);
        assert_eq!(found.types, [["s", "t"]]);
        assert_eq!(found.columns, [["a", "x"], ["c", "y"]]);
        assert_eq!(found.literals, ["q"]);
        assert_eq!(found.operators, [["s", "+"]]);
        assert_eq!(found.collations, [["C"]]);
    }

    #[test]
    fn names_know_where_they_stand() {
        let sql = "SELECT a.x, f(y) AS z, 'q'::t FROM s.a, b AS c WHERE x = 'r'";
        let statement = parser::parse(&SourceFile::new("a.sql", sql), ServerVersion::LATEST).unwrap().remove(0);
        let shown: Vec<String> = places(&statement.node)
            .iter()
            .map(|place| {
                let named = if place.named { "+" } else { "" };
                format!("{} {:?}{named} {}", place.start, place.kind, place.parts.join("."))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "7 Column a.x",
                "7 Target ",
                "12 Function f",
                "12 Target+ ",
                "14 Column y",
                "23 Literal q",
                "23 Target ",
                "28 Type t",
                "35 Relation s.a",
                "40 Relation+ b",
                "53 Column x",
                "57 Literal r"
            ]
        );
    }
}
