//! From rows, wherever they were read, to the bytes of an embedded catalog. Same rows, same bytes: rows are sorted
//! here. The reader is `mod.rs`.

use std::collections::BTreeMap;

use super::codes::{Code, column_flags, constraint_flags, operator_flags, routine_flags, type_flags};
use super::layout::{HEADER_BYTES, MAGIC, Section};
use crate::catalog::{
    Cast, Collation, FamilyMember, Operator, OperatorClass, Relation, Routine, Schema, ServerVersion, Type,
};

/// The rows of one version of the server.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Rows {
    pub schemas: Vec<Schema>,
    pub types: Vec<Type>,
    pub routines: Vec<Routine>,
    pub operators: Vec<Operator>,
    pub casts: Vec<Cast>,
    pub collations: Vec<Collation>,
    pub relations: Vec<Relation>,
    pub operator_classes: Vec<OperatorClass>,
    pub family_members: Vec<FamilyMember>,
}

/// Why rows cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum WriteError {
    #[error("`{0}` is too long for a name")]
    Text(String),
    #[error("there is too much of it for 32-bit offsets")]
    Size,
}

/// The bytes of an embedded catalog.
///
/// # Errors
/// When a name or the whole is too large for the layout.
pub fn write(version: ServerVersion, rows: &Rows) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::default();
    writer.schemas(&rows.schemas)?;
    writer.types(&rows.types)?;
    writer.routines(&rows.routines)?;
    writer.operators(&rows.operators)?;
    writer.casts(&rows.casts);
    writer.collations(&rows.collations)?;
    writer.relations(&rows.relations)?;
    writer.operator_classes(&rows.operator_classes);
    writer.family_members(&rows.family_members)?;
    writer.finish(version)
}

#[derive(Default)]
struct Writer {
    texts: Vec<u8>,
    text_offsets: BTreeMap<String, u32>,
    lists: Vec<u32>,
    list_offsets: BTreeMap<Vec<u32>, u32>,
    tables: BTreeMap<usize, Vec<u32>>,
}

fn small(value: usize) -> Result<u32, WriteError> {
    u32::try_from(value).map_err(|_| WriteError::Size)
}

/// A number with a sign, as the word that the reader turns back.
fn signed(value: i32) -> u32 {
    u32::from_le_bytes(value.to_le_bytes())
}

fn sorted_by<T: Clone, K: Ord>(rows: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(key);
    rows
}

impl Writer {
    fn text(&mut self, text: &str) -> Result<u32, WriteError> {
        if let Some(offset) = self.text_offsets.get(text) {
            return Ok(*offset);
        }
        let offset = small(self.texts.len())?;
        let length = u16::try_from(text.len()).map_err(|_| WriteError::Text(text.to_owned()))?;
        self.texts.extend(length.to_le_bytes());
        self.texts.extend(text.as_bytes());
        self.text_offsets.insert(text.to_owned(), offset);
        Ok(offset)
    }

    fn list(&mut self, items: Vec<u32>) -> Result<u32, WriteError> {
        if self.lists.is_empty() {
            self.lists.push(0);
        }
        if items.is_empty() {
            return Ok(0);
        }
        if let Some(offset) = self.list_offsets.get(&items) {
            return Ok(*offset);
        }
        let offset = small(self.lists.len())?;
        self.lists.push(small(items.len())?);
        self.lists.extend(&items);
        self.list_offsets.insert(items, offset);
        Ok(offset)
    }

    fn row<const N: usize>(&mut self, section: Section, words: [u32; N]) {
        debug_assert_eq!(N, section.width());
        self.tables.entry(section as usize).or_default().extend(words);
    }

    /// The rows of a table in the order of `keys`, one for each row.
    fn order<K: Ord>(&mut self, section: Section, keys: impl Iterator<Item = K>) -> Result<(), WriteError> {
        let mut order: Vec<(K, usize)> = keys.enumerate().map(|(row, key)| (key, row)).collect();
        order.sort();
        for (_, row) in order {
            let row = small(row)?;
            self.row(section, [row]);
        }
        Ok(())
    }

    fn schemas(&mut self, rows: &[Schema]) -> Result<(), WriteError> {
        for schema in sorted_by(rows, |schema| schema.oid) {
            let name = self.text(&schema.name)?;
            self.row(Section::Schemas, [schema.oid.0, name]);
        }
        Ok(())
    }

