//! The objects of an extension, from their text form into the state: names become numbers. Types and relations come
//! first, since everything else names them; what refers to functions is filled in when those are there.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::session::{Outcome, Session};
use super::table::NewRelation;
use crate::catalog::{
    Aggregate, AskedOfExtension, Cast, CastMethod, Collation, Column, Constraint, ConstraintKind, FamilyMember,
    InstalledExtension, Member, NotNull, Oid, Operator, OperatorClass, Parameter, ParameterMode, RangeRow, Routine,
    RoutineKind, Schema, Subscripting, TypeKind, oids,
};
use crate::diagnostic::{Diagnostic, SqlState};
use crate::extension::{
    CastRow, ENDING, Extension, FOLDER, FamilyRow, Object, OperatorRow, RelationRow, RoutineRow, TypeRow, Word,
};

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// It comes with viewkeeper.
    Shipped,
    /// It is a file of the project: nothing is assumed of its functions.
    Captured,
}

/// An extension on its way into the state.
struct Installing<'e> {
    name: &'e str,
    schema: Oid,
    members: BTreeSet<Member>,
}

impl Session<'_> {
    /// Brings the objects of an extension.
    pub(super) fn install(&mut self, extension: &Extension, schema: Oid, source: Source) -> Outcome {
        let mut into = Installing { name: &extension.head.name, schema, members: BTreeSet::new() };
        for object in &extension.objects {
            match object {
                Object::Schema(row) => {
                    let oid = self.catalog.allocate();
                    self.catalog.insert_schema(Schema { oid, name: row.name.clone(), provenance: None });
                    into.members.insert(Member::Schema(oid));
                }
                Object::Type(row) => self.install_type(row, &mut into)?,
                Object::Collation(row) => {
                    let (schema, name) = self.place_of(&row.name, &into)?;
                    let oid = self.catalog.allocate();
                    self.catalog.insert_collation(Collation { oid, schema, name, deterministic: row.deterministic });
                    into.members.insert(Member::Collation(oid));
                }
                Object::Relation(row) => self.install_relation(row, &mut into)?,
                _ => {}
            }
        }
        // Columns, bases and elements may be of types that come later in the file.
        for object in &extension.objects {
            match object {
                Object::Type(row) => self.fill_type(row, &into)?,
                Object::Relation(row) => self.fill_relation(row, &into)?,
                _ => {}
            }
        }
        for object in &extension.objects {
            if let Object::Routine(row) = object {
                self.install_routine(row, &mut into, source)?;
            }
        }
        for object in &extension.objects {
            match object {
                Object::Type(row) => self.fill_type_functions(row, &into)?,
                Object::Routine(row) => self.fill_aggregate(row, &into)?,
                Object::Operator(row) => self.install_operator(row, &mut into)?,
                Object::Cast(row) => self.install_cast(row, &mut into)?,
                _ => {}
            }
        }
        for object in &extension.objects {
            match object {
                Object::Operator(row) => self.fill_operator(row, &into)?,
                Object::Family(row) => self.install_family(row, &mut into)?,
                _ => {}
            }
        }
        let row = InstalledExtension {
            schema,
            version: Some(extension.head.version.clone()),
            relocatable: extension.head.relocatable,
            requires: extension.head.requires.clone(),
            members: into.members,
            asked: AskedOfExtension::default(),
            provenance: None,
        };
        self.catalog.extensions.insert(extension.head.name.clone(), Arc::new(row));
        Ok(())
    }

    /// Schema and name of a written name.
    fn place_of(&self, written: &str, into: &Installing<'_>) -> Outcome<(Oid, String)> {
        let Some((schema, name)) = written.split_once('.') else {
            return Ok((oids::PG_CATALOG, written.to_owned()));
        };
        let schema = match schema.strip_prefix('@') {
            Some("") => Some(into.schema),
            Some(other) => self.catalog.extensions.get(other).map(|row| row.schema),
            None => self.catalog.schema_by_name(schema),
        };
        schema.map(|schema| (schema, name.to_owned())).ok_or_else(|| missing(written, into))
    }

    fn extension_type(&self, written: &str, into: &Installing<'_>) -> Outcome<Oid> {
        if written.is_empty() {
            return Ok(Oid::INVALID);
        }
        if let Some(element) = written.strip_suffix("[]") {
            let array = self.catalog.array_type(self.extension_type(element, into)?);
            return if array.is_valid() { Ok(array) } else { Err(missing(written, into)) };
        }
        let (schema, name) = self.place_of(written, into)?;
        self.catalog.type_by_name(schema, &name).map(|row| row.oid).ok_or_else(|| missing(written, into))
    }

    fn extension_types(&self, written: &str, into: &Installing<'_>) -> Outcome<Vec<Oid>> {
        if written.is_empty() {
            return Ok(Vec::new());
        }
        written.split(',').map(|one| self.extension_type(one.trim(), into)).collect()
    }

    /// Schema, name and argument types of a written function or operator.
    fn signature(&self, written: &str, into: &Installing<'_>) -> Outcome<(Oid, String, Vec<Oid>)> {
        let parts = written.strip_suffix(')').and_then(|rest| rest.split_once('('));
        let (name, types) = parts.ok_or_else(|| missing(written, into))?;
        let (schema, name) = self.place_of(name, into)?;
        Ok((schema, name, self.extension_types(types, into)?))
    }

    fn extension_routine(&self, written: &str, into: &Installing<'_>) -> Outcome<Oid> {
        if written.is_empty() {
            return Ok(Oid::INVALID);
        }
        let (schema, name, inputs) = self.signature(written, into)?;
        let mut named = self.catalog.routines_named(&name).filter(|row| row.schema == schema);
        named.find(|row| row.inputs == inputs).map(|row| row.oid).ok_or_else(|| missing(written, into))
    }

    fn extension_operator(&self, written: &str, into: &Installing<'_>) -> Outcome<Oid> {
        if written.is_empty() {
            return Ok(Oid::INVALID);
        }
        let (schema, name, operands) = self.signature(written, into)?;
        let [left, right] = operands[..] else { return Err(missing(written, into)) };
        let mut named = self.catalog.operators_named(&name).filter(|row| row.schema == schema);
        named
            .find(|row| (row.left, row.right) == (left, right))
            .map(|row| row.oid)
            .ok_or_else(|| missing(written, into))
    }

    fn extension_collation(&self, written: &str, into: &Installing<'_>) -> Outcome<Oid> {
        if written.is_empty() {
            return Ok(Oid::INVALID);
        }
        let (schema, name) = self.place_of(written, into)?;
        self.catalog.collation_by_name(schema, &name).map(|row| row.oid).ok_or_else(|| missing(written, into))
    }

    fn install_type(&mut self, row: &TypeRow, into: &mut Installing<'_>) -> Outcome {
        let (schema, name) = self.place_of(&row.name, into)?;
        self.make_room_for_type(schema, &name, -1)?;
        let oid = self.catalog.allocate();
        let mut new = super::new_type::plain(oid, schema, &name, word(&row.kind, into)?);
        new.category = u8::try_from(row.category).unwrap_or(b'U');
        new.length = row.length;
        new.preferred = row.preferred;
        new.base_typmod = row.base_typmod;
        new.dimensions = row.dimensions;
        new.not_null = row.not_null;
        new.labels.clone_from(&row.labels);
        new.subscripting = word::<Subscripting>(&row.subscripting, into)?;
        if row.without_array {
            self.catalog.insert_type(new);
        } else {
            self.add_type(new);
        }
        into.members.insert(Member::Type(oid));
        Ok(())
    }

    fn fill_type(&mut self, row: &TypeRow, into: &Installing<'_>) -> Outcome {
        let oid = self.extension_type(&row.name, into)?;
        let (element, base) = (self.extension_type(&row.element, into)?, self.extension_type(&row.base, into)?);
        let collation = self.extension_collation(&row.collation, into)?;
        let range = RangeRow {
            range: oid,
            subtype: self.extension_type(&row.subtype, into)?,
            collation: self.extension_collation(&row.range_collation, into)?,
            multirange: self.extension_type(&row.multirange, into)?,
        };
        let is_range = row.kind == TypeKind::Range.word();
        self.catalog.update_type(oid, |row| {
            (row.element, row.base, row.collation) = (element, base, collation);
            if is_range {
                row.range = Some(range);
            }
        });
        if is_range {
            self.catalog.update_type(range.multirange, |row| row.range = Some(range));
        }
        self.catalog.update_type(self.catalog.array_type(oid), |row| row.collation = collation);
        Ok(())
    }

    fn fill_type_functions(&mut self, row: &TypeRow, into: &Installing<'_>) -> Outcome {
        let oid = self.extension_type(&row.name, into)?;
        let input = self.extension_routine(&row.input, into)?;
        let typmod_input = self.extension_routine(&row.typmod_input, into)?;
        self.catalog.update_type(oid, |row| (row.input, row.typmod_input) = (input, typmod_input));
        self.catalog.update_type(self.catalog.array_type(oid), |row| row.typmod_input = typmod_input);
        Ok(())
    }

    fn install_relation(&mut self, row: &RelationRow, into: &mut Installing<'_>) -> Outcome {
        let (schema, name) = self.place_of(&row.name, into)?;
        self.check_relation_name_free(schema, &name, -1)?;
        self.make_room_for_type(schema, &name, -1)?;
        let oid = self.add_relation(NewRelation::new(schema, &name, word(&row.kind, into)?));
        into.members.insert(Member::Relation(oid));
        // It comes and goes with the extension, whoever wrote the statement.
        self.catalog.update_relation(oid, |row| row.provenance = None);
        Ok(())
    }

    fn fill_relation(&mut self, row: &RelationRow, into: &Installing<'_>) -> Outcome {
        let (schema, name) = self.place_of(&row.name, into)?;
        let relation = self.catalog.relation_by_name(schema, &name).map(|row| row.oid).unwrap_or_default();
        let mut columns = Vec::new();
        for column in &row.columns {
            let type_ = self.extension_type(&column.type_, into)?;
            let collation = self.extension_collation(&column.collation, into)?;
            columns.push(Column {
                dimensions: column.dimensions,
                not_null: if column.not_null { NotNull::Yes } else { NotNull::No },
                ..super::column::column(&column.name, type_, column.typmod, collation)
            });
        }
        let mut constraints = Vec::new();
        for key in &row.keys {
            constraints.push(Constraint {
                oid: self.catalog.allocate(),
                name: key.name.clone(),
                kind: if key.primary { ConstraintKind::PrimaryKey } else { ConstraintKind::Unique },
                columns: key.columns.clone(),
                deferrable: false,
                validated: true,
                references: Oid::INVALID,
                no_inherit: false,
                referenced: Vec::new(),
                excludes_null: Vec::new(),
                written: None,
                is_local: true,
            });
        }
        self.catalog.update_relation(relation, |row| (row.columns, row.constraints) = (columns, constraints));
        Ok(())
    }

    fn install_routine(&mut self, row: &RoutineRow, into: &mut Installing<'_>, source: Source) -> Outcome {
        let (schema, name, inputs) = self.signature(&row.name, into)?;
        if self.catalog.routines_named(&name).any(|other| other.schema == schema && other.inputs == inputs) {
            let message = format!("function `{name}` already exists with same argument types");
            return Err(self.error(SqlState::DUPLICATE_FUNCTION, message, -1));
        }
        let mut parameters = Vec::new();
        for parameter in &row.parameters {
            parameters.push(Parameter {
                name: parameter.name.clone(),
                type_: self.extension_type(&parameter.type_, into)?,
                mode: word::<ParameterMode>(&parameter.mode, into)?,
            });
        }
        let oid = self.catalog.allocate();
        let result = self.extension_type(&row.result, into)?;
        let variadic = self.extension_type(&row.variadic, into)?;
        self.catalog.insert_routine(Routine {
            oid,
            schema,
            name,
            kind: word(&row.kind, into)?,
            strict: row.strict,
            returns_set: row.returns_set,
            volatility: word(&row.volatility, into)?,
            defaults: row.defaults,
            variadic,
            result,
            inputs,
            parameters,
            language: row.language.clone(),
            aggregate: None,
            source: None,
        });
        into.members.insert(Member::Routine(oid));
        if source == Source::Shipped && !row.same_code_as.is_empty() {
            let same = self.extension_routine(&row.same_code_as, into)?;
            Arc::make_mut(&mut self.catalog.extension_rows).same_code.insert(oid, same);
        }
        Ok(())
    }

    fn fill_aggregate(&mut self, row: &RoutineRow, into: &Installing<'_>) -> Outcome {
        let Some(aggregate) = &row.aggregate else { return Ok(()) };
        let oid = self.extension_routine(&row.name, into)?;
        let aggregate = Aggregate {
            kind: word(&aggregate.kind, into)?,
            direct_arguments: aggregate.direct_arguments,
            transition: self.extension_routine(&aggregate.transition, into)?,
            final_function: self.extension_routine(&aggregate.final_function, into)?,
            transition_type: self.extension_type(&aggregate.transition_type, into)?,
            has_initial_value: aggregate.has_initial_value,
        };
        self.catalog.update_routine(oid, |row| {
            row.kind = RoutineKind::Aggregate;
            row.aggregate = Some(aggregate);
        });
        Ok(())
    }

    fn install_operator(&mut self, row: &OperatorRow, into: &mut Installing<'_>) -> Outcome {
        let parts = row.name.strip_suffix(')').and_then(|rest| rest.split_once('('));
        let (name, types) = parts.ok_or_else(|| missing(&row.name, into))?;
        let (schema, name) = self.place_of(name, into)?;
        let (left, right) = types.split_once(',').ok_or_else(|| missing(&row.name, into))?;
        let (left, right) = (self.extension_type(left.trim(), into)?, self.extension_type(right.trim(), into)?);
        let result = self.extension_type(&row.result, into)?;
        let function = self.extension_routine(&row.function, into)?;
        let oid = self.catalog.allocate();
        self.catalog.insert_operator(Operator {
            oid,
            schema,
            name,
            left,
            right,
            result,
            function,
            commutator: Oid::INVALID,
            negator: Oid::INVALID,
            can_merge: row.can_merge,
            can_hash: row.can_hash,
        });
        into.members.insert(Member::Operator(oid));
        Ok(())
    }

    fn fill_operator(&mut self, row: &OperatorRow, into: &Installing<'_>) -> Outcome {
        let oid = self.extension_operator(&row.name, into)?;
        let commutator = self.extension_operator(&row.commutator, into)?;
        let negator = self.extension_operator(&row.negator, into)?;
        self.catalog.update_operator(oid, |row| (row.commutator, row.negator) = (commutator, negator));
        Ok(())
    }

    fn install_cast(&mut self, row: &CastRow, into: &mut Installing<'_>) -> Outcome {
        let (source, target) = (self.extension_type(&row.source, into)?, self.extension_type(&row.target, into)?);
        let function = self.extension_routine(&row.function, into)?;
        let method = match (function.is_valid(), row.as_text) {
            (true, _) => CastMethod::Function,
            (false, true) => CastMethod::InputOutput,
            (false, false) => CastMethod::Binary,
        };
        self.catalog.insert_cast(Cast { source, target, function, context: word(&row.context, into)?, method });
        into.members.insert(Member::Cast(source, target));
        Ok(())
    }

    fn install_family(&mut self, row: &FamilyRow, into: &mut Installing<'_>) -> Outcome {
        let method = if row.method == "hash" { oids::HASH } else { oids::BTREE };
        let family = if row.of.is_empty() {
            let family = self.catalog.allocate();
            into.members.insert(Member::Family(family));
            family
        } else {
            let input = self.extension_type(&row.of, into)?;
            let mut classes = self.catalog.operator_classes();
            let class = classes.find(|class| class.method == method && class.input == input);
            class.map(|class| class.family).ok_or_else(|| missing(&row.of, into))?
        };
        let mut classes = Vec::new();
        for class in &row.classes {
            let (oid, input) = (self.catalog.allocate(), self.extension_type(&class.input, into)?);
            classes.push(OperatorClass { oid, method, family, input, default: class.default });
        }
        let mut members = Vec::new();
        for member in &row.operators {
            let operator = self.extension_operator(&member.operator, into)?;
            let Some(found) = self.catalog.operator(operator) else { continue };
            let (left, right) = (found.left, found.right);
            members.push(FamilyMember { family, left, right, strategy: member.strategy, operator, method });
        }
        let rows = Arc::make_mut(&mut self.catalog.extension_rows);
        rows.operator_classes.extend(classes);
        rows.family_members.extend(members);
        Ok(())
    }

    /// Takes out what only the row of the extension itself says.
    pub(super) fn remove_extension(&mut self, name: &str) {
        let Some(gone) = self.catalog.extensions.remove(name) else { return };
        let rows = Arc::make_mut(&mut self.catalog.extension_rows);
        let has = |member: Member| gone.members.contains(&member);
        rows.operator_classes.retain(|class| !has(Member::Family(class.family)));
        rows.family_members
            .retain(|member| !has(Member::Family(member.family)) && !has(Member::Operator(member.operator)));
        rows.same_code.retain(|routine, _| !has(Member::Routine(*routine)));
    }
}

fn word<T: Word>(word: &str, into: &Installing<'_>) -> Outcome<T> {
    T::from_word(word).ok_or_else(|| missing(word, into))
}

/// The text names something that is not there: in this version of the server, or at all.
fn missing(written: &str, into: &Installing<'_>) -> Diagnostic {
    let name = into.name;
    Diagnostic::error(format!("the extension `{name}` uses `{written}`, which is not known here"))
        .code(SqlState::UNDEFINED_OBJECT)
        .note("it was captured from another version of the server, or the file was changed by hand")
        .help(format!("run `cargo xtask capture-extension {name}` to write `{FOLDER}/{name}.{ENDING}` anew"))
}
