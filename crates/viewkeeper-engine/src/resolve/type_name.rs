//! From a type as it is written to the type and its modifier (parse_type.c).

use super::{Failure, ObjectName, Resolver, place, suggest, typmod};
use crate::catalog::{Oid, Type};
use crate::diagnostic::SqlState;
use crate::parser::ast::a_const::Val;
use crate::parser::{self, NodeEnum, ast};
use crate::tree::Location;

/// A type as it is written: what it is, its modifier, and whether it says `SETOF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeReference {
    /// The type.
    pub type_: Oid,
    /// Its modifier, -1 for none.
    pub typmod: i32,
    /// Whether it is written with `SETOF`.
    pub set: bool,
}

/// Type names of SQL's own grammar, for suggestions.
const SQL_NAMES: [&str; 16] = [
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "decimal",
    "double precision",
    "float",
    "int",
    "integer",
    "interval",
    "numeric",
    "real",
    "smallint",
    "timestamp",
    "varchar",
];

impl Resolver<'_> {
    /// The type that a type name stands for (`typenameTypeIdAndMod`).
    pub fn type_name(&self, name: &ast::TypeName) -> Result<TypeReference, Failure> {
        let location = place(name.location);
        match self.look_up_type_name(name)? {
            Some(found) if self.catalog.type_(found.type_).is_some_and(|row| row.defined) => Ok(found),
            Some(found) => Err(Failure::new(
                SqlState::UNDEFINED_OBJECT,
                format!("type `{}` is only a shell", self.type_text(found.type_)),
                location,
            )),
            None => Err(self.no_type(name, location)),
        }
    }

    /// [`Resolver::type_name`] of text such as `numeric(6,2)[]`.
    pub fn type_from_text(&self, text: &str) -> Result<TypeReference, Failure> {
        let name =
            parser::parse_type_name(text).map_err(|message| Failure::new(SqlState::SYNTAX_ERROR, message, None))?;
        self.type_name(&name).map_err(|failure| Failure { location: None, ..failure })
    }

    /// The type that a type name stands for, shell types too, `None` when there is none (`LookupTypeName`).
    pub fn look_up_type_name(&self, name: &ast::TypeName) -> Result<Option<TypeReference>, Failure> {
        let location = place(name.location);
        let set = name.setof;
        if name.pct_type {
            return self.column_type(name, location).map(|(type_, typmod)| Some(TypeReference { type_, typmod, set }));
        }
        let written = ObjectName::from_nodes(&name.names, location)?;
        if let Some(schema) = &written.schema {
            self.schema(schema, location)?;
        }
        let Some(mut row) = self.find_type(written.schema.as_deref(), &written.name) else { return Ok(None) };
        if !name.array_bounds.is_empty() {
            match self.catalog.type_(row.array) {
                Some(array) => row = array,
                None => return Ok(None),
            }
        }
        let typmod = self.type_modifier(name, row, location)?;
        Ok(Some(TypeReference { type_: row.oid, typmod, set }))
    }

    /// `table.column%TYPE`; the modifier is not taken over.
    fn column_type(&self, name: &ast::TypeName, location: Location) -> Result<(Oid, i32), Failure> {
        let Some((column, relation)) = name.names.split_last() else {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "`%TYPE` needs a column", location));
        };
        if relation.is_empty() {
            return Err(Failure::new(SqlState::SYNTAX_ERROR, "`%TYPE` needs a table and a column", location));
        }
        let relation = ObjectName::from_nodes(relation, location)?;
        let column = ObjectName::from_nodes(std::slice::from_ref(column), location)?.name;
        let row = self.relation(relation.schema.as_deref(), &relation.name, location)?;
        let Some((_, found)) = row.column(&column) else {
            let failure =
                Failure::new(SqlState::UNDEFINED_COLUMN, format!("no column `{column}` in `{relation}`"), location);
            let names = row.live_columns().map(|(_, column)| column.name.as_str());
            return Err(failure.meant(suggest::nearest(&column, names)));
        };
        Ok((found.type_, name.typemod))
    }

    /// `typenameTypeMod`
    fn type_modifier(&self, name: &ast::TypeName, row: &Type, location: Location) -> Result<i32, Failure> {
        if name.typmods.is_empty() {
            return Ok(name.typemod);
        }
        let Some(function) = self.catalog.routine(row.typmod_input) else {
            let type_ = self.type_text(row.oid);
            return Err(Failure::new(
                SqlState::SYNTAX_ERROR,
                format!("type `{type_}` takes no modifier in parentheses"),
                location,
            ));
        };
        let arguments: Vec<String> =
            name.typmods.iter().map(|node| modifier_text(node, location)).collect::<Result<_, _>>()?;
        typmod::read(&function.name, &arguments, self.catalog.version, location)?.ok_or_else(|| {
            let type_ = self.type_text(row.oid);
            Failure::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("modifiers of type `{type_}` are not known here"),
                location,
            )
            .note(format!("they are computed by its own function `{}`", function.name))
            .help("write the type without a modifier here, and hold what it says by a CHECK where it matters")
        })
    }

    fn no_type(&self, name: &ast::TypeName, location: Location) -> Failure {
        let Ok(written) = ObjectName::from_nodes(&name.names, location) else {
            return Failure::new(SqlState::UNDEFINED_OBJECT, "no such type", location);
        };
        let brackets = "[]".repeat(name.array_bounds.len().min(1));
        let failure = Failure::new(SqlState::UNDEFINED_OBJECT, format!("no type `{written}{brackets}`"), location);
        let elsewhere = self.catalog.schemas.values().find(|schema| {
            let found = self.catalog.type_by_name(schema.oid, &written.name);
            found.is_some_and(|found| Some(found.oid) == self.find_type(None, &written.name).map(|visible| visible.oid))
        });
        if written.schema.is_some() && elsewhere.is_some() {
            return failure.help(format!("did you mean `{}`?", written.name));
        }
        let known = self.catalog.type_names();
        let known = known.into_iter().filter(|known| !known.starts_with('_')).chain(SQL_NAMES);
        match suggest::nearest(&written.name, known) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => {
                failure.note("it is neither one of PostgreSQL's own nor made by a migration before this point").help(
                    "if an extension makes it, say `CREATE EXTENSION` in a migration or read the state from a server",
                )
            }
        }
    }
}

/// One modifier as text: an integer, a number, a string or a bare word.
fn modifier_text(node: &ast::Node, location: Location) -> Result<String, Failure> {
    let text = match &node.node {
        Some(NodeEnum::AConst(constant)) => match &constant.val {
            Some(Val::Ival(value)) => Some(value.ival.to_string()),
            Some(Val::Fval(value)) => Some(value.fval.clone()),
            Some(Val::Sval(value)) => Some(value.sval.clone()),
            _ => None,
        },
        Some(NodeEnum::ColumnRef(column)) => match column.fields.as_slice() {
            [ast::Node { node: Some(NodeEnum::String(word)) }] => Some(word.sval.clone()),
            _ => None,
        },
        _ => None,
    };
    text.ok_or_else(|| {
        Failure::new(SqlState::SYNTAX_ERROR, "type modifiers must be simple constants or words", location)
    })
}
