//! From the catalog rows of a server and the list of what belongs to an extension to its text form: numbers become names.
//! How rows are read is not said here.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AggregateRow, CastRow, ClassRow, CollationRow, ColumnRow, Extension, FamilyOperatorRow, FamilyRow, Head, KeyRow,
    Object, OperatorRow, ParameterRow, RelationRow, RoutineRow, SchemaRow, TypeRow, Word,
};
use crate::catalog::system::Rows;
use crate::catalog::{
    CastMethod, ConstraintKind, Member, NotNull, Oid, Operator, Relation, Routine, RoutineKind, Subscripting, Type,
    TypeKind, oids,
};

/// What belongs to extensions, by the name of the extension; with the schema that the extension is in.
pub type Members = BTreeMap<String, (Oid, BTreeSet<Member>)>;

/// Why an extension cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CaptureError {
    #[error("extension `{0}` is not installed")]
    NotInstalled(String),
    #[error("the name `{0}` cannot be written: it has one of the characters `.@()[],` in it")]
    Name(String),
    #[error("it uses an object that is not among the rows: number {0}")]
    Missing(Oid),
}

/// Writes an extension down. `same_code` names PostgreSQL's own function whose code a function runs.
///
/// # Errors
/// When it uses something that has no name in this form.
pub fn capture(
    rows: &Rows,
    members: &Members,
    head: Head,
    same_code: &BTreeMap<Oid, Oid>,
) -> Result<Extension, CaptureError> {
    let Some((_, own)) = members.get(&head.name) else { return Err(CaptureError::NotInstalled(head.name)) };
    let names = Names::new(rows, members, &head.name);
    let mut objects = Vec::new();
    for schema in &rows.schemas {
        if own.contains(&Member::Schema(schema.oid)) {
            objects.push(Object::Schema(SchemaRow { name: plain_name(&schema.name)?.to_owned() }));
        }
    }
    for type_ in &rows.types {
        let automatic = type_.relation.is_valid() || names.is_array(type_);
        if own.contains(&Member::Type(type_.oid)) && !automatic {
            objects.push(Object::Type(names.type_row(type_)?));
        }
    }
    for collation in rows.collations.iter().filter(|row| own.contains(&Member::Collation(row.oid))) {
        let name = names.collation(collation.oid)?;
        objects.push(Object::Collation(CollationRow { name, deterministic: collation.deterministic }));
    }
    for relation in rows.relations.iter().filter(|row| own.contains(&Member::Relation(row.oid))) {
        objects.push(Object::Relation(names.relation_row(relation)?));
    }
    for routine in rows.routines.iter().filter(|row| own.contains(&Member::Routine(row.oid))) {
        let same = same_code.get(&routine.oid).copied().unwrap_or_default();
        objects.push(Object::Routine(names.routine_row(routine, same)?));
    }
    for operator in rows.operators.iter().filter(|row| own.contains(&Member::Operator(row.oid))) {
        objects.push(Object::Operator(names.operator_row(operator)?));
    }
    for cast in rows.casts.iter().filter(|row| own.contains(&Member::Cast(row.source, row.target))) {
        objects.push(Object::Cast(CastRow {
            source: names.type_(cast.source)?,
            target: names.type_(cast.target)?,
            context: cast.context.word().to_owned(),
            function: names.routine(cast.function)?,
            as_text: cast.method == CastMethod::InputOutput,
        }));
    }
    objects.extend(names.families(rows, own)?.into_iter().map(Object::Family));
    let mut ordered: Vec<(usize, String, Object)> =
        objects.into_iter().map(|object| (rank(&object), sort_name(&object), object)).collect();
    ordered.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    Ok(Extension { head, objects: ordered.into_iter().map(|(_, _, object)| object).collect() })
}

fn rank(object: &Object) -> usize {
    match object {
        Object::Schema(_) => 0,
        Object::Type(_) => 1,
        Object::Collation(_) => 2,
        Object::Relation(_) => 3,
        Object::Routine(_) => 4,
        Object::Operator(_) => 5,
        Object::Cast(_) => 6,
        Object::Family(_) => 7,
    }
}

fn sort_name(object: &Object) -> String {
    match object {
        Object::Schema(row) => row.name.clone(),
        Object::Type(row) => row.name.clone(),
        Object::Collation(row) => row.name.clone(),
        Object::Relation(row) => row.name.clone(),
        Object::Routine(row) => row.name.clone(),
        Object::Operator(row) => row.name.clone(),
        Object::Cast(row) => format!("{} {}", row.source, row.target),
        Object::Family(row) => {
            let first = row.classes.first().map_or("", |class| &class.input);
            format!("{} {} {first}", row.method, row.of)
        }
    }
}

fn plain_name(name: &str) -> Result<&str, CaptureError> {
    if name.contains(['.', '@', '(', ')', '[', ']', ',']) { Err(CaptureError::Name(name.to_owned())) } else { Ok(name) }
}

