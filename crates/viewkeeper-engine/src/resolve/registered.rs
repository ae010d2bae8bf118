//! Objects that constants of the `reg*` types name (regproc.c): for what a query depends on, and to refuse what is not
//! there.

use super::{Failure, ObjectName, Resolver};
use crate::catalog::{Oid, ServerVersion, oids};
use crate::diagnostic::SqlState;
use crate::tree::Location;

/// What a constant of a `reg*` type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Registered {
    Relation(Oid),
    Type(Oid),
    Routine(Oid),
    Operator(Oid),
    Collation(Oid),
    /// A number, nothing (`-`), or an object that is not kept here: an index, a schema, a dictionary.
    Other,
}

impl Resolver<'_> {
    /// What a constant names; [`Registered::Other`] for a constant of another type.
    pub fn registered(&self, type_: Oid, text: &str, location: Location) -> Result<Registered, Failure> {
        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if text == "-" || number {
            return Ok(Registered::Other);
        }
        match type_ {
            oids::REGCLASS => self.registered_relation(text, location),
            oids::REGTYPE => {
                let found = self.type_from_text(text).map_err(|failure| failure.or_at(location))?;
                Ok(Registered::Type(found.type_))
            }
            oids::REGPROC => self.registered_routine(text, location),
            oids::REGPROCEDURE => self.registered_signature(text, location),
            oids::REGOPER => self.registered_operator(text, location),
            oids::REGOPERATOR => self.registered_operator_signature(text, location),
            oids::REGNAMESPACE => {
                let parts = parts(text, location)?;
                if let [name] = parts.as_slice() {
                    self.schema(name, location)?;
                    return Ok(Registered::Other);
                }
                Err(invalid_name(text, location))
            }
            oids::REGCOLLATION => self.registered_collation(text, location),
            _ => Ok(Registered::Other),
        }
    }

    /// The schema that a constant names, where the version says of it that it is not there: from 16 on a constant is only
    /// told not to name anything (`LookupExplicitNamespace`, and `missing_ok` since errors can be soft).
    fn written_schema(&self, schema: Option<&str>, location: Location) -> Result<(), Failure> {
        match schema {
            Some(schema) if self.catalog.version < ServerVersion::V16 => self.schema(schema, location).map(drop),
            _ => Ok(()),
        }
    }

    /// `regcollationin`
    fn registered_collation(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let parts = parts(text, location)?;
        let (schema, name) = schema_and_name(&parts, text, location)?;
        self.written_schema(schema, location)?;
        let name = ObjectName { schema: schema.map(str::to_owned), name: name.to_owned() };
        let missing = |failure| Failure { sqlstate: SqlState::UNDEFINED_OBJECT, ..failure };
        self.collation(&name, location).map(|found| Registered::Collation(found.oid)).map_err(missing)
    }

    /// `regclassin`
    fn registered_relation(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let parts = parts(text, location)?;
        let (schema, name) = schema_and_name(&parts, text, location)?;
        if let Some(found) = self.find_relation(schema, name) {
            return Ok(Registered::Relation(found.oid));
        }
        self.written_schema(schema, location)?;
        let searched = match schema {
            Some("pg_toast") => return Ok(Registered::Other),
            Some(schema) => {
                let missing = |failure| Failure { sqlstate: SqlState::UNDEFINED_TABLE, ..failure };
                vec![self.schema(schema, location).map_err(missing)?]
            }
            None => self.path.schemas.clone(),
        };
        // Indexes of the system's own tables are not kept.
        let is_index = self.catalog.relations.values().any(|relation| {
            searched.contains(&relation.schema) && relation.indexes.iter().any(|index| index.name == name)
        });
        if is_index || searched.contains(&oids::PG_CATALOG) && name.starts_with("pg_") {
            return Ok(Registered::Other);
        }
        self.relation(schema, name, location).map(|found| Registered::Relation(found.oid))
    }

    /// Functions by name, of those that the search path finds first (`FuncnameGetCandidates`).
    fn routines_of(&self, schema: Option<&str>, name: &str) -> Vec<(Oid, &[Oid])> {
        let schemas: Vec<Oid> = match schema {
            Some(schema) => self.catalog.schema_by_name(schema).into_iter().collect(),
            None => self.path.for_functions().collect(),
        };
        let mut found: Vec<(Oid, &[Oid])> = Vec::new();
        for schema in schemas {
            for routine in self.catalog.routines_named(name).filter(|routine| routine.schema == schema) {
                if !found.iter().any(|(_, inputs)| *inputs == routine.inputs.as_slice()) {
                    found.push((routine.oid, &routine.inputs));
                }
            }
        }
        found
    }

    /// `regprocin`
    fn registered_routine(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let parts = parts(text, location)?;
        let (schema, name) = schema_and_name(&parts, text, location)?;
        self.written_schema(schema, location)?;
        match self.routines_of(schema, name).as_slice() {
            [(one, _)] => Ok(Registered::Routine(*one)),
            [] => Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no function `{text}`"), location)),
            _ => Err(Failure::new(
                SqlState::AMBIGUOUS_FUNCTION,
                format!("there is more than one function `{text}`"),
                location,
            )
            .help("write its argument types and cast to `regprocedure`")),
        }
    }

    /// `regprocedurein`
    fn registered_signature(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let (name, arguments) = signature(text, location)?;
        let parts = parts(name, location)?;
        let (schema, bare) = schema_and_name(&parts, name, location)?;
        let inputs = self.argument_types(&arguments, location)?;
        self.written_schema(schema, location)?;
        let found = self.routines_of(schema, bare);
        match found.iter().find(|(_, declared)| declared.iter().copied().map(Some).eq(inputs.iter().copied())) {
            Some((oid, _)) => Ok(Registered::Routine(*oid)),
            None => Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no function `{text}`"), location)),
        }
    }

    fn argument_types(&self, arguments: &[&str], location: Location) -> Result<Vec<Option<Oid>>, Failure> {
        arguments
            .iter()
            .map(|argument| {
                if argument.eq_ignore_ascii_case("none") {
                    return Ok(None);
                }
                let found = self.type_from_text(argument).map_err(|failure| failure.or_at(location))?;
                Ok(Some(found.type_))
            })
            .collect()
    }

    fn operators_of(&self, name: &str, location: Location) -> Result<Vec<(Oid, Oid, Oid)>, Failure> {
        let parts = parts(name, location)?;
        let (schema, bare) = schema_and_name(&parts, name, location)?;
        let schemas: Vec<Oid> = match schema {
            Some(schema) => self.catalog.schema_by_name(schema).into_iter().collect(),
            None => self.path.for_functions().collect(),
        };
        let mut found: Vec<(Oid, Oid, Oid)> = Vec::new();
        for schema in schemas {
            for row in self.catalog.operators_named(bare).filter(|row| row.schema == schema) {
                if !found.iter().any(|(_, left, right)| (*left, *right) == (row.left, row.right)) {
                    found.push((row.oid, row.left, row.right));
                }
            }
        }
        Ok(found)
    }

    /// `regoperin`
    fn registered_operator(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let parts = parts(text, location)?;
        self.written_schema(schema_and_name(&parts, text, location)?.0, location)?;
        match self.operators_of(text, location)?.as_slice() {
            [(one, _, _)] => Ok(Registered::Operator(*one)),
            [] => Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no operator `{text}`"), location)),
            _ => Err(Failure::new(
                SqlState::AMBIGUOUS_FUNCTION,
                format!("there is more than one operator `{text}`"),
                location,
            )
            .help("write its operand types and cast to `regoperator`")),
        }
    }

    /// `regoperatorin`
    fn registered_operator_signature(&self, text: &str, location: Location) -> Result<Registered, Failure> {
        let (name, arguments) = signature(text, location)?;
        let types = self.argument_types(&arguments, location)?;
        let [left, right] = types.as_slice() else {
            // Missing and superfluous arguments have codes of their own.
            return Ok(Registered::Other);
        };
        let wanted = (left.unwrap_or_default(), right.unwrap_or_default());
        match self.operators_of(name, location)?.iter().find(|(_, left, right)| (*left, *right) == wanted) {
            Some((oid, _, _)) => Ok(Registered::Operator(*oid)),
            None => Err(Failure::new(SqlState::UNDEFINED_FUNCTION, format!("no operator `{text}`"), location)),
        }
    }
}