    fn types(&mut self, rows: &[Type]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |type_| type_.oid);
        for type_ in &rows {
            let name = self.text(&type_.name)?;
            let labels = type_.labels.iter().map(|label| self.text(label)).collect::<Result<_, _>>()?;
            let labels = self.list(labels)?;
            let range = type_
                .range
                .map(|range| vec![range.range.0, range.subtype.0, range.collation.0, range.multirange.0])
                .unwrap_or_default();
            let range = self.list(range)?;
            self.row(
                Section::Types,
                [
                    type_.oid.0,
                    type_.schema.0,
                    name,
                    type_flags(type_),
                    signed(type_.length.into()),
                    type_.relation.0,
                    type_.element.0,
                    type_.array.0,
                    type_.input.0,
                    type_.typmod_input.0,
                    type_.base.0,
                    signed(type_.base_typmod),
                    signed(type_.dimensions),
                    type_.collation.0,
                    labels,
                    range,
                ],
            );
        }
        self.order(Section::TypeNames, rows.iter().map(|type_| (&type_.name, type_.schema)))
    }

    fn routines(&mut self, rows: &[Routine]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |routine| routine.oid);
        for routine in &rows {
            let name = self.text(&routine.name)?;
            let inputs = self.list(routine.inputs.iter().map(|input| input.0).collect())?;
            let mut parameters = Vec::new();
            for parameter in &routine.parameters {
                parameters.extend([self.text(&parameter.name)?, parameter.type_.0, parameter.mode.code()]);
            }
            let parameters = self.list(parameters)?;
            let language = self.text(&routine.language)?;
            let aggregate = routine.aggregate.as_ref().map(|aggregate| {
                vec![
                    aggregate.kind.code(),
                    signed(aggregate.direct_arguments.into()),
                    aggregate.transition.0,
                    aggregate.final_function.0,
                    aggregate.transition_type.0,
                    aggregate.has_initial_value.into(),
                ]
            });
            let aggregate = self.list(aggregate.unwrap_or_default())?;
            self.row(
                Section::Routines,
                [
                    routine.oid.0,
                    routine.schema.0,
                    name,
                    routine_flags(routine),
                    routine.variadic.0,
                    routine.result.0,
                    inputs,
                    parameters,
                    language,
                    aggregate,
                ],
            );
        }
        self.order(Section::RoutineNames, rows.iter().map(|routine| (&routine.name, routine.oid)))
    }

    fn operators(&mut self, rows: &[Operator]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |operator| operator.oid);
        for operator in &rows {
            let name = self.text(&operator.name)?;
            self.row(
                Section::Operators,
                [
                    operator.oid.0,
                    operator.schema.0,
                    name,
                    operator.left.0,
                    operator.right.0,
                    operator.result.0,
                    operator.function.0,
                    operator.commutator.0,
                    operator.negator.0,
                    operator_flags(operator),
                ],
            );
        }
        self.order(Section::OperatorNames, rows.iter().map(|operator| (&operator.name, operator.oid)))
    }

    fn casts(&mut self, rows: &[Cast]) {
        for cast in sorted_by(rows, |cast| (cast.source, cast.target)) {
            let flags = cast.context.code() | cast.method.code() << 8;
            self.row(Section::Casts, [cast.source.0, cast.target.0, cast.function.0, flags]);
        }
    }

    fn collations(&mut self, rows: &[Collation]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |collation| collation.oid);
        for collation in &rows {
            let name = self.text(&collation.name)?;
            self.row(Section::Collations, [collation.oid.0, collation.schema.0, name, collation.deterministic.into()]);
        }
        self.order(Section::CollationNames, rows.iter().map(|row| (&row.name, row.schema, row.oid)))
    }

    fn relations(&mut self, rows: &[Relation]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |relation| relation.oid);
        let (mut first_column, mut first_constraint) = (0, 0);
        for relation in &rows {
            let name = self.text(&relation.name)?;
            let (columns, constraints) = (small(relation.columns.len())?, small(relation.constraints.len())?);
            self.row(
                Section::Relations,
                [
                    relation.oid.0,
                    relation.schema.0,
                    name,
                    relation.kind.code(),
                    relation.row_type.0,
                    first_column,
                    columns,
                    first_constraint,
                    constraints,
                ],
            );
            first_column += columns;
            first_constraint += constraints;
            for column in &relation.columns {
                let name = self.text(&column.name)?;
                self.row(
                    Section::Columns,
                    [name, column.type_.0, signed(column.typmod), column.collation.0, column_flags(column)],
                );
            }
            for constraint in &relation.constraints {
                let name = self.text(&constraint.name)?;
                let columns = self.list(constraint.columns.iter().map(|column| signed((*column).into())).collect())?;
                self.row(Section::Constraints, [constraint.oid.0, name, constraint_flags(constraint), columns]);
            }
        }
        self.order(Section::RelationNames, rows.iter().map(|relation| (&relation.name, relation.schema)))
    }

    fn operator_classes(&mut self, rows: &[OperatorClass]) {
        for class in sorted_by(rows, |class| class.oid) {
            let words = [class.oid.0, class.method.0, class.family.0, class.input.0, class.default.into()];
            self.row(Section::OperatorClasses, words);
        }
    }

    fn family_members(&mut self, rows: &[FamilyMember]) -> Result<(), WriteError> {
        let rows = sorted_by(rows, |member| *member);
        for member in &rows {
            self.row(
                Section::FamilyMembers,
                [
                    member.family.0,
                    member.left.0,
                    member.right.0,
                    member.strategy.into(),
                    member.operator.0,
                    member.method.0,
                ],
            );
        }
        self.order(Section::FamilyMemberOperators, rows.iter().map(|member| member.operator))
    }

    fn finish(mut self, version: ServerVersion) -> Result<Vec<u8>, WriteError> {
        self.list(Vec::new())?;
        let (texts, lists) = (std::mem::take(&mut self.texts), std::mem::take(&mut self.lists));
        let mut bodies: Vec<Vec<u8>> = Vec::new();
        for section in Section::ALL {
            bodies.push(match section {
                Section::Texts => texts.clone(),
                Section::Lists => words(&lists),
                _ => words(self.tables.get(&(*section as usize)).map_or(&[], Vec::as_slice)),
            });
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(version.major().to_le_bytes());
        let mut offset = HEADER_BYTES + Section::ALL.len() * 8;
        for (section, body) in Section::ALL.iter().zip(&bodies) {
            bytes.extend(small(offset)?.to_le_bytes());
            bytes.extend(small(body.len() / section.row_bytes())?.to_le_bytes());
            offset += body.len();
        }
        bodies.into_iter().for_each(|body| bytes.extend(body));
        Ok(bytes)
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