/// Names of rows by their numbers.
struct Names<'r> {
    schemas: BTreeMap<Oid, &'r str>,
    types: BTreeMap<Oid, &'r Type>,
    routines: BTreeMap<Oid, &'r Routine>,
    operators: BTreeMap<Oid, &'r Operator>,
    collations: BTreeMap<Oid, (Oid, &'r str)>,
    /// The extension of a type, routine, operator, relation or collation, with its schema.
    owners: BTreeMap<Member, (&'r str, Oid)>,
    own: &'r str,
}

impl<'r> Names<'r> {
    fn new(rows: &'r Rows, members: &'r Members, own: &'r str) -> Self {
        let mut owners = BTreeMap::new();
        for (name, (schema, objects)) in members {
            owners.extend(objects.iter().map(|object| (*object, (name.as_str(), *schema))));
        }
        Self {
            schemas: rows.schemas.iter().map(|row| (row.oid, row.name.as_str())).collect(),
            types: rows.types.iter().map(|row| (row.oid, row)).collect(),
            routines: rows.routines.iter().map(|row| (row.oid, row)).collect(),
            operators: rows.operators.iter().map(|row| (row.oid, row)).collect(),
            collations: rows.collations.iter().map(|row| (row.oid, (row.schema, row.name.as_str()))).collect(),
            owners,
            own,
        }
    }

    /// The name with what stands for its schema.
    fn name(&self, member: Member, schema: Oid, name: &str) -> Result<String, CaptureError> {
        Ok(match self.owners.get(&member) {
            Some((extension, home)) if *home == schema && *extension == self.own => format!("@.{name}"),
            Some((extension, home)) if *home == schema => format!("@{}.{name}", plain_name(extension)?),
            _ if schema == oids::PG_CATALOG => name.to_owned(),
            _ => {
                let schema = self.schemas.get(&schema).copied().unwrap_or("public");
                format!("{}.{name}", plain_name(schema)?)
            }
        })
    }

    fn is_array(&self, type_: &Type) -> bool {
        type_.subscripting == Subscripting::Array
            && self.types.get(&type_.element).is_some_and(|element| element.array == type_.oid)
    }

    fn type_(&self, oid: Oid) -> Result<String, CaptureError> {
        if !oid.is_valid() {
            return Ok(String::new());
        }
        let row = self.types.get(&oid).ok_or(CaptureError::Missing(oid))?;
        if self.is_array(row) {
            return Ok(format!("{}[]", self.type_(row.element)?));
        }
        let member = if row.relation.is_valid() { Member::Relation(row.relation) } else { Member::Type(oid) };
        self.name(member, row.schema, plain_name(&row.name)?)
    }

    fn types(&self, oids: &[Oid]) -> Result<String, CaptureError> {
        let names: Vec<String> = oids.iter().map(|oid| self.type_(*oid)).collect::<Result<_, _>>()?;
        Ok(names.join(", "))
    }

    fn routine(&self, oid: Oid) -> Result<String, CaptureError> {
        if !oid.is_valid() {
            return Ok(String::new());
        }
        let row = self.routines.get(&oid).ok_or(CaptureError::Missing(oid))?;
        let name = self.name(Member::Routine(oid), row.schema, plain_name(&row.name)?)?;
        Ok(format!("{name}({})", self.types(&row.inputs)?))
    }

    fn operator(&self, oid: Oid) -> Result<String, CaptureError> {
        let Some(row) = self.operators.get(&oid) else { return Ok(String::new()) };
        let name = self.name(Member::Operator(oid), row.schema, &row.name)?;
        Ok(format!("{name}({})", self.types(&[row.left, row.right])?))
    }

    fn collation(&self, oid: Oid) -> Result<String, CaptureError> {
        if !oid.is_valid() {
            return Ok(String::new());
        }
        let (schema, name) = self.collations.get(&oid).ok_or(CaptureError::Missing(oid))?;
        self.name(Member::Collation(oid), *schema, plain_name(name)?)
    }

    fn type_row(&self, row: &Type) -> Result<TypeRow, CaptureError> {
        let range = row.range.filter(|_| row.kind == TypeKind::Range);
        Ok(TypeRow {
            name: self.type_(row.oid)?,
            kind: row.kind.word().to_owned(),
            category: char::from(row.category),
            length: row.length,
            preferred: row.preferred,
            without_array: !row.array.is_valid(),
            element: self.type_(row.element)?,
            subscripting: row.subscripting.word_unless_first(),
            input: self.routine(row.input)?,
            typmod_input: self.routine(row.typmod_input)?,
            collation: self.collation(row.collation)?,
            base: self.type_(row.base)?,
            base_typmod: row.base_typmod,
            dimensions: row.dimensions,
            not_null: row.not_null,
            labels: row.labels.clone(),
            subtype: self.type_(range.map_or(Oid::INVALID, |range| range.subtype))?,
            range_collation: self.collation(range.map_or(Oid::INVALID, |range| range.collation))?,
            multirange: self.type_(range.map_or(Oid::INVALID, |range| range.multirange))?,
        })
    }

    fn relation_row(&self, row: &Relation) -> Result<RelationRow, CaptureError> {
        let columns = row.columns.iter().map(|column| {
            Ok(ColumnRow {
                name: column.name.clone(),
                type_: self.type_(column.type_)?,
                typmod: column.typmod,
                collation: self.collation(column.collation)?,
                dimensions: column.dimensions,
                not_null: column.not_null == NotNull::Yes,
            })
        });
        let keys = row.constraints.iter().map(|key| KeyRow {
            name: key.name.clone(),
            primary: key.kind == ConstraintKind::PrimaryKey,
            columns: key.columns.clone(),
        });
        Ok(RelationRow {
            name: self.name(Member::Relation(row.oid), row.schema, plain_name(&row.name)?)?,
            kind: row.kind.word().to_owned(),
            columns: columns.collect::<Result<_, _>>()?,
            keys: keys.collect(),
        })
    }

    fn routine_row(&self, row: &Routine, same_code: Oid) -> Result<RoutineRow, CaptureError> {
        let parameters = row.parameters.iter().map(|parameter| {
            Ok(ParameterRow {
                name: parameter.name.clone(),
                type_: self.type_(parameter.type_)?,
                mode: parameter.mode.word_unless_first(),
            })
        });
        let aggregate = match &row.aggregate {
            Some(aggregate) if row.kind == RoutineKind::Aggregate => Some(AggregateRow {
                kind: aggregate.kind.word_unless_first(),
                direct_arguments: aggregate.direct_arguments,
                transition: self.routine(aggregate.transition)?,
                final_function: self.routine(aggregate.final_function)?,
                transition_type: self.type_(aggregate.transition_type)?,
                has_initial_value: aggregate.has_initial_value,
            }),
            _ => None,
        };
        Ok(RoutineRow {
            name: self.routine(row.oid)?,
            kind: row.kind.word_unless_first(),
            result: self.type_(row.result)?,
            returns_set: row.returns_set,
            parameters: parameters.collect::<Result<_, _>>()?,
            defaults: row.defaults,
            variadic: self.type_(row.variadic)?,
            strict: row.strict,
            volatility: row.volatility.word_unless_first(),
            language: row.language.clone(),
            same_code_as: self.routine(same_code)?,
            aggregate,
        })
    }

    fn operator_row(&self, row: &Operator) -> Result<OperatorRow, CaptureError> {
        Ok(OperatorRow {
            name: self.operator(row.oid)?,
            result: self.type_(row.result)?,
            function: self.routine(row.function)?,
            commutator: self.operator(row.commutator)?,
            negator: self.operator(row.negator)?,
            can_merge: row.can_merge,
            can_hash: row.can_hash,
        })
    }

    /// The extension's own families, and its operators in families of others.
    fn families(&self, rows: &Rows, own: &BTreeSet<Member>) -> Result<Vec<FamilyRow>, CaptureError> {
        let mut families: BTreeMap<Oid, FamilyRow> = BTreeMap::new();
        let word = |method: Oid| if method == oids::HASH { "hash".to_owned() } else { "btree".to_owned() };
        let empty = |method: Oid| FamilyRow {
            method: word(method),
            of: String::new(),
            classes: Vec::new(),
            operators: Vec::new(),
        };
        for class in rows.operator_classes.iter().filter(|class| own.contains(&Member::Family(class.family))) {
            let family = families.entry(class.family).or_insert_with(|| empty(class.method));
            family.classes.push(ClassRow { input: self.type_(class.input)?, default: class.default });
        }
        for member in &rows.family_members {
            let own_family = own.contains(&Member::Family(member.family));
            if !own_family && !own.contains(&Member::Operator(member.operator)) {
                continue;
            }
            let family = match families.entry(member.family) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(slot) => {
                    let mut inputs = Vec::new();
                    for class in rows.operator_classes.iter().filter(|class| class.family == member.family) {
                        inputs.push(self.type_(class.input)?);
                    }
                    let of = inputs.into_iter().min().ok_or(CaptureError::Missing(member.family))?;
                    slot.insert(FamilyRow { of, ..empty(member.method) })
                }
            };
            let operator = self.operator(member.operator)?;
            family.operators.push(FamilyOperatorRow { strategy: member.strategy, operator });
        }
        let mut families: Vec<FamilyRow> = families.into_values().collect();
        for family in &mut families {
            family.classes.sort();
            family.operators.sort();
        }
        Ok(families)
    }
}