fn invalid_name(text: &str, location: Location) -> Failure {
    Failure::new(SqlState("42602"), format!("`{text}` is not a name"), location)
}

fn parts(text: &str, location: Location) -> Result<Vec<String>, Failure> {
    name_parts(text).ok_or_else(|| invalid_name(text, location))
}

fn schema_and_name<'p>(
    parts: &'p [String],
    text: &str,
    location: Location,
) -> Result<(Option<&'p str>, &'p str), Failure> {
    match parts {
        [name] => Ok((None, name)),
        [schema, name] | [_, schema, name] => Ok((Some(schema), name)),
        _ => Err(Failure::new(SqlState::SYNTAX_ERROR, format!("`{text}` has too many parts for a name"), location)),
    }
}

/// A name and the types in parentheses after it (`parseNameAndArgTypes`).
fn signature(text: &str, location: Location) -> Result<(&str, Vec<&str>), Failure> {
    let malformed = |what: &str| Failure::new(SqlState::INVALID_TEXT, format!("`{text}` {what}"), location);
    let mut quoted = false;
    let open = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '(' && !quoted
    });
    let Some((open, _)) = open else { return Err(malformed("has no left parenthesis")) };
    let Some(inner) = text[open + 1..].trim_end().strip_suffix(')') else {
        return Err(malformed("has no right parenthesis"));
    };
    let (mut arguments, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0i32, false);
    for (at, c) in inner.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if !(arguments.is_empty() && inner.trim().is_empty()) {
        arguments.push(inner[start..].trim());
    }
    if arguments.iter().any(|argument| argument.is_empty()) {
        return Err(malformed("lacks a type name"));
    }
    Ok((&text[..open], arguments))
}

/// The parts of a possibly qualified and quoted name (`stringToQualifiedNameList`).
fn name_parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut characters = quoted.char_indices();
            let end = loop {
                match characters.next()? {
                    (at, '"') if quoted[at + 1..].starts_with('"') => {
                        characters.next();
                        name.push('"');
                    }
                    (at, '"') => break at + 1,
                    (_, other) => name.push(other),
                }
            };
            parts.push(name);
            rest = quoted[end..].trim_start();
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let name = rest[..end].trim();
            if name.is_empty() {
                return None;
            }
            parts.push(name.to_lowercase());
            rest = &rest[end..];
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after.trim_start(),
            None => return rest.is_empty().then_some(parts),
        }
    }
}
